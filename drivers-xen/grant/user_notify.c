// SPDX-License-Identifier: GPL-2.0-only
/* What a program wants to be done when its page goes: a byte cleared, an event sent. */

#include <linux/mm.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/event.h>
#include <xenpv/shared.h>
#include "private.h"

/**
 * xenpv_user_notify_set() - ask for it, instead of what was asked before
 * @notify: what is to be done
 * @action: UNMAP_NOTIFY_*, or 0 for nothing
 * @offset: byte to clear, from the first page on; the caller has judged it
 * @port: to send through, bound by a program
 *
 * Context: Process; the caller serialises.
 * Return: 0, or a negative errno with all as it was.
 */
int xenpv_user_notify_set(struct xenpv_user_notify *notify, u32 action, u64 offset,
			  evtchn_port_t port)
{
	int ret;

	if (action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	/* The new port before the old one is let go: they may be the same. */
	if (action & UNMAP_NOTIFY_SEND_EVENT) {
		ret = xenpv_event_hold_port(port);
		if (ret)
			return ret;
	}
	if (notify->action & UNMAP_NOTIFY_SEND_EVENT)
		xenpv_event_release_port(notify->port, false);
	notify->action = action;
	notify->offset = offset;
	notify->port = port;
	return 0;
}

/**
 * xenpv_user_notify_byte() - clear the byte
 * @notify: what is to be done
 * @page: the page in which it is, not a page any more from which programs can see it
 *
 * Context: Any.
 */
void xenpv_user_notify_byte(struct xenpv_user_notify *notify, struct page *page)
{
	u8 __xen_shared *bytes = (u8 __xen_shared __force *)page_address(page);

	if (!(notify->action & UNMAP_NOTIFY_CLEAR_BYTE))
		return;
	notify->action &= ~UNMAP_NOTIFY_CLEAR_BYTE;
	xenpv_shared_store(bytes + offset_in_page(notify->offset), 0);
}

/**
 * xenpv_user_notify_send() - send the event
 * @notify: what is to be done
 *
 * Context: Process.
 */
void xenpv_user_notify_send(struct xenpv_user_notify *notify)
{
	if (!(notify->action & UNMAP_NOTIFY_SEND_EVENT))
		return;
	notify->action &= ~UNMAP_NOTIFY_SEND_EVENT;
	xenpv_event_release_port(notify->port, true);
}
