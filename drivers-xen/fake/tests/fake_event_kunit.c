// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the fake's event channels, with a guest of a few lines, right or wrong. */

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/shared.h>
#include "../event_model.h"
#include "../fake.h"

#define PEER	7

static struct {
	evtchn_port_t port, other;
	unsigned int handled;
	unsigned int sent;
	void *control[2];
	void *words;
	u32 head[EVTCHN_FIFO_MAX_QUEUES];
} s;

static long op(unsigned int cmd, void *arg)
{
	return xenpv_hv_event_channel_op(cmd, arg);
}

static evtchn_port_t bind_ipi(unsigned int vcpu)
{
	struct evtchn_bind_ipi bind = { .vcpu = vcpu };

	return op(EVTCHNOP_bind_ipi, &bind) ? 0 : bind.port;
}

static long close_port(evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };

	return op(EVTCHNOP_close, &close);
}

static long send(evtchn_port_t port)
{
	struct evtchn_send send = { .port = port };

	return op(EVTCHNOP_send, &send);
}

static long unmask_by_xen(evtchn_port_t port)
{
	struct evtchn_unmask unmask = { .port = port };

	return op(EVTCHNOP_unmask, &unmask);
}

static long fifo_on(unsigned int vcpu)
{
	struct evtchn_init_control init = {
		.control_gfn = PHYS_PFN(virt_to_phys(s.control[vcpu])), .vcpu = vcpu,
	};

	return op(EVTCHNOP_init_control, &init);
}

static long add_words(void)
{
	struct evtchn_expand_array expand = {
		.array_gfn = PHYS_PFN(virt_to_phys(s.words)),
	};

	return op(EVTCHNOP_expand_array, &expand);
}

static unsigned long __xen_shared *pending(void)
{
	return (unsigned long __force __xen_shared *)xenpv_fake_shared_info()->evtchn_pending;
}

static unsigned long __xen_shared *mask(void)
{
	return (unsigned long __force __xen_shared *)xenpv_fake_shared_info()->evtchn_mask;
}

static u32 __xen_shared *word(evtchn_port_t port)
{
	return (u32 __force __xen_shared *)s.words + port;
}

static int event_init(struct kunit *test)
{
	memset(&s, 0, sizeof(s));
	xenpv_fake_start(test);
	xenpv_fake_event_start(2);
	s.control[0] = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	s.control[1] = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	s.words = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	return s.control[0] && s.control[1] && s.words ? 0 : -ENOMEM;
}

static void ports_lowest_first(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 1);
	KUNIT_EXPECT_EQ(test, bind_ipi(1), 2);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 3);
	KUNIT_EXPECT_EQ(test, close_port(2), 0);
	KUNIT_EXPECT_EQ(test, close_port(2), -EINVAL);
	KUNIT_EXPECT_EQ(test, close_port(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, close_port(~0U), -EINVAL);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 2);
	KUNIT_EXPECT_EQ(test, bind_ipi(2), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 3);
}

static void ports_run_out(struct kunit *test)
{
	xenpv_fake_event_first(EVTCHN_2L_NR_CHANNELS - 1);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), EVTCHN_2L_NR_CHANNELS - 1);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 0);
	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), EVTCHN_2L_NR_CHANNELS);
}

static void virq_once(struct kunit *test)
{
	struct evtchn_bind_virq timer = { .virq = VIRQ_TIMER, .vcpu = 1 };
	struct evtchn_bind_virq global = { .virq = VIRQ_CONSOLE, .vcpu = 1 };
	struct evtchn_bind_vcpu to = { .vcpu = 0 };

	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_virq, &timer), 0);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_virq, &timer), -EEXIST);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_virq(VIRQ_TIMER, 1), timer.port);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_virq(VIRQ_TIMER, 0), 0);
	to.port = timer.port;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_vcpu, &to), -EINVAL);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_virq, &global), -EINVAL);
	global.vcpu = 0;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_virq, &global), 0);
	to = (struct evtchn_bind_vcpu){ .port = global.port, .vcpu = 1 };
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_vcpu, &to), 0);
}

