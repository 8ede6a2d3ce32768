/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_ROOM_H
#define _XENPV_STORE_ROOM_H

/* What the suites of this folder share: the store with the fake daemon. */

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include "../../fake/fake.h"
#include "../../fake/fake_store.h"
#include "../private.h"

#define HOME		XENPV_FAKE_STORE_HOME

/* From here to the end of the case: up, if the daemon is far; else one is to come. */
struct xenstore_domain_interface *store_test_start(struct kunit *test, bool far);

/* Until neither the daemon nor we have anything to do, and all calls are made. */
void store_test_settle(void);

/**
 * struct errand - a request that the test does not wait for
 * @request: it, NULL once it is answered
 * @done: it was answered
 * @error: as the request had it
 * @answer: likewise, empty if there is none; freed at the end of the case
 * @len: bytes in @answer
 *
 * Static, as it may be answered after a case that fails.
 */
struct errand {
	struct xenpv_store_request *request;
	bool done;
	int error;
	const char *answer;
	u32 len;
};

void store_test_send(struct kunit *test, struct errand *errand, u32 type, u32 tx_id,
		     const void *body, size_t len);

/**
 * struct seen - a watch that counts its calls
 * @watch: the watch
 * @calls: how often it was called
 * @wholes: how often for the path that it watches
 * @last: the last other path
 */
struct seen {
	struct xenpv_store_watch watch;
	unsigned int calls;
	unsigned int wholes;
	char last[64];
};

int store_test_watch(struct seen *seen, const char *dir, const char *node);

/**
 * struct requester - a thread that makes a request
 * @task: the thread
 * @ask: what it does
 * @ret: what that has returned
 * @ended: it has
 */
struct requester {
	struct kunit *test;
	struct task_struct *task;
	int (*ask)(void);
	int ret;
	struct completion ended;
};

void store_test_requester(struct kunit *test, struct requester *r, int (*ask)(void));
void store_test_kill(struct kunit *test, struct requester *r);

#endif /* _XENPV_STORE_ROOM_H */
