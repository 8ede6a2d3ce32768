// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the batch buffer, with hypercalls answered here. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/irqflags.h>
#include <linux/string.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>

#include "../../../../drivers/xenpv/fake/fake.h"
#include "hooks.h"

/* What reached "Xen", flattened: operations in order, and how it was entered. */
struct seen {
	unsigned int op;
	u64 ptr;
	u64 val;
};

static struct {
	unsigned int entries;
	unsigned int calls;
	unsigned int nr;
	struct seen op[512];
	u64 refuse;
	unsigned int reports;
	u64 reported;
	unsigned int after;
	unsigned int seen_when_after;
} log;

static void see(unsigned int op, u64 ptr, u64 val)
{
	if (log.nr < ARRAY_SIZE(log.op))
		log.op[log.nr++] = (struct seen){ op, ptr, val };
}

/* Xen stops at the first update that it refuses. */
static long do_updates(const struct mmu_update *u, unsigned int nr)
{
	for (; nr; nr--, u++) {
		if (log.refuse && u->ptr == log.refuse)
			return -EINVAL;
		see(__HYPERVISOR_mmu_update, u->ptr, u->val);
	}
	return 0;
}

static long do_exts(const struct mmuext_op *ext, unsigned int nr)
{
	for (; nr; nr--, ext++) {
		if (log.refuse && ext->arg1.linear_addr == log.refuse)
			return -EINVAL;
		see(__HYPERVISOR_mmuext_op, ext->cmd, ext->arg1.linear_addr);
	}
	return 0;
}

static long do_one(unsigned long op, const unsigned long *a)
{
	switch (op) {
	case __HYPERVISOR_mmu_update:
		return do_updates((struct mmu_update *)a[0], a[1]);
	case __HYPERVISOR_mmuext_op:
		return do_exts((struct mmuext_op *)a[0], a[1]);
	default:
		if (log.refuse && a[0] == log.refuse)
			return -EPERM;
		see(op, a[0], a[1]);
		return 0;
	}
}

static long answer(unsigned long a1, unsigned long a2, unsigned long a3,
		   unsigned long a4, unsigned long a5, unsigned long nr)
{
	const unsigned long args[] = { a1, a2, a3, a4, a5 };
	struct multicall_entry *c = (struct multicall_entry *)a1;

	log.entries++;
	log.calls += nr == __HYPERVISOR_multicall ? a2 : 1;
	if (nr != __HYPERVISOR_multicall)
		return do_one(nr, args);
	for (unsigned int i = 0; i < a2; i++, c++)
		c->result = do_one(c->op, c->args);
	return 0;
}

/* The batch masks events of a vCPU; on bare metal that takes more. */
static unsigned long begin(void)
{
	local_irq_disable();
	return xenpv_batch_begin();
}

static void end(unsigned long flags, bool defer)
{
	xenpv_batch_end(flags, defer);
	local_irq_enable();
}

static void flush(void)
{
	end(begin(), false);
}

static void stub_report(const char *what, u64 where, u64 value, long err)
{
	log.reports++;
	log.reported = where;
}

static void note_after(void *arg)
{
	log.after++;
	log.seen_when_after = log.nr;
}

static int batch_init(struct kunit *test)
{
	memset(&log, 0, sizeof(log));
	xenpv_fake_start(test);
	xenpv_fake_serve_any(answer);
	kunit_activate_static_stub(test, xenpv_batch_report, stub_report);
	return 0;
}

static void updates_are_one_call(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_update(0x1000, 1);
	xenpv_batch_update(0x2000, 2);
	xenpv_batch_update(0x3000, 3);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.entries, 1);
	KUNIT_ASSERT_EQ(test, log.nr, 3);
	KUNIT_EXPECT_EQ(test, log.op[2].ptr, 0x3000);
	KUNIT_EXPECT_EQ(test, log.op[2].val, 3);
}

static void one_call_is_plain(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_va(0x5000, 7, UVMF_NONE);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.entries, 1);
	KUNIT_ASSERT_EQ(test, log.nr, 1);
	KUNIT_EXPECT_EQ(test, log.op[0].op, __HYPERVISOR_update_va_mapping);
}

