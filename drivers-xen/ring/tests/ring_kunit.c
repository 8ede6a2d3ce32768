// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of fixed-slot rings: layout, order, wrap, full and empty, events, and a peer
 * whose index cannot be true.
 */

#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/netif.h>

#include "peer.h"

struct ask {
	u32 id;
	u32 more[2];
};

struct answer {
	u32 id;
};

XENPV_RING(pair, struct ask, struct answer)
XENPV_RING(block, struct blkif_request, struct blkif_response)
XENPV_RING(transmit, struct xen_netif_tx_request, struct xen_netif_tx_response)
XENPV_RING(receive, struct xen_netif_rx_request, struct xen_netif_rx_response)

/* The macros of Xen's own header: what both of our ends are tried against. */
DEFINE_RING_TYPES(ref, struct ask, struct answer);

#define STRIDE	sizeof(struct ask)
#define SLOTS	256

/**
 * struct bench - one end under test and the peer of it
 * @front: the end, if it is a front
 * @back: the end, if it is a back
 * @peer: the other
 */
struct bench {
	struct pair_front front;
	struct pair_back back;
	struct peer peer;
};

static struct bench *bench_new(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	return b;
}

/* We are the front; all indices start at @index. */
static struct bench *front_at(struct kunit *test, u32 index)
{
	struct bench *b = bench_new(test);
	void *pages = peer_pages(test, 1);

	KUNIT_ASSERT_EQ(test, pair_front_init(&b->front, pages, 1), 0);
	peer_open(&b->peer, false, pages, 1, STRIDE);
	b->front.ring.put = b->front.ring.pushed = index;
	b->front.ring.got = b->front.ring.seen = index;
	b->peer.put = b->peer.got = index;
	*b->peer.page = (struct xenpv_ring_page) { index, index + 1, index, index + 1 };
	return b;
}

/* We are the back. */
static struct bench *back_at(struct kunit *test, u32 index)
{
	struct bench *b = bench_new(test);
	void *pages = peer_pages(test, 1);

	peer_open(&b->peer, true, pages, 1, STRIDE);
	b->peer.put = b->peer.got = index;
	*b->peer.page = (struct xenpv_ring_page) { index, index + 1, index, index + 1 };
	KUNIT_ASSERT_EQ(test, pair_back_init(&b->back, (void __xen_shared __force *)pages, 1), 0);
	return b;
}

static int ask(struct bench *b, u32 id)
{
	struct ask m = { .id = id };

	return pair_front_put(&b->front, &m);
}

static int answer(struct bench *b, u32 id)
{
	struct answer m = { .id = id };

	return pair_back_put(&b->back, &m);
}

static void peer_asks(struct bench *b, u32 id)
{
	struct ask m = { .id = id };

	peer_send(&b->peer, &m, sizeof(m));
}

static void peer_answers(struct bench *b, u32 id)
{
	struct answer m = { .id = id };

	peer_send(&b->peer, &m, sizeof(m));
}

