/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt counters are members here, not places of an array. */
#ifndef XENPV_COMPAT_HARDIRQ_H
#define XENPV_COMPAT_HARDIRQ_H

#include_next <asm/hardirq.h>

#define XENPV_COUNT_RESCHEDULE		irq_resched_count
#define XENPV_COUNT_CALL_FUNCTION	irq_call_count
#define XENPV_COUNT_IRQ_WORK		apic_irq_work_irqs
#define XENPV_COUNT_APIC_TIMER		apic_timer_irqs
#define XENPV_COUNT_HYPERVISOR_CALLBACK	irq_hv_callback_count
#undef inc_irq_stat
#define inc_irq_stat(what)		this_cpu_inc(irq_stat.XENPV_COUNT_##what)

#endif