static void nothing_is_no_call(struct kunit *test)
{
	flush();
	KUNIT_EXPECT_EQ(test, log.entries, 0);
}

static void order_is_kept(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_update(0x1000, 1);
	xenpv_batch_ext(MMUEXT_TLB_FLUSH_LOCAL);
	xenpv_batch_update(0x2000, 2);
	xenpv_batch_update(0x3000, 3);
	xenpv_batch_va(0x4000, 4, UVMF_NONE);
	xenpv_batch_update(0x5000, 5);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.entries, 1);
	KUNIT_ASSERT_EQ(test, log.nr, 6);
	KUNIT_EXPECT_EQ(test, log.op[0].ptr, 0x1000);
	KUNIT_EXPECT_EQ(test, log.op[1].op, __HYPERVISOR_mmuext_op);
	KUNIT_EXPECT_EQ(test, log.op[1].ptr, MMUEXT_TLB_FLUSH_LOCAL);
	KUNIT_EXPECT_EQ(test, log.op[2].ptr, 0x2000);
	KUNIT_EXPECT_EQ(test, log.op[3].ptr, 0x3000);
	KUNIT_EXPECT_EQ(test, log.op[4].op, __HYPERVISOR_update_va_mapping);
	KUNIT_EXPECT_EQ(test, log.op[5].ptr, 0x5000);
}

static void deferred_until_flush(struct kunit *test)
{
	unsigned long flags = begin();
	unsigned int before;

	xenpv_batch_update(0x1000, 1);
	end(flags, true);
	before = log.entries;
	flush();

	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, log.entries, 1);
	KUNIT_EXPECT_EQ(test, log.nr, 1);
}

static void full_of_updates(struct kunit *test)
{
	unsigned long flags = begin();

	for (unsigned int i = 0; i <= XENPV_BATCH_UPDATES; i++)
		xenpv_batch_update(0x1000 + 8 * i, i);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.entries, 2);
	KUNIT_ASSERT_EQ(test, log.nr, XENPV_BATCH_UPDATES + 1);
	for (unsigned int i = 0; i < log.nr; i++)
		KUNIT_ASSERT_EQ(test, log.op[i].val, i);
}

static void full_of_calls(struct kunit *test)
{
	unsigned int nr = 3 * XENPV_BATCH_CALLS;
	unsigned long flags = begin();

	/* Each extended operation has an update before it: two entries. */
	for (unsigned int i = 0; i < nr; i++) {
		xenpv_batch_update(0x1000, i);
		xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = i;
	}
	end(flags, false);

	KUNIT_ASSERT_EQ(test, log.nr, 2 * nr);
	for (unsigned int i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, log.op[2 * i].val, i);
		KUNIT_ASSERT_EQ(test, log.op[2 * i + 1].op, __HYPERVISOR_mmuext_op);
	}
}

static void flushes_share_an_entry(struct kunit *test)
{
	unsigned long flags = begin();
	unsigned int nr = 3 * XENPV_BATCH_CALLS;

	for (unsigned int i = 0; i < nr; i++)
		xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = i;
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.calls, 3);
	KUNIT_ASSERT_EQ(test, log.nr, nr);
	for (unsigned int i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, log.op[i].val, i);
}

/* Done over after a refusal, a second pin of the same table would fail. */
static void pins_have_their_own(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_ext(MMUEXT_PIN_L4_TABLE)->arg1.mfn = 1;
	xenpv_batch_ext(MMUEXT_PIN_L4_TABLE)->arg1.mfn = 2;
	xenpv_batch_ext(MMUEXT_TLB_FLUSH_LOCAL);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.entries, 1);
	KUNIT_EXPECT_EQ(test, log.calls, 3);
	KUNIT_EXPECT_EQ(test, log.nr, 3);
}

static void refused_flush_names_itself(struct kunit *test)
{
	unsigned long flags = begin();

	log.refuse = 2;
	xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = 1;
	xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = 2;
	xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = 3;
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.reports, 1);
	KUNIT_EXPECT_EQ(test, log.reported, 2);
	KUNIT_EXPECT_EQ(test, log.op[log.nr - 1].val, 3);
}

