// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where this domain's console leads: to Xen by hypercall, or through the page
 * that is shared with the console daemon; bytes out, bytes in.
 */

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include <xenpv/console.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include <xenpv/stream.h>

#include "private.h"

/*
 * How long a full ring may hold up the kernel's messages, in cycles: one to
 * four seconds.  A daemon that is not there must not stop the kernel; after
 * this time messages are dropped until there is room again.
 */
#define PORT_PATIENCE	BIT_ULL(32)

/**
 * struct console_port - the way out and in
 * @lock: serialises all of this; printk and the terminal come on their own
 * @out: bytes to the console daemon
 * @in: bytes from the console daemon
 * @evtchn: event channel to the console daemon
 * @ring: @out and @in lead somewhere
 * @reported: said that the peer broke a stream
 * @full_since: cycle count when the ring was found full, 0 if it is not
 * @written: bytes that we have put into @out, ever
 * @taken: how many of them the daemon had taken when we looked last
 */
struct console_port {
	raw_spinlock_t lock;
	struct xenpv_stream out;
	struct xenpv_stream in;
	evtchn_port_t evtchn;
	bool ring;
	bool reported;
	u64 full_since;
	u32 written;
	u32 taken;
};

static struct console_port port = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(port.lock),
};

/**
 * xenpv_console_attach() - find the page shared with the console daemon
 * @base: where the mapping of pseudo-physical memory starts that is usable now
 *
 * Called twice: Xen's first page tables reach the page only through the kernel
 * image's mapping, later ones only through the direct map.
 *
 * Context: Boot, one CPU.
 * Return: true if there is such a page.
 */
bool xenpv_console_attach(unsigned long base)
{
	struct xencons_interface __xen_shared *page;
	const struct start_info *start = xenpv_self.start;
	unsigned long pfn;

	/* Too early to translate the frame, or none to translate. */
	if (!xenpv_p2m_limit || xenpv_self.control || !start->console.domU.mfn)
		return false;

	pfn = xenpv_m2p(mfn_box(start->console.domU.mfn));
	if (pfn >= start->nr_pages)
		return false;

	page = (struct xencons_interface __xen_shared __force *)(base + PFN_PHYS(pfn));
	BUILD_BUG_ON_NOT_POWER_OF_2(sizeof(page->out));
	BUILD_BUG_ON_NOT_POWER_OF_2(sizeof(page->in));
	xenpv_stream_init(&port.out, XENPV_STREAM_WRITER, page->out,
			  sizeof(page->out), &page->out_prod, &page->out_cons);
	xenpv_stream_init(&port.in, XENPV_STREAM_READER, page->in,
			  sizeof(page->in), &page->in_prod, &page->in_cons);
	port.evtchn = start->console.domU.evtchn;
	port.ring = true;

	return true;
}

/**
 * xenpv_console_evtchn() - event channel of the shared page
 *
 * Context: Any.
 * Return: the port, 0 if the console is not a shared page.
 */
evtchn_port_t xenpv_console_evtchn(void)
{
	return port.ring ? port.evtchn : 0;
}

/* Always by hypercall: works before there are events, and in a panic. */
static void port_notify(void)
{
	struct evtchn_send send = { .port = port.evtchn };

	xenpv_hv_event_channel_op(EVTCHNOP_send, &send);
}

static bool port_patient(void)
{
	u64 now = rdtsc();

	if (!port.full_since)
		port.full_since = now | 1;

	return now - port.full_since < PORT_PATIENCE;
}

/* The caller's locks may be the console's: never print from here directly. */
static ssize_t port_moved(ssize_t n)
{
	if (n > 0) {
		port_notify();
	} else if (n < 0 && !port.reported) {
		port.reported = true;
		printk_deferred(KERN_WARNING "xenpv: console peer's index is impossible, stopped\n");
	}

	return n;
}

