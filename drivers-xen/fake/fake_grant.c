// SPDX-License-Identifier: GPL-2.0-only
/* The fake's side of our grant table: its pages, its size and its version. */

#include <kunit/test-bug.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "fake.h"
#include "grant_model.h"

/* Of XENMAPSPACE_grant_table: the index is one of a page of status words. */
#define STATUS_INDEX	BIT(31)

struct fake_table fake_table;

/* How many references the table has room for. */
unsigned int xenpv_fake_grant_refs(void)
{
	return fake_table.nr_frames *
	       (fake_table.version == 2 ? FAKE_V2_PER_FRAME : FAKE_V1_PER_FRAME);
}

static unsigned int status_frames(void)
{
	if (fake_table.version != 2)
		return 0;
	return DIV_ROUND_UP(xenpv_fake_grant_refs(), FAKE_STATUS_PER_FRAME);
}

static u64 frame_of(void *page)
{
	return PHYS_PFN(virt_to_phys(page));
}

static long query_size(void *arg)
{
	struct gnttab_query_size *op = arg;

	op->status = GNTST_bad_domain;
	if (op->dom != DOMID_SELF)
		return 0;
	op->nr_frames = fake_table.nr_frames;
	op->max_nr_frames = fake_table.max_frames;
	op->status = GNTST_okay;
	return 0;
}

/* New frames are empty. */
static void grow(unsigned int nr)
{
	unsigned int had_status = status_frames();

	for (unsigned int i = fake_table.nr_frames; i < nr; i++)
		clear_page(fake_table.frames[i]);
	fake_table.nr_frames = max(fake_table.nr_frames, nr);
	for (unsigned int i = had_status; i < status_frames(); i++)
		clear_page(fake_table.status[i]);
}

static long setup_table(void *arg)
{
	struct gnttab_setup_table *op = arg;
	xen_pfn_t *list = (xen_pfn_t *)op->frame_list;

	op->status = GNTST_bad_domain;
	if (op->dom != DOMID_SELF)
		return 0;
	op->status = GNTST_general_error;
	if (op->nr_frames > fake_table.max_frames)
		return 0;
	grow(op->nr_frames);
	for (unsigned int i = 0; i < op->nr_frames; i++)
		list[i] = frame_of(fake_table.frames[i]);
	op->status = GNTST_okay;
	return 0;
}

static long get_status_frames(void *arg)
{
	struct gnttab_get_status_frames *op = arg;
	u64 *list = (u64 *)op->frame_list;

	op->status = GNTST_bad_domain;
	if (op->dom != DOMID_SELF)
		return 0;
	op->status = GNTST_general_error;
	if (op->nr_frames > status_frames())
		return 0;
	for (unsigned int i = 0; i < op->nr_frames; i++)
		list[i] = frame_of(fake_table.status[i]);
	op->status = GNTST_okay;
	return 0;
}

static long get_version(void *arg)
{
	struct gnttab_get_version *op = arg;

	if (op->dom != DOMID_SELF)
		return -EPERM;
	op->version = fake_table.version;
	return 0;
}

static bool in_use(void)
{
	for (unsigned int ref = GNTTAB_NR_RESERVED_ENTRIES; ref < fake_table.top; ref++)
		if (fake_table.active[ref].readers || fake_table.active[ref].writers)
			return true;
	return false;
}

