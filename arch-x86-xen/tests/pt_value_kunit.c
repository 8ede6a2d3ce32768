// SPDX-License-Identifier: GPL-2.0-only
/* Tests of page-table values: Linux's with a page number, Xen's with a machine frame. */

#include <kunit/test.h>
#include <linux/init.h>
#include <linux/pfn.h>
#include <asm/pgtable_types.h>

#include <xenpv/frames.h>

#include "../private.h"
#include "tables.h"

#define FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_NX)

static int __init pt_value_init(struct kunit *test)
{
	test->priv = xenpv_test_tables(test);
	return 0;
}

static void __init make_ram(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_pt_make(PFN_PHYS(5) | FLAGS),
			PFN_PHYS(TEST_FRAME + 5) | FLAGS);
}

static void __init make_not_present(struct kunit *test)
{
	u64 swap = PFN_PHYS(5) | _PAGE_RW;

	KUNIT_EXPECT_EQ(test, xenpv_pt_make(swap), swap);
	KUNIT_EXPECT_EQ(test, xenpv_pt_make(0), 0);
}

/* PROT_NONE and swap entries must not be taken for frames. */
static void __init make_protnone(struct kunit *test)
{
	u64 none = PFN_PHYS(5) | _PAGE_PROTNONE;

	KUNIT_EXPECT_EQ(test, xenpv_pt_make(none), none);
	KUNIT_EXPECT_EQ(test, xenpv_pt_value(none), none);
}

static void __init make_nothing(struct kunit *test)
{
	xenpv_p2m_clear(5);
	KUNIT_EXPECT_EQ(test, xenpv_pt_make(PFN_PHYS(5) | FLAGS), 0);
}

static void __init make_identity(struct kunit *test)
{
	xenpv_p2m_set_identity(5, 6);
	KUNIT_EXPECT_EQ(test, xenpv_pt_make(PFN_PHYS(5) | FLAGS), PFN_PHYS(5) | FLAGS);
}

static void __init make_past_the_end(struct kunit *test)
{
	u64 mmio = PFN_PHYS(0xfee00) | FLAGS;

	KUNIT_EXPECT_EQ(test, xenpv_pt_make(mmio), mmio);
}

static void __init make_foreign(struct kunit *test)
{
	unsigned long *p2m = test->priv;

	p2m[5] = 0x777 | XENPV_P2M_FOREIGN;
	KUNIT_EXPECT_EQ(test, xenpv_pt_make(PFN_PHYS(5) | FLAGS), PFN_PHYS(0x777) | FLAGS);
}

static void __init value_of_ram(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_pt_value(PFN_PHYS(TEST_FRAME + 5) | FLAGS),
			PFN_PHYS(5) | FLAGS);
}

static void __init value_not_present(struct kunit *test)
{
	u64 swap = PFN_PHYS(TEST_FRAME + 5) | _PAGE_RW;

	KUNIT_EXPECT_EQ(test, xenpv_pt_value(swap), swap);
}

static void __init value_of_device(struct kunit *test)
{
	u64 mmio = PFN_PHYS(0xfee00) | FLAGS;

	KUNIT_EXPECT_EQ(test, xenpv_pt_value(mmio), mmio);
	xenpv_p2m_set_identity(5, 6);
	KUNIT_EXPECT_EQ(test, xenpv_pt_value(PFN_PHYS(5) | FLAGS), PFN_PHYS(5) | FLAGS);
}

/* A frame of somebody else, mapped as special, must not look like a page of ours. */
static void __init value_of_foreign_frame(struct kunit *test)
{
	u64 value = xenpv_pt_value(PFN_PHYS(1) | FLAGS | _PAGE_SPECIAL);

	KUNIT_EXPECT_FALSE(test, value & _PAGE_PRESENT);
	KUNIT_EXPECT_TRUE(test, value & _PAGE_RW);
}

static void __init value_of_special(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			xenpv_pt_value(PFN_PHYS(TEST_FRAME + 5) | FLAGS | _PAGE_SPECIAL),
			PFN_PHYS(5) | FLAGS | _PAGE_SPECIAL);
}

static void __init value_in_a_gap(struct kunit *test)
{
	u64 entry = PFN_PHYS(TEST_FRAME_GAP) | FLAGS;

	KUNIT_EXPECT_EQ(test, xenpv_pt_value(entry), entry);
	entry |= _PAGE_SPECIAL;
	KUNIT_EXPECT_EQ(test, xenpv_pt_value(entry), entry);
}

static void __init round_trip(struct kunit *test)
{
	u64 value;

	for (unsigned long i = 0; i < TEST_PAGES; i++) {
		value = PFN_PHYS(i) | FLAGS;
		KUNIT_ASSERT_EQ(test, xenpv_pt_value(xenpv_pt_make(value)), value);
		value |= _PAGE_SPECIAL;
		KUNIT_ASSERT_EQ(test, xenpv_pt_value(xenpv_pt_make(value)), value);
	}
}

static struct kunit_case pt_value_cases[] __refdata = {
	KUNIT_CASE(make_ram),
	KUNIT_CASE(make_not_present),
	KUNIT_CASE(make_protnone),
	KUNIT_CASE(make_nothing),
	KUNIT_CASE(make_identity),
	KUNIT_CASE(make_past_the_end),
	KUNIT_CASE(make_foreign),
	KUNIT_CASE(value_of_ram),
	KUNIT_CASE(value_not_present),
	KUNIT_CASE(value_of_device),
	KUNIT_CASE(value_of_foreign_frame),
	KUNIT_CASE(value_of_special),
	KUNIT_CASE(value_in_a_gap),
	KUNIT_CASE(round_trip),
	{}
};

static struct kunit_suite pt_value_suite __refdata = {
	.name = "xenpv_pt_value",
	.init = pt_value_init,
	.test_cases = pt_value_cases,
};

kunit_test_init_section_suite(pt_value_suite);
