// SPDX-License-Identifier: GPL-2.0-only
/* Puts the room of grants on the fake hypervisor, with time and memory of its own. */

#include <kunit/static_stub.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include <xenpv/self.h>
#include "room.h"

/* What a case changes and gets back as it was. */
static struct {
	u32 features;
	unsigned long long max_pfn;
	unsigned long m2p_limit;
	unsigned long *p2m;
	unsigned long p2m_limit;
} saved;

static struct {
	u64 reap_at;
	u64 slept;
	unsigned int calls;
	unsigned long *p2m;
	unsigned int given_up;
	bool may_do_io;
} r;

const struct room room_versions[2] = {
	{ .version = 1, .frames = 2 },
	{ .version = 2, .frames = 2 },
};

void room_version_name(const struct room *room, char *text)
{
	sprintf(text, "version %u", room->version);
}

static u64 fake_time(void)
{
	return xenpv_fake_now();
}

/* As with the work: the last one who says when is right. */
static void fake_reap_in(u64 delay)
{
	r.reap_at = xenpv_fake_now() + delay;
}

static void fake_sleep(unsigned int ms)
{
	r.slept += ms;
	xenpv_fake_advance(ms * (u64)NSEC_PER_MSEC);
}

/**
 * room_advance() - let time pass
 * @ms: how many milliseconds
 *
 * The reaper runs when it wanted to, no earlier.
 */
void room_advance(unsigned int ms)
{
	u64 end = xenpv_fake_now() + ms * (u64)NSEC_PER_MSEC;

	while (r.reap_at <= end) {
		if (r.reap_at > xenpv_fake_now())
			xenpv_fake_advance(r.reap_at - xenpv_fake_now());
		r.reap_at = U64_MAX;
		xenpv_grant_reap();
	}
	if (end > xenpv_fake_now())
		xenpv_fake_advance(end - xenpv_fake_now());
}

u64 room_slept(void)
{
	return r.slept;
}

static void restore(void *unused)
{
	xenpv_self.features[0] = saved.features;
	max_possible_pfn = saved.max_pfn;
	xenpv_m2p_limit = saved.m2p_limit;
	xenpv_p2m = saved.p2m;
	xenpv_p2m_limit = saved.p2m_limit;
	vfree(r.p2m);
	r.p2m = NULL;
}

/* Version 2 is chosen where frames have numbers that version 1 can't hold. */
static void set_facts(const struct room *room)
{
	unsigned long frames = room->version == 2 ? BIT(33) : BIT(20);

	saved.features = xenpv_self.features[0];
	saved.max_pfn = max_possible_pfn;
	saved.m2p_limit = xenpv_m2p_limit;
	saved.p2m = xenpv_p2m;
	saved.p2m_limit = xenpv_p2m_limit;

	if (room->translated) {
		xenpv_self.features[0] |= BIT(XENFEAT_auto_translated_physmap);
		max_possible_pfn = frames;
	} else {
		xenpv_self.features[0] |= BIT(XENFEAT_gnttab_map_avail_bits);
		xenpv_m2p_limit = frames;
	}
}

void room_prepare(struct kunit *test, const struct room *room)
{
	memset(&r, 0, sizeof(r));
	r.reap_at = U64_MAX;
	xenpv_fake_start(test);
	xenpv_fake_grant_start(room->frames);
	set_facts(room);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	kunit_activate_static_stub(test, xenpv_grant_time, fake_time);
	kunit_activate_static_stub(test, xenpv_grant_reap_in, fake_reap_in);
	kunit_activate_static_stub(test, xenpv_grant_sleep, fake_sleep);
}

static void stop(void *unused)
{
	xenpv_grant_stop();
}

void room_start(struct kunit *test, const struct room *room)
{
	room_prepare(test, room);
	KUNIT_ASSERT_EQ(test, xenpv_grant_start(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_table_version(), room->version);
}

static void count_call(void *arg)
{
	r.calls++;
}

unsigned int room_calls(void)
{
	return r.calls;
}

static void destroy(void *pool)
{
	xenpv_grant_pool_destroy(pool);
}

/**
 * room_pool() - make a pool
 * @test: the case
 * @setup: what it shall be; the peer and who is called are filled in
 *
 * Return: the pool, destroyed at the end of the case.
 */
struct xenpv_grant_pool *room_pool(struct kunit *test, const struct xenpv_grant_setup *setup)
{
	struct xenpv_grant_setup mine = *setup;
	struct xenpv_grant_pool *pool;

	mine.name = "test";
	mine.peer = PEER;
	mine.room = count_call;
	pool = xenpv_grant_pool_create(&mine);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy, pool), 0);
	return pool;
}

