// SPDX-License-Identifier: GPL-2.0-only
/* Life of an event: get a port from Xen, bind a handler, notify, unbind. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/slab.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* Held for writing while the domain is suspended: see cpu.c. */
DECLARE_RWSEM(xenpv_event_gate);

/**
 * xenpv_event_gate_enter() - nobody suspends the domain until gate_leave()
 *
 * By trying first: in a test two tasks are one thread for lockdep.
 *
 * Context: Process; boot with interrupts off is fine.
 */
void xenpv_event_gate_enter(void)
{
	if (!down_read_trylock(&xenpv_event_gate))
		down_read(&xenpv_event_gate);
}

/**
 * xenpv_event_gate_leave() - undo xenpv_event_gate_enter()
 *
 * Context: As that.
 */
void xenpv_event_gate_leave(void)
{
	up_read(&xenpv_event_gate);
}

/* Ask Xen for a port, by kind. */

static int open_virq(struct xenpv_event *ev)
{
	struct evtchn_bind_virq op = {
		.virq = ev->number,
		/* Those of the domain start at the first one. */
		.vcpu = xenpv_vcpu_id(ev->fixed ? ev->cpu : 0),
	};
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_virq, &op);

	ev->port = op.port;
	return ret;
}

static int open_ipi(struct xenpv_event *ev)
{
	struct evtchn_bind_ipi op = { .vcpu = xenpv_vcpu_id(ev->cpu) };
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_ipi, &op);

	ev->port = op.port;
	return ret;
}

static int open_pirq(struct xenpv_event *ev)
{
	struct evtchn_bind_pirq op = {
		.pirq = ev->number,
		.flags = ev->level ? BIND_PIRQ__WILL_SHARE : 0,
	};
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_pirq, &op);

	ev->port = op.port;
	return ret;
}

static int open_given(struct xenpv_event *ev)
{
	ev->port = ev->number;
	return 0;
}

static int open_unbound(struct xenpv_event *ev)
{
	struct evtchn_alloc_unbound op = {
		.dom = DOMID_SELF,
		.remote_dom = ev->peer,
	};
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	ev->port = op.port;
	return ret;
}

static int open_interdomain(struct xenpv_event *ev)
{
	struct evtchn_bind_interdomain op = {
		.remote_dom = ev->peer,
		.remote_port = ev->number,
	};
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	ev->port = op.local_port;
	return ret;
}

static int (*const openers[XENPV_EVENT_KINDS])(struct xenpv_event *ev) = {
	[XENPV_EVENT_VIRQ]		= open_virq,
	[XENPV_EVENT_IPI]		= open_ipi,
	[XENPV_EVENT_PIRQ]		= open_pirq,
	[XENPV_EVENT_GIVEN]		= open_given,
	[XENPV_EVENT_UNBOUND]		= open_unbound,
	[XENPV_EVENT_INTERDOMAIN]	= open_interdomain,
};

/**
 * xenpv_event_tell_cpu() - tell Xen whom a port is to notify
 * @port: the port
 * @cpu: the CPU
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
int xenpv_event_tell_cpu(evtchn_port_t port, unsigned int cpu)
{
	struct evtchn_bind_vcpu op = {
		.port = port,
		.vcpu = xenpv_vcpu_id(cpu),
	};

	return xenpv_hv_event_channel_op(EVTCHNOP_bind_vcpu, &op);
}

/**
 * xenpv_event_ask_unmask() - have Xen unmask a port that may be pending
 * @port: the port
 *
 * Xen refuses only a port that is not open.  If it does all the same, the port stays
 * masked without a reason, and somebody should know.
 *
 * Context: Any.
 */
void xenpv_event_ask_unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_unmask, &op);

	if (unlikely(ret))
		pr_warn_once("Xen did not unmask port %u (%d)\n", port, ret);
}

/**
 * xenpv_event_open() - get a port for an event
 * @ev: the event
 *
 * Ports that may move begin at CPU 0, so one that has a CPU already, as after a
 * resume, is moved there.  Not one that was only named to us: it may be another
 * event's, see xenpv_event_rebind_port().
 *
 * Context: Any.
 * Return: 0, or a negative errno; then it has none.
 */
