// SPDX-License-Identifier: GPL-2.0-only
/* KUnit replay of XSA-485: what Xen says of itself has no end where one is expected. */

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../../fake/fake.h"
#include "../private.h"

/* What Xen answers. */
static struct {
	long id_len;
	long id_len_later;
	unsigned int id_calls;
	long error;
	bool no_end;
} xen;

static u8 id_byte(unsigned int i)
{
	/* Not text: zeros among them, the first one early. */
	return i % 7 == 2 ? 0 : 0x80 + i % 100;
}

static long version_build_id(struct xen_build_id *id)
{
	long len;

	if (!id)
		return xen.id_len;
	xen.id_calls++;
	if (xen.id_len_later < 0)
		return xen.id_len_later;
	/* Xen looks at the room that it was told. */
	if (id->len < xen.id_len_later)
		return xen.id_len_later > xen.id_len ? xen.id_len_later : -ENOBUFS;
	len = xen.id_len_later;
	for (long i = 0; i < len; i++)
		id->buf[i] = id_byte(i);
	return len;
}

/* Arrays that are full, or end early. */
static void fill(void *at, size_t size)
{
	memset(at, xen.no_end ? 'x' : 0, size);
	if (!xen.no_end)
		memcpy(at, "text", 4);
}

static long answer(unsigned long cmd, unsigned long arg, unsigned long a3,
		   unsigned long a4, unsigned long a5)
{
	struct xen_compile_info *info = (void *)arg;

	if (xen.error)
		return xen.error;
	switch (cmd) {
	case XENVER_build_id:
		return version_build_id((void *)arg);
	case XENVER_extraversion:
		fill(info, sizeof(struct xen_extraversion));
		return 0;
	case XENVER_compile_info:
		fill(info->compiler, sizeof(info->compiler));
		fill(info->compile_by, sizeof(info->compile_by));
		fill(info->compile_domain, sizeof(info->compile_domain));
		fill(info->compile_date, sizeof(info->compile_date));
		return 0;
	case XENVER_capabilities:
		fill(info, sizeof(struct xen_capabilities_info));
		return 0;
	case XENVER_changeset:
		fill(info, sizeof(struct xen_changeset_info));
		return 0;
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_pagesize:
		return PAGE_SIZE;
	case XENVER_platform_parameters:
	case XENVER_guest_handle:
		return 0;
	default:
		return -ENOSYS;
	}
}

/* What follows the page, and must stay as it is. */
#define BEHIND	256
static char *page;

static int xsa_485_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_xen_version, answer);
	memset(&xen, 0, sizeof(xen));
	/* As sysfs has it: of its own, at the start of a page. */
	page = (char *)__get_free_pages(GFP_KERNEL, 1);
	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page, 0x5a, PAGE_SIZE + BEHIND);
	return 0;
}

static void xsa_485_exit(struct kunit *test)
{
	if (!page)
		return;
	KUNIT_EXPECT_NULL(test, memchr_inv(page + PAGE_SIZE, 0x5a, BEHIND));
	free_pages((unsigned long)page, 1);
	page = NULL;
}

static void build_id_of_every_length(struct kunit *test)
{
	static const long lengths[] = { 0, 1, 2, 3, 19, 20, 21, 4094, 4095, 4096 };

	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		long len = lengths[i];

		xen.id_len = len;
		xen.id_len_later = len;
		memset(page, 0x5a, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), len);
		for (long j = 0; j < len; j++)
			KUNIT_EXPECT_EQ(test, (u8)page[j], id_byte(j));
		KUNIT_EXPECT_NULL(test, memchr_inv(page + len, 0x5a, PAGE_SIZE - len));
	}
}

static void build_id_larger_than_a_page(struct kunit *test)
{
	static const long lengths[] = { 4097, 8192, 65536, INT_MAX };

	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		xen.id_len = lengths[i];
		xen.id_len_later = lengths[i];
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), -ENOSPC);
	}
	KUNIT_EXPECT_EQ(test, xen.id_calls, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0x5a, PAGE_SIZE));
}

