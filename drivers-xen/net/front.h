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
 * Locks: queue->lock guards the ring for packets that we send and its ids.  It is taken in
 * ndo_start_xmit, which has the lock of the Linux queue, and in poll; nothing but the locks
 * of the scheduler is taken in it.  What a poll works with has no lock: it belongs to
 * whoever has the NAPI instance.  up and flowing are guarded by rtnl.  The link calls us with
 * a lock of its own, in which rtnl is taken, so nothing that has rtnl waits for the link.
 */

#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <xenpv/bus.h>
#include <xenpv/grant.h>
#include <xenpv/ids.h>
#include "netif.h"

struct page_pool;
struct xnet_front;

/* Slots of each of the two rings, which have one page. */
#define XNET_FRONT_SLOTS	256U

/* What a packet may take of a ring: a queue that has less is stopped. */
#define XNET_FRONT_NEED		(XNET_SLOTS + XNET_EXTRAS)

/* Queues that an interface has, unless somebody wants it otherwise. */
#define XNET_FRONT_QUEUES	8U

/**
 * enum xnet_front_count - what is counted, for each queue
 * @XNET_TX_PACKETS: packets that the back has taken
 * @XNET_TX_BYTES: their bytes
 * @XNET_TX_REFUSED: packets that the back did not want
 * @XNET_TX_KEPT: packets of which it kept a page
 * @XNET_TX_RECALLED: packets that it has not answered when it went
 * @XNET_TX_DOWN: packets dropped, there was no back
 * @XNET_TX_SHAPE: packets dropped, they could not be made to fit
 * @XNET_TX_MEMORY: packets dropped, for want of memory
 * @XNET_TX_WAITS: how often a packet had to wait for pages or references
 * @XNET_TX_STOPS: how often the ring was full
 * @XNET_RX_PACKETS: packets that came
 * @XNET_RX_BYTES: their bytes
 * @XNET_RX_BAD: packets dropped, their slots were bad
 * @XNET_RX_KEPT: packets dropped, the back kept a page
 * @XNET_RX_HEADERS: packets dropped, their headers are not what the slots say
 * @XNET_RX_MEMORY: packets dropped, for want of memory
 * @XNET_RX_STARVED: how often too few pages could be lent
 * @XNET_COUNTS: how many there are
 */
enum xnet_front_count {
	XNET_TX_PACKETS,
	XNET_TX_BYTES,
	XNET_TX_REFUSED,
	XNET_TX_KEPT,
	XNET_TX_RECALLED,
	XNET_TX_DOWN,
	XNET_TX_SHAPE,
	XNET_TX_MEMORY,
	XNET_TX_WAITS,
	XNET_TX_STOPS,
	XNET_RX_PACKETS,
	XNET_RX_BYTES,
	XNET_RX_BAD,
	XNET_RX_KEPT,
	XNET_RX_HEADERS,
	XNET_RX_MEMORY,
	XNET_RX_STARVED,
	XNET_COUNTS,
};

/**
 * struct xnet_front_counts - counters that one context writes
 * @sync: for readers
 * @nr: by enum xnet_front_count
 */
struct xnet_front_counts {
	struct u64_stats_sync sync;
	u64_stats_t nr[XNET_COUNTS];
};

/**
 * struct xnet_sent - a slot that the back has
 * @skb: of which packet
 * @seg: what is lent
 * @next: the next free one, if this is free
 */
struct xnet_sent {
	struct sk_buff *skb;
	struct xenpv_grant_seg seg;
	u16 next;
};

/**
 * struct xnet_posted - a page that the back may fill
 * @page: the page
 * @ref: its reference
 */
struct xnet_posted {
	struct page *page;
	grant_ref_t ref;
};

/**
 * struct xnet_front_queue - a pair of rings
 * @front: whose
 * @nr: its number
 * @live: packets may be sent
 * @napi: polls both rings
 * @lock: guards what follows, up to @extras
 * @tx: the ring for packets of ours; who polls gets from it, and the lock is for the rest
 * @ids: ids that are with the back, of the struct xnet_sent each belongs to
 * @sent: XNET_FRONT_SLOTS of them
 * @free: the first free one of them
 * @extras: slots with extras that were not answered
 * @sgl: scratch of who sends, as is the rest up to @slots
 * @segs: likewise
 * @packet: likewise
 * @slots: likewise
 * @rx: the ring for packets of the back; of who polls, as is the rest up to @rx_useful
 * @pages: where pages come from
 * @posted: pages that the back has, by position
 * @put: how many it ever got
 * @got: how many it has answered
 * @arrival: the packet that is being put together
 * @tx_useful: the back has answered since it was last told that we are done
 * @rx_useful: likewise has sent
 * @sending: what is counted by who sends
 * @polling: what is counted by who polls, or takes back when nobody polls
 * @hungry: tries later to get pages
 * @tx_share: page of a ring, and the event
 * @rx_share: likewise; no event if there is but one
 * @tx_file: shows the ring in debugfs
 * @rx_file: likewise
 */
struct xnet_front_queue {
	struct xnet_front *front;
	unsigned int nr;
	bool live;
	struct napi_struct napi;

	spinlock_t lock;	/* guards what follows, up to extras */
	struct xnet_tx_front tx;
	struct xenpv_ids ids __guarded_by(&lock);
	struct xnet_sent *sent __guarded_by(&lock);
	u16 free __guarded_by(&lock);
	u32 extras __guarded_by(&lock);

	struct scatterlist sgl[MAX_SKB_FRAGS + 1];
	struct xenpv_grant_seg segs[XNET_SLOTS];
	struct xnet_packet packet;
	union xnet_tx_slot slots[XNET_FRONT_NEED];

	struct xnet_rx_front rx;
	struct page_pool *pages;
	struct xnet_posted posted[XNET_FRONT_SLOTS];
	u32 put;
	u32 got;
	struct xnet_arrival arrival;
	bool tx_useful;
	bool rx_useful;

	struct xnet_front_counts sending;
	struct xnet_front_counts polling;

	struct delayed_work hungry;
	struct xenpv_share tx_share;
	struct xenpv_share rx_share;
	struct dentry *tx_file;
	struct dentry *rx_file;
};

/**
 * struct xnet_front_facts - what the back can do
 * @copy: fill pages of ours, instead of giving us its own
 * @sg: take packets of several pages
 * @gso4: take TCP over IPv4 of many segments
 * @gso6: likewise over IPv6
 * @no_csum: it does not fill in checksums of IPv4
 * @csum6: it fills in checksums of IPv6
 * @split: each ring may have an event of its own
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
	u32 queues;
	u32 mtu;
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
 */
struct xnet_front_plan {
	u8 address[ETH_ALEN];
	unsigned int queues;
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
 * xnet_front_count() - count something
 * @counts: where
 * @what: it
 * @nr: how many
 *
 * Context: That which writes @counts.
 */
static inline void xnet_front_count(struct xnet_front_counts *counts,
				    enum xnet_front_count what, u64 nr)
{
	u64_stats_update_begin(&counts->sync);
	u64_stats_add(&counts->nr[what], nr);
	u64_stats_update_end(&counts->sync);
}

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

/* front_rx.c: receiving */
int xnet_front_receive(struct xnet_front_queue *queue, int budget);
void xnet_front_refill(struct xnet_front_queue *queue);
void xnet_front_withdraw(struct xnet_front_queue *queue);

/* front_share.c: what is shared, and when it is looked at */
int xnet_front_poll(struct napi_struct *napi, int budget);
irqreturn_t xnet_front_interrupt(int irq, void *queue);
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
