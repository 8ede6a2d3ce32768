/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_GRANT_H
#define _XENPV_GRANT_H

/**
 * DOC: Lending pages
 *
 * A domain lets another one, its peer, use a page by writing the page and the
 * peer into an entry of its grant table.  The number of the entry, the ref, goes
 * to the peer, who maps the page or has Xen copy from and to it.  Later the entry
 * is taken back: the grant ends.
 *
 * Drivers do not touch the table.  A device has a pool, which lends a scatterlist
 * and takes it back::
 *
 *	stop the queue			setup.room() lets it go on
 *	nr = xenpv_grant_sg(pool, sgl, nents, DMA_TO_DEVICE, segs, max);
 *	if (nr == -EAGAIN)
 *		return;			room() is called, or was so already
 *	let the queue go on
 *	...	send segs[i].ref, .offset, .len; the peer answers
 *	if (xenpv_grant_end_sg(pool, segs, nr))
 *		...			the I/O failed
 *
 * What must stay true:
 *
 * - A peer sees whole pages, so only whole pages are lent: one that is all
 *   payload, or one of the pool, cleared, into which the payload is copied.  What
 *   else lies in a page of payload stays private.
 * - What the peer wrote outside of what was asked for has no effect.
 * - Ending a grant is one step that succeeds or not.  If the peer still uses the
 *   page it is not forced: the page goes to the reaper, which keeps it from being
 *   used again and tries until the peer lets go.  Whoever gave the page is told,
 *   and fails the I/O: the peer can still read and write it.
 * - A pool has a limit of pages for copies, and those that the peer keeps count, also
 *   those that it kept of an earlier pool of the same name.  A peer that keeps as many
 *   as that is lent nothing more; what was lent before may come on top.
 *
 * Whether pages of the pool stay lent between two uses (persistent grants), is
 * the pool's business and does not show here.
 *
 * /sys/kernel/debug/xenpv/grants shows the table and what each peer has.
 */

#include <linux/dma-direction.h>
#include <linux/types.h>
#include <xenpv/abi.h>
#include <xenpv/types.h>

struct page;
struct scatterlist;
struct xenpv_grant_pool;

/**
 * enum xenpv_grant_policy - which payload is lent where it is
 * @XENPV_GRANT_WHOLE: whole pages; parts of pages are copied
 * @XENPV_GRANT_COPY: none, all is copied: for pages that stay lent, and for a
 *	peer that shall not see when its pages are used by whom
 * @XENPV_GRANT_TRUST: all, also parts of pages; if the administrator says that
 *	the peer may see what lies beside them
 */
enum xenpv_grant_policy {
	XENPV_GRANT_WHOLE,
	XENPV_GRANT_COPY,
	XENPV_GRANT_TRUST,
};

/**
 * struct xenpv_grant_setup - what a pool shall be
 * @name: of the device, for users; the same each time that it connects
 * @peer: to whom pages are lent
 * @policy: which payload is lent where it is
 * @persistent: pages of the pool stay lent until the pool goes
 * @reserve: pages that the pool gets at once, for progress without memory
 * @max: how many it may have, those included that the peer keeps; at least 1
 * @room: called once for each -EAGAIN, when it is worth trying again.  That may be
 *	before -EAGAIN is returned, and on any CPU: stop the queue first, or look again
 *	after stopping it.  Now and then it is called for nothing.  Under a spinlock, in
 *	which the device of another pool may be lending: it only arranges for a try, and
 *	takes no lock under which the pool is used.  Or NULL
 * @arg: its argument
 */
struct xenpv_grant_setup {
	const char *name;
	domid_t peer;
	enum xenpv_grant_policy policy;
	bool persistent;
	unsigned int reserve;
	unsigned int max;
	void (*room)(void *arg);
	void *arg;
};

/**
 * struct xenpv_grant_seg - a part of a scatterlist that lies in one page
 * @ref: for the peer
 * @offset: in the page, for the peer
 * @len: in bytes, for the peer; at most a page
 * @page: what is lent; private to the pool from here on
 * @data: payload that was copied, or NULL
 * @at: where in @data it is
 * @dir: who writes
 */
struct xenpv_grant_seg {
	grant_ref_t ref;
	u16 offset;
	u16 len;
	struct page *page;
	struct page *data;
	u16 at;
	u8 dir;
};

