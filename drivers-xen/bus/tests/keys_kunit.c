// SPDX-License-Identifier: GPL-2.0-only
/* Tests of tables of keys: what peers may write and what they may not. */

#include <linux/module.h>
#include <linux/string.h>

#include "room.h"

#define DIR	"/local/domain/7/x"

struct facts {
	u32 port;
	u64 sectors;
	u16 order;
	u8 small;
	bool flush;
	char mode[4];
	u8 mac[ETH_ALEN];
	u32 nr;
	u32 refs[4];
	u32 untouched;
};

static const struct xenpv_key keys[] = {
	XENPV_KEY_NUMBER(struct facts, port, "port", 1, 4095),
	XENPV_KEY_NUMBER(struct facts, sectors, "sectors", 0, U64_MAX),
	XENPV_KEY_UP_TO(struct facts, order, "order", 0, 4, 2),
	XENPV_KEY_MAYBE(struct facts, small, "small", 3, 255, 7),
	XENPV_KEY_FEATURE(struct facts, flush, "feature-flush"),
	XENPV_KEY_TEXT(struct facts, mode, "mode", 1, true),
	XENPV_KEY_MAC(struct facts, mac, "mac"),
	XENPV_KEY_NUMBER(struct facts, nr, "nr", 0, 9),
	XENPV_KEY_MANY(struct facts, refs, nr, "ref", 1, U32_MAX),
};

static void set(const char *key, const char *value)
{
	bus_test_set(DIR, key, value);
}

static void set_good(void)
{
	set("port", "17");
	set("sectors", "18446744073709551615");
	set("order", "3");
	set("small", "200");
	set("feature-flush", "1");
	set("mode", "rw");
	set("mac", "00:16:3e:Aa:0b:ff");
	set("nr", "2");
	set("ref0", "8");
	set("ref1", "9");
}

static int read(struct facts *facts, struct xenpv_key_error *error)
{
	return xenpv_keys_read(NULL, DIR, NULL, XENPV_KEYS(struct facts, keys), facts, error);
}

static void good(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 0x00, 0x16, 0x3e, 0xaa, 0x0b, 0xff };
	struct facts facts = { .untouched = 5 };
	struct xenpv_key_error error;

	set_good();
	KUNIT_ASSERT_EQ(test, read(&facts, &error), 0);
	KUNIT_EXPECT_EQ(test, facts.port, 17);
	KUNIT_EXPECT_EQ(test, facts.sectors, U64_MAX);
	KUNIT_EXPECT_EQ(test, facts.order, 3);
	KUNIT_EXPECT_EQ(test, facts.small, 200);
	KUNIT_EXPECT_TRUE(test, facts.flush);
	KUNIT_EXPECT_STREQ(test, facts.mode, "rw");
	KUNIT_EXPECT_MEMEQ(test, facts.mac, mac, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, facts.nr, 2);
	KUNIT_EXPECT_EQ(test, facts.refs[0], 8);
	KUNIT_EXPECT_EQ(test, facts.refs[1], 9);
	KUNIT_EXPECT_EQ(test, facts.untouched, 5);
}

static void missing(struct kunit *test)
{
	static const char * const optional[] = { "order", "small", "feature-flush", "mode" };
	static const char * const needed[] = { "port", "sectors", "mac", "nr", "ref0", "ref1" };
	struct xenpv_key_error error;
	struct facts facts = { .mode = "abc", .flush = true };

	set_good();
	for (int i = 0; i < ARRAY_SIZE(optional); i++)
		set(optional[i], NULL);
	KUNIT_ASSERT_EQ(test, read(&facts, &error), 0);
	KUNIT_EXPECT_EQ(test, facts.order, 2);
	KUNIT_EXPECT_EQ(test, facts.small, 7);
	KUNIT_EXPECT_FALSE(test, facts.flush);
	KUNIT_EXPECT_STREQ(test, facts.mode, "");
	for (int i = 0; i < ARRAY_SIZE(needed); i++) {
		set_good();
		set(needed[i], NULL);
		KUNIT_EXPECT_EQ(test, read(&facts, &error), -ENOENT);
		KUNIT_EXPECT_STREQ(test, error.name, needed[i]);
		KUNIT_EXPECT_STREQ(test, error.what, "missing");
	}
}

/* A value that must not be believed, and what is said about it. */
struct lie {
	const char *key;
	const char *value;
	const char *what;
};

