// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the allocator of references. */

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/workqueue.h>

#include "room.h"

#define FRAMES		3
#define PER_FRAME	512
/* The first ones are not ours to give. */
#define NR_REFS		(FRAMES * PER_FRAME - GNTTAB_NR_RESERVED_ENTRIES)

static int refs[NR_REFS];
static unsigned int calls;

static void called(struct xenpv_grant_waiter *waiter)
{
	calls++;
}

static int refs_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = FRAMES };

	room_start(test, &room);
	calls = 0;
	return 0;
}

static void take_all(struct kunit *test)
{
	for (unsigned int i = 0; i < NR_REFS; i++) {
		refs[i] = xenpv_grant_ref_take();
		KUNIT_ASSERT_GE(test, refs[i], 0);
	}
}

static void give_all(void)
{
	for (unsigned int i = 0; i < NR_REFS; i++)
		xenpv_grant_ref_give(refs[i]);
}

static void take_each_once(struct kunit *test)
{
	DECLARE_BITMAP(seen, FRAMES * PER_FRAME) = {};

	take_all(test);
	for (unsigned int i = 0; i < NR_REFS; i++) {
		KUNIT_ASSERT_GE(test, refs[i], GNTTAB_NR_RESERVED_ENTRIES);
		KUNIT_ASSERT_LT(test, refs[i], FRAMES * PER_FRAME);
		KUNIT_EXPECT_FALSE(test, test_and_set_bit(refs[i], seen));
	}
	give_all();
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), NR_REFS);
}

static void take_grows_the_table(struct kunit *test)
{
	unsigned int max, size;

	for (unsigned int i = 0; i < NR_REFS; i++) {
		refs[i] = xenpv_grant_ref_take();
		size = xenpv_grant_table_size(&max);
		/* No frame more than needed, but for what a cache takes at once. */
		KUNIT_EXPECT_LE(test, size, round_up(i + 1 + GNTTAB_NR_RESERVED_ENTRIES,
						     PER_FRAME));
	}
	give_all();
}

static void take_until_exhausted(struct kunit *test)
{
	take_all(test);
	for (unsigned int i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, xenpv_grant_ref_take(), -ENOSPC);
	xenpv_grant_ref_give(refs[0]);
	KUNIT_EXPECT_EQ(test, xenpv_grant_ref_take(), refs[0]);
	KUNIT_EXPECT_EQ(test, xenpv_grant_ref_take(), -ENOSPC);
	give_all();
}

/* Xen refuses another frame: as good as exhausted, and no reason to give up for ever. */
static void take_when_growing_fails(struct kunit *test)
{
	for (unsigned int i = 0; i < PER_FRAME - GNTTAB_NR_RESERVED_ENTRIES; i++)
		refs[i] = xenpv_grant_ref_take();
	xenpv_fake_fail_at(1, -ENOMEM);
	KUNIT_EXPECT_GE(test, xenpv_grant_ref_take(), 0);
	/* The first try failed, the second did not. */
	KUNIT_EXPECT_GE(test, xenpv_grant_ref_take(), 0);
}

/* What the caches of other CPUs hold can be had. */
static long give_there(void *unused)
{
	for (unsigned int i = 0; i < 8; i++)
		xenpv_grant_ref_give(refs[i]);
	return 0;
}

static void take_from_other_caches(struct kunit *test)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	if (other >= nr_cpu_ids)
		kunit_skip(test, "one CPU");
	take_all(test);
	KUNIT_ASSERT_EQ(test, work_on_cpu(other, give_there, NULL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), 8);
	for (unsigned int i = 0; i < 8; i++) {
		refs[i] = xenpv_grant_ref_take();
		KUNIT_EXPECT_GE(test, refs[i], 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_grant_ref_take(), -ENOSPC);
	give_all();
}

/* CPUs that take and give at once, with drain_all() of whoever finds nothing. */
static unsigned long used[BITS_TO_LONGS(FRAMES * PER_FRAME)];
static atomic_t clashes;

