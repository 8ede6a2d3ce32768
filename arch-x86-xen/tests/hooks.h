/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_TESTS_HOOKS_H
#define _XENPV_TESTS_HOOKS_H

/* What is global for the tests' sake only, by file. */

#include <linux/types.h>

#if IS_ENABLED(CONFIG_KUNIT)
/* batch.c */
void xenpv_batch_report(const char *what, u64 where, u64 value, long err);

/* cpu.c */
struct task_struct;
bool xenpv_stack_is_news(const struct task_struct *next, unsigned long sp0, unsigned long told);

/* cpuid.c */
void xenpv_cpuid_filter(u32 leaf, u32 subleaf, unsigned int cpu, bool control, u32 *regs);
#endif

#endif
