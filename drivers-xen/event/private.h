/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_EVENT_PRIVATE_H
#define _XENPV_EVENT_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/init.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <xenpv/event.h>
#include <xenpv/event_arch.h>
#include <xenpv/shared_lock.h>

struct cpumask;
struct eoi_queue;
struct irq_chip;
struct irq_desc;

/**
 * enum xenpv_event_kind - who sets the bit
 * @XENPV_EVENT_VIRQ: Xen, as a virtual interrupt
 * @XENPV_EVENT_IPI: one of our CPUs
 * @XENPV_EVENT_PIRQ: an interrupt of the machine
 * @XENPV_EVENT_GIVEN: a peer; who built this domain opened the port
 * @XENPV_EVENT_UNBOUND: a peer that may connect to our port
 * @XENPV_EVENT_INTERDOMAIN: a peer whose port we connected to
 * @XENPV_EVENT_KINDS: how many there are
 */
enum xenpv_event_kind {
	XENPV_EVENT_VIRQ,
	XENPV_EVENT_IPI,
	XENPV_EVENT_PIRQ,
	XENPV_EVENT_GIVEN,
	XENPV_EVENT_UNBOUND,
	XENPV_EVENT_INTERDOMAIN,
	XENPV_EVENT_KINDS,
};

/*
 * Why an event is masked.  Its port is unmasked when there is no reason left.
 *
 * IRQ: the interrupt core says so.  USER: xenpv_event_mask() does.  MOVE: it is
 * on the way from one CPU to another.  EOI: a late event was delivered, the
 * driver is not done.  DELAY: done, but its peer has to wait.  DEAD: the port is
 * being closed, or was lost with the domain that we were.
 */
#define XENPV_MASK_IRQ		BIT(0)
#define XENPV_MASK_USER		BIT(1)
#define XENPV_MASK_MOVE		BIT(2)
#define XENPV_MASK_EOI		BIT(3)
#define XENPV_MASK_DELAY	BIT(4)
#define XENPV_MASK_DEAD		BIT(5)

/* Events without work that a peer has free, at first and at most. */
#define XENPV_EVENT_CREDIT	32U

/**
 * struct xenpv_event - one bound event channel
 * @port: Xen's number of the channel, ours until it is closed; 0 if we have none
 * @cpu: CPU that is notified; changes with the affinity of @irq, with @lock
 * @kind: who sets the bit
 * @number: VIRQ, machine's interrupt or peer's port, as @kind says
 * @peer: domain at the other end
 * @fixed: Xen does not let @cpu change
 * @placed: @port is bound to @cpu; with @lock
 * @late: stays masked until xenpv_event_done()
 * @level: the machine's interrupt is level triggered
 * @needs_eoi: and Xen wants to hear when it was handled; see pirq.c
 * @kept: its port stays open when we are done with it
 * @requested: @irq has a handler
 * @irq: the Linux interrupt, or 0
 * @hwirq: its number in the interrupt domain
 * @desc: its descriptor, or NULL
 * @handler: called straight from the upcall, if there is no @desc
 * @dev: its argument
 * @name: for users
 * @lock: serialises changes of the mask bit and what is listed with it
 * @reasons: XENPV_MASK_*; with @lock
 * @credit: events without work that the peer may still send; with @lock
 * @delay: how long it had to wait last, in nanoseconds; with @lock
 * @due: when the wait is over
 * @queue: whose list @delayed was put on last; set anew with each wait
 * @delayed: place in that list, empty if it is on none; with the list's lock
 * @scan: the last scan that delivered it
 * @again: list of what is to be raised again, while a CPU's queues are emptied
 * @nr_delivered: how often the handler was called
 * @nr_spurious: how often it found nothing to do
 * @nr_delayed: how often the peer had to wait
 * @nr_dropped: events that came while the port was being closed
 *
 * Published by port.  Each counter has one writer and may be read at any time.
 */
struct xenpv_event {
	evtchn_port_t port;
	unsigned int cpu;
	enum xenpv_event_kind kind;
	u32 number;
	domid_t peer;
	bool fixed;
	bool placed;
	bool late;
	bool level;
	bool needs_eoi;
	bool kept;
	bool requested;
	unsigned int irq;
	int hwirq;
	struct irq_desc *desc;
	irq_handler_t handler;
	void *dev;
	const char *name;

	raw_spinlock_t lock;
	unsigned int reasons;
	unsigned int credit;
	u64 delay;
	u64 due;
	struct eoi_queue *queue;
	struct rb_node delayed;
	unsigned long scan;
	struct xenpv_event *again;

	unsigned long nr_delivered;
	unsigned long nr_spurious;
	unsigned long nr_delayed;
	unsigned long nr_dropped;
};

/* A counter has one writer at a time. */
static inline void xenpv_event_count(unsigned long *counter)
{
	WRITE_ONCE(*counter, *counter + 1);
}