static void peers_and_status(struct kunit *test)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = PEER, .remote_port = 9 };
	struct evtchn_status status = { .dom = DOMID_SELF };
	struct evtchn_alloc_unbound wait = { .dom = DOMID_SELF, .remote_dom = PEER };

	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
	xenpv_fake_event_offer(PEER, 9);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_interdomain, &bind), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_shared_test_bit(bind.local_port, pending()));
	status.port = bind.local_port;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_status, &status), 0);
	KUNIT_EXPECT_EQ(test, status.status, EVTCHNSTAT_interdomain);
	KUNIT_EXPECT_EQ(test, status.u.interdomain.port, 9);
	KUNIT_EXPECT_EQ(test, send(bind.local_port), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(bind.local_port), 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_disconnect(bind.local_port), 0);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_status, &status), 0);
	KUNIT_EXPECT_EQ(test, status.status, EVTCHNSTAT_unbound);

	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_alloc_unbound, &wait), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_send(wait.port), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_connect(wait.port, 3), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_send(wait.port), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_shared_test_bit(wait.port, pending()));
}

static void both_ends_ours(struct kunit *test)
{
	struct evtchn_alloc_unbound wait = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };

	KUNIT_ASSERT_EQ(test, op(EVTCHNOP_alloc_unbound, &wait), 0);
	bind.remote_port = wait.port;
	KUNIT_ASSERT_EQ(test, op(EVTCHNOP_bind_interdomain, &bind), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_shared_test_bit(wait.port, pending()));
	KUNIT_EXPECT_EQ(test, send(bind.local_port), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_shared_test_bit(wait.port, pending()));
	KUNIT_EXPECT_EQ(test, close_port(bind.local_port), 0);
	KUNIT_EXPECT_EQ(test, send(wait.port), 0);
}

static void twolevel_order(struct kunit *test)
{
	struct vcpu_info *info = xenpv_fake_vcpu_info(1);
	evtchn_port_t port;

	xenpv_fake_event_first(130);
	port = bind_ipi(1);
	xenpv_shared_set_bit(port, mask());
	KUNIT_EXPECT_EQ(test, send(port), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_shared_test_bit(port, pending()));
	KUNIT_EXPECT_EQ(test, info->evtchn_pending_sel, 0);
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(1));
	KUNIT_EXPECT_NULL(test, xenpv_fake_event_stuck());

	KUNIT_EXPECT_EQ(test, unmask_by_xen(port), 0);
	KUNIT_EXPECT_EQ(test, info->evtchn_pending_sel, BIT(2));
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(1));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_kicks(1), 1);
	info->evtchn_upcall_mask = 1;
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(1));

	/* Nobody looks, and nobody will. */
	info->evtchn_upcall_pending = 0;
	KUNIT_EXPECT_NOT_NULL(test, xenpv_fake_event_stuck());
	/* An event that is pending is not sent again. */
	KUNIT_EXPECT_EQ(test, send(port), 0);
	KUNIT_EXPECT_EQ(test, info->evtchn_upcall_pending, 0);
	KUNIT_EXPECT_EQ(test, close_port(port), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_shared_test_bit(port, pending()));
}

static void fifo_arguments(struct kunit *test)
{
	struct evtchn_init_control init = {
		.control_gfn = PHYS_PFN(virt_to_phys(s.control[0])),
		.offset = PAGE_SIZE - 8,
	};
	struct evtchn_set_priority priority = { .port = 1, .priority = 3 };

	KUNIT_EXPECT_EQ(test, bind_ipi(0), 1);
	KUNIT_EXPECT_EQ(test, add_words(), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_set_priority, &priority), -ENOSYS);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_init_control, &init), -EINVAL);
	init.offset = 4;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_init_control, &init), -EINVAL);
	init.offset = 8;
	init.vcpu = 2;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_init_control, &init), -ENOENT);
	init.vcpu = 0;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_init_control, &init), 0);
	KUNIT_EXPECT_EQ(test, init.link_bits, EVTCHN_FIFO_LINK_BITS);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_init_control, &init), -EINVAL);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_set_priority, &priority), 0);
	priority.priority = 16;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_set_priority, &priority), -EINVAL);
}

