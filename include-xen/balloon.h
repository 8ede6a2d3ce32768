/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BALLOON_H
#define _XENPV_BALLOON_H

/**
 * DOC: The balloon
 *
 * A domain's size can change while it runs: it gives frames back to Xen, and gets
 * others later.  Somebody says how large it shall be, the *target*: the toolstack in
 * xenstore (memory/target, KiB), or a user in sysfs.  The last word counts.
 *
 * The balloon goes for the target within bounds: not below what this kernel needs
 * to run, and not above what Xen lets it have.  Pages that gave up their frames are
 * kept in a stock.  For a size beyond that at boot RAM is added, if the kernel can.
 *
 * Nothing happens on its own.  A new target, RAM that was brought online, pages that
 * came back from a peer make it look once; on target it plans nothing and issues no
 * hypercall.  Only a step that failed (Xen has no frame, the kernel has no page to
 * spare) is tried again, after a delay that doubles up to a limit.
 *
 * When the kernel is about to kill a program for want of memory, the balloon asks Xen
 * for a few frames first, whatever the target.
 *
 * Whoever saves the domain calls xenpv_balloon_suspend() before, and
 * xenpv_balloon_resume() after it.
 */

#include <linux/types.h>

/**
 * struct xenpv_balloon_stats - what happened since boot
 * @given: pages whose frames were given up
 * @taken: pages that got a frame again
 * @refused: pages that Xen neither took nor gave a frame for
 * @delayed: steps that are tried again later
 * @abandoned: how often it gave up trying, until the next target
 * @relieved: pages that got a frame for want of memory
 * @added: pages of RAM that were added
 * @looks: how often the balloon looked whether there is something to do
 */
struct xenpv_balloon_stats {
	u64 given;
	u64 taken;
	u64 refused;
	u64 delayed;
	u64 abandoned;
	u64 relieved;
	u64 added;
	u64 looks;
};

#ifdef CONFIG_XENPV_BALLOON

int xenpv_balloon_set_target(unsigned long pages);
unsigned long xenpv_balloon_current(void);
void xenpv_balloon_stats(struct xenpv_balloon_stats *stats);
void xenpv_balloon_suspend(void);
void xenpv_balloon_resume(void);

#else /* CONFIG_XENPV_BALLOON */

static inline void xenpv_balloon_suspend(void)
{
}

static inline void xenpv_balloon_resume(void)
{
}

#endif /* CONFIG_XENPV_BALLOON */

#endif /* _XENPV_BALLOON_H */
