// SPDX-License-Identifier: GPL-2.0-only
/* Tests of power tables: firmware that lies, and what Xen gets. */

#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <acpi/processor.h>

#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../power.h"

#define INT(v)		{ .integer = { ACPI_TYPE_INTEGER, (v) } }
#define PACKAGE(e)	{ .package = { ACPI_TYPE_PACKAGE, ARRAY_SIZE(e), (e) } }

/* A register in a template, with the two bytes that end that. */
#define REGISTER(space, width, offset, access, address)				\
	{ 0x82, 12, 0, (space), (width), (offset), (access), (address) & 0xff,	\
	  (address) >> 8 & 0xff, (address) >> 16 & 0xff, 0, 0, 0, 0, 0, 0x79, 0 }
#define REGISTER_SIZE	17

static void set_buffer(union acpi_object *object, u8 *bytes)
{
	object->buffer.type = ACPI_TYPE_BUFFER;
	object->buffer.length = REGISTER_SIZE;
	object->buffer.pointer = bytes;
}

static void set_int(union acpi_object *object, u64 value)
{
	object->integer.type = ACPI_TYPE_INTEGER;
	object->integer.value = value;
}

/* A table of three idle states, for a test to spoil; all of them are good. */
static struct {
	u8 regs[3][REGISTER_SIZE];
	union acpi_object parts[3][4];
	union acpi_object top[4];
	union acpi_object cst;
	struct xenpv_power_idle idle;
} c;

static void make_cst(void)
{
	static const u8 regs[3][REGISTER_SIZE] = {
		REGISTER(ACPI_ADR_SPACE_FIXED_HARDWARE, 1, 2, 1, 0),
		REGISTER(ACPI_ADR_SPACE_FIXED_HARDWARE, 1, 2, 3, 0x10),
		REGISTER(ACPI_ADR_SPACE_SYSTEM_IO, 8, 0, 1, 0x415),
	};

	memset(&c, 0, sizeof(c));
	memcpy(c.regs, regs, sizeof(regs));
	for (unsigned int i = 0; i < 3; i++) {
		set_buffer(&c.parts[i][0], c.regs[i]);
		set_int(&c.parts[i][1], i + 1);
		set_int(&c.parts[i][2], 10 * (i + 1));
		set_int(&c.parts[i][3], 1000 - i);
		c.top[i + 1] = (union acpi_object)PACKAGE(c.parts[i]);
	}
	set_int(&c.top[0], 3);
	c.cst = (union acpi_object)PACKAGE(c.top);
}

static void cst_that_is_good(struct kunit *test)
{
	make_cst();
	KUNIT_ASSERT_EQ(test, xenpv_power_read_cst(&c.cst, &c.idle), 0);
	KUNIT_ASSERT_EQ(test, c.idle.nr, 3);
	KUNIT_EXPECT_TRUE(test, c.idle.by_object);
	KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.space_id, ACPI_ADR_SPACE_FIXED_HARDWARE);
	KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.bit_width, 1);
	KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.bit_offset, 2);
	KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.access_size, 3);
	KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.address, 0x10);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].reg.space_id, ACPI_ADR_SPACE_SYSTEM_IO);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].reg.address, 0x415);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].type, ACPI_STATE_C3);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].latency, 30);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].power, 998);
	KUNIT_EXPECT_EQ(test, c.idle.states[2].dpcnt, 0);
}

/**
 * struct spoiled - one thing that is wrong with the second state
 * @what: is wrong
 * @at: which byte or part
 * @value: what it is
 */
struct spoiled {
	enum { BYTE, BYTE_OF_PORT, LENGTH, NUMBER, TYPE, COUNT, STATE } what;
	unsigned int at;
	u64 value;
};

static const struct spoiled spoiled[] = {
	{ NUMBER, 1, 0 },
	{ NUMBER, 1, 4 },
	{ NUMBER, 1, BIT_ULL(32) + 2 },
	{ NUMBER, 2, BIT_ULL(32) },
	{ NUMBER, 3, BIT_ULL(32) },
	{ NUMBER, 0, 0 },
	{ TYPE, 1, ACPI_TYPE_STRING },
	{ LENGTH, 0, 14 },
	{ LENGTH, 0, 0 },
	{ BYTE, 0, 0x86 },
	{ BYTE, 1, 11 },
	{ BYTE, 2, 1 },
	{ BYTE, 3, ACPI_ADR_SPACE_SYSTEM_MEMORY },
	{ BYTE_OF_PORT, 7, 0 },
	{ BYTE_OF_PORT, 9, 1 },
	{ COUNT, 0, 3 },
	{ COUNT, 0, 0 },
	{ STATE, 0, ACPI_TYPE_INTEGER },
	{ STATE, 0, ACPI_TYPE_ANY },
};

