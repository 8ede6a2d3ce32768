/* SPDX-License-Identifier: GPL-2.0-only */
/* A newer kernel counts the pages of balloons. */
#ifndef XENPV_COMPAT_VMSTAT_H
#define XENPV_COMPAT_VMSTAT_H

#include_next <linux/vmstat.h>

#define NR_BALLOON_PAGES	NR_VM_NODE_STAT_ITEMS

static inline void xenpv_compat_mod_node_page_state(struct pglist_data *pgdat,
						    enum node_stat_item item, long delta)
{
	if (item != NR_BALLOON_PAGES)
		mod_node_page_state(pgdat, item, delta);
}

#undef mod_node_page_state
#define mod_node_page_state	xenpv_compat_mod_node_page_state

#endif
