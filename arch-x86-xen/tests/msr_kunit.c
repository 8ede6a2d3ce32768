// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what a switch of tasks need not tell Xen: the gs base of programs, stacks. */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/msr.h>
#include <asm/segment.h>

#include <xenpv/hypercall.h>
#include "../../../../drivers/xenpv/fake/fake.h"
#include "../private.h"
#include "hooks.h"

static struct {
	unsigned int writes;
	u64 base;
	long answer;
	bool alone;
} xen;

static long set_segment_base(unsigned long which, unsigned long base, unsigned long a3,
			     unsigned long a4, unsigned long a5)
{
	if (which == SEGBASE_GS_USER_SEL) {
		xen.alone = irqs_disabled();
		return 0;
	}
	if (which != SEGBASE_GS_USER)
		return -EINVAL;
	xen.writes++;
	if (!xen.answer)
		xen.base = base;
	return xen.answer;
}

static int msr_init(struct kunit *test)
{
	xen.writes = 0;
	xen.answer = 0;
	xen.alone = false;
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_set_segment_base, set_segment_base);
	/* Nobody else asks for it on this machine, but we may not leave the CPU. */
	migrate_disable();
	this_cpu_write(xenpv_user_gs_known, false);
	return 0;
}

static void msr_exit(struct kunit *test)
{
	this_cpu_write(xenpv_user_gs_known, false);
	migrate_enable();
}

static void expect_write(struct kunit *test, u64 base, unsigned int writes)
{
	xen.writes = 0;
	KUNIT_EXPECT_EQ(test, xenpv_write_msr_safe(MSR_KERNEL_GS_BASE, base), 0);
	KUNIT_EXPECT_EQ(test, xen.writes, writes);
	KUNIT_EXPECT_EQ(test, xen.base, base);
}

/* Written once, until it is another or a program may have changed it. */
static void same_base_is_not_written(struct kunit *test)
{
	expect_write(test, 0x1000, 1);
	expect_write(test, 0x1000, 0);
	expect_write(test, 0x2000, 1);
	expect_write(test, 0x1000, 1);
	this_cpu_write(xenpv_user_gs_known, false);
	expect_write(test, 0x1000, 1);
}

static void what_was_written_is_read(struct kunit *test)
{
	u64 val = 1;

	expect_write(test, 0x5000, 1);
	KUNIT_EXPECT_EQ(test, xenpv_read_msr_safe(MSR_KERNEL_GS_BASE, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 0x5000);
	KUNIT_EXPECT_EQ(test, xenpv_read_msr(MSR_KERNEL_GS_BASE), 0x5000);
}

/* Unknown, it is read from the CPU, which is remembered. */
static void unknown_is_read(struct kunit *test)
{
	u64 native, val = 1;

	KUNIT_ASSERT_EQ(test, native_read_msr_safe(MSR_KERNEL_GS_BASE, &native), 0);
	expect_write(test, ~native & 0x7000, 1);
	this_cpu_write(xenpv_user_gs_known, false);
	KUNIT_EXPECT_EQ(test, xenpv_read_msr_safe(MSR_KERNEL_GS_BASE, &val), 0);
	KUNIT_EXPECT_EQ(test, val, native);
	KUNIT_EXPECT_TRUE(test, this_cpu_read(xenpv_user_gs_known));
	xen.base = native;
	expect_write(test, native, 0);
}

static void refused_is_not_remembered(struct kunit *test)
{
	expect_write(test, 0x1000, 1);
	xen.writes = 0;
	xen.answer = -EINVAL;
	KUNIT_EXPECT_EQ(test, xenpv_write_msr_safe(MSR_KERNEL_GS_BASE, 0x3000), -EIO);
	KUNIT_EXPECT_EQ(test, xenpv_write_msr_safe(MSR_KERNEL_GS_BASE, 0x3000), -EIO);
	KUNIT_EXPECT_EQ(test, xen.writes, 2);
	xen.answer = 0;
	expect_write(test, 0x1000, 1);
}

/* A task that moved in between would leave what another CPU believes. */
static void selectors_bring_a_base(struct kunit *test)
{
	expect_write(test, 0x1000, 1);
	xenpv_load_gs_index(__USER_DS);
	KUNIT_EXPECT_TRUE(test, xen.alone);
	KUNIT_EXPECT_FALSE(test, this_cpu_read(xenpv_user_gs_known));
}

/* A stack is told when a program will use it, and once. */
static void stacks_of_programs_are_told(struct kunit *test)
{
	struct task_struct *task = kunit_kzalloc(test, sizeof(*task), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_TRUE(test, xenpv_stack_is_news(task, 0x1000, 0));
	KUNIT_EXPECT_TRUE(test, xenpv_stack_is_news(task, 0x1000, 0x2000));
	KUNIT_EXPECT_FALSE(test, xenpv_stack_is_news(task, 0x1000, 0x1000));
	task->flags = PF_KTHREAD;
	KUNIT_EXPECT_FALSE(test, xenpv_stack_is_news(task, 0x1000, 0x2000));
}

static struct kunit_case msr_cases[] = {
	KUNIT_CASE(same_base_is_not_written),
	KUNIT_CASE(what_was_written_is_read),
	KUNIT_CASE(unknown_is_read),
	KUNIT_CASE(refused_is_not_remembered),
	KUNIT_CASE(selectors_bring_a_base),
	KUNIT_CASE(stacks_of_programs_are_told),
	{}
};

static struct kunit_suite msr_suite = {
	.name = "xenpv_msr",
	.init = msr_init,
	.exit = msr_exit,
	.test_cases = msr_cases,
};

kunit_test_suite(msr_suite);
