// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of late acknowledge: who has to wait, how long, and who never has to. */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "harness.h"

static struct channel a, b;

static int eoi_init(struct kunit *test)
{
	event_test_start(test, &xenpv_event_fifo);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, true));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, true));
	return 0;
}

static void eoi_exit(struct kunit *test)
{
	if (!xenpv_fake_shared_info())
		return;
	event_test_unbind(&a);
	event_test_unbind(&b);
}

/* The peer sends, the driver is called and done; how long the peer has to wait. */
static u64 one_event(struct kunit *test, struct channel *ch, bool useful)
{
	unsigned int calls = ch->calls;
	u64 delay;

	event_test_send(ch);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, ch->calls, calls + 1);
	ch->owed = false;
	delay = xenpv_event_eoi_judge(ch->ev, useful);
	/* Then the wait is over at once, so that the next one can come. */
	xenpv_event_unmask_for(ch->ev, XENPV_MASK_DELAY);
	return delay;
}

static void use_up_credit(struct kunit *test, struct channel *ch)
{
	for (unsigned int i = 0; i < XENPV_EVENT_CREDIT; i++)
		KUNIT_EXPECT_EQ(test, one_event(test, ch, false), 0);
}

/* However many events: work in one of @of of them is enough. */
static void honest_never_waits(struct kunit *test)
{
	for (unsigned int of = 1; of <= 5; of++)
		for (unsigned int i = 0; i < 2000; i++)
			KUNIT_EXPECT_EQ(test, one_event(test, &a, i % of == 0), 0);
	KUNIT_EXPECT_EQ(test, a.ev->nr_delayed, 0);
}

/* Half of them without work, in no order: what an honest network peer can look like. */
static void honest_at_random_never_waits(struct kunit *test)
{
	for (unsigned int i = 0; i < 20000; i++)
		KUNIT_EXPECT_EQ(test, one_event(test, &a, xenpv_fake_rand(2)), 0);
}

/* A stretch without work, once in a while. */
static void honest_with_pauses_never_waits(struct kunit *test)
{
	for (unsigned int round = 0; round < 20; round++) {
		use_up_credit(test, &a);
		for (unsigned int i = 0; i < XENPV_EVENT_CREDIT / 4; i++)
			KUNIT_EXPECT_EQ(test, one_event(test, &a, true), 0);
	}
}

static void delay_grows_to_a_second(struct kunit *test)
{
	u64 want = NSEC_PER_MSEC;

	use_up_credit(test, &a);
	for (unsigned int i = 0; i < 30; i++) {
		KUNIT_EXPECT_EQ(test, one_event(test, &a, false), want);
		want = min_t(u64, 2 * want, NSEC_PER_SEC);
	}
	KUNIT_EXPECT_EQ(test, a.ev->nr_delayed, 30);
	KUNIT_EXPECT_EQ(test, a.ev->nr_spurious, XENPV_EVENT_CREDIT + 30);
	/* The other peer has nothing to do with it. */
	KUNIT_EXPECT_EQ(test, one_event(test, &b, false), 0);
}

static void work_ends_the_waiting(struct kunit *test)
{
	use_up_credit(test, &a);
	for (unsigned int i = 0; i < 12; i++)
		one_event(test, &a, false);
	KUNIT_EXPECT_EQ(test, one_event(test, &a, false), NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, one_event(test, &a, true), 0);
	/* What it earned, and then the delay begins anew. */
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, one_event(test, &a, false), 0);
	KUNIT_EXPECT_EQ(test, one_event(test, &a, false), NSEC_PER_MSEC);
}

static void done_twice_counts_once(struct kunit *test)
{
	event_test_send(&a);
	event_test_settle();
	event_test_done(&a, false);
	event_test_done(&a, false);
	event_test_done(&a, true);
	KUNIT_EXPECT_EQ(test, a.ev->nr_spurious, 1);
	KUNIT_EXPECT_EQ(test, a.ev->credit, XENPV_EVENT_CREDIT - 1);
}

static void done_before_the_first(struct kunit *test)
{
	event_test_done(&a, false);
	KUNIT_EXPECT_EQ(test, a.ev->nr_spurious, 0);
	event_test_send(&a);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
}

/* While it waits it stays masked, whatever else unmasks; and done does nothing. */
static void waiting_is_not_defeated(struct kunit *test)
{
	use_up_credit(test, &a);
	event_test_send(&a);
	event_test_settle();
	event_test_done(&a, false);
	event_test_send(&a);
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int calls = a.calls;

		event_test_done(&a, true);
		xenpv_event_mask(a.ev);
		xenpv_event_unmask(a.ev);
		xenpv_event_move(a.ev, !i);
		xenpv_event_raise(a.ev);
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, calls);
	}
	xenpv_fake_advance(NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, event_test_tick(), 0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, XENPV_EVENT_CREDIT + 2);
}