/**
 * struct xenpv_event_abi - a layout of pending and mask bits
 * @name: for the log
 * @nr_ports: ports it can express
 * @start: let Xen use it, with everything masked and nothing bound; at boot and
 *	in a new domain.  Answers a negative errno if Xen does not
 * @reserve: make room for a port; may sleep if the flags let it
 * @prioritise: deliver the port before others
 * @bind: let scans on @cpu see the port; it is masked
 * @move: @port notifies CPU @to instead of @from; the port is masked
 * @unbind: no scan sees the port any more; it is masked
 * @mask: set the mask bit
 * @unmask: clear it, and make sure that a pending event is delivered
 * @pending: is the pending bit set
 * @clear: clear the pending bit, tell whether it was set; full barrier
 * @raise: set the pending bit; the port is masked
 * @scan: in the upcall, take what is pending on this CPU and deliver it, each port
 *	at most once; begins with a full barrier.  True if something was left
 * @cpu_up: let Xen notify a CPU that is about to start
 * @cpu_dead: find out for others what a CPU that has gone did not look at
 *
 * @prioritise to @raise work in any context, under the event's lock if there is an event;
 * without it resume, and @pending and @clear for who notifies, polls or scans.
 */
struct xenpv_event_abi {
	const char *name;
	unsigned int nr_ports;
	int (*start)(void);
	int (*reserve)(evtchn_port_t port, gfp_t gfp);
	void (*prioritise)(evtchn_port_t port);
	void (*bind)(evtchn_port_t port, unsigned int cpu);
	void (*move)(evtchn_port_t port, unsigned int from, unsigned int to);
	void (*unbind)(evtchn_port_t port, unsigned int cpu);
	void (*mask)(evtchn_port_t port);
	void (*unmask)(evtchn_port_t port);
	bool (*pending)(evtchn_port_t port);
	bool (*clear)(evtchn_port_t port);
	void (*raise)(evtchn_port_t port);
	bool (*scan)(unsigned int cpu);
	int (*cpu_up)(unsigned int cpu);
	void (*cpu_dead)(unsigned int cpu);
};

/* abi_2level.c, abi_fifo.c */
extern const struct xenpv_event_abi xenpv_event_2level;
extern const struct xenpv_event_abi xenpv_event_fifo;

/* core.c */
struct xenpv_event *xenpv_event_new(enum xenpv_event_kind kind, u32 number,
				    const char *name, void *dev);
int xenpv_event_open(struct xenpv_event *ev);
int xenpv_event_tell_cpu(evtchn_port_t port, unsigned int cpu);
void xenpv_event_ask_unmask(evtchn_port_t port);
void xenpv_event_close(struct xenpv_event *ev);
struct xenpv_event *xenpv_event_bind_kept(evtchn_port_t port, irq_handler_t handler,
					  unsigned long irqflags, const char *name,
					  void *dev);
void xenpv_event_gate_enter(void);
void xenpv_event_gate_leave(void);
extern struct rw_semaphore xenpv_event_gate;

/* table.c */
struct xenpv_event *xenpv_event_find(evtchn_port_t port);
int xenpv_event_publish(struct xenpv_event *ev);
int xenpv_event_publish_atomic(struct xenpv_event *ev);
void xenpv_event_withdraw(struct xenpv_event *ev);
struct xenpv_event *xenpv_event_take_all(void);
void xenpv_event_for_each(void (*fn)(struct xenpv_event *ev, void *arg), void *arg);
unsigned int xenpv_event_spread(const struct xenpv_event *ev, const struct cpumask *mask);
int xenpv_event_place(struct xenpv_event *ev, unsigned int cpu);
void xenpv_event_settle(struct xenpv_event *ev);
void xenpv_event_synchronize(void);

/* deliver.c */
extern const struct xenpv_event_abi *xenpv_event_abi;
void xenpv_event_mask_for(struct xenpv_event *ev, unsigned int reason);
void xenpv_event_unmask_for(struct xenpv_event *ev, unsigned int reason);
void xenpv_event_take_reason(struct xenpv_event *ev, unsigned int reason);
void xenpv_event_raise(struct xenpv_event *ev);
void xenpv_event_repeat(struct xenpv_event *ev);
void xenpv_event_deliver(struct xenpv_event *ev);
void xenpv_event_dropped(struct xenpv_event *ev);
unsigned long xenpv_event_nr_dropped(void);

/* irqchip.c */
extern const struct irq_chip xenpv_event_pirq_chip;
void xenpv_event_irq_init(void);
int xenpv_event_irq_attach(struct xenpv_event *ev);
int xenpv_event_irq_request(struct xenpv_event *ev, irq_handler_t handler, unsigned long flags);
void xenpv_event_irq_detach(struct xenpv_event *ev);
int xenpv_event_move(struct xenpv_event *ev, unsigned int cpu);

/* eoi.c */
u64 xenpv_event_eoi_judge(struct xenpv_event *ev, bool useful);
bool xenpv_event_eoi_delay(struct xenpv_event *ev, u64 due);
u64 xenpv_event_eoi_expire(u64 now);
void xenpv_event_eoi_wake(u64 now, u64 due);
void xenpv_event_eoi_cancel(struct xenpv_event *ev);

/* cpu.c */
extern bool xenpv_event_want_2level;
int xenpv_event_choose_abi(void);
void xenpv_event_again(unsigned int cpu);

/* pirq.c */
bool xenpv_event_pirq_query(int pirq);
#ifdef CONFIG_XENPV_DOM0
void xenpv_event_pirq_init(void);
void xenpv_event_pirq_eoi(struct xenpv_event *ev);
#else
static inline void xenpv_event_pirq_init(void) { }
static inline void xenpv_event_pirq_eoi(struct xenpv_event *ev) { }
#endif

#endif /* _XENPV_EVENT_PRIVATE_H */
