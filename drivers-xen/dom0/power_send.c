// SPDX-License-Identifier: GPL-2.0-only
/* Hands tables of idle states and speeds to Xen, which alone sees the physical CPUs. */

#include <linux/errno.h>

#include <xenpv/hypercall.h>
#include "power.h"

static int send(struct xen_platform_op *op, u32 acpi_id, u32 type)
{
	int ret;

	op->cmd = XENPF_set_processor_pminfo;
	op->u.set_pminfo.id = acpi_id;
	op->u.set_pminfo.type = type;
	ret = xenpv_hv_platform_op(op);
	return ret > 0 ? -EPROTO : ret;
}

/**
 * xenpv_power_send_idle() - tell Xen how a processor can idle
 * @acpi_id: firmware's number of the processor
 * @fadt: fixed table of the machine
 * @idle: what was read
 *
 * Xen takes the place of what it was told before.
 *
 * Context: Process.
 * Return: 0, -ENOSYS if Xen does not want to know, or another errno of it.
 */
int xenpv_power_send_idle(u32 acpi_id, const struct acpi_table_fadt *fadt,
			  struct xenpv_power_idle *idle)
{
	struct xen_platform_op op = { };
	struct xen_processor_power *power = &op.u.set_pminfo.power;

	power->count = idle->nr;
	power->flags.bm_control = fadt->pm2_control_block && fadt->pm2_control_length;
	power->flags.has_cst = idle->by_object;
	power->flags.power_setup_done = 1;
	set_xen_guest_handle(power->states, idle->states);
	return send(&op, acpi_id, XEN_PM_CX);
}

/**
 * xenpv_power_send_speed() - tell Xen how fast a processor can run
 * @acpi_id: firmware's number of the processor
 * @speed: what was read
 * @limit: fastest state that may be used now
 *
 * To be sent once: Xen takes all four tables at a time, and keeps the former ones.
 *
 * Context: Process.
 * Return: 0, -ERANGE for a limit that is no state, -ENOSYS if Xen does not want to
 * know, or another errno of it.
 */
int xenpv_power_send_speed(u32 acpi_id, struct xenpv_power_speed *speed, u32 limit)
{
	struct xen_platform_op op = { };
	struct xen_processor_performance *perf = &op.u.set_pminfo.perf;

	if (limit >= speed->nr)
		return -ERANGE;
	perf->flags = XEN_PX_PCT | XEN_PX_PSS | XEN_PX_PPC | XEN_PX_PSD;
	perf->platform_limit = limit;
	perf->control_register = speed->control;
	perf->status_register = speed->status;
	perf->state_count = speed->nr;
	set_xen_guest_handle(perf->states, speed->states);
	perf->domain_info = speed->domain;
	perf->shared_type = speed->shared;
	return send(&op, acpi_id, XEN_PM_PX);
}

/**
 * xenpv_power_send_limit() - tell Xen which states may be used now
 * @acpi_id: firmware's number of the processor
 * @limit: the fastest of them
 *
 * Context: Process.
 * Return: 0 or an errno of Xen.
 */
int xenpv_power_send_limit(u32 acpi_id, u32 limit)
{
	struct xen_platform_op op = { };

	op.u.set_pminfo.perf.flags = XEN_PX_PPC;
	op.u.set_pminfo.perf.platform_limit = limit;
	return send(&op, acpi_id, XEN_PM_PX);
}
