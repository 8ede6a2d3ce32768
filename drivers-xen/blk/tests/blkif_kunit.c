// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the block protocol: what is sent, and what is made of what a peer sends. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../blkif.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_blkif."

static unsigned int rounds = 100000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How many requests of random bytes are judged");

/* A disk of 1 MiB whose front may do everything. */
static const struct xblk_limits all = {
	.sectors = 2048, .block = 1, .max_segs = XBLK_MAX_SEGS,
	.writable = true, .discard = true, .secure = true,
};

static struct xblk_seg segs[XBLK_MAX_SEGS];

static void fill_lent(struct xenpv_grant_seg *lent, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		lent[i] = (struct xenpv_grant_seg) {
			.ref = 100 + i, .offset = i % 8 * SECTOR_SIZE,
			.len = (8 - i % 8) * SECTOR_SIZE,
		};
}

/* The same request as a 32-bit front would send it. */
static struct xblk_request_32 narrow(const struct blkif_request *wide)
{
	struct xblk_request_32 request;

	memcpy(request.head, wide, 4);
	memcpy(request.tail, (void *)wide + 8, sizeof(request.tail));
	return request;
}

static int decode(enum xblk_abi abi, const struct blkif_request *wide,
		  const struct xblk_limits *limits, struct xblk_op *op)
{
	struct xblk_request_32 request = narrow(wide);

	return xblk_decode(abi, abi == XBLK_ABI_32 ? (void *)&request : wide, limits, op, segs);
}

