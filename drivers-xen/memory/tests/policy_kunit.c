// SPDX-License-Identifier: GPL-2.0-only
/* Tests of how far the balloon goes, and how long it waits. */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../balloon.h"

#define MIB	(SZ_1M >> PAGE_SHIFT)

static void floor_of_sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(0), 0);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(16 * MIB), 8 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(64 * MIB), 32 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(128 * MIB), 36 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(512 * MIB), 48 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(4096 * MIB), 160 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_floor(65536 * MIB), 2080 * MIB);
}

/* More memory never has a lower floor, and page structures always fit below it. */
static void floor_grows(struct kunit *test)
{
	unsigned long last = 0, floor;

	for (unsigned long total = 1; total < BIT(40); total += total / 7 + 1) {
		floor = xenpv_balloon_floor(total);
		KUNIT_EXPECT_GE(test, floor, last);
		KUNIT_EXPECT_LE(test, floor, total / 2);
		KUNIT_EXPECT_GE(test, floor, total / 64);
		last = floor;
	}
	KUNIT_EXPECT_LE(test, xenpv_balloon_floor(ULONG_MAX), ULONG_MAX / 2);
}

static void reserve_of_sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_balloon_reserve(0), 0);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_reserve(8 * MIB), 2 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_reserve(512 * MIB), 12 * MIB);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_reserve(4096 * MIB), 68 * MIB);
}

static void goal_is_within_bounds(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(0, 10, 20), 10);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(9, 10, 20), 10);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(10, 10, 20), 10);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(15, 10, 20), 15);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(20, 10, 20), 20);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(21, 10, 20), 20);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(ULONG_MAX, 10, 20), 20);
	/* What Xen does not give can't be had, needed or not. */
	KUNIT_EXPECT_EQ(test, xenpv_balloon_goal(15, 30, 20), 20);
}

static void delay_doubles_up_to_a_limit(struct kunit *test)
{
	static const unsigned int delays[] = { 1, 2, 4, 8, 16, 32, 32, 32 };

	for (unsigned int i = 0; i + 1 < ARRAY_SIZE(delays); i++)
		KUNIT_EXPECT_EQ(test, xenpv_balloon_next_delay(delays[i], 32), delays[i + 1]);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_next_delay(16, 20), 20);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_next_delay(0, 20), 1);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_next_delay(32, 0), 1);
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(floor_of_sizes),
	KUNIT_CASE(floor_grows),
	KUNIT_CASE(reserve_of_sizes),
	KUNIT_CASE(goal_is_within_bounds),
	KUNIT_CASE(delay_doubles_up_to_a_limit),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "xenpv_balloon_policy",
	.test_cases = policy_cases,
};
kunit_test_suite(policy_suite);
