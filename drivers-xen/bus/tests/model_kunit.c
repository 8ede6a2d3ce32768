// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of a front, a back and a toolstack, all orders of what they do: where it comes
 * to rest, and that it does.
 */

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <kunit/test.h>
#include "../private.h"

/*
 * An end looks at both keys, later acts on what it saw, and later publishes if that is
 * still so.  In between anything may happen.  It looks only if there is something to do.
 *
 * Whether the two are connected by the same ring is what @same says: a front makes a ring
 * when it connects, its keys are there when it has published, and a back takes what is
 * there.
 */
enum stage {
	IDLE,
	SEEN,		/* own, peer, online: what it saw */
	ACTED,		/* own: what it wants to publish; peer: what it saw */
};

struct half {
	u8 key;
	u8 mine;
	u8 level;
	u8 stage;
	u8 own;
	u8 peer;
	u8 online;
	u8 faulty;
	u8 gone;
};

/* What may happen besides, and how often. */
struct budget {
	u8 front_anew;
	u8 back_anew;
	u8 front_faults;
	u8 back_faults;
	u8 removals;
	u8 front_made;
	u8 back_made;
	u8 both_made;
};

struct model {
	struct half half[XENPV_SIDES];
	u8 same;
	u8 keys;
	u8 online;
	u8 removal;		/* 0: none, 1: asked for, 2: the directories are gone */
	struct budget left;
};

/* What the engine may do wrong, to see that the model finds it. */
struct faulty_engine {
	bool blind;		/* publishes whatever stands in its key */
	bool peer_blind;	/* and whatever stands in the peer's */
};

static struct {
	struct faulty_engine engine;
	u8 publish_as;
	const char *bad;
	unsigned int rests;
	unsigned int states;
} run;

/* The state of a model as a number. */

static u64 pack_half(const struct half *h)
{
	u64 n = h->key | h->mine << 4 | h->level << 8 | h->stage << 10 | h->own << 12 |
		h->peer << 16 | h->online << 20 | h->faulty << 21 | h->gone << 22;

	return n;
}

static u64 pack(const struct model *m)
{
	const struct budget *b = &m->left;
	u64 rest = m->same | m->keys << 1 | m->online << 2 | m->removal << 3 |
		   b->front_anew << 5 | b->back_anew << 7 | b->front_faults << 9 |
		   b->back_faults << 10 | b->removals << 11 | b->front_made << 12 |
		   b->back_made << 13 | b->both_made << 14;

	return pack_half(&m->half[0]) | pack_half(&m->half[1]) << 23 | rest << 46;
}

static void unpack_half(u64 n, struct half *h)
{
	*h = (struct half) {
		.key = n & 15, .mine = n >> 4 & 15, .level = n >> 8 & 3, .stage = n >> 10 & 3,
		.own = n >> 12 & 15, .peer = n >> 16 & 15, .online = n >> 20 & 1,
		.faulty = n >> 21 & 1, .gone = n >> 22 & 1,
	};
}

static void unpack(u64 n, struct model *m)
{
	u64 rest = n >> 46;

	unpack_half(n, &m->half[0]);
	unpack_half(n >> 23, &m->half[1]);
	m->same = rest & 1;
	m->keys = rest >> 1 & 1;
	m->online = rest >> 2 & 1;
	m->removal = rest >> 3 & 3;
	m->left = (struct budget) {
		.front_anew = rest >> 5 & 3, .back_anew = rest >> 7 & 3,
		.front_faults = rest >> 9 & 1, .back_faults = rest >> 10 & 1,
		.removals = rest >> 11 & 1, .front_made = rest >> 12 & 1,
		.back_made = rest >> 13 & 1, .both_made = rest >> 14 & 1,
	};
}

/* One end. */

static void accuse(const char *what)
{
	run.bad = run.bad ?: what;
}

static void set_level(struct model *m, int side, u8 level)
{
	struct half *h = &m->half[side];

	h->level = level;
	if (level != XENPV_LINK_APART)
		return;
	m->same = 0;
	if (side == XENPV_FRONT)
		m->keys = 0;
}

static void connect(struct model *m, int side, enum xenpv_link_action action)
{
	if (action != XENPV_LINK_CONNECT && action != XENPV_LINK_SERVE)
		accuse("connects without telling");
	if (side == XENPV_FRONT)
		m->keys = 0;
	m->same = side == XENPV_BACK ? m->keys : 0;
}

