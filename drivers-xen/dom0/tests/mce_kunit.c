// SPDX-License-Identifier: GPL-2.0-only
/* Tests of machine checks: chains of entries that lie, and records that Xen hands out. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/string.h>
#include <asm/mce.h>
#include <asm/msr-index.h>

#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../mce.h"
#include "../pcpu.h"

#define NR_RECORDS	40
#define ROUND		4

/* Each case has CPUs of its own: what was asked of Xen once is kept. */
static u32 apic_base;

static struct {
	struct xenpv_mce_record reports[64];
	unsigned int nr;
} seen;

static void take_report(const struct xenpv_mce_record *record)
{
	if (seen.nr < ARRAY_SIZE(seen.reports))
		seen.reports[seen.nr] = *record;
	seen.nr++;
}

/* Xen: records by class, with ids; what it says of CPUs; how it lies. */
static struct {
	struct mc_info info;
	unsigned int urgent, other;
	u64 id;
	u64 acked[NR_RECORDS];
	unsigned int nr_acked;
	unsigned int fetches;
	long answer, ack_answer;
	u32 flags;
	bool no_id;
	u32 ncpus, ncpus_then;
	u32 nmsrvals;
	bool behind;
	unsigned int cpu_calls;
	long cpu_answer;
} xen;

static void fetch(struct xen_mc_fetch *op)
{
	unsigned int *nr = op->flags & XEN_MC_URGENT ? &xen.urgent : &xen.other;

	xen.fetches++;
	if (!*nr) {
		op->flags = XEN_MC_NODATA;
		op->fetch_id = 0;
		return;
	}
	*op->data = xen.info;
	op->fetch_id = xen.no_id ? 0 : ++xen.id;
	op->flags = xen.flags;
}

static long acknowledge(const struct xen_mc_fetch *op)
{
	unsigned int *nr = op->flags & XEN_MC_URGENT ? &xen.urgent : &xen.other;

	if (xen.ack_answer)
		return xen.ack_answer;
	if (xen.nr_acked < NR_RECORDS)
		xen.acked[xen.nr_acked] = op->fetch_id;
	xen.nr_acked++;
	--*nr;
	return 0;
}

static void tell_cpus(struct xen_mc_physcpuinfo *op)
{
	u32 room = op->ncpus;

	xen.cpu_calls++;
	op->ncpus = op->info ? xen.ncpus_then : xen.ncpus;
	for (u32 i = 0; op->info && i < xen.ncpus && i < room; i++) {
		op->info[i].mc_cpunr = i;
		op->info[i].mc_apicid = apic_base + i;
		op->info[i].mc_nmsrvals = xen.nmsrvals;
		op->info[i].mc_msrvalues[0].reg = MSR_IA32_MCG_CAP;
		op->info[i].mc_msrvalues[0].value = 0x100 + i;
		/* What looks like the register stands where the next CPU begins. */
		if (xen.behind) {
			op->info[i].mc_cpunr = MSR_IA32_MCG_CAP;
			op->info[i].mc_msrvalues[0].reg = 0;
		}
	}
}

static long mca(unsigned long arg, unsigned long a2, unsigned long a3,
		unsigned long a4, unsigned long a5)
{
	struct xen_mc *mc = (void *)arg;

	switch (mc->cmd) {
	case XEN_MC_physcpuinfo:
		if (xen.cpu_answer)
			return xen.cpu_answer;
		tell_cpus(&mc->u.mc_physcpuinfo);
		return 0;
	case XEN_MC_fetch:
		if (mc->u.mc_fetch.flags & XEN_MC_ACK)
			return acknowledge(&mc->u.mc_fetch);
		if (xen.answer)
			return xen.answer;
		fetch(&mc->u.mc_fetch);
		return 0;
	default:
		return -ENOSYS;
	}
}

static int mce_test_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_mca, mca);
	kunit_activate_static_stub(test, xenpv_mce_report, take_report);
	memset(&xen, 0, sizeof(xen));
	memset(&seen, 0, sizeof(seen));
	xen.ncpus = 4;
	xen.ncpus_then = 4;
	xen.nmsrvals = 1;
	apic_base += 100;
	return 0;
}

