// SPDX-License-Identifier: GPL-2.0-only
/* How far the balloon may go, and how long it waits: numbers in, numbers out. */

#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/mm.h>

#include "balloon.h"

/*
 * What a kernel takes for itself grows with the memory that it knows, whether that
 * has frames or not: page structures are 1/64 of it, hash tables and the frame table
 * another 1/128 or so.  Some more is the same for all: code, per-CPU data, a shell to
 * look what is wrong.
 */
#define FLOOR_FIXED	(SZ_32M >> PAGE_SHIFT)
#define FLOOR_SHARE	32

/* What must stay available to programs while pages are given up. */
#define RESERVE_FIXED	(SZ_4M >> PAGE_SHIFT)
#define RESERVE_SHARE	64

/**
 * xenpv_balloon_floor() - below which size does the balloon not take the domain?
 * @total: pages that the kernel knows, with frames or without
 *
 * Context: Any.
 * Return: number of pages, never more than half of @total.
 */
unsigned long xenpv_balloon_floor(unsigned long total)
{
	return min(FLOOR_FIXED + total / FLOOR_SHARE, total / 2);
}

/**
 * xenpv_balloon_reserve() - what must stay available while pages are given up?
 * @total: pages that the kernel knows, with frames or without
 *
 * Context: Any.
 * Return: number of pages.
 */
unsigned long xenpv_balloon_reserve(unsigned long total)
{
	return min(RESERVE_FIXED + total / RESERVE_SHARE, total / 4);
}

/**
 * xenpv_balloon_goal() - which size shall the domain have?
 * @asked: pages that somebody wants it to have
 * @floor: the least
 * @ceiling: the most; Xen's word, so it counts more
 *
 * Context: Any.
 * Return: number of pages.
 */
unsigned long xenpv_balloon_goal(unsigned long asked, unsigned long floor,
				 unsigned long ceiling)
{
	return min(max(asked, floor), ceiling);
}

/**
 * xenpv_balloon_next_delay() - how long to wait after the next failure?
 * @delay: seconds that were waited after this one
 * @limit: the most, in seconds
 *
 * Context: Any.
 * Return: seconds, at least one.
 */
unsigned int xenpv_balloon_next_delay(unsigned int delay, unsigned int limit)
{
	return clamp(2 * delay, 1U, max(limit, 1U));
}
