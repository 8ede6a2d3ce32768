/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_TESTS_DEVICE_H
#define _XENPV_BLK_TESTS_DEVICE_H

/* What the tests of both ends share. */

#include "../../bus/tests/device.h"
#include "../../grant/tests/room.h"

/* The disk of the other end. */
#define DISK_SECTORS	2048U

#endif /* _XENPV_BLK_TESTS_DEVICE_H */