static ssize_t port_put(const char *text, size_t len)
{
	ssize_t n;

	if (!port.ring) {
		n = xenpv_hv_console_write(text, len);
		return n < 0 ? n : len;
	}

	n = port_moved(xenpv_stream_write(&port.out, text, len));
	if (n == 0)
		return port_patient() ? -EAGAIN : 0;
	port.full_since = 0;
	if (n > 0)
		port.written += n;

	return n;
}

static ssize_t port_get(char *buf, size_t len)
{
	if (!port.ring)
		return xenpv_hv_console_read(buf, len);

	return port_moved(xenpv_stream_read(&port.in, buf, len));
}

/* A panic may have stopped the holder: then the message matters more. */
static bool port_lock(unsigned long *flags)
{
	if (oops_in_progress)
		return raw_spin_trylock_irqsave(&port.lock, *flags);

	raw_spin_lock_irqsave(&port.lock, *flags);
	return true;
}

static void port_unlock(bool locked, unsigned long flags)
{
	if (locked)
		raw_spin_unlock_irqrestore(&port.lock, flags);
}

/**
 * xenpv_console_put() - write what fits
 * @text: the bytes
 * @len: how many
 *
 * Context: Any.
 * Return: number of bytes taken; -EAGAIN if there is no room now and waiting
 * may help; 0 if there has been none for long; or another negative errno.
 */
ssize_t xenpv_console_put(const char *text, size_t len)
{
	unsigned long flags;
	bool locked = port_lock(&flags);
	ssize_t n = port_put(text, len);

	port_unlock(locked, flags);
	return n;
}

/**
 * xenpv_console_get() - read what was typed
 * @buf: where to put it
 * @len: room there
 *
 * Context: Any.
 * Return: number of bytes, or a negative errno.
 */
ssize_t xenpv_console_get(char *buf, size_t len)
{
	unsigned long flags;
	bool locked = port_lock(&flags);
	ssize_t n = port_get(buf, len);

	port_unlock(locked, flags);
	return n;
}

/**
 * xenpv_console_full() - would a write have to wait?
 *
 * Context: Any.
 * Return: true if the shared ring has no room.
 */
bool xenpv_console_full(void)
{
	return port.ring && READ_ONCE(port.full_since);
}

/* Up to a constant; there is room for what the daemon has taken. */
static bool port_news(void)
{
	ssize_t room = xenpv_stream_ready(&port.out);
	u32 taken = port.written + room;
	bool news = room >= 0 && taken != port.taken;

	port.taken = taken;
	return news || xenpv_stream_ready(&port.in) > 0;
}

/**
 * xenpv_console_news() - did the daemon do anything since we looked last?
 *
 * Context: Any.
 * Return: true if it has taken bytes of ours, or there are some of its.
 */
bool xenpv_console_news(void)
{
	unsigned long flags;
	bool locked, news;

	if (!port.ring)
		return true;
	locked = port_lock(&flags);
	news = port_news();
	port_unlock(locked, flags);
	return news;
}

/**
 * xenpv_console_write() - write all, or as much as patience allows
 * @text: the bytes
 * @len: how many
 *
 * Context: Any.
 */
void xenpv_console_write(const char *text, size_t len)
{
	while (len) {
		ssize_t n = xenpv_console_put(text, len);

		if (n == -EAGAIN) {
			xenpv_hv_sched_op(SCHEDOP_yield, NULL);
			continue;
		}
		if (n <= 0)
			return;
		text += n;
		len -= n;
	}
}

/**
 * xenpv_console_raw() - write without any help of the kernel
 * @text: the bytes
 * @len: how many
 *
 * Takes no lock and prints with nothing set up but a stack, so it may garble
 * what others write at the same time.  For the start of the ground floor and
 * for the moment before it gives up.
 *
 * Context: Any, from the first C code on.
 */
void xenpv_console_raw(const char *text, size_t len)
{
	if (!port.ring && !xenpv_console_attach(__START_KERNEL_map)) {
		xenpv_hv_console_write(text, len);
		return;
	}

	while (len) {
		ssize_t n = port_put(text, len);

		if (n == -EAGAIN)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= n;
	}
}
