// SPDX-License-Identifier: GPL-2.0-only
/* /sys/hypervisor: what Xen is, and what this domain is to it. */

#define pr_fmt(fmt) "xenpv: sysfs: " fmt

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/*
 * Xen fills in arrays of a fixed size.  They hold text, but whether it ends within
 * them is not for us to believe; a build id is not even text.  So everything is
 * printed by its size, and by the size of a page, and never by where it ends.
 */

/**
 * xenpv_sysfs_text() - print text that may have no end
 * @page: where to
 * @text: the text
 * @size: of the array that it is in
 *
 * Context: Any.
 * Return: number of bytes.
 */
ssize_t xenpv_sysfs_text(char *page, const char *text, size_t size)
{
	size_t len = min_t(size_t, strnlen(text, size), PAGE_SIZE - 1);

	memcpy(page, text, len);
	page[len] = '\n';
	return len + 1;
}

static ssize_t type_show(char *page)
{
	return sysfs_emit(page, "xen\n");
}

static ssize_t guest_type_show(char *page)
{
	return sysfs_emit(page, "%s\n", xenpv_self.kind == XENPV_KIND_PV ? "PV" : "PVH");
}

static ssize_t uuid_show(char *page)
{
	xen_domain_handle_t uuid;
	int ret = xenpv_hv_xen_version(XENVER_guest_handle, &uuid);

	return ret < 0 ? ret : sysfs_emit(page, "%pU\n", &uuid);
}

static ssize_t major_show(char *page)
{
	int version = xenpv_hv_xen_version(XENVER_version, NULL);

	return version < 0 ? version : sysfs_emit(page, "%u\n", (u32)version >> 16);
}

static ssize_t minor_show(char *page)
{
	int version = xenpv_hv_xen_version(XENVER_version, NULL);

	return version < 0 ? version : sysfs_emit(page, "%u\n", version & 0xffff);
}

/* A part of the structure that Xen fills in for @cmd. */
static ssize_t show_part(char *page, int cmd, size_t whole, size_t offset, size_t size)
{
	char *info __free(kfree) = kzalloc(whole, GFP_KERNEL);
	int ret;

	if (!info)
		return -ENOMEM;
	ret = xenpv_hv_xen_version(cmd, info);
	return ret < 0 ? ret : xenpv_sysfs_text(page, info + offset, size);
}

#define SHOW_PART(name, cmd, type, member)						\
static ssize_t name##_show(char *page)							\
{											\
	return show_part(page, cmd, sizeof(type), offsetof(type, member),		\
			 sizeof_field(type, member));					\
}

SHOW_PART(extra, XENVER_extraversion, struct xen_extraversion, extraversion)
SHOW_PART(compiler, XENVER_compile_info, struct xen_compile_info, compiler)
SHOW_PART(compiled_by, XENVER_compile_info, struct xen_compile_info, compile_by)
SHOW_PART(compile_date, XENVER_compile_info, struct xen_compile_info, compile_date)
SHOW_PART(capabilities, XENVER_capabilities, struct xen_capabilities_info, info)
SHOW_PART(changeset, XENVER_changeset, struct xen_changeset_info, info)

static ssize_t virtual_start_show(char *page)
{
	struct xen_platform_parameters param = { };
	int ret = xenpv_hv_xen_version(XENVER_platform_parameters, &param);

	return ret < 0 ? ret : sysfs_emit(page, "%lx\n", (unsigned long)param.virt_start);
}

static ssize_t pagesize_show(char *page)
{
	int ret = xenpv_hv_xen_version(XENVER_pagesize, NULL);

	return ret < 0 ? ret : sysfs_emit(page, "%x\n", ret);
}

/* As one number, the last word first. */
static ssize_t features_show(char *page)
{
	ssize_t len = 0;

	for (int i = XENFEAT_NR_SUBMAPS - 1; i >= 0; i--)
		len += sysfs_emit_at(page, len, "%08x", xenpv_self.features[i]);
	return len + sysfs_emit_at(page, len, "\n");
}

/**
 * xenpv_sysfs_build_id() - copy the build id of Xen, whatever bytes it has
 * @page: where to
 *
 * Context: Process.
 * Return: number of bytes; -ENOSPC if a page is too small, or another errno of Xen.
 */
