/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STORE_USER_PRIVATE_H
#define _XENPV_STORE_USER_PRIVATE_H

/* The daemon as a program of this domain: user_dom0.c. */

#include <linux/errno.h>
#include <xenpv/abi.h>

struct xenpv_event;

#ifdef CONFIG_XENPV_DOM0
int xenpv_store_local(void);
/* The rest is visible for tests. */
void xenpv_store_unlocal(void);
long xenpv_store_lend(domid_t domid);
struct xenpv_event *xenpv_store_open_port(domid_t domid, evtchn_port_t *port);
void xenpv_store_close_port(struct xenpv_event *event);
#else
static inline int xenpv_store_local(void)
{
	return -ENODEV;
}
#endif

#endif /* _XENPV_STORE_USER_PRIVATE_H */
