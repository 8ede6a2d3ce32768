// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays for disks of advisories about backs: 376 (answers that lie), 155 (values that
 * change while they are read), 396 (pages that the back keeps), 403 (what else it sees).
 */

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/string.h>

#include <xenpv/shared.h>
#include "../../fake/fake.h"
#include "room.h"

KUNIT_ARRAY_PARAM(blk_terms, blk_terms, blk_terms_name);

#define BYTES	(2 * PAGE_SIZE)

static void free_data(void *data)
{
	free_pages_exact(data, BYTES);
}

/* Memory that can be lent where it is, which that of small allocations can't. */
static u8 *page_of(struct kunit *test)
{
	u8 *data = alloc_pages_exact(BYTES, GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_data, data), 0);
	return data;
}

/* The link ends for this, nothing is lent any more, and requests fail: no hang, no crash. */
static void expect_end(struct kunit *test, struct blk_io *io)
{
	blk_test_serve();
	KUNIT_EXPECT_TRUE(test, bus_test_faulted());
	blk_far.keep = true;
	blk_test_part();
	KUNIT_EXPECT_EQ(test, atomic_read(&blk_front->lent), 0);
	xblk_front_kill(blk_front);
	if (io) {
		KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
		KUNIT_EXPECT_EQ(test, io->error, -EIO);
	}
}

static struct blk_io *send_one(struct kunit *test)
{
	struct blk_io *io;

	blk_test_start(test);
	io = blk_test_ios(1);
	blk_far.keep = true;
	blk_test_send(test, io, REQ_OP_WRITE, 0, page_of(test), PAGE_SIZE);
	blk_far.keep = false;
	return io;
}

static void ids_that_are_not_out(struct kunit *test)
{
	static const u64 wrong[] = { 1, 31, 32, 33, 1ULL << 32, 1ULL << 63, ~0ULL };
	struct blk_io *io = send_one(test);

	blk_far.wrong_id = wrong[*(unsigned int *)test->param_value];
	expect_end(test, io);
}

static void ids_that_come_twice(struct kunit *test)
{
	struct blk_io *io = send_one(test), *second;

	second = blk_test_ios(1);
	blk_far.keep = true;
	blk_test_send(test, second, REQ_OP_WRITE, 64, page_of(test), PAGE_SIZE);
	blk_far.keep = false;
	blk_far.twice = true;
	blk_test_serve();
	/* The first answer is good. */
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, 0);
	expect_end(test, second);
}

/* An answer that comes again after its place was used by another request. */
static void ids_of_before(struct kunit *test)
{
	struct blk_io *io = send_one(test);

	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	blk_far.keep = true;
	blk_test_send(test, io, REQ_OP_WRITE, 0, page_of(test), PAGE_SIZE);
	blk_far.keep = false;
	/* The same place, a generation ago. */
	blk_far.wrong_id = -32ULL;
	expect_end(test, io);
}

static void codes_of_other_requests(struct kunit *test)
{
	struct blk_io *io = send_one(test);

	blk_far.wrong_code = *(unsigned int *)test->param_value + 1;
	if (blk_far.wrong_code + BLKIF_OP_WRITE == BLKIF_OP_INDIRECT)
		blk_far.wrong_code++;
	expect_end(test, io);
}

static void indices_that_jump(struct kunit *test)
{
	static const u32 jumps[] = { 2, 3, 32, 33, 1U << 31, ~0U, ~0U - 1 };
	struct blk_io *io = send_one(test);

	/* The back says so, and does nothing else. */
	blk_test_ring(0)->rsp_prod = jumps[*(unsigned int *)test->param_value];
	blk_far.keep = true;
	xblk_front_interrupt(0, &blk_front->queues[0]);
	expect_end(test, io);
}

static unsigned int numbers[7] = { 0, 1, 2, 3, 4, 5, 6 };
KUNIT_ARRAY_PARAM(number, numbers, NULL);

static struct kunit_case xsa_376_cases[] = {
	KUNIT_CASE_PARAM(ids_that_are_not_out, number_gen_params),
	KUNIT_CASE(ids_that_come_twice),
	KUNIT_CASE(ids_of_before),
	KUNIT_CASE_PARAM(codes_of_other_requests, number_gen_params),
	KUNIT_CASE_PARAM(indices_that_jump, number_gen_params),
	{}
};

