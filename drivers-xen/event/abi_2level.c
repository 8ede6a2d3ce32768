// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two-level layout of pending bits: 64 words of 64 ports, and per vCPU a
 * selector word that says which of them to look at.
 */

#include <linux/bitops.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/*
 * A word can hold ports of several CPUs, while the selector is per CPU.  The
 * words here tell which ports are this CPU's business.
 */
#define NR_WORDS	(EVTCHN_2L_NR_CHANNELS / BITS_PER_LONG)

static DEFINE_PER_CPU(unsigned long [NR_WORDS], own_ports);

static xen_ulong_t __xen_shared *pending_words(void)
{
	return xenpv_shared_info->evtchn_pending;
}

static xen_ulong_t __xen_shared *mask_words(void)
{
	return xenpv_shared_info->evtchn_mask;
}

/* Every Xen knows this layout, and a domain starts with it. */
static int twolevel_start(void)
{
	unsigned int cpu;

	for (unsigned int word = 0; word < NR_WORDS; word++)
		xenpv_shared_store(&mask_words()[word], ~0UL);
	for_each_possible_cpu(cpu)
		memset(per_cpu(own_ports, cpu), 0, sizeof(own_ports));
	return 0;
}

static int twolevel_reserve(evtchn_port_t port, gfp_t gfp)
{
	return 0;
}

static void twolevel_prioritise(evtchn_port_t port)
{
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
	return xenpv_shared_test_bit(port, pending_words());
}

static bool twolevel_clear(evtchn_port_t port)
{
	return xenpv_shared_test_and_clear_bit(port, pending_words());
}

static void twolevel_raise(evtchn_port_t port)
{
	xenpv_shared_set_bit(port, pending_words());
}

static void twolevel_mask(evtchn_port_t port)
{
	xenpv_shared_set_bit(port, mask_words());
}

/*
 * Xen sets the selector only when a port becomes pending while it is unmasked.
 * If it was pending before, the hypercall makes up for that; and it wants to
 * find the mask bit set.
 */
static void twolevel_unmask(evtchn_port_t port)
{
	if (!twolevel_pending(port)) {
		xenpv_shared_clear_bit(port, mask_words());
		/* Xen sets pending, then looks at the mask: the other order. */
		xenpv_shared_mb();
		if (!twolevel_pending(port))
			return;
	}
	twolevel_mask(port);
	xenpv_event_ask_unmask(port);
}

static void scan_word(unsigned int word, const unsigned long *own)
{
	unsigned long ready;

	ready = xenpv_shared_load(&pending_words()[word]) &
		~xenpv_shared_load(&mask_words()[word]) & READ_ONCE(own[word]);
	while (ready) {
		evtchn_port_t port = word * BITS_PER_LONG + __ffs(ready);

		ready &= ready - 1;
		/* It may have moved to another CPU that was faster. */
		if (twolevel_clear(port))
			xenpv_event_deliver(xenpv_event_find(port));
	}
}

static bool twolevel_scan(unsigned int cpu)
{
	struct vcpu_info __xen_shared *vi = per_cpu(xenpv_vcpu, cpu);
	const unsigned long *own = per_cpu(own_ports, cpu);
	/* Full barrier. */
	unsigned long sel = xenpv_shared_xchg(&vi->evtchn_pending_sel, 0);

	while (sel) {
		scan_word(__ffs(sel), own);
		sel &= sel - 1;
	}
	/* What comes meanwhile sets the selector and the flag again. */
	return false;
}

static int twolevel_cpu_up(unsigned int cpu)
{
	return 0;
}

/* Who moves a pending port to another CPU has that one told when it unmasks it. */
static void twolevel_cpu_dead(unsigned int cpu)
{
}

const struct xenpv_event_abi xenpv_event_2level = {
	.name		= "two-level",
	.nr_ports	= EVTCHN_2L_NR_CHANNELS,
	.start		= twolevel_start,
	.reserve	= twolevel_reserve,
	.prioritise	= twolevel_prioritise,
	.bind		= twolevel_bind,
	.unbind		= twolevel_unbind,
	.move		= twolevel_move,
	.pending	= twolevel_pending,
	.clear		= twolevel_clear,
	.raise		= twolevel_raise,
	.mask		= twolevel_mask,
	.unmask		= twolevel_unmask,
	.scan		= twolevel_scan,
	.cpu_up		= twolevel_cpu_up,
	.cpu_dead	= twolevel_cpu_dead,
};
