// SPDX-License-Identifier: GPL-2.0-only
/* Addresses that devices of the machine may use: pages as they lie, or through a bounce buffer. */

#include <linux/bitops.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/swiotlb.h>
#include <linux/xarray.h>

#include <xenpv/frames.h>
#include "../private.h"

/*
 * A device names memory by the machine's addresses.  Pages side by side here may
 * lie anywhere there, so an address range can be given to a device as it is only if
 * its frames follow each other and all are within the device's reach.  Else the
 * data goes through the bounce buffer (swiotlb), whose segments were given frames
 * side by side below 4 GiB at boot.
 *
 * A device reads and writes what it is told to, with nothing in between if Xen has
 * no IOMMU for this domain: so nothing but an address from here may reach one.
 */

/* The bounce buffer must serve devices that know 32 bits. */
#define POOL_BITS	32

/* One past the machine address of the pool's last byte; 0 if there is no pool. */
static u64 pool_end __ro_after_init;

/* Order, by first page number, of pages whose frames xenpv_dma_alloc() swapped. */
static DEFINE_XARRAY(swapped);

static dma_addr_t machine_of(phys_addr_t phys)
{
	mfn_t mfn = xenpv_p2m_get(PHYS_PFN(phys));

	if (!mfn_exists(mfn))
		return DMA_MAPPING_ERROR;
	return PFN_PHYS((phys_addr_t)mfn_unbox(mfn)) | offset_in_page(phys);
}

/*
 * The page behind an address of the machine.  One of another domain that is mapped
 * here has none; it went to the device as it lies, so there is nothing to find.
 */
static phys_addr_t phys_of(dma_addr_t dma)
{
	unsigned long pfn = xenpv_m2p(mfn_box(PHYS_PFN(dma)));

	if (pfn == ~0UL)
		return DMA_MAPPING_ERROR;
	return PFN_PHYS((phys_addr_t)pfn) | offset_in_page(dma);
}

static bool is_together(phys_addr_t phys, size_t size)
{
	return xenpv_contig_is(PHYS_PFN(phys), PFN_UP(offset_in_page(phys) + size));
}

static dma_addr_t bounce(struct device *dev, phys_addr_t phys, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	phys_addr_t slot = swiotlb_tbl_map_single(dev, phys, size, 0, dir, &attrs);
	dma_addr_t dma;

	if (slot == (phys_addr_t)DMA_MAPPING_ERROR)
		return DMA_MAPPING_ERROR;

	dma = machine_of(slot);
	if (likely(is_together(slot, size) && dma_capable(dev, dma, size, true, attrs)))
		return dma;
	swiotlb_tbl_unmap_single(dev, slot, size, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return DMA_MAPPING_ERROR;
}

/**
 * xenpv_dma_map() - give a range of memory an address that a device can use
 * @dev: the device
 * @phys: where the range begins
 * @size: its length in bytes
 * @dir: who writes it
 * @attrs: DMA_ATTR_*; with DMA_ATTR_MMIO @phys is a register of another device,
 *	whose address is the machine's already
 *
 * Context: Any.
 * Return: the address, or DMA_MAPPING_ERROR.
 */
dma_addr_t xenpv_dma_map(struct device *dev, phys_addr_t phys, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t dma;

	if (attrs & DMA_ATTR_MMIO)
		return dma_capable(dev, phys, size, false, attrs) ? phys : DMA_MAPPING_ERROR;
	dma = machine_of(phys);
	if (!is_swiotlb_force_bounce(dev) && is_together(phys, size) &&
	    dma_capable(dev, dma, size, true, attrs))
		return dma;
	return bounce(dev, phys, size, dir, attrs);
}

/**
 * xenpv_dma_unmap() - the device is done with a range
 * @dev: the device
 * @dma: from xenpv_dma_map()
 * @size: as there
 * @dir: as there
 * @attrs: DMA_ATTR_*
 *
 * Context: Any.
 */
void xenpv_dma_unmap(struct device *dev, dma_addr_t dma, size_t size,
		     enum dma_data_direction dir, unsigned long attrs)
{
	phys_addr_t phys = attrs & DMA_ATTR_MMIO ? DMA_MAPPING_ERROR : phys_of(dma);

	if (phys != (phys_addr_t)DMA_MAPPING_ERROR)
		swiotlb_tbl_unmap_single(dev, phys, size, dir, attrs);
}

/**
 * xenpv_dma_sync_for_cpu() - let the CPU see what the device wrote
 * @dev: the device
 * @dma: an address within what xenpv_dma_map() gave
 * @size: length in bytes
 * @dir: as there
 *
 * Context: Any.
 */
void xenpv_dma_sync_for_cpu(struct device *dev, dma_addr_t dma, size_t size,
			    enum dma_data_direction dir)
{
	phys_addr_t phys = phys_of(dma);

	if (phys != (phys_addr_t)DMA_MAPPING_ERROR)
		swiotlb_sync_single_for_cpu(dev, phys, size, dir);
}

/**
 * xenpv_dma_sync_for_device() - let the device see what the CPU wrote
 * @dev: the device
 * @dma: an address within what xenpv_dma_map() gave
 * @size: length in bytes
 * @dir: as there
 *
 * Context: Any.
 */
void xenpv_dma_sync_for_device(struct device *dev, dma_addr_t dma, size_t size,
			       enum dma_data_direction dir)
{
	phys_addr_t phys = phys_of(dma);

	if (phys != (phys_addr_t)DMA_MAPPING_ERROR)
		swiotlb_sync_single_for_device(dev, phys, size, dir);
}

/* Swaps the frames of pages unless they do as they are. */
static int make_reachable(unsigned long pfn, unsigned int order, u64 mask)
{
	dma_addr_t dma = machine_of(PFN_PHYS((phys_addr_t)pfn));
	unsigned long nr = BIT(order);
	int ret;

	if (xenpv_contig_is(pfn, nr) && dma + (nr << PAGE_SHIFT) - 1 <= mask)
		return 0;
	/* Room for the note first: without it the frames would never be given back. */
	ret = xa_err(xa_store(&swapped, pfn, xa_mk_value(order), GFP_ATOMIC));
	if (ret)
		return ret;
	ret = xenpv_contig_make(pfn, order, fls64(mask));
	if (ret)
		xa_erase(&swapped, pfn);
	return ret;
}

/**
 * xenpv_dma_alloc() - memory that a device and the CPU use at the same time
 * @dev: the device
 * @size: in bytes
 * @dma: set to the device's address of it
 * @gfp: how to allocate
 * @attrs: DMA_ATTR_*
 *
 * At most 2 MiB, which is what Xen swaps at once, unless the pages happen to lie well.
 *
 * Context: As @gfp says.
 * Return: the memory, zeroed, or NULL.
 */
void *xenpv_dma_alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs)
{
	u64 mask = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
	unsigned int order = get_order(size);
	struct page *page;

	/* Where a page lies here says nothing about the machine. */
	gfp &= ~(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM | __GFP_COMP);
	page = alloc_pages_node(dev_to_node(dev), gfp, order);
	if (!page)
		return NULL;
	if (make_reachable(page_to_pfn(page), order, mask)) {
		__free_pages(page, order);
		return NULL;
	}
	memset(page_address(page), 0, PAGE_SIZE << order);
	*dma = machine_of(page_to_phys(page));
	return page_address(page);
}

