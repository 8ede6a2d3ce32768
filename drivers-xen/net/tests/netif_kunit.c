// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the network protocol: packets that are sent, and what is made of any slots. */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "../netif.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xenpv_netif."

static unsigned int rounds = 100000;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How many slots of random bytes are taken, each way");

#define MOST_SLOTS	(XNET_SLOTS + XNET_EXTRAS)

/* What may be known of a packet, in all kinds. */
static const struct xnet_meta metas[] = {
	{ },
	{ .csum = XNET_CSUM_VALID },
	{ .csum = XNET_CSUM_BLANK },
	{ .csum = XNET_CSUM_BLANK, .gso_type = XEN_NETIF_GSO_TYPE_TCPV4, .gso_size = 1448 },
	{ .csum = XNET_CSUM_BLANK, .gso_type = XEN_NETIF_GSO_TYPE_TCPV6, .gso_size = 1 },
	{ .csum = XNET_CSUM_VALID, .hashed = true, .hash = 0x12345678,
	  .hash_type = _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP },
	{ .headed = true, .headroom = 256 },
	{ .csum = XNET_CSUM_BLANK, .gso_type = XEN_NETIF_GSO_TYPE_TCPV4, .gso_size = 536,
	  .headed = true, .headroom = 0, .hashed = true, .hash = ~0U },
};

static void expect_meta(struct kunit *test, const struct xnet_meta *got,
			const struct xnet_meta *want)
{
	KUNIT_EXPECT_EQ(test, got->csum, want->csum);
	KUNIT_EXPECT_EQ(test, got->gso_type, want->gso_type);
	KUNIT_EXPECT_EQ(test, got->gso_size, want->gso_size);
	KUNIT_EXPECT_EQ(test, got->hashed, want->hashed);
	KUNIT_EXPECT_EQ(test, got->hash, want->hash);
	KUNIT_EXPECT_EQ(test, got->hash_type, want->hash_type);
	KUNIT_EXPECT_EQ(test, got->headed, want->headed);
	KUNIT_EXPECT_EQ(test, got->headroom, want->headroom);
	KUNIT_EXPECT_EQ(test, got->mcast, want->mcast);
	KUNIT_EXPECT_MEMEQ(test, got->address, want->address, ETH_ALEN);
}

static void make_packet(struct xnet_packet *packet, const struct xnet_meta *meta, unsigned int nr)
{
	*packet = (struct xnet_packet){ .chain.meta = *meta, .nr = nr };
	for (unsigned int i = 0; i < nr; i++) {
		packet->pieces[i] = (struct xnet_piece) {
			.ref = 1000 + i, .offset = i * 7, .len = 100 + i,
		};
		packet->ids[i] = 500 + i * 3;
		packet->len += packet->pieces[i].len;
	}
}

/* 1 or an error, from the last slot that was taken; @taken: how many that were. */
static int take_tx(struct xnet_packet *packet, const union xnet_tx_slot *slots, unsigned int nr,
		   unsigned int *taken)
{
	int ret = 0;

	*packet = (struct xnet_packet){ };
	for (*taken = 0; *taken < nr && !ret; (*taken)++)
		ret = xnet_tx_add(packet, &slots[*taken]);
	return ret;
}

static void what_a_front_sends_arrives(struct kunit *test)
{
	static union xnet_tx_slot slots[MOST_SLOTS];
	static struct xnet_packet sent, got;
	unsigned int nr, taken;

	for (unsigned int m = 0; m < ARRAY_SIZE(metas); m++) {
		for (unsigned int pieces = 1; pieces <= XNET_SLOTS; pieces++) {
			make_packet(&sent, &metas[m], pieces);
			nr = xnet_encode_tx(&sent, slots);
			KUNIT_ASSERT_LE(test, nr, MOST_SLOTS);
			KUNIT_EXPECT_EQ(test, take_tx(&got, slots, nr, &taken), 1);
			KUNIT_EXPECT_EQ(test, taken, nr);
			KUNIT_EXPECT_EQ(test, got.chain.error, 0);
			KUNIT_EXPECT_EQ(test, got.len, sent.len);
			KUNIT_EXPECT_EQ(test, got.nr, pieces);
			KUNIT_EXPECT_EQ(test, got.chain.slots, pieces);
			KUNIT_EXPECT_EQ(test, got.chain.slots + got.chain.extras, nr);
			expect_meta(test, &got.chain.meta, &metas[m]);
			for (unsigned int i = 0; i < pieces; i++) {
				KUNIT_EXPECT_EQ(test, got.pieces[i].ref, sent.pieces[i].ref);
				KUNIT_EXPECT_EQ(test, got.pieces[i].offset, sent.pieces[i].offset);
				KUNIT_EXPECT_EQ(test, got.pieces[i].len, sent.pieces[i].len);
				KUNIT_EXPECT_EQ(test, got.ids[i], sent.ids[i]);
			}
		}
	}
}

