// SPDX-License-Identifier: GPL-2.0-only
/* The first page tables: the kernel's own, grafted with what Xen mapped at start. */

#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <asm/cpufeature.h>
#include <asm/fixmap.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/setup.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../private.h"
#include "pt.h"

/*
 * Xen starts a domain on tables of its own making that map, from
 * __START_KERNEL_map on, the kernel image, start info and those tables; and at
 * the address that head.S asked for, the frame list.  All leaf tables stay as
 * they are; new upper tables make three views of them:
 *
 *	init_top_pgt
 *	  direct map  -> direct_l3 -> direct_l2  \  copies of Xen's level 2,
 *	  kernel map  -> level3_kernel_pgt        > the first without execute
 *	                  -> level2_kernel_pgt   /
 *	                  -> level2_fixmap_pgt -> level1_fixmap_pgt
 *	  XENPV_P2M_SLOT -> Xen's level 3 of the frame list
 *
 * The kernel then extends the direct map as on any machine.
 */
#define XENPV_P2M_SLOT		0xffffc88000000000UL

static pud_t direct_l3[PTRS_PER_PUD] __page_aligned_bss;
static pmd_t direct_l2[PTRS_PER_PMD] __page_aligned_bss;

/*
 * The vsyscall page is the one kernel address that user mode may see.  Every
 * user table shares the tables below this entry.
 */
pgd_t xenpv_user_template[PTRS_PER_PGD] __page_aligned_bss;
#ifdef CONFIG_X86_VSYSCALL_EMULATION
static pud_t vsyscall_l3[PTRS_PER_PUD] __page_aligned_bss;
static pmd_t vsyscall_l2[PTRS_PER_PMD] __page_aligned_bss;
static pte_t vsyscall_l1[PTRS_PER_PTE] __page_aligned_bss;
#endif

/*
 * Kernel-map address of what an entry of Xen's tables points to.  KASAN has no
 * shadow memory yet, so nothing that it instruments may be called here.
 */
static void *__init table_of(u64 entry)
{
	return (void *)(__START_KERNEL_map + (xenpv_pt_value(entry) & PTE_PFN_MASK));
}

/* An entry that points to a table in the kernel image. */
static u64 __init entry_for(const void *table, u64 flags)
{
	return xenpv_pt_make(__pa_symbol(table) | flags);
}

/**
 * xenpv_pt_make_readonly() - protect a page of the kernel image
 * @page: its address there
 *
 * Context: Boot CPU, before the first page table of our own.
 */
void __init xenpv_pt_make_readonly(const void *page)
{
	u64 raw = xenpv_pt_raw(PFN_DOWN(__pa_symbol(page)), PAGE_KERNEL_RO);

	if (xenpv_hv_update_va_mapping((unsigned long)page, raw, UVMF_INVLPG))
		panic("xenpv: Xen refused to protect %px\n", page);
}

static void __init mmuext(unsigned int cmd, const void *table)
{
	struct mmuext_op op = {
		.cmd = cmd,
		.arg1.mfn = mfn_unbox(xenpv_p2m_get(PFN_DOWN(__pa_symbol(table)))),
	};

	if (xenpv_hv_mmuext_op(&op, 1, NULL, DOMID_SELF))
		panic("xenpv: Xen refused page table %px (command %u)\n", table, cmd);
}

/* Copy Xen's level 2, and note how far it reaches. */
static void __init graft_image(const pmd_t *xen_l2)
{
	unsigned int end = 0;

	for (unsigned int i = 0; i < PTRS_PER_PMD; i++) {
		level2_kernel_pgt[i] = xen_l2[i];
		direct_l2[i] = xen_l2[i];
		if (!xen_l2[i].pmd)
			continue;
		direct_l2[i].pmd |= _PAGE_NX & __supported_pte_mask;
		end = i + 1;
	}
	max_pfn_mapped = end * PTRS_PER_PTE;
}

static void __init build_fixmap(void)
{
	for (unsigned int i = 0; i < PTRS_PER_PMD; i++)
		level2_fixmap_pgt[i].pmd = xenpv_pt_make(level2_fixmap_pgt[i].pmd);
	level3_kernel_pgt[pud_index(__START_KERNEL_map)].pud =
		entry_for(level2_kernel_pgt, _KERNPG_TABLE_NOENC);
	level3_kernel_pgt[PTRS_PER_PUD - 1].pud =
		entry_for(level2_fixmap_pgt, _PAGE_TABLE_NOENC);
}

static void __init build_vsyscall(void)
{
#ifdef CONFIG_X86_VSYSCALL_EMULATION
	xenpv_user_template[PTRS_PER_PGD - 1].pgd = entry_for(vsyscall_l3, _PAGE_TABLE_NOENC);
	vsyscall_l3[pud_index(VSYSCALL_ADDR)].pud = entry_for(vsyscall_l2, _PAGE_TABLE_NOENC);
	vsyscall_l2[pmd_index(VSYSCALL_ADDR)].pmd = entry_for(vsyscall_l1, _PAGE_TABLE_NOENC);
	xenpv_pt_make_readonly(vsyscall_l3);
	xenpv_pt_make_readonly(vsyscall_l2);
	xenpv_pt_make_readonly(vsyscall_l1);
	mmuext(MMUEXT_PIN_L3_TABLE, vsyscall_l3);
#endif
}

