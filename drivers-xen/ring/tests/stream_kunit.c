// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of byte streams: order, wrap, full and empty, and a peer that lies.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include <xenpv/stream.h>

#define SIZE	16

/**
 * struct wire - a shared page, and our end as the test sees it
 * @page: what both sides can write; the test plays the peer on it
 * @s: our end
 */
struct wire {
	struct {
		char data[SIZE];
		u32 cons;
		u32 prod;
	} page;
	struct xenpv_stream s;
};

static void open_at(struct wire *w, enum xenpv_stream_end end, u32 index)
{
	w->page.cons = index;
	w->page.prod = index;
	xenpv_stream_init(&w->s, end, (char __xen_shared __force *)w->page.data,
			  SIZE, (u32 __xen_shared __force *)&w->page.prod,
			  (u32 __xen_shared __force *)&w->page.cons);
}

static struct wire *wire_new(struct kunit *test, enum xenpv_stream_end end)
{
	struct wire *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	open_at(w, end, 0);
	return w;
}

/* The peer as writer. */
static void peer_puts(struct wire *w, const char *text)
{
	while (*text)
		w->page.data[w->page.prod++ % SIZE] = *text++;
}

static void write_until_full(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);

	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "0123456789", 10), 10);
	KUNIT_EXPECT_EQ(test, w->page.prod, 10);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "0123456789", 10), 6);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "x", 1), 0);
	KUNIT_EXPECT_EQ(test, memcmp(w->page.data, "0123456789012345", SIZE), 0);

	w->page.cons += 3;
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "abcdef", 6), 3);
	KUNIT_EXPECT_EQ(test, memcmp(w->page.data, "abc3456789012345", SIZE), 0);
	KUNIT_EXPECT_FALSE(test, xenpv_stream_broken(&w->s));
}

static void read_until_empty(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[SIZE] = {};

	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), 0);
	peer_puts(w, "hello");
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), 5);
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, 2), 2);
	KUNIT_EXPECT_EQ(test, w->page.cons, 2);
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf + 2, SIZE), 3);
	KUNIT_EXPECT_STREQ(test, buf, "hello");
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), 0);
}

/* The page in another place, where our index is not what it was: we go on. */
static void remap_goes_on(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);
	struct wire *other = wire_new(test, XENPV_STREAM_WRITER);

	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "abc", 3), 3);
	other->page.prod = 9;
	xenpv_stream_remap(&w->s, (char __xen_shared __force *)other->page.data,
			   (u32 __xen_shared __force *)&other->page.prod,
			   (u32 __xen_shared __force *)&other->page.cons);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "d", 1), 1);
	KUNIT_EXPECT_EQ(test, other->page.prod, 4);
	KUNIT_EXPECT_EQ(test, other->page.data[3], 'd');
	KUNIT_EXPECT_EQ(test, w->page.prod, 3);

	other->page.cons = 5;
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "e", 1), -EPROTO);
	xenpv_stream_remap(&w->s, (char __xen_shared __force *)w->page.data,
			   (u32 __xen_shared __force *)&w->page.prod,
			   (u32 __xen_shared __force *)&w->page.cons);
	KUNIT_EXPECT_TRUE(test, xenpv_stream_broken(&w->s));
}

static void length_zero(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);

	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "", 0), 0);
	KUNIT_EXPECT_EQ(test, w->page.prod, 0);
}

/* Every start of the index around the 32-bit wrap, every length. */
static void index_wraps(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);
	static const char text[] = "abcdefghijklmnop";
	u32 start, len;

	for (start = -2 * SIZE; start != 2 * SIZE; start++) {
		for (len = 1; len <= SIZE; len++) {
			open_at(w, XENPV_STREAM_WRITER, start);
			KUNIT_ASSERT_EQ(test, xenpv_stream_write(&w->s, text, len), len);
			KUNIT_ASSERT_EQ(test, w->page.prod, start + len);
			for (u32 i = 0; i < len; i++)
				KUNIT_ASSERT_EQ(test, w->page.data[(start + i) % SIZE], text[i]);
		}
	}
}

static void read_wraps(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[SIZE + 1] = {};
	u32 start;

	for (start = -2 * SIZE; start != 2 * SIZE; start++) {
		open_at(w, XENPV_STREAM_READER, start);
		peer_puts(w, "abcdefghijklmnop");
		KUNIT_ASSERT_EQ(test, xenpv_stream_read(&w->s, buf, sizeof(buf)), SIZE);
		KUNIT_ASSERT_STREQ(test, buf, "abcdefghijklmnop");
		KUNIT_ASSERT_EQ(test, w->page.cons, start + SIZE);
	}
}

static void init_continues(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[4] = {};

	open_at(w, XENPV_STREAM_READER, 1000);
	peer_puts(w, "abc");
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, 4), 3);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
}

/* A writer that claims more than the buffer holds. */
static void read_beyond_producer(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[SIZE];

	w->page.prod = SIZE + 1;
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), -EPROTO);
	KUNIT_EXPECT_TRUE(test, xenpv_stream_broken(&w->s));
	KUNIT_EXPECT_EQ(test, w->page.cons, 0);
}

/* A reader that claims to have read what we have not written. */
static void write_consumer_ahead(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);

	w->page.cons = 1;
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "a", 1), -EPROTO);
	KUNIT_EXPECT_TRUE(test, xenpv_stream_broken(&w->s));
	KUNIT_EXPECT_EQ(test, w->page.prod, 0);
}

