// SPDX-License-Identifier: GPL-2.0-only
/* Where the rings of a disk are: keys that the front writes and the back reads. */

#include <linux/export.h>
#include <linux/limits.h>

#include "blkif.h"

static const struct xenpv_key single_page[] = {
	XENPV_KEY_NUMBER(struct xblk_ring_facts, refs[0], "ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xblk_ring_facts, port, "event-channel", 0, U32_MAX),
};

const struct xenpv_keys xblk_single_page = {
	single_page, ARRAY_SIZE(single_page), sizeof(struct xblk_ring_facts)
};
EXPORT_SYMBOL_NS_GPL(xblk_single_page, "XENPV");

static const struct xenpv_key many_pages[] = {
	XENPV_KEY_MANY(struct xblk_ring_facts, refs, nr, "ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xblk_ring_facts, port, "event-channel", 0, U32_MAX),
};

const struct xenpv_keys xblk_many_pages = {
	many_pages, ARRAY_SIZE(many_pages), sizeof(struct xblk_ring_facts)
};
EXPORT_SYMBOL_NS_GPL(xblk_many_pages, "XENPV");
