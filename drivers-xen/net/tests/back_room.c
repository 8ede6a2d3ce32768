// SPDX-License-Identifier: GPL-2.0-only
/* The back of an interface on the fake hypervisor, and a front that does as it is told. */

#include <kunit/static_stub.h>
#include <linux/bottom_half.h>
#include <linux/debugfs.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/irqflags.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/vmalloc.h>

#include <xenpv/shared.h>
#include "back_room.h"

#define TX_PORT		5
#define RX_PORT		6
#define BYTES		(64 * 1024 + PAGE_SIZE)
#define BUDGET		64

struct netback_far netback_far;
struct xnet_back *netback_test_back;

static bool split, live;

/* What is stubbed. */

static void is_due(struct xnet_back_queue *queue)
{
	netback_far.due = true;
}

static void is_later(struct xnet_back_queue *queue, u64 ns)
{
	u64 at = xenpv_fake_now() + ns;

	if (!netback_far.later || at < netback_far.later)
		netback_far.later = at;
}

static u64 now(void)
{
	return xenpv_fake_now();
}

static void is_delivered(struct xnet_back_queue *queue, struct sk_buff *skb)
{
	__skb_queue_tail(&netback_far.skbs, skb);
}

struct xnet_back_queue *netback_test_queue(void)
{
	return &netback_test_back->queues[0];
}

void netback_test_settle(struct kunit *test)
{
	struct xnet_back_queue *queue = netback_test_queue();

	for (unsigned int i = 0; netback_far.due && i < 1000; i++) {
		netback_far.due = false;
		local_bh_disable();
		if (xnet_back_turn(queue, BUDGET) >= BUDGET || xnet_back_rest(queue))
			netback_far.due = true;
		local_bh_enable();
	}
	KUNIT_EXPECT_FALSE(test, netback_far.due);
}

void netback_test_pass(struct kunit *test, u64 ns)
{
	u64 end = xenpv_fake_now() + ns;

	while (netback_far.later && netback_far.later <= end) {
		if (netback_far.later > xenpv_fake_now())
			xenpv_fake_advance(netback_far.later - xenpv_fake_now());
		netback_far.later = 0;
		netback_far.due = true;
		netback_test_settle(test);
	}
	if (end > xenpv_fake_now())
		xenpv_fake_advance(end - xenpv_fake_now());
}

/* The front comes and goes. */

void netback_test_part(void)
{
	if (live)
		xnet_back_stop(netback_test_back);
	live = false;
	if (netback_test_back->nr_queues)
		xnet_back_drop_queue(netback_test_queue());
	netback_test_back->nr_queues = 0;
	debugfs_remove(netback_test_back->dir);
	netback_test_back->dir = NULL;
}

int netback_test_connect(void)
{
	struct xnet_queue_facts facts = {
		.tx_ref = NETBACK_TX_RING, .rx_ref = NETBACK_RX_RING,
		.tx_port = TX_PORT, .rx_port = split ? RX_PORT : TX_PORT,
	};

	xenpv_fake_event_offer(PEER, TX_PORT);
	if (split)
		xenpv_fake_event_offer(PEER, RX_PORT);
	netback_test_back->nr_queues = 1;
	return xnet_back_make_queue(netback_test_back, netback_test_queue(), &facts);
}

void netback_test_meet(struct kunit *test)
{
	struct netback_far *far = &netback_far;
	void *tx, *rx;

	far->lent = 0;
	far->taken = 0;
	/* The rings of a front that has just come. */
	tx = xenpv_fake_foreign_page(PEER, NETBACK_TX_RING);
	rx = xenpv_fake_foreign_page(PEER, NETBACK_RX_RING);
	KUNIT_ASSERT_EQ(test, xnet_tx_front_init(&far->tx, tx, 1), 0);
	KUNIT_ASSERT_EQ(test, xnet_rx_front_init(&far->rx, rx, 1), 0);
	KUNIT_ASSERT_EQ(test, netback_test_connect(), 0);
	/* Where the pages are now that they are mapped. */
	tx = xenpv_fake_foreign_page(PEER, NETBACK_TX_RING);
	rx = xenpv_fake_foreign_page(PEER, NETBACK_RX_RING);
	KUNIT_ASSERT_EQ(test, xnet_tx_front_init(&far->tx, tx, 1), 0);
	KUNIT_ASSERT_EQ(test, xnet_rx_front_init(&far->rx, rx, 1), 0);
	xnet_back_start(netback_test_back);
	live = true;
	netback_test_settle(test);
}

