/* SPDX-License-Identifier: GPL-2.0-only */
/* dma.c: attributes are passed by value or not at all, and none says "a register". */
#ifndef XENPV_COMPAT_DMA_H
#define XENPV_COMPAT_DMA_H

#include <linux/dma-direct.h>
#include <linux/swiotlb.h>

#define DMA_ATTR_MMIO	0UL

#define dma_capable(dev, dma, size, is_ram, attrs) \
	dma_capable(dev, dma, size, is_ram)
#define swiotlb_tbl_map_single(dev, phys, size, mask, dir, attrs) \
	swiotlb_tbl_map_single(dev, phys, size, mask, dir, *(attrs))

#endif
