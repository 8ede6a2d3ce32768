// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection to the daemon: many requests on their way, each answer to its
 * request; what happens when the daemon lies, goes, comes back, or the domain sleeps.
 */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <kunit/static_stub.h>
#include <xenpv/event.h>
#include <xenpv/ids.h>
#include "private.h"

/*
 * A request is in one of these places, and moves to the right:
 *
 *	queued -> sending -> sent -> done
 *	   ^                   |
 *	   +---- daemon gone --+
 *
 * From @sending on it has a number in @ids.  Bytes are moved by whoever has
 * wire_lock: a caller that has queued a request, and the work that the event
 * starts.  So an answer that comes at once is taken by the caller itself.
 */

/* Messages that one caller moves for all, before it leaves the rest to the work. */
#define BUDGET		128

/* From a broken connection to the next attempt; doubles up to the last. */
#define FIRST_RETRY	HZ
#define LAST_RETRY	(64 * HZ)

/* How long requests wait for a daemon that was asked to begin anew. */
#define ASK_PATIENCE	(4 * HZ)

/* How long a domain waits for answers before it is not suspended after all. */
#define SUSPEND_PATIENCE	(30 * HZ)

/**
 * enum state - of the connection
 * @NONE: there is no store
 * @GONE: there is a page and no daemon
 * @COMING: a daemon has the page and was not heard of
 * @ASKED: one end has asked to begin anew, and the daemon has to
 * @UP: usable
 * @BROKEN: the daemon broke the protocol
 */
enum state {
	NONE,
	GONE,
	COMING,
	ASKED,
	UP,
	BROKEN,
};

/* The daemon has sent an event; and we have not said that we are done with it. */
#define HEARD	0
#define OWED	1

static void pump_work(struct work_struct *work);
static void retry_work(struct work_struct *work);

/**
 * struct client - the one connection
 * @wire_lock: who has it moves bytes
 * @wire: the page
 * @sending: the request that is being written
 * @notified: bytes moved when the daemon was told last
 * @useful: bytes were moved since the event was acknowledged
 * @lock: guards what follows
 * @state: of the connection; changes with wire_lock held, too
 * @session: counts the beginnings
 * @ids: numbers of requests that are on their way
 * @queued: requests that are to be written
 * @sent: requests that are written and not answered, in order
 * @gate: nothing new is sent: the domain is going to be suspended
 * @txns: transactions of ours that are open
 * @retry_in: delay of the next attempt to begin anew
 * @change: state, gate or what is on its way has changed
 * @asked: the page says that it is to be begun anew
 * @flags: HEARD, OWED
 * @event: where the daemon's events arrive, NULL in tests
 * @work: moves bytes
 * @retry: asks the daemon to begin anew
 */
struct client {
	struct mutex wire_lock;
	struct xenpv_store_wire wire __guarded_by(&wire_lock);
	struct xenpv_store_request *sending __guarded_by(&wire_lock);
	u32 notified __guarded_by(&wire_lock);
	bool useful __guarded_by(&wire_lock);
	spinlock_t lock;
	enum state state __guarded_by(&lock);
	u32 session __guarded_by(&lock);
	struct xenpv_ids ids __guarded_by(&lock);
	struct list_head queued __guarded_by(&lock);
	struct list_head sent __guarded_by(&lock);
	bool gate __guarded_by(&lock);
	unsigned int txns __guarded_by(&lock);
	unsigned long retry_in __guarded_by(&lock);
	wait_queue_head_t change;
	bool asked __guarded_by(&wire_lock);
	unsigned long flags;
	struct xenpv_event *event;
	struct work_struct work;
	struct delayed_work retry;
};

static struct client client = {
	.wire_lock = __MUTEX_INITIALIZER(client.wire_lock),
	.lock = __SPIN_LOCK_UNLOCKED(client.lock),
	.queued = LIST_HEAD_INIT(client.queued),
	.sent = LIST_HEAD_INIT(client.sent),
	.change = __WAIT_QUEUE_HEAD_INITIALIZER(client.change),
	.work = __WORK_INITIALIZER(client.work, pump_work),
	.retry = __DELAYED_WORK_INITIALIZER(client.retry, retry_work, 0),
};

