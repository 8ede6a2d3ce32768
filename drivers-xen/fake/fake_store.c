// SPDX-License-Identifier: GPL-2.0-only
/* The fake xenstored: messages on the page, what they ask for, and lies. */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store_model.h"

/* Bytes that can wait to be written. */
#define OUT_SIZE	SZ_1M
#define NAMES_SIZE	SZ_256K

/**
 * struct store_txn - a transaction
 * @list: of the daemon's
 * @id: its number
 * @start: changes of the tree at its start
 * @tree: as it sees it
 * @changed: paths, each with its NUL, that it has changed
 * @changed_len: bytes of them
 */
struct store_txn {
	struct list_head list;
	u32 id;
	u64 start;
	struct store_tree tree;
	char *changed;
	size_t changed_len;
};

/**
 * struct store_watch - a watch
 * @list: of the daemon's
 * @path: the whole path
 * @given: as the client gave it, the same if that was whole
 * @token: as the client gave it
 */
struct store_watch {
	struct list_head list;
	char *path;
	char *given;
	char *token;
};

struct xenpv_fake_store_limits xenpv_fake_store_limits;

static struct {
	struct xenstore_domain_interface *page;
	struct xenstore_domain_interface *own;
	struct store_tree tree;
	struct list_head txns;
	struct list_head watches;
	u32 last_txn;
	struct xsd_sockmsg head;
	char in[XENSTORE_PAYLOAD_MAX + 1];
	u32 in_done;
	char *out;
	size_t out_start;
	size_t out_end;
	char *names;
	char *scratch;
	bool hold;
	bool event;
	bool can_reconnect;
	unsigned int piece;
	xenpv_fake_store_lie_fn lie;
	void *lie_arg;
	bool (*on_request)(const struct xsd_sockmsg *head, const char *body);
	unsigned int asked[XS_TYPE_COUNT];
	unsigned int violations;
} store;

/* What is said. */

void xenpv_fake_store_raw(const void *bytes, size_t len)
{
	if (store.out_start == store.out_end) {
		store.out_start = 0;
		store.out_end = 0;
	}
	if (store.out_end + len > OUT_SIZE) {
		store.violations++;
		return;
	}
	memcpy(store.out + store.out_end, bytes, len);
	store.out_end += len;
}

void xenpv_fake_store_say(u32 type, u32 req_id, u32 tx_id, const void *body, u32 len)
{
	struct xsd_sockmsg head = {
		.type = type, .req_id = req_id, .tx_id = tx_id, .len = len,
	};

	memset(store.scratch, 'x', 2 * XENSTORE_PAYLOAD_MAX);
	memcpy(store.scratch, body, len);
	if (store.lie && !store.lie(&head, store.scratch, store.lie_arg))
		return;
	xenpv_fake_store_raw(&head, sizeof(head));
	xenpv_fake_store_raw(store.scratch, min_t(u32, head.len, 2 * XENSTORE_PAYLOAD_MAX));
}

static void answer(const void *body, u32 len)
{
	xenpv_fake_store_say(store.head.type, store.head.req_id, store.head.tx_id, body, len);
}

static void answer_errno(int error)
{
	const char *name = "EINVAL";

	for (unsigned int i = 0; i < ARRAY_SIZE(xsd_errors); i++) {
		if (xsd_errors[i].errnum == -error)
			name = xsd_errors[i].errstring;
	}
	if (error)
		xenpv_fake_store_say(XS_ERROR, store.head.req_id, store.head.tx_id, name,
				     strlen(name) + 1);
	else
		answer("OK", 3);
}

/* Watches. */

static void say_event(const struct store_watch *watch, const char *path)
{
	char *body = store.names;
	size_t len;

	/* What the client named relatively it is told relatively. */
	if (watch->given[0] != '/' && watch->given[0] != '@')
		path += strlen(XENPV_FAKE_STORE_HOME) + 1;
	len = strlen(path) + 1;
	memcpy(body, path, len);
	memcpy(body + len, watch->token, strlen(watch->token) + 1);
	xenpv_fake_store_say(XS_WATCH_EVENT, 0, 0, body, len + strlen(watch->token) + 1);
}

