// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what xenstore and users can say: sizes, nonsense, and the files of sysfs. */

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "room.h"

#define KIB(pages)	((pages) << (PAGE_SHIFT - 10))

static void parse_sizes(struct kunit *test)
{
	static const struct {
		const char *text;
		unsigned long pages;
	} good[] = {
		{ "0", 0 }, { "3", 0 }, { "4", 1 }, { "7", 1 }, { "524288", 131072 },
		{ "0000000000000000000000000000000000000000000000000000004", 1 },
		{ "18446744073709551615", ULONG_MAX >> 2 }, { "8\n", 2 },
	};
	unsigned long pages;

	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_EXPECT_EQ(test, xenpv_target_parse(good[i].text, &pages), 0);
		KUNIT_EXPECT_EQ(test, pages, good[i].pages);
	}
}

static const char * const lies[] = {
	"", " ", "\n", "-1", "-4", "+4", " 4", "4 ", "4\n\n", "4k", "4K", "0x1000", "1e9", "4.0",
	"18446744073709551616", "99999999999999999999999999999999999999", "NaN", "%n%n%s",
	"\xff\xfe", "four", "4,096", "4\t", "--4", "0b1", "4/4", "\177ELF",
};

static void parse_lies(struct kunit *test)
{
	unsigned long pages = 4711;

	for (unsigned int i = 0; i < ARRAY_SIZE(lies); i++) {
		KUNIT_EXPECT_LT_MSG(test, xenpv_target_parse(lies[i], &pages), 0, "'%s'", lies[i]);
		KUNIT_EXPECT_EQ(test, pages, 4711);
	}
}

/* Each byte that can be in the place of a digit. */
static void parse_each_byte(struct kunit *test)
{
	unsigned long pages;
	char text[] = "4444";

	for (unsigned int c = 1; c < 256; c++) {
		text[1] = c;
		KUNIT_EXPECT_EQ_MSG(test, !xenpv_target_parse(text, &pages),
				    c >= '0' && c <= '9', "%u", c);
		text[1] = '4';
		text[0] = c;
		KUNIT_EXPECT_EQ_MSG(test, !xenpv_target_parse(text, &pages),
				    c >= '0' && c <= '9', "%u", c);
		text[0] = '4';
	}
}

static void heard_lies_change_nothing(struct kunit *test)
{
	struct xenpv_balloon_state state;

	memroom_start(test, 0);
	memroom_go(test, SIZE - 100);
	xenpv_fake_forget();
	for (unsigned int i = 0; i < ARRAY_SIZE(lies); i++) {
		xenpv_target_heard(lies[i], lies[i]);
		xenpv_target_heard(NULL, lies[i]);
		xenpv_target_heard(lies[i], NULL);
	}
	xenpv_target_heard(NULL, NULL);
	xenpv_target_heard(NULL, "0");
	KUNIT_EXPECT_EQ(test, xenpv_fake_calls_made(), 0);
	KUNIT_EXPECT_FALSE(test, memroom_planned());
	xenpv_balloon_state(&state);
	KUNIT_EXPECT_EQ(test, state.asked, SIZE - 100);
	memroom_check(test, SIZE - 100);
}

static void heard_sizes(struct kunit *test)
{
	char text[24];

	memroom_start(test, 0);
	snprintf(text, sizeof(text), "%lu", KIB(SIZE - 33) + 3);
	xenpv_target_heard(text, NULL);
	memroom_settle();
	memroom_check(test, SIZE - 33);
	snprintf(text, sizeof(text), "%lu", KIB(SIZE - 44));
	xenpv_target_heard("18446744073709551615", text);
	memroom_settle();
	memroom_check(test, SIZE - 44);
	xenpv_target_heard("0", text);
	memroom_settle();
	memroom_check(test, FLOOR);
}

static u64 get(const char *name)
{
	const struct xenpv_balloon_knob *knob = xenpv_balloon_find_knob(name);

	return knob ? knob->get() : U64_MAX;
}

static int set(const char *name, const char *text)
{
	const struct xenpv_balloon_knob *knob = xenpv_balloon_find_knob(name);

	return knob ? xenpv_balloon_parse_knob(knob, text) : -ENOENT;
}