static void fifo_links_in_order(struct kunit *test)
{
	struct evtchn_fifo_control_block *control = s.control[0];

	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_ASSERT_EQ(test, add_words(), 0);
	for (unsigned int i = 1; i <= 3; i++)
		KUNIT_ASSERT_EQ(test, bind_ipi(0), i);
	send(2);
	send(1);
	send(3);
	send(1);
	KUNIT_EXPECT_EQ(test, control->ready, BIT(EVTCHN_FIFO_PRIORITY_DEFAULT));
	KUNIT_EXPECT_EQ(test, control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], 2);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(2)),
			BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED) | 1);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(1)),
			BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED) | 3);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(3)),
			BIT(EVTCHN_FIFO_PENDING) | BIT(EVTCHN_FIFO_LINKED));
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_kicks(0), 1);
}

static void fifo_masked_is_not_linked(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_ASSERT_EQ(test, add_words(), 0);
	KUNIT_ASSERT_EQ(test, bind_ipi(0), 1);
	xenpv_shared_store(word(1), BIT(EVTCHN_FIFO_MASKED));
	send(1);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(1)),
			BIT(EVTCHN_FIFO_MASKED) | BIT(EVTCHN_FIFO_PENDING));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	unmask_by_xen(1);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(1)),
			BIT(EVTCHN_FIFO_LINKED) | BIT(EVTCHN_FIFO_PENDING));
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
}

static void fifo_busy_port_not_reused(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_ASSERT_EQ(test, add_words(), 0);
	KUNIT_ASSERT_EQ(test, bind_ipi(0), 1);
	send(1);
	KUNIT_EXPECT_EQ(test, close_port(1), 0);
	KUNIT_EXPECT_EQ(test, xenpv_shared_load(word(1)), BIT(EVTCHN_FIFO_LINKED));
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 2);
	xenpv_shared_store(word(1), 0);
	KUNIT_EXPECT_EQ(test, bind_ipi(0), 1);
}

static void fifo_keeps_what_was_pending(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, bind_ipi(0), 1);
	KUNIT_ASSERT_EQ(test, bind_ipi(0), 2);
	send(1);
	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	send(2);
	KUNIT_ASSERT_EQ(test, add_words(), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_shared_load(word(1)) & BIT(EVTCHN_FIFO_LINKED));
	KUNIT_EXPECT_TRUE(test, xenpv_shared_load(word(2)) & BIT(EVTCHN_FIFO_LINKED));
}

static void fifo_moves_between_queues(struct kunit *test)
{
	struct evtchn_fifo_control_block *control = s.control[1];
	struct evtchn_bind_vcpu to = { .vcpu = 1 };
	struct evtchn_set_priority priority = { .priority = 2 };

	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_ASSERT_EQ(test, fifo_on(1), 0);
	KUNIT_ASSERT_EQ(test, add_words(), 0);
	s.port = xenpv_fake_event_connected(PEER, 5);
	xenpv_fake_event_send(s.port);
	to.port = s.port;
	priority.port = s.port;
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_bind_vcpu, &to), 0);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_set_priority, &priority), 0);
	/* Still linked where it was. */
	xenpv_fake_event_send(s.port);
	KUNIT_EXPECT_EQ(test, control->ready, 0);
	xenpv_shared_store(word(s.port), 0);
	xenpv_fake_event_send(s.port);
	KUNIT_EXPECT_EQ(test, control->ready, BIT(2));
	KUNIT_EXPECT_EQ(test, control->head[2], s.port);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(1));
}

