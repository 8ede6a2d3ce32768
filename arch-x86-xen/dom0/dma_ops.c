// SPDX-License-Identifier: GPL-2.0-only
/* The table of DMA operations of the control domain, and its bounce buffer. */

#include <linux/dma-map-ops.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/swiotlb.h>
#include <asm/iommu.h>

#include "../private.h"

static void unmap_sg(struct device *dev, struct scatterlist *sgl, int nents,
		     enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		xenpv_dma_unmap(dev, sg_dma_address(sg), sg_dma_len(sg), dir, attrs);
}

/* All entries or none. */
static int map_sg(struct device *dev, struct scatterlist *sgl, int nents,
		  enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t dma = xenpv_dma_map(dev, sg_phys(sg), sg->length, dir, attrs);

		if (dma == DMA_MAPPING_ERROR) {
			unmap_sg(dev, sgl, i, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
			sg_dma_len(sgl) = 0;
			return -EIO;
		}
		sg_dma_address(sg) = dma;
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl, int nents,
			    enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		xenpv_dma_sync_for_cpu(dev, sg_dma_address(sg), sg_dma_len(sg), dir);
}

static void sync_sg_for_device(struct device *dev, struct scatterlist *sgl, int nents,
			       enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		xenpv_dma_sync_for_device(dev, sg_dma_address(sg), sg_dma_len(sg), dir);
}

static const struct dma_map_ops machine_ops = {
	.alloc			= xenpv_dma_alloc,
	.free			= xenpv_dma_free,
	.alloc_pages_op		= dma_common_alloc_pages,
	.free_pages		= dma_common_free_pages,
	.mmap			= dma_common_mmap,
	.get_sgtable		= dma_common_get_sgtable,
	.map_phys		= xenpv_dma_map,
	.unmap_phys		= xenpv_dma_unmap,
	.map_sg			= map_sg,
	.unmap_sg		= unmap_sg,
	.sync_single_for_cpu	= xenpv_dma_sync_for_cpu,
	.sync_single_for_device	= xenpv_dma_sync_for_device,
	.sync_sg_for_cpu	= sync_sg_for_cpu,
	.sync_sg_for_device	= sync_sg_for_device,
	.dma_supported		= xenpv_dma_supported,
	.get_required_mask	= xenpv_dma_required_mask,
	/* What must be bounced has to fit into a segment of the buffer. */
	.max_mapping_size	= swiotlb_max_mapping_size,
};

/**
 * xenpv_dma_init() - let devices access memory on their own
 *
 * Without a bounce buffer no device does: what it can't reach would have no way.
 *
 * Context: Boot CPU, while memblock allocates and page tables are final.
 */
void __init xenpv_dma_init(void)
{
	x86_swiotlb_enable = true;
	swiotlb_init_remap(true, SWIOTLB_ANY, xenpv_dma_pool);
	dma_ops = &machine_ops;
	pci_request_acs();
}
