// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of requests that signal eventfds: which do, and who gets all others. */

#include <kunit/static_stub.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/virtio_mmio.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xen/interface/hvm/ioreq.h>
#include <xenpv/event.h>
#include "../../fake/fake.h"
#include "fds.h"

#define VCPUS	4
#define FIRST	100
#define BAD	666
#define BASE	0xfeb00000ULL
#define NOTIFY	(BASE + VIRTIO_MMIO_QUEUE_NOTIFY)

/* What becomes of events. */
static struct {
	struct xenpv_event_tap *taps[VCPUS];
	unsigned int nr_taps;
	unsigned int notified;
	unsigned int ours;
	unsigned int given;
	int error;
} ports;

static int fd;

static int tap_port(struct xenpv_event_tap *tap, evtchn_port_t port, domid_t peer)
{
	unsigned int i = port - FIRST;

	if (port == BAD || peer != TARGET || i >= VCPUS)
		return -EINVAL;
	if (ports.taps[i])
		return -EBUSY;
	ports.taps[i] = tap;
	tap->up = (void *)1UL;
	ports.nr_taps++;
	return 0;
}

static void untap(struct xenpv_event_tap *tap)
{
	for (unsigned int i = 0; i < VCPUS; i++) {
		if (ports.taps[i] != tap)
			continue;
		ports.taps[i] = NULL;
		ports.nr_taps--;
	}
}

static void notify(struct xenpv_event_tap *tap)
{
	ports.notified++;
}

static void done(struct xenpv_event_tap *tap, bool ours)
{
	ports.ours += ours;
	ports.given += !ours;
}

static struct ioreq __user *slot(unsigned int vcpu)
{
	return (struct ioreq __user *)fds_memory() + vcpu;
}

static u32 __user *port_list(void)
{
	return (u32 __user *)(fds_memory() + PAGE_SIZE);
}

static int ioeventfd_init(struct kunit *test)
{
	memset(&ports, 0, sizeof(ports));
	fds_start(test);
	kunit_activate_static_stub(test, xenpv_event_tap_port, tap_port);
	kunit_activate_static_stub(test, xenpv_event_untap, untap);
	kunit_activate_static_stub(test, xenpv_event_tap_notify, notify);
	kunit_activate_static_stub(test, xenpv_event_tap_done, done);
	for (unsigned int i = 0; i < VCPUS; i++)
		if (put_user(FIRST + i, port_list() + i))
			return -EFAULT;
	fd = fds_eventfd(test);
	return 0;
}

static struct privcmd_ioeventfd wish(void)
{
	return (struct privcmd_ioeventfd){
		.ioreq = fds_memory(), .ports = (unsigned long)port_list(), .addr = BASE,
		.addr_len = 4, .event_fd = fd, .vcpus = VCPUS, .vq = 3, .dom = TARGET,
	};
}

static long ask(const struct privcmd_ioeventfd *io)
{
	return fds_ioctl(IOCTL_PRIVCMD_IOEVENTFD, io, sizeof(*io));
}

static long assign(void)
{
	struct privcmd_ioeventfd io = wish();

	return ask(&io);
}

static long deassign(int number)
{
	struct privcmd_ioeventfd io = wish();

	io.flags = PRIVCMD_IOEVENTFD_FLAG_DEASSIGN;
	io.event_fd = number;
	return ask(&io);
}

static struct ioreq request(void)
{
	return (struct ioreq){
		.addr = NOTIFY, .data = 3, .count = 1, .size = 4, .vp_eport = 77,
		.state = STATE_IOREQ_READY, .dir = IOREQ_WRITE, .df = 1, .type = IOREQ_TYPE_COPY,
	};
}

/* A request comes, and the worker looks; the slot afterwards. */
static struct ioreq come(struct kunit *test, unsigned int vcpu, const struct ioreq *req)
{
	struct ioreq after = { };
	struct work_struct *work;

	KUNIT_EXPECT_EQ(test, copy_to_user(slot(vcpu), req, sizeof(*req)), 0);
	KUNIT_ASSERT_NOT_NULL(test, ports.taps[vcpu]);
	ports.taps[vcpu]->look(ports.taps[vcpu]);
	work = fds_later();
	KUNIT_ASSERT_NOT_NULL(test, work);
	xenpv_privcmd_serve(work);
	KUNIT_EXPECT_EQ(test, copy_from_user(&after, slot(vcpu), sizeof(after)), 0);
	return after;
}

static void expect_given(struct kunit *test, const struct ioreq *req)
{
	unsigned int given = ports.given, ours = ports.ours;
	struct ioreq after = come(test, 1, req);

	KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
	KUNIT_EXPECT_EQ(test, ports.given, given + 1);
	KUNIT_EXPECT_EQ(test, ports.ours, ours);
	KUNIT_EXPECT_EQ(test, memcmp(req, &after, sizeof(after)), 0);
}

