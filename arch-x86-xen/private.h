/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_PRIVATE_H
#define _XENPV_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/dma-direction.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/mm_types.h>
#include <asm/desc_defs.h>
#include <asm/pgtable_types.h>
#include <asm/tlbflush.h>
#include <xenpv/abi.h>
#include <xenpv/self.h>
#include <xenpv/types.h>
#include <xenpv/vcpu.h>

struct cpumask;
struct device;
struct irq_domain;
struct pt_regs;
struct screen_info;
struct task_struct;
struct thread_struct;

/* Mainline's, without a header. */
void early_xen_iret_patch(void);
void noist_exc_debug(struct pt_regs *regs);
void noist_exc_machine_check(struct pt_regs *regs);

/* vcpu.c */
void xenpv_vcpu_boot(void);
void xenpv_vcpu_map_shared_info(void);
void xenpv_vcpu_place_all(void);

/* start.c, self.c, hypercall.c, ops.c, bridge.c, setup.c */
asmlinkage void xenpv_start(struct start_info *si);
void xenpv_self_read(enum xenpv_kind kind, struct start_info *start);
void xenpv_hypercall_select(enum xenpv_kind kind);
void xenpv_ops_init(void);
void xenpv_ops_use_pages(void);
void xenpv_ops_use_vcpu_info(void);
void xenpv_bridge_init(void);
void xenpv_setup_hooks(void);
void xenpv_setup_platform(void);
void xenpv_setup_late(void);

/* entry.S; C functions, for xenpv_hypercall_user() */
long xenpv_hypercall_user_pv(unsigned long nr, unsigned long a1, unsigned long a2,
			     unsigned long a3, unsigned long a4, unsigned long a5);
long xenpv_hypercall_user_vmcall(unsigned long nr, unsigned long a1, unsigned long a2,
				 unsigned long a3, unsigned long a4, unsigned long a5);
long xenpv_hypercall_user_vmmcall(unsigned long nr, unsigned long a1, unsigned long a2,
				  unsigned long a3, unsigned long a4, unsigned long a5);

/* dom0/acpi.c, dom0/dma.c, dom0/dma_ops.c, dom0/msi.c */
void xenpv_dom0_acpi_init(void);
dma_addr_t xenpv_dma_map(struct device *dev, phys_addr_t phys, size_t size,
			 enum dma_data_direction dir, unsigned long attrs);
void xenpv_dma_unmap(struct device *dev, dma_addr_t dma, size_t size,
		     enum dma_data_direction dir, unsigned long attrs);
void xenpv_dma_sync_for_cpu(struct device *dev, dma_addr_t dma, size_t size,
			    enum dma_data_direction dir);
void xenpv_dma_sync_for_device(struct device *dev, dma_addr_t dma, size_t size,
			       enum dma_data_direction dir);
void *xenpv_dma_alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs);
void xenpv_dma_free(struct device *dev, size_t size, void *va, dma_addr_t dma,
		    unsigned long attrs);
int xenpv_dma_supported(struct device *dev, u64 mask);
u64 xenpv_dma_required_mask(struct device *dev);
int xenpv_dma_pool(void *pool, unsigned long nr_slabs);
void xenpv_dma_init(void);
struct irq_domain *xenpv_msi_domain(void);

/* dom0/vga.c, dom0/efi.c, dom0/efi_calls.c */
void xenpv_vga_fill(struct screen_info *screen, const struct dom0_vga_console_info *info,
		    size_t size);
void xenpv_dom0_vga_init(void);
void xenpv_dom0_efi_init(void);
void xenpv_efi_take_calls(void);

/* apic.c */
u32 xenpv_apic_id(unsigned int cpu);
int xenpv_ipi_bind(unsigned int cpu);
void xenpv_ipi_reschedule(int cpu);
void xenpv_ipi_call(int cpu);
void xenpv_ipi_call_mask(const struct cpumask *mask);
void xenpv_apic_init(void);
void xenpv_smp_count_vcpus(void);

/* smp.c */
void xenpv_smp_init(void);
void xenpv_smp_check_stop(void);
asmlinkage void __noreturn xenpv_ap_start(void);

/* time.c */
void xenpv_time_init_early(void);
void xenpv_time_init(void);
int xenpv_time_bind_cpu(unsigned int cpu);
void xenpv_time_start_cpu(unsigned int cpu);

/* steal.c */
void xenpv_steal_init(void);
void xenpv_steal_init_cpu(unsigned int cpu);
void xenpv_steal_exit_cpu(unsigned int cpu);
bool xenpv_steal_preempted(long cpu);
bool __raw_callee_save_xenpv_steal_preempted(long cpu);

/* spinlock.c */
#ifdef CONFIG_PARAVIRT_SPINLOCKS
void xenpv_spinlock_init(void);
int xenpv_spinlock_bind_cpu(unsigned int cpu);
#else
static inline void xenpv_spinlock_init(void) { }
static inline int xenpv_spinlock_bind_cpu(unsigned int cpu) { return 0; }
#endif

/* cpu.c */
void xenpv_start_context_switch(struct task_struct *prev);
void xenpv_end_context_switch(struct task_struct *next);
unsigned long xenpv_read_cr0(void);
void xenpv_write_cr0(unsigned long cr0);
void xenpv_write_cr4(unsigned long cr4);
void xenpv_set_debugreg(int reg, unsigned long val);
unsigned long xenpv_get_debugreg(int reg);
void xenpv_load_sp0(unsigned long sp0);
void xenpv_load_gs_index(unsigned int selector);
void xenpv_invalidate_io_bitmap(void);
void xenpv_update_io_bitmap(void);

