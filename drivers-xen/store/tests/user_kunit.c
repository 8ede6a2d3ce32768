// SPDX-License-Identifier: GPL-2.0-only
/* Tests of /dev/xen/xenbus: messages in pieces, watches and transactions of a file. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <xenpv/store_user.h>
#include "room.h"

/**
 * struct program - one that has the device open
 * @file: the open file
 * @memory: its memory, in which messages stand
 * @head: the header of the message that it has read last
 * @body: its body, and a NUL
 */
struct program {
	struct file file;
	char __user *memory;
	struct xsd_sockmsg head;
	char body[XENSTORE_PAYLOAD_MAX + 1];
};

static void closed(void *program)
{
	struct program *p = program;

	if (p->file.private_data)
		xenpv_store_fops.release(NULL, &p->file);
	p->file.private_data = NULL;
}

static struct program *opened(struct kunit *test)
{
	struct program *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned long at;

	KUNIT_ASSERT_NOT_NULL(test, p);
	at = kunit_vm_mmap(test, NULL, 0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, at, 0);
	p->memory = (char __user *)at;
	p->file.f_flags = O_NONBLOCK;
	KUNIT_ASSERT_EQ(test, xenpv_store_fops.open(NULL, &p->file), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, closed, p), 0);
	return p;
}

static ssize_t put(struct program *p, const void *bytes, size_t len)
{
	loff_t pos = 0;

	if (copy_to_user(p->memory, bytes, len))
		return -EFAULT;
	return xenpv_store_fops.write(&p->file, p->memory, len, &pos);
}

static ssize_t get(struct program *p, void *bytes, size_t len)
{
	loff_t pos = 0;
	ssize_t n = xenpv_store_fops.read(&p->file, p->memory, len, &pos);

	if (n > 0 && copy_from_user(bytes, p->memory, n))
		return -EFAULT;
	return n;
}

static bool readable(struct program *p)
{
	return xenpv_store_fops.poll(&p->file, NULL) == (EPOLLIN | EPOLLRDNORM);
}

static ssize_t ask(struct program *p, u32 type, u32 id, u32 tx_id, const void *body, u32 len)
{
	struct xsd_sockmsg head = { .type = type, .req_id = id, .tx_id = tx_id, .len = len };
	char *all = kmalloc(sizeof(head) + len, GFP_KERNEL);
	ssize_t ret;

	if (!all)
		return -ENOMEM;
	memcpy(all, &head, sizeof(head));
	memcpy(all + sizeof(head), body, len);
	ret = put(p, all, sizeof(head) + len);
	kfree(all);
	return ret;
}

/* The next message; false if there is none. */
static bool told(struct kunit *test, struct program *p)
{
	ssize_t n = get(p, &p->head, sizeof(p->head));

	if (n == -EAGAIN)
		return false;
	KUNIT_EXPECT_EQ(test, n, sizeof(p->head));
	KUNIT_EXPECT_LE(test, p->head.len, XENSTORE_PAYLOAD_MAX);
	if (p->head.len)
		KUNIT_EXPECT_EQ(test, get(p, p->body, p->head.len), p->head.len);
	p->body[p->head.len] = '\0';
	return true;
}

static void expect_answer(struct kunit *test, struct program *p, u32 type, u32 id,
			  const char *body)
{
	KUNIT_EXPECT_TRUE(test, told(test, p));
	KUNIT_EXPECT_EQ(test, p->head.type, type);
	KUNIT_EXPECT_EQ(test, p->head.req_id, id);
	KUNIT_EXPECT_STREQ(test, p->body, body);
}

