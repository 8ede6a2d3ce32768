// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/evtchn: event channels for programs. */

#define pr_fmt(fmt) "xenpv: evtchn: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <xenpv/abi.h>
#include <uapi/xen/evtchn.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"
#include "user.h"

/*
 * A program binds ports to its file, reads the numbers of those that had an event,
 * and writes the numbers of those of which it wants to hear again.
 *
 * A port is late (xenpv/event.h): it stays masked from its event until it is
 * written.  So a peer that sends without end costs as many interrupts as the program
 * asks for, and none if the program does not read.
 *
 * What is to be read is a list through the ports themselves.  A port is in it or
 * not, never twice, so nothing can overflow: the error that the interface has for
 * that (EFBIG) does not occur.
 *
 * Order of locks: user.lock, xenpv_event_user_lock; user.ready_lock.  The handler takes the last
 * one.
 */

/**
 * struct hold - a port that must stay what it is
 * @users: how many want that
 * @orphan: no file has it any more, so it is closed after the last of them
 */
struct hold {
	unsigned int users;
	bool orphan;
};

DEFINE_MUTEX(xenpv_event_user_lock);
/* Ports that are bound to files, as struct evtchn_user_port; and struct hold of some. */
static DEFINE_XARRAY(bound);
static DEFINE_XARRAY(holds);

/**
 * xenpv_event_hold_port() - have a port stay open
 * @port: one that a program has bound
 *
 * Context: Process.
 * Return: 0; -EINVAL if no program has such a port; or -ENOMEM.
 */
int xenpv_event_hold_port(evtchn_port_t port)
{
	struct hold *hold;
	int ret;

	guard(mutex)(&xenpv_event_user_lock);
	if (!xa_load(&bound, port))
		return -EINVAL;
	hold = xa_load(&holds, port);
	if (hold) {
		hold->users++;
		return 0;
	}
	hold = kzalloc_obj(*hold, GFP_KERNEL_ACCOUNT);
	if (!hold)
		return -ENOMEM;
	hold->users = 1;
	ret = xa_insert(&holds, port, hold, GFP_KERNEL_ACCOUNT);
	if (ret)
		kfree(hold);
	return ret;
}

/**
 * xenpv_event_user_find() - a port that a program has bound
 * @port: its number
 *
 * Context: Process, with xenpv_event_user_lock held.
 * Return: the port, as long as the lock is held; or NULL.
 */
struct evtchn_user_port *xenpv_event_user_find(evtchn_port_t port)
{
	lockdep_assert_held(&xenpv_event_user_lock);
	return xa_load(&bound, port);
}

static void close_port(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	if (xenpv_hv_event_channel_op(EVTCHNOP_close, &op))
		pr_warn("Xen did not close port %u\n", port);
}

/**
 * xenpv_event_release_port() - undo xenpv_event_hold_port()
 * @port: the port
 * @send: tell the other end, before
 *
 * Context: Process.
 */
void xenpv_event_release_port(evtchn_port_t port, bool send)
{
	struct evtchn_send op = { .port = port };
	struct hold *hold;

	guard(mutex)(&xenpv_event_user_lock);
	hold = xa_load(&holds, port);
	if (WARN_ON_ONCE(!hold))
		return;
	if (send)
		xenpv_hv_event_channel_op(EVTCHNOP_send, &op);
	if (--hold->users)
		return;
	xa_erase(&holds, port);
	if (hold->orphan)
		close_port(port);
	kfree(hold);
}

/* A port leaves its file.  One that is held stays open without an event. */
static void part(struct evtchn_user_port *up)
{
	evtchn_port_t port = up->port;
	struct hold *hold;

	guard(mutex)(&xenpv_event_user_lock);
	if (port)
		xa_erase(&bound, port);
	scoped_guard(spinlock_irqsave, &up->user->ready_lock) {
		if (up->tap)
			up->tap->up = NULL;
		up->tap = NULL;
	}
	hold = xa_load(&holds, port);
	if (hold && xenpv_event_port(up->ev) == port && !up->ev->kept) {
		hold->orphan = true;
		up->ev->kept = true;
	}
	xenpv_event_unbind(up->ev);
}

/**
 * xenpv_event_user_ready() - a port is to be read
 * @user: its file
 * @up: the port
 *
 * Context: Any, with the file's ready_lock held.
 */
