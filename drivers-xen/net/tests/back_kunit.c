// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the back of an interface: packets in both directions, limits, fronts that go. */

#include <linux/array_size.h>
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/time64.h>

#include "../../fake/fake_event.h"
#include "back_room.h"

/* How the front is told: one event for both rings, or two. */
struct way {
	const char *name;
	bool two_events;
};

static const struct way ways[] = {
	{ "one event", false },
	{ "two events", true },
};

static void way_name(const struct way *way, char *text)
{
	strscpy(text, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(way, ways, way_name);

static void start(struct kunit *test)
{
	const struct way *way = test->param_value;
	bool known = way >= ways && way < ways + ARRAY_SIZE(ways);

	netback_test_start(test, !known || way->two_events);
}

static u64 count(enum xnet_back_count what)
{
	return atomic64_read(&netback_test_queue()->counts[what]);
}

static void expect_answers(struct kunit *test, const struct netback_chain *chain, bool good)
{
	struct netback_answers answers = netback_test_answers(chain);

	KUNIT_EXPECT_EQ(test, answers.okay, good ? chain->nr : 0);
	KUNIT_EXPECT_EQ(test, answers.error, good ? 0 : chain->nr);
	KUNIT_EXPECT_EQ(test, answers.null, chain->nr_extras);
	KUNIT_EXPECT_EQ(test, answers.odd, 0);
}

/* It is sent, and the stack gets it as it is; good for the caller to look at. */
static struct sk_buff *pass_in(struct kunit *test, const struct netback_chain *chain)
{
	struct sk_buff *skb;

	netback_test_send(test, chain);
	expect_answers(test, chain, true);
	skb = netback_test_next();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, netback_test_same(skb, chain->total));
	for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		KUNIT_EXPECT_GT(test, skb_frag_size(&skb_shinfo(skb)->frags[i]), 0);
	KUNIT_EXPECT_NULL(test, netback_test_next());
	return skb;
}

static void refuse_in(struct kunit *test, const struct netback_chain *chain,
		      enum xnet_back_count why)
{
	u64 before = count(why);

	netback_test_send(test, chain);
	expect_answers(test, chain, false);
	KUNIT_EXPECT_NULL(test, netback_test_next());
	KUNIT_EXPECT_EQ(test, count(why), before + 1);
}

/* From the front. */

static void packets_come_in(struct kunit *test)
{
	static const unsigned int lens[] = {
		14, 15, 60, 128, 256, 257, 1514, 1536, 1537, 4096, 4097, 9000, 32768, 65535,
	};
	struct netback_chain chain;
	unsigned int nr = 0, bytes = 0;

	start(test);
	for (unsigned int slots = 1; slots <= XNET_SLOTS; slots++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
			if (!netback_test_spread(&chain, slots, lens[i]))
				continue;
			netback_test_fill(lens[i]);
			kfree_skb(pass_in(test, &chain));
			nr++;
			bytes += lens[i];
		}
	}
	KUNIT_EXPECT_GT(test, nr, 100);
	KUNIT_EXPECT_EQ(test, count(XNET_IN_PACKETS), nr);
	KUNIT_EXPECT_EQ(test, count(XNET_IN_BYTES), bytes);
	KUNIT_EXPECT_EQ(test, count(XNET_IN_BAD), 0);
}

/* Many at once, in the order in which they were sent. */
static void many_come_in(struct kunit *test)
{
	static union xnet_tx_slot slots[200];
	struct netback_chain chain = netback_test_chain(1, 200, 0);
	struct sk_buff *skb;
	unsigned int seen = 0;
	u8 number = 0;

	start(test);
	netback_test_fill(200);
	/* All from one page, told apart by where they begin. */
	netback_test_slots(&chain, slots);
	for (unsigned int i = 1; i < ARRAY_SIZE(slots); i++) {
		slots[i] = slots[0];
		slots[i].request.offset = i;
		slots[i].request.size = 100;
		slots[i].request.id = 100 + i;
	}
	slots[0].request.size = 100;
	netback_test_put(test, slots, ARRAY_SIZE(slots));
	while ((skb = netback_test_next())) {
		KUNIT_EXPECT_EQ(test, skb->len, 100);
		skb_copy_bits(skb, 50, &number, 1);
		if (seen + 50 < 200)
			KUNIT_EXPECT_EQ(test, number, netback_far.data[seen + 50]);
		seen++;
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, seen, ARRAY_SIZE(slots));
}

