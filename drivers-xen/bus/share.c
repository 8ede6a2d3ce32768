// SPDX-License-Identifier: GPL-2.0-only
/* What drivers share with their peer: pages of a ring and an event, made and unmade. */

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/event.h>
#include <xenpv/grant.h>
#include <xenpv/self.h>
#include "private.h"

/* Pages in one piece; a single one is where it is. */
static void *in_one_piece(struct page **pages, unsigned int nr)
{
	return nr == 1 ? page_address(pages[0]) : vmap(pages, nr, VM_MAP, PAGE_KERNEL);
}

/**
 * xenpv_share_alloc() - front: get pages for a ring
 * @share: what is shared; all zero
 * @dev: the device
 * @pool: from which they will be lent
 * @nr: how many
 *
 * They are @share->ring, cleared, and nobody else can reach them.
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xenpv_share_end() undoes it.
 */
int xenpv_share_alloc(struct xenpv_share *share, struct xenpv_device *dev,
		      struct xenpv_grant_pool *pool, unsigned int nr)
{
	if (!nr || nr > XENPV_RING_PAGES)
		return -EINVAL;
	share->dev = dev;
	share->pool = pool;
	for (share->nr = 0; share->nr < nr; share->nr++) {
		share->pages[share->nr] = alloc_page(GFP_NOIO | __GFP_ZERO);
		if (!share->pages[share->nr])
			return -ENOMEM;
	}
	share->ring = in_one_piece(share->pages, nr);
	return share->ring ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_alloc, "XENPV");

/**
 * xenpv_share_lend() - front: let the peer reach the pages
 * @share: with pages, in which a ring was made
 *
 * @share->refs is what to tell it.
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xenpv_share_end() undoes it.
 */
int xenpv_share_lend(struct xenpv_share *share)
{
	for (share->lent = 0; share->lent < share->nr; share->lent++) {
		int ref = xenpv_grant_page(share->pool, share->pages[share->lent], false);

		if (ref < 0)
			return ref;
		share->refs[share->lent] = ref;
	}
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_lend, "XENPV");

static int take_event(struct xenpv_share *share, struct xenpv_event *event)
{
	if (IS_ERR(event))
		return PTR_ERR(event);
	share->event = event;
	return 0;
}

/**
 * xenpv_share_open() - front: open an event for the peer
 * @share: what is shared
 * @handler: called for each event of the peer; see xenpv_event_done()
 * @name: for users; stays valid
 * @arg: for @handler
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_share_open(struct xenpv_share *share, irq_handler_t handler, const char *name,
		     void *arg)
{
	return take_event(share, xenpv_event_bind_unbound(share->dev->peer, handler,
							  XENPV_EVENT_LATE, name, arg));
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_open, "XENPV");

/* One page is where it is mapped; in a translated domain several can be put in a row. */
static bool needs_area(unsigned int nr)
{
	return nr > 1 && !xenpv_self_has(XENFEAT_auto_translated_physmap);
}

static int map_area(struct xenpv_share *share, const grant_ref_t *refs)
{
	int ret = xenpv_foreign_map_area(share->dev->peer, refs, share->nr, &share->area);

	BUILD_BUG_ON(XENPV_FOREIGN_AREA < XENPV_RING_PAGES);
	if (!ret)
		share->ring = share->area.vm->addr;
	return ret;
}

static int map_pages(struct xenpv_share *share, const grant_ref_t *refs)
{
	struct page *pages[XENPV_RING_PAGES];
	int ret;

	for (unsigned int i = 0; i < share->nr; i++)
		share->slots[i] = (struct xenpv_foreign_slot){ .ref = refs[i] };
	ret = xenpv_foreign_map(share->dev->peer, share->slots, share->nr, GFP_NOIO);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < share->nr; i++)
		pages[i] = share->slots[i].page;
	share->ring = in_one_piece(pages, share->nr);
	return share->ring ? 0 : -ENOMEM;
}

/**
 * xenpv_share_map() - back: map the ring of a front
 * @share: what is shared; all zero
 * @dev: the device
 * @refs: what the front said
 * @nr: how many pages
 *
 * They are @share->theirs.
 *
 * Context: Process.
 * Return: 0; -EINVAL if there are too many; or another negative errno; either way
 * xenpv_share_end() undoes it.
 */
int xenpv_share_map(struct xenpv_share *share, struct xenpv_device *dev,
		    const grant_ref_t *refs, unsigned int nr)
{
	int ret;

	if (!nr || nr > XENPV_RING_PAGES)
		return -EINVAL;
	share->dev = dev;
	share->nr = nr;
	ret = needs_area(nr) ? map_area(share, refs) : map_pages(share, refs);
	if (!ret)
		share->theirs = (void __xen_shared __force *)share->ring;
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_map, "XENPV");

/**
 * xenpv_share_bind() - back: connect to the event of the front
 * @share: what is shared
 * @port: what the front said
 * @handler: called for each event of the peer; see xenpv_event_done()
 * @name: for users; stays valid
 * @arg: for @handler
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_share_bind(struct xenpv_share *share, evtchn_port_t port, irq_handler_t handler,
		     const char *name, void *arg)
{
	return take_event(share, xenpv_event_bind_interdomain(share->dev->peer, port, handler,
							      XENPV_EVENT_LATE, name, arg));
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_bind, "XENPV");

static void end_front(struct xenpv_share *share)
{
	if (share->ring && share->nr > 1)
		vunmap(share->ring);
	for (unsigned int i = 0; i < share->nr; i++) {
		/* One that the peer keeps is the reaper's. */
		if (i < share->lent)
			xenpv_grant_end(share->pool, share->refs[i], share->pages[i]);
		else
			__free_page(share->pages[i]);
	}
}

static void end_back(struct xenpv_share *share)
{
	int ret;

	if (share->ring && share->nr > 1 && !share->area.vm)
		vunmap(share->ring);
	ret = xenpv_foreign_unmap(share->slots, share->nr) ?:
	      xenpv_foreign_unmap_area(&share->area);
	if (ret)
		dev_warn(&share->dev->dev, "a ring stays mapped (%pe)\n", ERR_PTR(ret));
}

/**
 * xenpv_share_end() - undo all of the above, as far as it was done
 * @share: what was shared; all zero afterwards
 *
 * The handler does not run any more.  One that is all zero is fine.
 *
 * Context: Process.
 */
void xenpv_share_end(struct xenpv_share *share)
{
	if (share->event)
		xenpv_event_unbind(share->event);
	if (share->pool)
		end_front(share);
	else if (share->nr)
		end_back(share);
	*share = (struct xenpv_share){ };
}
EXPORT_SYMBOL_NS_GPL(xenpv_share_end, "XENPV");
