// SPDX-License-Identifier: GPL-2.0-only
/* A run of pages of peers in a program: shown, taken away, given back. */

#define pr_fmt(fmt) "xenpv: gntdev: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/foreign.h>
#include <xenpv/frames.h>
#include "user_map.h"

/*
 * Each page is mapped twice: as a page of the kernel, which disks and networks can take
 * when the program does I/O from there, and at the program's page-table entry.  Xen
 * makes both and must be told before either goes.  So a watch tells when the memory
 * manager is about to clear entries; they are cleared through Xen then, and it finds
 * nothing.  The other half ends when the mapping does and nobody uses the pages.
 *
 *	IDLE --mmap()--> SHOWN --munmap()--> LEAVING --nobody uses them--> IDLE
 *
 * A mapping is all of a map, is not split, can't be protected otherwise, and is not
 * inherited by a child: an entry of it can only be made by Xen.
 */

/**
 * xenpv_user_map_new() - a map without pages
 * @nr: how many it will have
 *
 * Context: Process.
 * Return: the map, to be put, or NULL.
 */
struct xenpv_user_map *xenpv_user_map_new(unsigned int nr)
{
	struct xenpv_user_map *map = kzalloc_obj(*map, GFP_KERNEL_ACCOUNT);

	if (!map)
		return NULL;
	refcount_set(&map->users, 1);
	INIT_LIST_HEAD(&map->list);
	map->nr = nr;
	mutex_init(&map->lock);
	spin_lock_init(&map->entries_lock);
	map->pages = kvcalloc(nr, sizeof(*map->pages), GFP_KERNEL_ACCOUNT);
	map->entries = kvcalloc(nr, sizeof(*map->entries), GFP_KERNEL_ACCOUNT);
	if (map->pages && map->entries)
		return map;
	xenpv_user_map_put(map);
	return NULL;
}

/**
 * xenpv_user_map_fill() - say which page is where
 * @map: the map
 * @i: place
 * @peer: whose page
 * @ref: what it lent
 *
 * Context: Any.
 */
void xenpv_user_map_fill(struct xenpv_user_map *map, unsigned int i, domid_t peer,
			 grant_ref_t ref)
{
	map->pages[i].ref = ref;
	map->entries[i].ref = ref;
	map->entries[i].peer = peer;
}

/**
 * xenpv_user_map_get() - one user more
 * @map: the map
 *
 * Context: Any.
 */
void xenpv_user_map_get(struct xenpv_user_map *map)
{
	refcount_inc(&map->users);
}

/**
 * xenpv_user_map_put() - one user less
 * @map: the map
 *
 * Context: Process.
 */
void xenpv_user_map_put(struct xenpv_user_map *map)
{
	if (!refcount_dec_and_test(&map->users))
		return;
	/* One that never was in a program has promised this, too. */
	xenpv_user_notify_send(&map->notify);
	kvfree(map->pages);
	kvfree(map->entries);
	mutex_destroy(&map->lock);
	kfree(map);
}

/**
 * xenpv_user_map_notify() - what is to be done when the program loses the pages
 * @map: the map
 * @action: UNMAP_NOTIFY_*
 * @offset: byte to clear, below the size of the map
 * @port: to send through
 *
 * Context: Process.
 * Return: 0, or a negative errno: -EINVAL for a byte that can't be written.
 */
int xenpv_user_map_notify(struct xenpv_user_map *map, u32 action, u64 offset,
			  evtchn_port_t port)
{
	guard(mutex)(&map->lock);
	if ((action & UNMAP_NOTIFY_CLEAR_BYTE) && map->state == XENPV_USER_SHOWN &&
	    map->readonly)
		return -EINVAL;
	return xenpv_user_notify_set(&map->notify, action, offset, port);
}

