// SPDX-License-Identifier: GPL-2.0-only
/* Looking at a program's port before the program does, for events that it need not see. */

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include <kunit/static_stub.h>
#include <xenpv/abi.h>
#include <xenpv/event.h>
#include "private.h"
#include "user.h"

/*
 * A port with a tap is masked from its event until whoever taps it says that he is done.
 * What is not his goes to the program as if there were no tap.  So at any time one of the
 * two owes an answer, and an event is lost with neither: the port may leave its file, and
 * the tap the port, whenever they want.
 */

/**
 * xenpv_event_tap_port() - look at a port's events from now on
 * @tap: who; @look is filled in
 * @port: bound by a program, to one of @peer's
 * @peer: the domain whose events are expected
 *
 * An event that was not answered yet stays the program's.
 *
 * Context: Process.
 * Return: 0; -EINVAL if no program has such a port; -EBUSY if somebody taps it.
 */
int xenpv_event_tap_port(struct xenpv_event_tap *tap, evtchn_port_t port, domid_t peer)
{
	struct evtchn_user_port *up;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_tap_port, tap, port, peer);
	guard(mutex)(&xenpv_event_user_lock);
	up = xenpv_event_user_find(port);
	if (!up || up->ev->kind != XENPV_EVENT_INTERDOMAIN || up->ev->peer != peer)
		return -EINVAL;
	guard(spinlock_irqsave)(&up->user->ready_lock);
	if (up->tap)
		return -EBUSY;
	tap->up = up;
	up->tap = tap;
	return 0;
}

/**
 * xenpv_event_tap_notify() - send through a port that is tapped
 * @tap: who taps it
 *
 * Context: Process.
 */
void xenpv_event_tap_notify(struct xenpv_event_tap *tap)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_tap_notify, tap);
	guard(mutex)(&xenpv_event_user_lock);
	if (tap->up)
		xenpv_event_notify(tap->up->ev);
}

/**
 * xenpv_event_tap_done() - the port's last event was looked at
 * @tap: who did
 * @ours: it was his; otherwise the program gets it
 *
 * Nothing happens if the port has left its file.
 *
 * Context: Process.
 */
void xenpv_event_tap_done(struct xenpv_event_tap *tap, bool ours)
{
	struct evtchn_user_port *up;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_tap_done, tap, ours);
	guard(mutex)(&xenpv_event_user_lock);
	up = tap->up;
	if (!up)
		return;
	if (ours) {
		if (xenpv_event_user_settle(up->user, up))
			xenpv_event_done(up->ev, true);
		return;
	}
	guard(spinlock_irqsave)(&up->user->ready_lock);
	if (up->owed)
		xenpv_event_user_ready(up->user, up);
}

/**
 * xenpv_event_untap() - undo xenpv_event_tap_port()
 * @tap: who; one that taps nothing any more is fine
 *
 * Its function does not run any more when this returns.  An event that it has not
 * answered is the program's.
 *
 * Context: Process.
 */
void xenpv_event_untap(struct xenpv_event_tap *tap)
{
	struct evtchn_user_port *up;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_untap, tap);
	guard(mutex)(&xenpv_event_user_lock);
	up = tap->up;
	if (!up)
		return;
	tap->up = NULL;
	guard(spinlock_irqsave)(&up->user->ready_lock);
	up->tap = NULL;
	if (up->owed)
		xenpv_event_user_ready(up->user, up);
}
