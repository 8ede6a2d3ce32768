// SPDX-License-Identifier: GPL-2.0-only
/* The back of an interface: takes packets of the front and gives them to the stack. */

#include <kunit/static_stub.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include <xenpv/event.h>
#include "back.h"

/* More bytes in an interval than these are as good as these. */
#define MAX_CREDIT	BIT_ULL(40)

/* How fast the front may send. */

/**
 * xnet_credit_set() - let a front send so many bytes in each interval
 * @credit: of the front
 * @bytes: how many
 * @interval: in nanoseconds; 0: as many as it likes
 *
 * Context: Any but interrupts.
 */
void xnet_credit_set(struct xnet_credit *credit, u64 bytes, u64 interval)
{
	spin_lock_bh(&credit->lock);
	credit->bytes = min(bytes, MAX_CREDIT);
	credit->left = credit->bytes;
	credit->since = xnet_back_now();
	WRITE_ONCE(credit->interval, credit->bytes ? interval : 0);
	spin_unlock_bh(&credit->lock);
}

/* Intervals that have passed fill it, up to what one gives. */
static void refill(struct xnet_credit *credit, u64 now)
{
	u64 missing = credit->bytes - credit->left;
	u64 passed = div64_u64(now - credit->since, credit->interval);

	credit->since += passed * credit->interval;
	credit->left += passed > div64_u64(missing, credit->bytes) ? missing :
								     passed * credit->bytes;
}

/* Nanoseconds until something may be sent; 0: now. */
static u64 time_to_wait(struct xnet_credit *credit)
{
	u64 wait = 0, now;

	if (!READ_ONCE(credit->interval))
		return 0;
	spin_lock(&credit->lock);
	if (credit->interval) {
		now = xnet_back_now();
		refill(credit, now);
		if (credit->left <= 0)
			wait = credit->since + credit->interval - now;
	}
	spin_unlock(&credit->lock);
	return wait;
}

/* A packet is sent whole; the next intervals pay for it. */
static void spend(struct xnet_credit *credit, unsigned int bytes)
{
	if (!READ_ONCE(credit->interval))
		return;
	spin_lock(&credit->lock);
	credit->left -= bytes;
	spin_unlock(&credit->lock);
}

/* Only before a packet: one that has begun may go on. */
static bool must_wait(struct xnet_back_queue *queue)
{
	u64 wait;

	if (queue->packet.chain.slots)
		return false;
	wait = time_to_wait(&queue->back->credit);
	queue->broke = wait;
	if (!wait)
		return false;
	xnet_back_count(queue, XNET_IN_WAITS, 1);
	xnet_back_later(queue, wait);
	return true;
}

/* Slots and answers. */

/* 1: queue->packet is all there; 0: it is not; -EPROTO: the ring is broken. */
static int next_packet(struct xnet_back_queue *queue)
{
	union xnet_tx_slot slot;
	int ret;

	do {
		ret = xnet_tx_back_get(&queue->tx_ring, &slot);
		if (ret <= 0)
			return ret;
		queue->tx_useful = true;
		ret = xnet_tx_add(&queue->packet, &slot);
	} while (!ret);
	if (ret < 0)
		xenpv_ring_break(&queue->tx_ring.ring, "slots that never make a packet");
	return ret;
}

/* A slot with what is to be known has no id, and yet an answer. */
static void answer(struct xnet_back_queue *queue, const struct xnet_packet *packet, s16 status)
{
	struct xen_netif_tx_response response = { .status = status };

	for (unsigned int i = 0; i < packet->chain.slots; i++) {
		response.id = packet->ids[i];
		xnet_tx_back_put(&queue->tx_ring, &response);
	}
	response = (struct xen_netif_tx_response){ .status = XEN_NETIF_RSP_NULL };
	for (unsigned int i = 0; i < packet->chain.extras; i++)
		xnet_tx_back_put(&queue->tx_ring, &response);
}

static void refuse(struct xnet_back_queue *queue, enum xnet_back_count why)
{
	xnet_back_count(queue, why, 1);
	answer(queue, &queue->packet, XEN_NETIF_RSP_ERROR);
}

/* Data. */

/*
 * Memory of ours that is as long as the packet: in one piece, or the headers in one and the
 * rest in pages, which are full but for the last.
 */
static struct sk_buff *new_skb(struct xnet_back_queue *queue, unsigned int len)
{
	unsigned int linear = len <= XNET_BACK_WHOLE ? len : XNET_BACK_HEADERS;
	struct sk_buff *skb = napi_alloc_skb(&queue->napi, linear);
	struct page *page;
	unsigned int part;