int xenpv_event_open(struct xenpv_event *ev)
{
	int ret = openers[ev->kind](ev);

	if (ret) {
		ev->port = 0;
		return ret;
	}
	if (ev->kind == XENPV_EVENT_GIVEN || ev->fixed || !ev->cpu)
		return 0;
	if (xenpv_event_tell_cpu(ev->port, ev->cpu))
		ev->cpu = 0;
	return 0;
}

/**
 * xenpv_event_close() - give the port of an event back, if it has one
 * @ev: the event, withdrawn
 *
 * Context: Any.
 */
void xenpv_event_close(struct xenpv_event *ev)
{
	struct evtchn_close op = { .port = ev->port };

	if (ev->port && !ev->kept && xenpv_hv_event_channel_op(EVTCHNOP_close, &op))
		pr_warn("Xen did not close port %u\n", ev->port);
	ev->port = 0;
}

/**
 * xenpv_event_new() - an event without a port, masked
 * @kind: who will set its bit
 * @number: see struct xenpv_event
 * @name: for users
 * @dev: argument of the handler
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or NULL.
 */
struct xenpv_event *xenpv_event_new(enum xenpv_event_kind kind, u32 number,
				    const char *name, void *dev)
{
	struct xenpv_event *ev = kzalloc_obj(*ev);

	if (!ev)
		return NULL;
	ev->kind = kind;
	ev->number = number;
	ev->name = name;
	ev->dev = dev;
	raw_spin_lock_init(&ev->lock);
	ev->reasons = XENPV_MASK_IRQ;
	ev->credit = XENPV_EVENT_CREDIT;
	RB_CLEAR_NODE(&ev->delayed);
	return ev;
}

/* A port that was named to us and has an event is that one's, and not ours to close. */
static int publish(struct xenpv_event *ev)
{
	int ret = xenpv_event_publish(ev);

	if (ret == -EEXIST && ev->kind == XENPV_EVENT_GIVEN)
		ev->port = 0;
	return ret;
}

static int start_irq(struct xenpv_event *ev, irq_handler_t handler,
		     unsigned long irqflags)
{
	int ret;

	ret = xenpv_event_irq_attach(ev);
	if (ret)
		return ret;

	ret = publish(ev);
	if (ret)
		goto detach;

	ret = xenpv_event_irq_request(ev, handler, irqflags);
	if (ret)
		goto withdraw;
	return 0;

withdraw:
	xenpv_event_withdraw(ev);
detach:
	xenpv_event_irq_detach(ev);
	return ret;
}

/* Who gives no handler polls, and has a reason never to be interrupted. */
static int start_direct(struct xenpv_event *ev, irq_handler_t handler)
{
	int ret;

	ev->handler = handler;
	if (!handler)
		ev->reasons = XENPV_MASK_USER;
	ret = publish(ev);
	if (!ret)
		xenpv_event_unmask_for(ev, XENPV_MASK_IRQ);
	return ret;
}

static int start(struct xenpv_event *ev, irq_handler_t handler, unsigned long irqflags)
{
	ev->late = irqflags & XENPV_EVENT_LATE;
	irqflags &= ~XENPV_EVENT_LATE;
	if (!(irqflags & IRQF_PERCPU))
		return start_irq(ev, handler, irqflags);
	/* Its handler runs with nothing behind it that could be late. */
	if (ev->late)
		return -EINVAL;
	return start_direct(ev, handler);
}

/* Takes @ev over, frees it on failure. */
static struct xenpv_event *bind(struct xenpv_event *ev, irq_handler_t handler,
				unsigned long irqflags)
{
	int ret;

	if (!ev)
		return ERR_PTR(-ENOMEM);

	xenpv_event_gate_enter();
	ret = xenpv_event_open(ev);
	if (!ret)
		ret = start(ev, handler, irqflags);
	if (ret)
		xenpv_event_close(ev);
	xenpv_event_gate_leave();

	if (!ret)
		return ev;
	kfree(ev);
	return ERR_PTR(ret);
}

/* VIRQs that concern the domain go to any CPU, the others to each one's own. */
static bool virq_is_global(unsigned int virq)
{
	switch (virq) {
	case VIRQ_TIMER:
	case VIRQ_DEBUG:
	case VIRQ_XENOPROF:
	case VIRQ_XENPMU:
		return false;
	default:
		return true;
	}
}

