// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of events as objects, in both layouts: delivery, masks, binding, CPUs, suspend. */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "harness.h"

static struct channel a, b, c;

static int event_init(struct kunit *test)
{
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	memset(&c, 0, sizeof(c));
	return 0;
}

/* Each case begins with this: the layout is a parameter, which init does not see. */
static void begin(struct kunit *test)
{
	event_test_start(test, NULL);
}

static void bind_all(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&c, 0, false));
}

static void unbind_all(struct kunit *test)
{
	event_test_unbind(&a);
	event_test_unbind(&b);
	event_test_unbind(&c);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

static void deliver_one(struct kunit *test)
{
	begin(test);
	bind_all(test);
	event_test_send(&a);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 0);
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->pending(a.port));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, a.ev->nr_delivered, 1);
	unbind_all(test);
}

/* Ports of one word, of another one, and of the last one that both layouts have. */
static void deliver_words(struct kunit *test)
{
	begin(test);
	xenpv_fake_event_first(70);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
	xenpv_fake_event_first(130);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	xenpv_fake_event_first(EVTCHN_2L_NR_CHANNELS - 1);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&c, 0, false));
	KUNIT_EXPECT_EQ(test, c.port, EVTCHN_2L_NR_CHANNELS - 1);
	event_test_send(&a);
	event_test_send(&b);
	event_test_send(&c);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	KUNIT_EXPECT_EQ(test, c.calls, 1);
	unbind_all(test);
}

static void deliver_to_its_cpu(struct kunit *test)
{
	begin(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 1, false));
	event_test_send(&a);
	event_test_send(&b);
	event_test_upcall(1);
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	unbind_all(test);
}

static void masked_waits(struct kunit *test)
{
	begin(test);
	bind_all(test);
	xenpv_event_mask(a.ev);
	event_test_send(&a);
	/* The neighbour makes the scan look at the word. */
	event_test_send(&b);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_event_test_and_clear(a.ev));
	KUNIT_EXPECT_FALSE(test, xenpv_event_test_and_clear(a.ev));
	xenpv_event_unmask(a.ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);

	xenpv_event_mask(a.ev);
	event_test_send(&a);
	xenpv_event_unmask(a.ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	unbind_all(test);
}

/* Any two reasons, taken away in either order: it is unmasked with the last one. */
static void reasons_are_independent(struct kunit *test)
{
	begin(test);
	bind_all(test);
	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int k = 0; k < 5; k++) {
			unsigned int before = a.calls;

			xenpv_event_mask_for(a.ev, BIT(i));
			xenpv_event_mask_for(a.ev, BIT(k));
			event_test_send(&a);
			xenpv_event_unmask_for(a.ev, BIT(i));
			event_test_settle();
			KUNIT_EXPECT_EQ(test, a.calls, i == k ? before + 1 : before);
			/* A reason that is not there takes nothing away. */
			xenpv_event_unmask_for(a.ev, BIT(i));
			event_test_settle();
			KUNIT_EXPECT_EQ(test, a.calls, i == k ? before + 1 : before);
			xenpv_event_unmask_for(a.ev, BIT(k));
			event_test_settle();
			KUNIT_EXPECT_EQ(test, a.calls, before + 1);
		}
	}
	unbind_all(test);
}

/* A scan that saw the port unmasked and took it: whoever masked it is not defeated. */
static void masked_after_the_look(struct kunit *test)
{
	begin(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, true));
	xenpv_event_mask(a.ev);
	scoped_guard(rcu)
		xenpv_event_deliver(a.ev);
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_TRUE(test, xenpv_event_abi->pending(a.port));
	xenpv_event_unmask(a.ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	unbind_all(test);
}

static unsigned int storms;

/* A peer that sends again each time, without end. */
static irqreturn_t send_again(int irq, void *dev)
{
	storms++;
	event_test_send(dev);
	return IRQ_HANDLED;
}

static void storm_is_bounded(struct kunit *test)
{
	begin(test);
	bind_all(test);
	storms = 0;
	a.ev->handler = send_again;
	event_test_send(&a);
	event_test_send(&b);
	event_test_upcall(0);
	KUNIT_EXPECT_GT(test, storms, 0);
	KUNIT_EXPECT_LE(test, storms, 8);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	/* Not lost: the upcall comes again. */
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	a.ev->handler = event_test_handler;
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	unbind_all(test);
}

