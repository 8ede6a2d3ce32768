// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-216, for the ring: answers are made on the stack, and what lay there
 * between their fields must not reach the peer.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "fields.h"
#include "peer.h"

XENPV_RING(block, block_request, block_response)
XENPV_RING(tx, tx_request, tx_response)
XENPV_RING(rx, rx_request, rx_response)
XENPV_RING(ctrl, ctrl_request, ctrl_response)

#define POISON		0xa5
#define RESPONSES	25000

/* Bytes of @type that belong to a field. */
static void mark_fields(enum message_type type, u8 *defined)
{
	memset(defined, 0, messages[type].size);
	for (int i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].type == type)
			memset(defined + fields[i].offset, 1, fields[i].size);
}

static void fill_fields(enum message_type type, void *message, struct rnd_state *rnd)
{
	for (int i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].type == type)
			prandom_bytes_state(rnd, message + fields[i].offset, fields[i].size);
}

/* Of 25000 answers of each kind, the peer sees the fields and zeroes. */
#define LEAKS(test, kind)								\
do {											\
	static u8 defined[sizeof(kind##_response)];					\
	struct kind##_back back;							\
	struct rnd_state rnd;								\
	struct peer p;									\
											\
	prandom_seed_state(&rnd, 216);							\
	mark_fields(MESSAGE_##kind##_response, defined);				\
	peer_open(&p, true, peer_pages(test, 1), 1, kind##_shape.slot);			\
	KUNIT_ASSERT_EQ(test, kind##_back_init(&back,					\
			(void __xen_shared __force *)p.page, 1), 0);			\
	for (u32 n = 0; n < RESPONSES; n++) {						\
		kind##_request q = { };							\
		kind##_response a;							\
		u8 *raw = peer_slot(&p, n);						\
											\
		peer_send(&p, &q, sizeof(q));						\
		KUNIT_ASSERT_EQ(test, kind##_back_get(&back, &q), 1);			\
		memset(raw, 0xee, sizeof(a));						\
		memset(&a, POISON, sizeof(a));						\
		fill_fields(MESSAGE_##kind##_response, &a, &rnd);			\
		KUNIT_ASSERT_EQ(test, kind##_back_put(&back, &a), 0);			\
		kind##_back_push(&back);						\
		for (int i = 0; i < sizeof(a); i++)					\
			KUNIT_ASSERT_EQ_MSG(test, raw[i], defined[i] ? ((u8 *)&a)[i] : 0, \
					    "%s, byte %d", #kind, i);			\
		KUNIT_ASSERT_EQ(test, memcmp(raw, &a, sizeof(a)), 0);			\
	}										\
} while (0)

static void block_answers(struct kunit *test)
{
	if (!__has_builtin(__builtin_clear_padding))
		kunit_skip(test, "this compiler cannot clear padding, codecs have to");
	LEAKS(test, block);
}

static void net_answers(struct kunit *test)
{
	LEAKS(test, tx);
	LEAKS(test, rx);
}

static void ctrl_answers(struct kunit *test)
{
	LEAKS(test, ctrl);
}

static struct kunit_case xsa_216_cases[] = {
	KUNIT_CASE(block_answers),
	KUNIT_CASE(net_answers),
	KUNIT_CASE(ctrl_answers),
	{}
};

static struct kunit_suite xsa_216_suite = {
	.name = "xsa_216",
	.test_cases = xsa_216_cases,
};
kunit_test_suite(xsa_216_suite);

MODULE_DESCRIPTION("Replay of XSA-216 on rings");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
