/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_MEMORY_PRIVATE_H
#define _XENPV_MEMORY_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/errno.h>
#include <linux/mm_types.h>

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
int xenpv_frames_surrender(struct page *page);
int xenpv_frames_reclaim(struct page *page);

#endif /* _XENPV_MEMORY_PRIVATE_H */
