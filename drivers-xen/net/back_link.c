// SPDX-License-Identifier: GPL-2.0-only
/* The link of an interface's back: what the front can do, where its queues are, its rate. */

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <xenpv/keys.h>
#include "back.h"

static unsigned int queues;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "Queues that a front may have for one interface (default: one a CPU)");

/**
 * struct front_facts - what a front says before we connect
 * @can: what it can do
 * @copied: it has pages filled, and does not want others in their place
 * @notifies: it tells us of pages to be filled
 * @queues: how many it has
 */
struct front_facts {
	struct xnet_back_front can;
	bool copied;
	bool notifies;
	u32 queues;
};

static const struct xenpv_key front_keys[] = {
	XENPV_KEY_FEATURE(struct front_facts, can.sg, "feature-sg"),
	XENPV_KEY_FEATURE(struct front_facts, can.gso4, "feature-gso-tcpv4"),
	XENPV_KEY_FEATURE(struct front_facts, can.gso6, "feature-gso-tcpv6"),
	XENPV_KEY_FEATURE(struct front_facts, can.no_csum4, "feature-no-csum-offload"),
	XENPV_KEY_FEATURE(struct front_facts, can.csum6, "feature-ipv6-csum-offload"),
	XENPV_KEY_FEATURE(struct front_facts, copied, "request-rx-copy"),
	XENPV_KEY_FEATURE(struct front_facts, notifies, "feature-rx-notify"),
	XENPV_KEY_MAYBE(struct front_facts, queues, "multi-queue-num-queues", 1, XNET_QUEUES, 1),
};

/**
 * struct group_facts - what a front may say at any time
 * @filter: it hears only groups that it has named
 */
struct group_facts {
	bool filter;
};

static const struct xenpv_key group_keys[] = {
	XENPV_KEY_FEATURE(struct group_facts, filter, "request-multicast-control"),
};

/**
 * struct plug_facts - what stands in our directory, by the hotplug script
 * @status: "connected", when the interface is where it belongs
 */
struct plug_facts {
	char status[16];
};

static const struct xenpv_key plug_keys[] = {
	XENPV_KEY_TEXT(struct plug_facts, status, "hotplug-status", 0, true),
};

/**
 * struct rate_facts - what stands in our directory, by the toolstack
 * @rate: bytes of an interval, and its microseconds, with a comma in between
 */
struct rate_facts {
	char rate[48];
};

static const struct xenpv_key rate_keys[] = {
	XENPV_KEY_TEXT(struct rate_facts, rate, "rate", 0, true),
};

/*
 * The script runs when it sees our first state, and finds the interface then.  No front is
 * served before it has put that into its bridge.
 */
static bool ready(struct xenpv_device *dev)
{
	struct xenpv_key_error error;
	struct plug_facts facts;

	return !xenpv_keys_read(NULL, dev->node, NULL,
				XENPV_KEYS(struct plug_facts, plug_keys), &facts, &error) &&
	       !strcmp(facts.status, "connected");
}

static void plugged(struct xenpv_store_watch *watch, const char *path)
{
	xenpv_link_kick(container_of(watch, struct xnet_back_watch, watch)->back->dev);
}

static int parse_rate(char *text, u64 *bytes, u64 *usecs)
{
	char *first = strsep(&text, ",");

	*bytes = 0;
	*usecs = 0;
	if (!text)
		return first[0] ? -EINVAL : 0;
	return kstrtou64(first, 10, bytes) ?: kstrtou64(text, 10, usecs);
}

static void rate_written(struct xenpv_store_watch *watch, const char *path)
{
	struct xnet_back *back = container_of(watch, struct xnet_back_watch, watch)->back;
	struct xenpv_device *dev = back->dev;
	struct xenpv_key_error error;
	struct rate_facts facts;
	u64 bytes, usecs;
	int ret;

	ret = xenpv_keys_read(NULL, dev->node, NULL, XENPV_KEYS(struct rate_facts, rate_keys),
			      &facts, &error) ?:
	      parse_rate(facts.rate, &bytes, &usecs);
	if (ret) {
		dev_warn_ratelimited(&dev->dev, "no rate that makes sense, it stays as it was\n");
		return;
	}
	xnet_credit_set(&back->credit, bytes, min_t(u64, usecs, U32_MAX) * NSEC_PER_USEC);
	/* Who waits for the next interval of the rate before need not. */
	rtnl_lock();
	xnet_back_all_due(back);
	rtnl_unlock();
}

static int watch_node(struct xnet_back *back, struct xnet_back_watch *watch, const char *dir,
		      const char *node,
		      void (*changed)(struct xenpv_store_watch *watch, const char *path))
{
	watch->back = back;
	watch->watch = (struct xenpv_store_watch) {
		.dir = dir, .node = node, .changed = changed,
	};
	return xenpv_store_watch(&watch->watch);
}

static int probe(struct xenpv_device *dev)
{
	unsigned int nr = queues ?: num_online_cpus();
	struct xnet_back *back = xnet_back_new(dev, clamp(nr, 1U, XNET_QUEUES));
	int ret;

	if (IS_ERR(back))
		return PTR_ERR(back);
	xenpv_device_set_data(dev, back);
	ret = watch_node(back, &back->plugged, dev->node, "hotplug-status", plugged) ?:
	      watch_node(back, &back->rate, dev->node, "rate", rate_written);
	if (ret) {
		xenpv_store_unwatch(&back->plugged.watch);
		xenpv_device_set_data(dev, NULL);
		xnet_back_free(back);
	}
	return ret;
}

