/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_PEERTEST_PRIVATE_H
#define _XENPV_PEERTEST_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/mm.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <xenpv/abi.h>
#include <xenpv/types.h>

struct xenpv_event;

/* main.c */

/**
 * struct peertest_args - what a run was told
 * @peer: the other domain
 * @port: its port; what it says
 * @ref: its control page; what it says
 * @rounds: how often the ball goes there and back
 * @seed: for the content of pages
 */
struct peertest_args {
	u32 peer;
	u32 port;
	u32 ref;
	u32 rounds;
	u32 seed;
};

__printf(1, 2) int peertest_fail(const char *fmt, ...);
__printf(1, 2) int peertest_pass(const char *fmt, ...);
void peertest_row(const char *name, u64 cost);

/* Rows are the median of so many batches; one more comes before them and warms up. */
#define PEERTEST_BATCHES	9

u64 peertest_median(u64 *values);

/* game.c */

/**
 * struct peertest_end - one end of a channel, over which a ball is played
 * @event: the channel
 * @theirs: number of the ball that the other end played last
 * @ours: where ours goes
 * @wait: woken when the game is over
 * @rounds: number of the last ball
 * @serves: plays the first ball, and a new one for each that comes back
 * @late: bound with %XENPV_EVENT_LATE
 * @cpu: where the handler is to run, or -1
 * @ball: number of the ball that came last
 * @calls: how often the handler was called
 * @empty: of these, how often without a new ball
 * @wrong: of these, how often with a ball that was not the next one
 * @strayed: of these, how often on another CPU
 * @batch: balls in a batch, for @stamps
 * @left: of the present one
 * @nr_stamps: batches that are over
 * @stamps: when
 *
 * All but the first seven is the handler's, until the game is over.
 */
struct peertest_end {
	struct xenpv_event *event;
	const u32 __xen_shared *theirs;
	u32 __xen_shared *ours;
	wait_queue_head_t wait;
	u32 rounds;
	bool serves;
	bool late;
	int cpu;
	u32 ball;
	unsigned long calls;
	unsigned long empty;
	unsigned long wrong;
	unsigned long strayed;
	u32 batch;
	u32 left;
	unsigned int nr_stamps;
	u64 stamps[PEERTEST_BATCHES + 1];
};

void peertest_end_prepare(struct peertest_end *end, const struct peertest_args *args,
			  const u32 __xen_shared *theirs, u32 __xen_shared *ours);
int peertest_end_open(struct peertest_end *end, domid_t peer);
int peertest_end_connect(struct peertest_end *end, domid_t peer, evtchn_port_t port);
void peertest_end_close(struct peertest_end *end);
void peertest_end_serve(struct peertest_end *end);
int peertest_end_wait(struct peertest_end *end);
int peertest_end_judge(const struct peertest_end *end, const char *who);
u64 peertest_end_cost(const struct peertest_end *end);

/* pages.c */

/* Pages that are lent besides the control page. */
#define PEERTEST_PAGES	40

/* Of these, one that may only be read, and one that the borrower copies to. */
#define PEERTEST_READONLY	1
#define PEERTEST_COPIED		6

/* And one that the borrower keeps when the lender wants it back. */
#define PEERTEST_KEPT		3

/* First word of a control page. */
#define PEERTEST_MAGIC	0x72656570

/**
 * enum peertest_step - how far a domain says that it is
 * @PEERTEST_LENT: lender: all pages are lent
 * @PEERTEST_ENDED: lender: the grants of the data pages were ended
 * @PEERTEST_BYE: lender: nothing is wanted any more
 * @PEERTEST_WROTE: borrower: pages are read, written, and unmapped but for one
 * @PEERTEST_LET_GO: borrower: that one is unmapped, too
 * @PEERTEST_GONE: borrower: the channel is closed
 */
enum peertest_step {
	PEERTEST_LENT = 1,
	PEERTEST_ENDED,
	PEERTEST_BYE,
	PEERTEST_WROTE = 1,
	PEERTEST_LET_GO,
	PEERTEST_GONE,
};

/**
 * struct peertest_control - a page that two domains share
 * @magic: %PEERTEST_MAGIC
 * @nr: %PEERTEST_PAGES
 * @refs: of the data pages
 * @lender: step of the lender
 * @lender_ball: the ball that it played last
 * @borrower: step of the borrower
 * @borrower_ball: the ball that it played last
 *
 * The first five are the lender's, the others the borrower's.
 */
struct peertest_control {
	u32 magic;
	u32 nr;
	u32 refs[PEERTEST_PAGES];
	u32 lender ____cacheline_aligned;
	u32 lender_ball ____cacheline_aligned;
	u32 borrower ____cacheline_aligned;
	u32 borrower_ball ____cacheline_aligned;
};

void peertest_fill(void __xen_shared *page, u32 seed, u32 nr);
int peertest_check(const void __xen_shared *page, u32 seed, u32 nr);
int peertest_await(const u32 __xen_shared *where, u32 step, unsigned int seconds);

/* A page that a peer can write, too. */
static inline void __xen_shared *peertest_content(struct page *page)
{
	return (void __xen_shared __force *)page_address(page);
}

/* What the borrower writes where the lender had written after a seed. */
static inline u32 peertest_answer(u32 seed)
{
	return ~seed;
}

/* vcpus.c, costs.c, lend.c, borrow.c: a run; 0 or a negative errno. */
int peertest_vcpus(const struct peertest_args *args);
int peertest_costs(const struct peertest_args *args);
int peertest_lend(const struct peertest_args *args);
int peertest_borrow(const struct peertest_args *args);

#endif /* _XENPV_PEERTEST_PRIVATE_H */
