// SPDX-License-Identifier: GPL-2.0-only
/* Test with a peer on real Xen: a file in debugfs that starts a run and tells its outcome. */

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/debugfs.h>
#include <xenpv/self.h>
#include "private.h"

/*
 * Write "ROLE KEY=NUMBER..." to start, and wait; read the report.  Its lines are
 *
 *	BENCH name cost		nanoseconds for each operation
 *	ok what was done	the outcome: one of these two
 *	FAIL what was seen
 *
 * costs	lend pages to ourselves (KEY peer), map and copy them: rows only
 * vcpus	play a ball between two CPUs (KEY rounds)
 * lend		lend pages to a peer and play with it (KEYs peer, rounds, seed)
 * borrow	the other side; the console of the lender says port and ref
 */
static const struct role {
	const char *name;
	int (*run)(const struct peertest_args *args);
} roles[] = {
	{ "costs",	peertest_costs },
	{ "vcpus",	peertest_vcpus },
	{ "lend",	peertest_lend },
	{ "borrow",	peertest_borrow },
};

static const struct key {
	const char *name;
	size_t where;
} keys[] = {
	{ "peer",	offsetof(struct peertest_args, peer) },
	{ "port",	offsetof(struct peertest_args, port) },
	{ "ref",	offsetof(struct peertest_args, ref) },
	{ "rounds",	offsetof(struct peertest_args, rounds) },
	{ "seed",	offsetof(struct peertest_args, seed) },
};

/**
 * struct report - of the last run
 * @lock: held during a run
 * @len: its length
 * @judged: there is an outcome
 * @text: its lines
 */
struct report {
	struct mutex lock;
	size_t len;
	bool judged;
	char text[1024];
};

static struct report report = {
	.lock = __MUTEX_INITIALIZER(report.lock),
};

static __printf(1, 2) void add(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report.len += vscnprintf(report.text + report.len, sizeof(report.text) - report.len,
				 fmt, args);
	va_end(args);
}

/* What comes first is the cause of what comes later. */
static void outcome(const char *what, struct va_format *text)
{
	if (!report.judged)
		add("%s %pV\n", what, text);
	report.judged = true;
}

/**
 * peertest_fail() - this run has failed
 * @fmt: what was seen
 *
 * Context: Process; a run.
 * Return: -EIO.
 */
int peertest_fail(const char *fmt, ...)
{
	struct va_format text = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	text.va = &args;
	outcome("FAIL", &text);
	va_end(args);
	return -EIO;
}

/**
 * peertest_pass() - all was as it should be
 * @fmt: what was done
 *
 * Context: Process; a run.
 * Return: 0.
 */
int peertest_pass(const char *fmt, ...)
{
	struct va_format text = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	text.va = &args;
	outcome("ok", &text);
	va_end(args);
	return 0;
}

/**
 * peertest_row() - report what something costs
 * @name: what
 * @cost: nanoseconds
 *
 * Context: Process; a run.
 */
void peertest_row(const char *name, u64 cost)
{
	add("BENCH %s %llu\n", name, cost);
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

/**
 * peertest_median() - the value in the middle
 * @values: %PEERTEST_BATCHES values, in order afterwards
 *
 * Context: Process.
 * Return: it.
 */
u64 peertest_median(u64 *values)
{
	sort(values, PEERTEST_BATCHES, sizeof(*values), by_value, NULL);
	return values[PEERTEST_BATCHES / 2];
}

static int parse_key(struct peertest_args *args, char *word)
{
	char *name = strsep(&word, "=");

	if (!word)
		return -EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(name, keys[i].name))
			return kstrtou32(word, 0, (void *)args + keys[i].where);
	return -EINVAL;
}

static int parse(char *line, const struct role **role, struct peertest_args *args)
{
	char *word = strsep(&line, " ");
	int ret = 0;

	for (*role = roles; strcmp((*role)->name, word); ++*role)
		if (*role == &roles[ARRAY_SIZE(roles) - 1])
			return -EINVAL;
	while (!ret && (word = strsep(&line, " ")))
		ret = *word ? parse_key(args, word) : 0;
	if (args->peer >= DOMID_FIRST_RESERVED || args->rounds < PEERTEST_BATCHES + 1)
		return -EINVAL;
	return ret;
}

static ssize_t peertest_write(struct file *file, const char __user *from, size_t len,
			      loff_t *pos)
{
	struct peertest_args args = { .rounds = 10000, .seed = 1 };
	const struct role *role;
	char *line;
	int ret;

	if (len > 200)
		return -EINVAL;
	line = memdup_user_nul(from, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	ret = parse(strim(line), &role, &args);
	kfree(line);
	if (ret)
		return ret;

	guard(mutex)(&report.lock);
	report.len = 0;
	report.judged = false;
	ret = role->run(&args);
	if (ret)
		peertest_fail("%s: error %d", role->name, ret);
	return len;
}

static ssize_t peertest_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	guard(mutex)(&report.lock);
	return simple_read_from_buffer(to, len, pos, report.text, report.len);
}

static const struct file_operations peertest_fops = {
	.owner = THIS_MODULE,
	.read = peertest_read,
	.write = peertest_write,
};

static struct dentry *file;

static int __init peertest_init(void)
{
	if (xenpv_self.kind == XENPV_KIND_NONE)
		return -ENODEV;
	file = debugfs_create_file("peertest", 0600, xenpv_debugfs, NULL, &peertest_fops);
	return 0;
}
late_initcall(peertest_init);

static void __exit peertest_exit(void)
{
	debugfs_remove(file);
}
module_exit(peertest_exit);

MODULE_DESCRIPTION("Test of Xen events and grants with a peer");
MODULE_IMPORT_NS("XENPV");
MODULE_LICENSE("GPL");
