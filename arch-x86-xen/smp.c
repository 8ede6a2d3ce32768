// SPDX-License-Identifier: GPL-2.0-only
/* Virtual CPUs: start them, take them down and up again, stop them for good. */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/nmi.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/hotplug.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/hw_irq.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/smp.h>
#include <asm/spec-ctrl.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>
#include <asm/x86_init.h>

#include <xenpv/hypercall.h>
#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* How long stop_other_cpus() asks before it uses force. */
#define STOP_TIMEOUT_MS		1000

/*
 * vCPUs that Xen has a context for.  Xen takes a context once in a vCPU's
 * life; after VCPUOP_down and VCPUOP_up it goes on where it was.
 */
static cpumask_t initialised;

/* The GDT that the boot CPU used before it had a per-CPU area. */
static void *boot_gdt __initdata;

/* Number of the CPU that stops all others, or -1. */
static atomic_t stopping_cpu = ATOMIC_INIT(-1);

/*
 * Both views of the GDT, the one in the per-CPU area and its alias in the
 * direct map, if those differ, must be read-only before Xen accepts it.
 */
static void prepare_gdt(struct vcpu_guest_context *context, unsigned int cpu)
{
	void *gdt = get_cpu_gdt_rw(cpu);

	xenpv_pt_set_readonly(gdt, true);
	context->gdt_frames[0] = mfn_unbox(xenpv_pt_mfn_of(gdt));
	context->gdt_ents = GDT_ENTRIES;
}

static void prepare_registers(struct vcpu_guest_context *context, unsigned int cpu,
			      struct task_struct *idle)
{
	struct cpu_user_regs *regs = &context->user_regs;

	regs->cs = __KERNEL_CS;
	regs->rip = (unsigned long)xenpv_entry_ap;
	regs->ss = __KERNEL_DS;
	regs->rsp = (unsigned long)task_pt_regs(idle);
	/* IOPL 1: the kernel may use ports as far as Xen lets this domain. */
	regs->rflags = BIT(X86_EFLAGS_IOPL_BIT);

	context->kernel_sp = task_top_of_stack(idle);
	context->kernel_ss = __KERNEL_DS;
	context->gs_base_kernel = cpu_kernelmode_gs_base(cpu);
	context->ctrlreg[3] = xen_pfn_to_cr3(mfn_unbox(xenpv_pt_mfn_of(swapper_pg_dir)));
	context->flags = VGCF_in_kernel;
}

static int initialise(unsigned int cpu, struct task_struct *idle)
{
	struct vcpu_guest_context *context;
	int ret;

	if (cpumask_test_cpu(cpu, &initialised))
		return 0;

	context = kzalloc_obj(*context);
	if (!context)
		return -ENOMEM;

	prepare_registers(context, cpu, idle);
	prepare_gdt(context, cpu);
	xenpv_trap_fill(context->trap_ctxt);
	context->event_callback_eip = (unsigned long)xenpv_trap_event;
	context->failsafe_callback_eip = (unsigned long)xenpv_entry_failsafe;

	ret = xenpv_hv_vcpu_op(VCPUOP_initialise, xenpv_vcpu_id(cpu), context);
	if (ret) {
		pr_err("Xen refused the context of CPU %u (%d)\n", cpu, ret);
	} else {
		cpumask_set_cpu(cpu, &initialised);
		xenpv_pt_mark_cr3(cpu, __pa_symbol(swapper_pg_dir));
	}
	kfree(context);
	return ret;
}

static int bind_events(unsigned int cpu)
{
	int ret;

	ret = xenpv_ipi_bind(cpu);
	if (ret)
		return ret;
	ret = xenpv_time_bind_cpu(cpu);
	if (ret)
		return ret;
	return xenpv_spinlock_bind_cpu(cpu);
}

static int pv_kick_ap_alive(unsigned int cpu, struct task_struct *idle)
{
	int ret;

	ret = common_cpu_up(cpu, idle);
	if (ret)
		return ret;

	ret = bind_events(cpu);
	if (ret) {
		pr_err("no events for CPU %u (%d)\n", cpu, ret);
		return ret;
	}

	/* A fresh CPU starts with interrupts off, and nobody's FPU registers. */
	per_cpu(fpu_fpregs_owner_ctx, cpu) = NULL;
	xenpv_shared_store(&per_cpu(xenpv_vcpu, cpu)->evtchn_upcall_mask, 1);
	xenpv_steal_init_cpu(cpu);

	ret = initialise(cpu, idle);
	if (ret)
		return ret;

	ret = xenpv_hv_vcpu_op(VCPUOP_up, xenpv_vcpu_id(cpu), NULL);
	if (ret)
		pr_err("Xen did not start CPU %u (%d)\n", cpu, ret);
	return ret;
}

/*
 * First C code of a CPU, each time that it comes online: from entry.S, on the
 * idle stack, interrupts off.  The order is that of the native start_secondary().
 */
