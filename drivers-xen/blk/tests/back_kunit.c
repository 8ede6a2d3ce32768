// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the back of a disk: a front that sends anything, a disk or a file in memory.  And
 * replays of advisories about fronts: 155, 216, 365, 371.
 */

#include <kunit/static_stub.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/shared.h>
#include "../../fake/fake_event.h"
#include "../back.h"
#include "device.h"

#define RING_REF	20
#define TABLE_REF	21
#define DATA_REF	30
#define PORT		5
#define PAGES		40
#define BYTES		(DISK_SECTORS * SECTOR_SIZE)

/* The disk, and what has become of it. */
static struct {
	struct gendisk *disk;
	u8 *data;
	u8 *before;
	u8 written[DISK_SECTORS];
	unsigned int flushes;
	unsigned int discards;
	blk_status_t status;
	bool keeps;
	struct page *kept;
} m;

static struct xblk_back *back;
static bool due, resized;

/* What the front has, and how it lays its requests out. */
static struct xblk_64_front front64;
static struct xblk_32_front front32;

/* How a front reaches its data, the layout, what is behind it: parameters of cases. */
struct way {
	const char *name;
	enum xblk_abi abi;
	unsigned int max_kept;
	bool file;
};

static const struct way ways[] = {
	{ "64-bit", XBLK_ABI_64, 0 },
	{ "32-bit", XBLK_ABI_32, 0 },
	{ "kept", XBLK_ABI_64, 64 },
	{ "few kept", XBLK_ABI_64, 5 },
	{ "file", XBLK_ABI_64, 0, true },
	{ "file, kept", XBLK_ABI_32, 64, true },
};

static void way_name(const struct way *way, char *text)
{
	strscpy(text, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(way, ways, way_name);

static void move_page(struct bio *bio, struct bio_vec *bv, sector_t sector)
{
	u8 *at = m.data + sector * SECTOR_SIZE;
	void *page = page_address(bv->bv_page) + bv->bv_offset;

	if (bio_op(bio) == REQ_OP_READ) {
		memcpy(page, at, bv->bv_len);
		return;
	}
	memcpy(at, page, bv->bv_len);
	for (unsigned int i = 0; i < bv->bv_len >> SECTOR_SHIFT; i++)
		m.written[sector + i]++;
}

static void disk_submit(struct bio *bio)
{
	sector_t sector = bio->bi_iter.bi_sector;
	struct bvec_iter iter;
	struct bio_vec bv;

	m.flushes += !!(bio->bi_opf & REQ_PREFLUSH);
	if (bio_op(bio) == REQ_OP_DISCARD) {
		m.discards++;
		memset(m.data + sector * SECTOR_SIZE, 0, bio->bi_iter.bi_size);
	} else if (m.status == BLK_STS_OK) {
		bio_for_each_segment(bv, bio, iter) {
			move_page(bio, &bv, sector);
			if (m.keeps && !m.kept) {
				m.kept = bv.bv_page;
				get_page(m.kept);
			}
			sector += bv.bv_len >> SECTOR_SHIFT;
		}
	}
	bio->bi_status = m.status;
	bio_endio(bio);
}

static const struct block_device_operations disk_fops = {
	.submit_bio = disk_submit,
};

static void is_due(struct xblk_back_queue *queue)
{
	due = true;
}

static void is_resized(struct xblk_back *who)
{
	resized = true;
}

static void settle(void)
{
	for (unsigned int i = 0; due && i < 1000; i++) {
		due = false;
		xblk_back_work(&back->queues[0].work);
		/* What a file does elsewhere. */
		if (back->wq)
			flush_workqueue(back->wq);
	}
}

/* A file has what is in m.data before a request, and m.data what is in the file after it. */
static void to_file(struct kunit *test)
{
	loff_t pos = 0;

	if (!back->bdev)
		KUNIT_ASSERT_EQ(test, kernel_write(back->file, m.data, BYTES, &pos), BYTES);
}

static void from_file(struct kunit *test)
{
	loff_t pos = 0;

	if (back->bdev)
		return;
	memcpy(m.before, m.data, BYTES);
	KUNIT_ASSERT_EQ(test, kernel_read(back->file, m.data, BYTES, &pos), BYTES);
	for (unsigned int i = 0; i < DISK_SECTORS; i++)
		m.written[i] += !!memcmp(m.data + i * SECTOR_SIZE, m.before + i * SECTOR_SIZE,
					 SECTOR_SIZE);
}

static void stop(void *unused)
{
	if (back && back->nr_queues)
		xblk_back_drop_queue(&back->queues[0]);
	if (back && back->file)
		xblk_back_close(back);
	kfree(back);
	back = NULL;
	if (m.disk)
		put_disk(m.disk);
	vfree(m.data);
	vfree(m.before);
}

static void make_disk(struct kunit *test)
{
	struct queue_limits lim = {
		.max_hw_discard_sectors = UINT_MAX, .discard_granularity = SECTOR_SIZE,
		.features = BLK_FEAT_WRITE_CACHE,
	};
	struct gendisk *disk;

	m.data = vzalloc(BYTES);
	KUNIT_ASSERT_NOT_NULL(test, m.data);
	m.before = vzalloc(BYTES);
	KUNIT_ASSERT_NOT_NULL(test, m.before);
	disk = blk_alloc_disk(&lim, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, disk);
	m.disk = disk;
	disk->fops = &disk_fops;
	bdev_set_flag(disk->part0, BD_HAS_SUBMIT_BIO);
	set_capacity(disk, DISK_SECTORS);
}

static void offer_data(struct kunit *test)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		u8 *page = xenpv_fake_foreign_offer(PEER, DATA_REF + i, false);

		KUNIT_ASSERT_NOT_NULL(test, page);
		memset(page, 0x30 + i, PAGE_SIZE);
	}
	KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, TABLE_REF, false));
}

