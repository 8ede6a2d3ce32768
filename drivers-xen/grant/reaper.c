// SPDX-License-Identifier: GPL-2.0-only
/* Keeps pages that a peer does not let go, and tries until it does. */

#define pr_fmt(fmt) "xenpv: grant: " fmt

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include <kunit/static_stub.h>
#include "private.h"

/*
 * A page waits in one of a few queues, each with its own delay between two tries,
 * and goes to the next one when a try fails.  So a peer that is only slow gives
 * a page back quickly, and one that never does costs a try a second.
 *
 *	delay	10   20   40   80   160  320  640  1000 ms
 *	queue	0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 7
 *
 * All pages of a queue wait equally long, so each queue is in the order in which
 * they are due, and its first one tells when to look.
 */
#define NR_QUEUES	8
#define FIRST_DELAY	(10 * NSEC_PER_MSEC)
#define LAST_DELAY	NSEC_PER_SEC

/* Tries of one run; then others may use the CPU. */
#define BATCH		256

/* Kept for the moment when there is no memory left. */
#define RESERVE		64

/**
 * struct held - a page that a peer does not let go
 * @list: in a queue
 * @due: when to try again
 * @ref: through which it is lent
 * @page: it; we have a reference
 * @account: of the peer
 */
struct held {
	struct list_head list;
	u64 due;
	grant_ref_t ref;
	struct page *page;
	struct xenpv_grant_account *account;
};

static void reap_work(struct work_struct *work);

/**
 * struct reaper - what is held
 * @lock: guards the queues
 * @queues: struct held, by delay
 * @next: when the work shall run; %U64_MAX if it need not
 * @memory: for struct held
 * @work: looks at what is due
 * @lost: pages for which there was no struct held; they stay lent for ever
 */
struct reaper {
	spinlock_t lock;
	struct list_head queues[NR_QUEUES] __guarded_by(&lock);
	u64 next __guarded_by(&lock);
	mempool_t *memory;
	struct delayed_work work;
	atomic_long_t lost;
};

static struct reaper reaper = {
	.lock = __SPIN_LOCK_UNLOCKED(reaper.lock),
	.next = U64_MAX,
	.work = __DELAYED_WORK_INITIALIZER(reaper.work, reap_work, 0),
};

static u64 delay_of(unsigned int queue)
{
	return min_t(u64, FIRST_DELAY << queue, LAST_DELAY);
}

/**
 * xenpv_grant_time() - what time is it?
 *
 * Context: Any.
 * Return: nanoseconds since some moment.  Tests have a time of their own.
 */
u64 xenpv_grant_time(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_grant_time);
	return ktime_get_ns();
}

/**
 * xenpv_grant_reap_in() - have the work run
 * @delay: in this many nanoseconds
 *
 * Context: Any.  Tests do the work themselves.
 */
void xenpv_grant_reap_in(u64 delay)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_grant_reap_in, delay);
	mod_delayed_work(system_percpu_wq, &reaper.work, nsecs_to_jiffies(delay) + 1);
}

static void enqueue(struct held *held, unsigned int queue, u64 now)
{
	lockdep_assert_held(&reaper.lock);
	held->due = now + delay_of(queue);
	list_add_tail(&held->list, &reaper.queues[queue]);
}

/* The first page that is due, taken out of its queue. */
static struct held *dequeue(u64 now, unsigned int *queue)
{
	guard(spinlock_irqsave)(&reaper.lock);
	for (*queue = 0; *queue < NR_QUEUES; ++*queue) {
		struct held *held = list_first_entry_or_null(&reaper.queues[*queue],
							     struct held, list);

		if (held && held->due <= now) {
			list_del(&held->list);
			return held;
		}
	}
	return NULL;
}

static void requeue(struct held *held, unsigned int queue, u64 now)
{
	guard(spinlock_irqsave)(&reaper.lock);
	enqueue(held, min(queue + 1, NR_QUEUES - 1U), now);
}