/* A peer whose index goes back. */
static void index_goes_back(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[SIZE];

	peer_puts(w, "abcd");
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), 4);
	w->page.prod = 3;
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), -EPROTO);

	open_at(w, XENPV_STREAM_WRITER, 0);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "abcd", 4), 4);
	w->page.cons = -1;
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), SIZE - 5);
	w->page.cons = 4 - SIZE - 1;
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), -EPROTO);
}

/* Broken stays broken, even when the page looks right again. */
static void broken_is_sticky(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	char buf[SIZE];

	w->page.prod = -1;
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), -EPROTO);
	w->page.prod = 0;
	peer_puts(w, "abc");
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), -EPROTO);
	KUNIT_EXPECT_EQ(test, xenpv_stream_read(&w->s, buf, SIZE), -EPROTO);
	KUNIT_EXPECT_EQ(test, w->page.cons, 0);
}

/* The peer writes our index: we neither look nor care. */
static void own_index_overwritten(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);

	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "abc", 3), 3);
	w->page.prod = 0xdeadbeef;
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "def", 3), 3);
	KUNIT_EXPECT_EQ(test, w->page.prod, 6);
	KUNIT_EXPECT_EQ(test, memcmp(w->page.data, "abcdef", 6), 0);

	open_at(w, XENPV_STREAM_READER, 0);
	peer_puts(w, "xyz");
	w->page.cons = 77;
	KUNIT_EXPECT_EQ(test, xenpv_stream_ready(&w->s), 3);
}

/* Every distance of the two indices, from both ends: 0 to SIZE is true, no other is. */
static void ready_every_distance(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_READER);
	static const u32 starts[] = { 0, -1, -SIZE, 0x7ffffff8 };

	for (int s = 0; s < ARRAY_SIZE(starts); s++) {
		for (s32 d = -3 * SIZE; d <= 3 * SIZE; d++) {
			bool fine = d >= 0 && d <= SIZE;

			open_at(w, XENPV_STREAM_READER, starts[s]);
			w->page.prod = starts[s] + d;
			KUNIT_ASSERT_EQ(test, xenpv_stream_ready(&w->s), fine ? d : -EPROTO);
			KUNIT_ASSERT_EQ(test, xenpv_stream_broken(&w->s), !fine);

			open_at(w, XENPV_STREAM_WRITER, starts[s]);
			w->page.cons = starts[s] - d;
			KUNIT_ASSERT_EQ(test, xenpv_stream_ready(&w->s), fine ? SIZE - d : -EPROTO);
			KUNIT_ASSERT_EQ(test, xenpv_stream_broken(&w->s), !fine);
		}
	}
}

/* A broken writer stores nothing any more, neither bytes nor its index. */
static void broken_stores_nothing(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);

	w->page.cons = 5;
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "a", 1), -EPROTO);
	w->page.cons = 0;
	memset(w->page.data, 0xa5, SIZE);
	KUNIT_EXPECT_EQ(test, xenpv_stream_write(&w->s, "abc", 3), -EPROTO);
	KUNIT_EXPECT_NULL(test, memchr_inv(w->page.data, 0xa5, SIZE));
	KUNIT_EXPECT_EQ(test, w->page.prod, 0);
}

/* Both of our ends on one page: what goes in comes out, in pieces of any length. */
static void random_pieces(struct kunit *test)
{
	struct wire *w = wire_new(test, XENPV_STREAM_WRITER);
	struct xenpv_stream reader;
	struct rnd_state rnd;
	u8 sent = 0, heard = 0;
	u32 waiting = 0;

	prandom_seed_state(&rnd, 155);
	xenpv_stream_init(&reader, XENPV_STREAM_READER, w->s.data, SIZE,
			  (u32 __xen_shared __force *)&w->page.prod,
			  (u32 __xen_shared __force *)&w->page.cons);
	for (int i = 0; i < 20000; i++) {
		u32 len = prandom_u32_state(&rnd) % (SIZE + 4), n;
		u8 piece[SIZE + 4];

		if (i & 1) {
			for (u32 k = 0; k < len; k++)
				piece[k] = sent + k;
			n = min(len, SIZE - waiting);
			KUNIT_ASSERT_EQ(test, xenpv_stream_write(&w->s, piece, len), n);
			waiting += n;
			sent += n;
		} else {
			n = min(len, waiting);
			KUNIT_ASSERT_EQ(test, xenpv_stream_read(&reader, piece, len), n);
			waiting -= n;
			for (u32 k = 0; k < n; k++)
				KUNIT_ASSERT_EQ(test, piece[k], heard++);
		}
	}
}

static struct kunit_case stream_cases[] = {
	KUNIT_CASE(write_until_full),
	KUNIT_CASE(read_until_empty),
	KUNIT_CASE(length_zero),
	KUNIT_CASE(index_wraps),
	KUNIT_CASE(read_wraps),
	KUNIT_CASE(init_continues),
	KUNIT_CASE(remap_goes_on),
	KUNIT_CASE(read_beyond_producer),
	KUNIT_CASE(write_consumer_ahead),
	KUNIT_CASE(index_goes_back),
	KUNIT_CASE(broken_is_sticky),
	KUNIT_CASE(own_index_overwritten),
	KUNIT_CASE(ready_every_distance),
	KUNIT_CASE(broken_stores_nothing),
	KUNIT_CASE(random_pieces),
	{}
};

static struct kunit_suite stream_suite = {
	.name = "xenpv_stream",
	.test_cases = stream_cases,
};
kunit_test_suite(stream_suite);

MODULE_DESCRIPTION("KUnit tests for Xen byte streams");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
