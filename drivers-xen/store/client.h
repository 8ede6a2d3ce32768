/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_CLIENT_H
#define _XENPV_STORE_CLIENT_H

/* The connection, as client.c (requests) and session.c (its state) share it. */

#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <xenpv/ids.h>
#include "private.h"

/**
 * enum store_state - of the connection
 * @STORE_NONE: there is no store
 * @STORE_GONE: there is a page and no daemon
 * @STORE_COMING: a daemon has the page and was not heard of
 * @STORE_ASKED: one end has asked to begin anew, and the daemon has to
 * @STORE_UP: usable
 * @STORE_BROKEN: the daemon broke the protocol
 */
enum store_state {
	STORE_NONE,
	STORE_GONE,
	STORE_COMING,
	STORE_ASKED,
	STORE_UP,
	STORE_BROKEN,
};

/**
 * struct store_stats - what happened to requests so far
 * @sent: were written, those that were written again included
 * @answered: were answered
 * @late: of these, when nobody waited any more
 * @slow: waited for so long that the log has a line
 * @timed_out: were given up because it took too long
 * @killed: were given up because who waited was killed
 */
struct store_stats {
	u64 sent;
	u64 answered;
	u64 late;
	u64 slow;
	u64 timed_out;
	u64 killed;
};

/* The daemon has sent an event; and we have not said that we are done with it. */
#define STORE_HEARD	0
#define STORE_OWED	1

/**
 * struct store_client - the one connection
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
 * @retry_in: delay of the next attempt to begin anew, 0: the first
 * @open_since: when requests were let through last, in jiffies
 * @stats: what happened so far
 * @change: state, gate or what is on its way has changed
 * @asked: the page says that it is to be begun anew
 * @flags: STORE_HEARD, STORE_OWED
 * @event: where the daemon's events arrive, NULL in tests
 * @work: moves bytes
 * @retry: asks the daemon to begin anew
 */
struct store_client {
	struct mutex wire_lock;
	struct xenpv_store_wire wire __guarded_by(&wire_lock);
	struct xenpv_store_request *sending __guarded_by(&wire_lock);
	u32 notified __guarded_by(&wire_lock);
	bool useful __guarded_by(&wire_lock);
	spinlock_t lock;
	enum store_state state __guarded_by(&lock);
	u32 session __guarded_by(&lock);
	struct xenpv_ids ids __guarded_by(&lock);
	struct list_head queued __guarded_by(&lock);
	struct list_head sent __guarded_by(&lock);
	bool gate __guarded_by(&lock);
	unsigned int txns __guarded_by(&lock);
	unsigned long retry_in __guarded_by(&lock);
	unsigned long open_since __guarded_by(&lock);
	struct store_stats stats __guarded_by(&lock);
	wait_queue_head_t change;
	bool asked __guarded_by(&wire_lock);
	unsigned long flags;
	struct xenpv_event *event;
	struct work_struct work;
	struct delayed_work retry;
};

extern struct store_client xenpv_store_client;
extern struct workqueue_struct *xenpv_store_wq;

static inline enum store_state xenpv_store_state(void)
{
	enum store_state state;

	spin_lock(&xenpv_store_client.lock);
	state = xenpv_store_client.state;
	spin_unlock(&xenpv_store_client.lock);
	return state;
}

/* patience.c */
unsigned long xenpv_store_age(const struct xenpv_store_request *request);

/* client.c */
void xenpv_store_finish(struct xenpv_store_request *request, int error);

/* debug.c */
struct seq_file;
void xenpv_store_show(struct seq_file *s);

/* session.c */
void xenpv_store_broken(const char *why);
bool xenpv_store_ready(void);
void xenpv_store_retry_work(struct work_struct *work);

#endif /* _XENPV_STORE_CLIENT_H */
