// SPDX-License-Identifier: GPL-2.0-only
/* From a pending port to its handler; and the reasons not to go there. */

#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/percpu.h>

#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* Scans per upcall.  Each handles a port at most once. */
#define MAX_PASSES	8

const struct xenpv_event_abi *xenpv_event_abi __read_mostly = &xenpv_event_2level;

/* Events that found no handler: their port was being closed, or was closed. */
static DEFINE_PER_CPU(unsigned long, nr_dropped);

/*
 * The mask bit of a port is set as long as there is a reason.  Both change under
 * the event's lock, so who takes the last reason away cannot unmask what another
 * CPU has just masked.  A dead event has a reason for ever, and so its port, which
 * may be somebody else's by now, is never touched.
 */

/**
 * xenpv_event_mask_for() - add a reason to be masked
 * @ev: the event
 * @reason: XENPV_MASK_*
 *
 * Context: Any but NMI.
 */
void xenpv_event_mask_for(struct xenpv_event *ev, unsigned int reason)
{
	guard(xenpv_shared_lock)(&ev->lock);
	if (!ev->reasons)
		xenpv_event_abi->mask(ev->port);
	WRITE_ONCE(ev->reasons, ev->reasons | reason);
}

/**
 * xenpv_event_take_reason() - take a reason away, with the event's lock held
 * @ev: the event
 * @reason: XENPV_MASK_*
 *
 * As xenpv_event_unmask_for().
 *
 * Context: Any but NMI; @ev->lock.
 */
void xenpv_event_take_reason(struct xenpv_event *ev, unsigned int reason)
{
	unsigned int before = ev->reasons;

	WRITE_ONCE(ev->reasons, before & ~reason);
	if (before && !ev->reasons)
		xenpv_event_abi->unmask(ev->port);
}

/**
 * xenpv_event_unmask_for() - take a reason away
 * @ev: the event
 * @reason: XENPV_MASK_*
 *
 * If it was the last one and the event became pending meanwhile, the handler is
 * called soon.
 *
 * Context: Any but NMI.
 */
void xenpv_event_unmask_for(struct xenpv_event *ev, unsigned int reason)
{
	guard(xenpv_shared_lock)(&ev->lock);
	xenpv_event_take_reason(ev, reason);
}

/**
 * xenpv_event_raise() - make an event pending ourselves
 * @ev: the event
 *
 * For an event that was delivered while the interrupt core had it disabled.  Its
 * handler was not called, so nobody is going to say that a late one is done.
 *
 * Context: Any but NMI.
 */
void xenpv_event_raise(struct xenpv_event *ev)
{
	guard(xenpv_shared_lock)(&ev->lock);
	if (ev->reasons & XENPV_MASK_DEAD)
		return;
	if (!ev->reasons)
		xenpv_event_abi->mask(ev->port);
	xenpv_event_abi->raise(ev->port);
	WRITE_ONCE(ev->reasons, ev->reasons & ~XENPV_MASK_EOI);
	if (!ev->reasons)
		xenpv_event_abi->unmask(ev->port);
}

/**
 * xenpv_event_repeat() - have Xen notify again, if an event is pending
 * @ev: the event
 *
 * Context: Any but NMI.
 */
void xenpv_event_repeat(struct xenpv_event *ev)
{
	guard(xenpv_shared_lock)(&ev->lock);
	if (!ev->reasons)
		xenpv_event_abi->unmask(ev->port);
}

/**
 * xenpv_event_dropped() - count an event that nobody gets
 * @ev: whose it would have been; NULL if its port has no owner any more
 *
 * Context: Upcall.
 */
void xenpv_event_dropped(struct xenpv_event *ev)
{
	this_cpu_inc(nr_dropped);
	if (ev)
		xenpv_event_count(&ev->nr_dropped);
}

/**
 * xenpv_event_nr_dropped() - how many events nobody got
 *
 * Context: Any.
 * Return: the number since boot.
 */
unsigned long xenpv_event_nr_dropped(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(nr_dropped, cpu));
	return sum;
}

/*
 * A scan looks at the mask bit before it takes the pending bit, so it may come with
 * an event that was masked in between: then that waits, as if it had come later.
 */
static bool may_deliver(struct xenpv_event *ev)
{
	guard(xenpv_shared_lock)(&ev->lock);
	if (ev->reasons & XENPV_MASK_DEAD) {
		xenpv_event_dropped(ev);
		return false;
	}
	if (ev->reasons) {
		xenpv_event_abi->raise(ev->port);
		return false;
	}
	if (ev->late) {
		xenpv_event_abi->mask(ev->port);
		WRITE_ONCE(ev->reasons, XENPV_MASK_EOI);
	}
	return true;
}

/**
 * xenpv_event_deliver() - call the handler
 * @ev: the event whose pending bit was cleared a moment ago; NULL if the port has
 *	none
 *
 * What comes from now on sets the bit again.
 *
 * Context: Upcall.
 */
void xenpv_event_deliver(struct xenpv_event *ev)
{
	if (unlikely(!ev || READ_ONCE(ev->reasons) & XENPV_MASK_DEAD)) {
		xenpv_event_dropped(ev);
		return;
	}
	if ((ev->desc || ev->late) && !may_deliver(ev))
		return;
	xenpv_event_count(&ev->nr_delivered);
	if (ev->desc)
		generic_handle_irq_desc(ev->desc);
	else if (ev->handler)
		ev->handler(0, ev->dev);
}

/**
 * xenpv_event_run() - handle what is pending on a CPU
 * @cpu: this CPU
 *
 * Context: Hard interrupt, interrupts off, from the upcall.
 */
void xenpv_event_run(unsigned int cpu)
{
	struct vcpu_info __xen_shared *vi = per_cpu(xenpv_vcpu, cpu);
	unsigned int pass = 0;
	bool more;

	/*
	 * Xen sets what is pending first and this flag last, so clear the flag
	 * first; the scan begins with a full barrier.  If the flag is set when
	 * we leave, Xen calls again as soon as interrupts are on.
	 */
	do {
		xenpv_shared_store(&vi->evtchn_upcall_pending, 0);
		more = xenpv_event_abi->scan(cpu);
		if (!more && !xenpv_shared_load(&vi->evtchn_upcall_pending))
			return;
	} while (++pass < MAX_PASSES);
	if (more)
		xenpv_event_again(cpu);
}
