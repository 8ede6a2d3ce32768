// SPDX-License-Identifier: GPL-2.0-only
/* Maps frames of another domain into a program, each with its own fate. */

#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include <xenpv/batch.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "../private.h"
#include "pt.h"

/* Updates of one hypercall.  They are on the stack, and take half a KiB. */
#define BATCH	32

#define LAST_FRAME	(PTE_PFN_MASK >> PAGE_SHIFT)

/**
 * struct progress - what was done of a request, and what waits
 * @remap: the request
 * @frames: the frame for the next entry
 * @errors: where the fate of the first waiting update belongs
 * @prot: bits of every entry
 * @nr: how many updates wait
 * @updates: they
 */
struct progress {
	const struct xenpv_remap *remap;
	const xen_pfn_t *frames;
	int *errors;
	pteval_t prot;
	unsigned int nr;
	struct mmu_update updates[BATCH];
};

/**
 * xenpv_remap_issue() - have Xen do updates, each with its own fate
 * @updates: they; changed
 * @nr: their number
 * @errors: set to 0 or a negative errno for each
 * @domid: whose frames the entries map
 *
 * Xen stops at the first that it does not like; what is behind it gets its turn.
 *
 * Context: Process.
 */
void xenpv_remap_issue(struct mmu_update *updates, unsigned int nr, int *errors,
		       domid_t domid)
{
	while (nr) {
		unsigned int done = 0;
		int ret = xenpv_hv_mmu_update(updates, nr, &done, domid);

		done = ret ? min(done, nr - 1) : nr;
		memset(errors, 0, done * sizeof(*errors));
		if (ret)
			errors[done++] = ret;
		updates += done;
		errors += done;
		nr -= done;
	}
}

static void issue(struct progress *p)
{
	/* A table that was just added may wait in the queue to be announced. */
	xenpv_batch_flush();
	xenpv_remap_issue(p->updates, p->nr, p->errors, p->remap->domid);
	p->errors += p->nr;
	p->nr = 0;
}

static int add_entry(pte_t *ptep, unsigned long addr, void *arg)
{
	struct progress *p = arg;
	struct mmu_update *u = &p->updates[p->nr++];

	u->ptr = xenpv_pt_maddr(ptep) |
		 (p->remap->machine ? MMU_PT_UPDATE_NO_TRANSLATE : MMU_NORMAL_PT_UPDATE);
	/* What no entry can hold becomes the last that it can, and Xen has no such frame. */
	u->val = (min_t(u64, *p->frames++, LAST_FRAME) << PAGE_SHIFT) | p->prot;
	if (p->nr == BATCH)
		issue(p);
	return 0;
}

/**
 * xenpv_remap_entry() - where Xen finds a page-table entry
 * @ptep: entry of a program
 *
 * Context: Any.
 * Return: machine address of the entry.
 */
u64 xenpv_remap_entry(const pte_t *ptep)
{
	return xenpv_pt_maddr(ptep);
}
EXPORT_SYMBOL_NS_GPL(xenpv_remap_entry, "XENPV");

/**
 * xenpv_remap_settle() - let Xen know of all tables that were added
 *
 * Context: Process.
 */
void xenpv_remap_settle(void)
{
	xenpv_batch_flush();
}
EXPORT_SYMBOL_NS_GPL(xenpv_remap_settle, "XENPV");

static int is_free(pte_t *ptep, unsigned long addr, void *unused)
{
	return pte_none(ptep_get(ptep)) ? 0 : -EBUSY;
}

/**
 * xenpv_remap_is_free() - is nothing mapped there?
 * @vma: a mapping
 * @addr: an address in it
 * @nr: pages
 *
 * Context: Process, mmap lock held.
 * Return: true if all entries are empty.
 */
bool xenpv_remap_is_free(struct vm_area_struct *vma, unsigned long addr, unsigned long nr)
{
	return !apply_to_existing_page_range(vma->vm_mm, addr, nr << PAGE_SHIFT, is_free, NULL);
}
EXPORT_SYMBOL_NS_GPL(xenpv_remap_is_free, "XENPV");

/**
 * xenpv_remap_frames() - map frames of another domain
 * @remap: where, and whose
 * @frames: numbers of the frames, as the domain calls them
 * @nr: how many
 * @errors: set for each: 0, or the negative errno with which Xen refused it
 *
 * Nothing must be mapped there before.  The entries are marked as foreign, and nothing
 * else remembers them: Xen counts each one until it is cleared, which munmap() does.
 *
 * Context: Process, mmap lock of the running program held for writing.
 * Return: 0, also if frames were refused, or -ENOMEM; then some may be mapped and
 * @errors says nothing.
 */
int xenpv_remap_frames(const struct xenpv_remap *remap, const xen_pfn_t *frames,
		       unsigned int nr, int *errors)
{
	struct progress p = {
		.remap = remap,
		.frames = frames,
		.errors = errors,
		.prot = pgprot_val(remap->vma->vm_page_prot) | _PAGE_SPECIAL,
	};
	int ret;

	ret = apply_to_page_range(remap->vma->vm_mm, remap->addr, (unsigned long)nr << PAGE_SHIFT,
				  add_entry, &p);
	if (ret)
		return ret;
	if (p.nr)
		issue(&p);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_remap_frames, "XENPV");
