// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of taps: who looks at a program's port, and who answers in the end. */

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
#define FAR	33

static struct file *file;
static unsigned long memory;

/**
 * struct looker - who taps
 * @tap: the tap
 * @looks: how often it was called
 */
struct looker {
	struct xenpv_event_tap tap;
	unsigned int looks;
};

static struct looker mine;
static evtchn_port_t port;

static void look(struct xenpv_event_tap *tap)
{
	container_of(tap, struct looker, tap)->looks++;
}

static long do_ioctl(unsigned int cmd, const void *arg, size_t size)
{
	if (copy_to_user((void __user *)memory, arg, size))
		return -EFAULT;
	return xenpv_event_user_fops.unlocked_ioctl(file, cmd, memory);
}

static long bind_interdomain(unsigned int domid, unsigned int number)
{
	struct ioctl_evtchn_bind_interdomain bind = { domid, number };

	return do_ioctl(IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind, sizeof(bind));
}

static long bind_unbound(unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port bind = { .remote_domain = domid };

	return do_ioctl(IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind, sizeof(bind));
}

static long unbind(unsigned int number)
{
	struct ioctl_evtchn_unbind unbind = { number };

	return do_ioctl(IOCTL_EVTCHN_UNBIND, &unbind, sizeof(unbind));
}

/* The next port that the program hears of, 0 if there is none. */
static evtchn_port_t heard(void)
{
	evtchn_port_t got = 0;
	ssize_t n = xenpv_event_user_fops.read(file, (char __user *)memory, sizeof(got), NULL);

	if (n != sizeof(got) || copy_from_user(&got, (void __user *)memory, sizeof(got)))
		return 0;
	return got;
}

static void answer(evtchn_port_t number)
{
	if (!copy_to_user((void __user *)memory, &number, sizeof(number)))
		xenpv_event_user_fops.write(file, (const char __user *)memory, sizeof(number),
					    NULL);
	event_test_settle();
}

static void send(void)
{
	xenpv_fake_event_send(port);
	event_test_settle();
}

static int tap_init(struct kunit *test)
{
	file = program_start(test, &memory);
	xenpv_fake_event_offer(PEER, FAR);
	port = bind_interdomain(PEER, FAR);
	KUNIT_ASSERT_GT(test, (int)port, 0);
	event_test_settle();
	while (heard())
		answer(port);
	mine = (struct looker){ .tap.look = look };
	return 0;
}

static void his_own_are_not_told(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_event_tap_port(&mine.tap, port, PEER), 0);
	for (unsigned int i = 1; i <= 20; i++) {
		send();
		KUNIT_EXPECT_EQ(test, mine.looks, i);
		/* Masked until he is done, however often the peer sends. */
		send();
		KUNIT_EXPECT_EQ(test, mine.looks, i);
		KUNIT_EXPECT_EQ(test, heard(), 0);
		xenpv_event_tap_notify(&mine.tap);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), i);
		xenpv_event_tap_done(&mine.tap, true);
		event_test_settle();
		/* That one which came meanwhile. */
		KUNIT_EXPECT_EQ(test, mine.looks, i + 1);
		xenpv_event_tap_done(&mine.tap, true);
		event_test_settle();
		mine.looks = i;
	}
	KUNIT_EXPECT_EQ(test, heard(), 0);
	xenpv_event_untap(&mine.tap);
	KUNIT_EXPECT_EQ(test, heard(), 0);
	send();
	KUNIT_EXPECT_EQ(test, heard(), port);
}