#define SAME_SHAPE(test, kind, tag, pages)						\
do {											\
	struct xenpv_ring ring;								\
											\
	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, peer_pages(test, pages), pages, \
						    &kind##_shape), 0);			\
	KUNIT_EXPECT_EQ(test, ring.nr_slots,						\
			__CONST_RING_SIZE(tag, (pages) * PAGE_SIZE));			\
	KUNIT_EXPECT_EQ(test, ring.slot, sizeof(union tag##_sring_entry));		\
	KUNIT_EXPECT_EQ(test, offsetof(struct tag##_sring, ring), sizeof(struct xenpv_ring_page)); \
	KUNIT_EXPECT_EQ(test, offsetof(struct tag##_sring, req_prod),			\
			offsetof(struct xenpv_ring_page, req_prod));			\
	KUNIT_EXPECT_EQ(test, offsetof(struct tag##_sring, req_event),			\
			offsetof(struct xenpv_ring_page, req_event));			\
	KUNIT_EXPECT_EQ(test, offsetof(struct tag##_sring, rsp_prod),			\
			offsetof(struct xenpv_ring_page, rsp_prod));			\
	KUNIT_EXPECT_EQ(test, offsetof(struct tag##_sring, rsp_event),			\
			offsetof(struct xenpv_ring_page, rsp_event));			\
} while (0)

static void layout_is_xens(struct kunit *test)
{
	SAME_SHAPE(test, block, blkif, 1);
	SAME_SHAPE(test, block, blkif, 2);
	SAME_SHAPE(test, block, blkif, 16);
	SAME_SHAPE(test, transmit, xen_netif_tx, 1);
	SAME_SHAPE(test, transmit, xen_netif_tx, 16);
	SAME_SHAPE(test, receive, xen_netif_rx, 1);
	SAME_SHAPE(test, receive, xen_netif_rx, 4);
	SAME_SHAPE(test, pair, ref, 1);
}

static void init_clears(struct kunit *test)
{
	struct pair_front front;
	void *pages = peer_pages(test, 2);
	struct xenpv_ring_page *page = pages;

	memset(pages, 0xa5, 2 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, pair_front_init(&front, pages, 2), 0);
	KUNIT_EXPECT_EQ(test, page->req_event, 1);
	KUNIT_EXPECT_EQ(test, page->rsp_event, 1);
	page->req_event = page->rsp_event = 0;
	KUNIT_EXPECT_NULL(test, memchr_inv(pages, 0, 2 * PAGE_SIZE));
}

static void init_refuses(struct kunit *test)
{
	struct xenpv_ring_shape large = { .request = 4, .response = 4, .slot = PAGE_SIZE - 60 };
	void *pages = peer_pages(test, XENPV_RING_PAGES);
	struct xenpv_ring ring;

	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, pages, 0, &pair_shape), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, pages, 17, &pair_shape), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, pages, 1, &large), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, pages, 2, &large), 0);
	KUNIT_EXPECT_EQ(test, ring.nr_slots, 2);
	KUNIT_EXPECT_EQ(test, xenpv_ring_front_init(&ring, pages, 16, &pair_shape), 0);
	KUNIT_EXPECT_EQ(test, ring.nr_slots, 4096);
	KUNIT_EXPECT_EQ(test, xenpv_ring_back_init(&ring, (void __xen_shared __force *)pages, 0,
						   &pair_shape), -EINVAL);
}

static void put_until_full(struct kunit *test)
{
	struct bench *b = front_at(test, 0);
	struct ask m;

	for (u32 i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_EQ(test, pair_front_room(&b->front), SLOTS - i);
		KUNIT_ASSERT_EQ(test, ask(b, i), 0);
	}
	KUNIT_EXPECT_EQ(test, pair_front_room(&b->front), 0);
	KUNIT_EXPECT_EQ(test, ask(b, 999), -ENOSPC);
	KUNIT_EXPECT_EQ(test, b->peer.page->req_prod, 0);
	KUNIT_EXPECT_FALSE(test, peer_get(&b->peer, &m, sizeof(m)));

	KUNIT_EXPECT_TRUE(test, pair_front_push(&b->front));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_prod, SLOTS);
	for (u32 i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_TRUE(test, peer_get(&b->peer, &m, sizeof(m)));
		KUNIT_ASSERT_EQ(test, m.id, i);
	}
	KUNIT_EXPECT_EQ(test, pair_front_room(&b->front), 0);
}

static void get_until_empty(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ask m;

	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 0);
	KUNIT_EXPECT_EQ(test, pair_back_room(&b->back), 0);
	KUNIT_EXPECT_EQ(test, answer(b, 0), -ENOSPC);
	for (u32 i = 0; i < SLOTS; i++)
		peer_asks(b, i);
	for (u32 i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_EQ(test, pair_back_get(&b->back, &m), 1);
		KUNIT_ASSERT_EQ(test, m.id, i);
		KUNIT_ASSERT_EQ(test, pair_back_room(&b->back), i + 1);
	}
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 0);
	KUNIT_EXPECT_NULL(test, pair_back_broken(&b->back));
}

