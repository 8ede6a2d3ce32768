/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_VCPU_H
#define _XENPV_VCPU_H

/**
 * DOC: Virtual CPUs
 *
 * Xen shares one struct vcpu_info with each vCPU: the flag that masks upcalls,
 * what is pending, and the parameters of the clock.  Besides there is one page
 * for the whole domain.  Xen writes both at any time; we trust Xen, so they are
 * not marked __xen_shared, but values are still read once.
 */

#include <linux/percpu.h>
#include <xenpv/abi.h>

DECLARE_PER_CPU_SHARED_ALIGNED(struct vcpu_info, xenpv_vcpu_info);
DECLARE_PER_CPU(struct vcpu_info *, xenpv_vcpu);
extern struct shared_info *xenpv_shared_info;

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

#endif /* _XENPV_VCPU_H */
