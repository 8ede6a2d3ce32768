// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the buses: devices come and go with the tree, drivers, faults, halves of connects. */

#include <linux/kobject.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "room.h"

static struct end *front(void)
{
	return &bus_ends[XENPV_FRONT][0];
}

static struct end *back(void)
{
	return &bus_ends[XENPV_BACK][0];
}

static void count(struct xenpv_device *dev, void *nr)
{
	(*(unsigned int *)nr)++;
}

static unsigned int devices(enum xenpv_side side)
{
	unsigned int nr = 0;

	xenpv_bus_each(side, count, &nr);
	return nr;
}

static void connected_front(struct kunit *test)
{
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_front();
	KUNIT_ASSERT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_ASSERT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateConnected);
	KUNIT_ASSERT_EQ(test, front()->level, XENPV_LINK_STARTED);
}

static void connected_back(struct kunit *test)
{
	bus_test_driver(test, XENPV_BACK, true);
	bus_test_back();
	KUNIT_ASSERT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_ASSERT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateConnected);
	KUNIT_ASSERT_EQ(test, back()->level, XENPV_LINK_STARTED);
}

/* Names of devices and paths. */

static void places(struct kunit *test)
{
	static const struct {
		enum xenpv_side side;
		const char *path;
		int ret;
	} cases[] = {
		{ XENPV_FRONT, "device", -EISDIR },
		{ XENPV_FRONT, "device/vif", -EISDIR },
		{ XENPV_FRONT, "device/vif/0", 0 },
		{ XENPV_FRONT, "device/vbd/51712/state", 0 },
		{ XENPV_FRONT, "device/vbd/51712/backend", 0 },
		{ XENPV_FRONT, "device/vbd/51712/ring-ref", -EALREADY },
		{ XENPV_FRONT, "device/vbd/4294967295", 0 },
		{ XENPV_FRONT, "device/vbd/4294967296", -EINVAL },
		{ XENPV_FRONT, "device/vbd/00", -EINVAL },
		{ XENPV_FRONT, "device/vbd/-1", -EINVAL },
		{ XENPV_FRONT, "device/suspend/event-channel", -EINVAL },
		{ XENPV_FRONT, "device/VIF/0", -EINVAL },
		{ XENPV_FRONT, "device//0", -EINVAL },
		{ XENPV_FRONT, "devices/vif/0", -EINVAL },
		{ XENPV_FRONT, "device/a123456789012345678901234567890/0", 0 },
		{ XENPV_FRONT, "device/a1234567890123456789012345678901/0", -EINVAL },
		{ XENPV_BACK, "backend/vif/1", -EISDIR },
		{ XENPV_BACK, "backend/vif/1/0", 0 },
		{ XENPV_BACK, "backend/vif/1/0/state", 0 },
		{ XENPV_BACK, "backend/vif/32751/0", 0 },
		{ XENPV_BACK, "backend/vif/32752/0", -EINVAL },
		{ XENPV_BACK, "backend/vif/01/0", -EINVAL },
		{ XENPV_BACK, "backend/vif/x/0", -EINVAL },
	};
	struct xenpv_place place;
	char node[XENPV_NODE_LEN];

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, xenpv_bus_place(cases[i].side, cases[i].path, &place),
				    cases[i].ret, "%s", cases[i].path);
		if (cases[i].ret)
			continue;
		xenpv_bus_node(&place, node);
		KUNIT_EXPECT_TRUE(test, !strncmp(cases[i].path, node, strlen(node)));
	}
}

static void front_life(struct kunit *test)
{
	connected_front(test);
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 1);
	KUNIT_EXPECT_EQ(test, front()->dev->peer, PEER);
	KUNIT_EXPECT_STREQ(test, dev_name(&front()->dev->dev), "test-0");
	KUNIT_EXPECT_STREQ(test, front()->dev->node, "device/test/0");
	bus_test_set(FAR_BACK, "online", "0");
	bus_test_state(FAR_BACK, XenbusStateClosing);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_APART);
	xenpv_fake_store_remove(FRONT_DIR);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 0);
	KUNIT_EXPECT_EQ(test, front()->removes, 1);
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_EQ(test, front()->disconnects, 1);
	bus_test_check(test);
}

