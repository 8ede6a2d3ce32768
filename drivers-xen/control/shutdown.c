// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the toolstack asks of a running guest: to go down, to begin anew, a magic key.
 *
 * Nodes and answers are those of docs/misc/xenstore-paths.pandoc of Xen: the toolstack
 * writes a word, the guest takes it by writing an empty one, and says before what it
 * understands.
 */

#define pr_fmt(fmt) "xenpv: control: " fmt

#include <kunit/static_stub.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysrq.h>
#include <linux/workqueue.h>

#include <xenpv/self.h>
#include <xenpv/store.h>
#include "shutdown.h"

#define DIR	"control"

/* How soon to look again while the kernel still boots, or the store can't say. */
#define PAUSE	HZ

static const char * const words[] = {
	[XENPV_SHUTDOWN_OFF] = "poweroff",
	[XENPV_SHUTDOWN_HALT] = "halt",
	[XENPV_SHUTDOWN_REBOOT] = "reboot",
};

/* Of arrays whose last entry is about magic keys. */
#define COUNT(array)	(ARRAY_SIZE(array) - !IS_ENABLED(CONFIG_MAGIC_SYSRQ))

/* What a toolstack may rely on. */
static const char * const offers[] = {
	"feature-poweroff",
	"feature-reboot",
	"feature-sysrq",
};

/**
 * xenpv_shutdown_do() - do what was asked for
 * @what: it
 *
 * User space goes down in its own way.  If it has no program for a reboot the kernel reboots
 * all the same; without one to power off the domain stays, and the toolstack can take it away.
 *
 * Context: Process.
 */
void xenpv_shutdown_do(enum xenpv_shutdown what)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_shutdown_do, what);
	pr_info("the toolstack says '%s'\n", words[what]);
	if (what == XENPV_SHUTDOWN_REBOOT)
		orderly_reboot();
	else
		orderly_poweroff(false);
}

/**
 * xenpv_sysrq_press() - a magic key was pressed
 * @key: it; sysrq says whether that is allowed
 *
 * Context: Process.
 */
void xenpv_sysrq_press(u8 key)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_sysrq_press, key);
	handle_sysrq(key);
}

/**
 * xenpv_shutdown_time() - can somebody do what is asked for?
 *
 * Context: Any.
 * Return: 0; -EAGAIN: later, -ESHUTDOWN: we are at it.
 */
int xenpv_shutdown_time(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_shutdown_time);
	if (system_state < SYSTEM_RUNNING)
		return -EAGAIN;
	return system_state == SYSTEM_RUNNING ? 0 : -ESHUTDOWN;
}

static enum xenpv_shutdown word_of(const char *word)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i] && !strcmp(word, words[i]))
			return i;
	return XENPV_SHUTDOWN_NONE;
}

/* A word that is not ours stays, so that the toolstack can see that nobody took it. */
static int take_word(struct xenpv_store_txn *txn, void *arg)
{
	enum xenpv_shutdown *what = arg;
	size_t len;
	char *word = xenpv_store_read(txn, DIR, "shutdown", &len);

	*what = XENPV_SHUTDOWN_NONE;
	if (IS_ERR(word))
		return PTR_ERR(word);
	*what = word_of(word);
	if (*word && *what == XENPV_SHUTDOWN_NONE)
		pr_warn_once("the toolstack asks for something that is not known here\n");
	kfree(word);
	return *what == XENPV_SHUTDOWN_NONE ? 0 : xenpv_store_write(txn, DIR, "shutdown", "");
}

static int take_key(struct xenpv_store_txn *txn, void *arg)
{
	u8 *key = arg;
	size_t len;
	char *text = xenpv_store_read(txn, DIR, "sysrq", &len);

	*key = 0;
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (*text && !text[1])
		*key = *text;
	kfree(text);
	return *key ? xenpv_store_write(txn, DIR, "sysrq", "") : 0;
}

/**
 * xenpv_shutdown_look() - is something asked for?  Take it, and do it
 *
 * It is done only if the toolstack can see that it was taken: else it would be done again
 * when somebody looks the next time.
 *
 * Context: Process; makes requests of the store.
 * Return: 0; -EAGAIN: to be called again, soon.
 */
int xenpv_shutdown_look(void)
{
	enum xenpv_shutdown what;
	int ret = xenpv_shutdown_time();

	if (ret)
		return ret == -EAGAIN ? ret : 0;
	ret = xenpv_store_transaction(take_word, &what);
	if (!ret && what != XENPV_SHUTDOWN_NONE)
		xenpv_shutdown_do(what);
	return xenpv_store_passing(ret) ? -EAGAIN : 0;
}

/**
 * xenpv_sysrq_look() - is a magic key pressed?  Take it, and press it
 *
 * Keys work from the time at which the store does: they are for domains that are stuck.
 *
 * Context: Process; makes requests of the store.
 * Return: 0; -EAGAIN: to be called again, soon.
 */
int xenpv_sysrq_look(void)
{
	u8 key;
	int ret = xenpv_store_transaction(take_key, &key);

	if (!ret && key)
		xenpv_sysrq_press(key);
	return xenpv_store_passing(ret) ? -EAGAIN : 0;
}

/**
 * xenpv_control_offer() - say what we understand
 *
 * A toolstack may not let us; the words work all the same.
 *
 * Context: Process; makes requests of the store.
 */
void xenpv_control_offer(void)
{
	for (unsigned int i = 0; i < COUNT(offers); i++) {
		int ret = xenpv_store_write(NULL, DIR, offers[i], "1");

		if (ret)
			pr_debug("%s is not written (%pe)\n", offers[i], ERR_PTR(ret));
	}
}

static void look_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(again, look_again);

static void look_again(struct work_struct *work)
{
	int key = IS_ENABLED(CONFIG_MAGIC_SYSRQ) ? xenpv_sysrq_look() : 0;

	if (xenpv_shutdown_look() == -EAGAIN || key == -EAGAIN)
		schedule_delayed_work(&again, PAUSE);
}

static void changed(struct xenpv_store_watch *watch, const char *path)
{
	mod_delayed_work(system_percpu_wq, &again, 0);
}

static struct xenpv_store_watch watches[] = {
	{ .dir = DIR, .node = "shutdown", .changed = changed },
	{ .dir = DIR, .node = "sysrq", .changed = changed },
};

static int store_is_up(struct xenpv_store_waiter *waiter)
{
	int ret = 0;

	for (unsigned int i = 0; i < COUNT(watches); i++) {
		int error = watches[i].path ? 0 : xenpv_store_watch(&watches[i]);

		if (error)
			pr_warn("%s/%s is not heard of (%pe)\n", DIR, watches[i].node,
				ERR_PTR(error));
		ret = ret ?: error;
	}
	xenpv_control_offer();
	return ret;
}

static struct xenpv_store_waiter waiter = {
	.up = store_is_up,
};

/* Nobody asks the control domain. */
static int __init shutdown_init(void)
{
	if (xenpv_self.kind != XENPV_KIND_NONE && !xenpv_self.control)
		xenpv_store_when_up(&waiter);
	return 0;
}
device_initcall(shutdown_init);