/* Two that raise each other keep a FIFO queue from ever being empty. */
static irqreturn_t send_other(int irq, void *dev)
{
	storms++;
	event_test_send(dev == &a ? &b : &a);
	event_test_send(dev);
	return IRQ_HANDLED;
}

static void storm_of_two_is_bounded(struct kunit *test)
{
	begin(test);
	bind_all(test);
	storms = 0;
	a.ev->handler = send_other;
	b.ev->handler = send_other;
	event_test_send(&a);
	event_test_send(&b);
	event_test_send(&c);
	event_test_upcall(0);
	KUNIT_EXPECT_LE(test, storms, 16);
	KUNIT_EXPECT_EQ(test, c.calls, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	a.ev->handler = event_test_handler;
	b.ev->handler = event_test_handler;
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	unbind_all(test);
}

static void port_without_owner_is_dropped(struct kunit *test)
{
	unsigned long dropped = xenpv_event_nr_dropped();
	evtchn_port_t port;

	begin(test);
	port = xenpv_fake_event_connected(PEER, 1);
	KUNIT_ASSERT_EQ(test, xenpv_event_abi->reserve(port, GFP_KERNEL), 0);
	xenpv_event_abi->bind(port, 0);
	xenpv_event_abi->unmask(port);
	xenpv_fake_event_send(port);
	event_test_upcall(0);
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->pending(port));
	KUNIT_EXPECT_EQ(test, xenpv_event_nr_dropped(), dropped + 1);
	xenpv_event_abi->mask(port);
	xenpv_event_abi->unbind(port, 0);
}

static void closing_is_dropped(struct kunit *test)
{
	unsigned long dropped = xenpv_event_nr_dropped();

	begin(test);
	bind_all(test);
	/* The scan has it in hand when unbind begins. */
	xenpv_event_mask_for(a.ev, XENPV_MASK_DEAD);
	scoped_guard(rcu)
		xenpv_event_deliver(a.ev);
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, a.ev->nr_dropped, 1);
	KUNIT_EXPECT_EQ(test, xenpv_event_nr_dropped(), dropped + 1);
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->pending(a.port));
	unbind_all(test);
}

static void port_used_again(struct kunit *test)
{
	evtchn_port_t port;

	begin(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, false));
	port = a.port;
	event_test_send(&a);
	event_test_unbind(&a);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);

	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	KUNIT_EXPECT_EQ(test, b.port, port);
	event_test_send(&b);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	unbind_all(test);
}

static void port_out_of_range(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = xenpv_event_bind_port(xenpv_event_abi->nr_ports, event_test_handler,
				   IRQF_PERCPU, "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -ERANGE);
	ev = xenpv_event_bind_port(~0U, event_test_handler, IRQF_PERCPU, "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -ERANGE);
	ev = xenpv_event_bind_port(0, event_test_handler, IRQF_PERCPU, "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -ERANGE);
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, xenpv_event_find(~0U));
}

/* Who has the port keeps it, and its channel stays open. */
static void port_taken_already(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	bind_all(test);
	for (unsigned int irq = 0; irq < 2; irq++) {
		ev = xenpv_event_bind_port(a.port, event_test_handler,
					   irq ? 0 : IRQF_PERCPU, "test", &b);
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -EEXIST);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 3);
		event_test_send(&a);
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, irq + 1);
	}
	KUNIT_EXPECT_EQ(test, b.calls, 0);
	unbind_all(test);
}

