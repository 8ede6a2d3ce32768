// SPDX-License-Identifier: GPL-2.0-only
/* The buses on the fake xenstored, with drivers that see whether rules are kept. */

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "room.h"

/* Rounds until all must be quiet. */
#define ROUNDS	400

struct end bus_ends[XENPV_SIDES][ENDS];

/* What the ends tell each other. */
struct facts {
	u32 ring;
};

static const struct xenpv_key facts_keys[] = {
	XENPV_KEY_NUMBER(struct facts, ring, "ring-ref", 1, 1000000),
};

static struct end *end_of(struct xenpv_device *dev)
{
	return &bus_ends[dev->side][dev->id % ENDS];
}

static void accuse(struct end *end, const char *what)
{
	end->bad = end->bad ?: what;
}

static struct end *begin(struct xenpv_device *dev, unsigned int level, const char *what)
{
	struct end *end = end_of(dev);

	if (atomic_inc_return(&end->inside) != 1)
		accuse(end, "two callbacks at a time");
	if (end->level != level)
		accuse(end, what);
	if (end->dev != dev)
		accuse(end, "a callback without a probe");
	return end;
}

static void done(struct end *end)
{
	atomic_dec(&end->inside);
}

static int end_probe(struct xenpv_device *dev)
{
	struct end *end = end_of(dev);

	if (end->dev)
		accuse(end, "probed twice");
	end->dev = dev;
	end->probes++;
	return 0;
}

static void end_remove(struct xenpv_device *dev)
{
	struct end *end = end_of(dev);

	if (end->level || end->parts)
		accuse(end, "removed while connected");
	end->dev = NULL;
	end->removes++;
}

static bool end_ready(struct xenpv_device *dev)
{
	return !end_of(dev)->not_ready;
}

static int make_parts(struct end *end)
{
	for (unsigned int part = 1; part <= PARTS; part++) {
		if (part == end->fail_part)
			return -ENOMEM;
		end->parts |= BIT(part);
	}
	return 0;
}

static int end_connect(struct xenpv_device *dev)
{
	struct end *end = begin(dev, XENPV_LINK_APART, "connected twice");
	struct facts facts = { };
	int ret = 0;

	end->connects++;
	if (end->parts)
		accuse(end, "connected on top of what was there");
	if (dev->side == XENPV_FRONT) {
		end->ring++;
	} else {
		ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct facts, facts_keys), &facts);
		end->ring = facts.ring;
	}
	if (!ret && end->again) {
		end->again--;
		ret = -EAGAIN;
	}
	if (!ret)
		ret = make_parts(end);
	if (!ret)
		end->level = XENPV_LINK_CONNECTED;
	done(end);
	return ret;
}

static int end_publish(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		       enum xenbus_state state)
{
	struct facts facts = { .ring = end_of(dev)->ring };

	if (dev->side == XENPV_FRONT)
		return xenpv_device_write(dev, txn, NULL, XENPV_KEYS(struct facts, facts_keys),
					  &facts);
	return xenpv_store_write_u64(txn, dev->node, "feature-test", state);
}

static int end_start(struct xenpv_device *dev)
{
	struct end *end = begin(dev, XENPV_LINK_CONNECTED, "started without a connection");
	int ret = end->fail_start ? -EIO : 0;

	end->starts++;
	if (!ret)
		end->level = XENPV_LINK_STARTED;
	done(end);
	return ret;
}

static void end_stop(struct xenpv_device *dev)
{
	struct end *end = begin(dev, XENPV_LINK_STARTED, "stopped without a start");

	end->stops++;
	end->level = XENPV_LINK_CONNECTED;
	if (end->on_stop)
		end->on_stop();
	done(end);
}

/* Also after a connect that failed. */
static void end_disconnect(struct xenpv_device *dev)
{
	struct end *end = end_of(dev);

	begin(dev, end->level, "");
	if (end->level == XENPV_LINK_STARTED)
		accuse(end, "disconnected while started");
	end->disconnects++;
	end->parts = 0;
	end->level = XENPV_LINK_APART;
	done(end);
}

