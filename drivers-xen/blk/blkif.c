// SPDX-License-Identifier: GPL-2.0-only
/* The block protocol: requests and answers, ours and a peer's.  Pure functions. */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "blkif.h"

/*
 * struct blkif_request says how a 64-bit front lays a request out.  What we rely on
 * besides, to read those of both kinds with one function.
 */
#define HEAD_64		offsetof(struct blkif_request, u.rw.id)
#define HEAD_32		sizeof_field(struct xblk_request_32, head)

static_assert(HEAD_64 == 8);
static_assert(offsetof(struct blkif_request, u.discard.id) == HEAD_64);
static_assert(offsetof(struct blkif_request, u.indirect.id) == HEAD_64);
static_assert(sizeof(struct blkif_request) - HEAD_64 == sizeof_field(struct xblk_request_32, tail));
static_assert(sizeof(struct xblk_request_32) == 108);
static_assert(sizeof(struct xblk_response_32) == 12);
static_assert(sizeof(struct blkif_request_segment) == 8);

static struct blkif_request_segment segment(const struct xenpv_grant_seg *seg)
{
	return (struct blkif_request_segment) {
		.gref = seg->ref,
		.first_sect = seg->offset >> SECTOR_SHIFT,
		.last_sect = ((seg->offset + seg->len) >> SECTOR_SHIFT) - 1,
	};
}

/**
 * xblk_encode_table() - write segments into a page with a table
 * @segs: pages that were lent
 * @nr: how many, at most XBLK_TABLE
 * @table: the page
 *
 * Context: Any.
 */
void xblk_encode_table(const struct xenpv_grant_seg *segs, unsigned int nr,
		       struct blkif_request_segment *table)
{
	for (unsigned int i = 0; i < nr; i++)
		table[i] = segment(&segs[i]);
}
EXPORT_SYMBOL_NS_GPL(xblk_encode_table, "XENPV");

static void encode_indirect(const struct xblk_op *op, struct blkif_request_indirect *to)
{
	to->indirect_op = op->code;
	to->nr_segments = op->nr_segs;
	to->id = op->id;
	to->sector_number = op->sector;
	to->handle = op->handle;
	memcpy(to->indirect_grefs, op->tables, sizeof(op->tables));
}

static void encode_discard(const struct xblk_op *op, struct blkif_request_discard *to)
{
	to->flag = op->secure ? BLKIF_DISCARD_SECURE : 0;
	to->id = op->id;
	to->sector_number = op->sector;
	to->nr_sectors = op->nr_sectors;
}

static void encode_direct(const struct xblk_op *op, const struct xenpv_grant_seg *segs,
			  struct blkif_request_rw *to)
{
	to->nr_segments = op->nr_segs;
	to->handle = op->handle;
	to->id = op->id;
	to->sector_number = op->sector;
	xblk_encode_table(segs, op->nr_segs, to->seg);
}

/**
 * xblk_encode() - front: write a request
 * @op: the request
 * @segs: its segments, if they don't stand in tables; at most XBLK_DIRECT
 * @request: where to; all of it is set
 *
 * Context: Any.
 */
void xblk_encode(const struct xblk_op *op, const struct xenpv_grant_seg *segs,
		 struct blkif_request *request)
{
	memset(request, 0, sizeof(*request));
	request->operation = op->indirect ? BLKIF_OP_INDIRECT : op->code;
	if (op->indirect)
		encode_indirect(op, &request->u.indirect);
	else if (op->code == BLKIF_OP_DISCARD)
		encode_discard(op, &request->u.discard);
	else
		encode_direct(op, segs, &request->u.rw);
}
EXPORT_SYMBOL_NS_GPL(xblk_encode, "XENPV");

/**
 * xblk_judge_answer() - front: what does an answer say?
 * @response: the answer, in private memory
 * @code: BLKIF_OP_* of the request; the one of what is in the tables, if there are any
 *
 * An answer to a request with tables has either code: the protocol says that it is
 * copied from the request, and Linux answers with what was to be done.
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP; -EIO, also for each status that is not known; -EPROTO if it is
 * the answer to another request.
 */
