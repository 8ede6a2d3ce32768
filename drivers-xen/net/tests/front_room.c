// SPDX-License-Identifier: GPL-2.0-only
/* A front on the fake hypervisor, and a back that does as it is told. */

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/gfp.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/event.h>
#include <xenpv/shared.h>
#include "front_room.h"

struct netfront_far *netfront_far;
struct netfront_got *netfront_got;
struct xnet_front *netfront_front;
struct xnet_front_facts netfront_facts;

static atomic_t out;
static bool met;

/* What the back has of each queue. */
static struct {
	struct xnet_tx_back tx;
	struct xnet_rx_back rx;
	struct xnet_packet packet;
	int tx_handle;
	int rx_handle;
	u16 ids[XNET_FRONT_SLOTS];
	unsigned int nr_ids;
	unsigned int extras;
} backs[XNET_QUEUES];
static unsigned int nr_backs;

const struct netfront_terms netfront_terms[NETFRONT_NR_TERMS] = {
	{ "whole pages", { .pages = 512 }, false, 1 },
	{ "whole pages, two events, two queues", { .pages = 512 }, true, 2 },
	{ "persistent", { .pages = 512, .persistent = true }, true, 1 },
	{ "trusted", { .pages = 512, .trusted = true }, false, 2 },
};

void netfront_terms_name(const struct netfront_terms *terms, char *text)
{
	strscpy(text, terms->name, KUNIT_PARAM_DESC_SIZE);
}

/* The parameter of a case may be something else. */
static const struct netfront_terms *terms_of(struct kunit *test)
{
	const struct netfront_terms *terms = test->param_value;

	return terms >= netfront_terms && terms < netfront_terms + NETFRONT_NR_TERMS ?
	       terms : netfront_terms;
}

/* What comes up. */

static rx_handler_result_t come_up(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;

	if (netfront_got->hoard) {
		skb_queue_tail(&netfront_got->queue, skb);
		return RX_HANDLER_CONSUMED;
	}
	netfront_got->packets++;
	netfront_got->len = skb->len + ETH_HLEN;
	netfront_got->linear = skb_headlen(skb) + ETH_HLEN;
	if (skb_copy_bits(skb, -ETH_HLEN, netfront_got->data, skb->len + ETH_HLEN))
		xenpv_fake_bad("a packet that cannot be copied");
	netfront_got->ip_summed = skb->ip_summed;
	netfront_got->csum_start = skb_checksum_start_offset(skb) + ETH_HLEN;
	netfront_got->csum_offset = skb->csum_offset;
	netfront_got->gso_size = skb_shinfo(skb)->gso_size;
	netfront_got->gso_type = skb_shinfo(skb)->gso_type;
	netfront_got->hash = skb->hash;
	consume_skb(skb);
	return RX_HANDLER_CONSUMED;
}

/* The interface. */

/* Until nobody polls. */
static void settle(void)
{
	for (unsigned int i = 0; netfront_front->flowing && i < netfront_front->nr_queues; i++) {
		for (unsigned int n = 0; n < 5000; n++) {
			if (!(READ_ONCE(netfront_front->queues[i].napi.state) & NAPIF_STATE_SCHED))
				break;
			usleep_range(100, 200);
		}
	}
}

void netfront_test_up(bool up)
{
	rtnl_lock();
	if (up)
		dev_open(netfront_front->net, NULL);
	else
		dev_close(netfront_front->net);
	rtnl_unlock();
	settle();
}

static void map_back(struct kunit *test, unsigned int nr)
{
	void __xen_shared *page;
	struct xnet_front_queue *queue = &netfront_front->queues[nr];

	backs[nr].nr_ids = 0;
	backs[nr].extras = 0;
	memset(&backs[nr].packet, 0, sizeof(backs[nr].packet));
	backs[nr].tx_handle = xenpv_fake_peer_map(PEER, queue->tx_share.refs[0], true);
	backs[nr].rx_handle = xenpv_fake_peer_map(PEER, queue->rx_share.refs[0], true);
	KUNIT_ASSERT_GE(test, backs[nr].tx_handle, 0);
	KUNIT_ASSERT_GE(test, backs[nr].rx_handle, 0);
	page = (void __xen_shared __force *)xenpv_fake_peer_page(backs[nr].tx_handle);
	KUNIT_ASSERT_EQ(test, xnet_tx_back_init(&backs[nr].tx, page, 1), 0);
	page = (void __xen_shared __force *)xenpv_fake_peer_page(backs[nr].rx_handle);
	KUNIT_ASSERT_EQ(test, xnet_rx_back_init(&backs[nr].rx, page, 1), 0);
}

