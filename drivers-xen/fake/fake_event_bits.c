// SPDX-License-Identifier: GPL-2.0-only
/* What the fake Xen does to pending bits, in the two-level and in the FIFO layout. */

#include <linux/bits.h>
#include <linux/compiler.h>

#include "fake.h"
#include "event_model.h"

/*
 * Each change of what the guest sees is one step, and a point before it.  All tasks
 * are one thread, so between two points nothing else happens, and plain accesses
 * stand for Xen's atomic ones.
 */

/* One word of either width, changed in one step; what was there. */
#define change(word, clear, set)					\
({									\
	typeof(word) __word = (word);					\
	typeof(*__word) __old;						\
									\
	xenpv_fake_step();						\
	__old = READ_ONCE(*__word);					\
	WRITE_ONCE(*__word, (__old & ~(clear)) | (set));		\
	__old;								\
})

#define look(word)							\
({									\
	xenpv_fake_step();						\
	READ_ONCE(*(word));						\
})

/* Tell the vCPU, unless it has been told and did not look yet. */
static void tell(unsigned int vcpu)
{
	struct vcpu_info *info = &fake_events.vcpu_info[vcpu];
	u8 before = change(&info->evtchn_upcall_pending, 0, 1);

	if (!before)
		fake_events.kicks[vcpu]++;
}

static void twolevel_select(evtchn_port_t port)
{
	unsigned int vcpu = fake_events.ports[port].vcpu;
	xen_ulong_t bit = BIT(port / BITS_PER_LONG);

	if (!(change(&fake_events.vcpu_info[vcpu].evtchn_pending_sel, 0, bit) & bit))
		tell(vcpu);
}

static void twolevel_raise(evtchn_port_t port)
{
	struct shared_info *shared = fake_events.shared;
	unsigned int word = port / BITS_PER_LONG;
	xen_ulong_t bit = BIT(port % BITS_PER_LONG);

	if (change(&shared->evtchn_pending[word], 0, bit) & bit)
		return;
	if (!(look(&shared->evtchn_mask[word]) & bit))
		twolevel_select(port);
}

static void twolevel_unmask(evtchn_port_t port)
{
	struct shared_info *shared = fake_events.shared;
	unsigned int word = port / BITS_PER_LONG;
	xen_ulong_t bit = BIT(port % BITS_PER_LONG);

	/* One that is not masked has been selected already. */
	if (change(&shared->evtchn_mask[word], bit, 0) & bit &&
	    look(&shared->evtchn_pending[word]) & bit)
		twolevel_select(port);
}

/* NULL while the guest has given no page for it. */
static event_word_t *word_of(evtchn_port_t port)
{
	if (port >= fake_events.nr_words)
		return NULL;
	return &fake_events.words[port / FAKE_WORDS_PER_PAGE][port % FAKE_WORDS_PER_PAGE];
}

static bool queue_is_free(void *queue)
{
	return !((struct fake_queue *)queue)->locked;
}

static void lock_queue(struct fake_queue *queue)
{
	xenpv_fake_wait(queue_is_free, queue);
	queue->locked = true;
}

/* Where the port goes, and where it was linked last. */
struct route {
	struct fake_queue *to;
	struct fake_queue *from;
};

static struct route route_of(const struct fake_port *p)
{
	return (struct route) {
		.to = &fake_events.queues[p->vcpu][p->priority],
		.from = &fake_events.queues[p->last_vcpu][p->last_priority],
	};
}

static unsigned int vcpu_of(const struct fake_queue *queue)
{
	return (queue - fake_events.queues[0]) / EVTCHN_FIFO_MAX_QUEUES;
}

static unsigned int priority_of(const struct fake_queue *queue)
{
	return (queue - fake_events.queues[0]) % EVTCHN_FIFO_MAX_QUEUES;
}

static void unlock_route(const struct route *route)
{
	route->to->locked = false;
	route->from->locked = false;
}

/* Both queues, in one order for all; again if the port was sent elsewhere meanwhile. */
static struct route lock_route(const struct fake_port *p)
{
	for (;;) {
		struct route route = route_of(p), now;

		lock_queue(route.to < route.from ? route.to : route.from);
		if (route.to != route.from)
			lock_queue(route.to < route.from ? route.from : route.to);
		now = route_of(p);
		if (now.to == route.to && now.from == route.from)
			return route;
		unlock_route(&route);
	}
}

/*
 * Appends to a tail that is still linked; false if it is not any more.  A linked
 * word changes a few times at most, once BUSY keeps the guest from unmasking it.
 */
