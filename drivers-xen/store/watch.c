// SPDX-License-Identifier: GPL-2.0-only
/* Watches: which there are, what waits for them, and calling them in turn. */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <xenpv/self.h>
#include "private.h"

/*
 * The daemon names a watch by the token that we gave it.  A token is not used again
 * before all others were, so an event that comes late finds no watch, and not a wrong
 * one.
 *
 * What waits is bounded, however fast others write: a path waits once for a watch;
 * too many paths of one watch become one call with the watched path, which needs no
 * memory, and so do paths for which there is none.
 *
 * Watches take turns.  One that has many paths gets one call, then all others that
 * wait get theirs.
 */

/* A token in decimal, and its NUL. */
#define TOKEN_LEN	11

/**
 * struct event - a path that waits
 * @list: among the events of its watch
 * @len: length of @path
 * @path: the path
 */
struct event {
	struct list_head list;
	size_t len;
	char path[];
};

static void calls_work(struct work_struct *work);

/**
 * struct calls - what is to be called
 * @table_lock: guards the table as a whole
 * @table: watches by token
 * @next: token to begin the search for a free one with
 * @lock: guards what follows, and what waits for each watch
 * @ready: watches for which something waits
 * @bytes: of all paths that wait
 * @dropped: events that were for no watch
 * @running: the watch that is called now
 * @worker: who calls
 * @kept: a path to be freed after the call
 * @idle: @running has changed
 * @wq: where calls are made
 * @work: makes them
 */
struct calls {
	struct mutex table_lock;
	struct xarray table;
	u32 next __guarded_by(&table_lock);
	spinlock_t lock;
	struct list_head ready __guarded_by(&lock);
	size_t bytes __guarded_by(&lock);
	unsigned long dropped __guarded_by(&lock);
	struct xenpv_store_watch *running __guarded_by(&lock);
	struct task_struct *worker;
	char *kept __guarded_by(&lock);
	wait_queue_head_t idle;
	struct workqueue_struct *wq;
	struct work_struct work;
};

static struct calls calls = {
	.table_lock = __MUTEX_INITIALIZER(calls.table_lock),
	.table = XARRAY_INIT(calls.table, XA_FLAGS_ALLOC1),
	.lock = __SPIN_LOCK_UNLOCKED(calls.lock),
	.ready = LIST_HEAD_INIT(calls.ready),
	.idle = __WAIT_QUEUE_HEAD_INITIALIZER(calls.idle),
	.work = __WORK_INITIALIZER(calls.work, calls_work),
};

/**
 * xenpv_store_in_call() - is this a call of a watch or a waiter?
 *
 * Context: Process.
 * Return: true if so.
 */
bool xenpv_store_in_call(void)
{
	return READ_ONCE(calls.worker) == current;
}

/**
 * xenpv_store_call_soon() - have the calls made that are due
 *
 * Context: Any.
 */
void xenpv_store_call_soon(void)
{
	if (calls.wq)
		queue_work(calls.wq, &calls.work);
}

static void drop_event(struct xenpv_store_watch *watch, struct event *event)
{
	lockdep_assert_held(&calls.lock);
	list_del(&event->list);
	watch->nr_events--;
	watch->bytes -= event->len;
	calls.bytes -= event->len;
}

static void drop_events(struct xenpv_store_watch *watch)
{
	struct event *event, *next;

	list_for_each_entry_safe(event, next, &watch->events, list) {
		drop_event(watch, event);
		kfree(event);
	}
}

static bool waits(const struct xenpv_store_watch *watch, const char *path)
{
	const struct event *event;

	list_for_each_entry(event, &watch->events, list) {
		if (!strcmp(event->path, path))
			return true;
	}
	return false;
}

/* False if there is no room for it. */
static bool add_event(struct xenpv_store_watch *watch, const char *path)
{
	size_t len = strlen(path);
	struct event *event;

	if (watch->nr_events >= XENPV_STORE_WATCH_EVENTS ||
	    watch->bytes + len > XENPV_STORE_WATCH_BYTES ||
	    calls.bytes + len > XENPV_STORE_ALL_BYTES)
		return false;
	event = kmalloc(struct_size(event, path, len + 1), GFP_NOWAIT | __GFP_NOWARN);
	if (!event)
		return false;
	event->len = len;
	strscpy(event->path, path, len + 1);
	list_add_tail(&event->list, &watch->events);
	watch->nr_events++;
	watch->bytes += len;
	calls.bytes += len;
	return true;
}

static void enqueue(struct xenpv_store_watch *watch, const char *path)
{
	lockdep_assert_held(&calls.lock);
	if (!strcmp(path, watch->path)) {
		watch->whole = true;
	} else if (!waits(watch, path) && !add_event(watch, path)) {
		drop_events(watch);
		watch->whole = true;
	}
	if (list_empty(&watch->ready))
		list_add_tail(&watch->ready, &calls.ready);
	xenpv_store_call_soon();
}

