// SPDX-License-Identifier: GPL-2.0-only
/* Tasks of a scene: coroutines on stacks of their own, which hand over at points. */

#include <kunit/test-bug.h>
#include <linux/irqflags.h>
#include <linux/kasan.h>
#include <linux/magic.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/vmalloc.h>

#include "private.h"

/*
 * All tasks are the thread of the test case.  The stack of the one that runs is
 * made the thread's stack, so that nothing in the kernel sees a difference:
 * interrupts, preemption, stack traces, sleeping.
 *
 * The interrupt flag and the preemption count belong to a task, too, and are kept
 * in the frame of leave() while it is left.
 */
static void *stacks[XENPV_FAKE_TASKS];

struct fake_round fake_round;

/* Who may go on when a task hands over. */
enum leave {
	/* It or others. */
	LEAVE_MAYBE,
	/* Others, or it if there are none. */
	LEAVE_NOW,
	/* Others, and it once what it waits for is true. */
	LEAVE_WAITING,
	/* Others. */
	LEAVE_FOREVER,
};

/* Above a thread's first frame there are registers of user space: none, but readable. */
#define STACK_START	(THREAD_SIZE - ALIGN(sizeof(struct pt_regs), 64) - 64)

/* Accesses of one address in a row that are taken for spinning. */
#define SPINS	16

/*
 * With a guard page below, if there can be one: KASAN without KASAN_VMALLOC has one
 * read-only page of shadow for all of vmalloc's space.
 */
static void *stack_new(void)
{
	if (IS_ENABLED(CONFIG_KASAN) && !IS_ENABLED(CONFIG_KASAN_VMALLOC))
		return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, THREAD_SIZE_ORDER);

	return __vmalloc_node(THREAD_SIZE, THREAD_SIZE, GFP_KERNEL | __GFP_ZERO,
			      NUMA_NO_NODE, __builtin_return_address(0));
}

static void stack_free(void *stack)
{
	if (is_vmalloc_addr(stack))
		vfree(stack);
	else
		free_pages((unsigned long)stack, THREAD_SIZE_ORDER);
}

/* A task that has not ended may still stand on its stack: those are lost. */
void xenpv_fake_stacks_put(void)
{
	for (unsigned int i = 0; i < XENPV_FAKE_TASKS; i++) {
		if (stacks[i] && !fake_round.task)
			stack_free(stacks[i]);
		stacks[i] = NULL;
	}
	memset(&fake_round, 0, sizeof(fake_round));
}

int xenpv_fake_stacks_get(void)
{
	for (unsigned int i = 0; i < XENPV_FAKE_TASKS; i++) {
		if (stacks[i])
			continue;
		stacks[i] = stack_new();
		if (!stacks[i])
			return -ENOMEM;
		*(unsigned long *)stacks[i] = STACK_END_MAGIC;
	}
	return 0;
}

static unsigned int number(const struct fake_task *task)
{
	return task - fake_round.tasks;
}

/* A new task begins in switch.S, with nothing in its registers. */
static void prepare(unsigned int nr)
{
	struct fake_task *task = &fake_round.tasks[nr];
	unsigned long *sp = stacks[nr] + STACK_START;

	if (IS_ENABLED(CONFIG_KASAN))
		kasan_unpoison_range(stacks[nr], THREAD_SIZE);
	*--sp = (unsigned long)xenpv_fake_begin;
	for (unsigned int i = 0; i < 6; i++)
		*--sp = 0;
	*task = (struct fake_task) {
		.sp = (unsigned long)sp,
		.stack = stacks[nr],
		.fn = fake_round.scene->tasks[nr],
		.state = FAKE_READY,
		.wake = U64_MAX,
	};
}

/* The running task has just got the CPU. */
static void resumed(void)
{
	const struct xenpv_fake_scene *scene = fake_round.scene;

	if (!fake_round.task || !scene->resume)
		return;
	fake_round.quiet = true;
	scene->resume(number(fake_round.task), fake_round.state);
	fake_round.quiet = false;
}

