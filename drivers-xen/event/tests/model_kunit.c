// SPDX-License-Identifier: GPL-2.0-only
/*
 * A search through the orders of send, mask, unmask, done, bind, close, move and
 * upcall on two CPUs: no event is lost, none doubled, none comes where it must not.
 */

#include <kunit/test.h>
#include <linux/jhash.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "../../fake/event_model.h"
#include "harness.h"

/*
 * What is searched, for a late event and for one that is not, in both layouts:
 *
 *   in_turn	Every sequence of up to NR_STEPS steps that are possible where they
 *		stand, each run as a whole.
 *   at_once	From each state that NR_STEPS - 2 such steps can lead to, every two
 *		steps that two CPUs can take at the same time, left at each access
 *		to shared memory, each lock, each hypercall and each step of Xen in
 *		it, at most "switches" times.  States count as the same if all that
 *		Xen and we share is, and what masks the event.
 *   at_random	Longer programs on both CPUs, left anywhere and any number of
 *		times; as many as "rounds" says, from "seed".
 *
 * After each, all masks are taken away, the driver is done, and the CPUs run until
 * nothing is due.  Then whatever was sent must have been handled since.
 */
#define NR_STEPS	6
#define MAX_STATES	512
#define RANDOM_STEPS	8

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_event_model."
static unsigned long rounds = 3000;
module_param(rounds, ulong, 0400);
static unsigned long seed = 1;
module_param(seed, ulong, 0400);
static unsigned int switches = 2;
module_param(switches, uint, 0400);

enum step {
	SEND,
	RUN0,
	RUN1,
	MASK,
	UNMASK,
	DONE_WORK,
	DONE_NONE,
	TICK,
	BIND,
	CLOSE,
	MOVE,
	NR_KINDS,
};

static const char * const names[NR_KINDS] = {
	[SEND] = "send", [RUN0] = "run0", [RUN1] = "run1", [MASK] = "mask",
	[UNMASK] = "unmask", [DONE_WORK] = "done+", [DONE_NONE] = "done-",
	[TICK] = "tick", [BIND] = "bind", [CLOSE] = "close", [MOVE] = "move",
};

struct walk {
	u8 steps[NR_STEPS];
	u8 nr;
};

/* One round: the channel that is bound, and those that were. */
static struct {
	struct channel channels[2 + RANDOM_STEPS];
	struct channel *ch;
	bool late;
	bool at_once;
	bool masked;
	bool checked;
	unsigned int sends;
} s;

static struct {
	struct kunit *test;
	bool late;
	struct walk path;
	enum step steps[2];
	unsigned long orders;
} plan;

static void round_begins(void)
{
	memset(&s, 0, sizeof(s));
	s.late = plan.late;
	s.ch = &s.channels[0];
	event_test_reset();
}

static void round_ends(void *state)
{
	/* The tasks of a bad round may hold anything. */
	if (s.checked)
		event_test_unbind(s.ch);
}

static void step_bind(void)
{
	struct channel *next = s.ch->gone ? s.ch + 1 : s.ch;

	s.masked = false;
	if (!event_test_bind(next, 0, s.late))
		xenpv_fake_bad("no channel");
	/* One without credit, so that each turn without work costs. */
	next->ev->credit = 0;
	s.ch = next;
}

static void step_mask(bool mask)
{
	if (mask) {
		xenpv_event_mask(s.ch->ev);
		s.ch->quiet = !s.at_once;
	} else {
		s.ch->quiet = false;
		xenpv_event_unmask(s.ch->ev);
	}
	s.masked = mask;
}

/* Far enough for the longest wait. */
static void step_tick(void)
{
	xenpv_fake_advance(NSEC_PER_SEC);
	event_test_tick();
}

