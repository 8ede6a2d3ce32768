// SPDX-License-Identifier: GPL-2.0-only
/* Turns Xen's memory map into Linux's: a planner without side effects, and its applier. */

#include <linux/align.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <asm/e820/api.h>
#include <asm/sections.h>
#include <xenpv/batch.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>

#include "memmap.h"
#include "private.h"

/*
 * Xen numbers the pages of a PV domain from 0 without a hole.  Devices and
 * firmware tables of the machine, which the control domain drives, lie at machine
 * addresses of their own, and Linux reaches them at physical addresses.  So where
 * the machine's map has something other than RAM, the page number must mean that
 * machine frame ("identity"), and the frame that Xen gave us under this number
 * must get another number: one at which the map has RAM, past our last page.
 *
 *	number		0        hole        nr_pages
 *	before		|RRRRRRRR|rrrr|RRRRRR|
 *	map		|RRRRRRRR|....|RRRRRRRRRRRRRRRR|
 *	after		|RRRRRRRR|####|RRRRRR|rrrr|eeee|
 *
 *	R  frame stays		r  frame moves		#  identity
 *	e  extra: allowed, but we have no frame for it
 *
 * Numbers become identity at once, when the map is read, because firmware tables
 * are looked for soon after.  The frames wait in a list of runs until page tables
 * and memory allocation work; then they become RAM at their new numbers.
 */

/* Appends, and merges with the last range if they touch. */
bool __init memmap_list_add(struct memmap_list *list, unsigned long first,
			    unsigned long end)
{
	struct memmap_range *last = list->nr ? &list->range[list->nr - 1] : NULL;

	if (first >= end)
		return true;
	if (last && first <= last->end) {
		last->end = max(last->end, end);
		return true;
	}
	if (list->nr == MEMMAP_MAX_RANGES)
		return false;
	list->range[list->nr++] = (struct memmap_range){ first, end };
	return true;
}

/* Puts a range at its place among the others; it may overlap them. */
bool __init memmap_list_insert(struct memmap_list *list, unsigned long first,
			       unsigned long end)
{
	unsigned int i, nr = list->nr;
	bool fits;

	if (first >= end)
		return true;
	for (i = 0; i < nr && list->range[i].first <= first; i++)
		;
	if (nr == MEMMAP_MAX_RANGES)
		return false;
	memmove(&list->range[i + 1], &list->range[i],
		(nr - i) * sizeof(list->range[0]));
	list->range[i] = (struct memmap_range){ first, end };

	/* Merge what touches now: adding the ranges anew in their order does it. */
	list->nr = 0;
	for (fits = true, i = 0; i <= nr && fits; i++)
		fits = memmap_list_add(list, list->range[i].first, list->range[i].end);
	return fits;
}

unsigned long __init memmap_list_pages(const struct memmap_list *list)
{
	unsigned long pages = 0;

	for (unsigned int i = 0; i < list->nr; i++)
		pages += list->range[i].end - list->range[i].first;
	return pages;
}

/* Splits [first, end) into what is in @list and what is not. */
static bool __init memmap_split(unsigned long first, unsigned long end,
				const struct memmap_list *list,
				struct memmap_list *in, struct memmap_list *out)
{
	const struct memmap_range *r = list->range;

	for (unsigned int i = 0; i < list->nr && first < end; i++, r++) {
		if (r->end <= first)
			continue;
		if (r->first >= end)
			break;
		if (!memmap_list_add(out, first, r->first))
			return false;
		first = max(first, r->first);
		if (!memmap_list_add(in, first, min(end, r->end)))
			return false;
		first = min(end, r->end);
	}
	return memmap_list_add(out, first, end);
}

/*
 * RAM counts in whole pages.  Memory that is unusable is broken in the machine;
 * our frames are others, so its numbers serve as well as any.
 */
static bool __init memmap_find_ram(const struct e820_table *map,
				   struct memmap_list *ram)
{
	const struct e820_entry *e = map->entries;

	for (unsigned int i = 0; i < map->nr_entries; i++, e++) {
		if (e->type != E820_TYPE_RAM && e->type != E820_TYPE_UNUSABLE)
			continue;
		if (!memmap_list_add(ram, PFN_UP(e->addr),
				     PFN_DOWN(e->addr + e->size)))
			return false;
	}
	return true;
}

static bool __init memmap_find_holes(unsigned long nr_pages,
				     const struct memmap_list *busy,
				     struct memmap_plan *plan)
{
	const struct memmap_list *ram = &plan->ram;
	unsigned long first = 0, end;

