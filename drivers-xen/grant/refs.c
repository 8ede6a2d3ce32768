// SPDX-License-Identifier: GPL-2.0-only
/* Hands out references: numbers of free entries of the grant table. */

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include "private.h"

/*
 * Free references are bits of a map.  Each CPU keeps a few, which it can take and
 * give without the others.  Its lock is there for whoever looks for the last free
 * references in all the caches; else nobody contends for it.  One of them, the one
 * that came last, is outside of the lock: a device with one page on its way takes
 * and gives it with one atomic operation each, and interrupts stay on.
 *
 * Locks: cache->lock, in it refs.lock, in it the table's.  wait_lock is taken
 * alone, and holds while waiters are called.
 *
 * Nobody waits for ever, because of the barriers of a pair:
 *
 *   give:A    the reference is in a cache or the map, then look for waiters.  An
 *             exchange that succeeds is a full barrier, too.
 *   wait:B    become a waiter, then look for references.
 *
 * Two more bring references to where one who counts has looked already: a table that
 * grows, and draining the caches.  They look for waiters afterwards, too.  They need
 * no barrier: who counted too few had refs.lock before they took it, and was a waiter
 * by then.
 */
#define CACHE_SIZE	32
#define CACHE_MOVE	16

/**
 * struct cache - references of a CPU
 * @last: the one that came last, 0 if it is gone
 * @lock: guards what follows
 * @nr: how many others there are
 * @refs: they
 */
struct cache {
	grant_ref_t last;
	spinlock_t lock;
	unsigned int nr __guarded_by(&lock);
	grant_ref_t refs[CACHE_SIZE] __guarded_by(&lock);
};

static DEFINE_PER_CPU(struct cache, caches);

/**
 * struct refs - references that no CPU has in its cache
 * @lock: guards all of it
 * @map: one bit for each reference that the table may ever have; set: free
 * @nr: references that the table has now
 * @nr_free: bits set
 * @hint: no bit below is set
 */
struct refs {
	spinlock_t lock;
	unsigned long *map __guarded_by(&lock);
	unsigned int nr __guarded_by(&lock);
	unsigned int nr_free __guarded_by(&lock);
	unsigned int hint __guarded_by(&lock);
};

static struct refs refs = {
	.lock = __SPIN_LOCK_UNLOCKED(refs.lock),
};

static DEFINE_SPINLOCK(wait_lock);
static LIST_HEAD(waiters);
static atomic_t nr_waiters = ATOMIC_INIT(0);

static void put_free(grant_ref_t ref)
{
	lockdep_assert_held(&refs.lock);
	if (WARN_ON_ONCE(ref >= refs.nr || __test_and_set_bit(ref, refs.map)))
		return;
	refs.nr_free++;
	refs.hint = min(refs.hint, ref);
}

static grant_ref_t get_free(void)
{
	grant_ref_t ref;

	lockdep_assert_held(&refs.lock);
	ref = find_next_bit(refs.map, refs.nr, refs.hint);
	__clear_bit(ref, refs.map);
	refs.nr_free--;
	refs.hint = ref + 1;
	return ref;
}

/* The table has more entries than we know of. */
static void take_new(void)
{
	unsigned int max, nr = xenpv_grant_table_size(&max);
	unsigned int first = max_t(unsigned int, refs.nr, GNTTAB_NR_RESERVED_ENTRIES);

	lockdep_assert_held(&refs.lock);
	refs.nr = nr;
	bitmap_set(refs.map, first, nr - first);
	refs.nr_free += nr - first;
	refs.hint = min(refs.hint, first);
}

/*
 * Moves references to a cache that is empty; lets the table grow if there are none.
 * True: it did.
 */
static bool refill(struct cache *cache)
{
	bool grown = false;

	lockdep_assert_held(&cache->lock);
	guard(spinlock)(&refs.lock);
	if (!refs.nr_free && !xenpv_grant_table_grow()) {
		take_new();
		grown = true;
	}
	while (refs.nr_free && cache->nr < CACHE_MOVE)
		cache->refs[cache->nr++] = get_free();
	return grown;
}

/* Moves references of a cache to the map, all but @keep. */
static void drain(struct cache *cache, unsigned int keep)
{
	lockdep_assert_held(&cache->lock);
	guard(spinlock)(&refs.lock);
	while (cache->nr > keep)
		put_free(cache->refs[--cache->nr]);
}

static void drain_last(struct cache *cache)
{
	grant_ref_t last = xchg(&cache->last, 0);

	if (!last)
		return;
	guard(spinlock_irqsave)(&refs.lock);
	put_free(last);
}

static void drain_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct cache *cache = per_cpu_ptr(&caches, cpu);

		guard(spinlock_irqsave)(&cache->lock);
		drain(cache, 0);
		drain_last(cache);
	}
}

/**
 * xenpv_grant_refs_free() - how many references could be taken at once?
 *
 * Those that the table would have after growing do not count.
 *
 * Context: Any.
 * Return: their number; others may take and give meanwhile.
 */