/**
 * xenpv_event_bind_virq() - receive a virtual interrupt of Xen
 * @virq: VIRQ_* number
 * @cpu: CPU to receive it; for a VIRQ of the domain the one to begin with
 * @handler: called for each event
 * @irqflags: see xenpv/event.h
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_virq(unsigned int virq, unsigned int cpu,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev)
{
	struct xenpv_event *ev = xenpv_event_new(XENPV_EVENT_VIRQ, virq, name, dev);

	if (ev) {
		ev->cpu = cpu;
		ev->fixed = !virq_is_global(virq);
	}
	return bind(ev, handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_virq, "XENPV");

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
					 const char *name, void *dev)
{
	struct xenpv_event *ev = xenpv_event_new(XENPV_EVENT_IPI, 0, name, dev);

	if (ev) {
		ev->cpu = cpu;
		ev->fixed = true;
	}
	return bind(ev, handler, irqflags | IRQF_PERCPU);
}

/**
 * xenpv_event_bind_port() - receive events of a port that is open already
 * @port: opened by who built this domain (console, xenstore)
 * @handler: called for each event
 * @irqflags: see xenpv/event.h
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Takes over the port: xenpv_event_unbind() closes it, and so does a failure; but
 * not -EEXIST, since then it is another event's.
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_port(evtchn_port_t port,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev)
{
	return bind(xenpv_event_new(XENPV_EVENT_GIVEN, port, name, dev),
		    handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_port, "XENPV");

/**
 * xenpv_event_bind_kept() - receive events of a port that stays open without us
 * @port: opened and connected by who built this domain
 * @handler: called for each event
 * @irqflags: see xenpv/event.h
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Nobody vouches for @port, so Xen is asked what it is.
 *
 * Context: Process.
 * Return: the event, or an ERR_PTR(): -ENOTCONN if @port has no other end, -EEXIST if
 * it has an event.
 */
struct xenpv_event *xenpv_event_bind_kept(evtchn_port_t port, irq_handler_t handler,
					  unsigned long irqflags, const char *name,
					  void *dev)
{
	struct evtchn_status op = { .dom = DOMID_SELF, .port = port };
	struct xenpv_event *ev;
	int ret;

	ret = xenpv_hv_event_channel_op(EVTCHNOP_status, &op);
	if (ret)
		return ERR_PTR(ret);
	if (op.status != EVTCHNSTAT_interdomain)
		return ERR_PTR(-ENOTCONN);
	ev = xenpv_event_new(XENPV_EVENT_GIVEN, port, name, dev);
	if (ev)
		ev->kept = true;
	return bind(ev, handler, irqflags);
}

/**
 * xenpv_event_bind_unbound() - open a port to which a peer may connect
 * @peer: domain that may
 * @handler: called for each event
 * @irqflags: see xenpv/event.h
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * The peer learns the number of the port by other means: xenpv_event_port().
 *
 * Context: Process.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_unbound(domid_t peer, irq_handler_t handler,
					     unsigned long irqflags,
					     const char *name, void *dev)
{
	struct xenpv_event *ev = xenpv_event_new(XENPV_EVENT_UNBOUND, 0, name, dev);

	if (ev)
		ev->peer = peer;
	return bind(ev, handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_unbound, "XENPV");

/**
 * xenpv_event_bind_interdomain() - connect to a port of a peer
 * @peer: domain that opened it for us
 * @peer_port: what the peer says that its number is; Xen checks
 * @handler: called for each event
 * @irqflags: see xenpv/event.h
 * @name: shown to users; must stay valid until unbind
 * @dev: passed to @handler
 *
 * Context: Process.
 * Return: the event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_event_bind_interdomain(domid_t peer,
						 evtchn_port_t peer_port,
						 irq_handler_t handler,
						 unsigned long irqflags,
						 const char *name, void *dev)
{
	struct xenpv_event *ev = xenpv_event_new(XENPV_EVENT_INTERDOMAIN, peer_port,
						 name, dev);

	if (ev)
		ev->peer = peer;
	return bind(ev, handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_interdomain, "XENPV");

/**
 * xenpv_event_rebind_port() - give a dead event a new port
 * @ev: an event of xenpv_event_bind_port() whose port was lost in a resume
 * @port: opened by who built this domain
 *
 * It notifies the CPU that the event was given last, be that while it was dead.  A
 * failure closes the port, but for -EEXIST as in xenpv_event_bind_port().
 *
 * Context: Process.
 * Return: 0, -EINVAL if the event is not dead, or another negative errno.
 */
