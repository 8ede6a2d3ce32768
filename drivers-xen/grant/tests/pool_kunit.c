// SPDX-License-Identifier: GPL-2.0-only
/* Tests of pools: what is lent where it is, what is copied, and what the peer keeps. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <xenpv/frames.h>
#include "room.h"

#define NR_PAGES	4
#define MAX_SEGS	16

static const struct xenpv_grant_setup whole = { .max = 4 };
static const struct xenpv_grant_setup persistent = { .max = 4, .persistent = true };
static const struct xenpv_grant_setup trust = { .max = 4, .policy = XENPV_GRANT_TRUST };
static const struct xenpv_grant_setup copy = { .max = 4, .policy = XENPV_GRANT_COPY };

static struct page *pages[NR_PAGES];
static struct scatterlist sgl[NR_PAGES];
static struct xenpv_grant_seg segs[MAX_SEGS];

KUNIT_ARRAY_PARAM(room, room_versions, room_version_name);

static void start(struct kunit *test)
{
	room_start_pages(test, pages, sgl, NR_PAGES);
	memset(segs, 0, sizeof(segs));
}

static int granted(struct xenpv_grant_pool *pool)
{
	return atomic_read(&xenpv_grant_pool_account(pool)->granted);
}

static int copied(struct xenpv_grant_pool *pool)
{
	return atomic64_read(&xenpv_grant_pool_account(pool)->copied);
}

/* One part of page 0. */
static int lend_part(struct xenpv_grant_pool *pool, unsigned int offset, unsigned int len,
		     enum dma_data_direction dir)
{
	sg_set_page(&sgl[0], pages[0], len, offset);
	return xenpv_grant_sg(pool, sgl, 1, dir, segs, MAX_SEGS);
}

static int lend_pages(struct xenpv_grant_pool *pool, unsigned int nr,
		      enum dma_data_direction dir)
{
	for (unsigned int i = 0; i < nr; i++)
		sg_set_page(&sgl[i], pages[i], PAGE_SIZE, 0);
	return xenpv_grant_sg(pool, sgl, nr, dir, segs, MAX_SEGS);
}

static void nothing_is_left(struct kunit *test, struct xenpv_grant_pool *pool)
{
	unsigned int max, size = xenpv_grant_table_size(&max);

	KUNIT_EXPECT_EQ(test, granted(pool), 0);
	KUNIT_EXPECT_EQ(test, room_held(pool), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), size - GNTTAB_NR_RESERVED_ENTRIES);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

static void whole_pages_are_lent(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test);
	pool = room_pool(test, &whole);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 3, DMA_TO_DEVICE), 3);
	KUNIT_EXPECT_EQ(test, granted(pool), 3);
	for (unsigned int i = 0; i < 3; i++) {
		int handle = xenpv_fake_peer_map(PEER, segs[i].ref, false);

		KUNIT_EXPECT_EQ(test, segs[i].offset, 0);
		KUNIT_EXPECT_EQ(test, segs[i].len, PAGE_SIZE);
		KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle),
				    page_address(pages[i]));
		KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, segs[i].ref, true), 0);
		xenpv_fake_peer_unmap(handle);
	}
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 3), 0);
	KUNIT_EXPECT_EQ(test, copied(pool), 0);
	nothing_is_left(test, pool);
}

static void parts_are_copied(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	u8 *seen;
	int handle;

	start(test);
	pool = room_pool(test, &whole);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 512, 1024, DMA_TO_DEVICE), 1);
	KUNIT_EXPECT_EQ(test, segs[0].offset, 512);
	KUNIT_EXPECT_EQ(test, segs[0].len, 1024);
	handle = xenpv_fake_peer_map(PEER, segs[0].ref, false);
	seen = xenpv_fake_peer_page(handle);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_EXPECT_PTR_NE(test, seen, (u8 *)page_address(pages[0]));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen, 0, 512));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen + 512, 0xa0, 1024));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen + 1536, 0, PAGE_SIZE - 1536));
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, copied(pool), 1);
	nothing_is_left(test, pool);
}

