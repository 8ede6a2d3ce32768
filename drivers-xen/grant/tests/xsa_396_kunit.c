// SPDX-License-Identifier: GPL-2.0-only
/* XSA-396: whether a page is still mapped, and taking it back, were two steps. */

#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "room.h"

#define REF		9
#define NR_SEGS		8
#define NR_PAGES	48
#define REVOKES		500000

KUNIT_ARRAY_PARAM(room, room_versions, room_version_name);

/*
 * First, every order of our steps and Xen's on behalf of a peer that maps once, or
 * twice, or for reading and then for writing.  From the moment in which the page is
 * ours again no peer may have it.
 */
static struct {
	struct page *page;
	struct page *next;
	bool write[2];
	unsigned int maps;
	bool ours;
	int handle[2];
} s;

static void *lent_page(struct kunit *test)
{
	s.ours = false;
	s.handle[0] = -1;
	s.handle[1] = -1;
	xenpv_grant_table_lend(REF, PEER, gfn_box(page_to_pfn(s.page)), false);
	return &s;
}

static void take_back(void *unused)
{
	s.ours = xenpv_grant_table_revoke(REF);
	if (s.ours && xenpv_fake_peer_holds(page_address(s.page)))
		xenpv_fake_bad("a page is ours that a peer has mapped");
}

static void use(void *unused)
{
	for (unsigned int i = 0; i < s.maps; i++) {
		s.handle[i] = xenpv_fake_peer_map(PEER, REF, s.write[i]);
		if (s.handle[i] >= 0 && s.ours)
			xenpv_fake_bad("a peer could map a page that is ours");
	}
	for (unsigned int i = 0; i < s.maps; i++)
		if (s.handle[i] >= 0)
			xenpv_fake_peer_unmap(s.handle[i]);
}

/* When the peer has let go, the next try is the last. */
static const char *ours_in_the_end(void *unused)
{
	if (!s.ours && !xenpv_grant_table_revoke(REF))
		return "nobody has the page, and it is not ours";
	if (xenpv_fake_peer_map(PEER, REF, false) >= 0)
		return "it is ours, and can be mapped";
	return xenpv_fake_grant_balance();
}

static void every_order(struct kunit *test)
{
	static const struct {
		unsigned int maps;
		bool write[2];
		unsigned int switches;
	} peers[] = {
		{ .maps = 1 },
		{ .maps = 1, .write = { true } },
		{ .maps = 2, .write = { false, true }, .switches = 6 },
		{ .maps = 2, .write = { true, false }, .switches = 6 },
	};

	room_start(test, test->param_value);
	s.page = room_page(test, 0x55);
	for (unsigned int i = 0; i < ARRAY_SIZE(peers); i++) {
		struct xenpv_fake_scene scene = {
			.setup = lent_page,
			.tasks = { take_back, use },
			.nr_tasks = 2,
			.peers = BIT(1),
			.check = ours_in_the_end,
			.max_switches = peers[i].switches,
		};
		unsigned long rounds;

		s.maps = peers[i].maps;
		memcpy(s.write, peers[i].write, sizeof(s.write));
		rounds = xenpv_fake_explore(test, &scene);
		KUNIT_EXPECT_GE(test, rounds, 5);
		kunit_info(test, "peer %u: %lu orders", i, rounds);
	}
}

/* Xen copies for a peer, which is a map for a moment. */
static void copy_out(void *unused)
{
	u8 byte;

	if (xenpv_fake_peer_copy(PEER, REF, false, 0, &byte, 1) == GNTST_okay && byte != 0x55)
		xenpv_fake_bad("a peer has read what is not its own");
}

static void take_back_and_reuse(void *unused)
{
	s.ours = xenpv_grant_table_revoke(REF);
	if (s.ours)
		memset(page_address(s.page), 0x99, PAGE_SIZE);
}

static void *fresh_page(struct kunit *test)
{
	memset(page_address(s.page), 0x55, PAGE_SIZE);
	return lent_page(test);
}

