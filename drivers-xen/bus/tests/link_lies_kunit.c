// SPDX-License-Identifier: GPL-2.0-only
/* A peer that writes anything at any time: between any two requests of ours. */

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_link_lies."

static unsigned int rounds = 250;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How often a peer writes any bytes");

/* A place of the tree that a peer can write, and who sees it. */
static const char *liar_dir;
static const char *lie;
static unsigned int countdown;

static bool lies_then(const struct xsd_sockmsg *head, const char *body)
{
	if (countdown && !--countdown)
		bus_test_set(liar_dir, "state", lie);
	return true;
}

static const char * const states[] = {
	"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "255", "", "4x", NULL
};

static struct end *end_of(enum xenpv_side side)
{
	return &bus_ends[side][0];
}

static void make(enum xenpv_side side)
{
	if (side == XENPV_FRONT)
		bus_test_front();
	else
		bus_test_back();
}

static bool settle_honest(enum xenpv_side side)
{
	return bus_test_settle_with(side == XENPV_FRONT ? bus_test_far_back : bus_test_far_front);
}

/* A point of rest: our key and what the driver has agree. */
static void expect_rest(struct kunit *test, enum xenpv_side side, const char *what)
{
	const struct end *end = end_of(side);
	unsigned int own = bus_test_get_state(side == XENPV_FRONT ? FRONT_DIR : BACK_OF_FAR);

	if (!end->dev)
		return;
	if (own == XenbusStateConnected)
		KUNIT_EXPECT_GE_MSG(test, end->level, XENPV_LINK_CONNECTED, "%s", what);
	else if (own == XenbusStateInitialised)
		KUNIT_EXPECT_EQ_MSG(test, end->level, XENPV_LINK_CONNECTED, "%s", what);
	else if (own != XenbusStateClosing)
		KUNIT_EXPECT_EQ_MSG(test, end->level, XENPV_LINK_APART, "%s", what);
	KUNIT_EXPECT_NE_MSG(test, own, XenbusStateUnknown, "%s", what);
	KUNIT_EXPECT_EQ(test, end->dev->link.level, end->level);
}

static bool one_lie(struct kunit *test, enum xenpv_side side, unsigned int at, int i)
{
	char what[40];

	lie = states[i];
	scnprintf(what, sizeof(what), "'%s' at %u", lie ?: "nothing", at);
	make(side);
	countdown = at;
	xenpv_fake_store_on_request(lies_then);
	KUNIT_EXPECT_TRUE_MSG(test, settle_honest(side), "%s", what);
	xenpv_fake_store_on_request(NULL);
	expect_rest(test, side, what);
	bus_test_check(test);
	return !countdown && test->status == KUNIT_SUCCESS;
}

