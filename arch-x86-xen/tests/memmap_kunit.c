// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the memory-map planner. */

#include <kunit/test.h>
#include <linux/init.h>
#include <linux/pfn.h>
#include <linux/slab.h>

#include "../memmap.h"

struct fixture {
	struct e820_table map;
	struct memmap_list busy;
	struct memmap_plan plan;
};

static int __init memmap_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct fixture), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void __init add(struct kunit *test, u64 start, u64 end, enum e820_type type)
{
	struct e820_table *map = &((struct fixture *)test->priv)->map;

	map->entries[map->nr_entries++] = (struct e820_entry){
		.addr = start, .size = end - start, .type = type,
	};
}

static struct memmap_plan *__init plan(struct kunit *test, unsigned long nr_pages,
				       unsigned long max_pages)
{
	struct fixture *f = test->priv;

	KUNIT_ASSERT_TRUE(test, memmap_make_plan(&f->map, nr_pages, max_pages,
						 &f->busy, &f->plan));
	return &f->plan;
}

static void __init expect(struct kunit *test, const struct memmap_list *list,
			  unsigned int i, unsigned long first, unsigned long end)
{
	KUNIT_ASSERT_LT(test, i, list->nr);
	KUNIT_EXPECT_EQ(test, list->range[i].first, first);
	KUNIT_EXPECT_EQ(test, list->range[i].end, end);
}

static void __init guest_without_holes(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, PFN_PHYS(0x20000), E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x20000);
	KUNIT_EXPECT_EQ(test, p->holes.nr, 0);
	KUNIT_EXPECT_EQ(test, p->room.nr, 0);
	KUNIT_EXPECT_EQ(test, p->extra.nr, 0);
}

static void __init guest_may_grow(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, PFN_PHYS(0x40000), E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x30000);
	KUNIT_EXPECT_EQ(test, p->holes.nr, 0);
	KUNIT_ASSERT_EQ(test, p->extra.nr, 1);
	expect(test, &p->extra, 0, 0x20000, 0x30000);
}

/* A PC with 2 GiB, dom0_mem=512M. */
static void __init add_pc(struct kunit *test)
{
	add(test, 0, 0x9fc00, E820_TYPE_RAM);
	add(test, 0x9fc00, 0xa0000, E820_TYPE_RESERVED);
	add(test, 0xf0000, 0x100000, E820_TYPE_RESERVED);
	add(test, 0x100000, 0x7ffe0000, E820_TYPE_RAM);
	add(test, 0x7ffe0000, 0x80000000, E820_TYPE_ACPI);
	add(test, 0xfffc0000, 0x100000000, E820_TYPE_RESERVED);
}

static void __init isa_hole_moves_up(struct kunit *test)
{
	struct memmap_plan *p;

	add_pc(test);
	p = plan(test, 0x20000, 0x30000);
	KUNIT_ASSERT_EQ(test, p->holes.nr, 1);
	expect(test, &p->holes, 0, 0x9f, 0x100);
	KUNIT_ASSERT_EQ(test, p->room.nr, 1);
	expect(test, &p->room, 0, 0x20000, 0x20061);
	KUNIT_ASSERT_EQ(test, p->extra.nr, 1);
	expect(test, &p->extra, 0, 0x20061, 0x30061);
}

static void __init ram_is_whole_pages(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0x800, 0x9fc00, E820_TYPE_RAM);
	add(test, 0x100000, 0x7ffe0800, E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x20000);
	expect(test, &p->ram, 0, 1, 0x9f);
	expect(test, &p->ram, 1, 0x100, 0x7ffe0);
	expect(test, &p->holes, 0, 0, 1);
	expect(test, &p->holes, 1, 0x9f, 0x100);
}

static void __init pci_hole_moves_past_4g(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, 0xa0000, E820_TYPE_RAM);
	add(test, 0x100000, 0xc0000000, E820_TYPE_RAM);
	add(test, 0x100000000, 0x240000000, E820_TYPE_RAM);
	p = plan(test, 0x140000, 0x140000);
	KUNIT_ASSERT_EQ(test, p->holes.nr, 2);
	expect(test, &p->holes, 0, 0xa0, 0x100);
	expect(test, &p->holes, 1, 0xc0000, 0x100000);
	KUNIT_ASSERT_EQ(test, p->room.nr, 1);
	expect(test, &p->room, 0, 0x140000, 0x180060);
	KUNIT_EXPECT_EQ(test, memmap_list_pages(&p->room),
			memmap_list_pages(&p->holes));
}

static void __init hole_reaches_past_our_end(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, 0x80000000, E820_TYPE_RAM);
	add(test, 0x100000000, 0x200000000, E820_TYPE_RAM);
	p = plan(test, 0x90000, 0x90000);
	expect(test, &p->holes, 0, 0x80000, 0x90000);
	expect(test, &p->room, 0, 0x100000, 0x110000);
}

