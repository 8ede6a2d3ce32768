// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the FIFO layout: priorities, growth, and words that cannot be true. */

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include <xenpv/hypercall.h>
#include <xenpv/shared.h>
#include "../../fake/event_model.h"
#include "harness.h"

#define QUEUE	EVTCHN_FIFO_PRIORITY_DEFAULT
#define PENDING	BIT(EVTCHN_FIFO_PENDING)
#define MASKED	BIT(EVTCHN_FIFO_MASKED)
#define LINKED	BIT(EVTCHN_FIFO_LINKED)
#define BUSY	BIT(EVTCHN_FIFO_BUSY)

static struct channel a, b, c;

static int fifo_init(struct kunit *test)
{
	event_test_start(test, &xenpv_event_fifo);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&c, 0, false));
	return 0;
}

static void fifo_exit(struct kunit *test)
{
	if (!xenpv_fake_shared_info())
		return;
	event_test_unbind(&a);
	event_test_unbind(&b);
	event_test_unbind(&c);
}

/* The words as Xen sees them. */
static event_word_t *word(const struct channel *ch)
{
	return &fake_events.words[0][ch->port];
}

/* Xen tells vCPU 0 of a queue that begins at @head. */
static void forge_head(unsigned int queue, u32 head)
{
	fake_events.control[0]->head[queue] = head;
	fake_events.control[0]->ready |= BIT(queue);
	fake_events.vcpu_info[0].evtchn_upcall_pending = 1;
}

/* After something bad was met: all still works. */
static void expect_sound(struct kunit *test)
{
	unsigned int before[] = { a.calls, b.calls, c.calls };

	xenpv_fake_peer(NULL, NULL);
	event_test_settle();
	before[0] = a.calls;
	before[1] = b.calls;
	before[2] = c.calls;
	event_test_send(&c);
	event_test_send(&a);
	event_test_send(&b);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, before[0] + 1);
	KUNIT_EXPECT_EQ(test, b.calls, before[1] + 1);
	KUNIT_EXPECT_EQ(test, c.calls, before[2] + 1);
	KUNIT_EXPECT_NULL(test, xenpv_fake_event_stuck());
}

static struct channel *order[8];
static unsigned int nr_order;

static irqreturn_t note_order(int irq, void *dev)
{
	if (nr_order < ARRAY_SIZE(order))
		order[nr_order++] = dev;
	return IRQ_HANDLED;
}

static void queue_keeps_order(struct kunit *test)
{
	nr_order = 0;
	a.ev->handler = note_order;
	b.ev->handler = note_order;
	c.ev->handler = note_order;
	event_test_send(&b);
	event_test_send(&c);
	event_test_send(&a);
	event_test_upcall(0);
	KUNIT_ASSERT_EQ(test, nr_order, 3);
	KUNIT_EXPECT_PTR_EQ(test, order[0], &b);
	KUNIT_EXPECT_PTR_EQ(test, order[1], &c);
	KUNIT_EXPECT_PTR_EQ(test, order[2], &a);
}

/* Sends the urgent one in the middle of what was queued before. */
static irqreturn_t note_and_send_c(int irq, void *dev)
{
	if (!c.sends)
		event_test_send(&c);
	return note_order(irq, dev);
}

static void priority_overtakes(struct kunit *test)
{
	nr_order = 0;
	a.ev->handler = note_and_send_c;
	b.ev->handler = note_order;
	c.ev->handler = note_order;
	xenpv_event_abi->prioritise(c.port);
	event_test_send(&a);
	event_test_send(&b);
	event_test_upcall(0);
	KUNIT_ASSERT_EQ(test, nr_order, 3);
	KUNIT_EXPECT_PTR_EQ(test, order[0], &a);
	KUNIT_EXPECT_PTR_EQ(test, order[1], &c);
	KUNIT_EXPECT_PTR_EQ(test, order[2], &b);
}

static void ipis_are_urgent(struct kunit *test)
{
	struct xenpv_event *ipi = xenpv_event_bind_ipi(0, note_order, IRQF_PERCPU,
						       "test", &b);

	KUNIT_ASSERT_FALSE(test, IS_ERR(ipi));
	nr_order = 0;
	a.ev->handler = note_order;
	event_test_send(&a);
	xenpv_event_notify(ipi);
	event_test_upcall(0);
	KUNIT_ASSERT_EQ(test, nr_order, 2);
	KUNIT_EXPECT_PTR_EQ(test, order[0], &b);
	xenpv_event_unbind(ipi);
}

