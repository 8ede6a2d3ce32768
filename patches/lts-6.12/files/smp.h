/* SPDX-License-Identifier: GPL-2.0-only */
/* smp.c: a CPU that starts stores what it is by another function. */
#ifndef XENPV_COMPAT_SMP_H
#define XENPV_COMPAT_SMP_H

#include <linux/smp.h>
#include <asm/processor.h>
#include <asm/smp.h>

#define identify_secondary_cpu(cpu)	smp_store_cpu_info(cpu)

/* For smp.c to define. */
#undef pr_fmt

#endif
