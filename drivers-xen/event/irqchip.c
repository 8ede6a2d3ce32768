// SPDX-License-Identifier: GPL-2.0-only
/* Event channels that have a Linux interrupt: the domain, the chip, affinity. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/numa.h>
#include <linux/printk.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "private.h"

/*
 * The hardware number of an interrupt is the port.  A port is pending or not,
 * and counts nothing: edge semantics.  The scan has cleared the bit before the
 * flow handler runs, so there is nothing to acknowledge.
 */
static struct irq_domain *domain __ro_after_init;

static void chip_ack(struct irq_data *data)
{
	irq_move_irq(data);
}

static void chip_mask(struct irq_data *data)
{
	xenpv_event_abi->mask(irqd_to_hwirq(data));
}

static void chip_unmask(struct irq_data *data)
{
	xenpv_event_abi->unmask(irqd_to_hwirq(data));
}

static int chip_retrigger(struct irq_data *data)
{
	evtchn_port_t port = irqd_to_hwirq(data);
	bool masked = xenpv_event_abi->mask(port);

	xenpv_event_abi->raise(port);
	if (!masked)
		xenpv_event_abi->unmask(port);
	return 1;
}

/*
 * Masked while it moves, so that neither CPU sees the port half moved.  What
 * becomes pending meanwhile is delivered to the new one by unmask.
 */
static int event_move(struct xenpv_event *ev, unsigned int cpu)
{
	struct evtchn_bind_vcpu op = {
		.port = ev->port,
		.vcpu = xenpv_vcpu_id(cpu),
	};
	bool masked = xenpv_event_abi->mask(ev->port);
	int ret;

	ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_vcpu, &op);
	if (!ret) {
		xenpv_event_abi->move(ev->port, ev->cpu, cpu);
		ev->cpu = cpu;
	}
	if (!masked)
		xenpv_event_abi->unmask(ev->port);
	return ret;
}

static int chip_set_affinity(struct irq_data *data, const struct cpumask *mask,
			     bool force)
{
	struct xenpv_event *ev = irq_data_get_irq_chip_data(data);
	unsigned int cpu = cpumask_any_and_distribute(mask, cpu_online_mask);
	int ret;

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	if (cpu != ev->cpu) {
		ret = event_move(ev, cpu);
		if (ret)
			return ret;
	}
	irq_data_update_effective_affinity(data, cpumask_of(cpu));
	return IRQ_SET_MASK_OK;
}

static struct irq_chip event_chip = {
	.name			= "xenpv",
	.irq_ack		= chip_ack,
	.irq_mask		= chip_mask,
	.irq_unmask		= chip_unmask,
	.irq_retrigger		= chip_retrigger,
	.irq_set_affinity	= chip_set_affinity,
	.flags			= IRQCHIP_SKIP_SET_WAKE,
};

/*
 * Interrupts of the machine.  A level-triggered one that Xen has told us about
 * stays quiet until it hears that we are done with it.
 */
static unsigned int pirq_startup(struct irq_data *data)
{
	chip_unmask(data);
	/* Something may have come, and gone unheard, while nobody listened. */
	xenpv_event_pirq_eoi(irq_data_get_irq_chip_data(data));
	return 0;
}

static void pirq_ack(struct irq_data *data)
{
	irq_move_irq(data);
	xenpv_event_pirq_eoi(irq_data_get_irq_chip_data(data));
}

static void pirq_eoi(struct irq_data *data)
{
	xenpv_event_pirq_eoi(irq_data_get_irq_chip_data(data));
}

static struct irq_chip pirq_chip = {
	.name			= "xenpv-pirq",
	.irq_startup		= pirq_startup,
	.irq_ack		= pirq_ack,
	.irq_eoi		= pirq_eoi,
	.irq_mask		= chip_mask,
	.irq_unmask		= chip_unmask,
	.irq_retrigger		= chip_retrigger,
	.irq_set_affinity	= chip_set_affinity,
	.flags			= IRQCHIP_SKIP_SET_WAKE | IRQCHIP_EOI_THREADED,
};

static int domain_map(struct irq_domain *d, unsigned int irq, irq_hw_number_t port)
{
	irq_set_chip_and_handler_name(irq, &event_chip, handle_edge_irq, "event");
	return 0;
}

static const struct irq_domain_ops domain_ops = {
	.map = domain_map,
};

/* Some drivers know their line by the number that it always had. */
static unsigned int map_at(unsigned int at, evtchn_port_t port)
{
	int irq = irq_alloc_desc_at(at, NUMA_NO_NODE);

	if (irq < 0)
		return 0;
	if (!irq_domain_associate(domain, irq, port))
		return irq;
	irq_free_desc(irq);
	return 0;
}

/* Give the event an interrupt, without a handler yet. */
int xenpv_event_irq_attach(struct xenpv_event *ev)
{
	unsigned int irq = 0;

	if (!domain)
		return -ENODEV;
	if (ev->pirq > 0)
		irq = map_at(ev->pirq, ev->port);
	if (!irq)
		irq = irq_create_mapping(domain, ev->port);
	if (!irq)
		return -ENOSPC;

	if (ev->pirq >= 0)
		irq_set_chip_and_handler_name(irq, &pirq_chip,
					      ev->level ? handle_fasteoi_irq :
							  handle_edge_irq,
					      ev->level ? "level" : "edge");
	irq_set_chip_data(irq, ev);
	ev->irq = irq;
	ev->desc = irq_to_desc(irq);
	return 0;
}

int xenpv_event_irq_request(struct xenpv_event *ev, irq_handler_t handler,
			    unsigned long irqflags)
{
	int ret;

	ret = request_irq(ev->irq, handler, irqflags, ev->name, ev->dev);
	ev->requested = !ret;
	return ret;
}

/* Waits for the handler.  The port stays masked from here on. */
void xenpv_event_irq_detach(struct xenpv_event *ev)
{
	if (ev->requested)
		free_irq(ev->irq, ev->dev);
	irq_dispose_mapping(ev->irq);
}

void __init xenpv_event_irq_init(void)
{
	struct fwnode_handle *fwnode = irq_domain_alloc_named_fwnode("xenpv-event");

	if (fwnode)
		domain = irq_domain_create_tree(fwnode, &domain_ops, NULL);
	if (!domain)
		pr_err("no memory for interrupts of events\n");
}