/* A front's keys come with what says that it is ready. */
static void publish(struct model *m, int side)
{
	struct half *h = &m->half[side], *other = &m->half[!side];
	u8 state = h->own, peer = h->peer;

	h->stage = IDLE;
	h->own = 0;
	h->peer = 0;
	if (!run.engine.blind && h->key != h->mine && h->key != state)
		return;
	if (!run.engine.blind && !run.engine.peer_blind && other->key != peer)
		return;
	h->key = state;
	h->mine = state;
	if (side == XENPV_FRONT && state == run.publish_as)
		m->keys = 1;
}

static void perform(struct model *m, int side, const struct xenpv_link_view *view,
		    enum xenpv_link_action action)
{
	struct xenpv_link_plan plan = xenpv_link_plan(view, action, run.publish_as);
	struct half *h = &m->half[side];

	set_level(m, side, min(h->level, plan.down));
	if (h->level == XENPV_LINK_APART && plan.up > XENPV_LINK_APART)
		connect(m, side, action);
	if (plan.up > h->level)
		h->level = plan.up;
	if (action == XENPV_LINK_REMOVE)
		h->gone = 1;
	h->stage = plan.publish ? ACTED : IDLE;
	h->own = plan.publish;
	h->peer = plan.publish ? view->peer : 0;
	h->online = 0;
}

static struct xenpv_link_view view_of(const struct model *m, int side, bool now)
{
	const struct half *h = &m->half[side];

	return (struct xenpv_link_view) {
		.side = side,
		.own = now ? h->key : h->own,
		.peer = now ? m->half[!side].key : h->peer,
		.online = now ? m->online : h->online,
		.level = h->level,
		.faulty = h->faulty,
	};
}

static bool has_to_act(const struct model *m, int side)
{
	const struct xenpv_link_view view = view_of(m, side, true);
	enum xenpv_link_action action = xenpv_link_decide(&view);
	struct xenpv_link_plan plan = xenpv_link_plan(&view, action, run.publish_as);

	return view.own != m->half[side].mine || plan.publish || plan.down < view.level ||
	       plan.up > view.level || action == XENPV_LINK_REMOVE;
}

static void look(struct model *m, int side)
{
	struct half *h = &m->half[side];

	h->stage = SEEN;
	h->own = h->key;
	h->peer = m->half[!side].key;
	h->online = m->online;
}

static void act(struct model *m, int side)
{
	struct half *h = &m->half[side];
	bool replaced = h->own != h->mine && h->own == XenbusStateInitialising;
	struct xenpv_link_view view;

	if (replaced) {
		set_level(m, side, XENPV_LINK_APART);
		h->faulty = 0;
	} else if (h->own != h->mine && !xenpv_link_foreign_ok(h->own)) {
		h->faulty = 1;
	}
	h->mine = h->own;
	view = view_of(m, side, false);
	perform(m, side, &view, replaced ? xenpv_link_begin(&view, true) :
					   xenpv_link_decide(&view));
}

/* A driver is bound anew, a kernel is started anew, a domain is restored. */
static void anew(struct model *m, int side)
{
	struct half *h = &m->half[side];
	struct xenpv_link_view view;

	set_level(m, side, XENPV_LINK_APART);
	h->faulty = 0;
	h->mine = h->key;
	view = view_of(m, side, true);
	perform(m, side, &view, xenpv_link_begin(&view, false));
}

/* What can happen next: each writes a model, and counts. */

#define MOST	16

struct nexts {
	struct model model[MOST];
	unsigned int nr;
};

static struct model *add(struct nexts *n, const struct model *m)
{
	if (WARN_ON_ONCE(n->nr == MOST))
		return &n->model[0];
	n->model[n->nr] = *m;
	return &n->model[n->nr++];
}

static void ends_next(struct nexts *n, const struct model *m)
{
	for (int side = 0; side < XENPV_SIDES; side++) {
		const struct half *h = &m->half[side];

		if (h->gone)
			continue;
		if (h->stage == SEEN)
			act(add(n, m), side);
		else if (h->stage == ACTED)
			publish(add(n, m), side);
		else if (has_to_act(m, side))
			look(add(n, m), side);
	}
}

static void toolstack_next(struct nexts *n, const struct model *m)
{
	const struct half *back = &m->half[XENPV_BACK];
	struct model *next;

	if (m->left.removals && back->key) {
		next = add(n, m);
		next->left.removals = 0;
		next->removal = 1;
		next->online = 0;
		next->half[XENPV_BACK].key = XenbusStateClosing;
	}
	if (m->removal == 1 && (back->key == XenbusStateClosed || back->gone)) {
		next = add(n, m);
		next->removal = 2;
		next->half[XENPV_FRONT].key = XenbusStateUnknown;
		next->half[XENPV_BACK].key = XenbusStateUnknown;
	}
}

