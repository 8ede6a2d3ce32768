// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table of ids that are out with a peer: gives each pointer an id, takes each id
 * back once, refuses what is not out.
 */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include <xenpv/ids.h>

/**
 * xenpv_ids_init() - make a table
 * @ids: the table
 * @nr: how many ids can be out at a time
 * @bits: width of an id in the protocol, 64 at most
 *
 * Context: Process, may sleep.
 * Return: 0, -EINVAL if @nr ids do not differ in @bits, or -ENOMEM.
 */
int xenpv_ids_init(struct xenpv_ids *ids, u32 nr, unsigned int bits)
{
	struct xenpv_ids_place *places;

	if (!nr || nr > S32_MAX || bits > 64 || order_base_2(nr) > bits)
		return -EINVAL;

	places = kvcalloc(nr, sizeof(*places), GFP_KERNEL);
	if (!places)
		return -ENOMEM;

	for (u32 i = 0; i < nr; i++) {
		places[i].id = i;
		places[i].next = i + 1;
	}
	*ids = (struct xenpv_ids) {
		.places = places,
		.nr = nr,
		.last = nr - 1,
		.step = BIT_ULL(order_base_2(nr)),
		.mask = bits == 64 ? U64_MAX : BIT_ULL(bits) - 1,
	};
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ids_init, "XENPV");

/**
 * xenpv_ids_free() - forget a table
 * @ids: the table; what is out is not looked at
 *
 * Context: Process, may sleep.
 */
void xenpv_ids_free(struct xenpv_ids *ids)
{
	kvfree(ids->places);
	*ids = (struct xenpv_ids) { };
}
EXPORT_SYMBOL_NS_GPL(xenpv_ids_free, "XENPV");

/**
 * xenpv_ids_give() - give out an id
 * @ids: the table
 * @what: what the id stands for, not NULL
 * @id: the id
 *
 * Context: Any; serialised by the caller.
 * Return: 0, or -ENOSPC if as many ids are out as can be.
 */
int xenpv_ids_give(struct xenpv_ids *ids, void *what, u64 *id)
{
	struct xenpv_ids_place *place;

	if (ids->out == ids->nr)
		return -ENOSPC;

	place = &ids->places[ids->first];
	ids->first = place->next;
	ids->out++;
	place->what = what;
	*id = place->id;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ids_give, "XENPV");

/* The place goes to the end of the queue, with the id of its next generation. */
static void *ids_release(struct xenpv_ids *ids, u32 index)
{
	struct xenpv_ids_place *place = &ids->places[index];
	void *what = place->what;

	place->what = NULL;
	place->id = (place->id + ids->step) & ids->mask;
	if (ids->out == ids->nr)
		ids->first = index;
	else
		ids->places[ids->last].next = index;
	ids->last = index;
	ids->out--;
	return what;
}

/**
 * xenpv_ids_take() - take back an id
 * @ids: the table
 * @id: as the peer says it
 *
 * Context: Any; serialised by the caller.
 * Return: what the id stands for, or NULL if it is not out.
 */
void *xenpv_ids_take(struct xenpv_ids *ids, u64 id)
{
	u64 index = id & (ids->step - 1);
	struct xenpv_ids_place *place;

	if (index >= ids->nr)
		return NULL;
	index = array_index_nospec(index, ids->nr);
	place = &ids->places[index];

	/* Free, used again since, or with bits that no id has. */
	if (!place->what || place->id != id)
		return NULL;
	return ids_release(ids, index);
}
EXPORT_SYMBOL_NS_GPL(xenpv_ids_take, "XENPV");

/**
 * xenpv_ids_drain() - take back an id that the peer will not give back any more
 * @ids: the table
 *
 * Context: Any; serialised by the caller.
 * Return: what some id that is out stands for, or NULL if none is.
 */
void *xenpv_ids_drain(struct xenpv_ids *ids)
{
	for (u32 i = 0; ids->out && i < ids->nr; i++) {
		if (ids->places[i].what)
			return ids_release(ids, i);
	}
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(xenpv_ids_drain, "XENPV");
