// SPDX-License-Identifier: GPL-2.0-only
/* Event channels that have a Linux interrupt: the domain, the chips, affinity. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/cpumask.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/numa.h>
#include <linux/printk.h>

#include "private.h"

/*
 * A port is pending or not, and counts nothing: edge semantics.  The scan has
 * cleared the bit before the flow handler runs, so there is nothing to
 * acknowledge; and a port can move at any time, not only when an event has come.
 * The hardware number of an interrupt is a number of its own and not
 * the port, which changes under an event when the domain is resumed.
 */
static struct irq_domain *domain;
static DEFINE_IDA(hwirqs);

static struct xenpv_event *event_of(struct irq_data *data)
{
	return irq_data_get_irq_chip_data(data);
}

/* The flow handler wants one. */
static void chip_ack(struct irq_data *data)
{
}

static void chip_mask(struct irq_data *data)
{
	xenpv_event_mask_for(event_of(data), XENPV_MASK_IRQ);
}

static void chip_unmask(struct irq_data *data)
{
	xenpv_event_unmask_for(event_of(data), XENPV_MASK_IRQ);
}

static int chip_retrigger(struct irq_data *data)
{
	xenpv_event_raise(event_of(data));
	return 1;
}

/**
 * xenpv_event_move() - have an event notify another CPU
 * @ev: the event
 * @cpu: the CPU
 *
 * It is masked while it moves, so that neither CPU sees the port half moved.  What
 * becomes pending meanwhile is delivered to the new one by unmask.
 *
 * Context: Any but NMI; one move at a time.
 * Return: 0 or a negative errno.
 */
int xenpv_event_move(struct xenpv_event *ev, unsigned int cpu)
{
	int ret;

	xenpv_event_mask_for(ev, XENPV_MASK_MOVE);
	ret = xenpv_event_place(ev, cpu);
	xenpv_event_unmask_for(ev, XENPV_MASK_MOVE);
	return ret;
}

static int chip_set_affinity(struct irq_data *data, const struct cpumask *mask,
			     bool force)
{
	struct xenpv_event *ev = event_of(data);
	unsigned int cpu = xenpv_event_spread(ev, mask);
	int ret;

	if (cpu >= nr_cpu_ids || ev->fixed)
		return -EINVAL;
	if (cpu != ev->cpu) {
		ret = xenpv_event_move(ev, cpu);
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
 * stays quiet until it hears that we are done with it.  While the machine sleeps
 * they are masked, but for those that are to wake it.
 */
static unsigned int pirq_startup(struct irq_data *data)
{
	chip_unmask(data);
	/* Something may have come, and gone unheard, while nobody listened. */
	xenpv_event_pirq_eoi(event_of(data));
	return 0;
}

static void pirq_eoi(struct irq_data *data)
{
	xenpv_event_pirq_eoi(event_of(data));
}

const struct irq_chip xenpv_event_pirq_chip = {
	.name			= "xenpv-pirq",
	.irq_startup		= pirq_startup,
	.irq_ack		= pirq_eoi,
	.irq_eoi		= pirq_eoi,
	.irq_mask		= chip_mask,
	.irq_unmask		= chip_unmask,
	.irq_retrigger		= chip_retrigger,
	.irq_set_affinity	= chip_set_affinity,
	.flags			= IRQCHIP_SKIP_SET_WAKE | IRQCHIP_MASK_ON_SUSPEND |
				  IRQCHIP_EOI_THREADED,
};

static int domain_map(struct irq_domain *d, unsigned int irq, irq_hw_number_t hwirq)
{
	irq_set_chip_and_handler_name(irq, &event_chip, handle_edge_irq, "event");
	return 0;
}

static const struct irq_domain_ops domain_ops = {
	.map = domain_map,
};

/* Some drivers know their line by the number that it always had. */
static unsigned int map_at(unsigned int at, irq_hw_number_t hwirq)
{
	int irq = irq_alloc_desc_at(at, NUMA_NO_NODE);

	if (irq < 0)
		return 0;
	if (!irq_domain_associate(domain, irq, hwirq))
		return irq;
	irq_free_desc(irq);
	return 0;
}

static unsigned int map(struct xenpv_event *ev)
{
	unsigned int irq = 0;

	if (ev->kind == XENPV_EVENT_PIRQ && ev->number)
		irq = map_at(ev->number, ev->hwirq);
	return irq ?: irq_create_mapping(domain, ev->hwirq);
}

static void set_pirq_chip(const struct xenpv_event *ev)
{
	if (ev->level)
		irq_set_chip_and_handler_name(ev->irq, &xenpv_event_pirq_chip,
					      handle_fasteoi_irq, "level");
	else
		irq_set_chip_and_handler_name(ev->irq, &xenpv_event_pirq_chip,
					      handle_edge_irq, "edge");
}

/* It stays where it is, also when its CPU goes away for a while. */
static void set_fixed(const struct xenpv_event *ev)
{
	irq_set_status_flags(ev->irq, IRQ_PER_CPU | IRQ_NO_BALANCING);
	irq_data_update_effective_affinity(irq_get_irq_data(ev->irq),
					   cpumask_of(ev->cpu));
}

/**
 * xenpv_event_irq_attach() - give an event a Linux interrupt, without a handler yet
 * @ev: the event
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_event_irq_attach(struct xenpv_event *ev)
{
	if (!domain)
		return -ENODEV;
	ev->hwirq = ida_alloc(&hwirqs, GFP_KERNEL);
	if (ev->hwirq < 0)
		return ev->hwirq;
	ev->irq = map(ev);
	if (!ev->irq) {
		ida_free(&hwirqs, ev->hwirq);
		return -ENOSPC;
	}

	if (ev->kind == XENPV_EVENT_PIRQ)
		set_pirq_chip(ev);
	if (ev->fixed)
		set_fixed(ev);
	irq_set_chip_data(ev->irq, ev);
	ev->desc = irq_to_desc(ev->irq);
	return 0;
}

/**
 * xenpv_event_irq_request() - give the interrupt a handler, and start it
 * @ev: the event, published
 * @handler: the handler
 * @irqflags: IRQF_*
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_event_irq_request(struct xenpv_event *ev, irq_handler_t handler,
			    unsigned long irqflags)
{
	int ret;

	ret = request_irq(ev->irq, handler, irqflags, ev->name, ev->dev);
	ev->requested = !ret;
	return ret;
}

/**
 * xenpv_event_irq_detach() - take the interrupt away; waits for the handler
 * @ev: the event, withdrawn
 *
 * Context: Process.
 */
void xenpv_event_irq_detach(struct xenpv_event *ev)
{
	if (ev->requested)
		free_irq(ev->irq, ev->dev);
	irq_dispose_mapping(ev->irq);
	ida_free(&hwirqs, ev->hwirq);
	ev->desc = NULL;
}

/**
 * xenpv_event_irq_init() - make the interrupt domain, once
 *
 * Context: Process or boot.
 */
void xenpv_event_irq_init(void)
{
	struct fwnode_handle *fwnode;

	if (domain)
		return;
	fwnode = irq_domain_alloc_named_fwnode("xenpv-event");
	if (fwnode)
		domain = irq_domain_create_tree(fwnode, &domain_ops, NULL);
	if (!domain)
		pr_err("no memory for interrupts of events\n");
}
