/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_TESTS_FRONT_ROOM_H
#define _XENPV_NET_TESTS_FRONT_ROOM_H

/* What the tests of a front share: one on the fake, and a back that does as it is told. */

#include <kunit/test.h>
#include <linux/skbuff.h>
#include "../front.h"
#include "../../bus/tests/device.h"
#include "../../fake/fake.h"
#include "../../fake/fake_event.h"
#include "../../grant/tests/room.h"

/* Largest packet, and a bit more. */
#define NETFRONT_TEST_BYTES	(20 * PAGE_SIZE)

/* A type of packets that nobody else sends. */
#define NETFRONT_TEST_TYPE	0x88b5

/**
 * struct netfront_far - the far back
 * @keep: it looks at nothing
 * @mute: it takes packets, and does not answer
 * @hold: it keeps pages of packets mapped
 * @backwards: it answers the last slot of what it has got first
 * @twice: it answers twice
 * @nulls: answers about extras that it sends besides
 * @wrong_id: what it adds to the id
 * @status: what it answers
 * @short_first: the first slot of what it sends has only @first bytes
 * @first: which may be 0
 * @filter: it was asked to send no groups but those that it was told of
 * @canary: what it looks for in each page that it can see, if not 0
 * @nr_canaries: how often it has found that
 * @packets: packets that it has got
 * @slots: slots with data that it has got
 * @last: the last packet
 * @data: its data
 * @nr_held: pages that it keeps
 * @held: their handles
 */
struct netfront_far {
	bool keep;
	bool mute;
	bool hold;
	bool backwards;
	bool twice;
	unsigned int nulls;
	u16 wrong_id;
	s16 status;
	bool short_first;
	unsigned int first;
	bool filter;
	u64 canary;
	unsigned int nr_canaries;
	unsigned int packets;
	unsigned int slots;
	struct xnet_packet last;
	u8 data[NETFRONT_TEST_BYTES];
	unsigned int nr_held;
	int held[64];
};

/**
 * struct netfront_got - what has come up from the interface
 * @packets: how many
 * @len: bytes of the last one
 * @data: it
 * @ip_summed: what was known of its checksum
 * @csum_start: where that begins, from the header of Ethernet on
 * @csum_offset: and where it stands
 * @gso_size: of segments
 * @gso_type: likewise
 * @hash: its hash
 * @linear: bytes that were in one piece
 * @hoard: packets are kept in @queue
 * @queue: those
 */
struct netfront_got {
	unsigned int packets;
	unsigned int len;
	u8 data[NETFRONT_TEST_BYTES];
	u8 ip_summed;
	int csum_start;
	int csum_offset;
	unsigned int gso_size;
	unsigned int gso_type;
	u32 hash;
	unsigned int linear;
	bool hoard;
	struct sk_buff_head queue;
};

/* One kind of a connection. */
struct netfront_terms {
	const char *name;
	struct xnet_front_terms terms;
	bool split;
	unsigned int queues;
};

extern struct netfront_far *netfront_far;
extern struct netfront_got *netfront_got;
extern struct xnet_front *netfront_front;

#define NETFRONT_NR_TERMS	4
extern const struct netfront_terms netfront_terms[NETFRONT_NR_TERMS];
void netfront_terms_name(const struct netfront_terms *terms, char *text);

/* From here to the end of the case: a front that is connected and runs, an interface that is up. */
void netfront_test_start(struct kunit *test);

/* The back goes, and one comes; the facts are of the next one. */
extern struct xnet_front_facts netfront_facts;
void netfront_test_part(void);
void netfront_test_meet(struct kunit *test);

/* The interface is taken up or down by the administrator. */
void netfront_test_up(bool up);

/* Packets of ours, freed or not.  @frags of @len bytes, at @offset in pages of their own. */
struct sk_buff *netfront_test_skb(struct kunit *test, unsigned int head, unsigned int frags,
				  unsigned int offset, unsigned int len);
unsigned int netfront_test_out(void);

/* Hands it to the interface; false: the queue is stopped, or does not want it. */
bool netfront_test_send(struct sk_buff *skb, unsigned int nr);

/* Sends and has the back take it: it must have got the same bytes. */
void netfront_test_send_and_compare(struct kunit *test, struct sk_buff *skb, unsigned int nr);

/* The back works; then the front has looked at what it did. */
unsigned int netfront_test_serve(void);
void netfront_test_kick(unsigned int nr);

/* The back has a page of the front next, or not; it fills and gives it back. */
bool netfront_test_rx_take(unsigned int nr, struct xen_netif_rx_request *request);
void netfront_test_rx_put(unsigned int nr, const union xnet_rx_slot *slot);
void netfront_test_rx_push(unsigned int nr);

/* It sends @bytes of @data in parts of @part bytes at @offset; false: there are no pages. */
bool netfront_test_bring(unsigned int nr, const struct xnet_meta *meta, const u8 *data,
			 unsigned int bytes, unsigned int part, unsigned int offset);

/* A frame of @bytes, in a place that the next one overwrites. */
u8 *netfront_test_frame(unsigned int bytes, u8 seed);

/* First page of a ring, as the back has it mapped. */
struct xenpv_ring_page *netfront_test_tx_ring(unsigned int nr);
struct xenpv_ring_page *netfront_test_rx_ring(unsigned int nr);

u64 netfront_test_count(enum xnet_front_count what);

#endif /* _XENPV_NET_TESTS_FRONT_ROOM_H */
