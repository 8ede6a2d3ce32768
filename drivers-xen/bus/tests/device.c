// SPDX-License-Identifier: GPL-2.0-only
/* A device on the fake hypervisor, with grants and events. */

#include <linux/slab.h>

#include "../../event/tests/harness.h"
#undef PEER
#include "../../grant/tests/room.h"
#include "device.h"

static struct xenpv_device *dev;
static unsigned int most_reads;

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

/* Indices are read as often as there is something to look for. */
static void count_reads(const struct xenpv_fake_access *access, void *arg)
{
	const u8 *page = arg, *where = access->where;

	if (access->kind != XENPV_SHARED_STORE &&
	    where >= page + sizeof(struct xenpv_ring_page) && where < page + PAGE_SIZE)
		most_reads = max(most_reads, access->count + 1);
}

void bus_test_watch_slots(void *ring)
{
	most_reads = 0;
	xenpv_fake_forget();
	xenpv_fake_peer(count_reads, ring);
}

unsigned int bus_test_most_reads(void)
{
	xenpv_fake_peer(NULL, NULL);
	return most_reads;
}
