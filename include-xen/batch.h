/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BATCH_H
#define _XENPV_BATCH_H

/**
 * DOC: Batches
 *
 * Entering Xen costs as much as several page-table updates, so operations that
 * need not take effect at once are queued per CPU and issued together, in
 * order, as one multicall.  Neighbouring page-table updates share one entry of
 * it; a batch with a single entry becomes a plain hypercall.
 *
 *	flags = xenpv_batch_begin();
 *	xenpv_batch_update(ptr, val);
 *	xenpv_batch_ext(MMUEXT_INVLPG_LOCAL)->arg1.linear_addr = addr;
 *	xenpv_batch_end(flags, xenpv_batch_may_defer());
 *
 * Rules:
 *
 * - Queueing happens between begin and end, with interrupts off.  Begin and end
 *   turn the vCPU's mask byte themselves, as the interrupt-flag pv-ops would do
 *   with three calls.  A queue that fills up is issued on the spot, so a caller
 *   never sees "full".
 * - Ending with "defer" false issues everything queued so far.  With true, it
 *   stays queued until the lazy mode or the context switch ends.
 * - Every result is checked.  A failure is reported decoded, and the operations
 *   behind it in the same entry are still done.
 *
 * The interface to Xen is HYPERVISOR_multicall (include/xen/interface/xen.h).
 */

#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include <xenpv/abi.h>
#include <xenpv/types.h>
#include <xenpv/vcpu.h>

#define XENPV_BATCH_CALLS	32
#define XENPV_BATCH_UPDATES	128
#define XENPV_BATCH_AFTER	32

/**
 * struct xenpv_batch - operations that one CPU has queued
 * @nr_calls: entries of @calls in use
 * @nr_updates: entries of @updates in use
 * @open_update: first of the updates that no entry of @calls covers yet
 * @nr_exts: entries of @exts in use
 * @nr_after: entries of @after in use
 * @table_maddr: machine address of @table
 * @table: page of the leaf table that the last group of updates queued is for, or 0; while
 *	something is queued for a table Xen watches it, so users need not look again
 * @updates: page-table updates, in order
 * @calls: the multicall
 * @exts: extended page-table operations that @calls points to
 * @after: what to do once the batch was issued
 */
struct xenpv_batch {
	unsigned int nr_updates;
	unsigned int open_update;
	unsigned int nr_calls;
	unsigned int nr_exts;
	unsigned int nr_after;
	u64 table_maddr;
	unsigned long table;
	struct mmu_update updates[XENPV_BATCH_UPDATES];
	struct multicall_entry calls[XENPV_BATCH_CALLS];
	struct mmuext_op exts[XENPV_BATCH_CALLS];
	struct {
		void (*fn)(void *arg);
		void *arg;
	} after[XENPV_BATCH_AFTER];
};

DECLARE_PER_CPU(struct xenpv_batch, xenpv_batch);
DECLARE_PER_CPU(bool, xenpv_batch_switching);

void xenpv_batch_issue(void);
void xenpv_batch_flush(void);
void xenpv_batch_take_events(void);
struct multicall_entry *xenpv_batch_call(unsigned int op);
struct mmuext_op *xenpv_batch_ext(unsigned int cmd);
void xenpv_batch_va(unsigned long va, unsigned long val, unsigned long flags);
void xenpv_batch_after(void (*fn)(void *arg), void *arg);

/**
 * xenpv_batch_begin() - start queueing on this CPU
 *
 * Context: Any but NMI.  Interrupts are off until xenpv_batch_end().
 * Return: what xenpv_batch_end() wants.
 */
static __always_inline unsigned long xenpv_batch_begin(void)
{
	u8 masked = this_cpu_read(xenpv_vcpu_info.evtchn_upcall_mask);

	/* Moving to another vCPU in between changes nothing: it is unmasked too. */
	this_cpu_write(xenpv_vcpu_info.evtchn_upcall_mask, 1);
	barrier();
	return masked;
}

/**
 * xenpv_batch_end() - stop queueing
 * @flags: from xenpv_batch_begin()
 * @defer: leave the queue for later
 *
 * Context: As xenpv_batch_begin().
 */
static __always_inline void xenpv_batch_end(unsigned long flags, bool defer)
{
	if (!defer)
		xenpv_batch_issue();
	barrier();
	if (flags)
		return;
	this_cpu_write(xenpv_vcpu_info.evtchn_upcall_mask, 0);
	barrier();
	if (unlikely(this_cpu_read(xenpv_vcpu_info.evtchn_upcall_pending)))
		xenpv_batch_take_events();
}

/**
 * xenpv_batch_may_defer() - may page-table operations wait?
 *
 * Context: Any.
 * Return: true while the current task is in lazy MMU mode, outside interrupts.
 */
static __always_inline bool xenpv_batch_may_defer(void)
{
	return is_lazy_mmu_mode_active();
}

/**
 * xenpv_batch_in_switch() - may CPU state changes wait?
 *
 * Context: Any.
 * Return: true during a context switch, which ends with a flush.
 */
static __always_inline bool xenpv_batch_in_switch(void)
{
	return this_cpu_read(xenpv_batch_switching);
}

/**
 * xenpv_batch_update() - queue one page-table update
 * @ptr: machine address of the entry, low bits MMU_*_UPDATE
 * @val: raw new value, with a machine frame
 *
 * Context: Between xenpv_batch_begin() and xenpv_batch_end().
 */
static __always_inline void xenpv_batch_update(u64 ptr, u64 val)
{
	struct xenpv_batch *b = this_cpu_ptr(&xenpv_batch);
	struct mmu_update *u;

	if (unlikely(b->nr_updates == XENPV_BATCH_UPDATES))
		xenpv_batch_issue();
	u = &b->updates[b->nr_updates++];
	u->ptr = ptr;
	u->val = val;
}

#endif /* _XENPV_BATCH_H */