	for (unsigned int i = 0; i <= ram->nr && first < nr_pages; i++) {
		end = i < ram->nr ? min(ram->range[i].first, nr_pages) : nr_pages;
		if (first < end &&
		    !memmap_split(first, end, busy, &plan->kept, &plan->holes))
			return false;
		if (i < ram->nr)
			first = ram->range[i].end;
	}
	return true;
}

/* RAM past our last page: room for displaced frames first, the rest is extra. */
static bool __init memmap_find_room(unsigned long nr_pages, unsigned long nr_extra,
				    struct memmap_plan *plan)
{
	unsigned long wanted = memmap_list_pages(&plan->holes);
	const struct memmap_range *r = plan->ram.range;
	unsigned long first, end, take;

	for (unsigned int i = 0; i < plan->ram.nr; i++, r++) {
		first = max(r->first, nr_pages);
		end = max(r->end, nr_pages);

		take = min(wanted, end - first);
		if (!memmap_list_add(&plan->room, first, first + take))
			return false;
		wanted -= take;
		first += take;

		take = min(nr_extra, end - first);
		if (!memmap_list_add(&plan->extra, first, first + take))
			return false;
		nr_extra -= take;
	}
	return true;
}

/**
 * memmap_make_plan() - decide what becomes of every page
 * @map: sorted map without overlaps
 * @nr_pages: number of pages that Xen gave us, numbered from 0
 * @max_pages: number of pages that we may ever have
 * @busy: pages in use already, which cannot be displaced
 * @plan: the result
 *
 * Context: Boot.
 * Return: false if the map is too fragmented to be planned.
 */
bool __init memmap_make_plan(const struct e820_table *map, unsigned long nr_pages,
			     unsigned long max_pages, const struct memmap_list *busy,
			     struct memmap_plan *plan)
{
	unsigned long nr_extra = max_pages > nr_pages ? max_pages - nr_pages : 0;

	memset(plan, 0, sizeof(*plan));
	return memmap_find_ram(map, &plan->ram) &&
	       memmap_find_holes(nr_pages, busy, plan) &&
	       memmap_find_room(nr_pages, nr_extra, plan);
}

/*
 * The applier.  Everything below acts on the running domain.
 */

/* Displaced frames.  Xen hands memory out in large chunks, so runs are few. */
struct memmap_run {
	unsigned long mfn;
	unsigned long nr;
};

static struct e820_table memmap_xen __initdata;
static struct memmap_list memmap_busy __initdata;
static struct memmap_plan memmap_plan __initdata;
static struct memmap_run memmap_runs[1024] __initdata;
static unsigned int memmap_nr_runs __initdata;
static unsigned long memmap_lost __initdata;

/* Without a map of its own a domain has RAM only. */
static void __init memmap_read(void)
{
	struct xen_memory_map arg = { .nr_entries = E820_MAX_ENTRIES };
	int err;

	BUILD_BUG_ON(sizeof(struct e820_entry) != 20);

	set_xen_guest_handle(arg.buffer, memmap_xen.entries);
	if (xenpv_self.control)
		err = xenpv_hv_memory_machine_map(&arg);
	else
		err = xenpv_hv_memory_map(&arg);

	if (err) {
		arg.nr_entries = 1;
		memmap_xen.entries[0] = (struct e820_entry){
			.addr = 0,
			.size = PFN_PHYS(xenpv_self.start->nr_pages),
			.type = E820_TYPE_RAM,
		};
	}
	memmap_xen.nr_entries = arg.nr_entries;
	e820__update_table(&memmap_xen);
}

static void __init memmap_add_busy(unsigned long first, unsigned long nr)
{
	memmap_list_insert(&memmap_busy, first, first + nr);
	memblock_reserve(PFN_PHYS(first), PFN_PHYS(nr));
}

static void __init memmap_add_busy_frame(unsigned long mfn)
{
	unsigned long pfn = xenpv_m2p(mfn_box(mfn));

	if (pfn < xenpv_self.start->nr_pages)
		memmap_add_busy(pfn, 1);
}

/* What Xen put into our memory before we started. */
static void __init memmap_find_busy(void)
{
	const struct start_info *si = xenpv_self.start;
	unsigned long first;

	memmap_add_busy(PFN_DOWN(__pa_symbol(_text)),
			PFN_UP(__pa_symbol(_end)) - PFN_DOWN(__pa_symbol(_text)));
	memmap_add_busy(PFN_DOWN(__pa(si)), 1);
	memmap_add_busy(PFN_DOWN(__pa(si->pt_base)), si->nr_pt_frames);
	if (si->mfn_list >= __START_KERNEL_map)
		memmap_add_busy(PFN_DOWN(__pa(si->mfn_list)),
				PFN_UP(si->nr_pages * sizeof(unsigned long)));
	else
		memmap_add_busy(si->first_p2m_pfn, si->nr_p2m_frames);

	if (si->mod_len) {
		first = si->flags & SIF_MOD_START_PFN ? si->mod_start :
							PFN_DOWN(__pa(si->mod_start));
		memmap_add_busy(first, PFN_UP(si->mod_len));
	}

	if (!xenpv_self.control) {
		memmap_add_busy_frame(si->store_mfn);
		memmap_add_busy_frame(si->console.domU.mfn);
		/* Read by everyone who looks for a BIOS; ordinary RAM of ours. */
		memmap_list_insert(&memmap_busy, 0, PFN_DOWN(ISA_END_ADDRESS));
	}
}