static bool append(event_word_t *tail, evtchn_port_t port)
{
	const event_word_t busy = BIT(EVTCHN_FIFO_BUSY), linked = BIT(EVTCHN_FIFO_LINKED);

	for (unsigned int try = 0; try < 5; try++) {
		event_word_t old = look(tail);

		if (!(old & linked)) {
			if (try)
				change(tail, busy, 0);
			return false;
		}
		xenpv_fake_step();
		if (READ_ONCE(*tail) == old) {
			WRITE_ONCE(*tail, (old & ~(busy | EVTCHN_FIFO_LINK_MASK)) | port);
			return true;
		}
		if (!try)
			change(tail, 0, busy);
	}
	xenpv_fake_bad("a linked event word was changed too often: Xen loses the event");
	return true;
}

/* True if the queue was empty, so that its vCPU must be told. */
static bool link_to(struct route *route, evtchn_port_t port)
{
	struct fake_port *p = &fake_events.ports[port];
	evtchn_port_t tail;
	bool appended;

	if (route->from->tail == port)
		route->from->tail = 0;
	if (route->from != route->to) {
		p->last_vcpu = vcpu_of(route->to);
		p->last_priority = priority_of(route->to);
		route->from->locked = false;
		route->from = route->to;
	}

	tail = route->to->tail;
	appended = tail && append(word_of(tail), port);
	if (!appended) {
		xenpv_fake_step();
		WRITE_ONCE(fake_events.control[p->last_vcpu]->head[p->last_priority], port);
	}
	route->to->tail = port;
	return !appended;
}

static void fifo_raise(evtchn_port_t port)
{
	const event_word_t linked = BIT(EVTCHN_FIFO_LINKED);
	struct fake_port *p = &fake_events.ports[port];
	event_word_t *word = word_of(port);
	struct route route;
	unsigned int vcpu, priority;
	bool first = false;

	if (!word) {
		p->kept = true;
		return;
	}
	route = lock_route(p);
	vcpu = vcpu_of(route.to);
	priority = priority_of(route.to);
	/* Without a control block the event is lost, and Xen complains. */
	if (fake_events.control[vcpu]) {
		change(word, 0, BIT(EVTCHN_FIFO_PENDING));
		if (!(look(word) & BIT(EVTCHN_FIFO_MASKED)) &&
		    !(change(word, 0, linked) & linked))
			first = link_to(&route, port);
	}
	unlock_route(&route);
	if (first && !(change(&fake_events.control[vcpu]->ready, 0, BIT(priority)) & BIT(priority)))
		tell(vcpu);
}

static void fifo_unmask(evtchn_port_t port)
{
	event_word_t *word = word_of(port);

	if (!word)
		return;
	change(word, BIT(EVTCHN_FIFO_MASKED), 0);
	if (look(word) & BIT(EVTCHN_FIFO_PENDING))
		fifo_raise(port);
}

/* The port becomes pending. */
void xenpv_fake_event_raise(evtchn_port_t port)
{
	if (fake_events.fifo)
		fifo_raise(port);
	else
		twolevel_raise(port);
}

void xenpv_fake_event_unmask(evtchn_port_t port)
{
	if (fake_events.fifo)
		fifo_unmask(port);
	else
		twolevel_unmask(port);
}

/* A FIFO word stays linked; the guest will unlink it. */
void xenpv_fake_event_clear(evtchn_port_t port)
{
	struct shared_info *shared = fake_events.shared;

	if (!fake_events.fifo)
		change(&shared->evtchn_pending[port / BITS_PER_LONG],
		       BIT(port % BITS_PER_LONG), 0);
	else if (word_of(port))
		change(word_of(port), BIT(EVTCHN_FIFO_PENDING), 0);
}

/* These only look, and are no steps. */

bool xenpv_fake_event_pending(evtchn_port_t port)
{
	const struct shared_info *shared = fake_events.shared;

	if (fake_events.fifo)
		return word_of(port) && *word_of(port) & BIT(EVTCHN_FIFO_PENDING);
	return shared->evtchn_pending[port / BITS_PER_LONG] & BIT(port % BITS_PER_LONG);
}

bool xenpv_fake_event_masked(evtchn_port_t port)
{
	const struct shared_info *shared = fake_events.shared;

	if (fake_events.fifo)
		return !word_of(port) || *word_of(port) & BIT(EVTCHN_FIFO_MASKED);
	return shared->evtchn_mask[port / BITS_PER_LONG] & BIT(port % BITS_PER_LONG);
}

bool xenpv_fake_event_linked(evtchn_port_t port)
{
	return fake_events.fifo && word_of(port) &&
	       *word_of(port) & BIT(EVTCHN_FIFO_LINKED);
}