static void answers_are_copied_back(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	static u8 junk[PAGE_SIZE / 4];
	u8 *mine;
	int handle;

	start(test);
	mine = page_address(pages[0]);
	memset(junk, 0x77, sizeof(junk));
	pool = room_pool(test, &whole);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 512, 512, DMA_FROM_DEVICE), 1);
	handle = xenpv_fake_peer_map(PEER, segs[0].ref, true);
	/* Less before, all of it, more after. */
	xenpv_fake_peer_write(handle, 256, junk, sizeof(junk));
	KUNIT_EXPECT_TRUE(test, room_page_is(pages[0], 0xa0));
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(mine, 0xa0, 512));
	KUNIT_EXPECT_NULL(test, memchr_inv(mine + 512, 0x77, 512));
	KUNIT_EXPECT_NULL(test, memchr_inv(mine + 1024, 0xa0, PAGE_SIZE - 1024));
	nothing_is_left(test, pool);
}

static void entries_cross_pages(struct kunit *test)
{
	struct page *two = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);
	struct xenpv_grant_pool *pool;

	KUNIT_ASSERT_NOT_NULL(test, two);
	start(test);
	pool = room_pool(test, &whole);
	sg_set_page(&sgl[0], two, PAGE_SIZE + 1000, 500);
	KUNIT_EXPECT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_BIDIRECTIONAL, segs, 1),
			-EINVAL);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_BIDIRECTIONAL, segs, 2), 2);
	KUNIT_EXPECT_EQ(test, segs[0].offset, 500);
	KUNIT_EXPECT_EQ(test, segs[0].len, PAGE_SIZE - 500);
	KUNIT_EXPECT_EQ(test, segs[1].offset, 0);
	KUNIT_EXPECT_EQ(test, segs[1].len, 1500);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 2), 0);

	/* An offset past the first page, and a second page that is whole. */
	sg_set_page(&sgl[0], two, PAGE_SIZE, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_TO_DEVICE, segs, 2), 1);
	KUNIT_EXPECT_PTR_EQ(test, segs[0].page, two + 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	__free_pages(two, 1);
	nothing_is_left(test, pool);
}

static void slab_is_copied(struct kunit *test)
{
	void *object = kmalloc(PAGE_SIZE, GFP_KERNEL);
	struct xenpv_grant_pool *pool;
	int before;

	KUNIT_ASSERT_NOT_NULL(test, object);
	start(test);
	pool = room_pool(test, &trust);
	sg_set_buf(&sgl[0], object, PAGE_SIZE);
	/* An object of a whole page may or may not be slab, or a page without a count. */
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_TO_DEVICE, segs, 2), 1);
	KUNIT_EXPECT_EQ(test, copied(pool), !sendpage_ok(virt_to_page(object)));
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	kfree(object);

	object = kmalloc(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	sg_set_buf(&sgl[0], object, 64);
	before = copied(pool);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_TO_DEVICE, segs, 2), 1);
	KUNIT_EXPECT_EQ(test, copied(pool), before + 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	kfree(object);
	nothing_is_left(test, pool);
}

static void foreign_is_copied(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test);
	room_memory(test);
	pool = room_pool(test, &whole);
	xenpv_p2m_set(page_to_pfn(pages[0]),
		      mfn_box(page_to_pfn(pages[0]) | XENPV_P2M_FOREIGN));
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 2, DMA_TO_DEVICE), 2);
	KUNIT_EXPECT_EQ(test, copied(pool), 1);
	KUNIT_EXPECT_PTR_NE(test, segs[0].page, pages[0]);
	KUNIT_EXPECT_PTR_EQ(test, segs[1].page, pages[1]);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 2), 0);
	nothing_is_left(test, pool);
}

static void policies_differ(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test);
	pool = room_pool(test, &trust);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 512, 512, DMA_TO_DEVICE), 1);
	KUNIT_EXPECT_PTR_EQ(test, segs[0].page, pages[0]);
	KUNIT_EXPECT_EQ(test, segs[0].offset, 512);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);

	pool = room_pool(test, &copy);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 1, DMA_TO_DEVICE), 1);
	KUNIT_EXPECT_PTR_NE(test, segs[0].page, pages[0]);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	nothing_is_left(test, pool);
}

static void persistent_pages_stay_lent(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	grant_ref_t ref;
	int handle;

	start(test);
	pool = room_pool(test, &persistent);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 0, 512, DMA_TO_DEVICE), 1);
	ref = segs[0].ref;
	handle = xenpv_fake_peer_map(PEER, ref, true);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, granted(pool), 1);

	/* The other way round it is the same page, and what the peer writes arrives. */
	KUNIT_ASSERT_EQ(test, lend_part(pool, 512, 512, DMA_FROM_DEVICE), 1);
	KUNIT_EXPECT_EQ(test, segs[0].ref, ref);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_write(handle, 512, "abc", 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_STREQ(test, (char *)page_address(pages[0]) + 512, "abc");
	KUNIT_EXPECT_EQ(test, room_held(pool), 0);
	xenpv_fake_peer_unmap(handle);
}