/* It says one thing first and another one then. */
static void build_id_that_changes(struct kunit *test)
{
	xen.id_len = 20;
	xen.id_len_later = 10;
	KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), 10);
	KUNIT_EXPECT_NULL(test, memchr_inv(page + 10, 0x5a, PAGE_SIZE - 10));
	memset(page, 0x5a, PAGE_SIZE);
	xen.id_len_later = 3000;
	KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), -ENOSPC);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0x5a, PAGE_SIZE));
	xen.id_len_later = -EPERM;
	KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), -EPERM);
}

static void build_id_errors(struct kunit *test)
{
	xen.id_len = -ENODATA;
	KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), -ENODATA);
	xen.id_len = -EPERM;
	KUNIT_EXPECT_EQ(test, xenpv_sysfs_build_id(page), 8);
	KUNIT_EXPECT_EQ(test, memcmp(page, "<denied>", 8), 0);
}

static const struct {
	const char *name;
	size_t size;
} texts[] = {
	{ "version/extra", sizeof_field(struct xen_extraversion, extraversion) },
	{ "compilation/compiler", sizeof_field(struct xen_compile_info, compiler) },
	{ "compilation/compiled_by", sizeof_field(struct xen_compile_info, compile_by) },
	{ "compilation/compile_date", sizeof_field(struct xen_compile_info, compile_date) },
	{ "properties/capabilities", sizeof_field(struct xen_capabilities_info, info) },
	{ "properties/changeset", sizeof_field(struct xen_changeset_info, info) },
};

static void texts_without_an_end(struct kunit *test)
{
	xen.no_end = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct xenpv_sysfs_fact *fact = xenpv_sysfs_find(texts[i].name);
		size_t size = texts[i].size;

		KUNIT_ASSERT_NOT_NULL(test, fact);
		memset(page, 0x5a, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, fact->show(page), size + 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(page, 'x', size));
		KUNIT_EXPECT_EQ(test, page[size], '\n');
		KUNIT_EXPECT_EQ(test, page[size + 1], 0x5a);
	}
}

static void texts_with_an_end(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_find(texts[i].name)->show(page), 5);
		KUNIT_EXPECT_EQ(test, memcmp(page, "text\n", 5), 0);
	}
}

static void errors_are_passed_on(struct kunit *test)
{
	static const char * const names[] = {
		"uuid", "version/major", "version/minor", "properties/virtual_start",
		"properties/pagesize", "properties/buildid",
	};

	xen.error = -ENOSYS;
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++)
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_find(texts[i].name)->show(page), -ENOSYS);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_find(names[i])->show(page), -ENOSYS);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0x5a, PAGE_SIZE));
}

static void text_of_every_size(struct kunit *test)
{
	static char text[2 * PAGE_SIZE];

	memset(text, 'y', sizeof(text));
	for (size_t size = 0; size <= sizeof(text); size += size < 20 ? 1 : 509) {
		size_t len = min(size, PAGE_SIZE - 1);

		memset(page, 0x5a, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, xenpv_sysfs_text(page, text, size), len + 1);
		KUNIT_EXPECT_EQ(test, page[len], '\n');
	}
}

static struct kunit_case xsa_485_cases[] = {
	KUNIT_CASE(build_id_of_every_length),
	KUNIT_CASE(build_id_larger_than_a_page),
	KUNIT_CASE(build_id_that_changes),
	KUNIT_CASE(build_id_errors),
	KUNIT_CASE(texts_without_an_end),
	KUNIT_CASE(texts_with_an_end),
	KUNIT_CASE(errors_are_passed_on),
	KUNIT_CASE(text_of_every_size),
	{}
};

static struct kunit_suite xsa_485_suite = {
	.name = "xsa_485",
	.init = xsa_485_init,
	.exit = xsa_485_exit,
	.test_cases = xsa_485_cases,
};
kunit_test_suites(&xsa_485_suite);
