// SPDX-License-Identifier: GPL-2.0-only
/* The link of a disk's back: what is behind it, what the front shares, when data flows. */

#include <linux/array_size.h>
#include <linux/debugfs.h>
#include <linux/kdev_t.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <xen/interface/io/protocols.h>

#include <xenpv/event.h>
#include <xenpv/keys.h>
#include "back.h"

static unsigned int queues = 4;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "Rings that a front may have for one disk (default 4)");

static unsigned int ring_order = XBLK_MAX_ORDER;
module_param(ring_order, uint, 0644);
MODULE_PARM_DESC(ring_order, "Pages that a ring may have, as a power of two (default 4)");

static unsigned int segments = 64;
module_param(segments, uint, 0644);
MODULE_PARM_DESC(segments, "Pages of one request with a table, 11 to 256; 0: no tables (default 64)");

static unsigned int kept_pages = 1056;
module_param(kept_pages, uint, 0644);
MODULE_PARM_DESC(kept_pages,
		 "Pages of a front that stay mapped, for each ring; 0: none do (default 1056)");

/**
 * struct front_facts - what a front says before we connect
 * @protocol: the layout of its requests, empty: ours
 * @order: pages of a ring, as a power of two
 * @queues: rings
 * @persistent: it lends the same pages all the time
 */
struct front_facts {
	char protocol[16];
	u32 order;
	u32 queues;
	bool persistent;
};

/* A front that has not said how many pages a ring has, has one without a number. */
#define NO_ORDER	(XBLK_MAX_ORDER + 1)

static const struct xenpv_key front_keys[] = {
	XENPV_KEY_TEXT(struct front_facts, protocol, "protocol", 0, true),
	XENPV_KEY_MAYBE(struct front_facts, order, "ring-page-order", 0, XBLK_MAX_ORDER,
			NO_ORDER),
	XENPV_KEY_MAYBE(struct front_facts, queues, "multi-queue-num-queues", 1,
			XBLK_QUEUES, 1),
	XENPV_KEY_FEATURE(struct front_facts, persistent, "feature-persistent"),
};

/* The hotplug script writes which device it is when that is there, and not before. */
static bool ready(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);
	int ret;

	if (back->file)
		return true;
	ret = xblk_back_open(back);
	if (ret && ret != -ENOENT)
		dev_warn_ratelimited(&dev->dev, "no disk behind it (%pe)\n", ERR_PTR(ret));
	return !ret;
}

static void device_written(struct xenpv_store_watch *watch, const char *path)
{
	xenpv_link_kick(container_of(watch, struct xblk_back_watch, watch)->back->dev);
}

/* A new size is written, and our state once more: that is what a front waits for. */
static int write_size(struct xenpv_store_txn *txn, void *arg)
{
	struct xblk_back *back = arg;
	const char *node = back->dev->node;
	u64 state;
	int ret = xenpv_store_read_u64(txn, node, "state", &state);

	if (ret)
		return ret;
	return xenpv_store_write_u64(txn, node, "sectors", back->limits.sectors) ?:
	       xenpv_store_write_u64(txn, node, "state", state);
}

static void resize(struct work_struct *work)
{
	struct xblk_back *back = container_of(work, struct xblk_back, resize);
	u64 sectors = xblk_back_sectors(back);
	int ret;

	if (sectors == back->limits.sectors)
		return;
	WRITE_ONCE(back->limits.sectors, sectors);
	ret = xenpv_store_transaction(write_size, back);
	if (ret)
		dev_warn(&back->dev->dev, "the front is not told of %llu sectors (%pe)\n", sectors,
			 ERR_PTR(ret));
}

/* Which it is stands in one of two nodes. */
static int watch_nodes(struct xblk_back *back)
{
	static const char *const nodes[] = { "physical-device", "physical-device-path" };
	int ret;

	BUILD_BUG_ON(ARRAY_SIZE(nodes) != ARRAY_SIZE(back->watches));
	for (unsigned int i = 0; i < ARRAY_SIZE(nodes); i++) {
		back->watches[i].back = back;
		back->watches[i].watch = (struct xenpv_store_watch) {
			.dir = back->dev->node, .node = nodes[i], .changed = device_written,
		};
		ret = xenpv_store_watch(&back->watches[i].watch);
		if (ret && i)
			xenpv_store_unwatch(&back->watches[0].watch);
		if (ret)
			return ret;
	}
	return 0;
}

static int probe(struct xenpv_device *dev)
{
	struct xblk_back *back = kzalloc_obj(*back);
	int ret;

	if (!back)
		return -ENOMEM;
	back->dev = dev;
	back->limits.max_segs = segments ? clamp(segments, XBLK_DIRECT, XBLK_MAX_SEGS) : 0;
	INIT_WORK(&back->resize, resize);
	xenpv_device_set_data(dev, back);
	ret = watch_nodes(back);
	if (ret) {
		xenpv_device_set_data(dev, NULL);
		kfree(back);
	}
	return ret;
}

