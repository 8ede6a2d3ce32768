// SPDX-License-Identifier: GPL-2.0-only
/* Pools of devices: lend scatterlists and pages, copy what is not a whole page. */

#define pr_fmt(fmt) "xenpv: grant: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/printk.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <kunit/static_stub.h>
#include <xenpv/frames.h>
#include <xenpv/self.h>
#include "private.h"

/**
 * struct xenpv_grant_pool - the pool of a device
 * @account: of its peer
 * @policy: which payload is lent where it is
 * @persistent: pages of the pool stay lent
 * @max: how many pages the pool may have, and the peer may keep, together
 * @room: see struct xenpv_grant_setup
 * @arg: its argument
 * @waiter: waits for references
 * @lock: guards what follows
 * @idle: pages of the pool that are not in use.  If they stay lent, page_private()
 *	is their ref + 1; else it is 0 and they are clear.  In a pool whose pages stay
 *	lent, those that are lent come first
 * @nr_idle: their number
 * @nr: pages of the pool, in use or not
 */
struct xenpv_grant_pool {
	struct xenpv_grant_account *account;
	enum xenpv_grant_policy policy;
	bool persistent;
	unsigned int max;
	void (*room)(void *arg);
	void *arg;
	struct xenpv_grant_waiter waiter;
	spinlock_t lock;
	struct list_head idle __guarded_by(&lock);
	unsigned int nr_idle __guarded_by(&lock);
	unsigned int nr __guarded_by(&lock);
};

/* A ref, and a page behind it; -ENOSPC without refs. */
static int lend(struct xenpv_grant_pool *pool, struct page *page, bool readonly)
{
	mfn_t mfn = xenpv_p2m_get(page_to_pfn(page));
	int ref, ret;

	ref = xenpv_grant_ref_take();
	if (ref < 0)
		return ref;
	ret = xenpv_grant_table_lend(ref, pool->account->peer, gfn_box(mfn_unbox(mfn)),
				     readonly);
	if (ret) {
		xenpv_grant_ref_give(ref);
		return ret;
	}
	atomic_inc(&pool->account->granted);
	return ref;
}

/*
 * False: the peer keeps it, and the reaper has it.  @own: the caller's reference
 * to the page goes with it.
 */
static bool end(struct xenpv_grant_pool *pool, grant_ref_t ref, struct page *page, bool own)
{
	atomic_dec(&pool->account->granted);
	if (likely(xenpv_grant_table_revoke(ref))) {
		xenpv_grant_ref_give(ref);
		return true;
	}
	if (!own)
		get_page(page);
	xenpv_grant_hold(ref, page, pool->account);
	return false;
}

/* Pages of a pool that are taken for one list, all or none. */
struct taken {
	struct list_head pages;
	unsigned int not_there;
};

/*
 * What the peer keeps counts, or it could have one page after the other.  Pages
 * that are not there yet are counted now and allocated later.  Who lends pages of
 * its own takes 0: the pages of the pool are no matter then, those that are kept are.
 */
static bool try_take(struct xenpv_grant_pool *pool, unsigned int nr, struct taken *taken)
{
	unsigned int held, idle;

	guard(spinlock_irqsave)(&pool->lock);
	held = atomic_read(&pool->account->held);
	if (held >= pool->max)
		return false;
	if (nr && pool->nr - pool->nr_idle + held + nr > pool->max)
		return false;
	for (idle = 0; idle < nr && pool->nr_idle; idle++, pool->nr_idle--)
		list_move(pool->idle.next, &taken->pages);
	taken->not_there = nr - idle;
	pool->nr += taken->not_there;
	return true;
}

static int take_pages(struct xenpv_grant_pool *pool, unsigned int nr, struct taken *taken)
{
	if (nr > pool->max || !pool->max)
		return -EINVAL;
	if (try_take(pool, nr, taken))
		return 0;
	/* Wait first, then look again: some may have come back in between. */
	xenpv_grant_account_wait(pool->account);
	return try_take(pool, nr, taken) ? 0 : -EAGAIN;
}

