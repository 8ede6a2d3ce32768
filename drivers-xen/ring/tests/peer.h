/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_RING_TESTS_PEER_H
#define _XENPV_RING_TESTS_PEER_H

/*
 * The other side of a ring, for tests: keeps the protocol by itself, and lets a
 * test change every word of the page behind it.  Shares no code with ring.c.  Its
 * accesses are points, too, so that our side can run between any two of them.
 */

#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/string.h>

#include <xenpv/ring.h>
#include <xenpv/shared.h>

/**
 * struct peer - one end of a ring
 * @page: indices, as the test sees and changes them
 * @slots: slots, the same
 * @front: it asks, we answer
 * @nr: slots
 * @stride: bytes from one to the next
 * @put: its producer index, from which it publishes
 * @got: its consumer index
 */
struct peer {
	struct xenpv_ring_page *page;
	char *slots;
	bool front;
	u32 nr;
	u32 stride;
	u32 put;
	u32 got;
};

static inline void *peer_pages(struct kunit *test, unsigned int nr_pages)
{
	void *pages = kunit_kzalloc(test, nr_pages * PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	return pages;
}

static inline void peer_open(struct peer *p, bool front, void *pages,
			     unsigned int nr_pages, u32 stride)
{
	*p = (struct peer) {
		.page = pages,
		.slots = (char *)pages + 64,
		.front = front,
		.nr = rounddown_pow_of_two((nr_pages * PAGE_SIZE - 64) / stride),
		.stride = stride,
	};
}

/* A word of the page as its owner, peer or we, reaches it. */
static inline u32 __xen_shared *peer_word(u32 *word)
{
	return (u32 __xen_shared __force *)word;
}

static inline u32 *peer_prod(struct peer *p)
{
	return p->front ? &p->page->req_prod : &p->page->rsp_prod;
}

static inline u32 *peer_wish(struct peer *p)
{
	return p->front ? &p->page->rsp_event : &p->page->req_event;
}

static inline u32 *our_prod(struct peer *p)
{
	return p->front ? &p->page->rsp_prod : &p->page->req_prod;
}

static inline u32 *our_wish(struct peer *p)
{
	return p->front ? &p->page->req_event : &p->page->rsp_event;
}

static inline void *peer_slot(struct peer *p, u32 index)
{
	return p->slots + (index & (p->nr - 1)) * p->stride;
}

static inline void peer_put(struct peer *p, const void *message, size_t size)
{
	xenpv_shared_copy_out((void __xen_shared __force *)peer_slot(p, p->put), message, size);
	p->put++;
}

/* Publish; true if we asked to be told. */
static inline bool peer_push(struct peer *p)
{
	u32 old = xenpv_shared_load(peer_word(peer_prod(p)));
	u32 wish;

	xenpv_shared_store_release(peer_word(peer_prod(p)), p->put);
	xenpv_shared_mb();
	wish = xenpv_shared_load(peer_word(our_wish(p)));
	/* Is wish one of old + 1 ... put? */
	return wish - old - 1 < p->put - old;
}

static inline bool peer_send(struct peer *p, const void *message, size_t size)
{
	peer_put(p, message, size);
	return peer_push(p);
}

static inline bool peer_waiting(struct peer *p)
{
	return xenpv_shared_load_acquire(peer_word(our_prod(p))) != p->got;
}

static inline bool peer_get(struct peer *p, void *message, size_t size)
{
	if (!peer_waiting(p))
		return false;
	xenpv_shared_copy_in(message, (void __xen_shared __force *)peer_slot(p, p->got), size);
	p->got++;
	return true;
}

/* Ask for an event; true if there is something already. */
static inline bool peer_arm(struct peer *p)
{
	xenpv_shared_store(peer_word(peer_wish(p)), p->got + 1);
	xenpv_shared_mb();
	return peer_waiting(p);
}

#endif /* _XENPV_RING_TESTS_PEER_H */
