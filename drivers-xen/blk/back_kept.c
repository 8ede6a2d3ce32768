// SPDX-License-Identifier: GPL-2.0-only
/* Pages of a front that stay mapped, because it lends the same ones all the time. */

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "back.h"

/**
 * xblk_kept_init() - make a set, with nothing in it
 * @set: the set
 * @max: pages at most; 0: nothing stays mapped
 *
 * Context: Any.
 */
void xblk_kept_init(struct xblk_kept_set *set, unsigned int max)
{
	xa_init(&set->pages);
	INIT_LIST_HEAD(&set->lru);
	set->nr = 0;
	set->max = max;
}

static void take_out(struct xblk_kept_set *set, struct xblk_kept *kept)
{
	xa_erase(&set->pages, kept->slot.ref);
	list_del(&kept->lru);
	set->nr--;
}

/*
 * One that can't be unmapped now is tried again later; nor may it be while somebody has it whom
 * we do not know of: what is behind a disk may send it, and has ended the I/O before.
 */
static bool forget(struct xblk_kept_set *set, struct xblk_kept *kept)
{
	if (page_count(kept->slot.page) > 1 || xenpv_foreign_unmap(&kept->slot, 1))
		return false;
	take_out(set, kept);
	kfree(kept);
	return true;
}

static void unmapped(struct xenpv_foreign_later *later)
{
	kfree(container_of(later, struct xblk_kept, later));
	module_put(THIS_MODULE);
}

/* The one that nobody has used for longest makes room. */
static bool make_room(struct xblk_kept_set *set)
{
	struct xblk_kept *kept, *next;

	if (set->nr < set->max)
		return true;
	list_for_each_entry_safe_reverse(kept, next, &set->lru, lru) {
		if (!atomic_read_acquire(&kept->users) && forget(set, kept))
			return true;
	}
	return false;
}

static struct xblk_kept *map_new(struct xblk_kept_set *set, domid_t peer, grant_ref_t ref)
{
	struct xblk_kept *kept = kzalloc_obj(*kept, GFP_NOIO);
	int ret;

	if (!kept)
		return ERR_PTR(-ENOMEM);
	kept->slot.ref = ref;
	ret = xenpv_foreign_map(peer, &kept->slot, 1, GFP_NOIO);
	if (!ret)
		ret = xa_err(xa_store(&set->pages, ref, kept, GFP_NOIO));
	if (ret) {
		xenpv_foreign_unmap(&kept->slot, 1);
		kfree(kept);
		return ERR_PTR(ret);
	}
	list_add(&kept->lru, &set->lru);
	set->nr++;
	return kept;
}

/**
 * xblk_kept_get() - use a page of the front, that stays mapped
 * @set: where they are kept
 * @peer: the front's domain
 * @ref: the page
 * @kept: set to it
 *
 * Context: Process.
 * Return: 0; -ENOSPC if there is no room for one more, which is no reason not to map it
 * for a while; or another negative errno.
 */
int xblk_kept_get(struct xblk_kept_set *set, domid_t peer, grant_ref_t ref,
		  struct xblk_kept **kept)
{
	struct xblk_kept *found = xa_load(&set->pages, ref);

	if (!found) {
		if (!make_room(set))
			return -ENOSPC;
		found = map_new(set, peer, ref);
		if (IS_ERR(found))
			return PTR_ERR(found);
	}
	atomic_inc(&found->users);
	found->used = jiffies;
	list_move(&found->lru, &set->lru);
	*kept = found;
	return 0;
}

/**
 * xblk_kept_put() - a page is not used any more; it stays mapped
 * @kept: the page
 *
 * Context: Any.
 */
void xblk_kept_put(struct xblk_kept *kept)
{
	atomic_dec_return_release(&kept->users);
}

/**
 * xblk_kept_tidy() - unmap pages that nobody has used for some time
 * @set: where they are kept
 * @age: how long, in jiffies; 0: those that nobody uses now
 *
 * Context: Process.
 */
void xblk_kept_tidy(struct xblk_kept_set *set, unsigned long age)
{
	struct xblk_kept *kept, *next;

	list_for_each_entry_safe_reverse(kept, next, &set->lru, lru) {
		/* Those before it were used later. */
		if (time_before(jiffies, kept->used + age))
			return;
		if (!atomic_read_acquire(&kept->users))
			forget(set, kept);
	}
}

/**
 * xblk_kept_drop() - unmap all pages
 * @set: where they are kept; nobody uses them
 *
 * Context: Process.
 */
void xblk_kept_drop(struct xblk_kept_set *set)
{
	struct xblk_kept *kept, *next;

	if (!set->lru.next)
		return;
	list_for_each_entry_safe(kept, next, &set->lru, lru) {
		if (forget(set, kept))
			continue;
		take_out(set, kept);
		if (page_count(kept->slot.page) > 1) {
			kept->later = (struct xenpv_foreign_later) {
				.slots = &kept->slot, .nr = 1, .done = unmapped,
			};
			__module_get(THIS_MODULE);
			xenpv_foreign_unmap_later(&kept->later);
			continue;
		}
		/* Its page is used for nothing else as long as it is mapped; scratch.c. */
		kfree(kept);
	}
	xa_destroy(&set->pages);
}
