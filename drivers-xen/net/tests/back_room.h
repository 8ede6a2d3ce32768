/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_TESTS_BACK_ROOM_H
#define _XENPV_NET_TESTS_BACK_ROOM_H

/* What the tests of interfaces share: a back on the fake, and a front that does as it is told. */

#include <kunit/test.h>
#include <linux/skbuff.h>
#include "../../bus/tests/device.h"
#include "../../fake/fake.h"
#include "../../fake/fake_event.h"
#include "../../grant/tests/room.h"
#include "../back.h"

/* References of the front: rings, pages that it sends, pages that it has filled; and none. */
#define NETBACK_TX_RING		20
#define NETBACK_RX_RING		21
#define NETBACK_TX_DATA		30
#define NETBACK_RX_DATA		60
#define NETBACK_NO_REF		500
#define NETBACK_TX_PAGES	24
#define NETBACK_RX_PAGES	64

/* Slots of data of the longest chain that a case sends. */
#define NETBACK_CHAIN		24

/**
 * struct netback_chain - a packet that the front sends, good or not
 * @nr: slots of data
 * @lens: bytes of each; the first is what the others leave of @total
 * @total: what the first slot says
 * @offset: where in its page each piece is
 * @flags: of the first slot
 * @nr_extras: how many
 * @extras: they
 * @bad: one more than the number of a slot whose page is not lent; 0: all are
 */
struct netback_chain {
	unsigned int nr;
	unsigned int lens[NETBACK_CHAIN];
	unsigned int total;
	unsigned int offset;
	u16 flags;
	unsigned int nr_extras;
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	unsigned int bad;
};

/**
 * struct netback_answers - what the back has answered
 * @okay: slots that are done
 * @error: slots that are not
 * @null: slots without an id
 * @odd: answers that nobody asked for, or that came twice
 */
struct netback_answers {
	unsigned int okay;
	unsigned int error;
	unsigned int null;
	unsigned int odd;
};

/**
 * struct netback_far - the front, and what the stack has seen
 * @tx: its end of the ring of packets that it sends
 * @rx: its end of the other ring
 * @data: the packet that it sends, or that is sent to it
 * @got: the packet that has come out at the other end
 * @skbs: packets that the stack was given
 * @refs: pages that it has lent, by the number of the request
 * @lent: requests so far
 * @taken: answers to them so far
 * @made: skbs for the front so far
 * @freed: of these
 * @freed_irqs_off: of these, with interrupts off
 * @due: a turn is due
 * @later: when one will be; 0: never
 */
struct netback_far {
	struct xnet_tx_front tx;
	struct xnet_rx_front rx;
	u8 *data;
	u8 *got;
	struct sk_buff_head skbs;
	grant_ref_t refs[256];
	unsigned int lent;
	unsigned int taken;
	atomic_t made;
	atomic_t freed;
	atomic_t freed_irqs_off;
	bool due;
	u64 later;
};

extern struct netback_far netback_far;
extern struct xnet_back *netback_test_back;

/* From here to the end of the case: an interface that is up, and its front. */
void netback_test_start(struct kunit *test, bool two_events);

/* The front goes, and one comes; the former from any half of the latter. */
void netback_test_part(void);
int netback_test_connect(void);
void netback_test_meet(struct kunit *test);
struct xnet_back_queue *netback_test_queue(void);

/* Turns until nothing is due; time goes on, with turns. */
void netback_test_settle(struct kunit *test);
void netback_test_pass(struct kunit *test, u64 ns);

/* Bytes of a packet: of no protocol, or of TCP with @headers before its payload. */
void netback_test_fill(unsigned int len);
unsigned int netback_test_tcp(unsigned int len, bool v6);

/* A chain of @nr slots for @total bytes, each but the first with @rest; and one with all even. */
struct netback_chain netback_test_chain(unsigned int nr, unsigned int total, unsigned int rest);
bool netback_test_spread(struct netback_chain *chain, unsigned int nr, unsigned int total);
void netback_test_gso(struct netback_chain *chain, u8 type, u16 size);

/* Slots of a chain with the data of netback_far.data; sent from @first on, @nr of them. */
unsigned int netback_test_slots(const struct netback_chain *chain, union xnet_tx_slot *slots);
void netback_test_put(struct kunit *test, union xnet_tx_slot *slots, unsigned int nr);
void netback_test_send(struct kunit *test, const struct netback_chain *chain);
struct netback_answers netback_test_answers(const struct netback_chain *chain);

/* The next packet that the stack was given, as it was on the wire, or NULL; then free it. */
struct sk_buff *netback_test_next(void);
bool netback_test_same(const struct sk_buff *skb, unsigned int len);

/* A packet of netback_far.data for the front: its linear part, then parts of pages. */
struct sk_buff *netback_test_skb(struct kunit *test, unsigned int head,
				 const unsigned int *frags, unsigned int nr);
void netback_test_xmit(struct sk_buff *skb);
unsigned int netback_test_alive(void);

/* The front lends @nr pages; takes a packet: 1 there is one, in netback_far.got. */
void netback_test_lend(struct kunit *test, unsigned int nr);
int netback_test_receive(struct xnet_arrival *arrival);

#endif /* _XENPV_NET_TESTS_BACK_ROOM_H */
