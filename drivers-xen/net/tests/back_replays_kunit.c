// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays for interfaces of advisories about fronts: 39, 155, 216, 392, 423, 424, 432, 448; in
 * each a fault is found where nothing may sleep (90).
 */

#include <linux/array_size.h>
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <xenpv/shared.h>
#include "back_room.h"

static u64 count(enum xnet_back_count what)
{
	return atomic64_read(&netback_test_queue()->counts[what]);
}

/* All slots are answered, once; the packet is there as it was sent, or not at all. */
static void expect_fate(struct kunit *test, const struct netback_chain *chain, bool good)
{
	struct netback_answers answers = netback_test_answers(chain);
	struct sk_buff *skb = netback_test_next();

	KUNIT_EXPECT_EQ(test, answers.okay, good ? chain->nr : 0);
	KUNIT_EXPECT_EQ(test, answers.error, good ? 0 : chain->nr);
	KUNIT_EXPECT_EQ(test, answers.null, chain->nr_extras);
	KUNIT_EXPECT_EQ(test, answers.odd, 0);
	KUNIT_EXPECT_EQ(test, !!skb, good);
	if (!skb)
		return;
	KUNIT_EXPECT_EQ(test, skb->len, chain->total);
	for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		KUNIT_EXPECT_GT(test, skb_frag_size(&skb_shinfo(skb)->frags[i]), 0);
	kfree_skb(skb);
}

static void expect_halt(struct kunit *test)
{
	struct sk_buff *skb;

	KUNIT_EXPECT_TRUE(test, bus_test_faulted());
	KUNIT_EXPECT_FALSE(test, netback_test_queue()->up);
	/* It does nothing more, and can be undone. */
	netback_far.due = true;
	netback_test_settle(test);
	netback_test_xmit(netback_test_skb(test, 60, NULL, 0));
	netback_test_part();
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	while ((skb = netback_test_next()))
		kfree_skb(skb);
}

/* XSA-39: indices and chains that lie, pages that can't be had. */

struct lie {
	const char *name;
	bool rx;
	u32 index;
};

static const struct lie lies[] = {
	{ "tx, one too many", false, 257 },
	{ "tx, far ahead", false, 1U << 31 },
	{ "tx, back", false, ~0U },
	{ "rx, one too many", true, 257 },
	{ "rx, far ahead", true, 1U << 31 },
	{ "rx, back", true, ~0U },
};

static void lie_name(const struct lie *lie, char *text)
{
	strscpy(text, lie->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lie, lies, lie_name);

static void indices_that_lie(struct kunit *test)
{
	const struct lie *lie = test->param_value;
	struct xenpv_ring_page *page;
	unsigned int calls;

	netback_test_start(test, true);
	page = xenpv_fake_foreign_page(PEER, lie->rx ? NETBACK_RX_RING : NETBACK_TX_RING);
	page->req_prod = lie->index;
	calls = xenpv_fake_calls_made();
	if (lie->rx)
		xnet_back_rx_interrupt(0, netback_test_queue());
	else
		xnet_back_tx_interrupt(0, netback_test_queue());
	netback_test_settle(test);
	/* Nothing was taken, copied or answered. */
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), calls);
	KUNIT_EXPECT_EQ(test, count(XNET_IN_PACKETS) + count(XNET_IN_BAD), 0);
	KUNIT_EXPECT_EQ(test, page->rsp_prod, 0);
	expect_halt(test);
}

static void chains_that_are_long(struct kunit *test)
{
	struct netback_chain chain;

	netback_test_start(test, true);
	netback_test_fill(1000);
	for (unsigned int nr = 17; nr <= XNET_CHAIN; nr++) {
		chain = netback_test_chain(nr, 1000, 10);
		netback_test_send(test, &chain);
		expect_fate(test, &chain, nr <= XNET_SLOTS);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	chain = netback_test_chain(XNET_CHAIN + 1, 1000, 10);
	netback_test_send(test, &chain);
	expect_halt(test);
}

static void chains_without_end(struct kunit *test)
{
	static union xnet_tx_slot slots[256];
	struct netback_chain chain = netback_test_chain(1, 1000, 0);

	netback_test_start(test, true);
	netback_test_slots(&chain, slots);
	slots[0].request.flags = XEN_NETTXF_more_data;
	for (unsigned int i = 1; i < ARRAY_SIZE(slots); i++)
		slots[i] = slots[0];
	netback_test_put(test, slots, ARRAY_SIZE(slots));
	KUNIT_EXPECT_LE(test, netback_test_queue()->tx_ring.ring.got, XNET_CHAIN + 1);
	expect_halt(test);
}

static void extras_without_end(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 1000, 0);
	static union xnet_tx_slot slots[64];

	netback_test_start(test, true);
	netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 100);
	netback_test_slots(&chain, slots);
	slots[1].extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	for (unsigned int i = 2; i < ARRAY_SIZE(slots); i++)
		slots[i] = slots[1];
	netback_test_put(test, slots, ARRAY_SIZE(slots));
	KUNIT_EXPECT_LE(test, netback_test_queue()->tx_ring.ring.got, 3);
	expect_halt(test);
}

