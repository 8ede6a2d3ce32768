// SPDX-License-Identifier: GPL-2.0-only
/* Tests of transactions: all or nothing, others that are faster, a daemon that goes. */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "room.h"

/**
 * struct plan - what a function in a transaction does
 * @runs: how often it has run
 * @disturbed: in how many runs somebody else changes the tree
 * @replaced: in how many runs the daemon is replaced
 * @error: what it returns
 */
struct plan {
	unsigned int runs;
	unsigned int disturbed;
	unsigned int replaced;
	int error;
};

static int run(struct xenpv_store_txn *txn, void *arg)
{
	struct plan *plan = arg;
	u64 count = 0;
	int ret;

	plan->runs++;
	ret = xenpv_store_read_u64(txn, "count", "", &count);
	if (ret && ret != -ENOENT)
		return ret;
	if (plan->disturbed) {
		plan->disturbed--;
		xenpv_fake_store_set("/somewhere", "else");
	}
	if (plan->replaced) {
		plan->replaced--;
		xenpv_store_daemon_went();
		xenpv_fake_store_restart();
		xenpv_store_daemon_came(false);
		xenpv_store_heard();
		xenpv_store_pump();
	}
	ret = xenpv_store_write_u64(txn, "count", "", count + 1);
	if (!ret)
		ret = xenpv_store_write(txn, "other", "", "x");
	return ret ?: plan->error;
}

static void expect_count(struct kunit *test, const char *count)
{
	const char *value = xenpv_fake_store_value(HOME "/count");

	KUNIT_EXPECT_STREQ(test, value ?: "none", count);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

static void commits(struct kunit *test)
{
	struct plan plan = { };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), 0);
	KUNIT_EXPECT_EQ(test, plan.runs, 1);
	expect_count(test, "1");
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), 0);
	expect_count(test, "2");
}

static void fails(struct kunit *test)
{
	struct plan plan = { .error = -EBUSY };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), -EBUSY);
	KUNIT_EXPECT_EQ(test, plan.runs, 1);
	expect_count(test, "none");
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "other", ""), 0);
}

static void others_are_faster(struct kunit *test)
{
	struct plan plan = { .disturbed = 5 };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), 0);
	KUNIT_EXPECT_EQ(test, plan.runs, 6);
	expect_count(test, "1");
}

static void others_are_always_faster(struct kunit *test)
{
	struct plan plan = { .disturbed = UINT_MAX };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), -EAGAIN);
	KUNIT_EXPECT_EQ(test, plan.runs, XENPV_STORE_TRIES);
	expect_count(test, "none");
}

static void no_more_allowed(struct kunit *test)
{
	struct plan plan = { };

	xenpv_fake_store_limits.txns = 0;
	/* Somebody has them all, and ends one at some time. */
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), -EAGAIN);
	KUNIT_EXPECT_EQ(test, plan.runs, 0);
}

/* Its numbers mean nothing to another daemon, so it begins again. */
static void daemon_is_replaced(struct kunit *test)
{
	struct plan plan = { .replaced = 3 };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(run, &plan), 0);
	KUNIT_EXPECT_EQ(test, plan.runs, 4);
	expect_count(test, "1");
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static int inner(struct xenpv_store_txn *txn, void *arg)
{
	xenpv_fake_store_set("/hidden", "later");
	return xenpv_store_exists(txn, "/hidden", "") ? -EIO : 0;
}

/* It sees the tree as of its start. */
static void sees_one_moment(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, xenpv_store_transaction(inner, NULL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "/hidden", ""), 1);
}

static int txn_init(struct kunit *test)
{
	store_test_start(test, true);
	return 0;
}

static struct kunit_case txn_cases[] = {
	KUNIT_CASE(commits),
	KUNIT_CASE(fails),
	KUNIT_CASE(others_are_faster),
	KUNIT_CASE(others_are_always_faster),
	KUNIT_CASE(no_more_allowed),
	KUNIT_CASE(daemon_is_replaced),
	KUNIT_CASE(sees_one_moment),
	{}
};

static struct kunit_suite txn_suite = {
	.name = "xenpv_store_txn",
	.init = txn_init,
	.test_cases = txn_cases,
};
kunit_test_suite(txn_suite);

MODULE_DESCRIPTION("Tests of transactions of the store");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