static void back_life(struct kunit *test)
{
	connected_back(test);
	KUNIT_EXPECT_STREQ(test, dev_name(&back()->dev->dev), "test-7-0");
	KUNIT_EXPECT_EQ(test, back()->ring, 9);
	bus_test_set(BACK_OF_FAR, "online", "0");
	bus_test_state(BACK_OF_FAR, XenbusStateClosing);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_CONNECTED);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateClosed);
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 0);
	/* What is over is not made again. */
	bus_test_state(BACK_OF_FAR, XenbusStateClosed);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 0);
	bus_test_check(test);
}

/* The directory goes in the middle of data. */
static void torn_out(struct kunit *test)
{
	connected_front(test);
	connected_back(test);
	xenpv_fake_store_remove(FRONT_DIR);
	xenpv_fake_store_remove(BACK_OF_FAR);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT) + devices(XENPV_BACK), 0);
	KUNIT_EXPECT_EQ(test, front()->stops, 1);
	KUNIT_EXPECT_EQ(test, back()->stops, 1);
	/* Nothing was written into what is gone. */
	KUNIT_EXPECT_STREQ(test, bus_test_get(FRONT_DIR, "state"), "");
	KUNIT_EXPECT_STREQ(test, bus_test_get(BACK_OF_FAR, "state"), "");
	bus_test_check(test);
}

/* The directory goes, and is there again before the link knows: nobody tells of it twice. */
static void replaced_meanwhile(struct kunit *test)
{
	connected_front(test);
	front()->on_stop = bus_test_front;
	xenpv_fake_store_remove(FRONT_DIR);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 1);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateConnected);
}

/* What can't be done now is done later, and is no fault. */
static void not_now(struct kunit *test)
{
	bus_test_driver(test, XENPV_FRONT, true);
	front()->again = 3;
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, front()->connects, 4);
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_FALSE(test, xenpv_link_faulted(front()->dev));
	bus_test_check(test);
}

/* A peer that dies, and is found again. */
static void peer_gone(struct kunit *test)
{
	connected_back(test);
	xenpv_fake_store_remove(FAR_FRONT);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateClosed);
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_APART);
	bus_test_state(FAR_FRONT, XenbusStateInitialising);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_EQ(test, back()->connects, 2);
	bus_test_check(test);
}

/* A tree in which one device is strange harms that one. */
static void strange_tree(struct kunit *test)
{
	static const char * const dirs[] = {
		HOME "/device/test/01", HOME "/device/test/x", HOME "/device/TEST/1",
		HOME "/device/a12345678901234567890123456789012345678901234567890123456789/1",
		HOME "/device/suspend/event-channel", HOME "/backend/test/40000/0",
		HOME "/backend/test/-7/0", HOME "/backend/test/7/99999999999",
	};

	for (int i = 0; i < ARRAY_SIZE(dirs); i++)
		bus_test_state(dirs[i], XenbusStateInitialising);
	/* Peers that make no sense. */
	bus_test_state(HOME "/device/test/1", XenbusStateInitialising);
	bus_test_set(HOME "/device/test/2", "backend", "/local/domain/8/backend/test/1/2");
	bus_test_set(HOME "/device/test/2", "backend-id", "7");
	bus_test_state(HOME "/device/test/2", XenbusStateInitialising);
	bus_test_set(HOME "/device/test/3", "backend", "/local/domain/7/../8");
	bus_test_set(HOME "/device/test/3", "backend-id", "65536");
	bus_test_state(HOME "/device/test/3", XenbusStateInitialising);
	bus_test_set(HOME "/backend/test/8/0", "frontend", FAR_FRONT);
	bus_test_set(HOME "/backend/test/8/0", "frontend-id", "7");
	bus_test_state(HOME "/backend/test/8/0", XenbusStateInitialising);
	/* And a state that is none. */
	bus_test_set(HOME "/device/test/4", "state", "99");
	connected_front(test);
	connected_back(test);
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 1);
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 1);
	/* It gets a peer later. */
	bus_test_set(HOME "/device/test/1", "backend", "/local/domain/7/backend/test/1/1");
	bus_test_set(HOME "/device/test/1", "backend-id", "7");
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 2);
	bus_test_check(test);
}