static void addresses_need_no_data(struct kunit *test)
{
	static const u8 types[] = {
		XEN_NETIF_EXTRA_TYPE_MCAST_ADD, XEN_NETIF_EXTRA_TYPE_MCAST_DEL,
	};
	struct xnet_meta meta = { .address = { 1, 0, 0x5e, 4, 5, 6 } };
	static union xnet_tx_slot slots[MOST_SLOTS];
	static struct xnet_packet sent, got;
	unsigned int nr, taken;

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		meta.mcast = types[i];
		make_packet(&sent, &meta, 1);
		sent.len = 0;
		nr = xnet_encode_tx(&sent, slots);
		KUNIT_EXPECT_EQ(test, nr, 2);
		KUNIT_EXPECT_EQ(test, take_tx(&got, slots, nr, &taken), 1);
		KUNIT_EXPECT_EQ(test, got.chain.error, 0);
		expect_meta(test, &got.chain.meta, &meta);
	}
}

static int take_rx(struct xnet_arrival *arrival, const union xnet_rx_slot *slots, unsigned int nr,
		   unsigned int *taken)
{
	int ret = 0;

	*arrival = (struct xnet_arrival){ };
	for (*taken = 0; *taken < nr && !ret; (*taken)++)
		ret = xnet_rx_add(arrival, &slots[*taken], (void *)(uintptr_t)(*taken + 1));
	return ret;
}

/* The slots of a packet, as a back would write them; how many there are. */
static unsigned int encode_rx(const struct xnet_meta *meta, const struct xnet_part *parts,
			      unsigned int nr_parts, union xnet_rx_slot *slots)
{
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	unsigned int nr_extras = xnet_encode_extras(meta, extras), nr = 0;

	for (unsigned int i = 0; i < nr_parts; i++) {
		xnet_encode_rx(meta, &parts[i], !i, i + 1 < nr_parts, 9 + i, &slots[nr++]);
		for (unsigned int e = 0; !i && e < nr_extras; e++)
			slots[nr++].extra = extras[e];
	}
	return nr;
}

static void what_a_back_sends_arrives(struct kunit *test)
{
	static union xnet_rx_slot slots[MOST_SLOTS];
	struct xnet_part parts[XNET_SLOTS];
	static struct xnet_arrival got;
	unsigned int taken, nr;

	for (unsigned int m = 0; m < ARRAY_SIZE(metas); m++) {
		for (unsigned int n = 1; n <= XNET_SLOTS; n++) {
			u32 len = 0;

			for (unsigned int i = 0; i < n; i++) {
				parts[i] = (struct xnet_part){ .offset = 8 * i, .len = 60 + i };
				len += parts[i].len;
			}
			nr = encode_rx(&metas[m], parts, n, slots);
			KUNIT_EXPECT_EQ(test, slots[0].response.id, 9);
			KUNIT_EXPECT_EQ(test, take_rx(&got, slots, nr, &taken), 1);
			KUNIT_EXPECT_EQ(test, taken, nr);
			KUNIT_EXPECT_EQ(test, got.chain.error, 0);
			KUNIT_EXPECT_EQ(test, got.len, len);
			KUNIT_EXPECT_EQ(test, got.nr, n);
			expect_meta(test, &got.chain.meta, &metas[m]);
			for (unsigned int i = 0; i < n; i++) {
				unsigned int at = i ? i + got.chain.extras : 0;

				KUNIT_EXPECT_EQ(test, got.parts[i].offset, parts[i].offset);
				KUNIT_EXPECT_EQ(test, got.parts[i].len, parts[i].len);
				KUNIT_EXPECT_PTR_EQ(test, got.parts[i].buffer,
						    (void *)(uintptr_t)(at + 1));
			}
		}
	}
}