static const struct way *way_of(struct kunit *test)
{
	const struct way *way = test->param_value;

	return way >= ways && way < ways + ARRAY_SIZE(ways) ? way : ways;
}

static void put_behind(struct kunit *test, bool plain)
{
	struct file *file;

	if (!plain) {
		back->bdev = m.disk->part0;
		return;
	}
	file = shmem_file_setup("xblk-test", BYTES, EMPTY_VMA_FLAGS);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, xblk_back_use(back, file), 0);
	KUNIT_ASSERT_NULL(test, back->bdev);
}

static void start_by(struct kunit *test, const struct way *way)
{
	struct xblk_ring_facts facts = { .nr = 1, .port = PORT, .refs = { RING_REF } };
	struct xenpv_device *dev = bus_test_device(test, "vbd-test");
	void *ring;

	room_memory(test);
	kunit_activate_static_stub(test, xblk_back_due, is_due);
	kunit_activate_static_stub(test, xblk_back_resized, is_resized);
	due = false;
	resized = false;
	back = NULL;
	memset(&m, 0, sizeof(m));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	make_disk(test);
	ring = xenpv_fake_foreign_offer(PEER, RING_REF, false);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	xenpv_fake_event_offer(PEER, PORT);
	offer_data(test);
	back = kzalloc_obj(*back);
	KUNIT_ASSERT_NOT_NULL(test, back);
	back->dev = dev;
	put_behind(test, way->file);
	back->abi = way->abi;
	back->max_kept = way->max_kept;
	back->limits = (struct xblk_limits) {
		.sectors = DISK_SECTORS, .block = 1, .max_segs = 40, .writable = true,
		.discard = true,
	};
	back->nr_queues = 1;
	KUNIT_ASSERT_EQ(test, xblk_back_make_queue(back, &back->queues[0], &facts), 0);
	/* Where the page is now that it is mapped. */
	ring = xenpv_fake_foreign_page(PEER, RING_REF);
	if (way->abi == XBLK_ABI_32)
		KUNIT_ASSERT_EQ(test, xblk_32_front_init(&front32, ring, 1), 0);
	else
		KUNIT_ASSERT_EQ(test, xblk_64_front_init(&front64, ring, 1), 0);
	back->queues[0].up = true;
}

static void start(struct kunit *test)
{
	start_by(test, way_of(test));
}