static noinline int take_none(struct xenpv_grant_pool *pool)
{
	struct taken taken = { .pages = LIST_HEAD_INIT(taken.pages) };

	return take_pages(pool, 0, &taken);
}

/* May the peer have a page of somebody else's?  Not if it keeps too many. */
static __always_inline int admit(struct xenpv_grant_pool *pool)
{
	if (likely(atomic_read(&pool->account->held) < pool->max))
		return 0;
	return take_none(pool);
}

static struct page *taken_page(struct taken *taken, gfp_t gfp)
{
	struct page *page = list_first_entry_or_null(&taken->pages, struct page, lru);

	if (page) {
		list_del(&page->lru);
		return page;
	}
	page = alloc_page(gfp | __GFP_ZERO | __GFP_NOWARN);
	if (page) {
		set_page_private(page, 0);
		taken->not_there--;
	}
	return page;
}

/*
 * Pages that are lent go first and are taken first: one that is not needs a ref, of
 * which there may be none left.
 */
static void put_idle(struct xenpv_grant_pool *pool, struct page *page)
{
	lockdep_assert_held(&pool->lock);
	if (pool->persistent && !page_private(page))
		list_add_tail(&page->lru, &pool->idle);
	else
		list_add(&page->lru, &pool->idle);
	pool->nr_idle++;
}

/* What was taken and not used. */
static void give_rest(struct xenpv_grant_pool *pool, struct taken *taken)
{
	struct page *page, *next;

	scoped_guard(spinlock_irqsave, &pool->lock) {
		pool->nr -= taken->not_there;
		list_for_each_entry_safe(page, next, &taken->pages, lru) {
			list_del(&page->lru);
			put_idle(pool, page);
		}
	}
	xenpv_grant_account_wake(pool->account);
}

/* @len bytes of it may have been used; what stays lent has been seen by the peer anyway. */
static void give_page(struct xenpv_grant_pool *pool, struct page *page, unsigned int offset,
		      unsigned int len)
{
	if (page_private(page))
		len = 0;
	if (len == PAGE_SIZE)
		clear_highpage(page);
	else if (len)
		memzero_page(page, offset, len);
	scoped_guard(spinlock_irqsave, &pool->lock)
		put_idle(pool, page);
	xenpv_grant_account_wake(pool->account);
}

static void drop_page(struct xenpv_grant_pool *pool)
{
	guard(spinlock_irqsave)(&pool->lock);
	pool->nr--;
}

/*
 * A page can be kept from being used again only if it is freed by its last
 * reference.  And we can lend only what is our own.
 */
static bool lendable(struct page *page)
{
	return sendpage_ok(page) &&
	       !(xenpv_p2m_raw(page_to_pfn(page)) & XENPV_P2M_FOREIGN);
}

static bool in_place(const struct xenpv_grant_pool *pool, const struct xenpv_grant_seg *seg)
{
	switch (pool->policy) {
	case XENPV_GRANT_WHOLE:
		return seg->len == PAGE_SIZE && lendable(seg->page);
	case XENPV_GRANT_TRUST:
		return lendable(seg->page);
	case XENPV_GRANT_COPY:
		break;
	}
	return false;
}

/* For a whole page the CPU has a way of its own. */
static void copy_data(struct page *to, unsigned int to_offset, struct page *from,
		      unsigned int from_offset, unsigned int len)
{
	if (len == PAGE_SIZE)
		copy_highpage(to, from);
	else
		memcpy_page(to, to_offset, from, from_offset, len);
}

static int lend_copy(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *seg,
		     struct taken *taken)
{
	struct page *page = taken_page(taken, GFP_ATOMIC);
	int ref;

	if (!page)
		return -ENOMEM;
	if (seg->dir != DMA_FROM_DEVICE)
		copy_data(page, seg->offset, seg->data, seg->at, seg->len);