static void fire(const char *path)
{
	struct store_watch *watch;

	list_for_each_entry(watch, &store.watches, list) {
		size_t len = strlen(watch->path);

		if (!strcmp(watch->path, "/") ||
		    (!strncmp(path, watch->path, len) && (!path[len] || path[len] == '/')))
			say_event(watch, path);
	}
}

/* Who watches below what is removed is told, too. */
static void fire_removed(const char *path)
{
	size_t len = strlen(path);
	struct store_watch *watch;

	fire(path);
	list_for_each_entry(watch, &store.watches, list) {
		if (!strncmp(watch->path, path, len) && watch->path[len] == '/')
			say_event(watch, watch->path);
	}
}

static void watch_free(struct store_watch *watch)
{
	list_del(&watch->list);
	kfree(watch->path);
	kfree(watch->given);
	kfree(watch->token);
	kfree(watch);
}

static struct store_watch *watch_find(const char *given, const char *token)
{
	struct store_watch *watch;

	list_for_each_entry(watch, &store.watches, list) {
		if (!strcmp(watch->given, given) && !strcmp(watch->token, token))
			return watch;
	}
	return NULL;
}

static void forget_watches(void)
{
	struct store_watch *watch, *next;

	list_for_each_entry_safe(watch, next, &store.watches, list)
		watch_free(watch);
}

/* Transactions. */

static void txn_free(struct store_txn *txn)
{
	list_del(&txn->list);
	store_tree_free(&txn->tree);
	kfree(txn->changed);
	kfree(txn);
}

static void forget_txns(void)
{
	struct store_txn *txn, *next;

	list_for_each_entry_safe(txn, next, &store.txns, list)
		txn_free(txn);
}

static struct store_txn *txn_find(u32 id)
{
	struct store_txn *txn;

	list_for_each_entry(txn, &store.txns, list) {
		if (txn->id == id)
			return txn;
	}
	return NULL;
}

static int txn_start(void)
{
	struct store_txn *txn;
	char text[16];

	if (list_count_nodes(&store.txns) >= xenpv_fake_store_limits.txns)
		return -ENOSPC;
	txn = kzalloc_obj(*txn);
	if (!txn || store_tree_copy(&txn->tree, &store.tree))
		return -ENOMEM;
	txn->start = store.tree.changes;
	txn->id = ++store.last_txn;
	list_add(&txn->list, &store.txns);
	answer(text, scnprintf(text, sizeof(text), "%u", txn->id) + 1);
	return 1;
}

static int txn_end(struct store_txn *txn)
{
	bool commit = !strcmp(store.in, "T");
	int ret = 0;

	if (!txn)
		return -ENOENT;
	if (!commit && strcmp(store.in, "F"))
		return -EINVAL;
	if (commit && txn->start != store.tree.changes) {
		ret = -EAGAIN;
	} else if (commit) {
		store_tree_free(&store.tree);
		store_tree_copy(&store.tree, &txn->tree);
		store.tree.changes++;
		for (size_t at = 0; at < txn->changed_len; at += strlen(txn->changed + at) + 1)
			fire_removed(txn->changed + at);
	}
	txn_free(txn);
	return ret;
}

/* @path has changed, in @txn or for all. */
static void touched(struct store_txn *txn, const char *path)
{
	size_t len = strlen(path) + 1;
	char *all;

	if (!txn) {
		fire_removed(path);
		return;
	}
	all = krealloc(txn->changed, txn->changed_len + len, GFP_KERNEL);
	if (!all)
		return;
	memcpy(all + txn->changed_len, path, len);
	txn->changed = all;
	txn->changed_len += len;
}

/* Requests. */

/* As the specification has it; shares nothing with the client. */
static bool path_valid(const char *path)
{
	size_t len = strlen(path);

	if (!len || strstr(path, "//") || (len > 1 && path[len - 1] == '/') ||
	    len > (path[0] == '/' ? XENSTORE_ABS_PATH_MAX : XENSTORE_REL_PATH_MAX))
		return false;
	while (*path) {
		if (!isalnum(*path) && !strchr("-/_@", *path))
			return false;
		path++;
	}
	return true;
}

/* The whole path of what the request is about, to be freed; NULL if it is none. */
static char *whole(const char *path)
{
	if (!path_valid(path))
		return NULL;
	if (path[0] == '/' || path[0] == '@')
		return kstrdup(path, GFP_KERNEL);
	return kasprintf(GFP_KERNEL, "%s/%s", XENPV_FAKE_STORE_HOME, path);
}

