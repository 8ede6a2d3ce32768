// SPDX-License-Identifier: GPL-2.0-only
/* The back of a disk: takes requests, does them, answers. */

#include <kunit/static_stub.h>
#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>

#include <xenpv/event.h>
#include "back.h"

#define CREATE_TRACE_POINTS
#include "back_trace.h"

/* Requests of one turn, before other rings get theirs. */
#define TURN	64

struct workqueue_struct *xblk_back_wq;

static struct block_device *disk_of(const struct xblk_job *job)
{
	return job->queue->back->bdev;
}

static domid_t peer_of(const struct xblk_job *job)
{
	return job->queue->back->dev->peer;
}

/**
 * xblk_back_due() - there is something to be done with a ring
 * @queue: the ring
 *
 * Context: Any.
 */
void xblk_back_due(struct xblk_back_queue *queue)
{
	KUNIT_STATIC_STUB_REDIRECT(xblk_back_due, queue);
	queue_work(xblk_back_wq, &queue->work);
}

/**
 * xblk_back_resized() - the disk has another size than the front knows
 * @back: the back
 *
 * Context: Any.
 */
void xblk_back_resized(struct xblk_back *back)
{
	KUNIT_STATIC_STUB_REDIRECT(xblk_back_resized, back);
	queue_work(xblk_back_wq, &back->resize);
}

static void kick(struct xblk_back_queue *queue)
{
	if (READ_ONCE(queue->up))
		xblk_back_due(queue);
}

/**
 * xblk_back_interrupt() - the front has sent requests
 * @irq: not used
 * @queue: the ring, a struct xblk_back_queue
 *
 * Context: Interrupt.
 * Return: IRQ_HANDLED.
 */
irqreturn_t xblk_back_interrupt(int irq, void *queue)
{
	kick(queue);
	return IRQ_HANDLED;
}

/* The data of a job. */

static int copy_data(struct xblk_job *job, bool to_peer)
{
	struct xenpv_foreign_copy copies[XBLK_COPY_SEGS];

	for (unsigned int i = 0; i < job->op.nr_segs; i++)
		copies[i] = (struct xenpv_foreign_copy) {
			.peer = peer_of(job),
			.ref = job->segs[i].ref,
			.peer_offset = job->segs[i].first * SECTOR_SIZE,
			.page = job->pages[i],
			.offset = job->segs[i].first * SECTOR_SIZE,
			.len = job->segs[i].nr * SECTOR_SIZE,
			.to_peer = to_peer,
		};
	return xenpv_foreign_copy(copies, job->op.nr_segs, to_peer ? GFP_ATOMIC : GFP_NOIO);
}

/* Those that don't stay mapped are mapped together, behind each other in @slots. */
static int map_data(struct xblk_job *job)
{
	struct xblk_back_queue *queue = job->queue;
	unsigned int nr = 0;
	int ret;

	for (unsigned int i = 0; i < job->op.nr_segs; i++) {
		ret = queue->kept.max ? xblk_kept_get(&queue->kept, peer_of(job),
						      job->segs[i].ref, &job->kept[i]) : -ENOSPC;
		if (ret && ret != -ENOSPC)
			return ret;
		if (!ret)
			job->pages[i] = job->kept[i]->slot.page;
		else
			job->slots[nr++] = (struct xenpv_foreign_slot) {
				.ref = job->segs[i].ref,
				.readonly = job->op.code != BLKIF_OP_READ,
			};
	}
	job->nr_slots = nr;
	if (!nr)
		return 0;
	ret = xenpv_foreign_map(peer_of(job), job->slots, nr, GFP_NOIO);
	if (ret)
		return ret;
	nr = 0;
	for (unsigned int i = 0; i < job->op.nr_segs; i++)
		if (!job->kept[i])
			job->pages[i] = job->slots[nr++].page;
	return 0;
}

static int get_data(struct xblk_job *job)
{
	if (!job->op.nr_segs)
		return 0;
	job->copied = job->op.nr_segs <= XBLK_COPY_SEGS && !job->queue->kept.max;
	if (!job->copied)
		return map_data(job);
	for (unsigned int i = 0; i < job->op.nr_segs; i++)
		job->pages[i] = job->copies[i];
	return job->op.code == BLKIF_OP_READ ? 0 : copy_data(job, false);
}