/* The end of the wait does not defeat another mask either. */
static void expiry_leaves_other_masks(struct kunit *test)
{
	unsigned int calls;

	use_up_credit(test, &a);
	event_test_send(&a);
	event_test_settle();
	event_test_done(&a, false);
	calls = a.calls;
	xenpv_event_mask(a.ev);
	event_test_send(&a);
	xenpv_fake_advance(NSEC_PER_SEC);
	event_test_tick();
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, calls);
	xenpv_event_unmask(a.ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, calls + 1);
}

static void expire_in_order(struct kunit *test)
{
	u64 now = xenpv_fake_now();

	use_up_credit(test, &a);
	use_up_credit(test, &b);
	one_event(test, &b, false);
	event_test_send(&a);
	event_test_send(&b);
	event_test_settle();
	/* 2 ms for b, then 1 ms for a: a is due first. */
	event_test_done(&b, false);
	event_test_done(&a, false);
	event_test_send(&a);
	event_test_send(&b);
	KUNIT_EXPECT_EQ(test, event_test_tick(), now + NSEC_PER_MSEC);
	event_test_settle();
	KUNIT_EXPECT_FALSE(test, a.owed || b.owed);

	xenpv_fake_advance(NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, event_test_tick(), now + 2 * NSEC_PER_MSEC);
	event_test_settle();
	KUNIT_EXPECT_TRUE(test, a.owed);
	KUNIT_EXPECT_FALSE(test, b.owed);

	xenpv_fake_advance(NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, event_test_tick(), 0);
	event_test_settle();
	KUNIT_EXPECT_TRUE(test, b.owed);
}

/* An event that is freed is not in the list any more. */
static void unbind_while_waiting(struct kunit *test)
{
	use_up_credit(test, &a);
	use_up_credit(test, &b);
	event_test_send(&a);
	event_test_send(&b);
	event_test_settle();
	event_test_done(&a, false);
	event_test_done(&b, false);
	event_test_unbind(&a);
	xenpv_fake_advance(NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, event_test_tick(), 0);
	event_test_send(&b);
	event_test_settle();
	KUNIT_EXPECT_TRUE(test, b.owed);
}

/* The real clock and the real timer, once. */
static void timer_unmasks(struct kunit *test)
{
	use_up_credit(test, &a);
	event_test_send(&a);
	event_test_settle();
	a.owed = false;
	xenpv_event_done(a.ev, false);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a.ev->reasons), XENPV_MASK_DELAY);
	for (unsigned int ms = 0; ms < 5000 && READ_ONCE(a.ev->reasons); ms++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a.ev->reasons), 0);
	event_test_send(&a);
	event_test_settle();
	KUNIT_EXPECT_TRUE(test, a.owed);
}

/*
 * The timer's handler has looked, and found the next one far away.  Before it says
 * so, it is interrupted by a driver that is done and wants to be looked at soon.
 */
static void later_timer_does_not_win(struct kunit *test)
{
	use_up_credit(test, &a);
	event_test_send(&a);
	event_test_settle();
	a.owed = false;
	scoped_guard(irqsave) {
		u64 looked = ktime_get_ns();

		xenpv_event_done(a.ev, false);
		xenpv_event_eoi_wake(looked, looked + 20 * NSEC_PER_SEC);
		KUNIT_EXPECT_EQ(test, a.ev->reasons, XENPV_MASK_DELAY);
	}
	for (unsigned int ms = 0; ms < 5000 && READ_ONCE(a.ev->reasons); ms += 20)
		msleep(20);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a.ev->reasons), 0);
}

static struct kunit_case eoi_cases[] = {
	KUNIT_CASE(honest_never_waits),
	KUNIT_CASE(honest_at_random_never_waits),
	KUNIT_CASE(honest_with_pauses_never_waits),
	KUNIT_CASE(delay_grows_to_a_second),
	KUNIT_CASE(work_ends_the_waiting),
	KUNIT_CASE(done_twice_counts_once),
	KUNIT_CASE(done_before_the_first),
	KUNIT_CASE(waiting_is_not_defeated),
	KUNIT_CASE(expiry_leaves_other_masks),
	KUNIT_CASE(expire_in_order),
	KUNIT_CASE(unbind_while_waiting),
	KUNIT_CASE(timer_unmasks),
	KUNIT_CASE(later_timer_does_not_win),
	{}
};

static struct kunit_suite eoi_suite = {
	.name = "xenpv_event_eoi",
	.init = eoi_init,
	.exit = eoi_exit,
	.test_cases = eoi_cases,
};
kunit_test_suite(eoi_suite);

MODULE_DESCRIPTION("KUnit tests for late acknowledge of Xen events");
MODULE_LICENSE("GPL");
