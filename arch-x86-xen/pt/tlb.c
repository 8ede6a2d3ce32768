// SPDX-License-Identifier: GPL-2.0-only
/* Page-table base and TLB flushes. */

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <asm/tlbflush.h>

#include <xenpv/batch.h>
#include "../private.h"
#include "pt.h"

/*
 * The base that the kernel last asked for, which it may read back, and the one
 * that the vCPU really has, which trails it while a context switch is queued.
 * A page table may be let go only when no CPU has it in the second.
 */
static DEFINE_PER_CPU(unsigned long, cr3_wanted);
DEFINE_PER_CPU(unsigned long, xenpv_cr3_loaded);

static void set_loaded(void *cr3)
{
	this_cpu_write(xenpv_cr3_loaded, (unsigned long)cr3);
}

static void queue_base(unsigned int cmd, unsigned long pa)
{
	xenpv_batch_ext(cmd)->arg1.mfn = pa ? mfn_unbox(xenpv_p2m_get(PFN_DOWN(pa))) : 0;
}

unsigned long xenpv_read_cr3(void)
{
	return this_cpu_read(cr3_wanted);
}

/**
 * xenpv_pt_mark_cr3() - say what base a CPU starts with
 * @cpu: CPU that does not run yet, or this one
 * @pa: physical address of the table
 *
 * Context: Boot or CPU bring-up.
 */
void xenpv_pt_mark_cr3(unsigned int cpu, unsigned long pa)
{
	per_cpu(cr3_wanted, cpu) = pa;
	per_cpu(xenpv_cr3_loaded, cpu) = pa;
}

/* The kernel half of a table that has no user half: boot and idle. */
void __init xenpv_write_cr3_early(unsigned long cr3)
{
	unsigned long flags = xenpv_batch_begin();

	this_cpu_write(cr3_wanted, cr3);
	queue_base(MMUEXT_NEW_BASEPTR, cr3);
	xenpv_batch_after(set_loaded, (void *)cr3);
	xenpv_batch_end(flags, false);
}

void xenpv_write_cr3(unsigned long cr3)
{
	pgd_t *user = xenpv_pt_user_pgd(__va(cr3));
	unsigned long flags;

	xenpv_kasan_before_cr3(cr3);
	flags = xenpv_batch_begin();
	this_cpu_write(cr3_wanted, cr3);
	queue_base(MMUEXT_NEW_BASEPTR, cr3);
	queue_base(MMUEXT_NEW_USER_BASEPTR, user ? __pa(user) : 0);
	xenpv_batch_after(set_loaded, (void *)cr3);
	xenpv_batch_end(flags, xenpv_batch_in_switch());
	xenpv_kasan_after_cr3(cr3);
}

/* Global pages do not exist under Xen PV, so user and kernel flushes are one. */
void xenpv_flush_tlb(void)
{
	unsigned long flags = xenpv_batch_begin();

	xenpv_batch_ext(MMUEXT_TLB_FLUSH_LOCAL);
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

void xenpv_flush_tlb_one(unsigned long addr)
{
	unsigned long flags = xenpv_batch_begin();

	xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = addr & PAGE_MASK;
	xenpv_batch_end(flags, xenpv_batch_may_defer());
}

/*
 * Xen knows which vCPUs of the mask run and interrupts only those.  It reads
 * the mask at once, so no copy is needed.
 */
void xenpv_flush_tlb_multi(const struct cpumask *cpus,
			   const struct flush_tlb_info *info)
{
	bool one = info->end != TLB_FLUSH_ALL && info->end - info->start <= PAGE_SIZE;
	unsigned long flags;
	struct mmuext_op *op;

	if (cpumask_empty(cpus))
		return;
	flags = xenpv_batch_begin();
	op = xenpv_batch_ext(one ? MMUEXT_INVLPG_MULTI : MMUEXT_TLB_FLUSH_MULTI);
	if (one)
		op->arg1.linear_addr = info->start & PAGE_MASK;
	op->arg2.vcpumask = (void *)cpumask_bits(cpus);
	xenpv_batch_end(flags, false);
}

void xenpv_lazy_mode_flush(void)
{
	xenpv_batch_flush();
}

/*
 * Xen gives the address with the trap; nobody but the kernel reads it.  Not by an
 * accessor, which noinstr code could not call in a kernel with tests.
 */
noinstr void xenpv_write_cr2(unsigned long cr2)
{
	struct vcpu_info *vi = (struct vcpu_info __force *)this_cpu_read(xenpv_vcpu);

	WRITE_ONCE(vi->arch.cr2, cr2);
}
