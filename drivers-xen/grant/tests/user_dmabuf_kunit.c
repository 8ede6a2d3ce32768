// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of pages of peers as dma-bufs, with devices that do not let go in time. */

#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/scatterlist.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include "room.h"
#include "../user_dmabuf.h"

#define NR	30
#define FIRST	100
#define NOBODY	9999

static struct xenpv_user_dmabufs *bufs;
static unsigned long memory;
static struct xenpv_foreign_later *later;

static void keep_later(struct xenpv_foreign_later *what)
{
	what->tries = 0;
	later = what;
}

/* What the work would do: true if all is unmapped. */
static bool look(void)
{
	struct xenpv_foreign_later *what = later;

	if (!what)
		return true;
	if (xenpv_foreign_look(what))
		return false;
	if (later == what)
		later = NULL;
	return true;
}

static void close_file(void *unused)
{
	if (bufs)
		xenpv_user_dmabuf_close(bufs);
	bufs = NULL;
}

static int dmabuf_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	kunit_activate_static_stub(test, xenpv_foreign_unmap_later, keep_later);
	later = NULL;
	for (unsigned int i = 0; i < NR; i++) {
		void *page = xenpv_fake_foreign_offer(PEER, FIRST + i, i == NR - 1);

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page, i, PAGE_SIZE);
	}
	memory = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
	bufs = xenpv_user_dmabuf_open();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bufs);
	return kunit_add_action_or_reset(test, close_file, NULL);
}

static void dmabuf_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), 0);
}

static long ask(unsigned int cmd, unsigned long arg)
{
	return xenpv_user_dmabuf_ioctl(bufs, cmd, (void __user *)arg);
}

/* Of @count pages, the one at place @bad with a reference that nobody gave. */
static long export(unsigned int count, domid_t domid, unsigned int flags, unsigned int bad,
		   int *fd)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs op = {
		.flags = flags, .count = count, .domid = domid, .fd = ~0U,
	};
	struct ioctl_gntdev_dmabuf_exp_from_refs __user *uop = (void __user *)memory;
	long ret;

	if (copy_to_user(uop, &op, sizeof(op)))
		return -ENXIO;
	for (unsigned int i = 0; i < min(count, 512U); i++)
		if (put_user(i == bad ? NOBODY : FIRST + i % NR, &uop->refs[i]))
			return -ENXIO;
	ret = ask(IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, memory);
	if (get_user(op.fd, &uop->fd))
		return -ENXIO;
	*fd = op.fd;
	return ret;
}

static long wait_released(u32 fd, u32 ms)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released op = { fd, ms };

	if (copy_to_user((void __user *)memory, &op, sizeof(op)))
		return -ENXIO;
	return ask(IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, memory);
}

/* The buffer behind a number, which is closed; the test has the last use of it. */
static struct dma_buf *take_buf(struct kunit *test, int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dmabuf);
	KUNIT_EXPECT_EQ(test, close_fd(fd), 0);
	return dmabuf;
}

static void drop_buf(struct dma_buf *dmabuf)
{
	__fput_sync(dmabuf->file);
}

static struct dma_buf *made(struct kunit *test, unsigned int count, int *fd)
{
	KUNIT_ASSERT_EQ(test, export(count, PEER, 0, UINT_MAX, fd), 0);
	KUNIT_ASSERT_GE(test, *fd, 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), count);
	return take_buf(test, *fd);
}

/* A device that can reach all memory. */
static struct device *device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "xenpv-dmabuf-test");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	return dev;
}

static struct sg_table *attached(struct kunit *test, struct dma_buf *dmabuf, struct device *dev,
				 struct dma_buf_attachment **attach)
{
	struct sg_table *sgt;

	*attach = dma_buf_attach(dmabuf, dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, *attach);
	sgt = dma_buf_map_attachment_unlocked(*attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	return sgt;
}

static void detached(struct dma_buf_attachment *attach, struct sg_table *sgt)
{
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(attach->dmabuf, attach);
}

/* The n-th page as the device has it. */
static struct page *page_at(struct sg_table *sgt, unsigned int n)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(sgt, sg, i)
		if (i == n)
			return pfn_to_page(PHYS_PFN(sg_dma_address(sg)));
	return NULL;
}

