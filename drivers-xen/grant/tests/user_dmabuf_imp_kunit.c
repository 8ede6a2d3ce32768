// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of dma-bufs whose pages are lent: exporters that lie, peers that keep. */

#include <kunit/static_stub.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/gntdev.h>
#include <xenpv/frames.h>
#include "room.h"
#include "../user_dmabuf.h"

#define NR	6

/* What the exporter says that is not true. */
enum lie {
	HONEST,
	ONE_PIECE,
	ONE_LESS,
	ONE_MORE,
	NOTHING,
	WITHIN_A_PAGE,
	HALF_A_PAGE,
	NO_RAM,
	OVER_THE_END,
	OF_NOBODY,
	OF_THE_ALLOCATOR,
	OF_A_PEER,
	NO_MAPPING,
	NULL_MAPPING,
	NO_ATTACHMENT,
	LIES,
};

static struct {
	enum lie lie;
	struct page *pages[NR + 1];
	struct page *piece;
	void *slab;
	unsigned int attached;
	unsigned int mapped;
} ex;

static struct xenpv_user_dmabufs *bufs;
static struct dma_buf *dmabuf;
static unsigned long memory;
static int fd;
static u32 refs[NR];
static struct xenpv_user_import *waiting;

static int ex_attach(struct dma_buf *buf, struct dma_buf_attachment *attach)
{
	if (ex.lie == NO_ATTACHMENT)
		return -EBUSY;
	ex.attached++;
	return 0;
}

static void ex_detach(struct dma_buf *buf, struct dma_buf_attachment *attach)
{
	ex.attached--;
}

static unsigned int entries(void)
{
	switch (ex.lie) {
	case ONE_PIECE:
	case NOTHING:
		return 1;
	case ONE_LESS:
		return NR - 1;
	case ONE_MORE:
		return NR + 1;
	default:
		return NR;
	}
}

/* Addresses that the bus did not give. */
static void forge(struct sg_table *sgt)
{
	struct scatterlist *last = sgt->sgl;

	for (unsigned int i = 1; i < sgt->nents; i++)
		last = sg_next(last);
	switch (ex.lie) {
	case NOTHING:
		sg_dma_len(last) = 0;
		break;
	case WITHIN_A_PAGE:
		sg_dma_address(last) += 512;
		break;
	case HALF_A_PAGE:
		sg_dma_len(last) = PAGE_SIZE / 2;
		break;
	case NO_RAM:
		sg_dma_address(last) = BIT_ULL(45);
		break;
	case OVER_THE_END:
		sg_dma_address(last) = -(dma_addr_t)PAGE_SIZE;
		break;
	case OF_NOBODY:
		sg_dma_address(last) = page_to_phys(ZERO_PAGE(0));
		break;
	case OF_THE_ALLOCATOR:
		sg_dma_address(last) = virt_to_phys(ex.slab) & PAGE_MASK;
		break;
	default:
		break;
	}
}

static struct sg_table *ex_map(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	struct sg_table *sgt;
	struct scatterlist *sg;
	unsigned int i;

	if (ex.lie == NO_MAPPING)
		return ERR_PTR(-EIO);
	if (ex.lie == NULL_MAPPING)
		return NULL;
	sgt = kzalloc_obj(*sgt, GFP_KERNEL);
	if (!sgt || sg_alloc_table(sgt, entries(), GFP_KERNEL)) {
		kfree(sgt);
		return ERR_PTR(-ENOMEM);
	}
	for_each_sgtable_sg(sgt, sg, i)
		if (ex.lie == ONE_PIECE)
			sg_set_page(sg, ex.piece, NR * PAGE_SIZE, 0);
		else
			sg_set_page(sg, ex.pages[i], PAGE_SIZE, 0);
	if (dma_map_sgtable(attach->dev, sgt, dir, 0)) {
		sg_free_table(sgt);
		kfree(sgt);
		return ERR_PTR(-EIO);
	}
	forge(sgt);
	ex.mapped++;
	return sgt;
}

