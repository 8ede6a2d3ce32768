/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_BUS_H
#define _XENPV_BUS_H

/**
 * DOC: The bus
 *
 * Devices that another domain provides, or that we provide to one, are directories in
 * xenstore::
 *
 *	device/<type>/<id>			a front; its key "backend" names the peer's
 *	backend/<type>/<domain>/<id>		a back; its key "frontend" does
 *
 * Each becomes a device of Linux, on the bus "xen" or "xen-backend", as long as its
 * directory has a key "state".
 *
 * A driver gives a table of types and a few functions::
 *
 *	probe, remove		memory of its own; nothing of the peer
 *	ready			back only: is what it provides there?  If that changes,
 *				xenpv_link_kick()
 *	connect			read the peer's keys; rings, grants, events
 *	publish			write keys of ours, in the transaction that says that we
 *				have got further
 *	start, stop		data may flow, may not
 *	disconnect		undo connect, from any half of it
 *	changed			the peer touched its keys while data flows
 *
 * All but probe, remove and ready come from the link, one at a time; xenpv/link.h says when.
 * They may sleep, and should not for long.  If connect or start fails, the link calls
 * disconnect, and the link is faulty.
 *
 * What most drivers share with their peer, a ring and an event, is a struct xenpv_share::
 *
 *	front	ret = xenpv_share_alloc(&s, dev, pool, 1) ?:
 *		      xring_front_init(&ring, s.ring, 1) ?:
 *		      xenpv_share_lend(&s) ?:
 *		      xenpv_share_open(&s, interrupt, "xring", arg);
 *	back	ret = xenpv_share_map(&s, dev, &ref, 1) ?:
 *		      xring_back_init(&ring, s.theirs, 1) ?:
 *		      xenpv_share_bind(&s, port, interrupt, "xring", arg);
 *	both	xenpv_share_end(&s);		from any half of it
 */

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/types.h>
#include <xenpv/abi.h>
#include <xenpv/foreign.h>
#include <xenpv/keys.h>
#include <xenpv/link.h>
#include <xenpv/ring.h>
#include <xenpv/store.h>
#include <xenpv/types.h>

struct xenpv_event;
struct xenpv_grant_pool;

/* A type, and its NUL. */
#define XENPV_TYPE_LEN	32

/* A directory of ours, and its NUL: "backend/<type>/<domain>/<id>". */
#define XENPV_NODE_LEN	64

/* Devices of one side that one peer may have. */
#define XENPV_PEER_DEVICES	256

/**
 * struct xenpv_device - one end of a split device
 * @dev: the device of Linux
 * @side: which end
 * @type: say "vbd"
 * @id: its number, unique for type and peer
 * @peer: the domain at the other end; changes at most between disconnect and connect
 * @node: our directory, relative to that of this domain
 * @peer_dir: the peer's directory; changes with @peer
 * @link: the connection
 * @seen: private to enumerate.c
 * @list: private to enumerate.c
 * @go: private to enumerate.c
 */
struct xenpv_device {
	struct device dev;
	enum xenpv_side side;
	char type[XENPV_TYPE_LEN];
	u32 id;
	domid_t peer;
	char node[XENPV_NODE_LEN];
	char *peer_dir;
	struct xenpv_link link;
	unsigned int seen;
	struct list_head list;
	struct work_struct go;
};

#define to_xenpv_device(d)	container_of(d, struct xenpv_device, dev)

/**
 * xenpv_device_set_data() - remember something of the driver
 * @dev: the device
 * @data: it
 *
 * Context: Any.
 */
static inline void xenpv_device_set_data(struct xenpv_device *dev, void *data)
{
	dev_set_drvdata(&dev->dev, data);
}

/**
 * xenpv_device_data() - what xenpv_device_set_data() was given
 * @dev: the device
 *
 * Context: Any.
 * Return: it, NULL if there was nothing.
 */
static inline void *xenpv_device_data(const struct xenpv_device *dev)
{
	return dev_get_drvdata(&dev->dev);
}

/**
 * struct xenpv_device_id - a type of devices
 * @type: say "vbd"; empty at the end of a table
 */