static void reset_closes_all(struct kunit *test)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };

	KUNIT_ASSERT_EQ(test, fifo_on(0), 0);
	KUNIT_ASSERT_EQ(test, bind_ipi(0), 1);
	KUNIT_EXPECT_EQ(test, op(EVTCHNOP_reset, &reset), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	KUNIT_EXPECT_EQ(test, add_words(), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, fifo_on(0), 0);
}

static void poll_ends(struct kunit *test)
{
	evtchn_port_t port = bind_ipi(0);
	struct sched_poll poll = { .nr_ports = 1 };
	u64 now = xenpv_fake_now();

	set_xen_guest_handle(poll.ports, &port);
	poll.timeout = now + NSEC_PER_MSEC;
	KUNIT_EXPECT_EQ(test, xenpv_hv_sched_op(SCHEDOP_poll, &poll), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_now() - now, NSEC_PER_MSEC);
	send(port);
	poll.timeout = 0;
	KUNIT_EXPECT_EQ(test, xenpv_hv_sched_op(SCHEDOP_poll, &poll), 0);
	port = ~0U;
	KUNIT_EXPECT_EQ(test, xenpv_hv_sched_op(SCHEDOP_poll, &poll), -EINVAL);
}

/*
 * From here: a guest with one vCPU and one port, while the peer sends twice.  The
 * guest handles, in each layout, and must have seen the last send.
 */

static void *setup_twolevel(struct kunit *test)
{
	xenpv_fake_event_reset();
	s.handled = 0;
	s.sent = 0;
	s.port = xenpv_fake_event_connected(PEER, 1);
	return &s;
}

static void *setup_fifo(struct kunit *test)
{
	setup_twolevel(test);
	memset(s.words, 0, PAGE_SIZE);
	memset(s.control[0], 0, PAGE_SIZE);
	memset(s.head, 0, sizeof(s.head));
	fifo_on(0);
	add_words();
	s.other = xenpv_fake_event_connected(PEER, 2);
	return &s;
}

static void send_twice(void *state)
{
	for (unsigned int i = 0; i < 2; i++) {
		/* What there is to tell comes at any moment, too. */
		xenpv_fake_step();
		s.sent++;
		xenpv_fake_event_send(s.port);
	}
}

static void send_other(void *state)
{
	xenpv_fake_event_send(s.other);
}

static void handle(evtchn_port_t port)
{
	if (port == s.port)
		s.handled = s.sent;
}

/* True if there is a word to look at. */
static bool enter_twolevel(void)
{
	struct vcpu_info *info = xenpv_fake_vcpu_info(0);

	xenpv_shared_store((u8 __force __xen_shared *)&info->evtchn_upcall_pending, 0);
	return xenpv_shared_xchg((unsigned long __force __xen_shared *)
				 &info->evtchn_pending_sel, 0UL);
}

static void vcpu_twolevel(void *state)
{
	while (xenpv_fake_event_wait(0, BIT(0)))
		if (enter_twolevel() && xenpv_shared_test_and_clear_bit(s.port, pending()))
			handle(s.port);
}

/* Clears after it has handled: what comes in between is lost. */
static void vcpu_clears_late(void *state)
{
	while (xenpv_fake_event_wait(0, BIT(0))) {
		if (!enter_twolevel() || !xenpv_shared_test_bit(s.port, pending()))
			continue;
		handle(s.port);
		xenpv_shared_clear_bit(s.port, pending());
	}
}

static const char *all_handled(void *state)
{
	if (s.handled != s.sent)
		return "an event is lost";
	return xenpv_fake_event_stuck();
}

static void twolevel_loses_none(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = setup_twolevel, .tasks = { send_twice, vcpu_twolevel },
		.nr_tasks = 2, .peers = BIT(0), .check = all_handled,
	};

	KUNIT_EXPECT_EQ(test, xenpv_fake_explore(test, &scene), 15);
	scene.tasks[1] = vcpu_clears_late;
	KUNIT_EXPECT_STREQ(test, xenpv_fake_find(test, &scene), "an event is lost");
}

