// SPDX-License-Identifier: GPL-2.0-only
/* The upcall: how an event interrupts the kernel, and how a CPU waits for one. */

#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/hardirq.h>
#include <asm/idtentry.h>
#include <asm/irq_regs.h>
#include <asm/irq_stack.h>

#include <xenpv/event_arch.h>
#include <xenpv/hypercall.h>
#include "private.h"

/* In entry.S, around the instruction. */
extern const char xenpv_hypercall_user_begin[], xenpv_hypercall_user_end[];

static void deliver(struct pt_regs *regs)
{
	struct pt_regs *old = set_irq_regs(regs);

	inc_irq_stat(HYPERVISOR_CALLBACK);
	xenpv_event_run(smp_processor_id());
	set_irq_regs(old);
}

/*
 * A hypercall of a program may take seconds, and Xen lets events in between.  A kernel
 * that is not preemptible would give the CPU away only at its end.  Between Xen's
 * parts of such a call the kernel holds nothing, so it may be done here.
 */
static void let_others_run(struct pt_regs *regs)
{
	if (IS_ENABLED(CONFIG_PREEMPTION) || user_mode(regs) ||
	    regs->ip < (unsigned long)xenpv_hypercall_user_begin ||
	    regs->ip > (unsigned long)xenpv_hypercall_user_end || preempt_count())
		return;
	local_irq_enable();
	cond_resched();
	local_irq_disable();
}

/* From entry.S, on the thread stack, events masked by Xen. */
__visible noinstr void xenpv_do_event(struct pt_regs *regs)
{
	irqentry_state_t entered = irqentry_enter(regs);

	instrumentation_begin();
	run_sysvec_on_irqstack_cond(deliver, regs);
	let_others_run(regs);
	instrumentation_end();
	irqentry_exit(regs, entered);
}

/**
 * xenpv_safe_halt() - enable interrupts and wait for one
 *
 * SCHEDOP_block unmasks and blocks in one step, so that no event is missed.
 *
 * Context: Idle, interrupts off.
 */
noinstr void xenpv_safe_halt(void)
{
	xenpv_hv_sched_op(SCHEDOP_block, NULL);
}

/**
 * xenpv_halt() - wait for an interrupt, or for ever if they are off
 *
 * Context: Any.
 */
void xenpv_halt(void)
{
	if (irqs_disabled())
		xenpv_hv_vcpu_op(VCPUOP_down, smp_processor_id(), NULL);
	else
		xenpv_safe_halt();
}
