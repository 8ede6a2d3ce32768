// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the front of a network interface: packets both ways, backs that go and come. */

#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tcp.h>

#include "../../fake/fake_event.h"
#include "front_room.h"

KUNIT_ARRAY_PARAM(terms, netfront_terms, netfront_terms_name);

static const struct xnet_meta plain;

/* Sending. */

static void packets_go(struct kunit *test)
{
	static const struct {
		unsigned int head;
		unsigned int frags;
		unsigned int offset;
		unsigned int len;
		unsigned int pieces;
	} shapes[] = {
		{ 14, 0, 0, 0, 1 }, { 60, 0, 0, 0, 1 }, { 1514, 0, 0, 0, 1 },
		{ 60, 1, 0, 4096, 2 }, { 60, 1, 100, 1, 2 }, { 66, 2, 2048, 2048, 3 },
		{ 14, 16, 0, 3000, 17 }, { 54, 17, 0, 3500, 18 }, { 54, 5, 3000, 3000, 11 },
		{ 54, 3, 4095, 8194, 13 }, { 1200, 15, 0, 4096, 16 },
	};
	unsigned int queues, sent = 0;

	netfront_test_start(test);
	queues = netfront_front->nr_queues;
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (unsigned int nr = 0; nr < queues; nr++, sent++) {
			struct sk_buff *skb = netfront_test_skb(test, shapes[i].head,
								shapes[i].frags, shapes[i].offset,
								shapes[i].len);

			KUNIT_EXPECT_EQ(test, xnet_front_pieces(skb), shapes[i].pieces);
			netfront_test_send_and_compare(test, skb, nr);
			KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
		}
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_PACKETS), sent);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Each number of slots that a packet can have. */
static void all_numbers_of_slots(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int nr = 1; nr <= XNET_SLOTS; nr++) {
		netfront_far->slots = 0;
		netfront_test_send_and_compare(test, netfront_test_skb(test, 60, nr - 1, 8, 100),
					       0);
		KUNIT_EXPECT_EQ(test, netfront_far->slots, nr);
	}
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
}

/* A packet with more pieces than slots becomes one with fewer, or none. */
static void too_many_pieces(struct kunit *test)
{
	struct net_device *net;
	struct netdev_queue *txq;
	struct sk_buff *skb;

	netfront_test_start(test);
	net = netfront_front->net;
	txq = netdev_get_tx_queue(net, 0);
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 17, 4000, 200), 0);
	/* Also if nobody has looked before. */
	skb = netfront_test_skb(test, 60, 17, 4000, 300);
	__netif_tx_lock_bh(txq);
	KUNIT_EXPECT_EQ(test, netdev_start_xmit(skb, net, txq, false), NETDEV_TX_OK);
	__netif_tx_unlock_bh(txq);
	KUNIT_EXPECT_EQ(test, netfront_test_serve(), 1);
	KUNIT_EXPECT_EQ(test, netfront_far->last.len, 60 + 17 * 300);
	KUNIT_EXPECT_LE(test, netfront_far->last.nr, 4);
	/* And one that no slot can say the size of. */
	skb = netfront_test_skb(test, 60, 16, 0, 4096);
	__netif_tx_lock_bh(txq);
	KUNIT_EXPECT_EQ(test, netdev_start_xmit(skb, net, txq, false), NETDEV_TX_OK);
	__netif_tx_unlock_bh(txq);
	KUNIT_EXPECT_EQ(test, netfront_test_serve(), 0);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_SHAPE), 1);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
}

/* Backs drop what has no whole header of Ethernet in its first slot. */
static void headers_at_the_end_of_a_page(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int left = 1; left < 2 * ETH_HLEN; left++) {
		struct sk_buff *skb = netfront_test_skb(test, 2 * PAGE_SIZE, 0, 0, 0);
		unsigned int room = PAGE_SIZE - offset_in_page(skb->data);

		skb_pull(skb, room < left ? room + PAGE_SIZE - left : room - left);
		skb_trim(skb, 200);
		skb_reset_mac_header(skb);
		skb_set_network_header(skb, ETH_HLEN);
		KUNIT_EXPECT_EQ(test, offset_in_page(skb->data), PAGE_SIZE - left);
		netfront_test_send_and_compare(test, skb, 0);
		/* What has enough stays as it is. */
		KUNIT_EXPECT_EQ(test, netfront_far->last.nr, left < ETH_HLEN ? 1 : 2);
	}
}

