// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of pages of peers in programs: entries, the map as a whole, copies. */

#include <kunit/static_stub.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "../user_map.h"
#include "room.h"

#define NR	60
#define FIRST	100
#define NOBODY	9999

static struct xenpv_foreign_entry entries[NR];

static int user_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	for (unsigned int i = 0; i < NR; i++) {
		void *page = xenpv_fake_foreign_offer(i < 40 ? PEER : OTHER, FIRST + i, false);

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page, i, PAGE_SIZE);
		entries[i] = (struct xenpv_foreign_entry){
			.peer = i < 40 ? PEER : OTHER,
			.ref = FIRST + i,
			.where = 0x100000 + i * 8,
		};
	}
	return 0;
}

static unsigned int mapped(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < NR; i++)
		nr += entries[i].mapped;
	return nr;
}

static void entries_come_and_go(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, xenpv_foreign_can_enter());
	KUNIT_EXPECT_EQ(test, xenpv_foreign_enter(entries, NR, false), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR);
	KUNIT_EXPECT_EQ(test, mapped(), NR);
	/* Parts, again and again: each goes once. */
	for (unsigned int i = 0; i < NR; i += 7) {
		xenpv_foreign_leave(entries, i);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR - i);
		KUNIT_EXPECT_EQ(test, mapped(), NR - i);
	}
	xenpv_foreign_leave(entries, NR);
	xenpv_foreign_leave(entries, NR);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static void each_entry_has_its_fate(struct kunit *test)
{
	entries[3].ref = NOBODY;
	entries[30].peer = OTHER;
	entries[59].ref = NOBODY;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_enter(entries, NR, false), -ENOENT);
	KUNIT_EXPECT_EQ(test, mapped(), NR - 3);
	KUNIT_EXPECT_FALSE(test, entries[3].mapped || entries[30].mapped || entries[59].mapped);
	xenpv_foreign_leave(entries, NR);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

/* The call as a whole fails: nothing counts as mapped. */
static void refused_hypercall(struct kunit *test)
{
	xenpv_fake_fail_at(1, -EFAULT);
	KUNIT_EXPECT_LT(test, xenpv_foreign_enter(entries, 5, false), 0);
	KUNIT_EXPECT_EQ(test, mapped(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_enter(entries, 5, false), 0);
	/* What Xen does not unmap stays mapped for us, too. */
	xenpv_fake_fail_at(1, -EFAULT);
	xenpv_foreign_leave(entries, 5);
	KUNIT_EXPECT_EQ(test, mapped(), 5);
	xenpv_foreign_leave(entries, 5);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static struct xenpv_user_map *new_map(struct kunit *test)
{
	struct xenpv_user_map *map = xenpv_user_map_new(NR);

	KUNIT_ASSERT_NOT_NULL(test, map);
	for (unsigned int i = 0; i < NR; i++) {
		xenpv_user_map_fill(map, i, entries[i].peer, entries[i].ref);
		map->entries[i].where = entries[i].where;
	}
	return map;
}

static void pages_of_several_peers(struct kunit *test)
{
	struct xenpv_user_map *map = new_map(test);

	KUNIT_EXPECT_EQ(test, xenpv_user_map_pages(map, false), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR);
	for (unsigned int i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, room_page_is(map->pages[i].page, i));
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap(map->pages, NR), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	xenpv_user_map_put(map);
}

static void pages_all_or_none(struct kunit *test)
{
	static const unsigned int where[] = { 0, 1, 24, 39, 40, 59 };

	for (unsigned int i = 0; i < ARRAY_SIZE(where); i++) {
		struct xenpv_user_map *map = new_map(test);

		xenpv_user_map_fill(map, where[i], PEER, NOBODY);
		KUNIT_EXPECT_EQ(test, xenpv_user_map_pages(map, false), -ENOENT);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		for (unsigned int j = 0; j < NR; j++)
			KUNIT_EXPECT_NULL(test, map->pages[j].page);
		xenpv_user_map_put(map);
	}
}

/* The memory manager clears a range: those entries go, and no others. */
static void range_leaves(struct kunit *test)
{
	static const struct {
		unsigned long start, end;
		unsigned int left;
	} cases[] = {
		{ 0, 0x10000, NR }, { 0x10000 + NR * PAGE_SIZE, ULONG_MAX, NR },
		{ 0, 0x10000 + PAGE_SIZE, NR - 1 },
		{ 0x10000, 0x10000 + PAGE_SIZE, NR - 1 },
		{ 0x10000 + 10 * PAGE_SIZE, 0x10000 + 20 * PAGE_SIZE, NR - 11 },
		{ 0x10000 + 59 * PAGE_SIZE, ULONG_MAX, NR - 12 },
		{ 0, ULONG_MAX, 0 }, { 0, ULONG_MAX, 0 },
	};
	struct xenpv_user_map *map = new_map(test);

	map->start = 0x10000;
	KUNIT_EXPECT_EQ(test, xenpv_foreign_enter(map->entries, NR, false), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		xenpv_user_map_leave(map, cases[i].start, cases[i].end);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), cases[i].left);
	}
	KUNIT_EXPECT_FALSE(test, map->entries[15].mapped);
	xenpv_user_map_put(map);
}

