// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the fake hypervisor itself: what other tests conclude from it must hold. */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <xenpv/hypercall.h>
#include <xenpv/shared_lock.h>
#include "../private.h"

/*
 * What the scenes here share: a letter of @order for each access, locks that their
 * tasks take.
 */
static struct {
	u32 word[4];
	char order[32];
	unsigned int nr;
	char seen[1000][32];
	unsigned int nr_seen;
	unsigned long bits;
	raw_spinlock_t lock, second;
	/* For @word[0], in one scene. */
	struct mutex mutex;
	bool flag;
	unsigned int cpu;
} s;

static u32 __xen_shared *word(unsigned int nr)
{
	return (u32 __force __xen_shared *)&s.word[nr];
}

static void *reset(struct kunit *test)
{
	memset(s.word, 0, sizeof(s.word));
	memset(s.order, 0, sizeof(s.order));
	s.nr = 0;
	s.flag = false;
	return &s;
}

static void note(char letter)
{
	if (s.nr < sizeof(s.order) - 1)
		s.order[s.nr++] = letter;
}

static void touch(unsigned int times)
{
	unsigned int me = xenpv_fake_task();

	for (unsigned int i = 0; i < times; i++) {
		xenpv_shared_store(word(me), i);
		note('a' + me);
	}
}

static void touch1(void *state)
{
	touch(1);
}

static void touch2(void *state)
{
	touch(2);
}

static void touch3(void *state)
{
	touch(3);
}

static void touch4(void *state)
{
	touch(4);
}

static void touch6(void *state)
{
	touch(6);
}

/* Keeps the order, if it is a new one. */
static const char *keep_order(void *state)
{
	for (unsigned int i = 0; i < s.nr_seen; i++)
		if (!strcmp(s.seen[i], s.order))
			return NULL;
	if (s.nr_seen == ARRAY_SIZE(s.seen))
		return "more orders than there are";
	strscpy(s.seen[s.nr_seen++], s.order);
	return NULL;
}

static const char *refuse_repeats(void *state)
{
	unsigned int before = s.nr_seen;

	keep_order(state);
	return s.nr_seen == before ? "an order came twice" : NULL;
}

static int fake_init(struct kunit *test)
{
	xenpv_fake_start(test);
	memset(&s, 0, sizeof(s));
	raw_spin_lock_init(&s.lock);
	raw_spin_lock_init(&s.second);
	mutex_init(&s.mutex);
	return 0;
}

/* n tasks with k accesses each: (n * k)! / (k!)^n orders, each once. */
static void explore_all_orders(struct kunit *test)
{
	static const struct xenpv_fake_scene scenes[] = {
		{ .tasks = { touch3 }, .nr_tasks = 1 },
		{ .tasks = { touch3, touch2 }, .nr_tasks = 2 },
		{ .tasks = { touch1, touch1, touch1, touch1 }, .nr_tasks = 4 },
		{ .tasks = { touch2, touch2, touch2 }, .nr_tasks = 3 },
		{ .tasks = { touch6, touch6 }, .nr_tasks = 2 },
	};
	static const unsigned int orders[] = { 1, 10, 24, 90, 924 };

	for (unsigned int i = 0; i < ARRAY_SIZE(scenes); i++) {
		struct xenpv_fake_scene scene = scenes[i];

		s.nr_seen = 0;
		scene.setup = reset;
		scene.check = refuse_repeats;
		KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), orders[i]);
		KUNIT_EXPECT_EQ(test, s.nr_seen, orders[i]);
	}
}

/* Of two tasks with 4 accesses: 2 orders, each with 3 places to leave once. */
static void explore_within_switches(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch4, touch4 }, .nr_tasks = 2,
		.check = refuse_repeats, .max_switches = 1,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 8);
}

static void explore_within_rounds(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch4, touch4 }, .nr_tasks = 2,
		.max_rounds = 5,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 5);
}

static void draw_twice(void *state)
{
	note('0' + xenpv_fake_rand(3));
	xenpv_shared_store(word(0), 0);
	note('0' + xenpv_fake_rand(2));
}

