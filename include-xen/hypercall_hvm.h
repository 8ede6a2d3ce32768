/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_HYPERCALL_HVM_H
#define _XENPV_HYPERCALL_HVM_H

/**
 * DOC: Hypercalls of hardware-assisted domains
 *
 * Parameters and interrupt delivery of domains whose page tables Xen
 * translates.  Include xenpv/hypercall.h, not this file.
 */

#ifndef _XENPV_HYPERCALL_H
#error "Include <xenpv/hypercall.h> instead"
#endif

/**
 * xenpv_hv_hvm_op() - operations of hardware-assisted domains
 * @cmd: HVMOP_*
 * @arg: structure of the command
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_hvm_op(unsigned int cmd, void *arg)
{
	return xenpv_call2(__HYPERVISOR_hvm_op, cmd, (unsigned long)arg);
}

/**
 * xenpv_hv_hvm_get_param() - read a parameter of this domain
 * @index: HVM_PARAM_*
 * @value: where to put it; untouched on failure
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_hvm_get_param(u32 index, u64 *value)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
	int ret = xenpv_hv_hvm_op(HVMOP_get_param, &param);

	if (!ret)
		*value = param.value;
	return ret;
}

/**
 * xenpv_hv_hvm_set_param() - write a parameter of this domain
 * @index: HVM_PARAM_*
 * @value: new value
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
static __always_inline int xenpv_hv_hvm_set_param(u32 index, u64 value)
{
	struct xen_hvm_param param = {
		.domid = DOMID_SELF,
		.index = index,
		.value = value,
	};

	return xenpv_hv_hvm_op(HVMOP_set_param, &param);
}

#endif /* _XENPV_HYPERCALL_HVM_H */