/* What was read goes to the front. */
static void put_data(struct xblk_job *job)
{
	if (job->copied && job->op.code == BLKIF_OP_READ && !job->error)
		job->error = copy_data(job, true);
	for (unsigned int i = 0; i < job->op.nr_segs; i++)
		if (job->kept[i])
			xblk_kept_put(job->kept[i]);
	memset(job->kept, 0, job->op.nr_segs * sizeof(*job->kept));
}

/* What is behind the disk may send pages, and have them longer than the I/O lasts. */
static bool somebody_has(const struct xblk_job *job)
{
	for (unsigned int i = 0; i < job->nr_slots; i++) {
		if (job->slots[i].page && page_count(job->slots[i].page) > 1)
			return true;
	}
	return false;
}

static void unmap(struct xblk_job *job)
{
	int ret = xenpv_foreign_unmap(job->slots, job->nr_slots);

	if (ret)
		dev_warn_ratelimited(&job->queue->back->dev->dev,
				     "a page stays mapped (%pe)\n", ERR_PTR(ret));
}

/* Requests and answers. */

static int get_request(struct xblk_back_queue *queue, void *request)
{
	return queue->abi == XBLK_ABI_32 ? xblk_32_back_get(&queue->ring32, request) :
					   xblk_64_back_get(&queue->ring64, request);
}

static bool arm(struct xblk_back_queue *queue)
{
	return queue->abi == XBLK_ABI_32 ? xblk_32_back_arm(&queue->ring32) :
					   xblk_64_back_arm(&queue->ring64);
}

static bool push(struct xblk_back_queue *queue)
{
	return queue->abi == XBLK_ABI_32 ? xblk_32_back_push(&queue->ring32) :
					   xblk_64_back_push(&queue->ring64);
}

static const char *broken(const struct xblk_back_queue *queue)
{
	return queue->abi == XBLK_ABI_32 ? xblk_32_back_broken(&queue->ring32) :
					   xblk_64_back_broken(&queue->ring64);
}

static void answer(struct xblk_back_queue *queue, const struct xblk_op *op, int error)
{
	union {
		struct blkif_response wide;
		struct xblk_response_32 narrow;
	} response;

	if (queue->abi == XBLK_ABI_32) {
		xblk_answer_32(op, error, &response.narrow);
		xblk_32_back_put(&queue->ring32, &response.narrow);
	} else {
		xblk_answer_64(op, error, &response.wide);
		xblk_64_back_put(&queue->ring64, &response.wide);
	}
}

static void count(struct xblk_back *back, const struct xblk_job *job)
{
	struct xblk_back_stats *stats = &back->stats;
	unsigned int code = job->op.code;

	if (job->error)
		atomic64_inc(&stats->errors);
	if (code < ARRAY_SIZE(stats->requests))
		atomic64_inc(&stats->requests[array_index_nospec(code,
								 ARRAY_SIZE(stats->requests))]);
	if (code == BLKIF_OP_READ)
		atomic64_add(job->op.nr_sectors, &stats->read);
	else if (code == BLKIF_OP_WRITE)
		atomic64_add(job->op.nr_sectors, &stats->written);
}

/* A worker that found no job comes again. */
static void end(struct xblk_job *job)
{
	struct xblk_back_queue *queue = job->queue;
	bool notify, starved;

	job->nr_slots = 0;
	trace_xenpv_blkback_answer(job);
	count(queue->back, job);
	scoped_guard(spinlock_irqsave, &queue->lock) {
		answer(queue, &job->op, job->error);
		notify = push(queue);
		list_add(&job->free, &queue->free);
		starved = queue->starved;
		queue->starved = false;
	}
	if (notify)
		xenpv_event_notify(queue->share.event);
	if (starved)
		kick(queue);
	if (atomic_dec_and_test(&queue->busy))
		wake_up_var(&queue->busy);
}

static void unmapped(struct xenpv_foreign_later *later)
{
	end(container_of(later, struct xblk_job, later));
}

