/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_USER_H
#define _XENPV_STORE_USER_H

/**
 * DOC: What programs see of the store
 *
 * A program talks to the store through /dev/xen/xenbus, in messages of the same
 * form as ours (struct xsd_sockmsg).  In the control domain the store is a program
 * itself: it maps the page that we share with it and learns the port to which it
 * binds, through /dev/xen/xenbus_backend or through xenfs.
 *
 * xenfs has files that do the same as these devices, so what they need is here::
 *
 *	/proc/xen/xenbus	&xenpv_store_fops
 *	/proc/xen/xsd_port	xenpv_store_port(), as a decimal number
 *	/proc/xen/xsd_kva	xenpv_store_kva() as text; mmap by xenpv_store_mmap()
 *
 * The two xsd files are for CAP_SYS_ADMIN; mmap checks it itself.
 */

#include <linux/types.h>
#include <xenpv/abi.h>

struct file_operations;
struct vm_area_struct;

extern const struct file_operations xenpv_store_fops;

#ifdef CONFIG_XENPV_DOM0

evtchn_port_t xenpv_store_port(void);
void *xenpv_store_kva(void);
int xenpv_store_mmap(struct vm_area_struct *vma);

#endif

#endif /* _XENPV_STORE_USER_H */