/* The end of a request, whoever waits for it. */
static void finish(struct xenpv_store_request *request, int error)
{
	void (*done)(struct xenpv_store_request *request) = request->done;
	bool buried;

	scoped_guard(spinlock, &client.lock) {
		list_del_init(&request->list);
		request->error = error;
		request->stage = XENPV_STORE_DONE;
		buried = request->given_up;
		/* Who waits frees it, so this is the last that we do to it. */
		if (!buried && !done)
			complete(&request->completed);
	}
	if (buried)
		xenpv_store_bury(request);
	else if (done)
		done(request);
}

static void finish_all(struct list_head *list)
{
	struct xenpv_store_request *request, *next;

	list_for_each_entry_safe(request, next, list, list)
		finish(request, request->error);
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
static void drop(enum state state, int error)
{
	struct xenpv_store_request *request, *next;
	LIST_HEAD(dead);

	lockdep_assert_held(&client.wire_lock);
	scoped_guard(spinlock, &client.lock) {
		client.state = state;
		if (client.sending)
			list_add_tail(&client.sending->list, &client.sent);
		client.sending = NULL;
		while (xenpv_ids_drain(&client.ids))
			;
		list_for_each_entry_safe_reverse(request, next, &client.sent, list) {
			request->error = error ?: lost(request);
			request->stage = XENPV_STORE_QUEUED;
			list_move(&request->list, request->error ? &dead : &client.queued);
		}
		if (error) {
			list_for_each_entry(request, &client.queued, list)
				request->error = error;
			list_splice_tail_init(&client.queued, &dead);
		}
	}
	finish_all(&dead);
	wake_up_all(&client.change);
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
	mod_delayed_work(system_wq, &client.retry, delay);
}

/* The daemon lied: nothing it says is believed any more. */
static void broken(const char *why)
{
	unsigned long delay;

	xenpv_store_wire_break(&client.wire, why);
	scoped_guard(spinlock, &client.lock) {
		delay = client.retry_in;
		client.retry_in = min_t(unsigned long, 2 * delay, LAST_RETRY);
	}
	pr_warn_ratelimited("connection is broken: %s (its error code %u)\n",
			    client.wire.broken, xenpv_store_wire_error(&client.wire));
	drop(BROKEN, -EIO);
	xenpv_store_retry_in(delay);
}

static enum state state_now(void)
{
	guard(spinlock)(&client.lock);
	return client.state;
}

static void set_state(enum state state)
{
	lockdep_assert_held(&client.wire_lock);
	scoped_guard(spinlock, &client.lock)
		client.state = state;
	wake_up_all(&client.change);
}

static void rewire(struct xenstore_domain_interface __xen_shared *page)
{
	xenpv_store_wire_init(&client.wire, page);
	client.notified = client.wire.moved;
	client.asked = false;
}

/* A session: the daemon knows nothing of what came before. */
static void begin(void)
{
	scoped_guard(spinlock, &client.lock)
		client.session++;
	set_state(UP);
	xenpv_store_watch_session();
}

/* Either end wants to begin anew.  Requests wait for it, but not for ever. */
static void asked(void)
{
	client.asked = true;
	drop(ASKED, 0);
	xenpv_store_retry_in(ASK_PATIENCE);
}

/* What has to happen before bytes can be moved; true if they can. */
static bool ready(void)
{
	switch (state_now()) {
	case COMING:
		if (!test_bit(HEARD, &client.flags))
			return false;
		begin();
		return true;
	case ASKED:
	case BROKEN:
		if (!client.asked || !xenpv_store_wire_connected(&client.wire))
			return false;
		rewire(client.wire.page);
		begin();
		return true;
	case UP:
		if (xenpv_store_wire_connected(&client.wire))
			return true;
		asked();
		return false;
	default:
		return false;
	}
}

/* The first request that may be written now, with its number. */
static struct xenpv_store_request *next_request(int *error)
{
	struct xenpv_store_request *request;
	u64 id;

	guard(spinlock)(&client.lock);
	list_for_each_entry(request, &client.queued, list) {
		if (client.gate && !request->inside)
			continue;
		*error = request->head.tx_id && request->session != client.session ? -EAGAIN : 0;
		if (!*error) {
			if (xenpv_ids_give(&client.ids, request, &id))
				return NULL;
			request->head.req_id = id;
			request->session = client.session;
			request->tries++;
		}
		list_del_init(&request->list);
		request->stage = XENPV_STORE_SENT;
		return request;
	}
	return NULL;
}

static bool next_sending(void)
{
	struct xenpv_store_request *request;
	int error;

	while (!client.sending) {
		request = next_request(&error);
		if (!request)
			return false;
		if (error) {
			finish(request, error);
			continue;
		}
		client.sending = request;
		/* Every request was judged when it was made. */
		if (WARN_ON_ONCE(xenpv_store_wire_send(&client.wire, &request->head,
						       request->body))) {
			broken("request of ours is malformed");
			return false;
		}
	}
	return true;
}

/* Write what there is room for. */
static void push(void)
{
	int ret;

	while (next_sending()) {
		ret = xenpv_store_wire_push(&client.wire);
		if (ret < 0)
			broken(client.wire.broken);
		if (ret <= 0)
			return;
		scoped_guard(spinlock, &client.lock)
			list_add_tail(&client.sending->list, &client.sent);
		client.sending = NULL;
	}
}

/* Which request is answered?  NULL and why it cannot be. */
static struct xenpv_store_request *answered(const struct xsd_sockmsg *head, const char **why)
{
	struct xenpv_store_request *request;

	guard(spinlock)(&client.lock);
	request = xenpv_ids_take(&client.ids, head->req_id);
	*why = "answer to nothing";
	if (!request)
		return NULL;
	*why = "answer to half a request";
	if (request == client.sending)
		return NULL;
	*why = "answer of another type";
	if (head->type != request->head.type && head->type != XS_ERROR)
		return NULL;
	*why = "answer in another transaction";
	if (head->tx_id != request->head.tx_id)
		return NULL;
	return request;
}

static void take_answer(const struct xsd_sockmsg *head, const char *body)
{
	struct xenpv_store_request *request;
	const char *why;
	int error = 0;

	request = answered(head, &why);
	if (!request) {
		broken(why);
		return;
	}
	request->type = head->type;
	request->len = head->len;
	request->answer = kmemdup(body, head->len + 1, GFP_NOIO);
	if (!request->answer)
		error = -ENOMEM;
	else if (head->type == XS_ERROR)
		error = xenpv_store_errno(body, head->len);
	scoped_guard(spinlock, &client.lock)
		client.retry_in = FIRST_RETRY;
	finish(request, error);
	wake_up_all(&client.change);
}

static void take_message(void)
{
	const struct xsd_sockmsg *head = &client.wire.in_head;

	if (head->type != XS_WATCH_EVENT)
		take_answer(head, client.wire.in);
	else if (!xenpv_store_watch_event(client.wire.in, head->len))
		broken("watch event without path and token");
}

/* Read what there is; false if the budget is used up. */
static bool pull(unsigned int *budget)
{
	int ret;

	while (state_now() == UP) {
		if (!*budget)
			return false;
		ret = xenpv_store_wire_pull(&client.wire);
		if (ret < 0)
			broken(client.wire.broken);
		if (ret <= 0)
			break;
		--*budget;
		take_message();
	}
	return true;
}

/**
 * xenpv_store_notify() - tell the daemon that bytes were moved
 *
 * Context: Process.  In tests the fake daemon acts in its place.
 */
void xenpv_store_notify(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_notify);
	if (client.event)
		xenpv_event_notify(client.event);
}

