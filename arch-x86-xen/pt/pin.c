// SPDX-License-Identifier: GPL-2.0-only
/* Announces page tables to Xen (pins them) while they are in use, and takes them back. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/sched/mm.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/mmu_context.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>
#include "../private.h"
#include "pt.h"

/*
 * The rule
 *
 * A page that Xen uses as a page table is never mapped writable.  Xen enforces
 * it: it takes a page as a table only if no writable mapping is left, and
 * refuses a writable mapping of a table.  Changes then go through Xen.
 *
 * Building or tearing down a table entry by entry through Xen would be slow,
 * and nobody else sees a table that no CPU has loaded.  So a task's table stays
 * ordinary memory until the task is about to run on it, and becomes ordinary
 * memory again before it is torn down.  Pinning makes every page of it
 * read-only and has Xen check the whole; PG_pinned on each page tells
 * pt/set.c which way to write.
 *
 * Between "read-only" and "pinned" a leaf table can be written by nobody, not
 * even through Xen's emulation, so its lock is held over both.
 */

DEFINE_STATIC_KEY_FALSE(xenpv_pt_pages_ready);

enum level { LEVEL_PTE, LEVEL_UPPER };

typedef void (*visit_fn)(struct mm_struct *mm, struct page *table, enum level level);

/* Most entries of most tables are empty; look at a cache line of them at once. */
#define GROUP	8

static __always_inline bool group_empty(const u64 *entry)
{
	return !(entry[0] | entry[1] | entry[2] | entry[3] |
		 entry[4] | entry[5] | entry[6] | entry[7]);
}

static void visit_pmd_table(struct mm_struct *mm, pmd_t *pmd, visit_fn visit)
{
	for (unsigned int i = 0; i < PTRS_PER_PMD; i++) {
		if (!(i % GROUP) && group_empty((u64 *)&pmd[i]))
			i += GROUP - 1;
		else if (pmd[i].pmd)
			visit(mm, pmd_page(pmd[i]), LEVEL_PTE);
	}
	visit(mm, virt_to_page(pmd), LEVEL_UPPER);
}

static void visit_pud_table(struct mm_struct *mm, pud_t *pud, visit_fn visit)
{
	for (unsigned int i = 0; i < PTRS_PER_PUD; i++) {
		if (!(i % GROUP) && group_empty((u64 *)&pud[i]))
			i += GROUP - 1;
		else if (pud[i].pud)
			visit_pmd_table(mm, pud_pgtable(pud[i]), visit);
	}
	visit(mm, virt_to_page(pud), LEVEL_UPPER);
}

/* Every page of the tables of the user half, below the top level. */
static void visit_tables(struct mm_struct *mm, pgd_t *pgd, visit_fn visit)
{
	for (unsigned int i = 0; i < XENPV_USER_PGDS; i++) {
		p4d_t *p4d = (p4d_t *)&pgd[i];

		if (!(i % GROUP) && group_empty((u64 *)p4d))
			i += GROUP - 1;
		else if (p4d->p4d)
			visit_pud_table(mm, p4d_pgtable(*p4d), visit);
	}
}

static void queue_prot(unsigned long pfn, pgprot_t prot)
{
	xenpv_batch_va((unsigned long)__va(PFN_PHYS(pfn)), xenpv_pt_raw(pfn, prot), 0);
}

static void queue_pin(unsigned int cmd, unsigned long pfn)
{
	xenpv_batch_ext(cmd)->arg1.mfn = mfn_unbox(xenpv_p2m_get(pfn));
}

#if defined(CONFIG_SPLIT_PTE_PTLOCKS)
static void unlock_leaf(void *lock)
{
	spin_unlock(lock);
}

static spinlock_t *lock_leaf(struct mm_struct *mm, struct page *table)
{
	spinlock_t *lock = ptlock_ptr(page_ptdesc(table));

	spin_lock_nest_lock(lock, &mm->page_table_lock);
	return lock;
}
#else
static void unlock_leaf(void *lock) { }
static spinlock_t *lock_leaf(struct mm_struct *mm, struct page *table) { return NULL; }
#endif

static void pin_page(struct mm_struct *mm, struct page *table, enum level level)
{
	spinlock_t *lock = NULL;
	unsigned long pfn = page_to_pfn(table);

	if (TestSetPagePinned(table))
		return;
	if (level == LEVEL_PTE)
		lock = lock_leaf(mm, table);
	queue_prot(pfn, PAGE_KERNEL_RO);
	if (lock) {
		queue_pin(MMUEXT_PIN_L1_TABLE, pfn);
		xenpv_batch_after(unlock_leaf, lock);
	}
}

