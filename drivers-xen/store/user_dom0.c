// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon as a program of this domain: the page and the port that it is given,
 * and noticing that it comes and goes.  Or in a domain of its own, which is lent the page.
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

#include <kunit/static_stub.h>
#include <xenpv/event.h>
#include <xenpv/grant.h>
#include <xenpv/self.h>
#include <xenpv/store_user.h>
#include "private.h"
#include "user.h"

/**
 * struct local - the daemon as far as we see it
 * @lock: guards the rest
 * @page: what it maps
 * @event: from it
 * @port: of @event, to which it binds
 * @far: it is in a domain of its own, to which the page is lent
 * @mappings: how often the page is mapped
 * @daemon: who has mapped it last
 *
 * A daemon is there as long as it maps the page.  If it is updated while it runs, it
 * replaces its program by a new one (exec), which maps the page again and knows how
 * far the old one got.  Then the process is the same, and nothing else is.
 *
 * A domain of its own is built by a program that has no store yet, so it can be named
 * only before any daemon was heard of; then again, if the first one came to nothing.
 */
struct local {
	struct mutex lock;
	void *page;
	struct xenpv_event *event;
	evtchn_port_t port;
	bool far __guarded_by(&lock);
	unsigned int mappings __guarded_by(&lock);
	struct pid *daemon __guarded_by(&lock);
};

static struct local local = {
	.lock = __MUTEX_INITIALIZER(local.lock),
};

/**
 * xenpv_store_open_port() - a port to which a daemon can bind
 * @domid: where the daemon is
 * @port: set to its number
 *
 * Context: Process; boot.
 * Return: its event, or an ERR_PTR().
 */
struct xenpv_event *xenpv_store_open_port(domid_t domid, evtchn_port_t *port)
{
	struct xenpv_event *event;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_open_port, domid, port);
	event = xenpv_event_bind_unbound(domid, xenpv_store_interrupt, XENPV_EVENT_LATE,
					 "xenpv-store", NULL);
	if (!IS_ERR(event))
		*port = xenpv_event_port(event);
	return event;
}

/**
 * xenpv_store_close_port() - undo xenpv_store_open_port()
 * @event: what that returned
 *
 * Context: Process.
 */
void xenpv_store_close_port(struct xenpv_event *event)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_close_port, event);
	xenpv_event_unbind(event);
}

/**
 * xenpv_store_local() - make the page and the port for a daemon of this domain
 *
 * Context: Process; boot, and tests.
 * Return: 0 or a negative errno.
 */
int xenpv_store_local(void)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	struct xenpv_event *event;

	if (!page)
		return -ENOMEM;
	event = xenpv_store_open_port(DOMID_SELF, &local.port);
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
 * xenpv_store_unlocal() - undo xenpv_store_local()
 *
 * Context: Process, after xenpv_store_detach(); tests.
 */
void xenpv_store_unlocal(void)
{
	xenpv_store_set_event(NULL);
	xenpv_store_close_port(local.event);
	free_page((unsigned long)local.page);
	put_pid(local.daemon);
	local.page = NULL;
	local.event = NULL;
	local.port = 0;
	local.far = false;
	local.daemon = NULL;
}

/**
 * xenpv_store_lend() - give page and port to a daemon in a domain of its own
 * @domid: the domain
 *
 * Context: Process.
 * Return: the port to which it binds; -EEXIST if a daemon was heard of, or a program of
 * this domain maps the page; -EBUSY if a domain that was named before keeps the page; or
 * another negative errno.  Then nothing has changed.
 */
long xenpv_store_lend(domid_t domid)
{
	struct xenpv_event *event;
	evtchn_port_t port;
	int ret;

	if (domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	guard(mutex)(&local.lock);
	if (!local.page)
		return -ENODEV;
	/* Watches and requests of ours are with the daemon that was heard of. */
	if (local.mappings || xenpv_store_session())
		return -EEXIST;
	event = xenpv_store_open_port(domid, &port);
	if (IS_ERR(event))
		return PTR_ERR(event);
	ret = xenpv_grant_reserved(GNTTAB_RESERVED_XENSTORE, domid, virt_to_page(local.page));
	if (ret) {
		xenpv_store_close_port(event);
		return ret;
	}
	xenpv_store_set_event(event);
	xenpv_store_close_port(local.event);
	local.event = event;
	WRITE_ONCE(local.port, port);
	local.far = true;
	/* From its first event on it is one. */
	xenpv_store_daemon_came(false);
	return port;
}

/**
 * xenpv_store_port() - what the daemon binds to
 *
 * Context: Any.
 * Return: the port, 0 if there is none.
 */
evtchn_port_t xenpv_store_port(void)
{
	return READ_ONCE(local.port);
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

	lockdep_assert_held(&local.lock);
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
 * Return: 0; -EPERM without CAP_SYS_ADMIN; -EBUSY if the daemon is in another domain;
 * -EINVAL, -ENODEV or another negative errno.
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

	guard(mutex)(&local.lock);
	if (local.far)
		return -EBUSY;
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
		return arg > U16_MAX ? -EINVAL : xenpv_store_lend(arg);
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
