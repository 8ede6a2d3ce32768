// SPDX-License-Identifier: GPL-2.0-only
/* Maps and unmaps pages of peers, many at a time, each with its own fate. */

#define pr_fmt(fmt) "xenpv: foreign: " fmt

#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>
#include <xenpv/foreign.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include <xenpv/self.h>
#include "private.h"

/* Operations of one hypercall.  They are on the stack, and take 768 bytes. */
#define BATCH		24

/* Pauses of 1, 2, 4 ... ms for a page that Xen can't have now: a second in all. */
#define PAUSES		10

/* Milliseconds between two looks at pages that are still in use. */
#define FIRST_LOOK	5
#define LAST_LOOK	1000

/**
 * xenpv_grant_sleep() - wait
 * @ms: milliseconds
 *
 * Context: Process.  Tests have a time of their own.
 */
void xenpv_grant_sleep(unsigned int ms)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_grant_sleep, ms);
	msleep(ms);
}

/**
 * xenpv_grant_pause() - wait before Xen is asked again
 * @pauses: how many there were; starts at 0
 * @gfp: may this sleep?
 *
 * Context: As @gfp says.
 * Return: false if there is no point in waiting longer.
 */
bool xenpv_grant_pause(unsigned int *pauses, gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp) || *pauses == PAUSES)
		return false;
	xenpv_grant_sleep(1U << (*pauses)++);
	return true;
}

static bool translated(void)
{
	return xenpv_self_has(XENFEAT_auto_translated_physmap);
}

/* Where Xen shall map: an address of the kernel, or a page number of the domain. */
static u64 place_of(struct page *page)
{
	return translated() ? page_to_phys(page) : (unsigned long)page_address(page);
}

/*
 * An entry that maps a frame of another domain has a mark, see xenpv/frames.h.  Xen
 * makes the entry, and takes three of its bits from us.
 */
static u32 map_flags(bool readonly)
{
	u32 flags = GNTMAP_host_map;

	BUILD_BUG_ON(_PAGE_BIT_SPECIAL != _PAGE_BIT_SOFTW1);
	if (readonly)
		flags |= GNTMAP_readonly;
	if (!translated() && xenpv_self_has(XENFEAT_gnttab_map_avail_bits))
		flags |= 1U << _GNTMAP_guest_avail0;
	return flags;
}

/*
 * The statuses are failures until Xen says otherwise, so whatever the call as a
 * whole returns, a slot counts as mapped only if Xen said so.
 */
static void call_map(struct gnttab_map_grant_ref *ops, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		ops[i].status = GNTST_general_error;
	xenpv_hv_grant_table_op(GNTTABOP_map_grant_ref, ops, nr);
}

static bool again(struct gnttab_map_grant_ref *ops, unsigned int nr)
{
	bool more = false;

	for (unsigned int i = 0; i < nr; i++) {
		if (ops[i].status != GNTST_eagain)
			continue;
		call_map(&ops[i], 1);
		more |= ops[i].status == GNTST_eagain;
	}
	return more;
}

static void map_patiently(struct gnttab_map_grant_ref *ops, unsigned int nr, gfp_t gfp)
{
	unsigned int pauses = 0;
	bool more = false;

	call_map(ops, nr);
	for (unsigned int i = 0; i < nr; i++)
		more |= ops[i].status == GNTST_eagain;
	while (more && xenpv_grant_pause(&pauses, gfp))
		more = again(ops, nr);
}

/**
 * xenpv_foreign_tell_p2m() - let the rest of the kernel find a peer's frame
 * @page: our page
 * @frame: the frame behind it from now on
 *
 * Context: Any; the caller owns the page.
 * Return: false if there is no place to tell it.
 */
bool xenpv_foreign_tell_p2m(struct page *page, unsigned long frame)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_foreign_tell_p2m, page, frame);
	if (translated())
		return true;
	return xenpv_p2m_set(page_to_pfn(page), mfn_box(frame | XENPV_P2M_FOREIGN));
}

