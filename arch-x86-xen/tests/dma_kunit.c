// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what devices may reach: pages that lie together, bounce buffers, swapped frames. */

#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

#include <xenpv/frames.h>
#include <xenpv/self.h>
#include "../../../../drivers/xenpv/fake/fake.h"
#include "../private.h"

/* All RAM has frames, in an order of the test's; behind them is memory of Xen. */
#define FIRST_FRAME	0x100000UL

static struct {
	unsigned long nr;
	unsigned long *p2m;
	unsigned long *m2p;
	unsigned long *was_p2m;
	unsigned long was_limit;
	const unsigned long *was_m2p;
	unsigned long was_m2p_limit;
	/* Xen: where extents come from, what it answers, what it saw. */
	unsigned long next;
	long answer;
	bool halfway;
	unsigned int exchanges;
	unsigned long place;
	unsigned int bits;
	unsigned int order_in, order_out;
	bool shown;
	unsigned int dirty;
} world;

static void restore(void *unused)
{
	xenpv_p2m = world.was_p2m;
	xenpv_p2m_limit = world.was_limit;
	xenpv_m2p_table = world.was_m2p;
	xenpv_m2p_limit = world.was_m2p_limit;
	vfree(world.p2m);
	vfree(world.m2p);
}

static void give(unsigned long pfn, unsigned long frame)
{
	world.p2m[pfn] = frame;
	if (frame - FIRST_FRAME < world.nr * 2)
		world.m2p[frame] = pfn;
}

/* Every page's frame is where it was not to be seen: the tables name none while Xen swaps. */
static void look_at(const xen_pfn_t *frames, unsigned long nr, unsigned int order)
{
	for (unsigned long i = 0; i < nr; i++) {
		for (unsigned long j = 0; j < BIT(order); j++) {
			unsigned long pfn = world.m2p[frames[i] + j];

			if (mfn_exists(xenpv_p2m_get(pfn)))
				world.shown = true;
			if (memchr_inv(__va(PFN_PHYS(pfn)), 0, PAGE_SIZE))
				world.dirty++;
		}
	}
}

/* New frames for @nr extents; what the caller named are pages. */
static void hand_out(xen_pfn_t *out, unsigned long nr, unsigned int order)
{
	for (unsigned long i = 0; i < nr; i++) {
		unsigned long pfn = out[i];

		out[i] = world.next;
		for (unsigned long j = 0; j < BIT(order); j++)
			world.m2p[out[i] + j] = pfn + j;
		world.next += BIT(order) + 1;
	}
}

static long memory_op(unsigned long cmd, unsigned long arg, unsigned long a3,
		      unsigned long a4, unsigned long a5)
{
	struct xen_memory_exchange *x = (void *)arg;
	xen_pfn_t *in, *out;

	if (cmd != XENMEM_exchange)
		return -ENOSYS;
	world.exchanges++;
	world.bits = x->out.address_bits;
	world.order_in = x->in.extent_order;
	world.order_out = x->out.extent_order;
	in = *(xen_pfn_t **)&x->in.extent_start;
	out = *(xen_pfn_t **)&x->out.extent_start;
	world.place = out[0];
	look_at(in, x->in.nr_extents, x->in.extent_order);
	if (world.answer || world.halfway)
		return world.answer;
	hand_out(out, x->out.nr_extents, x->out.extent_order);
	x->nr_exchanged = x->in.nr_extents;
	return 0;
}

static long multicall(unsigned long calls, unsigned long nr, unsigned long a3,
		      unsigned long a4, unsigned long a5)
{
	struct multicall_entry *c = (void *)calls;

	for (unsigned long i = 0; i < nr; i++)
		c[i].result = 0;
	return 0;
}

static long update_va(unsigned long va, unsigned long val, unsigned long flags,
		      unsigned long a4, unsigned long a5)
{
	return 0;
}