static void spoil(const struct spoiled *row)
{
	switch (row->what) {
	case BYTE_OF_PORT:
		c.regs[1][3] = ACPI_ADR_SPACE_SYSTEM_IO;
		fallthrough;
	case BYTE:
		c.regs[1][row->at] = row->value;
		break;
	case LENGTH:
		c.parts[1][0].buffer.length = row->value;
		break;
	case NUMBER:
		set_int(&c.parts[1][row->at], row->value);
		break;
	case TYPE:
		c.parts[1][row->at].type = row->value;
		break;
	case COUNT:
		c.top[2].package.count = row->value;
		break;
	case STATE:
		c.top[2].type = row->value;
		break;
	}
}

/* A state that makes no sense is left out, and the others stay. */
static void cst_with_a_bad_state(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(spoiled); i++) {
		make_cst();
		spoil(&spoiled[i]);
		KUNIT_EXPECT_EQ_MSG(test, xenpv_power_read_cst(&c.cst, &c.idle), 0, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, c.idle.nr, 2, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, c.idle.states[0].type, ACPI_STATE_C1, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, c.idle.states[1].type, ACPI_STATE_C3, "row %u", i);
	}
}

/* The number of states is not that of the states. */
static void cst_that_cannot_count(struct kunit *test)
{
	static const u64 counts[] = { 0, 2, 4, 255, BIT_ULL(32) + 3, U64_MAX };
	union acpi_object none = INT(3);

	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
		make_cst();
		set_int(&c.top[0], counts[i]);
		KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(&c.cst, &c.idle), -EPROTO);
		KUNIT_EXPECT_EQ(test, c.idle.nr, 0);
	}
	make_cst();
	c.top[0].type = ACPI_TYPE_STRING;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(&c.cst, &c.idle), -EPROTO);
	c.cst.package.count = 0;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(&c.cst, &c.idle), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(&none, &c.idle), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(NULL, &c.idle), -EPROTO);
}

/* More states than there is room for. */
static void cst_that_is_long(struct kunit *test)
{
	static union acpi_object top[21];
	union acpi_object cst = PACKAGE(top);

	make_cst();
	set_int(&top[0], 20);
	for (unsigned int i = 1; i <= 20; i++)
		top[i] = c.top[2];
	KUNIT_EXPECT_EQ(test, xenpv_power_read_cst(&cst, &c.idle), 0);
	KUNIT_EXPECT_EQ(test, c.idle.nr, XENPV_POWER_IDLE_MAX);
}

static void fixed_idle_states(struct kunit *test)
{
	static const struct {
		u32 block;
		u16 c2, c3;
		u32 flags;
		u32 nr;
	} rows[] = {
		{ 0x410, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 2 },
		{ 0x410, 101, 1000, ACPI_FADT_C2_MP_SUPPORTED, 0 },
		{ 0x410, 100, 1001, ACPI_FADT_C2_MP_SUPPORTED, 1 },
		{ 0x410, 100, 1000, 0, 0 },
		{ 0, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 0 },
		{ 0xfffa, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 2 },
		{ 0xfffb, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 0 },
		{ 0x10410, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 0 },
		{ U32_MAX, 100, 1000, ACPI_FADT_C2_MP_SUPPORTED, 0 },
	};
	struct acpi_table_fadt *fadt = kunit_kzalloc(test, sizeof(*fadt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fadt);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		fadt->c2_latency = rows[i].c2;
		fadt->c3_latency = rows[i].c3;
		fadt->flags = rows[i].flags;
		xenpv_power_read_fixed(fadt, rows[i].block, &c.idle);
		KUNIT_ASSERT_EQ_MSG(test, c.idle.nr, rows[i].nr, "row %u", i);
		KUNIT_EXPECT_FALSE(test, c.idle.by_object);
		if (rows[i].nr > 0)
			KUNIT_EXPECT_EQ(test, c.idle.states[0].reg.address, rows[i].block + 4);
		if (rows[i].nr > 1)
			KUNIT_EXPECT_EQ(test, c.idle.states[1].reg.address, rows[i].block + 5);
	}
}

