// SPDX-License-Identifier: GPL-2.0-only
/* The interface of a front: what Linux sees of it, what it counts, when it has a carrier. */

#include <linux/array_size.h>
#include <linux/bottom_half.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/netdev_features.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "back.h"

/* Largest MTU with which a packet fits what the protocol can say. */
#define MAX_MTU		(XEN_NETIF_MAX_TX_SIZE - ETH_HLEN)

/* Packets before the queue of each front: what waits there is ours, too. */
#define QUEUE_LEN	64

/* All that some front can do. */
#define FEATURES	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
			 NETIF_F_TSO6)

/* The address of each interface whose other end has one: scripts and bridges know it. */
static const u8 far_address[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };

/* What is counted. */

static const char count_names[XNET_COUNTS][ETH_GSTRING_LEN] = {
	[XNET_IN_PACKETS]	= "rx_packets",
	[XNET_IN_BYTES]		= "rx_bytes",
	[XNET_IN_BAD]		= "rx_bad_slots",
	[XNET_IN_NOT_COPIED]	= "rx_not_copied",
	[XNET_IN_NO_MEMORY]	= "rx_no_memory",
	[XNET_IN_CHECKSUM]	= "rx_bad_checksum_request",
	[XNET_IN_SEGMENTS]	= "rx_bad_segments",
	[XNET_IN_WAITS]		= "rx_rate_waits",
	[XNET_OUT_PACKETS]	= "tx_packets",
	[XNET_OUT_BYTES]	= "tx_bytes",
	[XNET_OUT_NOT_COPIED]	= "tx_not_copied",
	[XNET_OUT_NO_MEMORY]	= "tx_no_memory",
	[XNET_OUT_APART]	= "tx_no_front",
	[XNET_OUT_TOO_LARGE]	= "tx_too_large",
	[XNET_OUT_FILTERED]	= "tx_filtered",
	[XNET_OUT_FULL]		= "tx_full",
	[XNET_OUT_EXPIRED]	= "tx_expired",
	[XNET_OUT_STOPS]	= "tx_stops",
	[XNET_OUT_STALLS]	= "tx_stalls",
};

static u64 sum(const struct xnet_back *back, enum xnet_back_count what)
{
	u64 all = 0;

	for (unsigned int i = 0; i < back->max_queues; i++)
		all += atomic64_read(&back->queues[i].counts[what]);
	return all;
}

static void get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *stats)
{
	const struct xnet_back *back = netdev_priv(netdev);

	stats->rx_packets = sum(back, XNET_IN_PACKETS);
	stats->rx_bytes = sum(back, XNET_IN_BYTES);
	stats->rx_errors = sum(back, XNET_IN_BAD) + sum(back, XNET_IN_NOT_COPIED) +
			   sum(back, XNET_IN_CHECKSUM) + sum(back, XNET_IN_SEGMENTS);
	stats->rx_dropped = sum(back, XNET_IN_NO_MEMORY);
	stats->tx_packets = sum(back, XNET_OUT_PACKETS);
	stats->tx_bytes = sum(back, XNET_OUT_BYTES);
	stats->tx_errors = sum(back, XNET_OUT_NOT_COPIED);
	stats->tx_dropped = sum(back, XNET_OUT_NO_MEMORY) + sum(back, XNET_OUT_APART) +
			    sum(back, XNET_OUT_TOO_LARGE) + sum(back, XNET_OUT_FILTERED) +
			    sum(back, XNET_OUT_FULL) + sum(back, XNET_OUT_EXPIRED);
}

/* All together, then each queue of its own. */

static int get_sset_count(struct net_device *netdev, int set)
{
	const struct xnet_back *back = netdev_priv(netdev);

	return set == ETH_SS_STATS ? XNET_COUNTS * (1 + back->max_queues) : -EOPNOTSUPP;
}

static void get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	const struct xnet_back *back = netdev_priv(netdev);

	if (set != ETH_SS_STATS)
		return;
	for (unsigned int what = 0; what < XNET_COUNTS; what++)
		ethtool_puts(&data, count_names[what]);
	for (unsigned int i = 0; i < back->max_queues; i++)
		for (unsigned int what = 0; what < XNET_COUNTS; what++)
			ethtool_sprintf(&data, "queue%u_%s", i, count_names[what]);
}