static void a_queue_was_filled(struct kunit *test)
{
	struct ioreq req = request(), after;

	KUNIT_ASSERT_EQ(test, assign(), 0);
	KUNIT_EXPECT_EQ(test, ports.nr_taps, VCPUS);
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++) {
		after = come(test, vcpu, &req);
		KUNIT_EXPECT_EQ(test, fds_count(fd), 1);
		KUNIT_EXPECT_EQ(test, ports.ours, vcpu + 1);
		KUNIT_EXPECT_EQ(test, ports.notified, vcpu + 1);
		KUNIT_EXPECT_EQ(test, (u8)after.state, STATE_IORESP_READY);
		/* Nothing else in the slot has changed. */
		after.state = STATE_IOREQ_READY;
		KUNIT_EXPECT_EQ(test, memcmp(&req, &after, sizeof(req)), 0);
	}
	KUNIT_EXPECT_EQ(test, ports.given, 0);
	/* Only the number of the queue counts. */
	req.data = 0xdead0003;
	come(test, 0, &req);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 1);
}

static void all_else_is_the_programs(struct kunit *test)
{
	struct ioreq req;

	KUNIT_ASSERT_EQ(test, assign(), 0);
	for (unsigned int state = 0; state < 16; state++) {
		req = request();
		req.state = state;
		if (state != STATE_IOREQ_READY)
			expect_given(test, &req);
	}
	for (unsigned int type = 0; type < 256; type++) {
		req = request();
		req.type = type;
		if (type != IOREQ_TYPE_COPY)
			expect_given(test, &req);
	}
	req = request();
	req.dir = IOREQ_READ;
	expect_given(test, &req);
	req = request();
	req.data_is_ptr = 1;
	expect_given(test, &req);
	req = request();
	req.addr = BASE;
	expect_given(test, &req);
	req.addr = NOTIFY + 4;
	expect_given(test, &req);
	req.addr = NOTIFY + BIT_ULL(32);
	expect_given(test, &req);
	req = request();
	for (unsigned int size = 0; size < 9; size++) {
		req.size = size;
		if (size != 4)
			expect_given(test, &req);
	}
	req = request();
	req.data = 2;
	expect_given(test, &req);
	req.data = 0x30000;
	expect_given(test, &req);
	KUNIT_EXPECT_EQ(test, ports.notified, 0);
}

/* What cannot be read or answered is the program's business. */
static void the_page_is_gone(struct kunit *test)
{
	struct privcmd_ioeventfd io = wish();
	struct ioreq req = request();
	unsigned long at;

	at = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(at));
	io.ioreq = at;
	KUNIT_ASSERT_EQ(test, ask(&io), 0);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)at, &req, sizeof(req)), 0);
	KUNIT_EXPECT_EQ(test, vm_munmap(at, PAGE_SIZE), 0);
	ports.taps[0]->look(ports.taps[0]);
	xenpv_privcmd_serve(fds_later());
	KUNIT_EXPECT_EQ(test, ports.given, 1);
	KUNIT_EXPECT_EQ(test, ports.ours, 0);
	KUNIT_EXPECT_EQ(test, ports.notified, 0);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
}

/* Each event is looked at once, and no slot without one. */
static void only_those_with_an_event(struct kunit *test)
{
	struct ioreq req = request();

	KUNIT_ASSERT_EQ(test, assign(), 0);
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++)
		KUNIT_ASSERT_EQ(test, copy_to_user(slot(vcpu), &req, sizeof(req)), 0);
	ports.taps[1]->look(ports.taps[1]);
	ports.taps[3]->look(ports.taps[3]);
	ports.taps[3]->look(ports.taps[3]);
	xenpv_privcmd_serve(fds_later());
	KUNIT_EXPECT_EQ(test, ports.ours, 2);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 2);
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++) {
		KUNIT_ASSERT_EQ(test, copy_from_user(&req, slot(vcpu), sizeof(req)), 0);
		KUNIT_EXPECT_EQ(test, (u8)req.state,
				vcpu & 1 ? STATE_IORESP_READY : STATE_IOREQ_READY);
	}
}

static void restricted_later(struct kunit *test)
{
	struct ioreq req = request();

	KUNIT_ASSERT_EQ(test, assign(), 0);
	KUNIT_EXPECT_EQ(test, fds_restrict(OTHER), 0);
	expect_given(test, &req);
	KUNIT_EXPECT_EQ(test, assign(), -EPERM);
	KUNIT_EXPECT_EQ(test, deassign(fd), -EPERM);
}

