// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-39, a and b, for the ring: a front publishes an index that cannot be,
 * or a packet that goes on behind what it published.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>

#include "../../fake/fake.h"
#include "peer.h"

XENPV_RING(tx, struct xen_netif_tx_request, struct xen_netif_tx_response)

#define SLOTS	256

/**
 * struct victim - a network back and its hostile front
 * @back: the back
 * @peer: the front
 * @accesses: how often the back touched the page
 * @slots: how often it read a slot
 * @beyond: how often it read one that is not published
 */
struct victim {
	struct tx_back back;
	struct peer peer;
	unsigned int accesses;
	unsigned int slots;
	unsigned int beyond;
};

static void watch(const struct xenpv_fake_access *access, void *arg)
{
	struct victim *v = arg;
	char *where = (char *)access->where;
	u32 index;

	if (where < (char *)v->peer.page || where >= (char *)v->peer.page + PAGE_SIZE)
		return;
	v->accesses++;
	if (where < v->peer.slots || access->kind != XENPV_SHARED_LOAD)
		return;
	v->slots++;
	index = (where - v->peer.slots) / v->peer.stride;
	if (((index - v->back.ring.pushed) & (SLOTS - 1)) >= v->peer.put - v->back.ring.pushed)
		v->beyond++;
}

static struct victim *victim_at(struct kunit *test, u32 index)
{
	struct victim *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	void *pages = peer_pages(test, 1);

	KUNIT_ASSERT_NOT_NULL(test, v);
	peer_open(&v->peer, true, pages, 1, sizeof(struct xen_netif_tx_request));
	v->peer.put = v->peer.got = index;
	*v->peer.page = (struct xenpv_ring_page) { index, index + 1, index, index + 1 };
	KUNIT_ASSERT_EQ(test, tx_back_init(&v->back, (void __xen_shared __force *)pages, 1), 0);
	KUNIT_ASSERT_EQ(test, v->back.ring.nr_slots, SLOTS);
	xenpv_fake_peer(watch, v);
	return v;
}

static void victim_free(struct kunit *test, struct victim *v)
{
	xenpv_fake_peer(NULL, NULL);
	kunit_kfree(test, v->peer.page);
	kunit_kfree(test, v);
}

/* One packet: slots until one does not say that more follow. */
static int take_packet(struct victim *v, unsigned int *nr_slots)
{
	struct xen_netif_tx_request slot;
	int ret;

	do {
		ret = tx_back_get(&v->back, &slot);
		if (ret <= 0)
			return ret;
		++*nr_slots;
	} while (slot.flags & XEN_NETTXF_more_data);
	return 1;
}

static void front_sends(struct victim *v, unsigned int nr_slots, bool more)
{
	for (unsigned int i = 1; i <= nr_slots; i++) {
		struct xen_netif_tx_request slot = {
			.id = i, .flags = more || i < nr_slots ? XEN_NETTXF_more_data : 0,
		};

		peer_send(&v->peer, &slot, sizeof(slot));
	}
}

/* What a back does for an event: packets until there are none; then wait for another. */
static int poll(struct victim *v, unsigned int *nr_slots)
{
	int ret;

	do {
		do {
			ret = take_packet(v, nr_slots);
		} while (ret > 0);
	} while (tx_back_arm(&v->back));
	return ret;
}

/* With @served requests got before and not answered, the front claims @claim more. */
static void claim(struct kunit *test, u32 start, u32 served, u32 claim)
{
	struct victim *v = victim_at(test, start);
	unsigned int parsed = 0, quiet;

	/* One packet, as long as it may be. */
	front_sends(v, served, false);
	KUNIT_ASSERT_EQ(test, take_packet(v, &parsed), !!served);
	KUNIT_ASSERT_EQ(test, parsed, served);
	parsed = 0;
	v->slots = 0;
	v->peer.page->req_prod = start + served + claim;

	/* Halted within this one poll, without a look at any slot. */
	KUNIT_EXPECT_EQ_MSG(test, poll(v, &parsed), -EPROTO, "start %u served %u claim %u",
			    start, served, claim);
	KUNIT_EXPECT_EQ(test, parsed, 0);
	KUNIT_EXPECT_EQ(test, v->slots, 0);
	KUNIT_EXPECT_NOT_NULL(test, tx_back_broken(&v->back));

	/* And for good, although the index is right again, without one more access. */
	v->peer.page->req_prod = start + served;
	front_sends(v, 1, false);
	quiet = v->accesses;
	KUNIT_EXPECT_EQ(test, poll(v, &parsed), -EPROTO);
	KUNIT_EXPECT_EQ(test, parsed, 0);
	KUNIT_EXPECT_FALSE(test, tx_back_push(&v->back));
	KUNIT_EXPECT_EQ(test, v->accesses, quiet);
	victim_free(test, v);
}

