// SPDX-License-Identifier: GPL-2.0-only
/* What stays mapped is unmapped when nobody uses it, and when memory is scarce. */

#include <linux/cleanup.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/workqueue.h>

#include "back.h"

/*
 * A front that was busy leaves thousands of pages mapped, each of which holds a frame of
 * ours without memory, and one of its own that it can't free.
 */
#define UNUSED	(60 * HZ)

/**
 * enum xblk_tidy - which pages of a ring are to be unmapped
 * @XBLK_TIDY_NONE: none
 * @XBLK_TIDY_OLD: those that nobody has used for long
 * @XBLK_TIDY_ALL: those that nobody uses
 */
enum xblk_tidy {
	XBLK_TIDY_NONE,
	XBLK_TIDY_OLD,
	XBLK_TIDY_ALL,
};

/* All rings; the lock is not held while memory is allocated. */
static DEFINE_MUTEX(rings_lock);
static LIST_HEAD(rings);
static struct shrinker *shrinker;

static void ask_for(struct xblk_back_queue *queue, enum xblk_tidy what)
{
	atomic_set(&queue->tidy, what);
	if (READ_ONCE(queue->up))
		xblk_back_due(queue);
}

static void tidy_later(struct work_struct *work)
{
	ask_for(container_of(to_delayed_work(work), struct xblk_back_queue, tidy_later),
		XBLK_TIDY_OLD);
}

/**
 * xblk_tidy_add() - look after what stays mapped of a ring
 * @queue: the ring
 *
 * Context: Process.
 */
void xblk_tidy_add(struct xblk_back_queue *queue)
{
	INIT_DEFERRABLE_WORK(&queue->tidy_later, tidy_later);
	guard(mutex)(&rings_lock);
	list_add_tail(&queue->all, &rings);
}

/**
 * xblk_tidy_remove() - undo xblk_tidy_add()
 * @queue: the ring, from which no requests are taken any more
 *
 * Afterwards nobody asks its worker to unmap anything.
 *
 * Context: Process.
 */
void xblk_tidy_remove(struct xblk_back_queue *queue)
{
	scoped_guard(mutex, &rings_lock)
		list_del_init(&queue->all);
	cancel_delayed_work_sync(&queue->tidy_later);
}

/**
 * xblk_tidy() - unmap what is to be unmapped of a ring
 * @queue: the ring
 *
 * Context: Process; the ring's worker.
 */
void xblk_tidy(struct xblk_back_queue *queue)
{
	switch (atomic_xchg(&queue->tidy, XBLK_TIDY_NONE)) {
	case XBLK_TIDY_OLD:
		xblk_kept_tidy(&queue->kept, UNUSED);
		break;
	case XBLK_TIDY_ALL:
		xblk_kept_tidy(&queue->kept, 0);
		break;
	}
	/* No timer runs for a ring of which nothing stays mapped. */
	if (queue->kept.nr && !delayed_work_pending(&queue->tidy_later))
		queue_delayed_work(xblk_back_wq, &queue->tidy_later, UNUSED);
}

/* Only a ring's worker unmaps: rings are asked to. */

static unsigned long count(struct shrinker *unused, struct shrink_control *sc)
{
	struct xblk_back_queue *queue;
	unsigned long nr = 0;

	if (!mutex_trylock(&rings_lock))
		return 0;
	list_for_each_entry(queue, &rings, all)
		nr += READ_ONCE(queue->kept.nr);
	mutex_unlock(&rings_lock);
	return nr ?: SHRINK_EMPTY;
}

/**
 * xblk_tidy_ask() - have pages unmapped that nobody uses
 * @nr: how many; as rings give all of theirs, there may be more
 *
 * Context: Any that may sleep, memory being reclaimed included.
 * Return: Of how many pages it was asked, or SHRINK_STOP if rings come or go right now.
 */
unsigned long xblk_tidy_ask(unsigned long nr)
{
	struct xblk_back_queue *queue;
	unsigned long asked = 0;

	if (!mutex_trylock(&rings_lock))
		return SHRINK_STOP;
	list_for_each_entry(queue, &rings, all) {
		if (asked >= nr)
			break;
		asked += READ_ONCE(queue->kept.nr);
		if (READ_ONCE(queue->kept.nr))
			ask_for(queue, XBLK_TIDY_ALL);
	}
	mutex_unlock(&rings_lock);
	return asked;
}

static unsigned long scan(struct shrinker *unused, struct shrink_control *sc)
{
	return xblk_tidy_ask(sc->nr_to_scan);
}

/**
 * xblk_tidy_init() - hear of it when memory is scarce
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int xblk_tidy_init(void)
{
	shrinker = shrinker_alloc(0, "xenpv-blkback");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return 0;
}

/**
 * xblk_tidy_exit() - undo xblk_tidy_init()
 *
 * Context: Process.
 */
void xblk_tidy_exit(void)
{
	shrinker_free(shrinker);
}
