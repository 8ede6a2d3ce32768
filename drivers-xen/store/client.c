// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests on the connection to the daemon: many on their way at a time, each answer
 * to its request; who moves bytes.
 */

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/static_stub.h>
#include <xenpv/event.h>
#include "client.h"

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

static void pump_work(struct work_struct *work);

struct store_client xenpv_store_client = {
	.wire_lock = __MUTEX_INITIALIZER(xenpv_store_client.wire_lock),
	.lock = __SPIN_LOCK_UNLOCKED(xenpv_store_client.lock),
	.queued = LIST_HEAD_INIT(xenpv_store_client.queued),
	.sent = LIST_HEAD_INIT(xenpv_store_client.sent),
	.change = __WAIT_QUEUE_HEAD_INITIALIZER(xenpv_store_client.change),
	.work = __WORK_INITIALIZER(xenpv_store_client.work, pump_work),
	.retry = __DELAYED_WORK_INITIALIZER(xenpv_store_client.retry, xenpv_store_retry_work, 0),
};

static struct store_client * const client = &xenpv_store_client;

/* Answers that disks wait for come here, so it must go on without memory. */
struct workqueue_struct *xenpv_store_wq;

/**
 * xenpv_store_finish() - the end of a request, whoever waits for it
 * @request: it
 * @error: why there is no answer, or what the daemon said; 0
 *
 * Context: Process.
 */
