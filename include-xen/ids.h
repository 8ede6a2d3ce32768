/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_IDS_H
#define _XENPV_IDS_H

/**
 * DOC: Ids that a peer gives back
 *
 * A request carries an id, its answer the same one.  The peer chooses what it
 * answers, so an id that comes back may never have been given out, may have come
 * back before, or may be an old one whose place is used again.  A table turns a
 * pointer into an id and an id, once, into the pointer::
 *
 *	    63            index bits          0
 *	   +-------------------+--------------+
 *	id |    generation     |    place     |	only the low @bits of it
 *	   +-------------------+--------------+
 *
 * Each place counts how often it was used.  The count is part of the id, as far as
 * the id's width has room for it; places wait in a queue, so that all others are
 * used before one comes again.
 *
 * Example::
 *
 *	ret = xenpv_ids_give(&ids, request, &id);
 *	...
 *	request = xenpv_ids_take(&ids, answer.id);
 *	if (!request)
 *		return fault(dev, "answer to nothing");
 *
 * The caller serialises the functions of one table.
 */

#include <linux/types.h>

/**
 * struct xenpv_ids_place - where one id points
 * @what: the pointer, NULL while the place is free
 * @id: the id that is out, or the next one to give out
 * @next: the place behind this one in the queue of free ones
 */
struct xenpv_ids_place {
	void *what;
	u64 id;
	u32 next;
};

/**
 * struct xenpv_ids - a table of ids that are out
 * @places: one for each id that can be out at a time
 * @nr: how many
 * @out: ids that are out
 * @first: head of the queue of free places
 * @last: its end
 * @step: from one generation to the next: the first power of two not below @nr
 * @mask: the bits that an id can have
 *
 * Private to ids.c, but for the allocation.
 */
struct xenpv_ids {
	struct xenpv_ids_place *places;
	u32 nr;
	u32 out;
	u32 first;
	u32 last;
	u64 step;
	u64 mask;
};

int xenpv_ids_init(struct xenpv_ids *ids, u32 nr, unsigned int bits);
void xenpv_ids_free(struct xenpv_ids *ids);
int xenpv_ids_give(struct xenpv_ids *ids, void *what, u64 *id);
void *xenpv_ids_take(struct xenpv_ids *ids, u64 id);
void *xenpv_ids_drain(struct xenpv_ids *ids);

/**
 * xenpv_ids_out() - how many ids are out?
 * @ids: the table
 *
 * Context: Any; serialised by the caller.
 * Return: their number.
 */
static inline u32 xenpv_ids_out(const struct xenpv_ids *ids)
{
	return ids->out;
}

#endif /* _XENPV_IDS_H */
