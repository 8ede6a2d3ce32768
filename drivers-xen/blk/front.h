/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_FRONT_H
#define _XENPV_BLK_FRONT_H

/**
 * DOC: The front of a disk
 *
 * A disk is there from the first connection until its device goes.  What is shared with the
 * back, rings and grants, is there from connect to disconnect; while it is not, the queue is
 * quiesced and requests wait: those that the back has not answered are sent again to the
 * next one, with the same data.  So a back that restarts, or a save and restore, looks like
 * a slow disk.  A back that breaks the protocol loses the disk: all requests fail.
 *
 * How many hardware queues there are is settled by what we want; if a back has fewer rings,
 * several share one.  A request that needs more segments than the back takes at once
 * becomes several requests of the ring, its parts, and ends when they all did.
 *
 * Locks: queue->lock guards a ring and its ids.  It is taken with nothing else held but
 * what the block layer holds, and nothing is taken in it.
 */

#include <linux/async.h>
#include <linux/atomic.h>
#include <linux/blk-mq.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xenpv/bus.h>
#include <xenpv/grant.h>
#include <xenpv/ids.h>
#include "blkif.h"

struct xblk_front;

/**
 * struct xblk_stats - what has gone through a ring, for users
 * @parts: requests of the ring
 * @requests: requests of the block layer that were answered
 * @recalled: those that were taken back, because the back has gone
 * @late: how often a request took longer than its timeout
 */
struct xblk_stats {
	u64 parts;
	u64 requests;
	u64 recalled;
	u64 late;
};

/**
 * struct xblk_queue - a ring of ours
 * @front: whose
 * @polled: nobody waits for an event of it
 * @lock: guards what follows, but for @share
 * @up: there is a ring
 * @ring: it
 * @ids: ids that are with the back; of the struct request each belongs to
 * @stats: for users
 * @share: pages and event
 * @file: shows the ring in debugfs
 */
struct xblk_queue {
	struct xblk_front *front;
	bool polled;
	spinlock_t lock;	/* guards what follows, but for share */
	bool up __guarded_by(&lock);
	struct xblk_64_front ring __guarded_by(&lock);
	struct xenpv_ids ids __guarded_by(&lock);
	struct xblk_stats stats __guarded_by(&lock);
	struct xenpv_share share;
	struct dentry *file;
};

/**
 * struct xblk_command - what we remember of a request
 * @code: BLKIF_OP_*
 * @indirect: its segments stand in @page
 * @status: the worst answer
 * @parts: requests of the ring that were not answered; guarded by the queue's lock
 * @nr_segs: segments that are lent
 * @page: for a table of segments, or NULL if the request is never so large
 * @table: that page, while it is lent
 * @segs: what is lent; room for a scatterlist is behind it
 */
struct xblk_command {
	u8 code;
	bool indirect;
	blk_status_t status;
	u16 parts;
	u16 nr_segs;
	struct page *page;
	struct xenpv_grant_seg table;
	struct xenpv_grant_seg segs[];
};

/**
 * struct xblk_facts - what the back says of the disk
 * @sectors: its size, in sectors of 512 bytes
 * @block: size of a block, in bytes
 * @physical: likewise of one that the disk can write without reading; 0: it does not say
 * @info: VDISK_*
 * @flush: its cache can be emptied
 * @barrier: likewise, by a request of another kind
 * @discard: it can discard
 * @secure: also so that nothing can be read any more
 * @granularity: of discards, in bytes; 0: it does not say
 * @alignment: where the first unit of discards begins, in bytes
 * @max_segs: segments of a request with a table; 0: there are none
 */
struct xblk_facts {
	u64 sectors;
	u32 block;
	u32 physical;
	u32 info;
	u32 granularity;
	u32 alignment;
	u32 max_segs;
	bool flush;
	bool barrier;
	bool discard;
	bool secure;
};

/**
 * struct xblk_front - the front of a disk
 * @dev: the device
 * @disk: the disk
 * @tags: its requests
 * @nr_waited: hardware queues that are not polled; they come first
 * @facts: what the back says of it
 * @flush: BLKIF_OP_* that empties the cache
 * @no_flush: it turned out that the back has none
 * @running: the queue is not quiesced
 * @dead: all requests fail
 * @described: limits were made of @facts
 * @cookie: of what adds the disk, when the first connection stands; 0: not yet
 * @adding: the same
 * @added: it has
 * @pool: what is lent
 * @copies: nothing is lent where it is
 * @lent: requests whose pages are lent
 * @idle: somebody waits for @lent to become 0
 * @again: has requests sent that waited for pages or references
 * @max_segs: segments of a request of the block layer
 * @vdevice: number of the disk, says its name
 * @dir: in debugfs
 * @nr_queues: rings
 * @queues: they
 */
struct xblk_front {
	struct xenpv_device *dev;
	struct gendisk *disk;
	struct blk_mq_tag_set tags;
	unsigned int nr_waited;
	struct xblk_facts facts;
	u8 flush;
	bool no_flush;
	bool running;
	bool dead;
	bool added;
	bool described;
	async_cookie_t cookie;
	struct async_domain adding;
	struct xenpv_grant_pool *pool;
	bool copies;
	atomic_t lent;
	wait_queue_head_t idle;
	struct work_struct again;
	unsigned int max_segs;
	u32 vdevice;
	struct dentry *dir;
	unsigned int nr_queues;
	struct xblk_queue queues[XBLK_QUEUES];
};

/**
 * struct xblk_plan - what a disk shall be, as far as it is up to us
 * @vdevice: its number
 * @segments: of a request of the block layer
 * @queues: hardware queues
 * @polled: those that programs wait for by polling, besides
 * @depth: requests of each
 */
struct xblk_plan {
	u32 vdevice;
	unsigned int segments;
	unsigned int queues;
	unsigned int polled;
	unsigned int depth;
};

/**
 * struct xblk_terms - what is shared with a back
 * @queues: rings at most
 * @order: pages of each, as a power of two
 * @pages: for copies
 * @persistent: data is copied through pages that stay lent
 * @trusted: the back may see what lies beside the data
 */
struct xblk_terms {
	unsigned int queues;
	unsigned int order;
	unsigned int pages;
	bool persistent;
	bool trusted;
};

/* front_share.c: what is shared */
struct xblk_front *xblk_front_new(struct xenpv_device *dev, const struct xblk_plan *plan);
int xblk_front_share(struct xblk_front *front, const struct xblk_terms *terms);
void xblk_front_unshare(struct xblk_front *front);

/* front.c: requests */
extern const struct blk_mq_ops xblk_front_ops;
irqreturn_t xblk_front_interrupt(int irq, void *queue);
void xblk_front_recall(struct xblk_front *front);

/* front_disk.c: the disk */
int xblk_front_make_disk(struct xblk_front *front, const struct xblk_plan *plan);
void xblk_front_drop_disk(struct xblk_front *front);
int xblk_front_describe(struct xblk_front *front, const struct xblk_facts *facts);
void xblk_front_add(struct xblk_front *front);
void xblk_front_run(struct xblk_front *front);
void xblk_front_halt(struct xblk_front *front);
void xblk_front_kill(struct xblk_front *front);
int xblk_front_name(u32 vdevice, char *name, size_t size, unsigned int *minor,
		    unsigned int *minors);
int xblk_front_judge(struct xblk_facts *facts);

#endif /* _XENPV_BLK_FRONT_H */
