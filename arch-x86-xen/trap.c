// SPDX-License-Identifier: GPL-2.0-only
/* The trap table that Xen uses instead of an IDT, and the C half of our own trap stubs. */

#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/sched/debug.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/desc.h>
#include <asm/idtentry.h>
#include <asm/segment.h>
#include <asm/traps.h>

#include <xenpv/hypercall.h>
#include "entry.h"
#include "private.h"

/* Xen's meaning of trap_info.flags (include/xen/interface/xen.h). */
#define TRAP_MASK_EVENTS	4

/* entry.S knows these places of the vcpu_info by number. */
static_assert(offsetof(struct vcpu_info, evtchn_upcall_pending) == XENPV_VI_PENDING);
static_assert(offsetof(struct vcpu_info, evtchn_upcall_mask) == XENPV_VI_MASK);
static_assert(offsetof(struct vcpu_info, arch.cr2) == XENPV_VI_CR2);

#define STUB(name)	void xenpv_trap_##name(void)

STUB(de); STUB(db); STUB(nmi); STUB(bp); STUB(of); STUB(br); STUB(ud); STUB(nm);
STUB(df); STUB(old_mf); STUB(ts); STUB(np); STUB(ss); STUB(gp); STUB(pf);
STUB(spurious); STUB(mf); STUB(ac); STUB(mc); STUB(xf); STUB(cp); STUB(int80);
STUB(unknown); STUB(event);

extern const char xenpv_trap_early[];
void xenpv_entry_syscall64(void);
void xenpv_entry_syscall32(void);
void xenpv_entry_sysenter32(void);

/* Where each exception goes once the early handlers are replaced. */
static void (*const trap_stubs[XENPV_NR_TRAPS])(void) = {
	[X86_TRAP_DE]		= xenpv_trap_de,
	[X86_TRAP_DB]		= xenpv_trap_db,
	[X86_TRAP_NMI]		= xenpv_trap_nmi,
	[X86_TRAP_BP]		= xenpv_trap_bp,
	[X86_TRAP_OF]		= xenpv_trap_of,
	[X86_TRAP_BR]		= xenpv_trap_br,
	[X86_TRAP_UD]		= xenpv_trap_ud,
	[X86_TRAP_NM]		= xenpv_trap_nm,
	[X86_TRAP_DF]		= xenpv_trap_df,
	[X86_TRAP_OLD_MF]	= xenpv_trap_old_mf,
	[X86_TRAP_TS]		= xenpv_trap_ts,
	[X86_TRAP_NP]		= xenpv_trap_np,
	[X86_TRAP_SS]		= xenpv_trap_ss,
	[X86_TRAP_GP]		= xenpv_trap_gp,
	[X86_TRAP_PF]		= xenpv_trap_pf,
	[X86_TRAP_SPURIOUS]	= xenpv_trap_spurious,
	[X86_TRAP_MF]		= xenpv_trap_mf,
	[X86_TRAP_AC]		= xenpv_trap_ac,
#ifdef CONFIG_X86_MCE
	[X86_TRAP_MC]		= xenpv_trap_mc,
#endif
	[X86_TRAP_XF]		= xenpv_trap_xf,
#ifdef CONFIG_X86_CET
	[X86_TRAP_CP]		= xenpv_trap_cp,
#endif
};

/*
 * What Xen was told, by vector.  The kernel has one IDT for all CPUs, so one
 * table does; a new vCPU gets a copy.  Written at boot and when the last
 * gates are set; a CPU that comes later writes what stands there already.
 */
static struct trap_info trap_table[256];

/* The early handlers are gone later, but then no gate leads to them. */
static __ref void (*trap_stub(int vector, unsigned long handler))(void)
{
	unsigned long early = (unsigned long)early_idt_handler_array;

	if (handler >= early &&
	    handler < early + NUM_EXCEPTION_VECTORS * EARLY_IDT_HANDLER_SIZE)
		return (void (*)(void))(xenpv_trap_early +
					vector * XENPV_EARLY_STUB_SIZE);
	if (vector < XENPV_NR_TRAPS)
		return trap_stubs[vector] ?: xenpv_trap_unknown;
#ifdef CONFIG_IA32_EMULATION
	if (vector == IA32_SYSCALL_VECTOR)
		return xenpv_trap_int80;
#endif
	/* Vectors of devices and of the local APIC never come from Xen. */
	return NULL;
}

static bool trap_from_gate(int vector, const gate_desc *gate)
{
	struct trap_info *trap = &trap_table[vector];
	void (*stub)(void);

	if (!gate->bits.p)
		return false;
	stub = trap_stub(vector, gate_offset(gate));
	if (!stub)
		return false;

	trap->vector = vector;
	trap->cs = gate_segment(gate);
	trap->flags = gate->bits.dpl;
	if (gate->bits.type == GATE_INTERRUPT)
		trap->flags |= TRAP_MASK_EVENTS;
	trap->address = (unsigned long)stub;
	return true;
}

