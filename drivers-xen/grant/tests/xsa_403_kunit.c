// SPDX-License-Identifier: GPL-2.0-only
/* XSA-403: pages that were shared held what nobody meant to share. */

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "room.h"

#define NR_SEGS		6
#define REQUESTS	2000
#define DIRTY_PAGES	256

static const char canary[16] = "private-private";

static const struct {
	const char *name;
	struct xenpv_grant_setup setup;
} pools[] = {
	{ "whole", { .max = 2 * NR_SEGS } },
	{ "whole, persistent", { .max = 2 * NR_SEGS, .persistent = true } },
	{ "copy", { .max = 2 * NR_SEGS, .policy = XENPV_GRANT_COPY } },
	{ "copy, persistent", { .max = 2 * NR_SEGS, .policy = XENPV_GRANT_COPY,
				.persistent = true } },
};

static void describe(const typeof(pools[0]) *pool, char *text)
{
	strscpy(text, pool->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(pool, pools, describe);

static struct page *pages[NR_SEGS];
static struct scatterlist sgl[NR_SEGS];
static struct xenpv_grant_seg segs[2 * NR_SEGS];
static unsigned long scanned, found;

static void fill(void *page)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i += sizeof(canary))
		memcpy(page + i, canary, sizeof(canary));
}

/* Free memory is full of canaries: pages and objects. */
static void dirty_free_memory(struct kunit *test)
{
	struct page *page, *next;
	LIST_HEAD(list);
	void *object;

	for (unsigned int i = 0; i < DIRTY_PAGES; i++) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			break;
		fill(page_address(page));
		list_add(&page->lru, &list);
	}
	list_for_each_entry_safe(page, next, &list, lru)
		__free_page(page);
	object = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (object)
		fill(object);
	kfree(object);
}

/* The peer looks at a page as a whole. */
static void scan(grant_ref_t ref)
{
	int handle = xenpv_fake_peer_map(PEER, ref, false);

	scanned++;
	if (handle < 0 || xenpv_fake_peer_scan(handle, canary, sizeof(canary) - 1) >= 0)
		found++;
	xenpv_fake_peer_unmap(handle);
}

/* The peer writes to a page as a whole. */
static void scribble(grant_ref_t ref)
{
	static u8 junk[PAGE_SIZE];
	int handle = xenpv_fake_peer_map(PEER, ref, true);

	memset(junk, 0xff, sizeof(junk));
	xenpv_fake_peer_write(handle, 0, junk, sizeof(junk));
	xenpv_fake_peer_unmap(handle);
}

/* A part of a page that otherwise is somebody else's. */
static void payload(struct scatterlist *sg, struct page *page)
{
	unsigned int offset, len;

	switch (xenpv_fake_rand(4)) {
	case 0:
		offset = 0;
		len = PAGE_SIZE;
		break;
	case 1:
		offset = 512 * xenpv_fake_rand(8);
		len = 512;
		break;
	default:
		offset = xenpv_fake_rand(PAGE_SIZE - 1);
		len = 1 + xenpv_fake_rand(PAGE_SIZE - offset - 1);
		break;
	}
	fill(page_address(page));
	memset(page_address(page) + offset, 'x', len);
	sg_set_page(sg, page, len, offset);
}

/* What lies beside the payload is still there, and the payload is what it should be. */
static void check_page(struct kunit *test, const struct scatterlist *sg, u8 want)
{
	static u8 expected[PAGE_SIZE];

	fill(expected);
	memset(expected + sg->offset, want, sg->length);
	KUNIT_EXPECT_EQ(test, memcmp(expected, page_address(sg_page((void *)sg)), PAGE_SIZE), 0);
}

