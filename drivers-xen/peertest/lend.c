// SPDX-License-Identifier: GPL-2.0-only
/* One of two domains: lends pages, opens a port, and wants its pages back in the end. */

#define pr_fmt(fmt) "XENPV-PEER " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <xenpv/event.h>
#include <xenpv/grant.h>
#include <xenpv/shared.h>
#include "private.h"

/* Until somebody has started the other domain, and it has come up. */
#define START_SECONDS	180
#define STEP_SECONDS	30

/* The reaper tries after a second at the latest. */
#define REAP_SECONDS	4

/**
 * struct lender - what is lent
 * @args: of the run
 * @pool: lends it
 * @control: the control page
 * @control_ref: its ref
 * @shared: what the peer can write in it
 * @pages: the data pages; we have one more reference than the pool
 * @refs: their refs
 * @nr: how many are lent
 * @kept: how many the peer did not let go when the grants ended
 * @end: of the channel
 */
struct lender {
	const struct peertest_args *args;
	struct xenpv_grant_pool *pool;
	struct page *control;
	grant_ref_t control_ref;
	struct peertest_control __xen_shared *shared;
	struct page *pages[PEERTEST_PAGES];
	grant_ref_t refs[PEERTEST_PAGES];
	unsigned int nr;
	unsigned int kept;
	struct peertest_end end;
};

static int lend_page(struct lender *l, unsigned int nr)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int ref;

	if (!page)
		return -ENOMEM;
	peertest_fill(peertest_content(page), l->args->seed, nr);
	ref = xenpv_grant_page(l->pool, page, nr == PEERTEST_READONLY);
	if (ref < 0) {
		__free_page(page);
		return ref;
	}
	/* The pool puts its reference when the peer has let go; we want to see that. */
	get_page(page);
	l->pages[nr] = page;
	l->refs[nr] = ref;
	l->nr = nr + 1;
	xenpv_shared_store(&l->shared->refs[nr], ref);
	return 0;
}

static int lend_all(struct lender *l)
{
	struct page *page;
	int ret = 0;

	l->pool = xenpv_grant_pool_create(&(struct xenpv_grant_setup) {
		.name = "peertest", .peer = l->args->peer, .max = PEERTEST_PAGES });
	if (IS_ERR(l->pool))
		return PTR_ERR(l->pool);
	page = xenpv_grant_new_page(l->pool, &l->control_ref);
	if (IS_ERR(page))
		return PTR_ERR(page);
	l->control = page;
	get_page(page);
	l->shared = peertest_content(page);

	for (unsigned int i = 0; i < PEERTEST_PAGES && !ret; i++)
		ret = lend_page(l, i);
	return ret;
}

static int invite(struct lender *l)
{
	int ret;

	peertest_end_prepare(&l->end, l->args, &l->shared->borrower_ball,
			     &l->shared->lender_ball);
	l->end.serves = true;
	l->end.late = true;
	ret = peertest_end_open(&l->end, l->args->peer);
	if (ret)
		return ret;
	xenpv_shared_store(&l->shared->magic, PEERTEST_MAGIC);
	xenpv_shared_store(&l->shared->nr, PEERTEST_PAGES);
	/* Pairs with the acquire of the borrower, which wants all of it. */
	xenpv_shared_store_release(&l->shared->lender, PEERTEST_LENT);
	pr_info("port=%u ref=%u\n", xenpv_event_port(l->end.event), l->control_ref);
	return peertest_await(&l->shared->borrower, PEERTEST_WROTE, START_SECONDS);
}

/* The page that the peer could only read must be as it was. */
static int check_pages(const struct lender *l)
{
	u32 seed = l->args->seed;
	int ret = 0;

	for (unsigned int i = 0; i < l->nr && !ret; i++)
		ret = peertest_check(peertest_content(l->pages[i]),
				     i == PEERTEST_READONLY ? seed : peertest_answer(seed), i);
	return ret;
}

static int game(struct lender *l)
{
	int ret;

	peertest_end_serve(&l->end);
	ret = peertest_end_wait(&l->end) ?: peertest_end_judge(&l->end, "lender");
	if (!ret)
		peertest_row("event-domains", peertest_end_cost(&l->end));
	return ret;
}

static void end_all(struct lender *l)
{
	for (; l->nr; l->nr--)
		l->kept += !xenpv_grant_end(l->pool, l->refs[l->nr - 1],
					    l->pages[l->nr - 1]);
}

static bool reaped(struct page *page)
{
	unsigned long end = jiffies + REAP_SECONDS * HZ;

	while (page_count(page) > 1 && time_before(jiffies, end))
		msleep(20);
	return page_count(page) == 1;
}

/* The peer has one page mapped: that one must stay lent, and come back later. */
static int end_while_kept(struct lender *l)
{
	struct page *page = l->pages[PEERTEST_KEPT];
	int ret;

	end_all(l);
	if (l->kept != 1 || page_count(page) != 2)
		return peertest_fail("the peer keeps %u pages, not 1", l->kept);
	xenpv_shared_store_release(&l->shared->lender, PEERTEST_ENDED);
	ret = peertest_await(&l->shared->borrower, PEERTEST_LET_GO, STEP_SECONDS);
	if (ret)
		return ret;
	if (!reaped(page))
		return peertest_fail("the reaper does not get the page of the peer");
	xenpv_shared_store_release(&l->shared->lender, PEERTEST_BYE);
	return peertest_await(&l->shared->borrower, PEERTEST_GONE, STEP_SECONDS);
}

static int end_control(struct lender *l)
{
	xenpv_grant_end(l->pool, l->control_ref, l->control);
	if (!reaped(l->control))
		return peertest_fail("the reaper does not get the control page");
	return 0;
}

static int tidy(struct lender *l, int ret)
{
	peertest_end_close(&l->end);
	end_all(l);
	if (l->control) {
		ret = end_control(l) ?: ret;
		put_page(l->control);
	}
	for (unsigned int i = 0; i < PEERTEST_PAGES; i++)
		if (l->pages[i])
			put_page(l->pages[i]);
	xenpv_grant_pool_destroy(l->pool);
	kfree(l);
	return ret;
}

/**
 * peertest_lend() - lend pages to a peer, play with it, end the grants
 * @args: of the run
 *
 * Context: Process; a run.
 * Return: 0 or a negative errno.
 */
int peertest_lend(const struct peertest_args *args)
{
	struct lender *l = kzalloc_obj(*l);
	int ret;

	if (!l)
		return -ENOMEM;
	l->args = args;
	ret = lend_all(l) ?:
	      invite(l) ?:
	      check_pages(l) ?:
	      game(l) ?:
	      end_while_kept(l);
	ret = tidy(l, ret);
	if (ret)
		return ret;
	return peertest_pass("%u round trips with domain %u, %u pages lent and back",
			     args->rounds, args->peer, PEERTEST_PAGES);
}
