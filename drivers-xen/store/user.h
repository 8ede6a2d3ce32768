/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_USER_PRIVATE_H
#define _XENPV_STORE_USER_PRIVATE_H

/* The daemon as a program of this domain: user_dom0.c. */

#include <linux/errno.h>

#ifdef CONFIG_XENPV_DOM0
int xenpv_store_local(void);
#else
static inline int xenpv_store_local(void)
{
	return -ENODEV;
}
#endif

#endif /* _XENPV_STORE_USER_PRIVATE_H */
