// SPDX-License-Identifier: GPL-2.0-only
/* The fake hypervisor of a test case: answers hypercalls, counts accesses, keeps the time. */

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/io.h>
#include <linux/jump_label.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/static_call.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

#define NR_CALLS	64
#define COUNT_BITS	12
#define NR_COUNTS	BIT(COUNT_BITS)
/* Where time starts: far from 0, so that "never" and "long ago" are tested, too. */
#define FIRST_NOW	NSEC_PER_SEC

/*
 * How often an address was accessed.  Entries of another generation are free, so
 * that forgetting all costs nothing.
 */
struct count {
	const void *where;
	u32 generation;
	u32 all;
	u32 loads;
};

static struct {
	struct kunit *test;
	struct task_struct *owner;
	xenpv_fake_call_fn calls[NR_CALLS];
	xenpv_fake_any_fn any;
	xenpv_fake_peer_fn peer;
	void *peer_arg;
	unsigned int calls_made;
	unsigned int fail_in;
	long fail_with;
	u64 now;
	void *(*frame_at)(u64 gfn);
	struct count *counts;
	u32 generation;
} fake;

DEFINE_STATIC_KEY_FALSE(xenpv_fake_on);
EXPORT_SYMBOL_NS_GPL(xenpv_fake_on, "XENPV");

/*
 * Other threads and interrupts may come through here while a test runs; they are
 * not part of it.  Interrupts have a stack of their own.
 */
static bool ours(void)
{
	return current == fake.owner && on_thread_stack() && !fake_round.quiet;
}

/* Is this a task, at a place where it may be left? */
bool xenpv_fake_in_task(void)
{
	return fake_round.task && ours();
}

static void end(void *unused)
{
	static_branch_disable(&xenpv_fake_on);
	static_call_update(xenpv_hypercall, xenpv_hypercall_none);
	xenpv_fake_stacks_put();
	xenpv_fake_explore_end();
	kvfree(fake.counts);
	memset(&fake, 0, sizeof(fake));
}

/**
 * xenpv_fake_start() - put the fake in the place of Xen and of shared memory's peers
 * @test: the case; its end is the end of the fake
 *
 * Keeps the case's thread on its CPU.
 *
 * Context: Process; the case or the suite's init.  Does not return on Xen.
 */
void xenpv_fake_start(struct kunit *test)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		kunit_skip(test, "Xen is here");
	KUNIT_ASSERT_NULL(test, fake.test);

	memset(&fake, 0, sizeof(fake));
	fake.counts = kvcalloc(NR_COUNTS, sizeof(*fake.counts), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake.counts);
	fake.test = test;
	fake.owner = current;
	fake.now = FIRST_NOW;
	xenpv_fake_forget();
	xenpv_fake_seed(1);
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	static_call_update(xenpv_hypercall, xenpv_fake_entry);
	static_branch_enable(&xenpv_fake_on);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
}

/**
 * xenpv_fake_serve() - say who answers a hypercall
 * @nr: __HYPERVISOR_* number
 * @fn: who; NULL: nobody, -ENOSYS
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_serve(unsigned int nr, xenpv_fake_call_fn fn)
{
	if (nr < NR_CALLS)
		fake.calls[nr] = fn;
}

/**
 * xenpv_fake_serve_any() - say who answers every hypercall
 * @fn: who; NULL: back to those of xenpv_fake_serve()
 *
 * Multicalls are not taken apart for it.
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_serve_any(xenpv_fake_any_fn fn)
{
	fake.any = fn;
}

/**
 * xenpv_fake_peer() - have something done before each access
 * @fn: what; its own accesses are no points; NULL: nothing
 * @arg: its argument
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_peer(xenpv_fake_peer_fn fn, void *arg)
{
	fake.peer = fn;
	fake.peer_arg = arg;
}

static long call_one(unsigned long nr, const unsigned long *a)
{
	unsigned int nth = fake.fail_in;

	fake.calls_made++;
	if (nth)
		fake.fail_in = nth - 1;
	if (nth == 1)
		return fake.fail_with;
	if (nr >= NR_CALLS || !fake.calls[nr])
		return -ENOSYS;
	return fake.calls[nr](a[0], a[1], a[2], a[3], a[4]);
}

static long call_many(struct multicall_entry *entry, unsigned long nr)
{
	for (; nr; nr--, entry++) {
		const unsigned long *args = (const unsigned long *)entry->args;

		entry->result = call_one(entry->op, args);
	}
	return 0;
}

/* Called by entry.S where the entry to Xen would be. */
asmlinkage long xenpv_fake_answer(unsigned long a1, unsigned long a2,
				  unsigned long a3, unsigned long a4,
				  unsigned long a5, unsigned long nr)
{
	const unsigned long args[] = { a1, a2, a3, a4, a5 };

	if (ours())
		xenpv_fake_task_point(FAKE_STEP_CALL, (void *)a1, nr);
	if (fake.any) {
		fake.calls_made++;
		return fake.any(a1, a2, a3, a4, a5, nr);
	}
	if (nr == __HYPERVISOR_multicall && !fake.calls[nr])
		return call_many((struct multicall_entry *)a1, a2);
	return call_one(nr, args);
}

