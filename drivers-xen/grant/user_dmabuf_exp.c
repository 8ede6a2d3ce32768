// SPDX-License-Identifier: GPL-2.0-only
/* Pages of a peer as a dma-buf, for devices of this machine. */

#define pr_fmt(fmt) "xenpv: gntdev: " fmt

#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include "user_dmabuf.h"

/*
 *	made --> its last user closes it --> nobody uses its pages --> unmapped, gone
 *
 * Only at the end may the peer have its pages back, so that is what
 * EXP_WAIT_RELEASED waits for.  The file of gntdev may be closed at any time.
 *
 * The pages are mapped once, where Xen knows of it.  It would not know of other mappings
 * in the kernel or in programs, so there are none: only devices get at the pages.
 */

static void export_put(struct xenpv_user_export *export)
{
	if (!refcount_dec_and_test(&export->users))
		return;
	xenpv_user_dmabufs_put(export->bufs);
	kvfree(export->slots);
	kfree(export);
}

/* What is mapped of it is unmapped by whoever calls this. */
static void export_gone(struct xenpv_user_export *export)
{
	scoped_guard(mutex, &export->bufs->lock)
		list_del(&export->list);
	xenpv_user_dmabuf_give(export->bufs, export->nr);
	complete_all(&export->gone);
	export_put(export);
}

static void unmapped(struct xenpv_foreign_later *later)
{
	export_gone(container_of(later, struct xenpv_user_export, later));
}

static void buf_release(struct dma_buf *dmabuf)
{
	struct xenpv_user_export *export = dmabuf->priv;

	/* A device's driver that has kept a page gets the time to let go. */
	export->later.slots = export->slots;
	export->later.nr = export->nr;
	export->later.done = unmapped;
	xenpv_foreign_unmap_later(&export->later);
}

/*
 * One entry for each page: pages that are neighbours here are none in the machine, and
 * would have to be bounced.
 */
static struct sg_table *buf_map(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	const struct xenpv_user_export *export = attach->dmabuf->priv;
	struct sg_table *sgt = kzalloc_obj(*sgt, GFP_KERNEL);
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table(sgt, export->nr, GFP_KERNEL);
	if (ret) {
		kfree(sgt);
		return ERR_PTR(ret);
	}
	for_each_sgtable_sg(sgt, sg, i)
		sg_set_page(sg, export->slots[i].page, PAGE_SIZE, 0);
	ret = dma_map_sgtable(attach->dev, sgt, dir, 0);
	if (ret) {
		sg_free_table(sgt);
		kfree(sgt);
		return ERR_PTR(ret);
	}
	return sgt;
}

static void buf_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		      enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, sgt, dir, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

static const struct dma_buf_ops buf_ops = {
	.map_dma_buf	= buf_map,
	.unmap_dma_buf	= buf_unmap,
	.release	= buf_release,
};

static struct xenpv_user_export *export_new(struct xenpv_user_dmabufs *bufs, unsigned int nr)
{
	struct xenpv_user_export *export = kzalloc_obj(*export, GFP_KERNEL_ACCOUNT);

	if (!export)
		return NULL;
	export->slots = kvcalloc(nr, sizeof(*export->slots), GFP_KERNEL_ACCOUNT);
	if (!export->slots) {
		kfree(export);
		return NULL;
	}
	refcount_set(&export->users, 1);
	kref_get(&bufs->ref);
	export->bufs = bufs;
	export->nr = nr;
	export->fd = -1;
	init_completion(&export->gone);
	scoped_guard(mutex, &bufs->lock)
		list_add(&export->list, &bufs->exports);
	return export;
}

static int fetch_refs(struct xenpv_user_export *export, const u32 __user *refs)
{
	for (unsigned int i = 0; i < export->nr; i++)
		if (get_user(export->slots[i].ref, refs + i))
			return -EFAULT;
	return 0;
}

/* All pages of the peer, or none. */
static int map_refs(struct xenpv_user_export *export, domid_t peer)
{
	int ret = xenpv_foreign_map(peer, export->slots, export->nr, GFP_KERNEL);

	if (ret)
		xenpv_foreign_unmap(export->slots, export->nr);
	return ret;
}

