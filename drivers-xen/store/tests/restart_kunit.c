// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a daemon that comes late, goes, is replaced; and of a domain that sleeps. */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "room.h"

static struct xenstore_domain_interface __xen_shared *shared(struct xenstore_domain_interface *page)
{
	return (struct xenstore_domain_interface __xen_shared __force *)page;
}

/* Another one of this domain: it has the tree and nothing else. */
static void replace_daemon(void)
{
	xenpv_store_daemon_went();
	xenpv_fake_store_restart();
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
}

static unsigned int ups;

static int came_up(struct xenpv_store_waiter *waiter)
{
	ups++;
	return 0;
}

static int refusals;

static int cannot_yet(struct xenpv_store_waiter *waiter)
{
	ups++;
	return refusals++ < 0 ? -EIO : 0;
}

/* Who can't do it when the store comes up is called again, until it can or is forgotten. */
static void tries_again(struct kunit *test)
{
	struct xenpv_store_waiter one = { .up = cannot_yet };

	ups = 0;
	refusals = -2;
	store_test_start(test, true);
	xenpv_store_when_up(&one);
	for (unsigned int i = 1; i <= 3; i++) {
		store_test_settle();
		KUNIT_EXPECT_EQ(test, ups, i);
		xenpv_store_ready_again();
	}
	store_test_settle();
	KUNIT_EXPECT_EQ(test, ups, 3);
	refusals = -2;
	xenpv_store_when_up(&one);
	store_test_settle();
	xenpv_store_forget(&one);
	xenpv_store_ready_again();
	store_test_settle();
	KUNIT_EXPECT_EQ(test, ups, 4);
}

/* In the control domain the daemon is a program that starts late. */
static void comes_late(struct kunit *test)
{
	struct xenpv_store_waiter one = { .up = came_up };
	struct xenpv_store_waiter two = { .up = came_up };
	struct xenpv_store_waiter three = { .up = came_up };
	static struct errand early;

	ups = 0;
	store_test_start(test, false);
	xenpv_fake_store_set(HOME "/x", "1");
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	xenpv_store_when_up(&one);
	xenpv_store_when_up(&two);
	store_test_send(test, &early, XS_READ, 0, "x", 2);
	xenpv_fake_store_hold(true);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_store_wait_up(1), -ETIMEDOUT);

	/* It has the page, and has not said a word. */
	xenpv_store_daemon_came(false);
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	KUNIT_EXPECT_EQ(test, ups, 0);
	xenpv_store_forget(&two);

	xenpv_fake_store_hold(false);
	xenpv_store_heard();
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, xenpv_store_is_up());
	KUNIT_EXPECT_EQ(test, xenpv_store_wait_up(1), 0);
	KUNIT_EXPECT_EQ(test, ups, 1);
	KUNIT_EXPECT_TRUE(test, early.done);
	KUNIT_EXPECT_EQ(test, early.error, 0);
	/* Who comes after that is called soon; once. */
	xenpv_store_when_up(&three);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, ups, 2);
	replace_daemon();
	store_test_settle();
	KUNIT_EXPECT_EQ(test, ups, 2);
}

/* Requests of any stage survive; in a transaction they are to be tried again. */
static void replaced(struct kunit *test)
{
	static struct errand read, in_txn, txn;
	static struct seen seen;
	u32 id;

	store_test_start(test, false);
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	store_test_settle();
	xenpv_fake_store_set(HOME "/x", "1");
	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "x", ""), 0);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, seen.wholes, 1);

	for (unsigned int i = 0; i < 20; i++) {
		store_test_send(test, &txn, XS_TRANSACTION_START, 0, "", 1);
		store_test_settle();
		KUNIT_ASSERT_TRUE(test, txn.done);
		xenpv_fake_store_hold(true);
		store_test_send(test, &read, XS_READ, 0, "x", 2);
		KUNIT_ASSERT_EQ(test, kstrtou32(txn.answer, 10, &id), 0);
		store_test_send(test, &in_txn, XS_READ, id, "x", 2);
		/* On the page, or still with us. */
		if (i % 2)
			xenpv_store_pump();
		xenpv_fake_store_hold(false);
		replace_daemon();
		store_test_settle();
		KUNIT_EXPECT_TRUE(test, read.done);
		KUNIT_EXPECT_EQ(test, read.error, 0);
		KUNIT_EXPECT_STREQ(test, read.answer, "1");
		KUNIT_EXPECT_TRUE(test, in_txn.done);
		KUNIT_EXPECT_EQ(test, in_txn.error, -EAGAIN);
		/* The watch is made again, and called. */
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 1);
		KUNIT_EXPECT_EQ(test, seen.wholes, i + 2);
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
	xenpv_store_unwatch(&seen.watch);
}

/* A daemon that dies of a request does not get it for ever. */
static void dies_of_request(struct kunit *test)
{
	static struct errand deadly;
	unsigned int deaths = 0;

	store_test_start(test, false);
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	store_test_settle();
	xenpv_fake_store_hold(true);
	store_test_send(test, &deadly, XS_READ, 0, "x", 2);
	while (!deadly.done && deaths < 100) {
		xenpv_store_pump();
		replace_daemon();
		xenpv_store_pump();
		deaths++;
	}
	KUNIT_EXPECT_EQ(test, deaths, XENPV_STORE_SENDS);
	KUNIT_EXPECT_EQ(test, deadly.error, -EIO);
}

