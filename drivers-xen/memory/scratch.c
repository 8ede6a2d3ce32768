// SPDX-License-Identifier: GPL-2.0-only
/* Keeps pages without frames, and makes more of them up to a limit. */

#define pr_fmt(fmt) "xenpv: memory: " fmt

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/memremap.h>
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
 * RAM; frames cost all, so a quarter.
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
 * @nr_frames: pages whose frames were given up
 */
struct scratch {
	spinlock_t lock;
	struct page *free __guarded_by(&lock);
	unsigned long nr_free __guarded_by(&lock);
	struct mutex grow_lock;
	unsigned long nr_space __guarded_by(&grow_lock);
	unsigned long nr_frames __guarded_by(&grow_lock);
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

static int add_frames(unsigned int nr, gfp_t gfp)
{
	unsigned long ram = totalram_pages() + scratch.nr_frames;
	struct page *page;

	lockdep_assert_held(&scratch.grow_lock);
	if (scratch.nr_frames + nr > ram / RAM_PER_FRAME)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr; i++) {
		page = alloc_page(gfp | __GFP_NOWARN | __GFP_NORETRY);
		if (!page)
			return -ENOMEM;
		if (xenpv_frames_surrender(page)) {
			__free_page(page);
			return -ENOMEM;
		}
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

/* A page is RAM again, or still in the chain. */
static void reclaim(struct page *page)
{
	lockdep_assert_held(&scratch.grow_lock);
	if (is_zone_device_page(page) || xenpv_frames_reclaim(page)) {
		xenpv_scratch_give(page);
		return;
	}
	scratch.nr_frames--;
	__free_page(page);
}

void xenpv_scratch_empty(void)
{
	struct page *page, *next;

	guard(mutex)(&scratch.grow_lock);
	for (page = cut(xenpv_scratch_free()); page; page = next) {
		next = xenpv_scratch_next(page);
		xenpv_scratch_link(page, NULL);
		reclaim(page);
	}
}
