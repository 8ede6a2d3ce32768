// SPDX-License-Identifier: GPL-2.0-only
/* The fake Xen's ports: bound, sent through and closed by hypercalls and by the other ends. */

#include <kunit/test-bug.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "fake.h"
#include "event_model.h"

#define NR_OFFERS	16

struct fake_events fake_events;

/* Ports of peers that wait for us. */
static struct {
	domid_t domid;
	evtchn_port_t port;
} offers[NR_OFFERS];

static unsigned int nr_offers;

/* NULL for a number that is none, and for the port that Xen reserves. */
static struct fake_port *port_at(evtchn_port_t port)
{
	return port && port < XENPV_FAKE_PORTS ? &fake_events.ports[port] : NULL;
}

static struct fake_port *open_port_at(evtchn_port_t port)
{
	struct fake_port *p = port_at(port);

	return p && p->status != EVTCHNSTAT_closed ? p : NULL;
}

/* Who sends through a port has it locked for readers, who closes it for writing. */
static bool nobody_closes(void *p)
{
	return !((struct fake_port *)p)->closing;
}

static void use(struct fake_port *p)
{
	xenpv_fake_wait(nobody_closes, p);
	p->users++;
}

static void unuse(struct fake_port *p)
{
	p->users--;
}

static bool is_unused(void *arg)
{
	const struct fake_port *p = arg;

	return !p->users && !p->closing;
}

static void raise(evtchn_port_t port)
{
	struct fake_port *p = &fake_events.ports[port];

	use(p);
	if (p->status != EVTCHNSTAT_closed)
		xenpv_fake_event_raise(port);
	unuse(p);
}

static unsigned int max_ports(void)
{
	return fake_events.fifo ? XENPV_FAKE_PORTS : EVTCHN_2L_NR_CHANNELS;
}

/* The lowest free port; one that FIFO still links is not free yet. */
static int new_port(unsigned int status, unsigned int vcpu)
{
	for (evtchn_port_t port = fake_events.first; port < max_ports(); port++) {
		struct fake_port *p = &fake_events.ports[port];

		if (p->status != EVTCHNSTAT_closed || xenpv_fake_event_linked(port))
			continue;
		/* Of what it was, only the queue it was linked to last is kept. */
		p->status = status;
		p->vcpu = vcpu;
		p->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		p->kept = false;
		p->remote = DOMID_INVALID;
		p->remote_port = 0;
		p->source = 0;
		p->sent = 0;
		fake_events.top = max(fake_events.top, port + 1);
		return port;
	}
	return -ENOSPC;
}

static long alloc_unbound(void *arg)
{
	struct evtchn_alloc_unbound *op = arg;
	int port;

	if (op->dom != DOMID_SELF)
		return -EPERM;
	port = new_port(EVTCHNSTAT_unbound, 0);
	if (port < 0)
		return port;
	fake_events.ports[port].remote = op->remote_dom;
	op->port = port;
	return 0;
}

static bool take_offer(domid_t domid, evtchn_port_t port)
{
	for (unsigned int i = 0; i < nr_offers; i++) {
		if (offers[i].domid == domid && offers[i].port == port) {
			offers[i] = offers[--nr_offers];
			return true;
		}
	}
	return false;
}

/* The other end is ours, too: it waits for ourselves. */
static bool take_own(evtchn_port_t port, evtchn_port_t other)
{
	struct fake_port *p = open_port_at(port);

	if (!p || p->status != EVTCHNSTAT_unbound || p->remote != DOMID_SELF)
		return false;
	p->status = EVTCHNSTAT_interdomain;
	p->remote_port = other;
	return true;
}

static long bind_interdomain(void *arg)
{
	struct evtchn_bind_interdomain *op = arg;
	int port = new_port(EVTCHNSTAT_interdomain, 0);
	bool taken;

	if (port < 0)
		return port;
	if (op->remote_dom == DOMID_SELF)
		taken = take_own(op->remote_port, port);
	else
		taken = take_offer(op->remote_dom, op->remote_port);
	if (!taken) {
		fake_events.ports[port].status = EVTCHNSTAT_closed;
		return -EINVAL;
	}
	fake_events.ports[port].remote = op->remote_dom;
	fake_events.ports[port].remote_port = op->remote_port;
	op->local_port = port;
	/* What the peer sent before there was anybody is made up for. */
	raise(port);
	return 0;
}

