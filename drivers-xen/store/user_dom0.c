// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon as a program of this domain: the page and the port that it is given,
 * and noticing that it comes and goes.
 */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <xen/xenbus_dev.h>

#include <xenpv/event.h>
#include <xenpv/self.h>
#include <xenpv/store_user.h>
#include "private.h"
#include "user.h"

/**
 * struct local - the daemon as far as we see it
 * @lock: guards the rest
 * @page: what it maps
 * @event: from it; its port is what it binds to
 * @mappings: how often the page is mapped
 * @daemon: who has mapped it last
 *
 * A daemon is there as long as it maps the page.  If it is updated while it runs, it
 * replaces its program by a new one (exec), which maps the page again and knows how
 * far the old one got.  Then the process is the same, and nothing else is.
 */
struct local {
	struct mutex lock;
	void *page;
	struct xenpv_event *event;
	unsigned int mappings __guarded_by(&lock);
	struct pid *daemon __guarded_by(&lock);
};

static struct local local = {
	.lock = __MUTEX_INITIALIZER(local.lock),
};

/**
 * xenpv_store_local() - make the page and the port for a daemon of this domain
 *
 * Context: Process; boot.
 * Return: 0 or a negative errno.
 */
int __init xenpv_store_local(void)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	struct xenpv_event *event;

	if (!page)
		return -ENOMEM;
	event = xenpv_event_bind_unbound(DOMID_SELF, xenpv_store_interrupt, XENPV_EVENT_LATE,
					 "xenpv-store", NULL);
	if (IS_ERR(event)) {
		free_page((unsigned long)page);
		return PTR_ERR(event);
	}
	local.page = page;
	local.event = event;
	xenpv_store_set_event(event);
	xenpv_store_attach((struct xenstore_domain_interface __xen_shared __force *)page, false);
	return 0;
}

/**
 * xenpv_store_port() - what the daemon binds to
 *
 * Context: Any.
 * Return: the port, 0 if there is none.
 */
evtchn_port_t xenpv_store_port(void)
{
	return local.event ? xenpv_event_port(local.event) : 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_port, "XENPV");

/**
 * xenpv_store_kva() - what the daemon maps
 *
 * Context: Any.
 * Return: the page, NULL if there is none.
 */
void *xenpv_store_kva(void)
{
	return local.page;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_kva, "XENPV");

static void mapped(void)
{
	struct pid *process = task_tgid(current);
	bool same;

	guard(mutex)(&local.lock);
	same = process == local.daemon;
	if (local.mappings++ && same)
		return;
	if (!same) {
		put_pid(local.daemon);
		local.daemon = get_pid(process);
	}
	xenpv_store_daemon_came(same);
}

static void local_open(struct vm_area_struct *vma)
{
	guard(mutex)(&local.lock);
	local.mappings++;
}

static void local_close(struct vm_area_struct *vma)
{
	guard(mutex)(&local.lock);
	if (!--local.mappings)
		xenpv_store_daemon_went();
}

static const struct vm_operations_struct local_vm_ops = {
	.open = local_open,
	.close = local_close,
};

/**
 * xenpv_store_mmap() - map the page for the daemon
 * @vma: where; one page, shared
 *
 * Whoever does it is the daemon.
 *
 * Context: mmap of a file.
 * Return: 0; -EPERM without CAP_SYS_ADMIN; -EINVAL, -ENODEV or another negative errno.
 */
int xenpv_store_mmap(struct vm_area_struct *vma)
{
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!local.page)
		return -ENODEV;
	if (vma->vm_end - vma->vm_start > PAGE_SIZE || vma->vm_pgoff ||
	    !(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	ret = vm_insert_page(vma, vma->vm_start, virt_to_page(local.page));
	if (ret)
		return ret;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &local_vm_ops;
	mapped();
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_mmap, "XENPV");

static int backend_mmap(struct file *file, struct vm_area_struct *vma)
{
	return xenpv_store_mmap(vma);
}

static long backend_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	switch (cmd) {
	case IOCTL_XENBUS_BACKEND_EVTCHN:
		return xenpv_store_port() ?: -ENODEV;
	case IOCTL_XENBUS_BACKEND_SETUP:
		/* A daemon in a domain of its own would have to be lent the page. */
		return -EOPNOTSUPP;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations backend_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.mmap = backend_mmap,
	.unlocked_ioctl = backend_ioctl,
};

static struct miscdevice backend_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/xenbus_backend",
	.fops = &backend_fops,
};

static int __init backend_init(void)
{
	return local.page ? misc_register(&backend_device) : 0;
}
device_initcall(backend_init);