static const struct lie lies[] = {
	{ "port", "", "not a number" },
	{ "port", "0", "out of range" },
	{ "port", "4096", "out of range" },
	{ "port", "-1", "not a number" },
	{ "port", "+1", "not a number" },
	{ "port", " 1", "not a number" },
	{ "port", "1 ", "not a number" },
	{ "port", "1\n", "not a number" },
	{ "port", "1\n2", "not a number" },
	{ "port", "0x11", "not a number" },
	{ "port", "1e3", "not a number" },
	{ "port", "1.0", "not a number" },
	{ "port", "four", "not a number" },
	{ "port", "\xd9\xa1", "not a number" },
	{ "port", "4294967297", "out of range" },
	{ "port", "18446744073709551617", "out of range" },
	{ "port", "99999999999999999999999999999999999999", "out of range" },
	{ "sectors", "18446744073709551616", "out of range" },
	{ "sectors", "28446744073709551615", "out of range" },
	{ "sectors", "-1", "not a number" },
	{ "small", "2", "out of range" },
	{ "small", "256", "out of range" },
	{ "small", "259", "out of range" },
	{ "order", "-1", "not a number" },
	{ "order", "x", "not a number" },
	{ "feature-flush", "2", "neither 0 nor 1" },
	{ "feature-flush", "-1", "neither 0 nor 1" },
	{ "feature-flush", "", "neither 0 nor 1" },
	{ "feature-flush", "true", "neither 0 nor 1" },
	{ "mode", "", "too short" },
	{ "mode", "rwrw", "too long" },
	{ "mode", "r\n", "not a text" },
	{ "mode", "r\x01", "not a text" },
	{ "mode", "\xff", "not a text" },
	{ "mode", "\x7f", "not a text" },
	{ "mac", "", "not an address" },
	{ "mac", "00:16:3e:aa:0b:f", "not an address" },
	{ "mac", "00:16:3e:aa:0b:ff0", "not an address" },
	{ "mac", "00-16-3e-aa-0b-ff", "not an address" },
	{ "mac", "00:16:3e:aa:0b:fg", "not an address" },
	{ "mac", "0x:16:3e:aa:0b:ff", "not an address" },
	{ "mac", "00:00:00:00:00:00", "not an address of an interface" },
	{ "mac", "ff:ff:ff:ff:ff:ff", "not an address of an interface" },
	{ "mac", "01:16:3e:aa:0b:ff", "not an address of an interface" },
	{ "nr", "10", "out of range" },
	{ "ref1", "0", "out of range" },
	{ "ref0", "4294967296", "out of range" },
};

/* The structure is as it was, whatever came before the bad key. */
static void expect_lie(struct kunit *test, const struct lie *lie)
{
	struct facts facts, before;
	struct xenpv_key_error error;

	memset(&facts, 0xa5, sizeof(facts));
	memcpy(&before, &facts, sizeof(facts));
	set_good();
	set(lie->key, lie->value);
	KUNIT_EXPECT_EQ_MSG(test, read(&facts, &error), -EPROTO, "%s=%s", lie->key, lie->value);
	KUNIT_EXPECT_STREQ(test, error.name, lie->key);
	KUNIT_EXPECT_STREQ(test, error.what ?: "", lie->what);
	KUNIT_EXPECT_MEMEQ(test, &facts, &before, sizeof(facts));
}

static void lied_to(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(lies); i++)
		expect_lie(test, &lies[i]);
}

/* The longest that a daemon can send; with NUL bytes; every byte of a number. */
static bool nul_inside(struct xsd_sockmsg *head, char *body, void *arg)
{
	if (head->type == XS_READ && head->len)
		body[head->len / 2] = '\0';
	return true;
}

static void odd_bytes(struct kunit *test)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	char two[3] = "11";

	memset(text, '1', XENSTORE_PAYLOAD_MAX);
	expect_lie(test, &(struct lie){ "port", text, "out of range" });
	expect_lie(test, &(struct lie){ "mode", text, "too long" });
	expect_lie(test, &(struct lie){ "mac", text, "not an address" });
	expect_lie(test, &(struct lie){ "feature-flush", text, "neither 0 nor 1" });
	for (unsigned int byte = 1; byte < 256; byte++) {
		two[1] = byte;
		if (byte < '0' || byte > '9')
			expect_lie(test, &(struct lie){ "port", two, "not a number" });
	}
	xenpv_fake_store_lie(nul_inside, NULL);
	expect_lie(test, &(struct lie){ "port", "123", "not a number" });
	xenpv_fake_store_lie(NULL, NULL);
}

static void clamped(struct kunit *test)
{
	static const char * const much[] = {
		"4", "5", "31", "65536", "4294967295", "18446744073709551616",
	};
	struct xenpv_key_error error;
	struct facts facts = { };

	set_good();
	for (int i = 0; i < ARRAY_SIZE(much); i++) {
		set("order", much[i]);
		KUNIT_EXPECT_EQ(test, read(&facts, &error), 0);
		KUNIT_EXPECT_EQ(test, facts.order, 4);
	}
}

