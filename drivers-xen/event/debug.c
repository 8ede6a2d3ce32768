// SPDX-License-Identifier: GPL-2.0-only
/* All events that have a port, with their counters, in debugfs: xenpv/events. */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include <xenpv/debugfs.h>
#include <xenpv/self.h>
#include "private.h"

static const char * const kinds[XENPV_EVENT_KINDS] = {
	[XENPV_EVENT_VIRQ]		= "virq",
	[XENPV_EVENT_IPI]		= "ipi",
	[XENPV_EVENT_PIRQ]		= "pirq",
	[XENPV_EVENT_GIVEN]		= "given",
	[XENPV_EVENT_UNBOUND]		= "unbound",
	[XENPV_EVENT_INTERDOMAIN]	= "interdomain",
};

/* A letter for each reason to be masked, in the order of their bits. */
static void show_reasons(struct seq_file *m, unsigned int reasons)
{
	static const char letters[] = "iumedx";

	for (unsigned int i = 0; i < sizeof(letters) - 1; i++)
		seq_putc(m, reasons & BIT(i) ? letters[i] : '-');
}

static void show_event(struct xenpv_event *ev, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "%6u %3u %-11s %5u %5u %5u ", ev->port, READ_ONCE(ev->cpu),
		   kinds[ev->kind], ev->number, ev->peer, ev->irq);
	show_reasons(m, READ_ONCE(ev->reasons));
	seq_printf(m, " %10lu %8lu %7lu %7lu %8llu %s\n", READ_ONCE(ev->nr_delivered),
		   READ_ONCE(ev->nr_spurious), READ_ONCE(ev->nr_delayed),
		   READ_ONCE(ev->nr_dropped), READ_ONCE(ev->delay) / NSEC_PER_USEC,
		   ev->name);
}

static int events_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%s layout, %lu dropped\n", xenpv_event_abi->name,
		   xenpv_event_nr_dropped());
	seq_puts(m, "# masked by: interrupt core, user, move, eoi, delay, being closed (x)\n");
	seq_puts(m, "#port cpu kind       number  peer   irq masked  delivered spurious delayed dropped delay-us name\n");
	xenpv_event_for_each(show_event, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(events);

static int __init events_debug_init(void)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		debugfs_create_file("events", 0400, xenpv_debugfs, NULL, &events_fops);
	return 0;
}
late_initcall(events_debug_init);
