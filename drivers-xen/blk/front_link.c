// SPDX-License-Identifier: GPL-2.0-only
/* The link of a disk's front: what the back offers, what we share, when data flows. */

#include <linux/blkdev.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/major.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sprintf.h>
#include <xen/interface/io/protocols.h>

#include <xenpv/event.h>
#include <xenpv/keys.h>
#include "front.h"

static unsigned int queues = 4;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "Rings of a disk, at most one for each CPU (default 4)");

static unsigned int poll_queues;
module_param(poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues, "Rings besides, of requests that programs poll for (default 0)");

static unsigned int ring_order;
module_param(ring_order, uint, 0444);
MODULE_PARM_DESC(ring_order, "Pages of a ring, as a power of two (default 0: one page)");

static unsigned int segments = 32;
module_param(segments, uint, 0444);
MODULE_PARM_DESC(segments, "Pages that one request may have (11 to 256, default 32)");

static unsigned int pages = 2048;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "Pages that one disk may use for copies (default 2048)");

static bool persistent = true;
module_param(persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "Copy data through pages that stay lent (default yes)");

static bool trusted;
module_param(trusted, bool, 0444);
MODULE_PARM_DESC(trusted,
		 "Lend pages where the back sees what lies beside the data, unless the toolstack says no (default no)");

/**
 * struct offer - what the back offers before we connect
 * @order: pages of a ring, as a power of two
 * @queues: rings
 */
struct offer {
	u32 order;
	u32 queues;
};

static const struct xenpv_key offer_keys[] = {
	XENPV_KEY_UP_TO(struct offer, order, "max-ring-page-order", 0, XBLK_MAX_ORDER, 0),
	XENPV_KEY_UP_TO(struct offer, queues, "multi-queue-max-queues", 1, XBLK_QUEUES, 1),
};

/* What the back says when it has connected. */
static const struct xenpv_key fact_keys[] = {
	XENPV_KEY_NUMBER(struct xblk_facts, sectors, "sectors", 0, U64_MAX),
	XENPV_KEY_NUMBER(struct xblk_facts, block, "sector-size", 1, U32_MAX),
	XENPV_KEY_MAYBE(struct xblk_facts, physical, "physical-sector-size", 0, U32_MAX, 0),
	XENPV_KEY_MAYBE(struct xblk_facts, info, "info", 0, U32_MAX, 0),
	XENPV_KEY_MAYBE(struct xblk_facts, granularity, "discard-granularity", 0, U32_MAX, 0),
	XENPV_KEY_MAYBE(struct xblk_facts, alignment, "discard-alignment", 0, U32_MAX, 0),
	XENPV_KEY_UP_TO(struct xblk_facts, max_segs, "feature-max-indirect-segments", 0,
			XBLK_MAX_SEGS, 0),
	XENPV_KEY_FEATURE(struct xblk_facts, flush, "feature-flush-cache"),
	XENPV_KEY_FEATURE(struct xblk_facts, barrier, "feature-barrier"),
	XENPV_KEY_FEATURE(struct xblk_facts, discard, "feature-discard"),
	XENPV_KEY_FEATURE(struct xblk_facts, secure, "discard-secure"),
};

/**
 * struct own - keys of ours that the toolstack writes
 * @vdevice: number of the disk
 * @trusted: the back may see what lies beside the data
 */
struct own {
	u32 vdevice;
	u8 trusted;
};

static const struct xenpv_key own_keys[] = {
	XENPV_KEY_NUMBER(struct own, vdevice, "virtual-device", 0, U32_MAX),
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

static int probe(struct xenpv_device *dev)
{
	struct xblk_plan plan = { .segments = segments };
	struct xblk_front *front;
	struct own own;
	int ret;

	ret = read_own(dev, &own);
	if (ret)
		return ret == -EAGAIN ? -EPROBE_DEFER : ret;
	plan.vdevice = own.vdevice;
	plan.queues = clamp(queues, 1U, min(num_possible_cpus(), XBLK_QUEUES));
	plan.polled = min3(poll_queues, num_possible_cpus(), XBLK_QUEUES - plan.queues);
	/* As many requests as a ring has slots, of 112 bytes each. */
	plan.depth = 32U << min(ring_order, XBLK_MAX_ORDER);
	front = xblk_front_new(dev, &plan);
	if (IS_ERR(front)) {
		dev_err(&dev->dev, "no disk with number %#x (%pe)\n", own.vdevice, front);
		return PTR_ERR(front);
	}
	xenpv_device_set_data(dev, front);
	return 0;
}

static void remove(struct xenpv_device *dev)
{
	struct xblk_front *front = xenpv_device_data(dev);

	xenpv_device_set_data(dev, NULL);
	xblk_front_drop_disk(front);
}

static int connect(struct xenpv_device *dev)
{
	struct xblk_terms terms = { .pages = pages, .persistent = persistent };
	struct offer offer;
	struct own own;
	int ret;

	ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct offer, offer_keys), &offer) ?:
	      read_own(dev, &own);
	if (ret)
		return ret;
	terms.queues = offer.queues;
	terms.order = min3(offer.order, ring_order, XBLK_MAX_ORDER);
	terms.trusted = trusted && own.trusted;
	return xblk_front_share(xenpv_device_data(dev), &terms);
}

