/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_KEYS_H
#define _XENPV_KEYS_H

/**
 * DOC: Keys
 *
 * The ends of a device tell each other what they can do and where things are by keys in
 * xenstore: short texts in a directory of each.  What a peer wrote there is hostile text.
 *
 * A driver lists the keys that it knows in a const table, with the member of a structure
 * that each belongs to and the values that make sense::
 *
 *	struct ring_facts {
 *		u32 ref;
 *		u32 port;
 *		u32 queues;
 *	};
 *
 *	static const struct xenpv_key ring_keys[] = {
 *		XENPV_KEY_NUMBER(struct ring_facts, ref, "ring-ref", 1, U32_MAX),
 *		XENPV_KEY_NUMBER(struct ring_facts, port, "event-channel", 1, U32_MAX),
 *		XENPV_KEY_UP_TO(struct ring_facts, queues, "multi-queue-num-queues", 1, 8, 1),
 *	};
 *
 *	ret = xenpv_device_read(dev, NULL, XENPV_KEYS(struct ring_facts, ring_keys), &facts);
 *
 * Each key is read once, judged, and stands in the structure only then.  If one is bad,
 * nothing of the structure is changed, and the error names it.  Numbers are
 * decimal digits and nothing else; texts are printable ASCII and fit.
 *
 * The same table publishes the members of a structure.
 */

#include <linux/if_ether.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <xenpv/store.h>

/**
 * enum xenpv_key_kind - what a key holds
 * @XENPV_KEY_IS_NUMBER: a decimal number, for a member of 1, 2, 4 or 8 bytes
 * @XENPV_KEY_IS_BOOL: 0 or 1
 * @XENPV_KEY_IS_TEXT: printable ASCII
 * @XENPV_KEY_IS_MAC: the address of a network interface
 */
enum xenpv_key_kind {
	XENPV_KEY_IS_NUMBER,
	XENPV_KEY_IS_BOOL,
	XENPV_KEY_IS_TEXT,
	XENPV_KEY_IS_MAC,
};

/* Longest name of a key, with what stands before and behind it, and its NUL. */
#define XENPV_KEY_NAME	48

/**
 * struct xenpv_key - a key that a driver knows
 * @name: its name; of the first one without its number, if there are many
 * @kind: what it holds
 * @optional: it may be missing
 * @clamp: a number that is too large counts as the largest
 * @offset: of the member
 * @size: of the member; of one, if there are many
 * @min: smallest number, shortest text
 * @max: largest number
 * @fallback: number or bool if it is missing; a text is empty, an address zero then
 * @many: there are so many at most, with numbers from 0 behind the name; 0: it is one
 * @count: offset of the u32 that says how many; from a key above this one, or set
 */
struct xenpv_key {
	const char *name;
	u8 kind;
	bool optional;
	bool clamp;
	u16 offset;
	u16 size;
	u64 min;
	u64 max;
	u64 fallback;
	u16 many;
	u16 count;
};

#define __XENPV_KEY(type, member, key, what)					\
	.name = (key), .kind = (what), .offset = offsetof(type, member),	\
	.size = sizeof_field(type, member)

/* A number that must be there. */
#define XENPV_KEY_NUMBER(type, member, key, low, high)				\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_NUMBER), .min = (low), .max = (high) }

/* A number that may be missing. */
#define XENPV_KEY_MAYBE(type, member, key, low, high, otherwise)		\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_NUMBER), .min = (low),	\
	  .max = (high), .optional = true, .fallback = (otherwise) }

/* The same, where more than we can do is as good as what we can. */
#define XENPV_KEY_UP_TO(type, member, key, low, high, otherwise)		\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_NUMBER), .min = (low),	\
	  .max = (high), .optional = true, .clamp = true, .fallback = (otherwise) }

/* A feature: there or not. */
#define XENPV_KEY_FEATURE(type, member, key)					\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_BOOL), .max = 1, .optional = true }

/* A text of at least @low characters; an array of char has room for it and a NUL. */
#define XENPV_KEY_TEXT(type, member, key, low, may_be_missing)			\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_TEXT), .min = (low),	\
	  .optional = (may_be_missing) }

/* The address of an interface, an array of ETH_ALEN bytes. */
#define XENPV_KEY_MAC(type, member, key)					\
	{ __XENPV_KEY(type, member, key, XENPV_KEY_IS_MAC) }

/* Numbers in an array, as many as the u32 @nr says: "ring-ref0", "ring-ref1" ... */
#define XENPV_KEY_MANY(type, member, nr, key, low, high)			\
	{ .name = (key), .kind = XENPV_KEY_IS_NUMBER,				\
	  .offset = offsetof(type, member), .min = (low), .max = (high),	\
	  .size = sizeof(((type *)0)->member[0]),				\
	  .many = ARRAY_SIZE(((type *)0)->member), .count = offsetof(type, nr) }

/**
 * struct xenpv_keys - a table
 * @keys: the keys
 * @nr: how many
 * @size: bytes of the structure
 */
struct xenpv_keys {
	const struct xenpv_key *keys;
	unsigned int nr;
	size_t size;
};

/* A table of a structure, as an argument. */
#define XENPV_KEYS(type, table)	\
	(&(const struct xenpv_keys){ (table), ARRAY_SIZE(table), sizeof(type) })

/* Largest structure that a table fills. */
#define XENPV_KEYS_SIZE	4096

/**
 * struct xenpv_key_error - which key was bad
 * @name: its name in the directory
 * @what: what is wrong, a constant text; NULL if it could not be read
 */
struct xenpv_key_error {
	char name[XENPV_KEY_NAME];
	const char *what;
};

int xenpv_keys_read(struct xenpv_store_txn *txn, const char *dir, const char *sub,
		    const struct xenpv_keys *keys, void *to, struct xenpv_key_error *error);
int xenpv_keys_write(struct xenpv_store_txn *txn, const char *dir, const char *sub,
		     const struct xenpv_keys *keys, const void *from);

#endif /* _XENPV_KEYS_H */
