// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/hypercall: memory of programs that stays where it is, for Xen to use. */

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <xenpv/self.h>
#include "private.h"

/*
 * Xen uses a program's memory without faults: a page that is not there is an error.
 * Pages of this device are there from mmap() on, and nothing swaps or moves them.
 *
 * The page table holds the only reference to a page, so a page lives as long as it is
 * mapped, whatever happens to the mapping.  The file counts pages; a mapping is not
 * split and not inherited, so its end takes off what its start put on.
 */
/* Against mistakes: who may open the device may do worse.  Tools take hundreds at once. */
unsigned int xenpv_privcmd_buf_limit = SZ_64M >> PAGE_SHIFT;
module_param_named(limit, xenpv_privcmd_buf_limit, uint, 0644);
MODULE_PARM_DESC(limit, "Pages that an open file of /dev/xen/hypercall may have");

/* Also more than the limit, if that was lowered since: only new ones are refused. */
static bool take(atomic_t *nr, unsigned int more)
{
	unsigned int max = min_t(unsigned int, READ_ONCE(xenpv_privcmd_buf_limit), INT_MAX / 2);

	if (more > max)
		return false;
	if (atomic_add_return(more, nr) <= max)
		return true;
	atomic_sub(more, nr);
	return false;
}

/* mremap() copies a mapping before it asks whether it may. */
static void buf_vm_open(struct vm_area_struct *vma)
{
	atomic_add(vma_pages(vma), (atomic_t *)vma->vm_file->private_data);
}

static int buf_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static void buf_vm_close(struct vm_area_struct *vma)
{
	atomic_sub(vma_pages(vma), (atomic_t *)vma->vm_file->private_data);
}

static int buf_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static vm_fault_t buf_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct buf_vm_ops = {
	.open		= buf_vm_open,
	.close		= buf_vm_close,
	.mremap		= buf_mremap,
	.may_split	= buf_may_split,
	.fault		= buf_fault,
};

static int fill(struct vm_area_struct *vma)
{
	struct page *page;
	int ret;

	for (unsigned long addr = vma->vm_start; addr < vma->vm_end; addr += PAGE_SIZE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!page)
			return -ENOMEM;
		ret = vm_insert_page(vma, addr, page);
		put_page(page);
		if (ret)
			return ret;
	}
	return 0;
}

static int buf_mmap(struct file *file, struct vm_area_struct *vma)
{
	atomic_t *nr = file->private_data;
	unsigned long pages = vma_pages(vma);
	int ret;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (pages > INT_MAX / 2 || !take(nr, pages))
		return -ENOSPC;
	vm_flags_set(vma, VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	/* On failure the caller unmaps what is there, and asks no operation of ours. */
	ret = fill(vma);
	if (ret) {
		atomic_sub(pages, nr);
		return ret;
	}
	vma->vm_ops = &buf_vm_ops;
	return 0;
}

static int buf_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc_obj(atomic_t, GFP_KERNEL_ACCOUNT);
	return file->private_data ? 0 : -ENOMEM;
}

static int buf_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

const struct file_operations xenpv_privcmd_buf_fops = {
	.owner		= THIS_MODULE,
	.open		= buf_open,
	.release	= buf_release,
	.mmap		= buf_mmap,
};

static struct miscdevice buf_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "xen/hypercall",
	.fops	= &xenpv_privcmd_buf_fops,
};

static int __init buf_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	return misc_register(&buf_device);
}
device_initcall(buf_init);
