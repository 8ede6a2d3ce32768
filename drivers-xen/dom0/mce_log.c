// SPDX-License-Identifier: GPL-2.0-only
/* Puts machine checks into mainline's log, from where decoders and programs have them. */

#include <linux/cpumask.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>
#include <asm/cpuid/api.h>
#include <asm/mce.h>

#include "mce.h"

/**
 * xenpv_mce_log() - log a bank of a machine check
 * @record: what was read
 *
 * Decoders look up what they know of the Linux CPU, of which there may be fewer than
 * the machine has, so a CPU without counterpart is CPU 0; the socket and the number of
 * the APIC are right. The severity stays 0, which means that nothing has to be done:
 * Xen has done it.
 *
 * Context: Process.
 */
void xenpv_mce_log(const struct xenpv_mce_record *record)
{
	struct mce_hw_err err = { };
	struct mce *m = &err.m;

	m->status = record->status;
	m->addr = record->addr;
	m->misc = record->misc;
	m->tsc = record->tsc;
	m->mcgstatus = record->mcgstatus;
	m->mcgcap = record->mcgcap;
	m->bank = record->bank;
	m->apicid = record->apic_id;
	m->socketid = record->socket;
	m->time = ktime_get_real_seconds();
	m->cpuvendor = boot_cpu_data.x86_vendor;
	m->cpuid = cpuid_eax(1);
	m->microcode = boot_cpu_data.microcode;
	if (record->pcpu < nr_cpu_ids && cpu_possible(record->pcpu))
		m->extcpu = record->pcpu;
	m->cpu = m->extcpu;
	mce_log(&err);
}