/* A chain under construction. */
static size_t end_of_chain;

static void *add(u16 type, u16 size)
{
	struct mcinfo_common *head = (void *)xen.info.mi_data + end_of_chain;

	head->type = type;
	head->size = size;
	end_of_chain += size;
	xen.info.mi_nentries++;
	return head;
}

static void add_global(u32 cpu)
{
	struct mcinfo_global *global = add(MC_TYPE_GLOBAL, sizeof(*global));

	global->mc_apicid = apic_base + cpu;
	global->mc_socketid = 3;
	global->mc_gstatus = 5;
}

static struct mcinfo_bank *add_bank(u16 nr)
{
	struct mcinfo_bank *bank = add(MC_TYPE_BANK, sizeof(*bank));

	bank->mc_bank = nr;
	bank->mc_domid = 7;
	bank->mc_status = MCI_STATUS_VAL | MCI_STATUS_ADDRV | 0x135;
	bank->mc_addr = 0x123456000 + nr;
	bank->mc_misc = 0x86;
	bank->mc_tsc = 1000;
	return bank;
}

static void begin_chain(void)
{
	memset(&xen.info, 0, sizeof(xen.info));
	end_of_chain = 0;
	add_global(2);
}

/* Everything that there is in a record. */
static void walk_a_chain(struct kunit *test)
{
	begin_chain();
	add_bank(1);
	add(MC_TYPE_RECOVERY, sizeof(struct mcinfo_recovery));
	add(77, 8);
	add_bank(63)->mc_status &= ~MCI_STATUS_ADDRV;
	add(MC_TYPE_EXTENDED, sizeof(struct mcinfo_extended));
	KUNIT_ASSERT_EQ(test, xenpv_mce_walk(&xen.info), 2);
	KUNIT_ASSERT_EQ(test, seen.nr, 2);
	KUNIT_EXPECT_EQ(test, seen.reports[0].bank, 1);
	KUNIT_EXPECT_EQ(test, seen.reports[0].addr, 0x123456001);
	KUNIT_EXPECT_EQ(test, seen.reports[0].misc, 0x86);
	KUNIT_EXPECT_EQ(test, seen.reports[0].tsc, 1000);
	KUNIT_EXPECT_EQ(test, seen.reports[0].mcgstatus, 5);
	KUNIT_EXPECT_EQ(test, seen.reports[0].mcgcap, 0x102);
	KUNIT_EXPECT_EQ(test, seen.reports[0].pcpu, 2);
	KUNIT_EXPECT_EQ(test, seen.reports[0].apic_id, apic_base + 2);
	KUNIT_EXPECT_EQ(test, seen.reports[0].socket, 3);
	KUNIT_EXPECT_EQ(test, seen.reports[0].domid, 7);
	KUNIT_EXPECT_EQ(test, seen.reports[1].bank, 63);
	KUNIT_EXPECT_EQ(test, seen.reports[1].addr, 0);
}

/* An address of the machine is never said to be one of ours. */
static void addresses_are_not_ours(struct kunit *test)
{
	begin_chain();
	add_bank(1);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	KUNIT_EXPECT_EQ(test, seen.reports[0].status, MCI_STATUS_VAL | 0x135);
}

