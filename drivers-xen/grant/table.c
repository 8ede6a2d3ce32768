// SPDX-License-Identifier: GPL-2.0-only
/* The table that Xen shares with us: its size, what an entry says, how it is taken back. */

#define pr_fmt(fmt) "xenpv: grant: " fmt

#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include "private.h"

/*
 * A frame of version 1 holds 512 entries, which Xen marks as in use in the same
 * word that says who may use them.  A frame of version 2 holds 256, and their
 * marks are in frames of their own:
 *
 *	version 1	| flags | domid | frame 32 |	marks are bits of flags
 *	version 2	| flags | domid | - | frame 64 |	+	| marks 16 |
 *
 * Barriers, in pairs with Xen's code:
 *
 *   lend:A    release of the flags.  Xen sees who and which frame before it sees
 *             that the entry is valid.
 *   revoke:B  version 1: one compare-and-exchange takes the permission away only
 *             if nobody uses the page.  Xen marks with one, too, so one of the
 *             two fails.
 *   revoke:C  version 2: full barrier between taking the permission away and
 *             looking at the mark.  Xen sets the mark, then looks at the
 *             permission again.  At least one of the two sees the other.
 */
#define IN_USE		(GTF_reading | GTF_writing)
#define V1_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define V2_PER_FRAME	(PAGE_SIZE / sizeof(union grant_entry_v2))
#define MARKS_PER_FRAME	(PAGE_SIZE / sizeof(grant_status_t))

/* Index of the first frame of marks for XENMEM_add_to_physmap. */
#define MARKS_IDX	BIT(31)

/* More than Xen allows.  For the size of arrays. */
#define MAX_FRAMES	65536U

/**
 * struct grant_frame - one frame of the table
 * @entries: what Xen sees
 * @lent: what we last wrote to the flags of each entry; never read back from Xen
 */
struct grant_frame {
	void __xen_shared *entries;
	u16 *lent;
};

/**
 * struct grant_table - the table
 * @lock: serialises growth
 * @version: 1 or 2, 0 without a table
 * @shown: @version while the entries can be reached, 0 while they can't: the domain
 *	is being saved, or the table did not come back
 * @nr_frames: frames in use; grows only.  What is below it never changes
 * @max_frames: how far it may grow
 * @frames: each of them
 * @marks: frames of marks, version 2
 * @window: where frames of a PV domain show, those of marks at the end
 * @list: room for the answer of Xen
 */
struct grant_table {
	spinlock_t lock;
	unsigned int version;
	unsigned int shown;
	unsigned int nr_frames;
	unsigned int max_frames;
	struct grant_frame *frames;
	grant_status_t __xen_shared **marks;
	struct xenpv_window *window;
	u64 *list __guarded_by(&lock);
};

static struct grant_table table = {
	.lock = __SPIN_LOCK_UNLOCKED(table.lock),
};

static unsigned int wanted_version __ro_after_init;

/* For machines on which the wrong one is chosen, and for tests. */
static int __init want_version(char *str)
{
	unsigned int version;
	int ret = kstrtouint(str, 0, &version);

	if (ret || version > 2)
		return ret ?: -EINVAL;
	wanted_version = version;
	return 0;
}
early_param("xenpv_grant_version", want_version);