static void what_is_sent_arrives(struct kunit *test)
{
	struct xenpv_grant_seg lent[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	struct blkif_request request;
	struct xblk_op op, sent = {
		.id = 0x123456789abcdef0, .sector = 77, .code = BLKIF_OP_WRITE, .handle = 51712,
	};

	fill_lent(lent, XBLK_DIRECT);
	for (unsigned int abi = XBLK_ABI_64; abi <= XBLK_ABI_32; abi++) {
		for (sent.nr_segs = 1; sent.nr_segs <= XBLK_DIRECT; sent.nr_segs++) {
			u64 sectors = 0;

			xblk_encode(&sent, lent, &request);
			KUNIT_ASSERT_EQ(test, decode(abi, &request, &all, &op), 0);
			KUNIT_EXPECT_EQ(test, op.id, sent.id);
			KUNIT_EXPECT_EQ(test, op.sector, 77);
			KUNIT_EXPECT_EQ(test, op.code, BLKIF_OP_WRITE);
			KUNIT_EXPECT_FALSE(test, op.indirect);
			KUNIT_ASSERT_EQ(test, op.nr_segs, sent.nr_segs);
			for (unsigned int i = 0; i < op.nr_segs; i++) {
				KUNIT_EXPECT_EQ(test, segs[i].ref, 100 + i);
				KUNIT_EXPECT_EQ(test, segs[i].first, i % 8);
				KUNIT_EXPECT_EQ(test, segs[i].nr, 8 - i % 8);
				sectors += segs[i].nr;
			}
			KUNIT_EXPECT_EQ(test, op.nr_sectors, sectors);
		}
	}
}

static void tables_arrive(struct kunit *test)
{
	static struct blkif_request_segment table[XBLK_TABLE];
	static struct xenpv_grant_seg lent[XBLK_MAX_SEGS];
	struct blkif_request request;
	struct xblk_op op, sent = {
		.id = 9, .sector = 8, .code = BLKIF_OP_READ, .indirect = true,
		.nr_segs = XBLK_MAX_SEGS, .tables = { 55 },
	};

	fill_lent(lent, XBLK_MAX_SEGS);
	for (unsigned int abi = XBLK_ABI_64; abi <= XBLK_ABI_32; abi++) {
		xblk_encode(&sent, NULL, &request);
		xblk_encode_table(lent, XBLK_MAX_SEGS, table);
		KUNIT_ASSERT_EQ(test, decode(abi, &request, &all, &op), 0);
		KUNIT_EXPECT_TRUE(test, op.indirect);
		KUNIT_EXPECT_EQ(test, op.code, BLKIF_OP_READ);
		KUNIT_EXPECT_EQ(test, op.id, 9);
		KUNIT_EXPECT_EQ(test, op.nr_segs, XBLK_MAX_SEGS);
		KUNIT_EXPECT_EQ(test, op.tables[0], 55);
		KUNIT_EXPECT_EQ(test, xblk_decode_table(&all, table, &op, segs), 0);
		KUNIT_EXPECT_EQ(test, segs[255].ref, 355);
		KUNIT_EXPECT_EQ(test, op.nr_sectors, 32 * 36);
	}
}

static void discards_arrive(struct kunit *test)
{
	struct blkif_request request;
	struct xblk_op op, sent = {
		.id = 3, .sector = 1000, .nr_sectors = 1048, .code = BLKIF_OP_DISCARD,
	};

	for (unsigned int abi = XBLK_ABI_64; abi <= XBLK_ABI_32; abi++) {
		for (unsigned int secure = 0; secure < 2; secure++) {
			sent.secure = secure;
			xblk_encode(&sent, NULL, &request);
			KUNIT_ASSERT_EQ(test, decode(abi, &request, &all, &op), 0);
			KUNIT_EXPECT_EQ(test, op.sector, 1000);
			KUNIT_EXPECT_EQ(test, op.nr_sectors, 1048);
			KUNIT_EXPECT_EQ(test, op.secure, secure);
		}
	}
}

/* One segment of a request for reading, and what is thought of it. */
struct segment_lie {
	u8 first;
	u8 last;
	u32 block;
	u64 sector;
	int ret;
};

static const struct segment_lie segment_lies[] = {
	{ 0, 7, 1, 0, 0 },
	{ 0, 0, 1, 2047, 0 },
	{ 7, 7, 1, 2047, 0 },
	{ 0, 7, 8, 2040, 0 },
	{ 0, 8, 1, 0, -EINVAL },
	{ 0, 255, 1, 0, -EINVAL },
	{ 1, 0, 1, 0, -EINVAL },
	{ 255, 255, 1, 0, -EINVAL },
	{ 7, 0, 1, 0, -EINVAL },
	{ 0, 0, 1, 2048, -EINVAL },
	{ 0, 7, 1, 2041, -EINVAL },
	{ 0, 7, 1, U64_MAX, -EINVAL },
	{ 0, 7, 1, U64_MAX - 7, -EINVAL },
	{ 0, 7, 1, 1ULL << 63, -EINVAL },
	{ 0, 6, 8, 0, -EINVAL },
	{ 1, 7, 8, 0, -EINVAL },
	{ 0, 3, 8, 0, -EINVAL },
	{ 0, 7, 8, 4, -EINVAL },
	{ 0, 1, 2, 2, 0 },
	{ 1, 2, 2, 2, -EINVAL },
	{ 0, 7, 8, 2044, -EINVAL },
};

static struct blkif_request one_segment(u8 operation, u8 first, u8 last, u64 sector)
{
	struct blkif_request request = { .operation = operation };

	request.u.rw.nr_segments = 1;
	request.u.rw.sector_number = sector;
	request.u.rw.seg[0] = (struct blkif_request_segment) {
		.gref = 5, .first_sect = first, .last_sect = last,
	};
	return request;
}

static void segments_that_lie(struct kunit *test)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(segment_lies); i++) {
		const struct segment_lie *lie = &segment_lies[i];
		struct blkif_request request = one_segment(BLKIF_OP_READ, lie->first, lie->last,
							   lie->sector);
		struct xblk_limits limits = all;
		struct xblk_op op;

		limits.block = lie->block;
		KUNIT_EXPECT_EQ_MSG(test, decode(XBLK_ABI_64, &request, &limits, &op), lie->ret,
				    "lie %u", i);
		KUNIT_EXPECT_EQ_MSG(test, decode(XBLK_ABI_32, &request, &limits, &op), lie->ret,
				    "lie %u", i);
	}
}

