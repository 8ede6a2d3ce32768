// SPDX-License-Identifier: GPL-2.0-only
/* Tests of paths: which can be, how two parts are joined, what is below what. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../private.h"

static void joined(struct kunit *test)
{
	static const struct {
		const char *dir, *node, *path;
	} cases[] = {
		{ "/a", "b", "/a/b" }, { "/a", "b/c", "/a/b/c" }, { "/", "b", "/b" },
		{ "", "b", "b" }, { NULL, "b", "b" }, { "a", "", "a" }, { "a", NULL, "a" },
		{ "/", "", "/" }, { "device/vif", "0", "device/vif/0" },
		{ "", "@releaseDomain", "@releaseDomain" },
	};
	char path[32];

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ(test, xenpv_store_path_len(cases[i].dir, cases[i].node),
				strlen(cases[i].path));
		xenpv_store_path_put(path, cases[i].dir, cases[i].node);
		KUNIT_EXPECT_STREQ(test, path, cases[i].path);
	}
}

static void impossible(struct kunit *test)
{
	static const struct {
		const char *dir, *node;
	} cases[] = {
		{ "", "" }, { NULL, NULL }, { "/a/", "" }, { "/a/", "b" }, { "/a", "/b" },
		{ "/a", "b/" }, { "//", "" }, { "/a//b", "" }, { "/a b", "c" }, { "a", "b\n" },
		{ "a", "b\xc3\xa4" }, { "a", "../b" }, { "a", "b%s" }, { "a\t", "b" },
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ(test, xenpv_store_path_len(cases[i].dir, cases[i].node), -EINVAL);
}

/* Whole and relative paths have limits of their own; the joint counts. */
static void long_paths(struct kunit *test)
{
	char *text = kunit_kzalloc(test, XENSTORE_ABS_PATH_MAX + 2, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'x', XENSTORE_ABS_PATH_MAX + 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, ""), -ENAMETOOLONG);
	text[0] = '/';
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, ""), -ENAMETOOLONG);
	text[XENSTORE_ABS_PATH_MAX] = '\0';
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, ""), XENSTORE_ABS_PATH_MAX);
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, "x"), -ENAMETOOLONG);
	text[XENSTORE_ABS_PATH_MAX - 2] = '\0';
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, "x"), XENSTORE_ABS_PATH_MAX);
	text[0] = 'x';
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, "x"), -ENAMETOOLONG);
	text[XENSTORE_REL_PATH_MAX] = '\0';
	KUNIT_EXPECT_EQ(test, xenpv_store_path_len(text, ""), XENSTORE_REL_PATH_MAX);
}

static void below(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, xenpv_store_path_below("/a/b", "/a/b"));
	KUNIT_EXPECT_TRUE(test, xenpv_store_path_below("/a/b/c", "/a/b"));
	KUNIT_EXPECT_TRUE(test, xenpv_store_path_below("/a", "/"));
	KUNIT_EXPECT_TRUE(test, xenpv_store_path_below("@releaseDomain/7", "@releaseDomain"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_path_below("/a/bc", "/a/b"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_path_below("/a", "/a/b"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_path_below("a", "/"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_path_below("", "/a"));
}

static void names(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, xenpv_store_name_ok("ring-ref0"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_name_ok(""));
	KUNIT_EXPECT_FALSE(test, xenpv_store_name_ok("a/b"));
	KUNIT_EXPECT_FALSE(test, xenpv_store_name_ok("a b"));
}

/* What is put never differs from what was measured. */
static void random_parts(struct kunit *test)
{
	static const char alphabet[] = "ab/-_@. ";
	struct rnd_state rnd;
	char dir[8], node[8], path[24];

	prandom_seed_state(&rnd, 5);
	for (unsigned int i = 0; i < 100000; i++) {
		u32 dir_len = prandom_u32_state(&rnd) % 8, node_len = prandom_u32_state(&rnd) % 8;
		ssize_t len;

		for (u32 j = 0; j < dir_len; j++)
			dir[j] = alphabet[prandom_u32_state(&rnd) % 8];
		for (u32 j = 0; j < node_len; j++)
			node[j] = alphabet[prandom_u32_state(&rnd) % 8];
		dir[dir_len] = '\0';
		node[node_len] = '\0';
		len = xenpv_store_path_len(dir, node);
		if (len < 0)
			continue;
		xenpv_store_path_put(path, dir, node);
		KUNIT_ASSERT_EQ(test, strlen(path), len);
		KUNIT_ASSERT_NULL(test, strstr(path, "//"));
		KUNIT_ASSERT_EQ(test, xenpv_store_path_len(path, NULL), len);
	}
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE(joined),
	KUNIT_CASE(impossible),
	KUNIT_CASE(long_paths),
	KUNIT_CASE(below),
	KUNIT_CASE(names),
	KUNIT_CASE(random_parts),
	{}
};

static struct kunit_suite path_suite = {
	.name = "xenpv_store_path",
	.test_cases = path_cases,
};
kunit_test_suite(path_suite);

MODULE_DESCRIPTION("Tests of the store's paths");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
