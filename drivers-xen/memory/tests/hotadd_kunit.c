// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a domain that becomes larger than at boot: RAM that comes now, later, never. */

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/time64.h>

#include "room.h"

KUNIT_ARRAY_PARAM(kind, memroom_kinds, memroom_kind_name);

#define BLOCK	300

static struct {
	struct kunit *test;
	unsigned int calls;
	unsigned int offline;
	long error;
} h;

static void bring_online(void)
{
	for (; h.offline; h.offline--)
		xenpv_stock_put(memroom_new_page(h.test));
	xenpv_balloon_look();
}

static long add_block(void)
{
	h.calls++;
	if (h.error)
		return h.error;
	h.offline += BLOCK;
	bring_online();
	return BLOCK;
}

static long add_block_offline(void)
{
	h.calls++;
	h.offline += BLOCK;
	return BLOCK;
}

static void start(struct kunit *test, long (*add)(void))
{
	memset(&h, 0, sizeof(h));
	h.test = test;
	memroom_start(test, SIZE + 1000);
	memroom_ram(add);
}

/* Blocks are larger than what is asked for; what is too much waits for later. */
static void becomes_larger_than_at_boot(struct kunit *test)
{
	start(test, add_block);
	memroom_go(test, SIZE + 1);
	memroom_check(test, SIZE + 1);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	KUNIT_EXPECT_EQ(test, xenpv_stock_nr(), BLOCK - 1);
	memroom_go(test, SIZE + BLOCK);
	memroom_check(test, SIZE + BLOCK);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	memroom_go(test, SIZE + 2 * BLOCK + 1);
	memroom_check(test, SIZE + 2 * BLOCK + 1);
	KUNIT_EXPECT_EQ(test, h.calls, 3);
	KUNIT_EXPECT_EQ(test, memroom_stats().added, 3 * BLOCK);
	memroom_go(test, SIZE - 500);
	memroom_check(test, SIZE - 500);
	memroom_go(test, SIZE + 900);
	memroom_check(test, SIZE + 900);
	KUNIT_EXPECT_EQ(test, h.calls, 3);
}

/* Nothing is added before all that was given up came back. */
static void what_was_given_up_comes_first(struct kunit *test)
{
	start(test, add_block);
	memroom_go(test, SIZE - 700);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE);
	KUNIT_EXPECT_EQ(test, h.calls, 0);
}

/* Nor for what peers have at the moment. */
static void what_was_lent_is_not_replaced(struct kunit *test)
{
	struct page *chain;

	start(test, add_block);
	chain = xenpv_scratch_take(10, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, chain);
	memroom_go(test, SIZE);
	KUNIT_EXPECT_EQ(test, h.calls, 0);
	memroom_check(test, SIZE - 10);
	xenpv_scratch_give(chain);
	memroom_go(test, SIZE);
	KUNIT_EXPECT_EQ(test, h.calls, 0);
	memroom_check(test, SIZE);
}

static void not_above_the_limit(struct kunit *test)
{
	start(test, add_block);
	xenpv_fake_memory_set_max(SIZE + 10);
	memroom_go(test, SIZE + 900);
	memroom_check(test, SIZE + 10);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	memroom_go(test, SIZE + 900);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
}

/* Somebody has to bring it online; until then there is nothing to do. */
static void waits_until_it_is_online(struct kunit *test)
{
	start(test, add_block_offline);
	xenpv_balloon_set_target(SIZE + 100);
	memroom_settle();
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	memroom_check(test, SIZE);
	xenpv_fake_forget();
	memroom_advance(1000 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
	bring_online();
	memroom_settle();
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	memroom_check(test, SIZE + 100);
}

static void tries_again(struct kunit *test)
{
	start(test, add_block);
	h.error = -ENOMEM;
	xenpv_balloon_set_target(SIZE + 100);
	memroom_settle();
	KUNIT_EXPECT_EQ(test, memroom_delay(), MSEC_PER_SEC);
	memroom_advance(10 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, h.calls, 4);
	h.error = 0;
	memroom_advance(10 * MSEC_PER_SEC);
	memroom_check(test, SIZE + 100);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
}

/* One that can't will not be asked without end. */
static void can_never_be(struct kunit *test)
{
	start(test, add_block);
	h.error = -EOPNOTSUPP;
	memroom_go(test, SIZE + 100);
	memroom_check(test, SIZE);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	xenpv_fake_forget();
	memroom_advance(1000 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, h.calls, 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
}

static struct kunit_case hotadd_cases[] = {
	KUNIT_CASE_PARAM(becomes_larger_than_at_boot, kind_gen_params),
	KUNIT_CASE_PARAM(what_was_given_up_comes_first, kind_gen_params),
	KUNIT_CASE_PARAM(what_was_lent_is_not_replaced, kind_gen_params),
	KUNIT_CASE_PARAM(not_above_the_limit, kind_gen_params),
	KUNIT_CASE_PARAM(waits_until_it_is_online, kind_gen_params),
	KUNIT_CASE_PARAM(tries_again, kind_gen_params),
	KUNIT_CASE_PARAM(can_never_be, kind_gen_params),
	{}
};

static struct kunit_suite hotadd_suite = {
	.name = "xenpv_balloon_hotadd",
	.test_cases = hotadd_cases,
};
kunit_test_suite(hotadd_suite);