/**
 * xenpv_write_idt_entry() - set a gate, and tell Xen if it is about a trap
 * @idt: the table
 * @vector: which entry
 * @gate: new value
 *
 * Context: Boot, one CPU at a time.
 */
void xenpv_write_idt_entry(gate_desc *idt, int vector, const gate_desc *gate)
{
	struct trap_info one[2] = { };

	native_write_idt_entry(idt, vector, gate);
	if (!trap_from_gate(vector, gate))
		return;
	one[0] = trap_table[vector];
	if (xenpv_hv_set_trap_table(one))
		pr_err("xenpv: Xen refused the gate of vector %d\n", vector);
}

/**
 * xenpv_load_idt() - give Xen all gates of an IDT
 * @desc: where the table is
 *
 * A CPU that comes later has its traps from its first context and tells Xen the
 * same ones again.
 *
 * Context: Boot and CPU bring-up, on the CPU.
 */
void xenpv_load_idt(const struct desc_ptr *desc)
{
	const gate_desc *idt = (const gate_desc *)desc->address;
	unsigned int nr = (desc->size + 1) / sizeof(*idt);
	struct trap_info list[XENPV_NR_TRAPS + 2] = { };
	unsigned int vector, out = 0;

	for (vector = 0; vector < nr && out < ARRAY_SIZE(list) - 1; vector++) {
		if (trap_from_gate(vector, &idt[vector]))
			list[out++] = trap_table[vector];
	}
	if (xenpv_hv_set_trap_table(list))
		pr_err("xenpv: Xen refused the trap table\n");
}

/**
 * xenpv_trap_fill() - the traps of a vCPU that is about to start
 * @traps: 256 entries of its vcpu_guest_context, by vector
 *
 * Context: Process.
 */
void xenpv_trap_fill(struct trap_info *traps)
{
	memcpy(traps, trap_table, sizeof(trap_table));
}

static int register_callback(unsigned int type, void (*entry)(void))
{
	struct callback_register reg = {
		.type = type,
		.flags = CALLBACKF_mask_events,
		.address = (unsigned long)entry,
	};

	return xenpv_hv_callback_op(CALLBACKOP_register, &reg);
}

/**
 * xenpv_trap_set_callbacks() - tell Xen where this vCPU takes system calls
 *
 * Context: On the vCPU, once; the boot CPU before its first task.
 */
void xenpv_trap_set_callbacks(void)
{
	if (register_callback(CALLBACKTYPE_syscall, xenpv_entry_syscall64))
		panic("xenpv: Xen refused the system call entry\n");
}

/**
 * xenpv_trap_set_compat() - tell Xen where this vCPU takes 32-bit system calls
 *
 * Not before the command line was read: it may forbid 32-bit programs, and nothing
 * behind the entries asks again.
 *
 * Context: On the vCPU, once.
 */
void xenpv_trap_set_compat(void)
{
#ifdef CONFIG_IA32_EMULATION
	int ret = 0;

	if (!ia32_enabled())
		return;
	if (cpu_feature_enabled(X86_FEATURE_SYSCALL32))
		ret = register_callback(CALLBACKTYPE_syscall32, xenpv_entry_syscall32);
	else if (cpu_feature_enabled(X86_FEATURE_SYSFAST32))
		ret = register_callback(CALLBACKTYPE_sysenter, xenpv_entry_sysenter32);
	if (ret) {
		setup_clear_cpu_cap(X86_FEATURE_SYSCALL32);
		setup_clear_cpu_cap(X86_FEATURE_SYSFAST32);
	}
#endif
}

/**
 * xenpv_trap_init() - register events, failsafe and system calls of the boot CPU
 *
 * Context: Boot CPU, from setup_arch().
 */
void __init xenpv_trap_init(void)
{
	xenpv_hv_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	if (register_callback(CALLBACKTYPE_event, xenpv_trap_event) ||
	    register_callback(CALLBACKTYPE_failsafe, xenpv_entry_failsafe))
		panic("xenpv: Xen refused the event entry\n");
	xenpv_trap_set_callbacks();
}

__visible noinstr void xenpv_do_debug(struct pt_regs *regs)
{
	if (user_mode(regs))
		noist_exc_debug(regs);
	else
		exc_debug(regs);
}

__visible noinstr void xenpv_do_nmi(struct pt_regs *regs)
{
	exc_nmi(regs);
}

__visible noinstr void
xenpv_do_double_fault(struct pt_regs *regs, unsigned long error_code)
{
	exc_double_fault(regs, error_code);
}

__visible noinstr void xenpv_do_machine_check(struct pt_regs *regs)
{
#ifdef CONFIG_X86_MCE
	if (user_mode(regs))
		noist_exc_machine_check(regs);
	else
		exc_machine_check(regs);
#endif
}

/* Xen only delivers what the table names, so this vector is one we gave it. */
__visible noinstr void xenpv_do_unknown(struct pt_regs *regs)
{
	irqentry_state_t entered = irqentry_enter(regs);

	instrumentation_begin();
	WARN_ONCE(1, "xenpv: trap without a handler\n");
	instrumentation_end();
	irqentry_exit(regs, entered);
}
