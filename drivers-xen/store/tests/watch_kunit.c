// SPDX-License-Identifier: GPL-2.0-only
/* Tests of watches: what is called for what, what is merged, what is dropped, removal. */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "room.h"

/* Holds calls until the case lets them go. */
static struct {
	struct xenpv_store_watch watch;
	struct completion entered;
	struct completion leave;
	struct xenpv_store_watch *removes;
} slow;

static void stay(struct xenpv_store_watch *watch, const char *path)
{
	complete(&slow.entered);
	wait_for_completion_timeout(&slow.leave, 20 * HZ);
	if (slow.removes)
		xenpv_store_unwatch(slow.removes);
}

static void slow_start(struct kunit *test)
{
	slow.removes = NULL;
	init_completion(&slow.entered);
	init_completion(&slow.leave);
	slow.watch = (struct xenpv_store_watch){ .dir = "slow", .node = "", .changed = stay };
	KUNIT_ASSERT_EQ(test, xenpv_store_watch(&slow.watch), 0);
	xenpv_fake_store_serve();
	xenpv_store_pump();
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&slow.entered, 20 * HZ), 0);
}

static void slow_end(void)
{
	complete_all(&slow.leave);
	store_test_settle();
	xenpv_store_unwatch(&slow.watch);
}

/* What the daemon has said arrives, and no call is waited for. */
static void arrive(void)
{
	while (xenpv_fake_store_unsent()) {
		xenpv_fake_store_serve();
		xenpv_store_pump();
	}
	xenpv_store_pump();
}

static void called(struct kunit *test)
{
	static struct seen seen;

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/local/domain/0", "backend"), 0);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	KUNIT_EXPECT_EQ(test, seen.wholes, 1);
	xenpv_fake_store_set("/local/domain/0/backend/vif/1/state", "1");
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 2);
	KUNIT_EXPECT_STREQ(test, seen.last, "/local/domain/0/backend/vif/1/state");
	xenpv_fake_store_set("/local/domain/0/backends", "1");
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 2);
	xenpv_store_unwatch(&seen.watch);
	xenpv_store_unwatch(&seen.watch);
	xenpv_fake_store_set("/local/domain/0/backend", "1");
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 2);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
}

static void relative_and_special(struct kunit *test)
{
	static struct seen relative, special;

	KUNIT_ASSERT_EQ(test, store_test_watch(&relative, "device", ""), 0);
	KUNIT_ASSERT_EQ(test, store_test_watch(&special, "", "@releaseDomain"), 0);
	store_test_settle();
	xenpv_fake_store_set(HOME "/device/vbd", "1");
	xenpv_fake_store_set("@releaseDomain", "");
	store_test_settle();
	KUNIT_EXPECT_STREQ(test, relative.last, "device/vbd");
	KUNIT_EXPECT_EQ(test, special.wholes, 2);
	xenpv_store_unwatch(&relative.watch);
	xenpv_store_unwatch(&special.watch);
}

static void refused(struct kunit *test)
{
	static struct seen seen;

	KUNIT_EXPECT_EQ(test, store_test_watch(&seen, "a b", ""), -EINVAL);
	xenpv_store_unwatch(&seen.watch);
	xenpv_fake_store_limits.watches = 0;
	KUNIT_EXPECT_EQ(test, store_test_watch(&seen, "a", ""), -E2BIG);
	xenpv_store_unwatch(&seen.watch);
	xenpv_fake_store_limits.watches = 10;
	KUNIT_EXPECT_EQ(test, store_test_watch(&seen, "a", ""), 0);
	xenpv_store_unwatch(&seen.watch);
}

/* One call, however often it has changed meanwhile; each path for itself. */
static void merged(struct kunit *test)
{
	static struct seen seen;

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
	store_test_settle();
	slow_start(test);
	for (unsigned int i = 0; i < 100; i++) {
		xenpv_fake_store_set("/a/b", "1");
		xenpv_fake_store_set("/a/c", "1");
		xenpv_fake_store_set("/a", "1");
	}
	arrive();
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	slow_end();
	KUNIT_EXPECT_EQ(test, seen.calls, 4);
	KUNIT_EXPECT_EQ(test, seen.wholes, 2);
	/* And again when it changes again. */
	xenpv_fake_store_set("/a/b", "2");
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 5);
	xenpv_store_unwatch(&seen.watch);
}

