// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the front of a network interface: groups that it hears. */

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "front_room.h"

/* Groups from here on are ours: the machine may hear others. */
#define OURS	0x42

static void group(u8 *address, unsigned int nr)
{
	const u8 first[ETH_ALEN] = { 0x01, 0x00, 0x5e, OURS, nr >> 8, nr };

	memcpy(address, first, ETH_ALEN);
}

static void hear(unsigned int nr, bool yes)
{
	u8 address[ETH_ALEN];

	group(address, nr);
	if (yes)
		dev_mc_add(netfront_front->net, address);
	else
		dev_mc_del(netfront_front->net, address);
}

static void hear_all(int inc)
{
	rtnl_lock();
	dev_set_allmulti(netfront_front->net, inc);
	rtnl_unlock();
}

static bool at_rest(void)
{
	struct xnet_front_groups *groups = &netfront_front->groups;

	flush_delayed_work(&groups->work);
	return !READ_ONCE(groups->waits) && !delayed_work_pending(&groups->work);
}

/* Until the back was told everything. */
static void settle(struct kunit *test)
{
	for (unsigned int i = 0; i < 1000; i++) {
		flush_delayed_work(&netfront_front->groups.work);
		netfront_test_serve();
		if (at_rest())
			return;
	}
	KUNIT_FAIL(test, "it never comes to rest");
}

static bool told(unsigned int nr)
{
	struct xnet_front_groups *groups = &netfront_front->groups;
	u8 address[ETH_ALEN];

	group(address, nr);
	for (unsigned int i = 0; i < groups->nr; i++) {
		if (ether_addr_equal_unaligned(groups->told[i], address))
			return true;
	}
	return false;
}

/* A front whose back can be told, and that hears one group. */
static void start(struct kunit *test)
{
	netfront_test_start(test);
	netfront_test_part();
	netfront_facts.groups = true;
	netfront_test_meet(test);
	hear(1, true);
	settle(test);
}

static void backs_are_told(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_TRUE(test, told(1));
	KUNIT_EXPECT_TRUE(test, netfront_far->filter);
	for (unsigned int i = 2; i < 12; i++)
		hear(i, true);
	settle(test);
	for (unsigned int i = 1; i < 12; i++)
		KUNIT_EXPECT_TRUE(test, told(i));
	hear(5, false);
	settle(test);
	KUNIT_EXPECT_EQ(test, netfront_far->last.chain.meta.mcast, XEN_NETIF_EXTRA_TYPE_MCAST_DEL);
	KUNIT_EXPECT_EQ(test, netfront_far->last.chain.meta.address[5], 5);
	for (unsigned int i = 1; i < 12; i++)
		KUNIT_EXPECT_EQ(test, told(i), i != 5);
	KUNIT_EXPECT_TRUE(test, netfront_far->filter);
	/* Packets go as before. */
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 3, 0, 4096), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	for (unsigned int i = 1; i < 12; i++)
		hear(i, false);
}

/* The filter is on only while all that the interface wants to hear was told. */
static void who_hears_all_has_no_filter(struct kunit *test)
{
	start(test);
	hear_all(1);
	settle(test);
	KUNIT_EXPECT_FALSE(test, netfront_far->filter);
	hear_all(-1);
	settle(test);
	KUNIT_EXPECT_TRUE(test, netfront_far->filter);
	for (unsigned int i = 2; i < XNET_FRONT_GROUPS + 2; i++)
		hear(i, true);
	settle(test);
	KUNIT_EXPECT_FALSE(test, netfront_far->filter);
	for (unsigned int i = 1; i < XNET_FRONT_GROUPS + 2; i++)
		hear(i, false);
	settle(test);
	KUNIT_EXPECT_TRUE(test, netfront_far->filter);
	KUNIT_EXPECT_FALSE(test, told(1));
}

static void refusals_end_the_filter(struct kunit *test)
{
	start(test);
	netfront_far->status = XEN_NETIF_RSP_ERROR;
	hear(2, true);
	settle(test);
	KUNIT_EXPECT_FALSE(test, told(2));
	KUNIT_EXPECT_FALSE(test, netfront_far->filter);
	/* Until there is another back. */
	netfront_far->status = XEN_NETIF_RSP_OKAY;
	netfront_test_part();
	netfront_test_meet(test);
	settle(test);
	KUNIT_EXPECT_TRUE(test, told(1) && told(2));
	KUNIT_EXPECT_TRUE(test, netfront_far->filter);
	hear(1, false);
	hear(2, false);
}

static void other_backs_are_not_told(struct kunit *test)
{
	start(test);
	netfront_test_part();
	netfront_facts.groups = false;
	netfront_test_meet(test);
	hear(2, true);
	settle(test);
	KUNIT_EXPECT_EQ(test, netfront_front->groups.nr, 0);
	KUNIT_EXPECT_FALSE(test, netfront_far->filter);
	hear(1, false);
	hear(2, false);
}

/* An answer that does not come, or comes twice. */
static void backs_that_do_not_answer(struct kunit *test)
{
	start(test);
	netfront_far->mute = true;
	hear(2, true);
	flush_delayed_work(&netfront_front->groups.work);
	netfront_test_serve();
	KUNIT_EXPECT_TRUE(test, netfront_front->groups.waits);
	netfront_far->mute = false;
	netfront_test_part();
	netfront_test_meet(test);
	settle(test);
	KUNIT_EXPECT_TRUE(test, told(1) && told(2));
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	netfront_far->twice = true;
	hear(3, true);
	flush_delayed_work(&netfront_front->groups.work);
	netfront_test_serve();
	KUNIT_EXPECT_TRUE(test, bus_test_faulted());
	for (unsigned int i = 1; i < 4; i++)
		hear(i, false);
}

/* A full ring: the back is told later, and packets find the room that they need. */
static void full_rings(struct kunit *test)
{
	unsigned int sent = 0;

	start(test);
	netfront_far->keep = true;
	while (netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0))
		sent++;
	KUNIT_EXPECT_GT(test, sent, 200);
	hear(2, true);
	flush_delayed_work(&netfront_front->groups.work);
	KUNIT_EXPECT_FALSE(test, netfront_front->groups.waits);
	netfront_far->keep = false;
	settle(test);
	KUNIT_EXPECT_TRUE(test, told(2));
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_DOWN), 0);
	KUNIT_EXPECT_EQ(test, netfront_test_out(), 0);
	hear(1, false);
	hear(2, false);
}

static struct kunit_case groups_cases[] = {
	KUNIT_CASE(backs_are_told),
	KUNIT_CASE(who_hears_all_has_no_filter),
	KUNIT_CASE(refusals_end_the_filter),
	KUNIT_CASE(other_backs_are_not_told),
	KUNIT_CASE(backs_that_do_not_answer),
	KUNIT_CASE(full_rings),
	{}
};

static struct kunit_suite groups_suite = {
	.name = "xenpv_netfront_groups",
	.test_cases = groups_cases,
};
kunit_test_suite(groups_suite);

MODULE_DESCRIPTION("Tests of groups that a network interface hears");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
