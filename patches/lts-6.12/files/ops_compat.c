// SPDX-License-Identifier: GPL-2.0-only
/* Adapters between this kernel's table of pv-ops and the functions that ops.c puts there. */

#include <linux/sched.h>
#include <linux/thread_info.h>
#include <asm/msr.h>
#include <asm/tlb.h>

#include <xenpv/batch.h>

#define XENPV_COMPAT_ADAPTERS
#include "ops.h"

struct xenpv_compat_info xenpv_compat_info __initdata;

void xenpv_compat_write_msr(unsigned int msr, unsigned int lo, unsigned int hi)
{
	xenpv_write_msr(msr, (u64)hi << 32 | lo);
}

u64 xenpv_compat_read_msr_safe(unsigned int msr, int *err)
{
	u64 val;

	*err = xenpv_read_msr_safe(msr, &val);
	return val;
}

int xenpv_compat_write_msr_safe(unsigned int msr, unsigned int lo, unsigned int hi)
{
	return xenpv_write_msr_safe(msr, (u64)hi << 32 | lo);
}

static void no_io_delay(void)
{
}

/* An interrupt may enter and leave while its task is inside: that only ends the wait early. */
static void lazy_enter(void)
{
	set_thread_flag(TIF_LAZY_MMU_UPDATES);
}

static void lazy_leave(void)
{
	clear_thread_flag(TIF_LAZY_MMU_UPDATES);
	xenpv_batch_flush();
}

/**
 * xenpv_ops_init() - take over all pv-ops
 *
 * What ops.c knows, and what only this kernel has.  Page tables are freed by
 * RCU, as our remote flush does not wait for walkers on other CPUs.
 *
 * Context: Boot CPU, first thing.
 */
void __init xenpv_ops_init(void)
{
	xenpv_compat_ops_init();
	pv_info.name = xenpv_compat_info.name;
	pv_info.extra_user_64bit_cs = xenpv_compat_info.extra_user_64bit_cs;
	pv_ops.cpu.io_delay = no_io_delay;
	pv_ops.mmu.lazy_mode.enter = lazy_enter;
	pv_ops.mmu.lazy_mode.leave = lazy_leave;
	pv_ops.mmu.tlb_remove_table = tlb_remove_table;
}
