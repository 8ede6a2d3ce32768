// SPDX-License-Identifier: GPL-2.0-only
/* The front of a disk: requests go to the back, answers come from it. */

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/dma-direction.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

#include <xenpv/event.h>
#include "front.h"

/* Requests that end at a time, so that none ends with a lock held. */
#define BATCH	16

static struct xblk_queue *queue_of(const struct blk_mq_hw_ctx *hctx)
{
	struct xblk_front *front = hctx->queue->queuedata;
	unsigned int nr = hctx->queue_num;

	/* A back may have fewer rings than we have queues. */
	return &front->queues[nr < front->nr_queues ? nr : nr % front->nr_queues];
}

/* Takes back what was lent.  Without a good answer nothing that was written counts. */
static bool take_back(struct xblk_front *front, struct xblk_command *cmd, bool good)
{
	int ret = 0;

	for (unsigned int i = 0; !good && i < cmd->nr_segs; i++)
		cmd->segs[i].dir = DMA_TO_DEVICE;
	if (cmd->nr_segs)
		ret = xenpv_grant_end_sg(front->pool, cmd->segs, cmd->nr_segs);
	if (cmd->indirect && xenpv_grant_end_sg(front->pool, &cmd->table, 1)) {
		/* The back still has the page: the next request needs one of its own. */
		put_page(cmd->page);
		cmd->page = NULL;
	}
	cmd->nr_segs = 0;
	cmd->indirect = false;
	return !ret;
}

static void no_more_lent(struct xblk_front *front)
{
	if (atomic_dec_and_test(&front->lent))
		wake_up(&front->idle);
}

static int lend_table(struct xblk_front *front, struct xblk_command *cmd)
{
	struct scatterlist sg;
	int ret;

	if (!cmd->page)
		cmd->page = alloc_page(GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN);
	if (!cmd->page)
		return -ENOMEM;
	xblk_encode_table(cmd->segs, cmd->nr_segs, page_address(cmd->page));
	/* The whole page, which can be lent where it is; or as little as is to be copied. */
	sg_init_table(&sg, 1);
	sg_set_page(&sg, cmd->page, front->copies ?
		    cmd->nr_segs * sizeof(struct blkif_request_segment) : PAGE_SIZE, 0);
	ret = xenpv_grant_sg(front->pool, &sg, 1, DMA_TO_DEVICE, &cmd->table, 1);
	if (ret < 0)
		return ret;
	cmd->indirect = true;
	return 0;
}

/*
 * The data of a request.  What lies side by side is one entry, and so as few segments as
 * there are pages, also if it came with several bios.  Returns how many entries there are.
 */
static int list_data(struct request *rq, struct scatterlist *sgl)
{
	phys_addr_t start, end = 0;
	struct req_iterator iter;
	unsigned int nr = 0;
	struct bio_vec bv;

	sg_init_table(sgl, blk_rq_nr_phys_segments(rq));
	rq_for_each_bvec(bv, rq, iter) {
		start = page_to_phys(bv.bv_page) + bv.bv_offset;
		if (nr && start == end) {
			sgl[nr - 1].length += bv.bv_len;
		} else {
			if (WARN_ON_ONCE(nr == blk_rq_nr_phys_segments(rq)))
				return -EINVAL;
			sg_set_page(&sgl[nr++], bv.bv_page, bv.bv_len, bv.bv_offset);
		}
		end = start + bv.bv_len;
	}
	return nr;
}

/* Lends the data of a request, and says how many parts it has. */
static int lend(struct xblk_front *front, struct request *rq, struct xblk_command *cmd)
{
	struct scatterlist *sgl = (struct scatterlist *)(cmd->segs + front->max_segs);
	int nr, ret;

	cmd->nr_segs = 0;
	cmd->parts = 1;
	if (cmd->code > BLKIF_OP_WRITE)
		return 0;

	nr = list_data(rq, sgl);
	if (nr < 0)
		return nr;
	ret = xenpv_grant_sg(front->pool, sgl, nr, rq_dma_dir(rq), cmd->segs,
			     front->max_segs);
	if (ret < 0)
		return ret;
	cmd->nr_segs = ret;
	if (cmd->nr_segs <= XBLK_DIRECT)
		return 0;
	if (cmd->nr_segs > front->facts.max_segs) {
		cmd->parts = DIV_ROUND_UP(cmd->nr_segs, XBLK_DIRECT);
		return 0;
	}
	ret = lend_table(front, cmd);
	if (ret)
		take_back(front, cmd, false);
	return ret;
}

