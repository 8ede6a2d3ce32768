/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_SELF_H
#define _XENPV_SELF_H

/**
 * DOC: What this domain is
 *
 * Facts that Xen told us at start, collected once by self.c and read-only
 * after init.  Code asks what is true ("is this the control domain", "are page
 * tables translated for us"), not which hypervisor or guest type it runs on.
 */

#include <linux/types.h>
#include <linux/cache.h>
#include <xenpv/abi.h>

/**
 * enum xenpv_kind - how this kernel runs
 * @XENPV_KIND_NONE: not under Xen, or Xen is not used
 * @XENPV_KIND_PV: paravirtual, page tables checked by Xen
 * @XENPV_KIND_PVH: hardware-assisted, started directly
 */
enum xenpv_kind {
	XENPV_KIND_NONE,
	XENPV_KIND_PV,
	XENPV_KIND_PVH,
};

/**
 * struct xenpv_self - facts about this domain
 * @kind: how this kernel runs
 * @control: this domain may manage the machine (dom0)
 * @version: major version of Xen in the high, minor in the low 16 bits
 * @start: start-info page of a PV domain, in the direct map, NULL otherwise
 * @features: XENFEAT_* bits, 32 per word
 */
struct xenpv_self {
	enum xenpv_kind kind;
	bool control;
	u32 version;
	struct start_info *start;
	u32 features[XENFEAT_NR_SUBMAPS];
};

extern struct xenpv_self xenpv_self;

/**
 * xenpv_self_has() - does Xen offer this feature to us?
 * @bit: XENFEAT_* number
 *
 * Context: Any.
 * Return: true if Xen set the bit.
 */
static inline bool xenpv_self_has(unsigned int bit)
{
	return xenpv_self.features[bit / 32] & (1u << (bit % 32));
}

#endif /* _XENPV_SELF_H */