/**
 * xenpv_store_watch_event() - the daemon says that something has changed
 * @body: path and token, as the message has them, with a NUL of ours behind
 * @len: bytes of the message
 *
 * An event for no watch of ours, or for a path that it does not watch, is dropped.
 *
 * Context: Process.
 * Return: false if these are no path and token.
 */
bool xenpv_store_watch_event(const char *body, u32 len)
{
	size_t path_len = strnlen(body, len);
	const char *text = body + path_len + 1;
	struct xenpv_store_watch *watch = NULL;
	u32 token;

	if (path_len + 1 >= len || strnlen(text, len - path_len - 1) == len - path_len - 1)
		return false;

	guard(spinlock)(&calls.lock);
	if (!kstrtou32(text, 10, &token) && xenpv_store_path_len(body, NULL) > 0)
		watch = xa_load(&calls.table, token);
	if (watch && xenpv_store_path_below(body, watch->path))
		enqueue(watch, body);
	else
		calls.dropped++;
	return true;
}

/*
 * The next watch in turn, and the event that it is called for, NULL: for the whole.
 * The watch may be gone as soon as the lock is.
 */
static struct xenpv_store_watch *next_call(struct event **event)
{
	struct xenpv_store_watch *watch;

	guard(spinlock)(&calls.lock);
	watch = list_first_entry_or_null(&calls.ready, struct xenpv_store_watch, ready);
	if (!watch)
		return NULL;
	*event = NULL;
	if (watch->whole) {
		watch->whole = false;
	} else {
		*event = list_first_entry(&watch->events, struct event, list);
		drop_event(watch, *event);
	}
	if (list_empty(&watch->events))
		list_del_init(&watch->ready);
	else
		list_move_tail(&watch->ready, &calls.ready);
	calls.running = watch;
	return watch;
}

static void call_over(struct event *event)
{
	char *kept;

	scoped_guard(spinlock, &calls.lock) {
		calls.running = NULL;
		kept = calls.kept;
		calls.kept = NULL;
	}
	kfree(kept);
	kfree(event);
	wake_up_all(&calls.idle);
}

static void calls_work(struct work_struct *work)
{
	struct xenpv_store_watch *watch;
	struct event *event;

	WRITE_ONCE(calls.worker, current);
	xenpv_store_ready_run();
	while ((watch = next_call(&event))) {
		watch->changed(watch, event ? event->path : watch->path);
		call_over(event);
		cond_resched();
	}
	WRITE_ONCE(calls.worker, NULL);
}

static struct xenpv_store_request *watch_request(u32 type, const struct xenpv_store_watch *watch)
{
	size_t len = strlen(watch->path) + 1;
	struct xenpv_store_request *request;
	char token[TOKEN_LEN];
	int digits = scnprintf(token, sizeof(token), "%u", watch->token);

	request = xenpv_store_request_new(type, NULL, len + digits + 1);
	if (IS_ERR(request))
		return request;
	memcpy(request->body, watch->path, len);
	memcpy(request->body + len, token, digits + 1);
	return request;
}

static bool running(const struct xenpv_store_watch *watch)
{
	guard(spinlock)(&calls.lock);
	return calls.running == watch;
}

/* From here on nothing finds it. */
static void withdraw(struct xenpv_store_watch *watch)
{
	guard(mutex)(&calls.table_lock);
	guard(spinlock)(&calls.lock);
	xa_erase(&calls.table, watch->token);
	drop_events(watch);
	list_del_init(&watch->ready);
	watch->whole = false;
}

static void end(struct xenpv_store_watch *watch)
{
	withdraw(watch);
	if (!xenpv_store_in_call())
		wait_event(calls.idle, !running(watch));

	/* The watch may be removed by its own call, which still uses the path. */
	scoped_guard(spinlock, &calls.lock) {
		if (calls.running == watch) {
			calls.running = NULL;
			swap(calls.kept, watch->path);
		}
	}
	kfree(watch->path);
	watch->path = NULL;
}

/**
 * xenpv_store_watch() - begin to watch a node
 * @watch: filled in as its description says
 *
 * The first call comes soon, and may come before this returns.
 *
 * Context: Process.
 * Return: 0, or a negative errno, among them -ENOSPC if the daemon allows no more.
 */
