// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what the toolstack asks of a guest, with a daemon that answers as the real one does. */

#include <linux/errno.h>
#include <linux/string.h>

#include "../../store/tests/room.h"
#include "../shutdown.h"

#define WORD	HOME "/control/shutdown"
#define KEY	HOME "/control/sysrq"

/* What was done, and is to be done meanwhile. */
static struct {
	unsigned int nr;
	enum xenpv_shutdown last;
	unsigned int keys;
	u8 key;
	int time;
	unsigned int faster;
} done;

static void do_nothing(enum xenpv_shutdown what)
{
	done.nr++;
	done.last = what;
}

static void press_nothing(u8 key)
{
	done.keys++;
	done.key = key;
}

static int the_time(void)
{
	return done.time;
}

static void start(struct kunit *test)
{
	memset(&done, 0, sizeof(done));
	store_test_start(test, true);
	kunit_activate_static_stub(test, xenpv_shutdown_do, do_nothing);
	kunit_activate_static_stub(test, xenpv_sysrq_press, press_nothing);
	kunit_activate_static_stub(test, xenpv_shutdown_time, the_time);
}

static void expect_word(struct kunit *test, const char *word)
{
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(WORD) ?: "none", word);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_txns(), 0);
	KUNIT_EXPECT_EQ(test, xenpv_fake_store_violations(), 0);
}

static const struct {
	const char *word;
	enum xenpv_shutdown what;
} known[] = {
	{ "poweroff", XENPV_SHUTDOWN_OFF },
	{ "halt", XENPV_SHUTDOWN_HALT },
	{ "reboot", XENPV_SHUTDOWN_REBOOT },
};

/* Each word is done once, and again when it comes again. */
static void words_are_taken_once(struct kunit *test)
{
	unsigned int nr = 0;

	start(test);
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(known); i++) {
		xenpv_fake_store_set(WORD, known[i / 2].word);
		KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
		KUNIT_EXPECT_EQ(test, done.nr, ++nr);
		KUNIT_EXPECT_EQ(test, done.last, known[i / 2].what);
		expect_word(test, "");
		KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
		KUNIT_EXPECT_EQ(test, done.nr, nr);
	}
}

static const char * const unknown[] = {
	"", " ", "poweroff ", " poweroff", "POWEROFF", "poweroffx", "power", "suspend?", "s5",
	"crash", "%n%s", "\xff\xfe", "halt\n", "reboot/", "0", "1", "none",
};

static void other_words_stay(struct kunit *test)
{
	start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		unsigned int writes = xenpv_fake_store_asked(XS_WRITE);

		xenpv_fake_store_set(WORD, unknown[i]);
		KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
		KUNIT_EXPECT_EQ_MSG(test, done.nr, 0, "'%s'", unknown[i]);
		KUNIT_EXPECT_EQ(test, xenpv_fake_store_asked(XS_WRITE), writes);
		expect_word(test, unknown[i]);
	}
}

static void no_word_is_none(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	xenpv_sysrq_look();
	KUNIT_EXPECT_EQ(test, done.nr + done.keys, 0);
	expect_word(test, "none");
}

/* While the kernel boots nobody could do it; when it goes down somebody does. */
static void words_wait_for_boot(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(WORD, "reboot");
	done.time = -EAGAIN;
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), -EAGAIN);
	expect_word(test, "reboot");
	done.time = -ESHUTDOWN;
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	expect_word(test, "reboot");
	KUNIT_EXPECT_EQ(test, done.nr, 0);
	done.time = 0;
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	KUNIT_EXPECT_EQ(test, done.last, XENPV_SHUTDOWN_REBOOT);
	expect_word(test, "");
}

/* Another one changes the tree between our reading and our answer. */
static bool somebody_is_faster(const struct xsd_sockmsg *head, const char *body)
{
	if (head->type == XS_WRITE && done.faster) {
		done.faster--;
		xenpv_fake_store_set(WORD, done.faster ? "poweroff" : "reboot");
	}
	return true;
}