static struct kunit_suite xsa_376_suite = {
	.name = "xsa_376_blk",
	.test_cases = xsa_376_cases,
};

/* XSA-155: each word of an answer is read once. */

static void answers_are_read_once(struct kunit *test)
{
	struct blk_io *io = send_one(test);

	blk_far.silent = true;
	blk_test_serve();
	bus_test_watch_slots(blk_front->queues[0].share.ring);
	xblk_front_interrupt(0, &blk_front->queues[0]);
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, 0);
	KUNIT_EXPECT_EQ(test, bus_test_most_reads(), 1);
}

static struct kunit_case xsa_155_cases[] = {
	KUNIT_CASE(answers_are_read_once),
	{}
};

static struct kunit_suite xsa_155_suite = {
	.name = "xsa_155_blk",
	.test_cases = xsa_155_cases,
};

/* XSA-396: a page that the back has not given back is used for nothing else. */

static void kept_pages_fail_requests(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;
	u8 *data;

	if (terms->terms.persistent)
		kunit_skip(test, "pages that stay lent may be kept");
	blk_test_start(test);
	data = page_of(test);
	blk_far.hold = true;
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, PAGE_SIZE), -EIO);
	KUNIT_EXPECT_EQ(test, blk_far.nr_held, 1);
	/* It is no fault of the link, and the next request is none the worse for it. */
	KUNIT_EXPECT_FALSE(test, bus_test_faulted());
	blk_far.hold = false;
	KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, 0, data, PAGE_SIZE), 0);
}

/* A request that was not answered, and whose page is kept, goes to no other back. */
static void kept_pages_are_not_sent_again(struct kunit *test)
{
	const struct blk_terms *terms = test->param_value;
	struct blk_io *io;

	if (terms->terms.persistent)
		kunit_skip(test, "pages that stay lent may be kept");
	io = send_one(test);
	blk_far.hold = true;
	blk_far.mute = true;
	blk_test_serve();
	KUNIT_EXPECT_EQ(test, blk_far.nr_held, 1);
	blk_far.keep = true;
	blk_test_part();
	KUNIT_EXPECT_TRUE(test, blk_test_wait(io));
	KUNIT_EXPECT_EQ(test, io->error, -EIO);
	blk_test_meet(test);
}

static struct kunit_case xsa_396_cases[] = {
	KUNIT_CASE_PARAM(kept_pages_fail_requests, blk_terms_gen_params),
	KUNIT_CASE_PARAM(kept_pages_are_not_sent_again, blk_terms_gen_params),
	{}
};

static struct kunit_suite xsa_396_suite = {
	.name = "xsa_396_blk",
	.test_cases = xsa_396_cases,
};

/* XSA-403: a back sees nothing but the data, unless the administrator trusts it. */

static void nothing_beside_the_data(struct kunit *test)
{
	static const u64 canary = 0x5eed5eed0ddba11eULL;
	const struct blk_terms *terms = test->param_value;
	u8 *data;

	blk_test_start(test);
	data = page_of(test);
	blk_far.canary = canary;
	for (unsigned int sector = 0; sector < 8; sector++) {
		for (unsigned int i = 0; i < 2 * PAGE_SIZE; i += sizeof(canary))
			memcpy(data + i, &canary, sizeof(canary));
		memset(data + sector * 512, 0, 512);
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_WRITE, sector, data + sector * 512,
						  512), 0);
		KUNIT_EXPECT_EQ(test, blk_test_io(test, REQ_OP_READ, sector, data + sector * 512,
						  512), 0);
	}
	if (terms->terms.trusted)
		KUNIT_EXPECT_GT(test, blk_far.nr_canaries, 0);
	else
		KUNIT_EXPECT_EQ(test, blk_far.nr_canaries, 0);
}

static struct kunit_case xsa_403_cases[] = {
	KUNIT_CASE_PARAM(nothing_beside_the_data, blk_terms_gen_params),
	{}
};

static struct kunit_suite xsa_403_suite = {
	.name = "xsa_403_blk",
	.test_cases = xsa_403_cases,
};

kunit_test_suites(&xsa_376_suite, &xsa_155_suite, &xsa_396_suite, &xsa_403_suite);

MODULE_DESCRIPTION("Replays of advisories about the backs of disks");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
