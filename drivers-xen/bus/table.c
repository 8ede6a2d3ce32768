// SPDX-License-Identifier: GPL-2.0-only
/* The table of the link, and what an end does about a row of it: pure functions. */

#include <linux/minmax.h>
#include <linux/nospec.h>

#include "private.h"

/*
 * table[side][own][online][peer].  What stands in none of the lines is "wait".  Where
 * online makes no difference, both have one line.
 *
 * States that a side never writes are somebody else's: the device is closed.
 */
static const u8 table[XENPV_SIDES][XENPV_LINK_STATES][2][XENPV_LINK_STATES] = {
	[XENPV_FRONT] = {
		[XenbusStateUnknown] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_REMOVE,
		} },
		[XenbusStateInitialising] = { [0 ... 1] = {
			[XenbusStateInitWait]		= XENPV_LINK_CONNECT,
			/* It still serves who was here before us. */
			[XenbusStateConnected]		= XENPV_LINK_RENEW,
			[XenbusStateClosing]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateInitWait] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_CLOSING,
		} },
		[XenbusStateInitialised] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			[XenbusStateInitialising]	= XENPV_LINK_RESET,
			[XenbusStateConnected]		= XENPV_LINK_START,
			[XenbusStateClosing]		= XENPV_LINK_CLOSE,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateConnected] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			[XenbusStateInitialising]	= XENPV_LINK_RESET,
			[XenbusStateInitWait]		= XENPV_LINK_STALE,
			[XenbusStateConnected]		= XENPV_LINK_RUN,
			[XenbusStateClosing]		= XENPV_LINK_CLOSE,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateClosing] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			[XenbusStateInitialising]	= XENPV_LINK_CLOSE,
			[XenbusStateInitWait]		= XENPV_LINK_CLOSE,
			[XenbusStateClosing]		= XENPV_LINK_CLOSE,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateClosed] = { [1] = {
			/* It holds nothing of ours any more. */
			[XenbusStateInitialising]	= XENPV_LINK_RESET,
			[XenbusStateClosed]		= XENPV_LINK_RESET,
		} },
		[XenbusStateReconfiguring ... XenbusStateReconfigured] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_CLOSING,
		} },
	},
	[XENPV_BACK] = {
		[XenbusStateUnknown] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_REMOVE,
		} },
		[XenbusStateInitialising] = { [0 ... 1] = {
			[XenbusStateInitialising]	= XENPV_LINK_OFFER,
			[XenbusStateInitialised]	= XENPV_LINK_OFFER,
			[XenbusStateConnected]		= XENPV_LINK_OFFER,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateInitWait] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			[XenbusStateInitialised]	= XENPV_LINK_SERVE,
			[XenbusStateConnected]		= XENPV_LINK_SERVE,
			[XenbusStateClosing]		= XENPV_LINK_CLOSE,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateInitialised] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_CLOSING,
		} },
		[XenbusStateConnected] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			/* Another front, in the place of the one that we serve. */
			[XenbusStateInitialising]	= XENPV_LINK_OFFER,
			[XenbusStateConnected]		= XENPV_LINK_RUN,
			[XenbusStateClosing]		= XENPV_LINK_CLOSING,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateClosing] = { [0 ... 1] = {
			[XenbusStateUnknown]		= XENPV_LINK_CLOSE,
			[XenbusStateInitialising]	= XENPV_LINK_CLOSE,
			[XenbusStateClosed]		= XENPV_LINK_CLOSE,
		} },
		[XenbusStateClosed] = {
			[0] = {
				[0 ... XENPV_LINK_STATES - 1] = XENPV_LINK_REMOVE,
			},
			[1] = {
				[XenbusStateInitialising] = XENPV_LINK_OFFER,
			},
		},
		[XenbusStateReconfiguring ... XenbusStateReconfigured] = { [0 ... 1] = {
			[0 ... XENPV_LINK_STATES - 1]	= XENPV_LINK_CLOSING,
		} },
	},
};

/**
 * xenpv_link_next() - a row of the table
 * @side: which end we are
 * @own: what stands in our key
 * @peer: what stands in the peer's
 * @online: back: the toolstack wants the device; front: likewise, or we do
 *
 * Context: Any.
 * Return: what to do next.
 */
enum xenpv_link_action xenpv_link_next(enum xenpv_side side, enum xenbus_state own,
				       enum xenbus_state peer, bool online)
{
	return table[side][array_index_nospec(own, XENPV_LINK_STATES)][online]
		    [array_index_nospec(peer, XENPV_LINK_STATES)];
}

/* Up to which level our state lets us go. */
static u8 bound(enum xenpv_side side, u8 own)
{
	switch (own) {
	case XenbusStateInitialised:
		return side == XENPV_FRONT ? XENPV_LINK_CONNECTED : XENPV_LINK_APART;
	case XenbusStateConnected:
		return XENPV_LINK_STARTED;
	case XenbusStateClosing:
		/* A front gives all back at once; a back waits for its front. */
		return side == XENPV_FRONT ? XENPV_LINK_APART : XENPV_LINK_CONNECTED;
	default:
		return XENPV_LINK_APART;
	}
}

/* What our state says to the peer that we have, and must have. */
static u8 promised(enum xenpv_side side, u8 own)
{
	if (own == XenbusStateConnected)
		return side == XENPV_FRONT ? XENPV_LINK_CONNECTED : XENPV_LINK_STARTED;
	return own == XenbusStateInitialised ? bound(side, own) : XENPV_LINK_APART;
}

/**
 * xenpv_link_foreign_ok() - may somebody else write this state to our key?
 * @own: the state
 *
 * The toolstack makes a device anew, has it go, or removes it.
 *
 * Context: Any.
 * Return: true if so.
 */