static void explore_numbers(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { draw_twice }, .nr_tasks = 1,
		.check = refuse_repeats,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 6);
	KUNIT_EXPECT_STREQ(test, s.seen[0], "00");
	KUNIT_EXPECT_STREQ(test, s.seen[5], "21");
}

static void add_torn(void *state)
{
	u32 value = xenpv_shared_load(word(0));

	xenpv_shared_store(word(0), value + 1);
}

static void add_locked(void *state)
{
	guard(xenpv_shared_lock)(&s.lock);
	add_torn(state);
}

static void add_with_mutex(void *state)
{
	guard(xenpv_shared_mutex)(&s.mutex);
	add_torn(state);
}

static void add_holding(void *state)
{
	xenpv_fake_hold();
	xenpv_fake_hold();
	add_torn(state);
	xenpv_fake_release();
	add_torn(state);
	xenpv_fake_release();
}

static const char *two_added(void *state)
{
	return xenpv_shared_load(word(0)) == 2 ? NULL : "an addition is lost";
}

static const char *four_added(void *state)
{
	return xenpv_shared_load(word(0)) == 4 ? NULL : "an addition is lost";
}

static void race_is_found(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { add_torn, add_torn }, .nr_tasks = 2,
		.check = two_added,
	};

	KUNIT_EXPECT_STREQ(test, xenpv_fake_find(test, &scene), "an addition is lost");
}

static void locks_exclude(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { add_locked, add_locked }, .nr_tasks = 2,
		.check = two_added,
	};

	/* Who asks first gets it; the other one may ask at three places. */
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 2);
	scene.tasks[0] = add_with_mutex;
	scene.tasks[1] = add_with_mutex;
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 2);
}

static void hold_excludes(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { add_holding, add_holding }, .nr_tasks = 2,
		.check = four_added,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 2);
	/* A peer does not care. */
	scene.peers = BIT(1);
	scene.tasks[1] = add_torn;
	scene.check = NULL;
	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 21);
	KUNIT_EXPECT_FALSE(test, fake_round.holder);
}

static void take_both(raw_spinlock_t *one, raw_spinlock_t *two)
{
	guard(xenpv_shared_lock)(one);
	guard(xenpv_shared_lock)(two);
	touch(1);
}

static void first_then_second(void *state)
{
	take_both(&s.lock, &s.second);
}

static void second_then_first(void *state)
{
	take_both(&s.second, &s.lock);
}

static void *fresh_locks(struct kunit *test)
{
	raw_spin_lock_init(&s.lock);
	raw_spin_lock_init(&s.second);
	return reset(test);
}

/* What a task that never came back has locked; its preemption count is gone. */
static void forget_lock(raw_spinlock_t *lock)
{
	if (!raw_spin_is_locked(lock))
		return;
	preempt_disable();
	xenpv_shared_unlock(lock, fake_round.flags);
}

static void forget_locks(void *state)
{
	forget_lock(&s.lock);
	forget_lock(&s.second);
}

static void deadlock_is_found(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = fresh_locks, .tasks = { first_then_second, second_then_first },
		.nr_tasks = 2, .teardown = forget_locks,
	};
	const char *error = xenpv_fake_find(test, &scene);

	KUNIT_ASSERT_NOT_NULL(test, error);
	KUNIT_EXPECT_TRUE(test, strstarts(error, "deadlock"));
	scene.tasks[1] = first_then_second;
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 2);
}

static bool never(void *arg)
{
	return false;
}

static void wait_for_ever(void *state)
{
	xenpv_fake_wait(never, NULL);
}

static void wait_in_vain(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { wait_for_ever, touch2 }, .nr_tasks = 2,
	};

	KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_find(test, &scene));
	/* Not even one that can go on. */
	scene.nr_tasks = 1;
	KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_find(test, &scene));
}

static void spin(void *state)
{
	while (!xenpv_shared_load(word(3)))
		cpu_relax();
}

static void stop_spinning(void *state)
{
	xenpv_shared_store(word(3), 1);
}

