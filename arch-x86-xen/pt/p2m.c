// SPDX-License-Identifier: GPL-2.0-only
/* The table from page numbers to machine frames, and Xen's table the other way. */

#include <linux/export.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/pgtable.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../private.h"

/*
 * All are set before the first page-table entry is made and never move after
 * boot.  Only the limit may rise later, once what is below it was filled in.
 */
unsigned long *xenpv_p2m __ro_after_init;
unsigned long xenpv_p2m_limit __read_mostly;
const unsigned long *xenpv_m2p_table __ro_after_init;
unsigned long xenpv_m2p_limit __ro_after_init;
EXPORT_SYMBOL_NS_GPL(xenpv_p2m, "XENPV");
EXPORT_SYMBOL_NS_GPL(xenpv_p2m_limit, "XENPV");

/**
 * xenpv_p2m_boot() - use the tables that Xen built
 *
 * Context: Boot CPU, before any page-table value is translated.
 */
void __init xenpv_p2m_boot(void)
{
	struct xen_machphys_mapping map;

	xenpv_p2m = (unsigned long *)xenpv_self.start->mfn_list;
	xenpv_p2m_limit = xenpv_self.start->nr_pages;

	xenpv_m2p_table = (const unsigned long *)__MACH2PHYS_VIRT_START;
	xenpv_m2p_limit = (__MACH2PHYS_VIRT_END - __MACH2PHYS_VIRT_START) >>
			  __MACH2PHYS_SHIFT;
	if (!xenpv_hv_memory_op(XENMEM_machphys_mapping, &map)) {
		xenpv_m2p_table = (const unsigned long *)map.v_start;
		xenpv_m2p_limit = map.max_mfn + 1;
	}
}

/**
 * xenpv_p2m_set() - say which frame a page has
 * @pfn: page number
 * @mfn: its frame
 *
 * Context: Any; the caller owns the page.
 * Return: false if the table has no such entry.
 */
bool xenpv_p2m_set(unsigned long pfn, mfn_t mfn)
{
	if (pfn >= xenpv_p2m_limit)
		return false;
	WRITE_ONCE(xenpv_p2m[pfn], mfn_unbox(mfn));
	return true;
}

/**
 * xenpv_p2m_clear() - say that a page has no frame
 * @pfn: page number
 *
 * Context: Any; the caller owns the page.
 */
void xenpv_p2m_clear(unsigned long pfn)
{
	xenpv_p2m_set(pfn, XENPV_NO_MFN);
}

static void fill_identity(unsigned long first, unsigned long end)
{
	for (unsigned long pfn = first; pfn < end; pfn++)
		WRITE_ONCE(xenpv_p2m[pfn], pfn | XENPV_P2M_IDENTITY);
}

/**
 * xenpv_p2m_set_identity() - say that a range is not RAM
 * @first: first page
 * @end: page after the last
 *
 * Context: Any; the caller owns these numbers.
 */
void xenpv_p2m_set_identity(unsigned long first, unsigned long end)
{
	fill_identity(first, min(end, xenpv_p2m_limit));
}

static bool in_direct_map(const unsigned long *p2m)
{
	unsigned long va = (unsigned long)p2m;

	return va >= PAGE_OFFSET && va < PAGE_OFFSET + PFN_PHYS(max_pfn);
}

/**
 * xenpv_p2m_reach() - make room for more pages
 * @end: number after the last page that may get a frame
 *
 * Context: Boot, when memblock and the direct map work.
 * Return: 0, or -ENOMEM, with the table as it was.
 */
