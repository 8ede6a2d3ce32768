/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_HARNESS_H
#define _XENPV_EVENT_HARNESS_H

/* What the suites of this folder share: the event room on the fake hypervisor. */

#include <kunit/test.h>

#include "../../fake/fake.h"
#include "../../fake/fake_event.h"
#include "../private.h"

/* The domain at the other end of channels. */
#define PEER		7

/* CPUs that take part; the kernel that runs the tests has as many. */
#define NR_CPUS_USED	2

/**
 * struct channel - what a test knows of a bound event
 * @ev: the event, NULL if it is not bound
 * @port: its port while it is bound
 * @sends: how often the other end has begun to send
 * @calls: how often the handler was called
 * @seen: @sends when it was called last
 * @owed: it was called and xenpv_event_done() was not
 * @quiet: it must not be called now
 * @gone: unbind has returned
 */
struct channel {
	struct xenpv_event *ev;
	evtchn_port_t port;
	unsigned int sends;
	unsigned int calls;
	unsigned int seen;
	bool owed;
	bool quiet;
	bool gone;
};

/* What to run a case on: KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name). */
#define NR_LAYOUTS	2
extern const struct xenpv_event_abi * const event_layouts[NR_LAYOUTS];
void event_layout_name(const struct xenpv_event_abi * const *layout, char *name);

void event_test_start(struct kunit *test, const struct xenpv_event_abi *abi);
void event_test_beside(struct kunit *test);
void event_test_reset(void);
void event_test_upcall(unsigned int cpu);
void event_test_serve(unsigned int cpu, unsigned long others);
void event_test_settle(void);

bool event_test_bind(struct channel *ch, unsigned int cpu, bool late);
void event_test_unbind(struct channel *ch);
void event_test_send(struct channel *ch);
void event_test_done(struct channel *ch, bool useful);
u64 event_test_tick(void);
const char *event_test_doubled(unsigned int calls, unsigned int sends);
irqreturn_t event_test_handler(int irq, void *channel);

#endif /* _XENPV_EVENT_HARNESS_H */
