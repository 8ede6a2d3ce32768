/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_EVENT_MODEL_H
#define _XENPV_FAKE_EVENT_MODEL_H

/* What the two files of the event model share. */

#include "fake_event.h"

#define FAKE_WORDS_PER_PAGE	(PAGE_SIZE / sizeof(event_word_t))
#define FAKE_ARRAY_PAGES	(XENPV_FAKE_PORTS / FAKE_WORDS_PER_PAGE)

/**
 * struct fake_port - one end of a channel: ours
 * @status: EVTCHNSTAT_*
 * @vcpu: who is told
 * @priority: FIFO queue for events to come
 * @last_vcpu: vCPU of the queue that it was linked to last
 * @last_priority: number of that queue
 * @kept: became pending while it had no event word
 * @users: how many are in the middle of sending through it
 * @closing: somebody closes it
 * @remote: domain at the other end
 * @remote_port: port there
 * @source: VIRQ or PIRQ
 * @sent: how often we have sent through it
 */
struct fake_port {
	u8 status;
	u8 vcpu;
	u8 priority;
	u8 last_vcpu;
	u8 last_priority;
	bool kept;
	bool closing;
	u16 users;
	domid_t remote;
	evtchn_port_t remote_port;
	u32 source;
	u32 sent;
};

/**
 * struct fake_queue - what Xen knows of a FIFO queue
 * @tail: the port that was linked last, 0: none
 * @locked: somebody changes the queue
 */
struct fake_queue {
	evtchn_port_t tail;
	bool locked;
};

/**
 * struct fake_events - the event channels of the domain
 * @shared: the page of the domain
 * @vcpu_info: what each vCPU shares with Xen
 * @nr_vcpus: how many
 * @vcpu: which one runs
 * @kicks: how often each was told
 * @ports: by number
 * @first: lowest one to give out
 * @top: all from here on were never used
 * @fifo: the FIFO layout is in use
 * @control: control block of each vCPU, or NULL
 * @words: the pages of event words
 * @nr_words: how many words there are
 * @queues: FIFO queues by vCPU and priority
 */
struct fake_events {
	struct shared_info *shared;
	struct vcpu_info vcpu_info[XENPV_FAKE_VCPUS];
	unsigned int nr_vcpus;
	unsigned int vcpu;
	unsigned int kicks[XENPV_FAKE_VCPUS];
	struct fake_port *ports;
	evtchn_port_t first;
	evtchn_port_t top;
	bool fifo;
	struct evtchn_fifo_control_block *control[XENPV_FAKE_VCPUS];
	event_word_t *words[FAKE_ARRAY_PAGES];
	unsigned int nr_words;
	struct fake_queue queues[XENPV_FAKE_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
};

extern struct fake_events fake_events;

/* fake_event.c */
struct fake_port *xenpv_fake_port(evtchn_port_t port);
struct fake_port *xenpv_fake_open_port(evtchn_port_t port);
unsigned int xenpv_fake_max_ports(void);
int xenpv_fake_port_new(unsigned int status, unsigned int vcpu);
long xenpv_fake_port_close(evtchn_port_t port);
void xenpv_fake_port_use(struct fake_port *p);
void xenpv_fake_port_unuse(struct fake_port *p);
void xenpv_fake_port_raise(evtchn_port_t port);
bool xenpv_fake_virq_is_global(u32 virq);
evtchn_port_t xenpv_fake_port_find(unsigned int status, u32 source, unsigned int vcpu);
bool xenpv_fake_take_offer(domid_t domid, evtchn_port_t port);
void xenpv_fake_back_to_twolevel(void);

/* fake_event_ops.c */
long xenpv_fake_event_channel_op(unsigned long cmd, unsigned long arg, unsigned long a3,
				 unsigned long a4, unsigned long a5);
long xenpv_fake_sched_op(unsigned long cmd, unsigned long arg, unsigned long a3,
			 unsigned long a4, unsigned long a5);

/* fake_event_bits.c */
void xenpv_fake_event_raise(evtchn_port_t port);
void xenpv_fake_event_unmask(evtchn_port_t port);
void xenpv_fake_event_clear(evtchn_port_t port);
bool xenpv_fake_event_pending(evtchn_port_t port);
bool xenpv_fake_event_masked(evtchn_port_t port);
bool xenpv_fake_event_linked(evtchn_port_t port);

#endif /* _XENPV_FAKE_EVENT_MODEL_H */
