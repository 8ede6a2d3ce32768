// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/gntdev: pages of peers for programs, and what a file has of them. */

#define pr_fmt(fmt) "xenpv: gntdev: " fmt

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/self.h>
#include "user_map.h"

static unsigned int limit = 64 * 1024;
module_param(limit, uint, 0644);
MODULE_PARM_DESC(limit, "Grants that may be mapped by one request of /dev/xen/gntdev");

/* Of an open file, unless the program asks for less. */
#define MAX_GRANTS	BIT(20)

/**
 * struct gntdev - an open file
 * @lock: guards what follows
 * @maps: struct xenpv_user_map, by their place in the file
 * @nr: grants in all of them
 * @max: how many there may be
 * @bufs: its dma-bufs, if the kernel has them
 */
struct gntdev {
	struct mutex lock;
	struct list_head maps __guarded_by(&lock);
	unsigned int nr __guarded_by(&lock);
	unsigned int max __guarded_by(&lock);
	struct xenpv_user_dmabufs *bufs;
};

/* The first gap that is large enough; @at is set to what comes after it. */
static u64 find_gap(struct gntdev *dev, unsigned int nr, struct list_head **at)
{
	struct xenpv_user_map *map;
	u64 first = 0;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(map, &dev->maps, list) {
		if (map->first - first >= nr)
			break;
		first = map->first + map->nr;
	}
	*at = &map->list;
	return first;
}

/* The map at a place in the file, all of it. */
static struct xenpv_user_map *find_map(struct gntdev *dev, u64 first, u64 nr)
{
	struct xenpv_user_map *map;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(map, &dev->maps, list)
		if (map->first == first && map->nr == nr)
			return map;
	return NULL;
}

static int add_map(struct gntdev *dev, struct xenpv_user_map *map)
{
	struct list_head *after;

	guard(mutex)(&dev->lock);
	if (map->nr > dev->max - dev->nr)
		return -ENOSPC;
	xenpv_user_map_get(map);
	map->first = find_gap(dev, map->nr, &after);
	list_add_tail(&map->list, after);
	dev->nr += map->nr;
	return 0;
}

static void drop_map(struct gntdev *dev, struct xenpv_user_map *map)
{
	lockdep_assert_held(&dev->lock);
	list_del_init(&map->list);
	dev->nr -= map->nr;
	xenpv_user_map_put(map);
}

/* If the program, guessing its place, has not done so. */
static void forget_map(struct gntdev *dev, struct xenpv_user_map *map)
{
	guard(mutex)(&dev->lock);
	if (!list_empty(&map->list))
		drop_map(dev, map);
}

static struct xenpv_user_map *fetch_map(const struct ioctl_gntdev_map_grant_ref *op,
					const struct ioctl_gntdev_grant_ref __user *refs)
{
	struct xenpv_user_map *map = xenpv_user_map_new(op->count);
	struct ioctl_gntdev_grant_ref ref;

	if (!map)
		return ERR_PTR(-ENOMEM);
	for (unsigned int i = 0; i < op->count; i++) {
		int ret = copy_from_user(&ref, refs + i, sizeof(ref)) ? -EFAULT :
			  ref.domid > U16_MAX ? -EINVAL : 0;

		if (ret) {
			xenpv_user_map_put(map);
			return ERR_PTR(ret);
		}
		xenpv_user_map_fill(map, i, ref.domid, ref.ref);
	}
	return map;
}

static long gntdev_map(struct gntdev *dev, struct ioctl_gntdev_map_grant_ref __user *uop)
{
	struct ioctl_gntdev_map_grant_ref op;
	struct xenpv_user_map *map;
	int ret;

	if (copy_from_user(&op, uop, offsetof(typeof(op), refs)))
		return -EFAULT;
	if (!op.count || op.count > READ_ONCE(limit))
		return -EINVAL;
	map = fetch_map(&op, uop->refs);
	if (IS_ERR(map))
		return PTR_ERR(map);

	ret = add_map(dev, map);
	/* Without the lock: mmap() takes it behind the one that a fault needs. */
	if (!ret && put_user(map->first << PAGE_SHIFT, &uop->index)) {
		forget_map(dev, map);
		ret = -EFAULT;
	}
	xenpv_user_map_put(map);
	return ret;
}

/* What is still in the program stays until munmap(). */
static long gntdev_unmap(struct gntdev *dev, void __user *arg)
{
	struct ioctl_gntdev_unmap_grant_ref op;
	struct xenpv_user_map *map;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (!op.count || op.count > READ_ONCE(limit))
		return -EINVAL;
	guard(mutex)(&dev->lock);
	map = op.index & ~PAGE_MASK ? NULL : find_map(dev, op.index >> PAGE_SHIFT, op.count);
	if (!map)
		return -ENOENT;
	drop_map(dev, map);
	return 0;
}

