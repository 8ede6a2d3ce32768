// SPDX-License-Identifier: GPL-2.0-only
/* The connection and what is on its way, in debugfs: xenpv/store. */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/seq_file.h>

#include <xenpv/debugfs.h>
#include <xenpv/self.h>
#include "client.h"

static const char * const states[] = {
	[STORE_NONE]	= "none",
	[STORE_GONE]	= "gone",
	[STORE_COMING]	= "coming",
	[STORE_ASKED]	= "asked",
	[STORE_UP]	= "up",
	[STORE_BROKEN]	= "broken",
};

static void show_request(struct seq_file *s, const char *where,
			 const struct xenpv_store_request *request)
{
	seq_printf(s, "%-7s %-22s %8u ms, sent %u times%s\n", where,
		   xenpv_store_op_name(request->head.type),
		   jiffies_to_msecs(jiffies - request->since), request->tries,
		   request->given_up ? ", given up" : "");
}

static void show_requests(struct seq_file *s, const struct store_client *client)
{
	const struct xenpv_store_request *request;

	lockdep_assert_held(&client->lock);
	list_for_each_entry(request, &client->sent, list)
		show_request(s, "sent", request);
	if (client->sending)
		show_request(s, "sending", client->sending);
	list_for_each_entry(request, &client->queued, list)
		show_request(s, "queued", request);
}

/**
 * xenpv_store_show() - print the connection, the counters, and every request
 * @s: where to
 *
 * Context: Process.
 */
void xenpv_store_show(struct seq_file *s)
{
	struct store_client *client = &xenpv_store_client;
	unsigned long dropped = xenpv_store_watch_dropped();

	guard(mutex)(&client->wire_lock);
	guard(spinlock)(&client->lock);
	seq_printf(s, "state %s%s\nsession %u\n", states[client->state],
		   client->gate ? ", nothing is sent" : "", client->session);
	if (client->wire.broken)
		seq_printf(s, "broken: %s\n", client->wire.broken);
	seq_printf(s, "sent %llu\nanswered %llu\nlate %llu\nslow %llu\n",
		   client->stats.sent, client->stats.answered, client->stats.late,
		   client->stats.slow);
	seq_printf(s, "timed out %llu\nkilled %llu\nevents for nobody %lu\n\n",
		   client->stats.timed_out, client->stats.killed, dropped);
	show_requests(s, client);
}

static int store_show(struct seq_file *s, void *unused)
{
	xenpv_store_show(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(store);

static int __init make_file(void)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		debugfs_create_file("store", 0400, xenpv_debugfs, NULL, &store_fops);
	return 0;
}
device_initcall(make_file);