/* Its own numbers come back; ours do not show. */
static void answers(struct kunit *test)
{
	struct program *p = opened(test);

	xenpv_fake_store_set(HOME "/x", "value");
	KUNIT_EXPECT_FALSE(test, told(test, p));
	KUNIT_EXPECT_FALSE(test, readable(p));
	KUNIT_EXPECT_EQ(test, ask(p, XS_READ, 0xdeadbeef, 0, "x", 2), 18);
	KUNIT_EXPECT_TRUE(test, readable(p));
	expect_answer(test, p, XS_READ, 0xdeadbeef, "value");
	ask(p, XS_READ, 7, 0, "nothing", 8);
	expect_answer(test, p, XS_ERROR, 7, "ENOENT");
	ask(p, XS_READ, 7, 5, "x", 2);
	expect_answer(test, p, XS_ERROR, 7, "ENOENT");
	ask(p, XS_WATCH_EVENT, 8, 0, "x", 2);
	expect_answer(test, p, XS_ERROR, 8, "EINVAL");
	ask(p, 4000, 9, 0, "x", 2);
	expect_answer(test, p, XS_ERROR, 9, "EINVAL");
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static void pieces(struct kunit *test)
{
	struct xsd_sockmsg head = { .type = XS_READ, .req_id = 3, .len = 2 };
	struct program *p = opened(test);
	char bytes[18], c;

	xenpv_fake_store_set(HOME "/x", "v");
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), "x", 2);
	for (int i = 0; i < sizeof(bytes); i++)
		KUNIT_EXPECT_EQ(test, put(p, bytes + i, 1), 1);
	for (int i = 0; i < sizeof(head) + 1; i++)
		KUNIT_EXPECT_EQ(test, get(p, &c, 1), 1);
	KUNIT_EXPECT_EQ(test, c, 'v');
	KUNIT_EXPECT_EQ(test, get(p, &c, 1), -EAGAIN);

	/* Too long is not begun, and the next one counts again. */
	head.len = XENSTORE_PAYLOAD_MAX + 1;
	KUNIT_EXPECT_EQ(test, put(p, &head, sizeof(head)), -EINVAL);
	KUNIT_EXPECT_EQ(test, put(p, bytes, sizeof(bytes)), sizeof(bytes));
	expect_answer(test, p, XS_READ, 3, "v");
}

static void watches(struct kunit *test)
{
	struct program *p = opened(test), *other = opened(test);

	ask(p, XS_WATCH, 1, 0, "x\0tok", 6);
	store_test_settle();
	/* The answer comes before the first event. */
	expect_answer(test, p, XS_WATCH, 1, "OK");
	expect_answer(test, p, XS_WATCH_EVENT, 0, "x");
	KUNIT_EXPECT_STREQ(test, p->body + 2, "tok");
	ask(other, XS_WATCH, 1, 0, "x\0tok", 6);
	ask(p, XS_WATCH, 2, 0, "x\0tok", 6);
	expect_answer(test, p, XS_ERROR, 2, "EEXIST");
	ask(p, XS_WATCH, 2, 0, "x", 2);
	expect_answer(test, p, XS_ERROR, 2, "EINVAL");

	/* What is not read is merged; a path each. */
	for (int i = 0; i < 50; i++) {
		xenpv_fake_store_set(HOME "/x/a", "");
		xenpv_fake_store_set(HOME "/x", "");
		store_test_settle();
	}
	KUNIT_EXPECT_TRUE(test, told(test, p));
	KUNIT_EXPECT_TRUE(test, told(test, p));
	KUNIT_EXPECT_FALSE(test, told(test, p));

	ask(p, XS_UNWATCH, 4, 0, "x\0no", 5);
	expect_answer(test, p, XS_ERROR, 4, "ENOENT");
	ask(p, XS_UNWATCH, 5, 0, "x\0tok", 6);
	expect_answer(test, p, XS_UNWATCH, 5, "OK");
	xenpv_fake_store_set(HOME "/x/a", "");
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, told(test, p));
	/* That of the other one is its own. */
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 1);
	ask(other, XS_RESET_WATCHES, 6, 0, "", 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
}

/* Nobody reads: what the kernel keeps has an end, and a sign stays. */
static void unread_events(struct kunit *test)
{
	struct program *p = opened(test);
	unsigned int events = 0;
	char path[32];

	ask(p, XS_WATCH, 1, 0, "x\0t", 4);
	store_test_settle();
	for (unsigned int i = 0; i < 2000; i++) {
		scnprintf(path, sizeof(path), HOME "/x/%u", i);
		xenpv_fake_store_set(path, "");
		if (i % 8 == 0)
			store_test_settle();
	}
	store_test_settle();
	while (told(test, p))
		events++;
	KUNIT_EXPECT_GT(test, events, 100);
	KUNIT_EXPECT_LT(test, events, 300);
	xenpv_fake_store_set(HOME "/x/last", "");
	store_test_settle();
	expect_answer(test, p, XS_WATCH_EVENT, 0, "x/last");
}

/* Answers of nothing, too. */
static void unread_answers(struct kunit *test)
{
	struct program *p = opened(test);
	unsigned int nr = 0;

	xenpv_fake_store_set(HOME "/empty", "");
	while (nr < 10000 && ask(p, XS_READ, nr, 0, "empty", 6) > 0) {
		store_test_settle();
		nr++;
	}
	KUNIT_EXPECT_GT(test, nr, 100);
	KUNIT_EXPECT_LT(test, nr, 10000);
	KUNIT_EXPECT_TRUE(test, told(test, p));
	KUNIT_EXPECT_EQ(test, p->head.len, 0);
}

