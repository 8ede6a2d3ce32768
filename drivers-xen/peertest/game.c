// SPDX-License-Identifier: GPL-2.0-only
/* Plays a ball over an event channel, and counts what is lost and what comes twice. */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqreturn.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/smp.h>

#include <xenpv/event.h>
#include <xenpv/shared.h>
#include "private.h"

/*
 *	server				answerer
 *
 *	n = 1
 *	ours = n, notify	-->	theirs == last + 1: a new ball
 *	theirs == n		<--	ours = theirs, notify
 *	n = n + 1 ...
 *
 * Nobody plays before the other one did, so no notification can be merged with
 * the one before it: each must be one call of a handler, and the handler must
 * find the next ball.  A lost one ends the game, one that came twice is a call
 * without a ball.
 */

/* With no ball for so long, one is lost. */
#define LOST_AFTER	(10 * HZ)

/* What comes twice, comes soon. */
#define SETTLE_MS	50

static void play(struct peertest_end *end, u32 ball)
{
	/* Pairs with the acquire in take(), of the other end. */
	xenpv_shared_store_release(end->ours, ball);
	xenpv_event_notify(end->event);
}

static void stamp(struct peertest_end *end)
{
	end->left = end->batch;
	if (end->nr_stamps < ARRAY_SIZE(end->stamps))
		end->stamps[end->nr_stamps++] = ktime_get_ns();
}

/* A new ball, the next one? */
static bool take(struct peertest_end *end)
{
	/* Pairs with the release in play(). */
	u32 ball = xenpv_shared_load_acquire(end->theirs);

	if (ball == end->ball) {
		end->empty++;
		return false;
	}
	if (ball != end->ball + 1) {
		end->wrong++;
		wake_up(&end->wait);
		return false;
	}
	WRITE_ONCE(end->ball, ball);
	/* The first one may be found by a call for the connection, begun elsewhere. */
	end->strayed += ball > 1 && end->cpu >= 0 && smp_processor_id() != end->cpu;
	return true;
}

static irqreturn_t handler(int irq, void *dev)
{
	struct peertest_end *end = dev;
	/* Not there when the first call comes before bind is back. */
	struct xenpv_event *event = READ_ONCE(end->event);
	bool useful;

	end->calls++;
	useful = take(end);
	if (end->late && event)
		xenpv_event_done(event, useful);
	if (!useful)
		return IRQ_HANDLED;
	if (!--end->left)
		stamp(end);
	if (!end->serves)
		play(end, end->ball);
	else if (end->ball != end->rounds)
		play(end, end->ball + 1);
	if (end->ball == end->rounds)
		wake_up(&end->wait);
	return IRQ_HANDLED;
}

/**
 * peertest_end_prepare() - an end without a channel
 * @end: the end; the caller sets @serves, @late and @cpu afterwards
 * @args: of the run
 * @theirs: word in which the other end's balls come; its first one is not there yet
 * @ours: word in which ours go
 *
 * Context: Process.
 */
void peertest_end_prepare(struct peertest_end *end, const struct peertest_args *args,
			  const u32 __xen_shared *theirs, u32 __xen_shared *ours)
{
	*end = (struct peertest_end) {
		.theirs = theirs,
		.ours = ours,
		.rounds = args->rounds,
		.cpu = -1,
		.batch = args->rounds / (PEERTEST_BATCHES + 1),
	};
	end->left = end->batch;
	init_waitqueue_head(&end->wait);
}

static unsigned long irqflags(const struct peertest_end *end)
{
	return end->late ? XENPV_EVENT_LATE : 0;
}

static int opened(struct peertest_end *end, struct xenpv_event *event)
{
	if (IS_ERR(event))
		return peertest_fail("no channel: error %pe", event);
	WRITE_ONCE(end->event, event);
	/* For a call that came before this and could not say so itself. */
	if (end->late)
		xenpv_event_done(event, false);
	return 0;
}

/**
 * peertest_end_open() - let the peer connect
 * @end: the end
 * @peer: the peer
 *
 * Context: Process.
 * Return: 0 or -EIO.
 */
int peertest_end_open(struct peertest_end *end, domid_t peer)
{
	return opened(end, xenpv_event_bind_unbound(peer, handler, irqflags(end),
						    "peertest", end));
}

/**
 * peertest_end_connect() - connect to the peer
 * @end: the end
 * @peer: the peer
 * @port: its port
 *
 * Context: Process.
 * Return: 0 or -EIO.
 */
int peertest_end_connect(struct peertest_end *end, domid_t peer, evtchn_port_t port)
{
	return opened(end, xenpv_event_bind_interdomain(peer, port, handler, irqflags(end),
							"peertest", end));
}

/**
 * peertest_end_close() - the channel is not needed any more
 * @end: the end, whether it has one or not
 *
 * Context: Process.
 */
void peertest_end_close(struct peertest_end *end)
{
	xenpv_event_unbind(end->event);
	end->event = NULL;
}

/**
 * peertest_end_serve() - play the first ball
 * @end: the end; the other one is connected
 *
 * Context: Process.
 */
void peertest_end_serve(struct peertest_end *end)
{
	play(end, 1);
}

static bool over(struct peertest_end *end)
{
	return READ_ONCE(end->ball) == end->rounds || READ_ONCE(end->wrong);
}

/**
 * peertest_end_wait() - wait until the game is over
 * @end: the end
 *
 * Context: Process.
 * Return: 0, -EIO if a ball is lost, or -EINTR.
 */
int peertest_end_wait(struct peertest_end *end)
{
	u32 before;
	long left;

	do {
		before = READ_ONCE(end->ball);
		left = wait_event_killable_timeout(end->wait, over(end), LOST_AFTER);
		if (left < 0)
			return -EINTR;
		if (!left && READ_ONCE(end->ball) == before)
			return peertest_fail("lost after ball %u; the other end played %u",
					     before, xenpv_shared_load(end->theirs));
	} while (!left);
	msleep(SETTLE_MS);
	return 0;
}

/**
 * peertest_end_judge() - was each ball one call, and each call one ball?
 * @end: the end, after the game
 * @who: its name
 *
 * Xen sets the pending bit of a port that it connects, in case that somebody sent
 * before; so the end that connects may be called once for nothing.
 *
 * Context: Process.
 * Return: 0 or -EIO.
 */
int peertest_end_judge(const struct peertest_end *end, const char *who)
{
	unsigned long extra = end->serves ? 0 : 1;

	if (end->ball != end->rounds || end->wrong)
		return peertest_fail("%s: ball %u of %u came last, %lu were not the next one",
				     who, end->ball, end->rounds, end->wrong);
	if (end->empty > extra || end->calls != end->rounds + end->empty)
		return peertest_fail("%s: %lu calls for %u balls, %lu of them empty", who,
				     end->calls, end->rounds, end->empty);
	if (end->strayed)
		return peertest_fail("%s: %lu calls not on CPU %d", who, end->strayed,
				     end->cpu);
	return 0;
}

/**
 * peertest_end_cost() - what a ball costs, there and back
 * @end: the end, after the game
 *
 * Context: Process.
 * Return: nanoseconds, 0 if there were too few balls.
 */
u64 peertest_end_cost(const struct peertest_end *end)
{
	u64 costs[PEERTEST_BATCHES];

	if (end->nr_stamps < ARRAY_SIZE(end->stamps))
		return 0;
	for (unsigned int i = 0; i < PEERTEST_BATCHES; i++)
		costs[i] = (end->stamps[i + 1] - end->stamps[i]) / end->batch;
	return peertest_median(costs);
}
