// SPDX-License-Identifier: GPL-2.0-only
/* The symbols that mainline expects of a Xen implementation, each with the file that needs it. */

#include <linux/bio.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/acpi.h>
#include <asm/hypervisor.h>
#include <asm/idtentry.h>
#include <asm/xen/hypervisor.h>
#include <xen/xen.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/* include/xen/xen.h: xen_domain() and its siblings, all over the kernel. */
enum xen_domain_type xen_domain_type __ro_after_init = XEN_NATIVE;
EXPORT_SYMBOL_GPL(xen_domain_type);

uint32_t xen_start_flags __ro_after_init;
EXPORT_SYMBOL(xen_start_flags);

/**
 * xenpv_bridge_init() - tell the rest of the kernel what xenpv_self says
 *
 * Context: Boot CPU, after xenpv_self_read().
 */
void __init xenpv_bridge_init(void)
{
	switch (xenpv_self.kind) {
	case XENPV_KIND_PV:
		xen_domain_type = XEN_PV_DOMAIN;
		break;
	case XENPV_KIND_PVH:
		xen_domain_type = XEN_HVM_DOMAIN;
		break;
	case XENPV_KIND_NONE:
		break;
	}
	xen_start_flags = xenpv_self.start ? xenpv_self.start->flags : 0;
}

/* arch/x86/kernel/cpu/hypervisor.c: which entry of the table is us. */
static u32 __init detect_pv(void)
{
	return xenpv_self.kind == XENPV_KIND_PV ? ~0u : 0;
}

const __initconst struct hypervisor_x86 x86_hyper_xen_pv = {
	.type = X86_HYPER_XEN_PV,
	.name = "Xen PV",
	.detect = detect_pv,
	.runtime.pin_vcpu = NULL,
	.init.init_platform = xenpv_setup_platform,
	.init.x2apic_available = bool_x86_init_noop,
	.init.msi_ext_dest_id = bool_x86_init_noop,
	.init.init_mem_mapping = x86_init_noop,
	.init.guest_late_init = xenpv_setup_late,
	.init.init_after_bootmem = xenpv_pt_pages_are_ready,
};

static u32 __init detect_nothing(void)
{
	return 0;
}

/* Same table: guests whose hardware is emulated.  Not handled by this kernel. */
struct hypervisor_x86 x86_hyper_xen_hvm __initdata = {
	.type = X86_HYPER_XEN_HVM,
	.name = "Xen HVM",
	.detect = detect_nothing,
};

/* arch/x86/include/asm/idtentry.h: the upcall vector of such guests. */
DEFINE_IDTENTRY_SYSVEC(sysvec_xen_hvm_callback)
{
}

/*
 * block/blk-merge.c, block/bio.c: pages that are neighbours here need not be
 * so in the machine, which matters to a device.
 */
bool xen_biovec_phys_mergeable(const struct bio_vec *vec, const struct page *after)
{
	unsigned long last = PFN_DOWN(page_to_phys(vec->bv_page) + vec->bv_offset +
				      vec->bv_len - 1);
	unsigned long next = page_to_pfn(after);
	mfn_t a = xenpv_p2m_get(last), b = xenpv_p2m_get(next);

	if (last == next)
		return true;
	return mfn_exists(a) && mfn_unbox(a) + 1 == mfn_unbox(b);
}
EXPORT_SYMBOL(xen_biovec_phys_mergeable);

#ifdef CONFIG_XENPV_DOM0
#include <acpi/proc_cap_intel.h>
#include <acpi/processor.h>

/* arch/x86/include/asm/acpi.h: what firmware is told that the OS can do. */
void xen_sanitize_proc_cap_bits(uint32_t *buf)
{
	u32 pdc[3] = { ACPI_PDC_REVISION_ID, 1, *buf };
	struct xen_platform_op op = {
		.cmd = XENPF_set_processor_pminfo,
		.u.set_pminfo = { .type = XEN_PM_PDC, .id = -1 },
	};

	set_xen_guest_handle(op.u.set_pminfo.pdc, pdc);
	if (xenpv_hv_platform_op(&op))
		*buf &= ~(ACPI_PROC_CAP_C_C1_FFH | ACPI_PROC_CAP_C_C2C3_FFH);
	else
		*buf = pdc[2];
}

/* drivers/acpi/acpi_processor.c: does the machine have this processor? */
bool __init xen_processor_present(uint32_t acpi_id)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo };
	unsigned int max;

	op.u.pcpu_info.xen_cpuid = 0;
	if (xenpv_hv_platform_op(&op))
		return true;
	max = op.u.pcpu_info.max_present;
	for (unsigned int i = 0; i <= max; i++) {
		op.u.pcpu_info.xen_cpuid = i;
		if (!xenpv_hv_platform_op(&op) && op.u.pcpu_info.acpi_id == acpi_id)
			return op.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE;
	}
	return false;
}

/* arch/x86/kernel/apic/msi.c: after sleep or reset Xen restores its own MSIs. */
bool xen_initdom_restore_msi(struct pci_dev *dev)
{
	struct physdev_pci_device op = {
		.devfn = dev->devfn,
		.bus = dev->bus->number,
		.seg = pci_domain_nr(dev->bus),
	};

	if (!xenpv_self.control)
		return true;
	if (xenpv_hv_physdev_op(PHYSDEVOP_restore_msi_ext, &op))
		pci_warn(dev, "Xen could not restore MSI\n");
	return false;
}
#endif
