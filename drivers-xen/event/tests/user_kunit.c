// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of /dev/xen/evtchn: what a program may bind, hears, and has to say. */

#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/evtchn.h>
#include <xenpv/event.h>
#include "harness.h"
#include "program.h"
#include "../user.h"

#define OTHER	8

/* A program with a file, and a page of memory. */
static struct file *file;
static unsigned long memory;

static int user_init(struct kunit *test)
{
	file = program_start(test, &memory);
	return 0;
}

static long ask(unsigned int cmd, unsigned long arg)
{
	return xenpv_event_user_fops.unlocked_ioctl(file, cmd, arg);
}

static long do_ioctl(unsigned int cmd, const void *arg, size_t size)
{
	if (copy_to_user((void __user *)memory, arg, size))
		return -EFAULT;
	return xenpv_event_user_fops.unlocked_ioctl(file, cmd, memory);
}

static long bind_unbound(unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port bind = { .remote_domain = domid };

	return do_ioctl(IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind, sizeof(bind));
}

static long bind_interdomain(unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_bind_interdomain bind = { domid, port };

	return do_ioctl(IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind, sizeof(bind));
}

static long bind_virq(unsigned int virq)
{
	struct ioctl_evtchn_bind_virq bind = { virq };

	return do_ioctl(IOCTL_EVTCHN_BIND_VIRQ, &bind, sizeof(bind));
}

static long bind_static(unsigned int port)
{
	struct ioctl_evtchn_bind bind = { port };

	return do_ioctl(IOCTL_EVTCHN_BIND_STATIC, &bind, sizeof(bind));
}

static long unbind(unsigned int port)
{
	struct ioctl_evtchn_unbind unbind = { port };

	return do_ioctl(IOCTL_EVTCHN_UNBIND, &unbind, sizeof(unbind));
}

static long notify(unsigned int port)
{
	struct ioctl_evtchn_notify notify = { port };

	return do_ioctl(IOCTL_EVTCHN_NOTIFY, &notify, sizeof(notify));
}

static long restrict_to(domid_t domid)
{
	struct ioctl_evtchn_restrict_domid restrict_domid = { domid };

	return do_ioctl(IOCTL_EVTCHN_RESTRICT_DOMID, &restrict_domid, sizeof(restrict_domid));
}

static ssize_t read_ports(evtchn_port_t *ports, size_t bytes)
{
	ssize_t n = xenpv_event_user_fops.read(file, (char __user *)memory, bytes, NULL);

	if (n > 0 && copy_from_user(ports, (void __user *)memory, n))
		return -EFAULT;
	return n;
}

static ssize_t write_port(evtchn_port_t port)
{
	if (copy_to_user((void __user *)memory, &port, sizeof(port)))
		return -EFAULT;
	return xenpv_event_user_fops.write(file, (const char __user *)memory, sizeof(port), NULL);
}

static bool readable(void)
{
	return xenpv_event_user_fops.poll(file, NULL) & EPOLLIN;
}

/* A port that a peer can send through, with nothing pending. */
static evtchn_port_t connected(struct kunit *test)
{
	long port = bind_unbound(PEER);

	KUNIT_ASSERT_GT(test, port, 0);
	KUNIT_ASSERT_EQ(test, xenpv_fake_event_connect(port, 33), 0);
	event_test_settle();
	return port;
}

static void send(evtchn_port_t port)
{
	xenpv_fake_event_send(port);
	event_test_settle();
}

static void event_is_read_once(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	KUNIT_EXPECT_FALSE(test, readable());
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
	send(port);
	KUNIT_EXPECT_TRUE(test, readable());
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	KUNIT_EXPECT_EQ(test, got[0], port);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
}

/* However often the peer sends: nothing comes before the port is written. */
static void silent_until_written(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	for (unsigned int i = 0; i < 1000; i++)
		send(port);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	send(port);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, write_port(port), sizeof(port));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	KUNIT_EXPECT_EQ(test, write_port(port), sizeof(port));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
}

/* A port that is written without having been read does not get into the list again. */
static void never_twice_in_the_list(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	for (unsigned int i = 0; i < 10; i++) {
		send(port);
		KUNIT_EXPECT_EQ(test, write_port(port), sizeof(port));
	}
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
}

