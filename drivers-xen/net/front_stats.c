// SPDX-License-Identifier: GPL-2.0-only
/* The front of a network interface: what is counted, and what ethtool shows. */

#include <linux/ethtool.h>
#include <linux/string.h>
#include <net/netdev_queues.h>

#include "front.h"

static const char * const names[XNET_COUNTS] = {
	[XNET_TX_PACKETS] = "tx_packets",
	[XNET_TX_BYTES] = "tx_bytes",
	[XNET_TX_REFUSED] = "tx_refused",
	[XNET_TX_KEPT] = "tx_page_kept",
	[XNET_TX_RECALLED] = "tx_recalled",
	[XNET_TX_DOWN] = "tx_no_back",
	[XNET_TX_SHAPE] = "tx_too_many_slots",
	[XNET_TX_MEMORY] = "tx_no_memory",
	[XNET_TX_WAITS] = "tx_waits",
	[XNET_TX_STOPS] = "tx_stops",
	[XNET_RX_PACKETS] = "rx_packets",
	[XNET_RX_BYTES] = "rx_bytes",
	[XNET_RX_BAD] = "rx_bad_slots",
	[XNET_RX_KEPT] = "rx_page_kept",
	[XNET_RX_HEADERS] = "rx_bad_headers",
	[XNET_RX_MEMORY] = "rx_no_memory",
	[XNET_RX_STARVED] = "rx_starved",
};

static u64 read_count(const struct xnet_front_counts *counts, enum xnet_front_count what)
{
	unsigned int start;
	u64 nr;

	do {
		start = u64_stats_fetch_begin(&counts->sync);
		nr = u64_stats_read(&counts->nr[what]);
	} while (u64_stats_fetch_retry(&counts->sync, start));
	return nr;
}

/**
 * xnet_front_sum() - how many have been counted
 * @queue: of this queue
 * @what: what
 *
 * Context: Any.
 * Return: their number.
 */
u64 xnet_front_sum(const struct xnet_front_queue *queue, enum xnet_front_count what)
{
	return read_count(&queue->sending, what) + read_count(&queue->polling, what);
}

static u64 tx_errors(const struct xnet_front_queue *queue)
{
	return xnet_front_sum(queue, XNET_TX_REFUSED) + xnet_front_sum(queue, XNET_TX_KEPT) +
	       xnet_front_sum(queue, XNET_TX_RECALLED);
}

static u64 tx_drops(const struct xnet_front_queue *queue)
{
	return xnet_front_sum(queue, XNET_TX_DOWN) + xnet_front_sum(queue, XNET_TX_SHAPE) +
	       xnet_front_sum(queue, XNET_TX_MEMORY);
}

static u64 rx_errors(const struct xnet_front_queue *queue)
{
	return xnet_front_sum(queue, XNET_RX_BAD) + xnet_front_sum(queue, XNET_RX_KEPT) +
	       xnet_front_sum(queue, XNET_RX_HEADERS);
}

/**
 * xnet_front_stats64() - sums over all queues
 * @net: the interface
 * @stats: where to
 *
 * Context: ndo_get_stats64.
 */
void xnet_front_stats64(struct net_device *net, struct rtnl_link_stats64 *stats)
{
	const struct xnet_front *front = netdev_priv(net);

	for (unsigned int i = 0; i < front->max_queues; i++) {
		const struct xnet_front_queue *queue = &front->queues[i];

		stats->tx_packets += xnet_front_sum(queue, XNET_TX_PACKETS);
		stats->tx_bytes += xnet_front_sum(queue, XNET_TX_BYTES);
		stats->tx_errors += tx_errors(queue);
		stats->tx_dropped += tx_drops(queue);
		stats->rx_packets += xnet_front_sum(queue, XNET_RX_PACKETS);
		stats->rx_bytes += xnet_front_sum(queue, XNET_RX_BYTES);
		stats->rx_errors += rx_errors(queue);
		stats->rx_dropped += xnet_front_sum(queue, XNET_RX_MEMORY);
	}
}

static void queue_stats_rx(struct net_device *net, int nr, struct netdev_queue_stats_rx *stats)
{
	const struct xnet_front_queue *queue = &((struct xnet_front *)netdev_priv(net))->queues[nr];

	stats->packets = xnet_front_sum(queue, XNET_RX_PACKETS);
	stats->bytes = xnet_front_sum(queue, XNET_RX_BYTES);
	stats->alloc_fail = xnet_front_sum(queue, XNET_RX_MEMORY);
}