/* desc.c */
void xenpv_load_gdt(const struct desc_ptr *dtr);
void xenpv_write_gdt_entry(struct desc_struct *gdt, int entry, const void *desc, int type);
void xenpv_write_ldt_entry(struct desc_struct *ldt, int entry, const void *desc);
void xenpv_alloc_ldt(struct desc_struct *ldt, unsigned int entries);
void xenpv_free_ldt(struct desc_struct *ldt, unsigned int entries);
void xenpv_set_ldt(const void *addr, unsigned int entries);
void xenpv_load_tls(struct thread_struct *t, unsigned int cpu);

/* cpuid.c, msr.c */
void xenpv_cpuid(unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx);
void xenpv_cpuid_init(void);
u64 xenpv_read_msr(u32 msr);
void xenpv_write_msr(u32 msr, u64 val);
int xenpv_read_msr_safe(u32 msr, u64 *val);
int xenpv_write_msr_safe(u32 msr, u64 val);
DECLARE_PER_CPU(bool, xenpv_user_gs_known);

/* trap.c, irq.c */
void xenpv_load_idt(const struct desc_ptr *desc);
void xenpv_write_idt_entry(gate_desc *idt, int vector, const gate_desc *gate);
void xenpv_trap_fill(struct trap_info *traps);
void xenpv_trap_set_callbacks(void);
void xenpv_trap_set_compat(void);
void xenpv_trap_init(void);
void xenpv_do_debug(struct pt_regs *regs);
void xenpv_do_nmi(struct pt_regs *regs);
void xenpv_do_double_fault(struct pt_regs *regs, unsigned long error_code);
void xenpv_do_machine_check(struct pt_regs *regs);
void xenpv_do_unknown(struct pt_regs *regs);
void xenpv_do_event(struct pt_regs *regs);
void xenpv_safe_halt(void);
void xenpv_halt(void);

/* memmap.c */
char *xenpv_memory_setup(void);
unsigned long xenpv_memmap_end(void);
void xenpv_memmap_apply_moves(void);
bool xenpv_memmap_extra(unsigned int i, unsigned long *first, unsigned long *end);

/* entry.S */
void xenpv_iret(void);
void xenpv_irq_save_fl(void);
void xenpv_irq_enable(void);
void xenpv_irq_disable(void);
void xenpv_read_cr2(void);
void xenpv_read_cr2_early(void);
void xenpv_trap_event(void);
void xenpv_entry_failsafe(void);
void xenpv_entry_ap(void);
void xenpv_ap_restart(unsigned long stack);

/* pt/value.S; C may call them, they only keep more registers than others */
u64 xenpv_pt_make(u64 value);
u64 xenpv_pt_value(u64 entry);

/* pt/boot.c, pt/p2m.c, pt/fixmap.c */
void xenpv_pt_boot(void);
void xenpv_pt_mark_user_template(void);
void xenpv_pt_set_user_vsyscall(u64 raw);
void xenpv_p2m_boot(void);
int xenpv_p2m_reach(unsigned long end);
void xenpv_set_fixmap(unsigned int idx, phys_addr_t phys, pgprot_t prot);

/* pt/contig.c: as many pages as Xen swaps in one go */
#define XENPV_CONTIG_MAX_ORDER	9
bool xenpv_contig_is(unsigned long pfn, unsigned long nr);
int xenpv_contig_make(unsigned long pfn, unsigned int order, unsigned int address_bits);
int xenpv_contig_undo(unsigned long pfn, unsigned int order);

/* pt/set.c */
void xenpv_set_pte_early(pte_t *ptep, pte_t pte);
void xenpv_set_pte(pte_t *ptep, pte_t pte);
void xenpv_set_pmd(pmd_t *pmdp, pmd_t pmd);
void xenpv_set_pud(pud_t *pudp, pud_t pud);
void xenpv_set_p4d(p4d_t *p4dp, p4d_t p4d);
mfn_t xenpv_pt_mfn_of(const void *va);
u64 xenpv_pt_maddr_of(const void *va);
void xenpv_pt_set_readonly(void *va, bool ro);

/* pt/range.c */
pte_t xenpv_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);
void xenpv_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep,
			      pte_t pte);

/* pt/tlb.c */
unsigned long xenpv_read_cr3(void);
void xenpv_write_cr3_early(unsigned long cr3);
void xenpv_write_cr3(unsigned long cr3);
void xenpv_pt_mark_cr3(unsigned int cpu, unsigned long pa);
void xenpv_flush_tlb(void);
void xenpv_flush_tlb_one(unsigned long addr);
void xenpv_flush_tlb_multi(const struct cpumask *cpus, const struct flush_tlb_info *info);
void xenpv_lazy_mode_flush(void);
void xenpv_write_cr2(unsigned long cr2);

/* pt/pin.c */
void xenpv_enter_mmap(struct mm_struct *mm);
void xenpv_exit_mmap(struct mm_struct *mm);
int xenpv_pgd_alloc(struct mm_struct *mm);
void xenpv_pgd_free(struct mm_struct *mm, pgd_t *pgd);
void xenpv_alloc_pte(struct mm_struct *mm, unsigned long pfn);
void xenpv_alloc_upper(struct mm_struct *mm, unsigned long pfn);
void xenpv_release_pte(unsigned long pfn);
void xenpv_release_upper(unsigned long pfn);
void xenpv_alloc_pte_early(struct mm_struct *mm, unsigned long pfn);
void xenpv_alloc_upper_early(struct mm_struct *mm, unsigned long pfn);
void xenpv_release_pte_early(unsigned long pfn);
void xenpv_release_upper_early(unsigned long pfn);
void xenpv_pt_pages_are_ready(void);

#endif
