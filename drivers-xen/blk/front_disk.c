// SPDX-License-Identifier: GPL-2.0-only
/* The disk of a front: its name, what it can do, how it comes and goes. */

#include <kunit/static_stub.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/major.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "front.h"

/* A disk's number: what stands in "virtual-device"; docs/man/xen-vbd-interface.7. */
#define VDEV_EXTENDED	BIT(28)
#define VDEV_MAJOR(v)	((v) >> 8)

/**
 * struct numbering - how a number says disk and partition
 * @major: what stands in its upper bits
 * @first: the first disk of these
 * @disks: how many there are
 * @shift: bits of the partition
 */
struct numbering {
	u16 major;
	u8 first;
	u8 disks;
	u8 shift;
};

/* Fronts have disks of one kind, whatever kind the toolstack had in mind. */
static const struct numbering numberings[] = {
	{ XENVBD_MAJOR, 0, 16, 4 },
	{ XEN_SCSI_DISK0_MAJOR, 0, 16, 4 },
	{ XEN_SCSI_DISK1_MAJOR, 16, 16, 4 },
	{ XEN_IDE0_MAJOR, 0, 2, 6 },
	{ XEN_IDE1_MAJOR, 2, 2, 6 },
};

/* "a" to "z", then "aa": as disks of all kinds are called. */
static int letters(unsigned int disk, char *text, size_t size)
{
	char reversed[8];
	unsigned int nr = 0;

	for (disk++; disk; disk = (disk - 1) / 26)
		reversed[nr++] = 'a' + (disk - 1) % 26;
	if (nr >= size)
		return -EINVAL;
	for (unsigned int i = 0; i < nr; i++)
		text[i] = reversed[nr - 1 - i];
	text[nr] = '\0';
	return 0;
}

static bool find_disk(u32 vdevice, unsigned int *disk, unsigned int *part,
		      unsigned int *shift)
{
	if (vdevice & VDEV_EXTENDED) {
		*disk = (vdevice & ~VDEV_EXTENDED) >> 8;
		*part = vdevice & 255;
		*shift = 8;
		return true;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(numberings); i++) {
		const struct numbering *n = &numberings[i];

		*disk = (vdevice & 255) >> n->shift;
		*part = vdevice & (BIT(n->shift) - 1);
		if (VDEV_MAJOR(vdevice) != n->major || *disk >= n->disks)
			continue;
		*disk += n->first;
		*shift = *disk < 16 ? 4 : 8;
		return *part < BIT(*shift);
	}
	return false;
}

/**
 * xblk_front_name() - what is a disk called?
 * @vdevice: its number
 * @name: set to its name
 * @size: room there
 * @minor: set to its first minor
 * @minors: set to how many it has: 1 if it is no disk but a partition
 *
 * Context: Any.
 * Return: 0, or -EINVAL for a number that says nothing.
 */
int xblk_front_name(u32 vdevice, char *name, size_t size, unsigned int *minor,
		    unsigned int *minors)
{
	unsigned int disk, part, shift;
	char which[8];

	if (vdevice >= VDEV_EXTENDED << 1 || !find_disk(vdevice, &disk, &part, &shift))
		return -EINVAL;
	if ((disk << shift) + part > MINORMASK - BIT(shift) || letters(disk, which, sizeof(which)))
		return -EINVAL;
	if (part)
		snprintf(name, size, "xvd%s%u", which, part);
	else
		snprintf(name, size, "xvd%s", which);
	*minor = (disk << shift) + part;
	*minors = part ? 1 : BIT(shift);
	return 0;
}

/**
 * xblk_front_judge() - does what the back says of a disk make sense?
 * @facts: it; what is only unusable is set to what can be used
 *
 * Context: Any.
 * Return: 0 or -EINVAL.
 */
int xblk_front_judge(struct xblk_facts *facts)
{
	if (!is_power_of_2(facts->block) || facts->block < SECTOR_SIZE || facts->block > PAGE_SIZE)
		return -EINVAL;
	if (facts->sectors > LLONG_MAX >> SECTOR_SHIFT ||
	    facts->sectors % (facts->block >> SECTOR_SHIFT))
		return -EINVAL;
	if (!is_power_of_2(facts->physical) || facts->physical < facts->block ||
	    facts->physical > SZ_1M)
		facts->physical = facts->block;
	if (!facts->granularity || facts->granularity % facts->block)
		facts->granularity = facts->block;
	if (facts->alignment >= facts->granularity)
		facts->alignment = 0;
	return 0;
}

