// SPDX-License-Identifier: GPL-2.0-only
/*
 * XSA-365 and its follow-up XSA-371, as far as they concern maps: an earlier error was
 * forgotten by later steps; and what failed left maps behind.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/scratch.h>
#include "room.h"

#define FIRST		100
#define NR_REFS		60
#define MAX_SEGS	256
#define REQUESTS	20000

/* What is wrong with segment k. */
enum fault {
	NEVER_LENT,
	AGAIN_THEN_GOOD,
	AGAIN_THEN_BAD,
	NR_FAULTS,
};

static struct xenpv_foreign_slot slots[MAX_SEGS];
static unsigned long pages;
static unsigned int disk_writes;

static int xsa_365_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	xenpv_scratch_give(xenpv_scratch_take(MAX_SEGS, GFP_KERNEL));
	pages = xenpv_scratch_free();
	disk_writes = 0;
	return 0;
}

static void new_guest(void)
{
	xenpv_fake_grant_reset();
	xenpv_fake_forget();
	for (unsigned int i = 0; i < NR_REFS; i++)
		xenpv_fake_foreign_offer(PEER, FIRST + i, false);
}

/* What a block backend does: all segments, or an error and none. */
static int request(unsigned int nr)
{
	int ret = xenpv_foreign_map(PEER, slots, nr, GFP_KERNEL);

	if (!ret)
		for (unsigned int i = 0; i < nr; i++)
			disk_writes += !!slots[i].page;
	xenpv_foreign_unmap(slots, nr);
	return ret;
}

static void name_refs(unsigned int nr)
{
	memset(slots, 0, sizeof(slots));
	for (unsigned int i = 0; i < nr; i++)
		slots[i].ref = FIRST + i % NR_REFS;
}

static void break_segment(unsigned int k, enum fault fault)
{
	slots[k].ref = 9000;
	if (fault == NEVER_LENT)
		return;
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, 9000, GNTST_eagain, 1);
	if (fault == AGAIN_THEN_GOOD)
		xenpv_fake_foreign_offer(PEER, 9000, false);
}

static void one_bad_segment(struct kunit *test, unsigned int nr, unsigned int step)
{
	for (unsigned int k = 0; k < nr; k += step) {
		for (enum fault fault = 0; fault < NR_FAULTS; fault++) {
			bool good = fault == AGAIN_THEN_GOOD;

			new_guest();
			name_refs(nr);
			break_segment(k, fault);
			disk_writes = 0;
			KUNIT_EXPECT_EQ(test, request(nr), good ? 0 : -ENOENT);
			KUNIT_EXPECT_EQ(test, disk_writes, good ? nr : 0);
			KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);

			/* The next request is not touched by the last. */
			slots[k].ref = FIRST;
			KUNIT_EXPECT_EQ(test, request(nr), 0);
			KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		}
	}
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

static void direct_request(struct kunit *test)
{
	one_bad_segment(test, 11, 1);
}

static void indirect_request(struct kunit *test)
{
	one_bad_segment(test, 32, 1);
}

static void longest_request(struct kunit *test)
{
	one_bad_segment(test, MAX_SEGS, 17);
}

static void many_failing_requests(struct kunit *test)
{
	new_guest();
	for (unsigned int i = 0; i < REQUESTS; i++) {
		name_refs(11);
		slots[xenpv_fake_rand(11)].ref = 9000;
		KUNIT_EXPECT_EQ(test, request(11), -ENOENT);
		if (i % 512 == 0)
			xenpv_fake_forget();
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

/* The guest is destroyed in mid-request: it withdraws all, and we let all go. */
static void guest_dies_in_a_request(struct kunit *test)
{
	for (unsigned int k = 0; k < 11; k++) {
		new_guest();
		name_refs(11);
		for (unsigned int i = k; i < 11; i++)
			xenpv_fake_foreign_withdraw(PEER, FIRST + i);
		KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 11, GFP_KERNEL), -ENOENT);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), k);
		for (unsigned int i = 0; i < k; i++)
			xenpv_fake_foreign_withdraw(PEER, FIRST + i);
		KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 11), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

static struct kunit_case xsa_365_cases[] = {
	KUNIT_CASE(direct_request),
	KUNIT_CASE(indirect_request),
	KUNIT_CASE(longest_request),
	{}
};

static struct kunit_suite xsa_365_suite = {
	.name = "xsa_365_grants",
	.init = xsa_365_init,
	.test_cases = xsa_365_cases,
};

static struct kunit_case xsa_371_cases[] = {
	KUNIT_CASE(many_failing_requests),
	KUNIT_CASE(guest_dies_in_a_request),
	{}
};

static struct kunit_suite xsa_371_suite = {
	.name = "xsa_371_grants",
	.init = xsa_365_init,
	.test_cases = xsa_371_cases,
};
kunit_test_suites(&xsa_365_suite, &xsa_371_suite);
