// SPDX-License-Identifier: GPL-2.0-only
/* Adds address space behind RAM: page structures without any memory. */

#define pr_fmt(fmt) "xenpv: memory: " fmt

#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <xenpv/frames.h>
#include <xenpv/scratch.h>
#include "private.h"

/* Added at once; what is below the granularity of memory hotplug won't do. */
#define STEP	SZ_16M

/**
 * struct space - a range of addresses that was added; stays for ever
 * @map: what memory hotplug knows of it
 * @res: its place
 */
struct space {
	struct dev_pagemap map;
	struct resource res;
};

/* The frame table first: from here on no address of the range means a machine address. */
static int build(struct space *space)
{
	const struct range *range = &space->map.range;
	void *addr;
	int ret;

	ret = xenpv_p2m_make_room(PHYS_PFN(range->start), PHYS_PFN(range->end + 1));
	if (ret)
		return ret;
	addr = memremap_pages(&space->map, NUMA_NO_NODE);
	if (IS_ERR(addr))
		/* Something else may find its place there, a device for example. */
		xenpv_p2m_set_identity(PHYS_PFN(range->start), PHYS_PFN(range->end + 1));
	return PTR_ERR_OR_ZERO(addr);
}

static void chain_pages(const struct resource *res, struct page **chain)
{
	unsigned long first = PHYS_PFN(res->start), last = PHYS_PFN(res->end);

	for (unsigned long pfn = last; pfn >= first; pfn--) {
		xenpv_scratch_link(pfn_to_page(pfn), *chain);
		*chain = pfn_to_page(pfn);
	}
}

/**
 * xenpv_space_add() - make pages without frames from new address space
 * @nr: how many are needed
 * @chain: set to all that were made, by xenpv_scratch_link()
 *
 * Context: Process; one caller at a time.
 * Return: how many were made, or a negative errno; -EOPNOTSUPP if that can never be.
 */
int xenpv_space_add(unsigned int nr, struct page **chain)
{
	struct space *space = kzalloc_obj(*space);
	u64 size = ALIGN((u64)nr << PAGE_SHIFT, STEP);
	int ret;

	if (!space)
		return -ENOMEM;
	space->res.name = "Xen scratch";
	space->res.flags = IORESOURCE_MEM | IORESOURCE_BUSY;
	ret = xenpv_place_find(&space->res, size, STEP);
	if (ret)
		goto free;

	space->map.type = MEMORY_DEVICE_GENERIC;
	space->map.range.start = space->res.start;
	space->map.range.end = space->res.end;
	space->map.nr_range = 1;
	space->map.owner = space;
	ret = build(space);
	if (ret)
		goto release;

	*chain = NULL;
	chain_pages(&space->res, chain);
	pr_info("address space for foreign pages: %pR\n", &space->res);
	return size >> PAGE_SHIFT;

release:
	release_resource(&space->res);
free:
	kfree(space);
	return ret;
}