static void pages_that_are_not_lent(struct kunit *test)
{
	struct netback_chain chain;

	netback_test_start(test, true);
	for (unsigned int nr = 1; nr <= XNET_SLOTS; nr++) {
		for (unsigned int bad = 1; bad <= nr; bad++) {
			netback_test_fill(2000);
			KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, nr, 2000));
			chain.bad = bad;
			netback_test_send(test, &chain);
			expect_fate(test, &chain, false);
			/* A page that was lent, and was taken back. */
			chain.bad = 0;
			xenpv_fake_foreign_withdraw(PEER, NETBACK_TX_DATA + bad - 1);
			netback_test_send(test, &chain);
			expect_fate(test, &chain, false);
			xenpv_fake_foreign_offer(PEER, NETBACK_TX_DATA + bad - 1, true);
		}
		netback_test_send(test, &chain);
		expect_fate(test, &chain, true);
	}
	KUNIT_EXPECT_EQ(test, count(XNET_IN_NOT_COPIED), 18 * 19);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case xsa_39_cases[] = {
	KUNIT_CASE_PARAM(indices_that_lie, lie_gen_params),
	KUNIT_CASE(chains_that_are_long),
	KUNIT_CASE(chains_without_end),
	KUNIT_CASE(extras_without_end),
	KUNIT_CASE(pages_that_are_not_lent),
	{}
};

static struct kunit_suite xsa_39_suite = {
	.name = "xsa_39_netback",
	.test_cases = xsa_39_cases,
};

/* XSA-155: each word of a slot or a request is read once. */

/* What the front does is done before, since its words are counted, too. */
static void watch_turn(struct kunit *test, grant_ref_t ring)
{
	bus_test_watch_slots(xenpv_fake_foreign_page(PEER, ring));
	netback_far.due = true;
	netback_test_settle(test);
	KUNIT_EXPECT_EQ(test, bus_test_most_reads(), 1);
}

static void slots_are_read_once(struct kunit *test)
{
	union xnet_tx_slot slots[NETBACK_CHAIN + XNET_EXTRAS];
	struct netback_chain chain;
	unsigned int total;

	netback_test_start(test, true);
	for (unsigned int nr = 1; nr <= XNET_SLOTS; nr++) {
		netback_test_tcp(2000, false);
		KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, nr, 2000));
		netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 100);
		total = netback_test_slots(&chain, slots);
		for (unsigned int i = 0; i < total; i++)
			KUNIT_ASSERT_EQ(test, xnet_tx_front_put(&netback_far.tx, &slots[i]), 0);
		xnet_tx_front_push(&netback_far.tx);
		watch_turn(test, NETBACK_TX_RING);
		expect_fate(test, &chain, true);
	}
}

static void requests_are_read_once(struct kunit *test)
{
	static const unsigned int frags[] = { 4096, 9000 };
	struct xen_netif_rx_request request = { };
	struct xnet_arrival arrival;

	netback_test_start(test, true);
	netback_test_fill(60 + 4096 + 9000);
	for (unsigned int i = 0; i < 4; i++) {
		request.gref = NETBACK_RX_DATA + netback_far.lent % NETBACK_RX_PAGES;
		request.id = netback_far.lent * 3;
		netback_far.refs[netback_far.lent++] = request.gref;
		KUNIT_ASSERT_EQ(test, xnet_rx_front_put(&netback_far.rx, &request), 0);
	}
	netback_test_xmit(netback_test_skb(test, 60, frags, 2));
	xnet_rx_front_push(&netback_far.rx);
	watch_turn(test, NETBACK_RX_RING);
	KUNIT_EXPECT_EQ(test, netback_test_receive(&arrival), 1);
	KUNIT_EXPECT_MEMEQ(test, netback_far.got, netback_far.data, arrival.len);
}

static struct kunit_case xsa_155_cases[] = {
	KUNIT_CASE(slots_are_read_once),
	KUNIT_CASE(requests_are_read_once),
	{}
};

