/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_USER_H
#define _XENPV_EVENT_USER_H

/* Ports of programs: user.c, for user_tap.c and for tests. */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <xenpv/event.h>

struct fasync_struct;
struct file_operations;

/**
 * struct evtchn_user - an open file
 * @lock: guards the set of ports, and that they exist; held while one is used
 * @ports: struct evtchn_user_port, by port
 * @only: the only domain with which new ports may be connected; DOMID_INVALID: any
 * @ready_lock: guards the list and the flags of its members
 * @ready: ports that had an event which was not read, the oldest first
 * @wait: who waits for them
 * @fasync: who wants a signal
 * @name: of its interrupts
 */
struct evtchn_user {
	struct mutex lock;
	struct xarray ports;
	domid_t only __guarded_by(&lock);
	spinlock_t ready_lock;
	struct list_head ready __guarded_by(&ready_lock);
	wait_queue_head_t wait;
	struct fasync_struct *fasync;
	char name[8 + TASK_COMM_LEN];
};

/**
 * struct evtchn_user_port - a port of an open file
 * @user: the file
 * @ev: its event
 * @port: its number; 0 while it is being bound
 * @ready: place in the list of what is to be read
 * @owed: it had an event and stays masked until it is written
 * @tap: who looks at its events before the program, or NULL
 */
struct evtchn_user_port {
	struct evtchn_user *user;
	struct xenpv_event *ev;
	evtchn_port_t port;
	struct list_head ready;
	bool owed;
	struct xenpv_event_tap *tap;
};

extern const struct file_operations xenpv_event_user_fops;

/* Ports come and go, are held and tapped under this one. */
extern struct mutex xenpv_event_user_lock;

struct evtchn_user_port *xenpv_event_user_find(evtchn_port_t port);
void xenpv_event_user_ready(struct evtchn_user *user, struct evtchn_user_port *up);
bool xenpv_event_user_settle(struct evtchn_user *user, struct evtchn_user_port *up);

#endif /* _XENPV_EVENT_USER_H */
