// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the balloon with a Xen that stops half-way, fails, and has nothing to give. */

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "room.h"

KUNIT_ARRAY_PARAM(kind, memroom_kinds, memroom_kind_name);

/* On target there is no timer, no hypercall and nothing to do. */
static void idle_on_target(struct kunit *test)
{
	memroom_start(test, 0);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	xenpv_fake_forget();
	memroom_advance(1000 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
	KUNIT_EXPECT_EQ(test, memroom_stats().looks, 0);

	/* Somebody thinks that there is something to do. */
	xenpv_balloon_look();
	KUNIT_EXPECT_EQ(test, memroom_settle(), 1);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);

	/* A target that it is on already: Xen is asked for its limit, that is all. */
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_target(SIZE), 0);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 1);
	memroom_check(test, SIZE);
}

/* And so it is again when it came there. */
static void idle_after_work(struct kunit *test)
{
	memroom_start(test, 0);
	memroom_go(test, SIZE - 1000);
	memroom_check(test, SIZE - 1000);
	xenpv_fake_forget();
	memroom_advance(1000 * MSEC_PER_SEC);
	xenpv_balloon_look();
	memroom_settle();
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
}

static void reaches_each_target(struct kunit *test)
{
	static const unsigned long targets[] = {
		SIZE - 1, SIZE - 2, SIZE, SIZE - XENPV_BALLOON_BATCH,
		SIZE - XENPV_BALLOON_BATCH - 1, FLOOR + 1, FLOOR, FLOOR + 1, SIZE - 777,
		SIZE - 1, SIZE,
	};

	memroom_start(test, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(targets); i++) {
		memroom_go(test, targets[i]);
		memroom_check(test, targets[i]);
		KUNIT_EXPECT_EQ(test, xenpv_stock_nr(), SIZE - targets[i]);
	}
}

/* A batch at a time; others run in between. */
static void steps_are_short(struct kunit *test)
{
	unsigned long last = SIZE, now;

	memroom_start(test, 0);
	xenpv_balloon_set_target(FLOOR);
	for (unsigned int way = 0; way < 2; way++) {
		while (memroom_planned()) {
			KUNIT_EXPECT_EQ(test, memroom_delay(), 0);
			memroom_step();
			now = xenpv_balloon_current();
			KUNIT_EXPECT_NE(test, now, last);
			last = now;
		}
		xenpv_balloon_set_target(SIZE);
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_decrease_reservation),
			FLOOR / XENPV_BALLOON_BATCH);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_populate_physmap),
			FLOOR / XENPV_BALLOON_BATCH);
}

static void target_zero_stops_at_the_floor(struct kunit *test)
{
	memroom_start(test, 0);
	for (unsigned int i = 0; i < 3; i++) {
		memroom_go(test, 0);
		memroom_check(test, FLOOR);
		memroom_go(test, FLOOR - 1);
		memroom_check(test, FLOOR);
		memroom_go(test, FLOOR + 100);
		memroom_check(test, FLOOR + 100);
	}
}

static void target_above_the_limit(struct kunit *test)
{
	memroom_start(test, 0);
	memroom_go(test, SIZE - 100);
	memroom_go(test, ULONG_MAX);
	memroom_check(test, SIZE);
	memroom_go(test, SIZE - 100);
	xenpv_fake_memory_set_max(SIZE - 40);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE - 40);
	/* The toolstack has a limit of its own. */
	xenpv_balloon_set_static_max(SIZE - 50);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE - 50);
	xenpv_balloon_set_static_max(SIZE * 100);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE - 40);
}

/* Xen does not say how large we may be: as large as at boot. */
static void limit_is_not_known(struct kunit *test)
{
	struct xenpv_balloon_state state;

	memroom_start(test, SIZE + 500);
	xenpv_fake_fail_at(1, -EPERM);
	memroom_go(test, SIZE + 200);
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.ceiling, SIZE);
	memroom_check(test, SIZE);
}

