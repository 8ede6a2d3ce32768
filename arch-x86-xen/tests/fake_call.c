// SPDX-License-Identifier: GPL-2.0-only
/* Answers hypercalls of a test by a function of that test; no Xen is needed. */

#include <xenpv/hypercall.h>

#include "fake_call.h"

static xenpv_fake_fn fake_fn;

/* Called where the entry to Xen would be. */
asmlinkage long xenpv_fake_answer(unsigned long a1, unsigned long a2,
				  unsigned long a3, unsigned long a4,
				  unsigned long a5, unsigned long nr)
{
	return fake_fn(a1, a2, a3, a4, a5, nr);
}

static void fake_end(void *unused)
{
	static_call_update(xenpv_hypercall, xenpv_hypercall_none);
}

void xenpv_fake_calls(struct kunit *test, xenpv_fake_fn fn)
{
	fake_fn = fn;
	static_call_update(xenpv_hypercall, xenpv_fake_entry);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_end, NULL), 0);
}
