// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the reaper: how often it tries, and that nothing is lost or used too early. */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <kunit/static_stub.h>
#include "room.h"

#define NR	600

static struct xenpv_grant_pool *pool;
static struct {
	struct page *page;
	grant_ref_t ref;
	int handle;
} lent[NR];

static int reaper_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 2 };

	room_start(test, &room);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = NR });
	return 0;
}

/* A page that the peer keeps; the case has a reference of its own. */
static void keep(struct kunit *test, unsigned int i)
{
	lent[i].page = xenpv_grant_new_page(pool, &lent[i].ref);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, lent[i].page);
	get_page(lent[i].page);
	lent[i].handle = xenpv_fake_peer_map(PEER, lent[i].ref, true);
	KUNIT_ASSERT_GE(test, lent[i].handle, 0);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_end(pool, lent[i].ref, lent[i].page));
}

static bool is_free(unsigned int i)
{
	return page_count(lent[i].page) == 1;
}

static void let_go(unsigned int i)
{
	xenpv_fake_peer_unmap(lent[i].handle);
}

static unsigned int tries;

static void count_tries(const struct xenpv_fake_access *access, void *arg)
{
	tries++;
}

/* Often at first, once a second in the end. */
static void tries_become_rare(struct kunit *test)
{
	tries = 0;
	keep(test, 0);
	xenpv_fake_peer(count_tries, NULL);
	room_advance(9);
	KUNIT_EXPECT_EQ(test, tries, 0);
	room_advance(2);
	KUNIT_EXPECT_EQ(test, tries, 1);
	room_advance(989);
	KUNIT_EXPECT_EQ(test, tries, 6);
	tries = 0;
	room_advance(60000);
	KUNIT_EXPECT_GE(test, tries, 59);
	KUNIT_EXPECT_LE(test, tries, 62);
	xenpv_fake_peer(NULL, NULL);
	let_go(0);
	room_advance(1100);
	KUNIT_EXPECT_TRUE(test, is_free(0));
	put_page(lent[0].page);
}

/* However long it was held, less than two seconds after the peer lets go it is free. */
static void freed_in_time(struct kunit *test)
{
	for (unsigned int ms = 0; ms < 5000; ms += 97) {
		keep(test, 0);
		room_advance(ms);
		KUNIT_EXPECT_FALSE(test, is_free(0));
		let_go(0);
		room_advance(1999);
		KUNIT_EXPECT_TRUE(test, is_free(0));
		KUNIT_EXPECT_EQ(test, room_held(pool), 0);
		put_page(lent[0].page);
	}
}

/* More than one run of the reaper tries, and more than the table of one frame has. */
static void many_at_once(struct kunit *test)
{
	for (unsigned int i = 0; i < 500; i++)
		keep(test, i);
	room_advance(3000);
	KUNIT_EXPECT_EQ(test, room_held(pool), 500);
	for (unsigned int i = 0; i < 500; i += 2)
		let_go(i);
	room_advance(1999);
	KUNIT_EXPECT_EQ(test, room_held(pool), 250);
	for (unsigned int i = 0; i < 500; i++)
		KUNIT_EXPECT_EQ(test, is_free(i), !(i % 2));
	for (unsigned int i = 1; i < 500; i += 2)
		let_go(i);
	room_advance(1999);
	KUNIT_EXPECT_EQ(test, room_held(pool), 0);
	for (unsigned int i = 0; i < 500; i++)
		put_page(lent[i].page);
	KUNIT_EXPECT_EQ(test, xenpv_grant_lost(), 0);
}

/* One page that comes early does not make a later one wait, nor the other way round. */
static void a_new_one_does_not_wait_for_old_ones(struct kunit *test)
{
	keep(test, 0);
	room_advance(5000);
	keep(test, 1);
	let_go(1);
	room_advance(20);
	KUNIT_EXPECT_TRUE(test, is_free(1));
	KUNIT_EXPECT_FALSE(test, is_free(0));

	/* A stream of new ones does not keep the reaper from an old one. */
	let_go(0);
	for (unsigned int i = 2; i < 300; i++) {
		keep(test, i);
		room_advance(7);
	}
	KUNIT_EXPECT_TRUE(test, is_free(0));
	for (unsigned int i = 2; i < 300; i++)
		let_go(i);
	room_advance(1999);
	for (unsigned int i = 0; i < 300; i++) {
		KUNIT_EXPECT_TRUE(test, is_free(i));
		put_page(lent[i].page);
	}
}

/* Another CPU gives the reaper a page after it has looked, and before it plans. */
static struct kunit *during;
static unsigned int times;

static u64 time_passes(void)
{
	if (++times == 2)
		keep(during, 1);
	return xenpv_fake_now();
}

static void a_new_one_comes_during_a_run(struct kunit *test)
{
	during = test;
	keep(test, 0);
	room_advance(5000);
	/* The next run, at its second look at the clock. */
	times = 0;
	kunit_activate_static_stub(test, xenpv_grant_time, time_passes);
	for (unsigned int ms = 0; ms < 1100 && times < 2; ms++)
		room_advance(1);
	KUNIT_ASSERT_GE(test, times, 2);
	let_go(1);
	room_advance(20);
	KUNIT_EXPECT_TRUE(test, is_free(1));
	let_go(0);
	room_advance(1999);
	for (unsigned int i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE(test, is_free(i));
		put_page(lent[i].page);
	}
}

static void account_survives_its_pool(struct kunit *test)
{
	struct xenpv_grant_pool *gone;

	gone = xenpv_grant_pool_create(&(struct xenpv_grant_setup){
		.name = "a name that is longer than the account keeps", .peer = PEER,
		.max = 2 });
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gone);
	lent[0].page = xenpv_grant_new_page(gone, &lent[0].ref);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, lent[0].page);
	lent[0].handle = xenpv_fake_peer_map(PEER, lent[0].ref, false);
	get_page(lent[0].page);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_end(gone, lent[0].ref, lent[0].page));
	xenpv_grant_pool_destroy(gone);
	room_advance(3000);
	KUNIT_EXPECT_FALSE(test, is_free(0));
	let_go(0);
	room_advance(1999);
	KUNIT_EXPECT_TRUE(test, is_free(0));
	put_page(lent[0].page);
}

static struct kunit_case reaper_cases[] = {
	KUNIT_CASE(tries_become_rare),
	KUNIT_CASE(freed_in_time),
	KUNIT_CASE(many_at_once),
	KUNIT_CASE(a_new_one_does_not_wait_for_old_ones),
	KUNIT_CASE(a_new_one_comes_during_a_run),
	KUNIT_CASE(account_survives_its_pool),
	{}
};

static struct kunit_suite reaper_suite = {
	.name = "xenpv_grant_reaper",
	.init = reaper_init,
	.test_cases = reaper_cases,
};
kunit_test_suite(reaper_suite);
