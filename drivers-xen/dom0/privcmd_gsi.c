// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt lines of devices, for a toolstack that gives a device to a guest. */

#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#include <kunit/static_stub.h>
#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/event_arch.h>
#include "private.h"

/**
 * xenpv_privcmd_irq_of() - the interrupt that a device has now
 * @sbdf: where the device is: segment, bus, device and function
 *
 * Context: Process.
 * Return: a Linux interrupt; -ENODEV if there is no such device, -ENOENT if nobody has
 * enabled its line.
 */
int xenpv_privcmd_irq_of(u32 sbdf)
{
	struct pci_dev *dev;
	int irq;

	KUNIT_STATIC_STUB_REDIRECT(xenpv_privcmd_irq_of, sbdf);
	dev = pci_get_domain_bus_and_slot(sbdf >> 16, sbdf >> 8 & 0xff, sbdf & 0xff);
	if (!dev)
		return -ENODEV;
	irq = dev->pin && dev->irq_managed && dev->irq ? dev->irq : -ENOENT;
	pci_dev_put(dev);
	return irq;
}

/**
 * xenpv_privcmd_gsi() - IOCTL_PRIVCMD_PCIDEV_GET_GSI
 * @file: open file
 * @arg: struct privcmd_pcidev_get_gsi
 *
 * A line is known when the driver of the device has enabled it, as the one does that
 * holds it for a guest.
 *
 * Context: Process.
 * Return: 0; -EPERM if the file is restricted; -ENODEV, -ENOENT: see
 * xenpv_privcmd_irq_of(); or -EFAULT.
 */
long xenpv_privcmd_gsi(const struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_pcidev_get_gsi op;
	int ret;

	if (READ_ONCE(file->only) != XENPV_PRIVCMD_ALL)
		return -EPERM;
	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	ret = xenpv_privcmd_irq_of(op.sbdf);
	if (ret > 0)
		ret = xenpv_event_gsi(ret);
	if (ret < 0)
		return ret;
	op.gsi = ret;
	return copy_to_user(arg, &op, sizeof(op)) ? -EFAULT : 0;
}
