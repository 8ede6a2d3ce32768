// SPDX-License-Identifier: GPL-2.0-only
/* Who waits for the store to come up, and calling them when it does. */

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "private.h"

static DEFINE_SPINLOCK(waiters_lock);
static LIST_HEAD(waiters);
static DECLARE_WAIT_QUEUE_HEAD(waiters_idle);

/* The one that is called now. */
static struct xenpv_store_waiter *calling;

static struct xenpv_store_waiter *next_waiter(void)
{
	struct xenpv_store_waiter *waiter;

	guard(spinlock)(&waiters_lock);
	waiter = list_first_entry_or_null(&waiters, struct xenpv_store_waiter, list);
	if (waiter)
		list_del_init(&waiter->list);
	calling = waiter;
	return waiter;
}

/**
 * xenpv_store_ready_run() - call those who wait, if the store is up
 *
 * Context: Process, where watches are called.
 */
void xenpv_store_ready_run(void)
{
	struct xenpv_store_waiter *waiter;

	while (xenpv_store_is_up() && (waiter = next_waiter())) {
		waiter->up(waiter);
		scoped_guard(spinlock, &waiters_lock)
			calling = NULL;
		wake_up_all(&waiters_idle);
	}
}

/**
 * xenpv_store_when_up() - have a function called when the store can be used
 * @waiter: the function; stays valid until it was called or forgotten
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
	scoped_guard(spinlock, &waiters_lock)
		list_del_init(&waiter->list);
	if (!xenpv_store_in_call())
		wait_event(waiters_idle, !called_now(waiter));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_forget, "XENPV");
