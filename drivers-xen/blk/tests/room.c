// SPDX-License-Identifier: GPL-2.0-only
/* A front on the fake hypervisor, and a back that does as it is told. */

#include <kunit/static_stub.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/shared.h>
#include <xenpv/event.h>
#include "device.h"
#include "room.h"

struct far blk_far;
struct xblk_front *blk_front;

/* What the back has of each ring. */
static struct {
	struct xblk_64_back ring;
	int handle;
} rings[XBLK_QUEUES];
static unsigned int nr_rings;

const struct blk_terms blk_terms[5] = {
	{ "persistent", { .queues = 1, .pages = 256, .persistent = true }, 32, 256 },
	{ "persistent, direct", { .queues = 1, .pages = 256, .persistent = true }, 32, 0 },
	{ "whole pages", { .queues = 1, .pages = 256 }, 32, 256 },
	{ "whole pages, direct", { .queues = 1, .pages = 256 }, 40, 0 },
	{ "trusted", { .queues = 1, .pages = 256, .trusted = true }, 256, 256 },
};

void blk_terms_name(const struct blk_terms *terms, char *text)
{
	strscpy(text, terms->name, KUNIT_PARAM_DESC_SIZE);
}

/* The parameter of a case may be something else. */
static const struct blk_terms *terms_of(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;

	return terms >= blk_terms && terms < blk_terms + ARRAY_SIZE(blk_terms) ? terms : blk_terms;
}

/* Nobody else is to see the disk: partitions would be looked for, at any time. */
static void do_not_add(struct xblk_front *front)
{
}

void blk_test_part(void)
{
	xblk_front_halt(blk_front);
	for (unsigned int i = 0; i < nr_rings; i++)
		xenpv_fake_peer_unmap(rings[i].handle);
	nr_rings = 0;
	xblk_front_unshare(blk_front);
}

void blk_test_meet(struct kunit *test)
{
	const struct blk_terms *terms = terms_of(test);
	struct xblk_facts facts = {
		.sectors = DISK_SECTORS, .block = SECTOR_SIZE, .max_segs = terms->max_segs,
		.flush = !blk_far.no_cache, .discard = true, .secure = true,
	};

	KUNIT_ASSERT_EQ(test, xblk_front_share(blk_front, &terms->terms), 0);
	for (nr_rings = 0; nr_rings < blk_front->nr_queues; nr_rings++) {
		struct xenpv_share *share = &blk_front->queues[nr_rings].share;
		int handle = xenpv_fake_peer_map(PEER, share->refs[0], true);
		void __xen_shared *page;

		KUNIT_ASSERT_GE(test, handle, 0);
		rings[nr_rings].handle = handle;
		page = (void __xen_shared __force *)xenpv_fake_peer_page(handle);
		KUNIT_ASSERT_EQ(test, xblk_64_back_init(&rings[nr_rings].ring, page, 1), 0);
		xenpv_event_done(share->event, true);
	}
	KUNIT_ASSERT_EQ(test, xblk_front_judge(&facts), 0);
	KUNIT_ASSERT_EQ(test, xblk_front_describe(blk_front, &facts), 0);
	xblk_front_run(blk_front);
}

static void stop(void *unused)
{
	if (blk_front) {
		if (blk_front->pool)
			blk_test_part();
		xblk_front_drop_disk(blk_front);
	}
	blk_front = NULL;
	while (blk_far.nr_held)
		xenpv_fake_peer_unmap(blk_far.held[--blk_far.nr_held]);
	vfree(blk_far.disk);
}

struct xenpv_ring_page *blk_test_ring(unsigned int nr)
{
	return xenpv_fake_peer_page(rings[nr].handle);
}

void blk_test_start(struct kunit *test)
{
	const struct blk_terms *terms = terms_of(test);
	struct xblk_plan plan = {
		.vdevice = 202 << 8, .segments = terms->segments, .queues = 1, .depth = 32,
	};

	struct xenpv_device *dev = bus_test_device(test, "vbd-test");

	kunit_activate_static_stub(test, xblk_front_add, do_not_add);
	memset(&blk_far, 0, sizeof(blk_far));
	blk_front = NULL;
	blk_far.disk = vzalloc(DISK_SECTORS * SECTOR_SIZE);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, blk_far.disk);
	blk_front = xblk_front_new(dev, &plan);
	if (IS_ERR(blk_front)) {
		blk_front = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no front");
	}
	blk_test_meet(test);
}

/* What the back sees of a page beside what it was told to look at. */
static void look_for_canary(int handle)
{
	if (blk_far.canary && handle >= 0 &&
	    xenpv_fake_peer_scan(handle, &blk_far.canary, sizeof(blk_far.canary)) >= 0)
		blk_far.nr_canaries++;
}

