// SPDX-License-Identifier: GPL-2.0-only
/* What the back of a disk shares with its front: rings, events, pages that stay mapped. */

#include <linux/debugfs.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include <xenpv/debugfs.h>
#include "back.h"

/*
 * Requests of a ring in the works.  One of many pages can hold more: they wait in it, and
 * do not cost us memory.
 */
#define JOBS	128U

static void show_ring(struct xblk_back_queue *queue)
{
	struct xenpv_ring *ring = queue->abi == XBLK_ABI_32 ? &queue->ring32.ring :
							      &queue->ring64.ring;
	struct xblk_back *back = queue->back;
	char name[16];

	if (!back->dir)
		back->dir = debugfs_create_dir(dev_name(&back->dev->dev), xenpv_debugfs);
	scnprintf(name, sizeof(name), "ring-%u", (unsigned int)(queue - back->queues));
	queue->file = xenpv_ring_debugfs(ring, name, back->dir);
}

static int map_ring(struct xblk_back_queue *queue, const struct xblk_ring_facts *facts,
		    unsigned int *nr_slots)
{
	struct xenpv_share *share = &queue->share;
	int ret;

	ret = xenpv_share_map(share, queue->back->dev, facts->refs, facts->nr);
	if (ret)
		return ret;
	if (queue->abi == XBLK_ABI_32) {
		ret = xblk_32_back_init(&queue->ring32, share->theirs, facts->nr);
		*nr_slots = queue->ring32.ring.nr_slots;
	} else {
		ret = xblk_64_back_init(&queue->ring64, share->theirs, facts->nr);
		*nr_slots = queue->ring64.ring.nr_slots;
	}
	return ret;
}

/**
 * xblk_back_make_queue() - connect to a ring of the front
 * @back: the back; its disk is open
 * @queue: which ring
 * @facts: where it is
 *
 * Context: Process.
 * Return: 0 or a negative errno; either way xblk_back_drop_queue() undoes it.
 */
int xblk_back_make_queue(struct xblk_back *back, struct xblk_back_queue *queue,
			 const struct xblk_ring_facts *facts)
{
	unsigned int nr_slots;
	int ret;

	*queue = (struct xblk_back_queue){ .back = back, .abi = back->abi };
	INIT_WORK(&queue->work, xblk_back_work);
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->free);
	xblk_kept_init(&queue->kept, back->max_kept);
	xblk_tidy_add(queue);
	ret = map_ring(queue, facts, &nr_slots);
	if (ret)
		return ret;
	show_ring(queue);
	return xblk_back_make_jobs(queue, min(nr_slots, JOBS)) ?:
	       xenpv_share_bind(&queue->share, facts->port, xblk_back_interrupt,
				dev_name(&back->dev->dev), queue);
}

/**
 * xblk_back_drop_queue() - undo xblk_back_make_queue()
 * @queue: the ring
 *
 * Requests that were taken are finished first.
 *
 * Context: Process.
 */
void xblk_back_drop_queue(struct xblk_back_queue *queue)
{
	debugfs_remove(queue->file);
	queue->file = NULL;
	xblk_back_drain(queue);
	/* The event queues the work, and so does who looks after memory: they go first. */
	xenpv_share_end(&queue->share);
	xblk_tidy_remove(queue);
	cancel_work_sync(&queue->work);
	xblk_kept_drop(&queue->kept);
	xblk_back_drop_jobs(queue);
}