/* From one task to another; returns when somebody comes back. */
static noinline void leave(struct fake_task *from, struct fake_task *to)
{
	int count = preempt_count();
	unsigned long flags;

	local_irq_save(flags);
	from->busy = irqs_disabled_flags(flags) || fake_round.holder == from;
	fake_round.task = to == &fake_round.main ? NULL : to;
	current->stack = to->stack;
	this_cpu_write(cpu_current_top_of_stack, task_top_of_stack(current));
	xenpv_fake_switch(&from->sp, &to->sp);
	resumed();
	preempt_count_set(count);
	local_irq_restore(flags);
}

static bool all_ended(void)
{
	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++)
		if (fake_round.tasks[i].state != FAKE_DONE)
			return false;
	return true;
}

static bool can_run(const struct fake_task *task)
{
	bool peer = fake_round.scene->peers & BIT(number(task));
	bool can;

	if (task->state == FAKE_DONE)
		return false;
	if (fake_round.holder && fake_round.holder != task && !peer)
		return false;
	if (task->state == FAKE_READY)
		return true;
	fake_round.quiet = true;
	can = task->until(task->arg);
	fake_round.quiet = false;
	return can;
}

/* When all wait, time passes; false if nobody waits for it. */
static bool pass_time(void)
{
	u64 wake = U64_MAX;

	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++)
		if (fake_round.tasks[i].state == FAKE_WAITING)
			wake = min(wake, fake_round.tasks[i].wake);
	if (wake == U64_MAX || wake <= xenpv_fake_now())
		return false;
	xenpv_fake_set_now(wake);
	return true;
}

/* Who can go on, @me first; how many there are. */
static unsigned int candidates(struct fake_task *me, enum leave how,
			       struct fake_task **list)
{
	unsigned int nr = 0;

	if (how == LEAVE_MAYBE || (how == LEAVE_WAITING && can_run(me)))
		list[nr++] = me;
	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++) {
		struct fake_task *task = &fake_round.tasks[i];

		if (task != me && can_run(task))
			list[nr++] = task;
	}
	if (!nr && how == LEAVE_NOW)
		list[nr++] = me;
	return nr;
}

/* Who goes on now; NULL: nobody can. */
static struct fake_task *pick(struct fake_task *me, enum leave how)
{
	struct fake_task *list[XENPV_FAKE_TASKS];
	unsigned int nr, taken;

	do {
		nr = candidates(me, how, list);
	} while (!nr && pass_time());
	if (!nr)
		return NULL;

	taken = xenpv_fake_choose(nr, how == LEAVE_MAYBE);
	if (how == LEAVE_MAYBE && taken)
		fake_round.switches++;
	return list[taken];
}

static void hand_over(enum leave how)
{
	const struct xenpv_fake_scene *scene = fake_round.scene;
	struct fake_task *me = fake_round.task;
	struct fake_task *next;

	if (fake_round.beginning) {
		leave(me, &fake_round.main);
		return;
	}
	/* A task that waits for others to be out of the way looks at this. */
	if (fake_round.syncing && fake_round.holder != me && !irqs_disabled())
		me->quiets++;
	if (how == LEAVE_MAYBE && scene->max_switches &&
	    fake_round.switches >= scene->max_switches)
		return;

	next = pick(me, how);
	if (!next && !all_ended())
		xenpv_fake_bad("deadlock: each task waits or has ended");
	if (next != me)
		leave(me, next ?: &fake_round.main);
}

/* Each task begins here, on the CPU that somebody has left with interrupts off. */
void xenpv_fake_main(void)
{
	struct fake_task *me = fake_round.task;

	resumed();
	preempt_count_set(fake_round.count);
	local_irq_restore(fake_round.flags);

	me->fn(fake_round.state);
	me->state = FAKE_DONE;
	if (fake_round.holder == me)
		xenpv_fake_bad("a task has ended and still holds");
	hand_over(LEAVE_FOREVER);
}

