/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BUS_TESTS_DEVICE_H
#define _XENPV_BUS_TESTS_DEVICE_H

/* What the suites of drivers share. */

#include <kunit/test.h>
#include <xenpv/bus.h>

/* Grants and events on the fake, and a device, which goes at the end of the case. */
struct xenpv_device *bus_test_device(struct kunit *test, const char *name);

/* Was the link ended because of what the peer has done? */
bool bus_test_faulted(void);

/* From here to the question: reads of each word of the slots of a ring of one page. */
void bus_test_watch_slots(void *ring);

/* How often was one read at most?  Once is right: nobody can change it between two. */
unsigned int bus_test_most_reads(void);

#endif /* _XENPV_BUS_TESTS_DEVICE_H */
