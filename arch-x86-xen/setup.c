// SPDX-License-Identifier: GPL-2.0-only
/* Architecture setup: the hooks of the boot path that a PV domain fills, and how it stops. */

#include <linux/acpi.h>
#include <linux/console.h>
#include <linux/cpufreq.h>
#include <linux/cpuidle.h>
#include <linux/init.h>
#include <linux/kexec.h>
#include <linux/numa.h>
#include <linux/panic_notifier.h>
#include <linux/pci.h>
#include <linux/reboot.h>
#include <asm/apic.h>
#include <asm/hypervisor.h>
#include <asm/i8259.h>
#include <asm/io_apic.h>
#include <asm/mach_traps.h>
#include <asm/mtrr.h>
#include <asm/numa.h>
#include <asm/pci_x86.h>
#include <asm/reboot.h>
#include <asm/setup.h>
#include <asm/x86_init.h>

#include <xenpv/console.h>
#include <xenpv/event_arch.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include "private.h"

static void stop(unsigned int reason)
{
	struct sched_shutdown r = { .reason = reason };

	xenpv_hv_sched_op(SCHEDOP_shutdown, &r);
	for (;;)
		cpu_relax();
}

static void restart(char *cmd)
{
	stop(SHUTDOWN_reboot);
}

static void emergency_restart_now(void)
{
	stop(SHUTDOWN_reboot);
}

static void halt_machine(void)
{
	stop(SHUTDOWN_poweroff);
}

static void power_off(void)
{
	do_kernel_power_off();
	stop(SHUTDOWN_poweroff);
}

/* Who can power off must say so; ACPI is asked before, if there is any. */
static void last_power_off(void)
{
	stop(SHUTDOWN_poweroff);
}

static int __init register_power_off(void)
{
	if (xenpv_self.kind != XENPV_KIND_PV)
		return 0;
	return register_platform_power_off(last_power_off);
}
core_initcall(register_power_off);

static void crash(struct pt_regs *regs)
{
	stop(SHUTDOWN_crash);
}

static int panicked(struct notifier_block *nb, unsigned long event, void *arg)
{
	if (kexec_crash_loaded())
		return NOTIFY_DONE;
	/* Nothing is printed any more once Xen has us. */
	console_flush_on_panic(CONSOLE_FLUSH_PENDING);
	stop(SHUTDOWN_crash);
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = {
	.notifier_call = panicked,
	.priority = INT_MIN,
};

/* Port 0x61 of a machine whose NMIs Xen takes. */
static unsigned char nmi_reason(void)
{
	unsigned long bits = xenpv_shared_load(&xenpv_shared_info->arch.nmi_reason);
	unsigned char reason = 0;

	if (bits & XEN_NMIREASON_io_error)
		reason |= NMI_REASON_IOCHK;
	if (bits & XEN_NMIREASON_pci_serr)
		reason |= NMI_REASON_SERR;
	return reason;
}

static void __init legacy_devices(void)
{
	x86_platform.legacy.rtc = xenpv_self.control;
}

/* The machine's tables are for the control domain; others have none. */
static void __init setup_acpi(void)
{
	if (IS_ENABLED(CONFIG_XENPV_DOM0) && xenpv_self.control) {
		xenpv_dom0_acpi_init();
		return;
	}
#ifdef CONFIG_ACPI
	disable_acpi();
#endif
}

static void __init arch_setup(void)
{
	xenpv_trap_init();
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	xenpv_console_early(boot_command_line);
	setup_acpi();
	disable_cpuidle();
	disable_cpufreq();
#ifdef CONFIG_NUMA
	numa_off = 1;
#endif
}

static void __init pagetable_init(void)
{
	if (xenpv_p2m_reach(xenpv_memmap_end()))
		pr_warn("xenpv: no room in the frame list, displaced memory is lost\n");
	xenpv_memmap_apply_moves();
	paging_init();
	xenpv_ops_use_pages();
	if (IS_ENABLED(CONFIG_XENPV_PCI) && xenpv_self.control)
		xenpv_dma_init();
}

/**
 * xenpv_setup_platform() - after the hypervisor was detected
 *
 * Context: Boot CPU, from setup_arch().
 */
void __init xenpv_setup_platform(void)
{
	xenpv_vcpu_map_shared_info();
	xenpv_time_init_early();
	guest_force_mtrr_state(NULL, 0, MTRR_TYPE_WRBACK);
	xenpv_apic_init();
	xenpv_smp_count_vcpus();
#ifdef CONFIG_SMP
	xenpv_smp_init();
#endif
}

/**
 * xenpv_setup_late() - before the first interrupts, with the command line read
 *
 * Context: Boot CPU, from setup_arch().
 */
void __init xenpv_setup_late(void)
{
	/* With SMP the per-CPU areas get their final place later. */
	if (!IS_ENABLED(CONFIG_SMP))
		xenpv_vcpu_place_all();
	xenpv_trap_set_compat();
}

static void __init set_machine_ops(void)
{
	machine_ops.restart = restart;
	machine_ops.halt = halt_machine;
	machine_ops.power_off = power_off;
	machine_ops.shutdown = halt_machine;
	machine_ops.emergency_restart = emergency_restart_now;
	machine_ops.crash_shutdown = crash;
}

/**
 * xenpv_setup_hooks() - fill the hooks of the boot path
 *
 * Context: Boot CPU, from xenpv_start().
 */
void __init xenpv_setup_hooks(void)
{
	x86_init.resources.memory_setup = xenpv_memory_setup;
	x86_init.paging.pagetable_init = pagetable_init;
	x86_init.oem.arch_setup = arch_setup;
	x86_init.pci.arch_init = NULL;

	x86_platform.get_nmi_reason = nmi_reason;
	x86_platform.set_legacy_features = legacy_devices;
	x86_platform.realmode_reserve = x86_init_noop;
	x86_platform.realmode_init = x86_init_noop;

	set_machine_ops();
	xenpv_time_init();
#ifdef CONFIG_PCI
	pci_probe &= ~PCI_PROBE_BIOS;
#endif
}
