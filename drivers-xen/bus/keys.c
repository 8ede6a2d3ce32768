// SPDX-License-Identifier: GPL-2.0-only
/* Tables of keys: read what a peer wrote, judge it once; publish what we have. */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hex.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "private.h"

/* "aa:bb:cc:dd:ee:ff" */
#define MAC_LEN		(3 * ETH_ALEN - 1)

/* Longest number: U64_MAX. */
#define DIGITS		20

/**
 * struct value - what a peer wrote
 * @text: the bytes, with a NUL of ours behind them
 * @len: how many
 */
struct value {
	const char *text;
	size_t len;
};

/**
 * xenpv_keys_number() - a number, and nothing else
 * @text: the text
 * @len: its length
 * @number: set to the number
 *
 * Decimal digits, neither sign nor blank.
 *
 * Context: Any.
 * Return: 0, -EINVAL if it is none, -ERANGE if it is too large.
 */
int xenpv_keys_number(const char *text, size_t len, u64 *number)
{
	u64 sum = 0;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit(text[i]))
			return -EINVAL;
		if (i >= DIGITS || check_mul_overflow(sum, 10, &sum) ||
		    check_add_overflow(sum, (u64)(text[i] - '0'), &sum))
			return -ERANGE;
	}
	*number = sum;
	return 0;
}

static void store_number(void *member, unsigned int size, u64 number)
{
	switch (size) {
	case 1:
		*(u8 *)member = number;
		return;
	case 2:
		*(u16 *)member = number;
		return;
	case 4:
		*(u32 *)member = number;
		return;
	default:
		*(u64 *)member = number;
		return;
	}
}

static u64 load_number(const void *member, unsigned int size)
{
	switch (size) {
	case 1:
		return *(const u8 *)member;
	case 2:
		return *(const u16 *)member;
	case 4:
		return *(const u32 *)member;
	default:
		return *(const u64 *)member;
	}
}

/* Each returns what is wrong, or NULL. */

static const char *take_number(const struct xenpv_key *key, const struct value *value,
			       void *member)
{
	u64 number;
	int ret = xenpv_keys_number(value->text, value->len, &number);

	if (ret == -ERANGE && key->clamp)
		number = U64_MAX;
	else if (ret)
		return ret == -ERANGE ? "out of range" : "not a number";
	if (key->clamp)
		number = min(number, key->max);
	if (number < key->min || number > key->max)
		return "out of range";
	store_number(member, key->size, number);
	return NULL;
}

static const char *take_bool(const struct xenpv_key *key, const struct value *value,
			     void *member)
{
	u64 number;

	if (xenpv_keys_number(value->text, value->len, &number) || number > 1)
		return "neither 0 nor 1";
	*(bool *)member = number;
	return NULL;
}

static const char *take_text(const struct xenpv_key *key, const struct value *value,
			     void *member)
{
	if (value->len >= key->size)
		return "too long";
	if (value->len < key->min)
		return "too short";
	for (size_t i = 0; i < value->len; i++) {
		if (!isascii(value->text[i]) || !isprint(value->text[i]))
			return "not a text";
	}
	memset(member, 0, key->size);
	memcpy(member, value->text, value->len);
	return NULL;
}

static const char *take_mac(const struct xenpv_key *key, const struct value *value,
			    void *member)
{
	u8 mac[ETH_ALEN];

	if (value->len != MAC_LEN)
		return "not an address";
	for (unsigned int i = 0; i < ETH_ALEN; i++) {
		const char *at = value->text + 3 * i;
		int high = hex_to_bin(at[0]), low = hex_to_bin(at[1]);

		if (high < 0 || low < 0 || (i < ETH_ALEN - 1 && at[2] != ':'))
			return "not an address";
		mac[i] = high << 4 | low;
	}
	/* Of a group, or of nobody. */
	if (mac[0] & 1 || !memchr_inv(mac, 0, ETH_ALEN))
		return "not an address of an interface";
	memcpy(member, mac, ETH_ALEN);
	return NULL;
}

typedef const char *(*take_fn)(const struct xenpv_key *key, const struct value *value,
			       void *member);

static const take_fn takers[] = {
	[XENPV_KEY_IS_NUMBER]	= take_number,
	[XENPV_KEY_IS_BOOL]	= take_bool,
	[XENPV_KEY_IS_TEXT]	= take_text,
	[XENPV_KEY_IS_MAC]	= take_mac,
};

static void take_nothing(const struct xenpv_key *key, void *member)
{
	if (key->kind == XENPV_KEY_IS_NUMBER)
		store_number(member, key->size, key->fallback);
	else if (key->kind == XENPV_KEY_IS_BOOL)
		*(bool *)member = key->fallback;
	else
		memset(member, 0, key->size);
}

