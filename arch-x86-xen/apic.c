// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands where the local APIC would be: CPU numbers made up for the
 * topology code, and IPIs sent as events.
 */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/hardirq.h>
#include <asm/i8259.h>
#include <asm/io_apic.h>
#include <asm/irq_vectors.h>
#include <asm/mpspec.h>
#include <asm/x86_init.h>

#include <xenpv/event_arch.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* Version register of an integrated local APIC. */
#define APIC_VERSION_VALUE	0x14

/*
 * IPIs.  Vectors that mean the same work share an event.
 */
enum ipi {
	IPI_RESCHEDULE,
	IPI_CALL,
	IPI_IRQ_WORK,
	NR_IPIS,
};

struct ipi_events {
	struct xenpv_event *by_ipi[NR_IPIS];
};

static DEFINE_PER_CPU(struct ipi_events, ipi_events);

#ifdef CONFIG_SMP
static irqreturn_t ipi_reschedule(int irq, void *dev)
{
	inc_irq_stat(RESCHEDULE);
	xenpv_smp_check_stop();
	scheduler_ipi();
	return IRQ_HANDLED;
}

static irqreturn_t ipi_call(int irq, void *dev)
{
	inc_irq_stat(CALL_FUNCTION);
	generic_smp_call_function_interrupt();
	return IRQ_HANDLED;
}
#endif

static irqreturn_t ipi_irq_work(int irq, void *dev)
{
	inc_irq_stat(IRQ_WORK);
	irq_work_run();
	return IRQ_HANDLED;
}

static const struct {
	irq_handler_t handler;
	const char *name;
} ipis[NR_IPIS] = {
#ifdef CONFIG_SMP
	[IPI_RESCHEDULE]	= { ipi_reschedule, "reschedule" },
	[IPI_CALL]		= { ipi_call, "call function" },
#endif
	[IPI_IRQ_WORK]		= { ipi_irq_work, "irq work" },
};

/**
 * xenpv_ipi_bind() - make a CPU able to receive IPIs
 * @cpu: the CPU; it keeps its events when it goes offline
 *
 * Context: Process, or boot.
 * Return: 0 or a negative errno.
 */
int xenpv_ipi_bind(unsigned int cpu)
{
	struct xenpv_event **events = per_cpu(ipi_events, cpu).by_ipi;
	struct xenpv_event *ev;
	unsigned int i;

	for (i = 0; i < NR_IPIS; i++) {
		if (!ipis[i].handler || events[i])
			continue;
		ev = xenpv_event_bind_ipi(cpu, ipis[i].handler, IRQF_PERCPU,
					  ipis[i].name, NULL);
		if (IS_ERR(ev))
			return PTR_ERR(ev);
		WRITE_ONCE(events[i], ev);
	}
	return 0;
}

static void ipi_send(unsigned int cpu, enum ipi ipi)
{
	xenpv_event_notify(READ_ONCE(per_cpu(ipi_events, cpu).by_ipi[ipi]));
}

static void ipi_send_vector(int cpu, int vector)
{
	switch (vector) {
	case RESCHEDULE_VECTOR:
	case REBOOT_VECTOR:
		ipi_send(cpu, IPI_RESCHEDULE);
		break;
	case CALL_FUNCTION_VECTOR:
	case CALL_FUNCTION_SINGLE_VECTOR:
		ipi_send(cpu, IPI_CALL);
		break;
	case IRQ_WORK_VECTOR:
		ipi_send(cpu, IPI_IRQ_WORK);
		break;
	case NMI_VECTOR:
		xenpv_hv_vcpu_op(VCPUOP_send_nmi, xenpv_vcpu_id(cpu), NULL);
		break;
	default:
		WARN_ONCE(1, "xenpv: no event stands for IPI vector %#x\n", vector);
	}
}

static void send_ipi_mask(const struct cpumask *mask, int vector)
{
	unsigned int cpu;

	for_each_cpu_and(cpu, mask, cpu_online_mask)
		ipi_send_vector(cpu, vector);
}

static void send_ipi_others(const struct cpumask *mask, int vector)
{
	unsigned int cpu, self = smp_processor_id();

	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		if (cpu != self)
			ipi_send_vector(cpu, vector);
	}
}

static void send_ipi_all_others(int vector)
{
	send_ipi_others(cpu_online_mask, vector);
}

static void send_ipi_all(int vector)
{
	send_ipi_mask(cpu_online_mask, vector);
}

static void send_ipi_self(int vector)
{
	ipi_send_vector(smp_processor_id(), vector);
}

#ifdef CONFIG_SMP
/**
 * xenpv_ipi_reschedule() - make a CPU look at its run queue
 * @cpu: the CPU
 *
 * Context: Any.
 */
void xenpv_ipi_reschedule(int cpu)
{
	ipi_send(cpu, IPI_RESCHEDULE);
}

/**
 * xenpv_ipi_call() - make a CPU look at its queue of calls
 * @cpu: the CPU
 *
 * Context: Any.
 */
void xenpv_ipi_call(int cpu)
{
	ipi_send(cpu, IPI_CALL);
}

/**
 * xenpv_ipi_call_mask() - the same for several CPUs
 * @mask: the CPUs
 *
 * Context: Any.
 */
void xenpv_ipi_call_mask(const struct cpumask *mask)
{
	unsigned int cpu;

	for_each_cpu_and(cpu, mask, cpu_online_mask)
		ipi_send(cpu, IPI_CALL);
}
#endif

