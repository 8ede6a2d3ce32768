/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_PRIVATE_H
#define _XENPV_EVENT_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/rcupdate.h>
#include <xenpv/event.h>

struct irq_desc;

/**
 * struct xenpv_event - one bound event channel
 * @port: Xen's number of the channel, ours until it is closed
 * @cpu: CPU that is notified; changes with the affinity of @irq
 * @local: both ends are in this domain (an IPI), so the pending bit of the
 *	receiver can be looked at before it is set
 * @handler: called straight from the upcall, if there is no @desc
 * @dev: its argument
 * @desc: the Linux interrupt, or NULL
 * @irq: its number, or 0
 * @requested: @irq has a handler
 * @name: for users
 * @pirq: Xen's number of the machine's interrupt that feeds it, or -1
 * @level: that interrupt is level triggered
 * @needs_eoi: and Xen wants to hear when it was handled
 *
 * Published in the table by port; all but @cpu is constant from then on.
 */
struct xenpv_event {
	evtchn_port_t port;
	unsigned int cpu;
	bool local;
	irq_handler_t handler;
	void *dev;
	struct irq_desc *desc;
	unsigned int irq;
	bool requested;
	const char *name;
	int pirq;
	bool level;
	bool needs_eoi;
};

/**
 * struct xenpv_event_abi - a layout of pending and mask bits
 * @name: for the log
 * @nr_ports: ports it can express
 * @init: mask everything; boot
 * @bind: let scans on @cpu see the port, masked
 * @move: @port notifies CPU @to instead of @from; the port is masked
 * @unbind: no scan sees the port any more; it is masked
 * @mask: set the mask bit, tell whether it was set before
 * @unmask: clear it, and make sure that a pending event is delivered
 * @pending: is the pending bit set
 * @clear: clear the pending bit, tell whether it was set; full barrier
 * @raise: set the pending bit; the port is masked
 * @scan: clear what is pending on this CPU and call xenpv_event_dispatch(), for
 *	each port at most once; begins with a full barrier
 *
 * All but @init work in any context; @scan runs in the upcall.
 */
struct xenpv_event_abi {
	const char *name;
	unsigned int nr_ports;
	void (*init)(void);
	void (*bind)(evtchn_port_t port, unsigned int cpu);
	void (*move)(evtchn_port_t port, unsigned int from, unsigned int to);
	void (*unbind)(evtchn_port_t port, unsigned int cpu);
	bool (*mask)(evtchn_port_t port);
	void (*unmask)(evtchn_port_t port);
	bool (*pending)(evtchn_port_t port);
	bool (*clear)(evtchn_port_t port);
	void (*raise)(evtchn_port_t port);
	void (*scan)(unsigned int cpu);
};

/* abi_2level.c */
extern const struct xenpv_event_abi xenpv_event_2level;

/* core.c */
extern const struct xenpv_event_abi *xenpv_event_abi;
void xenpv_event_dispatch(evtchn_port_t port);
struct xenpv_event *xenpv_event_find(evtchn_port_t port);
int xenpv_event_publish(struct xenpv_event *ev);
void xenpv_event_withdraw(struct xenpv_event *ev);
void xenpv_event_close(evtchn_port_t port);

/* irqchip.c */
void __init xenpv_event_irq_init(void);
int xenpv_event_irq_attach(struct xenpv_event *ev);
int xenpv_event_irq_request(struct xenpv_event *ev, irq_handler_t handler,
			    unsigned long irqflags);
void xenpv_event_irq_detach(struct xenpv_event *ev);

/* pirq.c */
#ifdef CONFIG_XENPV_DOM0
void xenpv_event_pirq_eoi(struct xenpv_event *ev);
#else
static inline void xenpv_event_pirq_eoi(struct xenpv_event *ev) { }
#endif

#endif /* _XENPV_EVENT_PRIVATE_H */
