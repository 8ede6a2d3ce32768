// SPDX-License-Identifier: GPL-2.0-only
/* Changes groups of neighbouring leaf entries, queued as a whole where Xen watches the table. */

#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/pgtable.h>

#include <xenpv/batch.h>
#include "../private.h"
#include "pt.h"

static __always_inline bool watched(const pte_t *ptep)
{
	return cpu_feature_enabled(X86_FEATURE_XENPV) && xenpv_pt_pinned(ptep);
}

/*
 * Nobody else can use the address space, so nobody sets accessed or dirty bits
 * between our read of an entry and Xen's write.
 */
static bool only_ours(struct mm_struct *mm)
{
	return !IS_ENABLED(CONFIG_PAGE_TABLE_CHECK) && current->mm == mm &&
	       atomic_read(&mm->mm_users) == 1;
}

void xenpv_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			  unsigned int nr)
{
	unsigned long flags;
	u64 ptr;

	if (!watched(ptep)) {
		for (; nr; nr--, ptep++, addr += PAGE_SIZE)
			ptep_set_wrprotect(mm, addr, ptep);
		return;
	}

	ptr = xenpv_pt_maddr(ptep) | MMU_PT_UPDATE_PRESERVE_AD;
	flags = xenpv_batch_begin();
	for (; nr; nr--, ptep++, ptr += sizeof(*ptep))
		xenpv_batch_update(ptr, pte_wrprotect(READ_ONCE(*ptep)).pte);
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

/* One by one, each with an atomic exchange; Xen emulates it on a watched table. */
static pte_t clear_each(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			unsigned int nr, int full)
{
	pteval_t bits = 0;
	pte_t first, pte;
	unsigned int i;

	for (i = 0; i < nr; i++, ptep++, addr += PAGE_SIZE) {
		pte = ptep_get_and_clear_full(mm, addr, ptep, full);
		bits |= pte_flags(pte) & (_PAGE_DIRTY_BITS | _PAGE_ACCESSED);
		if (!i)
			first = pte;
	}
	return pte_set_flags(first, bits);
}

pte_t xenpv_get_and_clear_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			       unsigned int nr, int full)
{
	pte_t first = READ_ONCE(*ptep);
	unsigned long flags;
	pteval_t bits = 0;
	u64 ptr;

	if (!watched(ptep) || !only_ours(mm))
		return clear_each(mm, addr, ptep, nr, full);

	ptr = xenpv_pt_maddr(ptep) | MMU_NORMAL_PT_UPDATE;
	flags = xenpv_batch_begin();
	for (; nr; nr--, ptep++, ptr += sizeof(*ptep)) {
		bits |= pte_flags(READ_ONCE(*ptep)) & (_PAGE_DIRTY_BITS | _PAGE_ACCESSED);
		xenpv_batch_update(ptr, 0);
	}
	xenpv_batch_end(flags, xenpv_batch_may_defer());
	return pte_set_flags(first, bits);
}

void xenpv_modify_prot_commit_ptes(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t old_pte, pte_t pte,
				   unsigned int nr)
{
	unsigned long flags;
	u64 ptr;

	if (!watched(ptep)) {
		for (;; addr += PAGE_SIZE, pte = pte_advance_pfn(pte, 1)) {
			ptep_modify_prot_commit(vma, addr, ptep++, old_pte, pte);
			if (!--nr)
				return;
		}
	}

	ptr = xenpv_pt_maddr(ptep) | MMU_PT_UPDATE_PRESERVE_AD;
	flags = xenpv_batch_begin();
	for (;; ptr += sizeof(*ptep), pte = pte_advance_pfn(pte, 1)) {
		xenpv_batch_update(ptr, pte.pte);
		if (!--nr)
			break;
	}
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}
