/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that the Xen PV folders use and that this kernel has under another name.
 *
 * Forced into every file of these folders, C and assembler alike; nothing else
 * sees it.  It comes before every other header, so it holds macros only; what
 * must come after a header stands in include/, in a header of the same name that
 * wraps the kernel's one.
 *
 * Some files of ours need more than other names, because a table or a function
 * of this kernel has another shape.  Such a FILE.c is compiled with FILE.h of this
 * folder before it, see compat.mk, and FILE_compat.c has the rest.
 */
#ifndef XENPV_COMPAT_H
#define XENPV_COMPAT_H

/* CPU features: the same bits where there are bits; else one that is cleared anyway. */
#define X86_FEATURE_LASS		(12 * 32 + 6)
#define X86_FEATURE_INVLPGB		(13 * 32 + 3)
#define X86_FEATURE_MSR_IMM		X86_FEATURE_USER_SHSTK
#define X86_FEATURE_SYSFAST32		X86_FEATURE_SYSENTER32

/* A file system of this kernel drops its names itself when it ends. */
#define kill_anon_super			kill_litter_super

/* Threads of the kernel see the files of user space. */
#define scoped_with_init_fs()

/* A page behind a special entry; the end of such entries. */
#define zap_special_vma_range		zap_vma_ptes
#define find_normal_page		find_special_page

/* Flags of a mapping are a number. */
#define EMPTY_VMA_FLAGS			0UL

/* Who guards what is for a compiler that this kernel does not ask. */
#define __guarded_by(...)

/* Before the per-CPU areas are set up, gs is based on the first CPU's initial data, not 0. */
#define XENPV_BOOT_PERCPU_BASE		INIT_PER_CPU_VAR(fixed_percpu_data)

/* The top of the running task's stack is a member of what is a variable of its own later. */
#define cpu_current_top_of_stack	pcpu_hot.top_of_stack

/*
 * Lazy MMU mode.  Here it is the backend's business to know who is lazy.  The
 * state belongs to the task, so its home is a flag of the task: it follows the
 * task over a context switch without help, and interrupts look away.
 */
#define is_lazy_mmu_mode_active() \
	(!in_interrupt() && test_thread_flag(TIF_LAZY_MMU_UPDATES))

#endif
