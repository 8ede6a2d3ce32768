/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_PAD_H
#define _XENPV_DOM0_PAD_H

/* pad.c; visible for tests. */

#include <linux/acpi.h>
#include <linux/types.h>

int xenpv_pad_read_pur(const union acpi_object *pur, u32 *nr);
int xenpv_pad_park(u32 nr, u32 *parked);

#endif /* _XENPV_DOM0_PAD_H */
