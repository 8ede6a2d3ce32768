/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_LINK_H
#define _XENPV_LINK_H

/**
 * DOC: Links
 *
 * A device is split: a front in one domain, a back in another.  What they share, the
 * link, is made and unmade by both.  Each end has a key "state" in xenstore, writes its
 * own and watches the peer's; the toolstack may write that of the back as well, to have
 * the device go.
 *
 * One table says for each side what to do about (own state, peer's state, online), and
 * one engine does it for all devices: it calls the driver and publishes the next state.
 * How far an end has got is its level::
 *
 *	0  nothing is shared
 *	1  connected: rings, grants, events; no data
 *	2  started: data flows
 *
 * The state that stands in our key bounds the level.  So whoever wrote it, an end is
 * stopped and disconnected when its key says that it is.
 *
 * What must stay true:
 *
 * - At most one callback of a driver runs at a time for a device.  connect comes at level
 *   0 and start at level 1, stop at level 2, disconnect at level 1.
 * - A state is published only if our key still holds what we know of and the peer's
 *   what we have acted upon; both are looked at in the transaction that writes.  Otherwise
 *   nothing is written, and what was found is looked at anew.  Nobody's wish is lost.
 * - A fault ends the link for good: stop, disconnect, Closing.  Its reason is kept and told
 *   once.  It is forgotten when the driver is bound anew, when the toolstack writes
 *   Initialising to our key, and after a restore; not by anything that the peer does.
 *
 * A driver reports what a peer must not do::
 *
 *	if (!request)
 *		xenpv_link_fault(dev, "response to %u, which is not in flight", id);
 *
 * from any context.  It does not wait: until stop() is called the driver leaves the ring
 * alone by itself (xenpv_ring_break()).
 *
 * The tables and the reasons for them: Documentation/virt/xenpv/link.rst.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/interface/io/xenbus.h>
#include <xenpv/store.h>

struct xenpv_device;

/* States are 0 to 8: enum xenbus_state. */
#define XENPV_LINK_STATES	9

/**
 * enum xenpv_side - which end of a device we are
 * @XENPV_FRONT: the one that uses it
 * @XENPV_BACK: the one that provides it
 * @XENPV_SIDES: how many there are
 */
enum xenpv_side {
	XENPV_FRONT,
	XENPV_BACK,
	XENPV_SIDES,
};

/**
 * enum xenpv_link_action - what to do next
 * @XENPV_LINK_WAIT: nothing
 * @XENPV_LINK_OFFER: stop, disconnect; publish keys and InitWait
 * @XENPV_LINK_CONNECT: connect; publish keys and what "my half is ready" looks like
 * @XENPV_LINK_START: start; publish Connected
 * @XENPV_LINK_SERVE: if ready: connect, start; publish keys and Connected
 * @XENPV_LINK_RUN: start if it is not started yet, else changed
 * @XENPV_LINK_STALE: RENEW if it was started, else nothing
 * @XENPV_LINK_RESET: stop, disconnect; publish Initialising
 * @XENPV_LINK_RENEW: stop, disconnect; publish Closed, and come again after the peer did
 * @XENPV_LINK_CLOSING: stop; publish Closing
 * @XENPV_LINK_CLOSE: stop, disconnect; publish Closed
 * @XENPV_LINK_REMOVE: stop, disconnect; the device is gone
 * @XENPV_LINK_ACTIONS: how many there are
 */
enum xenpv_link_action {
	XENPV_LINK_WAIT,
	XENPV_LINK_OFFER,
	XENPV_LINK_CONNECT,
	XENPV_LINK_START,
	XENPV_LINK_SERVE,
	XENPV_LINK_RUN,
	XENPV_LINK_STALE,
	XENPV_LINK_RESET,
	XENPV_LINK_RENEW,
	XENPV_LINK_CLOSING,
	XENPV_LINK_CLOSE,
	XENPV_LINK_REMOVE,
	XENPV_LINK_ACTIONS,
};

enum xenpv_link_action xenpv_link_next(enum xenpv_side side, enum xenbus_state own,
				       enum xenbus_state peer, bool online);

/**
 * struct xenpv_link_stats - what has happened to a link
 * @connects: how often it was connected
 * @changes: states that we have published
 * @foreign: states in our key that somebody else wrote
 * @faults: faults
 */
struct xenpv_link_stats {
	unsigned int connects;
	unsigned int changes;
	unsigned int foreign;
	unsigned int faults;
};

/* Room for the reason of a fault. */
#define XENPV_LINK_REASON	96

/**
 * struct xenpv_link - one end of a connection
 * @lock: held over each callback of the driver but probe and remove
 * @mine: the state in our key, as far as we know
 * @peer: the last state of the peer that made sense
 * @level: how far we have got
 * @flags: what happened meanwhile, see private.h
 * @hints: how often there was a reason to look
 * @reason: of the fault
 * @watch: of the peer's state
 * @work: looks, and does what is to be done
 * @limit: lines in the log
 * @stats: for users
 *
 * Private to the room; drivers use the functions below.
 */
struct xenpv_link {
	struct mutex lock;
	u8 mine __guarded_by(&lock);
	u8 peer __guarded_by(&lock);
	u8 level __guarded_by(&lock);
	unsigned long flags;
	atomic_t hints;
	char reason[XENPV_LINK_REASON];
	struct xenpv_store_watch watch;
	struct delayed_work work;
	struct ratelimit_state limit;
	struct xenpv_link_stats stats __guarded_by(&lock);
};

__printf(2, 3)
void xenpv_link_fault(struct xenpv_device *dev, const char *format, ...);
bool xenpv_link_faulted(const struct xenpv_device *dev);
void xenpv_link_kick(struct xenpv_device *dev);

#endif /* _XENPV_LINK_H */