static void put(struct kunit *test, const struct blkif_request *request)
{
	struct blkif_request copy = *request;
	struct xblk_request_32 narrow;

	if (back->abi == XBLK_ABI_64) {
		KUNIT_ASSERT_EQ(test, xblk_64_front_put(&front64, &copy), 0);
		xblk_64_front_push(&front64);
	} else {
		memcpy(narrow.head, request, 4);
		memcpy(narrow.tail, (void *)request + 8, sizeof(narrow.tail));
		KUNIT_ASSERT_EQ(test, xblk_32_front_put(&front32, &narrow), 0);
		xblk_32_front_push(&front32);
	}
	xblk_back_interrupt(0, &back->queues[0]);
	settle();
}

/* The answer to what was sent last; 99 if there is none. */
static int get(struct kunit *test, u64 id)
{
	struct xblk_response_32 narrow;
	struct blkif_response response;

	if (back->abi == XBLK_ABI_64) {
		if (xblk_64_front_get(&front64, &response) != 1)
			return 99;
	} else {
		if (xblk_32_front_get(&front32, &narrow) != 1)
			return 99;
		memcpy(&response.id, narrow.id, sizeof(response.id));
		response.status = narrow.status;
	}
	KUNIT_EXPECT_EQ(test, response.id, id);
	return response.status;
}

static int ask(struct kunit *test, struct blkif_request *request)
{
	static u64 id = 0x1234567800000000ULL;

	if (request->operation == BLKIF_OP_INDIRECT)
		request->u.indirect.id = ++id;
	else
		request->u.rw.id = ++id;
	to_file(test);
	put(test, request);
	from_file(test);
	return get(test, id);
}

/* @nr pages from @sector on; more than fit stand in a table. */
static struct blkif_request request_for(u8 code, u64 sector, unsigned int nr)
{
	struct blkif_request request = { .operation = code };
	struct blkif_request_segment *segs = request.u.rw.seg;

	if (nr > XBLK_DIRECT) {
		request.operation = BLKIF_OP_INDIRECT;
		request.u.indirect.indirect_op = code;
		request.u.indirect.nr_segments = nr;
		request.u.indirect.sector_number = sector;
		request.u.indirect.indirect_grefs[0] = TABLE_REF;
		segs = xenpv_fake_foreign_page(PEER, TABLE_REF);
	} else {
		request.u.rw.nr_segments = nr;
		request.u.rw.sector_number = sector;
	}
	for (unsigned int i = 0; i < nr; i++)
		segs[i] = (struct blkif_request_segment) {
			.gref = DATA_REF + i, .first_sect = 0, .last_sect = 7,
		};
	return request;
}

static u8 *page_of(unsigned int nr)
{
	return xenpv_fake_foreign_page(PEER, DATA_REF + nr);
}

/* What is not mapped any more is where it was: a page that was unmapped too early shows. */
static void expect_maps(struct kunit *test, unsigned int more)
{
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 1 + more);
}

static void data_go_both_ways(struct kunit *test)
{
	const struct way *way = test->param_value;

	start(test);
	for (unsigned int nr = 1; nr <= PAGES; nr++) {
		struct blkif_request request = request_for(BLKIF_OP_WRITE, 8 * nr, nr);

		for (unsigned int i = 0; i < nr; i++)
			memset(page_of(i), nr + i, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
		for (unsigned int i = 0; i < nr; i++)
			KUNIT_EXPECT_NULL(test, memchr_inv(m.data + (nr + i) * PAGE_SIZE, nr + i,
							   PAGE_SIZE));
		for (unsigned int i = 0; i < nr; i++)
			memset(page_of(i), 0, PAGE_SIZE);
		request = request_for(BLKIF_OP_READ, 8 * nr, nr);
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
		for (unsigned int i = 0; i < nr; i++)
			KUNIT_EXPECT_NULL(test, memchr_inv(page_of(i), nr + i, PAGE_SIZE));
		expect_maps(test, min(way->max_kept, nr));
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&back->stats.requests[BLKIF_OP_READ]), PAGES);
	KUNIT_EXPECT_EQ(test, atomic64_read(&back->stats.written), 8 * PAGES * (PAGES + 1) / 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&back->stats.errors), 0);
}

