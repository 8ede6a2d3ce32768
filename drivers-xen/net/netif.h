/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_NET_NETIF_H
#define _XENPV_NET_NETIF_H

/**
 * DOC: The network protocol
 *
 * xen/interface/io/netif.h says what stands in the rings.  This is the only room that looks
 * at it.  A packet is a chain of slots::
 *
 *	front to back, "tx"	first | extras | rest		total size in the first
 *	back to front, "rx"	first | extras | rest		each slot its own size
 *
 * The first slot says whether extras follow, and whether more data follow them; each extra
 * whether another one follows.  A slot of data is a part of a page that the front has lent.
 * An extra takes the place of a slot, but not its page.
 *
 *	front	xnet_encode_tx()  --->  ring  --->  xnet_tx_add()	back
 *		xnet_rx_add()  <---  ring  <---  xnet_encode_rx(), xnet_encode_extras()
 *
 * The two functions that add take a slot, in private memory, and say what the chain is by
 * now: not at its end; a packet, good or bad; or a lie, after which nothing that comes makes
 * sense.  A bad packet is dropped, and the peer gets all its slots back.
 *
 * Answers of a front's "rx" requests have no id that can be relied on, since extras take its
 * place: they come in the order of the requests, each in the slot of its own.
 *
 * Differences between Linux versions made a packet of more slots than the other end took
 * a lasting trouble, so: we send no more than XNET_SLOTS, drop what has more, and take it for
 * a lie beyond XNET_CHAIN.
 */

#include <linux/if_ether.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <xenpv/abi.h>
#include <xenpv/keys.h>
#include <xenpv/ring.h>
#include <xen/interface/io/netif.h>

/* Slots of data of a packet: that we send or take, and after which it is a lie. */
#define XNET_SLOTS	((unsigned int)XEN_NETIF_NR_SLOTS_MIN)
#define XNET_CHAIN	20U

/* Extras of a packet: at most one of each type. */
#define XNET_EXTRAS	((unsigned int)XEN_NETIF_EXTRA_TYPE_MAX - 1)

/* Queues of one interface at most. */
#define XNET_QUEUES	16U

/**
 * union xnet_tx_slot - what a front sends
 * @request: data
 * @extra: or what is to be known of a packet
 */
union xnet_tx_slot {
	struct xen_netif_tx_request request;
	struct xen_netif_extra_info extra;
};

/**
 * union xnet_rx_slot - what a back sends
 * @response: data
 * @extra: or what is to be known of a packet
 */
union xnet_rx_slot {
	struct xen_netif_rx_response response;
	struct xen_netif_extra_info extra;
};

XENPV_RING(xnet_tx, union xnet_tx_slot, struct xen_netif_tx_response);
XENPV_RING(xnet_rx, struct xen_netif_rx_request, union xnet_rx_slot);
XENPV_RING(xnet_ctrl, struct xen_netif_ctrl_request, struct xen_netif_ctrl_response);

/**
 * enum xnet_csum - what is known of the checksum of a packet's TCP or UDP
 * @XNET_CSUM_UNKNOWN: nothing
 * @XNET_CSUM_BLANK: it has to be filled in before the packet leaves the machine; the data
 *	were not on a wire
 * @XNET_CSUM_VALID: it was verified
 */
enum xnet_csum {
	XNET_CSUM_UNKNOWN,
	XNET_CSUM_BLANK,
	XNET_CSUM_VALID,
};

/**
 * struct xnet_meta - what is to be known of a packet
 * @csum: of its checksum, an enum xnet_csum
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @gso_size: bytes of payload of each segment, if there are any
 * @hash_type: _XEN_NETIF_CTRL_HASH_TYPE_*, if @hashed
 * @hashed: there is a hash
 * @headed: there is @headroom
 * @hash: the hash of its headers, as the peer has it
 * @headroom: bytes before the data that an XDP program of the peer may use
 * @mcast: XEN_NETIF_EXTRA_TYPE_MCAST_ADD or _DEL: it is no packet, but is about an address;
 *	or 0
 * @address: which
 */