void xenpv_event_user_ready(struct evtchn_user *user, struct evtchn_user_port *up)
{
	lockdep_assert_held(&user->ready_lock);
	if (!list_empty(&up->ready))
		return;
	list_add_tail(&up->ready, &user->ready);
	wake_up_interruptible(&user->wait);
	kill_fasync(&user->fasync, SIGIO, POLL_IN);
}

static irqreturn_t user_interrupt(int irq, void *dev)
{
	struct evtchn_user_port *up = dev;
	struct evtchn_user *user = up->user;

	guard(spinlock_irqsave)(&user->ready_lock);
	up->owed = true;
	/* Nobody can be told a number that is not known yet: started() does that. */
	if (up->tap)
		up->tap->look(up->tap);
	else if (up->port)
		xenpv_event_user_ready(user, up);
	return IRQ_HANDLED;
}

static void started(struct evtchn_user *user, struct evtchn_user_port *up)
{
	guard(spinlock_irqsave)(&user->ready_lock);
	up->port = xenpv_event_port(up->ev);
	if (up->owed)
		xenpv_event_user_ready(user, up);
}

/* Takes @up over; it is in no list and no handler is under way afterwards. */
static void stop(struct evtchn_user *user, struct evtchn_user_port *up)
{
	part(up);
	scoped_guard(spinlock_irqsave, &user->ready_lock)
		list_del(&up->ready);
	kfree(up);
}

/* What a program asks for when it binds a port. */
struct wish {
	enum xenpv_event_kind kind;
	unsigned int domid;
	unsigned int number;
};

/* May this file have such a port? */
static int judge(const struct evtchn_user *user, const struct wish *wish)
{
	switch (wish->kind) {
	case XENPV_EVENT_UNBOUND:
	case XENPV_EVENT_INTERDOMAIN:
		if (wish->domid > U16_MAX)
			return -EINVAL;
		return user->only == DOMID_INVALID || user->only == wish->domid ? 0 : -EACCES;
	default:
		return user->only == DOMID_INVALID ? 0 : -EACCES;
	}
}

static struct xenpv_event *open_wish(const struct wish *wish, struct evtchn_user_port *up)
{
	const char *name = up->user->name;

	switch (wish->kind) {
	case XENPV_EVENT_VIRQ:
		return xenpv_event_bind_virq(wish->number, 0, user_interrupt,
					     XENPV_EVENT_LATE, name, up);
	case XENPV_EVENT_UNBOUND:
		return xenpv_event_bind_unbound(wish->domid, user_interrupt,
						XENPV_EVENT_LATE, name, up);
	case XENPV_EVENT_INTERDOMAIN:
		return xenpv_event_bind_interdomain(wish->domid, wish->number, user_interrupt,
						    XENPV_EVENT_LATE, name, up);
	case XENPV_EVENT_GIVEN:
		return xenpv_event_bind_kept(wish->number, user_interrupt,
					     XENPV_EVENT_LATE, name, up);
	default:
		return ERR_PTR(-EINVAL);
	}
}

static long user_bind(struct evtchn_user *user, const struct wish *wish)
{
	struct evtchn_user_port *up;
	evtchn_port_t port;
	int ret;

	ret = judge(user, wish);
	if (ret)
		return ret;
	up = kzalloc_obj(*up, GFP_KERNEL_ACCOUNT);
	if (!up)
		return -ENOMEM;
	up->user = user;
	INIT_LIST_HEAD(&up->ready);
	up->ev = open_wish(wish, up);
	if (IS_ERR(up->ev)) {
		ret = PTR_ERR(up->ev);
		kfree(up);
		return ret;
	}

	port = xenpv_event_port(up->ev);
	ret = xa_insert(&user->ports, port, up, GFP_KERNEL_ACCOUNT);
	if (ret) {
		stop(user, up);
		return ret;
	}
	started(user, up);
	/* Without a place there it can't be held, and is as good as any otherwise. */
	scoped_guard(mutex, &xenpv_event_user_lock)
		xa_store(&bound, port, up, GFP_KERNEL_ACCOUNT);
	return wish->kind == XENPV_EVENT_GIVEN ? 0 : port;
}

static long user_bind_virq(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_bind_virq bind;
	struct wish wish = { .kind = XENPV_EVENT_VIRQ };

	if (copy_from_user(&bind, arg, sizeof(bind)))
		return -EFAULT;
	wish.number = bind.virq;
	return user_bind(user, &wish);
}

