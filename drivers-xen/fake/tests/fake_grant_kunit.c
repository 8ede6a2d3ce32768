// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the fake's grant tables, with a guest of a few lines, right or wrong. */

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/shared.h>
#include "../fake.h"
#include "../grant_model.h"

#define PEER	7
#define OTHER	8
#define REF	9

static struct {
	void *page;
	void *page2;
	bool freed;
} s;

static long op(unsigned int cmd, void *arg)
{
	return xenpv_hv_grant_table_op(cmd, arg, 1);
}

static u64 gfn(const void *page)
{
	return PHYS_PFN(virt_to_phys((void *)page));
}

static int grant_init(struct kunit *test)
{
	memset(&s, 0, sizeof(s));
	xenpv_fake_start(test);
	xenpv_fake_grant_start(4);
	s.page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	s.page2 = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	return s.page && s.page2 ? 0 : -ENOMEM;
}

static u16 __xen_shared *flags_of(grant_ref_t ref)
{
	struct grant_entry_v1 *v1 = xenpv_fake_grant_frame(ref / FAKE_V1_PER_FRAME);
	union grant_entry_v2 *v2 = xenpv_fake_grant_frame(ref / FAKE_V2_PER_FRAME);

	if (xenpv_fake_grant_version() == 1)
		return (u16 __force __xen_shared *)&v1[ref % FAKE_V1_PER_FRAME].flags;
	return (u16 __force __xen_shared *)&v2[ref % FAKE_V2_PER_FRAME].hdr.flags;
}

static u16 __xen_shared *status_of(grant_ref_t ref)
{
	return (u16 __force __xen_shared *)xenpv_fake_grant_status_frame(0) + ref;
}

static void lend(grant_ref_t ref, const void *page, u16 flags)
{
	struct grant_entry_v1 *v1 = xenpv_fake_grant_frame(0);
	union grant_entry_v2 *v2 = xenpv_fake_grant_frame(0);

	if (xenpv_fake_grant_version() == 1) {
		v1[ref].frame = gfn(page);
		v1[ref].domid = PEER;
	} else {
		v2[ref].full_page.frame = gfn(page);
		v2[ref].hdr.domid = PEER;
	}
	xenpv_shared_store_release(flags_of(ref), flags);
}

static void table_grows(struct kunit *test)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 3 };
	xen_pfn_t frames[5];

	set_xen_guest_handle(setup.frame_list, frames);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_query_size, &size), 0);
	KUNIT_EXPECT_EQ(test, size.status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, size.nr_frames, 1);
	KUNIT_EXPECT_EQ(test, size.max_nr_frames, 4);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_frame(1));
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_setup_table, &setup), 0);
	KUNIT_EXPECT_EQ(test, setup.status, GNTST_okay);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, frames[i], gfn(xenpv_fake_grant_frame(i)));
	setup.nr_frames = 5;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_setup_table, &setup), 0);
	KUNIT_EXPECT_EQ(test, setup.status, GNTST_general_error);
	setup.dom = PEER;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_setup_table, &setup), 0);
	KUNIT_EXPECT_EQ(test, setup.status, GNTST_bad_domain);
}

static void version_changes(struct kunit *test)
{
	struct gnttab_set_version set = { .version = 2 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };
	struct gnttab_get_status_frames status = { .dom = DOMID_SELF, .nr_frames = 1 };
	u64 frames[2];
	int handle;

	set_xen_guest_handle(status.frame_list, frames);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_get_status_frames, &status), 0);
	KUNIT_EXPECT_EQ(test, status.status, GNTST_general_error);

	lend(REF, s.page, GTF_permit_access);
	lend(1, s.page, GTF_permit_access);
	handle = xenpv_fake_peer_map(PEER, REF, true);
	KUNIT_EXPECT_GE(test, handle, 0);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_set_version, &set), -EBUSY);
	KUNIT_EXPECT_EQ(test, set.version, 1);
	xenpv_fake_peer_unmap(handle);
	set.version = 2;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_set_version, &set), 0);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_get_version, &get), 0);
	KUNIT_EXPECT_EQ(test, get.version, 2);
	/* What the toolstack granted is still granted. */
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(1)), GTF_permit_access);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), 0);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_get_status_frames, &status), 0);
	KUNIT_EXPECT_EQ(test, status.status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, frames[0], gfn(xenpv_fake_grant_status_frame(0)));
	set.version = 3;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_set_version, &set), -EINVAL);

	xenpv_fake_grant_reset();
	xenpv_fake_grant_limit(1, 1);
	set.version = 2;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_set_version, &set), -ENOSYS);
}