int xblk_judge_answer(const struct blkif_response *response, u8 code)
{
	if (response->operation != code &&
	    (response->operation != BLKIF_OP_INDIRECT || code > BLKIF_OP_WRITE))
		return -EPROTO;
	switch (response->status) {
	case BLKIF_RSP_OKAY:
		return 0;
	case BLKIF_RSP_EOPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}
EXPORT_SYMBOL_NS_GPL(xblk_judge_answer, "XENPV");

/* A part of a page that makes sense. */
static int judge_segment(const struct xblk_limits *limits,
			 const struct blkif_request_segment *from, struct xblk_seg *to)
{
	if (from->last_sect >= XBLK_PAGE_SECTORS || from->first_sect > from->last_sect)
		return -EINVAL;
	to->ref = from->gref;
	to->first = from->first_sect;
	to->nr = from->last_sect - from->first_sect + 1;
	/* Blocks larger than a page lie in several segments: the sum is judged. */
	if (limits->block <= XBLK_PAGE_SECTORS &&
	    (to->first % limits->block || to->nr % limits->block))
		return -EINVAL;
	return 0;
}

static int judge_range(const struct xblk_limits *limits, const struct xblk_op *op)
{
	if (op->nr_sectors > limits->sectors || op->sector > limits->sectors - op->nr_sectors)
		return -EINVAL;
	if (op->sector % limits->block || op->nr_sectors % limits->block)
		return -EINVAL;
	return 0;
}

/* The segments of a request, wherever they stand. */
static int judge_segments(const struct xblk_limits *limits,
			  const struct blkif_request_segment *table, struct xblk_op *op,
			  struct xblk_seg *segs)
{
	int ret;

	op->nr_sectors = 0;
	for (unsigned int i = 0; i < op->nr_segs; i++) {
		ret = judge_segment(limits, &table[i], &segs[i]);
		if (ret)
			return ret;
		op->nr_sectors += segs[i].nr;
	}
	return judge_range(limits, op);
}

/**
 * xblk_decode_table() - back: judge the segments that stand in tables
 * @limits: what the front may ask for
 * @table: a private copy of the tables, @op->nr_segs segments
 * @op: from xblk_decode(); what it touches is set
 * @segs: its segments; room for @op->nr_segs
 *
 * Context: Any.
 * Return: 0 or -EINVAL.
 */
int xblk_decode_table(const struct xblk_limits *limits,
		      const struct blkif_request_segment *table, struct xblk_op *op,
		      struct xblk_seg *segs)
{
	return judge_segments(limits, table, op, segs);
}
EXPORT_SYMBOL_NS_GPL(xblk_decode_table, "XENPV");

static int decode_rw(const struct xblk_limits *limits, const struct blkif_request_rw *from,
		     struct xblk_op *op, struct xblk_seg *segs)
{
	op->nr_segs = from->nr_segments;
	if (op->nr_segs > XBLK_DIRECT)
		return -EINVAL;
	if (!op->nr_segs) {
		/* Only what empties the cache of the disk comes without data. */
		op->sector = 0;
		return op->code == BLKIF_OP_READ || op->code == BLKIF_OP_WRITE ? -EINVAL : 0;
	}
	if (op->code != BLKIF_OP_READ && !limits->writable)
		return -EROFS;
	return judge_segments(limits, from->seg, op, segs);
}

static int decode_discard(const struct xblk_limits *limits,
			  const struct blkif_request_discard *from, struct xblk_op *op)
{
	if (!limits->writable)
		return -EROFS;
	op->secure = from->flag & BLKIF_DISCARD_SECURE;
	if (!limits->discard || (op->secure && !limits->secure))
		return -EOPNOTSUPP;
	op->nr_sectors = from->nr_sectors;
	if (!op->nr_sectors)
		return -EINVAL;
	return judge_range(limits, op);
}

static int decode_indirect(const struct xblk_limits *limits,
			   const struct blkif_request_indirect *from, struct xblk_op *op)
{
	op->code = from->indirect_op;
	if (!limits->max_segs)
		return -EOPNOTSUPP;
	if (op->code != BLKIF_OP_READ && op->code != BLKIF_OP_WRITE)
		return -EINVAL;
	if (op->code == BLKIF_OP_WRITE && !limits->writable)
		return -EROFS;
	if (!from->nr_segments || from->nr_segments > limits->max_segs)
		return -EINVAL;
	op->indirect = true;
	op->nr_segs = from->nr_segments;
	memcpy(op->tables, from->indirect_grefs, sizeof(op->tables));
	return 0;
}

/* As a 64-bit front would have sent it. */
static void widen(enum xblk_abi abi, const void *request, struct blkif_request *wide)
{
	size_t head = abi == XBLK_ABI_32 ? HEAD_32 : HEAD_64;

	memset(wide, 0, sizeof(*wide));
	memcpy(wide, request, HEAD_32);
	memcpy((void *)wide + HEAD_64, request + head, sizeof(*wide) - HEAD_64);
}

/**
 * xblk_decode() - back: judge a request
 * @abi: of the front
 * @request: struct blkif_request or struct xblk_request_32, in private memory
 * @limits: what the front may ask for
 * @op: the request; id and code are set for an answer, whatever is returned
 * @segs: its segments, if they don't stand in tables; room for XBLK_DIRECT
 *
 * Of a request with tables the segments are yet to be judged by xblk_decode_table().
 *
 * Context: Any.
 * Return: 0; -EINVAL; -EROFS; -EOPNOTSUPP for what was not offered.
 */
int xblk_decode(enum xblk_abi abi, const void *request, const struct xblk_limits *limits,
		struct xblk_op *op, struct xblk_seg *segs)
{
	struct blkif_request wide;

	widen(abi, request, &wide);
	*op = (struct xblk_op) {
		.id = wide.u.rw.id,
		.sector = wide.u.rw.sector_number,
		.code = wide.operation,
	};
	switch (wide.operation) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
	case BLKIF_OP_WRITE_BARRIER:
	case BLKIF_OP_FLUSH_DISKCACHE:
		return decode_rw(limits, &wide.u.rw, op, segs);
	case BLKIF_OP_DISCARD:
		return decode_discard(limits, &wide.u.discard, op);
	case BLKIF_OP_INDIRECT:
		return decode_indirect(limits, &wide.u.indirect, op);
	default:
		return -EOPNOTSUPP;
	}
}
EXPORT_SYMBOL_NS_GPL(xblk_decode, "XENPV");

