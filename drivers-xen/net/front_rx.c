// SPDX-License-Identifier: GPL-2.0-only
/* The front of a network interface receives: pages are lent, filled, and become packets. */

#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/if_ether.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/page_pool/helpers.h>
#include <net/tcp.h>

#include <xenpv/event.h>
#include "front.h"

/* Bytes that are copied to the head of a packet: all of a small one, headers of others. */
#define HEAD	256U

/* The same for a packet in one page that would have to be cleared for the next one. */
#define SHORT	2048U

/* Pages that must be missing before it is worth lending some. */
#define BATCH	32U

/* How long to wait for memory. */
#define HUNGRY	(HZ / 10)

static struct xnet_posted *posted_at(struct xnet_front_queue *queue, u32 position)
{
	return &queue->posted[position % XNET_FRONT_SLOTS];
}

/* The page is ours, and nobody else has it. */
static void give_page(struct xnet_front_queue *queue, struct page *page)
{
	page_pool_put_full_page(queue->pages, page, true);
}

/* A page that is lent goes to the back, in the next request. */
static int post(struct xnet_front_queue *queue, const struct xnet_posted *posted)
{
	struct xen_netif_rx_request request = {
		.id = queue->put % XNET_FRONT_SLOTS,
		.gref = posted->ref,
	};
	int ret = xnet_rx_front_put(&queue->rx, &request);

	if (!ret)
		*posted_at(queue, queue->put++) = *posted;
	return ret;
}

/*
 * Takes a page back.  One that the back keeps is gone: page_pool_put_full_page() sees that
 * there is another user, which is the reaper, and does not use it again.
 */
static bool take_back(struct xnet_front_queue *queue, const struct xnet_posted *posted)
{
	get_page(posted->page);
	if (likely(xenpv_grant_end(queue->front->pool, posted->ref, posted->page)))
		return true;
	give_page(queue, posted->page);
	return false;
}

static void withdraw(struct xnet_front_queue *queue, const struct xnet_posted *posted)
{
	if (take_back(queue, posted))
		give_page(queue, posted->page);
}

/*
 * A page that was used before may have held what the kernel made of a packet, say what it
 * has decrypted in place, so it is no better than one that is new.
 */
static int lend_one(struct xnet_front_queue *queue)
{
	struct xnet_front *front = queue->front;
	struct xnet_posted posted;
	int ret;

	posted.page = page_pool_alloc_pages(queue->pages, GFP_ATOMIC | __GFP_NOWARN);
	if (!posted.page)
		return -ENOMEM;
	if (!front->trusted)
		clear_highpage(posted.page);
	ret = xenpv_grant_page(front->pool, posted.page, false);
	if (ret < 0) {
		give_page(queue, posted.page);
		return ret;
	}
	posted.ref = ret;
	ret = post(queue, &posted);
	if (ret)
		withdraw(queue, &posted);
	return ret;
}

/**
 * xnet_front_refill() - lend pages for packets to come
 * @queue: the queue
 *
 * If there are too few, it is tried again after a while.
 *
 * Context: Poll, or nobody polls and softirqs are off.
 */
void xnet_front_refill(struct xnet_front_queue *queue)
{
	u32 out = queue->put - queue->got;

	if (xnet_rx_front_broken(&queue->rx))
		return;
	if (XNET_FRONT_SLOTS - out >= BATCH) {
		while (xnet_rx_front_room(&queue->rx) && !lend_one(queue))
			;
		out = queue->put - queue->got;
	}
	/* Also what was posted again. */
	if (xnet_rx_front_push(&queue->rx))
		xenpv_event_notify(xnet_front_rx_event(queue));
	if (out < XNET_FRONT_SLOTS / 2) {
		xnet_front_count(&queue->polling, XNET_RX_STARVED, 1);
		schedule_delayed_work(&queue->hungry, HUNGRY);
	}
}

/* Whether the back has let go of the page of a slot with data, which is the last part. */
static void take_part(struct xnet_front_queue *queue, const struct xnet_posted *posted)
{
	struct xnet_arrival *arrival = &queue->arrival;

	if (likely(take_back(queue, posted)))
		return;
	arrival->parts[arrival->nr - 1].buffer = NULL;
	arrival->chain.error = -EBUSY;
}

