// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of F18: a daemon that never answers, or so late that nobody waits any more.
 * Who waits can be killed, is told of, and gets an end where one is set; an answer
 * reaches its own request or nobody.
 */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "room.h"
#include "../client.h"

#define SHORT	20

static struct xenstore_domain_interface *page;

static struct {
	unsigned int timeout;
	unsigned int slow;
} saved;

/* What is not answered, and how much of it. */
static u32 mute_type;
static unsigned int mute;
static bool for_ever;

static bool may_answer(const struct xsd_sockmsg *head, const char *body)
{
	if (head->type != mute_type || !mute)
		return !for_ever || mute;
	mute--;
	return false;
}

static void mute_next(u32 type, unsigned int nr)
{
	mute_type = type;
	mute = nr;
	for_ever = false;
}

static struct store_stats stats(void)
{
	guard(spinlock)(&xenpv_store_client.lock);
	return xenpv_store_client.stats;
}

static void restore(void *unused)
{
	xenpv_store_timeout_ms = saved.timeout;
	xenpv_store_slow_ms = saved.slow;
}

static void begin(struct kunit *test, bool far)
{
	page = store_test_start(test, far);
	xenpv_fake_store_on_request(may_answer);
	xenpv_fake_store_set(HOME "/x", "new");
	saved.timeout = xenpv_store_timeout_ms;
	saved.slow = xenpv_store_slow_ms;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	xenpv_store_timeout_ms = 0;
	xenpv_store_slow_ms = 0;
	mute_next(0, 0);
}

static int ask_read(void)
{
	return xenpv_store_exists(NULL, "x", "");
}

static void expect_read(struct kunit *test, int want)
{
	char *got = xenpv_store_read(NULL, "x", "", NULL);

	if (want) {
		KUNIT_EXPECT_TRUE(test, IS_ERR(got));
		if (IS_ERR(got))
			KUNIT_EXPECT_EQ(test, PTR_ERR(got), want);
		return;
	}
	KUNIT_EXPECT_FALSE(test, IS_ERR(got));
	if (IS_ERR(got))
		return;
	KUNIT_EXPECT_STREQ(test, got, "new");
	kfree(got);
}

/* Nobody asked for an end: it waits, the log has one line, and it can be killed. */
static void waits_told_of_once(struct kunit *test)
{
	static struct requester r;

	begin(test, true);
	xenpv_store_slow_ms = SHORT;
	mute_next(XS_READ, 1);
	store_test_requester(test, &r, ask_read);
	msleep(8 * SHORT);
	KUNIT_EXPECT_FALSE(test, completion_done(&r.ended));
	KUNIT_EXPECT_EQ(test, stats().slow, 1);
	store_test_kill(test, &r);
	KUNIT_EXPECT_EQ(test, r.ret, -EINTR);
	KUNIT_EXPECT_EQ(test, stats().killed, 1);
	KUNIT_EXPECT_EQ(test, stats().timed_out, 0);
	KUNIT_EXPECT_EQ(test, stats().slow, 1);
	expect_read(test, 0);
}

/* An answer in time is told of by nobody, and a request that is slow is still answered. */
static void slow_is_not_lost(struct kunit *test)
{
	static struct requester r;

	begin(test, true);
	xenpv_store_slow_ms = SHORT;
	xenpv_store_timeout_ms = 60 * MSEC_PER_SEC;
	expect_read(test, 0);
	KUNIT_EXPECT_EQ(test, stats().slow, 0);
	xenpv_fake_store_hold(true);
	store_test_requester(test, &r, ask_read);
	msleep(4 * SHORT);
	KUNIT_EXPECT_EQ(test, stats().slow, 1);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r.ended, 20 * HZ), 0);
	KUNIT_EXPECT_EQ(test, r.ret, 1);
	KUNIT_EXPECT_EQ(test, stats().late, 0);
	kthread_stop(r.task);
}

