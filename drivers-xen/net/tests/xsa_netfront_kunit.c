// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays for network interfaces of advisories about backs: 376 (answers that lie), 155
 * (values that change while they are read), 396 (pages that the back keeps), 403 (what else
 * it sees), 522 (first slots that are too short), and packets that leak.
 */

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/page_pool/helpers.h>

#include <xenpv/shared.h>
#include "front_room.h"

KUNIT_ARRAY_PARAM(terms, netfront_terms, netfront_terms_name);

static const struct xnet_meta plain;

static unsigned int numbers[] = { 0, 1, 2, 3, 4, 5, 6 };
KUNIT_ARRAY_PARAM(number, numbers, NULL);

/* The link ends for this, nothing is lent any more, and nothing leaks. */
static void expect_end(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, bus_test_faulted());
	netfront_test_part();
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

/* Two packets of two slots, which the back has not looked at. */
static void send_two(struct kunit *test)
{
	netfront_test_start(test);
	netfront_far->keep = true;
	KUNIT_EXPECT_TRUE(test, netfront_test_send(netfront_test_skb(test, 60, 1, 0, 100), 0));
	KUNIT_EXPECT_TRUE(test, netfront_test_send(netfront_test_skb(test, 60, 1, 0, 100), 0));
	netfront_far->keep = false;
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 2);
}

static void ids_that_are_not_out(struct kunit *test)
{
	static const u16 wrong[] = { 4, 5, 255, 256, 257, 0x8000, 0xffff };

	send_two(test);
	netfront_far->wrong_id = wrong[*(unsigned int *)test->param_value];
	netfront_test_serve();
	expect_end(test);
}

static void ids_that_come_twice(struct kunit *test)
{
	send_two(test);
	netfront_far->twice = true;
	netfront_test_serve();
	expect_end(test);
}

/* An answer that comes again after its place was used by another packet. */
static void ids_of_before(struct kunit *test)
{
	netfront_test_start(test);
	for (unsigned int i = 0; i < XNET_FRONT_SLOTS; i++) {
		netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0);
		netfront_test_serve();
	}
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0);
	netfront_far->wrong_id = U16_MAX - XNET_FRONT_SLOTS + 1;
	netfront_test_serve();
	expect_end(test);
}

/* Answers about extras, of which none was sent. */
static void extras_that_were_not_sent(struct kunit *test)
{
	send_two(test);
	netfront_far->nulls = 1;
	netfront_test_serve();
	expect_end(test);
}

static void tx_indices_that_jump(struct kunit *test)
{
	static const u32 jumps[] = { 5, 6, 256, 257, 1U << 31, ~0U, ~0U - 1 };

	send_two(test);
	netfront_test_tx_ring(0)->rsp_prod = jumps[*(unsigned int *)test->param_value];
	netfront_test_kick(0);
	expect_end(test);
}

static void rx_indices_that_jump(struct kunit *test)
{
	static const u32 jumps[] = { 257, 258, 512, 1U << 20, 1U << 31, ~0U, ~0U - 1 };

	netfront_test_start(test);
	netfront_test_rx_ring(0)->rsp_prod = jumps[*(unsigned int *)test->param_value];
	netfront_test_kick(0);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
	expect_end(test);
}

/* Puts @nr slots of 100 bytes; the last one, if that is to be, ends the packet. */
static void put_chain(struct kunit *test, unsigned int nr, bool ends)
{
	struct xen_netif_rx_request request;
	struct xnet_part part = { .len = 100 };
	union xnet_rx_slot slot;

	for (unsigned int i = 0; i < nr; i++) {
		KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
		xnet_encode_rx(&plain, &part, !i, !ends || i + 1 < nr, request.id, &slot);
		netfront_test_rx_put(0, &slot);
	}
	netfront_test_rx_push(0);
}

/* One that no honest back sends is dropped, one that has no end is a lie. */
static void chains_that_are_too_long(struct kunit *test)
{
	netfront_test_start(test);
	put_chain(test, XNET_SLOTS, true);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	put_chain(test, XNET_SLOTS + 1, true);
	put_chain(test, XNET_CHAIN, true);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_BAD), 2);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	put_chain(test, XNET_CHAIN + 1, false);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	expect_end(test);
}

/* Extras that say that another one follows, again and again. */
static void extras_without_end(struct kunit *test)
{
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot = { .response = {
		.status = 100, .flags = XEN_NETRXF_extra_info,
	} };

	netfront_test_start(test);
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
		netfront_test_rx_put(0, &slot);
		memset(&slot, 0, sizeof(slot));
		slot.extra.type = XEN_NETIF_EXTRA_TYPE_XDP;
		slot.extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	}
	netfront_test_rx_push(0);
	expect_end(test);
}