static int dma_init(struct kunit *test)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		kunit_skip(test, "Xen uses these tables");
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_memory_op, memory_op);
	xenpv_fake_serve(__HYPERVISOR_multicall, multicall);
	xenpv_fake_serve(__HYPERVISOR_update_va_mapping, update_va);

	memset(&world, 0, sizeof(world));
	world.nr = max_pfn;
	world.p2m = vmalloc(array_size(world.nr, sizeof(long)));
	world.m2p = vmalloc(array_size(FIRST_FRAME + world.nr * 2, sizeof(long)));
	if (!world.p2m || !world.m2p) {
		vfree(world.p2m);
		vfree(world.m2p);
		return -ENOMEM;
	}
	memset(world.m2p, 0xff, array_size(FIRST_FRAME + world.nr * 2, sizeof(long)));
	/* Backwards: no page lies beside its neighbour. */
	for (unsigned long pfn = 0; pfn < world.nr; pfn++)
		give(pfn, FIRST_FRAME + world.nr - 1 - pfn);
	world.next = FIRST_FRAME + world.nr;

	world.was_p2m = xenpv_p2m;
	world.was_limit = xenpv_p2m_limit;
	world.was_m2p = xenpv_m2p_table;
	world.was_m2p_limit = xenpv_m2p_limit;
	xenpv_p2m = world.p2m;
	xenpv_p2m_limit = world.nr;
	xenpv_m2p_table = world.m2p;
	xenpv_m2p_limit = FIRST_FRAME + world.nr * 2;
	return kunit_add_action_or_reset(test, restore, NULL);
}

static struct device *device(struct kunit *test, u64 mask)
{
	struct device *dev = kunit_device_register(test, "xenpv-dma");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->coherent_dma_mask = mask;
	dev->dma_mask = &dev->coherent_dma_mask;
	return dev;
}

static unsigned long pages(struct kunit *test, unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page_to_pfn(page);
}

/* Has the pages lie together from @frame on. */
static void lay(unsigned long pfn, unsigned int order, unsigned long frame)
{
	for (unsigned long i = 0; i < BIT(order); i++)
		give(pfn + i, frame + i);
}

static void together_or_not(struct kunit *test)
{
	unsigned long pfn = pages(test, 2);

	KUNIT_EXPECT_TRUE(test, xenpv_contig_is(pfn, 1));
	KUNIT_EXPECT_FALSE(test, xenpv_contig_is(pfn, 2));
	lay(pfn, 2, world.next);
	KUNIT_EXPECT_TRUE(test, xenpv_contig_is(pfn, 4));
	give(pfn + 3, world.next + 4);
	KUNIT_EXPECT_TRUE(test, xenpv_contig_is(pfn, 3));
	KUNIT_EXPECT_FALSE(test, xenpv_contig_is(pfn, 4));
	/* A page without a frame lies nowhere. */
	world.p2m[pfn] = XENPV_P2M_NONE;
	KUNIT_EXPECT_FALSE(test, xenpv_contig_is(pfn, 1));
	world.p2m[pfn + 2] = XENPV_P2M_NONE;
	KUNIT_EXPECT_FALSE(test, xenpv_contig_is(pfn + 1, 2));
	__free_pages(pfn_to_page(pfn), 2);
}

static void make_gives_extent(struct kunit *test)
{
	unsigned long pfn = pages(test, 3), first = world.next;

	memset(__va(PFN_PHYS(pfn)), 0xa5, PAGE_SIZE << 3);
	KUNIT_EXPECT_EQ(test, xenpv_contig_make(pfn, 3, 32), 0);
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, mfn_unbox(xenpv_p2m_get(pfn + i)), first + i);
	KUNIT_EXPECT_EQ(test, world.bits, 32);
	KUNIT_EXPECT_EQ(test, world.order_in, 0);
	KUNIT_EXPECT_EQ(test, world.order_out, 3);
	/* What goes to Xen goes clean, and nobody sees it on the way. */
	KUNIT_EXPECT_EQ(test, world.dirty, 0);
	KUNIT_EXPECT_FALSE(test, world.shown);
	__free_pages(pfn_to_page(pfn), 3);
}

