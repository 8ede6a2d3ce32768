/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_MEMORY_BALLOON_H
#define _XENPV_MEMORY_BALLOON_H

/* What the files of the balloon share and nobody else sees, by file. */

#include <linux/errno.h>
#include <linux/types.h>

struct page;

/* Pages that are moved at a time; then others may have the CPU, and the lock. */
#define XENPV_BALLOON_BATCH	256

/* Limits of what can be set, and what is set at first. */
#define XENPV_BALLOON_MAX_DELAY	3600
#define XENPV_BALLOON_DELAY	32

/* stock.c */
unsigned long xenpv_stock_nr(void);

/* policy.c */
unsigned long xenpv_balloon_floor(unsigned long total);
unsigned long xenpv_balloon_reserve(unsigned long total);
unsigned long xenpv_balloon_goal(unsigned long asked, unsigned long floor,
				 unsigned long ceiling);
unsigned int xenpv_balloon_next_delay(unsigned int delay, unsigned int limit);

/**
 * struct xenpv_balloon_state - the balloon at one moment, for people to look at
 * @asked: size that was asked for, in pages
 * @goal: size that it goes for
 * @size: size of the domain
 * @floor: the least that it goes for
 * @ceiling: the most
 * @delay: seconds to wait after the next failure
 * @max_delay: the most of that
 * @tries: which try is the next one
 * @max_tries: after how many it gives up, 0 for never
 */
struct xenpv_balloon_state {
	unsigned long asked;
	unsigned long goal;
	unsigned long size;
	unsigned long floor;
	unsigned long ceiling;
	unsigned int delay;
	unsigned int max_delay;
	unsigned int tries;
	unsigned int max_tries;
};

/* balloon.c */
int xenpv_balloon_start(void);
void xenpv_balloon_stop(void);
void xenpv_balloon_state(struct xenpv_balloon_state *state);
int xenpv_balloon_set_max_delay(unsigned int seconds);
int xenpv_balloon_set_max_tries(unsigned int tries);
void xenpv_balloon_set_static_max(unsigned long pages);
unsigned long xenpv_balloon_relieve(unsigned long nr);
void xenpv_balloon_run(void);

/* These can be replaced by tests. */
void xenpv_balloon_plan(unsigned int ms);
unsigned long xenpv_balloon_available(void);
long xenpv_balloon_add_ram(void);

/* hotadd.c */
#ifdef CONFIG_XENPV_BALLOON_HOTADD
long xenpv_hotadd(void);
unsigned long xenpv_hotadd_pending(void);
#else
static inline long xenpv_hotadd(void)
{
	return -EOPNOTSUPP;
}

static inline unsigned long xenpv_hotadd_pending(void)
{
	return 0;
}
#endif

/* target.c */
int xenpv_target_parse(const char *text, unsigned long *pages);
void xenpv_target_heard(const char *target, const char *static_max);

/* sysfs.c */

/**
 * struct xenpv_balloon_knob - a number in a file of xen_memory0
 * @name: of the file, with its group
 * @get: what it says
 * @set: what it can be set to; NULL if it can't
 */
struct xenpv_balloon_knob {
	const char *name;
	u64 (*get)(void);
	int (*set)(u64 value);
};

const struct xenpv_balloon_knob *xenpv_balloon_find_knob(const char *name);
int xenpv_balloon_parse_knob(const struct xenpv_balloon_knob *knob, const char *text);

#endif /* _XENPV_MEMORY_BALLOON_H */
