// SPDX-License-Identifier: GPL-2.0-only
/* The front of a network interface sends: packets become slots, answers free them. */

#include <linux/dma-direction.h>
#include <linux/etherdevice.h>
#include <linux/minmax.h>
#include <linux/pfn.h>
#include <linux/string.h>

#include <xenpv/event.h>
#include "front.h"

/* Answers that are taken at a time, with the lock held. */
#define BATCH	16U

/**
 * struct on_its_way - what we remember in a packet
 * @len: its bytes, as the queue was told
 * @left: slots that were not answered
 * @refused: one was answered badly
 * @kept: the back kept a page
 */
struct on_its_way {
	u32 len;
	u16 left;
	bool refused;
	bool kept;
};

static struct on_its_way *on_its_way(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct on_its_way) > sizeof(skb->cb));
	return (struct on_its_way *)skb->cb;
}

/**
 * xnet_front_pieces() - slots of data that a packet takes
 * @skb: the packet
 *
 * Context: Any.
 * Return: how many.
 */
unsigned int xnet_front_pieces(const struct sk_buff *skb)
{
	unsigned int nr = 0;

	if (skb_headlen(skb))
		nr = PFN_UP(offset_in_page(skb->data) + skb_headlen(skb));
	for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		if (skb_frag_size(frag))
			nr += PFN_UP(offset_in_page(skb_frag_off(frag)) + skb_frag_size(frag));
	}
	return nr;
}

static unsigned int most_pieces(const struct xnet_front *front)
{
	return front->facts.sg ? XNET_SLOTS : 1;
}

/* A back wants the header of Ethernet in the first slot. */
static bool fits(const struct xnet_front *front, const struct sk_buff *skb)
{
	return !skb_has_frag_list(skb) &&
	       min(skb_headlen(skb), PAGE_SIZE - offset_in_page(skb->data)) >= ETH_HLEN &&
	       xnet_front_pieces(skb) <= most_pieces(front);
}

/* Moves the head to where it begins near the start of a page: heads of some size begin there. */
static int move_head(struct sk_buff *skb)
{
	unsigned int more = PAGE_SIZE - offset_in_page(skb_headroom(skb)) + NET_SKB_PAD;

	return pskb_expand_head(skb, more, 0, GFP_ATOMIC);
}

/* Makes a packet fit: 0, -EMSGSIZE if that can't be done, or -ENOMEM. */
static int make_fit(const struct xnet_front *front, struct sk_buff *skb)
{
	if (skb->len > XEN_NETIF_MAX_TX_SIZE || skb->len < ETH_HLEN)
		return -EMSGSIZE;
	if (likely(fits(front, skb)))
		return 0;
	if ((skb_has_frag_list(skb) || xnet_front_pieces(skb) > most_pieces(front)) &&
	    skb_linearize(skb))
		return -ENOMEM;
	if (fits(front, skb))
		return 0;
	if (!pskb_may_pull(skb, ETH_HLEN) || move_head(skb))
		return -ENOMEM;
	return fits(front, skb) ? 0 : -EMSGSIZE;
}

static int lend_once(struct xnet_front_queue *queue, struct sk_buff *skb)
{
	int nents;

	sg_init_table(queue->sgl, ARRAY_SIZE(queue->sgl));
	nents = skb_to_sgvec(skb, queue->sgl, 0, skb->len);
	if (nents < 0)
		return nents;
	return xenpv_grant_sg(queue->front->pool, queue->sgl, nents, DMA_TO_DEVICE, queue->segs,
			      ARRAY_SIZE(queue->segs));
}

/* Lends a packet: its pieces; or -EAGAIN, and then the queue is stopped until there is room. */
static int lend(struct xnet_front_queue *queue, struct sk_buff *skb)
{
	int nr = lend_once(queue, skb);

	if (likely(nr != -EAGAIN))
		return nr;
	/* There may have been room before the queue was stopped, so look again. */
	netif_tx_stop_queue(xnet_front_txq(queue));
	nr = lend_once(queue, skb);
	if (nr != -EAGAIN)
		netif_tx_start_queue(xnet_front_txq(queue));
	return nr;
}

