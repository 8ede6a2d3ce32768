// SPDX-License-Identifier: GPL-2.0-only
/* What is behind the back of a disk: a block device, or a plain file. */

#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kdev_t.h>
#include <linux/kstrtox.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <xenpv/keys.h>
#include "back.h"

/* Requests to one file that wait for it at a time. */
#define AT_ONCE	16

/**
 * struct disk_facts - what stands in our directory, by the toolstack and its scripts
 * @device: major and minor number of the block device, in hex
 * @path: of a file, if there is no @device
 * @mode: "r", or "w" with anything behind it
 * @type: "disk", "cdrom"
 * @removable: the medium can be taken out
 * @discard: do not offer to discard, if 0
 */
struct disk_facts {
	char device[16];
	char path[256];
	char mode[4];
	char type[12];
	u8 removable;
	u8 discard;
};

static const struct xenpv_key disk_keys[] = {
	XENPV_KEY_TEXT(struct disk_facts, device, "physical-device", 3, true),
	XENPV_KEY_TEXT(struct disk_facts, path, "physical-device-path", 2, true),
	XENPV_KEY_TEXT(struct disk_facts, mode, "mode", 1, false),
	XENPV_KEY_TEXT(struct disk_facts, type, "device-type", 0, true),
	XENPV_KEY_MAYBE(struct disk_facts, removable, "removable", 0, 1, 0),
	XENPV_KEY_MAYBE(struct disk_facts, discard, "discard-enable", 0, 1, 1),
};

static int parse_device(const char *text, dev_t *dev)
{
	unsigned int major, minor;
	char copy[16], *colon;

	strscpy(copy, text);
	colon = strchr(copy, ':');
	if (!colon)
		return -EINVAL;
	*colon++ = '\0';
	if (kstrtouint(copy, 16, &major) || kstrtouint(colon, 16, &minor) ||
	    major > MINORMASK >> 8 || minor > MINORMASK)
		return -EINVAL;
	*dev = MKDEV(major, minor);
	return 0;
}

static bool may_write(const struct disk_facts *facts)
{
	return facts->mode[0] == 'w';
}

/* Not for ourselves alone: the toolstack may let several domains share a disk. */
static struct file *open_device(const struct disk_facts *facts)
{
	blk_mode_t mode = BLK_OPEN_READ | (may_write(facts) ? BLK_OPEN_WRITE : 0);
	dev_t dev;
	int ret;

	ret = parse_device(facts->device, &dev);
	return ret ? ERR_PTR(ret) : bdev_file_open_by_dev(dev, mode, NULL, NULL);
}

/* A path may lead to a device as well as to a plain file, and to nothing else. */
static struct file *look_up(const struct disk_facts *facts)
{
	blk_mode_t mode = BLK_OPEN_READ | (may_write(facts) ? BLK_OPEN_WRITE : 0);
	struct file *file;
	umode_t kind;

	file = filp_open(facts->path, O_LARGEFILE | (may_write(facts) ? O_RDWR : O_RDONLY) |
			 O_NONBLOCK, 0);
	if (IS_ERR(file))
		return file;
	kind = file_inode(file)->i_mode;
	if (S_ISREG(kind))
		return file;
	filp_close(file, NULL);
	return S_ISBLK(kind) ? bdev_file_open_by_path(facts->path, mode, NULL, NULL) :
			       ERR_PTR(-EINVAL);
}

/* The toolstack means the files of user space; a thread of the kernel has none of its own. */
static struct file *open_path(const struct disk_facts *facts)
{
	struct file *file = NULL;

	scoped_with_init_fs()
		file = look_up(facts);
	return file;
}

static void describe_device(struct xblk_back *back, const struct disk_facts *facts)
{
	struct block_device *bdev = back->bdev;

	back->limits = (struct xblk_limits) {
		.block = bdev_logical_block_size(bdev) >> SECTOR_SHIFT,
		.max_segs = back->limits.max_segs,
		.writable = may_write(facts) && !bdev_read_only(bdev),
		.discard = facts->discard && bdev_max_discard_sectors(bdev),
		.secure = facts->discard && bdev_max_secure_erase_sectors(bdev),
	};
	back->shape = (struct xblk_back_shape) {
		.physical = bdev_physical_block_size(bdev),
		.discard_granularity = bdev_discard_granularity(bdev),
		.discard_alignment = bdev_discard_alignment(bdev),
	};
}

static void describe_file(struct xblk_back *back, const struct disk_facts *facts)
{
	back->limits = (struct xblk_limits) {
		.block = 1,
		.max_segs = back->limits.max_segs,
		.writable = may_write(facts),
		.discard = facts->discard && back->file->f_op->fallocate,
	};
	back->shape.physical = i_blocksize(file_inode(back->file));
	back->shape.discard_granularity = back->shape.physical;
}

/**
 * xblk_back_use() - let a file be what is behind a disk
 * @back: the back, which has none
 * @file: a block device or a plain file; the back's from now on
 *
 * Context: Process.
 * Return: 0; or -ENOMEM, and the file is the caller's.
 */
int xblk_back_use(struct xblk_back *back, struct file *file)
{
	if (S_ISBLK(file_inode(file)->i_mode)) {
		back->bdev = file_bdev(file);
	} else {
		back->wq = alloc_workqueue("xenpv-file-%s", WQ_UNBOUND | WQ_MEM_RECLAIM,
					   AT_ONCE, dev_name(&back->dev->dev));
		if (!back->wq)
			return -ENOMEM;
		back->direct = xblk_file_can_be_direct(file);
	}
	back->file = file;
	return 0;
}

/**
 * xblk_back_open() - open what is behind a disk
 * @back: the back; its device's node says what it is
 *
 * Context: Process.
 * Return: 0; -ENOENT if it is not said yet; or another negative errno.
 */
int xblk_back_open(struct xblk_back *back)
{
	struct xenpv_key_error error;
	struct disk_facts facts;
	struct file *file;
	int ret;

	ret = xenpv_keys_read(NULL, back->dev->node, NULL,
			      XENPV_KEYS(struct disk_facts, disk_keys), &facts, &error);
	if (ret)
		return ret;
	if (!facts.device[0] && !facts.path[0])
		return -ENOENT;
	file = facts.device[0] ? open_device(&facts) : open_path(&facts);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = xblk_back_use(back, file);
	if (ret) {
		filp_close(file, NULL);
		return ret;
	}
	if (back->bdev)
		describe_device(back, &facts);
	else
		describe_file(back, &facts);
	back->limits.sectors = xblk_back_sectors(back);
	back->info = !back->limits.writable ? VDISK_READONLY : 0;
	if (facts.removable)
		back->info |= VDISK_REMOVABLE;
	if (!strcmp(facts.type, "cdrom"))
		back->info |= VDISK_CDROM;
	return 0;
}

/**
 * xblk_back_close() - close what is behind a disk
 * @back: the back; no ring is connected
 *
 * Context: Process.
 */
void xblk_back_close(struct xblk_back *back)
{
	if (back->bdev)
		bdev_fput(back->file);
	else if (back->file)
		filp_close(back->file, NULL);
	back->file = NULL;
	back->bdev = NULL;
	if (back->wq)
		destroy_workqueue(back->wq);
	back->wq = NULL;
}

/**
 * xblk_back_sectors() - how large is what is behind a disk, now?
 * @back: the back
 *
 * Context: Any.
 * Return: Sectors.
 */
u64 xblk_back_sectors(const struct xblk_back *back)
{
	return back->bdev ? bdev_nr_sectors(back->bdev) :
			    i_size_read(file_inode(back->file)) >> SECTOR_SHIFT;
}