/* One request of the ring. */
static int put_part(struct xblk_queue *queue, struct request *rq, struct xblk_op *op,
		    const struct xenpv_grant_seg *segs)
{
	struct blkif_request message;
	int ret;

	lockdep_assert_held(&queue->lock);
	ret = xenpv_ids_give(&queue->ids, rq, &op->id);
	if (ret)
		return ret;
	xblk_encode(op, segs, &message);
	ret = xblk_64_front_put(&queue->ring, &message);
	if (ret)
		xenpv_ids_take(&queue->ids, op->id);
	else
		queue->stats.parts++;
	return ret;
}

static void describe(struct xblk_front *front, struct request *rq,
		     const struct xblk_command *cmd, struct xblk_op *op)
{
	*op = (struct xblk_op) {
		.code = cmd->code,
		.handle = front->dev->id,
		.indirect = cmd->indirect,
		.nr_segs = cmd->nr_segs,
	};
	if (cmd->code == BLKIF_OP_FLUSH_DISKCACHE || cmd->code == BLKIF_OP_WRITE_BARRIER)
		return;
	op->sector = blk_rq_pos(rq);
	op->nr_sectors = blk_rq_sectors(rq);
	op->secure = req_op(rq) == REQ_OP_SECURE_ERASE;
	if (cmd->indirect)
		op->tables[0] = cmd->table.ref;
}

/* The segments of one part, from the first that was not sent yet. */
static u64 cut(const struct xblk_command *cmd, unsigned int from, struct xblk_op *op)
{
	u64 bytes = 0;

	op->nr_segs = min(cmd->nr_segs - from, XBLK_DIRECT);
	for (unsigned int i = 0; i < op->nr_segs; i++)
		bytes += cmd->segs[from + i].len;
	return bytes >> SECTOR_SHIFT;
}

/* All parts, or none.  A ring that breaks on the way gives back what it has got. */
static int send(struct xblk_queue *queue, struct request *rq, struct xblk_command *cmd)
{
	unsigned int from = 0, done;
	struct xblk_op op;
	u64 sectors;

	describe(queue->front, rq, cmd, &op);
	guard(spinlock_irqsave)(&queue->lock);
	if (!queue->up || xblk_64_front_room(&queue->ring) < cmd->parts)
		return -EAGAIN;
	for (done = 0; done < cmd->parts; done++) {
		sectors = cmd->parts > 1 ? cut(cmd, from, &op) : 0;
		if (put_part(queue, rq, &op, cmd->segs + from))
			break;
		from += op.nr_segs;
		op.sector += sectors;
	}
	cmd->parts = done;
	return done ? 0 : -EAGAIN;
}

static void push(struct xblk_queue *queue)
{
	bool notify;

	scoped_guard(spinlock_irqsave, &queue->lock)
		notify = queue->up && xblk_64_front_push(&queue->ring);
	if (notify)
		xenpv_event_notify(queue->share.event);
}

/* BLKIF_OP_* of a request, or -EOPNOTSUPP. */
static int code_of(const struct xblk_front *front, struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return BLKIF_OP_READ;
	case REQ_OP_WRITE:
		return BLKIF_OP_WRITE;
	case REQ_OP_FLUSH:
		return front->flush ?: -EOPNOTSUPP;
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
		return BLKIF_OP_DISCARD;
	default:
		return -EOPNOTSUPP;
	}
}

