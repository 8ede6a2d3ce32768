// SPDX-License-Identifier: GPL-2.0-only
/* Puts the balloon on the fake hypervisor, with time and memory of its own. */

#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "room.h"

#define MAX_NEW	1024

static struct {
	struct kunit *test;
	u64 due;
	unsigned long available;
	unsigned long ram_then;
	long (*add)(void);
	unsigned long ram;
	unsigned long lost;
	unsigned int nr_new;
} r;

const struct xenpv_fake_memory memroom_kinds[2] = {
	{ .size = SIZE, .max = SIZE, .spare = SPARE },
	{ .size = SIZE, .max = SIZE, .spare = SPARE, .translated = true },
};

void memroom_kind_name(const struct xenpv_fake_memory *kind, char *text)
{
	strscpy(text, kind->translated ? "translated" : "PV", KUNIT_PARAM_DESC_SIZE);
}

static void plan(unsigned int ms)
{
	r.due = xenpv_fake_now() + ms * (u64)NSEC_PER_MSEC;
}

/* What is given up is available no more. */
static unsigned long available(void)
{
	return max((long)(r.available + totalram_pages() - r.ram_then), 0L);
}

static long add_ram(void)
{
	return r.add ? r.add() : -EOPNOTSUPP;
}

static int no_space(unsigned int nr, struct page **chain)
{
	return -EOPNOTSUPP;
}

bool memroom_planned(void)
{
	return r.due != U64_MAX;
}

u64 memroom_delay(void)
{
	return (r.due - xenpv_fake_now()) / NSEC_PER_MSEC;
}

bool memroom_step(void)
{
	if (r.due > xenpv_fake_now())
		return false;
	r.due = U64_MAX;
	xenpv_balloon_run();
	return true;
}

/* Takes the steps that are due now; how many. */
unsigned int memroom_settle(void)
{
	unsigned int steps = 0;

	while (steps < 10000 && memroom_step())
		steps++;
	KUNIT_EXPECT_LT(r.test, steps, 10000);
	return steps;
}

void memroom_advance(u64 ms)
{
	u64 end = xenpv_fake_now() + ms * NSEC_PER_MSEC;

	memroom_settle();
	while (r.due <= end) {
		xenpv_fake_advance(r.due - xenpv_fake_now());
		memroom_settle();
	}
	xenpv_fake_advance(end - xenpv_fake_now());
}

void memroom_available(unsigned long pages)
{
	r.available = pages;
	r.ram_then = totalram_pages();
}

void memroom_ram(long (*add)(void))
{
	r.add = add;
}

struct page *memroom_new_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LT(test, r.nr_new++, MAX_NEW);
	xenpv_fake_memory_forget(page);
	return page;
}

void memroom_lost(unsigned long nr)
{
	r.lost = nr;
}

void memroom_check(struct kunit *test, unsigned long size)
{
	unsigned long all = xenpv_balloon_current() + xenpv_stock_nr() + xenpv_scratch_frames();

	KUNIT_EXPECT_EQ(test, xenpv_balloon_current(), size);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_size(), size + r.lost);
	KUNIT_EXPECT_EQ(test, all, SIZE + r.nr_new);
	KUNIT_EXPECT_EQ(test, totalram_pages(), r.ram + size - SIZE);
	if (!r.lost)
		KUNIT_EXPECT_STREQ(test, xenpv_fake_memory_balance() ?: "", "");
}

void memroom_go(struct kunit *test, unsigned long target)
{
	KUNIT_EXPECT_EQ(test, xenpv_balloon_set_target(target), 0);
	memroom_settle();
	for (unsigned int i = 0; memroom_planned() && i < 100; i++)
		memroom_advance(XENPV_BALLOON_DELAY * MSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
}

struct xenpv_balloon_stats memroom_stats(void)
{
	struct xenpv_balloon_stats stats;

	xenpv_balloon_stats(&stats);
	return stats;
}

/* All pages go where they came from, whatever the case has done. */
static void end(void *unused)
{
	struct kunit *test = r.test;
	struct page *page;

	xenpv_fake_fail_at(0, 0);
	xenpv_fake_memory_set_max(SIZE + r.lost);
	xenpv_fake_memory_take(-(long)SPARE);
	xenpv_balloon_resume();
	xenpv_balloon_set_max_tries(0);
	xenpv_scratch_set_limit(0);
	memroom_available(SPARE);
	r.add = NULL;
	xenpv_balloon_set_static_max(ULONG_MAX);
	xenpv_scratch_empty();
	memroom_go(test, SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_scratch_frames(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_stock_nr(), r.nr_new);
	memroom_check(test, SIZE);
	if (!r.lost)
		KUNIT_EXPECT_STREQ(test, xenpv_fake_memory_audit() ?: "", "");
	while ((page = xenpv_stock_take()))
		__free_page(page);
	xenpv_balloon_stop();
}

void memroom_start(struct kunit *test, unsigned long max)
{
	struct xenpv_fake_memory kind = memroom_kinds[0];

	if (test->param_value)
		kind = *(const struct xenpv_fake_memory *)test->param_value;
	if (max)
		kind.max = max;
	memset(&r, 0, sizeof(r));
	r.test = test;
	r.due = U64_MAX;
	memroom_available(SPARE);
	r.ram = totalram_pages();
	xenpv_fake_start(test);
	xenpv_fake_memory_start(test, &kind);
	kunit_activate_static_stub(test, xenpv_balloon_plan, plan);
	kunit_activate_static_stub(test, xenpv_balloon_available, available);
	kunit_activate_static_stub(test, xenpv_balloon_add_ram, add_ram);
	kunit_activate_static_stub(test, xenpv_scratch_space, no_space);
	KUNIT_ASSERT_EQ(test, xenpv_balloon_start(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
}
