// SPDX-License-Identifier: GPL-2.0-only
/* Late acknowledge: a peer that sends events without work has to wait, longer each time. */

#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/time64.h>
#include <linux/timer.h>

#include "../trace.h"
#include "private.h"

/*
 * An event without work is nothing bad by itself: the work may have been found
 * while polling.  So each event with work earns credit for some without, up to a
 * limit that bridges a bad stretch.  With four for one a peer may have work in
 * every fifth event only and never waits.  One that has none at all gets the
 * credit it starts with, then a wake-up after 1, 2, 4... ms, and in the end one a
 * second.
 *
 * A single event with work ends the waiting, so the worst that an honest request
 * meets is one delay.
 */
#define CREDIT_FOR_WORK		4
#define CREDIT_LIMIT		XENPV_EVENT_CREDIT
#define DELAY_FIRST_NS		NSEC_PER_MSEC
#define DELAY_LIMIT_NS		NSEC_PER_SEC

/**
 * struct eoi_queue - events that wait to be unmasked, of a CPU
 * @lock: for the tree and the nodes in it
 * @tree: events by the time at which they are due
 * @timer: fires when the first one is
 *
 * An event waits with the CPU on which the driver was done with it, not with the
 * one that it notifies.  Timers of a CPU that goes away are taken over by another
 * one, so nothing needs to be done about that.
 *
 * Order of locks: that of a queue, then that of an event.
 */
struct eoi_queue {
	raw_spinlock_t lock;
	struct rb_root_cached tree;
	struct timer_list timer;
};

static void queue_timer(struct timer_list *timer);

static DEFINE_PER_CPU(struct eoi_queue, eoi_queue) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(eoi_queue.lock),
	.tree = RB_ROOT_CACHED,
	.timer = __TIMER_INITIALIZER(queue_timer, 0),
};

/* What @useful means for the peer: how long it has to wait now. */
static u64 sentence(struct xenpv_event *ev, bool useful)
{
	if (useful) {
		ev->credit = min(ev->credit + CREDIT_FOR_WORK, CREDIT_LIMIT);
		ev->delay = 0;
		return 0;
	}
	xenpv_event_count(&ev->nr_spurious);
	if (ev->credit) {
		ev->credit--;
		return 0;
	}
	ev->delay = clamp_t(u64, 2 * ev->delay, DELAY_FIRST_NS, DELAY_LIMIT_NS);
	return ev->delay;
}

/**
 * xenpv_event_eoi_judge() - the driver is done: go on, or have the peer wait
 * @ev: the event; nothing happens if the driver does not owe it
 * @useful: there was work
 *
 * Context: Any but NMI.
 * Return: how long the peer has to wait; 0 if it does not.  Then the event is
 * unmasked, otherwise it is for the caller to have that done later.
 */
u64 xenpv_event_eoi_judge(struct xenpv_event *ev, bool useful)
{
	u64 delay;

	guard(xenpv_shared_lock)(&ev->lock);
	if (!(ev->reasons & XENPV_MASK_EOI))
		return 0;
	delay = sentence(ev, useful);
	if (delay) {
		WRITE_ONCE(ev->reasons, ev->reasons | XENPV_MASK_DELAY);
		xenpv_event_count(&ev->nr_delayed);
	}
	/* With the judgement: of two who say that they are done only one is heard. */
	xenpv_event_take_reason(ev, XENPV_MASK_EOI);
	return delay;
}

static bool due_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct xenpv_event, delayed)->due <
	       rb_entry(b, struct xenpv_event, delayed)->due;
}

static struct xenpv_event *first_of(const struct eoi_queue *queue)
{
	struct rb_node *node = rb_first_cached(&queue->tree);

	return node ? rb_entry(node, struct xenpv_event, delayed) : NULL;
}

static void leave_queue(struct xenpv_event *ev, struct eoi_queue *queue)
{
	rb_erase_cached(&ev->delayed, &queue->tree);
	RB_CLEAR_NODE(&ev->delayed);
}

