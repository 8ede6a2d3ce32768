// SPDX-License-Identifier: GPL-2.0-only
/* What the fake Xen does to our grant table when another domain uses a page that we grant. */

#include <linux/compiler.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "fake.h"
#include "grant_model.h"

/* What a handle of a peer stands for. */
struct peer_map {
	bool used;
	bool write;
	grant_ref_t ref;
	void *page;
};

static struct peer_map maps[XENPV_FAKE_MAPS];
static unsigned int nr_maps, top;

void xenpv_fake_peer_reset(void)
{
	memset(maps, 0, top * sizeof(maps[0]));
	nr_maps = 0;
	top = 0;
}

/*
 * Flags and domain are one word, so that they are looked at, and changed, together.
 * As in the event model a step is a point and then one plain access.
 */
union head {
	u32 raw;
	struct grant_entry_header h;
};

static u32 *head_at(grant_ref_t ref)
{
	struct grant_entry_v1 *v1;
	union grant_entry_v2 *v2;

	if (fake_table.version == 1) {
		v1 = fake_table.frames[ref / FAKE_V1_PER_FRAME];
		return (u32 *)&v1[ref % FAKE_V1_PER_FRAME];
	}
	v2 = fake_table.frames[ref / FAKE_V2_PER_FRAME];
	return (u32 *)&v2[ref % FAKE_V2_PER_FRAME];
}

static grant_status_t *status_at(grant_ref_t ref)
{
	grant_status_t *status = fake_table.status[ref / FAKE_STATUS_PER_FRAME];

	return &status[ref % FAKE_STATUS_PER_FRAME];
}

static union head look(grant_ref_t ref)
{
	xenpv_fake_step();
	return (union head){ .raw = READ_ONCE(*head_at(ref)) };
}

static u64 frame_in(grant_ref_t ref)
{
	xenpv_fake_step();
	if (fake_table.version == 1)
		return READ_ONCE(((struct grant_entry_v1 *)head_at(ref))->frame);
	return READ_ONCE(((union grant_entry_v2 *)head_at(ref))->full_page.frame);
}

static bool is_pinned(const struct fake_active *active)
{
	return active->readers || active->writers;
}

/* May this domain have it?  Once it has, the entry is not asked any more. */
static bool allows(union head head, const struct fake_active *active, domid_t domid,
		   bool write)
{
	if (!is_pinned(active) &&
	    ((head.h.flags & (GTF_type_mask | GTF_sub_page)) != GTF_permit_access ||
	     head.h.domid != domid))
		return false;
	return !write || !(head.h.flags & GTF_readonly);
}

/* Version 1: the in-use bits are in the word that allows. */
static bool pin_v1(grant_ref_t ref, const struct fake_active *active, domid_t domid,
		   u16 bits)
{
	union head old = look(ref), new;

	for (unsigned int try = 0; try < 5; try++) {
		if (!allows(old, active, domid, bits & GTF_writing))
			return false;
		new = old;
		new.h.flags |= bits;
		xenpv_fake_step();
		if (READ_ONCE(*head_at(ref)) == old.raw) {
			WRITE_ONCE(*head_at(ref), new.raw);
			return true;
		}
		old.raw = READ_ONCE(*head_at(ref));
	}
	return false;
}

static void clear_bits(u16 *word, u16 bits)
{
	xenpv_fake_step();
	WRITE_ONCE(*word, READ_ONCE(*word) & ~bits);
}

/* Version 2: they are in a word of their own, so the permission is looked at again. */
static bool pin_v2(grant_ref_t ref, const struct fake_active *active, domid_t domid,
		   u16 bits)
{
	grant_status_t *status = status_at(ref);

	if (!allows(look(ref), active, domid, bits & GTF_writing))
		return false;
	xenpv_fake_step();
	WRITE_ONCE(*status, READ_ONCE(*status) | bits);
	if (allows(look(ref), active, domid, bits & GTF_writing))
		return true;
	clear_bits(status, is_pinned(active) ? GTF_writing : bits);
	return false;
}

static bool is_free(void *active)
{
	return !((struct fake_active *)active)->locked;
}

static struct fake_active *lock(grant_ref_t ref)
{
	struct fake_active *active = &fake_table.active[ref];

	xenpv_fake_wait(is_free, active);
	active->locked = true;
	fake_table.top = max(fake_table.top, ref + 1);
	return active;
}

static int pin(struct fake_active *active, domid_t domid, grant_ref_t ref, bool write)
{
	u16 bits = GTF_reading | (write ? GTF_writing : 0);
	bool pinned = is_pinned(active);

	if (pinned && active->domid != domid)
		return GNTST_general_error;
	if (!pinned || (write && !active->writers)) {
		bool ok = fake_table.version == 1 ? pin_v1(ref, active, domid, bits) :
						    pin_v2(ref, active, domid, bits);

		if (!ok)
			return GNTST_general_error;
	}
	if (!pinned) {
		active->page = xenpv_fake_frame(frame_in(ref));
		active->domid = domid;
	}
	if (write)
		active->writers++;
	else
		active->readers++;
	return GNTST_okay;
}

/* Bits go when the last map goes that needs them. */
static void unpin(struct fake_active *active, grant_ref_t ref, bool write)
{
	u16 *word = fake_table.version == 1 ? (u16 *)head_at(ref) : status_at(ref);

	if (write && !--active->writers)
		clear_bits(word, GTF_writing);
	else if (!write)
		active->readers--;
	if (!is_pinned(active))
		clear_bits(word, GTF_reading);
}