int room_held(struct xenpv_grant_pool *pool)
{
	return atomic_read(&xenpv_grant_pool_account(pool)->held);
}

static void drop_page(void *page)
{
	put_page(page);
}

struct page *room_page(struct kunit *test, u8 fill)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, drop_page, page), 0);
	memset(page_address(page), fill, PAGE_SIZE);
	return page;
}

/**
 * room_start_pages() - start a room with pages to lend
 * @test: the case; its parameter says what Xen is like
 * @pages: set to the pages, each full of a number of its own
 * @sgl: a list for them, empty so far
 * @nr: how many
 */
void room_start_pages(struct kunit *test, struct page **pages, struct scatterlist *sgl,
		      unsigned int nr)
{
	room_start(test, test->param_value ?: &room_versions[0]);
	for (unsigned int i = 0; i < nr; i++)
		pages[i] = room_page(test, 0xa0 + i);
	sg_init_table(sgl, nr);
}

bool room_page_is(struct page *page, u8 fill)
{
	return !memchr_inv(page_address(page), fill, PAGE_SIZE);
}

/* Xen takes frames and gives them back; here they keep their numbers. */
static long memory_op(unsigned long cmd, unsigned long arg, unsigned long a3,
		      unsigned long a4, unsigned long a5)
{
	const struct xen_memory_reservation *res = (void *)arg;

	if (cmd != XENMEM_decrease_reservation && cmd != XENMEM_populate_physmap)
		return -ENOSYS;
	if (cmd == XENMEM_decrease_reservation) {
		r.given_up += res->nr_extents;
		r.may_do_io |= !(current->flags & PF_MEMALLOC_NOIO);
	}
	return res->nr_extents;
}

static long update_va_mapping(unsigned long va, unsigned long val, unsigned long flags,
			      unsigned long a4, unsigned long a5)
{
	return 0;
}

static int no_space(unsigned int nr, struct page **chain)
{
	return -EOPNOTSUPP;
}

static int space_later(unsigned int nr, struct page **chain)
{
	return -ENOMEM;
}

/**
 * room_space_fails() - let address space be something that there is, but not now
 * @test: the case
 */
void room_space_fails(struct kunit *test)
{
	kunit_activate_static_stub(test, xenpv_scratch_space, space_later);
}

unsigned int room_given_up(void)
{
	return r.given_up;
}

bool room_may_do_io(void)
{
	return r.may_do_io;
}

static void empty_scratch(void *unused)
{
	xenpv_scratch_empty();
}

/**
 * room_memory() - let there be pages without frames
 * @test: the case
 *
 * Every page of this kernel gets an entry in a frame table, which names itself.  No
 * address space is added: that would stay, with entries for the native machine.
 */
void room_memory(struct kunit *test)
{
	unsigned long nr = max_pfn;

	if (!xenpv_self_has(XENFEAT_auto_translated_physmap)) {
		r.p2m = vmalloc_array(nr, sizeof(*r.p2m));
		KUNIT_ASSERT_NOT_NULL(test, r.p2m);
		for (unsigned long pfn = 0; pfn < nr; pfn++)
			r.p2m[pfn] = pfn;
		xenpv_p2m = r.p2m;
		xenpv_p2m_limit = nr;
	}
	kunit_activate_static_stub(test, xenpv_scratch_space, no_space);
	xenpv_fake_serve(__HYPERVISOR_memory_op, memory_op);
	xenpv_fake_serve(__HYPERVISOR_update_va_mapping, update_va_mapping);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, empty_scratch, NULL), 0);
}

void room_p2m_limit(unsigned long limit)
{
	xenpv_p2m_limit = limit;
}

bool room_p2m_is_foreign(struct page *page)
{
	unsigned long entry = xenpv_p2m_raw(page_to_pfn(page));

	return entry != XENPV_P2M_NONE && entry & XENPV_P2M_FOREIGN;
}
