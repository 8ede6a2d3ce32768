// SPDX-License-Identifier: GPL-2.0-only
/* The tree of the fake xenstored: a list of nodes, which is enough for tests. */

#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store_model.h"

void store_tree_init(struct store_tree *tree)
{
	INIT_LIST_HEAD(&tree->nodes);
	tree->nr = 0;
	tree->changes = 0;
}

static void node_free(struct store_node *node)
{
	list_del(&node->list);
	kfree(node->path);
	kfree(node->value);
	kfree(node);
}

void store_tree_free(struct store_tree *tree)
{
	struct store_node *node, *next;

	list_for_each_entry_safe(node, next, &tree->nodes, list)
		node_free(node);
	tree->nr = 0;
}

struct store_node *store_tree_find(const struct store_tree *tree, const char *path)
{
	u32 hash = jhash(path, strlen(path), 0);
	struct store_node *node;

	list_for_each_entry(node, &tree->nodes, list) {
		if (node->hash == hash && !strcmp(node->path, path))
			return node;
	}
	return NULL;
}

static struct store_node *node_add(struct store_tree *tree, const char *path)
{
	struct store_node *node = kzalloc_obj(*node);

	if (!node)
		return NULL;
	node->path = kstrdup(path, GFP_KERNEL);
	if (!node->path) {
		kfree(node);
		return NULL;
	}
	node->hash = jhash(path, strlen(path), 0);
	node->perms_len = scnprintf(node->perms, STORE_PERMS, "n%u", XENPV_FAKE_STORE_DOMID) + 1;
	node->generation = ++tree->changes;
	list_add_tail(&node->list, &tree->nodes);
	tree->nr++;
	return node;
}

int store_tree_copy(struct store_tree *to, const struct store_tree *from)
{
	struct store_node *node, *twin;

	store_tree_init(to);
	list_for_each_entry(node, &from->nodes, list) {
		twin = node_add(to, node->path);
		if (!twin)
			return -ENOMEM;
		twin->value = kmemdup(node->value, node->len, GFP_KERNEL);
		twin->len = node->len;
		memcpy(twin->perms, node->perms, STORE_PERMS);
		twin->perms_len = node->perms_len;
		twin->shut = node->shut;
		twin->generation = node->generation;
	}
	to->changes = from->changes;
	return 0;
}

/* Nodes on the way are made as well. */
static struct store_node *make(struct store_tree *tree, const char *path)
{
	struct store_node *node = store_tree_find(tree, path), *parent;
	char *up, *slash;

	if (node)
		return node;
	up = kstrdup(path, GFP_KERNEL);
	if (!up)
		return NULL;
	slash = strrchr(up, '/');
	if (slash && slash != up) {
		*slash = '\0';
		parent = make(tree, up);
		if (parent)
			parent->generation = ++tree->changes;
	}
	kfree(up);
	return node_add(tree, path);
}

int store_tree_write(struct store_tree *tree, const char *path, const char *value, u32 len,
		     bool create_only)
{
	struct store_node *node = store_tree_find(tree, path);

	if (node && create_only)
		return 0;
	if (!node && tree->nr >= xenpv_fake_store_limits.nodes)
		return -ENOSPC;
	node = make(tree, path);
	if (!node)
		return -ENOMEM;
	kfree(node->value);
	node->value = kmemdup(value, len, GFP_KERNEL);
	node->len = node->value ? len : 0;
	tree->changes++;
	return 0;
}

static bool inside(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(path, top, len) && (!path[len] || path[len] == '/');
}

int store_tree_remove(struct store_tree *tree, const char *path)
{
	struct store_node *node, *next;
	int found = -ENOENT;

	list_for_each_entry_safe(node, next, &tree->nodes, list) {
		if (!inside(node->path, path))
			continue;
		node_free(node);
		tree->nr--;
		found = 0;
	}
	tree->changes++;
	/* Whoever looks at the parent sees that it changed. */
	list_for_each_entry(node, &tree->nodes, list) {
		size_t len = strlen(node->path);

		if (!strncmp(node->path, path, len) && path[len] == '/' &&
		    !strchr(path + len + 1, '/'))
			node->generation = tree->changes;
	}
	return found;
}

/* The names below @path, each with its NUL; the bytes that they need. */
u32 store_tree_names(const struct store_tree *tree, const char *path, char *to, u32 room)
{
	size_t len = strcmp(path, "/") ? strlen(path) : 0;
	struct store_node *node;
	u32 need = 0;

	list_for_each_entry(node, &tree->nodes, list) {
		const char *name = node->path + len + 1;
		u32 size;

		if (strncmp(node->path, path, len) || node->path[len] != '/' || !*name ||
		    strchr(name, '/'))
			continue;
		size = strlen(name) + 1;
		if (need + size <= room)
			memcpy(to + need, name, size);
		need += size;
	}
	return need;
}