static void fill_limits(const struct xblk_front *front, struct queue_limits *lim)
{
	const struct xblk_facts *facts = &front->facts;

	lim->logical_block_size = facts->block;
	/* No segment ends in the middle of a block. */
	lim->dma_alignment = facts->block - 1;
	lim->physical_block_size = facts->physical;
	lim->features &= ~BLK_FEAT_WRITE_CACHE;
	if (front->flush)
		lim->features |= BLK_FEAT_WRITE_CACHE;
	lim->max_hw_discard_sectors = facts->discard ? UINT_MAX : 0;
	lim->max_secure_erase_sectors = facts->discard && facts->secure ? UINT_MAX : 0;
	lim->discard_granularity = facts->discard ? facts->granularity : 0;
	lim->discard_alignment = facts->discard ? facts->alignment : 0;
}

/* What limits are made of. */
static bool same_limits(const struct xblk_facts *one, const struct xblk_facts *two)
{
	return one->block == two->block && one->physical == two->physical &&
	       one->discard == two->discard && one->secure == two->secure &&
	       one->granularity == two->granularity && one->alignment == two->alignment &&
	       (one->flush || one->barrier) == (two->flush || two->barrier);
}

/**
 * xblk_front_describe() - have the disk be what the back says
 * @front: the front
 * @facts: they were judged
 *
 * Context: Process; the queue is quiesced, unless only the size may have changed.
 * Return: 0; -EBUSY if it would be another disk than the one that is in use; or another
 * negative errno.
 */
int xblk_front_describe(struct xblk_front *front, const struct xblk_facts *facts)
{
	struct request_queue *q = front->disk->queue;
	struct queue_limits lim;
	bool same;
	int ret;

	if (front->cookie && facts->block != front->facts.block)
		return -EBUSY;
	same = front->described && same_limits(&front->facts, facts);
	front->facts = *facts;
	front->flush = facts->flush ? BLKIF_OP_FLUSH_DISKCACHE :
		       facts->barrier ? BLKIF_OP_WRITE_BARRIER : 0;
	/*
	 * Who sets a limit has its lock, and waits for requests that wait for us.  So it is not
	 * taken without need.
	 */
	if (!same) {
		front->described = false;
		lim = queue_limits_start_update(q);
		fill_limits(front, &lim);
		ret = queue_limits_commit_update(q, &lim);
		if (ret)
			return ret;
		front->described = true;
	}
	set_disk_ro(front->disk, facts->info & VDISK_READONLY);
	set_capacity_and_notify(front->disk, facts->sectors);
	return 0;
}

static void free_disk(struct gendisk *disk)
{
	kfree(disk->private_data);
}

static const struct block_device_operations front_fops = {
	.owner = THIS_MODULE,
	.free_disk = free_disk,
};

static int make_tags(struct xblk_front *front, const struct xblk_plan *plan)
{
	struct blk_mq_tag_set *set = &front->tags;

	set->ops = &xblk_front_ops;
	front->nr_waited = plan->queues;
	set->nr_hw_queues = plan->queues + plan->polled;
	set->nr_maps = plan->polled ? HCTX_MAX_TYPES : 1;
	set->queue_depth = plan->depth;
	set->numa_node = NUMA_NO_NODE;
	/* The order of requests is the business of who has the device. */
	set->flags = BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	set->cmd_size = sizeof(struct xblk_command) + front->max_segs *
			(sizeof(struct xenpv_grant_seg) + sizeof(struct scatterlist));
	set->driver_data = front;
	return blk_mq_alloc_tag_set(set);
}

