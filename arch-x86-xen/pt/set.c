// SPDX-License-Identifier: GPL-2.0-only
/* Changes page-table entries: directly where Xen does not watch, else through it or a batch. */

#include <linux/mm.h>
#include <linux/printk.h>
#include <asm/pgtable.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../private.h"
#include "pt.h"

static noinline void refused(const void *entry, u64 val, int err)
{
	pr_err_ratelimited("xenpv: Xen refused entry %px, value %#llx (%d)\n",
			   entry, val, err);
	WARN_ONCE(1, "xenpv: page-table update failed\n");
}

static __always_inline void update(const void *entry, u64 val)
{
	struct mmu_update u = { .ptr = xenpv_pt_maddr(entry) | MMU_NORMAL_PT_UPDATE, .val = val };
	unsigned long flags;
	int err;

	if (xenpv_batch_may_defer()) {
		flags = xenpv_batch_begin();
		xenpv_batch_update(u.ptr, u.val);
		xenpv_batch_end(flags, true);
		return;
	}
	err = xenpv_hv_mmu_update(&u, 1, NULL, DOMID_SELF);
	if (unlikely(err))
		refused(entry, val, err);
}

/*
 * An entry of an upper level may hold the last use of the table below.  Xen then
 * remembers with this vCPU that it has to let that table go, and has us repeat
 * the hypercall to do so.  Stay on this vCPU until it is done, or whoever frees
 * the table finds it in use.
 */
static __always_inline void update_upper(const void *entry, u64 val)
{
	unsigned long flags = xenpv_batch_begin();

	xenpv_batch_update(xenpv_pt_maddr(entry) | MMU_NORMAL_PT_UPDATE, val);
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

/* Xen's tables of the frame list lie among its frames; none may become writable. */
static bool __init in_frame_list(unsigned long pfn)
{
	const struct start_info *si = xenpv_self.start;

	return si->mfn_list < __START_KERNEL_map && pfn >= si->first_p2m_pfn &&
	       pfn < si->first_p2m_pfn + si->nr_p2m_frames;
}

/*
 * While the kernel builds its direct map, most tables that it fills are not
 * announced yet and may be written; those that are lie in the kernel image.  A
 * write to any other announced one traps, and Xen does it for us.
 */
void __init xenpv_set_pte_early(pte_t *ptep, pte_t pte)
{
	if ((pte.pte & _PAGE_PRESENT) && in_frame_list(pte_pfn(pte)))
		pte.pte &= ~_PAGE_RW;
	if ((unsigned long)ptep >= __START_KERNEL_map)
		update(ptep, pte.pte);
	else
		native_set_pte(ptep, pte);
}

void xenpv_set_pte(pte_t *ptep, pte_t pte)
{
	if (xenpv_pt_pinned(ptep))
		update(ptep, pte.pte);
	else
		native_set_pte(ptep, pte);
}

void xenpv_set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	if (xenpv_pt_pinned(pmdp))
		update_upper(pmdp, pmd.pmd);
	else
		native_set_pmd(pmdp, pmd);
}

void xenpv_set_pud(pud_t *pudp, pud_t pud)
{
	if (xenpv_pt_pinned(pudp))
		update_upper(pudp, pud.pud);
	else
		native_set_pud(pudp, pud);
}

/* A change in the user half shows in the table for user mode too. */
void xenpv_set_p4d(p4d_t *p4dp, p4d_t p4d)
{
	unsigned int index = ((unsigned long)p4dp & ~PAGE_MASK) / sizeof(p4d_t);
	pgd_t *user = NULL;

	if (index < XENPV_USER_PGDS)
		user = xenpv_pt_user_pgd((pgd_t *)((unsigned long)p4dp & PAGE_MASK));

	if (!xenpv_pt_pinned(p4dp)) {
		WRITE_ONCE(*p4dp, p4d);
		if (user)
			WRITE_ONCE(user[index].pgd, p4d.p4d);
		return;
	}
	update_upper(p4dp, p4d.p4d);
	if (user)
		update_upper(&user[index], p4d.p4d);
}

static bool is_kernel_image(const void *va)
{
	return (unsigned long)va - __START_KERNEL_map < KERNEL_IMAGE_SIZE;
}

/**
 * xenpv_pt_mfn_of() - machine frame behind a kernel address
 * @va: any mapped kernel address
 *
 * Context: Any.
 * Return: the frame; one for which mfn_exists() is false if nothing is mapped.
 */
mfn_t xenpv_pt_mfn_of(const void *va)
{
	unsigned int level;
	pte_t *pte;

	if (is_kernel_image(va) || virt_addr_valid(va))
		return xenpv_p2m_get(PFN_DOWN(__pa(va)));
	pte = lookup_address((unsigned long)va, &level);
	if (!pte || level != PG_LEVEL_4K || !pte_present(*pte))
		return XENPV_NO_MFN;
	return mfn_box((pte->pte & PTE_PFN_MASK) >> PAGE_SHIFT);
}

/**
 * xenpv_pt_maddr_of() - machine address behind a kernel address
 * @va: any mapped kernel address
 *
 * Context: Any.
 * Return: machine address in bytes.
 */
u64 xenpv_pt_maddr_of(const void *va)
{
	return ((u64)mfn_unbox(xenpv_pt_mfn_of(va)) << PAGE_SHIFT) | offset_in_page(va);
}

static void protect(unsigned long va, bool ro)
{
	unsigned int level;
	pte_t *ptep = lookup_address(va, &level);
	pte_t pte;
	int err;

	if (!ptep || level != PG_LEVEL_4K)
		return;
	pte = ro ? pte_wrprotect(*ptep) : pte_mkwrite_novma(*ptep);
	err = xenpv_hv_update_va_mapping(va, pte.pte, 0);
	if (err)
		refused((void *)va, pte.pte, err);
}

/**
 * xenpv_pt_set_readonly() - protect a page wherever the kernel maps it
 * @va: any mapped kernel address
 * @ro: protect, or make writable again
 *
 * Context: Process or boot.
 */
void xenpv_pt_set_readonly(void *va, bool ro)
{
	unsigned long addr = (unsigned long)va & PAGE_MASK, alias;
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);

	if (WARN_ON_ONCE(!pte))
		return;
	alias = (unsigned long)__va(PFN_PHYS(pte_pfn(*pte)));
	protect(addr, ro);
	if (alias != addr)
		protect(alias, ro);
}
