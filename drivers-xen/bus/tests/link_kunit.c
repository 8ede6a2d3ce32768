// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the table: all 324 rows against an oracle, and the rows that matter by name. */

#include <linux/module.h>

#include "../private.h"
#include <kunit/test.h>

/* Short names, here only. */
enum {
	UNKNOWN, INITIALISING, INIT_WAIT, INITIALISED, CONNECTED, CLOSING, CLOSED, RECONFIG,
	RECONFIGD,
};

/*
 * The oracle: the same rules, said in another way and in another order.  First what a
 * peer has and wants, then who we are.
 */

static bool holds_nothing(int peer)
{
	return peer == UNKNOWN || peer == INITIALISING || peer == CLOSED;
}

static bool never_ours(enum xenpv_side side, int own)
{
	if (own == RECONFIG || own == RECONFIGD)
		return true;
	return own == (side == XENPV_FRONT ? INIT_WAIT : INITIALISED);
}

static enum xenpv_link_action front_up(int own, int peer)
{
	/* The peer leaves, or has left. */
	if (peer == CLOSING || peer == CLOSED || peer == UNKNOWN)
		return XENPV_LINK_CLOSE;
	/* It has begun anew under us. */
	if (peer == INITIALISING)
		return XENPV_LINK_RESET;
	if (peer == CONNECTED)
		return own == CONNECTED ? XENPV_LINK_RUN : XENPV_LINK_START;
	if (peer == INIT_WAIT && own == CONNECTED)
		return XENPV_LINK_STALE;
	return XENPV_LINK_WAIT;
}

static enum xenpv_link_action front_oracle(int own, int peer, bool online)
{
	if (own == INITIALISED || own == CONNECTED)
		return front_up(own, peer);
	if (own == CLOSING)
		return holds_nothing(peer) || peer == INIT_WAIT || peer == CLOSING ?
		       XENPV_LINK_CLOSE : XENPV_LINK_WAIT;
	if (own == CLOSED)
		return online && holds_nothing(peer) && peer != UNKNOWN ?
		       XENPV_LINK_RESET : XENPV_LINK_WAIT;
	/* Initialising. */
	if (peer == INIT_WAIT)
		return XENPV_LINK_CONNECT;
	if (peer == CONNECTED)
		return XENPV_LINK_RENEW;
	return peer == CLOSING ? XENPV_LINK_CLOSE : XENPV_LINK_WAIT;
}

static enum xenpv_link_action back_oracle(int own, int peer, bool online)
{
	bool ready = peer == INITIALISED || peer == CONNECTED;

	/* A back that is closed goes when it is not wanted, whatever the front does. */
	if (own == CLOSED && !online)
		return XENPV_LINK_REMOVE;
	/* The front begins. */
	if (peer == INITIALISING) {
		if (own == INIT_WAIT)
			return XENPV_LINK_WAIT;
		return own == CLOSING ? XENPV_LINK_CLOSE : XENPV_LINK_OFFER;
	}
	/* The front leaves: what we have of it goes. */
	if (peer == CLOSED || peer == UNKNOWN) {
		if (own == CLOSED || (own == INITIALISING && peer == UNKNOWN))
			return XENPV_LINK_WAIT;
		return XENPV_LINK_CLOSE;
	}
	if (peer == CLOSING) {
		if (own == INIT_WAIT)
			return XENPV_LINK_CLOSE;
		return own == CONNECTED ? XENPV_LINK_CLOSING : XENPV_LINK_WAIT;
	}
	if (own == INITIALISING)
		return ready ? XENPV_LINK_OFFER : XENPV_LINK_WAIT;
	if (own == INIT_WAIT)
		return ready ? XENPV_LINK_SERVE : XENPV_LINK_WAIT;
	return own == CONNECTED && peer == CONNECTED ? XENPV_LINK_RUN : XENPV_LINK_WAIT;
}

static enum xenpv_link_action oracle(enum xenpv_side side, int own, int peer, bool online)
{
	if (own == UNKNOWN)
		return XENPV_LINK_REMOVE;
	if (never_ours(side, own))
		return XENPV_LINK_CLOSING;
	return side == XENPV_FRONT ? front_oracle(own, peer, online) :
				     back_oracle(own, peer, online);
}