static void ex_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
		     enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, sgt, dir, 0);
	sg_free_table(sgt);
	kfree(sgt);
	ex.mapped--;
}

static void ex_release(struct dma_buf *buf)
{
}

static const struct dma_buf_ops ex_ops = {
	.attach		= ex_attach,
	.detach		= ex_detach,
	.map_dma_buf	= ex_map,
	.unmap_dma_buf	= ex_unmap,
	.release	= ex_release,
};

static void wait_on(struct xenpv_user_import *import, unsigned int ms)
{
	waiting = import;
}

/* What the work would do: true if there is nothing to wait for any more. */
static bool look(void)
{
	struct xenpv_user_import *import = waiting;

	waiting = NULL;
	if (import)
		xenpv_user_import_look(import);
	return !waiting;
}

static void end(void *unused)
{
	if (bufs)
		xenpv_user_dmabuf_close(bufs);
	bufs = NULL;
	if (dmabuf) {
		close_fd(fd);
		__fput_sync(dmabuf->file);
	}
	dmabuf = NULL;
	if (ex.piece)
		__free_pages(ex.piece, get_order(NR * PAGE_SIZE));
	kfree(ex.slab);
}

static void make_buf(struct kunit *test)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);

	info.ops = &ex_ops;
	info.size = NR * PAGE_SIZE;
	info.flags = O_RDWR;
	info.priv = &ex;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf))
		dmabuf = NULL;
	KUNIT_ASSERT_NOT_NULL(test, dmabuf);
	/* One use is the number's, the other one the test's. */
	get_dma_buf(dmabuf);
	fd = dma_buf_fd(dmabuf, 0);
	KUNIT_ASSERT_GE(test, fd, 0);
}

static int import_init(struct kunit *test)
{
	static const struct room room = { .version = 1, .frames = 1 };

	room_start(test, &room);
	room_memory(test);
	memset(&ex, 0, sizeof(ex));
	bufs = NULL;
	dmabuf = NULL;
	waiting = NULL;
	kunit_activate_static_stub(test, xenpv_user_import_later, wait_on);
	for (unsigned int i = 0; i <= NR; i++)
		ex.pages[i] = room_page(test, 0x10 + i);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
	ex.piece = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(NR * PAGE_SIZE));
	ex.slab = kmalloc(512, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, ex.piece && ex.slab);
	memory = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
	bufs = xenpv_user_dmabuf_open();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bufs);
	make_buf(test);
	return 0;
}

static long ask(unsigned int cmd, unsigned long arg)
{
	return xenpv_user_dmabuf_ioctl(bufs, cmd, (void __user *)arg);
}

static long import(u32 number, u32 count, u32 domid, u32 reserved)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs op = {
		.fd = number, .count = count, .domid = domid, .reserved = reserved,
	};
	struct ioctl_gntdev_dmabuf_imp_to_refs __user *uop = (void __user *)memory;
	long ret;

	if (copy_to_user(uop, &op, sizeof(op)))
		return -ENXIO;
	ret = ask(IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, memory);
	if (!ret && copy_from_user(refs, uop->refs, min(count, NR + 0U) * sizeof(*refs)))
		return -ENXIO;
	return ret;
}

static long release(u32 number)
{
	struct ioctl_gntdev_dmabuf_imp_release op = { .fd = number };

	if (copy_to_user((void __user *)memory, &op, sizeof(op)))
		return -ENXIO;
	return ask(IOCTL_GNTDEV_DMABUF_IMP_RELEASE, memory);
}

/* Whatever there was is undone. */
static void expect_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ex.attached, 0);
	KUNIT_EXPECT_EQ(test, ex.mapped, 0);
	KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), 0);
	KUNIT_EXPECT_EQ(test, file_count(dmabuf->file), 2);
	for (unsigned int i = 0; i <= NR; i++)
		KUNIT_EXPECT_EQ(test, page_count(ex.pages[i]), 1);
	KUNIT_EXPECT_EQ(test, page_count(ex.piece), 1);
}