static void table_in_a_page_of_ours(struct kunit *test)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .idx = 1,
		.gpfn = gfn(s.page),
	};

	KUNIT_EXPECT_EQ(test, xenpv_hv_memory_op(XENMEM_add_to_physmap, &add), 0);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_grant_frame(1), s.page);
	add.idx = 4;
	KUNIT_EXPECT_EQ(test, xenpv_hv_memory_op(XENMEM_add_to_physmap, &add), -EINVAL);
	xenpv_fake_grant_reset();
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_frame(1));
}

static void peer_sets_bits_v1(struct kunit *test)
{
	int writer, reader;

	lend(REF, s.page, GTF_permit_access);
	reader = xenpv_fake_peer_map(PEER, REF, false);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access | GTF_reading);
	writer = xenpv_fake_peer_map(PEER, REF, true);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)),
			GTF_permit_access | GTF_reading | GTF_writing);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_peer_holds(s.page));
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(writer), s.page);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_write(writer, 10, "leak", 4), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_write(reader, 10, "leak", 4), -EFAULT);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_scan(reader, "leak", 4), 10);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_scan(reader, "safe", 4), -1);
	KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_grant_balance());

	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(writer), GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(writer), GNTST_bad_handle);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access | GTF_reading);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(reader), GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access);
	KUNIT_EXPECT_FALSE(test, xenpv_fake_peer_holds(s.page));
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

static void peer_sets_bits_v2(struct kunit *test)
{
	struct gnttab_set_version set = { .version = 2 };
	int writer, reader;

	KUNIT_ASSERT_EQ(test, op(GNTTABOP_set_version, &set), 0);
	lend(REF, s.page, GTF_permit_access);
	writer = xenpv_fake_peer_map(PEER, REF, true);
	reader = xenpv_fake_peer_map(PEER, REF, false);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(status_of(REF)), GTF_reading | GTF_writing);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(writer), GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(status_of(REF)), GTF_reading);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(reader), GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(status_of(REF)), 0);
}

static void peer_is_refused(struct kunit *test)
{
	int handle;

	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_map(PEER, REF, false), GNTST_general_error);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_map(PEER, 512, false), GNTST_bad_gntref);
	lend(REF, s.page, GTF_permit_access | GTF_readonly);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_map(OTHER, REF, false), GNTST_general_error);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_map(PEER, REF, true), GNTST_general_error);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access | GTF_readonly);
	handle = xenpv_fake_peer_map(PEER, REF, false);
	KUNIT_EXPECT_GE(test, handle, 0);
	/* What is mapped stays, whatever the entry says now. */
	lend(REF, s.page2, GTF_permit_access | GTF_reading);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle), s.page);
	xenpv_fake_peer_unmap(handle);
}

static void peer_copies(struct kunit *test)
{
	const unsigned int last = PAGE_SIZE - 4;
	char buf[4] = "abc";

	lend(REF, s.page, GTF_permit_access);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_copy(PEER, REF, true, last, buf, 4), GNTST_okay);
	KUNIT_EXPECT_STREQ(test, (char *)s.page + last, "abc");
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_copy(PEER, REF, true, last + 1, buf, 4),
			GNTST_bad_copy_arg);
	memset(buf, 0, 4);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_copy(PEER, REF, false, last, buf, 4), GNTST_okay);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(flags_of(REF)), GTF_permit_access);
}

static struct gnttab_map_grant_ref map_op(domid_t domid, grant_ref_t ref, void *at, u32 flags)
{
	return (struct gnttab_map_grant_ref) {
		.host_addr = (unsigned long)at, .flags = GNTMAP_host_map | flags,
		.ref = ref, .dom = domid,
	};
}

static void map_has_the_bytes(struct kunit *test)
{
	char *theirs = xenpv_fake_foreign_offer(PEER, 1, false);
	struct gnttab_map_grant_ref map = map_op(PEER, 1, s.page, 0);
	struct gnttab_unmap_grant_ref unmap = { .host_addr = (unsigned long)s.page };

	KUNIT_ASSERT_NOT_NULL(test, theirs);
	strscpy(theirs, "before", 16);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_map_grant_ref, &map), 0);
	KUNIT_EXPECT_EQ(test, map.status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 1);
	KUNIT_EXPECT_STREQ(test, (char *)s.page, "before");
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_foreign_page(PEER, 1), s.page);
	strscpy(s.page, "after", 16);

	unmap.handle = map.handle + 1;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_unmap_grant_ref, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.status, GNTST_bad_handle);
	unmap.handle = map.handle;
	unmap.host_addr += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_unmap_grant_ref, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.status, GNTST_bad_virt_addr);
	unmap.host_addr -= PAGE_SIZE;
	xenpv_fake_grant_answer(XENPV_FAKE_UNMAP, PEER, 1, GNTST_general_error, 1);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_unmap_grant_ref, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.status, GNTST_general_error);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_unmap_grant_ref, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.status, GNTST_okay);
	KUNIT_EXPECT_STREQ(test, (char *)xenpv_fake_foreign_page(PEER, 1), "after");
	KUNIT_EXPECT_EQ(test, *(u8 *)s.page, XENPV_FAKE_UNMAPPED);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

