// SPDX-License-Identifier: GPL-2.0-only
/* Tests of physical CPUs: what Xen says of them, and what sysfs shows. */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/kernfs.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../pcpu.h"

#define NR	8

/* The machine: bits of CPUs, and how Xen lies about it. */
static struct {
	unsigned long present;
	unsigned long online;
	unsigned int asked;
	unsigned int busy;
	long answer;
	void (*lie)(struct xenpf_pcpuinfo *info);
	u32 cmd;
	u32 switched;
} machine;

static void tell(struct xenpf_pcpuinfo *info)
{
	u32 cpu = info->xen_cpuid;

	info->max_present = __fls(machine.present);
	if (cpu >= NR || !test_bit(cpu, &machine.present)) {
		info->flags = XEN_PCPU_FLAGS_INVALID;
	} else {
		info->flags = test_bit(cpu, &machine.online) ? XEN_PCPU_FLAGS_ONLINE : 0;
		info->apic_id = cpu * 2;
		info->acpi_id = cpu + 100;
	}
	if (machine.lie)
		machine.lie(info);
}

static long platform_op(unsigned long arg, unsigned long a2, unsigned long a3,
			unsigned long a4, unsigned long a5)
{
	struct xen_platform_op *op = (void *)arg;

	if (machine.busy) {
		machine.busy--;
		return -EBUSY;
	}
	if (machine.answer)
		return machine.answer;
	if (op->cmd == XENPF_get_cpuinfo) {
		machine.asked++;
		tell(&op->u.pcpu_info);
		return 0;
	}
	machine.cmd = op->cmd;
	machine.switched = op->u.cpu_ol.cpuid;
	return 0;
}

static int pcpu_test_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_platform_op, platform_op);
	memset(&machine, 0, sizeof(machine));
	machine.present = 0x2f;
	machine.online = 0x0d;
	return 0;
}

/* What there is, runs, and is missing. */
static void ask_what_is_there(struct kunit *test)
{
	struct xenpv_pcpu_facts facts;

	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(3, &facts), 0);
	KUNIT_EXPECT_EQ(test, facts.cpu, 3);
	KUNIT_EXPECT_EQ(test, facts.last, 5);
	KUNIT_EXPECT_EQ(test, facts.apic_id, 6);
	KUNIT_EXPECT_EQ(test, facts.acpi_id, 103);
	KUNIT_EXPECT_TRUE(test, facts.online);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(1, &facts), 0);
	KUNIT_EXPECT_FALSE(test, facts.online);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(4, &facts), -ENODEV);
	KUNIT_EXPECT_EQ(test, facts.last, 5);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(7, &facts), -ENODEV);
}

static void both_flags(struct xenpf_pcpuinfo *info)
{
	info->flags = XEN_PCPU_FLAGS_ONLINE | XEN_PCPU_FLAGS_INVALID;
}

static void unknown_flag(struct xenpf_pcpuinfo *info)
{
	info->flags |= 4;
}

static void too_many(struct xenpf_pcpuinfo *info)
{
	info->max_present = XENPV_PCPU_LIMIT;
}

static void far_too_many(struct xenpf_pcpuinfo *info)
{
	info->max_present = U32_MAX;
}

static void another(struct xenpf_pcpuinfo *info)
{
	info->xen_cpuid++;
}

static void beyond_the_last(struct xenpf_pcpuinfo *info)
{
	info->max_present = 2;
}

/* Answers that are none. */
static void ask_a_liar(struct kunit *test)
{
	static void (*const lies[])(struct xenpf_pcpuinfo *info) = {
		both_flags, unknown_flag, too_many, far_too_many, another, beyond_the_last,
	};
	struct xenpv_pcpu_facts facts;

	for (unsigned int i = 0; i < ARRAY_SIZE(lies); i++) {
		machine.lie = lies[i];
		KUNIT_EXPECT_EQ_MSG(test, xenpv_pcpu_ask(3, &facts), -EPROTO, "lie %u", i);
	}
	machine.lie = NULL;
	machine.answer = 1;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(3, &facts), -EPROTO);
	machine.answer = -EPERM;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(3, &facts), -EPERM);
}

/* Xen is busy for some time, or for ever. */
static void ask_while_busy(struct kunit *test)
{
	struct xenpv_pcpu_facts facts;

	machine.busy = 3;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(3, &facts), 0);
	machine.busy = 1000000;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_ask(3, &facts), -EBUSY);
	KUNIT_EXPECT_GT(test, machine.busy, 999000);
}

static unsigned long visited;

static int visit(const struct xenpv_pcpu_facts *facts, void *arg)
{
	visited |= BIT(facts->cpu % BITS_PER_LONG);
	return facts->cpu == (unsigned long)arg ? -ENOMEM : 0;
}

