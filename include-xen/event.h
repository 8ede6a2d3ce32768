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
 *
 * Late acknowledge.  An event from a peer that is not trusted is bound with
 * %XENPV_EVENT_LATE.  It then stays masked from the call of its handler until
 * the driver, having done the work, says so and says whether there was any::
 *
 *	static irqreturn_t ring_interrupt(int irq, void *dev)
 *	{
 *		wake the worker
 *		return IRQ_HANDLED;
 *	}
 *
 *	worker: n = take what is in the ring;
 *		xenpv_event_done(ring->event, n > 0);
 *
 * A peer whose events come with work is never held up, however many they are.
 * One that sends events without work soon gets one wake-up in a delay that
 * grows up to a second.
 *
 * What the ground floor needs besides stands in xenpv/event_arch.h.
 */

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/types.h>
#include <xenpv/abi.h>

struct xenpv_event;

/**
 * define XENPV_EVENT_LATE - the driver says when it is done: xenpv_event_done()
 *
 * Given to the bind functions together with the IRQF_* flags, none of which has
 * this bit.  Not for events without a Linux interrupt.
 */
#define XENPV_EVENT_LATE	BIT(40)

/*
 * The bind functions have in common:
 *
 * @handler: called for each event
 * @irqflags: IRQF_* and XENPV_EVENT_LATE; IRQF_PERCPU calls @handler without a
 *	Linux interrupt
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
struct xenpv_event *xenpv_event_bind_ipi(unsigned int cpu, irq_handler_t handler,
					 unsigned long irqflags,
					 const char *name, void *dev);
struct xenpv_event *xenpv_event_bind_port(evtchn_port_t port,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev);
struct xenpv_event *xenpv_event_bind_unbound(domid_t peer, irq_handler_t handler,
					     unsigned long irqflags,
					     const char *name, void *dev);
struct xenpv_event *xenpv_event_bind_interdomain(domid_t peer,
						 evtchn_port_t peer_port,
						 irq_handler_t handler,
						 unsigned long irqflags,
						 const char *name, void *dev);

/*
 * Ports that programs bind (/dev/xen/evtchn).  Who wants to send through one later
 * holds it, so that it does not become another one meanwhile.
 */
struct evtchn_user_port;

/**
 * struct xenpv_event_tap - who looks at a program's port before the program does
 * @look: called for each event, under a spinlock, interrupts off; arranges for
 *	xenpv_event_tap_done(), until which the port stays masked
 * @up: private
 */
struct xenpv_event_tap {
	void (*look)(struct xenpv_event_tap *tap);
	struct evtchn_user_port *up;
};

#ifdef CONFIG_XENPV_DEV_EVTCHN
int xenpv_event_tap_port(struct xenpv_event_tap *tap, evtchn_port_t port, domid_t peer);
void xenpv_event_tap_notify(struct xenpv_event_tap *tap);
void xenpv_event_tap_done(struct xenpv_event_tap *tap, bool ours);
void xenpv_event_untap(struct xenpv_event_tap *tap);

int xenpv_event_hold_port(evtchn_port_t port);
void xenpv_event_release_port(evtchn_port_t port, bool send);
#else
static inline int xenpv_event_hold_port(evtchn_port_t port)
{
	return -EINVAL;
}

static inline void xenpv_event_release_port(evtchn_port_t port, bool send)
{
}
#endif

int xenpv_event_rebind_port(struct xenpv_event *ev, evtchn_port_t port);
void xenpv_event_unbind(struct xenpv_event *ev);
void xenpv_event_notify(struct xenpv_event *ev);
void xenpv_event_done(struct xenpv_event *ev, bool useful);
evtchn_port_t xenpv_event_port(const struct xenpv_event *ev);
unsigned int xenpv_event_irq(const struct xenpv_event *ev);

#endif /* _XENPV_EVENT_H */
