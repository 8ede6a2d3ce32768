// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls of the fake Xen about event channels, and those that wait for them. */

#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "fake.h"
#include "event_model.h"

static long alloc_unbound(void *arg)
{
	struct evtchn_alloc_unbound *op = arg;
	int port;

	if (op->dom != DOMID_SELF)
		return -EPERM;
	port = xenpv_fake_port_new(EVTCHNSTAT_unbound, 0);
	if (port < 0)
		return port;
	fake_events.ports[port].remote = op->remote_dom;
	op->port = port;
	return 0;
}

/* The other end is ours, too: it waits for ourselves. */
static bool take_own(evtchn_port_t port, evtchn_port_t other)
{
	struct fake_port *p = xenpv_fake_open_port(port);

	if (!p || p->status != EVTCHNSTAT_unbound || p->remote != DOMID_SELF)
		return false;
	p->status = EVTCHNSTAT_interdomain;
	p->remote_port = other;
	return true;
}

static long bind_interdomain(void *arg)
{
	struct evtchn_bind_interdomain *op = arg;
	int port = xenpv_fake_port_new(EVTCHNSTAT_interdomain, 0);
	bool taken;

	if (port < 0)
		return port;
	if (op->remote_dom == DOMID_SELF)
		taken = take_own(op->remote_port, port);
	else
		taken = xenpv_fake_take_offer(op->remote_dom, op->remote_port);
	if (!taken) {
		fake_events.ports[port].status = EVTCHNSTAT_closed;
		return -EINVAL;
	}
	fake_events.ports[port].remote = op->remote_dom;
	fake_events.ports[port].remote_port = op->remote_port;
	op->local_port = port;
	/* What the peer sent before there was anybody is made up for. */
	xenpv_fake_port_raise(port);
	return 0;
}

static long bind_virq(void *arg)
{
	struct evtchn_bind_virq *op = arg;
	int port;

	if (op->virq >= NR_VIRQS || (xenpv_fake_virq_is_global(op->virq) && op->vcpu))
		return -EINVAL;
	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	if (xenpv_fake_port_find(EVTCHNSTAT_virq, op->virq, op->vcpu))
		return -EEXIST;
	port = xenpv_fake_port_new(EVTCHNSTAT_virq, op->vcpu);
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
	port = xenpv_fake_port_new(EVTCHNSTAT_ipi, op->vcpu);
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
	if (xenpv_fake_port_find(EVTCHNSTAT_pirq, op->pirq, 0))
		return -EEXIST;
	port = xenpv_fake_port_new(EVTCHNSTAT_pirq, 0);
	if (port < 0)
		return port;
	fake_events.ports[port].source = op->pirq;
	op->port = port;
	return 0;
}

static long op_close(void *arg)
{
	return xenpv_fake_port_close(((struct evtchn_close *)arg)->port);
}

static long op_send(void *arg)
{
	evtchn_port_t port = ((struct evtchn_send *)arg)->port;
	struct fake_port *p = xenpv_fake_open_port(port);
	long ret = 0;

	if (!p)
		return -EINVAL;
	xenpv_fake_port_use(p);
	/* It may have been closed meanwhile. */
	switch (p->status) {
	case EVTCHNSTAT_interdomain:
		p->sent++;
		if (p->remote == DOMID_SELF)
			xenpv_fake_port_raise(p->remote_port);
		break;
	case EVTCHNSTAT_ipi:
		p->sent++;
		xenpv_fake_port_raise(port);
		break;
	case EVTCHNSTAT_unbound:
		break;
	default:
		ret = -EINVAL;
	}
	xenpv_fake_port_unuse(p);
	return ret;
}

static long op_status(void *arg)
{
	struct evtchn_status *op = arg;
	const struct fake_port *p = xenpv_fake_port(op->port);

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
	struct fake_port *p = xenpv_fake_open_port(op->port);

	if (op->vcpu >= fake_events.nr_vcpus)
		return -ENOENT;
	if (!p || p->status == EVTCHNSTAT_ipi ||
	    (p->status == EVTCHNSTAT_virq && !xenpv_fake_virq_is_global(p->source)))
		return -EINVAL;
	p->vcpu = op->vcpu;
	return 0;
}

static long op_unmask(void *arg)
{
	evtchn_port_t port = ((struct evtchn_unmask *)arg)->port;
	struct fake_port *p = xenpv_fake_port(port);

	if (!p)
		return -EINVAL;
	xenpv_fake_port_use(p);
	if (p->status != EVTCHNSTAT_closed)
		xenpv_fake_event_unmask(port);
	xenpv_fake_port_unuse(p);
	return 0;
}

static long op_reset(void *arg)
{
	if (((struct evtchn_reset *)arg)->dom != DOMID_SELF)
		return -EPERM;
	for (evtchn_port_t port = 1; port < fake_events.top; port++)
		if (xenpv_fake_open_port(port))
			xenpv_fake_port_close(port);
	xenpv_fake_back_to_twolevel();
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

		if (xenpv_fake_open_port(port) && fake_events.ports[port].kept)
			xenpv_fake_port_raise(port);
	}
	return 0;
}

static long set_priority(void *arg)
{
	const struct evtchn_set_priority *op = arg;
	struct fake_port *p = xenpv_fake_port(op->port);

	if (!p || op->priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	if (!fake_events.fifo)
		return -ENOSYS;
	p->priority = op->priority;
	return 0;
}

long xenpv_fake_event_channel_op(unsigned long cmd, unsigned long arg, unsigned long a3,
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
		if (!xenpv_fake_port(ports[i]) || ports[i] >= xenpv_fake_max_ports())
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

long xenpv_fake_sched_op(unsigned long cmd, unsigned long arg, unsigned long a3,
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
