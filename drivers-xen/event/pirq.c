// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of the machine, which Xen passes to the control domain as events. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include <kunit/static_stub.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include "private.h"

/* What was mapped, by line; the lock makes a line map once. */
static DEFINE_XARRAY(lines);
static DEFINE_MUTEX(lines_lock);

/*
 * A page with a bit for each of the machine's interrupts, which Xen keeps: does it
 * want to hear when one was handled?  Without it, and for numbers that it has no
 * bit for, that is asked once when a line is mapped.
 */
static unsigned long __xen_shared *wants_eoi;

static bool eoi_wanted(const struct xenpv_event *ev)
{
	if (wants_eoi && ev->number < PAGE_SIZE * BITS_PER_BYTE)
		return xenpv_shared_test_bit(ev->number, wants_eoi);
	return ev->needs_eoi;
}

/**
 * xenpv_event_pirq_eoi() - tell Xen that an interrupt of the machine was handled
 * @ev: its event
 *
 * Context: Any.
 */
void xenpv_event_pirq_eoi(struct xenpv_event *ev)
{
	struct physdev_eoi op = { .irq = ev->number };

	if (eoi_wanted(ev))
		xenpv_hv_physdev_op(PHYSDEVOP_eoi, &op);
}

/**
 * xenpv_event_pirq_init() - share the page that tells who wants to be told
 *
 * The second version of the call: with the first, telling Xen would also unmask
 * the port, whatever reason it has to be masked.
 *
 * Context: Boot.
 */
void xenpv_event_pirq_init(void)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	struct physdev_pirq_eoi_gmfn op;

	if (!page)
		return;
	op.gmfn = mfn_unbox(xenpv_p2m_get(PHYS_PFN(__pa(page))));
	if (xenpv_hv_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &op))
		free_page((unsigned long)page);
	else
		wants_eoi = (unsigned long __xen_shared __force *)page;
}

/**
 * xenpv_event_pirq_query() - does Xen want to hear when an interrupt was handled?
 * @pirq: its number
 *
 * Context: Any.
 * Return: true if so, and where that can't be learned.
 */
bool xenpv_event_pirq_query(int pirq)
{
	struct physdev_irq_status_query op = { .irq = pirq };

	/* Rather one too many than an interrupt that never comes again. */
	if (xenpv_hv_physdev_op(PHYSDEVOP_irq_status_query, &op))
		return true;
	return op.flags & XENIRQSTAT_needs_eoi;
}

/* Tell Xen how the line is wired, and reserve its number of it. */
static int prepare_line(u32 gsi, bool level, bool low)
{
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_GSI,
		.index = gsi,
		.pirq = gsi,
	};
	struct physdev_setup_gsi setup = {
		.gsi = gsi,
		.triggering = level,
		.polarity = low,
	};
	int ret;

	ret = xenpv_hv_physdev_op(PHYSDEVOP_map_pirq, &map);
	if (ret)
		return ret;
	ret = xenpv_hv_physdev_op(PHYSDEVOP_setup_gsi, &setup);
	if (ret && ret != -EEXIST)
		return ret;
	return map.pirq;
}

/* Nothing is delivered before somebody requests the interrupt. */
static int bind_line(struct xenpv_event *ev)
{
	int ret;

	ret = xenpv_event_open(ev);
	if (ret)
		return ret;
	ev->needs_eoi = xenpv_event_pirq_query(ev->number);

	ret = xenpv_event_irq_attach(ev);
	if (ret)
		goto close;
	ret = xenpv_event_publish(ev);
	if (ret)
		goto detach;
	return 0;

detach:
	xenpv_event_irq_detach(ev);
close:
	xenpv_event_close(ev);
	return ret;
}

static struct xenpv_event *map_line(u32 gsi, bool level, bool low)
{
	struct xenpv_event *ev;
	int ret;

	ret = prepare_line(gsi, level, low);
	if (ret < 0)
		return ERR_PTR(ret);

	ev = xenpv_event_new(XENPV_EVENT_PIRQ, ret, "pirq", NULL);
	if (!ev)
		return ERR_PTR(-ENOMEM);
	ev->level = level;

	ret = bind_line(ev);
	if (!ret)
		return ev;
	kfree(ev);
	return ERR_PTR(ret);
}

static int find_or_map(u32 gsi, bool level, bool low)
{
	struct xenpv_event *ev;

	guard(mutex)(&lines_lock);
	ev = xa_load(&lines, gsi);
	if (!ev) {
		ev = map_line(gsi, level, low);
		if (IS_ERR(ev)) {
			pr_debug("no interrupt for GSI %u (%pe)\n", gsi, ev);
			return PTR_ERR(ev);
		}
		/* Without memory for this the next caller gets -EEXIST. */
		xa_store(&lines, gsi, ev, GFP_KERNEL);
	}
	return ev->irq;
}

/**
 * xenpv_event_gsi() - which line of the machine is a Linux interrupt?
 * @irq: the interrupt
 *
 * Context: Process.
 * Return: the line, as ACPI numbers it; or -ENOENT if it is none.
 */
int xenpv_event_gsi(unsigned int irq)
{
	struct xenpv_event *ev;
	unsigned long gsi;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_event_gsi, irq);
	guard(mutex)(&lines_lock);
	xa_for_each(&lines, gsi, ev)
		if (ev->irq == irq)
			return gsi;
	return -ENOENT;
}

/**
 * xenpv_event_map_gsi() - give an interrupt line of the machine a Linux interrupt
 * @gsi: the line, as ACPI numbers it
 * @level: level triggered, otherwise edge
 * @low: active low, otherwise high
 *
 * For the control domain.  A line keeps its interrupt for ever; a second call
 * for the same line finds it.
 *
 * Context: Process.
 * Return: the Linux interrupt, or a negative errno.
 */
int xenpv_event_map_gsi(u32 gsi, bool level, bool low)
{
	int irq;

	xenpv_event_gate_enter();
	irq = find_or_map(gsi, level, low);
	xenpv_event_gate_leave();
	return irq;
}
