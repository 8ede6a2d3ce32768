// SPDX-License-Identifier: GPL-2.0-only
/* What lender and borrower have in common: content of pages, and waiting for a step. */

#include <linux/cache.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched/signal.h>

#include <xenpv/shared.h>
#include "private.h"

#define POLL_MS	5

static_assert(sizeof(struct peertest_control) <= PAGE_SIZE);

static void start(struct rnd_state *state, u32 seed, u32 nr)
{
	prandom_seed_state(state, (u64)nr << 32 | seed);
}

/**
 * peertest_fill() - write numbers that depend on a seed
 * @page: the page
 * @seed: of the run
 * @nr: of the page
 *
 * Context: Any.
 */
void peertest_fill(void __xen_shared *page, u32 seed, u32 nr)
{
	u32 __xen_shared *word = page;
	struct rnd_state state;

	start(&state, seed, nr);
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		xenpv_shared_store(word++, prandom_u32_state(&state));
}

/**
 * peertest_check() - does a page hold what peertest_fill() writes?
 * @page: the page
 * @seed: of the run
 * @nr: of the page
 *
 * Context: Any.
 * Return: 0, or -EIO.
 */
int peertest_check(const void __xen_shared *page, u32 seed, u32 nr)
{
	const u32 __xen_shared *word = page;
	struct rnd_state state;

	start(&state, seed, nr);
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*word); i++) {
		u32 want = prandom_u32_state(&state), got = xenpv_shared_load(word++);

		if (got != want)
			return peertest_fail("page %u, word %u: %#x, not %#x", nr, i, got,
					     want);
	}
	return 0;
}

/**
 * peertest_await() - wait until the peer says that it took a step
 * @where: its word
 * @step: the step; whatever else stands there is not waited for
 * @seconds: how long at most
 *
 * Context: Process; a run.
 * Return: 0, -EIO or -EINTR.
 */
int peertest_await(const u32 __xen_shared *where, u32 step, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;
	u32 at;

	/* Pairs with the release of the peer: what it did before, we see. */
	while ((at = xenpv_shared_load_acquire(where)) != step) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (time_after(jiffies, end))
			return peertest_fail("the peer is at step %u, not %u, after %u s",
					     at, step, seconds);
		msleep(POLL_MS);
	}
	return 0;
}
