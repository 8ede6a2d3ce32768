/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_CONSOLE_PRIVATE_H
#define _XENPV_CONSOLE_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/bits.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <xenpv/abi.h>
#include <xenpv/stream.h>

/*
 * How long a full ring may hold up the kernel's messages, in cycles: one to
 * four seconds.  A daemon that is not there must not stop the kernel; after
 * this time messages are dropped until there is room again.
 */
#define PORT_PATIENCE	BIT_ULL(32)

/* A daemon that has taken as much since is waited for as long once more. */
#define PORT_EARNS	(sizeof_field(struct xencons_interface, out) / 2)

/**
 * struct console_port - the way out and in
 * @lock: serialises all of this; printk and the terminal come on their own
 * @out: bytes to the console daemon
 * @in: bytes from the console daemon
 * @evtchn: event channel to the console daemon
 * @ring: @out and @in lead somewhere
 * @reported: said that the peer broke a stream
 * @full: the last write found no room
 * @full_since: cycle count when the ring was found full, 0 if patience is whole
 * @full_at: @written at that time
 * @written: bytes that we have put into @out, ever
 * @read: bytes that we have taken out of @in, ever
 * @taken: the most of @written that the daemon was seen to have taken, up to a
 *	constant
 * @came: the most that it was seen to have put into @in
 */
struct console_port {
	raw_spinlock_t lock;
	struct xenpv_stream out;
	struct xenpv_stream in;
	evtchn_port_t evtchn;
	bool ring;
	bool reported;
	bool full;
	u64 full_since;
	u32 full_at;
	u32 written;
	u32 read;
	u32 taken;
	u32 came;
};

/* port.c */
bool xenpv_console_attach(unsigned long base);
evtchn_port_t xenpv_console_evtchn(void);
ssize_t xenpv_console_put(const char *text, size_t len);
ssize_t xenpv_console_get(char *buf, size_t len);
bool xenpv_console_full(void);
bool xenpv_console_news(void);
void xenpv_console_write(const char *text, size_t len);

#if IS_ENABLED(CONFIG_KUNIT)
/* For the tests' sake only. */
u64 xenpv_console_cycles(void);
void xenpv_console_port_open(struct console_port *port,
			     struct xencons_interface __xen_shared *page,
			     evtchn_port_t evtchn);
ssize_t xenpv_console_port_put(struct console_port *port, const char *text, size_t len);
ssize_t xenpv_console_port_get(struct console_port *port, char *buf, size_t len);
bool xenpv_console_port_news(struct console_port *port);
#endif

#endif /* _XENPV_CONSOLE_PRIVATE_H */