static void undo_scatters(struct kunit *test)
{
	unsigned long pfn = pages(test, 2);

	KUNIT_EXPECT_EQ(test, xenpv_contig_make(pfn, 2, 32), 0);
	memset(__va(PFN_PHYS(pfn)), 0xa5, PAGE_SIZE << 2);
	KUNIT_EXPECT_EQ(test, xenpv_contig_undo(pfn, 2), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_contig_is(pfn, 2));
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, xenpv_m2p(xenpv_p2m_get(pfn + i)), pfn + i);
	KUNIT_EXPECT_EQ(test, world.order_in, 2);
	KUNIT_EXPECT_EQ(test, world.order_out, 0);
	KUNIT_EXPECT_EQ(test, world.dirty, 0);
	__free_pages(pfn_to_page(pfn), 2);
}

static void refused_swap_changes_nothing(struct kunit *test)
{
	unsigned long pfn = pages(test, 2), frames[4];

	for (unsigned int i = 0; i < 4; i++)
		frames[i] = world.p2m[pfn + i];
	world.answer = -ENOMEM;
	KUNIT_EXPECT_EQ(test, xenpv_contig_make(pfn, 2, 32), -ENOMEM);
	KUNIT_EXPECT_EQ(test, xenpv_contig_undo(pfn, 2), -ENOMEM);
	/* Or it says yes and has done nothing. */
	world.answer = 0;
	world.halfway = true;
	KUNIT_EXPECT_EQ(test, xenpv_contig_make(pfn, 2, 32), -ENOMEM);
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, world.p2m[pfn + i], frames[i]);
	__free_pages(pfn_to_page(pfn), 2);
}