static void remove(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);

	for (unsigned int i = 0; i < ARRAY_SIZE(back->watches); i++)
		xenpv_store_unwatch(&back->watches[i].watch);
	xblk_back_close(back);
	xenpv_device_set_data(dev, NULL);
	kfree(back);
}

/* The front's rings. */

static int find_abi(const char *protocol, enum xblk_abi *abi)
{
	if (!protocol[0] || !strcmp(protocol, XEN_IO_PROTO_ABI_X86_64))
		*abi = XBLK_ABI_64;
	else if (!strcmp(protocol, XEN_IO_PROTO_ABI_X86_32))
		*abi = XBLK_ABI_32;
	else
		return -EINVAL;
	return 0;
}

static int read_ring(struct xenpv_device *dev, const char *sub, u32 order,
		     struct xblk_ring_facts *facts)
{
	if (order == NO_ORDER) {
		facts->nr = 1;
		return xenpv_device_read(dev, sub, &xblk_single_page, facts);
	}
	facts->nr = BIT(order);
	return xenpv_device_read(dev, sub, &xblk_many_pages, facts);
}

static int connect(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);
	struct xblk_ring_facts ring = { };
	struct front_facts facts;
	enum xblk_abi abi;
	char sub[16];
	int ret;

	ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct front_facts, front_keys), &facts) ?:
	      find_abi(facts.protocol, &abi);
	if (ret)
		return ret;
	if (facts.queues > back->offered_queues ||
	    (facts.order != NO_ORDER && facts.order > back->offered_order)) {
		xenpv_link_fault(dev, "%u rings of order %u, more than were offered", facts.queues,
				 facts.order);
		return -EINVAL;
	}
	/* What it was when the front was there last may be long ago. */
	back->limits.sectors = xblk_back_sectors(back);
	back->abi = abi;
	back->max_kept = facts.persistent ? kept_pages : 0;
	for (unsigned int i = 0; i < facts.queues; i++) {
		struct xblk_back_queue *queue = &back->queues[i];

		scnprintf(sub, sizeof(sub), "queue-%u", i);
		ret = read_ring(dev, facts.queues > 1 ? sub : NULL, facts.order, &ring);
		if (ret)
			return ret;
		back->nr_queues++;
		ret = xblk_back_make_queue(back, queue, &ring);
		if (ret)
			return ret;
	}
	return 0;
}

static void disconnect(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);

	for (unsigned int i = 0; i < back->nr_queues; i++)
		xblk_back_drop_queue(&back->queues[i]);
	back->nr_queues = 0;
	debugfs_remove(back->dir);
	back->dir = NULL;
}

static int start(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);

	for (unsigned int i = 0; i < back->nr_queues; i++) {
		WRITE_ONCE(back->queues[i].up, true);
		/* There may be requests already, whose event came before. */
		xblk_back_due(&back->queues[i]);
	}
	return 0;
}

static void stop(struct xenpv_device *dev)
{
	struct xblk_back *back = xenpv_device_data(dev);

	for (unsigned int i = 0; i < back->nr_queues; i++)
		xblk_back_drain(&back->queues[i]);
	cancel_work_sync(&back->resize);
}

/* What we can do, before the front connects. */
static int publish_offer(struct xenpv_device *dev, struct xenpv_store_txn *txn)
{
	struct xblk_back *back = xenpv_device_data(dev);
	int ret;

	back->offered_queues = clamp(queues, 1U, XBLK_QUEUES);
	back->offered_order = min(ring_order, XBLK_MAX_ORDER);
	ret = xenpv_store_write_u64(txn, dev->node, "multi-queue-max-queues",
				    back->offered_queues) ?:
	      xenpv_store_write_u64(txn, dev->node, "max-ring-page-order", back->offered_order);
	if (ret || !back->limits.max_segs)
		return ret;
	return xenpv_store_write_u64(txn, dev->node, "feature-max-indirect-segments",
				     back->limits.max_segs);
}

/* What the disk is like. */
static int publish_disk(struct xblk_back *back, struct xenpv_store_txn *txn)
{
	const struct xblk_limits *limits = &back->limits;
	const struct xblk_back_shape *shape = &back->shape;
	const char *node = back->dev->node;
	int ret;

	ret = xenpv_store_write_u64(txn, node, "sectors", limits->sectors) ?:
	      xenpv_store_write_u64(txn, node, "sector-size", limits->block * SECTOR_SIZE) ?:
	      xenpv_store_write_u64(txn, node, "physical-sector-size", shape->physical) ?:
	      xenpv_store_write_u64(txn, node, "info", back->info) ?:
	      xenpv_store_write_u64(txn, node, "feature-flush-cache", 1) ?:
	      xenpv_store_write_u64(txn, node, "feature-persistent", !!kept_pages) ?:
	      xenpv_store_write_u64(txn, node, "feature-discard", limits->discard);
	if (ret || !limits->discard)
		return ret;
	return xenpv_store_write_u64(txn, node, "discard-granularity",
				     shape->discard_granularity) ?:
	       xenpv_store_write_u64(txn, node, "discard-alignment",
				     shape->discard_alignment) ?:
	       xenpv_store_write_u64(txn, node, "discard-secure", limits->secure);
}

