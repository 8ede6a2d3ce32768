// SPDX-License-Identifier: GPL-2.0-only
/* Tells Xen which PCI devices the machine has, and where their configuration lies. */

#define pr_fmt(fmt) "xenpv: pci: " fmt

#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <asm/pci_x86.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>

/*
 * Xen has looked for devices at boot, on the buses that firmware numbered.  It
 * can't see what is added later, what Linux numbers anew, nor which functions are
 * virtual ones of another; and it gives interrupts and IOMMU contexts to those only
 * that it knows.
 */

/**
 * struct addition - a device as Xen is told of it
 * @add: what the interface names
 * @pxm: the one optional word behind it, the memory that is near
 */
struct addition {
	struct physdev_pci_device_add add;
	u32 pxm;
};

static_assert(offsetof(struct addition, pxm) == sizeof(struct physdev_pci_device_add));

static void describe_function(struct pci_dev *pdev, struct physdev_pci_device_add *add)
{
#ifdef CONFIG_PCI_IOV
	if (pdev->is_virtfn) {
		add->flags |= XEN_PCI_DEV_VIRTFN;
		add->physfn.bus = pdev->physfn->bus->number;
		add->physfn.devfn = pdev->physfn->devfn;
	}
#endif
	if (pci_ari_enabled(pdev->bus) && PCI_SLOT(pdev->devfn))
		add->flags |= XEN_PCI_DEV_EXTFN;
}

static void describe_place(struct pci_dev *pdev, struct addition *addition)
{
#ifdef CONFIG_ACPI_NUMA
	int node = dev_to_node(&pdev->dev);
	int pxm = node == NUMA_NO_NODE ? PXM_INVAL : node_to_pxm(node);

	if (pxm != PXM_INVAL) {
		addition->pxm = pxm;
		addition->add.flags |= XEN_PCI_DEV_PXM;
	}
#endif
}

static int add_device(struct pci_dev *pdev)
{
	struct addition addition = {
		.add = {
			.seg = pci_domain_nr(pdev->bus),
			.bus = pdev->bus->number,
			.devfn = pdev->devfn,
		},
	};

	describe_function(pdev, &addition.add);
	describe_place(pdev, &addition);
	return xenpv_hv_physdev_op(PHYSDEVOP_pci_device_add, &addition.add);
}

static int remove_device(struct pci_dev *pdev)
{
	struct physdev_pci_device device = {
		.seg = pci_domain_nr(pdev->bus),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
	};

	return xenpv_hv_physdev_op(PHYSDEVOP_pci_device_remove, &device);
}

/* A device that Xen refuses works with interrupt lines, so it is not refused here. */
static int device_event(struct notifier_block *block, unsigned long what, void *arg)
{
	struct pci_dev *pdev = to_pci_dev((struct device *)arg);
	int ret = 0;

	switch (what) {
	case BUS_NOTIFY_ADD_DEVICE:
		ret = add_device(pdev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		ret = remove_device(pdev);
		break;
	default:
		return NOTIFY_DONE;
	}
	if (ret)
		pci_warn(pdev, "Xen was told of this device and answered %d\n", ret);
	return NOTIFY_OK;
}

static struct notifier_block device_block = {
	.notifier_call = device_event,
};

#ifdef CONFIG_PCI_MMCONFIG
/* Xen trusts a window for configuration only once its owner says that it is reserved. */
static void report_windows(void)
{
	struct pci_mmcfg_region *region;
	int ret;

	list_for_each_entry(region, &pci_mmcfg_list, list) {
		struct physdev_pci_mmcfg_reserved reserved = {
			.address = region->address,
			.segment = region->segment,
			.start_bus = region->start_bus,
			.end_bus = region->end_bus,
			.flags = XEN_PCI_MMCFG_RESERVED,
		};

		ret = xenpv_hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &reserved);
		if (ret && ret != -ENOSYS)
			pr_warn("Xen does not use the window of segment %u, buses %u to %u (%d)\n",
				region->segment, region->start_bus, region->end_bus, ret);
	}
}
#else
static void report_windows(void)
{
}
#endif

/* Before the first bus is scanned. */
static int __init pci_init(void)
{
	if (!xenpv_self.control)
		return 0;
	return bus_register_notifier(&pci_bus_type, &device_block);
}
arch_initcall(pci_init);

/* The windows are known once ACPI has named the roots. */
static int __init windows_init(void)
{
	if (xenpv_self.control)
		report_windows();
	return 0;
}
subsys_initcall_sync(windows_init);
