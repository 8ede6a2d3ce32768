// SPDX-License-Identifier: GPL-2.0-only
/* Reads the power tables of all processors from ACPI, and hands them to Xen. */

#define pr_fmt(fmt) "xenpv: power: " fmt

#include <linux/acpi.h>
#include <linux/cleanup.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/xarray.h>
#include <acpi/processor.h>

#include <xenpv/self.h>
#include "pcpu.h"
#include "power.h"

/*
 * Xen idles the physical CPUs and sets their speed, but has no interpreter for the
 * language that the tables are in; this domain has one, but sees of the machine no
 * more CPUs than it has vCPUs, so mainline's driver of processors finds the others
 * not. Here the names of processors are looked up in ACPI's tree itself, for all
 * CPUs that Xen has. Mainline's drivers for idle states and speeds are off in a
 * domain, and told firmware at boot, for all CPUs too, what Xen can do (_PDC, _OSC).
 */

/* One at a time asks and hands over, so that the later news is Xen's last. */
static DEFINE_MUTEX(power_lock);

/**
 * struct processor - a processor that both Xen and firmware know
 * @node: in all_processors
 * @handle: its place in ACPI's tree
 * @acpi_id: firmware's number
 * @block: port of its registers, 0 if there are none
 * @speeds: number of speeds that Xen was told of, 0 before that
 */
struct processor {
	struct list_head node;
	acpi_handle handle;
	u32 acpi_id;
	u32 block;
	u32 speeds __guarded_by(&power_lock);
};

/* Complete before the first notification; no CPU is added to it later. */
static LIST_HEAD(all_processors);
/* XEN_PROCESSOR_PM_*: what Xen wants to be told. */
static u32 wanted __guarded_by(&power_lock);

/* What a method or a name of @handle evaluates to, or NULL. */
static union acpi_object *evaluate(acpi_handle handle, acpi_string name)
{
	struct acpi_buffer buffer = { ACPI_ALLOCATE_BUFFER };
	acpi_status status = acpi_evaluate_object(handle, name, NULL, &buffer);

	if (ACPI_SUCCESS(status))
		return buffer.pointer;
	if (status != AE_NOT_FOUND)
		pr_warn_ratelimited(FW_BUG "%s of a processor fails: %s\n", name,
				    acpi_format_exception(status));
	return NULL;
}

/* Xen took it, does not want such things at all, or not this. */
static bool settle(const struct processor *processor, u32 what, const char *name, int ret)
{
	lockdep_assert_held(&power_lock);
	if (ret == -ENOSYS) {
		pr_info("Xen leaves %s alone\n", name);
		wanted &= ~what;
	} else if (ret) {
		pr_warn_ratelimited("Xen refuses %s of processor %u (%d)\n", name,
				    processor->acpi_id, ret);
	}
	return !ret;
}

static bool hand_over_idle(struct processor *processor)
{
	struct xenpv_power_idle *idle __free(kfree) = kzalloc_obj(*idle);
	union acpi_object *cst __free(kfree) = NULL;

	lockdep_assert_held(&power_lock);
	if (!idle || !(wanted & XEN_PROCESSOR_PM_CX))
		return false;
	cst = evaluate(processor->handle, "_CST");
	if (!cst)
		xenpv_power_read_fixed(&acpi_gbl_FADT, processor->block, idle);
	else if (xenpv_power_read_cst(cst, idle))
		pr_warn_ratelimited(FW_BUG "_CST of processor %u is no table of idle states\n",
				    processor->acpi_id);
	if (!idle->nr)
		return false;
	return settle(processor, XEN_PROCESSOR_PM_CX, "idle states",
		      xenpv_power_send_idle(processor->acpi_id, &acpi_gbl_FADT, idle));
}

static bool read_speeds(struct processor *processor, struct xenpv_power_speed *speed)
{
	acpi_handle handle = processor->handle;
	union acpi_object *pct __free(kfree) = evaluate(handle, "_PCT");
	union acpi_object *pss __free(kfree) = NULL;
	union acpi_object *psd __free(kfree) = NULL;

	if (!pct)
		return false;
	pss = evaluate(handle, "_PSS");
	psd = evaluate(handle, "_PSD");
	if (xenpv_power_read_pct(pct, speed) || xenpv_power_read_pss(pss, speed)) {
		pr_warn_ratelimited(FW_BUG "_PCT and _PSS of processor %u are no table of speeds\n",
				    processor->acpi_id);
		return false;
	}
	xenpv_power_alone(processor->acpi_id, speed);
	if (psd && xenpv_power_read_psd(psd, speed))
		pr_warn_ratelimited(FW_BUG "_PSD of processor %u makes no sense, it is taken for alone\n",
				    processor->acpi_id);
	return true;
}

/* The fastest state that may be used now; a limit that is none of them does not limit. */
static u32 read_limit(struct processor *processor, u32 speeds)
{
	unsigned long long limit;
	acpi_status status;

	status = acpi_evaluate_integer(processor->handle, "_PPC", NULL, &limit);
	if (ACPI_FAILURE(status))
		return 0;
	if (limit < speeds)
		return limit;
	pr_warn_ratelimited(FW_BUG "_PPC of processor %u is %llu, of %u states\n",
			    processor->acpi_id, limit, speeds);
	return 0;
}

