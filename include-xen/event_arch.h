/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_ARCH_H
#define _XENPV_EVENT_ARCH_H

/**
 * DOC: Event channels, for the ground floor
 *
 * What makes events happen at all: the start, the upcall, CPUs that come and
 * go, suspend and resume, the lines of the machine; and events without a call,
 * at which a CPU waits.  Drivers include xenpv/event.h and need nothing of this.
 *
 * Suspend is in three steps, because binding must not be half done when the
 * domain stops, and because timers and IPIs must work again before anything
 * else does::
 *
 *	xenpv_event_suspend()		process; nothing is bound or unbound now
 *	  one CPU, interrupts off:
 *	  xenpv_hv_suspend()
 *	  xenpv_event_resume()		only if this is a new domain
 *	xenpv_event_thaw()		process; binding goes on
 *
 * In a new domain all ports are closed.  VIRQs and IPIs get new ones, under the
 * same objects.  Ports that led to peers are dead: their handlers are not called,
 * notifying does nothing, until xenpv_event_rebind_port() gives the object a new
 * port, or the driver unbinds it.
 */

#include <linux/init.h>
#include <linux/types.h>
#include <xenpv/event.h>

struct irq_chip;
struct irq_data;
struct irq_domain;

void xenpv_event_init(void) __init;
void xenpv_event_run(unsigned int cpu);

void xenpv_event_suspend(void);
void xenpv_event_resume(void);
void xenpv_event_thaw(void);
int xenpv_event_set_upcall_vector(unsigned int cpu, u8 vector);

void xenpv_event_mask(struct xenpv_event *ev);
void xenpv_event_unmask(struct xenpv_event *ev);
bool xenpv_event_test_and_clear(struct xenpv_event *ev);
int xenpv_event_poll(struct xenpv_event *ev);

int xenpv_event_map_gsi(u32 gsi, bool level, bool low);
int xenpv_event_gsi(unsigned int irq);

struct irq_chip *xenpv_event_msi_chip(void);
int xenpv_event_adopt_pirq(struct irq_domain *domain, unsigned int irq,
			   irq_hw_number_t hwirq, int pirq);
void xenpv_event_drop_pirq(struct irq_data *data);
int xenpv_event_pirq(const struct irq_data *data);

#endif /* _XENPV_EVENT_ARCH_H */
