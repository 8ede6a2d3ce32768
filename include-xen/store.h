/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_H
#define _XENPV_STORE_H

/**
 * DOC: The store
 *
 * Xenstore is a small tree of named values that a daemon keeps for all domains.
 * The toolstack and the two ends of a device meet there.  We talk to the daemon by
 * messages through one shared page.  It is a peer: what it sends is judged, and a
 * message that cannot be true ends the connection, not the kernel.
 *
 * A node is named by a directory and a name in it, (@dir, @node); either may be
 * empty.  Without a leading slash it is relative to this domain's own directory.
 *
 * Requests are functions that wait for the answer.  Many callers may wait at a
 * time.  While the daemon is away (not started yet, being restarted, the domain
 * suspended) they wait for it to come back; a fatal signal ends the wait with
 * -EINTR, though not the request.  What happens to a request when the daemon goes:
 *
 * - Outside of a transaction it is sent again, a few times.  All requests may be
 *   repeated without harm.
 * - In a transaction it fails with -EAGAIN, which restarts the transaction.
 *
 * Errors are those of the daemon (-ENOENT, -EACCES, -EEXIST, -ENOSPC ...), and
 * -EIO if its answer makes no sense or the connection is broken, -EINVAL or
 * -ENAMETOOLONG for a path that no node can have, -ENODEV if there is no store.
 *
 * A transaction is a function.  It sees the tree as of one moment and changes it
 * at once or not at all.  It is called again if somebody else was faster::
 *
 *	static int publish(struct xenpv_store_txn *txn, void *arg)
 *	{
 *		int ret = xenpv_store_write(txn, dir, "ring-ref", "8");
 *
 *		return ret ?: xenpv_store_write(txn, dir, "event-channel", "17");
 *	}
 *
 *	ret = xenpv_store_transaction(publish, NULL);
 *
 * The function changes nothing but the store, uses @txn for all of it, and returns
 * the error of a request as it is.
 *
 * A watch calls a function after a node, or one below it, may have changed, and
 * once at the beginning::
 *
 *	watch->dir = dir, watch->node = "state", watch->changed = look;
 *	ret = xenpv_store_watch(watch);
 *
 * Calls are hints.  What the function must know is in the store, so:
 *
 * - A path that waits for the call already is not queued again.
 * - A watch with more than a few waiting paths forgets them and gets one call with
 *   the path that it watches: look at everything below.  That call also comes
 *   whenever the connection to the daemon was made anew.
 * - Calls of one watch come in order, one at a time over all watches.  They may
 *   sleep, make requests, and add and remove watches.
 * - When xenpv_store_unwatch() returns, no call runs and none will come; called
 *   from the watch's own function, none will come.
 *
 * In the control domain the daemon is a program that starts late, so code that
 * wants to use the store early has itself called: xenpv_store_when_up().
 *
 * Some errors only say that the store could not do it now: xenpv_store_passing().
 *
 * For /dev/xen/xenbus, xenfs and the daemon itself see xenpv/store_user.h.
 */

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/types.h>
#include <xenpv/abi.h>

/**
 * struct xenpv_store_txn - a transaction that is open
 * @id: the daemon's number for it
 * @session: the connection in which that number means something
 */
struct xenpv_store_txn {
	u32 id;
	u32 session;
};

/**
 * xenpv_store_passing() - did the store say no, or only not now?
 * @error: what a request returned
 *
 * Context: Any.
 * Return: true if it may succeed later.
 */
static inline bool xenpv_store_passing(int error)
{
	return error == -EAGAIN || error == -EIO || error == -EINTR || error == -ENODEV ||
	       error == -ENOMEM || error == -ETIMEDOUT;
}

/* Requests; @txn is NULL outside of a transaction. */
char *xenpv_store_read(struct xenpv_store_txn *txn, const char *dir, const char *node,
		       size_t *len);
int xenpv_store_read_u64(struct xenpv_store_txn *txn, const char *dir, const char *node,
			 u64 *value);
int xenpv_store_exists(struct xenpv_store_txn *txn, const char *dir, const char *node);
int xenpv_store_write(struct xenpv_store_txn *txn, const char *dir, const char *node,
		      const char *value);
int xenpv_store_write_u64(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  u64 value);
__printf(4, 5)
int xenpv_store_printf(struct xenpv_store_txn *txn, const char *dir, const char *node,
		       const char *format, ...);