/* Sizes that an entry can't have. */
static void sizes_that_lie(struct kunit *test)
{
	static const struct {
		u16 type;
		u16 size;
	} rows[] = {
		{ MC_TYPE_BANK, 0 },
		{ MC_TYPE_BANK, 3 },
		{ MC_TYPE_BANK, sizeof(struct mcinfo_bank) - 1 },
		{ MC_TYPE_GLOBAL, sizeof(struct mcinfo_global) - 1 },
		{ MC_TYPE_GLOBAL, 0 },
		{ MC_TYPE_EXTENDED, 0 },
		{ 77, 0 },
		{ 77, 3 },
		{ 77, U16_MAX },
		{ MC_TYPE_BANK, U16_MAX },
		{ MC_TYPE_BANK, sizeof_field(struct mc_info, mi_data) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		seen.nr = 0;
		begin_chain();
		add_bank(1);
		add(rows[i].type, rows[i].size);
		KUNIT_EXPECT_EQ_MSG(test, xenpv_mce_walk(&xen.info), -EPROTO, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, seen.nr, 1, "row %u", i);
	}
}

/* A chain may fill the data to the last byte, and not go on behind it. */
static void chain_to_the_end(struct kunit *test)
{
	size_t left;

	begin_chain();
	add_bank(1);
	left = sizeof(xen.info.mi_data) - end_of_chain;
	add(77, left);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	xen.info.mi_nentries++;
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), -EPROTO);

	begin_chain();
	add_bank(1);
	add(77, left + 1);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), -EPROTO);

	/* Room for a part of a head. */
	begin_chain();
	add_bank(1);
	add(77, left - 3);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	xen.info.mi_nentries = U32_MAX;
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), -EPROTO);
}

/* What came later stands at the end of an entry. */
static void entries_that_grew(struct kunit *test)
{
	struct mcinfo_bank *bank;

	begin_chain();
	bank = add_bank(1);
	bank->common.size += 16;
	end_of_chain += 16;
	add_bank(2);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 2);
	KUNIT_EXPECT_EQ(test, seen.reports[1].bank, 2);
}

static void banks_that_cannot_be(struct kunit *test)
{
	static const u16 banks[] = { MAX_NR_BANKS, 255, 256, U16_MAX };

	for (unsigned int i = 0; i < ARRAY_SIZE(banks); i++) {
		seen.nr = 0;
		begin_chain();
		add_bank(1);
		add_bank(banks[i]);
		KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), -EPROTO);
		KUNIT_EXPECT_EQ(test, seen.nr, 1);
	}
}

/* Xen does not know its CPUs, or knows too many; the record is reported all the same. */
static void cpus_that_lie(struct kunit *test)
{
	static const struct {
		u32 ncpus, then;
		long answer;
	} rows[] = {
		{ 0, 0, 0 },
		{ XENPV_PCPU_LIMIT + 1, 4, 0 },
		{ U32_MAX, 4, 0 },
		{ 4, 5, 0 },
		{ 4, U32_MAX, 0 },
		{ 4, 0, 0 },
		{ 4, 4, -EPERM },
		{ 4, 4, 1 },
	};

	begin_chain();
	add_bank(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		seen.nr = 0;
		xen.ncpus = rows[i].ncpus;
		xen.ncpus_then = rows[i].then;
		xen.cpu_answer = rows[i].answer;
		KUNIT_EXPECT_EQ_MSG(test, xenpv_mce_walk(&xen.info), 1, "row %u", i);
		KUNIT_ASSERT_EQ_MSG(test, seen.nr, 1, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, seen.reports[0].pcpu, U32_MAX, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, seen.reports[0].mcgcap, 0, "row %u", i);
	}
}

/* Xen says that there are more registers than there is room for. */
static void registers_that_lie(struct kunit *test)
{
	begin_chain();
	add_bank(1);
	xen.nmsrvals = __MC_MSR_ARRAYSIZE + 1;
	xen.behind = true;
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	KUNIT_EXPECT_EQ(test, seen.reports[0].pcpu, MSR_IA32_MCG_CAP);
	KUNIT_EXPECT_EQ(test, seen.reports[0].mcgcap, 0);
}

/* CPUs are asked for once, and again when one is new. */
static void cpus_that_come(struct kunit *test)
{
	unsigned int calls;

	begin_chain();
	add_bank(1);
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	calls = xen.cpu_calls;
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	KUNIT_EXPECT_EQ(test, xen.cpu_calls, calls);

	memset(&xen.info, 0, sizeof(xen.info));
	end_of_chain = 0;
	add_global(5);
	add_bank(1);
	xen.ncpus = 6;
	xen.ncpus_then = 6;
	KUNIT_EXPECT_EQ(test, xenpv_mce_walk(&xen.info), 1);
	KUNIT_EXPECT_GT(test, xen.cpu_calls, calls);
	KUNIT_EXPECT_EQ(test, seen.reports[2].pcpu, 5);
}