static bool enter_queue(struct xenpv_event *ev, struct eoi_queue *queue, u64 due)
{
	guard(xenpv_shared_lock)(&queue->lock);
	ev->due = due;
	WRITE_ONCE(ev->queue, queue);
	return rb_add_cached(&ev->delayed, &queue->tree, due_before);
}

/**
 * xenpv_event_eoi_delay() - have an event unmasked later
 * @ev: the event
 * @due: when
 *
 * Context: Any but NMI.
 * Return: true if it is the first one now that this CPU has to look at.
 */
bool xenpv_event_eoi_delay(struct xenpv_event *ev, u64 due)
{
	return enter_queue(ev, this_cpu_ptr(&eoi_queue), due);
}

/* One at a time: each may be a hypercall, with interrupts off. */
static bool expire_one(struct eoi_queue *queue, u64 now, u64 *next)
{
	struct xenpv_event *ev;

	guard(xenpv_shared_lock)(&queue->lock);
	ev = first_of(queue);
	*next = ev ? ev->due : 0;
	if (!ev || ev->due > now)
		return false;
	leave_queue(ev, queue);
	xenpv_event_unmask_for(ev, XENPV_MASK_DELAY);
	return true;
}

static u64 expire(struct eoi_queue *queue, u64 now)
{
	u64 next;

	while (expire_one(queue, now, &next))
		;
	return next;
}

/**
 * xenpv_event_eoi_expire() - unmask what is due on this CPU
 * @now: the time
 *
 * Context: Any but NMI.
 * Return: when the next one is due, 0 if there is none.
 */
u64 xenpv_event_eoi_expire(u64 now)
{
	return expire(this_cpu_ptr(&eoi_queue), now);
}

/*
 * At @due at the latest: who asks may have been interrupted since it looked at the
 * tree, by somebody who has asked for less.
 */
static void set_timer(struct eoi_queue *queue, u64 now, u64 due)
{
	timer_reduce(&queue->timer, jiffies + nsecs_to_jiffies(due - now) + 1);
}

/**
 * xenpv_event_eoi_wake() - have this CPU look what is due
 * @now: the time
 * @due: when, later than @now; sooner if that was asked for before
 *
 * Context: Any but NMI, this CPU.
 */
void xenpv_event_eoi_wake(u64 now, u64 due)
{
	set_timer(this_cpu_ptr(&eoi_queue), now, due);
}

static void queue_timer(struct timer_list *timer)
{
	struct eoi_queue *queue = container_of(timer, struct eoi_queue, timer);
	u64 now = ktime_get_ns();
	u64 next = expire(queue, now);

	if (next)
		set_timer(queue, now, next);
}

/**
 * xenpv_event_eoi_cancel() - an event does not wait any more
 * @ev: the event; its driver does not call xenpv_event_done() again
 *
 * Context: Process.
 */
void xenpv_event_eoi_cancel(struct xenpv_event *ev)
{
	struct eoi_queue *queue = READ_ONCE(ev->queue);

	if (!queue)
		return;
	guard(xenpv_shared_lock)(&queue->lock);
	if (!RB_EMPTY_NODE(&ev->delayed))
		leave_queue(ev, queue);
}

/**
 * xenpv_event_done() - the work that an event announced is done
 * @ev: an event that was bound with %XENPV_EVENT_LATE
 * @useful: there was some
 *
 * To be called once for each call of the handler, by it or later, from anywhere;
 * more often does no harm, and neither does a call before the first event.  The
 * next event may come before this returns.  Not after xenpv_event_unbind().
 *
 * Context: Any but NMI.
 */
void xenpv_event_done(struct xenpv_event *ev, bool useful)
{
	u64 delay = xenpv_event_eoi_judge(ev, useful);
	u64 now;

	if (likely(!delay))
		return;
	trace_xenpv_event_delay(ev->port, ev->name, ev->nr_spurious, delay);
	guard(preempt)();
	now = ktime_get_ns();
	if (xenpv_event_eoi_delay(ev, now + delay))
		xenpv_event_eoi_wake(now, now + delay);
}
EXPORT_SYMBOL_NS_GPL(xenpv_event_done, "XENPV");