static void offsets_count(struct kunit *test)
{
	struct netback_chain chain;

	start(test);
	for (unsigned int slots = 1; slots <= 5; slots += 2) {
		for (unsigned int offset = 0; offset < PAGE_SIZE; offset += 333) {
			unsigned int room = PAGE_SIZE - offset;
			unsigned int len = slots * min(300U, room - 20);

			if (!netback_test_spread(&chain, slots, len))
				continue;
			chain.offset = offset;
			netback_test_fill(len);
			kfree_skb(pass_in(test, &chain));
		}
	}
	/* Over the end of the page. */
	chain = netback_test_chain(1, 100, 0);
	chain.offset = PAGE_SIZE - 99;
	refuse_in(test, &chain, XNET_IN_BAD);
	chain = netback_test_chain(2, 200, 100);
	chain.offset = PAGE_SIZE - 99;
	refuse_in(test, &chain, XNET_IN_BAD);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static void bad_sizes(struct kunit *test)
{
	struct netback_chain chain;

	start(test);
	for (unsigned int len = 0; len < ETH_HLEN; len++) {
		chain = netback_test_chain(1, len, 0);
		refuse_in(test, &chain, XNET_IN_BAD);
		chain = netback_test_chain(2, len + 100, 100);
		refuse_in(test, &chain, XNET_IN_BAD);
	}
	/* The others have more than there is in all. */
	chain = netback_test_chain(3, 100, 40);
	chain.lens[2] = 80;
	refuse_in(test, &chain, XNET_IN_BAD);
	/* One slot for more than a page. */
	chain = netback_test_chain(1, PAGE_SIZE + 1, 0);
	refuse_in(test, &chain, XNET_IN_BAD);
	chain = netback_test_chain(1, 14, 0);
	netback_test_fill(14);
	kfree_skb(pass_in(test, &chain));
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static void parts_come_later(struct kunit *test)
{
	union xnet_tx_slot slots[NETBACK_CHAIN + XNET_EXTRAS];
	struct netback_chain chain;
	struct sk_buff *skb;
	unsigned int nr;

	start(test);
	for (unsigned int cut = 1; cut < 9; cut++) {
		KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, 8, 9000));
		netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 1000);
		netback_test_tcp(9000, false);
		nr = netback_test_slots(&chain, slots);
		KUNIT_ASSERT_EQ(test, nr, 9);
		netback_test_put(test, slots, cut);
		KUNIT_EXPECT_NULL(test, netback_test_next());
		netback_test_put(test, slots + cut, nr - cut);
		expect_answers(test, &chain, true);
		skb = netback_test_next();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb->len, 9000);
		kfree_skb(skb);
	}
}

/* What Linux has to know. */

static unsigned int csum_of(const struct sk_buff *skb)
{
	return skb->ip_summed;
}

static void checksums(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 500, 0);
	struct sk_buff *skb;

	start(test);
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		unsigned int head = netback_test_tcp(500, v6);

		chain.flags = XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
		skb = pass_in(test, &chain);
		KUNIT_EXPECT_EQ(test, csum_of(skb), CHECKSUM_PARTIAL);
		KUNIT_EXPECT_EQ(test, skb->csum_offset, offsetof(struct tcphdr, check));
		KUNIT_EXPECT_EQ(test, skb_checksum_start_offset(skb),
				head - sizeof(struct tcphdr));
		KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
		kfree_skb(skb);
		chain.flags = XEN_NETTXF_data_validated;
		skb = pass_in(test, &chain);
		KUNIT_EXPECT_EQ(test, csum_of(skb), CHECKSUM_UNNECESSARY);
		kfree_skb(skb);
		chain.flags = 0;
		skb = pass_in(test, &chain);
		KUNIT_EXPECT_EQ(test, csum_of(skb), CHECKSUM_NONE);
		kfree_skb(skb);
	}
	/* There is none in this one, nor in what ends before it. */
	chain.flags = XEN_NETTXF_csum_blank;
	netback_test_fill(500);
	refuse_in(test, &chain, XNET_IN_CHECKSUM);
	netback_test_tcp(500, false);
	chain.total = 40;
	chain.lens[0] = 40;
	refuse_in(test, &chain, XNET_IN_CHECKSUM);
}

