/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_PTE_H
#define _XENPV_PTE_H

#ifdef CONFIG_XENPV

/**
 * DOC: Neighbouring page-table entries
 *
 * The memory manager changes leaf entries in groups: fork() protects them,
 * munmap() clears them, mprotect() rewrites them.  Its generic helpers do so
 * with atomic instructions, which trap on a table that Xen watches and are
 * emulated one by one.  These replace the helpers and queue the whole group.
 *
 * Included by asm/pgtable.h, empty without XENPV.  On tables that Xen does not
 * watch, and on bare metal, they do what the generic helpers do.
 */

struct mm_struct;
struct vm_area_struct;

/**
 * xenpv_wrprotect_ptes() - make entries read-only
 * @mm: address space
 * @addr: address that the first entry maps
 * @ptep: first entry
 * @nr: number of entries, all of one table
 *
 * Context: Under the lock of the table.
 */
void xenpv_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			  unsigned int nr);

/**
 * xenpv_get_and_clear_ptes() - clear entries, collecting accessed and dirty bits
 * @mm: address space
 * @addr: address that the first entry maps
 * @ptep: first entry
 * @nr: number of entries, all of one table
 * @full: the whole address space goes away
 *
 * Context: Under the lock of the table.
 * Return: the first entry, with the bits that any of them had.
 */
pte_t xenpv_get_and_clear_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			       unsigned int nr, int full);

/**
 * xenpv_modify_prot_commit_ptes() - rewrite entries, keeping accessed and dirty bits
 * @vma: mapping
 * @addr: address that the first entry maps
 * @ptep: first entry
 * @old_pte: its value before
 * @pte: its new value; the others map the next pages likewise
 * @nr: number of entries, all of one table
 *
 * Context: Under the lock of the table.
 */
void xenpv_modify_prot_commit_ptes(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t old_pte, pte_t pte,
				   unsigned int nr);

/**
 * xenpv_pte_advance() - value that maps a page further on
 * @pte: value
 * @nr: pages to go on
 *
 * The generic code asks for zero pages in the most common case.  Frames that
 * are neighbours for us are none for Xen, so any other number costs three
 * translations.
 *
 * Context: Any.
 * Return: the value.
 */
static __always_inline pte_t xenpv_pte_advance(pte_t pte, unsigned long nr)
{
	return nr ? pte_advance_pfn(pte, nr) : pte;
}

#undef pte_advance_pfn
#define pte_advance_pfn			xenpv_pte_advance
#define wrprotect_ptes			xenpv_wrprotect_ptes
#define get_and_clear_full_ptes		xenpv_get_and_clear_ptes
#ifndef CONFIG_PAGE_TABLE_CHECK
#define modify_prot_commit_ptes		xenpv_modify_prot_commit_ptes
#endif

#endif /* CONFIG_XENPV */

#endif /* _XENPV_PTE_H */