static void take_and_give(struct work_struct *unused)
{
	int mine[3];

	for (unsigned int round = 0; round < 3000; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(mine); i++) {
			mine[i] = xenpv_grant_ref_take();
			/* None, if another one was faster: whoever wants one waits. */
			if (mine[i] >= 0 && test_and_set_bit(mine[i], used))
				atomic_inc(&clashes);
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(mine); i++) {
			if (mine[i] < 0)
				continue;
			clear_bit(mine[i], used);
			xenpv_grant_ref_give(mine[i]);
		}
	}
}

static void take_at_once(struct kunit *test)
{
	/* Just enough for all, wherever they are. */
	unsigned int spare = num_online_cpus() * 3;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	take_all(test);
	for (unsigned int i = 0; i < spare; i++)
		xenpv_grant_ref_give(refs[i]);
	atomic_set(&clashes, 0);
	KUNIT_ASSERT_EQ(test, schedule_on_each_cpu(take_and_give), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&clashes), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), spare);
	for (unsigned int i = 0; i < spare; i++) {
		refs[i] = xenpv_grant_ref_take();
		KUNIT_EXPECT_GE(test, refs[i], 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_grant_ref_take(), -ENOSPC);
	give_all();
}

static void wait_until_given(struct kunit *test)
{
	struct xenpv_grant_waiter waiter = { .fn = called };

	INIT_LIST_HEAD(&waiter.list);
	take_all(test);
	xenpv_grant_ref_wait(&waiter, 1);
	xenpv_grant_ref_wait(&waiter, 1);
	KUNIT_EXPECT_EQ(test, calls, 0);
	xenpv_grant_ref_give(refs[0]);
	KUNIT_EXPECT_EQ(test, calls, 1);
	xenpv_grant_ref_give(refs[1]);
	KUNIT_EXPECT_EQ(test, calls, 1);
	refs[0] = xenpv_grant_ref_take();
	refs[1] = xenpv_grant_ref_take();
	give_all();
}

static void wait_for_enough(struct kunit *test)
{
	struct xenpv_grant_waiter few = { .fn = called }, many = { .fn = called };

	INIT_LIST_HEAD(&few.list);
	INIT_LIST_HEAD(&many.list);
	take_all(test);
	xenpv_grant_ref_wait(&many, 3);
	xenpv_grant_ref_wait(&few, 3);
	xenpv_grant_ref_wait(&few, 2);
	xenpv_grant_ref_give(refs[0]);
	KUNIT_EXPECT_EQ(test, calls, 0);
	xenpv_grant_ref_give(refs[1]);
	KUNIT_EXPECT_EQ(test, calls, 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&few.list));
	xenpv_grant_ref_give(refs[2]);
	KUNIT_EXPECT_EQ(test, calls, 2);
	for (unsigned int i = 0; i < 3; i++)
		refs[i] = xenpv_grant_ref_take();
	give_all();
}

static void wait_when_there_are_some(struct kunit *test)
{
	struct xenpv_grant_waiter waiter = { .fn = called };

	INIT_LIST_HEAD(&waiter.list);
	xenpv_grant_ref_wait(&waiter, 1);
	KUNIT_EXPECT_EQ(test, calls, 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&waiter.list));
}

/* The table could not grow when it was asked for enough, and can now. */
static void wait_until_the_table_grows(struct kunit *test)
{
	struct xenpv_grant_waiter waiter = { .fn = called };
	unsigned int nr = PER_FRAME - GNTTAB_NR_RESERVED_ENTRIES;

	INIT_LIST_HEAD(&waiter.list);
	for (unsigned int i = 0; i < nr; i++)
		refs[i] = xenpv_grant_ref_take();
	xenpv_grant_ref_wait(&waiter, 3);
	KUNIT_EXPECT_EQ(test, calls, 0);
	refs[nr] = xenpv_grant_ref_take();
	KUNIT_EXPECT_GE(test, refs[nr], 0);
	KUNIT_EXPECT_EQ(test, calls, 1);
	xenpv_grant_ref_unwait(&waiter);
	for (unsigned int i = 0; i <= nr; i++)
		xenpv_grant_ref_give(refs[i]);
}