static void numbers_of_segments(struct kunit *test)
{
	struct blkif_request request = one_segment(BLKIF_OP_READ, 0, 7, 0);
	struct xblk_op op;

	for (unsigned int nr = 0; nr < 256; nr++) {
		request.u.rw.nr_segments = nr;
		KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op),
				nr >= 1 && nr <= XBLK_DIRECT ? 0 : -EINVAL);
	}
	/* Without data only what empties the cache; it is nowhere on the disk then. */
	request.u.rw.nr_segments = 0;
	request.u.rw.sector_number = U64_MAX;
	request.operation = BLKIF_OP_WRITE;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op), -EINVAL);
	for (u8 code = BLKIF_OP_WRITE_BARRIER; code <= BLKIF_OP_FLUSH_DISKCACHE; code++) {
		request.operation = code;
		KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op), 0);
		KUNIT_EXPECT_EQ(test, op.nr_segs, 0);
		KUNIT_EXPECT_EQ(test, op.sector, 0);
	}
}

static void numbers_in_tables(struct kunit *test)
{
	static const u16 bad[] = { 0, XBLK_MAX_SEGS + 1, 512, 4096, U16_MAX };
	struct blkif_request request = { .operation = BLKIF_OP_INDIRECT };
	struct blkif_request_segment table[2] = {
		{ .first_sect = 0, .last_sect = 7 }, { .first_sect = 0, .last_sect = 7 },
	};
	struct xblk_limits limits = all;
	struct xblk_op op;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		request.u.indirect.nr_segments = bad[i];
		KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op), -EINVAL);
	}
	request.u.indirect.nr_segments = 2;
	for (unsigned int code = 0; code < 256; code++) {
		request.u.indirect.indirect_op = code;
		KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op),
				code == BLKIF_OP_READ || code == BLKIF_OP_WRITE ? 0 : -EINVAL);
	}
	request.u.indirect.indirect_op = BLKIF_OP_READ;
	limits.max_segs = 0;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EOPNOTSUPP);
	/* What stands in the table is judged as what stands in a request. */
	request.u.indirect.sector_number = 2040;
	KUNIT_ASSERT_EQ(test, decode(XBLK_ABI_64, &request, &all, &op), 0);
	KUNIT_EXPECT_EQ(test, xblk_decode_table(&all, table, &op, segs), -EINVAL);
	op.sector = 2032;
	KUNIT_EXPECT_EQ(test, xblk_decode_table(&all, table, &op, segs), 0);
	table[1].last_sect = 8;
	KUNIT_EXPECT_EQ(test, xblk_decode_table(&all, table, &op, segs), -EINVAL);
}

/* N1: who may only read writes nothing, in no way. */
static void n1_readers_write_nothing(struct kunit *test)
{
	struct xblk_limits limits = all;
	struct blkif_request request;
	struct xblk_op op;

	limits.writable = false;
	for (unsigned int code = 0; code < 256; code++) {
		int want = code == BLKIF_OP_READ ? 0 : -EROFS;

		if (code > BLKIF_OP_FLUSH_DISKCACHE && code != BLKIF_OP_DISCARD)
			continue;
		request = one_segment(code, 0, 7, 0);
		if (code == BLKIF_OP_DISCARD)
			request.u.discard.nr_sectors = 8;
		KUNIT_EXPECT_EQ_MSG(test, decode(XBLK_ABI_64, &request, &limits, &op), want,
				    "operation %u", code);
	}
	request = (struct blkif_request){ .operation = BLKIF_OP_INDIRECT };
	request.u.indirect.nr_segments = 1;
	request.u.indirect.indirect_op = BLKIF_OP_WRITE;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EROFS);
	request.u.indirect.indirect_op = BLKIF_OP_READ;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), 0);
}

