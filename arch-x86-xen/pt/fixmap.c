// SPDX-License-Identifier: GPL-2.0-only
/* Fixmap slots: most hold page numbers, one a machine address, some nothing real. */

#include <linux/mm.h>
#include <linux/printk.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>

#include <xenpv/hypercall.h>
#include "../private.h"
#include "pt.h"

/*
 * What the slots of the local and I/O APICs show: all ones.  Xen owns the
 * chips; reads of the I/O APIC go through a hypercall, and this page keeps code
 * that looks all the same from faulting.
 */
static u8 no_chip[PAGE_SIZE] __page_aligned_data = { [0 ... PAGE_SIZE - 1] = 0xff };

void xenpv_set_fixmap(unsigned int idx, phys_addr_t phys, pgprot_t prot)
{
	unsigned long va = __fix_to_virt(idx);
	u64 raw;

	switch (idx) {
	case FIX_PARAVIRT_BOOTMAP:
		/* Xen gives the shared-info page as a machine address. */
		raw = (phys & PTE_PFN_MASK) | pgprot_val(prot);
		break;
#ifdef CONFIG_X86_LOCAL_APIC
	case FIX_APIC_BASE:
#endif
#ifdef CONFIG_X86_IO_APIC
	case FIX_IO_APIC_BASE_0 ... FIX_IO_APIC_BASE_END:
#endif
		raw = xenpv_pt_raw(PFN_DOWN(__pa(no_chip)), PAGE_KERNEL);
		break;
	default:
		raw = xenpv_pt_raw(PFN_DOWN(phys), prot);
		break;
	}
	if (xenpv_hv_update_va_mapping(va, raw, UVMF_INVLPG))
		pr_err("xenpv: Xen refused fixmap slot %u (%#llx)\n", idx, raw);

#ifdef CONFIG_X86_VSYSCALL_EMULATION
	if (idx == VSYSCALL_PAGE)
		xenpv_pt_set_user_vsyscall(raw);
#endif
}