void xenpv_store_finish(struct xenpv_store_request *request, int error)
{
	void (*done)(struct xenpv_store_request *request) = request->done;
	bool buried;

	scoped_guard(spinlock, &client->lock) {
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

/* The first request that may be written now, with its number. */
static struct xenpv_store_request *next_request(int *error)
{
	struct xenpv_store_request *request;
	u64 id;

	guard(spinlock)(&client->lock);
	list_for_each_entry(request, &client->queued, list) {
		if (client->gate && !request->inside)
			continue;
		*error = request->head.tx_id && request->session != client->session ? -EAGAIN : 0;
		if (!*error) {
			if (xenpv_ids_give(&client->ids, request, &id))
				return NULL;
			request->head.req_id = id;
			request->session = client->session;
			request->tries++;
			client->stats.sent++;
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

	while (!client->sending) {
		request = next_request(&error);
		if (!request)
			return false;
		if (error) {
			xenpv_store_finish(request, error);
			continue;
		}
		client->sending = request;
		/* Every request was judged when it was made. */
		if (WARN_ON_ONCE(xenpv_store_wire_send(&client->wire, &request->head,
						       request->body))) {
			xenpv_store_broken("request of ours is malformed");
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
		ret = xenpv_store_wire_push(&client->wire);
		if (ret < 0)
			xenpv_store_broken(client->wire.broken);
		if (ret <= 0)
			return;
		scoped_guard(spinlock, &client->lock)
			list_add_tail(&client->sending->list, &client->sent);
		client->sending = NULL;
	}
}

/* Which request is answered?  NULL and why it cannot be. */
static struct xenpv_store_request *answered(const struct xsd_sockmsg *head, const char **why)
{
	struct xenpv_store_request *request;

	guard(spinlock)(&client->lock);
	request = xenpv_ids_take(&client->ids, head->req_id);
	*why = "answer to nothing";
	if (!request)
		return NULL;
	*why = "answer to half a request";
	if (request == client->sending)
		return NULL;
	*why = "answer of another type";
	if (head->type != request->head.type && head->type != XS_ERROR)
		return NULL;
	*why = "answer in another transaction";
	if (head->tx_id != request->head.tx_id)
		return NULL;
	client->stats.answered++;
	/* Its number was nobody else's meanwhile, so it reaches nobody else. */
	client->stats.late += request->given_up;
	return request;
}

static void take_answer(const struct xsd_sockmsg *head, const char *body)
{
	struct xenpv_store_request *request;
	const char *why;
	int error = 0;

	request = answered(head, &why);
	if (!request) {
		xenpv_store_broken(why);
		return;
	}
	request->type = head->type;
	request->len = head->len;
	request->answer = kmemdup(body, head->len + 1, GFP_NOIO);
	if (!request->answer)
		error = -ENOMEM;
	else if (head->type == XS_ERROR)
		error = xenpv_store_errno(body, head->len);
	scoped_guard(spinlock, &client->lock)
		client->retry_in = 0;
	xenpv_store_finish(request, error);
	wake_up_all(&client->change);
}

static void take_message(void)
{
	const struct xsd_sockmsg *head = &client->wire.in_head;

	if (head->type != XS_WATCH_EVENT)
		take_answer(head, client->wire.in);
	else if (!xenpv_store_watch_event(client->wire.in, head->len))
		xenpv_store_broken("watch event without path and token");
}

/* Read what there is; false if the budget is used up. */
static bool pull(unsigned int *budget)
{
	int ret;

	while (xenpv_store_state() == STORE_UP) {
		if (!*budget)
			return false;
		ret = xenpv_store_wire_pull(&client->wire);
		if (ret < 0)
			xenpv_store_broken(client->wire.broken);
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
	if (client->event)
		xenpv_event_notify(client->event);
}

/* The daemon may be waiting for bytes as well as for room. */
static bool tell(void)
{
	if (client->wire.moved == client->notified)
		return false;
	client->notified = client->wire.moved;
	client->useful = true;
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

	guard(mutex)(&client->wire_lock);
	do {
		if (!xenpv_store_ready())
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

	guard(mutex)(&client->wire_lock);
	useful = client->useful;
	if (client->wire.page)
		useful |= xenpv_store_wire_news(&client->wire);
	client->useful = false;
	if (client->event && test_and_clear_bit(STORE_OWED, &client->flags))
		xenpv_event_done(client->event, useful);
}

/**
 * xenpv_store_kick() - have what can be moved be moved soon
 *
 * Context: Any.
 */
void xenpv_store_kick(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_kick);
	queue_work(xenpv_store_wq, &client->work);
}

/**
 * xenpv_store_heard() - the daemon has sent an event
 *
 * Context: Any.
 */
void xenpv_store_heard(void)
{
	set_bit(STORE_HEARD, &client->flags);
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
	set_bit(STORE_OWED, &client->flags);
	xenpv_store_heard();
	xenpv_store_kick();
	return IRQ_HANDLED;
}

static int refusal(void)
{
	lockdep_assert_held(&client->lock);
	switch (client->state) {
	case STORE_NONE:
		return -ENODEV;
	case STORE_BROKEN:
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

	scoped_guard(spinlock, &client->lock) {
		error = error ?: refusal();
		if (!error) {
			request->stage = XENPV_STORE_QUEUED;
			request->since = jiffies;
			list_add_tail(&request->list, &client->queued);
		}
	}
	if (error)
		xenpv_store_finish(request, error);
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
	guard(spinlock)(&client->lock);
	request->stage = XENPV_STORE_QUEUED;
	request->since = jiffies;
	list_add(&request->list, &client->queued);
}

/* What was made at the daemon has to go, even if nobody waits for that. */
static bool owed(const struct xenpv_store_request *request)
{
	return request->tries || request->head.type == XS_TRANSACTION_END;
}

/**
 * xenpv_store_give_up() - wait no longer for an answer
 * @request: it
 * @why: negative errno: -EINTR or -ETIMEDOUT
 *
 * One that is on its way keeps its number until it is answered, or the daemon goes.
 *
 * Context: Process.
 * Return: 0 if the answer is there; or @why, and the request is the client's.
 */
int xenpv_store_give_up(struct xenpv_store_request *request, int why)
{
	scoped_guard(spinlock, &client->lock) {
		if (request->stage == XENPV_STORE_DONE)
			return 0;
		client->stats.killed += why == -EINTR;
		client->stats.timed_out += why == -ETIMEDOUT;
		if (request->stage != XENPV_STORE_QUEUED || owed(request)) {
			request->given_up = true;
			return why;
		}
		list_del_init(&request->list);
	}
	xenpv_store_request_free(request);
	return why;
}

/**
 * xenpv_store_pending() - how many requests are not answered?
 *
 * Context: Process; tests.
 * Return: their number, given up ones included.
 */
unsigned int xenpv_store_pending(void)
{
	guard(spinlock)(&client->lock);
	return list_count_nodes(&client->queued) + xenpv_ids_out(&client->ids);
}

/**
 * xenpv_store_set_event() - say where the daemon's events arrive
 * @event: the event, NULL: nowhere any more
 *
 * Context: Process.
 */
void xenpv_store_set_event(struct xenpv_event *event)
{
	guard(mutex)(&client->wire_lock);
	client->event = event;
}

/**
 * xenpv_store_start() - get ready, before the first page
 *
 * Context: Process; boot.
 * Return: 0 or -ENOMEM.
 */
int xenpv_store_start(void)
{
	int ret;

	xenpv_store_wq = alloc_workqueue("xenpv-store-io", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!xenpv_store_wq)
		return -ENOMEM;
	ret = xenpv_ids_init(&client->ids, XENPV_STORE_IN_FLIGHT, 32);
	if (ret)
		goto no_ids;
	ret = xenpv_store_watch_start();
	if (!ret)
		return 0;
	xenpv_ids_free(&client->ids);
no_ids:
	destroy_workqueue(xenpv_store_wq);
	xenpv_store_wq = NULL;
	return ret;
}

/**
 * xenpv_store_stop() - undo xenpv_store_start()
 *
 * Context: Process, after xenpv_store_detach(); tests.
 */
void xenpv_store_stop(void)
{
	xenpv_store_ready_stop();
	xenpv_store_watch_stop();
	xenpv_ids_free(&client->ids);
	destroy_workqueue(xenpv_store_wq);
	xenpv_store_wq = NULL;
	client->session = 0;
	client->flags = 0;
	client->stats = (struct store_stats){ };
}