static void a_device_sees_the_pages(struct kunit *test)
{
	struct device *dev = device(test);
	struct dma_buf_attachment *attach;
	struct dma_buf *dmabuf;
	struct sg_table *sgt;
	int fd;

	dmabuf = made(test, NR - 1, &fd);
	KUNIT_EXPECT_EQ(test, dmabuf->size, (NR - 1) * PAGE_SIZE);
	sgt = attached(test, dmabuf, dev, &attach);
	KUNIT_EXPECT_EQ(test, sgt->nents, NR - 1);
	for (unsigned int i = 0; i < NR - 1; i++)
		KUNIT_EXPECT_TRUE(test, room_page_is(page_at(sgt, i), i));
	KUNIT_EXPECT_EQ(test, wait_released(fd, 1), -ETIMEDOUT);
	detached(attach, sgt);
	KUNIT_EXPECT_EQ(test, wait_released(fd, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), NR - 1);
	drop_buf(dmabuf);
	KUNIT_EXPECT_TRUE(test, look());
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
	KUNIT_EXPECT_EQ(test, wait_released(fd, 0), -ENOENT);
}

/* Pages are the peer's again when nobody has them, not when somebody said so. */
static void a_driver_keeps_a_page(struct kunit *test)
{
	struct device *dev = device(test);
	struct dma_buf_attachment *attach;
	struct dma_buf *dmabuf;
	struct sg_table *sgt;
	struct page *page;
	int fd;

	dmabuf = made(test, 4, &fd);
	sgt = attached(test, dmabuf, dev, &attach);
	page = page_at(sgt, 2);
	get_page(page);
	detached(attach, sgt);
	drop_buf(dmabuf);
	for (unsigned int i = 0; i < 5; i++) {
		KUNIT_EXPECT_FALSE(test, look());
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 4);
		KUNIT_EXPECT_EQ(test, wait_released(fd, 1), -ETIMEDOUT);
	}
	KUNIT_EXPECT_TRUE(test, room_page_is(page, 2));
	KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), 4);
	put_page(page);
	KUNIT_EXPECT_TRUE(test, look());
	KUNIT_EXPECT_EQ(test, wait_released(fd, 1), -ENOENT);
}

static void buffer_outlives_the_file(struct kunit *test)
{
	struct device *dev = device(test);
	struct dma_buf_attachment *attach;
	struct dma_buf *dmabuf;
	struct sg_table *sgt;
	int fd;

	dmabuf = made(test, 4, &fd);
	close_file(NULL);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 4);
	/* It still counts, so that opening the device again brings nothing. */
	KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), 4);
	sgt = attached(test, dmabuf, dev, &attach);
	KUNIT_EXPECT_TRUE(test, room_page_is(page_at(sgt, 3), 3));
	detached(attach, sgt);
	drop_buf(dmabuf);
	KUNIT_EXPECT_TRUE(test, look());
}

static void all_pages_or_none(struct kunit *test)
{
	static const unsigned int where[] = { 0, 1, 23, 24, 25, 28 };
	int fd;

	for (unsigned int i = 0; i < ARRAY_SIZE(where); i++) {
		KUNIT_EXPECT_EQ(test, export(NR - 1, PEER, 0, where[i], &fd), -ENOENT);
		KUNIT_EXPECT_EQ(test, fd, -1);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), 0);
	}
	/* One that the peer lent for reading only, and another peer. */
	KUNIT_EXPECT_LT(test, export(NR, PEER, 0, UINT_MAX, &fd), 0);
	KUNIT_EXPECT_LT(test, export(4, OTHER, 0, UINT_MAX, &fd), 0);
}

