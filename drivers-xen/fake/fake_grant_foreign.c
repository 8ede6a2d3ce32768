// SPDX-License-Identifier: GPL-2.0-only
/* Pages that other domains grant us in the fake: mapped, unmapped and copied by hypercalls. */

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/hypercall.h>
#include "fake.h"
#include "grant_model.h"

#define NR_RULES	64

/*
 * A page of another domain.  Its bytes are in @own, or, once we have mapped it, in the
 * page of ours that stands for the place of the map.
 */
struct foreign {
	domid_t domid;
	grant_ref_t ref;
	bool offered;
	bool readonly;
	unsigned int maps;
	void *own;
	void *now;
};

/* A map of ours; a handle is the place in the list. */
struct map {
	struct foreign *of;
	u64 host_addr;
	u32 flags;
	void *at;
};

/* What the next slots for a reference answer. */
struct rule {
	enum xenpv_fake_grant_op op;
	domid_t domid;
	grant_ref_t ref;
	s16 status;
	unsigned int times;
};

static struct {
	struct foreign foreign[XENPV_FAKE_FOREIGN];
	unsigned int nr_foreign;
	struct map maps[XENPV_FAKE_MAPS];
	unsigned int nr_maps;
	unsigned int max_maps;
	unsigned int top;
	struct rule rules[NR_RULES];
	unsigned int nr_rules;
	struct {
		const s16 *status;
		unsigned int nr;
		unsigned int next;
	} pattern[XENPV_FAKE_COPY + 1];
} f;

void xenpv_fake_foreign_reset(void)
{
	f.nr_foreign = 0;
	memset(f.maps, 0, f.top * sizeof(f.maps[0]));
	f.top = 0;
	f.nr_maps = 0;
	f.max_maps = XENPV_FAKE_MAPS;
	f.nr_rules = 0;
	memset(f.pattern, 0, sizeof(f.pattern));
}

void xenpv_fake_foreign_exit(void)
{
	for (unsigned int i = 0; i < XENPV_FAKE_FOREIGN; i++)
		free_page((unsigned long)f.foreign[i].own);
	memset(&f, 0, sizeof(f));
}

void xenpv_fake_foreign_limit(unsigned int maps)
{
	f.max_maps = min_t(unsigned int, maps, XENPV_FAKE_MAPS);
}

/* One that was withdrawn stays in the list while it is mapped. */
static struct foreign *find(domid_t domid, grant_ref_t ref)
{
	for (unsigned int i = 0; i < f.nr_foreign; i++)
		if (f.foreign[i].domid == domid && f.foreign[i].ref == ref)
			return &f.foreign[i];
	return NULL;
}

static bool domain_exists(domid_t domid)
{
	for (unsigned int i = 0; i < f.nr_foreign; i++)
		if (f.foreign[i].domid == domid)
			return true;
	return false;
}

/* GNTST_okay: what is true. */
static s16 told(enum xenpv_fake_grant_op op, domid_t domid, grant_ref_t ref)
{
	s16 status = GNTST_okay;

	if (f.pattern[op].nr)
		status = f.pattern[op].status[f.pattern[op].next++ % f.pattern[op].nr];
	for (unsigned int i = 0; i < f.nr_rules && status == GNTST_okay; i++) {
		struct rule *rule = &f.rules[i];

		if (rule->times && rule->op == op && rule->domid == domid &&
		    rule->ref == ref) {
			rule->times--;
			status = rule->status;
		}
	}
	return status;
}

/* Which page a slot names, or why not. */
static s16 look_up(enum xenpv_fake_grant_op op, domid_t domid, grant_ref_t ref,
		   bool write, struct foreign **found)
{
	s16 status = told(op, domid, ref);

	if (status != GNTST_okay)
		return status;
	if (!domain_exists(domid))
		return GNTST_bad_domain;
	*found = find(domid, ref);
	if (!*found || !(*found)->offered)
		return GNTST_bad_gntref;
	if (write && (*found)->readonly)
		return GNTST_general_error;
	return GNTST_okay;
}

