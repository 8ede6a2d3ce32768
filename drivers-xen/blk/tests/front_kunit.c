// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the front of a disk: data, backs that go and come, errors, names. */

#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "../../fake/fake_event.h"
#include "room.h"

KUNIT_ARRAY_PARAM(blk_terms, blk_terms, blk_terms_name);

#define MANY	(40 * PAGE_SIZE)

static u8 *buffer(struct kunit *test, size_t size)
{
	u8 *data = kunit_kzalloc(test, size + PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	return PTR_ALIGN(data, PAGE_SIZE);
}

static void fill(u8 *data, size_t size, u8 seed)
{
	for (size_t i = 0; i < size; i++)
		data[i] = seed + i + (i >> 9) * 7;
}

static void data_goes_there_and_back(struct kunit *test)
{
	static const struct {
		unsigned int offset;
		unsigned int bytes;
	} pieces[] = {
		{ 0, 512 }, { 512, 512 }, { 0, 4096 }, { 512, 4096 }, { 3584, 1024 },
		{ 0, 11 * 4096 }, { 1024, 11 * 4096 }, { 0, 12 * 4096 }, { 512, 31 * 4096 },
		{ 0, 32 * 4096 }, { 2048, 39 * 4096 },
	};
	u8 *out, *in;

	blk_test_start(test);
	out = buffer(test, MANY);
	in = buffer(test, MANY);
	for (unsigned int i = 0; i < ARRAY_SIZE(pieces); i++) {
		unsigned int bytes = pieces[i].bytes, offset = pieces[i].offset;
		sector_t sector = 3 * i;

		fill(out + offset, bytes, i);
		memset(in, 0xee, MANY);
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE, sector, out + offset, bytes),
				0);
		KUNIT_EXPECT_MEMEQ(test, blk_far.disk + sector * 512, out + offset, bytes);
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, sector, in + offset, bytes),
				0);
		KUNIT_EXPECT_MEMEQ(test, in + offset, out + offset, bytes);
		/* And nothing else. */
		KUNIT_EXPECT_NULL(test, memchr_inv(in, 0xee, offset));
		KUNIT_EXPECT_EQ(test, in[offset + bytes], 0xee);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* As much in one request as the back takes, and no more. */
static void requests_have_parts(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;
	unsigned int whole = min(terms->segments, 40U);
	u8 *data;

	blk_test_start(test);
	data = buffer(test, MANY);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE, 0, data, MANY), 0);
	KUNIT_EXPECT_EQ(test, blk_far.most_segs, terms->max_segs ? whole : XBLK_DIRECT);
	for (unsigned int i = 0; i < MANY / SECTOR_SIZE; i++)
		KUNIT_EXPECT_EQ(test, blk_far.written[i], 1);
}

/* What the last part brings belongs to it as well. */
static void the_last_part_ends_it(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;
	struct blk_io *io;
	u8 *data;

	blk_test_start(test);
	io = blk_test_ios(1);
	data = buffer(test, MANY);
	fill(blk_far.disk, MANY, 5);
	blk_far.one = true;
	blk_test_send(test, io, REQ_OP_READ, 0, data, 32 * PAGE_SIZE);
	for (unsigned int parts = terms->max_segs ? 1 : 3; parts; parts--) {
		/* Requests end a moment after their answer. */
		msleep(20);
		KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&io->done));
		KUNIT_EXPECT_EQ(test, blk_test_serve(), 1);
	}
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, 0);
	KUNIT_EXPECT_MEMEQ(test, data, blk_far.disk, 32 * PAGE_SIZE);
}

static void cache_is_emptied(struct kunit *test)
{
	blk_test_start(test);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE | REQ_PREFLUSH, 0, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, blk_far.nr_seen[BLKIF_OP_FLUSH_DISKCACHE], 1);
	/* A back that can't after all is asked once. */
	blk_far.status = BLKIF_RSP_EOPNOTSUPP;
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE | REQ_PREFLUSH, 0, NULL, 0),
				0);
	KUNIT_EXPECT_EQ(test, blk_far.nr_seen[BLKIF_OP_FLUSH_DISKCACHE], 2);
	/* The next one may be able to. */
	blk_far.status = 0;
	blk_test_part();
	blk_test_meet(test);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE | REQ_PREFLUSH, 0, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, blk_far.nr_seen[BLKIF_OP_FLUSH_DISKCACHE], 3);
}