/**
 * xenpv_grant_error() - errno for a status of Xen
 * @status: GNTST_*
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
int xenpv_grant_error(int status)
{
	static const int errors[] = {
		[-GNTST_okay]			= 0,
		[-GNTST_general_error]		= -EIO,
		[-GNTST_bad_domain]		= -ESRCH,
		[-GNTST_bad_gntref]		= -ENOENT,
		[-GNTST_bad_handle]		= -EBADF,
		[-GNTST_bad_virt_addr]		= -EFAULT,
		[-GNTST_bad_dev_addr]		= -EFAULT,
		[-GNTST_no_device_space]	= -ENOSPC,
		[-GNTST_permission_denied]	= -EACCES,
		[-GNTST_bad_page]		= -ENXIO,
		[-GNTST_bad_copy_arg]		= -EINVAL,
		[-GNTST_address_too_big]	= -ERANGE,
		[-GNTST_eagain]			= -EAGAIN,
		[-GNTST_no_space]		= -ENOSPC,
	};

	if (status > 0 || status <= -(int)ARRAY_SIZE(errors))
		return -EIO;
	return errors[-status];
}

static unsigned int per_frame(void)
{
	return table.version == 2 ? V2_PER_FRAME : V1_PER_FRAME;
}

static unsigned int mark_frames(unsigned int frames)
{
	return table.version == 2 ? DIV_ROUND_UP(frames * V2_PER_FRAME, MARKS_PER_FRAME) : 0;
}

static struct grant_entry_v1 __xen_shared *entry_v1(grant_ref_t ref)
{
	struct grant_entry_v1 __xen_shared *entries =
		table.frames[ref / V1_PER_FRAME].entries;

	return &entries[ref % V1_PER_FRAME];
}

static union grant_entry_v2 __xen_shared *entry_v2(grant_ref_t ref)
{
	union grant_entry_v2 __xen_shared *entries =
		table.frames[ref / V2_PER_FRAME].entries;

	return &entries[ref % V2_PER_FRAME];
}

static grant_status_t __xen_shared *mark_of(grant_ref_t ref)
{
	return &table.marks[ref / MARKS_PER_FRAME][ref % MARKS_PER_FRAME];
}

static u16 *lent_v1(grant_ref_t ref)
{
	return &table.frames[ref / V1_PER_FRAME].lent[ref % V1_PER_FRAME];
}

static u16 *lent_v2(grant_ref_t ref)
{
	return &table.frames[ref / V2_PER_FRAME].lent[ref % V2_PER_FRAME];
}

/**
 * xenpv_grant_table_lend() - let a domain use a page
 * @ref: an entry that is ours and not in use
 * @peer: the domain
 * @gfn: the page
 * @readonly: it may not write
 *
 * Context: Any.
 * Return: 0, -ERANGE if the table can't express the page, or -ENODEV while the table
 * can't be reached.
 */
int xenpv_grant_table_lend(grant_ref_t ref, domid_t peer, xenpv_gfn_t gfn, bool readonly)
{
	u16 flags = GTF_permit_access | (readonly ? GTF_readonly : 0);

	if (table.shown == 1) {
		struct grant_entry_v1 __xen_shared *entry = entry_v1(ref);

		if (gfn_unbox(gfn) > U32_MAX)
			return -ERANGE;
		xenpv_shared_store(&entry->frame, gfn_unbox(gfn));
		xenpv_shared_store(&entry->domid, peer);
		xenpv_shared_store_release(&entry->flags, flags);	/* lend:A */
		*lent_v1(ref) = flags;
	} else if (table.shown == 2) {
		union grant_entry_v2 __xen_shared *entry = entry_v2(ref);

		xenpv_shared_store(&entry->full_page.frame, gfn_unbox(gfn));
		xenpv_shared_store(&entry->hdr.domid, peer);
		xenpv_shared_store_release(&entry->hdr.flags, flags);	/* lend:A */
		*lent_v2(ref) = flags;
	} else {
		return -ENODEV;
	}
	return 0;
}

/* Without our permission in the entry it is nobody's, whatever took it away. */
static bool revoke_v1(grant_ref_t ref, u16 flags)
{
	u16 was = xenpv_shared_cmpxchg(&entry_v1(ref)->flags, flags, 0);	/* revoke:B */

	return was == flags || !(was & (GTF_type_mask | IN_USE));
}

static bool revoke_v2(grant_ref_t ref)
{
	xenpv_shared_store(&entry_v2(ref)->hdr.flags, 0);
	xenpv_shared_mb();						/* revoke:C */
	return !(xenpv_shared_load_acquire(mark_of(ref)) & IN_USE);
}

/**
 * xenpv_grant_table_revoke() - take a page back, if the peer lets go
 * @ref: its entry
 *
 * One step whose result says whose the page is.  Nothing is forced: as long as
 * this answers false the peer may read and write the page, and both the page and
 * the entry stay as they are.  So does it while the table can't be reached.
 *
 * Context: Any.
 * Return: true if the peer can't reach the page any more.
 */
bool xenpv_grant_table_revoke(grant_ref_t ref)
{
	bool ours;
	u16 *lent;

	if (table.shown == 1) {
		lent = lent_v1(ref);
		ours = revoke_v1(ref, *lent);
	} else if (table.shown == 2) {
		lent = lent_v2(ref);
		ours = revoke_v2(ref);
	} else {
		return false;
	}
	if (ours)
		*lent = 0;
	return ours;
}

static bool translated(void)
{
	return xenpv_self_has(XENFEAT_auto_translated_physmap);
}

/*
 * A translated domain says where among its pages a frame shall appear.  Xen takes
 * the memory that was there.  @va is where it was placed before, or NULL.
 */
static int place_frame(unsigned long idx, void __xen_shared **va)
{
	struct xen_add_to_physmap place = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_grant_table,
		.idx = idx,
	};
	unsigned long page = (unsigned long __force)*va;
	int ret;

	if (!page)
		page = get_zeroed_page(GFP_ATOMIC | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	place.gpfn = PFN_DOWN(__pa(page));
	ret = xenpv_hv_memory_place(&place);
	if (!ret)
		*va = (void __xen_shared __force *)page;
	else if (!*va)
		free_page(page);
	return ret;
}

