// SPDX-License-Identifier: GPL-2.0-only
/* Operations of device models: a hypercall whose buffers the kernel can see. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xen/interface/hvm/dm_op.h>
#include <xenpv/hypercall.h>
#include "private.h"

/*
 * Unlike other hypercalls these name the domain beside the operation, and say where
 * their buffers are and how long.  So a program that is restricted to a domain may issue
 * them.  Xen gets only buffers that were counted, whose pages are there and stay.
 */
#define MAX_BUFS	16
#define MAX_SIZE	4096
/* One that starts within a page touches one more. */
#define MAX_PAGES	(MAX_BUFS * (MAX_SIZE / PAGE_SIZE + 1))

/**
 * struct dm_op - an operation
 * @bufs: its buffers, for Xen
 * @nr: how many
 * @pages: what they lie in, held
 * @nr_pages: how many
 */
struct dm_op {
	struct xen_dm_op_buf bufs[MAX_BUFS];
	unsigned int nr;
	struct page *pages[MAX_PAGES];
	unsigned int nr_pages;
};

static int hold(struct dm_op *op, const struct privcmd_dm_op_buf *buf)
{
	unsigned long start = (unsigned long)buf->uptr;
	unsigned int nr;
	int got;

	if (!buf->size)
		return 0;
	nr = PHYS_PFN(PAGE_ALIGN(start + buf->size)) - PHYS_PFN(start);
	got = pin_user_pages_fast(start & PAGE_MASK, nr, FOLL_WRITE, op->pages + op->nr_pages);
	if (got < 0)
		return got;
	op->nr_pages += got;
	return got == nr ? 0 : -EFAULT;
}

static void let_go(struct dm_op *op)
{
	unpin_user_pages_dirty_lock(op->pages, op->nr_pages, true);
	op->nr_pages = 0;
}

static int add(struct dm_op *op, const struct privcmd_dm_op_buf *buf)
{
	struct xen_dm_op_buf *to = &op->bufs[op->nr++];

	if (buf->size > MAX_SIZE)
		return -E2BIG;
	if (!access_ok(buf->uptr, buf->size))
		return -EFAULT;
	set_xen_guest_handle(to->h, (void __force *)buf->uptr);
	to->size = buf->size;
	return hold(op, buf);
}

static int add_all(struct dm_op *op, const struct privcmd_dm_op *wish)
{
	struct privcmd_dm_op_buf buf;
	int ret;

	for (unsigned int i = 0; i < wish->num; i++) {
		if (copy_from_user(&buf, wish->ubufs + i, sizeof(buf)))
			return -EFAULT;
		ret = add(op, &buf);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * xenpv_privcmd_dm_op() - IOCTL_PRIVCMD_DM_OP
 * @file: open file
 * @arg: struct privcmd_dm_op
 *
 * Context: Process.
 * Return: what Xen answered, or a negative errno.
 */
long xenpv_privcmd_dm_op(const struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_dm_op wish;
	struct dm_op *op;
	long ret;

	if (copy_from_user(&wish, arg, sizeof(wish)))
		return -EFAULT;
	if (!xenpv_privcmd_may(file, wish.dom))
		return -EPERM;
	if (!wish.num)
		return 0;
	if (wish.num > MAX_BUFS)
		return -E2BIG;
	op = kzalloc_obj(*op, GFP_KERNEL);
	if (!op)
		return -ENOMEM;
	ret = add_all(op, &wish);
	if (!ret) {
		unsigned long args[5] = { wish.dom, op->nr, (unsigned long)op->bufs };

		ret = xenpv_hypercall_user(__HYPERVISOR_dm_op, args);
	}
	let_go(op);
	kfree(op);
	return ret;
}