static void describe(struct xnet_packet *packet, const struct sk_buff *skb,
		     const struct xenpv_grant_seg *segs, unsigned int nr)
{
	struct xnet_meta *meta = &packet->chain.meta;

	memset(meta, 0, sizeof(*meta));
	packet->len = skb->len;
	packet->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		packet->pieces[i] = (struct xnet_piece) {
			.ref = segs[i].ref, .offset = segs[i].offset, .len = segs[i].len,
		};
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		meta->csum = XNET_CSUM_BLANK;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		meta->csum = XNET_CSUM_VALID;
	if (skb_is_gso(skb)) {
		meta->gso_type = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6 ?
				 XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
		meta->gso_size = skb_shinfo(skb)->gso_size;
	}
}

static struct xnet_sent *take_free(struct xnet_front_queue *queue)
{
	struct xnet_sent *sent;

	lockdep_assert_held(&queue->lock);
	sent = &queue->sent[queue->free];
	queue->free = sent->next;
	return sent;
}

static void give_free(struct xnet_front_queue *queue, struct xnet_sent *sent)
{
	lockdep_assert_held(&queue->lock);
	sent->skb = NULL;
	sent->next = queue->free;
	queue->free = sent - queue->sent;
}

/* As many as there are slots, so if the ring has room, there are ids. */
static bool give_ids(struct xnet_front_queue *queue, struct sk_buff *skb)
{
	struct xnet_packet *packet = &queue->packet;
	struct xnet_sent *sent;
	u64 id;

	lockdep_assert_held(&queue->lock);
	if (xnet_tx_front_room(&queue->tx) < XNET_FRONT_NEED ||
	    xenpv_ids_out(&queue->ids) + packet->nr > XNET_FRONT_SLOTS)
		return false;
	for (unsigned int i = 0; i < packet->nr; i++) {
		sent = take_free(queue);
		xenpv_ids_give(&queue->ids, sent, &id);
		sent->skb = skb;
		sent->seg = queue->segs[i];
		packet->ids[i] = id;
	}
	return true;
}

/* False: the ring is broken, and nothing was sent. */
static bool send(struct xnet_front_queue *queue, struct sk_buff *skb)
{
	struct netdev_queue *txq = xnet_front_txq(queue);
	struct xnet_packet *packet = &queue->packet;
	unsigned int nr;
	bool sent;

	lockdep_assert_held(&queue->lock);
	sent = give_ids(queue, skb);
	if (!sent)
		return false;
	*on_its_way(skb) = (struct on_its_way){ .len = skb->len, .left = packet->nr };
	nr = xnet_encode_tx(packet, queue->slots);
	queue->extras += nr - packet->nr;
	/* If it breaks now, the packet is taken back with all others. */
	for (unsigned int i = 0; i < nr; i++)
		xnet_tx_front_put(&queue->tx, &queue->slots[i]);
	if (xnet_tx_front_room(&queue->tx) < XNET_FRONT_NEED) {
		netif_tx_stop_queue(txq);
		xnet_front_count(&queue->sending, XNET_TX_STOPS, 1);
	}
	return true;
}

/**
 * xnet_front_tell() - send what is no packet, but is about a group
 * @queue: the queue; its lock is held
 *
 * It leaves as much room as a packet needs, so that who sends one need not look again.
 *
 * Context: Any.
 * Return: false if there is no room now.
 */
bool xnet_front_tell(struct xnet_front_queue *queue)
{
	struct xnet_front_groups *groups = &queue->front->groups;
	struct xnet_packet *packet = &groups->packet;
	struct xnet_sent *sent;
	unsigned int nr;
	u64 id;

	lockdep_assert_held(&queue->lock);
	if (xnet_tx_front_room(&queue->tx) < XNET_FRONT_NEED + 2 ||
	    xenpv_ids_out(&queue->ids) == XNET_FRONT_SLOTS)
		return false;
	sent = take_free(queue);
	sent->skb = NULL;
	xenpv_ids_give(&queue->ids, sent, &id);
	memset(packet, 0, sizeof(*packet));
	packet->nr = 1;
	packet->ids[0] = id;
	packet->chain.meta.mcast = groups->what;
	memcpy(packet->chain.meta.address, groups->address, ETH_ALEN);
	nr = xnet_encode_tx(packet, groups->slots);
	queue->extras += nr - 1;
	groups->waits = true;
	for (unsigned int i = 0; i < nr; i++)
		xnet_tx_front_put(&queue->tx, &groups->slots[i]);
	return true;
}

