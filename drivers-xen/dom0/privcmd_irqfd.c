// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of guests by eventfd: whoever writes to it has an operation issued. */

#define pr_fmt(fmt) "xenpv: privcmd: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <kunit/static_stub.h>
#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xen/interface/hvm/dm_op.h>
#include <xenpv/hypercall.h>
#include "private.h"

/*
 * A program that serves a device of a guest hands over the operation that raises the
 * device's interrupt, and an eventfd.  Who writes to that may be another program, without
 * any right to hypercalls, or the kernel.
 *
 * The operation is issued by a worker.  So a write costs its writer no hypercall, with
 * interrupts off or not, and many writes that come before it runs are one interrupt, as
 * they are for a device.  It is judged each time whether the file still reaches the guest.
 */

/* Of an operation of device models; the largest has less. */
#define MAX_OP	256

/**
 * struct irqfd - an eventfd that raises an interrupt
 * @list: among those of the file
 * @file: the file of privcmd
 * @dom: the guest
 * @eventfd: it
 * @wqh: its queue of those who wait, whose lock guards its counter
 * @wait: us in that queue
 * @table: to get there
 * @work: issues the operation
 * @gone: nobody can write to it any more
 * @told: the log says that Xen refuses the operation
 * @size: of the operation
 * @op: the operation
 * @copy: what Xen gets, which it may change
 */
struct irqfd {
	struct list_head list;
	struct xenpv_privcmd *file;
	domid_t dom;
	struct eventfd_ctx *eventfd;
	wait_queue_head_t *wqh;
	wait_queue_entry_t wait;
	poll_table table;
	struct work_struct work;
	bool gone;
	bool told;
	u32 size;
	u8 op[MAX_OP] __aligned(8);
	u8 copy[MAX_OP] __aligned(8);
};

/**
 * xenpv_privcmd_later() - have work be done soon
 * @work: it
 *
 * Context: Any.
 */
void xenpv_privcmd_later(struct work_struct *work)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_privcmd_later, work);
	queue_work(system_highpri_wq, work);
}

/**
 * xenpv_privcmd_inject() - issue the operation of an eventfd that was written
 * @work: of the eventfd
 *
 * Context: Process.
 */
void xenpv_privcmd_inject(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, work);
	struct xen_dm_op_buf buf = { .size = irqfd->size };
	unsigned long args[5] = { irqfd->dom, 1, (unsigned long)&buf };
	long ret;

	if (!xenpv_privcmd_may(irqfd->file, irqfd->dom))
		return;
	memcpy(irqfd->copy, irqfd->op, irqfd->size);
	set_xen_guest_handle(buf.h, irqfd->copy);
	ret = xenpv_hypercall_user(__HYPERVISOR_dm_op, args);
	if (ret >= 0 || irqfd->told)
		return;
	irqfd->told = true;
	pr_warn_ratelimited("no interrupt for domain %u (%pe)\n", irqfd->dom, ERR_PTR(ret));
}

/* Called by who writes or closes, with the lock of the counter held. */
static int wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	__poll_t events = key_to_poll(key);
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		xenpv_privcmd_later(&irqfd->work);
	}
	/* It stays valid for us, and goes with the next request that needs a place. */
	if (events & EPOLLHUP)
		WRITE_ONCE(irqfd->gone, true);
	return 0;
}

static void queue(struct file *f, wait_queue_head_t *wqh, poll_table *table)
{
	struct irqfd *irqfd = container_of(table, struct irqfd, table);

	irqfd->wqh = wqh;
	add_wait_queue(wqh, &irqfd->wait);
}

/* What was written before we listened counts. */
static void listen(struct irqfd *irqfd, struct file *f)
{
	u64 count;

	init_waitqueue_func_entry(&irqfd->wait, wake);
	init_poll_funcptr(&irqfd->table, queue);
	if (!(vfs_poll(f, &irqfd->table) & EPOLLIN))
		return;
	scoped_guard(spinlock_irq, &irqfd->wqh->lock)
		eventfd_ctx_do_read(irqfd->eventfd, &count);
	xenpv_privcmd_later(&irqfd->work);
}

