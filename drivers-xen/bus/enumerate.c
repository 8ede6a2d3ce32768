// SPDX-License-Identifier: GPL-2.0-only
/* The tree of xenstore and the devices of the buses: one walker for both sides. */

#define pr_fmt(fmt) "xenpv: bus: " fmt

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <xen/interface/io/xs_wire.h>

#include "private.h"

/*
 * A device is there as long as its directory has a state.  Whoever touches the tree has
 * the place looked at: a device that is not known is made, one that is gone is removed,
 * and the link of any other one looks for itself.
 *
 * What stands in the tree was written by the toolstack, but in the directories of one
 * device it may be anything.  So each device is judged alone: a name that is none, a peer
 * that does not fit, one device too many is passed over, and its neighbours are made.
 */

/* When to look again after the store could not answer. */
#define RETRY	(2 * HZ)

/**
 * struct spot - a place that was touched
 * @list: of the side
 * @place: it
 */
struct spot {
	struct list_head list;
	struct xenpv_place place;
};

static void look_work(struct work_struct *work);
static void changed(struct xenpv_store_watch *watch, const char *path);

/**
 * struct side - one of the two trees
 * @root: its directory
 * @peer_key: the key that names the peer's directory
 * @peer_id_key: the key that names the peer's domain
 * @deep: there is a domain between type and number
 * @lock: guards @spots, @nr_spots and @whole
 * @spots: places that were touched
 * @nr_spots: how many
 * @whole: look at everything
 * @scanned: everything was looked at once
 * @devices_lock: guards @devices and @scan
 * @devices: those that are known
 * @going: those that are being removed
 * @scan: number of the walk
 * @watch: of the root
 * @work: looks
 */
struct side {
	const char *root;
	const char *peer_key;
	const char *peer_id_key;
	bool deep;
	spinlock_t lock;
	struct list_head spots __guarded_by(&lock);
	unsigned int nr_spots __guarded_by(&lock);
	bool whole __guarded_by(&lock);
	bool scanned;
	struct mutex devices_lock;
	struct list_head devices __guarded_by(&devices_lock);
	struct list_head going __guarded_by(&devices_lock);
	unsigned int scan __guarded_by(&devices_lock);
	struct xenpv_store_watch watch;
	struct delayed_work work;
};

static struct side sides[XENPV_SIDES] = {
	[XENPV_FRONT] = {
		.root = "device",
		.peer_key = "backend",
		.peer_id_key = "backend-id",
		.lock = __SPIN_LOCK_UNLOCKED(sides[XENPV_FRONT].lock),
		.spots = LIST_HEAD_INIT(sides[XENPV_FRONT].spots),
		.devices_lock = __MUTEX_INITIALIZER(sides[XENPV_FRONT].devices_lock),
		.devices = LIST_HEAD_INIT(sides[XENPV_FRONT].devices),
		.going = LIST_HEAD_INIT(sides[XENPV_FRONT].going),
		.work = __DELAYED_WORK_INITIALIZER(sides[XENPV_FRONT].work, look_work, 0),
	},
	[XENPV_BACK] = {
		.root = "backend",
		.peer_key = "frontend",
		.peer_id_key = "frontend-id",
		.deep = true,
		.lock = __SPIN_LOCK_UNLOCKED(sides[XENPV_BACK].lock),
		.spots = LIST_HEAD_INIT(sides[XENPV_BACK].spots),
		.devices_lock = __MUTEX_INITIALIZER(sides[XENPV_BACK].devices_lock),
		.devices = LIST_HEAD_INIT(sides[XENPV_BACK].devices),
		.going = LIST_HEAD_INIT(sides[XENPV_BACK].going),
		.work = __DELAYED_WORK_INITIALIZER(sides[XENPV_BACK].work, look_work, 0),
	},
};

static void queue(struct side *side, unsigned long delay)
{
	if (xenpv_bus_wq)
		mod_delayed_work(xenpv_bus_wq, &side->work, delay);
}

/* Names. */

/* One part of a path, up to its slash or end; where the next one begins, NULL: none does. */
static const char *next_part(const char *path, size_t *len)
{
	*len = strcspn(path, "/");
	return path[*len] ? path + *len + 1 : NULL;
}