static int do_read(struct store_tree *tree, const char *path)
{
	struct store_node *node = store_tree_find(tree, path);

	if (!node)
		return -ENOENT;
	answer(node->value, node->len);
	return 1;
}

static int do_directory(struct store_tree *tree, const char *path)
{
	u32 len = store_tree_names(tree, path, store.names, NAMES_SIZE);

	if (!store_tree_find(tree, path))
		return -ENOENT;
	if (len > xenpv_fake_store_limits.names)
		return -E2BIG;
	answer(store.names, len);
	return 1;
}

static int do_part(struct store_tree *tree, const char *path, const char *rest)
{
	struct store_node *node = store_tree_find(tree, path);
	u32 len = store_tree_names(tree, path, store.names, NAMES_SIZE), from, n, digits;
	char *body = store.names + NAMES_SIZE;

	if (!node)
		return -ENOENT;
	if (kstrtou32(rest, 10, &from) || from > len)
		return -EINVAL;
	digits = scnprintf(body, 24, "%llu", node->generation) + 1;
	n = min(len - from, xenpv_fake_store_limits.names - digits - 1);
	/* Whole names only. */
	while (n && from + n < len && store.names[from + n - 1])
		n--;
	memcpy(body + digits, store.names + from, n);
	if (from + n == len)
		body[digits + n++] = '\0';
	answer(body, digits + n);
	return 1;
}

static int do_change(struct store_tree *tree, struct store_txn *txn, const char *path,
		     const char *rest, u32 rest_len)
{
	struct store_node *node = store_tree_find(tree, path);
	int ret = 0;

	if (node && node->shut)
		return -EACCES;
	switch (store.head.type) {
	case XS_WRITE:
		ret = store_tree_write(tree, path, rest, rest_len, false);
		break;
	case XS_MKDIR:
		ret = store_tree_write(tree, path, "", 0, true);
		break;
	case XS_RM:
		ret = store_tree_remove(tree, path);
		break;
	case XS_SET_PERMS:
		if (!node)
			return -ENOENT;
		if (rest_len > STORE_PERMS)
			return -ENOSPC;
		memcpy(node->perms, rest, rest_len);
		node->perms_len = rest_len;
		tree->changes++;
		break;
	}
	if (!ret)
		touched(txn, path);
	return ret;
}

static int do_watch(const char *path, const char *token)
{
	struct store_watch *watch;

	if (watch_find(store.in, token))
		return -EEXIST;
	if (list_count_nodes(&store.watches) >= xenpv_fake_store_limits.watches)
		return -E2BIG;
	watch = kzalloc_obj(*watch);
	if (!watch)
		return -ENOMEM;
	watch->path = kstrdup(path, GFP_KERNEL);
	watch->given = kstrdup(store.in, GFP_KERNEL);
	watch->token = kstrdup(token, GFP_KERNEL);
	list_add_tail(&watch->list, &store.watches);
	answer_errno(0);
	say_event(watch, path);
	return 1;
}

static int do_unwatch(const char *token)
{
	struct store_watch *watch = watch_find(store.in, token);

	if (!watch)
		return -ENOENT;
	watch_free(watch);
	return 0;
}

/* What names no node; -ENOSYS for all else. */
static int serve_global(struct store_txn *txn)
{
	switch (store.head.type) {
	case XS_TRANSACTION_START:
		return txn ? -EBUSY : txn_start();
	case XS_TRANSACTION_END:
		return txn_end(txn);
	case XS_RESET_WATCHES:
		forget_watches();
		forget_txns();
		return 0;
	default:
		return -ENOSYS;
	}
}

static int serve_node(struct store_tree *tree, struct store_txn *txn, const char *path,
		      const char *rest, u32 rest_len)
{
	struct store_node *node;

	switch (store.head.type) {
	case XS_READ:
		return do_read(tree, path);
	case XS_DIRECTORY:
		return do_directory(tree, path);
	case XS_DIRECTORY_PART:
		return do_part(tree, path, rest);
	case XS_GET_PERMS:
		node = store_tree_find(tree, path);
		if (!node)
			return -ENOENT;
		answer(node->perms, node->perms_len);
		return 1;
	case XS_WATCH:
		return do_watch(path, rest);
	case XS_UNWATCH:
		return do_unwatch(rest);
	default:
		return do_change(tree, txn, path, rest, rest_len);
	}
}