static struct kunit_case xsa_376_cases[] = {
	KUNIT_CASE_PARAM(ids_that_are_not_out, number_gen_params),
	KUNIT_CASE(ids_that_come_twice),
	KUNIT_CASE(ids_of_before),
	KUNIT_CASE(extras_that_were_not_sent),
	KUNIT_CASE_PARAM(tx_indices_that_jump, number_gen_params),
	KUNIT_CASE_PARAM(rx_indices_that_jump, number_gen_params),
	KUNIT_CASE(chains_that_are_too_long),
	KUNIT_CASE(extras_without_end),
	{}
};

static struct kunit_suite xsa_376_suite = {
	.name = "xsa_376_netfront",
	.test_cases = xsa_376_cases,
};

/* XSA-155: each word of a slot is read once. */

static void answers_are_read_once(struct kunit *test)
{
	send_two(test);
	bus_test_watch_slots(netfront_front->queues[0].tx_share.ring);
	netfront_test_serve();
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	KUNIT_EXPECT_EQ(test, bus_test_most_reads(), 1);
}

static void slots_are_read_once(struct kunit *test)
{
	netfront_test_start(test);
	bus_test_watch_slots(netfront_front->queues[0].rx_share.ring);
	put_chain(test, 7, true);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
	KUNIT_EXPECT_EQ(test, bus_test_most_reads(), 1);
}

static struct kunit_case xsa_155_cases[] = {
	KUNIT_CASE(answers_are_read_once),
	KUNIT_CASE(slots_are_read_once),
	{}
};

static struct kunit_suite xsa_155_suite = {
	.name = "xsa_155_netfront",
	.test_cases = xsa_155_cases,
};

/* XSA-396: a page that the back has not given back is used for nothing else. */

static void sent_pages_that_are_kept(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;

	if (terms->terms.persistent)
		kunit_skip(test, "pages that stay lent may be kept");
	netfront_test_start(test);
	netfront_far->hold = true;
	netfront_test_send(netfront_test_skb(test, 60, 1, 0, PAGE_SIZE), 0);
	netfront_test_serve();
	KUNIT_EXPECT_EQ(test, netfront_far->nr_held, 2);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_KEPT), 1);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_PACKETS), 0);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	/* It is no fault of the link, and the next packet is none the worse for it. */
	netfront_far->hold = false;
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 1, 0, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_PACKETS), 1);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Is a page that the back has kept with it as one to fill, again? */
static bool lent_again(const void *kept)
{
	struct xnet_front_queue *queue = &netfront_front->queues[0];

	for (u32 i = queue->got; i != queue->put; i++) {
		if (page_address(queue->posted[i % XNET_FRONT_SLOTS].page) == kept)
			return true;
	}
	return false;
}

static void filled_pages_that_are_kept(struct kunit *test)
{
	void *kept[3];

	netfront_test_start(test);
	netfront_far->hold = true;
	netfront_test_bring(0, &plain, netfront_test_frame(3000, 1), 3000, 1000, 0);
	netfront_far->hold = false;
	KUNIT_ASSERT_EQ(test, netfront_far->nr_held, 3);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_KEPT), 1);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
	for (unsigned int i = 0; i < 3; i++)
		kept[i] = xenpv_fake_peer_page(netfront_far->held[i]);
	for (unsigned int i = 0; i < 1000; i++) {
		netfront_test_bring(0, &plain, netfront_test_frame(100, i), 100, 100, 0);
		for (unsigned int n = 0; n < 3; n++) {
			if (lent_again(kept[n]) || !xenpv_fake_peer_holds(kept[n]))
				KUNIT_FAIL_AND_ABORT(test, "a page that is kept is used again");
		}
	}
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1000);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* One of several pages is kept: the packet is dropped, and the others are ours. */
static void one_page_that_is_kept(struct kunit *test)
{
	struct xen_netif_rx_request request;
	struct xnet_part part = { .len = 1000 };
	union xnet_rx_slot slot;

	netfront_test_start(test);
	for (unsigned int which = 0; which < 5; which++) {
		for (unsigned int i = 0; i < 5; i++) {
			KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
			if (i == which)
				netfront_far->held[netfront_far->nr_held++] =
					xenpv_fake_peer_map(PEER, request.gref, true);
			xnet_encode_rx(&plain, &part, !i, i < 4, request.id, &slot);
			netfront_test_rx_put(0, &slot);
		}
		netfront_test_rx_push(0);
		KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_KEPT), which + 1);
	}
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 0);
}

