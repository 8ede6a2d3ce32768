// SPDX-License-Identifier: GPL-2.0-only
/* Events behind Linux interrupts that another domain numbers: messages of PCI devices. */

#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/slab.h>

#include "private.h"

/* Xen has written into the device what makes its messages arrive. */
static void compose_nothing(struct irq_data *data, struct msi_msg *msg)
{
}

static void write_nothing(struct irq_data *data, struct msi_msg *msg)
{
}

static struct irq_chip msi_chip __ro_after_init;

/**
 * xenpv_event_msi_chip() - the chip of interrupts that were adopted
 *
 * Context: Boot.
 * Return: the chip.
 */
struct irq_chip * __init xenpv_event_msi_chip(void)
{
	msi_chip = xenpv_event_pirq_chip;
	msi_chip.name = "xenpv-msi";
	msi_chip.irq_compose_msi_msg = compose_nothing;
	msi_chip.irq_write_msi_msg = write_nothing;
	return &msi_chip;
}

static int attach(struct xenpv_event *ev, struct irq_domain *domain,
		  irq_hw_number_t hwirq)
{
	irq_domain_set_hwirq_and_chip(domain, ev->irq, hwirq, &msi_chip, ev);
	irq_set_chip_and_handler_name(ev->irq, &msi_chip, handle_edge_irq, "edge");
	ev->desc = irq_to_desc(ev->irq);
	return xenpv_event_publish(ev);
}

static int open_and_attach(struct xenpv_event *ev, struct irq_domain *domain,
			   irq_hw_number_t hwirq)
{
	int ret = xenpv_event_open(ev);

	if (ret)
		return ret;
	ev->needs_eoi = xenpv_event_pirq_query(ev->number);
	ret = attach(ev, domain, hwirq);
	if (ret)
		xenpv_event_close(ev);
	return ret;
}

/**
 * xenpv_event_adopt_pirq() - have an interrupt of the machine come as a given Linux interrupt
 * @domain: the interrupt domain of @irq
 * @irq: the Linux interrupt, allocated
 * @hwirq: its number in @domain
 * @pirq: the machine's, edge triggered, mapped for this domain
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_event_adopt_pirq(struct irq_domain *domain, unsigned int irq,
			   irq_hw_number_t hwirq, int pirq)
{
	struct xenpv_event *ev = xenpv_event_new(XENPV_EVENT_PIRQ, pirq, "msi", NULL);
	int ret;

	if (!ev)
		return -ENOMEM;
	ev->irq = irq;

	xenpv_event_gate_enter();
	ret = open_and_attach(ev, domain, hwirq);
	xenpv_event_gate_leave();
	if (ret)
		kfree(ev);
	return ret;
}

/**
 * xenpv_event_drop_pirq() - undo xenpv_event_adopt_pirq()
 * @data: of the Linux interrupt, which nobody has requested any more
 *
 * Context: Process.
 */
void xenpv_event_drop_pirq(struct irq_data *data)
{
	struct xenpv_event *ev = irq_data_get_irq_chip_data(data);

	/* The interrupt outlives the event: its affinity may be written all the time. */
	irq_set_chip(ev->irq, NULL);

	xenpv_event_gate_enter();
	xenpv_event_withdraw(ev);
	xenpv_event_close(ev);
	xenpv_event_gate_leave();
	kfree(ev);
}

/**
 * xenpv_event_pirq() - the machine's number of an interrupt that was adopted
 * @data: of the Linux interrupt
 *
 * Context: Any.
 * Return: the number.
 */
int xenpv_event_pirq(const struct irq_data *data)
{
	const struct xenpv_event *ev = irq_data_get_irq_chip_data((struct irq_data *)data);

	return ev->number;
}
