// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the event room, on a shared-info page that nobody shares. */

#include <kunit/test.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include <xenpv/self.h>
#include <xenpv/vcpu.h>
#include "../private.h"

/*
 * The tests stand in for Xen: they set the bits that it would set, in its
 * order, and run the upcall by hand.  Without Xen, hypercalls answer -ENOSYS,
 * and nobody else looks at the pages.
 */

/* Two ports of one word, one of another, and the last one. */
#define PORT_A		70
#define PORT_B		71
#define PORT_C		130
#define PORT_LAST	(EVTCHN_2L_NR_CHANNELS - 1)

struct fake {
	struct shared_info shared;
	struct vcpu_info vcpu;
	struct shared_info *real_shared;
	struct vcpu_info *real_vcpu;
};

static unsigned int calls_a, calls_b, storm;
static struct fake *fake;

static void fake_set_pending(evtchn_port_t port)
{
	__set_bit(port, (unsigned long *)fake->shared.evtchn_pending);
	if (test_bit(port, (unsigned long *)fake->shared.evtchn_mask))
		return;
	__set_bit(port / BITS_PER_LONG, (unsigned long *)&fake->vcpu.evtchn_pending_sel);
	fake->vcpu.evtchn_upcall_pending = 1;
}

static irqreturn_t count_a(int irq, void *dev)
{
	calls_a++;
	return IRQ_HANDLED;
}

static irqreturn_t count_b(int irq, void *dev)
{
	calls_b++;
	return IRQ_HANDLED;
}

/* A peer that sends again each time, without end. */
static irqreturn_t count_storm(int irq, void *dev)
{
	struct xenpv_event *ev = dev;

	storm++;
	fake_set_pending(ev->port);
	return IRQ_HANDLED;
}

static void upcall(void)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_write(xenpv_vcpu, &fake->vcpu);
	xenpv_event_run(smp_processor_id());
	this_cpu_write(xenpv_vcpu, fake->real_vcpu);
	local_irq_restore(flags);
}

static void start(struct kunit *test, struct xenpv_event *ev, evtchn_port_t port,
		  irq_handler_t handler)
{
	*ev = (struct xenpv_event) {
		.port = port, .handler = handler, .dev = ev, .name = "test",
		.pirq = -1,
	};
	ev->cpu = raw_smp_processor_id();
	KUNIT_ASSERT_EQ(test, xenpv_event_publish(ev), 0);
	xenpv_event_abi->unmask(port);
}

static int event_init(struct kunit *test)
{
	if (xenpv_self.kind != XENPV_KIND_NONE)
		kunit_skip(test, "the pages are Xen's here");

	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	if (!fake)
		return -ENOMEM;
	/*
	 * What is bound to a CPU is found on that CPU only.  KUnit has a thread of
	 * its own for the case, which ends with it; event_exit() runs in another.
	 */
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	fake->real_shared = xenpv_shared_info;
	fake->real_vcpu = this_cpu_read(xenpv_vcpu);
	xenpv_shared_info = &fake->shared;
	xenpv_event_abi->init();
	calls_a = 0;
	calls_b = 0;
	storm = 0;
	return 0;
}

static void event_exit(struct kunit *test)
{
	if (!fake)
		return;
	xenpv_shared_info = fake->real_shared;
	fake = NULL;
}

static void deliver_one(struct kunit *test)
{
	struct xenpv_event a, b;

	start(test, &a, PORT_A, count_a);
	start(test, &b, PORT_B, count_b);
	fake_set_pending(PORT_A);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 1);
	KUNIT_EXPECT_EQ(test, calls_b, 0);
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->pending(PORT_A));

	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 1);
	xenpv_event_withdraw(&a);
	xenpv_event_withdraw(&b);
}

static void deliver_words(struct kunit *test)
{
	struct xenpv_event a, c, last;

	start(test, &a, PORT_A, count_a);
	start(test, &c, PORT_C, count_a);
	start(test, &last, PORT_LAST, count_b);
	fake_set_pending(PORT_A);
	fake_set_pending(PORT_C);
	fake_set_pending(PORT_LAST);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 2);
	KUNIT_EXPECT_EQ(test, calls_b, 1);
	KUNIT_EXPECT_EQ(test, fake->vcpu.evtchn_pending_sel, 0UL);
	xenpv_event_withdraw(&a);
	xenpv_event_withdraw(&c);
	xenpv_event_withdraw(&last);
}