static void sectors_are_discarded(struct kunit *test)
{
	blk_test_start(test);
	memset(blk_far.disk, 1, DISK_SECTORS * SECTOR_SIZE);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_DISCARD, 8, NULL, 16 * SECTOR_SIZE), 0);
	KUNIT_EXPECT_EQ(test, blk_far.nr_seen[BLKIF_OP_DISCARD], 1);
	KUNIT_EXPECT_EQ(test, blk_far.disk[8 * SECTOR_SIZE - 1], 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(blk_far.disk + 8 * SECTOR_SIZE, 0, 16 * SECTOR_SIZE));
	KUNIT_EXPECT_EQ(test, blk_far.disk[24 * SECTOR_SIZE], 1);
	blk_far.status = BLKIF_RSP_EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_DISCARD, 8, NULL, SECTOR_SIZE), -EOPNOTSUPP);
}

static void errors_are_told(struct kunit *test)
{
	static const s16 bad[] = { BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP, 1, -3, S16_MIN };
	u8 *data;

	blk_test_start(test);
	data = buffer(test, MANY);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		blk_far.status = bad[i];
		memset(data, 0xee, MANY);
		memset(blk_far.disk, 0x11, MANY);
		KUNIT_EXPECT_NE(test, blk_test_io(test, REQ_OP_READ, 0, data, 4 * PAGE_SIZE), 0);
		blk_far.status = 0;
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, 4 * PAGE_SIZE), 0);
	}
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

/* Of a request that failed nothing is copied, be it what another one has read before. */
static void what_failed_is_not_copied(struct kunit *test)
{
	u8 *data;

	blk_test_start(test);
	data = buffer(test, PAGE_SIZE);
	memset(blk_far.disk, 0x11, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, 512), 0);
	memset(data, 0xee, PAGE_SIZE);
	blk_far.status = BLKIF_RSP_ERROR;
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 8, data, 512), -EIO);
	KUNIT_EXPECT_NULL(test, memchr_inv(data, 0xee, PAGE_SIZE));
}

/* N8, and what a save and restore is: each request is answered once, with its data. */
static void n8_backs_go_and_come(struct kunit *test)
{
	struct blk_io *ios;
	u8 *data, *in;

	blk_test_start(test);
	ios = blk_test_ios(8);
	data = buffer(test, MANY);
	in = buffer(test, MANY);
	fill(data, MANY, 3);
	fill(blk_far.disk + MANY, MANY, 9);
	blk_far.keep = true;
	for (int i = 0; i < 4; i++)
		blk_test_send(test, &ios[i], REQ_OP_WRITE, i * 80, data + i * 10 * PAGE_SIZE,
			      10 * PAGE_SIZE);
	for (int i = 4; i < 8; i++)
		blk_test_send(test, &ios[i], REQ_OP_READ, i * 80, in + (i - 4) * 10 * PAGE_SIZE,
			      10 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 8);
	for (int round = 0; round < 3; round++) {
		blk_test_part();
		KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 0);
		for (int i = 0; i < 8; i++)
			KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&ios[i].done));
		blk_test_meet(test);
	}
	blk_far.keep = false;
	for (int i = 0; i < 8; i++) {
		KUNIT_EXPECT_TRUE(test, blk_test_wait(&ios[i]));
		KUNIT_EXPECT_EQ(test, ios[i].error, 0);
	}
	KUNIT_EXPECT_MEMEQ(test, blk_far.disk, data, MANY);
	KUNIT_EXPECT_MEMEQ(test, in, blk_far.disk + MANY, MANY);
	for (int i = 0; i < MANY / SECTOR_SIZE; i++)
		KUNIT_EXPECT_EQ(test, blk_far.written[i], 1);
}

/* An earlier back had a cache that was to be emptied, this one has none: that is done. */
static void a_cache_that_has_gone(struct kunit *test)
{
	struct blk_io *io;

	blk_test_start(test);
	io = blk_test_ios(1);
	blk_far.keep = true;
	blk_test_send(test, io, REQ_OP_WRITE | REQ_PREFLUSH, 0, NULL, 0);
	blk_test_part();
	blk_far.keep = false;
	blk_far.no_cache = true;
	blk_test_meet(test);
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, 0);
	KUNIT_EXPECT_EQ(test, blk_far.nr_seen[BLKIF_OP_FLUSH_DISKCACHE], 0);
}

/* Nobody comes again: what waits fails, and so does all that comes. */
static void a_dead_disk_fails(struct kunit *test)
{
	struct blk_io *io;
	u8 *data;

	blk_test_start(test);
	io = blk_test_ios(1);
	data = buffer(test, PAGE_SIZE);
	blk_far.keep = true;
	blk_test_send(test, io, REQ_OP_WRITE, 0, data, PAGE_SIZE);
	blk_test_part();
	xblk_front_kill(blk_front);
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, -EIO);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, PAGE_SIZE), -EIO);
}

