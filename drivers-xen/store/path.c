// SPDX-License-Identifier: GPL-2.0-only
/* Names of nodes: which can exist, how two parts make one, what is below what. */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "private.h"

/*
 * The daemon answers EINVAL to a path that breaks one of these rules; we say so
 * before it is asked, so that no name that came from elsewhere is put together to
 * something else:
 *
 *	letters, digits and - _ @, in parts between single slashes;
 *	no slash at the end, but for the root itself;
 *	at most XENSTORE_ABS_PATH_MAX bytes, XENSTORE_REL_PATH_MAX without a leading
 *	slash; the final NUL does not count.
 */
static bool char_ok(char c)
{
	return (isascii(c) && isalnum(c)) || c == '-' || c == '_' || c == '@';
}

/**
 * struct scan - a path as far as it was looked at
 * @first: its first character
 * @last: its last one so far
 * @len: characters so far
 */
struct scan {
	char first;
	char last;
	size_t len;
};

static int scan_char(struct scan *scan, char c)
{
	if (c == '/' ? scan->last == '/' : !char_ok(c))
		return -EINVAL;
	if (!scan->len)
		scan->first = c;
	scan->last = c;
	scan->len++;
	return scan->len > XENSTORE_ABS_PATH_MAX ? -ENAMETOOLONG : 0;
}

static int scan_part(struct scan *scan, const char *part)
{
	int ret = 0;

	while (!ret && *part)
		ret = scan_char(scan, *part++);
	return ret;
}

/* Is there a slash to put between the two? */
static bool joined(const char *dir, const char *node)
{
	return dir && *dir && node && *node && strcmp(dir, "/");
}

/**
 * xenpv_store_path_len() - length of the path of a node
 * @dir: its directory, may be empty or NULL
 * @node: its name there, may be empty or NULL
 *
 * Context: Any.
 * Return: the length without a NUL, or -EINVAL or -ENAMETOOLONG if no node can be
 * called so.
 */
ssize_t xenpv_store_path_len(const char *dir, const char *node)
{
	struct scan scan = { };
	int ret;

	ret = scan_part(&scan, dir ?: "");
	if (!ret && joined(dir, node))
		ret = scan_char(&scan, '/');
	if (!ret)
		ret = scan_part(&scan, node ?: "");
	if (ret)
		return ret;

	if (!scan.len || (scan.len > 1 && scan.last == '/'))
		return -EINVAL;
	if (scan.first != '/' && scan.len > XENSTORE_REL_PATH_MAX)
		return -ENAMETOOLONG;
	return scan.len;
}

static char *put_part(char *to, const char *part)
{
	while (part && *part)
		*to++ = *part++;
	return to;
}

/**
 * xenpv_store_path_put() - write the path of a node
 * @to: room for xenpv_store_path_len() bytes and a NUL
 * @dir: its directory
 * @node: its name there
 *
 * Context: Any.
 */
void xenpv_store_path_put(char *to, const char *dir, const char *node)
{
	to = put_part(to, dir);
	if (joined(dir, node))
		*to++ = '/';
	to = put_part(to, node);
	*to = '\0';
}

/**
 * xenpv_store_path() - the path of a node
 * @dir: its directory, may be empty or NULL
 * @node: its name there, may be empty or NULL
 *
 * Context: Process.
 * Return: the path, to be given to kfree(); or an ERR_PTR() if no node can be
 * called so.
 */
char *xenpv_store_path(const char *dir, const char *node)
{
	ssize_t len = xenpv_store_path_len(dir, node);
	char *path;

	if (len < 0)
		return ERR_PTR(len);
	path = kmalloc(len + 1, GFP_NOIO);
	if (!path)
		return ERR_PTR(-ENOMEM);
	xenpv_store_path_put(path, dir, node);
	return path;
}
EXPORT_SYMBOL_NS_GPL(xenpv_store_path, "XENPV");

/**
 * xenpv_store_path_below() - is a path another one, or below it?
 * @path: the path
 * @top: the other one
 *
 * Context: Any.
 * Return: true if so.
 */
bool xenpv_store_path_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (strncmp(path, top, len))
		return false;
	return !path[len] || path[len] == '/' || !strcmp(top, "/");
}

/**
 * xenpv_store_name_ok() - can an entry of a directory be called so?
 * @name: the name
 *
 * Context: Any.
 * Return: true if it can.
 */
bool xenpv_store_name_ok(const char *name)
{
	size_t len = 0;

	while (name[len] && char_ok(name[len]))
		len++;
	return len && !name[len] && len <= XENSTORE_ABS_PATH_MAX;
}