	if (!skb)
		return NULL;
	__skb_put(skb, linear);
	for (unsigned int i = 0; skb->len < len; i++) {
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
		if (!page) {
			dev_kfree_skb_any(skb);
			return NULL;
		}
		part = min_t(unsigned int, len - skb->len, PAGE_SIZE);
		skb_add_rx_frag(skb, i, page, 0, part, PAGE_SIZE);
	}
	return skb;
}

/**
 * struct spot - where in memory a byte of an skb is
 * @page: the page
 * @offset: in it
 * @room: how much follows before the end of the page, or of the piece
 */
struct spot {
	struct page *page;
	unsigned int offset;
	unsigned int room;
};

static struct spot find(const struct sk_buff *skb, unsigned int at)
{
	unsigned int head = skb_headlen(skb);
	struct spot spot;

	if (at < head) {
		spot.page = virt_to_page(skb->data + at);
		spot.offset = offset_in_page(skb->data + at);
		spot.room = min_t(unsigned int, head - at, PAGE_SIZE - spot.offset);
	} else {
		at -= head;
		spot.page = skb_frag_page(&skb_shinfo(skb)->frags[at / PAGE_SIZE]);
		spot.offset = at % PAGE_SIZE;
		spot.room = PAGE_SIZE - spot.offset;
	}
	return spot;
}

static void copy_packet(struct xnet_back_queue *queue, struct xnet_in *in)
{
	struct xnet_back_desk *desk = queue->desk;
	unsigned int before = desk->nr_copies, at = 0, len;

	for (unsigned int i = 0; i < in->packet.nr; i++) {
		struct xnet_piece piece = in->packet.pieces[i];

		for (; piece.len; piece.len -= len, piece.offset += len, at += len) {
			struct spot spot = find(in->skb, at);

			len = min_t(unsigned int, piece.len, spot.room);
			desk->copies[desk->nr_copies++] = (struct xenpv_foreign_copy) {
				.peer = queue->back->dev->peer,
				.ref = piece.ref, .peer_offset = piece.offset,
				.page = spot.page, .offset = spot.offset, .len = len,
			};
		}
	}
	in->nr_copies = desk->nr_copies - before;
}

/* A packet that is all there: refused, done, or on the desk. */
static void sort(struct xnet_back_queue *queue)
{
	struct xnet_back_desk *desk = queue->desk;
	struct xnet_packet *packet = &queue->packet;
	struct xnet_in *in = &desk->in[desk->nr];
	bool done;

	if (packet->chain.error) {
		refuse(queue, XNET_IN_BAD);
	} else if (packet->chain.meta.mcast) {
		done = xnet_groups_change(&queue->back->groups, &packet->chain.meta);
		answer(queue, packet, done ? XEN_NETIF_RSP_OKAY : XEN_NETIF_RSP_ERROR);
	} else {
		spend(&queue->back->credit, packet->len);
		in->skb = new_skb(queue, packet->len);
		if (in->skb) {
			in->packet = *packet;
			copy_packet(queue, in);
			desk->nr++;
		} else {
			refuse(queue, XNET_IN_NO_MEMORY);
		}
	}
	memset(packet, 0, sizeof(*packet));
}

/* What the stack has to know. */

/*
 * Segments of TCP, and nothing else that has a checksum.  Who asks for tiny ones would have
 * us make thousands of packets.
 */
static int set_segments(struct sk_buff *skb, const struct xnet_meta *meta)
{
	bool v4 = meta->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int headers;

	if (skb->protocol != (v4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6)) ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    meta->gso_size < TCP_MIN_GSO_SIZE || tcp_hdrlen(skb) < sizeof(struct tcphdr))
		return -EINVAL;
	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (headers >= skb->len || !pskb_may_pull(skb, headers))
		return -EINVAL;
	/* One segment is none. */
	if (skb->len - headers <= meta->gso_size)
		return 0;
	info->gso_size = meta->gso_size;
	info->gso_segs = DIV_ROUND_UP(skb->len - headers, meta->gso_size);
	/* Of their headers the stack has seen nothing yet. */
	info->gso_type = (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) | SKB_GSO_DODGY;
	return 0;
}

