// SPDX-License-Identifier: GPL-2.0-only
/* The other one of two domains: maps and copies pages that a peer lends, and answers its balls. */

#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <xenpv/foreign.h>
#include <xenpv/shared.h>
#include "private.h"

#define STEP_SECONDS	30

/* A ref of no entry, however large the table of the peer is. */
#define NO_REF(ref)	((ref) ^ 0x100000)

/**
 * struct borrower - what is borrowed
 * @args: of the run
 * @control: the control page
 * @shared: its content
 * @slots: the data pages
 * @buffer: pages of ours, for copies
 * @end: of the channel
 */
struct borrower {
	const struct peertest_args *args;
	struct xenpv_foreign_slot control;
	struct peertest_control __xen_shared *shared;
	struct xenpv_foreign_slot slots[PEERTEST_PAGES];
	struct page *buffer[2];
	struct peertest_end end;
};

static int map_control(struct borrower *b)
{
	int ret;

	b->control.ref = b->args->ref;
	ret = xenpv_foreign_map(b->args->peer, &b->control, 1, GFP_KERNEL);
	if (ret)
		return peertest_fail("cannot map the control page: error %d", ret);
	b->shared = peertest_content(b->control.page);
	ret = peertest_await(&b->shared->lender, PEERTEST_LENT, STEP_SECONDS);
	if (ret)
		return ret;
	if (xenpv_shared_load(&b->shared->magic) != PEERTEST_MAGIC ||
	    xenpv_shared_load(&b->shared->nr) != PEERTEST_PAGES)
		return peertest_fail("this is no control page of ours");
	for (unsigned int i = 0; i < PEERTEST_PAGES; i++) {
		b->slots[i].ref = xenpv_shared_load(&b->shared->refs[i]);
		b->slots[i].readonly = i == PEERTEST_READONLY;
	}
	return 0;
}

/* Refs that are wrong, in the middle of good ones: each slot has its own fate. */
static int map_wrong(struct borrower *b)
{
	struct xenpv_foreign_slot slots[] = {
		{ .ref = b->slots[0].ref },
		{ .ref = NO_REF(b->slots[0].ref) },
		{ .ref = b->slots[PEERTEST_READONLY].ref },
		{ .ref = 0 },
		{ .ref = b->slots[PEERTEST_READONLY].ref, .readonly = true },
	};
	static const bool good[] = { true, false, false, false, true };
	int ret = 0;

	if (!xenpv_foreign_map(b->args->peer, slots, ARRAY_SIZE(slots), GFP_KERNEL))
		ret = peertest_fail("wrong refs were mapped");
	for (unsigned int i = 0; i < ARRAY_SIZE(slots); i++)
		if (good[i] ? slots[i].status || !slots[i].page :
			      slots[i].status >= 0 || slots[i].page)
			ret = peertest_fail("slot %u: status %d", i, slots[i].status);
	if (xenpv_foreign_unmap(slots, ARRAY_SIZE(slots)))
		ret = peertest_fail("wrong refs: not unmapped");
	return ret;
}

static int check_and_answer(struct borrower *b, unsigned int nr)
{
	void __xen_shared *page = peertest_content(b->slots[nr].page);
	int ret = peertest_check(page, b->args->seed, nr);

	if (!ret && nr != PEERTEST_READONLY && nr != PEERTEST_COPIED)
		peertest_fill(page, peertest_answer(b->args->seed), nr);
	return ret;
}

/* All at once, and all but the kept one are unmapped again. */
static int map_all(struct borrower *b)
{
	int ret = xenpv_foreign_map(b->args->peer, b->slots, PEERTEST_PAGES, GFP_KERNEL);

	if (ret)
		return peertest_fail("cannot map the pages: error %d", ret);
	for (unsigned int i = 0; i < PEERTEST_PAGES && !ret; i++)
		ret = check_and_answer(b, i);
	if (xenpv_foreign_unmap(b->slots, PEERTEST_KEPT) ||
	    xenpv_foreign_unmap(b->slots + PEERTEST_KEPT + 1,
				PEERTEST_PAGES - PEERTEST_KEPT - 1))
		return peertest_fail("cannot unmap the pages");
	return ret;
}