static void get_ethtool_stats(struct net_device *netdev, struct ethtool_stats *stats, u64 *data)
{
	const struct xnet_back *back = netdev_priv(netdev);

	for (unsigned int what = 0; what < XNET_COUNTS; what++)
		*data++ = sum(back, what);
	for (unsigned int i = 0; i < back->max_queues; i++)
		for (unsigned int what = 0; what < XNET_COUNTS; what++)
			*data++ = atomic64_read(&back->queues[i].counts[what]);
}

static void get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	const struct xnet_back *back = netdev_priv(netdev);

	strscpy(info->driver, "xenpv-netback", sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&back->dev->dev), sizeof(info->bus_info));
}

static void get_channels(struct net_device *netdev, struct ethtool_channels *channels)
{
	const struct xnet_back *back = netdev_priv(netdev);

	channels->max_combined = back->max_queues;
	channels->combined_count = back->nr_queues;
}

static const struct ethtool_ops ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_channels = get_channels,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};

/* What Linux does with it. */

/**
 * xnet_back_all_due() - let all queues have a turn
 * @back: the back
 *
 * Context: Process; RTNL.
 */
void xnet_back_all_due(struct xnet_back *back)
{
	ASSERT_RTNL();
	if (!back->live)
		return;
	/* Softirqs that are raised run when they are let. */
	local_bh_disable();
	for (unsigned int i = 0; i < back->nr_queues; i++)
		xnet_back_due(&back->queues[i]);
	local_bh_enable();
}

/* What the front has sent meanwhile waits in its rings. */
static int open(struct net_device *netdev)
{
	xnet_back_all_due(netdev_priv(netdev));
	return 0;
}

static int stop(struct net_device *netdev)
{
	struct xnet_back *back = netdev_priv(netdev);

	for (unsigned int i = 0; back->live && i < back->nr_queues; i++) {
		napi_synchronize(&back->queues[i].napi);
		xnet_back_purge(&back->queues[i]);
		back->queues[i].hungry = false;
	}
	return 0;
}

static unsigned int max_mtu(const struct xnet_back *back)
{
	return back->live && !back->front.sg ? ETH_DATA_LEN : MAX_MTU;
}

static int change_mtu(struct net_device *netdev, int mtu)
{
	if (mtu > max_mtu(netdev_priv(netdev)))
		return -EINVAL;
	WRITE_ONCE(netdev->mtu, mtu);
	return 0;
}

