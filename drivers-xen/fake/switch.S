/* SPDX-License-Identifier: GPL-2.0-only */
/* Goes from the stack of one task to that of another. */

#include <linux/linkage.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

	.text

/*
 * rdi: where to keep the stack pointer of who calls
 * rsi: where the stack pointer of who goes on is; it was left here, too, or is new
 *
 * Both frames look the same to the unwinder.
 */
SYM_FUNC_START(xenpv_fake_switch)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	RET
SYM_FUNC_END(xenpv_fake_switch)

/* The return address of a new task; nothing stands above it. */
SYM_CODE_START(xenpv_fake_begin)
	UNWIND_HINT_END_OF_STACK
	ANNOTATE_NOENDBR
	call	xenpv_fake_main
	ud2
SYM_CODE_END(xenpv_fake_begin)