static bool alive(const struct half *h)
{
	return !h->gone && h->key;
}

static void accidents_next(struct nexts *n, const struct model *m)
{
	const struct half *front = &m->half[XENPV_FRONT], *back = &m->half[XENPV_BACK];
	struct model *next;

	if (m->left.front_anew && alive(front) && front->stage == IDLE) {
		next = add(n, m);
		next->left.front_anew--;
		anew(next, XENPV_FRONT);
	}
	if (m->left.back_anew && alive(back) && back->stage == IDLE) {
		next = add(n, m);
		next->left.back_anew--;
		anew(next, XENPV_BACK);
	}
	if (m->left.front_faults && !front->gone) {
		next = add(n, m);
		next->left.front_faults--;
		next->half[XENPV_FRONT].faulty = 1;
	}
	if (m->left.back_faults && !back->gone) {
		next = add(n, m);
		next->left.back_faults--;
		next->half[XENPV_BACK].faulty = 1;
	}
}

/* The toolstack makes a device in the place of this one, half of it or all. */
static void made_next(struct nexts *n, const struct model *m)
{
	const u8 made[] = { m->left.front_made, m->left.back_made, m->left.both_made };

	if (!alive(&m->half[XENPV_FRONT]) || !alive(&m->half[XENPV_BACK]) || m->removal)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(made); i++) {
		struct model *next;

		if (!made[i])
			continue;
		next = add(n, m);
		next->left.front_made = 0;
		next->left.back_made = 0;
		next->left.both_made = 0;
		if (i != 1)
			next->half[XENPV_FRONT].key = XenbusStateInitialising;
		if (i != 0)
			next->half[XENPV_BACK].key = XenbusStateInitialising;
	}
}

static void all_next(struct nexts *n, const struct model *m)
{
	n->nr = 0;
	ends_next(n, m);
	toolstack_next(n, m);
	accidents_next(n, m);
	made_next(n, m);
}

/* Where neither end has anything to do. */
static void judge_rest(const struct model *m)
{
	const struct half *front = &m->half[XENPV_FRONT], *back = &m->half[XENPV_BACK];
	bool apart = front->level == XENPV_LINK_APART && back->level == XENPV_LINK_APART;

	run.rests++;
	if (m->removal == 2) {
		if (!apart || !front->gone || !back->gone)
			accuse("a device that was removed is still there");
	} else if (m->removal == 1) {
		accuse("a removal was lost");
	} else if (front->faulty || back->faulty) {
		if (!apart || (back->key != XenbusStateClosed && !back->gone))
			accuse("a fault did not end the link");
	} else if (front->key != XenbusStateConnected || back->key != XenbusStateConnected ||
		   front->level != XENPV_LINK_STARTED || back->level != XENPV_LINK_STARTED) {
		accuse("rest without a connection");
	} else if (!m->same) {
		accuse("connected to a ring that is no more");
	}
}

static bool at_rest(const struct model *m)
{
	for (int side = 0; side < XENPV_SIDES; side++) {
		const struct half *h = &m->half[side];

		if (!h->gone && (h->stage != IDLE || has_to_act(m, side)))
			return false;
	}
	return m->removal != 1 || (m->half[XENPV_BACK].key != XenbusStateClosed &&
				   !m->half[XENPV_BACK].gone);
}

/*
 * The search, depth first.  A state that is met again while what follows from it is being
 * searched is a way without end.
 */

#define TABLE_BITS	20
#define DEEPEST		8192

static u64 *table;
static bool *closed;
static struct visit {
	u32 at;
	u32 next;
} *stack;

/* Its place in the table; @met if it was there. */
static u32 place(u64 state, bool *met)
{
	u32 at = hash_64(state + 1, TABLE_BITS);

	while (table[at] && table[at] != state + 1)
		at = (at + 1) & (BIT(TABLE_BITS) - 1);
	*met = table[at];
	table[at] = state + 1;
	return at;
}

static u32 enter(const struct model *m)
{
	bool met;
	u32 at = place(pack(m), &met);

	run.states++;
	if (at_rest(m))
		judge_rest(m);
	return at;
}

