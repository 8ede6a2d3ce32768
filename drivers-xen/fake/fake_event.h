/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_FAKE_EVENT_H
#define _XENPV_FAKE_EVENT_H

/**
 * DOC: The fake's event channels
 *
 * A model of what Xen does for one domain, ours, in both layouts: two-level until
 * EVTCHNOP_init_control, FIFO from then on.  Each step of Xen on memory that the
 * guest sees is a point, so a task can run in between, and so are Xen's locks: two
 * senders to one queue wait for each other as they do in Xen.
 *
 *	xenpv_fake_start(test);
 *	xenpv_fake_event_start(2);
 *	xenpv_shared_info = xenpv_fake_shared_info();
 *	...
 *	port = xenpv_fake_event_connected(PEER, 7);	(opened by the toolstack)
 *	xenpv_fake_event_send(port);			(the peer sends)
 *
 * Ports are given out again, lowest first, but not while FIFO still links them.
 * In a scene, xenpv_fake_event_reset() at the start of each round.
 *
 * The other ends are counters: xenpv_fake_event_sent().  Frames that the guest names
 * (control blocks, event arrays) are found by xenpv_fake_frames().
 */

#include <linux/types.h>
#include <xenpv/abi.h>

#define XENPV_FAKE_VCPUS	4
#define XENPV_FAKE_PORTS	8192
#define XENPV_FAKE_PIRQS	64

/* Serves EVTCHNOP_* and SCHEDOP_block, _poll and _yield to the end of the case. */
void xenpv_fake_event_start(unsigned int nr_vcpus);

/* As after xenpv_fake_event_start(): no ports, two-level, nothing pending or masked. */
void xenpv_fake_event_reset(void);

/* What Xen shares with the domain and its vCPUs. */
struct shared_info *xenpv_fake_shared_info(void);
struct vcpu_info *xenpv_fake_vcpu_info(unsigned int vcpu);

/* Which vCPU the caller is from here on, for SCHEDOP_block: for a scene's resume. */
void xenpv_fake_event_on(unsigned int vcpu);

/* The lowest port that is given out. */
void xenpv_fake_event_first(evtchn_port_t port);

/* Port @port of @domid may be bound by EVTCHNOP_bind_interdomain. */
void xenpv_fake_event_offer(domid_t domid, evtchn_port_t port);

/* A new port of ours whose other end is port @remote of @domid. */
evtchn_port_t xenpv_fake_event_connected(domid_t domid, evtchn_port_t remote);

/* The peer binds to a port of ours that waits for it; it closes its end. */
int xenpv_fake_event_connect(evtchn_port_t port, evtchn_port_t remote);
int xenpv_fake_event_disconnect(evtchn_port_t port);

/* The other end of the port sends: a peer, Xen (VIRQ), a device (PIRQ), another vCPU (IPI). */
int xenpv_fake_event_send(evtchn_port_t port);

/* Port of a VIRQ or PIRQ, 0 if none. */
evtchn_port_t xenpv_fake_event_virq(unsigned int virq, unsigned int vcpu);
evtchn_port_t xenpv_fake_event_pirq(unsigned int pirq);

/* How often the guest has sent through a port, how often a vCPU was kicked. */
unsigned int xenpv_fake_event_sent(evtchn_port_t port);
unsigned int xenpv_fake_event_kicks(unsigned int vcpu);

/* Has Xen to enter the upcall of @vcpu?  Pending, and the vCPU does not mask it. */
bool xenpv_fake_event_due(unsigned int vcpu);

/*
 * For a task that is a vCPU: wait until that is so, and say true, or until the
 * @others have all ended (a bit mask of tasks), and say false.
 */
bool xenpv_fake_event_wait(unsigned int vcpu, unsigned long others);

/*
 * For the end of a round: NULL, or which promise is broken.  When no vCPU is to be
 * told anything, no unmasked port is pending.
 */
const char *xenpv_fake_event_stuck(void);

/* Ports that are not free. */
unsigned int xenpv_fake_event_open(void);

#endif /* _XENPV_FAKE_EVENT_H */