/* Without scatter and gather a packet is one slot. */
static void backs_that_take_single_slots(struct kunit *test)
{
	netfront_test_start(test);
	netfront_test_part();
	netfront_facts.sg = false;
	netfront_test_meet(test);
	KUNIT_EXPECT_EQ(test, netfront_front->net->max_mtu, ETH_DATA_LEN);
	KUNIT_EXPECT_FALSE(test, netfront_front->net->features & NETIF_F_SG);
	for (unsigned int len = 20; len < 1500; len += 97) {
		netfront_test_send_and_compare(test, netfront_test_skb(test, len, 0, 0, 0), 0);
		KUNIT_EXPECT_EQ(test, netfront_far->last.nr, 1);
		netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 3, 9, len / 3), 0);
		KUNIT_EXPECT_EQ(test, netfront_far->last.nr, 1);
	}
}

/* Headers of TCP or UDP, which only have to look like some. */
static void make_headers(u8 *frame, bool v6, u8 protocol, unsigned int bytes)
{
	struct iphdr *ip = (struct iphdr *)(frame + ETH_HLEN);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)(frame + ETH_HLEN);
	struct tcphdr *tcp;

	frame[12] = v6 ? ETH_P_IPV6 >> 8 : ETH_P_IP >> 8;
	frame[13] = v6 ? ETH_P_IPV6 & 0xff : ETH_P_IP & 0xff;
	memset(ip, 0, v6 ? sizeof(*ip6) : sizeof(*ip));
	if (v6) {
		ip6->version = 6;
		ip6->payload_len = htons(bytes - ETH_HLEN - sizeof(*ip6));
		ip6->nexthdr = protocol;
	} else {
		ip->version = 4;
		ip->ihl = 5;
		ip->tot_len = htons(bytes - ETH_HLEN);
		ip->protocol = protocol;
	}
	tcp = (struct tcphdr *)(v6 ? (void *)(ip6 + 1) : (void *)(ip + 1));
	memset(tcp, 0, sizeof(*tcp));
	tcp->doff = 5;
}

/* What is to be known of a packet is known at the other end. */
static void extras_go(struct kunit *test)
{
	static const struct {
		u8 summed;
		unsigned int type;
		u8 csum;
		u8 gso;
	} kinds[] = {
		{ CHECKSUM_NONE, 0, XNET_CSUM_UNKNOWN, 0 },
		{ CHECKSUM_UNNECESSARY, 0, XNET_CSUM_VALID, 0 },
		{ CHECKSUM_PARTIAL, 0, XNET_CSUM_BLANK, 0 },
		{ CHECKSUM_PARTIAL, SKB_GSO_TCPV4, XNET_CSUM_BLANK, XEN_NETIF_GSO_TYPE_TCPV4 },
		{ CHECKSUM_PARTIAL, SKB_GSO_TCPV6, XNET_CSUM_BLANK, XEN_NETIF_GSO_TYPE_TCPV6 },
	};

	netfront_test_start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct sk_buff *skb = netfront_test_skb(test, 100, 2, 0, 4096);
		const struct xnet_meta *meta = &netfront_far->last.chain.meta;

		bool v6 = kinds[i].gso == XEN_NETIF_GSO_TYPE_TCPV6;

		make_headers(skb->data, v6, IPPROTO_TCP, skb->len);
		skb->protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP);
		skb->ip_summed = kinds[i].summed;
		skb_set_transport_header(skb, ETH_HLEN + (v6 ? 40 : 20));
		if (skb->ip_summed == CHECKSUM_PARTIAL) {
			skb->csum_start = skb_headroom(skb) + skb_transport_offset(skb);
			skb->csum_offset = offsetof(struct tcphdr, check);
		}
		if (kinds[i].type) {
			skb_shinfo(skb)->gso_type = kinds[i].type;
			skb_shinfo(skb)->gso_size = 1448;
		}
		netfront_test_send_and_compare(test, skb, 0);
		KUNIT_EXPECT_EQ(test, meta->csum, kinds[i].csum);
		KUNIT_EXPECT_EQ(test, meta->gso_type, kinds[i].gso);
		KUNIT_EXPECT_EQ(test, meta->gso_size, kinds[i].gso ? 1448 : 0);
		KUNIT_EXPECT_EQ(test, netfront_far->last.chain.extras, !!kinds[i].gso);
		KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static bool stopped(unsigned int nr)
{
	return netif_tx_queue_stopped(netdev_get_tx_queue(netfront_front->net, nr));
}

