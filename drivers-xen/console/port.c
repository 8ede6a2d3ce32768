// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where this domain's console leads: to Xen by hypercall, or through the page
 * that is shared with the console daemon; bytes out, bytes in.
 */

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
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

static struct console_port console = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(console.lock),
};

/**
 * xenpv_console_port_open() - use a page that is shared with a console daemon
 * @port: the way out and in
 * @page: the page; a second time the same one, in another mapping
 * @evtchn: event channel to the daemon
 *
 * The first time we go on where the page stands.  From then on only we know where
 * that is: the second time nothing is read back.
 *
 * Context: Boot, one CPU.
 */
VISIBLE_IF_KUNIT void xenpv_console_port_open(struct console_port *port,
					      struct xencons_interface __xen_shared *page,
					      evtchn_port_t evtchn)
{
	BUILD_BUG_ON_NOT_POWER_OF_2(sizeof(page->out));
	BUILD_BUG_ON_NOT_POWER_OF_2(sizeof(page->in));
	if (port->ring) {
		xenpv_stream_remap(&port->out, page->out, &page->out_prod, &page->out_cons);
		xenpv_stream_remap(&port->in, page->in, &page->in_prod, &page->in_cons);
		return;
	}
	xenpv_stream_init(&port->out, XENPV_STREAM_WRITER, page->out,
			  sizeof(page->out), &page->out_prod, &page->out_cons);
	xenpv_stream_init(&port->in, XENPV_STREAM_READER, page->in,
			  sizeof(page->in), &page->in_prod, &page->in_cons);
	port->taken = max(xenpv_stream_ready(&port->out), 0);
	port->came = max(xenpv_stream_ready(&port->in), 0);
	port->evtchn = evtchn;
	port->ring = true;
}

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
	xenpv_console_port_open(&console, page, start->console.domU.evtchn);

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
	return console.ring ? console.evtchn : 0;
}

/* Always by hypercall: works before there are events, and in a panic. */
static void port_notify(const struct console_port *port)
{
	struct evtchn_send send = { .port = port->evtchn };

	xenpv_hv_event_channel_op(EVTCHNOP_send, &send);
}

/* The one clock that runs from the first instruction on. */
VISIBLE_IF_KUNIT u64 xenpv_console_cycles(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_console_cycles);
	return rdtsc();
}

static bool port_patient(struct console_port *port)
{
	u64 now = xenpv_console_cycles();

	if (!port->full_since) {
		port->full_since = now | 1;
		port->full_at = port->written;
	}

	return now - port->full_since < PORT_PATIENCE;
}

/*
 * A daemon that takes a byte now and then must not hold us up anew for each, nor
 * one whose index goes back and forth: so what counts is what we got rid of.
 */
static void port_wrote(struct console_port *port, u32 n)
{
	port->written += n;
	if (port->written - port->full_at >= PORT_EARNS)
		port->full_since = 0;
}

/* The caller's locks may be the console's: never print from here directly. */
static ssize_t port_moved(struct console_port *port, ssize_t n)
{
	if (n > 0) {
		port_notify(port);
	} else if (n < 0 && !port->reported) {
		port->reported = true;
		printk_deferred(KERN_WARNING "xenpv: console peer's index is impossible, stopped\n");
	}

	return n;
}

/**
 * xenpv_console_port_put() - write what fits
 * @port: the way out
 * @text: the bytes
 * @len: how many
 *
 * Context: Any; serialised by the caller.
 * Return: as xenpv_console_put().
 */
VISIBLE_IF_KUNIT ssize_t xenpv_console_port_put(struct console_port *port,
						const char *text, size_t len)
{
	ssize_t n;

	if (!port->ring) {
		n = xenpv_hv_console_write(text, len);
		return n < 0 ? n : len;
	}

	n = port_moved(port, xenpv_stream_write(&port->out, text, len));
	WRITE_ONCE(port->full, n == 0);
	if (n == 0)
		return port_patient(port) ? -EAGAIN : 0;
	if (n > 0)
		port_wrote(port, n);

	return n;
}

/**
 * xenpv_console_port_get() - read what was typed
 * @port: the way in
 * @buf: where to put it
 * @len: room there
 *
 * Context: Any; serialised by the caller.
 * Return: number of bytes, or a negative errno.
 */
VISIBLE_IF_KUNIT ssize_t xenpv_console_port_get(struct console_port *port,
						char *buf, size_t len)
{
	ssize_t n;

	if (!port->ring)
		return xenpv_hv_console_read(buf, len);

	n = port_moved(port, xenpv_stream_read(&port->in, buf, len));
	if (n > 0)
		port->read += n;

	return n;
}

/* A panic may have stopped the holder: then the message matters more. */
static bool port_lock(unsigned long *flags)
{
	if (oops_in_progress)
		return raw_spin_trylock_irqsave(&console.lock, *flags);

	raw_spin_lock_irqsave(&console.lock, *flags);
	return true;
}

static void port_unlock(bool locked, unsigned long flags)
{
	if (locked)
		raw_spin_unlock_irqrestore(&console.lock, flags);
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
	ssize_t n = xenpv_console_port_put(&console, text, len);

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
	ssize_t n = xenpv_console_port_get(&console, buf, len);

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
	return console.ring && READ_ONCE(console.full);
}

/* Forward only: an index that goes back and forth is no work. */
static bool went_on(u32 *mark, u32 now)
{
	if ((s32)(now - *mark) <= 0)
		return false;
	*mark = now;
	return true;
}

/**
 * xenpv_console_port_news() - did the daemon do anything since we looked last?
 * @port: the way out and in
 *
 * There is room for what it has taken; and what it wrote is here or was read.  Input
 * that nobody reads is news once.
 *
 * Context: Any; serialised by the caller.
 * Return: true if it has taken bytes of ours, or brought some of its.
 */
VISIBLE_IF_KUNIT bool xenpv_console_port_news(struct console_port *port)
{
	ssize_t room = xenpv_stream_ready(&port->out);
	ssize_t waiting = xenpv_stream_ready(&port->in);
	bool took = room >= 0 && went_on(&port->taken, port->written + room);
	bool brought = waiting >= 0 && went_on(&port->came, port->read + waiting);

	return took || brought;
}

/**
 * xenpv_console_news() - did the daemon do anything since we looked last?
 *
 * Context: Any.
 * Return: true if it has taken bytes of ours, or brought some of its.
 */
bool xenpv_console_news(void)
{
	unsigned long flags;
	bool locked, news;

	if (!console.ring)
		return true;
	locked = port_lock(&flags);
	news = xenpv_console_port_news(&console);
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
	if (!console.ring && !xenpv_console_attach(__START_KERNEL_map)) {
		xenpv_hv_console_write(text, len);
		return;
	}

	while (len) {
		ssize_t n = xenpv_console_port_put(&console, text, len);

		if (n == -EAGAIN)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= n;
	}
}
