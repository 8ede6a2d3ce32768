// SPDX-License-Identifier: GPL-2.0-only
/* When links run: from the store's coming up on, not while the domain sleeps; and boot waits. */

#define pr_fmt(fmt) "xenpv: bus: " fmt

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <xenpv/self.h>
#include "private.h"

/* How long a domain waits for links before it is not suspended after all. */
#define SUSPEND_PATIENCE	(30 * HZ)

/* How long the boot waits for devices that were there at first. */
#define BOOT_PATIENCE		(25 * HZ)

/* Where links run and trees are looked at. */
struct workqueue_struct *xenpv_bus_wq;

/**
 * struct gate - who may run
 * @lock: guards what follows
 * @shut: nobody
 * @inside: who does
 * @change: one of them has changed, or a link has come to rest
 */
struct gate {
	spinlock_t lock;
	bool shut __guarded_by(&lock);
	unsigned int inside __guarded_by(&lock);
	wait_queue_head_t change;
};

static struct gate gate = {
	.lock = __SPIN_LOCK_UNLOCKED(gate.lock),
	.change = __WAIT_QUEUE_HEAD_INITIALIZER(gate.change),
};

/**
 * xenpv_bus_enter() - may a link run, or a tree be looked at?
 *
 * Context: Process.
 * Return: true if so, until xenpv_bus_leave().
 */
bool xenpv_bus_enter(void)
{
	guard(spinlock)(&gate.lock);
	if (gate.shut)
		return false;
	gate.inside++;
	return true;
}

/**
 * xenpv_bus_leave() - undo xenpv_bus_enter()
 *
 * Context: Process.
 */
void xenpv_bus_leave(void)
{
	scoped_guard(spinlock, &gate.lock)
		gate.inside--;
	wake_up_all(&gate.change);
}

/**
 * xenpv_bus_rested() - a link has come to rest, or a tree was looked at
 *
 * Context: Process.
 */
void xenpv_bus_rested(void)
{
	wake_up_all(&gate.change);
}

static bool empty(void)
{
	guard(spinlock)(&gate.lock);
	return !gate.inside;
}

/**
 * xenpv_bus_suspend() - let no link run until the domain goes on
 *
 * Comes before xenpv_store_suspend(), as links use the store.
 *
 * Context: Process; waits for links that run, half a minute at most.
 * Return: 0; or -EBUSY, and all is as before.
 */
int xenpv_bus_suspend(void)
{
	scoped_guard(spinlock, &gate.lock)
		gate.shut = true;
	if (wait_event_timeout(gate.change, empty(), SUSPEND_PATIENCE))
		return 0;
	xenpv_bus_thaw();
	return -EBUSY;
}

static void restored(struct xenpv_device *dev, void *unused)
{
	xenpv_link_restored(dev);
}

/* Who looks again kicks each link that is there. */
static void open_gate(void)
{
	scoped_guard(spinlock, &gate.lock)
		gate.shut = false;
	xenpv_bus_look_again();
}

/**
 * xenpv_bus_thaw() - go on in the domain that was to be suspended
 *
 * Context: Process.
 */
void xenpv_bus_thaw(void)
{
	open_gate();
}

/**
 * xenpv_bus_resume() - go on in another host: no peer is what it was
 *
 * Each link is disconnected and begins anew.  Comes after xenpv_store_resume().
 *
 * Context: Process.
 */
void xenpv_bus_resume(void)
{
	for (int side = 0; side < XENPV_SIDES; side++)
		xenpv_bus_each(side, restored, NULL);
	open_gate();
}

/* Boot. */

static void count_restless(struct xenpv_device *dev, void *arg)
{
	unsigned int *nr = arg;

	if (test_bit(XENPV_LINK_BOUND, &dev->link.flags) &&
	    !test_bit(XENPV_LINK_AT_REST, &dev->link.flags))
		(*nr)++;
}

static void name_restless(struct xenpv_device *dev, void *arg)
{
	unsigned int nr = 0;

	count_restless(dev, &nr);
	if (nr)
		dev_warn(&dev->dev, "not waited for any longer: we are %s, the peer %s\n",
			 xenpv_link_state_name(READ_ONCE(dev->link.mine)),
			 xenpv_link_state_name(READ_ONCE(dev->link.peer)));
}

static bool rested(void)
{
	unsigned int nr = 0;

	return xenpv_bus_scanned(XENPV_FRONT) &&
	       xenpv_bus_try_each(XENPV_FRONT, count_restless, &nr) && !nr;
}

/**
 * xenpv_bus_await() - wait for the fronts that have a driver
 * @patience: for so many jiffies at most
 *
 * Each is started, or will not be soon: it is faulty, closed or gone.
 *
 * Context: Process.
 * Return: true if that is so.
 */
bool xenpv_bus_await(unsigned long patience)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	long left = patience;

	/* Looking at devices sleeps, so no condition of wait_event(). */
	add_wait_queue(&gate.change, &wait);
	while (!rested() && left)
		left = wait_woken(&wait, TASK_UNINTERRUPTIBLE, left);
	remove_wait_queue(&gate.change, &wait);
	return rested();
}

static int __init bus_await(void)
{
	/* In the control domain the daemon is a program that comes later. */
	if (!xenpv_bus_wq || !xenpv_store_is_up())
		return 0;
	if (!xenpv_bus_await(BOOT_PATIENCE))
		xenpv_bus_try_each(XENPV_FRONT, name_restless, NULL);
	return 0;
}
/* The root file system is looked for afterwards. */
late_initcall(bus_await);

static int follow(struct xenpv_store_waiter *waiter)
{
	int ret = 0;

	for (int side = 0; side < XENPV_SIDES; side++) {
		int error = xenpv_bus_watch(side);

		if (error)
			pr_err("no devices on side %d (%pe)\n", side, ERR_PTR(error));
		ret = ret ?: error;
	}
	return ret;
}

static struct xenpv_store_waiter store_up = { .up = follow };

static int __init bus_follow(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	xenpv_bus_wq = alloc_workqueue("xenpv-bus", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!xenpv_bus_wq)
		return -ENOMEM;
	xenpv_store_when_up(&store_up);
	return 0;
}
/* The store is looked for at fs_initcall(). */
fs_initcall_sync(bus_follow);