/* How many pages from @i on are of the same peer. */
static unsigned int run_of(const struct xenpv_user_map *map, unsigned int i)
{
	unsigned int nr = 1;

	while (i + nr < map->nr && map->entries[i + nr].peer == map->entries[i].peer)
		nr++;
	return nr;
}

/**
 * xenpv_user_map_pages() - let pages of peers be pages of the kernel, all or none
 * @map: the map
 * @readonly: nobody may write
 *
 * Context: Process.
 * Return: 0 or the errno of the first page that could not be mapped.
 */
int xenpv_user_map_pages(struct xenpv_user_map *map, bool readonly)
{
	unsigned int count;
	int ret = 0;

	for (unsigned int i = 0; i < map->nr; i++)
		map->pages[i].readonly = readonly;
	for (unsigned int i = 0; !ret && i < map->nr; i += count) {
		count = run_of(map, i);
		ret = xenpv_foreign_map(map->entries[i].peer, map->pages + i, count, GFP_KERNEL);
	}
	if (ret)
		xenpv_foreign_unmap(map->pages, map->nr);
	return ret;
}

/**
 * xenpv_user_map_leave() - take pages from the program
 * @map: the map
 * @start: first address
 * @end: address after the last; both are cut to what the map has
 *
 * Context: Any.
 */
void xenpv_user_map_leave(struct xenpv_user_map *map, unsigned long start, unsigned long end)
{
	unsigned long size = (unsigned long)map->nr << PAGE_SHIFT;
	unsigned int from, to;

	start = max(start, map->start);
	end = min(end, map->start + size);
	if (start >= end)
		return;
	from = (start - map->start) >> PAGE_SHIFT;
	to = PAGE_ALIGN(end - map->start) >> PAGE_SHIFT;
	/* A few at a time: each is a hypercall with a spinlock held. */
	for (unsigned int i = from; i < to; i += 64) {
		guard(spinlock)(&map->entries_lock);
		xenpv_foreign_leave(map->entries + i, min(to - i, 64U));
	}
}

static bool user_invalidate(struct mmu_interval_notifier *watch,
			    const struct mmu_notifier_range *range, unsigned long seq)
{
	struct xenpv_user_map *map = container_of(watch, struct xenpv_user_map, watch);

	mmu_interval_set_seq(watch, seq);
	xenpv_user_map_leave(map, range->start, range->end);
	return true;
}

static const struct mmu_interval_notifier_ops user_watch_ops = {
	.invalidate = user_invalidate,
};

static void back(struct xenpv_foreign_later *later)
{
	struct xenpv_user_map *map = container_of(later, struct xenpv_user_map, later);

	scoped_guard(mutex, &map->lock)
		map->state = XENPV_USER_IDLE;
	xenpv_user_map_put(map);
}

/* The program has no entry any more. */
static void hide(struct xenpv_user_map *map)
{
	scoped_guard(mutex, &map->lock) {
		struct page *page = map->pages[map->notify.offset >> PAGE_SHIFT].page;

		if (page)
			xenpv_user_notify_byte(&map->notify, page);
		xenpv_user_notify_send(&map->notify);
		map->state = XENPV_USER_LEAVING;
	}
	map->later.slots = map->pages;
	map->later.nr = map->nr;
	map->later.done = back;
	xenpv_foreign_unmap_later(&map->later);
}

/*
 * mremap() copies the mapping before it asks whether it may: there are two for a
 * moment.  It has taken the entries by then, so the program finds nothing there.
 */
static void user_vm_open(struct vm_area_struct *vma)
{
	struct xenpv_user_map *map = vma->vm_private_data;

	map->nr_vmas++;
}

static int user_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static void user_vm_close(struct vm_area_struct *vma)
{
	struct xenpv_user_map *map = vma->vm_private_data;

	if (--map->nr_vmas)
		return;
	mmu_interval_notifier_remove(&map->watch);
	xenpv_user_map_leave(map, 0, ULONG_MAX);
	hide(map);
}

