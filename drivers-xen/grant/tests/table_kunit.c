// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the grant table: its versions, its growth, what entries say and how they end. */

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "room.h"

/* The four kinds of table. */
static const struct room kinds[] = {
	{ .version = 1, .frames = 4 },
	{ .version = 2, .frames = 4 },
	{ .version = 1, .frames = 4, .translated = true },
	{ .version = 2, .frames = 4, .translated = true },
};

static void describe(const struct room *room, char *text)
{
	sprintf(text, "version %u%s", room->version, room->translated ? ", translated" : "");
}
KUNIT_ARRAY_PARAM(kind, kinds, describe);

static const struct room *kind(struct kunit *test)
{
	return test->param_value;
}

static unsigned int per_frame(struct kunit *test)
{
	return kind(test)->version == 2 ? 256 : 512;
}

static u16 flags_of(struct kunit *test, grant_ref_t ref)
{
	void *frame = xenpv_fake_grant_frame(ref / per_frame(test));

	if (kind(test)->version == 1)
		return ((struct grant_entry_v1 *)frame)[ref % 512].flags;
	return ((union grant_entry_v2 *)frame)[ref % 256].hdr.flags;
}

static int lend(struct page *page, grant_ref_t ref, bool readonly)
{
	return xenpv_grant_table_lend(ref, PEER, gfn_box(page_to_pfn(page)), readonly);
}

static void start_uses_one_frame(struct kunit *test)
{
	unsigned int max, size;

	room_start(test, kind(test));
	size = xenpv_grant_table_size(&max);
	KUNIT_EXPECT_EQ(test, size, per_frame(test));
	KUNIT_EXPECT_EQ(test, max, 4 * per_frame(test));
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_version(), kind(test)->version);
}

/* A reference that a protocol names goes from one domain to another, if the first lets go. */
static void reserved_reference(struct kunit *test)
{
	struct page *page = room_page(test, 3);
	int handle;

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, xenpv_grant_reserved(GNTTAB_NR_RESERVED_ENTRIES, PEER, page),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_grant_reserved(U32_MAX, PEER, page), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_grant_reserved(1, PEER, page), 0);
	handle = xenpv_fake_peer_map(PEER, 1, true);
	KUNIT_ASSERT_GE(test, handle, 0);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle), page_address(page));
	KUNIT_EXPECT_EQ(test, xenpv_grant_reserved(1, OTHER, page), -EBUSY);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(OTHER, 1, true), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_reserved(1, OTHER, page), 0);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 1, true), 0);
	handle = xenpv_fake_peer_map(OTHER, 1, true);
	KUNIT_ASSERT_GE(test, handle, 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(1));
}

static void grow_to_the_limit(struct kunit *test)
{
	struct page *page = room_page(test, 1);
	unsigned int max, size;

	room_start(test, kind(test));
	for (unsigned int i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), -ENOSPC);
	size = xenpv_grant_table_size(&max);
	KUNIT_EXPECT_EQ(test, size, max);

	/* The last entry of each frame works. */
	for (unsigned int i = 1; i <= 4; i++) {
		grant_ref_t ref = i * per_frame(test) - 1;
		int handle;

		KUNIT_EXPECT_EQ(test, lend(page, ref, false), 0);
		handle = xenpv_fake_peer_map(PEER, ref, true);
		KUNIT_EXPECT_GE(test, handle, 0);
		KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle), page_address(page));
		KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(ref));
		xenpv_fake_peer_unmap(handle);
		KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(ref));
	}
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

/* Growing fails at each of its hypercalls in turn, and works the next time. */
static void grow_fails_and_works_again(struct kunit *test)
{
	unsigned int max, size;

	room_start(test, kind(test));
	for (unsigned int nth = 1; nth < 4; nth++) {
		size = xenpv_grant_table_size(&max);
		xenpv_fake_fail_at(nth, -EFAULT);
		if (!xenpv_grant_table_grow())
			break;
		KUNIT_EXPECT_EQ(test, xenpv_grant_table_size(&max), size);
		KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), 0);
		KUNIT_EXPECT_GT(test, xenpv_grant_table_size(&max), size);
	}
	xenpv_fake_fail_at(0, 0);
}

static void lend_says_who_and_what(struct kunit *test)
{
	struct page *page = room_page(test, 1);
	int handle;

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, lend(page, 9, true), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, 9), GTF_permit_access | GTF_readonly);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(OTHER, 9, false), 0);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 9, true), 0);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 10, false), 0);
	handle = xenpv_fake_peer_map(PEER, 9, false);
	KUNIT_EXPECT_GE(test, handle, 0);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle), page_address(page));
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 9, false), 0);
}

/* Neither a half-written entry nor one of the next user is ever valid. */
struct lending {
	struct page *page;
	unsigned int seen;
};

static void look_while_lending(const struct xenpv_fake_access *access, void *arg)
{
	struct lending *lending = arg;
	int handle = xenpv_fake_peer_map(PEER, 9, true);

	if (handle < 0)
		return;
	lending->seen++;
	if (xenpv_fake_peer_page(handle) != page_address(lending->page))
		xenpv_fake_bad("the entry was valid before it was complete");
	xenpv_fake_peer_unmap(handle);
}

