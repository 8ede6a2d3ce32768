// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded reads and writes on a byte stream whose other end is not trusted.
 *
 * Barriers, in pairs with the peer's code:
 *
 *   ready:A   acquire of the peer's index.  As writer: the peer finished
 *             reading a byte before it gave the place back.  As reader: the
 *             bytes were stored before they were announced.
 *   publish:B release of our index.  As writer: our bytes are stored before
 *             they are announced.  As reader: we finished reading before the
 *             place is given back.
 *
 * Our A pairs with the peer's B, and the other way round.
 */

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include <xenpv/shared.h>
#include <xenpv/stream.h>

/**
 * xenpv_stream_init() - take our end of a stream
 * @s: the stream to set up
 * @end: which end is ours
 * @data: the shared buffer
 * @size: its size, a power of two
 * @prod: the writer's index in the shared page
 * @cons: the reader's index in the shared page
 *
 * Continues where the page stands, since something that ran before us (a boot
 * loader, our own early console) may have used it.
 *
 * Context: Any.  The caller owns @s.
 */
void xenpv_stream_init(struct xenpv_stream *s, enum xenpv_stream_end end,
		       char __xen_shared *data, u32 size,
		       u32 __xen_shared *prod, u32 __xen_shared *cons)
{
	*s = (struct xenpv_stream) { .size = size, .end = end };
	xenpv_stream_remap(s, data, prod, cons);
	s->index = xenpv_shared_load(s->ours);
}
EXPORT_SYMBOL_NS_GPL(xenpv_stream_init, "XENPV");

/**
 * xenpv_stream_remap() - go on with the same page in another mapping
 * @s: the stream
 * @data: as for xenpv_stream_init()
 * @prod: as there
 * @cons: as there
 *
 * Nothing is read from the page: we stand where we stood, and a stream that was
 * broken stays so.
 *
 * Context: Any; serialised by the caller.
 */
void xenpv_stream_remap(struct xenpv_stream *s, char __xen_shared *data,
			u32 __xen_shared *prod, u32 __xen_shared *cons)
{
	bool writer = s->end == XENPV_STREAM_WRITER;

	s->data = data;
	s->ours = writer ? prod : cons;
	s->theirs = writer ? cons : prod;
}
EXPORT_SYMBOL_NS_GPL(xenpv_stream_remap, "XENPV");

/**
 * xenpv_stream_ready() - how many bytes can be moved now?
 * @s: the stream
 *
 * Context: Any; serialised by the caller.
 * Return: free bytes for a writer, waiting bytes for a reader, or -EPROTO if
 * the peer's index is impossible, now or earlier.
 */
ssize_t xenpv_stream_ready(struct xenpv_stream *s)
{
	u32 theirs, waiting;

	if (s->broken)
		return -EPROTO;

	theirs = xenpv_shared_load_acquire(s->theirs);		/* ready:A */
	if (s->end == XENPV_STREAM_WRITER)
		waiting = s->index - theirs;
	else
		waiting = theirs - s->index;

	if (waiting > s->size) {
		s->broken = true;
		return -EPROTO;
	}

	return s->end == XENPV_STREAM_WRITER ? s->size - waiting : waiting;
}
EXPORT_SYMBOL_NS_GPL(xenpv_stream_ready, "XENPV");

static void stream_publish(struct xenpv_stream *s, u32 moved)
{
	s->index += moved;
	xenpv_shared_store_release(s->ours, s->index);		/* publish:B */
}

static char __xen_shared *stream_place(const struct xenpv_stream *s, u32 offset)
{
	return s->data + ((s->index + offset) & (s->size - 1));
}

/**
 * xenpv_stream_write() - add bytes to a stream
 * @s: a stream whose writer we are
 * @buf: the bytes
 * @len: how many
 *
 * Context: Any; serialised by the caller.
 * Return: number of bytes written, 0 if there is no room, or -EPROTO if the
 * stream is broken.
 */
ssize_t xenpv_stream_write(struct xenpv_stream *s, const void *buf, size_t len)
{
	ssize_t room = xenpv_stream_ready(s);
	const char *from = buf;
	u32 n;

	if (room <= 0)
		return room;

	n = min_t(size_t, room, len);
	for (u32 i = 0; i < n; i++)
		xenpv_shared_store(stream_place(s, i), from[i]);
	stream_publish(s, n);

	return n;
}
EXPORT_SYMBOL_NS_GPL(xenpv_stream_write, "XENPV");

/**
 * xenpv_stream_read() - take bytes from a stream
 * @s: a stream whose reader we are
 * @buf: where to put them, private memory
 * @len: room there
 *
 * Context: Any; serialised by the caller.
 * Return: number of bytes read, 0 if none wait, or -EPROTO if the stream is
 * broken.
 */
ssize_t xenpv_stream_read(struct xenpv_stream *s, void *buf, size_t len)
{
	ssize_t waiting = xenpv_stream_ready(s);
	char *to = buf;
	u32 n;

	if (waiting <= 0)
		return waiting;

	n = min_t(size_t, waiting, len);
	for (u32 i = 0; i < n; i++)
		to[i] = xenpv_shared_load(stream_place(s, i));
	stream_publish(s, n);

	return n;
}
EXPORT_SYMBOL_NS_GPL(xenpv_stream_read, "XENPV");
