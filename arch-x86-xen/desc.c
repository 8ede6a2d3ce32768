// SPDX-License-Identifier: GPL-2.0-only
/* Descriptor tables: GDT, LDT and thread-local entries, kept read-only and changed by Xen. */

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <asm/desc.h>
#include <asm/segment.h>

#include <xenpv/batch.h>
#include <xenpv/hypercall.h>
#include "private.h"

#define NR_TLS	GDT_ENTRY_TLS_ENTRIES

/*
 * What the task before had in its thread-local entries.  Xen changes the
 * descriptors that it is given, so the table itself can't be compared with.
 */
static DEFINE_PER_CPU(struct desc_struct[NR_TLS], tls_shadow);

static u64 desc_bits(const void *desc)
{
	u64 bits;

	memcpy(&bits, desc, sizeof(bits));
	return bits;
}

/**
 * xenpv_load_gdt() - make a page the GDT of this CPU
 * @gdt: address and size; at most one page
 *
 * Every mapping of the page must be read-only before Xen accepts it.
 *
 * Context: Boot, or a CPU that comes up.
 */
void xenpv_load_gdt(const struct desc_ptr *gdt)
{
	unsigned long va = gdt->address;
	unsigned long frame = mfn_unbox(xenpv_pt_mfn_of((void *)va));

	xenpv_pt_set_readonly((void *)va, true);
	if (xenpv_hv_set_gdt(&frame, (gdt->size + 1) / sizeof(struct desc_struct)))
		panic("xenpv: Xen refused the GDT at %#lx\n", va);
}

/**
 * xenpv_write_gdt_entry() - change a descriptor of the GDT
 * @gdt: the table
 * @entry: which
 * @desc: new value
 * @type: DESC_TSS and DESC_LDT are left out, since Xen has its own
 *
 * Context: Any.
 */
void xenpv_write_gdt_entry(struct desc_struct *gdt, int entry, const void *desc,
			   int type)
{
	if (type == DESC_LDT || type == DESC_TSS)
		return;

	xenpv_batch_flush();
	if (xenpv_hv_update_descriptor(xenpv_pt_maddr_of(&gdt[entry]), desc_bits(desc)))
		pr_err("xenpv: Xen refused GDT entry %d (%#llx)\n", entry, desc_bits(desc));
}

/**
 * xenpv_write_ldt_entry() - change a descriptor of a loaded LDT
 * @ldt: the table
 * @entry: which
 * @desc: new value
 *
 * Context: Process.
 */
void xenpv_write_ldt_entry(struct desc_struct *ldt, int entry, const void *desc)
{
	xenpv_batch_flush();
	if (xenpv_hv_update_descriptor(xenpv_pt_maddr_of(&ldt[entry]), desc_bits(desc)))
		pr_err("xenpv: Xen refused LDT entry %d (%#llx)\n", entry, desc_bits(desc));
}

static void protect_ldt(struct desc_struct *ldt, unsigned int entries, bool ro)
{
	void *va = ldt, *end = ldt + entries;

	for (; va < end; va += PAGE_SIZE)
		xenpv_pt_set_readonly(va, ro);
}

/* A page of an LDT may be mapped writable nowhere while it is in use. */
void xenpv_alloc_ldt(struct desc_struct *ldt, unsigned int entries)
{
	protect_ldt(ldt, entries, true);
}

void xenpv_free_ldt(struct desc_struct *ldt, unsigned int entries)
{
	protect_ldt(ldt, entries, false);
}

void xenpv_set_ldt(const void *addr, unsigned int entries)
{
	unsigned long flags = xenpv_batch_begin();
	struct mmuext_op *ext = xenpv_batch_ext(MMUEXT_SET_LDT);

	ext->arg1.linear_addr = (unsigned long)addr;
	ext->arg2.nr_ents = entries;
	xenpv_batch_end(flags, xenpv_batch_in_switch());
}

/**
 * xenpv_load_tls() - switch the thread-local descriptors
 * @t: thread to switch to
 * @cpu: this CPU
 *
 * Context: Context switch, or the task itself with preemption off.
 */
void xenpv_load_tls(struct thread_struct *t, unsigned int cpu)
{
	struct desc_struct *shadow = per_cpu(tls_shadow, cpu);
	struct multicall_entry *c;
	bool fs_cleared = false;
	unsigned long flags;
	unsigned int i;
	u64 first;

	if (!memcmp(shadow, t->tls_array, sizeof(t->tls_array)))
		return;

	/* Translated out here: in debug kernels that takes locks, with interrupts as told. */
	first = xenpv_pt_maddr_of(&get_cpu_gdt_rw(cpu)[GDT_ENTRY_TLS_MIN]);
	flags = xenpv_batch_begin();
	for (i = 0; i < NR_TLS; i++) {
		if (desc_bits(&shadow[i]) == desc_bits(&t->tls_array[i]))
			continue;
		/*
		 * fs may still select an entry that is about to change under
		 * it; its value was saved and is loaded after the switch.
		 */
		if (!fs_cleared && xenpv_batch_in_switch()) {
			loadsegment(fs, 0);
			fs_cleared = true;
		}
		shadow[i] = t->tls_array[i];
		c = xenpv_batch_call(__HYPERVISOR_update_descriptor);
		c->args[0] = first + i * sizeof(*shadow);
		c->args[1] = desc_bits(&t->tls_array[i]);
	}
	xenpv_batch_end(flags, xenpv_batch_in_switch());
}
