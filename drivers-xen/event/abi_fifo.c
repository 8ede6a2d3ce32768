// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FIFO layout of pending bits: a word for each port, which links it into a
 * queue; and per vCPU sixteen queues, of falling priority.
 */

#define pr_fmt(fmt) "xenpv: event: " fmt

#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/shared.h>
#include <xenpv/vcpu.h>
#include "private.h"

/*
 *	control block of a vCPU		event words
 *
 *	ready	bit for each queue	PENDING MASKED LINKED BUSY ... link
 *	head[0] --------------------->	   1       0      1     0     port --+
 *	head[1]					                                   |
 *	  ...				   1       0      1     0      0  <--+
 *
 * Xen appends.  It sets PENDING, and if the port is neither MASKED nor LINKED it
 * sets LINKED and writes the port's number into the link of the last word; or,
 * if that one is LINKED no more, into the head of the queue, and then sets the
 * queue's ready bit and the vCPU's flag.
 *
 * We take.  The head is read from the control block only when our copy says that
 * the queue is empty and its ready bit was set.  One compare-and-exchange of the
 * word clears LINKED and the link, which is the next head, and PENDING with them,
 * unless the port is MASKED; then it stays pending until it is unmasked.
 *
 * So each word changes in single steps, and these are the orders that matter:
 *
 *   - PENDING against MASKED: both are in one word.  Who unmasks sees in the
 *     same step whether Xen was there before, and then has Xen append it.
 *   - BUSY: Xen is about to write the link and must not be disturbed more than a
 *     few times.  A port is not unmasked while it is set.
 *   - Xen writes the head, then ready, then the flag.  We clear the flag, then
 *     take ready, then read the head.
 *
 * Xen does not lie, but a number that it wrote is looked at before it is used: a
 * head or link without a word ends the queue, and a word that is not LINKED has no
 * link.  As each step forward clears a LINKED, links in a circle end, too.
 */
#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(event_word_t))
#define MAX_PAGES	(EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)

#define PENDING		((event_word_t)BIT(EVTCHN_FIFO_PENDING))
#define MASKED		((event_word_t)BIT(EVTCHN_FIFO_MASKED))
#define LINKED		((event_word_t)BIT(EVTCHN_FIFO_LINKED))
#define BUSY		((event_word_t)BIT(EVTCHN_FIFO_BUSY))
#define LINK		((event_word_t)EVTCHN_FIFO_LINK_MASK)

/* Changes by others that one of ours puts up with; more are not to be expected. */
#define MAX_TRIES	64

/* Words that a scan looks at, at most; the next scan goes on. */
#define MAX_STEPS	(4 * WORDS_PER_PAGE)

static event_word_t __xen_shared *pages[MAX_PAGES];
static unsigned int nr_pages;

/**
 * struct fifo_cpu - queues of a CPU
 * @control: shared with Xen; the alignment keeps it within a page
 * @registered: Xen knows @control
 * @ready: queues that are not empty, as far as we know
 * @head: first port of each queue, 0 if Xen has written a new one to @control
 * @scan: number of the last scan
 */
struct fifo_cpu {
	struct evtchn_fifo_control_block control __aligned(128);
	bool registered;
	u32 ready;
	u32 head[EVTCHN_FIFO_MAX_QUEUES];
	unsigned long scan;
};

static DEFINE_PER_CPU(struct fifo_cpu, fifo_cpu);

static struct evtchn_fifo_control_block __xen_shared *control_of(struct fifo_cpu *fc)
{
	return (struct evtchn_fifo_control_block __xen_shared __force *)&fc->control;
}

/* Words. */

static event_word_t __xen_shared *word_of(evtchn_port_t port)
{
	unsigned int page = port / WORDS_PER_PAGE;

	/* Pairs with the release in add_page(). */
	if (!port || page >= smp_load_acquire(&nr_pages))
		return NULL;
	return pages[page] + port % WORDS_PER_PAGE;
}

