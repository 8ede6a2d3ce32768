// SPDX-License-Identifier: GPL-2.0-only
/* Which model-specific registers we handle ourselves, and why. */

#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/apicdef.h>
#include <asm/msr.h>
#include <xenpv/hypercall.h>

#include "private.h"

/*
 * A PV kernel runs without privilege: rdmsr and wrmsr trap into Xen, which
 * emulates the registers that it lets us see and raises #GP for the rest.
 * Three groups need more than that:
 *
 * - Segment bases.  The hypercall is cheaper than the trap, and works before
 *   the kernel can handle a trap of its own: GS base is set first thing at boot.
 *   The base that programs have in gs is read and written with each switch of tasks,
 *   and seldom changes: what it is, is remembered until a program runs, which may
 *   change it without us.
 * - System call entry.  Xen owns the entry points; ours are registered as
 *   callbacks (trap.c).  A write has nothing to do.
 * - The APIC base.  It must fit the topology that we make up (cpuid.c).
 *
 * Everything else is tried.  A refusal is not worth a backtrace here, even if
 * the caller did not ask for the safe variant: which registers a guest may touch
 * is Xen's policy and no fault of the caller.  Refused reads give 0.
 */

#define MSR_NOT_A_BASE	(-1)

static __always_inline int msr_segment_base(u32 msr)
{
	switch (msr) {
	case MSR_FS_BASE:
		return SEGBASE_FS;
	case MSR_GS_BASE:
		return SEGBASE_GS_KERNEL;
	case MSR_KERNEL_GS_BASE:
		return SEGBASE_GS_USER;
	default:
		return MSR_NOT_A_BASE;
	}
}

static bool msr_owned_by_xen(u32 msr)
{
	switch (msr) {
	case MSR_STAR:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_SYSCALL_MASK:
	case MSR_IA32_SYSENTER_CS:
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
		return true;
	default:
		return false;
	}
}

/* One boot CPU, and no x2APIC: what Xen reports is the machine's business. */
static u64 msr_fix_apicbase(u64 val)
{
	val &= ~(u64)(X2APIC_ENABLE | MSR_IA32_APICBASE_BSP);
	if (raw_smp_processor_id() == 0)
		val |= MSR_IA32_APICBASE_BSP;
	return val;
}

/*
 * The gs base of programs, valid while xenpv_user_gs_known: the way back to user mode
 * (entry.S) clears that.
 */
static DEFINE_PER_CPU(u64, user_gs);
DEFINE_PER_CPU(bool, xenpv_user_gs_known);

static notrace int read_user_gs(u64 *val)
{
	unsigned long flags;
	int err = 0;

	local_irq_save(flags);
	if (this_cpu_read(xenpv_user_gs_known)) {
		*val = this_cpu_read(user_gs);
	} else {
		err = native_read_msr_safe(MSR_KERNEL_GS_BASE, val);
		this_cpu_write(user_gs, *val);
		this_cpu_write(xenpv_user_gs_known, !err);
	}
	local_irq_restore(flags);
	return err;
}

static notrace int write_user_gs(u64 val)
{
	unsigned long flags;
	int err = 0;

	local_irq_save(flags);
	if (!this_cpu_read(xenpv_user_gs_known) || this_cpu_read(user_gs) != val) {
		err = xenpv_hv_set_segment_base(SEGBASE_GS_USER, val) ? -EIO : 0;
		this_cpu_write(user_gs, val);
		this_cpu_write(xenpv_user_gs_known, !err);
	}
	local_irq_restore(flags);
	return err;
}

/**
 * xenpv_read_msr_safe() - read a register that may not exist
 * @msr: its number
 * @val: where to put it; 0 if it could not be read
 *
 * Context: Any in which a trap may be taken.
 * Return: 0, or -EIO if Xen refused.
 */
int notrace xenpv_read_msr_safe(u32 msr, u64 *val)
{
	int err;

	if (msr == MSR_KERNEL_GS_BASE)
		return read_user_gs(val);
	err = native_read_msr_safe(msr, val);
	if (msr == MSR_IA32_APICBASE && !err)
		*val = msr_fix_apicbase(*val);
	return err;
}

/**
 * xenpv_write_msr_safe() - write a register that may not exist
 * @msr: its number
 * @val: new value
 *
 * Context: Any in which a trap may be taken; any at all for segment bases.
 * Return: 0, or -EIO if Xen refused.
 */
int notrace xenpv_write_msr_safe(u32 msr, u64 val)
{
	int base = msr_segment_base(msr);

	if (base == SEGBASE_GS_USER)
		return write_user_gs(val);
	if (base != MSR_NOT_A_BASE)
		return xenpv_hv_set_segment_base(base, val) ? -EIO : 0;
	if (msr_owned_by_xen(msr))
		return 0;
	return native_write_msr_safe(msr, val);
}

/**
 * xenpv_read_msr() - read a register
 * @msr: its number
 *
 * Context: Any in which a trap may be taken.
 * Return: the value, 0 if Xen refused.
 */
u64 notrace xenpv_read_msr(u32 msr)
{
	u64 val;

	if (xenpv_read_msr_safe(msr, &val))
		pr_debug_once("xenpv: read of MSR %#x (and maybe others) refused\n", msr);
	return val;
}

/**
 * xenpv_write_msr() - write a register
 * @msr: its number
 * @val: new value
 *
 * Context: Any in which a trap may be taken; any at all for segment bases.
 */
void notrace xenpv_write_msr(u32 msr, u64 val)
{
	if (xenpv_write_msr_safe(msr, val))
		pr_debug_once("xenpv: write to MSR %#x (and maybe others) refused\n", msr);
}
