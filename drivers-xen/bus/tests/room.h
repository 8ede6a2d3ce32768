/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BUS_ROOM_H
#define _XENPV_BUS_ROOM_H

/* What the suites of this folder share: buses on the fake xenstored, drivers that watch. */

#include <kunit/test.h>

#include "../../store/tests/room.h"
#include "../private.h"

/* The domain of the peer, where it is another one. */
#define PEER		7

/* Devices of a side that a test looks at; steps of a connect that can fail. */
#define ENDS		4
#define PARTS		3

/**
 * struct end - what a driver of the tests sees of a device
 * @dev: the device, NULL if there is none
 * @level: as the callbacks say
 * @inside: callbacks that run now
 * @parts: what connect has made and disconnect has not undone
 * @fail_part: the part that cannot be made, 0: all can
 * @fail_start: start fails
 * @again: how often connect can't be done now
 * @on_stop: what happens meanwhile, or NULL
 * @not_ready: what a back stands for is not there
 * @ring: front: number of the ring; back: what it was told
 * @probes: how often each callback was called
 * @removes: likewise
 * @connects: likewise
 * @disconnects: likewise
 * @starts: likewise
 * @stops: likewise
 * @changes: likewise
 * @bad: the first promise that was broken, or NULL
 */
struct end {
	struct xenpv_device *dev;
	unsigned int level;
	atomic_t inside;
	unsigned long parts;
	unsigned int fail_part;
	bool fail_start;
	unsigned int again;
	void (*on_stop)(void);
	bool not_ready;
	u32 ring;
	unsigned int probes;
	unsigned int removes;
	unsigned int connects;
	unsigned int disconnects;
	unsigned int starts;
	unsigned int stops;
	unsigned int changes;
	const char *bad;
};

extern struct end bus_ends[XENPV_SIDES][ENDS];
extern struct xenpv_driver bus_drivers[XENPV_SIDES];

/* From here to the end of the case: buses and store, without drivers and devices. */
void bus_test_start(struct kunit *test);
void bus_test_driver(struct kunit *test, enum xenpv_side side, bool registered);

/* A directory of ours or the peer's, as the toolstack makes it. */
#define FRONT_DIR	HOME "/device/test/0"
#define BACK_DIR	HOME "/backend/test/1/0"
#define FAR_BACK	"/local/domain/7/backend/test/1/0"
#define FAR_FRONT	"/local/domain/7/device/test/0"
#define BACK_OF_FAR	HOME "/backend/test/7/0"

void bus_test_set(const char *dir, const char *key, const char *value);
void bus_test_state(const char *dir, unsigned int state);
const char *bus_test_get(const char *dir, const char *key);
unsigned int bus_test_get_state(const char *dir);

/* A front of ours whose back is far, a back whose front is far, both ends here. */
void bus_test_front(void);
void bus_test_back(void);
void bus_test_pair(void);

/* Until nobody has anything to do; false if that does not come. */
bool bus_test_settle(void);

/* The same, with a far peer that keeps the rules; what it would do next. */
bool bus_test_settle_with(void (*peer)(void));
void bus_test_far_back(void);
void bus_test_far_front(void);

/* NULL, or what is wrong with what the drivers have seen. */
const char *bus_test_bad(void);
void bus_test_check(struct kunit *test);
void bus_test_forget(void);

#endif /* _XENPV_BUS_ROOM_H */
