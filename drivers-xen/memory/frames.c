// SPDX-License-Identifier: GPL-2.0-only
/* Gives the frame behind a page of RAM back to Xen, and gets one for it again. */

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/* The kernel's own address of the page; a translated domain leaves it as it is. */
static int show(struct page *page, pte_t pte)
{
	if (xenpv_self_has(XENFEAT_auto_translated_physmap))
		return 0;
	return xenpv_hv_update_va_mapping((unsigned long)page_address(page), pte.pte,
					  UVMF_TLB_FLUSH | UVMF_ALL);
}

/**
 * xenpv_frames_surrender() - give up the frame of a page
 * @page: allocated, mapped nowhere but in the direct map
 *
 * What the page held is cleared first: Xen may give the frame to anyone.
 *
 * Context: Process.
 * Return: 0, or a negative errno with the page as it was, but for its content.
 */
int xenpv_frames_surrender(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	mfn_t mfn = xenpv_p2m_get(pfn);
	xen_pfn_t frame = mfn_unbox(mfn);
	struct xen_memory_reservation res = {
		.nr_extents = 1,
		.domid = DOMID_SELF,
	};
	int ret;

	clear_highpage(page);
	ret = show(page, native_make_pte(0));
	if (ret)
		return ret;
	xenpv_p2m_clear(pfn);

	set_xen_guest_handle(res.extent_start, &frame);
	if (xenpv_hv_memory_decrease(&res) == 1) {
		adjust_managed_page_count(page, -1);
		return 0;
	}
	xenpv_p2m_set(pfn, mfn);
	show(page, pfn_pte(pfn, PAGE_KERNEL));
	return -EBUSY;
}

/**
 * xenpv_frames_reclaim() - get a frame for a page again
 * @page: one that xenpv_frames_surrender() has worked on
 *
 * Context: Process.
 * Return: 0, or -ENOMEM if Xen has none for us; the page still has no frame.
 */
int xenpv_frames_reclaim(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	xen_pfn_t frame = pfn;
	struct xen_memory_reservation res = {
		.nr_extents = 1,
		.domid = DOMID_SELF,
	};

	set_xen_guest_handle(res.extent_start, &frame);
	if (xenpv_hv_memory_populate(&res) != 1)
		return -ENOMEM;
	xenpv_p2m_set(pfn, mfn_box(frame));
	show(page, pfn_pte(pfn, PAGE_KERNEL));
	adjust_managed_page_count(page, 1);
	return 0;
}