/* The first entries are the toolstack's and survive. */
static void convert(unsigned int version)
{
	struct grant_entry_v1 keep[GNTTAB_NR_RESERVED_ENTRIES] = {};
	struct grant_entry_v1 *v1 = fake_table.frames[0];
	union grant_entry_v2 *v2 = fake_table.frames[0];
	grant_status_t *status = fake_table.status[0];
	const u16 used = GTF_reading | GTF_writing;

	for (unsigned int i = 0; i < ARRAY_SIZE(keep); i++) {
		if (version == 2) {
			keep[i] = v1[i];
			continue;
		}
		keep[i].flags = v2[i].hdr.flags | status[i];
		keep[i].domid = v2[i].hdr.domid;
		keep[i].frame = v2[i].full_page.frame;
	}

	fake_table.version = version;
	for (unsigned int i = 0; i < fake_table.nr_frames; i++)
		clear_page(fake_table.frames[i]);
	for (unsigned int i = 0; i < status_frames(); i++)
		clear_page(fake_table.status[i]);

	for (unsigned int i = 0; i < ARRAY_SIZE(keep); i++) {
		if (version == 1) {
			v1[i] = keep[i];
			continue;
		}
		v2[i].hdr.flags = keep[i].flags & ~used;
		v2[i].hdr.domid = keep[i].domid;
		v2[i].full_page.frame = keep[i].frame;
		status[i] = keep[i].flags & used;
	}
}

static long set_version(void *arg)
{
	struct gnttab_set_version *op = arg;
	u32 version = op->version;

	op->version = fake_table.version;
	if (version != 1 && version != 2)
		return -EINVAL;
	if (version > fake_table.max_version)
		return -ENOSYS;
	if (version == fake_table.version)
		return 0;
	if (in_use())
		return -EBUSY;
	convert(version);
	op->version = version;
	return 0;
}

/* From here on a page of the domain is the table's. */
static long add_to_physmap(const struct xen_add_to_physmap *op)
{
	bool status = op->idx & STATUS_INDEX;
	unsigned int nr = op->idx & ~STATUS_INDEX;
	void *page = xenpv_fake_frame(op->gpfn);

	if (op->domid != DOMID_SELF)
		return -EPERM;
	if (op->space != XENMAPSPACE_grant_table)
		return -ENOSYS;
	if (!page || nr >= (status ? FAKE_STATUS_FRAMES : fake_table.max_frames))
		return -EINVAL;
	if (!status) {
		grow(nr + 1);
		copy_page(page, fake_table.frames[nr]);
		fake_table.frames[nr] = page;
		return 0;
	}
	if (nr >= status_frames())
		return -EINVAL;
	copy_page(page, fake_table.status[nr]);
	fake_table.status[nr] = page;
	return 0;
}

static long memory_op(unsigned long cmd, unsigned long arg, unsigned long a3,
		      unsigned long a4, unsigned long a5)
{
	if (cmd != XENMEM_add_to_physmap)
		return -ENOSYS;
	return add_to_physmap((const struct xen_add_to_physmap *)arg);
}

/* What there is for each command, and how large an element of its array is. */
static const struct {
	long (*fn)(void *arg);
	size_t size;
} ops[] = {
	[GNTTABOP_map_grant_ref]	= { xenpv_fake_grant_map,
					    sizeof(struct gnttab_map_grant_ref) },
	[GNTTABOP_unmap_grant_ref]	= { xenpv_fake_grant_unmap,
					    sizeof(struct gnttab_unmap_grant_ref) },
	[GNTTABOP_copy]			= { xenpv_fake_grant_copy,
					    sizeof(struct gnttab_copy) },
	[GNTTABOP_setup_table]		= { setup_table },
	[GNTTABOP_query_size]		= { query_size },
	[GNTTABOP_set_version]		= { set_version },
	[GNTTABOP_get_status_frames]	= { get_status_frames },
	[GNTTABOP_get_version]		= { get_version },
};

static long grant_table_op(unsigned long cmd, unsigned long arg, unsigned long count,
			   unsigned long a4, unsigned long a5)
{
	if (cmd >= ARRAY_SIZE(ops) || !ops[cmd].fn)
		return -ENOSYS;
	if (count != 1 && !ops[cmd].size)
		return -EINVAL;
	for (unsigned long i = 0; i < count; i++) {
		long ret;

		/* Between two slots of a batch others may run. */
		xenpv_fake_step();
		ret = ops[cmd].fn((void *)(arg + i * ops[cmd].size));
		if (ret)
			return ret;
	}
	return 0;
}