/* More than there is room for: nothing is written past the array. */
static void too_many(struct kunit *test)
{
	struct xenpv_key_error error;
	struct facts facts = { .untouched = 5 };

	set_good();
	set("nr", "5");
	for (int i = 0; i < 5; i++) {
		char name[8];

		scnprintf(name, sizeof(name), "ref%d", i);
		set(name, "77");
	}
	KUNIT_EXPECT_EQ(test, read(&facts, &error), -EPROTO);
	KUNIT_EXPECT_STREQ(test, error.name, "ref");
	KUNIT_EXPECT_STREQ(test, error.what, "too many");
	KUNIT_EXPECT_EQ(test, facts.untouched, 5);
	set("nr", "4");
	KUNIT_EXPECT_EQ(test, read(&facts, &error), 0);
	KUNIT_EXPECT_EQ(test, facts.refs[3], 77);
	set("nr", "0");
	KUNIT_EXPECT_EQ(test, read(&facts, &error), 0);
}

/* What is written can be read, also in a directory of its own. */
static void written(struct kunit *test)
{
	static const struct facts out = {
		.port = 4095, .sectors = 1, .order = 4, .small = 255, .flush = true,
		.mode = "abc", .mac = { 2, 0, 0, 0, 0, 1 }, .nr = 1, .refs = { 3 },
	};
	struct xenpv_key_error error;
	struct facts in;

	/* Compared as bytes. */
	memset(&in, 0, sizeof(in));
	KUNIT_ASSERT_EQ(test, xenpv_keys_write(NULL, "x", "queue-0",
					       XENPV_KEYS(struct facts, keys), &out), 0);
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/x/queue-0", "mac"), "02:00:00:00:00:01");
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/x/queue-0", "ref0"), "3");
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/x/queue-0", "ref1"), "");
	KUNIT_ASSERT_EQ(test, xenpv_keys_read(NULL, "x", "queue-0",
					      XENPV_KEYS(struct facts, keys), &in, &error), 0);
	KUNIT_EXPECT_MEMEQ(test, &in, &out, sizeof(in));
}

/* In a transaction: all or nothing. */
static int write_and_fail(struct xenpv_store_txn *txn, void *arg)
{
	int ret = xenpv_keys_write(txn, "x", NULL, XENPV_KEYS(struct facts, keys), arg);

	return ret ?: -ECANCELED;
}

static void written_at_once(struct kunit *test)
{
	struct facts out = { .port = 1, .nr = 1, .refs = { 3 } };

	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(write_and_fail, &out), -ECANCELED);
	KUNIT_EXPECT_STREQ(test, bus_test_get(HOME "/x", "port"), "");
	out.nr = 5;
	KUNIT_EXPECT_EQ(test, xenpv_store_transaction(write_and_fail, &out), -ERANGE);
}

static void long_names(struct kunit *test)
{
	static const struct xenpv_key one[] = {
		XENPV_KEY_NUMBER(struct facts, port, "port", 1, 4095),
	};
	char sub[XENPV_KEY_NAME + 8];
	struct xenpv_key_error error;
	struct facts facts = { };

	memset(sub, 'q', sizeof(sub));
	sub[sizeof(sub) - 1] = '\0';
	KUNIT_EXPECT_EQ(test, xenpv_keys_read(NULL, DIR, sub, XENPV_KEYS(struct facts, one),
					      &facts, &error), -ENAMETOOLONG);
	KUNIT_EXPECT_EQ(test, xenpv_keys_write(NULL, "x", sub, XENPV_KEYS(struct facts, one),
					       &facts), -ENAMETOOLONG);
}

static int keys_init(struct kunit *test)
{
	store_test_start(test, true);
	return 0;
}

static struct kunit_case keys_cases[] = {
	KUNIT_CASE(good),
	KUNIT_CASE(missing),
	KUNIT_CASE(lied_to),
	KUNIT_CASE(odd_bytes),
	KUNIT_CASE(clamped),
	KUNIT_CASE(too_many),
	KUNIT_CASE(written),
	KUNIT_CASE(written_at_once),
	KUNIT_CASE(long_names),
	{}
};

static struct kunit_suite keys_suite = {
	.name = "xenpv_keys",
	.init = keys_init,
	.test_cases = keys_cases,
};
kunit_test_suite(keys_suite);

MODULE_DESCRIPTION("Tests of tables of keys");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