/* A checksum of a packet of segments is blank, whatever its flags are. */
static void segments_have_no_checksum(struct kunit *test)
{
	struct xnet_meta meta = { .gso_type = XEN_NETIF_GSO_TYPE_TCPV4, .gso_size = 100 };
	struct xnet_part part = { .len = 1000 };
	static union xnet_tx_slot out[MOST_SLOTS];
	static union xnet_rx_slot in[MOST_SLOTS];
	static struct xnet_packet packet, got;
	struct xnet_arrival arrival;
	unsigned int taken;

	make_packet(&packet, &meta, 2);
	take_tx(&got, out, xnet_encode_tx(&packet, out), &taken);
	KUNIT_EXPECT_EQ(test, got.chain.meta.csum, XNET_CSUM_BLANK);
	take_rx(&arrival, in, encode_rx(&meta, &part, 1, in), &taken);
	KUNIT_EXPECT_EQ(test, arrival.chain.meta.csum, XNET_CSUM_BLANK);
}

/* Fronts that are wrong: @break_it changes what three good pieces became. */
static void expect_bad(struct kunit *test, void (*break_it)(union xnet_tx_slot *slots))
{
	static union xnet_tx_slot slots[MOST_SLOTS];
	static struct xnet_packet packet, got;
	unsigned int nr, taken;

	make_packet(&packet, &metas[3], 3);
	nr = xnet_encode_tx(&packet, slots);
	KUNIT_ASSERT_EQ(test, nr, 4);
	break_it(slots);
	KUNIT_EXPECT_EQ(test, take_tx(&got, slots, nr, &taken), 1);
	KUNIT_EXPECT_EQ(test, taken, nr);
	KUNIT_EXPECT_EQ(test, got.chain.error, -EINVAL);
	/* It gets all of them back. */
	KUNIT_EXPECT_EQ(test, got.chain.slots, 3);
	KUNIT_EXPECT_EQ(test, got.chain.extras, 1);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, got.ids[i], packet.ids[i]);
}

static void first_over_the_end(union xnet_tx_slot *slots)
{
	slots[0].request.offset = PAGE_SIZE - 99;
}

static void first_behind_the_end(union xnet_tx_slot *slots)
{
	slots[0].request.offset = U16_MAX;
}

static void rest_over_the_end(union xnet_tx_slot *slots)
{
	slots[3].request.offset = PAGE_SIZE - 101;
}

static void rest_behind_the_end(union xnet_tx_slot *slots)
{
	slots[2].request.offset = PAGE_SIZE + 1;
}

static void rest_is_empty(union xnet_tx_slot *slots)
{
	slots[2].request.size = 0;
}

static void rest_is_more_than_all(union xnet_tx_slot *slots)
{
	slots[0].request.size = 202;
}

static void first_is_no_header(union xnet_tx_slot *slots)
{
	slots[0].request.size = 101 + 102 + ETH_HLEN - 1;
}

static void no_such_segments(union xnet_tx_slot *slots)
{
	slots[1].extra.u.gso.type = 3;
}

static void segments_of_nothing(union xnet_tx_slot *slots)
{
	slots[1].extra.u.gso.size = 0;
}

static void no_such_extra(union xnet_tx_slot *slots)
{
	slots[1].extra.type = 200;
}

static void extra_of_no_type(union xnet_tx_slot *slots)
{
	slots[1].extra.type = XEN_NETIF_EXTRA_TYPE_NONE;
}

static void no_such_hash(union xnet_tx_slot *slots)
{
	slots[1].extra = (struct xen_netif_extra_info) {
		.type = XEN_NETIF_EXTRA_TYPE_HASH, .u.hash = { .type = 4, .algorithm = 1 },
	};
}

static void bad_packets_are_dropped(struct kunit *test)
{
	expect_bad(test, first_over_the_end);
	expect_bad(test, first_behind_the_end);
	expect_bad(test, rest_over_the_end);
	expect_bad(test, rest_behind_the_end);
	expect_bad(test, rest_is_empty);
	expect_bad(test, rest_is_more_than_all);
	expect_bad(test, first_is_no_header);
	expect_bad(test, no_such_segments);
	expect_bad(test, segments_of_nothing);
	expect_bad(test, no_such_extra);
	expect_bad(test, extra_of_no_type);
	expect_bad(test, no_such_hash);
}