static void every_row(struct kunit *test)
{
	unsigned int rows = 0;

	for (int side = 0; side < XENPV_SIDES; side++) {
		for (int row = 0; row < 2 * XENPV_LINK_STATES * XENPV_LINK_STATES; row++) {
			int own = row / 2 / XENPV_LINK_STATES, online = row % 2;
			int peer = row / 2 % XENPV_LINK_STATES;

			KUNIT_EXPECT_EQ_MSG(test, xenpv_link_next(side, own, peer, online),
					    oracle(side, own, peer, online),
					    "side %d own %d peer %d online %d", side, own, peer,
					    online);
			rows++;
		}
	}
	KUNIT_EXPECT_EQ(test, rows, 324);
}

/* One row by name. */
struct row {
	const char *why;
	enum xenpv_side side;
	u8 own;
	u8 peer;
	bool online;
	enum xenpv_link_action action;
};

static const struct row named[] = {
	{ "a front connects when it is offered", XENPV_FRONT, INITIALISING, INIT_WAIT, true,
	  XENPV_LINK_CONNECT },
	{ "a front starts when it is served", XENPV_FRONT, INITIALISED, CONNECTED, true,
	  XENPV_LINK_START },
	{ "one that said Connected first starts, too", XENPV_FRONT, CONNECTED, CONNECTED, true,
	  XENPV_LINK_RUN },
	{ "a back that serves another one is let go first", XENPV_FRONT, INITIALISING, CONNECTED,
	  true, XENPV_LINK_RENEW },
	{ "both Closing is no end", XENPV_FRONT, CLOSING, CLOSING, false, XENPV_LINK_CLOSE },
	{ "a front that is wanted comes again", XENPV_FRONT, CLOSED, CLOSED, true,
	  XENPV_LINK_RESET },
	{ "one that is not stays", XENPV_FRONT, CLOSED, CLOSED, false, XENPV_LINK_WAIT },
	{ "not to an offer that was another's", XENPV_FRONT, CLOSED, INIT_WAIT, true,
	  XENPV_LINK_WAIT },
	{ "a back was made anew", XENPV_FRONT, CONNECTED, INITIALISING, true, XENPV_LINK_RESET },
	{ "and has offered meanwhile", XENPV_FRONT, CONNECTED, INIT_WAIT, true,
	  XENPV_LINK_STALE },
	{ "a fresh front beside an old back", XENPV_FRONT, INITIALISING, CLOSED, false,
	  XENPV_LINK_WAIT },
	{ "a peer that is not there yet", XENPV_FRONT, INITIALISING, UNKNOWN, false,
	  XENPV_LINK_WAIT },
	{ "our directory is gone", XENPV_FRONT, UNKNOWN, CONNECTED, true, XENPV_LINK_REMOVE },
	{ "a back offers", XENPV_BACK, INITIALISING, INITIALISING, true, XENPV_LINK_OFFER },
	{ "a back serves", XENPV_BACK, INIT_WAIT, INITIALISED, true, XENPV_LINK_SERVE },
	{ "another front in the place of the old one", XENPV_BACK, CONNECTED, INITIALISING,
	  true, XENPV_LINK_OFFER },
	{ "a front closes", XENPV_BACK, CONNECTED, CLOSING, true, XENPV_LINK_CLOSING },
	{ "a front dies", XENPV_BACK, CONNECTED, UNKNOWN, true, XENPV_LINK_CLOSE },
	{ "the toolstack has written Closing", XENPV_BACK, CLOSING, CONNECTED, false,
	  XENPV_LINK_WAIT },
	{ "and the front has followed", XENPV_BACK, CLOSING, CLOSED, false, XENPV_LINK_CLOSE },
	{ "what is not wanted goes", XENPV_BACK, CLOSED, CLOSED, false, XENPV_LINK_REMOVE },
	{ "a front comes again", XENPV_BACK, CLOSED, INITIALISING, true, XENPV_LINK_OFFER },
	{ "but not to a back that is not wanted", XENPV_BACK, CLOSED, INITIALISING, false,
	  XENPV_LINK_REMOVE },
	{ "a state that a back never writes", XENPV_BACK, INITIALISED, INITIALISING, true,
	  XENPV_LINK_CLOSING },
};

