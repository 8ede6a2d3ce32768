// SPDX-License-Identifier: GPL-2.0-only
/* A disk that is a plain file: how its requests are done. */

#include <linux/bvec.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/ioprio.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/uio.h>

#include "back.h"

static struct file *file_of(const struct xblk_job *job)
{
	return job->queue->back->file;
}

static loff_t place(const struct xblk_job *job)
{
	return (loff_t)job->op.sector << SECTOR_SHIFT;
}

static ssize_t length(const struct xblk_job *job)
{
	return (ssize_t)job->op.nr_sectors << SECTOR_SHIFT;
}

/**
 * xblk_file_can_be_direct() - can data go past the page cache?
 * @file: a plain file
 *
 * Requests begin at sectors of 512 bytes, on disk and in memory.  Where the file system
 * needs more, the page cache has to help.
 *
 * Context: Process.
 * Return: true or false.
 */
bool xblk_file_can_be_direct(struct file *file)
{
	struct kstat stat;

	return file->f_mode & FMODE_CAN_ODIRECT &&
	       !vfs_getattr(&file->f_path, &stat, STATX_DIOALIGN, 0) &&
	       stat.result_mask & STATX_DIOALIGN &&
	       stat.dio_offset_align && stat.dio_offset_align <= SECTOR_SIZE &&
	       stat.dio_mem_align <= SECTOR_SIZE;
}

/* Less than all of it was the end of the file, or of the space for it. */
static void moved(struct kiocb *iocb, long ret)
{
	struct xblk_job *job = container_of(iocb, struct xblk_job, iocb);

	if (iocb->ki_flags & IOCB_WRITE)
		kiocb_end_write(iocb);
	if (ret >= 0)
		ret = ret == length(job) ? 0 : -EIO;
	xblk_job_part_ended(job, ret);
}

static void move(struct xblk_job *job)
{
	bool writes = job->op.code != BLKIF_OP_READ;
	struct file *file = file_of(job);
	struct kiocb *iocb = &job->iocb;
	struct iov_iter iter;
	ssize_t ret;

	*iocb = (struct kiocb) {
		.ki_filp = file,
		.ki_pos = place(job),
		.ki_complete = moved,
		.ki_flags = job->queue->back->direct ? IOCB_DIRECT : 0,
		.ki_ioprio = IOPRIO_DEFAULT,
	};
	for (unsigned int i = 0; i < job->op.nr_segs; i++)
		bvec_set_page(&job->bvecs[i], job->pages[i], job->segs[i].nr * SECTOR_SIZE,
			      job->segs[i].first * SECTOR_SIZE);
	iov_iter_bvec(&iter, writes ? ITER_SOURCE : ITER_DEST, job->bvecs, job->op.nr_segs,
		      length(job));
	if (writes) {
		iocb->ki_flags |= IOCB_WRITE;
		kiocb_start_write(iocb);
		ret = file->f_op->write_iter(iocb, &iter);
	} else {
		ret = file->f_op->read_iter(iocb, &iter);
	}
	if (ret != -EIOCBQUEUED)
		moved(iocb, ret);
}

static int discard(struct xblk_job *job)
{
	if (job->op.secure)
		return -EOPNOTSUPP;
	return vfs_fallocate(file_of(job), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place(job),
			     length(job));
}

/* What may wait for the disk. */
static void do_it(struct work_struct *work)
{
	struct xblk_job *job = container_of(work, struct xblk_job, work);
	int ret = 0;

	if (job->op.code == BLKIF_OP_FLUSH_DISKCACHE)
		ret = vfs_fsync(file_of(job), 0);
	else if (job->op.code == BLKIF_OP_DISCARD)
		ret = discard(job);
	if (!ret && job->op.nr_segs)
		move(job);
	else
		xblk_job_part_ended(job, ret);
}

/**
 * xblk_file_make_job() - what a job needs for a plain file
 * @job: the job
 * @segs: pages of a request at most
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int xblk_file_make_job(struct xblk_job *job, unsigned int segs)
{
	INIT_WORK(&job->work, do_it);
	job->bvecs = kcalloc(segs, sizeof(*job->bvecs), GFP_KERNEL);
	return job->bvecs ? 0 : -ENOMEM;
}

/**
 * xblk_file_start() - start a request to a plain file
 * @job: the request, with its data
 *
 * Data that go past the page cache are on their way when this returns.  All else may wait
 * for the disk, and must not keep others of the ring waiting.
 *
 * Context: Process.
 * Return: 0: xblk_job_part_ended() is called once; -EOPNOTSUPP.
 */
int xblk_file_start(struct xblk_job *job)
{
	switch (job->op.code) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		atomic_inc(&job->bios);
		if (job->queue->back->direct)
			move(job);
		else
			queue_work(job->queue->back->wq, &job->work);
		return 0;
	case BLKIF_OP_FLUSH_DISKCACHE:
	case BLKIF_OP_DISCARD:
		atomic_inc(&job->bios);
		queue_work(job->queue->back->wq, &job->work);
		return 0;
	default:
		/* What was not offered. */
		return -EOPNOTSUPP;
	}
}