/* Sends as long as it can; how many. */
static unsigned int send_all(struct kunit *test, unsigned int frags, unsigned int max)
{
	struct netdev_queue *txq = netdev_get_tx_queue(netfront_front->net, 0);
	struct sk_buff *skb;
	unsigned int nr;

	for (nr = 0; nr < max && !netif_xmit_stopped(txq); nr++) {
		skb = netfront_test_skb(test, 60, frags, 0, 64);
		KUNIT_EXPECT_TRUE(test, netfront_test_send(skb, 0));
	}
	return nr;
}

/* No limit of bytes: it would stop the queue before the ring is full. */
static void no_byte_limit(void)
{
	struct netdev_queue *txq = netdev_get_tx_queue(netfront_front->net, 0);

	netdev_tx_reset_queue(txq);
	txq->dql.min_limit = 1U << 30;
	txq->dql.limit = txq->dql.min_limit;
	txq->dql.adj_limit = txq->dql.min_limit;
}

static void full_rings_stop_queues(struct kunit *test)
{
	unsigned int nr, total = 0;

	netfront_test_start(test);
	no_byte_limit();
	for (unsigned int round = 0; round < 5; round++) {
		netfront_far->keep = true;
		nr = send_all(test, round, 1000);
		total += nr;
		KUNIT_EXPECT_TRUE(test, stopped(0));
		KUNIT_EXPECT_GE(test, nr * (round + 2), XNET_FRONT_SLOTS - 2 * XNET_FRONT_NEED);
		KUNIT_EXPECT_EQ(test, netfront_test_out(), nr);
		/* There is always place for the largest one. */
		KUNIT_EXPECT_LE(test, nr * (round + 1), XNET_FRONT_SLOTS);
		netfront_far->keep = false;
		KUNIT_EXPECT_EQ(test, netfront_test_serve(), nr);
		KUNIT_EXPECT_FALSE(test, stopped(0));
		KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_STOPS), 5);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_PACKETS), total);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* The bytes that are with a back are limited, if it answers slowly. */
static void bytes_are_limited(struct kunit *test)
{
	struct netdev_queue *txq;

	netfront_test_start(test);
	txq = netdev_get_tx_queue(netfront_front->net, 0);
	netfront_far->keep = true;
	send_all(test, 1, 1000);
	KUNIT_EXPECT_TRUE(test, netif_xmit_stopped(txq));
	netfront_far->keep = false;
	netfront_test_serve();
	KUNIT_EXPECT_FALSE(test, netif_xmit_stopped(txq));
	KUNIT_EXPECT_EQ(test, txq->dql.num_queued, txq->dql.num_completed);
}

static void answers_in_any_order(struct kunit *test)
{
	netfront_test_start(test);
	no_byte_limit();
	netfront_far->backwards = true;
	netfront_far->keep = true;
	KUNIT_EXPECT_EQ(test, send_all(test, 3, 40), 40);
	netfront_far->keep = false;
	KUNIT_EXPECT_EQ(test, netfront_test_serve(), 40);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static void refusals_are_counted(struct kunit *test)
{
	static const s16 bad[] = { XEN_NETIF_RSP_DROPPED, XEN_NETIF_RSP_ERROR, 2, S16_MIN };

	netfront_test_start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		netfront_far->status = bad[i];
		netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 64), 0);
		KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_REFUSED), i + 1);
		KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_PACKETS), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Takes all references that there are; gives them back. */
static unsigned int take_refs(struct kunit *test, int *refs, unsigned int max)
{
	unsigned int nr;

	for (nr = 0; nr < max; nr++) {
		refs[nr] = xenpv_grant_ref_take();
		if (refs[nr] < 0)
			break;
	}
	KUNIT_EXPECT_LT(test, nr, max);
	return nr;
}