static u64 earliest(void)
{
	struct held *held;
	u64 next = U64_MAX;

	lockdep_assert_held(&reaper.lock);
	for (unsigned int i = 0; i < NR_QUEUES; i++) {
		held = list_first_entry_or_null(&reaper.queues[i], struct held, list);
		if (held)
			next = min(next, held->due);
	}
	return next;
}

static void release(struct held *held)
{
	xenpv_grant_ref_give(held->ref);
	put_page(held->page);
	xenpv_grant_account_released(held->account);
	xenpv_grant_account_put(held->account);
	mempool_free(held, reaper.memory);
}

/*
 * When to look next is found and planned in one step.  Otherwise a page that came to
 * be held in between, and planned for itself, would be forgotten.
 */
static void plan(void)
{
	u64 now = xenpv_grant_time();

	guard(spinlock_irqsave)(&reaper.lock);
	reaper.next = earliest();
	if (reaper.next != U64_MAX)
		xenpv_grant_reap_in(reaper.next > now ? reaper.next - now : 0);
}

/**
 * xenpv_grant_reap() - try to take back what is due, and plan the next time
 *
 * A bounded number of tries.
 *
 * Context: Process.
 */
void xenpv_grant_reap(void)
{
	u64 now = xenpv_grant_time();
	unsigned int queue;
	struct held *held;

	for (unsigned int i = 0; i < BATCH; i++) {
		held = dequeue(now, &queue);
		if (!held)
			break;
		if (xenpv_grant_table_revoke(held->ref))
			release(held);
		else
			requeue(held, queue, now);
	}
	plan();
}

static void reap_work(struct work_struct *work)
{
	xenpv_grant_reap();
}

/**
 * xenpv_grant_hold() - keep a page until its peer lets go
 * @ref: through which it is lent; ours again then
 * @page: it, with a reference for us, which is put then
 * @account: of the peer
 *
 * Without memory to remember it the page stays lent, and out of use, for ever.
 *
 * Context: Any.
 */
void xenpv_grant_hold(grant_ref_t ref, struct page *page,
		      struct xenpv_grant_account *account)
{
	struct held *held = mempool_alloc(reaper.memory, GFP_ATOMIC);
	u64 now = xenpv_grant_time();

	xenpv_grant_account_held(account);
	if (!held) {
		atomic_long_inc(&reaper.lost);
		return;
	}
	held->ref = ref;
	held->page = page;
	held->account = account;

	guard(spinlock_irqsave)(&reaper.lock);
	enqueue(held, 0, now);
	if (held->due < reaper.next) {
		reaper.next = held->due;
		xenpv_grant_reap_in(held->due - now);
	}
}

/**
 * xenpv_grant_lost() - how many pages will never come back?
 *
 * Context: Any.
 * Return: their number.
 */
unsigned long xenpv_grant_lost(void)
{
	return atomic_long_read(&reaper.lost);
}

/**
 * xenpv_grant_reaper_start() - get ready to hold pages
 *
 * Context: Process; boot.
 * Return: 0 or -ENOMEM.
 */
int xenpv_grant_reaper_start(void)
{
	reaper.memory = mempool_create_kmalloc_pool(RESERVE, sizeof(struct held));
	if (!reaper.memory)
		return -ENOMEM;

	guard(spinlock_irqsave)(&reaper.lock);
	for (unsigned int i = 0; i < NR_QUEUES; i++)
		INIT_LIST_HEAD(&reaper.queues[i]);
	reaper.next = U64_MAX;
	return 0;
}

/**
 * xenpv_grant_reaper_stop() - stop
 *
 * Context: Process, when nothing is held; tests.
 */
void xenpv_grant_reaper_stop(void)
{
	cancel_delayed_work_sync(&reaper.work);
	mempool_destroy(reaper.memory);
	reaper.memory = NULL;
	atomic_long_set(&reaper.lost, 0);
}
