// SPDX-License-Identifier: GPL-2.0-only
/* Turns of a queue of a front, and what it shares with the front: rings and events. */

#include <kunit/static_stub.h>
#include <linux/bitops.h>
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/timer.h>

#include <xenpv/debugfs.h>
#include <xenpv/event.h>
#include "back.h"

/* Turns. */

/**
 * xnet_back_now() - the time
 *
 * Context: Any.
 * Return: nanoseconds since some time.
 */
u64 xnet_back_now(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xnet_back_now);
	return ktime_get_ns();
}

/**
 * xnet_back_due() - there is something to be done with a queue
 * @queue: the queue
 *
 * Context: Any.
 */
void xnet_back_due(struct xnet_back_queue *queue)
{
	KUNIT_STATIC_STUB_REDIRECT(xnet_back_due, queue);
	if (READ_ONCE(queue->up))
		napi_schedule(&queue->napi);
}

/**
 * xnet_back_later() - there will be something to be done with a queue
 * @queue: the queue
 * @ns: in how many nanoseconds
 *
 * Context: A turn of the queue.
 */
void xnet_back_later(struct xnet_back_queue *queue, u64 ns)
{
	KUNIT_STATIC_STUB_REDIRECT(xnet_back_later, queue, ns);
	timer_reduce(&queue->timer, jiffies + nsecs_to_jiffies(ns) + 1);
}

/**
 * xnet_back_halt() - leave a queue alone: the front lies
 * @queue: the queue
 * @reason: what it has done
 *
 * What is undone for that is undone by stop and disconnect, which may sleep.
 *
 * Context: A turn of the queue.
 */
void xnet_back_halt(struct xnet_back_queue *queue, const char *reason)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	WRITE_ONCE(queue->up, false);
	spin_unlock_irqrestore(&queue->lock, flags);
	xenpv_link_fault(queue->back->dev, "queue %u: %s", queue->index, reason);
}

/* An interface that is down takes nothing, and the front waits. */
static bool may_run(const struct xnet_back_queue *queue)
{
	return READ_ONCE(queue->up) && netif_running(queue->back->netdev);
}

/**
 * xnet_back_turn() - do what is to be done with a queue
 * @queue: the queue
 * @budget: packets of the front at most
 *
 * Context: Softirq, one at a time.
 * Return: @budget if there may be more to do; else less than that.
 */
int xnet_back_turn(struct xnet_back_queue *queue, int budget)
{
	int nr, more;

	if (!may_run(queue))
		return 0;
	more = xnet_back_give(queue);
	if (!READ_ONCE(queue->up))
		return 0;
	nr = xnet_back_take(queue, budget);
	return more && READ_ONCE(queue->up) ? budget : nr;
}

static void acknowledge(struct xnet_back_queue *queue)
{
	bool tx = test_and_clear_bit(XNET_TX_EVENT, &queue->events);
	bool rx = test_and_clear_bit(XNET_RX_EVENT, &queue->events);
	bool tx_useful = queue->tx_useful;

	/* One event may be for both. */
	if (!queue->rx.event)
		tx_useful |= queue->rx_useful;
	if (tx) {
		queue->tx_useful = false;
		xenpv_event_done(queue->tx.event, tx_useful);
	}
	if (rx)
		xenpv_event_done(queue->rx.event, queue->rx_useful);
	if (rx || (tx && !queue->rx.event))
		queue->rx_useful = false;
}

/**
 * xnet_back_rest() - wait for events, after a turn that had nothing more to do
 * @queue: the queue
 *
 * Requests are waited for by a queue only that has too few, and slots only if the front may
 * send.
 *
 * Context: Softirq.
 * Return: true if there is something to do already.
 */
bool xnet_back_rest(struct xnet_back_queue *queue)
{
	bool more = false;

	if (!may_run(queue))
		return false;
	if (!queue->broke)
		more = xnet_tx_back_arm(&queue->tx_ring);
	if (queue->hungry || queue->stalled)
		more |= xnet_rx_back_arm(&queue->rx_ring);
	acknowledge(queue);
	return more;
}

/*
 * The last moment in which the queue is surely ours is before napi_complete_done(): another
 * CPU may have the next turn from there on.  It finds the rings armed.
 */
static int poll(struct napi_struct *napi, int budget)
{
	struct xnet_back_queue *queue = container_of(napi, struct xnet_back_queue, napi);
	int nr;

	/* Netpoll wants room in the queue only, and has interrupts off. */
	if (!budget)
		return 0;
	nr = xnet_back_turn(queue, budget);
	if (nr >= budget || xnet_back_rest(queue))
		return budget;
	napi_complete_done(napi, nr);
	return nr;
}

static void timed_out(struct timer_list *timer)
{
	xnet_back_due(container_of(timer, struct xnet_back_queue, timer));
}