static void wait_until_awake(void)
{
	for (unsigned int i = 0; stopped(0) && i < 2000; i++)
		usleep_range(500, 1000);
}

/* No references: the queue waits for some, and then goes on. */
static void references_are_waited_for(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;
	enum { MAX = 4096 };
	unsigned int nr;
	int *refs;

	if (terms->terms.persistent)
		kunit_skip(test, "pages that are lent need none");
	netfront_test_start(test);
	refs = kunit_kcalloc(test, MAX, sizeof(*refs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, refs);
	nr = take_refs(test, refs, MAX);
	KUNIT_EXPECT_FALSE(test, netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, stopped(0));
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_WAITS), 1);
	while (nr)
		xenpv_grant_ref_give(refs[--nr]);
	wait_until_awake();
	KUNIT_EXPECT_FALSE(test, stopped(0));
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 0, 0, 0), 0);
}

/* Pages for copies: likewise. */
static void pages_are_waited_for(struct kunit *test)
{
	static const struct xnet_front_terms few = { .pages = XNET_SLOTS };
	unsigned int nr;

	netfront_test_start(test);
	netfront_test_part();
	netfront_front->facts = netfront_facts;
	KUNIT_ASSERT_EQ(test, xnet_front_share(netfront_front, &few), 0);
	KUNIT_ASSERT_EQ(test, xnet_front_run(netfront_front), 0);
	no_byte_limit();
	for (nr = 0; nr < 100 && !stopped(0); nr++)
		netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, stopped(0));
	KUNIT_EXPECT_LE(test, nr, XNET_SLOTS + 1);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_WAITS), 1);
	xnet_front_halt(netfront_front);
	xnet_front_unshare(netfront_front);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	netfront_test_meet(test);
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 3, 0, 500), 0);
}

/* Receiving. */

static void packets_come(struct kunit *test)
{
	static const struct {
		unsigned int bytes;
		unsigned int part;
		unsigned int offset;
	} shapes[] = {
		{ 14, 4096, 0 }, { 60, 4096, 0 }, { 60, 14, 100 }, { 60, 60, 4036 },
		{ 256, 4096, 0 }, { 257, 4096, 3 }, { 1514, 4096, 0 }, { 1514, 100, 50 },
		{ 4096, 4096, 0 }, { 4097, 4096, 0 }, { 9014, 4096, 0 }, { 65535, 4096, 0 },
		{ 65535, 3700, 11 }, { 18 * 14, 14, 0 }, { 18 * 300, 300, 4096 - 300 },
	};
	unsigned int queues, nr = 0;

	netfront_test_start(test);
	queues = netfront_front->nr_queues;
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++, nr++) {
		u8 *frame = netfront_test_frame(shapes[i].bytes, i);

		KUNIT_EXPECT_TRUE(test, netfront_test_bring(i % queues, &plain, frame,
							    shapes[i].bytes, shapes[i].part,
							    shapes[i].offset));
		KUNIT_EXPECT_EQ(test, netfront_got->packets, nr + 1);
		KUNIT_EXPECT_EQ(test, netfront_got->len, shapes[i].bytes);
		KUNIT_EXPECT_MEMEQ(test, netfront_got->data, frame, shapes[i].bytes);
		KUNIT_EXPECT_EQ(test, netfront_got->ip_summed, CHECKSUM_NONE);
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_PACKETS), nr);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/*
 * A packet is found because the other ring had an event.  When its own event comes there is
 * nothing to do, and yet it is no event for nothing: those are delayed.
 */
static void work_before_its_event(struct kunit *test)
{
	struct xnet_front_queue *queue;

	netfront_test_start(test);
	queue = &netfront_front->queues[0];
	if (!queue->rx_share.event)
		kunit_skip(test, "there is one event");
	KUNIT_ASSERT_TRUE(test, netfront_test_bring(0, &plain, netfront_test_frame(60, 1), 60,
						    4096, 0));
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_TRUE(test, queue->rx_useful);
	KUNIT_EXPECT_FALSE(test, queue->tx_useful);
	local_bh_disable();
	xnet_front_rx_interrupt(0, queue);
	local_bh_enable();
	netfront_test_kick(0);
	KUNIT_EXPECT_FALSE(test, queue->rx_useful);
	KUNIT_EXPECT_EQ(test, queue->events, 0);
}

