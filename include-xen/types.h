/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_TYPES_H
#define _XENPV_TYPES_H

/**
 * DOC: Frame numbers and shared memory
 *
 * Three numberings name a page, and mixing them up corrupts memory:
 *
 * - pfn: what Linux calls a page of its own.  Stays an unsigned long, since
 *   the whole kernel passes it so.
 * - &mfn_t: where the page really is in the machine.  Page tables of a PV
 *   guest hold these.
 * - &xenpv_gfn_t: what Xen's interfaces call a page of some domain.  It is the mfn
 *   for a PV domain and the pfn for an auto-translated one.
 *
 * mfn and gfn are boxed in structs, so that the compiler rejects a mix-up; box
 * and unbox with the helpers below, at the border to Xen only.
 *
 * Memory that somebody else can write at any time is marked __xen_shared.
 * Sparse then rejects every plain access to it; accessors cast with __force.
 */

#include <linux/types.h>
#include <linux/compiler.h>

/**
 * typedef mfn_t - number of a page frame of the machine
 */
typedef struct {
	unsigned long v;
} mfn_t;

/**
 * typedef xenpv_gfn_t - number of a page frame as Xen's interfaces name it
 */
typedef struct {
	unsigned long v;
} xenpv_gfn_t;

#ifdef __CHECKER__
#define __xen_shared	__attribute__((noderef, address_space(__xen_shared)))
#else
#define __xen_shared
#endif

/** XENPV_NO_MFN - "this page has no machine frame" */
#define XENPV_NO_MFN	((mfn_t){ ~0UL })

static __always_inline mfn_t mfn_box(unsigned long mfn)
{
	return (mfn_t){ mfn };
}

static __always_inline unsigned long mfn_unbox(mfn_t mfn)
{
	return mfn.v;
}

static __always_inline bool mfn_exists(mfn_t mfn)
{
	return mfn.v != ~0UL;
}

static __always_inline bool mfn_same(mfn_t a, mfn_t b)
{
	return a.v == b.v;
}

static __always_inline xenpv_gfn_t gfn_box(unsigned long gfn)
{
	return (xenpv_gfn_t){ gfn };
}

static __always_inline unsigned long gfn_unbox(xenpv_gfn_t gfn)
{
	return gfn.v;
}

#endif /* _XENPV_TYPES_H */
