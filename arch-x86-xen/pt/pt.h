/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_PT_H
#define _XENPV_PT_H

/* What the files of pt/ share. */

#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <asm/pgtable.h>

#include <xenpv/frames.h>

/*
 * Top-level entries of the user half.  The next ones belong to Xen, which fills
 * them in when it takes the table.
 */
#define XENPV_USER_PGDS		(PTRS_PER_PGD / 2)

DECLARE_STATIC_KEY_FALSE(xenpv_pt_pages_ready);
DECLARE_PER_CPU(unsigned long, xenpv_cr3_loaded);

/* boot.c: entries that every user page table has. */
extern pgd_t xenpv_user_template[PTRS_PER_PGD];

/**
 * xenpv_pt_maddr() - machine address of a page-table entry
 * @entry: entry in the direct map or the kernel image
 *
 * Context: Any.
 * Return: what the ptr of an mmu_update wants.
 */
static __always_inline u64 xenpv_pt_maddr(const void *entry)
{
	phys_addr_t pa = __pa(entry);

	return ((u64)mfn_unbox(xenpv_p2m_get(PFN_DOWN(pa))) << PAGE_SHIFT) |
	       offset_in_page(pa);
}

/**
 * xenpv_pt_pinned() - is this entry in a page table that Xen watches?
 * @entry: entry in the direct map or the kernel image
 *
 * Before there are page structures every table is the kernel's, and watched.
 *
 * Context: Under the lock of the table.
 * Return: false if the table may be written directly.
 */
static __always_inline bool xenpv_pt_pinned(const void *entry)
{
	if (!static_branch_likely(&xenpv_pt_pages_ready))
		return true;
	return PagePinned(virt_to_page(entry));
}

/**
 * xenpv_pt_user_pgd() - the table that is loaded in user mode
 * @pgd: first entry of a task's table
 *
 * Context: Any.
 * Return: its first entry; NULL for a table without user half.
 */
static __always_inline pgd_t *xenpv_pt_user_pgd(pgd_t *pgd)
{
	if (!static_branch_likely(&xenpv_pt_pages_ready))
		return NULL;
	return (pgd_t *)page_private(virt_to_page(pgd));
}

/* Raw entry that maps a page of ours with the given protection. */
static __always_inline u64 xenpv_pt_raw(unsigned long pfn, pgprot_t prot)
{
	return pfn_pte(pfn, prot).pte;
}

/* boot.c */
void xenpv_pt_make_readonly(const void *page);

/* kasan.c */
#ifdef CONFIG_KASAN
void xenpv_kasan_fill_early(void);
bool xenpv_kasan_shares(unsigned long pfn);
void xenpv_kasan_before_cr3(unsigned long cr3);
void xenpv_kasan_after_cr3(unsigned long cr3);
#else
static inline void xenpv_kasan_fill_early(void) { }
static inline bool xenpv_kasan_shares(unsigned long pfn) { return false; }
static inline void xenpv_kasan_before_cr3(unsigned long cr3) { }
static inline void xenpv_kasan_after_cr3(unsigned long cr3) { }
#endif

#endif /* _XENPV_PT_H */
