/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_BACK_QUEUE_H
#define _XENPV_NET_BACK_QUEUE_H

/* The back of a network interface: a pair of rings, and what goes through it. */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <xenpv/bus.h>
#include <xenpv/foreign.h>
#include "netif.h"

struct xnet_back;

/* Packets that are copied together. */
#define XNET_BACK_BATCH		32U

/*
 * Pieces that Xen copies for one packet at most.  Each of its parts may cross the end of a
 * page once for each page of data, and once more; and so may what they are copied to.
 */
#define XNET_BACK_PIECES	(2U * (MAX_SKB_FRAGS + 1) + 2U * XNET_SLOTS)
#define XNET_BACK_COPIES	(4U * XNET_BACK_PIECES)

/* Bytes of a packet that come in one piece of memory; of a longer one only the headers. */
#define XNET_BACK_WHOLE		1536U
#define XNET_BACK_HEADERS	256U

/**
 * enum xnet_back_count - what users see of an interface
 * @XNET_IN_PACKETS: from the front, given to the stack
 * @XNET_IN_BYTES: of these
 * @XNET_IN_BAD: slots that make no good packet
 * @XNET_IN_NOT_COPIED: pages that can't be read
 * @XNET_IN_NO_MEMORY: there was no memory for it
 * @XNET_IN_CHECKSUM: a checksum to be filled in where there is none
 * @XNET_IN_SEGMENTS: segments of what can't be cut
 * @XNET_IN_WAITS: how often the front had to wait because of its rate
 * @XNET_OUT_PACKETS: from the stack, given to the front
 * @XNET_OUT_BYTES: of these
 * @XNET_OUT_NOT_COPIED: pages that can't be written
 * @XNET_OUT_NO_MEMORY: there was no memory to make it fit
 * @XNET_OUT_APART: there is no front, or it takes nothing
 * @XNET_OUT_TOO_LARGE: more than the front can take
 * @XNET_OUT_FILTERED: for a group that the front does not want to hear
 * @XNET_OUT_FULL: sent although the queue was stopped
 * @XNET_OUT_EXPIRED: the front has not taken it in time
 * @XNET_OUT_STOPS: how often the queue was full
 * @XNET_OUT_STALLS: how often the front has lost its carrier
 * @XNET_COUNTS: how many there are
 */
enum xnet_back_count {
	XNET_IN_PACKETS,
	XNET_IN_BYTES,
	XNET_IN_BAD,
	XNET_IN_NOT_COPIED,
	XNET_IN_NO_MEMORY,
	XNET_IN_CHECKSUM,
	XNET_IN_SEGMENTS,
	XNET_IN_WAITS,
	XNET_OUT_PACKETS,
	XNET_OUT_BYTES,
	XNET_OUT_NOT_COPIED,
	XNET_OUT_NO_MEMORY,
	XNET_OUT_APART,
	XNET_OUT_TOO_LARGE,
	XNET_OUT_FILTERED,
	XNET_OUT_FULL,
	XNET_OUT_EXPIRED,
	XNET_OUT_STOPS,
	XNET_OUT_STALLS,
	XNET_COUNTS,
};

/* Bits of xnet_back_queue.events: which events were not acknowledged yet. */
#define XNET_TX_EVENT	0
#define XNET_RX_EVENT	1

/**
 * struct xnet_in - a packet from the front
 * @packet: its slots
 * @skb: where it is copied to
 * @nr_copies: in how many pieces
 */
struct xnet_in {
	struct xnet_packet packet;
	struct sk_buff *skb;
	unsigned int nr_copies;
};

/**
 * struct xnet_out_slot - data for one page of the front
 * @ref: the page
 * @id: of the request that has lent it
 * @len: bytes, from its beginning
 * @nr_copies: in how many pieces
 */
struct xnet_out_slot {
	grant_ref_t ref;
	u16 id;
	u16 len;
	u16 nr_copies;
};

/**
 * struct xnet_out - a packet to the front
 * @skb: the packet
 * @meta: what is to be known of it
 * @nr_extras: slots for that
 * @nr: slots of data
 * @slots: they
 */
struct xnet_out {
	struct sk_buff *skb;
	struct xnet_meta meta;
	unsigned int nr_extras;
	unsigned int nr;
	struct xnet_out_slot slots[XNET_SLOTS];
};

/**
 * struct xnet_back_desk - what a turn works with
 * @copies: pieces to be copied
 * @nr_copies: how many
 * @nr: packets in @in or @out
 * @in: packets from the front, or
 * @out: to it
 */
struct xnet_back_desk {
	struct xenpv_foreign_copy copies[XNET_BACK_COPIES];
	unsigned int nr_copies;
	unsigned int nr;
	union {
		struct xnet_in in[XNET_BACK_BATCH];
		struct xnet_out out[XNET_BACK_BATCH];
	};
};

/**
 * struct xnet_back_queue - a pair of rings of a front
 * @back: whose
 * @index: which one
 * @napi: has its turns
 * @timer: the next one, if nobody else calls for it
 * @up: there may be turns
 * @events: XNET_TX_EVENT and XNET_RX_EVENT
 * @tx: shared pages and event of the ring from the front
 * @rx: those of the ring to the front; no event if it is that of @tx
 * @tx_ring: the ring
 * @rx_ring: the ring
 * @tx_file: in debugfs
 * @rx_file: in debugfs
 * @desk: what a turn works with
 * @packet: what has come of the next packet
 * @tx_useful: slots have come since one was acknowledged last
 * @rx_useful: requests have
 * @broke: the front has to wait because of its rate
 * @requests: of the front, in order, from @first on; a power of two
 * @nr_places: how many fit
 * @first: the oldest one; counts on
 * @nr_requests: how many there are
 * @hungry: there were too few requests for the packet that was to be next
 * @hungry_since: from when on
 * @stalled: for so long that the carrier was taken away
 * @lock: guards what follows
 * @skbs: packets for the front
 * @bytes: memory that they use
 * @counts: for users
 */
struct xnet_back_queue {
	struct xnet_back *back;
	unsigned int index;
	struct napi_struct napi;
	struct timer_list timer;
	bool up;
	unsigned long events;
	struct xenpv_share tx;
	struct xenpv_share rx;
	struct xnet_tx_back tx_ring;
	struct xnet_rx_back rx_ring;
	struct dentry *tx_file;
	struct dentry *rx_file;
	struct xnet_back_desk *desk;
	struct xnet_packet packet;
	bool tx_useful;
	bool rx_useful;
	bool broke;
	struct xen_netif_rx_request *requests;
	unsigned int nr_places;
	unsigned int first;
	unsigned int nr_requests;
	bool hungry;
	u64 hungry_since;
	bool stalled;
	spinlock_t lock;	/* guards what follows */
	struct sk_buff_head skbs __guarded_by(&lock);
	unsigned int bytes __guarded_by(&lock);
	atomic64_t counts[XNET_COUNTS];
};

#endif /* _XENPV_NET_BACK_QUEUE_H */
