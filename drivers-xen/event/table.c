// SPDX-License-Identifier: GPL-2.0-only
/* Which event has a port, and which CPU it notifies. */

#include <kunit/static_stub.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "private.h"

/*
 * Objects by port, in pages of pointers that are added when needed and never
 * go away.  The upcall reads under RCU (its interrupts are off); table_lock
 * serialises the writers, but for resume, when nobody else runs.
 *
 * A slot changes between empty and one object, never from one object to another,
 * and an object is whole before it gets into a slot.  So a reader sees all of an
 * event or nothing.
 */
#define SLOTS_PER_CHUNK	(PAGE_SIZE / sizeof(void *))
#define NR_CHUNKS	(EVTCHN_FIFO_NR_CHANNELS / SLOTS_PER_CHUNK)

struct chunk {
	struct xenpv_event __rcu *slots[SLOTS_PER_CHUNK];
};

static struct chunk *chunks[NR_CHUNKS];
static DEFINE_MUTEX(table_lock);

/* How many events notify a CPU. */
static DEFINE_PER_CPU(atomic_t, load);

static struct chunk *chunk_of(evtchn_port_t port)
{
	unsigned int nr = port / SLOTS_PER_CHUNK;

	return nr < NR_CHUNKS ? READ_ONCE(chunks[nr]) : NULL;
}

/**
 * xenpv_event_find() - who has a port
 * @port: the port, any number
 *
 * Context: RCU read side, by lock or with interrupts off.
 * Return: the event, or NULL.
 */
struct xenpv_event *xenpv_event_find(evtchn_port_t port)
{
	struct chunk *chunk = chunk_of(port);

	if (unlikely(!chunk))
		return NULL;
	return rcu_dereference_check(chunk->slots[port % SLOTS_PER_CHUNK],
				     rcu_read_lock_sched_held());
}

static struct chunk *chunk_add(evtchn_port_t port, gfp_t gfp)
{
	struct chunk *chunk = chunk_of(port);

	if (chunk)
		return chunk;
	chunk = kzalloc_obj(*chunk, gfp);
	if (!chunk)
		return NULL;
	/* Pairs with the address dependency in xenpv_event_find(). */
	smp_store_release(&chunks[port / SLOTS_PER_CHUNK], chunk);
	return chunk;
}

static void take_place(struct xenpv_event *ev)
{
	const struct xenpv_event_abi *abi = xenpv_event_abi;

	guard(xenpv_shared_lock)(&ev->lock);
	abi->mask(ev->port);
	/* Timers and IPIs: others wait for them, they wait for nobody. */
	if (ev->fixed)
		abi->prioritise(ev->port);
	abi->bind(ev->port, ev->cpu);
	atomic_inc(per_cpu_ptr(&load, ev->cpu));
	ev->placed = true;
}

static int publish(struct xenpv_event *ev, gfp_t gfp)
{
	const struct xenpv_event_abi *abi = xenpv_event_abi;
	struct xenpv_event __rcu **slot;
	struct chunk *chunk;
	int ret;

	if (!ev->port || ev->port >= abi->nr_ports)
		return -ERANGE;
	ret = abi->reserve(ev->port, gfp);
	if (ret)
		return ret;
	chunk = chunk_add(ev->port, gfp);
	if (!chunk)
		return -ENOMEM;

	slot = &chunk->slots[ev->port % SLOTS_PER_CHUNK];
	if (rcu_access_pointer(*slot))
		return -EEXIST;
	take_place(ev);
	rcu_assign_pointer(*slot, ev);
	return 0;
}

/**
 * xenpv_event_publish() - let the upcall find an event
 * @ev: the event, complete; it has a reason to be masked
 *
 * Context: Process; boot with interrupts off is fine.
 * Return: 0, -ERANGE for a port that cannot be, -EEXIST for one that has an
 * event, or another negative errno.
 */
int xenpv_event_publish(struct xenpv_event *ev)
{
	guard(xenpv_shared_mutex)(&table_lock);
	return publish(ev, GFP_KERNEL);
}

/**
 * xenpv_event_publish_atomic() - the same while nothing else runs
 * @ev: the event
 *
 * Context: Resume, one CPU, interrupts off.
 * Return: as xenpv_event_publish().
 */
int xenpv_event_publish_atomic(struct xenpv_event *ev)
{
	return publish(ev, GFP_ATOMIC);
}

static void forget_place(struct xenpv_event *ev)
{
	guard(xenpv_shared_lock)(&ev->lock);
	xenpv_event_abi->unbind(ev->port, ev->cpu);
	atomic_dec(per_cpu_ptr(&load, ev->cpu));
	ev->placed = false;
}

/**
 * xenpv_event_synchronize() - wait until every upcall that runs now has ended
 *
 * Context: Process.
 */