static s16 status_of(int error)
{
	switch (error) {
	case 0:
		return BLKIF_RSP_OKAY;
	case -EOPNOTSUPP:
		return BLKIF_RSP_EOPNOTSUPP;
	default:
		return BLKIF_RSP_ERROR;
	}
}

/**
 * xblk_answer_64() - back: write an answer for a 64-bit front
 * @op: to what
 * @error: 0 or a negative errno
 * @response: where to; all of it is set, also what lies between its members
 *
 * Context: Any.
 */
void xblk_answer_64(const struct xblk_op *op, int error, struct blkif_response *response)
{
	memset(response, 0, sizeof(*response));
	response->id = op->id;
	response->operation = op->code;
	response->status = status_of(error);
}
EXPORT_SYMBOL_NS_GPL(xblk_answer_64, "XENPV");

/**
 * xblk_answer_32() - back: write an answer for a 32-bit front
 * @op: to what
 * @error: 0 or a negative errno
 * @response: where to; all of it is set
 *
 * Context: Any.
 */
void xblk_answer_32(const struct xblk_op *op, int error, struct xblk_response_32 *response)
{
	memset(response, 0, sizeof(*response));
	memcpy(response->id, &op->id, sizeof(response->id));
	response->operation = op->code;
	response->status = status_of(error);
}
EXPORT_SYMBOL_NS_GPL(xblk_answer_32, "XENPV");

MODULE_DESCRIPTION("The block protocol of Xen");
MODULE_LICENSE("GPL");
