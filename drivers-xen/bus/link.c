// SPDX-License-Identifier: GPL-2.0-only
/* The engine of links: looks at both states, does what the table says, publishes. */

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "private.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* When to try again what the store could not do just now. */
#define RETRY	(2 * HZ)

/* Lines in the log about one device: so many in so many jiffies. */
#define LINES		5
#define LINES_IN	(5 * HZ)

static const char * const state_names[XENPV_LINK_STATES] = {
	[XenbusStateUnknown]		= "Unknown",
	[XenbusStateInitialising]	= "Initialising",
	[XenbusStateInitWait]		= "InitWait",
	[XenbusStateInitialised]	= "Initialised",
	[XenbusStateConnected]		= "Connected",
	[XenbusStateClosing]		= "Closing",
	[XenbusStateClosed]		= "Closed",
	[XenbusStateReconfiguring]	= "Reconfiguring",
	[XenbusStateReconfigured]	= "Reconfigured",
};

/**
 * xenpv_link_state_name() - a state for users
 * @state: the state
 *
 * Context: Any.
 * Return: its name.
 */
const char *xenpv_link_state_name(u8 state)
{
	return state < XENPV_LINK_STATES ? state_names[state] : "nonsense";
}

static struct xenpv_driver *driver_of(const struct xenpv_device *dev)
{
	return container_of(dev->dev.driver, struct xenpv_driver, driver);
}

static bool flag(const struct xenpv_device *dev, enum xenpv_link_flag flag)
{
	return test_bit(flag, &dev->link.flags);
}

/* Hints look at once; who tries again does not hold up one that waits. */
static void queue(struct xenpv_device *dev, unsigned long delay)
{
	if (!flag(dev, XENPV_LINK_BOUND))
		return;
	set_bit(XENPV_LINK_DUE, &dev->link.flags);
	if (!xenpv_bus_wq)
		return;
	if (delay)
		queue_delayed_work(xenpv_bus_wq, &dev->link.work, delay);
	else
		mod_delayed_work(xenpv_bus_wq, &dev->link.work, 0);
}

/**
 * xenpv_link_retry() - have the link look again in a while
 * @dev: the device
 *
 * Context: Any.
 */
void xenpv_link_retry(struct xenpv_device *dev)
{
	queue(dev, RETRY);
}

/**
 * xenpv_link_kick() - have the link look whether there is something to do
 * @dev: the device
 *
 * Context: Any.
 */
void xenpv_link_kick(struct xenpv_device *dev)
{
	atomic_inc(&dev->link.hints);
	queue(dev, 0);
}
EXPORT_SYMBOL_NS_GPL(xenpv_link_kick, "XENPV");

/**
 * xenpv_link_fault() - the peer has broken the protocol, or something else has gone wrong
 * @dev: the device
 * @format: what, for users; printf
 *
 * The first one of a link counts.  Does not wait: stop and disconnect come soon.
 *
 * Context: Any.
 */
void xenpv_link_fault(struct xenpv_device *dev, const char *format, ...)
{
	struct xenpv_link *link = &dev->link;
	va_list args;

	if (test_and_set_bit(XENPV_LINK_FAULT, &link->flags))
		return;
	va_start(args, format);
	vscnprintf(link->reason, sizeof(link->reason), format, args);
	va_end(args);
	if (__ratelimit(&link->limit))
		dev_warn(&dev->dev, "domain %u: %s\n", dev->peer, link->reason);
	/* The reason before the bit; pairs with tell(). */
	smp_mb__before_atomic();
	set_bit(XENPV_LINK_TOLD, &link->flags);
	xenpv_link_kick(dev);
}
EXPORT_SYMBOL_NS_GPL(xenpv_link_fault, "XENPV");

/**
 * xenpv_link_faulted() - has a fault been reported?
 * @dev: the device
 *
 * Context: Any.
 * Return: true if so.
 */
bool xenpv_link_faulted(const struct xenpv_device *dev)
{
	return flag(dev, XENPV_LINK_FAULT);
}
EXPORT_SYMBOL_NS_GPL(xenpv_link_faulted, "XENPV");