static struct kunit_suite xsa_155_suite = {
	.name = "xsa_155_netback",
	.test_cases = xsa_155_cases,
};

/* XSA-216: what is not part of an answer is as the front has left it. */

static void answers_have_no_padding(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 100, 0);
	union xnet_tx_slot slot;
	u8 *page;

	netback_test_start(test, true);
	netback_test_fill(100);
	netback_test_slots(&chain, &slot);
	slot.request.size = 0x6464;
	netback_test_put(test, &slot, 1);
	page = xenpv_fake_foreign_page(PEER, NETBACK_TX_RING) + sizeof(struct xenpv_ring_page);
	/* Offset and flags, id and size. */
	KUNIT_EXPECT_MEMEQ(test, page + 4, (u8 *)&slot + 4, 8);
}

static void extras_have_no_padding(struct kunit *test)
{
	unsigned int rest = 4000;
	struct sk_buff *skb;
	u8 *page;

	netback_test_start(test, true);
	page = xenpv_fake_foreign_page(PEER, NETBACK_RX_RING) + sizeof(struct xenpv_ring_page);
	netback_test_fill(4060);
	skb = netback_test_skb(test, 60, &rest, 1);
	skb_shinfo(skb)->gso_size = 0x1234;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	netback_test_xmit(skb);
	netback_test_lend(test, 2);
	KUNIT_EXPECT_EQ(test, page[8], XEN_NETIF_EXTRA_TYPE_GSO);
	KUNIT_EXPECT_EQ(test, page[9], 0);
	KUNIT_EXPECT_EQ(test, page[10], 0x34);
	KUNIT_EXPECT_EQ(test, page[11], 0x12);
	KUNIT_EXPECT_EQ(test, page[12], XEN_NETIF_GSO_TYPE_TCPV4);
	KUNIT_EXPECT_NULL(test, memchr_inv(page + 13, 0, 3));
}

static struct kunit_case xsa_216_cases[] = {
	KUNIT_CASE(answers_have_no_padding),
	KUNIT_CASE(extras_have_no_padding),
	{}
};

static struct kunit_suite xsa_216_suite = {
	.name = "xsa_216_netback",
	.test_cases = xsa_216_cases,
};

/* XSA-392: a front that takes nothing costs little, and does not hide behind a few requests. */

static struct netdev_queue *txq(void)
{
	return netdev_get_tx_queue(netback_test_back->netdev, 0);
}

static void fill_queue(struct kunit *test, unsigned int frag)
{
	for (unsigned int i = 0; i < 1000; i++) {
		netback_test_xmit(netback_test_skb(test, 100, &frag, !!frag));
		if (i % 10 == 0)
			netback_test_settle(test);
		KUNIT_EXPECT_LE(test, netback_test_alive(), 256);
		KUNIT_EXPECT_LE(test, netback_test_queue()->bytes, 1024 * 1024 + 70000);
	}
	netback_test_settle(test);
}

static void packets_do_not_pile_up(struct kunit *test)
{
	struct xnet_arrival arrival;
	unsigned int kept;

	netback_test_start(test, true);
	netback_test_fill(32868);
	for (unsigned int large = 0; large < 2; large++) {
		fill_queue(test, large ? 32768 : 0);
		kept = netback_test_alive();
		KUNIT_EXPECT_GT(test, kept, 0);
		KUNIT_EXPECT_TRUE(test, netif_tx_queue_stopped(txq()));
		while (netback_test_alive()) {
			netback_test_lend(test, 9);
			while (netback_test_receive(&arrival) == 1)
				kept--;
			if (netback_test_alive() < 10)
				KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(txq()));
		}
		KUNIT_EXPECT_EQ(test, kept, 0);
	}
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_STOPS), 2);
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_FULL) + count(XNET_OUT_PACKETS), 2000);
}

