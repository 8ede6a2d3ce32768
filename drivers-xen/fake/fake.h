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
 * - Faults: the Nth hypercall or allocation fails (xenpv_fake_fail_at()).
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

/**
 * struct xenpv_fake_access - the access that is about to happen
 * @kind: load, store or both
 * @where: address
 * @size: in bytes
 * @count: how many accesses of the same address there were since
 *	xenpv_fake_start() or xenpv_fake_forget()
 */
struct xenpv_fake_access {
	enum xenpv_shared_kind kind;
	const volatile void *where;
	size_t size;
	unsigned int count;
};

typedef void (*xenpv_fake_peer_fn)(const struct xenpv_fake_access *access, void *arg);

void xenpv_fake_start(struct kunit *test);
void xenpv_fake_serve(unsigned int nr, xenpv_fake_call_fn fn);
void xenpv_fake_peer(xenpv_fake_peer_fn fn, void *arg);
unsigned int xenpv_fake_loads(const volatile void *where);
void xenpv_fake_forget(void);

/* The Nth hypercall from now on (1: the next) answers @error; 0: none. */
void xenpv_fake_fail_at(unsigned int nth, long error);
unsigned int xenpv_fake_calls_made(void);

/* Virtual time in nanoseconds. */
u64 xenpv_fake_now(void);
void xenpv_fake_advance(u64 ns);

/**
 * struct xenpv_fake_scene - tasks to run against each other
 * @setup: makes the state of one round; returns what @tasks and @check get
 * @tasks: coroutines; each runs to its end in every round
 * @nr_tasks: how many, at most XENPV_FAKE_TASKS
 * @check: looks at the state after a round; NULL or what is wrong
 * @teardown: frees the state of the round
 * @max_switches: how often a round may leave a task that could go on; 0: no limit
 * @max_rounds: stop an exploration after this many; 0: no limit
 */
#define XENPV_FAKE_TASKS	4

struct xenpv_fake_scene {
	void *(*setup)(struct kunit *test);
	void (*tasks[XENPV_FAKE_TASKS])(void *state);
	unsigned int nr_tasks;
	const char *(*check)(void *state);
	void (*teardown)(void *state);
	unsigned int max_switches;
	unsigned long max_rounds;
};

/* Both return the number of rounds, and fail @test with the choices or the seed of a bad one. */
unsigned long xenpv_fake_explore(struct kunit *test, const struct xenpv_fake_scene *scene);
unsigned long xenpv_fake_random(struct kunit *test, const struct xenpv_fake_scene *scene,
				u64 seed, unsigned long rounds);

/* From a task: which one is it, let others run now, wait for something that others do. */
unsigned int xenpv_fake_task(void);
void xenpv_fake_yield(void);
void xenpv_fake_wait(bool (*until)(void *arg), void *arg);

/* Random numbers of the running exploration or of the test's seed. */
u32 xenpv_fake_rand(u32 below);

#endif /* _XENPV_FAKE_H */