static void named_rows(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(named); i++) {
		const struct row *row = &named[i];

		KUNIT_EXPECT_EQ_MSG(test, xenpv_link_next(row->side, row->own, row->peer,
							  row->online), row->action, "%s",
				    row->why);
	}
}

/* What holds for each plan, whatever the row: our state bounds us, up and down. */
static void plan_keeps_bounds(struct kunit *test, const struct xenpv_link_view *view)
{
	enum xenpv_link_action action = xenpv_link_decide(view);
	struct xenpv_link_plan plan = xenpv_link_plan(view, action, INITIALISED);
	bool closed = view->own != INITIALISED && view->own != CONNECTED &&
		      !(view->own == CLOSING && view->side == XENPV_BACK);

	KUNIT_EXPECT_LE(test, plan.down, view->level);
	KUNIT_EXPECT_GE(test, plan.up, plan.down);
	if (closed)
		KUNIT_EXPECT_EQ(test, plan.down, XENPV_LINK_APART);
	if (plan.publish == CLOSED || plan.publish == INITIALISING || plan.publish == INIT_WAIT)
		KUNIT_EXPECT_EQ(test, plan.up, XENPV_LINK_APART);
	if (view->faulty) {
		bool ends = plan.publish == CLOSING || plan.publish == CLOSED;

		KUNIT_EXPECT_EQ(test, plan.up, plan.down);
		KUNIT_EXPECT_TRUE(test, !plan.publish || ends);
	}
	/* Nobody gets up but by an action that tells the peer or was told. */
	if (plan.up > plan.down && view->level == XENPV_LINK_APART &&
	    action != XENPV_LINK_CONNECT)
		KUNIT_EXPECT_EQ(test, action, XENPV_LINK_SERVE);
}

static void every_plan(struct kunit *test)
{
	for (unsigned int i = 0; i < 2 * 9 * 9 * 2 * 3 * 2; i++) {
		const struct xenpv_link_view view = {
			.side = i % 2,
			.own = i / 2 % 9,
			.peer = i / 18 % 9,
			.online = i / 162 % 2,
			.level = i / 324 % 3,
			.faulty = i / 972,
		};

		plan_keeps_bounds(test, &view);
	}
}

/* What an end does that has a driver anew. */
static void begins(struct kunit *test)
{
	for (unsigned int i = 0; i < 2 * 9 * 9 * 2; i++) {
		const struct xenpv_link_view view = {
			.side = i % 2, .own = i / 2 % 9, .peer = i / 18 % 9, .online = i / 162,
		};
		enum xenpv_link_action want = XENPV_LINK_CLOSE, replaced;

		if (view.own == UNKNOWN)
			want = XENPV_LINK_REMOVE;
		else if (view.own == INITIALISING)
			want = XENPV_LINK_WAIT;
		else if (view.side == XENPV_FRONT)
			want = holds_nothing(view.peer) ? XENPV_LINK_RESET : XENPV_LINK_RENEW;
		else if (view.own == CLOSED || (view.own == CLOSING && !view.online))
			want = XENPV_LINK_WAIT;
		replaced = want;
		if (view.own == INITIALISING && view.side == XENPV_FRONT &&
		    !holds_nothing(view.peer))
			replaced = XENPV_LINK_RENEW;
		KUNIT_EXPECT_EQ_MSG(test, xenpv_link_begin(&view, false), want,
				    "side %d own %d peer %d online %d", view.side, view.own,
				    view.peer, view.online);
		KUNIT_EXPECT_EQ_MSG(test, xenpv_link_begin(&view, true), replaced,
				    "replaced: side %d own %d peer %d online %d", view.side,
				    view.own, view.peer, view.online);
	}
}

static void foreign_states(struct kunit *test)
{
	for (int own = 0; own < XENPV_LINK_STATES; own++)
		KUNIT_EXPECT_EQ(test, xenpv_link_foreign_ok(own),
				holds_nothing(own) || own == CLOSING);
}

static struct kunit_case link_cases[] = {
	KUNIT_CASE(every_row),
	KUNIT_CASE(named_rows),
	KUNIT_CASE(every_plan),
	KUNIT_CASE(begins),
	KUNIT_CASE(foreign_states),
	{}
};

static struct kunit_suite link_suite = {
	.name = "xenpv_link",
	.test_cases = link_cases,
};
kunit_test_suite(link_suite);

MODULE_DESCRIPTION("Tests of the table of links");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
