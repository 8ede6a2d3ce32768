// SPDX-License-Identifier: GPL-2.0-only
/* What the front of a network interface shares with its back, and when it looks at it. */

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/numa.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <net/page_pool/helpers.h>

#include <xenpv/debugfs.h>
#include <xenpv/event.h>
#include "front.h"

/* Polling. */

/* True: there is more, and no event would come. */
static bool arm(struct xnet_front_queue *queue)
{
	/* Both, whatever the first one says. */
	return xnet_tx_front_arm(&queue->tx) | xnet_rx_front_arm(&queue->rx);
}

/*
 * Both rings are looked at whichever event came, so work may be done before its own event
 * comes.  That one is useful then: what was useful is forgotten with the event, not before.
 */
static void acknowledge(struct xnet_front_queue *queue)
{
	bool tx = test_and_clear_bit(XNET_FRONT_TX_EVENT, &queue->events);
	bool rx = test_and_clear_bit(XNET_FRONT_RX_EVENT, &queue->events);

	if (!queue->rx_share.event) {
		queue->tx_useful |= queue->rx_useful;
		queue->rx_useful = false;
	}
	if (tx) {
		xenpv_event_done(queue->tx_share.event, queue->tx_useful);
		queue->tx_useful = false;
	}
	if (rx) {
		xenpv_event_done(queue->rx_share.event, queue->rx_useful);
		queue->rx_useful = false;
	}
}

/**
 * xnet_front_poll() - look at both rings
 * @napi: of a queue
 * @budget: packets to receive at most
 *
 * Rings are armed before the instance is given up, since they belong to who has it.
 *
 * Context: NAPI.
 * Return: how many there were; all of @budget if it is to be called again.
 */
int xnet_front_poll(struct napi_struct *napi, int budget)
{
	struct xnet_front_queue *queue = container_of(napi, struct xnet_front_queue, napi);
	bool more = xnet_front_reap(queue, budget);
	int nr;

	if (!budget)
		return 0;
	nr = xnet_front_receive(queue, budget);
	if (nr == budget || more || arm(queue))
		return budget;
	acknowledge(queue);
	napi_complete_done(napi, nr);
	return nr;
}

static irqreturn_t came(struct xnet_front_queue *queue, int which)
{
	set_bit(which, &queue->events);
	napi_schedule(&queue->napi);
	return IRQ_HANDLED;
}

/**
 * xnet_front_interrupt() - the back has answered, or anything if there is one event
 * @irq: not used
 * @queue: the queue, a struct xnet_front_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xnet_front_interrupt(int irq, void *queue)
{
	return came(queue, XNET_FRONT_TX_EVENT);
}

/**
 * xnet_front_rx_interrupt() - the back has sent
 * @irq: not used
 * @queue: the queue, a struct xnet_front_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xnet_front_rx_interrupt(int irq, void *queue)
{
	return came(queue, XNET_FRONT_RX_EVENT);
}

static void poll_soon(struct xnet_front_queue *queue)
{
	/* It runs at the end of this. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

static void try_again(struct work_struct *work)
{
	struct xnet_front *front = container_of(work, struct xnet_front, again);

	for (unsigned int i = 0; i < front->max_queues; i++)
		poll_soon(&front->queues[i]);
}

static void be_hungry(struct work_struct *work)
{
	poll_soon(container_of(to_delayed_work(work), struct xnet_front_queue, hungry));
}

static void room(void *arg)
{
	struct xnet_front *front = arg;

	schedule_work(&front->again);
}

/* Queues, from the first to the last day of the interface. */

static int make_pages(struct xnet_front_queue *queue)
{
	const struct page_pool_params params = {
		.pool_size = XNET_FRONT_SLOTS,
		.nid = NUMA_NO_NODE,
		.napi = &queue->napi,
	};

	queue->pages = page_pool_create(&params);
	if (!IS_ERR(queue->pages))
		return 0;
	queue->pages = NULL;
	return -ENOMEM;
}

/**
 * xnet_front_make_queues() - make queues that nobody uses yet
 * @front: the front
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xnet_front_drop_queues() undoes it.
 */