/* Both classes, the urgent one first; each record is acknowledged by its id. */
static void drain_until_empty(struct kunit *test)
{
	begin_chain();
	add_bank(1);
	xen.urgent = 1;
	xen.other = 2;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), 0);
	KUNIT_EXPECT_EQ(test, seen.nr, 3);
	KUNIT_EXPECT_EQ(test, xen.urgent + xen.other, 0);
	KUNIT_EXPECT_EQ(test, xen.nr_acked, 3);
	for (u64 i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, xen.acked[i], i + 1);
}

/* However many there are, a round ends. */
static void drain_in_rounds(struct kunit *test)
{
	begin_chain();
	add_bank(1);
	xen.urgent = 3;
	xen.other = 3;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), 1);
	KUNIT_EXPECT_EQ(test, xen.fetches, ROUND + 1);
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), 0);
	KUNIT_EXPECT_EQ(test, seen.nr, 6);

	xen.urgent = 1000000;
	xen.fetches = 0;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), 1);
	KUNIT_EXPECT_EQ(test, xen.fetches, ROUND);
}

/* A record that makes no sense is acknowledged, too: behind it are others. */
static void drain_nonsense(struct kunit *test)
{
	begin_chain();
	add(MC_TYPE_BANK, 0);
	xen.other = 2;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), 0);
	KUNIT_EXPECT_EQ(test, xen.nr_acked, 2);
	KUNIT_EXPECT_EQ(test, seen.nr, 0);
}

/* Answers that are none end the round, and nothing is acknowledged. */
static void drain_a_liar(struct kunit *test)
{
	static const struct {
		long answer;
		u32 flags;
		bool no_id;
		int ret;
	} rows[] = {
		{ -EFAULT, 0, false, -EFAULT },
		{ 1, 0, false, -EPROTO },
		{ 0, XEN_MC_FETCHFAILED, false, -EPROTO },
		{ 0, 0x80, false, -EPROTO },
		{ 0, 0, true, -EPROTO },
	};

	begin_chain();
	add_bank(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		xen.urgent = 1;
		xen.answer = rows[i].answer;
		xen.flags = rows[i].flags;
		xen.no_id = rows[i].no_id;
		KUNIT_EXPECT_EQ_MSG(test, xenpv_mce_drain(), rows[i].ret, "row %u", i);
	}
	KUNIT_EXPECT_EQ(test, xen.nr_acked, 0);
	KUNIT_EXPECT_EQ(test, seen.nr, 0);

	xen.answer = 0;
	xen.flags = 0;
	xen.no_id = false;
	xen.ack_answer = -EPERM;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), -EPERM);
	KUNIT_EXPECT_EQ(test, seen.nr, 1);
	xen.ack_answer = 1;
	KUNIT_EXPECT_EQ(test, xenpv_mce_drain(), -EPROTO);
}

static struct kunit_case mce_cases[] = {
	KUNIT_CASE(walk_a_chain),
	KUNIT_CASE(addresses_are_not_ours),
	KUNIT_CASE(sizes_that_lie),
	KUNIT_CASE(chain_to_the_end),
	KUNIT_CASE(entries_that_grew),
	KUNIT_CASE(banks_that_cannot_be),
	KUNIT_CASE(cpus_that_lie),
	KUNIT_CASE(registers_that_lie),
	KUNIT_CASE(cpus_that_come),
	KUNIT_CASE(drain_until_empty),
	KUNIT_CASE(drain_in_rounds),
	KUNIT_CASE(drain_nonsense),
	KUNIT_CASE(drain_a_liar),
	{}
};

static struct kunit_suite mce_suite = {
	.name = "xenpv_mce",
	.init = mce_test_init,
	.test_cases = mce_cases,
};
kunit_test_suites(&mce_suite);
