// SPDX-License-Identifier: GPL-2.0-only
/* Random walks: the engine on both ends of a device, a toolstack, and accidents. */

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_link_walks."

static unsigned int walks = 40;
module_param(walks, uint, 0444);
MODULE_PARM_DESC(walks, "How many walks, of 60 steps each");

#define STEPS	60

static struct rnd_state rnd;
static struct kunit *walker;

static u32 below(u32 n)
{
	return prandom_u32_state(&rnd) % n;
}

static struct xenpv_device *device(int side)
{
	return bus_ends[side][0].dev;
}

/* What can happen. */

static void end_runs(void)
{
	struct xenpv_device *dev = device(below(XENPV_SIDES));

	if (dev)
		xenpv_link_run(dev);
}

static void removal(void)
{
	bus_test_set(BACK_DIR, "online", "0");
	bus_test_state(BACK_DIR, XenbusStateClosing);
}

static void directories_go(void)
{
	if (bus_test_get_state(BACK_DIR) != XenbusStateClosed)
		return;
	xenpv_fake_store_remove(FRONT_DIR);
	xenpv_fake_store_remove(BACK_DIR);
}

static void fault(void)
{
	struct xenpv_device *dev = device(below(XENPV_SIDES));

	if (dev)
		xenpv_link_fault(dev, "walk %u", below(100));
}

static void rebound(void)
{
	int side = below(XENPV_SIDES);

	bus_test_driver(walker, side, false);
	bus_test_driver(walker, side, true);
}

static void foreign_write(void)
{
	bus_test_state(below(2) ? FRONT_DIR : BACK_DIR, below(XENPV_LINK_STATES));
}

static void peer_says_nonsense(void)
{
	static const char * const nonsense[] = { "", "9", "44", "x", "-1", "4\n" };

	bus_test_set(below(2) ? FRONT_DIR : BACK_DIR, "state",
		     nonsense[below(ARRAY_SIZE(nonsense))]);
}

static void connect_fails(void)
{
	bus_ends[below(XENPV_SIDES)][0].fail_part = below(PARTS + 1);
}

static void readiness(void)
{
	bus_ends[XENPV_BACK][0].not_ready = below(2);
	if (device(XENPV_BACK))
		xenpv_link_kick(device(XENPV_BACK));
}

static void daemon_restarts(void)
{
	xenpv_store_daemon_went();
	xenpv_fake_store_restart();
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	xenpv_store_pump();
}

static void restored(void)
{
	if (xenpv_bus_suspend())
		return;
	if (below(2))
		xenpv_bus_thaw();
	else
		xenpv_bus_resume();
}

static void settle_some(void)
{
	store_test_settle();
	xenpv_bus_look(below(XENPV_SIDES));
}

static void (*const accidents[])(void) = {
	end_runs, end_runs, end_runs, settle_some, settle_some, removal, directories_go, fault,
	rebound, foreign_write, peer_says_nonsense, connect_fails, readiness, restored,
	daemon_restarts,
};

/* Also in the middle of what an end does: between any two of its requests. */
static bool meddle(const struct xsd_sockmsg *head, const char *body)
{
	static bool inside;

	if (inside || below(12))
		return true;
	inside = true;
	if (below(2))
		foreign_write();
	else
		removal();
	inside = false;
	return true;
}

