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
struct fake_port *xenpv_fake_port(evtchn_port_t port)
{
	return port && port < XENPV_FAKE_PORTS ? &fake_events.ports[port] : NULL;
}

struct fake_port *xenpv_fake_open_port(evtchn_port_t port)
{
	struct fake_port *p = xenpv_fake_port(port);

	return p && p->status != EVTCHNSTAT_closed ? p : NULL;
}

/* Who sends through a port has it locked for readers, who closes it for writing. */
static bool nobody_closes(void *p)
{
	return !((struct fake_port *)p)->closing;
}

void xenpv_fake_port_use(struct fake_port *p)
{
	xenpv_fake_wait(nobody_closes, p);
	p->users++;
}

void xenpv_fake_port_unuse(struct fake_port *p)
{
	p->users--;
}

static bool is_unused(void *arg)
{
	const struct fake_port *p = arg;

	return !p->users && !p->closing;
}

void xenpv_fake_port_raise(evtchn_port_t port)
{
	struct fake_port *p = &fake_events.ports[port];

	xenpv_fake_port_use(p);
	if (p->status != EVTCHNSTAT_closed)
		xenpv_fake_event_raise(port);
	xenpv_fake_port_unuse(p);
}

unsigned int xenpv_fake_max_ports(void)
{
	return fake_events.fifo ? XENPV_FAKE_PORTS : EVTCHN_2L_NR_CHANNELS;
}

/* The lowest free port; one that FIFO still links is not free yet. */
int xenpv_fake_port_new(unsigned int status, unsigned int vcpu)
{
	for (evtchn_port_t port = fake_events.first; port < xenpv_fake_max_ports(); port++) {
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

bool xenpv_fake_take_offer(domid_t domid, evtchn_port_t port)
{
	for (unsigned int i = 0; i < nr_offers; i++) {
		if (offers[i].domid == domid && offers[i].port == port) {
			offers[i] = offers[--nr_offers];
			return true;
		}
	}
	return false;
}

bool xenpv_fake_virq_is_global(u32 virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

evtchn_port_t xenpv_fake_port_find(unsigned int status, u32 source, unsigned int vcpu)
{
	bool any_vcpu = status == EVTCHNSTAT_pirq || xenpv_fake_virq_is_global(source);

	for (evtchn_port_t port = 1; port < fake_events.top; port++) {
		const struct fake_port *p = &fake_events.ports[port];

		if (p->status == status && p->source == source &&
		    (any_vcpu || p->vcpu == vcpu))
			return port;
	}
	return 0;
}

long xenpv_fake_port_close(evtchn_port_t port)
{
	struct fake_port *p = xenpv_fake_port(port);

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

void xenpv_fake_back_to_twolevel(void)
{
	fake_events.fifo = false;
	fake_events.nr_words = 0;
	memset(fake_events.control, 0, sizeof(fake_events.control));
	memset(fake_events.queues, 0, sizeof(fake_events.queues));
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
	xenpv_fake_serve(__HYPERVISOR_event_channel_op, xenpv_fake_event_channel_op);
	xenpv_fake_serve(__HYPERVISOR_sched_op, xenpv_fake_sched_op);
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
	xenpv_fake_back_to_twolevel();
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
	int port = xenpv_fake_port_new(EVTCHNSTAT_interdomain, 0);

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
	struct fake_port *p = xenpv_fake_open_port(port);

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
	struct fake_port *p = xenpv_fake_open_port(port);

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
	struct fake_port *p = xenpv_fake_open_port(port);

	if (!p || p->status == EVTCHNSTAT_unbound)
		return -EINVAL;
	xenpv_fake_port_raise(port);
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
	return xenpv_fake_port_find(EVTCHNSTAT_virq, virq, vcpu);
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
	return xenpv_fake_port_find(EVTCHNSTAT_pirq, pirq, 0);
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
	const struct fake_port *p = xenpv_fake_port(port);

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
		if (xenpv_fake_open_port(port) && xenpv_fake_event_pending(port) &&
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
