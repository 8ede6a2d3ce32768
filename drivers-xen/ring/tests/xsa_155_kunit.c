// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replay of XSA-155: a shared field that is read twice can change between the check
 * and the use.  The peer here changes each field at every access to it.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <xen/interface/io/console.h>

#include <xenpv/stream.h>

#include "../../fake/fake.h"
#include "fields.h"
#include "peer.h"

#define SIZE_MAX_MESSAGE	128
#define FLIPS			1000
#define PATIENCE		(20 * HZ)

/**
 * struct scene - a message on its way, and a peer that changes a part of it
 * @ring: our end, if it comes through a ring
 * @stream: our end, if it comes through a stream
 * @page: the shared page
 * @at: the message in it
 * @m: which message
 * @first: first byte of the part
 * @bytes: length of the part
 * @value: what the peer put there for the last access
 * @served: what was there when a byte of the part was loaded first
 * @loads: how often each byte of the message was loaded
 * @flip: values to choose from, or NULL: another one at each access
 * @turns: accesses to the part
 */
struct scene {
	struct xenpv_ring ring;
	struct xenpv_stream stream;
	void *page;
	u8 *at;
	const struct message *m;
	size_t first;
	size_t bytes;
	u8 value[SIZE_MAX_MESSAGE];
	u8 served[SIZE_MAX_MESSAGE];
	unsigned int loads[SIZE_MAX_MESSAGE];
	const u64 *flip;
	unsigned int turns;
};

/* Before an access to @n bytes at @offset of the message. */
static void change(struct scene *s, size_t offset, size_t n)
{
	if (offset >= s->first + s->bytes || offset + n <= s->first)
		return;
	if (s->flip)
		memcpy(s->value, &s->flip[xenpv_fake_rand(2)], min(s->bytes, sizeof(u64)));
	else
		memset(s->value, 0x51 + 0x3d * s->turns, s->bytes);
	s->turns++;
	memcpy(s->at + s->first, s->value, s->bytes);
}

static void hostile(const struct xenpv_fake_access *access, void *arg)
{
	struct scene *s = arg;
	size_t offset = (u8 *)access->where - s->at;

	if ((u8 *)access->where < s->at || offset >= s->m->size ||
	    access->kind == XENPV_SHARED_STORE)
		return;

	change(s, offset, access->size);
	for (size_t i = offset; i < offset + access->size && i < s->m->size; i++)
		if (!s->loads[i]++)
			s->served[i] = s->at[i];
}

/* A page with one message of @type that waits for us. */
static void await_message(struct kunit *test, struct scene *s, enum message_type type)
{
	struct xenpv_ring_page *page = s->page;
	void __xen_shared *shared = (void __xen_shared __force *)s->page;

	s->m = &messages[type];
	KUNIT_ASSERT_LE(test, s->m->size, SIZE_MAX_MESSAGE);
	s->at = (u8 *)(page + 1);
	switch (s->m->way) {
	case WAY_REQUEST:
		memset(page, 0, sizeof(*page));
		KUNIT_ASSERT_EQ(test, xenpv_ring_back_init(&s->ring, shared, 1, &s->m->shape), 0);
		page->req_prod = 1;
		break;
	case WAY_RESPONSE:
		KUNIT_ASSERT_EQ(test, xenpv_ring_front_init(&s->ring, s->page, 1, &s->m->shape), 0);
		KUNIT_ASSERT_EQ(test, xenpv_ring_put(&s->ring, s->value), 0);
		xenpv_ring_push(&s->ring);
		page->rsp_prod = 1;
		break;
	case WAY_PAGE:
		break;
	case WAY_STREAM:
		page->req_prod = page->rsp_prod = 0;
		xenpv_stream_init(&s->stream, XENPV_STREAM_READER,
				  (char __xen_shared __force *)s->at, 1024,
				  (u32 __xen_shared __force *)&page->req_prod,
				  (u32 __xen_shared __force *)&page->rsp_prod);
		page->req_prod = s->m->size;
		break;
	}
	memset(s->loads, 0, sizeof(s->loads));
	s->turns = 0;
}

