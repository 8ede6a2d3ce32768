// SPDX-License-Identifier: GPL-2.0-only
/* KUnit replay of XSA-487: mappings of privcmd taken apart; and the fate of each frame. */

#include <kunit/test.h>
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
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

#define PAGES	16

static struct file *open_file(struct kunit *test, const struct file_operations *fops)
{
	struct file *file = anon_inode_getfile("[xsa_487]", fops, NULL, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, fops->open(NULL, file), 0);
	return file;
}

static unsigned long map_file(struct kunit *test, struct file *file, unsigned long pages)
{
	return kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, 0);
}

static void refuse_parts(struct kunit *test, unsigned long addr)
{
	for (unsigned long from = 0; from < PAGES; from++)
		for (unsigned long nr = 1; from + nr <= PAGES; nr++)
			if (nr < PAGES)
				KUNIT_EXPECT_EQ(test, vm_munmap(addr + from * PAGE_SIZE,
								nr * PAGE_SIZE), -EINVAL);
}

static vm_flags_t flags_of(unsigned long addr)
{
	struct vm_area_struct *vma;
	vm_flags_t flags;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	flags = vma && vma->vm_end - vma->vm_start == PAGES * PAGE_SIZE ? vma->vm_flags : 0;
	mmap_read_unlock(current->mm);
	return flags;
}

/* Every part of a mapping of guests' memory: it is not split, nor inherited. */
static void privcmd_stays_whole(struct kunit *test)
{
	struct file *file = open_file(test, &xenpv_privcmd_fops);
	unsigned long addr = map_file(test, file, PAGES);

	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	refuse_parts(test, addr);
	KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_DONTCOPY);
	KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_DONTEXPAND);
	KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_PFNMAP);
	KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_DONTDUMP);
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, PAGES * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, (unsigned long)flags_of(addr), 0);
	addr = vm_mmap(file, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	KUNIT_EXPECT_EQ(test, (long)addr, -EINVAL);
	__fput_sync(file);
}

/* What the file counts is right whatever was tried: a page is given back once. */
static void buffers_stay_whole(struct kunit *test)
{
	struct file *file = open_file(test, &xenpv_privcmd_buf_fops);
	unsigned long over = xenpv_privcmd_buf_limit - PAGES + 1;
	unsigned long addr;

	for (unsigned int round = 0; round < 20; round++) {
		addr = map_file(test, file, PAGES);
		KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
		refuse_parts(test, addr);
		KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_DONTCOPY);
		KUNIT_EXPECT_TRUE(test, flags_of(addr) & VM_DONTEXPAND);
		KUNIT_EXPECT_EQ(test, (long)map_file(test, file, over), -ENOSPC);
		KUNIT_EXPECT_EQ(test, vm_munmap(addr, PAGES * PAGE_SIZE), 0);
		KUNIT_EXPECT_EQ(test, atomic_read((atomic_t *)file->private_data), 0);
	}
	__fput_sync(file);
}

static struct kunit_case xsa_487_cases[] = {
	KUNIT_CASE(each_has_its_fate),
	KUNIT_CASE(impossible_progress),
	KUNIT_CASE(privcmd_stays_whole),
	KUNIT_CASE(buffers_stay_whole),
	{}
};

static struct kunit_suite xsa_487_suite = {
	.name = "xsa_487",
	.init = xsa_487_init,
	.test_cases = xsa_487_cases,
};
kunit_test_suites(&xsa_487_suite);
