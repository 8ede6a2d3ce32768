// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/gntalloc: pages of programs, lent to other domains. */

#define pr_fmt(fmt) "xenpv: gntalloc: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntalloc.h>
#include <xenpv/grant.h>
#include <xenpv/self.h>
#include "private.h"

/*
 * A page is lent from the moment it is made until neither the file nor a mapping has
 * it.  A peer that does not let go then keeps it: the reaper has it, and it counts, so
 * that a program with such a peer does not get one page after the other.
 */
static unsigned int limit = 1024;
module_param(limit, uint, 0644);
MODULE_PARM_DESC(limit, "Pages that may be lent through /dev/xen/gntalloc, all files together");

/* What all files have; and what peers keep beyond that. */
static atomic_t nr_lent = ATOMIC_INIT(0);
static atomic_t nr_kept = ATOMIC_INIT(0);

/**
 * struct loan - what was lent by one request
 * @pages: how many of its pages are left
 * @pool: lends them
 */
struct loan {
	refcount_t pages;
	struct xenpv_grant_pool *pool;
};

/**
 * struct lent - a page
 * @users: the file, and mappings
 * @loan: how it was lent
 * @page: it
 * @ref: through which it is lent
 * @notify: what is to be done at the end; with the lock of the file
 */
struct lent {
	refcount_t users;
	struct loan *loan;
	struct page *page;
	grant_ref_t ref;
	struct xenpv_user_notify notify;
};

/**
 * struct gntalloc - an open file
 * @lock: guards what follows
 * @pages: struct lent by place in the file
 * @next: first place that was never used
 */
struct gntalloc {
	struct mutex lock;
	struct xarray pages;
	unsigned long next __guarded_by(&lock);
};

/**
 * struct view - a mapping
 * @vmas: how many there are of it: a child of fork() has it, too
 * @nr: pages
 * @pages: they
 */
struct view {
	refcount_t vmas;
	unsigned int nr;
	struct lent *pages[] __counted_by(nr);
};

/**
 * xenpv_gntalloc_count() - what counts for the limit
 * @lent: set to the pages that files and mappings have
 * @kept: set to those that only peers have
 *
 * Context: Any; tests.
 */
void xenpv_gntalloc_count(int *lent, int *kept)
{
	*lent = atomic_read(&nr_lent);
	*kept = atomic_read(&nr_kept);
}

static bool take_room(unsigned int nr)
{
	int max = min_t(unsigned int, READ_ONCE(limit), INT_MAX / 2);

	if (nr > max)
		return false;
	if (atomic_add_return(nr, &nr_lent) + atomic_read(&nr_kept) <= max)
		return true;
	atomic_sub(nr, &nr_lent);
	return false;
}

static struct loan *open_loan(domid_t peer)
{
	struct xenpv_grant_setup setup = {
		.name = "gntalloc",
		.peer = peer,
		.policy = XENPV_GRANT_COPY,
		/* take_room() limits all pools together. */
		.max = INT_MAX,
	};
	struct loan *loan = kzalloc_obj(*loan, GFP_KERNEL_ACCOUNT);

	if (!loan)
		return ERR_PTR(-ENOMEM);
	loan->pool = xenpv_grant_pool_create(&setup);
	if (IS_ERR(loan->pool)) {
		long ret = PTR_ERR(loan->pool);

		kfree(loan);
		return ERR_PTR(ret);
	}
	xenpv_grant_pool_account(loan->pool)->kept = &nr_kept;
	refcount_set(&loan->pages, 1);
	return loan;
}

static void put_loan(struct loan *loan)
{
	if (!refcount_dec_and_test(&loan->pages))
		return;
	xenpv_grant_pool_destroy(loan->pool);
	kfree(loan);
}

static void lent_put(struct lent *lent)
{
	if (!refcount_dec_and_test(&lent->users))
		return;
	xenpv_user_notify_byte(&lent->notify, lent->page);
	/* If the peer keeps it, it counts there before it does not here. */
	xenpv_grant_end(lent->loan->pool, lent->ref, lent->page);
	atomic_dec(&nr_lent);
	xenpv_user_notify_send(&lent->notify);
	put_loan(lent->loan);
	kfree(lent);
}

