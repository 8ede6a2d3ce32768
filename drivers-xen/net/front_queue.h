/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_FRONT_QUEUE_H
#define _XENPV_NET_FRONT_QUEUE_H

/* The front of a network interface: a pair of rings, and what goes through it. */

#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xenpv/bus.h>
#include <xenpv/grant.h>
#include <xenpv/ids.h>
#include "front_counts.h"
#include "netif.h"

struct page_pool;
struct xnet_front;

/* Slots of each of the two rings, which have one page. */
#define XNET_FRONT_SLOTS	256U

/* What a packet may take of a ring: a queue that has less is stopped. */
#define XNET_FRONT_NEED		(XNET_SLOTS + XNET_EXTRAS)

/* Bits of xnet_front_queue.events: which events were not acknowledged yet. */
#define XNET_FRONT_TX_EVENT	0
#define XNET_FRONT_RX_EVENT	1

/**
 * struct xnet_sent - a slot that the back has
 * @skb: of which packet; NULL: it is about a group
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
 * @events: XNET_FRONT_TX_EVENT and XNET_FRONT_RX_EVENT
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
 * @short_page: if it is to be copied whole: its page, which the back still has
 * @tx_useful: the back has answered since XNET_FRONT_TX_EVENT was last acknowledged
 * @rx_useful: likewise has sent, for the other event
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
	unsigned long events;
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
	struct xnet_posted short_page;
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

#endif /* _XENPV_NET_FRONT_QUEUE_H */