static void search(const struct model *start, struct nexts *n)
{
	unsigned int depth = 0;
	struct model m;

	stack[depth++] = (struct visit){ .at = enter(start) };
	while (depth && !run.bad) {
		struct visit *visit = &stack[depth - 1];
		bool met;
		u32 at;

		unpack(table[visit->at] - 1, &m);
		all_next(n, &m);
		if (visit->next == n->nr) {
			closed[visit->at] = true;
			depth--;
			continue;
		}
		m = n->model[visit->next++];
		at = place(pack(&m), &met);
		if (met && !closed[at])
			accuse("a way without end");
		if (met)
			continue;
		if (depth == DEEPEST || run.states > BIT(TABLE_BITS) / 4 * 3)
			accuse("too many ways");
		else
			stack[depth++] = (struct visit){ .at = enter(&m) };
		if (!(run.states & 1023))
			cond_resched();
	}
}

static const char *explore(struct kunit *test, u8 publish_as, struct faulty_engine engine,
			   struct budget budget)
{
	struct model start = { .online = 1, .left = budget };
	struct nexts *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, n);
	for (int side = 0; side < XENPV_SIDES; side++) {
		start.half[side].key = XenbusStateInitialising;
		start.half[side].mine = XenbusStateInitialising;
	}
	memset(&run, 0, sizeof(run));
	run.engine = engine;
	run.publish_as = publish_as;
	memset(table, 0, sizeof(*table) << TABLE_BITS);
	memset(closed, 0, sizeof(*closed) << TABLE_BITS);
	search(&start, n);
	kunit_kfree(test, n);
	return run.bad;
}

static const struct budget budgets[] = {
	{ .removals = 1 },
	{ .front_anew = 2, .removals = 1 },
	{ .back_anew = 2, .removals = 1 },
	{ .front_faults = 1, .removals = 1 },
	{ .back_faults = 1, .removals = 1 },
	/* Not when a driver is bound at that very moment: it takes the key for a new one. */
	{ .back_anew = 1, .front_faults = 1, .front_made = 1, .removals = 1 },
	{ .front_anew = 1, .back_anew = 1, .back_made = 1, .removals = 1 },
	{ .front_anew = 1, .back_anew = 1, .both_made = 1, .removals = 1 },
	{ .front_anew = 2, .back_anew = 2, .front_faults = 1, .back_faults = 1, .removals = 1 },
};

static void expect_good(struct kunit *test, u8 publish_as)
{
	for (int i = 0; i < ARRAY_SIZE(budgets); i++) {
		const char *bad = explore(test, publish_as, (struct faulty_engine){ },
					  budgets[i]);

		KUNIT_EXPECT_NULL_MSG(test, bad, "budget %d: %s", i, bad ?: "");
		KUNIT_EXPECT_GT(test, run.rests, 1);
		kunit_info(test, "budget %d: %u states, %u of them rests", i, run.states,
			   run.rests);
	}
}

static void like_blocks(struct kunit *test)
{
	expect_good(test, XenbusStateInitialised);
}

static void like_nets(struct kunit *test)
{
	expect_good(test, XenbusStateConnected);
}

/* The model finds what it is for. */

static void blind_publish(struct kunit *test)
{
	const struct faulty_engine engine = { .blind = true };

	KUNIT_EXPECT_NOT_NULL(test, explore(test, XenbusStateInitialised, engine, budgets[0]));
	KUNIT_EXPECT_NOT_NULL(test, explore(test, XenbusStateConnected, engine, budgets[0]));
}

static void peer_not_compared(struct kunit *test)
{
	const struct faulty_engine engine = { .peer_blind = true };

	KUNIT_EXPECT_NULL(test, explore(test, XenbusStateInitialised, engine, budgets[0]));
	KUNIT_EXPECT_NOT_NULL(test, explore(test, XenbusStateInitialised, engine, budgets[2]));
	KUNIT_EXPECT_NOT_NULL(test, explore(test, XenbusStateConnected, engine, budgets[2]));
}

static int model_init(struct kunit *test)
{
	table = kvcalloc(BIT(TABLE_BITS), sizeof(*table), GFP_KERNEL);
	closed = kvcalloc(BIT(TABLE_BITS), sizeof(*closed), GFP_KERNEL);
	stack = kvcalloc(DEEPEST, sizeof(*stack), GFP_KERNEL);
	return table && closed && stack ? 0 : -ENOMEM;
}

static void model_exit(struct kunit *test)
{
	kvfree(table);
	kvfree(closed);
	kvfree(stack);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_SLOW(like_blocks),
	KUNIT_CASE_SLOW(like_nets),
	KUNIT_CASE(blind_publish),
	KUNIT_CASE(peer_not_compared),
	{}
};

static struct kunit_suite model_suite = {
	.name = "xenpv_link_model",
	.init = model_init,
	.exit = model_exit,
	.test_cases = model_cases,
};
kunit_test_suite(model_suite);

MODULE_DESCRIPTION("Model of links: all orders");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