/* Each state at each request of a connection. */
static void lie_at_each_step(struct kunit *test, enum xenpv_side side)
{
	unsigned int longest = 0;

	liar_dir = side == XENPV_FRONT ? FAR_BACK : FAR_FRONT;
	bus_test_driver(test, side, true);
	for (int i = 0; i < ARRAY_SIZE(states); i++) {
		unsigned int at = 1;

		while (at < 200 && one_lie(test, side, at, i))
			at++;
		longest = max(longest, at);
	}
	KUNIT_EXPECT_GT(test, longest, 15);
	make(side);
	KUNIT_EXPECT_TRUE(test, settle_honest(side));
	KUNIT_EXPECT_EQ(test, end_of(side)->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_EQ(test, end_of(side)->probes, 1);
}

static void backs_lie(struct kunit *test)
{
	lie_at_each_step(test, XENPV_FRONT);
}

static void fronts_lie(struct kunit *test)
{
	lie_at_each_step(test, XENPV_BACK);
}

/* Any bytes, often, also in the middle. */
static struct rnd_state rnd;
static char bytes[64];

static void any_bytes(void)
{
	u32 len = prandom_u32_state(&rnd) % 4;

	if (!(prandom_u32_state(&rnd) % 8))
		len = sizeof(bytes) - 1;
	prandom_bytes_state(&rnd, bytes, len);
	bytes[len] = '\0';
	/* One in two is a state. */
	if (prandom_u32_state(&rnd) & 1) {
		bytes[0] = '0' + prandom_u32_state(&rnd) % 10;
		bytes[1] = '\0';
	}
	bus_test_set(liar_dir, "state", bytes);
}

static bool any_bytes_sometimes(const struct xsd_sockmsg *head, const char *body)
{
	if (!(prandom_u32_state(&rnd) % 16))
		any_bytes();
	return true;
}

static void noise(struct kunit *test, enum xenpv_side side)
{
	prandom_seed_state(&rnd, 255);
	liar_dir = side == XENPV_FRONT ? FAR_BACK : FAR_FRONT;
	bus_test_driver(test, side, true);
	for (unsigned int i = 0; i < rounds && test->status == KUNIT_SUCCESS; i++) {
		if (!(i % 8))
			make(side);
		xenpv_fake_store_on_request(any_bytes_sometimes);
		for (unsigned int n = 0; n < 4; n++) {
			any_bytes();
			store_test_settle();
			if (end_of(side)->dev)
				xenpv_link_run(end_of(side)->dev);
		}
		xenpv_fake_store_on_request(NULL);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		expect_rest(test, side, "noise");
		bus_test_check(test);
	}
}

static void backs_make_noise(struct kunit *test)
{
	noise(test, XENPV_FRONT);
}

static void fronts_make_noise(struct kunit *test)
{
	noise(test, XENPV_BACK);
}

/* A peer that never stops to change does not keep us for more than a run's steps. */
static bool flaps(const struct xsd_sockmsg *head, const char *body)
{
	static unsigned int n;

	bus_test_state(liar_dir, n++ & 1 ? XenbusStateInitWait : XenbusStateConnected);
	return true;
}

static void endless_changes(struct kunit *test)
{
	unsigned int asked = 0;

	liar_dir = FAR_BACK;
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	xenpv_fake_store_on_request(flaps);
	for (unsigned int i = 0; i < 20; i++) {
		unsigned int before = xenpv_fake_store_asked(XS_READ);

		xenpv_link_kick(end_of(XENPV_FRONT)->dev);
		xenpv_link_run(end_of(XENPV_FRONT)->dev);
		asked = max(asked, xenpv_fake_store_asked(XS_READ) - before);
	}
	xenpv_fake_store_on_request(NULL);
	/* A look reads five keys at most, a transaction two, and is tried again once. */
	KUNIT_EXPECT_LE(test, asked, XENPV_LINK_STEPS * 10);
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, settle_honest(XENPV_FRONT));
	KUNIT_EXPECT_EQ(test, end_of(XENPV_FRONT)->level, XENPV_LINK_STARTED);
	bus_test_check(test);
}

/* Two who want to run a link at the same time: one does, then the other. */
static int second_runner(void *arg)
{
	struct kunit *test = arg;

	current->kunit_test = test;
	while (!kthread_should_stop()) {
		struct xenpv_device *dev = end_of(XENPV_FRONT)->dev;

		if (dev && mutex_trylock(&dev->link.lock)) {
			if (atomic_read(&end_of(XENPV_FRONT)->inside))
				end_of(XENPV_FRONT)->bad = "a callback without the lock";
			mutex_unlock(&dev->link.lock);
		}
		cond_resched();
	}
	current->kunit_test = NULL;
	return 0;
}

static void one_callback_at_a_time(struct kunit *test)
{
	struct task_struct *task;

	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	task = kthread_run(second_runner, test, "xenpv-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (unsigned int i = 0; i < 50; i++) {
		bus_test_front();
		settle_honest(XENPV_FRONT);
	}
	kthread_stop(task);
	bus_test_check(test);
}

static int lies_init(struct kunit *test)
{
	bus_test_start(test);
	return 0;
}

static struct kunit_case lies_cases[] = {
	KUNIT_CASE_SLOW(backs_lie),
	KUNIT_CASE_SLOW(fronts_lie),
	KUNIT_CASE_SLOW(backs_make_noise),
	KUNIT_CASE_SLOW(fronts_make_noise),
	KUNIT_CASE(endless_changes),
	KUNIT_CASE(one_callback_at_a_time),
	{}
};

static struct kunit_suite lies_suite = {
	.name = "xenpv_link_lies",
	.init = lies_init,
	.test_cases = lies_cases,
};
kunit_test_suite(lies_suite);

MODULE_DESCRIPTION("Tests of links whose peer lies");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