/* The daemon may be waiting for bytes as well as for room. */
static bool tell(void)
{
	if (client.wire.moved == client.notified)
		return false;
	client.notified = client.wire.moved;
	client.useful = true;
	xenpv_store_notify();
	return true;
}

/**
 * xenpv_store_pump() - move what can be moved
 *
 * A bounded number of messages is read; the work does the rest.
 *
 * Context: Process.
 */
void xenpv_store_pump(void)
{
	unsigned int budget = BUDGET;
	bool all = true;

	guard(mutex)(&client.wire_lock);
	do {
		if (!ready())
			break;
		push();
		/* A daemon that answers byte by byte does not keep us, either. */
		all = pull(&budget) && --budget;
	} while (tell() && all);
	if (!all)
		xenpv_store_kick();
}

static void pump_work(struct work_struct *work)
{
	bool useful;

	xenpv_store_pump();

	guard(mutex)(&client.wire_lock);
	useful = client.useful;
	if (client.wire.page)
		useful |= xenpv_store_wire_news(&client.wire);
	client.useful = false;
	if (client.event && test_and_clear_bit(OWED, &client.flags))
		xenpv_event_done(client.event, useful);
}

/**
 * xenpv_store_kick() - have what can be moved be moved soon
 *
 * Context: Any.
 */