void netfront_test_meet(struct kunit *test)
{
	const struct netfront_terms *terms = terms_of(test);

	netfront_front->facts = netfront_facts;
	netfront_far->filter = false;
	met = true;
	/* Each connection has other pages, and what counts accesses has limits. */
	xenpv_fake_forget();
	KUNIT_ASSERT_EQ(test, xnet_front_share(netfront_front, &terms->terms), 0);
	for (nr_backs = 0; nr_backs < netfront_front->nr_queues; nr_backs++)
		map_back(test, nr_backs);
	KUNIT_ASSERT_EQ(test, xnet_front_run(netfront_front), 0);
	settle();
}

void netfront_test_part(void)
{
	xnet_front_halt(netfront_front);
	while (nr_backs) {
		nr_backs--;
		xenpv_fake_peer_unmap(backs[nr_backs].tx_handle);
		xenpv_fake_peer_unmap(backs[nr_backs].rx_handle);
	}
	xnet_front_unshare(netfront_front);
	met = false;
}

static void stop(void *unused)
{
	if (netfront_front) {
		if (met)
			netfront_test_part();
		skb_queue_purge(&netfront_got->queue);
		if (netfront_front->registered) {
			rtnl_lock();
			netdev_rx_handler_unregister(netfront_front->net);
			rtnl_unlock();
		}
		xnet_front_drop(netfront_front);
	}
	netfront_front = NULL;
	while (netfront_far && netfront_far->nr_held)
		xenpv_fake_peer_unmap(netfront_far->held[--netfront_far->nr_held]);
	vfree(netfront_far);
	vfree(netfront_got);
	netfront_far = NULL;
	netfront_got = NULL;
}

/* Nobody else is to send, and what comes up is ours: no GRO. */
static void take_over(struct kunit *test)
{
	struct net_device *net = netfront_front->net;
	int ret;

	rtnl_lock();
	net->wanted_features &= ~NETIF_F_GRO;
	netdev_update_features(net);
	ret = netdev_rx_handler_register(net, come_up, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, ret, 0);
}

static int set_filter(struct xenpv_device *dev, bool filter)
{
	netfront_far->filter = filter;
	return 0;
}

void netfront_test_start(struct kunit *test)
{
	const struct netfront_terms *terms = terms_of(test);
	const struct xnet_front_plan plan = {
		.address = { 0x00, 0x16, 0x3e, 1, 2, 3 }, .queues = terms->queues,
		.set = set_filter,
	};
	struct xenpv_device *dev = bus_test_device(test, "vif-test");
	struct xnet_front *front;

	atomic_set(&out, 0);
	nr_backs = 0;
	met = false;
	netfront_facts = (struct xnet_front_facts) {
		.copy = true, .sg = true, .gso4 = true, .gso6 = true, .csum6 = true,
		.split = terms->split, .queues = terms->queues,
	};
	netfront_far = vzalloc(sizeof(*netfront_far));
	netfront_got = vzalloc(sizeof(*netfront_got));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, netfront_far);
	KUNIT_ASSERT_NOT_NULL(test, netfront_got);
	skb_queue_head_init(&netfront_got->queue);
	front = xnet_front_new(dev, &plan);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, front);
	netfront_front = front;
	front->net->priv_flags |= IFF_NO_ADDRCONF;
	netfront_test_meet(test);
	take_over(test);
	netfront_test_up(true);
	KUNIT_ASSERT_TRUE(test, front->flowing);
}

u64 netfront_test_count(enum xnet_front_count what)
{
	u64 nr = 0;

	for (unsigned int i = 0; i < netfront_front->max_queues; i++)
		nr += xnet_front_sum(&netfront_front->queues[i], what);
	return nr;
}

/* Packets of ours. */

static void freed(struct sk_buff *skb)
{
	atomic_dec(&out);
}

unsigned int netfront_test_out(void)
{
	return atomic_read(&out);
}

static void fill(u8 *data, unsigned int len, u8 seed)
{
	for (unsigned int i = 0; i < len; i++)
		data[i] = seed + i * 7 + (i >> 8);
}

