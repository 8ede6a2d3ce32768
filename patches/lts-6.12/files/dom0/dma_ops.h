/* SPDX-License-Identifier: GPL-2.0-only */
/* dma_ops.c: memory to map is named by page and offset, and registers by a call of their own. */
#ifndef XENPV_COMPAT_DMA_OPS_H
#define XENPV_COMPAT_DMA_OPS_H

#include <linux/dma-map-ops.h>

#include "../../private.h"

static inline dma_addr_t xenpv_compat_map_page(struct device *dev, struct page *page,
					       unsigned long offset, size_t size,
					       enum dma_data_direction dir,
					       unsigned long attrs)
{
	return xenpv_dma_map(dev, page_to_phys(page) + offset, size, dir, attrs);
}

/* Numbers that are not RAM are the machine's, so one function does for both. */
#define map_phys	map_page = xenpv_compat_map_page, .map_resource
#define unmap_phys	unmap_page

#endif
