// SPDX-License-Identifier: GPL-2.0-only
/* XSA-367: results of mapping were ignored, once the books about it could fail. */

#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/scratch.h>
#include "room.h"

#define FIRST	100
#define NR	18

static struct xenpv_foreign_slot slots[NR];
static unsigned long pages;
static unsigned int calls;
static unsigned long failing;

static int xsa_367_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	for (unsigned int i = 0; i < NR; i++)
		xenpv_fake_foreign_offer(PEER, FIRST + i, false);
	xenpv_scratch_give(xenpv_scratch_take(NR, GFP_KERNEL));
	pages = xenpv_scratch_free();
	return 0;
}

static void new_packet(void)
{
	memset(slots, 0, sizeof(slots));
	for (unsigned int i = 0; i < NR; i++)
		slots[i].ref = FIRST + i;
	xenpv_fake_forget();
}

static bool some_fail(struct page *page, unsigned long frame)
{
	return !(failing & BIT(calls++));
}

static void nothing_is_left(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

/* A failed slot has no page that anybody could read, and no map that could stay. */
static void play(struct kunit *test, unsigned long which)
{
	new_packet();
	failing = which;
	calls = 0;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL),
			which ? -ERANGE : 0);
	for (unsigned int i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, slots[i].status, which & BIT(i) ? -ERANGE : 0);
		KUNIT_EXPECT_EQ(test, !slots[i].page, !!(which & BIT(i)));
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR - hweight_long(which));
	nothing_is_left(test);
}

static void books_fail_for_slots(struct kunit *test)
{
	kunit_activate_static_stub(test, xenpv_foreign_tell_p2m, some_fail);
	for (unsigned int i = 0; i < NR; i++) {
		play(test, BIT(i));
		for (unsigned int j = 0; j < i; j++)
			play(test, BIT(i) | BIT(j));
	}
	play(test, BIT(NR) - 1);
	play(test, 0);
}

/* The real books: page numbers beyond their end. */
static void books_end_early(struct kunit *test)
{
	new_packet();
	room_p2m_limit(1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), -ERANGE);
	for (unsigned int i = 0; i < NR; i++)
		KUNIT_EXPECT_NULL(test, slots[i].page);
	nothing_is_left(test);
	room_p2m_limit(max_pfn);
}

static void whole_call_fails(struct kunit *test)
{
	for (long error = 1; error <= 133; error++) {
		new_packet();
		xenpv_fake_fail_at(1, -error);
		KUNIT_EXPECT_LT(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), 0);
		for (unsigned int i = 0; i < NR; i++) {
			KUNIT_EXPECT_LT(test, slots[i].status, 0);
			KUNIT_EXPECT_NULL(test, slots[i].page);
		}
		xenpv_fake_fail_at(0, 0);
		nothing_is_left(test);
	}
}

/* Undoing what the books refused fails, too: the slot keeps its page until it works. */
static void undoing_fails(struct kunit *test)
{
	kunit_activate_static_stub(test, xenpv_foreign_tell_p2m, some_fail);
	new_packet();
	failing = BIT(3);
	calls = 0;
	xenpv_fake_grant_answer(XENPV_FAKE_UNMAP, PEER, FIRST + 3, GNTST_general_error, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), -ERANGE);
	KUNIT_EXPECT_NOT_NULL(test, slots[3].page);
	KUNIT_EXPECT_LT(test, slots[3].status, 0);
	nothing_is_left(test);
}

static struct kunit_case xsa_367_cases[] = {
	KUNIT_CASE(books_fail_for_slots),
	KUNIT_CASE(books_end_early),
	KUNIT_CASE(whole_call_fails),
	KUNIT_CASE(undoing_fails),
	{}
};

static struct kunit_suite xsa_367_suite = {
	.name = "xsa_367",
	.init = xsa_367_init,
	.test_cases = xsa_367_cases,
};
kunit_test_suite(xsa_367_suite);
