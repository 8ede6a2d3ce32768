// SPDX-License-Identifier: GPL-2.0-only
/* dma-bufs of /dev/xen/gntdev: what a file has of them, and how much there may be. */

#define pr_fmt(fmt) "xenpv: gntdev: " fmt

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include "user_dmabuf.h"

/*
 * A dma-buf lives as long as somebody has it, whoever closed what.  So that a program can't
 * have more and more of them by opening the device again, pages are counted over all files.
 */
static unsigned int limit = 256 * 1024;
module_param(limit, uint, 0644);
MODULE_PARM_DESC(limit, "Pages that dma-bufs of /dev/xen/gntdev may have, all files together");

/* Of a file, in both directions together. */
#define MAX_BUFFERS	256

static atomic_t nr_pages = ATOMIC_INIT(0);

static bool take_pages(unsigned int pages)
{
	unsigned int max = min_t(unsigned int, READ_ONCE(limit), INT_MAX / 2);

	if (pages > max)
		return false;
	if (atomic_add_return(pages, &nr_pages) <= max)
		return true;
	atomic_sub(pages, &nr_pages);
	return false;
}

/**
 * xenpv_user_dmabuf_take() - may there be another buffer?
 * @bufs: of the file
 * @pages: of the buffer
 *
 * Context: Process.
 * Return: true, and it counts; or false.
 */
bool xenpv_user_dmabuf_take(struct xenpv_user_dmabufs *bufs, unsigned int pages)
{
	guard(mutex)(&bufs->lock);
	if (bufs->nr == MAX_BUFFERS || !take_pages(pages))
		return false;
	bufs->nr++;
	return true;
}

/**
 * xenpv_user_dmabuf_give_pages() - pages are no more those of a buffer
 * @pages: how many
 *
 * Context: Any.
 */
void xenpv_user_dmabuf_give_pages(unsigned int pages)
{
	atomic_sub(pages, &nr_pages);
}

/**
 * xenpv_user_dmabuf_give() - undo xenpv_user_dmabuf_take()
 * @bufs: of the file
 * @pages: of the buffer
 *
 * Context: Process.
 */
void xenpv_user_dmabuf_give(struct xenpv_user_dmabufs *bufs, unsigned int pages)
{
	xenpv_user_dmabuf_give_pages(pages);
	guard(mutex)(&bufs->lock);
	bufs->nr--;
}

/**
 * xenpv_user_dmabuf_pages() - how many pages do buffers have?
 *
 * Context: Any; tests.
 * Return: their number, in both directions together.
 */
unsigned int xenpv_user_dmabuf_pages(void)
{
	return atomic_read(&nr_pages);
}

static void bufs_free(struct kref *ref)
{
	struct xenpv_user_dmabufs *bufs = container_of(ref, struct xenpv_user_dmabufs, ref);

	mutex_destroy(&bufs->lock);
	kfree(bufs);
}

/**
 * xenpv_user_dmabufs_put() - one user less
 * @bufs: of a file
 *
 * Context: Process.
 */
void xenpv_user_dmabufs_put(struct xenpv_user_dmabufs *bufs)
{
	kref_put(&bufs->ref, bufs_free);
}

/**
 * xenpv_user_dmabuf_open() - a file of gntdev is opened
 *
 * Context: Process.
 * Return: what it has of dma-bufs, nothing yet; or an ERR_PTR().
 */
struct xenpv_user_dmabufs *xenpv_user_dmabuf_open(void)
{
	struct xenpv_user_dmabufs *bufs = kzalloc_obj(*bufs, GFP_KERNEL_ACCOUNT);

	if (!bufs)
		return ERR_PTR(-ENOMEM);
	kref_init(&bufs->ref);
	mutex_init(&bufs->lock);
	INIT_LIST_HEAD(&bufs->exports);
	INIT_LIST_HEAD(&bufs->imports);
	return bufs;
}

/**
 * xenpv_user_dmabuf_close() - the file is closed
 * @bufs: what it has
 *
 * Buffers of others are let go.  Those that were made here stay as long as somebody has
 * them.
 *
 * Context: Process.
 */
void xenpv_user_dmabuf_close(struct xenpv_user_dmabufs *bufs)
{
	struct xenpv_user_import *import, *next;
	LIST_HEAD(imports);

	scoped_guard(mutex, &bufs->lock)
		list_splice_init(&bufs->imports, &imports);
	list_for_each_entry_safe(import, next, &imports, list)
		xenpv_user_import_end(import);
	xenpv_user_dmabufs_put(bufs);
}

/**
 * xenpv_user_dmabuf_ioctl() - requests that concern dma-bufs
 * @bufs: of the file
 * @cmd: IOCTL_GNTDEV_DMABUF_*, or any other
 * @arg: its argument
 *
 * Context: Process.
 * Return: 0 or a negative errno, -ENOTTY for any other request.
 */
long xenpv_user_dmabuf_ioctl(struct xenpv_user_dmabufs *bufs, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS:
		return xenpv_user_export(bufs, arg);
	case IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED:
		return xenpv_user_export_wait(bufs, arg);
	case IOCTL_GNTDEV_DMABUF_IMP_TO_REFS:
		return xenpv_user_import(bufs, arg);
	case IOCTL_GNTDEV_DMABUF_IMP_RELEASE:
		return xenpv_user_import_release(bufs, arg);
	default:
		return -ENOTTY;
	}
}