static void make_back_of(unsigned int domid, unsigned int id)
{
	char dir[80], peer[80];

	scnprintf(dir, sizeof(dir), HOME "/backend/other/%u/%u", domid, id);
	scnprintf(peer, sizeof(peer), "/local/domain/%u/device/other/%u", domid, id);
	bus_test_set(dir, "frontend", peer);
	scnprintf(peer, sizeof(peer), "%u", domid);
	bus_test_set(dir, "frontend-id", peer);
	bus_test_set(dir, "online", "1");
	bus_test_state(dir, XenbusStateInitialising);
}

/* A peer with too many devices has as many as it may, its neighbour all. */
static void too_many(struct kunit *test)
{
	for (unsigned int id = 0; id < XENPV_PEER_DEVICES + 20; id++)
		make_back_of(7, id);
	make_back_of(8, 0);
	make_back_of(8, 1);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), XENPV_PEER_DEVICES + 2);
	xenpv_fake_store_remove(HOME "/backend/other");
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 0);
}

/* More places than are remembered: all is looked at. */
static void many_places(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	for (unsigned int id = 0; id < XENPV_BUS_SPOTS + 8; id++) {
		make_back_of(7, id);
		store_test_settle();
	}
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 0);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), XENPV_BUS_SPOTS + 8);
}

static void drivers_come_and_go(struct kunit *test)
{
	bus_test_pair();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, devices(XENPV_FRONT), 1);
	for (unsigned int round = 1; round <= 3; round++) {
		bus_test_driver(test, XENPV_BACK, true);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		bus_test_driver(test, XENPV_FRONT, true);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, back()->ring, front()->ring);
		/* The one that stays finds the other again. */
		bus_test_driver(test, round & 1 ? XENPV_FRONT : XENPV_BACK, false);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, front()->level + back()->level, 0);
		bus_test_driver(test, round & 1 ? XENPV_FRONT : XENPV_BACK, true);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, back()->ring, front()->ring);
		bus_test_driver(test, XENPV_FRONT, false);
		bus_test_driver(test, XENPV_BACK, false);
		KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
		KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_DIR), XenbusStateClosed);
	}
	bus_test_check(test);
}

/* A driver that lacks something, and one without a bus. */
static void bad_drivers(struct kunit *test)
{
	struct xenpv_driver drv = bus_drivers[XENPV_FRONT];

	drv.start = NULL;
	KUNIT_EXPECT_EQ(test, xenpv_driver_register(&drv), -EINVAL);
	drv = bus_drivers[XENPV_FRONT];
	drv.publish_as = XenbusStateInitWait;
	KUNIT_EXPECT_EQ(test, xenpv_driver_register(&drv), -EINVAL);
	xenpv_bus_stop();
	drv = bus_drivers[XENPV_FRONT];
	KUNIT_EXPECT_EQ(test, xenpv_driver_register(&drv), -ENODEV);
}

/* Faults. */

static void expect_faulty_front(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_APART);
	KUNIT_EXPECT_TRUE(test, xenpv_link_faulted(front()->dev));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FAR_BACK), XenbusStateClosed);
	bus_test_check(test);
}