static bool type_ok(const char *name, size_t len)
{
	if (!len || len >= XENPV_TYPE_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!islower(name[i]) && !isdigit(name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	}
	return true;
}

/* As we would write it: no two names are one number. */
static int number(const char *name, size_t len, u64 max, u64 *value)
{
	if (xenpv_keys_number(name, len, value) || *value > max || (len > 1 && name[0] == '0'))
		return -EINVAL;
	return 0;
}

/* Keys that decide whether there is a device, and whether it is wanted. */
static bool matters(const struct side *s, const char *key)
{
	return !strcmp(key, "state") || !strcmp(key, "online") || !strcmp(key, s->peer_key) ||
	       !strcmp(key, s->peer_id_key);
}

/**
 * xenpv_bus_place() - which device is a path about?
 * @side: in which tree
 * @path: the path
 * @place: filled in
 *
 * Context: Any.
 * Return: 0; -EISDIR if it is above all devices of a type; -EALREADY if it is about a key
 * that nobody but the device's driver cares for; -EINVAL if no device is called so.
 */
int xenpv_bus_place(enum xenpv_side side, const char *path, struct xenpv_place *place)
{
	const struct side *s = &sides[side];
	const char *part = path;
	u64 value;
	size_t len;

	*place = (struct xenpv_place){ .side = side };
	part = next_part(path, &len);
	if (len != strlen(s->root) || strncmp(path, s->root, len))
		return -EINVAL;
	if (!part)
		return -EISDIR;

	path = part;
	part = next_part(path, &len);
	if (!type_ok(path, len))
		return -EINVAL;
	memcpy(place->type, path, len);
	if (!part)
		return -EISDIR;

	if (s->deep) {
		path = part;
		part = next_part(path, &len);
		if (number(path, len, DOMID_FIRST_RESERVED - 1, &value))
			return -EINVAL;
		place->domid = value;
		if (!part)
			return -EISDIR;
	}

	path = part;
	part = next_part(path, &len);
	if (number(path, len, U32_MAX, &value))
		return -EINVAL;
	place->id = value;
	return !part || matters(s, part) ? 0 : -EALREADY;
}

/**
 * xenpv_bus_node() - the directory of a device
 * @place: which
 * @node: room for %XENPV_NODE_LEN bytes
 *
 * Context: Any.
 */
void xenpv_bus_node(const struct xenpv_place *place, char *node)
{
	const struct side *s = &sides[place->side];

	if (s->deep)
		scnprintf(node, XENPV_NODE_LEN, "%s/%s/%u/%u", s->root, place->type,
			  place->domid, place->id);
	else
		scnprintf(node, XENPV_NODE_LEN, "%s/%s/%u", s->root, place->type, place->id);
}

/* Whom a device is connected to. */

/* It stands in the home of the domain that it is said to be of. */
static bool dir_ok(const char *dir, domid_t domid)
{
	char home[32];
	int len = scnprintf(home, sizeof(home), "/local/domain/%u/", domid);

	return !strncmp(dir, home, len);
}

/**
 * xenpv_bus_find_peer() - read who the peer of a device is
 * @dev: the device; peer and peer_dir are set, and stay as they were on failure
 *
 * Context: Process; the device is not connected.
 * Return: 1 if it is another one, 0 if not; -ENOENT if there is none, -EINVAL if that makes
 * no sense; or another negative errno.
 */
int xenpv_bus_find_peer(struct xenpv_device *dev)
{
	const struct side *s = &sides[dev->side];
	size_t len, id_len;
	char *dir __free(kfree) = NULL;
	char *id __free(kfree) = NULL;
	u64 domid;

	/* No ERR_PTR() is to be freed. */
	char *text = xenpv_store_read(NULL, dev->node, s->peer_id_key, &id_len);

	if (IS_ERR(text))
		return PTR_ERR(text);
	id = text;
	text = xenpv_store_read(NULL, dev->node, s->peer_key, &len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	dir = text;

	if (number(id, id_len, DOMID_FIRST_RESERVED - 1, &domid))
		return -EINVAL;
	/* The name of a back says whose it is. */
	if (s->deep && domid != dev->peer)
		return -EINVAL;
	if (strlen(dir) != len || len >= XENSTORE_REL_PATH_MAX || !dir_ok(dir, domid))
		return -EINVAL;
	if (dev->peer_dir && domid == dev->peer && !strcmp(dir, dev->peer_dir))
		return 0;
	WRITE_ONCE(dev->peer, domid);
	swap(dev->peer_dir, dir);
	return 1;
}

/* Devices: who has @devices_lock makes and forgets them. */

static bool is_at(const struct xenpv_device *dev, const struct xenpv_place *place)
{
	return dev->id == place->id && !strcmp(dev->type, place->type) &&
	       (place->side == XENPV_FRONT || dev->peer == place->domid);
}

static struct xenpv_device *find(struct side *s, const struct xenpv_place *place)
{
	struct xenpv_device *dev;

	lockdep_assert_held(&s->devices_lock);
	list_for_each_entry(dev, &s->devices, list) {
		if (is_at(dev, place))
			return dev;
	}
	return NULL;
}

static bool too_many(struct side *s, domid_t peer)
{
	struct xenpv_device *dev;
	unsigned int nr = 0;

	lockdep_assert_held(&s->devices_lock);
	list_for_each_entry(dev, &s->devices, list)
		nr += READ_ONCE(dev->peer) == peer;
	return nr >= XENPV_PEER_DEVICES;
}

static void pass_over(const char *node, const char *why)
{
	pr_notice_ratelimited("%s: %s, passed over\n", node, why);
}

/* Its name is free afterwards. */
static void go(struct work_struct *work)
{
	struct xenpv_device *dev = container_of(work, struct xenpv_device, go);

	get_device(&dev->dev);
	device_unregister(&dev->dev);
	scoped_guard(mutex, &sides[dev->side].devices_lock)
		list_del(&dev->list);
	put_device(&dev->dev);
}

/*
 * A driver may have to wait until the last I/O has ended, and others of this side must not
 * wait with it.
 */
static void forget(struct side *s, struct xenpv_device *dev)
{
	lockdep_assert_held(&s->devices_lock);
	set_bit(XENPV_LINK_OVER, &dev->link.flags);
	if (xenpv_bus_wq) {
		list_move(&dev->list, &s->going);
		INIT_WORK(&dev->go, go);
		queue_work(xenpv_bus_wq, &dev->go);
		return;
	}
	list_del(&dev->list);
	device_unregister(&dev->dev);
}

/* One that was there has not gone altogether: there can't be two of a name. */
static bool is_going(struct side *s, const struct xenpv_place *place)
{
	const struct xenpv_device *dev;

	list_for_each_entry(dev, &s->going, list) {
		if (is_at(dev, place))
			return true;
	}
	return false;
}

/* A peer that is not there yet may still come, and touches the place then. */
static int make(struct side *s, const struct xenpv_place *place)
{
	struct xenpv_device *dev = xenpv_device_new(place);
	int ret;

	lockdep_assert_held(&s->devices_lock);
	if (!dev)
		return -ENOMEM;
	ret = is_going(s, place) ? -EAGAIN : xenpv_bus_find_peer(dev);
	if (ret > 0 && too_many(s, dev->peer))
		ret = -ENOSPC;
	if (ret < 0) {
		if (ret == -EINVAL || ret == -ENOENT)
			pass_over(dev->node, "its peer makes no sense");
		else if (ret == -ENOSPC)
			pass_over(dev->node, "its peer has too many devices");
		put_device(&dev->dev);
		return ret;
	}
	dev->seen = s->scan;
	list_add_tail(&dev->list, &s->devices);
	ret = xenpv_device_add(dev);
	if (!ret)
		return 0;
	list_del(&dev->list);
	put_device(&dev->dev);
	return ret;
}

/* A back that is Closed and not wanted is over; its directory goes soon.  1, 0 or an error. */
static int is_over(const struct xenpv_place *place, const char *node, u8 state)
{
	int online;

	if (place->side != XENPV_BACK || state != XenbusStateClosed)
		return 0;
	online = xenpv_link_online(node);
	return online < 0 && xenpv_store_passing(online) ? online : online != 1;
}

/* What the store could not say just now is asked again; all else is said by now. */
static int asked_again(int ret)
{
	return xenpv_store_passing(ret) ? ret : 0;
}

static int look_at(struct side *s, const struct xenpv_place *place)
{
	char node[XENPV_NODE_LEN];
	struct xenpv_device *dev;
	u8 state;
	int ret;

	xenpv_bus_node(place, node);
	ret = xenpv_link_read_state(NULL, node, &state);
	if (xenpv_store_passing(ret))
		return ret;
	dev = find(s, place);
	if (dev)
		dev->seen = s->scan;
	/* A state that is none is the link's business. */
	if (!ret && state == XenbusStateUnknown) {
		if (dev)
			forget(s, dev);
		return 0;
	}
	if (dev) {
		xenpv_link_kick(dev);
		return 0;
	}
	ret = ret ?: is_over(place, node, state);
	return asked_again(ret ?: make(s, place));
}

/* The walk through a tree. */

static int walk(struct side *s, const char *dir);

static int enter(struct side *s, const char *dir, const char *name)
{
	struct xenpv_place place;
	char path[XENPV_NODE_LEN];
	int ret;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path)) {
		pass_over(dir, "a name in it is too long");
		return 0;
	}
	ret = xenpv_bus_place(s - sides, path, &place);
	if (!ret)
		return look_at(s, &place);
	if (ret == -EISDIR)
		return walk(s, path);
	/* Other things stand there as well: device/suspend/event-channel. */
	pr_debug_ratelimited("%s is no device\n", path);
	return 0;
}

