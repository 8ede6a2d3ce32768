/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_MEMORY_H
#define _XENPV_FAKE_MEMORY_H

/**
 * DOC: The fake's frames
 *
 * Which frames this domain has, which Xen has besides, and a ledger over both.
 *
 * Every page of the kernel that runs the test has a frame at first.  In a PV domain
 * the frame has another number than the page, the frame table says which, and Xen's
 * table the other way; in a translated one both are the same.  What was given up
 * comes back under other numbers.  XENMEM_decrease_reservation, populate_physmap,
 * current_reservation, maximum_reservation and update_va_mapping are served.
 *
 * To Xen the domain is as large as the case says, however many pages this kernel
 * really has.
 *
 * The fake complains at once about a frame that is given up while its page is shown
 * in the direct map, or with something in it; that is not the domain's; about a page
 * that is to have two frames; about a page that is shown without one.
 */

#include <kunit/test.h>
#include <linux/types.h>

/**
 * struct xenpv_fake_memory - what Xen is like
 * @size: pages that the domain has at first
 * @max: pages that it may have
 * @spare: frames that Xen has besides
 * @translated: Xen translates the domain's page tables
 */
struct xenpv_fake_memory {
	unsigned long size;
	unsigned long max;
	unsigned long spare;
	bool translated;
};

/* From here to the end of the case. */
void xenpv_fake_memory_start(struct kunit *test, const struct xenpv_fake_memory *setup);

/* Pages that the domain has now; frames that Xen has besides. */
unsigned long xenpv_fake_memory_size(void);
unsigned long xenpv_fake_memory_spare(void);

/* Another domain takes frames that Xen has, or gives them back (negative). */
void xenpv_fake_memory_take(long nr);
void xenpv_fake_memory_set_max(unsigned long max);

/* The next call of XENMEM_* @cmd that names extents stops after @extents of them. */
void xenpv_fake_memory_stop_after(unsigned int cmd, unsigned int extents);

/* Calls of XENMEM_* @cmd so far. */
unsigned int xenpv_fake_memory_calls(unsigned int cmd);

/* A page may appear that had no frame at first: RAM that is added. */
void xenpv_fake_memory_forget(struct page *page);

/*
 * What is wrong with the ledger; NULL: no page in two places, none lost.  The first
 * looks at what was touched, the second at all, which takes longer.
 */
const char *xenpv_fake_memory_balance(void);
const char *xenpv_fake_memory_audit(void);

#endif /* _XENPV_FAKE_MEMORY_H */