/* RAM can't be added to this kernel: the target is met as far as can be. */
static void target_above_what_there_is(struct kunit *test)
{
	memroom_start(test, SIZE + 500);
	memroom_go(test, SIZE + 200);
	memroom_check(test, SIZE);
	memroom_go(test, SIZE - 10);
	memroom_go(test, SIZE + 200);
	memroom_check(test, SIZE);
}

#define NR	40

static void half_way_at_each_page(struct kunit *test)
{
	static const unsigned int cmds[] = {
		XENMEM_decrease_reservation, XENMEM_populate_physmap,
	};
	static const unsigned long targets[] = { SIZE - NR, SIZE };

	memroom_start(test, 0);
	for (unsigned int k = 0; k <= NR; k++) {
		for (unsigned int way = 0; way < 2; way++) {
			xenpv_fake_memory_stop_after(cmds[way], k);
			xenpv_balloon_set_target(targets[way]);
			memroom_settle();
			memroom_check(test, way ? SIZE - NR + k : SIZE - k);
			KUNIT_EXPECT_EQ(test, memroom_planned(), k < NR);
			if (k < NR)
				KUNIT_EXPECT_EQ(test, memroom_delay(), MSEC_PER_SEC);
			memroom_advance(2 * MSEC_PER_SEC);
			KUNIT_EXPECT_FALSE(test, memroom_planned());
			memroom_check(test, targets[way]);
		}
	}
	/* Those that Xen did not take were ours again, and are counted. */
	KUNIT_EXPECT_EQ(test, memroom_stats().refused, NR * (NR + 1));
	KUNIT_EXPECT_EQ(test, memroom_stats().given, NR * (NR + 1));
	KUNIT_EXPECT_EQ(test, memroom_stats().taken, NR * (NR + 1));
}

/* Each hypercall of the way there and back fails once, with each errno. */
static void each_hypercall_fails(struct kunit *test)
{
	static const long errors[] = { -EPERM, -ENOMEM, -EFAULT, -EINVAL, -EBUSY, -ENOSYS };

	memroom_start(test, 0);
	for (unsigned int e = 0; e < ARRAY_SIZE(errors); e++) {
		for (unsigned int nth = 1; nth <= 16; nth++) {
			xenpv_fake_fail_at(nth, errors[e]);
			memroom_go(test, SIZE - 10);
			memroom_check(test, SIZE - 10);
			xenpv_fake_fail_at(nth, errors[e]);
			memroom_go(test, SIZE);
			memroom_check(test, SIZE);
			xenpv_fake_fail_at(0, 0);
		}
	}
}

/* Xen took 5 of 10, and the second of the others does not become visible again. */
static void frame_is_lost(struct kunit *test)
{
	memroom_start(test, SIZE + 10);
	xenpv_balloon_set_target(SIZE - 10);
	xenpv_fake_memory_stop_after(XENMEM_decrease_reservation, 5);
	xenpv_fake_fail_at(10 + 1 + 2, -EINVAL);
	memroom_settle();
	memroom_lost(1);
	memroom_check(test, SIZE - 6);
	memroom_advance(2 * MSEC_PER_SEC);
	memroom_check(test, SIZE - 10);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE);
}

static void delays_grow_and_end(struct kunit *test)
{
	static const unsigned int delays[] = { 1, 2, 4, 8, 16, 32, 32, 32, 32 };
	struct xenpv_balloon_state state;

	memroom_start(test, 0);
	memroom_go(test, SIZE - 100);
	xenpv_fake_memory_take(xenpv_fake_memory_spare());
	xenpv_balloon_set_target(SIZE);
	memroom_settle();
	for (unsigned int i = 0; i < ARRAY_SIZE(delays); i++) {
		KUNIT_EXPECT_EQ(test, memroom_delay(), delays[i] * MSEC_PER_SEC);
		xenpv_balloon_state(&state);
		KUNIT_EXPECT_EQ(test, state.tries, i + 2);
		memroom_advance(delays[i] * MSEC_PER_SEC);
	}
	/* Some progress: hope. */
	xenpv_fake_memory_take(-30);
	memroom_advance(32 * MSEC_PER_SEC);
	memroom_check(test, SIZE - 70);
	KUNIT_EXPECT_EQ(test, memroom_delay(), MSEC_PER_SEC);
	/* The target goes away. */
	xenpv_balloon_set_target(SIZE - 70);
	memroom_advance(100 * MSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.delay, 1);
	KUNIT_EXPECT_EQ(test, state.tries, 1);
}