/* Every place around the 32-bit wrap, there and back. */
static void index_wraps(struct kunit *test)
{
	for (u32 start = -SLOTS - 2; start != 3; start++) {
		struct bench *b = front_at(test, start);
		struct answer a;
		struct ask m;

		for (u32 i = 0; i < SLOTS; i++)
			KUNIT_ASSERT_EQ(test, ask(b, i), 0);
		KUNIT_ASSERT_EQ(test, ask(b, 0), -ENOSPC);
		KUNIT_ASSERT_TRUE(test, pair_front_push(&b->front));
		for (u32 i = 0; i < SLOTS; i++) {
			KUNIT_ASSERT_TRUE(test, peer_get(&b->peer, &m, sizeof(m)));
			KUNIT_ASSERT_EQ(test, m.id, i);
			peer_answers(b, ~i);
		}
		for (u32 i = 0; i < SLOTS; i++) {
			KUNIT_ASSERT_EQ(test, pair_front_get(&b->front, &a), 1);
			KUNIT_ASSERT_EQ(test, a.id, ~i);
			KUNIT_ASSERT_EQ(test, pair_front_room(&b->front), i + 1);
		}
		KUNIT_ASSERT_EQ(test, pair_front_get(&b->front, &a), 0);
		kunit_kfree(test, b->peer.page);
		kunit_kfree(test, b);
	}
}

/* A push of 1 to 5 requests notifies if and only if the wish is one of them. */
static void push_notifies(struct kunit *test)
{
	static const u32 starts[] = { 0, 100, -3, 0x7ffffffe };

	for (int s = 0; s < ARRAY_SIZE(starts); s++) {
		for (u32 n = 1; n <= 5; n++) {
			for (s32 wish = -8; wish <= 8; wish++) {
				struct bench *b = front_at(test, starts[s]);

				b->peer.page->req_event = starts[s] + wish;
				for (u32 i = 0; i < n; i++)
					KUNIT_ASSERT_EQ(test, ask(b, i), 0);
				KUNIT_ASSERT_EQ(test, pair_front_push(&b->front),
						wish >= 1 && wish <= (s32)n);
				kunit_kfree(test, b->peer.page);
				kunit_kfree(test, b);
			}
		}
	}
}

static void push_nothing(struct kunit *test)
{
	struct bench *b = front_at(test, 7);

	b->peer.page->req_prod = 0xdead;
	KUNIT_EXPECT_FALSE(test, pair_front_push(&b->front));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_prod, 0xdead);
	KUNIT_EXPECT_EQ(test, ask(b, 1), 0);
	KUNIT_EXPECT_TRUE(test, pair_front_push(&b->front));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_prod, 8);
	KUNIT_EXPECT_FALSE(test, pair_front_push(&b->front));
}

static void arm_race(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ask m;

	KUNIT_EXPECT_FALSE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_event, 1);
	peer_asks(b, 1);
	peer_asks(b, 2);
	b->peer.page->req_event = 77;
	KUNIT_EXPECT_TRUE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_event, 1);
	b->peer.page->req_event = 77;
	KUNIT_EXPECT_TRUE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_event, 77);
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_EXPECT_FALSE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_event, 3);
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 0);
}

/* A front that publishes @ahead requests beyond those that have an answer. */
static void get_beyond_producer(struct kunit *test)
{
	static const u32 jumps[] = {
		0, 1, SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS, BIT(31) - 1, BIT(31), BIT(31) + 1, -1,
	};

	for (int j = 0; j < ARRAY_SIZE(jumps); j++) {
		struct bench *b = back_at(test, -5);
		struct ask m;
		int want = !jumps[j] ? 0 : jumps[j] <= SLOTS ? 1 : -EPROTO;

		b->peer.page->req_prod = -5 + jumps[j];
		KUNIT_EXPECT_EQ_MSG(test, pair_back_get(&b->back, &m), want, "jump %u", jumps[j]);
		KUNIT_EXPECT_EQ(test, !!pair_back_broken(&b->back), want < 0);
		KUNIT_EXPECT_EQ(test, b->back.ring.got, (u32)-5 + (want > 0));
	}
}

/* Room for requests grows with the answers that were pushed, not with those that were put. */
static void get_counts_pushed(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ask m;

	b->peer.page->req_prod = SLOTS;
	for (u32 i = 0; i < SLOTS; i++)
		KUNIT_ASSERT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_EXPECT_EQ(test, answer(b, 1), 0);
	KUNIT_EXPECT_EQ(test, answer(b, 2), 0);
	KUNIT_EXPECT_TRUE(test, pair_back_push(&b->back));
	b->peer.page->req_prod = SLOTS + 2;
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_EXPECT_EQ(test, answer(b, 3), 0);
	b->peer.page->req_prod = SLOTS + 3;
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), -EPROTO);
	KUNIT_EXPECT_STREQ(test, pair_back_broken(&b->back), "more requests than places");
	KUNIT_EXPECT_EQ(test, b->back.ring.lie, SLOTS + 3);
}

