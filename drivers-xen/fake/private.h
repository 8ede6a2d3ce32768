/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_PRIVATE_H
#define _XENPV_FAKE_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include "fake.h"

/* Choices of a round that an exploration can try in turn. */
#define FAKE_CHOICES	4096

/* Steps of a round that a report can show. */
#define FAKE_STEPS	64

/* From the seed of a round to that of the next. */
#define FAKE_NEXT_SEED	0x9e3779b97f4a7c15ULL

/* What a step is, besides the kinds of access. */
#define FAKE_STEP_CALL	3
#define FAKE_STEP_OTHER	4

enum fake_state {
	FAKE_DONE,
	FAKE_READY,
	FAKE_WAITING,
};

/**
 * struct fake_task - a coroutine, or the thread that they all are
 * @sp: stack pointer while it is left
 * @stack: lowest address of its stack
 * @fn: what it does
 * @state: can it go on?
 * @until: what it waits for
 * @arg: argument of @until
 * @wake: time at which that is true, or U64_MAX
 * @busy: it was left with interrupts off, or holding
 * @quiets: how often it was seen otherwise
 * @last: the access it made last
 * @again: how often in a row
 */
struct fake_task {
	unsigned long sp;
	void *stack;
	void (*fn)(void *state);
	enum fake_state state;
	bool (*until)(void *arg);
	void *arg;
	u64 wake;
	bool busy;
	unsigned int quiets;
	const void *last;
	unsigned int again;
};

struct fake_step {
	u8 task;
	u8 what;
	u32 size;
	const void *where;
};

/**
 * struct fake_round - what is true during one round
 * @scene: what is played
 * @state: of the scene
 * @tasks: of the scene
 * @main: the thread that all are
 * @task: the one that runs, NULL outside of tasks
 * @count: preemption count outside of tasks
 * @flags: interrupt flag there
 * @quiet: accesses are no points now
 * @beginning: tasks are brought to their first point
 * @holder: the task that holds, NULL if none
 * @holds: how often
 * @syncing: how many tasks want @quiets
 * @switches: how often a task was left that could go on
 * @points: how many there were
 * @error: what is wrong, NULL if nothing
 * @nr_steps: how many steps there were
 * @steps: the last ones, a ring
 */
struct fake_round {
	const struct xenpv_fake_scene *scene;
	void *state;
	struct fake_task tasks[XENPV_FAKE_TASKS];
	struct fake_task main;
	struct fake_task *task;
	int count;
	unsigned long flags;
	bool quiet;
	bool beginning;
	struct fake_task *holder;
	unsigned int holds;
	unsigned int syncing;
	unsigned int switches;
	unsigned int points;
	const char *error;
	unsigned int nr_steps;
	struct fake_step steps[FAKE_STEPS];
};

extern struct fake_round fake_round;

/* switch.S */
void xenpv_fake_switch(unsigned long *save, const unsigned long *load);
void xenpv_fake_begin(void);

/* sched.c */
int xenpv_fake_stacks_get(void);
void xenpv_fake_stacks_put(void);
void xenpv_fake_play(void);
void xenpv_fake_main(void);
void xenpv_fake_task_point(unsigned int what, const void *where, size_t size);

/* explore.c */
unsigned int xenpv_fake_choose(unsigned int nr, bool first_is_stay);
void xenpv_fake_explore_end(void);

/* fake.c */
long xenpv_fake_answer(unsigned long a1, unsigned long a2, unsigned long a3,
		       unsigned long a4, unsigned long a5, unsigned long nr);
bool xenpv_fake_in_task(void);
void xenpv_fake_round_begins(void);
void xenpv_fake_set_now(u64 now);

/* entry.S */
long xenpv_fake_entry(void);

#endif /* _XENPV_FAKE_PRIVATE_H */
