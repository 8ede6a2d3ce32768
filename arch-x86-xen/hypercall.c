// SPDX-License-Identifier: GPL-2.0-only
/* Which instruction a hypercall uses, chosen once at boot. */

#include <linux/export.h>
#include <linux/init.h>
#include <linux/static_call.h>
#include <asm/processor.h>

#include <xenpv/hypercall.h>
#include "private.h"

DEFINE_STATIC_CALL(xenpv_hypercall, xenpv_hypercall_none);
EXPORT_STATIC_CALL_TRAMP_GPL(xenpv_hypercall);

/**
 * xenpv_hypercall_select() - point hypercalls at the right instruction
 * @kind: how this kernel runs
 *
 * May run before static calls are initialised.
 *
 * Context: Boot CPU, before its first hypercall.
 */
void __init xenpv_hypercall_select(enum xenpv_kind kind)
{
	switch (kind) {
	case XENPV_KIND_PV:
		static_call_update_early(xenpv_hypercall, xenpv_hypercall_syscall);
		break;
	case XENPV_KIND_PVH:
		if (boot_cpu_data.x86_vendor == X86_VENDOR_INTEL ||
		    boot_cpu_data.x86_vendor == X86_VENDOR_ZHAOXIN)
			static_call_update_early(xenpv_hypercall, xenpv_hypercall_vmcall);
		else
			static_call_update_early(xenpv_hypercall, xenpv_hypercall_vmmcall);
		break;
	case XENPV_KIND_NONE:
		break;
	}
}
