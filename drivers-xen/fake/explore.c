// SPDX-License-Identifier: GPL-2.0-only
/* Plays a scene many times: in every order, in orders drawn from a seed, or in a given one. */

#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "private.h"

/* Which of @nr there was taken; 0 of them: not known yet. */
struct choice {
	u16 taken;
	u16 nr;
};

/*
 * An exploration repeats a round up to its last choice that has not been tried in
 * each way, takes that one the next way, and goes on from there with the first
 * ways.  Nothing but the list of choices is kept between rounds.
 */
static struct {
	/* From the seed; otherwise by the list. */
	bool random;
	u64 seed;
	/* A task is left at one of this many points. */
	u32 stay;
	/* Choices made in this round, and choices in the list. */
	unsigned int depth;
	unsigned int known;
	struct choice *list;
} draw;

/* A step of the SplitMix64 generator: every seed is a good one. */
static u32 random32(void)
{
	u64 z = draw.seed += FAKE_NEXT_SEED;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) >> 32;
}

static u32 random_below(u32 below)
{
	return (u64)random32() * below >> 32;
}

static unsigned int random_choice(unsigned int nr, bool first_is_stay)
{
	if (!first_is_stay)
		return random_below(nr);
	return random_below(draw.stay) ? 0 : 1 + random_below(nr - 1);
}

static unsigned int listed_choice(unsigned int nr)
{
	struct choice *choice = &draw.list[draw.depth];

	if (draw.depth == draw.known) {
		*choice = (struct choice){ .nr = nr };
		draw.known++;
	} else if (!choice->nr) {
		choice->nr = nr;
	}
	if (choice->nr != nr || choice->taken >= nr) {
		xenpv_fake_bad("this round does not repeat the one before it");
		return 0;
	}
	return choice->taken;
}

/* One of @nr ways to go on; if @first_is_stay the first one leaves nobody. */
unsigned int xenpv_fake_choose(unsigned int nr, bool first_is_stay)
{
	unsigned int taken;

	if (nr < 2)
		return 0;
	if (draw.random) {
		taken = random_choice(nr, first_is_stay);
		if (draw.depth < FAKE_CHOICES)
			draw.list[draw.depth++] = (struct choice){ taken, nr };
		return taken;
	}
	if (draw.depth == FAKE_CHOICES || nr > U16_MAX) {
		xenpv_fake_bad("too many choices for an exploration");
		return 0;
	}
	taken = listed_choice(nr);
	draw.depth++;
	return taken;
}

/**
 * xenpv_fake_rand() - draw a number
 * @below: one more than the largest
 *
 * In an exploration each number comes in its turn, and @below is at most 65535.
 *
 * Context: Any.
 * Return: a number from 0 to @below - 1.
 */
u32 xenpv_fake_rand(u32 below)
{
	if (below < 2)
		return 0;
	if (!fake_round.scene)
		return random_below(below);
	return xenpv_fake_choose(below, false);
}

/**
 * xenpv_fake_seed() - say where random numbers outside of scenes start
 * @seed: any number
 *
 * Context: Process.
 */
void xenpv_fake_seed(u64 seed)
{
	draw.seed = seed;
}

void xenpv_fake_explore_end(void)
{
	kvfree(draw.list);
	memset(&draw, 0, sizeof(draw));
}

/* Choices are written as "1 0*5 2": zeros are many. */
static void print_choices(struct kunit *test)
{
	unsigned int nr = draw.depth;
	char line[120];
	size_t len = 0;

	for (unsigned int i = 0, run; i < nr; i += run) {
		for (run = 1; i + run < nr; run++)
			if (draw.list[i + run].taken != draw.list[i].taken)
				break;
		if (run > 1)
			len += scnprintf(line + len, sizeof(line) - len, "%u*%u ",
					 draw.list[i].taken, run);
		else
			len += scnprintf(line + len, sizeof(line) - len, "%u ",
					 draw.list[i].taken);
		if (len > sizeof(line) - 24 || i + run == nr) {
			kunit_info(test, "choices: %s", line);
			len = 0;
		}
	}
}

static void print_steps(struct kunit *test)
{
	static const char * const what[] = {
		[XENPV_SHARED_LOAD]	= "loads",
		[XENPV_SHARED_STORE]	= "stores",
		[XENPV_SHARED_RMW]	= "changes",
		[FAKE_STEP_CALL]	= "hypercall",
		[FAKE_STEP_OTHER]	= "step",
	};
	unsigned int nr = fake_round.nr_steps;

	for (unsigned int i = nr > FAKE_STEPS ? nr - FAKE_STEPS : 0; i < nr; i++) {
		const struct fake_step *step = &fake_round.steps[i % FAKE_STEPS];

		kunit_info(test, "step %u: task %u %s %u at ..%05lx", i, step->task,
			   what[step->what], step->size,
			   (unsigned long)step->where & 0xfffff);
	}
}