static void segments(struct kunit *test)
{
	static const u8 types[] = { XEN_NETIF_GSO_TYPE_TCPV4, XEN_NETIF_GSO_TYPE_TCPV6 };
	struct netback_chain chain;
	struct sk_buff *skb;

	start(test);
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		unsigned int head;

		KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, 16, 60000));
		netback_test_gso(&chain, types[v6], 1400);
		head = netback_test_tcp(60000, v6);
		netback_test_send(test, &chain);
		expect_answers(test, &chain, true);
		skb = netback_test_next();
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb->len, 60000);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 1400);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs,
				DIV_ROUND_UP(60000 - head, 1400));
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type,
				(v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4) | SKB_GSO_DODGY);
		KUNIT_EXPECT_EQ(test, csum_of(skb), CHECKSUM_PARTIAL);
		KUNIT_EXPECT_GE(test, skb_headlen(skb), head);
		/* Nothing but the checksum has been changed. */
		memset(netback_far.data + head - 4, 0, 2);
		skb_copy_bits(skb, 0, netback_far.got, 60000);
		memset(netback_far.got + head - 4, 0, 2);
		KUNIT_EXPECT_MEMEQ(test, netback_far.got, netback_far.data, 60000);
		kfree_skb(skb);

		/* Of the other protocol. */
		netback_test_gso(&chain, types[!v6], 1400);
		refuse_in(test, &chain, XNET_IN_SEGMENTS);
	}
}

static void segments_that_make_no_sense(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 1000, 0);
	struct sk_buff *skb;
	unsigned int head;

	start(test);
	head = netback_test_tcp(1000, false);
	/* One is none. */
	netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 1000 - head);
	netback_test_send(test, &chain);
	skb = netback_test_next();
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
	kfree_skb(skb);
	expect_answers(test, &chain, true);
	/* Thousands, and those of nothing. */
	for (unsigned int size = 1; size < 8; size++) {
		netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, size);
		refuse_in(test, &chain, XNET_IN_SEGMENTS);
	}
	netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	refuse_in(test, &chain, XNET_IN_BAD);
	netback_test_gso(&chain, 3, 100);
	refuse_in(test, &chain, XNET_IN_BAD);
	/* Headers that are longer than all, or shorter than they can be. */
	netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 100);
	netback_far.data[head - 8] = 4 << 4;
	refuse_in(test, &chain, XNET_IN_SEGMENTS);
	netback_far.data[head - 8] = 15 << 4;
	chain.total = head + 40;
	chain.lens[0] = chain.total;
	refuse_in(test, &chain, XNET_IN_SEGMENTS);
	/* UDP is not cut. */
	chain = netback_test_chain(1, 1000, 0);
	netback_test_tcp(1000, false);
	netback_far.data[ETH_HLEN + 9] = IPPROTO_UDP;
	netback_test_gso(&chain, XEN_NETIF_GSO_TYPE_TCPV4, 100);
	refuse_in(test, &chain, XNET_IN_SEGMENTS);
}

/* Groups. */

static struct netback_chain about_group(u8 type, u8 number)
{
	struct netback_chain chain = netback_test_chain(1, 0, 0);

	chain.nr_extras = 1;
	chain.extras[0].type = type;
	chain.extras[0].u.mcast.addr[0] = 0x33;
	chain.extras[0].u.mcast.addr[5] = number;
	return chain;
}

static void ask(struct kunit *test, const struct netback_chain *chain, bool good)
{
	netback_test_send(test, chain);
	expect_answers(test, chain, good);
	KUNIT_EXPECT_NULL(test, netback_test_next());
}

static bool heard(struct kunit *test, u8 first, u8 last)
{
	struct xnet_arrival arrival;

	netback_test_fill(60);
	netback_far.data[0] = first;
	memset(netback_far.data + 1, first == 0xff ? 0xff : 0, 4);
	netback_far.data[5] = last;
	netback_test_xmit(netback_test_skb(test, 60, NULL, 0));
	netback_test_lend(test, 1);
	return netback_test_receive(&arrival) == 1;
}