static void lend_is_valid_last(struct kunit *test)
{
	struct page *one = room_page(test, 1), *two = room_page(test, 2);
	struct lending lending = { .page = one };

	room_start(test, kind(test));
	xenpv_fake_peer(look_while_lending, &lending);
	KUNIT_EXPECT_EQ(test, lend(one, 9, false), 0);
	KUNIT_EXPECT_EQ(test, lending.seen, 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_EQ(test, lending.seen, 1);
	lending.page = two;
	KUNIT_EXPECT_EQ(test, lend(two, 9, false), 0);
	KUNIT_EXPECT_EQ(test, lending.seen, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	xenpv_fake_peer(NULL, NULL);
}

static void revoke_readonly(struct kunit *test)
{
	struct page *page = room_page(test, 1);
	int handle;

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, lend(page, 9, true), 0);
	handle = xenpv_fake_peer_map(PEER, 9, false);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(9));
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
}

static unsigned int looks;

static void count_looks(const struct xenpv_fake_access *access, void *arg)
{
	looks += access->kind != XENPV_SHARED_STORE;
}

/* Reading a value twice would let the peer decide in between. */
static void revoke_looks_once(struct kunit *test)
{
	struct page *page = room_page(test, 1);
	int handle;

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, lend(page, 9, false), 0);
	handle = xenpv_fake_peer_map(PEER, 9, true);
	looks = 0;
	xenpv_fake_peer(count_looks, NULL);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_EQ(test, looks, 1);
	xenpv_fake_peer(NULL, NULL);
	xenpv_fake_peer_unmap(handle);
	looks = 0;
	xenpv_fake_peer(count_looks, NULL);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_EQ(test, looks, 1);
	xenpv_fake_peer(NULL, NULL);
}

static void resume_finds_all_ours(struct kunit *test)
{
	struct page *page = room_page(test, 1);

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), 0);
	KUNIT_EXPECT_EQ(test, lend(page, 9, false), 0);
	KUNIT_EXPECT_EQ(test, lend(page, per_frame(test) + 9, false), 0);
	xenpv_grant_suspend();
	/* The new Xen knows of nothing. */
	xenpv_fake_grant_reset();
	KUNIT_EXPECT_EQ(test, xenpv_grant_resume(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_version(), kind(test)->version);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 9, false), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(per_frame(test) + 9));

	KUNIT_EXPECT_EQ(test, lend(page, per_frame(test) + 9, false), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(per_frame(test) + 9));
}

/* Neither is the table touched meanwhile, nor is what the peer has taken for ours. */
static void resume_fails(struct kunit *test)
{
	struct page *page = room_page(test, 1);
	int handle;

	room_start(test, kind(test));
	KUNIT_EXPECT_EQ(test, lend(page, 9, false), 0);
	handle = xenpv_fake_peer_map(PEER, 9, true);
	xenpv_grant_suspend();
	xenpv_fake_fail_at(2, -EFAULT);
	KUNIT_EXPECT_LT(test, xenpv_grant_resume(), 0);
	xenpv_fake_fail_at(0, 0);
	KUNIT_EXPECT_EQ(test, lend(page, 10, false), -ENODEV);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), -ENODEV);
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_table_revoke(9));

	KUNIT_EXPECT_EQ(test, xenpv_grant_resume(), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	KUNIT_EXPECT_EQ(test, lend(page, 10, false), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(10));
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_grow(), 0);
}

static unsigned int taken_away;

static long count_taken_away(unsigned long va, unsigned long val, unsigned long flags,
			     unsigned long a4, unsigned long a5)
{
	if (!val && flags == (UVMF_INVLPG | UVMF_ALL))
		taken_away++;
	return 0;
}

/* With interrupts off the kernel can't flush other CPUs: Xen does that. */
static void suspend_leaves_flushing_to_xen(struct kunit *test)
{
	enum xenpv_kind before = xenpv_self.kind;
	unsigned int marks = kind(test)->version == 2;

	room_start(test, kind(test));
	taken_away = 0;
	xenpv_fake_serve(__HYPERVISOR_update_va_mapping, count_taken_away);
	xenpv_self.kind = XENPV_KIND_PV;
	scoped_guard(irqsave)
		xenpv_grant_suspend();
	xenpv_self.kind = before;
	KUNIT_EXPECT_EQ(test, taken_away, kind(test)->translated ? 0 : 1 + marks);
	KUNIT_EXPECT_EQ(test, xenpv_grant_resume(), 0);
}

/* Each hypercall of the start fails, one at a time. */
static void start_fails_at_each_call(struct kunit *test)
{
	unsigned int calls;

	room_prepare(test, kind(test));
	KUNIT_ASSERT_EQ(test, xenpv_grant_start(), 0);
	calls = xenpv_fake_calls_made();
	xenpv_grant_stop();

	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_grant_reset();
		xenpv_fake_fail_at(nth, -EFAULT);
		if (!xenpv_grant_start())
			xenpv_grant_stop();
		KUNIT_EXPECT_EQ(test, xenpv_grant_table_version(), 0);
	}
	xenpv_fake_fail_at(0, 0);
}

