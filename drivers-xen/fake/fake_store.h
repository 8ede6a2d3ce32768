/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_STORE_H
#define _XENPV_FAKE_STORE_H

/**
 * DOC: The fake's xenstored
 *
 * A daemon at the other end of the store's page: a tree in memory, transactions that
 * see the tree as of their start and fail if it has changed since, watches, quotas,
 * errors.  The client is domain %XENPV_FAKE_STORE_DOMID, whose relative paths begin in
 * /local/domain/1.
 *
 *	page = xenpv_fake_store_start(test);
 *	...	the client writes to the page and calls xenpv_fake_store_serve()
 *	xenpv_fake_store_set("/local/domain/0/x", "1");	(another domain)
 *
 * It acts when it is told to, in the caller's thread, until it has nothing to do or no
 * room.  It is strict: a request that breaks the protocol is counted, and judged again
 * with none of the client's code.
 *
 * And it lies on demand: each message can be changed before it is sent, and any bytes
 * can be sent at any time.
 */

#include <kunit/test.h>
#include <linux/types.h>
#include <xen/interface/io/xs_wire.h>

#define XENPV_FAKE_STORE_DOMID	1
#define XENPV_FAKE_STORE_HOME	"/local/domain/1"

/* From here to the end of the case. */
struct xenstore_domain_interface *xenpv_fake_store_start(struct kunit *test);

/* Read, answer, write.  While it is held it does nothing. */
void xenpv_fake_store_serve(void);
void xenpv_fake_store_hold(bool hold);

/* It sends an event when it was told, or has something to say: for the test to pass on. */
bool xenpv_fake_store_event(void);

/* Moves at most so many bytes at a time, and stops after each piece it has written; 0: all. */
void xenpv_fake_store_piece(unsigned int bytes);

/* Begins anew: watches, transactions, half messages are lost; the tree is not. */
void xenpv_fake_store_restart(void);

/* Begins anew on a page that the client gave it; NULL: on its own one again. */
void xenpv_fake_store_page(struct xenstore_domain_interface *page);

/* Says that it can begin anew when it is asked to, and does. */
void xenpv_fake_store_reconnects(bool can);

/* The tree as others change it; watches fire.  NULL if there is no such node. */
void xenpv_fake_store_set(const char *path, const char *value);
void xenpv_fake_store_remove(const char *path);
const char *xenpv_fake_store_value(const char *path);

/* The client may not change it. */
void xenpv_fake_store_protect(const char *path);

/**
 * struct xenpv_fake_store_limits - what the client may have
 * @nodes: in the tree
 * @watches: at a time
 * @txns: at a time
 * @names: bytes of names in one answer
 */
struct xenpv_fake_store_limits {
	unsigned int nodes;
	unsigned int watches;
	unsigned int txns;
	unsigned int names;
};

extern struct xenpv_fake_store_limits xenpv_fake_store_limits;

/*
 * Called before a message is sent, with room for 2 * XENSTORE_PAYLOAD_MAX bytes of
 * body; the length that @head says then is what is sent, up to that.  False: not sent.
 */
typedef bool (*xenpv_fake_store_lie_fn)(struct xsd_sockmsg *head, char *body, void *arg);
void xenpv_fake_store_lie(xenpv_fake_store_lie_fn fn, void *arg);

/* Says something that nobody asked for; any bytes. */
void xenpv_fake_store_say(u32 type, u32 req_id, u32 tx_id, const void *body, u32 len);
void xenpv_fake_store_raw(const void *bytes, size_t len);

/* Called for each request before it is served; false: it is never answered. */
void xenpv_fake_store_on_request(bool (*fn)(const struct xsd_sockmsg *head, const char *body));

/* What there is and what there was. */
unsigned int xenpv_fake_store_watches(void);
unsigned int xenpv_fake_store_txns(void);
unsigned int xenpv_fake_store_asked(u32 type);
unsigned int xenpv_fake_store_violations(void);
size_t xenpv_fake_store_unsent(void);

#endif /* _XENPV_FAKE_STORE_H */
