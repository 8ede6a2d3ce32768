// SPDX-License-Identifier: GPL-2.0-only
/* Requests as objects: making one, waiting for its answer, and what an answer says. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "private.h"

/**
 * xenpv_store_request_new() - a request to be filled in
 * @type: XS_*
 * @txn: the transaction that it is in, NULL if in none
 * @len: bytes of its body
 *
 * Context: Process.
 * Return: the request, or an ERR_PTR(): -E2BIG if no message can be so long.
 */
struct xenpv_store_request *xenpv_store_request_new(u32 type,
						    const struct xenpv_store_txn *txn,
						    size_t len)
{
	struct xenpv_store_request *request;

	if (len > XENSTORE_PAYLOAD_MAX)
		return ERR_PTR(-E2BIG);
	/* Disks may be waiting for what the answer sets in motion. */
	request = kzalloc(struct_size(request, body, len), GFP_NOIO);
	if (!request)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&request->list);
	init_completion(&request->completed);
	request->head.type = type;
	request->head.len = len;
	if (txn) {
		request->head.tx_id = txn->id;
		request->session = txn->session;
		request->inside = true;
	}
	return request;
}

/**
 * xenpv_store_request_free() - forget a request
 * @request: it; new or done; NULL and ERR_PTR() are fine
 *
 * Context: Any.
 */
void xenpv_store_request_free(struct xenpv_store_request *request)
{
	if (IS_ERR_OR_NULL(request))
		return;
	kfree(request->answer);
	kfree(request);
}

/**
 * xenpv_store_errno() - what an error of the daemon means
 * @name: its name, as the body of the message has it
 * @len: bytes of the body
 *
 * Context: Any.
 * Return: a negative errno; -EIO for a name that is none, or does not end.
 */
int xenpv_store_errno(const char *name, size_t len)
{
	if (!len || name[len - 1])
		return -EIO;
	for (unsigned int i = 0; i < ARRAY_SIZE(xsd_errors); i++) {
		if (!strcmp(name, xsd_errors[i].errstring))
			return -xsd_errors[i].errnum;
	}
	return -EIO;
}

/**
 * xenpv_store_error_name() - how the daemon would call an error
 * @error: negative errno
 *
 * Context: Any.
 * Return: its name, "EIO" if the daemon has none for it.
 */
const char *xenpv_store_error_name(int error)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(xsd_errors); i++) {
		if (xsd_errors[i].errnum == -error)
			return xsd_errors[i].errstring;
	}
	return "EIO";
}

/**
 * xenpv_store_call() - send a request and wait for its answer
 * @request: it; taken over
 *
 * Context: Process.  A fatal signal ends the wait, and a timeout if there is one.
 * Return: the request with its answer, to be freed; or an ERR_PTR().
 */
struct xenpv_store_request *xenpv_store_call(struct xenpv_store_request *request)
{
	int ret;

	if (IS_ERR(request))
		return request;

	xenpv_store_submit(request);
	xenpv_store_pump();
	/* Given up, it belongs to the client, unless the answer came just then. */
	ret = xenpv_store_wait(request);
	if (ret && xenpv_store_give_up(request, ret))
		return ERR_PTR(ret);

	ret = request->error;
	if (!ret)
		return request;
	xenpv_store_request_free(request);
	return ERR_PTR(ret);
}

/**
 * xenpv_store_txn_id() - the number of the transaction that was started
 * @request: XS_TRANSACTION_START with its answer
 * @id: where to put it
 *
 * Context: Any.
 * Return: 0, or -EIO if the answer is none.
 */
int xenpv_store_txn_id(const struct xenpv_store_request *request, u32 *id)
{
	/* The number ends with the message; 0 would mean no transaction. */
	if (!request->len || request->answer[request->len - 1] ||
	    kstrtou32(request->answer, 10, id) || !*id)
		return -EIO;
	return 0;
}

/**
 * xenpv_store_forget_request() - for @done: nobody is interested in the answer
 * @request: it
 *
 * Context: Any.
 */
void xenpv_store_forget_request(struct xenpv_store_request *request)
{
	xenpv_store_request_free(request);
}

/**
 * xenpv_store_abort() - end a transaction in which nobody is interested any more
 * @id: the daemon's number for it
 * @session: where that number means something
 *
 * Does not wait.  Without memory the transaction stays until the daemon ends it.
 *
 * Context: Process.
 */
void xenpv_store_abort(u32 id, u32 session)
{
	const struct xenpv_store_txn txn = { .id = id, .session = session };
	struct xenpv_store_request *request;

	request = xenpv_store_request_new(XS_TRANSACTION_END, &txn, 2);
	if (IS_ERR(request))
		return;
	strscpy(request->body, "F", 2);
	request->inside = false;
	request->done = xenpv_store_forget_request;
	xenpv_store_submit(request);
	xenpv_store_kick();
}

/**
 * xenpv_store_bury() - free a request for whose answer nobody waits
 * @request: it, done
 *
 * What it has made at the daemon is undone.
 *
 * Context: Process.
 */
void xenpv_store_bury(struct xenpv_store_request *request)
{
	u32 id;

	if (request->head.type == XS_TRANSACTION_START && !request->error &&
	    !xenpv_store_txn_id(request, &id))
		xenpv_store_abort(id, request->session);
	xenpv_store_request_free(request);
}