/*
 * Where the I/O has ended, so that nobody has to be woken for it; that may be an interrupt.
 * The front has its pages back when it is answered, so nobody may have them any more.
 */
static void finish(struct xblk_job *job)
{
	put_data(job);
	if (somebody_has(job)) {
		job->later = (struct xenpv_foreign_later) {
			.slots = job->slots, .nr = job->nr_slots, .done = unmapped,
		};
		xenpv_foreign_unmap_later(&job->later);
		return;
	}
	if (job->nr_slots)
		unmap(job);
	end(job);
}

/* I/O. */

/**
 * xblk_job_part_ended() - a part of the I/O of a request has ended
 * @job: the request
 * @error: 0, or what went wrong
 *
 * The last one ends the request.
 *
 * Context: Any.
 */
void xblk_job_part_ended(struct xblk_job *job, int error)
{
	if (error)
		cmpxchg(&job->error, 0, error);
	if (atomic_dec_and_test(&job->bios))
		finish(job);
}

static void bio_ended(struct bio *bio)
{
	struct xblk_job *job = bio->bi_private;
	int error = blk_status_to_errno(bio->bi_status);

	if (bio == &job->bio)
		bio_uninit(bio);
	else
		bio_put(bio);
	xblk_job_part_ended(job, error);
}

/* A small one needs no memory, unless another part of the request has it. */
static struct bio *new_bio(struct xblk_job *job, unsigned int nr, blk_opf_t opf, u64 sector)
{
	struct bio *bio = &job->bio;

	if (nr <= ARRAY_SIZE(job->vecs) && atomic_read(&job->bios) == 1)
		bio_init(bio, disk_of(job), job->vecs, ARRAY_SIZE(job->vecs), opf);
	else
		bio = bio_alloc(disk_of(job), nr, opf, GFP_NOIO);
	bio->bi_iter.bi_sector = sector;
	bio->bi_private = job;
	bio->bi_end_io = bio_ended;
	atomic_inc(&job->bios);
	return bio;
}

static void start_rw(struct xblk_job *job, blk_opf_t opf)
{
	unsigned int left = job->op.nr_segs;
	u64 sector = job->op.sector;
	struct bio *bio = NULL;

	for (unsigned int i = 0; i < job->op.nr_segs; i++, left--) {
		unsigned int len = job->segs[i].nr * SECTOR_SIZE;
		unsigned int offset = job->segs[i].first * SECTOR_SIZE;

		if (!bio || bio_add_page(bio, job->pages[i], len, offset) != len) {
			if (bio)
				submit_bio(bio);
			bio = new_bio(job, bio_max_segs(left), opf, sector);
			/* The first page of one that is empty always fits. */
			__bio_add_page(bio, job->pages[i], len, offset);
			/* The cache is emptied before the first part. */
			opf &= ~REQ_PREFLUSH;
		}
		sector += job->segs[i].nr;
	}
	if (bio)
		submit_bio(bio);
}

static int start_discard(struct xblk_job *job)
{
	const struct xblk_op *op = &job->op;
	struct bio *bio = NULL;

	if (op->secure)
		return blkdev_issue_secure_erase(disk_of(job), op->sector, op->nr_sectors,
						 GFP_NOIO);
	__blkdev_issue_discard(disk_of(job), op->sector, op->nr_sectors, GFP_NOIO, &bio);
	if (!bio)
		return 0;
	bio->bi_private = job;
	bio->bi_end_io = bio_ended;
	atomic_inc(&job->bios);
	submit_bio(bio);
	return 0;
}

static int start(struct xblk_job *job)
{
	if (!disk_of(job))
		return xblk_file_start(job);
	switch (job->op.code) {
	case BLKIF_OP_READ:
		start_rw(job, REQ_OP_READ);
		return 0;
	case BLKIF_OP_WRITE:
		start_rw(job, REQ_OP_WRITE | REQ_SYNC | REQ_IDLE);
		return 0;
	case BLKIF_OP_FLUSH_DISKCACHE:
		if (job->op.nr_segs)
			start_rw(job, REQ_OP_WRITE | REQ_PREFLUSH);
		else
			submit_bio(new_bio(job, 0, REQ_OP_WRITE | REQ_PREFLUSH, 0));
		return 0;
	case BLKIF_OP_DISCARD:
		return start_discard(job);
	default:
		/* What was not offered. */
		return -EOPNOTSUPP;
	}
}