/* As the room that owns the message takes it. */
static int take_message(struct scene *s, void *copy)
{
	switch (s->m->way) {
	case WAY_REQUEST:
	case WAY_RESPONSE:
		return xenpv_ring_get(&s->ring, copy);
	case WAY_PAGE:
		xenpv_shared_copy_in(copy, (void __xen_shared __force *)s->at, s->m->size);
		return 1;
	default:
		return xenpv_stream_read(&s->stream, copy, s->m->size) == s->m->size;
	}
}

static struct scene *scene_new(struct kunit *test)
{
	struct scene *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->page = peer_pages(test, 1);
	return s;
}

/* Each byte of each message is loaded once; a field has the first value that was there. */
static void every_field_once(struct kunit *test)
{
	struct scene *s = scene_new(test);
	u8 copy[SIZE_MAX_MESSAGE];

	for (int i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		const char *of = messages[f->type].name;

		xenpv_fake_peer(NULL, NULL);
		await_message(test, s, f->type);
		s->first = f->offset;
		s->bytes = f->size;
		xenpv_fake_peer(hostile, s);
		KUNIT_ASSERT_EQ(test, take_message(s, copy), 1);
		KUNIT_EXPECT_GT_MSG(test, s->turns, 0, "%s.%s was not read", of, f->name);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(copy + f->offset, s->served + f->offset, f->size),
				    0, "%s.%s is not what was there first", of, f->name);
		for (int k = 0; k < s->m->size; k++)
			KUNIT_EXPECT_EQ_MSG(test, s->loads[k], 1, "%s, byte %d", of, k);
	}
}

static u64 value_of(const void *from, const struct field *f)
{
	u64 value = 0;

	memcpy(&value, from + f->offset, min(f->size, sizeof(value)));
	return value;
}

/* What a codec says must be what the first look said, as often as the field flips. */
static void verdict_of_first_look(struct kunit *test)
{
	struct scene *s = scene_new(test);
	u8 copy[SIZE_MAX_MESSAGE];
	unsigned int good = 0, bad = 0;

	for (int i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		u64 flip[2] = { f->good, f->bad };

		if (!f->bad)
			continue;
		s->first = f->offset;
		s->bytes = f->size;
		s->flip = flip;
		for (int n = 0; n < FLIPS; n++) {
			xenpv_fake_peer(NULL, NULL);
			await_message(test, s, f->type);
			xenpv_fake_peer(hostile, s);
			KUNIT_ASSERT_EQ(test, take_message(s, copy), 1);
			KUNIT_ASSERT_EQ_MSG(test, value_of(copy, f), value_of(s->served, f),
					    "%s.%s", messages[f->type].name, f->name);
			if (value_of(copy, f) == f->good)
				good++;
			else
				bad++;
		}
	}
	KUNIT_EXPECT_GT(test, good, FLIPS);
	KUNIT_EXPECT_GT(test, bad, FLIPS);
}

/**
 * struct words - a ring whose peer changes the words of the page
 * @page: the page
 * @value: what the word at an access becomes
 * @word: which one
 * @loads: how often each was read
 */
struct words {
	struct xenpv_ring_page *page;
	u32 value[3];
	u32 *word;
	unsigned int loads[4];
};

static void change_word(const struct xenpv_fake_access *access, void *arg)
{
	struct words *w = arg;
	size_t nr = (u32 *)access->where - (u32 *)w->page;

	if (access->kind == XENPV_SHARED_STORE || nr >= 4)
		return;
	if (access->where == w->word)
		*w->word = w->value[min(w->loads[nr], 2U)];
	w->loads[nr]++;
}

