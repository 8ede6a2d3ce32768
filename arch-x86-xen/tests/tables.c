// SPDX-License-Identifier: GPL-2.0-only
/* Small frame tables for tests, in the place of Xen's and ours. */

#include <linux/mm.h>
#include <linux/vmalloc.h>

#include <xenpv/frames.h>
#include <xenpv/self.h>

#include "tables.h"

static struct {
	unsigned long *p2m;
	unsigned long p2m_limit;
	const unsigned long *m2p;
	unsigned long m2p_limit;
} real;

static unsigned long *test_m2p;

/* The tables are read-only after init; tests run before that. */
static void restore(void *unused)
{
	xenpv_p2m = real.p2m;
	xenpv_p2m_limit = real.p2m_limit;
	xenpv_m2p_table = real.m2p;
	xenpv_m2p_limit = real.m2p_limit;
	vfree(test_m2p);
}

/* Installs the tables; returns the one of pages. */
unsigned long *xenpv_test_tables(struct kunit *test)
{
	unsigned long *p2m = kunit_kcalloc(test, TEST_PAGES, sizeof(*p2m), GFP_KERNEL);

	if (xenpv_self.kind != XENPV_KIND_NONE)
		kunit_skip(test, "Xen uses these tables");

	/* Behind a vmalloc area there is an unmapped page. */
	test_m2p = vmalloc(array_size(TEST_FRAME_GAP, sizeof(*test_m2p)));
	KUNIT_ASSERT_NOT_NULL(test, p2m);
	KUNIT_ASSERT_NOT_NULL(test, test_m2p);

	/* Frames of others: their owners' page numbers look like ours. */
	for (unsigned int i = 0; i < TEST_FRAME_GAP; i++)
		test_m2p[i] = i % TEST_PAGES;
	for (unsigned int i = 0; i < TEST_PAGES; i++) {
		p2m[i] = TEST_FRAME + i;
		test_m2p[TEST_FRAME + i] = i;
	}

	real.p2m = xenpv_p2m;
	real.p2m_limit = xenpv_p2m_limit;
	real.m2p = xenpv_m2p_table;
	real.m2p_limit = xenpv_m2p_limit;
	xenpv_p2m = p2m;
	xenpv_p2m_limit = TEST_PAGES;
	xenpv_m2p_table = test_m2p;
	xenpv_m2p_limit = TEST_FRAMES;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	return p2m;
}