static void transactions(struct kunit *test)
{
	struct program *p = opened(test), *other = opened(test);
	u32 id;

	ask(p, XS_TRANSACTION_START, 1, 0, "", 1);
	KUNIT_ASSERT_TRUE(test, told(test, p));
	KUNIT_ASSERT_EQ(test, kstrtou32(p->body, 10, &id), 0);
	ask(p, XS_WRITE, 2, id, "x\0v", 3);
	expect_answer(test, p, XS_WRITE, 2, "OK");
	KUNIT_EXPECT_EQ(test, p->head.tx_id, id);
	KUNIT_EXPECT_NULL(test, xenpv_fake_store_value(HOME "/x"));

	/* It is nobody else's. */
	ask(other, XS_READ, 3, id, "x", 2);
	expect_answer(test, other, XS_ERROR, 3, "ENOENT");
	ask(other, XS_TRANSACTION_END, 3, id, "T", 2);
	expect_answer(test, other, XS_ERROR, 3, "ENOENT");
	ask(p, XS_TRANSACTION_END, 4, id, "Q", 2);
	expect_answer(test, p, XS_ERROR, 4, "EINVAL");
	ask(p, XS_TRANSACTION_END, 4, id, "T", 2);
	expect_answer(test, p, XS_TRANSACTION_END, 4, "OK");
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/x"), "v");
	ask(p, XS_TRANSACTION_END, 5, id, "T", 2);
	expect_answer(test, p, XS_ERROR, 5, "ENOENT");
}

/* What a file has made goes with it, also what is answered only then. */
static void closes(struct kunit *test)
{
	struct program *p = opened(test);

	ask(p, XS_WATCH, 1, 0, "x\0t", 4);
	for (int i = 0; i < 3; i++)
		ask(p, XS_TRANSACTION_START, 2, 0, "", 1);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 3);
	xenpv_fake_store_hold(true);
	ask(p, XS_TRANSACTION_START, 2, 0, "", 1);
	ask(p, XS_READ, 2, 0, "x", 2);
	closed(p);
	xenpv_fake_store_hold(false);
	store_test_settle();
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_watches(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_pending(), 0);
}

/* A write that cannot be taken yet is refused as a whole. */
static void too_many_requests(struct kunit *test)
{
	struct program *p = opened(test);
	int sent = 0;

	xenpv_fake_store_hold(true);
	while (sent < 100 && ask(p, XS_READ, sent, 0, "x", 2) == 18)
		sent++;
	KUNIT_EXPECT_EQ(test, sent, 16);
	KUNIT_EXPECT_EQ(test, ask(p, XS_READ, 99, 0, "x", 2), -EAGAIN);
	xenpv_fake_store_hold(false);
	store_test_settle();
	for (int i = 0; i < sent; i++)
		expect_answer(test, p, XS_ERROR, i, "ENOENT");
	KUNIT_EXPECT_EQ(test, ask(p, XS_READ, 99, 0, "x", 2), 18);
}

/* The daemon goes: reading is repeated, writing is for the program to repeat. */
static void daemon_is_replaced(struct kunit *test)
{
	struct program *p = opened(test);

	xenpv_fake_store_set(HOME "/x", "v");
	xenpv_fake_store_hold(true);
	ask(p, XS_READ, 1, 0, "x", 2);
	ask(p, XS_WRITE, 2, 0, "y\0v", 3);
	xenpv_store_daemon_went();
	xenpv_fake_store_restart();
	xenpv_store_daemon_came(false);
	xenpv_fake_store_hold(false);
	xenpv_store_heard();
	store_test_settle();
	expect_answer(test, p, XS_ERROR, 2, "EAGAIN");
	expect_answer(test, p, XS_READ, 1, "v");
}

static int user_init(struct kunit *test)
{
	store_test_start(test, true);
	return 0;
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE(answers),
	KUNIT_CASE(pieces),
	KUNIT_CASE(watches),
	KUNIT_CASE(unread_events),
	KUNIT_CASE(unread_answers),
	KUNIT_CASE(transactions),
	KUNIT_CASE(closes),
	KUNIT_CASE(too_many_requests),
	KUNIT_CASE(daemon_is_replaced),
	{}
};

static struct kunit_suite user_suite = {
	.name = "xenpv_store_user",
	.init = user_init,
	.test_cases = user_cases,
};
kunit_test_suite(user_suite);

MODULE_DESCRIPTION("Tests of the store's device");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