static int publish_ring(struct xblk_queue *queue, struct xenpv_store_txn *txn, const char *sub)
{
	struct xenpv_share *share = &queue->share;
	struct xblk_ring_facts facts = {
		.nr = share->nr,
		.port = xenpv_event_port(share->event),
	};

	for (unsigned int i = 0; i < share->nr; i++)
		facts.refs[i] = share->refs[i];
	return xenpv_device_write(share->dev, txn, sub, share->nr > 1 ? &xblk_many_pages :
				  &xblk_single_page, &facts);
}

/* With an order, pages have numbers behind their names even if it is one: so no order then. */
static int publish_order(struct xblk_front *front, struct xenpv_store_txn *txn)
{
	unsigned int nr = front->queues[0].share.nr;
	const char *node = front->dev->node;
	int ret;

	if (nr > 1)
		return xenpv_store_write_u64(txn, node, "ring-page-order", ilog2(nr)) ?:
		       xenpv_store_write_u64(txn, node, "num-ring-pages", nr);
	/* What an earlier connection may have left. */
	ret = xenpv_store_rm(txn, node, "ring-page-order");
	if (ret && ret != -ENOENT)
		return ret;
	ret = xenpv_store_rm(txn, node, "num-ring-pages");
	return ret == -ENOENT ? 0 : ret;
}

static int publish(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		   enum xenbus_state state)
{
	struct xblk_front *front = xenpv_device_data(dev);
	char sub[16];
	int ret;

	if (state != XenbusStateInitialised)
		return 0;
	ret = xenpv_store_write(txn, dev->node, "protocol", XEN_IO_PROTO_ABI_NATIVE) ?:
	      xenpv_store_write_u64(txn, dev->node, "feature-persistent", persistent) ?:
	      xenpv_store_write_u64(txn, dev->node, "multi-queue-num-queues", front->nr_queues) ?:
	      publish_order(front, txn);
	if (front->nr_queues == 1)
		return ret ?: publish_ring(&front->queues[0], txn, NULL);
	for (unsigned int i = 0; i < front->nr_queues && !ret; i++) {
		scnprintf(sub, sizeof(sub), "queue-%u", i);
		ret = publish_ring(&front->queues[i], txn, sub);
	}
	return ret;
}

static int read_facts(struct xblk_front *front, struct xblk_facts *facts)
{
	int ret = xenpv_device_read(front->dev, NULL, XENPV_KEYS(struct xblk_facts, fact_keys),
				    facts);

	if (ret)
		return ret;
	ret = xblk_front_judge(facts);
	if (ret)
		xenpv_link_fault(front->dev, "%llu sectors in blocks of %u bytes",
				 facts->sectors, facts->block);
	return ret;
}

static int start(struct xenpv_device *dev)
{
	struct xblk_front *front = xenpv_device_data(dev);
	struct xblk_facts facts;
	int ret;

	ret = read_facts(front, &facts) ?: xblk_front_describe(front, &facts);
	if (ret)
		return ret;
	/* For events that came before there was one to acknowledge. */
	for (unsigned int i = 0; i < front->nr_queues; i++)
		xenpv_event_done(front->queues[i].share.event, true);
	xblk_front_run(front);
	return 0;
}

/* The size may have changed, and nothing else. */
static void changed(struct xenpv_device *dev)
{
	struct xblk_front *front = xenpv_device_data(dev);
	struct xblk_facts facts;

	if (!read_facts(front, &facts) && facts.block == front->facts.block &&
	    facts.sectors != front->facts.sectors) {
		front->facts.sectors = facts.sectors;
		set_capacity_and_notify(front->disk, facts.sectors);
	}
}

static void stop(struct xenpv_device *dev)
{
	xblk_front_halt(xenpv_device_data(dev));
}

static void disconnect(struct xenpv_device *dev)
{
	xblk_front_unshare(xenpv_device_data(dev));
}

static void dead(struct xenpv_device *dev)
{
	xblk_front_kill(xenpv_device_data(dev));
}

static const struct xenpv_device_id ids[] = {
	{ "vbd" },
	{ }
};

static struct xenpv_driver blkfront = {
	.driver.name = "xenpv-blkfront",
	.side = XENPV_FRONT,
	.ids = ids,
	.publish_as = XenbusStateInitialised,
	.probe = probe,
	.remove = remove,
	.connect = connect,
	.publish = publish,
	.start = start,
	.stop = stop,
	.disconnect = disconnect,
	.changed = changed,
	.dead = dead,
};

static int __init blkfront_init(void)
{
	int ret;

	ret = register_blkdev(XENVBD_MAJOR, "xvd");
	if (ret)
		return ret;
	ret = xenpv_driver_register(&blkfront);
	if (ret)
		unregister_blkdev(XENVBD_MAJOR, "xvd");
	return ret;
}
module_init(blkfront_init);

static void __exit blkfront_exit(void)
{
	xenpv_driver_unregister(&blkfront);
	unregister_blkdev(XENVBD_MAJOR, "xvd");
}
module_exit(blkfront_exit);

MODULE_DESCRIPTION("Disks that another domain provides");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vbd");
MODULE_IMPORT_NS("XENPV");