/*
 * Topology: a vCPU runs on any physical CPU, so the machine's layout says
 * nothing about it, and cpuid.c makes up one.  CPU number and Xen's number of a
 * vCPU are the same thing.  Where nobody else numbers APICs, their ids are, too.
 * In the control domain ACPI lists those of the machine: our vCPUs take them in
 * their order, and those beyond the number of physical CPUs take free ones.
 */

/**
 * xenpv_apic_id() - the local APIC id that a CPU pretends to have
 * @cpu: the CPU
 *
 * CPUID and the APIC must agree about it, so both ask here.
 *
 * Context: Any.
 * Return: the id.
 */
u32 xenpv_apic_id(unsigned int cpu)
{
	u32 id = cpuid_to_apicid[cpu];

	return id == BAD_APICID ? cpu : id;
}

static void __init parse_smp_cfg(void)
{
	u32 id;

	if (cpuid_to_apicid[0] == BAD_APICID) {
		topology_register_boot_apic(0);
		/* The boot CPU has to be the first that is listed. */
		topology_register_apic(0, CPU_ACPIID_INVALID, true);
	}
	for (id = 0; id < MAX_LOCAL_APIC && num_present_cpus() < nr_cpu_ids; id++) {
		if (!test_bit(id, phys_cpu_present_map))
			topology_register_apic(id, CPU_ACPIID_INVALID, true);
	}
	smp_found_config = 1;
}

/**
 * xenpv_smp_count_vcpus() - limit the possible CPUs to the vCPUs we have
 *
 * Context: Boot, before the topology is set up.
 */
void __init xenpv_smp_count_vcpus(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (xenpv_hv_vcpu_op(VCPUOP_is_up, xenpv_vcpu_id(cpu), NULL) < 0)
			break;
	}
	if (cpu && cpu < nr_cpu_ids)
		set_nr_cpu_ids(cpu);
}

/* The APIC driver: two registers can be read, the rest is IPIs. */

static u32 pv_apic_read(u32 reg)
{
	switch (reg) {
	case APIC_LVR:
		return APIC_VERSION_VALUE;
	case APIC_ID:
		return xenpv_apic_id(smp_processor_id());
	default:
		return 0;
	}
}

static void pv_apic_write(u32 reg, u32 val)
{
	WARN_ONCE(1, "xenpv: write of %#x to APIC register %#x\n", val, reg);
}

static void pv_apic_eoi(void)
{
	WARN_ONCE(1, "xenpv: APIC EOI\n");
}

static u64 pv_apic_icr_read(void)
{
	return 0;
}

static void pv_apic_icr_write(u32 low, u32 high)
{
	WARN_ONCE(1, "xenpv: write of %#x to the APIC ICR\n", low);
}

static u32 pv_get_apic_id(u32 reg)
{
	return reg;
}

static int pv_probe(void)
{
	return xenpv_self.kind == XENPV_KIND_PV;
}

static int pv_madt_check(char *oem_id, char *oem_table_id)
{
	return pv_probe();
}

static struct apic pv_apic __ro_after_init = {
	.name			= "xenpv",
	.probe			= pv_probe,
	.acpi_madt_oem_check	= pv_madt_check,
	.max_apic_id		= UINT_MAX - 1,
	.get_apic_id		= pv_get_apic_id,
	.cpu_present_to_apicid	= default_cpu_present_to_apicid,
	.calc_dest_apicid	= apic_default_calc_apicid,
	.send_IPI		= ipi_send_vector,
	.send_IPI_mask		= send_ipi_mask,
	.send_IPI_mask_allbutself = send_ipi_others,
	.send_IPI_allbutself	= send_ipi_all_others,
	.send_IPI_all		= send_ipi_all,
	.send_IPI_self		= send_ipi_self,
	.read			= pv_apic_read,
	.write			= pv_apic_write,
	.eoi			= pv_apic_eoi,
	.icr_read		= pv_apic_icr_read,
	.icr_write		= pv_apic_icr_write,
};
apic_driver(pv_apic);

static unsigned int pv_io_apic_read(unsigned int apic, unsigned int reg)
{
	struct physdev_apic op = {
		.apic_physbase = mpc_ioapic_addr(apic),
		.reg = reg,
	};

	/* All ones is what reading nothing gives. */
	if (xenpv_hv_physdev_op(PHYSDEVOP_apic_read, &op))
		return ~0u;
	return op.value;
}

static void __init intr_init(void)
{
	xenpv_event_init();
	if (xenpv_ipi_bind(0))
		panic("xenpv: no events for IPIs\n");
	/* Work queued earlier had no way to call. */
	ipi_send(0, IPI_IRQ_WORK);
}

/**
 * xenpv_apic_init() - put events in the place of vectors, APICs and the PIC
 *
 * Context: Boot CPU, from init_platform, after xenpv_self is filled in.
 */
void __init xenpv_apic_init(void)
{
	legacy_pic = &null_legacy_pic;

	x86_init.mpparse.find_mptable = x86_init_noop;
	x86_init.mpparse.early_parse_smp_cfg = x86_init_noop;
	x86_init.mpparse.parse_smp_cfg = parse_smp_cfg;

	x86_init.irqs.pre_vector_init = x86_init_noop;
	x86_init.irqs.intr_init = intr_init;
	x86_init.irqs.intr_mode_select = x86_init_noop;
	x86_init.irqs.intr_mode_init = x86_64_probe_apic;

	x86_apic_ops.io_apic_read = pv_io_apic_read;
	apic_install_driver(&pv_apic);
}
