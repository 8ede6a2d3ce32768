/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_FRONT_H
#define _XENPV_NET_FRONT_H

/**
 * DOC: The front of a network interface
 *
 * An interface is there from the first connection until its device goes.  What is shared with
 * the back, rings and grants, is there from connect to disconnect; while it is not, there is
 * no carrier.  Packets that were on their way then are lost, as they would be on a wire, and
 * the interface keeps its name, address and all that was set up for it.
 *
 *	up		the link is started
 *	running		the administrator has the interface up
 *	flowing		both: NAPI is enabled, packets go and come
 *
 * Sending: the pieces of a packet are lent, each in its page; what is not a whole page is
 * copied, so that the back sees nothing else.  Each slot has an id of its own and a struct
 * xnet_sent; when all slots of a packet were answered it is freed.
 *
 * Receiving: whole pages are lent for the back to write.  Answers come in the order of the
 * requests.  A page is taken back before a byte of it is looked at, and a page that the back
 * keeps is never looked at.
 *
 * Groups: a back that can is told which ones the interface wants to hear, one at a time, and
 * then to send no others.  If it does not take one, or the interface is to hear everything,
 * it sends all, as others do.
 *
 * Locks: queue->lock guards the ring for packets that we send and its ids.  It is taken in
 * ndo_start_xmit, which has the lock of the Linux queue, and in poll; nothing but the locks
 * of the scheduler is taken in it.  What a poll works with has no lock: it belongs to
 * whoever has the NAPI instance.  up and flowing are guarded by rtnl.  The link calls us with
 * a lock of its own, in which rtnl is taken, so nothing that has rtnl waits for the link.
 */

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <xenpv/bus.h>
#include "front_counts.h"
#include "front_queue.h"
#include "netif.h"

/* Queues that an interface has, unless somebody wants it otherwise. */
#define XNET_FRONT_QUEUES	8U

/* Groups that a back is told of; backs of Linux take no more. */
#define XNET_FRONT_GROUPS	64U

/**
 * struct xnet_front_facts - what the back can do
 * @copy: fill pages of ours, instead of giving us its own
 * @sg: take packets of several pages
 * @gso4: take TCP over IPv4 of many segments
 * @gso6: likewise over IPv6
 * @no_csum: it does not fill in checksums of IPv4
 * @csum6: it fills in checksums of IPv6
 * @split: each ring may have an event of its own
 * @groups: it may be told at any time which groups to send
 * @queues: pairs of rings
 * @mtu: of the interface; 0: it does not say
 */
struct xnet_front_facts {
	bool copy;
	bool sg;
	bool gso4;
	bool gso6;
	bool no_csum;
	bool csum6;
	bool split;
	bool groups;
	u32 queues;
	u32 mtu;
};

/* Asks the back to send no other groups than it was told of, or all; 0 or a negative errno. */
typedef int xnet_front_set_filter(struct xenpv_device *dev, bool filter);

/**
 * struct xnet_front_groups - groups that the back is told of
 * @set: see struct xnet_front_plan
 * @work: tells it; what follows is of this work, or of who takes an answer
 * @able: the back can be told
 * @filter: it sends no others
 * @refused: it did not take one
 * @waits: it has not answered yet
 * @what: XEN_NETIF_EXTRA_TYPE_MCAST_ADD or _DEL, of @address
 * @address: what it is told of now
 * @nr: groups that it knows of
 * @told: they
 * @packet: scratch
 * @slots: likewise
 */
struct xnet_front_groups {
	xnet_front_set_filter *set;
	struct delayed_work work;
	bool able;
	bool filter;
	bool refused;
	bool waits;
	u8 what;
	u8 address[ETH_ALEN] __aligned(2);
	unsigned int nr;
	u8 told[XNET_FRONT_GROUPS][ETH_ALEN] __aligned(2);
	struct xnet_packet packet;
	union xnet_tx_slot slots[XNET_FRONT_NEED];
};

/**
 * struct xnet_front - the front of an interface
 * @dev: the device
 * @net: the interface
 * @registered: others see it
 * @up: the link is started
 * @flowing: NAPI is enabled
 * @trusted: the back may see what was in memory before
 * @facts: what the back can do
 * @pool: what is lent
 * @again: has queues polled that wait for pages or references
 * @groups: that the back is told of
 * @wanted: the MTU that was set up
 * @clamped: what was made of it for this back
 * @timeouts: how often the back has not answered for long
 * @dir: in debugfs
 * @max_queues: pairs of rings that there can be
 * @nr_queues: that there are
 * @queues: they, @max_queues
 */