	if (page_private(page))
		ref = page_private(page) - 1;
	else
		ref = lend(pool, page, !pool->persistent && seg->dir == DMA_TO_DEVICE);
	if (ref < 0) {
		give_page(pool, page, seg->offset, seg->len);
		return ref;
	}
	if (pool->persistent)
		set_page_private(page, ref + 1UL);
	atomic64_inc(&pool->account->copied);
	seg->page = page;
	return ref;
}

static int lend_seg(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *seg,
		    struct taken *taken)
{
	int ref = seg->data ? lend_copy(pool, seg, taken) :
			      lend(pool, seg->page, seg->dir == DMA_TO_DEVICE);

	if (ref < 0)
		return ref;
	seg->ref = ref;
	return 0;
}

/* A page of the pool.  If the peer keeps it, the pool has it no more. */
static bool end_copy(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *seg)
{
	if (!page_private(seg->page) && !end(pool, seg->ref, seg->page, true)) {
		drop_page(pool);
		/* It was counted twice, as the pool's and as kept, and somebody may wait. */
		xenpv_grant_account_wake(pool->account);
		return false;
	}
	if (seg->dir != DMA_TO_DEVICE)
		copy_data(seg->data, seg->at, seg->page, seg->offset, seg->len);
	if (seg->dir == DMA_TO_DEVICE)
		give_page(pool, seg->page, seg->offset, seg->len);
	else
		give_page(pool, seg->page, 0, PAGE_SIZE);
	return true;
}

int xenpv_grant_end_sg(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *segs,
		       unsigned int nr)
{
	int ret = 0;

	for (unsigned int i = 0; i < nr; i++) {
		struct xenpv_grant_seg *seg = &segs[i];
		bool ours = seg->data ? end_copy(pool, seg) :
					end(pool, seg->ref, seg->page, false);

		if (!ours)
			ret = -EBUSY;
	}
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_end_sg, "XENPV");

/* Nothing was sent, so nothing comes back. */
static void undo(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *segs, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		segs[i].dir = DMA_TO_DEVICE;
	xenpv_grant_end_sg(pool, segs, nr);
}

/* One entry of a scatterlist; adds to the number of parts that are to be copied. */
static int split_entry(const struct xenpv_grant_pool *pool, struct scatterlist *sg, u8 dir,
		       struct xenpv_grant_seg *segs, unsigned int max, unsigned int *copies)
{
	unsigned int offset = sg->offset, left = sg->length, nr;

	for (nr = 0; left; nr++, segs++) {
		if (nr == max)
			return -EINVAL;
		segs->page = pfn_to_page(page_to_pfn(sg_page(sg)) + PFN_DOWN(offset));
		segs->offset = offset_in_page(offset);
		segs->len = min_t(unsigned int, left, PAGE_SIZE - segs->offset);
		segs->at = segs->offset;
		segs->dir = dir;
		segs->data = in_place(pool, segs) ? NULL : segs->page;
		*copies += !!segs->data;
		left -= segs->len;
		offset += segs->len;
	}
	return nr;
}

static int split(const struct xenpv_grant_pool *pool, struct scatterlist *sgl,
		 unsigned int nents, u8 dir, struct xenpv_grant_seg *segs,
		 unsigned int max, unsigned int *copies)
{
	struct scatterlist *sg;
	unsigned int nr = 0, i;
	int ret;

	for_each_sg(sgl, sg, nents, i) {
		ret = split_entry(pool, sg, dir, segs + nr, max - nr, copies);
		if (ret < 0)
			return ret;
		nr += ret;
	}
	return nr;
}

/* Idle pages that are lent, up to @nr. */
static unsigned int count_lent(struct xenpv_grant_pool *pool, unsigned int nr)
{
	unsigned int lent = 0;
	struct page *page;

	guard(spinlock_irqsave)(&pool->lock);
	list_for_each_entry(page, &pool->idle, lru) {
		if (lent == nr || !page_private(page))
			break;
		lent++;
	}
	return lent;
}

