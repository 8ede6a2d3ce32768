// SPDX-License-Identifier: GPL-2.0-only
/* XSA-39, as far as it concerns grants: one bad reference in a packet leaked the others. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/scratch.h>
#include "room.h"

#define FIRST	100
#define SLOTS	18
#define PACKETS	5000

enum bad {
	NEVER_LENT,
	TAKEN_BACK,
	OF_ANOTHER,
	NR_BAD,
};

static const grant_ref_t bad_ref[NR_BAD] = { 7000, 7001, 7002 };
static struct xenpv_foreign_slot slots[SLOTS];
static struct xenpv_foreign_copy copies[SLOTS];
static struct page *page;
static unsigned long pages;

static int xsa_39_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	for (unsigned int i = 0; i < SLOTS; i++)
		memset(xenpv_fake_foreign_offer(PEER, FIRST + i, true), i + 1, PAGE_SIZE);
	xenpv_fake_foreign_offer(PEER, bad_ref[TAKEN_BACK], false);
	xenpv_fake_foreign_withdraw(PEER, bad_ref[TAKEN_BACK]);
	xenpv_fake_foreign_offer(OTHER, bad_ref[OF_ANOTHER], false);
	page = room_page(test, 0);
	xenpv_scratch_give(xenpv_scratch_take(SLOTS, GFP_KERNEL));
	pages = xenpv_scratch_free();
	return 0;
}

/* Slot @k is bad; ~0: none. */
static void map_packet(struct kunit *test, unsigned int nr, unsigned int k, enum bad bad)
{
	memset(slots, 0, sizeof(slots));
	for (unsigned int i = 0; i < nr; i++) {
		slots[i].ref = i == k ? bad_ref[bad] : FIRST + i;
		slots[i].readonly = true;
	}
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, nr, GFP_ATOMIC),
			k < nr ? -ENOENT : 0);
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, slots[i].status, i == k ? -ENOENT : 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), nr - (k < nr));
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, nr), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

static void copy_packet(struct kunit *test, unsigned int nr, unsigned int k, enum bad bad)
{
	u8 *bytes = page_address(page);

	memset(bytes, 0, PAGE_SIZE);
	for (unsigned int i = 0; i < nr; i++)
		copies[i] = (struct xenpv_foreign_copy) {
			.peer = PEER, .ref = i == k ? bad_ref[bad] : FIRST + i,
			.page = page, .offset = i, .len = 1,
		};
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, nr, GFP_ATOMIC),
			k < nr ? -ENOENT : 0);
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, bytes[i], i == k ? 0 : i + 1);
}

static void each_slot_bad_in_each_way(struct kunit *test)
{
	for (unsigned int k = 0; k < SLOTS; k++) {
		for (enum bad bad = 0; bad < NR_BAD; bad++) {
			map_packet(test, SLOTS, k, bad);
			copy_packet(test, SLOTS, k, bad);
		}
	}
	map_packet(test, SLOTS, ~0, NEVER_LENT);
	copy_packet(test, SLOTS, ~0, NEVER_LENT);
}

static void many_packets(struct kunit *test)
{
	for (unsigned int i = 0; i < PACKETS; i++) {
		unsigned int nr = 1 + xenpv_fake_rand(SLOTS);

		map_packet(test, nr, xenpv_fake_rand(SLOTS + 1), xenpv_fake_rand(NR_BAD));
		copy_packet(test, nr, xenpv_fake_rand(SLOTS + 1), xenpv_fake_rand(NR_BAD));
	}
}

static struct kunit_case xsa_39_cases[] = {
	KUNIT_CASE(each_slot_bad_in_each_way),
	KUNIT_CASE(many_packets),
	{}
};

static struct kunit_suite xsa_39_suite = {
	.name = "xsa_39_grants",
	.init = xsa_39_init,
	.test_cases = xsa_39_cases,
};
kunit_test_suite(xsa_39_suite);
