// SPDX-License-Identifier: GPL-2.0-only
/*
 * One end of a ring of fixed slots, whose other end is not trusted: put and push,
 * get and arm, and what becomes of a ring whose peer lies.
 *
 * Barriers, in pairs with the peer's code, which has the same four:
 *
 *   push:A  release of our producer index: a message is in its slot before it is
 *           announced, and so is our copy of the one that was there before it.
 *   look:B  acquire of the peer's producer index: what it announces is there, and
 *           it is done with the places that its messages free.
 *   push:C  full barrier from our producer index to the load of the peer's wish.
 *   arm:D   full barrier from our wish to the load of the peer's producer index.
 *
 *   A pairs with the peer's B.  C pairs with the peer's D: at least one of the two
 *   sees what the other stored, so either push says "notify" or arm says "more".
 *
 * And among our own CPUs, since put and get may run beside each other:
 *
 *   get:E   release of @got: a message was copied before its place counts as free.
 *   room:F  acquire of @got, before put overwrites the place.  Pairs with E.
 *   push:G  @pushed before push:A.  Whoever saw a message whose cause is ours
 *   look:H  sees after look:B that we had pushed it.  The peer's B and A stand
 *           between G and H.
 *
 * litmus/ has a test for each.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include <xenpv/ring.h>
#include <xenpv/shared.h>

/* Slots on @nr_pages, or 0 if no ring can be made there. */
static u32 ring_nr_slots(unsigned int nr_pages, const struct xenpv_ring_shape *shape)
{
	size_t bytes = nr_pages * PAGE_SIZE - sizeof(struct xenpv_ring_page);

	if (!nr_pages || nr_pages > XENPV_RING_PAGES || bytes < shape->slot)
		return 0;
	return rounddown_pow_of_two(bytes / shape->slot);
}

static int ring_init(struct xenpv_ring *ring, bool front, void __xen_shared *pages,
		     unsigned int nr_pages, const struct xenpv_ring_shape *shape)
{
	struct xenpv_ring_page __xen_shared *page = pages;
	u32 nr_slots = ring_nr_slots(nr_pages, shape);

	if (!nr_slots)
		return -EINVAL;

	*ring = (struct xenpv_ring) {
		.slots = page + 1,
		.ours = front ? &page->req_prod : &page->rsp_prod,
		.theirs = front ? &page->rsp_prod : &page->req_prod,
		.wake_us = front ? &page->rsp_event : &page->req_event,
		.wake_peer = front ? &page->req_event : &page->rsp_event,
		.nr_slots = nr_slots,
		.slot = shape->slot,
		.out = front ? shape->request : shape->response,
		.in = front ? shape->response : shape->request,
		.front = front,
	};
	return 0;
}

/**
 * xenpv_ring_front_init() - make a ring and be its front
 * @ring: our end
 * @pages: the pages, mapped in one piece, which nobody else can reach yet
 * @nr_pages: one to %XENPV_RING_PAGES
 * @shape: sizes of its messages
 *
 * Clears the pages, so that the peer finds nothing of what they held before.  Lend
 * them after this.
 *
 * Context: Any.  The caller owns @ring and @pages.
 * Return: 0, or -EINVAL if no slot fits.
 */
int xenpv_ring_front_init(struct xenpv_ring *ring, void *pages, unsigned int nr_pages,
			  const struct xenpv_ring_shape *shape)
{
	struct xenpv_ring_page *page = pages;
	int ret = ring_init(ring, true, (void __xen_shared __force *)pages, nr_pages, shape);

	if (ret)
		return ret;

	memset(pages, 0, nr_pages * PAGE_SIZE);
	page->req_event = 1;
	page->rsp_event = 1;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_front_init, "XENPV");

/**
 * xenpv_ring_back_init() - be the back of a ring that a front made
 * @ring: our end
 * @pages: the front's pages, mapped in one piece
 * @nr_pages: one to %XENPV_RING_PAGES
 * @shape: sizes of its messages
 *
 * Begins with the first request that has no answer, which is not the first of all
 * when another back served the ring before us.
 *
 * Context: Any.  The caller owns @ring.
 * Return: 0, -EINVAL if no slot fits.
 */
