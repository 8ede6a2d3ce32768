// SPDX-License-Identifier: GPL-2.0-only
/* Time: Xen's system time as clock, one event timer per vCPU, the wall clock. */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/clock.h>
#include <linux/sched/cputime.h>
#include <linux/time64.h>
#include <asm/cpufeature.h>
#include <asm/hardirq.h>
#include <asm/pvclock.h>
#include <asm/timer.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>

#include <xenpv/event.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/*
 * The clock counts nanoseconds since the machine started and goes on over
 * migration to another machine, which the TSC does not.  So it is the better
 * clock source, unless Xen says by CPUID that the TSC is invariant: it says so
 * to the control domain and to guests that never migrate.  Then the TSC, rated
 * 300, is better, since reading it takes less.
 */
#define RATING_NORMAL		400
#define RATING_TSC_INVARIANT	275

/* Shorter timers are rounded up; Xen is about this far away. */
#define MIN_DELTA_NS		1000
#define MAX_DELTA_NS		(60ULL * NSEC_PER_SEC)

struct vcpu_timer {
	struct clock_event_device dev;
	struct xenpv_event *event;
};

static DEFINE_PER_CPU(struct vcpu_timer, vcpu_timer);

static u64 sched_clock_offset __ro_after_init;

/* No vCPU goes backwards, nor from one to another: pvclock.c takes care. */
static __always_inline u64 system_time(void)
{
	return pvclock_clocksource_read_nowd(xenpv_vcpu_clock());
}

/* Called with preemption off; turning it on again here would leave noinstr code. */
static noinstr u64 pv_sched_clock(void)
{
	return system_time() - sched_clock_offset;
}

static u64 clock_read(struct clocksource *cs)
{
	u64 now;

	preempt_disable_notrace();
	now = system_time();
	preempt_enable_notrace();
	return now;
}

static struct clocksource clock = {
	.name	= "xenpv",
	.rating	= RATING_NORMAL,
	.read	= clock_read,
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS,
	.mask	= CLOCKSOURCE_MASK(64),
};

/*
 * The vDSO reads the parameters of CPU 0 wherever it runs, so this needs a
 * TSC of which Xen says that it is the same everywhere.
 */
static void __init clock_enable_vdso(void)
{
	struct vcpu_register_time_memory_area area = { };
	struct pvclock_vsyscall_time_info *info;

	info = (void *)get_zeroed_page(GFP_KERNEL);
	if (!info)
		return;

	area.addr.v = &info->pvti;
	if (xenpv_hv_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area))
		goto free;

	if (info->pvti.flags & PVCLOCK_TSC_STABLE_BIT) {
		pvclock_set_pvti_cpu0_va(info);
		clock.vdso_clock_mode = VDSO_CLOCKMODE_PVCLOCK;
		return;
	}

	/* Xen writes there as long as it knows the address. */
	area.addr.v = NULL;
	if (xenpv_hv_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area))
		return;
free:
	free_page((unsigned long)info);
}

static void __init clock_init(void)
{
	if (boot_cpu_has(X86_FEATURE_CONSTANT_TSC) &&
	    boot_cpu_has(X86_FEATURE_NONSTOP_TSC) && !check_tsc_unstable())
		clock.rating = RATING_TSC_INVARIANT;

	clock_enable_vdso();
	clocksource_register_hz(&clock, NSEC_PER_SEC);
}

/* Event timer: one shot only, on the same clock. */

static int timer_set(unsigned long delta, struct clock_event_device *dev)
{
	struct vcpu_set_singleshot_timer op = {
		.timeout_abs_ns = system_time() + delta,
		.flags = VCPU_SSHOTTMR_future,
	};

	/* -ETIME: past already.  The core asks again for a later one. */
	return xenpv_hv_vcpu_op(VCPUOP_set_singleshot_timer,
				xenpv_vcpu_id(smp_processor_id()), &op);
}

static int timer_stop(struct clock_event_device *dev)
{
	return xenpv_hv_vcpu_op(VCPUOP_stop_singleshot_timer,
				xenpv_vcpu_id(smp_processor_id()), NULL);
}

static int timer_oneshot(struct clock_event_device *dev)
{
	return 0;
}

static irqreturn_t timer_interrupt(int irq, void *data)
{
	struct clock_event_device *dev = &this_cpu_ptr(&vcpu_timer)->dev;

	inc_irq_stat(APIC_TIMER);
	if (dev->event_handler)
		dev->event_handler(dev);
	return IRQ_HANDLED;
}

