/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_SCRATCH_H
#define _XENPV_SCRATCH_H

/**
 * DOC: Pages without frames
 *
 * To show a page of another domain to the rest of the kernel (as a bio, an skb, a
 * page in a process) a struct page and an address are needed, but no memory:
 * the memory is the other domain's.  Such pages are had here::
 *
 *	page = xenpv_scratch_take(1, GFP_KERNEL);
 *	...	let something appear at page_address(page)
 *	...	and take it away again
 *	xenpv_scratch_give(page);
 *
 * A page that was just taken has no frame: in a PV domain its entry of
 * &xenpv_p2m is "nothing" and nothing is mapped at its address.  It must be so
 * again when it is given back.
 *
 * Several pages are handed over as a chain; walk it with xenpv_scratch_next().
 * The link is page_private(), which belongs to the owner of the page.
 *
 * Where they come from: address space behind RAM, which costs 64 bytes for each
 * page.  A kernel that can never add that (no ZONE_DEVICE, or a frame table that can't
 * grow) gives up frames of RAM instead; one that can, but not now, gives up nothing.
 * Pages are kept for the next user, and there is a limit: what another domain makes us
 * map may not eat this one's memory.  Frames that the balloon has given up already are
 * used first, and a frame that it would not give up stays.
 */

#include <linux/gfp_types.h>
#include <linux/mm_types.h>

/**
 * xenpv_scratch_take() - get pages without frames
 * @nr: how many
 * @gfp: how to get memory for more of them; never starts I/O
 *
 * Context: Any with %GFP_ATOMIC, which uses only what is there already; process
 * if @gfp allows blocking.
 * Return: chain of exactly @nr pages, or NULL.
 */
struct page *xenpv_scratch_take(unsigned int nr, gfp_t gfp);

/**
 * xenpv_scratch_give() - give pages back
 * @chain: the pages, without frames again; NULL is ignored
 *
 * Context: Any.
 */
void xenpv_scratch_give(struct page *chain);

/**
 * xenpv_scratch_free() - how many pages wait for a user?
 *
 * Context: Any.
 * Return: their number.
 */
unsigned long xenpv_scratch_free(void);

/**
 * xenpv_scratch_empty() - turn unused pages whose frames were given up into RAM again
 *
 * Address space stays: it costs little, and is wanted again.
 *
 * Context: Process.
 */
void xenpv_scratch_empty(void);

/**
 * xenpv_scratch_idle() - how many unused pages could be RAM again?
 *
 * Context: Any.
 * Return: their number, or a little more.
 */
unsigned long xenpv_scratch_idle(void);

/**
 * xenpv_scratch_shrink() - turn some of them into RAM again
 * @nr: how many
 *
 * Context: Process; memory reclaim, too.
 * Return: how many are, none if somebody makes pages at this moment.
 */
unsigned long xenpv_scratch_shrink(unsigned long nr);

/**
 * xenpv_scratch_frames() - how many pages are RAM without its frames?
 *
 * Context: Any.
 * Return: their number, in use or not.
 */
unsigned long xenpv_scratch_frames(void);

/**
 * xenpv_scratch_limit() - how many pages may be RAM without its frames?
 *
 * Context: Any.
 * Return: their number.
 */
unsigned long xenpv_scratch_limit(void);

/**
 * xenpv_scratch_set_limit() - set that
 * @limit: pages; 0: a quarter of RAM
 *
 * Pages that are there already stay.
 *
 * Context: Any.
 */
void xenpv_scratch_set_limit(unsigned long limit);

/**
 * xenpv_scratch_space() - make pages from new address space
 * @nr: how many are needed
 * @chain: set to all that were made
 *
 * Only scratch.c calls it.  It is here for tests to replace: what it adds stays for
 * ever in the kernel that runs them.
 *
 * Context: Process; one caller at a time.
 * Return: how many pages were made, or a negative errno; -EOPNOTSUPP if there can be
 * none.
 */
int xenpv_scratch_space(unsigned int nr, struct page **chain);

/**
 * xenpv_scratch_next() - the page after this one in a chain
 * @page: a page of the chain
 *
 * Context: Any.
 * Return: the page, or NULL after the last.
 */
static inline struct page *xenpv_scratch_next(const struct page *page)
{
	return (struct page *)page_private(page);
}

/**
 * xenpv_scratch_link() - put a page before a chain
 * @page: the page
 * @chain: what comes after it, NULL for nothing
 *
 * Context: Any.
 */
static inline void xenpv_scratch_link(struct page *page, struct page *chain)
{
	set_page_private(page, (unsigned long)chain);
}

#endif /* _XENPV_SCRATCH_H */