/*
 * @nr segments, @copies of them through pages of the pool, found too few refs.  If
 * pages stay lent, one that comes back brings no ref, but is as good as one: wait
 * for both, and only then count what there is.
 */
static noinline int no_refs(struct xenpv_grant_pool *pool, unsigned int nr,
			    unsigned int copies)
{
	unsigned int lent = 0;

	if (pool->persistent) {
		xenpv_grant_account_wait(pool->account);
		lent = count_lent(pool, copies);
	}
	xenpv_grant_ref_wait(&pool->waiter, nr - lent);
	return -EAGAIN;
}

int xenpv_grant_sg(struct xenpv_grant_pool *pool, struct scatterlist *sgl,
		   unsigned int nents, enum dma_data_direction dir,
		   struct xenpv_grant_seg *segs, unsigned int max)
{
	struct taken taken = { .pages = LIST_HEAD_INIT(taken.pages) };
	unsigned int copies = 0, done;
	int nr, ret;

	nr = split(pool, sgl, nents, dir, segs, max, &copies);
	if (nr < 0)
		return nr;
	ret = copies ? take_pages(pool, copies, &taken) : admit(pool);
	if (ret)
		return ret;

	for (done = 0; done < nr && !ret; done += !ret)
		ret = lend_seg(pool, &segs[done], &taken);
	if (!ret)
		return nr;

	undo(pool, segs, done);
	give_rest(pool, &taken);
	return ret == -ENOSPC ? no_refs(pool, nr, copies) : ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_sg, "XENPV");

int xenpv_grant_page(struct xenpv_grant_pool *pool, struct page *page, bool readonly)
{
	int ref = admit(pool);

	if (unlikely(ref))
		return ref;
	ref = lend(pool, page, readonly);
	return ref == -ENOSPC ? no_refs(pool, 1, 0) : ref;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_page, "XENPV");

bool xenpv_grant_end(struct xenpv_grant_pool *pool, grant_ref_t ref, struct page *page)
{
	bool ours = end(pool, ref, page, true);

	if (ours)
		put_page(page);
	return ours;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_end, "XENPV");

int xenpv_grant_reserved(grant_ref_t ref, domid_t peer, struct page *page)
{
	mfn_t mfn = xenpv_p2m_get(page_to_pfn(page));

	KUNIT_STATIC_STUB_REDIRECT(xenpv_grant_reserved, ref, peer, page);
	if (ref >= GNTTAB_NR_RESERVED_ENTRIES)
		return -EINVAL;
	if (!xenpv_grant_table_version())
		return -ENODEV;
	/* Whoever had it before has let go, or nobody gets it. */
	if (!xenpv_grant_table_revoke(ref))
		return -EBUSY;
	return xenpv_grant_table_lend(ref, peer, gfn_box(mfn_unbox(mfn)), false);
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_reserved, "XENPV");

struct page *xenpv_grant_new_page(struct xenpv_grant_pool *pool, grant_ref_t *ref)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int ret;

	if (!page)
		return ERR_PTR(-ENOMEM);
	ret = xenpv_grant_page(pool, page, false);
	if (ret < 0) {
		__free_page(page);
		return ERR_PTR(ret);
	}
	*ref = ret;
	return page;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_new_page, "XENPV");

/**
 * xenpv_grant_pool_account() - the account of a pool's peer
 * @pool: the pool
 *
 * Context: Any.
 * Return: the account.
 */
struct xenpv_grant_account *xenpv_grant_pool_account(const struct xenpv_grant_pool *pool)
{
	return pool->account;
}

static void refs_are_back(struct xenpv_grant_waiter *waiter)
{
	struct xenpv_grant_pool *pool =
		container_of(waiter, struct xenpv_grant_pool, waiter);

	/* If it waits for pages as well, one of the two calls it. */
	if (pool->persistent)
		xenpv_grant_account_wake(pool->account);
	else if (pool->room)
		pool->room(pool->arg);
}