/* More than there are pages; each page comes back. */
static void many_packets_come(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int bytes = 60 + 37 * (i % 150);
		u8 *frame = netfront_test_frame(bytes, i);

		if (!netfront_test_bring(0, &plain, frame, bytes, 1000, 0))
			break;
		if (netfront_got->len != bytes || memcmp(netfront_got->data, frame, bytes))
			break;
	}
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 2000);
	KUNIT_EXPECT_GE(test, netfront_front->queues[0].put - netfront_front->queues[0].got,
			XNET_FRONT_SLOTS / 2);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_STARVED), 0);
}

/* A packet whose slots come one by one, with an event after each. */
static void packets_come_in_pieces(struct kunit *test)
{
	struct xnet_meta meta = { .hashed = true, .hash = 0x1234, .hash_type = 1 };
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot;

	netfront_test_start(test);
	for (unsigned int i = 0; i < 5; i++) {
		struct xnet_part part = { .len = 1000 };

		KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
		KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
		xnet_encode_rx(&meta, &part, !i, i < 4, request.id, &slot);
		netfront_test_rx_put(0, &slot);
		netfront_test_rx_push(0);
		if (i)
			continue;
		KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
		KUNIT_ASSERT_EQ(test, xnet_encode_extras(&meta, extras), 1);
		memset(&slot, 0, sizeof(slot));
		slot.extra = extras[0];
		netfront_test_rx_put(0, &slot);
		netfront_test_rx_push(0);
	}
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_EQ(test, netfront_got->len, 5000);
	KUNIT_EXPECT_EQ(test, netfront_got->hash, 0x1234);
}

/* A back that goes in the middle of a packet: the next one begins with a packet. */
static void halves_are_forgotten(struct kunit *test)
{
	struct xen_netif_rx_request request;
	struct xnet_part part = { .len = 1000 };
	union xnet_rx_slot slot;
	u8 *frame;

	netfront_test_start(test);
	KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
	xnet_encode_rx(&plain, &part, true, true, request.id, &slot);
	netfront_test_rx_put(0, &slot);
	netfront_test_rx_push(0);
	netfront_test_part();
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
	netfront_test_meet(test);
	frame = netfront_test_frame(100, 1);
	KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &plain, frame, 100, 4096, 0));
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_EQ(test, netfront_got->len, 100);
}

/* Slots that are bad, but end. */
static void bad_slots_are_dropped(struct kunit *test)
{
	static const struct {
		u16 offset;
		s16 status;
	} bad[] = {
		{ 0, -1 }, { 0, -2 }, { 0, S16_MIN }, { 0, 0 }, { 0, 13 }, { 4096, 100 },
		{ 4097, 14 }, { 4000, 97 }, { 65535, 14 }, { 0, 4097 }, { 1, 4096 }, { 0, S16_MAX },
	};
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot;

	netfront_test_start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
		slot = (union xnet_rx_slot){ .response = {
			.id = request.id, .offset = bad[i].offset, .status = bad[i].status,
		} };
		netfront_test_rx_put(0, &slot);
		netfront_test_rx_push(0);
		KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_BAD), i + 1);
	}
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
	KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &plain, netfront_test_frame(60, 1), 60, 60,
						    0));
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Not that of TCP, where a sum over other headers stands. */
static bool same_but_for_sum(const u8 *frame, unsigned int bytes, unsigned int sum)
{
	return !memcmp(netfront_got->data, frame, sum) &&
	       !memcmp(netfront_got->data + sum + 2, frame + sum + 2, bytes - sum - 2);
}

