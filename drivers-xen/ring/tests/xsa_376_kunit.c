// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-376, a, b and e, for rings, ids and streams: a back that answers what
 * was not asked, and whose indices jump.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/console.h>

#include <xenpv/ids.h>
#include <xenpv/stream.h>

#include "../../fake/fake.h"
#include "peer.h"

XENPV_RING(disk, struct blkif_request, struct blkif_response)

#define SLOTS	32

/**
 * struct victim - a block front and its hostile back
 * @front: the front
 * @ids: what it has asked for
 * @peer: the back
 * @asked: ids that the back has seen
 * @nr_asked: how many
 * @accesses: how often the front touched the page
 * @finished: requests that the front took for answered
 */
struct victim {
	struct disk_front front;
	struct xenpv_ids ids;
	struct peer peer;
	u64 asked[SLOTS];
	u32 nr_asked;
	unsigned int accesses;
	unsigned int finished;
};

static void watch(const struct xenpv_fake_access *access, void *arg)
{
	struct victim *v = arg;
	char *where = (char *)access->where;

	if (where >= (char *)v->peer.page && where < (char *)v->peer.page + PAGE_SIZE)
		v->accesses++;
}

static void ask(struct kunit *test, struct victim *v)
{
	struct blkif_request q = { .operation = BLKIF_OP_READ };
	u64 id;

	KUNIT_ASSERT_EQ(test, xenpv_ids_give(&v->ids, v, &id), 0);
	q.u.rw.id = id;
	KUNIT_ASSERT_EQ(test, disk_front_put(&v->front, &q), 0);
	disk_front_push(&v->front);
	KUNIT_ASSERT_TRUE(test, peer_get(&v->peer, &q, sizeof(q)));
	v->asked[v->nr_asked++ % SLOTS] = q.u.rw.id;
}

static struct victim *victim_new(struct kunit *test, u32 asked)
{
	struct victim *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	void *pages = peer_pages(test, 1);

	KUNIT_ASSERT_NOT_NULL(test, v);
	KUNIT_ASSERT_EQ(test, disk_front_init(&v->front, pages, 1), 0);
	KUNIT_ASSERT_EQ(test, v->front.ring.nr_slots, SLOTS);
	KUNIT_ASSERT_EQ(test, xenpv_ids_init(&v->ids, SLOTS, 64), 0);
	peer_open(&v->peer, false, pages, 1, sizeof(struct blkif_request));
	for (u32 i = 0; i < asked; i++)
		ask(test, v);
	xenpv_fake_peer(watch, v);
	return v;
}

static void victim_free(struct kunit *test, struct victim *v)
{
	xenpv_fake_peer(NULL, NULL);
	xenpv_ids_free(&v->ids);
	kunit_kfree(test, v->peer.page);
	kunit_kfree(test, v);
}

static void back_answers(struct victim *v, u64 id)
{
	struct blkif_response a = { .id = id, .operation = BLKIF_OP_READ };

	peer_send(&v->peer, &a, sizeof(a));
}

/* The interrupt of a front: what is answered, until there is nothing or a lie. */
static int interrupt(struct victim *v)
{
	struct blkif_response a;
	int ret;

	do {
		while ((ret = disk_front_get(&v->front, &a)) > 0) {
			if (!xenpv_ids_take(&v->ids, a.id)) {
				xenpv_ring_break(&v->front.ring, "an answer to nothing");
				continue;
			}
			v->finished++;
		}
	} while (disk_front_arm(&v->front));
	return ret;
}

/* Broken: not one more access to the page, whatever the back and we do. */
static void expect_dead(struct kunit *test, struct victim *v, unsigned int finished)
{
	unsigned int quiet = v->accesses;
	struct blkif_request q = { };

	KUNIT_EXPECT_EQ(test, v->finished, finished);
	KUNIT_EXPECT_NOT_NULL(test, disk_front_broken(&v->front));
	v->peer.page->rsp_prod = v->front.ring.got + 1;
	KUNIT_EXPECT_EQ(test, interrupt(v), -EPROTO);
	KUNIT_EXPECT_EQ(test, disk_front_put(&v->front, &q), -EPROTO);
	KUNIT_EXPECT_FALSE(test, disk_front_push(&v->front));
	KUNIT_EXPECT_EQ(test, v->accesses, quiet);
	KUNIT_EXPECT_EQ(test, v->finished, finished);
}

/* a) Ids that were never out. */
static void id_unknown(struct kunit *test)
{
	static const u64 lies[] = {
		3, SLOTS - 1, SLOTS, SLOTS + 1, BIT_ULL(31), BIT_ULL(32), BIT_ULL(32) + 1,
		BIT_ULL(63), U64_MAX, U64_MAX - SLOTS + 1,
	};

	for (int i = 0; i < ARRAY_SIZE(lies); i++) {
		struct victim *v = victim_new(test, 3);

		back_answers(v, v->asked[1]);
		back_answers(v, lies[i]);
		back_answers(v, v->asked[2]);
		KUNIT_EXPECT_EQ(test, interrupt(v), -EPROTO);
		expect_dead(test, v, 1);
		victim_free(test, v);
	}
}

