/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_BACK_H
#define _XENPV_BLK_BACK_H

/**
 * DOC: The back of a disk
 *
 * A block device of ours, offered to another domain.  Each ring has one work item: it takes
 * requests, starts their I/O, and waits for an event when there are none.  A request is
 * answered where its I/O ends.  A job is a request that is being worked on; a ring has one
 * for each slot, or 128, all allocated when it connects.  So what a front can make us hold
 * is settled then.
 *
 * The data of a request are reached in the way that costs least::
 *
 *	few segments		copied by Xen, to pages of the job or from them
 *	more			mapped, and unmapped when the I/O has ended
 *	a front that lends the
 *	same pages all the time	mapped and kept, up to a limit; back_kept.c
 *
 * A request that makes no sense, or whose pages can't be had, gets an error; nothing of it
 * reaches the disk.  An index that lies ends the link.
 *
 * Locks: queue->lock is for answers and for jobs that do nothing.  Requests, and pages that
 * stay mapped, are for the work item alone; it may sleep.
 *
 * What stays mapped is unmapped when nobody has used it for a minute, or when memory is
 * scarce; back_tidy.c.
 *
 * Behind a disk is a block device, or a plain file, whose data go past the page cache where
 * the file system can do that; back_file.c.
 */

#include <linux/atomic.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xenpv/bus.h>
#include <xenpv/foreign.h>
#include "back_kept.h"
#include "blkif.h"

/* Segments up to which Xen copies. */
#define XBLK_COPY_SEGS		2

struct xblk_back;
struct xblk_back_queue;

/**
 * struct xblk_job - a request that is being worked on
 * @free: in the list of those that do nothing
 * @queue: of which ring
 * @op: the request
 * @copied: Xen copies its data
 * @nr_slots: segments that are mapped for this request alone
 * @bios: parts of its I/O that have not ended, and one while they are started
 * @bio: a part, if it has no more than @vecs
 * @vecs: for @bio
 * @error: the first that went wrong
 * @copies: pages for data that Xen copies
 * @pages: the data, for each segment
 * @slots: what is mapped
 * @later: unmaps it, if somebody else still has it when the I/O has ended
 * @kept: what stays mapped, or NULL, for each segment
 * @segs: its segments
 * @bvecs: its segments, for a plain file
 * @iocb: its I/O, likewise
 * @work: what of it may wait, likewise
 */
struct xblk_job {
	struct list_head free;
	struct xblk_back_queue *queue;
	struct xblk_op op;
	bool copied;
	unsigned int nr_slots;
	atomic_t bios;
	struct bio bio;
	struct bio_vec vecs[XBLK_DIRECT];
	int error;
	struct page *copies[XBLK_COPY_SEGS];
	struct page **pages;
	struct xenpv_foreign_slot *slots;
	struct xenpv_foreign_later later;
	struct xblk_kept **kept;
	struct xblk_seg *segs;
	struct bio_vec *bvecs;
	struct kiocb iocb;
	struct work_struct work;
};

/**
 * struct xblk_back_stats - what users see of a disk
 * @requests: answered requests, of each BLKIF_OP_* that we know
 * @errors: answered with an error
 * @waited: how often one had to wait, because all jobs were busy
 * @read: sectors
 * @written: sectors
 */
struct xblk_back_stats {
	atomic64_t requests[BLKIF_OP_INDIRECT];
	atomic64_t errors;
	atomic64_t waited;
	atomic64_t read;
	atomic64_t written;
};

/**
 * struct xblk_back_queue - a ring of a front
 * @back: whose
 * @abi: how the front lays requests out
 * @ring64: the ring, of a 64-bit front
 * @ring32: likewise, of a 32-bit front
 * @share: its pages and event
 * @work: takes requests
 * @up: it may
 * @busy: jobs that do something
 * @lock: guards answers, and what follows
 * @starved: @work has found no job
 * @free: jobs that do nothing
 * @jobs: all of them
 * @nr_jobs: how many
 * @kept: pages that stay mapped
 * @tables: a private copy of the tables of a request
 * @file: in debugfs
 * @all: in the list of all rings
 * @tidy: which pages are to be unmapped, an enum xblk_tidy
 * @tidy_later: looks for those that nobody has used for long
 */
