// SPDX-License-Identifier: GPL-2.0-only
/* Changes leaf entries for mm, alone or in groups, queued where Xen watches the table. */

#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/pgtable.h>

#include <xenpv/batch.h>
#include "../private.h"
#include "pt.h"

/* Machine address of an entry if Xen watches its table, else 0. */
static __always_inline u64 watched(const pte_t *ptep)
{
	if (!cpu_feature_enabled(X86_FEATURE_XENPV) || !xenpv_pt_pinned(ptep))
		return 0;
	return xenpv_pt_maddr(ptep);
}

/* Between begin and end, before the first update of a group: it is for this table. */
static __always_inline void remember(const pte_t *ptep, u64 maddr)
{
	this_cpu_write(xenpv_batch.table_maddr, maddr & PAGE_MASK);
	this_cpu_write(xenpv_batch.table, (unsigned long)ptep & PAGE_MASK);
}

/*
 * The short way, for a neighbour of an entry that is queued already: the table is
 * watched, and the queue waits.  Events stay unmasked.  If one has the queue issued
 * in between, the number of updates is not what it was, and the caller goes the long
 * way; the table's lock keeps this task on its CPU.
 */
static __always_inline bool queue_neighbour(const pte_t *ptep, u64 val, unsigned int how)
{
	unsigned long offset = offset_in_page(ptep);
	unsigned int nr = this_cpu_read(xenpv_batch.nr_updates);
	struct mmu_update *u;

	if (!cpu_feature_enabled(X86_FEATURE_XENPV) || nr >= XENPV_BATCH_UPDATES ||
	    this_cpu_read(xenpv_batch.table) != (unsigned long)ptep - offset)
		return false;
	u = this_cpu_ptr(&xenpv_batch.updates[nr]);
	u->ptr = this_cpu_read(xenpv_batch.table_maddr) | offset | how;
	u->val = val;
	barrier();
	return this_cpu_cmpxchg(xenpv_batch.nr_updates, nr, nr + 1) == nr;
}

/*
 * Nobody else can use the address space, so nobody sets accessed or dirty bits
 * between our read of an entry and Xen's write.
 */
static __always_inline bool only_ours(struct mm_struct *mm)
{
	return !IS_ENABLED(CONFIG_PAGE_TABLE_CHECK) && current->mm == mm &&
	       atomic_read(&mm->mm_users) == 1;
}

void xenpv_wrprotect_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			  unsigned int nr)
{
	unsigned long flags;
	u64 ptr;

	if (nr == 1 && queue_neighbour(ptep, pte_wrprotect(READ_ONCE(*ptep)).pte,
				       MMU_PT_UPDATE_PRESERVE_AD))
		return;
	ptr = watched(ptep);
	if (!ptr) {
		for (; nr; nr--, ptep++, addr += PAGE_SIZE)
			ptep_set_wrprotect(mm, addr, ptep);
		return;
	}

	flags = xenpv_batch_begin();
	remember(ptep, ptr);
	ptr |= MMU_PT_UPDATE_PRESERVE_AD;
	for (; nr; nr--, ptep++, ptr += sizeof(*ptep))
		xenpv_batch_update(ptr, pte_wrprotect(READ_ONCE(*ptep)).pte);
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

/* As pte_mkdirty() has it: a dirty bit alone means something else if not writable. */
static __always_inline pte_t merge(pte_t first, pteval_t others)
{
	if (others & _PAGE_DIRTY_BITS)
		first = pte_mkdirty(first);
	return others & _PAGE_ACCESSED ? pte_mkyoung(first) : first;
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
		if (i)
			bits |= pte.pte;
		else
			first = pte;
	}
	return merge(first, bits);
}

pte_t xenpv_get_and_clear_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			       unsigned int nr, int full)
{
	pte_t first = READ_ONCE(*ptep);
	unsigned long flags;
	pteval_t bits = 0;
	u64 ptr;

	if (!only_ours(mm))
		return clear_each(mm, addr, ptep, nr, full);
	if (nr == 1 && queue_neighbour(ptep, 0, MMU_NORMAL_PT_UPDATE))
		return first;
	ptr = watched(ptep);
	if (!ptr)
		return clear_each(mm, addr, ptep, nr, full);

	flags = xenpv_batch_begin();
	remember(ptep, ptr);
	ptr |= MMU_NORMAL_PT_UPDATE;
	xenpv_batch_update(ptr, 0);
	while (--nr) {
		bits |= READ_ONCE(*++ptep).pte;
		ptr += sizeof(*ptep);
		xenpv_batch_update(ptr, 0);
	}
	xenpv_batch_end(flags, xenpv_batch_may_defer());
	return merge(first, bits);
}

/*
 * Natively the entry is cleared first, so that the CPU can't set its accessed
 * and dirty bits in between.  Xen can keep these bits over an update, so leave
 * the entry alone until then.
 */
pte_t xenpv_modify_prot_start(struct vm_area_struct *vma, unsigned long addr,
			      pte_t *ptep)
{
	return *ptep;
}

static void rewrite(pte_t *ptep, u64 ptr, pte_t pte, unsigned int nr)
{
	unsigned long flags = xenpv_batch_begin();

	remember(ptep, ptr);
	ptr |= MMU_PT_UPDATE_PRESERVE_AD;
	for (;; ptr += sizeof(*ptep), pte = pte_advance_pfn(pte, 1)) {
		xenpv_batch_update(ptr, pte.pte);
		if (!--nr)
			break;
	}
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

static noinline void rewrite_one(pte_t *ptep, pte_t pte)
{
	u64 ptr = watched(ptep);

	if (ptr)
		rewrite(ptep, ptr, pte, 1);
	else
		native_set_pte(ptep, pte);
}

void xenpv_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr,
			      pte_t *ptep, pte_t pte)
{
	if (!queue_neighbour(ptep, pte.pte, MMU_PT_UPDATE_PRESERVE_AD))
		rewrite_one(ptep, pte);
}

static noinline void rewrite_group(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t old_pte, pte_t pte,
				   unsigned int nr)
{
	u64 ptr = watched(ptep);

	if (ptr) {
		rewrite(ptep, ptr, pte, nr);
		return;
	}
	for (;; addr += PAGE_SIZE, pte = pte_advance_pfn(pte, 1)) {
		ptep_modify_prot_commit(vma, addr, ptep++, old_pte, pte);
		if (!--nr)
			break;
	}
}

void xenpv_modify_prot_commit_ptes(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t old_pte, pte_t pte,
				   unsigned int nr)
{
	if (nr > 1 || !queue_neighbour(ptep, pte.pte, MMU_PT_UPDATE_PRESERVE_AD))
		rewrite_group(vma, addr, ptep, old_pte, pte, nr);
}
