/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_GRANT_PRIVATE_H
#define _XENPV_GRANT_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <xenpv/grant.h>

struct seq_file;

/* table.c */
int xenpv_grant_error(int status);
int xenpv_grant_table_start(void);
void xenpv_grant_table_stop(void);
int xenpv_grant_table_grow(void);
unsigned int xenpv_grant_table_size(unsigned int *max);
unsigned int xenpv_grant_table_version(void);
int xenpv_grant_table_lend(grant_ref_t ref, domid_t peer, xenpv_gfn_t gfn, bool readonly);
bool xenpv_grant_table_revoke(grant_ref_t ref);

/**
 * struct xenpv_grant_waiter - somebody who needs references
 * @list: among those who wait
 * @wanted: how many
 * @fn: called once, when there may be some again; under a spinlock, so it only
 *	arranges for work to be done
 */
struct xenpv_grant_waiter {
	struct list_head list;
	unsigned int wanted;
	void (*fn)(struct xenpv_grant_waiter *waiter);
};

/* refs.c */
int xenpv_grant_refs_start(void);
void xenpv_grant_refs_stop(void);
int xenpv_grant_ref_take(void);
void xenpv_grant_ref_give(grant_ref_t ref);
void xenpv_grant_ref_wait(struct xenpv_grant_waiter *waiter, unsigned int wanted);
void xenpv_grant_ref_unwait(struct xenpv_grant_waiter *waiter);
unsigned int xenpv_grant_refs_free(void);

/**
 * struct xenpv_grant_account - what a peer has of us, through one pool after the other
 * @list: among all accounts
 * @users: the pool, and each page that the peer holds, also when the pool is gone
 * @peer: the domain
 * @name: of the pool
 * @granted: pages that are lent now; held ones do not count
 * @held: pages that the peer did not let go
 * @kept: counts such pages of several pools together, or NULL
 * @copied: parts that were copied so far, because they were not whole pages
 * @told: the log says that this peer keeps pages
 * @closed: its pool is gone, and the next one of this name may have it; guarded by
 *	the lock of the list
 * @lock: guards what follows, and holds while the function is called
 * @waiting: the pool wants to know when there is room
 * @room: whom to tell; NULL when the pool is gone
 * @arg: its argument
 */
struct xenpv_grant_account {
	struct list_head list;
	refcount_t users;
	domid_t peer;
	char name[24];
	atomic_t granted;
	atomic_t held;
	atomic_t *kept;
	atomic64_t copied;
	bool told;
	bool closed;
	spinlock_t lock;
	bool waiting __guarded_by(&lock);
	void (*room)(void *arg) __guarded_by(&lock);
	void *arg __guarded_by(&lock);
};

/* account.c */
struct xenpv_grant_account *xenpv_grant_account_open(const struct xenpv_grant_setup *setup);
void xenpv_grant_account_close(struct xenpv_grant_account *account);
void xenpv_grant_account_put(struct xenpv_grant_account *account);
void xenpv_grant_account_held(struct xenpv_grant_account *account);
void xenpv_grant_account_released(struct xenpv_grant_account *account);
void xenpv_grant_account_wait(struct xenpv_grant_account *account);
void xenpv_grant_account_wake(struct xenpv_grant_account *account);
void xenpv_grant_show(struct seq_file *s);

/* reaper.c */
int xenpv_grant_reaper_start(void);
void xenpv_grant_reaper_stop(void);
u64 xenpv_grant_time(void);
void xenpv_grant_reap_in(u64 delay);
void xenpv_grant_reap(void);
void xenpv_grant_hold(grant_ref_t ref, struct page *page, struct xenpv_grant_account *account);
unsigned long xenpv_grant_lost(void);

/* foreign.c */
struct xenpv_foreign_later;

void xenpv_grant_sleep(unsigned int ms);
bool xenpv_grant_pause(unsigned int *pauses, gfp_t gfp);
bool xenpv_foreign_tell_p2m(struct page *page, unsigned long frame);
unsigned int xenpv_foreign_look(struct xenpv_foreign_later *later);

/**
 * struct xenpv_foreign_entry - a page of a peer at a page-table entry of a program
 * @peer: the domain
 * @ref: what it lent
 * @where: machine address of the entry
 * @handle: Xen's number of the mapping
 * @mapped: there is one
 */
struct xenpv_foreign_entry {
	domid_t peer;
	grant_ref_t ref;
	u64 where;
	grant_handle_t handle;
	bool mapped;
};

/* foreign_entry.c */
bool xenpv_foreign_can_enter(void);
int xenpv_foreign_enter(struct xenpv_foreign_entry *entries, unsigned int nr, bool readonly);
void xenpv_foreign_leave(struct xenpv_foreign_entry *entries, unsigned int nr);

/**
 * struct xenpv_user_notify - what a program wants to be done when a page goes
 * @action: UNMAP_NOTIFY_*
 * @offset: byte to clear, from the first page on
 * @port: to send through; held
 */
struct xenpv_user_notify {
	u32 action;
	u64 offset;
	evtchn_port_t port;
};

/* user_notify.c */
int xenpv_user_notify_set(struct xenpv_user_notify *notify, u32 action, u64 offset,
			  evtchn_port_t port);
void xenpv_user_notify_byte(struct xenpv_user_notify *notify, struct page *page);
void xenpv_user_notify_send(struct xenpv_user_notify *notify);

/* user_alloc.c; for its tests */
struct file_operations;
extern const struct file_operations xenpv_gntalloc_fops;
void xenpv_gntalloc_count(int *lent, int *kept);

/* user_dmabuf.c */
struct xenpv_user_dmabufs;
#ifdef CONFIG_XENPV_GNTDEV_DMABUF
struct xenpv_user_dmabufs *xenpv_user_dmabuf_open(void);
void xenpv_user_dmabuf_close(struct xenpv_user_dmabufs *bufs);
long xenpv_user_dmabuf_ioctl(struct xenpv_user_dmabufs *bufs, unsigned int cmd, void __user *arg);
#else
static inline struct xenpv_user_dmabufs *xenpv_user_dmabuf_open(void)
{
	return NULL;
}

static inline void xenpv_user_dmabuf_close(struct xenpv_user_dmabufs *bufs)
{
}

static inline long xenpv_user_dmabuf_ioctl(struct xenpv_user_dmabufs *bufs, unsigned int cmd,
					   void __user *arg)
{
	return -ENOTTY;
}
#endif

/* user_copy.c */
long xenpv_user_copy(void __user *arg);

/* pool.c */
struct xenpv_grant_account *xenpv_grant_pool_account(const struct xenpv_grant_pool *pool);
int xenpv_grant_start(void);
void xenpv_grant_stop(void);

#endif /* _XENPV_GRANT_PRIVATE_H */
