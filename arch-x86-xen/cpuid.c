// SPDX-License-Identifier: GPL-2.0-only
/* Which CPU features we show to the rest of the kernel, and why not the others. */

#include <linux/array_size.h>
#include <linux/cpufeature.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/smp.h>
#include <kunit/visibility.h>
#include <xenpv/self.h>

#include "private.h"
#include "tests/hooks.h"

/*
 * A PV kernel could run the CPUID instruction, but would then see the machine
 * instead of what Xen offers to this domain.  So it asks Xen, by an instruction
 * prefix that forces emulation, and then removes what a PV kernel cannot have
 * whatever Xen says.
 *
 * Topology is made up.  A vCPU may run on any core, now here and now there, so
 * the machine's layout says nothing about it.  We describe one package of
 * single-threaded cores, in which APIC id and CPU number are the same thing.
 */

enum {
	/* Room for every CPU that this kernel could have. */
	CPUID_PACKAGE_CORES = CONFIG_NR_CPUS,
	CPUID_PACKAGE_SHIFT = order_base_2(CONFIG_NR_CPUS),
};

struct cpuid_place {
	u32 leaf;
	u32 subleaf;
	u8 reg;
};

/* Where the words of the capability bitmap come from; only those used below. */
static const struct cpuid_place cpuid_word_place[] = {
	[CPUID_1_EDX]		= { 0x00000001, 0, CPUID_EDX },
	[CPUID_8000_0001_EDX]	= { 0x80000001, 0, CPUID_EDX },
	[CPUID_1_ECX]		= { 0x00000001, 0, CPUID_ECX },
	[CPUID_8000_0001_ECX]	= { 0x80000001, 0, CPUID_ECX },
	[CPUID_7_0_EBX]		= { 0x00000007, 0, CPUID_EBX },
	[CPUID_D_1_EAX]		= { 0x0000000d, 1, CPUID_EAX },
	[CPUID_7_1_EAX]		= { 0x00000007, 1, CPUID_EAX },
	[CPUID_8000_0008_EBX]	= { 0x80000008, 0, CPUID_EBX },
	[CPUID_7_ECX]		= { 0x00000007, 0, CPUID_ECX },
	[CPUID_7_EDX]		= { 0x00000007, 0, CPUID_EDX },
	[CPUID_8000_001F_EAX]	= { 0x8000001f, 0, CPUID_EAX },
	[CPUID_8000_0021_EAX]	= { 0x80000021, 0, CPUID_EAX },
};

/* Features that are never shown: their CPUID bits read 0 and they stay cleared. */
static const u16 cpuid_hidden[] = {
	/* PV page tables map 4 KiB pages only. */
	X86_FEATURE_PSE,
	X86_FEATURE_PSE36,
	X86_FEATURE_GBPAGES,

	/* PV page tables have four levels. */
	X86_FEATURE_LA57,

	/* Global pages are Xen's. */
	X86_FEATURE_PGE,

	/* Xen owns cr3 and its context ids. */
	X86_FEATURE_PCID,
	X86_FEATURE_INVPCID,

	/* Privileged, and its ids are Xen's. */
	X86_FEATURE_INVLPGB,

	/* EFER is Xen's. */
	X86_FEATURE_TCE,
	X86_FEATURE_AUTOIBRS,

	/* Kernel and user run at the same privilege. */
	X86_FEATURE_SMEP,
	X86_FEATURE_SMAP,
	X86_FEATURE_LASS,

	/* Its fixups would read the descriptor tables, which are Xen's. */
	X86_FEATURE_UMIP,

	/* CR4.PKE is refused by Xen. */
	X86_FEATURE_PKU,

	/* Bits of cr3 and CR4 bits are refused by Xen. */
	X86_FEATURE_LAM,

	/* Xen switches no shadow stacks for us. */
	X86_FEATURE_SHSTK,

	/* CR4.CET is refused by Xen. */
	X86_FEATURE_IBT,

	/* Event delivery is Xen's. */
	X86_FEATURE_FRED,

	/* Privileged, and not emulated. */
	X86_FEATURE_LKGS,
	X86_FEATURE_WRMSRNS,

	/* Memory types are Xen's. */
	X86_FEATURE_MTRR,

	/* Page-table bits are Xen's. */
	X86_FEATURE_SME,
	X86_FEATURE_SEV,
	X86_FEATURE_TME,

	/* There is no APIC to switch. */
	X86_FEATURE_X2APIC,

	/* There is no APIC timer. */
	X86_FEATURE_TSC_DEADLINE_TIMER,

	/* Topology is made up. */
	X86_FEATURE_HT,
	X86_FEATURE_CMP_LEGACY,
	X86_FEATURE_TOPOEXT,
	X86_FEATURE_NODEID_MSR,

	/* Would stop a physical CPU. */
	X86_FEATURE_MWAIT,
	X86_FEATURE_MWAITX,
	X86_FEATURE_WAITPKG,

	/* Clocks and heat are Xen's. */
	X86_FEATURE_ACC,
	X86_FEATURE_TM2,

	/* Virtualization hardware is Xen's. */
	X86_FEATURE_VMX,
	X86_FEATURE_SVM,

	/* Measured launch is Xen's. */
	X86_FEATURE_SMX,

	/* Acts on physical CPUs. */
	X86_FEATURE_DCA,
	X86_FEATURE_CQM,
	X86_FEATURE_RDT_A,

	/* Registers not switched by Xen. */
	X86_FEATURE_INTEL_PT,
	X86_FEATURE_ARCH_LBR,

	/* DEBUGCTL is Xen's. */
	X86_FEATURE_BUS_LOCK_DETECT,

	/* Supervisor state is not switched by Xen. */
	X86_FEATURE_XSAVES,
	X86_FEATURE_ENQCMD,
	X86_FEATURE_XFD,
};

