// SPDX-License-Identifier: GPL-2.0-only
/* Locks of the code under test that a task waits for as the fake's tasks wait. */

#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include <xenpv/shared_lock.h>
#include "private.h"

/*
 * All tasks are one thread, so a lock is taken by trying: the waiting is done by
 * the scheduler of tasks, and lockdep has nothing to say about the order.  To ask
 * for a lock is a point: who gets it first is a matter of order.
 */

static bool lock_is_free(void *lock)
{
	return !raw_spin_is_locked((raw_spinlock_t *)lock);
}

/**
 * xenpv_fake_lock() - take a lock in the way of a task
 * @lock: the lock; interrupts are off
 *
 * Context: As the lock.
 */
void xenpv_fake_lock(raw_spinlock_t *lock) __acquires(lock)
{
	if (!xenpv_fake_in_task()) {
		raw_spin_lock(lock);
		return;
	}
	xenpv_fake_step();
	while (!raw_spin_trylock(lock))
		xenpv_fake_wait(lock_is_free, lock);
}
EXPORT_SYMBOL_NS_GPL(xenpv_fake_lock, "XENPV");

static bool mutex_is_free(void *lock)
{
	return !mutex_is_locked(lock);
}

/**
 * xenpv_fake_mutex_lock() - take a mutex in the way of a task
 * @lock: the mutex
 *
 * Context: Process.
 */
void xenpv_fake_mutex_lock(struct mutex *lock)
{
	if (!xenpv_fake_in_task()) {
		mutex_lock(lock);
		return;
	}
	xenpv_fake_step();
	while (!mutex_trylock(lock))
		xenpv_fake_wait(mutex_is_free, lock);
}
EXPORT_SYMBOL_NS_GPL(xenpv_fake_mutex_lock, "XENPV");
