// SPDX-License-Identifier: GPL-2.0-only
/* Storms of events on the virtual clock. */

#include <linux/time64.h>

#include "../../fake/event_model.h"
#include "storm.h"

/* The driver has been called: it takes what is there, and says so. */
static bool serve(struct storm *storm)
{
	bool work = storm->work_at;

	if (!storm->ch.owed || storm->asleep)
		return false;
	if (work) {
		storm->worst = max(storm->worst, xenpv_fake_now() - storm->work_at);
		storm->work_at = 0;
		storm->served++;
	}
	event_test_done(&storm->ch, work);
	return true;
}

static bool one_turn(struct storm *storms, unsigned int nr)
{
	bool busy = false;

	/* What is pending already does not change by being sent again. */
	for (unsigned int i = 0; i < nr; i++)
		if (!storms[i].silent && !xenpv_fake_event_pending(storms[i].ch.port))
			event_test_send(&storms[i].ch);
	event_test_settle();
	for (unsigned int i = 0; i < nr; i++) {
		storms[i].wakeups = storms[i].ch.calls;
		busy |= serve(&storms[i]);
	}
	return busy;
}

void storm_blow(struct storm *storms, unsigned int nr, u64 ns,
		void (*turn)(struct storm *storms, unsigned int nr))
{
	u64 end = xenpv_fake_now() + ns;

	while (xenpv_fake_now() < end) {
		u64 next = min(end, xenpv_fake_now() + NSEC_PER_SEC / 20);
		u64 due;

		if (turn)
			turn(storms, nr);
		if (one_turn(storms, nr)) {
			xenpv_fake_advance(SERVICE_NS);
			event_test_tick();
			continue;
		}
		/* Nobody can run before the first wait is over. */
		due = event_test_tick();
		if (due)
			next = min(next, due);
		xenpv_fake_advance(next - xenpv_fake_now());
		event_test_tick();
	}
}
