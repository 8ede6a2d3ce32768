// SPDX-License-Identifier: GPL-2.0-only
/* Tests of requests with an honest daemon: each kind, many at a time, given up ones. */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "room.h"

static struct xenstore_domain_interface *page;

static void expect_value(struct kunit *test, const char *dir, const char *node, const char *value)
{
	char *got = xenpv_store_read(NULL, dir, node, NULL);

	KUNIT_EXPECT_FALSE(test, IS_ERR(got));
	if (IS_ERR(got))
		return;
	KUNIT_EXPECT_STREQ(test, got, value);
	kfree(got);
}

static void values(struct kunit *test)
{
	size_t len;
	char *got;
	u64 number = 1;

	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "device/vif/0", "state", "4"), 0);
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/device/vif/0/state"), "4");
	expect_value(test, HOME "/device/vif", "0/state", "4");
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "empty", "", ""), 0);
	got = xenpv_store_read(NULL, "empty", NULL, &len);
	KUNIT_ASSERT_FALSE(test, IS_ERR(got));
	KUNIT_EXPECT_EQ(test, len, 0);
	KUNIT_EXPECT_EQ(test, got[0], 0);
	kfree(got);

	KUNIT_EXPECT_EQ(test, xenpv_store_write_u64(NULL, "big", "", U64_MAX), 0);
	expect_value(test, "big", "", "18446744073709551615");
	KUNIT_EXPECT_EQ(test, xenpv_store_read_u64(NULL, "big", "", &number), 0);
	KUNIT_EXPECT_EQ(test, number, U64_MAX);
	KUNIT_EXPECT_EQ(test, xenpv_store_printf(NULL, "mac", "", "%02x:%02x", 1, 255), 0);
	expect_value(test, "mac", "", "01:ff");
	KUNIT_EXPECT_EQ(test, xenpv_store_read_u64(NULL, "mac", "", &number), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_store_read_u64(NULL, "empty", "", &number), -EINVAL);
	xenpv_fake_store_set(HOME "/big", "18446744073709551616");
	KUNIT_EXPECT_EQ(test, xenpv_store_read_u64(NULL, "big", "", &number), -ERANGE);
	KUNIT_EXPECT_EQ(test, number, U64_MAX);
}

static void nodes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "data", "x"), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_mkdir(NULL, "data", "x"), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_mkdir(NULL, "data", "x"), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "data", "x"), 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "data/x", "y", "1"), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_rm(NULL, "data", "x"), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "data/x", "y"), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(xenpv_store_read(NULL, "data", "x", NULL)), -ENOENT);
}

static void errors(struct kunit *test)
{
	char *text = kunit_kzalloc(test, XENSTORE_PAYLOAD_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	xenpv_fake_store_set("/local/domain/0/secret", "x");
	xenpv_fake_store_protect("/local/domain/0/secret");
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "/local/domain/0", "secret", "y"), -EACCES);
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "a b", "c", "y"), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "@special", "", "y"), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, "", ""), -EINVAL);
	memset(text, 'v', XENSTORE_PAYLOAD_MAX);
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "x", "", text), -E2BIG);
	text[XENSTORE_PAYLOAD_MAX - 2] = '\0';
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "x", "", text), 0);
	xenpv_fake_store_limits.nodes = 3;
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "more", "", "1"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static unsigned int names(struct kunit *test, const char *node, struct xenpv_store_list *list)
{
	unsigned int nr = 0;
	const char *name;
	int ret = xenpv_store_list(NULL, node, "", list);

	KUNIT_EXPECT_EQ(test, ret, 0);
	if (ret)
		return 0;
	xenpv_store_for_each(name, list)
		nr++;
	KUNIT_EXPECT_EQ(test, nr, list->nr);
	return nr;
}

static void directories(struct kunit *test)
{
	struct xenpv_store_list list;

	xenpv_fake_store_set(HOME "/device/vbd/51712/state", "1");
	xenpv_fake_store_set(HOME "/device/vbd/51728/state", "1");
	KUNIT_EXPECT_EQ(test, names(test, "device/vbd", &list), 2);
	KUNIT_EXPECT_STREQ(test, xenpv_store_list_next(&list, NULL), "51712");
	xenpv_store_list_free(&list);
	KUNIT_EXPECT_EQ(test, names(test, "device/vbd/51712/state", &list), 0);
	xenpv_store_list_free(&list);
	KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "nothing", "", &list), -ENOENT);
	KUNIT_EXPECT_NULL(test, list.names);
}

static void fill(unsigned int first, unsigned int nr)
{
	char path[64];

	for (unsigned int i = first; i < first + nr; i++) {
		scnprintf(path, sizeof(path), HOME "/many/a-name-of-some-length-%u", i);
		xenpv_fake_store_set(path, "");
	}
}