static void checksums_and_segments_come(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int i = 0; i < 8; i++) {
		bool v6 = i & 1, gso = i & 2;
		unsigned int bytes = i & 4 ? 20000 : 3000, part = i & 4 ? 4096 : 200;
		struct xnet_meta meta = { .csum = XNET_CSUM_BLANK };
		unsigned int start = ETH_HLEN + (v6 ? 40 : 20);
		u8 *frame = netfront_test_frame(bytes, i);

		make_headers(frame, v6, IPPROTO_TCP, bytes);
		if (gso) {
			meta.gso_type = v6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
			meta.gso_size = 1400;
		}
		KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &meta, frame, bytes, part, 0));
		KUNIT_EXPECT_EQ(test, netfront_got->packets, i + 1);
		KUNIT_EXPECT_EQ(test, netfront_got->ip_summed, CHECKSUM_PARTIAL);
		KUNIT_EXPECT_EQ(test, netfront_got->csum_start, start);
		KUNIT_EXPECT_EQ(test, netfront_got->csum_offset, 16);
		KUNIT_EXPECT_EQ(test, netfront_got->gso_size, gso ? 1400 : 0);
		KUNIT_EXPECT_EQ(test, netfront_got->gso_type, !gso ? 0 : SKB_GSO_DODGY |
				(v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4));
		KUNIT_EXPECT_TRUE(test, same_but_for_sum(frame, bytes, start + 16));
	}
}

static void good_sums_are_believed(struct kunit *test)
{
	struct xnet_meta meta = { .csum = XNET_CSUM_VALID };
	u8 *frame;

	netfront_test_start(test);
	frame = netfront_test_frame(100, 1);
	KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &meta, frame, 100, 4096, 0));
	KUNIT_EXPECT_EQ(test, netfront_got->ip_summed, CHECKSUM_UNNECESSARY);
}

/* What says that it is TCP, and is not. */
static void headers_that_lie(struct kunit *test)
{
	enum { BYTES = 3000 };
	struct xnet_meta meta;
	unsigned int dropped = 0;

	netfront_test_start(test);
	for (unsigned int i = 0; i < 10; i++) {
		bool v6 = i == 1;
		u8 *frame = netfront_test_frame(BYTES, i);
		u8 *tcp = frame + ETH_HLEN + 20;

		meta = (struct xnet_meta) {
			.gso_type = XEN_NETIF_GSO_TYPE_TCPV4, .gso_size = 1000,
			.csum = XNET_CSUM_BLANK,
		};
		make_headers(frame, v6, i == 2 ? IPPROTO_UDP : i == 3 ? 250 : IPPROTO_TCP, BYTES);
		if (i == 0)
			frame[12] = 0x99;
		else if (i == 4)
			meta.gso_size = 7;
		else if (i == 5)
			meta.gso_size = GSO_BY_FRAGS;
		else if (i == 6)
			tcp[12] = 4 << 4;
		else if (i == 7)
			frame[ETH_HLEN + 6] = 0x20;	/* more fragments */
		else if (i == 8)
			meta.gso_type = XEN_NETIF_GSO_TYPE_TCPV6;
		else if (i == 9)
			frame[ETH_HLEN] = 0x4f;		/* headers in the payload */
		KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &meta, frame, BYTES, 1000, 0));
		dropped = netfront_test_count(XNET_RX_HEADERS);
		if (i < 9)
			KUNIT_EXPECT_EQ_MSG(test, dropped, i + 1, "case %u", i);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Backs that go and come. */

static void packets_on_their_way_are_lost(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int nr = 0; nr < 12; nr++) {
		unsigned int got = netfront_got->packets;

		no_byte_limit();
		netfront_far->keep = true;
		KUNIT_EXPECT_EQ(test, send_all(test, nr, nr), nr);
		netfront_far->keep = false;
		netfront_far->mute = nr % 3 == 1;
		if (nr % 3)
			netfront_test_serve();
		netfront_test_part();
		netfront_far->mute = false;
		KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
		KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
		KUNIT_EXPECT_FALSE(test, netif_carrier_ok(netfront_front->net));
		KUNIT_EXPECT_FALSE(test, netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0),
							    0));
		KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);

		netfront_test_meet(test);
		KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netfront_front->net));
		netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 900), 0);
		KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &plain, netfront_test_frame(900, nr),
							    900, 100, 0));
		KUNIT_EXPECT_EQ(test, netfront_got->packets, got + 1);
	}
	KUNIT_EXPECT_GT(test, netfront_test_count(XNET_TX_RECALLED), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Packets that somebody else still has when the back goes. */
static void pages_of_an_earlier_back(struct kunit *test)
{
	struct sk_buff *skb;

	netfront_test_start(test);
	netfront_got->hoard = true;
	for (unsigned int i = 0; i < 10; i++)
		KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &plain, netfront_test_frame(3000, i),
							    3000, 4096, 0));
	netfront_test_part();
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
	netfront_test_meet(test);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&netfront_got->queue), 10);
	for (unsigned int i = 0; (skb = skb_dequeue(&netfront_got->queue)); i++) {
		KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, -ETH_HLEN, netfront_got->data, 3000), 0);
		KUNIT_EXPECT_MEMEQ(test, netfront_got->data, netfront_test_frame(3000, i), 3000);
		kfree_skb(skb);
	}
}

