/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FOREIGN_H
#define _XENPV_FOREIGN_H

/**
 * DOC: Borrowing pages
 *
 * The other side of xenpv/grant.h.  A peer has lent pages and sent their refs.
 * They can be mapped, which gives each a struct page that bios and skbs take; or
 * Xen copies between them and pages of ours, which is cheaper for small pieces.
 *
 * Pages are mapped and copied many at a time, and each has its own fate: a peer
 * may send refs that are wrong, all of them or one in the middle.  A slot tells
 * what became of it::
 *
 *	for each page of a request
 *		slots[i] = (struct xenpv_foreign_slot){ .ref = ... };
 *	ret = xenpv_foreign_map(peer, slots, nr, GFP_KERNEL);
 *	if (ret) {
 *		xenpv_foreign_unmap(slots, nr);
 *		return ret;
 *	}
 *
 * What must stay true:
 *
 * - A slot that was mapped is unmapped once; one that was not, never.  Unmapping
 *   looks for itself, so it may be given all slots of a request.
 * - A mapped page is not used before all bookkeeping for it succeeded, and a page
 *   that could not be unmapped is not used for anything else.
 * - The peer can change a mapped page at any time: what is judged is copied first.
 * - Nothing is copied over the end of a page.
 *
 * The memory of a mapped page is the peer's; the page comes from xenpv/scratch.h.
 */

#include <linux/gfp_types.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xenpv/abi.h>

struct page;
struct vm_struct;

/**
 * struct xenpv_foreign_slot - one page of a peer
 * @ref: what the peer sent
 * @readonly: map it for reading only
 * @status: 0 or a negative errno, of the last operation
 * @page: while it is mapped, else NULL
 * @handle: Xen's number of the mapping
 *
 * The first two are for the caller to fill in; the others start as 0.
 */
struct xenpv_foreign_slot {
	grant_ref_t ref;
	bool readonly;
	int status;
	struct page *page;
	grant_handle_t handle;
};

/**
 * xenpv_foreign_map() - map pages of a peer
 * @peer: the domain
 * @slots: the pages; nothing of them is mapped yet
 * @nr: their number
 * @gfp: may this sleep?  If so, pages that Xen can't have at the moment are asked
 *	for again, for about a second
 *
 * Context: As @gfp says.
 * Return: 0 if all were mapped, else the errno of the first that was not; others may
 * be.
 */
int xenpv_foreign_map(domid_t peer, struct xenpv_foreign_slot *slots, unsigned int nr,
		      gfp_t gfp);

/**
 * xenpv_foreign_unmap() - unmap those slots that are mapped
 * @slots: the slots
 * @nr: their number
 *
 * Nobody may use their pages any more.
 *
 * Context: Any.
 * Return: 0 if none is mapped now, else the errno of the first one that still is; it
 * can be tried again.
 */
int xenpv_foreign_unmap(struct xenpv_foreign_slot *slots, unsigned int nr);

/* Pages of the largest area. */
#define XENPV_FOREIGN_AREA	16

/**
 * struct xenpv_foreign_area - pages of a peer in one piece
 * @vm: at which addresses
 * @nr: how many pages
 * @where: machine address of each page-table entry
 * @handles: Xen's numbers of the mappings
 * @mapped: which of them there are
 */
struct xenpv_foreign_area {
	struct vm_struct *vm;
	unsigned int nr;
	u64 where[XENPV_FOREIGN_AREA];
	grant_handle_t handles[XENPV_FOREIGN_AREA];
	bool mapped[XENPV_FOREIGN_AREA];
};

/**
 * xenpv_foreign_map_area() - map pages of a peer in one piece, in a PV domain
 * @peer: the domain
 * @refs: what it sent
 * @nr: how many, at most %XENPV_FOREIGN_AREA
 * @area: what was made of them
 *
 * In a domain whose page tables Xen checks, a frame of another one is mapped where Xen puts
 * it and nowhere else, so vmap() can't put slots in a row.  Here Xen gets the entries that
 * are to map them.  These pages have no struct page, and are for a ring, not for data.
 *
 * A translated domain has vmap().
 *
 * Context: Process; starts no I/O.
 * Return: 0 if all were mapped, at @area->vm->addr; -EINVAL, also in a translated domain;
 * or another negative errno; either way xenpv_foreign_unmap_area() undoes it.
 */
int xenpv_foreign_map_area(domid_t peer, const grant_ref_t *refs, unsigned int nr,
			   struct xenpv_foreign_area *area);

/**
 * xenpv_foreign_unmap_area() - unmap those pages that are mapped
 * @area: the area; nobody uses it any more
 *
 * Context: Process.
 * Return: 0, and the addresses are free; else the errno of the first page that Xen does not
 * unmap: the addresses are used for nothing else, and it can be tried again.
 */
int xenpv_foreign_unmap_area(struct xenpv_foreign_area *area);

/**
 * struct xenpv_foreign_later - slots to be unmapped when nobody uses them any more
 * @slots: the slots
 * @nr: their number
 * @done: called afterwards; may free this structure
 * @tries: private
 * @work: private
 */
struct xenpv_foreign_later {
	struct xenpv_foreign_slot *slots;
	unsigned int nr;
	void (*done)(struct xenpv_foreign_later *later);
	unsigned int tries;
	struct delayed_work work;
};

/**
 * xenpv_foreign_unmap_later() - unmap when nobody uses the pages any more
 * @later: what; the first three members are filled in
 *
 * For pages that were passed on, say in an skb: whoever has them holds references,
 * and drops them at some time.
 *
 * Context: Any.
 */
void xenpv_foreign_unmap_later(struct xenpv_foreign_later *later);

/**
 * struct xenpv_foreign_copy - bytes to copy between a page of a peer and ours
 * @peer: the domain
 * @ref: its page
 * @peer_offset: where in it
 * @page: our page, no mapped one
 * @offset: where in it
 * @len: how many bytes; they end before the end of both pages
 * @to_peer: from our page to the peer's, otherwise from the peer's to ours
 * @status: 0 or a negative errno; then any part may have been copied
 */
struct xenpv_foreign_copy {
	domid_t peer;
	grant_ref_t ref;
	u16 peer_offset;
	struct page *page;
	u16 offset;
	u16 len;
	bool to_peer;
	int status;
};

/**
 * xenpv_foreign_copy() - copy between pages of peers and ours
 * @copies: what, in order
 * @nr: how many
 * @gfp: as for xenpv_foreign_map()
 *
 * Context: As @gfp says.
 * Return: 0 if all were done, else the errno of the first that was not.
 */
int xenpv_foreign_copy(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp);

#endif /* _XENPV_FOREIGN_H */
