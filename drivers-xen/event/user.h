/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_USER_H
#define _XENPV_EVENT_USER_H

/* The device of user.c, for its tests. */

struct file_operations;
extern const struct file_operations xenpv_event_user_fops;

#endif /* _XENPV_EVENT_USER_H */