static void request(struct kunit *test, struct xenpv_grant_pool *pool)
{
	bool to_peer = xenpv_fake_rand(2);
	int nr;

	for (unsigned int i = 0; i < NR_SEGS; i++)
		payload(&sgl[i], pages[i]);
	nr = xenpv_grant_sg(pool, sgl, NR_SEGS, to_peer ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
			    segs, ARRAY_SIZE(segs));
	KUNIT_ASSERT_EQ(test, nr, NR_SEGS);
	for (unsigned int i = 0; i < nr; i++)
		scan(segs[i].ref);
	for (unsigned int i = 0; !to_peer && i < nr; i++)
		scribble(segs[i].ref);
	for (unsigned int i = 0; i < nr; i++)
		scan(segs[i].ref);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, nr), 0);
	for (unsigned int i = 0; i < NR_SEGS; i++)
		check_page(test, &sgl[i], to_peer ? 'x' : 0xff);
}

static void requests_show_only_payload(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };
	const typeof(pools[0]) *param = test->param_value;
	struct xenpv_grant_pool *pool;

	room_start(test, &room);
	pool = room_pool(test, &param->setup);
	for (unsigned int i = 0; i < NR_SEGS; i++)
		pages[i] = room_page(test, 0);
	sg_init_table(sgl, NR_SEGS);
	scanned = 0;
	found = 0;
	for (unsigned int i = 0; i < REQUESTS; i++) {
		if (i % 100 == 0) {
			dirty_free_memory(test);
			xenpv_fake_forget();
		}
		request(test, pool);
	}
	KUNIT_EXPECT_EQ(test, found, 0);
	KUNIT_EXPECT_EQ(test, scanned, 2UL * NR_SEGS * REQUESTS);
	kunit_info(test, "%lu scans, %lu canaries", scanned, found);
}

static void rings_are_clear(struct kunit *test)
{
	static const struct room room = { .version = 2, .frames = 4 };
	struct xenpv_grant_pool *pool;
	struct page *ring[16];
	grant_ref_t refs[16];

	room_start(test, &room);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 1 });
	found = 0;
	for (unsigned int n = 0; n < 20; n++) {
		dirty_free_memory(test);
		xenpv_fake_forget();
		for (unsigned int i = 0; i < ARRAY_SIZE(ring); i++) {
			ring[i] = xenpv_grant_new_page(pool, &refs[i]);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring[i]);
			scan(refs[i]);
			KUNIT_EXPECT_TRUE(test, room_page_is(ring[i], 0));
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(ring); i++)
			KUNIT_EXPECT_TRUE(test, xenpv_grant_end(pool, refs[i], ring[i]));
	}
	KUNIT_EXPECT_EQ(test, found, 0);
}

/* One peer's payload does not reach another one through a page of a pool. */
static void pages_do_not_wander(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };
	struct xenpv_grant_pool *one, *two;
	struct page *page = room_page(test, 0);

	room_start(test, &room);
	one = room_pool(test, &pools[0].setup);
	two = room_pool(test, &pools[0].setup);
	fill(page_address(page));
	sg_init_table(sgl, 1);
	sg_set_page(&sgl[0], page, 2000, 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(one, sgl, 1, DMA_TO_DEVICE, segs, 1), 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(one, segs, 1), 0);

	/* Not even through the same pool: the next request is smaller. */
	found = 0;
	memset(page_address(page), 'x', PAGE_SIZE);
	sg_set_page(&sgl[0], page, 10, 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(one, sgl, 1, DMA_TO_DEVICE, segs, 1), 1);
	scan(segs[0].ref);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(one, segs, 1), 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_sg(two, sgl, 1, DMA_FROM_DEVICE, segs, 1), 1);
	scan(segs[0].ref);
	KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(two, segs, 1), 0);
	KUNIT_EXPECT_EQ(test, found, 0);
}

static struct kunit_case xsa_403_cases[] = {
	KUNIT_CASE_PARAM(requests_show_only_payload, pool_gen_params),
	KUNIT_CASE(rings_are_clear),
	KUNIT_CASE(pages_do_not_wander),
	{}
};

static struct kunit_suite xsa_403_suite = {
	.name = "xsa_403",
	.test_cases = xsa_403_cases,
};
kunit_test_suite(xsa_403_suite);
