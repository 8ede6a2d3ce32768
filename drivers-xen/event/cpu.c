// SPDX-License-Identifier: GPL-2.0-only
/* Which layout is used, CPUs that come and go, and the domain that stops and goes on. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/string.h>
#include <asm/apic.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* By the command line; the tests change it, too. */
bool xenpv_event_want_2level;

/* The vector of upcalls where Xen calls through a local APIC, else 0. */
static u8 upcall_vector __read_mostly;

static int __init choose_by_name(char *name)
{
	if (!name)
		return -EINVAL;
	if (!strcmp(name, "2level"))
		xenpv_event_want_2level = true;
	else if (strcmp(name, "fifo"))
		return -EINVAL;
	return 0;
}
early_param("xenpv.events", choose_by_name);

/**
 * xenpv_event_choose_abi() - agree with Xen on a layout
 *
 * FIFO if Xen has it, since it knows 32 times as many ports, priorities and turns.
 *
 * Context: Boot; or resume, one CPU, interrupts off.
 * Return: 0 or a negative errno.
 */
int xenpv_event_choose_abi(void)
{
	xenpv_event_abi = &xenpv_event_fifo;
	if (!xenpv_event_want_2level && !xenpv_event_abi->start())
		return 0;
	xenpv_event_abi = &xenpv_event_2level;
	return xenpv_event_abi->start();
}

/**
 * xenpv_event_init() - start with every port masked and none bound
 *
 * Context: Boot CPU, interrupts off, from init_IRQ().
 */
void __init xenpv_event_init(void)
{
	xenpv_event_choose_abi();
	xenpv_event_irq_init();
	if (xenpv_self.control)
		xenpv_event_pirq_init();
	pr_info("%s layout, %u ports\n", xenpv_event_abi->name,
		xenpv_event_abi->nr_ports);
}

/**
 * xenpv_event_again() - have the upcall of this CPU called once more
 * @cpu: this CPU
 *
 * For events that are pending and of which Xen knows that it told us.  A PV domain
 * is called as long as the flag is set.  A vector is sent only when Xen sets the
 * flag, so there we send it ourselves and leave the flag to Xen.
 *
 * Context: Upcall.
 */
void xenpv_event_again(unsigned int cpu)
{
	if (upcall_vector)
		__apic_send_IPI_self(upcall_vector);
	else
		xenpv_shared_store(&per_cpu(xenpv_vcpu, cpu)->evtchn_upcall_pending, 1);
}

/**
 * xenpv_event_set_upcall_vector() - have Xen interrupt a CPU by its local APIC
 * @cpu: the CPU
 * @vector: the same for all CPUs
 *
 * For domains with a local APIC (PVH); once for each CPU, and again in a new domain.
 *
 * Context: Process or boot, before @cpu gets its first event.
 * Return: 0 or a negative errno.
 */
int xenpv_event_set_upcall_vector(unsigned int cpu, u8 vector)
{
	struct xen_hvm_evtchn_upcall_vector op = {
		.vcpu = xenpv_vcpu_id(cpu),
		.vector = vector,
	};
	int ret = xenpv_hv_hvm_op(HVMOP_set_evtchn_upcall_vector, &op);

	if (!ret)
		upcall_vector = vector;
	return ret;
}

/* Before the CPU's own events are bound, which happens when it is started. */
static int cpu_prepare(unsigned int cpu)
{
	return xenpv_event_abi->cpu_up(cpu);
}

/*
 * Interrupts have left the CPU.  Timer and IPIs stay with it, pending or not, and
 * are delivered when it comes back.
 */
static int cpu_dead(unsigned int cpu)
{
	xenpv_event_abi->cpu_dead(cpu);
	return 0;
}

static int __init watch_cpus(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	return cpuhp_setup_state_nocalls(CPUHP_XEN_EVTCHN_PREPARE, "xenpv/event:prepare",
					 cpu_prepare, cpu_dead);
}
early_initcall(watch_cpus);

/**
 * xenpv_event_suspend() - the domain is going to be saved
 *
 * From here to xenpv_event_thaw() nothing is bound or unbound.
 *
 * Context: Process, CPU hotplug held off.
 */
void xenpv_event_suspend(void)
{
	down_write(&xenpv_event_gate);
}

/**
 * xenpv_event_thaw() - the domain goes on
 *
 * Context: Process, who called xenpv_event_suspend().
 */
void xenpv_event_thaw(void)
{
	up_write(&xenpv_event_gate);
}

/* What Xen and we ourselves send can be had again, what peers send not. */
static bool can_reopen(const struct xenpv_event *ev)
{
	return ev->kind == XENPV_EVENT_VIRQ || ev->kind == XENPV_EVENT_IPI;
}

static int reopen(struct xenpv_event *ev)
{
	int ret;

	if (!can_reopen(ev))
		return -ENOTCONN;
	ret = xenpv_event_open(ev);
	if (ret)
		return ret;
	ret = xenpv_event_publish_atomic(ev);
	if (ret)
		xenpv_event_close(ev);
	else if (ev->kind == XENPV_EVENT_IPI)
		/* It may have been pending, and who sent it does not send again. */
		xenpv_event_abi->raise(ev->port);
	return ret;
}

/**
 * xenpv_event_resume() - this is another domain than before
 *
 * All ports are closed here, and Xen knows nothing of our layout.
 *
 * Context: One CPU, interrupts off, between suspend and thaw; the shared-info page
 * and each vcpu_info are in their places.
 */
void xenpv_event_resume(void)
{
	struct xenpv_event *all = xenpv_event_take_all();

	for (struct xenpv_event *ev = all; ev; ev = ev->again) {
		WRITE_ONCE(ev->reasons, ev->reasons | XENPV_MASK_DEAD);
		ev->port = 0;
	}
	xenpv_event_choose_abi();
	while (all) {
		struct xenpv_event *ev = all;
		int ret = reopen(ev);

		all = ev->again;
		if (!ret)
			xenpv_event_unmask_for(ev, XENPV_MASK_DEAD);
		else if (can_reopen(ev))
			pr_err("event \"%s\" of CPU %u is lost (%d)\n",
			       ev->name, ev->cpu, ret);
	}
}
