// SPDX-License-Identifier: GPL-2.0-only
/* ACPI in the control domain: interrupt lines and sleep states go through Xen. */

#define pr_fmt(fmt) "xenpv: " fmt

#include <linux/acpi.h>
#include <linux/dma-map-ops.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <asm/acpi.h>
#include <asm/x86_init.h>

#include <xenpv/event_arch.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../private.h"

static int register_gsi(struct device *dev, u32 gsi, int trigger, int polarity)
{
	return xenpv_event_map_gsi(gsi, trigger == ACPI_LEVEL_SENSITIVE,
				   polarity == ACPI_ACTIVE_LOW);
}

/*
 * ACPICA is about to write the two sleep control registers.  Those are Xen's,
 * which has the machine to put to sleep after us.
 */
static int prepare_sleep(u8 state, u32 val_a, u32 val_b)
{
	struct xen_platform_op op = {
		.cmd = XENPF_enter_acpi_sleep,
		.u.enter_acpi_sleep = {
			.val_a = val_a,
			.val_b = val_b,
			.sleep_state = state,
		},
	};
	int ret;

	/* The registers have 16 bits. */
	if (WARN_ON_ONCE(val_a > U16_MAX || val_b > U16_MAX))
		return -EINVAL;

	ret = xenpv_hv_platform_op(&op);
	if (ret) {
		pr_err("Xen did not enter S%u (%d)\n", state, ret);
		return ret;
	}
	/* Done: ACPICA is not to do it again. */
	return 1;
}

/* After the tables were read, before the interpreter starts. */
static int __init arch_init(void)
{
	__acpi_register_gsi = register_gsi;
	__acpi_unregister_gsi = NULL;
	/* Written by us a message would raise one of Xen's vectors; have PCI use lines. */
	if (!IS_ENABLED(CONFIG_XENPV_MSI))
		acpi_gbl_FADT.boot_flags |= ACPI_FADT_NO_MSI;
	/* Go on with the ordinary ways to reach PCI configuration space. */
	return 1;
}

/**
 * xenpv_dom0_acpi_init() - have ACPI ask Xen for what is Xen's
 *
 * Context: Boot CPU, from setup_arch(), in the control domain.
 */
void __init xenpv_dom0_acpi_init(void)
{
	x86_init.pci.arch_init = arch_init;
	if (IS_ENABLED(CONFIG_XENPV_MSI))
		x86_init.irqs.create_pci_msi_domain = xenpv_msi_domain;
	acpi_os_set_prepare_sleep(prepare_sleep);
	/* The way into S3 that ACPI knows comes back in real mode, which a domain has not. */
	acpi_suspend_lowlevel = NULL;
	/* Page numbers are no addresses of the machine; XENPV_PCI translates them. */
	dma_ops = &dma_dummy_ops;
	/* Corrected errors are for Xen. */
	acpi_disable_cmcff = 1;
}
