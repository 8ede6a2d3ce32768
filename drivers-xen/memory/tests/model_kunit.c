// SPDX-License-Identifier: GPL-2.0-only
/* Random targets, failures and foreign pages: no page in two places, none lost. */

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "room.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_balloon_model."

static unsigned int steps = 100000;
module_param(steps, uint, 0444);
MODULE_PARM_DESC(steps, "Steps of each random walk");

KUNIT_ARRAY_PARAM(kind, memroom_kinds, memroom_kind_name);

#define NR_CHAINS	8
#define NR_WITNESSES	32
#define LOOK		2000

static struct {
	struct page *chains[NR_CHAINS];
	struct page *witnesses[NR_WITNESSES];
} w;

/* Pages of this kernel that have nothing to do with it must keep what is in them. */
static void call_witnesses(struct kunit *test)
{
	for (unsigned int i = 0; i < NR_WITNESSES; i++) {
		w.witnesses[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, w.witnesses[i]);
		memset(page_address(w.witnesses[i]), i + 1, PAGE_SIZE);
	}
}

static void hear_witnesses(struct kunit *test)
{
	for (unsigned int i = 0; i < NR_WITNESSES; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(w.witnesses[i]), i + 1, PAGE_SIZE));
}

static void dismiss(void *unused)
{
	for (unsigned int i = 0; i < NR_WITNESSES; i++)
		if (w.witnesses[i])
			__free_page(w.witnesses[i]);
	for (unsigned int i = 0; i < NR_CHAINS; i++)
		xenpv_scratch_give(w.chains[i]);
	memset(&w, 0, sizeof(w));
}

/* A peer's pages appear and go; what the peer has written stays in the page. */
static void foreign(void)
{
	unsigned int i = xenpv_fake_rand(NR_CHAINS);

	if (w.chains[i]) {
		xenpv_scratch_give(w.chains[i]);
		w.chains[i] = NULL;
		return;
	}
	w.chains[i] = xenpv_scratch_take(1 + xenpv_fake_rand(6), GFP_KERNEL);
	for (struct page *page = w.chains[i]; page; page = xenpv_scratch_next(page))
		memset(page_address(page), 0xee, 64);
}

/* One fault, which is over before the next step. */
static void have_a_fault(void)
{
	static const unsigned int cmds[] = {
		XENMEM_decrease_reservation, XENMEM_populate_physmap,
	};
	static const long errors[] = { -ENOMEM, -EPERM, -EFAULT, -EBUSY };

	if (xenpv_fake_rand(2))
		xenpv_fake_memory_stop_after(cmds[xenpv_fake_rand(2)], xenpv_fake_rand(10));
	else
		xenpv_fake_fail_at(1 + xenpv_fake_rand(12), errors[xenpv_fake_rand(4)]);
	memroom_settle();
	xenpv_fake_fail_at(0, 0);
	xenpv_fake_memory_stop_after(0, 0);
}

static void new_target(void)
{
	unsigned long now = xenpv_balloon_current();

	switch (xenpv_fake_rand(200)) {
	case 0:
		xenpv_balloon_set_target(0);
		break;
	case 1:
		xenpv_balloon_set_target(ULONG_MAX);
		break;
	default:
		xenpv_balloon_set_target(now + 8 - xenpv_fake_rand(17));
		break;
	}
}

static void act(void)
{
	switch (xenpv_fake_rand(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		new_target();
		break;
	case 4:
	case 5:
		foreign();
		break;
	case 6:
		new_target();
		have_a_fault();
		break;
	case 7:
		xenpv_balloon_relieve(xenpv_fake_rand(10));
		break;
	case 8:
		xenpv_scratch_shrink(xenpv_fake_rand(10));
		break;
	case 9:
		/* Other domains leave little. */
		xenpv_fake_memory_take(xenpv_fake_memory_spare() - xenpv_fake_rand(300));
		break;
	case 10:
		memroom_available(xenpv_fake_rand(2) ? SPARE : xenpv_balloon_reserve(SIZE) + 3);
		break;
	case 11:
		xenpv_balloon_suspend();
		memroom_settle();
		xenpv_balloon_resume();
		break;
	case 12:
		memroom_advance(xenpv_fake_rand(5000));
		break;
	default:
		memroom_step();
		break;
	}
}

static void random_walk(struct kunit *test)
{
	unsigned long now;

	memroom_start(test, 0);
	xenpv_fake_seed(300);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, dismiss, NULL), 0);
	call_witnesses(test);
	for (unsigned int i = 0; i < steps && test->status == KUNIT_SUCCESS; i++) {
		act();
		now = xenpv_balloon_current();
		KUNIT_EXPECT_GE(test, now, FLOOR);
		KUNIT_EXPECT_LE(test, now, SIZE);
		if (i % LOOK)
			continue;
		memroom_check(test, now);
		hear_witnesses(test);
	}
	kunit_info(test, "%u steps: %llu given, %llu taken, %llu refused\n", steps,
		   memroom_stats().given, memroom_stats().taken, memroom_stats().refused);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_PARAM(random_walk, kind_gen_params),
	{}
};

static struct kunit_suite model_suite = {
	.name = "xenpv_balloon_model",
	.test_cases = model_cases,
};
kunit_test_suite(model_suite);
