/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of hypervisors has one entry here that is not const. */
#ifndef XENPV_COMPAT_HYPERVISOR_H
#define XENPV_COMPAT_HYPERVISOR_H

#define x86_hyper_xen_hvm	xenpv_compat_not_const
#include_next <asm/hypervisor.h>
#undef x86_hyper_xen_hvm

extern const struct hypervisor_x86 x86_hyper_xen_hvm;

#endif
