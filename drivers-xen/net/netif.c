// SPDX-License-Identifier: GPL-2.0-only
/* The network protocol: slots and packets, ours and a peer's.  Pure functions. */

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "netif.h"

static_assert(sizeof(union xnet_tx_slot) == 12);
static_assert(sizeof(union xnet_rx_slot) == 8);
static_assert(XNET_CHAIN >= XNET_SLOTS);

/* What the next slot of a chain is. */
enum {
	FIRST,
	EXTRA,
	REST,
};

/* Extras. */

static bool known_gso(const struct xen_netif_extra_info *extra)
{
	return (extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV4 ||
		extra->u.gso.type == XEN_NETIF_GSO_TYPE_TCPV6) && extra->u.gso.size;
}

static int learn(struct xnet_meta *meta, const struct xen_netif_extra_info *extra)
{
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		if (!known_gso(extra))
			return -EINVAL;
		meta->gso_type = extra->u.gso.type;
		meta->gso_size = extra->u.gso.size;
		return 0;
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		if (meta->mcast)
			return -EINVAL;
		meta->mcast = extra->type;
		memcpy(meta->address, extra->u.mcast.addr, ETH_ALEN);
		return 0;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		if (extra->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ||
		    extra->u.hash.type > _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)
			return -EINVAL;
		meta->hashed = true;
		meta->hash_type = extra->u.hash.type;
		meta->hash = get_unaligned_le32(extra->u.hash.value);
		return 0;
	case XEN_NETIF_EXTRA_TYPE_XDP:
		meta->headed = true;
		meta->headroom = extra->u.xdp.headroom;
		return 0;
	default:
		return -EINVAL;
	}
}

/* A type that comes twice is a lie: the chain would have no end. */
static int add_extra(struct xnet_chain *chain, const struct xen_netif_extra_info *extra)
{
	unsigned int bit = extra->type < BITS_PER_BYTE ? BIT(extra->type) : 0;
	int ret;

	if (chain->seen & bit || chain->extras == XNET_EXTRAS)
		return -EPROTO;
	chain->seen |= bit;
	chain->extras++;
	ret = learn(&chain->meta, extra);
	if (ret && !chain->error)
		chain->error = ret;
	if (!(extra->flags & XEN_NETIF_EXTRA_FLAG_MORE))
		chain->next = REST;
	return 0;
}

/* 1: the chain is at its end. */
static int whole(const struct xnet_chain *chain)
{
	return chain->next == REST && !chain->more;
}

/* A packet of segments has no checksum, whatever its flags say. */
static u8 judge_csum(const struct xnet_meta *meta, bool blank, bool valid)
{
	if (blank || meta->gso_type)
		return XNET_CSUM_BLANK;
	return valid ? XNET_CSUM_VALID : XNET_CSUM_UNKNOWN;
}

/**
 * xnet_encode_extras() - write what is to be known of a packet
 * @meta: what
 * @extras: where to, XNET_EXTRAS of them
 *
 * Context: Any.
 * Return: how many there are.
 */
unsigned int xnet_encode_extras(const struct xnet_meta *meta, struct xen_netif_extra_info *extras)
{
	unsigned int nr = 0;

	memset(extras, 0, XNET_EXTRAS * sizeof(*extras));
	if (meta->gso_type) {
		extras[nr].type = XEN_NETIF_EXTRA_TYPE_GSO;
		extras[nr].u.gso.size = meta->gso_size;
		extras[nr++].u.gso.type = meta->gso_type;
	}
	if (meta->mcast) {
		extras[nr].type = meta->mcast;
		memcpy(extras[nr++].u.mcast.addr, meta->address, ETH_ALEN);
	}
	if (meta->headed) {
		extras[nr].type = XEN_NETIF_EXTRA_TYPE_XDP;
		extras[nr++].u.xdp.headroom = meta->headroom;
	}
	if (meta->hashed) {
		extras[nr].type = XEN_NETIF_EXTRA_TYPE_HASH;
		extras[nr].u.hash.type = meta->hash_type;
		extras[nr].u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
		put_unaligned_le32(meta->hash, extras[nr++].u.hash.value);
	}
	for (unsigned int i = 0; i + 1 < nr; i++)
		extras[i].flags = XEN_NETIF_EXTRA_FLAG_MORE;
	return nr;
}
EXPORT_SYMBOL_NS_GPL(xnet_encode_extras, "XENPV");

/* From a front to a back. */

