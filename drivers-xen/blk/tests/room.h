/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BLK_TESTS_ROOM_H
#define _XENPV_BLK_TESTS_ROOM_H

/* What the tests of disks share: a front on the fake, and a back that does as it is told. */

#include <kunit/test.h>
#include <linux/blk_types.h>
#include <linux/completion.h>
#include "../front.h"
#include "device.h"

/**
 * struct far - the far back
 * @disk: what is on its disk
 * @keep: it looks at nothing
 * @mute: it does what it is asked for, and does not answer
 * @silent: it answers, and does not notify
 * @no_cache: there is nothing that could be flushed
 * @one: it takes one request at a time
 * @nr_seen: requests that it has seen, of each BLKIF_OP_*
 * @written: how often each sector was written
 * @status: what it answers, if not 0
 * @twice: it answers twice
 * @wrong_id: what it adds to the id
 * @wrong_code: what it adds to the code
 * @hold: it keeps the pages of requests mapped
 * @nr_held: how many it keeps
 * @held: their handles
 * @canary: what it looks for in each page that it can see, if not 0
 * @nr_canaries: how often it has found that
 * @most_segs: segments of its largest request
 */
struct far {
	u8 *disk;
	bool keep;
	bool mute;
	bool silent;
	bool no_cache;
	bool one;
	unsigned int nr_seen[256];
	u8 written[DISK_SECTORS];
	s16 status;
	bool twice;
	u64 wrong_id;
	u8 wrong_code;
	bool hold;
	unsigned int nr_held;
	int held[64];
	u64 canary;
	unsigned int nr_canaries;
	unsigned int most_segs;
};

extern struct far blk_far;
extern struct xblk_front *blk_front;

/* One policy, one number of segments and rings of a case, and their names. */
struct blk_terms {
	const char *name;
	struct xblk_terms terms;
	unsigned int segments;
	u32 max_segs;
};

extern const struct blk_terms blk_terms[5];
void blk_terms_name(const struct blk_terms *terms, char *text);

/* From here to the end of the case: a front that is connected and runs. */
void blk_test_start(struct kunit *test);

/* The back goes, and one comes. */
void blk_test_part(void);
void blk_test_meet(struct kunit *test);

/* The first page of a ring, as the back has it mapped. */
struct xenpv_ring_page *blk_test_ring(unsigned int nr);

/**
 * struct blk_io - a request of the block layer
 * @done: it has ended
 * @error: 0 or a negative errno
 */
struct blk_io {
	struct completion done;
	int error;
};

/* Requests for this case, @nr of at most 128; one that outlives it does no harm. */
struct blk_io *blk_test_ios(unsigned int nr);

/* Sends a request for @bytes at @data; the back works until it has ended. */
void blk_test_send(struct kunit *test, struct blk_io *io, blk_opf_t op, sector_t sector,
		   void *data, unsigned int bytes);
bool blk_test_wait(struct blk_io *io);
int blk_test_io(struct kunit *test, blk_opf_t op, sector_t sector, void *data,
		unsigned int bytes);

/* Lets the back work; how many requests of the ring it has taken. */
unsigned int blk_test_serve(void);

#endif /* _XENPV_BLK_TESTS_ROOM_H */