/* Tables of speeds, good ones. */
static struct {
	u8 regs[2][REGISTER_SIZE];
	union acpi_object regs_parts[2];
	union acpi_object pct;
	union acpi_object parts[4][6];
	union acpi_object top[4];
	union acpi_object pss;
	union acpi_object domain[5];
	union acpi_object domain_top;
	union acpi_object psd;
} p;
static struct xenpv_power_speed *speed;

static void make_speeds(void)
{
	static const u8 regs[2][REGISTER_SIZE] = {
		REGISTER(ACPI_ADR_SPACE_SYSTEM_IO, 16, 0, 2, 0x880),
		REGISTER(ACPI_ADR_SPACE_SYSTEM_IO, 8, 0, 1, 0x882),
	};
	static const u64 domain[5] = { 5, 0, 7, DOMAIN_COORD_TYPE_SW_ANY, 4 };

	memset(&p, 0, sizeof(p));
	memcpy(p.regs, regs, sizeof(regs));
	set_buffer(&p.regs_parts[0], p.regs[0]);
	set_buffer(&p.regs_parts[1], p.regs[1]);
	p.pct = (union acpi_object)PACKAGE(p.regs_parts);
	for (unsigned int i = 0; i < 4; i++) {
		set_int(&p.parts[i][0], 3000 - 500 * i);
		for (unsigned int j = 1; j < 6; j++)
			set_int(&p.parts[i][j], 100 * i + j);
		p.top[i] = (union acpi_object)PACKAGE(p.parts[i]);
	}
	p.pss = (union acpi_object)PACKAGE(p.top);
	for (unsigned int i = 0; i < 5; i++)
		set_int(&p.domain[i], domain[i]);
	p.domain_top = (union acpi_object)PACKAGE(p.domain);
	p.psd.package.type = ACPI_TYPE_PACKAGE;
	p.psd.package.count = 1;
	p.psd.package.elements = &p.domain_top;
	memset(speed, 0, sizeof(*speed));
}

static void pct_good_and_bad(struct kunit *test)
{
	make_speeds();
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), 0);
	KUNIT_EXPECT_EQ(test, speed->control.address, 0x880);
	KUNIT_EXPECT_EQ(test, speed->control.bit_width, 16);
	KUNIT_EXPECT_EQ(test, speed->control.length, 12);
	KUNIT_EXPECT_EQ(test, speed->status.address, 0x882);
	KUNIT_EXPECT_EQ(test, speed->status.space_id, ACPI_ADR_SPACE_SYSTEM_IO);

	p.regs[1][3] = ACPI_ADR_SPACE_FIXED_HARDWARE;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), -EPROTO);
	p.regs[0][3] = ACPI_ADR_SPACE_FIXED_HARDWARE;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), 0);
	p.regs_parts[1].buffer.length = 14;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), -EPROTO);
	make_speeds();
	p.pct.package.count = 1;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), -EPROTO);
	p.pct.package.count = 0;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), -EPROTO);
	make_speeds();
	p.regs[0][9] = 1;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(&p.pct, speed), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pct(NULL, speed), -EPROTO);
}

/* The table ends before the state that makes no sense; one state is no table. */
static void pss_good_and_bad(struct kunit *test)
{
	static const struct {
		unsigned int state, part;
		u64 value;
		u32 nr;
	} rows[] = {
		{ 3, 0, 1500, 4 },
		{ 3, 0, 2000, 4 },
		{ 3, 0, 2001, 3 },
		{ 3, 0, 0, 3 },
		{ 2, 0, 0, 2 },
		{ 1, 0, 0, 1 },
		{ 0, 0, 0, 0 },
		{ 0, 0, U32_MAX / 1000 + 1, 0 },
		{ 0, 0, U64_MAX, 0 },
		{ 2, 2, BIT_ULL(32), 2 },
		{ 2, 3, BIT_ULL(32), 2 },
		{ 2, 4, U64_MAX, 4 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		make_speeds();
		set_int(&p.parts[rows[i].state][rows[i].part], rows[i].value);
		KUNIT_EXPECT_EQ_MSG(test, xenpv_power_read_pss(&p.pss, speed),
				    rows[i].nr < 2 ? -EPROTO : 0, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, speed->nr, rows[i].nr, "row %u", i);
	}
	for (unsigned int part = 0; part < 6; part++) {
		make_speeds();
		p.parts[2][part].type = ACPI_TYPE_STRING;
		KUNIT_EXPECT_EQ(test, xenpv_power_read_pss(&p.pss, speed), 0);
		KUNIT_EXPECT_EQ(test, speed->nr, 2);
	}
	make_speeds();
	p.top[1].package.count = 5;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pss(&p.pss, speed), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pss(NULL, speed), -EPROTO);
	make_speeds();
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pss(&p.pss, speed), 0);
	KUNIT_EXPECT_EQ(test, speed->states[3].core_frequency, 1500);
	KUNIT_EXPECT_EQ(test, speed->states[3].power, 301);
	KUNIT_EXPECT_EQ(test, speed->states[3].transition_latency, 302);
	KUNIT_EXPECT_EQ(test, speed->states[3].bus_master_latency, 303);
	KUNIT_EXPECT_EQ(test, speed->states[3].control, 304);
	KUNIT_EXPECT_EQ(test, speed->states[3].status, 305);
}