/* a) One id twice, at once and after others. */
static void id_twice(struct kunit *test)
{
	for (u32 between = 0; between < 4; between++) {
		struct victim *v = victim_new(test, 6);

		back_answers(v, v->asked[5]);
		for (u32 i = 0; i < between; i++)
			back_answers(v, v->asked[i]);
		back_answers(v, v->asked[5]);
		KUNIT_EXPECT_EQ(test, interrupt(v), -EPROTO);
		expect_dead(test, v, 1 + between);
		victim_free(test, v);
	}
}

/* a) The id of a request that is done, while its place serves another one. */
static void id_stale(struct kunit *test)
{
	struct victim *v = victim_new(test, SLOTS);
	u64 old = v->asked[7];

	back_answers(v, old);
	KUNIT_EXPECT_EQ(test, interrupt(v), 0);
	xenpv_fake_peer(NULL, NULL);
	ask(test, v);
	xenpv_fake_peer(watch, v);
	KUNIT_EXPECT_EQ(test, v->asked[0] % SLOTS, old % SLOTS);
	KUNIT_EXPECT_NE(test, v->asked[0], old);
	back_answers(v, old);
	KUNIT_EXPECT_EQ(test, interrupt(v), -EPROTO);
	expect_dead(test, v, 1);
	victim_free(test, v);
}

/* b) Each jump of the index, for each number of requests in flight. */
static void index_jumps(struct kunit *test)
{
	static const u32 jumps[] = {
		SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS, 65536, BIT(31) - 1, BIT(31), BIT(31) + 1,
	};

	for (u32 asked = 0; asked < SLOTS - 1; asked += 3) {
		for (int j = 0; j < ARRAY_SIZE(jumps) + 2; j++) {
			struct victim *v = victim_new(test, asked);
			u32 more = asked + 1 + j - ARRAY_SIZE(jumps);
			u32 jump = j < ARRAY_SIZE(jumps) ? jumps[j] : more;

			v->peer.page->rsp_prod = jump;
			KUNIT_EXPECT_EQ_MSG(test, interrupt(v), -EPROTO, "asked %u jump %u",
					    asked, jump);
			expect_dead(test, v, 0);
			victim_free(test, v);
		}
	}
}

/* b) Back to each earlier index, after some answers. */
static void index_goes_back(struct kunit *test)
{
	for (u32 done = 0; done < 8; done++) {
		for (u32 back = 1; back <= done + 2; back++) {
			struct victim *v = victim_new(test, 10);

			for (u32 i = 0; i < done; i++)
				back_answers(v, v->asked[i]);
			KUNIT_EXPECT_EQ(test, interrupt(v), 0);
			v->peer.page->rsp_prod = done - back;
			KUNIT_EXPECT_EQ(test, interrupt(v), -EPROTO);
			KUNIT_EXPECT_STREQ(test, disk_front_broken(&v->front),
					   "the peer's index went back");
			expect_dead(test, v, done);
			victim_free(test, v);
		}
	}
}

/* e) A console whose indices cannot be: nothing is copied, the view stays. */
static void console_indices(struct kunit *test)
{
	static const u32 lies[] = { 1025, 2049, 4096, 65536, BIT(31), -1, -1024 };
	struct xencons_interface *page = (void *)peer_pages(test, 1);
	struct xenpv_stream in, out;
	char text[16] = "kept";

	for (int i = 0; i < ARRAY_SIZE(lies); i++) {
		memset(page, 0xa5, sizeof(*page));
		page->in_cons = page->in_prod = page->out_cons = page->out_prod = 0;
		xenpv_stream_init(&in, XENPV_STREAM_READER,
				  (char __xen_shared __force *)page->in, 1024,
				  (u32 __xen_shared __force *)&page->in_prod,
				  (u32 __xen_shared __force *)&page->in_cons);
		xenpv_stream_init(&out, XENPV_STREAM_WRITER,
				  (char __xen_shared __force *)page->out, 2048,
				  (u32 __xen_shared __force *)&page->out_prod,
				  (u32 __xen_shared __force *)&page->out_cons);
		page->in_prod = lies[i];
		page->out_cons = lies[i] == -1024 ? -2049 : lies[i];
		KUNIT_EXPECT_EQ(test, xenpv_stream_read(&in, text, sizeof(text)), -EPROTO);
		KUNIT_EXPECT_STREQ(test, text, "kept");
		KUNIT_EXPECT_EQ(test, page->in_cons, 0);
		if (lies[i] == -1)
			continue;	/* One byte that waits: a reader may be slow. */
		KUNIT_EXPECT_EQ(test, xenpv_stream_write(&out, "never", 5), -EPROTO);
		KUNIT_EXPECT_EQ(test, page->out_prod, 0);
		KUNIT_EXPECT_NULL(test, memchr_inv(page->out, 0xa5, sizeof(page->out)));
	}
}

static int xsa_376_init(struct kunit *test)
{
	xenpv_fake_start(test);
	return 0;
}

static struct kunit_case xsa_376_cases[] = {
	KUNIT_CASE(id_unknown),
	KUNIT_CASE(id_twice),
	KUNIT_CASE(id_stale),
	KUNIT_CASE(index_jumps),
	KUNIT_CASE(index_goes_back),
	KUNIT_CASE(console_indices),
	{}
};

static struct kunit_suite xsa_376_suite = {
	.name = "xsa_376",
	.init = xsa_376_init,
	.test_cases = xsa_376_cases,
};
kunit_test_suite(xsa_376_suite);

MODULE_DESCRIPTION("Replay of XSA-376 on rings, ids and streams");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