/* Where the map has RAM and we have none, nothing else may be placed either. */
static void __init memmap_emit(void)
{
	u64 end_of_ours = PFN_PHYS(xenpv_self.start->nr_pages);
	const struct memmap_list *kept = &memmap_plan.kept;
	const struct e820_entry *e = memmap_xen.entries;
	unsigned int t;
	u64 mid;

	for (unsigned int i = 0; i < memmap_xen.nr_entries; i++, e++) {
		if (e->type != E820_TYPE_RAM && e->type != E820_TYPE_UNUSABLE) {
			e820__range_add(e->addr, e->size, e->type);
			continue;
		}
		mid = clamp(end_of_ours, e->addr, e->addr + e->size);
		if (mid > e->addr)
			e820__range_add(e->addr, mid - e->addr, E820_TYPE_RAM);
		if (mid < e->addr + e->size)
			e820__range_add(mid, e->addr + e->size - mid,
					E820_TYPE_UNUSABLE);
	}

	for (unsigned int i = 0; i < kept->nr; i++)
		for (t = E820_TYPE_RESERVED; t <= E820_TYPE_NVS; t++)
			e820__range_update(PFN_PHYS(kept->range[i].first),
					   PFN_PHYS(kept->range[i].end -
						    kept->range[i].first),
					   t, E820_TYPE_RAM);

	e820__range_add(ISA_START_ADDRESS, ISA_END_ADDRESS - ISA_START_ADDRESS,
			E820_TYPE_RESERVED);
	e820__update_table(e820_table);
}

/* A frame that finds no place in the list is lost to this domain. */
static void __init memmap_remember(unsigned long mfn)
{
	struct memmap_run *run = &memmap_runs[memmap_nr_runs];

	if (memmap_nr_runs && run[-1].mfn + run[-1].nr == mfn) {
		run[-1].nr++;
		return;
	}
	if (memmap_nr_runs == ARRAY_SIZE(memmap_runs)) {
		memmap_lost++;
		return;
	}
	*run = (struct memmap_run){ mfn, 1 };
	memmap_nr_runs++;
}

/*
 * The direct map that Xen built shows the displaced frame.  Below 1 MiB the kernel
 * wants to see what a PC has there; elsewhere it expects nothing where no RAM is.
 */
static void __init memmap_show_hole(unsigned long pfn)
{
	unsigned long va = (unsigned long)__va(PFN_PHYS(pfn));
	unsigned long flags = __PAGE_KERNEL & ~_PAGE_GLOBAL & __supported_pte_mask;
	unsigned long val = pfn < PFN_DOWN(ISA_END_ADDRESS) ? PFN_PHYS(pfn) | flags : 0;
	unsigned int level;
	pte_t *pte = lookup_address(va, &level);

	if (!pte || level != PG_LEVEL_4K || !pte_present(*pte))
		return;
	if (xenpv_hv_update_va_mapping(va, val, UVMF_INVLPG | UVMF_ALL))
		xenpv_hv_update_va_mapping(va, 0, UVMF_INVLPG | UVMF_ALL);
}

static void __init memmap_displace(const struct memmap_range *hole)
{
	unsigned long pfn;
	mfn_t mfn;

	for (pfn = hole->first; pfn < hole->end; pfn++) {
		mfn = xenpv_p2m_get(pfn);
		if (mfn_exists(mfn))
			memmap_remember(mfn_unbox(mfn));
	}
	xenpv_p2m_set_identity(hole->first, hole->end);
	for (pfn = hole->first; pfn < hole->end; pfn++)
		memmap_show_hole(pfn);
}

static void __init memmap_warn_kept(void)
{
	const struct memmap_list *kept = &memmap_plan.kept;

	for (unsigned int i = 0; xenpv_self.control && i < kept->nr; i++)
		pr_warn("xenpv: machine pages %#lx-%#lx are out of reach, our own data is there\n",
			kept->range[i].first, kept->range[i].end - 1);
}

