/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_BLKIF_H
#define _XENPV_BLK_BLKIF_H

/**
 * DOC: The block protocol
 *
 * xen/interface/io/blkif.h says what stands in a ring.  This is the only file that looks
 * at it: requests and answers become, or come from, struct xblk_op::
 *
 *	front	xblk_encode()      --->  ring  --->  xblk_decode()	back
 *		xblk_judge_answer() <---  ring  <---  xblk_answer_*()
 *
 * All is in units of 512 bytes, whatever the size of a block of the disk is: where a
 * request begins, what it takes of a page, and how large the disk is.  That is what Xen
 * 4.20 made of a text that could be read in two ways, and what Linux always did.  What a
 * request touches has to be whole blocks, though.
 *
 * A request has up to 11 segments, or the refs of up to 8 pages with tables of them.  A
 * segment is a part of a page that the front has lent.
 *
 * Requests of 32-bit fronts differ from those of 64-bit ones in what stands before the id:
 * four bytes instead of eight.
 *
 * What a peer sent is judged here once, against one struct xblk_limits, in private memory.
 */

#include <linux/bits.h>
#include <linux/blk_types.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <xen/interface/io/blkif.h>
#include <xenpv/abi.h>
#include <xenpv/grant.h>
#include <xenpv/keys.h>
#include <xenpv/ring.h>

/* Sectors of the protocol in a page. */
#define XBLK_PAGE_SECTORS	((unsigned int)(PAGE_SIZE >> SECTOR_SHIFT))

/* Segments of a request that has them itself, and of one page with a table. */
#define XBLK_DIRECT		((unsigned int)BLKIF_MAX_SEGMENTS_PER_REQUEST)
#define XBLK_TABLE		((unsigned int)(PAGE_SIZE / sizeof(struct blkif_request_segment)))

/* Rings of one disk at most, and the pages of one, as a power of two. */
#define XBLK_QUEUES		16U
#define XBLK_MAX_ORDER		4

static_assert(BIT(XBLK_MAX_ORDER) == XENPV_RING_PAGES);

/* Segments of any request that we send or take. */
#define XBLK_MAX_SEGS		256U

/**
 * enum xblk_abi - layout of requests and answers
 * @XBLK_ABI_64: of a 64-bit front
 * @XBLK_ABI_32: of a 32-bit front
 */
enum xblk_abi {
	XBLK_ABI_64,
	XBLK_ABI_32,
};

/* What a 32-bit front sends.  From the id on it is as struct blkif_request. */
struct xblk_request_32 {
	u8 head[4];
	u8 tail[104];
};

struct xblk_response_32 {
	u8 id[8];
	u8 operation;
	u8 pad;
	s16 status;
};

XENPV_RING(xblk_64, struct blkif_request, struct blkif_response);
XENPV_RING(xblk_32, struct xblk_request_32, struct xblk_response_32);

/**
 * struct xblk_seg - a part of a page of the front
 * @ref: the page
 * @first: first sector in it
 * @nr: how many sectors
 */
struct xblk_seg {
	grant_ref_t ref;
	u8 first;
	u8 nr;
};

/**
 * struct xblk_op - a request
 * @id: the front's
 * @sector: where on the disk it begins
 * @nr_sectors: how many sectors of the disk it touches
 * @code: BLKIF_OP_*, never BLKIF_OP_INDIRECT
 * @indirect: the segments stand in tables
 * @secure: of a discard: what was there shall not be readable any more
 * @nr_segs: how many segments
 * @handle: front: the number of its device, which nobody needs
 * @tables: the refs of pages with tables, as many as @nr_segs needs
 */
struct xblk_op {
	u64 id;
	u64 sector;
	u64 nr_sectors;
	u8 code;
	bool indirect;
	bool secure;
	u16 nr_segs;
	u16 handle;
	grant_ref_t tables[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

/**
 * struct xblk_limits - what a front may ask for
 * @sectors: size of the disk
 * @block: size of its blocks, in sectors
 * @max_segs: segments of a request with tables; 0: there are none
 * @writable: it may write
 * @discard: it may discard
 * @secure: also so that nothing can be read any more
 */
struct xblk_limits {
	u64 sectors;
	u32 block;
	u16 max_segs;
	bool writable;
	bool discard;
	bool secure;
};

/**
 * struct xblk_ring_facts - where a ring is
 * @nr: its pages
 * @port: its event
 * @refs: its pages
 */
struct xblk_ring_facts {
	u32 nr;
	u32 port;
	u32 refs[XENPV_RING_PAGES];
};

/* Keys of a ring: of a single page, whose key has no number, and of @nr pages. */
extern const struct xenpv_keys xblk_single_page;
extern const struct xenpv_keys xblk_many_pages;

/* Front. */
void xblk_encode(const struct xblk_op *op, const struct xenpv_grant_seg *segs,
		 struct blkif_request *request);
void xblk_encode_table(const struct xenpv_grant_seg *segs, unsigned int nr,
		       struct blkif_request_segment *table);
int xblk_judge_answer(const struct blkif_response *response, u8 code);

/* Back. */
int xblk_decode(enum xblk_abi abi, const void *request, const struct xblk_limits *limits,
		struct xblk_op *op, struct xblk_seg *segs);
int xblk_decode_table(const struct xblk_limits *limits,
		      const struct blkif_request_segment *table, struct xblk_op *op,
		      struct xblk_seg *segs);
void xblk_answer_64(const struct xblk_op *op, int error, struct blkif_response *response);
void xblk_answer_32(const struct xblk_op *op, int error, struct xblk_response_32 *response);

#endif /* _XENPV_BLK_BLKIF_H */