bool xenpv_link_foreign_ok(u8 own)
{
	return own == XenbusStateUnknown || own == XenbusStateInitialising ||
	       own == XenbusStateClosing || own == XenbusStateClosed;
}

/* After a fault an end goes to Closed and stays there. */
static enum xenpv_link_action faulty(const struct xenpv_link_view *view,
				     enum xenpv_link_action action)
{
	if (action == XENPV_LINK_CLOSE || action == XENPV_LINK_CLOSING ||
	    action == XENPV_LINK_REMOVE)
		return action;
	if (view->own == XenbusStateClosing || view->own == XenbusStateClosed)
		return XENPV_LINK_WAIT;
	return XENPV_LINK_CLOSING;
}

/**
 * xenpv_link_decide() - what an end does next
 * @view: what it sees and how far it is
 *
 * The table, and what is not in the keys: faults, and steps that were undone although
 * their state is published.
 *
 * Context: Any.
 * Return: what to do.
 */
enum xenpv_link_action xenpv_link_decide(const struct xenpv_link_view *view)
{
	enum xenpv_link_action action;

	action = xenpv_link_next(view->side, view->own, view->peer, view->online);
	if (view->faulty)
		return faulty(view, action);
	if (view->level >= promised(view->side, view->own) || action == XENPV_LINK_CLOSE ||
	    action == XENPV_LINK_REMOVE || action == XENPV_LINK_RESET ||
	    action == XENPV_LINK_OFFER)
		return action;
	return view->side == XENPV_FRONT ? XENPV_LINK_RENEW : XENPV_LINK_CLOSE;
}

/* Has the peer let go whatever it had of us? */
static bool holds_nothing(u8 peer)
{
	return peer == XenbusStateUnknown || peer == XenbusStateInitialising ||
	       peer == XenbusStateClosed;
}

/**
 * xenpv_link_begin() - what an end does first, having nothing
 * @view: what it sees
 * @replaced: the toolstack has written Initialising over what we had
 *
 * A state that an earlier driver, kernel or host has left is no base for anything.  What
 * the peer may hold of that time is let go before we come: through Closed.
 *
 * Context: Any.
 * Return: what to do.
 */
enum xenpv_link_action xenpv_link_begin(const struct xenpv_link_view *view, bool replaced)
{
	u8 own = view->own;
	bool front = view->side == XENPV_FRONT;

	if (own == XenbusStateUnknown)
		return XENPV_LINK_REMOVE;
	if (own == XenbusStateInitialising)
		return replaced && front && !holds_nothing(view->peer) ?
		       XENPV_LINK_RENEW : XENPV_LINK_WAIT;
	if (front)
		return holds_nothing(view->peer) ? XENPV_LINK_RESET : XENPV_LINK_RENEW;
	if (own == XenbusStateClosed || (own == XenbusStateClosing && !view->online))
		return XENPV_LINK_WAIT;
	return XENPV_LINK_CLOSE;
}

/* How far down an action goes, how far up, and what it publishes; 0: nothing. */
static const struct xenpv_link_plan plans[XENPV_LINK_ACTIONS] = {
	[XENPV_LINK_WAIT]	= { .down = XENPV_LINK_STARTED },
	[XENPV_LINK_OFFER]	= { .publish = XenbusStateInitWait, .keys = true },
	[XENPV_LINK_CONNECT]	= { .down = XENPV_LINK_STARTED, .up = XENPV_LINK_CONNECTED,
				    .publish = XenbusStateInitialised, .keys = true },
	[XENPV_LINK_START]	= { .down = XENPV_LINK_STARTED, .up = XENPV_LINK_STARTED,
				    .publish = XenbusStateConnected },
	[XENPV_LINK_SERVE]	= { .down = XENPV_LINK_STARTED, .up = XENPV_LINK_STARTED,
				    .publish = XenbusStateConnected, .keys = true },
	[XENPV_LINK_RUN]	= { .down = XENPV_LINK_STARTED, .up = XENPV_LINK_STARTED },
	[XENPV_LINK_STALE]	= { .publish = XenbusStateClosed },
	[XENPV_LINK_RESET]	= { .publish = XenbusStateInitialising },
	[XENPV_LINK_RENEW]	= { .publish = XenbusStateClosed },
	[XENPV_LINK_CLOSING]	= { .down = XENPV_LINK_STARTED, .publish = XenbusStateClosing },
	[XENPV_LINK_CLOSE]	= { .publish = XenbusStateClosed },
	[XENPV_LINK_REMOVE]	= { },
};

/**
 * xenpv_link_plan() - how an action is carried out
 * @view: for which it was decided
 * @action: it
 * @publish_as: what a front's "my half is ready" looks like
 *
 * First down, then up, then publish.
 *
 * Context: Any.
 * Return: the plan.
 */
struct xenpv_link_plan xenpv_link_plan(const struct xenpv_link_view *view,
				       enum xenpv_link_action action, u8 publish_as)
{
	struct xenpv_link_plan plan = plans[action];

	if (action == XENPV_LINK_STALE && view->level < XENPV_LINK_STARTED)
		plan = plans[XENPV_LINK_WAIT];
	if (action == XENPV_LINK_CONNECT)
		plan.publish = publish_as;
	if (action == XENPV_LINK_CLOSING)
		plan.down = bound(view->side, XenbusStateClosing);
	/* Whatever is done: our state, whoever wrote it, bounds us. */
	plan.down = min3(plan.down, bound(view->side, view->own), view->level);
	plan.up = max(plan.up, plan.down);
	return plan;
}
