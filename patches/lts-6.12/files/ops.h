/* SPDX-License-Identifier: GPL-2.0-only */
/* ops.c: this kernel's table of pv-ops has other members; ops_compat.c fills the rest. */
#ifndef XENPV_COMPAT_OPS_H
#define XENPV_COMPAT_OPS_H

#include <asm/desc.h>
#include <asm/paravirt.h>
#include <asm/segment.h>

#include "../private.h"

/**
 * struct xenpv_compat_info - what a newer kernel's pv_info holds
 * @name: see struct pv_info
 * @extra_user_64bit_cs: see struct pv_info
 * @io_delay: a member of pv_ops.cpu here
 */
struct xenpv_compat_info {
	const char *name;
	u16 extra_user_64bit_cs;
	bool io_delay;
};

extern struct xenpv_compat_info xenpv_compat_info;

void xenpv_compat_ops_init(void);
void xenpv_compat_write_msr(unsigned int msr, unsigned int lo, unsigned int hi);
u64 xenpv_compat_read_msr_safe(unsigned int msr, int *err);
int xenpv_compat_write_msr_safe(unsigned int msr, unsigned int lo, unsigned int hi);

#ifndef XENPV_COMPAT_ADAPTERS

#define pv_info			xenpv_compat_info
#define xenpv_ops_init		xenpv_compat_ops_init
#define xenpv_write_msr		xenpv_compat_write_msr
#define xenpv_read_msr_safe	xenpv_compat_read_msr_safe
#define xenpv_write_msr_safe	xenpv_compat_write_msr_safe
#define lazy_mode_flush		lazy_mode.flush

/* With four levels this one has the work of the level above. */
#if CONFIG_PGTABLE_LEVELS < 5
#define p4d_val			pgd_val
#define make_p4d		make_pgd
#endif

#endif /* XENPV_COMPAT_ADAPTERS */

#endif