/* The first index is fine, the next ones are lies: only the first may count. */
static void index_once(struct kunit *test)
{
	static const u32 values[][3] = { { 1, -1, 99999 }, { 0, 1, -5 }, { -7, 1, 1 } };
	static const int want[] = { 1, 0, -EPROTO };
	struct words w = { .page = peer_pages(test, 1) };
	struct xenpv_ring ring;
	u8 copy[SIZE_MAX_MESSAGE] = {};

	for (int i = 0; i < ARRAY_SIZE(values); i++) {
		for (int front = 0; front <= 1; front++) {
			const struct xenpv_ring_shape *shape = &messages[MESSAGE_tx_request].shape;

			xenpv_fake_peer(NULL, NULL);
			KUNIT_ASSERT_EQ(test, xenpv_ring_front_init(&ring, w.page, 1, shape), 0);
			if (front) {
				KUNIT_ASSERT_EQ(test, xenpv_ring_put(&ring, copy), 0);
				xenpv_ring_push(&ring);
			} else {
				xenpv_ring_back_init(&ring, (void __xen_shared __force *)w.page,
						     1, shape);
			}
			w.word = front ? &w.page->rsp_prod : &w.page->req_prod;
			memcpy(w.value, values[i], sizeof(w.value));
			memset(w.loads, 0, sizeof(w.loads));
			xenpv_fake_peer(change_word, &w);
			KUNIT_EXPECT_EQ(test, xenpv_ring_get(&ring, copy), want[i]);
			KUNIT_EXPECT_EQ(test, w.loads[front ? 2 : 0], 1);
			KUNIT_EXPECT_EQ(test, w.loads[front ? 0 : 2], 0);
			KUNIT_EXPECT_EQ(test, w.loads[1] + w.loads[3], 0);
		}
	}
}

/* push looks at the peer's wish once, arm at its index once; none at what we wrote. */
static void verbs_look_once(struct kunit *test)
{
	struct words w = { .page = peer_pages(test, 1) };
	const struct xenpv_ring_shape *shape = &messages[MESSAGE_tx_request].shape;
	struct xenpv_ring ring;
	u8 copy[SIZE_MAX_MESSAGE] = {};

	KUNIT_ASSERT_EQ(test, xenpv_ring_front_init(&ring, w.page, 1, shape), 0);
	xenpv_fake_peer(change_word, &w);
	KUNIT_EXPECT_EQ(test, xenpv_ring_put(&ring, copy), 0);
	KUNIT_EXPECT_EQ(test, xenpv_ring_room(&ring), ring.nr_slots - 1);
	KUNIT_EXPECT_EQ(test, w.loads[0] + w.loads[1] + w.loads[2] + w.loads[3], 0);

	/* Wish to be told of message 1, then of none. */
	w.word = &w.page->req_event;
	w.value[0] = 1;
	w.value[1] = w.value[2] = 50;
	KUNIT_EXPECT_TRUE(test, xenpv_ring_push(&ring));
	KUNIT_EXPECT_EQ(test, w.loads[1], 1);
	KUNIT_EXPECT_EQ(test, w.loads[0] + w.loads[2] + w.loads[3], 0);

	w.word = &w.page->rsp_prod;
	w.value[0] = 0;
	w.value[1] = w.value[2] = 1;
	KUNIT_EXPECT_FALSE(test, xenpv_ring_arm(&ring));
	KUNIT_EXPECT_EQ(test, w.loads[2], 1);
	KUNIT_EXPECT_EQ(test, w.loads[0] + w.loads[3], 0);
}

