// SPDX-License-Identifier: GPL-2.0-only
/* Reads what Xen says about this domain, once, and publishes it in xenpv_self. */

#include <linux/export.h>
#include <linux/init.h>

#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/* Filled before BSS users of any kind exist on PVH, hence not in BSS. */
struct xenpv_self xenpv_self __ro_after_init = { .kind = XENPV_KIND_NONE };
EXPORT_SYMBOL_NS_GPL(xenpv_self, "XENPV");

/**
 * xenpv_self_read() - learn kind, version and features
 * @kind: how this kernel runs
 * @start: start-info page of a PV domain, or NULL
 *
 * Context: Boot CPU; hypercalls must work already.
 */
void __init xenpv_self_read(enum xenpv_kind kind, struct start_info *start)
{
	long version;

	xenpv_self.kind = kind;
	xenpv_self.start = start;
	xenpv_self.control = start && (start->flags & SIF_INITDOMAIN);

	version = xenpv_hv_xen_version(XENVER_version, NULL);
	if (version > 0)
		xenpv_self.version = version;

	for (unsigned int i = 0; i < XENFEAT_NR_SUBMAPS; i++) {
		struct xen_feature_info part = { .submap_idx = i };

		if (!xenpv_hv_xen_version(XENVER_get_features, &part))
			xenpv_self.features[i] = part.submap;
	}
}
