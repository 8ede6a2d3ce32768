// SPDX-License-Identifier: GPL-2.0-only
/* Queues page-table and CPU-state operations per CPU and issues them as one multicall. */

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>
#include "private.h"
#include "tests/hooks.h"

DEFINE_PER_CPU(struct xenpv_batch, xenpv_batch);
DEFINE_PER_CPU(bool, xenpv_batch_switching);

VISIBLE_IF_KUNIT void xenpv_batch_report(const char *what, u64 where, u64 value,
					 long err)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_batch_report, what, where, value, err);
	pr_err_ratelimited("xenpv: %s at %#llx, value %#llx: error %ld\n",
			   what, where, value, err);
	WARN_ONCE(1, "xenpv: Xen refused an operation, see above\n");
}

/*
 * Xen stops at the first update that it refuses.  Do the list over one by one:
 * repeating those that were done changes nothing, and those behind get done.
 */
static void retry_updates(struct mmu_update *u, unsigned int nr)
{
	for (; nr; nr--, u++) {
		int err = xenpv_hv_mmu_update(u, 1, NULL, DOMID_SELF);

		if (err)
			xenpv_batch_report("page-table update", u->ptr, u->val, err);
	}
}

/* The same for extended operations; an entry of one has had its chance. */
static void retry_exts(struct mmuext_op *ext, unsigned int nr, long err)
{
	bool again = nr > 1;

	for (; nr; nr--, ext++) {
		if (again)
			err = xenpv_hv_mmuext_op(ext, 1, NULL, DOMID_SELF);
		if (!err)
			continue;
		pr_err_ratelimited("xenpv: mmuext command %u\n", ext->cmd);
		xenpv_batch_report("extended page-table operation",
				   ext->arg1.linear_addr, ext->arg2.nr_ents, err);
	}
}

static void complain(const struct multicall_entry *c, long err)
{
	switch (c->op) {
	case __HYPERVISOR_mmu_update:
		retry_updates((struct mmu_update *)c->args[0], c->args[1]);
		break;
	case __HYPERVISOR_mmuext_op:
		retry_exts((struct mmuext_op *)c->args[0], c->args[1], err);
		break;
	case __HYPERVISOR_update_va_mapping:
		xenpv_batch_report("mapping", c->args[0], c->args[1], err);
		break;
	default:
		pr_err_ratelimited("xenpv: hypercall %lu\n", (unsigned long)c->op);
		xenpv_batch_report("queued hypercall", c->args[0], c->args[1], err);
		break;
	}
}

/* Make an entry of the updates that were queued since the last entry. */
static void close_updates(struct xenpv_batch *b)
{
	struct multicall_entry *c = &b->calls[b->nr_calls++];

	c->op = __HYPERVISOR_mmu_update;
	c->args[0] = (unsigned long)&b->updates[b->open_update];
	c->args[1] = b->nr_updates - b->open_update;
	c->args[2] = 0;
	c->args[3] = DOMID_SELF;
	b->open_update = b->nr_updates;
}

static void issue_calls(struct xenpv_batch *b)
{
	struct multicall_entry *c = b->calls;
	unsigned int i;
	int err;

	if (b->nr_calls == 1) {
		c->result = xenpv_call4(c->op, c->args[0], c->args[1], c->args[2],
					c->args[3]);
	} else {
		err = xenpv_hv_multicall(c, b->nr_calls);
		if (err)
			xenpv_batch_report("multicall", (unsigned long)c, b->nr_calls, err);
	}
	for (i = 0; i < b->nr_calls; i++) {
		if (unlikely((long)c[i].result < 0))
			complain(&c[i], c[i].result);
	}
}

/**
 * xenpv_batch_issue() - issue what this CPU has queued
 *
 * Context: Interrupts off.
 */
void xenpv_batch_issue(void)
{
	struct xenpv_batch *b = this_cpu_ptr(&xenpv_batch);
	unsigned int i, nr_after = b->nr_after;

	if (!b->nr_calls) {
		if (!b->nr_updates)
			return;
		/* Only updates: the most common case needs no entry. */
		if (unlikely(xenpv_hv_mmu_update(b->updates, b->nr_updates, NULL,
						 DOMID_SELF)))
			retry_updates(b->updates, b->nr_updates);
	} else {
		if (b->nr_updates != b->open_update)
			close_updates(b);
		issue_calls(b);
	}

	b->nr_calls = 0;
	b->nr_updates = 0;
	b->open_update = 0;
	b->nr_exts = 0;
	b->nr_after = 0;
	b->table = 0;
	for (i = 0; i < nr_after; i++)
		b->after[i].fn(b->after[i].arg);
}

