/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_STORM_H
#define _XENPV_EVENT_STORM_H

/* A peer that sends without end, on the virtual clock: for the replays of storms. */

#include "harness.h"

/* What one call of a handler takes, at least. */
#define SERVICE_NS	(10 * NSEC_PER_USEC)

/**
 * struct storm - a device whose peer sends all the time
 * @ch: its event
 * @wakeups: how often the driver was called
 * @work_at: when a request was put into the ring, 0: none is there
 * @served: how many were found
 * @worst: the longest that one had to wait
 * @silent: the peer has stopped
 * @asleep: the driver never says that it is done
 */
struct storm {
	struct channel ch;
	unsigned long wakeups;
	u64 work_at;
	unsigned long served;
	u64 worst;
	bool silent;
	bool asleep;
};

/* Let @ns pass over @nr devices; somebody may look in at each turn. */
void storm_blow(struct storm *storms, unsigned int nr, u64 ns,
		void (*turn)(struct storm *storms, unsigned int nr));

#endif /* _XENPV_EVENT_STORM_H */