/**
 * xnet_back_tx_interrupt() - the front has sent packets, or anything if it has one event
 * @irq: not used
 * @queue: the queue, a struct xnet_back_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xnet_back_tx_interrupt(int irq, void *queue)
{
	set_bit(XNET_TX_EVENT, &((struct xnet_back_queue *)queue)->events);
	xnet_back_due(queue);
	return IRQ_HANDLED;
}

/**
 * xnet_back_rx_interrupt() - the front has lent pages
 * @irq: not used
 * @queue: the queue, a struct xnet_back_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xnet_back_rx_interrupt(int irq, void *queue)
{
	set_bit(XNET_RX_EVENT, &((struct xnet_back_queue *)queue)->events);
	xnet_back_due(queue);
	return IRQ_HANDLED;
}

/**
 * xnet_back_up() - let a queue have turns
 * @queue: the queue
 *
 * Context: Process.
 */
void xnet_back_up(struct xnet_back_queue *queue)
{
	queue->hungry = false;
	napi_enable(&queue->napi);
	spin_lock_irq(&queue->lock);
	queue->stalled = false;
	WRITE_ONCE(queue->up, true);
	spin_unlock_irq(&queue->lock);
}

/**
 * xnet_back_down() - undo xnet_back_up()
 * @queue: the queue
 *
 * Packets that wait are dropped.
 *
 * Context: Process.
 */
void xnet_back_down(struct xnet_back_queue *queue)
{
	spin_lock_irq(&queue->lock);
	WRITE_ONCE(queue->up, false);
	spin_unlock_irq(&queue->lock);
	/* Turns are what sets the timer. */
	napi_disable(&queue->napi);
	timer_delete_sync(&queue->timer);
	xnet_back_purge(queue);
}

/* What is shared. */

static void show_rings(struct xnet_back_queue *queue)
{
	struct xnet_back *back = queue->back;
	char name[16];

	if (!back->dir)
		back->dir = debugfs_create_dir(dev_name(&back->dev->dev), xenpv_debugfs);
	scnprintf(name, sizeof(name), "tx-%u", queue->index);
	queue->tx_file = xenpv_ring_debugfs(&queue->tx_ring.ring, name, back->dir);
	scnprintf(name, sizeof(name), "rx-%u", queue->index);
	queue->rx_file = xenpv_ring_debugfs(&queue->rx_ring.ring, name, back->dir);
}

/* As when it was made, but for what is counted. */
static void reset(struct xnet_back_queue *queue)
{
	queue->events = 0;
	memset(&queue->packet, 0, sizeof(queue->packet));
	queue->tx_useful = false;
	queue->rx_useful = false;
	queue->broke = false;
	queue->first = 0;
	queue->nr_requests = 0;
	queue->hungry = false;
	queue->stalled = false;
	timer_setup(&queue->timer, timed_out, 0);
}

static int map_rings(struct xnet_back_queue *queue, const struct xnet_queue_facts *facts)
{
	struct xenpv_device *dev = queue->back->dev;

	return xenpv_share_map(&queue->tx, dev, &facts->tx_ref, 1) ?:
	       xenpv_share_map(&queue->rx, dev, &facts->rx_ref, 1) ?:
	       xnet_tx_back_init(&queue->tx_ring, queue->tx.theirs, 1) ?:
	       xnet_rx_back_init(&queue->rx_ring, queue->rx.theirs, 1);
}

static int make_desk(struct xnet_back_queue *queue)
{
	queue->nr_places = queue->rx_ring.ring.nr_slots;
	queue->requests = kvcalloc(queue->nr_places, sizeof(*queue->requests), GFP_KERNEL);
	queue->desk = kvzalloc_obj(*queue->desk);
	return queue->requests && queue->desk ? 0 : -ENOMEM;
}

static int bind_events(struct xnet_back_queue *queue, const struct xnet_queue_facts *facts)
{
	const char *name = dev_name(&queue->back->dev->dev);
	int ret;

	ret = xenpv_share_bind(&queue->tx, facts->tx_port, xnet_back_tx_interrupt, name, queue);
	if (ret || facts->rx_port == facts->tx_port)
		return ret;
	return xenpv_share_bind(&queue->rx, facts->rx_port, xnet_back_rx_interrupt, name, queue);
}

/**
 * xnet_back_make_queue() - connect to a queue of the front
 * @back: the back
 * @queue: which queue
 * @facts: where it is; with one event both ports are the same
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xnet_back_drop_queue() undoes it.
 */
int xnet_back_make_queue(struct xnet_back *back, struct xnet_back_queue *queue,
			 const struct xnet_queue_facts *facts)
{
	int ret;

	reset(queue);
	rtnl_lock();
	netif_napi_add(back->netdev, &queue->napi, poll);
	rtnl_unlock();
	ret = map_rings(queue, facts);
	if (ret)
		return ret;
	show_rings(queue);
	return make_desk(queue) ?: bind_events(queue, facts);
}

/**
 * xnet_back_drop_queue() - undo xnet_back_make_queue()
 * @queue: the queue, which is down
 *
 * Context: Process.
 */
void xnet_back_drop_queue(struct xnet_back_queue *queue)
{
	debugfs_remove(queue->tx_file);
	debugfs_remove(queue->rx_file);
	queue->tx_file = NULL;
	queue->rx_file = NULL;
	xenpv_share_end(&queue->tx);
	xenpv_share_end(&queue->rx);
	rtnl_lock();
	netif_napi_del(&queue->napi);
	rtnl_unlock();
	kvfree(queue->requests);
	queue->requests = NULL;
	kvfree(queue->desk);
	queue->desk = NULL;
}