/* Names and units are mainline's: programs know them. */
static void files_say(struct kunit *test)
{
	memroom_start(test, SIZE + 8);
	KUNIT_EXPECT_EQ(test, get("target"), SIZE << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, get("target_kb"), KIB(SIZE));
	KUNIT_EXPECT_EQ(test, get("schedule_delay"), 1);
	KUNIT_EXPECT_EQ(test, get("max_schedule_delay"), 32);
	KUNIT_EXPECT_EQ(test, get("retry_count"), 1);
	KUNIT_EXPECT_EQ(test, get("max_retry_count"), 0);
	KUNIT_EXPECT_EQ(test, get("scrub_pages"), 1);
	KUNIT_EXPECT_EQ(test, get("info/current_kb"), KIB(SIZE));
	KUNIT_EXPECT_EQ(test, get("info/low_kb"), 0);
	KUNIT_EXPECT_EQ(test, get("info/high_kb"), 0);
	KUNIT_EXPECT_EQ(test, get("info/floor_kb"), KIB(FLOOR));
	KUNIT_EXPECT_EQ(test, get("info/max_kb"), KIB(SIZE + 8));
	KUNIT_EXPECT_EQ(test, get("info/foreign_kb"), 0);
	KUNIT_EXPECT_EQ(test, get("foreign_max_kb"), KIB(totalram_pages() / 4));
	KUNIT_EXPECT_EQ(test, get("stats/given"), 0);

	memroom_go(test, SIZE - 50);
	KUNIT_EXPECT_EQ(test, get("target_kb"), KIB(SIZE - 50));
	KUNIT_EXPECT_EQ(test, get("info/current_kb"), KIB(SIZE - 50));
	KUNIT_EXPECT_EQ(test, get("info/low_kb"), KIB(50UL));
	KUNIT_EXPECT_EQ(test, get("stats/given"), 50);
	KUNIT_EXPECT_EQ(test, get("stats/taken"), 0);
	KUNIT_EXPECT_EQ(test, get("nonsense"), U64_MAX);
}

static void files_can_be_set(struct kunit *test)
{
	char text[32];

	memroom_start(test, 0);
	snprintf(text, sizeof(text), "%lu\n", (SIZE - 5) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, set("target", text), 0);
	memroom_settle();
	memroom_check(test, SIZE - 5);
	KUNIT_EXPECT_EQ(test, set("target", "15M"), 0);
	memroom_settle();
	memroom_check(test, SIZE - 256);
	KUNIT_EXPECT_EQ(test, set("target_kb", "15360\n"), 0);
	memroom_settle();
	memroom_check(test, SIZE - 256);
	snprintf(text, sizeof(text), "%lu", KIB(SIZE - 7));
	KUNIT_EXPECT_EQ(test, set("target_kb", text), 0);
	memroom_settle();
	memroom_check(test, SIZE - 7);

	KUNIT_EXPECT_EQ(test, set("max_schedule_delay", "5"), 0);
	KUNIT_EXPECT_EQ(test, get("max_schedule_delay"), 5);
	KUNIT_EXPECT_EQ(test, set("max_schedule_delay", "0"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set("max_schedule_delay", "4294967301"), -ERANGE);
	KUNIT_EXPECT_EQ(test, set("max_retry_count", "7"), 0);
	KUNIT_EXPECT_EQ(test, get("max_retry_count"), 7);
	KUNIT_EXPECT_EQ(test, set("max_retry_count", "4294967296"), -ERANGE);
	KUNIT_EXPECT_EQ(test, set("foreign_max_kb", "4096"), 0);
	KUNIT_EXPECT_EQ(test, get("foreign_max_kb"), 4096);
}

static void files_refuse(struct kunit *test)
{
	static const char * const names[] = {
		"schedule_delay", "retry_count", "scrub_pages", "info/current_kb", "stats/given",
	};
	static const char * const texts[] = {
		"", "\n", "x", "-1", "+1", " 1", "1 ", "1x", "1\n\n", "1\n1", "M",
	};

	memroom_start(test, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		KUNIT_EXPECT_EQ(test, set(names[i], "1"), -EACCES);
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		KUNIT_EXPECT_EQ_MSG(test, set("target_kb", texts[i]), -EINVAL, "'%s'", texts[i]);
		KUNIT_EXPECT_EQ_MSG(test, set("max_retry_count", texts[i]), -EINVAL, "'%s'",
				    texts[i]);
	}
	KUNIT_EXPECT_EQ(test, get("target_kb"), KIB(SIZE));
	KUNIT_EXPECT_FALSE(test, memroom_planned());
}

static struct kunit_case target_cases[] = {
	KUNIT_CASE(parse_sizes),
	KUNIT_CASE(parse_lies),
	KUNIT_CASE(parse_each_byte),
	KUNIT_CASE(heard_lies_change_nothing),
	KUNIT_CASE(heard_sizes),
	KUNIT_CASE(files_say),
	KUNIT_CASE(files_can_be_set),
	KUNIT_CASE(files_refuse),
	{}
};

static struct kunit_suite target_suite = {
	.name = "xenpv_balloon_target",
	.test_cases = target_cases,
};
kunit_test_suite(target_suite);