static void spinning_ends(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { spin, stop_spinning }, .nr_tasks = 2,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 10);
	/* Nobody stops it: not a hang. */
	scene.tasks[1] = touch1;
	KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_find(test, &scene));
}

/* The order of each round, one after the other. */
static const char *keep_each(void *state)
{
	if (s.nr_seen < ARRAY_SIZE(s.seen))
		strscpy(s.seen[s.nr_seen++], s.order);
	return NULL;
}

static void seed_repeats(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch6, touch6 }, .nr_tasks = 2,
		.check = keep_each,
	};
	unsigned int differ = 0;

	xenpv_fake_random(test, &scene, 42, 100);
	xenpv_fake_random(test, &scene, 42, 100);
	xenpv_fake_random(test, &scene, 43, 100);
	for (unsigned int i = 0; i < 100; i++) {
		KUNIT_EXPECT_STREQ(test, s.seen[i], s.seen[100 + i]);
		differ += !!strcmp(s.seen[i], s.seen[200 + i]);
	}
	KUNIT_EXPECT_GT(test, differ, 50);

	/* One round by its own seed. */
	xenpv_fake_random(test, &scene, 42 + 17 * FAKE_NEXT_SEED, 1);
	KUNIT_EXPECT_STREQ(test, s.seen[17], s.seen[300]);
}

/* Accesses and numbers in turn. */
static void touch_and_draw(void *state)
{
	for (unsigned int i = 0; i < 4; i++) {
		touch(1);
		note('0' + xenpv_fake_rand(10));
	}
}

/* What a bad random round prints also repeats it if tasks draw numbers. */
static void choices_repeat(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch_and_draw, touch_and_draw }, .nr_tasks = 2,
		.check = keep_each,
	};

	for (unsigned int i = 0; i < 5; i++) {
		xenpv_fake_random(test, &scene, i, 1);
		xenpv_fake_replay(test, &scene, NULL);
		KUNIT_EXPECT_STREQ(test, s.seen[2 * i], s.seen[2 * i + 1]);
	}
}

static void random_reaches_all(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch3, touch3 }, .nr_tasks = 2,
		.check = keep_order,
	};
	unsigned long rounds = 20000;
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(test, xenpv_fake_random(test, &scene, 1, rounds), rounds);
	KUNIT_EXPECT_EQ(test, s.nr_seen, 20);
	kunit_info(test, "%lld ns a round", ktime_to_ns(ktime_sub(ktime_get(), start)) / rounds);
}

static void replay_choices(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { touch3, touch2 }, .nr_tasks = 2,
		.check = keep_each,
	};

	xenpv_fake_replay(test, &scene, "0*2 1 0 ");
	KUNIT_EXPECT_STREQ(test, s.seen[0], "aabba");
	xenpv_fake_replay(test, &scene, "1 0");
	KUNIT_EXPECT_STREQ(test, s.seen[1], "bbaaa");
	xenpv_fake_replay(test, &scene, "");
	KUNIT_EXPECT_STREQ(test, s.seen[2], "aaabb");
}

static long answer(unsigned long a1, unsigned long a2, unsigned long a3,
		   unsigned long a4, unsigned long a5)
{
	return a1 + 10 * a2;
}

static void fail_at(struct kunit *test)
{
	xenpv_fake_serve(__HYPERVISOR_vm_assist, answer);
	KUNIT_EXPECT_EQ(test, xenpv_hv_vm_assist(1, 2), 21);
	KUNIT_EXPECT_EQ(test, xenpv_hv_xen_version(1, NULL), -ENOSYS);

	xenpv_fake_fail_at(2, -EBUSY);
	KUNIT_EXPECT_EQ(test, xenpv_hv_vm_assist(1, 2), 21);
	KUNIT_EXPECT_EQ(test, xenpv_hv_vm_assist(1, 2), -EBUSY);
	KUNIT_EXPECT_EQ(test, xenpv_hv_vm_assist(1, 2), 21);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 5);
	xenpv_fake_forget();
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
}