static int new_handle(void)
{
	for (unsigned int i = 0; i < XENPV_FAKE_MAPS; i++) {
		if (!maps[i].used) {
			top = max(top, i + 1);
			return i;
		}
	}
	return GNTST_no_space;
}

static struct peer_map *map_of(int handle)
{
	if (handle < 0 || handle >= XENPV_FAKE_MAPS || !maps[handle].used)
		return NULL;
	return &maps[handle];
}

/**
 * xenpv_fake_peer_map() - have a peer map a page that we grant
 * @domid: the peer
 * @ref: our reference
 * @write: for writing, too
 *
 * Context: Any; of a task, each access to the entry is a point.
 * Return: a handle, or GNTST_* if Xen refuses.
 */
int xenpv_fake_peer_map(domid_t domid, grant_ref_t ref, bool write)
{
	struct fake_active *active;
	int handle, status;

	if (ref >= xenpv_fake_grant_refs())
		return GNTST_bad_gntref;
	active = lock(ref);
	status = pin(active, domid, ref, write);
	if (status == GNTST_okay && !active->page) {
		unpin(active, ref, write);
		status = GNTST_bad_page;
	}
	handle = status == GNTST_okay ? new_handle() : status;
	if (status == GNTST_okay && handle < 0)
		unpin(active, ref, write);
	if (handle >= 0) {
		maps[handle] = (struct peer_map) {
			.used = true, .write = write, .ref = ref, .page = active->page,
		};
		nr_maps++;
	}
	active->locked = false;
	return handle;
}

/**
 * xenpv_fake_peer_unmap() - have a peer unmap a page
 * @handle: from xenpv_fake_peer_map()
 *
 * Context: As xenpv_fake_peer_map().
 * Return: GNTST_okay or GNTST_bad_handle.
 */
int xenpv_fake_peer_unmap(int handle)
{
	struct peer_map *map = map_of(handle);
	struct fake_active *active;

	if (!map)
		return GNTST_bad_handle;
	active = lock(map->ref);
	/* First the peer cannot reach it any more, then we may know. */
	map->used = false;
	nr_maps--;
	unpin(active, map->ref, map->write);
	active->locked = false;
	return GNTST_okay;
}

/**
 * xenpv_fake_peer_page() - find the page of a handle
 * @handle: from xenpv_fake_peer_map()
 *
 * Context: Any.
 * Return: its address, NULL if the peer does not have it any more.
 */
void *xenpv_fake_peer_page(int handle)
{
	struct peer_map *map = map_of(handle);

	return map ? map->page : NULL;
}

/**
 * xenpv_fake_peer_write() - have a peer write to a page
 * @handle: from xenpv_fake_peer_map()
 * @offset: where in the page
 * @from: what
 * @len: how much
 *
 * Context: Any; a point.
 * Return: 0, or -EFAULT if the map does not allow it.
 */
int xenpv_fake_peer_write(int handle, unsigned int offset, const void *from,
			  unsigned int len)
{
	struct peer_map *map = map_of(handle);

	if (!map || !map->write || len > PAGE_SIZE || offset > PAGE_SIZE - len)
		return -EFAULT;
	xenpv_fake_step();
	memcpy(map->page + offset, from, len);
	return 0;
}

/**
 * xenpv_fake_peer_copy() - have a peer copy from or to a page that we grant
 * @domid: the peer
 * @ref: our reference
 * @write: to the page
 * @offset: where in the page
 * @buf: the peer's memory
 * @len: how much
 *
 * Context: As xenpv_fake_peer_map().
 * Return: GNTST_*.
 */
int xenpv_fake_peer_copy(domid_t domid, grant_ref_t ref, bool write, unsigned int offset,
			 void *buf, unsigned int len)
{
	struct fake_active *active;
	int status;

	if (ref >= xenpv_fake_grant_refs())
		return GNTST_bad_gntref;
	if (len > PAGE_SIZE || offset > PAGE_SIZE - len)
		return GNTST_bad_copy_arg;
	active = lock(ref);
	status = pin(active, domid, ref, write);
	if (status == GNTST_okay) {
		xenpv_fake_step();
		if (!active->page)
			status = GNTST_bad_page;
		else if (write)
			memcpy(active->page + offset, buf, len);
		else
			memcpy(buf, active->page + offset, len);
		unpin(active, ref, write);
	}
	active->locked = false;
	return status;
}

/**
 * xenpv_fake_peer_holds() - does a peer have this page?
 * @page: its address
 *
 * Context: Any.
 * Return: true if a peer has it mapped.
 */
bool xenpv_fake_peer_holds(const void *page)
{
	for (unsigned int i = 0; i < top; i++)
		if (maps[i].used && maps[i].page == page)
			return true;
	return false;
}

/**
 * xenpv_fake_peer_scan() - look for bytes that a peer must not see
 * @handle: from xenpv_fake_peer_map()
 * @canary: the bytes
 * @len: how many
 *
 * Context: Any.
 * Return: where they are in the page, -1 if they are not there or the page is not.
 */
int xenpv_fake_peer_scan(int handle, const void *canary, unsigned int len)
{
	const u8 *page = xenpv_fake_peer_page(handle);

	if (!page || !len)
		return -1;
	for (unsigned int i = 0; i + len <= PAGE_SIZE; i++)
		if (!memcmp(page + i, canary, len))
			return i;
	return -1;
}

/**
 * xenpv_fake_peer_maps() - how many pages of ours have peers mapped?
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int xenpv_fake_peer_maps(void)
{
	return nr_maps;
}
