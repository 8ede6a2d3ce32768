// SPDX-License-Identifier: GPL-2.0-only
/* Finds addresses for what is added behind RAM. */

#include <linux/align.h>
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include <xenpv/self.h>
#include "private.h"

/**
 * xenpv_place_find() - find addresses that nothing uses
 * @res: with its name and flags; set to the place and entered into the map
 * @size: how much, in bytes
 * @step: its alignment
 *
 * Behind all RAM.  The control domain also drives devices, and below 4 GiB not
 * every one of them shows in the map.
 *
 * Context: Process; one caller at a time.
 * Return: 0 or a negative errno.
 */
int xenpv_place_find(struct resource *res, u64 size, u64 step)
{
	struct range possible = mhp_get_pluggable_range(true);
	u64 first = PFN_PHYS(max_pfn);

	if (xenpv_self.control)
		first = max_t(u64, first, SZ_4G);
	first = max(ALIGN(first, step), possible.start);
	return allocate_resource(&iomem_resource, res, size, first, possible.end, step,
				 NULL, NULL);
}