static int walk(struct side *s, const char *dir)
{
	struct xenpv_store_list list;
	unsigned int nr = 0;
	const char *name;
	int ret = xenpv_store_list(NULL, dir, "", &list);

	if (ret == -ENOENT || ret == -EACCES)
		return 0;
	if (ret)
		return ret == -EBUSY ? ret : asked_again(ret);
	xenpv_store_for_each(name, &list) {
		if (nr++ == XENPV_BUS_NAMES) {
			pass_over(dir, "too many names in it");
			break;
		}
		ret = enter(s, dir, name);
		if (ret)
			break;
	}
	xenpv_store_list_free(&list);
	return ret;
}

static struct xenpv_place place_of(const struct xenpv_device *dev)
{
	struct xenpv_place place = { .side = dev->side, .domid = dev->peer, .id = dev->id };

	strscpy(place.type, dev->type, sizeof(place.type));
	return place;
}

static int scan(struct side *s)
{
	struct xenpv_device *dev, *next;
	int ret;

	s->scan++;
	ret = walk(s, s->root);
	if (ret)
		return ret;
	/* Those whose directory is gone; a name too many is no reason to go. */
	list_for_each_entry_safe(dev, next, &s->devices, list) {
		struct xenpv_place place = place_of(dev);

		if (dev->seen == s->scan)
			continue;
		ret = look_at(s, &place);
		if (ret)
			return ret;
	}
	WRITE_ONCE(s->scanned, true);
	return 0;
}

