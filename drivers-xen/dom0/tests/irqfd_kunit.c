// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of eventfds that raise interrupts: whose, how often, and until when. */

#include <kunit/static_stub.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xen/interface/hvm/dm_op.h>
#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "fds.h"

#define SIZE	40

/* What reached Xen, which writes back into the operation. */
static struct {
	unsigned int calls;
	unsigned long nr;
	unsigned long dom;
	unsigned long bufs;
	unsigned long size;
	u8 op[SIZE];
	long answer;
} xen;

static u8 op[SIZE];
static int fd;

static long user_call(unsigned long nr, const unsigned long *args)
{
	const struct xen_dm_op_buf *buf = (const void *)args[2];
	u8 *bytes;

	xen.calls++;
	xen.nr = nr;
	xen.dom = args[0];
	xen.bufs = args[1];
	xen.size = buf->size;
	bytes = (u8 *)*(unsigned long *)&buf->h;
	memcpy(xen.op, bytes, SIZE);
	memset(bytes, 0xee, SIZE);
	return xen.answer;
}

static int irqfd_init(struct kunit *test)
{
	fds_start(test);
	kunit_activate_static_stub(test, xenpv_hypercall_user, user_call);
	memset(&xen, 0, sizeof(xen));
	for (unsigned int i = 0; i < SIZE; i++)
		op[i] = i * 3;
	if (copy_to_user((void __user *)fds_memory(), op, SIZE))
		return -EFAULT;
	fd = fds_eventfd(test);
	return 0;
}

static struct privcmd_irqfd wish(void)
{
	return (struct privcmd_irqfd){
		.dm_op = fds_memory(), .size = SIZE, .fd = fd, .dom = TARGET,
	};
}

static long ask(const struct privcmd_irqfd *irqfd)
{
	return fds_ioctl(IOCTL_PRIVCMD_IRQFD, irqfd, sizeof(*irqfd));
}

static long assign(void)
{
	struct privcmd_irqfd irqfd = wish();

	return ask(&irqfd);
}

static long deassign(domid_t dom)
{
	struct privcmd_irqfd irqfd = wish();

	irqfd.flags = PRIVCMD_IRQFD_FLAG_DEASSIGN;
	irqfd.dom = dom;
	return ask(&irqfd);
}

/* What the worker does, if it was asked to. */
static bool work(void)
{
	struct work_struct *later = fds_later();

	if (later)
		xenpv_privcmd_inject(later);
	return later;
}

static void writes_raise_interrupts(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, assign(), 0);
	KUNIT_EXPECT_FALSE(test, work());
	for (unsigned int i = 1; i < 10; i++) {
		fds_signal(fd);
		KUNIT_EXPECT_TRUE(test, work());
		KUNIT_EXPECT_EQ(test, xen.calls, i);
		KUNIT_EXPECT_EQ(test, xen.nr, __HYPERVISOR_dm_op);
		KUNIT_EXPECT_EQ(test, xen.dom, TARGET);
		KUNIT_EXPECT_EQ(test, xen.bufs, 1);
		KUNIT_EXPECT_EQ(test, xen.size, SIZE);
		/* The same each time, whatever Xen and the program did to it. */
		KUNIT_EXPECT_EQ(test, memcmp(xen.op, op, SIZE), 0);
		KUNIT_EXPECT_EQ(test, clear_user((void __user *)fds_memory(), SIZE), 0);
		KUNIT_EXPECT_FALSE(test, work());
		KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
	}
	KUNIT_EXPECT_EQ(test, deassign(TARGET), 0);
	fds_signal(fd);
	KUNIT_EXPECT_FALSE(test, work());
	KUNIT_EXPECT_EQ(test, fds_count(fd), 1);
}

static void many_writes_are_one(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, assign(), 0);
	for (unsigned int i = 0; i < 100; i++)
		fds_signal(fd);
	KUNIT_EXPECT_TRUE(test, work());
	KUNIT_EXPECT_FALSE(test, work());
	KUNIT_EXPECT_EQ(test, xen.calls, 1);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
}

static void written_before_counts(struct kunit *test)
{
	fds_signal(fd);
	KUNIT_ASSERT_EQ(test, assign(), 0);
	KUNIT_EXPECT_TRUE(test, work());
	KUNIT_EXPECT_EQ(test, xen.calls, 1);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
}