struct xenpv_device_id {
	char type[XENPV_TYPE_LEN];
};

/**
 * struct xenpv_driver - one end of devices of some types
 * @driver: of Linux; only the name is to be set
 * @side: which end
 * @ids: its types
 * @publish_as: front: what "my half is ready" looks like, Initialised or Connected
 * @probe: makes what needs no peer
 * @remove: undoes it; nothing is connected
 * @ready: back only, may be NULL: is there what the device stands for?
 * @connect: makes what is shared
 * @publish: writes keys; the state that comes with them says which.  May be called again;
 *	changes nothing but the store.  May be NULL
 * @start: lets data flow
 * @stop: undoes it
 * @disconnect: undoes connect, also one that failed
 * @changed: keys of the peer may have changed while data flows; may come for nothing.
 *	May be NULL
 * @dead: the link is faulty, and nothing is connected: who waits for the peer must not any
 *	more.  May come again.  May be NULL
 *
 * connect and start may return -EAGAIN, if it can be done later: then it is tried again.
 */
struct xenpv_driver {
	struct device_driver driver;
	enum xenpv_side side;
	const struct xenpv_device_id *ids;
	enum xenbus_state publish_as;
	int (*probe)(struct xenpv_device *dev);
	void (*remove)(struct xenpv_device *dev);
	bool (*ready)(struct xenpv_device *dev);
	int (*connect)(struct xenpv_device *dev);
	int (*publish)(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		       enum xenbus_state state);
	int (*start)(struct xenpv_device *dev);
	void (*stop)(struct xenpv_device *dev);
	void (*disconnect)(struct xenpv_device *dev);
	void (*changed)(struct xenpv_device *dev);
	void (*dead)(struct xenpv_device *dev);
};

int xenpv_driver_register_owner(struct xenpv_driver *drv, struct module *owner);
void xenpv_driver_unregister(struct xenpv_driver *drv);

#define xenpv_driver_register(drv)	xenpv_driver_register_owner(drv, THIS_MODULE)

int xenpv_device_read(struct xenpv_device *dev, const char *sub,
		      const struct xenpv_keys *keys, void *to);
int xenpv_device_write(struct xenpv_device *dev, struct xenpv_store_txn *txn,
		       const char *sub, const struct xenpv_keys *keys, const void *from);

/**
 * struct xenpv_share - a ring and an event that are shared with a peer
 * @dev: whose
 * @pool: front: from which pages are lent
 * @nr: pages
 * @lent: front: how many are lent
 * @ring: the pages, in one piece
 * @theirs: back: the same, as what a peer can write
 * @pages: front: the pages
 * @refs: front: what to tell the peer
 * @slots: back: the pages, or
 * @area: back: several, in a PV domain
 * @event: the event
 *
 * All zero at first.
 */
struct xenpv_share {
	struct xenpv_device *dev;
	struct xenpv_grant_pool *pool;
	unsigned int nr;
	unsigned int lent;
	void *ring;
	void __xen_shared *theirs;
	struct page *pages[XENPV_RING_PAGES];
	grant_ref_t refs[XENPV_RING_PAGES];
	struct xenpv_foreign_slot slots[XENPV_RING_PAGES];
	struct xenpv_foreign_area area;
	struct xenpv_event *event;
};

int xenpv_share_alloc(struct xenpv_share *share, struct xenpv_device *dev,
		      struct xenpv_grant_pool *pool, unsigned int nr);
int xenpv_share_lend(struct xenpv_share *share);
int xenpv_share_open(struct xenpv_share *share, irq_handler_t handler, const char *name,
		     void *arg);
int xenpv_share_map(struct xenpv_share *share, struct xenpv_device *dev,
		    const grant_ref_t *refs, unsigned int nr);
int xenpv_share_bind(struct xenpv_share *share, evtchn_port_t port, irq_handler_t handler,
		     const char *name, void *arg);
void xenpv_share_end(struct xenpv_share *share);

/* For whoever saves the domain: the first, then one of the other two. */
int xenpv_bus_suspend(void);
void xenpv_bus_resume(void);
void xenpv_bus_thaw(void);

#endif /* _XENPV_BUS_H */