static void order_too_large(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_contig_make(0, XENPV_CONTIG_MAX_ORDER + 1, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_contig_undo(0, XENPV_CONTIG_MAX_ORDER + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, world.exchanges, 0);
}

static void map_as_it_lies(struct kunit *test)
{
	struct device *dev = device(test, DMA_BIT_MASK(64));
	unsigned long pfn = pages(test, 1);
	dma_addr_t dma;

	/* Within one page always, over its end only if the next one follows. */
	dma = xenpv_dma_map(dev, PFN_PHYS(pfn) + 100, PAGE_SIZE - 100, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, dma, PFN_PHYS(world.p2m[pfn]) + 100);
	xenpv_dma_unmap(dev, dma, PAGE_SIZE - 100, DMA_TO_DEVICE, 0);

	dma = xenpv_dma_map(dev, PFN_PHYS(pfn) + 100, PAGE_SIZE - 99, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NE(test, dma, PFN_PHYS(world.p2m[pfn]) + 100);
	lay(pfn, 1, world.next);
	dma = xenpv_dma_map(dev, PFN_PHYS(pfn) + 100, PAGE_SIZE - 99, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, dma, PFN_PHYS(world.next) + 100);
	xenpv_dma_unmap(dev, dma, PAGE_SIZE - 99, DMA_TO_DEVICE, 0);
	__free_pages(pfn_to_page(pfn), 1);
}

static void map_beyond_reach(struct kunit *test)
{
	unsigned long pfn = pages(test, 0);
	u64 end = PFN_PHYS((u64)world.p2m[pfn]) + PAGE_SIZE;
	struct device *dev = device(test, end - 1);

	KUNIT_EXPECT_EQ(test, xenpv_dma_map(dev, PFN_PHYS(pfn), PAGE_SIZE, DMA_TO_DEVICE, 0),
			end - PAGE_SIZE);
	/* The last byte is one too far, and this machine has no bounce buffer. */
	dev->coherent_dma_mask = end - 2;
	KUNIT_EXPECT_EQ(test, xenpv_dma_map(dev, PFN_PHYS(pfn), PAGE_SIZE, DMA_TO_DEVICE, 0),
			DMA_MAPPING_ERROR);
	__free_pages(pfn_to_page(pfn), 0);
}

static void map_page_without_frame(struct kunit *test)
{
	struct device *dev = device(test, DMA_BIT_MASK(64));
	unsigned long pfn = pages(test, 0);

	world.p2m[pfn] = XENPV_P2M_NONE;
	KUNIT_EXPECT_EQ(test, xenpv_dma_map(dev, PFN_PHYS(pfn), 1, DMA_TO_DEVICE, 0),
			DMA_MAPPING_ERROR);
	__free_pages(pfn_to_page(pfn), 0);
}

static void alloc_swaps_what_must_be(struct kunit *test)
{
	struct device *dev = device(test, DMA_BIT_MASK(40));
	dma_addr_t dma;
	u8 *va;

	va = xenpv_dma_alloc(dev, 3 * PAGE_SIZE, &dma, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, world.exchanges, 1);
	KUNIT_EXPECT_EQ(test, world.order_out, 2);
	KUNIT_EXPECT_EQ(test, world.bits, 40);
	KUNIT_EXPECT_TRUE(test, xenpv_contig_is(PHYS_PFN(__pa(va)), 3));
	KUNIT_EXPECT_EQ(test, dma, PFN_PHYS(world.p2m[PHYS_PFN(__pa(va))]));
	KUNIT_EXPECT_NULL(test, memchr_inv(va, 0, 3 * PAGE_SIZE));
	xenpv_dma_free(dev, 3 * PAGE_SIZE, va, dma, 0);
	KUNIT_EXPECT_EQ(test, world.exchanges, 2);
	KUNIT_EXPECT_EQ(test, world.order_in, 2);

	/* One page lies together with itself. */
	va = xenpv_dma_alloc(dev, 100, &dma, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, world.exchanges, 2);
	xenpv_dma_free(dev, 100, va, dma, 0);
	KUNIT_EXPECT_EQ(test, world.exchanges, 2);
}

static void alloc_obeys_the_mask(struct kunit *test)
{
	/* Its frames are all above 4 GiB, so even one page is swapped. */
	struct device *dev = device(test, DMA_BIT_MASK(32));
	dma_addr_t dma;
	void *va;

	va = xenpv_dma_alloc(dev, PAGE_SIZE, &dma, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, world.exchanges, 1);
	KUNIT_EXPECT_EQ(test, world.bits, 32);
	xenpv_dma_free(dev, PAGE_SIZE, va, dma, 0);
	KUNIT_EXPECT_EQ(test, world.exchanges, 2);
}

static void alloc_refused(struct kunit *test)
{
	struct device *dev = device(test, DMA_BIT_MASK(40));
	dma_addr_t dma;
	void *va;

	world.answer = -ENOMEM;
	KUNIT_EXPECT_NULL(test, xenpv_dma_alloc(dev, 2 * PAGE_SIZE, &dma, GFP_KERNEL, 0));
	/* The refusal is forgotten: the same pages, if they do, are not swapped back. */
	world.answer = 0;
	for (unsigned int i = 0; i < 2; i++)
		give(world.place + i, world.next++);
	va = xenpv_dma_alloc(dev, 2 * PAGE_SIZE, &dma, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, page_to_pfn(virt_to_page(va)), world.place);
	xenpv_dma_free(dev, 2 * PAGE_SIZE, va, dma, 0);
	KUNIT_EXPECT_EQ(test, world.exchanges, 1);
}

static struct kunit_case dma_cases[] = {
	KUNIT_CASE(together_or_not),
	KUNIT_CASE(make_gives_extent),
	KUNIT_CASE(undo_scatters),
	KUNIT_CASE(refused_swap_changes_nothing),
	KUNIT_CASE(order_too_large),
	KUNIT_CASE(map_as_it_lies),
	KUNIT_CASE(map_beyond_reach),
	KUNIT_CASE(map_page_without_frame),
	KUNIT_CASE(alloc_swaps_what_must_be),
	KUNIT_CASE(alloc_obeys_the_mask),
	KUNIT_CASE(alloc_refused),
	{}
};

static struct kunit_suite dma_suite = {
	.name = "xenpv_dma",
	.init = dma_init,
	.test_cases = dma_cases,
};

/* Not to be run again later: the tables are read-only by then. */
kunit_test_init_section_suite(dma_suite);