static void remove(struct xenpv_device *dev)
{
	struct xnet_back *back = xenpv_device_data(dev);

	xenpv_store_unwatch(&back->plugged.watch);
	xenpv_store_unwatch(&back->rate.watch);
	/* It is about this interface, and the next one is in no bridge yet. */
	xenpv_store_rm(NULL, dev->node, "hotplug-status");
	xenpv_device_set_data(dev, NULL);
	xnet_back_free(back);
}

/* The front's queues. */

static int read_queue(struct xenpv_device *dev, const char *sub, struct xnet_queue_facts *facts)
{
	char node[32];
	int two, ret;

	scnprintf(node, sizeof(node), "%s%sevent-channel-tx", sub ?: "", sub ? "/" : "");
	two = xenpv_store_exists(NULL, dev->peer_dir, node);
	if (two < 0)
		return two;
	ret = xenpv_device_read(dev, sub, two ? &xnet_queue_two_events : &xnet_queue_one_event,
				facts);
	if (!two)
		facts->rx_port = facts->tx_port;
	return ret;
}

static int judge(struct xnet_back *back, const struct front_facts *facts)
{
	const char *why = NULL;

	if (!facts->copied)
		why = "it wants pages exchanged, not filled";
	else if (facts->queues > back->max_queues)
		why = "more queues than were offered";
	if (!why)
		return 0;
	xenpv_link_fault(back->dev, "%s", why);
	return -EOPNOTSUPP;
}

static void joined(struct xenpv_store_watch *watch, const char *path)
{
	xenpv_link_kick(container_of(watch, struct xnet_back_watch, watch)->back->dev);
}

static int read_groups(struct xnet_back *back)
{
	struct group_facts facts;
	int ret = xenpv_device_read(back->dev, NULL, XENPV_KEYS(struct group_facts, group_keys),
				    &facts);

	if (!ret)
		WRITE_ONCE(back->groups.filter, facts.filter);
	return ret;
}

static int connect(struct xenpv_device *dev)
{
	struct xnet_back *back = xenpv_device_data(dev);
	struct xnet_queue_facts queue = { };
	struct front_facts facts;
	char sub[16];
	int ret;

	ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct front_facts, front_keys), &facts) ?:
	      judge(back, &facts) ?:
	      watch_node(back, &back->joined, dev->peer_dir, "request-multicast-control",
			 joined) ?:
	      read_groups(back);
	if (ret)
		return ret;
	back->front = facts.can;
	back->front.silent = !facts.notifies;
	for (unsigned int i = 0; i < facts.queues; i++) {
		scnprintf(sub, sizeof(sub), "queue-%u", i);
		ret = read_queue(dev, facts.queues > 1 ? sub : NULL, &queue);
		if (ret)
			return ret;
		back->nr_queues++;
		ret = xnet_back_make_queue(back, &back->queues[i], &queue);
		if (ret)
			return ret;
	}
	return 0;
}

static void disconnect(struct xenpv_device *dev)
{
	struct xnet_back *back = xenpv_device_data(dev);

	xenpv_store_unwatch(&back->joined.watch);
	for (unsigned int i = 0; i < back->nr_queues; i++)
		xnet_back_drop_queue(&back->queues[i]);
	back->nr_queues = 0;
	debugfs_remove(back->dir);
	back->dir = NULL;
	spin_lock_irq(&back->groups.lock);
	back->groups.nr = 0;
	WRITE_ONCE(back->groups.filter, false);
	spin_unlock_irq(&back->groups.lock);
}

static int start(struct xenpv_device *dev)
{
	xnet_back_start(xenpv_device_data(dev));
	return 0;
}

static void stop(struct xenpv_device *dev)
{
	xnet_back_stop(xenpv_device_data(dev));
}

static void changed(struct xenpv_device *dev)
{
	read_groups(xenpv_device_data(dev));
}

static const char *const offers[] = {
	"feature-sg",
	"feature-gso-tcpv4",
	"feature-gso-tcpv6",
	"feature-ipv6-csum-offload",
	"feature-rx-copy",
	"feature-multicast-control",
	"feature-dynamic-multicast-control",
	"feature-split-event-channels",
};

static int publish(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		   enum xenbus_state state)
{
	const struct xnet_back *back = xenpv_device_data(dev);
	int ret = 0;

	if (state != XenbusStateInitWait)
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(offers) && !ret; i++)
		ret = xenpv_store_write_u64(txn, dev->node, offers[i], 1);
	return ret ?: xenpv_store_write_u64(txn, dev->node, "feature-rx-flip", 0) ?:
		      xenpv_store_write_u64(txn, dev->node, "multi-queue-max-queues",
					    back->max_queues);
}

static const struct xenpv_device_id ids[] = {
	{ "vif" },
	{ }
};

static struct xenpv_driver netback = {
	.driver = {
		.name = "xenpv-netback",
	},
	.side = XENPV_BACK,
	.ids = ids,
	.publish_as = XenbusStateConnected,
	.probe = probe,
	.remove = remove,
	.ready = ready,
	.connect = connect,
	.publish = publish,
	.start = start,
	.stop = stop,
	.disconnect = disconnect,
	.changed = changed,
};

module_driver(netback, xenpv_driver_register, xenpv_driver_unregister);

MODULE_DESCRIPTION("Network interfaces of other domains");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vif");
MODULE_IMPORT_NS("XENPV");