static void slots_have_their_own_fate(struct kunit *test)
{
	struct gnttab_map_grant_ref map[7];
	static const s16 pattern[] = { GNTST_okay, GNTST_no_space };

	xenpv_fake_foreign_offer(PEER, 1, false);
	xenpv_fake_foreign_offer(PEER, 2, true);
	xenpv_fake_foreign_offer(PEER, 3, false);
	xenpv_fake_grant_answer(XENPV_FAKE_MAP, PEER, 3, GNTST_eagain, 2);
	map[0] = map_op(PEER, 1, s.page, GNTMAP_contains_pte | GNTMAP_application_map);
	map[1] = map_op(PEER, 2, s.page, 0);
	map[2] = map_op(PEER, 3, s.page, 0);
	map[3] = map_op(PEER, 4, s.page, 0);
	map[4] = map_op(OTHER, 1, s.page, 0);
	map[5] = map_op(PEER, 2, s.page, GNTMAP_readonly);
	map[6] = map_op(PEER, 1, s.page, GNTMAP_contains_pte);
	KUNIT_EXPECT_EQ(test, xenpv_hv_grant_table_op(GNTTABOP_map_grant_ref, map, 7), 0);
	KUNIT_EXPECT_EQ(test, map[0].status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, map[1].status, GNTST_general_error);
	KUNIT_EXPECT_EQ(test, map[2].status, GNTST_eagain);
	KUNIT_EXPECT_EQ(test, map[3].status, GNTST_bad_gntref);
	KUNIT_EXPECT_EQ(test, map[4].status, GNTST_bad_domain);
	KUNIT_EXPECT_EQ(test, map[5].status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, map[6].status, GNTST_general_error);
	KUNIT_EXPECT_NE(test, map[0].handle, map[5].handle);
	op(GNTTABOP_map_grant_ref, &map[2]);
	KUNIT_EXPECT_EQ(test, map[2].status, GNTST_eagain);
	op(GNTTABOP_map_grant_ref, &map[2]);
	KUNIT_EXPECT_EQ(test, map[2].status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 3);

	xenpv_fake_grant_pattern(XENPV_FAKE_MAP, pattern, 2);
	KUNIT_EXPECT_EQ(test, xenpv_hv_grant_table_op(GNTTABOP_map_grant_ref, map, 2), 0);
	KUNIT_EXPECT_EQ(test, map[0].status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, map[1].status, GNTST_no_space);
	xenpv_fake_grant_pattern(XENPV_FAKE_MAP, NULL, 0);
	xenpv_fake_grant_limit(2, 4);
	op(GNTTABOP_map_grant_ref, &map[0]);
	KUNIT_EXPECT_EQ(test, map[0].status, GNTST_no_space);
}

static void copy_checks(struct kunit *test)
{
	char *theirs = xenpv_fake_foreign_offer(PEER, 1, true);
	struct gnttab_copy copy = {
		.source = { .u.ref = 1, .domid = PEER, .offset = PAGE_SIZE - 8 },
		.dest = { .u.gmfn = gfn(s.page), .domid = DOMID_SELF, .offset = 16 },
		.len = 8, .flags = GNTCOPY_source_gref,
	};

	memcpy(theirs + PAGE_SIZE - 8, "12345678", 8);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_copy, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.status, GNTST_okay);
	KUNIT_EXPECT_EQ(test, memcmp(s.page + 16, "12345678", 8), 0);
	copy.len = 9;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_copy, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.status, GNTST_bad_copy_arg);
	copy.dest.domid = PEER;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_copy, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.status, GNTST_permission_denied);
	copy.dest = copy.source;
	copy.flags |= GNTCOPY_dest_gref;
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_copy, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.status, GNTST_general_error);
	xenpv_fake_foreign_withdraw(PEER, 1);
	KUNIT_EXPECT_EQ(test, op(GNTTABOP_copy, &copy), 0);
	KUNIT_EXPECT_EQ(test, copy.status, GNTST_bad_gntref);
}

