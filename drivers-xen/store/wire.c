// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages on the shared page: a header and a body each, cut into as many pieces as
 * the streams like.  Knows lengths, not meaning.
 */

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include <xenpv/shared.h>
#include "private.h"

/*
 * All of a message is taken into private memory before any of it is looked at, and
 * its header before the body: a length that was judged does not change any more.
 *
 * The other direction is judged as well.  A header of ours that breaks the protocol
 * would cost us the connection, so it is refused before its first byte is written.
 */

/**
 * xenpv_store_wire_init() - begin at a page
 * @wire: the wire
 * @page: the page; continues where it stands
 *
 * Context: Process; serialised by the caller, as all functions of a wire.
 */
void xenpv_store_wire_init(struct xenpv_store_wire *wire,
			   struct xenstore_domain_interface __xen_shared *page)
{
	BUILD_BUG_ON_NOT_POWER_OF_2(XENSTORE_RING_SIZE);
	BUILD_BUG_ON(sizeof(wire->in_head) != 16);

	memset(wire, 0, offsetof(struct xenpv_store_wire, in_head));
	wire->page = page;
	xenpv_stream_init(&wire->tx, XENPV_STREAM_WRITER, page->req, sizeof(page->req),
			  &page->req_prod, &page->req_cons);
	xenpv_stream_init(&wire->rx, XENPV_STREAM_READER, page->rsp, sizeof(page->rsp),
			  &page->rsp_prod, &page->rsp_cons);
}

/**
 * xenpv_store_wire_clear() - make a page empty, and begin there
 * @wire: a wire at a page at whose other end nobody is
 *
 * Context: Process.
 */
void xenpv_store_wire_clear(struct xenpv_store_wire *wire)
{
	struct xenstore_domain_interface __xen_shared *page = wire->page;

	xenpv_shared_store(&page->req_cons, 0);
	xenpv_shared_store(&page->req_prod, 0);
	xenpv_shared_store(&page->rsp_cons, 0);
	xenpv_shared_store(&page->rsp_prod, 0);
	xenpv_shared_store(&page->server_features, 0);
	xenpv_shared_store(&page->connection, XENSTORE_CONNECTED);
	xenpv_shared_store(&page->error, XENSTORE_ERROR_NONE);
	xenpv_store_wire_init(wire, page);
}

/**
 * xenpv_store_wire_skip() - forget what waits to be read
 * @wire: a wire of which nothing was read
 *
 * For a page that somebody used before us: these answers are not for us.
 *
 * Context: Process.
 */
void xenpv_store_wire_skip(struct xenpv_store_wire *wire)
{
	/* At most what the page holds; what is written meanwhile is new. */
	ssize_t n = xenpv_stream_ready(&wire->rx);

	if (n > 0)
		xenpv_stream_read(&wire->rx, wire->in, n);
}

/**
 * xenpv_store_wire_break() - no more of this
 * @wire: the wire
 * @why: what the daemon did, in a few words
 *
 * Context: Process.
 * Return: -EPROTO.
 */
int xenpv_store_wire_break(struct xenpv_store_wire *wire, const char *why)
{
	if (!wire->broken)
		wire->broken = why;
	return -EPROTO;
}

/**
 * xenpv_store_wire_judge() - may we send this?
 * @head: header of a message
 *
 * Context: Any.
 * Return: 0, or -EINVAL or -E2BIG if that would break the protocol.
 */
