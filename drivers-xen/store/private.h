/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_PRIVATE_H
#define _XENPV_STORE_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <xen/interface/io/xs_wire.h>

#include <xenpv/store.h>
#include <xenpv/stream.h>

struct xenpv_event;

/* path.c */
ssize_t xenpv_store_path_len(const char *dir, const char *node);
void xenpv_store_path_put(char *to, const char *dir, const char *node);
bool xenpv_store_path_below(const char *path, const char *top);
bool xenpv_store_name_ok(const char *name);

/**
 * struct xenpv_store_wire - messages on the shared page
 * @tx: requests, whose writer we are
 * @rx: answers and watch events, whose reader we are
 * @page: the page
 * @out: the message that is being written, %NULL if none is
 * @out_head: its header
 * @out_len: header and body
 * @out_done: bytes of it that are written
 * @in_done: bytes of the message that is being read
 * @taken: bytes of ours that the daemon had taken when we looked last
 * @written: bytes that we have put into @tx
 * @moved: bytes that we have moved in either direction
 * @broken: why nothing is read or written any more, or %NULL
 * @in_head: header of the message that is being read
 * @in: its body, and a NUL of ours behind it
 */
struct xenpv_store_wire {
	struct xenpv_stream tx;
	struct xenpv_stream rx;
	struct xenstore_domain_interface __xen_shared *page;
	const void *out;
	struct xsd_sockmsg out_head;
	u32 out_len;
	u32 out_done;
	u32 in_done;
	u32 taken;
	u32 written;
	u32 moved;
	const char *broken;
	struct xsd_sockmsg in_head;
	char in[XENSTORE_PAYLOAD_MAX + 1];
};

/* wire.c */
void xenpv_store_wire_init(struct xenpv_store_wire *wire,
			   struct xenstore_domain_interface __xen_shared *page);
void xenpv_store_wire_clear(struct xenpv_store_wire *wire);
void xenpv_store_wire_skip(struct xenpv_store_wire *wire);
int xenpv_store_wire_judge(const struct xsd_sockmsg *head);
int xenpv_store_wire_send(struct xenpv_store_wire *wire, const struct xsd_sockmsg *head,
			  const void *body);
int xenpv_store_wire_push(struct xenpv_store_wire *wire);
int xenpv_store_wire_pull(struct xenpv_store_wire *wire);
bool xenpv_store_wire_news(struct xenpv_store_wire *wire);
bool xenpv_store_wire_connected(struct xenpv_store_wire *wire);
bool xenpv_store_wire_reconnect(struct xenpv_store_wire *wire);
int xenpv_store_wire_break(struct xenpv_store_wire *wire, const char *why);
u32 xenpv_store_wire_error(struct xenpv_store_wire *wire);

/* How far a request has got. */
enum xenpv_store_stage {
	XENPV_STORE_NEW,
	XENPV_STORE_QUEUED,
	XENPV_STORE_SENT,
	XENPV_STORE_DONE,
};

/**
 * struct xenpv_store_request - a message to the daemon, and its answer
 * @list: among the requests of the same stage
 * @head: the header; the number is given when it is sent
 * @stage: how far it has got
 * @session: in which its transaction lives; without one, in which it was sent
 * @since: when it was queued, in jiffies
 * @tries: how often it was sent
 * @slow: the log says that it takes long
 * @once: not to be sent again
 * @inside: of a transaction of ours, which ends before the domain is suspended
 * @given_up: nobody waits for the answer
 * @error: 0, or why there is none; what the daemon said if it said an error
 * @type: of the answer: that of the request or XS_ERROR
 * @len: bytes in @answer
 * @answer: the body of the answer, with a NUL of ours behind it
 * @done: called when the answer is there, %NULL: @completed is completed
 * @arg: for @done
 * @completed: for who waits
 * @body: what follows the header
 *
 * @done owns the request, and is called with wire_lock held: it may not wait for the
 * store, but may submit requests.
 */
struct xenpv_store_request {
	struct list_head list;
	struct xsd_sockmsg head;
	enum xenpv_store_stage stage;
	u32 session;
	unsigned long since;
	u8 tries;
	bool slow;
	bool once;
	bool inside;
	bool given_up;
	int error;
	u32 type;
	u32 len;
	char *answer;
	void (*done)(struct xenpv_store_request *request);
	void *arg;
	struct completion completed;
	char body[];
};

/* Requests that can be on their way at a time, and how often one is sent. */
#define XENPV_STORE_IN_FLIGHT	64
#define XENPV_STORE_SENDS	4

/* request.c */
struct xenpv_store_request *xenpv_store_request_new(u32 type,
						    const struct xenpv_store_txn *txn,
						    size_t len);
void xenpv_store_request_free(struct xenpv_store_request *request);
int xenpv_store_errno(const char *name, size_t len);
const char *xenpv_store_error_name(int error);
struct xenpv_store_request *xenpv_store_call(struct xenpv_store_request *request);
void xenpv_store_forget_request(struct xenpv_store_request *request);
void xenpv_store_bury(struct xenpv_store_request *request);
void xenpv_store_abort(u32 id, u32 session);
int xenpv_store_txn_id(const struct xenpv_store_request *request, u32 *id);

/* patience.c; the parameters visible for tests. */
extern unsigned int xenpv_store_timeout_ms;
extern unsigned int xenpv_store_slow_ms;
int xenpv_store_wait(struct xenpv_store_request *request);
const char *xenpv_store_op_name(u32 type);

/* client.c */
int xenpv_store_start(void);
void xenpv_store_stop(void);
void xenpv_store_attach(struct xenstore_domain_interface __xen_shared *page, bool far);
void xenpv_store_detach(void);
void xenpv_store_daemon_came(bool same);
void xenpv_store_daemon_went(void);
void xenpv_store_submit(struct xenpv_store_request *request);
void xenpv_store_submit_first(struct xenpv_store_request *request);
int xenpv_store_give_up(struct xenpv_store_request *request, int why);
void xenpv_store_pump(void);
void xenpv_store_kick(void);
void xenpv_store_notify(void);
void xenpv_store_heard(void);
irqreturn_t xenpv_store_interrupt(int irq, void *dev);
void xenpv_store_set_event(struct xenpv_event *event);
u32 xenpv_store_session(void);
const char *xenpv_store_why_broken(void);
void xenpv_store_retry_in(unsigned long delay);
void xenpv_store_retry(void);
int xenpv_store_txn_enter(void);
void xenpv_store_txn_leave(void);
unsigned int xenpv_store_pending(void);

/* ready.c */
void xenpv_store_ready_run(void);
void xenpv_store_ready_again(void);
void xenpv_store_ready_stop(void);

/* txn.c */
void xenpv_store_pause(unsigned int tries);

/* watch.c */
int xenpv_store_watch_start(void);
void xenpv_store_watch_stop(void);
bool xenpv_store_watch_event(const char *body, u32 len);
void xenpv_store_watch_session(void);
void xenpv_store_watch_flush(void);
size_t xenpv_store_watch_bytes(void);
unsigned long xenpv_store_watch_dropped(void);
bool xenpv_store_in_call(void);
void xenpv_store_call_soon(void);

#endif /* _XENPV_STORE_PRIVATE_H */