static long user_bind_interdomain(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_bind_interdomain bind;
	struct wish wish = { .kind = XENPV_EVENT_INTERDOMAIN };

	if (copy_from_user(&bind, arg, sizeof(bind)))
		return -EFAULT;
	wish.domid = bind.remote_domain;
	wish.number = bind.remote_port;
	return user_bind(user, &wish);
}

static long user_bind_unbound(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_bind_unbound_port bind;
	struct wish wish = { .kind = XENPV_EVENT_UNBOUND };

	if (copy_from_user(&bind, arg, sizeof(bind)))
		return -EFAULT;
	wish.domid = bind.remote_domain;
	return user_bind(user, &wish);
}

static long user_bind_static(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_bind bind;
	struct wish wish = { .kind = XENPV_EVENT_GIVEN };

	if (copy_from_user(&bind, arg, sizeof(bind)))
		return -EFAULT;
	if (xa_load(&user->ports, bind.port))
		return -EISCONN;
	wish.number = bind.port;
	return user_bind(user, &wish);
}

static long user_unbind(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_unbind unbind;
	struct evtchn_user_port *up;

	if (copy_from_user(&unbind, arg, sizeof(unbind)))
		return -EFAULT;
	if (unbind.port >= xenpv_event_abi->nr_ports)
		return -EINVAL;
	up = xa_erase(&user->ports, unbind.port);
	if (!up)
		return -ENOTCONN;
	stop(user, up);
	return 0;
}

static long user_notify(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_notify notify;
	struct evtchn_user_port *up;

	if (copy_from_user(&notify, arg, sizeof(notify)))
		return -EFAULT;
	up = xa_load(&user->ports, notify.port);
	if (!up)
		return -ENOTCONN;
	xenpv_event_notify(up->ev);
	return 0;
}

/* Ports that were not read stay masked until they are written, as those that were. */
static long user_reset(struct evtchn_user *user)
{
	struct evtchn_user_port *up, *next;

	guard(spinlock_irq)(&user->ready_lock);
	list_for_each_entry_safe(up, next, &user->ready, ready)
		list_del_init(&up->ready);
	return 0;
}

/* Once and for ever. */
static long user_restrict(struct evtchn_user *user, void __user *arg)
{
	struct ioctl_evtchn_restrict_domid restrict_to;

	if (user->only != DOMID_INVALID)
		return -EACCES;
	if (copy_from_user(&restrict_to, arg, sizeof(restrict_to)))
		return -EFAULT;
	if (!restrict_to.domid || restrict_to.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	user->only = restrict_to.domid;
	return 0;
}

static long user_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct evtchn_user *user = file->private_data;
	void __user *uarg = (void __user *)arg;

	guard(mutex)(&user->lock);
	switch (cmd) {
	case IOCTL_EVTCHN_BIND_VIRQ:
		return user_bind_virq(user, uarg);
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
		return user_bind_interdomain(user, uarg);
	case IOCTL_EVTCHN_BIND_UNBOUND_PORT:
		return user_bind_unbound(user, uarg);
	case IOCTL_EVTCHN_BIND_STATIC:
		return user_bind_static(user, uarg);
	case IOCTL_EVTCHN_UNBIND:
		return user_unbind(user, uarg);
	case IOCTL_EVTCHN_NOTIFY:
		return user_notify(user, uarg);
	case IOCTL_EVTCHN_RESET:
		return user_reset(user);
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		return user_restrict(user, uarg);
	default:
		return -ENOSYS;
	}
}

static struct evtchn_user_port *take_ready(struct evtchn_user *user)
{
	struct evtchn_user_port *up;

	guard(spinlock_irq)(&user->ready_lock);
	up = list_first_entry_or_null(&user->ready, struct evtchn_user_port, ready);
	if (up)
		list_del_init(&up->ready);
	return up;
}

/* It could not be read after all, so it is the first again. */
static void give_ready(struct evtchn_user *user, struct evtchn_user_port *up)
{
	guard(spinlock_irq)(&user->ready_lock);
	if (list_empty(&up->ready))
		list_add(&up->ready, &user->ready);
}