/**
 * xenpv_dma_free() - give back what xenpv_dma_alloc() gave
 * @dev: the device
 * @size: as there
 * @va: the memory
 * @dma: its address for the device
 * @attrs: DMA_ATTR_*
 *
 * Context: Any but NMI.
 */
void xenpv_dma_free(struct device *dev, size_t size, void *va, dma_addr_t dma,
		    unsigned long attrs)
{
	struct page *page = virt_to_page(va);
	void *order = xa_erase(&swapped, page_to_pfn(page));

	/* If Xen does not swap back, the pages are none the worse for it. */
	if (order)
		xenpv_contig_undo(page_to_pfn(page), xa_to_value(order));
	__free_pages(page, get_order(size));
}

/**
 * xenpv_dma_supported() - is a device's reach enough?
 * @dev: the device
 * @mask: the highest address that it can use
 *
 * Context: Any.
 * Return: 1 if it reaches all of the bounce buffer, else 0.
 */
int xenpv_dma_supported(struct device *dev, u64 mask)
{
	return pool_end && pool_end - 1 <= mask;
}

/**
 * xenpv_dma_required_mask() - which addresses would make bounce buffers unnecessary?
 * @dev: the device
 *
 * Context: Any.
 * Return: a mask that covers all memory of the machine.
 */
u64 xenpv_dma_required_mask(struct device *dev)
{
	return DMA_BIT_MASK(fls64(PFN_PHYS((u64)xenpv_m2p_limit) - 1));
}

/**
 * xenpv_dma_pool() - have devices reach the bounce buffer
 * @pool: the buffer
 * @nr_slabs: its length in units of IO_TLB_SIZE
 *
 * The buffer hands out pieces that lie within one segment, so each segment has to
 * lie together, and not the whole.
 *
 * Context: Boot CPU.
 * Return: 0, or a negative errno; then a smaller buffer may do.
 */
int __init xenpv_dma_pool(void *pool, unsigned long nr_slabs)
{
	const size_t segment = IO_TLB_SEGSIZE << IO_TLB_SHIFT;
	unsigned long pfn = PHYS_PFN(__pa(pool));
	unsigned long nr = nr_slabs << IO_TLB_SHIFT >> PAGE_SHIFT;
	u64 end = 0;
	int ret;

	for (unsigned long done = 0; done < nr; done += segment >> PAGE_SHIFT) {
		ret = xenpv_contig_make(pfn + done, get_order(segment), POOL_BITS);
		if (ret)
			return ret;
		end = max(end, (u64)machine_of(PFN_PHYS((phys_addr_t)(pfn + done))) + segment);
	}
	pool_end = end;
	return 0;
}
