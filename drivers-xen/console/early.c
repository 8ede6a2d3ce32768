// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console before hvc0: boot console, and which console is the default.
 */

#include <linux/console.h>
#include <linux/init.h>
#include <linux/serial_core.h>
#include <linux/string.h>
#include <asm/cmdline.h>
#include <asm/page.h>

#include <xenpv/console.h>
#include <xenpv/self.h>

#include "private.h"

static void boot_console_write(struct console *con, const char *text,
			       unsigned int len)
{
	while (len) {
		const char *eol = memchr(text, '\n', len);
		unsigned int n = eol ? eol - text : len;

		xenpv_console_write(text, n);
		if (eol) {
			xenpv_console_write("\r\n", 2);
			n++;
		}
		text += n;
		len -= n;
	}
}

/*
 * Enabled by itself: the default consoles are already on printk's list, which
 * would otherwise turn away every console that is not.
 */
static struct console boot_console = {
	.name = "xenpv",
	.write = boot_console_write,
	.flags = CON_PRINTBUFFER | CON_BOOT | CON_ENABLED | CON_ANYTIME,
	.index = -1,
};

static int __init boot_console_setup(char *arg)
{
	if (!arg || strncmp(arg, "xen", 3) ||
	    xenpv_self.kind == XENPV_KIND_NONE || boot_console.index != -1)
		return 0;

	if (strstr(arg, "keep"))
		boot_console.flags &= ~CON_BOOT;
	boot_console.index = 0;
	register_console(&boot_console);

	return 0;
}
early_param("earlyprintk", boot_console_setup);

static int __init earlycon_setup(struct earlycon_device *dev, const char *options)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return -ENODEV;

	dev->con->write = boot_console_write;
	return 0;
}
EARLYCON_DECLARE(xenpv, earlycon_setup);

/**
 * xenpv_console_early() - find the console and make it the default one
 * @cmdline: the kernel's command line
 *
 * Call once the direct map reaches all of memory and before printk's consoles
 * start.  Without "console=" the messages go to hvc0; in the control domain to
 * the screen as well, though /dev/console stays hvc0.
 *
 * Context: Boot, one CPU.
 */
void __init xenpv_console_early(const char *cmdline)
{
	char chosen[2];

	xenpv_console_attach(PAGE_OFFSET);

	if (cmdline_find_option(cmdline, "console", chosen, sizeof(chosen)) >= 0)
		return;
	if (xenpv_self.control)
		add_preferred_console("tty", 0, NULL);
	add_preferred_console("hvc", 0, NULL);
}