/* A back that answers what was not asked, for each number of requests in flight. */
static void get_more_than_asked(struct kunit *test)
{
	for (u32 asked = 0; asked <= 8; asked++) {
		for (u32 jump = 0; jump <= 10; jump++) {
			struct bench *b = front_at(test, -4);
			int want = !jump ? 0 : jump <= asked ? 1 : -EPROTO;
			struct answer a;

			for (u32 i = 0; i < asked; i++)
				KUNIT_ASSERT_EQ(test, ask(b, i), 0);
			pair_front_push(&b->front);
			KUNIT_ASSERT_EQ(test, ask(b, 99), 0);	/* Put, not pushed. */
			b->peer.page->rsp_prod = -4 + jump;
			KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), want);
			KUNIT_EXPECT_EQ(test, !!pair_front_broken(&b->front), want < 0);
		}
	}
}

static void index_goes_back(struct kunit *test)
{
	struct bench *b = front_at(test, 10);
	struct answer a;

	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ask(b, i), 0);
	pair_front_push(&b->front);
	peer_answers(b, 0);
	KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), 1);
	b->peer.page->rsp_prod = 10;
	KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), -EPROTO);
	KUNIT_EXPECT_STREQ(test, pair_front_broken(&b->front), "the peer's index went back");
	KUNIT_EXPECT_EQ(test, b->front.ring.lie, 10);

	b = back_at(test, 0);
	b->peer.page->req_prod = -1;
	KUNIT_EXPECT_TRUE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_STREQ(test, pair_back_broken(&b->back), "the peer's index went back");
}

/* A lie that arm meets is news once: get must say what it is. */
static void arm_meets_lie(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ask m;

	b->peer.page->req_prod = SLOTS + 1;
	KUNIT_EXPECT_TRUE(test, pair_back_arm(&b->back));
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), -EPROTO);
	KUNIT_EXPECT_FALSE(test, pair_back_arm(&b->back));
}

/* Broken stays broken, even when the page looks right again, and the page stays as it is. */
static void broken_is_sticky(struct kunit *test)
{
	struct bench *b = front_at(test, 0);
	struct xenpv_ring_page before;
	struct answer a = { .id = 55 };

	for (u32 i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, ask(b, i), 0);
	pair_front_push(&b->front);
	KUNIT_ASSERT_EQ(test, ask(b, 4), 0);
	b->peer.page->rsp_prod = 5;
	KUNIT_ASSERT_EQ(test, pair_front_get(&b->front, &a), -EPROTO);
	b->peer.page->rsp_prod = 4;
	before = *b->peer.page;

	KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), -EPROTO);
	KUNIT_EXPECT_EQ(test, a.id, 55);
	KUNIT_EXPECT_FALSE(test, pair_front_arm(&b->front));
	KUNIT_EXPECT_EQ(test, pair_front_room(&b->front), 0);
	KUNIT_EXPECT_EQ(test, ask(b, 5), -EPROTO);
	KUNIT_EXPECT_FALSE(test, pair_front_push(&b->front));
	KUNIT_EXPECT_EQ(test, memcmp(&before, b->peer.page, sizeof(before)), 0);
	KUNIT_EXPECT_EQ(test, ((struct ask *)peer_slot(&b->peer, 5))->id, 0);
}

static void break_by_codec(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ask m;

	peer_asks(b, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_ring_break(&b->back.ring, "no such operation"));
	KUNIT_EXPECT_FALSE(test, xenpv_ring_break(&b->back.ring, "something else"));
	KUNIT_EXPECT_STREQ(test, pair_back_broken(&b->back), "no such operation");
	KUNIT_EXPECT_EQ(test, pair_back_get(&b->back, &m), -EPROTO);
}

