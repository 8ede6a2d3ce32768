/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_RING_TESTS_FIELDS_H
#define _XENPV_RING_TESTS_FIELDS_H

/*
 * Every field of every message that a peer sends us in the protocols that we speak,
 * in one table: include/xen/interface/io, blkif.h, netif.h, xs_wire.h.
 */

#include <linux/stddef.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/netif.h>
#include <xen/interface/io/xs_wire.h>

#include <xenpv/ring.h>

/* How a message comes to us. */
enum way {
	/* Requests of a ring, responses of a ring. */
	WAY_REQUEST,
	WAY_RESPONSE,
	/* Out of a page that a request names. */
	WAY_PAGE,
	/* Out of a byte stream. */
	WAY_STREAM,
};

/**
 * struct message - a message of a protocol
 * @name: of its type
 * @way: how it comes
 * @size: in bytes
 * @shape: of its ring, if it comes through one
 */
struct message {
	const char *name;
	enum way way;
	u16 size;
	struct xenpv_ring_shape shape;
};

/* What the types of the protocols are called here. */
typedef struct blkif_request block_request;
typedef struct blkif_response block_response;
typedef struct blkif_request_segment block_segment;
typedef struct xen_netif_tx_request tx_request;
typedef struct xen_netif_extra_info tx_extra;
typedef struct xen_netif_tx_response tx_response;
typedef struct xen_netif_rx_request rx_request;
typedef struct xen_netif_rx_response rx_response;
typedef struct xen_netif_ctrl_request ctrl_request;
typedef struct xen_netif_ctrl_response ctrl_response;
typedef struct xsd_sockmsg store_header;

#define MESSAGE(type, way, q, a) \
	[MESSAGE_##type] = { #type, way, sizeof(type), \
			     { sizeof(q), sizeof(a), sizeof(union { q request; a response; }) } }

enum message_type {
	MESSAGE_block_request,
	MESSAGE_block_response,
	MESSAGE_block_segment,
	MESSAGE_tx_request,
	MESSAGE_tx_extra,
	MESSAGE_tx_response,
	MESSAGE_rx_request,
	MESSAGE_rx_response,
	MESSAGE_ctrl_request,
	MESSAGE_ctrl_response,
	MESSAGE_store_header,
};

static const struct message messages[] = {
	MESSAGE(block_request, WAY_REQUEST, block_request, block_response),
	MESSAGE(block_response, WAY_RESPONSE, block_request, block_response),
	MESSAGE(block_segment, WAY_PAGE, block_segment, block_segment),
	MESSAGE(tx_request, WAY_REQUEST, tx_request, tx_response),
	MESSAGE(tx_extra, WAY_REQUEST, tx_request, tx_response),
	MESSAGE(tx_response, WAY_RESPONSE, tx_request, tx_response),
	MESSAGE(rx_request, WAY_REQUEST, rx_request, rx_response),
	MESSAGE(rx_response, WAY_RESPONSE, rx_request, rx_response),
	MESSAGE(ctrl_request, WAY_REQUEST, ctrl_request, ctrl_response),
	MESSAGE(ctrl_response, WAY_RESPONSE, ctrl_request, ctrl_response),
	MESSAGE(store_header, WAY_STREAM, store_header, store_header),
};

/**
 * struct field - a field of a message
 * @type: which message
 * @name: of the field
 * @offset: where it is
 * @size: in bytes
 * @good: a value that a codec takes, where the flip test plays with the field
 * @bad: one that it must refuse, or 0
 */
struct field {
	enum message_type type;
	const char *name;
	u16 offset;
	u16 size;
	u64 good;
	u64 bad;
};