struct sk_buff *netfront_test_skb(struct kunit *test, unsigned int head, unsigned int frags,
				  unsigned int offset, unsigned int len)
{
	/* Of a size that begins with a page, so that it lies in as few as can be. */
	struct sk_buff *skb = alloc_skb(max(head + NET_SKB_PAD, PAGE_SIZE / 2), GFP_KERNEL);
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, NET_SKB_PAD);
	fill(skb_put(skb, head), head, head + frags);
	for (unsigned int i = 0; i < frags; i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(offset + len));
		if (!page) {
			kfree_skb(skb);
			KUNIT_FAIL_AND_ABORT(test, "no page");
		}
		fill(page_address(page) + offset, len, 3 * i);
		skb_add_rx_frag(skb, i, page, offset, len, PAGE_SIZE << get_order(offset + len));
	}
	skb->protocol = htons(NETFRONT_TEST_TYPE);
	skb->dev = netfront_front->net;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	atomic_inc(&out);
	skb->destructor = freed;
	return skb;
}

bool netfront_test_send(struct sk_buff *skb, unsigned int nr)
{
	int ret = __dev_direct_xmit(skb, nr);

	if (!dev_xmit_complete(ret))
		kfree_skb(skb);
	return ret == NETDEV_TX_OK;
}

void netfront_test_send_and_compare(struct kunit *test, struct sk_buff *skb, unsigned int nr)
{
	unsigned int len = skb->len, packets = netfront_far->packets;
	u8 *want = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, want, len), 0);
	KUNIT_EXPECT_TRUE(test, netfront_test_send(skb, nr));
	netfront_test_serve();
	KUNIT_EXPECT_EQ(test, netfront_far->packets, packets + 1);
	KUNIT_EXPECT_EQ(test, netfront_far->last.chain.error, 0);
	KUNIT_EXPECT_EQ(test, netfront_far->last.len, len);
	KUNIT_EXPECT_MEMEQ(test, netfront_far->data, want, len);
	kunit_kfree(test, want);
}

/* The back takes packets. */

static void look(int handle)
{
	if (netfront_far->canary &&
	    xenpv_fake_peer_scan(handle, &netfront_far->canary, sizeof(netfront_far->canary)) >= 0)
		netfront_far->nr_canaries++;
}

static void let_go(int handle)
{
	if (netfront_far->hold && netfront_far->nr_held < ARRAY_SIZE(netfront_far->held))
		netfront_far->held[netfront_far->nr_held++] = handle;
	else
		xenpv_fake_peer_unmap(handle);
}

static void gather(const struct xnet_packet *packet)
{
	unsigned int at = 0;

	for (unsigned int i = 0; i < packet->nr && !packet->chain.error &&
	     !packet->chain.meta.mcast; i++) {
		const struct xnet_piece *piece = &packet->pieces[i];
		int handle = xenpv_fake_peer_map(PEER, piece->ref, false);

		if (handle < 0 || at + piece->len > sizeof(netfront_far->data)) {
			xenpv_fake_bad("a piece that is not lent");
			return;
		}
		look(handle);
		memcpy(netfront_far->data + at, xenpv_fake_peer_page(handle) + piece->offset,
		       piece->len);
		at += piece->len;
		let_go(handle);
	}
	netfront_far->last = *packet;
	netfront_far->packets++;
	netfront_far->slots += packet->chain.slots;
}

static void answer(unsigned int nr, u16 id, s16 status)
{
	struct xen_netif_tx_response response = { .id = id, .status = status };

	xnet_tx_back_put(&backs[nr].tx, &response);
}

static void answer_all(unsigned int nr)
{
	unsigned int max = backs[nr].nr_ids;

	for (unsigned int i = 0; i < netfront_far->nulls; i++)
		answer(nr, 0xdead, XEN_NETIF_RSP_NULL);
	for (unsigned int i = 0; i < max; i++) {
		unsigned int which = netfront_far->backwards ? max - 1 - i : i;
		u16 id = backs[nr].ids[which] + netfront_far->wrong_id;

		answer(nr, id, netfront_far->status);
		if (netfront_far->twice)
			answer(nr, id, netfront_far->status);
	}
	for (unsigned int i = 0; i < backs[nr].extras; i++)
		answer(nr, 0xdead, XEN_NETIF_RSP_NULL);
	backs[nr].nr_ids = 0;
	backs[nr].extras = 0;
}