int xnet_front_make_queues(struct xnet_front *front)
{
	int ret = 0;

	INIT_WORK(&front->again, try_again);
	front->queues = kvcalloc(front->max_queues, sizeof(*front->queues), GFP_KERNEL);
	if (!front->queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < front->max_queues; i++) {
		struct xnet_front_queue *queue = &front->queues[i];

		queue->front = front;
		queue->nr = i;
		spin_lock_init(&queue->lock);
		u64_stats_init(&queue->sending.sync);
		u64_stats_init(&queue->polling.sync);
		INIT_DELAYED_WORK(&queue->hungry, be_hungry);
		netif_napi_add(front->net, &queue->napi, xnet_front_poll);
	}
	for (unsigned int i = 0; i < front->max_queues && !ret; i++)
		ret = make_pages(&front->queues[i]);
	return ret;
}

/**
 * xnet_front_drop_queues() - undo xnet_front_make_queues()
 * @front: the front; nothing is connected, and nobody sees the interface
 *
 * Pages in packets that somebody still has come back later.
 *
 * Context: Process.
 */
void xnet_front_drop_queues(struct xnet_front *front)
{
	for (unsigned int i = 0; front->queues && i < front->max_queues; i++) {
		struct xnet_front_queue *queue = &front->queues[i];

		page_pool_destroy(queue->pages);
		netif_napi_del(&queue->napi);
	}
	kvfree(front->queues);
	front->queues = NULL;
}

/* From connect to disconnect. */

static int make_pool(struct xnet_front *front, const struct xnet_front_terms *terms)
{
	struct xenpv_grant_setup setup = {
		.name = dev_name(&front->dev->dev),
		.peer = front->dev->peer,
		.policy = terms->persistent ? XENPV_GRANT_COPY :
			  terms->trusted ? XENPV_GRANT_TRUST : XENPV_GRANT_WHOLE,
		.persistent = terms->persistent,
		.reserve = XNET_SLOTS,
		/* One packet must fit, or nothing ever goes. */
		.max = max(terms->pages, XNET_SLOTS),
		.room = room,
		.arg = front,
	};

	front->trusted = terms->trusted;
	front->pool = xenpv_grant_pool_create(&setup);
	return PTR_ERR_OR_ZERO(front->pool);
}

static int make_sent(struct xnet_front_queue *queue)
{
	struct xnet_sent *sent = kvcalloc(XNET_FRONT_SLOTS, sizeof(*sent), GFP_KERNEL);

	if (!sent)
		return -ENOMEM;
	for (unsigned int i = 0; i < XNET_FRONT_SLOTS; i++)
		sent[i].next = i + 1;
	spin_lock_irq(&queue->lock);
	queue->sent = sent;
	queue->free = 0;
	queue->extras = 0;
	spin_unlock_irq(&queue->lock);
	return xenpv_ids_init(&queue->ids, XNET_FRONT_SLOTS, 16);
}

static int make_tx(struct xnet_front_queue *queue)
{
	struct xnet_front *front = queue->front;
	struct xenpv_share *share = &queue->tx_share;

	queue->events = 0;
	queue->tx_useful = false;
	return xenpv_share_alloc(share, front->dev, front->pool, 1) ?:
	       xnet_tx_front_init(&queue->tx, share->ring, 1) ?:
	       make_sent(queue) ?:
	       xenpv_share_lend(share) ?:
	       xenpv_share_open(share, xnet_front_interrupt, dev_name(&front->dev->dev), queue);
}

static int make_rx(struct xnet_front_queue *queue)
{
	struct xnet_front *front = queue->front;
	struct xenpv_share *share = &queue->rx_share;
	int ret;

	queue->put = 0;
	queue->got = 0;
	queue->rx_useful = false;
	memset(&queue->arrival, 0, sizeof(queue->arrival));
	ret = xenpv_share_alloc(share, front->dev, front->pool, 1) ?:
	      xnet_rx_front_init(&queue->rx, share->ring, 1) ?:
	      xenpv_share_lend(share);
	if (ret || !front->facts.split)
		return ret;
	return xenpv_share_open(share, xnet_front_rx_interrupt, dev_name(&front->dev->dev), queue);
}