/* All parts, whatever their size, and each name once. */
static void large_directories(struct kunit *test)
{
	struct xenpv_store_list list;
	const char *name;
	char want[40];

	fill(0, 300);
	for (unsigned int size = 100; size <= XENSTORE_PAYLOAD_MAX; size = size * 2 + 7) {
		unsigned int i = 0;

		xenpv_fake_store_limits.names = size;
		KUNIT_ASSERT_EQ(test, names(test, "many", &list), 300);
		xenpv_store_for_each(name, &list) {
			scnprintf(want, sizeof(want), "a-name-of-some-length-%u", i++);
			KUNIT_EXPECT_STREQ(test, name, want);
		}
		xenpv_store_list_free(&list);
	}
}

static unsigned int parts, changing;

static bool changes(const struct xsd_sockmsg *head, const char *body)
{
	if (head->type == XS_DIRECTORY_PART && ++parts % 2 == 0 && changing) {
		changing--;
		fill(1000 + parts, 1);
	}
	return true;
}

/* It changes between two parts: begin again; never a mix of two states. */
static void large_directory_changes(struct kunit *test)
{
	struct xenpv_store_list list;

	parts = 0;
	changing = 3;
	fill(0, 100);
	xenpv_fake_store_limits.names = 500;
	xenpv_fake_store_on_request(changes);
	KUNIT_EXPECT_EQ(test, names(test, "many", &list), 103);
	xenpv_store_list_free(&list);

	changing = UINT_MAX;
	KUNIT_EXPECT_EQ(test, xenpv_store_list(NULL, "many", "", &list), -EBUSY);
	KUNIT_EXPECT_NULL(test, list.names);
}