static void gives_up_trying(struct kunit *test)
{
	memroom_start(test, 0);
	memroom_go(test, SIZE - 100);
	xenpv_fake_memory_take(xenpv_fake_memory_spare());
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_max_tries(3), 0);
	xenpv_balloon_set_target(SIZE);
	memroom_advance(1000 * MSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	KUNIT_EXPECT_EQ(test, memroom_stats().abandoned, 1);
	KUNIT_EXPECT_EQ(test, memroom_stats().delayed, 2);
	memroom_check(test, SIZE - 100);
	xenpv_fake_memory_take(-100);
	memroom_go(test, SIZE);
	memroom_check(test, SIZE);
}

/* A target in the middle of the way: the last word counts. */
static void target_changes_on_the_way(struct kunit *test)
{
	memroom_start(test, 0);
	xenpv_balloon_set_target(FLOOR);
	memroom_step();
	memroom_step();
	memroom_check(test, SIZE - 2 * XENPV_BALLOON_BATCH);
	xenpv_balloon_set_target(SIZE - 3);
	memroom_settle();
	memroom_check(test, SIZE - 3);
	xenpv_balloon_set_target(FLOOR);
	memroom_step();
	xenpv_balloon_set_target(SIZE);
	memroom_settle();
	memroom_check(test, SIZE);
}

/* Programs keep a reserve, whatever the target. */
static void memory_is_short(struct kunit *test)
{
	unsigned long reserve = xenpv_balloon_reserve(SIZE);

	memroom_start(test, 0);
	memroom_available(reserve);
	xenpv_balloon_set_target(FLOOR);
	memroom_advance(10 * MSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, memroom_planned());
	memroom_check(test, SIZE);
	KUNIT_EXPECT_EQ(test, memroom_stats().given, 0);

	/* Not a page of the reserve. */
	memroom_available(reserve + 7);
	memroom_advance(memroom_delay());
	memroom_check(test, SIZE - 7);
	KUNIT_EXPECT_EQ(test, memroom_delay(), MSEC_PER_SEC);
	memroom_available(0);
	memroom_advance(100 * MSEC_PER_SEC);
	memroom_check(test, SIZE - 7);
	memroom_available(SPARE);
	memroom_advance(100 * MSEC_PER_SEC);
	memroom_check(test, FLOOR);
}

/* Before a program is killed the balloon gives way, and comes back later. */
static void gives_way_before_oom(struct kunit *test)
{
	memroom_start(test, 0);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_relieve(100), 0);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	memroom_go(test, SIZE - 500);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_relieve(100), 100);
	memroom_check(test, SIZE - 400);
	KUNIT_EXPECT_EQ(test, memroom_stats().relieved, 100);
	KUNIT_EXPECT_EQ(test, memroom_delay(), XENPV_BALLOON_DELAY * MSEC_PER_SEC);
	/* There is still not enough. */
	memroom_available(0);
	memroom_advance(40 * MSEC_PER_SEC);
	memroom_check(test, SIZE - 400);
	memroom_available(SPARE);
	memroom_advance(40 * MSEC_PER_SEC);
	memroom_check(test, SIZE - 500);
	KUNIT_EXPECT_FALSE(test, memroom_planned());

	/* Xen has not more. */
	xenpv_fake_memory_take(xenpv_fake_memory_spare() - 5);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_relieve(100), 5);
	memroom_check(test, SIZE - 495);
}

static void nothing_moves_while_saved(struct kunit *test)
{
	memroom_start(test, 0);
	memroom_go(test, SIZE - 500);
	xenpv_balloon_set_target(SIZE - 100);
	xenpv_balloon_suspend();
	xenpv_fake_forget();
	memroom_advance(100 * MSEC_PER_SEC);
	xenpv_balloon_set_target(SIZE - 200);
	memroom_advance(100 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_relieve(100), 0);
	memroom_check(test, SIZE - 500);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_populate_physmap), 0);
	xenpv_balloon_resume();
	memroom_settle();
	memroom_check(test, SIZE - 200);
}