/**
 * xenpv_time_bind_cpu() - let the timer of a CPU be heard
 * @cpu: the CPU; it keeps the event when it goes offline
 *
 * Context: Process, before @cpu starts.
 * Return: 0 or a negative errno.
 */
int xenpv_time_bind_cpu(unsigned int cpu)
{
	struct vcpu_timer *timer = &per_cpu(vcpu_timer, cpu);
	struct xenpv_event *ev;

	if (timer->event)
		return 0;
	ev = xenpv_event_bind_virq(VIRQ_TIMER, cpu, timer_interrupt,
				   IRQF_PERCPU | IRQF_TIMER, "timer", NULL);
	if (IS_ERR(ev))
		return PTR_ERR(ev);
	timer->event = ev;
	return 0;
}

/**
 * xenpv_time_start_cpu() - offer the timer of this CPU to the kernel
 * @cpu: this CPU
 *
 * When the CPU goes offline, the core lets go of the timer by itself.
 *
 * Context: On the CPU, each time that it comes online.
 */
void xenpv_time_start_cpu(unsigned int cpu)
{
	struct clock_event_device *dev = &per_cpu(vcpu_timer, cpu).dev;

	/* A vCPU starts with a periodic timer. */
	xenpv_hv_vcpu_op(VCPUOP_stop_periodic_timer, xenpv_vcpu_id(cpu), NULL);

	*dev = (struct clock_event_device) {
		.name			= "xenpv",
		.features		= CLOCK_EVT_FEAT_ONESHOT,
		.rating			= 500,
		.irq			= -1,
		.cpumask		= cpumask_of(cpu),
		.set_next_event		= timer_set,
		.set_state_shutdown	= timer_stop,
		.set_state_oneshot	= timer_oneshot,
		.set_state_oneshot_stopped = timer_stop,
	};
	clockevents_config_and_register(dev, NSEC_PER_SEC, MIN_DELTA_NS,
					MAX_DELTA_NS);
}

/* The wall clock that Xen keeps: the time of day at which its clock was zero. */
static void wallclock_get(struct timespec64 *ts)
{
	const struct shared_info __xen_shared *shared = xenpv_shared_info;
	u32 version, nsec, rest;
	u64 sec, now;

	do {
		version = xenpv_shared_load(&shared->wc.version);
		/* Xen: odd version, barrier, values, barrier, even version. */
		virt_rmb();
		sec = (u64)xenpv_shared_load(&shared->wc_sec_hi) << 32 |
		      xenpv_shared_load(&shared->wc.sec);
		nsec = xenpv_shared_load(&shared->wc.nsec);
		/* See above. */
		virt_rmb();
	} while ((version & 1) || version != xenpv_shared_load(&shared->wc.version));

	now = clock_read(&clock);
	sec += div_u64_rem(now, NSEC_PER_SEC, &rest);
	set_normalized_timespec64(ts, sec, (s64)nsec + rest);
}

static unsigned long __init tsc_khz_of_xen(void)
{
	setup_force_cpu_cap(X86_FEATURE_TSC_KNOWN_FREQ);
	return pvclock_tsc_khz(xenpv_vcpu_clock());
}

static void __init timer_init(void)
{
	xenpv_steal_init();
	clock_init();
	if (xenpv_time_bind_cpu(0))
		panic("xenpv: no event for the timer\n");
	xenpv_time_start_cpu(0);
}

/**
 * xenpv_time_init_early() - give the scheduler its clock, starting at zero
 *
 * Context: Boot CPU, from init_platform: the shared-info page is mapped and
 * static calls can be changed.
 */
void __init xenpv_time_init_early(void)
{
	pvclock_set_flags(PVCLOCK_TSC_STABLE_BIT);
	sched_clock_offset = clock_read(&clock);
	paravirt_set_sched_clock(pv_sched_clock);
}

/**
 * xenpv_time_init() - take over the kernel's hooks that concern time
 *
 * Context: Boot CPU, from xenpv_start().
 */
void __init xenpv_time_init(void)
{
	x86_init.timers.timer_init = timer_init;
	x86_init.timers.setup_percpu_clockev = x86_init_noop;
	x86_init.timers.wallclock_init = x86_init_noop;
	x86_cpuinit.setup_percpu_clockev = x86_init_noop;
	x86_cpuinit.early_percpu_clock_init = x86_init_noop;

	x86_platform.calibrate_tsc = tsc_khz_of_xen;
	x86_platform.get_wallclock = wallclock_get;
	/* The control domain has the machine's clock chip, and sets it. */
	if (!xenpv_self.control)
		x86_platform.set_wallclock = set_rtc_noop;
}