static void extras_that_come_twice_are_a_lie(struct kunit *test)
{
	struct xen_netif_extra_info twice = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO, .flags = XEN_NETIF_EXTRA_FLAG_MORE,
		.u.gso = { .type = XEN_NETIF_GSO_TYPE_TCPV4, .size = 9 },
	};
	union xnet_tx_slot slots[3] = {
		{ .request = { .size = 100, .flags = XEN_NETTXF_extra_info } },
		{ .extra = twice }, { .extra = twice },
	};
	struct xnet_packet packet;
	unsigned int taken;

	KUNIT_EXPECT_EQ(test, take_tx(&packet, slots, 3, &taken), -EPROTO);
	/* Nor have those an end that we don't know. */
	for (u8 type = 8; type; type++) {
		unsigned int nr = 0;
		int ret = 0;

		packet = (struct xnet_packet){ };
		KUNIT_EXPECT_EQ(test, xnet_tx_add(&packet, &slots[0]), 0);
		slots[1].extra.type = type;
		while (!ret && nr++ < 100)
			ret = xnet_tx_add(&packet, &slots[1]);
		KUNIT_EXPECT_EQ(test, ret, -EPROTO);
		KUNIT_EXPECT_LE(test, nr, XNET_EXTRAS + 1);
	}
}

/* XSA-39: a chain of @nr slots, whose total is @len more than all but the first. */
static int chain_of(struct xnet_packet *packet, unsigned int nr, unsigned int each,
		    unsigned int len, bool extra, unsigned int *taken)
{
	union xnet_tx_slot slot;
	int ret = 0;

	*packet = (struct xnet_packet){ };
	for (unsigned int i = 0; i < nr && !ret; i++, (*taken)++) {
		slot = (union xnet_tx_slot) {
			.request = {
				.size = i ? each : len, .id = i,
				.flags = (i + 1 < nr ? XEN_NETTXF_more_data : 0) |
					 (!i && extra ? XEN_NETTXF_extra_info : 0),
			},
		};
		ret = xnet_tx_add(packet, &slot);
		if (ret || i || !extra)
			continue;
		slot = (union xnet_tx_slot) {
			.extra = {
				.type = XEN_NETIF_EXTRA_TYPE_GSO,
				.u.gso = { .type = XEN_NETIF_GSO_TYPE_TCPV4, .size = 100 },
			},
		};
		ret = xnet_tx_add(packet, &slot);
	}
	return ret;
}

static void long_chains(struct kunit *test)
{
	struct xnet_packet packet;
	unsigned int taken;
	int ret;

	for (unsigned int nr = 1; nr < 256; nr++) {
		taken = 0;
		ret = chain_of(&packet, nr, 60, 60 * nr, false, &taken);
		KUNIT_EXPECT_EQ(test, ret, nr > XNET_CHAIN ? -EPROTO : 1);
		if (ret < 0)
			KUNIT_EXPECT_EQ(test, taken, XNET_CHAIN + 1);
		else
			KUNIT_EXPECT_EQ(test, !!packet.chain.error, nr > XNET_SLOTS);
		KUNIT_EXPECT_LE(test, packet.nr, XNET_SLOTS);
	}
}

static struct kunit_case xsa_39_cases[] = {
	KUNIT_CASE(long_chains),
	{}
};

static struct kunit_suite xsa_39_suite = {
	.name = "xsa_39_netif",
	.test_cases = xsa_39_cases,
};

/* XSA-432, 448: all chains of 1 to 20 slots whose total is 1 to 200. */
static void small_totals(struct kunit *test)
{
	struct xnet_packet packet;

	for (unsigned int at = 0; at < 20 * 200 * 4 * 2; at++) {
		unsigned int nr = at % 20 + 1, total = at / 20 % 200 + 1, each = at / 4000 % 4 * 5;
		unsigned int taken = 0, rest = each * (nr - 1);
		bool extra = at / 16000, good;
		u32 sum = 0;

		good = nr <= XNET_SLOTS && total >= rest + ETH_HLEN && (each || nr == 1);
		KUNIT_EXPECT_EQ(test, chain_of(&packet, nr, each, total, extra, &taken), 1);
		KUNIT_EXPECT_EQ(test, !packet.chain.error, good);
		KUNIT_EXPECT_EQ(test, packet.chain.slots, nr);
		if (!good)
			continue;
		for (unsigned int i = 0; i < packet.nr; i++) {
			KUNIT_EXPECT_NE(test, packet.pieces[i].len, 0);
			sum += packet.pieces[i].len;
		}
		KUNIT_EXPECT_EQ(test, sum, total);
		KUNIT_EXPECT_EQ(test, packet.len, total);
	}
}

static struct kunit_case xsa_432_cases[] = {
	KUNIT_CASE(small_totals),
	{}
};

static struct kunit_suite xsa_432_suite = {
	.name = "xsa_432_netif",
	.test_cases = xsa_432_cases,
};