/* Taking requests. */

/* A private copy of the tables, each of which is in a page of its own. */
static int get_tables(struct xblk_job *job)
{
	struct xblk_back_queue *queue = job->queue;
	struct xenpv_foreign_copy copy = {
		.peer = peer_of(job),
		.ref = job->op.tables[0],
		.page = queue->tables,
		.len = job->op.nr_segs * sizeof(struct blkif_request_segment),
	};
	int ret;

	static_assert(XBLK_TABLE >= XBLK_MAX_SEGS);
	ret = xenpv_foreign_copy(&copy, 1, GFP_NOIO);
	return ret ?: xblk_decode_table(&queue->back->limits, page_address(queue->tables),
					&job->op, job->segs);
}

/* One request.  What goes wrong before its I/O starts ends it. */
static void take(struct xblk_job *job, const void *request)
{
	struct xblk_back_queue *queue = job->queue;
	int ret;

	job->error = 0;
	job->copied = false;
	job->nr_slots = 0;
	/* One for us, so that it does not end while it is being started. */
	atomic_set(&job->bios, 1);
	ret = xblk_decode(queue->abi, request, &queue->back->limits, &job->op, job->segs);
	/* Nothing is mapped for a request that was not understood. */
	if (ret)
		job->op.nr_segs = 0;
	if (!ret && job->op.indirect) {
		ret = get_tables(job);
		if (ret)
			job->op.nr_segs = 0;
	}
	if (!ret)
		ret = get_data(job);
	if (!ret) {
		trace_xenpv_blkback_start(job);
		ret = start(job);
	}
	xblk_job_part_ended(job, ret);
}

/* One that does nothing, or NULL: then who ends next has the worker come again. */
static struct xblk_job *free_job(struct xblk_back_queue *queue)
{
	struct xblk_job *job;

	guard(spinlock_irqsave)(&queue->lock);
	job = list_first_entry_or_null(&queue->free, struct xblk_job, free);
	if (job)
		list_del(&job->free);
	queue->starved = !job;
	if (!job)
		atomic64_inc(&queue->back->stats.waited);
	return job;
}

static void give_job(struct xblk_job *job)
{
	guard(spinlock_irqsave)(&job->queue->lock);
	list_add(&job->free, &job->queue->free);
}

/*
 * Takes requests, until there are none, or no job, or it is the turn of others; @more: it
 * has to come again.  -EPROTO if the ring is broken, else how many.
 */
static int take_all(struct xblk_back_queue *queue, bool *more)
{
	union {
		struct blkif_request wide;
		struct xblk_request_32 narrow;
	} request;
	struct blk_plug plug;
	struct xblk_job *job;
	int nr, ret = 0;

	blk_start_plug(&plug);
	for (nr = 0; nr < TURN; nr++) {
		job = free_job(queue);
		if (!job)
			break;
		ret = get_request(queue, &request);
		if (ret <= 0) {
			give_job(job);
			break;
		}
		atomic_inc(&queue->busy);
		take(job, &request);
	}
	blk_finish_plug(&plug);
	/* With no job nobody waits for an event: one that ends has us come again. */
	*more = nr == TURN || (job && !ret && arm(queue));
	return ret < 0 ? ret : nr;
}

/* The front is told of a new size. */
static void look_at_size(struct xblk_back *back)
{
	if (xblk_back_sectors(back) != READ_ONCE(back->limits.sectors))
		xblk_back_resized(back);
}

/**
 * xblk_back_work() - do what is to be done with a ring
 * @work: of the ring
 *
 * Context: Process.
 */
void xblk_back_work(struct work_struct *work)
{
	struct xblk_back_queue *queue = container_of(work, struct xblk_back_queue, work);
	bool more;
	int nr;

	if (!READ_ONCE(queue->up))
		return;
	look_at_size(queue->back);
	nr = take_all(queue, &more);
	if (nr < 0) {
		WRITE_ONCE(queue->up, false);
		xenpv_link_fault(queue->back->dev, "%s", broken(queue));
		return;
	}
	xblk_tidy(queue);
	if (more)
		kick(queue);
	xenpv_event_done(queue->share.event, nr > 0);
}