static int fill_reserve(struct xenpv_grant_pool *pool, unsigned int nr)
{
	struct taken taken = { .pages = LIST_HEAD_INIT(taken.pages) };
	struct page *page;
	int ret = 0;

	if (!nr)
		return 0;
	if (nr > pool->max)
		return -EINVAL;
	/* Nobody waits here: the pool is not there yet. */
	if (!try_take(pool, nr, &taken))
		return -EBUSY;
	while (!ret && taken.not_there) {
		page = taken_page(&taken, GFP_KERNEL);
		if (page)
			give_page(pool, page, 0, 0);
		else
			ret = -ENOMEM;
	}
	give_rest(pool, &taken);
	return ret;
}

struct xenpv_grant_pool *xenpv_grant_pool_create(const struct xenpv_grant_setup *setup)
{
	struct xenpv_grant_pool *pool;
	int ret;

	if (!xenpv_grant_table_version())
		return ERR_PTR(-ENODEV);
	pool = kzalloc_obj(*pool);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->account = xenpv_grant_account_open(setup);
	if (!pool->account) {
		kfree(pool);
		return ERR_PTR(-ENOMEM);
	}
	pool->policy = setup->policy;
	pool->persistent = setup->persistent;
	pool->max = setup->max;
	pool->room = setup->room;
	pool->arg = setup->arg;
	INIT_LIST_HEAD(&pool->waiter.list);
	pool->waiter.fn = refs_are_back;
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->idle);

	ret = fill_reserve(pool, setup->reserve);
	if (ret) {
		xenpv_grant_pool_destroy(pool);
		return ERR_PTR(ret);
	}
	return pool;
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_pool_create, "XENPV");

static void free_pool_page(struct xenpv_grant_pool *pool, struct page *page)
{
	unsigned long lent = page_private(page);

	set_page_private(page, 0);
	if (!lent)
		__free_page(page);
	else
		xenpv_grant_end(pool, lent - 1, page);
	drop_page(pool);
}

void xenpv_grant_pool_destroy(struct xenpv_grant_pool *pool)
{
	LIST_HEAD(pages);
	struct page *page, *next;

	if (IS_ERR_OR_NULL(pool))
		return;
	xenpv_grant_ref_unwait(&pool->waiter);
	scoped_guard(spinlock_irqsave, &pool->lock)
		list_splice_init(&pool->idle, &pages);
	list_for_each_entry_safe(page, next, &pages, lru)
		free_pool_page(pool, page);
	scoped_guard(spinlock_irqsave, &pool->lock)
		WARN_ON_ONCE(pool->nr);
	xenpv_grant_account_close(pool->account);
	kfree(pool);
}
EXPORT_SYMBOL_NS_GPL(xenpv_grant_pool_destroy, "XENPV");

/**
 * xenpv_grant_start() - get ready to lend
 *
 * Context: Process; boot.
 * Return: 0 or a negative errno.
 */
int xenpv_grant_start(void)
{
	int ret;

	ret = xenpv_grant_table_start();
	if (ret)
		return ret;
	ret = xenpv_grant_refs_start() ?: xenpv_grant_reaper_start();
	if (ret)
		xenpv_grant_stop();
	return ret;
}

/**
 * xenpv_grant_stop() - undo xenpv_grant_start()
 *
 * Context: Process, when nothing is lent or held; tests.
 */
void xenpv_grant_stop(void)
{
	xenpv_grant_reaper_stop();
	xenpv_grant_refs_stop();
	xenpv_grant_table_stop();
}

static int __init grant_init(void)
{
	int ret;

	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	ret = xenpv_grant_start();
	if (ret)
		pr_err("nothing can be lent (%d)\n", ret);
	return ret;
}
core_initcall(grant_init);