/* a) Ring size + 1, then + 2^31, then behind what was read; anything in between. */
static void index_too_far(struct kunit *test)
{
	static const u32 starts[] = { 0, 1, -1, -SLOTS, 0x7fffff00 };
	static const u32 claims[] = {
		SLOTS + 1, SLOTS + 2, 2 * SLOTS, 65536, BIT(31) - 1, BIT(31), BIT(31) + 1,
		SLOTS + 1 + BIT(31), -SLOTS, -2, -1,
	};

	for (int s = 0; s < ARRAY_SIZE(starts); s++) {
		for (int c = 0; c < ARRAY_SIZE(claims); c++) {
			claim(test, starts[s], 0, claims[c]);
			claim(test, starts[s], 1, claims[c]);
			claim(test, starts[s], SLOTS - 1, claims[c]);
		}
	}
}

/* The claim that is one too many, for each number of requests in work. */
static void index_one_too_far(struct kunit *test)
{
	for (u32 served = 0; served <= SLOTS; served += 17)
		claim(test, -100, served, SLOTS - served + 1);
}

/* b) A packet that says "more" in its last published slot: wait, parse nothing behind it. */
static void more_data_past_producer(struct kunit *test)
{
	static const u32 starts[] = { 0, -3, 250 };

	for (int s = 0; s < ARRAY_SIZE(starts); s++) {
		for (unsigned int n = 1; n <= 21; n++) {
			struct victim *v = victim_at(test, starts[s]);
			unsigned int parsed = 0;

			/* What stands behind would make a fine packet. */
			memset(v->peer.slots, 0, SLOTS * v->peer.stride);
			front_sends(v, n, true);
			KUNIT_EXPECT_EQ(test, poll(v, &parsed), 0);
			KUNIT_EXPECT_EQ(test, parsed, n);
			KUNIT_EXPECT_EQ(test, v->beyond, 0);
			KUNIT_EXPECT_NULL(test, tx_back_broken(&v->back));

			/* The rest comes later and is taken then. */
			front_sends(v, 1, false);
			KUNIT_EXPECT_EQ(test, poll(v, &parsed), 0);
			KUNIT_EXPECT_EQ(test, parsed, n + 1);
			KUNIT_EXPECT_EQ(test, v->beyond, 0);
			victim_free(test, v);
		}
	}
}

/* A chain that goes round the whole ring ends at the producer, too. */
static void more_data_everywhere(struct kunit *test)
{
	struct victim *v = victim_at(test, -10);
	unsigned int parsed = 0;

	front_sends(v, SLOTS, true);
	KUNIT_EXPECT_EQ(test, poll(v, &parsed), 0);
	KUNIT_EXPECT_EQ(test, parsed, SLOTS);
	KUNIT_EXPECT_EQ(test, poll(v, &parsed), 0);
	KUNIT_EXPECT_EQ(test, parsed, SLOTS);
	KUNIT_EXPECT_EQ(test, tx_back_room(&v->back), SLOTS);
	victim_free(test, v);
}

static int xsa_39_init(struct kunit *test)
{
	xenpv_fake_start(test);
	return 0;
}

static struct kunit_case xsa_39_cases[] = {
	KUNIT_CASE(index_too_far),
	KUNIT_CASE(index_one_too_far),
	KUNIT_CASE(more_data_past_producer),
	KUNIT_CASE(more_data_everywhere),
	{}
};

static struct kunit_suite xsa_39_suite = {
	.name = "xsa_39",
	.init = xsa_39_init,
	.test_cases = xsa_39_cases,
};
kunit_test_suite(xsa_39_suite);

MODULE_DESCRIPTION("Replay of XSA-39 on rings");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
