// SPDX-License-Identifier: GPL-2.0-only
/* Tests of grants on real Xen: the control domain lends pages to itself. */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/foreign.h>
#include <xenpv/frames.h>
#include <xenpv/grant.h>
#include <xenpv/scratch.h>
#include <xenpv/self.h>
#include "../private.h"

/*
 * Only the control domain knows its number without asking xenstore, and it is 0.
 * The rest of the suites replaces Xen; this one is skipped where there is none.
 */
#define MYSELF	0
#define NR	40

static struct xenpv_grant_pool *pool;
static struct page *pages[NR];
static struct xenpv_foreign_slot slots[NR];

static int live_init(struct kunit *test)
{
	pool = NULL;
	memset(pages, 0, sizeof(pages));
	memset(slots, 0, sizeof(slots));
	if (xenpv_self.kind != XENPV_KIND_PV || !xenpv_self.control)
		kunit_skip(test, "not the control domain of a Xen");
	pool = xenpv_grant_pool_create(&(struct xenpv_grant_setup){
		.name = "live test", .peer = MYSELF, .max = 4 });
	return PTR_ERR_OR_ZERO(pool);
}

static void live_exit(struct kunit *test)
{
	xenpv_grant_pool_destroy(pool);
}

/* Each full of its number, each lent to us. */
static void lend_pages(struct kunit *test, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		pages[i] = xenpv_grant_new_page(pool, &slots[i].ref);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pages[i]);
		memset(page_address(pages[i]), i, PAGE_SIZE);
	}
}

static void end_pages(struct kunit *test, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test, xenpv_grant_end(pool, slots[i].ref, pages[i]));
}

static void map_and_unmap(struct kunit *test)
{
	lend_pages(test, NR);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(MYSELF, slots, NR, GFP_KERNEL), 0);
	for (unsigned int i = 0; i < NR; i++) {
		u8 *there = page_address(slots[i].page), *here = page_address(pages[i]);

		KUNIT_EXPECT_PTR_NE(test, there, here);
		KUNIT_EXPECT_NULL(test, memchr_inv(there, i, PAGE_SIZE));
		there[123] = 0xcc;
		KUNIT_EXPECT_EQ(test, here[123], 0xcc);
		KUNIT_EXPECT_TRUE(test, xenpv_p2m_raw(page_to_pfn(slots[i].page)) &
					XENPV_P2M_FOREIGN);
	}
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, NR), 0);
	end_pages(test, NR);
}

static void map_what_is_not_lent(struct kunit *test)
{
	lend_pages(test, 3);
	slots[1].ref ^= 0x100000;
	KUNIT_EXPECT_LT(test, xenpv_foreign_map(MYSELF, slots, 3, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, slots[0].status, 0);
	KUNIT_EXPECT_LT(test, slots[1].status, 0);
	KUNIT_EXPECT_EQ(test, slots[2].status, 0);
	slots[1].ref ^= 0x100000;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 3), 0);
	end_pages(test, 3);
}

/* Xen's mark keeps us from taking the page back; the reaper gets it in real time. */
static void end_while_mapped(struct kunit *test)
{
	unsigned long begin;

	lend_pages(test, 1);
	get_page(pages[0]);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_map(MYSELF, slots, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_end(pool, slots[0].ref, pages[0]));
	msleep(100);
	KUNIT_EXPECT_EQ(test, page_count(pages[0]), 2);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 1), 0);
	begin = jiffies;
	while (page_count(pages[0]) > 1 && time_before(jiffies, begin + 2 * HZ))
		msleep(20);
	KUNIT_EXPECT_EQ(test, page_count(pages[0]), 1);
	put_page(pages[0]);
}

static void copy_and_compare(struct kunit *test)
{
	struct xenpv_foreign_copy copies[2] = {};
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	u8 *bytes;

	KUNIT_ASSERT_NOT_NULL(test, page);
	bytes = page_address(page);
	lend_pages(test, 2);
	for (unsigned int i = 0; i < 2; i++)
		copies[i] = (struct xenpv_foreign_copy) {
			.peer = MYSELF, .ref = slots[i].ref, .peer_offset = 100,
			.page = page, .offset = 1000 * i, .len = 1000, .to_peer = !i,
		};
	memset(bytes, 0xaa, 1000);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_copy(copies, 2, GFP_KERNEL), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages[0]) + 100, 0xaa, 1000));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(pages[0]) + 1100, 0, 1000));
	KUNIT_EXPECT_NULL(test, memchr_inv(bytes + 1000, 1, 1000));
	copies[1].ref ^= 0x100000;
	KUNIT_EXPECT_LT(test, xenpv_foreign_copy(copies, 2, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, copies[0].status, 0);
	__free_page(page);
	end_pages(test, 2);
}

/* More refs than a frame of the table has: it grows, on real Xen. */
static void the_table_grows(struct kunit *test)
{
	unsigned int max, size = xenpv_grant_table_size(&max), nr = 0;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int *refs = kunit_kcalloc(test, size + 1, sizeof(*refs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, refs);
	while (nr <= size) {
		refs[nr] = xenpv_grant_page(pool, page, true);
		if (refs[nr] < 0)
			break;
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, size + 1);
	KUNIT_EXPECT_GT(test, xenpv_grant_table_size(&max), size);
	slots[0].ref = refs[nr - 1];
	slots[0].readonly = true;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(MYSELF, slots, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 1), 0);
	for (unsigned int i = 0; i < nr; i++) {
		get_page(page);
		KUNIT_EXPECT_TRUE(test, xenpv_grant_end(pool, refs[i], page));
	}
	__free_page(page);
}

static struct kunit_case live_cases[] = {
	KUNIT_CASE(map_and_unmap),
	KUNIT_CASE(map_what_is_not_lent),
	KUNIT_CASE(end_while_mapped),
	KUNIT_CASE(copy_and_compare),
	KUNIT_CASE(the_table_grows),
	{}
};

static struct kunit_suite live_suite = {
	.name = "xenpv_grant_live",
	.init = live_init,
	.exit = live_exit,
	.test_cases = live_cases,
};
kunit_test_suite(live_suite);
