// SPDX-License-Identifier: GPL-2.0-only
/* The event room on the fake hypervisor, for the suites of this folder. */

#include <kunit/static_stub.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <xenpv/vcpu.h>
#include "../../fake/event_model.h"
#include "harness.h"

static struct {
	const struct xenpv_event_abi *abi;
	struct shared_info __xen_shared *shared;
	struct vcpu_info __xen_shared *vcpu[NR_CPUS_USED];
	bool want_2level;
} real;

const struct xenpv_event_abi * const event_layouts[NR_LAYOUTS] = {
	&xenpv_event_2level,
	&xenpv_event_fifo,
};

void event_layout_name(const struct xenpv_event_abi * const *layout, char *name)
{
	strscpy(name, (*layout)->name, KUNIT_PARAM_DESC_SIZE);
}

/* How often Xen was asked to unmask a port in this round. */
static unsigned int unmasks;

/*
 * The layout of the case, and the same with an eye on events that leave the table: no
 * task that was in the middle of an upcall then, and so may have the event in hand,
 * may still be in it when the port is closed.
 */
static const struct xenpv_event_abi *layout;
static struct xenpv_event_abi watched;
static struct xenpv_fake_grace leaving;
static bool leaves;

static void unbind(evtchn_port_t port, unsigned int cpu)
{
	layout->unbind(port, cpu);
	if (!leaves)
		xenpv_fake_grace_begin(&leaving);
	leaves = true;
}

static void judge_close(void)
{
	if (!leaves)
		return;
	leaves = false;
	if (!xenpv_fake_grace_over(&leaving))
		xenpv_fake_bad("a port is closed while an upcall may have its event in hand");
	xenpv_fake_grace_end(&leaving);
}

static long watch(unsigned long cmd, unsigned long arg, unsigned long a3,
		  unsigned long a4, unsigned long a5)
{
	if (cmd == EVTCHNOP_close)
		judge_close();
	unmasks += cmd == EVTCHNOP_unmask;
	return xenpv_fake_event_channel_op(cmd, arg, a3, a4, a5);
}

static void restore(void *unused)
{
	xenpv_event_abi = real.abi;
	xenpv_event_want_2level = real.want_2level;
	xenpv_shared_info = real.shared;
	for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++)
		per_cpu(xenpv_vcpu, cpu) = real.vcpu[cpu];
}

/* What is shared with Xen is the fake's from here to the end of the case. */
static void start_events(struct kunit *test)
{
	KUNIT_ASSERT_GE(test, num_possible_cpus(), NR_CPUS_USED);
	xenpv_fake_event_start(NR_CPUS_USED);

	real.abi = xenpv_event_abi;
	real.want_2level = xenpv_event_want_2level;
	real.shared = xenpv_shared_info;
	for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++)
		real.vcpu[cpu] = per_cpu(xenpv_vcpu, cpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);

	xenpv_shared_info = (struct shared_info __xen_shared __force *)xenpv_fake_shared_info();
	for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++)
		per_cpu(xenpv_vcpu, cpu) =
			(struct vcpu_info __xen_shared __force *)xenpv_fake_vcpu_info(cpu);
	kunit_activate_static_stub(test, xenpv_event_synchronize, xenpv_fake_synchronize);
	xenpv_event_irq_init();
}

/* For suites of other rooms, which have started the fake: events of two levels. */
void event_test_beside(struct kunit *test)
{
	start_events(test);
	xenpv_event_want_2level = true;
	xenpv_event_abi = &xenpv_event_2level;
	xenpv_event_abi->start();
}

/* @abi: the layout, or NULL for that of the case's parameter. */
void event_test_start(struct kunit *test, const struct xenpv_event_abi *abi)
{
	xenpv_fake_start(test);
	start_events(test);
	xenpv_fake_serve(__HYPERVISOR_event_channel_op, watch);
	if (!abi)
		abi = *(const struct xenpv_event_abi * const *)test->param_value;
	layout = abi;
	watched = *abi;
	watched.unbind = unbind;
	xenpv_event_abi = &watched;
	xenpv_event_want_2level = abi == &xenpv_event_2level;
	event_test_reset();
}

