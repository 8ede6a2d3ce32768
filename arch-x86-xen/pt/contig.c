// SPDX-License-Identifier: GPL-2.0-only
/* Swaps the frames of pages for others that lie side by side in the machine, and back. */

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/pgtable.h>

#include <xenpv/batch.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "../private.h"

/*
 * While frames are swapped their pages have none, so whoever comes between sees
 * nothing rather than somebody else's memory.  The arrays are what Xen reads and
 * writes: frames that go, and pages, in whose place it writes frames that come.  They
 * are too big for a stack, and a caller may not sleep.
 */
static DEFINE_RAW_SPINLOCK(lock);
static xen_pfn_t frames[BIT(XENPV_CONTIG_MAX_ORDER)] __guarded_by(&lock);
static xen_pfn_t places[BIT(XENPV_CONTIG_MAX_ORDER)] __guarded_by(&lock);

static void map(unsigned long pfn, pteval_t val, unsigned long how)
{
	xenpv_batch_va((unsigned long)__va(PFN_PHYS(pfn)), val, how);
}

/* Takes the frames of pages away, from the page tables and from the table of frames. */
static void hide(unsigned long pfn, unsigned long nr)
{
	unsigned long flags = xenpv_batch_begin();

	lockdep_assert_held(&lock);
	for (unsigned long i = 0; i < nr; i++) {
		frames[i] = mfn_unbox(xenpv_p2m_get(pfn + i));
		places[i] = pfn + i;
		/* One flush for all, by the last. */
		map(pfn + i, 0, i + 1 < nr ? 0 : UVMF_TLB_FLUSH | UVMF_ALL);
		xenpv_p2m_clear(pfn + i);
	}
	xenpv_batch_end(flags, false);
}

static void show(unsigned long pfn, unsigned long nr)
{
	unsigned long flags = xenpv_batch_begin();

	lockdep_assert_held(&lock);
	for (unsigned long i = 0; i < nr; i++) {
		xenpv_p2m_set(pfn + i, mfn_box(frames[i]));
		map(pfn + i, pfn_pte(pfn + i, PAGE_KERNEL).pte, 0);
	}
	xenpv_batch_end(flags, false);
}

/**
 * xenpv_contig_is() - do pages lie side by side in the machine?
 * @pfn: the first of them
 * @nr: how many
 *
 * Context: Any; the caller holds the pages.
 * Return: true if each frame follows the one before.
 */
bool xenpv_contig_is(unsigned long pfn, unsigned long nr)
{
	mfn_t first = xenpv_p2m_get(pfn);

	if (!mfn_exists(first))
		return false;
	for (unsigned long i = 1; i < nr; i++) {
		mfn_t next = xenpv_p2m_get(pfn + i);

		if (!mfn_exists(next) || mfn_unbox(next) != mfn_unbox(first) + i)
			return false;
	}
	return true;
}

/*
 * Swaps the frames of pages for extents of another order; @order is that of all of
 * them.  One side is a single extent, so Xen does it wholly or not at all.
 */
static int swap_frames(unsigned long pfn, unsigned int order, unsigned int order_in,
		       unsigned int order_out, unsigned int address_bits)
{
	struct xen_memory_exchange exchange = {
		.in = {
			.nr_extents = BIT(order - order_in),
			.extent_order = order_in,
			.domid = DOMID_SELF,
		},
		.out = {
			.nr_extents = BIT(order - order_out),
			.extent_order = order_out,
			.address_bits = address_bits,
			.domid = DOMID_SELF,
		},
	};
	unsigned long nr = BIT(order);
	int ret;

	lockdep_assert_held(&lock);
	hide(pfn, nr);
	set_xen_guest_handle(exchange.in.extent_start, frames);
	set_xen_guest_handle(exchange.out.extent_start, places);
	ret = xenpv_hv_memory_exchange(&exchange);
	if (!ret && exchange.nr_exchanged != exchange.in.nr_extents)
		ret = -ENOMEM;
	for (unsigned long i = 0; !ret && i < nr; i++)
		frames[i] = places[i >> order_out] + (i & (BIT(order_out) - 1));
	show(pfn, nr);
	return ret;
}

/* What the pages hold is cleared first: Xen may give their frames to anyone. */
static int clear_and_swap(unsigned long pfn, unsigned int order, unsigned int order_in,
			  unsigned int order_out, unsigned int address_bits)
{
	unsigned long flags;
	int ret;

	if (order > XENPV_CONTIG_MAX_ORDER)
		return -EINVAL;
	memset(__va(PFN_PHYS(pfn)), 0, PAGE_SIZE << order);
	raw_spin_lock_irqsave(&lock, flags);
	ret = swap_frames(pfn, order, order_in, order_out, address_bits);
	raw_spin_unlock_irqrestore(&lock, flags);
	return ret;
}

/**
 * xenpv_contig_make() - give pages frames that lie side by side
 * @pfn: first of 1 << @order pages, allocated, mapped nowhere but in the direct map
 * @order: at most XENPV_CONTIG_MAX_ORDER
 * @address_bits: width of the addresses that the frames may have
 *
 * Context: Any but NMI.
 * Return: 0, or a negative errno with the pages as they were, but for their
 * content: -EINVAL for an @order that is too large, -ENOMEM if Xen has no such memory.
 */
int xenpv_contig_make(unsigned long pfn, unsigned int order, unsigned int address_bits)
{
	return clear_and_swap(pfn, order, 0, order, address_bits);
}

/**
 * xenpv_contig_undo() - give pages any frames again
 * @pfn: what xenpv_contig_make() has worked on
 * @order: as there
 *
 * Frames side by side are scarce, and Xen has others who want them.
 *
 * Context: Any but NMI.
 * Return: 0, or a negative errno with the pages as they were, but for their content.
 */
int xenpv_contig_undo(unsigned long pfn, unsigned int order)
{
	return clear_and_swap(pfn, order, order, 0, 0);
}