static void every_order_of_a_copy(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = fresh_page,
		.tasks = { take_back_and_reuse, copy_out },
		.nr_tasks = 2,
		.peers = BIT(1),
		.check = ours_in_the_end,
	};

	room_start(test, test->param_value);
	s.page = room_page(test, 0x55);
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 5);
}

/* The entry is used again at once, for another page and another domain. */
static void take_back_and_lend(void *unused)
{
	take_back(NULL);
	if (s.ours)
		xenpv_grant_table_lend(REF, OTHER, gfn_box(page_to_pfn(s.next)), false);
}

static void use_old_page(void *unused)
{
	s.handle[0] = xenpv_fake_peer_map(PEER, REF, true);
	if (s.handle[0] < 0)
		return;
	if (xenpv_fake_peer_page(s.handle[0]) != page_address(s.page))
		xenpv_fake_bad("a peer has a page that was lent to another");
	xenpv_fake_peer_unmap(s.handle[0]);
}

static const char *others_in_the_end(void *unused)
{
	int handle;

	if (!s.ours)
		return ours_in_the_end(NULL);
	if (xenpv_fake_peer_map(PEER, REF, false) >= 0)
		return "a page that was lent to another can be mapped";
	handle = xenpv_fake_peer_map(OTHER, REF, true);
	if (handle < 0)
		return "whom the page was lent to can't map it";
	xenpv_fake_peer_unmap(handle);
	return xenpv_grant_table_revoke(REF) ? xenpv_fake_grant_balance() : "not ours again";
}

static void every_order_of_lending_again(struct kunit *test)
{
	struct xenpv_fake_scene scene = {
		.setup = lent_page,
		.tasks = { take_back_and_lend, use_old_page },
		.nr_tasks = 2,
		.peers = BIT(1),
		.check = others_in_the_end,
	};

	room_start(test, test->param_value);
	s.page = room_page(test, 0x55);
	s.next = room_page(test, 0x66);
	KUNIT_EXPECT_GT(test, xenpv_fake_explore(test, &scene), 5);
}

/*
 * Second, many pages at random (F12): before each access of ours a peer maps, writes
 * or unmaps.  The first word of a page says whose it is.
 */
#define LENT_OUT	0x1e47UL
#define PRIVATE		0xdeadUL

static struct {
	struct kunit *test;
	struct xenpv_grant_pool *pool;
	struct page *page[NR_PAGES];
	grant_ref_t ref[NR_PAGES];
	bool lent[NR_PAGES];
	int handle[NR_PAGES];
	unsigned int nr_handles;
	unsigned long maps, held, bad;
} f;

static unsigned long *word_of(struct page *page)
{
	return page_address(page);
}

static void look_through(unsigned int i)
{
	unsigned long *word = xenpv_fake_peer_page(f.handle[i]);

	if (!word || *word != LENT_OUT)
		f.bad++;
}

static void random_peer(const struct xenpv_fake_access *access, void *arg)
{
	unsigned int what = xenpv_fake_rand(8), i;
	int handle;

	if (what == 0 && f.nr_handles < NR_PAGES) {
		i = xenpv_fake_rand(NR_PAGES);
		handle = xenpv_fake_peer_map(PEER, f.ref[i], xenpv_fake_rand(2));
		if (handle < 0)
			return;
		f.handle[f.nr_handles] = handle;
		look_through(f.nr_handles++);
		f.maps++;
	} else if (what <= 2 && f.nr_handles) {
		i = xenpv_fake_rand(f.nr_handles);
		look_through(i);
		xenpv_fake_peer_unmap(f.handle[i]);
		f.handle[i] = f.handle[--f.nr_handles];
	}
}

static void let_all_go(void)
{
	while (f.nr_handles) {
		look_through(--f.nr_handles);
		xenpv_fake_peer_unmap(f.handle[f.nr_handles]);
	}
}

/* A page of its own for entry @i, lent. */
static void lend_one(unsigned int i)
{
	int ref;

	if (!f.page[i])
		f.page[i] = alloc_page(GFP_KERNEL);
	if (!f.page[i])
		return;
	*word_of(f.page[i]) = LENT_OUT;
	ref = xenpv_grant_page(f.pool, f.page[i], false);
	if (ref < 0)
		return;
	f.ref[i] = ref;
	f.lent[i] = true;
}

