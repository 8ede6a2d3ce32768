/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of the bus: how links move. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xenpv_bus

#if !defined(_XENPV_BUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _XENPV_BUS_TRACE_H

#include <linux/device.h>
#include <linux/tracepoint.h>
#include <xenpv/bus.h>

/* The state in our key has changed, by us or by somebody else. */
TRACE_EVENT(xenpv_link,
	TP_PROTO(const struct xenpv_device *dev, u8 from, u8 to),

	TP_ARGS(dev, from, to),

	TP_STRUCT__entry(
		__string(name, dev_name(&dev->dev))
		__field(u8, from)
		__field(u8, to)
		__field(u8, peer)
		__field(u8, level)
	),

	TP_fast_assign(
		__assign_str(name);
		__entry->from = from;
		__entry->to = to;
		__entry->peer = dev->link.peer;
		__entry->level = dev->link.level;
	),

	TP_printk("%s state=%u->%u peer=%u level=%u", __get_str(name),
		  __entry->from, __entry->to, __entry->peer, __entry->level)
);

#endif /* _XENPV_BUS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../drivers/xenpv/bus
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
