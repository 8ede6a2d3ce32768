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
static int check(const struct xenpv_foreign_copy *copy)
{
	if (!copy->len || copy->peer_offset + copy->len > PAGE_SIZE ||
	    copy->offset + copy->len > PAGE_SIZE)
		return -EINVAL;
	if (xenpv_p2m_raw(page_to_pfn(copy->page)) & XENPV_P2M_FOREIGN)
		return -EINVAL;
	return 0;
}

static void fill(struct gnttab_copy *op, const struct xenpv_foreign_copy *copy)
{
	struct gnttab_copy_ptr peer = {
		.u.ref = copy->ref,
		.domid = copy->peer,
		.offset = copy->peer_offset,
	};
	struct gnttab_copy_ptr ours = {
		.u.gmfn = mfn_unbox(xenpv_p2m_get(page_to_pfn(copy->page))),
		.domid = DOMID_SELF,
		.offset = copy->offset,
	};

	*op = (struct gnttab_copy) {
		.source = copy->to_peer ? ours : peer,
		.dest = copy->to_peer ? peer : ours,
		.len = copy->len,
		.flags = copy->to_peer ? GNTCOPY_dest_gref : GNTCOPY_source_gref,
	};
}

/* A piece is done only if Xen said so, whatever the call as a whole returns. */
static void call_copy(struct gnttab_copy *ops, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		ops[i].status = GNTST_general_error;
	if (nr)
		xenpv_hv_grant_table_op(GNTTABOP_copy, ops, nr);
}

static bool again(struct gnttab_copy *ops, unsigned int nr, bool ask)
{
	bool more = false;

	for (unsigned int i = 0; i < nr; i++) {
		if (ops[i].status != GNTST_eagain)
			continue;
		if (ask)
			call_copy(&ops[i], 1);
		more |= ops[i].status == GNTST_eagain;
	}
	return more;
}

static void copy_batch(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp)
{
	struct gnttab_copy ops[BATCH];
	unsigned int count = 0, pauses = 0;

	for (unsigned int i = 0; i < nr; i++) {
		copies[i].status = check(&copies[i]);
		if (!copies[i].status)
			fill(&ops[count++], &copies[i]);
	}
	call_copy(ops, count);
	if (again(ops, count, false))
		while (xenpv_grant_pause(&pauses, gfp) && again(ops, count, true))
			;

	count = 0;
	for (unsigned int i = 0; i < nr; i++)
		if (!copies[i].status)
			copies[i].status = xenpv_grant_error(ops[count++].status);
}

int xenpv_foreign_copy(struct xenpv_foreign_copy *copies, unsigned int nr, gfp_t gfp)
{
	unsigned int count;

	for (unsigned int i = 0; i < nr; i += count) {
		count = min_t(unsigned int, nr - i, BATCH);
		copy_batch(copies + i, count, gfp);
	}
	for (unsigned int i = 0; i < nr; i++)
		if (copies[i].status)
			return copies[i].status;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_copy, "XENPV");
