// SPDX-License-Identifier: GPL-2.0-only
/* Maps pages of peers at page-table entries of programs, each with its own fate. */

#define pr_fmt(fmt) "xenpv: foreign: " fmt

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/printk.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/* Operations of one hypercall.  They are on the stack, and take 768 bytes. */
#define BATCH	24

/* The mark of an entry that maps a frame of another domain, see xenpv/frames.h. */
static u32 entry_flags(bool readonly)
{
	u32 flags = GNTMAP_host_map | GNTMAP_application_map | GNTMAP_contains_pte |
		    (1U << _GNTMAP_guest_avail0);

	BUILD_BUG_ON(_PAGE_BIT_SPECIAL != _PAGE_BIT_SOFTW1);
	return readonly ? flags | GNTMAP_readonly : flags;
}

/**
 * xenpv_foreign_can_enter() - can pages be mapped at entries of a program?
 *
 * Context: Any.
 * Return: false in a translated domain, and on a Xen that can't mark entries.
 */
bool xenpv_foreign_can_enter(void)
{
	return !xenpv_self_has(XENFEAT_auto_translated_physmap) &&
	       xenpv_self_has(XENFEAT_gnttab_map_avail_bits);
}

static int enter_batch(struct xenpv_foreign_entry *entries, unsigned int nr, bool readonly)
{
	struct gnttab_map_grant_ref ops[BATCH];
	int ret = 0;

	for (unsigned int i = 0; i < nr; i++)
		ops[i] = (struct gnttab_map_grant_ref) {
			.host_addr = entries[i].where,
			.flags = entry_flags(readonly),
			.ref = entries[i].ref,
			.dom = entries[i].peer,
			/* Mapped only if Xen says so, whatever the call as a whole returns. */
			.status = GNTST_general_error,
		};
	xenpv_hv_grant_table_op(GNTTABOP_map_grant_ref, ops, nr);
	for (unsigned int i = 0; i < nr; i++) {
		entries[i].handle = ops[i].handle;
		entries[i].mapped = !ops[i].status;
		ret = ret ?: xenpv_grant_error(ops[i].status);
	}
	return ret;
}

/**
 * xenpv_foreign_enter() - map pages at entries
 * @entries: the pages, and where; none is mapped
 * @nr: their number
 * @readonly: programs may not write
 *
 * Context: Any.
 * Return: 0 if all are mapped now, else the errno of the first that is not; others
 * may be.
 */
int xenpv_foreign_enter(struct xenpv_foreign_entry *entries, unsigned int nr, bool readonly)
{
	int ret = 0;

	for (unsigned int i = 0; i < nr; i += BATCH) {
		int bad = enter_batch(entries + i, min(nr - i, BATCH), readonly);

		ret = ret ?: bad;
	}
	return ret;
}

static void leave_batch(struct xenpv_foreign_entry **which, unsigned int nr)
{
	struct gnttab_unmap_grant_ref ops[BATCH];

	for (unsigned int i = 0; i < nr; i++)
		ops[i] = (struct gnttab_unmap_grant_ref) {
			.host_addr = which[i]->where,
			.handle = which[i]->handle,
			.status = GNTST_general_error,
		};
	xenpv_hv_grant_table_op(GNTTABOP_unmap_grant_ref, ops, nr);
	for (unsigned int i = 0; i < nr; i++) {
		which[i]->mapped = ops[i].status;
		if (ops[i].status)
			pr_warn_once("Xen does not clear an entry (%d)\n", ops[i].status);
	}
}

/**
 * xenpv_foreign_leave() - clear those entries at which pages are mapped
 * @entries: the entries
 * @nr: their number
 *
 * To be done before the kernel clears them itself: Xen has to see the end of each
 * mapping.  Xen also flushes what CPUs remember of them.
 *
 * Context: Any.
 */
void xenpv_foreign_leave(struct xenpv_foreign_entry *entries, unsigned int nr)
{
	struct xenpv_foreign_entry *which[BATCH];
	unsigned int count = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (!entries[i].mapped)
			continue;
		which[count++] = &entries[i];
		if (count == BATCH) {
			leave_batch(which, count);
			count = 0;
		}
	}
	if (count)
		leave_batch(which, count);
}
