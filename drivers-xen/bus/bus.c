// SPDX-License-Identifier: GPL-2.0-only
/* The two buses of Linux, "xen" and "xen-backend": devices, drivers, sysfs, uevents. */

#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <xenpv/self.h>
#include "private.h"

/* Names that toolstacks and udev rules know. */
static const char * const bus_names[XENPV_SIDES] = {
	[XENPV_FRONT]	= "xen",
	[XENPV_BACK]	= "xen-backend",
};

static const char * const bus_roots[XENPV_SIDES] = {
	[XENPV_FRONT]	= "device",
	[XENPV_BACK]	= "backend",
};

static struct device *parents[XENPV_SIDES];

/* What is shown of a device. */

static ssize_t devtype_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenpv_device(d)->type);
}
static DEVICE_ATTR_RO(devtype);

static ssize_t nodename_show(struct device *d, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenpv_device(d)->node);
}
static DEVICE_ATTR_RO(nodename);

static ssize_t modalias_show(struct device *d, struct device_attribute *attr, char *buf)
{
	struct xenpv_device *dev = to_xenpv_device(d);

	return sysfs_emit(buf, "%s:%s\n", bus_names[dev->side], dev->type);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t state_show(struct device *d, struct device_attribute *attr, char *buf)
{
	const struct xenpv_link *link = &to_xenpv_device(d)->link;

	return sysfs_emit(buf, "%s\n", xenpv_link_state_name(READ_ONCE(link->mine)));
}
static DEVICE_ATTR_RO(state);

static struct attribute *device_attrs[] = {
	&dev_attr_devtype.attr,
	&dev_attr_nodename.attr,
	&dev_attr_modalias.attr,
	&dev_attr_state.attr,
	NULL
};

static const struct attribute_group device_group = {
	.attrs = device_attrs,
};

/*
 * What has happened to its link.  Without its lock: who has that may wait for the store
 * for long.
 */

static ssize_t peer_show(struct device *d, struct device_attribute *attr, char *buf)
{
	const struct xenpv_device *dev = to_xenpv_device(d);

	return sysfs_emit(buf, "%u %s\n", READ_ONCE(dev->peer),
			  xenpv_link_state_name(READ_ONCE(dev->link.peer)));
}
static DEVICE_ATTR_RO(peer);

static ssize_t fault_show(struct device *d, struct device_attribute *attr, char *buf)
{
	const struct xenpv_device *dev = to_xenpv_device(d);

	return sysfs_emit(buf, "%s\n", xenpv_link_faulted(dev) ? dev->link.reason : "");
}
static DEVICE_ATTR_RO(fault);

#define LINK_NUMBER(name, value)						\
static ssize_t name##_show(struct device *d, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	const struct xenpv_link *link = &to_xenpv_device(d)->link;		\
										\
	return sysfs_emit(buf, "%u\n", (value));				\
}										\
static DEVICE_ATTR_RO(name)

LINK_NUMBER(level, READ_ONCE(link->level));
LINK_NUMBER(hints, atomic_read(&link->hints));
LINK_NUMBER(connects, READ_ONCE(link->stats.connects));
LINK_NUMBER(changes, READ_ONCE(link->stats.changes));
LINK_NUMBER(foreign, READ_ONCE(link->stats.foreign));
LINK_NUMBER(faults, READ_ONCE(link->stats.faults));

static struct attribute *link_attrs[] = {
	&dev_attr_peer.attr,
	&dev_attr_level.attr,
	&dev_attr_fault.attr,
	&dev_attr_hints.attr,
	&dev_attr_connects.attr,
	&dev_attr_changes.attr,
	&dev_attr_foreign.attr,
	&dev_attr_faults.attr,
	NULL
};

static const struct attribute_group link_group = {
	.name = "link",
	.attrs = link_attrs,
};

static const struct attribute_group *device_groups[] = {
	&device_group,
	&link_group,
	NULL
};

/* Matching, and what a driver has. */