static void fail_nth_of_connect(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;
	unsigned int calls;

	netfront_test_start(test);
	netfront_test_part();
	netfront_front->facts = netfront_facts;
	calls = xenpv_fake_calls_made();
	KUNIT_ASSERT_EQ(test, xnet_front_share(netfront_front, &terms->terms), 0);
	calls = xenpv_fake_calls_made() - calls;
	xnet_front_unshare(netfront_front);
	KUNIT_EXPECT_GT(test, calls, 0);
	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_fail_at(nth, -ENOSPC);
		xnet_front_share(netfront_front, &terms->terms);
		xenpv_fake_fail_at(0, 0);
		xnet_front_unshare(netfront_front);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
		KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
	}
	netfront_test_meet(test);
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 900), 0);
}

/* The administrator and the back come and go in any order. */
static void interfaces_that_are_down(struct kunit *test)
{
	netfront_test_start(test);
	netfront_test_up(false);
	KUNIT_EXPECT_FALSE(test, netfront_front->flowing);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netfront_front->net));
	netfront_test_bring(0, &plain, netfront_test_frame(60, 1), 60, 60, 0);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
	/* It is found when somebody looks, without another event. */
	netfront_test_up(true);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 900), 0);

	netfront_test_part();
	netfront_test_up(false);
	netfront_test_up(true);
	KUNIT_EXPECT_FALSE(test, netfront_front->flowing);
	netfront_test_up(false);
	netfront_test_meet(test);
	KUNIT_EXPECT_FALSE(test, netfront_front->flowing);
	netfront_test_up(true);
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 900), 0);
}

/* What the back can is what the interface does. */
static void features_follow_the_back(struct kunit *test)
{
	static const struct {
		struct xnet_front_facts facts;
		netdev_features_t there;
	} kinds[] = {
		{ { .sg = true, .gso4 = true, .gso6 = true, .csum6 = true },
		  NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6 },
		{ { .sg = true, .gso4 = true, .gso6 = true },
		  NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_TSO },
		{ { .sg = true, .csum6 = true }, NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM },
		{ { .sg = true, .gso4 = true, .gso6 = true, .csum6 = true, .no_csum = true },
		  NETIF_F_SG | NETIF_F_IPV6_CSUM | NETIF_F_TSO6 },
		{ { .gso4 = true, .gso6 = true, .csum6 = true },
		  NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM },
		{ { .sg = true }, NETIF_F_SG | NETIF_F_IP_CSUM },
	};
	netdev_features_t all = kinds[0].there;

	netfront_test_start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		netfront_test_part();
		netfront_facts = kinds[i].facts;
		netfront_facts.queues = 1;
		netfront_test_meet(test);
		KUNIT_EXPECT_EQ_MSG(test, netfront_front->net->features & all, kinds[i].there,
				    "case %u", i);
	}
}

/* A back with fewer queues, or more than we want. */
static void queues_follow_the_back(struct kunit *test)
{
	static const unsigned int offers[] = { 1, 2, 16, 1 };
	const struct netfront_terms *terms = test->param_value;

	netfront_test_start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(offers); i++) {
		unsigned int nr = min(offers[i], terms->queues);

		netfront_test_part();
		netfront_facts.queues = offers[i];
		netfront_test_meet(test);
		KUNIT_EXPECT_EQ(test, netfront_front->nr_queues, nr);
		KUNIT_EXPECT_EQ(test, netfront_front->net->real_num_tx_queues, nr);
		KUNIT_EXPECT_EQ(test, netfront_front->net->real_num_rx_queues, nr);
		for (unsigned int q = 0; q < nr; q++)
			netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 2, 0, 900),
						       q);
	}
}

