/* SPDX-License-Identifier: GPL-2.0-only */
/* Page-table entry values: a present one holds a machine frame, Linux wants its own page numbers. */

#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/pgtable_types.h>

/* Address bits of an entry, all levels; flags are the rest. */
#define ENTRY_FRAME	0x000ffffffffff000

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
	testb	$1, %dil			/* _PAGE_PRESENT */
	jz	.Lmake_done
	pushq	%rcx
	pushq	%rdx
	movabsq	$ENTRY_FRAME, %rdx
	movq	%rdx, %rcx
	andq	%rdi, %rcx
	shrq	$12, %rcx
	cmpq	xenpv_p2m_limit(%rip), %rcx
	jae	.Lmake_pop			/* identity */
	movq	xenpv_p2m(%rip), %rax
	movq	(%rax,%rcx,8), %rax
	cmpq	$-1, %rax
	je	.Lmake_none
	notq	%rdx
	andq	%rdi, %rdx
	shlq	$12, %rax			/* the marks drop off at the top */
	orq	%rdx, %rax
.Lmake_pop:
	popq	%rdx
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
	testb	$1, %dil			/* _PAGE_PRESENT */
	jz	.Lvalue_done
	pushq	%rcx
	pushq	%rdx
	movabsq	$ENTRY_FRAME, %rcx
	andq	%rdi, %rcx
	shrq	$12, %rcx			/* rcx: machine frame */
	cmpq	xenpv_m2p_limit(%rip), %rcx
	jae	.Lvalue_not_ram
	movq	xenpv_m2p_table(%rip), %rdx
.Lvalue_load:
	movq	(%rdx,%rcx,8), %rdx		/* may fault: Xen's table has holes */
	cmpq	xenpv_p2m_limit(%rip), %rdx
	jae	.Lvalue_not_ram
	movq	xenpv_p2m(%rip), %rax
	cmpq	(%rax,%rdx,8), %rcx
	jne	.Lvalue_not_ram
	movabsq	$~ENTRY_FRAME, %rax
	andq	%rdi, %rax
	shlq	$12, %rdx
	orq	%rdx, %rax
.Lvalue_pop:
	popq	%rdx
	popq	%rcx
.Lvalue_done:
	RET

	/* Not RAM of ours: the number stands for itself if our table says so. */
.Lvalue_not_ram:
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
	movabsq	$~(ENTRY_FRAME | 1), %rax
	andq	%rdi, %rax
	jmp	.Lvalue_pop
	_ASM_EXTABLE(.Lvalue_load, .Lvalue_not_ram)
SYM_FUNC_END(xenpv_pt_value)
