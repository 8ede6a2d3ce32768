/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_RING_H
#define _XENPV_RING_H

/**
 * DOC: Rings of fixed slots in shared memory
 *
 * A front asks and a back answers through one ring of slots that both can write
 * at any time.  An answer takes the place of a request that the back has read::
 *
 *        front got          back pushed       back got           front pushed
 *            |                  |                 |                   |
 *   ---------+------------------+-----------------+-------------------+--------
 *     free   | answers to read  | being worked on | requests to read  |  free
 *   ---------+------------------+-----------------+-------------------+--------
 *                               ^ rsp_prod                            ^ req_prod
 *
 * The indices run freely over 32 bits.  The page also has req_event and rsp_event:
 * an end wants to be notified when the other's producer index passes them.
 *
 * Declare a kind of ring once, and both ends get the verbs with its types::
 *
 *	XENPV_RING(xblk, struct blkif_request, struct blkif_response)
 *
 *	room    free places for our messages, known from private indices
 *	put     copy a message to its place; nobody sees it yet: 0, -ENOSPC, -EPROTO
 *	push    publish what was put; true: notify the peer
 *	get     copy the peer's next message: 1, 0 if there is none, -EPROTO
 *	arm     ask for an event at the next message; true: there is one already
 *	broken  NULL, or why the ring is dead
 *
 * Rules:
 *
 * - What we wrote is remembered here and never read back from the page.
 * - Each word of a message is loaded once, by get, into private memory.  No
 *   function gives out a pointer into the page.
 * - The peer's index is judged: it never goes back; a back has no more answers than
 *   there are questions, a front no more requests than there are places.  A lie
 *   breaks the ring for good: get and put answer -EPROTO, push and arm say no,
 *   room is 0, and the page is left alone.
 * - What a message says is not judged here but by the codec of its protocol, which
 *   calls xenpv_ring_break() if it does not know what to do with it.
 * - A peer can keep a loop over get busy for as long as we answer it.  Give each
 *   turn a budget.
 *
 * Locks: room, put and push of one end are serialised by the caller, so are get and
 * arm, and each of the two groups may run beside the other.
 *
 * Example, the back of a block device::
 *
 *	do {
 *		while (budget-- && (ret = xblk_back_get(&back, &request)) > 0)
 *			answer(&back, &request);
 *		if (xblk_back_push(&back))
 *			xenpv_event_notify(ev);
 *		if (ret < 0)
 *			return fault(dev, xblk_back_broken(&back));
 *	} while (budget > 0 && xblk_back_arm(&back));
 *	if (budget <= 0)
 *		run_again(dev);		the ring is not armed, no event would come
 */

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <xenpv/types.h>

struct dentry;
struct seq_file;

/* Pages of one ring at most; the slots that fit are rounded down to a power of two. */
#define XENPV_RING_PAGES	16

/**
 * struct xenpv_ring_page - what stands before the slots
 * @req_prod: requests that the front published
 * @req_event: the back wants an event when @req_prod passes this
 * @rsp_prod: answers that the back published
 * @rsp_event: the front wants an event when @rsp_prod passes this
 * @pad: keeps the slots on a cache line of their own
 */
struct xenpv_ring_page {
	u32 req_prod;
	u32 req_event;
	u32 rsp_prod;
	u32 rsp_event;
	u8 pad[48];
};

static_assert(sizeof(struct xenpv_ring_page) == 64);

/**
 * struct xenpv_ring_shape - sizes that follow from the types of a ring
 * @request: bytes of a request
 * @response: bytes of a response
 * @slot: bytes from one slot to the next
 */
struct xenpv_ring_shape {
	u16 request;
	u16 response;
	u16 slot;
};

/**
 * struct xenpv_ring - one end of a ring
 * @slots: the first slot
 * @ours: where we publish our producer index
 * @theirs: where the peer publishes its own
 * @wake_us: where we ask for an event
 * @wake_peer: where the peer asks for one
 * @nr_slots: a power of two
 * @slot: bytes from one slot to the next
 * @out: bytes of a message of ours
 * @in: bytes of a message of the peer
 * @front: we ask, the peer answers
 * @put: messages that we copied to their places
 * @pushed: messages that we published
 * @got: messages of the peer that we copied
 * @seen: the peer's producer index as it was judged last
 * @lie: the index for which the ring was broken
 * @lied: there was such an index
 * @broken: why, or NULL; set once
 *
 * Private to ring.c, but for the allocation.
 */