/* What Xen did for one slot; whatever is wrong here leaves nothing mapped. */
static void settle(struct xenpv_foreign_slot *slot, struct page *page,
		   const struct gnttab_map_grant_ref *op)
{
	slot->status = xenpv_grant_error(op->status);
	if (slot->status) {
		xenpv_scratch_give(page);
		return;
	}
	slot->handle = op->handle;
	slot->page = page;
	if (xenpv_foreign_tell_p2m(page, op->dev_bus_addr >> PAGE_SHIFT))
		return;
	xenpv_foreign_unmap(slot, 1);
	slot->status = -ERANGE;
}

static void map_batch(domid_t peer, struct xenpv_foreign_slot *slots, unsigned int nr,
		      struct page *chain, gfp_t gfp)
{
	struct gnttab_map_grant_ref ops[BATCH];
	struct page *page = chain, *next;

	for (unsigned int i = 0; i < nr; i++, page = xenpv_scratch_next(page))
		ops[i] = (struct gnttab_map_grant_ref) {
			.host_addr = place_of(page),
			.flags = map_flags(slots[i].readonly),
			.ref = slots[i].ref,
			.dom = peer,
		};
	map_patiently(ops, nr, gfp);

	page = chain;
	for (unsigned int i = 0; i < nr; i++, page = next) {
		next = xenpv_scratch_next(page);
		xenpv_scratch_link(page, NULL);
		settle(&slots[i], page, &ops[i]);
	}
}

static int first_error(const struct xenpv_foreign_slot *slots, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (slots[i].status)
			return slots[i].status;
	return 0;
}

int xenpv_foreign_map(domid_t peer, struct xenpv_foreign_slot *slots, unsigned int nr,
		      gfp_t gfp)
{
	struct page *chain;
	unsigned int count;

	for (unsigned int i = 0; i < nr; i++) {
		slots[i].status = -ENOMEM;
		slots[i].page = NULL;
	}
	for (unsigned int i = 0; i < nr; i += count) {
		count = min_t(unsigned int, nr - i, BATCH);
		chain = xenpv_scratch_take(count, gfp);
		if (!chain)
			break;
		map_batch(peer, slots + i, count, chain, gfp);
	}
	return first_error(slots, nr);
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_map, "XENPV");

/* Xen has taken the mapping away. */
static void forget(struct xenpv_foreign_slot *slot)
{
	if (!translated())
		xenpv_p2m_clear(page_to_pfn(slot->page));
	xenpv_scratch_give(slot->page);
	slot->page = NULL;
}

static void call_unmap(struct gnttab_unmap_grant_ref *ops,
		       struct xenpv_foreign_slot **slots, unsigned int nr)
{
	xenpv_hv_grant_table_op(GNTTABOP_unmap_grant_ref, ops, nr);
	for (unsigned int i = 0; i < nr; i++) {
		slots[i]->status = xenpv_grant_error(ops[i].status);
		if (!slots[i]->status)
			forget(slots[i]);
		else
			pr_warn_once("Xen does not unmap a page (%d)\n", slots[i]->status);
	}
}

int xenpv_foreign_unmap(struct xenpv_foreign_slot *slots, unsigned int nr)
{
	struct gnttab_unmap_grant_ref ops[BATCH];
	struct xenpv_foreign_slot *which[BATCH];
	unsigned int count = 0;

	for (unsigned int i = 0; i < nr; i++) {
		slots[i].status = 0;
		if (!slots[i].page)
			continue;
		which[count] = &slots[i];
		ops[count++] = (struct gnttab_unmap_grant_ref) {
			.host_addr = place_of(slots[i].page),
			.handle = slots[i].handle,
			.status = GNTST_general_error,
		};
		if (count == BATCH) {
			call_unmap(ops, which, count);
			count = 0;
		}
	}
	if (count)
		call_unmap(ops, which, count);
	return first_error(slots, nr);
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_unmap, "XENPV");

