// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the limits of pools: peers that keep pages, and who is called when there is room. */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include <kunit/static_stub.h>
#include "room.h"

#define NR_PAGES	4
#define MAX_SEGS	8

static const struct xenpv_grant_setup whole = { .max = 4 };
static const struct xenpv_grant_setup persistent = { .max = 4, .persistent = true };

static struct page *pages[NR_PAGES];
static struct scatterlist sgl[NR_PAGES];
static struct xenpv_grant_seg segs[MAX_SEGS];

KUNIT_ARRAY_PARAM(room, room_versions, room_version_name);

static void start(struct kunit *test)
{
	room_start_pages(test, pages, sgl, NR_PAGES);
	memset(segs, 0, sizeof(segs));
}

static int lend_pages(struct xenpv_grant_pool *pool, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		sg_set_page(&sgl[i], pages[i], PAGE_SIZE, 0);
	return xenpv_grant_sg(pool, sgl, nr, DMA_FROM_DEVICE, segs, MAX_SEGS);
}

/* Parts of pages, which are copied; from segment @at on. */
static int lend_parts(struct xenpv_grant_pool *pool, unsigned int nr, unsigned int at)
{
	for (unsigned int i = 0; i < nr; i++)
		sg_set_page(&sgl[i], pages[i], 8, 0);
	return xenpv_grant_sg(pool, sgl, nr, DMA_FROM_DEVICE, segs + at, nr);
}

static void nothing_is_left(struct kunit *test, struct xenpv_grant_pool *pool)
{
	unsigned int max, size = xenpv_grant_table_size(&max);

	KUNIT_EXPECT_EQ(test, room_held(pool), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), size - GNTTAB_NR_RESERVED_ENTRIES);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

/* Pages of the caller are not the pool's, but the peer keeps them all the same. */
static void keep_whole(struct kunit *test, struct xenpv_grant_pool *pool, int *handle)
{
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 1), 1);
	*handle = xenpv_fake_peer_map(PEER, segs[0].ref, true);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), -EBUSY);
}

static void peer_keeps_whole_pages_up_to_the_limit(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	grant_ref_t ref;
	int handles[4];

	start(test);
	pool = room_pool(test, &whole);
	for (unsigned int i = 0; i < 4; i++)
		keep_whole(test, pool, &handles[i]);
	KUNIT_EXPECT_EQ(test, room_held(pool), 4);
	KUNIT_EXPECT_EQ(test, lend_pages(pool, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, xenpv_grant_page(pool, pages[1], true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, PTR_ERR(xenpv_grant_new_page(pool, &ref)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);

	xenpv_fake_peer_unmap(handles[2]);
	room_advance(2000);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 4), 4);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 4), 0);

	for (unsigned int i = 0; i < 4; i++)
		xenpv_fake_peer_unmap(handles[i]);
	room_advance(2000);
	nothing_is_left(test, pool);
}

static struct xenpv_grant_pool *connect(const char *name, domid_t peer, unsigned int reserve)
{
	return xenpv_grant_pool_create(&(struct xenpv_grant_setup){
		.name = name, .peer = peer, .max = 4, .reserve = reserve });
}