/* -EPROTO: a checksum that can't be; -EINVAL: segments that can't be. */
static int describe(struct xnet_back_queue *queue, struct sk_buff *skb,
		    const struct xnet_meta *meta)
{
	skb->protocol = eth_type_trans(skb, queue->back->netdev);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, queue->index);
	if (meta->csum == XNET_CSUM_VALID)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (meta->csum != XNET_CSUM_BLANK)
		return 0;
	/*
	 * What is in the field was put there for one packet, by the front.  Of segments it
	 * may be anything.
	 */
	if (skb_checksum_setup(skb, meta->gso_type != XEN_NETIF_GSO_TYPE_NONE))
		return -EPROTO;
	return meta->gso_type ? set_segments(skb, meta) : 0;
}

static bool copied(const struct xenpv_foreign_copy *copies, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (copies[i].status)
			return false;
	return true;
}

/* On the wire each segment has some. */
static u64 more_headers(const struct sk_buff *skb)
{
	return (u64)(skb_shinfo(skb)->gso_segs - 1) *
	       (ETH_HLEN + skb_transport_offset(skb) + tcp_hdrlen(skb));
}

static int finish(struct xnet_back_queue *queue, struct xnet_in *in,
		  const struct xenpv_foreign_copy *copies)
{
	int ret;

	if (!copied(copies, in->nr_copies)) {
		xnet_back_count(queue, XNET_IN_NOT_COPIED, 1);
		return -EIO;
	}
	ret = describe(queue, in->skb, &in->packet.chain.meta);
	if (ret)
		xnet_back_count(queue, ret == -EINVAL ? XNET_IN_SEGMENTS : XNET_IN_CHECKSUM, 1);
	else if (skb_is_gso(in->skb))
		spend(&queue->back->credit, more_headers(in->skb));
	return ret;
}

/**
 * xnet_back_deliver() - give a packet of the front to the stack
 * @queue: where it came from
 * @skb: the packet
 *
 * Context: Softirq.
 */
void xnet_back_deliver(struct xnet_back_queue *queue, struct sk_buff *skb)
{
	KUNIT_STATIC_STUB_REDIRECT(xnet_back_deliver, queue, skb);
	napi_gro_receive(&queue->napi, skb);
}

/* The front gets its pages back before the stack gets to work. */
static void clear_desk(struct xnet_back_queue *queue)
{
	struct xnet_back_desk *desk = queue->desk;
	const struct xenpv_foreign_copy *copies = desk->copies;
	unsigned int nr = 0, bytes = 0;
	bool failed;

	if (desk->nr_copies)
		xenpv_foreign_copy(desk->copies, desk->nr_copies, GFP_ATOMIC);
	for (unsigned int i = 0; i < desk->nr; i++) {
		struct xnet_in *in = &desk->in[i];

		failed = finish(queue, in, copies);
		copies += in->nr_copies;
		answer(queue, &in->packet, failed ? XEN_NETIF_RSP_ERROR : XEN_NETIF_RSP_OKAY);
		if (failed) {
			dev_kfree_skb_any(in->skb);
			continue;
		}
		bytes += in->packet.len;
		desk->in[nr++].skb = in->skb;
	}
	if (xnet_tx_back_push(&queue->tx_ring))
		xenpv_event_notify(queue->tx.event);
	xnet_back_count(queue, XNET_IN_PACKETS, nr);
	xnet_back_count(queue, XNET_IN_BYTES, bytes);
	for (unsigned int i = 0; i < nr; i++)
		xnet_back_deliver(queue, desk->in[i].skb);
}

/* As many as there is room for; 0: there may be more, else there are none. */
static int fill_desk(struct xnet_back_queue *queue, int budget, int *nr)
{
	struct xnet_back_desk *desk = queue->desk;
	int ret = 1;

	desk->nr = 0;
	desk->nr_copies = 0;
	while (*nr < budget && desk->nr < XNET_BACK_BATCH &&
	       desk->nr_copies + XNET_BACK_PIECES <= XNET_BACK_COPIES) {
		if (must_wait(queue))
			return -EAGAIN;
		ret = next_packet(queue);
		if (ret <= 0)
			return ret ?: -EAGAIN;
		sort(queue);
		(*nr)++;
	}
	return 0;
}

/**
 * xnet_back_take() - take packets of the front
 * @queue: from which ring
 * @budget: how many at most
 *
 * One of which not all has come yet is kept until the next time.
 *
 * Context: Softirq, a turn of the queue.
 * Return: how many, good or bad; @budget: there may be more.
 */
int xnet_back_take(struct xnet_back_queue *queue, int budget)
{
	int nr = 0, ret;

	do {
		ret = fill_desk(queue, budget, &nr);
		clear_desk(queue);
	} while (!ret && nr < budget);
	if (ret == -EPROTO)
		xnet_back_halt(queue, xnet_tx_back_broken(&queue->tx_ring));
	return nr;
}