static void one_more(struct xenpf_pcpuinfo *info)
{
	info->flags = 0;
	info->max_present = info->xen_cpuid + 1;
}

/* Over gaps to the last; no further than an error; and not for ever. */
static void each_to_the_last(struct kunit *test)
{
	visited = 0;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_each(visit, (void *)NR), 0);
	KUNIT_EXPECT_EQ(test, visited, machine.present);
	KUNIT_EXPECT_EQ(test, machine.asked, 6);

	visited = 0;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_each(visit, (void *)2), -ENOMEM);
	KUNIT_EXPECT_EQ(test, visited, 7);

	machine.lie = one_more;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_each(visit, (void *)XENPV_PCPU_LIMIT), -EPROTO);
}

static unsigned long shown(void)
{
	unsigned long set = 0;

	for (u32 cpu = 0; cpu < NR; cpu++)
		if (xenpv_pcpu_device(cpu))
			set |= BIT(cpu);
	return set;
}

static void end_pcpus(void *unused)
{
	xenpv_pcpu_end();
}

static void begin_pcpus(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xenpv_pcpu_begin(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_pcpus, NULL), 0);
}

/* What comes is shown, what goes is not, and a look that fails takes nothing away. */
static void look_at_what_changes(struct kunit *test)
{
	begin_pcpus(test);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), 0);
	KUNIT_EXPECT_EQ(test, shown(), 0x2f);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), 0);

	machine.present = 0x65;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), 0);
	KUNIT_EXPECT_EQ(test, shown(), 0x65);

	machine.present = 0x1;
	machine.lie = unknown_flag;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), -EPROTO);
	KUNIT_EXPECT_EQ(test, shown(), 0x65);
	machine.lie = NULL;
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), 0);
	KUNIT_EXPECT_EQ(test, shown(), 0x1);
}

static struct device_attribute *online_of(struct device *dev)
{
	return container_of(dev->groups[0]->attrs[0], struct device_attribute, attr);
}

static bool has_file(struct device *dev)
{
	struct kernfs_node *node = kernfs_find_and_get(dev->kobj.sd, "online");
	bool found = node;

	kernfs_put(node);
	return found;
}

/* The file says what Xen says now, and passes what Xen answers. */
static void file_of_a_cpu(struct kunit *test)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	struct device_attribute *online;
	struct device *dev;

	KUNIT_ASSERT_NOT_NULL(test, page);
	begin_pcpus(test);
	KUNIT_EXPECT_EQ(test, xenpv_pcpu_look(), 0);
	dev = xenpv_pcpu_device(3);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_STREQ(test, dev_name(dev), "xen_cpu3");
	KUNIT_EXPECT_TRUE(test, has_file(dev));
	KUNIT_EXPECT_FALSE(test, has_file(xenpv_pcpu_device(0)));

	online = online_of(dev);
	KUNIT_EXPECT_EQ(test, online->attr.mode, 0644);
	KUNIT_EXPECT_EQ(test, online->show(dev, online, page), 2);
	KUNIT_EXPECT_STREQ(test, page, "1\n");
	machine.online = 0;
	KUNIT_EXPECT_EQ(test, online->show(dev, online, page), 2);
	KUNIT_EXPECT_STREQ(test, page, "0\n");

	KUNIT_EXPECT_EQ(test, online->store(dev, online, "1\n", 2), 2);
	KUNIT_EXPECT_EQ(test, machine.cmd, XENPF_cpu_online);
	KUNIT_EXPECT_EQ(test, machine.switched, 3);
	KUNIT_EXPECT_EQ(test, online->store(dev, online, "0\n", 2), 2);
	KUNIT_EXPECT_EQ(test, machine.cmd, XENPF_cpu_offline);
	KUNIT_EXPECT_EQ(test, online->store(dev, online, "x\n", 2), -EINVAL);
	machine.answer = -EBUSY;
	KUNIT_EXPECT_EQ(test, online->store(dev, online, "1\n", 2), -EBUSY);
	machine.answer = 7;
	KUNIT_EXPECT_EQ(test, online->store(dev, online, "1\n", 2), -EPROTO);
	free_page((unsigned long)page);
}

static struct kunit_case pcpu_cases[] = {
	KUNIT_CASE(ask_what_is_there),
	KUNIT_CASE(ask_a_liar),
	KUNIT_CASE(ask_while_busy),
	KUNIT_CASE(each_to_the_last),
	KUNIT_CASE(look_at_what_changes),
	KUNIT_CASE(file_of_a_cpu),
	{}
};

static struct kunit_suite pcpu_suite = {
	.name = "xenpv_pcpu",
	.init = pcpu_test_init,
	.test_cases = pcpu_cases,
};
kunit_test_suites(&pcpu_suite);
