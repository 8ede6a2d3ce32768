/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_GRANT_TESTS_ROOM_H
#define _XENPV_GRANT_TESTS_ROOM_H

/* What the tests of grants share: the room on the fake, with time and memory of its own. */

#include <kunit/test.h>
#include <linux/mm_types.h>
#include <xenpv/foreign.h>
#include <xenpv/grant.h>
#include "../../fake/fake.h"
#include "../../fake/fake_grant.h"
#include "../private.h"

struct scatterlist;

#define PEER	7
#define OTHER	8

/* What Xen is like. */
struct room {
	unsigned int version;
	unsigned int frames;
	bool translated;
};

/* One of each version, and its name: for KUNIT_ARRAY_PARAM(). */
extern const struct room room_versions[2];
void room_version_name(const struct room *room, char *text);

/* From here to the end of the case; the first without starting the room. */
void room_prepare(struct kunit *test, const struct room *room);
void room_start(struct kunit *test, const struct room *room);

/* As the parameter of the case says, or version 1; with pages to lend, and a list for them. */
void room_start_pages(struct kunit *test, struct page **pages, struct scatterlist *sgl,
		      unsigned int nr);

/* Time goes on, and the reaper works in it. */
void room_advance(unsigned int ms);
u64 room_slept(void);

/* A pool that the case leaves empty; destroyed at its end. */
struct xenpv_grant_pool *room_pool(struct kunit *test, const struct xenpv_grant_setup *setup);
unsigned int room_calls(void);
int room_held(struct xenpv_grant_pool *pool);

/* A page with the same byte all over; is it still so? */
struct page *room_page(struct kunit *test, u8 fill);
bool room_page_is(struct page *page, u8 fill);

/* Pages without frames for foreign maps; the numbers from @limit on are not in the p2m. */
void room_memory(struct kunit *test);
void room_p2m_limit(unsigned long limit);
bool room_p2m_is_foreign(struct page *page);

/* No address space just now; frames given up so far, and whether I/O might have started. */
void room_space_fails(struct kunit *test);
unsigned int room_given_up(void);
bool room_may_do_io(void);

#endif /* _XENPV_GRANT_TESTS_ROOM_H */