static struct lent *lend(struct loan *loan, bool readonly)
{
	struct lent *lent = kzalloc_obj(*lent, GFP_KERNEL_ACCOUNT);
	int ref;

	if (!lent)
		return ERR_PTR(-ENOMEM);
	lent->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!lent->page) {
		kfree(lent);
		return ERR_PTR(-ENOMEM);
	}
	ref = xenpv_grant_page(loan->pool, lent->page, readonly);
	if (ref < 0) {
		__free_page(lent->page);
		kfree(lent);
		return ERR_PTR(ref == -EAGAIN ? -ENOSPC : ref);
	}
	lent->ref = ref;
	lent->loan = loan;
	refcount_inc(&loan->pages);
	refcount_set(&lent->users, 1);
	return lent;
}

/* Those of a range that are there. */
static void drop(struct gntalloc *file, unsigned long first, unsigned int nr)
{
	struct lent *lent;

	lockdep_assert_held(&file->lock);
	for (unsigned long i = first; i < first + nr; i++) {
		lent = xa_erase(&file->pages, i);
		if (lent)
			lent_put(lent);
	}
}

static int add_pages(struct gntalloc *file, struct loan *loan, unsigned int nr, bool readonly,
		     u32 *refs)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct lent *lent = lend(loan, readonly);
		int ret;

		if (IS_ERR(lent)) {
			atomic_sub(nr - i, &nr_lent);
			drop(file, file->next, i);
			return PTR_ERR(lent);
		}
		refs[i] = lent->ref;
		ret = xa_err(xa_store(&file->pages, file->next + i, lent, GFP_KERNEL_ACCOUNT));
		if (ret) {
			lent_put(lent);
			atomic_sub(nr - i - 1, &nr_lent);
			drop(file, file->next, i);
			return ret;
		}
	}
	return 0;
}

/* Places are never used again, so that one that was is no other by chance. */
static int alloc_pages_at(struct gntalloc *file, const struct ioctl_gntalloc_alloc_gref *op,
			  u32 *refs, u64 *index)
{
	struct loan *loan;
	int ret;

	if (!take_room(op->count))
		return -ENOSPC;
	loan = open_loan(op->domid);
	if (IS_ERR(loan)) {
		atomic_sub(op->count, &nr_lent);
		return PTR_ERR(loan);
	}
	scoped_guard(mutex, &file->lock) {
		ret = add_pages(file, loan, op->count,
				!(op->flags & GNTALLOC_FLAG_WRITABLE), refs);
		if (!ret) {
			*index = (u64)file->next << PAGE_SHIFT;
			file->next += op->count;
		}
	}
	put_loan(loan);
	return ret;
}

static long gntalloc_alloc(struct gntalloc *file,
			   struct ioctl_gntalloc_alloc_gref __user *uop)
{
	struct ioctl_gntalloc_alloc_gref op;
	u32 *refs __free(kvfree) = NULL;
	int ret;

	if (copy_from_user(&op, uop, offsetof(typeof(op), gref_ids)))
		return -EFAULT;
	if (!op.count || op.flags & ~GNTALLOC_FLAG_WRITABLE)
		return -EINVAL;
	if (op.count > READ_ONCE(limit))
		return -ENOSPC;
	refs = kvcalloc(op.count, sizeof(*refs), GFP_KERNEL_ACCOUNT);
	if (!refs)
		return -ENOMEM;
	ret = alloc_pages_at(file, &op, refs, &op.index);
	if (ret)
		return ret;
	if (!copy_to_user(uop, &op, offsetof(typeof(op), gref_ids)) &&
	    !copy_to_user(uop->gref_ids, refs, op.count * sizeof(*refs)))
		return 0;
	guard(mutex)(&file->lock);
	drop(file, op.index >> PAGE_SHIFT, op.count);
	return -EFAULT;
}

static bool all_there(struct gntalloc *file, unsigned long first, unsigned long nr)
{
	lockdep_assert_held(&file->lock);
	for (unsigned long i = 0; i < nr; i++)
		if (!xa_load(&file->pages, first + i))
			return false;
	return nr > 0;
}

