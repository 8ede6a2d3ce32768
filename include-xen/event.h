/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_H
#define _XENPV_EVENT_H

/**
 * DOC: Event channels
 *
 * An event channel is one bit that somebody sets for us: another domain, Xen
 * itself (a virtual interrupt, VIRQ), or another of our CPUs (an IPI).  Xen
 * names the channel by a small number, the port.  The rest of the kernel holds
 * a struct xenpv_event, gets it from a bind function and gives it back to
 * xenpv_event_unbind().  Nobody outside this room stores a port.
 *
 * There are two ways to be told:
 *
 * - Bound with IRQF_PERCPU, and always for an IPI, the handler is called
 *   straight from the upcall, on the CPU the event belongs to, with interrupts
 *   off and @irq zero.  There is no Linux interrupt behind it.  This is how
 *   timers and IPIs work.
 * - Otherwise the event gets a Linux interrupt of its own, edge triggered, with
 *   all that belongs to one: affinity, threads, a line in /proc/interrupts.
 *
 * What must stay true:
 *
 * - A handler is never called before its bind function has filled everything
 *   in, and never after xenpv_event_unbind() has returned.
 * - A port that Xen hands out again cannot reach the object that had it before.
 * - One upcall handles each pending port a bounded number of times; a peer that
 *   sends without end delays us, but cannot keep us there.
 *
 * Events are pending bits and not messages: two notifications in a row may
 * become one call of the handler.
 */

#include <linux/interrupt.h>
#include <linux/types.h>
#include <xenpv/abi.h>

struct xenpv_event;

/**
 * xenpv_event_bind_virq() - receive a virtual interrupt of Xen
 * @virq: VIRQ_* number
 * @cpu: CPU to receive it; 0 for the global VIRQs
 * @handler: called for each event
 * @irqflags: IRQF_*; IRQF_PERCPU calls @handler without a Linux interrupt
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_virq(unsigned int virq, unsigned int cpu,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev);

/**
 * xenpv_event_bind_ipi() - create an event with which our CPUs notify one of them
 * @cpu: CPU to receive it
 * @handler: called for each event; NULL if it is only ever polled
 * @irqflags: unused so far, pass IRQF_PERCPU
 * @name: for messages; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Without @handler the event stays masked for ever: it sets its pending bit but
 * never interrupts.  See xenpv_event_poll().
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_ipi(unsigned int cpu, irq_handler_t handler,
					 unsigned long irqflags,
					 const char *name, void *dev);

/**
 * xenpv_event_bind_port() - receive events of a port that is open already
 * @port: opened by who built this domain (console, xenstore)
 * @handler: called for each event
 * @irqflags: IRQF_*
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Takes over the port: xenpv_event_unbind() closes it.
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_port(evtchn_port_t port,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev);

/**
 * xenpv_event_unbind() - stop receiving, close the port, free the event
 * @ev: the event; NULL and ERR_PTR() values are ignored
 *
 * Waits until no handler runs any more.
 *
 * Context: Process.
 */
void xenpv_event_unbind(struct xenpv_event *ev);

/**
 * xenpv_event_notify() - tell the other end
 * @ev: the event; NULL is ignored, so that an IPI may be too early
 *
 * Orders nothing by itself except for IPIs, which have a full barrier: what the
 * caller wrote before is seen by the handler.
 *
 * Context: Any, including NMI.
 */
void xenpv_event_notify(struct xenpv_event *ev);

/**
 * xenpv_event_mask() - let events become pending without a call of the handler
 * @ev: the event
 *
 * Context: Any.
 */
void xenpv_event_mask(struct xenpv_event *ev);

/**
 * xenpv_event_unmask() - undo xenpv_event_mask()
 * @ev: the event
 *
 * If the event became pending meanwhile, the handler is called soon.
 *
 * Context: Any.
 */
void xenpv_event_unmask(struct xenpv_event *ev);

/**
 * xenpv_event_test_and_clear() - take the pending bit of a masked event
 * @ev: the event
 *
 * A full barrier: what follows is not done before the bit is clear.
 *
 * Context: Any.
 * Return: true if the event was pending.
 */
bool xenpv_event_test_and_clear(struct xenpv_event *ev);

/**
 * xenpv_event_poll() - give the CPU away until an event is pending
 * @ev: masked event of this CPU
 *
 * Returns at once if the event is pending already.  May also return early, for
 * example after an interrupt: the caller looks for itself.
 *
 * Context: Any but NMI.
 * Return: 0 or a negative errno.
 */
int xenpv_event_poll(struct xenpv_event *ev);

/**
 * xenpv_event_irq() - the Linux interrupt of an event
 * @ev: the event
 *
 * Context: Any.
 * Return: its number, or 0 if the handler is called without one.
 */
unsigned int xenpv_event_irq(const struct xenpv_event *ev);

/**
 * xenpv_event_map_gsi() - give an interrupt line of the machine a Linux interrupt
 * @gsi: the line, as ACPI numbers it
 * @level: level triggered, otherwise edge
 * @low: active low, otherwise high
 *
 * For the control domain.  A line keeps its interrupt for ever; a second call
 * for the same line finds it.
 *
 * Context: Process.
 * Return: the Linux interrupt, or a negative errno.
 */
int xenpv_event_map_gsi(u32 gsi, bool level, bool low);

/**
 * xenpv_event_init() - start with every port masked and none bound
 *
 * Context: Boot CPU, interrupts off, from init_IRQ().
 */
void __init xenpv_event_init(void);

/**
 * xenpv_event_run() - handle what is pending on this CPU
 * @cpu: this CPU
 *
 * Context: Hard interrupt, interrupts off, from the upcall.
 */
void xenpv_event_run(unsigned int cpu);

#endif /* _XENPV_EVENT_H */