/* XSA-522: parts of any length, the first shorter than a header, all of them together not. */
static void short_parts(struct kunit *test)
{
	static union xnet_rx_slot slots[MOST_SLOTS];
	struct xnet_part parts[XNET_SLOTS];
	static struct xnet_arrival got;
	unsigned int taken, nr;

	for (unsigned int at = 0; at < XNET_SLOTS * 15 * 4; at++) {
		unsigned int n = at % XNET_SLOTS + 1, first = at / XNET_SLOTS % 15;
		unsigned int each = at / XNET_SLOTS / 15 * 3, total = first + each * (n - 1);

		for (unsigned int i = 0; i < n; i++)
			parts[i] = (struct xnet_part){ .len = i ? each : first };
		nr = encode_rx(&metas[at % ARRAY_SIZE(metas)], parts, n, slots);
		KUNIT_EXPECT_EQ(test, take_rx(&got, slots, nr, &taken), 1);
		KUNIT_EXPECT_EQ(test, got.nr, n);
		KUNIT_EXPECT_EQ(test, got.len, total);
		KUNIT_EXPECT_EQ(test, !got.chain.error, total >= ETH_HLEN);
	}
}

static struct kunit_case xsa_522_cases[] = {
	KUNIT_CASE(short_parts),
	{}
};

static struct kunit_suite xsa_522_suite = {
	.name = "xsa_522_netif",
	.test_cases = xsa_522_cases,
};

static void expect_bad_part(struct kunit *test, unsigned int which, u16 offset, int status,
			    int error)
{
	static union xnet_rx_slot slots[MOST_SLOTS];
	struct xnet_part parts[3] = { { .len = 100 }, { .len = 100 }, { .len = 100 } };
	static struct xnet_arrival got;
	unsigned int taken, nr = encode_rx(&metas[0], parts, 3, slots);

	slots[which].response.offset = offset;
	slots[which].response.status = status;
	KUNIT_EXPECT_EQ(test, take_rx(&got, slots, nr, &taken), 1);
	KUNIT_EXPECT_EQ(test, taken, 3);
	KUNIT_EXPECT_EQ(test, got.chain.error, error);
	/* All its buffers come back. */
	KUNIT_EXPECT_EQ(test, got.nr, 3);
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_PTR_EQ(test, got.parts[i].buffer, (void *)(uintptr_t)(i + 1));
		KUNIT_EXPECT_LE(test, got.parts[i].offset + got.parts[i].len, PAGE_SIZE);
	}
}

static void bad_parts_are_dropped(struct kunit *test)
{
	for (unsigned int i = 0; i < 3; i++) {
		expect_bad_part(test, i, 0, XEN_NETIF_RSP_ERROR, -EIO);
		expect_bad_part(test, i, 0, XEN_NETIF_RSP_DROPPED, -EIO);
		expect_bad_part(test, i, 0, S16_MIN, -EIO);
		expect_bad_part(test, i, 0, PAGE_SIZE + 1, -EINVAL);
		expect_bad_part(test, i, PAGE_SIZE - 99, 100, -EINVAL);
		expect_bad_part(test, i, PAGE_SIZE + 1, 0, -EINVAL);
		expect_bad_part(test, i, U16_MAX, S16_MAX, -EINVAL);
	}
}

static void long_arrivals(struct kunit *test)
{
	struct xnet_part part = { .len = 2000 };
	struct xnet_arrival arrival;
	union xnet_rx_slot slot;
	unsigned int i;
	int ret;

	for (unsigned int nr = 1; nr < 100; nr++) {
		arrival = (struct xnet_arrival){ };
		for (i = 0, ret = 0; i < nr && !ret; i++) {
			xnet_encode_rx(&metas[0], &part, !i, i + 1 < nr, i, &slot);
			ret = xnet_rx_add(&arrival, &slot, NULL);
		}
		KUNIT_EXPECT_EQ(test, ret, nr > XNET_CHAIN ? -EPROTO : 1);
		if (ret > 0)
			KUNIT_EXPECT_EQ(test, !!arrival.chain.error, nr > XNET_SLOTS);
	}
}