/* The file reaches the guest no more, so nobody does through it. */
static void restricted_later(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, assign(), 0);
	fds_signal(fd);
	KUNIT_EXPECT_EQ(test, fds_restrict(OTHER), 0);
	KUNIT_EXPECT_TRUE(test, work());
	fds_signal(fd);
	KUNIT_EXPECT_TRUE(test, work());
	KUNIT_EXPECT_EQ(test, xen.calls, 0);
	KUNIT_EXPECT_EQ(test, assign(), -EPERM);
	KUNIT_EXPECT_EQ(test, deassign(TARGET), -EPERM);
}

static void restricted_before(struct kunit *test)
{
	struct privcmd_irqfd irqfd = wish();

	KUNIT_EXPECT_EQ(test, fds_restrict(TARGET), 0);
	irqfd.dom = OTHER;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EPERM);
	irqfd.dom = DOMID_SELF;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EPERM);
	KUNIT_EXPECT_EQ(test, assign(), 0);
	fds_signal(fd);
	KUNIT_EXPECT_TRUE(test, work());
	KUNIT_EXPECT_EQ(test, xen.dom, TARGET);
}

static void refused_and_tried_again(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, assign(), 0);
	xen.answer = -ESRCH;
	for (unsigned int i = 0; i < 5; i++) {
		fds_signal(fd);
		KUNIT_EXPECT_TRUE(test, work());
	}
	KUNIT_EXPECT_EQ(test, xen.calls, 5);
}

static void wrong_requests(struct kunit *test)
{
	struct privcmd_irqfd irqfd = wish();

	irqfd.flags = 2;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EINVAL);
	irqfd = wish();
	irqfd.size = 0;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EINVAL);
	irqfd.size = 257;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EINVAL);
	irqfd.size = U32_MAX;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EINVAL);
	irqfd = wish();
	irqfd.dm_op = 8;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EFAULT);
	irqfd.dm_op = (unsigned long)op;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EFAULT);
	irqfd = wish();
	irqfd.fd = U32_MAX;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EBADF);
	irqfd.flags = PRIVCMD_IRQFD_FLAG_DEASSIGN;
	KUNIT_EXPECT_EQ(test, ask(&irqfd), -EBADF);
	KUNIT_EXPECT_EQ(test, xenpv_privcmd_irqfd(fds_file(), (void __user *)8), -EFAULT);
	KUNIT_EXPECT_EQ(test, deassign(TARGET), -ENOENT);
	KUNIT_EXPECT_EQ(test, assign(), 0);
	KUNIT_EXPECT_EQ(test, assign(), -EBUSY);
	KUNIT_EXPECT_EQ(test, deassign(OTHER), -ENOENT);
	KUNIT_EXPECT_EQ(test, deassign(TARGET), 0);
	KUNIT_EXPECT_EQ(test, deassign(TARGET), -ENOENT);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 0);
	fds_file()->nr_fds = XENPV_PRIVCMD_FDS;
	KUNIT_EXPECT_EQ(test, assign(), -ENOSPC);
	fds_file()->nr_fds = 0;
	KUNIT_EXPECT_EQ(test, assign(), 0);
}

/* An eventfd that nobody has any more takes no place. */
static void closed_ones_make_room(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, assign(), 0);
	fds_signal(fd);
	fds_shut(fd);
	/* What was written is still done. */
	KUNIT_EXPECT_TRUE(test, work());
	KUNIT_EXPECT_EQ(test, xen.calls, 1);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 1);
	fd = fds_eventfd(test);
	KUNIT_EXPECT_EQ(test, assign(), 0);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 1);
	fds_signal(fd);
	KUNIT_EXPECT_TRUE(test, work());
	/* The file goes first: a write raises nothing. */
	fds_close();
	fds_signal(fd);
	KUNIT_EXPECT_FALSE(test, work());
	KUNIT_EXPECT_EQ(test, xen.calls, 2);
}

static struct kunit_case irqfd_cases[] = {
	KUNIT_CASE(writes_raise_interrupts),
	KUNIT_CASE(many_writes_are_one),
	KUNIT_CASE(written_before_counts),
	KUNIT_CASE(restricted_later),
	KUNIT_CASE(restricted_before),
	KUNIT_CASE(refused_and_tried_again),
	KUNIT_CASE(wrong_requests),
	KUNIT_CASE(closed_ones_make_room),
	{}
};

static struct kunit_suite irqfd_suite = {
	.name = "xenpv_privcmd_irqfd",
	.init = irqfd_init,
	.test_cases = irqfd_cases,
};
kunit_test_suites(&irqfd_suite);