static struct dma_buf *make_buf(struct xenpv_user_export *export)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);

	info.ops = &buf_ops;
	info.size = (size_t)export->nr << PAGE_SHIFT;
	info.flags = O_RDWR | O_CLOEXEC;
	info.priv = export;
	return dma_buf_export(&info);
}

/* The buffer has @export from here on, if there is one. */
static struct dma_buf *export_refs(struct xenpv_user_dmabufs *bufs, unsigned int nr,
				   domid_t peer, const u32 __user *refs, int fd)
{
	struct xenpv_user_export *export = export_new(bufs, nr);
	struct dma_buf *dmabuf;
	int ret;

	if (!export) {
		xenpv_user_dmabuf_give(bufs, nr);
		return ERR_PTR(-ENOMEM);
	}
	ret = fetch_refs(export, refs) ?: map_refs(export, peer);
	if (ret) {
		export_gone(export);
		return ERR_PTR(ret);
	}
	scoped_guard(mutex, &bufs->lock)
		export->fd = fd;
	dmabuf = make_buf(export);
	if (IS_ERR(dmabuf)) {
		xenpv_foreign_unmap(export->slots, export->nr);
		export_gone(export);
	}
	return dmabuf;
}

/**
 * xenpv_user_export() - IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS
 * @bufs: of the file
 * @arg: struct ioctl_gntdev_dmabuf_exp_from_refs
 *
 * Context: Process.
 * Return: 0; -EINVAL for flags, which ask for memory of ours under the peer's pages;
 * -ENOSPC if there are too many; the errno of the first page that could not be mapped; or
 * another negative errno.
 */
long xenpv_user_export(struct xenpv_user_dmabufs *bufs, void __user *arg)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs __user *uop = arg;
	struct ioctl_gntdev_dmabuf_exp_from_refs op;
	struct dma_buf *dmabuf;
	int fd;

	if (copy_from_user(&op, uop, offsetof(typeof(op), refs)))
		return -EFAULT;
	if (op.flags || !op.count || op.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	if (!xenpv_user_dmabuf_take(bufs, op.count))
		return -ENOSPC;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		xenpv_user_dmabuf_give(bufs, op.count);
		return fd;
	}
	dmabuf = export_refs(bufs, op.count, op.domid, uop->refs, fd);
	if (IS_ERR(dmabuf)) {
		put_unused_fd(fd);
		return PTR_ERR(dmabuf);
	}
	/* Nobody has a number that was not told. */
	if (put_user(fd, &uop->fd)) {
		put_unused_fd(fd);
		dma_buf_put(dmabuf);
		return -EFAULT;
	}
	fd_install(fd, dmabuf->file);
	return 0;
}

/* The last one that was made with this number. */
static struct xenpv_user_export *find_export(struct xenpv_user_dmabufs *bufs, u32 fd)
{
	struct xenpv_user_export *export;

	guard(mutex)(&bufs->lock);
	list_for_each_entry(export, &bufs->exports, list) {
		if (export->fd < 0 || export->fd != fd)
			continue;
		refcount_inc(&export->users);
		return export;
	}
	return NULL;
}

/**
 * xenpv_user_export_wait() - IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED
 * @bufs: of the file
 * @arg: struct ioctl_gntdev_dmabuf_exp_wait_released
 *
 * Context: Process.
 * Return: 0, nothing of the peer is mapped; -ENOENT if that was so before, or there never
 * was such a buffer; -ETIMEDOUT; -EINTR after a signal; or -EFAULT.
 */
long xenpv_user_export_wait(struct xenpv_user_dmabufs *bufs, void __user *arg)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released op;
	struct xenpv_user_export *export;
	long left;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	export = find_export(bufs, op.fd);
	if (!export)
		return -ENOENT;
	left = wait_for_completion_interruptible_timeout(&export->gone,
							 msecs_to_jiffies(op.wait_to_ms));
	export_put(export);
	return left > 0 ? 0 : left ? -EINTR : -ETIMEDOUT;
}
