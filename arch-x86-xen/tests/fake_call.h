/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_TESTS_FAKE_CALL_H
#define _XENPV_TESTS_FAKE_CALL_H

/* Hypercalls answered by a function of the test. */

#include <kunit/test.h>

/* Arguments in the order of the hypercall, and its number. */
typedef long (*xenpv_fake_fn)(unsigned long a1, unsigned long a2, unsigned long a3,
			      unsigned long a4, unsigned long a5, unsigned long nr);

/* fake_entry.S, and what it calls. */
long xenpv_fake_entry(void);
long xenpv_fake_answer(unsigned long a1, unsigned long a2, unsigned long a3,
		       unsigned long a4, unsigned long a5, unsigned long nr);

/* From here to the end of the test case. */
void xenpv_fake_calls(struct kunit *test, xenpv_fake_fn fn);

#endif
