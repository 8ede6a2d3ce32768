// SPDX-License-Identifier: GPL-2.0-only
/* EFI's runtime services, each as a hypercall. */

#include <linux/efi.h>
#include <linux/init.h>
#include <linux/string.h>
#include <xen/interface/sched.h>

#include <xenpv/hypercall.h>
#include "../private.h"

static_assert(sizeof(efi_guid_t) == sizeof(struct xenpf_efi_guid));

/* Xen lets one call in at a time, and answers what firmware has answered. */
static efi_status_t call(struct xen_platform_op *op, u32 function)
{
	op->cmd = XENPF_efi_runtime_call;
	op->u.efi_runtime_call.function = function;
	if (xenpv_hv_platform_op(op))
		return EFI_UNSUPPORTED;
	return op->u.efi_runtime_call.status;
}

static void to_linux(efi_time_t *tm, const struct xenpf_efi_time *time)
{
	*tm = (efi_time_t) {
		.year = time->year,
		.month = time->month,
		.day = time->day,
		.hour = time->hour,
		.minute = time->min,
		.second = time->sec,
		.nanosecond = time->ns,
		.timezone = time->tz,
		.daylight = time->daylight,
	};
}

static void to_xen(struct xenpf_efi_time *time, const efi_time_t *tm)
{
	*time = (struct xenpf_efi_time) {
		.year = tm->year,
		.month = tm->month,
		.day = tm->day,
		.hour = tm->hour,
		.min = tm->minute,
		.sec = tm->second,
		.ns = tm->nanosecond,
		.tz = tm->timezone,
		.daylight = tm->daylight,
	};
}

static efi_status_t get_time(efi_time_t *tm, efi_time_cap_t *tc)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
	efi_status_t status = call(&op, XEN_EFI_get_time);

	if (status != EFI_SUCCESS)
		return status;
	to_linux(tm, &c->u.get_time.time);
	if (tc)
		*tc = (efi_time_cap_t) {
			.resolution = c->u.get_time.resolution,
			.accuracy = c->u.get_time.accuracy,
			.sets_to_zero = c->misc & XEN_EFI_GET_TIME_SET_CLEARS_NS,
		};
	return status;
}

static efi_status_t set_time(efi_time_t *tm)
{
	struct xen_platform_op op = { };

	to_xen(&op.u.efi_runtime_call.u.set_time, tm);
	return call(&op, XEN_EFI_set_time);
}

static efi_status_t get_wakeup_time(efi_bool_t *enabled, efi_bool_t *pending, efi_time_t *tm)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
	efi_status_t status = call(&op, XEN_EFI_get_wakeup_time);

	if (status != EFI_SUCCESS)
		return status;
	if (tm)
		to_linux(tm, &c->u.get_wakeup_time);
	if (enabled)
		*enabled = !!(c->misc & XEN_EFI_GET_WAKEUP_TIME_ENABLED);
	if (pending)
		*pending = !!(c->misc & XEN_EFI_GET_WAKEUP_TIME_PENDING);
	return status;
}

static efi_status_t set_wakeup_time(efi_bool_t enabled, efi_time_t *tm)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;

	if (enabled)
		c->misc = XEN_EFI_SET_WAKEUP_TIME_ENABLE;
	if (tm)
		to_xen(&c->u.set_wakeup_time, tm);
	else
		c->misc |= XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY;
	return call(&op, XEN_EFI_set_wakeup_time);
}

static efi_status_t get_variable(efi_char16_t *name, efi_guid_t *vendor, u32 *attr,
				 unsigned long *size, void *data)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
	efi_status_t status;

	set_xen_guest_handle(c->u.get_variable.name, name);
	set_xen_guest_handle(c->u.get_variable.data, data);
	c->u.get_variable.size = *size;
	memcpy(&c->u.get_variable.vendor_guid, vendor, sizeof(*vendor));
	status = call(&op, XEN_EFI_get_variable);
	/* Also when it was too small: then the caller learns what it needs. */
	*size = c->u.get_variable.size;
	if (attr && status == EFI_SUCCESS)
		*attr = c->misc;
	return status;
}

