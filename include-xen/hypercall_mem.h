/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_HYPERCALL_MEM_H
#define _XENPV_HYPERCALL_MEM_H

/**
 * DOC: Hypercalls for memory
 *
 * Which memory there is, and which frames a domain has.  Include
 * xenpv/hypercall.h, not this file.
 *
 * Operations on many extents answer with the number of extents done, which may
 * be smaller than asked for without being an error.
 */

#ifndef _XENPV_HYPERCALL_H
#error "Include <xenpv/hypercall.h> instead"
#endif

/**
 * xenpv_hv_memory_op() - memory maps and the pages of a domain
 * @cmd: XENMEM_*
 * @arg: structure of the command, or %NULL
 *
 * Context: Any.
 * Return: 0 or a positive answer (number of extents done, number of pages), or
 * a negative errno.
 */
static __always_inline long xenpv_hv_memory_op(unsigned int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_memory_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_memory_machphys_mapping() - where is the mfn to pfn table?
 * @map: filled with its range and the largest frame it covers
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int
xenpv_hv_memory_machphys_mapping(struct xen_machphys_mapping *map)
{
	return xenpv_hv_memory_op(XENMEM_machphys_mapping, map);
}

/**
 * xenpv_hv_memory_map() - read the memory map of this domain
 * @map: in: room for e820 entries; out: how many were written
 *
 * Context: Any.
 * Return: 0, or -ENOSYS if the domain's builder set none.
 */
static __always_inline int xenpv_hv_memory_map(struct xen_memory_map *map)
{
	return xenpv_hv_memory_op(XENMEM_memory_map, map);
}

/**
 * xenpv_hv_memory_machine_map() - read the memory map of the machine
 * @map: in: room for e820 entries; out: how many were written
 *
 * Context: Any.
 * Return: 0, or -EPERM for a domain other than the control domain.
 */
static __always_inline int xenpv_hv_memory_machine_map(struct xen_memory_map *map)
{
	return xenpv_hv_memory_op(XENMEM_machine_memory_map, map);
}

/**
 * xenpv_hv_memory_maximum() - how many pages may a domain have?
 * @domid: the domain, DOMID_SELF for this one
 *
 * Context: Any.
 * Return: number of pages, or a negative errno.
 */
static __always_inline long xenpv_hv_memory_maximum(domid_t domid)
{
	return xenpv_hv_memory_op(XENMEM_maximum_reservation, &domid);
}

/**
 * xenpv_hv_memory_current() - how many pages does a domain have?
 * @domid: the domain, DOMID_SELF for this one
 *
 * Context: Any.
 * Return: number of pages, or a negative errno.
 */
static __always_inline long xenpv_hv_memory_current(domid_t domid)
{
	return xenpv_hv_memory_op(XENMEM_current_reservation, &domid);
}

/**
 * xenpv_hv_memory_populate() - ask Xen for frames
 * @res: in: where they shall appear; out: the machine frames
 *
 * Context: Any.
 * Return: number of extents that Xen could give, or a negative errno.
 */
static __always_inline long
xenpv_hv_memory_populate(struct xen_memory_reservation *res)
{
	return xenpv_hv_memory_op(XENMEM_populate_physmap, res);
}

/**
 * xenpv_hv_memory_decrease() - give frames back to Xen
 * @res: the frames, unmapped everywhere
 *
 * Context: Any.
 * Return: number of extents that Xen took, or a negative errno.
 */
static __always_inline long
xenpv_hv_memory_decrease(struct xen_memory_reservation *res)
{
	return xenpv_hv_memory_op(XENMEM_decrease_reservation, res);
}

/**
 * xenpv_hv_memory_exchange() - swap frames for others with better properties
 * @exchange: what is given and what is wanted; nr_exchanged must start at 0
 *
 * Context: Any.
 * Return: 0, or a negative errno; then nr_exchanged says how far Xen came.
 */
static __always_inline int
xenpv_hv_memory_exchange(struct xen_memory_exchange *exchange)
{
	return xenpv_hv_memory_op(XENMEM_exchange, exchange);
}

/**
 * xenpv_hv_memory_resource() - get frames that Xen keeps for a domain
 * @res: which; without frames to fill in: set to how many there are
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int
xenpv_hv_memory_resource(struct xen_mem_acquire_resource *res)
{
	return xenpv_hv_memory_op(XENMEM_acquire_resource, res);
}

/**
 * xenpv_hv_memory_place() - let a page appear in a translated domain
 * @place: which page, and where
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_memory_place(struct xen_add_to_physmap *place)
{
	return xenpv_hv_memory_op(XENMEM_add_to_physmap, place);
}

#endif /* _XENPV_HYPERCALL_MEM_H */
