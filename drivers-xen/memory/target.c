// SPDX-License-Identifier: GPL-2.0-only
/* Learns from xenstore how large the domain shall be. */

#define pr_fmt(fmt) "xenpv: balloon: " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <xenpv/balloon.h>
#include <xenpv/self.h>
#include <xenpv/store.h>
#include "balloon.h"

#define DIR	"memory"

/**
 * xenpv_target_parse() - a size in KiB, as a decimal number
 * @text: the value of a node, whoever wrote it
 * @pages: set to the size; untouched on failure
 *
 * Context: Any.
 * Return: 0, or -EINVAL or -ERANGE if it is no such number.
 */
int xenpv_target_parse(const char *text, unsigned long *pages)
{
	u64 kib;
	int ret;

	/* A sign is none of a size. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	ret = kstrtou64(text, 10, &kib);
	if (!ret)
		*pages = kib >> (PAGE_SHIFT - 10);
	return ret;
}

/**
 * xenpv_target_heard() - the store says how large the domain shall be
 * @target: value of memory/target, NULL if there is none
 * @static_max: value of memory/static-max, NULL if there is none
 *
 * What is no number changes nothing.
 *
 * Context: Process.
 */
void xenpv_target_heard(const char *target, const char *static_max)
{
	unsigned long pages;

	if (static_max && !xenpv_target_parse(static_max, &pages))
		xenpv_balloon_set_static_max(pages);
	if (!target)
		return;
	if (!xenpv_target_parse(target, &pages))
		xenpv_balloon_set_target(pages);
	else
		pr_warn_once("the target in the store is no number\n");
}

/* NULL if there is none, or the store is not there. */
static char *read(const char *node)
{
	char *text = xenpv_store_read(NULL, DIR, node, NULL);

	return IS_ERR(text) ? NULL : text;
}

static void changed(struct xenpv_store_watch *watch, const char *path)
{
	char *target = read("target"), *static_max = read("static-max");

	xenpv_target_heard(target, static_max);
	kfree(static_max);
	kfree(target);
}

static struct xenpv_store_watch watch = {
	.dir = DIR,
	.node = "target",
	.changed = changed,
};

static int store_is_up(struct xenpv_store_waiter *waiter)
{
	int ret = xenpv_store_watch(&watch);

	if (ret)
		pr_warn("the target in the store is not heard of (%pe)\n", ERR_PTR(ret));
	return ret;
}

static struct xenpv_store_waiter waiter = {
	.up = store_is_up,
};

static int __init target_init(void)
{
	if (xenpv_balloon_current())
		xenpv_store_when_up(&waiter);
	return 0;
}
device_initcall(target_init);