static void fail_in_multicall(struct kunit *test)
{
	struct multicall_entry calls[] = {
		{ .op = __HYPERVISOR_vm_assist, .args = { 1 } },
		{ .op = __HYPERVISOR_vm_assist, .args = { 2 } },
		{ .op = __HYPERVISOR_vm_assist, .args = { 3 } },
	};

	xenpv_fake_serve(__HYPERVISOR_vm_assist, answer);
	xenpv_fake_fail_at(2, -EPERM);
	KUNIT_EXPECT_EQ(test, xenpv_hv_multicall(calls, 3), 0);
	KUNIT_EXPECT_EQ(test, calls[0].result, 1);
	KUNIT_EXPECT_EQ(test, calls[1].result, -EPERM);
	KUNIT_EXPECT_EQ(test, calls[2].result, 3);
}

/* Answers each reader of the first word with another value. */
static void lie(const struct xenpv_fake_access *access, void *arg)
{
	if (access->kind == XENPV_SHARED_LOAD && access->where == &s.word[0])
		s.word[0] = 100 + access->count;
	/* An access of the peer itself is no point. */
	xenpv_shared_load(word(1));
}

static void peer_changes_what_is_read(struct kunit *test)
{
	xenpv_fake_peer(lie, NULL);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(0)), 100);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(0)), 101);
	xenpv_shared_store(word(0), 7);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(0)), 103);
	KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&s.word[0]), 3);
	KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&s.word[1]), 0);
	xenpv_fake_forget();
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(0)), 100);
}

static void nap(void *state)
{
	u64 start = xenpv_fake_now();

	xenpv_fake_sleep(xenpv_fake_task() ? NSEC_PER_SEC : 60 * NSEC_PER_SEC);
	note('a' + xenpv_fake_task());
	if (xenpv_fake_now() - start != (xenpv_fake_task() ? NSEC_PER_SEC : 60 * NSEC_PER_SEC))
		xenpv_fake_bad("slept too long or too short");
}

static void time_passes_when_all_wait(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { nap, nap, touch1 }, .nr_tasks = 3,
		.check = keep_order,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 1);
	KUNIT_EXPECT_STREQ(test, s.seen[0], "cba");
}

static void with_interrupts_off(void *state)
{
	unsigned long flags;

	local_irq_save(flags);
	preempt_disable();
	touch(2);
	if (!irqs_disabled() || preempt_count() != fake_round.count + PREEMPT_DISABLE_OFFSET)
		xenpv_fake_bad("state of the other task");
	preempt_enable();
	local_irq_restore(flags);
	touch(1);
	if (irqs_disabled() || preempt_count() != fake_round.count)
		xenpv_fake_bad("not as it was");
}

static void with_interrupts_on(void *state)
{
	for (unsigned int i = 0; i < 3; i++) {
		if (irqs_disabled() || preempt_count() != fake_round.count)
			xenpv_fake_bad("state of the other task");
		touch(1);
	}
}

static void interrupt_flag_is_kept(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .nr_tasks = 2,
		.tasks = { with_interrupts_off, with_interrupts_on },
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 20);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
}

/* A reader must not see the flag change between its two looks. */
static void read_side(void *state)
{
	unsigned long flags;
	bool before;

	xenpv_shared_load(word(0));
	local_irq_save(flags);
	if (!xenpv_shared_load(word(0))) {
		before = s.flag;
		xenpv_shared_load(word(1));
		if (s.flag != before)
			xenpv_fake_bad("freed under a reader");
	}
	local_irq_restore(flags);
	xenpv_shared_load(word(1));
}

static void free_early(void *state)
{
	xenpv_shared_store(word(0), 1);
	s.flag = true;
}

static void free_in_time(void *state)
{
	xenpv_shared_store(word(0), 1);
	xenpv_fake_synchronize();
	s.flag = true;
}

static void synchronize_waits(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .nr_tasks = 2, .tasks = { read_side, free_early },
	};

	KUNIT_EXPECT_STREQ(test, xenpv_fake_find(test, &scene), "freed under a reader");
	scene.tasks[1] = free_in_time;
	KUNIT_EXPECT_GE(test, xenpv_fake_explore(test, &scene), 5);
}

