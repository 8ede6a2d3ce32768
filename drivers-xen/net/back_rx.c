// SPDX-License-Identifier: GPL-2.0-only
/* The back of an interface: brings packets of the stack to the front. */

#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <xenpv/event.h>
#include <xenpv/frames.h>
#include "back.h"

static unsigned int queue_bytes = 1024 * 1024;
module_param(queue_bytes, uint, 0644);
MODULE_PARM_DESC(queue_bytes,
		 "Memory of packets that wait for a front, for each queue (default 1048576)");

/* Packets that wait for a front, for each queue. */
#define QUEUE_PACKETS	256

/* Packets of one turn, before what the front sends gets its turn. */
#define TURN		(2 * XNET_BACK_BATCH)

/* How often a front is looked at that does not tell of pages that it has lent. */
#define SILENT		(30 * NSEC_PER_MSEC)

/* How long a packet waits, and how long a front may take nothing. */
#define PATIENCE	(5 * NSEC_PER_SEC)
#define STALL		(10 * NSEC_PER_SEC)

/**
 * struct wait - what stands in an skb that waits
 * @since: from when on
 */
struct wait {
	u64 since;
};

static struct wait *wait_of(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wait) > sizeof(skb->cb));
	return (struct wait *)skb->cb;
}

/* Groups that the front wants to hear. */

static int find_group(const struct xnet_groups *groups, const u8 *address)
{
	for (unsigned int i = 0; i < groups->nr; i++)
		if (ether_addr_equal_unaligned(groups->addresses[i], address))
			return i;
	return -1;
}

/**
 * xnet_groups_change() - the front wants to hear a group, or not any more
 * @groups: those that it hears
 * @meta: which one
 *
 * Context: Softirq.
 * Return: true if that is done.
 */
bool xnet_groups_change(struct xnet_groups *groups, const struct xnet_meta *meta)
{
	unsigned long flags;
	bool done = true;
	int i;

	/* Netpoll may come in an interrupt. */
	spin_lock_irqsave(&groups->lock, flags);
	i = find_group(groups, meta->address);
	if (meta->mcast == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		if (i >= 0)
			memmove(groups->addresses[i], groups->addresses[--groups->nr], ETH_ALEN);
	} else if (i < 0) {
		done = groups->nr < XNET_BACK_GROUPS && is_multicast_ether_addr(meta->address);
		if (done)
			memcpy(groups->addresses[groups->nr++], meta->address, ETH_ALEN);
	}
	spin_unlock_irqrestore(&groups->lock, flags);
	return done;
}

/* Interrupts may be off (netpoll). */
static bool wants(struct xnet_groups *groups, const u8 *address)
{
	unsigned long flags;
	bool heard;

	if (!READ_ONCE(groups->filter) || !is_multicast_ether_addr(address) ||
	    is_broadcast_ether_addr(address))
		return true;
	spin_lock_irqsave(&groups->lock, flags);
	heard = find_group(groups, address) >= 0;
	spin_unlock_irqrestore(&groups->lock, flags);
	return heard;
}

/* From the stack. */

/* Memory of another domain is mapped there: Xen copies nothing from it. */
static bool has_foreign(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	for (unsigned int i = 0; i < info->nr_frags; i++) {
		unsigned long pfn = page_to_pfn(skb_frag_page(&info->frags[i]));

		if (xenpv_p2m_raw(pfn) & XENPV_P2M_FOREIGN)
			return true;
	}
	return false;
}

static bool known_segments(const struct sk_buff *skb)
{
	return !skb_is_gso(skb) || skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6);
}

/*
 * Memory of another domain does not wait for a front, nor what a program must not change.
 * XNET_COUNTS: it may go; else why not.
 */
static enum xnet_back_count judge(struct xnet_back *back, struct sk_buff *skb)
{
	unsigned int most = back->front.sg ? XEN_NETIF_MAX_TX_SIZE : PAGE_SIZE;

	if (skb->len > most || skb->len < ETH_HLEN || !known_segments(skb))
		return XNET_OUT_TOO_LARGE;
	if (!pskb_may_pull(skb, ETH_HLEN))
		return XNET_OUT_NO_MEMORY;
	if (!wants(&back->groups, skb->data))
		return XNET_OUT_FILTERED;
	if (skb_orphan_frags(skb, GFP_ATOMIC))
		return XNET_OUT_NO_MEMORY;
	if ((skb_has_frag_list(skb) || has_foreign(skb)) && skb_linearize(skb))
		return XNET_OUT_NO_MEMORY;
	return XNET_COUNTS;
}

