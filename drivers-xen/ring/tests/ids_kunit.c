// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of id tables: every id comes back once, and a peer that answers what is not
 * out, again, or late gets nothing.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include <xenpv/ids.h>

/* Things to give ids to: the addresses of these. */
static char things[64];

static struct xenpv_ids *table(struct kunit *test, u32 nr, unsigned int bits)
{
	struct xenpv_ids *ids = kunit_kzalloc(test, sizeof(*ids), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ids);
	KUNIT_ASSERT_EQ(test, xenpv_ids_init(ids, nr, bits), 0);
	return ids;
}

static u64 give(struct kunit *test, struct xenpv_ids *ids, void *what)
{
	u64 id = 0;

	KUNIT_ASSERT_EQ(test, xenpv_ids_give(ids, what, &id), 0);
	return id;
}

static void give_until_full(struct kunit *test)
{
	struct xenpv_ids *ids = table(test, 5, 16);
	u64 id[5], none;

	for (int i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), i);
		id[i] = give(test, ids, &things[i]);
		for (int k = 0; k < i; k++)
			KUNIT_EXPECT_NE(test, id[i], id[k]);
	}
	KUNIT_EXPECT_EQ(test, xenpv_ids_give(ids, things, &none), -ENOSPC);
	for (int i = 4; i >= 0; i--)
		KUNIT_EXPECT_PTR_EQ(test, xenpv_ids_take(ids, id[i]), (void *)&things[i]);
	KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), 0);
	xenpv_ids_free(ids);
}

static void take_unknown(struct kunit *test)
{
	struct xenpv_ids *ids = table(test, 5, 64);

	for (u64 id = 0; id < 64; id++)
		KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, id));
	KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, U64_MAX));
	KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, BIT_ULL(63)));
	KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), 0);
	KUNIT_EXPECT_EQ(test, give(test, ids, things), 0);
	for (int bit = 0; bit < 64; bit++)
		KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, BIT_ULL(bit)));
	KUNIT_EXPECT_PTR_EQ(test, xenpv_ids_take(ids, 0), (void *)things);
	xenpv_ids_free(ids);
}

static void take_twice(struct kunit *test)
{
	struct xenpv_ids *ids = table(test, 4, 16);
	u64 one = give(test, ids, &things[1]), two = give(test, ids, &things[2]);

	KUNIT_EXPECT_PTR_EQ(test, xenpv_ids_take(ids, one), (void *)&things[1]);
	KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, one));
	KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), 1);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_ids_take(ids, two), (void *)&things[2]);
	KUNIT_EXPECT_NULL(test, xenpv_ids_take(ids, two));
	KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), 0);
	xenpv_ids_free(ids);
}

/* The id of a place that is used again is another; the old one gives nothing. */
static void take_stale(struct kunit *test)
{
	static u64 old[256];
	struct xenpv_ids *ids = table(test, 1, 8);

	for (int i = 0; i < 256; i++) {
		u64 id = give(test, ids, &things[i % 64]);

		for (int k = 0; k < i; k++) {
			KUNIT_ASSERT_NE(test, old[k], id);
			KUNIT_ASSERT_NULL(test, xenpv_ids_take(ids, old[k]));
		}
		KUNIT_ASSERT_PTR_EQ(test, xenpv_ids_take(ids, id), (void *)&things[i % 64]);
		old[i] = id;
	}
	KUNIT_EXPECT_EQ(test, give(test, ids, things), old[0]);
	xenpv_ids_free(ids);
}

/* No id is wider than the protocol's field, and each width is used up. */
static void width_is_kept(struct kunit *test)
{
	for (unsigned int bits = 3; bits <= 10; bits++) {
		struct xenpv_ids *ids = table(test, 6, bits);
		u64 all = 0, widest = 0;

		for (int i = 0; i < 6 << bits; i++) {
			u64 id = give(test, ids, things);

			all |= id;
			widest = max(widest, id);
			KUNIT_ASSERT_PTR_EQ(test, xenpv_ids_take(ids, id), (void *)things);
		}
		KUNIT_EXPECT_EQ(test, all, BIT_ULL(bits) - 1);
		KUNIT_EXPECT_LT(test, widest, BIT_ULL(bits));
		xenpv_ids_free(ids);
	}
}