/* All of it once; then the limit, since nothing else may change. */
static bool hand_over_speed(struct processor *processor)
{
	struct xenpv_power_speed *speed __free(kfree) = NULL;
	int ret;

	lockdep_assert_held(&power_lock);
	if (!(wanted & XEN_PROCESSOR_PM_PX))
		return false;
	if (processor->speeds) {
		ret = xenpv_power_send_limit(processor->acpi_id,
					     read_limit(processor, processor->speeds));
		/* It does not run now, or Xen has no driver: nothing to limit. */
		if (ret == -ENODEV)
			return false;
		return settle(processor, XEN_PROCESSOR_PM_PX, "the limit of speeds", ret);
	}
	speed = kzalloc_obj(*speed);
	if (!speed || !read_speeds(processor, speed))
		return false;
	ret = xenpv_power_send_speed(processor->acpi_id, speed,
				     read_limit(processor, speed->nr));
	if (!settle(processor, XEN_PROCESSOR_PM_PX, "speeds", ret))
		return false;
	processor->speeds = speed->nr;
	return true;
}

/* Of a processor object or device, on the ACPI side. */
#define NOTIFY_LIMIT	0x80
#define NOTIFY_IDLE	0x81

/* How the news of a limit is answered (_OST). */
#define LIMIT_TAKEN	0
#define LIMIT_REFUSED	1

static void processor_notify(acpi_handle handle, u32 event, void *data)
{
	struct processor *processor = data;
	bool taken;

	guard(mutex)(&power_lock);
	switch (event) {
	case NOTIFY_LIMIT:
		taken = hand_over_speed(processor);
		acpi_evaluate_ost(handle, event, taken ? LIMIT_TAKEN : LIMIT_REFUSED, NULL);
		break;
	case NOTIFY_IDLE:
		hand_over_idle(processor);
		break;
	}
}

static void hand_over_all(void)
{
	struct processor *processor;
	unsigned int idle = 0, speed = 0, all = 0;

	guard(mutex)(&power_lock);
	list_for_each_entry(processor, &all_processors, node) {
		all++;
		idle += hand_over_idle(processor);
		speed += hand_over_speed(processor);
	}
	if (idle || speed)
		pr_info("of %u processors Xen got idle states of %u, speeds of %u\n",
			all, idle, speed);
}

/* Firmware may have other states and limits after sleep. */
static int slept(struct notifier_block *block, unsigned long what, void *unused)
{
	switch (what) {
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		hand_over_all();
	}
	return NOTIFY_OK;
}

static struct notifier_block sleep_block = {
	.notifier_call = slept,
};

static bool __init identify(acpi_handle handle, struct processor *processor)
{
	union acpi_object object = { };
	struct acpi_buffer buffer = { sizeof(object), &object };
	unsigned long long uid;
	acpi_object_type type;

	if (ACPI_FAILURE(acpi_get_type(handle, &type)))
		return false;
	processor->handle = handle;
	if (type != ACPI_TYPE_PROCESSOR) {
		if (ACPI_FAILURE(acpi_evaluate_integer(handle, METHOD_NAME__UID, NULL, &uid)))
			return false;
		processor->acpi_id = uid;
		return uid < U32_MAX;
	}
	if (ACPI_FAILURE(acpi_evaluate_object(handle, NULL, NULL, &buffer)) ||
	    object.type != ACPI_TYPE_PROCESSOR)
		return false;
	processor->acpi_id = object.processor.proc_id;
	/* Six registers: control of throttling, and two to read for idling. */
	if (object.processor.pblk_length == 6 && object.processor.pblk_address <= U16_MAX)
		processor->block = object.processor.pblk_address;
	return true;
}

/* @context: numbers that Xen has a CPU for; each is taken once, a second object is no other. */
static acpi_status __init found(acpi_handle handle, u32 level, void *context, void **ret)
{
	struct processor *processor = kzalloc_obj(*processor);
	struct xarray *ids = context;

	if (!processor)
		return AE_NO_MEMORY;
	if (!identify(handle, processor) || !xa_erase(ids, processor->acpi_id)) {
		kfree(processor);
		return AE_OK;
	}
	list_add_tail(&processor->node, &all_processors);
	return AE_OK;
}

static int __init note_id(const struct xenpv_pcpu_facts *facts, void *arg)
{
	return xa_err(xa_store(arg, facts->acpi_id, xa_mk_value(1), GFP_KERNEL));
}

static int __init find_all(void)
{
	struct xarray ids;
	int ret;

	xa_init(&ids);
	ret = xenpv_pcpu_each(note_id, &ids);
	if (!ret && (ACPI_FAILURE(acpi_walk_namespace(ACPI_TYPE_PROCESSOR, ACPI_ROOT_OBJECT,
						      ACPI_UINT32_MAX, found, NULL, &ids, NULL)) ||
		     ACPI_FAILURE(acpi_get_devices(ACPI_PROCESSOR_DEVICE_HID, found, &ids, NULL))))
		ret = -ENOMEM;
	xa_destroy(&ids);
	return ret;
}

static int __init power_init(void)
{
	struct processor *processor;
	int ret;

	if (!xenpv_self.control || acpi_disabled)
		return 0;
	scoped_guard(mutex, &power_lock)
		wanted = xenpv_self.start ? (xenpv_self.start->flags & SIF_PM_MASK) >> 8 :
			 XEN_PROCESSOR_PM_CX | XEN_PROCESSOR_PM_PX;
	ret = find_all();
	if (ret)
		pr_warn("not all processors are known (%d)\n", ret);

	list_for_each_entry(processor, &all_processors, node)
		if (ACPI_FAILURE(acpi_install_notify_handler(processor->handle, ACPI_DEVICE_NOTIFY,
							     processor_notify, processor)))
			pr_warn("changes of processor %u are not noticed\n", processor->acpi_id);
	hand_over_all();
	return register_pm_notifier(&sleep_block);
}
/* After what comes with the tables that firmware loads while ACPI is set up. */
late_initcall(power_init);
