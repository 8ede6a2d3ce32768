// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a daemon in a domain of its own: what it is given, when, and by whom not. */

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/grant.h>
#include <xenpv/store_user.h>
#include "room.h"
#include "../user.h"

/* What Xen was asked for, and how it answers. */
static struct {
	evtchn_port_t next_port;
	domid_t port_for;
	unsigned int opened;
	unsigned int closed;
	evtchn_port_t last_closed;
	int open_error;
	grant_ref_t ref;
	domid_t lent_to;
	struct page *lent;
	unsigned int grants;
	int grant_error;
} xen;

/* An event is its port here; nobody looks into it. */
static struct xenpv_event *open_port(domid_t domid, evtchn_port_t *port)
{
	if (xen.open_error)
		return ERR_PTR(xen.open_error);
	xen.opened++;
	xen.port_for = domid;
	*port = xen.next_port++;
	return (struct xenpv_event *)(unsigned long)*port;
}

static void close_port(struct xenpv_event *event)
{
	xen.closed++;
	xen.last_closed = (unsigned long)event;
}

static int lend(grant_ref_t ref, domid_t peer, struct page *page)
{
	if (xen.grant_error)
		return xen.grant_error;
	xen.grants++;
	xen.ref = ref;
	xen.lent_to = peer;
	xen.lent = page;
	return 0;
}

static void end(void *unused)
{
	xenpv_store_detach();
	xenpv_fake_store_page(NULL);
	xenpv_store_unlocal();
}

static struct xenstore_domain_interface *page_of(void)
{
	return xenpv_store_kva();
}

static int far_init(struct kunit *test)
{
	memset(&xen, 0, sizeof(xen));
	xen.next_port = 11;
	store_test_start(test, false);
	kunit_activate_static_stub(test, xenpv_store_open_port, open_port);
	kunit_activate_static_stub(test, xenpv_store_close_port, close_port);
	kunit_activate_static_stub(test, xenpv_grant_reserved, lend);
	KUNIT_ASSERT_EQ(test, xenpv_store_local(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, xenpv_store_kva());
	xenpv_fake_store_page(page_of());
	KUNIT_ASSERT_EQ(test, xenpv_store_port(), 11);
	KUNIT_ASSERT_EQ(test, xen.port_for, DOMID_SELF);
	return 0;
}

static void comes_up(struct kunit *test)
{
	xenpv_store_heard();
	store_test_settle();
	KUNIT_EXPECT_TRUE(test, xenpv_store_is_up());
	KUNIT_EXPECT_EQ(test, xenpv_store_write(NULL, "x", "", "1"), 0);
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/x"), "1");
}

static void is_given_page_and_port(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), 12);
	KUNIT_EXPECT_EQ(test, xen.port_for, 5);
	KUNIT_EXPECT_EQ(test, xen.ref, GNTTAB_RESERVED_XENSTORE);
	KUNIT_EXPECT_EQ(test, xen.lent_to, 5);
	KUNIT_EXPECT_PTR_EQ(test, xen.lent, virt_to_page(xenpv_store_kva()));
	KUNIT_EXPECT_EQ(test, xenpv_store_port(), 12);
	/* That of a daemon of this domain is gone. */
	KUNIT_EXPECT_EQ(test, xen.last_closed, 11);
	/* It is one from its first event on. */
	store_test_settle();
	KUNIT_EXPECT_FALSE(test, xenpv_store_is_up());
	comes_up(test);
	KUNIT_EXPECT_EQ(test, xen.grants, 1);
	KUNIT_EXPECT_EQ(test, xen.opened - xen.closed, 1);
}

/* Watches and requests of ours would be lost. */
static void not_after_one_was_heard(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_store_lend(5), 12);
	comes_up(test);
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), -EEXIST);
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(6), -EEXIST);
	xenpv_store_daemon_went();
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(6), -EEXIST);
	KUNIT_EXPECT_EQ(test, xen.opened, 2);
	KUNIT_EXPECT_EQ(test, xen.lent_to, 5);
	KUNIT_EXPECT_EQ(test, xenpv_store_port(), 12);
}