static bool about_node(u32 type)
{
	return type == XS_READ || type == XS_DIRECTORY || type == XS_DIRECTORY_PART ||
	       type == XS_GET_PERMS || type == XS_WATCH || type == XS_UNWATCH ||
	       type == XS_WRITE || type == XS_MKDIR || type == XS_RM || type == XS_SET_PERMS;
}

/* Texts that do not end where the message does. */
static bool ill_formed(void)
{
	u32 len = store.head.len, type = store.head.type;
	size_t first = strnlen(store.in, len);

	if (first == len)
		return true;
	if (type == XS_WRITE)
		return false;
	if (type == XS_WATCH || type == XS_UNWATCH || type == XS_DIRECTORY_PART)
		return first + 1 + strlen(store.in + first + 1) + 1 != len;
	return type != XS_SET_PERMS ? first + 1 != len : store.in[len - 1];
}

static int serve_request(void)
{
	struct store_txn *txn = txn_find(store.head.tx_id);
	u32 first;
	char *path;
	int ret;

	if (store.head.tx_id && !txn)
		return -ENOENT;
	if (ill_formed()) {
		store.violations++;
		return -EINVAL;
	}
	if (!about_node(store.head.type))
		return serve_global(txn);
	path = whole(store.in);
	if (!path)
		return -EINVAL;
	first = strlen(store.in) + 1;
	ret = serve_node(txn ? &txn->tree : &store.tree, txn, path, store.in + first,
			 store.head.len - first);
	kfree(path);
	return ret;
}

static void request(void)
{
	int ret;

	store.in[store.head.len] = '\0';
	store.asked[store.head.type]++;
	if (store.on_request && !store.on_request(&store.head, store.in))
		return;
	ret = serve_request();
	if (ret <= 0)
		answer_errno(ret);
}

/* The page. */

static u32 chunk(u32 want)
{
	return store.piece ? min(want, store.piece) : want;
}

static u32 read_bytes(char *to, u32 len)
{
	struct xenstore_domain_interface *page = store.page;
	/* Their bytes after their index; pairs with the client's push. */
	u32 n = chunk(min(len, smp_load_acquire(&page->req_prod) - page->req_cons));

	for (u32 i = 0; i < n; i++)
		to[i] = page->req[MASK_XENSTORE_IDX(page->req_cons + i)];
	/* The room is theirs after we have read it; pairs with the client's push. */
	smp_store_release(&page->req_cons, page->req_cons + n);
	return n;
}

static bool read_some(void)
{
	const u32 head_len = sizeof(store.head);
	u32 n;

	if (store.in_done < head_len) {
		n = read_bytes((char *)&store.head + store.in_done, head_len - store.in_done);
		store.in_done += n;
		if (!n || store.in_done < head_len)
			return n;
		if (store.head.len > XENSTORE_PAYLOAD_MAX || store.head.type >= XS_TYPE_COUNT ||
		    store.head.type == XS_WATCH_EVENT || store.head.type == XS_ERROR) {
			store.violations++;
			store.in_done = 0;
			return true;
		}
	}
	n = read_bytes(store.in + (store.in_done - head_len),
		       head_len + store.head.len - store.in_done);
	store.in_done += n;
	if (store.in_done == head_len + store.head.len) {
		store.in_done = 0;
		request();
		return true;
	}
	return n;
}

static bool write_some(void)
{
	struct xenstore_domain_interface *page = store.page;
	/* Room after they have read it; pairs with the client's pull. */
	u32 room = XENSTORE_RING_SIZE - (page->rsp_prod - smp_load_acquire(&page->rsp_cons));
	u32 n = chunk(min_t(size_t, room, store.out_end - store.out_start));

	for (u32 i = 0; i < n; i++)
		page->rsp[MASK_XENSTORE_IDX(page->rsp_prod + i)] =
			store.out[store.out_start + i];
	store.out_start += n;
	/* Our bytes before our index; pairs with the client's pull. */
	smp_store_release(&page->rsp_prod, page->rsp_prod + n);
	return n;
}

static void begin(void)
{
	forget_watches();
	forget_txns();
	store.in_done = 0;
	store.out_start = 0;
	store.out_end = 0;
}

