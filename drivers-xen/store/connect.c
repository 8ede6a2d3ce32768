// SPDX-License-Identifier: GPL-2.0-only
/* Where the page and the port to the daemon are: at boot, and after a restore. */

#define pr_fmt(fmt) "xenpv: store: " fmt

#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <xenpv/event.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"
#include "user.h"

/**
 * struct place - how to reach the daemon
 * @page: the page, NULL if there is none
 * @port: the port
 */
struct place {
	struct xenstore_domain_interface __xen_shared *page;
	evtchn_port_t port;
};

static struct xenpv_event *store_event;

static struct xenstore_domain_interface __xen_shared *page_at(void *address)
{
	return (struct xenstore_domain_interface __xen_shared __force *)address;
}

/* A PV domain is told the frame of a page of its own. */
static int find_pv(struct place *place)
{
	const struct start_info *start = xenpv_self.start;
	unsigned long pfn;

	if (!start->store_mfn || !start->store_evtchn)
		return -ENODEV;
	pfn = xenpv_m2p(mfn_box(start->store_mfn));
	if (pfn >= start->nr_pages)
		return -ENODEV;
	place->page = page_at(__va(PFN_PHYS(pfn)));
	place->port = start->store_evtchn;
	return 0;
}

/* After a restore it is where it was, as a rule. */
static void *frame_show(u64 pfn)
{
	static void *shown;
	static u64 shown_pfn;

	if (shown && shown_pfn == pfn)
		return shown;
	shown = memremap(PFN_PHYS(pfn), PAGE_SIZE, MEMREMAP_WB);
	shown_pfn = pfn;
	return shown;
}

/* For others it is a parameter, and the page lies beside their memory. */
static int find_translated(struct place *place)
{
	u64 pfn = 0, port = 0;
	void *address;
	int ret;

	ret = xenpv_hv_hvm_get_param(HVM_PARAM_STORE_PFN, &pfn) ?:
	      xenpv_hv_hvm_get_param(HVM_PARAM_STORE_EVTCHN, &port);
	if (ret)
		return ret;
	/* ~0: the toolstack has not made one yet. */
	if (!pfn || !port || pfn > PHYS_PFN(PHYSICAL_PAGE_MASK) || port > U32_MAX)
		return -ENODEV;
	address = frame_show(pfn);
	if (!address)
		return -ENOMEM;
	place->page = page_at(address);
	place->port = port;
	return 0;
}

static int find(struct place *place)
{
	switch (xenpv_self.kind) {
	case XENPV_KIND_PV:
		return find_pv(place);
	case XENPV_KIND_PVH:
		return find_translated(place);
	default:
		return -ENODEV;
	}
}

static int __init connect_far(void)
{
	struct xenpv_event *event;
	struct place place;
	int ret = find(&place);

	if (ret)
		return ret;
	event = xenpv_event_bind_port(place.port, xenpv_store_interrupt, XENPV_EVENT_LATE,
				      "xenpv-store", NULL);
	if (IS_ERR(event))
		return PTR_ERR(event);
	store_event = event;
	xenpv_store_set_event(event);
	xenpv_store_attach(place.page, true);
	return 0;
}

/**
 * xenpv_store_resume() - the domain was restored: there is another daemon
 *
 * Requests that waited go to it, watches are made there, transactions of programs
 * fail with EAGAIN.
 *
 * Context: Process, after xenpv_store_suspend(), events restored.
 */
void xenpv_store_resume(void)
{
	struct place place;
	int ret;

	if (store_event && !xenpv_self.control) {
		ret = find(&place);
		if (!ret)
			ret = xenpv_event_rebind_port(store_event, place.port);
		if (ret)
			pr_warn("lost in the restore (%pe)\n", ERR_PTR(ret));
		else
			xenpv_store_attach(place.page, true);
	}
	xenpv_store_thaw();
}

static int __init store_init(void)
{
	int ret;

	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	ret = xenpv_store_start();
	if (ret)
		return ret;
	ret = xenpv_self.control ? xenpv_store_local() : connect_far();
	if (ret)
		pr_info("none (%pe)\n", ERR_PTR(ret));
	return 0;
}
/* Drivers of the bus come at device_initcall(). */
fs_initcall(store_init);
