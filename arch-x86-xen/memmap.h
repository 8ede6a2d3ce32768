/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_MEMMAP_H
#define _XENPV_MEMMAP_H

/* The planner of memmap.c, which its tests see too. */

#include <linux/types.h>
#include <asm/e820/types.h>

/* Every entry of a map may leave a hole before it, and there is one after the last. */
#define MEMMAP_MAX_RANGES	(E820_MAX_ENTRIES + 1)

/* Pages first to end - 1. */
struct memmap_range {
	unsigned long first;
	unsigned long end;
};

/* Sorted, apart from each other, none of them empty. */
struct memmap_list {
	unsigned int nr;
	struct memmap_range range[MEMMAP_MAX_RANGES];
};

/**
 * struct memmap_plan - what becomes of the pages of a PV domain
 * @ram: page numbers at which the map allows RAM
 * @holes: numbers that Xen gave frames to, but which the map needs for devices
 *	   or firmware; their frames are displaced
 * @kept: numbers that lie in a hole as well, but hold something that is in use
 *	  already: they stay RAM, and what the map has there cannot be reached
 * @room: numbers that the displaced frames move to
 * @extra: numbers at which this domain may have RAM later, but has none now
 */
struct memmap_plan {
	struct memmap_list ram;
	struct memmap_list holes;
	struct memmap_list kept;
	struct memmap_list room;
	struct memmap_list extra;
};

bool memmap_list_add(struct memmap_list *list, unsigned long first, unsigned long end);
bool memmap_list_insert(struct memmap_list *list, unsigned long first, unsigned long end);
unsigned long memmap_list_pages(const struct memmap_list *list);
bool memmap_make_plan(const struct e820_table *map, unsigned long nr_pages,
		      unsigned long max_pages, const struct memmap_list *busy,
		      struct memmap_plan *plan);

#endif
