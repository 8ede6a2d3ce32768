// SPDX-License-Identifier: GPL-2.0-only
/* Firmware asks for processors to idle when power or heat is short: Xen parks cores. */

#define pr_fmt(fmt) "xenpv: pad: " fmt

#include <linux/acpi.h>
#include <linux/cleanup.h>
#include <linux/init.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "pad.h"
#include "pcpu.h"

/*
 * The processor aggregator is a device without registers: it notifies, _PUR says how
 * many processors should idle, and _OST is told how many do. Mainline's driver would
 * idle vCPUs, and steps aside in a control domain. No driver is bound here: a handler
 * is all that the device needs, and that is the same in every kernel.
 */
#define AGGREGATOR	"ACPI000C"
#define NOTIFY_IDLE	0x80

#define OST_DONE	0
#define OST_FAILED	1

static DEFINE_MUTEX(pad_lock);

/**
 * xenpv_pad_read_pur() - judge a wish of firmware
 * @pur: what _PUR returned
 * @nr: number of processors that should idle
 *
 * Context: Any.
 * Return: 0, or -EPROTO if it is no wish.
 */
int xenpv_pad_read_pur(const union acpi_object *pur, u32 *nr)
{
	const union acpi_object *part;

	if (pur->type != ACPI_TYPE_PACKAGE || pur->package.count != 2)
		return -EPROTO;
	part = pur->package.elements;
	if (part[0].type != ACPI_TYPE_INTEGER || part[0].integer.value != 1 ||
	    part[1].type != ACPI_TYPE_INTEGER || part[1].integer.value > U32_MAX)
		return -EPROTO;
	*nr = part[1].integer.value;
	return 0;
}

/**
 * xenpv_pad_park() - have cores parked
 * @nr: how many CPUs should idle
 * @parked: how many do
 *
 * Xen parks fewer if it can't do without the others.
 *
 * Context: Process.
 * Return: 0 or a negative errno; then @parked is 0.
 */
int xenpv_pad_park(u32 nr, u32 *parked)
{
	struct xen_platform_op op = {
		.cmd = XENPF_core_parking,
		.u.core_parking = { .type = XEN_CORE_PARKING_SET, .idle_nums = nr },
	};
	int ret;

	*parked = 0;
	ret = xenpv_hv_platform_op(&op);
	if (ret)
		return ret < 0 ? ret : -EPROTO;

	op.u.core_parking.type = XEN_CORE_PARKING_GET;
	op.u.core_parking.idle_nums = 0;
	ret = xenpv_hv_platform_op(&op);
	if (ret)
		return ret < 0 ? ret : -EPROTO;
	if (op.u.core_parking.idle_nums >= XENPV_PCPU_LIMIT)
		return -EPROTO;
	*parked = op.u.core_parking.idle_nums;
	return 0;
}

static int follow_wish(acpi_handle handle, u32 *parked)
{
	struct acpi_buffer buffer = { ACPI_ALLOCATE_BUFFER };
	union acpi_object *pur __free(kfree) = NULL;
	u32 nr;

	*parked = 0;
	if (ACPI_FAILURE(acpi_evaluate_object(handle, "_PUR", NULL, &buffer)))
		return -EIO;
	pur = buffer.pointer;
	if (!pur || xenpv_pad_read_pur(pur, &nr))
		return -EPROTO;
	return xenpv_pad_park(nr, parked);
}

static void pad_notify(acpi_handle handle, u32 event, void *unused)
{
	struct acpi_buffer answer;
	u32 parked;
	int ret;

	if (event != NOTIFY_IDLE)
		return;
	guard(mutex)(&pad_lock);
	ret = follow_wish(handle, &parked);
	if (ret)
		pr_warn_ratelimited("no cores are parked (%d)\n", ret);
	answer.length = sizeof(parked);
	answer.pointer = &parked;
	acpi_evaluate_ost(handle, event, ret ? OST_FAILED : OST_DONE, &answer);
}

static acpi_status __init found(acpi_handle handle, u32 level, void *context, void **ret)
{
	acpi_status status = acpi_install_notify_handler(handle, ACPI_DEVICE_NOTIFY, pad_notify,
							 NULL);

	if (ACPI_FAILURE(status))
		pr_warn("wishes of firmware are not heard: %s\n", acpi_format_exception(status));
	return AE_OK;
}

static int __init pad_init(void)
{
	if (xenpv_self.control && !acpi_disabled)
		acpi_get_devices(AGGREGATOR, found, NULL, NULL);
	return 0;
}
late_initcall(pad_init);