/* Ours again: use it for something private at once.  Else the reaper has it. */
static void end_one(unsigned int i)
{
	f.lent[i] = false;
	get_page(f.page[i]);
	if (xenpv_grant_end(f.pool, f.ref[i], f.page[i])) {
		*word_of(f.page[i]) = PRIVATE;
		return;
	}
	put_page(f.page[i]);
	f.page[i] = NULL;
	f.held++;
}

static void clean_up(void)
{
	let_all_go();
	for (unsigned int i = 0; i < NR_PAGES; i++)
		if (f.lent[i])
			end_one(i);
	room_advance(1999);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		if (f.page[i])
			put_page(f.page[i]);
}

static void a_million_revokes(struct kunit *test)
{
	unsigned int revokes = 0, i;

	room_start(test, test->param_value);
	memset(&f, 0, sizeof(f));
	f.test = test;
	f.pool = room_pool(test, &(struct xenpv_grant_setup){ .max = REVOKES });
	xenpv_fake_seed(396);
	xenpv_fake_peer(random_peer, NULL);
	while (revokes < REVOKES) {
		i = xenpv_fake_rand(NR_PAGES);
		if (!f.lent[i]) {
			lend_one(i);
			continue;
		}
		end_one(i);
		if (++revokes % 64)
			continue;
		room_advance(20);
		xenpv_fake_forget();
	}
	xenpv_fake_peer(NULL, NULL);
	KUNIT_EXPECT_EQ(test, f.bad, 0);
	KUNIT_EXPECT_GT(test, f.maps, 1000);
	KUNIT_EXPECT_GT(test, f.held, 1000);
	clean_up();
	KUNIT_EXPECT_EQ(test, f.bad, 0);
	KUNIT_EXPECT_EQ(test, room_held(f.pool), 0);
	KUNIT_EXPECT_EQ(test, xenpv_grant_lost(), 0);
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
	kunit_info(test, "%u revokes, seed 396: %lu maps, %lu pages held", revokes, f.maps,
		   f.held);
}

/* Third, a peer that keeps some of the pages of a request, for every "some". */
static void peer_keeps_any_of_a_request(struct kunit *test)
{
	static struct xenpv_grant_seg segs[NR_SEGS];
	struct scatterlist sgl[NR_SEGS];
	struct xenpv_grant_pool *pool;
	struct page *pages[NR_SEGS];
	int handles[NR_SEGS];

	room_start(test, test->param_value);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 2 * NR_SEGS });
	sg_init_table(sgl, NR_SEGS);
	/* Whole pages and parts in turn. */
	for (unsigned int i = 0; i < NR_SEGS; i++) {
		pages[i] = room_page(test, i);
		sg_set_page(&sgl[i], pages[i], i % 2 ? PAGE_SIZE : 512, 0);
	}
	for (unsigned long keep = 0; keep < BIT(NR_SEGS); keep++) {
		xenpv_fake_forget();
		KUNIT_ASSERT_EQ(test, xenpv_grant_sg(pool, sgl, NR_SEGS, DMA_BIDIRECTIONAL,
						     segs, NR_SEGS), NR_SEGS);
		for (unsigned int i = 0; i < NR_SEGS; i++)
			if (keep & BIT(i))
				handles[i] = xenpv_fake_peer_map(PEER, segs[i].ref, true);
		KUNIT_EXPECT_EQ(test, xenpv_grant_end_sg(pool, segs, NR_SEGS),
				keep ? -EBUSY : 0);
		KUNIT_EXPECT_EQ(test, room_held(pool), hweight_long(keep));
		for (unsigned int i = 1; i < NR_SEGS; i += 2)
			KUNIT_EXPECT_EQ(test, page_count(pages[i]), 1 + !!(keep & BIT(i)));

		/* The peer goes on writing; nobody else uses what it writes to. */
		for (unsigned int i = 0; i < NR_SEGS; i++)
			if (keep & BIT(i))
				xenpv_fake_peer_write(handles[i], 0, "mine", 5);
		/* All of them for so long that the reaper is at its slowest. */
		room_advance(keep == BIT(NR_SEGS) - 1 ? 30000 : 700);
		for (unsigned int i = 0; i < NR_SEGS; i++) {
			if (!(keep & BIT(i)))
				continue;
			KUNIT_EXPECT_STREQ(test, (char *)xenpv_fake_peer_page(handles[i]), "mine");
			xenpv_fake_peer_unmap(handles[i]);
		}
		room_advance(1999);
		KUNIT_EXPECT_EQ(test, room_held(pool), 0);
	}
	KUNIT_EXPECT_NULL(test, xenpv_fake_grant_balance());
}