static blk_status_t queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct xblk_queue *queue = queue_of(hctx);
	struct xblk_front *front = queue->front;
	struct request *rq = bd->rq;
	struct xblk_command *cmd = blk_mq_rq_to_pdu(rq);
	int ret = code_of(front, rq);

	if (READ_ONCE(front->dead))
		return BLK_STS_IOERR;
	/* There is nothing to be emptied; an earlier back may have had a cache. */
	if (req_op(rq) == REQ_OP_FLUSH && (front->no_flush || !front->flush)) {
		blk_mq_start_request(rq);
		blk_mq_end_request(rq, BLK_STS_OK);
		if (bd->last)
			push(queue);
		return BLK_STS_OK;
	}
	if (ret < 0)
		return BLK_STS_NOTSUPP;

	blk_mq_start_request(rq);
	cmd->code = ret;
	cmd->status = BLK_STS_OK;
	atomic_inc(&front->lent);
	ret = lend(front, rq, cmd);
	if (!ret) {
		ret = send(queue, rq, cmd);
		if (ret)
			take_back(front, cmd, false);
	}
	if (ret)
		no_more_lent(front);
	else if (bd->last)
		push(queue);
	/* It is tried again after a moment, or before if front->again says so. */
	return !ret ? BLK_STS_OK : ret == -EINVAL ? BLK_STS_IOERR : BLK_STS_RESOURCE;
}

static void commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	push(queue_of(hctx));
}

/*
 * An answer.  0 and, if it was the last one of a request, that request; -EPROTO if it
 * makes no sense.
 */
static int answered(struct xblk_queue *queue, const struct blkif_response *response,
		    struct request **rq)
{
	struct xblk_command *cmd;
	struct request *found;
	int ret;

	lockdep_assert_held(&queue->lock);
	*rq = NULL;
	found = xenpv_ids_take(&queue->ids, response->id);
	if (!found) {
		xenpv_ring_break(&queue->ring.ring, "an answer to what is not with the back");
		return -EPROTO;
	}
	cmd = blk_mq_rq_to_pdu(found);
	ret = xblk_judge_answer(response, cmd->code);
	if (ret == -EPROTO)
		xenpv_ring_break(&queue->ring.ring, "an answer to another kind of request");
	if (ret && cmd->status == BLK_STS_OK)
		cmd->status = ret == -EOPNOTSUPP ? BLK_STS_NOTSUPP : BLK_STS_IOERR;
	if (!--cmd->parts) {
		*rq = found;
		queue->stats.requests++;
	}
	return ret == -EPROTO ? ret : 0;
}

/* Fills @done with requests that have ended; true: there may be more. */
static bool take(struct xblk_queue *queue, struct request **done, unsigned int *nr,
		 bool *useful)
{
	struct blkif_response response;
	int ret;

	*nr = 0;
	guard(spinlock_irqsave)(&queue->lock);
	if (!queue->up)
		return false;
	while ((ret = xblk_64_front_get(&queue->ring, &response)) > 0) {
		*useful = true;
		ret = answered(queue, &response, &done[*nr]);
		if (done[*nr])
			++*nr;
		if (ret || *nr == BATCH)
			break;
	}
	if (ret < 0) {
		xenpv_link_fault(queue->front->dev, "%s", xblk_64_front_broken(&queue->ring));
		return false;
	}
	return *nr == BATCH || (!queue->polled && xblk_64_front_arm(&queue->ring));
}

/* Ends requests that were answered; how many, and whether there was any answer. */
static unsigned int reap(struct xblk_queue *queue, bool *useful)
{
	struct request *done[BATCH];
	unsigned int nr, all = 0;
	bool more;

	do {
		more = take(queue, done, &nr, useful);
		for (unsigned int i = 0; i < nr; i++)
			blk_mq_complete_request(done[i]);
		all += nr;
	} while (more);
	return all;
}

/**
 * xblk_front_interrupt() - the back has answered
 * @irq: not used
 * @queue: the ring, a struct xblk_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xblk_front_interrupt(int irq, void *queue)
{
	struct xenpv_event *event = READ_ONCE(((struct xblk_queue *)queue)->share.event);
	bool useful = false;

	reap(queue, &useful);
	/* One that comes before the event is there is acknowledged by start. */
	if (event)
		xenpv_event_done(event, useful);
	return IRQ_HANDLED;
}

static int poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *batch)
{
	bool useful = false;

	return reap(queue_of(hctx), &useful);
}

/* A back that has said that it can, and then can't: there is no cache to be emptied. */
static blk_status_t flush_failed(struct xblk_front *front)
{
	if (!front->no_flush)
		dev_warn(&front->dev->dev, "the back does not empty its cache\n");
	front->no_flush = true;
	return BLK_STS_OK;
}