/* Cleared as well, but not made of one CPUID bit. */
static const u16 cpuid_cleared[] = {
	X86_FEATURE_APERFMPERF,
	X86_FEATURE_USER_SHSTK,
	X86_FEATURE_MSR_IMM,
};

static bool cpuid_place_of(unsigned int feature, struct cpuid_place *place)
{
	unsigned int word = feature / 32;

	if (word >= ARRAY_SIZE(cpuid_word_place) || !cpuid_word_place[word].leaf)
		return false;
	*place = cpuid_word_place[word];
	return true;
}

static void cpuid_hide_bits(u32 leaf, u32 subleaf, bool control, u32 *regs)
{
	struct cpuid_place at;

	for (int i = 0; i < ARRAY_SIZE(cpuid_hidden); i++) {
		if (!cpuid_place_of(cpuid_hidden[i], &at))
			continue;
		if (at.leaf == leaf && at.subleaf == subleaf)
			regs[at.reg] &= ~BIT(cpuid_hidden[i] % 32);
	}
	if (leaf == 1 && !control)
		regs[CPUID_EDX] &= ~BIT(X86_FEATURE_ACPI % 32);
}

/* Leaf 0xb: level 0 is one thread, level 1 all cores, then the list ends. */
static void cpuid_make_topology(u32 subleaf, unsigned int cpu, u32 *regs)
{
	enum { LEVEL_NONE, LEVEL_SMT, LEVEL_CORE } level = LEVEL_NONE;

	regs[CPUID_EAX] = 0;
	regs[CPUID_EBX] = 0;
	if (subleaf == 0) {
		level = LEVEL_SMT;
		regs[CPUID_EBX] = 1;
	} else if (subleaf == 1) {
		level = LEVEL_CORE;
		regs[CPUID_EAX] = CPUID_PACKAGE_SHIFT;
		regs[CPUID_EBX] = CPUID_PACKAGE_CORES;
	}
	regs[CPUID_ECX] = level << 8 | (subleaf & 0xff);
	regs[CPUID_EDX] = cpu;
}

static void cpuid_blank(u32 *regs)
{
	regs[CPUID_EAX] = 0;
	regs[CPUID_EBX] = 0;
	regs[CPUID_ECX] = 0;
	regs[CPUID_EDX] = 0;
}

/**
 * xenpv_cpuid_filter() - turn Xen's answer into what the kernel may see
 * @leaf: which leaf was asked for
 * @subleaf: which part of it
 * @cpu: number of the CPU that asks
 * @control: this is the control domain
 * @regs: eax, ebx, ecx, edx as Xen gave them; changed in place
 *
 * Context: Any.
 */
