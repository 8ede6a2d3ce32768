// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the tables between page numbers and machine frames. */

#include <kunit/test.h>
#include <linux/init.h>

#include <xenpv/frames.h>

#include "tables.h"

static int __init p2m_init(struct kunit *test)
{
	test->priv = xenpv_test_tables(test);
	return 0;
}

static void __init get_ram(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(5)), TEST_FRAME + 5);
}

static void __init get_past_the_end(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(TEST_PAGES)), TEST_PAGES);
	KUNIT_EXPECT_TRUE(test, xenpv_p2m_raw(0x12345678) & XENPV_P2M_IDENTITY);
}

static void __init get_nothing(struct kunit *test)
{
	xenpv_p2m_clear(7);
	KUNIT_EXPECT_FALSE(test, mfn_exists(xenpv_p2m_get(7)));
	KUNIT_EXPECT_TRUE(test, mfn_exists(xenpv_p2m_get(6)));
	KUNIT_EXPECT_TRUE(test, mfn_exists(xenpv_p2m_get(8)));
}

static void __init get_strips_marks(struct kunit *test)
{
	unsigned long *p2m = test->priv;

	p2m[9] = 0x777 | XENPV_P2M_FOREIGN;
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(9)), 0x777);
}

static void __init set_changes_one(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, xenpv_p2m_set(3, mfn_box(0x555)));
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(3)), 0x555);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(2)), TEST_FRAME + 2);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(4)), TEST_FRAME + 4);
}

static void __init set_past_the_end(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, xenpv_p2m_set(TEST_PAGES, mfn_box(0x555)));
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(TEST_PAGES)), TEST_PAGES);
}

static void __init identity_range(struct kunit *test)
{
	xenpv_p2m_set_identity(10, 12);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(9)), TEST_FRAME + 9);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(10)), 10);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(11)), 11);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(12)), TEST_FRAME + 12);
}

static void __init identity_past_the_end(struct kunit *test)
{
	xenpv_p2m_set_identity(TEST_PAGES - 1, TEST_PAGES + 100);
	KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(TEST_PAGES - 1)), TEST_PAGES - 1);
}

static void __init back_to_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(TEST_FRAME + 5)), 5);
}

static void __init back_from_foreign_frame(struct kunit *test)
{
	/* The table names page 1 for it, but page 1 has another frame. */
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(TEST_PAGES * 2 + 1)), TEST_PAGES * 2 + 1);
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(1)), ~0UL);
}

static void __init back_from_gap(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(TEST_FRAME_GAP)), TEST_FRAME_GAP);
}

static void __init back_from_identity(struct kunit *test)
{
	xenpv_p2m_set_identity(10, 12);
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(10)), 10);
	KUNIT_EXPECT_EQ(test, xenpv_m2p(mfn_box(TEST_FRAMES + 1)), TEST_FRAMES + 1);
}

static struct kunit_case p2m_cases[] __refdata = {
	KUNIT_CASE(get_ram),
	KUNIT_CASE(get_past_the_end),
	KUNIT_CASE(get_nothing),
	KUNIT_CASE(get_strips_marks),
	KUNIT_CASE(set_changes_one),
	KUNIT_CASE(set_past_the_end),
	KUNIT_CASE(identity_range),
	KUNIT_CASE(identity_past_the_end),
	KUNIT_CASE(back_to_page),
	KUNIT_CASE(back_from_foreign_frame),
	KUNIT_CASE(back_from_gap),
	KUNIT_CASE(back_from_identity),
	{}
};

static struct kunit_suite p2m_suite __refdata = {
	.name = "xenpv_p2m",
	.init = p2m_init,
	.test_cases = p2m_cases,
};

kunit_test_init_section_suite(p2m_suite);