/* With @spare requests all the time, one fewer than are needed. */
static void stall(struct kunit *test, unsigned int spare)
{
	struct net_device *netdev = netback_test_back->netdev;
	unsigned int rest = spare * PAGE_SIZE;

	netback_test_lend(test, spare);
	netback_test_fill(100 + rest);
	netback_test_xmit(netback_test_skb(test, 100, &rest, !!rest));
	netback_test_settle(test);
	netback_test_pass(test, 4 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 1);
	netback_test_pass(test, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
	netback_test_xmit(netback_test_skb(test, 100, &rest, !!rest));
	netback_test_settle(test);
	netback_test_pass(test, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(netdev));
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	netback_test_xmit(netback_test_skb(test, 100, NULL, 0));
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	KUNIT_EXPECT_EQ(test, netback_far.later, 0);
}

static void fronts_that_stall(struct kunit *test)
{
	struct net_device *netdev;
	struct xnet_arrival arrival;

	netback_test_start(test, true);
	netdev = netback_test_back->netdev;
	for (unsigned int spare = 0; spare < 2; spare++) {
		stall(test, spare);
		/* Not before there is room for any packet. */
		netback_test_lend(test, 16 - spare);
		KUNIT_EXPECT_FALSE(test, netif_carrier_ok(netdev));
		netback_test_lend(test, 10);
		KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
		while (netback_test_queue()->nr_requests) {
			netback_test_xmit(netback_test_skb(test, 100, NULL, 0));
			netback_test_settle(test);
			KUNIT_ASSERT_EQ(test, netback_test_receive(&arrival), 1);
		}
	}
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_STALLS), 2);
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_EXPIRED), 2);
	/* One that goes while it has stalled, and comes. */
	stall(test, 1);
	netback_test_part();
	netback_test_meet(test);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
}

/* The packet that there was no page for is gone, and pages are there: nothing has stalled. */
static void fronts_that_were_slow_once(struct kunit *test)
{
	netback_test_start(test, true);
	netback_test_fill(100);
	netback_test_xmit(netback_test_skb(test, 100, NULL, 0));
	netback_test_settle(test);
	netback_test_pass(test, 6 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	netback_test_lend(test, 40);
	netback_test_pass(test, 12 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netback_test_back->netdev));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_STALLS), 0);
}

/* A front for single pages never lends more than a few. */
static void small_fronts_go_on(struct kunit *test)
{
	struct net_device *netdev;

	netback_test_start(test, true);
	netback_test_back->front.sg = false;
	netdev = netback_test_back->netdev;
	stall(test, 0);
	netback_test_lend(test, 1);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
	/* One that does not tell of its pages is looked at, and never stalls. */
	netback_test_back->front.silent = true;
	netback_test_fill(100);
	for (unsigned int i = 0; i < 3; i++)
		netback_test_xmit(netback_test_skb(test, 100, NULL, 0));
	netback_test_settle(test);
	KUNIT_EXPECT_GT(test, netback_far.later, 0);
	netback_test_pass(test, 20 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
	/* Nothing waits any more, so nobody looks. */
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	KUNIT_EXPECT_EQ(test, netback_far.later, 0);
}

static struct kunit_case xsa_392_cases[] = {
	KUNIT_CASE(packets_do_not_pile_up),
	KUNIT_CASE(fronts_that_stall),
	KUNIT_CASE(fronts_that_were_slow_once),
	KUNIT_CASE(small_fronts_go_on),
	{}
};

static struct kunit_suite xsa_392_suite = {
	.name = "xsa_392_netback",
	.test_cases = xsa_392_cases,
};

/* XSA-423: headers are in one piece, however they were sent. */

static void headers_in_one_piece(struct kunit *test)
{
	static const unsigned int firsts[] = { 14, 15, 33, 34, 53, 54, 74 };
	struct netback_chain chain;
	struct sk_buff *skb;

	netback_test_start(test, true);
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(firsts); i++) {
		unsigned int total = i & 1 ? 300 : 4000, head;

		head = netback_test_tcp(total, i % 3);
		chain = netback_test_chain(3, total, (total - firsts[i / 2]) / 2);
		chain.flags = i & 2 ? XEN_NETTXF_csum_blank : 0;
		netback_test_send(test, &chain);
		skb = netback_test_next();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_GE(test, skb_headlen(skb), head);
		KUNIT_EXPECT_TRUE(test, netback_test_same(skb, total));
		kfree_skb(skb);
		KUNIT_EXPECT_EQ(test, netback_test_answers(&chain).okay, 3);
	}
}

static struct kunit_case xsa_423_cases[] = {
	KUNIT_CASE(headers_in_one_piece),
	{}
};

static struct kunit_suite xsa_423_suite = {
	.name = "xsa_423_netback",
	.test_cases = xsa_423_cases,
};

/* XSA-424: what is dropped is freed where that may be done. */

static void xmit_irqs_off(struct sk_buff *skb)
{
	unsigned long flags;

	local_irq_save(flags);
	xnet_back_xmit(skb, netback_test_back->netdev);
	local_irq_restore(flags);
}

