// SPDX-License-Identifier: GPL-2.0-only
/* Keeps pages without frames, and makes more of them up to a limit. */

#define pr_fmt(fmt) "xenpv: memory: " fmt

#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/memremap.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>

#include <kunit/static_stub.h>
#include <xenpv/scratch.h>
#include "private.h"

/*
 * A domain that maps pages of many others must not lose all its own memory to
 * that.  Address space costs 1/64 of what it spans, so as much of it as there is
 * RAM; frames cost all, so a quarter, unless somebody sets another limit.
 */
#define SPACE_PER_RAM	1
#define RAM_PER_FRAME	4

/**
 * struct scratch - all pages without frames
 * @lock: guards the chain
 * @free: those that nobody uses
 * @nr_free: their number
 * @grow_lock: held while more are made
 * @nr_space: pages that are address space
 * @nr_frames: pages that are RAM without its frames
 * @nr_stock: those among them that the balloon had given up before
 * @limit: of @nr_frames; 0: a share of RAM
 */
struct scratch {
	spinlock_t lock;
	struct page *free __guarded_by(&lock);
	unsigned long nr_free __guarded_by(&lock);
	struct mutex grow_lock;
	unsigned long nr_space __guarded_by(&grow_lock);
	unsigned long nr_frames __guarded_by(&grow_lock);
	unsigned long nr_stock __guarded_by(&grow_lock);
	unsigned long limit;
};

static struct scratch scratch = {
	.lock = __SPIN_LOCK_UNLOCKED(scratch.lock),
	.grow_lock = __MUTEX_INITIALIZER(scratch.grow_lock),
};

/* Cuts the first @nr pages off; NULL if there are fewer. */
static struct page *cut(unsigned long nr)
{
	struct page *first, *last;

	guard(spinlock_irqsave)(&scratch.lock);
	if (!nr || scratch.nr_free < nr)
		return NULL;
	first = scratch.free;
	last = first;
	for (unsigned long i = 1; i < nr; i++)
		last = xenpv_scratch_next(last);
	scratch.free = xenpv_scratch_next(last);
	scratch.nr_free -= nr;
	xenpv_scratch_link(last, NULL);
	return first;
}

void xenpv_scratch_give(struct page *chain)
{
	struct page *last = chain;
	unsigned long nr = 1;

	if (!chain)
		return;
	for (; xenpv_scratch_next(last); last = xenpv_scratch_next(last))
		nr++;

	guard(spinlock_irqsave)(&scratch.lock);
	xenpv_scratch_link(last, scratch.free);
	scratch.free = chain;
	scratch.nr_free += nr;
}
EXPORT_SYMBOL_NS_GPL(xenpv_scratch_give, "XENPV");

int xenpv_scratch_space(unsigned int nr, struct page **chain)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_scratch_space, nr, chain);
	return xenpv_space_add(nr, chain);
}

static int add_space(unsigned int nr)
{
	struct page *chain;
	int made;

	lockdep_assert_held(&scratch.grow_lock);
	if (scratch.nr_space + nr > totalram_pages() * SPACE_PER_RAM)
		return -ENOMEM;
	made = xenpv_scratch_space(nr, &chain);
	if (made < 0)
		return made;
	scratch.nr_space += made;
	xenpv_scratch_give(chain);
	return 0;
}

unsigned long xenpv_scratch_frames(void)
{
	/* Old at once, with a lock or without. */
	return data_race(scratch.nr_frames);
}

unsigned long xenpv_scratch_limit(void)
{
	unsigned long limit = READ_ONCE(scratch.limit);

	return limit ?: (totalram_pages() + xenpv_scratch_frames()) / RAM_PER_FRAME;
}

void xenpv_scratch_set_limit(unsigned long limit)
{
	WRITE_ONCE(scratch.limit, limit);
}

/* A page whose frame nobody misses. */
static struct page *give_up(gfp_t gfp)
{
	struct page *page;
	xen_pfn_t frame;

