// SPDX-License-Identifier: GPL-2.0-only
/* The link of a network interface's front: keys of both ends, what is shared, when data flows. */

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/ipv6.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sprintf.h>

#include <xenpv/event.h>
#include <xenpv/keys.h>
#include "front.h"

static unsigned int queues = XNET_FRONT_QUEUES;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "Queues of an interface, at most one for each CPU (default 8)");

static unsigned int pages = 2048;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "Pages that one interface may use for copies (default 2048)");

static bool persistent;
module_param(persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "Copy what is sent through pages that stay lent (default no)");

static bool trusted;
module_param(trusted, bool, 0444);
MODULE_PARM_DESC(trusted,
		 "Lend pages where the back sees what lies beside the data, unless the toolstack says no (default no)");

/* Largest MTU that a slot's size can tell. */
#define MAX_MTU	(XEN_NETIF_MAX_TX_SIZE - ETH_HLEN)

static const struct xenpv_key fact_keys[] = {
	XENPV_KEY_FEATURE(struct xnet_front_facts, copy, "feature-rx-copy"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, sg, "feature-sg"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, gso4, "feature-gso-tcpv4"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, gso6, "feature-gso-tcpv6"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, no_csum, "feature-no-csum-offload"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, csum6, "feature-ipv6-csum-offload"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, split, "feature-split-event-channels"),
	XENPV_KEY_FEATURE(struct xnet_front_facts, groups, "feature-dynamic-multicast-control"),
	XENPV_KEY_UP_TO(struct xnet_front_facts, queues, "multi-queue-max-queues", 1, XNET_QUEUES,
			1),
	/* With less, addresses of IPv6 are lost, and a back is not to do that. */
	XENPV_KEY_UP_TO(struct xnet_front_facts, mtu, "mtu", IPV6_MIN_MTU, MAX_MTU, 0),
};

/**
 * struct own - keys of ours that the toolstack writes
 * @mac: address of the interface
 * @mtu: of the interface; 0: it does not say
 * @trusted: the back may see what lies beside the data
 */
struct own {
	u8 mac[ETH_ALEN];
	u32 mtu;
	u8 trusted;
};

static const struct xenpv_key own_keys[] = {
	XENPV_KEY_MAC(struct own, mac, "mac"),
	XENPV_KEY_UP_TO(struct own, mtu, "mtu", ETH_MIN_MTU, MAX_MTU, 0),
	XENPV_KEY_MAYBE(struct own, trusted, "trusted", 0, 1, 1),
};

static int read_own(struct xenpv_device *dev, struct own *own)
{
	struct xenpv_key_error error;
	int ret = xenpv_keys_read(NULL, dev->node, NULL, XENPV_KEYS(struct own, own_keys), own,
				  &error);

	if (ret && xenpv_store_passing(ret) && !error.what)
		return -EAGAIN;
	if (ret)
		dev_err(&dev->dev, "key %s: %s\n", error.name, error.what ?: "cannot be read");
	return ret;
}

static int set_filter(struct xenpv_device *dev, bool filter)
{
	return xenpv_store_write_u64(NULL, dev->node, "request-multicast-control", filter);
}

static int probe(struct xenpv_device *dev)
{
	struct xnet_front_plan plan = {
		.queues = min3(queues, num_possible_cpus(), XNET_QUEUES),
		.set = set_filter,
	};
	struct xnet_front *front;
	struct own own;
	int ret;

	ret = read_own(dev, &own);
	if (ret)
		return ret == -EAGAIN ? -EPROBE_DEFER : ret;
	ether_addr_copy(plan.address, own.mac);
	front = xnet_front_new(dev, &plan);
	if (IS_ERR(front))
		return PTR_ERR(front);
	xenpv_device_set_data(dev, front);
	return 0;
}

static void remove(struct xenpv_device *dev)
{
	struct xnet_front *front = xenpv_device_data(dev);

	xenpv_device_set_data(dev, NULL);
	xnet_front_drop(front);
}

static int connect(struct xenpv_device *dev)
{
	struct xnet_front_terms terms = { .pages = pages, .persistent = persistent };
	struct xnet_front *front = xenpv_device_data(dev);
	struct own own;
	int ret;

	ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct xnet_front_facts, fact_keys),
				&front->facts) ?:
	      read_own(dev, &own);
	if (ret)
		return ret;
	if (!front->facts.copy) {
		xenpv_link_fault(dev, "the back does not copy: feature-rx-copy is not 1");
		return -EOPNOTSUPP;
	}
	front->facts.mtu = own.mtu ?: front->facts.mtu;
	terms.trusted = trusted && own.trusted;
	return xnet_front_share(front, &terms);
}

