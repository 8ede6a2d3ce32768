// SPDX-License-Identifier: GPL-2.0-only
/* Tests with a daemon that lies: the caller gets an error, the kernel keeps its head. */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "room.h"

/*
 * Two kinds of lies.  An answer that makes no sense as an answer costs its asker an
 * error.  A message that cannot be one ends the connection: all who wait get -EIO, and
 * nothing more is read.
 */

static struct xsd_sockmsg change;
static u32 change_len;
static const char *change_body;

/* The next message that is no event is replaced as the case wants it. */
static bool lie(struct xsd_sockmsg *head, char *body, void *unused)
{
	if (head->type == XS_WATCH_EVENT)
		return true;
	head->type ^= change.type;
	head->req_id += change.req_id;
	head->tx_id += change.tx_id;
	if (change_body) {
		memcpy(body, change_body, change_len);
		head->len = change_len;
	} else if (change_len) {
		head->len = change_len;
	}
	xenpv_fake_store_lie(NULL, NULL);
	return true;
}

static void lie_about(u32 type, u32 req_id, u32 tx_id, const char *body, u32 len)
{
	change = (struct xsd_sockmsg){ .type = type, .req_id = req_id, .tx_id = tx_id };
	change_body = body;
	change_len = len;
	xenpv_fake_store_lie(lie, NULL);
}

static void expect_broken(struct kunit *test, struct errand *waiting)
{
	KUNIT_EXPECT_NOT_NULL(test, xenpv_store_why_broken());
	KUNIT_EXPECT_TRUE(test, waiting->done);
	KUNIT_EXPECT_EQ(test, waiting->error, -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, HOME, ""), -EIO);
}

static void ends_connection(struct kunit *test, u32 type, u32 req_id, u32 tx_id, u32 len)
{
	static struct errand first, waiting;

	store_test_start(test, true);
	xenpv_fake_store_set(HOME "/x", "1");
	xenpv_fake_store_hold(true);
	store_test_send(test, &first, XS_READ, 0, "x", 2);
	store_test_send(test, &waiting, XS_READ, 0, "x", 2);
	xenpv_store_pump();
	lie_about(type, req_id, tx_id, NULL, len);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, first.done);
	KUNIT_EXPECT_EQ(test, first.error, -EIO);
	expect_broken(test, &waiting);
}

static void wrong_id(struct kunit *test)
{
	ends_connection(test, 0, 1000, 0, 0);
}

static void wrong_place(struct kunit *test)
{
	ends_connection(test, 0, BIT(31), 0, 0);
}

static void wrong_type(struct kunit *test)
{
	ends_connection(test, XS_READ ^ XS_WRITE, 0, 0, 0);
}

static void wrong_transaction(struct kunit *test)
{
	ends_connection(test, 0, 0, 1, 0);
}

static void too_long(struct kunit *test)
{
	ends_connection(test, 0, 0, 0, XENSTORE_PAYLOAD_MAX + 1);
}

static void much_too_long(struct kunit *test)
{
	ends_connection(test, 0, 0, 0, -1);
}

static void unknown_type(struct kunit *test)
{
	ends_connection(test, XS_READ ^ XS_TYPE_COUNT, 0, 0, 0);
}

/* Nobody asked; or somebody did, once. */
static void unsolicited(struct kunit *test)
{
	static struct errand waiting;

	store_test_start(test, true);
	xenpv_fake_store_hold(true);
	store_test_send(test, &waiting, XS_READ, 0, "x", 2);
	xenpv_store_pump();
	xenpv_fake_store_say(XS_READ, 40, 0, "", 0);
	xenpv_fake_store_hold(false);
	store_test_settle();
	expect_broken(test, &waiting);
}

static void answered_twice(struct kunit *test)
{
	static struct errand waiting;

	store_test_start(test, true);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, HOME, ""), 1);
	xenpv_fake_store_hold(true);
	store_test_send(test, &waiting, XS_READ, 0, "x", 2);
	xenpv_store_pump();
	for (u32 id = 0; id < 4; id++)
		xenpv_fake_store_say(XS_READ, id, 0, "", 0);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_NOT_NULL(test, xenpv_store_why_broken());
	KUNIT_EXPECT_TRUE(test, waiting.done);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

