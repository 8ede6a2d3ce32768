// SPDX-License-Identifier: GPL-2.0-only
/* The state that Xen shares with each vCPU: where it lies and when it moves there. */

#include <linux/init.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/shared.h>
#include "private.h"

/*
 * Until the per-CPU areas have their final place, the boot CPU uses the copy
 * in the shared-info page, and before that page is mapped a dummy whose mask
 * is set: interrupts are off so early, and nobody can turn them on.
 */
static struct vcpu_info early_vcpu_info __initdata = { .evtchn_upcall_mask = 1 };
static struct shared_info early_shared_info __initdata;

/* Within one page, as Xen demands: aligned to at least its size, without SMP, too. */
static_assert(sizeof(struct vcpu_info) <= SMP_CACHE_BYTES);
DEFINE_PER_CPU_ALIGNED(struct vcpu_info, xenpv_vcpu_info);
DEFINE_PER_CPU(struct vcpu_info __xen_shared *, xenpv_vcpu);

struct shared_info __xen_shared *xenpv_shared_info __ro_after_init;

/* A structure of ours that Xen writes from now on. */
#define shared_by_xen(p)	((typeof(*(p)) __xen_shared __force *)(p))

/**
 * xenpv_vcpu_boot() - give the boot CPU a vcpu_info to look at
 *
 * Context: First thing at boot.
 */
void __init xenpv_vcpu_boot(void)
{
	xenpv_shared_info = shared_by_xen(&early_shared_info);
	this_cpu_write(xenpv_vcpu, shared_by_xen(&early_vcpu_info));
}

/**
 * xenpv_vcpu_map_shared_info() - map the shared-info page and use it
 *
 * Context: Boot CPU, after the fixmap works.
 */
void __init xenpv_vcpu_map_shared_info(void)
{
	populate_extra_pte(fix_to_virt(FIX_PARAVIRT_BOOTMAP));
	set_fixmap(FIX_PARAVIRT_BOOTMAP, xenpv_self.start->shared_info);
	xenpv_shared_info = shared_by_xen((struct shared_info *)fix_to_virt(FIX_PARAVIRT_BOOTMAP));
	xenpv_shared_store(&xenpv_shared_info->vcpu_info[0].evtchn_upcall_mask, 1);
	this_cpu_write(xenpv_vcpu, &xenpv_shared_info->vcpu_info[0]);
}

/* Xen copies the old contents and cannot be asked to move it again. */
static void __init place(unsigned int cpu)
{
	struct vcpu_info *vi = &per_cpu(xenpv_vcpu_info, cpu);
	struct vcpu_register_vcpu_info reg = {
		.mfn = mfn_unbox(xenpv_pt_mfn_of(vi)),
		.offset = offset_in_page(vi),
	};
	int ret;

	vi->evtchn_upcall_mask = 1;
	ret = xenpv_hv_vcpu_op(VCPUOP_register_vcpu_info, cpu, &reg);
	if (ret)
		panic("xenpv: Xen refused the vcpu_info of CPU %u (%d)\n", cpu, ret);
	per_cpu(xenpv_vcpu, cpu) = shared_by_xen(vi);
}

/**
 * xenpv_vcpu_place_all() - move each possible CPU's vcpu_info to its per-CPU area
 *
 * From here on the fast interrupt-flag operations may be used.
 *
 * Context: Boot CPU, interrupts off, before alternatives are applied.
 */
void __init xenpv_vcpu_place_all(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		place(cpu);
	xenpv_ops_use_vcpu_info();
}
