/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_HYPERCALL_PV_H
#define _XENPV_HYPERCALL_PV_H

/**
 * DOC: Hypercalls of a PV processor
 *
 * What hardware does for a native kernel with privileged instructions: page
 * tables, descriptor tables, traps, stacks, FPU, debug registers.  Only the
 * ground floor uses these.  Include xenpv/hypercall.h, not this file.
 *
 * Unless a wrapper says otherwise it acts on the vCPU that runs it.
 */

#ifndef _XENPV_HYPERCALL_H
#error "Include <xenpv/hypercall.h> instead"
#endif

/**
 * xenpv_hv_mmu_update() - change page-table entries of a domain
 * @req: the updates; the low bits of each ptr say how (MMU_NORMAL_PT_UPDATE...)
 * @count: number of updates
 * @done: where Xen writes how many it did, or NULL
 * @domid: whose frames the entries may map
 *
 * Context: Any.
 * Return: 0 or a negative errno; the updates before the failing one are done.
 */
static __always_inline int xenpv_hv_mmu_update(struct mmu_update *req,
					       unsigned int count,
					       unsigned int *done, domid_t domid)
{
	return xenpv_call4(__HYPERVISOR_mmu_update, (unsigned long)req, count,
			   (unsigned long)done, domid);
}

/**
 * xenpv_hv_mmuext_op() - pin, unpin, load or flush page tables
 * @op: the operations
 * @count: number of operations
 * @done: where Xen writes how many it did, or NULL
 * @domid: whose page tables
 *
 * Context: Any.
 * Return: 0 or a negative errno; the operations before the failing one are done.
 */
static __always_inline int xenpv_hv_mmuext_op(struct mmuext_op *op,
					      unsigned int count,
					      unsigned int *done, domid_t domid)
{
	return xenpv_call4(__HYPERVISOR_mmuext_op, (unsigned long)op, count,
			   (unsigned long)done, domid);
}

/**
 * xenpv_hv_multicall() - issue several hypercalls in one entry to Xen
 * @list: calls; Xen writes each result into its entry
 * @nr: number of calls
 *
 * Context: Any.
 * Return: 0, or a negative errno if the list itself could not be read.
 */
static __always_inline int xenpv_hv_multicall(struct multicall_entry *list,
					      unsigned int nr)
{
	return xenpv_call2(__HYPERVISOR_multicall, (unsigned long)list, nr);
}

/**
 * xenpv_hv_update_va_mapping() - change the leaf entry that maps an address
 * @va: address in the current address space
 * @val: raw new entry, with a machine frame
 * @flags: UVMF_* flush to do
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_update_va_mapping(unsigned long va,
						      unsigned long val,
						      unsigned long flags)
{
	return xenpv_call3(__HYPERVISOR_update_va_mapping, va, val, flags);
}

/**
 * xenpv_hv_update_va_mapping_other() - as xenpv_hv_update_va_mapping(), with a
 *	frame of another domain
 * @va: address in the current address space
 * @val: raw new entry, with a machine frame of @domid
 * @flags: UVMF_* flush to do
 * @domid: who owns the frame
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_update_va_mapping_other(unsigned long va,
							    unsigned long val,
							    unsigned long flags,
							    domid_t domid)
{
	return xenpv_call4(__HYPERVISOR_update_va_mapping_otherdomain, va, val,
			   flags, domid);
}

/**
 * xenpv_hv_set_trap_table() - say where traps and interrupts enter the kernel
 * @traps: entries, ended by one whose address is 0; %NULL removes all entries
 *
 * Context: Any.
 * Return: 0 or a negative errno; the entries before the refused one are set.
 */
static __always_inline int xenpv_hv_set_trap_table(struct trap_info *traps)
{
	return xenpv_call1(__HYPERVISOR_set_trap_table, (unsigned long)traps);
}