/* The peer writes what is ours to write: we neither look nor care. */
static void own_words_overwritten(struct kunit *test)
{
	struct bench *b = front_at(test, 0);
	struct answer a;

	KUNIT_EXPECT_EQ(test, ask(b, 1), 0);
	b->peer.page->req_prod = 0xdeadbeef;
	b->peer.page->rsp_event = 0xdeadbeef;
	memset(b->peer.slots, 0xff, STRIDE * SLOTS);
	KUNIT_EXPECT_TRUE(test, pair_front_push(&b->front));
	KUNIT_EXPECT_EQ(test, b->peer.page->req_prod, 1);
	KUNIT_EXPECT_EQ(test, pair_front_room(&b->front), SLOTS - 1);
	KUNIT_EXPECT_FALSE(test, pair_front_arm(&b->front));
	KUNIT_EXPECT_EQ(test, b->peer.page->rsp_event, 1);
	peer_answers(b, 3);
	KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), 1);
	KUNIT_EXPECT_EQ(test, a.id, 3);
}

/* A second back goes on where the first one stopped. */
static void back_continues(struct kunit *test)
{
	struct bench *b = back_at(test, 40);
	struct pair_back second;
	struct ask m;

	for (u32 i = 0; i < 3; i++)
		peer_asks(b, i);
	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, pair_back_get(&b->back, &m), 1);
	KUNIT_ASSERT_EQ(test, answer(b, 0), 0);
	pair_back_push(&b->back);

	KUNIT_ASSERT_EQ(test, pair_back_init(&second,
					     (void __xen_shared __force *)b->peer.page, 1), 0);
	KUNIT_EXPECT_EQ(test, pair_back_get(&second, &m), 1);
	KUNIT_EXPECT_EQ(test, m.id, 1);
	KUNIT_EXPECT_EQ(test, pair_back_get(&second, &m), 1);
	KUNIT_EXPECT_EQ(test, m.id, 2);
	KUNIT_EXPECT_EQ(test, pair_back_get(&second, &m), 0);
}

#define ROUNDS	20000

/* Random steps of our front against a back made of Xen's macros. */
static void front_against_macros(struct kunit *test)
{
	struct bench *b = front_at(test, 0);
	struct ref_back_ring ref;
	struct rnd_state rnd;
	u32 sent = 0, taken = 0, answered = 0, heard = 0;

	prandom_seed_state(&rnd, 39);
	BACK_RING_INIT(&ref, (struct ref_sring *)b->peer.page, PAGE_SIZE);
	for (int i = 0; i < ROUNDS; i++) {
		struct answer a;
		struct ask m;

		switch (prandom_u32_state(&rnd) % 6) {
		case 0:
			sent += ask(b, sent) == 0;
			break;
		case 1:
			pair_front_push(&b->front);
			break;
		case 2:
			if (!RING_HAS_UNCONSUMED_REQUESTS(&ref))
				break;
			RING_COPY_REQUEST(&ref, ref.req_cons++, &m);
			KUNIT_ASSERT_EQ(test, m.id, taken++);
			break;
		case 3:
			if (answered == taken)
				break;
			RING_GET_RESPONSE(&ref, ref.rsp_prod_pvt++)->id = ~answered++;
			RING_PUSH_RESPONSES(&ref);
			break;
		case 4:
			if (pair_front_get(&b->front, &a) == 1)
				KUNIT_ASSERT_EQ(test, a.id, ~heard++);
			break;
		default:
			KUNIT_ASSERT_EQ(test, pair_front_arm(&b->front), heard != answered);
		}
		KUNIT_ASSERT_EQ(test, pair_front_room(&b->front), SLOTS - (sent - heard));
	}
	KUNIT_EXPECT_NULL(test, pair_front_broken(&b->front));
	KUNIT_EXPECT_GT(test, heard, ROUNDS / 20);
}

