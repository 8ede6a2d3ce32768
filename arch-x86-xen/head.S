/* SPDX-License-Identifier: GPL-2.0-only */
/* Where Xen enters the kernel: the notes that tell it how, and the first instructions. */

#include <linux/elfnote.h>
#include <linux/init.h>
#include <linux/linkage.h>
#include <linux/pgtable.h>
#include <asm/asm.h>
#include <asm/msr-index.h>
#include <asm/page_types.h>
#include <asm/percpu.h>
#include <asm/unwind_hints.h>

#include <xen/interface/elfnote.h>
#include <xen/interface/features.h>

/* Where Xen maps the frame list: a user address, so that its size is free. */
#define P2M_BOOT_VA	(PUD_SIZE * PTRS_PER_PUD)

#define NOTE(type, desc)	ELFNOTE(Xen, XEN_ELFNOTE_##type, desc)

	NOTE(GUEST_OS,		.asciz "linux")
	NOTE(GUEST_VERSION,	.asciz "2.6")
	NOTE(XEN_VERSION,	.asciz "xen-3.0")
	NOTE(LOADER,		.asciz "generic")
	NOTE(VIRT_BASE,		.quad __START_KERNEL_map)
	NOTE(PADDR_OFFSET,	.quad 0)
	NOTE(ENTRY,		.quad xenpv_start_asm)
	NOTE(INIT_P2M,		.quad P2M_BOOT_VA)
	NOTE(MOD_START_PFN,	.long 1)
	NOTE(PAE_MODE,		.asciz "yes")
	NOTE(L1_MFN_VALID,	.quad _PAGE_PRESENT; .quad _PAGE_PRESENT)
	NOTE(FEATURES,		.asciz "!writable_page_tables")
#ifdef CONFIG_XENPV_DOM0
	NOTE(SUPPORTED_FEATURES,
		.long (1 << XENFEAT_writable_page_tables) | (1 << XENFEAT_dom0))
#else
	NOTE(SUPPORTED_FEATURES,
		.long (1 << XENFEAT_writable_page_tables))
#endif
	NOTE(SUSPEND_CANCEL,	.long 1)

/*
 * The entry point of a PV domain: 64-bit mode, paging on, rsi points to the
 * start-info page, events masked, all below 4 MiB past Xen's page tables mapped.
 */
	__INIT
SYM_CODE_START(xenpv_start_asm)
	UNWIND_HINT_END_OF_STACK
	ANNOTATE_NOENDBR
	cld
	leaq	__top_init_kernel_stack(%rip), %rsp

	/* Xen emulates this wrmsr; the boot CPU's per-CPU data is in the image. */
#ifdef XENPV_BOOT_PERCPU_BASE
	leaq	XENPV_BOOT_PERCPU_BASE(%rip), %rdx
	movl	%edx, %eax
	shrq	$32, %rdx
#else
	xorl	%edx, %edx
	xorl	%eax, %eax
#endif
	movl	$MSR_GS_BASE, %ecx
	wrmsr

	movq	%rsi, %rdi
	pushq	$0				/* nothing to return to */
	jmp	xenpv_start
SYM_CODE_END(xenpv_start_asm)
	__FINIT