/* Takes the first of the default queue; the ready bit has been taken. */
static bool fifo_take_one(void)
{
	const u32 gone = BIT(EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK;
	struct evtchn_fifo_control_block *control = s.control[0];
	u32 *head = &control->head[EVTCHN_FIFO_PRIORITY_DEFAULT];
	u32 *mine = &s.head[EVTCHN_FIFO_PRIORITY_DEFAULT];
	evtchn_port_t port;
	u32 old, seen;

	if (!*mine)
		*mine = xenpv_shared_load((u32 __force __xen_shared *)head);
	port = *mine;
	seen = xenpv_shared_load(word(port));
	do {
		old = seen;
		seen = xenpv_shared_cmpxchg(word(port), old, old & ~gone);
	} while (seen != old);
	*mine = old & EVTCHN_FIFO_LINK_MASK;

	do {
		old = seen;
		seen = xenpv_shared_cmpxchg(word(port), old, old & ~BIT(EVTCHN_FIFO_PENDING));
	} while (seen != old);
	if (old & BIT(EVTCHN_FIFO_PENDING))
		handle(port);
	return *mine;
}

static void vcpu_fifo(void *state)
{
	struct evtchn_fifo_control_block *control = s.control[0];
	struct vcpu_info *info = xenpv_fake_vcpu_info(0);

	while (xenpv_fake_event_wait(0, BIT(0) | BIT(2))) {
		xenpv_shared_store((u8 __force __xen_shared *)&info->evtchn_upcall_pending, 0);
		if (!xenpv_shared_xchg((u32 __force __xen_shared *)&control->ready, 0U))
			continue;
		while (fifo_take_one())
			;
	}
}

static void fifo_loses_none(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = setup_fifo, .tasks = { send_twice, vcpu_fifo, send_other },
		.nr_tasks = 2, .peers = BIT(0) | BIT(2), .check = all_handled,
		.max_switches = 6,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 500);
	/* A second sender to the same queue. */
	scene.nr_tasks = 3;
	scene.max_switches = 3;
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 1000);
	scene.max_switches = 0;
	KUNIT_EXPECT_EQ(test, xenpv_fake_random(test, &scene, 1, 20000), 20000);
}

/* A close must wait for a sender that is in the middle. */
static void close_it(void *state)
{
	close_port(s.port);
	if (xenpv_fake_event_pending(s.port))
		xenpv_fake_bad("pending after it was closed");
}

static void close_waits_for_senders(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = setup_twolevel, .tasks = { send_twice, close_it }, .nr_tasks = 2,
	};

	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 5);
	scene.setup = setup_fifo;
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 5);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(ports_lowest_first),
	KUNIT_CASE(ports_run_out),
	KUNIT_CASE(virq_once),
	KUNIT_CASE(peers_and_status),
	KUNIT_CASE(both_ends_ours),
	KUNIT_CASE(twolevel_order),
	KUNIT_CASE(fifo_arguments),
	KUNIT_CASE(fifo_links_in_order),
	KUNIT_CASE(fifo_masked_is_not_linked),
	KUNIT_CASE(fifo_busy_port_not_reused),
	KUNIT_CASE(fifo_keeps_what_was_pending),
	KUNIT_CASE(fifo_moves_between_queues),
	KUNIT_CASE(reset_closes_all),
	KUNIT_CASE(poll_ends),
	KUNIT_CASE(twolevel_loses_none),
	KUNIT_CASE(fifo_loses_none),
	KUNIT_CASE(close_waits_for_senders),
	{}
};

static struct kunit_suite event_suite = {
	.name = "xenpv_fake_event",
	.init = event_init,
	.test_cases = event_cases,
};
kunit_test_suite(event_suite);

MODULE_DESCRIPTION("KUnit tests for the fake hypervisor's event channels");
MODULE_LICENSE("GPL");
