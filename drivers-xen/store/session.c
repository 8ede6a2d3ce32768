// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether there is a daemon that knows us: sessions begin and end, connections break
 * and begin anew, the domain sleeps.
 */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/printk.h>

#include <kunit/static_stub.h>
#include "client.h"

static struct store_client * const client = &xenpv_store_client;

/* From a broken connection to the next attempt; doubles up to the last. */
#define FIRST_RETRY	HZ
#define LAST_RETRY	(64 * HZ)

/* How long requests wait for a daemon that was asked to begin anew. */
#define ASK_PATIENCE	(4 * HZ)

/* Transactions at a time: daemons let a guest have ten, and programs want some. */
#define MOST_TXNS	8U

/* How long a domain waits for answers before it is not suspended after all. */
#define SUSPEND_PATIENCE	(30 * HZ)

static void finish_all(struct list_head *list)
{
	struct xenpv_store_request *request, *next;

	list_for_each_entry_safe(request, next, list, list)
		xenpv_store_finish(request, request->error);
}

/* Why a request cannot be sent again, 0 if it can. */
static int lost(const struct xenpv_store_request *request)
{
	if (request->once || request->head.tx_id)
		return -EAGAIN;
	return request->tries >= XENPV_STORE_SENDS ? -EIO : 0;
}

/*
 * What was sent will not be answered.  With @error nothing will be; otherwise what
 * may be sent again waits for the next session, in the old order.
 */
static void drop(enum store_state state, int error)
{
	struct xenpv_store_request *request, *next;
	LIST_HEAD(dead);

	lockdep_assert_held(&client->wire_lock);
	scoped_guard(spinlock, &client->lock) {
		client->state = state;
		if (client->sending)
			list_add_tail(&client->sending->list, &client->sent);
		client->sending = NULL;
		while (xenpv_ids_drain(&client->ids))
			;
		list_for_each_entry_safe_reverse(request, next, &client->sent, list) {
			request->error = error ?: lost(request);
			if (!request->error)
				request->stage = XENPV_STORE_QUEUED;
			list_move(&request->list, request->error ? &dead : &client->queued);
		}
		if (error) {
			list_for_each_entry(request, &client->queued, list) {
				request->error = error;
				/* Who gives up now leaves it to us. */
				request->stage = XENPV_STORE_SENT;
			}
			list_splice_tail_init(&client->queued, &dead);
		}
	}
	finish_all(&dead);
	wake_up_all(&client->change);
}

/**
 * xenpv_store_retry_in() - look after a while whether the daemon begins anew
 * @delay: in so many jiffies
 *
 * Context: Process.  Tests have no timer: xenpv_store_retry().
 */
void xenpv_store_retry_in(unsigned long delay)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_retry_in, delay);
	mod_delayed_work(xenpv_store_wq, &client->retry, delay);
}

/**
 * xenpv_store_broken() - the daemon lied: nothing it says is believed any more
 * @why: what it did, in a few words
 *
 * Context: Process, with wire_lock held.
 */
void xenpv_store_broken(const char *why)
{
	unsigned long delay;

	xenpv_store_wire_break(&client->wire, why);
	scoped_guard(spinlock, &client->lock) {
		delay = client->retry_in ?: FIRST_RETRY;
		client->retry_in = min_t(unsigned long, 2 * delay, LAST_RETRY);
	}
	pr_warn_ratelimited("connection is broken: %s (its error code %u)\n",
			    client->wire.broken, xenpv_store_wire_error(&client->wire));
	drop(STORE_BROKEN, -EIO);
	xenpv_store_retry_in(delay);
}

static void set_state(enum store_state state)
{
	lockdep_assert_held(&client->wire_lock);
	scoped_guard(spinlock, &client->lock) {
		client->state = state;
		client->open_since = jiffies;
	}
	wake_up_all(&client->change);
}