static bool is_global(u32 virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

static evtchn_port_t find(unsigned int status, u32 source, unsigned int vcpu)
{
	bool any_vcpu = status == EVTCHNSTAT_pirq || is_global(source);

	for (evtchn_port_t port = 1; port < fake_events.top; port++) {
		const struct fake_port *p = &fake_events.ports[port];

		if (p->status == status && p->source == source &&
		    (any_vcpu || p->vcpu == vcpu))
			return port;
	}
	return 0;
}

static long bind_virq(void *arg)
{
	struct evtchn_bind_virq *op = arg;
	int port;

	if (op->virq >= NR_VIRQS || (is_global(op->virq) && op->vcpu))
		return -EINVAL;
	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	if (find(EVTCHNSTAT_virq, op->virq, op->vcpu))
		return -EEXIST;
	port = new_port(EVTCHNSTAT_virq, op->vcpu);
	if (port < 0)
		return port;
	fake_events.ports[port].source = op->virq;
	op->port = port;
	return 0;
}

static long bind_ipi(void *arg)
{
	struct evtchn_bind_ipi *op = arg;
	int port;

	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	port = new_port(EVTCHNSTAT_ipi, op->vcpu);
	if (port < 0)
		return port;
	op->port = port;
	return 0;
}

static long bind_pirq(void *arg)
{
	struct evtchn_bind_pirq *op = arg;
	int port;

	if (op->pirq >= XENPV_FAKE_PIRQS)
		return -EINVAL;
	if (find(EVTCHNSTAT_pirq, op->pirq, 0))
		return -EEXIST;
	port = new_port(EVTCHNSTAT_pirq, 0);
	if (port < 0)
		return port;
	fake_events.ports[port].source = op->pirq;
	op->port = port;
	return 0;
}

static long close_port(evtchn_port_t port)
{
	struct fake_port *p = port_at(port);

	if (!p)
		return -EINVAL;
	xenpv_fake_wait(is_unused, p);
	if (p->status == EVTCHNSTAT_closed)
		return -EINVAL;
	if (p->status == EVTCHNSTAT_interdomain && p->remote == DOMID_SELF)
		fake_events.ports[p->remote_port].status = EVTCHNSTAT_unbound;
	p->closing = true;
	xenpv_fake_event_clear(port);
	p->closing = false;
	p->status = EVTCHNSTAT_closed;
	p->vcpu = 0;
	return 0;
}

static long op_close(void *arg)
{
	return close_port(((struct evtchn_close *)arg)->port);
}

static long op_send(void *arg)
{
	evtchn_port_t port = ((struct evtchn_send *)arg)->port;
	struct fake_port *p = open_port_at(port);
	long ret = 0;

	if (!p)
		return -EINVAL;
	use(p);
	/* It may have been closed meanwhile. */
	switch (p->status) {
	case EVTCHNSTAT_interdomain:
		p->sent++;
		if (p->remote == DOMID_SELF)
			raise(p->remote_port);
		break;
	case EVTCHNSTAT_ipi:
		p->sent++;
		raise(port);
		break;
	case EVTCHNSTAT_unbound:
		break;
	default:
		ret = -EINVAL;
	}
	unuse(p);
	return ret;
}

static long op_status(void *arg)
{
	struct evtchn_status *op = arg;
	const struct fake_port *p = port_at(op->port);

	if (op->dom != DOMID_SELF)
		return -EPERM;
	if (op->port >= XENPV_FAKE_PORTS)
		return -EINVAL;
	op->status = p ? p->status : EVTCHNSTAT_closed;
	op->vcpu = p ? p->vcpu : 0;
	switch (op->status) {
	case EVTCHNSTAT_unbound:
		op->u.unbound.dom = p->remote;
		break;
	case EVTCHNSTAT_interdomain:
		op->u.interdomain.dom = p->remote;
		op->u.interdomain.port = p->remote_port;
		break;
	case EVTCHNSTAT_pirq:
		op->u.pirq = p->source;
		break;
	case EVTCHNSTAT_virq:
		op->u.virq = p->source;
		break;
	}
	return 0;
}

static long bind_vcpu(void *arg)
{
	const struct evtchn_bind_vcpu *op = arg;
	struct fake_port *p = open_port_at(op->port);

	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	if (!p || p->status == EVTCHNSTAT_ipi ||
	    (p->status == EVTCHNSTAT_virq && !is_global(p->source)))
		return -EINVAL;
	p->vcpu = op->vcpu;
	return 0;
}

static long op_unmask(void *arg)
{
	evtchn_port_t port = ((struct evtchn_unmask *)arg)->port;
	struct fake_port *p = port_at(port);

	if (!p)
		return -EINVAL;
	use(p);
	if (p->status != EVTCHNSTAT_closed)
		xenpv_fake_event_unmask(port);
	unuse(p);
	return 0;
}

static void back_to_twolevel(void)
{
	fake_events.fifo = false;
	fake_events.nr_words = 0;
	memset(fake_events.control, 0, sizeof(fake_events.control));
	memset(fake_events.queues, 0, sizeof(fake_events.queues));
}

static long op_reset(void *arg)
{
	if (((struct evtchn_reset *)arg)->dom != DOMID_SELF)
		return -EPERM;
	for (evtchn_port_t port = 1; port < fake_events.top; port++)
		if (open_port_at(port))
			close_port(port);
	back_to_twolevel();
	return 0;
}

/* The first control block turns FIFO on; what was pending until then is kept. */
static void turn_fifo_on(void)
{
	fake_events.fifo = true;
	for (evtchn_port_t port = 1; port < fake_events.top; port++) {
		struct fake_port *p = &fake_events.ports[port];

		p->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		p->last_vcpu = 0;
		p->last_priority = 0;
		if (port < EVTCHN_2L_NR_CHANNELS &&
		    fake_events.shared->evtchn_pending[port / BITS_PER_LONG] &
		    BIT(port % BITS_PER_LONG))
			p->kept = true;
	}
}

static long init_control(void *arg)
{
	struct evtchn_init_control *op = arg;
	void *page = xenpv_fake_frame(op->control_gfn);

	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
	    op->offset % 8 || !page || fake_events.control[op->vcpu])
		return -EINVAL;
	fake_events.control[op->vcpu] = page + op->offset;
	if (!fake_events.fifo)
		turn_fifo_on();
	return 0;
}

