// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-349: a guest rewrites nodes that a backend watches, faster than they
 * are served.
 */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xsa_349."

static unsigned int writes = 20000;
module_param(writes, uint, 0444);
MODULE_PARM_DESC(writes, "How often each node is written");

/* What the kernel may hold of all this, whoever writes how much. */
#define MEMORY	(64 * 1024)

#define GUEST	"/local/domain/9/device/vif/0"

/**
 * struct device - a watch of a backend
 * @watch: the watch
 * @calls: how often it was called
 */
struct device {
	struct xenpv_store_watch watch;
	unsigned int calls;
};

static struct completion entered, leave;

/* As long as the test wants, however slow the machine. */
static void busy(struct xenpv_store_watch *watch, const char *path)
{
	complete(&entered);
	wait_for_completion(&leave);
}

static void let_go(void *unused)
{
	complete_all(&leave);
}

static void start_busy(struct kunit *test)
{
	init_completion(&entered);
	init_completion(&leave);
	store_test_start(test, true);
	/* Before the store ends, which waits for its watches. */
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, let_go, NULL), 0);
}

static void look(struct xenpv_store_watch *watch, const char *path)
{
	container_of(watch, struct device, watch)->calls++;
}

static void watch_node(struct kunit *test, struct device *device, const char *dir,
		       void (*changed)(struct xenpv_store_watch *watch, const char *path))
{
	*device = (struct device){ .watch = { .dir = dir, .node = "", .changed = changed } };
	KUNIT_ASSERT_EQ(test, xenpv_store_watch(&device->watch), 0);
}

/* Paths that wait for a watch, and what they take. */
static void expect_bounded(struct kunit *test, const struct device *device)
{
	KUNIT_EXPECT_LE(test, device->watch.nr_events, XENPV_STORE_WATCH_EVENTS);
	KUNIT_EXPECT_LE(test, xenpv_store_watch_bytes(), MEMORY / 2);
}

static void take_all(void)
{
	while (xenpv_fake_store_unsent()) {
		xenpv_fake_store_serve();
		xenpv_store_pump();
	}
}

static void write_once(unsigned int i)
{
	char path[80], value[16];

	scnprintf(value, sizeof(value), "%u", i);
	xenpv_fake_store_set(GUEST "/state", value);
	xenpv_fake_store_set(GUEST "/hotplug-status", value);
	/* Names that were never there before; a thousand of them. */
	scnprintf(path, sizeof(path), GUEST "/child-%u", i % 1000);
	xenpv_fake_store_set(path, value);
}

/* The last value is seen; a neighbour is served; the memory is bounded all the time. */
static void flood(struct kunit *test)
{
	static struct device handler, state, whole, neighbour;

	start_busy(test);
	watch_node(test, &state, GUEST "/state", look);
	watch_node(test, &whole, GUEST, look);
	watch_node(test, &neighbour, "/local/domain/8/device/vif/0/state", look);
	store_test_settle();
	watch_node(test, &handler, "/busy", busy);
	xenpv_fake_store_serve();
	xenpv_store_pump();
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&entered, 20 * HZ), 0);

	for (unsigned int i = 0; i <= writes; i++) {
		write_once(i);
		if (i % 64)
			continue;
		take_all();
		expect_bounded(test, &whole);
		expect_bounded(test, &state);
	}
	xenpv_fake_store_set("/local/domain/8/device/vif/0/state", "4");
	take_all();
	KUNIT_EXPECT_EQ(test, state.watch.nr_events, 0);
	KUNIT_EXPECT_EQ(test, state.calls, 1);

	/* One call for all that was written to the node, and one for the neighbour. */
	complete_all(&leave);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, state.calls, 2);
	KUNIT_EXPECT_EQ(test, neighbour.calls, 2);
	KUNIT_EXPECT_LE(test, whole.calls, 2 + XENPV_STORE_WATCH_EVENTS);
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_bytes(), 0);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());

	xenpv_store_unwatch(&handler.watch);
	xenpv_store_unwatch(&state.watch);
	xenpv_store_unwatch(&whole.watch);
	xenpv_store_unwatch(&neighbour.watch);
}

/* What the node says, and what the slow handler has made of it. */
static unsigned int now, acted_on;

static void act(struct xenpv_store_watch *watch, const char *path)
{
	unsigned int seen = READ_ONCE(now);

	usleep_range(100, 200);
	WRITE_ONCE(acted_on, seen);
}

/* Each change is followed by a call that begins after it: the last value is acted on. */
static void last_value(struct kunit *test)
{
	static struct device device;

	now = 0;
	store_test_start(test, true);
	watch_node(test, &device, GUEST "/state", act);
	store_test_settle();
	for (unsigned int i = 1; i <= 300; i++) {
		WRITE_ONCE(now, i);
		xenpv_fake_store_set(GUEST "/state", "");
		take_all();
		if (i % 7 == 0) {
			xenpv_store_watch_flush();
			KUNIT_EXPECT_EQ(test, READ_ONCE(acted_on), i);
		}
	}
	xenpv_store_watch_flush();
	KUNIT_EXPECT_EQ(test, READ_ONCE(acted_on), 300);
	xenpv_store_unwatch(&device.watch);
}

/* Many watches of one guest, long names: what all of them hold has an end, too. */
static void many_watches(struct kunit *test)
{
	static struct device devices[100], handler;
	static char dirs[100][48];
	char *path = kunit_kzalloc(test, XENSTORE_ABS_PATH_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, path);
	start_busy(test);
	for (int i = 0; i < ARRAY_SIZE(devices); i++) {
		scnprintf(dirs[i], sizeof(dirs[i]), "/local/domain/9/device/vbd/%d", i);
		watch_node(test, &devices[i], dirs[i], look);
	}
	store_test_settle();
	watch_node(test, &handler, "/busy", busy);
	xenpv_fake_store_serve();
	xenpv_store_pump();
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&entered, 20 * HZ), 0);

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < ARRAY_SIZE(devices); i++) {
			int len = scnprintf(path, 64, "%s/%d-", dirs[i], round);

			memset(path + len, 'n', 2000);
			path[len + 2000] = '\0';
			xenpv_fake_store_set(path, "1");
			take_all();
			expect_bounded(test, &devices[i]);
		}
	}
	complete_all(&leave);
	store_test_settle();
	for (int i = 0; i < ARRAY_SIZE(devices); i++) {
		KUNIT_EXPECT_GT(test, devices[i].calls, 1);
		xenpv_store_unwatch(&devices[i].watch);
	}
	xenpv_store_unwatch(&handler.watch);
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_bytes(), 0);
}

static struct kunit_case xsa_349_cases[] = {
	KUNIT_CASE(flood),
	KUNIT_CASE(last_value),
	KUNIT_CASE(many_watches),
	{}
};

static struct kunit_suite xsa_349_suite = {
	.name = "xsa_349",
	.test_cases = xsa_349_cases,
};
kunit_test_suite(xsa_349_suite);

MODULE_DESCRIPTION("Replay of XSA-349 on the store");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