/* What was written so far is still done. */
static void irqfd_remove(struct irqfd *irqfd)
{
	u64 count;

	lockdep_assert_held(&irqfd->file->lock);
	list_del(&irqfd->list);
	irqfd->file->nr_fds--;
	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	flush_work(&irqfd->work);
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

static void drop_gone(struct xenpv_privcmd *file)
{
	struct irqfd *irqfd, *next;

	list_for_each_entry_safe(irqfd, next, &file->irqfds, list)
		if (READ_ONCE(irqfd->gone))
			irqfd_remove(irqfd);
}

static struct irqfd *find(struct xenpv_privcmd *file, const struct eventfd_ctx *eventfd)
{
	struct irqfd *irqfd;

	list_for_each_entry(irqfd, &file->irqfds, list)
		if (irqfd->eventfd == eventfd)
			return irqfd;
	return NULL;
}

static int add(struct xenpv_privcmd *file, struct irqfd *irqfd, struct file *f)
{
	guard(mutex)(&file->lock);
	drop_gone(file);
	if (find(file, irqfd->eventfd))
		return -EBUSY;
	if (file->nr_fds >= XENPV_PRIVCMD_FDS)
		return -ENOSPC;
	file->nr_fds++;
	list_add_tail(&irqfd->list, &file->irqfds);
	listen(irqfd, f);
	return 0;
}

static int open_eventfd(struct irqfd *irqfd, u32 fd)
{
	struct file *f = fget(fd);
	struct eventfd_ctx *eventfd;
	int ret;

	if (!f)
		return -EBADF;
	eventfd = eventfd_ctx_fileget(f);
	if (IS_ERR(eventfd)) {
		fput(f);
		return PTR_ERR(eventfd);
	}
	irqfd->eventfd = eventfd;
	ret = add(irqfd->file, irqfd, f);
	if (ret)
		eventfd_ctx_put(eventfd);
	fput(f);
	return ret;
}

static long assign(struct xenpv_privcmd *file, const struct privcmd_irqfd *wish)
{
	struct irqfd *irqfd;
	int ret;

	if (!wish->size || wish->size > MAX_OP)
		return -EINVAL;
	irqfd = kzalloc_obj(*irqfd, GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return -ENOMEM;
	irqfd->file = file;
	irqfd->dom = wish->dom;
	irqfd->size = wish->size;
	INIT_WORK(&irqfd->work, xenpv_privcmd_inject);
	if (copy_from_user(irqfd->op, u64_to_user_ptr(wish->dm_op), wish->size))
		ret = -EFAULT;
	else
		ret = open_eventfd(irqfd, wish->fd);
	if (ret)
		kfree(irqfd);
	return ret;
}

static long deassign(struct xenpv_privcmd *file, const struct privcmd_irqfd *wish)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(wish->fd);
	struct irqfd *irqfd;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	scoped_guard(mutex, &file->lock) {
		irqfd = find(file, eventfd);
		if (irqfd && irqfd->dom == wish->dom)
			irqfd_remove(irqfd);
		else
			irqfd = NULL;
	}
	eventfd_ctx_put(eventfd);
	return irqfd ? 0 : -ENOENT;
}

/**
 * xenpv_privcmd_irqfd() - IOCTL_PRIVCMD_IRQFD
 * @file: open file
 * @arg: struct privcmd_irqfd
 *
 * Context: Process.
 * Return: 0; -EPERM if the file does not reach the domain; -EBUSY if the eventfd is used
 * already, -ENOENT if it is not; -ENOSPC if there are too many; or another negative errno.
 */
long xenpv_privcmd_irqfd(struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_irqfd wish;

	if (copy_from_user(&wish, arg, sizeof(wish)))
		return -EFAULT;
	if (wish.flags & ~PRIVCMD_IRQFD_FLAG_DEASSIGN)
		return -EINVAL;
	if (!xenpv_privcmd_may(file, wish.dom))
		return -EPERM;
	if (wish.flags & PRIVCMD_IRQFD_FLAG_DEASSIGN)
		return deassign(file, &wish);
	return assign(file, &wish);
}

/**
 * xenpv_privcmd_irqfd_close() - the file is closed: nothing raises interrupts any more
 * @file: the file
 *
 * Context: Process.
 */
void xenpv_privcmd_irqfd_close(struct xenpv_privcmd *file)
{
	struct irqfd *irqfd, *next;

	guard(mutex)(&file->lock);
	list_for_each_entry_safe(irqfd, next, &file->irqfds, list)
		irqfd_remove(irqfd);
}