static long expand_array(void *arg)
{
	const struct evtchn_expand_array *op = arg;
	unsigned int slot = fake_events.nr_words / FAKE_WORDS_PER_PAGE;
	void *page = xenpv_fake_frame(op->array_gfn);

	if (!fake_events.fifo)
		return -EOPNOTSUPP;
	if (slot == FAKE_ARRAY_PAGES)
		return -ENOSPC;
	if (!page)
		return -EINVAL;
	fake_events.words[slot] = page;
	fake_events.nr_words += FAKE_WORDS_PER_PAGE;
	for (unsigned int i = 0; i < FAKE_WORDS_PER_PAGE; i++) {
		evtchn_port_t port = slot * FAKE_WORDS_PER_PAGE + i;

		if (open_port_at(port) && fake_events.ports[port].kept)
			raise(port);
	}
	return 0;
}

static long set_priority(void *arg)
{
	const struct evtchn_set_priority *op = arg;
	struct fake_port *p = port_at(op->port);

	if (!p || op->priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	if (!fake_events.fifo)
		return -ENOSYS;
	p->priority = op->priority;
	return 0;
}

static long event_channel_op(unsigned long cmd, unsigned long arg, unsigned long a3,
			     unsigned long a4, unsigned long a5)
{
	static long (* const ops[])(void *arg) = {
		[EVTCHNOP_bind_interdomain]	= bind_interdomain,
		[EVTCHNOP_bind_virq]		= bind_virq,
		[EVTCHNOP_bind_pirq]		= bind_pirq,
		[EVTCHNOP_close]		= op_close,
		[EVTCHNOP_send]			= op_send,
		[EVTCHNOP_status]		= op_status,
		[EVTCHNOP_alloc_unbound]	= alloc_unbound,
		[EVTCHNOP_bind_ipi]		= bind_ipi,
		[EVTCHNOP_bind_vcpu]		= bind_vcpu,
		[EVTCHNOP_unmask]		= op_unmask,
		[EVTCHNOP_reset]		= op_reset,
		[EVTCHNOP_init_control]		= init_control,
		[EVTCHNOP_expand_array]		= expand_array,
		[EVTCHNOP_set_priority]		= set_priority,
	};

	return cmd < ARRAY_SIZE(ops) ? ops[cmd]((void *)arg) : -ENOSYS;
}

static bool poll_is_over(void *arg)
{
	const struct sched_poll *poll = arg;
	const evtchn_port_t *ports = (const evtchn_port_t *)poll->ports;

	for (unsigned int i = 0; i < poll->nr_ports; i++)
		if (xenpv_fake_event_pending(ports[i]))
			return true;
	return poll->timeout && xenpv_fake_now() >= poll->timeout;
}

static long poll(const struct sched_poll *arg)
{
	const evtchn_port_t *ports = (const evtchn_port_t *)arg->ports;

	for (unsigned int i = 0; i < arg->nr_ports; i++)
		if (!port_at(ports[i]) || ports[i] >= max_ports())
			return -EINVAL;
	if (arg->timeout)
		xenpv_fake_wait_until(poll_is_over, (void *)arg, arg->timeout);
	else
		xenpv_fake_wait(poll_is_over, (void *)arg);
	return 0;
}

static bool is_told(void *info)
{
	return ((struct vcpu_info *)info)->evtchn_upcall_pending;
}

static long sched_op(unsigned long cmd, unsigned long arg, unsigned long a3,
		     unsigned long a4, unsigned long a5)
{
	struct vcpu_info *info = &fake_events.vcpu_info[fake_events.vcpu];

	switch (cmd) {
	case SCHEDOP_yield:
		xenpv_fake_yield();
		return 0;
	case SCHEDOP_block:
		WRITE_ONCE(info->evtchn_upcall_mask, 0);
		xenpv_fake_wait(is_told, info);
		return 0;
	case SCHEDOP_poll:
		return poll((const struct sched_poll *)arg);
	default:
		return -ENOSYS;
	}
}

static void event_end(void *unused)
{
	free_page((unsigned long)fake_events.shared);
	kvfree(fake_events.ports);
	memset(&fake_events, 0, sizeof(fake_events));
}

/**
 * xenpv_fake_event_start() - serve event channels to the end of the case
 * @nr_vcpus: of the domain, at most XENPV_FAKE_VCPUS
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_event_start(unsigned int nr_vcpus)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_ASSERT_NULL(test, fake_events.ports);
	KUNIT_ASSERT_LE(test, nr_vcpus, XENPV_FAKE_VCPUS);
	fake_events.shared = (struct shared_info *)get_zeroed_page(GFP_KERNEL);
	fake_events.ports = kvcalloc(XENPV_FAKE_PORTS, sizeof(*fake_events.ports), GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, event_end, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, fake_events.shared);
	KUNIT_ASSERT_NOT_NULL(test, fake_events.ports);
	fake_events.nr_vcpus = nr_vcpus;
	xenpv_fake_event_reset();
	xenpv_fake_serve(__HYPERVISOR_event_channel_op, event_channel_op);
	xenpv_fake_serve(__HYPERVISOR_sched_op, sched_op);
}

/**
 * xenpv_fake_event_reset() - forget all ports and clear all that is shared
 *
 * Context: Process, outside of tasks.
 */
void xenpv_fake_event_reset(void)
{
	memset(fake_events.shared, 0, sizeof(*fake_events.shared));
	memset(fake_events.vcpu_info, 0, sizeof(fake_events.vcpu_info));
	memset(fake_events.kicks, 0, sizeof(fake_events.kicks));
	memset(fake_events.ports, 0, fake_events.top * sizeof(*fake_events.ports));
	back_to_twolevel();
	fake_events.vcpu = 0;
	fake_events.first = 1;
	fake_events.top = 1;
	nr_offers = 0;
}

/**
 * xenpv_fake_shared_info() - the page that Xen shares with the domain
 *
 * Context: Any.
 * Return: the page.
 */
struct shared_info *xenpv_fake_shared_info(void)
{
	return fake_events.shared;
}

/**
 * xenpv_fake_vcpu_info() - what Xen shares with a vCPU
 * @vcpu: its number
 *
 * Context: Any.
 * Return: the structure.
 */
struct vcpu_info *xenpv_fake_vcpu_info(unsigned int vcpu)
{
	return &fake_events.vcpu_info[vcpu];
}

/**
 * xenpv_fake_event_on() - say which vCPU runs
 * @vcpu: its number
 *
 * Context: Any.
 */
void xenpv_fake_event_on(unsigned int vcpu)
{
	fake_events.vcpu = vcpu;
}

/**
 * xenpv_fake_event_first() - say where new ports start
 * @port: the lowest to be given out
 *
 * Context: Any.
 */
void xenpv_fake_event_first(evtchn_port_t port)
{
	fake_events.first = max(port, 1U);
}

/**
 * xenpv_fake_event_offer() - have a peer wait for us
 * @domid: the peer
 * @port: its port
 *
 * Context: Any.
 */
void xenpv_fake_event_offer(domid_t domid, evtchn_port_t port)
{
	if (nr_offers == NR_OFFERS) {
		xenpv_fake_bad("more offers of ports than the fake can keep");
		return;
	}
	offers[nr_offers].domid = domid;
	offers[nr_offers++].port = port;
}

/**
 * xenpv_fake_event_connected() - open a port that is connected already
 * @domid: the peer
 * @remote: its port
 *
 * As the toolstack does for the console and xenstore.
 *
 * Context: Any.
 * Return: the port, 0 if there is none left.
 */
evtchn_port_t xenpv_fake_event_connected(domid_t domid, evtchn_port_t remote)
{
	int port = new_port(EVTCHNSTAT_interdomain, 0);

	if (port < 0)
		return 0;
	fake_events.ports[port].remote = domid;
	fake_events.ports[port].remote_port = remote;
	return port;
}

/**
 * xenpv_fake_event_connect() - have the peer bind to a port that waits for it
 * @port: ours
 * @remote: the peer's
 *
 * Context: Any.
 * Return: 0, or -EINVAL if it does not wait.
 */
int xenpv_fake_event_connect(evtchn_port_t port, evtchn_port_t remote)
{
	struct fake_port *p = open_port_at(port);

	if (!p || p->status != EVTCHNSTAT_unbound)
		return -EINVAL;
	p->status = EVTCHNSTAT_interdomain;
	p->remote_port = remote;
	return 0;
}

/**
 * xenpv_fake_event_disconnect() - have the peer close its end
 * @port: our end
 *
 * Context: Any.
 * Return: 0, or -EINVAL if there is no peer.
 */
int xenpv_fake_event_disconnect(evtchn_port_t port)
{
	struct fake_port *p = open_port_at(port);

	if (!p || p->status != EVTCHNSTAT_interdomain || p->remote == DOMID_SELF)
		return -EINVAL;
	xenpv_fake_wait(is_unused, p);
	p->status = EVTCHNSTAT_unbound;
	return 0;
}

/**
 * xenpv_fake_event_send() - have the other end of a port send
 * @port: our end
 *
 * Context: Any; of a task, each of Xen's steps is a point.
 * Return: 0, or -EINVAL if nobody can send to it.
 */
int xenpv_fake_event_send(evtchn_port_t port)
{
	struct fake_port *p = open_port_at(port);

	if (!p || p->status == EVTCHNSTAT_unbound)
		return -EINVAL;
	raise(port);
	return 0;
}

/**
 * xenpv_fake_event_virq() - find the port of a virtual interrupt
 * @virq: VIRQ_* number
 * @vcpu: of which vCPU, if it is not global
 *
 * Context: Any.
 * Return: the port, 0 if it is not bound.
 */
evtchn_port_t xenpv_fake_event_virq(unsigned int virq, unsigned int vcpu)
{
	return find(EVTCHNSTAT_virq, virq, vcpu);
}

/**
 * xenpv_fake_event_pirq() - find the port of a physical interrupt
 * @pirq: its number
 *
 * Context: Any.
 * Return: the port, 0 if it is not bound.
 */
evtchn_port_t xenpv_fake_event_pirq(unsigned int pirq)
{
	return find(EVTCHNSTAT_pirq, pirq, 0);
}

/**
 * xenpv_fake_event_sent() - how often has the guest sent through a port?
 * @port: the port
 *
 * Context: Any.
 * Return: the number since it was bound.
 */
unsigned int xenpv_fake_event_sent(evtchn_port_t port)
{
	const struct fake_port *p = port_at(port);

	return p ? p->sent : 0;
}

/**
 * xenpv_fake_event_kicks() - how often was a vCPU told that something is pending?
 * @vcpu: its number
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int xenpv_fake_event_kicks(unsigned int vcpu)
{
	return fake_events.kicks[vcpu];
}

/**
 * xenpv_fake_event_due() - has Xen to enter the upcall of a vCPU?
 * @vcpu: its number
 *
 * Context: Any.
 * Return: true if it has been told, and does not mask that.
 */
bool xenpv_fake_event_due(unsigned int vcpu)
{
	const struct vcpu_info *info = &fake_events.vcpu_info[vcpu];

	return info->evtchn_upcall_pending && !info->evtchn_upcall_mask;
}

struct duty {
	unsigned int vcpu;
	unsigned long others;
};

static bool due_or_over(void *arg)
{
	const struct duty *duty = arg;

	if (xenpv_fake_event_due(duty->vcpu))
		return true;
	for (unsigned int i = 0; i < XENPV_FAKE_TASKS; i++)
		if (duty->others & BIT(i) && !xenpv_fake_ended(i))
			return false;
	return true;
}

/**
 * xenpv_fake_event_wait() - be a vCPU that waits for its upcall
 * @vcpu: its number
 * @others: bit mask of the tasks that make work for it
 *
 * Context: A task.
 * Return: true if the upcall is due, false if it is not and the others have ended.
 */
bool xenpv_fake_event_wait(unsigned int vcpu, unsigned long others)
{
	struct duty duty = { .vcpu = vcpu, .others = others };

	xenpv_fake_wait(due_or_over, &duty);
	return xenpv_fake_event_due(vcpu);
}

/**
 * xenpv_fake_event_stuck() - is a port pending, and nobody will ever look?
 *
 * Context: Process, when all is quiet.
 * Return: NULL, or a text for a scene's check.
 */
const char *xenpv_fake_event_stuck(void)
{
	for (unsigned int vcpu = 0; vcpu < fake_events.nr_vcpus; vcpu++)
		if (fake_events.vcpu_info[vcpu].evtchn_upcall_pending)
			return NULL;
	for (evtchn_port_t port = 1; port < fake_events.top; port++)
		if (open_port_at(port) && xenpv_fake_event_pending(port) &&
		    !xenpv_fake_event_masked(port))
			return "an unmasked port is pending and nobody is told";
	return NULL;
}

/**
 * xenpv_fake_event_open() - how many ports are open?
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int xenpv_fake_event_open(void)
{
	unsigned int nr = 0;

	for (evtchn_port_t port = 1; port < fake_events.top; port++)
		nr += fake_events.ports[port].status != EVTCHNSTAT_closed;
	return nr;
}
