/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_VCPU_H
#define _XENPV_VCPU_H

/**
 * DOC: Virtual CPUs
 *
 * Xen shares one struct vcpu_info with each vCPU: the flag that masks upcalls,
 * what is pending, and the parameters of the clock.  Besides there is one page
 * for the whole domain.  Xen writes both at any time: pointers to them are marked
 * __xen_shared, and all but two things go through the accessors of
 * xenpv/shared.h.  The fast path of the interrupt flag looks at the per-CPU
 * variable itself, and the clock is read by the kernel's own pvclock code, which
 * has a protocol of its own: xenpv_vcpu_clock().
 */

#include <linux/percpu.h>
#include <xenpv/abi.h>
#include <xenpv/types.h>

DECLARE_PER_CPU_ALIGNED(struct vcpu_info, xenpv_vcpu_info);
DECLARE_PER_CPU(struct vcpu_info __xen_shared *, xenpv_vcpu);
extern struct shared_info __xen_shared *xenpv_shared_info;

/**
 * xenpv_vcpu_id() - what Xen calls a CPU
 * @cpu: Linux's number
 *
 * A PV domain has its vCPUs enumerated in Xen's order, so the numbers agree.
 *
 * Context: Any.
 * Return: the number to use in hypercalls.
 */
static inline unsigned int xenpv_vcpu_id(unsigned int cpu)
{
	return cpu;
}

/**
 * xenpv_vcpu_clock() - parameters of this CPU's clock, for the pvclock code
 *
 * Context: Any, preemption off; noinstr code, too.
 * Return: where they are.
 */
static __always_inline struct pvclock_vcpu_time_info *xenpv_vcpu_clock(void)
{
	struct vcpu_info *vi = (struct vcpu_info __force *)this_cpu_read(xenpv_vcpu);

	return &vi->time;
}

#endif /* _XENPV_VCPU_H */