/* Whatever comes: the chain has an end, and what is said to be good is. */
static void expect_sane(struct kunit *test, const struct xnet_packet *packet, int ret)
{
	u32 sum = 0;

	KUNIT_ASSERT_LE(test, packet->nr, XNET_SLOTS);
	KUNIT_ASSERT_LE(test, packet->chain.slots, XNET_CHAIN);
	KUNIT_ASSERT_LE(test, packet->chain.extras, XNET_EXTRAS);
	if (ret != 1 || packet->chain.error || packet->chain.meta.mcast)
		return;
	for (unsigned int i = 0; i < packet->nr; i++) {
		KUNIT_EXPECT_NE(test, packet->pieces[i].len, 0);
		KUNIT_EXPECT_LE(test, packet->pieces[i].offset + packet->pieces[i].len, PAGE_SIZE);
		sum += packet->pieces[i].len;
	}
	KUNIT_EXPECT_EQ(test, sum, packet->len);
	KUNIT_EXPECT_GE(test, packet->pieces[0].len, ETH_HLEN);
}

static void any_slots_of_a_front(struct kunit *test)
{
	struct xnet_packet packet = { };
	unsigned int good = 0, in_chain = 0;
	struct rnd_state dice;
	union xnet_tx_slot slot;
	int ret;

	prandom_seed_state(&dice, 15);
	for (unsigned int i = 0; i < rounds; i++) {
		prandom_bytes_state(&dice, &slot, sizeof(slot));
		if (slot.request.id & 1) {
			/* Often enough what may be good. */
			slot.request.offset &= PAGE_SIZE - 1;
			slot.request.size &= 0x7ff;
			slot.request.flags &= ~XEN_NETTXF_extra_info;
		}
		ret = xnet_tx_add(&packet, &slot);
		in_chain++;
		expect_sane(test, &packet, ret);
		KUNIT_ASSERT_LE(test, in_chain, XNET_CHAIN + XNET_EXTRAS + 1);
		if (!ret)
			continue;
		good += ret == 1 && !packet.chain.error;
		packet = (struct xnet_packet){ };
		in_chain = 0;
	}
	KUNIT_EXPECT_GT(test, good, 0);
}

static void any_slots_of_a_back(struct kunit *test)
{
	struct xnet_arrival arrival = { };
	unsigned int good = 0, in_chain = 0;
	struct rnd_state dice;
	union xnet_rx_slot slot;
	int ret;

	prandom_seed_state(&dice, 16);
	for (unsigned int i = 0; i < rounds; i++) {
		u32 sum = 0;

		prandom_bytes_state(&dice, &slot, sizeof(slot));
		if (slot.response.id & 1) {
			slot.response.offset &= PAGE_SIZE - 1;
			slot.response.status &= 0x7ff;
			slot.response.flags &= ~XEN_NETRXF_extra_info;
		}
		ret = xnet_rx_add(&arrival, &slot, &arrival);
		in_chain++;
		KUNIT_ASSERT_LE(test, arrival.nr, XNET_CHAIN);
		KUNIT_ASSERT_LE(test, in_chain, XNET_CHAIN + XNET_EXTRAS + 1);
		for (unsigned int p = 0; p < arrival.nr; p++) {
			KUNIT_EXPECT_LE(test, arrival.parts[p].offset + arrival.parts[p].len,
					PAGE_SIZE);
			sum += arrival.parts[p].len;
		}
		KUNIT_EXPECT_EQ(test, sum, arrival.len);
		if (!ret)
			continue;
		if (ret == 1 && !arrival.chain.error) {
			good++;
			KUNIT_EXPECT_GE(test, arrival.len, ETH_HLEN);
			KUNIT_EXPECT_LE(test, arrival.nr, XNET_SLOTS);
		}
		arrival = (struct xnet_arrival){ };
		in_chain = 0;
	}
	KUNIT_EXPECT_GT(test, good, 0);
}

static struct kunit_case netif_cases[] = {
	KUNIT_CASE(what_a_front_sends_arrives),
	KUNIT_CASE(addresses_need_no_data),
	KUNIT_CASE(what_a_back_sends_arrives),
	KUNIT_CASE(segments_have_no_checksum),
	KUNIT_CASE(bad_packets_are_dropped),
	KUNIT_CASE(extras_that_come_twice_are_a_lie),
	KUNIT_CASE(bad_parts_are_dropped),
	KUNIT_CASE(long_arrivals),
	KUNIT_CASE(any_slots_of_a_front),
	KUNIT_CASE(any_slots_of_a_back),
	{}
};

static struct kunit_suite netif_suite = {
	.name = "xenpv_netif",
	.test_cases = netif_cases,
};

kunit_test_suites(&netif_suite, &xsa_39_suite, &xsa_432_suite, &xsa_522_suite);

MODULE_DESCRIPTION("Tests of the network protocol");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("XENPV");
