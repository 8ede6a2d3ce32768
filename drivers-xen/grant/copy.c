// SPDX-License-Identifier: GPL-2.0-only
/* Has Xen copy between pages of peers and ours, many pieces at a time. */

#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include <xenpv/foreign.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "private.h"

/* Operations of one hypercall.  They are on the stack, and take 800 bytes. */
#define BATCH	20

/*
 * Xen refuses what crosses the end of a page; do not even ask.  Nor does it copy
 * from and to pages that are not ours.
 */
static __always_inline int fill(struct gnttab_copy *op, const struct xenpv_foreign_copy *copy)
{
	struct gnttab_copy_ptr *peer = copy->to_peer ? &op->dest : &op->source;
	struct gnttab_copy_ptr *ours = copy->to_peer ? &op->source : &op->dest;
	unsigned long entry = xenpv_p2m_raw(page_to_pfn(copy->page));
	unsigned int len = copy->len;

	if (unlikely(!len || copy->peer_offset + len > PAGE_SIZE ||
		     copy->offset + len > PAGE_SIZE || entry & XENPV_P2M_FOREIGN))
		return -EINVAL;

	peer->u.ref = copy->ref;
	peer->domid = copy->peer;
	peer->offset = copy->peer_offset;
	ours->u.gmfn = entry & ~XENPV_P2M_FLAGS;
	ours->domid = DOMID_SELF;
	ours->offset = copy->offset;
	op->flags = copy->to_peer ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
	op->len = len;
	/* A piece is done only if Xen says so, whatever the call as a whole returns. */
	op->status = GNTST_general_error;
	return 0;
}

static bool again(const struct gnttab_copy *ops, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (ops[i].status == GNTST_eagain)
			return true;
	return false;
}

static void repeat(struct gnttab_copy *ops, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (ops[i].status != GNTST_eagain)
			continue;
		ops[i].status = GNTST_general_error;
		xenpv_hv_grant_table_op(GNTTABOP_copy, &ops[i], 1);
	}
}

static noinline int copy_batch(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp)
{
	/* Filled in as far as Xen and we look at it. */
	struct gnttab_copy ops[BATCH] __uninitialized;
	unsigned int count = 0, pauses = 0;
	int ret = 0;

	for (unsigned int i = 0; i < nr; i++) {
		copies[i].status = fill(&ops[count], &copies[i]);
		count += !copies[i].status;
	}
	if (count)
		xenpv_hv_grant_table_op(GNTTABOP_copy, ops, count);
	while (unlikely(again(ops, count)) && xenpv_grant_pause(&pauses, gfp))
		repeat(ops, count);

	count = 0;
	for (unsigned int i = 0; i < nr; i++) {
		if (!copies[i].status && ops[count++].status)
			copies[i].status = xenpv_grant_error(ops[count - 1].status);
		ret = ret ?: copies[i].status;
	}
	return ret;
}

static noinline int copy_all(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp)
{
	int ret = 0;

	while (nr) {
		unsigned int count = min_t(unsigned int, nr, BATCH);
		int bad = copy_batch(copies, count, gfp);

		ret = ret ?: bad;
		copies += count;
		nr -= count;
	}
	return ret;
}

/* What Xen did not do at once goes the long way. */
static noinline int not_done(struct xenpv_foreign_copy *copy, int status, gfp_t gfp)
{
	if (status == GNTST_eagain)
		return copy_all(copy, 1, gfp);
	copy->status = xenpv_grant_error(status);
	return copy->status;
}

int xenpv_foreign_copy(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp)
{
	struct gnttab_copy op __uninitialized;

	if (nr != 1)
		return copy_all(copies, nr, gfp);
	copies->status = fill(&op, copies);
	if (unlikely(copies->status))
		return copies->status;
	xenpv_hv_grant_table_op(GNTTABOP_copy, &op, 1);
	return likely(!op.status) ? 0 : not_done(copies, op.status, gfp);
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_copy, "XENPV");
