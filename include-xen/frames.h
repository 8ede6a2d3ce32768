/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FRAMES_H
#define _XENPV_FRAMES_H

/**
 * DOC: Frames
 *
 * Linux numbers the pages of a PV domain from 0 (pfn); page tables need the
 * machine's number (mfn).  Two arrays translate:
 *
 *	pfn -> mfn	&xenpv_p2m, ours; Xen fills it at start
 *	mfn -> pfn	&xenpv_m2p_table, Xen's, read-only, one for the whole machine
 *
 * &xenpv_p2m is linear and lies in a top-level slot of the kernel's address
 * space that nothing else uses, so it has room for every machine, and no
 * lookup needs more than one load.  An entry is one of
 *
 *	mfn		a page of ours
 *	mfn | FOREIGN	a page of another domain, mapped here
 *	pfn | IDENTITY	not RAM: the number is the machine's
 *	~0		nothing: ballooned out, or a hole
 *
 * A page-table entry that maps a frame of another domain carries _PAGE_SPECIAL.
 * Whoever makes such an entry sets it, so that for all other entries Xen's table
 * alone gives the page number.
 *
 * Numbers past the end of the array are identity.  "Nothing" is an answer of
 * its own (mfn_exists()); a page-table entry for it is not present.
 *
 * In a domain whose page tables Xen translates (PVH) every number is its own
 * translation and &xenpv_p2m_limit is 0.
 */

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/pgtable_types.h>
#include <xenpv/abi.h>
#include <xenpv/types.h>

struct vm_area_struct;

#define XENPV_P2M_FOREIGN	BIT(63)
#define XENPV_P2M_IDENTITY	BIT(62)
#define XENPV_P2M_FLAGS		(XENPV_P2M_FOREIGN | XENPV_P2M_IDENTITY)
#define XENPV_P2M_NONE		(~0UL)

extern unsigned long *xenpv_p2m;
extern unsigned long xenpv_p2m_limit;
extern const unsigned long *xenpv_m2p_table;
extern unsigned long xenpv_m2p_limit;

/**
 * xenpv_p2m_raw() - entry of the table
 * @pfn: page number
 *
 * Context: Any.
 * Return: the entry with its flags.
 */
static __always_inline unsigned long xenpv_p2m_raw(unsigned long pfn)
{
	if (unlikely(pfn >= xenpv_p2m_limit))
		return pfn | XENPV_P2M_IDENTITY;
	return READ_ONCE(xenpv_p2m[pfn]);
}

/**
 * xenpv_p2m_get() - machine frame of a page
 * @pfn: page number
 *
 * Context: Any.
 * Return: the frame, or one for which mfn_exists() is false.
 */
static __always_inline mfn_t xenpv_p2m_get(unsigned long pfn)
{
	unsigned long entry = xenpv_p2m_raw(pfn);

	if (unlikely(entry == XENPV_P2M_NONE))
		return XENPV_NO_MFN;
	return mfn_box(entry & ~XENPV_P2M_FLAGS);
}

bool xenpv_p2m_set(unsigned long pfn, mfn_t mfn);
void xenpv_p2m_clear(unsigned long pfn);
void xenpv_p2m_set_identity(unsigned long first, unsigned long end);
int xenpv_p2m_make_room(unsigned long first, unsigned long end);
unsigned long xenpv_m2p(mfn_t mfn);

/*
 * A window shows frames that are none of our pages, such as a table that Xen
 * shares with us.
 */
struct xenpv_window;

struct xenpv_window *xenpv_window_open(unsigned int nr);
void xenpv_window_close(struct xenpv_window *window);
void *xenpv_window_show(struct xenpv_window *window, unsigned int index, mfn_t mfn);

/**
 * struct xenpv_remap - frames of another domain to be mapped into a program
 * @vma: where; its other contents stay
 * @addr: first address, in @vma
 * @domid: whose frames
 * @machine: they are numbers of the machine, whatever the domain calls them
 */
struct xenpv_remap {
	struct vm_area_struct *vma;
	unsigned long addr;
	domid_t domid;
	bool machine;
};

bool xenpv_remap_is_free(struct vm_area_struct *vma, unsigned long addr, unsigned long nr);
void xenpv_remap_issue(struct mmu_update *updates, unsigned int nr, int *errors,
		       domid_t domid);
u64 xenpv_remap_entry(const pte_t *ptep);
void xenpv_remap_settle(void);
int xenpv_remap_frames(const struct xenpv_remap *remap, const xen_pfn_t *frames,
		       unsigned int nr, int *errors);

#endif /* _XENPV_FRAMES_H */