/* Sticky: nothing that a back does brings it back; the toolstack does. */
static void front_fault(struct kunit *test)
{
	connected_front(test);
	xenpv_link_fault(front()->dev, "answer %d", 17);
	xenpv_link_fault(front()->dev, "answer %d", 18);
	expect_faulty_front(test);
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/error/device/test/0", "error"),
			   "answer 17");
	KUNIT_EXPECT_EQ(test, front()->dev->link.stats.faults, 1);
	for (unsigned int state = 0; state < XENPV_LINK_STATES; state++) {
		bus_test_state(FAR_BACK, state);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
	}
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	KUNIT_EXPECT_FALSE(test, xenpv_link_faulted(front()->dev));
	KUNIT_EXPECT_EQ(test, front()->probes, 1);
	bus_test_check(test);
}

/* The same; nothing that a front does. */
static void back_fault(struct kunit *test)
{
	connected_back(test);
	xenpv_link_fault(back()->dev, "request");
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateClosing);
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_CONNECTED);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateClosed);
	for (unsigned int state = 0; state < XENPV_LINK_STATES; state++) {
		bus_test_state(FAR_FRONT, state);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_TRUE(test, xenpv_link_faulted(back()->dev));
		KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateClosed);
	}
	bus_test_back();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_FALSE(test, xenpv_link_faulted(back()->dev));
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_STARTED);
	bus_test_check(test);
}

/* From another thread, over and over, while the link runs. */
static int faulter(void *dev)
{
	unsigned int nr = 0;

	while (!kthread_should_stop()) {
		xenpv_link_fault(dev, "number %u", nr++);
		cond_resched();
	}
	return 0;
}

static void fault_from_anywhere(struct kunit *test)
{
	struct task_struct *task;

	connected_front(test);
	get_device(&front()->dev->dev);
	task = kthread_run(faulter, front()->dev, "xenpv-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (unsigned int i = 0; i < 50; i++) {
		bus_test_front();
		bus_test_settle_with(bus_test_far_back);
	}
	kthread_stop(task);
	put_device(&front()->dev->dev);
	xenpv_link_fault(front()->dev, "the last one");
	expect_faulty_front(test);
}

/* Each part that cannot be made; and a start that fails. */
static void half_built(struct kunit *test)
{
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_driver(test, XENPV_BACK, true);
	for (unsigned int part = 1; part <= PARTS + 1; part++) {
		for (int side = 0; side < XENPV_SIDES; side++) {
			struct end *end = &bus_ends[side][0];

			end->fail_part = part;
			end->fail_start = part > PARTS;
			bus_test_pair();
			KUNIT_EXPECT_TRUE(test, bus_test_settle());
			KUNIT_EXPECT_TRUE(test, xenpv_link_faulted(end->dev));
			KUNIT_EXPECT_EQ(test, end->level, XENPV_LINK_APART);
			KUNIT_EXPECT_EQ(test, end->parts, 0);
			KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_APART);
			KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_APART);
			end->fail_part = 0;
			end->fail_start = false;
		}
	}
	bus_test_pair();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	bus_test_check(test);
}

/* A key that makes no sense ends the connect; the reason names it. */
static void bad_key(struct kunit *test)
{
	connected_back(test);
	bus_test_state(FAR_FRONT, XenbusStateClosed);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	bus_test_state(FAR_FRONT, XenbusStateInitialising);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	bus_test_set(FAR_FRONT, "ring-ref", "-1");
	bus_test_state(FAR_FRONT, XenbusStateInitialised);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_STREQ(test, back()->dev->link.reason, "key ring-ref: not a number");
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/error/backend/test/7/0", "error"),
			   "key ring-ref: not a number");
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_APART);
	bus_test_check(test);
}

/* Somebody writes what we never write. */
static void foreign_state(struct kunit *test)
{
	static const char * const states[] = { "2", "7", "8", "9", "", "44", "x" };

	for (int i = 0; i < ARRAY_SIZE(states); i++) {
		connected_front(test);
		bus_test_set(FRONT_DIR, "state", states[i]);
		expect_faulty_front(test);
		bus_test_front();
	}
	connected_front(test);
	/* Also what we do write, but have not. */
	bus_test_state(FRONT_DIR, XenbusStateInitialised);
	expect_faulty_front(test);
}