/* The page of ours at an address of the kernel, or at one of the domain's memory. */
static void *place(u64 host_addr, u32 flags)
{
	if (!(flags & GNTMAP_host_map) || flags & GNTMAP_contains_pte)
		return NULL;
	if ((s64)host_addr < 0)
		return (void *)host_addr;
	return xenpv_fake_frame(host_addr >> PAGE_SHIFT);
}

/*
 * An entry of the kernel, at an address of this machine: then the page is at two places.
 * Programs' entries are left alone.
 */
static pte_t *entry(u64 host_addr, u32 flags)
{
	if (!(flags & GNTMAP_contains_pte) || flags & GNTMAP_application_map)
		return NULL;
	return __va(host_addr);
}

static struct map *new_map(void)
{
	for (unsigned int i = 0; i < f.max_maps; i++) {
		if (!f.maps[i].of) {
			f.top = max(f.top, i + 1);
			return &f.maps[i];
		}
	}
	return NULL;
}

long xenpv_fake_grant_map(void *arg)
{
	struct gnttab_map_grant_ref *op = arg;
	bool write = !(op->flags & GNTMAP_readonly);
	struct foreign *of;
	struct map *map;

	op->status = look_up(XENPV_FAKE_MAP, op->dom, op->ref, write, &of);
	if (op->status != GNTST_okay)
		return 0;
	op->status = GNTST_bad_gntref;
	if (!(op->flags & (GNTMAP_host_map | GNTMAP_device_map)))
		return 0;
	/* No entry of a table can be there. */
	op->status = GNTST_general_error;
	if (op->flags & GNTMAP_contains_pte && !(op->flags & GNTMAP_application_map) &&
	    PHYS_PFN(op->host_addr) >= max_pfn)
		return 0;
	map = new_map();
	op->status = GNTST_no_space;
	if (!map)
		return 0;

	*map = (struct map) {
		.of = of, .host_addr = op->host_addr, .flags = op->flags,
		.at = place(op->host_addr, op->flags),
	};
	if (map->at) {
		copy_page(map->at, of->now);
		if (!of->maps)
			of->now = map->at;
	}
	if (entry(op->host_addr, op->flags))
		native_set_pte(entry(op->host_addr, op->flags),
			       pfn_pte(virt_to_phys(of->now) >> PAGE_SHIFT, PAGE_KERNEL));
	of->maps++;
	f.nr_maps++;
	op->handle = map - f.maps;
	op->dev_bus_addr = virt_to_phys(of->own);
	op->status = GNTST_okay;
	return 0;
}

/* The bytes go home. */
static void take_down(struct map *map)
{
	struct foreign *of = map->of;

	if (map->at) {
		if (of->now == map->at) {
			copy_page(of->own, map->at);
			of->now = of->own;
		}
		memset(map->at, XENPV_FAKE_UNMAPPED, PAGE_SIZE);
	}
	if (entry(map->host_addr, map->flags)) {
		native_set_pte(entry(map->host_addr, map->flags), native_make_pte(0));
		flush_tlb_all();
	}
	of->maps--;
	f.nr_maps--;
	map->of = NULL;
}

long xenpv_fake_grant_unmap(void *arg)
{
	struct gnttab_unmap_grant_ref *op = arg;
	struct map *map;

	op->status = GNTST_bad_handle;
	if (op->handle >= XENPV_FAKE_MAPS || !f.maps[op->handle].of)
		return 0;
	map = &f.maps[op->handle];
	op->status = told(XENPV_FAKE_UNMAP, map->of->domid, map->of->ref);
	if (op->status != GNTST_okay)
		return 0;
	op->status = GNTST_bad_virt_addr;
	if (op->host_addr && op->host_addr != map->host_addr)
		return 0;
	op->status = GNTST_bad_dev_addr;
	if (op->dev_bus_addr && op->dev_bus_addr != virt_to_phys(map->of->own))
		return 0;
	take_down(map);
	op->status = GNTST_okay;
	return 0;
}

/* Where one side of a copy is. */
static s16 copy_side(const struct gnttab_copy_ptr *ptr, bool by_ref, bool write,
		     void **page)
{
	struct foreign *of;
	s16 status;

	if (by_ref) {
		status = look_up(XENPV_FAKE_COPY, ptr->domid, ptr->u.ref, write, &of);
		if (status == GNTST_okay)
			*page = of->now;
		return status;
	}
	if (ptr->domid != DOMID_SELF)
		return GNTST_permission_denied;
	*page = xenpv_fake_frame(ptr->u.gmfn);
	return *page ? GNTST_okay : GNTST_bad_page;
}