/* Bits are numbered from the start of the page: two words to one of 64 bits. */
static unsigned long __xen_shared *bits_of(evtchn_port_t port)
{
	return (unsigned long __xen_shared __force *)pages[port / WORDS_PER_PAGE];
}

static unsigned int bit_of(evtchn_port_t port, unsigned int bit)
{
	return port % WORDS_PER_PAGE * BITS_PER_TYPE(event_word_t) + bit;
}

static u64 gfn_at(phys_addr_t phys)
{
	return mfn_unbox(xenpv_p2m_get(PHYS_PFN(phys)));
}

/* All words of a new page are masked.  Until the call it is ours alone. */
static int tell_page(event_word_t __xen_shared *page)
{
	event_word_t *words = (event_word_t __force *)page;
	struct evtchn_expand_array op = { .array_gfn = gfn_at(__pa(words)) };

	memset32(words, MASKED, WORDS_PER_PAGE);
	return xenpv_hv_event_channel_op(EVTCHNOP_expand_array, &op);
}

static int add_page(gfp_t gfp)
{
	event_word_t __xen_shared *page;
	int ret;

	page = (event_word_t __xen_shared __force *)__get_free_page(gfp);
	if (!page)
		return -ENOMEM;
	ret = tell_page(page);
	if (ret) {
		free_page((unsigned long)page);
		return ret;
	}
	pages[nr_pages] = page;
	/* Pairs with the acquire in word_of(). */
	smp_store_release(&nr_pages, nr_pages + 1);
	return 0;
}

/* Xen keeps what becomes pending before there is a word for it. */
static int fifo_reserve(evtchn_port_t port, gfp_t gfp)
{
	while (nr_pages <= port / WORDS_PER_PAGE) {
		int ret = add_page(gfp);

		if (ret)
			return ret;
	}
	return 0;
}

static bool fifo_pending(evtchn_port_t port)
{
	return xenpv_shared_load(word_of(port)) & PENDING;
}

static bool fifo_clear(evtchn_port_t port)
{
	return xenpv_shared_test_and_clear_bit(bit_of(port, EVTCHN_FIFO_PENDING),
					       bits_of(port));
}

static void fifo_raise(evtchn_port_t port)
{
	xenpv_shared_set_bit(bit_of(port, EVTCHN_FIFO_PENDING), bits_of(port));
}

static void fifo_mask(evtchn_port_t port)
{
	xenpv_shared_set_bit(bit_of(port, EVTCHN_FIFO_MASKED), bits_of(port));
}

/*
 * Clear MASKED, unless Xen is BUSY with the word for longer than it should be.
 * Otherwise *@seen is what stood there before.
 */
static bool clear_masked(event_word_t __xen_shared *word, event_word_t *seen)
{
	for (unsigned int try = 0; try < MAX_TRIES; try++) {
		event_word_t old = xenpv_shared_load(word);

		if (old & BUSY) {
			cpu_relax();
			continue;
		}
		*seen = xenpv_shared_cmpxchg(word, old, old & ~MASKED);
		if (*seen == old)
			return true;
	}
	return false;
}

/*
 * One that is still linked needs no call: who takes it out of its queue finds it
 * pending and not masked.  Otherwise Xen appends it.  Xen looks at PENDING, then
 * appends it as if it had been sent, which sets PENDING once more.  If somebody
 * sends in that moment, and we are quick, the handler is called a second time for
 * nothing.
 */
static void fifo_unmask(evtchn_port_t port)
{
	event_word_t seen;

	if (!clear_masked(word_of(port), &seen) ||
	    (seen & (PENDING | LINKED)) == PENDING)
		xenpv_event_ask_unmask(port);
}

/*
 * Take a word out of its queue, and PENDING with it if @take and it is not MASKED.
 * *@seen is what stood there before.  False if the word does not hold still.
 */