/* [sub/]name[number]; names that do not fit are an error of the table. */
static int key_name(char *name, const char *sub, const struct xenpv_key *key, int number)
{
	int len;

	len = snprintf(name, XENPV_KEY_NAME, "%s%s%s", sub ?: "", sub ? "/" : "", key->name);
	if (number >= 0 && len < XENPV_KEY_NAME)
		len += snprintf(name + len, XENPV_KEY_NAME - len, "%d", number);
	return len < XENPV_KEY_NAME ? 0 : -ENAMETOOLONG;
}

/* How many there are of a key; those that a table counts it has counted before. */
static int key_count(const struct xenpv_key *key, const void *from)
{
	u32 count;

	if (!key->many)
		return 1;
	count = load_number(from + key->count, sizeof(u32));
	return count <= key->many ? count : -ERANGE;
}

static int read_key(struct xenpv_store_txn *txn, const char *dir,
		    const struct xenpv_key *key, void *member, struct xenpv_key_error *error)
{
	struct value value;
	char *text = xenpv_store_read(txn, dir, error->name, &value.len);

	if (text == ERR_PTR(-ENOENT)) {
		error->what = "missing";
		if (key->optional)
			take_nothing(key, member);
		return key->optional ? 0 : -ENOENT;
	}
	if (IS_ERR(text))
		return PTR_ERR(text);
	value.text = text;
	error->what = takers[key->kind](key, &value, member);
	kfree(text);
	return error->what ? -EPROTO : 0;
}

static int read_all(struct xenpv_store_txn *txn, const char *dir, const char *sub,
		    const struct xenpv_key *key, void *to, struct xenpv_key_error *error)
{
	int count = key_count(key, to), ret;

	if (count < 0) {
		error->what = "too many";
		key_name(error->name, NULL, key, -1);
		return -EPROTO;
	}
	for (int i = 0; i < count; i++) {
		error->what = NULL;
		ret = key_name(error->name, sub, key, key->many ? i : -1);
		if (!ret)
			ret = read_key(txn, dir, key, to + key->offset + i * key->size, error);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * xenpv_keys_read() - read and judge the keys of a table
 * @txn: the transaction, or NULL
 * @dir: where they are
 * @sub: a directory in it, or NULL
 * @keys: the table
 * @to: the structure; changed only if all keys are good
 * @error: which one is bad, if one is
 *
 * Members that belong to no key stay as they are.
 *
 * Context: Process; waits for the store.
 * Return: 0; -ENOENT if a key is missing, -EPROTO if one makes no sense, or another
 * negative errno.
 */
int xenpv_keys_read(struct xenpv_store_txn *txn, const char *dir, const char *sub,
		    const struct xenpv_keys *keys, void *to, struct xenpv_key_error *error)
{
	void *copy;
	int ret = 0;

	*error = (struct xenpv_key_error){ };
	if (keys->size > XENPV_KEYS_SIZE)
		return -EINVAL;
	copy = kmemdup(to, keys->size, GFP_NOIO);
	if (!copy)
		return -ENOMEM;
	for (unsigned int i = 0; i < keys->nr && !ret; i++)
		ret = read_all(txn, dir, sub, &keys->keys[i], copy, error);
	if (!ret)
		memcpy(to, copy, keys->size);
	kfree(copy);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_keys_read, "XENPV");

static int write_key(struct xenpv_store_txn *txn, const char *dir, const char *name,
		     const struct xenpv_key *key, const void *member)
{
	switch (key->kind) {
	case XENPV_KEY_IS_NUMBER:
		return xenpv_store_write_u64(txn, dir, name, load_number(member, key->size));
	case XENPV_KEY_IS_BOOL:
		return xenpv_store_write_u64(txn, dir, name, *(const bool *)member);
	case XENPV_KEY_IS_TEXT:
		return xenpv_store_printf(txn, dir, name, "%.*s", (int)key->size - 1,
					  (const char *)member);
	default:
		return xenpv_store_printf(txn, dir, name, "%pM", member);
	}
}

/**
 * xenpv_keys_write() - write the keys of a table
 * @txn: the transaction, or NULL
 * @dir: where they are
 * @sub: a directory in it, or NULL
 * @keys: the table
 * @from: the structure
 *
 * Context: Process; waits for the store.
 * Return: 0, -ERANGE if there are more of a key than fit, or another negative errno.
 */
int xenpv_keys_write(struct xenpv_store_txn *txn, const char *dir, const char *sub,
		     const struct xenpv_keys *keys, const void *from)
{
	char name[XENPV_KEY_NAME];
	int ret = 0;

	for (unsigned int i = 0; i < keys->nr && !ret; i++) {
		const struct xenpv_key *key = &keys->keys[i];
		int count = key_count(key, from);

		if (count < 0)
			return count;
		for (int n = 0; n < count && !ret; n++) {
			const void *member = from + key->offset + n * key->size;

			ret = key_name(name, sub, key, key->many ? n : -1) ?:
			      write_key(txn, dir, name, key, member);
		}
	}
	return ret;
}
EXPORT_SYMBOL_NS_GPL(xenpv_keys_write, "XENPV");
