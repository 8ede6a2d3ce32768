// SPDX-License-Identifier: GPL-2.0-only
/* Address ranges in which the kernel sees machine frames that are none of its pages. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>

/**
 * struct xenpv_window - a range of addresses for frames
 * @area: the range; its page tables exist from the start
 * @entries: the page-table entry of each of its pages
 *
 * Because nothing has to be allocated to show a frame, that works in any context.
 */
struct xenpv_window {
	struct vm_struct *area;
	pte_t *entries[];
};

struct collector {
	struct xenpv_window *window;
	unsigned int nr;
};

static int collect(pte_t *pte, unsigned long addr, void *arg)
{
	struct collector *c = arg;

	c->window->entries[c->nr++] = pte;
	return 0;
}

/**
 * xenpv_window_open() - get a range of addresses that shows nothing yet
 * @nr: its size in pages
 *
 * Context: Process.
 * Return: the window, or an ERR_PTR().
 */
struct xenpv_window *xenpv_window_open(unsigned int nr)
{
	struct collector c = {};
	unsigned long size = (unsigned long)nr << PAGE_SHIFT;

	c.window = kvzalloc(struct_size(c.window, entries, nr), GFP_KERNEL);
	if (!c.window)
		return ERR_PTR(-ENOMEM);

	c.window->area = get_vm_area(size, VM_IOREMAP);
	if (!c.window->area)
		goto free;
	if (apply_to_page_range(&init_mm, (unsigned long)c.window->area->addr, size,
				collect, &c))
		goto close;
	return c.window;

close:
	free_vm_area(c.window->area);
free:
	kvfree(c.window);
	return ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_NS_GPL(xenpv_window_open, "XENPV");

/**
 * xenpv_window_close() - give the addresses back
 * @window: what xenpv_window_open() returned; an ERR_PTR() and NULL are ignored
 *
 * Context: Process.
 */
void xenpv_window_close(struct xenpv_window *window)
{
	if (IS_ERR_OR_NULL(window))
		return;
	free_vm_area(window->area);
	kvfree(window);
}
EXPORT_SYMBOL_NS_GPL(xenpv_window_close, "XENPV");

/*
 * Xen takes the entry away and flushes in one step.  The kernel's own flush would
 * interrupt all other CPUs and wait for them, which a domain that is about to be
 * saved must not do: its interrupts are off.
 */
static void hide(unsigned long va, pte_t *pte)
{
	if (xenpv_self.kind == XENPV_KIND_PV) {
		WARN_ON_ONCE(xenpv_hv_update_va_mapping(va, 0, UVMF_INVLPG | UVMF_ALL));
		return;
	}
	pte_clear(&init_mm, va, pte);
	flush_tlb_kernel_range(va, va + PAGE_SIZE);
}

/**
 * xenpv_window_show() - let a page of the window be a machine frame
 * @window: the window
 * @index: which page of it
 * @mfn: the frame; XENPV_NO_MFN takes away what was there
 *
 * The frame need not be one of this domain's pages, so the entry is made by hand
 * and carries the mark that xenpv/frames.h asks for.
 *
 * Context: Any, in a PV domain; without Xen, in tests, taking away needs interrupts.
 * Calls for one page are serialised by the caller.
 * Return: address of the page.
 */
void *xenpv_window_show(struct xenpv_window *window, unsigned int index, mfn_t mfn)
{
	unsigned long va = (unsigned long)window->area->addr + index * PAGE_SIZE;
	pteval_t flags = pgprot_val(PAGE_KERNEL) & __supported_pte_mask;
	pte_t *pte = window->entries[index];

	if (mfn_exists(mfn)) {
		set_pte(pte, native_make_pte(((pteval_t)mfn_unbox(mfn) << PAGE_SHIFT) |
					     flags | _PAGE_SPECIAL));
	} else {
		hide(va, pte);
	}
	return (void *)va;
}
EXPORT_SYMBOL_NS_GPL(xenpv_window_show, "XENPV");