static void others_are_the_programs(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_event_tap_port(&mine.tap, port, PEER), 0);
	for (unsigned int i = 1; i <= 20; i++) {
		send();
		KUNIT_EXPECT_EQ(test, mine.looks, i);
		KUNIT_EXPECT_EQ(test, heard(), 0);
		xenpv_event_tap_done(&mine.tap, false);
		KUNIT_EXPECT_EQ(test, heard(), port);
		KUNIT_EXPECT_EQ(test, heard(), 0);
		/* From here on it is the program that is waited for. */
		send();
		KUNIT_EXPECT_EQ(test, mine.looks, i);
		answer(port);
		KUNIT_EXPECT_EQ(test, mine.looks, i + 1);
		xenpv_event_tap_done(&mine.tap, true);
		event_test_settle();
		mine.looks = i;
	}
	xenpv_event_untap(&mine.tap);
}

/* Who stops to look hands over what he has not answered. */
static void untapped_with_an_event(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_event_tap_port(&mine.tap, port, PEER), 0);
	send();
	KUNIT_EXPECT_EQ(test, mine.looks, 1);
	xenpv_event_untap(&mine.tap);
	KUNIT_EXPECT_EQ(test, heard(), port);
	/* Too late. */
	xenpv_event_tap_done(&mine.tap, true);
	xenpv_event_tap_notify(&mine.tap);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), 0);
	answer(port);
	send();
	KUNIT_EXPECT_EQ(test, mine.looks, 1);
	KUNIT_EXPECT_EQ(test, heard(), port);
	xenpv_event_untap(&mine.tap);
}

/* The port leaves its file at any time; the number may become another port's. */
static void port_goes_first(struct kunit *test)
{
	for (unsigned int closed = 0; closed < 2; closed++) {
		KUNIT_ASSERT_EQ(test, xenpv_event_tap_port(&mine.tap, port, PEER), 0);
		send();
		if (closed) {
			xenpv_event_user_fops.release(NULL, file);
			KUNIT_ASSERT_EQ(test, xenpv_event_user_fops.open(NULL, file), 0);
		} else {
			KUNIT_EXPECT_EQ(test, unbind(port), 0);
		}
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
		xenpv_fake_event_offer(PEER, FAR + 1 + closed);
		port = bind_interdomain(PEER, FAR + 1 + closed);
		KUNIT_ASSERT_GT(test, (int)port, 0);
		event_test_settle();
		while (heard())
			answer(port);
		xenpv_event_tap_notify(&mine.tap);
		xenpv_event_tap_done(&mine.tap, false);
		xenpv_event_tap_done(&mine.tap, true);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), 0);
		KUNIT_EXPECT_EQ(test, heard(), 0);
		xenpv_event_untap(&mine.tap);
		send();
		KUNIT_EXPECT_EQ(test, heard(), port);
		answer(port);
	}
}

/* One at a time, and only events of the domain that he has to do with. */
static void only_ports_of_the_peer(struct kunit *test)
{
	struct looker other = { .tap.look = look };
	struct channel ch;
	long unbound = bind_unbound(PEER);

	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, port, OTHER), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, port + 100, PEER), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, unbound, PEER), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, U32_MAX, PEER), -EINVAL);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&ch, 0, false));
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, ch.port, PEER), -EINVAL);
	event_test_unbind(&ch);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&mine.tap, port, PEER), 0);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&other.tap, port, PEER), -EBUSY);
	xenpv_event_untap(&other.tap);
	send();
	KUNIT_EXPECT_EQ(test, mine.looks, 1);
	KUNIT_EXPECT_EQ(test, other.looks, 0);
	xenpv_event_untap(&mine.tap);
	KUNIT_EXPECT_EQ(test, xenpv_event_tap_port(&other.tap, port, PEER), 0);
	xenpv_event_untap(&other.tap);
}

static struct kunit_case tap_cases[] = {
	KUNIT_CASE(his_own_are_not_told),
	KUNIT_CASE(others_are_the_programs),
	KUNIT_CASE(untapped_with_an_event),
	KUNIT_CASE(port_goes_first),
	KUNIT_CASE(only_ports_of_the_peer),
	{}
};

static struct kunit_suite tap_suite = {
	.name = "xenpv_event_tap",
	.init = tap_init,
	.test_cases = tap_cases,
};
kunit_test_suites(&tap_suite);