/* Where the toolstack looks for reasons; who can't write there does without. */
static void tell(struct xenpv_device *dev)
{
	struct xenpv_link *link = &dev->link;
	char dir[XENPV_NODE_LEN + sizeof("error/")];

	lockdep_assert_held(&link->lock);
	if (!flag(dev, XENPV_LINK_FAULT) || !test_and_clear_bit(XENPV_LINK_TOLD, &link->flags))
		return;
	link->stats.faults++;
	scnprintf(dir, sizeof(dir), "error/%s", dev->node);
	xenpv_store_write(NULL, dir, "error", link->reason);
}

static void forgive(struct xenpv_device *dev)
{
	clear_bit(XENPV_LINK_TOLD, &dev->link.flags);
	clear_bit(XENPV_LINK_FAULT, &dev->link.flags);
}

/**
 * xenpv_link_read_state() - what stands in a key "state"
 * @txn: the transaction, or NULL
 * @dir: whose
 * @state: set to the state, Unknown if there is no such key
 *
 * Context: Process.
 * Return: 0, -EPROTO if it is no state, or another negative errno.
 */
int xenpv_link_read_state(struct xenpv_store_txn *txn, const char *dir, u8 *state)
{
	size_t len;
	char *text = xenpv_store_read(txn, dir, "state", &len);
	u8 value;

	*state = XenbusStateUnknown;
	/* Who may not look there is told that he may not. */
	if (text == ERR_PTR(-ENOENT) || text == ERR_PTR(-EACCES))
		return 0;
	if (IS_ERR(text))
		return PTR_ERR(text);
	value = text[0] - '0';
	kfree(text);
	if (len != 1 || value >= XENPV_LINK_STATES)
		return -EPROTO;
	*state = value;
	return 0;
}

/**
 * xenpv_link_online() - does the toolstack want this device?
 * @dir: directory of the back
 *
 * Context: Process.
 * Return: 1 or 0, or a negative errno if it does not say.
 */
int xenpv_link_online(const char *dir)
{
	u64 online;
	int ret = xenpv_store_read_u64(NULL, dir, "online", &online);

	return ret ?: online == 1;
}

/*
 * A front that may not look, or is not told, goes by what it wants itself.  Not to be able to
 * look now says nothing.
 */
static int wanted(struct xenpv_device *dev, bool *yes)
{
	int online = xenpv_link_online(dev->side == XENPV_BACK ? dev->node : dev->peer_dir);

	if (online < 0 && xenpv_store_passing(online))
		return online;
	*yes = online == 1 ||
	       (online < 0 && dev->side == XENPV_FRONT && flag(dev, XENPV_LINK_AGAIN));
	return 0;
}

/* The peer has written its state, or something below it. */
static void peer_changed(struct xenpv_store_watch *watch, const char *path)
{
	struct xenpv_link *link = container_of(watch, struct xenpv_link, watch);

	xenpv_link_kick(container_of(link, struct xenpv_device, link));
}

/* Who is the peer?  It may be another one each time that we have nothing of it. */
static int meet(struct xenpv_device *dev)
{
	struct xenpv_link *link = &dev->link;
	int ret = xenpv_bus_find_peer(dev);

	if (ret < 0)
		return ret;
	if (!ret && link->watch.path)
		return 0;
	xenpv_store_unwatch(&link->watch);
	link->peer = XenbusStateUnknown;
	link->watch = (struct xenpv_store_watch) {
		.dir = dev->peer_dir, .node = "state", .changed = peer_changed,
	};
	return xenpv_store_watch(&link->watch);
}

/* Nonsense is somebody else's, as is each state that we never write. */
static int read_own(struct xenpv_store_txn *txn, struct xenpv_device *dev, u8 *own)
{
	int ret = xenpv_link_read_state(txn, dev->node, own);

	if (ret == -EPROTO)
		*own = XenbusStateReconfigured;
	return ret == -EPROTO ? 0 : ret;
}

/* What both keys say.  A peer's that says nonsense says nothing new. */
static int look(struct xenpv_device *dev, struct xenpv_link_view *view)
{
	struct xenpv_link *link = &dev->link;
	u8 peer;
	int ret;

	lockdep_assert_held(&link->lock);
	*view = (struct xenpv_link_view) { .side = dev->side };
	ret = read_own(NULL, dev, &view->own);
	if (ret)
		return ret;
	if (view->own != XenbusStateUnknown && link->level == XENPV_LINK_APART) {
		ret = meet(dev);
		if (ret && xenpv_store_passing(ret))
			return ret;
		if (ret)
			xenpv_link_fault(dev, "no peer (%pe)", ERR_PTR(ret));
	}
	ret = xenpv_link_read_state(NULL, dev->peer_dir, &peer);
	if (!ret)
		link->peer = peer;
	else if (ret != -EPROTO)
		return ret;
	view->peer = link->peer;
	view->level = link->level;
	view->faulty = flag(dev, XENPV_LINK_FAULT);
	return wanted(dev, &view->online);
}