/* The indices of console and xenstore, both directions: the first look counts. */
static void stream_index_once(struct kunit *test)
{
	static const u32 sizes[] = {
		sizeof_field(struct xencons_interface, in),
		sizeof_field(struct xencons_interface, out),
		XENSTORE_RING_SIZE,
	};
	struct words w = { .page = peer_pages(test, 1) };
	struct xenpv_stream s;
	char byte = 0;

	for (int i = 0; i < ARRAY_SIZE(sizes) * 2; i++) {
		enum xenpv_stream_end end = i % 2 ? XENPV_STREAM_READER : XENPV_STREAM_WRITER;

		xenpv_fake_peer(NULL, NULL);
		memset(w.page, 0, sizeof(*w.page));
		xenpv_stream_init(&s, end, (char __xen_shared __force *)(w.page + 1), sizes[i / 2],
				  (u32 __xen_shared __force *)&w.page->req_prod,
				  (u32 __xen_shared __force *)&w.page->rsp_prod);
		w.word = i % 2 ? &w.page->req_prod : &w.page->rsp_prod;
		w.value[0] = i % 2 ? 1 : 0;
		w.value[1] = w.value[2] = sizes[i / 2] + 1;
		memset(w.loads, 0, sizeof(w.loads));
		xenpv_fake_peer(change_word, &w);
		if (i % 2)
			KUNIT_EXPECT_EQ(test, xenpv_stream_read(&s, &byte, 1), 1);
		else
			KUNIT_EXPECT_EQ(test, xenpv_stream_write(&s, &byte, 1), 1);
		KUNIT_EXPECT_EQ(test, w.loads[i % 2 ? 0 : 2], 1);
		KUNIT_EXPECT_EQ(test, w.loads[i % 2 ? 2 : 0], 0);
		KUNIT_EXPECT_FALSE(test, xenpv_stream_broken(&s));
	}
}

static int xsa_155_init(struct kunit *test)
{
	xenpv_fake_start(test);
	return 0;
}

static struct kunit_case xsa_155_cases[] = {
	KUNIT_CASE(every_field_once),
	KUNIT_CASE(verdict_of_first_look),
	KUNIT_CASE(index_once),
	KUNIT_CASE(verbs_look_once),
	KUNIT_CASE(stream_index_once),
	{}
};

static struct kunit_suite xsa_155_suite = {
	.name = "xsa_155",
	.init = xsa_155_init,
	.test_cases = xsa_155_cases,
};

/*
 * The same with a peer that runs on another CPU: here nothing stands between the two,
 * neither the fake nor any order but that of the processor.
 */
#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xsa_155_cpus."
static unsigned long rounds = 20000;
module_param(rounds, ulong, 0400);

/**
 * struct flipper - the CPU that changes a field
 * @work: on that CPU
 * @stop: the test has seen enough
 * @at: the field
 * @bytes: its length: 1, 2, 4 or 8
 * @values: what it becomes, in turn
 * @flips: how often it changed, in all games
 */
struct flipper {
	struct work_struct work;
	bool stop;
	void *at;
	size_t bytes;
	u64 values[2];
	unsigned long flips;
};

static void flip_once(struct flipper *f, u64 value)
{
	switch (f->bytes) {
	case 1:
		WRITE_ONCE(*(u8 *)f->at, value);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)f->at, value);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)f->at, value);
		break;
	default:
		WRITE_ONCE(*(u64 *)f->at, value);
	}
}

static void flip(struct work_struct *work)
{
	struct flipper *f = container_of(work, struct flipper, work);

	for (unsigned int i = 0; !READ_ONCE(f->stop); i++) {
		flip_once(f, f->values[i % 2]);
		f->flips++;
		if (!(i % 1024))
			cond_resched();
	}
}

static void flipper_stop(struct flipper *f)
{
	WRITE_ONCE(f->stop, true);
	flush_work(&f->work);
}

static void flipper_end(void *f)
{
	flipper_stop(f);
}

/* Of the heap, and stopped before anything that the case had before it is freed. */
static struct flipper *flipper_new(struct kunit *test)
{
	struct flipper *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	INIT_WORK(&f->work, flip);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, flipper_end, f), 0);
	return f;
}

static void flipper_start(struct flipper *f, void *at, size_t bytes, u64 first, u64 second)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	f->at = at;
	f->bytes = bytes;
	f->values[0] = first;
	f->values[1] = second;
	WRITE_ONCE(f->stop, false);
	flip_once(f, first);
	schedule_work_on(other, &f->work);
}

/* Each field is loaded as a whole, so there is no third value. */
static void take_once(struct scene *s, const struct field *f, unsigned int seen[3])
{
	u8 copy[SIZE_MAX_MESSAGE];
	u64 value;

	if (take_message(s, copy) != 1) {
		seen[2]++;
		return;
	}
	value = value_of(copy, f);
	seen[value == f->good ? 0 : value == f->bad ? 1 : 2]++;
}