static bool unlink(event_word_t __xen_shared *word, bool take, event_word_t *seen)
{
	event_word_t old = xenpv_shared_load(word);

	for (unsigned int try = 0; try < MAX_TRIES; try++) {
		event_word_t new = old & ~(LINKED | LINK);

		if (take && !(old & MASKED))
			new &= ~PENDING;
		*seen = xenpv_shared_cmpxchg(word, old, new);
		if (*seen == old)
			return true;
		old = *seen;
	}
	return false;
}

/* Queues. */

static void take_ready(struct fifo_cpu *fc)
{
	fc->ready |= xenpv_shared_xchg(&control_of(fc)->ready, 0);
}

static u32 first_port(struct fifo_cpu *fc, unsigned int queue)
{
	return fc->head[queue] ?: xenpv_shared_load(&control_of(fc)->head[queue]);
}

static void advance(struct fifo_cpu *fc, unsigned int queue, event_word_t seen)
{
	u32 next = seen & LINKED ? seen & LINK : 0;

	fc->head[queue] = next;
	if (!next)
		fc->ready &= ~BIT(queue);
}

/*
 * Deliver the first event of a queue.  False if it was delivered in this scan
 * already, or cannot be taken now: then the queue waits for the next scan.
 */
static bool take_first(struct fifo_cpu *fc, unsigned int queue)
{
	evtchn_port_t port = first_port(fc, queue);
	event_word_t __xen_shared *word = word_of(port);
	struct xenpv_event *ev;
	event_word_t seen;

	if (unlikely(!word)) {
		pr_warn_once("queue %u leads to port %u, which is none\n",
			     queue, port);
		advance(fc, queue, 0);
		return true;
	}

	ev = xenpv_event_find(port);
	if ((ev && ev->scan == fc->scan) || !unlink(word, true, &seen)) {
		fc->head[queue] = port;
		return false;
	}
	advance(fc, queue, seen);
	if ((seen & (PENDING | MASKED)) != PENDING)
		return true;
	if (ev)
		ev->scan = fc->scan;
	xenpv_event_deliver(ev);
	return true;
}

/*
 * After each event the highest priority comes first again, so that a timer does
 * not wait for what peers have queued.
 */
static bool fifo_scan(unsigned int cpu)
{
	struct fifo_cpu *fc = per_cpu_ptr(&fifo_cpu, cpu);
	u32 waiting = 0;

	fc->scan++;
	/* Full barrier. */
	take_ready(fc);
	for (unsigned int step = 0; step < MAX_STEPS; step++) {
		u32 ready = fc->ready & ~waiting;

		if (!ready)
			break;
		if (!take_first(fc, __ffs(ready)))
			waiting |= BIT(__ffs(ready));
		if (xenpv_shared_load(&control_of(fc)->ready))
			take_ready(fc);
	}
	return fc->ready;
}

/* CPUs. */

static int tell_control(struct fifo_cpu *fc, unsigned int cpu)
{
	struct evtchn_init_control op = {
		.control_gfn = gfn_at(per_cpu_ptr_to_phys(&fc->control)),
		.offset = offset_in_page(&fc->control),
		.vcpu = xenpv_vcpu_id(cpu),
	};

	memset(&fc->control, 0, sizeof(fc->control));
	memset(fc->head, 0, sizeof(fc->head));
	fc->ready = 0;
	return xenpv_hv_event_channel_op(EVTCHNOP_init_control, &op);
}

/* Xen takes a control block once in the life of a vCPU. */
static int fifo_cpu_up(unsigned int cpu)
{
	struct fifo_cpu *fc = per_cpu_ptr(&fifo_cpu, cpu);
	int ret;

	if (fc->registered)
		return 0;
	ret = tell_control(fc, cpu);
	fc->registered = !ret;
	return ret;
}

static bool take_registered(unsigned int cpu)
{
	struct fifo_cpu *fc = per_cpu_ptr(&fifo_cpu, cpu);
	bool was = fc->registered;

	fc->registered = false;
	return was;
}

