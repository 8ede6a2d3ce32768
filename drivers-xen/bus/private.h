/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BUS_PRIVATE_H
#define _XENPV_BUS_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/list.h>
#include <linux/types.h>

#include <xenpv/bus.h>

/* Levels of a link: see xenpv/link.h. */
#define XENPV_LINK_APART	0
#define XENPV_LINK_CONNECTED	1
#define XENPV_LINK_STARTED	2

/**
 * struct xenpv_link_view - what an end decides by
 * @side: which end
 * @own: what stands in our key
 * @peer: what stands in the peer's
 * @online: the device is wanted
 * @level: how far we have got
 * @faulty: the link has a fault
 */
struct xenpv_link_view {
	enum xenpv_side side;
	u8 own;
	u8 peer;
	bool online;
	u8 level;
	bool faulty;
};

/**
 * struct xenpv_link_plan - how an action is carried out
 * @down: first to this level, if we are above it
 * @up: then to this one, if we are below it
 * @publish: then this state; 0: none
 * @keys: with the keys that belong to it
 */
struct xenpv_link_plan {
	u8 down;
	u8 up;
	u8 publish;
	bool keys;
};

/* table.c */
bool xenpv_link_foreign_ok(u8 own);
enum xenpv_link_action xenpv_link_decide(const struct xenpv_link_view *view);
enum xenpv_link_action xenpv_link_begin(const struct xenpv_link_view *view, bool replaced);
struct xenpv_link_plan xenpv_link_plan(const struct xenpv_link_view *view,
				       enum xenpv_link_action action, u8 publish_as);

/* Bits of link.flags. */
enum xenpv_link_flag {
	XENPV_LINK_BOUND,	/* a driver is bound, the link runs */
	XENPV_LINK_FRESH,	/* it was bound just now, or the domain was restored */
	XENPV_LINK_FAULT,	/* somebody has reported a fault */
	XENPV_LINK_TOLD,	/* and its reason is written down */
	XENPV_LINK_AGAIN,	/* a front that is Closed wants to come again */
	XENPV_LINK_OVER,	/* the device is to go */
	XENPV_LINK_DUE,		/* there is a reason to look */
	XENPV_LINK_AT_REST,	/* started, faulty, closed or over: nobody waits at boot */
};

/* Looks of one run, before others get their turn. */
#define XENPV_LINK_STEPS	16

/* link.c */
void xenpv_link_init(struct xenpv_device *dev);
void xenpv_link_bind(struct xenpv_device *dev);
void xenpv_link_unbind(struct xenpv_device *dev);
void xenpv_link_restored(struct xenpv_device *dev);
void xenpv_link_run(struct xenpv_device *dev);
void xenpv_link_retry(struct xenpv_device *dev);
int xenpv_link_read_state(struct xenpv_store_txn *txn, const char *dir, u8 *state);
int xenpv_link_online(const char *dir);
const char *xenpv_link_state_name(u8 state);

/* keys.c */
int xenpv_keys_number(const char *text, size_t len, u64 *number);

/**
 * struct xenpv_place - which device
 * @side: which end
 * @type: its type
 * @domid: back: the front's domain; front: 0
 * @id: its number
 */
struct xenpv_place {
	enum xenpv_side side;
	char type[XENPV_TYPE_LEN];
	domid_t domid;
	u32 id;
};

/* Places that wait to be looked at; more become "look at everything". */
#define XENPV_BUS_SPOTS		32

/* Names of one directory that are looked at. */
#define XENPV_BUS_NAMES		4096

/* enumerate.c */
int xenpv_bus_place(enum xenpv_side side, const char *path, struct xenpv_place *place);
void xenpv_bus_node(const struct xenpv_place *place, char *node);
int xenpv_bus_find_peer(struct xenpv_device *dev);
void xenpv_bus_touched(enum xenpv_side side, const char *path);
void xenpv_bus_gone(struct xenpv_device *dev);
void xenpv_bus_look(enum xenpv_side side);
int xenpv_bus_watch(enum xenpv_side side);
void xenpv_bus_forget_all(enum xenpv_side side);
void xenpv_bus_each(enum xenpv_side side, void (*fn)(struct xenpv_device *dev, void *arg),
		    void *arg);
bool xenpv_bus_try_each(enum xenpv_side side,
			void (*fn)(struct xenpv_device *dev, void *arg), void *arg);
bool xenpv_bus_scanned(enum xenpv_side side);
void xenpv_bus_look_again(void);

/* bus.c */
struct xenpv_device *xenpv_device_new(const struct xenpv_place *place);
int xenpv_device_add(struct xenpv_device *dev);
int xenpv_bus_start(void);
void xenpv_bus_stop(void);

/* gate.c */
extern struct workqueue_struct *xenpv_bus_wq;
bool xenpv_bus_enter(void);
void xenpv_bus_leave(void);
void xenpv_bus_rested(void);
bool xenpv_bus_await(unsigned long patience);

#endif /* _XENPV_BUS_PRIVATE_H */