/* A peer's state that is none says nothing new. */
static void nonsense(struct kunit *test)
{
	static const char * const states[] = { "9", "99", "", "-4", "4 ", "Connected" };

	connected_front(test);
	connected_back(test);
	for (int i = 0; i < ARRAY_SIZE(states); i++) {
		bus_test_set(FAR_BACK, "state", states[i]);
		bus_test_set(FAR_FRONT, "state", states[i]);
		KUNIT_EXPECT_TRUE(test, bus_test_settle());
		KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
		KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_STARTED);
	}
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_EQ(test, back()->connects, 1);
	bus_test_check(test);
}

/* The peer changes when the decision is made, and nothing is published by it. */
static bool told_ready;

static bool peer_leaves(const struct xsd_sockmsg *head, const char *body)
{
	if (head->type == XS_TRANSACTION_START && front()->level == XENPV_LINK_CONNECTED)
		bus_test_state(FAR_BACK, XenbusStateClosing);
	if (head->type == XS_WRITE && !strcmp(body, "device/test/0/state") &&
	    body[strlen(body) + 1] == '0' + XenbusStateInitialised)
		told_ready = true;
	return true;
}

static void decision_is_old(struct kunit *test)
{
	told_ready = false;
	bus_test_driver(test, XENPV_FRONT, true);
	bus_test_front();
	bus_test_state(FAR_BACK, XenbusStateInitWait);
	xenpv_fake_store_on_request(peer_leaves);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	xenpv_fake_store_on_request(NULL);
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_APART);
	KUNIT_EXPECT_FALSE(test, told_ready);
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
	bus_test_check(test);
}

static void not_ready_yet(struct kunit *test)
{
	bus_test_driver(test, XENPV_BACK, true);
	back()->not_ready = true;
	bus_test_back();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(BACK_OF_FAR), XenbusStateInitWait);
	KUNIT_EXPECT_EQ(test, back()->connects, 0);
	back()->not_ready = false;
	xenpv_link_kick(back()->dev);
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_front));
	KUNIT_EXPECT_EQ(test, back()->level, XENPV_LINK_STARTED);
	bus_test_check(test);
}

static void peer_touches_keys(struct kunit *test)
{
	unsigned int before;

	connected_front(test);
	before = front()->changes;
	bus_test_state(FAR_BACK, XenbusStateConnected);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_GT(test, front()->changes, before);
	bus_test_check(test);
}

/* The store. */

static void restart(void)
{
	xenpv_store_daemon_went();
	xenpv_fake_store_restart();
	xenpv_store_daemon_came(false);
	xenpv_store_heard();
	xenpv_store_pump();
}

static void store_restarts(struct kunit *test)
{
	connected_front(test);
	connected_back(test);
	restart();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	/* What happened while it was away is seen. */
	xenpv_store_daemon_went();
	bus_test_set(FAR_BACK, "online", "0");
	bus_test_state(FAR_BACK, XenbusStateClosing);
	xenpv_fake_store_remove(BACK_OF_FAR);
	restart();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, bus_test_get_state(FRONT_DIR), XenbusStateClosed);
	KUNIT_EXPECT_EQ(test, devices(XENPV_BACK), 0);
	bus_test_check(test);
}

/* Nothing runs between suspend and thaw or resume. */
static void suspended(struct kunit *test)
{
	connected_front(test);
	KUNIT_ASSERT_EQ(test, xenpv_bus_suspend(), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_bus_enter());
	xenpv_bus_thaw();
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_EQ(test, front()->connects, 1);
	KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	/* On another host, as the toolstack makes it, or as it was. */
	for (int fresh = 0; fresh < 2; fresh++) {
		KUNIT_ASSERT_EQ(test, xenpv_bus_suspend(), 0);
		if (fresh)
			bus_test_front();
		xenpv_bus_resume();
		KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
		KUNIT_EXPECT_EQ(test, front()->connects, 2 + fresh);
		KUNIT_EXPECT_EQ(test, front()->level, XENPV_LINK_STARTED);
	}
	KUNIT_EXPECT_EQ(test, front()->probes, 1);
	bus_test_check(test);
}