void xenpv_fake_store_serve(void)
{
	bool wrote, moved;

	if (store.hold || !store.page)
		return;
	if (store.can_reconnect && store.page->connection == XENSTORE_RECONNECT) {
		begin();
		store.page->req_cons = 0;
		store.page->req_prod = 0;
		store.page->rsp_cons = 0;
		store.page->rsp_prod = 0;
		/* The indices first; pairs with the client's look at the word. */
		smp_store_release(&store.page->connection, XENSTORE_CONNECTED);
		store.event = true;
		return;
	}
	do {
		moved = read_some();
		wrote = write_some();
		store.event |= moved | wrote;
	} while ((moved || wrote) && !(wrote && store.piece));
}

bool xenpv_fake_store_event(void)
{
	bool event = store.event;

	store.event = false;
	return event;
}

void xenpv_fake_store_hold(bool hold)
{
	store.hold = hold;
}

void xenpv_fake_store_piece(unsigned int bytes)
{
	store.piece = bytes;
}

void xenpv_fake_store_page(struct xenstore_domain_interface *page)
{
	begin();
	store.page = page ?: store.own;
}

void xenpv_fake_store_restart(void)
{
	begin();
}

void xenpv_fake_store_reconnects(bool can)
{
	store.can_reconnect = can;
	store.page->server_features = can ? XENSTORE_SERVER_FEATURE_RECONNECTION : 0;
}

void xenpv_fake_store_set(const char *path, const char *value)
{
	store_tree_write(&store.tree, path, value, strlen(value), false);
	fire(path);
}

void xenpv_fake_store_remove(const char *path)
{
	if (!store_tree_remove(&store.tree, path))
		fire_removed(path);
}

const char *xenpv_fake_store_value(const char *path)
{
	struct store_node *node = store_tree_find(&store.tree, path);
	size_t len = node ? node->len : 0;

	if (!node)
		return NULL;
	memcpy(store.names, node->value, len);
	store.names[len] = '\0';
	return store.names;
}

void xenpv_fake_store_protect(const char *path)
{
	struct store_node *node = store_tree_find(&store.tree, path);

	if (node)
		node->shut = true;
}

void xenpv_fake_store_lie(xenpv_fake_store_lie_fn fn, void *arg)
{
	store.lie = fn;
	store.lie_arg = arg;
}

void xenpv_fake_store_on_request(bool (*fn)(const struct xsd_sockmsg *head, const char *body))
{
	store.on_request = fn;
}

unsigned int xenpv_fake_store_watches(void)
{
	return list_count_nodes(&store.watches);
}

unsigned int xenpv_fake_store_txns(void)
{
	return list_count_nodes(&store.txns);
}

unsigned int xenpv_fake_store_asked(u32 type)
{
	return type < XS_TYPE_COUNT ? store.asked[type] : 0;
}

unsigned int xenpv_fake_store_violations(void)
{
	return store.violations;
}

size_t xenpv_fake_store_unsent(void)
{
	return store.out_end - store.out_start;
}

static void end(void *unused)
{
	begin();
	store_tree_free(&store.tree);
	free_page((unsigned long)store.own);
	kvfree(store.out);
	kvfree(store.names);
	kvfree(store.scratch);
	memset(&store, 0, sizeof(store));
}

struct xenstore_domain_interface *xenpv_fake_store_start(struct kunit *test)
{
	KUNIT_ASSERT_NULL(test, store.page);
	INIT_LIST_HEAD(&store.txns);
	INIT_LIST_HEAD(&store.watches);
	store_tree_init(&store.tree);
	store.own = (void *)get_zeroed_page(GFP_KERNEL);
	store.page = store.own;
	store.out = kvmalloc(OUT_SIZE, GFP_KERNEL);
	store.names = kvmalloc(NAMES_SIZE + 2 * XENSTORE_PAYLOAD_MAX, GFP_KERNEL);
	store.scratch = kvmalloc(2 * XENSTORE_PAYLOAD_MAX, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
	KUNIT_ASSERT_TRUE(test, store.page && store.out && store.names && store.scratch);
	xenpv_fake_store_limits = (struct xenpv_fake_store_limits) {
		.nodes = 10000, .watches = 2000, .txns = 10, .names = XENSTORE_PAYLOAD_MAX,
	};
	xenpv_fake_store_set(XENPV_FAKE_STORE_HOME, "");
	return store.page;
}