static void read_in_order(struct kunit *test)
{
	evtchn_port_t ports[8], got[8];

	for (unsigned int i = 0; i < 8; i++)
		ports[i] = connected(test);
	for (unsigned int i = 0; i < 8; i++)
		send(ports[7 - i]);
	/* What is no whole port is left. */
	KUNIT_EXPECT_EQ(test, read_ports(got, 3), 0);
	KUNIT_EXPECT_EQ(test, read_ports(got, 3 * sizeof(*got) + 3), 3 * sizeof(*got));
	KUNIT_EXPECT_EQ(test, read_ports(got + 3, sizeof(got)), 5 * sizeof(*got));
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, got[i], ports[7 - i]);
}

static void unreadable_memory_loses_nothing(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	send(port);
	KUNIT_EXPECT_EQ(test, xenpv_event_user_fops.read(file, (char __user *)8, 4, NULL),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	KUNIT_EXPECT_EQ(test, got[0], port);
	KUNIT_EXPECT_EQ(test, xenpv_event_user_fops.write(file, (char __user *)8, 4, NULL),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_EVTCHN_BIND_VIRQ, 8), -EFAULT);
}

static void unbind_forgets(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	send(port);
	KUNIT_EXPECT_EQ(test, unbind(port), 0);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	KUNIT_EXPECT_EQ(test, unbind(port), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, notify(port), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, unbind(UINT_MAX), -EINVAL);
	/* Others' ports are nothing to write; nor is it an error. */
	KUNIT_EXPECT_EQ(test, write_port(port), sizeof(port));
}

static void close_unbinds_all(struct kunit *test)
{
	for (unsigned int i = 0; i < 50; i++)
		send(connected(test));
	xenpv_event_user_fops.release(NULL, file);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	KUNIT_ASSERT_EQ(test, xenpv_event_user_fops.open(NULL, file), 0);
}

static void reset_forgets_events(struct kunit *test)
{
	evtchn_port_t port = connected(test), got[4];

	send(port);
	KUNIT_EXPECT_EQ(test, do_ioctl(IOCTL_EVTCHN_RESET, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
	send(port);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), -EAGAIN);
	write_port(port);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
}

static void notify_sends(struct kunit *test)
{
	evtchn_port_t port = connected(test);

	KUNIT_EXPECT_EQ(test, notify(port), 0);
	KUNIT_EXPECT_EQ(test, notify(port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), 2);
}

static void restricted_for_ever(struct kunit *test)
{
	evtchn_port_t before = connected(test);

	xenpv_fake_event_offer(PEER, 5);
	xenpv_fake_event_offer(OTHER, 6);
	KUNIT_EXPECT_EQ(test, restrict_to(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_SELF), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(PEER), 0);
	KUNIT_EXPECT_EQ(test, restrict_to(OTHER), -EACCES);
	KUNIT_EXPECT_EQ(test, restrict_to(PEER), -EACCES);
	KUNIT_EXPECT_EQ(test, bind_unbound(OTHER), -EACCES);
	KUNIT_EXPECT_EQ(test, bind_interdomain(OTHER, 6), -EACCES);
	KUNIT_EXPECT_EQ(test, bind_interdomain(PEER + 0x10000, 5), -EINVAL);
	KUNIT_EXPECT_EQ(test, bind_virq(VIRQ_CONSOLE), -EACCES);
	KUNIT_EXPECT_EQ(test, bind_static(before), -EISCONN);
	KUNIT_EXPECT_EQ(test, bind_static(before + 1), -EACCES);
	KUNIT_EXPECT_GT(test, bind_interdomain(PEER, 5), 0);
	KUNIT_EXPECT_GT(test, bind_unbound(PEER), 0);
	/* What was bound before goes on. */
	KUNIT_EXPECT_EQ(test, notify(before), 0);
	KUNIT_EXPECT_EQ(test, unbind(before), 0);
}

