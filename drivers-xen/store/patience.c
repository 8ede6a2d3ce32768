// SPDX-License-Identifier: GPL-2.0-only
/* How long who waits for the daemon waits: a line in the log, and an end if one is set. */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "client.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_store."

/*
 * A daemon that takes a request and never answers it keeps who waits.  A program can be
 * killed; a thread of the kernel can't, so it may get a timeout.  By default it has none:
 * drivers were written for a store that answers at some time, and take an error for one
 * of the node.
 *
 * Only time in which the daemon could have answered counts: not that before it came, while
 * it is being replaced, or while the domain sleeps.
 */
unsigned int xenpv_store_timeout_ms;
module_param_named(timeout_ms, xenpv_store_timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms,
		 "Milliseconds after which a request of the kernel to xenstore fails; 0: never");

unsigned int xenpv_store_slow_ms = 30 * MSEC_PER_SEC;
module_param_named(slow_ms, xenpv_store_slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms,
		 "Milliseconds after which the log tells of a request that is not answered; 0: never");

static const char * const op_names[] = {
	[XS_CONTROL]			= "CONTROL",
	[XS_DIRECTORY]			= "DIRECTORY",
	[XS_READ]			= "READ",
	[XS_GET_PERMS]			= "GET_PERMS",
	[XS_WATCH]			= "WATCH",
	[XS_UNWATCH]			= "UNWATCH",
	[XS_TRANSACTION_START]		= "TRANSACTION_START",
	[XS_TRANSACTION_END]		= "TRANSACTION_END",
	[XS_INTRODUCE]			= "INTRODUCE",
	[XS_RELEASE]			= "RELEASE",
	[XS_GET_DOMAIN_PATH]		= "GET_DOMAIN_PATH",
	[XS_WRITE]			= "WRITE",
	[XS_MKDIR]			= "MKDIR",
	[XS_RM]				= "RM",
	[XS_SET_PERMS]			= "SET_PERMS",
	[XS_IS_DOMAIN_INTRODUCED]	= "IS_DOMAIN_INTRODUCED",
	[XS_RESUME]			= "RESUME",
	[XS_SET_TARGET]			= "SET_TARGET",
	[XS_RESET_WATCHES]		= "RESET_WATCHES",
	[XS_DIRECTORY_PART]		= "DIRECTORY_PART",
};

/**
 * xenpv_store_op_name() - what a request asks for
 * @type: XS_*
 *
 * Context: Any.
 * Return: its name.
 */
const char *xenpv_store_op_name(u32 type)
{
	const char *name = type < ARRAY_SIZE(op_names) ? op_names[type] : NULL;

	return name ?: "?";
}

/**
 * xenpv_store_age() - for how long could a request have been answered?
 * @request: it, not done
 *
 * Context: Any, with the client's lock held.
 * Return: jiffies.
 */
unsigned long xenpv_store_age(const struct xenpv_store_request *request)
{
	const struct store_client *client = &xenpv_store_client;
	unsigned long since = request->since;

	lockdep_assert_held(&client->lock);
	if (client->state != STORE_UP || client->gate)
		return 0;
	if (time_after(client->open_since, since))
		since = client->open_since;
	return jiffies - since;
}

/* What is left of a span, or for ever if it has none. */
static unsigned long left_of(unsigned int span_ms, unsigned long age)
{
	unsigned long span = msecs_to_jiffies(span_ms);

	if (!span_ms)
		return MAX_SCHEDULE_TIMEOUT;
	return age < span ? span - age : 0;
}

/* How long to wait before looking again; 0: no longer at all. */
static unsigned long look(struct xenpv_store_request *request)
{
	struct store_client *client = &xenpv_store_client;
	unsigned long age, until_slow, until_end;

	scoped_guard(spinlock, &client->lock) {
		if (request->stage == XENPV_STORE_DONE)
			return MAX_SCHEDULE_TIMEOUT;
		age = xenpv_store_age(request);
		until_end = left_of(READ_ONCE(xenpv_store_timeout_ms), age);
		until_slow = left_of(READ_ONCE(xenpv_store_slow_ms), age);
		if (request->slow || until_slow)
			return request->slow ? until_end : min(until_end, until_slow);
		request->slow = true;
		client->stats.slow++;
	}
	pr_warn_ratelimited("%s of %s (%d) is not answered for %u s\n",
			    xenpv_store_op_name(request->head.type), current->comm,
			    task_pid_nr(current), jiffies_to_msecs(age) / 1000);
	return until_end;
}

/**
 * xenpv_store_wait() - wait for the end of a request
 * @request: it, submitted
 *
 * Context: Process.
 * Return: 0 if it is done; -EINTR after a fatal signal; -ETIMEDOUT if a timeout is set
 * and over.  Then it is to be given up.
 */
int xenpv_store_wait(struct xenpv_store_request *request)
{
	unsigned long left;
	long ret;

	while ((left = look(request))) {
		ret = wait_for_completion_killable_timeout(&request->completed, left);
		if (ret > 0)
			return 0;
		if (ret < 0)
			return -EINTR;
	}
	return -ETIMEDOUT;
}
