// SPDX-License-Identifier: GPL-2.0-only
/* Gives memory back to a kernel that has not enough of it. */

#define pr_fmt(fmt) "xenpv: balloon: " fmt

#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/printk.h>
#include <linux/shrinker.h>

#include <xenpv/balloon.h>
#include <xenpv/scratch.h>
#include "balloon.h"

/* Frames to ask Xen for before a program is killed. */
#define RELIEF	256

/* Frames that lie idle in the store for foreign pages are a cache like any other. */
static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return xenpv_scratch_idle() ?: SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	return xenpv_scratch_shrink(sc->nr_to_scan) ?: SHRINK_STOP;
}

/*
 * The target is somebody's wish; a program that dies is a loss.  The balloon goes for
 * the target again later, if there is memory to spare then.
 */
static int oom(struct notifier_block *nb, unsigned long event, void *freed)
{
	unsigned long nr = xenpv_scratch_shrink(RELIEF);

	if (nr < RELIEF)
		nr += xenpv_balloon_relieve(RELIEF - nr);
	*(unsigned long *)freed += nr;
	return NOTIFY_OK;
}

static struct notifier_block oom_block = {
	.notifier_call = oom,
};

static int __init pressure_init(void)
{
	struct shrinker *shrinker;
	int ret;

	if (!xenpv_balloon_current())
		return 0;
	ret = register_oom_notifier(&oom_block);
	if (ret)
		return ret;
	shrinker = shrinker_alloc(0, "xenpv-scratch");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return 0;
}
device_initcall(pressure_init);
