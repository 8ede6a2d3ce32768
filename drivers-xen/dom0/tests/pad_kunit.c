// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the processor aggregator: wishes of firmware, answers of Xen. */

#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../pad.h"
#include "../pcpu.h"

static struct {
	u32 wish;
	u32 parked;
	long set, get;
} xen;

static long platform_op(unsigned long arg, unsigned long a2, unsigned long a3,
			unsigned long a4, unsigned long a5)
{
	struct xen_platform_op *op = (void *)arg;

	if (op->cmd != XENPF_core_parking)
		return -EINVAL;
	if (op->u.core_parking.type == XEN_CORE_PARKING_SET) {
		xen.wish = op->u.core_parking.idle_nums;
		return xen.set;
	}
	op->u.core_parking.idle_nums = xen.parked;
	return xen.get;
}

static void wishes(struct kunit *test)
{
	static const struct {
		u32 count;
		u32 types[2];
		u64 values[2];
		int ret;
	} rows[] = {
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, 6 }, 0 },
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, U32_MAX }, 0 },
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, BIT_ULL(32) }, -EPROTO },
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 2, 6 }, -EPROTO },
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 0, 6 }, -EPROTO },
		{ 2, { ACPI_TYPE_STRING, ACPI_TYPE_INTEGER }, { 1, 6 }, -EPROTO },
		{ 2, { ACPI_TYPE_INTEGER, ACPI_TYPE_STRING }, { 1, 6 }, -EPROTO },
		{ 1, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, 6 }, -EPROTO },
		{ 0, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, 6 }, -EPROTO },
		{ 3, { ACPI_TYPE_INTEGER, ACPI_TYPE_INTEGER }, { 1, 6 }, -EPROTO },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		union acpi_object parts[3] = { };
		union acpi_object pur = { .package = { ACPI_TYPE_PACKAGE, rows[i].count, parts } };
		u32 nr = 99;

		for (unsigned int j = 0; j < 2; j++) {
			parts[j].integer.type = rows[i].types[j];
			parts[j].integer.value = rows[i].values[j];
		}
		KUNIT_EXPECT_EQ_MSG(test, xenpv_pad_read_pur(&pur, &nr), rows[i].ret, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, nr, rows[i].ret ? 99 : (u32)rows[i].values[1],
				    "row %u", i);
		pur.type = ACPI_TYPE_INTEGER;
		KUNIT_EXPECT_EQ_MSG(test, xenpv_pad_read_pur(&pur, &nr), -EPROTO, "row %u", i);
	}
}

/* Firmware is told what Xen does, not what it was asked for; and no number after an error. */
static void parking(struct kunit *test)
{
	u32 parked = 99;

	memset(&xen, 0, sizeof(xen));
	xen.parked = 5;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), 0);
	KUNIT_EXPECT_EQ(test, xen.wish, 6);
	KUNIT_EXPECT_EQ(test, parked, 5);

	xen.parked = XENPV_PCPU_LIMIT;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), -EPROTO);
	KUNIT_EXPECT_EQ(test, parked, 0);
	xen.get = -EFAULT;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), -EFAULT);
	KUNIT_EXPECT_EQ(test, parked, 0);
	xen.get = 3;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), -EPROTO);
	xen.set = -EPERM;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), -EPERM);
	xen.set = 3;
	KUNIT_EXPECT_EQ(test, xenpv_pad_park(6, &parked), -EPROTO);
	KUNIT_EXPECT_EQ(test, parked, 0);
}

static int pad_test_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_platform_op, platform_op);
	return 0;
}

static struct kunit_case pad_cases[] = {
	KUNIT_CASE(wishes),
	KUNIT_CASE(parking),
	{}
};

static struct kunit_suite pad_suite = {
	.name = "xenpv_pad",
	.init = pad_test_init,
	.test_cases = pad_cases,
};
kunit_test_suites(&pad_suite);