static void permissions(struct kunit *test)
{
	static const struct xenpv_store_perm want[] = {
		{ 1, XENPV_STORE_NONE }, { 0, XENPV_STORE_BOTH }, { 65535, XENPV_STORE_READ },
	};
	struct xenpv_store_perm got[2];

	xenpv_fake_store_set(HOME "/data", "");
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "data", "", got, 2), 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_set_perms(NULL, "data", "", want, 3), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_get_perms(NULL, "data", "", got, 2), 3);
	KUNIT_EXPECT_EQ(test, got[1].domid, 0);
	KUNIT_EXPECT_EQ(test, got[1].access, XENPV_STORE_BOTH);
	KUNIT_EXPECT_EQ(test, xenpv_store_set_perms(NULL, "data", "", want, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

/* More than can be on their way: each gets its own answer, whoever waits. */
static void many_at_a_time(struct kunit *test)
{
	static struct errand errands[200];
	char path[32], value[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(errands); i++) {
		scnprintf(path, sizeof(path), HOME "/v%u", i);
		scnprintf(value, sizeof(value), "%u", i * i);
		xenpv_fake_store_set(path, value);
	}
	xenpv_fake_store_hold(true);
	for (unsigned int i = 0; i < ARRAY_SIZE(errands); i++) {
		int len = scnprintf(path, sizeof(path), "v%u", i) + 1;

		store_test_send(test, &errands[i], XS_READ, 0, path, len);
		xenpv_store_pump();
	}
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), ARRAY_SIZE(errands));
	xenpv_fake_store_hold(false);
	store_test_settle();
	for (unsigned int i = 0; i < ARRAY_SIZE(errands); i++) {
		scnprintf(value, sizeof(value), "%u", i * i);
		KUNIT_EXPECT_TRUE(test, errands[i].done);
		KUNIT_EXPECT_EQ(test, errands[i].error, 0);
		KUNIT_EXPECT_STREQ(test, errands[i].answer, value);
	}
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

/* Both directions in pieces, events in between. */
static void torn(struct kunit *test)
{
	static struct errand errands[8];

	xenpv_fake_store_set(HOME "/x", "some value that is longer than a piece");
	for (unsigned int piece = 1; piece < 40; piece += 3) {
		xenpv_fake_store_piece(piece);
		for (int i = 0; i < ARRAY_SIZE(errands); i++)
			store_test_send(test, &errands[i], XS_READ, 0, "x", 2);
		store_test_settle();
		for (int i = 0; i < ARRAY_SIZE(errands); i++) {
			KUNIT_EXPECT_TRUE(test, errands[i].done);
			KUNIT_EXPECT_EQ(test, errands[i].error, 0);
			KUNIT_EXPECT_EQ(test, errands[i].len, 38);
		}
	}
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

/* An answer that does not fit on the page: the daemon hears that there is room again. */
static void large_answer(struct kunit *test)
{
	char *value = kunit_kzalloc(test, XENSTORE_PAYLOAD_MAX, GFP_KERNEL);
	static struct errand errand;

	KUNIT_ASSERT_NOT_NULL(test, value);
	memset(value, 'v', XENSTORE_PAYLOAD_MAX - 1);
	xenpv_fake_store_set(HOME "/x", value);
	store_test_send(test, &errand, XS_READ, 0, "x", 2);
	xenpv_store_pump();
	KUNIT_EXPECT_TRUE(test, errand.done);
	KUNIT_EXPECT_EQ(test, errand.len, XENSTORE_PAYLOAD_MAX - 1);
}

static int ask_read(void)
{
	return xenpv_store_exists(NULL, "x", "");
}

static int ask_watch(void)
{
	static struct xenpv_store_watch watch;

	watch = (struct xenpv_store_watch){ .dir = "x", .node = "" };
	return xenpv_store_watch(&watch);
}

static int ask_txn(void)
{
	return xenpv_store_transaction(NULL, NULL);
}

/* A late answer frees what the killed one has left, and undoes what he has begun. */
static void killed(struct kunit *test)
{
	static int (*const asks[])(void) = { ask_read, ask_watch, ask_txn };
	static struct requester r;

	for (unsigned int i = 0; i < 10 * ARRAY_SIZE(asks); i++) {
		xenpv_fake_store_hold(true);
		store_test_requester(test, &r, asks[i % ARRAY_SIZE(asks)]);
		/* On its way, no more only queued. */
		while (READ_ONCE(page->req_prod) == READ_ONCE(page->req_cons))
			schedule_timeout_uninterruptible(1);
		store_test_kill(test, &r);
		KUNIT_EXPECT_EQ(test, r.ret, -EINTR);
		KUNIT_EXPECT_GT(test, xenpv_store_pending(), 0);
		xenpv_fake_store_hold(false);
		store_test_settle();
		KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
	}
	KUNIT_EXPECT_EQ(test, xenpv_store_exists(NULL, HOME, ""), 1);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

static struct kunit *filler;
static struct errand fillers[XENPV_STORE_IN_FLIGHT];

static int fill_up(struct xenpv_store_txn *txn, void *arg)
{
	xenpv_fake_store_hold(true);
	for (unsigned int i = 0; i < ARRAY_SIZE(fillers); i++)
		store_test_send(filler, &fillers[i], XS_READ, 0, "x", 2);
	return -EBUSY;
}

static int ask_full(void)
{
	return xenpv_store_transaction(fill_up, NULL);
}

/* The end of a transaction is sent, even if it was only queued when its caller died. */
static void killed_at_the_end(struct kunit *test)
{
	static struct requester r;

	filler = test;
	store_test_requester(test, &r, ask_full);
	while (xenpv_store_pending() <= XENPV_STORE_IN_FLIGHT)
		schedule_timeout_uninterruptible(1);
	store_test_kill(test, &r);
	KUNIT_EXPECT_EQ(test, r.ret, -EBUSY);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 1);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

/* XSA-325: whatever we are asked for, no message of ours breaks the protocol. */
static void writer_is_honest(struct kunit *test)
{
	static const char alphabet[] = "abc/-_@ .\n";
	char *value = kunit_kzalloc(test, 2 * XENSTORE_PAYLOAD_MAX, GFP_KERNEL);
	struct xenpv_store_list list;
	struct rnd_state rnd;
	char dir[8], node[8];

	KUNIT_ASSERT_NOT_NULL(test, value);
	prandom_seed_state(&rnd, 325);
	for (unsigned int i = 0; i < 1000; i++) {
		u32 len = prandom_u32_state(&rnd) % (2 * XENSTORE_PAYLOAD_MAX);

		for (int j = 0; j < 7; j++) {
			dir[j] = alphabet[prandom_u32_state(&rnd) % 10];
			node[j] = alphabet[prandom_u32_state(&rnd) % 10];
		}
		dir[prandom_u32_state(&rnd) % 8] = '\0';
		node[prandom_u32_state(&rnd) % 8] = '\0';
		dir[7] = '\0';
		node[7] = '\0';
		memset(value, 'v', len);
		value[i % 3 ? len % 20 : len] = '\0';
		switch (i % 5) {
		case 0:
		case 1:
			xenpv_store_write(NULL, dir, node, value);
			break;
		case 2:
			xenpv_store_exists(NULL, dir, node);
			break;
		case 3:
			xenpv_store_rm(NULL, dir, node);
			break;
		case 4:
			if (!xenpv_store_list(NULL, dir, node, &list))
				xenpv_store_list_free(&list);
			break;
		}
	}
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
	KUNIT_EXPECT_GT(test, xenpv_fake_store_asked(XS_WRITE), 20);
}

static int client_init(struct kunit *test)
{
	page = store_test_start(test, true);
	return 0;
}

static struct kunit_case client_cases[] = {
	KUNIT_CASE(values),
	KUNIT_CASE(nodes),
	KUNIT_CASE(errors),
	KUNIT_CASE(directories),
	KUNIT_CASE(large_directories),
	KUNIT_CASE(large_directory_changes),
	KUNIT_CASE(permissions),
	KUNIT_CASE(many_at_a_time),
	KUNIT_CASE(torn),
	KUNIT_CASE(large_answer),
	KUNIT_CASE(killed),
	KUNIT_CASE(killed_at_the_end),
	KUNIT_CASE(writer_is_honest),
	{}
};

static struct kunit_suite client_suite = {
	.name = "xenpv_store_client",
	.init = client_init,
	.test_cases = client_cases,
};
kunit_test_suite(client_suite);

MODULE_DESCRIPTION("Tests of requests to the store");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