/*
 * From here: we take a grant back while the peer maps it and lets go.  What we free
 * the peer must not have.
 */

static void *setup_v1(struct kunit *test)
{
	xenpv_fake_grant_reset();
	s.freed = false;
	lend(REF, s.page, GTF_permit_access);
	return &s;
}

static void *setup_v2(struct kunit *test)
{
	struct gnttab_set_version set = { .version = 2 };

	xenpv_fake_grant_reset();
	s.freed = false;
	op(GNTTABOP_set_version, &set);
	lend(REF, s.page, GTF_permit_access);
	return &s;
}

static void peer_maps(void *state)
{
	int handle = xenpv_fake_peer_map(PEER, REF, true);

	if (handle < 0)
		return;
	xenpv_fake_step();
	if (s.freed)
		xenpv_fake_bad("the peer has a page that is free");
	xenpv_fake_peer_unmap(handle);
}

static void end_v1(void *state)
{
	u16 seen = xenpv_shared_load(flags_of(REF));

	while (!(seen & (GTF_reading | GTF_writing))) {
		u16 old = seen;

		seen = xenpv_shared_cmpxchg(flags_of(REF), old, 0);
		if (seen == old) {
			s.freed = true;
			return;
		}
	}
}

/* Looks and then writes: the peer comes in between. */
static void end_v1_torn(void *state)
{
	if (xenpv_shared_load(flags_of(REF)) & (GTF_reading | GTF_writing))
		return;
	xenpv_shared_store(flags_of(REF), 0);
	s.freed = true;
}

static void end_v2(void *state)
{
	xenpv_shared_store(flags_of(REF), 0);
	xenpv_shared_mb();
	if (!(xenpv_shared_load(status_of(REF)) & (GTF_reading | GTF_writing)))
		s.freed = true;
}

/* Looks first: version 2 promises nothing then. */
static void end_v2_early(void *state)
{
	if (xenpv_shared_load(status_of(REF)) & (GTF_reading | GTF_writing))
		return;
	xenpv_shared_store(flags_of(REF), 0);
	s.freed = true;
}

static const char *balance(void *state)
{
	return xenpv_fake_grant_balance();
}

static void revoke_v1(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = setup_v1, .tasks = { end_v1, peer_maps, peer_maps },
		.nr_tasks = 2, .peers = BIT(1) | BIT(2), .check = balance,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 10);
	scene.nr_tasks = 3;
	KUNIT_EXPECT_EQ(test, xenpv_fake_random(test, &scene, 1, 20000), 20000);
	scene.tasks[0] = end_v1_torn;
	scene.nr_tasks = 2;
	KUNIT_EXPECT_STREQ(test, xenpv_fake_find(test, &scene), "the peer has a page that is free");
}

static void revoke_v2(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = setup_v2, .tasks = { end_v2, peer_maps, peer_maps },
		.nr_tasks = 2, .peers = BIT(1) | BIT(2), .check = balance,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 10);
	scene.nr_tasks = 3;
	KUNIT_EXPECT_EQ(test, xenpv_fake_random(test, &scene, 1, 20000), 20000);
	scene.tasks[0] = end_v2_early;
	scene.nr_tasks = 2;
	KUNIT_EXPECT_STREQ(test, xenpv_fake_find(test, &scene), "the peer has a page that is free");
}

static struct kunit_case grant_cases[] = {
	KUNIT_CASE(table_grows),
	KUNIT_CASE(version_changes),
	KUNIT_CASE(table_in_a_page_of_ours),
	KUNIT_CASE(peer_sets_bits_v1),
	KUNIT_CASE(peer_sets_bits_v2),
	KUNIT_CASE(peer_is_refused),
	KUNIT_CASE(peer_copies),
	KUNIT_CASE(map_has_the_bytes),
	KUNIT_CASE(slots_have_their_own_fate),
	KUNIT_CASE(copy_checks),
	KUNIT_CASE(revoke_v1),
	KUNIT_CASE(revoke_v2),
	{}
};

static struct kunit_suite grant_suite = {
	.name = "xenpv_fake_grant",
	.init = grant_init,
	.test_cases = grant_cases,
};
kunit_test_suite(grant_suite);

MODULE_DESCRIPTION("KUnit tests for the fake hypervisor's grant tables");
MODULE_LICENSE("GPL");