/* And our back against their front. */
static void back_against_macros(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct ref_sring *page = (struct ref_sring *)b->peer.page;
	struct ref_front_ring ref;
	struct rnd_state rnd;
	u32 sent = 0, taken = 0, answered = 0, pushed = 0, heard = 0;

	prandom_seed_state(&rnd, 155);
	SHARED_RING_INIT(page);
	FRONT_RING_INIT(&ref, page, PAGE_SIZE);
	for (int i = 0; i < ROUNDS; i++) {
		struct ask m;
		int more;

		switch (prandom_u32_state(&rnd) % 6) {
		case 0:
			if (RING_FULL(&ref))
				break;
			RING_GET_REQUEST(&ref, ref.req_prod_pvt++)->id = sent++;
			RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ref, more);
			break;
		case 1:
			if (pair_back_get(&b->back, &m) == 1)
				KUNIT_ASSERT_EQ(test, m.id, taken++);
			break;
		case 2:
			answered += answer(b, ~answered) == 0;
			break;
		case 3:
			KUNIT_ASSERT_EQ(test, pair_back_push(&b->back),
					page->rsp_event - pushed - 1 < answered - pushed);
			pushed = answered;
			break;
		case 4:
			RING_FINAL_CHECK_FOR_RESPONSES(&ref, more);
			KUNIT_ASSERT_EQ(test, !!more, heard != pushed);
			if (more) {
				KUNIT_ASSERT_EQ(test, RING_GET_RESPONSE(&ref, ref.rsp_cons)->id,
						~heard++);
				ref.rsp_cons++;
			}
			break;
		default:
			KUNIT_ASSERT_EQ(test, pair_back_arm(&b->back), taken != sent);
		}
		KUNIT_ASSERT_EQ(test, pair_back_room(&b->back), taken - answered);
	}
	KUNIT_EXPECT_NULL(test, pair_back_broken(&b->back));
	KUNIT_EXPECT_GT(test, heard, ROUNDS / 20);
}

static void show_side_by_side(struct kunit *test)
{
	struct bench *b = front_at(test, 100);
	struct seq_file m = { .buf = kunit_kzalloc(test, 512, GFP_KERNEL), .size = 512 };
	struct answer a;

	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	KUNIT_ASSERT_EQ(test, ask(b, 0), 0);
	pair_front_push(&b->front);
	KUNIT_ASSERT_EQ(test, ask(b, 0), 0);
	b->peer.page->req_prod = 4321;
	xenpv_ring_show(&m, &b->front.ring);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m.buf, "front, 256 slots of 12 bytes\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(m.buf, "page 4321       pushed 101        put 102\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(m.buf, "sound\n"));

	b->peer.page->rsp_prod = 1234;
	KUNIT_EXPECT_EQ(test, pair_front_get(&b->front, &a), -EPROTO);
	m.count = 0;
	memset(m.buf, 0, m.size);
	xenpv_ring_show(&m, &b->front.ring);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m.buf, "more answers than requests, index 1234\n"));
}

static void debugfs_file(struct kunit *test)
{
	struct bench *b = back_at(test, 0);
	struct dentry *file = xenpv_ring_debugfs(&b->back.ring, "xenpv_ring_kunit", NULL);

	if (IS_ERR(file))
		kunit_skip(test, "no debugfs");
	KUNIT_EXPECT_PTR_EQ(test, debugfs_lookup("xenpv_ring_kunit", NULL), file);
	dput(file);
	debugfs_remove(file);
	KUNIT_EXPECT_NULL(test, debugfs_lookup("xenpv_ring_kunit", NULL));
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(layout_is_xens),
	KUNIT_CASE(init_clears),
	KUNIT_CASE(init_refuses),
	KUNIT_CASE(put_until_full),
	KUNIT_CASE(get_until_empty),
	KUNIT_CASE(index_wraps),
	KUNIT_CASE(push_notifies),
	KUNIT_CASE(push_nothing),
	KUNIT_CASE(arm_race),
	KUNIT_CASE(get_beyond_producer),
	KUNIT_CASE(get_counts_pushed),
	KUNIT_CASE(get_more_than_asked),
	KUNIT_CASE(index_goes_back),
	KUNIT_CASE(arm_meets_lie),
	KUNIT_CASE(broken_is_sticky),
	KUNIT_CASE(break_by_codec),
	KUNIT_CASE(own_words_overwritten),
	KUNIT_CASE(back_continues),
	KUNIT_CASE(front_against_macros),
	KUNIT_CASE(back_against_macros),
	KUNIT_CASE(show_side_by_side),
	KUNIT_CASE(debugfs_file),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "xenpv_ring",
	.test_cases = ring_cases,
};
kunit_test_suite(ring_suite);

MODULE_DESCRIPTION("KUnit tests for Xen rings");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