int xenpv_store_mkdir(struct xenpv_store_txn *txn, const char *dir, const char *node);
int xenpv_store_rm(struct xenpv_store_txn *txn, const char *dir, const char *node);

/**
 * struct xenpv_store_list - what is in a directory
 * @names: the names, one behind the other, each with its final NUL
 * @len: bytes in @names
 * @nr: how many names
 */
struct xenpv_store_list {
	char *names;
	size_t len;
	unsigned int nr;
};

int xenpv_store_list(struct xenpv_store_txn *txn, const char *dir, const char *node,
		     struct xenpv_store_list *list);
void xenpv_store_list_free(struct xenpv_store_list *list);
const char *xenpv_store_list_next(const struct xenpv_store_list *list, const char *name);

/* Each name in a list; const char *name. */
#define xenpv_store_for_each(name, list)				\
	for ((name) = xenpv_store_list_next(list, NULL); (name);	\
	     (name) = xenpv_store_list_next(list, name))

/**
 * enum xenpv_store_access - what a domain may do with a node
 * @XENPV_STORE_NONE: nothing
 * @XENPV_STORE_READ: read
 * @XENPV_STORE_WRITE: write
 * @XENPV_STORE_BOTH: both
 */
enum xenpv_store_access {
	XENPV_STORE_NONE	= 'n',
	XENPV_STORE_READ	= 'r',
	XENPV_STORE_WRITE	= 'w',
	XENPV_STORE_BOTH	= 'b',
};

/**
 * struct xenpv_store_perm - one entry of the permissions of a node
 * @domid: for whom; the first entry is the owner, who may do everything
 * @access: what; in the first entry for all who have no entry
 */
struct xenpv_store_perm {
	domid_t domid;
	enum xenpv_store_access access;
};

int xenpv_store_get_perms(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  struct xenpv_store_perm *perms, unsigned int max);
int xenpv_store_set_perms(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  const struct xenpv_store_perm *perms, unsigned int nr);

/* Tries of a transaction, before its -EAGAIN is final. */
#define XENPV_STORE_TRIES	24

int xenpv_store_transaction(int (*fn)(struct xenpv_store_txn *txn, void *arg), void *arg);

/* Paths that wait for one watch, and their bytes; bytes that wait for all. */
#define XENPV_STORE_WATCH_EVENTS	16
#define XENPV_STORE_WATCH_BYTES		8192
#define XENPV_STORE_ALL_BYTES		32768

/**
 * struct xenpv_store_watch - a function to call when something changes
 * @dir: directory of the node to watch
 * @node: name of the node, or a special one: @dir empty, "@releaseDomain"
 * @changed: the function; @path is valid during the call
 * @path: the path that is watched, while it is
 * @token: how the daemon names the watch
 * @ready: in the list of watches that have something to call for
 * @events: paths that wait
 * @nr_events: how many
 * @bytes: their length
 * @whole: a call with @path waits, before those of @events
 *
 * The caller fills in @dir, @node and @changed, which must stay valid only until
 * xenpv_store_watch() returns, and leaves the rest zero.
 */
struct xenpv_store_watch {
	const char *dir;
	const char *node;
	void (*changed)(struct xenpv_store_watch *watch, const char *path);

	/* Private to watch.c. */
	char *path;
	u32 token;
	struct list_head ready;
	struct list_head events;
	unsigned int nr_events;
	size_t bytes;
	bool whole;
};

int xenpv_store_watch(struct xenpv_store_watch *watch);
void xenpv_store_unwatch(struct xenpv_store_watch *watch);

/**
 * struct xenpv_store_waiter - a function to call when the store can be used
 * @up: the function, called where watches are called: once, and again in a second as long as
 *	it returns an error of xenpv_store_passing()
 * @list: private
 */
struct xenpv_store_waiter {
	int (*up)(struct xenpv_store_waiter *waiter);
	struct list_head list;
};

bool xenpv_store_is_up(void);
void xenpv_store_when_up(struct xenpv_store_waiter *waiter);
void xenpv_store_forget(struct xenpv_store_waiter *waiter);
int xenpv_store_wait_up(unsigned long timeout);

/* Paths. */
char *xenpv_store_path(const char *dir, const char *node);

/* For whoever saves the domain: the first, then one of the other two. */
int xenpv_store_suspend(void);
void xenpv_store_resume(void);
void xenpv_store_thaw(void);

#endif /* _XENPV_STORE_H */