static void be_cpu(unsigned int task, void *state)
{
	s.cpu = task;
}

static void look_at_cpu(void *state)
{
	for (unsigned int i = 0; i < 3; i++) {
		if (s.cpu != xenpv_fake_task())
			xenpv_fake_bad("on the CPU of another task");
		touch(1);
	}
	xenpv_fake_yield();
	if (s.cpu != xenpv_fake_task())
		xenpv_fake_bad("on the CPU of another task");
}

static void resume_comes_first(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { look_at_cpu, look_at_cpu }, .nr_tasks = 2,
		.resume = be_cpu,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 20);
}

/* A task is a full thread: it may sleep, be preempted, use its stack. */
static void sleep_really(void *state)
{
	char big[512];

	memset(big, xenpv_fake_task(), sizeof(big));
	touch(1);
	usleep_range(100, 200);
	touch(1);
	if (memchr_inv(big, xenpv_fake_task(), sizeof(big)))
		xenpv_fake_bad("the stack belongs to another task, too");
}

static void task_is_a_thread(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = reset, .tasks = { sleep_really, sleep_really, sleep_really },
		.nr_tasks = 3,
	};
	void *stack = current->stack;

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 90);
	KUNIT_EXPECT_PTR_EQ(test, stack, current->stack);
}

static void work(struct work_struct *unused)
{
	xenpv_shared_load(word(2));
	s.flag = true;
}

static void other_threads_do_not_count(struct kunit *test)
{
	struct work_struct w;

	INIT_WORK_ONSTACK(&w, work);
	schedule_work(&w);
	flush_work(&w);
	destroy_work_on_stack(&w);
	KUNIT_EXPECT_TRUE(test, s.flag);
	KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&s.word[2]), 0);
}

static void copies_load_each_word_once(struct kunit *test)
{
	u64 *from = kunit_kzalloc(test, 28, GFP_KERNEL);
	u64 to[4] = {};

	KUNIT_ASSERT_NOT_NULL(test, from);
	memset(from, 0x5a, 28);
	xenpv_shared_copy_in(to, (void __force __xen_shared *)from, 28);
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, xenpv_fake_loads(&from[i]), 1);
	KUNIT_EXPECT_EQ(test, to[2], 0x5a5a5a5a5a5a5a5aULL);
	KUNIT_EXPECT_EQ(test, to[3], 0x5a5a5a5aULL);
}

static struct kunit_case fake_cases[] = {
	KUNIT_CASE(explore_all_orders),
	KUNIT_CASE(explore_within_switches),
	KUNIT_CASE(explore_within_rounds),
	KUNIT_CASE(explore_numbers),
	KUNIT_CASE(race_is_found),
	KUNIT_CASE(locks_exclude),
	KUNIT_CASE(hold_excludes),
	KUNIT_CASE(deadlock_is_found),
	KUNIT_CASE(wait_in_vain),
	KUNIT_CASE(spinning_ends),
	KUNIT_CASE(seed_repeats),
	KUNIT_CASE(random_reaches_all),
	KUNIT_CASE(replay_choices),
	KUNIT_CASE(choices_repeat),
	KUNIT_CASE(fail_at),
	KUNIT_CASE(fail_in_multicall),
	KUNIT_CASE(peer_changes_what_is_read),
	KUNIT_CASE(time_passes_when_all_wait),
	KUNIT_CASE(interrupt_flag_is_kept),
	KUNIT_CASE(synchronize_waits),
	KUNIT_CASE(resume_comes_first),
	KUNIT_CASE(task_is_a_thread),
	KUNIT_CASE(other_threads_do_not_count),
	KUNIT_CASE(copies_load_each_word_once),
	{}
};

static struct kunit_suite fake_suite = {
	.name = "xenpv_fake",
	.init = fake_init,
	.test_cases = fake_cases,
};
kunit_test_suite(fake_suite);

MODULE_DESCRIPTION("KUnit tests for the fake hypervisor");
MODULE_LICENSE("GPL");
