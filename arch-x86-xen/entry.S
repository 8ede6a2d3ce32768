/* SPDX-License-Identifier: GPL-2.0-only */
/* What crosses between Xen and the kernel in assembly: traps, events, system calls, returns. */

#include <linux/init.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm.h>
#include <asm/asm-offsets.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/smap.h>
#include <asm/thread_info.h>
#include <asm/trapnr.h>
#include <asm/unwind_hints.h>

#include <xen/interface/xen.h>
#include <../entry/calling.h>

#include "entry.h"

/*
 * Interrupt flag
 *
 * The flag of a PV guest is the mask byte of its vcpu_info.  Callers of these
 * expect every register but rax to survive.
 */
	.pushsection .noinstr.text, "ax"

SYM_FUNC_START(xenpv_irq_save_fl)
	ENDBR
	xorl	%eax, %eax
	cmpb	$0, PER_CPU_VAR(xenpv_vcpu_info + XENPV_VI_MASK)
	sete	%ah
	addl	%eax, %eax		/* 0x100 becomes X86_EFLAGS_IF */
	RET
SYM_FUNC_END(xenpv_irq_save_fl)

SYM_FUNC_START(xenpv_irq_disable)
	ENDBR
	movb	$1, PER_CPU_VAR(xenpv_vcpu_info + XENPV_VI_MASK)
	RET
SYM_FUNC_END(xenpv_irq_disable)

/*
 * An event that came while masked is still pending and Xen will not tell again,
 * so look after unmasking.  Any hypercall makes Xen look; take a cheap one.  A
 * migration to another vCPU in between is harmless: the switch itself has
 * delivered what was pending on the old one.
 */
SYM_FUNC_START(xenpv_irq_enable)
	ENDBR
	movb	$0, PER_CPU_VAR(xenpv_vcpu_info + XENPV_VI_MASK)
	cmpb	$0, PER_CPU_VAR(xenpv_vcpu_info + XENPV_VI_PENDING)
	jne	.Lkick
	RET
.Lkick:
	FRAME_BEGIN
	pushq	%rcx
	pushq	%r11
	pushq	%rdi
	pushq	%rsi
	xorl	%edi, %edi		/* XENVER_version */
	xorl	%esi, %esi
	movl	$__HYPERVISOR_xen_version, %eax
	call	xenpv_hypercall_syscall
	popq	%rsi
	popq	%rdi
	popq	%r11
	popq	%rcx
	FRAME_END
	RET
SYM_FUNC_END(xenpv_irq_enable)

SYM_FUNC_START(xenpv_read_cr2)
	ENDBR
	movq	PER_CPU_VAR(xenpv_vcpu_info + XENPV_VI_CR2), %rax
	RET
SYM_FUNC_END(xenpv_read_cr2)

/* Before the vcpu_info of the boot CPU has its final place. */
SYM_FUNC_START(xenpv_read_cr2_early)
	ENDBR
	movq	PER_CPU_VAR(xenpv_vcpu), %rax
	movq	XENPV_VI_CR2(%rax), %rax
	RET
SYM_FUNC_END(xenpv_read_cr2_early)

/*
 * Hypercall instructions: number in rax, arguments in rdi, rsi, rdx, r10, r8.
 * SYSCALL destroys rcx and r11; callers know.
 */
SYM_FUNC_START(xenpv_hypercall_syscall)
	ANNOTATE_NOENDBR
	UNWIND_HINT_SAVE
	syscall
	UNWIND_HINT_RESTORE
	RET
SYM_FUNC_END(xenpv_hypercall_syscall)

SYM_FUNC_START(xenpv_hypercall_vmcall)
	ANNOTATE_NOENDBR
	vmcall
	RET
SYM_FUNC_END(xenpv_hypercall_vmcall)

SYM_FUNC_START(xenpv_hypercall_vmmcall)
	ANNOTATE_NOENDBR
	vmmcall
	RET
SYM_FUNC_END(xenpv_hypercall_vmmcall)

/*
 * The same for a program, as C functions: number and five arguments.  They stand
 * apart so that an event can see by the address that it interrupts nothing but a
 * program's hypercall (irq.c).  Xen goes on with a hypercall that an event
 * interrupted by having the instruction repeated.
 *
 * A hardware-assisted domain lets Xen at the program's memory meanwhile; a PV one has
 * no such lock.
 */