/**
 * xenpv_memory_setup() - fill e820_table, as x86_init.resources.memory_setup
 *
 * Context: Boot CPU, in setup_arch(), on the page tables that Xen built.
 * Return: where the map comes from, for the log.
 */
char * __init xenpv_memory_setup(void)
{
	unsigned long nr_pages = xenpv_self.start->nr_pages;
	long max_pages = xenpv_hv_memory_maximum(DOMID_SELF);

	memmap_read();
	memmap_find_busy();
	if (!memmap_make_plan(&memmap_xen, nr_pages, max(max_pages, 0L),
			      &memmap_busy, &memmap_plan))
		panic("xenpv: the memory map has more than %d ranges\n",
		      (int)MEMMAP_MAX_RANGES);
	memmap_emit();
	memmap_warn_kept();
	for (unsigned int i = 0; i < memmap_plan.holes.nr; i++)
		memmap_displace(&memmap_plan.holes.range[i]);
	return "Xen";
}

/* Gives frames that have no number any more back to Xen. */
static void __init memmap_give_up(const struct memmap_run *run)
{
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };
	unsigned long mfn;

	for (mfn = run->mfn; mfn < run->mfn + run->nr; mfn++) {
		set_xen_guest_handle(res.extent_start, &mfn);
		xenpv_hv_memory_decrease(&res);
	}
	memmap_lost += run->nr;
}

/* Takes frames off the list until @nr have a new number. */
static unsigned long __init memmap_place(unsigned long pfn, unsigned long nr)
{
	unsigned long flags = xenpv_batch_begin(), done;
	struct memmap_run *run;

	for (done = 0; done < nr && memmap_nr_runs; done++, pfn++) {
		run = &memmap_runs[memmap_nr_runs - 1];
		if (!xenpv_p2m_set(pfn, mfn_box(run->mfn)))
			break;
		xenpv_batch_update(PFN_PHYS(run->mfn) | MMU_MACHPHYS_UPDATE, pfn);
		run->mfn++;
		if (!--run->nr)
			memmap_nr_runs--;
	}
	xenpv_batch_end(flags, false);
	return done;
}

static void __init memmap_add_ram(unsigned long first, unsigned long end)
{
	u64 start = PFN_PHYS(first), size = PFN_PHYS(end - first);

	if (!size)
		return;
	e820__range_update(start, size, E820_TYPE_UNUSABLE, E820_TYPE_RAM);
	init_memory_mapping(start, start + size, PAGE_KERNEL);
	memblock_add_node(start, size, first_online_node, MEMBLOCK_NONE);
	max_pfn = max(max_pfn, end);
	max_low_pfn = max_pfn;
}

/**
 * xenpv_memmap_apply_moves() - turn displaced frames into RAM again
 *
 * Context: Boot CPU, when memblock and the direct map work, the p2m covers
 * xenpv_memmap_end(), and zones are not yet sized.
 */
void __init xenpv_memmap_apply_moves(void)
{
	const struct memmap_range *room = memmap_plan.room.range;
	unsigned long first = xenpv_self.start->nr_pages, moved = 0, nr;

	for (unsigned int i = 0; i < memmap_plan.room.nr; i++, room++) {
		/* What the p2m covers on the way there is no RAM. */
		xenpv_p2m_set_identity(first, room->first);
		first = room->end;
		nr = memmap_place(room->first, room->end - room->first);
		memmap_add_ram(room->first, room->first + nr);
		moved += nr;
	}
	e820__update_table(e820_table);

	for (unsigned int i = 0; i < memmap_nr_runs; i++)
		memmap_give_up(&memmap_runs[i]);
	pr_info("xenpv: %lu pages in the way of devices, %lu moved, %lu given up\n",
		moved + memmap_lost, moved, memmap_lost);
}

/**
 * xenpv_memmap_end() - how far must the p2m reach?
 *
 * Context: Boot CPU, after xenpv_memory_setup().
 * Return: the number after the last page that will have a frame.
 */
unsigned long __init xenpv_memmap_end(void)
{
	const struct memmap_list *room = &memmap_plan.room;

	return room->nr ? room->range[room->nr - 1].end : xenpv_self.start->nr_pages;
}

/**
 * xenpv_memmap_extra() - where can RAM be added later?
 * @i: 0, 1, ...
 * @first: set to the first page of range @i
 * @end: set to the page after its last
 *
 * Context: Boot, before init memory is freed.
 * Return: false if there is no range @i.
 */
bool __init xenpv_memmap_extra(unsigned int i, unsigned long *first,
			       unsigned long *end)
{
	if (i >= memmap_plan.extra.nr)
		return false;
	*first = memmap_plan.extra.range[i].first;
	*end = memmap_plan.extra.range[i].end;
	return true;
}
