/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_H
#define _XENPV_FAKE_H

/**
 * DOC: The fake hypervisor
 *
 * For KUnit only: a stand-in for Xen and for the other domain, so that a room can
 * be tested in a plain kernel.  Code under test does not know: it issues
 * hypercalls, which models answer, and accesses shared memory through
 * xenpv/shared.h, where each access is a point at which somebody else may act.
 *
 * Three ways to let somebody else act:
 *
 * - A peer function, called before each access (xenpv_fake_peer()).  It may change
 *   the very word that is about to be read.
 * - Tasks: functions that run as coroutines and hand over at points, hypercalls
 *   and waits.  xenpv_fake_explore() runs a scene in every order that the limits
 *   allow, xenpv_fake_random() in orders drawn from a seed.
 * - Faults: the Nth hypercall fails (xenpv_fake_fail_at()).
 *
 * Orders: first every task runs, one after the other, up to its first point; the
 * order counts from there on.  Two tasks with 3 and 2 accesses have 10 of them.
 * What a task does between two points cannot be torn apart, so tasks must share
 * nothing but what they access through points.  A task that makes the same access
 * again and again (it spins) has to let others run.
 *
 * Locks: a task that is left keeps its locks, and another one that wants such a
 * lock would spin or sleep for ever.  Take locks with points in between through
 * xenpv/shared_lock.h, or put xenpv_fake_hold() around the call.
 *
 * Tasks are one thread on stacks of their own.  They may sleep, but KUNIT_ASSERT
 * does not belong into one: it would end the thread.  Use KUNIT_EXPECT or
 * xenpv_fake_bad().
 *
 * Time is virtual: it moves when a test says so, or when all tasks wait.
 *
 * Everything ends with the test case.  One fake at a time; KUnit runs the cases
 * of a kernel one after the other.  Not usable on real Xen: xenpv_fake_start()
 * skips the test there.
 */

#include <kunit/test.h>
#include <linux/types.h>
#include <xenpv/shared.h>

/* One hypercall of a model: arguments in order; answers as Xen does. */
typedef long (*xenpv_fake_call_fn)(unsigned long a1, unsigned long a2,
				   unsigned long a3, unsigned long a4,
				   unsigned long a5);

/* The same for any hypercall, with its number. */
typedef long (*xenpv_fake_any_fn)(unsigned long a1, unsigned long a2,
				  unsigned long a3, unsigned long a4,
				  unsigned long a5, unsigned long nr);

/**
 * struct xenpv_fake_access - the access that is about to happen
 * @kind: load, store or both
 * @where: address
 * @size: in bytes
 * @count: how many accesses of the same address there were before, since
 *	xenpv_fake_start(), xenpv_fake_forget() or the start of the round
 */
struct xenpv_fake_access {
	enum xenpv_shared_kind kind;
	const void *where;
	size_t size;
	unsigned int count;
};

typedef void (*xenpv_fake_peer_fn)(const struct xenpv_fake_access *access, void *arg);

/* From here to the end of the case; from the case or the suite's init. */
void xenpv_fake_start(struct kunit *test);
void xenpv_fake_serve(unsigned int nr, xenpv_fake_call_fn fn);
void xenpv_fake_serve_any(xenpv_fake_any_fn fn);
void xenpv_fake_peer(xenpv_fake_peer_fn fn, void *arg);

/* How often an address was read (or read and written in one), and starting to count anew. */
unsigned int xenpv_fake_loads(const void *where);
void xenpv_fake_forget(void);

/* The Nth hypercall from now on (1: the next) answers @error; 0: none. */
void xenpv_fake_fail_at(unsigned int nth, long error);
unsigned int xenpv_fake_calls_made(void);

/* Where a frame that a hypercall names is in memory; without @at as in the direct map. */
void xenpv_fake_frames(void *(*at)(u64 gfn));
void *xenpv_fake_frame(u64 gfn);