/**
 * xenpv_fake_fail_at() - have a hypercall fail
 * @nth: which one from now on, 1 for the next; 0: none
 * @error: its answer
 *
 * Calls of a multicall count one by one.
 *
 * Context: Any.
 */
void xenpv_fake_fail_at(unsigned int nth, long error)
{
	fake.fail_in = nth;
	fake.fail_with = error;
}

/**
 * xenpv_fake_calls_made() - how many hypercalls were there?
 *
 * Context: Any.
 * Return: the number since xenpv_fake_start() or xenpv_fake_forget().
 */
unsigned int xenpv_fake_calls_made(void)
{
	return fake.calls_made;
}

/* The entry of an address, or a free one. */
static struct count *count_of(const void *where)
{
	u32 slot = hash_long((unsigned long)where, COUNT_BITS);

	for (unsigned int i = 0; i < NR_COUNTS; i++) {
		struct count *count = &fake.counts[slot];

		if (count->generation != fake.generation || count->where == where)
			return count;
		slot = (slot + 1) % NR_COUNTS;
	}
	return NULL;
}

static u32 count_access(enum xenpv_shared_kind kind, const void *where)
{
	struct count *count = count_of(where);

	if (!count) {
		xenpv_fake_bad("accesses of too many addresses");
		return 0;
	}
	if (count->generation != fake.generation)
		*count = (struct count){ .where = where, .generation = fake.generation };
	if (kind != XENPV_SHARED_STORE)
		count->loads++;
	return count->all++;
}

/**
 * xenpv_fake_loads() - how often was an address read?
 * @where: the address that was given to the accessor
 *
 * Context: Process.
 * Return: the number since xenpv_fake_start(), xenpv_fake_forget() or the start of
 * the round.
 */
unsigned int xenpv_fake_loads(const void *where)
{
	struct count *count = count_of(where);

	return count && count->generation == fake.generation ? count->loads : 0;
}

/**
 * xenpv_fake_forget() - count accesses and hypercalls from here
 *
 * Context: Process.
 */
void xenpv_fake_forget(void)
{
	fake.generation++;
	fake.calls_made = 0;
}

/**
 * xenpv_fake_point() - an access to shared memory is about to happen
 * @kind: what it does
 * @where: address
 * @size: in bytes
 *
 * The accessors of xenpv/shared.h come here, nobody else.
 *
 * Context: Any.
 */
void xenpv_fake_point(enum xenpv_shared_kind kind, const void *where, size_t size)
{
	struct xenpv_fake_access access = { .kind = kind, .where = where, .size = size };

	if (!ours())
		return;
	xenpv_fake_task_point(kind, where, size);
	access.count = count_access(kind, where);
	if (!fake.peer)
		return;
	fake_round.quiet = true;
	fake.peer(&access, fake.peer_arg);
	fake_round.quiet = false;
}
EXPORT_SYMBOL_NS_GPL(xenpv_fake_point, "XENPV");

/**
 * xenpv_fake_frames() - say where frames are
 * @at: returns the address of a frame, NULL if there is none; NULL: the direct map
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_frames(void *(*at)(u64 gfn))
{
	fake.frame_at = at;
}

/**
 * xenpv_fake_frame() - find a frame that a hypercall names
 * @gfn: the frame
 *
 * Context: Any.
 * Return: its address, NULL if there is none.
 */
void *xenpv_fake_frame(u64 gfn)
{
	if (fake.frame_at)
		return fake.frame_at(gfn);
	return pfn_valid(gfn) ? phys_to_virt(PFN_PHYS(gfn)) : NULL;
}

/**
 * xenpv_fake_now() - what time is it?
 *
 * Context: Any.
 * Return: virtual nanoseconds.
 */
u64 xenpv_fake_now(void)
{
	return fake.now;
}

/**
 * xenpv_fake_advance() - let time pass
 * @ns: how much
 *
 * Context: Any.
 */
void xenpv_fake_advance(u64 ns)
{
	fake.now += ns;
}

void xenpv_fake_set_now(u64 now)
{
	fake.now = now;
}

/* Rounds start alike. */
void xenpv_fake_round_begins(void)
{
	fake.now = FIRST_NOW;
	fake.fail_in = 0;
	xenpv_fake_forget();
}
