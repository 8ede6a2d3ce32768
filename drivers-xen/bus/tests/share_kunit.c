// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what is shared with a peer: made, half made, unmade. */

#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "../../event/tests/harness.h"
#undef PEER
#include "../../grant/tests/room.h"
#include <xenpv/bus.h>
#include <xenpv/scratch.h>

#define NR_PAGES	4

struct question { u32 n; };
struct answer { u32 n; };

XENPV_RING(ask, struct question, struct answer)

static struct xenpv_share share;
static struct xenpv_device *dev;

static irqreturn_t interrupt(int irq, void *arg)
{
	return IRQ_HANDLED;
}

static void start(struct kunit *test, bool translated)
{
	const struct room room = { .version = 1, .frames = 2, .translated = translated };

	room_start(test, &room);
	event_test_beside(test);
	memset(&share, 0, sizeof(share));
	dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	dev->peer = PEER;
}

static int front_connect(struct xenpv_grant_pool *pool, unsigned int nr)
{
	struct ask_front front;

	return xenpv_share_alloc(&share, dev, pool, nr) ?:
	       ask_front_init(&front, share.ring, nr) ?:
	       xenpv_share_lend(&share) ?:
	       xenpv_share_open(&share, interrupt, "test", NULL);
}

static void expect_nothing(struct kunit *test)
{
	const struct xenpv_share none = { };

	xenpv_share_end(&share);
	KUNIT_EXPECT_MEMEQ(test, &share, &none, sizeof(share));
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	xenpv_share_end(&share);
}

/* The peer sees each page, in order, as one piece of ours, and an event that it can bind. */
static void front_shares(struct kunit *test)
{
	struct xenpv_grant_pool *pool;

	start(test, false);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 8 });
	for (unsigned int nr = 1; nr <= NR_PAGES; nr++) {
		KUNIT_ASSERT_EQ(test, front_connect(pool, nr), 0);
		KUNIT_EXPECT_EQ(test, share.lent, nr);
		for (unsigned int i = 0; i < nr; i++) {
			int handle = xenpv_fake_peer_map(PEER, share.refs[i], true);
			u8 *theirs;

			KUNIT_ASSERT_GE(test, handle, 0);
			theirs = xenpv_fake_peer_page(handle);
			theirs[100] = 0x40 + i;
			KUNIT_EXPECT_EQ(test, ((u8 *)share.ring)[i * PAGE_SIZE + 100], 0x40 + i);
			KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
		}
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_connect(xenpv_event_port(share.event), 3),
				0);
		expect_nothing(test);
	}
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

/* A peer that keeps a page: the reaper has it, we do not wait. */
static void front_peer_keeps(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	int handle;

	start(test, false);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 8 });
	KUNIT_ASSERT_EQ(test, front_connect(pool, 2), 0);
	handle = xenpv_fake_peer_map(PEER, share.refs[1], true);
	KUNIT_ASSERT_GE(test, handle, 0);
	xenpv_share_end(&share);
	KUNIT_EXPECT_EQ(test, room_held(pool), 1);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_peer_holds(xenpv_fake_peer_page(handle)));
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	room_advance(5000);
	KUNIT_EXPECT_EQ(test, room_held(pool), 0);
}

/* Each hypercall of it fails once; nothing is left. */
static void front_half(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	unsigned int calls;

	start(test, false);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 8 });
	calls = xenpv_fake_calls_made();
	KUNIT_ASSERT_EQ(test, front_connect(pool, 2), 0);
	calls = xenpv_fake_calls_made() - calls;
	expect_nothing(test);
	KUNIT_EXPECT_GT(test, calls, 0);
	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_fail_at(nth, -ENOSPC);
		front_connect(pool, 2);
		xenpv_fake_fail_at(0, 0);
		expect_nothing(test);
	}
	KUNIT_EXPECT_EQ(test, front_connect(pool, 0), -EINVAL);
	expect_nothing(test);
	KUNIT_EXPECT_EQ(test, front_connect(pool, XENPV_RING_PAGES + 1), -EINVAL);
	expect_nothing(test);
}