static void take(enum step step)
{
	switch (step) {
	case SEND:
		s.sends++;
		event_test_send(s.ch);
		break;
	case RUN0:
	case RUN1:
		event_test_upcall(step == RUN1);
		break;
	case MASK:
	case UNMASK:
		step_mask(step == MASK);
		break;
	case DONE_WORK:
	case DONE_NONE:
		event_test_done(s.ch, step == DONE_WORK);
		break;
	case TICK:
		step_tick();
		break;
	case BIND:
		step_bind();
		break;
	case CLOSE:
		event_test_unbind(s.ch);
		break;
	default:
		if (xenpv_event_move(s.ch->ev, !s.ch->ev->cpu))
			xenpv_fake_bad("Xen refused to move a port");
	}
}

static bool possible(enum step step)
{
	bool bound = s.ch->ev;

	switch (step) {
	case RUN0:
	case RUN1:
		return xenpv_fake_event_due(step == RUN1);
	case MASK:
		return bound && !s.masked;
	case UNMASK:
		return bound && s.masked;
	case DONE_WORK:
	case DONE_NONE:
		return bound && s.ch->owed;
	case TICK:
		return bound && s.ch->ev->reasons & XENPV_MASK_DELAY;
	case BIND:
		return !bound;
	default:
		return bound;
	}
}

/* What must be true in the end. */
static const char *check(void *state)
{
	struct channel *ch = s.ch;
	unsigned int calls = 0;

	s.checked = true;
	ch->quiet = false;
	if (ch->ev)
		xenpv_event_unmask(ch->ev);
	for (unsigned int i = 0; i < 4; i++) {
		event_test_settle();
		if (ch->ev && ch->owed)
			event_test_done(ch, true);
		step_tick();
	}
	if (xenpv_fake_event_stuck())
		return xenpv_fake_event_stuck();
	if (ch->ev && READ_ONCE(ch->ev->reasons))
		return "an event is masked and nobody knows why";
	if (ch->ev && ch->seen != ch->sends)
		return "an event was lost";
	for (unsigned int i = 0; i < ARRAY_SIZE(s.channels); i++)
		calls += s.channels[i].calls;
	if (s.at_once ? !!event_test_doubled(calls, s.sends) : calls > s.sends)
		return "an event was doubled";
	if (xenpv_fake_event_open() != !!ch->ev)
		return "a port was left open";
	return NULL;
}

static void go(const struct walk *path)
{
	round_begins();
	for (unsigned int i = 0; i < path->nr; i++)
		take(path->steps[i]);
}

static void report(const struct walk *path, const char *error)
{
	for (unsigned int i = 0; i < path->nr; i++)
		kunit_info(plan.test, "step %u: %s", i, names[path->steps[i]]);
	KUNIT_FAIL(plan.test, "%s", error);
}

/* in_turn */

static void *walk_begins(struct kunit *test)
{
	round_begins();
	return &s;
}

/* A task, so that what is wrong ends the round. */
static void walk_all(void *state)
{
	for (unsigned int i = 0; i < plan.path.nr; i++)
		take(plan.path.steps[i]);
}

static const struct xenpv_fake_scene walk_scene = {
	.setup = walk_begins,
	.tasks = { walk_all },
	.nr_tasks = 1,
	.check = check,
	.teardown = round_ends,
};

/* Which steps are possible after a path; walks it without a check. */
static u32 possible_after(const struct walk *path)
{
	u32 steps = 0;

	go(path);
	for (unsigned int step = 0; step < NR_KINDS; step++)
		if (possible(step))
			steps |= BIT(step);
	s.checked = true;
	round_ends(NULL);
	return steps;
}

static unsigned long in_turn(const struct walk *path)
{
	unsigned long walks = 1;
	const char *error;
	u32 steps;

	plan.path = *path;
	error = xenpv_fake_find(plan.test, &walk_scene);
	if (error) {
		report(path, error);
		return walks;
	}
	if (path->nr == NR_STEPS)
		return walks;
	steps = possible_after(path);
	for (unsigned int step = 0; step < NR_KINDS; step++) {
		struct walk next = *path;

		if (!(steps & BIT(step)))
			continue;
		next.steps[next.nr++] = step;
		walks += in_turn(&next);
		if (plan.test->status == KUNIT_FAILURE)
			break;
	}
	return walks;
}

