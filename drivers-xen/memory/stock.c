// SPDX-License-Identifier: GPL-2.0-only
/* Pages without frames that the balloon has: the balloon itself. */

#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/vmstat.h>

#include "balloon.h"
#include "private.h"

/**
 * struct stock - pages without frames that nobody uses
 * @lock: guards the rest
 * @pages: by page->lru
 * @nr: their number
 */
struct stock {
	spinlock_t lock;
	struct list_head pages __guarded_by(&lock);
	unsigned long nr __guarded_by(&lock);
};

static struct stock stock = {
	.lock = __SPIN_LOCK_UNLOCKED(stock.lock),
	.pages = LIST_HEAD_INIT(stock.pages),
};

/**
 * xenpv_stock_put() - keep a page without a frame
 * @page: nobody uses it; one that was just brought online is marked already
 *
 * Who dumps memory leaves such a page alone.
 *
 * Context: Process.
 */
void xenpv_stock_put(struct page *page)
{
	guard(spinlock)(&stock.lock);
	if (!PageOffline(page))
		__SetPageOffline(page);
	list_add(&page->lru, &stock.pages);
	stock.nr++;
	mod_node_page_state(page_pgdat(page), NR_BALLOON_PAGES, 1);
}

/**
 * xenpv_stock_take() - get a page without a frame
 *
 * Context: Process.
 * Return: the page, the caller's now; NULL if there is none.
 */
struct page *xenpv_stock_take(void)
{
	struct page *page;

	guard(spinlock)(&stock.lock);
	page = list_first_entry_or_null(&stock.pages, struct page, lru);
	if (!page)
		return NULL;
	list_del_init(&page->lru);
	stock.nr--;
	mod_node_page_state(page_pgdat(page), NR_BALLOON_PAGES, -1);
	__ClearPageOffline(page);
	return page;
}

/**
 * xenpv_stock_nr() - how many pages are there?
 *
 * Context: Any.
 * Return: their number.
 */
unsigned long xenpv_stock_nr(void)
{
	/* Old at once, with a lock or without. */
	return data_race(stock.nr);
}