struct xblk_back_queue {
	struct xblk_back *back;
	enum xblk_abi abi;
	union {
		struct xblk_64_back ring64;
		struct xblk_32_back ring32;
	};
	struct xenpv_share share;
	struct work_struct work;
	bool up;
	atomic_t busy;
	spinlock_t lock;	/* guards answers, and what follows */
	bool starved __guarded_by(&lock);
	struct list_head free __guarded_by(&lock);
	struct xblk_job *jobs;
	unsigned int nr_jobs;
	struct xblk_kept_set kept;
	struct page *tables;
	struct dentry *file;
	struct list_head all;
	atomic_t tidy;
	struct delayed_work tidy_later;
};

/**
 * struct xblk_back_shape - what the front may like to know of a disk
 * @physical: bytes of a physical block
 * @discard_granularity: bytes
 * @discard_alignment: bytes
 */
struct xblk_back_shape {
	unsigned int physical;
	unsigned int discard_granularity;
	unsigned int discard_alignment;
};

/**
 * struct xblk_back_watch - of a node that says what is behind a disk
 * @watch: of the node
 * @back: of the disk
 */
struct xblk_back_watch {
	struct xenpv_store_watch watch;
	struct xblk_back *back;
};

/**
 * struct xblk_back - the back of a disk
 * @dev: the device
 * @watches: of what the hotplug script writes
 * @file: what is behind the disk, or NULL
 * @bdev: the same, if it is a block device
 * @direct: data of a plain file go past the page cache
 * @wq: what waits for a plain file waits here, and keeps no other disk waiting
 * @offered_queues: rings that the front may have
 * @offered_order: pages of each, as a power of two
 * @limits: what the front may ask for
 * @shape: what it may like to know
 * @info: VDISK_*
 * @abi: how the front lays requests out
 * @max_kept: pages that stay mapped, for each ring; 0: the front lends others each time
 * @resize: tells the front that the disk has another size
 * @stats: for users
 * @dir: of the rings in debugfs
 * @nr_queues: rings
 * @queues: they
 */
struct xblk_back {
	struct xenpv_device *dev;
	struct xblk_back_watch watches[2];
	struct file *file;
	struct block_device *bdev;
	bool direct;
	struct workqueue_struct *wq;
	unsigned int offered_queues;
	unsigned int offered_order;
	struct xblk_limits limits;
	struct xblk_back_shape shape;
	u32 info;
	enum xblk_abi abi;
	unsigned int max_kept;
	struct work_struct resize;
	struct xblk_back_stats stats;
	struct dentry *dir;
	unsigned int nr_queues;
	struct xblk_back_queue queues[XBLK_QUEUES];
};

/* back.c: requests */
irqreturn_t xblk_back_interrupt(int irq, void *queue);
void xblk_back_work(struct work_struct *work);
int xblk_back_make_jobs(struct xblk_back_queue *queue, unsigned int nr);
void xblk_back_drop_jobs(struct xblk_back_queue *queue);
void xblk_back_drain(struct xblk_back_queue *queue);
void xblk_back_due(struct xblk_back_queue *queue);
void xblk_back_resized(struct xblk_back *back);
void xblk_job_part_ended(struct xblk_job *job, int error);
size_t xblk_back_job_bytes(const struct xblk_back *back);
extern struct workqueue_struct *xblk_back_wq;

/* back_disk.c: what is behind it */
int xblk_back_open(struct xblk_back *back);
int xblk_back_use(struct xblk_back *back, struct file *file);
void xblk_back_close(struct xblk_back *back);
u64 xblk_back_sectors(const struct xblk_back *back);

/* back_file.c: a plain file */
bool xblk_file_can_be_direct(struct file *file);
int xblk_file_make_job(struct xblk_job *job, unsigned int segs);
int xblk_file_start(struct xblk_job *job);

/* back_share.c: what is shared */
int xblk_back_make_queue(struct xblk_back *back, struct xblk_back_queue *queue,
			 const struct xblk_ring_facts *facts);
void xblk_back_drop_queue(struct xblk_back_queue *queue);

#endif /* _XENPV_BLK_BACK_H */