static struct xenpv_foreign_later *held;

static void hold(struct xenpv_foreign_later *later)
{
	held = later;
}

/* What is behind the disk still has a page when the I/O has ended: not before it has not. */
static void pages_that_are_still_sent(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	kunit_activate_static_stub(test, xenpv_foreign_unmap_later, hold);
	m.keeps = true;
	request = request_for(BLKIF_OP_WRITE, 0, 5);
	KUNIT_EXPECT_EQ(test, ask(test, &request), 99);
	expect_maps(test, 5);
	put_page(m.kept);
	KUNIT_ASSERT_EQ(test, xenpv_foreign_unmap(held->slots, held->nr), 0);
	held->done(held);
	KUNIT_EXPECT_EQ(test, get(test, request.u.rw.id), BLKIF_RSP_OKAY);
	expect_maps(test, 0);
}

/* Three sectors of each page, from the third on, the fourth and so on. */
static struct blkif_request request_for_parts(u8 code, unsigned int nr)
{
	struct blkif_request request = request_for(code, 0, nr);

	for (unsigned int i = 0; i < nr; i++) {
		request.u.rw.seg[i].first_sect = 2 + i;
		request.u.rw.seg[i].last_sect = 4 + i;
	}
	return request;
}

/* Of a page only what was asked for, copied or mapped. */
static void parts_of_pages(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	for (unsigned int nr = 1; nr <= 3; nr++) {
		for (unsigned int i = 0; i < nr; i++)
			memset(page_of(i), 0x30 + i, PAGE_SIZE);
		memset(m.data, 0, BYTES);
		request = request_for_parts(BLKIF_OP_WRITE, nr);
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
		for (unsigned int i = 0; i < nr; i++)
			KUNIT_EXPECT_NULL(test, memchr_inv(m.data + i * 3 * 512, 0x30 + i,
							   3 * 512));
		KUNIT_EXPECT_EQ(test, m.data[nr * 3 * 512], 0);

		memset(m.data, 0x77, BYTES);
		request = request_for_parts(BLKIF_OP_READ, nr);
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
		for (unsigned int i = 0; i < nr; i++) {
			u8 *page = page_of(i);

			KUNIT_EXPECT_NULL(test, memchr_inv(page, 0x30 + i, (2 + i) * 512));
			KUNIT_EXPECT_NULL(test, memchr_inv(page + (2 + i) * 512, 0x77, 3 * 512));
			KUNIT_EXPECT_NULL(test, memchr_inv(page + (5 + i) * 512, 0x30 + i,
							   (3 - i) * 512));
		}
	}
}

static void caches_and_discards(struct kunit *test)
{
	struct blkif_request request = { .operation = BLKIF_OP_FLUSH_DISKCACHE };

	start(test);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_EQ(test, m.flushes, back->bdev ? 1 : 0);
	memset(m.data, 0x77, BYTES);
	request = (struct blkif_request){
		.operation = BLKIF_OP_DISCARD,
		.u.discard = { .sector_number = 8, .nr_sectors = 16 },
	};
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_EQ(test, m.discards, back->bdev ? 1 : 0);
	KUNIT_EXPECT_EQ(test, m.data[8 * 512 - 1], 0x77);
	KUNIT_EXPECT_NULL(test, memchr_inv(m.data + 8 * 512, 0, 16 * 512));
	KUNIT_EXPECT_EQ(test, m.data[24 * 512], 0x77);
	request.u.discard.flag = BLKIF_DISCARD_SECURE;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_EOPNOTSUPP);
	request = (struct blkif_request){ .operation = BLKIF_OP_WRITE_BARRIER };
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_EOPNOTSUPP);
	for (unsigned int code = 7; code < 256; code++) {
		request.operation = code;
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_EOPNOTSUPP);
	}
}

