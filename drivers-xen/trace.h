/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of the upper floors: what can go wrong between us and a peer. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xenpv

#if !defined(_XENPV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _XENPV_TRACE_H

#include <linux/tracepoint.h>

/* A peer sent events without work for too long, and has to wait. */
TRACE_EVENT(xenpv_event_delay,
	TP_PROTO(unsigned int port, const char *name, unsigned long spurious, u64 delay),

	TP_ARGS(port, name, spurious, delay),

	TP_STRUCT__entry(
		__field(unsigned int, port)
		__string(name, name)
		__field(unsigned long, spurious)
		__field(u64, delay)
	),

	TP_fast_assign(
		__entry->port = port;
		__assign_str(name);
		__entry->spurious = spurious;
		__entry->delay = delay;
	),

	TP_printk("port=%u name=%s spurious=%lu delay=%llu ns",
		  __entry->port, __get_str(name), __entry->spurious, __entry->delay)
);

#endif /* _XENPV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../drivers/xenpv
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
