// SPDX-License-Identifier: GPL-2.0-only
/* What Xen says of the physical CPUs, one at a time, judged. */

#include <linux/delay.h>
#include <linux/errno.h>

#include <xenpv/hypercall.h>
#include "pcpu.h"

/* Xen answers -EBUSY while a CPU comes or goes, which takes some milliseconds. */
#define BUSY_TRIES	50
#define BUSY_WAIT_US	2000

static int ask_patiently(struct xen_platform_op *op)
{
	int ret;

	for (unsigned int try = 0; try < BUSY_TRIES; try++) {
		ret = xenpv_hv_platform_op(op);
		if (ret != -EBUSY)
			break;
		fsleep(BUSY_WAIT_US);
	}
	return ret;
}

/**
 * xenpv_pcpu_ask() - ask for one physical CPU
 * @cpu: Xen's number
 * @facts: what Xen says; @facts->cpu and @facts->last also if there is no such CPU
 *
 * Context: Process.
 * Return: 0, -ENODEV if there is no such CPU, -EPROTO if the answer is none, or an
 * errno of Xen.
 */
int xenpv_pcpu_ask(u32 cpu, struct xenpv_pcpu_facts *facts)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo };
	const struct xenpf_pcpuinfo *info = &op.u.pcpu_info;
	int ret;

	op.u.pcpu_info.xen_cpuid = cpu;
	ret = ask_patiently(&op);
	if (ret)
		return ret < 0 ? ret : -EPROTO;
	if (info->xen_cpuid != cpu || info->max_present >= XENPV_PCPU_LIMIT)
		return -EPROTO;

	*facts = (struct xenpv_pcpu_facts){
		.cpu = cpu,
		.last = info->max_present,
	};
	switch (info->flags) {
	case XEN_PCPU_FLAGS_INVALID:
		return -ENODEV;
	case XEN_PCPU_FLAGS_ONLINE:
		facts->online = true;
		break;
	case 0:
		break;
	default:
		return -EPROTO;
	}
	if (cpu > info->max_present)
		return -EPROTO;
	facts->apic_id = info->apic_id;
	facts->acpi_id = info->acpi_id;
	return 0;
}

/**
 * xenpv_pcpu_each() - go through the physical CPUs
 * @fn: called for each; an error of it ends the walk
 * @arg: for @fn
 *
 * CPUs may come and go meanwhile, so the end is where the last answer puts it.
 *
 * Context: Process.
 * Return: 0, or the first error, of Xen or of @fn.
 */
int xenpv_pcpu_each(xenpv_pcpu_fn fn, void *arg)
{
	struct xenpv_pcpu_facts facts = { };
	int ret;

	for (u32 cpu = 0; cpu <= facts.last; cpu++) {
		ret = xenpv_pcpu_ask(cpu, &facts);
		if (!ret)
			ret = fn(&facts, arg);
		else if (ret == -ENODEV)
			ret = 0;
		if (ret)
			return ret;
	}
	return 0;
}