static void refused_pin_names_itself(struct kunit *test)
{
	unsigned long flags = begin();

	log.refuse = 1;
	xenpv_batch_ext(MMUEXT_PIN_L1_TABLE)->arg1.mfn = 1;
	xenpv_batch_ext(MMUEXT_PIN_L1_TABLE)->arg1.mfn = 2;
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.reports, 1);
	KUNIT_EXPECT_EQ(test, log.reported, 1);
	KUNIT_EXPECT_EQ(test, log.nr, 1);
}

static void refused_update_names_itself(struct kunit *test)
{
	unsigned long flags = begin();

	log.refuse = 0x2000;
	xenpv_batch_update(0x1000, 1);
	xenpv_batch_update(0x2000, 2);
	xenpv_batch_update(0x3000, 3);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.reports, 1);
	KUNIT_EXPECT_EQ(test, log.reported, 0x2000);
	/* The one behind it was done all the same. */
	KUNIT_EXPECT_EQ(test, log.op[log.nr - 1].ptr, 0x3000);
}

static void refused_update_in_multicall(struct kunit *test)
{
	unsigned long flags = begin();

	log.refuse = 0x1000;
	xenpv_batch_update(0x1000, 1);
	xenpv_batch_update(0x2000, 2);
	xenpv_batch_ext(MMUEXT_TLB_FLUSH_LOCAL);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.reports, 1);
	KUNIT_EXPECT_EQ(test, log.reported, 0x1000);
	KUNIT_EXPECT_EQ(test, log.op[log.nr - 1].ptr, 0x2000);
}

static void refused_call_names_itself(struct kunit *test)
{
	unsigned long flags = begin();

	log.refuse = 0x7000;
	xenpv_batch_va(0x6000, 1, UVMF_NONE);
	xenpv_batch_va(0x7000, 2, UVMF_NONE);
	xenpv_batch_va(0x8000, 3, UVMF_NONE);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.reports, 1);
	KUNIT_EXPECT_EQ(test, log.reported, 0x7000);
	KUNIT_EXPECT_EQ(test, log.nr, 2);
}

static void after_comes_last(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_after(note_after, NULL);
	xenpv_batch_update(0x1000, 1);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.after, 1);
	KUNIT_EXPECT_EQ(test, log.seen_when_after, 1);
	flush();
	KUNIT_EXPECT_EQ(test, log.after, 1);
}

static void full_of_afters(struct kunit *test)
{
	unsigned long flags = begin();

	xenpv_batch_update(0x1000, 1);
	for (unsigned int i = 0; i <= XENPV_BATCH_AFTER; i++)
		xenpv_batch_after(note_after, NULL);
	end(flags, false);

	KUNIT_EXPECT_EQ(test, log.after, XENPV_BATCH_AFTER + 1);
	KUNIT_EXPECT_EQ(test, log.nr, 1);
}

static struct kunit_case batch_cases[] = {
	KUNIT_CASE(updates_are_one_call),
	KUNIT_CASE(one_call_is_plain),
	KUNIT_CASE(nothing_is_no_call),
	KUNIT_CASE(order_is_kept),
	KUNIT_CASE(deferred_until_flush),
	KUNIT_CASE(full_of_updates),
	KUNIT_CASE(full_of_calls),
	KUNIT_CASE(flushes_share_an_entry),
	KUNIT_CASE(pins_have_their_own),
	KUNIT_CASE(refused_flush_names_itself),
	KUNIT_CASE(refused_pin_names_itself),
	KUNIT_CASE(refused_update_names_itself),
	KUNIT_CASE(refused_update_in_multicall),
	KUNIT_CASE(refused_call_names_itself),
	KUNIT_CASE(after_comes_last),
	KUNIT_CASE(full_of_afters),
	{}
};

static struct kunit_suite batch_suite = {
	.name = "xenpv_batch",
	.init = batch_init,
	.test_cases = batch_cases,
};

kunit_test_suite(batch_suite);