static void bind_without_xen(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	xenpv_fake_serve(__HYPERVISOR_event_channel_op, NULL);
	ev = xenpv_event_bind_ipi(0, event_test_handler, IRQF_PERCPU, "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -ENOSYS);
	xenpv_event_unbind(ev);
	xenpv_event_unbind(NULL);
	xenpv_event_notify(NULL);
}

/* All that binding with an interrupt asks of Xen fails, one after the other. */
static void bind_fails_at_each_call(struct kunit *test)
{
	struct xenpv_event *ev;
	unsigned int nth;

	begin(test);
	for (nth = 1; nth < 20; nth++) {
		xenpv_fake_fail_at(nth, -EIO);
		ev = xenpv_event_bind_virq(VIRQ_CONSOLE, 0, event_test_handler, 0,
					   "test", &a);
		if (!IS_ERR(ev)) {
			unsigned int left = xenpv_fake_event_open();

			xenpv_fake_fail_at(0, 0);
			KUNIT_EXPECT_EQ(test, left, 1);
			xenpv_event_unbind(ev);
			break;
		}
		xenpv_fake_fail_at(0, 0);
		KUNIT_EXPECT_EQ(test, PTR_ERR(ev), -EIO);
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	KUNIT_EXPECT_LT(test, nth, 20);
}

static void bind_late_needs_irq(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = xenpv_event_bind_virq(VIRQ_TIMER, 0, event_test_handler,
				   IRQF_PERCPU | XENPV_EVENT_LATE, "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ev), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

static void bind_peers(struct kunit *test)
{
	struct xenpv_event *ours, *theirs;

	begin(test);
	theirs = xenpv_event_bind_interdomain(PEER, 9, event_test_handler, IRQF_PERCPU,
					      "test", &a);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(theirs), -EINVAL);
	xenpv_fake_event_offer(PEER, 9);
	theirs = xenpv_event_bind_interdomain(PEER, 9, event_test_handler, IRQF_PERCPU,
					      "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(theirs));
	/* Xen makes up for what was sent before. */
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	xenpv_event_notify(theirs);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(xenpv_event_port(theirs)), 1);

	ours = xenpv_event_bind_unbound(PEER, event_test_handler, IRQF_PERCPU, "test", &b);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ours));
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_connect(xenpv_event_port(ours), 5), 0);
	xenpv_fake_event_send(xenpv_event_port(ours));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	xenpv_event_unbind(ours);
	xenpv_event_unbind(theirs);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

static void notify_ipi_once(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = xenpv_event_bind_ipi(1, event_test_handler, IRQF_PERCPU, "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ev));
	KUNIT_EXPECT_EQ(test, xenpv_event_irq(ev), 0);
	xenpv_event_notify(ev);
	xenpv_event_notify(ev);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(xenpv_event_port(ev)), 1);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	xenpv_event_notify(ev);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	xenpv_event_unbind(ev);
}

static void poll_without_handler(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = xenpv_event_bind_ipi(0, NULL, IRQF_PERCPU, "test", NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ev));
	xenpv_event_notify(ev);
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	KUNIT_EXPECT_EQ(test, xenpv_event_poll(ev), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_event_test_and_clear(ev));
	xenpv_event_unbind(ev);
}

static struct xenpv_event *bind_irq(struct kunit *test, unsigned long irqflags)
{
	struct xenpv_event *ev;

	ev = xenpv_event_bind_virq(VIRQ_CONSOLE, 0, event_test_handler, irqflags,
				   "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ev));
	KUNIT_ASSERT_GT(test, xenpv_event_irq(ev), 0);
	return ev;
}

static void irq_delivers(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = bind_irq(test, 0);
	for (unsigned int i = 1; i <= 3; i++) {
		xenpv_fake_event_send(xenpv_event_port(ev));
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, i);
	}
	xenpv_event_unbind(ev);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

/* What comes while the interrupt is disabled is delivered once it is enabled. */
static void irq_disabled_waits(struct kunit *test)
{
	begin(test);
	for (unsigned int late = 0; late < 2; late++) {
		struct xenpv_event *ev = bind_irq(test, late ? XENPV_EVENT_LATE : 0);

		a.calls = 0;
		disable_irq(xenpv_event_irq(ev));
		xenpv_fake_event_send(xenpv_event_port(ev));
		event_test_settle();
		xenpv_fake_event_send(xenpv_event_port(ev));
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, 0);
		enable_irq(xenpv_event_irq(ev));
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, 1);
		xenpv_event_unbind(ev);
	}
}

static void late_waits_for_done(struct kunit *test)
{
	struct xenpv_event *ev;

	begin(test);
	ev = bind_irq(test, XENPV_EVENT_LATE);
	for (unsigned int i = 0; i < 100; i++) {
		xenpv_fake_event_send(xenpv_event_port(ev));
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, i + 1);
		/* Not before the driver is done. */
		xenpv_fake_event_send(xenpv_event_port(ev));
		event_test_settle();
		KUNIT_EXPECT_EQ(test, a.calls, i + 1);
		xenpv_event_abi->clear(xenpv_event_port(ev));
		xenpv_event_done(ev, true);
	}
	KUNIT_EXPECT_EQ(test, ev->nr_spurious, 0);
	xenpv_event_unbind(ev);
}