static netdev_features_t fix_features(struct net_device *netdev, netdev_features_t features)
{
	const struct xnet_back *back = netdev_priv(netdev);
	const struct xnet_back_front *front = &back->front;

	if (!front->sg)
		features &= ~NETIF_F_SG;
	if (!front->gso4)
		features &= ~NETIF_F_TSO;
	if (!front->gso6)
		features &= ~NETIF_F_TSO6;
	if (front->no_csum4)
		features &= ~NETIF_F_IP_CSUM;
	if (!front->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	return features;
}

static const struct net_device_ops netdev_ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = xnet_back_xmit,
	.ndo_get_stats64 = get_stats64,
	.ndo_change_mtu = change_mtu,
	.ndo_fix_features = fix_features,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/* The carrier. */

static void set_carrier(struct xnet_back *back)
{
	if (back->running && !back->nr_stalled)
		netif_carrier_on(back->netdev);
	else
		netif_carrier_off(back->netdev);
}

/**
 * xnet_back_stall() - a front takes nothing, or does again
 * @queue: from which queue
 * @stalled: which of the two
 *
 * Context: Softirq, a turn of the queue.
 */
void xnet_back_stall(struct xnet_back_queue *queue, bool stalled)
{
	struct xnet_back *back = queue->back;

	spin_lock(&back->lock);
	back->nr_stalled += stalled ? 1 : -1;
	set_carrier(back);
	spin_unlock(&back->lock);
}

static void set_running(struct xnet_back *back, bool running)
{
	spin_lock_bh(&back->lock);
	back->running = running;
	back->nr_stalled = 0;
	set_carrier(back);
	spin_unlock_bh(&back->lock);
}

/**
 * xnet_back_start() - let data flow
 * @back: the back; its queues are made
 *
 * Context: Process.
 */
void xnet_back_start(struct xnet_back *back)
{
	struct net_device *netdev = back->netdev;

	rtnl_lock();
	back->live = true;
	netif_set_real_num_tx_queues(netdev, back->nr_queues);
	netif_set_real_num_rx_queues(netdev, back->nr_queues);
	netdev_update_features(netdev);
	if (netdev->mtu > max_mtu(back))
		dev_set_mtu(netdev, max_mtu(back));
	for (unsigned int i = 0; i < back->nr_queues; i++) {
		xnet_back_up(&back->queues[i]);
		/* Stopped for a front that has gone. */
		netif_tx_start_queue(netdev_get_tx_queue(netdev, i));
	}
	set_running(back, true);
	xnet_back_all_due(back);
	rtnl_unlock();
}

/**
 * xnet_back_stop() - undo xnet_back_start()
 * @back: the back
 *
 * Context: Process.
 */
void xnet_back_stop(struct xnet_back *back)
{
	rtnl_lock();
	back->live = false;
	for (unsigned int i = 0; i < back->nr_queues; i++)
		xnet_back_down(&back->queues[i]);
	/* No turn changes the carrier any more. */
	set_running(back, false);
	rtnl_unlock();
}

static void init_queue(struct xnet_back *back, unsigned int index)
{
	struct xnet_back_queue *queue = &back->queues[index];

	queue->back = back;
	queue->index = index;
	spin_lock_init(&queue->lock);
	__skb_queue_head_init(&queue->skbs);
}

static void describe(struct net_device *netdev)
{
	netdev->netdev_ops = &netdev_ops;
	netdev->ethtool_ops = &ethtool_ops;
	netdev->hw_features = FEATURES;
	netdev->features = FEATURES | NETIF_F_RXCSUM;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = MAX_MTU;
	netdev->tx_queue_len = QUEUE_LEN;
	netif_set_tso_max_size(netdev, XEN_NETIF_MAX_TX_SIZE);
	eth_hw_addr_set(netdev, far_address);
	netdev->addr_assign_type = NET_ADDR_SET;
	netif_carrier_off(netdev);
}

/**
 * xnet_back_new() - make the interface of a device
 * @dev: the device
 * @max_queues: queues that a front may have
 *
 * Context: Process.
 * Return: its back, or an ERR_PTR().
 */
struct xnet_back *xnet_back_new(struct xenpv_device *dev, unsigned int max_queues)
{
	struct net_device *netdev;
	struct xnet_back *back;
	char name[IFNAMSIZ];
	int ret = -ENOMEM;

	scnprintf(name, sizeof(name), "vif%u.%u", dev->peer, dev->id);
	netdev = alloc_netdev_mqs(sizeof(*back), name, NET_NAME_ENUM, ether_setup, max_queues,
				  max_queues);
	if (!netdev)
		return ERR_PTR(-ENOMEM);
	back = netdev_priv(netdev);
	back->dev = dev;
	back->netdev = netdev;
	back->max_queues = max_queues;
	spin_lock_init(&back->lock);
	spin_lock_init(&back->credit.lock);
	spin_lock_init(&back->groups.lock);
	back->queues = kvcalloc(max_queues, sizeof(*back->queues), GFP_KERNEL);
	if (!back->queues)
		goto free_netdev;
	for (unsigned int i = 0; i < max_queues; i++)
		init_queue(back, i);
	SET_NETDEV_DEV(netdev, &dev->dev);
	describe(netdev);
	ret = register_netdev(netdev);
	if (!ret)
		return back;
	kvfree(back->queues);
free_netdev:
	free_netdev(netdev);
	return ERR_PTR(ret);
}

/**
 * xnet_back_free() - undo xnet_back_new()
 * @back: the back; it has no queues
 *
 * Context: Process.
 */
void xnet_back_free(struct xnet_back *back)
{
	struct net_device *netdev = back->netdev;

	unregister_netdev(netdev);
	kvfree(back->queues);
	free_netdev(netdev);
}