static void persistent_pages_go_with_the_pool(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	unsigned int free;
	int handle;

	start(test);
	free = xenpv_grant_refs_free();
	pool = xenpv_grant_pool_create(&(struct xenpv_grant_setup){
		.name = "gone", .peer = PEER, .max = 4, .persistent = true });
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	for (unsigned int i = 0; i < 2; i++)
		sg_set_page(&sgl[i], pages[i], 100, 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 2, DMA_TO_DEVICE, segs, 2), 2);
	handle = xenpv_fake_peer_map(PEER, segs[1].ref, true);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 2), 0);
	xenpv_grant_pool_destroy(pool);

	/* One is free, the other is held. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), free - 1);
	room_advance(10000);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), free - 1);
	xenpv_fake_peer_unmap(handle);
	room_advance(2000);
	KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), free);
}

static void peer_keeps_a_whole_page(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	int handle;

	start(test);
	pool = room_pool(test, &whole);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 3, DMA_FROM_DEVICE), 3);
	handle = xenpv_fake_peer_map(PEER, segs[1].ref, true);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 3), -EBUSY);
	KUNIT_EXPECT_EQ(test, room_held(pool), 1);
	KUNIT_EXPECT_EQ(test, granted(pool), 0);
	KUNIT_EXPECT_EQ(test, page_count(pages[0]), 1);
	KUNIT_EXPECT_EQ(test, page_count(pages[1]), 2);
	KUNIT_EXPECT_EQ(test, page_count(pages[2]), 1);
	room_advance(60000);
	KUNIT_EXPECT_EQ(test, page_count(pages[1]), 2);

	xenpv_fake_peer_unmap(handle);
	room_advance(1999);
	KUNIT_EXPECT_EQ(test, page_count(pages[1]), 1);
	nothing_is_left(test, pool);
}

/* A peer that keeps pages gets no more of them than the pool's limit. */
static void peer_keeps_copies_up_to_the_limit(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	int handles[4];

	start(test);
	pool = room_pool(test, &whole);
	for (unsigned int i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, lend_part(pool, 0, 8, DMA_FROM_DEVICE), 1);
		handles[i] = xenpv_fake_peer_map(PEER, segs[0].ref, true);
		KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), -EBUSY);
	}
	KUNIT_EXPECT_EQ(test, room_held(pool), 4);
	KUNIT_EXPECT_EQ(test, lend_part(pool, 0, 8, DMA_FROM_DEVICE), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);

	xenpv_fake_peer_unmap(handles[2]);
	room_advance(2000);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 0, 8, DMA_FROM_DEVICE), 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);

	for (unsigned int i = 0; i < 4; i++)
		xenpv_fake_peer_unmap(handles[i]);
	room_advance(2000);
	nothing_is_left(test, pool);
}