static void move_takes_pending_along(struct kunit *test)
{
	begin(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 0, true));
	event_test_send(&a);
	KUNIT_EXPECT_EQ(test, xenpv_event_move(a.ev, 1), 0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	/* While the driver is not done, and back. */
	event_test_send(&a);
	KUNIT_EXPECT_EQ(test, xenpv_event_move(a.ev, 0), 0);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	event_test_done(&a, true);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(1));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	KUNIT_EXPECT_EQ(test, xenpv_event_move(a.ev, NR_CPUS_USED), -ENOENT);
	KUNIT_EXPECT_EQ(test, a.ev->cpu, 0);
	unbind_all(test);
}

static void affinity_is_asked_of_xen(struct kunit *test)
{
	struct xenpv_event *ev;
	unsigned int irq;

	begin(test);
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	ev = bind_irq(test, 0);
	irq = xenpv_event_irq(ev);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		KUNIT_EXPECT_EQ(test, irq_set_affinity(irq, cpumask_of(cpu)), 0);
		KUNIT_EXPECT_EQ(test, ev->cpu, cpu);
		xenpv_fake_event_send(xenpv_event_port(ev));
		KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(cpu));
		event_test_settle();
	}
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	xenpv_event_unbind(ev);
}

static void spread_prefers_the_idle(struct kunit *test)
{
	static struct cpumask both;
	struct channel more[4];

	begin(test);
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	bind_all(test);
	for (unsigned int cpu = 0; cpu < 2; cpu++)
		cpumask_set_cpu(cpu, &both);
	KUNIT_EXPECT_EQ(test, xenpv_event_spread(a.ev, &both), 1);
	KUNIT_EXPECT_EQ(test, xenpv_event_spread(a.ev, cpumask_of(0)), 0);
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, event_test_bind(&more[i], 1, false));
	KUNIT_EXPECT_EQ(test, xenpv_event_spread(a.ev, &both), 0);
	KUNIT_EXPECT_EQ(test, xenpv_event_spread(a.ev, cpu_none_mask), nr_cpu_ids);
	for (unsigned int i = 0; i < 4; i++)
		event_test_unbind(&more[i]);
	unbind_all(test);
}

/* A CPU goes with events on it; those that moved away arrive, its own wait. */
static void cpu_dead_and_back(struct kunit *test)
{
	struct xenpv_event *ipi;

	begin(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&a, 1, false));
	ipi = xenpv_event_bind_ipi(1, event_test_handler, IRQF_PERCPU, "test", &b);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ipi));
	event_test_send(&a);
	xenpv_event_notify(ipi);
	KUNIT_EXPECT_EQ(test, xenpv_event_move(a.ev, 0), 0);
	xenpv_event_abi->cpu_dead(1);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 0);
	event_test_send(&a);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, a.calls, 2);

	/* The IPI is not sent twice, so it must still be known. */
	xenpv_event_notify(ipi);
	KUNIT_EXPECT_EQ(test, xenpv_event_abi->cpu_up(1), 0);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(1));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	xenpv_event_unbind(ipi);
	unbind_all(test);
}

/* What save and restore do to the domain's side of Xen. */
static void become_another_domain(void)
{
	unsigned long flags;

	xenpv_event_suspend();
	local_irq_save(flags);
	xenpv_fake_event_reset();
	/* So that numbers change their owners. */
	xenpv_fake_event_first(2);
	xenpv_event_resume();
	local_irq_restore(flags);
	xenpv_event_thaw();
}