static void unpin_page(struct mm_struct *mm, struct page *table, enum level level)
{
	spinlock_t *lock = NULL;
	unsigned long pfn = page_to_pfn(table);

	if (!TestClearPagePinned(table))
		return;
	if (level == LEVEL_PTE) {
		lock = lock_leaf(mm, table);
		if (lock)
			queue_pin(MMUEXT_UNPIN_TABLE, pfn);
	}
	queue_prot(pfn, PAGE_KERNEL);
	if (lock)
		xenpv_batch_after(unlock_leaf, lock);
}

static void pin_mm(struct mm_struct *mm)
{
	pgd_t *user = xenpv_pt_user_pgd(mm->pgd);
	unsigned long irq, flags;

	/* The mask byte alone is hidden from lockdep, which sees locks taken inside. */
	local_irq_save(irq);
	flags = xenpv_batch_begin();
	visit_tables(mm, mm->pgd, pin_page);
	pin_page(mm, virt_to_page(mm->pgd), LEVEL_UPPER);
	queue_pin(MMUEXT_PIN_L4_TABLE, PFN_DOWN(__pa(mm->pgd)));
	if (user) {
		pin_page(mm, virt_to_page(user), LEVEL_UPPER);
		queue_pin(MMUEXT_PIN_L4_TABLE, PFN_DOWN(__pa(user)));
	}
	xenpv_batch_end(flags, false);
	local_irq_restore(irq);
}

static void unpin_mm(struct mm_struct *mm)
{
	pgd_t *user = xenpv_pt_user_pgd(mm->pgd);
	unsigned long irq, flags;

	local_irq_save(irq);
	flags = xenpv_batch_begin();
	queue_pin(MMUEXT_UNPIN_TABLE, PFN_DOWN(__pa(mm->pgd)));
	if (user) {
		queue_pin(MMUEXT_UNPIN_TABLE, PFN_DOWN(__pa(user)));
		unpin_page(mm, virt_to_page(user), LEVEL_UPPER);
	}
	visit_tables(mm, mm->pgd, unpin_page);
	unpin_page(mm, virt_to_page(mm->pgd), LEVEL_UPPER);
	xenpv_batch_end(flags, false);
	local_irq_restore(irq);
}

/**
 * xenpv_enter_mmap() - a new address space is about to be used
 * @mm: the address space, complete but never loaded
 *
 * Context: Process.
 */
void xenpv_enter_mmap(struct mm_struct *mm)
{
	spin_lock(&mm->page_table_lock);
	pin_mm(mm);
	spin_unlock(&mm->page_table_lock);
}

/* On each CPU that may have the table loaded, lazily or in a queued switch. */
static void drop_table(void *arg)
{
	struct mm_struct *dying = arg;

	if (this_cpu_read(cpu_tlbstate.loaded_mm) == dying)
		leave_mm();
	if (this_cpu_read(xenpv_cr3_loaded) == __pa(dying->pgd))
		xenpv_batch_flush();
}

static bool has_table(int cpu, void *arg)
{
	struct mm_struct *dying = arg;

	return per_cpu(xenpv_cr3_loaded, cpu) == __pa(dying->pgd);
}

/**
 * xenpv_exit_mmap() - an address space is about to be torn down
 * @mm: the address space; no task runs on it
 *
 * Context: Process.
 */
void xenpv_exit_mmap(struct mm_struct *mm)
{
	on_each_cpu_cond(has_table, drop_table, mm, true);

	spin_lock(&mm->page_table_lock);
	/* Not so if exec failed before the address space was used. */
	if (PagePinned(virt_to_page(mm->pgd)))
		unpin_mm(mm);
	spin_unlock(&mm->page_table_lock);
}