static void bad_requests(struct kunit *test)
{
	struct blkif_request_segment *table;
	struct blkif_request request;

	start(test);
	request = request_for(BLKIF_OP_WRITE, DISK_SECTORS - 7, 1);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request = request_for(BLKIF_OP_WRITE, 0, 3);
	request.u.rw.seg[2].last_sect = 8;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request.u.rw.nr_segments = 12;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request = request_for(BLKIF_OP_WRITE, 0, 20);
	request.u.indirect.nr_segments = 41;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request.u.indirect.nr_segments = 20;
	request.u.indirect.indirect_grefs[0] = 99;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	/* Only the last segment of the table is bad, where a good one stood before. */
	request = request_for(BLKIF_OP_READ, 0, 20);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	request = request_for(BLKIF_OP_WRITE, 0, 20);
	table = xenpv_fake_foreign_page(PEER, TABLE_REF);
	table[19].last_sect = 9;
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	KUNIT_EXPECT_NULL(test, memchr_inv(m.written, 0, sizeof(m.written)));
	/* N1, all the way. */
	back->limits.writable = false;
	request = request_for(BLKIF_OP_WRITE, 0, 1);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request = request_for(BLKIF_OP_WRITE, 0, 20);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	request = (struct blkif_request) {
		.operation = BLKIF_OP_DISCARD, .u.discard.nr_sectors = 16 };
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
	KUNIT_EXPECT_NULL(test, memchr_inv(m.written, 0, sizeof(m.written)));
	KUNIT_EXPECT_EQ(test, m.discards, 0);
	request = request_for(BLKIF_OP_READ, 0, 1);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* A file that has become short can't be read. */
static void fail_reads(struct kunit *test, bool fail)
{
	m.status = fail ? BLK_STS_MEDIUM : BLK_STS_OK;
	if (!back->bdev)
		KUNIT_ASSERT_EQ(test, vfs_truncate(&back->file->f_path, fail ? 0 : BYTES), 0);
}

static void disks_that_fail(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	for (unsigned int nr = 1; nr <= PAGES; nr += 13) {
		fail_reads(test, true);
		request = request_for(BLKIF_OP_READ, 0, nr);
		if (nr > XBLK_DIRECT)
			request.u.indirect.id = nr;
		else
			request.u.rw.id = nr;
		put(test, &request);
		KUNIT_EXPECT_EQ(test, get(test, nr), BLKIF_RSP_ERROR);
		/* And nothing that was in memory goes to the front. */
		KUNIT_EXPECT_NULL(test, memchr_inv(page_of(0), 0x30, PAGE_SIZE));
	}
	fail_reads(test, false);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
}

static void more_than_jobs(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 32; i++) {
			request = request_for(BLKIF_OP_WRITE, i * 8, 1);
			request.u.rw.id = i;
			KUNIT_ASSERT_EQ(test, xblk_64_front_put(&front64, &request), 0);
		}
		xblk_64_front_push(&front64);
		xblk_back_interrupt(0, &back->queues[0]);
		settle();
		for (unsigned int i = 0; i < 32; i++)
			KUNIT_EXPECT_EQ(test, get(test, i), BLKIF_RSP_OKAY);
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(m.written, 3, 32 * 8));
}

static const unsigned int three[] = { 0, 1, 2 };
KUNIT_ARRAY_PARAM(three, three, NULL);

static void indices_that_lie(struct kunit *test)
{
	static const u32 lies[] = { 33, 1U << 31, ~0U };
	struct xenpv_ring_page *page;

	start(test);
	page = xenpv_fake_foreign_page(PEER, RING_REF);
	page->req_prod = lies[*(const unsigned int *)test->param_value];
	xblk_back_interrupt(0, &back->queues[0]);
	settle();
	KUNIT_EXPECT_TRUE(test, bus_test_faulted());
	KUNIT_EXPECT_NULL(test, memchr_inv(m.written, 0, sizeof(m.written)));
}

static void sizes_change(struct kunit *test)
{
	struct blkif_request request = { .operation = BLKIF_OP_FLUSH_DISKCACHE };

	start(test);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_FALSE(test, resized);
	set_capacity(m.disk, DISK_SECTORS / 2);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_TRUE(test, resized);
}

