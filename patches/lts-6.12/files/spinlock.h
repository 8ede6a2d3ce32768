/* SPDX-License-Identifier: GPL-2.0-only */
/* spinlock.c: lock operations are pv-ops here, all of them, and no static calls. */
#ifndef XENPV_COMPAT_SPINLOCK_H
#define XENPV_COMPAT_SPINLOCK_H

#include <linux/spinlock.h>
#include <linux/static_call.h>
#include <asm/paravirt.h>
#include <asm/qspinlock.h>

#define pv_ops_lock	pv_ops.lock

#undef static_call_update
#define static_call_update(name, fn)	xenpv_set_##name(fn)
#define xenpv_set_queued_spin_lock_slowpath(fn) \
	(pv_ops.lock.queued_spin_lock_slowpath = (fn))
#define xenpv_set_queued_spin_unlock(fn) \
	(pv_ops.lock.queued_spin_unlock = __PV_IS_CALLEE_SAVE(fn))

/* For spinlock.c to define. */
#undef pr_fmt

#endif