/* at_once */

static u32 state_now(void)
{
	const struct xenpv_event *ev = s.ch->ev;
	u32 words[16] = { !!ev, s.masked, s.ch->owed, s.ch - s.channels };
	unsigned int nr = 4;

	if (ev) {
		words[nr++] = ev->reasons;
		words[nr++] = ev->cpu;
		words[nr++] = xenpv_fake_event_pending(s.ch->port);
		words[nr++] = xenpv_fake_event_masked(s.ch->port);
		words[nr++] = xenpv_fake_event_linked(s.ch->port);
		words[nr++] = fake_events.ports[s.ch->port].last_vcpu;
	}
	for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++) {
		words[nr++] = xenpv_fake_event_due(cpu);
		words[nr++] = fake_events.vcpu_info[cpu].evtchn_pending_sel;
		words[nr++] = fake_events.control[cpu] ? fake_events.control[cpu]->ready : 0;
	}
	return jhash2(words, nr, 0);
}

/* A path to each state that some steps can lead to, shortest first. */
static struct walk paths[MAX_STATES];
static u32 states[MAX_STATES];

static bool known(u32 state, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (states[i] == state)
			return true;
	return false;
}

static unsigned int add_state(const struct walk *path, unsigned int nr)
{
	u32 state;

	go(path);
	state = state_now();
	s.checked = true;
	round_ends(NULL);
	if (known(state, nr) || nr == MAX_STATES)
		return nr;
	states[nr] = state;
	paths[nr] = *path;
	return nr + 1;
}

static unsigned int find_states(void)
{
	unsigned int nr = add_state(&(struct walk){ }, 0);

	for (unsigned int i = 0; i < nr; i++) {
		u32 steps;

		if (paths[i].nr == NR_STEPS - 2)
			continue;
		steps = possible_after(&paths[i]);
		for (unsigned int step = 0; step < NR_KINDS; step++) {
			struct walk next = paths[i];

			next.steps[next.nr++] = step;
			if (steps & BIT(step))
				nr = add_state(&next, nr);
		}
	}
	return nr;
}

/* Who closes has stopped everybody but the peer; a port moves once at a time. */
static bool compatible(enum step one, enum step two)
{
	bool closes = one == CLOSE || two == CLOSE || one == BIND || two == BIND;
	bool outside = one <= RUN1 || two <= RUN1;

	if (closes)
		return outside && one != two;
	return one != two || (one != MOVE && one != RUN0 && one != RUN1);
}

static void *pair_begins(struct kunit *test)
{
	go(&plan.path);
	plan.orders++;
	s.at_once = true;
	s.ch->quiet = false;
	return &s;
}

static void pair_first(void *state)
{
	take(plan.steps[0]);
}

static void pair_second(void *state)
{
	take(plan.steps[1]);
}

static void pair(enum step one, enum step two)
{
	struct xenpv_fake_scene scene = {
		.setup = pair_begins,
		.tasks = { pair_first, pair_second },
		.nr_tasks = 2,
		.peers = (one == SEND ? BIT(0) : 0) | (two == SEND ? BIT(1) : 0),
		.check = check,
		.teardown = round_ends,
		.max_switches = switches,
	};
	const char *error;

	plan.steps[0] = one;
	plan.steps[1] = two;
	error = xenpv_fake_find(plan.test, &scene);
	if (!error)
		return;
	report(&plan.path, error);
	kunit_info(plan.test, "then at once %s and %s", names[one], names[two]);
	/* Once more, to print the order. */
	xenpv_fake_explore(plan.test, &scene);
}

