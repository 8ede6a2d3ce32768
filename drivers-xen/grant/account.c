// SPDX-License-Identifier: GPL-2.0-only
/* What each peer has of us: counted, shown, and a limit that it can't escape. */

#define pr_fmt(fmt) "xenpv: grant: " fmt

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/debugfs.h>
#include "private.h"

static LIST_HEAD(accounts);
static DEFINE_SPINLOCK(accounts_lock);

/*
 * An account whose pool is gone, and that is there because the peer keeps pages.  A
 * name that is longer than the account has room for is as good as its beginning.
 */
static struct xenpv_grant_account *reopen(const struct xenpv_grant_setup *setup)
{
	struct xenpv_grant_account *account;

	lockdep_assert_held(&accounts_lock);
	list_for_each_entry(account, &accounts, list) {
		if (!account->closed || account->peer != setup->peer ||
		    strncmp(account->name, setup->name, sizeof(account->name) - 1) ||
		    !refcount_inc_not_zero(&account->users))
			continue;
		account->closed = false;
		return account;
	}
	return NULL;
}

static struct xenpv_grant_account *new_account(const struct xenpv_grant_setup *setup)
{
	struct xenpv_grant_account *account = kzalloc_obj(*account);

	if (!account)
		return NULL;
	refcount_set(&account->users, 1);
	account->peer = setup->peer;
	strscpy(account->name, setup->name);
	spin_lock_init(&account->lock);
	return account;
}

/**
 * xenpv_grant_account_open() - start counting for a pool
 * @setup: of the pool
 *
 * A pool that takes the place of one that is gone, with the same peer and name,
 * goes on with its account: what the peer kept of the last one still counts, however
 * often it makes us connect anew.
 *
 * Context: Process.
 * Return: the account, or NULL without memory.
 */
struct xenpv_grant_account *xenpv_grant_account_open(const struct xenpv_grant_setup *setup)
{
	struct xenpv_grant_account *fresh = new_account(setup), *account;

	if (!fresh)
		return NULL;
	scoped_guard(spinlock_irqsave, &accounts_lock) {
		account = reopen(setup);
		if (!account)
			list_add_tail(&fresh->list, &accounts);
	}
	if (account)
		kfree(fresh);
	else
		account = fresh;

	guard(spinlock_irqsave)(&account->lock);
	account->room = setup->room;
	account->arg = setup->arg;
	return account;
}

/**
 * xenpv_grant_account_close() - the pool goes
 * @account: its account, which stays while the peer holds pages
 *
 * Context: Process.
 */
void xenpv_grant_account_close(struct xenpv_grant_account *account)
{
	scoped_guard(spinlock_irqsave, &account->lock) {
		account->room = NULL;
		account->waiting = false;
	}
	scoped_guard(spinlock_irqsave, &accounts_lock)
		account->closed = true;
	xenpv_grant_account_put(account);
}

/**
 * xenpv_grant_account_put() - one user less
 * @account: the account; freed with its last user
 *
 * Context: Any.
 */
void xenpv_grant_account_put(struct xenpv_grant_account *account)
{
	if (!refcount_dec_and_test(&account->users))
		return;
	scoped_guard(spinlock_irqsave, &accounts_lock)
		list_del(&account->list);
	kfree(account);
}

/**
 * xenpv_grant_account_held() - the peer keeps a page
 * @account: its account
 *
 * Context: Any.
 */
void xenpv_grant_account_held(struct xenpv_grant_account *account)
{
	refcount_inc(&account->users);
	atomic_inc(&account->held);
	if (account->kept)
		atomic_inc(account->kept);
	if (!account->told) {
		account->told = true;
		pr_warn("%s: domain %u does not let go of pages\n", account->name,
			account->peer);
	}
}

/**
 * xenpv_grant_account_released() - it let go
 * @account: its account
 *
 * Context: Any.
 */
void xenpv_grant_account_released(struct xenpv_grant_account *account)
{
	atomic_dec(&account->held);
	if (account->kept)
		atomic_dec(account->kept);
	xenpv_grant_account_wake(account);
}

/**
 * xenpv_grant_account_wait() - tell the pool when pages come back
 * @account: its account
 *
 * The caller looks for pages after this; who brings one back looks for those who
 * wait after that.  Both take the lock, so one of them sees the other.
 *
 * Context: Any.
 */
void xenpv_grant_account_wait(struct xenpv_grant_account *account)
{
	guard(spinlock_irqsave)(&account->lock);
	account->waiting = true;
}

/**
 * xenpv_grant_account_wake() - a page came back
 * @account: of its pool
 *
 * Context: Any.
 */
void xenpv_grant_account_wake(struct xenpv_grant_account *account)
{
	guard(spinlock_irqsave)(&account->lock);
	if (!account->waiting)
		return;
	account->waiting = false;
	if (account->room)
		account->room(account->arg);
}

/**
 * xenpv_grant_show() - print the table and all accounts
 * @s: where to
 *
 * Context: Process.
 */
void xenpv_grant_show(struct seq_file *s)
{
	unsigned int max, nr = xenpv_grant_table_size(&max);
	struct xenpv_grant_account *account;
	unsigned int held = 0;

	seq_printf(s, "version %u\nentries %u of %u, %u free\nlost %lu\n\n",
		   xenpv_grant_table_version(), nr, max, xenpv_grant_refs_free(),
		   xenpv_grant_lost());
	seq_puts(s, "peer  name                      granted     held     copied\n");

	guard(spinlock_irqsave)(&accounts_lock);
	list_for_each_entry(account, &accounts, list) {
		seq_printf(s, "%-5u %-24s %8d %8d %10lld\n", account->peer, account->name,
			   atomic_read(&account->granted), atomic_read(&account->held),
			   atomic64_read(&account->copied));
		held += atomic_read(&account->held);
	}
	seq_printf(s, "\nheld in all: %u pages\n", held);
}

static int grants_show(struct seq_file *s, void *unused)
{
	xenpv_grant_show(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(grants);

static int __init make_file(void)
{
	if (xenpv_grant_table_version())
		debugfs_create_file("grants", 0400, xenpv_debugfs, NULL, &grants_fops);
	return 0;
}
device_initcall(make_file);
