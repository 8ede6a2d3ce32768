/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_ABI_H
#define _XENPV_ABI_H

/**
 * DOC: Xen's public interface
 *
 * The one include for Xen's binary interface.  It adds nothing: structures,
 * numbers and flags come from the headers that Xen publishes and the kernel
 * carries unchanged (include/xen/interface, arch/x86/include/asm/xen).  Code of
 * this series includes this file and never the implementation headers of
 * another Xen backend (asm/xen/page.h, xen/events.h and so on).
 */

#include <xen/interface/xen.h>
#include <xen/interface/callback.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/features.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/nmi.h>
#include <xen/interface/physdev.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/interface/platform.h>
#include <xen/interface/xen-mca.h>
#include <xen/interface/xenpmu.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/io/console.h>

#endif /* _XENPV_ABI_H */