static void end_changed(struct xenpv_device *dev)
{
	struct end *end = begin(dev, XENPV_LINK_STARTED, "changed while not started");

	end->changes++;
	done(end);
}

static const struct xenpv_device_id end_ids[] = {
	{ "other" }, { "test" }, { }
};

struct xenpv_driver bus_drivers[XENPV_SIDES];

static void make_driver(enum xenpv_side side, enum xenbus_state publish_as)
{
	bus_drivers[side] = (struct xenpv_driver) {
		.driver.name	= "xenpv-test",
		.side		= side,
		.ids		= end_ids,
		.publish_as	= publish_as,
		.probe		= end_probe,
		.remove		= end_remove,
		.ready		= end_ready,
		.connect	= end_connect,
		.publish	= end_publish,
		.start		= end_start,
		.stop		= end_stop,
		.disconnect	= end_disconnect,
		.changed	= end_changed,
	};
}

static bool registered[XENPV_SIDES];

void bus_test_driver(struct kunit *test, enum xenpv_side side, bool on)
{
	if (on && !registered[side])
		KUNIT_ASSERT_EQ(test, xenpv_driver_register(&bus_drivers[side]), 0);
	if (!on && registered[side])
		xenpv_driver_unregister(&bus_drivers[side]);
	registered[side] = on;
}

static void stop(void *unused)
{
	xenpv_fake_store_on_request(NULL);
	bus_test_driver(NULL, XENPV_FRONT, false);
	bus_test_driver(NULL, XENPV_BACK, false);
	xenpv_bus_stop();
}

void bus_test_forget(void)
{
	for (int side = 0; side < XENPV_SIDES; side++) {
		for (int i = 0; i < ENDS; i++)
			bus_ends[side][i] = (struct end){ .dev = bus_ends[side][i].dev };
	}
}

