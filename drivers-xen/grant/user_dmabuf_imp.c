// SPDX-License-Identifier: GPL-2.0-only
/* A dma-buf of somebody in this domain, whose pages are lent to a peer. */

#define pr_fmt(fmt) "xenpv: gntdev: " fmt

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-map-ops.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <kunit/static_stub.h>
#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/frames.h>
#include "user_dmabuf.h"

/*
 * Who attaches to a buffer is a device, and learns addresses of a bus.  Ours is the grant
 * table, and an address of its bus is that of a page of this domain, as it is: nothing is
 * translated or bounced, which for a device of the machine would be the case.
 *
 * The exporter says where the pages are, and is not believed.  What is lent is RAM of ours
 * that is freed by its last reference, and of which we have one.
 *
 *	imported --> released --> the peer has let go of all pages --> detached
 *
 * Until the end the exporter keeps the pages where they are.  It may have ways to use one
 * again that ask no reference.
 */

/* Milliseconds between two looks at whether the peer lets go. */
#define FIRST_LOOK	5
#define LAST_LOOK	1000

static int bus_map_sg(struct device *dev, struct scatterlist *sgl, int nents,
		      enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		sg_dma_address(sg) = sg_phys(sg);
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void bus_unmap_sg(struct device *dev, struct scatterlist *sgl, int nents,
			 enum dma_data_direction dir, unsigned long attrs)
{
}

static DEFINE_MUTEX(bus_lock);
static struct device *bus_device;
static struct dma_map_ops bus_ops;

/* Made when it is needed, and stays. */
static struct device *grant_bus(void)
{
	struct device *dev;

	guard(mutex)(&bus_lock);
	if (bus_device)
		return bus_device;
	dev = root_device_register("xenpv-grants");
	if (IS_ERR(dev))
		return dev;
	/* Whatever else one may do with a device it refuses. */
	bus_ops = dma_dummy_ops;
	bus_ops.map_sg = bus_map_sg;
	bus_ops.unmap_sg = bus_unmap_sg;
	bus_ops.dma_supported = NULL;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev->dma_mask = &dev->coherent_dma_mask;
	set_dma_ops(dev, &bus_ops);
	bus_device = dev;
	return dev;
}

/* The page at an address of the bus, if it is one that can be lent. */
static struct page *lendable(dma_addr_t addr)
{
	unsigned long pfn = PHYS_PFN(addr);
	struct page *page;

	if (!pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	if (PageReserved(page) || is_zone_device_page(page) || !sendpage_ok(page))
		return NULL;
	/* A page of another peer is not ours to lend, and one without a frame is none. */
	return xenpv_p2m_raw(pfn) & XENPV_P2M_FOREIGN ? NULL : page;
}

/* As many pages as was said, all of them whole. */
static int judge_pages(struct xenpv_user_import *import)
{
	struct scatterlist *sg;
	unsigned int i, nr = 0;

	for_each_sgtable_dma_sg(import->sgt, sg, i) {
		dma_addr_t addr = sg ? sg_dma_address(sg) : 0;
		unsigned int len = sg ? sg_dma_len(sg) : 0;

		if (!len || !PAGE_ALIGNED(addr) || !PAGE_ALIGNED(len) ||
		    len >> PAGE_SHIFT > import->nr - nr)
			return -EINVAL;
		for (; len; len -= PAGE_SIZE, addr += PAGE_SIZE) {
			struct page *page = lendable(addr);

			if (!page)
				return -EINVAL;
			import->pages[nr++] = page;
		}
	}
	return nr == import->nr ? 0 : -EINVAL;
}

/**
 * xenpv_user_import_later() - look again whether the peer lets go
 * @import: what it has
 * @ms: in so many milliseconds
 *
 * Context: Process.  Tests have a time of their own.
 */
void xenpv_user_import_later(struct xenpv_user_import *import, unsigned int ms)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_user_import_later, import, ms);
	queue_delayed_work(system_percpu_wq, &import->work, msecs_to_jiffies(ms));
}

/* From any half state. */
static void detach(struct xenpv_user_import *import)
{
	if (import->sgt)
		dma_buf_unmap_attachment_unlocked(import->attach, import->sgt,
						  DMA_BIDIRECTIONAL);
	if (import->attach)
		dma_buf_detach(import->dmabuf, import->attach);
	if (import->dmabuf)
		dma_buf_put(import->dmabuf);
	xenpv_user_dmabuf_give_pages(import->nr);
	kvfree(import->pages);
	kvfree(import->refs);
	kfree(import);
}

/**
 * xenpv_user_import_look() - let go of a buffer, if the peer has
 * @import: not lent any more; may be gone afterwards
 *
 * Context: Process.
 */
void xenpv_user_import_look(struct xenpv_user_import *import)
{
	unsigned int delay = min(FIRST_LOOK << min(import->looks, 10U), LAST_LOOK);

	if (!atomic_read(&import->kept)) {
		detach(import);
		return;
	}
	import->looks++;
	xenpv_user_import_later(import, delay);
}

static void import_work(struct work_struct *work)
{
	xenpv_user_import_look(container_of(work, struct xenpv_user_import, work.work));
}

/**
 * xenpv_user_import_end() - lend a buffer no more
 * @import: in no list; taken over
 *
 * Context: Process.
 */
void xenpv_user_import_end(struct xenpv_user_import *import)
{
	for (unsigned int i = 0; i < import->nr_lent; i++)
		xenpv_grant_end(import->pool, import->refs[i], import->pages[i]);
	xenpv_grant_pool_destroy(import->pool);
	xenpv_user_import_look(import);
}

