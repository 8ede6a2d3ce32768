/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_CONSOLE_PRIVATE_H
#define _XENPV_CONSOLE_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/types.h>
#include <xenpv/abi.h>

/* port.c */
bool xenpv_console_attach(unsigned long base);
evtchn_port_t xenpv_console_evtchn(void);
ssize_t xenpv_console_put(const char *text, size_t len);
ssize_t xenpv_console_get(char *buf, size_t len);
bool xenpv_console_full(void);
bool xenpv_console_news(void);
void xenpv_console_write(const char *text, size_t len);

#endif /* _XENPV_CONSOLE_PRIVATE_H */