/* Both ways, whole pages and parts, between operations that must fail. */
static int copy_both_ways(struct borrower *b)
{
	u32 seed = peertest_answer(b->args->seed);
	struct xenpv_foreign_copy copies[] = {
		{ .ref = b->slots[0].ref, .page = b->buffer[1], .len = PAGE_SIZE },
		{ .ref = NO_REF(b->slots[0].ref), .page = b->buffer[1], .len = PAGE_SIZE },
		{ .ref = b->slots[PEERTEST_COPIED].ref, .page = b->buffer[0], .len = 1000,
		  .to_peer = true },
		{ .ref = b->slots[PEERTEST_READONLY].ref, .page = b->buffer[0], .len = 8,
		  .to_peer = true },
		{ .ref = b->slots[PEERTEST_COPIED].ref, .page = b->buffer[0],
		  .len = PAGE_SIZE - 1000, .offset = 1000, .peer_offset = 1000,
		  .to_peer = true },
	};
	static const bool good[] = { true, false, true, false, true };

	for (unsigned int i = 0; i < ARRAY_SIZE(copies); i++)
		copies[i].peer = b->args->peer;
	peertest_fill(peertest_content(b->buffer[0]), seed, PEERTEST_COPIED);
	if (!xenpv_foreign_copy(copies, ARRAY_SIZE(copies), GFP_KERNEL))
		return peertest_fail("a wrong ref was copied");
	for (unsigned int i = 0; i < ARRAY_SIZE(copies); i++)
		if (good[i] ? copies[i].status : copies[i].status >= 0)
			return peertest_fail("copy %u: status %d", i, copies[i].status);
	return peertest_check(peertest_content(b->buffer[1]), seed, 0);
}

static int game(struct borrower *b)
{
	int ret;

	peertest_end_prepare(&b->end, b->args, &b->shared->lender_ball,
			     &b->shared->borrower_ball);
	b->end.late = true;
	ret = peertest_end_connect(&b->end, b->args->peer, b->args->port);
	if (ret)
		return ret;
	/* Pairs with the acquire of the lender, which looks at the pages. */
	xenpv_shared_store_release(&b->shared->borrower, PEERTEST_WROTE);
	return peertest_end_wait(&b->end) ?: peertest_end_judge(&b->end, "borrower");
}

/* The lender has ended its grants: no new use, but what is mapped stays what it is. */
static int after_the_end(struct borrower *b)
{
	struct xenpv_foreign_slot slot = { .ref = b->slots[0].ref };
	int ret = peertest_await(&b->shared->lender, PEERTEST_ENDED, STEP_SECONDS);

	if (ret)
		return ret;
	if (!xenpv_foreign_map(b->args->peer, &slot, 1, GFP_KERNEL)) {
		xenpv_foreign_unmap(&slot, 1);
		return peertest_fail("a grant that was ended could be mapped");
	}
	ret = peertest_check(peertest_content(b->slots[PEERTEST_KEPT].page),
			     peertest_answer(b->args->seed), PEERTEST_KEPT);
	if (xenpv_foreign_unmap(b->slots, PEERTEST_PAGES))
		return peertest_fail("cannot unmap the page that was kept");
	if (ret)
		return ret;
	xenpv_shared_store_release(&b->shared->borrower, PEERTEST_LET_GO);
	return peertest_await(&b->shared->lender, PEERTEST_BYE, STEP_SECONDS);
}

static int tidy(struct borrower *b, int ret)
{
	peertest_end_close(&b->end);
	if (xenpv_foreign_unmap(b->slots, PEERTEST_PAGES))
		ret = peertest_fail("cannot unmap the pages");
	if (b->shared && !ret)
		xenpv_shared_store_release(&b->shared->borrower, PEERTEST_GONE);
	if (xenpv_foreign_unmap(&b->control, 1))
		ret = peertest_fail("cannot unmap the control page");
	for (unsigned int i = 0; i < ARRAY_SIZE(b->buffer); i++)
		if (b->buffer[i])
			__free_page(b->buffer[i]);
	kfree(b);
	return ret;
}

static int get_buffers(struct borrower *b)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(b->buffer); i++) {
		b->buffer[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!b->buffer[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * peertest_borrow() - use what a lender lends, in all ways, and play with it
 * @args: of the run
 *
 * Context: Process; a run.
 * Return: 0 or a negative errno.
 */
int peertest_borrow(const struct peertest_args *args)
{
	struct borrower *b = kzalloc_obj(*b);
	int ret;

	if (!b)
		return -ENOMEM;
	b->args = args;
	ret = get_buffers(b) ?:
	      map_control(b) ?:
	      map_wrong(b) ?:
	      map_all(b) ?:
	      copy_both_ways(b) ?:
	      game(b) ?:
	      after_the_end(b);
	ret = tidy(b, ret);
	if (ret)
		return ret;
	return peertest_pass("%u round trips with domain %u, %u pages mapped and copied",
			     args->rounds, args->peer, PEERTEST_PAGES);
}