static int make_queue(struct xnet_front_queue *queue)
{
	char name[16];
	int ret = make_tx(queue) ?: make_rx(queue);

	if (ret)
		return ret;
	/* Positions are counted by this, so it is not left to the size of a page. */
	if (queue->tx.ring.nr_slots != XNET_FRONT_SLOTS ||
	    queue->rx.ring.nr_slots != XNET_FRONT_SLOTS)
		return -EINVAL;
	scnprintf(name, sizeof(name), "tx-%u", queue->nr);
	queue->tx_file = xenpv_ring_debugfs(&queue->tx.ring, name, queue->front->dir);
	scnprintf(name, sizeof(name), "rx-%u", queue->nr);
	queue->rx_file = xenpv_ring_debugfs(&queue->rx.ring, name, queue->front->dir);
	return 0;
}

static void drop_queue(struct xnet_front_queue *queue)
{
	struct xnet_sent *sent;

	debugfs_remove(queue->tx_file);
	debugfs_remove(queue->rx_file);
	queue->tx_file = NULL;
	queue->rx_file = NULL;
	xnet_front_recall(queue);
	xnet_front_withdraw(queue);
	xenpv_share_end(&queue->rx_share);
	xenpv_share_end(&queue->tx_share);
	xenpv_ids_free(&queue->ids);
	spin_lock_irq(&queue->lock);
	sent = queue->sent;
	queue->sent = NULL;
	spin_unlock_irq(&queue->lock);
	kvfree(sent);
}

/**
 * xnet_front_share() - make what is shared with the back
 * @front: the front, with the facts of the back
 * @terms: how much of it
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xnet_front_unshare() undoes it.
 */
int xnet_front_share(struct xnet_front *front, const struct xnet_front_terms *terms)
{
	int ret = make_pool(front, terms);

	if (ret)
		return ret;
	xnet_front_forget_groups(front);
	front->dir = debugfs_create_dir(dev_name(&front->dev->dev), xenpv_debugfs);
	front->nr_queues = min(front->facts.queues, front->max_queues);
	for (unsigned int i = 0; i < front->nr_queues && !ret; i++)
		ret = make_queue(&front->queues[i]);
	return ret;
}

/**
 * xnet_front_unshare() - undo xnet_front_share()
 * @front: the front; it does not run
 *
 * Packets that the back has not answered are lost.
 *
 * Context: Process.
 */
void xnet_front_unshare(struct xnet_front *front)
{
	xnet_front_forget_groups(front);
	for (unsigned int i = 0; i < front->nr_queues; i++) {
		cancel_delayed_work_sync(&front->queues[i].hungry);
		drop_queue(&front->queues[i]);
	}
	debugfs_remove(front->dir);
	front->dir = NULL;
	xenpv_grant_pool_destroy(front->pool);
	front->pool = NULL;
	/* Nobody calls for it any more. */
	cancel_work_sync(&front->again);
}

/* While packets flow. */

/**
 * xnet_front_flow() - let packets go and come, if the link and the interface are up
 * @front: the front
 *
 * Context: Process; rtnl.
 */
void xnet_front_flow(struct xnet_front *front)
{
	ASSERT_RTNL();
	if (front->flowing || !front->up || !netif_running(front->net))
		return;
	front->flowing = true;
	for (unsigned int i = 0; i < front->nr_queues; i++) {
		struct xnet_front_queue *queue = &front->queues[i];

		local_bh_disable();
		xnet_front_refill(queue);
		local_bh_enable();
		/* Whoever polls finds out whether there is room, and wakes it. */
		netif_tx_stop_queue(xnet_front_txq(queue));
		napi_enable(&queue->napi);
		WRITE_ONCE(queue->live, true);
		/* For what has come meanwhile, and events that nobody acknowledged. */
		poll_soon(queue);
	}
	/* Nobody sends on the rest, and the watchdog looks at all. */
	for (unsigned int i = front->nr_queues; i < front->max_queues; i++)
		netif_tx_start_queue(netdev_get_tx_queue(front->net, i));
	xnet_front_set_rx_mode(front->net);
}

/**
 * xnet_front_ebb() - let no more packets go and come
 * @front: the front
 *
 * Context: Process; rtnl.
 */
void xnet_front_ebb(struct xnet_front *front)
{
	ASSERT_RTNL();
	if (!front->flowing)
		return;
	front->flowing = false;
	for (unsigned int i = 0; i < front->nr_queues; i++) {
		WRITE_ONCE(front->queues[i].live, false);
		napi_disable(&front->queues[i].napi);
	}
	/* Waits for who is sending, then for polls that have given up their instance. */
	netif_tx_disable(front->net);
	synchronize_net();
}
