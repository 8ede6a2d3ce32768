// SPDX-License-Identifier: GPL-2.0-only
/* What one can ask of the store: read, write, list, make, remove, permissions. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "private.h"

/* A request about a node, with room for @extra bytes behind the path. */
static struct xenpv_store_request *about(u32 type, struct xenpv_store_txn *txn,
					 const char *dir, const char *node,
					 size_t extra, char **rest)
{
	ssize_t len = xenpv_store_path_len(dir, node);
	struct xenpv_store_request *request;

	if (len < 0)
		return ERR_PTR(len);
	/* Special names can be watched and nothing else. */
	if (type != XS_WATCH && type != XS_UNWATCH && ((dir && *dir ? dir : node)[0] == '@'))
		return ERR_PTR(-EINVAL);
	request = xenpv_store_request_new(type, txn, len + 1 + extra);
	if (IS_ERR(request))
		return request;
	xenpv_store_path_put(request->body, dir, node);
	if (rest)
		*rest = request->body + len + 1;
	return request;
}

/* For requests whose answer says only that it was done. */
static int done(struct xenpv_store_request *request)
{
	request = xenpv_store_call(request);
	if (IS_ERR(request))
		return PTR_ERR(request);
	xenpv_store_request_free(request);
	return 0;
}

/**
 * xenpv_store_read() - the value of a node
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @len: where to put the length of the value, or NULL
 *
 * Context: Process.
 * Return: the value with a NUL behind it, to be given to kfree(); or an ERR_PTR(),
 * among them -EIO if it has a NUL inside and @len is NULL.
 */
char *xenpv_store_read(struct xenpv_store_txn *txn, const char *dir, const char *node,
		       size_t *len)
{
	struct xenpv_store_request *request;
	char *value;

	request = xenpv_store_call(about(XS_READ, txn, dir, node, 0, NULL));
	if (IS_ERR(request))
		return ERR_CAST(request);

	if (!len && strlen(request->answer) != request->len) {
		xenpv_store_request_free(request);
		return ERR_PTR(-EIO);
	}
	if (len)
		*len = request->len;
	value = request->answer;
	request->answer = NULL;
	xenpv_store_request_free(request);
	return value;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_read, "XENPV");

/**
 * xenpv_store_read_u64() - the value of a node that is a decimal number
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @value: where to put it; untouched on failure
 *
 * Context: Process.
 * Return: 0; -EINVAL or -ERANGE if it is no such number; or another negative errno.
 */
int xenpv_store_read_u64(struct xenpv_store_txn *txn, const char *dir, const char *node,
			 u64 *value)
{
	char *text = xenpv_store_read(txn, dir, node, NULL);
	u64 number;
	int ret;

	if (IS_ERR(text))
		return PTR_ERR(text);
	ret = kstrtou64(text, 10, &number);
	if (!ret)
		*value = number;
	kfree(text);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_read_u64, "XENPV");

/**
 * xenpv_store_exists() - is there such a node?
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 *
 * Context: Process.
 * Return: 1, 0, or a negative errno.
 */
int xenpv_store_exists(struct xenpv_store_txn *txn, const char *dir, const char *node)
{
	int ret = done(about(XS_READ, txn, dir, node, 0, NULL));

	if (ret == -ENOENT)
		return 0;
	return ret ?: 1;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_exists, "XENPV");

static int write_value(struct xenpv_store_txn *txn, const char *dir, const char *node,
		       const char *value, size_t len)
{
	struct xenpv_store_request *request;
	char *rest;

	request = about(XS_WRITE, txn, dir, node, len, &rest);
	if (IS_ERR(request))
		return PTR_ERR(request);
	memcpy(rest, value, len);
	return done(request);
}

/**
 * xenpv_store_write() - set the value of a node, and make it if there is none
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @value: the value; its NUL is not stored
 *
 * Context: Process.
 * Return: 0; -E2BIG if path and value do not fit into a message; or another
 * negative errno.
 */
int xenpv_store_write(struct xenpv_store_txn *txn, const char *dir, const char *node,
		      const char *value)
{
	return write_value(txn, dir, node, value, strlen(value));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_write, "XENPV");

