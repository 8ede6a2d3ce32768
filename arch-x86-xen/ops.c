// SPDX-License-Identifier: GPL-2.0-only
/* The switchboard: nothing else in this series assigns pv-ops. */

#include <linux/init.h>
#include <asm/desc.h>
#include <asm/paravirt.h>
#include <asm/segment.h>

#include "private.h"

/*
 * Two moments matter: before xenpv_ops_use_vcpu_info() and before
 * xenpv_ops_use_pages() simpler variants of some operations are in place.
 * Both are over before alternatives turn the calls into direct ones.
 * Members are assigned one by one, because objtool learns the targets of
 * pv-ops from such stores and then checks what noinstr code can reach.
 */

static unsigned long no_tr(void)
{
	return 0;
}

static void __init set_cpu_ops(void)
{
	pv_ops.cpu.get_debugreg = xenpv_get_debugreg;
	pv_ops.cpu.set_debugreg = xenpv_set_debugreg;
	pv_ops.cpu.read_cr0 = xenpv_read_cr0;
	pv_ops.cpu.write_cr0 = xenpv_write_cr0;
	pv_ops.cpu.write_cr4 = xenpv_write_cr4;
	pv_ops.cpu.load_tr_desc = paravirt_nop;
	pv_ops.cpu.store_tr = no_tr;
	pv_ops.cpu.load_gdt = xenpv_load_gdt;
	pv_ops.cpu.write_gdt_entry = xenpv_write_gdt_entry;
	pv_ops.cpu.load_idt = xenpv_load_idt;
	pv_ops.cpu.write_idt_entry = xenpv_write_idt_entry;
	pv_ops.cpu.set_ldt = xenpv_set_ldt;
	pv_ops.cpu.alloc_ldt = xenpv_alloc_ldt;
	pv_ops.cpu.free_ldt = xenpv_free_ldt;
	pv_ops.cpu.write_ldt_entry = xenpv_write_ldt_entry;
	pv_ops.cpu.load_tls = xenpv_load_tls;
	pv_ops.cpu.load_gs_index = xenpv_load_gs_index;
	pv_ops.cpu.load_sp0 = xenpv_load_sp0;
#ifdef CONFIG_X86_IOPL_IOPERM
	pv_ops.cpu.invalidate_io_bitmap = xenpv_invalidate_io_bitmap;
	pv_ops.cpu.update_io_bitmap = xenpv_update_io_bitmap;
#endif
	pv_ops.cpu.cpuid = xenpv_cpuid;
	pv_ops.cpu.read_msr = xenpv_read_msr;
	pv_ops.cpu.write_msr = xenpv_write_msr;
	pv_ops.cpu.read_msr_safe = xenpv_read_msr_safe;
	pv_ops.cpu.write_msr_safe = xenpv_write_msr_safe;
	pv_ops.cpu.start_context_switch = xenpv_start_context_switch;
	pv_ops.cpu.end_context_switch = xenpv_end_context_switch;
}

/* Until each CPU has its vcpu_info, interrupts are off and stay off. */
static void __init set_irq_ops(void)
{
	pv_ops.irq.irq_enable = __PV_IS_CALLEE_SAVE(paravirt_nop);
	pv_ops.irq.irq_disable = __PV_IS_CALLEE_SAVE(paravirt_nop);
	pv_ops.irq.save_fl = __PV_IS_CALLEE_SAVE(paravirt_ret0);
	pv_ops.irq.halt = xenpv_halt;
	pv_ops.irq.safe_halt = xenpv_safe_halt;
	pv_ops.mmu.read_cr2 = __PV_IS_CALLEE_SAVE(xenpv_read_cr2_early);
}

/* Until there are page structures, the one page table is always watched. */
static void __init set_early_mmu_ops(void)
{
	pv_ops.mmu.write_cr3 = xenpv_write_cr3_early;
	pv_ops.mmu.alloc_pte = xenpv_alloc_pte_early;
	pv_ops.mmu.alloc_pmd = xenpv_alloc_upper_early;
	pv_ops.mmu.alloc_pud = xenpv_alloc_upper_early;
	pv_ops.mmu.release_pte = xenpv_release_pte_early;
	pv_ops.mmu.release_pmd = xenpv_release_upper_early;
	pv_ops.mmu.release_pud = xenpv_release_upper_early;
	pv_ops.mmu.set_pte = xenpv_set_pte_early;
}