/* Too many paths become one call for the whole. */
static void too_many(struct kunit *test)
{
	static struct seen seen;
	char path[32];

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
	store_test_settle();
	slow_start(test);
	for (unsigned int i = 0; i < XENPV_STORE_WATCH_EVENTS; i++) {
		scnprintf(path, sizeof(path), "/a/%u", i);
		xenpv_fake_store_set(path, "");
	}
	arrive();
	KUNIT_EXPECT_GT(test, xenpv_store_watch_bytes(), 0);
	slow_end();
	KUNIT_EXPECT_EQ(test, seen.calls, 1 + XENPV_STORE_WATCH_EVENTS);

	slow_start(test);
	for (unsigned int i = 0; i <= XENPV_STORE_WATCH_EVENTS; i++) {
		scnprintf(path, sizeof(path), "/a/%u", i);
		xenpv_fake_store_set(path, "");
	}
	arrive();
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_bytes(), 0);
	slow_end();
	KUNIT_EXPECT_EQ(test, seen.calls, 2 + XENPV_STORE_WATCH_EVENTS);
	KUNIT_EXPECT_EQ(test, seen.wholes, 2);
	xenpv_store_unwatch(&seen.watch);
}

/* XSA-115 and 349: names that are none of ours. */
static void foreign_events(struct kunit *test)
{
	static const struct {
		const char *body;
		u32 len;
	} cases[] = {
		{ "/b\0" "%u", 0 }, { "/ab\0" "%u", 0 }, { "\0" "%u", 0 }, { "/a/b c\0" "%u", 0 },
		{ "/a/\0" "%u", 0 }, { "/a//b\0" "%u", 0 }, { "/a\0" "0", 5 }, { "/a\0" "x", 5 },
		{ "/a\0" "99999", 9 }, { "/a\0" "4294967297", 14 }, { "/a\0", 4 },
	};
	unsigned long dropped = xenpv_store_watch_dropped();
	static struct seen seen;
	char body[32];

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
	store_test_settle();
	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t first = strlen(cases[i].body) + 1;
		u32 len = cases[i].len;

		memset(body, 0, sizeof(body));
		memcpy(body, cases[i].body, len ?: first);
		if (!len)
			len = first + scnprintf(body + first, sizeof(body) - first, "%u",
						seen.watch.token) + 1;
		xenpv_fake_store_say(XS_WATCH_EVENT, 0, 0, body, len);
	}
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_dropped() - dropped, ARRAY_SIZE(cases));
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
	xenpv_store_unwatch(&seen.watch);
}

/* An event that was on its way when the watch went. */
static void late_event(struct kunit *test)
{
	static struct seen seen, next;
	char body[16];
	int len;

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
	store_test_settle();
	memcpy(body, "/a", 3);
	len = 3 + scnprintf(body + 3, sizeof(body) - 3, "%u", seen.watch.token) + 1;
	xenpv_store_unwatch(&seen.watch);
	KUNIT_ASSERT_EQ(test, store_test_watch(&next, "/a", ""), 0);
	store_test_settle();
	xenpv_fake_store_say(XS_WATCH_EVENT, 0, 0, body, len);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	KUNIT_EXPECT_EQ(test, next.calls, 1);
	xenpv_store_unwatch(&next.watch);
}

static int remove_slow(void)
{
	xenpv_store_unwatch(&slow.watch);
	return 0;
}

/* Removal waits for the call that runs, and drops those that wait. */
static void removed_while_called(struct kunit *test)
{
	static struct requester r;
	static struct seen seen;

	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
	store_test_settle();
	slow_start(test);
	xenpv_fake_store_set("/a/b", "1");
	arrive();
	/* One that does not run goes at once. */
	xenpv_store_unwatch(&seen.watch);
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_bytes(), 0);
	store_test_requester(test, &r, remove_slow);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, completion_done(&r.ended));
	complete_all(&slow.leave);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r.ended, 20 * HZ), 0);
	kthread_stop(r.task);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
}

/* From the call of another watch, whose event waits behind it; and from its own. */
static void removed_by_call(struct kunit *test)
{
	static struct seen seen;

	for (int own = 0; own < 2; own++) {
		KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "/a", ""), 0);
		store_test_settle();
		slow_start(test);
		slow.removes = own ? &slow.watch : &seen.watch;
		xenpv_fake_store_set("/a/b", "1");
		xenpv_fake_store_set(HOME "/slow/x", "1");
		arrive();
		complete_all(&slow.leave);
		store_test_settle();
		KUNIT_EXPECT_EQ(test, seen.calls, own ? 2 : 1);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 1);
		xenpv_store_unwatch(own ? &seen.watch : &slow.watch);
		store_test_settle();
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_store_watch_bytes(), 0);
}

static int watch_init(struct kunit *test)
{
	store_test_start(test, true);
	return 0;
}

static struct kunit_case watch_cases[] = {
	KUNIT_CASE(called),
	KUNIT_CASE(relative_and_special),
	KUNIT_CASE(refused),
	KUNIT_CASE(merged),
	KUNIT_CASE(too_many),
	KUNIT_CASE(foreign_events),
	KUNIT_CASE(late_event),
	KUNIT_CASE(removed_while_called),
	KUNIT_CASE(removed_by_call),
	{}
};

static struct kunit_suite watch_suite = {
	.name = "xenpv_store_watch",
	.init = watch_init,
	.test_cases = watch_cases,
};
kunit_test_suite(watch_suite);

MODULE_DESCRIPTION("Tests of watches of the store");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