/* One that is full is stopped, and has no more than one packet too many. */
static enum xnet_back_count enqueue(struct xnet_back_queue *queue, struct sk_buff *skb)
{
	unsigned int limit = READ_ONCE(queue_bytes);
	enum xnet_back_count why = XNET_COUNTS;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	if (!queue->up || queue->stalled) {
		why = XNET_OUT_APART;
	} else if (queue->bytes >= limit || skb_queue_len(&queue->skbs) >= QUEUE_PACKETS) {
		why = XNET_OUT_FULL;
	} else {
		wait_of(skb)->since = xnet_back_now();
		__skb_queue_tail(&queue->skbs, skb);
		queue->bytes += skb->truesize;
		if (queue->bytes >= limit || skb_queue_len(&queue->skbs) >= QUEUE_PACKETS) {
			netif_tx_stop_queue(netdev_get_tx_queue(queue->back->netdev,
								queue->index));
			xnet_back_count(queue, XNET_OUT_STOPS, 1);
		}
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return why;
}

/**
 * xnet_back_xmit() - the stack has a packet for the front
 * @skb: the packet
 * @netdev: the interface
 *
 * Context: Softirqs off; interrupts, too, if it is netpoll that sends.
 * Return: NETDEV_TX_OK; what can't be sent is dropped.
 */
netdev_tx_t xnet_back_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct xnet_back *back = netdev_priv(netdev);
	struct xnet_back_queue *queue = &back->queues[skb_get_queue_mapping(skb)];
	enum xnet_back_count why;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NETDEV_TX_OK;
	why = judge(back, skb);
	skb_tx_timestamp(skb);
	if (why == XNET_COUNTS)
		why = enqueue(queue, skb);
	if (why == XNET_COUNTS) {
		xnet_back_due(queue);
		return NETDEV_TX_OK;
	}
	xnet_back_count(queue, why, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* The packet that waits longest; only a turn takes it away. */
static struct sk_buff *oldest(struct xnet_back_queue *queue)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	skb = skb_peek(&queue->skbs);
	spin_unlock_irqrestore(&queue->lock, flags);
	return skb;
}

static struct sk_buff *dequeue(struct xnet_back_queue *queue)
{
	struct netdev_queue *txq = netdev_get_tx_queue(queue->back->netdev, queue->index);
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	skb = __skb_dequeue(&queue->skbs);
	if (skb)
		queue->bytes -= skb->truesize;
	if (netif_tx_queue_stopped(txq) && queue->bytes <= READ_ONCE(queue_bytes) / 2 &&
	    skb_queue_len(&queue->skbs) <= QUEUE_PACKETS / 2)
		netif_tx_wake_queue(txq);
	spin_unlock_irqrestore(&queue->lock, flags);
	return skb;
}

/**
 * xnet_back_purge() - drop all packets that wait
 * @queue: where
 *
 * Context: Process or softirq; a turn of the queue, or there is none.
 */
void xnet_back_purge(struct xnet_back_queue *queue)
{
	struct sk_buff *skb;

	while ((skb = dequeue(queue))) {
		xnet_back_count(queue, XNET_OUT_APART, 1);
		dev_kfree_skb_any(skb);
	}
}

/* Requests of the front. */

/* In private memory, in the order in which they are answered. */
static int fetch(struct xnet_back_queue *queue)
{
	unsigned int mask = queue->nr_places - 1;
	int ret;

	while (queue->nr_requests < queue->nr_places) {
		unsigned int last = queue->first + queue->nr_requests;

		ret = xnet_rx_back_get(&queue->rx_ring, &queue->requests[last & mask]);
		if (ret <= 0)
			return ret;
		queue->nr_requests++;
		queue->rx_useful = true;
	}
	return 0;
}

static struct xen_netif_rx_request *use_request(struct xnet_back_queue *queue)
{
	queue->nr_requests--;
	return &queue->requests[queue->first++ & (queue->nr_places - 1)];
}

/* Data. */

static void learn(const struct sk_buff *skb, struct xnet_meta *meta)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	*meta = (struct xnet_meta){ };
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		meta->csum = XNET_CSUM_BLANK;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		meta->csum = XNET_CSUM_VALID;
	if (!skb_is_gso(skb))
		return;
	meta->gso_size = info->gso_size;
	meta->gso_type = info->gso_type & SKB_GSO_TCPV4 ? XEN_NETIF_GSO_TYPE_TCPV4 :
							  XEN_NETIF_GSO_TYPE_TCPV6;
}

