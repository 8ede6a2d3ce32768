/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_PCPU_H
#define _XENPV_DOM0_PCPU_H

/* The physical CPUs of the machine, of which this domain's vCPUs know nothing. */

#include <linux/types.h>

/* More than any Xen can be built for; a higher number is no CPU. */
#define XENPV_PCPU_LIMIT	16384

/**
 * struct xenpv_pcpu_facts - what Xen says of a physical CPU
 * @cpu: Xen's number of it
 * @last: the highest number that is in use
 * @apic_id: of its local APIC
 * @acpi_id: by which firmware names it; all ones if Xen has none
 * @online: runs
 */
struct xenpv_pcpu_facts {
	u32 cpu;
	u32 last;
	u32 apic_id;
	u32 acpi_id;
	bool online;
};

typedef int (*xenpv_pcpu_fn)(const struct xenpv_pcpu_facts *facts, void *arg);

/* pcpu_ask.c */
int xenpv_pcpu_ask(u32 cpu, struct xenpv_pcpu_facts *facts);
int xenpv_pcpu_each(xenpv_pcpu_fn fn, void *arg);

/* pcpu.c; visible for tests. */
struct device;
int xenpv_pcpu_begin(void);
void xenpv_pcpu_end(void);
int xenpv_pcpu_look(void);
struct device *xenpv_pcpu_device(u32 cpu);
int xenpv_pcpu_switch(u32 cpu, bool on);

#endif /* _XENPV_DOM0_PCPU_H */