/* Levels: one step at a time, each undone by the one beside it. */

static void go_down(struct xenpv_device *dev, u8 to)
{
	struct xenpv_link *link = &dev->link;
	struct xenpv_driver *drv = driver_of(dev);

	lockdep_assert_held(&link->lock);
	if (link->level == XENPV_LINK_STARTED && to < XENPV_LINK_STARTED) {
		drv->stop(dev);
		link->level = XENPV_LINK_CONNECTED;
	}
	if (link->level == XENPV_LINK_CONNECTED && to < XENPV_LINK_CONNECTED) {
		drv->disconnect(dev);
		link->level = XENPV_LINK_APART;
	}
}

static int go_up(struct xenpv_device *dev, u8 to)
{
	struct xenpv_link *link = &dev->link;
	struct xenpv_driver *drv = driver_of(dev);
	int ret;

	lockdep_assert_held(&link->lock);
	if (link->level == XENPV_LINK_APART && to > XENPV_LINK_APART) {
		link->stats.connects++;
		ret = drv->connect(dev);
		if (ret) {
			if (ret != -EAGAIN)
				xenpv_link_fault(dev, "cannot connect (%pe)", ERR_PTR(ret));
			drv->disconnect(dev);
			return ret;
		}
		link->level = XENPV_LINK_CONNECTED;
	}
	if (link->level == XENPV_LINK_CONNECTED && to > XENPV_LINK_CONNECTED) {
		ret = drv->start(dev);
		if (ret == -EAGAIN)
			return ret;
		if (ret) {
			xenpv_link_fault(dev, "cannot start (%pe)", ERR_PTR(ret));
			return ret;
		}
		link->level = XENPV_LINK_STARTED;
	}
	return 0;
}

/**
 * struct publication - a state to be published
 * @dev: whose
 * @state: the state
 * @peer: what the peer's was when it was decided
 * @keys: with keys
 */
struct publication {
	struct xenpv_device *dev;
	u8 state;
	u8 peer;
	bool keys;
};

/* A state that stands there already is ours, written by a run that had an unclear end. */
static int publish_in(struct xenpv_store_txn *txn, void *arg)
{
	struct publication *p = arg;
	struct xenpv_device *dev = p->dev;
	struct xenpv_driver *drv = driver_of(dev);
	u8 own, peer;
	int ret;

	ret = read_own(txn, dev, &own);
	if (ret)
		return ret;
	if (own != dev->link.mine && own != p->state)
		return -ESTALE;
	ret = xenpv_link_read_state(txn, dev->peer_dir, &peer);
	if (ret && ret != -EPROTO)
		return ret;
	if (!ret && peer != p->peer)
		return -ESTALE;
	if (p->keys && drv->publish) {
		ret = drv->publish(dev, txn, p->state);
		if (ret)
			return ret;
	}
	return xenpv_store_write_u64(txn, dev->node, "state", p->state);
}

/* 1: look again; 0: nothing more to do; -errno: try again later. */
static int publish(struct xenpv_device *dev, const struct xenpv_link_view *view,
		   const struct xenpv_link_plan *plan)
{
	struct xenpv_link *link = &dev->link;
	struct publication p = {
		.dev = dev, .state = plan->publish, .peer = view->peer, .keys = plan->keys,
	};
	int ret = xenpv_store_transaction(publish_in, &p);

	if (ret == -ESTALE)
		return 1;
	if (!ret) {
		trace_xenpv_link(dev, link->mine, plan->publish);
		link->mine = plan->publish;
		link->stats.changes++;
		return 1;
	}
	if (xenpv_store_passing(ret))
		return ret;
	/* With a fault there was a last try. */
	if (view->faulty)
		return 0;
	xenpv_link_fault(dev, "cannot write %s (%pe)", xenpv_link_state_name(p.state),
			 ERR_PTR(ret));
	return 1;
}