static void stop(void *unused)
{
	struct sk_buff *skb;

	if (netback_test_back) {
		netback_test_part();
		rtnl_lock();
		dev_close(netback_test_back->netdev);
		rtnl_unlock();
		xnet_back_free(netback_test_back);
	}
	netback_test_back = NULL;
	while ((skb = netback_test_next()))
		kfree_skb(skb);
	vfree(netback_far.data);
	vfree(netback_far.got);
}

static void offer_pages(struct kunit *test)
{
	for (unsigned int i = 0; i < 2; i++)
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, NETBACK_TX_RING + i,
								     false));
	for (unsigned int i = 0; i < NETBACK_TX_PAGES; i++)
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, NETBACK_TX_DATA + i,
								     true));
	for (unsigned int i = 0; i < NETBACK_RX_PAGES; i++)
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, NETBACK_RX_DATA + i,
								     false));
}

static void stub(struct kunit *test)
{
	kunit_activate_static_stub(test, xnet_back_due, is_due);
	kunit_activate_static_stub(test, xnet_back_later, is_later);
	kunit_activate_static_stub(test, xnet_back_now, now);
	kunit_activate_static_stub(test, xnet_back_deliver, is_delivered);
}

void netback_test_start(struct kunit *test, bool two_events)
{
	struct xenpv_device *dev = bus_test_device(test, "vif-test");
	struct net_device *netdev;

	room_memory(test);
	stub(test);
	split = two_events;
	live = false;
	netback_test_back = NULL;
	memset(&netback_far, 0, sizeof(netback_far));
	__skb_queue_head_init(&netback_far.skbs);
	netback_far.data = vzalloc(BYTES);
	netback_far.got = vzalloc(BYTES);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, netback_far.data);
	KUNIT_ASSERT_NOT_NULL(test, netback_far.got);
	offer_pages(test);
	netback_test_back = xnet_back_new(dev, 1);
	if (IS_ERR(netback_test_back)) {
		netback_test_back = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no interface");
	}
	netback_test_back->front = (struct xnet_back_front) {
		.sg = true, .gso4 = true, .gso6 = true, .csum6 = true,
	};
	netdev = netback_test_back->netdev;
	/* Nobody else is to send. */
	netdev->priv_flags |= IFF_NO_ADDRCONF;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(netdev, NULL), 0);
	rtnl_unlock();
	netback_test_meet(test);
}

/* What a packet holds. */

void netback_test_fill(unsigned int len)
{
	static u8 seed;

	seed += 37;
	for (unsigned int i = 0; i < len; i++)
		netback_far.data[i] = seed + i * 7 + (i >> 8) * 13;
	/* A protocol of nobody. */
	if (len >= ETH_HLEN) {
		netback_far.data[12] = 0x88;
		netback_far.data[13] = 0xb5;
		netback_far.data[0] &= 0xfe;
	}
}

static void fill_tcp(u8 *at)
{
	struct tcphdr *tcp = (struct tcphdr *)at;

	memset(tcp, 0, sizeof(*tcp));
	tcp->source = htons(1234);
	tcp->dest = htons(80);
	tcp->doff = 5;
	tcp->ack = 1;
}

/* Where the payload is.  A shorter packet is what there is of it. */
unsigned int netback_test_tcp(unsigned int len, bool v6)
{
	u8 *data = netback_far.data;
	struct ipv6hdr *ip6 = (struct ipv6hdr *)(data + ETH_HLEN);
	struct iphdr *ip4 = (struct iphdr *)(data + ETH_HLEN);
	unsigned int head = ETH_HLEN + (v6 ? sizeof(*ip6) : sizeof(*ip4));

	netback_test_fill(len);
	data[12] = v6 ? 0x86 : 0x08;
	data[13] = v6 ? 0xdd : 0x00;
	if (v6) {
		memset(ip6, 0, sizeof(*ip6));
		ip6->version = 6;
		ip6->nexthdr = IPPROTO_TCP;
		ip6->payload_len = htons(len > head ? len - head : 0);
	} else {
		memset(ip4, 0, sizeof(*ip4));
		ip4->version = 4;
		ip4->ihl = 5;
		ip4->protocol = IPPROTO_TCP;
		ip4->tot_len = htons(len > ETH_HLEN ? len - ETH_HLEN : 0);
	}
	fill_tcp(data + head);
	return head + sizeof(struct tcphdr);
}

