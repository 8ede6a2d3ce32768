// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of interrupt lines of devices, as a toolstack asks for them. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/event_arch.h>
#include "../private.h"

#define DEVICE	0x12345678U

static struct {
	u32 asked;
	int irq;
	int gsi;
} world;

static struct xenpv_privcmd file;
static unsigned long memory;

static int irq_of(u32 sbdf)
{
	world.asked = sbdf;
	return world.irq;
}

static int gsi_of(unsigned int irq)
{
	return irq == world.irq ? world.gsi : -ENOENT;
}

static int gsi_init(struct kunit *test)
{
	kunit_activate_static_stub(test, xenpv_privcmd_irq_of, irq_of);
	kunit_activate_static_stub(test, xenpv_event_gsi, gsi_of);
	file.only = XENPV_PRIVCMD_ALL;
	memory = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
	return 0;
}

static long ask(u32 *gsi)
{
	struct privcmd_pcidev_get_gsi op = { .sbdf = DEVICE, .gsi = 9999 };
	long ret;

	if (copy_to_user((void __user *)memory, &op, sizeof(op)))
		return -ENXIO;
	ret = xenpv_privcmd_gsi(&file, (void __user *)memory);
	if (copy_from_user(&op, (void __user *)memory, sizeof(op)))
		return -ENXIO;
	*gsi = op.gsi;
	return ret;
}

static void line_is_told(struct kunit *test)
{
	u32 gsi;

	world.irq = 44;
	for (world.gsi = 0; world.gsi < 40; world.gsi += 13) {
		KUNIT_EXPECT_EQ(test, ask(&gsi), 0);
		KUNIT_EXPECT_EQ(test, gsi, world.gsi);
		KUNIT_EXPECT_EQ(test, world.asked, DEVICE);
	}
}

static void no_line(struct kunit *test)
{
	static const int errors[] = { -ENODEV, -ENOENT };
	u32 gsi;

	for (unsigned int i = 0; i < ARRAY_SIZE(errors); i++) {
		world.irq = errors[i];
		KUNIT_EXPECT_EQ(test, ask(&gsi), errors[i]);
		KUNIT_EXPECT_EQ(test, gsi, 9999);
	}
	/* An interrupt by message has none. */
	world.irq = 44;
	world.gsi = -ENOENT;
	KUNIT_EXPECT_EQ(test, ask(&gsi), -ENOENT);
	KUNIT_EXPECT_EQ(test, gsi, 9999);
	KUNIT_EXPECT_EQ(test, xenpv_privcmd_gsi(&file, (void __user *)8), -EFAULT);
}

/* Whoever serves one guest has no business with devices of the machine. */
static void restricted(struct kunit *test)
{
	u32 gsi;

	world.irq = 44;
	world.gsi = 16;
	world.asked = 0;
	file.only = 5;
	KUNIT_EXPECT_EQ(test, ask(&gsi), -EPERM);
	file.only = XENPV_PRIVCMD_NONE;
	KUNIT_EXPECT_EQ(test, ask(&gsi), -EPERM);
	KUNIT_EXPECT_EQ(test, world.asked, 0);
}

static struct kunit_case gsi_cases[] = {
	KUNIT_CASE(line_is_told),
	KUNIT_CASE(no_line),
	KUNIT_CASE(restricted),
	{}
};

static struct kunit_suite gsi_suite = {
	.name = "xenpv_privcmd_gsi",
	.init = gsi_init,
	.test_cases = gsi_cases,
};
kunit_test_suites(&gsi_suite);