static void promises_are_judged(struct kunit *test)
{
	struct xenpv_user_map *map = new_map(test);
	struct page *page = room_page(test, 0x33);

	KUNIT_EXPECT_EQ(test, xenpv_user_map_notify(map, 4, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_user_map_notify(map, UNMAP_NOTIFY_SEND_EVENT, 0, 77777),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, map->notify.action, 0);
	KUNIT_EXPECT_EQ(test, xenpv_user_map_notify(map, UNMAP_NOTIFY_CLEAR_BYTE,
						    3 * PAGE_SIZE + 17, 0), 0);
	xenpv_user_notify_byte(&map->notify, page);
	xenpv_user_notify_byte(&map->notify, page);
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		KUNIT_EXPECT_EQ(test, ((u8 *)page_address(page))[i], i == 17 ? 0 : 0x33);
	KUNIT_EXPECT_EQ(test, map->notify.action, 0);
	map->state = XENPV_USER_SHOWN;
	map->readonly = true;
	KUNIT_EXPECT_EQ(test, xenpv_user_map_notify(map, UNMAP_NOTIFY_CLEAR_BYTE, 0, 0),
			-EINVAL);
	xenpv_user_map_put(map);
}

static unsigned long memory;

static struct gntdev_grant_copy_segment __user *segments(void)
{
	return (void __user *)(memory + 8 * PAGE_SIZE);
}

static long copy(const struct gntdev_grant_copy_segment *segs, unsigned int nr)
{
	void __user *arg = (void __user *)(memory + 12 * PAGE_SIZE);
	struct ioctl_gntdev_grant_copy op = { nr, segments() };

	if (copy_to_user(segments(), segs, nr * sizeof(*segs)) ||
	    copy_to_user(arg, &op, sizeof(op)))
		return -ENXIO;
	return xenpv_user_copy(arg);
}

static s16 status(unsigned int i)
{
	s16 value = 99;

	return get_user(value, &segments()[i].status) ? 98 : value;
}

static void start_copy(struct kunit *test)
{
	memory = kunit_vm_mmap(test, NULL, 0, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
}

static struct gntdev_grant_copy_segment from(unsigned int ref, unsigned int offset,
					     unsigned long to, unsigned int len)
{
	struct gntdev_grant_copy_segment seg = {
		.source.foreign = { .ref = ref, .offset = offset, .domid = PEER },
		.dest.virt = (void __user *)to,
		.len = len,
		.flags = GNTCOPY_source_gref,
		.status = 55,
	};

	return seg;
}

static void copies_tell_each_segment(struct kunit *test)
{
	struct gntdev_grant_copy_segment segs[30];

	start_copy(test);
	for (unsigned int i = 0; i < 30; i++)
		segs[i] = from(i == 7 || i == 29 ? NOBODY : FIRST + i, 0,
			       memory + i * 100, 100);
	/* Over a border: two pieces, both of which fail. */
	segs[20] = from(NOBODY, 0, memory + 2 * PAGE_SIZE - 50, 100);
	KUNIT_EXPECT_EQ(test, copy(segs, 30), 0);
	for (unsigned int i = 0; i < 30; i++) {
		bool bad = i == 7 || i == 20 || i == 29;
		u8 byte = 0xff;

		KUNIT_EXPECT_EQ(test, status(i), bad ? GNTST_bad_gntref : GNTST_okay);
		KUNIT_EXPECT_EQ(test, get_user(byte, (u8 __user *)memory + i * 100 + 99), 0);
		KUNIT_EXPECT_EQ(test, byte, bad ? 0 : i);
	}
}

static void wrong_copies(struct kunit *test)
{
	struct gntdev_grant_copy_segment seg;

	start_copy(test);
	seg = from(FIRST, 1, memory, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EINVAL);
	seg = from(FIRST, 4095, memory, 2);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EINVAL);
	seg = from(FIRST, 65535, memory, 65535);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EINVAL);
	seg = from(FIRST, 0, memory, 10);
	seg.flags = 0;
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EINVAL);
	seg.flags = GNTCOPY_source_gref | 4;
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EINVAL);
	seg = from(FIRST, 0, 8, 10);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EFAULT);
	seg = from(FIRST, 0, (unsigned long)entries, 10);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), -EFAULT);
	seg = from(FIRST, 0, memory, 0);
	KUNIT_EXPECT_EQ(test, copy(&seg, 1), 0);
	KUNIT_EXPECT_EQ(test, status(0), GNTST_okay);
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE(entries_come_and_go),
	KUNIT_CASE(each_entry_has_its_fate),
	KUNIT_CASE(refused_hypercall),
	KUNIT_CASE(pages_of_several_peers),
	KUNIT_CASE(pages_all_or_none),
	KUNIT_CASE(range_leaves),
	KUNIT_CASE(promises_are_judged),
	KUNIT_CASE(copies_tell_each_segment),
	KUNIT_CASE(wrong_copies),
	{}
};

static struct kunit_suite user_suite = {
	.name = "xenpv_gntdev",
	.init = user_init,
	.test_cases = user_cases,
};
kunit_test_suites(&user_suite);