static void timeout_ends_the_wait(struct kunit *test)
{
	begin(test, true);
	xenpv_store_timeout_ms = 2 * SHORT;
	xenpv_store_slow_ms = SHORT;
	xenpv_fake_store_hold(true);
	expect_read(test, -ETIMEDOUT);
	/* The log had its line before, and has no second one. */
	KUNIT_EXPECT_EQ(test, stats().slow, 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 1);
	KUNIT_EXPECT_EQ(test, stats().timed_out, 1);
	KUNIT_EXPECT_EQ(test, stats().late, 0);
	/* It comes after all: nobody gets it, and its number is free again. */
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
	KUNIT_EXPECT_EQ(test, stats().late, 1);
	expect_read(test, 0);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

/* While no daemon could answer, no time passes. */
static void absence_does_not_count(struct kunit *test)
{
	static struct requester r;

	begin(test, false);
	xenpv_store_timeout_ms = 3 * SHORT;
	store_test_requester(test, &r, ask_read);
	msleep(6 * SHORT);
	KUNIT_EXPECT_FALSE(test, completion_done(&r.ended));
	KUNIT_EXPECT_EQ(test, stats().timed_out, 0);
	/* It has the page, and was not heard of. */
	xenpv_store_daemon_came(false);
	msleep(6 * SHORT);
	KUNIT_EXPECT_FALSE(test, completion_done(&r.ended));
	xenpv_store_heard();
	store_test_settle();
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r.ended, 20 * HZ), 0);
	KUNIT_EXPECT_EQ(test, r.ret, 1);
	kthread_stop(r.task);
	KUNIT_EXPECT_EQ(test, stats().timed_out, 0);

	/* Nor does time count in which the domain sleeps. */
	KUNIT_ASSERT_EQ(test, xenpv_store_suspend(), 0);
	store_test_requester(test, &r, ask_read);
	msleep(6 * SHORT);
	KUNIT_EXPECT_FALSE(test, completion_done(&r.ended));
	xenpv_store_thaw();
	store_test_settle();
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r.ended, 20 * HZ), 0);
	KUNIT_EXPECT_EQ(test, r.ret, 1);
	kthread_stop(r.task);
}

/* All numbers are with requests that are never answered: none is used a second time. */
static void numbers_run_out(struct kunit *test)
{
	unsigned int asked;

	begin(test, true);
	xenpv_store_timeout_ms = 1;
	mute_next(XS_READ, XENPV_STORE_IN_FLIGHT);
	for (unsigned int i = 0; i < XENPV_STORE_IN_FLIGHT; i++)
		expect_read(test, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, mute, 0);
	asked = xenpv_fake_store_asked(XS_READ);
	/* The daemon would answer this one, but it has no number. */
	expect_read(test, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_asked(XS_READ), asked);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), XENPV_STORE_IN_FLIGHT);
	KUNIT_EXPECT_EQ(test, stats().timed_out, XENPV_STORE_IN_FLIGHT + 1);
	/* Another daemon knows nothing of them, and nobody waits for them. */
	xenpv_store_timeout_ms = 0;
	xenpv_store_daemon_went();
	xenpv_fake_store_restart();
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	store_test_settle();
	expect_read(test, 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

/* Answers that the daemon keeps back, to say them later. */
static struct xsd_sockmsg kept[XENPV_STORE_IN_FLIGHT];
static unsigned int nr_kept;
static bool keep_next;

static bool keep_back(struct xsd_sockmsg *head, char *body, void *arg)
{
	if (!keep_next || head->type != XS_READ)
		return true;
	keep_next = false;
	kept[nr_kept++] = *head;
	return false;
}

static void say_kept(struct rnd_state *rnd)
{
	unsigned int i = prandom_u32_state(rnd) % nr_kept;

	xenpv_fake_store_say(XS_READ, kept[i].req_id, 0, "old", 3);
	kept[i] = kept[--nr_kept];
}

/* Late answers between those in time, in any order: each is nobody's. */
static void late_is_nobodys(struct kunit *test)
{
	unsigned int timeouts = 0, lates = 0;
	struct rnd_state rnd;

	begin(test, true);
	xenpv_store_timeout_ms = 1;
	nr_kept = 0;
	keep_next = false;
	xenpv_fake_store_lie(keep_back, NULL);
	prandom_seed_state(&rnd, 18);
	for (unsigned int i = 0; i < 400; i++) {
		u32 what = prandom_u32_state(&rnd) % 8;

		if (!what && nr_kept < ARRAY_SIZE(kept) / 2) {
			keep_next = true;
			expect_read(test, -ETIMEDOUT);
			timeouts++;
		} else if (what < 3 && nr_kept) {
			say_kept(&rnd);
			lates++;
		}
		expect_read(test, 0);
	}
	KUNIT_EXPECT_GT(test, lates, 10);
	KUNIT_EXPECT_EQ(test, stats().timed_out, timeouts);
	KUNIT_EXPECT_EQ(test, stats().late, lates);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), nr_kept);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
	/* Said twice it is an answer to nothing, and the daemon a liar. */
	if (nr_kept) {
		u32 id = kept[0].req_id;

		xenpv_fake_store_say(XS_READ, id, 0, "old", 3);
		xenpv_fake_store_say(XS_READ, id, 0, "old", 3);
		store_test_settle();
		KUNIT_EXPECT_NOT_NULL(test, xenpv_store_why_broken());
	}
}

