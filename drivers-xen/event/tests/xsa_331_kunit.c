// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-331: an event comes while its channel is being bound or closed, and
 * the number goes to somebody else.
 */

#include <kunit/test.h>
#include <linux/string.h>

#include "harness.h"

/*
 * What others do is delivered at every step of bind and unbind: each access to
 * shared memory, each hypercall and each step of Xen in it, and each lock.  A round
 * may leave a task that could go on at most SWITCHES times; the upcall is such a
 * task, so it comes at every step, and is itself left at every step.
 */
#define SWITCHES	2

enum { CPU0, CPU1, ADMIN, SENDER };

static struct {
	struct channel first, second;
	unsigned long dropped;
} s;

static void *round_begins(struct kunit *test)
{
	memset(&s, 0, sizeof(s));
	event_test_reset();
	s.dropped = xenpv_event_nr_dropped();
	return &s;
}

static void *round_with_channel(struct kunit *test)
{
	round_begins(test);
	if (!event_test_bind(&s.first, 0, true))
		xenpv_fake_bad("no channel to begin with");
	return &s;
}

static void round_ends(void *state)
{
	event_test_unbind(&s.first);
	event_test_unbind(&s.second);
}

static void cpu0(void *state)
{
	event_test_serve(0, BIT(ADMIN) | BIT(SENDER));
}

static void cpu1(void *state)
{
	event_test_serve(1, BIT(ADMIN) | BIT(SENDER));
}

/* The peer sends without pause to what has the number now. */
static void sender(void *state)
{
	for (unsigned int i = 0; i < 2; i++)
		event_test_send(s.second.port ? &s.second : &s.first);
}

static void unbind(void *state)
{
	event_test_unbind(&s.first);
}

/* The lowest number is the one that has just become free. */
static void unbind_and_bind(void *state)
{
	event_test_unbind(&s.first);
	if (!event_test_bind(&s.second, 1, true))
		xenpv_fake_bad("no second channel");
}

static void bind(void *state)
{
	if (!event_test_bind(&s.first, 1, true))
		xenpv_fake_bad("no channel");
}

/* Each event was handled by who had the port, or dropped and counted. */
static const char *nothing_is_lost(void *state)
{
	struct channel *last = s.second.ev ? &s.second : &s.first;

	event_test_settle();
	if (xenpv_fake_event_stuck())
		return xenpv_fake_event_stuck();
	if (last->ev && last->owed) {
		event_test_done(last, true);
		event_test_settle();
	}
	if (last->ev && last->seen != last->sends)
		return "the last event found no handler";
	if (event_test_doubled(s.first.calls + s.second.calls,
			       s.first.sends + s.second.sends))
		return "an event was handled twice";
	if (xenpv_event_nr_dropped() - s.dropped > s.first.sends + s.second.sends)
		return "an event was dropped that nobody sent";
	return NULL;
}

/* Without anything that the end of a round has to make up for. */
static const char *all_is_closed(void *state)
{
	const char *error = nothing_is_lost(state);

	if (!error && (xenpv_fake_event_open() || s.first.ev))
		return "a port is still open";
	return error;
}

static void explore(struct kunit *test, struct xenpv_fake_scene *scene)
{
	event_test_start(test, NULL);
	scene->nr_tasks = 4;
	scene->peers = BIT(SENDER);
	scene->tasks[CPU0] = cpu0;
	scene->tasks[CPU1] = cpu1;
	scene->tasks[SENDER] = sender;
	scene->teardown = round_ends;
	scene->max_switches = SWITCHES;
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, scene), 10);
}

static void upcall_at_each_step_of_unbind(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = round_with_channel,
		.tasks[ADMIN] = unbind,
		.check = all_is_closed,
	};

	explore(test, &scene);
}

static void upcall_at_each_step_of_bind(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = round_begins,
		.tasks[ADMIN] = bind,
		.check = nothing_is_lost,
	};

	explore(test, &scene);
}

static void port_changes_owner(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = round_with_channel,
		.tasks[ADMIN] = unbind_and_bind,
		.check = nothing_is_lost,
	};

	explore(test, &scene);
}

KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name);

static struct kunit_case xsa_331_cases[] = {
	KUNIT_CASE_PARAM(upcall_at_each_step_of_unbind, layout_gen_params),
	KUNIT_CASE_PARAM(upcall_at_each_step_of_bind, layout_gen_params),
	KUNIT_CASE_PARAM(port_changes_owner, layout_gen_params),
	{}
};

static struct kunit_suite xsa_331_suite = {
	.name = "xsa_331",
	.test_cases = xsa_331_cases,
};
kunit_test_suite(xsa_331_suite);

MODULE_DESCRIPTION("XSA-331 replayed against the event room");
MODULE_LICENSE("GPL");
