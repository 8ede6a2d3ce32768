// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the fake's frames, with a guest of a few lines, right or wrong. */

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "../fake.h"
#include "../fake_memory.h"

#define SIZE	1000

static struct {
	struct page *page;
	unsigned long pfn;
	xen_pfn_t frame;
	bool translated;
} s;

static const struct xenpv_fake_memory kinds[] = {
	{ .size = SIZE, .max = SIZE + 1, .spare = 10 },
	{ .size = SIZE, .max = SIZE + 1, .spare = 10, .translated = true },
};

static void kind_name(const struct xenpv_fake_memory *kind, char *text)
{
	strscpy(text, kind->translated ? "translated" : "PV", KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(kind, kinds, kind_name);

static void start(struct kunit *test)
{
	const struct xenpv_fake_memory *kind = test->param_value ?: &kinds[0];

	memset(&s, 0, sizeof(s));
	xenpv_fake_start(test);
	xenpv_fake_memory_start(test, kind);
	s.translated = kind->translated;
	s.page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, s.page);
	s.pfn = page_to_pfn(s.page);
	s.frame = mfn_unbox(xenpv_p2m_get(s.pfn));
}

static void memory_exit(struct kunit *test)
{
	if (s.page)
		__free_page(s.page);
	s.page = NULL;
}

static long reserve(unsigned int cmd, xen_pfn_t *frames, unsigned int nr)
{
	struct xen_memory_reservation res = { .nr_extents = nr, .domid = DOMID_SELF };

	set_xen_guest_handle(res.extent_start, frames);
	return xenpv_hv_memory_op(cmd, &res);
}

static int show(u64 value)
{
	if (s.translated)
		return 0;
	return xenpv_hv_update_va_mapping((unsigned long)page_address(s.page), value, 0);
}

static int show_page(void)
{
	return show(pfn_pte(s.pfn, PAGE_KERNEL).pte);
}

static long give_up(void)
{
	show(0);
	xenpv_p2m_clear(s.pfn);
	return reserve(XENMEM_decrease_reservation, &s.frame, 1);
}

static void there_and_back(struct kunit *test)
{
	xen_pfn_t frame;

	start(test);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_size(), SIZE);
	KUNIT_EXPECT_NULL(test, xenpv_fake_memory_audit());
	KUNIT_EXPECT_EQ(test, give_up(), 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_size(), SIZE - 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_spare(), 11);
	KUNIT_EXPECT_NULL(test, xenpv_fake_memory_balance());
	frame = s.pfn;
	KUNIT_EXPECT_EQ(test, reserve(XENMEM_populate_physmap, &frame, 1), 1);
	if (s.translated)
		KUNIT_EXPECT_EQ(test, frame, s.pfn);
	else
		KUNIT_EXPECT_NE(test, frame, s.frame);
	if (!s.translated) {
		KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_memory_balance());
		KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_memory_audit());
	}
	xenpv_p2m_set(s.pfn, mfn_box(frame));
	KUNIT_EXPECT_EQ(test, show_page(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_size(), SIZE);
	KUNIT_EXPECT_NULL(test, xenpv_fake_memory_balance());
	KUNIT_EXPECT_NULL(test, xenpv_fake_memory_audit());
	KUNIT_EXPECT_EQ(test, xenpv_fake_memory_calls(XENMEM_populate_physmap), 1);
}

static void limits(struct kunit *test)
{
	xen_pfn_t frame;

	start(test);
	KUNIT_EXPECT_EQ(test, xenpv_hv_memory_current(DOMID_SELF), SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_hv_memory_maximum(DOMID_SELF), SIZE + 1);
	xenpv_fake_memory_stop_after(XENMEM_decrease_reservation, 0);
	KUNIT_EXPECT_EQ(test, give_up(), 0);
	KUNIT_EXPECT_EQ(test, give_up(), 1);
	frame = s.pfn;
	xenpv_fake_memory_take(11);
	KUNIT_EXPECT_EQ(test, reserve(XENMEM_populate_physmap, &frame, 1), 0);
	xenpv_fake_memory_take(-1);
	xenpv_fake_memory_set_max(SIZE - 1);
	KUNIT_EXPECT_EQ(test, reserve(XENMEM_populate_physmap, &frame, 1), 0);
	xenpv_fake_memory_set_max(SIZE);
	KUNIT_EXPECT_EQ(test, reserve(XENMEM_populate_physmap, &frame, 1), 1);
	xenpv_p2m_set(s.pfn, mfn_box(frame));
	show_page();
}

/* Faults of a guest; each ends the task. */
static void shown(void *state)
{
	reserve(XENMEM_decrease_reservation, &s.frame, 1);
}

static void in_the_table(void *state)
{
	show(0);
	reserve(XENMEM_decrease_reservation, &s.frame, 1);
}

static void with_content(void *state)
{
	memset(page_address(s.page) + 4095, 1, 1);
	give_up();
}

static void twice(void *state)
{
	give_up();
	reserve(XENMEM_decrease_reservation, &s.frame, 1);
}

static void of_nobody(void *state)
{
	xen_pfn_t frame = BIT(50);

	reserve(XENMEM_decrease_reservation, &frame, 1);
}

static void two_frames(void *state)
{
	xen_pfn_t frame = s.pfn;

	reserve(XENMEM_populate_physmap, &frame, 1);
}

static void shown_without(void *state)
{
	give_up();
	show_page();
}

static void shows_another(void *state)
{
	show(pfn_pte(s.pfn + 1, PAGE_KERNEL).pte);
}

static void (*const faults[])(void *state) = {
	shown, in_the_table, shown_without, shows_another, with_content, twice, of_nobody,
	two_frames,
};

/* Those of a domain that has a frame table come first. */
#define FIRST_OF_ALL	4

static void sees_fault(struct kunit *test, unsigned int i)
{
	struct xenpv_fake_scene scene = { .nr_tasks = 1, .tasks = { faults[i] } };

	/* Each needs a page that is as it was. */
	s.page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, s.page);
	s.pfn = page_to_pfn(s.page);
	s.frame = mfn_unbox(xenpv_p2m_get(s.pfn));
	KUNIT_EXPECT_NOT_NULL_MSG(test, xenpv_fake_find(test, &scene), "fault %u", i);
}

static void sees_faults(struct kunit *test)
{
	struct page *pages[ARRAY_SIZE(faults)];

	start(test);
	__free_page(s.page);
	for (unsigned int i = 0; i < ARRAY_SIZE(faults); i++) {
		pages[i] = NULL;
		if (s.translated && i < FIRST_OF_ALL)
			continue;
		sees_fault(test, i);
		pages[i] = s.page;
	}
	s.page = NULL;
	for (unsigned int i = 0; i < ARRAY_SIZE(faults); i++)
		if (pages[i])
			__free_page(pages[i]);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE_PARAM(there_and_back, kind_gen_params),
	KUNIT_CASE_PARAM(limits, kind_gen_params),
	KUNIT_CASE_PARAM(sees_faults, kind_gen_params),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "xenpv_fake_memory",
	.exit = memory_exit,
	.test_cases = memory_cases,
};
kunit_test_suite(memory_suite);