static int read_in_txn(struct xenpv_store_txn *txn, void *arg)
{
	char *got;
	int ret = xenpv_store_write(txn, "y", "", "1");

	if (ret)
		return ret;
	got = xenpv_store_read(txn, "x", "", NULL);
	if (IS_ERR(got))
		return PTR_ERR(got);
	kfree(got);
	return 0;
}

/* At each step of a transaction: it fails, and none stays at the daemon. */
static void transaction_times_out(struct kunit *test)
{
	static const u32 steps[] = { XS_TRANSACTION_START, XS_WRITE, XS_READ };
	static struct errand after;
	u64 timed_out;

	begin(test, true);
	xenpv_store_timeout_ms = SHORT;
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		mute_next(steps[i], 1);
		KUNIT_EXPECT_EQ(test, xenpv_store_transaction(read_in_txn, NULL), -ETIMEDOUT);
		store_test_settle();
		KUNIT_EXPECT_EQ(test, mute, 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
		KUNIT_EXPECT_NULL(test, xenpv_fake_store_value(HOME "/y"));
	}
	/* The start is answered late: what has begun for nobody is ended. */
	xenpv_fake_store_hold(true);
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(read_in_txn, NULL), -ETIMEDOUT);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
	KUNIT_EXPECT_GE(test, xenpv_fake_store_asked(XS_TRANSACTION_END), 3);
	/* From the read on nothing is answered; it is waited for once. */
	timed_out = stats().timed_out;
	mute_next(XS_READ, 1);
	for_ever = true;
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(read_in_txn, NULL), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, stats().timed_out, timed_out + 1);
	mute_next(0, 0);
	/* The domain can be suspended: no transaction of ours is open. */
	store_test_send(test, &after, XS_READ, 0, "x", 2);
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, after.done);
}

static void watch_times_out(struct kunit *test)
{
	static struct seen seen;

	begin(test, true);
	xenpv_store_timeout_ms = SHORT;
	xenpv_fake_store_hold(true);
	KUNIT_EXPECT_EQ(test, store_test_watch(&seen, "x", ""), -ETIMEDOUT);
	xenpv_fake_store_hold(false);
	store_test_settle();
	/* Made late, and unmade behind that. */
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
	KUNIT_EXPECT_EQ(test, seen.calls, 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

static bool mentions(const struct seq_file *s, const char *text)
{
	return strnstr(s->buf, text, s->count);
}

static void debugfs_tells(struct kunit *test)
{
	struct seq_file s = { .size = PAGE_SIZE };

	begin(test, true);
	if (!IS_ENABLED(CONFIG_DEBUG_FS))
		kunit_skip(test, "no debugfs");
	s.buf = kunit_kzalloc(test, s.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s.buf);
	xenpv_store_timeout_ms = SHORT;
	mute_next(XS_READ, 1);
	expect_read(test, -ETIMEDOUT);
	xenpv_store_show(&s);
	KUNIT_EXPECT_TRUE(test, mentions(&s, "state up"));
	KUNIT_EXPECT_TRUE(test, mentions(&s, "timed out 1\n"));
	KUNIT_EXPECT_TRUE(test, mentions(&s, "sent    READ"));
	KUNIT_EXPECT_TRUE(test, mentions(&s, "sent 1 times, given up"));
	KUNIT_EXPECT_STREQ(test, xenpv_store_op_name(XS_DIRECTORY_PART), "DIRECTORY_PART");
	KUNIT_EXPECT_STREQ(test, xenpv_store_op_name(XS_SET_TARGET + 1), "?");
	KUNIT_EXPECT_STREQ(test, xenpv_store_op_name(U32_MAX), "?");
}

static struct kunit_case f18_cases[] = {
	KUNIT_CASE(waits_told_of_once),
	KUNIT_CASE(slow_is_not_lost),
	KUNIT_CASE(timeout_ends_the_wait),
	KUNIT_CASE(absence_does_not_count),
	KUNIT_CASE(numbers_run_out),
	KUNIT_CASE(late_is_nobodys),
	KUNIT_CASE(transaction_times_out),
	KUNIT_CASE(watch_times_out),
	KUNIT_CASE(debugfs_tells),
	{}
};

static struct kunit_suite f18_suite = {
	.name = "f18_store",
	.test_cases = f18_cases,
};
kunit_test_suite(f18_suite);

MODULE_DESCRIPTION("Replay of F18: requests to the store that are not answered");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