	if (!xenpv_balloon_may_lend())
		return NULL;
	page = alloc_page(gfp | __GFP_NOWARN | __GFP_NORETRY);
	if (!page)
		return NULL;
	if (!xenpv_frames_surrender(&page, &frame, 1)) {
		__free_page(page);
		return NULL;
	}
	return page;
}

/* What the balloon has given up already costs nothing. */
static int add_frames(unsigned int nr, gfp_t gfp)
{
	struct page *page;

	lockdep_assert_held(&scratch.grow_lock);
	if (scratch.nr_frames + nr > xenpv_scratch_limit())
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		page = xenpv_stock_take();
		if (page)
			scratch.nr_stock++;
		else
			page = give_up(gfp);
		if (!page)
			return -ENOMEM;
		scratch.nr_frames++;
		xenpv_scratch_link(page, NULL);
		xenpv_scratch_give(page);
	}
	return 0;
}

/*
 * RAM is given up only where there can be no address space: a failure that passes,
 * or the limit, is for the caller to bear, and not for all that this domain runs.
 * What was made before a failure stays, for whoever needs fewer.
 */
static int grow(unsigned int nr, gfp_t gfp)
{
	int ret;

	lockdep_assert_held(&scratch.grow_lock);
	ret = add_space(nr);
	if (ret != -EOPNOTSUPP)
		return ret;
	pr_info_once("no address space can be added, foreign pages take the place of RAM\n");
	return add_frames(nr, gfp);
}

struct page *xenpv_scratch_take(unsigned int nr, gfp_t gfp)
{
	unsigned int noio;
	struct page *chain;

	if (!nr)
		return NULL;
	chain = cut(nr);
	if (chain || !gfpflags_allow_blocking(gfp))
		return chain;

	guard(mutex)(&scratch.grow_lock);
	/*
	 * Memory hotplug allocates as it likes, and who waits for the lock may be the
	 * one on whose I/O an allocation would wait.  So none of them starts I/O.
	 */
	noio = memalloc_noio_save();
	/* Somebody else may have added pages, and others taken them. */
	do {
		chain = cut(nr);
	} while (!chain && !grow(nr, gfp));
	memalloc_noio_restore(noio);
	return chain;
}
EXPORT_SYMBOL_NS_GPL(xenpv_scratch_take, "XENPV");

unsigned long xenpv_scratch_free(void)
{
	guard(spinlock_irqsave)(&scratch.lock);
	return scratch.nr_free;
}

/* A page is RAM again, the balloon's, or still in the chain; is it RAM? */
static bool give_back(struct page *page)
{
	xen_pfn_t frame;

	lockdep_assert_held(&scratch.grow_lock);
	if (is_zone_device_page(page)) {
		xenpv_scratch_give(page);
		return false;
	}
	if (scratch.nr_frames > scratch.nr_stock) {
		if (!xenpv_frames_reclaim(&page, &frame, 1)) {
			xenpv_scratch_give(page);
			return false;
		}
		scratch.nr_frames--;
		__free_page(page);
		return true;
	}
	scratch.nr_frames--;
	scratch.nr_stock--;
	xenpv_stock_put(page);
	return false;
}

/* At most @nr unused pages; how many are RAM now. */
static unsigned long release(unsigned long nr)
{
	struct page *page, *next;
	unsigned long gained = 0;

	lockdep_assert_held(&scratch.grow_lock);
	for (page = cut(min(nr, xenpv_scratch_free())); page; page = next) {
		next = xenpv_scratch_next(page);
		xenpv_scratch_link(page, NULL);
		gained += give_back(page);
	}
	if (gained)
		xenpv_balloon_look();
	return gained;
}

void xenpv_scratch_empty(void)
{
	guard(mutex)(&scratch.grow_lock);
	release(ULONG_MAX);
}

unsigned long xenpv_scratch_idle(void)
{
	return min(xenpv_scratch_free(), xenpv_scratch_frames());
}

unsigned long xenpv_scratch_shrink(unsigned long nr)
{
	unsigned long gained;

	/* Who makes pages may be the one who needs memory now. */
	if (!mutex_trylock(&scratch.grow_lock))
		return 0;
	gained = release(nr);
	mutex_unlock(&scratch.grow_lock);
	return gained;
}