int __init xenpv_p2m_reach(unsigned long end)
{
	unsigned long va = (unsigned long)&xenpv_p2m[xenpv_p2m_limit];
	unsigned long last = (unsigned long)&xenpv_p2m[end];
	unsigned long pfn, *page;

	if (end <= xenpv_p2m_limit)
		return 0;
	if (in_direct_map(xenpv_p2m))
		return -ENOMEM;

	for (va = PAGE_ALIGN(va); va < last; va += PAGE_SIZE) {
		page = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
		if (!page)
			return -ENOMEM;
		set_pte(populate_extra_pte(va), pfn_pte(PFN_DOWN(__pa(page)), PAGE_KERNEL));
	}
	for (pfn = xenpv_p2m_limit; pfn < end; pfn++)
		xenpv_p2m[pfn] = XENPV_P2M_NONE;
	xenpv_p2m_limit = end;
	return 0;
}

static int add_entries(unsigned long addr)
{
	unsigned long pfn = (unsigned long *)addr - xenpv_p2m, *page;
	pte_t *pte = virt_to_kpte(addr);

	if (!pte)
		return -ENOMEM;
	if (!pte_none(*pte))
		return 0;
	page = (unsigned long *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*page); i++)
		page[i] = (pfn + i) | XENPV_P2M_IDENTITY;
	set_pte(pte, pfn_pte(PFN_DOWN(__pa(page)), PAGE_KERNEL));
	return 0;
}

/* First the tables, then the pages: to allocate may sleep, and in lazy mode must not. */
static int add_pages(unsigned long first, unsigned long end)
{
	unsigned long va = (unsigned long)&xenpv_p2m[first];
	unsigned long last = (unsigned long)&xenpv_p2m[end];
	int ret;

	ret = apply_to_page_range(&init_mm, va, last - va, NULL, NULL);
	for (; !ret && va < last; va += PAGE_SIZE)
		ret = add_entries(va);
	return ret;
}

/**
 * xenpv_p2m_make_room() - let numbers that were not RAM name pages without a frame
 * @first: first page
 * @end: page after the last
 *
 * What the table covers on its way to @first stays identity.
 *
 * Context: Process; one caller at a time, who owns these numbers.
 * Return: 0, or -ENOMEM, with the meaning of all numbers as it was; -EOPNOTSUPP if
 * the table lies where it can't grow.
 */
int xenpv_p2m_make_room(unsigned long first, unsigned long end)
{
	unsigned long per_page = PAGE_SIZE / sizeof(*xenpv_p2m);
	unsigned long limit = xenpv_p2m_limit, reach = round_up(end, per_page);
	unsigned long have = round_up(limit, per_page);
	int ret = 0;

	if (!limit)
		return 0;
	if (end > limit) {
		if (xenpv_p2m >= (unsigned long *)__START_KERNEL_map || in_direct_map(xenpv_p2m))
			return -EOPNOTSUPP;
		if (reach > have)
			ret = add_pages(have, reach);
		if (ret)
			return -ENOMEM;
		/* The end of the last page may be unused so far. */
		fill_identity(limit, min(have, reach));
		/* Who sees the limit sees the entries below it. */
		smp_store_release(&xenpv_p2m_limit, end);
	}
	for (unsigned long pfn = first; pfn < end; pfn++)
		WRITE_ONCE(xenpv_p2m[pfn], XENPV_P2M_NONE);
	return 0;
}

/**
 * xenpv_m2p() - which of our pages has this frame?
 * @mfn: machine frame
 *
 * Xen's table may have holes, and its entry for a frame that is not ours says
 * what the owner calls it, so the answer counts only if our table agrees.
 *
 * Context: Any.
 * Return: the page number; the frame's own number if no page can have it; else ~0UL.
 */
unsigned long xenpv_m2p(mfn_t mfn)
{
	unsigned long pfn = ~0UL, frame = mfn_unbox(mfn);

	if (frame < xenpv_m2p_limit &&
	    get_kernel_nofault(pfn, (unsigned long *)&xenpv_m2p_table[frame]))
		pfn = ~0UL;
	if (pfn < xenpv_p2m_limit && xenpv_p2m[pfn] == frame)
		return pfn;
	if (xenpv_p2m_raw(frame) == (frame | XENPV_P2M_IDENTITY))
		return frame;
	return ~0UL;
}