static void groups(struct kunit *test)
{
	struct netback_chain chain;
	u64 before;

	start(test);
	KUNIT_EXPECT_TRUE(test, heard(test, 0x33, 1));
	for (unsigned int i = 0; i < XNET_BACK_GROUPS; i++) {
		chain = about_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, i);
		ask(test, &chain, true);
		ask(test, &chain, true);
	}
	chain = about_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, XNET_BACK_GROUPS);
	ask(test, &chain, false);
	netback_test_back->groups.filter = true;
	KUNIT_EXPECT_TRUE(test, heard(test, 0x33, 0));
	KUNIT_EXPECT_TRUE(test, heard(test, 0x33, XNET_BACK_GROUPS - 1));
	before = count(XNET_OUT_FILTERED);
	KUNIT_EXPECT_FALSE(test, heard(test, 0x33, XNET_BACK_GROUPS));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_FILTERED), before + 1);
	KUNIT_EXPECT_TRUE(test, heard(test, 0xff, 0xff));
	KUNIT_EXPECT_TRUE(test, heard(test, 0x32, 1));
	chain = about_group(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 7);
	ask(test, &chain, true);
	ask(test, &chain, true);
	KUNIT_EXPECT_FALSE(test, heard(test, 0x33, 7));
	KUNIT_EXPECT_TRUE(test, heard(test, 0x33, 8));
	KUNIT_EXPECT_TRUE(test, heard(test, 0x33, XNET_BACK_GROUPS - 1));
	/* No group. */
	chain = about_group(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 1);
	chain.extras[0].u.mcast.addr[0] = 0x32;
	ask(test, &chain, false);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
}

/* How fast a front may send. */

static unsigned int nr_arrived(void)
{
	struct sk_buff *skb;
	unsigned int nr = 0;

	for (; (skb = netback_test_next()); nr++)
		kfree_skb(skb);
	return nr;
}

static void rates(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 1500, 0);
	union xnet_tx_slot slots[20];

	start(test);
	xnet_credit_set(&netback_test_back->credit, 10000, 50 * NSEC_PER_MSEC);
	netback_test_fill(1500);
	netback_test_slots(&chain, slots);
	for (unsigned int i = 1; i < ARRAY_SIZE(slots); i++)
		slots[i] = slots[0];
	netback_test_put(test, slots, ARRAY_SIZE(slots));
	/* 10000 bytes, the last packet on credit; then what is left of 10000. */
	KUNIT_EXPECT_EQ(test, nr_arrived(), 7);
	netback_test_pass(test, 49 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, nr_arrived(), 0);
	netback_test_pass(test, 2 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, nr_arrived(), 7);
	netback_test_pass(test, 50 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, nr_arrived(), 6);
	KUNIT_EXPECT_GT(test, count(XNET_IN_WAITS), 0);
	/* What was not used for long is not kept: one interval, no more. */
	netback_test_pass(test, 1000 * NSEC_PER_SEC);
	netback_test_put(test, slots, ARRAY_SIZE(slots));
	KUNIT_EXPECT_EQ(test, nr_arrived(), 7);
	xnet_credit_set(&netback_test_back->credit, 0, 0);
	netback_test_pass(test, 51 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, nr_arrived(), 13);
}

/* To the front. */

static void expect_out(struct kunit *test, unsigned int len, struct xnet_arrival *arrival)
{
	KUNIT_ASSERT_EQ(test, netback_test_receive(arrival), 1);
	KUNIT_EXPECT_EQ(test, arrival->len, len);
	KUNIT_EXPECT_EQ(test, arrival->nr, DIV_ROUND_UP(len, PAGE_SIZE));
	KUNIT_EXPECT_MEMEQ(test, netback_far.got, netback_far.data, len);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
}

static void packets_go_out(struct kunit *test)
{
	static const unsigned int heads[] = { 14, 60, 128, 1514, 3000 };
	static const unsigned int frags[] = { 1, 100, 4096, 0, 4097, 9000, 7, 12345, 300, 16000 };
	struct xnet_arrival arrival;
	unsigned int packets = 0;

	start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(heads); i++) {
		unsigned int len = heads[i];

		for (unsigned int nr = 0; nr <= ARRAY_SIZE(frags); len += frags[nr++]) {
			netback_test_fill(len);
			netback_test_lend(test, 20);
			netback_test_xmit(netback_test_skb(test, heads[i], frags, nr));
			netback_test_settle(test);
			expect_out(test, len, &arrival);
			KUNIT_EXPECT_EQ(test, arrival.chain.extras, 0);
			packets++;
			/* What is left of the requests is used by the next ones. */
			while (netback_test_queue()->nr_requests > 40) {
				netback_test_xmit(netback_test_skb(test, 60, NULL, 0));
				netback_test_settle(test);
				KUNIT_ASSERT_EQ(test, netback_test_receive(&arrival), 1);
				packets++;
			}
			if (nr == ARRAY_SIZE(frags))
				break;
		}
	}
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_PACKETS), packets);
}