struct xnet_meta {
	u8 csum;
	u8 gso_type;
	u16 gso_size;
	u8 hash_type;
	bool hashed;
	bool headed;
	u32 hash;
	u16 headroom;
	u8 mcast;
	u8 address[ETH_ALEN];
};

/**
 * struct xnet_chain - how far a chain of slots has got
 * @next: what the next slot is; private to netif.c
 * @more: the first slot said that data follow the extras; likewise
 * @slots: of data, also those of which nothing is kept
 * @extras: slots with extras
 * @seen: types of extras, a bit for each
 * @error: 0, or a negative errno: it is to be dropped
 * @meta: what is to be known of it
 */
struct xnet_chain {
	u8 next;
	bool more;
	u8 slots;
	u8 extras;
	u8 seen;
	int error;
	struct xnet_meta meta;
};

/**
 * struct xnet_piece - a part of a page of the front
 * @ref: the page
 * @offset: in bytes
 * @len: in bytes, not 0
 */
struct xnet_piece {
	grant_ref_t ref;
	u16 offset;
	u16 len;
};

/**
 * struct xnet_packet - a packet that a front sends
 * @chain: what is to be known of it; of the front's, only @chain.meta counts
 * @len: all of it, in bytes
 * @nr: pieces
 * @pieces: its data; the first of a good one has a header of Ethernet at least
 * @ids: of all its slots of data, to be answered; as many as @chain.slots
 *
 * All zero at first.
 */
struct xnet_packet {
	struct xnet_chain chain;
	u32 len;
	unsigned int nr;
	struct xnet_piece pieces[XNET_SLOTS];
	u16 ids[XNET_CHAIN];
};

/**
 * struct xnet_part - a part of a page that a front had lent for data to come
 * @buffer: the front's; which one
 * @offset: in bytes
 * @len: in bytes; of what arrives, it may be 0
 */
struct xnet_part {
	void *buffer;
	u16 offset;
	u16 len;
};

/**
 * struct xnet_arrival - a packet that a back sends
 * @chain: what is to be known of it
 * @len: all of it, in bytes
 * @nr: parts; also of a bad one: all buffers of it that were used
 * @parts: its data.  Some may be empty, and the first may be shorter than a header of
 *	Ethernet; a good packet as a whole is not
 *
 * All zero at first.
 */
struct xnet_arrival {
	struct xnet_chain chain;
	u32 len;
	unsigned int nr;
	struct xnet_part parts[XNET_CHAIN];
};

/**
 * struct xnet_queue_facts - where a queue is
 * @tx_ref: its ring for packets of the front
 * @rx_ref: its ring for packets of the back
 * @tx_port: event of the former
 * @rx_port: event of the latter; the same one, if there is only one
 */
struct xnet_queue_facts {
	u32 tx_ref;
	u32 rx_ref;
	u32 tx_port;
	u32 rx_port;
};

/* Keys of a queue with one event, and with two; of the first, @rx_port is not set. */
extern const struct xenpv_keys xnet_queue_one_event;
extern const struct xenpv_keys xnet_queue_two_events;

/* Front. */
unsigned int xnet_encode_tx(const struct xnet_packet *packet, union xnet_tx_slot *slots);
int xnet_rx_add(struct xnet_arrival *arrival, const union xnet_rx_slot *slot, void *buffer);

/* Back. */
int xnet_tx_add(struct xnet_packet *packet, const union xnet_tx_slot *slot);
void xnet_encode_rx(const struct xnet_meta *meta, const struct xnet_part *part, bool first,
		    bool more, u16 id, union xnet_rx_slot *slot);
unsigned int xnet_encode_extras(const struct xnet_meta *meta,
				struct xen_netif_extra_info *extras);

#endif /* _XENPV_NET_NETIF_H */