static unsigned int serve(unsigned int nr)
{
	struct xnet_packet *packet = &backs[nr].packet;
	unsigned int packets = 0;
	union xnet_tx_slot slot;
	int ret;

	while (xnet_tx_back_get(&backs[nr].tx, &slot) > 0) {
		ret = xnet_tx_add(packet, &slot);
		if (!ret)
			continue;
		if (ret < 0 || packet->chain.error)
			xenpv_fake_bad("a packet that a back must not take");
		gather(packet);
		for (unsigned int i = 0; i < packet->chain.slots; i++)
			backs[nr].ids[backs[nr].nr_ids++] = packet->ids[i];
		backs[nr].extras += packet->chain.extras;
		memset(packet, 0, sizeof(*packet));
		packets++;
	}
	if (!netfront_far->mute)
		answer_all(nr);
	xnet_tx_back_push(&backs[nr].tx);
	xnet_tx_back_arm(&backs[nr].tx);
	return packets;
}

void netfront_test_kick(unsigned int nr)
{
	local_bh_disable();
	xnet_front_interrupt(0, &netfront_front->queues[nr]);
	local_bh_enable();
	settle();
}

unsigned int netfront_test_serve(void)
{
	unsigned int packets = 0;

	for (unsigned int i = 0; i < nr_backs && !netfront_far->keep; i++) {
		packets += serve(i);
		netfront_test_kick(i);
	}
	return packets;
}

/* The back brings packets. */

bool netfront_test_rx_take(unsigned int nr, struct xen_netif_rx_request *request)
{
	return xnet_rx_back_get(&backs[nr].rx, request) > 0;
}

void netfront_test_rx_put(unsigned int nr, const union xnet_rx_slot *slot)
{
	union xnet_rx_slot mine = *slot;

	xnet_rx_back_put(&backs[nr].rx, &mine);
}

void netfront_test_rx_push(unsigned int nr)
{
	xnet_rx_back_push(&backs[nr].rx);
	netfront_test_kick(nr);
}

/* Writes data to a page of the front. */
static bool fill_page(const struct xen_netif_rx_request *request, unsigned int offset,
		      const u8 *data, unsigned int len)
{
	int handle = xenpv_fake_peer_map(PEER, request->gref, true);

	if (handle < 0) {
		xenpv_fake_bad("a page that is not lent");
		return false;
	}
	look(handle);
	memcpy(xenpv_fake_peer_page(handle) + offset, data, len);
	let_go(handle);
	return true;
}

static bool bring_extras(unsigned int nr, const struct xnet_meta *meta)
{
	struct xen_netif_extra_info extras[XNET_EXTRAS];
	unsigned int max = xnet_encode_extras(meta, extras);
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot = { };

	for (unsigned int i = 0; i < max; i++) {
		if (!netfront_test_rx_take(nr, &request))
			return false;
		slot.extra = extras[i];
		netfront_test_rx_put(nr, &slot);
	}
	return true;
}

bool netfront_test_bring(unsigned int nr, const struct xnet_meta *meta, const u8 *data,
			 unsigned int bytes, unsigned int part, unsigned int offset)
{
	struct xen_netif_rx_request request;
	union xnet_rx_slot slot;
	unsigned int at = 0;
	bool first = true;

	while (first || at < bytes) {
		unsigned int most = first && netfront_far->short_first ? netfront_far->first : part;
		struct xnet_part piece = {
			.offset = offset, .len = min(most, bytes - at),
		};

		if (!netfront_test_rx_take(nr, &request) ||
		    !fill_page(&request, offset, data + at, piece.len))
			return false;
		at += piece.len;
		xnet_encode_rx(meta, &piece, first, at < bytes, request.id, &slot);
		netfront_test_rx_put(nr, &slot);
		if (first && !bring_extras(nr, meta))
			return false;
		first = false;
	}
	netfront_test_rx_push(nr);
	return true;
}

u8 *netfront_test_frame(unsigned int bytes, u8 seed)
{
	static u8 frame[NETFRONT_TEST_BYTES];

	fill(frame, bytes, seed);
	ether_addr_copy(frame, netfront_front->net->dev_addr);
	frame[12] = NETFRONT_TEST_TYPE >> 8;
	frame[13] = NETFRONT_TEST_TYPE & 0xff;
	return frame;
}

struct xenpv_ring_page *netfront_test_tx_ring(unsigned int nr)
{
	return xenpv_fake_peer_page(backs[nr].tx_handle);
}

struct xenpv_ring_page *netfront_test_rx_ring(unsigned int nr)
{
	return xenpv_fake_peer_page(backs[nr].rx_handle);
}