static void rewire(struct xenstore_domain_interface __xen_shared *page)
{
	xenpv_store_wire_init(&client->wire, page);
	client->notified = client->wire.moved;
	client->asked = false;
}

/* A session: the daemon knows nothing of what came before. */
static void begin(void)
{
	scoped_guard(spinlock, &client->lock)
		client->session++;
	set_state(STORE_UP);
	xenpv_store_watch_session();
}

/* Either end wants to begin anew.  Requests wait for it, but not for ever. */
static void asked(void)
{
	client->asked = true;
	drop(STORE_ASKED, 0);
	xenpv_store_retry_in(ASK_PATIENCE);
}

/**
 * xenpv_store_ready() - do what has to happen before bytes can be moved
 *
 * Context: Process, with wire_lock held.
 * Return: true if they can be moved now.
 */
bool xenpv_store_ready(void)
{
	switch (xenpv_store_state()) {
	case STORE_COMING:
		if (!test_bit(STORE_HEARD, &client->flags))
			return false;
		begin();
		return true;
	case STORE_ASKED:
	case STORE_BROKEN:
		if (!client->asked || !xenpv_store_wire_connected(&client->wire))
			return false;
		rewire(client->wire.page);
		begin();
		return true;
	case STORE_UP:
		if (xenpv_store_wire_connected(&client->wire))
			return true;
		asked();
		return false;
	default:
		return false;
	}
}

/**
 * xenpv_store_retry_work() - ask the daemon to begin anew, or give up waiting for it
 * @work: unused
 *
 * A connection that cannot begin anew stays broken until another daemon comes.
 *
 * Context: Process.
 */
void xenpv_store_retry_work(struct work_struct *work)
{
	guard(mutex)(&client->wire_lock);
	switch (xenpv_store_state()) {
	case STORE_BROKEN:
		if (!xenpv_store_wire_reconnect(&client->wire))
			return;
		asked();
		xenpv_store_notify();
		return;
	case STORE_ASKED:
		drop(STORE_BROKEN, -EIO);
		xenpv_store_retry_in(LAST_RETRY);
		return;
	default:
		return;
	}
}

/**
 * xenpv_store_retry() - do now what is to be done when patience ends
 *
 * Context: Process; tests.
 */
void xenpv_store_retry(void)
{
	xenpv_store_retry_work(NULL);
}

static bool gate_open(void)
{
	guard(spinlock)(&client->lock);
	if (client->gate || client->txns == MOST_TXNS)
		return false;
	client->txns++;
	return true;
}

/**
 * xenpv_store_txn_enter() - the domain is not suspended until txn_leave()
 *
 * Waits while others of ours have as many transactions as a guest may have.
 *
 * Context: Process.
 * Return: 0, or -EINTR after a fatal signal.
 */
int xenpv_store_txn_enter(void)
{
	return wait_event_killable(client->change, gate_open()) ? -EINTR : 0;
}

/**
 * xenpv_store_txn_leave() - undo xenpv_store_txn_enter()
 *
 * Context: Process.
 */
void xenpv_store_txn_leave(void)
{
	scoped_guard(spinlock, &client->lock)
		client->txns--;
	wake_up_all(&client->change);
}

static bool quiet(void)
{
	guard(spinlock)(&client->lock);
	return !client->txns && !xenpv_ids_out(&client->ids);
}

/**
 * xenpv_store_suspend() - let nothing be on its way to the daemon
 *
 * Requests that are made from now on wait.  Not to be called from a watch or a
 * transaction.
 *
 * Context: Process; waits for the daemon, half a minute at most.
 * Return: 0; or -EBUSY, and all is as before.
 */
int xenpv_store_suspend(void)
{
	scoped_guard(spinlock, &client->lock)
		client->gate = true;
	if (wait_event_timeout(client->change, quiet(), SUSPEND_PATIENCE))
		return 0;
	xenpv_store_thaw();
	return -EBUSY;
}