static void the_last_word_counts(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(WORD, "poweroff");
	done.faster = 3;
	xenpv_fake_store_on_request(somebody_is_faster);
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	KUNIT_EXPECT_EQ(test, done.nr, 1);
	KUNIT_EXPECT_EQ(test, done.last, XENPV_SHUTDOWN_REBOOT);
	expect_word(test, "");
}

/* What cannot be taken is not done: it would be done again. */
static void what_stays_is_not_done(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(WORD, "poweroff");
	xenpv_fake_store_set(KEY, "s");
	xenpv_fake_store_protect(WORD);
	xenpv_fake_store_protect(KEY);
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	xenpv_sysrq_look();
	KUNIT_EXPECT_EQ(test, done.nr + done.keys, 0);
	expect_word(test, "poweroff");
}

static void what_could_not_be_taken_is_asked_again(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(WORD, "poweroff");
	done.faster = UINT_MAX;
	xenpv_fake_store_on_request(somebody_is_faster);
	/* Nobody would tell of it again. */
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), -EAGAIN);
	KUNIT_EXPECT_EQ(test, done.nr, 0);
	xenpv_fake_store_on_request(NULL);
	KUNIT_EXPECT_EQ(test, xenpv_shutdown_look(), 0);
	KUNIT_EXPECT_EQ(test, done.nr, 1);
}

static void keys_are_pressed_once(struct kunit *test)
{
	unsigned int nr = 0;
	char text[2] = "";

	start(test);
	for (unsigned int key = 1; key < 256; key++) {
		text[0] = key;
		xenpv_fake_store_set(KEY, text);
		xenpv_sysrq_look();
		KUNIT_EXPECT_EQ(test, done.keys, ++nr);
		KUNIT_EXPECT_EQ(test, done.key, key);
		KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(KEY), "");
		xenpv_sysrq_look();
		KUNIT_EXPECT_EQ(test, done.keys, nr);
	}
}

static void other_keys_stay(struct kunit *test)
{
	start(test);
	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		if (strlen(unknown[i]) == 1)
			continue;
		xenpv_fake_store_set(KEY, unknown[i]);
		xenpv_sysrq_look();
		KUNIT_EXPECT_EQ(test, done.keys, 0);
		KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(KEY), unknown[i]);
	}
}

static void offers_are_made(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(HOME "/control/feature-poweroff", "");
	xenpv_control_offer();
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/control/feature-poweroff"), "1");
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/control/feature-reboot"), "1");
	KUNIT_EXPECT_EQ(test, !!xenpv_fake_store_value(HOME "/control/feature-sysrq"),
			IS_ENABLED(CONFIG_MAGIC_SYSRQ));
	KUNIT_EXPECT_NULL(test, xenpv_fake_store_value(HOME "/control/feature-suspend"));
}

/* A toolstack that lets no guest write them: the others are written all the same. */
static void offers_may_be_refused(struct kunit *test)
{
	start(test);
	xenpv_fake_store_set(HOME "/control/feature-poweroff", "");
	xenpv_fake_store_protect(HOME "/control/feature-poweroff");
	xenpv_control_offer();
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/control/feature-poweroff"), "");
	KUNIT_EXPECT_STREQ(test, xenpv_fake_store_value(HOME "/control/feature-reboot"), "1");
}

static struct kunit_case shutdown_cases[] = {
	KUNIT_CASE(words_are_taken_once),
	KUNIT_CASE(other_words_stay),
	KUNIT_CASE(no_word_is_none),
	KUNIT_CASE(words_wait_for_boot),
	KUNIT_CASE(the_last_word_counts),
	KUNIT_CASE(what_stays_is_not_done),
	KUNIT_CASE(what_could_not_be_taken_is_asked_again),
	KUNIT_CASE(keys_are_pressed_once),
	KUNIT_CASE(other_keys_stay),
	KUNIT_CASE(offers_are_made),
	KUNIT_CASE(offers_may_be_refused),
	{}
};

static struct kunit_suite shutdown_suite = {
	.name = "xenpv_shutdown",
	.test_cases = shutdown_cases,
};
kunit_test_suite(shutdown_suite);

MODULE_DESCRIPTION("Tests of what the toolstack asks of a guest");
MODULE_LICENSE("GPL");