static u16 tx_flags(const struct xnet_packet *packet, bool extras)
{
	u16 flags = 0;

	if (packet->chain.meta.csum == XNET_CSUM_BLANK)
		flags |= XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
	else if (packet->chain.meta.csum == XNET_CSUM_VALID)
		flags |= XEN_NETTXF_data_validated;
	return extras ? flags | XEN_NETTXF_extra_info : flags;
}

/**
 * xnet_encode_tx() - front: write the slots of a packet
 * @packet: the packet, of at least one piece, with an id for each
 * @slots: where to, XNET_SLOTS + XNET_EXTRAS of them
 *
 * Context: Any.
 * Return: how many there are.
 */
unsigned int xnet_encode_tx(const struct xnet_packet *packet, union xnet_tx_slot *slots)
{
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	unsigned int nr_extras = xnet_encode_extras(&packet->chain.meta, extras);
	unsigned int nr = 0;

	for (unsigned int i = 0; i < packet->nr; i++) {
		const struct xnet_piece *piece = &packet->pieces[i];

		slots[nr] = (union xnet_tx_slot) {
			.request = {
				.gref = piece->ref, .offset = piece->offset, .id = packet->ids[i],
				.size = i ? piece->len : packet->len,
				.flags = i ? 0 : tx_flags(packet, nr_extras),
			},
		};
		if (i + 1 < packet->nr)
			slots[nr].request.flags |= XEN_NETTXF_more_data;
		nr++;
		for (unsigned int e = 0; !i && e < nr_extras; e++) {
			memset(&slots[nr], 0, sizeof(slots[nr]));
			slots[nr++].extra = extras[e];
		}
	}
	return nr;
}
EXPORT_SYMBOL_NS_GPL(xnet_encode_tx, "XENPV");

static void tx_bad(struct xnet_packet *packet)
{
	if (!packet->chain.error)
		packet->chain.error = -EINVAL;
}

/* The size of the first slot is that of all; its own is what the others leave. */
static void tx_first(struct xnet_packet *packet, const struct xen_netif_tx_request *request)
{
	struct xnet_chain *chain = &packet->chain;

	packet->len = request->size;
	packet->nr = 1;
	packet->pieces[0] = (struct xnet_piece) {
		.ref = request->gref, .offset = request->offset, .len = request->size,
	};
	chain->meta.csum = judge_csum(&chain->meta, request->flags & XEN_NETTXF_csum_blank,
				      request->flags & XEN_NETTXF_data_validated);
	chain->next = request->flags & XEN_NETTXF_extra_info ? EXTRA : REST;
}

static void tx_rest(struct xnet_packet *packet, const struct xen_netif_tx_request *request)
{
	struct xnet_piece *first = &packet->pieces[0];

	if (packet->nr == XNET_SLOTS || !request->size || request->size > first->len ||
	    request->offset > PAGE_SIZE || request->size > PAGE_SIZE - request->offset) {
		tx_bad(packet);
		return;
	}
	first->len -= request->size;
	packet->pieces[packet->nr++] = (struct xnet_piece) {
		.ref = request->gref, .offset = request->offset, .len = request->size,
	};
}

/* Now that all is there.  What is about an address has no data. */
static void tx_judge(struct xnet_packet *packet)
{
	const struct xnet_piece *first = &packet->pieces[0];
	struct xnet_meta *meta = &packet->chain.meta;

	meta->csum = judge_csum(meta, meta->csum == XNET_CSUM_BLANK,
				meta->csum == XNET_CSUM_VALID);
	if (meta->mcast)
		return;
	if (first->len < ETH_HLEN || first->offset > PAGE_SIZE ||
	    first->len > PAGE_SIZE - first->offset)
		tx_bad(packet);
}

/**
 * xnet_tx_add() - back: take a slot of a front
 * @packet: the packet that it belongs to, all zero before the first one
 * @slot: the slot, in private memory
 *
 * Context: Any.
 * Return: 0: there must be another one; 1: that was the last one, @packet->chain.error says
 * if the packet is good; -EPROTO: it is a lie.  Whatever it is, @packet->ids are of slots
 * that the front wants to have answered, and each of @packet->chain.extras needs an answer,
 * too.
 */
int xnet_tx_add(struct xnet_packet *packet, const union xnet_tx_slot *slot)
{
	struct xnet_chain *chain = &packet->chain;
	int ret;

	if (chain->next == EXTRA) {
		ret = add_extra(chain, &slot->extra);
		if (ret)
			return ret;
	} else {
		if (chain->slots == XNET_CHAIN)
			return -EPROTO;
		packet->ids[chain->slots++] = slot->request.id;
		chain->more = slot->request.flags & XEN_NETTXF_more_data;
		if (chain->next == FIRST)
			tx_first(packet, &slot->request);
		else
			tx_rest(packet, &slot->request);
	}
	if (!whole(chain))
		return 0;
	tx_judge(packet);
	return 1;
}
EXPORT_SYMBOL_NS_GPL(xnet_tx_add, "XENPV");

