// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/privcmd: who may reach which domain, and hypercalls of programs. */

#define pr_fmt(fmt) "xenpv: privcmd: " fmt

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <kunit/static_stub.h>
#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/store.h>
#include "private.h"

/*
 * Whoever may issue any hypercall can have Xen write anywhere into this kernel.  In
 * the control domain that is the toolstack's right.  In any other domain nobody has
 * business but with the domain whose device model runs here, if there is one: what a
 * file reaches is decided when it is opened, and can only become less.
 */

bool xenpv_privcmd_unrestricted;
module_param_named(unrestricted, xenpv_privcmd_unrestricted, bool, 0);
MODULE_PARM_DESC(unrestricted,
		 "Let programs in a domain without privileges issue every hypercall; ignored when locked down");

/**
 * xenpv_privcmd_target() - whose device model this domain is
 * @target: where to put it
 *
 * Context: Process; waits for the store if that is not up yet.
 * Return: 0 or a negative errno.
 */
int xenpv_privcmd_target(domid_t *target)
{
	u64 value;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_privcmd_target, target);
	ret = xenpv_store_read_u64(NULL, "", "target", &value);
	if (!ret && value >= DOMID_FIRST_RESERVED)
		ret = -EINVAL;
	if (!ret)
		*target = value;
	return ret;
}

/**
 * xenpv_privcmd_locked_down() - does the kernel protect itself from root?
 *
 * Context: Process.
 * Return: true if so.
 */
bool xenpv_privcmd_locked_down(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_privcmd_locked_down);
	return security_locked_down(LOCKDOWN_XEN_USER_ACTIONS);
}

/**
 * xenpv_privcmd_reach() - what a file that is opened now may reach
 *
 * Context: Process.
 * Return: a domain, XENPV_PRIVCMD_ALL or XENPV_PRIVCMD_NONE.
 */
domid_t xenpv_privcmd_reach(void)
{
	domid_t target;

	if (xenpv_self.control)
		return XENPV_PRIVCMD_ALL;
	if (READ_ONCE(xenpv_privcmd_unrestricted) && !xenpv_privcmd_locked_down())
		return XENPV_PRIVCMD_ALL;
	if (xenpv_privcmd_target(&target) || target >= DOMID_FIRST_RESERVED)
		return XENPV_PRIVCMD_NONE;
	return target;
}

/**
 * xenpv_privcmd_may() - does a file reach a domain?
 * @file: the file
 * @domid: the domain
 *
 * Context: Any.
 * Return: true if it does.
 */
bool xenpv_privcmd_may(const struct xenpv_privcmd *file, domid_t domid)
{
	domid_t only = READ_ONCE(file->only);

	if (only == XENPV_PRIVCMD_ALL)
		return true;
	return only == domid && only < DOMID_FIRST_RESERVED;
}

/**
 * xenpv_privcmd_restrict() - let a file reach one domain only
 * @file: the file
 * @domid: the domain
 *
 * Context: Any.
 * Return: 0, or -EINVAL if it was restricted to something else, which stays.
 */
int xenpv_privcmd_restrict(struct xenpv_privcmd *file, domid_t domid)
{
	domid_t before;

	if (domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	before = cmpxchg(&file->only, XENPV_PRIVCMD_ALL, domid);
	return before == XENPV_PRIVCMD_ALL || before == domid ? 0 : -EINVAL;
}

static long privcmd_restrict(struct xenpv_privcmd *file, void __user *arg)
{
	domid_t domid;

	if (copy_from_user(&domid, arg, sizeof(domid)))
		return -EFAULT;
	return xenpv_privcmd_restrict(file, domid);
}

/* Whom a hypercall concerns can't be told from outside: all or nothing. */
static long privcmd_hypercall(const struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_hypercall call;
	unsigned long args[5];

	if (READ_ONCE(file->only) != XENPV_PRIVCMD_ALL)
		return -EPERM;
	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	for (unsigned int i = 0; i < ARRAY_SIZE(args); i++)
		args[i] = call.arg[i];
	return xenpv_hypercall_user(call.op, args);
}

static long privcmd_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct xenpv_privcmd *file = f->private_data;
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case IOCTL_PRIVCMD_HYPERCALL:
		return privcmd_hypercall(file, uarg);
	case IOCTL_PRIVCMD_MMAP:
		return xenpv_privcmd_map(file, uarg);
	case IOCTL_PRIVCMD_MMAPBATCH:
		return xenpv_privcmd_map_batch(file, uarg, false);
	case IOCTL_PRIVCMD_MMAPBATCH_V2:
		return xenpv_privcmd_map_batch(file, uarg, true);
	case IOCTL_PRIVCMD_DM_OP:
		return xenpv_privcmd_dm_op(file, uarg);
	case IOCTL_PRIVCMD_RESTRICT:
		return privcmd_restrict(file, uarg);
	case IOCTL_PRIVCMD_MMAP_RESOURCE:
		return xenpv_privcmd_map_resource(file, uarg);
	case IOCTL_PRIVCMD_IRQFD:
		return xenpv_privcmd_irqfd(file, uarg);
	case IOCTL_PRIVCMD_IOEVENTFD:
		return xenpv_privcmd_ioeventfd(file, uarg);
	case IOCTL_PRIVCMD_PCIDEV_GET_GSI:
		return xenpv_privcmd_gsi(file, uarg);
	default:
		return -ENOTTY;
	}
}

static int privcmd_mmap(struct file *f, struct vm_area_struct *vma)
{
	return xenpv_privcmd_prepare(vma);
}

static int privcmd_open(struct inode *inode, struct file *f)
{
	struct xenpv_privcmd *file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);

	if (!file)
		return -ENOMEM;
	file->only = xenpv_privcmd_reach();
	mutex_init(&file->lock);
	INIT_LIST_HEAD(&file->irqfds);
	INIT_LIST_HEAD(&file->servers);
	f->private_data = file;
	return 0;
}

static int privcmd_release(struct inode *inode, struct file *f)
{
	struct xenpv_privcmd *file = f->private_data;

	xenpv_privcmd_irqfd_close(file);
	xenpv_privcmd_ioeventfd_close(file);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

const struct file_operations xenpv_privcmd_fops = {
	.owner		= THIS_MODULE,
	.open		= privcmd_open,
	.release	= privcmd_release,
	.unlocked_ioctl	= privcmd_ioctl,
	.mmap		= privcmd_mmap,
};

static struct miscdevice privcmd_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "xen/privcmd",
	.fops	= &xenpv_privcmd_fops,
};

static int __init privcmd_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	if (!xenpv_self.control && xenpv_privcmd_unrestricted && xenpv_privcmd_locked_down())
		pr_warn("the kernel is locked down: parameter \"unrestricted\" is ignored\n");
	return misc_register(&privcmd_device);
}
device_initcall(privcmd_init);