static void discards_that_lie(struct kunit *test)
{
	struct blkif_request request = { .operation = BLKIF_OP_DISCARD };
	struct xblk_limits limits = all;
	struct xblk_op op;

	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EINVAL);
	request.u.discard.nr_sectors = 2049;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EINVAL);
	request.u.discard.nr_sectors = U64_MAX;
	request.u.discard.sector_number = 1;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EINVAL);
	request.u.discard.nr_sectors = 8;
	limits.block = 8;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EINVAL);
	request.u.discard.sector_number = 8;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), 0);
	request.u.discard.flag = BLKIF_DISCARD_SECURE;
	limits.secure = false;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EOPNOTSUPP);
	request.u.discard.flag = 0;
	limits.discard = false;
	KUNIT_EXPECT_EQ(test, decode(XBLK_ABI_64, &request, &limits, &op), -EOPNOTSUPP);
}

/* Requests of any bytes: one that is accepted keeps all promises. */
static void any_bytes(struct kunit *test)
{
	struct rnd_state dice;
	unsigned int good = 0;

	prandom_seed_state(&dice, 5);
	for (unsigned int i = 0; i < rounds && test->status == KUNIT_SUCCESS; i++) {
		struct xblk_limits limits = all;
		struct blkif_request request;
		struct xblk_op op;
		u64 sum = 0;
		int ret;

		prandom_bytes_state(&dice, &request, sizeof(request));
		request.operation &= 7;
		request.u.rw.nr_segments &= 15;
		/* Some that may be good. */
		if (i & 1) {
			request.u.rw.sector_number &= 2047;
			for (unsigned int s = 0; s < XBLK_DIRECT; s++) {
				request.u.rw.seg[s].first_sect &= 7;
				request.u.rw.seg[s].last_sect |= 7;
				request.u.rw.seg[s].last_sect &= 15;
			}
		}
		limits.block = 1U << (i % 4);
		limits.writable = i & 2;
		ret = decode(i & 4 ? XBLK_ABI_32 : XBLK_ABI_64, &request, &limits, &op);
		KUNIT_EXPECT_EQ(test, op.id, request.u.rw.id);
		if (ret || op.indirect)
			continue;
		good++;
		KUNIT_EXPECT_LE(test, op.nr_segs, XBLK_DIRECT);
		KUNIT_EXPECT_LE(test, op.sector, limits.sectors);
		KUNIT_EXPECT_LE(test, op.nr_sectors, limits.sectors - op.sector);
		KUNIT_EXPECT_EQ(test, op.sector % limits.block, 0);
		KUNIT_EXPECT_EQ(test, op.nr_sectors % limits.block, 0);
		KUNIT_EXPECT_TRUE(test, limits.writable || op.code == BLKIF_OP_READ || !op.nr_segs);
		for (unsigned int s = 0; s < op.nr_segs; s++) {
			KUNIT_EXPECT_LE(test, segs[s].first + segs[s].nr, (int)XBLK_PAGE_SECTORS);
			KUNIT_EXPECT_GT(test, segs[s].nr, 0);
			sum += segs[s].nr;
		}
		KUNIT_EXPECT_TRUE(test, op.code == BLKIF_OP_DISCARD || sum == op.nr_sectors);
	}
	KUNIT_EXPECT_GT(test, good, rounds / 100);
}

