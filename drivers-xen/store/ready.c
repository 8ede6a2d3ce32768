// SPDX-License-Identifier: GPL-2.0-only
/* Who waits for the store to come up, and calling them when it does. */

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "private.h"

/* How soon those are called again that could not do it now. */
#define AGAIN	HZ

static DEFINE_SPINLOCK(waiters_lock);
static LIST_HEAD(waiters);
static LIST_HEAD(waiters_later);
static DECLARE_WAIT_QUEUE_HEAD(waiters_idle);

/* The one that is called now; if it was forgotten meanwhile it is not called again. */
static struct xenpv_store_waiter *calling;
static bool forgotten;

static struct xenpv_store_waiter *next_waiter(void)
{
	struct xenpv_store_waiter *waiter;

	guard(spinlock)(&waiters_lock);
	waiter = list_first_entry_or_null(&waiters, struct xenpv_store_waiter, list);
	if (waiter)
		list_del_init(&waiter->list);
	calling = waiter;
	forgotten = false;
	return waiter;
}

/**
 * xenpv_store_ready_again() - call those again who could not do it
 *
 * Context: Process.
 */
void xenpv_store_ready_again(void)
{
	scoped_guard(spinlock, &waiters_lock)
		list_splice_tail_init(&waiters_later, &waiters);
	xenpv_store_call_soon();
}

static void again(struct work_struct *work)
{
	xenpv_store_ready_again();
}
static DECLARE_DELAYED_WORK(again_work, again);

/**
 * xenpv_store_ready_stop() - call nobody again
 *
 * Context: Process; tests.
 */
void xenpv_store_ready_stop(void)
{
	cancel_delayed_work_sync(&again_work);
}

/* It was called.  True if it is to be called again. */
static bool called(struct xenpv_store_waiter *waiter, int ret)
{
	bool later = xenpv_store_passing(ret);

	scoped_guard(spinlock, &waiters_lock) {
		later = later && !forgotten;
		if (later)
			list_add_tail(&waiter->list, &waiters_later);
		calling = NULL;
	}
	wake_up_all(&waiters_idle);
	return later;
}

/**
 * xenpv_store_ready_run() - call those who wait, if the store is up
 *
 * Context: Process, where watches are called.
 */
void xenpv_store_ready_run(void)
{
	struct xenpv_store_waiter *waiter;
	bool later = false;

	while (xenpv_store_is_up() && (waiter = next_waiter()))
		later |= called(waiter, waiter->up(waiter));
	if (later)
		schedule_delayed_work(&again_work, AGAIN);
}

/**
 * xenpv_store_when_up() - have a function called when the store can be used
 * @waiter: the function; stays valid until it was called and has done it, or was forgotten
 *
 * If it can be used now, the call comes soon.
 *
 * Context: Process.
 */
void xenpv_store_when_up(struct xenpv_store_waiter *waiter)
{
	scoped_guard(spinlock, &waiters_lock)
		list_add_tail(&waiter->list, &waiters);
	xenpv_store_call_soon();
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_when_up, "XENPV");

static bool called_now(const struct xenpv_store_waiter *waiter)
{
	guard(spinlock)(&waiters_lock);
	return calling == waiter;
}

/**
 * xenpv_store_forget() - undo xenpv_store_when_up()
 * @waiter: given to that before
 *
 * Afterwards no call runs, but for one that this is called from.
 *
 * Context: Process.
 */
void xenpv_store_forget(struct xenpv_store_waiter *waiter)
{
	scoped_guard(spinlock, &waiters_lock) {
		list_del_init(&waiter->list);
		forgotten |= calling == waiter;
	}
	if (!xenpv_store_in_call())
		wait_event(waiters_idle, !called_now(waiter));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_forget, "XENPV");