/**
 * xenpv_store_write_u64() - the same with a number, in decimal
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @value: the number
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_store_write_u64(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  u64 value)
{
	char text[24];

	return write_value(txn, dir, node, text, scnprintf(text, sizeof(text), "%llu", value));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_write_u64, "XENPV");

/**
 * xenpv_store_printf() - the same with a text that is put together
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @format: of the value, as for printf
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_store_printf(struct xenpv_store_txn *txn, const char *dir, const char *node,
		       const char *format, ...)
{
	va_list args;
	char *text;
	int ret;

	va_start(args, format);
	text = kvasprintf(GFP_NOIO, format, args);
	va_end(args);
	if (!text)
		return -ENOMEM;
	ret = write_value(txn, dir, node, text, strlen(text));
	kfree(text);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_printf, "XENPV");

/**
 * xenpv_store_mkdir() - make a node, if there is none
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_store_mkdir(struct xenpv_store_txn *txn, const char *dir, const char *node)
{
	return done(about(XS_MKDIR, txn, dir, node, 0, NULL));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_mkdir, "XENPV");

/**
 * xenpv_store_rm() - remove a node and all below it
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 *
 * Context: Process.
 * Return: 0, also if there was none but there is its directory; or a negative errno.
 */
int xenpv_store_rm(struct xenpv_store_txn *txn, const char *dir, const char *node)
{
	return done(about(XS_RM, txn, dir, node, 0, NULL));
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_rm, "XENPV");

static int perm_parse(const char *text, struct xenpv_store_perm *perm)
{
	unsigned int domid;

	switch (text[0]) {
	case XENPV_STORE_NONE:
	case XENPV_STORE_READ:
	case XENPV_STORE_WRITE:
	case XENPV_STORE_BOTH:
		break;
	default:
		return -EIO;
	}
	if (kstrtouint(text + 1, 10, &domid) || domid > U16_MAX)
		return -EIO;
	perm->access = text[0];
	perm->domid = domid;
	return 0;
}

static int perms_parse(const struct xenpv_store_request *request,
		       struct xenpv_store_perm *perms, unsigned int max)
{
	struct xenpv_store_perm perm;
	unsigned int nr = 0;

	if (!request->len || request->answer[request->len - 1])
		return -EIO;
	for (u32 at = 0; at < request->len; at += strlen(request->answer + at) + 1) {
		int ret = perm_parse(request->answer + at, &perm);

		if (ret)
			return ret;
		if (nr < max)
			perms[nr] = perm;
		nr++;
	}
	return nr;
}

/**
 * xenpv_store_get_perms() - who may do what with a node
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @perms: where to put the entries
 * @max: room there
 *
 * Context: Process.
 * Return: how many entries there are, which may be more than @max; or a negative
 * errno.
 */
int xenpv_store_get_perms(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  struct xenpv_store_perm *perms, unsigned int max)
{
	struct xenpv_store_request *request;
	int ret;

	request = xenpv_store_call(about(XS_GET_PERMS, txn, dir, node, 0, NULL));
	if (IS_ERR(request))
		return PTR_ERR(request);
	ret = perms_parse(request, perms, max);
	xenpv_store_request_free(request);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_get_perms, "XENPV");

/* A letter and a domain in decimal, and the NUL. */
#define PERM_LEN	7

/**
 * xenpv_store_set_perms() - say who may do what with a node
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @perms: the entries, that of the owner first
 * @nr: how many, at least one
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_store_set_perms(struct xenpv_store_txn *txn, const char *dir, const char *node,
			  const struct xenpv_store_perm *perms, unsigned int nr)
{
	struct xenpv_store_request *request;
	char *rest, *to;

	if (!nr || nr > XENSTORE_PAYLOAD_MAX / PERM_LEN)
		return -EINVAL;
	request = about(XS_SET_PERMS, txn, dir, node, nr * PERM_LEN, &rest);
	if (IS_ERR(request))
		return PTR_ERR(request);
	to = rest;
	for (unsigned int i = 0; i < nr; i++)
		to += scnprintf(to, PERM_LEN, "%c%u", perms[i].access, perms[i].domid) + 1;
	request->head.len = to - request->body;
	return done(request);
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_set_perms, "XENPV");
