// SPDX-License-Identifier: GPL-2.0-only
/* A device on the fake hypervisor, with grants and events. */

#include <kunit/static_stub.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include <xenpv/vcpu.h>
#include "../../event/tests/harness.h"
#undef PEER
#include "device.h"

static struct xenpv_device *dev;

static struct {
	const struct xenpv_event_abi *abi;
	struct shared_info __xen_shared *shared;
	struct vcpu_info __xen_shared *vcpu;
	bool want_2level;
} real;

static void restore(void *unused)
{
	xenpv_event_abi = real.abi;
	xenpv_event_want_2level = real.want_2level;
	xenpv_shared_info = real.shared;
	per_cpu(xenpv_vcpu, 0) = real.vcpu;
}

static void start_events(struct kunit *test)
{
	xenpv_fake_event_start(1);
	real.abi = xenpv_event_abi;
	real.want_2level = xenpv_event_want_2level;
	real.shared = xenpv_shared_info;
	real.vcpu = per_cpu(xenpv_vcpu, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	xenpv_shared_info = (struct shared_info __xen_shared __force *)xenpv_fake_shared_info();
	per_cpu(xenpv_vcpu, 0) =
		(struct vcpu_info __xen_shared __force *)xenpv_fake_vcpu_info(0);
	kunit_activate_static_stub(test, xenpv_event_synchronize, xenpv_fake_synchronize);
	xenpv_event_irq_init();
	xenpv_event_want_2level = true;
	xenpv_event_abi = &xenpv_event_2level;
	xenpv_event_abi->start();
}

bool blk_test_faulted(void)
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

struct xenpv_device *blk_test_device(struct kunit *test)
{
	const struct room room = { .version = 1, .frames = 4 };

	room_start(test, &room);
	start_events(test);
	dev = kzalloc_obj(*dev);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev->peer = PEER;
	dev->dev.release = release;
	dev_set_name(&dev->dev, "vbd-test");
	KUNIT_ASSERT_EQ(test, device_register(&dev->dev), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, no_device, NULL), 0);
	return dev;
}
