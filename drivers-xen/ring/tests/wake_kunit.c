// SPDX-License-Identifier: GPL-2.0-only
/*
 * No wake-up is lost: an end that sleeps after arm said "nothing" is told of the next
 * message, in every order of the accesses of both ends.
 *
 * Each of our four roles runs against the other side as tests/peer.h plays it, in
 * all orders, then both of our ends against each other in random ones.
 */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../fake/fake.h"
#include "peer.h"

struct word {
	u32 id;
};

XENPV_RING(word, struct word, struct word)

#define STRIDE	sizeof(struct word)
#define MANY	6

/**
 * struct line - a ring and the event channel beside it
 * @front: our front, where we have one
 * @back: our back, where we have one
 * @peer: the other side, where it is not ours
 * @page: the ring
 * @told_front: an event for the front is pending
 * @told_back: an event for the back is pending
 * @nr: messages to send in each direction that the scene uses
 * @sent: messages that the front has put
 * @heard: messages that arrived at the end
 * @wrong: messages that were not the next ones
 */
struct line {
	struct word_front front;
	struct word_back back;
	struct peer peer;
	void *page;
	bool told_front;
	bool told_back;
	u32 nr;
	u32 sent;
	u32 heard;
	u32 wrong;
};

static struct line *line;

static bool is_set(void *flag)
{
	return READ_ONCE(*(bool *)flag);
}

/* What a handler of the event does first: the event is taken. */
static void sleep_until(bool *told)
{
	xenpv_fake_wait(is_set, told);
	*told = false;
}

static struct line *line_reset(u32 nr)
{
	void *page = line->page;

	*line = (struct line) { .page = page, .nr = nr };
	return line;
}

static void check_next(struct line *l, u32 id)
{
	if (id != l->heard++)
		l->wrong++;
}

static const char *all_heard(void *state)
{
	struct line *l = state;

	if (word_front_broken(&l->front) || word_back_broken(&l->back))
		return "an honest peer broke a ring";
	if (l->wrong)
		return "a message out of its turn";
	return l->heard == l->nr ? NULL : "a message was lost";
}

/* The peer sends and receives. */
static void peer_sends(struct line *l, bool *told)
{
	for (u32 i = 0; i < l->nr; i++) {
		struct word m = { i };

		if (peer_send(&l->peer, &m, sizeof(m)))
			*told = true;
	}
}

static void peer_receives(struct line *l, bool *told)
{
	while (l->heard < l->nr) {
		struct word m;

		if (peer_get(&l->peer, &m, sizeof(m)))
			check_next(l, m.id);
		else if (!peer_arm(&l->peer))
			sleep_until(told);
	}
}

/* Our front sends to the peer. */
static void *front_with_peer(struct kunit *test, u32 nr)
{
	struct line *l = line_reset(nr);

	word_front_init(&l->front, l->page, 1);
	peer_open(&l->peer, false, l->page, 1, STRIDE);
	return l;
}

static void *front_sends_setup(struct kunit *test)
{
	return front_with_peer(test, 2);
}

static void front_sends(void *state)
{
	struct line *l = state;

	for (u32 i = 0; i < l->nr; i++) {
		struct word m = { i };

		word_front_put(&l->front, &m);
		if (word_front_push(&l->front))
			l->told_back = true;
	}
}

static void back_peer_receives(void *state)
{
	struct line *l = state;

	peer_receives(l, &l->told_back);
}

/* The peer answers what our front asked before. */
static void *front_receives_setup(struct kunit *test)
{
	struct line *l = front_with_peer(test, 2);

	front_sends(l);
	l->peer.got = l->nr;
	return l;
}

static void back_peer_sends(void *state)
{
	struct line *l = state;

	peer_sends(l, &l->told_front);
}

static void front_receives(void *state)
{
	struct line *l = state;

	while (l->heard < l->nr && !word_front_broken(&l->front)) {
		struct word m;

		if (word_front_get(&l->front, &m) > 0)
			check_next(l, m.id);
		else if (!word_front_arm(&l->front))
			sleep_until(&l->told_front);
	}
}

/* The same with our back. */
static void *back_with_peer(struct kunit *test, u32 nr)
{
	struct line *l = line_reset(nr);
	struct xenpv_ring_page *page = l->page;

	*page = (struct xenpv_ring_page) { .req_event = 1, .rsp_event = 1 };
	word_back_init(&l->back, (void __xen_shared __force *)l->page, 1);
	peer_open(&l->peer, true, l->page, 1, STRIDE);
	return l;
}

static void *back_receives_setup(struct kunit *test)
{
	return back_with_peer(test, 2);
}

static void front_peer_sends(void *state)
{
	struct line *l = state;

	peer_sends(l, &l->told_back);
}

