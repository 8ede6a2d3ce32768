// SPDX-License-Identifier: GPL-2.0-only
/* EFI of the machine: Xen has left its boot services, and calls its runtime services for us. */

#include <linux/efi.h>
#include <linux/init.h>
#include <asm/bootparam.h>
#include <asm/efi.h>
#include <asm/setup.h>

#include <xenpv/hypercall.h>
#include "../private.h"

/*
 * Mainline finds EFI's tables by the system table.  That is in memory which is none
 * of ours, with addresses that only Xen maps; so it gets one with what Xen says of it.
 * The tables that this names lie in memory that stays as firmware left it.
 */
static efi_system_table_64_t table __initdata = {
	.hdr.signature = EFI_SYSTEM_TABLE_SIGNATURE,
};
static efi_char16_t vendor[100] __initdata;

static int __init ask(u32 what, struct xen_platform_op *op)
{
	op->cmd = XENPF_firmware_info;
	op->u.firmware_info.type = XEN_FW_EFI_INFO;
	op->u.firmware_info.index = what;
	return xenpv_hv_platform_op(op);
}

/* A machine without EFI has no version of it. */
static bool __init fill_table(void)
{
	struct xen_platform_op op = { };
	union xenpf_efi_info *info = &op.u.firmware_info.u.efi_info;

	if (ask(XEN_FW_EFI_VERSION, &op))
		return false;
	table.hdr.revision = info->version;

	if (ask(XEN_FW_EFI_CONFIG_TABLE, &op))
		return false;
	table.tables = info->cfg.addr;
	table.nr_tables = info->cfg.nent;

	/* The last character stays zero. */
	info->vendor.bufsz = sizeof(vendor) - sizeof(vendor[0]);
	set_xen_guest_handle(info->vendor.name, vendor);
	if (!ask(XEN_FW_EFI_VENDOR, &op))
		table.fw_revision = info->vendor.revision;
	table.fw_vendor = __pa_symbol(vendor);
	return true;
}

/*
 * With a key of the owner's the shim lets unsigned kernels run, and says so; then
 * nothing that runs here is vouched for.
 */
static bool __init shim_disables(void)
{
	efi_guid_t shim = EFI_SHIM_LOCK_GUID;
	efi_char16_t name[] = L"MokSBStateRT";
	unsigned long size = sizeof(u8);
	u8 disabled;

	return efi.get_variable(name, &shim, NULL, &size, &disabled) == EFI_SUCCESS &&
	       disabled == 1;
}

static u8 __init secure_boot(void)
{
	enum efi_secureboot_mode mode = efi_get_secureboot_mode(efi.get_variable);

	if (mode == efi_secureboot_mode_enabled && shim_disables())
		mode = efi_secureboot_mode_disabled;
	return mode;
}

/**
 * xenpv_dom0_efi_init() - let mainline find EFI, if the machine has it
 *
 * Context: Boot CPU, from xenpv_start().
 */
void __init xenpv_dom0_efi_init(void)
{
	struct efi_info *info = &boot_params.efi_info;
	u64 where = __pa_symbol(&table);

	if (!fill_table())
		return;
	memcpy(&info->efi_loader_signature, EFI64_LOADER_SIGNATURE,
	       sizeof(info->efi_loader_signature));
	info->efi_systab = where;
	info->efi_systab_hi = where >> 32;

	xenpv_efi_take_calls();
	set_bit(EFI_BOOT, &efi.flags);
	set_bit(EFI_64BIT, &efi.flags);
	set_bit(EFI_PARAVIRT, &efi.flags);
	boot_params.secure_boot = secure_boot();
}
