// SPDX-License-Identifier: GPL-2.0-only
/* Contended spinlocks: give the CPU to others while waiting, and wake who waits. */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/static_call.h>
#include <asm/paravirt.h>
#include <asm/qspinlock.h>

#include <xenpv/event_arch.h>
#include "private.h"

/*
 * Each CPU has an event that is masked for ever.  Who waits polls it; who
 * unlocks makes it pending.  Nothing is interrupted by it.
 */
static DEFINE_PER_CPU(struct xenpv_event *, kick_event);

/* A wait can be interrupted by a handler that waits at another lock. */
static DEFINE_PER_CPU(unsigned int, wait_depth);

static bool active __ro_after_init;

/*
 * waiting CPU				CPU that unlocks
 *
 * clear pending			change *ptr
 * (full barrier)			(full barrier)
 * is *ptr still val?			set pending
 * wait until pending
 *
 * Only the outermost wait clears: the bit may have been set for it.  An inner
 * one then returns early and looks again, which costs time but no wakeup.
 */
static void lock_wait(u8 *ptr, u8 val)
{
	struct xenpv_event *ev = this_cpu_read(kick_event);

	/* An NMI must not poll, since it may have interrupted a poll. */
	if (!ev || in_nmi())
		return;

	if (this_cpu_inc_return(wait_depth) == 1)
		xenpv_event_test_and_clear(ev);
	if (READ_ONCE(*ptr) == val)
		xenpv_event_poll(ev);
	this_cpu_dec(wait_depth);
}

static void lock_kick(int cpu)
{
	xenpv_event_notify(per_cpu(kick_event, cpu));
}

static void __init set_lock_ops(void)
{
	pv_ops_lock.wait = lock_wait;
	pv_ops_lock.kick = lock_kick;
	pv_ops_lock.vcpu_is_preempted = PV_CALLEE_SAVE(xenpv_steal_preempted);
	static_call_update(queued_spin_unlock, __raw_callee_save___pv_queued_spin_unlock);
	static_call_update(queued_spin_lock_slowpath, __pv_queued_spin_lock_slowpath);
}

/**
 * xenpv_spinlock_bind_cpu() - make a CPU able to wait at locks
 * @cpu: the CPU; it keeps the event when it goes offline
 *
 * Context: Process, before @cpu starts.
 * Return: 0 or a negative errno.
 */
int xenpv_spinlock_bind_cpu(unsigned int cpu)
{
	struct xenpv_event *ev;

	if (!active || per_cpu(kick_event, cpu))
		return 0;
	ev = xenpv_event_bind_ipi(cpu, NULL, IRQF_PERCPU, "spinlock", NULL);
	if (IS_ERR(ev))
		return PTR_ERR(ev);
	per_cpu(kick_event, cpu) = ev;
	return 0;
}

/**
 * xenpv_spinlock_init() - choose the kind of spinlocks
 *
 * Context: Boot CPU, before alternatives are applied.
 */
void __init xenpv_spinlock_init(void)
{
	if (nr_cpu_ids == 1)
		return;
	if (nopvspin) {
		/* Who says so has a physical CPU for each of ours. */
		static_branch_disable(&virt_spin_lock_key);
		pr_info("paravirtual spinlocks are off (nopvspin)\n");
		return;
	}
	__pv_init_lock_hash();
	set_lock_ops();
	active = true;
	pr_info("paravirtual spinlocks are on\n");
}