/**
 * xenpv_hv_set_gdt() - install a GDT
 * @frames: machine frames of the table's pages, mapped read-only everywhere
 * @entries: number of descriptors, at most FIRST_RESERVED_GDT_ENTRY
 *
 * Context: Any.
 * Return: 0 or a negative errno; the old GDT stays on failure.
 */
static __always_inline int xenpv_hv_set_gdt(unsigned long *frames,
					    unsigned int entries)
{
	return xenpv_call2(__HYPERVISOR_set_gdt, (unsigned long)frames, entries);
}

/**
 * xenpv_hv_update_descriptor() - change one entry of a GDT or LDT in use
 * @maddr: machine address of the entry, 8-byte aligned
 * @desc: new descriptor
 *
 * Context: Any.
 * Return: 0 or a negative errno, -EINVAL if Xen finds the descriptor unsafe.
 */
static __always_inline int xenpv_hv_update_descriptor(u64 maddr, u64 desc)
{
	return xenpv_call2(__HYPERVISOR_update_descriptor, maddr, desc);
}

/**
 * xenpv_hv_stack_switch() - set the stack that traps from user mode enter on
 * @ss: stack segment
 * @sp: stack pointer
 *
 * Context: Any.
 * Return: 0.
 */
static __always_inline int xenpv_hv_stack_switch(unsigned long ss, unsigned long sp)
{
	return xenpv_call2(__HYPERVISOR_stack_switch, ss, sp);
}

/**
 * xenpv_hv_set_segment_base() - set a base of FS or GS, or the user GS selector
 * @which: SEGBASE_*
 * @base: the base, or the selector for SEGBASE_GS_USER_SEL
 *
 * Context: Any, also before per-CPU data works.
 * Return: 0, or -EINVAL for an address that is not canonical.
 */
static __always_inline int xenpv_hv_set_segment_base(unsigned int which,
						     unsigned long base)
{
	return xenpv_call2(__HYPERVISOR_set_segment_base, which, base);
}

/**
 * xenpv_hv_callback_op() - register or unregister an entry point
 * @cmd: CALLBACKOP_*
 * @arg: struct callback_register or callback_unregister
 *
 * Context: Any.
 * Return: 0, -ENOSYS for a type that Xen does not know, or another errno.
 */
static __always_inline int xenpv_hv_callback_op(unsigned int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_callback_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_callback_register() - register one entry point
 * @type: CALLBACKTYPE_*
 * @flags: CALLBACKF_*
 * @entry: address of the entry code
 *
 * Context: Any.
 * Return: 0, -ENOSYS for a type that Xen does not know, or another errno.
 */
static __always_inline int xenpv_hv_callback_register(u16 type, u16 flags,
						      unsigned long entry)
{
	struct callback_register reg = {
		.type = type,
		.flags = flags,
		.address = entry,
	};

	return xenpv_hv_callback_op(CALLBACKOP_register, &reg);
}

/**
 * xenpv_hv_fpu_taskswitch() - set or clear CR0.TS
 * @set: 1: the next FPU instruction traps; 0: it does not
 *
 * Context: Any.
 * Return: 0.
 */
static __always_inline int xenpv_hv_fpu_taskswitch(int set)
{
	return xenpv_call1(__HYPERVISOR_fpu_taskswitch, set);
}

/**
 * xenpv_hv_set_debugreg() - write a debug register
 * @reg: its number
 * @val: new value
 *
 * Context: Any.
 * Return: 0, or a negative errno for a breakpoint outside our half of memory.
 */
static __always_inline int xenpv_hv_set_debugreg(int reg, unsigned long val)
{
	return xenpv_call2(__HYPERVISOR_set_debugreg, reg, val);
}

/**
 * xenpv_hv_get_debugreg() - read a debug register
 * @reg: its number
 *
 * Context: Any.
 * Return: the value; -EINVAL as a number for a register that does not exist.
 */
static __always_inline unsigned long xenpv_hv_get_debugreg(int reg)
{
	return xenpv_call1(__HYPERVISOR_get_debugreg, reg);
}

#endif /* _XENPV_HYPERCALL_PV_H */
