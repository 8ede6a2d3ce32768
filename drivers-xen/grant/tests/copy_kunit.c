// SPDX-License-Identifier: GPL-2.0-only
/* Tests of copying between pages of peers and ours. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "room.h"

#define NR	50
#define REF	200

static struct page *page;
static u8 *ours, *theirs;
static struct xenpv_foreign_copy copies[NR];

static int copy_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	page = room_page(test, 0x11);
	ours = page_address(page);
	theirs = xenpv_fake_foreign_offer(PEER, REF, false);
	KUNIT_ASSERT_NOT_NULL(test, theirs);
	memset(theirs, 0x22, PAGE_SIZE);
	for (unsigned int i = 0; i < NR; i++)
		copies[i] = (struct xenpv_foreign_copy) {
			.peer = PEER, .ref = REF, .page = page,
			.peer_offset = i * 64, .offset = i * 64, .len = 64,
		};
	return 0;
}

static void copy_both_ways(struct kunit *test)
{
	copies[0].offset = 1000;
	copies[1].to_peer = true;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 2, GFP_KERNEL), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(ours, 0x11, 1000));
	KUNIT_EXPECT_NULL(test, memchr_inv(ours + 1000, 0x22, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(ours + 1064, 0x11, PAGE_SIZE - 1064));
	KUNIT_EXPECT_NULL(test, memchr_inv(theirs, 0x22, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(theirs + 64, 0x11, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(theirs + 128, 0x22, PAGE_SIZE - 128));
}

static void many_pieces(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, NR, GFP_ATOMIC), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(ours, 0x22, NR * 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(ours + NR * 64, 0x11, PAGE_SIZE - NR * 64));
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 0, GFP_ATOMIC), 0);
}

static void each_piece_has_its_status(struct kunit *test)
{
	copies[3].ref = 9;
	copies[25].len = 0;
	copies[40].ref = 9;
	copies[41].peer = OTHER;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, NR, GFP_KERNEL), -ENOENT);
	for (unsigned int i = 0; i < NR; i++) {
		int want = i == 3 || i == 40 ? -ENOENT : i == 25 ? -EINVAL :
			   i == 41 ? -ESRCH : 0;

		KUNIT_EXPECT_EQ(test, copies[i].status, want);
		KUNIT_EXPECT_EQ(test, ours[i * 64], want ? 0x11 : 0x22);
	}
}

/* Xen is not even asked. */
static void never_over_the_end_of_a_page(struct kunit *test)
{
	static const struct {
		unsigned int peer_offset, offset, len;
		int want;
	} cases[] = {
		{ 0, 0, PAGE_SIZE, 0 },
		{ 4095, 4095, 1, 0 },
		{ 1, 0, PAGE_SIZE, -EINVAL },
		{ 0, 1, PAGE_SIZE, -EINVAL },
		{ 0, 0, PAGE_SIZE + 1, -EINVAL },
		{ 4095, 0, 2, -EINVAL },
		{ 0, 4095, 2, -EINVAL },
		{ 4096, 0, 1, -EINVAL },
		{ 0, 4096, 1, -EINVAL },
		{ 65535, 65535, 65535, -EINVAL },
		{ 65535, 0, 1, -EINVAL },
		{ 0, 0, 0, -EINVAL },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		copies[0].peer_offset = cases[i].peer_offset;
		copies[0].offset = cases[i].offset;
		copies[0].len = cases[i].len;
		xenpv_fake_forget();
		KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 1, GFP_KERNEL),
				cases[i].want);
		KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), !cases[i].want);
	}
}

static void no_mapped_page(struct kunit *test)
{
	room_memory(test);
	xenpv_p2m_set(page_to_pfn(page), mfn_box(5 | XENPV_P2M_FOREIGN));
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 1, GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_TRUE(test, room_page_is(page, 0x11));
}

static void again_is_asked_again(struct kunit *test)
{
	copies[1].ref = REF + 1;
	copies[2].ref = REF + 2;
	xenpv_fake_foreign_offer(PEER, REF + 1, true);
	xenpv_fake_foreign_offer(PEER, REF + 2, true);
	xenpv_fake_grant_answer(XENPV_FAKE_COPY, PEER, REF + 1, GNTST_eagain, 2);
	xenpv_fake_grant_answer(XENPV_FAKE_COPY, PEER, REF + 2, GNTST_eagain, 1000);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 4, GFP_KERNEL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_slept(), 1023);
	KUNIT_EXPECT_EQ(test, copies[0].status, 0);
	KUNIT_EXPECT_EQ(test, copies[1].status, 0);
	KUNIT_EXPECT_EQ(test, copies[2].status, -EAGAIN);
	KUNIT_EXPECT_EQ(test, copies[3].status, 0);
	KUNIT_EXPECT_EQ(test, ours[64], 0);
	KUNIT_EXPECT_EQ(test, ours[128], 0x11);

	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 4, GFP_ATOMIC), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_slept(), 1023);
}

static void whole_call_fails(struct kunit *test)
{
	xenpv_fake_fail_at(2, -EFAULT);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, NR, GFP_KERNEL), -EIO);
	for (unsigned int i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, !copies[i].status, ours[i * 64] == 0x22);
	KUNIT_EXPECT_EQ(test, copies[0].status, 0);
}

static void to_a_page_lent_for_reading(struct kunit *test)
{
	xenpv_fake_foreign_offer(PEER, REF, true);
	copies[0].to_peer = true;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 1, GFP_KERNEL), -EIO);
	KUNIT_EXPECT_EQ(test, theirs[0], 0x22);
}

static struct kunit_case copy_cases[] = {
	KUNIT_CASE(copy_both_ways),
	KUNIT_CASE(many_pieces),
	KUNIT_CASE(each_piece_has_its_status),
	KUNIT_CASE(never_over_the_end_of_a_page),
	KUNIT_CASE(no_mapped_page),
	KUNIT_CASE(again_is_asked_again),
	KUNIT_CASE(whole_call_fails),
	KUNIT_CASE(to_a_page_lent_for_reading),
	{}
};

static struct kunit_suite copy_suite = {
	.name = "xenpv_grant_copy",
	.init = copy_init,
	.test_cases = copy_cases,
};
kunit_test_suite(copy_suite);