int xenpv_ring_back_init(struct xenpv_ring *ring, void __xen_shared *pages,
			 unsigned int nr_pages, const struct xenpv_ring_shape *shape)
{
	int ret = ring_init(ring, false, pages, nr_pages, shape);
	u32 start;

	if (ret)
		return ret;

	/* Any value will do: requests are judged relative to it. */
	start = xenpv_shared_load(ring->ours);
	ring->put = start;
	ring->pushed = start;
	ring->got = start;
	ring->seen = start;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_back_init, "XENPV");

/**
 * xenpv_ring_break() - never touch this ring again
 * @ring: one end of it
 * @reason: why, a constant string
 *
 * For codecs and drivers whose peer sends what it must not; ring.c itself does it
 * for impossible indices.  The first reason stays.
 *
 * Context: Any, also beside the verbs of @ring.
 * Return: true if the ring was sound until now.
 */
bool xenpv_ring_break(struct xenpv_ring *ring, const char *reason)
{
	return !cmpxchg(&ring->broken, NULL, reason);
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_break, "XENPV");

static int ring_accuse(struct xenpv_ring *ring, u32 theirs)
{
	const char *reason;

	if ((s32)(theirs - ring->got) < 0)
		reason = "the peer's index went back";
	else if (ring->front)
		reason = "more answers than requests";
	else
		reason = "more requests than places";

	/* The other group of functions may have accused it, too. */
	if (xenpv_ring_break(ring, reason)) {
		ring->lie = theirs;
		ring->lied = true;
	}
	return -EPROTO;
}

/*
 * Load the peer's index and judge it.  A front can have an answer to each request
 * that we pushed and did not get one for.  A back can have a request in each place
 * but those whose answers we did not push yet.
 */
static int ring_look(struct xenpv_ring *ring)
{
	u32 theirs = xenpv_shared_load_acquire(ring->theirs);	/* look:B */
	u32 pushed = READ_ONCE(ring->pushed);			/* look:H */
	u32 end = ring->front ? pushed : pushed + ring->nr_slots;

	if (theirs - ring->got > end - ring->got)
		return ring_accuse(ring, theirs);

	ring->seen = theirs;
	return theirs != ring->got;
}

static void __xen_shared *ring_slot(const struct xenpv_ring *ring, u32 index)
{
	return ring->slots + (index & (ring->nr_slots - 1)) * ring->slot;
}

/**
 * xenpv_ring_room() - how many messages can be put?
 * @ring: our end
 *
 * Context: Any; serialised with put and push by the caller.
 * Return: free places of a front, requests without an answer of a back; 0 if the
 * ring is broken.
 */
u32 xenpv_ring_room(const struct xenpv_ring *ring)
{
	u32 got = smp_load_acquire(&ring->got);		/* room:F */

	if (unlikely(xenpv_ring_broken(ring)))
		return 0;
	return ring->front ? ring->nr_slots - (ring->put - got) : got - ring->put;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_room, "XENPV");

/**
 * xenpv_ring_put() - copy a message to its place
 * @ring: our end
 * @message: of the size that was given at init
 *
 * The peer is not told before xenpv_ring_push().
 *
 * Context: Any; serialised with room and push by the caller.
 * Return: 0, -ENOSPC if there is no room, -EPROTO if the ring is broken.
 */
int xenpv_ring_put(struct xenpv_ring *ring, const void *message)
{
	if (unlikely(xenpv_ring_broken(ring)))
		return -EPROTO;
	if (!xenpv_ring_room(ring))
		return -ENOSPC;

	xenpv_shared_copy_out(ring_slot(ring, ring->put), message, ring->out);
	ring->put++;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_put, "XENPV");

/**
 * xenpv_ring_push() - publish what was put
 * @ring: our end
 *
 * Context: Any; serialised with room and put by the caller.
 * Return: true if the peer asked to be notified of one of these messages.
 */