static void what_is_known_goes_out(struct kunit *test)
{
	static const unsigned int frags[] = { 4096, 4096 };
	struct xnet_arrival arrival;
	struct sk_buff *skb;

	start(test);
	netback_test_lend(test, 40);
	netback_test_fill(60 + 8192);
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		skb = netback_test_skb(test, 60, frags, 2);
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb_shinfo(skb)->gso_size = 1448;
		skb_shinfo(skb)->gso_type = v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
		netback_test_xmit(skb);
		netback_test_settle(test);
		expect_out(test, 60 + 8192, &arrival);
		KUNIT_EXPECT_EQ(test, arrival.chain.meta.csum, XNET_CSUM_BLANK);
		KUNIT_EXPECT_EQ(test, arrival.chain.meta.gso_size, 1448);
		KUNIT_EXPECT_EQ(test, arrival.chain.meta.gso_type,
				v6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4);
	}
	skb = netback_test_skb(test, 60, NULL, 0);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	netback_test_xmit(skb);
	netback_test_settle(test);
	expect_out(test, 60, &arrival);
	KUNIT_EXPECT_EQ(test, arrival.chain.meta.csum, XNET_CSUM_VALID);
}

/* One request too few, and nothing is begun. */
static void few_requests(struct kunit *test)
{
	struct xnet_arrival arrival;

	start(test);
	for (unsigned int pages = 1; pages <= 15; pages++) {
		unsigned int rest = pages * PAGE_SIZE - 100, need = pages + 1;
		struct sk_buff *skb;

		netback_test_fill(100 + rest);
		skb = netback_test_skb(test, 100, &rest, 1);
		skb_shinfo(skb)->gso_size = 1448;
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
		netback_test_xmit(skb);
		netback_test_settle(test);
		for (unsigned int i = 0; i + 1 < need; i++) {
			netback_test_lend(test, 1);
			KUNIT_EXPECT_EQ(test, netback_test_receive(&arrival), 0);
		}
		KUNIT_EXPECT_EQ(test, netback_test_alive(), 1);
		netback_test_lend(test, 1);
		expect_out(test, 100 + rest, &arrival);
		KUNIT_EXPECT_EQ(test, arrival.chain.extras, 1);
		KUNIT_EXPECT_EQ(test, netback_test_queue()->nr_requests, 0);
	}
}

static void pages_that_are_not_lent(struct kunit *test)
{
	static const unsigned int frags[] = { 4096, 4096, 4096 };
	struct xnet_arrival arrival;

	start(test);
	netback_test_fill(200 + 3 * 4096);
	for (unsigned int bad = 0; bad < 4; bad++) {
		unsigned int ref = NETBACK_RX_DATA + (netback_far.lent + bad) % NETBACK_RX_PAGES;

		xenpv_fake_foreign_withdraw(PEER, ref);
		netback_test_xmit(netback_test_skb(test, 200, frags, 3));
		netback_test_lend(test, 4);
		KUNIT_EXPECT_EQ(test, netback_test_receive(&arrival), -EIO);
		KUNIT_EXPECT_EQ(test, arrival.nr, 4);
		for (unsigned int i = 0; i < 4; i++)
			KUNIT_EXPECT_EQ(test, !arrival.parts[i].len, i == bad);
		KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
		xenpv_fake_foreign_offer(PEER, ref, false);
		netback_test_xmit(netback_test_skb(test, 200, frags, 3));
		netback_test_lend(test, 4);
		expect_out(test, 200 + 3 * 4096, &arrival);
	}
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_NOT_COPIED), 4);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Memory of another domain, which Xen does not copy from, is copied by us first. */
static void foreign_memory(struct kunit *test)
{
	struct xenpv_foreign_slot slot = { .ref = NETBACK_TX_DATA, .readonly = true };
	struct xnet_arrival arrival;
	struct sk_buff *skb;
	u8 *far;

	start(test);
	far = xenpv_fake_foreign_page(PEER, NETBACK_TX_DATA);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		far[i] = i * 3;
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, &slot, 1, GFP_KERNEL), 0);
	netback_test_fill(100 + 2000);
	memcpy(netback_far.data + 100, page_address(slot.page) + 50, 2000);
	skb = netback_test_skb(test, 100, NULL, 0);
	get_page(slot.page);
	skb_add_rx_frag(skb, 0, slot.page, 50, 2000, PAGE_SIZE);
	netback_test_xmit(skb);
	/* It is the other domain's again before the front takes it. */
	xenpv_foreign_unmap(&slot, 1);
	netback_test_lend(test, 3);
	expect_out(test, 2100, &arrival);
}

