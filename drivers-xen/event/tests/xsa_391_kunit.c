// SPDX-License-Identifier: GPL-2.0-only
/* Replay of XSA-391: a backend aims the same storms at the interrupts of a guest's devices. */

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/irq.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "storm.h"

/* One of each class: block, net, console; and one with an honest peer. */
enum { BLOCK, NET, CONSOLE, HONEST, NR_DEVICES };

#define SECONDS		60

static struct storm devices[NR_DEVICES];

/* The driver leaves its work to a thread, which is the storm's turn. */
static irqreturn_t device_interrupt(int irq, void *dev)
{
	struct channel *ch = dev;

	if (ch->gone)
		xenpv_fake_bad("an interrupt after unbind");
	if (ch->owed)
		xenpv_fake_bad("an interrupt before the last one was done");
	ch->calls++;
	ch->owed = true;
	return IRQ_HANDLED;
}

static void bind_device(struct kunit *test, struct storm *device)
{
	struct channel *ch = &device->ch;

	*device = (struct storm){ };
	ch->port = xenpv_fake_event_connected(PEER, 1);
	ch->ev = xenpv_event_bind_port(ch->port, device_interrupt, XENPV_EVENT_LATE,
				       "test", ch);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ch->ev));
}

static void begin(struct kunit *test)
{
	event_test_start(test, NULL);
	for (unsigned int i = 0; i < NR_DEVICES; i++)
		bind_device(test, &devices[i]);
	devices[HONEST].silent = true;
}

static void end(struct kunit *test)
{
	for (unsigned int i = 0; i < NR_DEVICES; i++)
		event_test_unbind(&devices[i].ch);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

/* The honest peer has work in every second event, as fast as it is served. */
static void honest_traffic(struct storm *devices, unsigned int nr)
{
	static unsigned int turns;
	struct storm *honest = &devices[HONEST];

	if (turns++ % 2 && !honest->work_at)
		honest->work_at = xenpv_fake_now();
	event_test_send(&honest->ch);
}

static void one_class_at_a_time(struct kunit *test)
{
	begin(test);
	for (unsigned int i = BLOCK; i <= CONSOLE; i++) {
		storm_blow(&devices[i], 1, SECONDS * NSEC_PER_SEC, NULL);
		KUNIT_EXPECT_LE(test, devices[i].wakeups, XENPV_EVENT_CREDIT + 11 + SECONDS);
	}
	end(test);
}

static void all_classes_together(struct kunit *test)
{
	begin(test);
	storm_blow(devices, HONEST, SECONDS * NSEC_PER_SEC, NULL);
	for (unsigned int i = BLOCK; i <= CONSOLE; i++)
		KUNIT_EXPECT_LE(test, devices[i].wakeups, XENPV_EVENT_CREDIT + 11 + SECONDS);
	end(test);
}

/* Each device works again within 1.1 s after the storm. */
static void usable_after_the_storm(struct kunit *test)
{
	begin(test);
	storm_blow(devices, HONEST, SECONDS * NSEC_PER_SEC, NULL);
	for (unsigned int i = BLOCK; i <= CONSOLE; i++) {
		devices[i].silent = true;
		devices[i].work_at = xenpv_fake_now();
		event_test_send(&devices[i].ch);
	}
	storm_blow(devices, HONEST, 11 * NSEC_PER_SEC / 10, NULL);
	for (unsigned int i = BLOCK; i <= CONSOLE; i++)
		KUNIT_EXPECT_EQ(test, devices[i].served, 1);
	end(test);
}

/* N13: the honest neighbour is served at its own pace all the time. */
static void honest_is_not_punished(struct kunit *test)
{
	unsigned long useless;

	begin(test);
	storm_blow(devices, NR_DEVICES, NSEC_PER_SEC, honest_traffic);
	useless = devices[HONEST].wakeups - devices[HONEST].served;
	KUNIT_EXPECT_EQ(test, devices[HONEST].ch.ev->nr_delayed, 0);
	KUNIT_EXPECT_GT(test, devices[HONEST].served, 1000);
	KUNIT_EXPECT_GT(test, useless, 1000);
	KUNIT_EXPECT_LE(test, devices[HONEST].worst, NSEC_PER_MSEC);
	end(test);
}

/* A device closes in the middle of its delay, and comes back with the same port. */
static void closing_in_a_storm(struct kunit *test)
{
	begin(test);
	for (unsigned int i = 0; i < 20; i++) {
		storm_blow(devices, HONEST, NSEC_PER_SEC / 7, NULL);
		event_test_unbind(&devices[NET].ch);
		event_test_settle();
		bind_device(test, &devices[NET]);
	}
	KUNIT_EXPECT_GT(test, devices[BLOCK].ch.ev->nr_delayed, 5);
	end(test);
}

/* An interrupt that is disabled during the storm is not lost with the delay. */
static void disabled_in_a_storm(struct kunit *test)
{
	struct storm *device = &devices[BLOCK];

	begin(test);
	for (unsigned int i = 0; i < 20; i++) {
		storm_blow(devices, HONEST, NSEC_PER_SEC / 7, NULL);
		disable_irq(xenpv_event_irq(device->ch.ev));
		storm_blow(devices, HONEST, NSEC_PER_SEC / 7, NULL);
		enable_irq(xenpv_event_irq(device->ch.ev));
	}
	KUNIT_EXPECT_LE(test, device->wakeups, XENPV_EVENT_CREDIT + 11 + 6 + 20);
	device->work_at = xenpv_fake_now();
	storm_blow(devices, HONEST, 11 * NSEC_PER_SEC / 10, NULL);
	KUNIT_EXPECT_EQ(test, device->served, 1);
	end(test);
}

KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name);

static struct kunit_case xsa_391_cases[] = {
	KUNIT_CASE_PARAM(one_class_at_a_time, layout_gen_params),
	KUNIT_CASE_PARAM(all_classes_together, layout_gen_params),
	KUNIT_CASE_PARAM(usable_after_the_storm, layout_gen_params),
	KUNIT_CASE_PARAM(honest_is_not_punished, layout_gen_params),
	KUNIT_CASE_PARAM(closing_in_a_storm, layout_gen_params),
	KUNIT_CASE_PARAM(disabled_in_a_storm, layout_gen_params),
	{}
};

static struct kunit_suite xsa_391_suite = {
	.name = "xsa_391",
	.test_cases = xsa_391_cases,
};
kunit_test_suite(xsa_391_suite);

MODULE_DESCRIPTION("XSA-391 replayed against the event room");
MODULE_LICENSE("GPL");