ssize_t xenpv_sysfs_build_id(char *page)
{
	struct xen_build_id *id __free(kfree) = NULL;
	int len, got;

	len = xenpv_hv_xen_version(XENVER_build_id, NULL);
	if (len == -EPERM)
		return sysfs_emit(page, "<denied>");
	if (len < 0)
		return len;
	if (len > PAGE_SIZE)
		return -ENOSPC;
	id = kzalloc(struct_size(id, buf, len), GFP_KERNEL);
	if (!id)
		return -ENOMEM;
	id->len = len;
	got = xenpv_hv_xen_version(XENVER_build_id, id);
	if (got < 0)
		return got;
	/* It may not have become longer since. */
	if (got > len)
		return -ENOSPC;
	memcpy(page, id->buf, got);
	return got;
}

/*
 * The files, by folder; the first one is /sys/hypervisor itself.
 */
static const struct xenpv_sysfs_fact facts[] = {
	{ "type", type_show },
	{ "guest_type", guest_type_show },
	{ "uuid", uuid_show },
	{ "version/major", major_show },
	{ "version/minor", minor_show },
	{ "version/extra", extra_show },
	{ "compilation/compiler", compiler_show },
	{ "compilation/compiled_by", compiled_by_show },
	{ "compilation/compile_date", compile_date_show },
	{ "properties/capabilities", capabilities_show },
	{ "properties/changeset", changeset_show },
	{ "properties/virtual_start", virtual_start_show },
	{ "properties/pagesize", pagesize_show },
	{ "properties/features", features_show },
	{ "properties/buildid", xenpv_sysfs_build_id },
};

/**
 * xenpv_sysfs_find() - the file of a name
 * @name: below /sys/hypervisor
 *
 * Context: Any.
 * Return: it, or NULL.
 */
const struct xenpv_sysfs_fact *xenpv_sysfs_find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(facts); i++)
		if (!strcmp(facts[i].name, name))
			return &facts[i];
	return NULL;
}

/**
 * struct fact_file - a file as sysfs wants it
 * @attr: what sysfs calls
 * @show: prints a fact
 * @flag: or a start flag, if @show is NULL
 * @name: of a flag without one
 */
struct fact_file {
	struct kobj_attribute attr;
	ssize_t (*show)(char *page);
	unsigned int flag;
	char name[12];
};

static ssize_t file_show(struct kobject *kobj, struct kobj_attribute *attr, char *page)
{
	const struct fact_file *file = container_of(attr, struct fact_file, attr);
	const struct start_info *start = xenpv_self.start;

	if (file->show)
		return file->show(page);
	return sysfs_emit(page, "%c\n", start && start->flags & BIT(file->flag) ? '1' : '0');
}

/* Both stay for ever, as Xen does. */
static int __init add_file(struct kobject *folder, const char *name, const struct fact_file *model)
{
	struct fact_file *file = kmemdup(model, sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	sysfs_attr_init(&file->attr.attr);
	file->attr.attr.name = name ?: file->name;
	file->attr.attr.mode = 0444;
	file->attr.show = file_show;
	return sysfs_create_file(folder, &file->attr.attr);
}

/* The folder of a name, made when it is the first in it. */
static struct kobject * __init folder_of(const char *path, const char **name)
{
	static struct kobject *last;
	const char *slash = strchr(path, '/');
	char folder[16];

	if (!slash) {
		*name = path;
		return hypervisor_kobj;
	}
	*name = slash + 1;
	strscpy(folder, path, min_t(size_t, slash - path + 1, sizeof(folder)));
	if (!last || strcmp(kobject_name(last), folder))
		last = kobject_create_and_add(folder, hypervisor_kobj);
	return last;
}

/* Every bit has a file; most of them mean nothing yet. */
static int __init add_flags(void)
{
	static const char * const names[] = {
		"privileged", "initdomain", "multiboot", "mod_start_pfn", "virt_p2m",
	};
	struct kobject *folder = kobject_create_and_add("start_flags", hypervisor_kobj);
	int ret = folder ? 0 : -ENOMEM;

	for (unsigned int i = 0; !ret && i < 32; i++) {
		struct fact_file file = { .flag = i };

		scnprintf(file.name, sizeof(file.name), "unknown%02u", i);
		ret = add_file(folder, i < ARRAY_SIZE(names) ? names[i] : NULL, &file);
	}
	return ret;
}

static int __init facts_init(void)
{
	int ret = 0;

	if (xenpv_self.kind == XENPV_KIND_NONE || !hypervisor_kobj)
		return 0;
	for (unsigned int i = 0; !ret && i < ARRAY_SIZE(facts); i++) {
		struct fact_file file = { .show = facts[i].show };
		const char *name;
		struct kobject *folder = folder_of(facts[i].name, &name);

		ret = folder ? add_file(folder, name, &file) : -ENOMEM;
	}
	ret = ret ?: add_flags();
	if (ret)
		pr_err("no facts (%d)\n", ret);
	return ret;
}
device_initcall(facts_init);
