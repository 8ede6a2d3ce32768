/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_HYPERCALL_H
#define _XENPV_HYPERCALL_H

/**
 * DOC: Hypercalls
 *
 * A hypercall is a call into Xen: number in rax, up to five arguments in rdi,
 * rsi, rdx, r10 and r8, result in rax.  How the CPU gets there differs by the
 * kind of domain (syscall for PV, vmcall or vmmcall for PVH and HVM), so every
 * call goes through one static call, &xenpv_hypercall, whose target
 * xenpv_hypercall_select() chooses once at boot.  Until then, and for ever on
 * bare metal, the target is a stub that answers -ENOSYS.
 *
 * Below the mechanism stand typed wrappers, one per operation.  A wrapper
 * returns 0 or a positive result, or a negative errno: Xen's error numbers are
 * Linux's (include/xen/interface/xen.h, "ERROR CODES").  No wrapper stops the
 * kernel; the caller decides what a failure means.
 *
 * Wrappers are always inlined, so they may be used in any context, noinstr code
 * included.  They stand in four headers that this one includes: what a PV
 * kernel needs to drive its processor and page tables (hypercall_pv.h), memory
 * (hypercall_mem.h), what only hardware-assisted domains have
 * (hypercall_hvm.h), and the other services of Xen (hypercall_ops.h).
 */

#include <linux/static_call.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/asm.h>

#include <xenpv/abi.h>
#include <xenpv/types.h>

/*
 * The targets, in entry.S.  They are not C functions: see the registers above.
 */
long xenpv_hypercall_none(void);
long xenpv_hypercall_syscall(void);
long xenpv_hypercall_vmcall(void);
long xenpv_hypercall_vmmcall(void);

DECLARE_STATIC_CALL(xenpv_hypercall, xenpv_hypercall_none);

long xenpv_hypercall_user(unsigned long nr, const unsigned long *args);

/*
 * The stubs keep every register but rax, rcx and r11.  Xen may change those
 * that carried arguments, hence "+" on each of them.
 */
#define XENPV_DO_CALL(ret, ...)						\
do {									\
	__STATIC_CALL_MOD_ADDRESSABLE(xenpv_hypercall);			\
	asm volatile("call " STATIC_CALL_TRAMP_STR(xenpv_hypercall)	\
		     : __VA_ARGS__, "+a" (ret), ASM_CALL_CONSTRAINT	\
		     : : "rcx", "r11", "memory", "cc");			\
} while (0)

/**
 * xenpv_call1() - issue a hypercall with one argument
 * @nr: __HYPERVISOR_* number
 * @a1: first argument
 *
 * Context: Any.
 * Return: what Xen answered; negative values are errnos.
 */
static __always_inline long xenpv_call1(unsigned int nr, unsigned long a1)
{
	long ret = nr;

	XENPV_DO_CALL(ret, "+D" (a1));
	return ret;
}

/**
 * xenpv_call2() - issue a hypercall with two arguments
 * @nr: __HYPERVISOR_* number
 * @a1: argument 1
 * @a2: argument 2
 *
 * Context: Any.
 * Return: what Xen answered; negative values are errnos.
 */
static __always_inline long xenpv_call2(unsigned int nr, unsigned long a1,
					unsigned long a2)
{
	long ret = nr;

	XENPV_DO_CALL(ret, "+D" (a1), "+S" (a2));
	return ret;
}

/**
 * xenpv_call3() - issue a hypercall with three arguments
 * @nr: __HYPERVISOR_* number
 * @a1: argument 1
 * @a2: argument 2
 * @a3: argument 3
 *
 * Context: Any.
 * Return: what Xen answered; negative values are errnos.
 */
static __always_inline long xenpv_call3(unsigned int nr, unsigned long a1,
					unsigned long a2, unsigned long a3)
{
	long ret = nr;

	XENPV_DO_CALL(ret, "+D" (a1), "+S" (a2), "+d" (a3));
	return ret;
}

/**
 * xenpv_call4() - issue a hypercall with four arguments
 * @nr: __HYPERVISOR_* number
 * @a1: argument 1
 * @a2: argument 2
 * @a3: argument 3
 * @a4: argument 4
 *
 * Context: Any.
 * Return: what Xen answered; negative values are errnos.
 */
static __always_inline long xenpv_call4(unsigned int nr, unsigned long a1,
					unsigned long a2, unsigned long a3,
					unsigned long a4)
{
	register unsigned long r10 asm("r10") = a4;
	long ret = nr;

	XENPV_DO_CALL(ret, "+D" (a1), "+S" (a2), "+d" (a3), "+r" (r10));
	return ret;
}

/**
 * xenpv_call5() - issue a hypercall with five arguments
 * @nr: __HYPERVISOR_* number
 * @a1: argument 1
 * @a2: argument 2
 * @a3: argument 3
 * @a4: argument 4
 * @a5: argument 5
 *
 * Context: Any.
 * Return: what Xen answered; negative values are errnos.
 */
static __always_inline long xenpv_call5(unsigned int nr, unsigned long a1,
					unsigned long a2, unsigned long a3,
					unsigned long a4, unsigned long a5)
{
	register unsigned long r10 asm("r10") = a4;
	register unsigned long r8 asm("r8") = a5;
	long ret = nr;

	XENPV_DO_CALL(ret, "+D" (a1), "+S" (a2), "+d" (a3), "+r" (r10),
		      "+r" (r8));
	return ret;
}

#include <xenpv/hypercall_pv.h>
#include <xenpv/hypercall_hvm.h>
#include <xenpv/hypercall_mem.h>
#include <xenpv/hypercall_ops.h>

#endif /* _XENPV_HYPERCALL_H */
