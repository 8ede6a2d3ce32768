/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_STREAM_H
#define _XENPV_STREAM_H

/**
 * DOC: Byte streams in shared memory
 *
 * The console and xenstore pass bytes through a page that both sides can write
 * at any time.  Each direction has a buffer, whose size is a power of two, and
 * two free-running 32-bit indices::
 *
 *        cons                 prod
 *         |                    |
 *   ------+--------------------+-------------   prod - cons bytes are waiting,
 *         |  written, not read |   free         never more than the size
 *   ------+--------------------+-------------
 *
 * The writer moves prod, the reader moves cons.  A &struct xenpv_stream is our
 * end of one direction: either its writer or its reader.
 *
 * Rules:
 *
 * - Our own index lives here and is only ever stored to the page, never read
 *   back: the peer cannot change where we stand.
 * - The peer's index is loaded once per operation and checked.  When it claims
 *   more bytes than the buffer holds, the stream is broken for good: every
 *   later operation answers -EPROTO, and the shared page is left alone.
 * - Data is copied, each byte fetched once.  No pointer into the page leaves
 *   stream.c.
 *
 * Nothing here sends events or takes locks.  The caller serialises the
 * operations of one stream, and notifies its peer after moving bytes.
 *
 * Example::
 *
 *	xenpv_stream_init(&tx, XENPV_STREAM_WRITER, page->out,
 *			  sizeof(page->out), &page->out_prod, &page->out_cons);
 *	n = xenpv_stream_write(&tx, text, len);
 *	if (n > 0)
 *		xenpv_event_notify(ev);
 */

#include <linux/types.h>
#include <xenpv/types.h>

/**
 * enum xenpv_stream_end - which end of a stream is ours
 * @XENPV_STREAM_WRITER: we produce, the peer consumes
 * @XENPV_STREAM_READER: the peer produces, we consume
 */
enum xenpv_stream_end {
	XENPV_STREAM_WRITER,
	XENPV_STREAM_READER,
};

/**
 * struct xenpv_stream - our end of one direction
 * @data: the shared buffer
 * @ours: where our index is published
 * @theirs: where the peer publishes its index
 * @size: bytes in @data, a power of two
 * @index: our index; the only truth about where we stand
 * @end: writer or reader
 * @broken: the peer published an impossible index; sticky
 *
 * Private to stream.c, but for the allocation.
 */
struct xenpv_stream {
	char __xen_shared *data;
	u32 __xen_shared *ours;
	u32 __xen_shared *theirs;
	u32 size;
	u32 index;
	enum xenpv_stream_end end;
	bool broken;
};

void xenpv_stream_init(struct xenpv_stream *s, enum xenpv_stream_end end,
		       char __xen_shared *data, u32 size,
		       u32 __xen_shared *prod, u32 __xen_shared *cons);
void xenpv_stream_remap(struct xenpv_stream *s, char __xen_shared *data,
			u32 __xen_shared *prod, u32 __xen_shared *cons);
ssize_t xenpv_stream_write(struct xenpv_stream *s, const void *buf, size_t len);
ssize_t xenpv_stream_read(struct xenpv_stream *s, void *buf, size_t len);
ssize_t xenpv_stream_ready(struct xenpv_stream *s);

/**
 * xenpv_stream_broken() - did the peer break this stream?
 * @s: the stream
 *
 * Context: Any.
 * Return: true if an impossible index was seen.
 */
static inline bool xenpv_stream_broken(const struct xenpv_stream *s)
{
	return s->broken;
}

#endif /* _XENPV_STREAM_H */