static int back_connect(unsigned int nr, evtchn_port_t port)
{
	grant_ref_t refs[XENPV_RING_PAGES + 1];

	xenpv_fake_event_offer(PEER, 5);
	for (unsigned int i = 0; i < ARRAY_SIZE(refs); i++)
		refs[i] = 20 + i;
	return xenpv_share_map(&share, dev, refs, nr) ?:
	       xenpv_share_bind(&share, port, interrupt, "test", NULL);
}

static void offer(struct kunit *test, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, 20 + i, false));
}

/* A ring of each size is one piece of the peer's pages, in its order. */
static void expect_backs(struct kunit *test)
{
	struct ask_back back;

	offer(test, XENPV_RING_PAGES);
	for (unsigned int nr = 1; nr <= XENPV_RING_PAGES; nr++) {
		KUNIT_ASSERT_EQ(test, back_connect(nr, 5), 0);
		for (unsigned int i = 0; i < nr; i++) {
			u8 *theirs = xenpv_fake_foreign_page(PEER, 20 + i);

			theirs[9] = 0x77 + i;
			KUNIT_EXPECT_EQ(test, ((u8 __force *)share.theirs)[i * PAGE_SIZE + 9],
					0x77 + i);
		}
		KUNIT_EXPECT_EQ(test, ask_back_init(&back, share.theirs, nr), 0);
		expect_nothing(test);
	}
}

/* Only a ring of one page needs a page of ours. */
static void back_shares(struct kunit *test)
{
	start(test, false);
	room_memory(test);
	expect_backs(test);
	KUNIT_EXPECT_LE(test, xenpv_scratch_frames(), 1);
}

static void back_shares_translated(struct kunit *test)
{
	start(test, true);
	room_memory(test);
	expect_backs(test);
}

/* What can't be mapped in the middle, and what stays mapped. */
static void back_half(struct kunit *test)
{
	void *address;

	start(test, false);
	room_memory(test);
	offer(test, 4);
	for (unsigned int bad = 0; bad < 4; bad++) {
		xenpv_fake_foreign_withdraw(PEER, 20 + bad);
		KUNIT_EXPECT_LT(test, back_connect(4, 5), 0);
		KUNIT_EXPECT_NULL(test, share.ring);
		expect_nothing(test);
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, 20 + bad, false));
	}

	/* Addresses at which Xen keeps a page mapped are used for nothing else. */
	KUNIT_ASSERT_EQ(test, back_connect(4, 5), 0);
	address = share.ring;
	xenpv_fake_grant_answer(XENPV_FAKE_UNMAP, PEER, 22, GNTST_general_error, 1);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap_area(&share.area), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 1);
	KUNIT_EXPECT_PTR_EQ(test, find_vm_area(address), share.area.vm);
	KUNIT_EXPECT_EQ(test, xenpv_foreign_unmap_area(&share.area), 0);
	KUNIT_EXPECT_NULL(test, find_vm_area(address));
	share.nr = 0;
	expect_nothing(test);
}

/* What a front may say that is not so. */
static void back_lied_to(struct kunit *test)
{
	start(test, false);
	room_memory(test);
	KUNIT_EXPECT_EQ(test, back_connect(0, 5), -EINVAL);
	expect_nothing(test);
	KUNIT_EXPECT_EQ(test, back_connect(XENPV_RING_PAGES + 1, 5), -EINVAL);
	expect_nothing(test);
	/* Not lent. */
	KUNIT_EXPECT_LT(test, back_connect(1, 5), 0);
	expect_nothing(test);
	/* Lent, but no such port. */
	KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, 20, false));
	KUNIT_EXPECT_LT(test, back_connect(1, 6), 0);
	expect_nothing(test);
	/* For reading only, which no ring is. */
	xenpv_fake_foreign_withdraw(PEER, 20);
	KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, 20, true));
	KUNIT_EXPECT_LT(test, back_connect(1, 5), 0);
	expect_nothing(test);
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(front_shares),
	KUNIT_CASE(front_peer_keeps),
	KUNIT_CASE(front_half),
	KUNIT_CASE(back_shares),
	KUNIT_CASE(back_shares_translated),
	KUNIT_CASE(back_half),
	KUNIT_CASE(back_lied_to),
	{}
};

static struct kunit_suite share_suite = {
	.name = "xenpv_share",
	.test_cases = share_cases,
};
kunit_test_suite(share_suite);

MODULE_DESCRIPTION("Tests of what is shared with a peer");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
