// SPDX-License-Identifier: GPL-2.0-only
/* Tests of mapping pages of peers, with peers that send what is not so. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include "room.h"

#define NR	60
#define FIRST	100

static const struct room rooms[] = {
	{ .version = 1, .frames = 1 },
	{ .version = 1, .frames = 1, .translated = true },
};

static struct xenpv_foreign_slot slots[NR];

static void describe(const struct room *room, char *text)
{
	strscpy(text, room->translated ? "translated" : "PV", KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(room, rooms, describe);

/* The peer lends pages that are full of their number. */
static void start(struct kunit *test)
{
	room_start(test, test->param_value ?: &rooms[0]);
	room_memory(test);
	memset(slots, 0, sizeof(slots));
	for (unsigned int i = 0; i < NR; i++) {
		void *page = xenpv_fake_foreign_offer(PEER, FIRST + i, false);

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page, i, PAGE_SIZE);
		slots[i].ref = FIRST + i;
	}
}

static bool is_translated(struct kunit *test)
{
	const struct room *room = test->param_value;

	return room && room->translated;
}

static void map_shows_the_peers_pages(struct kunit *test)
{
	start(test);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR);
	for (unsigned int i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, slots[i].status, 0);
		KUNIT_EXPECT_TRUE(test, room_page_is(slots[i].page, i));
		if (!is_translated(test))
			KUNIT_EXPECT_TRUE(test, room_p2m_is_foreign(slots[i].page));
		for (unsigned int j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, slots[i].page, slots[j].page);
	}
	memset(page_address(slots[3].page), 0xee, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, *(u8 *)xenpv_fake_foreign_page(PEER, FIRST + 3), 0xee);
}

static void unmap_once(struct kunit *test)
{
	struct page *page;

	start(test);
	/* Slots that were never mapped. */
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 2, GFP_KERNEL), 0);
	page = slots[0].page;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_EXPECT_NULL(test, slots[0].page);
	KUNIT_EXPECT_FALSE(test, room_p2m_is_foreign(page));
	xenpv_fake_forget();
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
}

static void each_slot_has_its_fate(struct kunit *test)
{
	start(test);
	slots[1].ref = 9999;
	slots[30].ref = 9999;
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + 5, GNTST_no_space, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), -ENOENT);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR - 3);
	for (unsigned int i = 0; i < NR; i++) {
		int want = i == 1 || i == 30 ? -ENOENT : i == 5 ? -ENOSPC : 0;

		KUNIT_EXPECT_EQ(test, slots[i].status, want);
		KUNIT_EXPECT_EQ(test, !slots[i].page, !!want);
	}
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static void map_readonly(struct kunit *test)
{
	start(test);
	xenpv_fake_foreign_offer(PEER, FIRST, true);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 1, GFP_KERNEL), -EIO);
	slots[0].readonly = true;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 1), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(OTHER, slots, 1, GFP_KERNEL), -ESRCH);
}

static u32 seen_flags;
static u64 seen_addr;

static long look_at_flags(unsigned long cmd, unsigned long arg, unsigned long count,
			  unsigned long a4, unsigned long a5)
{
	struct gnttab_map_grant_ref *op = (void *)arg;

	seen_flags = op->flags;
	seen_addr = op->host_addr;
	return -ENOSYS;
}

/* An entry for a frame of another domain has its mark, see xenpv/frames.h. */
static void map_marks_the_entry(struct kunit *test)
{
	start(test);
	xenpv_fake_serve(__HYPERVISOR_grant_table_op, look_at_flags);
	slots[0].readonly = true;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 1, GFP_KERNEL), -EIO);
	KUNIT_EXPECT_NULL(test, slots[0].page);
	if (is_translated(test)) {
		KUNIT_EXPECT_EQ(test, seen_flags, GNTMAP_host_map | GNTMAP_readonly);
		KUNIT_EXPECT_LT(test, PFN_DOWN(seen_addr), max_pfn);
	} else {
		KUNIT_EXPECT_EQ(test, seen_flags, GNTMAP_host_map | GNTMAP_readonly |
						  1 << _GNTMAP_guest_avail0);
		KUNIT_EXPECT_TRUE(test, virt_addr_valid((void *)seen_addr));
	}
}

