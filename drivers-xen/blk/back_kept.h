/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_BACK_KEPT_H
#define _XENPV_BLK_BACK_KEPT_H

/* The back of a disk: pages of a front that stay mapped, and when they go. */

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <xenpv/foreign.h>

struct xblk_back_queue;

/**
 * struct xblk_kept - a page of the front that stays mapped
 * @slot: the page
 * @users: jobs that use it; the last one may be done with it at any time
 * @used: when it was used last, in jiffies
 * @lru: among those of its ring, the one that was used last in front
 * @later: unmaps it, if somebody else still has it when it is to go
 */
struct xblk_kept {
	struct xenpv_foreign_slot slot;
	atomic_t users;
	unsigned long used;
	struct list_head lru;
	struct xenpv_foreign_later later;
};

/**
 * struct xblk_kept_set - pages of a front that stay mapped
 * @pages: by reference
 * @lru: the same
 * @nr: how many
 * @max: at most
 */
struct xblk_kept_set {
	struct xarray pages;
	struct list_head lru;
	unsigned int nr;
	unsigned int max;
};

/* back_kept.c: pages that stay mapped */
void xblk_kept_init(struct xblk_kept_set *set, unsigned int max);
int xblk_kept_get(struct xblk_kept_set *set, domid_t peer, grant_ref_t ref,
		  struct xblk_kept **kept);
void xblk_kept_put(struct xblk_kept *kept);
void xblk_kept_tidy(struct xblk_kept_set *set, unsigned long age);
void xblk_kept_drop(struct xblk_kept_set *set);

/* back_tidy.c: what stays mapped goes when it is not used, or memory is scarce */
void xblk_tidy_add(struct xblk_back_queue *queue);
void xblk_tidy_remove(struct xblk_back_queue *queue);
void xblk_tidy(struct xblk_back_queue *queue);
unsigned long xblk_tidy_ask(unsigned long nr);
int xblk_tidy_init(void);
void xblk_tidy_exit(void);

#endif /* _XENPV_BLK_BACK_KEPT_H */
