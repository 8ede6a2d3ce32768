/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes the place of the entry to Xen: hands a hypercall of a test to C. */

#include <linux/linkage.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>

	.text

/* Arguments as in a hypercall; keeps every register but rax, rcx and r11. */
SYM_FUNC_START(xenpv_fake_entry)
	ENDBR
	FRAME_BEGIN
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%r8
	pushq	%r9
	pushq	%r10
	movq	%r10, %rcx
	movq	%rax, %r9
	call	xenpv_fake_answer
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdx
	popq	%rsi
	popq	%rdi
	FRAME_END
	RET
SYM_FUNC_END(xenpv_fake_entry)