/* The toolstack makes the device anew, and nothing goes wrong any more. */
static void expect_recovery(struct kunit *test, unsigned int walk)
{
	struct end *front = &bus_ends[XENPV_FRONT][0], *back = &bus_ends[XENPV_BACK][0];

	xenpv_fake_store_on_request(NULL);
	front->fail_part = 0;
	back->fail_part = 0;
	back->not_ready = false;
	KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle(), "walk %u does not rest", walk);
	bus_test_pair();
	KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle(), "walk %u does not rest again", walk);
	KUNIT_EXPECT_EQ_MSG(test, bus_test_get_state(FRONT_DIR), XenbusStateConnected,
			    "front, walk %u", walk);
	KUNIT_EXPECT_EQ_MSG(test, bus_test_get_state(BACK_DIR), XenbusStateConnected,
			    "back, walk %u", walk);
	KUNIT_EXPECT_EQ(test, front->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_EQ(test, back->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_EQ(test, front->ring, back->ring);
	bus_test_check(test);
}

static void walk(struct kunit *test, bool like_net)
{
	walker = test;
	prandom_seed_state(&rnd, 376 + like_net);
	bus_test_start(test);
	bus_drivers[XENPV_FRONT].publish_as = like_net ? XenbusStateConnected :
							XenbusStateInitialised;
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_driver(test, XENPV_BACK, true);
	for (unsigned int i = 0; i < walks && test->status == KUNIT_SUCCESS; i++) {
		bus_test_pair();
		if (below(2))
			bus_test_settle();
		xenpv_fake_store_on_request(meddle);
		for (unsigned int step = 0; step < STEPS; step++)
			accidents[below(ARRAY_SIZE(accidents))]();
		expect_recovery(test, i);
	}
}

static void blocks_walk(struct kunit *test)
{
	walk(test, false);
}

static void nets_walk(struct kunit *test)
{
	walk(test, true);
}

/* Without accidents: connected, removed, gone; and again. */
static void plain_life(struct kunit *test)
{
	struct end *front = &bus_ends[XENPV_FRONT][0], *back = &bus_ends[XENPV_BACK][0];

	bus_test_start(test);
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_driver(test, XENPV_BACK, true);
	for (unsigned int life = 1; life <= 3; life++) {
		bus_test_pair();
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, front->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, back->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, front->connects, life);
		KUNIT_EXPECT_EQ(test, back->connects, life);
		KUNIT_EXPECT_EQ(test, front->ring, back->ring);
		removal();
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
		KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_DIR), XenbusStateClosed);
		KUNIT_EXPECT_NULL(test, back->dev);
		directories_go();
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_NULL(test, front->dev);
		bus_test_check(test);
	}
}

/* The removal is asked for at each request of the connection: it is never lost. */
static unsigned int countdown;

static bool remove_then(const struct xsd_sockmsg *head, const char *body)
{
	if (countdown && !--countdown)
		removal();
	return true;
}

/* A front that was not offered anything may as well wait. */
static void expect_apart(struct kunit *test, unsigned int at)
{
	unsigned int front = bus_test_get_state(FRONT_DIR);

	KUNIT_EXPECT_EQ_MSG(test, bus_test_get_state(BACK_DIR), XenbusStateClosed,
			    "at request %u", at);
	KUNIT_EXPECT_TRUE_MSG(test, front == XenbusStateClosed ||
			      front == XenbusStateInitialising, "at request %u", at);
	KUNIT_EXPECT_EQ(test, bus_ends[XENPV_FRONT][0].level, XENPV_LINK_APART);
}

static void removal_at_each_step(struct kunit *test)
{
	unsigned int at = 0;

	bus_test_start(test);
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_driver(test, XENPV_BACK, true);
	do {
		bus_test_pair();
		countdown = ++at;
		xenpv_fake_store_on_request(remove_then);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		xenpv_fake_store_on_request(NULL);
		if (countdown) {
			removal();
			KUNIT_EXPECT_TRUE(test, bus_test_settle());
		}
		expect_apart(test, at);
		directories_go();
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_NULL(test, bus_ends[XENPV_FRONT][0].dev);
		KUNIT_EXPECT_NULL(test, bus_ends[XENPV_BACK][0].dev);
	} while (!countdown && at < 500);
	KUNIT_EXPECT_GT(test, at, 30);
	KUNIT_EXPECT_LT(test, at, 500);
	bus_test_check(test);
}

static struct kunit_case walks_cases[] = {
	KUNIT_CASE(plain_life),
	KUNIT_CASE(removal_at_each_step),
	KUNIT_CASE_SLOW(blocks_walk),
	KUNIT_CASE_SLOW(nets_walk),
	{}
};

static struct kunit_suite walks_suite = {
	.name = "xenpv_link_walks",
	.test_cases = walks_cases,
};
kunit_test_suite(walks_suite);

MODULE_DESCRIPTION("Random walks of links");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
