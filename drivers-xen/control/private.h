/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_CONTROL_PRIVATE_H
#define _XENPV_CONTROL_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/types.h>

/* sysfs.c */
ssize_t xenpv_sysfs_text(char *page, const char *text, size_t size);
ssize_t xenpv_sysfs_build_id(char *page);

/**
 * struct xenpv_sysfs_fact - a file of /sys/hypervisor
 * @name: of the file
 * @show: prints it into a page; bytes or a negative errno
 */
struct xenpv_sysfs_fact {
	const char *name;
	ssize_t (*show)(char *page);
};

const struct xenpv_sysfs_fact *xenpv_sysfs_find(const char *name);

#endif /* _XENPV_CONTROL_PRIVATE_H */