SYM_FUNC_START(xenpv_hypercall_user_pv)
	ENDBR
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
SYM_INNER_LABEL(xenpv_hypercall_user_begin, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	UNWIND_HINT_SAVE
	syscall
	UNWIND_HINT_RESTORE
SYM_INNER_LABEL(xenpv_hypercall_user_end, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	RET
SYM_FUNC_END(xenpv_hypercall_user_pv)

SYM_FUNC_START(xenpv_hypercall_user_vmcall)
	ENDBR
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	ASM_STAC
	vmcall
	ASM_CLAC
	RET
SYM_FUNC_END(xenpv_hypercall_user_vmcall)

SYM_FUNC_START(xenpv_hypercall_user_vmmcall)
	ENDBR
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	ASM_STAC
	vmmcall
	ASM_CLAC
	RET
SYM_FUNC_END(xenpv_hypercall_user_vmmcall)

SYM_FUNC_START(xenpv_hypercall_none)
	ANNOTATE_NOENDBR
	movq	$-38, %rax		/* -ENOSYS */
	RET
SYM_FUNC_END(xenpv_hypercall_none)

	.popsection

/*
 * The way back
 *
 * Always the iret hypercall, to user and to kernel mode: Xen restores the mask
 * byte from the flags atomically with the jump, so there is no window in which
 * an event could nest.  Xen pops rax, r11, rcx, flags, rip, cs, rflags, rsp, ss
 * (struct iret_context, asm/xen/interface_64.h).
 */
SYM_CODE_START(xenpv_iret)
	UNWIND_HINT_UNDEFINED
	ANNOTATE_NOENDBR
	pushq	$0			/* flags: restore rcx and r11 */
	pushq	%rcx
	pushq	%r11
	pushq	%rax
	movl	$__HYPERVISOR_iret, %eax
	syscall
	UNWIND_HINT_UNDEFINED
	ud2
SYM_CODE_END(xenpv_iret)

/*
 * rsp: struct pt_regs, on the thread stack.  Xen switches gs and page table.  A program
 * may change its gs base itself (msr.c).
 */
SYM_CODE_START(xenpv_restore_regs_and_return_to_usermode)
	UNWIND_HINT_REGS
	movb	$0, PER_CPU_VAR(xenpv_user_gs_known)
	POP_REGS
	STACKLEAK_ERASE_NOCLOBBER
	leaq	8(%rsp), %rsp		/* orig_ax */
	jmp	xenpv_iret
SYM_CODE_END(xenpv_restore_regs_and_return_to_usermode)

SYM_CODE_START_LOCAL(xenpv_return)
	UNWIND_HINT_REGS
	testb	$3, CS(%rsp)
	jnz	xenpv_restore_regs_and_return_to_usermode
	POP_REGS
	leaq	8(%rsp), %rsp		/* orig_ax */
	jmp	xenpv_iret
SYM_CODE_END(xenpv_return)

/*
 * Traps
 *
 * Xen leaves on the kernel stack, lowest address first: rcx, r11, [error code,]
 * rip, cs, rflags, rsp, ss: the hardware's frame with the two registers in front
 * that SYSCALL destroys.  cs of an interrupted kernel has privilege level 0, as
 * natively.  With the two popped, the common entry code can take over.
 */
.macro VIA name target
SYM_CODE_START(xenpv_trap_\name)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	jmp	\target
SYM_CODE_END(xenpv_trap_\name)
_ASM_NOKPROBE(xenpv_trap_\name)
.endm

/*
 * Traps that natively come on a stack of their own or need to know whether gs
 * was swapped.  Neither concerns us: Xen always enters on the thread stack with
 * the kernel's gs.
 */
.macro OWN name cfunc error=0
SYM_CODE_START(xenpv_trap_\name)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	UNWIND_HINT_IRET_REGS offset=\error*8
	cld
	.if \error == 0
	pushq	$-1			/* orig_ax: not a system call */
	.endif
	call	xen_error_entry
	ENCODE_FRAME_POINTER
	UNWIND_HINT_REGS
	movq	%rsp, %rdi
	.if \error == 1
	movq	ORIG_RAX(%rsp), %rsi
	movq	$-1, ORIG_RAX(%rsp)
	.endif
	call	\cfunc
	jmp	xenpv_return
SYM_CODE_END(xenpv_trap_\name)
_ASM_NOKPROBE(xenpv_trap_\name)
.endm

	VIA	de, asm_exc_divide_error
	OWN	db, xenpv_do_debug
	OWN	nmi, xenpv_do_nmi
	VIA	bp, asm_exc_int3
	VIA	of, asm_exc_overflow
	VIA	br, asm_exc_bounds
	VIA	ud, asm_exc_invalid_op
	VIA	nm, asm_exc_device_not_available
	OWN	df, xenpv_do_double_fault, error=1
	VIA	old_mf, asm_exc_coproc_segment_overrun
	VIA	ts, asm_exc_invalid_tss
	VIA	np, asm_exc_segment_not_present
	VIA	ss, asm_exc_stack_segment
	VIA	gp, asm_exc_general_protection
	VIA	pf, asm_exc_page_fault
	VIA	spurious, asm_exc_spurious_interrupt_bug
	VIA	mf, asm_exc_coprocessor_error
	VIA	ac, asm_exc_alignment_check
	OWN	mc, xenpv_do_machine_check
	VIA	xf, asm_exc_simd_coprocessor_error
#ifdef CONFIG_X86_CET
	VIA	cp, asm_exc_control_protection
#endif
#ifdef CONFIG_IA32_EMULATION
	VIA	int80, asm_int80_emulation
#endif
	OWN	unknown, xenpv_do_unknown
	OWN	event, xenpv_do_event

/* Before trap_init(): the common early handlers, which only look for a fixup. */
	__INIT
SYM_CODE_START(xenpv_trap_early)
	.set	vector, 0
	.rept	NUM_EXCEPTION_VECTORS
	UNWIND_HINT_UNDEFINED
	ENDBR
	popq	%rcx
	popq	%r11
	jmp	early_idt_handler_array + vector * EARLY_IDT_HANDLER_SIZE
	.set	vector, vector + 1
	.org	xenpv_trap_early + vector * XENPV_EARLY_STUB_SIZE, 0xcc
	.endr
SYM_CODE_END(xenpv_trap_early)
	__FINIT

/*
 * Xen could not load a segment register or return to the frame that it was
 * given.  On the stack: rcx, r11, ds, es, fs, gs, then the frame.  If a segment
 * register differs from what it should have become, that one was bad: Xen has
 * cleared it, and the return may be tried again.  If all are as they should
 * be, the frame was bad: let the task have its #GP.
 */
SYM_CODE_START(xenpv_entry_failsafe)
	UNWIND_HINT_UNDEFINED
	ENDBR
	movl	%ds, %ecx
	xorw	0x10(%rsp), %cx
	movl	%es, %r11d
	xorw	0x18(%rsp), %r11w
	orw	%r11w, %cx
	movl	%fs, %r11d
	xorw	0x20(%rsp), %r11w
	orw	%r11w, %cx
	movl	%gs, %r11d
	xorw	0x28(%rsp), %r11w
	orw	%r11w, %cx
	testw	%cx, %cx
	popq	%rcx			/* keeps the flags */
	popq	%r11
	leaq	0x20(%rsp), %rsp
	UNWIND_HINT_IRET_REGS
	jnz	.Lbad_segment
	pushq	$0			/* error code */
	UNWIND_HINT_IRET_REGS offset=8
	jmp	asm_exc_general_protection
.Lbad_segment:
	UNWIND_HINT_IRET_REGS
	pushq	$-1
	call	xen_error_entry
	ENCODE_FRAME_POINTER
	UNWIND_HINT_REGS
	jmp	xenpv_return
SYM_CODE_END(xenpv_entry_failsafe)
_ASM_NOKPROBE(xenpv_entry_failsafe)

/*
 * System calls: frames as for a trap, but Xen can only guess the selectors that
 * the task had, so put in those that SYSCALL implies.  Xen does not clear the
 * direction flag either, which SYSCALL natively does.
 */
.macro SYSTEM_CALL name cs target
SYM_CODE_START(xenpv_entry_\name)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	cld
	movq	$\cs, 1*8(%rsp)
	movq	$__USER_DS, 4*8(%rsp)
	jmp	\target
SYM_CODE_END(xenpv_entry_\name)
_ASM_NOKPROBE(xenpv_entry_\name)
.endm

	SYSTEM_CALL syscall64, __USER_CS, entry_SYSCALL_64_after_hwframe
#ifdef CONFIG_IA32_EMULATION
	SYSTEM_CALL syscall32, __USER32_CS, entry_SYSCALL_compat_after_hwframe
	SYSTEM_CALL sysenter32, __USER32_CS, entry_SYSENTER_compat_after_hwframe
#endif

#ifdef CONFIG_SMP
/* First instruction of a vCPU that VCPUOP_up started, on its idle stack. */
	.pushsection .text, "ax"
SYM_CODE_START(xenpv_entry_ap)
	UNWIND_HINT_END_OF_STACK
	ENDBR
	pushq	$0			/* nothing to return to */
	jmp	xenpv_ap_start
SYM_CODE_END(xenpv_entry_ap)

/* A vCPU that was down and came back: start over on the idle stack in rdi. */
SYM_CODE_START(xenpv_ap_restart)
	UNWIND_HINT_FUNC
	ANNOTATE_NOENDBR
	movq	%rdi, %rsp
	UNWIND_HINT_END_OF_STACK
	pushq	$0
	jmp	xenpv_ap_start
SYM_CODE_END(xenpv_ap_restart)
	.popsection
#endif