/* It keeps one page after the other: at some point it gets no more. */
static void all_pages_that_are_kept(struct kunit *test)
{
	static int handles[2048];
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot;
	unsigned int nr = 0;

	netfront_test_start(test);
	while (nr < ARRAY_SIZE(handles) && netfront_test_rx_take(0, &request)) {
		handles[nr++] = xenpv_fake_peer_map(PEER, request.gref, true);
		slot = (union xnet_rx_slot){ .response = { .id = request.id, .status = 3000 } };
		netfront_test_rx_put(0, &slot);
		netfront_test_rx_push(0);
	}
	KUNIT_EXPECT_GE(test, nr, netfront_terms[0].terms.pages);
	KUNIT_EXPECT_LE(test, nr, netfront_terms[0].terms.pages + XNET_FRONT_SLOTS);
	KUNIT_EXPECT_GT(test, netfront_test_count(XNET_RX_STARVED), 0);
	while (nr)
		xenpv_fake_peer_unmap(handles[--nr]);
	/* It has let go, and the link goes on. */
	room_advance(5000);
	for (unsigned int i = 0; i < 3000 && !nr; i++) {
		usleep_range(500, 1000);
		nr = netfront_test_rx_take(0, &request);
	}
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case xsa_396_cases[] = {
	KUNIT_CASE_PARAM(sent_pages_that_are_kept, terms_gen_params),
	KUNIT_CASE_PARAM(filled_pages_that_are_kept, terms_gen_params),
	KUNIT_CASE(one_page_that_is_kept),
	KUNIT_CASE(all_pages_that_are_kept),
	{}
};

static struct kunit_suite xsa_396_suite = {
	.name = "xsa_396_netfront",
	.test_cases = xsa_396_cases,
};

/* XSA-403: a back sees nothing but the packets, unless the administrator trusts it. */

static const u64 canary = 0x5eed5eed0ddba11eULL;

static void cover(void *at, unsigned int bytes)
{
	for (unsigned int i = 0; i + sizeof(canary) <= bytes; i += sizeof(canary))
		memcpy(at + i, &canary, sizeof(canary));
}

/* The page of a fragment is a secret, but for the fragment; so is what lies behind the head. */
static void nothing_beside_the_data(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;

	netfront_test_start(test);
	netfront_far->canary = canary;
	for (unsigned int offset = 0; offset < PAGE_SIZE - 100; offset += 500) {
		struct sk_buff *skb = netfront_test_skb(test, 60, 1, offset, 100);
		struct page *page = skb_frag_page(&skb_shinfo(skb)->frags[0]);

		cover(page_address(page), PAGE_SIZE);
		memset(page_address(page) + offset, 0, 100);
		netfront_test_send_and_compare(test, skb, 0);
	}
	if (terms->terms.trusted)
		KUNIT_EXPECT_GT(test, netfront_far->nr_canaries, 0);
	else
		KUNIT_EXPECT_EQ(test, netfront_far->nr_canaries, 0);
}

/* Nor what the kernel has made of a packet before its page is lent again. */
static void nothing_of_packets_before(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;
	struct sk_buff *skb;

	netfront_test_start(test);
	netfront_got->hoard = true;
	for (unsigned int round = 0; round < 400; round++) {
		netfront_far->canary = round ? canary : 0;
		netfront_test_bring(0, &plain, netfront_test_frame(3000, round), 3000, 4096, 0);
		skb = skb_dequeue(&netfront_got->queue);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_ASSERT_EQ(test, skb_shinfo(skb)->nr_frags, 1);
		cover(page_address(skb_frag_page(&skb_shinfo(skb)->frags[0])), PAGE_SIZE);
		local_bh_disable();
		napi_consume_skb(skb, 1);
		local_bh_enable();
	}
	/* With trust the same pages do come again, so the case sees them. */
	if (terms->terms.trusted)
		KUNIT_EXPECT_GT(test, netfront_far->nr_canaries, 0);
	else
		KUNIT_EXPECT_EQ(test, netfront_far->nr_canaries, 0);
}

/* A packet that is copied whole leaves its page with the back, which can change it no more. */
static void short_packets_leave_their_page(struct kunit *test)
{
	static const unsigned int lens[] = { 14, 60, 255, 256, 257, 1514, 2047, 2048, 2049, 4096 };
	const struct netfront_terms *terms = test->param_value;
	struct xnet_front_queue *queue;

	netfront_test_start(test);
	queue = &netfront_front->queues[0];
	netfront_got->hoard = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
		unsigned int len = lens[i], limit = terms->terms.trusted ? 256 : 2048;
		u8 *page = page_address(queue->posted[queue->got % XNET_FRONT_SLOTS].page);
		u8 *frame = netfront_test_frame(len, i);
		struct sk_buff *skb;

		KUNIT_ASSERT_TRUE(test, netfront_test_bring(0, &plain, frame, len, 4096, 0));
		KUNIT_EXPECT_EQ_MSG(test, lent_again(page), len <= limit, "%u", len);
		skb = skb_dequeue(&netfront_got->queue);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		if (len <= limit)
			memset(page, 0xee, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, skb_is_nonlinear(skb), len > limit);
		KUNIT_EXPECT_EQ(test, skb->len + ETH_HLEN, len);
		KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
		KUNIT_EXPECT_MEMEQ(test, skb->data - ETH_HLEN, frame, len);
		local_bh_disable();
		napi_consume_skb(skb, 1);
		local_bh_enable();
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_PACKETS), ARRAY_SIZE(lens));
}