/* A live update: the same process goes on where it was, in the middle of a message. */
static void updated(struct kunit *test)
{
	static char value[2000];
	static struct errand write;
	static struct seen seen;

	store_test_start(test, false);
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	store_test_settle();
	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "x", ""), 0);
	store_test_settle();

	memset(value, 'v', sizeof(value));
	memcpy(value, "x", 2);
	xenpv_fake_store_hold(true);
	store_test_send(test, &write, XS_WRITE, 0, value, sizeof(value));
	xenpv_store_pump();
	xenpv_fake_store_hold(false);
	xenpv_fake_store_serve();
	xenpv_store_daemon_went();
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, write.done);
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	xenpv_store_daemon_came(true);
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, write.done);
	KUNIT_EXPECT_EQ(test, write.error, 0);
	KUNIT_EXPECT_EQ(test, seen.wholes, 2);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_asked(XS_WATCH), 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_asked(XS_WRITE), 1);
	xenpv_store_unwatch(&seen.watch);
}

/* A guest can only ask; watches come back with the connection. */
static void begins_anew(struct kunit *test)
{
	static struct seen seen;

	store_test_start(test, true);
	xenpv_fake_store_reconnects(true);
	xenpv_fake_store_set(HOME "/x", "1");
	KUNIT_ASSERT_EQ(test, store_test_watch(&seen, "x", ""), 0);
	store_test_settle();
	for (unsigned int i = 0; i < 10; i++) {
		xenpv_fake_store_say(XS_READ, 77, 0, "", 0);
		store_test_settle();
		KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
		xenpv_store_retry();
		store_test_settle();
		KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), 1);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 1);
		KUNIT_EXPECT_EQ(test, seen.wholes, i + 2);
	}
	xenpv_store_unwatch(&seen.watch);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

/* One that cannot begin anew is left alone: an error, and no wait. */
static void cannot_begin_anew(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);

	xenpv_fake_store_say(XS_READ, 77, 0, "", 0);
	store_test_settle();
	xenpv_store_retry();
	store_test_settle();
	KUNIT_EXPECT_EQ(test, page->connection, XENSTORE_CONNECTED);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
}

/* One that says it can and does not: requests wait a while and then fail. */
static void does_not_begin_anew(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);
	static struct errand waiting;

	page->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION;
	xenpv_fake_store_say(XS_READ, 77, 0, "", 0);
	store_test_settle();
	xenpv_store_retry();
	store_test_send(test, &waiting, XS_READ, 0, "x", 2);
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, waiting.done);
	xenpv_store_retry();
	KUNIT_EXPECT_TRUE(test, waiting.done);
	KUNIT_EXPECT_EQ(test, waiting.error, -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
	/* Later it does after all. */
	xenpv_fake_store_reconnects(true);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, HOME, ""), 1);
}

/* The daemon's end begins anew: what was on its way is sent again. */
static void daemon_begins_anew(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);
	static struct errand waiting;

	xenpv_fake_store_reconnects(true);
	xenpv_fake_store_hold(true);
	store_test_send(test, &waiting, XS_READ, 0, HOME, sizeof(HOME));
	xenpv_store_pump();
	page->connection = XENSTORE_RECONNECT;
	xenpv_store_pump();
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, waiting.done);
	KUNIT_EXPECT_EQ(test, waiting.error, 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

/* Watches of whoever ran here before are dropped, and answers to him are not ours. */
static void inherited(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);
	static struct errand old;

	store_test_send(test, &old, XS_WATCH, 0, "x\0" "old", 6);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 1);
	memcpy(page->rsp, "answer to another kernel", 24);
	page->rsp_prod += 24;
	xenpv_store_attach(shared(page), true);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, HOME, ""), 1);
}

static int suspended = 1;

static int suspend(void)
{
	suspended = xenpv_store_suspend();
	return suspended;
}

/* What is on its way is waited for, what comes after that waits. */
static void sleeps(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);
	static struct requester r;
	static struct errand before, after;

	suspended = 1;
	xenpv_fake_store_hold(true);
	store_test_send(test, &before, XS_READ, 0, HOME, sizeof(HOME));
	xenpv_store_pump();
	store_test_requester(test, &r, suspend);
	msleep(50);
	KUNIT_EXPECT_EQ(test, suspended, 1);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, before.done);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r.ended, 20 * HZ), 0);
	kthread_stop(r.task);
	KUNIT_EXPECT_EQ(test, suspended, 0);
	store_test_send(test, &after, XS_READ, 0, HOME, sizeof(HOME));
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, after.done);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_asked(XS_READ), 1);

	/* Restored elsewhere. */
	xenpv_fake_store_restart();
	page->req_prod = 0;
	page->req_cons = 0;
	page->rsp_prod = 0;
	page->rsp_cons = 0;
	xenpv_store_attach(shared(page), true);
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, after.done);
	xenpv_store_thaw();
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, after.done);
	KUNIT_EXPECT_EQ(test, after.error, 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static struct kunit_case restart_cases[] = {
	KUNIT_CASE(comes_late),
	KUNIT_CASE(tries_again),
	KUNIT_CASE(replaced),
	KUNIT_CASE(dies_of_request),
	KUNIT_CASE(updated),
	KUNIT_CASE(begins_anew),
	KUNIT_CASE(cannot_begin_anew),
	KUNIT_CASE(does_not_begin_anew),
	KUNIT_CASE(daemon_begins_anew),
	KUNIT_CASE(inherited),
	KUNIT_CASE(sleeps),
	{}
};

static struct kunit_suite restart_suite = {
	.name = "xenpv_store_restart",
	.test_cases = restart_cases,
};
kunit_test_suite(restart_suite);

MODULE_DESCRIPTION("Tests of the store when its daemon is restarted");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
