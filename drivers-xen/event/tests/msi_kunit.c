// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of events behind interrupts of another domain, as messages of PCI devices are. */

#include <kunit/test.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/string.h>

#include "harness.h"

#define PIRQ	40
#define HWIRQ	0x1234

static struct irq_domain *domain;
static unsigned int calls, irq;
static long status_flags;

static int map(struct irq_domain *d, unsigned int virq, irq_hw_number_t hw)
{
	return 0;
}

static const struct irq_domain_ops ops = { .map = map };

static irqreturn_t handler(int virq, void *dev)
{
	calls++;
	return IRQ_HANDLED;
}

static long physdev(unsigned long cmd, unsigned long arg, unsigned long a3,
		    unsigned long a4, unsigned long a5)
{
	struct physdev_irq_status_query *query = (void *)arg;

	if (cmd != PHYSDEVOP_irq_status_query)
		return -ENOSYS;
	query->flags = status_flags;
	return status_flags < 0 ? status_flags : 0;
}

static int msi_init(struct kunit *test)
{
	struct fwnode_handle *fwnode = irq_domain_alloc_named_fwnode("xenpv-msi-test");

	domain = fwnode ? irq_domain_create_tree(fwnode, &ops, NULL) : NULL;
	if (!domain)
		return -ENOMEM;
	irq = irq_create_mapping(domain, HWIRQ);
	calls = 0;
	status_flags = 0;
	return irq ? 0 : -ENOSPC;
}

static void msi_exit(struct kunit *test)
{
	struct fwnode_handle *fwnode = domain ? domain->fwnode : NULL;

	if (domain) {
		irq_dispose_mapping(irq);
		irq_domain_remove(domain);
		irq_domain_free_fwnode(fwnode);
	}
	domain = NULL;
}

/* As in msi_free() of the ground floor: what comes after is the interrupt's end. */
static void __init begin(struct kunit *test)
{
	event_test_start(test, &xenpv_event_fifo);
	xenpv_fake_serve(__HYPERVISOR_physdev_op, physdev);
	xenpv_event_msi_chip();
}

static void __init comes_as_given_interrupt(struct kunit *test)
{
	struct irq_data *data;

	begin(test);
	KUNIT_ASSERT_EQ(test, xenpv_event_adopt_pirq(domain, irq, HWIRQ, PIRQ), 0);
	data = irq_get_irq_data(irq);
	KUNIT_EXPECT_EQ(test, xenpv_event_pirq(data), PIRQ);
	KUNIT_EXPECT_EQ(test, data->hwirq, HWIRQ);
	KUNIT_ASSERT_EQ(test, request_irq(irq, handler, 0, "test", NULL), 0);

	KUNIT_EXPECT_EQ(test, xenpv_fake_event_send(xenpv_fake_event_pirq(PIRQ)), 0);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, calls, 1);

	KUNIT_EXPECT_EQ(test, irq_set_affinity(irq, cpumask_of(1)), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_send(xenpv_fake_event_pirq(PIRQ)), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_fake_event_due(0));
	event_test_upcall(1);
	KUNIT_EXPECT_EQ(test, calls, 2);

	free_irq(irq, NULL);
	xenpv_event_drop_pirq(data);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_pirq(PIRQ), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

static void __init waits_for_its_handler(struct kunit *test)
{
	begin(test);
	KUNIT_ASSERT_EQ(test, xenpv_event_adopt_pirq(domain, irq, HWIRQ, PIRQ), 0);
	/* The device is early: what it says is kept until somebody listens. */
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_send(xenpv_fake_event_pirq(PIRQ)), 0);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, calls, 0);
	KUNIT_ASSERT_EQ(test, request_irq(irq, handler, 0, "test", NULL), 0);
	event_test_upcall(0);
	KUNIT_EXPECT_EQ(test, calls, 1);
	free_irq(irq, NULL);
	xenpv_event_drop_pirq(irq_get_irq_data(irq));
}

static void __init gone_event_is_not_moved(struct kunit *test)
{
	begin(test);
	KUNIT_ASSERT_EQ(test, xenpv_event_adopt_pirq(domain, irq, HWIRQ, PIRQ), 0);
	xenpv_event_drop_pirq(irq_get_irq_data(irq));
	/* The interrupt is still there, and anybody may write its affinity. */
	KUNIT_EXPECT_LT(test, irq_set_affinity(irq, cpumask_of(1)), 0);
}

static void __init refused_leaves_nothing(struct kunit *test)
{
	begin(test);
	KUNIT_EXPECT_LT(test, xenpv_event_adopt_pirq(domain, irq, HWIRQ, XENPV_FAKE_PIRQS), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
}

static void __init told_when_xen_wants(struct kunit *test)
{
	begin(test);
	KUNIT_EXPECT_FALSE(test, xenpv_event_pirq_query(PIRQ));
	status_flags = XENIRQSTAT_needs_eoi;
	KUNIT_EXPECT_TRUE(test, xenpv_event_pirq_query(PIRQ));
	/* It can't be learned: rather once too often. */
	status_flags = -EINVAL;
	KUNIT_EXPECT_TRUE(test, xenpv_event_pirq_query(PIRQ));
}

static struct kunit_case msi_cases[] __refdata = {
	KUNIT_CASE(comes_as_given_interrupt),
	KUNIT_CASE(waits_for_its_handler),
	KUNIT_CASE(gone_event_is_not_moved),
	KUNIT_CASE(refused_leaves_nothing),
	KUNIT_CASE(told_when_xen_wants),
	{}
};

static struct kunit_suite msi_suite __refdata = {
	.name = "xenpv_event_msi",
	.init = msi_init,
	.exit = msi_exit,
	.test_cases = msi_cases,
};

/* Not to be run again later: the chip is read-only by then. */
kunit_test_init_section_suite(msi_suite);
