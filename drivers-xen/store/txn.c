// SPDX-License-Identifier: GPL-2.0-only
/* A function in a transaction; the only loop that tries again. */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/string.h>

#include <kunit/static_stub.h>
#include "private.h"

/* The longest pause before another try, in milliseconds. */
#define LONGEST_PAUSE	64U

static int start(struct xenpv_store_txn *txn)
{
	struct xenpv_store_request *request;
	int ret;

	/* An empty text. */
	request = xenpv_store_request_new(XS_TRANSACTION_START, NULL, 1);
	if (IS_ERR(request))
		return PTR_ERR(request);
	request->inside = true;
	request = xenpv_store_call(request);
	/* Programs have opened as many as a domain may have. */
	if (request == ERR_PTR(-ENOSPC))
		return -EAGAIN;
	if (IS_ERR(request))
		return PTR_ERR(request);
	ret = xenpv_store_txn_id(request, &txn->id);
	txn->session = request->session;
	xenpv_store_request_free(request);
	return ret;
}

static int end(struct xenpv_store_txn *txn, bool commit)
{
	struct xenpv_store_request *request;

	request = xenpv_store_request_new(XS_TRANSACTION_END, txn, 2);
	if (IS_ERR(request))
		return PTR_ERR(request);
	strscpy(request->body, commit ? "T" : "F", 2);
	request = xenpv_store_call(request);
	if (IS_ERR(request))
		return PTR_ERR(request);
	xenpv_store_request_free(request);
	return 0;
}

static int try(int (*fn)(struct xenpv_store_txn *txn, void *arg), void *arg)
{
	struct xenpv_store_txn txn;
	int ret = start(&txn);

	if (ret)
		return ret;
	ret = fn(&txn, arg);
	if (!ret)
		return end(&txn, true);
	/*
	 * Its answer would change nothing; the daemon may even have ended it itself.  One
	 * that answers nothing is not waited for a second time.
	 */
	if (ret == -ETIMEDOUT)
		xenpv_store_abort(txn.id, txn.session);
	else
		end(&txn, false);
	return ret;
}

/**
 * xenpv_store_pause() - wait before another try
 * @tries: how many there were
 *
 * Those who met must not meet again: a random time, on the average longer each time.
 *
 * Context: Process.  Tests do not wait.
 */
void xenpv_store_pause(unsigned int tries)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_store_pause, tries);
	fsleep(get_random_u32_below(min(1U << min(tries, 10U), LONGEST_PAUSE)) * 1000);
}

/**
 * xenpv_store_transaction() - run a function in a transaction
 * @fn: the function
 * @arg: its argument
 *
 * Called again as long as others change what it has looked at, with pauses, up to
 * %XENPV_STORE_TRIES times.  If the daemon is restarted just when it commits, @fn is
 * called again although its first run may have had its effect.  Likewise when the
 * commit is not answered in time (-ETIMEDOUT) its changes may have been made.
 *
 * Context: Process, not in a transaction.
 * Return: 0 if its changes are made; otherwise they are not, and it is the error of
 * @fn; -EAGAIN if others were always faster; or another negative errno.
 */
int xenpv_store_transaction(int (*fn)(struct xenpv_store_txn *txn, void *arg), void *arg)
{
	int ret = xenpv_store_txn_enter();

	if (ret)
		return ret;
	for (unsigned int tries = 1; ; tries++) {
		ret = try(fn, arg);
		if (ret != -EAGAIN || tries == XENPV_STORE_TRIES)
			break;
		xenpv_store_pause(tries);
	}
	xenpv_store_txn_leave();
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_transaction, "XENPV");
