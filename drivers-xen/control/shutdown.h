/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_CONTROL_SHUTDOWN_H
#define _XENPV_CONTROL_SHUTDOWN_H

/* What shutdown.c and its tests share. */

#include <linux/types.h>

/**
 * enum xenpv_shutdown - what the toolstack may ask for
 * @XENPV_SHUTDOWN_NONE: nothing that is known
 * @XENPV_SHUTDOWN_OFF: go down, for good
 * @XENPV_SHUTDOWN_HALT: the same, by the word of old toolstacks
 * @XENPV_SHUTDOWN_REBOOT: go down and begin anew
 */
enum xenpv_shutdown {
	XENPV_SHUTDOWN_NONE,
	XENPV_SHUTDOWN_OFF,
	XENPV_SHUTDOWN_HALT,
	XENPV_SHUTDOWN_REBOOT,
};

void xenpv_shutdown_do(enum xenpv_shutdown what);
void xenpv_sysrq_press(u8 key);
int xenpv_shutdown_time(void);
int xenpv_shutdown_look(void);
int xenpv_sysrq_look(void);
void xenpv_control_offer(void);

#endif /* _XENPV_CONTROL_SHUTDOWN_H */