int xenpv_store_watch(struct xenpv_store_watch *watch)
{
	struct xenpv_store_request *request;
	int ret;

	watch->path = xenpv_store_path(watch->dir, watch->node);
	if (IS_ERR(watch->path)) {
		ret = PTR_ERR(watch->path);
		watch->path = NULL;
		return ret;
	}
	INIT_LIST_HEAD(&watch->ready);
	INIT_LIST_HEAD(&watch->events);
	watch->nr_events = 0;
	watch->bytes = 0;
	watch->whole = false;
	scoped_guard(mutex, &calls.table_lock)
		ret = xa_alloc_cyclic(&calls.table, &watch->token, watch,
				      XA_LIMIT(1, U32_MAX), &calls.next, GFP_NOIO);
	if (ret < 0) {
		kfree(watch->path);
		watch->path = NULL;
		return ret;
	}

	request = xenpv_store_call(watch_request(XS_WATCH, watch));
	/* It was repeated: nobody else has this token. */
	if (request == ERR_PTR(-EEXIST))
		return 0;
	if (IS_ERR(request)) {
		xenpv_store_unwatch(watch);
		return PTR_ERR(request);
	}
	xenpv_store_request_free(request);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_watch, "XENPV");

/**
 * xenpv_store_unwatch() - stop to watch a node
 * @watch: the watch; one that is none any more, or never was, is fine
 *
 * Waits for a call that runs, but not for the daemon.
 *
 * Context: Process; also in the call of any watch.
 */
void xenpv_store_unwatch(struct xenpv_store_watch *watch)
{
	struct xenpv_store_request *request;

	if (!watch->path)
		return;
	request = watch_request(XS_UNWATCH, watch);
	end(watch);
	/* Without memory the daemon keeps it, and its events are dropped. */
	if (IS_ERR(request))
		return;
	request->done = xenpv_store_forget_request;
	request->once = true;
	xenpv_store_submit(request);
	xenpv_store_pump();
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_unwatch, "XENPV");

static void rearmed(struct xenpv_store_request *request)
{
	if (request->error && request->error != -EEXIST && request->error != -EAGAIN)
		pr_warn_ratelimited("a watch is lost (%pe)\n", ERR_PTR(request->error));
	xenpv_store_request_free(request);
}

static void rearm(struct xenpv_store_watch *watch)
{
	struct xenpv_store_request *request = watch_request(XS_WATCH, watch);

	if (IS_ERR(request)) {
		pr_warn_ratelimited("a watch is lost (%pe)\n", request);
		return;
	}
	request->done = rearmed;
	request->once = true;
	xenpv_store_submit(request);
}

/* Watches of a kernel that ran before us in this domain would call nobody. */
static void forget_old(void)
{
	struct xenpv_store_request *request;

	if (xenpv_self.control)
		return;
	request = xenpv_store_request_new(XS_RESET_WATCHES, NULL, 1);
	if (IS_ERR(request))
		return;
	request->done = xenpv_store_forget_request;
	request->once = true;
	xenpv_store_submit_first(request);
}

/**
 * xenpv_store_watch_session() - the daemon knows of no watch
 *
 * Each is made again, in an order that its removal cannot overtake, and called then.
 *
 * Context: Process, with wire_lock held.
 */
void xenpv_store_watch_session(void)
{
	struct xenpv_store_watch *watch;
	unsigned long token;

	forget_old();
	scoped_guard(mutex, &calls.table_lock) {
		xa_for_each(&calls.table, token, watch)
			rearm(watch);
	}
	xenpv_store_call_soon();
}

/**
 * xenpv_store_watch_flush() - wait until all calls are made that are due
 *
 * Context: Process, not in a call; tests.
 */
void xenpv_store_watch_flush(void)
{
	flush_work(&calls.work);
}

/**
 * xenpv_store_watch_bytes() - how much waits?
 *
 * Context: Process; tests.
 * Return: bytes of all paths.
 */
size_t xenpv_store_watch_bytes(void)
{
	guard(spinlock)(&calls.lock);
	return calls.bytes;
}

/**
 * xenpv_store_watch_dropped() - how many events were for no watch?
 *
 * Context: Process.
 * Return: their number.
 */
unsigned long xenpv_store_watch_dropped(void)
{
	guard(spinlock)(&calls.lock);
	return calls.dropped;
}

/**
 * xenpv_store_watch_start() - get ready to call
 *
 * Context: Process; boot.
 * Return: 0 or -ENOMEM.
 */
int xenpv_store_watch_start(void)
{
	calls.wq = alloc_ordered_workqueue("xenpv-store", WQ_MEM_RECLAIM);
	return calls.wq ? 0 : -ENOMEM;
}

/**
 * xenpv_store_watch_stop() - undo xenpv_store_watch_start()
 *
 * Context: Process, when there are no watches; tests.
 */
void xenpv_store_watch_stop(void)
{
	struct workqueue_struct *wq = calls.wq;

	flush_work(&calls.work);
	calls.wq = NULL;
	destroy_workqueue(wq);
}