int xenpv_store_wire_judge(const struct xsd_sockmsg *head)
{
	if (head->len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	if (head->type >= XS_TYPE_COUNT)
		return -EINVAL;
	/* Only the daemon says these. */
	if (head->type == XS_WATCH_EVENT || head->type == XS_ERROR)
		return -EINVAL;
	return 0;
}

/**
 * xenpv_store_wire_send() - begin to write a message
 * @wire: the wire
 * @head: its header
 * @body: its body, stays valid until xenpv_store_wire_push() says 1
 *
 * Context: Process.
 * Return: 0; -EINVAL or -E2BIG if it would break the protocol; -EBUSY if the one
 * before it is not written yet.
 */
int xenpv_store_wire_send(struct xenpv_store_wire *wire, const struct xsd_sockmsg *head,
			  const void *body)
{
	int ret = xenpv_store_wire_judge(head);

	if (ret)
		return ret;
	if (wire->out)
		return -EBUSY;
	wire->out = body;
	wire->out_head = *head;
	wire->out_len = sizeof(*head) + head->len;
	wire->out_done = 0;
	return 0;
}

static ssize_t push_some(struct xenpv_store_wire *wire)
{
	const u32 head_len = sizeof(wire->out_head);
	u32 done = wire->out_done;

	if (done < head_len)
		return xenpv_stream_write(&wire->tx, (const char *)&wire->out_head + done,
					  head_len - done);
	return xenpv_stream_write(&wire->tx, (const char *)wire->out + (done - head_len),
				  wire->out_len - done);
}

/**
 * xenpv_store_wire_push() - write as much of the message as there is room for
 * @wire: a wire with a message
 *
 * Context: Process.
 * Return: 1 if all of it is written, 0 if not yet, -EPROTO if the wire is broken.
 */
int xenpv_store_wire_push(struct xenpv_store_wire *wire)
{
	ssize_t n;

	if (wire->broken)
		return -EPROTO;
	while (wire->out_done < wire->out_len) {
		n = push_some(wire);
		if (n < 0)
			return xenpv_store_wire_break(wire, "index of requests is impossible");
		if (!n)
			return 0;
		wire->out_done += n;
		wire->written += n;
		wire->moved += n;
	}
	wire->out = NULL;
	return 1;
}

/* Up to @end of the message, counted with its header. */
static int pull_to(struct xenpv_store_wire *wire, void *to, u32 end)
{
	ssize_t n;

	while (wire->in_done < end) {
		n = xenpv_stream_read(&wire->rx, to, end - wire->in_done);
		if (n < 0)
			return xenpv_store_wire_break(wire, "index of answers is impossible");
		if (!n)
			return 0;
		to += n;
		wire->in_done += n;
		wire->moved += n;
	}
	return 1;
}

static int judge_in(struct xenpv_store_wire *wire)
{
	if (wire->in_head.len > XENSTORE_PAYLOAD_MAX)
		return xenpv_store_wire_break(wire, "message is too long");
	if (wire->in_head.type >= XS_TYPE_COUNT)
		return xenpv_store_wire_break(wire, "message of a type that does not exist");
	return 1;
}

/**
 * xenpv_store_wire_pull() - read as much of a message as there is
 * @wire: the wire
 *
 * Context: Process.
 * Return: 1 if there is a whole one: its header in @in_head, its body in @in, with a
 * NUL behind it that is not part of it; 0 if not yet; -EPROTO if the wire is broken.
 */
int xenpv_store_wire_pull(struct xenpv_store_wire *wire)
{
	const u32 head_len = sizeof(wire->in_head);
	int ret;

	if (wire->broken)
		return -EPROTO;
	if (wire->in_done < head_len) {
		ret = pull_to(wire, (char *)&wire->in_head + wire->in_done, head_len);
		if (ret > 0)
			ret = judge_in(wire);
		if (ret <= 0)
			return ret;
	}
	ret = pull_to(wire, wire->in + (wire->in_done - head_len),
		      head_len + wire->in_head.len);
	if (ret <= 0)
		return ret;
	wire->in[wire->in_head.len] = '\0';
	wire->in_done = 0;
	return 1;
}

/**
 * xenpv_store_wire_news() - has the daemon done anything since we looked last?
 * @wire: the wire
 *
 * Context: Process.
 * Return: true if it has taken bytes of ours or there are some of its.
 */
bool xenpv_store_wire_news(struct xenpv_store_wire *wire)
{
	ssize_t room = xenpv_stream_ready(&wire->tx);
	/* Up to a constant; there is room for what it has taken. */
	u32 taken = wire->written + room;
	bool news = room >= 0 && taken != wire->taken;

	wire->taken = taken;
	return news || xenpv_stream_ready(&wire->rx) > 0;
}

/**
 * xenpv_store_wire_connected() - may the page be used?
 * @wire: the wire
 *
 * Context: Process.
 * Return: false while one end wants to begin anew.
 */
bool xenpv_store_wire_connected(struct xenpv_store_wire *wire)
{
	/* The indices are those of the new beginning once this says so. */
	return xenpv_shared_load_acquire(&wire->page->connection) == XENSTORE_CONNECTED;
}

/**
 * xenpv_store_wire_reconnect() - ask the daemon to begin anew
 * @wire: the wire
 *
 * Context: Process.
 * Return: false if this daemon does not know how to do that.
 */
bool xenpv_store_wire_reconnect(struct xenpv_store_wire *wire)
{
	if (!(xenpv_shared_load(&wire->page->server_features) &
	      XENSTORE_SERVER_FEATURE_RECONNECTION))
		return false;
	xenpv_shared_store_release(&wire->page->connection, XENSTORE_RECONNECT);
	return true;
}

/**
 * xenpv_store_wire_error() - what does the daemon hold against us?
 * @wire: the wire
 *
 * Context: Process.
 * Return: XENSTORE_ERROR_*, for a message.
 */
u32 xenpv_store_wire_error(struct xenpv_store_wire *wire)
{
	if (!(xenpv_shared_load(&wire->page->server_features) & XENSTORE_SERVER_FEATURE_ERROR))
		return XENSTORE_ERROR_NONE;
	return xenpv_shared_load(&wire->page->error);
}
