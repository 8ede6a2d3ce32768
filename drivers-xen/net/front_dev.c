// SPDX-License-Identifier: GPL-2.0-only
/* The front of a network interface: the interface that Linux sees. */

#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/minmax.h>
#include <linux/rtnetlink.h>
#include <net/netdev_queues.h>
#include <net/sch_generic.h>

#include <xenpv/event.h>
#include "front.h"

/* The back has so long to answer. */
#define WATCHDOG	(5 * HZ)

/* What we can do, if the back can. */
#define FEATURES	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | \
			 NETIF_F_TSO6 | NETIF_F_RXCSUM)

static int net_open(struct net_device *net)
{
	xnet_front_flow(netdev_priv(net));
	return 0;
}

static int net_stop(struct net_device *net)
{
	xnet_front_ebb(netdev_priv(net));
	return 0;
}

static netdev_features_t fix_features(struct net_device *net, netdev_features_t features)
{
	const struct xnet_front_facts *facts = &((struct xnet_front *)netdev_priv(net))->facts;

	if (!facts->sg)
		features &= ~(NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6);
	if (!facts->gso4)
		features &= ~NETIF_F_TSO;
	if (!facts->gso6)
		features &= ~NETIF_F_TSO6;
	if (facts->no_csum)
		features &= ~(NETIF_F_IP_CSUM | NETIF_F_TSO);
	if (!facts->csum6)
		features &= ~(NETIF_F_IPV6_CSUM | NETIF_F_TSO6);
	return features;
}

/* What has too many pieces for the ring is made of fewer, or several, before it comes to us. */
static netdev_features_t features_check(struct sk_buff *skb, struct net_device *net,
					netdev_features_t features)
{
	if (skb->len > XEN_NETIF_MAX_TX_SIZE || xnet_front_pieces(skb) > XNET_SLOTS)
		features &= skb_is_gso(skb) ? ~NETIF_F_GSO_MASK : ~NETIF_F_SG;
	return vlan_features_check(skb, features);
}

/*
 * The back has the pages, so nothing but its answer or its end frees them, and a front has
 * no way to have it begin anew.  What can be lost is an event.
 */
static void tx_timeout(struct net_device *net, unsigned int nr)
{
	struct xnet_front *front = netdev_priv(net);
	struct xnet_front_queue *queue = &front->queues[nr];

	front->timeouts++;
	if (net_ratelimit())
		netdev_warn(net, "domain %u does not answer on queue %u\n", front->dev->peer, nr);
	if (!READ_ONCE(queue->live))
		return;
	xenpv_event_notify(queue->tx_share.event);
	napi_schedule(&queue->napi);
}