static void array_grows(struct kunit *test)
{
	struct channel far;

	xenpv_fake_event_first(XENPV_FAKE_PORTS - 1);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&far, 0, false));
	KUNIT_EXPECT_EQ(test, far.port, XENPV_FAKE_PORTS - 1);
	KUNIT_EXPECT_EQ(test, fake_events.nr_words, XENPV_FAKE_PORTS);
	event_test_send(&far);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, far.calls, 1);
	event_test_unbind(&far);
}

/* Xen takes no more pages: the bind fails and all is as before. */
static void array_cannot_grow(struct kunit *test)
{
	struct xenpv_event *ev;

	ev = xenpv_event_bind_port(XENPV_FAKE_PORTS, event_test_handler, IRQF_PERCPU,
				   "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -ENOSPC);
	expect_sound(test);
}

static void pending_before_there_is_a_word(struct kunit *test)
{
	struct channel far = { };
	evtchn_port_t port;

	event_test_unbind(&a);
	event_test_unbind(&b);
	event_test_unbind(&c);
	/* As the console's port, which the toolstack opened. */
	xenpv_fake_event_reset();
	port = xenpv_fake_event_connected(PEER, 1);
	xenpv_fake_event_send(port);
	KUNIT_ASSERT_EQ(test, xenpv_event_abi->start(), 0);
	far.ev = xenpv_event_bind_port(port, event_test_handler, IRQF_PERCPU, "test", &far);
	KUNIT_ASSERT_FALSE(test, IS_ERR(far.ev));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, far.calls, 1);
	event_test_unbind(&far);
}

static void bad_head(struct kunit *test)
{
	static const u32 heads[] = {
		0, 8191, 8192, EVTCHN_FIFO_NR_CHANNELS - 1, EVTCHN_FIFO_NR_CHANNELS, ~0U,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(heads); i++) {
		for (unsigned int queue = 0; queue < EVTCHN_FIFO_MAX_QUEUES; queue++) {
			forge_head(queue, heads[i]);
			event_test_upcall(0);
			KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
		}
	}
	expect_sound(test);
}

/* Each link that can be written, from an event that is delivered all the same. */
static void bad_link(struct kunit *test)
{
	unsigned int calls = a.calls;

	for (u32 link = 4; link < EVTCHN_FIFO_NR_CHANNELS; link += 4093) {
		event_test_send(&a);
		*word(&a) = PENDING | LINKED | link;
		event_test_upcall(0);
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, ++calls);
	}
	expect_sound(test);
}

static void links_in_a_circle(struct kunit *test)
{
	*word(&a) = PENDING | LINKED | b.port;
	*word(&b) = PENDING | LINKED | a.port;
	forge_head(QUEUE, a.port);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	/* To itself. */
	*word(&a) = PENDING | LINKED | a.port;
	forge_head(QUEUE, a.port);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	expect_sound(test);
}

/* The link of a word that is in no queue means nothing. */
static void link_without_linked(struct kunit *test)
{
	*word(&a) = PENDING | b.port;
	*word(&b) = PENDING | LINKED;
	forge_head(QUEUE, a.port);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, b.calls, 0);
	*word(&b) = 0;
	*word(&a) = 0;
	expect_sound(test);
}

static const volatile void *restless;

/* Somebody changes the word before each access to it. */
static void fidget(const struct xenpv_fake_access *access, void *arg)
{
	if (access->where == restless)
		*(event_word_t *)restless ^= 1;
}

static void word_does_not_hold_still(struct kunit *test)
{
	event_test_send(&a);
	event_test_send(&b);
	restless = word(&a);
	xenpv_fake_peer(fidget, NULL);
	event_test_upcall(0);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	xenpv_fake_peer(NULL, NULL);
	*word(&a) = (*word(&a) & ~1U) | (b.port & 1);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	expect_sound(test);
}

/* Sets LINKED again each time that somebody looks. */
static void relink(const struct xenpv_fake_access *access, void *arg)
{
	if (access->where == word(&a))
		*word(&a) |= LINKED | a.port;
}