/* An answer before the request is written to its end. */
static void answered_early(struct kunit *test)
{
	static char value[3000];
	static struct errand early;

	store_test_start(test, true);
	memset(value, 'v', sizeof(value));
	value[0] = 'x';
	value[1] = '\0';
	xenpv_fake_store_hold(true);
	store_test_send(test, &early, XS_WRITE, 0, value, sizeof(value));
	xenpv_store_pump();
	/* The first request was one of ours, to forget old watches. */
	xenpv_fake_store_say(XS_WRITE, 1, 0, "OK", 3);
	xenpv_fake_store_hold(false);
	store_test_settle();
	expect_broken(test, &early);
	KUNIT_EXPECT_STREQ(test, xenpv_store_why_broken(), "answer to half a request");
}

static void malformed_events(struct kunit *test)
{
	static const struct {
		const char *body;
		u32 len;
	} cases[] = {
		{ "", 0 }, { "/x", 2 }, { "/x", 3 }, { "/x\0" "1", 4 }, { "\0", 1 },
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_FALSE(test, xenpv_store_watch_event(cases[i].body, cases[i].len));
	store_test_start(test, true);
	xenpv_fake_store_say(XS_WATCH_EVENT, 0, 0, "/x", 3);
	store_test_settle();
	KUNIT_EXPECT_NOT_NULL(test, xenpv_store_why_broken());
}

/* Row N10: a list without a final NUL, of no names, of names that are none. */
static void lists_that_are_none(struct kunit *test)
{
	static const struct {
		const char *body;
		u32 len;
	} cases[] = {
		{ "a", 1 }, { "a\0b", 3 }, { "\0", 1 }, { "a\0\0b\0", 5 },
		{ "a/b", 4 }, { "a b", 4 }, { "..", 3 },
	};
	struct xenpv_store_list list;

	store_test_start(test, true);
	xenpv_fake_store_set(HOME "/dir/x", "1");
	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		lie_about(0, 0, 0, cases[i].body, cases[i].len);
		KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "dir", "", &list), -EIO);
		KUNIT_EXPECT_NULL(test, list.names);
	}
	KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "dir", "", &list), 0);
	KUNIT_EXPECT_EQ(test, list.nr, 1);
	xenpv_store_list_free(&list);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

static const char *part_body;
static u32 part_len;

static bool lie_in_part(struct xsd_sockmsg *head, char *body, void *unused)
{
	/* Also where the honest one would say that there is no such part. */
	if (head->type == XS_DIRECTORY_PART ||
	    (head->type == XS_ERROR && !strcmp(body, "EINVAL"))) {
		head->type = XS_DIRECTORY_PART;
		memcpy(body, part_body, part_len);
		head->len = part_len;
	}
	return true;
}

static void parts_that_are_none(struct kunit *test)
{
	static const struct {
		const char *body;
		u32 len;
	} cases[] = {
		{ "", 0 }, { "7", 1 }, { "7\0", 2 }, { "7\0a", 3 }, { "7\0\0b\0\0", 6 },
		{ "1234567890123456789012\0a\0", 25 },
	};
	static char endless[200];
	struct xenpv_store_list list;

	store_test_start(test, true);
	xenpv_fake_store_set(HOME "/dir/a-long-name", "1");
	xenpv_fake_store_limits.names = 4;
	xenpv_fake_store_lie(lie_in_part, NULL);
	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		part_body = cases[i].body;
		part_len = cases[i].len;
		KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "dir", "", &list), -EIO);
	}
	/* For ever the same part that is not the last: the memory has an end. */
	memset(endless, 'a', sizeof(endless));
	memcpy(endless, "7", 2);
	endless[sizeof(endless) - 1] = '\0';
	part_body = endless;
	part_len = sizeof(endless);
	KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "dir", "", &list), -EIO);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

static void texts_that_are_none(struct kunit *test)
{
	struct xenpv_store_perm perms[4];
	u64 number = 5;

	store_test_start(test, true);
	xenpv_fake_store_set(HOME "/x", "1");
	/* A NUL in a value that is to be a text, and in one that is not. */
	lie_about(0, 0, 0, "1\0" "2", 3);
	KUNIT_EXPECT_EQ(test, xenpv_store_read_u64(NULL, "x", "", &number), -EIO);
	KUNIT_EXPECT_EQ(test, number, 5);

	lie_about(0, 0, 0, "b1", 2);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "x", "", perms, 4), -EIO);
	lie_about(0, 0, 0, "", 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "x", "", perms, 4), -EIO);
	lie_about(0, 0, 0, "q1", 3);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "x", "", perms, 4), -EIO);
	lie_about(0, 0, 0, "b65536", 7);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "x", "", perms, 4), -EIO);
	lie_about(0, 0, 0, "b-1", 4);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "x", "", perms, 4), -EIO);

	/* Errors: without an end, unknown. */
	lie_about(XS_READ ^ XS_ERROR, 0, 0, "ENOENT", 6);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
	lie_about(XS_READ ^ XS_ERROR, 0, 0, "ENOENT", 7);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), 0);
	lie_about(XS_READ ^ XS_ERROR, 0, 0, "EBOGUS", 7);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
	lie_about(XS_READ ^ XS_ERROR, 0, 0, "", 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "x", ""), -EIO);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

