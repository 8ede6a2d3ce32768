/* SPDX-License-Identifier: GPL-2.0-only */
/* Register values travel in halves here, and errors in the other place. */
#ifndef XENPV_COMPAT_MSR_H
#define XENPV_COMPAT_MSR_H

#include_next <asm/msr.h>

#ifndef __ASSEMBLER__

static inline int xenpv_compat_rdmsr_safe(u32 msr, u64 *val)
{
	int err;

	*val = native_read_msr_safe(msr, &err);
	return err;
}

#define native_read_msr_safe(msr, val)	xenpv_compat_rdmsr_safe(msr, val)
#define native_write_msr(msr, val) \
	native_write_msr(msr, lower_32_bits(val), upper_32_bits(val))
#define native_write_msr_safe(msr, val) \
	native_write_msr_safe(msr, lower_32_bits(val), upper_32_bits(val))
#define rdmsrq(msr, val)		rdmsrl(msr, val)
#define wrmsrq(msr, val)		wrmsrl(msr, val)

#endif /* __ASSEMBLER__ */

#endif