static unsigned int requests_for(const struct sk_buff *skb)
{
	return DIV_ROUND_UP(skb->len, PAGE_SIZE) + !!skb_is_gso(skb);
}

/* Extras take the place of the requests behind the first. */
static struct xnet_out_slot *new_slot(struct xnet_back_queue *queue, struct xnet_out *out)
{
	struct xen_netif_rx_request *request = use_request(queue);
	struct xnet_out_slot *slot = &out->slots[out->nr++];

	*slot = (struct xnet_out_slot){ .ref = request->gref, .id = request->id };
	for (unsigned int i = 0; out->nr == 1 && i < out->nr_extras; i++)
		use_request(queue);
	return slot;
}

/* Pages of the front are filled one after the other. */
static void add_bytes(struct xnet_back_queue *queue, struct xnet_out *out, unsigned long pfn,
		      unsigned int offset, unsigned int len)
{
	struct xnet_out_slot *slot = out->nr ? &out->slots[out->nr - 1] : NULL;
	struct xnet_back_desk *desk = queue->desk;
	unsigned int part;

	for (; len; len -= part, offset += part) {
		if (!slot || slot->len == PAGE_SIZE)
			slot = new_slot(queue, out);
		part = min3(len, (unsigned int)PAGE_SIZE - slot->len,
			    (unsigned int)PAGE_SIZE - offset_in_page(offset));
		desk->copies[desk->nr_copies++] = (struct xenpv_foreign_copy) {
			.peer = queue->back->dev->peer,
			.ref = slot->ref, .peer_offset = slot->len, .to_peer = true,
			.page = pfn_to_page(pfn + offset / PAGE_SIZE),
			.offset = offset_in_page(offset), .len = part,
		};
		slot->nr_copies++;
		slot->len += part;
	}
}

static void add_packet(struct xnet_back_queue *queue, struct sk_buff *skb)
{
	struct xnet_out *out = &queue->desk->out[queue->desk->nr++];
	const struct skb_shared_info *info = skb_shinfo(skb);

	out->skb = skb;
	out->nr = 0;
	learn(skb, &out->meta);
	out->nr_extras = skb_is_gso(skb);
	add_bytes(queue, out, PFN_DOWN(__pa(skb->data)), offset_in_page(skb->data),
		  skb_headlen(skb));
	for (unsigned int i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];

		add_bytes(queue, out, page_to_pfn(skb_frag_page(frag)), skb_frag_off(frag),
			  skb_frag_size(frag));
	}
}

/* Answers. */

static void put_extras(struct xnet_back_queue *queue, const struct xnet_meta *meta)
{
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	unsigned int nr = xnet_encode_extras(meta, extras);

	for (unsigned int i = 0; i < nr; i++) {
		union xnet_rx_slot slot = { .extra = extras[i] };

		xnet_rx_back_put(&queue->rx_ring, &slot);
	}
}

/* A page that can't be written makes its slot bad; the front drops the packet then. */
static bool put_packet(struct xnet_back_queue *queue, const struct xnet_out *out,
		       const struct xenpv_foreign_copy *copies)
{
	bool good = true;

	for (unsigned int i = 0; i < out->nr; i++) {
		const struct xnet_out_slot *from = &out->slots[i];
		struct xnet_part part = { .len = from->len };
		union xnet_rx_slot slot;
		bool failed = false;

		for (unsigned int c = 0; c < from->nr_copies; c++)
			failed |= copies++->status != 0;
		xnet_encode_rx(&out->meta, &part, !i, i + 1 < out->nr, from->id, &slot);
		if (failed)
			slot.response.status = XEN_NETIF_RSP_ERROR;
		good = good && !failed;
		xnet_rx_back_put(&queue->rx_ring, &slot);
		if (!i)
			put_extras(queue, &out->meta);
	}
	return good;
}

static unsigned int copies_of(const struct xnet_out *out)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < out->nr; i++)
		nr += out->slots[i].nr_copies;
	return nr;
}