/*
 * Who counts while others drain the caches may count too few.  As if that had
 * happened: there are enough, and the waiter was not called.
 */
static void wait_until_drained(struct kunit *test)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	struct xenpv_grant_waiter waiter = { .fn = called };

	if (other >= nr_cpu_ids)
		kunit_skip(test, "one CPU");
	INIT_LIST_HEAD(&waiter.list);
	take_all(test);
	xenpv_grant_ref_wait(&waiter, NR_REFS);
	KUNIT_ASSERT_EQ(test, work_on_cpu(other, give_there, NULL), 0);
	KUNIT_EXPECT_EQ(test, calls, 0);
	waiter.wanted = 2;
	refs[0] = xenpv_grant_ref_take();
	KUNIT_EXPECT_GE(test, refs[0], 0);
	KUNIT_EXPECT_EQ(test, calls, 1);
	xenpv_grant_ref_unwait(&waiter);
	for (unsigned int i = 1; i < 8; i++)
		refs[i] = xenpv_grant_ref_take();
	give_all();
}

static void unwait_is_final(struct kunit *test)
{
	struct xenpv_grant_waiter one = { .fn = called }, two = { .fn = called };

	INIT_LIST_HEAD(&one.list);
	INIT_LIST_HEAD(&two.list);
	take_all(test);
	xenpv_grant_ref_wait(&one, 1);
	xenpv_grant_ref_wait(&two, 1);
	xenpv_grant_ref_unwait(&one);
	xenpv_grant_ref_unwait(&one);
	xenpv_grant_ref_give(refs[0]);
	KUNIT_EXPECT_EQ(test, calls, 1);
	refs[0] = xenpv_grant_ref_take();
	give_all();
}

/* In any order, each reference has one owner. */
static void take_and_give_at_random(struct kunit *test)
{
	DECLARE_BITMAP(mine, FRAMES * PER_FRAME) = {};
	unsigned int nr = 0;

	for (unsigned int i = 0; i < 200000; i++) {
		if (xenpv_fake_rand(100) < 52) {
			int ref = xenpv_grant_ref_take();

			if (ref < 0) {
				KUNIT_EXPECT_EQ(test, nr, NR_REFS);
				continue;
			}
			KUNIT_ASSERT_FALSE(test, test_and_set_bit(ref, mine));
			refs[nr++] = ref;
		} else if (nr) {
			unsigned int which = xenpv_fake_rand(nr);

			clear_bit(refs[which], mine);
			xenpv_grant_ref_give(refs[which]);
			refs[which] = refs[--nr];
		}
	}
	while (nr)
		xenpv_grant_ref_give(refs[--nr]);
}

static struct kunit_case refs_cases[] = {
	KUNIT_CASE(take_each_once),
	KUNIT_CASE(take_grows_the_table),
	KUNIT_CASE(take_until_exhausted),
	KUNIT_CASE(take_when_growing_fails),
	KUNIT_CASE(take_from_other_caches),
	KUNIT_CASE(take_at_once),
	KUNIT_CASE(wait_until_given),
	KUNIT_CASE(wait_for_enough),
	KUNIT_CASE(wait_when_there_are_some),
	KUNIT_CASE(wait_until_the_table_grows),
	KUNIT_CASE(wait_until_drained),
	KUNIT_CASE(unwait_is_final),
	KUNIT_CASE(take_and_give_at_random),
	{}
};

static struct kunit_suite refs_suite = {
	.name = "xenpv_grant_refs",
	.init = refs_init,
	.test_cases = refs_cases,
};
kunit_test_suite(refs_suite);