/* A PV domain asks where frames @first to @end - 1 are, and maps them. */
static int list_frames(unsigned int first, unsigned int end)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = end };
	void *va;
	int ret;

	lockdep_assert_held(&table.lock);
	set_xen_guest_handle(op.frame_list, (xen_pfn_t *)table.list);
	ret = xenpv_hv_grant_table_op(GNTTABOP_setup_table, &op, 1);
	if (ret || op.status)
		return ret ?: xenpv_grant_error(op.status);
	for (unsigned int i = first; i < end; i++) {
		va = xenpv_window_show(table.window, i, mfn_box(table.list[i]));
		table.frames[i].entries = (void __xen_shared __force *)va;
	}
	return 0;
}

static int list_marks(unsigned int first, unsigned int end)
{
	struct gnttab_get_status_frames op = { .dom = DOMID_SELF, .nr_frames = end };
	void *va;
	int ret;

	lockdep_assert_held(&table.lock);
	set_xen_guest_handle(op.frame_list, table.list);
	ret = xenpv_hv_grant_table_op(GNTTABOP_get_status_frames, &op, 1);
	if (ret || op.status)
		return ret ?: xenpv_grant_error(op.status);
	for (unsigned int i = first; i < end; i++) {
		va = xenpv_window_show(table.window, table.max_frames + i,
				       mfn_box(table.list[i]));
		table.marks[i] = (grant_status_t __xen_shared __force *)va;
	}
	return 0;
}

/* Entries first: Xen makes frames of marks when the table grows. */
static int connect_frames(unsigned int first, unsigned int end)
{
	unsigned int mark = mark_frames(first), marks = mark_frames(end);
	int ret = 0;

	if (!translated()) {
		ret = list_frames(first, end);
		return ret || mark == marks ? ret : list_marks(mark, marks);
	}
	for (unsigned int i = first; !ret && i < end; i++)
		ret = place_frame(i, &table.frames[i].entries);
	for (; !ret && mark < marks; mark++)
		ret = place_frame(MARKS_IDX | mark, (void __xen_shared **)&table.marks[mark]);
	return ret;
}

/**
 * xenpv_grant_table_grow() - add a frame
 *
 * Context: Any.
 * Return: 0, -ENOSPC at the limit that Xen set, or another negative errno.
 */
int xenpv_grant_table_grow(void)
{
	unsigned int nr;
	int ret;

	guard(spinlock_irqsave)(&table.lock);
	if (!table.shown)
		return -ENODEV;
	nr = table.nr_frames;
	if (nr == table.max_frames)
		return -ENOSPC;

	if (!table.frames[nr].lent)
		table.frames[nr].lent = kcalloc(per_frame(), sizeof(u16),
						GFP_ATOMIC | __GFP_NOWARN);
	if (!table.frames[nr].lent)
		return -ENOMEM;
	ret = connect_frames(nr, nr + 1);
	if (!ret)
		WRITE_ONCE(table.nr_frames, nr + 1);
	return ret;
}

/**
 * xenpv_grant_table_size() - how large is the table?
 * @max: set to what it may become
 *
 * Context: Any.
 * Return: number of entries, used or not, reserved ones included.
 */
unsigned int xenpv_grant_table_size(unsigned int *max)
{
	*max = table.max_frames * per_frame();
	return READ_ONCE(table.nr_frames) * per_frame();
}

/**
 * xenpv_grant_table_version() - layout of the table
 *
 * Context: Any.
 * Return: 1 or 2, 0 if there is none.
 */
unsigned int xenpv_grant_table_version(void)
{
	return table.version;
}

/* Version 1 has 32 bits for a frame. */
static unsigned int best_version(void)
{
	unsigned long last = translated() ? max_possible_pfn : xenpv_m2p_limit - 1;

	if (wanted_version)
		return wanted_version;
	return xenpv_m2p_limit || translated() ? 1 + (last > U32_MAX) : 1;
}

/* Asked once, at the start: switching while entries are in use is no good. */
static int set_version(unsigned int version)
{
	struct gnttab_get_version now = { .dom = DOMID_SELF };
	struct gnttab_set_version set = { .version = version };
	int ret;

	/* Untouched tables are of version 1. */
	ret = xenpv_hv_grant_table_op(GNTTABOP_get_version, &now, 1);
	if (!ret && (now.version ?: 1) == version)
		return 0;
	if (ret && version == 1)
		return 0;
	return xenpv_hv_grant_table_op(GNTTABOP_set_version, &set, 1);
}