VISIBLE_IF_KUNIT void xenpv_cpuid_filter(u32 leaf, u32 subleaf, unsigned int cpu,
					 bool control, u32 *regs)
{
	cpuid_hide_bits(leaf, subleaf, control, regs);

	switch (leaf) {
	case 0x0:
		/* Room for the topology leaf; leaves in between read 0. */
		regs[CPUID_EAX] = max(regs[CPUID_EAX], 0xbU);
		break;
	case 0x1:
		/* Initial APIC id, and one logical processor in a core. */
		regs[CPUID_EBX] &= 0x0000ffff;
		regs[CPUID_EBX] |= (cpu & 0xff) << 24 | 1 << 16;
		break;
	case 0x4:
		/* Caches stay, the number of cores that share a package goes. */
		regs[CPUID_EAX] &= 0x03ffffff;
		break;
	case 0xb:
		cpuid_make_topology(subleaf, cpu, regs);
		break;
	case 0x80000008:
		/* AMD's older description of the same package. */
		regs[CPUID_ECX] &= 0xffff0f00;
		regs[CPUID_ECX] |= CPUID_PACKAGE_SHIFT << 12 |
				   min(CPUID_PACKAGE_CORES - 1, 255);
		break;
	case 0x5:		/* Monitor and mwait. */
	case 0x6:		/* Thermal and power management. */
	case 0x1f:		/* Topology, second edition. */
	case 0x8000001e:	/* Topology, AMD. */
	case 0x80000026:	/* Topology, AMD, second edition. */
		cpuid_blank(regs);
		break;
	}
}

/* The prefix makes Xen emulate the instruction instead of letting it through. */
static void cpuid_ask_xen(u32 *regs)
{
	asm volatile(XEN_CPUID
		     : "+a" (regs[CPUID_EAX]), "=b" (regs[CPUID_EBX]),
		       "+c" (regs[CPUID_ECX]), "=d" (regs[CPUID_EDX]));
}

/**
 * xenpv_cpuid() - the CPUID instruction of this kernel
 * @eax: leaf; eax of the answer
 * @ebx: ebx of the answer
 * @ecx: subleaf; ecx of the answer
 * @edx: edx of the answer
 *
 * Context: Any in which a trap may be taken.
 */
void notrace xenpv_cpuid(unsigned int *eax, unsigned int *ebx,
			 unsigned int *ecx, unsigned int *edx)
{
	u32 leaf = *eax, subleaf = *ecx;
	u32 regs[4] = { [CPUID_EAX] = leaf, [CPUID_ECX] = subleaf };

	cpuid_ask_xen(regs);
	xenpv_cpuid_filter(leaf, subleaf, xenpv_apic_id(raw_smp_processor_id()),
			   xenpv_self.control, regs);
	*eax = regs[CPUID_EAX];
	*ebx = regs[CPUID_EBX];
	*ecx = regs[CPUID_ECX];
	*edx = regs[CPUID_EDX];
}

/* Xen shows OSXSAVE if, and only if, it lets this domain use extended state. */
static bool __init cpuid_xsave_works(void)
{
	unsigned int eax = 1, ebx, ecx = 0, edx;

	xenpv_cpuid(&eax, &ebx, &ecx, &edx);
	return ecx & BIT(X86_FEATURE_OSXSAVE % 32);
}

/**
 * xenpv_cpuid_init() - fix the CPU features before the CPU is identified
 *
 * Context: Boot CPU, before early_cpu_init(), with xenpv_self filled.
 */
void __init xenpv_cpuid_init(void)
{
	setup_force_cpu_cap(X86_FEATURE_XENPV);
	for (int i = 0; i < ARRAY_SIZE(cpuid_hidden); i++)
		setup_clear_cpu_cap(cpuid_hidden[i]);
	for (int i = 0; i < ARRAY_SIZE(cpuid_cleared); i++)
		setup_clear_cpu_cap(cpuid_cleared[i]);
	if (!xenpv_self.control)
		setup_clear_cpu_cap(X86_FEATURE_ACPI);
	if (!cpuid_xsave_works())
		setup_clear_cpu_cap(X86_FEATURE_XSAVE);
}