static void what_is_too_large(struct kunit *test)
{
	static const unsigned int frags[] = { 32768, 32758 };
	struct xnet_arrival arrival;

	start(test);
	netback_test_lend(test, 60);
	netback_test_fill(65536);
	netback_test_xmit(netback_test_skb(test, 10, frags, 2));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_TOO_LARGE), 1);
	netback_test_xmit(netback_test_skb(test, 9, frags, 2));
	netback_test_settle(test);
	expect_out(test, 65535, &arrival);
	netback_test_back->front.sg = false;
	netback_test_xmit(netback_test_skb(test, 4096, NULL, 0));
	netback_test_settle(test);
	expect_out(test, 4096, &arrival);
	netback_test_xmit(netback_test_skb(test, 4097, NULL, 0));
	KUNIT_EXPECT_EQ(test, count(XNET_OUT_TOO_LARGE), 2);
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
}

/* What Linux sees. */

static void features_follow_the_front(struct kunit *test)
{
	struct net_device *netdev;

	start(test);
	netdev = netback_test_back->netdev;
	KUNIT_EXPECT_STREQ(test, netdev->name, "vif7.0");
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
	KUNIT_EXPECT_TRUE(test, netdev->features & NETIF_F_TSO6);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_set_mtu(netdev, 9000), 0);
	KUNIT_EXPECT_NE(test, dev_set_mtu(netdev, 65522), 0);
	rtnl_unlock();
	netback_test_part();
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(netdev));
	netback_test_back->front = (struct xnet_back_front){ .no_csum4 = true };
	netback_test_meet(test);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(netdev));
	KUNIT_EXPECT_FALSE(test, netdev->features & (NETIF_F_SG | NETIF_F_ALL_TSO |
						      NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM));
	KUNIT_EXPECT_EQ(test, netdev->mtu, ETH_DATA_LEN);
	rtnl_lock();
	KUNIT_EXPECT_NE(test, dev_set_mtu(netdev, 1501), 0);
	rtnl_unlock();
}

/* Nothing moves while the interface is down, and all does when it is up again. */
static void down_and_up(struct kunit *test)
{
	struct netback_chain chain = netback_test_chain(1, 100, 0);
	struct net_device *netdev;

	start(test);
	netdev = netback_test_back->netdev;
	netback_test_xmit(netback_test_skb(test, 60, NULL, 0));
	rtnl_lock();
	dev_close(netdev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	netback_test_fill(100);
	netback_test_send(test, &chain);
	KUNIT_EXPECT_NULL(test, netback_test_next());
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(netdev, NULL), 0);
	rtnl_unlock();
	netback_test_settle(test);
	KUNIT_EXPECT_EQ(test, nr_arrived(), 1);
	expect_answers(test, &chain, true);
}

/* Fronts that go, and hypercalls that fail. */

static void fronts_go_at_any_time(struct kunit *test)
{
	static const unsigned int frags[] = { 4096, 9000 };
	union xnet_tx_slot slots[NETBACK_CHAIN + XNET_EXTRAS];
	struct netback_chain chain;

	start(test);
	KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, 6, 9000));
	for (unsigned int step = 0; step < 24; step++) {
		netback_test_fill(60 + 4096 + 9000);
		if (step & 1)
			netback_test_put(test, slots, netback_test_slots(&chain, slots) - 1);
		for (unsigned int i = 0; i < step; i++)
			netback_test_xmit(netback_test_skb(test, 60, frags, i % 3));
		if (step & 2)
			netback_test_lend(test, step / 2);
		if (step & 4)
			netback_test_send(test, &chain);
		netback_test_part();
		KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
		nr_arrived();
		netback_test_xmit(netback_test_skb(test, 60, NULL, 0));
		KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
		netback_far.due = false;
		netback_test_meet(test);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	kfree_skb(pass_in(test, &chain));
}

