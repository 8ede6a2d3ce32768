// SPDX-License-Identifier: GPL-2.0-only
/* Event channels as objects: bind, deliver, notify, unbind. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* Scans per upcall.  Each handles a port at most once. */
#define MAX_PASSES	8

/*
 * Objects by port, in pages of pointers that are added when needed and never
 * go away.  The upcall reads under RCU (its interrupts are off); table_lock
 * serialises the writers.
 */
#define SLOTS_PER_CHUNK	(PAGE_SIZE / sizeof(void *))
#define NR_CHUNKS	(EVTCHN_FIFO_NR_CHANNELS / SLOTS_PER_CHUNK)

struct chunk {
	struct xenpv_event __rcu *slots[SLOTS_PER_CHUNK];
};

static struct chunk *chunks[NR_CHUNKS];
static DEFINE_MUTEX(table_lock);

const struct xenpv_event_abi *xenpv_event_abi __ro_after_init = &xenpv_event_2level;

static struct chunk *chunk_of(evtchn_port_t port)
{
	unsigned int nr = port / SLOTS_PER_CHUNK;

	return nr < NR_CHUNKS ? READ_ONCE(chunks[nr]) : NULL;
}

/*
 * Context: RCU read side, of any flavour that turning interrupts off implies.
 */
struct xenpv_event *xenpv_event_find(evtchn_port_t port)
{
	struct chunk *chunk = chunk_of(port);

	if (unlikely(!chunk))
		return NULL;
	return rcu_dereference_sched(chunk->slots[port % SLOTS_PER_CHUNK]);
}

static int chunk_add(evtchn_port_t port)
{
	struct chunk *chunk;

	lockdep_assert_held(&table_lock);
	if (chunk_of(port))
		return 0;

	chunk = kzalloc_obj(*chunk);
	if (!chunk)
		return -ENOMEM;
	/* Pairs with the address dependency in xenpv_event_find(). */
	smp_store_release(&chunks[port / SLOTS_PER_CHUNK], chunk);
	return 0;
}

/* From here on the upcall on @ev->cpu finds @ev, but its port is still masked. */
int xenpv_event_publish(struct xenpv_event *ev)
{
	struct chunk *chunk;
	int ret;

	if (ev->port >= xenpv_event_abi->nr_ports)
		return -ERANGE;

	guard(mutex)(&table_lock);
	ret = chunk_add(ev->port);
	if (ret)
		return ret;

	chunk = chunk_of(ev->port);
	xenpv_event_abi->bind(ev->port, ev->cpu);
	rcu_assign_pointer(chunk->slots[ev->port % SLOTS_PER_CHUNK], ev);
	return 0;
}

/*
 * When this returns no upcall uses @ev any more.  Nor has one seen its port as
 * pending and not yet acted on it, so the port may be closed and used again.
 */
void xenpv_event_withdraw(struct xenpv_event *ev)
{
	struct chunk *chunk = chunk_of(ev->port);

	xenpv_event_abi->mask(ev->port);
	xenpv_event_abi->unbind(ev->port, ev->cpu);
	RCU_INIT_POINTER(chunk->slots[ev->port % SLOTS_PER_CHUNK], NULL);
	synchronize_rcu();
}

void xenpv_event_close(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	if (xenpv_hv_event_channel_op(EVTCHNOP_close, &op))
		pr_warn("Xen did not close port %u\n", port);
}