/* Each hypercall fails once: a request fails or its data is right, and nothing stays lent. */
static void fail_nth_of_data(struct kunit *test)
{
	unsigned int calls;
	u8 *data;

	blk_test_start(test);
	data = buffer(test, MANY);
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int bytes = (i < 8 ? 1 : 32) * PAGE_SIZE;
		bool read = i & 1;
		int error;

		/* The first is one without a failure. */
		calls = xenpv_fake_calls_made();
		xenpv_fake_fail_at(i / 2 % 4, -ENOSPC);
		fill(read ? blk_far.disk : data, bytes, i);
		error = blk_test_io(test, read ? REQ_OP_READ : REQ_OP_WRITE, 0, data, bytes);
		xenpv_fake_fail_at(0, 0);
		KUNIT_EXPECT_GT(test, xenpv_fake_calls_made(), calls);
		if (!error)
			KUNIT_EXPECT_MEMEQ(test, blk_far.disk, data, bytes);
		KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 0);
	}
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, MANY), 0);
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
}

static void fail_nth_of_connect(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;
	unsigned int calls;
	u8 *data;

	blk_test_start(test);
	data = buffer(test, PAGE_SIZE);
	blk_test_part();
	calls = xenpv_fake_calls_made();
	KUNIT_ASSERT_EQ(test, xblk_front_share(blk_front, &terms->terms), 0);
	calls = xenpv_fake_calls_made() - calls;
	xblk_front_unshare(blk_front);
	KUNIT_EXPECT_GT(test, calls, 0);
	for (unsigned int nth = 1; nth <= calls; nth++) {
		xenpv_fake_fail_at(nth, -ENOSPC);
		xblk_front_share(blk_front, &terms->terms);
		xenpv_fake_fail_at(0, 0);
		xblk_front_unshare(blk_front);
		KUNIT_EXPECT_EQ(test, xenpv_fake_event_open(), 0);
		KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
	}
	blk_test_meet(test);
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE, 0, data, PAGE_SIZE), 0);
}

/* More at a time than there are slots and pages: all of it gets its turn. */
static void many_at_a_time(struct kunit *test)
{
	enum { NR = 100 };
	struct blk_io *ios;
	u8 *data;

	blk_test_start(test);
	ios = blk_test_ios(NR);
	data = buffer(test, MANY);
	fill(data, MANY, 1);
	for (int i = 0; i < 30; i++)
		blk_test_send(test, &ios[i], REQ_OP_WRITE, i * 16, data + 512, 20 * PAGE_SIZE);
	for (int i = 0; i < 30; i++) {
		KUNIT_EXPECT_TRUE(test, blk_test_wait(&ios[i]));
		KUNIT_EXPECT_EQ(test, ios[i].error, 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 0);
}

/* Bios that the block layer made one request of: a page is one segment for all of them. */
static void bios_that_were_merged(struct kunit *test)
{
	enum { NR = 100 };
	struct blk_plug plug;
	struct blk_io *ios;
	u8 *data;

	blk_test_start(test);
	ios = blk_test_ios(NR);
	data = buffer(test, MANY);
	fill(data, MANY, 1);
	blk_start_plug(&plug);
	for (int i = 0; i < NR; i++)
		blk_test_send(test, &ios[i], REQ_OP_WRITE, i, data + i * SECTOR_SIZE, SECTOR_SIZE);
	blk_finish_plug(&plug);
	for (int i = 0; i < NR; i++) {
		KUNIT_EXPECT_TRUE(test, blk_test_wait(&ios[i]));
		KUNIT_EXPECT_EQ(test, ios[i].error, 0);
	}
	KUNIT_EXPECT_MEMEQ(test, blk_far.disk, data, NR * SECTOR_SIZE);
	KUNIT_EXPECT_LE(test, blk_far.nr_seen[BLKIF_OP_WRITE], NR / 4);
	KUNIT_EXPECT_LE(test, blk_far.most_segs, 2 + NR / XBLK_PAGE_SECTORS);
}

struct facts_case {
	u64 sectors;
	u32 block;
	u32 physical;
	int ret;
	u32 physical_then;
};

static const struct facts_case facts_cases[] = {
	{ 2048, 512, 0, 0, 512 },
	{ 2048, 512, 4096, 0, 4096 },
	{ 2048, 4096, 4096, 0, 4096 },
	{ 0, 512, 512, 0, 512 },
	{ 2048, 512, 3, 0, 512 },
	{ 2048, 4096, 512, 0, 4096 },
	{ 2048, 512, 1U << 31, 0, 512 },
	{ 2047, 4096, 0, -EINVAL },
	{ 2048, 0, 0, -EINVAL },
	{ 2048, 1, 0, -EINVAL },
	{ 2048, 511, 0, -EINVAL },
	{ 2048, 513, 0, -EINVAL },
	{ 2048, 1024 + 512, 0, -EINVAL },
	{ 2048, 8192, 0, -EINVAL },
	{ 2048, 1U << 31, 0, -EINVAL },
	{ U64_MAX, 512, 0, -EINVAL },
	{ (u64)LLONG_MAX / 512, 512, 0, 0, 512 },
	{ (u64)LLONG_MAX / 512 + 1, 512, 0, -EINVAL },
};

/* XSA-376 d: what a back says of its disk. */
static void facts_that_lie(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(facts_cases); i++) {
		const struct facts_case *c = &facts_cases[i];
		struct xblk_facts facts = {
			.sectors = c->sectors, .block = c->block, .physical = c->physical,
			.granularity = 7, .alignment = 100000,
		};

		KUNIT_EXPECT_EQ_MSG(test, xblk_front_judge(&facts), c->ret, "case %u", i);
		if (c->ret)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, facts.physical, c->physical_then, "case %u", i);
		KUNIT_EXPECT_EQ(test, facts.granularity, c->block);
		KUNIT_EXPECT_EQ(test, facts.alignment, 0);
	}
}