/* A page becomes part of a table that is in use. */
static void alloc_table(struct mm_struct *mm, unsigned long pfn, enum level level)
{
	unsigned long flags;

	if (!xenpv_pt_pinned(mm->pgd) || xenpv_kasan_shares(pfn))
		return;
	/* mremap() moves whole leaf tables; those are announced already. */
	if (static_branch_likely(&xenpv_pt_pages_ready) &&
	    TestSetPagePinned(pfn_to_page(pfn)))
		return;

	flags = xenpv_batch_begin();
	queue_prot(pfn, PAGE_KERNEL_RO);
	if (level == LEVEL_PTE && IS_ENABLED(CONFIG_SPLIT_PTE_PTLOCKS))
		queue_pin(MMUEXT_PIN_L1_TABLE, pfn);
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

static void release_table(unsigned long pfn, enum level level)
{
	unsigned long flags;

	if (!TestClearPagePinned(pfn_to_page(pfn)))
		return;
	flags = xenpv_batch_begin();
	if (level == LEVEL_PTE && IS_ENABLED(CONFIG_SPLIT_PTE_PTLOCKS))
		queue_pin(MMUEXT_UNPIN_TABLE, pfn);
	queue_prot(pfn, PAGE_KERNEL);
	xenpv_batch_end(flags, false);
}

void xenpv_alloc_pte(struct mm_struct *mm, unsigned long pfn)
{
	alloc_table(mm, pfn, LEVEL_PTE);
}

void xenpv_release_pte(unsigned long pfn)
{
	release_table(pfn, LEVEL_PTE);
}

/* Tables of middle levels need no pin of their own. */
void xenpv_alloc_upper(struct mm_struct *mm, unsigned long pfn)
{
	alloc_table(mm, pfn, LEVEL_UPPER);
}

void xenpv_release_upper(unsigned long pfn)
{
	release_table(pfn, LEVEL_UPPER);
}

/*
 * Before there are page structures: only the kernel's own table exists, and
 * all of it is in use.
 */
static void __init pin_early(unsigned int cmd, unsigned long pfn)
{
	struct mmuext_op op = {
		.cmd = cmd,
		.arg1.mfn = mfn_unbox(xenpv_p2m_get(pfn)),
	};
	int err = xenpv_hv_mmuext_op(&op, 1, NULL, DOMID_SELF);

	if (err)
		panic("xenpv: Xen refused page table %#lx (%u: %d)\n", pfn, cmd, err);
}

void __init xenpv_alloc_pte_early(struct mm_struct *mm, unsigned long pfn)
{
	xenpv_pt_set_readonly(__va(PFN_PHYS(pfn)), true);
	pin_early(MMUEXT_PIN_L1_TABLE, pfn);
}

void __init xenpv_release_pte_early(unsigned long pfn)
{
	pin_early(MMUEXT_UNPIN_TABLE, pfn);
	xenpv_pt_set_readonly(__va(PFN_PHYS(pfn)), false);
}

void __init xenpv_alloc_upper_early(struct mm_struct *mm, unsigned long pfn)
{
	xenpv_pt_set_readonly(__va(PFN_PHYS(pfn)), true);
}

void __init xenpv_release_upper_early(unsigned long pfn)
{
	xenpv_pt_set_readonly(__va(PFN_PHYS(pfn)), false);
}

/* Shadow memory and the like share tables; one visit to each is enough. */
static void __init mark_pmd_table(pud_t pud)
{
	struct page *page = pud_page(pud);
	pmd_t *pmd = pud_pgtable(pud);

	if (TestSetPagePinned(page))
		return;
	for (unsigned int i = 0; i < PTRS_PER_PMD; i++) {
		if (pmd_present(pmd[i]) && !pmd_leaf(pmd[i]))
			SetPagePinned(pmd_page(pmd[i]));
	}
}

static void __init mark_pud_table(const p4d_t *p4d)
{
	struct page *page = p4d_page(*p4d);
	pud_t *pud = p4d_pgtable(*p4d);

	if (!p4d_present(*p4d) || TestSetPagePinned(page))
		return;
	for (unsigned int i = 0; i < PTRS_PER_PUD; i++) {
		if (pud_present(pud[i]) && !pud_leaf(pud[i]))
			mark_pmd_table(pud[i]);
	}
}

/**
 * xenpv_pt_pages_are_ready() - page structures exist: mark the kernel's tables
 *
 * Context: Boot CPU, once, after memblock gave its memory to the allocator.
 */
void __init xenpv_pt_pages_are_ready(void)
{
	static_branch_enable(&xenpv_pt_pages_ready);
	for (unsigned int i = pgd_index(PAGE_OFFSET); i < PTRS_PER_PGD; i++)
		mark_pud_table((p4d_t *)&init_mm.pgd[i]);
	SetPagePinned(virt_to_page(init_mm.pgd));
	xenpv_pt_mark_user_template();
}

/**
 * xenpv_pgd_alloc() - a new top-level table: give it a twin for user mode
 * @mm: the address space
 *
 * User mode runs on a table that has no kernel half, so that Xen need not
 * protect the kernel by other means.
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int xenpv_pgd_alloc(struct mm_struct *mm)
{
	pgd_t *user = (pgd_t *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (!user)
		return -ENOMEM;
	user[PTRS_PER_PGD - 1].pgd = xenpv_user_template[PTRS_PER_PGD - 1].pgd;
	set_page_private(virt_to_page(mm->pgd), (unsigned long)user);
	return 0;
}

void xenpv_pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	struct page *page = virt_to_page(pgd);

	free_page(page_private(page));
	set_page_private(page, 0);
}
