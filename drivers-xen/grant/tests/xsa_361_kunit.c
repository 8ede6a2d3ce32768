// SPDX-License-Identifier: GPL-2.0-only
/* XSA-361: in a batch of maps, some errors were ignored and others hid the rest. */

#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include "room.h"

#define FIRST		100
#define ALL_UP_TO	5
#define LONGEST		10
#define SAMPLES		1500
#define LONG_BATCH	512
#define LONG_SAMPLES	40

/* What Xen may say of a slot. */
static const struct {
	s16 status;
	unsigned int times;
	int error;
} fates[] = {
	{ GNTST_okay,		0,	0 },
	{ GNTST_bad_gntref,	1,	-ENOENT },
	{ GNTST_bad_domain,	1,	-ESRCH },
	{ GNTST_no_space,	1,	-ENOSPC },
	{ GNTST_eagain,		2,	0 },
};

static struct xenpv_foreign_slot slots[LONG_BATCH];
static unsigned long pages;

static int xsa_361_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	xenpv_scratch_give(xenpv_scratch_take(LONG_BATCH, GFP_KERNEL));
	pages = xenpv_scratch_free();
	KUNIT_ASSERT_GE(test, pages, LONG_BATCH);
	return 0;
}

/* Everything is as before the request. */
static void nothing_is_left(struct kunit *test, const u8 *pattern, unsigned int nr)
{
	if (!xenpv_fake_grant_maps() && xenpv_scratch_free() == pages)
		return;
	KUNIT_FAIL(test, "%u slots, fates %*ph: %u maps, %lu of %lu pages are left", nr,
		   min(nr, 64U), pattern, xenpv_fake_grant_maps(),
		   xenpv_scratch_free(), pages);
}

/* One batch with these fates: each slot learns its own. */
static void play(struct kunit *test, const u8 *pattern, unsigned int nr)
{
	int first = 0;

	xenpv_fake_grant_reset();
	xenpv_fake_forget();
	memset(slots, 0, nr * sizeof(slots[0]));
	for (unsigned int i = 0; i < nr; i++) {
		slots[i].ref = FIRST + i;
		xenpv_fake_foreign_offer(PEER, FIRST + i, false);
		if (fates[pattern[i]].times)
			xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, FIRST + i,
						fates[pattern[i]].status,
						fates[pattern[i]].times);
		first = first ?: fates[pattern[i]].error;
	}

	KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, nr, GFP_KERNEL), first);
	for (unsigned int i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, slots[i].status, fates[pattern[i]].error);
		KUNIT_EXPECT_EQ(test, !slots[i].page, !!slots[i].status);
	}
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, nr), 0);
	nothing_is_left(test, pattern, nr);
}

static void every_pattern(struct kunit *test)
{
	unsigned int nr_fates = ARRAY_SIZE(fates), nr, number, rest;
	u8 pattern[LONGEST];

	for (nr = 1; nr <= ALL_UP_TO; nr++) {
		unsigned int all = 1;

		for (unsigned int i = 0; i < nr; i++)
			all *= nr_fates;
		for (number = 0; number < all; number++) {
			rest = number;
			for (unsigned int i = 0; i < nr; i++, rest /= nr_fates)
				pattern[i] = rest % nr_fates;
			play(test, pattern, nr);
		}
		if (READ_ONCE(test->status) == KUNIT_FAILURE)
			return;
	}
}

static void longer_patterns_by_seed(struct kunit *test)
{
	u8 pattern[LONGEST];

	for (unsigned int nr = ALL_UP_TO + 1; nr <= LONGEST; nr++) {
		for (unsigned int n = 0; n < SAMPLES; n++) {
			if (READ_ONCE(test->status) == KUNIT_FAILURE)
				return;
			for (unsigned int i = 0; i < nr; i++)
				pattern[i] = xenpv_fake_rand(ARRAY_SIZE(fates));
			play(test, pattern, nr);
		}
	}
}