static const struct xenpv_driver *to_driver(const struct device_driver *driver)
{
	return container_of_const(driver, struct xenpv_driver, driver);
}

static int bus_match(struct device *d, const struct device_driver *driver)
{
	const struct xenpv_device_id *id = to_driver(driver)->ids;

	while (id->type[0] && strcmp(id->type, to_xenpv_device(d)->type))
		id++;
	return id->type[0] != '\0';
}

static int bus_uevent(const struct device *d, struct kobj_uevent_env *env)
{
	const struct xenpv_device *dev = container_of_const(d, struct xenpv_device, dev);

	return add_uevent_var(env, "MODALIAS=%s:%s", bus_names[dev->side], dev->type) ?:
	       add_uevent_var(env, "XENBUS_TYPE=%s", dev->type) ?:
	       add_uevent_var(env, "XENBUS_PATH=%s", dev->node) ?:
	       add_uevent_var(env, "XENBUS_BASE_PATH=%s", bus_roots[dev->side]);
}

static int bus_probe(struct device *d)
{
	struct xenpv_device *dev = to_xenpv_device(d);
	int ret = to_driver(d->driver)->probe(dev);

	if (!ret)
		xenpv_link_bind(dev);
	return ret;
}

static void bus_remove(struct device *d)
{
	struct xenpv_device *dev = to_xenpv_device(d);

	xenpv_link_unbind(dev);
	to_driver(d->driver)->remove(dev);
}

static const struct bus_type buses[XENPV_SIDES] = {
	[XENPV_FRONT] = {
		.name		= "xen",
		.dev_groups	= device_groups,
		.match		= bus_match,
		.uevent		= bus_uevent,
		.probe		= bus_probe,
		.remove		= bus_remove,
	},
	[XENPV_BACK] = {
		.name		= "xen-backend",
		.dev_groups	= device_groups,
		.match		= bus_match,
		.uevent		= bus_uevent,
		.probe		= bus_probe,
		.remove		= bus_remove,
	},
};

static void device_release(struct device *d)
{
	struct xenpv_device *dev = to_xenpv_device(d);

	kfree(dev->peer_dir);
	kfree(dev);
}

/**
 * xenpv_device_new() - make a device, which nobody knows yet
 * @place: what it is
 *
 * To be given to xenpv_device_add(), or to put_device().
 *
 * Context: Process.
 * Return: the device, or NULL.
 */
struct xenpv_device *xenpv_device_new(const struct xenpv_place *place)
{
	struct xenpv_device *dev = kzalloc_obj(*dev);

	if (!dev)
		return NULL;
	dev->side = place->side;
	dev->id = place->id;
	dev->peer = place->domid;
	strscpy(dev->type, place->type, sizeof(dev->type));
	xenpv_bus_node(place, dev->node);
	INIT_LIST_HEAD(&dev->list);
	xenpv_link_init(dev);
	device_initialize(&dev->dev);
	dev->dev.bus = &buses[place->side];
	dev->dev.parent = parents[place->side];
	dev->dev.release = device_release;
	return dev;
}

/**
 * xenpv_device_add() - show a device to drivers and users
 * @dev: the device, whose peer is known
 *
 * Context: Process.
 * Return: 0 or a negative errno; put_device() is the caller's then.
 */
int xenpv_device_add(struct xenpv_device *dev)
{
	int ret;

	if (dev->side == XENPV_FRONT)
		ret = dev_set_name(&dev->dev, "%s-%u", dev->type, dev->id);
	else
		ret = dev_set_name(&dev->dev, "%s-%u-%u", dev->type, dev->peer, dev->id);
	return ret ?: device_add(&dev->dev);
}

/**
 * xenpv_device_read() - read and judge keys of the peer
 * @dev: the device
 * @sub: a directory in the peer's, or NULL
 * @keys: what is known
 * @to: the structure that belongs to @keys
 *
 * A bad one is a fault of the link.  If the store can't say now, the link looks again in a
 * while.
 *
 * Context: Process, in connect and changed.
 * Return: 0; -EAGAIN if the store can't say now; or another negative errno, see
 * xenpv_keys_read().
 */
