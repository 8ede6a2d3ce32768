/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_POWER_H
#define _XENPV_DOM0_POWER_H

/* Tables of firmware about power, as Xen takes them. */

#include <linux/acpi.h>
#include <linux/types.h>
#include <xenpv/abi.h>

/* Xen keeps fewer idle states; and a package of AML has at most this many elements. */
#define XENPV_POWER_IDLE_MAX	8
#define XENPV_POWER_SPEED_MAX	255

/* Who changes the speed of a domain, in Xen's numbers: hardware; software on all; on any. */
#define XENPV_POWER_SHARED_HW	1
#define XENPV_POWER_SHARED_ALL	2
#define XENPV_POWER_SHARED_ANY	3

/**
 * struct xenpv_power_idle - how a processor can idle
 * @nr: number of states; none is possible
 * @by_object: from _CST, and not from the fixed tables
 * @states: deeper ones later
 */
struct xenpv_power_idle {
	u32 nr;
	bool by_object;
	struct xen_processor_cx states[XENPV_POWER_IDLE_MAX];
};

/**
 * struct xenpv_power_speed - how fast a processor can run
 * @nr: number of states, at least two
 * @control: register that a speed is asked of (_PCT)
 * @status: register that tells it
 * @domain: processors whose speed changes together (_PSD)
 * @shared: by whom, in Xen's terms
 * @states: slower ones later (_PSS)
 */
struct xenpv_power_speed {
	u32 nr;
	struct xen_pct_register control;
	struct xen_pct_register status;
	struct xen_psd_package domain;
	u32 shared;
	struct xen_processor_px states[XENPV_POWER_SPEED_MAX];
};

/* power_tables.c: pure judges of what firmware says. */
int xenpv_power_read_cst(const union acpi_object *cst, struct xenpv_power_idle *idle);
void xenpv_power_read_fixed(const struct acpi_table_fadt *fadt, u32 block,
			    struct xenpv_power_idle *idle);
int xenpv_power_read_pct(const union acpi_object *pct, struct xenpv_power_speed *speed);
int xenpv_power_read_pss(const union acpi_object *pss, struct xenpv_power_speed *speed);
int xenpv_power_read_psd(const union acpi_object *psd, struct xenpv_power_speed *speed);
void xenpv_power_alone(u32 acpi_id, struct xenpv_power_speed *speed);

/* power_send.c: what goes to Xen. */
int xenpv_power_send_idle(u32 acpi_id, const struct acpi_table_fadt *fadt,
			  struct xenpv_power_idle *idle);
int xenpv_power_send_speed(u32 acpi_id, struct xenpv_power_speed *speed, u32 limit);
int xenpv_power_send_limit(u32 acpi_id, u32 limit);

#endif /* _XENPV_DOM0_POWER_H */
