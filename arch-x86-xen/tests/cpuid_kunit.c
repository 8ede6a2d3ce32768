// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the CPUID filter. */

#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/cpufeature.h>
#include <linux/processor.h>

#include "hooks.h"

#define ALL	0xffffffffU

/* Xen's answer has every bit set; what is left of it? */
static void ask(u32 leaf, u32 subleaf, unsigned int cpu, bool control, u32 *regs)
{
	memset(regs, 0xff, 4 * sizeof(*regs));
	xenpv_cpuid_filter(leaf, subleaf, cpu, control, regs);
}

static void hides_what_pv_cannot_have(struct kunit *test)
{
	static const struct {
		u32 leaf, subleaf;
		int reg;
		unsigned int feature;
	} gone[] = {
		{ 1, 0, CPUID_EDX, X86_FEATURE_PSE },
		{ 1, 0, CPUID_EDX, X86_FEATURE_PGE },
		{ 1, 0, CPUID_EDX, X86_FEATURE_MTRR },
		{ 1, 0, CPUID_EDX, X86_FEATURE_ACC },
		{ 1, 0, CPUID_ECX, X86_FEATURE_PCID },
		{ 1, 0, CPUID_ECX, X86_FEATURE_X2APIC },
		{ 1, 0, CPUID_ECX, X86_FEATURE_MWAIT },
		{ 1, 0, CPUID_ECX, X86_FEATURE_DCA },
		{ 7, 0, CPUID_EBX, X86_FEATURE_SMAP },
		{ 7, 0, CPUID_EBX, X86_FEATURE_INVPCID },
		{ 7, 0, CPUID_ECX, X86_FEATURE_LA57 },
		{ 7, 0, CPUID_ECX, X86_FEATURE_PKU },
		{ 7, 0, CPUID_ECX, X86_FEATURE_SHSTK },
		{ 7, 0, CPUID_EDX, X86_FEATURE_IBT },
		{ 7, 1, CPUID_EAX, X86_FEATURE_FRED },
		{ 7, 1, CPUID_EAX, X86_FEATURE_LKGS },
		{ 7, 1, CPUID_EAX, X86_FEATURE_LAM },
		{ 7, 1, CPUID_EAX, X86_FEATURE_LASS },
		{ 0xd, 1, CPUID_EAX, X86_FEATURE_XSAVES },
		{ 0x80000001, 0, CPUID_EDX, X86_FEATURE_GBPAGES },
		{ 0x80000001, 0, CPUID_ECX, X86_FEATURE_SVM },
		{ 0x80000001, 0, CPUID_ECX, X86_FEATURE_TOPOEXT },
		{ 0x80000008, 0, CPUID_EBX, X86_FEATURE_INVLPGB },
		{ 0x8000001f, 0, CPUID_EAX, X86_FEATURE_SME },
		{ 0x80000021, 0, CPUID_EAX, X86_FEATURE_AUTOIBRS },
	};
	u32 regs[4];

	for (int i = 0; i < ARRAY_SIZE(gone); i++) {
		ask(gone[i].leaf, gone[i].subleaf, 0, true, regs);
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    regs[gone[i].reg] & BIT(gone[i].feature % 32),
				    "row %d", i);
	}
}

static void keeps_the_rest(struct kunit *test)
{
	u32 regs[4];

	ask(1, 0, 0, true, regs);
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_FPU % 32));
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_XMM2 % 32));
	KUNIT_EXPECT_TRUE(test, regs[CPUID_ECX] & BIT(X86_FEATURE_OSXSAVE % 32));
	ask(7, 0, 0, true, regs);
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EBX] & BIT(X86_FEATURE_FSGSBASE % 32));
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_ARCH_CAPABILITIES % 32));
	ask(0x80000001, 0, 0, true, regs);
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_NX % 32));
	/* Subleaves of a filtered leaf, and leaves that nobody filters. */
	ask(7, 2, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX], ALL);
	ask(0x40000000, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX], ALL);
}

static void acpi_only_for_control(struct kunit *test)
{
	u32 regs[4];

	ask(1, 0, 0, true, regs);
	KUNIT_EXPECT_TRUE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_ACPI % 32));
	ask(1, 0, 0, false, regs);
	KUNIT_EXPECT_FALSE(test, regs[CPUID_EDX] & BIT(X86_FEATURE_ACPI % 32));
}

static void apic_id_is_cpu(struct kunit *test)
{
	u32 regs[4];

	ask(1, 0, 5, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX] >> 24, 5);
	KUNIT_EXPECT_EQ(test, (regs[CPUID_EBX] >> 16) & 0xff, 1);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX] & 0xffff, 0xffff);

	ask(0xb, 0, 300, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EDX], 300);
}

static void topology_is_one_package(struct kunit *test)
{
	u32 regs[4];

	ask(0xb, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX], 0);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX], 1);
	KUNIT_EXPECT_EQ(test, regs[CPUID_ECX], 0x100);
	ask(0xb, 1, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX], order_base_2(CONFIG_NR_CPUS));
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX], CONFIG_NR_CPUS);
	KUNIT_EXPECT_EQ(test, regs[CPUID_ECX], 0x201);
	ask(0xb, 2, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX], 0);
	KUNIT_EXPECT_EQ(test, regs[CPUID_ECX], 2);

	ask(4, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX] >> 26, 0);
	ask(0x80000008, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, (regs[CPUID_ECX] >> 12) & 0xf,
			order_base_2(CONFIG_NR_CPUS));
}

static void topology_leaf_is_in_range(struct kunit *test)
{
	u32 regs[4] = { 4, 1, 2, 3 };

	xenpv_cpuid_filter(0, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX], 0xb);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EBX], 1);
	regs[CPUID_EAX] = 0x1f;
	xenpv_cpuid_filter(0, 0, 0, true, regs);
	KUNIT_EXPECT_EQ(test, regs[CPUID_EAX], 0x1f);
}

static void blanks_machine_leaves(struct kunit *test)
{
	static const u32 leaves[] = { 5, 6, 0x1f, 0x8000001e, 0x80000026 };
	u32 regs[4];
	int r;

	for (int i = 0; i < ARRAY_SIZE(leaves); i++) {
		ask(leaves[i], 0, 0, true, regs);
		for (r = 0; r < 4; r++)
			KUNIT_EXPECT_EQ_MSG(test, regs[r], 0, "leaf %#x", leaves[i]);
	}
}

static struct kunit_case cpuid_cases[] = {
	KUNIT_CASE(hides_what_pv_cannot_have),
	KUNIT_CASE(keeps_the_rest),
	KUNIT_CASE(acpi_only_for_control),
	KUNIT_CASE(apic_id_is_cpu),
	KUNIT_CASE(topology_is_one_package),
	KUNIT_CASE(topology_leaf_is_in_range),
	KUNIT_CASE(blanks_machine_leaves),
	{}
};

static struct kunit_suite cpuid_suite = {
	.name = "xenpv_cpuid",
	.test_cases = cpuid_cases,
};

kunit_test_suite(cpuid_suite);
