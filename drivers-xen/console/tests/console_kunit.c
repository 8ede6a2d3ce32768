// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the console's page, with a daemon that is slow, dead or lies. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../private.h"

#define EVTCHN		5
#define OUT_SIZE	sizeof_field(struct xencons_interface, out)
/* Where the page stands at first: the indices pass 0 on the way. */
#define FIRST		(0U - 100)

static struct console_port port;
static struct xencons_interface *page;
static unsigned int notified;
static u64 cycles;

/* Time stands still unless a case moves it. */
static u64 stopped_clock(void)
{
	return cycles;
}

static long count_sends(unsigned long cmd, unsigned long arg, unsigned long a3,
			unsigned long a4, unsigned long a5)
{
	if (cmd == EVTCHNOP_send && ((struct evtchn_send *)arg)->port == EVTCHN)
		notified++;
	return 0;
}

static struct xencons_interface __xen_shared *shared(struct xencons_interface *at)
{
	return (struct xencons_interface __xen_shared __force *)at;
}

static int console_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_event_channel_op, count_sends);
	kunit_activate_static_stub(test, xenpv_console_cycles, stopped_clock);
	cycles = 12345;
	page = kunit_kzalloc(test, sizeof(*page), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	page->out_cons = FIRST;
	page->out_prod = FIRST;
	page->in_cons = FIRST;
	page->in_prod = FIRST;
	memset(&port, 0, sizeof(port));
	raw_spin_lock_init(&port.lock);
	xenpv_console_port_open(&port, shared(page), EVTCHN);
	notified = 0;
	return 0;
}

/* As printk does: as long as it takes something. */
static size_t put_much(size_t len)
{
	static const char text[64];
	size_t done = 0;

	while (done < len) {
		ssize_t n = xenpv_console_port_put(&port, text, min(len - done, sizeof(text)));

		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

static ssize_t put_one(void)
{
	return xenpv_console_port_put(&port, "x", 1);
}

/* Full, and for longer than anybody waits. */
static void lose_patience(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, put_much(2 * OUT_SIZE), OUT_SIZE);
	KUNIT_EXPECT_EQ(test, put_one(), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, port.full);
	cycles += PORT_PATIENCE;
	KUNIT_EXPECT_EQ(test, put_one(), 0);
}

static void bytes_go_both_ways(struct kunit *test)
{
	char buf[8] = "";

	KUNIT_EXPECT_EQ(test, xenpv_console_port_put(&port, "out", 3), 3);
	KUNIT_EXPECT_EQ(test, page->out_prod, FIRST + 3);
	KUNIT_EXPECT_EQ(test, page->out[FIRST % OUT_SIZE], 'o');
	KUNIT_EXPECT_EQ(test, notified, 1);
	page->in[FIRST % sizeof(page->in)] = 'i';
	page->in_prod++;
	KUNIT_EXPECT_EQ(test, xenpv_console_port_get(&port, buf, sizeof(buf)), 1);
	KUNIT_EXPECT_EQ(test, buf[0], 'i');
	KUNIT_EXPECT_EQ(test, page->in_cons, FIRST + 1);
	KUNIT_EXPECT_EQ(test, notified, 2);
	KUNIT_EXPECT_EQ(test, xenpv_console_port_get(&port, buf, sizeof(buf)), 0);
	KUNIT_EXPECT_EQ(test, notified, 2);
}

/* A byte every few seconds would be a wait of seconds for each byte. */
static void a_byte_earns_no_patience(struct kunit *test)
{
	lose_patience(test);
	for (unsigned int i = 0; i < 10; i++) {
		page->out_cons++;
		KUNIT_EXPECT_EQ(test, put_one(), 1);
		KUNIT_EXPECT_FALSE(test, port.full);
		KUNIT_EXPECT_EQ(test, put_one(), 0);
	}
}

static void half_a_ring_earns_patience(struct kunit *test)
{
	lose_patience(test);
	page->out_cons += OUT_SIZE / 2;
	KUNIT_EXPECT_EQ(test, put_much(2 * OUT_SIZE), OUT_SIZE / 2);
	KUNIT_EXPECT_EQ(test, put_one(), -EAGAIN);
	/* In pieces, too. */
	cycles += PORT_PATIENCE;
	KUNIT_EXPECT_EQ(test, put_one(), 0);
	for (unsigned int i = 0; i < 4; i++) {
		page->out_cons += OUT_SIZE / 8;
		KUNIT_EXPECT_EQ(test, put_much(OUT_SIZE / 8), OUT_SIZE / 8);
	}
	KUNIT_EXPECT_EQ(test, put_one(), -EAGAIN);
}

/* Room that is taken back after a byte is not progress. */
static void room_taken_back_earns_no_patience(struct kunit *test)
{
	lose_patience(test);
	for (unsigned int i = 1; i <= 10; i++) {
		page->out_cons = port.out.index;
		KUNIT_EXPECT_EQ(test, put_one(), 1);
		page->out_cons = port.out.index - OUT_SIZE;
		KUNIT_EXPECT_EQ(test, put_one(), 0);
	}
}

static void impossible_index_is_no_wait(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, put_one(), 1);
	page->out_cons = page->out_prod + 1;
	KUNIT_EXPECT_EQ(test, put_one(), -EPROTO);
	KUNIT_EXPECT_FALSE(test, port.full);
	KUNIT_EXPECT_TRUE(test, port.reported);
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
}