/**
 * xenpv_grant_pool_create() - make the pool of a device
 * @setup: what it shall be
 *
 * Context: Process.
 * Return: the pool, or an ERR_PTR(); -EBUSY if the peer keeps so much of an earlier
 * pool that there is no place for the reserve.
 */
struct xenpv_grant_pool *xenpv_grant_pool_create(const struct xenpv_grant_setup *setup);

/**
 * xenpv_grant_pool_destroy() - end what the pool itself lends, and free it
 * @pool: the pool; NULL and ERR_PTR() values are ignored
 *
 * All segments and pages must have been ended.  room() is not called any more when
 * this returns.
 *
 * Context: Process.
 */
void xenpv_grant_pool_destroy(struct xenpv_grant_pool *pool);

/**
 * xenpv_grant_sg() - lend a scatterlist
 * @pool: the pool of the device
 * @sgl: the scatterlist
 * @nents: its length
 * @dir: %DMA_TO_DEVICE: the peer reads; %DMA_FROM_DEVICE: it writes; or both
 * @segs: what to tell the peer, one for each page that @sgl touches
 * @max: room in @segs
 *
 * All of it is lent, or nothing.
 *
 * Context: Any.
 * Return: number of segments; -EAGAIN if the pool or the table is exhausted or the
 * peer keeps too much, and room() will be called, or was called just now; -ENOMEM;
 * -EINVAL if @max is too small; -ENODEV if the table did not come back after a suspend.
 */
int xenpv_grant_sg(struct xenpv_grant_pool *pool, struct scatterlist *sgl,
		   unsigned int nents, enum dma_data_direction dir,
		   struct xenpv_grant_seg *segs, unsigned int max);

/**
 * xenpv_grant_end_sg() - take a scatterlist back
 * @pool: the pool
 * @segs: from xenpv_grant_sg()
 * @nr: its result
 *
 * What the peer wrote is in the scatterlist now.
 *
 * Context: Any.
 * Return: 0, or -EBUSY if the peer keeps a page.  Then what it was asked for did
 * not end properly; pages of the scatterlist that it keeps are not freed before
 * it lets go.
 */
int xenpv_grant_end_sg(struct xenpv_grant_pool *pool, struct xenpv_grant_seg *segs,
		       unsigned int nr);

/**
 * xenpv_grant_page() - lend a single page, such as one of a ring
 * @pool: the pool
 * @page: the page, all of it for the peer to see
 * @readonly: the peer may not write
 *
 * Context: Any.
 * Return: the ref; -EAGAIN as for xenpv_grant_sg(), or another negative errno.
 */
int xenpv_grant_page(struct xenpv_grant_pool *pool, struct page *page, bool readonly);

/**
 * xenpv_grant_end() - take a single page back, and give up the caller's use of it
 * @pool: the pool
 * @ref: from xenpv_grant_page()
 * @page: the page; put_page() is done now, or when the peer lets go
 *
 * Context: Any.
 * Return: true if the peer has let go already.
 */
bool xenpv_grant_end(struct xenpv_grant_pool *pool, grant_ref_t ref, struct page *page);

/**
 * xenpv_grant_new_page() - get a page, cleared, and lend it
 * @pool: the pool
 * @ref: set to its ref
 *
 * Give it back with xenpv_grant_end().
 *
 * Context: Process.
 * Return: the page, or an ERR_PTR().
 */
struct page *xenpv_grant_new_page(struct xenpv_grant_pool *pool, grant_ref_t *ref);

/**
 * xenpv_grant_reserved() - lend a page of a protocol that names the ref itself
 * @ref: below %GNTTAB_NR_RESERVED_ENTRIES; no pool ever has it
 * @peer: to whom
 * @page: the page, all of it for the peer to see and write; ours for ever
 *
 * Lent before, it is taken back first.
 *
 * Context: Process; the caller serialises for each ref.
 * Return: 0; -EBUSY if the domain that had it does not let go; or another negative errno.
 */
int xenpv_grant_reserved(grant_ref_t ref, domid_t peer, struct page *page);

void xenpv_grant_suspend(void);
int xenpv_grant_resume(void);

#endif /* _XENPV_GRANT_H */
