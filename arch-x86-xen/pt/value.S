/* SPDX-License-Identifier: GPL-2.0-only */
/* Page-table entry values: a present one holds a machine frame, Linux wants page numbers. */

#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/pgtable_types.h>

/* At every level, bits 12 to 51 of an entry are the frame and the rest are flags. */
.macro frame_number entry out
	movq	\entry, \out
	shlq	$12, \out
	shrq	$24, \out
.endm

/*
 * new: number of a frame, becomes the entry with this frame in the place of old.
 * Marks above bit 51 drop off.
 */
.macro replace_frame entry old new
	xorq	\old, \new
	shlq	$24, \new
	shrq	$12, \new
	xorq	\entry, \new
.endm

/*
 * Both functions run for nearly every page-table access, so they are in
 * assembly for the sake of their callers, which expect every register but rax
 * to survive.  They translate all levels alike: large pages do not occur
 * except in Xen's own mapping of the frame list, whose frames are contiguous.
 */
	.text

/* rdi: value with a page number; rax: entry with a machine frame, 0 if there is none */
SYM_FUNC_START(xenpv_pt_make)
	ENDBR
	movq	%rdi, %rax
	testb	$_PAGE_PRESENT, %dil
	jz	.Lmake_done
	pushq	%rcx
	frame_number %rdi, %rcx			/* rcx: page number */
	cmpq	xenpv_p2m_limit(%rip), %rcx
	jae	.Lmake_pop			/* identity */
	movq	xenpv_p2m(%rip), %rax
	movq	(%rax,%rcx,8), %rax
	cmpq	$-1, %rax
	je	.Lmake_none
	replace_frame %rdi, %rcx, %rax
.Lmake_pop:
	popq	%rcx
.Lmake_done:
	RET
.Lmake_none:
	xorl	%eax, %eax
	jmp	.Lmake_pop
SYM_FUNC_END(xenpv_pt_make)

/*
 * rdi: entry with a machine frame; rax: value with a page number, not present
 * if the frame is not ours
 */
SYM_FUNC_START(xenpv_pt_value)
	ENDBR
	movq	%rdi, %rax
	testb	$_PAGE_PRESENT, %dil
	jz	.Lvalue_done
	testl	$_PAGE_SPECIAL, %edi
	jnz	.Lvalue_special
	frame_number %rdi, %rax			/* rax: machine frame */
	cmpq	xenpv_m2p_limit(%rip), %rax
	jae	.Lvalue_special
	leaq	(,%rax,8), %rax
	addq	xenpv_m2p_table(%rip), %rax
.Lvalue_load:
	movq	(%rax), %rax			/* may fault: Xen's table has holes */
	cmpq	xenpv_p2m_limit(%rip), %rax
	jae	.Lvalue_special
	shlq	$12, %rax
	xorq	%rdi, %rax			/* the frame's bits of both, */
	andq	.Lframe_mask(%rip), %rax	/* and nothing else, */
	xorq	%rdi, %rax			/* swap the one for the other */
.Lvalue_done:
	RET

	/* Ours if our table agrees; its own number if our table says so. */
.Lvalue_special:
	pushq	%rcx
	pushq	%rdx
	frame_number %rdi, %rcx
	cmpq	xenpv_m2p_limit(%rip), %rcx
	jae	.Lvalue_identity
	movq	xenpv_m2p_table(%rip), %rdx
.Lvalue_load_special:
	movq	(%rdx,%rcx,8), %rax
	cmpq	xenpv_p2m_limit(%rip), %rax
	jae	.Lvalue_identity
	movq	xenpv_p2m(%rip), %rdx
	cmpq	(%rdx,%rax,8), %rcx
	jne	.Lvalue_identity
	replace_frame %rdi, %rcx, %rax
	jmp	.Lvalue_pop

.Lvalue_identity:
	movq	%rdi, %rax
	cmpq	xenpv_p2m_limit(%rip), %rcx
	jae	.Lvalue_pop
	movq	xenpv_p2m(%rip), %rdx
	movq	(%rdx,%rcx,8), %rdx
	btrq	$62, %rdx			/* XENPV_P2M_IDENTITY */
	jnc	.Lvalue_foreign
	cmpq	%rdx, %rcx
	je	.Lvalue_pop
.Lvalue_foreign:
	xorl	%edx, %edx
	decq	%rax				/* _PAGE_PRESENT was set */
	replace_frame %rax, %rcx, %rdx
	movq	%rdx, %rax
.Lvalue_pop:
	popq	%rdx
	popq	%rcx
	RET
	_ASM_EXTABLE(.Lvalue_load, .Lvalue_special)
	_ASM_EXTABLE(.Lvalue_load_special, .Lvalue_identity)
SYM_FUNC_END(xenpv_pt_value)

	.section .rodata, "a"
	.balign	8
.Lframe_mask:
	.quad	0x000ffffffffff000