static int choose_version(void)
{
	unsigned int version = best_version();
	int ret = set_version(version);

	if (ret && version == 2) {
		pr_warn("Xen has no tables of version 2 (%d)\n", ret);
		version = 1;
		ret = set_version(version);
	}
	table.version = ret ? 0 : version;
	table.shown = table.version;
	return ret;
}

static int ask_size(void)
{
	struct gnttab_query_size op = { .dom = DOMID_SELF };
	int ret = xenpv_hv_grant_table_op(GNTTABOP_query_size, &op, 1);

	if (ret || op.status)
		return ret ?: xenpv_grant_error(op.status);
	table.max_frames = min(op.max_nr_frames, MAX_FRAMES);
	return table.max_frames ? 0 : -ENODEV;
}

static int make_room(void)
{
	unsigned int marks = mark_frames(table.max_frames);
	struct xenpv_window *window;

	table.frames = kvcalloc(table.max_frames, sizeof(*table.frames), GFP_KERNEL);
	table.marks = kvcalloc(marks + 1, sizeof(*table.marks), GFP_KERNEL);
	if (!table.frames || !table.marks)
		return -ENOMEM;
	if (translated())
		return 0;

	table.list = kvcalloc(table.max_frames, sizeof(*table.list), GFP_KERNEL);
	if (!table.list)
		return -ENOMEM;
	window = xenpv_window_open(table.max_frames + marks);
	if (IS_ERR(window))
		return PTR_ERR(window);
	table.window = window;
	return 0;
}

/**
 * xenpv_grant_table_start() - learn what Xen offers, and use the first frame
 *
 * Context: Process; boot.
 * Return: 0 or a negative errno.
 */
int xenpv_grant_table_start(void)
{
	int ret;

	ret = ask_size() ?: choose_version() ?: make_room() ?: xenpv_grant_table_grow();
	if (ret) {
		xenpv_grant_table_stop();
		return ret;
	}
	pr_info("table of version %u, up to %u frames of %u entries\n", table.version,
		table.max_frames, per_frame());
	return 0;
}

static void free_frame(void __xen_shared *va)
{
	if (translated())
		free_page((unsigned long)va);
}

/**
 * xenpv_grant_table_stop() - forget the table
 *
 * After a failed start, and for tests: with real Xen nothing gives the pages of
 * a translated domain their memory back.
 *
 * Context: Process, when nothing is lent.
 */
void xenpv_grant_table_stop(void)
{
	unsigned int marks = mark_frames(table.nr_frames);

	for (unsigned int i = 0; table.frames && i < table.max_frames; i++) {
		free_frame(table.frames[i].entries);
		kfree(table.frames[i].lent);
	}
	for (unsigned int i = 0; table.marks && i < marks; i++)
		free_frame(table.marks[i]);
	xenpv_window_close(table.window);
	kvfree(table.frames);
	kvfree(table.marks);
	kvfree(table.list);
	table.frames = NULL;
	table.marks = NULL;
	table.list = NULL;
	table.window = NULL;
	table.nr_frames = 0;
	table.max_frames = 0;
	table.version = 0;
	table.shown = 0;
}

/**
 * xenpv_grant_suspend() - before this domain is saved
 *
 * A PV domain may not map the table then.  What is lent stays as it is until
 * xenpv_grant_resume(), and nothing can be lent or taken back in between.
 *
 * Context: One CPU left, interrupts off.
 */
void xenpv_grant_suspend(void)
{
	if (!table.window)
		return;
	table.shown = 0;
	for (unsigned int i = 0; i < table.nr_frames; i++)
		xenpv_window_show(table.window, i, XENPV_NO_MFN);
	for (unsigned int i = 0; i < mark_frames(table.nr_frames); i++)
		xenpv_window_show(table.window, table.max_frames + i, XENPV_NO_MFN);
}

/**
 * xenpv_grant_resume() - after it was restored, or went on where it was
 *
 * A restored domain has a new, empty table.  Nothing is lent any more, and no
 * peer has anything: what is ended from now on is found to be ours.
 *
 * Context: One CPU left, interrupts off.
 * Return: 0 or a negative errno; then nothing can be lent, and what is taken back is
 * held, until a later call succeeds.
 */
int xenpv_grant_resume(void)
{
	int ret;

	if (!table.nr_frames)
		return 0;
	ret = set_version(table.version);
	if (!ret) {
		guard(spinlock_irqsave)(&table.lock);
		ret = connect_frames(0, table.nr_frames);
	}
	table.shown = ret ? 0 : table.version;
	if (ret)
		pr_err("the table did not come back (%d)\n", ret);
	return ret;
}
