// SPDX-License-Identifier: GPL-2.0-only
/* The page tables of KASAN's shadow memory, which exist before all others. */

#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <asm/kasan.h>
#include <asm/pgtable.h>

#include "../private.h"
#include "pt.h"

/*
 * At first the whole shadow is one page, behind one table of each level.  They
 * are filled while they are ordinary memory, and then announced together with
 * the first page table.  Later kasan_init() puts them below more and more
 * entries, and each time says that a table gets into use; Xen wants to hear that
 * once.
 */

static bool detour;

/**
 * xenpv_kasan_fill_early() - fill the shared tables and hook them into the first one
 *
 * Context: Boot CPU, while the first page table is ordinary memory.
 */
void __init xenpv_kasan_fill_early(void)
{
	kasan_early_init();
	xenpv_pt_make_readonly(kasan_early_shadow_pud);
	xenpv_pt_make_readonly(kasan_early_shadow_pmd);
	xenpv_pt_make_readonly(kasan_early_shadow_pte);
}

/**
 * xenpv_kasan_shares() - is this one of the shared tables?
 * @pfn: its page
 *
 * Context: Any.
 * Return: true if Xen knows it already and for ever.
 */
bool xenpv_kasan_shares(unsigned long pfn)
{
	return pfn == PFN_DOWN(__pa_symbol(kasan_early_shadow_pud)) ||
	       pfn == PFN_DOWN(__pa_symbol(kasan_early_shadow_pmd)) ||
	       pfn == PFN_DOWN(__pa_symbol(kasan_early_shadow_pte));
}

/**
 * xenpv_kasan_before_cr3() - a page table is about to be loaded
 * @cr3: its address
 *
 * While kasan_init() works on the kernel's table it runs on a copy, which Xen
 * takes only if nobody can write to it.  The copy is gone after boot, so the
 * reference to it is good while @system_state says so.
 *
 * Context: Any.
 */
void __ref xenpv_kasan_before_cr3(unsigned long cr3)
{
	if (unlikely(system_state == SYSTEM_BOOTING) &&
	    cr3 == __pa_symbol(early_top_pgt)) {
		xenpv_pt_set_readonly(early_top_pgt, true);
		detour = true;
	}
}

/**
 * xenpv_kasan_after_cr3() - a page table was loaded
 * @cr3: its address
 *
 * Context: Any.
 */
void __ref xenpv_kasan_after_cr3(unsigned long cr3)
{
	if (unlikely(detour) && cr3 != __pa_symbol(early_top_pgt)) {
		detour = false;
		xenpv_pt_set_readonly(early_top_pgt, false);
	}
}