static efi_status_t get_next_variable(unsigned long *size, efi_char16_t *name,
				      efi_guid_t *vendor)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
	efi_status_t status;

	set_xen_guest_handle(c->u.get_next_variable_name.name, name);
	c->u.get_next_variable_name.size = *size;
	memcpy(&c->u.get_next_variable_name.vendor_guid, vendor, sizeof(*vendor));
	status = call(&op, XEN_EFI_get_next_variable_name);
	*size = c->u.get_next_variable_name.size;
	if (status == EFI_SUCCESS)
		memcpy(vendor, &c->u.get_next_variable_name.vendor_guid, sizeof(*vendor));
	return status;
}

static efi_status_t set_variable(efi_char16_t *name, efi_guid_t *vendor, u32 attr,
				 unsigned long size, void *data)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;

	c->misc = attr;
	set_xen_guest_handle(c->u.set_variable.name, name);
	set_xen_guest_handle(c->u.set_variable.data, data);
	c->u.set_variable.size = size;
	memcpy(&c->u.set_variable.vendor_guid, vendor, sizeof(*vendor));
	return call(&op, XEN_EFI_set_variable);
}

static efi_status_t query_variable_info(u32 attr, u64 *storage, u64 *remaining, u64 *largest)
{
	struct xen_platform_op op = { };
	struct xenpf_efi_runtime_call *c = &op.u.efi_runtime_call;
	efi_status_t status;

	c->u.query_variable_info.attr = attr;
	status = call(&op, XEN_EFI_query_variable_info);
	if (status == EFI_SUCCESS) {
		*storage = c->u.query_variable_info.max_store_size;
		*remaining = c->u.query_variable_info.remain_store_size;
		*largest = c->u.query_variable_info.max_size;
	}
	return status;
}

static efi_status_t next_high_mono_count(u32 *count)
{
	struct xen_platform_op op = { };
	efi_status_t status = call(&op, XEN_EFI_get_next_high_monotonic_count);

	if (status == EFI_SUCCESS)
		*count = op.u.efi_runtime_call.misc;
	return status;
}

/*
 * Capsules are not offered: firmware would follow a list of blocks by addresses of the
 * machine, and no one has turned ours into those.
 */
static efi_status_t update_capsule(efi_capsule_header_t **capsules, unsigned long count,
				   unsigned long list)
{
	return EFI_UNSUPPORTED;
}

static efi_status_t query_capsule_caps(efi_capsule_header_t **capsules, unsigned long count,
				       u64 *largest, int *reset)
{
	return EFI_UNSUPPORTED;
}

/* The machine is Xen's to reset. */
static void reset_system(int how, efi_status_t status, unsigned long size, efi_char16_t *data)
{
	struct sched_shutdown arg = {
		.reason = how == EFI_RESET_SHUTDOWN ? SHUTDOWN_poweroff : SHUTDOWN_reboot,
	};

	xenpv_hv_sched_op(SCHEDOP_shutdown, &arg);
}

/**
 * xenpv_efi_take_calls() - have mainline's calls of EFI go to Xen
 *
 * Context: Boot CPU.
 */
void __init xenpv_efi_take_calls(void)
{
	efi.get_time = get_time;
	efi.set_time = set_time;
	efi.get_wakeup_time = get_wakeup_time;
	efi.set_wakeup_time = set_wakeup_time;
	efi.get_variable = get_variable;
	efi.get_next_variable = get_next_variable;
	efi.set_variable = set_variable;
	/* Xen waits for its lock, which others hold for a short time only. */
	efi.set_variable_nonblocking = set_variable;
	efi.query_variable_info = query_variable_info;
	efi.query_variable_info_nonblocking = query_variable_info;
	efi.get_next_high_mono_count = next_high_mono_count;
	efi.update_capsule = update_capsule;
	efi.query_capsule_caps = query_capsule_caps;
	efi.reset_system = reset_system;
	efi.runtime_supported_mask &= ~(EFI_RT_SUPPORTED_UPDATE_CAPSULE |
					EFI_RT_SUPPORTED_QUERY_CAPSULE_CAPABILITIES |
					EFI_RT_SUPPORTED_SET_VIRTUAL_ADDRESS_MAP |
					EFI_RT_SUPPORTED_CONVERT_POINTER);
}
