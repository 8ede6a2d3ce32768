/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_FRONT_COUNTS_H
#define _XENPV_NET_FRONT_COUNTS_H

/* The front of a network interface: what is counted. */

#include <linux/types.h>
#include <linux/u64_stats_sync.h>

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

#endif /* _XENPV_NET_FRONT_COUNTS_H */