long xenpv_fake_grant_copy(void *arg)
{
	struct gnttab_copy *op = arg;
	void *from, *to;

	op->status = copy_side(&op->source, op->flags & GNTCOPY_source_gref, false, &from);
	if (op->status != GNTST_okay)
		return 0;
	op->status = copy_side(&op->dest, op->flags & GNTCOPY_dest_gref, true, &to);
	if (op->status != GNTST_okay)
		return 0;
	op->status = GNTST_bad_copy_arg;
	if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
		return 0;
	memcpy(to + op->dest.offset, from + op->source.offset, op->len);
	op->status = GNTST_okay;
	return 0;
}

/**
 * xenpv_fake_foreign_offer() - have another domain grant us a page
 * @domid: the domain
 * @ref: its reference
 * @readonly: we may not write
 *
 * The page is zero; offered again, it is as it was.
 *
 * Context: Process.
 * Return: where its bytes are, NULL if there is no room.
 */
void *xenpv_fake_foreign_offer(domid_t domid, grant_ref_t ref, bool readonly)
{
	struct foreign *of = find(domid, ref);

	if (!of) {
		if (f.nr_foreign == XENPV_FAKE_FOREIGN)
			return NULL;
		of = &f.foreign[f.nr_foreign];
		if (!of->own)
			of->own = (void *)__get_free_page(GFP_KERNEL);
		if (!of->own)
			return NULL;
		clear_page(of->own);
		f.nr_foreign++;
		of->domid = domid;
		of->ref = ref;
		of->maps = 0;
		of->now = of->own;
	}
	of->readonly = readonly;
	of->offered = true;
	return of->now;
}

/**
 * xenpv_fake_foreign_page() - find a page of another domain
 * @domid: the domain
 * @ref: its reference
 *
 * Context: Any.
 * Return: where its bytes are now, NULL if it was never offered.
 */
void *xenpv_fake_foreign_page(domid_t domid, grant_ref_t ref)
{
	struct foreign *of = find(domid, ref);

	return of ? of->now : NULL;
}

/**
 * xenpv_fake_foreign_withdraw() - have another domain take a page back
 * @domid: the domain
 * @ref: its reference
 *
 * Maps of it stay.
 *
 * Context: Any.
 */
void xenpv_fake_foreign_withdraw(domid_t domid, grant_ref_t ref)
{
	struct foreign *of = find(domid, ref);

	if (of)
		of->offered = false;
}

/**
 * xenpv_fake_grant_answer() - have slots of a reference fail
 * @op: in which hypercall
 * @domid: who grants it
 * @ref: the reference
 * @status: the answer, GNTST_*
 * @times: how often
 *
 * Context: Any.
 */
void xenpv_fake_grant_answer(enum xenpv_fake_grant_op op, domid_t domid, grant_ref_t ref,
			     s16 status, unsigned int times)
{
	if (f.nr_rules == NR_RULES) {
		xenpv_fake_bad("more answers of grants than the fake can keep");
		return;
	}
	f.rules[f.nr_rules++] = (struct rule) {
		.op = op, .domid = domid, .ref = ref, .status = status, .times = times,
	};
}

/**
 * xenpv_fake_grant_pattern() - have slots fail by their place
 * @op: in which hypercall
 * @status: the answers in turn, GNTST_okay for what is true; they stay the caller's
 * @nr: how many; 0: no pattern any more
 *
 * A copy looks at each side that is a reference.
 *
 * Context: Any.
 */
void xenpv_fake_grant_pattern(enum xenpv_fake_grant_op op, const s16 *status,
			      unsigned int nr)
{
	f.pattern[op].status = status;
	f.pattern[op].nr = nr;
	f.pattern[op].next = 0;
}

/**
 * xenpv_fake_grant_maps() - how many pages of others have we mapped?
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int xenpv_fake_grant_maps(void)
{
	return f.nr_maps;
}