static void move_segment(const struct xblk_op *op, const struct xblk_seg *seg, u64 sector)
{
	u8 *data = blk_far.disk + sector * SECTOR_SIZE;
	bool read = op->code == BLKIF_OP_READ;
	int handle = xenpv_fake_peer_map(PEER, seg->ref, read);
	u8 *page;

	if (handle < 0) {
		xenpv_fake_bad("a segment that is not lent");
		return;
	}
	look_for_canary(handle);
	page = xenpv_fake_peer_page(handle) + seg->first * SECTOR_SIZE;
	if (read)
		memcpy(page, data, seg->nr * SECTOR_SIZE);
	else
		memcpy(data, page, seg->nr * SECTOR_SIZE);
	for (unsigned int i = 0; i < seg->nr; i++)
		blk_far.written[sector + i] += !read;
	if (blk_far.hold && blk_far.nr_held < ARRAY_SIZE(blk_far.held))
		blk_far.held[blk_far.nr_held++] = handle;
	else
		xenpv_fake_peer_unmap(handle);
}

static int carry_out(const struct blkif_request *request, struct xblk_op *op)
{
	static const struct xblk_limits limits = {
		.sectors = DISK_SECTORS, .block = 1, .max_segs = XBLK_MAX_SEGS,
		.writable = true, .discard = true, .secure = true,
	};
	static struct blkif_request_segment table[XBLK_TABLE];
	static struct xblk_seg segs[XBLK_MAX_SEGS];
	u64 sector;
	int ret;

	ret = xblk_decode(XBLK_ABI_64, request, &limits, op, segs);
	if (!ret && op->indirect) {
		ret = xenpv_fake_peer_copy(PEER, op->tables[0], false, 0, table,
					   op->nr_segs * sizeof(*table));
		if (!ret)
			ret = xblk_decode_table(&limits, table, op, segs);
	}
	if (ret) {
		xenpv_fake_bad("a request that a back must not take");
		return ret;
	}
	blk_far.nr_seen[op->code]++;
	blk_far.most_segs = max_t(unsigned int, blk_far.most_segs, op->nr_segs);
	sector = op->sector;
	for (unsigned int i = 0; i < op->nr_segs; i++) {
		move_segment(op, &segs[i], sector);
		sector += segs[i].nr;
	}
	if (op->code == BLKIF_OP_DISCARD)
		memset(blk_far.disk + op->sector * SECTOR_SIZE, 0, op->nr_sectors * SECTOR_SIZE);
	return 0;
}

static void answer(struct xblk_64_back *ring, struct xblk_op *op)
{
	struct blkif_response response;

	op->id += blk_far.wrong_id;
	op->code += blk_far.wrong_code;
	xblk_answer_64(op, 0, &response);
	response.status = blk_far.status;
	xblk_64_back_put(ring, &response);
}

unsigned int blk_test_serve(void)
{
	struct blkif_request request;
	unsigned int nr = 0;
	struct xblk_op op;

	if (blk_far.keep)
		return 0;
	for (unsigned int i = 0; i < nr_rings; i++) {
		struct xblk_64_back *ring = &rings[i].ring;

		while (!(blk_far.one && nr) && xblk_64_back_get(ring, &request) > 0) {
			nr++;
			carry_out(&request, &op);
			if (!blk_far.mute)
				answer(ring, &op);
			/* In the place of a request that is yet to come. */
			if (blk_far.twice && xblk_64_back_get(ring, &request) > 0)
				answer(ring, &op);
		}
		xblk_64_back_push(ring);
		xblk_64_back_arm(ring);
		if (!blk_far.silent)
			xblk_front_interrupt(0, &blk_front->queues[i]);
	}
	return nr;
}

struct blk_io *blk_test_ios(unsigned int nr)
{
	static struct blk_io ios[128];
	static unsigned int next;

	next = next + nr > ARRAY_SIZE(ios) ? 0 : next;
	next += nr;
	return &ios[next - nr];
}

static void ended(struct bio *bio)
{
	struct blk_io *io = bio->bi_private;

	io->error = blk_status_to_errno(bio->bi_status);
	complete(&io->done);
	bio_put(bio);
}

void blk_test_send(struct kunit *test, struct blk_io *io, blk_opf_t op, sector_t sector,
		   void *data, unsigned int bytes)
{
	unsigned int nr = data ? PFN_UP(offset_in_page(data) + bytes) : 0, len;
	struct bio *bio = bio_alloc(blk_front->disk->part0, nr, op | REQ_SYNC, GFP_KERNEL);

	init_completion(&io->done);
	bio->bi_iter.bi_sector = sector;
	bio->bi_private = io;
	bio->bi_end_io = ended;
	if (!data)
		bio->bi_iter.bi_size = bytes;
	for (; data && bytes; data += len, bytes -= len) {
		len = min_t(unsigned int, bytes, PAGE_SIZE - offset_in_page(data));
		KUNIT_EXPECT_EQ(test, bio_add_page(bio, virt_to_page(data), len,
						   offset_in_page(data)), len);
	}
	submit_bio(bio);
}

bool blk_test_wait(struct blk_io *io)
{
	for (unsigned int i = 0; i < 2000; i++) {
		if (try_wait_for_completion(&io->done))
			return true;
		if (!blk_test_serve())
			usleep_range(100, 200);
	}
	return false;
}

int blk_test_io(struct kunit *test, blk_opf_t op, sector_t sector, void *data,
		unsigned int bytes)
{
	struct blk_io *io = blk_test_ios(1);

	blk_test_send(test, io, op, sector, data, bytes);
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	return io->error;
}