static void tell_other_cpus(unsigned int first)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu == first || !take_registered(cpu))
			continue;
		if (fifo_cpu_up(cpu))
			pr_err("Xen refused the queues of CPU %u\n", cpu);
	}
}

/* Xen counts the pages, so after one that it refused none can follow. */
static void tell_pages(void)
{
	unsigned int told = 0;

	while (told < nr_pages && !tell_page(pages[told]))
		told++;
	if (told == nr_pages)
		return;
	pr_err("Xen refused words for events, %u of %u pages left\n", told, nr_pages);
	while (nr_pages > told)
		free_page((unsigned long)pages[--nr_pages]);
}

/*
 * The first control block turns the domain to this layout.  In a new domain those
 * of all CPUs that had one follow, running or not, and the pages that there are.
 * From the first one on there is no way back, so what fails then costs the events
 * that need it, not all: a page is added again with the first of its ports.
 */
static int fifo_start(void)
{
	unsigned int first = raw_smp_processor_id();
	int ret;

	take_registered(first);
	ret = fifo_cpu_up(first);
	if (ret)
		return ret;
	tell_other_cpus(first);
	tell_pages();
	return 0;
}

/* Empty one queue; add the events to @again that still want to be delivered. */
static void drain(struct fifo_cpu *fc, unsigned int queue, struct xenpv_event **again)
{
	for (unsigned int step = 0; step < EVTCHN_FIFO_NR_CHANNELS; step++) {
		evtchn_port_t port = first_port(fc, queue);
		event_word_t __xen_shared *word = word_of(port);
		struct xenpv_event *ev = word ? xenpv_event_find(port) : NULL;
		event_word_t seen = 0;

		if (word && !unlink(word, false, &seen))
			continue;
		advance(fc, queue, seen);
		if (ev && (seen & LINKED) && (seen & PENDING)) {
			ev->again = *again;
			*again = ev;
		}
		if (!fc->head[queue])
			return;
	}
}

/*
 * A port that moved away while it was linked here would never be linked again:
 * Xen takes it for queued.  Empty the queues and have Xen append what is pending
 * where it belongs now.  What belongs to this CPU it appends here, to be found
 * when the CPU comes back.
 */
static void fifo_cpu_dead(unsigned int cpu)
{
	struct fifo_cpu *fc = per_cpu_ptr(&fifo_cpu, cpu);
	struct xenpv_event *again = NULL;

	guard(rcu)();
	take_ready(fc);
	for (unsigned int queue = 0; queue < EVTCHN_FIFO_MAX_QUEUES; queue++)
		if (fc->ready & BIT(queue))
			drain(fc, queue, &again);
	while (again) {
		struct xenpv_event *ev = again;

		again = ev->again;
		xenpv_event_repeat(ev);
	}
}

static void fifo_prioritise(evtchn_port_t port)
{
	struct evtchn_set_priority op = {
		.port = port,
		.priority = EVTCHN_FIFO_PRIORITY_MAX,
	};

	/* Without it the port is served in turn with all others. */
	xenpv_hv_event_channel_op(EVTCHNOP_set_priority, &op);
}

/* Xen knows which CPU a port notifies, and that is all. */
static void fifo_bind(evtchn_port_t port, unsigned int cpu)
{
}

static void fifo_move(evtchn_port_t port, unsigned int from, unsigned int to)
{
}

const struct xenpv_event_abi xenpv_event_fifo = {
	.name		= "FIFO",
	.nr_ports	= EVTCHN_FIFO_NR_CHANNELS,
	.start		= fifo_start,
	.reserve	= fifo_reserve,
	.prioritise	= fifo_prioritise,
	.bind		= fifo_bind,
	.unbind		= fifo_bind,
	.move		= fifo_move,
	.pending	= fifo_pending,
	.clear		= fifo_clear,
	.raise		= fifo_raise,
	.mask		= fifo_mask,
	.unmask		= fifo_unmask,
	.scan		= fifo_scan,
	.cpu_up		= fifo_cpu_up,
	.cpu_dead	= fifo_cpu_dead,
};