static void end_request(struct request *rq)
{
	struct xblk_front *front = rq->q->queuedata;
	struct xblk_command *cmd = blk_mq_rq_to_pdu(rq);
	blk_status_t status = cmd->status;

	if (!take_back(front, cmd, status == BLK_STS_OK))
		status = BLK_STS_IOERR;
	if (status == BLK_STS_NOTSUPP && req_op(rq) == REQ_OP_FLUSH)
		status = flush_failed(front);
	no_more_lent(front);
	blk_mq_end_request(rq, status);
}

/*
 * The back has the pages, so nothing but its answer or its end frees them.  An event
 * may have been lost, though, for which the back is to blame.
 */
static enum blk_eh_timer_return timeout(struct request *rq)
{
	struct xblk_queue *queue = queue_of(rq->mq_hctx);
	bool useful = false;

	reap(queue, &useful);
	if (blk_mq_request_completed(rq))
		return BLK_EH_DONE;
	scoped_guard(spinlock_irqsave, &queue->lock)
		queue->stats.late++;
	dev_warn_ratelimited(&queue->front->dev->dev,
			     "domain %u has not answered for %u seconds\n",
			     queue->front->dev->peer, rq->timeout / HZ);
	return BLK_EH_RESET_TIMER;
}

/* A request that the back will never answer, when no other part of it is there. */
static struct request *drain(struct xblk_queue *queue)
{
	struct xblk_command *cmd;
	struct request *rq;

	guard(spinlock_irqsave)(&queue->lock);
	queue->up = false;
	while ((rq = xenpv_ids_drain(&queue->ids))) {
		cmd = blk_mq_rq_to_pdu(rq);
		if (!--cmd->parts) {
			queue->stats.recalled++;
			break;
		}
	}
	return rq;
}

static void recall(struct xblk_front *front, struct request *rq)
{
	struct xblk_command *cmd = blk_mq_rq_to_pdu(rq);
	bool ours = take_back(front, cmd, false);

	no_more_lent(front);
	/* What a former back can still write to must not be given to another. */
	if (ours && cmd->status == BLK_STS_OK)
		blk_mq_requeue_request(rq, false);
	else
		blk_mq_end_request(rq, BLK_STS_IOERR);
}

/**
 * xblk_front_recall() - take back all requests that the back has not answered
 * @front: the front; its queue is quiesced
 *
 * Afterwards nothing is lent, and rings are left alone.
 *
 * Context: Process.
 */
void xblk_front_recall(struct xblk_front *front)
{
	struct request *rq;

	for (unsigned int i = 0; i < front->nr_queues; i++) {
		while ((rq = drain(&front->queues[i])))
			recall(front, rq);
	}
	/* Those that were answered just before end by themselves. */
	wait_event(front->idle, !atomic_read(&front->lent));
}

static void exit_request(struct blk_mq_tag_set *set, struct request *rq, unsigned int hctx)
{
	struct xblk_command *cmd = blk_mq_rq_to_pdu(rq);

	if (cmd->page)
		put_page(cmd->page);
}

/* The block layer has given each kind all queues there are. */
static void map_queues(struct blk_mq_tag_set *set)
{
	struct xblk_front *front = set->driver_data;

	set->map[HCTX_TYPE_DEFAULT].nr_queues = front->nr_waited;
	blk_mq_map_queues(&set->map[HCTX_TYPE_DEFAULT]);
	if (set->nr_maps == 1)
		return;
	set->map[HCTX_TYPE_READ].nr_queues = 0;
	set->map[HCTX_TYPE_POLL].nr_queues = set->nr_hw_queues - front->nr_waited;
	set->map[HCTX_TYPE_POLL].queue_offset = front->nr_waited;
	blk_mq_map_queues(&set->map[HCTX_TYPE_POLL]);
}

const struct blk_mq_ops xblk_front_ops = {
	.queue_rq = queue_rq,
	.commit_rqs = commit_rqs,
	.complete = end_request,
	.timeout = timeout,
	.poll = poll,
	.exit_request = exit_request,
	.map_queues = map_queues,
};
