// SPDX-License-Identifier: GPL-2.0-only
/* KUnit replay of XSA-487: mappings of privcmd taken apart; and the fate of each frame. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include "../../fake/fake.h"
#include "../private.h"

#define NR	100
#define DOMID	9

/* What Xen was asked, and which frames it does not like. */
static struct {
	u64 done[NR];
	unsigned int nr_done;
	unsigned int calls;
	long (*fate)(u64 frame);
	domid_t domid;
} xen;

static long mmu_update(unsigned long req, unsigned long count, unsigned long done,
		       unsigned long domid, unsigned long a5)
{
	const struct mmu_update *u = (void *)req;
	long ret;

	xen.calls++;
	xen.domid = domid;
	for (unsigned int i = 0; i < count; i++) {
		ret = xen.fate(u[i].val >> PAGE_SHIFT);
		if (ret) {
			*(unsigned int *)done = i;
			return ret;
		}
		if (xen.nr_done < NR)
			xen.done[xen.nr_done] = u[i].ptr;
		xen.nr_done++;
	}
	*(unsigned int *)done = count;
	return 0;
}

static int xsa_487_init(struct kunit *test)
{
	xenpv_fake_start(test);
	xenpv_fake_serve(__HYPERVISOR_mmu_update, mmu_update);
	memset(&xen, 0, sizeof(xen));
	return 0;
}

static long all_well(u64 frame)
{
	return 0;
}

static long none(u64 frame)
{
	return -EPERM;
}

static long every_third(u64 frame)
{
	return frame % 3 ? 0 : -ENOENT;
}

static long ends(u64 frame)
{
	return frame == 0 || frame == NR - 1 ? -EINVAL : 0;
}

/* Each frame has its own fate, and each entry is written once. */
static void each_has_its_fate(struct kunit *test)
{
	static long (*const fates[])(u64 frame) = { all_well, none, every_third, ends };
	static struct mmu_update updates[NR];
	static int errors[NR];

	for (unsigned int f = 0; f < ARRAY_SIZE(fates); f++) {
		unsigned int n = 0;

		memset(&xen, 0, sizeof(xen));
		xen.fate = fates[f];
		memset(errors, 0x55, sizeof(errors));
		for (unsigned int i = 0; i < NR; i++)
			updates[i] = (struct mmu_update){ i * 8, (u64)i << PAGE_SHIFT };
		xenpv_remap_issue(updates, NR, errors, DOMID);
		KUNIT_EXPECT_EQ(test, xen.domid, DOMID);
		for (unsigned int i = 0; i < NR; i++) {
			KUNIT_EXPECT_EQ(test, errors[i], xen.fate(i));
			if (errors[i])
				continue;
			KUNIT_EXPECT_EQ(test, xen.done[n], i * 8);
			n++;
		}
		KUNIT_EXPECT_EQ(test, xen.nr_done, n);
	}
}

static long nonsense(unsigned long req, unsigned long count, unsigned long done,
		     unsigned long domid, unsigned long a5)
{
	xen.calls++;
	*(unsigned int *)done = 1000;
	return -EINVAL;
}

/* However little sense the number of those done makes: there is an end. */
static void impossible_progress(struct kunit *test)
{
	static struct mmu_update updates[8];
	static int errors[8 + 1];

	xenpv_fake_serve(__HYPERVISOR_mmu_update, nonsense);
	errors[8] = 0x55;
	xenpv_remap_issue(updates, 8, errors, DOMID);
	KUNIT_EXPECT_EQ(test, xen.calls, 1);
	KUNIT_EXPECT_EQ(test, errors[7], -EINVAL);
	KUNIT_EXPECT_EQ(test, errors[8], 0x55);
}

/* No mapping is split, moved in part, protected otherwise, or inherited. */
static void stays_whole(struct kunit *test)
{
	struct vm_area_struct vma = { };
	const struct vm_operations_struct *ops;

	vm_flags_init(&vma, VM_SHARED | VM_WRITE | VM_MAYWRITE);
	vma.vm_start = SZ_1M;
	vma.vm_end = SZ_1M + 16 * PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, xenpv_privcmd_prepare(&vma), 0);
	ops = vma.vm_ops;
	for (unsigned long addr = vma.vm_start; addr < vma.vm_end; addr += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, ops->may_split(&vma, addr), -EINVAL);
		KUNIT_EXPECT_EQ(test, ops->mprotect(&vma, addr, vma.vm_end, VM_READ), -EACCES);
	}
	KUNIT_EXPECT_TRUE(test, vma.vm_flags & VM_DONTCOPY);
	KUNIT_EXPECT_TRUE(test, vma.vm_flags & VM_DONTEXPAND);
	KUNIT_EXPECT_TRUE(test, vma.vm_flags & VM_PFNMAP);
	KUNIT_EXPECT_TRUE(test, vma.vm_flags & VM_DONTDUMP);
	/* Nothing hangs on the mapping that its end would free. */
	KUNIT_EXPECT_NULL(test, vma.vm_private_data);
	KUNIT_EXPECT_NULL(test, ops->close);
}

static void no_private_copies(struct kunit *test)
{
	struct vm_area_struct vma = { };

	vm_flags_init(&vma, VM_MAYWRITE);
	KUNIT_EXPECT_EQ(test, xenpv_privcmd_prepare(&vma), -EINVAL);
	KUNIT_EXPECT_NULL(test, vma.vm_ops);
}

static struct kunit_case xsa_487_cases[] = {
	KUNIT_CASE(each_has_its_fate),
	KUNIT_CASE(impossible_progress),
	KUNIT_CASE(stays_whole),
	KUNIT_CASE(no_private_copies),
	{}
};

static struct kunit_suite xsa_487_suite = {
	.name = "xsa_487",
	.init = xsa_487_init,
	.test_cases = xsa_487_cases,
};
kunit_test_suites(&xsa_487_suite);
