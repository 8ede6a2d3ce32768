// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-300: nothing bounded the memory that a backend gives up to map pages of
 * its frontends, nor how far a domain shrinks.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xsa_300."

static unsigned int targets = 10000;
module_param(targets, uint, 0444);
MODULE_PARM_DESC(targets, "How often the target jumps between nothing and too much");

KUNIT_ARRAY_PARAM(kind, memroom_kinds, memroom_kind_name);

/* Frontends, and the largest request of one. */
#define NR_FRONTS	16
#define REQUEST		11

/* Requests that never end, as a list of chains. */
static struct page *fronts[NR_FRONTS][SIZE / REQUEST + 1];
static unsigned int nr_requests[NR_FRONTS];

static void end_requests(void)
{
	for (unsigned int i = 0; i < NR_FRONTS; i++)
		while (nr_requests[i])
			xenpv_scratch_give(fronts[i][--nr_requests[i]]);
}

static void end(void *unused)
{
	end_requests();
}

static bool request(unsigned int front)
{
	struct page *chain = xenpv_scratch_take(REQUEST, GFP_NOIO);

	if (chain)
		fronts[front][nr_requests[front]++] = chain;
	return chain;
}

/* All frontends ask until each was refused a hundred times; how many pages they have. */
static unsigned long attack(void)
{
	unsigned int refused = 0;
	unsigned long pages = 0;

	while (refused < 100 * NR_FRONTS) {
		for (unsigned int i = 0; i < NR_FRONTS; i++) {
			if (request(i))
				pages += REQUEST;
			else
				refused++;
		}
	}
	return pages;
}

static void start(struct kunit *test)
{
	memroom_start(test, 0);
	memset(nr_requests, 0, sizeof(nr_requests));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
}

static void frontends_stop_at_the_limit(struct kunit *test)
{
	unsigned long calls;

	start(test);
	xenpv_scratch_set_limit(1000);
	KUNIT_EXPECT_EQ(test, attack(), 1000 / REQUEST * REQUEST);
	KUNIT_EXPECT_LE(test, xenpv_scratch_frames(), 1000);
	memroom_check(test, SIZE - xenpv_scratch_frames());

	/* Asking on and on costs Xen nothing. */
	calls = xenpv_fake_memory_calls(XENMEM_decrease_reservation);
	KUNIT_EXPECT_EQ(test, attack(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_decrease_reservation), calls);

	/* A lower limit takes nothing away, and lets nothing more go. */
	xenpv_scratch_set_limit(500);
	KUNIT_EXPECT_EQ(test, attack(), 0);
	end_requests();
	KUNIT_EXPECT_EQ(test, attack(), 1000 / REQUEST * REQUEST);
}

/* Whatever the limit says, what this kernel needs stays. */
static void frontends_stop_at_the_floor(struct kunit *test)
{
	start(test);
	xenpv_scratch_set_limit(ULONG_MAX / 2);
	KUNIT_EXPECT_LE(test, attack(), SIZE - FLOOR);
	memroom_check(test, FLOOR);
	end_requests();
	KUNIT_EXPECT_EQ(test, xenpv_scratch_idle(), SIZE - FLOOR);
}

/* What they leave idle comes back when memory is needed. */
static void idle_pages_come_back(struct kunit *test)
{
	start(test);
	xenpv_scratch_set_limit(1000);
	attack();
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(1000), xenpv_scratch_frames() % REQUEST);
	end_requests();
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(100), 100);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(ULONG_MAX),
			1000 / REQUEST * REQUEST - 100);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(ULONG_MAX), 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_idle(), 0);
	memroom_settle();
	memroom_check(test, SIZE);
}

/* What the balloon has given up is lent before anything else is given up. */
static void the_balloon_lends_first(struct kunit *test)
{
	unsigned long calls;

	start(test);
	memroom_go(test, SIZE - 2 * REQUEST - 1);
	calls = xenpv_fake_memory_calls(XENMEM_decrease_reservation);
	KUNIT_EXPECT_TRUE(test, request(0) && request(1));
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_decrease_reservation), calls);
	memroom_check(test, SIZE - 2 * REQUEST - 1);
	KUNIT_EXPECT_TRUE(test, request(2));
	memroom_check(test, SIZE - 3 * REQUEST);

	/* A new target: what is lent can't be had, what is idle can. */
	memroom_go(test, SIZE);
	memroom_check(test, SIZE - 3 * REQUEST);
	end_requests();
	memroom_go(test, SIZE);
	memroom_check(test, SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_frames(), 0);

	/* The next ones are none of the balloon's. */
	KUNIT_EXPECT_TRUE(test, request(0));
	end_requests();
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(ULONG_MAX), REQUEST);
	memroom_settle();
	memroom_check(test, SIZE);
}

/* A frame comes back from a peer after the target went below the size. */
static void pages_come_back_after_a_new_target(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_TRUE(test, request(0));
	memroom_go(test, SIZE - REQUEST);
	memroom_check(test, SIZE - REQUEST);
	end_requests();
	KUNIT_EXPECT_EQ(test, xenpv_scratch_shrink(ULONG_MAX), REQUEST);
	memroom_check(test, SIZE);
	KUNIT_EXPECT_TRUE(test, memroom_planned());
	memroom_settle();
	memroom_check(test, SIZE - REQUEST);
}

/* The target jumps between nothing and too much while frontends come and go. */
static void targets_jump_under_load(struct kunit *test)
{
	unsigned long now;

	start(test);
	xenpv_scratch_set_limit(1000);
	for (unsigned int i = 0; i < targets; i++) {
		unsigned int front = i % NR_FRONTS;

		if (nr_requests[front] > 2)
			xenpv_scratch_give(fronts[front][--nr_requests[front]]);
		else
			request(front);
		xenpv_balloon_set_target(i & 1 ? ULONG_MAX : 0);
		memroom_step();
		if (i % 100)
			continue;
		cond_resched();
		memroom_settle();
		now = xenpv_balloon_current();
		KUNIT_EXPECT_GE(test, now, FLOOR);
		KUNIT_EXPECT_LE(test, now, SIZE);
		KUNIT_EXPECT_LE(test, xenpv_scratch_frames(), 1000);
		memroom_check(test, now);
	}
	end_requests();
	memroom_go(test, ULONG_MAX);
	memroom_check(test, SIZE);
}

static struct kunit_case xsa_300_cases[] = {
	KUNIT_CASE_PARAM(frontends_stop_at_the_limit, kind_gen_params),
	KUNIT_CASE_PARAM(frontends_stop_at_the_floor, kind_gen_params),
	KUNIT_CASE_PARAM(idle_pages_come_back, kind_gen_params),
	KUNIT_CASE_PARAM(the_balloon_lends_first, kind_gen_params),
	KUNIT_CASE_PARAM(pages_come_back_after_a_new_target, kind_gen_params),
	KUNIT_CASE_PARAM(targets_jump_under_load, kind_gen_params),
	{}
};

static struct kunit_suite xsa_300_suite = {
	.name = "xsa_300",
	.test_cases = xsa_300_cases,
};
kunit_test_suite(xsa_300_suite);
