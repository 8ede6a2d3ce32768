// SPDX-License-Identifier: GPL-2.0-only
/* Where the queues of an interface are: keys that the front writes and the back reads. */

#include <linux/export.h>
#include <linux/limits.h>

#include "netif.h"

static const struct xenpv_key one_event[] = {
	XENPV_KEY_NUMBER(struct xnet_queue_facts, tx_ref, "tx-ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xnet_queue_facts, rx_ref, "rx-ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xnet_queue_facts, tx_port, "event-channel", 0, U32_MAX),
};

const struct xenpv_keys xnet_queue_one_event = {
	one_event, ARRAY_SIZE(one_event), sizeof(struct xnet_queue_facts)
};
EXPORT_SYMBOL_NS_GPL(xnet_queue_one_event, "XENPV");

static const struct xenpv_key two_events[] = {
	XENPV_KEY_NUMBER(struct xnet_queue_facts, tx_ref, "tx-ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xnet_queue_facts, rx_ref, "rx-ring-ref", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xnet_queue_facts, tx_port, "event-channel-tx", 0, U32_MAX),
	XENPV_KEY_NUMBER(struct xnet_queue_facts, rx_port, "event-channel-rx", 0, U32_MAX),
};

const struct xenpv_keys xnet_queue_two_events = {
	two_events, ARRAY_SIZE(two_events), sizeof(struct xnet_queue_facts)
};
EXPORT_SYMBOL_NS_GPL(xnet_queue_two_events, "XENPV");