int xenpv_device_read(struct xenpv_device *dev, const char *sub,
		      const struct xenpv_keys *keys, void *to)
{
	struct xenpv_key_error error;
	int ret = xenpv_keys_read(NULL, dev->peer_dir, sub, keys, to, &error);

	if (ret && error.what) {
		xenpv_link_fault(dev, "key %s: %s", error.name, error.what);
	} else if (ret && xenpv_store_passing(ret)) {
		xenpv_link_retry(dev);
		return -EAGAIN;
	} else if (ret) {
		xenpv_link_fault(dev, "key %s: %pe", error.name, ERR_PTR(ret));
	}
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_device_read, "XENPV");

/**
 * xenpv_device_write() - write keys of ours
 * @dev: the device
 * @txn: the transaction that publish was given, or NULL
 * @sub: a directory in ours, or NULL
 * @keys: what is to be written
 * @from: the structure that belongs to @keys
 *
 * Context: Process.
 * Return: 0 or a negative errno, see xenpv_keys_write().
 */
int xenpv_device_write(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		       const char *sub, const struct xenpv_keys *keys, const void *from)
{
	return xenpv_keys_write(txn, dev->node, sub, keys, from);
}
EXPORT_SYMBOL_NS_GPL(xenpv_device_write, "XENPV");

/**
 * xenpv_driver_register_owner() - be the driver of devices; use xenpv_driver_register()
 * @drv: the driver
 * @owner: its module
 *
 * Context: Process.
 * Return: 0; -ENODEV if there is no Xen; -EINVAL if a callback is missing; or another
 * negative errno.
 */
int xenpv_driver_register_owner(struct xenpv_driver *drv, struct module *owner)
{
	if (drv->side >= XENPV_SIDES || !drv->ids || !drv->probe || !drv->remove ||
	    !drv->connect || !drv->start || !drv->stop || !drv->disconnect)
		return -EINVAL;
	if (drv->side == XENPV_FRONT && drv->publish_as != XenbusStateInitialised &&
	    drv->publish_as != XenbusStateConnected)
		return -EINVAL;
	if (!parents[drv->side])
		return -ENODEV;
	drv->driver.bus = &buses[drv->side];
	drv->driver.owner = owner;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_NS_GPL(xenpv_driver_register_owner, "XENPV");

/**
 * xenpv_driver_unregister() - undo xenpv_driver_register()
 * @drv: the driver
 *
 * Context: Process; waits for the store.
 */
void xenpv_driver_unregister(struct xenpv_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_NS_GPL(xenpv_driver_unregister, "XENPV");

static int start_side(enum xenpv_side side)
{
	int ret = bus_register(&buses[side]);

	if (ret)
		return ret;
	parents[side] = root_device_register(bus_names[side]);
	if (!IS_ERR(parents[side]))
		return 0;
	ret = PTR_ERR(parents[side]);
	parents[side] = NULL;
	bus_unregister(&buses[side]);
	return ret;
}

/**
 * xenpv_bus_start() - let there be buses, without devices
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_bus_start(void)
{
	int ret = start_side(XENPV_FRONT) ?: start_side(XENPV_BACK);

	if (ret)
		xenpv_bus_stop();
	return ret;
}

/**
 * xenpv_bus_stop() - undo xenpv_bus_start()
 *
 * Context: Process, when there are no drivers.
 */
void xenpv_bus_stop(void)
{
	for (int side = 0; side < XENPV_SIDES; side++) {
		if (!parents[side])
			continue;
		xenpv_bus_forget_all(side);
		root_device_unregister(parents[side]);
		parents[side] = NULL;
		bus_unregister(&buses[side]);
	}
}

static int __init bus_init(void)
{
	return xenpv_self.kind == XENPV_KIND_NONE ? 0 : xenpv_bus_start();
}
subsys_initcall(bus_init);