/*
 * With FIFO, Xen sets PENDING once more when it appends what it unmasks, so each
 * time may become a call too many.
 */
const char *event_test_doubled(unsigned int calls, unsigned int sends)
{
	unsigned int by_xen = layout == &xenpv_event_fifo ? unmasks : 0;

	return calls > sends + by_xen ? "an event was doubled" : NULL;
}

/* A domain that has just started, in the layout of the case. */
void event_test_reset(void)
{
	unmasks = 0;
	leaves = false;
	xenpv_fake_event_reset();
	xenpv_event_abi->start();
	for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++)
		xenpv_event_abi->cpu_up(cpu);
}

void event_test_upcall(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	xenpv_event_run(cpu);
	local_irq_restore(flags);
}

/* Be a CPU that does nothing but upcalls, until @others (a mask of tasks) have ended. */
void event_test_serve(unsigned int cpu, unsigned long others)
{
	while (xenpv_fake_event_wait(cpu, others))
		event_test_upcall(cpu);
}

/* Outside of tasks: all upcalls that are due. */
void event_test_settle(void)
{
	for (unsigned int n = 0; n < 100; n++) {
		bool quiet = true;

		for (unsigned int cpu = 0; cpu < NR_CPUS_USED; cpu++) {
			if (!xenpv_fake_event_due(cpu))
				continue;
			quiet = false;
			event_test_upcall(cpu);
		}
		if (quiet)
			return;
	}
	xenpv_fake_bad("upcalls without end");
}

irqreturn_t event_test_handler(int irq, void *channel)
{
	struct channel *ch = channel;

	if (ch->gone)
		xenpv_fake_bad("a handler was called after unbind");
	if (ch->quiet)
		xenpv_fake_bad("a handler was called while its event was masked");
	if (ch->owed)
		xenpv_fake_bad("a late event came again before it was done");
	ch->calls++;
	ch->seen = ch->sends;
	if (ch->ev && ch->ev->late)
		ch->owed = true;
	return IRQ_HANDLED;
}

/*
 * An event without a Linux interrupt, which may be late and may move all the same.
 * False if it could not be bound.
 */
bool event_test_bind(struct channel *ch, unsigned int cpu, bool late)
{
	evtchn_port_t port = xenpv_fake_event_connected(PEER, 1);
	struct xenpv_event *ev;

	*ch = (struct channel){ };
	if (!port)
		return false;
	ev = xenpv_event_new(XENPV_EVENT_GIVEN, port, "test", ch);
	if (!ev)
		return false;
	ev->late = late;
	ev->cpu = cpu;
	ev->handler = event_test_handler;
	ch->ev = ev;
	ch->port = port;
	if (xenpv_event_open(ev) || xenpv_event_publish(ev)) {
		xenpv_event_close(ev);
		kfree(ev);
		ch->ev = NULL;
		return false;
	}
	xenpv_event_settle(ev);
	xenpv_event_unmask_for(ev, XENPV_MASK_IRQ);
	return true;
}

void event_test_unbind(struct channel *ch)
{
	struct xenpv_event *ev = ch->ev;

	if (!ev)
		return;
	xenpv_event_unbind(ev);
	ch->ev = NULL;
	ch->port = 0;
	ch->gone = true;
}

/* The peer sends. */
void event_test_send(struct channel *ch)
{
	if (!ch->port)
		return;
	ch->sends++;
	xenpv_fake_event_send(ch->port);
}

/* xenpv_event_done() on the virtual clock, whose timer is event_test_tick(). */
void event_test_done(struct channel *ch, bool useful)
{
	u64 delay;

	ch->owed = false;
	delay = xenpv_event_eoi_judge(ch->ev, useful);
	if (!delay)
		return;
	guard(preempt)();
	xenpv_event_eoi_delay(ch->ev, xenpv_fake_now() + delay);
}

/* When the next event is due, 0 if none waits. */
u64 event_test_tick(void)
{
	guard(preempt)();
	return xenpv_event_eoi_expire(xenpv_fake_now());
}
