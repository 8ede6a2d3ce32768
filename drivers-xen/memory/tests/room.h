/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_MEMORY_TESTS_ROOM_H
#define _XENPV_MEMORY_TESTS_ROOM_H

/* What the tests of memory share: the balloon on the fake, with time and memory of its own. */

#include <kunit/test.h>
#include <linux/mm_types.h>
#include <xenpv/balloon.h>
#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include "../../fake/fake.h"
#include "../../fake/fake_memory.h"
#include "../balloon.h"
#include "../private.h"

/* The size that Xen says the domain has; so small that half of it is the floor. */
#define SIZE	4096UL
#define FLOOR	(SIZE / 2)
#define SPARE	8192UL

/* A PV domain and a translated one, and their names: for KUNIT_ARRAY_PARAM(). */
extern const struct xenpv_fake_memory memroom_kinds[2];
void memroom_kind_name(const struct xenpv_fake_memory *kind, char *text);

/*
 * From here to the end of the case, which must leave no page behind.  As the parameter
 * of the case says, or PV; with another limit if that is not 0.
 */
void memroom_start(struct kunit *test, unsigned long max);

/* Is a step planned, and in how many milliseconds?  One that is due, all; time goes on. */
bool memroom_planned(void);
u64 memroom_delay(void);
bool memroom_step(void);
unsigned int memroom_settle(void);
void memroom_advance(u64 ms);

/* What programs could still get; how RAM is added: pages, or an errno. */
void memroom_available(unsigned long pages);
void memroom_ram(long (*add)(void));

/* Pages that were never the domain's, without frames; they go where they belong at the end. */
struct page *memroom_new_page(struct kunit *test);

/* Frames that Xen counts and the kernel lost, which a case expects. */
void memroom_lost(unsigned long nr);

/* The size is this, for Xen as well; all pages are somewhere, once. */
void memroom_check(struct kunit *test, unsigned long size);

/* Sets a target and goes on until nothing is planned. */
void memroom_go(struct kunit *test, unsigned long target);

struct xenpv_balloon_stats memroom_stats(void);

#endif /* _XENPV_MEMORY_TESTS_ROOM_H */
