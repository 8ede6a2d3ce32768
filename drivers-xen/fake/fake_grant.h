/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_GRANT_H
#define _XENPV_FAKE_GRANT_H

/**
 * DOC: The fake's grant tables
 *
 * Two halves, and a ledger over both that must be empty in the end.
 *
 * Ours: a table of version 1 or 2, in pages that are Xen's, with GNTTABOP_query_size,
 * setup_table, set_version, get_version and get_status_frames.  Frames are page
 * frame numbers of this kernel; code that maps them may be replaced by
 * xenpv_fake_grant_frame().  A translated domain may instead put a page of its own
 * there (XENMEM_add_to_physmap).  Peers use what the table grants:
 * xenpv_fake_peer_map() and so on do what Xen does for them, one step on an entry
 * or a status word at a time.
 *
 * Theirs: pages that other domains grant us (xenpv_fake_foreign_offer()), for
 * GNTTABOP_map_grant_ref, unmap_grant_ref and copy.  A page that is mapped has its
 * bytes where we have mapped it, so what the peer writes is seen there; with
 * GNTMAP_contains_pte no bytes move, and an entry of the kernel shows them where they
 * are.  After an unmap the place is filled with XENPV_FAKE_UNMAPPED.
 *
 * Each slot of a batch has its own fate: what is true of its reference, unless
 * xenpv_fake_grant_answer() or a pattern says otherwise.
 *
 * In a scene, xenpv_fake_grant_reset() at the start of each round.
 */

#include <linux/types.h>
#include <xenpv/abi.h>

#define XENPV_FAKE_GRANT_FRAMES	32
#define XENPV_FAKE_FOREIGN	128
#define XENPV_FAKE_MAPS		512
#define XENPV_FAKE_UNMAPPED	0x5e

/* Serves GNTTABOP_* and XENMEM_add_to_physmap to the end of the case. */
void xenpv_fake_grant_start(unsigned int max_frames);

/* As after the start: version 1, one frame, nothing granted, offered or mapped. */
void xenpv_fake_grant_reset(void);

/* The pages of the table and of its status words, NULL if there is none; the version. */
void *xenpv_fake_grant_frame(unsigned int nr);
void *xenpv_fake_grant_status_frame(unsigned int nr);
unsigned int xenpv_fake_grant_version(void);

/* The largest version that set_version accepts; the largest number of maps. */
void xenpv_fake_grant_limit(unsigned int version, unsigned int maps);

/*
 * Another domain grants us a page, and takes that back.  Both return where the bytes
 * of the page are now, NULL if there is no such page.
 */
void *xenpv_fake_foreign_offer(domid_t domid, grant_ref_t ref, bool readonly);
void *xenpv_fake_foreign_page(domid_t domid, grant_ref_t ref);
void xenpv_fake_foreign_withdraw(domid_t domid, grant_ref_t ref);

/**
 * enum xenpv_fake_grant_op - what an answer is for
 * @XENPV_FAKE_MAP: GNTTABOP_map_grant_ref
 * @XENPV_FAKE_UNMAP: GNTTABOP_unmap_grant_ref
 * @XENPV_FAKE_COPY: GNTTABOP_copy, either side
 */
enum xenpv_fake_grant_op {
	XENPV_FAKE_MAP,
	XENPV_FAKE_UNMAP,
	XENPV_FAKE_COPY,
};

/*
 * The next @times slots that name this reference answer @status, and nothing is
 * done: GNTST_eagain 3 times and then well.
 */
void xenpv_fake_grant_answer(enum xenpv_fake_grant_op op, domid_t domid, grant_ref_t ref,
			     s16 status, unsigned int times);

/*
 * Slot by slot from now on, over all batches, over and over: GNTST_okay for what is
 * true, or the status.  @nr 0: no pattern.  @status stays the caller's.
 */
void xenpv_fake_grant_pattern(enum xenpv_fake_grant_op op, const s16 *status,
			      unsigned int nr);

/* A peer maps a page that we grant: a handle, or GNTST_* (negative). */
int xenpv_fake_peer_map(domid_t domid, grant_ref_t ref, bool write);
int xenpv_fake_peer_unmap(int handle);

/* The page of a handle.  A peer that keeps no rules writes past these as well. */
void *xenpv_fake_peer_page(int handle);
int xenpv_fake_peer_write(int handle, unsigned int offset, const void *from,
			  unsigned int len);

/* Map, copy a part of the page, and unmap, as Xen does for a peer's GNTTABOP_copy. */
int xenpv_fake_peer_copy(domid_t domid, grant_ref_t ref, bool write, unsigned int offset,
			 void *buf, unsigned int len);

/* Does a peer hold this page?  It must not be used for anything else then. */
bool xenpv_fake_peer_holds(const void *page);

/* Where @canary stands in a page that a peer holds, -1 if nowhere. */
int xenpv_fake_peer_scan(int handle, const void *canary, unsigned int len);

/* The ledger: maps of ours and of peers; NULL if both are none, for a scene's check. */
unsigned int xenpv_fake_grant_maps(void);
unsigned int xenpv_fake_peer_maps(void);
const char *xenpv_fake_grant_balance(void);

#endif /* _XENPV_FAKE_GRANT_H */