static const struct net_device_ops net_ops = {
	.ndo_open = net_open,
	.ndo_stop = net_stop,
	.ndo_start_xmit = xnet_front_xmit,
	.ndo_fix_features = fix_features,
	.ndo_features_check = features_check,
	.ndo_tx_timeout = tx_timeout,
	.ndo_get_stats64 = xnet_front_stats64,
	.ndo_set_rx_mode = xnet_front_set_rx_mode,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/* State of ours is in the packets, so that none can be sent twice at a time. */
static void make_net(struct net_device *net, struct xenpv_device *dev, const u8 *address)
{
	net->netdev_ops = &net_ops;
	net->ethtool_ops = &xnet_front_ethtool_ops;
	net->stat_ops = &xnet_front_stat_ops;
	net->watchdog_timeo = WATCHDOG;
	net->priv_flags &= ~IFF_TX_SKB_SHARING;
	net->min_mtu = ETH_MIN_MTU;
	net->max_mtu = XEN_NETIF_MAX_TX_SIZE - ETH_HLEN;
	net->hw_features = FEATURES;
	net->features = FEATURES | NETIF_F_GSO_ROBUST;
	netif_set_tso_max_size(net, XEN_NETIF_MAX_TX_SIZE);
	eth_hw_addr_set(net, address);
	SET_NETDEV_DEV(net, &dev->dev);
	netif_carrier_off(net);
}

/**
 * xnet_front_new() - make a front, with an interface that nobody sees yet
 * @dev: the device
 * @plan: what it shall be
 *
 * xnet_front_drop() undoes it.
 *
 * Context: Process.
 * Return: the front or an ERR_PTR().
 */
struct xnet_front *xnet_front_new(struct xenpv_device *dev, const struct xnet_front_plan *plan)
{
	unsigned int queues = clamp(plan->queues, 1U, XNET_QUEUES);
	struct xnet_front *front;
	struct net_device *net;
	int ret;

	net = alloc_etherdev_mqs(sizeof(*front), queues, queues);
	if (!net)
		return ERR_PTR(-ENOMEM);
	front = netdev_priv(net);
	front->dev = dev;
	front->net = net;
	front->max_queues = queues;
	make_net(net, dev, plan->address);
	xnet_front_make_groups(front, plan->set);
	ret = xnet_front_make_queues(front);
	if (ret) {
		xnet_front_drop(front);
		return ERR_PTR(ret);
	}
	return front;
}

/**
 * xnet_front_drop() - undo xnet_front_new()
 * @front: the front; nothing is connected
 *
 * Context: Process.
 */
void xnet_front_drop(struct xnet_front *front)
{
	if (front->registered)
		unregister_netdev(front->net);
	/* It was asked to hear no more. */
	xnet_front_forget_groups(front);
	xnet_front_drop_queues(front);
	free_netdev(front->net);
}

/*
 * What the toolstack or the back says; else what was set up, as far as the back can do that.
 * If that was less than what was set up, the next back has it again.
 */
static int set_mtu(struct xnet_front *front)
{
	struct net_device *net = front->net;
	unsigned int wanted = net->mtu == front->clamped ? front->wanted : net->mtu;
	unsigned int mtu = front->facts.mtu ?: wanted;
	int ret = 0;

	/* A frame that has no more than one page. */
	net->max_mtu = front->facts.sg ? XEN_NETIF_MAX_TX_SIZE - ETH_HLEN : ETH_DATA_LEN;
	mtu = min(mtu, net->max_mtu);
	if (front->registered)
		ret = dev_set_mtu(net, mtu);
	else
		net->mtu = mtu;
	front->wanted = wanted;
	front->clamped = net->mtu;
	return ret;
}

static void tell_queues(struct xnet_front *front, bool there)
{
	for (unsigned int i = 0; i < front->nr_queues; i++) {
		struct napi_struct *napi = there ? &front->queues[i].napi : NULL;

		netif_queue_set_napi(front->net, i, NETDEV_QUEUE_TYPE_RX, napi);
		netif_queue_set_napi(front->net, i, NETDEV_QUEUE_TYPE_TX, napi);
	}
}

static int describe(struct xnet_front *front)
{
	int ret = netif_set_real_num_queues(front->net, front->nr_queues, front->nr_queues) ?:
		  set_mtu(front);

	if (ret)
		return ret;
	if (front->registered) {
		netdev_update_features(front->net);
		return 0;
	}
	ret = register_netdevice(front->net);
	front->registered = !ret;
	return ret;
}

static int run(struct xnet_front *front)
{
	int ret;

	ASSERT_RTNL();
	ret = describe(front);
	if (ret)
		return ret;
	front->up = true;
	tell_queues(front, true);
	xnet_front_flow(front);
	netif_carrier_on(front->net);
	/* Who watches links does that later, and peers are to be told now. */
	if (netif_running(front->net))
		dev_activate(front->net);
	return 0;
}

/**
 * xnet_front_run() - the link is started: packets go and come
 * @front: the front; connected
 *
 * The first time others get to see the interface.
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xnet_front_run(struct xnet_front *front)
{
	int ret;

	rtnl_lock();
	ret = run(front);
	rtnl_unlock();
	if (ret)
		return ret;
	/* It may be behind another port of another switch now. */
	netdev_notify_peers(front->net);
	return 0;
}

/**
 * xnet_front_halt() - the link is stopped: no carrier
 * @front: the front
 *
 * Context: Process.
 */
void xnet_front_halt(struct xnet_front *front)
{
	rtnl_lock();
	if (front->up) {
		netif_carrier_off(front->net);
		xnet_front_ebb(front);
		tell_queues(front, false);
		front->up = false;
	}
	rtnl_unlock();
}