/**
 * xenpv_store_thaw() - go on after xenpv_store_suspend()
 *
 * Context: Process.
 */
void xenpv_store_thaw(void)
{
	scoped_guard(spinlock, &client->lock) {
		client->gate = false;
		client->open_since = jiffies;
	}
	wake_up_all(&client->change);
	xenpv_store_kick();
}

/**
 * xenpv_store_is_up() - can the store be used?
 *
 * Context: Any but hard interrupts.
 * Return: true if a daemon listens.
 */
bool xenpv_store_is_up(void)
{
	return xenpv_store_state() == STORE_UP;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_is_up, "XENPV");

/**
 * xenpv_store_wait_up() - wait until the store can be used
 * @timeout: for so many jiffies at most
 *
 * Context: Process.
 * Return: 0, -ETIMEDOUT, or -EINTR after a fatal signal.
 */
int xenpv_store_wait_up(unsigned long timeout)
{
	long ret = wait_event_killable_timeout(client->change, xenpv_store_is_up(), timeout);

	return ret > 0 ? 0 : ret ? -EINTR : -ETIMEDOUT;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_wait_up, "XENPV");

/**
 * xenpv_store_session() - which beginning is this?
 *
 * Context: Any but hard interrupts.
 * Return: a number that changes when the daemon forgets us.
 */
u32 xenpv_store_session(void)
{
	guard(spinlock)(&client->lock);
	return client->session;
}

/**
 * xenpv_store_why_broken() - what has the daemon done?
 *
 * Context: Process; tests.
 * Return: the reason in a few words, NULL if the connection is not broken.
 */
const char *xenpv_store_why_broken(void)
{
	guard(mutex)(&client->wire_lock);
	return client->wire.broken;
}

/**
 * xenpv_store_attach() - begin at a page
 * @page: the page
 * @far: the daemon is in another domain, and there already; otherwise it is to come
 *
 * A page that somebody used before us may hold answers to him.
 *
 * Context: Process.
 */
void xenpv_store_attach(struct xenstore_domain_interface __xen_shared *page, bool far)
{
	scoped_guard(mutex, &client->wire_lock) {
		drop(STORE_GONE, 0);
		rewire(page);
		clear_bit(STORE_HEARD, &client->flags);
		scoped_guard(spinlock, &client->lock)
			client->retry_in = 0;
		if (far && !xenpv_store_wire_connected(&client->wire)) {
			asked();
		} else if (far) {
			xenpv_store_wire_skip(&client->wire);
			begin();
		}
	}
	xenpv_store_kick();
}

/**
 * xenpv_store_detach() - the store is no more; requests fail with -ENODEV
 *
 * Context: Process.
 */
void xenpv_store_detach(void)
{
	scoped_guard(mutex, &client->wire_lock) {
		drop(STORE_NONE, -ENODEV);
		client->wire.page = NULL;
	}
	cancel_delayed_work_sync(&client->retry);
	cancel_work_sync(&client->work);
}

/**
 * xenpv_store_daemon_came() - a daemon has got the page
 * @same: the one that had it, which knows what it has read and written
 *
 * Context: Process.
 */
void xenpv_store_daemon_came(bool same)
{
	scoped_guard(mutex, &client->wire_lock) {
		if (same) {
			set_state(client->wire.broken ? STORE_BROKEN : STORE_UP);
		} else {
			drop(STORE_COMING, 0);
			xenpv_store_wire_clear(&client->wire);
			rewire(client->wire.page);
			clear_bit(STORE_HEARD, &client->flags);
		}
	}
	xenpv_store_kick();
}

/**
 * xenpv_store_daemon_went() - no daemon has the page any more
 *
 * Whether what is on its way is lost shows when one comes.
 *
 * Context: Process.
 */
void xenpv_store_daemon_went(void)
{
	guard(mutex)(&client->wire_lock);
	set_state(STORE_GONE);
}