static void resume_rebinds_own(struct kunit *test)
{
	struct xenpv_event *ipi, *virq, *irq;

	begin(test);
	ipi = xenpv_event_bind_ipi(1, event_test_handler, IRQF_PERCPU, "test", &b);
	virq = xenpv_event_bind_virq(VIRQ_TIMER, 0, event_test_handler, IRQF_PERCPU,
				     "test", &c);
	irq = bind_irq(test, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ipi));
	KUNIT_ASSERT_FALSE(test, IS_ERR(virq));
	become_another_domain();
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 3);
	KUNIT_EXPECT_NE(test, xenpv_event_port(ipi), 1);
	xenpv_event_notify(ipi);
	xenpv_fake_event_send(xenpv_fake_event_virq(VIRQ_TIMER, 0));
	xenpv_fake_event_send(xenpv_fake_event_virq(VIRQ_CONSOLE, 0));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	KUNIT_EXPECT_EQ(test, c.calls, 1);
	xenpv_event_unbind(ipi);
	xenpv_event_unbind(virq);
	xenpv_event_unbind(irq);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

/* Port numbers of before belong to others now, and are not touched. */
static void resume_leaves_peers_dead(struct kunit *test)
{
	struct xenpv_event *old;
	evtchn_port_t port;

	begin(test);
	port = xenpv_fake_event_connected(PEER, 1);
	old = xenpv_event_bind_port(port, event_test_handler, 0, "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(old));
	KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(old, port), -EINVAL);
	become_another_domain();
	KUNIT_EXPECT_EQ(test, xenpv_event_port(old), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);

	xenpv_fake_event_first(port);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	KUNIT_EXPECT_EQ(test, b.port, port);
	xenpv_event_notify(old);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_sent(port), 0);
	disable_irq(xenpv_event_irq(old));
	enable_irq(xenpv_event_irq(old));
	xenpv_event_raise(old);
	event_test_send(&b);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 0);
	KUNIT_EXPECT_EQ(test, b.calls, 1);

	port = xenpv_fake_event_connected(PEER, 2);
	KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(old, port), 0);
	xenpv_fake_event_send(port);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	xenpv_event_unbind(old);
	unbind_all(test);
}

/* What was sent before, and not handled, is not sent again. */
static void resume_keeps_ipis(struct kunit *test)
{
	struct xenpv_event *handled, *polled;

	begin(test);
	handled = xenpv_event_bind_ipi(1, event_test_handler, IRQF_PERCPU, "test", &a);
	polled = xenpv_event_bind_ipi(0, NULL, IRQF_PERCPU, "test", NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(handled));
	KUNIT_ASSERT_FALSE(test, IS_ERR(polled));
	xenpv_event_notify(handled);
	xenpv_event_notify(polled);
	become_another_domain();
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(1));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_event_test_and_clear(polled));
	xenpv_event_notify(handled);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, 2);
	xenpv_event_unbind(handled);
	xenpv_event_unbind(polled);
}

/* An event of a peer on CPU 1, or what became of it in a resume. */
static struct xenpv_event *dead_on_cpu1(struct kunit *test)
{
	struct xenpv_event *ev;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	ev = xenpv_event_bind_port(xenpv_fake_event_connected(PEER, 1),
				   event_test_handler, 0, "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ev));
	KUNIT_EXPECT_EQ(test, irq_set_affinity(xenpv_event_irq(ev), cpumask_of(1)), 0);
	KUNIT_EXPECT_EQ(test, ev->cpu, 1);
	become_another_domain();
	return ev;
}

static void expect_on(struct kunit *test, evtchn_port_t port, unsigned int cpu)
{
	unsigned int calls = a.calls;

	xenpv_fake_event_send(port);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(cpu));
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(!cpu));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, a.calls, calls + 1);
}

/* Its CPU goes off while it is dead: the new port is not for that one. */
static void dead_is_moved(struct kunit *test)
{
	struct xenpv_event *ev;
	evtchn_port_t port;

	begin(test);
	ev = dead_on_cpu1(test);
	KUNIT_EXPECT_EQ(test, irq_set_affinity(xenpv_event_irq(ev), cpumask_of(0)), 0);
	KUNIT_EXPECT_EQ(test, ev->cpu, 0);
	port = xenpv_fake_event_connected(PEER, 2);
	KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(ev, port), 0);
	expect_on(test, port, 0);
	KUNIT_EXPECT_EQ(test, irq_set_affinity(xenpv_event_irq(ev), cpumask_of(1)), 0);
	expect_on(test, port, 1);
	xenpv_event_unbind(ev);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