/**
 * xblk_front_make_disk() - make a disk, which nobody sees yet
 * @front: the front; @front->vdevice and max_segs are set
 * @plan: what it shall be
 *
 * Its queue is quiesced.
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xblk_front_make_disk(struct xblk_front *front, const struct xblk_plan *plan)
{
	struct queue_limits lim = {
		.logical_block_size = SECTOR_SIZE,
		.max_segments = front->max_segs,
		.max_segment_size = PAGE_SIZE,
		.max_hw_sectors = front->max_segs * XBLK_PAGE_SECTORS,
		.seg_boundary_mask = PAGE_SIZE - 1,
		.dma_alignment = SECTOR_SIZE - 1,
		.features = plan->polled ? BLK_FEAT_POLL : 0,
	};
	unsigned int minor, minors;
	char name[DISK_NAME_LEN];
	struct gendisk *disk;
	int ret;

	ret = xblk_front_name(front->vdevice, name, sizeof(name), &minor, &minors);
	if (ret)
		return ret;
	ret = make_tags(front, plan);
	if (ret)
		return ret;
	disk = blk_mq_alloc_disk(&front->tags, &lim, front);
	if (IS_ERR(disk)) {
		blk_mq_free_tag_set(&front->tags);
		return PTR_ERR(disk);
	}
	strscpy(disk->disk_name, name);
	disk->major = XENVBD_MAJOR;
	disk->first_minor = minor;
	disk->minors = minors;
	disk->fops = &front_fops;
	disk->private_data = front;
	front->disk = disk;
	blk_mq_quiesce_queue(disk->queue);
	return 0;
}

/**
 * xblk_front_drop_disk() - undo xblk_front_make_disk(), and free the front
 * @front: the front; nothing is connected
 *
 * Context: Process.
 */
void xblk_front_drop_disk(struct xblk_front *front)
{
	struct gendisk *disk = front->disk;
	bool added;

	cancel_work_sync(&front->again);
	xblk_front_kill(front);
	if (front->cookie)
		async_synchronize_full_domain(&front->adding);
	added = front->added;
	if (added) {
		del_gendisk(disk);
		blk_mq_free_tag_set(&front->tags);
		put_disk(disk);
		return;
	}
	put_disk(disk);
	blk_mq_free_tag_set(&front->tags);
	kfree(front);
}

/*
 * Who adds a disk waits for its partitions, and so for the back: not with the link's lock
 * held, without which nobody learns that the back has gone.  Boot waits for it; later nobody
 * but the front itself does, since a back need not answer.
 */
static void add(void *arg, async_cookie_t cookie)
{
	struct xblk_front *front = arg;
	int ret = device_add_disk(&front->dev->dev, front->disk, NULL);

	if (ret)
		xenpv_link_fault(front->dev, "no disk %s (%pe)", front->disk->disk_name,
				 ERR_PTR(ret));
	front->added = !ret;
}

/**
 * xblk_front_add() - let the disk be seen, soon
 * @front: the front
 *
 * Context: Process.
 */
void xblk_front_add(struct xblk_front *front)
{
	KUNIT_STATIC_STUB_REDIRECT(xblk_front_add, front);
	if (front->facts.info & (VDISK_REMOVABLE | VDISK_CDROM))
		front->disk->flags |= GENHD_FL_REMOVABLE;
	INIT_LIST_HEAD(&front->adding.pending);
	front->adding.registered = system_state < SYSTEM_RUNNING;
	front->cookie = async_schedule_domain(add, front, &front->adding);
}

/**
 * xblk_front_run() - let requests go to the back
 * @front: the front
 *
 * Context: Process.
 */
void xblk_front_run(struct xblk_front *front)
{
	if (front->running)
		return;
	front->running = true;
	blk_mq_unquiesce_queue(front->disk->queue);
	blk_mq_kick_requeue_list(front->disk->queue);
	if (!front->cookie && !front->dead)
		xblk_front_add(front);
}

/**
 * xblk_front_halt() - let no more requests go
 * @front: the front
 *
 * Context: Process.
 */
void xblk_front_halt(struct xblk_front *front)
{
	if (!front->running)
		return;
	front->running = false;
	blk_mq_quiesce_queue(front->disk->queue);
}

/**
 * xblk_front_kill() - fail all requests from now on
 * @front: the front; nothing is connected
 *
 * Context: Process.
 */
void xblk_front_kill(struct xblk_front *front)
{
	if (front->dead)
		return;
	WRITE_ONCE(front->dead, true);
	/* What waits fails now, and whoever marks the disk waits for that. */
	xblk_front_run(front);
	if (front->cookie)
		blk_mark_disk_dead(front->disk);
}
