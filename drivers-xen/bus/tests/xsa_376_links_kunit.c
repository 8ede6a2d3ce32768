// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of what XSA-376 says of states, and of orders as in 157, 331, 350 and 374: a peer
 * that goes through its states in any order, as fast as it likes, and dies in between.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xsa_376_links."

static unsigned int flips = 300;
module_param(flips, uint, 0444);
MODULE_PARM_DESC(flips, "How often a peer connects and disconnects");

/* What a peer can write; the last one: it removes the key. */
static const char * const states[] = {
	"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "99", "", "-1", "4 ", NULL
};

/* A device whose peer is far, from one side. */
struct view {
	enum xenpv_side side;
	const char *peer_dir;
	void (*make)(void);
	void (*honest)(void);
};

static const struct view views[XENPV_SIDES] = {
	{ XENPV_FRONT, FAR_BACK, bus_test_front, bus_test_far_back },
	{ XENPV_BACK, FAR_FRONT, bus_test_back, bus_test_far_front },
};

static struct end *end_of(const struct view *view)
{
	return &bus_ends[view->side][0];
}

static void say(const struct view *view, const char *state)
{
	bus_test_set(view->peer_dir, "state", state);
}

/* Whatever it did before: made anew, and with an honest peer, the device works. */
static void expect_works(struct kunit *test, const struct view *view, const char *after)
{
	view->make();
	KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle_with(view->honest), "after %s", after);
	KUNIT_EXPECT_EQ_MSG(test, end_of(view)->level, XENPV_LINK_STARTED, "after %s", after);
	KUNIT_EXPECT_EQ(test, end_of(view)->probes, 1);
	bus_test_check(test);
}

static void pairs_of(struct kunit *test, const struct view *view)
{
	char after[32];

	bus_test_driver(test, view->side, true);
	for (int a = 0; a < ARRAY_SIZE(states); a++) {
		for (int b = 0; b < ARRAY_SIZE(states); b++) {
			scnprintf(after, sizeof(after), "%s, %s", states[a] ?: "nothing",
				  states[b] ?: "nothing");
			say(view, states[a]);
			KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle(), "%s", after);
			say(view, states[b]);
			KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle(), "%s", after);
			expect_works(test, view, after);
			if (test->status != KUNIT_SUCCESS)
				return;
		}
	}
}

/* 157: all pairs, from a connection. */
static void fronts_see_pairs(struct kunit *test)
{
	views[XENPV_FRONT].make();
	pairs_of(test, &views[XENPV_FRONT]);
}

static void backs_see_pairs(struct kunit *test)
{
	views[XENPV_BACK].make();
	pairs_of(test, &views[XENPV_BACK]);
}

/* Nothing in between: only the last one may be seen, or each, or some. */
static void sequences_of(struct kunit *test, const struct view *view)
{
	struct rnd_state rnd;
	char after[32];

	prandom_seed_state(&rnd, 157);
	bus_test_driver(test, view->side, true);
	view->make();
	for (unsigned int i = 0; i < flips; i++) {
		u32 length = prandom_u32_state(&rnd) % 12;

		for (u32 n = 0; n < length; n++) {
			say(view, states[prandom_u32_state(&rnd) % ARRAY_SIZE(states)]);
			if (prandom_u32_state(&rnd) & 1)
				store_test_settle();
			if (prandom_u32_state(&rnd) & 1 && end_of(view)->dev)
				xenpv_link_run(end_of(view)->dev);
		}
		scnprintf(after, sizeof(after), "sequence %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, bus_test_settle(), "%s", after);
		expect_works(test, view, after);
		if (test->status != KUNIT_SUCCESS)
			return;
	}
}

static void fronts_see_sequences(struct kunit *test)
{
	sequences_of(test, &views[XENPV_FRONT]);
}

static void backs_see_sequences(struct kunit *test)
{
	sequences_of(test, &views[XENPV_BACK]);
}

/*
 * 331, 350, 374: connected and closed as fast as can be.  Each connect has one disconnect,
 * each start one stop; what the last state asks for is what is there.
 */
static void fast_flips(struct kunit *test)
{
	const struct view *view = &views[XENPV_BACK];
	struct end *end = end_of(view);

	bus_test_driver(test, XENPV_BACK, true);
	view->make();
	KUNIT_ASSERT_TRUE(test, bus_test_settle_with(view->honest));
	for (unsigned int i = 0; i < flips; i++) {
		say(view, "5");
		if (i & 1)
			bus_test_settle();
		say(view, "6");
		if (i & 2)
			bus_test_settle();
		say(view, "1");
		if (i & 4)
			KUNIT_EXPECT_TRUE(test, bus_test_settle_with(view->honest));
		else if (end->dev)
			xenpv_link_run(end->dev);
	}
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(view->honest));
	KUNIT_EXPECT_EQ(test, end->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_EQ(test, end->connects, end->disconnects + 1);
	KUNIT_EXPECT_EQ(test, end->starts, end->stops + 1);
	KUNIT_EXPECT_GT(test, end->connects, flips / 8);
	say(view, "6");
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, end->connects, end->disconnects);
	KUNIT_EXPECT_EQ(test, end->starts, end->stops);
	bus_test_check(test);
}