#ifdef CONFIG_X86_VSYSCALL_EMULATION
/**
 * xenpv_pt_set_user_vsyscall() - show the vsyscall page to user mode
 * @raw: entry with a machine frame
 *
 * Context: Boot.
 */
void xenpv_pt_set_user_vsyscall(u64 raw)
{
	xenpv_set_pte(&vsyscall_l1[pte_index(VSYSCALL_ADDR)], native_make_pte(raw));
}
#endif

/**
 * xenpv_pt_mark_user_template() - note which pages of the template Xen watches
 *
 * Context: Boot, when page structures exist.
 */
void __init xenpv_pt_mark_user_template(void)
{
#ifdef CONFIG_X86_VSYSCALL_EMULATION
	SetPagePinned(virt_to_page(vsyscall_l3));
	SetPagePinned(virt_to_page(vsyscall_l2));
	SetPagePinned(virt_to_page(vsyscall_l1));
#endif
}

static void __init protect_tables(void)
{
	xenpv_pt_make_readonly(init_top_pgt);
	xenpv_pt_make_readonly(direct_l3);
	xenpv_pt_make_readonly(direct_l2);
	xenpv_pt_make_readonly(level3_kernel_pgt);
	xenpv_pt_make_readonly(level2_kernel_pgt);
	xenpv_pt_make_readonly(level2_fixmap_pgt);
	for (unsigned int i = 0; i < FIXMAP_PMD_NUM; i++)
		xenpv_pt_make_readonly(level1_fixmap_pgt + i * PTRS_PER_PTE);
}

/* The frame list gets an address that every table of the kernel has. */
static void __init graft_p2m(const pgd_t *xen_l4)
{
	unsigned long list = xenpv_self.start->mfn_list;

	if (list < __START_KERNEL_map)
		init_top_pgt[pgd_index(XENPV_P2M_SLOT)] = xen_l4[pgd_index(list)];
}

static void __init use_grafted_p2m(void)
{
	unsigned long list = xenpv_self.start->mfn_list;

	if (list < __START_KERNEL_map)
		xenpv_p2m = (unsigned long *)(XENPV_P2M_SLOT | (list & ~PGDIR_MASK));
	else
		xenpv_p2m = __va(__pa(list));
}

static void __init reserve(void)
{
	const struct start_info *si = xenpv_self.start;
	unsigned long pfn;

	memblock_reserve(__pa(si->pt_base), PFN_PHYS(si->nr_pt_frames));
	memblock_reserve(__pa(si), PAGE_SIZE);
	if (si->mfn_list >= __START_KERNEL_map)
		memblock_reserve(__pa(si->mfn_list), si->nr_pages * sizeof(unsigned long));
	else
		memblock_reserve(PFN_PHYS(si->first_p2m_pfn), PFN_PHYS(si->nr_p2m_frames));

	pfn = si->store_mfn ? xenpv_m2p(mfn_box(si->store_mfn)) : ~0UL;
	if (pfn != ~0UL)
		memblock_reserve(PFN_PHYS(pfn), PAGE_SIZE);
	pfn = xenpv_self.control ? ~0UL : xenpv_m2p(mfn_box(si->console.domU.mfn));
	if (pfn != ~0UL)
		memblock_reserve(PFN_PHYS(pfn), PAGE_SIZE);
}

/**
 * xenpv_pt_boot() - leave Xen's page tables for our own
 *
 * Afterwards the direct map covers the kernel image and what Xen put behind
 * it, and xenpv_self.start points there.
 *
 * Context: Boot CPU, from xenpv_start().
 */
void __init xenpv_pt_boot(void)
{
	struct start_info *si = xenpv_self.start;
	pgd_t *xen_l4 = (pgd_t *)si->pt_base;
	pud_t *xen_l3 = table_of(xen_l4[pgd_index(__START_KERNEL_map)].pgd);
	pmd_t *xen_l2 = table_of(xen_l3[pud_index(__START_KERNEL_map)].pud);

	memset(init_top_pgt, 0, PAGE_SIZE);
	graft_image(xen_l2);
	build_fixmap();
	direct_l3[0].pud = entry_for(direct_l2, _KERNPG_TABLE_NOENC);
	init_top_pgt[pgd_index(PAGE_OFFSET)].pgd = entry_for(direct_l3, _KERNPG_TABLE_NOENC);
	init_top_pgt[pgd_index(__START_KERNEL_map)].pgd =
		entry_for(level3_kernel_pgt, _PAGE_TABLE_NOENC);
	graft_p2m(xen_l4);
	xenpv_kasan_fill_early();

	protect_tables();
	mmuext(MMUEXT_PIN_L4_TABLE, init_top_pgt);
	xenpv_write_cr3_early(__pa_symbol(init_top_pgt));
	use_grafted_p2m();
	mmuext(MMUEXT_UNPIN_TABLE, xen_l4);
	build_vsyscall();

	reserve();
	xenpv_self.start = __va(__pa(si));
}
