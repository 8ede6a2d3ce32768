// SPDX-License-Identifier: GPL-2.0-only
/* Directories: their names in one message, or part by part if they are too many. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "private.h"

/*
 * A part begins with the directory's generation, which changes when the directory
 * does; then the parts so far are of no use.  It ends with an empty name if it is the
 * last one.
 */

/* Names of one directory; a daemon that sends more has lost its mind. */
#define MAX_BYTES	SZ_1M

/* How often to begin again with a directory that changes. */
#define MAX_STARTS	16

/* A generation is a 64-bit number in decimal. */
#define GENERATION_LEN	21

static const char *string_end(const char *from, const char *end)
{
	return memchr(from, '\0', end - from);
}

/* Count names, all of which end; -EIO if they are none. */
static int names_count(const char *names, size_t len)
{
	const char *end = names + len;
	int nr = 0;

	for (const char *name = names; name < end; name += strlen(name) + 1) {
		if (!string_end(name, end) || !xenpv_store_name_ok(name))
			return -EIO;
		nr++;
	}
	return nr;
}

/* Memory for names grows in powers of two, however small the parts are. */
static int make_room(struct xenpv_store_list *list, size_t len)
{
	size_t room = list->len ? roundup_pow_of_two(list->len) : 0;
	char *names;

	if (len <= room)
		return 0;
	names = kvmalloc(roundup_pow_of_two(len), GFP_NOIO);
	if (!names)
		return -ENOMEM;
	if (list->len)
		memcpy(names, list->names, list->len);
	kvfree(list->names);
	list->names = names;
	return 0;
}

static int add(struct xenpv_store_list *list, const char *names, size_t len)
{
	int nr = names_count(names, len);
	int ret;

	if (nr < 0)
		return nr;
	if (list->len + len > MAX_BYTES)
		return -EIO;
	ret = make_room(list, list->len + len);
	if (ret)
		return ret;
	if (len)
		memcpy(list->names + list->len, names, len);
	list->len += len;
	list->nr += nr;
	return 0;
}

static struct xenpv_store_request *ask(struct xenpv_store_txn *txn, const char *dir,
				       const char *node)
{
	ssize_t len = xenpv_store_path_len(dir, node);
	struct xenpv_store_request *request;

	if (len < 0)
		return ERR_PTR(len);
	request = xenpv_store_request_new(XS_DIRECTORY, txn, len + 1);
	if (IS_ERR(request))
		return request;
	xenpv_store_path_put(request->body, dir, node);
	return xenpv_store_call(request);
}

static struct xenpv_store_request *ask_part(struct xenpv_store_txn *txn, const char *dir,
					    const char *node, size_t from)
{
	ssize_t len = xenpv_store_path_len(dir, node);
	struct xenpv_store_request *request;
	char text[24];
	int digits = scnprintf(text, sizeof(text), "%zu", from);

	if (len < 0)
		return ERR_PTR(len);
	request = xenpv_store_request_new(XS_DIRECTORY_PART, txn, len + 1 + digits + 1);
	if (IS_ERR(request))
		return request;
	xenpv_store_path_put(request->body, dir, node);
	memcpy(request->body + len + 1, text, digits + 1);
	return xenpv_store_call(request);
}

/* One part: -ESTALE if the directory has changed, 1 if it was the last, 0 if not. */
static int take_part(struct xenpv_store_list *list, char *generation,
		     const struct xenpv_store_request *request)
{
	const char *answer = request->answer, *end = answer + request->len;
	const char *names = string_end(answer, end);
	bool last;
	int ret;

	if (!names || names - answer >= GENERATION_LEN || end[-1])
		return -EIO;
	names++;
	if (list->len && strcmp(generation, answer))
		return -ESTALE;
	strscpy(generation, answer, GENERATION_LEN);

	/* An empty name is alone or behind the end of another one. */
	last = end > names && (end - names == 1 || !end[-2]);
	ret = add(list, names, end - names - last);
	if (ret)
		return ret;
	/* Each part brings us further. */
	return last ? 1 : end == names ? -EIO : 0;
}

static int list_parts(struct xenpv_store_txn *txn, const char *dir, const char *node,
		      struct xenpv_store_list *list)
{
	char generation[GENERATION_LEN] = "";
	struct xenpv_store_request *request;
	int ret;

	do {
		request = ask_part(txn, dir, node, list->len);
		if (IS_ERR(request))
			return PTR_ERR(request);
		ret = take_part(list, generation, request);
		xenpv_store_request_free(request);
	} while (!ret);
	return ret < 0 ? ret : 0;
}

/**
 * xenpv_store_list() - the names of what is in a directory
 * @txn: the transaction, or NULL
 * @dir: directory of the node
 * @node: its name there
 * @list: where to put them; to be given to xenpv_store_list_free() after success
 *
 * Context: Process.
 * Return: 0; -EBUSY if it is long and does not stop to change; or another negative
 * errno.
 */
int xenpv_store_list(struct xenpv_store_txn *txn, const char *dir, const char *node,
		     struct xenpv_store_list *list)
{
	struct xenpv_store_request *request = ask(txn, dir, node);
	int ret = -ESTALE;

	*list = (struct xenpv_store_list){ };
	if (!IS_ERR(request)) {
		ret = add(list, request->answer, request->len);
		xenpv_store_request_free(request);
		return ret;
	}
	if (request != ERR_PTR(-E2BIG))
		return PTR_ERR(request);

	for (unsigned int i = 0; ret == -ESTALE && i < MAX_STARTS; i++) {
		xenpv_store_list_free(list);
		ret = list_parts(txn, dir, node, list);
	}
	if (ret)
		xenpv_store_list_free(list);
	return ret == -ESTALE ? -EBUSY : ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_list, "XENPV");

/**
 * xenpv_store_list_free() - forget names
 * @list: the names; empty afterwards
 *
 * Context: Process.
 */
void xenpv_store_list_free(struct xenpv_store_list *list)
{
	kvfree(list->names);
	*list = (struct xenpv_store_list){ };
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_list_free, "XENPV");

/**
 * xenpv_store_list_next() - walk through names
 * @list: the names
 * @name: one of them; NULL for the first
 *
 * Context: Any.
 * Return: the one behind it, NULL if it was the last.
 */
const char *xenpv_store_list_next(const struct xenpv_store_list *list, const char *name)
{
	const char *next = name ? name + strlen(name) + 1 : list->names;

	return list->len && next < list->names + list->len ? next : NULL;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_list_next, "XENPV");