/* N5: Closing, Closed and the end of the directory all at once: one teardown. */
static void torn_down_once(struct kunit *test)
{
	struct end *end = end_of(&views[XENPV_FRONT]);

	bus_test_driver(test, XENPV_FRONT, true);
	for (unsigned int i = 1; i <= 20; i++) {
		expect_works(test, &views[XENPV_FRONT], "teardown");
		say(&views[XENPV_FRONT], "5");
		say(&views[XENPV_FRONT], "6");
		xenpv_fake_store_remove(FAR_BACK);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, end->connects, i);
		KUNIT_EXPECT_EQ(test, end->disconnects, i);
		KUNIT_EXPECT_EQ(test, end->stops, i);
	}
	bus_test_check(test);
}

/*
 * N9: the domain of the back dies at each request of a connection, and leaves no state.
 * Another one comes, with the same number or another.
 */
static unsigned int countdown;

static bool dies(const struct xsd_sockmsg *head, const char *body)
{
	if (countdown && !--countdown)
		xenpv_fake_store_remove("/local/domain/7");
	return true;
}

static void remake(unsigned int at)
{
	if (at & 1) {
		bus_test_set("/local/domain/8/backend/test/1/0", "online", "1");
		bus_test_state("/local/domain/8/backend/test/1/0", XenbusStateInitialising);
		bus_test_set(FRONT_DIR, "backend", "/local/domain/8/backend/test/1/0");
		bus_test_set(FRONT_DIR, "backend-id", "8");
		bus_test_state(FRONT_DIR, XenbusStateInitialising);
	} else {
		bus_test_front();
	}
}

/* The honest back of domain 8: its directory is looked at as if it were that of 7. */
static void honest_eight(void)
{
	unsigned int front = bus_test_get_state(FRONT_DIR);
	const char *dir = "/local/domain/8/backend/test/1/0";
	unsigned int own = bus_test_get_state(dir);

	if (front == XenbusStateInitialising && own == XenbusStateInitialising)
		bus_test_state(dir, XenbusStateInitWait);
	else if (front == XenbusStateInitialised && own == XenbusStateInitWait)
		bus_test_state(dir, XenbusStateConnected);
}

static void count(struct xenpv_device *dev, void *nr)
{
	(*(unsigned int *)nr)++;
}

static void back_domain_dies(struct kunit *test)
{
	struct end *end = end_of(&views[XENPV_FRONT]);
	unsigned int at = 0;

	bus_test_driver(test, XENPV_FRONT, true);
	do {
		unsigned int nr = 0;

		bus_test_front();
		countdown = ++at;
		xenpv_fake_store_on_request(dies);
		bus_test_settle_with(bus_test_far_back);
		xenpv_fake_store_on_request(NULL);
		xenpv_fake_store_remove("/local/domain/7");
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		remake(at);
		KUNIT_EXPECT_TRUE(test, bus_test_settle_with(at & 1 ? honest_eight :
							     bus_test_far_back));
		KUNIT_EXPECT_EQ_MSG(test, end->level, XENPV_LINK_STARTED, "at %u", at);
		KUNIT_EXPECT_EQ(test, end->dev->peer, at & 1 ? 8 : 7);
		xenpv_bus_each(XENPV_FRONT, count, &nr);
		KUNIT_EXPECT_EQ(test, nr, 1);
		KUNIT_EXPECT_EQ(test, end->probes, 1);
	} while (!countdown && at < 300 && test->status == KUNIT_SUCCESS);
	KUNIT_EXPECT_GT(test, at, 20);
	bus_test_check(test);
}

/* The state of a back is set back under a front, without a word. */
static void back_is_reset(struct kunit *test)
{
	struct end *end = end_of(&views[XENPV_FRONT]);

	bus_test_driver(test, XENPV_FRONT, true);
	for (unsigned int to = XenbusStateInitialising; to <= XenbusStateInitWait; to++) {
		unsigned int connects;

		expect_works(test, &views[XENPV_FRONT], "reset");
		connects = end->connects;
		bus_test_state(FAR_BACK, to);
		KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
		KUNIT_EXPECT_EQ(test, end->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, end->connects, connects + 1);
	}
	bus_test_check(test);
}

static int xsa_376_init(struct kunit *test)
{
	bus_test_start(test);
	return 0;
}

static struct kunit_case xsa_376_cases[] = {
	KUNIT_CASE_SLOW(fronts_see_pairs),
	KUNIT_CASE_SLOW(backs_see_pairs),
	KUNIT_CASE_SLOW(fronts_see_sequences),
	KUNIT_CASE_SLOW(backs_see_sequences),
	KUNIT_CASE(fast_flips),
	KUNIT_CASE(torn_down_once),
	KUNIT_CASE_SLOW(back_domain_dies),
	KUNIT_CASE(back_is_reset),
	{}
};

static struct kunit_suite xsa_376_suite = {
	.name = "xsa_376_links",
	.init = xsa_376_init,
	.test_cases = xsa_376_cases,
};
kunit_test_suite(xsa_376_suite);

MODULE_DESCRIPTION("Replay of XSA-376 on links");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