static void push(struct xnet_front_queue *queue)
{
	unsigned long flags;
	bool notify;

	spin_lock_irqsave(&queue->lock, flags);
	notify = xnet_tx_front_push(&queue->tx);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (notify)
		xenpv_event_notify(queue->tx_share.event);
}

static netdev_tx_t drop(struct xnet_front_queue *queue, struct sk_buff *skb,
			enum xnet_front_count why)
{
	xnet_front_count(&queue->sending, why, 1);
	dev_kfree_skb_any(skb);
	/* Others before it may wait to be told of. */
	if (READ_ONCE(queue->live) && !netdev_xmit_more())
		push(queue);
	return NETDEV_TX_OK;
}

/**
 * xnet_front_xmit() - send a packet
 * @skb: the packet
 * @net: the interface
 *
 * Context: ndo_start_xmit.
 * Return: NETDEV_TX_OK; or NETDEV_TX_BUSY if nothing can be lent now, and the queue is
 * stopped.
 */
netdev_tx_t xnet_front_xmit(struct sk_buff *skb, struct net_device *net)
{
	struct xnet_front *front = netdev_priv(net);
	struct xnet_front_queue *queue = &front->queues[skb_get_queue_mapping(skb)];
	struct netdev_queue *txq = xnet_front_txq(queue);
	unsigned int len;
	unsigned long flags;
	bool sent, now;
	int nr;

	if (unlikely(!READ_ONCE(queue->live)))
		return drop(queue, skb, XNET_TX_DOWN);
	nr = make_fit(front, skb);
	if (nr)
		return drop(queue, skb, nr == -ENOMEM ? XNET_TX_MEMORY : XNET_TX_SHAPE);
	nr = lend(queue, skb);
	if (nr == -EAGAIN) {
		xnet_front_count(&queue->sending, XNET_TX_WAITS, 1);
		push(queue);
		return NETDEV_TX_BUSY;
	}
	if (nr < 0)
		return drop(queue, skb, XNET_TX_MEMORY);

	describe(&queue->packet, skb, queue->segs, nr);
	skb_tx_timestamp(skb);
	len = skb->len;
	spin_lock_irqsave(&queue->lock, flags);
	sent = send(queue, skb);
	/* Told before the back can answer. */
	now = sent && __netdev_tx_sent_queue(txq, len, netdev_xmit_more());
	spin_unlock_irqrestore(&queue->lock, flags);
	if (unlikely(!sent)) {
		xenpv_grant_end_sg(front->pool, queue->segs, nr);
		return drop(queue, skb, XNET_TX_DOWN);
	}
	if (now || netif_xmit_stopped(txq))
		push(queue);
	return NETDEV_TX_OK;
}

/* An answer: which slot of a packet it is about; NULL if none. */
static struct xnet_sent *answered(struct xnet_front_queue *queue,
				  const struct xen_netif_tx_response *response)
{
	struct xnet_sent *sent;

	lockdep_assert_held(&queue->lock);
	if (response->status == XEN_NETIF_RSP_NULL) {
		if (queue->extras)
			queue->extras--;
		else
			xenpv_ring_break(&queue->tx.ring, "an answer to extras that were not sent");
		return NULL;
	}
	sent = xenpv_ids_take(&queue->ids, response->id);
	if (!sent) {
		xenpv_ring_break(&queue->tx.ring, "an answer to what is not with the back");
	} else if (!sent->skb) {
		give_free(queue, sent);
		xnet_front_answered(queue->front, response->status == XEN_NETIF_RSP_OKAY);
		return NULL;
	} else if (response->status != XEN_NETIF_RSP_OKAY) {
		on_its_way(sent->skb)->refused = true;
	}
	return sent;
}