/* A ring of many pages holds more than is in the works at a time. */
static void jobs_have_a_limit(struct kunit *test)
{
	struct xblk_ring_facts facts = { .nr = XENPV_RING_PAGES, .port = PORT };
	struct xblk_back_queue *queue;

	start(test);
	queue = &back->queues[0];
	xblk_back_drop_queue(queue);
	for (unsigned int i = 0; i < facts.nr; i++) {
		facts.refs[i] = DATA_REF + PAGES + i;
		KUNIT_ASSERT_NOT_NULL(test, xenpv_fake_foreign_offer(PEER, facts.refs[i], false));
	}
	xenpv_fake_event_offer(PEER, PORT);
	KUNIT_ASSERT_EQ(test, xblk_back_make_queue(back, queue, &facts), 0);
	KUNIT_EXPECT_GE(test, queue->ring64.ring.nr_slots, 512);
	KUNIT_EXPECT_EQ(test, queue->nr_jobs, 128);
}

/*
 * Whatever hypercall fails, the request is answered, and done wholly or not at all.  A page
 * that could not be unmapped is at two places when it is mapped again, of which the fake
 * knows one only.
 */
static void fail_one_call(struct kunit *test, u8 code, unsigned int nr, unsigned int nth)
{
	u8 from = nth & 1 ? 0x5a : 0xa5;
	struct blkif_request request;
	bool blind;
	int status;

	/* What is kept from before needs no call. */
	xblk_kept_drop(&back->queues[0].kept);
	blind = xenpv_fake_grant_maps() > 1;
	request = request_for(code, 0, nr);
	memset(m.data, from, BYTES);
	memset(m.written, 0, sizeof(m.written));
	for (unsigned int i = 0; i < nr; i++)
		memset(page_of(i), 0x11, PAGE_SIZE);
	xenpv_fake_fail_at(nth, -ENOSPC);
	status = ask(test, &request);
	xenpv_fake_fail_at(0, 0);
	KUNIT_EXPECT_NE(test, status, 99);
	for (unsigned int i = 0; i < nr * 8; i++)
		KUNIT_EXPECT_EQ(test, m.written[i], m.written[0]);
	if (status != BLKIF_RSP_OKAY || blind)
		return;
	KUNIT_EXPECT_EQ(test, m.written[0], code == BLKIF_OP_WRITE);
	for (unsigned int i = 0; i < nr && code == BLKIF_OP_READ; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(page_of(i), from, PAGE_SIZE));
	for (unsigned int i = 0; i < nr && code == BLKIF_OP_WRITE; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(m.data + i * PAGE_SIZE, 0x11, PAGE_SIZE));
}

static unsigned int calls_of(struct kunit *test, u8 code, unsigned int nr)
{
	struct blkif_request request = request_for(code, 0, nr);
	unsigned int calls;

	xblk_kept_drop(&back->queues[0].kept);
	calls = xenpv_fake_calls_made();
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	return xenpv_fake_calls_made() - calls;
}

static void fail_nth_of_data(struct kunit *test)
{
	static const unsigned int numbers[] = { 1, 2, 3, 11, 12, 40 };
	static const u8 codes[] = { BLKIF_OP_READ, BLKIF_OP_WRITE };
	struct blkif_request request;

	start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers) * ARRAY_SIZE(codes); i++) {
		u8 code = codes[i & 1];
		unsigned int nr = numbers[i / 2], calls = calls_of(test, code, nr);

		KUNIT_EXPECT_GT(test, calls, 0);
		for (unsigned int nth = 1; nth <= calls; nth++)
			fail_one_call(test, code, nr, nth);
		request = request_for(code, 0, nr);
		KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static void fail_nth_of_connect(struct kunit *test)
{
	struct xblk_ring_facts facts = { .nr = 1, .port = PORT, .refs = { RING_REF } };
	struct xblk_back_queue *queue;
	unsigned int calls;

	start(test);
	queue = &back->queues[0];
	xblk_back_drop_queue(queue);
	xenpv_fake_event_offer(PEER, PORT);
	calls = xenpv_fake_calls_made();
	KUNIT_ASSERT_EQ(test, xblk_back_make_queue(back, queue, &facts), 0);
	calls = xenpv_fake_calls_made() - calls;
	xblk_back_drop_queue(queue);
	KUNIT_EXPECT_GE(test, calls, 2);
	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_event_offer(PEER, PORT);
		xenpv_fake_fail_at(nth, -ENOSPC);
		xblk_back_make_queue(back, queue, &facts);
		xenpv_fake_fail_at(0, 0);
		xblk_back_drop_queue(queue);
		KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
	}
	xenpv_fake_event_offer(PEER, PORT);
	KUNIT_EXPECT_EQ(test, xblk_back_make_queue(back, queue, &facts), 0);
}

