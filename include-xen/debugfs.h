/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DEBUGFS_H
#define _XENPV_DEBUGFS_H

/**
 * DOC: What is to be seen in debugfs
 *
 * All rooms show what they have to show in one directory, /sys/kernel/debug/xenpv.
 */

struct dentry;

/* The directory; for debugfs_create_file() and the like, from device initcalls on. */
extern struct dentry *xenpv_debugfs;

#endif /* _XENPV_DEBUGFS_H */
