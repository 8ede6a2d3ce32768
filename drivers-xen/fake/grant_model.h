/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_GRANT_MODEL_H
#define _XENPV_FAKE_GRANT_MODEL_H

/* What the files of the grant model share. */

#include "fake_grant.h"

#define FAKE_V1_PER_FRAME	(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FAKE_V2_PER_FRAME	(PAGE_SIZE / sizeof(union grant_entry_v2))
#define FAKE_STATUS_PER_FRAME	(PAGE_SIZE / sizeof(grant_status_t))
#define FAKE_STATUS_FRAMES	(XENPV_FAKE_GRANT_FRAMES * FAKE_V2_PER_FRAME / \
				 FAKE_STATUS_PER_FRAME)
#define FAKE_REFS		(XENPV_FAKE_GRANT_FRAMES * FAKE_V1_PER_FRAME)

/**
 * struct fake_active - what Xen knows of a reference of ours that is in use
 * @readers: maps that only read
 * @writers: maps that write, too
 * @domid: who has them
 * @page: what they are of; the entry may say something else meanwhile
 * @locked: somebody changes this
 */
struct fake_active {
	u16 readers;
	u16 writers;
	domid_t domid;
	bool locked;
	void *page;
};

/**
 * struct fake_table - our grant table
 * @version: 1 or 2
 * @max_version: largest that can be set
 * @nr_frames: frames that there are
 * @max_frames: frames that there can be
 * @frames: their pages
 * @status: pages of the status words of version 2
 * @owned: pages of Xen, which it takes back
 * @owned_status: the same for @status
 * @active: references in use
 * @top: all references from here on were never used
 */
struct fake_table {
	unsigned int version;
	unsigned int max_version;
	unsigned int nr_frames;
	unsigned int max_frames;
	void *frames[XENPV_FAKE_GRANT_FRAMES];
	void *status[FAKE_STATUS_FRAMES];
	void *owned[XENPV_FAKE_GRANT_FRAMES];
	void *owned_status[FAKE_STATUS_FRAMES];
	struct fake_active *active;
	unsigned int top;
};

extern struct fake_table fake_table;

/* fake_grant.c */
unsigned int xenpv_fake_grant_refs(void);

/* fake_grant_foreign.c */
long xenpv_fake_grant_map(void *arg);
long xenpv_fake_grant_unmap(void *arg);
long xenpv_fake_grant_copy(void *arg);
void xenpv_fake_foreign_reset(void);
void xenpv_fake_foreign_limit(unsigned int maps);
void xenpv_fake_foreign_exit(void);

/* fake_grant_peer.c */
void xenpv_fake_peer_reset(void);

#endif /* _XENPV_FAKE_GRANT_MODEL_H */