/* In the place of one there may be another by now, of which somebody has told in vain. */
static int remove_over(struct side *s)
{
	struct xenpv_device *dev, *next;
	int ret = 0;

	list_for_each_entry_safe(dev, next, &s->devices, list) {
		struct xenpv_place place = place_of(dev);

		if (!test_bit(XENPV_LINK_OVER, &dev->link.flags))
			continue;
		forget(s, dev);
		ret = ret ?: look_at(s, &place);
	}
	return ret;
}

/* What to look at, and nothing of it remains. */
static bool take(struct side *s, struct list_head *spots)
{
	bool whole;

	guard(spinlock)(&s->lock);
	list_splice_init(&s->spots, spots);
	s->nr_spots = 0;
	whole = s->whole;
	s->whole = false;
	return whole;
}

static void drop(struct list_head *spots)
{
	struct spot *spot, *next;

	list_for_each_entry_safe(spot, next, spots, list) {
		list_del(&spot->list);
		kfree(spot);
	}
}

/**
 * xenpv_bus_look() - look at what was touched
 * @side: in which tree
 *
 * Context: Process; waits for the store.
 */
void xenpv_bus_look(enum xenpv_side side)
{
	struct side *s = &sides[side];
	struct spot *spot;
	LIST_HEAD(spots);
	int ret;

	scoped_guard(mutex, &s->devices_lock) {
		ret = remove_over(s);
		if (take(s, &spots))
			ret = ret ?: scan(s);
		list_for_each_entry(spot, &spots, list)
			ret = ret ?: look_at(s, &spot->place);
	}
	drop(&spots);
	if (!ret)
		return xenpv_bus_rested();
	scoped_guard(spinlock, &s->lock)
		s->whole = true;
	queue(s, RETRY);
}

static void look_work(struct work_struct *work)
{
	struct side *s = container_of(work, struct side, work.work);

	if (!xenpv_bus_enter())
		return;
	xenpv_bus_look(s - sides);
	xenpv_bus_leave();
}

/* Watches. */

static bool waits(struct side *s, const struct xenpv_place *place)
{
	const struct spot *spot;

	list_for_each_entry(spot, &s->spots, list) {
		if (!memcmp(&spot->place, place, sizeof(*place)))
			return true;
	}
	return false;
}

static void note(struct side *s, const struct xenpv_place *place)
{
	struct spot *spot;

	lockdep_assert_held(&s->lock);
	if (s->whole || waits(s, place))
		return;
	spot = s->nr_spots < XENPV_BUS_SPOTS ? kmalloc_obj(*spot, GFP_NOWAIT) : NULL;
	if (!spot) {
		s->whole = true;
		return;
	}
	spot->place = *place;
	list_add_tail(&spot->list, &s->spots);
	s->nr_spots++;
}

