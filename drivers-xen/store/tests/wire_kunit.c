// SPDX-License-Identifier: GPL-2.0-only
/* Tests of messages on the page: torn ones, lengths, types and indices that lie. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../../fake/fake.h"
#include "../private.h"

/**
 * struct daemon - the page as the test, which is the daemon, sees it
 * @page: the page
 * @wire: our end
 * @body: a message's body
 */
struct daemon {
	struct xenstore_domain_interface *page;
	struct xenpv_store_wire *wire;
	char *body;
};

static struct daemon *daemon_at(struct kunit *test, u32 index)
{
	struct daemon *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	d->wire = kunit_kzalloc(test, sizeof(*d->wire), GFP_KERNEL);
	d->body = kunit_kzalloc(test, 2 * XENSTORE_PAYLOAD_MAX, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, d->page && d->wire && d->body);
	for (u32 i = 0; i < 2 * XENSTORE_PAYLOAD_MAX; i++)
		d->body[i] = i * 7 + 1;
	d->page->req_cons = index;
	d->page->req_prod = index;
	d->page->rsp_cons = index;
	d->page->rsp_prod = index;
	xenpv_store_wire_init(d->wire,
			      (struct xenstore_domain_interface __xen_shared __force *)d->page);
	return d;
}

/* As much as there is room for. */
static u32 says(struct daemon *d, const void *bytes, u32 len)
{
	u32 n = min(len, XENSTORE_RING_SIZE - (d->page->rsp_prod - d->page->rsp_cons));

	for (u32 i = 0; i < n; i++)
		d->page->rsp[MASK_XENSTORE_IDX(d->page->rsp_prod + i)] = ((const char *)bytes)[i];
	d->page->rsp_prod += n;
	return n;
}

static u32 hears(struct daemon *d, void *bytes, u32 len)
{
	u32 n = min(len, d->page->req_prod - d->page->req_cons);

	for (u32 i = 0; i < n; i++)
		((char *)bytes)[i] = d->page->req[MASK_XENSTORE_IDX(d->page->req_cons + i)];
	d->page->req_cons += n;
	return n;
}

/* A message in pieces of @piece bytes arrives once, and whole. */
static void arrives(struct kunit *test, struct daemon *d, u32 len, u32 piece)
{
	struct xsd_sockmsg head = { .type = XS_READ, .req_id = len, .tx_id = piece, .len = len };
	char *all = d->body;
	u32 sent = 0, size = sizeof(head) + len;
	int ret = 0;

	while (sent < size) {
		KUNIT_ASSERT_EQ(test, ret, 0);
		if (sent < sizeof(head))
			sent += says(d, (char *)&head + sent,
				     min_t(u32, piece, sizeof(head) - sent));
		else
			sent += says(d, all + sent - sizeof(head), min(piece, size - sent));
		ret = xenpv_store_wire_pull(d->wire);
	}
	KUNIT_ASSERT_EQ(test, ret, 1);
	KUNIT_EXPECT_EQ(test, memcmp(&head, &d->wire->in_head, sizeof(head)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(all, d->wire->in, len), 0);
	KUNIT_EXPECT_EQ(test, d->wire->in[len], 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), 0);
	KUNIT_EXPECT_EQ(test, d->page->rsp_cons, d->page->rsp_prod);
}

static void torn_answers(struct kunit *test)
{
	static const u32 lens[] = { 0, 1, 2, 15, 16, 17, 100, 1007, 1008, 1009, 1024, 4095, 4096 };
	struct daemon *d = daemon_at(test, -700);

	for (int i = 0; i < ARRAY_SIZE(lens); i++) {
		for (u32 piece = 1; piece <= 18; piece++)
			arrives(test, d, lens[i], piece);
		arrives(test, d, lens[i], 1000);
	}
}

/* Two messages behind each other: the second is not touched by the first. */
static void two_answers(struct kunit *test)
{
	struct xsd_sockmsg one = { .type = XS_READ, .req_id = 1, .len = 3 };
	struct xsd_sockmsg two = { .type = XS_RM, .req_id = 2, .len = 0 };
	struct daemon *d = daemon_at(test, 0);

	says(d, &one, sizeof(one));
	says(d, "abc", 3);
	says(d, &two, sizeof(two));
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), 1);
	KUNIT_EXPECT_STREQ(test, d->wire->in, "abc");
	KUNIT_EXPECT_EQ(test, d->wire->in_head.req_id, 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), 1);
	KUNIT_EXPECT_EQ(test, d->wire->in_head.req_id, 2);
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), 0);
}

