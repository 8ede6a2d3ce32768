// SPDX-License-Identifier: GPL-2.0-only
/* Which instruction a hypercall uses, chosen once at boot. */

#include <linux/export.h>
#include <linux/init.h>
#include <linux/static_call.h>
#include <kunit/static_stub.h>
#include <asm/processor.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

DEFINE_STATIC_CALL(xenpv_hypercall, xenpv_hypercall_none);
EXPORT_STATIC_CALL_TRAMP_GPL(xenpv_hypercall);

static bool has_vmcall(void)
{
	return boot_cpu_data.x86_vendor == X86_VENDOR_INTEL ||
	       boot_cpu_data.x86_vendor == X86_VENDOR_ZHAOXIN;
}

/**
 * xenpv_hypercall_user() - issue a hypercall in the name of a program
 * @nr: number; any, Xen refuses what it does not know
 * @args: five arguments; addresses among them are the program's
 *
 * It may take long, as the end of a large domain does.  Unlike in the kernel's own
 * hypercalls, the CPU may meanwhile be given to somebody else.
 *
 * Context: Process.
 * Return: what Xen answered; negative values are errnos.
 */
long xenpv_hypercall_user(unsigned long nr, const unsigned long *args)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_hypercall_user, nr, args);
	switch (xenpv_self.kind) {
	case XENPV_KIND_PV:
		return xenpv_hypercall_user_pv(nr, args[0], args[1], args[2], args[3],
					       args[4]);
	case XENPV_KIND_PVH:
		if (has_vmcall())
			return xenpv_hypercall_user_vmcall(nr, args[0], args[1], args[2],
							   args[3], args[4]);
		return xenpv_hypercall_user_vmmcall(nr, args[0], args[1], args[2],
						    args[3], args[4]);
	case XENPV_KIND_NONE:
		break;
	}
	return -ENOSYS;
}
EXPORT_SYMBOL_NS_GPL(xenpv_hypercall_user, "XENPV");

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
		if (has_vmcall())
			static_call_update_early(xenpv_hypercall, xenpv_hypercall_vmcall);
		else
			static_call_update_early(xenpv_hypercall, xenpv_hypercall_vmmcall);
		break;
	case XENPV_KIND_NONE:
		break;
	}
}