/* From a back to a front. */

/**
 * xnet_encode_rx() - back: write a slot of data
 * @meta: what is to be known of the packet
 * @part: the data
 * @first: it is the first slot
 * @more: another one with data follows
 * @id: of the request of the front that lent the page
 * @slot: where to
 *
 * If it is the first one, what xnet_encode_extras() writes comes next.
 *
 * Context: Any.
 */
void xnet_encode_rx(const struct xnet_meta *meta, const struct xnet_part *part, bool first,
		    bool more, u16 id, union xnet_rx_slot *slot)
{
	u16 flags = more ? XEN_NETRXF_more_data : 0;

	if (first && meta->csum == XNET_CSUM_BLANK)
		flags |= XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	else if (first && meta->csum == XNET_CSUM_VALID)
		flags |= XEN_NETRXF_data_validated;
	if (first && (meta->gso_type || meta->mcast || meta->headed || meta->hashed))
		flags |= XEN_NETRXF_extra_info;
	*slot = (union xnet_rx_slot) {
		.response = {
			.id = id, .offset = part->offset, .flags = flags, .status = part->len,
		},
	};
}
EXPORT_SYMBOL_NS_GPL(xnet_encode_rx, "XENPV");

static void rx_data(struct xnet_arrival *arrival, const struct xen_netif_rx_response *response,
		    void *buffer)
{
	struct xnet_chain *chain = &arrival->chain;
	int len = response->status;

	/* Kept even if it is bad or empty: the buffer was used, and is the caller's again. */
	arrival->parts[arrival->nr] = (struct xnet_part){ .buffer = buffer };
	if (len < 0 || response->offset > PAGE_SIZE || len > PAGE_SIZE - response->offset) {
		if (!chain->error)
			chain->error = len < 0 ? -EIO : -EINVAL;
	} else {
		arrival->parts[arrival->nr].offset = response->offset;
		arrival->parts[arrival->nr].len = len;
		arrival->len += len;
	}
	arrival->nr++;
}

/*
 * It must fit one packet of ours; what is about an address makes no sense for us.  Headers may
 * lie in several parts, of which the first can be shorter than that of Ethernet (XSA-522).
 */
static void rx_judge(struct xnet_arrival *arrival)
{
	struct xnet_chain *chain = &arrival->chain;
	struct xnet_meta *meta = &chain->meta;

	meta->csum = judge_csum(meta, meta->csum == XNET_CSUM_BLANK,
				meta->csum == XNET_CSUM_VALID);
	if (chain->error)
		return;
	if (arrival->nr > XNET_SLOTS || arrival->len > XEN_NETIF_MAX_TX_SIZE ||
	    arrival->len < ETH_HLEN || meta->mcast)
		chain->error = -EINVAL;
}

/**
 * xnet_rx_add() - front: take a slot of a back
 * @arrival: the packet that it belongs to, all zero before the first one
 * @slot: the slot, in private memory
 * @buffer: which page was lent by the request whose place it takes
 *
 * The buffer of an extra is not used, and not in @arrival->parts; @arrival->chain.extras
 * has counted it then.
 *
 * Context: Any.
 * Return: 0: there must be another one; 1: that was the last one, @arrival->chain.error says
 * if the packet is good; -EPROTO: it is a lie.
 */
int xnet_rx_add(struct xnet_arrival *arrival, const union xnet_rx_slot *slot, void *buffer)
{
	struct xnet_chain *chain = &arrival->chain;
	u16 flags = slot->response.flags;
	int ret;

	if (chain->next == EXTRA) {
		ret = add_extra(chain, &slot->extra);
		if (ret)
			return ret;
	} else {
		if (chain->slots == XNET_CHAIN)
			return -EPROTO;
		chain->slots++;
		rx_data(arrival, &slot->response, buffer);
		chain->more = flags & XEN_NETRXF_more_data;
		if (chain->next == FIRST) {
			chain->meta.csum = judge_csum(&chain->meta, flags & XEN_NETRXF_csum_blank,
						      flags & XEN_NETRXF_data_validated);
			chain->next = flags & XEN_NETRXF_extra_info ? EXTRA : REST;
		}
	}
	if (!whole(chain))
		return 0;
	rx_judge(arrival);
	return 1;
}
EXPORT_SYMBOL_NS_GPL(xnet_rx_add, "XENPV");

MODULE_DESCRIPTION("The network protocol of Xen");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
