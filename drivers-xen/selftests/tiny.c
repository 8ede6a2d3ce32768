// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest program: what bench executes for fork+exec. No libc.
 */
#include <sys/syscall.h>

void _start(void)
{
	for (;;)
		__asm__ volatile("syscall" : : "a" (SYS_exit_group), "D" (0)
				 : "rcx", "r11", "memory");
}
