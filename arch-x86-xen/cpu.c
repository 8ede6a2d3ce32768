// SPDX-License-Identifier: GPL-2.0-only
/* Control and debug registers, stack and segment loading, and the context switch. */

#include <kunit/visibility.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/debugreg.h>
#include <asm/io_bitmap.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/special_insns.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>
#include "private.h"
#include "tests/hooks.h"

/* cr0 as the kernel last wrote it; 0 means not read yet. */
static DEFINE_PER_CPU(unsigned long, cr0_shadow);

/*
 * A context switch queues what it changes until its end, behind what the task
 * that leaves has queued in lazy MMU mode.  That mode is the state of a task, so
 * it goes and comes with the task and needs no pause here.
 */
void xenpv_start_context_switch(struct task_struct *prev)
{
	this_cpu_write(xenpv_batch_switching, true);
}

void xenpv_end_context_switch(struct task_struct *next)
{
	this_cpu_write(xenpv_batch_switching, false);
	xenpv_batch_issue();
}

unsigned long xenpv_read_cr0(void)
{
	unsigned long cr0 = this_cpu_read(cr0_shadow);

	if (unlikely(!cr0)) {
		cr0 = native_read_cr0();
		this_cpu_write(cr0_shadow, cr0);
	}
	return cr0;
}

/* Xen owns cr0; only the task-switched bit is ours to change. */
void xenpv_write_cr0(unsigned long cr0)
{
	unsigned long flags, old = this_cpu_read(cr0_shadow);

	this_cpu_write(cr0_shadow, cr0);
	if (old && !((old ^ cr0) & X86_CR0_TS))
		return;
	flags = xenpv_batch_begin();
	xenpv_batch_call(__HYPERVISOR_fpu_taskswitch)->args[0] = !!(cr0 & X86_CR0_TS);
	xenpv_batch_end(flags, xenpv_batch_in_switch());
}

/* Xen emulates the write and refuses what it has not offered. */
void xenpv_write_cr4(unsigned long cr4)
{
	native_write_cr4(cr4 & ~(X86_CR4_PGE | X86_CR4_PSE | X86_CR4_PCE));
}

noinstr void xenpv_set_debugreg(int reg, unsigned long val)
{
	xenpv_hv_set_debugreg(reg, val);
}

noinstr unsigned long xenpv_get_debugreg(int reg)
{
	return xenpv_hv_get_debugreg(reg);
}

/* The stack that Xen was told of a CPU; 0: none since it was initialised. */
static DEFINE_PER_CPU(unsigned long, stack_told);

/*
 * A kernel thread never gets to user mode, so what runs between two programs, or two
 * turns of one, costs nothing.
 */
VISIBLE_IF_KUNIT bool xenpv_stack_is_news(const struct task_struct *next, unsigned long sp0,
					  unsigned long told)
{
	return !(next->flags & PF_KTHREAD) && told != sp0;
}

/* Where Xen puts the frame when this task traps from user mode. */
void xenpv_load_sp0(unsigned long sp0)
{
	struct multicall_entry *c;
	unsigned long flags;

	this_cpu_write(cpu_tss_rw.x86_tss.sp0, sp0);
	if (!xenpv_stack_is_news(current, sp0, this_cpu_read(stack_told)))
		return;
	flags = xenpv_batch_begin();
	c = xenpv_batch_call(__HYPERVISOR_stack_switch);
	c->args[0] = __KERNEL_DS;
	c->args[1] = sp0;
	this_cpu_write(stack_told, sp0);
	xenpv_batch_end(flags, xenpv_batch_in_switch());
}

void xenpv_load_gs_index(unsigned int selector)
{
	unsigned long flags;
	int err;

	/* The base comes from the descriptor; it is of the CPU that loads it. */
	local_irq_save(flags);
	err = xenpv_hv_set_segment_base(SEGBASE_GS_USER_SEL, selector);
	this_cpu_write(xenpv_user_gs_known, false);
	local_irq_restore(flags);
	if (err)
		pr_warn_once("xenpv: Xen refused user gs selector %#x\n", selector);
}

#ifdef CONFIG_X86_IOPL_IOPERM
void xenpv_invalidate_io_bitmap(void)
{
	struct physdev_set_iobitmap none = { };

	native_tss_invalidate_io_bitmap();
	xenpv_hv_physdev_op(PHYSDEVOP_set_iobitmap, &none);
}

void xenpv_update_io_bitmap(void)
{
	struct tss_struct *tss = this_cpu_ptr(&cpu_tss_rw);
	struct physdev_set_iobitmap map = { };

	native_tss_update_io_bitmap();
	if (tss->x86_tss.io_bitmap_base != IO_BITMAP_OFFSET_INVALID) {
		set_xen_guest_handle(map.bitmap,
				     (u8 *)&tss->x86_tss + tss->x86_tss.io_bitmap_base);
		map.nr_ports = IO_BITMAP_BITS;
	}
	xenpv_hv_physdev_op(PHYSDEVOP_set_iobitmap, &map);
}
#endif
