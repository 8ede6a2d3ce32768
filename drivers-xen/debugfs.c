// SPDX-License-Identifier: GPL-2.0-only
/* The directory in debugfs that all rooms share. */

#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/init.h>

#include <xenpv/debugfs.h>
#include <xenpv/self.h>

struct dentry *xenpv_debugfs;
EXPORT_SYMBOL_NS_GPL(xenpv_debugfs, "XENPV");

static int __init debugfs_dir_init(void)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		xenpv_debugfs = debugfs_create_dir("xenpv", NULL);
	return 0;
}
postcore_initcall(debugfs_dir_init);