#define FLIP(type, member, good, bad) \
	{ MESSAGE_##type, #member, offsetof(type, member), sizeof_field(type, member), good, bad }
#define FIELD(type, member)	FLIP(type, member, 0, 0)
#define SEGMENT(n) \
	FIELD(block_request, u.rw.seg[n].gref), \
	FIELD(block_request, u.rw.seg[n].first_sect), \
	FIELD(block_request, u.rw.seg[n].last_sect)

static const struct field fields[] = {
	FLIP(block_request, operation, BLKIF_OP_READ, 255),
	FLIP(block_request, u.rw.nr_segments, 1, 255),
	FIELD(block_request, u.rw.handle),
	FLIP(block_request, u.rw.id, 7, U64_MAX),
	FLIP(block_request, u.rw.sector_number, 8, U64_MAX),
	SEGMENT(0), SEGMENT(1), SEGMENT(2), SEGMENT(3), SEGMENT(4), SEGMENT(5),
	SEGMENT(6), SEGMENT(7), SEGMENT(8), SEGMENT(9), SEGMENT(10),
	FIELD(block_request, u.discard.flag),
	FIELD(block_request, u.discard.id),
	FIELD(block_request, u.discard.sector_number),
	FLIP(block_request, u.discard.nr_sectors, 8, U64_MAX),
	FIELD(block_request, u.other.id),
	FLIP(block_request, u.indirect.indirect_op, BLKIF_OP_WRITE, BLKIF_OP_INDIRECT),
	FLIP(block_request, u.indirect.nr_segments, 1, 65535),
	FIELD(block_request, u.indirect.id),
	FIELD(block_request, u.indirect.sector_number),
	FIELD(block_request, u.indirect.handle),
	FLIP(block_request, u.indirect.indirect_grefs[0], 8, U32_MAX),
	FIELD(block_request, u.indirect.indirect_grefs[1]),
	FIELD(block_request, u.indirect.indirect_grefs[2]),
	FIELD(block_request, u.indirect.indirect_grefs[3]),
	FIELD(block_request, u.indirect.indirect_grefs[4]),
	FIELD(block_request, u.indirect.indirect_grefs[5]),
	FIELD(block_request, u.indirect.indirect_grefs[6]),
	FLIP(block_request, u.indirect.indirect_grefs[7], 8, U32_MAX),
	FLIP(block_response, id, 7, U64_MAX),
	FLIP(block_response, operation, BLKIF_OP_READ, 255),
	FLIP(block_response, status, BLKIF_RSP_OKAY, 0x7fff),
	FLIP(block_segment, gref, 8, U32_MAX),
	FLIP(block_segment, first_sect, 1, 8),
	FLIP(block_segment, last_sect, 7, 255),
	FLIP(tx_request, gref, 8, U32_MAX),
	FLIP(tx_request, offset, 1, 4095),
	FLIP(tx_request, flags, XEN_NETTXF_more_data, 0xffff),
	FLIP(tx_request, id, 7, 0xffff),
	FLIP(tx_request, size, 60, 65535),
	FLIP(tx_extra, type, XEN_NETIF_EXTRA_TYPE_GSO, 255),
	FLIP(tx_extra, flags, XEN_NETIF_EXTRA_FLAG_MORE, 255),
	FLIP(tx_extra, u.gso.size, 1448, 1),
	FLIP(tx_extra, u.gso.type, XEN_NETIF_GSO_TYPE_TCPV4, 255),
	FIELD(tx_extra, u.gso.features),
	FIELD(tx_extra, u.mcast.addr),
	FIELD(tx_extra, u.hash.type),
	FIELD(tx_extra, u.hash.algorithm),
	FIELD(tx_extra, u.hash.value),
	FLIP(tx_extra, u.xdp.headroom, 256, 0xffff),
	FLIP(tx_response, id, 7, 0xffff),
	FLIP(tx_response, status, XEN_NETIF_RSP_OKAY, 0x7fff),
	FLIP(rx_request, id, 7, 0xffff),
	FLIP(rx_request, gref, 8, U32_MAX),
	FLIP(rx_response, id, 7, 0xffff),
	FLIP(rx_response, offset, 1, 4096),
	FLIP(rx_response, flags, XEN_NETRXF_extra_info, 0xffff),
	FLIP(rx_response, status, 60, 0x7fff),
	FLIP(ctrl_request, id, 7, 0xffff),
	FLIP(ctrl_request, type, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 255),
	FLIP(ctrl_request, data[0], 8, U32_MAX),
	FLIP(ctrl_request, data[1], 8, U32_MAX),
	FLIP(ctrl_request, data[2], 8, U32_MAX),
	FLIP(ctrl_response, id, 7, 0xffff),
	FLIP(ctrl_response, type, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, 255),
	FLIP(ctrl_response, status, XEN_NETIF_CTRL_STATUS_SUCCESS, U32_MAX),
	FLIP(ctrl_response, data, 8, U32_MAX),
	FLIP(store_header, type, XS_READ, XS_INVALID),
	FLIP(store_header, req_id, 7, U32_MAX),
	FLIP(store_header, tx_id, 0, U32_MAX),
	FLIP(store_header, len, 8, U32_MAX),
};

#endif /* _XENPV_RING_TESTS_FIELDS_H */