/* The first domain did not come up.  Nothing that it left on the page is believed. */
static void another_domain_before_that(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_store_lend(5), 12);
	page_of()->rsp_prod = 77;
	page_of()->req_cons = 5;
	memset(page_of()->rsp, 0xee, XENSTORE_RING_SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(6), 13);
	KUNIT_EXPECT_EQ(test, xen.last_closed, 12);
	KUNIT_EXPECT_EQ(test, xen.lent_to, 6);
	KUNIT_EXPECT_EQ(test, page_of()->rsp_prod, 0);
	KUNIT_EXPECT_EQ(test, page_of()->req_cons, 0);
	comes_up(test);
	KUNIT_EXPECT_NULL(test, xenpv_store_why_broken());
}

/* Whatever fails, all is as before. */
static void failures_change_nothing(struct kunit *test)
{
	static const int errors[] = { -ENOMEM, -ENOSPC, -ESRCH };

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		xen.open_error = errors[i];
		KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), errors[i]);
		KUNIT_EXPECT_EQ(test, xen.grants, 0);
	}
	xen.open_error = 0;
	xen.grant_error = -EBUSY;
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), -EBUSY);
	/* The port that was opened for it is closed, the other one is not. */
	KUNIT_EXPECT_EQ(test, xen.last_closed, 12);
	KUNIT_EXPECT_EQ(test, xen.closed, 1);
	KUNIT_EXPECT_EQ(test, xenpv_store_port(), 11);
	/* And a program of this domain can still be the daemon. */
	xenpv_store_daemon_came(false);
	comes_up(test);
}

static void only_a_domain(struct kunit *test)
{
	static const u32 none[] = { DOMID_FIRST_RESERVED, DOMID_SELF, DOMID_IO, DOMID_XEN,
				    DOMID_INVALID, DOMID_IDLE, U16_MAX };

	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++)
		KUNIT_EXPECT_EQ(test, xenpv_store_lend(none[i]), -EINVAL);
	KUNIT_EXPECT_EQ(test, xen.opened, 1);
	KUNIT_EXPECT_EQ(test, xen.grants, 0);
}

static int map_page(struct file *file, struct vm_area_struct *vma)
{
	return xenpv_store_mmap(vma);
}

static const struct file_operations map_fops = {
	.mmap = map_page,
};

static void close_file(void *file)
{
	__fput_sync(file);
}

/* One page, one daemon: the program that maps it, or the domain that it was lent to. */
static void one_daemon_only(struct kunit *test)
{
	struct file *file = anon_inode_getfile("[xsd]", &map_fops, NULL, O_RDWR);
	unsigned long at;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_file, file), 0);
	at = kunit_vm_mmap(test, file, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), -EEXIST);
	KUNIT_EXPECT_EQ(test, vm_munmap(at, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, xenpv_store_lend(5), 12);
	at = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	KUNIT_EXPECT_EQ(test, (long)at, -EBUSY);
	comes_up(test);
	at = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	KUNIT_EXPECT_EQ(test, (long)at, -EBUSY);
}

static struct kunit_case far_cases[] = {
	KUNIT_CASE(is_given_page_and_port),
	KUNIT_CASE(not_after_one_was_heard),
	KUNIT_CASE(another_domain_before_that),
	KUNIT_CASE(failures_change_nothing),
	KUNIT_CASE(only_a_domain),
	KUNIT_CASE(one_daemon_only),
	{}
};

static struct kunit_suite far_suite = {
	.name = "xenpv_store_far",
	.init = far_init,
	.test_cases = far_cases,
};
kunit_test_suite(far_suite);

MODULE_DESCRIPTION("Tests of a store in a domain of its own");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
