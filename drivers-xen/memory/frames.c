// SPDX-License-Identifier: GPL-2.0-only
/* Gives the frames behind pages of RAM back to Xen, and gets others for them again. */

#include <linux/atomic.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

#define FLUSH	(UVMF_TLB_FLUSH | UVMF_ALL)

/* Frames that were given up and not had back; below 0 where RAM was added. */
static atomic_long_t frames_out;

static bool translated(void)
{
	return xenpv_self_has(XENFEAT_auto_translated_physmap);
}

/* The kernel's own address of the page; a translated domain leaves it as it is. */
static int show(struct page *page, pte_t pte, unsigned long flush)
{
	if (translated())
		return 0;
	return xenpv_hv_update_va_mapping((unsigned long)page_address(page), pte.pte, flush);
}

static unsigned int decrease(xen_pfn_t *frames, unsigned int nr)
{
	struct xen_memory_reservation res = {
		.nr_extents = nr,
		.domid = DOMID_SELF,
	};

	if (!nr)
		return 0;
	set_xen_guest_handle(res.extent_start, frames);
	return clamp(xenpv_hv_memory_decrease(&res), 0L, (long)nr);
}

static unsigned int populate(xen_pfn_t *frames, unsigned int nr)
{
	struct xen_memory_reservation res = {
		.nr_extents = nr,
		.domid = DOMID_SELF,
	};

	if (!nr)
		return 0;
	set_xen_guest_handle(res.extent_start, frames);
	return clamp(xenpv_hv_memory_populate(&res), 0L, (long)nr);
}

/* The allocator works out its marks anew at each call, so neighbours of a zone share one. */
static void manage(struct page **pages, unsigned int nr, long by)
{
	unsigned int first = 0;

	for (unsigned int i = 1; i <= nr; i++) {
		if (i < nr && page_zone(pages[i]) == page_zone(pages[first]))
			continue;
		adjust_managed_page_count(pages[first], by * (i - first));
		first = i;
	}
}

/* Takes pages out of the direct map; how many, from the first. */
static unsigned int hide(struct page **pages, xen_pfn_t *frames, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		unsigned long pfn = page_to_pfn(pages[i]);

		clear_highpage(pages[i]);
		frames[i] = mfn_unbox(xenpv_p2m_get(pfn));
		if (show(pages[i], native_make_pte(0), i + 1 < nr ? 0 : FLUSH))
			break;
		xenpv_p2m_clear(pfn);
	}
	return i;
}

/* Whether a page can be used with this frame. */
static bool place(struct page *page, xen_pfn_t frame)
{
	unsigned long pfn = page_to_pfn(page);

	if (translated())
		return true;
	if (!xenpv_p2m_set(pfn, mfn_box(frame)))
		return false;
	if (!show(page, pfn_pte(pfn, PAGE_KERNEL), FLUSH))
		return true;
	xenpv_p2m_clear(pfn);
	return false;
}

/**
 * xenpv_frames_surrender() - give up the frames of pages
 * @pages: allocated, mapped nowhere but in the direct map; their order may change
 * @frames: room for as many numbers
 * @nr: how many
 *
 * What the pages held is cleared first: Xen may give a frame to anyone.
 *
 * A frame that Xen neither takes nor shows again is lost; its page is one without.
 *
 * Context: Process.
 * Return: how many have none any more, from the first; the others are as they were,
 * but for their content.
 */
unsigned int xenpv_frames_surrender(struct page **pages, xen_pfn_t *frames, unsigned int nr)
{
	unsigned int hidden = hide(pages, frames, nr);
	unsigned int gone = decrease(frames, hidden);

	for (unsigned int i = gone; i < hidden; i++) {
		if (place(pages[i], frames[i]))
			continue;
		swap(pages[i], pages[gone]);
		gone++;
	}
	atomic_long_add(gone, &frames_out);
	manage(pages, gone, -1);
	return gone;
}

/**
 * xenpv_frames_reclaim() - get frames for pages again
 * @pages: without frames; their order may change
 * @frames: room for as many numbers
 * @nr: how many
 *
 * Context: Process.
 * Return: how many have one, from the first; Xen has none for the others.
 */
unsigned int xenpv_frames_reclaim(struct page **pages, xen_pfn_t *frames, unsigned int nr)
{
	unsigned int got, ready = 0;

	for (unsigned int i = 0; i < nr; i++)
		frames[i] = page_to_pfn(pages[i]);
	got = populate(frames, nr);
	for (unsigned int i = 0; i < got; i++) {
		if (!place(pages[i], frames[i])) {
			decrease(&frames[i], 1);
			continue;
		}
		swap(pages[i], pages[ready]);
		ready++;
	}
	atomic_long_sub(ready, &frames_out);
	manage(pages, ready, 1);
	return ready;
}

/**
 * xenpv_frames_out() - how many frames fewer than at boot does this domain have?
 *
 * Context: Any.
 * Return: their number; negative for more.
 */
long xenpv_frames_out(void)
{
	return atomic_long_read(&frames_out);
}