static void __init room_is_too_small(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, 0xa0000, E820_TYPE_RAM);
	add(test, 0x100000, PFN_PHYS(0x20010), E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x30000);
	KUNIT_EXPECT_EQ(test, memmap_list_pages(&p->holes), 0x60);
	KUNIT_EXPECT_EQ(test, memmap_list_pages(&p->room), 0x10);
	KUNIT_EXPECT_EQ(test, p->extra.nr, 0);
}

static void __init room_in_pieces(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, 0xa0000, E820_TYPE_RAM);
	add(test, 0x100000, PFN_PHYS(0x20010), E820_TYPE_RAM);
	add(test, PFN_PHYS(0x20020), PFN_PHYS(0x20100), E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x30000);
	KUNIT_ASSERT_EQ(test, p->room.nr, 2);
	expect(test, &p->room, 0, 0x20000, 0x20010);
	expect(test, &p->room, 1, 0x20020, 0x20070);
	expect(test, &p->extra, 0, 0x20070, 0x20100);
}

static void __init unusable_is_ram_to_us(struct kunit *test)
{
	struct memmap_plan *p;

	add(test, 0, 0x8000000, E820_TYPE_RAM);
	add(test, 0x8000000, 0x9000000, E820_TYPE_UNUSABLE);
	add(test, 0x9000000, 0x40000000, E820_TYPE_RAM);
	p = plan(test, 0x20000, 0x20000);
	KUNIT_EXPECT_EQ(test, p->holes.nr, 0);
}

static void __init busy_pages_stay(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct memmap_plan *p;

	add(test, 0, 0x1000000, E820_TYPE_RAM);
	add(test, 0x2000000, 0x40000000, E820_TYPE_RAM);
	memmap_list_insert(&f->busy, 0x1800, 0x1900);
	memmap_list_insert(&f->busy, 0x0ff0, 0x1010);
	p = plan(test, 0x20000, 0x20000);
	KUNIT_ASSERT_EQ(test, p->kept.nr, 2);
	expect(test, &p->kept, 0, 0x1000, 0x1010);
	expect(test, &p->kept, 1, 0x1800, 0x1900);
	KUNIT_ASSERT_EQ(test, p->holes.nr, 2);
	expect(test, &p->holes, 0, 0x1010, 0x1800);
	expect(test, &p->holes, 1, 0x1900, 0x2000);
}

static void __init too_many_ranges(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < MEMMAP_MAX_RANGES; i++)
		KUNIT_ASSERT_TRUE(test, memmap_list_add(&f->busy, 2 * i, 2 * i + 1));
	KUNIT_EXPECT_FALSE(test, memmap_list_add(&f->busy, 2 * i, 2 * i + 1));
	KUNIT_EXPECT_FALSE(test, memmap_list_insert(&f->busy, 1, 2));
	KUNIT_EXPECT_TRUE(test, memmap_list_add(&f->busy, 2 * i - 1, 2 * i));
}

static void __init insert_merges(struct kunit *test)
{
	struct memmap_list *l = &((struct fixture *)test->priv)->busy;

	memmap_list_insert(l, 10, 20);
	memmap_list_insert(l, 40, 50);
	memmap_list_insert(l, 0, 5);
	KUNIT_ASSERT_EQ(test, l->nr, 3);
	memmap_list_insert(l, 15, 45);
	KUNIT_ASSERT_EQ(test, l->nr, 2);
	expect(test, l, 0, 0, 5);
	expect(test, l, 1, 10, 50);
	memmap_list_insert(l, 12, 13);
	memmap_list_insert(l, 7, 7);
	KUNIT_EXPECT_EQ(test, l->nr, 2);
	expect(test, l, 1, 10, 50);
}

static struct kunit_case memmap_cases[] __refdata = {
	KUNIT_CASE(guest_without_holes),
	KUNIT_CASE(guest_may_grow),
	KUNIT_CASE(isa_hole_moves_up),
	KUNIT_CASE(ram_is_whole_pages),
	KUNIT_CASE(pci_hole_moves_past_4g),
	KUNIT_CASE(hole_reaches_past_our_end),
	KUNIT_CASE(room_is_too_small),
	KUNIT_CASE(room_in_pieces),
	KUNIT_CASE(unusable_is_ram_to_us),
	KUNIT_CASE(busy_pages_stay),
	KUNIT_CASE(too_many_ranges),
	KUNIT_CASE(insert_merges),
	{}
};

static struct kunit_suite memmap_suite __refdata = {
	.name = "xenpv_memmap",
	.init = memmap_init,
	.test_cases = memmap_cases,
};

kunit_test_init_section_suite(memmap_suite);