static void several_for_the_same_slots(struct kunit *test)
{
	struct privcmd_ioeventfd io = wish();
	int other = fds_eventfd(test);
	struct ioreq req = request();

	KUNIT_ASSERT_EQ(test, assign(), 0);
	KUNIT_EXPECT_EQ(test, assign(), -EBUSY);
	io.event_fd = other;
	KUNIT_EXPECT_EQ(test, ask(&io), -EBUSY);
	io.vq = 4;
	/* The ports are known already. */
	io.ports = 8;
	KUNIT_EXPECT_EQ(test, ask(&io), 0);
	KUNIT_EXPECT_EQ(test, ports.nr_taps, VCPUS);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 2);
	req.data = 4;
	come(test, 0, &req);
	KUNIT_EXPECT_EQ(test, fds_count(fd), 0);
	KUNIT_EXPECT_EQ(test, fds_count(other), 1);
	KUNIT_EXPECT_EQ(test, deassign(other), -ENODEV);
	KUNIT_EXPECT_EQ(test, deassign(fd), 0);
	KUNIT_EXPECT_EQ(test, deassign(fd), -ENODEV);
	KUNIT_EXPECT_EQ(test, ports.nr_taps, VCPUS);
	io.flags = PRIVCMD_IOEVENTFD_FLAG_DEASSIGN;
	KUNIT_EXPECT_EQ(test, ask(&io), 0);
	/* With the last one the program has its ports for itself. */
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 0);
	/* Another guest with the same slots, or another number of vCPUs, can't be. */
	KUNIT_ASSERT_EQ(test, assign(), 0);
	io = wish();
	io.vq = 9;
	io.dom = OTHER;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io.dom = TARGET;
	io.vcpus = VCPUS - 1;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	fds_close();
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
}

/* Ports that are not the program's, or lead to others: none of them is tapped. */
static void wrong_ports(struct kunit *test)
{
	struct privcmd_ioeventfd io = wish();

	for (unsigned int i = 0; i < VCPUS; i++) {
		KUNIT_ASSERT_EQ(test, put_user(BAD, port_list() + i), 0);
		KUNIT_EXPECT_EQ(test, assign(), -EINVAL);
		KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
		KUNIT_ASSERT_EQ(test, put_user(FIRST + i, port_list() + i), 0);
	}
	KUNIT_ASSERT_EQ(test, put_user(FIRST, port_list() + 3), 0);
	KUNIT_EXPECT_EQ(test, assign(), -EBUSY);
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
	KUNIT_ASSERT_EQ(test, put_user(FIRST + 3, port_list() + 3), 0);
	io.dom = OTHER;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io = wish();
	io.ports = 8;
	KUNIT_EXPECT_EQ(test, ask(&io), -EFAULT);
	io = wish();
	io.event_fd = U32_MAX;
	KUNIT_EXPECT_EQ(test, ask(&io), -EBADF);
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
	KUNIT_EXPECT_EQ(test, fds_file()->nr_fds, 0);
	KUNIT_EXPECT_EQ(test, assign(), 0);
}

static void wrong_requests(struct kunit *test)
{
	static const u32 lens[] = { 0, 3, 5, 7, 9, 16, U32_MAX };
	struct privcmd_ioeventfd io;

	for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
		io = wish();
		io.addr_len = lens[i];
		KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	}
	io = wish();
	io.flags = 2;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io = wish();
	io.vcpus = 0;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io.vcpus = 4097;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io = wish();
	io.vq = 0x10003;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io = wish();
	io.addr = U64_MAX - VIRTIO_MMIO_QUEUE_NOTIFY;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io = wish();
	io.ioreq += 4;
	KUNIT_EXPECT_EQ(test, ask(&io), -EINVAL);
	io.ioreq = (unsigned long)&ports & ~7UL;
	KUNIT_EXPECT_EQ(test, ask(&io), -EFAULT);
	KUNIT_EXPECT_EQ(test, xenpv_privcmd_ioeventfd(fds_file(), (void __user *)8), -EFAULT);
	KUNIT_EXPECT_EQ(test, deassign(fd), -ENODEV);
	fds_file()->nr_fds = XENPV_PRIVCMD_FDS;
	KUNIT_EXPECT_EQ(test, assign(), -ENOSPC);
	fds_file()->nr_fds = 0;
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
}

/* While the stubs still stand for event channels. */
static void ioeventfd_exit(struct kunit *test)
{
	fds_close();
	KUNIT_EXPECT_EQ(test, ports.nr_taps, 0);
}

static struct kunit_case ioeventfd_cases[] = {
	KUNIT_CASE(a_queue_was_filled),
	KUNIT_CASE(all_else_is_the_programs),
	KUNIT_CASE(the_page_is_gone),
	KUNIT_CASE(only_those_with_an_event),
	KUNIT_CASE(restricted_later),
	KUNIT_CASE(several_for_the_same_slots),
	KUNIT_CASE(wrong_ports),
	KUNIT_CASE(wrong_requests),
	{}
};

static struct kunit_suite ioeventfd_suite = {
	.name = "xenpv_privcmd_ioeventfd",
	.init = ioeventfd_init,
	.exit = ioeventfd_exit,
	.test_cases = ioeventfd_cases,
};
kunit_test_suites(&ioeventfd_suite);
