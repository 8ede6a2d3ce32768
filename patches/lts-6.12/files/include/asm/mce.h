/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine check is logged alone, without what vendors add to it later. */
#ifndef XENPV_COMPAT_MCE_H
#define XENPV_COMPAT_MCE_H

#include_next <asm/mce.h>

struct mce_hw_err {
	struct mce m;
};

static inline void xenpv_compat_mce_log(struct mce_hw_err *err)
{
	mce_log(&err->m);
}

#define mce_log		xenpv_compat_mce_log

#endif
