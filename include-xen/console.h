/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_CONSOLE_H
#define _XENPV_CONSOLE_H

/**
 * DOC: Console
 *
 * Where the console of this domain leads is decided once: the control domain
 * writes to Xen's own console by hypercall, a guest to a page that it shares
 * with the console daemon (include/xen/interface/io/console.h).  Three things
 * stand on that, in the order in which they become usable:
 *
 * - xenpv_console_raw() from the first instruction in C on, for the ground
 *   floor's last words;
 * - a boot console, when the command line says "earlyprintk=xen" or
 *   "earlycon=xenpv";
 * - hvc0, the real console and terminal.
 *
 * Without "console=" on the command line the kernel's messages go to hvc0, in
 * the control domain to tty0 as well.
 */

#include <linux/types.h>

#ifdef CONFIG_XENPV_CONSOLE

void xenpv_console_raw(const char *text, size_t len);
void xenpv_console_early(const char *cmdline);

#else

static inline void xenpv_console_raw(const char *text, size_t len) { }
static inline void xenpv_console_early(const char *cmdline) { }

#endif

#endif /* _XENPV_CONSOLE_H */