/* A domain whose map has more RAM than it has frames counts from its largest size. */
static void counts_from_the_largest_size(struct kunit *test)
{
	const struct xenpv_fake_memory *kind = test->param_value;
	struct xenpv_balloon_state state;

	memroom_start(test, 0);
	xenpv_balloon_set_static_max(SIZE + 300);
	xenpv_balloon_set_static_max(SIZE + 300);
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.size, kind->translated ? SIZE + 300 : SIZE);
	KUNIT_EXPECT_EQ(test, state.asked, state.size);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	/* More than the map has: nobody can mean that. */
	xenpv_balloon_set_static_max(ULONG_MAX);
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.size, kind->translated ? SIZE + 300 : SIZE);
	xenpv_balloon_set_target(SIZE);
	memroom_settle();
	KUNIT_EXPECT_EQ(test, xenpv_stock_nr(), kind->translated ? 300 : 0);
	xenpv_fake_memory_set_max(SIZE + 300);
	xenpv_balloon_set_target(SIZE + 300);
	memroom_settle();
	KUNIT_EXPECT_EQ(test, xenpv_stock_nr(), 0);
	/* For the end of the case. */
	xenpv_balloon_stop();
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_target(SIZE), -ENODEV);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_start(), 0);
}

static void limits_of_knobs(struct kunit *test)
{
	struct xenpv_balloon_state state;

	memroom_start(test, 0);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_max_delay(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_max_delay(XENPV_BALLOON_MAX_DELAY + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_max_delay(3), 0);
	memroom_go(test, SIZE - 10);
	xenpv_fake_memory_take(xenpv_fake_memory_spare());
	xenpv_balloon_set_target(SIZE);
	memroom_advance(100 * MSEC_PER_SEC);
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.delay, 3);
	KUNIT_EXPECT_LE(test, memroom_delay(), 3 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_max_delay(2), 0);
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.delay, 2);
}

static struct kunit_case balloon_cases[] = {
	KUNIT_CASE_PARAM(idle_on_target, kind_gen_params),
	KUNIT_CASE_PARAM(idle_after_work, kind_gen_params),
	KUNIT_CASE_PARAM(reaches_each_target, kind_gen_params),
	KUNIT_CASE_PARAM(steps_are_short, kind_gen_params),
	KUNIT_CASE_PARAM(target_zero_stops_at_the_floor, kind_gen_params),
	KUNIT_CASE_PARAM(target_above_the_limit, kind_gen_params),
	KUNIT_CASE_PARAM(limit_is_not_known, kind_gen_params),
	KUNIT_CASE_PARAM(target_above_what_there_is, kind_gen_params),
	KUNIT_CASE_PARAM(half_way_at_each_page, kind_gen_params),
	KUNIT_CASE_PARAM(each_hypercall_fails, kind_gen_params),
	KUNIT_CASE(frame_is_lost),
	KUNIT_CASE_PARAM(delays_grow_and_end, kind_gen_params),
	KUNIT_CASE_PARAM(gives_up_trying, kind_gen_params),
	KUNIT_CASE_PARAM(target_changes_on_the_way, kind_gen_params),
	KUNIT_CASE_PARAM(memory_is_short, kind_gen_params),
	KUNIT_CASE_PARAM(gives_way_before_oom, kind_gen_params),
	KUNIT_CASE_PARAM(nothing_moves_while_saved, kind_gen_params),
	KUNIT_CASE_PARAM(counts_from_the_largest_size, kind_gen_params),
	KUNIT_CASE_PARAM(limits_of_knobs, kind_gen_params),
	{}
};

static struct kunit_suite balloon_suite = {
	.name = "xenpv_balloon",
	.test_cases = balloon_cases,
};
kunit_test_suite(balloon_suite);