/* More states than there is room for. */
static void pss_that_is_long(struct kunit *test)
{
	union acpi_object *top = kunit_kcalloc(test, 300, sizeof(*top), GFP_KERNEL);
	union acpi_object pss = { .package = { ACPI_TYPE_PACKAGE, 300, top } };

	KUNIT_ASSERT_NOT_NULL(test, top);
	make_speeds();
	for (unsigned int i = 0; i < 300; i++)
		top[i] = p.top[0];
	KUNIT_EXPECT_EQ(test, xenpv_power_read_pss(&pss, speed), 0);
	KUNIT_EXPECT_EQ(test, speed->nr, XENPV_POWER_SPEED_MAX);
}

static void psd_good_and_bad(struct kunit *test)
{
	static const struct {
		unsigned int part;
		u64 value;
		u32 shared;
	} rows[] = {
		{ 3, DOMAIN_COORD_TYPE_SW_ALL, XENPV_POWER_SHARED_ALL },
		{ 3, DOMAIN_COORD_TYPE_SW_ANY, XENPV_POWER_SHARED_ANY },
		{ 3, DOMAIN_COORD_TYPE_HW_ALL, XENPV_POWER_SHARED_HW },
		{ 3, 0xff, 0 },
		{ 3, 0, 0 },
		{ 3, BIT_ULL(32) + DOMAIN_COORD_TYPE_SW_ALL, 0 },
		{ 0, 4, 0 },
		{ 0, 6, 0 },
		{ 1, 1, 0 },
		{ 2, BIT_ULL(32), 0 },
		{ 4, 0, 0 },
		{ 4, BIT_ULL(32), 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		make_speeds();
		xenpv_power_alone(3, speed);
		set_int(&p.domain[rows[i].part], rows[i].value);
		KUNIT_EXPECT_EQ_MSG(test, xenpv_power_read_psd(&p.psd, speed),
				    rows[i].shared ? 0 : -EPROTO, "row %u", i);
		/* What is not taken changes nothing. */
		KUNIT_EXPECT_EQ_MSG(test, speed->domain.domain, rows[i].shared ? 7 : 3,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, speed->domain.num_processors,
				    rows[i].shared ? 4 : 1, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, speed->shared,
				    rows[i].shared ?: XENPV_POWER_SHARED_ALL, "row %u", i);
	}
	make_speeds();
	p.domain_top.package.count = 4;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_psd(&p.psd, speed), -EPROTO);
	p.psd.package.count = 0;
	KUNIT_EXPECT_EQ(test, xenpv_power_read_psd(&p.psd, speed), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_power_read_psd(NULL, speed), -EPROTO);
}

/* What Xen was told last, and what it answers. */
static struct {
	struct xenpf_set_processor_pminfo told;
	unsigned int times;
	long answer;
} xen;

static long platform_op(unsigned long arg, unsigned long a2, unsigned long a3,
			unsigned long a4, unsigned long a5)
{
	const struct xen_platform_op *op = (void *)arg;

	if (op->cmd != XENPF_set_processor_pminfo)
		return -EINVAL;
	xen.told = op->u.set_pminfo;
	xen.times++;
	return xen.answer;
}