/**
 * xblk_back_drain() - wait until nothing of a ring is in the works
 * @queue: the ring; no request is taken any more
 *
 * What was taken is finished, and answered.
 *
 * Context: Process.
 */
void xblk_back_drain(struct xblk_back_queue *queue)
{
	WRITE_ONCE(queue->up, false);
	/* The last turn that may take something, then the end of all that was taken. */
	flush_work(&queue->work);
	wait_var_event(&queue->busy, !atomic_read(&queue->busy));
}

static int make_job(struct xblk_job *job, struct xblk_back_queue *queue, unsigned int segs)
{
	job->queue = queue;
	list_add(&job->free, &queue->free);
	job->segs = kcalloc(segs, sizeof(*job->segs), GFP_KERNEL);
	job->pages = kcalloc(segs, sizeof(*job->pages), GFP_KERNEL);
	job->slots = kcalloc(segs, sizeof(*job->slots), GFP_KERNEL);
	job->kept = kcalloc(segs, sizeof(*job->kept), GFP_KERNEL);
	if (!job->segs || !job->pages || !job->slots || !job->kept)
		return -ENOMEM;
	for (unsigned int i = 0; i < XBLK_COPY_SEGS; i++) {
		job->copies[i] = alloc_page(GFP_KERNEL);
		if (!job->copies[i])
			return -ENOMEM;
	}
	return queue->back->bdev ? 0 : xblk_file_make_job(job, segs);
}

static unsigned int segs_of(const struct xblk_back *back)
{
	return max_t(unsigned int, back->limits.max_segs, XBLK_DIRECT);
}

/**
 * xblk_back_make_jobs() - have as many jobs as a ring needs
 * @queue: the ring
 * @nr: how many
 *
 * Context: Process.
 * Return: 0 or -ENOMEM; either way xblk_back_drop_jobs() undoes it.
 */
int xblk_back_make_jobs(struct xblk_back_queue *queue, unsigned int nr)
{
	unsigned int segs = segs_of(queue->back);
	int ret = 0;

	queue->jobs = kvcalloc(nr, sizeof(*queue->jobs), GFP_KERNEL);
	queue->tables = alloc_page(GFP_KERNEL);
	if (!queue->jobs || !queue->tables)
		return -ENOMEM;
	for (; queue->nr_jobs < nr && !ret; queue->nr_jobs++)
		ret = make_job(&queue->jobs[queue->nr_jobs], queue, segs);
	return ret;
}

/**
 * xblk_back_drop_jobs() - undo xblk_back_make_jobs()
 * @queue: the ring; nothing is in the works
 *
 * Context: Process.
 */
void xblk_back_drop_jobs(struct xblk_back_queue *queue)
{
	for (unsigned int i = 0; i < queue->nr_jobs; i++) {
		struct xblk_job *job = &queue->jobs[i];

		for (unsigned int c = 0; c < XBLK_COPY_SEGS; c++)
			if (job->copies[c])
				__free_page(job->copies[c]);
		kfree(job->segs);
		kfree(job->pages);
		kfree(job->slots);
		kfree(job->kept);
		kfree(job->bvecs);
	}
	kvfree(queue->jobs);
	queue->jobs = NULL;
	queue->nr_jobs = 0;
	if (queue->tables)
		__free_page(queue->tables);
	queue->tables = NULL;
}

/**
 * xblk_back_job_bytes() - memory that a job has
 * @back: the back
 *
 * Context: Any.
 * Return: Bytes.
 */
size_t xblk_back_job_bytes(const struct xblk_back *back)
{
	const struct xblk_job *job;
	size_t segment = sizeof(*job->segs) + sizeof(*job->pages) + sizeof(*job->slots) +
			 sizeof(*job->kept) + (back->bdev ? 0 : sizeof(*job->bvecs));

	return sizeof(*job) + XBLK_COPY_SEGS * PAGE_SIZE + segs_of(back) * segment;
}