static struct kunit_case xsa_403_cases[] = {
	KUNIT_CASE_PARAM(nothing_beside_the_data, terms_gen_params),
	KUNIT_CASE_PARAM(nothing_of_packets_before, terms_gen_params),
	KUNIT_CASE_PARAM(short_packets_leave_their_page, terms_gen_params),
	{}
};

static struct kunit_suite xsa_403_suite = {
	.name = "xsa_403_netfront",
	.test_cases = xsa_403_cases,
};

/* XSA-522: a first slot that has no whole header; there may be enough in the others. */

static void first_slots_that_are_short(struct kunit *test)
{
	static const unsigned int totals[] = { 13, 14, 15, 60, 256, 257, 1000, 5000, 17 * 1000 };
	unsigned int good = 0, bad = 0;

	netfront_test_start(test);
	netfront_far->short_first = true;
	for (unsigned int first = 0; first <= ETH_HLEN; first++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(totals); i++) {
			u8 *frame = netfront_test_frame(totals[i], first + i);

			netfront_far->first = first;
			KUNIT_EXPECT_TRUE(test, netfront_test_bring(0, &plain, frame, totals[i],
								    1000, 5));
			if (totals[i] < ETH_HLEN) {
				bad++;
				continue;
			}
			KUNIT_EXPECT_EQ(test, netfront_got->packets, ++good);
			KUNIT_EXPECT_EQ(test, netfront_got->len, totals[i]);
			KUNIT_EXPECT_MEMEQ(test, netfront_got->data, frame, totals[i]);
			KUNIT_EXPECT_GE(test, netfront_got->linear, ETH_HLEN);
		}
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_BAD), bad);
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_PACKETS), good);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Slots with nothing in them, in all places, also as many as there are. */
static void slots_that_are_empty(struct kunit *test)
{
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot;

	netfront_test_start(test);
	for (unsigned int full = 0; full < XNET_SLOTS; full++) {
		for (unsigned int i = 0; i < XNET_SLOTS; i++) {
			struct xnet_part part = { .len = i == full ? 300 : 0 };

			KUNIT_ASSERT_TRUE(test, netfront_test_rx_take(0, &request));
			xnet_encode_rx(&plain, &part, !i, i + 1 < XNET_SLOTS, request.id, &slot);
			netfront_test_rx_put(0, &slot);
		}
		netfront_test_rx_push(0);
		KUNIT_EXPECT_EQ(test, netfront_got->packets, full + 1);
		KUNIT_EXPECT_EQ(test, netfront_got->len, 300);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static struct kunit_case xsa_522_cases[] = {
	KUNIT_CASE(first_slots_that_are_short),
	KUNIT_CASE(slots_that_are_empty),
	{}
};

static struct kunit_suite xsa_522_suite = {
	.name = "xsa_522_netfront",
	.test_cases = xsa_522_cases,
};

/* N7, XSA-457: what is dropped leaks nothing. */

static int pages_out(void)
{
	const struct page_pool *pages = netfront_front->queues[0].pages;

	return pages->pages_state_hold_cnt - atomic_read(&pages->pages_state_release_cnt);
}

static void more_slots_than_fragments(struct kunit *test)
{
	int pages = 0;

	netfront_test_start(test);
	for (unsigned int i = 0; i < 10000; i++) {
		if (i == 1000)
			pages = pages_out();
		put_chain(test, XNET_SLOTS + 1, true);
		if (netfront_test_count(XNET_RX_BAD) != i + 1)
			break;
	}
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_RX_BAD), 10000);
	KUNIT_EXPECT_LE(test, pages_out(), pages + 64);
	KUNIT_EXPECT_LE(test, pages_out(), 4 * XNET_FRONT_SLOTS);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	/* The largest good one is none of them. */
	put_chain(test, XNET_SLOTS, true);
	KUNIT_EXPECT_EQ(test, netfront_got->packets, 1);
}

static struct kunit_case n7_cases[] = {
	KUNIT_CASE(more_slots_than_fragments),
	{}
};

static struct kunit_suite n7_suite = {
	.name = "n7_netfront",
	.test_cases = n7_cases,
};

kunit_test_suites(&xsa_376_suite, &xsa_155_suite, &xsa_396_suite, &xsa_403_suite,
		  &xsa_522_suite, &n7_suite);

MODULE_DESCRIPTION("Replays of advisories about the backs of network interfaces");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