static void linked_again_and_again(struct kunit *test)
{
	xenpv_event_mask(a.ev);
	*word(&a) = MASKED | LINKED | a.port;
	forge_head(QUEUE, a.port);
	xenpv_fake_peer(relink, NULL);
	event_test_upcall(0);
	xenpv_fake_peer(NULL, NULL);
	*word(&a) = MASKED;
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	xenpv_event_unmask(a.ev);
	expect_sound(test);
}

static unsigned int busy_for;

static void be_busy(const struct xenpv_fake_access *access, void *arg)
{
	if (access->where != word(&a))
		return;
	if (busy_for && --busy_for)
		*word(&a) |= BUSY;
	else
		*word(&a) &= ~BUSY;
}

static void busy_is_waited_for(struct kunit *test)
{
	unsigned int calls;

	xenpv_event_mask(a.ev);
	busy_for = 5;
	xenpv_fake_peer(be_busy, NULL);
	calls = xenpv_fake_calls_made();
	xenpv_event_unmask(a.ev);
	KUNIT_EXPECT_EQ(test, busy_for, 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), calls);
	KUNIT_EXPECT_FALSE(test, *word(&a) & MASKED);
	expect_sound(test);
}

static void busy_for_ever_is_left_to_xen(struct kunit *test)
{
	unsigned int calls;

	xenpv_event_mask(a.ev);
	busy_for = UINT_MAX;
	xenpv_fake_peer(be_busy, NULL);
	calls = xenpv_fake_calls_made();
	xenpv_event_unmask(a.ev);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), calls + 1);
	xenpv_fake_peer(NULL, NULL);
	*word(&a) &= ~BUSY;
	KUNIT_EXPECT_FALSE(test, *word(&a) & MASKED);
	expect_sound(test);
}

/* Masking and taking leave to Xen what is Xen's. */
static void other_bits_are_kept(struct kunit *test)
{
	*word(&a) = LINKED | BUSY | b.port;
	xenpv_event_mask(a.ev);
	KUNIT_EXPECT_EQ(test, *word(&a), LINKED | BUSY | MASKED | b.port);
	xenpv_event_abi->raise(a.port);
	KUNIT_EXPECT_EQ(test, *word(&a), LINKED | BUSY | MASKED | PENDING | b.port);
	KUNIT_EXPECT_TRUE(test, xenpv_event_abi->clear(a.port));
	KUNIT_EXPECT_EQ(test, *word(&a), LINKED | BUSY | MASKED | b.port);
	/* The neighbour's word shares the 64 bits. */
	KUNIT_EXPECT_EQ(test, *word(&b), 0);
	*word(&a) = MASKED;
	xenpv_event_unmask(a.ev);
	expect_sound(test);
}

static void moved_while_linked(struct kunit *test)
{
	event_test_send(&a);
	KUNIT_EXPECT_EQ(test, xenpv_event_move(a.ev, 1), 0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	event_test_send(&a);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(1));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	expect_sound(test);
}