static void __init set_mmu_ops(void)
{
	pv_ops.mmu.write_cr2 = xenpv_write_cr2;
	pv_ops.mmu.read_cr3 = xenpv_read_cr3;
	pv_ops.mmu.flush_tlb_user = xenpv_flush_tlb;
	pv_ops.mmu.flush_tlb_kernel = xenpv_flush_tlb;
	pv_ops.mmu.flush_tlb_one_user = xenpv_flush_tlb_one;
	pv_ops.mmu.flush_tlb_multi = xenpv_flush_tlb_multi;
	pv_ops.mmu.enter_mmap = xenpv_enter_mmap;
	pv_ops.mmu.exit_mmap = xenpv_exit_mmap;
	pv_ops.mmu.pgd_alloc = xenpv_pgd_alloc;
	pv_ops.mmu.pgd_free = xenpv_pgd_free;
	pv_ops.mmu.set_pmd = xenpv_set_pmd;
	pv_ops.mmu.set_pud = xenpv_set_pud;
	pv_ops.mmu.set_p4d = xenpv_set_p4d;
	/* The generic pair, which Xen emulates, counts for page_table_check. */
	if (!IS_ENABLED(CONFIG_PAGE_TABLE_CHECK)) {
		pv_ops.mmu.ptep_modify_prot_start = xenpv_modify_prot_start;
		pv_ops.mmu.ptep_modify_prot_commit = xenpv_modify_prot_commit;
	}
	pv_ops.mmu.pte_val = __PV_IS_CALLEE_SAVE(xenpv_pt_value);
	pv_ops.mmu.pmd_val = __PV_IS_CALLEE_SAVE(xenpv_pt_value);
	pv_ops.mmu.pud_val = __PV_IS_CALLEE_SAVE(xenpv_pt_value);
	pv_ops.mmu.p4d_val = __PV_IS_CALLEE_SAVE(xenpv_pt_value);
	pv_ops.mmu.pgd_val = __PV_IS_CALLEE_SAVE(xenpv_pt_value);
	pv_ops.mmu.make_pte = __PV_IS_CALLEE_SAVE(xenpv_pt_make);
	pv_ops.mmu.make_pmd = __PV_IS_CALLEE_SAVE(xenpv_pt_make);
	pv_ops.mmu.make_pud = __PV_IS_CALLEE_SAVE(xenpv_pt_make);
	pv_ops.mmu.make_p4d = __PV_IS_CALLEE_SAVE(xenpv_pt_make);
	pv_ops.mmu.make_pgd = __PV_IS_CALLEE_SAVE(xenpv_pt_make);
	pv_ops.mmu.lazy_mode_flush = xenpv_lazy_mode_flush;
	pv_ops.mmu.set_fixmap = xenpv_set_fixmap;
}

/**
 * xenpv_ops_init() - take over all pv-ops
 *
 * Context: Boot CPU, first thing.
 */
void __init xenpv_ops_init(void)
{
	pv_info.name = "Xen PV";
	pv_info.extra_user_64bit_cs = FLAT_USER_CS64;
	pv_info.io_delay = false;
	set_cpu_ops();
	set_irq_ops();
	set_mmu_ops();
	set_early_mmu_ops();
}

/**
 * xenpv_ops_use_pages() - there are page structures: tables may be unwatched
 *
 * Context: Boot CPU, after paging_init().
 */
void __init xenpv_ops_use_pages(void)
{
	pv_ops.mmu.write_cr3 = xenpv_write_cr3;
	pv_ops.mmu.alloc_pte = xenpv_alloc_pte;
	pv_ops.mmu.alloc_pmd = xenpv_alloc_upper;
	pv_ops.mmu.alloc_pud = xenpv_alloc_upper;
	pv_ops.mmu.release_pte = xenpv_release_pte;
	pv_ops.mmu.release_pmd = xenpv_release_upper;
	pv_ops.mmu.release_pud = xenpv_release_upper;
	pv_ops.mmu.set_pte = xenpv_set_pte;
}

/**
 * xenpv_ops_use_vcpu_info() - every CPU has its vcpu_info: use it directly
 *
 * Context: Boot CPU, interrupts off.
 */
void __init xenpv_ops_use_vcpu_info(void)
{
	pv_ops.irq.irq_enable = __PV_IS_CALLEE_SAVE(xenpv_irq_enable);
	pv_ops.irq.irq_disable = __PV_IS_CALLEE_SAVE(xenpv_irq_disable);
	pv_ops.irq.save_fl = __PV_IS_CALLEE_SAVE(xenpv_irq_save_fl);
	pv_ops.mmu.read_cr2 = __PV_IS_CALLEE_SAVE(xenpv_read_cr2);
}
