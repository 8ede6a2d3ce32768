// SPDX-License-Identifier: GPL-2.0-only
/* Measures what lending, mapping and copying cost; the domain is its own peer. */

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <xenpv/foreign.h>
#include <xenpv/grant.h>
#include "private.h"

#define MAPPED	32

/**
 * struct costs - what is measured with
 * @peer: ourselves
 * @pool: lends to it
 * @page: a page of ours
 * @lent: pages that are lent for the time
 * @slots: their refs
 */
struct costs {
	domid_t peer;
	struct xenpv_grant_pool *pool;
	struct page *page;
	struct page *lent[MAPPED];
	struct xenpv_foreign_slot slots[MAPPED];
};

static int grant_end(struct costs *c)
{
	int ref;

	get_page(c->page);
	ref = xenpv_grant_page(c->pool, c->page, false);
	if (ref < 0) {
		put_page(c->page);
		return ref;
	}
	return xenpv_grant_end(c->pool, ref, c->page) ? 0 : -EBUSY;
}

static int map_unmap(struct costs *c, unsigned int nr)
{
	return xenpv_foreign_map(c->peer, c->slots, nr, GFP_KERNEL) ?:
	       xenpv_foreign_unmap(c->slots, nr);
}

static int map_unmap_1(struct costs *c)
{
	return map_unmap(c, 1);
}

static int map_unmap_all(struct costs *c)
{
	return map_unmap(c, MAPPED);
}

static int copy_4k(struct costs *c)
{
	struct xenpv_foreign_copy copy = {
		.peer = c->peer,
		.ref = c->slots[0].ref,
		.page = c->page,
		.len = PAGE_SIZE,
	};

	return xenpv_foreign_copy(&copy, 1, GFP_KERNEL);
}

/* The third one is for all pages together. */
static const struct row {
	const char *name;
	int (*once)(struct costs *c);
	unsigned int batch;
} rows[] = {
	{ "grant-end",		grant_end,	500 },
	{ "map-unmap-1",	map_unmap_1,	200 },
	{ "map-unmap-32",	map_unmap_all,	50 },
	{ "copy-4k",		copy_4k,	500 },
};

static int measure(struct costs *c, const struct row *row)
{
	u64 costs[PEERTEST_BATCHES + 1], begin;
	int ret = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(costs); i++) {
		begin = ktime_get_ns();
		for (unsigned int j = 0; j < row->batch && !ret; j++)
			ret = row->once(c);
		costs[i] = (ktime_get_ns() - begin) / row->batch;
	}
	if (ret)
		return peertest_fail("%s: error %d", row->name, ret);
	/* The first one was for warming up. */
	peertest_row(row->name, peertest_median(costs + 1));
	return 0;
}

static int prepare(struct costs *c)
{
	c->pool = xenpv_grant_pool_create(&(struct xenpv_grant_setup) {
		.name = "peertest", .peer = c->peer, .max = MAPPED });
	if (IS_ERR(c->pool))
		return PTR_ERR(c->pool);
	c->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!c->page)
		return -ENOMEM;
	for (unsigned int i = 0; i < MAPPED; i++) {
		struct page *page = xenpv_grant_new_page(c->pool, &c->slots[i].ref);

		if (IS_ERR(page))
			return PTR_ERR(page);
		c->lent[i] = page;
	}
	return 0;
}

static void tidy(struct costs *c)
{
	xenpv_foreign_unmap(c->slots, MAPPED);
	for (unsigned int i = 0; i < MAPPED && c->lent[i]; i++)
		xenpv_grant_end(c->pool, c->slots[i].ref, c->lent[i]);
	if (c->page)
		put_page(c->page);
	xenpv_grant_pool_destroy(c->pool);
	kfree(c);
}

/**
 * peertest_costs() - all rows
 * @args: of the run; the peer is this domain
 *
 * Context: Process; a run.
 * Return: 0 or a negative errno.
 */
int peertest_costs(const struct peertest_args *args)
{
	struct costs *c = kzalloc_obj(*c);
	int ret;

	if (!c)
		return -ENOMEM;
	c->peer = args->peer;
	ret = prepare(c);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows) && !ret; i++)
		ret = measure(c, &rows[i]);
	tidy(c);
	if (ret)
		return ret;
	return peertest_pass("%zu rows", ARRAY_SIZE(rows));
}