void xenpv_store_kick(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_kick);
	queue_work(system_wq, &client.work);
}

/**
 * xenpv_store_heard() - the daemon has sent an event
 *
 * Context: Any.
 */
void xenpv_store_heard(void)
{
	set_bit(HEARD, &client.flags);
}

/**
 * xenpv_store_interrupt() - handler of the daemon's event
 * @irq: unused
 * @dev: unused
 *
 * Context: Hard interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xenpv_store_interrupt(int irq, void *dev)
{
	set_bit(OWED, &client.flags);
	xenpv_store_heard();
	xenpv_store_kick();
	return IRQ_HANDLED;
}

/*
 * Ask the daemon to begin anew, if it can; a wire that is broken stays so otherwise
 * until another daemon comes.
 */
static void retry_work(struct work_struct *work)
{
	guard(mutex)(&client.wire_lock);
	switch (state_now()) {
	case BROKEN:
		if (!xenpv_store_wire_reconnect(&client.wire))
			return;
		asked();
		xenpv_store_notify();
		return;
	case ASKED:
		drop(BROKEN, -EIO);
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
	retry_work(NULL);
}

static int refusal(void)
{
	lockdep_assert_held(&client.lock);
	switch (client.state) {
	case NONE:
		return -ENODEV;
	case BROKEN:
		return -EIO;
	default:
		return 0;
	}
}

/**
 * xenpv_store_submit() - queue a request
 * @request: it; taken over
 *
 * Nothing is written yet: xenpv_store_pump() or xenpv_store_kick() follows.
 *
 * Context: Process.  Its @done may be called from here.
 */
void xenpv_store_submit(struct xenpv_store_request *request)
{
	int error = xenpv_store_wire_judge(&request->head);

	scoped_guard(spinlock, &client.lock) {
		error = error ?: refusal();
		if (!error) {
			request->stage = XENPV_STORE_QUEUED;
			list_add_tail(&request->list, &client.queued);
		}
	}
	if (error)
		finish(request, error);
}

/**
 * xenpv_store_submit_first() - queue a request before all others
 * @request: it; taken over
 *
 * For the first one of a session.
 *
 * Context: Process.
 */
void xenpv_store_submit_first(struct xenpv_store_request *request)
{
	guard(spinlock)(&client.lock);
	request->stage = XENPV_STORE_QUEUED;
	list_add(&request->list, &client.queued);
}

/* What was made at the daemon has to go, even if nobody waits for that. */
static bool owed(const struct xenpv_store_request *request)
{
	return request->tries || request->head.type == XS_TRANSACTION_END ||
	       request->head.type == XS_UNWATCH;
}

/**
 * xenpv_store_give_up() - wait no longer for an answer
 * @request: it
 *
 * One that is on its way keeps its number until it is answered, or the daemon goes.
 *
 * Context: Process.
 * Return: 0 if the answer is there; or -EINTR, and the request is the client's.
 */
int xenpv_store_give_up(struct xenpv_store_request *request)
{
	scoped_guard(spinlock, &client.lock) {
		if (request->stage == XENPV_STORE_DONE)
			return 0;
		if (request->stage != XENPV_STORE_QUEUED || owed(request)) {
			request->given_up = true;
			return -EINTR;
		}
		list_del_init(&request->list);
	}
	xenpv_store_request_free(request);
	return -EINTR;
}

static bool gate_open(void)
{
	guard(spinlock)(&client.lock);
	if (client.gate)
		return false;
	client.txns++;
	return true;
}

/**
 * xenpv_store_txn_enter() - the domain is not suspended until txn_leave()
 *
 * Context: Process.
 * Return: 0, or -EINTR after a fatal signal.
 */
int xenpv_store_txn_enter(void)
{
	return wait_event_killable(client.change, gate_open()) ? -EINTR : 0;
}

/**
 * xenpv_store_txn_leave() - undo xenpv_store_txn_enter()
 *
 * Context: Process.
 */
void xenpv_store_txn_leave(void)
{
	scoped_guard(spinlock, &client.lock)
		client.txns--;
	wake_up_all(&client.change);
}

static bool quiet(void)
{
	guard(spinlock)(&client.lock);
	return !client.txns && !xenpv_ids_out(&client.ids);
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
	scoped_guard(spinlock, &client.lock)
		client.gate = true;
	if (wait_event_timeout(client.change, quiet(), SUSPEND_PATIENCE))
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
	scoped_guard(spinlock, &client.lock)
		client.gate = false;
	wake_up_all(&client.change);
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
	return state_now() == UP;
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
	long ret = wait_event_killable_timeout(client.change, xenpv_store_is_up(), timeout);

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
	guard(spinlock)(&client.lock);
	return client.session;
}

/**
 * xenpv_store_pending() - how many requests are not answered?
 *
 * Context: Process; tests.
 * Return: their number, given up ones included.
 */
unsigned int xenpv_store_pending(void)
{
	guard(spinlock)(&client.lock);
	return list_count_nodes(&client.queued) + xenpv_ids_out(&client.ids);
}

/**
 * xenpv_store_why_broken() - what has the daemon done?
 *
 * Context: Process; tests.
 * Return: the reason in a few words, NULL if the connection is not broken.
 */
const char *xenpv_store_why_broken(void)
{
	guard(mutex)(&client.wire_lock);
	return client.wire.broken;
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
	scoped_guard(mutex, &client.wire_lock) {
		drop(GONE, 0);
		rewire(page);
		clear_bit(HEARD, &client.flags);
		scoped_guard(spinlock, &client.lock)
			client.retry_in = FIRST_RETRY;
		if (far && !xenpv_store_wire_connected(&client.wire)) {
			asked();
		} else if (far) {
			xenpv_store_wire_skip(&client.wire);
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
	scoped_guard(mutex, &client.wire_lock) {
		drop(NONE, -ENODEV);
		client.wire.page = NULL;
	}
	cancel_delayed_work_sync(&client.retry);
	cancel_work_sync(&client.work);
}

/**
 * xenpv_store_daemon_came() - a daemon has got the page
 * @same: the one that had it, which knows what it has read and written
 *
 * Context: Process.
 */
void xenpv_store_daemon_came(bool same)
{
	scoped_guard(mutex, &client.wire_lock) {
		if (same) {
			set_state(client.wire.broken ? BROKEN : UP);
		} else {
			drop(COMING, 0);
			xenpv_store_wire_clear(&client.wire);
			rewire(client.wire.page);
			clear_bit(HEARD, &client.flags);
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
	guard(mutex)(&client.wire_lock);
	set_state(GONE);
}

/**
 * xenpv_store_set_event() - say where the daemon's events arrive
 * @event: the event, NULL: nowhere any more
 *
 * Context: Process.
 */
void xenpv_store_set_event(struct xenpv_event *event)
{
	guard(mutex)(&client.wire_lock);
	client.event = event;
}

/**
 * xenpv_store_start() - get ready, before the first page
 *
 * Context: Process; boot.
 * Return: 0 or -ENOMEM.
 */
int xenpv_store_start(void)
{
	int ret = xenpv_ids_init(&client.ids, XENPV_STORE_IN_FLIGHT, 32);

	if (ret)
		return ret;
	ret = xenpv_store_watch_start();
	if (ret)
		xenpv_ids_free(&client.ids);
	return ret;
}

/**
 * xenpv_store_stop() - undo xenpv_store_start()
 *
 * Context: Process, after xenpv_store_detach(); tests.
 */
void xenpv_store_stop(void)
{
	xenpv_store_watch_stop();
	xenpv_ids_free(&client.ids);
	client.session = 0;
	client.flags = 0;
}