/**
 * xenpv_bus_touched() - something in a tree may have changed
 * @side: in which tree
 * @path: where
 *
 * Context: Process.
 */
void xenpv_bus_touched(enum xenpv_side side, const char *path)
{
	struct side *s = &sides[side];
	struct xenpv_place place;
	int ret;

	/* Compared as bytes. */
	memset(&place, 0, sizeof(place));
	ret = xenpv_bus_place(side, path, &place);
	if (ret && ret != -EISDIR)
		return;
	scoped_guard(spinlock, &s->lock) {
		if (ret)
			s->whole = true;
		else
			note(s, &place);
	}
	queue(s, 0);
}

static void changed(struct xenpv_store_watch *watch, const char *path)
{
	struct side *s = container_of(watch, struct side, watch);

	xenpv_bus_touched(s - sides, path);
}

/**
 * xenpv_bus_gone() - the link of a device is over
 * @dev: the device; it goes soon
 *
 * Context: Process.
 */
void xenpv_bus_gone(struct xenpv_device *dev)
{
	queue(&sides[dev->side], 0);
}

/**
 * xenpv_bus_watch() - begin to follow a tree
 * @side: which
 *
 * Context: Process; waits for the store.
 * Return: 0 or a negative errno.
 */
int xenpv_bus_watch(enum xenpv_side side)
{
	struct side *s = &sides[side];

	if (s->watch.path)
		return 0;
	s->watch = (struct xenpv_store_watch) {
		.dir = s->root, .node = "", .changed = changed,
	};
	return xenpv_store_watch(&s->watch);
}

/**
 * xenpv_bus_forget_all() - undo xenpv_bus_watch(), and remove all devices
 * @side: of which tree
 *
 * Context: Process.
 */
void xenpv_bus_forget_all(enum xenpv_side side)
{
	struct side *s = &sides[side];
	struct xenpv_device *dev, *next;
	LIST_HEAD(spots);

	xenpv_store_unwatch(&s->watch);
	cancel_delayed_work_sync(&s->work);
	take(s, &spots);
	drop(&spots);
	scoped_guard(mutex, &s->devices_lock) {
		list_for_each_entry_safe(dev, next, &s->devices, list)
			forget(s, dev);
	}
	if (xenpv_bus_wq)
		flush_workqueue(xenpv_bus_wq);
	WRITE_ONCE(s->scanned, false);
}

static void each(struct side *s, void (*fn)(struct xenpv_device *dev, void *arg), void *arg)
{
	struct xenpv_device *dev, *next;

	lockdep_assert_held(&s->devices_lock);
	list_for_each_entry_safe(dev, next, &s->devices, list)
		fn(dev, arg);
}

/**
 * xenpv_bus_each() - call a function for each device
 * @side: of which tree
 * @fn: the function
 * @arg: for it
 *
 * Context: Process; @fn must not wait for devices to come or go.
 */
void xenpv_bus_each(enum xenpv_side side, void (*fn)(struct xenpv_device *dev, void *arg),
		    void *arg)
{
	guard(mutex)(&sides[side].devices_lock);
	each(&sides[side], fn, arg);
}

/**
 * xenpv_bus_try_each() - the same, if the tree is not being looked at
 * @side: of which tree
 * @fn: the function
 * @arg: for it
 *
 * Who looks waits for the store, which may not answer.
 *
 * Context: Process; @fn must not wait for devices to come or go.
 * Return: false if it is.
 */
bool xenpv_bus_try_each(enum xenpv_side side,
			void (*fn)(struct xenpv_device *dev, void *arg), void *arg)
{
	struct side *s = &sides[side];

	if (!mutex_trylock(&s->devices_lock))
		return false;
	each(s, fn, arg);
	mutex_unlock(&s->devices_lock);
	return true;
}

/**
 * xenpv_bus_scanned() - are all devices known that were there at first?
 * @side: of which tree
 *
 * Context: Any.
 * Return: true if so.
 */
bool xenpv_bus_scanned(enum xenpv_side side)
{
	return READ_ONCE(sides[side].scanned);
}

/**
 * xenpv_bus_look_again() - look at everything
 *
 * Context: Process.
 */
void xenpv_bus_look_again(void)
{
	for (int side = 0; side < XENPV_SIDES; side++)
		xenpv_bus_touched(side, sides[side].root);
}