static void suspend_waits(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, xenpv_bus_enter());
	xenpv_bus_leave();
	KUNIT_EXPECT_EQ(test, xenpv_bus_suspend(), 0);
	xenpv_bus_thaw();
	KUNIT_EXPECT_TRUE(test, xenpv_bus_enter());
	xenpv_bus_leave();
}

/* Boot waits for what has a driver, and not for ever. */
static void boot(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, xenpv_bus_await(1));
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_TRUE(test, xenpv_bus_await(1));
	bus_test_front();
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	/* No driver, nothing to wait for. */
	KUNIT_EXPECT_TRUE(test, xenpv_bus_await(1));
	bus_test_driver(test, XENPV_FRONT, true);
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	/* A back that does not come. */
	KUNIT_EXPECT_FALSE(test, xenpv_bus_await(HZ / 20));
	KUNIT_EXPECT_TRUE(test, bus_test_settle_with(bus_test_far_back));
	KUNIT_EXPECT_TRUE(test, xenpv_bus_await(HZ));
	xenpv_link_fault(front()->dev, "boot");
	KUNIT_EXPECT_TRUE(test, bus_test_settle());
	KUNIT_EXPECT_TRUE(test, xenpv_bus_await(HZ));
}

/* What toolstacks and udev see. */
static void shown(struct kunit *test)
{
	struct kobj_uevent_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	static const char * const vars[] = {
		"MODALIAS=xen-backend:test", "XENBUS_TYPE=test",
		"XENBUS_PATH=backend/test/7/0", "XENBUS_BASE_PATH=backend",
	};

	KUNIT_ASSERT_NOT_NULL(test, env);
	connected_back(test);
	KUNIT_EXPECT_STREQ(test, back()->dev->dev.bus->name, "xen-backend");
	KUNIT_ASSERT_EQ(test, back()->dev->dev.bus->uevent(&back()->dev->dev, env), 0);
	KUNIT_ASSERT_EQ(test, env->envp_idx, ARRAY_SIZE(vars));
	for (int i = 0; i < ARRAY_SIZE(vars); i++)
		KUNIT_EXPECT_STREQ(test, env->envp[i], vars[i]);
}

static int bus_test_init(struct kunit *test)
{
	bus_test_start(test);
	return 0;
}

static struct kunit_case bus_cases[] = {
	KUNIT_CASE(places),
	KUNIT_CASE(front_life),
	KUNIT_CASE(back_life),
	KUNIT_CASE(torn_out),
	KUNIT_CASE(replaced_meanwhile),
	KUNIT_CASE(not_now),
	KUNIT_CASE(peer_gone),
	KUNIT_CASE(strange_tree),
	KUNIT_CASE(too_many),
	KUNIT_CASE(many_places),
	KUNIT_CASE(drivers_come_and_go),
	KUNIT_CASE(bad_drivers),
	KUNIT_CASE(front_fault),
	KUNIT_CASE(back_fault),
	KUNIT_CASE(fault_from_anywhere),
	KUNIT_CASE(half_built),
	KUNIT_CASE(bad_key),
	KUNIT_CASE(foreign_state),
	KUNIT_CASE(nonsense),
	KUNIT_CASE(decision_is_old),
	KUNIT_CASE(not_ready_yet),
	KUNIT_CASE(peer_touches_keys),
	KUNIT_CASE(store_restarts),
	KUNIT_CASE(suspended),
	KUNIT_CASE(suspend_waits),
	KUNIT_CASE(boot),
	KUNIT_CASE(shown),
	{}
};

static struct kunit_suite bus_suite = {
	.name = "xenpv_bus",
	.init = bus_test_init,
	.test_cases = bus_cases,
};
kunit_test_suite(bus_suite);

MODULE_DESCRIPTION("Tests of the buses");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