unsigned int xenpv_grant_refs_free(void)
{
	unsigned int nr, cpu;

	scoped_guard(spinlock_irqsave, &refs.lock)
		nr = refs.nr_free;
	for_each_possible_cpu(cpu) {
		struct cache *cache = per_cpu_ptr(&caches, cpu);

		guard(spinlock_irqsave)(&cache->lock);
		nr += cache->nr + !!READ_ONCE(cache->last);
	}
	return nr;
}

/* Calls those for whom there is enough, once. */
static void wake(void)
{
	struct xenpv_grant_waiter *waiter, *next;
	unsigned int free;

	free = xenpv_grant_refs_free();
	guard(spinlock_irqsave)(&wait_lock);
	list_for_each_entry_safe(waiter, next, &waiters, list) {
		if (waiter->wanted > free)
			continue;
		list_del_init(&waiter->list);
		atomic_dec(&nr_waiters);
		waiter->fn(waiter);
	}
}

static void wake_waiters(void)
{
	if (unlikely(atomic_read(&nr_waiters)))
		wake();
}

/* Apart from take(), so that what is likely saves no registers for this. */
static noinline int take_more(struct cache *cache)
{
	bool grown = false;
	int ref = -ENOSPC;

	scoped_guard(spinlock_irqsave, &cache->lock) {
		if (!cache->nr)
			grown = refill(cache);
		if (cache->nr)
			ref = cache->refs[--cache->nr];
	}
	if (unlikely(grown))
		wake_waiters();
	return ref;
}

/* It does no harm if we move to another CPU: nothing here is only for its own. */
static int take(void)
{
	struct cache *cache = raw_cpu_ptr(&caches);
	grant_ref_t last;

	/* Look first, since an exchange takes the cache line from the others. */
	last = READ_ONCE(cache->last) ? xchg(&cache->last, 0) : 0;
	if (likely(last))
		return last;
	return take_more(cache);
}

/**
 * xenpv_grant_ref_take() - get a free reference
 *
 * Context: Any but the function of a waiter: others may be called.
 * Return: the reference, or -ENOSPC if all that Xen allows are in use.
 */
int xenpv_grant_ref_take(void)
{
	int ref = take();

	if (ref >= 0)
		return ref;
	/* The last ones may be in other CPUs' caches. */
	drain_all();
	ref = take();
	wake_waiters();
	return ref;
}

static void give_more(struct cache *cache, grant_ref_t ref)
{
	guard(spinlock_irqsave)(&cache->lock);
	if (cache->nr == CACHE_SIZE)
		drain(cache, CACHE_SIZE - CACHE_MOVE);
	cache->refs[cache->nr++] = ref;
}

/**
 * xenpv_grant_ref_give() - give a reference back
 * @ref: it; nothing is lent through it
 *
 * Context: Any.
 */
void xenpv_grant_ref_give(grant_ref_t ref)
{
	struct cache *cache = raw_cpu_ptr(&caches);

	if (READ_ONCE(cache->last) || cmpxchg(&cache->last, 0, ref)) {	/* give:A */
		give_more(cache, ref);
		smp_mb();						/* give:A */
	}
	wake_waiters();
}

/**
 * xenpv_grant_ref_wait() - be called when there are references again
 * @waiter: who; may wait already
 * @wanted: how many there shall be
 *
 * If there are enough by now, the call comes before this returns.
 *
 * Context: Any but the waiter's own function.
 */
void xenpv_grant_ref_wait(struct xenpv_grant_waiter *waiter, unsigned int wanted)
{
	scoped_guard(spinlock_irqsave, &wait_lock) {
		if (list_empty(&waiter->list)) {
			list_add_tail(&waiter->list, &waiters);
			atomic_inc(&nr_waiters);
			waiter->wanted = wanted;
		}
		waiter->wanted = min(waiter->wanted, wanted);
	}
	smp_mb();						/* wait:B */
	if (xenpv_grant_refs_free() >= wanted)
		wake();
}

/**
 * xenpv_grant_ref_unwait() - do not be called any more
 * @waiter: who
 *
 * Its function does not run any more when this returns.
 *
 * Context: Any but the waiter's own function.
 */
void xenpv_grant_ref_unwait(struct xenpv_grant_waiter *waiter)
{
	guard(spinlock_irqsave)(&wait_lock);
	if (list_empty(&waiter->list))
		return;
	list_del_init(&waiter->list);
	atomic_dec(&nr_waiters);
}

/**
 * xenpv_grant_refs_start() - start with all entries that the table has
 *
 * Context: Process; boot.
 * Return: 0 or -ENOMEM.
 */
int xenpv_grant_refs_start(void)
{
	unsigned int max, cpu;
	unsigned long *map;

	xenpv_grant_table_size(&max);
	map = kvcalloc(BITS_TO_LONGS(max), sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(&caches, cpu)->lock);

	guard(spinlock_irqsave)(&refs.lock);
	refs.map = map;
	take_new();
	return 0;
}

/**
 * xenpv_grant_refs_stop() - forget all references
 *
 * Context: Process, when none is in use; tests.
 */
void xenpv_grant_refs_stop(void)
{
	unsigned long *map;

	drain_all();
	scoped_guard(spinlock_irqsave, &refs.lock) {
		map = refs.map;
		refs.map = NULL;
		refs.nr = 0;
		refs.nr_free = 0;
		refs.hint = 0;
	}
	kvfree(map);
}