/* What stays mapped goes when nobody has used it for a minute, and no timer runs for nothing. */
static void unused_pages_go(struct kunit *test)
{
	struct blkif_request request = request_for(BLKIF_OP_WRITE, 0, 10);
	struct xblk_back_queue *queue;
	struct xblk_kept *kept;
	unsigned int i = 0;

	start_by(test, &ways[2]);
	queue = &back->queues[0];
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&queue->tidy_later));
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&queue->tidy_later));
	expect_maps(test, 10);
	/* The six that were used first. */
	list_for_each_entry_reverse(kept, &queue->kept.lru, lru)
		if (i++ < 6)
			kept->used -= 61 * HZ;
	queue->tidy_later.work.func(&queue->tidy_later.work);
	settle();
	expect_maps(test, 4);
	KUNIT_EXPECT_NULL(test, xa_load(&queue->kept.pages, DATA_REF + 5));
	KUNIT_EXPECT_NOT_NULL(test, xa_load(&queue->kept.pages, DATA_REF + 6));
	list_for_each_entry(kept, &queue->kept.lru, lru)
		kept->used -= 61 * HZ;
	cancel_delayed_work_sync(&queue->tidy_later);
	queue->tidy_later.work.func(&queue->tidy_later.work);
	settle();
	expect_maps(test, 0);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&queue->tidy_later));
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	expect_maps(test, 10);
}

static void pages_go_when_memory_is_scarce(struct kunit *test)
{
	struct blkif_request request = request_for(BLKIF_OP_WRITE, 0, 10);
	struct xblk_back_queue *queue;
	struct xblk_kept *kept;

	start_by(test, &ways[2]);
	queue = &back->queues[0];
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_ASSERT_EQ(test, xblk_kept_get(&queue->kept, PEER, DATA_REF + 3, &kept), 0);
	KUNIT_EXPECT_EQ(test, xblk_tidy_ask(1), 10);
	settle();
	/* One is in use. */
	expect_maps(test, 1);
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&queue->kept.pages, DATA_REF + 3), kept);
	xblk_kept_put(kept);
	KUNIT_EXPECT_EQ(test, xblk_tidy_ask(1), 1);
	settle();
	expect_maps(test, 0);
	KUNIT_EXPECT_EQ(test, xblk_tidy_ask(1), 0);
	KUNIT_EXPECT_FALSE(test, due);
	/* A ring that has gone is not asked. */
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	xblk_back_drop_queue(queue);
	back->nr_queues = 0;
	KUNIT_EXPECT_EQ(test, xblk_tidy_ask(1), 0);
}

static struct kunit_case blkback_cases[] = {
	KUNIT_CASE_PARAM(data_go_both_ways, way_gen_params),
	KUNIT_CASE(pages_that_are_still_sent),
	KUNIT_CASE_PARAM(parts_of_pages, way_gen_params),
	KUNIT_CASE_PARAM(caches_and_discards, way_gen_params),
	KUNIT_CASE_PARAM(bad_requests, way_gen_params),
	KUNIT_CASE_PARAM(disks_that_fail, way_gen_params),
	KUNIT_CASE(more_than_jobs),
	KUNIT_CASE_PARAM(indices_that_lie, three_gen_params),
	KUNIT_CASE(sizes_change),
	KUNIT_CASE(jobs_have_a_limit),
	KUNIT_CASE(unused_pages_go),
	KUNIT_CASE(pages_go_when_memory_is_scarce),
	KUNIT_CASE_PARAM(fail_nth_of_data, way_gen_params),
	KUNIT_CASE(fail_nth_of_connect),
	{}
};

