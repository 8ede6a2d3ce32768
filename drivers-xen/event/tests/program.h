/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_TESTS_PROGRAM_H
#define _XENPV_EVENT_TESTS_PROGRAM_H

/* A program that has /dev/xen/evtchn open, for the suites of this folder. */

#include <kunit/test.h>

struct file;

/*
 * Starts the fake; a file, which does not block and is closed at the end of the case, and
 * two pages of memory.
 */
struct file *program_start(struct kunit *test, unsigned long *memory);

#endif /* _XENPV_EVENT_TESTS_PROGRAM_H */