struct xenpv_ring {
	void __xen_shared *slots;
	u32 __xen_shared *ours;
	u32 __xen_shared *theirs;
	u32 __xen_shared *wake_us;
	u32 __xen_shared *wake_peer;
	u32 nr_slots;
	u16 slot;
	u16 out;
	u16 in;
	bool front;
	u32 put;
	u32 pushed;
	u32 got;
	u32 seen;
	u32 lie;
	bool lied;
	const char *broken;
};

int xenpv_ring_front_init(struct xenpv_ring *ring, void *pages, unsigned int nr_pages,
			  const struct xenpv_ring_shape *shape);
int xenpv_ring_back_init(struct xenpv_ring *ring, void __xen_shared *pages,
			 unsigned int nr_pages, const struct xenpv_ring_shape *shape);
u32 xenpv_ring_room(const struct xenpv_ring *ring);
int xenpv_ring_put(struct xenpv_ring *ring, const void *message);
bool xenpv_ring_push(struct xenpv_ring *ring);
int xenpv_ring_get(struct xenpv_ring *ring, void *message);
bool xenpv_ring_arm(struct xenpv_ring *ring);
bool xenpv_ring_break(struct xenpv_ring *ring, const char *reason);
void xenpv_ring_show(struct seq_file *m, const struct xenpv_ring *ring);
struct dentry *xenpv_ring_debugfs(struct xenpv_ring *ring, const char *name,
				  struct dentry *parent);

/**
 * xenpv_ring_broken() - is this ring dead?
 * @ring: one end of it
 *
 * Context: Any.
 * Return: NULL, or the reason: a constant string.
 */
static inline const char *xenpv_ring_broken(const struct xenpv_ring *ring)
{
	return READ_ONCE(ring->broken);
}

/*
 * Bytes between the members of a message would carry what was in memory before to
 * the peer.  Compilers that can't clear them leave that to who fills the message.
 */
#if __has_builtin(__builtin_clear_padding)
#define __xenpv_ring_clear_padding(p)	__builtin_clear_padding(p)
#else
#define __xenpv_ring_clear_padding(p)	do { } while (0)
#endif

/* The verbs of one end: @out are our messages, @in the peer's. */
#define __XENPV_RING_END(end, out, in)							\
static inline __maybe_unused u32 end##_room(const struct end *e)			\
{											\
	return xenpv_ring_room(&e->ring);						\
}											\
static inline __maybe_unused int end##_put(struct end *e, out *message)			\
{											\
	__xenpv_ring_clear_padding(message);						\
	return xenpv_ring_put(&e->ring, message);					\
}											\
static inline __maybe_unused bool end##_push(struct end *e)				\
{											\
	return xenpv_ring_push(&e->ring);						\
}											\
static inline __maybe_unused int end##_get(struct end *e, in *message)			\
{											\
	return xenpv_ring_get(&e->ring, message);					\
}											\
static inline __maybe_unused bool end##_arm(struct end *e)				\
{											\
	return xenpv_ring_arm(&e->ring);						\
}											\
static inline __maybe_unused const char *end##_broken(const struct end *e)		\
{											\
	return xenpv_ring_broken(&e->ring);						\
}

/**
 * XENPV_RING() - declare a kind of ring
 * @name: prefix of its types and functions: struct name_front, struct name_back,
 *	name_front_init() and so on
 * @request: type of what a front sends, a multiple of four bytes long
 * @response: type of what a back sends, a multiple of four bytes long
 *
 * A message is handed to put in a variable of its own, whose padding is cleared.
 */
#define XENPV_RING(name, request, response)						\
struct name##_front { struct xenpv_ring ring; };					\
struct name##_back { struct xenpv_ring ring; };						\
static const struct xenpv_ring_shape name##_shape = {					\
	sizeof(request), sizeof(response), sizeof(union { request q; response a; }),	\
};											\
static_assert(!(sizeof(request) % 4 || sizeof(response) % 4));				\
static inline __maybe_unused int name##_front_init(struct name##_front *e,		\
						   void *pages, unsigned int nr_pages)	\
{											\
	return xenpv_ring_front_init(&e->ring, pages, nr_pages, &name##_shape);		\
}											\
static inline __maybe_unused int name##_back_init(struct name##_back *e,		\
						  void __xen_shared *pages,		\
						  unsigned int nr_pages)		\
{											\
	return xenpv_ring_back_init(&e->ring, pages, nr_pages, &name##_shape);		\
}											\
__XENPV_RING_END(name##_front, request, response)					\
__XENPV_RING_END(name##_back, response, request)

#endif /* _XENPV_RING_H */