static void dropped_with_irqs_off(struct kunit *test)
{
	static const unsigned int frags[] = { 32768, 32768 };

	netback_test_start(test, true);
	netback_test_fill(66000);
	/* Full, too large, filtered, and without a front. */
	for (unsigned int i = 0; i < 300; i++)
		xmit_irqs_off(netback_test_skb(test, 100, NULL, 0));
	KUNIT_EXPECT_GT(test, count(XNET_OUT_FULL), 0);
	xmit_irqs_off(netback_test_skb(test, 100, frags, 2));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_TOO_LARGE), 1);
	netback_test_back->groups.filter = true;
	netback_far.data[0] = 0x33;
	xmit_irqs_off(netback_test_skb(test, 100, NULL, 0));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_FILTERED), 1);
	netback_far.data[0] = 0x32;
	netback_test_part();
	xmit_irqs_off(netback_test_skb(test, 100, NULL, 0));
	KUNIT_EXPECT_GT(test, count(XNET_OUT_APART), 0);
	/* They are freed by a softirq. */
	for (unsigned int i = 0; i < 1000 && netback_test_alive(); i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&netback_far.freed_irqs_off), 0);
}

static struct kunit_case xsa_424_cases[] = {
	KUNIT_CASE(dropped_with_irqs_off),
	{}
};

static struct kunit_suite xsa_424_suite = {
	.name = "xsa_424_netback",
	.test_cases = xsa_424_cases,
};

/* XSA-432: many slots for few bytes. */

/* Beside the data: nothing, where an XDP program would begin, segments. */
static const char * const besides[] = { "nothing", "XDP", "segments" };

static void beside_name(const char * const *beside, char *text)
{
	strscpy(text, *beside, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(beside, besides, beside_name);

static bool legal(const struct netback_chain *chain, bool gso)
{
	unsigned int sum = 0;

	for (unsigned int i = 1; i < chain->nr; i++)
		sum += chain->lens[i];
	/* A packet of segments has headers, and something to be cut. */
	return chain->nr <= XNET_SLOTS && sum <= chain->total &&
	       chain->total - sum >= ETH_HLEN && (!gso || chain->total > 54);
}

static void many_slots_few_bytes(struct kunit *test)
{
	unsigned int kind = (const char * const *)test->param_value - besides;
	struct netback_chain chain;

	netback_test_start(test, true);
	for (unsigned int nr = 1; nr <= 20; nr++) {
		for (unsigned int total = 1; total <= 200; total++) {
			for (unsigned int rest = 1; rest <= 19; rest += 6) {
				chain = netback_test_chain(nr, total, rest);
				netback_test_tcp(total, false);
				if (kind == 1) {
					chain.nr_extras = 1;
					chain.extras[0].type = XEN_NETIF_EXTRA_TYPE_XDP;
				} else if (kind == 2) {
					netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 40);
				}
				netback_test_send(test, &chain);
				expect_fate(test, &chain, legal(&chain, kind == 2));
			}
		}
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case xsa_432_cases[] = {
	KUNIT_CASE_PARAM(many_slots_few_bytes, beside_gen_params),
	{}
};

static struct kunit_suite xsa_432_suite = {
	.name = "xsa_432_netback",
	.test_cases = xsa_432_cases,
};

/* XSA-448: slots without bytes. */

static void slots_without_bytes(struct kunit *test)
{
	static const unsigned int totals[] = { 14, 60, 2000, 4096, 65535 };
	struct netback_chain chain;

	netback_test_start(test, true);
	netback_test_tcp(65535, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(totals); i++) {
		for (unsigned int nr = 2; nr <= XNET_SLOTS; nr++) {
			for (unsigned int gso = 0; gso < 2; gso++) {
				chain = netback_test_chain(nr, totals[i], 0);
				if (gso)
					netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 100);
				netback_test_send(test, &chain);
				expect_fate(test, &chain, false);
				/* All but the last one. */
				chain.lens[nr - 1] = 1;
				netback_test_send(test, &chain);
				expect_fate(test, &chain, nr == 2 && totals[i] > 14 &&
					    totals[i] <= PAGE_SIZE && (!gso || totals[i] > 54));
			}
		}
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case xsa_448_cases[] = {
	KUNIT_CASE(slots_without_bytes),
	{}
};

static struct kunit_suite xsa_448_suite = {
	.name = "xsa_448_netback",
	.test_cases = xsa_448_cases,
};

kunit_test_suites(&xsa_39_suite, &xsa_155_suite, &xsa_216_suite, &xsa_392_suite, &xsa_423_suite,
		  &xsa_424_suite, &xsa_432_suite, &xsa_448_suite);

MODULE_DESCRIPTION("Replays of advisories about the fronts of network interfaces");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
