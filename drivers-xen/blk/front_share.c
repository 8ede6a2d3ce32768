// SPDX-License-Identifier: GPL-2.0-only
/* What the front of a disk shares with its back: pages of data, rings, events. */

#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include <xenpv/debugfs.h>
#include "front.h"

/* A request that waits for pages or references, and there are some now. */
static void try_again(struct work_struct *work)
{
	struct xblk_front *front = container_of(work, struct xblk_front, again);

	blk_mq_run_hw_queues(front->disk->queue, true);
}

static void room(void *arg)
{
	struct xblk_front *front = arg;

	kblockd_schedule_work(&front->again);
}

/**
 * xblk_front_new() - make a front, with a disk that nobody sees yet
 * @dev: the device
 * @plan: what it shall be
 *
 * xblk_front_drop_disk() undoes it.
 *
 * Context: Process.
 * Return: the front or an ERR_PTR().
 */
struct xblk_front *xblk_front_new(struct xenpv_device *dev, const struct xblk_plan *plan)
{
	struct xblk_front *front = kzalloc_obj(*front);
	int ret;

	if (!front)
		return ERR_PTR(-ENOMEM);
	front->dev = dev;
	front->vdevice = plan->vdevice;
	/* There is always one to look at, if only to see that it is not up. */
	front->nr_queues = 1;
	front->max_segs = clamp(plan->segments, XBLK_DIRECT, XBLK_MAX_SEGS);
	init_waitqueue_head(&front->idle);
	INIT_WORK(&front->again, try_again);
	for (unsigned int i = 0; i < XBLK_QUEUES; i++) {
		front->queues[i].front = front;
		spin_lock_init(&front->queues[i].lock);
	}
	ret = xblk_front_make_disk(front, plan);
	if (ret) {
		kfree(front);
		return ERR_PTR(ret);
	}
	return front;
}

static int make_pool(struct xblk_front *front, const struct xblk_terms *terms)
{
	unsigned int each = front->max_segs + 1;
	struct xenpv_grant_setup setup = {
		.name = dev_name(&front->dev->dev),
		.peer = front->dev->peer,
		.policy = terms->persistent ? XENPV_GRANT_COPY :
			  terms->trusted ? XENPV_GRANT_TRUST : XENPV_GRANT_WHOLE,
		.persistent = terms->persistent,
		.reserve = each,
		/* One request must fit, or nothing ever goes; rings come on top. */
		.max = max(terms->pages, each) + XBLK_QUEUES * XENPV_RING_PAGES,
		.room = room,
		.arg = front,
	};

	front->copies = terms->persistent;
	front->pool = xenpv_grant_pool_create(&setup);
	return PTR_ERR_OR_ZERO(front->pool);
}

static int make_queue(struct xblk_front *front, struct xblk_queue *queue, unsigned int order)
{
	struct xenpv_share *share = &queue->share;
	unsigned int nr = queue - front->queues, nr_slots;
	char name[16];
	int ret;

	ret = xenpv_share_alloc(share, front->dev, front->pool, BIT(order));
	if (ret)
		return ret;
	scoped_guard(spinlock_irqsave, &queue->lock)
		ret = xblk_64_front_init(&queue->ring, share->ring, BIT(order));
	if (ret)
		return ret;
	scoped_guard(spinlock_irqsave, &queue->lock)
		nr_slots = queue->ring.ring.nr_slots;
	ret = xenpv_ids_init(&queue->ids, nr_slots, 64);
	if (ret)
		return ret;
	queue->polled = nr >= front->nr_waited;
	ret = xenpv_share_lend(share) ?:
	      xenpv_share_open(share, xblk_front_interrupt, dev_name(&front->dev->dev), queue);
	if (ret)
		return ret;
	scnprintf(name, sizeof(name), "ring-%u", nr);
	queue->file = xenpv_ring_debugfs(&queue->ring.ring, name, front->dir);
	scoped_guard(spinlock_irqsave, &queue->lock)
		queue->up = true;
	return 0;
}

static void drop_queue(struct xblk_queue *queue)
{
	debugfs_remove(queue->file);
	queue->file = NULL;
	xenpv_share_end(&queue->share);
	xenpv_ids_free(&queue->ids);
}

/**
 * xblk_front_share() - make what is shared with the back
 * @front: the front
 * @terms: how much of it
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xblk_front_unshare() undoes it.
 */
int xblk_front_share(struct xblk_front *front, const struct xblk_terms *terms)
{
	int ret = make_pool(front, terms);

	if (ret)
		return ret;
	front->dir = debugfs_create_dir(dev_name(&front->dev->dev), xenpv_debugfs);
	front->no_flush = false;
	front->nr_queues = min(terms->queues, front->tags.nr_hw_queues);
	for (unsigned int i = 0; i < front->nr_queues && !ret; i++)
		ret = make_queue(front, &front->queues[i], terms->order);
	return ret;
}

/**
 * xblk_front_unshare() - undo xblk_front_share()
 * @front: the front; its queue is quiesced
 *
 * Requests that the back has not answered wait for the next one.
 *
 * Context: Process.
 */
void xblk_front_unshare(struct xblk_front *front)
{
	xblk_front_recall(front);
	for (unsigned int i = 0; i < front->nr_queues; i++)
		drop_queue(&front->queues[i]);
	debugfs_remove(front->dir);
	front->dir = NULL;
	xenpv_grant_pool_destroy(front->pool);
	front->pool = NULL;
}