/**
 * xenpv_batch_take_events() - have events delivered that came while masked
 *
 * Any hypercall does.
 *
 * Context: Interrupts on.
 */
void xenpv_batch_take_events(void)
{
	xenpv_hv_xen_version(XENVER_version, NULL);
}

/**
 * xenpv_batch_flush() - issue what this CPU has queued
 *
 * Context: Any but NMI.
 */
void xenpv_batch_flush(void)
{
	xenpv_batch_end(xenpv_batch_begin(), false);
}

/**
 * xenpv_batch_call() - queue a hypercall
 * @op: __HYPERVISOR_* number; the caller fills in at most four arguments
 *
 * Context: Between xenpv_batch_begin() and xenpv_batch_end().
 * Return: the entry to fill in.
 */
struct multicall_entry *xenpv_batch_call(unsigned int op)
{
	struct xenpv_batch *b = this_cpu_ptr(&xenpv_batch);
	struct multicall_entry *c;

	/* One for the updates before it, one for itself, one for updates behind. */
	if (b->nr_calls > XENPV_BATCH_CALLS - 3)
		xenpv_batch_issue();
	if (b->nr_updates != b->open_update)
		close_updates(b);
	c = &b->calls[b->nr_calls++];
	c->op = op;
	return c;
}

/* Neighbours that may be done twice without harm can share an entry. */
static bool repeatable(unsigned int cmd)
{
	return cmd > MMUEXT_UNPIN_TABLE;
}

/**
 * xenpv_batch_ext() - queue an extended page-table operation
 * @cmd: MMUEXT_*; the caller fills in the arguments
 *
 * Context: Between xenpv_batch_begin() and xenpv_batch_end().
 * Return: the operation to fill in.
 */
struct mmuext_op *xenpv_batch_ext(unsigned int cmd)
{
	struct xenpv_batch *b = this_cpu_ptr(&xenpv_batch);
	struct multicall_entry *c;
	struct mmuext_op *ext;

	if (b->nr_exts == XENPV_BATCH_CALLS)
		xenpv_batch_issue();

	c = b->nr_calls ? &b->calls[b->nr_calls - 1] : NULL;
	if (c && repeatable(cmd) && c->op == __HYPERVISOR_mmuext_op &&
	    b->nr_updates == b->open_update && repeatable(b->exts[b->nr_exts - 1].cmd)) {
		ext = &b->exts[b->nr_exts++];
		c->args[1]++;
	} else {
		c = xenpv_batch_call(__HYPERVISOR_mmuext_op);
		ext = &b->exts[b->nr_exts++];
		c->args[0] = (unsigned long)ext;
		c->args[1] = 1;
		c->args[2] = 0;
		c->args[3] = DOMID_SELF;
	}
	ext->cmd = cmd;
	return ext;
}

/**
 * xenpv_batch_va() - queue a change of the entry that maps an address
 * @va: kernel address
 * @val: raw new entry, with a machine frame
 * @flags: UVMF_*
 *
 * Context: Between xenpv_batch_begin() and xenpv_batch_end().
 */
void xenpv_batch_va(unsigned long va, unsigned long val, unsigned long flags)
{
	struct multicall_entry *c = xenpv_batch_call(__HYPERVISOR_update_va_mapping);

	c->args[0] = va;
	c->args[1] = val;
	c->args[2] = flags;
}

/**
 * xenpv_batch_after() - have something done once what is queued was issued
 * @fn: function, called with interrupts off
 * @arg: its argument
 *
 * Belongs to what was queued before it; if the list is full, the batch is
 * issued and @fn called at once.
 *
 * Context: Between xenpv_batch_begin() and xenpv_batch_end().
 */
void xenpv_batch_after(void (*fn)(void *arg), void *arg)
{
	struct xenpv_batch *b = this_cpu_ptr(&xenpv_batch);

	if (b->nr_after == XENPV_BATCH_AFTER) {
		xenpv_batch_issue();
		fn(arg);
		return;
	}
	b->after[b->nr_after].fn = fn;
	b->after[b->nr_after++].arg = arg;
}
