// SPDX-License-Identifier: GPL-2.0-only
/* A device on the fake hypervisor, with grants and events. */

#include <linux/slab.h>

#include "../../event/tests/harness.h"
#undef PEER
#include "../../grant/tests/room.h"
#include "device.h"

static struct xenpv_device *dev;

bool bus_test_faulted(void)
{
	return xenpv_link_faulted(dev);
}

static void release(struct device *device)
{
	kfree(to_xenpv_device(device));
}

static void no_device(void *unused)
{
	device_unregister(&dev->dev);
}

struct xenpv_device *bus_test_device(struct kunit *test, const char *name)
{
	const struct room room = { .version = 1, .frames = 4 };

	room_start(test, &room);
	event_test_beside(test);
	dev = kzalloc_obj(*dev);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev->peer = PEER;
	dev->dev.release = release;
	dev_set_name(&dev->dev, "%s", name);
	KUNIT_ASSERT_EQ(test, device_register(&dev->dev), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, no_device, NULL), 0);
	return dev;
}
