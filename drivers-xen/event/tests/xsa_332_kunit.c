// SPDX-License-Identifier: GPL-2.0-only
/* Replay of XSA-332: a guest sends events faster than they can be served. */

#include <kunit/test.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "storm.h"

#define NR_STORMS	8
#define SECONDS		60

/* What a peer without work gets before the delay has grown to a second. */
#define BEFORE_LIMIT	(XENPV_EVENT_CREDIT + 11)

static struct storm storms[NR_STORMS];

static void begin(struct kunit *test)
{
	event_test_start(test, NULL);
	memset(storms, 0, sizeof(storms));
	for (unsigned int i = 0; i < NR_STORMS; i++)
		KUNIT_ASSERT_TRUE(test, event_test_bind(&storms[i].ch, i % NR_CPUS_USED, true));
}

static void end(struct kunit *test)
{
	for (unsigned int i = 0; i < NR_STORMS; i++)
		event_test_unbind(&storms[i].ch);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

/* Eight ports for a minute, nothing in any ring: one wake-up a second in the end. */
static void storm_without_work(struct kunit *test)
{
	unsigned long at_limit[NR_STORMS];

	begin(test);
	storm_blow(storms, NR_STORMS, 3 * NSEC_PER_SEC, NULL);
	for (unsigned int i = 0; i < NR_STORMS; i++) {
		at_limit[i] = storms[i].wakeups;
		KUNIT_EXPECT_LE(test, at_limit[i], BEFORE_LIMIT + 3);
	}
	storm_blow(storms, NR_STORMS, SECONDS * NSEC_PER_SEC, NULL);
	for (unsigned int i = 0; i < NR_STORMS; i++) {
		KUNIT_EXPECT_LE(test, storms[i].wakeups - at_limit[i], SECONDS);
		/* But it is not deaf either. */
		KUNIT_EXPECT_GE(test, storms[i].wakeups - at_limit[i], SECONDS - 2);
	}
	end(test);
}

static u64 next_work;

/* A request now and then, never two at once. */
static void add_work(struct storm *storms, unsigned int nr)
{
	if (xenpv_fake_now() < next_work)
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (!storms[i].work_at)
			storms[i].work_at = xenpv_fake_now();
	next_work = xenpv_fake_now() +
		    xenpv_fake_rand(4 * USEC_PER_SEC) * NSEC_PER_USEC;
}

static void request_among_the_useless(struct kunit *test)
{
	begin(test);
	next_work = 0;
	storm_blow(storms, NR_STORMS, 5 * SECONDS * NSEC_PER_SEC, add_work);
	for (unsigned int i = 0; i < NR_STORMS; i++) {
		KUNIT_EXPECT_GT(test, storms[i].served, 5 * SECONDS / 5);
		KUNIT_EXPECT_LT(test, storms[i].worst, 11 * NSEC_PER_SEC / 10);
		/* A request buys a few wake-ups and the growth of a delay. */
		KUNIT_EXPECT_LE(test, storms[i].wakeups,
				BEFORE_LIMIT + 5 * SECONDS + storms[i].served * 16);
	}
	end(test);
}

/* Nobody reads: the port stays masked. */
static void driver_never_done(struct kunit *test)
{
	begin(test);
	storms[0].asleep = true;
	storm_blow(storms, 1, SECONDS * NSEC_PER_SEC, NULL);
	KUNIT_EXPECT_EQ(test, storms[0].wakeups, 1);
	end(test);
}

/* After the storm the port is as quick as ever, with its first request. */
static void storm_leaves_nothing(struct kunit *test)
{
	begin(test);
	storm_blow(storms, 1, SECONDS * NSEC_PER_SEC, NULL);
	storms[0].silent = true;
	storm_blow(storms, 1, 2 * NSEC_PER_SEC, NULL);
	for (unsigned int i = 0; i < 50; i++) {
		storms[0].work_at = xenpv_fake_now();
		event_test_send(&storms[0].ch);
		storm_blow(storms, 1, NSEC_PER_MSEC, NULL);
	}
	KUNIT_EXPECT_EQ(test, storms[0].served, 50);
	KUNIT_EXPECT_LE(test, storms[0].worst, SERVICE_NS);
	end(test);
}

/* d) The races of unmasking: every order with at most this many tasks left early. */
#define SWITCHES	2

enum { CPU0, CPU1, DRIVER, SENDER };

static struct {
	struct channel ch;
	bool checked;
} s;

static void *round_begins(struct kunit *test)
{
	memset(&s, 0, sizeof(s));
	event_test_reset();
	if (!event_test_bind(&s.ch, 0, true))
		xenpv_fake_bad("no channel");
	return &s;
}

static void round_ends(void *state)
{
	if (s.checked)
		event_test_unbind(&s.ch);
}

static void cpu0(void *state)
{
	event_test_serve(0, BIT(DRIVER) | BIT(SENDER));
}

static void cpu1(void *state)
{
	event_test_serve(1, BIT(DRIVER) | BIT(SENDER));
}

static void sender(void *state)
{
	for (unsigned int i = 0; i < 2; i++)
		event_test_send(&s.ch);
}

static bool work_or_end(void *unused)
{
	return s.ch.owed || xenpv_fake_ended(SENDER);
}

/* On another CPU than the event; what is left to do at the end the check does. */
static void driver_done(void *state)
{
	for (unsigned int i = 0; i < 2; i++) {
		xenpv_fake_wait(work_or_end, NULL);
		if (!s.ch.owed)
			return;
		event_test_done(&s.ch, true);
	}
}

static void driver_masks(void *state)
{
	xenpv_event_mask(s.ch.ev);
	xenpv_event_unmask(s.ch.ev);
	driver_done(state);
}

/* N12: affinity changes while the end of the interrupt is outstanding. */
static void driver_moves(void *state)
{
	xenpv_fake_wait(work_or_end, NULL);
	if (xenpv_event_move(s.ch.ev, 1))
		xenpv_fake_bad("Xen refused to move a port");
	driver_done(state);
}

static const char *none_lost_none_doubled(void *state)
{
	s.checked = true;
	for (unsigned int i = 0; i < 3; i++) {
		event_test_settle();
		if (s.ch.owed)
			event_test_done(&s.ch, true);
	}
	if (xenpv_fake_event_stuck())
		return xenpv_fake_event_stuck();
	if (s.ch.seen != s.ch.sends)
		return "an event was lost";
	return event_test_doubled(s.ch.calls, s.ch.sends);
}

static void explore(struct kunit *test, void (*driver)(void *state))
{
	struct xenpv_fake_scene scene = {
		.setup = round_begins,
		.tasks = { cpu0, cpu1, driver, sender },
		.nr_tasks = 4,
		.peers = BIT(SENDER),
		.check = none_lost_none_doubled,
		.teardown = round_ends,
		.max_switches = SWITCHES,
	};

	event_test_start(test, NULL);
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 10);
}

static void race_of_done(struct kunit *test)
{
	explore(test, driver_done);
}

static void race_of_unmask(struct kunit *test)
{
	explore(test, driver_masks);
}

static void race_of_move(struct kunit *test)
{
	explore(test, driver_moves);
}

KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name);

static struct kunit_case xsa_332_cases[] = {
	KUNIT_CASE_PARAM(storm_without_work, layout_gen_params),
	KUNIT_CASE_PARAM(request_among_the_useless, layout_gen_params),
	KUNIT_CASE_PARAM(driver_never_done, layout_gen_params),
	KUNIT_CASE_PARAM(storm_leaves_nothing, layout_gen_params),
	KUNIT_CASE_PARAM(race_of_done, layout_gen_params),
	KUNIT_CASE_PARAM(race_of_unmask, layout_gen_params),
	KUNIT_CASE_PARAM(race_of_move, layout_gen_params),
	{}
};

static struct kunit_suite xsa_332_suite = {
	.name = "xsa_332",
	.test_cases = xsa_332_cases,
};
kunit_test_suite(xsa_332_suite);

MODULE_DESCRIPTION("XSA-332 replayed against the event room");
MODULE_LICENSE("GPL");
