/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_MCE_H
#define _XENPV_DOM0_MCE_H

/* Machine checks, which Xen takes and this domain reports. */

#include <linux/types.h>
#include <xenpv/abi.h>

/**
 * struct xenpv_mce_record - one bank of one machine check
 * @status: of the bank; not said to have an address, see mce.c
 * @addr: machine address, 0 if there is none
 * @misc: of the bank
 * @tsc: when
 * @mcgstatus: of the CPU
 * @mcgcap: what the CPU can do
 * @bank: number of the bank
 * @pcpu: Xen's number of the CPU; all ones if it is not known
 * @apic_id: of the CPU
 * @socket: it is in
 * @domid: domain that the address belongs to
 */
struct xenpv_mce_record {
	u64 status;
	u64 addr;
	u64 misc;
	u64 tsc;
	u64 mcgstatus;
	u64 mcgcap;
	u32 pcpu;
	u32 apic_id;
	u32 socket;
	domid_t domid;
	u8 bank;
};

/* mce.c; visible for tests. */
int xenpv_mce_walk(const struct mc_info *info);
int xenpv_mce_drain(void);
void xenpv_mce_report(const struct xenpv_mce_record *record);

/* mce_log.c: into mainline's log of machine checks. */
#ifdef CONFIG_X86_MCE
void xenpv_mce_log(const struct xenpv_mce_record *record);
#else
static inline void xenpv_mce_log(const struct xenpv_mce_record *record)
{
}
#endif

#endif /* _XENPV_DOM0_MCE_H */