asmlinkage __visible notrace void __noreturn xenpv_ap_start(void)
{
	unsigned int cpu = smp_processor_id();

	cr4_init();
	cpu_init_exception_handling(false);
	cpuhp_ap_sync_alive();
	cpu_init();
	fpu__init_cpu();
	rcutree_report_cpu_starting(cpu);
	touch_softlockup_watchdog();
	xenpv_trap_set_callbacks();
	xenpv_trap_set_compat();

	identify_secondary_cpu(cpu);
	set_cpu_sibling_map(cpu);
	speculative_store_bypass_ht_init();

	notify_cpu_starting(cpu);

	/* The matrix is for vectors, of which we have none, but offlining needs it. */
	lock_vector_lock();
	set_cpu_online(cpu, true);
	lapic_online();
	unlock_vector_lock();

	local_irq_enable();
	xenpv_time_start_cpu(cpu);
	cpu_startup_entry(CPUHP_AP_ONLINE_IDLE);
}

static void __init pv_prepare_boot_cpu(void)
{
	native_smp_prepare_boot_cpu();
	/* Its page becomes ordinary memory soon. */
	if (boot_gdt != get_cpu_gdt_rw(0))
		xenpv_pt_set_readonly(boot_gdt, false);
	xenpv_vcpu_place_all();
	xenpv_spinlock_init();
}

static void __init pv_prepare_cpus(unsigned int max_cpus)
{
	smp_prepare_cpus_common();
	speculative_store_bypass_ht_init();
	cpumask_set_cpu(0, &initialised);
	if (xenpv_spinlock_bind_cpu(0))
		panic("xenpv: no event for waiting at locks\n");
}

#ifdef CONFIG_HOTPLUG_CPU
/* On the CPU that goes.  The boot CPU has what no other CPU can take over. */
static int pv_cpu_disable(void)
{
	unsigned int cpu = smp_processor_id();

	if (!cpu)
		return -EBUSY;

	cpu_disable_common();
	return 0;
}

/*
 * On the CPU that controls: the other one has said that it is dead, but may
 * still be on its way to Xen.
 */
static void pv_cleanup_dead_cpu(unsigned int cpu)
{
	while (xenpv_hv_vcpu_op(VCPUOP_is_up, xenpv_vcpu_id(cpu), NULL) > 0)
		usleep_range(100, 1000);
}

static void __noreturn pv_play_dead(void)
{
	unsigned int cpu = smp_processor_id();

	play_dead_common();
	xenpv_steal_exit_cpu(cpu);
	for (;;) {
		/* Returns when somebody brings the CPU up again. */
		xenpv_hv_vcpu_op(VCPUOP_down, xenpv_vcpu_id(cpu), NULL);
		/* Does not return. */
		xenpv_ap_restart((unsigned long)task_pt_regs(current));
	}
}
#endif /* CONFIG_HOTPLUG_CPU */

static void __noreturn stop_self(void)
{
	unsigned int cpu = smp_processor_id();

	local_irq_disable();
	set_cpu_online(cpu, false);
	for (;;)
		xenpv_hv_vcpu_op(VCPUOP_down, xenpv_vcpu_id(cpu), NULL);
}

/**
 * xenpv_smp_check_stop() - if the system stops, stop this CPU
 *
 * Context: Hard interrupt, from the reschedule IPI.
 */
void xenpv_smp_check_stop(void)
{
	if (unlikely(atomic_read(&stopping_cpu) >= 0))
		stop_self();
}

/* Ask first.  A CPU that does not listen is taken down where it stands. */
static void pv_stop_other_cpus(int wait)
{
	unsigned int cpu, self = smp_processor_id();
	unsigned int ms = STOP_TIMEOUT_MS;
	int nobody = -1;

	if (!atomic_try_cmpxchg(&stopping_cpu, &nobody, self))
		return;
	for_each_online_cpu(cpu) {
		if (cpu != self)
			xenpv_ipi_reschedule(cpu);
	}
	while (num_online_cpus() > 1 && ms--)
		mdelay(1);

	for_each_online_cpu(cpu) {
		if (cpu == self)
			continue;
		xenpv_hv_vcpu_op(VCPUOP_down, xenpv_vcpu_id(cpu), NULL);
		set_cpu_online(cpu, false);
	}
}

/**
 * xenpv_smp_init() - take over smp_ops
 *
 * Context: Boot CPU, from init_platform.
 */
void __init xenpv_smp_init(void)
{
	boot_gdt = get_cpu_gdt_rw(0);
	smp_ops.smp_prepare_boot_cpu = pv_prepare_boot_cpu;
	smp_ops.smp_prepare_cpus = pv_prepare_cpus;
	smp_ops.stop_other_cpus = pv_stop_other_cpus;
	smp_ops.crash_stop_other_cpus = NULL;
	smp_ops.smp_send_reschedule = xenpv_ipi_reschedule;
	smp_ops.poll_sync_state = NULL;
	smp_ops.kick_ap_alive = pv_kick_ap_alive;
	smp_ops.send_call_func_ipi = xenpv_ipi_call_mask;
	smp_ops.send_call_func_single_ipi = xenpv_ipi_call;
#ifdef CONFIG_HOTPLUG_CPU
	smp_ops.cpu_disable = pv_cpu_disable;
	smp_ops.cleanup_dead_cpu = pv_cleanup_dead_cpu;
	smp_ops.play_dead = pv_play_dead;
#endif
	x86_cpuinit.parallel_bringup = false;
}