/* From the front. */

struct netback_chain netback_test_chain(unsigned int nr, unsigned int total, unsigned int rest)
{
	struct netback_chain chain = { .nr = nr, .total = total };

	chain.lens[0] = total - min(total, (nr - 1) * rest);
	for (unsigned int i = 1; i < nr; i++)
		chain.lens[i] = rest;
	return chain;
}

/* False: @total bytes can't be a good packet of @nr slots. */
bool netback_test_spread(struct netback_chain *chain, unsigned int nr, unsigned int total)
{
	unsigned int left = total, len;

	if (total < ETH_HLEN + nr - 1 || total > nr * PAGE_SIZE)
		return false;
	*chain = (struct netback_chain){ .nr = nr, .total = total };
	for (unsigned int i = nr - 1; i; i--, left -= len) {
		len = min((left - ETH_HLEN) / (i + 1) ?: 1, (unsigned int)PAGE_SIZE);
		chain->lens[i] = len;
	}
	chain->lens[0] = left;
	return left <= PAGE_SIZE;
}

void netback_test_gso(struct netback_chain *chain, u8 type, u16 size)
{
	chain->nr_extras = 1;
	chain->extras[0].type = XEN_NETIF_EXTRA_TYPE_GSO;
	chain->extras[0].u.gso.type = type;
	chain->extras[0].u.gso.size = size;
	chain->flags |= XEN_NETTXF_csum_blank;
}

unsigned int netback_test_slots(const struct netback_chain *chain, union xnet_tx_slot *slots)
{
	unsigned int nr = 0, at = 0, len;

	for (unsigned int i = 0; i < chain->nr; i++) {
		struct xen_netif_tx_request request = {
			.gref = i + 1 == chain->bad ? NETBACK_NO_REF : NETBACK_TX_DATA + i,
			.offset = chain->offset, .id = 100 + i,
			.size = i ? chain->lens[i] : chain->total,
			.flags = i + 1 < chain->nr ? XEN_NETTXF_more_data : 0,
		};

		len = min(chain->lens[i], (unsigned int)PAGE_SIZE - chain->offset);
		memcpy(xenpv_fake_foreign_page(PEER, NETBACK_TX_DATA + i) + chain->offset,
		       netback_far.data + at, len);
		at += len;
		if (!i) {
			request.flags |= chain->flags;
			request.flags |= chain->nr_extras ? XEN_NETTXF_extra_info : 0;
		}
		memset(&slots[nr], 0, sizeof(slots[nr]));
		slots[nr++].request = request;
		for (unsigned int e = 0; !i && e < chain->nr_extras; e++) {
			memset(&slots[nr], 0, sizeof(slots[nr]));
			slots[nr].extra = chain->extras[e];
			if (e + 1 < chain->nr_extras)
				slots[nr].extra.flags |= XEN_NETIF_EXTRA_FLAG_MORE;
			nr++;
		}
	}
	return nr;
}

void netback_test_put(struct kunit *test, union xnet_tx_slot *slots, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, xnet_tx_front_put(&netback_far.tx, &slots[i]), 0);
	xnet_tx_front_push(&netback_far.tx);
	xnet_back_tx_interrupt(0, netback_test_queue());
	netback_test_settle(test);
}

void netback_test_send(struct kunit *test, const struct netback_chain *chain)
{
	union xnet_tx_slot slots[NETBACK_CHAIN + XNET_EXTRAS];

	netback_test_put(test, slots, netback_test_slots(chain, slots));
}

struct netback_answers netback_test_answers(const struct netback_chain *chain)
{
	struct netback_answers answers = { };
	struct xen_netif_tx_response response;
	bool seen[NETBACK_CHAIN] = { };

	while (xnet_tx_front_get(&netback_far.tx, &response) > 0) {
		unsigned int i = response.id - 100U;

		if (response.status == XEN_NETIF_RSP_NULL) {
			answers.null++;
			continue;
		}
		if (response.status == XEN_NETIF_RSP_OKAY)
			answers.okay++;
		else
			answers.error++;
		if (i >= chain->nr || seen[i])
			answers.odd++;
		else
			seen[i] = true;
	}
	return answers;
}

