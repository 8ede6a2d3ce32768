// SPDX-License-Identifier: GPL-2.0-only
/* The front of a network interface: the back is told which groups to send, and sends no others. */

#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include <xenpv/event.h>
#include <xenpv/store.h>
#include "front.h"

/* The back is told again so long after there was no room for it. */
#define PATIENCE	(HZ / 10)

static bool knows(const struct xnet_front_groups *groups, const u8 *address)
{
	for (unsigned int i = 0; i < groups->nr; i++) {
		if (ether_addr_equal(groups->told[i], address))
			return true;
	}
	return false;
}

static bool wants(struct net_device *net, const u8 *address)
{
	struct netdev_hw_addr *entry;

	netdev_for_each_mc_addr(entry, net) {
		if (ether_addr_equal(entry->addr, address))
			return true;
	}
	return false;
}

/* Who hears everything, or more than a back takes, has no filter. */
static bool wants_all(const struct xnet_front *front)
{
	const struct net_device *net = front->net;

	return net->flags & (IFF_PROMISC | IFF_ALLMULTI) || READ_ONCE(front->groups.refused) ||
	       netdev_mc_count(net) > XNET_FRONT_GROUPS;
}

/* What it heard before goes first: there may be room for no more. */
static u8 find_next(struct xnet_front *front, u8 *address)
{
	struct xnet_front_groups *groups = &front->groups;
	struct netdev_hw_addr *entry;

	for (unsigned int i = 0; i < groups->nr; i++) {
		if (!wants(front->net, groups->told[i])) {
			ether_addr_copy(address, groups->told[i]);
			return XEN_NETIF_EXTRA_TYPE_MCAST_DEL;
		}
	}
	netdev_for_each_mc_addr(entry, front->net) {
		if (!knows(groups, entry->addr)) {
			ether_addr_copy(address, entry->addr);
			return XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
		}
	}
	return 0;
}

/**
 * enum step - what is to be done next
 * @NOTHING: the back knows all
 * @TELL: it is to be told of an address
 * @SEND_ALL: it is to send everything
 * @SEND_TOLD: it is to send what it was told of
 */
enum step { NOTHING, TELL, SEND_ALL, SEND_TOLD };

/* The list of addresses does not change meanwhile. */
static enum step decide(struct xnet_front *front)
{
	struct xnet_front_groups *groups = &front->groups;

	if (wants_all(front))
		return groups->filter ? SEND_ALL : NOTHING;
	groups->what = find_next(front, groups->address);
	if (groups->what)
		return TELL;
	return groups->filter ? NOTHING : SEND_TOLD;
}

/* A slot that is no packet, and says which group it is about. */
static bool tell(struct xnet_front *front)
{
	struct xnet_front_queue *queue = &front->queues[0];
	unsigned long flags;
	bool told, notify = false;

	spin_lock_irqsave(&queue->lock, flags);
	told = READ_ONCE(queue->live) && xnet_front_tell(queue);
	if (told)
		notify = xnet_tx_front_push(&queue->tx);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (notify)
		xenpv_event_notify(queue->tx_share.event);
	return told;
}

static void set_filter(struct xnet_front *front, bool filter)
{
	int ret = front->groups.set(front->dev, filter);

	if (!ret) {
		front->groups.filter = filter;
	} else if (xenpv_store_passing(ret)) {
		schedule_delayed_work(&front->groups.work, HZ);
	} else {
		WRITE_ONCE(front->groups.refused, true);
		netdev_warn(front->net, "the back can't be asked to send %s (%pe)\n",
			    filter ? "less" : "all groups", ERR_PTR(ret));
	}
}

/*
 * While an answer is waited for, what we know belongs to who takes that; to hear all needs none
 * of it.
 */
static void look(struct work_struct *work)
{
	struct xnet_front *front = container_of(to_delayed_work(work), struct xnet_front,
						groups.work);
	enum step step;
	bool waits;

	if (!front->groups.able || !READ_ONCE(front->queues[0].live))
		return;
	waits = smp_load_acquire(&front->groups.waits);	/* pairs with xnet_front_answered() */
	netif_addr_lock_bh(front->net);
	step = waits && !wants_all(front) ? NOTHING : decide(front);
	netif_addr_unlock_bh(front->net);
	switch (step) {
	case NOTHING:
		break;
	case TELL:
		if (!tell(front))
			schedule_delayed_work(&front->groups.work, PATIENCE);
		break;
	case SEND_ALL:
	case SEND_TOLD:
		set_filter(front, step == SEND_TOLD);
		break;
	}
}

/**
 * xnet_front_answered() - the back knows of a group, or does not want to
 * @front: the front
 * @taken: it does
 *
 * Context: Poll, with the lock of the queue.
 */
void xnet_front_answered(struct xnet_front *front, bool taken)
{
	struct xnet_front_groups *groups = &front->groups;

	if (groups->what == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		for (unsigned int i = 0; i < groups->nr; i++) {
			if (ether_addr_equal(groups->told[i], groups->address)) {
				ether_addr_copy(groups->told[i], groups->told[--groups->nr]);
				break;
			}
		}
	} else if (taken && groups->nr < XNET_FRONT_GROUPS) {
		ether_addr_copy(groups->told[groups->nr++], groups->address);
	} else {
		WRITE_ONCE(groups->refused, true);
	}
	smp_store_release(&groups->waits, false);	/* pairs with look() */
	schedule_delayed_work(&groups->work, 0);
}

/**
 * xnet_front_set_rx_mode() - the interface wants to hear other groups than before
 * @net: the interface
 *
 * Context: ndo_set_rx_mode.
 */
void xnet_front_set_rx_mode(struct net_device *net)
{
	struct xnet_front *front = netdev_priv(net);

	schedule_delayed_work(&front->groups.work, 0);
}

/**
 * xnet_front_make_groups() - once for an interface, before all else here
 * @front: the front
 * @set: see struct xnet_front_plan
 *
 * Context: Process.
 */
void xnet_front_make_groups(struct xnet_front *front, xnet_front_set_filter *set)
{
	INIT_DELAYED_WORK(&front->groups.work, look);
	front->groups.set = set;
}

/**
 * xnet_front_forget_groups() - this back knows nothing, and sends everything
 * @front: the front, with the facts of the back; it does not run
 *
 * Context: Process.
 */
void xnet_front_forget_groups(struct xnet_front *front)
{
	struct xnet_front_groups *groups = &front->groups;

	cancel_delayed_work_sync(&groups->work);
	groups->able = front->facts.groups;
	groups->filter = false;
	groups->refused = false;
	groups->waits = false;
	groups->nr = 0;
}