/* The other CPU may come late, if there is much to do outside of the machine. */
static bool go_on(unsigned long n, unsigned long limit, bool saw_all)
{
	return n < rounds || (!saw_all && time_before(jiffies, limit));
}

static void field_flips(struct kunit *test, struct scene *s, const struct field *f,
			struct flipper *flipper)
{
	unsigned long limit = jiffies + PATIENCE;
	unsigned int seen[3] = {};

	/* A front's own request lies where the answer comes. */
	memcpy(s->value + f->offset, &f->good, f->size);
	await_message(test, s, f->type);
	flipper_start(flipper, s->at + f->offset, f->size, f->good, f->bad);
	for (unsigned long n = 0; go_on(n, limit, seen[0] && seen[1]); n++) {
		await_message(test, s, f->type);
		take_once(s, f, seen);
		if (!(n % 256))
			cond_resched();
	}
	flipper_stop(flipper);
	KUNIT_EXPECT_EQ_MSG(test, seen[2], 0, "%s.%s was a third value",
			    messages[f->type].name, f->name);
	KUNIT_EXPECT_GT_MSG(test, seen[0], 0, "%s.%s", messages[f->type].name, f->name);
	KUNIT_EXPECT_GT_MSG(test, seen[1], 0, "%s.%s", messages[f->type].name, f->name);
}

static void fields_flip(struct kunit *test)
{
	struct scene *s = scene_new(test);
	struct flipper *flipper = flipper_new(test);

	/* Of a stream we take bytes: there the peer can write any value anyway. */
	for (int i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].bad && messages[fields[i].type].way != WAY_STREAM)
			field_flips(test, s, &fields[i], flipper);
	kunit_info(test, "%lu flips", flipper->flips);
}

/* A wild index breaks the ring, one message is one message, and nothing else happens. */
static void index_flips(struct kunit *test)
{
	const struct xenpv_ring_shape *shape = &messages[MESSAGE_tx_request].shape;
	struct xenpv_ring_page *page = peer_pages(test, 1);
	unsigned long limit = jiffies + PATIENCE;
	unsigned int good = 0, broken = 0;
	u8 copy[SIZE_MAX_MESSAGE];
	struct xenpv_ring ring;
	struct flipper *f = flipper_new(test);

	xenpv_ring_back_init(&ring, (void __xen_shared __force *)page, 1, shape);
	flipper_start(f, &page->req_prod, sizeof(page->req_prod), 1, ring.nr_slots + 1);
	for (unsigned long n = 0; go_on(n, limit, good && broken); n++) {
		int first, second;

		xenpv_ring_back_init(&ring, (void __xen_shared __force *)page, 1, shape);
		first = xenpv_ring_get(&ring, copy);
		second = xenpv_ring_get(&ring, copy);
		good += first == 1;
		broken += first == -EPROTO;
		/* Nothing before the first flip. */
		if (first == 1)
			KUNIT_ASSERT_TRUE(test, second == 0 || second == -EPROTO);
		else if (first)
			KUNIT_ASSERT_TRUE(test, first == -EPROTO && second == -EPROTO);
		KUNIT_ASSERT_LE(test, ring.got, 1);
		if (!(n % 256))
			cond_resched();
	}
	flipper_stop(f);
	KUNIT_EXPECT_GT(test, good, 0);
	KUNIT_EXPECT_GT(test, broken, 0);
}

static int xsa_155_cpus_init(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	return 0;
}

static struct kunit_case xsa_155_cpus_cases[] = {
	KUNIT_CASE_SLOW(fields_flip),
	KUNIT_CASE_SLOW(index_flips),
	{}
};

static struct kunit_suite xsa_155_cpus_suite = {
	.name = "xsa_155_cpus",
	.init = xsa_155_cpus_init,
	.test_cases = xsa_155_cpus_cases,
};

kunit_test_suites(&xsa_155_suite, &xsa_155_cpus_suite);

MODULE_DESCRIPTION("Replay of XSA-155 on rings and streams");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