/* What an earlier connection may have left there. */
static int forget(struct xenpv_store_txn *txn, const char *dir, const char *key)
{
	int ret = xenpv_store_rm(txn, dir, key);

	return ret == -ENOENT ? 0 : ret;
}

static int publish_queue(struct xnet_front_queue *queue, struct xenpv_store_txn *txn,
			 const char *sub)
{
	struct xenpv_device *dev = queue->front->dev;
	bool split = queue->rx_share.event;
	struct xnet_queue_facts facts = {
		.tx_ref = queue->tx_share.refs[0],
		.rx_ref = queue->rx_share.refs[0],
		.tx_port = xenpv_event_port(queue->tx_share.event),
		.rx_port = xenpv_event_port(xnet_front_rx_event(queue)),
	};
	char dir[XENPV_NODE_LEN + 16];

	scnprintf(dir, sizeof(dir), "%s%s%s", dev->node, sub ? "/" : "", sub ?: "");
	if (split)
		return forget(txn, dir, "event-channel") ?:
		       xenpv_device_write(dev, txn, sub, &xnet_queue_two_events, &facts);
	return forget(txn, dir, "event-channel-tx") ?:
	       forget(txn, dir, "event-channel-rx") ?:
	       xenpv_device_write(dev, txn, sub, &xnet_queue_one_event, &facts);
}

/* A back may take what stands in two places for a lie. */
static int forget_queues(struct xnet_front *front, struct xenpv_store_txn *txn)
{
	static const char *const single[] = {
		"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx",
		"event-channel-rx",
	};
	const char *node = front->dev->node;
	unsigned int first = front->nr_queues > 1 ? front->nr_queues : 0;
	char sub[16];
	int ret = 0;

	if (first) {
		for (unsigned int i = 0; i < ARRAY_SIZE(single) && !ret; i++)
			ret = forget(txn, node, single[i]);
	} else {
		ret = forget(txn, node, "multi-queue-num-queues");
	}
	for (unsigned int i = first; i < front->max_queues && !ret; i++) {
		scnprintf(sub, sizeof(sub), "queue-%u", i);
		ret = forget(txn, node, sub);
	}
	return ret;
}

static int publish_queues(struct xnet_front *front, struct xenpv_store_txn *txn)
{
	const char *node = front->dev->node;
	char sub[16];
	int ret;

	ret = forget_queues(front, txn);
	if (ret)
		return ret;
	if (front->nr_queues == 1)
		return publish_queue(&front->queues[0], txn, NULL);
	ret = xenpv_store_write_u64(txn, node, "multi-queue-num-queues", front->nr_queues);
	for (unsigned int i = 0; i < front->nr_queues && !ret; i++) {
		scnprintf(sub, sizeof(sub), "queue-%u", i);
		ret = publish_queue(&front->queues[i], txn, sub);
	}
	return ret;
}

/* What we can take does not depend on what the back can. */
static int publish(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		   enum xenbus_state state)
{
	static const struct {
		const char *key;
		u64 value;
	} ours[] = {
		{ "request-rx-copy", 1 },
		{ "feature-rx-notify", 1 },
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-no-csum-offload", 0 },
		{ "feature-ipv6-csum-offload", 1 },
		{ "request-multicast-control", 0 },
	};
	int ret = 0;

	if (state != XenbusStateConnected)
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(ours) && !ret; i++)
		ret = xenpv_store_write_u64(txn, dev->node, ours[i].key, ours[i].value);
	return ret ?: publish_queues(xenpv_device_data(dev), txn);
}

static int start(struct xenpv_device *dev)
{
	return xnet_front_run(xenpv_device_data(dev));
}

static void stop(struct xenpv_device *dev)
{
	xnet_front_halt(xenpv_device_data(dev));
}

static void disconnect(struct xenpv_device *dev)
{
	xnet_front_unshare(xenpv_device_data(dev));
}

static const struct xenpv_device_id ids[] = {
	{ "vif" },
	{ }
};

/* Backs of Linux connect when they see Connected, and say so afterwards. */
static struct xenpv_driver netfront = {
	.driver.name = "xenpv-netfront",
	.side = XENPV_FRONT,
	.ids = ids,
	.publish_as = XenbusStateConnected,
	.probe = probe,
	.remove = remove,
	.connect = connect,
	.publish = publish,
	.start = start,
	.stop = stop,
	.disconnect = disconnect,
};

module_driver(netfront, xenpv_driver_register, xenpv_driver_unregister);

MODULE_DESCRIPTION("Network interfaces that another domain provides");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vif");
MODULE_IMPORT_NS("XENPV");