static int attach(struct xenpv_user_import *import)
{
	struct device *dev = grant_bus();
	struct dma_buf_attachment *attachment;
	struct sg_table *sgt;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	attachment = dma_buf_attach(import->dmabuf, dev);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	import->attach = attachment;
	sgt = dma_buf_map_attachment_unlocked(attachment, DMA_BIDIRECTIONAL);
	if (IS_ERR_OR_NULL(sgt))
		return sgt ? PTR_ERR(sgt) : -ENOMEM;
	import->sgt = sgt;
	return judge_pages(import);
}

/* A name of its own, so that what the peer keeps of it is counted for it alone. */
static struct xenpv_grant_pool *open_pool(struct xenpv_user_import *import, domid_t peer)
{
	static atomic_t number = ATOMIC_INIT(0);
	char name[24];
	struct xenpv_grant_setup setup = {
		.name = name,
		.peer = peer,
		.policy = XENPV_GRANT_COPY,
		.max = import->nr,
	};
	struct xenpv_grant_pool *pool;

	scnprintf(name, sizeof(name), "dmabuf-%u", atomic_inc_return(&number));
	pool = xenpv_grant_pool_create(&setup);
	if (!IS_ERR(pool))
		xenpv_grant_pool_account(pool)->kept = &import->kept;
	return pool;
}

static int lend(struct xenpv_user_import *import, domid_t peer)
{
	struct xenpv_grant_pool *pool = open_pool(import, peer);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	import->pool = pool;
	for (unsigned int i = 0; i < import->nr; i++) {
		int ref;

		get_page(import->pages[i]);
		ref = xenpv_grant_page(pool, import->pages[i], false);
		if (ref < 0) {
			put_page(import->pages[i]);
			return ref == -EAGAIN ? -ENOSPC : ref;
		}
		import->refs[i] = ref;
		import->nr_lent++;
	}
	return 0;
}

/* Nothing of it is there yet. */
static struct xenpv_user_import *import_new(unsigned int nr, int fd)
{
	struct xenpv_user_import *import = kzalloc_obj(*import, GFP_KERNEL_ACCOUNT);

	if (!import)
		return NULL;
	INIT_LIST_HEAD(&import->list);
	INIT_DELAYED_WORK(&import->work, import_work);
	atomic_set(&import->kept, 0);
	import->fd = fd;
	import->nr = nr;
	import->pages = kvcalloc(nr, sizeof(*import->pages), GFP_KERNEL_ACCOUNT);
	import->refs = kvcalloc(nr, sizeof(*import->refs), GFP_KERNEL_ACCOUNT);
	if (import->pages && import->refs)
		return import;
	kvfree(import->pages);
	kvfree(import->refs);
	kfree(import);
	return NULL;
}

static int fill(struct xenpv_user_import *import, domid_t peer)
{
	struct dma_buf *dmabuf = dma_buf_get(import->fd);

	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	import->dmabuf = dmabuf;
	if (dmabuf->size != (size_t)import->nr << PAGE_SHIFT)
		return -EINVAL;
	return attach(import) ?: lend(import, peer);
}

static int unlink_fd(struct xenpv_user_dmabufs *bufs, u32 fd, struct xenpv_user_import **found)
{
	struct xenpv_user_import *import;

	guard(mutex)(&bufs->lock);
	list_for_each_entry(import, &bufs->imports, list) {
		if (import->fd != fd)
			continue;
		list_del_init(&import->list);
		bufs->nr--;
		*found = import;
		return 0;
	}
	return -ENOENT;
}

/**
 * xenpv_user_import() - IOCTL_GNTDEV_DMABUF_IMP_TO_REFS
 * @bufs: of the file
 * @arg: struct ioctl_gntdev_dmabuf_imp_to_refs
 *
 * Context: Process.
 * Return: 0; -EINVAL if the buffer has another size, or pages that can't be lent; -ENOSPC
 * if there are too many; or another negative errno.
 */
long xenpv_user_import(struct xenpv_user_dmabufs *bufs, void __user *arg)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs __user *uop = arg;
	struct ioctl_gntdev_dmabuf_imp_to_refs op;
	struct xenpv_user_import *import;
	int ret;

	if (copy_from_user(&op, uop, offsetof(typeof(op), refs)))
		return -EFAULT;
	if (op.reserved || !op.count || op.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	if (!xenpv_user_dmabuf_take(bufs, op.count))
		return -ENOSPC;
	import = import_new(op.count, op.fd);
	if (!import) {
		xenpv_user_dmabuf_give(bufs, op.count);
		return -ENOMEM;
	}
	ret = fill(import, op.domid);
	if (!ret && copy_to_user(uop->refs, import->refs, op.count * sizeof(*import->refs)))
		ret = -EFAULT;
	scoped_guard(mutex, &bufs->lock) {
		if (ret)
			bufs->nr--;
		else
			list_add(&import->list, &bufs->imports);
	}
	if (ret)
		xenpv_user_import_end(import);
	return ret;
}

/**
 * xenpv_user_import_release() - IOCTL_GNTDEV_DMABUF_IMP_RELEASE
 * @bufs: of the file
 * @arg: struct ioctl_gntdev_dmabuf_imp_release
 *
 * What the peer does not let go stays attached until it does.
 *
 * Context: Process.
 * Return: 0; -ENOENT if no buffer with this number is imported; or -EFAULT.
 */
long xenpv_user_import_release(struct xenpv_user_dmabufs *bufs, void __user *arg)
{
	struct ioctl_gntdev_dmabuf_imp_release op;
	struct xenpv_user_import *import;
	int ret;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	ret = unlink_fd(bufs, op.fd, &import);
	if (!ret)
		xenpv_user_import_end(import);
	return ret;
}