/* What the next look of a front that is Closed shall know. */
static void remember(struct xenpv_device *dev, enum xenpv_link_action action, u8 level)
{
	unsigned long *flags = &dev->link.flags;

	switch (action) {
	case XENPV_LINK_STALE:
		if (level < XENPV_LINK_STARTED)
			return;
		fallthrough;
	case XENPV_LINK_RENEW:
		set_bit(XENPV_LINK_AGAIN, flags);
		return;
	case XENPV_LINK_CLOSE:
	case XENPV_LINK_CLOSING:
		clear_bit(XENPV_LINK_AGAIN, flags);
		return;
	default:
		return;
	}
}

static bool ready(struct xenpv_device *dev)
{
	struct xenpv_driver *drv = driver_of(dev);

	return !drv->ready || drv->ready(dev);
}

/* 1: look again; 0: nothing more to do; -errno: try again later. */
static int perform(struct xenpv_device *dev, const struct xenpv_link_view *view,
		   enum xenpv_link_action action)
{
	struct xenpv_driver *drv = driver_of(dev);
	struct xenpv_link_plan plan;
	int ret;

	if (action == XENPV_LINK_SERVE && !ready(dev))
		action = XENPV_LINK_WAIT;
	plan = xenpv_link_plan(view, action, drv->publish_as);
	go_down(dev, plan.down);
	remember(dev, action, view->level);
	ret = go_up(dev, plan.up);
	if (ret)
		return ret == -EAGAIN ? ret : 1;
	if (action == XENPV_LINK_RUN && view->level == XENPV_LINK_STARTED && drv->changed)
		drv->changed(dev);
	if (action == XENPV_LINK_REMOVE) {
		set_bit(XENPV_LINK_OVER, &dev->link.flags);
		xenpv_bus_gone(dev);
	}
	return plan.publish ? publish(dev, view, &plan) : 0;
}

/* With nothing of what was before: look again afterwards, or try again later. */
static int start_over(struct xenpv_device *dev, bool replaced)
{
	struct xenpv_link_view view;
	int ret;

	go_down(dev, XENPV_LINK_APART);
	forgive(dev);
	ret = look(dev, &view);
	if (ret)
		return ret;
	dev->link.mine = view.own;
	clear_bit(XENPV_LINK_FRESH, &dev->link.flags);
	ret = perform(dev, &view, view.faulty ? xenpv_link_decide(&view) :
						xenpv_link_begin(&view, replaced));
	return ret ?: 1;
}

/* 1: look again; 0: nothing more to do; -errno: try again later. */
static int step(struct xenpv_device *dev)
{
	struct xenpv_link *link = &dev->link;
	struct xenpv_link_view view;
	int ret;

	/* A driver was bound, or the domain restored. */
	if (flag(dev, XENPV_LINK_FRESH))
		return start_over(dev, false);
	ret = look(dev, &view);
	if (ret)
		return ret;
	if (view.own != link->mine) {
		link->stats.foreign++;
		trace_xenpv_link(dev, link->mine, view.own);
		if (view.own == XenbusStateInitialising)
			return start_over(dev, true);
		if (!xenpv_link_foreign_ok(view.own))
			xenpv_link_fault(dev, "somebody has written %s to our state",
					 xenpv_link_state_name(view.own));
		view.faulty = flag(dev, XENPV_LINK_FAULT);
		link->mine = view.own;
	}
	return perform(dev, &view, xenpv_link_decide(&view));
}

/* Whatever the fault was about, and at whichever level it came. */
static void look_if_dead(struct xenpv_device *dev)
{
	struct xenpv_driver *drv = driver_of(dev);

	lockdep_assert_held(&dev->link.lock);
	if (flag(dev, XENPV_LINK_FAULT) && dev->link.level == XENPV_LINK_APART && drv->dead)
		drv->dead(dev);
}

static void at_rest(struct xenpv_device *dev)
{
	const struct xenpv_link *link = &dev->link;

	lockdep_assert_held(&link->lock);
	if (link->level < XENPV_LINK_STARTED && !flag(dev, XENPV_LINK_FAULT) &&
	    !flag(dev, XENPV_LINK_OVER) &&
	    (link->mine != XenbusStateClosed || flag(dev, XENPV_LINK_AGAIN)))
		return;
	set_bit(XENPV_LINK_AT_REST, &dev->link.flags);
	xenpv_bus_rested();
}