bool xenpv_ring_push(struct xenpv_ring *ring)
{
	u32 old = ring->pushed, new = ring->put, wish;

	if (new == old || unlikely(xenpv_ring_broken(ring)))
		return false;

	WRITE_ONCE(ring->pushed, new);				/* push:G */
	xenpv_shared_store_release(ring->ours, new);		/* push:A */
	xenpv_shared_mb();					/* push:C */
	wish = xenpv_shared_load(ring->wake_peer);
	return new - wish < new - old;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_push, "XENPV");

/**
 * xenpv_ring_get() - copy the peer's next message
 * @ring: our end
 * @message: private memory of the size that was given at init
 *
 * Context: Any; serialised with arm by the caller.
 * Return: 1 if there was one, 0 if not, -EPROTO if the ring is broken.
 */
int xenpv_ring_get(struct xenpv_ring *ring, void *message)
{
	if (unlikely(xenpv_ring_broken(ring)))
		return -EPROTO;

	if (ring->got == ring->seen) {
		int ret = ring_look(ring);

		if (ret <= 0)
			return ret;
	}

	xenpv_shared_copy_in(message, ring_slot(ring, ring->got), ring->in);
	smp_store_release(&ring->got, ring->got + 1);		/* get:E */
	return 1;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_get, "XENPV");

/**
 * xenpv_ring_arm() - ask for an event at the peer's next message
 * @ring: our end
 *
 * Call it when get found nothing, before waiting for the event.
 *
 * Context: Any; serialised with get by the caller.
 * Return: true if there is something to get already, be it the news that the ring
 * has just been broken; false if an event will come, or the ring is broken.
 */
bool xenpv_ring_arm(struct xenpv_ring *ring)
{
	if (unlikely(xenpv_ring_broken(ring)))
		return false;
	if (ring->got != ring->seen)
		return true;

	xenpv_shared_store(ring->wake_us, ring->got + 1);
	xenpv_shared_mb();					/* arm:D */
	return ring_look(ring) != 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_arm, "XENPV");

/**
 * xenpv_ring_show() - print private and shared indices side by side
 * @m: where to
 * @ring: our end
 *
 * Takes no lock: the lines may be of slightly different times.
 *
 * Context: Process.
 */
void xenpv_ring_show(struct seq_file *m, const struct xenpv_ring *ring)
{
	const char *why = xenpv_ring_broken(ring);

	seq_printf(m, "%s, %u slots of %u bytes\n", ring->front ? "front" : "back",
		   ring->nr_slots, ring->slot);
	seq_printf(m, "ours    page %-10u pushed %-10u put %u\n", xenpv_shared_load(ring->ours),
		   READ_ONCE(ring->pushed), READ_ONCE(ring->put));
	seq_printf(m, "theirs  page %-10u seen   %-10u got %u\n", xenpv_shared_load(ring->theirs),
		   READ_ONCE(ring->seen), READ_ONCE(ring->got));
	seq_printf(m, "wake    us at %-9u peer at %u\n", xenpv_shared_load(ring->wake_us),
		   xenpv_shared_load(ring->wake_peer));
	if (why && ring->lied)
		seq_printf(m, "broken  %s, index %u\n", why, ring->lie);
	else if (why)
		seq_printf(m, "broken  %s\n", why);
	else
		seq_puts(m, "sound\n");
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_show, "XENPV");

static int ring_file_show(struct seq_file *m, void *unused)
{
	xenpv_ring_show(m, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ring_file);

/**
 * xenpv_ring_debugfs() - make a debugfs file of xenpv_ring_show()
 * @ring: our end
 * @name: of the file
 * @parent: its directory
 *
 * Remove it with debugfs_remove() before the pages go away; that waits for readers.
 *
 * Context: Process, may sleep.
 * Return: what debugfs_create_file() returns.
 */
struct dentry *xenpv_ring_debugfs(struct xenpv_ring *ring, const char *name,
				  struct dentry *parent)
{
	return debugfs_create_file(name, 0400, parent, ring, &ring_file_fops);
}
EXPORT_SYMBOL_NS_GPL(xenpv_ring_debugfs, "XENPV");