static long gntalloc_dealloc(struct gntalloc *file, void __user *arg)
{
	struct ioctl_gntalloc_dealloc_gref op;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	guard(mutex)(&file->lock);
	if (op.index & ~PAGE_MASK || !all_there(file, op.index >> PAGE_SHIFT, op.count))
		return -EINVAL;
	drop(file, op.index >> PAGE_SHIFT, op.count);
	return 0;
}

static long gntalloc_notify(struct gntalloc *file, void __user *arg)
{
	struct ioctl_gntalloc_unmap_notify op;
	struct lent *lent;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	guard(mutex)(&file->lock);
	lent = xa_load(&file->pages, op.index >> PAGE_SHIFT);
	if (!lent)
		return -ENOENT;
	return xenpv_user_notify_set(&lent->notify, op.action, offset_in_page(op.index),
				     op.event_channel_port);
}

static long gntalloc_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct gntalloc *file = f->private_data;
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case IOCTL_GNTALLOC_ALLOC_GREF:
		return gntalloc_alloc(file, uarg);
	case IOCTL_GNTALLOC_DEALLOC_GREF:
		return gntalloc_dealloc(file, uarg);
	case IOCTL_GNTALLOC_SET_UNMAP_NOTIFY:
		return gntalloc_notify(file, uarg);
	default:
		return -ENOTTY;
	}
}

static void view_open(struct vm_area_struct *vma)
{
	struct view *view = vma->vm_private_data;

	refcount_inc(&view->vmas);
}

static void view_free(struct view *view)
{
	for (unsigned int i = 0; i < view->nr; i++)
		lent_put(view->pages[i]);
	kvfree(view);
}

static void view_close(struct vm_area_struct *vma)
{
	struct view *view = vma->vm_private_data;

	if (refcount_dec_and_test(&view->vmas))
		view_free(view);
}

static int view_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static vm_fault_t view_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct view_ops = {
	.open		= view_open,
	.close		= view_close,
	.may_split	= view_may_split,
	.fault		= view_fault,
};

static struct view *make_view(struct gntalloc *file, unsigned long first, unsigned long nr)
{
	struct view *view;

	guard(mutex)(&file->lock);
	if (!all_there(file, first, nr))
		return ERR_PTR(-ENOENT);
	view = kvzalloc(struct_size(view, pages, nr), GFP_KERNEL_ACCOUNT);
	if (!view)
		return ERR_PTR(-ENOMEM);
	refcount_set(&view->vmas, 1);
	view->nr = nr;
	for (unsigned long i = 0; i < nr; i++) {
		view->pages[i] = xa_load(&file->pages, first + i);
		refcount_inc(&view->pages[i]->users);
	}
	return view;
}

static int gntalloc_mmap(struct file *f, struct vm_area_struct *vma)
{
	struct view *view;
	int ret = 0;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	view = make_view(f->private_data, vma->vm_pgoff, vma_pages(vma));
	if (IS_ERR(view))
		return PTR_ERR(view);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	for (unsigned int i = 0; !ret && i < view->nr; i++)
		ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, view->pages[i]->page);
	if (ret) {
		view_free(view);
		return ret;
	}
	vma->vm_private_data = view;
	vma->vm_ops = &view_ops;
	return 0;
}

static int gntalloc_open(struct inode *inode, struct file *f)
{
	struct gntalloc *file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	xa_init(&file->pages);
	f->private_data = file;
	return 0;
}

static int gntalloc_release(struct inode *inode, struct file *f)
{
	struct gntalloc *file = f->private_data;
	struct lent *lent;
	unsigned long i;

	xa_for_each(&file->pages, i, lent)
		lent_put(lent);
	xa_destroy(&file->pages);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

const struct file_operations xenpv_gntalloc_fops = {
	.owner		= THIS_MODULE,
	.open		= gntalloc_open,
	.release	= gntalloc_release,
	.mmap		= gntalloc_mmap,
	.unlocked_ioctl	= gntalloc_ioctl,
};

static struct miscdevice gntalloc_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "xen/gntalloc",
	.fops	= &xenpv_gntalloc_fops,
};

static int __init gntalloc_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE || !xenpv_grant_table_version())
		return 0;
	return misc_register(&gntalloc_device);
}
device_initcall(gntalloc_init);