/* So many that each fate lands anywhere in a hypercall. */
static void long_batches_by_seed(struct kunit *test)
{
	static s16 statuses[LONG_BATCH + 7];
	unsigned int good;

	for (unsigned int n = 0; n < LONG_SAMPLES; n++) {
		xenpv_fake_grant_reset();
		xenpv_fake_forget();
		memset(slots, 0, sizeof(slots));
		for (unsigned int i = 0; i < LONG_BATCH; i++) {
			slots[i].ref = FIRST + i % 64;
			xenpv_fake_foreign_offer(PEER, FIRST + i % 64, false);
		}
		for (unsigned int i = 0; i < ARRAY_SIZE(statuses); i++)
			statuses[i] = fates[xenpv_fake_rand(ARRAY_SIZE(fates))].status;
		xenpv_fake_grant_pattern(XENPV_FAKE_MAP, statuses, ARRAY_SIZE(statuses));
		KUNIT_EXPECT_LT(test, xenpv_foreign_map(PEER, slots, LONG_BATCH, GFP_KERNEL), 0);
		good = 0;
		for (unsigned int i = 0; i < LONG_BATCH; i++) {
			good += !slots[i].status;
			KUNIT_EXPECT_EQ(test, !slots[i].page, !!slots[i].status);
		}
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), good);
		KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, LONG_BATCH), 0);
		nothing_is_left(test, (u8 *)statuses, LONG_BATCH);
	}
}

static unsigned int p2m_calls, p2m_fails;

static bool fail_p2m(struct page *page, unsigned long frame)
{
	return p2m_calls++ != p2m_fails;
}

/* Xen has mapped it, and the books can't be kept: the slot failed, others did not. */
static void p2m_fails_at_each_slot(struct kunit *test)
{
	kunit_activate_static_stub(test, xenpv_foreign_tell_p2m, fail_p2m);
	for (unsigned int nr = 1; nr <= LONGEST; nr++) {
		for (p2m_fails = 0; p2m_fails < nr; p2m_fails++) {
			xenpv_fake_grant_reset();
			xenpv_fake_forget();
			memset(slots, 0, sizeof(slots));
			for (unsigned int i = 0; i < nr; i++) {
				slots[i].ref = FIRST + i;
				xenpv_fake_foreign_offer(PEER, FIRST + i, false);
			}
			p2m_calls = 0;
			KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, nr, GFP_KERNEL),
					-ERANGE);
			for (unsigned int i = 0; i < nr; i++) {
				KUNIT_EXPECT_EQ(test, !slots[i].page, i == p2m_fails);
				KUNIT_EXPECT_EQ(test, slots[i].status,
						i == p2m_fails ? -ERANGE : 0);
			}
			KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), nr - 1);
			KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, nr), 0);
			nothing_is_left(test, NULL, 0);
		}
	}
}

static u64 bus_addr;
static unsigned int bad_unmaps, unmaps;

/* A Xen with an odd idea of where the frame is. */
static long odd_bus_addr(unsigned long cmd, unsigned long arg, unsigned long count,
			 unsigned long a4, unsigned long a5)
{
	struct gnttab_map_grant_ref *map = (void *)arg;
	struct gnttab_unmap_grant_ref *unmap = (void *)arg;

	for (unsigned long i = 0; i < count; i++) {
		if (cmd == GNTTABOP_map_grant_ref) {
			map[i].dev_bus_addr = bus_addr;
			map[i].handle = 77;
			map[i].status = GNTST_okay;
		} else {
			unmaps++;
			bad_unmaps += unmap[i].dev_bus_addr || unmap[i].handle != 77 ||
				      !unmap[i].host_addr;
			unmap[i].status = GNTST_okay;
		}
	}
	return 0;
}

/* We never ask for a bus address, so none is handed back, whatever Xen said. */
static void bus_address_is_wrong(struct kunit *test)
{
	static const u64 addrs[] = { 0, 1, PAGE_SIZE - 1, BIT(40), BIT(63), ~0ULL };

	xenpv_fake_serve(__HYPERVISOR_grant_table_op, odd_bus_addr);
	bad_unmaps = 0;
	unmaps = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(addrs); i++) {
		bus_addr = addrs[i];
		memset(slots, 0, sizeof(slots));
		KUNIT_EXPECT_EQ(test, xenpv_foreign_map(PEER, slots, 4, GFP_KERNEL), 0);
		KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(slots, 4), 0);
	}
	KUNIT_EXPECT_EQ(test, unmaps, 4 * ARRAY_SIZE(addrs));
	KUNIT_EXPECT_EQ(test, bad_unmaps, 0);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_free(), pages);
}

static struct kunit_case xsa_361_cases[] = {
	KUNIT_CASE(every_pattern),
	KUNIT_CASE(longer_patterns_by_seed),
	KUNIT_CASE(long_batches_by_seed),
	KUNIT_CASE(p2m_fails_at_each_slot),
	KUNIT_CASE(bus_address_is_wrong),
	{}
};

static struct kunit_suite xsa_361_suite = {
	.name = "xsa_361",
	.init = xsa_361_init,
	.test_cases = xsa_361_cases,
};
kunit_test_suite(xsa_361_suite);