/*
 * A packet in one page that is copied as a whole.  The page may stay where it is: the back
 * can change its data while they are copied, but not afterwards, and it has seen nothing of
 * ours in it.
 */
static bool is_short(const struct xnet_front_queue *queue)
{
	const struct xnet_arrival *arrival = &queue->arrival;

	return arrival->nr == 1 && !arrival->chain.error &&
	       arrival->len <= (queue->front->trusted ? HEAD : SHORT);
}

/* 1: that was the last slot of a packet; 0: another one must come; or -EPROTO. */
static int take_slot(struct xnet_front_queue *queue, const union xnet_rx_slot *slot)
{
	struct xnet_arrival *arrival = &queue->arrival;
	struct xnet_posted posted = *posted_at(queue, queue->got++);
	unsigned int extras = arrival->chain.extras, parts = arrival->nr;
	int ret = xnet_rx_add(arrival, slot, posted.page);

	if (arrival->nr != parts && ret > 0 && is_short(queue))
		queue->short_page = posted;
	else if (arrival->nr != parts)
		take_part(queue, &posted);
	else if (ret < 0 || arrival->chain.extras == extras || post(queue, &posted))
		withdraw(queue, &posted);
	return ret;
}

/* The same for all that the back has sent; what is not complete waits for the rest. */
static int next(struct xnet_front_queue *queue)
{
	union xnet_rx_slot slot;
	int ret;

	while ((ret = xnet_rx_front_get(&queue->rx, &slot)) > 0) {
		queue->rx_useful = true;
		ret = take_slot(queue, &slot);
		if (ret < 0)
			xenpv_ring_break(&queue->rx.ring, "a packet that has no end");
		if (ret)
			break;
	}
	return ret;
}

static void drop_parts(struct xnet_front_queue *queue)
{
	struct xnet_arrival *arrival = &queue->arrival;

	for (unsigned int i = 0; i < arrival->nr; i++) {
		if (arrival->parts[i].buffer)
			give_page(queue, arrival->parts[i].buffer);
	}
	memset(arrival, 0, sizeof(*arrival));
}

/* What was copied, or could not be: the back may fill the page again. */
static void post_short(struct xnet_front_queue *queue)
{
	struct xnet_posted posted = queue->short_page;

	if (!posted.page)
		return;
	queue->short_page.page = NULL;
	queue->arrival.parts[0].buffer = NULL;
	if (post(queue, &posted))
		withdraw(queue, &posted);
}

static u8 *data_of(const struct xnet_part *part)
{
	return (u8 *)page_address(part->buffer) + part->offset;
}

/*
 * How much of a packet is to be in the head: a header of Ethernet at least, be it in as many
 * parts as there are (XSA-522), and the whole first part if there is one more than a packet can
 * have fragments.
 */
static unsigned int head_len(const struct xnet_front_queue *queue)
{
	const struct xnet_arrival *arrival = &queue->arrival;
	const struct xnet_part *first = &arrival->parts[0];

	if (arrival->len <= HEAD || queue->short_page.page)
		return arrival->len;
	if (arrival->nr > MAX_SKB_FRAGS)
		return max(first->len, HEAD);
	if (first->len < HEAD)
		return HEAD;
	return eth_get_headlen(queue->front->net, data_of(first), HEAD);
}

/*
 * Moves parts to a packet: the first @head bytes are copied, pages of the rest are used.  What
 * is empty, or was copied, stays.
 */
static void fill(struct xnet_front_queue *queue, struct sk_buff *skb, unsigned int head)
{
	struct xnet_arrival *arrival = &queue->arrival;

	for (unsigned int i = 0; i < arrival->nr; i++) {
		struct xnet_part *part = &arrival->parts[i];
		unsigned int copy = min(head, part->len);

		/* Nothing may be put to a packet that has fragments, not even nothing. */
		if (copy)
			skb_put_data(skb, data_of(part), copy);
		head -= copy;
		if (copy == part->len)
			continue;
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, part->buffer, part->offset + copy,
				part->len - copy, PAGE_SIZE);
		part->buffer = NULL;
	}
}

static struct sk_buff *build(struct xnet_front_queue *queue)
{
	unsigned int head = head_len(queue);
	struct sk_buff *skb = napi_alloc_skb(&queue->napi, max(head, HEAD));