static void nothing_done_is_no_news(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
	KUNIT_EXPECT_EQ(test, put_much(100), 100);
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
}

static void taken_is_news_once(struct kunit *test)
{
	for (unsigned int i = 0; i < 5; i++) {
		put_much(100);
		page->out_cons += 50;
		KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
		KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
	}
}

/* Input that nobody reads, as on a terminal that is not open. */
static void unread_input_is_news_once(struct kunit *test)
{
	char buf[8];

	for (unsigned int i = 0; i < 3; i++) {
		page->in_prod += 4;
		KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
		KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
	}
	/* Read, and read between the look and the next byte. */
	KUNIT_EXPECT_EQ(test, xenpv_console_port_get(&port, buf, 8), 8);
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
	page->in_prod++;
	KUNIT_EXPECT_EQ(test, xenpv_console_port_get(&port, buf, 8), 5);
	KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
}

static void index_that_goes_back_is_no_news(struct kunit *test)
{
	put_much(100);
	page->out_cons += 80;
	page->in_prod += 80;
	KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
	for (unsigned int i = 0; i < 5; i++) {
		page->out_cons -= 40;
		page->in_prod -= 40;
		KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
		page->out_cons += 40;
		page->in_prod += 40;
		KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
	}
	page->out_cons++;
	KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
	page->in_prod++;
	KUNIT_EXPECT_TRUE(test, xenpv_console_port_news(&port));
}

/* The second mapping of the page: between the two, the daemon wrote to it. */
static void second_mapping_goes_on(struct kunit *test)
{
	struct xencons_interface *again = kunit_kzalloc(test, sizeof(*again), GFP_KERNEL);
	u32 before;

	KUNIT_ASSERT_NOT_NULL(test, again);
	put_much(10);
	before = port.out.index;
	*again = *page;
	again->out_prod = before + 7;
	again->in_cons = FIRST + 7;
	xenpv_console_port_open(&port, shared(again), EVTCHN);
	KUNIT_EXPECT_EQ(test, port.out.index, before);
	KUNIT_EXPECT_EQ(test, port.in.index, FIRST);
	KUNIT_EXPECT_EQ(test, put_one(), 1);
	KUNIT_EXPECT_EQ(test, again->out_prod, before + 1);
	KUNIT_EXPECT_EQ(test, page->out_prod, before);
	KUNIT_EXPECT_FALSE(test, xenpv_console_port_news(&port));
}

static void second_mapping_mends_nothing(struct kunit *test)
{
	page->out_cons = FIRST + 1;
	KUNIT_EXPECT_EQ(test, put_one(), -EPROTO);
	page->out_cons = FIRST;
	xenpv_console_port_open(&port, shared(page), EVTCHN);
	KUNIT_EXPECT_EQ(test, put_one(), -EPROTO);
	KUNIT_EXPECT_EQ(test, page->out_prod, FIRST);
}

static struct kunit_case console_cases[] = {
	KUNIT_CASE(bytes_go_both_ways),
	KUNIT_CASE(a_byte_earns_no_patience),
	KUNIT_CASE(half_a_ring_earns_patience),
	KUNIT_CASE(room_taken_back_earns_no_patience),
	KUNIT_CASE(impossible_index_is_no_wait),
	KUNIT_CASE(nothing_done_is_no_news),
	KUNIT_CASE(taken_is_news_once),
	KUNIT_CASE(unread_input_is_news_once),
	KUNIT_CASE(index_that_goes_back_is_no_news),
	KUNIT_CASE(second_mapping_goes_on),
	KUNIT_CASE(second_mapping_mends_nothing),
	{}
};

static struct kunit_suite console_suite = {
	.name = "xenpv_console",
	.init = console_init,
	.test_cases = console_cases,
};
kunit_test_suite(console_suite);

MODULE_DESCRIPTION("KUnit tests for the Xen console");
MODULE_LICENSE("GPL");