/* Fills @done; how many. */
static unsigned int take(struct xnet_front_queue *queue, struct xnet_sent *done)
{
	struct xen_netif_tx_response response;
	struct xnet_sent *sent;
	unsigned long flags;
	unsigned int nr = 0;

	spin_lock_irqsave(&queue->lock, flags);
	while (nr < BATCH && xnet_tx_front_get(&queue->tx, &response) > 0) {
		queue->tx_useful = true;
		sent = answered(queue, &response);
		if (!sent)
			continue;
		done[nr++] = *sent;
		give_free(queue, sent);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return nr;
}

/* A slot is back.  True if that was the last one of the packet. */
static bool take_back(struct xnet_front_queue *queue, struct xnet_sent *sent)
{
	struct on_its_way *way = on_its_way(sent->skb);

	if (xenpv_grant_end_sg(queue->front->pool, &sent->seg, 1))
		way->kept = true;
	return !--way->left;
}

static void account(struct xnet_front_queue *queue, const struct on_its_way *way)
{
	if (way->kept) {
		xnet_front_count(&queue->polling, XNET_TX_KEPT, 1);
	} else if (way->refused) {
		xnet_front_count(&queue->polling, XNET_TX_REFUSED, 1);
	} else {
		xnet_front_count(&queue->polling, XNET_TX_PACKETS, 1);
		xnet_front_count(&queue->polling, XNET_TX_BYTES, way->len);
	}
}

static void wake(struct xnet_front_queue *queue)
{
	struct netdev_queue *txq = xnet_front_txq(queue);
	unsigned long flags;

	if (likely(!netif_tx_queue_stopped(txq)))
		return;
	/* Who finds the ring full stops the queue with the lock held. */
	spin_lock_irqsave(&queue->lock, flags);
	if (READ_ONCE(queue->live) && xnet_tx_front_room(&queue->tx) >= XNET_FRONT_NEED)
		netif_tx_wake_queue(txq);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/**
 * xnet_front_reap() - free packets that the back has answered
 * @queue: the queue
 * @budget: of NAPI
 *
 * Context: Poll.
 * Return: true if there may be more.
 */
bool xnet_front_reap(struct xnet_front_queue *queue, int budget)
{
	unsigned int nr, all = 0, packets = 0, bytes = 0;
	struct xnet_sent done[BATCH];

	do {
		nr = take(queue, done);
		for (unsigned int i = 0; i < nr; i++) {
			const struct on_its_way *way = on_its_way(done[i].skb);

			if (!take_back(queue, &done[i]))
				continue;
			packets++;
			bytes += way->len;
			account(queue, way);
			napi_consume_skb(done[i].skb, budget);
		}
		all += nr;
	} while (nr == BATCH && all < XNET_FRONT_SLOTS);

	netdev_tx_completed_queue(xnet_front_txq(queue), packets, bytes);
	wake(queue);
	if (unlikely(xnet_tx_front_broken(&queue->tx)))
		xenpv_link_fault(queue->front->dev, "%s", xnet_tx_front_broken(&queue->tx));
	return nr == BATCH;
}

/**
 * xnet_front_recall() - take back all packets that the back has not answered
 * @queue: the queue; nobody sends and nobody polls
 *
 * Context: Process.
 */
void xnet_front_recall(struct xnet_front_queue *queue)
{
	struct xnet_sent *sent, was;
	unsigned long flags;

	for (;;) {
		spin_lock_irqsave(&queue->lock, flags);
		sent = xenpv_ids_drain(&queue->ids);
		if (sent) {
			was = *sent;
			give_free(queue, sent);
		}
		spin_unlock_irqrestore(&queue->lock, flags);
		if (!sent)
			break;
		if (was.skb && take_back(queue, &was)) {
			xnet_front_count(&queue->polling, XNET_TX_RECALLED, 1);
			dev_kfree_skb_any(was.skb);
		}
	}
	netdev_tx_reset_queue(xnet_front_txq(queue));
}
