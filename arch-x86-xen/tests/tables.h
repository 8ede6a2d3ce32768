/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_TESTS_TABLES_H
#define _XENPV_TESTS_TABLES_H

/* Small frame tables for tests; the real ones are back when the test ends. */

#include <kunit/test.h>

/* Page i has frame TEST_FRAME + i, unless a test says otherwise. */
#define TEST_PAGES	64
#define TEST_FRAME	0x1000
/* Frames past this have no entry in the table of frames: reading it faults. */
#define TEST_FRAME_GAP	(TEST_FRAME + 0x1000)
#define TEST_FRAMES	(TEST_FRAME_GAP + 0x1000)

unsigned long *xenpv_test_tables(struct kunit *test);

#endif
