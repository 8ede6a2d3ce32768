// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvc0: the domain's console as a terminal and as printk's console.
 */

#define pr_fmt(fmt) "xenpv console: " fmt

#include <linux/console.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/sched.h>

#include <xenpv/event.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>

#include "hvc_console.h"
#include "private.h"

/* Tells this terminal from other drivers' ones; any number would do. */
#define CONSOLE_VTERM	0x58656e30
#define CONSOLE_BUFFER	256

static struct xenpv_event *console_event;

static ssize_t console_put_chars(u32 vterm, const u8 *buf, size_t count)
{
	return xenpv_console_put(buf, count);
}

static ssize_t console_get_chars(u32 vterm, u8 *buf, size_t count)
{
	return xenpv_console_get(buf, count);
}

/* Give the reader of a full ring time to run, by sleeping if we may. */
static int console_flush(u32 vterm, bool wait)
{
	if (!xenpv_console_full())
		return 0;

	if (wait)
		schedule_timeout_uninterruptible(1);
	else
		xenpv_hv_sched_op(SCHEDOP_yield, NULL);

	return 0;
}

/* The event is bound for good; all that changes is who looks for input. */
static int console_opened(struct hvc_struct *hp, int data)
{
	hp->irq_requested = !!console_event;
	return 0;
}

static void console_closed(struct hvc_struct *hp, int data)
{
	hp->irq_requested = 0;
}

static const struct hv_ops console_ops = {
	.get_chars = console_get_chars,
	.put_chars = console_put_chars,
	.flush = console_flush,
	.notifier_add = console_opened,
	.notifier_del = console_closed,
	.notifier_hangup = console_closed,
};

/* The daemon is a peer like any other, and waits if it has nothing to say. */
static irqreturn_t console_interrupt(int irq, void *hp)
{
	struct xenpv_event *event = READ_ONCE(console_event);
	bool news = xenpv_console_news();

	if (hvc_poll(hp))
		hvc_kick();
	if (event)
		xenpv_event_done(event, news);

	return IRQ_HANDLED;
}

static struct xenpv_event *console_bind(struct hvc_struct *hp)
{
	evtchn_port_t evtchn = xenpv_console_evtchn();

	if (evtchn)
		return xenpv_event_bind_port(evtchn, console_interrupt,
					     XENPV_EVENT_LATE, "xenpv-console", hp);

	return xenpv_event_bind_virq(VIRQ_CONSOLE, 0, console_interrupt, 0,
				     "xenpv-console", hp);
}

static bool console_exists(void)
{
	return xenpv_self.control || xenpv_console_evtchn();
}

static int __init console_printk_init(void)
{
	if (!console_exists())
		return 0;

	return hvc_instantiate(CONSOLE_VTERM, 0, &console_ops);
}
console_initcall(console_printk_init);

static int __init console_terminal_init(void)
{
	struct xenpv_event *event;
	struct hvc_struct *hp;

	if (!console_exists())
		return 0;

	hp = hvc_alloc(CONSOLE_VTERM, 0, &console_ops, CONSOLE_BUFFER);
	if (IS_ERR(hp))
		return PTR_ERR(hp);

	event = console_bind(hp);
	if (IS_ERR(event)) {
		pr_warn("no event (%pe), polling\n", event);
		return 0;
	}
	WRITE_ONCE(console_event, event);
	/* For a first interrupt that came before that. */
	xenpv_event_done(event, true);

	return 0;
}
device_initcall(console_terminal_init);