static struct kunit_suite blkback_suite = {
	.name = "xenpv_blkback",
	.test_cases = blkback_cases,
};

/* XSA-155: each word of a request is read once, and so is each of a table. */

static void requests_are_read_once(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	for (unsigned int nr = 1; nr <= PAGES; nr += 13) {
		request = request_for(BLKIF_OP_READ, 0, nr);
		KUNIT_ASSERT_EQ(test, xblk_64_front_put(&front64, &request), 0);
		xblk_64_front_push(&front64);
		xblk_back_interrupt(0, &back->queues[0]);
		bus_test_watch_slots(xenpv_fake_foreign_page(PEER, RING_REF));
		settle();
		KUNIT_EXPECT_EQ(test, bus_test_most_reads(), 1);
		KUNIT_EXPECT_EQ(test, get(test, 0), BLKIF_RSP_OKAY);
	}
}

static struct kunit_case xsa_155_cases[] = {
	KUNIT_CASE(requests_are_read_once),
	{}
};

static struct kunit_suite xsa_155_suite = {
	.name = "xsa_155_blkback",
	.test_cases = xsa_155_cases,
};

/* XSA-365: a page that can't be had fails the request, wherever it stands in it. */

static void one_page_is_missing(struct kunit *test)
{
	static const unsigned int numbers[] = { 1, 2, 3, 11, 12, 32 };
	struct blkif_request request;

	start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (unsigned int bad = 0; bad < numbers[i]; bad++) {
			struct blkif_request_segment *table;

			request = request_for(BLKIF_OP_WRITE, 0, numbers[i]);
			table = numbers[i] > XBLK_DIRECT ?
				xenpv_fake_foreign_page(PEER, TABLE_REF) : request.u.rw.seg;
			table[bad].gref = 500;
			KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_ERROR);
		}
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(m.written, 0, sizeof(m.written)));
	request = request_for(BLKIF_OP_WRITE, 0, 32);
	KUNIT_EXPECT_EQ(test, ask(test, &request), BLKIF_RSP_OKAY);
	KUNIT_EXPECT_EQ(test, m.written[0], 1);
	expect_maps(test, back->queues[0].kept.nr);
}

static struct kunit_case xsa_365_cases[] = {
	KUNIT_CASE_PARAM(one_page_is_missing, way_gen_params),
	{}
};

static struct kunit_suite xsa_365_suite = {
	.name = "xsa_365_blkback",
	.test_cases = xsa_365_cases,
};

/* XSA-371: whatever failed, nothing of the front is mapped when it has gone. */

static void nothing_stays_mapped(struct kunit *test)
{
	struct blkif_request request;

	start(test);
	for (unsigned int i = 0; i < 1000; i++) {
		unsigned int nr = i % PAGES + 1;

		request = request_for(i & 1 ? BLKIF_OP_READ : BLKIF_OP_WRITE, 0, nr);
		m.status = i % 3 ? BLK_STS_OK : BLK_STS_IOERR;
		if (i % 5 == 0 && nr <= XBLK_DIRECT)
			request.u.rw.seg[nr - 1].gref = 500;
		ask(test, &request);
		KUNIT_EXPECT_LE(test, back->queues[0].kept.nr, way_of(test)->max_kept);
		expect_maps(test, back->queues[0].kept.nr);
	}
	xblk_back_drop_queue(&back->queues[0]);
	back->nr_queues = 0;
	KUNIT_EXPECT_EQ(test, xenpv_fake_grant_maps(), 0);
}

static struct kunit_case xsa_371_cases[] = {
	KUNIT_CASE_PARAM(nothing_stays_mapped, way_gen_params),
	{}
};

static struct kunit_suite xsa_371_suite = {
	.name = "xsa_371_blkback",
	.test_cases = xsa_371_cases,
};

kunit_test_suites(&blkback_suite, &xsa_155_suite, &xsa_365_suite, &xsa_371_suite);

MODULE_DESCRIPTION("Tests of the back of a disk");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
