// SPDX-License-Identifier: GPL-2.0-only
/* Copies between pages of peers and memory of programs, for /dev/xen/gntdev. */

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "private.h"

/* Operations of one hypercall.  They are on the stack, with the rest under 1 KiB. */
#define BATCH	16

/**
 * struct batch - pieces that Xen is to copy, each within one page
 * @segs: segments of the program
 * @nr: pieces
 * @failed: the last segment that has a piece which was not copied
 * @ops: the pieces
 * @seg: segment of each
 * @pages: page of the program that is held for it, or NULL
 */
struct batch {
	struct gntdev_grant_copy_segment __user *segs;
	unsigned int nr;
	unsigned int failed;
	struct gnttab_copy ops[BATCH];
	unsigned int seg[BATCH];
	struct page *pages[BATCH];
};

static bool again(struct batch *b)
{
	bool more = false;

	for (unsigned int i = 0; i < b->nr; i++) {
		if (b->ops[i].status != GNTST_eagain)
			continue;
		b->ops[i].status = GNTST_general_error;
		xenpv_hv_grant_table_op(GNTTABOP_copy, &b->ops[i], 1);
		more |= b->ops[i].status == GNTST_eagain;
	}
	return more;
}

/* The first piece that fails tells what became of its segment. */
static int tell(struct batch *b, unsigned int i)
{
	if (!b->ops[i].status || b->failed == b->seg[i])
		return 0;
	b->failed = b->seg[i];
	return put_user(b->ops[i].status, &b->segs[b->seg[i]].status);
}

static void let_go(struct batch *b)
{
	for (unsigned int i = 0; i < b->nr; i++)
		if (b->pages[i])
			unpin_user_pages_dirty_lock(&b->pages[i], 1,
						    b->ops[i].flags & GNTCOPY_source_gref);
	b->nr = 0;
}

static int flush(struct batch *b)
{
	unsigned int pauses = 0;
	int ret = 0;

	if (!b->nr)
		return 0;
	for (unsigned int i = 0; i < b->nr; i++)
		b->ops[i].status = GNTST_general_error;
	xenpv_hv_grant_table_op(GNTTABOP_copy, b->ops, b->nr);
	for (unsigned int i = 0; i < b->nr; i++)
		if (b->ops[i].status == GNTST_eagain) {
			while (again(b) && xenpv_grant_pause(&pauses, GFP_KERNEL))
				;
			break;
		}
	for (unsigned int i = 0; !ret && i < b->nr; i++)
		ret = tell(b, i);
	let_go(b);
	return ret;
}

static void fill_foreign(struct gnttab_copy_ptr *ptr,
			 const struct gntdev_grant_copy_segment *seg, bool source,
			 unsigned int done)
{
	ptr->u.ref = source ? seg->source.foreign.ref : seg->dest.foreign.ref;
	ptr->domid = source ? seg->source.foreign.domid : seg->dest.foreign.domid;
	ptr->offset = (source ? seg->source.foreign.offset : seg->dest.foreign.offset) + done;
}

static int fill_ours(struct gnttab_copy_ptr *ptr, const void __user *virt, bool write,
		     struct page **page)
{
	unsigned long addr = (unsigned long)virt, entry;
	int got = pin_user_pages_fast(addr & PAGE_MASK, 1, write ? FOLL_WRITE : 0, page);

	if (got != 1) {
		*page = NULL;
		return -EFAULT;
	}
	/* What is not our own is no page of ours to Xen, which then says so. */
	entry = xenpv_p2m_raw(page_to_pfn(*page));
	ptr->u.gmfn = entry & XENPV_P2M_FOREIGN ? ~0UL : entry & ~XENPV_P2M_FLAGS;
	ptr->domid = DOMID_SELF;
	ptr->offset = offset_in_page(addr);
	return 0;
}

/* As much of a segment as lies in one page of each side; its length or an errno. */
static int add_piece(struct batch *b, const struct gntdev_grant_copy_segment *seg,
		     unsigned int number, unsigned int done)
{
	bool from_peer = seg->flags & GNTCOPY_source_gref;
	bool to_peer = seg->flags & GNTCOPY_dest_gref;
	struct gnttab_copy *op;
	unsigned int len = seg->len - done;
	int ret = 0;

	if (b->nr == BATCH && flush(b))
		return -EFAULT;
	op = &b->ops[b->nr];
	*op = (struct gnttab_copy){ .flags = seg->flags };
	b->seg[b->nr] = number;
	b->pages[b->nr] = NULL;
	if (from_peer)
		fill_foreign(&op->source, seg, true, done);
	else
		ret = fill_ours(&op->source, seg->source.virt + done, false, &b->pages[b->nr]);
	if (to_peer)
		fill_foreign(&op->dest, seg, false, done);
	else if (!ret)
		ret = fill_ours(&op->dest, seg->dest.virt + done, true, &b->pages[b->nr]);
	if (ret)
		return ret;
	len = min(len, (unsigned int)PAGE_SIZE - op->source.offset);
	len = min(len, (unsigned int)PAGE_SIZE - op->dest.offset);
	op->len = len;
	b->nr++;
	return len;
}

/* One side at least is a peer's, and what is a peer's lies in a page. */
static bool valid(const struct gntdev_grant_copy_segment *seg)
{
	if (!(seg->flags & (GNTCOPY_source_gref | GNTCOPY_dest_gref)) ||
	    seg->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref))
		return false;
	if ((seg->flags & GNTCOPY_source_gref) &&
	    seg->source.foreign.offset + seg->len > PAGE_SIZE)
		return false;
	return !(seg->flags & GNTCOPY_dest_gref) ||
	       seg->dest.foreign.offset + seg->len <= PAGE_SIZE;
}

static int add_segment(struct batch *b, unsigned int number)
{
	struct gntdev_grant_copy_segment seg;
	unsigned int done = 0;

	if (copy_from_user(&seg, &b->segs[number], sizeof(seg)))
		return -EFAULT;
	if (!valid(&seg))
		return -EINVAL;
	if (put_user(GNTST_okay, &b->segs[number].status))
		return -EFAULT;
	while (done < seg.len) {
		int len = add_piece(b, &seg, number, done);

		if (len < 0)
			return len;
		done += len;
	}
	return 0;
}

/**
 * xenpv_user_copy() - IOCTL_GNTDEV_GRANT_COPY
 * @arg: struct ioctl_gntdev_grant_copy
 *
 * Context: Process.
 * Return: 0, each segment has its status; or a negative errno, what was copied is
 * unknown.
 */
long xenpv_user_copy(void __user *arg)
{
	struct ioctl_gntdev_grant_copy copy;
	struct batch b = { .failed = UINT_MAX };
	int ret = 0;

	if (copy_from_user(&copy, arg, sizeof(copy)))
		return -EFAULT;
	b.segs = copy.segments;
	for (unsigned int i = 0; !ret && i < copy.count; i++) {
		ret = add_segment(&b, i);
		cond_resched();
		if (fatal_signal_pending(current))
			ret = ret ?: -EINTR;
	}
	if (ret)
		let_go(&b);
	return ret ?: flush(&b);
}