static int nothing(struct xenpv_store_txn *txn, void *arg)
{
	return 0;
}

static void transactions_that_are_none(struct kunit *test)
{
	static const char * const ids[] = { "", "0", "-1", "4294967296", "x", "1x" };

	store_test_start(test, true);
	for (int i = 0; i < ARRAY_SIZE(ids); i++) {
		lie_about(0, 0, 0, ids[i], strlen(ids[i]) + 1);
		KUNIT_EXPECT_EQ(test, xenpv_store_transaction(nothing, NULL), -EIO);
	}
	lie_about(0, 0, 0, "1", 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(nothing, NULL), -EIO);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_store_lies."

static unsigned int rounds = 1000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How often four answers are falsified at random");

static struct rnd_state rnd;

/* Any field of any answer may be anything. */
static bool lie_at_random(struct xsd_sockmsg *head, char *body, void *unused)
{
	u32 word = prandom_u32_state(&rnd);

	switch (word % 12) {
	case 0:
		head->type = (word >> 8) % (XS_TYPE_COUNT + 2);
		break;
	case 1:
		head->req_id += (word >> 8) % 3;
		break;
	case 2:
		head->tx_id += (word >> 8) % 2;
		break;
	case 3:
		head->len = (word >> 8) % (XENSTORE_PAYLOAD_MAX + 20);
		break;
	case 4:
		if (head->len)
			body[(word >> 8) % head->len] = word >> 24;
		break;
	case 5:
		if (head->len)
			head->len--;
		break;
	}
	return true;
}

/* Row F18: malformed answers without end; no hang, no over-read, and we go on after. */
static void malformed_without_end(struct kunit *test)
{
	struct xenstore_domain_interface *page = store_test_start(test, true);
	static struct errand errands[4];
	unsigned int broken = 0;

	xenpv_fake_store_reconnects(true);
	prandom_seed_state(&rnd, 18);
	for (unsigned int i = 0; i < rounds; i++) {
		xenpv_fake_store_lie(lie_at_random, NULL);
		store_test_send(test, &errands[0], XS_READ, 0, "x", 2);
		store_test_send(test, &errands[1], XS_DIRECTORY, 0, "/", 2);
		store_test_send(test, &errands[2], XS_WATCH, 0, "x\0" "5", 4);
		store_test_send(test, &errands[3], XS_TRANSACTION_START, 0, "", 1);
		store_test_settle();
		xenpv_fake_store_lie(NULL, NULL);
		if (xenpv_store_why_broken()) {
			broken++;
			xenpv_store_retry();
			store_test_settle();
		} else if (xenpv_store_pending()) {
			/* Swallowed: only a new beginning helps. */
			xenpv_fake_store_restart();
			xenpv_store_attach((struct xenstore_domain_interface __xen_shared __force *)
					   page, true);
			store_test_settle();
		}
		for (int j = 0; j < ARRAY_SIZE(errands); j++)
			KUNIT_ASSERT_TRUE(test, errands[j].done);
		KUNIT_ASSERT_EQ(test, xenpv_store_exists(NULL, HOME, ""), 1);
	}
	KUNIT_EXPECT_GT(test, broken, rounds / 10);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static struct kunit_case lies_cases[] = {
	KUNIT_CASE(wrong_id),
	KUNIT_CASE(wrong_place),
	KUNIT_CASE(wrong_type),
	KUNIT_CASE(wrong_transaction),
	KUNIT_CASE(too_long),
	KUNIT_CASE(much_too_long),
	KUNIT_CASE(unknown_type),
	KUNIT_CASE(unsolicited),
	KUNIT_CASE(answered_twice),
	KUNIT_CASE(answered_early),
	KUNIT_CASE(malformed_events),
	KUNIT_CASE(lists_that_are_none),
	KUNIT_CASE(parts_that_are_none),
	KUNIT_CASE(texts_that_are_none),
	KUNIT_CASE(transactions_that_are_none),
	KUNIT_CASE(malformed_without_end),
	{}
};

static struct kunit_suite lies_suite = {
	.name = "xenpv_store_lies",
	.test_cases = lies_cases,
};
kunit_test_suite(lies_suite);

MODULE_DESCRIPTION("Tests of the store with a daemon that lies");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
