/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_GRANT_USER_MAP_H
#define _XENPV_GRANT_USER_MAP_H

/* A run of pages of peers that a program maps as one: user_pages.c, for user_map.c. */

#include <linux/mmu_notifier.h>
#include <linux/refcount.h>
#include <xenpv/foreign.h>
#include "private.h"

/**
 * enum xenpv_user_state - where the pages of a map are
 * @XENPV_USER_IDLE: nowhere
 * @XENPV_USER_SHOWN: in a program
 * @XENPV_USER_LEAVING: in no program, but something may still use them
 */
enum xenpv_user_state {
	XENPV_USER_IDLE,
	XENPV_USER_SHOWN,
	XENPV_USER_LEAVING,
};

/**
 * struct xenpv_user_map - pages that are mapped as one
 * @users: the file, the mapping, and pages that are still in use
 * @list: among those of the file
 * @first: place in the file, in pages
 * @nr: how many
 * @lock: guards the state and what is to be done at the end
 * @state: where the pages are
 * @readonly: the program may not write
 * @notify: what is to be done at the end
 * @pages: each one as a page of the kernel
 * @entries_lock: guards the entries while the program has them
 * @entries: each one in the program
 * @watch: tells when the memory manager is about to clear entries
 * @start: address of the mapping
 * @nr_vmas: how many there are of it; with the mmap lock
 * @later: to give pages back that somebody still uses
 */
struct xenpv_user_map {
	refcount_t users;
	struct list_head list;
	u64 first;
	unsigned int nr;
	struct mutex lock;
	enum xenpv_user_state state __guarded_by(&lock);
	bool readonly __guarded_by(&lock);
	struct xenpv_user_notify notify __guarded_by(&lock);
	struct xenpv_foreign_slot *pages;
	spinlock_t entries_lock;
	struct xenpv_foreign_entry *entries;
	struct mmu_interval_notifier watch;
	unsigned long start;
	unsigned int nr_vmas;
	struct xenpv_foreign_later later;
};

struct xenpv_user_map *xenpv_user_map_new(unsigned int nr);
void xenpv_user_map_fill(struct xenpv_user_map *map, unsigned int i, domid_t peer,
			 grant_ref_t ref);
void xenpv_user_map_get(struct xenpv_user_map *map);
void xenpv_user_map_put(struct xenpv_user_map *map);
int xenpv_user_map_notify(struct xenpv_user_map *map, u32 action, u64 offset,
			  evtchn_port_t port);
int xenpv_user_map_show(struct xenpv_user_map *map, struct vm_area_struct *vma);
int xenpv_user_map_pages(struct xenpv_user_map *map, bool readonly);
void xenpv_user_map_leave(struct xenpv_user_map *map, unsigned long start, unsigned long end);

#endif /* _XENPV_GRANT_USER_MAP_H */