	if (!skb)
		return NULL;
	fill(queue, skb, head);
	skb_mark_for_recycle(skb);
	skb_record_rx_queue(skb, queue->nr);
	skb->protocol = eth_type_trans(skb, queue->front->net);
	skb_reset_network_header(skb);
	return skb;
}

/* What says that it is TCP of many segments must be. */
static int judge_gso(struct sk_buff *skb, const struct xnet_meta *meta)
{
	bool v4 = meta->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	unsigned int headers;

	if (skb->protocol != htons(v4 ? ETH_P_IP : ETH_P_IPV6) ||
	    skb->csum_offset != offsetof(struct tcphdr, check))
		return -EINVAL;
	/* That many bytes would be "as the fragments are". */
	if (meta->gso_size == GSO_BY_FRAGS || meta->gso_size < TCP_MIN_GSO_SIZE)
		return -EINVAL;
	headers = skb_transport_offset(skb) + sizeof(struct tcphdr);
	if (!pskb_may_pull(skb, headers) || tcp_hdrlen(skb) < sizeof(struct tcphdr))
		return -EINVAL;
	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (!pskb_may_pull(skb, headers))
		return -EINVAL;
	if (skb->len - headers <= meta->gso_size)
		return 0;
	skb_shinfo(skb)->gso_size = meta->gso_size;
	skb_shinfo(skb)->gso_type = (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) | SKB_GSO_DODGY;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(skb->len - headers, meta->gso_size);
	return 0;
}

static int describe(struct sk_buff *skb, const struct xnet_meta *meta)
{
	int ret = 0;

	/*
	 * What the back has put into the field is the sum over the pseudo header; of segments
	 * it may be anything.  A wrong one does harm to nobody but this packet.
	 */
	if (meta->csum == XNET_CSUM_BLANK)
		ret = skb_checksum_setup(skb, meta->gso_type != XEN_NETIF_GSO_TYPE_NONE);
	else if (meta->csum == XNET_CSUM_VALID && skb->dev->features & NETIF_F_RXCSUM)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (!ret && meta->gso_type)
		ret = judge_gso(skb, meta);
	if (!ret && meta->hashed)
		skb_set_hash(skb, meta->hash,
			     meta->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP ||
			     meta->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	return ret;
}

/* A packet is complete: it goes up, or is dropped. */
static void arrived(struct xnet_front_queue *queue)
{
	struct xnet_arrival *arrival = &queue->arrival;
	struct xnet_meta meta = arrival->chain.meta;
	unsigned int len = arrival->len;
	int error = arrival->chain.error;
	struct sk_buff *skb = error ? NULL : build(queue);

	post_short(queue);
	drop_parts(queue);
	if (error) {
		xnet_front_count(&queue->polling, error == -EBUSY ? XNET_RX_KEPT : XNET_RX_BAD, 1);
		return;
	}
	if (!skb) {
		xnet_front_count(&queue->polling, XNET_RX_MEMORY, 1);
		return;
	}
	if (describe(skb, &meta)) {
		xnet_front_count(&queue->polling, XNET_RX_HEADERS, 1);
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_HDR);
		return;
	}
	xnet_front_count(&queue->polling, XNET_RX_PACKETS, 1);
	xnet_front_count(&queue->polling, XNET_RX_BYTES, len);
	napi_gro_receive(&queue->napi, skb);
}

/**
 * xnet_front_receive() - take packets of the back
 * @queue: the queue
 * @budget: how many at most, good or bad
 *
 * Context: Poll.
 * Return: how many there were.
 */
int xnet_front_receive(struct xnet_front_queue *queue, int budget)
{
	int done = 0;

	while (done < budget && next(queue) > 0) {
		arrived(queue);
		done++;
	}
	if (unlikely(xnet_rx_front_broken(&queue->rx)))
		xenpv_link_fault(queue->front->dev, "%s", xnet_rx_front_broken(&queue->rx));
	xnet_front_refill(queue);
	return done;
}

/**
 * xnet_front_withdraw() - take all pages back that the back has not filled
 * @queue: the queue; nobody polls
 *
 * Context: Process.
 */
void xnet_front_withdraw(struct xnet_front_queue *queue)
{
	local_bh_disable();
	while (queue->got != queue->put)
		withdraw(queue, posted_at(queue, queue->got++));
	drop_parts(queue);
	local_bh_enable();
}