static void refuses(struct kunit *test, u32 type, u32 len)
{
	struct xsd_sockmsg head = { .type = type, .req_id = 1, .len = len };
	struct daemon *d = daemon_at(test, 0);

	says(d, &head, sizeof(head));
	says(d, d->body, XENSTORE_RING_SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), -EPROTO);
	/* Nothing behind the header, now or later, in either direction. */
	KUNIT_EXPECT_EQ(test, d->page->rsp_cons, sizeof(head));
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), -EPROTO);
	KUNIT_EXPECT_EQ(test, d->page->rsp_cons, sizeof(head));
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_push(d->wire), -EPROTO);
	KUNIT_EXPECT_NOT_NULL(test, d->wire->broken);
}

static void too_long(struct kunit *test)
{
	static const u32 lens[] = { 4097, 4112, 8192, 65536, S32_MAX, 0x80000000, -16, -1 };

	for (int i = 0; i < ARRAY_SIZE(lens); i++)
		refuses(test, XS_READ, lens[i]);
}

static void no_type(struct kunit *test)
{
	static const u32 types[] = { XS_TYPE_COUNT, XS_TYPE_COUNT + 1, XS_INVALID, 65536, -1 };

	for (int i = 0; i < ARRAY_SIZE(types); i++)
		refuses(test, types[i], 4);
}

static void impossible_indices(struct kunit *test)
{
	static const u32 jumps[] = { 1025, 2048, S32_MAX, 0x80000000, -1, -1024 };
	struct xsd_sockmsg head = { .type = XS_READ, .len = 8 };

	for (int i = 0; i < ARRAY_SIZE(jumps); i++) {
		struct daemon *d = daemon_at(test, 5);

		d->page->rsp_prod += jumps[i];
		KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), -EPROTO);
		d->page->rsp_prod = 5;
		KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), -EPROTO);

		d = daemon_at(test, 5);
		d->page->req_cons -= jumps[i];
		KUNIT_EXPECT_EQ(test, xenpv_store_wire_send(d->wire, &head, d->body), 0);
		KUNIT_EXPECT_EQ(test, xenpv_store_wire_push(d->wire), -EPROTO);
		KUNIT_EXPECT_EQ(test, d->page->req_prod, 5);
	}
}

/* XSA-325: the daemon drops a domain that breaks the protocol, so ours cannot. */
static void writer_refuses(struct kunit *test)
{
	static const struct {
		u32 type, len;
	} cases[] = {
		{ XS_READ, 4097 }, { XS_READ, -1 }, { XS_WRITE, 65536 }, { XS_TYPE_COUNT, 4 },
		{ XS_INVALID, 4 }, { -1, 4 }, { XS_ERROR, 4 }, { XS_WATCH_EVENT, 4 },
	};
	struct daemon *d = daemon_at(test, 0);

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct xsd_sockmsg head = { .type = cases[i].type, .len = cases[i].len };

		KUNIT_EXPECT_LT(test, xenpv_store_wire_send(d->wire, &head, d->body), 0);
		KUNIT_EXPECT_EQ(test, d->page->req_prod, 0);
	}
}

/* One message at a time, whole, whatever room there is. */
static void torn_requests(struct kunit *test)
{
	static const u32 lens[] = { 0, 1, 16, 1007, 1008, 1009, 2000, 4096 };
	char *heard = kunit_kzalloc(test, XENSTORE_PAYLOAD_MAX + 16, GFP_KERNEL);
	struct daemon *d = daemon_at(test, -300);

	KUNIT_ASSERT_NOT_NULL(test, heard);
	for (int i = 0; i < ARRAY_SIZE(lens); i++) {
		for (u32 piece = 1; piece < 2000; piece = piece * 3 + 1) {
			struct xsd_sockmsg head = {
				.type = XS_WRITE,
				.req_id = piece,
				.len = lens[i],
			};
			u32 got = 0, size = sizeof(head) + lens[i];

			KUNIT_ASSERT_EQ(test, xenpv_store_wire_send(d->wire, &head, d->body), 0);
			while (!xenpv_store_wire_push(d->wire)) {
				int ret = xenpv_store_wire_send(d->wire, &head, d->body);

				KUNIT_EXPECT_EQ(test, ret, -EBUSY);
				got += hears(d, heard + got, piece);
			}
			got += hears(d, heard + got, size + 100 - got);
			KUNIT_ASSERT_EQ(test, got, size);
			KUNIT_EXPECT_EQ(test, memcmp(heard, &head, sizeof(head)), 0);
			KUNIT_EXPECT_EQ(test, memcmp(heard + sizeof(head), d->body, lens[i]), 0);
		}
	}
}