static void grant_end(void *unused)
{
	for (unsigned int i = 0; i < XENPV_FAKE_GRANT_FRAMES; i++)
		free_page((unsigned long)fake_table.owned[i]);
	for (unsigned int i = 0; i < FAKE_STATUS_FRAMES; i++)
		free_page((unsigned long)fake_table.owned_status[i]);
	kvfree(fake_table.active);
	memset(&fake_table, 0, sizeof(fake_table));
	xenpv_fake_foreign_exit();
}

static int grant_init(unsigned int max_frames)
{
	fake_table.max_frames = max_frames;
	fake_table.active = kvcalloc(FAKE_REFS, sizeof(*fake_table.active), GFP_KERNEL);
	if (!fake_table.active)
		return -ENOMEM;
	for (unsigned int i = 0; i < max_frames; i++) {
		fake_table.owned[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!fake_table.owned[i])
			return -ENOMEM;
	}
	for (unsigned int i = 0; i < FAKE_STATUS_FRAMES; i++) {
		fake_table.owned_status[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!fake_table.owned_status[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * xenpv_fake_grant_start() - serve grant tables to the end of the case
 * @max_frames: of our table, at most XENPV_FAKE_GRANT_FRAMES
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_grant_start(unsigned int max_frames)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_ASSERT_NULL(test, fake_table.active);
	KUNIT_ASSERT_GT(test, max_frames, 0);
	KUNIT_ASSERT_LE(test, max_frames, XENPV_FAKE_GRANT_FRAMES);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, grant_end, NULL), 0);
	KUNIT_ASSERT_EQ(test, grant_init(max_frames), 0);
	xenpv_fake_grant_reset();
	xenpv_fake_serve(__HYPERVISOR_grant_table_op, grant_table_op);
	xenpv_fake_serve(__HYPERVISOR_memory_op, memory_op);
}

/**
 * xenpv_fake_grant_reset() - forget all that was granted, offered and mapped
 *
 * Context: Process, outside of tasks.
 */
void xenpv_fake_grant_reset(void)
{
	memcpy(fake_table.frames, fake_table.owned, sizeof(fake_table.frames));
	memcpy(fake_table.status, fake_table.owned_status, sizeof(fake_table.status));
	memset(fake_table.active, 0, fake_table.top * sizeof(*fake_table.active));
	fake_table.top = 0;
	fake_table.version = 1;
	fake_table.max_version = 2;
	fake_table.nr_frames = 0;
	grow(1);
	xenpv_fake_foreign_reset();
	xenpv_fake_peer_reset();
}

/**
 * xenpv_fake_grant_limit() - say what Xen can do
 * @version: largest version of the table
 * @maps: how many pages of others we may have mapped at once
 *
 * Context: Any.
 */
void xenpv_fake_grant_limit(unsigned int version, unsigned int maps)
{
	fake_table.max_version = version;
	xenpv_fake_foreign_limit(maps);
}

/**
 * xenpv_fake_grant_frame() - find a page of our table
 * @nr: which one
 *
 * Context: Any.
 * Return: its address, NULL if the table is not that large.
 */
void *xenpv_fake_grant_frame(unsigned int nr)
{
	return nr < fake_table.nr_frames ? fake_table.frames[nr] : NULL;
}

/**
 * xenpv_fake_grant_status_frame() - find a page of status words
 * @nr: which one
 *
 * Context: Any.
 * Return: its address, NULL if there is none.
 */
void *xenpv_fake_grant_status_frame(unsigned int nr)
{
	return nr < status_frames() ? fake_table.status[nr] : NULL;
}

/**
 * xenpv_fake_grant_version() - which version has our table?
 *
 * Context: Any.
 * Return: 1 or 2.
 */
unsigned int xenpv_fake_grant_version(void)
{
	return fake_table.version;
}

/**
 * xenpv_fake_grant_balance() - look whether all maps are gone
 *
 * Context: Any.
 * Return: NULL, or a text for a scene's check.
 */
const char *xenpv_fake_grant_balance(void)
{
	if (xenpv_fake_grant_maps())
		return "we still have pages of others mapped";
	if (xenpv_fake_peer_maps())
		return "a peer still has a page of ours mapped";
	return NULL;
}