void xenpv_event_synchronize(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_synchronize);
	synchronize_rcu();
}

/**
 * xenpv_event_withdraw() - hide an event from the upcall
 * @ev: the event
 *
 * When this returns no upcall uses @ev any more.  Nor has one seen its port as
 * pending and not yet acted on it, so the port may be closed and used again.
 *
 * Context: Process.
 */
void xenpv_event_withdraw(struct xenpv_event *ev)
{
	xenpv_event_mask_for(ev, XENPV_MASK_DEAD);
	if (!ev->port)
		return;
	scoped_guard(xenpv_shared_mutex, &table_lock) {
		struct chunk *chunk = chunk_of(ev->port);

		forget_place(ev);
		RCU_INIT_POINTER(chunk->slots[ev->port % SLOTS_PER_CHUNK], NULL);
	}
	xenpv_event_synchronize();
}

/**
 * xenpv_event_take_all() - empty the table
 *
 * Context: Resume, one CPU, interrupts off.
 * Return: the events that were in it, linked by @again.
 */
struct xenpv_event *xenpv_event_take_all(void)
{
	struct xenpv_event *all = NULL;

	for (evtchn_port_t port = 0; port < EVTCHN_FIFO_NR_CHANNELS; port++) {
		struct xenpv_event *ev = xenpv_event_find(port);

		if (!ev)
			continue;
		atomic_dec(per_cpu_ptr(&load, ev->cpu));
		ev->placed = false;
		RCU_INIT_POINTER(chunk_of(port)->slots[port % SLOTS_PER_CHUNK], NULL);
		ev->again = all;
		all = ev;
	}
	return all;
}

/**
 * xenpv_event_for_each() - look at all events that can be found
 * @fn: called for each, in the order of ports
 * @arg: its argument
 *
 * Context: Process.
 */
void xenpv_event_for_each(void (*fn)(struct xenpv_event *ev, void *arg), void *arg)
{
	guard(xenpv_shared_mutex)(&table_lock);
	for (evtchn_port_t port = 0; port < EVTCHN_FIFO_NR_CHANNELS; port++) {
		struct chunk *chunk = chunk_of(port);
		struct xenpv_event *ev;

		if (!chunk) {
			port += SLOTS_PER_CHUNK - 1;
			continue;
		}
		ev = rcu_dereference_protected(chunk->slots[port % SLOTS_PER_CHUNK],
					       lockdep_is_held(&table_lock));
		if (ev)
			fn(ev, arg);
	}
}

/**
 * xenpv_event_spread() - choose a CPU for an event
 * @ev: the event
 * @mask: those that are allowed
 *
 * Context: Any.
 * Return: the allowed CPU that is online and has the fewest events besides @ev,
 * or nr_cpu_ids.
 */
unsigned int xenpv_event_spread(const struct xenpv_event *ev, const struct cpumask *mask)
{
	unsigned int best = nr_cpu_ids;
	unsigned int cpu;
	int least = INT_MAX;

	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		bool here = ev->placed && cpu == ev->cpu;
		int others = atomic_read(per_cpu_ptr(&load, cpu)) - here;

		if (others < least) {
			least = others;
			best = cpu;
		}
	}
	return best;
}

static void change_place(struct xenpv_event *ev, unsigned int cpu)
{
	xenpv_event_abi->move(ev->port, ev->cpu, cpu);
	atomic_dec(per_cpu_ptr(&load, ev->cpu));
	atomic_inc(per_cpu_ptr(&load, cpu));
	ev->cpu = cpu;
}

/**
 * xenpv_event_place() - an event notifies another CPU from now on
 * @ev: the event, masked
 * @cpu: the CPU
 *
 * One that has no port takes note of the CPU, for when it gets one.
 *
 * Context: Any.
 * Return: 0, or a negative errno; then all stays as it is.
 */
int xenpv_event_place(struct xenpv_event *ev, unsigned int cpu)
{
	int ret;

	guard(xenpv_shared_lock)(&ev->lock);
	if (!ev->placed) {
		ev->cpu = cpu;
		return 0;
	}
	ret = xenpv_event_tell_cpu(ev->port, cpu);
	if (!ret)
		change_place(ev, cpu);
	return ret;
}

/**
 * xenpv_event_settle() - tell Xen which CPU a new port is for, unless it is CPU 0
 * @ev: the event, published and masked
 *
 * If Xen does not want that CPU, the event goes to CPU 0.
 *
 * Context: Any.
 */
void xenpv_event_settle(struct xenpv_event *ev)
{
	guard(xenpv_shared_lock)(&ev->lock);
	if (ev->cpu && xenpv_event_tell_cpu(ev->port, ev->cpu))
		change_place(ev, 0);
}