static void init_refuses(struct kunit *test)
{
	struct xenpv_ids ids;

	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, 0, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, BIT(31), 64), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, 17, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, 16, 65), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, 16, 4), 0);
	xenpv_ids_free(&ids);
	KUNIT_EXPECT_EQ(test, xenpv_ids_init(&ids, 1, 0), 0);
	xenpv_ids_free(&ids);
}

/* A place rests while others are free. */
static void places_queue(struct kunit *test)
{
	struct xenpv_ids *ids = table(test, 8, 8);

	for (int i = 0; i < 64; i++) {
		u64 id = give(test, ids, things);

		KUNIT_ASSERT_EQ(test, id % 8, i % 8);
		KUNIT_ASSERT_EQ(test, id / 8, i / 8);
		KUNIT_ASSERT_PTR_EQ(test, xenpv_ids_take(ids, id), (void *)things);
	}
	xenpv_ids_free(ids);
}

static void drain_gives_each(struct kunit *test)
{
	struct xenpv_ids *ids = table(test, 16, 16);
	u64 seen = 0, id = 0;
	char *what;

	KUNIT_EXPECT_NULL(test, xenpv_ids_drain(ids));
	for (int i = 0; i < 12; i++)
		id = give(test, ids, &things[i]);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_ids_take(ids, id), (void *)&things[11]);
	while ((what = xenpv_ids_drain(ids))) {
		KUNIT_EXPECT_EQ(test, seen & BIT_ULL(what - things), 0);
		seen |= BIT_ULL(what - things);
	}
	KUNIT_EXPECT_EQ(test, seen, BIT_ULL(11) - 1);
	KUNIT_EXPECT_EQ(test, xenpv_ids_out(ids), 0);
	for (int i = 0; i < 16; i++)
		give(test, ids, things);
	xenpv_ids_free(ids);
}

/* 100000 steps, right and wrong ids, against a plain array that remembers everything. */
static void random_against_model(struct kunit *test)
{
	static void *model[1 << 10];
	struct xenpv_ids *ids = table(test, 37, 10);
	struct rnd_state rnd;
	u32 out = 0;

	memset(model, 0, sizeof(model));
	prandom_seed_state(&rnd, 376);
	for (int i = 0; i < 100000; i++) {
		u64 id = prandom_u32_state(&rnd) % (2 * ARRAY_SIZE(model));

		if (id & 1) {
			int ret = xenpv_ids_give(ids, &things[i % 64], &id);

			KUNIT_ASSERT_EQ(test, ret, out == 37 ? -ENOSPC : 0);
			if (ret)
				continue;
			KUNIT_ASSERT_LT(test, id, ARRAY_SIZE(model));
			KUNIT_ASSERT_NULL(test, model[id]);
			model[id] = &things[i % 64];
			out++;
		} else {
			void *want = model[id / 2];

			KUNIT_ASSERT_PTR_EQ(test, xenpv_ids_take(ids, id / 2), want);
			out -= !!want;
			model[id / 2] = NULL;
		}
		KUNIT_ASSERT_EQ(test, xenpv_ids_out(ids), out);
	}
	xenpv_ids_free(ids);
}

static struct kunit_case ids_cases[] = {
	KUNIT_CASE(give_until_full),
	KUNIT_CASE(take_unknown),
	KUNIT_CASE(take_twice),
	KUNIT_CASE(take_stale),
	KUNIT_CASE(width_is_kept),
	KUNIT_CASE(init_refuses),
	KUNIT_CASE(places_queue),
	KUNIT_CASE(drain_gives_each),
	KUNIT_CASE(random_against_model),
	{}
};

static struct kunit_suite ids_suite = {
	.name = "xenpv_ids",
	.test_cases = ids_cases,
};
kunit_test_suite(ids_suite);

MODULE_DESCRIPTION("KUnit tests for Xen id tables");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