static void at_once(unsigned int nr, unsigned long *pairs)
{
	for (unsigned int i = 0; i < nr; i++) {
		u32 steps = possible_after(&paths[i]);

		plan.path = paths[i];
		for (enum step one = 0; one < NR_KINDS; one++) {
			for (enum step two = one; two < NR_KINDS; two++) {
				if (!(steps & BIT(one)) || !(steps & BIT(two)) ||
				    !compatible(one, two))
					continue;
				pair(one, two);
				++*pairs;
				if (plan.test->status == KUNIT_FAILURE)
					return;
			}
		}
	}
}

/* at_random */

enum { CPU0, CPU1, OWNER, OTHERS };

static void cpu0(void *state)
{
	event_test_serve(0, BIT(OWNER) | BIT(OTHERS));
}

static void cpu1(void *state)
{
	event_test_serve(1, BIT(OWNER) | BIT(OTHERS));
}

/* The driver, who binds and closes. */
static void owner(void *state)
{
	for (unsigned int i = 0; i < RANDOM_STEPS; i++) {
		enum step step = xenpv_fake_rand(NR_KINDS);

		if (step != RUN0 && step != RUN1 && step != SEND && possible(step))
			take(step);
	}
}

/* The peer, who sends. */
static void others(void *state)
{
	for (unsigned int i = 0; i < RANDOM_STEPS; i++)
		if (s.ch->port)
			take(SEND);
		else
			xenpv_fake_yield();
}

static void *random_begins(struct kunit *test)
{
	round_begins();
	step_bind();
	s.at_once = true;
	return &s;
}

static const struct xenpv_fake_scene random_scene = {
	.setup = random_begins,
	.tasks = { cpu0, cpu1, owner, others },
	.nr_tasks = 4,
	.peers = BIT(OTHERS),
	.check = check,
	.teardown = round_ends,
};

/* The cases. */

static void start(struct kunit *test, bool late)
{
	event_test_start(test, NULL);
	memset(&plan, 0, sizeof(plan));
	plan.test = test;
	plan.late = late;
}

static void steps_in_turn(struct kunit *test)
{
	for (unsigned int late = 0; late < 2; late++) {
		unsigned long walks;

		if (!late)
			start(test, late);
		plan.late = late;
		walks = in_turn(&(struct walk){ });
		kunit_info(test, "%s: %lu sequences of up to %u steps",
			   late ? "late" : "not late", walks, NR_STEPS);
		KUNIT_EXPECT_GT(test, walks, 500);
	}
}

static void steps_at_once(struct kunit *test)
{
	for (unsigned int late = 0; late < 2; late++) {
		unsigned long pairs = 0;
		unsigned int nr;

		if (!late)
			start(test, late);
		plan.late = late;
		nr = find_states();
		KUNIT_EXPECT_LT(test, nr, MAX_STATES);
		plan.orders = 0;
		at_once(nr, &pairs);
		kunit_info(test, "%s: %u states, %lu pairs, %lu orders, left at most %u times",
			   late ? "late" : "not late", nr, pairs, plan.orders, switches);
		KUNIT_EXPECT_GT(test, plan.orders, 1000);
	}
}

static void steps_at_random(struct kunit *test)
{
	for (unsigned int late = 0; late < 2; late++) {
		if (!late)
			start(test, late);
		plan.late = late;
		KUNIT_EXPECT_EQ(test, xenpv_fake_random(test, &random_scene, seed, rounds),
				rounds);
	}
}

KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name);

static struct kunit_case model_cases[] = {
	KUNIT_CASE_PARAM(steps_in_turn, layout_gen_params),
	KUNIT_CASE_PARAM(steps_at_once, layout_gen_params),
	KUNIT_CASE_PARAM(steps_at_random, layout_gen_params),
	{}
};

static struct kunit_suite model_suite = {
	.name = "xenpv_event_model",
	.test_cases = model_cases,
};
kunit_test_suite(model_suite);

MODULE_DESCRIPTION("Search through the orders of operations on Xen events");
MODULE_LICENSE("GPL");