/* The machine address of each entry in turn. */
static int note_entry(pte_t *pte, unsigned long addr, void *data)
{
	struct xenpv_foreign_area *area = data;
	mfn_t table = xenpv_p2m_get(page_to_pfn(virt_to_page(pte)));

	area->where[area->nr++] = PFN_PHYS(mfn_unbox(table)) | offset_in_page(pte);
	return 0;
}

/* Addresses with tables behind them, and nothing in those. */
static int make_area(struct xenpv_foreign_area *area, unsigned int nr)
{
	unsigned long size = (unsigned long)nr * PAGE_SIZE;
	unsigned int flags = memalloc_noio_save();
	int ret = -ENOMEM;

	area->vm = get_vm_area(size, VM_IOREMAP);
	if (area->vm)
		ret = apply_to_page_range(&init_mm, (unsigned long)area->vm->addr, size,
					  note_entry, area);
	memalloc_noio_restore(flags);
	return ret;
}

int xenpv_foreign_map_area(domid_t peer, const grant_ref_t *refs, unsigned int nr,
			   struct xenpv_foreign_area *area)
{
	struct gnttab_map_grant_ref ops[XENPV_FOREIGN_AREA];
	int ret;

	*area = (struct xenpv_foreign_area){ };
	if (translated() || !nr || nr > XENPV_FOREIGN_AREA)
		return -EINVAL;
	ret = make_area(area, nr);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < nr; i++)
		ops[i] = (struct gnttab_map_grant_ref) {
			.host_addr = area->where[i],
			.flags = map_flags(false) | GNTMAP_contains_pte,
			.ref = refs[i],
			.dom = peer,
		};
	map_patiently(ops, nr, GFP_NOIO);
	for (unsigned int i = 0; i < nr; i++) {
		area->handles[i] = ops[i].handle;
		area->mapped[i] = !ops[i].status;
		ret = ret ?: xenpv_grant_error(ops[i].status);
	}
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_map_area, "XENPV");

int xenpv_foreign_unmap_area(struct xenpv_foreign_area *area)
{
	int ret = 0;

	for (unsigned int i = 0; i < area->nr; i++) {
		struct gnttab_unmap_grant_ref op = {
			.host_addr = area->where[i],
			.handle = area->handles[i],
			.status = GNTST_general_error,
		};

		if (!area->mapped[i])
			continue;
		xenpv_hv_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1);
		area->mapped[i] = op.status;
		ret = ret ?: xenpv_grant_error(op.status);
	}
	if (ret || !area->vm)
		return ret;
	free_vm_area(area->vm);
	*area = (struct xenpv_foreign_area){ };
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_unmap_area, "XENPV");

/* One reference is ours. */
static bool in_use(const struct xenpv_foreign_slot *slots, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (slots[i].page && page_count(slots[i].page) > 1)
			return true;
	return false;
}

/**
 * xenpv_foreign_look() - unmap slots if nobody uses them any more
 * @later: which
 *
 * Context: Process.
 * Return: milliseconds until the next look; 0 when all is done, and @later may be
 * gone.
 */
unsigned int xenpv_foreign_look(struct xenpv_foreign_later *later)
{
	unsigned int delay;

	if (!in_use(later->slots, later->nr) &&
	    !xenpv_foreign_unmap(later->slots, later->nr)) {
		later->done(later);
		return 0;
	}
	delay = min(FIRST_LOOK << min(later->tries, 10U), LAST_LOOK);
	later->tries++;
	return delay;
}

static void look(struct work_struct *work)
{
	struct xenpv_foreign_later *later =
		container_of(work, struct xenpv_foreign_later, work.work);
	unsigned int delay = xenpv_foreign_look(later);

	if (delay)
		queue_delayed_work(system_percpu_wq, &later->work, msecs_to_jiffies(delay));
}

void xenpv_foreign_unmap_later(struct xenpv_foreign_later *later)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_foreign_unmap_later, later);
	later->tries = 0;
	INIT_DELAYED_WORK(&later->work, look);
	queue_delayed_work(system_percpu_wq, &later->work, 0);
}
EXPORT_SYMBOL_NS_GPL(xenpv_foreign_unmap_later, "XENPV");
