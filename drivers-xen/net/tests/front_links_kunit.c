// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the front of a network interface: what stays over the ends of links. */

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "front_room.h"

/* The toolstack says, or the back, or else it is as it was set up. */
static void mtu_follows_the_toolstack(struct kunit *test)
{
	static const struct {
		u32 says;
		bool sg;
		unsigned int mtu;
	} kinds[] = {
		{ 9000, true, 9000 }, { 0, true, 1500 }, { 65521, true, 65521 }, { 68, true, 68 },
		{ 9000, false, 1500 }, { 0, true, 1500 }, { 1400, false, 1400 }, { 0, true, 1500 },
	};

	netfront_test_start(test);
	KUNIT_EXPECT_EQ(test, netfront_front->net->mtu, ETH_DATA_LEN);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		netfront_test_part();
		netfront_facts.mtu = kinds[i].says;
		netfront_facts.sg = kinds[i].sg;
		netfront_test_meet(test);
		KUNIT_EXPECT_EQ_MSG(test, netfront_front->net->mtu, kinds[i].mtu, "case %u", i);
	}
}

/* What was set up is there again, when a back has gone that could do less. */
static void mtu_that_was_set_up(struct kunit *test)
{
	netfront_test_start(test);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_set_mtu(netfront_front->net, 4000), 0);
	rtnl_unlock();
	for (unsigned int i = 0; i < 4; i++) {
		netfront_test_part();
		netfront_facts.sg = i & 1;
		netfront_test_meet(test);
		KUNIT_EXPECT_EQ(test, netfront_front->net->mtu, i & 1 ? 4000 : ETH_DATA_LEN);
	}
}

static bool stopped(unsigned int nr)
{
	return netif_tx_queue_stopped(netdev_get_tx_queue(netfront_front->net, nr));
}

/* The watchdog looks at all queues, also those that this back has not. */
static void queues_that_the_back_has_not(struct kunit *test)
{
	netfront_test_start(test);
	netfront_test_part();
	netfront_facts.queues = 1;
	netfront_test_meet(test);
	KUNIT_EXPECT_EQ(test, netfront_front->nr_queues, 1);
	netfront_test_up(false);
	netfront_test_up(true);
	for (unsigned int i = 0; i < netfront_front->max_queues; i++)
		KUNIT_EXPECT_FALSE(test, stopped(i));
}

/* A ring is as full as it was when the interface went down. */
static void up_with_a_full_ring(struct kunit *test)
{
	netfront_test_start(test);
	netfront_far->keep = true;
	while (netfront_test_send(netfront_test_skb(test, 60, 0, 0, 0), 0))
		;
	KUNIT_EXPECT_TRUE(test, stopped(0));
	netfront_test_up(false);
	netfront_test_up(true);
	KUNIT_EXPECT_TRUE(test, stopped(0));
	KUNIT_EXPECT_EQ(test, netfront_test_count(XNET_TX_DOWN), 0);
	netfront_far->keep = false;
	netfront_test_serve();
	KUNIT_EXPECT_FALSE(test, stopped(0));
	netfront_test_send_and_compare(test, netfront_test_skb(test, 60, 0, 0, 0), 0);
}

KUNIT_ARRAY_PARAM(terms, netfront_terms, netfront_terms_name);

static struct kunit_case links_cases[] = {
	KUNIT_CASE(mtu_follows_the_toolstack),
	KUNIT_CASE(mtu_that_was_set_up),
	KUNIT_CASE_PARAM(queues_that_the_back_has_not, terms_gen_params),
	KUNIT_CASE(up_with_a_full_ring),
	{}
};

static struct kunit_suite links_suite = {
	.name = "xenpv_netfront_links",
	.test_cases = links_cases,
};
kunit_test_suite(links_suite);

MODULE_DESCRIPTION("Tests of what stays of a network interface");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
