/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_GRANT_USER_DMABUF_H
#define _XENPV_GRANT_USER_DMABUF_H

/* dma-bufs of an open file of gntdev: user_dmabuf.c, and one file for each direction. */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>
#include <xenpv/foreign.h>
#include "private.h"

struct device;
struct dma_buf;
struct dma_buf_attachment;
struct sg_table;

/**
 * struct xenpv_user_dmabufs - what an open file has
 * @ref: the file, and buffers that outlive it
 * @lock: guards what follows
 * @exports: struct xenpv_user_export, the newest first
 * @imports: struct xenpv_user_import, likewise
 * @nr: how many of both
 */
struct xenpv_user_dmabufs {
	struct kref ref;
	struct mutex lock;
	struct list_head exports __guarded_by(&lock);
	struct list_head imports __guarded_by(&lock);
	unsigned int nr __guarded_by(&lock);
};

/**
 * struct xenpv_user_export - pages of a peer as a dma-buf
 * @users: the buffer, and who waits for its end
 * @bufs: the file that it was made for
 * @list: among those of the file
 * @fd: its number when it was made
 * @nr: pages
 * @slots: they
 * @gone: nothing of the peer is mapped any more
 * @later: to unmap what somebody still uses
 */
struct xenpv_user_export {
	refcount_t users;
	struct xenpv_user_dmabufs *bufs;
	struct list_head list;
	int fd;
	unsigned int nr;
	struct xenpv_foreign_slot *slots;
	struct completion gone;
	struct xenpv_foreign_later later;
};

/**
 * struct xenpv_user_import - a dma-buf of somebody whose pages are lent
 * @list: among those of the file
 * @fd: its number when it was imported
 * @nr: pages
 * @dmabuf: the buffer
 * @attach: that its pages are there
 * @sgt: and stay where they are
 * @pool: lends them
 * @pages: they, each held
 * @refs: through which each is lent
 * @nr_lent: how many are, from the first on
 * @kept: how many the peer has not let go although they are no more lent
 * @work: to look at that again
 * @looks: how often that was done
 */
struct xenpv_user_import {
	struct list_head list;
	int fd;
	unsigned int nr;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct xenpv_grant_pool *pool;
	struct page **pages;
	grant_ref_t *refs;
	unsigned int nr_lent;
	atomic_t kept;
	struct delayed_work work;
	unsigned int looks;
};

/* user_dmabuf.c */
bool xenpv_user_dmabuf_take(struct xenpv_user_dmabufs *bufs, unsigned int pages);
void xenpv_user_dmabuf_give(struct xenpv_user_dmabufs *bufs, unsigned int pages);
void xenpv_user_dmabuf_give_pages(unsigned int pages);
unsigned int xenpv_user_dmabuf_pages(void);
void xenpv_user_dmabufs_put(struct xenpv_user_dmabufs *bufs);

/* user_dmabuf_exp.c */
long xenpv_user_export(struct xenpv_user_dmabufs *bufs, void __user *arg);
long xenpv_user_export_wait(struct xenpv_user_dmabufs *bufs, void __user *arg);

/* user_dmabuf_imp.c */
long xenpv_user_import(struct xenpv_user_dmabufs *bufs, void __user *arg);
long xenpv_user_import_release(struct xenpv_user_dmabufs *bufs, void __user *arg);
void xenpv_user_import_end(struct xenpv_user_import *import);
void xenpv_user_import_look(struct xenpv_user_import *import);
void xenpv_user_import_later(struct xenpv_user_import *import, unsigned int ms);

#endif /* _XENPV_GRANT_USER_DMABUF_H */
