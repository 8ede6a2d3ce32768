// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two-level layout of pending bits: 64 words of 64 ports, and per vCPU a
 * selector word that says which of them to look at.
 */

#include <linux/bitops.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <asm/sync_bitops.h>

#include <xenpv/hypercall.h>
#include <xenpv/vcpu.h>
#include "private.h"

/*
 * Xen and other CPUs change the shared words at any time, also when this
 * kernel has one CPU and patches its lock prefixes away: only sync_ operations
 * and virt_ barriers are right here.
 *
 * A word can hold ports of several CPUs, while the selector is per CPU.  The
 * words here tell which ports are this CPU's business.
 */
#define NR_WORDS	(EVTCHN_2L_NR_CHANNELS / BITS_PER_LONG)

static DEFINE_PER_CPU(unsigned long [NR_WORDS], own_ports);

static void twolevel_init(void)
{
	memset(xenpv_shared_info->evtchn_mask, 0xff,
	       sizeof(xenpv_shared_info->evtchn_mask));
}

static void twolevel_bind(evtchn_port_t port, unsigned int cpu)
{
	set_bit(port, per_cpu(own_ports, cpu));
}

static void twolevel_unbind(evtchn_port_t port, unsigned int cpu)
{
	clear_bit(port, per_cpu(own_ports, cpu));
}

static void twolevel_move(evtchn_port_t port, unsigned int from, unsigned int to)
{
	clear_bit(port, per_cpu(own_ports, from));
	set_bit(port, per_cpu(own_ports, to));
}

static bool twolevel_pending(evtchn_port_t port)
{
	return sync_test_bit(port, xenpv_shared_info->evtchn_pending);
}

static bool twolevel_clear(evtchn_port_t port)
{
	return sync_test_and_clear_bit(port, xenpv_shared_info->evtchn_pending);
}

static void twolevel_raise(evtchn_port_t port)
{
	sync_set_bit(port, xenpv_shared_info->evtchn_pending);
}

static bool twolevel_mask(evtchn_port_t port)
{
	return sync_test_and_set_bit(port, xenpv_shared_info->evtchn_mask);
}

/*
 * Xen sets the selector only when a port becomes pending while it is unmasked.
 * If it was pending before, the hypercall makes up for that; and it wants to
 * find the mask bit set.
 */
static void twolevel_unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };

	if (!twolevel_pending(port)) {
		sync_clear_bit(port, xenpv_shared_info->evtchn_mask);
		/* Xen sets pending, then looks at the mask: the other order. */
		virt_mb();
		if (!twolevel_pending(port))
			return;
		twolevel_mask(port);
	}
	xenpv_hv_event_channel_op(EVTCHNOP_unmask, &op);
}

static void scan_word(unsigned int word, const unsigned long *own)
{
	struct shared_info *shared = xenpv_shared_info;
	unsigned long ready;

	ready = READ_ONCE(shared->evtchn_pending[word]) &
		~READ_ONCE(shared->evtchn_mask[word]) & READ_ONCE(own[word]);
	while (ready) {
		evtchn_port_t port = word * BITS_PER_LONG + __ffs(ready);

		ready &= ready - 1;
		sync_clear_bit(port, shared->evtchn_pending);
		xenpv_event_dispatch(port);
	}
}

static void twolevel_scan(unsigned int cpu)
{
	struct vcpu_info *vi = this_cpu_read(xenpv_vcpu);
	const unsigned long *own = per_cpu(own_ports, cpu);
	/* Full barrier. */
	unsigned long sel = xchg(&vi->evtchn_pending_sel, 0);

	while (sel) {
		scan_word(__ffs(sel), own);
		sel &= sel - 1;
	}
}

const struct xenpv_event_abi xenpv_event_2level = {
	.name		= "two-level",
	.nr_ports	= EVTCHN_2L_NR_CHANNELS,
	.init		= twolevel_init,
	.bind		= twolevel_bind,
	.unbind		= twolevel_unbind,
	.move		= twolevel_move,
	.pending	= twolevel_pending,
	.clear		= twolevel_clear,
	.raise		= twolevel_raise,
	.mask		= twolevel_mask,
	.unmask		= twolevel_unmask,
	.scan		= twolevel_scan,
};