static void queue_stats_tx(struct net_device *net, int nr, struct netdev_queue_stats_tx *stats)
{
	const struct xnet_front_queue *queue = &((struct xnet_front *)netdev_priv(net))->queues[nr];

	stats->packets = xnet_front_sum(queue, XNET_TX_PACKETS);
	stats->bytes = xnet_front_sum(queue, XNET_TX_BYTES);
	stats->stop = xnet_front_sum(queue, XNET_TX_STOPS);
}

/* Of queues that there are not at present, since an earlier back had more. */
static void base_stats(struct net_device *net, struct netdev_queue_stats_rx *rx,
		       struct netdev_queue_stats_tx *tx)
{
	const struct xnet_front *front = netdev_priv(net);

	/* The others stay as they are, which says that they are not counted. */
	rx->packets = 0;
	rx->bytes = 0;
	rx->alloc_fail = 0;
	tx->packets = 0;
	tx->bytes = 0;
	tx->stop = 0;
	for (unsigned int i = net->real_num_rx_queues; i < front->max_queues; i++) {
		rx->packets += xnet_front_sum(&front->queues[i], XNET_RX_PACKETS);
		rx->bytes += xnet_front_sum(&front->queues[i], XNET_RX_BYTES);
		rx->alloc_fail += xnet_front_sum(&front->queues[i], XNET_RX_MEMORY);
		tx->packets += xnet_front_sum(&front->queues[i], XNET_TX_PACKETS);
		tx->bytes += xnet_front_sum(&front->queues[i], XNET_TX_BYTES);
		tx->stop += xnet_front_sum(&front->queues[i], XNET_TX_STOPS);
	}
}

const struct netdev_stat_ops xnet_front_stat_ops = {
	.get_queue_stats_rx = queue_stats_rx,
	.get_queue_stats_tx = queue_stats_tx,
	.get_base_stats = base_stats,
};

/* ethtool. */

static void get_drvinfo(struct net_device *net, struct ethtool_drvinfo *info)
{
	const struct xnet_front *front = netdev_priv(net);

	strscpy(info->driver, "xenpv-netfront", sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&front->dev->dev), sizeof(info->bus_info));
}

/* There is no wire, and so no speed. */
static int get_link_ksettings(struct net_device *net, struct ethtool_link_ksettings *settings)
{
	settings->base.speed = SPEED_UNKNOWN;
	settings->base.duplex = DUPLEX_FULL;
	settings->base.port = PORT_OTHER;
	settings->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

/* As many as a page has, and both ends know that. */
static void get_ringparam(struct net_device *net, struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = XNET_FRONT_SLOTS;
	ring->tx_max_pending = XNET_FRONT_SLOTS;
	ring->rx_pending = XNET_FRONT_SLOTS;
	ring->tx_pending = XNET_FRONT_SLOTS;
}

/* How many is settled when ends connect. */
static void get_channels(struct net_device *net, struct ethtool_channels *channels)
{
	const struct xnet_front *front = netdev_priv(net);

	channels->max_combined = front->max_queues;
	channels->combined_count = net->real_num_tx_queues;
}

static int get_sset_count(struct net_device *net, int set)
{
	const struct xnet_front *front = netdev_priv(net);

	return set == ETH_SS_STATS ? 1 + front->max_queues * XNET_COUNTS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *net, u32 set, u8 *data)
{
	const struct xnet_front *front = netdev_priv(net);

	if (set != ETH_SS_STATS)
		return;
	ethtool_puts(&data, "tx_timeouts");
	for (unsigned int i = 0; i < front->max_queues; i++) {
		for (unsigned int what = 0; what < XNET_COUNTS; what++)
			ethtool_sprintf(&data, "queue_%u_%s", i, names[what]);
	}
}

static void get_ethtool_stats(struct net_device *net, struct ethtool_stats *stats, u64 *data)
{
	const struct xnet_front *front = netdev_priv(net);

	*data++ = front->timeouts;
	for (unsigned int i = 0; i < front->max_queues; i++) {
		for (unsigned int what = 0; what < XNET_COUNTS; what++)
			*data++ = xnet_front_sum(&front->queues[i], what);
	}
}

const struct ethtool_ops xnet_front_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = get_link_ksettings,
	.get_ringparam = get_ringparam,
	.get_channels = get_channels,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};
