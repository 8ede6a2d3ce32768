/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_ENTRY_H
#define _XENPV_ENTRY_H

/* What entry.S and the C files agree on. */

/* Exceptions of the CPU that get a stub of their own, plus int $0x80. */
#define XENPV_NR_TRAPS		32

/* Each early stub takes this much; the offset of stub n is n times it. */
#define XENPV_EARLY_STUB_SIZE	16

/* struct vcpu_info (include/xen/interface/xen.h); trap.c checks. */
#define XENPV_VI_PENDING	0
#define XENPV_VI_MASK		1
#define XENPV_VI_CR2		16

#endif /* _XENPV_ENTRY_H */