struct name_case {
	u32 vdevice;
	const char *name;
	unsigned int minor;
	unsigned int minors;
};

static const struct name_case name_cases[] = {
	{ 202 << 8, "xvda", 0, 16 },
	{ 202 << 8 | 16, "xvdb", 16, 16 },
	{ 202 << 8 | 240, "xvdp", 240, 16 },
	{ 202 << 8 | 1, "xvda1", 1, 1 },
	{ 202 << 8 | 31, "xvdb15", 31, 1 },
	{ 8 << 8, "xvda", 0, 16 },
	{ 8 << 8 | 33, "xvdc1", 33, 1 },
	{ 65 << 8, "xvdq", 4096, 256 },
	{ 3 << 8, "xvda", 0, 16 },
	{ 3 << 8 | 64, "xvdb", 16, 16 },
	{ 22 << 8, "xvdc", 32, 16 },
	{ 3 << 8 | 65, "xvdb1", 17, 1 },
	{ 1 << 28 | 16 << 8, "xvdq", 4096, 256 },
	{ 1 << 28 | 25 << 8, "xvdz", 6400, 256 },
	{ 1 << 28 | 26 << 8, "xvdaa", 6656, 256 },
	{ 1 << 28 | 701 << 8, "xvdzz", 701 * 256, 256 },
	{ 1 << 28 | 702 << 8 | 3, "xvdaaa3", 702 * 256 + 3, 1 },
	{ 3 << 8 | 128, NULL },
	{ 3 << 8 | 16, NULL },
	{ 9 << 8, NULL },
	{ 0, NULL },
	{ 1 << 28 | 0xfffff << 8, NULL },
	{ 1 << 29, NULL },
	{ U32_MAX, NULL },
};

static void names(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(name_cases); i++) {
		const struct name_case *c = &name_cases[i];
		unsigned int minor, minors;
		char name[DISK_NAME_LEN];
		int ret = xblk_front_name(c->vdevice, name, sizeof(name), &minor, &minors);

		KUNIT_EXPECT_EQ_MSG(test, ret, c->name ? 0 : -EINVAL, "%#x", c->vdevice);
		if (ret || !c->name)
			continue;
		KUNIT_EXPECT_STREQ(test, name, c->name);
		KUNIT_EXPECT_EQ_MSG(test, minor, c->minor, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, minors, c->minors, "%s", name);
	}
}

static struct kunit_case blkfront_cases[] = {
	KUNIT_CASE_PARAM(data_goes_there_and_back, blk_terms_gen_params),
	KUNIT_CASE_PARAM(requests_have_parts, blk_terms_gen_params),
	KUNIT_CASE_PARAM(the_last_part_ends_it, blk_terms_gen_params),
	KUNIT_CASE(cache_is_emptied),
	KUNIT_CASE(sectors_are_discarded),
	KUNIT_CASE_PARAM(errors_are_told, blk_terms_gen_params),
	KUNIT_CASE(what_failed_is_not_copied),
	KUNIT_CASE_PARAM(n8_backs_go_and_come, blk_terms_gen_params),
	KUNIT_CASE(a_cache_that_has_gone),
	KUNIT_CASE(a_dead_disk_fails),
	KUNIT_CASE_PARAM(many_at_a_time, blk_terms_gen_params),
	KUNIT_CASE_PARAM(fail_nth_of_data, blk_terms_gen_params),
	KUNIT_CASE_PARAM(fail_nth_of_connect, blk_terms_gen_params),
	KUNIT_CASE_PARAM(bios_that_were_merged, blk_terms_gen_params),
	KUNIT_CASE(facts_that_lie),
	KUNIT_CASE(names),
	{}
};

static struct kunit_suite blkfront_suite = {
	.name = "xenpv_blkfront",
	.test_cases = blkfront_cases,
};
kunit_test_suite(blkfront_suite);

MODULE_DESCRIPTION("Tests of the front of a disk");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