void bus_test_start(struct kunit *test)
{
	store_test_start(test, true);
	memset(bus_ends, 0, sizeof(bus_ends));
	make_driver(XENPV_FRONT, XenbusStateInitialised);
	make_driver(XENPV_BACK, XenbusStateConnected);
	KUNIT_ASSERT_EQ(test, xenpv_bus_start(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	KUNIT_ASSERT_EQ(test, xenpv_bus_watch(XENPV_FRONT), 0);
	KUNIT_ASSERT_EQ(test, xenpv_bus_watch(XENPV_BACK), 0);
}

/* The tree. */

void bus_test_set(const char *dir, const char *key, const char *value)
{
	char path[128];

	scnprintf(path, sizeof(path), "%s/%s", dir, key);
	if (value)
		xenpv_fake_store_set(path, value);
	else
		xenpv_fake_store_remove(path);
}

void bus_test_state(const char *dir, unsigned int state)
{
	char text[2] = { '0' + state };

	bus_test_set(dir, "state", text);
}

const char *bus_test_get(const char *dir, const char *key)
{
	char path[128];

	scnprintf(path, sizeof(path), "%s/%s", dir, key);
	return xenpv_fake_store_value(path) ?: "";
}

unsigned int bus_test_get_state(const char *dir)
{
	const char *text = bus_test_get(dir, "state");

	return text[0] >= '0' && text[0] <= '8' && !text[1] ? text[0] - '0' : 0;
}

static void make_front(const char *back, const char *domid)
{
	bus_test_set(FRONT_DIR, "backend", back);
	bus_test_set(FRONT_DIR, "backend-id", domid);
	bus_test_state(FRONT_DIR, XenbusStateInitialising);
}

static void make_back(const char *dir, const char *front, const char *domid)
{
	bus_test_set(dir, "frontend", front);
	bus_test_set(dir, "frontend-id", domid);
	bus_test_set(dir, "online", "1");
	bus_test_state(dir, XenbusStateInitialising);
}

void bus_test_front(void)
{
	bus_test_set(FAR_BACK, "online", "1");
	bus_test_state(FAR_BACK, XenbusStateInitialising);
	make_front(FAR_BACK, "7");
}

void bus_test_back(void)
{
	bus_test_state(FAR_FRONT, XenbusStateInitialising);
	make_back(BACK_OF_FAR, FAR_FRONT, "7");
}

void bus_test_pair(void)
{
	make_back(BACK_DIR, FRONT_DIR, "1");
	make_front(BACK_DIR, "1");
}

/* Coming to rest. */

static void run_due(struct xenpv_device *dev, void *arg)
{
	bool *moved = arg;

	if (!test_bit(XENPV_LINK_DUE, &dev->link.flags))
		return;
	xenpv_link_run(dev);
	*moved = true;
}

static bool round_of_all(void (*peer)(void))
{
	bool moved = false;

	store_test_settle();
	for (int side = 0; side < XENPV_SIDES; side++) {
		xenpv_bus_look(side);
		xenpv_bus_each(side, run_due, &moved);
	}
	if (peer)
		peer();
	return moved;
}

bool bus_test_settle_with(void (*peer)(void))
{
	unsigned int quiet = 0;

	for (unsigned int i = 0; i < ROUNDS && quiet < 4; i++)
		quiet = round_of_all(peer) ? 0 : quiet + 1;
	return quiet >= 4;
}

bool bus_test_settle(void)
{
	return bus_test_settle_with(NULL);
}

/* A far end moves only if that changes something. */
static void go(const char *dir, unsigned int from, unsigned int to)
{
	if (from != to)
		bus_test_state(dir, to);
}

/* As the protocol has it, with no table of ours. */
void bus_test_far_back(void)
{
	unsigned int own = bus_test_get_state(FAR_BACK), front = bus_test_get_state(FRONT_DIR);

	if (front == XenbusStateInitialising && own != XenbusStateInitWait &&
	    own != XenbusStateClosing)
		go(FAR_BACK, own, XenbusStateInitWait);
	else if ((front == XenbusStateInitialised || front == XenbusStateConnected) &&
		 own == XenbusStateInitWait)
		go(FAR_BACK, own, XenbusStateConnected);
	else if (front == XenbusStateClosing && own == XenbusStateConnected)
		go(FAR_BACK, own, XenbusStateClosing);
	else if (front == XenbusStateClosed)
		go(FAR_BACK, own, XenbusStateClosed);
}

void bus_test_far_front(void)
{
	unsigned int own = bus_test_get_state(FAR_FRONT);
	unsigned int back = bus_test_get_state(BACK_OF_FAR);

	if (own == XenbusStateInitialising && back == XenbusStateInitWait) {
		bus_test_set(FAR_FRONT, "ring-ref", "9");
		go(FAR_FRONT, own, XenbusStateInitialised);
	} else if (own == XenbusStateInitialised && back == XenbusStateConnected) {
		go(FAR_FRONT, own, XenbusStateConnected);
	} else if (back == XenbusStateClosing ||
		   (back == XenbusStateClosed && own != XenbusStateInitialising)) {
		go(FAR_FRONT, own, XenbusStateClosed);
	}
}

/* Judging. */

static const char *judge(const struct end *end)
{
	if (end->bad)
		return end->bad;
	if (end->starts < end->stops)
		return "more stops than starts";
	if (!end->level && end->parts)
		return "something is left of a connection";
	return NULL;
}

const char *bus_test_bad(void)
{
	for (int side = 0; side < XENPV_SIDES; side++) {
		for (int i = 0; i < ENDS; i++) {
			const char *bad = judge(&bus_ends[side][i]);

			if (bad)
				return bad;
		}
	}
	return NULL;
}

void bus_test_check(struct kunit *test)
{
	const char *bad = bus_test_bad();

	KUNIT_EXPECT_NULL_MSG(test, bad, "%s", bad ?: "");
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
}