static void static_port_stays_open(struct kunit *test)
{
	evtchn_port_t port = xenpv_fake_event_connected(PEER, 44), got[4];
	long mine = bind_unbound(PEER);

	KUNIT_EXPECT_EQ(test, bind_static(port), 0);
	KUNIT_EXPECT_EQ(test, bind_static(port), -EISCONN);
	event_test_settle();
	while (read_ports(got, sizeof(got)) > 0)
		write_port(got[0]);
	send(port);
	KUNIT_EXPECT_EQ(test, read_ports(got, sizeof(got)), sizeof(*got));
	KUNIT_EXPECT_EQ(test, got[0], port);
	KUNIT_EXPECT_EQ(test, unbind(port), 0);
	KUNIT_EXPECT_EQ(test, bind_static(port), 0);
	/* One without another end, and none at all. */
	KUNIT_EXPECT_EQ(test, unbind(mine), 0);
	KUNIT_EXPECT_LT(test, bind_static(mine), 0);
	KUNIT_EXPECT_LT(test, bind_static(UINT_MAX), 0);
	KUNIT_EXPECT_EQ(test, unbind(port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);
}

/* The kernel's own ports are not for programs. */
static void port_of_the_kernel(struct kunit *test)
{
	struct channel ch;

	KUNIT_ASSERT_TRUE(test, event_test_bind(&ch, 0, false));
	KUNIT_EXPECT_EQ(test, bind_static(ch.port), -EEXIST);
	KUNIT_EXPECT_EQ(test, xenpv_event_hold_port(ch.port), -EINVAL);
	send(ch.port);
	KUNIT_EXPECT_GT(test, ch.calls, 0);
	event_test_unbind(&ch);
}

/* Who has been promised an event gets it, also when the file is closed first. */
static void held_port_outlives_its_file(struct kunit *test)
{
	evtchn_port_t port = connected(test);

	KUNIT_EXPECT_EQ(test, xenpv_event_hold_port(port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_event_hold_port(port), 0);
	KUNIT_EXPECT_EQ(test, unbind(port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);
	KUNIT_EXPECT_EQ(test, xenpv_event_hold_port(port), -EINVAL);
	KUNIT_EXPECT_NE(test, bind_unbound(PEER), port);
	xenpv_event_release_port(port, true);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), 1);
	xenpv_event_release_port(port, false);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);

	port = connected(test);
	KUNIT_EXPECT_EQ(test, xenpv_event_hold_port(port), 0);
	xenpv_event_release_port(port, false);
	KUNIT_EXPECT_EQ(test, unbind(port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);
}

static void wrong_requests(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, do_ioctl(0x1234, NULL, 0), -ENOSYS);
	KUNIT_EXPECT_EQ(test, bind_unbound(0x10000 + PEER), -EINVAL);
	KUNIT_EXPECT_LT(test, bind_interdomain(PEER, 77), 0);
	KUNIT_EXPECT_LT(test, bind_virq(NR_VIRQS), 0);
	KUNIT_EXPECT_GT(test, bind_virq(VIRQ_CONSOLE), 0);
	KUNIT_EXPECT_EQ(test, bind_virq(VIRQ_CONSOLE), -EEXIST);
}

/* Any hypercall may fail: nothing stays behind. */
static void failures_leave_nothing(struct kunit *test)
{
	for (unsigned int nth = 1; nth < 8; nth++) {
		long port;

		xenpv_fake_fail_at(nth, -ENOMEM);
		port = bind_unbound(PEER);
		xenpv_fake_fail_at(0, 0);
		if (port > 0)
			KUNIT_EXPECT_EQ(test, unbind(port), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	}
}

static struct kunit_case user_cases[] = {
	KUNIT_CASE(event_is_read_once),
	KUNIT_CASE(silent_until_written),
	KUNIT_CASE(never_twice_in_the_list),
	KUNIT_CASE(read_in_order),
	KUNIT_CASE(unreadable_memory_loses_nothing),
	KUNIT_CASE(unbind_forgets),
	KUNIT_CASE(close_unbinds_all),
	KUNIT_CASE(reset_forgets_events),
	KUNIT_CASE(notify_sends),
	KUNIT_CASE(restricted_for_ever),
	KUNIT_CASE(static_port_stays_open),
	KUNIT_CASE(port_of_the_kernel),
	KUNIT_CASE(held_port_outlives_its_file),
	KUNIT_CASE(wrong_requests),
	KUNIT_CASE(failures_leave_nothing),
	{}
};

static struct kunit_suite user_suite = {
	.name = "xenpv_event_user",
	.init = user_init,
	.test_cases = user_cases,
};
kunit_test_suites(&user_suite);