/* A back that does not answer is asked again. */
static void silent_backs_are_asked(struct kunit *test)
{
	struct net_device *net;

	netfront_test_start(test);
	net = netfront_front->net;
	netfront_far->keep = true;
	netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0);
	local_bh_disable();
	net->netdev_ops->ndo_tx_timeout(net, 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, netfront_front->timeouts, 1);
	netfront_far->keep = false;
	KUNIT_EXPECT_EQ(test, netfront_test_serve(), 1);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
}

/* The sums that users see. */
static void statistics(struct kunit *test)
{
	struct rtnl_link_stats64 stats = { };
	struct net_device *net;

	netfront_test_start(test);
	net = netfront_front->net;
	netfront_test_send_and_compare(test, netfront_test_skb(test, 100, 0, 0, 0), 0);
	netfront_test_bring(0, &plain, netfront_test_frame(200, 1), 200, 4096, 0);
	netfront_far->status = XEN_NETIF_RSP_ERROR;
	netfront_test_send_and_compare(test, netfront_test_skb(test, 100, 0, 0, 0), 0);
	netfront_test_bring(0, &plain, netfront_test_frame(200, 1), 10, 4096, 0);
	net->netdev_ops->ndo_get_stats64(net, &stats);
	KUNIT_EXPECT_EQ(test, stats.tx_packets, 1);
	KUNIT_EXPECT_EQ(test, stats.tx_bytes, 100);
	KUNIT_EXPECT_EQ(test, stats.tx_errors, 1);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, 1);
	KUNIT_EXPECT_EQ(test, stats.rx_bytes, 200);
	KUNIT_EXPECT_EQ(test, stats.rx_errors, 1);
}

static struct kunit_case netfront_cases[] = {
	KUNIT_CASE_PARAM(packets_go, terms_gen_params),
	KUNIT_CASE_PARAM(all_numbers_of_slots, terms_gen_params),
	KUNIT_CASE(too_many_pieces),
	KUNIT_CASE_PARAM(headers_at_the_end_of_a_page, terms_gen_params),
	KUNIT_CASE_PARAM(backs_that_take_single_slots, terms_gen_params),
	KUNIT_CASE(extras_go),
	KUNIT_CASE_PARAM(full_rings_stop_queues, terms_gen_params),
	KUNIT_CASE(bytes_are_limited),
	KUNIT_CASE_PARAM(answers_in_any_order, terms_gen_params),
	KUNIT_CASE(refusals_are_counted),
	KUNIT_CASE_PARAM(references_are_waited_for, terms_gen_params),
	KUNIT_CASE(pages_are_waited_for),
	KUNIT_CASE_PARAM(packets_come, terms_gen_params),
	KUNIT_CASE_PARAM(work_before_its_event, terms_gen_params),
	KUNIT_CASE(many_packets_come),
	KUNIT_CASE(packets_come_in_pieces),
	KUNIT_CASE(halves_are_forgotten),
	KUNIT_CASE(bad_slots_are_dropped),
	KUNIT_CASE(checksums_and_segments_come),
	KUNIT_CASE(good_sums_are_believed),
	KUNIT_CASE(headers_that_lie),
	KUNIT_CASE_PARAM(packets_on_their_way_are_lost, terms_gen_params),
	KUNIT_CASE(pages_of_an_earlier_back),
	KUNIT_CASE_PARAM(fail_nth_of_connect, terms_gen_params),
	KUNIT_CASE_PARAM(interfaces_that_are_down, terms_gen_params),
	KUNIT_CASE(features_follow_the_back),
	KUNIT_CASE_PARAM(queues_follow_the_back, terms_gen_params),
	KUNIT_CASE(silent_backs_are_asked),
	KUNIT_CASE(statistics),
	{}
};

static struct kunit_suite netfront_suite = {
	.name = "xenpv_netfront",
	.test_cases = netfront_cases,
};
kunit_test_suite(netfront_suite);

MODULE_DESCRIPTION("Tests of the front of a network interface");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
