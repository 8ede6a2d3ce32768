// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of /dev/xen/gntalloc: pages lent, taken back, and kept by a peer. */

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntalloc.h>
#include "room.h"

#define NR	4

static struct file *file;
static unsigned long memory;
static grant_ref_t refs[NR];

static void close_file(void *unused)
{
	if (file)
		__fput_sync(file);
	file = NULL;
}

static int alloc_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	memory = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
	file = anon_inode_getfile("[gntalloc]", &xenpv_gntalloc_fops, NULL, O_RDWR);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, xenpv_gntalloc_fops.open(NULL, file), 0);
	return kunit_add_action_or_reset(test, close_file, NULL);
}

static long ask(unsigned int cmd, unsigned long arg)
{
	return xenpv_gntalloc_fops.unlocked_ioctl(file, cmd, arg);
}

static long alloc(unsigned int nr, unsigned int flags, u64 *index)
{
	struct ioctl_gntalloc_alloc_gref op = { .domid = PEER, .flags = flags, .count = nr };
	struct ioctl_gntalloc_alloc_gref __user *uop = (void __user *)memory;
	long ret;

	if (copy_to_user(uop, &op, sizeof(op)))
		return -ENXIO;
	ret = xenpv_gntalloc_fops.unlocked_ioctl(file, IOCTL_GNTALLOC_ALLOC_GREF, memory);
	if (ret)
		return ret;
	if (copy_from_user(&op, uop, sizeof(op)) ||
	    copy_from_user(refs, uop->gref_ids, min(nr, NR + 0U) * sizeof(*refs)))
		return -ENXIO;
	*index = op.index;
	return 0;
}

static long dealloc(u64 index, unsigned int nr)
{
	struct ioctl_gntalloc_dealloc_gref op = { .index = index, .count = nr };

	if (copy_to_user((void __user *)memory, &op, sizeof(op)))
		return -ENXIO;
	return xenpv_gntalloc_fops.unlocked_ioctl(file, IOCTL_GNTALLOC_DEALLOC_GREF, memory);
}

static void expect_counts(struct kunit *test, int want_lent, int want_kept)
{
	int lent, kept;

	xenpv_gntalloc_count(&lent, &kept);
	KUNIT_EXPECT_EQ(test, lent, want_lent);
	KUNIT_EXPECT_EQ(test, kept, want_kept);
}

static void lent_and_taken_back(struct kunit *test)
{
	u64 index;
	int handle;

	KUNIT_ASSERT_EQ(test, alloc(NR, GNTALLOC_FLAG_WRITABLE, &index), 0);
	expect_counts(test, NR, 0);
	for (unsigned int i = 0; i < NR; i++) {
		handle = xenpv_fake_peer_map(PEER, refs[i], true);
		KUNIT_ASSERT_GE(test, handle, 0);
		KUNIT_EXPECT_NULL(test, memchr_inv(xenpv_fake_peer_page(handle), 0, PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
		KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(OTHER, refs[i], true), 0);
	}
	KUNIT_EXPECT_EQ(test, dealloc(index, NR + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, dealloc(index + PAGE_SIZE, 2), 0);
	KUNIT_EXPECT_EQ(test, dealloc(index, NR), -EINVAL);
	expect_counts(test, NR - 2, 0);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, refs[1], true), 0);
	KUNIT_EXPECT_EQ(test, dealloc(index, 1), 0);
	KUNIT_EXPECT_EQ(test, dealloc(index + 3 * PAGE_SIZE, 1), 0);
	expect_counts(test, 0, 0);
}

static void readonly_for_the_peer(struct kunit *test)
{
	u64 index;
	int handle;

	KUNIT_ASSERT_EQ(test, alloc(1, 0, &index), 0);
	KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, refs[0], true), 0);
	handle = xenpv_fake_peer_map(PEER, refs[0], false);
	KUNIT_EXPECT_GE(test, handle, 0);
	xenpv_fake_peer_unmap(handle);
	KUNIT_EXPECT_EQ(test, dealloc(index, 1), 0);
}

/* It counts as long as the peer has it, and is nobody's meanwhile. */
static void peer_keeps_a_page(struct kunit *test)
{
	u64 index;
	int handle;

	KUNIT_ASSERT_EQ(test, alloc(NR, GNTALLOC_FLAG_WRITABLE, &index), 0);
	handle = xenpv_fake_peer_map(PEER, refs[2], true);
	KUNIT_ASSERT_GE(test, handle, 0);
	close_file(NULL);
	expect_counts(test, 0, 1);
	KUNIT_EXPECT_TRUE(test, xenpv_fake_peer_holds(xenpv_fake_peer_page(handle)));
	room_advance(5000);
	expect_counts(test, 0, 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	room_advance(2000);
	expect_counts(test, 0, 0);
}

static void mapping_keeps_a_page(struct kunit *test)
{
	unsigned long addr;
	u64 index;

	KUNIT_ASSERT_EQ(test, alloc(NR, GNTALLOC_FLAG_WRITABLE, &index), 0);
	addr = kunit_vm_mmap(test, file, 0, NR * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			     index);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, vm_munmap(addr + PAGE_SIZE, PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, dealloc(index, NR), 0);
	expect_counts(test, NR, 0);
	KUNIT_EXPECT_EQ(test, clear_user((void __user *)addr, NR * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, NR * PAGE_SIZE), 0);
	expect_counts(test, 0, 0);
	addr = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, index);
	KUNIT_EXPECT_EQ(test, (long)addr, -ENOENT);
}

static void wrong_requests(struct kunit *test)
{
	u64 index;

	KUNIT_EXPECT_EQ(test, alloc(0, 0, &index), -EINVAL);
	KUNIT_EXPECT_EQ(test, alloc(1, 0x10, &index), -EINVAL);
	KUNIT_EXPECT_EQ(test, alloc(1025, 1, &index), -ENOSPC);
	KUNIT_EXPECT_EQ(test, alloc(UINT_MAX, 1, &index), -ENOSPC);
	/* More than the table has: none. */
	KUNIT_EXPECT_EQ(test, alloc(1000, 1, &index), -ENOSPC);
	expect_counts(test, 0, 0);
	KUNIT_EXPECT_EQ(test, dealloc(0, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, dealloc(0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, xenpv_gntalloc_fops.unlocked_ioctl(file, 1, memory), -ENOTTY);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTALLOC_ALLOC_GREF, 8), -EFAULT);
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE(lent_and_taken_back),
	KUNIT_CASE(readonly_for_the_peer),
	KUNIT_CASE(peer_keeps_a_page),
	KUNIT_CASE(mapping_keeps_a_page),
	KUNIT_CASE(wrong_requests),
	{}
};

static struct kunit_suite alloc_suite = {
	.name = "xenpv_gntalloc",
	.init = alloc_init,
	.test_cases = alloc_cases,
};
kunit_test_suites(&alloc_suite);