static void again_is_asked_again(struct kunit *test)
{
	start(test);
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + 1, GNTST_eagain, 3);
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + 2, GNTST_eagain, 5);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, room_slept(), 1 + 2 + 4 + 8 + 16);
	KUNIT_EXPECT_TRUE(test, room_page_is(slots[1].page, 1));
	KUNIT_EXPECT_TRUE(test, room_page_is(slots[2].page, 2));
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static void patience_ends(struct kunit *test)
{
	start(test);
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + 1, GNTST_eagain, 1000);
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + 2, GNTST_eagain, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_slept(), 1023);
	KUNIT_EXPECT_EQ(test, slots[1].status, -EAGAIN);
	KUNIT_EXPECT_EQ(test, slots[2].status, 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);

	/* Who can't sleep has none; there are pages from the first time. */
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_ATOMIC), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_slept(), 1023);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static void no_pages_without_frames(struct kunit *test)
{
	start(test);
	xenpv_scratch_empty();
	KUNIT_ASSERT_EQ(test, xenpv_scratch_free(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_ATOMIC), -ENOMEM);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	/* Xen does not want our frames. */
	xenpv_fake_serve(__HYPERVISOR_memory_op, NULL);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), -ENOMEM);
	KUNIT_EXPECT_EQ(test, slots[3].status, -ENOMEM);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
}

/* Whoever needs pages to finish some I/O waits for no other I/O. */
static void growing_starts_no_io(struct kunit *test)
{
	start(test);
	xenpv_scratch_empty();
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_NOIO), 0);
	KUNIT_EXPECT_EQ(test, room_given_up(), 4);
	KUNIT_EXPECT_FALSE(test, room_may_do_io());
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);

	xenpv_scratch_empty();
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, room_given_up(), 8);
	KUNIT_EXPECT_FALSE(test, room_may_do_io());
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	KUNIT_EXPECT_FALSE(test, current->flags & PF_MEMALLOC_NOIO);
}

/* Where there is address space, a failure costs no RAM. */
static void ram_is_the_last_resort(struct kunit *test)
{
	start(test);
	xenpv_scratch_empty();
	room_space_fails(test);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), -ENOMEM);
	KUNIT_EXPECT_EQ(test, room_given_up(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
}

static void pages_are_used_again(struct kunit *test)
{
	unsigned long free;

	start(test);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	free = xenpv_scratch_free();
	KUNIT_EXPECT_GE(test, free, NR);
	for (unsigned int i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, NR, GFP_ATOMIC), 0);
		KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), free);
}

/* A page that Xen does not unmap is not used for anything else. */
static void unmap_is_refused(struct kunit *test)
{
	unsigned long free;

	start(test);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
	free = xenpv_scratch_free();
	xenpv_fake_grant_answer(XENPV_FAKE_UNMAP, PEER, FIRST + 2, GNTST_general_error, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), free + 3);
	KUNIT_EXPECT_NOT_NULL(test, slots[2].page);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), free + 4);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);

	/* The whole call. */
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
	xenpv_fake_fail_at(1, -EFAULT);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static unsigned int done;

static void count_done(struct xenpv_foreign_later *later)
{
	done++;
}

/* The delay until the next look, as the work would have it. */
static void unmap_later_waits_for_users(struct kunit *test)
{
	struct xenpv_foreign_later later = { .slots = slots, .nr = 4, .done = count_done };
	unsigned int delay = 0;

	start(test);
	done = 0;
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
	get_page(slots[1].page);
	for (unsigned int i = 0; i < 20; i++) {
		delay = xenpv_foreign_look(&later);
		KUNIT_EXPECT_EQ(test, delay, min(5U << min(i, 10U), 1000U));
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 4);
	put_page(slots[1].page);

	/* Nobody uses it, but Xen does not want; then it does. */
	xenpv_fake_grant_answer(XENPV_FAKE_UNMAP, PEER, FIRST, GNTST_general_error, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_look(&later), 1000);
	KUNIT_EXPECT_EQ(test, done, 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_look(&later), 0);
	KUNIT_EXPECT_EQ(test, done, 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static struct kunit_case foreign_cases[] = {
	KUNIT_CASE_PARAM(map_shows_the_peers_pages, room_gen_params),
	KUNIT_CASE_PARAM(unmap_once, room_gen_params),
	KUNIT_CASE_PARAM(each_slot_has_its_fate, room_gen_params),
	KUNIT_CASE_PARAM(map_readonly, room_gen_params),
	KUNIT_CASE_PARAM(map_marks_the_entry, room_gen_params),
	KUNIT_CASE_PARAM(again_is_asked_again, room_gen_params),
	KUNIT_CASE_PARAM(patience_ends, room_gen_params),
	KUNIT_CASE(no_pages_without_frames),
	KUNIT_CASE_PARAM(growing_starts_no_io, room_gen_params),
	KUNIT_CASE_PARAM(ram_is_the_last_resort, room_gen_params),
	KUNIT_CASE_PARAM(pages_are_used_again, room_gen_params),
	KUNIT_CASE_PARAM(unmap_is_refused, room_gen_params),
	KUNIT_CASE_PARAM(unmap_later_waits_for_users, room_gen_params),
	{}
};

static struct kunit_suite foreign_suite = {
	.name = "xenpv_foreign",
	.test_cases = foreign_cases,
};
kunit_test_suite(foreign_suite);
