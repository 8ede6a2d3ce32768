/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of the back of a disk: what a front asks for, and what it gets. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xenpv_blkback

#if !defined(_XENPV_BLK_BACK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _XENPV_BLK_BACK_TRACE_H

#include <linux/device.h>
#include <linux/tracepoint.h>
#include "back.h"

#define show_code(code)							\
	__print_symbolic(code,						\
			 { BLKIF_OP_READ, "read" },			\
			 { BLKIF_OP_WRITE, "write" },			\
			 { BLKIF_OP_FLUSH_DISKCACHE, "flush" },		\
			 { BLKIF_OP_DISCARD, "discard" })

/* A request whose data are there, and whose I/O starts. */
TRACE_EVENT(xenpv_blkback_start,
	TP_PROTO(const struct xblk_job *job),

	TP_ARGS(job),

	TP_STRUCT__entry(
		__string(name, dev_name(&job->queue->back->dev->dev))
		__field(u64, id)
		__field(u64, sector)
		__field(u64, sectors)
		__field(u8, code)
		__field(u16, segs)
		__field(u16, mapped)
		__field(bool, copied)
	),

	TP_fast_assign(
		__assign_str(name);
		__entry->id = job->op.id;
		__entry->sector = job->op.sector;
		__entry->sectors = job->op.nr_sectors;
		__entry->code = job->op.code;
		__entry->segs = job->op.nr_segs;
		__entry->mapped = job->nr_slots;
		__entry->copied = job->copied;
	),

	TP_printk("%s id=%#llx %s sector=%llu+%llu segments=%u %s=%u", __get_str(name),
		  __entry->id, show_code(__entry->code), __entry->sector, __entry->sectors,
		  __entry->segs, __entry->copied ? "copied" : "mapped",
		  __entry->copied ? __entry->segs : __entry->mapped)
);

/* A request is answered. */
TRACE_EVENT(xenpv_blkback_answer,
	TP_PROTO(const struct xblk_job *job),

	TP_ARGS(job),

	TP_STRUCT__entry(
		__string(name, dev_name(&job->queue->back->dev->dev))
		__field(u64, id)
		__field(u8, code)
		__field(int, error)
	),

	TP_fast_assign(
		__assign_str(name);
		__entry->id = job->op.id;
		__entry->code = job->op.code;
		__entry->error = job->error;
	),

	TP_printk("%s id=%#llx %s error=%d", __get_str(name), __entry->id,
		  show_code(__entry->code), __entry->error)
);

#endif /* _XENPV_BLK_BACK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../drivers/xenpv/blk
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE back_trace
#include <trace/define_trace.h>
