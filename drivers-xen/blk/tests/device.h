/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_TESTS_DEVICE_H
#define _XENPV_BLK_TESTS_DEVICE_H

/* What the tests of both ends share. */

#include <kunit/test.h>
#include <xenpv/bus.h>
#include "../../grant/tests/room.h"

/* The disk of the other end. */
#define DISK_SECTORS	2048U

/* Grants and events on the fake, and a device, which goes at the end of the case. */
struct xenpv_device *blk_test_device(struct kunit *test);

/* Was the link ended because of what the peer has done? */
bool blk_test_faulted(void);

#endif /* _XENPV_BLK_TESTS_DEVICE_H */