struct sk_buff *netback_test_next(void)
{
	struct sk_buff *skb = __skb_dequeue(&netback_far.skbs);

	if (skb)
		__skb_push(skb, ETH_HLEN);
	return skb;
}

bool netback_test_same(const struct sk_buff *skb, unsigned int len)
{
	return skb->len == len && !skb_copy_bits(skb, 0, netback_far.got, len) &&
	       !memcmp(netback_far.got, netback_far.data, len);
}

/* To the front. */

static void is_freed(struct sk_buff *skb)
{
	atomic_inc(&netback_far.freed);
	if (irqs_disabled())
		atomic_inc(&netback_far.freed_irqs_off);
}

unsigned int netback_test_alive(void)
{
	return atomic_read(&netback_far.made) - atomic_read(&netback_far.freed);
}

static bool add_frag(struct sk_buff *skb, unsigned int i, unsigned int at, unsigned int len)
{
	/* Somewhere in it, so that it crosses ends of pages. */
	unsigned int offset = i * 321 % PAGE_SIZE, order = get_order(offset + len);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, order);

	if (!page)
		return false;
	memcpy(page_address(page) + offset, netback_far.data + at, len);
	skb_add_rx_frag(skb, i, page, offset, len, PAGE_SIZE << order);
	return true;
}

struct sk_buff *netback_test_skb(struct kunit *test, unsigned int head,
				 const unsigned int *frags, unsigned int nr)
{
	struct sk_buff *skb = alloc_skb(head + 64, GFP_KERNEL);
	unsigned int at = head;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->destructor = is_freed;
	atomic_inc(&netback_far.made);
	skb_reserve(skb, 30);
	skb_put_data(skb, netback_far.data, head);
	for (unsigned int i = 0; i < nr; at += frags[i++])
		KUNIT_EXPECT_TRUE(test, add_frag(skb, i, at, frags[i]));
	skb->dev = netback_test_back->netdev;
	return skb;
}

void netback_test_xmit(struct sk_buff *skb)
{
	local_bh_disable();
	xnet_back_xmit(skb, netback_test_back->netdev);
	local_bh_enable();
}

void netback_test_lend(struct kunit *test, unsigned int nr)
{
	struct netback_far *far = &netback_far;

	for (unsigned int i = 0; i < nr; i++) {
		struct xen_netif_rx_request request = {
			.id = far->lent * 3,
			.gref = NETBACK_RX_DATA + far->lent % NETBACK_RX_PAGES,
		};

		far->refs[far->lent++ % ARRAY_SIZE(far->refs)] = request.gref;
		KUNIT_ASSERT_EQ(test, xnet_rx_front_put(&far->rx, &request), 0);
	}
	xnet_rx_front_push(&far->rx);
	if (split)
		xnet_back_rx_interrupt(0, netback_test_queue());
	else
		xnet_back_tx_interrupt(0, netback_test_queue());
	netback_test_settle(test);
}

/* 0: there is none; -EPROTO: slots that make none; -EIO: a bad one. */
int netback_test_receive(struct xnet_arrival *arrival)
{
	struct netback_far *far = &netback_far;
	union xnet_rx_slot slot;
	unsigned int at = 0, before;
	grant_ref_t ref;
	int ret;

	memset(arrival, 0, sizeof(*arrival));
	do {
		if (xnet_rx_front_get(&far->rx, &slot) != 1)
			return arrival->chain.slots ? -EPROTO : 0;
		before = arrival->nr;
		ref = far->refs[far->taken % ARRAY_SIZE(far->refs)];
		ret = xnet_rx_add(arrival, &slot, xenpv_fake_foreign_page(PEER, ref));
		/* What is answered is the request in whose place it stands. */
		if (arrival->nr > before && slot.response.id != (u16)(far->taken * 3))
			return -EBADMSG;
		far->taken++;
	} while (!ret);
	if (ret < 0)
		return ret;
	for (unsigned int i = 0; i < arrival->nr; i++) {
		const struct xnet_part *part = &arrival->parts[i];

		memcpy(far->got + at, part->buffer + part->offset, part->len);
		at += part->len;
	}
	return arrival->chain.error ? -EIO : 1;
}