/* Nothing of a list is lent if not all of it can be. */
static void all_or_nothing(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 3 });
	for (unsigned int i = 0; i < NR_PAGES; i++)
		sg_set_page(&sgl[i], pages[i], 100, 0);
	/* That will never do. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_sg(pool, sgl, 4, DMA_TO_DEVICE, segs, 4), -EINVAL);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 1, DMA_TO_DEVICE, segs, 4), 1);

	/* Who could not have three is not called because of the two that there are. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_sg(pool, sgl, 3, DMA_TO_DEVICE, segs + 1, 4), -EAGAIN);
	KUNIT_EXPECT_EQ(test, granted(pool), 1);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, 3, DMA_TO_DEVICE, segs, 4), 3);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 3), 0);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	nothing_is_left(test, pool);
}

static void called_when_refs_return(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	int last[4] = {}, ref, nr = 0;

	start(test);
	pool = room_pool(test, &whole);
	while ((ref = xenpv_grant_ref_take()) >= 0)
		last[nr++ % ARRAY_SIZE(last)] = ref;
	KUNIT_EXPECT_EQ(test, lend_pages(pool, 3, DMA_TO_DEVICE), -EAGAIN);
	xenpv_grant_ref_give(last[0]);
	xenpv_grant_ref_give(last[1]);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);
	/* Two are not enough, and trying does not count as two that return. */
	KUNIT_EXPECT_EQ(test, lend_pages(pool, 3, DMA_TO_DEVICE), -EAGAIN);
	KUNIT_EXPECT_EQ(test, room_calls(), 0);
	xenpv_grant_ref_give(last[2]);
	KUNIT_EXPECT_EQ(test, room_calls(), 1);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 3, DMA_TO_DEVICE), 3);

	/* The same for a part; the page of the pool is not lost. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_page(pool, pages[3], true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, room_calls(), 2);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs + 1, 2), 0);
	for (unsigned int i = 0; i < 3; i++)
		last[i] = xenpv_grant_ref_take();
	KUNIT_EXPECT_EQ(test, lend_part(pool, 0, 10, DMA_TO_DEVICE), -EAGAIN);
	xenpv_grant_ref_give(last[0]);
	KUNIT_ASSERT_EQ(test, lend_part(pool, 0, 10, DMA_TO_DEVICE), 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, granted(pool), 0);
}

static void single_pages(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	struct page *page;
	grant_ref_t ref;
	int handle;

	start(test);
	pool = room_pool(test, &whole);
	page = xenpv_grant_new_page(pool, &ref);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, room_page_is(page, 0));
	handle = xenpv_fake_peer_map(PEER, ref, true);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle), page_address(page));
	get_page(page);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_end(pool, ref, page));
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	xenpv_fake_peer_unmap(handle);
	room_advance(2000);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);

	page = xenpv_grant_new_page(pool, &ref);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_end(pool, ref, page));
	nothing_is_left(test, pool);
}

static void create_is_refused(struct kunit *test)
{
	struct xenpv_grant_setup setup = { .name = "bad", .reserve = 2, .max = 1 };
	struct xenpv_grant_pool *pool;

	/* Without a table there is nothing to lend. */
	pool = xenpv_grant_pool_create(&setup);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pool), -ENODEV);
	xenpv_grant_pool_destroy(pool);
	start(test);
	pool = xenpv_grant_pool_create(&setup);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pool), -EINVAL);
	xenpv_grant_pool_destroy(NULL);
}

static void accounts_are_shown(struct kunit *test)
{
	static const char one_held[] =
		"7     test                            1        1          0\n";
	struct xenpv_grant_pool *pool;
	struct seq_file s = { .size = PAGE_SIZE };
	int handle;

	start(test);
	s.buf = kunit_kzalloc(test, s.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s.buf);
	pool = room_pool(test, &whole);
	KUNIT_ASSERT_EQ(test, lend_pages(pool, 2, DMA_TO_DEVICE), 2);
	handle = xenpv_fake_peer_map(PEER, segs[0].ref, false);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, 1), -EBUSY);
	xenpv_grant_show(&s);
	KUNIT_EXPECT_NOT_NULL(test, strstr(s.buf, "version 1\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(s.buf, one_held));
	KUNIT_EXPECT_NOT_NULL(test, strstr(s.buf, "held in all: 1 pages\n"));
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs + 1, 1), 0);
	room_advance(2000);
	nothing_is_left(test, pool);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE_PARAM(whole_pages_are_lent, room_gen_params),
	KUNIT_CASE_PARAM(parts_are_copied, room_gen_params),
	KUNIT_CASE_PARAM(answers_are_copied_back, room_gen_params),
	KUNIT_CASE(entries_cross_pages),
	KUNIT_CASE(slab_is_copied),
	KUNIT_CASE(foreign_is_copied),
	KUNIT_CASE(policies_differ),
	KUNIT_CASE_PARAM(persistent_pages_stay_lent, room_gen_params),
	KUNIT_CASE_PARAM(persistent_pages_go_with_the_pool, room_gen_params),
	KUNIT_CASE_PARAM(peer_keeps_a_whole_page, room_gen_params),
	KUNIT_CASE_PARAM(peer_keeps_copies_up_to_the_limit, room_gen_params),
	KUNIT_CASE(all_or_nothing),
	KUNIT_CASE(called_when_refs_return),
	KUNIT_CASE_PARAM(single_pages, room_gen_params),
	KUNIT_CASE(create_is_refused),
	KUNIT_CASE(accounts_are_shown),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "xenpv_grant_pool",
	.test_cases = pool_cases,
};
kunit_test_suite(pool_suite);