static void back_receives(void *state)
{
	struct line *l = state;

	while (l->heard < l->nr && !word_back_broken(&l->back)) {
		struct word m;

		if (word_back_get(&l->back, &m) > 0)
			check_next(l, m.id);
		else if (!word_back_arm(&l->back))
			sleep_until(&l->told_back);
	}
}

static void *back_sends_setup(struct kunit *test)
{
	struct line *l = back_with_peer(test, 2);
	struct word m;

	peer_sends(l, &l->told_back);
	for (u32 i = 0; i < l->nr; i++)
		word_back_get(&l->back, &m);
	return l;
}

static void back_sends(void *state)
{
	struct line *l = state;

	for (u32 i = 0; i < l->nr; i++) {
		struct word m = { i };

		word_back_put(&l->back, &m);
		if (word_back_push(&l->back))
			l->told_front = true;
	}
}

static void front_peer_receives(void *state)
{
	struct line *l = state;

	peer_receives(l, &l->told_front);
}

#define ROLE(name, ours, other)						\
static const struct xenpv_fake_scene name##_scene = {			\
	.setup = name##_setup,						\
	.tasks = { ours, other },					\
	.nr_tasks = 2,							\
	.peers = BIT(1),						\
	.check = all_heard,						\
};									\
									\
static void name##_every_order(struct kunit *test)			\
{									\
	unsigned long rounds = xenpv_fake_explore(test, &name##_scene);	\
									\
	kunit_info(test, "%lu orders", rounds);				\
	KUNIT_EXPECT_GT(test, rounds, 100);				\
}

ROLE(front_sends, front_sends, back_peer_receives)
ROLE(front_receives, front_receives, back_peer_sends)
ROLE(back_receives, back_receives, front_peer_sends)
ROLE(back_sends, back_sends, front_peer_receives)

/*
 * Both of our ends, requests and answers, more messages than the ring has places at
 * a time: the front's sender and receiver are tasks of their own.
 */
static void *both_setup(struct kunit *test)
{
	struct line *l = line_reset(MANY);

	word_front_init(&l->front, l->page, 1);
	/* As if the ring had two places. */
	l->front.ring.nr_slots = 2;
	word_back_init(&l->back, (void __xen_shared __force *)l->page, 1);
	l->back.ring.nr_slots = 2;
	return l;
}

static bool front_has_room(void *arg)
{
	struct line *l = arg;

	return word_front_room(&l->front) || word_front_broken(&l->front);
}

static void both_front_sends(void *state)
{
	struct line *l = state;

	while (l->sent < l->nr && !word_front_broken(&l->front)) {
		struct word m = { l->sent };

		xenpv_fake_wait(front_has_room, l);
		if (word_front_put(&l->front, &m))
			continue;
		l->sent++;
		if (word_front_push(&l->front))
			l->told_back = true;
	}
}

/* Answers each request with its own id. */
static void both_back_serves(void *state)
{
	struct line *l = state;
	u32 served = 0;

	while (served < l->nr && !word_back_broken(&l->back)) {
		struct word m;

		if (word_back_get(&l->back, &m) > 0) {
			served++;
			word_back_put(&l->back, &m);
			if (word_back_push(&l->back))
				l->told_front = true;
		} else if (!word_back_arm(&l->back)) {
			sleep_until(&l->told_back);
		}
	}
}

static const struct xenpv_fake_scene both_scene = {
	.setup = both_setup,
	.tasks = { both_front_sends, front_receives, both_back_serves },
	.nr_tasks = 3,
	.check = all_heard,
};

static void both_ends_random(struct kunit *test)
{
	unsigned long rounds = xenpv_fake_random(test, &both_scene, 0x155, 50000);

	KUNIT_EXPECT_EQ(test, rounds, 50000);
}

/* In all orders that leave a task that could go on at most twice. */
static void both_ends_few_switches(struct kunit *test)
{
	struct xenpv_fake_scene scene = both_scene;
	unsigned long rounds;

	scene.max_switches = 2;
	rounds = xenpv_fake_explore(test, &scene);
	kunit_info(test, "%lu orders", rounds);
	KUNIT_EXPECT_GT(test, rounds, 1000);
}

static int wake_init(struct kunit *test)
{
	line = kunit_kzalloc(test, sizeof(*line), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, line);
	line->page = peer_pages(test, 1);
	xenpv_fake_start(test);
	return 0;
}

static struct kunit_case wake_cases[] = {
	KUNIT_CASE(front_sends_every_order),
	KUNIT_CASE(front_receives_every_order),
	KUNIT_CASE(back_receives_every_order),
	KUNIT_CASE(back_sends_every_order),
	KUNIT_CASE(both_ends_few_switches),
	KUNIT_CASE(both_ends_random),
	{}
};

static struct kunit_suite wake_suite = {
	.name = "xenpv_ring_wake",
	.init = wake_init,
	.test_cases = wake_cases,
};
kunit_test_suite(wake_suite);

MODULE_DESCRIPTION("KUnit tests for lost wake-ups on Xen rings");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
