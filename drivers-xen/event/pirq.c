// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of the machine, which Xen passes to the control domain as events. */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/vcpu.h>
#include "private.h"

/* What was mapped, by line; the lock makes a line map once. */
static DEFINE_XARRAY(lines);
static DEFINE_MUTEX(lines_lock);

/**
 * xenpv_event_pirq_eoi() - tell Xen that an interrupt of the machine was handled
 * @ev: its event
 *
 * Context: Any.
 */
void xenpv_event_pirq_eoi(struct xenpv_event *ev)
{
	struct physdev_eoi op = { .irq = ev->pirq };

	if (ev->needs_eoi)
		xenpv_hv_physdev_op(PHYSDEVOP_eoi, &op);
}

static bool query_eoi(int pirq)
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

static int bind_line(int pirq, bool level, evtchn_port_t *port)
{
	struct evtchn_bind_pirq op = {
		.pirq = pirq,
		.flags = level ? BIND_PIRQ__WILL_SHARE : 0,
	};
	int ret = xenpv_hv_event_channel_op(EVTCHNOP_bind_pirq, &op);

	*port = op.port;
	return ret;
}

/* The port is masked: nothing is delivered before somebody requests the irq. */
static struct xenpv_event *map_line(u32 gsi, bool level, bool low)
{
	struct xenpv_event *ev;
	int ret;

	ret = prepare_line(gsi, level, low);
	if (ret < 0)
		return ERR_PTR(ret);

	ev = kzalloc_obj(*ev);
	if (!ev)
		return ERR_PTR(-ENOMEM);
	ev->pirq = ret;
	ev->level = level;
	ev->name = "pirq";

	ret = bind_line(ev->pirq, level, &ev->port);
	if (ret)
		goto free;
	ev->needs_eoi = query_eoi(ev->pirq);

	ret = xenpv_event_irq_attach(ev);
	if (ret)
		goto close;
	ret = xenpv_event_publish(ev);
	if (ret)
		goto detach;
	return ev;

detach:
	xenpv_event_irq_detach(ev);
close:
	xenpv_event_close(ev->port);
free:
	kfree(ev);
	return ERR_PTR(ret);
}

int xenpv_event_map_gsi(u32 gsi, bool level, bool low)
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
