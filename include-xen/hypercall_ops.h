/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_HYPERCALL_OPS_H
#define _XENPV_HYPERCALL_OPS_H

/**
 * DOC: Hypercalls for services
 *
 * What Xen offers to any domain, and to the control domain: scheduling, timers,
 * event channels, grants, console, devices, platform.  Memory has a header of
 * its own.  Include xenpv/hypercall.h, not this file.
 *
 * Structures are passed by address and read and written by Xen before the call
 * returns.  They must be mapped: stack, static data, kmalloc() and vmalloc()
 * memory all are.
 */

#ifndef _XENPV_HYPERCALL_H
#error "Include <xenpv/hypercall.h> instead"
#endif

/**
 * xenpv_hv_sched_op() - yield, block, poll, shut down
 * @cmd: SCHEDOP_*
 * @arg: its structure, or %NULL
 *
 * SCHEDOP_block also unmasks events, so a wakeup cannot be missed.
 *
 * Context: Any; SCHEDOP_block and SCHEDOP_poll wait.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_sched_op(int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_sched_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_suspend() - hand this domain over to be saved
 * @start_info: machine frame of the start-info page of a PV domain, 0 otherwise
 *
 * Context: One vCPU left, interrupts off.
 * Return: 0 after a restore, 1 if the domain goes on where it was, or a
 * negative errno.
 */
static __always_inline int xenpv_hv_suspend(xenpv_gfn_t start_info)
{
	struct sched_shutdown arg = { .reason = SHUTDOWN_suspend };

	return xenpv_call3(__HYPERVISOR_sched_op, SCHEDOP_shutdown,
			   (unsigned long)&arg, gfn_unbox(start_info));
}

/**
 * xenpv_hv_vcpu_op() - start, stop, ask about and equip a vCPU
 * @cmd: VCPUOP_*
 * @vcpu: Xen's number of the vCPU; some commands accept only the caller's own
 * @arg: structure of the command, or %NULL
 *
 * Context: Any.
 * Return: 0 or a positive answer, or a negative errno, -ENOENT for a vCPU that
 * does not exist.
 */
static __always_inline int xenpv_hv_vcpu_op(int cmd, unsigned int vcpu, void *arg)
{
	return xenpv_call3(__HYPERVISOR_vcpu_op, cmd, vcpu, (unsigned long)arg);
}

/**
 * xenpv_hv_set_timer_op() - request one timer event for this vCPU
 * @deadline: system time in nanoseconds, 0 to cancel
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_set_timer_op(u64 deadline)
{
	return xenpv_call1(__HYPERVISOR_set_timer_op, deadline);
}

/**
 * xenpv_hv_xen_version() - ask what Xen is
 * @cmd: XENVER_*
 * @arg: structure of the command, or %NULL
 *
 * Also the cheapest way into Xen and back: pending events are delivered on
 * return.
 *
 * Context: Any.
 * Return: 0 or a positive answer, or a negative errno.
 */
static __always_inline int xenpv_hv_xen_version(int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_xen_version, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_console_write() - write to Xen's own console
 * @buf: text, not necessarily terminated
 * @len: its length in bytes
 *
 * Context: Any.
 * Return: 0, or a negative errno, -EPERM for a domain without that right.
 */
static __always_inline int xenpv_hv_console_write(const char *buf, unsigned int len)
{
	return xenpv_call3(__HYPERVISOR_console_io, CONSOLEIO_write, len,
			   (unsigned long)buf);
}

/**
 * xenpv_hv_console_read() - read what was typed on Xen's own console
 * @buf: where to put it
 * @len: room there in bytes
 *
 * Context: Any.
 * Return: number of bytes, or a negative errno.
 */
static __always_inline int xenpv_hv_console_read(char *buf, unsigned int len)
{
	return xenpv_call3(__HYPERVISOR_console_io, CONSOLEIO_read, len,
			   (unsigned long)buf);
}

/**
 * xenpv_hv_event_channel_op() - bind, send, close and ask about event channels
 * @cmd: EVTCHNOP_*
 * @arg: structure of the command
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_event_channel_op(int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_event_channel_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_grant_table_op() - map, unmap, copy grants; size the grant table
 * @cmd: GNTTABOP_*
 * @ops: array of the structure of the command
 * @count: length of the array
 *
 * Each element has a status of its own (GNTST_*), to be looked at as well.
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_grant_table_op(unsigned int cmd, void *ops,
						   unsigned int count)
{
	return xenpv_call3(__HYPERVISOR_grant_table_op, cmd, (unsigned long)ops,
			   count);
}

/**
 * xenpv_hv_physdev_op() - interrupts, PCI devices and I/O rights
 * @cmd: PHYSDEVOP_*
 * @arg: structure of the command
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_physdev_op(int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_physdev_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_platform_op() - drive the machine, as the control domain
 * @op: command and arguments; the interface version is filled in here
 *
 * Context: Any.
 * Return: 0 or a negative errno, -EPERM for other domains.
 */
static __always_inline int xenpv_hv_platform_op(struct xen_platform_op *op)
{
	op->interface_version = XENPF_INTERFACE_VERSION;
	return xenpv_call1(__HYPERVISOR_platform_op, (unsigned long)op);
}

/**
 * xenpv_hv_mca() - fetch and inject machine checks, as the control domain
 * @mc: command and arguments; the interface version is filled in here
 *
 * Context: Any.
 * Return: 0 or a negative errno, -EPERM for other domains.
 */
static __always_inline int xenpv_hv_mca(struct xen_mc *mc)
{
	mc->interface_version = XEN_MCA_INTERFACE_VERSION;
	return xenpv_call1(__HYPERVISOR_mca, (unsigned long)mc);
}

/**
 * xenpv_hv_pmu_op() - performance counters that Xen virtualises
 * @cmd: XENPMU_*
 * @arg: parameters, or %NULL
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_pmu_op(unsigned int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_xenpmu_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_vm_assist() - switch a convenience of the domain on or off
 * @cmd: VMASST_CMD_*
 * @type: VMASST_TYPE_*
 *
 * Acts on the whole domain.
 *
 * Context: Any.
 * Return: 0, or -EINVAL for a type that Xen does not know.
 */
static __always_inline int xenpv_hv_vm_assist(unsigned int cmd, unsigned int type)
{
	return xenpv_call2(__HYPERVISOR_vm_assist, cmd, type);
}

/**
 * xenpv_hv_nmi_op() - register the NMI handler of a vCPU
 * @cmd: XENNMI_*
 * @arg: struct xennmi_callback, or %NULL
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_nmi_op(unsigned int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_nmi_op, cmd, (unsigned long)arg);
}

#endif /* _XENPV_HYPERCALL_OPS_H */
