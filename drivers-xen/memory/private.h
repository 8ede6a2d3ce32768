/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_MEMORY_PRIVATE_H
#define _XENPV_MEMORY_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/errno.h>
#include <linux/mm_types.h>
#include <linux/types.h>
#include <xenpv/abi.h>

struct resource;

/* place.c */
int xenpv_place_find(struct resource *res, u64 size, u64 step);

/* space.c */
#ifdef CONFIG_ZONE_DEVICE
int xenpv_space_add(unsigned int nr, struct page **chain);
#else
static inline int xenpv_space_add(unsigned int nr, struct page **chain)
{
	return -EOPNOTSUPP;
}
#endif

/* frames.c */
unsigned int xenpv_frames_surrender(struct page **pages, xen_pfn_t *frames, unsigned int nr);
unsigned int xenpv_frames_reclaim(struct page **pages, xen_pfn_t *frames, unsigned int nr);
long xenpv_frames_out(void);

/* stock.c, balloon.c */
#ifdef CONFIG_XENPV_BALLOON
struct page *xenpv_stock_take(void);
void xenpv_stock_put(struct page *page);
bool xenpv_balloon_may_lend(void);
void xenpv_balloon_look(void);
#else
static inline struct page *xenpv_stock_take(void)
{
	return NULL;
}

static inline void xenpv_stock_put(struct page *page)
{
}

static inline bool xenpv_balloon_may_lend(void)
{
	return true;
}

static inline void xenpv_balloon_look(void)
{
}
#endif

#endif /* _XENPV_MEMORY_PRIVATE_H */
