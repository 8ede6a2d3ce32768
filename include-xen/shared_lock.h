/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_SHARED_LOCK_H
#define _XENPV_SHARED_LOCK_H

/**
 * DOC: Locks held over accesses to shared memory
 *
 * Plain locks of ours.  What they add is for tests: between two accesses to shared
 * memory the fake hypervisor may leave a task, and another task that wants a lock
 * of the first would spin for ever.  Taken through these, such a task waits until
 * the first has gone on.
 *
 *	scoped_guard(xenpv_shared_lock, &entry->lock)
 *		flags = xenpv_shared_load(&entry->flags);
 *
 * A lock with no access and no hypercall under it needs none of this.
 */

#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include <xenpv/shared.h>

#if IS_ENABLED(CONFIG_XENPV_FAKE)
void xenpv_fake_lock(raw_spinlock_t *lock) __acquires(lock);
void xenpv_fake_mutex_lock(struct mutex *lock);
#define __xenpv_fake_on()	static_branch_unlikely(&xenpv_fake_on)
#else
static inline void xenpv_fake_lock(raw_spinlock_t *lock) __acquires(lock) { }
static inline void xenpv_fake_mutex_lock(struct mutex *lock) { }
#define __xenpv_fake_on()	false
#endif

/**
 * xenpv_shared_lock() - take a raw spinlock, with interrupts off
 * @lock: the lock
 *
 * Context: Any that the lock is for.
 * Return: the interrupt flag, for xenpv_shared_unlock().
 */
static __always_inline unsigned long xenpv_shared_lock(raw_spinlock_t *lock)
{
	unsigned long flags;

	if (__xenpv_fake_on()) {
		local_irq_save(flags);
		xenpv_fake_lock(lock);
	} else {
		raw_spin_lock_irqsave(lock, flags);
	}
	/* Sparse does not see that a guard lets go. */
	__release(lock);
	return flags;
}

/**
 * xenpv_shared_unlock() - undo xenpv_shared_lock()
 * @lock: the lock
 * @flags: what that returned
 *
 * Context: As xenpv_shared_lock().
 */
static __always_inline void xenpv_shared_unlock(raw_spinlock_t *lock, unsigned long flags)
{
	__acquire(lock);
	raw_spin_unlock_irqrestore(lock, flags);
}

DEFINE_LOCK_GUARD_1(xenpv_shared_lock, raw_spinlock_t,
		    _T->flags = xenpv_shared_lock(_T->lock),
		    xenpv_shared_unlock(_T->lock, _T->flags),
		    unsigned long flags)

/**
 * xenpv_shared_mutex_lock() - take a mutex; mutex_unlock() undoes it
 * @lock: the mutex
 *
 * Context: Process.
 */
static __always_inline void xenpv_shared_mutex_lock(struct mutex *lock)
{
	if (__xenpv_fake_on())
		xenpv_fake_mutex_lock(lock);
	else
		mutex_lock(lock);
}

DEFINE_GUARD(xenpv_shared_mutex, struct mutex *, xenpv_shared_mutex_lock(_T),
	     mutex_unlock(_T))

#endif /* _XENPV_SHARED_LOCK_H */
