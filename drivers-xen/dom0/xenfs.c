// SPDX-License-Identifier: GPL-2.0-only
/* The file system on /proc/xen: what this domain may do, and what xenstored needs. */

#define pr_fmt(fmt) "xenpv: xenfs: " fmt

#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/init.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/store_user.h>
#include "private.h"

/* A name that tools look for when they want to know whether this is the control domain. */
static int capabilities_show(struct seq_file *s, void *unused)
{
	if (xenpv_self.control)
		seq_puts(s, "control_d\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(capabilities);

#ifdef CONFIG_XENPV_DOM0
static int xsd_port_show(struct seq_file *s, void *unused)
{
	evtchn_port_t port = xenpv_store_port();

	if (!port)
		return -ENODEV;
	seq_printf(s, "%u\n", port);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(xsd_port);

/* An address was read here once.  It is mapped now, so what it is does not matter. */
static int xsd_kva_show(struct seq_file *s, void *unused)
{
	if (!xenpv_store_kva())
		return -ENODEV;
	seq_puts(s, "0\n");
	return 0;
}

static int xsd_kva_open(struct inode *inode, struct file *file)
{
	return single_open(file, xsd_kva_show, NULL);
}

static int xsd_kva_mmap(struct file *file, struct vm_area_struct *vma)
{
	return xenpv_store_mmap(vma);
}

static const struct file_operations xsd_kva_fops = {
	.owner		= THIS_MODULE,
	.open		= xsd_kva_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
	.mmap		= xsd_kva_mmap,
};
#endif

/**
 * struct symbols - the walk over Xen's symbols
 * @op: the operation that gets one
 * @name: its name
 *
 * Xen numbers them.  A number that comes back as it was is the end.
 */
struct symbols {
	struct xen_platform_op op;
	char name[128];
};

static int get_symbol(struct symbols *symbols, u32 number)
{
	struct xenpf_symdata *sym = &symbols->op.u.symdata;

	memset(symbols, 0, sizeof(*symbols));
	symbols->op.cmd = XENPF_get_symbol;
	sym->symnum = number;
	sym->namelen = sizeof(symbols->name) - 1;
	set_xen_guest_handle(sym->name, symbols->name);
	return xenpv_hv_platform_op(&symbols->op);
}

static void *symbols_at(struct seq_file *s, loff_t *pos)
{
	struct symbols *symbols = s->private;

	if (*pos > U32_MAX || get_symbol(symbols, *pos) || symbols->op.u.symdata.symnum == *pos)
		return NULL;
	return symbols;
}

static void *symbols_start(struct seq_file *s, loff_t *pos)
{
	return symbols_at(s, pos);
}

static void *symbols_next(struct seq_file *s, void *v, loff_t *pos)
{
	struct symbols *symbols = v;

	*pos = symbols->op.u.symdata.symnum;
	return symbols_at(s, pos);
}

static void symbols_stop(struct seq_file *s, void *v)
{
}

static int symbols_show(struct seq_file *s, void *v)
{
	struct symbols *symbols = v;
	const struct xenpf_symdata *sym = &symbols->op.u.symdata;

	seq_printf(s, "%016llx %c %.*s\n", sym->address, sym->type,
		   (int)sizeof(symbols->name), symbols->name);
	return 0;
}

static const struct seq_operations symbols_ops = {
	.start	= symbols_start,
	.next	= symbols_next,
	.stop	= symbols_stop,
	.show	= symbols_show,
};

static int symbols_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &symbols_ops, sizeof(struct symbols));
}

static const struct file_operations symbols_fops = {
	.owner		= THIS_MODULE,
	.open		= symbols_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

/* The place in the list is the number of the inode; that of the root is 1. */
#define COMMON_FILES							\
	[2] = { "capabilities", &capabilities_fops, 0444 },		\
	[3] = { "privcmd", &xenpv_privcmd_fops, 0600 },			\
	[4] = { "xenbus", &xenpv_store_fops, 0600 }

static const struct tree_descr guest_files[] = {
	COMMON_FILES,
	{ "" }
};

static const struct tree_descr control_files[] = {
	COMMON_FILES,
#ifdef CONFIG_XENPV_DOM0
	{ "xsd_kva", &xsd_kva_fops, 0600 },
	{ "xsd_port", &xsd_port_fops, 0600 },
#endif
	{ "xensyms", &symbols_fops, 0400 },
	{ "" }
};

static int xenfs_fill(struct super_block *sb, struct fs_context *fc)
{
	return simple_fill_super(sb, XENFS_SUPER_MAGIC,
				 xenpv_self.control ? control_files : guest_files);
}

static int xenfs_get_tree(struct fs_context *fc)
{
	return get_tree_single(fc, xenfs_fill);
}

static const struct fs_context_operations xenfs_context_ops = {
	.get_tree	= xenfs_get_tree,
};

static int xenfs_init_context(struct fs_context *fc)
{
	fc->ops = &xenfs_context_ops;
	return 0;
}

static struct file_system_type xenfs_type = {
	.owner			= THIS_MODULE,
	.name			= "xenfs",
	.init_fs_context	= xenfs_init_context,
	.kill_sb		= kill_anon_super,
};
MODULE_ALIAS_FS("xenfs");

static int __init xenfs_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	if (!proc_create_mount_point("xen"))
		pr_warn("no /proc/xen\n");
	return register_filesystem(&xenfs_type);
}
device_initcall(xenfs_init);