static void fail_nth_of_connect(struct kunit *test)
{
	unsigned int calls;

	start(test);
	netback_test_part();
	calls = xenpv_fake_calls_made();
	KUNIT_ASSERT_EQ(test, netback_test_connect(), 0);
	calls = xenpv_fake_calls_made() - calls;
	netback_test_part();
	KUNIT_EXPECT_GE(test, calls, 4);
	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_fail_at(nth, -ENOSPC);
		netback_test_connect();
		xenpv_fake_fail_at(0, 0);
		netback_test_part();
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	}
	netback_test_meet(test);
}

/* Each packet is there wholly, or not at all; and answered. */
static void fail_nth_of_data(struct kunit *test)
{
	static const unsigned int frags[] = { 4096, 4096 };
	struct netback_chain chain;
	struct xnet_arrival arrival;
	struct netback_answers answers;
	struct sk_buff *skb;
	int ret;

	start(test);
	netback_test_fill(60 + 8192);
	KUNIT_ASSERT_TRUE(test, netback_test_spread(&chain, 18, 60 + 8192));
	for (unsigned int nth = 1; nth < 8; nth++) {
		xenpv_fake_fail_at(nth, -ENOSPC);
		netback_test_send(test, &chain);
		netback_test_xmit(netback_test_skb(test, 60, frags, 2));
		netback_test_lend(test, 3);
		xenpv_fake_fail_at(0, 0);
		answers = netback_test_answers(&chain);
		KUNIT_EXPECT_EQ(test, answers.okay + answers.error, chain.nr);
		KUNIT_EXPECT_EQ(test, answers.odd, 0);
		skb = netback_test_next();
		KUNIT_EXPECT_EQ(test, !!skb, answers.okay == chain.nr);
		if (skb)
			KUNIT_EXPECT_TRUE(test, netback_test_same(skb, chain.total));
		kfree_skb(skb);
		ret = netback_test_receive(&arrival);
		KUNIT_EXPECT_TRUE(test, ret == 1 || ret == -EIO);
		if (ret == 1)
			KUNIT_EXPECT_MEMEQ(test, netback_far.got, netback_far.data, 60 + 8192);
		KUNIT_EXPECT_EQ(test, netback_test_alive(), 0);
	}
	KUNIT_EXPECT_GT(test, count(XNET_IN_NOT_COPIED), 0);
	KUNIT_EXPECT_GT(test, count(XNET_OUT_NOT_COPIED), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case netback_cases[] = {
	KUNIT_CASE_PARAM(packets_come_in, way_gen_params),
	KUNIT_CASE(many_come_in),
	KUNIT_CASE(offsets_count),
	KUNIT_CASE(bad_sizes),
	KUNIT_CASE(parts_come_later),
	KUNIT_CASE(checksums),
	KUNIT_CASE(segments),
	KUNIT_CASE(segments_that_make_no_sense),
	KUNIT_CASE(groups),
	KUNIT_CASE(rates),
	KUNIT_CASE_PARAM(packets_go_out, way_gen_params),
	KUNIT_CASE(what_is_known_goes_out),
	KUNIT_CASE_PARAM(few_requests, way_gen_params),
	KUNIT_CASE(pages_that_are_not_lent),
	KUNIT_CASE(foreign_memory),
	KUNIT_CASE(what_is_too_large),
	KUNIT_CASE(features_follow_the_front),
	KUNIT_CASE(down_and_up),
	KUNIT_CASE_PARAM(fronts_go_at_any_time, way_gen_params),
	KUNIT_CASE_PARAM(fail_nth_of_connect, way_gen_params),
	KUNIT_CASE(fail_nth_of_data),
	{}
};

static struct kunit_suite netback_suite = {
	.name = "xenpv_netback",
	.test_cases = netback_cases,
};

kunit_test_suite(netback_suite);

MODULE_DESCRIPTION("Tests of the back of a network interface");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