static void lent_and_released(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, import(fd, NR, PEER, 0), 0);
	KUNIT_EXPECT_EQ(test, ex.attached, 1);
	KUNIT_EXPECT_EQ(test, ex.mapped, 1);
	for (unsigned int i = 0; i < NR; i++) {
		int handle = xenpv_fake_peer_map(PEER, refs[i], true);

		KUNIT_ASSERT_GE(test, handle, 0);
		KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle),
				    page_address(ex.pages[i]));
		KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
		KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(OTHER, refs[i], false), 0);
	}
	KUNIT_EXPECT_EQ(test, release(fd), 0);
	for (unsigned int i = 0; i < NR; i++)
		KUNIT_EXPECT_LT(test, xenpv_fake_peer_map(PEER, refs[i], false), 0);
	KUNIT_EXPECT_EQ(test, release(fd), -ENOENT);
	expect_nothing(test);
}

/* Pages that are neighbours are one piece for the exporter, and pages for the peer. */
static void pieces_of_several_pages(struct kunit *test)
{
	ex.lie = ONE_PIECE;
	KUNIT_ASSERT_EQ(test, import(fd, NR, PEER, 0), 0);
	for (unsigned int i = 0; i < NR; i++) {
		int handle = xenpv_fake_peer_map(PEER, refs[i], true);

		KUNIT_ASSERT_GE(test, handle, 0);
		KUNIT_EXPECT_PTR_EQ(test, xenpv_fake_peer_page(handle),
				    page_address(ex.piece) + i * PAGE_SIZE);
		xenpv_fake_peer_unmap(handle);
	}
	KUNIT_EXPECT_EQ(test, release(fd), 0);
	expect_nothing(test);
}

static void exporter_lies(struct kunit *test)
{
	static const int want[LIES] = {
		[NO_MAPPING] = -EIO, [NULL_MAPPING] = -ENOMEM, [NO_ATTACHMENT] = -EBUSY,
	};

	KUNIT_ASSERT_TRUE(test, xenpv_p2m_set(page_to_pfn(ex.pages[NR]),
					      mfn_box(1234 | XENPV_P2M_FOREIGN)));
	for (ex.lie = ONE_LESS; ex.lie < LIES; ex.lie++) {
		if (ex.lie == OF_A_PEER)
			swap(ex.pages[NR - 1], ex.pages[NR]);
		KUNIT_EXPECT_EQ_MSG(test, import(fd, NR, PEER, 0), want[ex.lie] ?: -EINVAL,
				    "lie %u", ex.lie);
		if (ex.lie == OF_A_PEER)
			swap(ex.pages[NR - 1], ex.pages[NR]);
		expect_nothing(test);
		KUNIT_EXPECT_EQ(test, release(fd), -ENOENT);
	}
	xenpv_p2m_set(page_to_pfn(ex.pages[NR]), mfn_box(page_to_pfn(ex.pages[NR])));
	ex.lie = HONEST;
	KUNIT_EXPECT_EQ(test, import(fd, NR, PEER, 0), 0);
	KUNIT_EXPECT_EQ(test, release(fd), 0);
}

static void wrong_requests(struct kunit *test)
{
	struct file *other = fget(fd);

	KUNIT_ASSERT_NOT_NULL(test, other);
	fput(other);
	KUNIT_EXPECT_EQ(test, import(fd, 0, PEER, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, NR, PEER, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, NR, DOMID_FIRST_RESERVED, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, NR, ~0U, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, NR - 1, PEER, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, NR + 1, PEER, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, import(fd, UINT_MAX, PEER, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, import(~0U, NR, PEER, 0), -EBADF);
	KUNIT_EXPECT_EQ(test, ex.attached, 0);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_IMP_RELEASE, 8), -EFAULT);
	KUNIT_EXPECT_EQ(test, release(~0U), -ENOENT);
	expect_nothing(test);
}