static void start_without_version_2(struct kunit *test)
{
	static const struct room room = { .version = 2, .frames = 4 };
	struct page *page = room_page(test, 1);

	room_prepare(test, &room);
	xenpv_fake_grant_limit(1, XENPV_FAKE_MAPS);
	KUNIT_ASSERT_EQ(test, xenpv_grant_start(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_version(), 1);

	/* A frame that version 1 can't name is refused, and nothing is lent. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_lend(9, PEER, gfn_box(BIT(32)), false), -ERANGE);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, 9, false), 0);
	KUNIT_EXPECT_EQ(test, lend(page, 9, false), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_grant_table_revoke(9));
	xenpv_grant_stop();
}

/* What ran before us may have left version 2, for example a kernel that started us. */
static void start_after_version_2(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 4 };
	struct gnttab_set_version set = { .version = 2 };

	room_prepare(test, &room);
	KUNIT_ASSERT_EQ(test, xenpv_hv_grant_table_op(GNTTABOP_set_version, &set, 1), 0);
	KUNIT_ASSERT_EQ(test, xenpv_grant_start(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_version(), 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_version(), 1);
	xenpv_grant_stop();
}

static unsigned int versions_set;

static long count_versions(unsigned long cmd, unsigned long arg, unsigned long count,
			   unsigned long a4, unsigned long a5)
{
	struct gnttab_get_version *get = (void *)arg;
	struct gnttab_query_size *size = (void *)arg;
	struct gnttab_setup_table *setup = (void *)arg;

	switch (cmd) {
	case GNTTABOP_set_version:
		versions_set++;
		return 0;
	case GNTTABOP_get_version:
		get->version = 1;
		return 0;
	case GNTTABOP_query_size:
		size->max_nr_frames = versions_set ? 4 : 0;
		size->status = GNTST_okay;
		return 0;
	case GNTTABOP_setup_table:
		setup->status = GNTST_permission_denied;
		return 0;
	}
	return -ENOSYS;
}

static void start_with_odd_answers(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 4 };

	room_prepare(test, &room);
	versions_set = 0;
	xenpv_fake_serve(__HYPERVISOR_grant_table_op, count_versions);
	/* No frames at all. */
	KUNIT_EXPECT_EQ(test, xenpv_grant_start(), -ENODEV);
	/* Frames that we may not have. */
	versions_set = 1;
	KUNIT_EXPECT_EQ(test, xenpv_grant_start(), -EACCES);
	KUNIT_EXPECT_EQ(test, versions_set, 1);
	KUNIT_EXPECT_EQ(test, xenpv_grant_table_version(), 0);
}

static void errors_for_any_status(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_grant_error(GNTST_okay), 0);
	for (int status = -32768; status <= 32767; status++) {
		int error = xenpv_grant_error(status);

		if (status ? error >= 0 || error < -MAX_ERRNO : error)
			KUNIT_FAIL(test, "status %d is error %d", status, error);
	}
	KUNIT_EXPECT_EQ(test, xenpv_grant_error(GNTST_eagain), -EAGAIN);
	KUNIT_EXPECT_EQ(test, xenpv_grant_error(GNTST_no_space), -ENOSPC);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE_PARAM(start_uses_one_frame, kind_gen_params),
	KUNIT_CASE_PARAM(reserved_reference, kind_gen_params),
	KUNIT_CASE_PARAM(grow_to_the_limit, kind_gen_params),
	KUNIT_CASE_PARAM(grow_fails_and_works_again, kind_gen_params),
	KUNIT_CASE_PARAM(lend_says_who_and_what, kind_gen_params),
	KUNIT_CASE_PARAM(lend_is_valid_last, kind_gen_params),
	KUNIT_CASE_PARAM(revoke_readonly, kind_gen_params),
	KUNIT_CASE_PARAM(revoke_looks_once, kind_gen_params),
	KUNIT_CASE_PARAM(resume_finds_all_ours, kind_gen_params),
	KUNIT_CASE_PARAM(resume_fails, kind_gen_params),
	KUNIT_CASE_PARAM(suspend_leaves_flushing_to_xen, kind_gen_params),
	KUNIT_CASE_PARAM(start_fails_at_each_call, kind_gen_params),
	KUNIT_CASE(start_without_version_2),
	KUNIT_CASE(start_after_version_2),
	KUNIT_CASE(start_with_odd_answers),
	KUNIT_CASE(errors_for_any_status),
	{}
};

static struct kunit_suite table_suite = {
	.name = "xenpv_grant_table",
	.test_cases = table_cases,
};
kunit_test_suite(table_suite);

MODULE_DESCRIPTION("KUnit tests for the Xen grant table");
MODULE_LICENSE("GPL");
