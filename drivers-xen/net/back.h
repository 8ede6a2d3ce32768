/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_BACK_H
#define _XENPV_NET_BACK_H

/**
 * DOC: The back of a network interface
 *
 * An interface of ours, "vif<domain>.<number>", whose other end is in another domain.  What
 * the front sends comes in here, what is sent here goes to the front::
 *
 *	front	ring "tx"  --->  xnet_back_take()  --->  the stack	"in"
 *	front	ring "rx"  <---  xnet_back_give()  <---  a queue of skbs
 *			   <---  xnet_back_xmit()  <---  the stack	"out"
 *
 * Each queue has one NAPI, which does both in turns, and what else there is to do about the
 * queue: no thread, and no lock but for the skbs that wait.  A turn is bounded, whatever the
 * front does.
 *
 * Data are copied by Xen in both directions, many pieces at a time; no page of the front is
 * mapped but its rings.  So what is judged stays as it was judged, a front that goes
 * leaves nothing behind, and what the stack keeps for long is ours.
 *
 * What must stay true:
 *
 * - Each slot and each request is answered once; answers of "rx" in the order of requests.
 * - A packet to the front is begun only if there are requests for all of it.
 * - What waits for a front has a limit in bytes and in packets, and in time.  A front that
 *   takes nothing for long loses its carrier until it can take a packet of any size.
 * - The link is ended by a flag that anybody can set: a turn may not sleep.
 *
 * Locks: queue->lock is for the skbs that wait, and taken with interrupts off: the stack may
 * send from there (netpoll).  No skb is freed under it.  Other data of a queue belong to its
 * turn, and to start and stop while there is none.  back->lock is for the carrier.
 */

#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <xenpv/bus.h>
#include "back_queue.h"
#include "netif.h"

/* Addresses of groups that a front may want to hear. */
#define XNET_BACK_GROUPS	64U

/**
 * struct xnet_credit - how fast a front may send
 * @lock: guards the others
 * @interval: in nanoseconds; 0: as it likes
 * @bytes: in each interval
 * @left: bytes in this one; below 0 for what was sent in advance
 * @since: when it began
 */
struct xnet_credit {
	spinlock_t lock;	/* guards the others */
	u64 interval;
	s64 bytes __guarded_by(&lock);
	s64 left __guarded_by(&lock);
	u64 since __guarded_by(&lock);
};

/**
 * struct xnet_groups - groups that a front wants to hear
 * @lock: guards the others
 * @filter: it hears no others
 * @nr: how many
 * @addresses: they
 */
struct xnet_groups {
	spinlock_t lock;	/* guards the others */
	bool filter;
	unsigned int nr __guarded_by(&lock);
	u8 addresses[XNET_BACK_GROUPS][ETH_ALEN] __guarded_by(&lock);
};

/**
 * struct xnet_back_front - what the front can do
 * @sg: take packets of several slots
 * @gso4: take segments of TCP over IPv4 in one
 * @gso6: likewise, over IPv6
 * @no_csum4: not fill in checksums over IPv4
 * @csum6: fill in checksums over IPv6
 * @silent: lend pages without telling us
 */
struct xnet_back_front {
	bool sg;
	bool gso4;
	bool gso6;
	bool no_csum4;
	bool csum6;
	bool silent;
};

/**
 * struct xnet_back_watch - of a node that changes something
 * @watch: of the node
 * @back: of what
 */
struct xnet_back_watch {
	struct xenpv_store_watch watch;
	struct xnet_back *back;
};

/**
 * struct xnet_back - the back of an interface
 * @dev: the device
 * @netdev: the interface, whose private memory this is
 * @plugged: watches for the hotplug script to be done
 * @rate: watches the rate that the toolstack wants
 * @joined: watches whether the front wants to filter
 * @front: what the front can do
 * @credit: how fast it may send
 * @groups: what it wants to hear
 * @dir: of the rings in debugfs
 * @max_queues: queues at most
 * @nr_queues: queues of the front
 * @queues: they, @max_queues
 * @live: data may flow; under RTNL
 * @lock: guards what follows
 * @running: the same, as far as the carrier is concerned
 * @nr_stalled: queues whose front takes nothing
 */
struct xnet_back {
	struct xenpv_device *dev;
	struct net_device *netdev;
	struct xnet_back_watch plugged;
	struct xnet_back_watch rate;
	struct xnet_back_watch joined;
	struct xnet_back_front front;
	struct xnet_credit credit;
	struct xnet_groups groups;
	struct dentry *dir;
	unsigned int max_queues;
	unsigned int nr_queues;
	struct xnet_back_queue *queues;
	bool live;
	spinlock_t lock;	/* guards what follows */
	bool running __guarded_by(&lock);
	unsigned int nr_stalled __guarded_by(&lock);
};

/* back_tx.c: from the front */
int xnet_back_take(struct xnet_back_queue *queue, int budget);
void xnet_back_deliver(struct xnet_back_queue *queue, struct sk_buff *skb);
void xnet_credit_set(struct xnet_credit *credit, u64 bytes, u64 interval);

/* back_rx.c: to the front */
netdev_tx_t xnet_back_xmit(struct sk_buff *skb, struct net_device *netdev);
int xnet_back_give(struct xnet_back_queue *queue);
void xnet_back_purge(struct xnet_back_queue *queue);
bool xnet_groups_change(struct xnet_groups *groups, const struct xnet_meta *meta);

/* back_share.c: turns, and what is shared */
irqreturn_t xnet_back_tx_interrupt(int irq, void *queue);
irqreturn_t xnet_back_rx_interrupt(int irq, void *queue);
void xnet_back_due(struct xnet_back_queue *queue);
int xnet_back_turn(struct xnet_back_queue *queue, int budget);
bool xnet_back_rest(struct xnet_back_queue *queue);
void xnet_back_halt(struct xnet_back_queue *queue, const char *reason);
void xnet_back_later(struct xnet_back_queue *queue, u64 ns);
u64 xnet_back_now(void);
void xnet_back_up(struct xnet_back_queue *queue);
void xnet_back_down(struct xnet_back_queue *queue);
int xnet_back_make_queue(struct xnet_back *back, struct xnet_back_queue *queue,
			 const struct xnet_queue_facts *facts);
void xnet_back_drop_queue(struct xnet_back_queue *queue);

/* back_dev.c: the interface */
struct xnet_back *xnet_back_new(struct xenpv_device *dev, unsigned int max_queues);
void xnet_back_free(struct xnet_back *back);
void xnet_back_start(struct xnet_back *back);
void xnet_back_stop(struct xnet_back *back);
void xnet_back_stall(struct xnet_back_queue *queue, bool stalled);
void xnet_back_all_due(struct xnet_back *back);

/**
 * xnet_back_count() - something has happened
 * @queue: where
 * @what: which
 * @nr: how often
 *
 * Context: Any.
 */
static inline void xnet_back_count(struct xnet_back_queue *queue, enum xnet_back_count what,
				   unsigned int nr)
{
	atomic64_add(nr, &queue->counts[what]);
}

#endif /* _XENPV_NET_BACK_H */
