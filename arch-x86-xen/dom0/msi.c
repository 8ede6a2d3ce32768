// SPDX-License-Identifier: GPL-2.0-only
/* Message-signalled interrupts of PCI devices: Xen programs them, events deliver them. */

#define pr_fmt(fmt) "xenpv: msi: " fmt

#include <linux/init.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/printk.h>

#include <xenpv/event_arch.h>
#include <xenpv/hypercall.h>
#include "../private.h"

/*
 * The domain has no parent: behind one of its interrupts is an event, and the
 * vectors and what is written into the device are Xen's business.  What PCI needs
 * of mainline's core (numbers side by side, sysfs, affinity) stays as it is.
 *
 * A hardware number names the device and the place in its table: segment, bus and
 * function, 11 bits of index; and whether the table is that of MSI-X, where each
 * place stands for itself, or a group of MSI.
 */
#define INDEX_BITS	11
#define IS_MSIX		BIT_ULL(48)

static void set_desc(msi_alloc_info_t *arg, struct msi_desc *desc)
{
	struct pci_dev *pdev = msi_desc_to_pci_dev(desc);

	arg->desc = desc;
	arg->hwirq = (irq_hw_number_t)pci_domain_nr(pdev->bus) << 16 | pci_dev_id(pdev);
	arg->hwirq = arg->hwirq << INDEX_BITS | desc->msi_index;
	if (desc->pci.msi_attrib.is_msix)
		arg->hwirq |= IS_MSIX;
}

/* Xen finds the place in the table by itself, and compares. */
static u64 msix_table(struct pci_dev *pdev)
{
	u32 where;

	if (pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &where))
		return 0;
	return pci_resource_start(pdev, where & PCI_MSIX_TABLE_BIR);
}

/* Have Xen program the device; a group of messages has numbers side by side. */
static int map_message(struct msi_desc *desc)
{
	struct pci_dev *pdev = msi_desc_to_pci_dev(desc);
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF,
		.type = MAP_PIRQ_TYPE_MSI_SEG,
		.index = -1,
		.pirq = -1,
		.bus = pdev->bus->number | pci_domain_nr(pdev->bus) << 16,
		.devfn = pdev->devfn,
	};
	int ret;

	if (desc->pci.msi_attrib.is_msix) {
		map.table_base = msix_table(pdev);
		map.entry_nr = desc->msi_index;
	} else if (desc->nvec_used > 1) {
		map.type = MAP_PIRQ_TYPE_MULTI_MSI;
		map.entry_nr = desc->nvec_used;
	}
	ret = xenpv_hv_physdev_op(PHYSDEVOP_map_pirq, &map);
	if (ret) {
		pci_dbg(pdev, "Xen maps no message interrupt (%d)\n", ret);
		return ret;
	}
	return map.pirq;
}

static void unmap_message(int pirq)
{
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = pirq };
	int ret = xenpv_hv_physdev_op(PHYSDEVOP_unmap_pirq, &unmap);

	/* The device may be gone, and its messages with it. */
	if (ret)
		pr_debug("Xen did not unmap interrupt %d (%d)\n", pirq, ret);
}

static bool is_first(irq_hw_number_t hwirq)
{
	return hwirq & IS_MSIX || !(hwirq & GENMASK(INDEX_BITS - 1, 0));
}

/* The first of a group is mapped, the others follow its number. */
static int msi_init(struct irq_domain *domain, struct msi_domain_info *info,
		    unsigned int irq, irq_hw_number_t hwirq, msi_alloc_info_t *arg)
{
	int pirq, ret;

	if (is_first(hwirq))
		pirq = map_message(arg->desc);
	else
		pirq = xenpv_event_pirq(irq_domain_get_irq_data(domain, irq - 1)) + 1;
	if (pirq < 0)
		return pirq;

	ret = xenpv_event_adopt_pirq(domain, irq, hwirq, pirq);
	if (ret && is_first(hwirq))
		unmap_message(pirq);
	return ret;
}

/* Xen unmaps a group as a whole, by its first. */
static void msi_free(struct irq_domain *domain, struct msi_domain_info *info,
		     unsigned int irq)
{
	struct irq_data *data = irq_domain_get_irq_data(domain, irq);
	int pirq = xenpv_event_pirq(data);

	xenpv_event_drop_pirq(data);
	if (is_first(data->hwirq))
		unmap_message(pirq);
}

static struct msi_domain_ops msi_ops = {
	.set_desc	= set_desc,
	.msi_init	= msi_init,
	.msi_free	= msi_free,
};

/* Masks in the device are Xen's, too; a message is masked by its event. */
static struct msi_domain_info msi_info = {
	.flags	= MSI_FLAG_PCI_MSIX | MSI_FLAG_MULTI_PCI_MSI | MSI_FLAG_NO_MASK |
		  MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_FREE_MSI_DESCS | MSI_FLAG_DEV_SYSFS,
	.ops	= &msi_ops,
};

/**
 * xenpv_msi_domain() - the interrupt domain of PCI devices of the machine
 *
 * Context: Boot.
 * Return: the domain, or NULL; then devices use lines.
 */
struct irq_domain * __init xenpv_msi_domain(void)
{
	struct fwnode_handle *fwnode = irq_domain_alloc_named_fwnode("xenpv-msi");
	struct irq_domain *domain = NULL;

	msi_info.chip = xenpv_event_msi_chip();
	if (fwnode)
		domain = msi_create_irq_domain(fwnode, &msi_info, NULL);
	if (!domain)
		pr_warn("no memory, devices use interrupt lines\n");
	return domain;
}
