/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_STORE_MODEL_H
#define _XENPV_FAKE_STORE_MODEL_H

/* What fake_store.c (the wire) and fake_store_tree.c (the tree) share. */

#include <linux/list.h>

#include "fake_store.h"

#define STORE_PERMS	64

/**
 * struct store_node - a node
 * @list: in its tree
 * @path: its whole path
 * @hash: of that
 * @value: its value, @len bytes
 * @len: bytes in @value
 * @perms: texts of its permissions, @perms_len bytes
 * @perms_len: bytes in @perms
 * @shut: the client may not change it
 * @generation: changes with its children
 */
struct store_node {
	struct list_head list;
	char *path;
	u32 hash;
	char *value;
	u32 len;
	char perms[STORE_PERMS];
	u32 perms_len;
	bool shut;
	u64 generation;
};

/**
 * struct store_tree - a tree as of some moment
 * @nodes: all of it
 * @nr: how many
 * @changes: of this tree, ever
 */
struct store_tree {
	struct list_head nodes;
	unsigned int nr;
	u64 changes;
};

void store_tree_init(struct store_tree *tree);
void store_tree_free(struct store_tree *tree);
int store_tree_copy(struct store_tree *to, const struct store_tree *from);
struct store_node *store_tree_find(const struct store_tree *tree, const char *path);
int store_tree_write(struct store_tree *tree, const char *path, const char *value, u32 len,
		     bool create_only);
int store_tree_remove(struct store_tree *tree, const char *path);
u32 store_tree_names(const struct store_tree *tree, const char *path, char *to, u32 room);

#endif /* _XENPV_FAKE_STORE_MODEL_H */