static int publish(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		   enum xenbus_state state)
{
	struct xblk_back *back = xenpv_device_data(dev);

	if (state == XenbusStateInitWait)
		return publish_offer(dev, txn);
	if (state == XenbusStateConnected)
		return publish_disk(back, txn);
	return 0;
}

/* What xentop and others read: statistics/ of the device. */

static struct xblk_back *back_of(struct device *dev)
{
	return xenpv_device_data(to_xenpv_device(dev));
}

#define STATISTIC(name, what)								\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct xblk_back *back = back_of(dev);						\
											\
	return sysfs_emit(buf, "%llu\n",						\
			  back ? (u64)atomic64_read(&back->stats.what) : 0);		\
}											\
static DEVICE_ATTR_RO(name)

STATISTIC(rd_req, requests[BLKIF_OP_READ]);
STATISTIC(wr_req, requests[BLKIF_OP_WRITE]);
STATISTIC(f_req, requests[BLKIF_OP_FLUSH_DISKCACHE]);
STATISTIC(ds_req, requests[BLKIF_OP_DISCARD]);
STATISTIC(rd_sect, read);
STATISTIC(wr_sect, written);
STATISTIC(err_req, errors);
STATISTIC(oo_req, waited);

static struct attribute *statistics[] = {
	&dev_attr_rd_req.attr,
	&dev_attr_wr_req.attr,
	&dev_attr_f_req.attr,
	&dev_attr_ds_req.attr,
	&dev_attr_rd_sect.attr,
	&dev_attr_wr_sect.attr,
	&dev_attr_err_req.attr,
	&dev_attr_oo_req.attr,
	NULL
};

static const struct attribute_group statistics_group = {
	.name = "statistics",
	.attrs = statistics,
};

/* What else tools read there. */

static ssize_t physical_device_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xblk_back *back = back_of(dev);
	dev_t is = back && back->bdev ? back->bdev->bd_dev : 0;

	return sysfs_emit(buf, "%x:%x\n", MAJOR(is), MINOR(is));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xblk_back *back = back_of(dev);

	return sysfs_emit(buf, "%s\n", back && back->limits.writable ? "w" : "r");
}
static DEVICE_ATTR_RO(mode);

static struct attribute *disk[] = {
	&dev_attr_physical_device.attr,
	&dev_attr_mode.attr,
	NULL
};

static const struct attribute_group disk_group = {
	.attrs = disk,
};

/* What the front makes us hold: memory/ of the device. */

static ssize_t fixed_bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xblk_back *back = back_of(dev);
	size_t bytes = 0;

	for (unsigned int i = 0; back && i < back->nr_queues; i++)
		bytes += back->queues[i].nr_jobs * xblk_back_job_bytes(back);
	return sysfs_emit(buf, "%zu\n", bytes);
}
static DEVICE_ATTR_RO(fixed_bytes);

static ssize_t kept_pages_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xblk_back *back = back_of(dev);
	unsigned int nr = 0;

	for (unsigned int i = 0; back && i < back->nr_queues; i++)
		nr += READ_ONCE(back->queues[i].kept.nr);
	return sysfs_emit(buf, "%u\n", nr);
}
static DEVICE_ATTR_RO(kept_pages);

static ssize_t kept_pages_max_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xblk_back *back = back_of(dev);

	return sysfs_emit(buf, "%u\n", back ? back->nr_queues * back->max_kept : 0);
}
static DEVICE_ATTR_RO(kept_pages_max);

static struct attribute *memory[] = {
	&dev_attr_fixed_bytes.attr,
	&dev_attr_kept_pages.attr,
	&dev_attr_kept_pages_max.attr,
	NULL
};

static const struct attribute_group memory_group = {
	.name = "memory",
	.attrs = memory,
};

static const struct attribute_group *back_groups[] = {
	&disk_group,
	&statistics_group,
	&memory_group,
	NULL
};

static const struct xenpv_device_id ids[] = {
	{ "vbd" },
	{ }
};

static struct xenpv_driver blkback = {
	.driver = {
		.name = "xenpv-blkback",
		.dev_groups = back_groups,
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
};

static int __init blkback_init(void)
{
	int ret;

	xblk_back_wq = alloc_workqueue("xenpv-blkback", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!xblk_back_wq)
		return -ENOMEM;
	ret = xblk_tidy_init();
	if (ret)
		goto no_queue;
	ret = xenpv_driver_register(&blkback);
	if (!ret)
		return 0;
	xblk_tidy_exit();
no_queue:
	destroy_workqueue(xblk_back_wq);
	return ret;
}
module_init(blkback_init);

static void __exit blkback_exit(void)
{
	xenpv_driver_unregister(&blkback);
	xblk_tidy_exit();
	destroy_workqueue(xblk_back_wq);
}
module_exit(blkback_exit);

MODULE_DESCRIPTION("Disks for other domains");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vbd");
MODULE_IMPORT_NS("XENPV");
