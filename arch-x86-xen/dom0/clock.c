// SPDX-License-Identifier: GPL-2.0-only
/* Xen's wall clock follows ours: the other domains start from it. */

#define pr_fmt(fmt) "xenpv: clock: " fmt

#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/pvclock_gtod.h>
#include <linux/timekeeping.h>
#include <asm/pvclock.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/vcpu.h>

/* A clock that is slewed moves away from Xen's by at most half a millisecond a second. */
#define TELL_EVERY	(60 * HZ)

static unsigned long told;

/* Both clocks at one moment: interrupts are off. */
static void tell_xen(struct irq_work *work)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64 };
	struct timespec64 now;
	int ret;

	ktime_get_real_ts64(&now);
	op.u.settime64.secs = now.tv_sec;
	op.u.settime64.nsecs = now.tv_nsec;
	op.u.settime64.system_time = pvclock_clocksource_read_nowd(xenpv_vcpu_clock());
	ret = xenpv_hv_platform_op(&op);
	if (ret)
		pr_warn_once("Xen's wall clock can't be set (%d)\n", ret);
}

static DEFINE_IRQ_WORK(tell_work, tell_xen);

/* Called with the clock half changed, so not the place to read it. */
static int clock_changed(struct notifier_block *block, unsigned long was_set, void *tk)
{
	if (was_set || time_after_eq(jiffies, told + TELL_EVERY)) {
		told = jiffies;
		irq_work_queue(&tell_work);
	}
	return NOTIFY_OK;
}

static struct notifier_block clock_block = {
	.notifier_call = clock_changed,
};

static int __init clock_init(void)
{
	if (!xenpv_self.control)
		return 0;
	told = jiffies;
	return pvclock_gtod_register_notifier(&clock_block);
}
device_initcall(clock_init);