/* A CPU that goes: a circle in its queues ends, and nothing is raised twice. */
static void cpu_dead_with_circle(struct kunit *test)
{
	*word(&a) = PENDING | LINKED | b.port;
	*word(&b) = PENDING | LINKED | a.port;
	forge_head(QUEUE, a.port);
	xenpv_event_abi->cpu_dead(0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	forge_head(QUEUE, ~0U);
	xenpv_event_abi->cpu_dead(0);
	expect_sound(test);
}

static void cpu_dead_keeps_masked(struct kunit *test)
{
	event_test_send(&a);
	event_test_send(&b);
	xenpv_event_mask(a.ev);
	xenpv_event_abi->cpu_dead(0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	xenpv_event_unmask(a.ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	expect_sound(test);
}

static void control_block_once(struct kunit *test)
{
	unsigned int calls = xenpv_fake_calls_made();

	KUNIT_EXPECT_EQ(test, xenpv_event_abi->cpu_up(0), 0);
	KUNIT_EXPECT_EQ(test, xenpv_event_abi->cpu_up(1), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), calls);
}

/* An old Xen, or one that lost its memory: two-level. */
static void refused_means_two_level(struct kunit *test)
{
	event_test_unbind(&a);
	event_test_unbind(&b);
	event_test_unbind(&c);
	xenpv_fake_event_reset();
	xenpv_fake_fail_at(1, -ENOSYS);
	KUNIT_EXPECT_EQ(test, xenpv_event_choose_abi(), 0);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_event_abi, &xenpv_event_2level);
	KUNIT_EXPECT_FALSE(test, fake_events.fifo);

	xenpv_event_want_2level = true;
	xenpv_fake_forget();
	KUNIT_EXPECT_EQ(test, xenpv_event_choose_abi(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
	xenpv_event_want_2level = false;
	KUNIT_EXPECT_EQ(test, xenpv_event_choose_abi(), 0);
	KUNIT_EXPECT_PTR_EQ(test, xenpv_event_abi, &xenpv_event_fifo);
	KUNIT_EXPECT_TRUE(test, fake_events.fifo);
}

/*
 * Once Xen has taken the first control block, it looks at nothing else: whichever of
 * the later calls fails, all goes on in this layout, and what failed can be had again.
 */
static void failures_after_the_first_stay_fifo(struct kunit *test)
{
	struct channel far;
	unsigned int calls = 0;

	/* A second page, so that the one after a failure is seen, too. */
	xenpv_fake_event_first(2000);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&far, 0, false));
	event_test_unbind(&far);
	event_test_unbind(&a);
	event_test_unbind(&b);
	event_test_unbind(&c);
	for (unsigned int nth = 2; nth < 2 + calls || !calls; nth++) {
		xenpv_fake_event_reset();
		xenpv_fake_forget();
		xenpv_fake_fail_at(nth, -ENOMEM);
		KUNIT_EXPECT_EQ(test, xenpv_event_choose_abi(), 0);
		KUNIT_EXPECT_PTR_EQ(test, xenpv_event_abi, &xenpv_event_fifo);
		KUNIT_EXPECT_TRUE(test, fake_events.fifo);
		calls = calls ?: xenpv_fake_calls_made();
		xenpv_fake_fail_at(0, 0);
		for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++)
			KUNIT_EXPECT_EQ(test, xenpv_event_abi->cpu_up(cpu), 0);

		xenpv_fake_event_first(2000);
		KUNIT_ASSERT_TRUE(test, event_test_bind(&far, 1, false));
		xenpv_fake_event_first(1);
		KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
		event_test_send(&a);
		event_test_send(&far);
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, 1);
		KUNIT_EXPECT_EQ(test, far.calls, 1);
		event_test_unbind(&a);
		event_test_unbind(&far);
	}
	/* Two control blocks and two pages. */
	KUNIT_EXPECT_GE(test, calls, 4);
}

static struct kunit_case fifo_cases[] = {
	KUNIT_CASE(queue_keeps_order),
	KUNIT_CASE(priority_overtakes),
	KUNIT_CASE(ipis_are_urgent),
	KUNIT_CASE(array_grows),
	KUNIT_CASE(array_cannot_grow),
	KUNIT_CASE(pending_before_there_is_a_word),
	KUNIT_CASE(bad_head),
	KUNIT_CASE(bad_link),
	KUNIT_CASE(links_in_a_circle),
	KUNIT_CASE(link_without_linked),
	KUNIT_CASE(word_does_not_hold_still),
	KUNIT_CASE(linked_again_and_again),
	KUNIT_CASE(busy_is_waited_for),
	KUNIT_CASE(busy_for_ever_is_left_to_xen),
	KUNIT_CASE(other_bits_are_kept),
	KUNIT_CASE(moved_while_linked),
	KUNIT_CASE(cpu_dead_with_circle),
	KUNIT_CASE(cpu_dead_keeps_masked),
	KUNIT_CASE(control_block_once),
	KUNIT_CASE(refused_means_two_level),
	KUNIT_CASE(failures_after_the_first_stay_fifo),
	{}
};

static struct kunit_suite fifo_suite = {
	.name = "xenpv_event_fifo",
	.init = fifo_init,
	.exit = fifo_exit,
	.test_cases = fifo_cases,
};
kunit_test_suite(fifo_suite);

MODULE_DESCRIPTION("KUnit tests for the FIFO layout of Xen event channels");
MODULE_LICENSE("GPL");