/* A program that can't be told the references has lent nothing. */
static void references_untold(struct kunit *test)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs op = { .fd = fd, .count = NR, .domid = PEER };
	unsigned long at = memory + 2 * PAGE_SIZE - offsetof(typeof(op), refs);

	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)at, &op, offsetof(typeof(op), refs)), 0);
	KUNIT_EXPECT_EQ(test, ask(IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, at), -EFAULT);
	KUNIT_EXPECT_EQ(test, release(fd), -ENOENT);
	expect_nothing(test);
}

/* More than the table has: none of it is lent. */
static void references_run_out(struct kunit *test)
{
	unsigned int taken = 0;
	int *all = kunit_kcalloc(test, 512, sizeof(*all), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	while (taken < 512 && (all[taken] = xenpv_grant_ref_take()) >= 0)
		taken++;
	for (unsigned int i = 0; i < 3; i++)
		xenpv_grant_ref_give(all[--taken]);
	KUNIT_EXPECT_EQ(test, import(fd, NR, PEER, 0), -ENOSPC);
	expect_nothing(test);
	while (taken)
		xenpv_grant_ref_give(all[--taken]);
	KUNIT_EXPECT_EQ(test, import(fd, NR, PEER, 0), 0);
	KUNIT_EXPECT_EQ(test, release(fd), 0);
	expect_nothing(test);
}

/* The exporter keeps its pages where they are until the peer has let go. */
static void peer_keeps_a_page(struct kunit *test)
{
	int handle;

	KUNIT_ASSERT_EQ(test, import(fd, NR, PEER, 0), 0);
	handle = xenpv_fake_peer_map(PEER, refs[2], true);
	KUNIT_ASSERT_GE(test, handle, 0);
	KUNIT_EXPECT_EQ(test, release(fd), 0);
	for (unsigned int i = 0; i < 5; i++) {
		room_advance(1000);
		KUNIT_EXPECT_FALSE(test, look());
		KUNIT_EXPECT_EQ(test, ex.mapped, 1);
		KUNIT_EXPECT_EQ(test, xenpv_user_dmabuf_pages(), NR);
	}
	KUNIT_EXPECT_EQ(test, page_count(ex.pages[1]), 1);
	KUNIT_EXPECT_EQ(test, page_count(ex.pages[2]), 2);
	/* It may be lent once more meanwhile; that counts for itself. */
	KUNIT_EXPECT_EQ(test, import(fd, NR, PEER, 0), 0);
	KUNIT_EXPECT_EQ(test, release(fd), 0);
	KUNIT_EXPECT_EQ(test, ex.mapped, 1);
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	room_advance(5000);
	KUNIT_EXPECT_TRUE(test, look());
	expect_nothing(test);
}

static void file_is_closed_first(struct kunit *test)
{
	int handle;

	KUNIT_ASSERT_EQ(test, import(fd, NR, PEER, 0), 0);
	KUNIT_ASSERT_EQ(test, import(fd, NR, OTHER, 0), 0);
	KUNIT_EXPECT_EQ(test, ex.mapped, 2);
	handle = xenpv_fake_peer_map(OTHER, refs[0], false);
	KUNIT_ASSERT_GE(test, handle, 0);
	xenpv_user_dmabuf_close(bufs);
	bufs = NULL;
	KUNIT_EXPECT_EQ(test, ex.mapped, 1);
	KUNIT_EXPECT_FALSE(test, look());
	KUNIT_EXPECT_EQ(test, xenpv_fake_peer_unmap(handle), 0);
	room_advance(5000);
	KUNIT_EXPECT_TRUE(test, look());
	expect_nothing(test);
}

static struct kunit_case import_cases[] = {
	KUNIT_CASE(lent_and_released),
	KUNIT_CASE(pieces_of_several_pages),
	KUNIT_CASE(exporter_lies),
	KUNIT_CASE(wrong_requests),
	KUNIT_CASE(references_untold),
	KUNIT_CASE(references_run_out),
	KUNIT_CASE(peer_keeps_a_page),
	KUNIT_CASE(file_is_closed_first),
	{}
};

static struct kunit_suite import_suite = {
	.name = "xenpv_gntdev_import",
	.init = import_init,
	.test_cases = import_cases,
};
kunit_test_suites(&import_suite);
