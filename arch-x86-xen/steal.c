// SPDX-License-Identifier: GPL-2.0-only
/* Steal time: how long a vCPU could not run, and whether it can right now. */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/cputime.h>
#include <linux/static_call.h>
#include <asm/paravirt.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* Xen writes it whenever the vCPU starts or stops to run. */
static DEFINE_PER_CPU_ALIGNED(struct vcpu_runstate_info, runstate);

/*
 * What went by while the vCPU was down, or before it first ran, was not stolen.
 * Written by the CPU that brings it up, while it is down; and its count when
 * it went down.
 */
static DEFINE_PER_CPU(u64, not_stolen);
static DEFINE_PER_CPU(u64, count_before);

static bool enabled __ro_after_init;
static bool accounting __initdata = true;

static int __init no_steal_accounting(char *arg)
{
	accounting = false;
	return 0;
}
early_param("no-steal-acc", no_steal_accounting);

/*
 * Ready but not running, or paused.  Xen sets the update flag around its
 * writes, so any CPU can read.
 */
static u64 count(unsigned int cpu)
{
	const struct vcpu_runstate_info *rs = &per_cpu(runstate, cpu);
	u64 stamp, ns;

	do {
		stamp = READ_ONCE(rs->state_entry_time);
		/* Xen: flag in the stamp, barrier, values, barrier, new stamp. */
		virt_rmb();
		ns = READ_ONCE(rs->time[RUNSTATE_runnable]) +
		     READ_ONCE(rs->time[RUNSTATE_offline]);
		/* See above. */
		virt_rmb();
	} while ((stamp & XEN_RUNSTATE_UPDATE) ||
		 stamp != READ_ONCE(rs->state_entry_time));
	return ns;
}

static u64 pv_steal_clock_read(int cpu)
{
	return count(cpu) - per_cpu(not_stolen, cpu);
}

#ifdef CONFIG_PARAVIRT_SPINLOCKS
/**
 * xenpv_steal_preempted() - is another vCPU ready but not running?
 * @cpu: the CPU
 *
 * Context: Any.  The answer may be old when it arrives.
 * Return: true if waiting for @cpu now would be in vain.
 */
__visible bool xenpv_steal_preempted(long cpu)
{
	return READ_ONCE(per_cpu(runstate, cpu).state) == RUNSTATE_runnable;
}
PV_CALLEE_SAVE_REGS_THUNK(xenpv_steal_preempted);
#endif

/**
 * xenpv_steal_init_cpu() - let Xen report how a vCPU runs
 * @cpu: a CPU that is not online, or the boot CPU
 *
 * Context: Process or boot, each time before @cpu starts.
 */
void xenpv_steal_init_cpu(unsigned int cpu)
{
	struct vcpu_register_runstate_memory_area area = {
		.addr.v = &per_cpu(runstate, cpu),
	};

	if (!enabled)
		return;

	/* Also makes Xen bring the numbers up to date. */
	if (xenpv_hv_vcpu_op(VCPUOP_register_runstate_memory_area,
			     xenpv_vcpu_id(cpu), &area)) {
		pr_warn_once("Xen does not report steal time\n");
		return;
	}
	per_cpu(not_stolen, cpu) += count(cpu) - per_cpu(count_before, cpu);
}

#ifdef CONFIG_HOTPLUG_CPU
/**
 * xenpv_steal_exit_cpu() - a vCPU is about to go down
 * @cpu: this CPU
 *
 * Context: On the CPU, interrupts off.
 */
void xenpv_steal_exit_cpu(unsigned int cpu)
{
	per_cpu(count_before, cpu) = count(cpu);
}
#endif

static void __init start_accounting(void)
{
	static_call_update(pv_steal_clock, pv_steal_clock_read);
	static_key_slow_inc(&paravirt_steal_enabled);
	if (accounting)
		static_key_slow_inc(&paravirt_steal_rq_enabled);
}

/**
 * xenpv_steal_init() - start steal-time accounting, with the boot CPU
 *
 * Without the update flag a reader on another CPU cannot tell torn numbers, so
 * then there is none.
 *
 * Context: Boot CPU, after the per-CPU areas have their final place.
 */
void __init xenpv_steal_init(void)
{
	if (xenpv_hv_vm_assist(VMASST_CMD_enable,
			       VMASST_TYPE_runstate_update_flag))
		return;
	enabled = true;
	xenpv_steal_init_cpu(0);
	start_accounting();
}