/* Runs all tasks of the scene to their ends, or until something is wrong. */
void xenpv_fake_play(void)
{
	struct fake_task *next;

	fake_round.main.stack = current->stack;
	fake_round.count = preempt_count();
	local_save_flags(fake_round.flags);
	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++)
		prepare(i);

	fake_round.beginning = true;
	for (unsigned int i = 0; i < fake_round.scene->nr_tasks && !fake_round.error; i++)
		leave(&fake_round.main, &fake_round.tasks[i]);
	fake_round.beginning = false;
	if (!fake_round.error && !all_ended()) {
		next = pick(&fake_round.main, LEAVE_FOREVER);
		if (next)
			leave(&fake_round.main, next);
		else
			xenpv_fake_bad("deadlock: each task waits or has ended");
	}

	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++)
		if (*(unsigned long *)stacks[i] != STACK_END_MAGIC)
			xenpv_fake_bad("the stack of a task is too small");
}

static void note_step(unsigned int what, const void *where, size_t size)
{
	fake_round.steps[fake_round.nr_steps++ % FAKE_STEPS] = (struct fake_step) {
		.task = number(fake_round.task),
		.what = what,
		.where = where,
		.size = size,
	};
}

/* The running task is about to do something that others can see. */
void xenpv_fake_task_point(unsigned int what, const void *where, size_t size)
{
	struct fake_task *me = fake_round.task;
	enum leave how = LEAVE_MAYBE;

	if (!me)
		return;
	if (++fake_round.points > (fake_round.scene->max_points ?: XENPV_FAKE_POINTS))
		xenpv_fake_bad("too many points: does a task spin?");
	if (where != me->last || what > XENPV_SHARED_RMW) {
		me->again = 0;
	} else if (++me->again == SPINS) {
		me->again = 0;
		how = LEAVE_NOW;
	}
	me->last = where;
	hand_over(how);
	note_step(what, where, size);
}

/**
 * xenpv_fake_bad() - say that something is wrong
 * @what: a text that stays valid
 *
 * Context: Any.  In a task it does not return: the round has ended.  Outside of
 * scenes the case has failed.
 */
void xenpv_fake_bad(const char *what)
{
	if (!fake_round.scene)
		kunit_fail_current_test("%s", what);
	if (!fake_round.error)
		fake_round.error = what;
	if (xenpv_fake_in_task())
		leave(fake_round.task, &fake_round.main);
}

/**
 * xenpv_fake_task() - which task is this?
 *
 * Context: A task.
 * Return: its place in the scene's list.
 */
unsigned int xenpv_fake_task(void)
{
	return fake_round.task ? number(fake_round.task) : 0;
}

/**
 * xenpv_fake_ended() - has a task run to its end?
 * @task: its place in the scene's list
 *
 * Context: A task, or what another one waits for.
 * Return: true if it has.
 */
bool xenpv_fake_ended(unsigned int task)
{
	return fake_round.tasks[task].state == FAKE_DONE;
}

/**
 * xenpv_fake_step() - be at a point that is no access
 *
 * For models: each step that others can see apart from the next one.
 *
 * Context: Any.
 */
void xenpv_fake_step(void)
{
	if (xenpv_fake_in_task())
		xenpv_fake_task_point(FAKE_STEP_OTHER, NULL, 0);
}

/**
 * xenpv_fake_yield() - let others run
 *
 * Returns at once if nobody can.
 *
 * Context: Any.
 */
void xenpv_fake_yield(void)
{
	if (xenpv_fake_in_task())
		hand_over(LEAVE_NOW);
}

static void wait_for(bool (*until)(void *arg), void *arg, u64 wake)
{
	struct fake_task *me = fake_round.task;

	me->until = until;
	me->arg = arg;
	me->wake = wake;
	me->state = FAKE_WAITING;
	while (!until(arg))
		hand_over(LEAVE_WAITING);
	me->state = FAKE_READY;
	me->wake = U64_MAX;
}

/**
 * xenpv_fake_wait() - let others run until something is true
 * @until: is it?  Without points
 * @arg: its argument
 *
 * Context: A task; elsewhere it must be true already.
 */
void xenpv_fake_wait(bool (*until)(void *arg), void *arg)
{
	if (xenpv_fake_in_task())
		wait_for(until, arg, U64_MAX);
	else if (!until(arg))
		xenpv_fake_bad("a wait outside of tasks, for what is not true");
}

