// SPDX-License-Identifier: GPL-2.0-only
/* From Xen's entry to start_kernel(), as an ordered list of steps. */

#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/linkage.h>
#include <asm/bootparam.h>
#include <asm/cpufeature.h>
#include <asm/desc.h>
#include <asm/percpu.h>
#include <asm/processor.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <asm/text-patching.h>

#include <xenpv/console.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/*
 * Every return to the kernel from mainline's entry code goes through this jump,
 * for good; natively it leads to iretq.
 */
static void __init retarget_iret(void)
{
	s32 rel = (long)xenpv_iret - ((long)early_xen_iret_patch + JMP32_INSN_SIZE);

	memcpy((u8 *)early_xen_iret_patch + 1, &rel, sizeof(rel));
}

/* Page-table entries that are made before early_cpu_init() want to know. */
static void __init learn_pte_bits(void)
{
	unsigned int eax = 0x80000001, ebx, ecx = 0, edx;

	xenpv_cpuid(&eax, &ebx, &ecx, &edx);
	if (edx & BIT(X86_FEATURE_NX % 32))
		__supported_pte_mask |= _PAGE_NX;
	__default_kernel_pte_mask &= ~_PAGE_GLOBAL;
	__supported_pte_mask &= ~_PAGE_GLOBAL;
}

/* A boot loader would have filled this in. */
static void __init fill_boot_params(void)
{
	const struct start_info *si = xenpv_self.start;
	unsigned long initrd = 0;

	if (si->mod_start)
		initrd = si->flags & SIF_MOD_START_PFN ? PFN_PHYS(si->mod_start) :
							  __pa(si->mod_start);
	boot_params.hdr.type_of_loader = 9 << 4;	/* Xen */
	boot_params.hdr.hardware_subarch = X86_SUBARCH_XEN;
	boot_params.hdr.ramdisk_image = initrd;
	boot_params.ext_ramdisk_image = initrd >> 32;
	boot_params.hdr.ramdisk_size = si->mod_len;
	boot_params.ext_ramdisk_size = si->mod_len >> 32;
	boot_params.hdr.cmd_line_ptr = __pa(si->cmd_line);
	boot_params.ext_cmd_line_ptr = __pa(si->cmd_line) >> 32;

	if (!xenpv_self.control)
		return;
	if (IS_ENABLED(CONFIG_XENPV_VGA))
		xenpv_dom0_vga_init();
	if (IS_ENABLED(CONFIG_XENPV_EFI))
		xenpv_dom0_efi_init();
}

/* Port access of the kernel, which does not run in ring 0. */
static void __init allow_ports(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	xenpv_hv_physdev_op(PHYSDEVOP_set_iopl, &iopl);
}

/**
 * xenpv_start() - first C code of a PV domain
 * @si: start-info page, in Xen's mapping of the kernel
 *
 * Context: Boot CPU, events masked, Xen's page tables; no BUG, no printk, no
 * instrumentation work yet.
 */
asmlinkage __visible void __init xenpv_start(struct start_info *si)
{
	memset(__bss_start, 0, __bss_stop - __bss_start);
	memset(__brk_base, 0, __brk_limit - __brk_base);
	early_boot_irqs_disabled = true;

	retarget_iret();
	setup_force_cpu_cap(X86_FEATURE_XENPV);
	xenpv_hypercall_select(XENPV_KIND_PV);
	xenpv_self_read(XENPV_KIND_PV, si);
	xenpv_bridge_init();
	xenpv_vcpu_boot();
	xenpv_ops_init();
	learn_pte_bits();
	xenpv_p2m_boot();
	xenpv_pt_boot();
	switch_gdt_and_percpu_base(0);
	idt_setup_early_handler();
	xenpv_cpuid_init();
	allow_ports();
	fill_boot_params();
	xenpv_setup_hooks();
	cr4_init_shadow();
	x86_64_start_reservations((void *)__pa_symbol(&boot_params));
}