/* A peer that keeps pages, and has us connect anew, does not begin at nothing. */
static void peer_keeps_pages_over_a_reconnect(struct kunit *test)
{
	struct xenpv_grant_pool *pool, *other;
	int handles[4];

	start(test);
	for (unsigned int i = 0; i < 4; i++) {
		pool = connect("test", PEER, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
		KUNIT_EXPECT_EQ(test, room_held(pool), i);
		keep_whole(test, pool, &handles[i]);
		xenpv_grant_pool_destroy(pool);
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR(connect("test", PEER, 1)), -EBUSY);
	pool = room_pool(test, &whole);
	KUNIT_EXPECT_EQ(test, room_held(pool), 4);
	KUNIT_EXPECT_EQ(test, lend_pages(pool, 1), -EAGAIN);

	/* That is for one name of one peer, and for one pool at a time. */
	for (unsigned int i = 0; i < 3; i++) {
		other = connect(i == 1 ? "other" : "test", i == 2 ? OTHER : PEER, 4);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
		KUNIT_EXPECT_EQ(test, room_held(other), 0);
		xenpv_grant_pool_destroy(other);
	}

	/* Who is called is the pool that there is now. */
	KUNIT_EXPECT_EQ(test, room_calls(), 0);
	for (unsigned int i = 0; i < 4; i++)
		xenpv_fake_peer_unmap(handles[i]);
	room_advance(2000);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	nothing_is_left(test, pool);
}

/*
 * Between the moment that the peer is found to keep a page and the one that the pool
 * has it no more, another CPU finds no room.
 */
static struct xenpv_grant_pool *meanwhile;
static int meanwhile_got;

static void lend_meanwhile(u64 delay)
{
	meanwhile_got = lend_parts(meanwhile, 1, 1);
}

static void called_when_a_kept_page_leaves_the_pool(struct kunit *test)
{
	int handle;

	start(test);
	meanwhile = room_pool(test, &(struct xenpv_grant_setup){ .max = 2 });
	meanwhile_got = 0;
	kunit_activate_static_stub(test, xenpv_grant_reap_in, lend_meanwhile);
	KUNIT_ASSERT_EQ(test, lend_parts(meanwhile, 1, 0), 1);
	handle = xenpv_fake_peer_map(PEER, segs[0].ref, true);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(meanwhile, segs, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, meanwhile_got, -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_parts(meanwhile, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(meanwhile, segs, 1), 0);
	xenpv_fake_peer_unmap(handle);
	xenpv_fake_advance(20 * (u64)NSEC_PER_MSEC);
	xenpv_grant_reap();
	nothing_is_left(test, meanwhile);
}

/* Takes all references that are left; returns the last one. */
static grant_ref_t exhaust(void)
{
	grant_ref_t last = 0;
	int ref;

	while ((ref = xenpv_grant_ref_take()) >= 0)
		last = ref;
	return last;
}

/* A page that stays lent brings no reference, but whoever waits can have the page. */
static void called_when_a_lent_page_returns(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	grant_ref_t last;

	start(test);
	pool = room_pool(test, &persistent);
	KUNIT_ASSERT_EQ(test, lend_parts(pool, 2, 0), 2);
	last = exhaust();
	KUNIT_EXPECT_EQ(test, lend_parts(pool, 1, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_parts(pool, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);

	/* One lent page and one reference are as good as two. */
	KUNIT_EXPECT_EQ(test, lend_parts(pool, 2, 2), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	xenpv_grant_ref_give(last);
	KUNIT_EXPECT_EQ(test, room_calls(), 2);
	KUNIT_EXPECT_EQ(test, lend_parts(pool, 2, 2), 2);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs + 1, 3), 0);
	KUNIT_EXPECT_EQ(test, room_calls(), 2);
}

static void end_meanwhile(const struct xenpv_fake_access *access, void *pool)
{
	xenpv_fake_peer(NULL, NULL);
	xenpv_grant_end_sg(pool, segs, 1);
}

/* A page comes back while another CPU fails; then the lent ones are found first. */
static void lent_pages_are_taken_first(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test);
	pool = room_pool(test, &persistent);
	KUNIT_ASSERT_EQ(test, lend_parts(pool, 1, 0), 1);
	xenpv_grant_ref_give(exhaust());
	xenpv_fake_peer(end_meanwhile, pool);
	KUNIT_EXPECT_EQ(test, lend_parts(pool, 2, 1), -EAGAIN);
	/* There are two by now, which is known before it returns. */
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_parts(pool, 2, 0), 2);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 2), 0);
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE_PARAM(peer_keeps_whole_pages_up_to_the_limit, room_gen_params),
	KUNIT_CASE_PARAM(peer_keeps_pages_over_a_reconnect, room_gen_params),
	KUNIT_CASE(called_when_a_kept_page_leaves_the_pool),
	KUNIT_CASE_PARAM(called_when_a_lent_page_returns, room_gen_params),
	KUNIT_CASE_PARAM(lent_pages_are_taken_first, room_gen_params),
	{}
};

static struct kunit_suite limits_suite = {
	.name = "xenpv_grant_limits",
	.test_cases = limits_cases,
};
kunit_test_suite(limits_suite);