static long gntdev_get_offset(struct file *file, void __user *arg)
{
	struct ioctl_gntdev_get_offset_for_vaddr op;
	struct vm_area_struct *vma;
	int ret = -EINVAL;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	mmap_read_lock(current->mm);
	vma = op.vaddr < TASK_SIZE ? vma_lookup(current->mm, op.vaddr) : NULL;
	if (vma && vma->vm_file == file && vma->vm_start == op.vaddr) {
		op.offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
		op.count = vma_pages(vma);
		ret = 0;
	}
	mmap_read_unlock(current->mm);
	return ret ?: copy_to_user(arg, &op, sizeof(op)) ? -EFAULT : 0;
}

static long gntdev_set_max(struct gntdev *dev, void __user *arg)
{
	struct ioctl_gntdev_set_max_grants op;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.count > MAX_GRANTS)
		return -EINVAL;
	guard(mutex)(&dev->lock);
	if (dev->nr)
		return -EBUSY;
	dev->max = op.count;
	return 0;
}

static long gntdev_notify(struct gntdev *dev, void __user *arg)
{
	struct ioctl_gntdev_unmap_notify op;
	struct xenpv_user_map *map;
	u64 page;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	page = op.index >> PAGE_SHIFT;
	guard(mutex)(&dev->lock);
	list_for_each_entry(map, &dev->maps, list)
		if (page >= map->first && page - map->first < map->nr)
			return xenpv_user_map_notify(map, op.action,
						     op.index - (map->first << PAGE_SHIFT),
						     op.event_channel_port);
	return -ENOENT;
}

static long gntdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct gntdev *dev = file->private_data;
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case IOCTL_GNTDEV_MAP_GRANT_REF:
		return gntdev_map(dev, uarg);
	case IOCTL_GNTDEV_UNMAP_GRANT_REF:
		return gntdev_unmap(dev, uarg);
	case IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR:
		return gntdev_get_offset(file, uarg);
	case IOCTL_GNTDEV_SET_MAX_GRANTS:
		return gntdev_set_max(dev, uarg);
	case IOCTL_GNTDEV_SET_UNMAP_NOTIFY:
		return gntdev_notify(dev, uarg);
	case IOCTL_GNTDEV_GRANT_COPY:
		return xenpv_user_copy(uarg);
	default:
		return xenpv_user_dmabuf_ioctl(dev->bufs, cmd, uarg);
	}
}

static int gntdev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct gntdev *dev = file->private_data;
	struct xenpv_user_map *map;

	if ((vma->vm_flags & VM_WRITE) && !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	scoped_guard(mutex, &dev->lock) {
		map = find_map(dev, vma->vm_pgoff, vma_pages(vma));
		if (map)
			xenpv_user_map_get(map);
	}
	if (!map)
		return -EINVAL;
	return xenpv_user_map_show(map, vma);
}

static int gntdev_open(struct inode *inode, struct file *file)
{
	struct gntdev *dev = kzalloc_obj(*dev, GFP_KERNEL_ACCOUNT);

	if (!dev)
		return -ENOMEM;
	dev->bufs = xenpv_user_dmabuf_open();
	if (IS_ERR(dev->bufs)) {
		long ret = PTR_ERR(dev->bufs);

		kfree(dev);
		return ret;
	}
	mutex_init(&dev->lock);
	INIT_LIST_HEAD(&dev->maps);
	dev->max = MAX_GRANTS;
	file->private_data = dev;
	return 0;
}

static int gntdev_release(struct inode *inode, struct file *file)
{
	struct gntdev *dev = file->private_data;
	struct xenpv_user_map *map, *next;

	scoped_guard(mutex, &dev->lock)
		list_for_each_entry_safe(map, next, &dev->maps, list)
			drop_map(dev, map);
	xenpv_user_dmabuf_close(dev->bufs);
	mutex_destroy(&dev->lock);
	kfree(dev);
	return 0;
}

static const struct file_operations gntdev_fops = {
	.owner		= THIS_MODULE,
	.open		= gntdev_open,
	.release	= gntdev_release,
	.mmap		= gntdev_mmap,
	.unlocked_ioctl	= gntdev_ioctl,
};

static struct miscdevice gntdev_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "xen/gntdev",
	.fops	= &gntdev_fops,
};

static int __init gntdev_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	return misc_register(&gntdev_device);
}
device_initcall(gntdev_init);