static ssize_t read_ready(struct evtchn_user *user, evtchn_port_t __user *to, size_t nr)
{
	struct evtchn_user_port *up;
	size_t done;

	/* What is taken from the list exists until we let go. */
	guard(mutex)(&user->lock);
	for (done = 0; done < nr; done++, to++) {
		up = take_ready(user);
		if (!up)
			break;
		if (put_user(up->port, to)) {
			give_ready(user, up);
			return done ? done * sizeof(*to) : -EFAULT;
		}
	}
	return done * sizeof(*to);
}

static bool any_ready(struct evtchn_user *user)
{
	guard(spinlock_irq)(&user->ready_lock);
	return !list_empty(&user->ready);
}

/* A page of ports at a time, as the interface has it. */
static size_t whole_ports(size_t bytes)
{
	return min_t(size_t, bytes, PAGE_SIZE) / sizeof(evtchn_port_t);
}

static ssize_t user_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct evtchn_user *user = file->private_data;
	size_t nr = whole_ports(count);
	ssize_t done;

	if (!nr)
		return 0;
	for (;;) {
		done = read_ready(user, (evtchn_port_t __user *)buf, nr);
		if (done)
			return done;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(user->wait, any_ready(user)))
			return -ERESTARTSYS;
	}
}

/**
 * xenpv_event_user_settle() - somebody has answered to a port's last event
 * @user: its file
 * @up: the port
 *
 * Context: Process.
 * Return: true if there was one, and the port is to be unmasked.
 */
bool xenpv_event_user_settle(struct evtchn_user *user, struct evtchn_user_port *up)
{
	guard(spinlock_irq)(&user->ready_lock);
	if (!up->owed)
		return false;
	up->owed = false;
	return true;
}

static ssize_t user_write(struct file *file, const char __user *buf, size_t count,
			  loff_t *pos)
{
	const evtchn_port_t __user *from = (const evtchn_port_t __user *)buf;
	struct evtchn_user *user = file->private_data;
	size_t nr = whole_ports(count);

	guard(mutex)(&user->lock);
	for (size_t i = 0; i < nr; i++) {
		struct evtchn_user_port *up;
		evtchn_port_t port;

		if (get_user(port, from + i))
			return i ? i * sizeof(port) : -EFAULT;
		up = xa_load(&user->ports, port);
		if (up && xenpv_event_user_settle(user, up))
			xenpv_event_done(up->ev, true);
	}
	return nr * sizeof(*from);
}

static __poll_t user_poll(struct file *file, poll_table *table)
{
	struct evtchn_user *user = file->private_data;

	poll_wait(file, &user->wait, table);
	return EPOLLOUT | EPOLLWRNORM | (any_ready(user) ? EPOLLIN | EPOLLRDNORM : 0);
}

static int user_fasync(int fd, struct file *file, int on)
{
	struct evtchn_user *user = file->private_data;

	return fasync_helper(fd, file, on, &user->fasync);
}

static int user_open(struct inode *inode, struct file *file)
{
	struct evtchn_user *user = kzalloc_obj(*user, GFP_KERNEL_ACCOUNT);

	if (!user)
		return -ENOMEM;
	mutex_init(&user->lock);
	xa_init(&user->ports);
	user->only = DOMID_INVALID;
	spin_lock_init(&user->ready_lock);
	INIT_LIST_HEAD(&user->ready);
	init_waitqueue_head(&user->wait);
	scnprintf(user->name, sizeof(user->name), "evtchn:%s", current->comm);
	file->private_data = user;
	return stream_open(inode, file);
}

static int user_release(struct inode *inode, struct file *file)
{
	struct evtchn_user *user = file->private_data;
	struct evtchn_user_port *up;
	unsigned long port;

	xa_for_each(&user->ports, port, up)
		stop(user, up);
	xa_destroy(&user->ports);
	mutex_destroy(&user->lock);
	kfree(user);
	return 0;
}

const struct file_operations xenpv_event_user_fops = {
	.owner		= THIS_MODULE,
	.open		= user_open,
	.release	= user_release,
	.read		= user_read,
	.write		= user_write,
	.poll		= user_poll,
	.fasync		= user_fasync,
	.unlocked_ioctl	= user_ioctl,
};

static struct miscdevice user_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "xen/evtchn",
	.fops	= &xenpv_event_user_fops,
};

static int __init user_init(void)
{
	int ret;

	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	ret = misc_register(&user_device);
	if (ret)
		pr_err("no device (%d)\n", ret);
	return ret;
}
device_initcall(user_init);