static int event_start_irq(struct xenpv_event *ev, irq_handler_t handler,
			   unsigned long irqflags)
{
	int ret;

	ret = xenpv_event_irq_attach(ev);
	if (ret)
		return ret;

	ret = xenpv_event_publish(ev);
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

static int event_start_direct(struct xenpv_event *ev, irq_handler_t handler)
{
	int ret;

	ev->handler = handler;
	ret = xenpv_event_publish(ev);
	if (!ret && handler)
		xenpv_event_abi->unmask(ev->port);
	return ret;
}

/* Takes over the port: closes it on failure. */
static struct xenpv_event *event_create(const struct xenpv_event *init,
					irq_handler_t handler,
					unsigned long irqflags)
{
	struct xenpv_event *ev;
	int ret = -ENOMEM;

	ev = kmemdup(init, sizeof(*init), GFP_KERNEL);
	if (!ev)
		goto close;

	if (irqflags & IRQF_PERCPU)
		ret = event_start_direct(ev, handler);
	else
		ret = event_start_irq(ev, handler, irqflags);
	if (ret)
		goto free;
	return ev;

free:
	kfree(ev);
close:
	xenpv_event_close(init->port);
	return ERR_PTR(ret);
}

struct xenpv_event *xenpv_event_bind_virq(unsigned int virq, unsigned int cpu,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev)
{
	struct evtchn_bind_virq op = {
		.virq = virq,
		.vcpu = xenpv_vcpu_id(cpu),
	};
	struct xenpv_event init = {
		.cpu = cpu, .name = name, .dev = dev, .pirq = -1,
	};
	int ret;

	ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_virq, &op);
	if (ret)
		return ERR_PTR(ret);

	init.port = op.port;
	return event_create(&init, handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_virq, "XENPV");

struct xenpv_event *xenpv_event_bind_ipi(unsigned int cpu, irq_handler_t handler,
					 unsigned long irqflags,
					 const char *name, void *dev)
{
	struct evtchn_bind_ipi op = { .vcpu = xenpv_vcpu_id(cpu) };
	struct xenpv_event init = {
		.cpu = cpu, .local = true, .name = name, .dev = dev, .pirq = -1,
	};
	int ret;

	ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_ipi, &op);
	if (ret)
		return ERR_PTR(ret);

	init.port = op.port;
	return event_create(&init, handler, irqflags | IRQF_PERCPU);
}

struct xenpv_event *xenpv_event_bind_port(evtchn_port_t port,
					  irq_handler_t handler,
					  unsigned long irqflags,
					  const char *name, void *dev)
{
	struct xenpv_event init = {
		.port = port, .name = name, .dev = dev, .pirq = -1,
	};

	return event_create(&init, handler, irqflags);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_bind_port, "XENPV");

void xenpv_event_unbind(struct xenpv_event *ev)
{
	if (IS_ERR_OR_NULL(ev))
		return;

	if (ev->desc)
		xenpv_event_irq_detach(ev);
	xenpv_event_withdraw(ev);
	xenpv_event_close(ev->port);
	kfree(ev);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_unbind, "XENPV");

void xenpv_event_notify(struct xenpv_event *ev)
{
	struct evtchn_send op;

	if (unlikely(!ev))
		return;
	if (ev->local) {
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

void xenpv_event_mask(struct xenpv_event *ev)
{
	xenpv_event_abi->mask(ev->port);
}

void xenpv_event_unmask(struct xenpv_event *ev)
{
	xenpv_event_abi->unmask(ev->port);
}

bool xenpv_event_test_and_clear(struct xenpv_event *ev)
{
	return xenpv_event_abi->clear(ev->port);
}

int xenpv_event_poll(struct xenpv_event *ev)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &ev->port);
	return xenpv_hv_sched_op(SCHEDOP_poll, &poll);
}

unsigned int xenpv_event_irq(const struct xenpv_event *ev)
{
	return ev->irq;
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_irq, "XENPV");

/* The scan has cleared the pending bit: an event from now on comes again. */
void xenpv_event_dispatch(evtchn_port_t port)
{
	struct xenpv_event *ev = xenpv_event_find(port);

	/* Withdrawn a moment ago. */
	if (unlikely(!ev))
		return;
	if (ev->desc)
		generic_handle_irq_desc(ev->desc);
	else
		ev->handler(0, ev->dev);
}

void xenpv_event_run(unsigned int cpu)
{
	struct vcpu_info *vi = this_cpu_read(xenpv_vcpu);
	unsigned int pass = 0;

	/*
	 * Xen sets what is pending first and this flag last, so clear the flag
	 * first; the scan begins with a full barrier.  If the flag is set when
	 * we leave, Xen calls again as soon as interrupts are on.
	 */
	do {
		WRITE_ONCE(vi->evtchn_upcall_pending, 0);
		xenpv_event_abi->scan(cpu);
	} while (READ_ONCE(vi->evtchn_upcall_pending) && ++pass < MAX_PASSES);
}

void __init xenpv_event_init(void)
{
	xenpv_event_abi->init();
	xenpv_event_irq_init();
	pr_info("%s layout, %u ports\n", xenpv_event_abi->name,
		xenpv_event_abi->nr_ports);
}