static void clear_desk(struct xnet_back_queue *queue)
{
	struct xnet_back_desk *desk = queue->desk;
	const struct xenpv_foreign_copy *copies = desk->copies;
	unsigned int nr = 0, bytes = 0;

	if (!desk->nr)
		return;
	xenpv_foreign_copy(desk->copies, desk->nr_copies, GFP_ATOMIC);
	for (unsigned int i = 0; i < desk->nr; i++) {
		const struct xnet_out *out = &desk->out[i];

		if (put_packet(queue, out, copies)) {
			nr++;
			bytes += out->skb->len;
		}
		copies += copies_of(out);
	}
	if (xnet_rx_back_push(&queue->rx_ring))
		xenpv_event_notify(queue->rx.event ?: queue->tx.event);
	xnet_back_count(queue, XNET_OUT_PACKETS, nr);
	xnet_back_count(queue, XNET_OUT_BYTES, bytes);
	xnet_back_count(queue, XNET_OUT_NOT_COPIED, desk->nr - nr);
	for (unsigned int i = 0; i < desk->nr; i++)
		dev_consume_skb_any(desk->out[i].skb);
}

/* As many as there are requests and room for; a front with too few is hungry. */
static void fill_desk(struct xnet_back_queue *queue)
{
	struct xnet_back_desk *desk = queue->desk;
	struct sk_buff *skb;
	bool hungry;

	desk->nr = 0;
	desk->nr_copies = 0;
	while (desk->nr < XNET_BACK_BATCH &&
	       desk->nr_copies + XNET_BACK_PIECES <= XNET_BACK_COPIES) {
		skb = oldest(queue);
		if (!skb)
			return;
		hungry = requests_for(skb) > queue->nr_requests;
		if (hungry && !queue->hungry)
			queue->hungry_since = xnet_back_now();
		queue->hungry = hungry;
		if (hungry)
			return;
		add_packet(queue, dequeue(queue));
	}
}

/* Fronts that take nothing. */

static void drop_old(struct xnet_back_queue *queue, u64 now)
{
	struct sk_buff *skb;

	while ((skb = oldest(queue)) && now - wait_of(skb)->since >= PATIENCE) {
		xnet_back_count(queue, XNET_OUT_EXPIRED, 1);
		dev_kfree_skb_any(dequeue(queue));
	}
}

static void set_stalled(struct xnet_back_queue *queue, bool stalled)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	queue->stalled = stalled;
	spin_unlock_irqrestore(&queue->lock, flags);
	if (stalled) {
		xnet_back_count(queue, XNET_OUT_STALLS, 1);
		xnet_back_purge(queue);
	} else {
		queue->hungry = false;
	}
	xnet_back_stall(queue, stalled);
}

/* Requests with which any packet can go, and so a front that has stalled goes on. */
static unsigned int enough(const struct xnet_back *back)
{
	return back->front.sg ? DIV_ROUND_UP(XEN_NETIF_MAX_TX_SIZE, PAGE_SIZE) + 1 : 1;
}

static void look_at_stall(struct xnet_back_queue *queue)
{
	u64 now;

	/* Whatever has happened to the packet that it was hungry for. */
	if (queue->nr_requests >= enough(queue->back)) {
		if (queue->stalled)
			set_stalled(queue, false);
		queue->hungry = false;
	}
	if (!queue->hungry || queue->stalled)
		return;
	now = xnet_back_now();
	drop_old(queue, now);
	/* With nothing that waits, the next packet has it looked at. */
	if (queue->back->front.silent) {
		if (oldest(queue))
			xnet_back_later(queue, SILENT);
	} else if (now - queue->hungry_since >= STALL) {
		set_stalled(queue, true);
	} else {
		xnet_back_later(queue, NSEC_PER_SEC);
	}
}

/**
 * xnet_back_give() - give packets that wait to the front
 * @queue: to which ring
 *
 * Context: Softirq, a turn of the queue.
 * Return: 1: there may be more to do; 0: not before something happens.
 */
int xnet_back_give(struct xnet_back_queue *queue)
{
	int ret = 0;

	for (unsigned int nr = 0; nr < TURN; nr += queue->desk->nr) {
		ret = fetch(queue);
		if (ret < 0)
			break;
		fill_desk(queue);
		clear_desk(queue);
		if (!queue->desk->nr)
			break;
	}
	if (ret < 0) {
		xnet_back_halt(queue, xnet_rx_back_broken(&queue->rx_ring));
		return 0;
	}
	look_at_stall(queue);
	return queue->desk->nr ? 1 : 0;
}