static void masked_waits(struct kunit *test)
{
	struct xenpv_event a, b;

	start(test, &a, PORT_A, count_a);
	start(test, &b, PORT_B, count_b);
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->mask(PORT_A));
	KUNIT_EXPECT_TRUE(test, xenpv_event_abi->mask(PORT_A));
	fake_set_pending(PORT_A);
	/* The neighbour makes the scan look at the word. */
	fake_set_pending(PORT_B);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 0);
	KUNIT_EXPECT_EQ(test, calls_b, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_event_test_and_clear(&a));
	KUNIT_EXPECT_FALSE(test, xenpv_event_test_and_clear(&a));
	xenpv_event_withdraw(&a);
	xenpv_event_withdraw(&b);
}

/* Xen only delivers on unmask if it finds the mask bit set. */
static void unmask_pending_leaves_mask(struct kunit *test)
{
	struct xenpv_event a;

	start(test, &a, PORT_A, count_a);
	xenpv_event_mask(&a);
	fake_set_pending(PORT_A);
	xenpv_event_unmask(&a);
	KUNIT_EXPECT_TRUE(test, xenpv_event_abi->mask(PORT_A));
	xenpv_event_withdraw(&a);
}

static void other_cpu_not_touched(struct kunit *test)
{
	struct xenpv_event a;

	start(test, &a, PORT_A, count_a);
	xenpv_event_abi->unbind(PORT_A, a.cpu);
	fake_set_pending(PORT_A);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 0);
	KUNIT_EXPECT_TRUE(test, xenpv_event_abi->pending(PORT_A));
	xenpv_event_withdraw(&a);
}

static void storm_is_bounded(struct kunit *test)
{
	struct xenpv_event a, b;

	start(test, &a, PORT_A, count_storm);
	start(test, &b, PORT_B, count_b);
	fake_set_pending(PORT_A);
	fake_set_pending(PORT_B);
	upcall();
	KUNIT_EXPECT_GT(test, storm, 0);
	KUNIT_EXPECT_LE(test, storm, 8);
	KUNIT_EXPECT_EQ(test, calls_b, 1);
	/* Not lost: Xen is to call again. */
	KUNIT_EXPECT_EQ(test, fake->vcpu.evtchn_upcall_pending, 1);
	xenpv_event_withdraw(&a);
	xenpv_event_withdraw(&b);
}

static void port_without_owner(struct kunit *test)
{
	xenpv_event_abi->bind(PORT_A, raw_smp_processor_id());
	xenpv_event_abi->unmask(PORT_A);
	fake_set_pending(PORT_A);
	upcall();
	KUNIT_EXPECT_FALSE(test, xenpv_event_abi->pending(PORT_A));
	xenpv_event_abi->unbind(PORT_A, raw_smp_processor_id());
}

static void port_used_again(struct kunit *test)
{
	struct xenpv_event old, new;

	start(test, &old, PORT_A, count_a);
	fake_set_pending(PORT_A);
	xenpv_event_withdraw(&old);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 0);

	/* Closing the port clears it. */
	clear_bit(PORT_A, (unsigned long *)fake->shared.evtchn_pending);
	start(test, &new, PORT_A, count_b);
	fake_set_pending(PORT_A);
	upcall();
	KUNIT_EXPECT_EQ(test, calls_a, 0);
	KUNIT_EXPECT_EQ(test, calls_b, 1);
	xenpv_event_withdraw(&new);
}

static void port_out_of_range(struct kunit *test)
{
	struct xenpv_event ev = { .port = EVTCHN_2L_NR_CHANNELS };

	KUNIT_EXPECT_EQ(test, xenpv_event_publish(&ev), -ERANGE);
	ev.port = ~0U;
	KUNIT_EXPECT_EQ(test, xenpv_event_publish(&ev), -ERANGE);
	guard(rcu)();
	KUNIT_EXPECT_NULL(test, xenpv_event_find(~0U));
}

static void bind_without_xen(struct kunit *test)
{
	struct xenpv_event *ev;

	ev = xenpv_event_bind_ipi(0, count_a, IRQF_PERCPU, "test", NULL);
	KUNIT_EXPECT_TRUE(test, IS_ERR(ev));
	xenpv_event_unbind(ev);
	xenpv_event_unbind(NULL);
	xenpv_event_notify(NULL);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(deliver_one),
	KUNIT_CASE(deliver_words),
	KUNIT_CASE(masked_waits),
	KUNIT_CASE(unmask_pending_leaves_mask),
	KUNIT_CASE(other_cpu_not_touched),
	KUNIT_CASE(storm_is_bounded),
	KUNIT_CASE(port_without_owner),
	KUNIT_CASE(port_used_again),
	KUNIT_CASE(port_out_of_range),
	KUNIT_CASE(bind_without_xen),
	{}
};

static struct kunit_suite event_suite = {
	.name = "xenpv_event",
	.init = event_init,
	.exit = event_exit,
	.test_cases = event_cases,
};
kunit_test_suite(event_suite);

MODULE_DESCRIPTION("KUnit tests for Xen event channels");
MODULE_LICENSE("GPL");