/* What was wrong, or NULL. */
static const char *play_round(struct kunit *test, const struct xenpv_fake_scene *scene)
{
	fake_round.scene = scene;
	fake_round.state = NULL;
	fake_round.holder = NULL;
	fake_round.holds = 0;
	fake_round.syncing = 0;
	fake_round.switches = 0;
	fake_round.points = 0;
	fake_round.nr_steps = 0;
	fake_round.error = NULL;
	draw.depth = 0;
	xenpv_fake_round_begins();

	if (scene->setup)
		fake_round.state = scene->setup(test);
	xenpv_fake_play();
	if (!fake_round.error && scene->check)
		fake_round.error = scene->check(fake_round.state);
	if (scene->teardown)
		scene->teardown(fake_round.state);
	fake_round.scene = NULL;
	cond_resched();
	return fake_round.error;
}

static void prepare(struct kunit *test, const struct xenpv_fake_scene *scene)
{
	KUNIT_ASSERT_LE(test, scene->nr_tasks, XENPV_FAKE_TASKS);
	KUNIT_ASSERT_PTR_EQ(test, fake_round.scene, NULL);
	if (!draw.list)
		draw.list = kvcalloc(FAKE_CHOICES, sizeof(*draw.list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, draw.list);
	KUNIT_ASSERT_EQ(test, xenpv_fake_stacks_get(), 0);
	draw.random = false;
	draw.known = 0;
}

/* Makes the list that of the next order; false if there is none. */
static bool next_order(void)
{
	draw.known = draw.depth;
	while (draw.known) {
		struct choice *last = &draw.list[draw.known - 1];

		if (++last->taken < last->nr)
			return true;
		draw.known--;
	}
	return false;
}

static const char *explore(struct kunit *test, const struct xenpv_fake_scene *scene,
			   unsigned long *rounds)
{
	const char *error;

	prepare(test, scene);
	*rounds = 0;
	do {
		error = play_round(test, scene);
		++*rounds;
		if (error)
			return error;
	} while (*rounds != scene->max_rounds && next_order());
	return NULL;
}

static void report(struct kunit *test, const char *error)
{
	print_steps(test);
	print_choices(test);
	KUNIT_FAIL(test, "%s", error);
}

/**
 * xenpv_fake_explore() - play a scene in every order
 * @test: the case
 * @scene: what to play
 *
 * Stops at a bad round, which fails @test.
 *
 * Context: Process, the thread of the case.
 * Return: how many rounds there were.
 */
unsigned long xenpv_fake_explore(struct kunit *test, const struct xenpv_fake_scene *scene)
{
	unsigned long rounds;
	const char *error = explore(test, scene, &rounds);

	if (error)
		report(test, error);
	kunit_info(test, "explored %lu orders", rounds);
	return rounds;
}

/**
 * xenpv_fake_find() - play a scene in every order until a round is bad
 * @test: the case; a bad round does not fail it
 * @scene: what to play
 *
 * For scenes that must go wrong.
 *
 * Context: Process, the thread of the case.
 * Return: what was wrong, or NULL.
 */
const char *xenpv_fake_find(struct kunit *test, const struct xenpv_fake_scene *scene)
{
	unsigned long rounds;

	return explore(test, scene, &rounds);
}

/**
 * xenpv_fake_random() - play a scene in random orders
 * @test: the case
 * @scene: what to play
 * @seed: of the first round; what is printed for a bad one repeats it
 * @rounds: how many
 *
 * Rounds differ in how long a task runs before it is left.  Stops at a bad round,
 * which fails @test.
 *
 * Context: Process, the thread of the case.
 * Return: how many rounds there were.
 */
unsigned long xenpv_fake_random(struct kunit *test, const struct xenpv_fake_scene *scene,
				u64 seed, unsigned long rounds)
{
	unsigned long done = 0;

	prepare(test, scene);
	draw.random = true;
	kunit_info(test, "seed %#llx, %lu rounds", seed, rounds);
	while (done < rounds) {
		u64 this = seed + done++ * FAKE_NEXT_SEED;
		const char *error;

		draw.seed = this;
		draw.stay = 2 << random_below(4);
		error = play_round(test, scene);
		if (!error)
			continue;
		kunit_info(test, "bad round: seed %#llx", this);
		report(test, error);
		break;
	}
	draw.random = false;
	return done;
}

/* The number of choices in @text, put into the list; -1 if it is none of ours. */
static int parse_choices(const char *text)
{
	unsigned int taken, run, nr = 0;
	int len;

	while (sscanf(text, "%u%n", &taken, &len) == 1) {
		text += len;
		run = 1;
		if (*text == '*') {
			if (sscanf(text, "*%u%n", &run, &len) != 1)
				return -1;
			text += len;
		}
		text = skip_spaces(text);
		for (; run; run--) {
			if (nr == FAKE_CHOICES || taken > U16_MAX)
				return -1;
			draw.list[nr++] = (struct choice){ .taken = taken };
		}
	}
	return *text ? -1 : nr;
}

/**
 * xenpv_fake_replay() - play one round and print its steps
 * @test: the case
 * @scene: what to play
 * @choices: as printed for a bad round; where they end the first way is taken.
 *	NULL: those of the round that was played last
 *
 * Context: Process, the thread of the case.
 */
void xenpv_fake_replay(struct kunit *test, const struct xenpv_fake_scene *scene,
		       const char *choices)
{
	int nr = draw.depth;
	const char *error;

	prepare(test, scene);
	if (choices)
		nr = parse_choices(choices);
	KUNIT_ASSERT_GE(test, nr, 0);
	draw.known = nr;
	error = play_round(test, scene);
	if (error)
		report(test, error);
	else
		print_steps(test);
}
