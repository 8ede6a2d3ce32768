// SPDX-License-Identifier: GPL-2.0-only
/* /sys/devices/system/xen_memory: the size of the domain, for people and tools. */

#define pr_fmt(fmt) "xenpv: balloon: " fmt

#include <linux/capability.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <xenpv/balloon.h>
#include <xenpv/scratch.h>
#include "balloon.h"

#define NAME	"xen_memory"
#define KIB(pages)	((u64)(pages) << (PAGE_SHIFT - 10))

/*
 * Names, units and meanings are mainline's, see Documentation/ABI/stable.  What it
 * has not: floor_kb, max_kb, the limit of frames for foreign pages, and counters.
 */

static struct xenpv_balloon_state state(void)
{
	struct xenpv_balloon_state s;

	xenpv_balloon_state(&s);
	return s;
}

static struct xenpv_balloon_stats stats(void)
{
	struct xenpv_balloon_stats s;

	xenpv_balloon_stats(&s);
	return s;
}

#define GET(name, expr)					\
static u64 get_##name(void)				\
{							\
	return expr;					\
}

GET(target, (u64)state().asked << PAGE_SHIFT)
GET(target_kb, KIB(state().asked))
GET(schedule_delay, state().delay)
GET(max_schedule_delay, state().max_delay)
GET(retry_count, state().tries)
GET(max_retry_count, state().max_tries)
GET(current_kb, KIB(state().size))
GET(low_kb, KIB(xenpv_stock_nr()))
GET(floor_kb, KIB(state().floor))
GET(max_kb, KIB(state().ceiling))
GET(foreign_kb, KIB(xenpv_scratch_frames()))
GET(foreign_max_kb, KIB(xenpv_scratch_limit()))
GET(given, stats().given)
GET(taken, stats().taken)
GET(refused, stats().refused)
GET(delayed, stats().delayed)
GET(abandoned, stats().abandoned)
GET(relieved, stats().relieved)
GET(added, stats().added)
GET(looks, stats().looks)
/* There is no high memory, and no frame leaves with what was in it. */
GET(high_kb, 0)
GET(scrub_pages, 1)

static int set_target(u64 bytes)
{
	return xenpv_balloon_set_target(bytes >> PAGE_SHIFT);
}

static int set_target_kb(u64 kib)
{
	return xenpv_balloon_set_target(kib >> (PAGE_SHIFT - 10));
}

static int set_max_delay(u64 seconds)
{
	return seconds > UINT_MAX ? -ERANGE : xenpv_balloon_set_max_delay(seconds);
}

static int set_max_tries(u64 tries)
{
	return tries > UINT_MAX ? -ERANGE : xenpv_balloon_set_max_tries(tries);
}

static int set_foreign_max(u64 kib)
{
	xenpv_scratch_set_limit(kib >> (PAGE_SHIFT - 10));
	return 0;
}

static const struct xenpv_balloon_knob knobs[] = {
	{ "target", get_target, set_target },
	{ "target_kb", get_target_kb, set_target_kb },
	{ "schedule_delay", get_schedule_delay },
	{ "max_schedule_delay", get_max_schedule_delay, set_max_delay },
	{ "retry_count", get_retry_count },
	{ "max_retry_count", get_max_retry_count, set_max_tries },
	{ "scrub_pages", get_scrub_pages },
	{ "foreign_max_kb", get_foreign_max_kb, set_foreign_max },
	{ "info/current_kb", get_current_kb },
	{ "info/low_kb", get_low_kb },
	{ "info/high_kb", get_high_kb },
	{ "info/floor_kb", get_floor_kb },
	{ "info/max_kb", get_max_kb },
	{ "info/foreign_kb", get_foreign_kb },
	{ "stats/given", get_given },
	{ "stats/taken", get_taken },
	{ "stats/refused", get_refused },
	{ "stats/delayed", get_delayed },
	{ "stats/abandoned", get_abandoned },
	{ "stats/relieved", get_relieved },
	{ "stats/added", get_added },
	{ "stats/looks", get_looks },
};

/**
 * xenpv_balloon_find_knob() - the number of a name
 * @name: below xen_memory0
 *
 * Context: Any.
 * Return: it, or NULL.
 */
const struct xenpv_balloon_knob *xenpv_balloon_find_knob(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(knobs); i++)
		if (!strcmp(knobs[i].name, name))
			return &knobs[i];
	return NULL;
}

/**
 * xenpv_balloon_parse_knob() - set a number
 * @knob: which
 * @text: a number, with a unit (K, M, G) if somebody likes; and a newline
 *
 * Context: Process.
 * Return: 0, -EINVAL if it is no number, or another negative errno.
 */
int xenpv_balloon_parse_knob(const struct xenpv_balloon_knob *knob, const char *text)
{
	char *end;
	u64 value;

	if (!knob->set)
		return -EACCES;
	if (*text < '0' || *text > '9')
		return -EINVAL;
	value = memparse(text, &end);
	if (*end == '\n')
		end++;
	return *end ? -EINVAL : knob->set(value);
}

/**
 * struct knob_file - a file as sysfs wants it
 * @attr: what sysfs calls
 * @knob: what is in it
 */
struct knob_file {
	struct device_attribute attr;
	const struct xenpv_balloon_knob *knob;
};

static ssize_t show(struct device *dev, struct device_attribute *attr, char *page)
{
	const struct knob_file *file = container_of(attr, struct knob_file, attr);

	return sysfs_emit(page, "%llu\n", file->knob->get());
}

static ssize_t store(struct device *dev, struct device_attribute *attr, const char *text,
		     size_t len)
{
	const struct knob_file *file = container_of(attr, struct knob_file, attr);
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = xenpv_balloon_parse_knob(file->knob, text);
	return ret ?: len;
}

static const struct bus_type bus = {
	.name = NAME,
	.dev_name = NAME,
};

/* All stays for ever. */
static void released(struct device *dev)
{
}

static struct device device = {
	.bus = &bus,
	.release = released,
};

static int __init add_file(const struct xenpv_balloon_knob *knob)
{
	const char *slash = strchr(knob->name, '/');
	struct knob_file *file = kzalloc_obj(*file);
	char group[16] = "";

	if (!file)
		return -ENOMEM;
	sysfs_attr_init(&file->attr.attr);
	file->knob = knob;
	file->attr.attr.name = slash ? slash + 1 : knob->name;
	file->attr.attr.mode = knob->set ? 0644 : 0444;
	file->attr.show = show;
	file->attr.store = store;
	if (!slash)
		return device_create_file(&device, &file->attr);
	strscpy(group, knob->name, min_t(size_t, slash - knob->name + 1, sizeof(group)));
	return sysfs_add_file_to_group(&device.kobj, &file->attr.attr, group);
}

/* Groups that files are added to. */
static struct attribute *no_attrs[] = { NULL };
static const struct attribute_group info_group = { .name = "info", .attrs = no_attrs };
static const struct attribute_group stats_group = { .name = "stats", .attrs = no_attrs };
static const struct attribute_group *groups[] = { &info_group, &stats_group, NULL };

static int __init knobs_init(void)
{
	int ret;

	if (!xenpv_balloon_current())
		return 0;
	ret = subsys_system_register(&bus, NULL);
	if (ret)
		return ret;
	device.groups = groups;
	ret = device_register(&device);
	for (unsigned int i = 0; !ret && i < ARRAY_SIZE(knobs); i++)
		ret = add_file(&knobs[i]);
	if (ret)
		pr_err("no files (%d)\n", ret);
	return ret;
}
device_initcall(knobs_init);