static int user_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static int user_mprotect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			 unsigned long flags)
{
	return -EACCES;
}

static vm_fault_t user_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

/* For I/O from and to the program's memory: the page of the kernel. */
static struct page *user_find_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct xenpv_user_map *map = vma->vm_private_data;

	return map->pages[linear_page_index(vma, addr) - vma->vm_pgoff].page;
}

static const struct vm_operations_struct user_vm_ops = {
	.open			= user_vm_open,
	.close			= user_vm_close,
	.mremap			= user_mremap,
	.may_split		= user_may_split,
	.mprotect		= user_mprotect,
	.fault			= user_fault,
	.find_normal_page	= user_find_page,
};

static int note_entry(pte_t *ptep, unsigned long addr, void *arg)
{
	struct xenpv_foreign_entry **entry = arg;

	(*entry)->where = xenpv_remap_entry(ptep);
	(*entry)++;
	return 0;
}

/* Page tables are there from here on, and stay: the mmap lock is held. */
static int enter(struct xenpv_user_map *map, struct vm_area_struct *vma, bool readonly)
{
	struct xenpv_foreign_entry *entry = map->entries;
	int ret;

	ret = apply_to_page_range(vma->vm_mm, vma->vm_start, vma->vm_end - vma->vm_start,
				  note_entry, &entry);
	if (ret)
		return ret;
	xenpv_remap_settle();
	return xenpv_foreign_enter(map->entries, map->nr, readonly);
}

/* Entries only while there is a watch over them. */
static int enter_watched(struct xenpv_user_map *map, struct vm_area_struct *vma, bool readonly)
{
	int ret;

	map->start = vma->vm_start;
	ret = mmu_interval_notifier_insert_locked(&map->watch, vma->vm_mm, vma->vm_start,
						  vma->vm_end - vma->vm_start, &user_watch_ops);
	if (ret)
		return ret;
	ret = enter(map, vma, readonly);
	if (ret) {
		xenpv_user_map_leave(map, vma->vm_start, vma->vm_end);
		mmu_interval_notifier_remove(&map->watch);
	}
	return ret;
}

static int show(struct xenpv_user_map *map, struct vm_area_struct *vma, bool readonly)
{
	int ret;

	lockdep_assert_held(&map->lock);
	if (!xenpv_foreign_can_enter())
		return -EOPNOTSUPP;
	if (map->state == XENPV_USER_SHOWN)
		return -EBUSY;
	if (map->state == XENPV_USER_LEAVING)
		return -EAGAIN;
	if (readonly && (map->notify.action & UNMAP_NOTIFY_CLEAR_BYTE))
		return -EINVAL;
	/* Whatever is wrong with a page: the program can only ask for others. */
	if (xenpv_user_map_pages(map, readonly))
		return -EINVAL;
	ret = enter_watched(map, vma, readonly);
	if (ret) {
		xenpv_foreign_unmap(map->pages, map->nr);
		return ret;
	}
	map->readonly = readonly;
	map->state = XENPV_USER_SHOWN;
	return 0;
}

/**
 * xenpv_user_map_show() - show all pages of a map to a program
 * @map: the map; the caller's use of it is taken over
 * @vma: as large as it
 *
 * Context: Process, mmap lock held for writing.
 * Return: 0; -EBUSY if they are shown elsewhere, -EAGAIN if somebody still uses them,
 * -EINVAL if the peer did not lend them so, or another negative errno.
 */
int xenpv_user_map_show(struct xenpv_user_map *map, struct vm_area_struct *vma)
{
	int ret;

	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY | VM_MIXEDMAP);
	scoped_guard(mutex, &map->lock)
		ret = show(map, vma, !(vma->vm_flags & VM_WRITE));
	if (ret) {
		xenpv_user_map_put(map);
		return ret;
	}
	map->nr_vmas = 1;
	vma->vm_private_data = map;
	vma->vm_ops = &user_vm_ops;
	return 0;
}