/**
 * xenpv_fake_wait_until() - let others run until something is true
 * @until: is it?  Without points; true at @wake, if not before
 * @arg: its argument
 * @wake: a time; when all tasks wait it comes at once
 *
 * Context: A task; elsewhere time passes at once.
 */
void xenpv_fake_wait_until(bool (*until)(void *arg), void *arg, u64 wake)
{
	if (xenpv_fake_in_task())
		wait_for(until, arg, wake);
	else if (!until(arg))
		xenpv_fake_set_now(max(xenpv_fake_now(), wake));
}

static bool time_has_come(void *arg)
{
	return xenpv_fake_now() >= *(u64 *)arg;
}

/**
 * xenpv_fake_sleep() - let others run until time has passed
 * @ns: how much
 *
 * Outside of tasks it passes at once.
 *
 * Context: Any.
 */
void xenpv_fake_sleep(u64 ns)
{
	u64 wake = xenpv_fake_now() + ns;

	xenpv_fake_wait_until(time_has_come, &wake, wake);
}

static bool nobody_holds(void *me)
{
	return !fake_round.holder || fake_round.holder == me;
}

/**
 * xenpv_fake_hold() - let nobody run but peers
 *
 * Nests.  Waits until nobody else holds.
 *
 * Context: Any; matters in tasks.
 */
void xenpv_fake_hold(void)
{
	if (!xenpv_fake_in_task())
		return;
	/* Who gets it first is one of the choices. */
	if (fake_round.holder != fake_round.task)
		xenpv_fake_step();
	xenpv_fake_wait(nobody_holds, fake_round.task);
	fake_round.holder = fake_round.task;
	fake_round.holds++;
}

/**
 * xenpv_fake_release() - undo xenpv_fake_hold()
 *
 * Context: As xenpv_fake_hold().
 */
void xenpv_fake_release(void)
{
	if (fake_round.holder && fake_round.holder == fake_round.task && !--fake_round.holds)
		fake_round.holder = NULL;
}

/**
 * xenpv_fake_grace_begin() - remember which tasks have interrupts off or hold
 * @grace: the memory
 *
 * To be ended with xenpv_fake_grace_end().
 *
 * Context: Any; matters in tasks.
 */
void xenpv_fake_grace_begin(struct xenpv_fake_grace *grace)
{
	*grace = (struct xenpv_fake_grace) {};
	if (!xenpv_fake_in_task())
		return;
	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++) {
		const struct fake_task *task = &fake_round.tasks[i];

		if (task != fake_round.task && task->state != FAKE_DONE && task->busy)
			grace->busy |= BIT(i);
		grace->seen[i] = task->quiets;
	}
	fake_round.syncing++;
}

static bool over(void *arg)
{
	const struct xenpv_fake_grace *grace = arg;

	for (unsigned int i = 0; i < fake_round.scene->nr_tasks; i++) {
		const struct fake_task *task = &fake_round.tasks[i];

		if (grace->busy & BIT(i) && task->state != FAKE_DONE && task->busy &&
		    task->quiets == grace->seen[i])
			return false;
	}
	return true;
}

/**
 * xenpv_fake_grace_over() - has each of them once been without?
 * @grace: begun before
 *
 * Context: Any; matters in tasks.
 * Return: so it is.
 */
bool xenpv_fake_grace_over(struct xenpv_fake_grace *grace)
{
	return !xenpv_fake_in_task() || over(grace);
}

/**
 * xenpv_fake_grace_end() - forget it
 * @grace: begun before
 *
 * Context: Any; matters in tasks.
 */
void xenpv_fake_grace_end(struct xenpv_fake_grace *grace)
{
	if (xenpv_fake_in_task())
		fake_round.syncing--;
}

/**
 * xenpv_fake_synchronize() - wait for a grace period
 *
 * Let a test put it in the place of synchronize_rcu(): returns when each task that
 * has interrupts off or holds has once been without.
 *
 * Context: Any; matters in tasks.
 */
void xenpv_fake_synchronize(void)
{
	struct xenpv_fake_grace grace;

	if (!xenpv_fake_in_task())
		return;
	xenpv_fake_grace_begin(&grace);
	wait_for(over, &grace, U64_MAX);
	xenpv_fake_grace_end(&grace);
}