/**
 * xenpv_link_run() - look, and do what is to be done
 * @dev: the device
 *
 * Context: Process; waits for the store.
 */
void xenpv_link_run(struct xenpv_device *dev)
{
	struct xenpv_link *link = &dev->link;
	unsigned int noio;
	int ret = 1;

	clear_bit(XENPV_LINK_DUE, &link->flags);
	guard(mutex)(&link->lock);
	if (!flag(dev, XENPV_LINK_BOUND))
		return;
	/* The disk that waits for its back may be the one that memory is written to. */
	noio = memalloc_noio_save();
	for (unsigned int i = 0; i < XENPV_LINK_STEPS && ret > 0; i++) {
		if (flag(dev, XENPV_LINK_OVER))
			break;
		ret = step(dev);
		tell(dev);
	}
	look_if_dead(dev);
	memalloc_noio_restore(noio);
	if (flag(dev, XENPV_LINK_OVER))
		return;
	at_rest(dev);
	if (ret > 0)
		queue(dev, 0);
	else if (ret < 0 && !xenpv_store_passing(ret))
		xenpv_link_fault(dev, "cannot see the peer (%pe)", ERR_PTR(ret));
	else if (ret < 0)
		queue(dev, RETRY);
}

static void link_work(struct work_struct *work)
{
	struct xenpv_link *link = container_of(work, struct xenpv_link, work.work);

	/* Whoever opens the gate looks at all. */
	if (!xenpv_bus_enter())
		return;
	xenpv_link_run(container_of(link, struct xenpv_device, link));
	xenpv_bus_leave();
}

/**
 * xenpv_link_init() - make the link of a device
 * @dev: the device
 *
 * Context: Process.
 */
void xenpv_link_init(struct xenpv_device *dev)
{
	struct xenpv_link *link = &dev->link;

	mutex_init(&link->lock);
	INIT_DELAYED_WORK(&link->work, link_work);
	disable_delayed_work(&link->work);
	ratelimit_state_init(&link->limit, LINES_IN, LINES);
	ratelimit_set_flags(&link->limit, RATELIMIT_MSG_ON_RELEASE);
}

/**
 * xenpv_link_bind() - a driver has the device; let the link run
 * @dev: the device
 *
 * Context: Process.
 */
void xenpv_link_bind(struct xenpv_device *dev)
{
	set_bit(XENPV_LINK_FRESH, &dev->link.flags);
	set_bit(XENPV_LINK_BOUND, &dev->link.flags);
	enable_delayed_work(&dev->link.work);
	xenpv_link_kick(dev);
}

/**
 * xenpv_link_restored() - the domain was restored; nothing of before counts
 * @dev: the device
 *
 * Context: Process.
 */
void xenpv_link_restored(struct xenpv_device *dev)
{
	set_bit(XENPV_LINK_FRESH, &dev->link.flags);
	xenpv_link_kick(dev);
}

/**
 * xenpv_link_unbind() - the driver is to go; end the link
 * @dev: the device
 *
 * No callback runs any more.  The peer is told that we are Closed, if it can be.
 *
 * Context: Process; waits for the store.
 */
void xenpv_link_unbind(struct xenpv_device *dev)
{
	static const struct xenpv_link_plan closed = { .publish = XenbusStateClosed };
	struct xenpv_link *link = &dev->link;
	struct xenpv_link_view view;

	clear_bit(XENPV_LINK_BOUND, &link->flags);
	/* A hint that is under way can't queue it again. */
	disable_delayed_work_sync(&link->work);
	guard(mutex)(&link->lock);
	go_down(dev, XENPV_LINK_APART);
	if (!flag(dev, XENPV_LINK_OVER) && !flag(dev, XENPV_LINK_FRESH) && !look(dev, &view) &&
	    view.own != XenbusStateClosed)
		publish(dev, &view, &closed);
	/* Looking may have begun to watch. */
	xenpv_store_unwatch(&link->watch);
	forgive(dev);
	clear_bit(XENPV_LINK_AGAIN, &link->flags);
	set_bit(XENPV_LINK_AT_REST, &link->flags);
	xenpv_bus_rested();
}