/* Xen hears of the CPU again; and if it does not want it, all agree on CPU 0. */
static void rebind_keeps_its_cpu(struct kunit *test)
{
	struct xenpv_event *ev;
	evtchn_port_t port;

	begin(test);
	for (unsigned int refused = 0; refused < 2; refused++) {
		ev = dead_on_cpu1(test);
		port = xenpv_fake_event_connected(PEER, 2);
		xenpv_fake_fail_at(refused, -ENOENT);
		KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(ev, port), 0);
		xenpv_fake_fail_at(0, 0);
		KUNIT_EXPECT_EQ(test, ev->cpu, !refused);
		expect_on(test, port, !refused);
		xenpv_event_unbind(ev);
	}
}

/* Told of a port that has an event: it stays open, and where it is. */
static void rebind_to_a_taken_port(struct kunit *test)
{
	struct xenpv_event *ev;
	evtchn_port_t port;

	begin(test);
	ev = dead_on_cpu1(test);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(ev, b.port), -EEXIST);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);
	event_test_send(&b);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_event_due(0));
	event_test_settle();
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	KUNIT_EXPECT_EQ(test, a.calls, 0);

	port = xenpv_fake_event_connected(PEER, 2);
	KUNIT_EXPECT_EQ(test, xenpv_event_rebind_port(ev, port), 0);
	expect_on(test, port, 1);
	xenpv_event_unbind(ev);
	unbind_all(test);
}

static void unbind_dead_closes_nothing(struct kunit *test)
{
	struct xenpv_event *old;

	begin(test);
	old = xenpv_event_bind_port(xenpv_fake_event_connected(PEER, 1),
				    event_test_handler, 0, "test", &a);
	KUNIT_ASSERT_FALSE(test, IS_ERR(old));
	become_another_domain();
	xenpv_fake_event_first(1);
	KUNIT_ASSERT_TRUE(test, event_test_bind(&b, 0, false));
	xenpv_event_unbind(old);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 1);
	event_test_send(&b);
	event_test_settle();
	KUNIT_EXPECT_EQ(test, b.calls, 1);
	unbind_all(test);
}

KUNIT_ARRAY_PARAM(layout, event_layouts, event_layout_name);

#define EVENT_CASE(name)	KUNIT_CASE_PARAM(name, layout_gen_params)

static struct kunit_case event_cases[] = {
	EVENT_CASE(deliver_one),
	EVENT_CASE(deliver_words),
	EVENT_CASE(deliver_to_its_cpu),
	EVENT_CASE(masked_waits),
	EVENT_CASE(reasons_are_independent),
	EVENT_CASE(masked_after_the_look),
	EVENT_CASE(storm_is_bounded),
	EVENT_CASE(storm_of_two_is_bounded),
	EVENT_CASE(port_without_owner_is_dropped),
	EVENT_CASE(closing_is_dropped),
	EVENT_CASE(port_used_again),
	EVENT_CASE(port_out_of_range),
	EVENT_CASE(port_taken_already),
	EVENT_CASE(bind_without_xen),
	EVENT_CASE(bind_fails_at_each_call),
	EVENT_CASE(bind_late_needs_irq),
	EVENT_CASE(bind_peers),
	EVENT_CASE(notify_ipi_once),
	EVENT_CASE(poll_without_handler),
	EVENT_CASE(irq_delivers),
	EVENT_CASE(irq_disabled_waits),
	EVENT_CASE(late_waits_for_done),
	EVENT_CASE(move_takes_pending_along),
	EVENT_CASE(affinity_is_asked_of_xen),
	EVENT_CASE(spread_prefers_the_idle),
	EVENT_CASE(cpu_dead_and_back),
	EVENT_CASE(resume_rebinds_own),
	EVENT_CASE(resume_leaves_peers_dead),
	EVENT_CASE(resume_keeps_ipis),
	EVENT_CASE(dead_is_moved),
	EVENT_CASE(rebind_keeps_its_cpu),
	EVENT_CASE(rebind_to_a_taken_port),
	EVENT_CASE(unbind_dead_closes_nothing),
	{}
};

static struct kunit_suite event_suite = {
	.name = "xenpv_event",
	.init = event_init,
	.test_cases = event_cases,
};
kunit_test_suite(event_suite);

MODULE_DESCRIPTION("KUnit tests for Xen event channels");
MODULE_LICENSE("GPL");