static void wrong_requests(struct kunit *test)
{
	int fd, first = get_unused_fd_flags(0);

	put_unused_fd(first);
	KUNIT_EXPECT_EQ(test, export(0, PEER, 0, 0, &fd), -EINVAL);
	KUNIT_EXPECT_EQ(test, export(4, DOMID_FIRST_RESERVED, 0, 9, &fd), -EINVAL);
	KUNIT_EXPECT_EQ(test, export(4, DOMID_SELF, 0, 9, &fd), -EINVAL);
	/* There is no memory of these kinds under pages of peers; nor of any other. */
	KUNIT_EXPECT_EQ(test, export(4, PEER, GNTDEV_DMA_FLAG_WC, 9, &fd), -EINVAL);
	KUNIT_EXPECT_EQ(test, export(4, PEER, GNTDEV_DMA_FLAG_COHERENT, 9, &fd), -EINVAL);
	KUNIT_EXPECT_EQ(test, export(4, PEER, BIT(31), 9, &fd), -EINVAL);
	KUNIT_EXPECT_EQ(test, export(UINT_MAX, PEER, 0, 9, &fd), -ENOSPC);
	KUNIT_EXPECT_EQ(test, export(256 * 1024 + 1, PEER, 0, 9, &fd), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_MAP_GRANT_REF, memory), -ENOTTY);
	KUNIT_EXPECT_EQ(test, wait_released(first, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, wait_released(~0U, 0), -ENOENT);
	/* No number was taken and not given back. */
	fd = get_unused_fd_flags(0);
	KUNIT_EXPECT_EQ(test, fd, first);
	put_unused_fd(fd);
}

/* References that can't be read, and a number that can't be told. */
static void torn_requests(struct kunit *test)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs op = { .count = 4, .domid = PEER };
	unsigned long at = memory + 2 * PAGE_SIZE - offsetof(typeof(op), refs) - 8;
	u32 refs[2] = { FIRST, FIRST + 1 };

	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)at, &op, offsetof(typeof(op), refs)), 0);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)(at + offsetof(typeof(op), refs)),
					   refs, sizeof(refs)), 0);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, at), -EFAULT);
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

/* A number that is used again is that of the last buffer. */
static void numbers_are_used_again(struct kunit *test)
{
	struct dma_buf *first, *second;
	int fd, again;

	KUNIT_ASSERT_EQ(test, export(2, PEER, 0, UINT_MAX, &fd), 0);
	first = take_buf(test, fd);
	KUNIT_ASSERT_EQ(test, export(3, PEER, 0, UINT_MAX, &again), 0);
	second = take_buf(test, again);
	KUNIT_ASSERT_EQ(test, again, fd);
	drop_buf(second);
	KUNIT_EXPECT_TRUE(test, look());
	/* Now it is the first one's, which is still there. */
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 2);
	KUNIT_EXPECT_EQ(test, wait_released(fd, 0), -ETIMEDOUT);
	drop_buf(first);
	KUNIT_EXPECT_TRUE(test, look());
	KUNIT_EXPECT_EQ(test, wait_released(fd, 0), -ENOENT);
}

static void limit_of_a_file(struct kunit *test)
{
	struct dma_buf **made = kunit_kcalloc(test, 300, sizeof(*made), GFP_KERNEL);
	unsigned int nr;
	long ret = 0;
	int fd;

	KUNIT_ASSERT_NOT_NULL(test, made);
	for (nr = 0; nr < 300; nr++) {
		ret = export(1, PEER, 0, UINT_MAX, &fd);
		if (ret)
			break;
		made[nr] = take_buf(test, fd);
	}
	KUNIT_EXPECT_EQ(test, ret, -ENOSPC);
	KUNIT_EXPECT_EQ(test, nr, 256);
	drop_buf(made[--nr]);
	KUNIT_EXPECT_TRUE(test, look());
	KUNIT_EXPECT_EQ(test, export(1, PEER, 0, UINT_MAX, &fd), 0);
	made[nr++] = take_buf(test, fd);
	while (nr) {
		drop_buf(made[--nr]);
		KUNIT_EXPECT_TRUE(test, look());
	}
}

static struct kunit_case dmabuf_cases[] = {
	KUNIT_CASE(a_device_sees_the_pages),
	KUNIT_CASE(a_driver_keeps_a_page),
	KUNIT_CASE(buffer_outlives_the_file),
	KUNIT_CASE(all_pages_or_none),
	KUNIT_CASE(wrong_requests),
	KUNIT_CASE(torn_requests),
	KUNIT_CASE(numbers_are_used_again),
	KUNIT_CASE(limit_of_a_file),
	{}
};

static struct kunit_suite dmabuf_suite = {
	.name = "xenpv_gntdev_dmabuf",
	.init = dmabuf_init,
	.exit = dmabuf_exit,
	.test_cases = dmabuf_cases,
};
kunit_test_suites(&dmabuf_suite);