/* The daemon changes the header behind our back: what was judged stays. */
static void rewrite(const struct xenpv_fake_access *access, void *arg)
{
	struct daemon *d = arg;
	const char *where = access->where;

	if (where >= d->page->rsp + 16 && where < d->page->rsp + XENSTORE_RING_SIZE)
		memset(d->page->rsp, 0xff, 16);
}

static void header_changes(struct kunit *test)
{
	struct xsd_sockmsg head = { .type = XS_READ, .req_id = 1, .len = 8 };
	struct daemon *d = daemon_at(test, 0);

	xenpv_fake_start(test);
	xenpv_fake_peer(rewrite, d);
	says(d, &head, sizeof(head));
	says(d, "12345678rest", 12);
	KUNIT_EXPECT_EQ(test, xenpv_store_wire_pull(d->wire), 1);
	KUNIT_EXPECT_EQ(test, d->wire->in_head.len, 8);
	KUNIT_EXPECT_STREQ(test, d->wire->in, "12345678");
	KUNIT_EXPECT_EQ(test, d->page->rsp_cons, 24);
	for (u32 i = 0; i < 24; i++)
		KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&d->page->rsp[i]), 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&d->page->rsp[24]), 0);
}

/* Whatever bytes come: no more than they say, and no end but these three. */
static void random_bytes(struct kunit *test)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 11);
	for (unsigned int round = 0; round < 300; round++) {
		struct daemon *d = daemon_at(test, prandom_u32_state(&rnd));

		for (unsigned int i = 0; i < 300; i++) {
			u32 word = prandom_u32_state(&rnd);
			int ret;

			/* Most words are small, so that some headers pass. */
			if (word % 16)
				word &= 0x1f;
			says(d, &word, prandom_u32_state(&rnd) % 5);
			ret = xenpv_store_wire_pull(d->wire);
			if (ret < 0)
				break;
			KUNIT_ASSERT_LE(test, ret, 1);
			KUNIT_ASSERT_LE(test, d->wire->in_done, sizeof(struct xsd_sockmsg) +
					XENSTORE_PAYLOAD_MAX);
		}
		kunit_kfree(test, d->page);
		kunit_kfree(test, d->wire);
		kunit_kfree(test, d->body);
		kunit_kfree(test, d);
	}
}

static void errors_by_name(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("ENOENT", 7), -ENOENT);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("EAGAIN", 7), -EAGAIN);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("E2BIG", 6), -E2BIG);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("EFOO", 5), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("", 1), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("", 0), -EIO);
	/* Without an end it is no name, whatever stands behind it in memory. */
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("ENOENT", 6), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_store_errno("ENOENT", 3), -EIO);
	for (unsigned int i = 0; i < ARRAY_SIZE(xsd_errors); i++)
		KUNIT_EXPECT_STREQ(test, xenpv_store_error_name(-xsd_errors[i].errnum),
				   xsd_errors[i].errstring);
	KUNIT_EXPECT_STREQ(test, xenpv_store_error_name(-ENOTTY), "EIO");
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE(torn_answers),
	KUNIT_CASE(two_answers),
	KUNIT_CASE(too_long),
	KUNIT_CASE(no_type),
	KUNIT_CASE(impossible_indices),
	KUNIT_CASE(writer_refuses),
	KUNIT_CASE(torn_requests),
	KUNIT_CASE(header_changes),
	KUNIT_CASE(random_bytes),
	KUNIT_CASE(errors_by_name),
	{}
};

static struct kunit_suite wire_suite = {
	.name = "xenpv_store_wire",
	.test_cases = wire_cases,
};
kunit_test_suite(wire_suite);

MODULE_DESCRIPTION("Tests of the store's messages");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