/* Virtual time in nanoseconds. */
u64 xenpv_fake_now(void);
void xenpv_fake_advance(u64 ns);

/* Tasks of a scene; points of a round, unless the scene says otherwise. */
#define XENPV_FAKE_TASKS	4
#define XENPV_FAKE_POINTS	20000

/**
 * struct xenpv_fake_scene - tasks to run against each other
 * @setup: makes the state of one round; returns what @tasks and @check get
 * @tasks: coroutines; each runs to its end in every round
 * @nr_tasks: how many, at most XENPV_FAKE_TASKS
 * @peers: bit mask of the tasks that are Xen or a peer and take no lock of ours
 * @resume: called when a task goes on that was left, and when it starts; makes
 *	it the CPU that it stands for
 * @check: looks at the state after a round; NULL or what is wrong
 * @teardown: frees the state of the round
 * @max_switches: how often a round may leave a task that could go on; 0: no limit
 * @max_rounds: stop an exploration after this many; 0: no limit
 * @max_points: a round with more is bad; 0: XENPV_FAKE_POINTS
 *
 * All but @tasks and @nr_tasks may be left out.
 */
struct xenpv_fake_scene {
	void *(*setup)(struct kunit *test);
	void (*tasks[XENPV_FAKE_TASKS])(void *state);
	unsigned int nr_tasks;
	unsigned long peers;
	void (*resume)(unsigned int task, void *state);
	const char *(*check)(void *state);
	void (*teardown)(void *state);
	unsigned int max_switches;
	unsigned long max_rounds;
	unsigned int max_points;
};

/*
 * Both return the number of rounds, and fail @test with the choices or the seed of
 * a bad one, which is the last.  A seed with one round repeats it.
 */
unsigned long xenpv_fake_explore(struct kunit *test, const struct xenpv_fake_scene *scene);
unsigned long xenpv_fake_random(struct kunit *test, const struct xenpv_fake_scene *scene,
				u64 seed, unsigned long rounds);

/* One round with the choices that a bad one has printed; prints its last steps. */
void xenpv_fake_replay(struct kunit *test, const struct xenpv_fake_scene *scene,
		       const char *choices);

/* One round as above, but a bad one does not fail a test: what was wrong, or NULL. */
const char *xenpv_fake_find(struct kunit *test, const struct xenpv_fake_scene *scene);

/* From a task: which one is it, which one has ended. */
unsigned int xenpv_fake_task(void);
bool xenpv_fake_ended(unsigned int task);

/* A point that is no access; others run now if they can; wait for what others do. */
void xenpv_fake_step(void);
void xenpv_fake_yield(void);
void xenpv_fake_wait(bool (*until)(void *arg), void *arg);
void xenpv_fake_wait_until(bool (*until)(void *arg), void *arg, u64 wake);
void xenpv_fake_sleep(u64 ns);

/* Between the two only peers may run: for code that has a lock. */
void xenpv_fake_hold(void);
void xenpv_fake_release(void);

/**
 * struct xenpv_fake_grace - a grace period, as RCU has them
 * @busy: tasks that had interrupts off or held when it began
 * @seen: how often each had been seen without
 */
struct xenpv_fake_grace {
	unsigned long busy;
	unsigned int seen[XENPV_FAKE_TASKS];
};

void xenpv_fake_grace_begin(struct xenpv_fake_grace *grace);
bool xenpv_fake_grace_over(struct xenpv_fake_grace *grace);
void xenpv_fake_grace_end(struct xenpv_fake_grace *grace);

/* In the place of synchronize_rcu(): until the tasks that have interrupts off or hold let go. */
void xenpv_fake_synchronize(void);

/* Something is wrong: ends the round if called from a task. */
void xenpv_fake_bad(const char *what);

/*
 * Random numbers of the running round, or of the case.  An exploration takes each
 * number in turn, so keep @below small there.
 */
u32 xenpv_fake_rand(u32 below);
void xenpv_fake_seed(u64 seed);

#endif /* _XENPV_FAKE_H */