static void send_idle_states(struct kunit *test)
{
	struct acpi_table_fadt *fadt = kunit_kzalloc(test, sizeof(*fadt), GFP_KERNEL);
	const struct xen_processor_power *power = &xen.told.power;

	KUNIT_ASSERT_NOT_NULL(test, fadt);
	make_cst();
	KUNIT_ASSERT_EQ(test, xenpv_power_read_cst(&c.cst, &c.idle), 0);
	KUNIT_EXPECT_EQ(test, xenpv_power_send_idle(200, fadt, &c.idle), 0);
	KUNIT_EXPECT_EQ(test, xen.told.id, 200);
	KUNIT_EXPECT_EQ(test, xen.told.type, XEN_PM_CX);
	KUNIT_EXPECT_EQ(test, power->count, 3);
	KUNIT_EXPECT_TRUE(test, power->flags.has_cst);
	KUNIT_EXPECT_FALSE(test, power->flags.bm_control);
	KUNIT_EXPECT_PTR_EQ(test, power->states, &c.idle.states[0]);

	fadt->pm2_control_block = 0x450;
	fadt->pm2_control_length = 1;
	c.idle.by_object = false;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_idle(200, fadt, &c.idle), 0);
	KUNIT_EXPECT_FALSE(test, power->flags.has_cst);
	KUNIT_EXPECT_TRUE(test, power->flags.bm_control);
	xen.answer = -ENOSYS;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_idle(200, fadt, &c.idle), -ENOSYS);
	xen.answer = 1;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_idle(200, fadt, &c.idle), -EPROTO);
}

/* A limit that Xen would index with is one of the states. */
static void send_speeds(struct kunit *test)
{
	const struct xen_processor_performance *perf = &xen.told.perf;

	make_speeds();
	KUNIT_ASSERT_EQ(test, xenpv_power_read_pct(&p.pct, speed), 0);
	KUNIT_ASSERT_EQ(test, xenpv_power_read_pss(&p.pss, speed), 0);
	KUNIT_ASSERT_EQ(test, xenpv_power_read_psd(&p.psd, speed), 0);
	KUNIT_EXPECT_EQ(test, xenpv_power_send_speed(9, speed, 3), 0);
	KUNIT_EXPECT_EQ(test, xen.told.id, 9);
	KUNIT_EXPECT_EQ(test, xen.told.type, XEN_PM_PX);
	KUNIT_EXPECT_EQ(test, perf->flags, XEN_PX_PCT | XEN_PX_PSS | XEN_PX_PPC | XEN_PX_PSD);
	KUNIT_EXPECT_EQ(test, perf->platform_limit, 3);
	KUNIT_EXPECT_EQ(test, perf->state_count, 4);
	KUNIT_EXPECT_EQ(test, perf->shared_type, XENPV_POWER_SHARED_ANY);
	KUNIT_EXPECT_EQ(test, perf->domain_info.domain, 7);
	KUNIT_EXPECT_EQ(test, perf->control_register.address, 0x880);
	KUNIT_EXPECT_PTR_EQ(test, perf->states, &speed->states[0]);

	xen.times = 0;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_speed(9, speed, 4), -ERANGE);
	KUNIT_EXPECT_EQ(test, xenpv_power_send_speed(9, speed, U32_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, xen.times, 0);
	xen.answer = -EINVAL;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_speed(9, speed, 0), -EINVAL);
}

/* The limit alone: Xen is to keep the rest. */
static void send_a_limit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_power_send_limit(9, 2), 0);
	KUNIT_EXPECT_EQ(test, xen.told.type, XEN_PM_PX);
	KUNIT_EXPECT_EQ(test, xen.told.perf.flags, XEN_PX_PPC);
	KUNIT_EXPECT_EQ(test, xen.told.perf.platform_limit, 2);
	xen.answer = -ENODEV;
	KUNIT_EXPECT_EQ(test, xenpv_power_send_limit(9, 2), -ENODEV);
}

static int power_test_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_platform_op, platform_op);
	memset(&xen, 0, sizeof(xen));
	speed = kunit_kzalloc(test, sizeof(*speed), GFP_KERNEL);
	return speed ? 0 : -ENOMEM;
}

static struct kunit_case power_cases[] = {
	KUNIT_CASE(cst_that_is_good),
	KUNIT_CASE(cst_with_a_bad_state),
	KUNIT_CASE(cst_that_cannot_count),
	KUNIT_CASE(cst_that_is_long),
	KUNIT_CASE(fixed_idle_states),
	KUNIT_CASE(pct_good_and_bad),
	KUNIT_CASE(pss_good_and_bad),
	KUNIT_CASE(pss_that_is_long),
	KUNIT_CASE(psd_good_and_bad),
	KUNIT_CASE(send_idle_states),
	KUNIT_CASE(send_speeds),
	KUNIT_CASE(send_a_limit),
	{}
};

static struct kunit_suite power_suite = {
	.name = "xenpv_power",
	.init = power_test_init,
	.test_cases = power_cases,
};
kunit_test_suites(&power_suite);