static void answers_are_judged(struct kunit *test)
{
	static const s16 bad[] = { -3, 1, 2, S16_MAX, S16_MIN };
	struct blkif_response response = { .operation = BLKIF_OP_READ };

	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_READ), 0);
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_WRITE), -EPROTO);
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_DISCARD), -EPROTO);
	response.operation = BLKIF_OP_INDIRECT;
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_WRITE), 0);
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_FLUSH_DISKCACHE), -EPROTO);
	response.operation = BLKIF_OP_FLUSH_DISKCACHE;
	response.status = BLKIF_RSP_EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_FLUSH_DISKCACHE), -EOPNOTSUPP);
	response.status = BLKIF_RSP_ERROR;
	KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_FLUSH_DISKCACHE), -EIO);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		response.status = bad[i];
		KUNIT_EXPECT_EQ(test, xblk_judge_answer(&response, BLKIF_OP_FLUSH_DISKCACHE), -EIO);
	}
}

static struct kunit_case blkif_cases[] = {
	KUNIT_CASE(what_is_sent_arrives),
	KUNIT_CASE(tables_arrive),
	KUNIT_CASE(discards_arrive),
	KUNIT_CASE(segments_that_lie),
	KUNIT_CASE(numbers_of_segments),
	KUNIT_CASE(numbers_in_tables),
	KUNIT_CASE(n1_readers_write_nothing),
	KUNIT_CASE(discards_that_lie),
	KUNIT_CASE(any_bytes),
	KUNIT_CASE(answers_are_judged),
	{}
};

static struct kunit_suite blkif_suite = {
	.name = "xenpv_blkif",
	.test_cases = blkif_cases,
};

/* XSA-216: what is sent to a front has nothing in it but what it is told. */

static void answers_have_no_padding(struct kunit *test)
{
	struct xblk_op op = { .id = ~0ULL, .code = 0xff };

	for (int error = -200; error <= 0; error++) {
		u8 bytes[sizeof(struct blkif_response)];
		struct xblk_response_32 *small = (void *)bytes;

		memset(bytes, 0xa5, sizeof(bytes));
		xblk_answer_64(&op, error, (void *)bytes);
		KUNIT_EXPECT_EQ(test, bytes[9], 0);
		for (unsigned int i = 12; i < sizeof(bytes); i++)
			KUNIT_EXPECT_EQ(test, bytes[i], 0);
		KUNIT_EXPECT_EQ(test, ((struct blkif_response *)bytes)->status,
				error == 0 ? 0 : error == -EOPNOTSUPP ? -2 : -1);
		memset(bytes, 0xa5, sizeof(bytes));
		xblk_answer_32(&op, error, small);
		KUNIT_EXPECT_EQ(test, bytes[9], 0);
		KUNIT_EXPECT_EQ(test, small->status,
				error == 0 ? 0 : error == -EOPNOTSUPP ? -2 : -1);
	}
}

static void requests_have_no_padding(struct kunit *test)
{
	static const u8 codes[] = {
		BLKIF_OP_READ, BLKIF_OP_FLUSH_DISKCACHE, BLKIF_OP_DISCARD,
	};
	struct xenpv_grant_seg lent = { .ref = ~0U, .len = PAGE_SIZE };
	struct blkif_request request;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(codes); i++) {
		struct xblk_op op = {
			.code = codes[i / 2], .indirect = i == 1, .nr_segs = i == 0,
			.id = ~0ULL, .sector = ~0ULL, .nr_sectors = ~0ULL, .secure = true,
		};
		unsigned int odd = 0;

		memset(&request, 0xa5, sizeof(request));
		xblk_encode(&op, &lent, &request);
		for (unsigned int b = 0; b < sizeof(request); b++)
			odd += ((u8 *)&request)[b] == 0xa5;
		KUNIT_EXPECT_EQ_MSG(test, odd, 0, "case %u", i);
	}
}

static struct kunit_case xsa_216_blk_cases[] = {
	KUNIT_CASE(answers_have_no_padding),
	KUNIT_CASE(requests_have_no_padding),
	{}
};

static struct kunit_suite xsa_216_blk_suite = {
	.name = "xsa_216_blk",
	.test_cases = xsa_216_blk_cases,
};

kunit_test_suites(&blkif_suite, &xsa_216_blk_suite);

MODULE_DESCRIPTION("Tests of the block protocol");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