struct xnet_front {
	struct xenpv_device *dev;
	struct net_device *net;
	bool registered;
	bool up;
	bool flowing;
	bool trusted;
	struct xnet_front_facts facts;
	struct xenpv_grant_pool *pool;
	struct work_struct again;
	struct xnet_front_groups groups;
	unsigned int wanted;
	unsigned int clamped;
	u64 timeouts;
	struct dentry *dir;
	unsigned int max_queues;
	unsigned int nr_queues;
	struct xnet_front_queue *queues;
};

/**
 * struct xnet_front_plan - what an interface shall be, as far as it is up to us
 * @address: its address
 * @queues: pairs of rings at most
 * @set: asks the back to send no other groups than it was told of, or all
 */
struct xnet_front_plan {
	u8 address[ETH_ALEN];
	unsigned int queues;
	xnet_front_set_filter *set;
};

/**
 * struct xnet_front_terms - how much is shared with a back
 * @pages: for copies
 * @persistent: data is copied through pages that stay lent
 * @trusted: the back may see what lies beside the data
 */
struct xnet_front_terms {
	unsigned int pages;
	bool persistent;
	bool trusted;
};

/**
 * xnet_front_txq() - the queue of Linux that belongs to one of ours
 * @queue: ours
 *
 * Context: Any.
 * Return: it.
 */
static inline struct netdev_queue *xnet_front_txq(const struct xnet_front_queue *queue)
{
	return netdev_get_tx_queue(queue->front->net, queue->nr);
}

/**
 * xnet_front_rx_event() - how the back is told of pages to fill
 * @queue: the queue
 *
 * Context: Any, while it is connected.
 * Return: the event.
 */
static inline struct xenpv_event *xnet_front_rx_event(const struct xnet_front_queue *queue)
{
	return queue->rx_share.event ?: queue->tx_share.event;
}

/* front_tx.c: sending */
netdev_tx_t xnet_front_xmit(struct sk_buff *skb, struct net_device *net);
unsigned int xnet_front_pieces(const struct sk_buff *skb);
bool xnet_front_reap(struct xnet_front_queue *queue, int budget);
void xnet_front_recall(struct xnet_front_queue *queue);
bool xnet_front_tell(struct xnet_front_queue *queue);

/* front_rx.c: receiving */
int xnet_front_receive(struct xnet_front_queue *queue, int budget);
void xnet_front_refill(struct xnet_front_queue *queue);
void xnet_front_withdraw(struct xnet_front_queue *queue);

/* front_groups.c: which groups the back sends */
void xnet_front_set_rx_mode(struct net_device *net);
void xnet_front_make_groups(struct xnet_front *front, xnet_front_set_filter *set);
void xnet_front_forget_groups(struct xnet_front *front);
void xnet_front_answered(struct xnet_front *front, bool taken);

/* front_share.c: what is shared, and when it is looked at */
int xnet_front_poll(struct napi_struct *napi, int budget);
irqreturn_t xnet_front_interrupt(int irq, void *queue);
irqreturn_t xnet_front_rx_interrupt(int irq, void *queue);
int xnet_front_make_queues(struct xnet_front *front);
void xnet_front_drop_queues(struct xnet_front *front);
int xnet_front_share(struct xnet_front *front, const struct xnet_front_terms *terms);
void xnet_front_unshare(struct xnet_front *front);
void xnet_front_flow(struct xnet_front *front);
void xnet_front_ebb(struct xnet_front *front);

/* front_dev.c: the interface */
struct xnet_front *xnet_front_new(struct xenpv_device *dev, const struct xnet_front_plan *plan);
void xnet_front_drop(struct xnet_front *front);
int xnet_front_run(struct xnet_front *front);
void xnet_front_halt(struct xnet_front *front);

/* front_stats.c: what is counted */
u64 xnet_front_sum(const struct xnet_front_queue *queue, enum xnet_front_count what);
void xnet_front_stats64(struct net_device *net, struct rtnl_link_stats64 *stats);
extern const struct netdev_stat_ops xnet_front_stat_ops;
extern const struct ethtool_ops xnet_front_ethtool_ops;

#endif /* _XENPV_NET_FRONT_H */