int xenpv_event_rebind_port(struct xenpv_event *ev, evtchn_port_t port)
{
	int ret;

	if (ev->port || ev->kind != XENPV_EVENT_GIVEN)
		return -EINVAL;

	xenpv_event_gate_enter();
	ev->number = port;
	ret = xenpv_event_open(ev) ?: publish(ev);
	if (ret) {
		xenpv_event_close(ev);
	} else {
		xenpv_event_settle(ev);
		xenpv_event_unmask_for(ev, XENPV_MASK_DEAD);
	}
	xenpv_event_gate_leave();
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_rebind_port, "XENPV");

/**
 * xenpv_event_unbind() - stop receiving, close the port, free the event
 * @ev: the event; NULL and ERR_PTR() values are ignored
 *
 * Waits until no handler runs any more.
 *
 * Context: Process.
 */
void xenpv_event_unbind(struct xenpv_event *ev)
{
	if (IS_ERR_OR_NULL(ev))
		return;

	xenpv_event_gate_enter();
	/* First, so that nothing below is seen half undone. */
	xenpv_event_withdraw(ev);
	if (ev->desc)
		xenpv_event_irq_detach(ev);
	xenpv_event_eoi_cancel(ev);
	xenpv_event_close(ev);
	xenpv_event_gate_leave();
	kfree(ev);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_unbind, "XENPV");

/**
 * xenpv_event_notify() - tell the other end
 * @ev: the event; NULL is ignored, so that an IPI may be too early
 *
 * Orders nothing by itself except for IPIs, which have a full barrier: what the
 * caller wrote before is seen by the handler.
 *
 * Context: Any, including NMI.
 */
void xenpv_event_notify(struct xenpv_event *ev)
{
	struct evtchn_send op;

	if (unlikely(!ev || !ev->port))
		return;
	if (ev->kind == XENPV_EVENT_IPI) {
		/*
		 * An IPI that is pending already needs no second one: the
		 * receiver clears the bit, with a full barrier, before it
		 * looks at what we wrote before this one.
		 */
		smp_mb();
		if (xenpv_event_abi->pending(ev->port))
			return;
	}
	op.port = ev->port;
	xenpv_hv_event_channel_op(EVTCHNOP_send, &op);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_notify, "XENPV");

/**
 * xenpv_event_mask() - let events become pending without a call of the handler
 * @ev: the event
 *
 * An upcall on another CPU may have taken the event just before.  If it has a Linux
 * interrupt or is late, it is put back and comes with the unmask; otherwise the
 * handler is called once more.
 *
 * Context: Any but NMI.
 */
void xenpv_event_mask(struct xenpv_event *ev)
{
	xenpv_event_mask_for(ev, XENPV_MASK_USER);
}

/**
 * xenpv_event_unmask() - undo xenpv_event_mask()
 * @ev: the event
 *
 * If the event became pending meanwhile and nothing else masks it, the handler is
 * called soon.
 *
 * Context: Any but NMI.
 */
void xenpv_event_unmask(struct xenpv_event *ev)
{
	xenpv_event_unmask_for(ev, XENPV_MASK_USER);
}

/**
 * xenpv_event_test_and_clear() - take the pending bit of a masked event
 * @ev: the event
 *
 * A full barrier: what follows is not done before the bit is clear.
 *
 * Context: Any.
 * Return: true if the event was pending.
 */
bool xenpv_event_test_and_clear(struct xenpv_event *ev)
{
	return xenpv_event_abi->clear(ev->port);
}

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
int xenpv_event_poll(struct xenpv_event *ev)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &ev->port);
	return xenpv_hv_sched_op(SCHEDOP_poll, &poll);
}

/**
 * xenpv_event_port() - the number by which a peer can connect
 * @ev: the event
 *
 * For telling the peer and for nothing else: once the event is unbound the number
 * may mean another one.
 *
 * Context: Any.
 * Return: the port, 0 if it was lost in a resume.
 */
evtchn_port_t xenpv_event_port(const struct xenpv_event *ev)
{
	return ev->port;
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_port, "XENPV");

/**
 * xenpv_event_irq() - the Linux interrupt of an event
 * @ev: the event
 *
 * Context: Any.
 * Return: its number, or 0 if the handler is called without one.
 */
unsigned int xenpv_event_irq(const struct xenpv_event *ev)
{
	return ev->irq;
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_irq, "XENPV");