/* A ring of several pages, of which the peer keeps one; closing, or failing to set up. */
static void peer_keeps_a_page_of_a_ring(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	struct page *ring[16];
	grant_ref_t refs[16];
	unsigned int free;
	int handle;

	room_start(test, test->param_value);
	free = xenpv_grant_refs_free();
	for (unsigned int keep = 0; keep < 16; keep++) {
		pool = xenpv_grant_pool_create(&(struct xenpv_grant_setup){
			.name = "ring", .peer = PEER, .max = 1 });
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pool);
		for (unsigned int i = 0; i < 16; i++) {
			ring[i] = xenpv_grant_new_page(pool, &refs[i]);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ring[i]);
		}
		handle = xenpv_fake_peer_map(PEER, refs[keep], true);
		get_page(ring[keep]);
		for (unsigned int i = 0; i < 16; i++)
			KUNIT_EXPECT_EQ(test, xenpv_grant_end(pool, refs[i], ring[i]), i != keep);
		xenpv_grant_pool_destroy(pool);
		room_advance(5000);
		KUNIT_EXPECT_EQ(test, page_count(ring[keep]), 2);
		xenpv_fake_peer_unmap(handle);
		room_advance(1999);
		KUNIT_EXPECT_EQ(test, page_count(ring[keep]), 1);
		put_page(ring[keep]);
		KUNIT_EXPECT_EQ(test, xenpv_grant_refs_free(), free);
		xenpv_fake_forget();
	}
}

/* What was held when the domain was saved: the peer there has it, the peer here does not. */
static void held_over_a_suspend(struct kunit *test)
{
	struct xenpv_grant_pool *pool;
	struct page *page;
	grant_ref_t ref;
	int handle;

	room_start(test, test->param_value);
	pool = room_pool(test, &(struct xenpv_grant_setup){ .max = 1 });
	page = xenpv_grant_new_page(pool, &ref);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	get_page(page);
	handle = xenpv_fake_peer_map(PEER, ref, true);
	KUNIT_EXPECT_FALSE(test, xenpv_grant_end(pool, ref, page));

	/* The save was given up. */
	xenpv_grant_suspend();
	KUNIT_EXPECT_EQ(test, xenpv_grant_resume(), 0);
	room_advance(3000);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	KUNIT_EXPECT_GE(test, handle, 0);

	/* This time it is restored elsewhere. */
	xenpv_grant_suspend();
	xenpv_fake_grant_reset();
	KUNIT_EXPECT_EQ(test, xenpv_grant_resume(), 0);
	room_advance(1999);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

static struct kunit_case xsa_396_cases[] = {
	KUNIT_CASE_PARAM(every_order, room_gen_params),
	KUNIT_CASE_PARAM(every_order_of_a_copy, room_gen_params),
	KUNIT_CASE_PARAM(every_order_of_lending_again, room_gen_params),
	KUNIT_CASE_PARAM(a_million_revokes, room_gen_params),
	KUNIT_CASE_PARAM(peer_keeps_any_of_a_request, room_gen_params),
	KUNIT_CASE_PARAM(peer_keeps_a_page_of_a_ring, room_gen_params),
	KUNIT_CASE_PARAM(held_over_a_suspend, room_gen_params),
	{}
};

static struct kunit_suite xsa_396_suite = {
	.name = "xsa_396_grants",
	.test_cases = xsa_396_cases,
};
kunit_test_suite(xsa_396_suite);
