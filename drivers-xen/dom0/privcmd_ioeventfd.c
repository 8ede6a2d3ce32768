// SPDX-License-Identifier: GPL-2.0-only
/* Requests of guests as eventfds: a queue of virtio that was filled needs no program. */

#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/virtio_mmio.h>
#include <linux/workqueue.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xen/interface/hvm/ioreq.h>
#include <xenpv/event.h>
#include "private.h"

/*
 * A guest writes to a register of a device that a program serves.  Xen stops the vCPU,
 * puts the request into the vCPU's slot of a page that the program has mapped, and sends
 * an event.  If all that the write says is that a queue was filled, an eventfd is
 * signalled and the slot answered here; else the program gets the event.
 *
 * The page is reached as the program reaches it, at its address and with its rights: in
 * most domains it is no page of ours, and what the program does with its mapping meanwhile
 * is its own matter.  A slot is copied once and then judged; who can write to it may be
 * the guest.
 *
 *	event -> tap -> worker, in the program's address space:
 *		ours: signal, answer, tell Xen, unmask
 *		not ours, or the program is gone: the program's event
 */

#define MAX_VCPUS	4096

/* The byte of a slot that has its state. */
#define STATE_AT	offsetofend(struct ioreq, _pad0)

static_assert(offsetof(struct ioreq, type) == STATE_AT + 1);

/**
 * struct ioeventfd - writes that signal an eventfd
 * @list: among those of the server
 * @eventfd: it
 * @addr: of the register
 * @len: of the write
 * @vq: number of the queue, which is what is written
 */
struct ioeventfd {
	struct list_head list;
	struct eventfd_ctx *eventfd;
	u64 addr;
	u32 len;
	u16 vq;
};

/**
 * struct slot - where requests of a vCPU are
 * @tap: gets its events
 * @server: whose
 */
struct slot {
	struct xenpv_event_tap tap;
	struct server *server;
};

/**
 * struct server - a program that serves requests of a guest
 * @list: among those of the file
 * @file: the file of privcmd
 * @dom: the guest
 * @mm: of the program
 * @ioreqs: slots, one for each vCPU
 * @lock: guards the list
 * @fds: struct ioeventfd
 * @due: vCPUs that had an event
 * @work: looks at them
 * @vcpus: how many the guest has
 * @slots: of each
 */
struct server {
	struct list_head list;
	struct xenpv_privcmd *file;
	domid_t dom;
	struct mm_struct *mm;
	struct ioreq __user *ioreqs;
	struct mutex lock;
	struct list_head fds __guarded_by(&lock);
	unsigned long *due;
	struct work_struct work;
	unsigned int vcpus;
	struct slot slots[] __counted_by(vcpus);
};

/* The eventfd that a request is for, or NULL. */
static struct ioeventfd *match(struct server *server, const struct ioreq *req)
{
	struct ioeventfd *io;

	lockdep_assert_held(&server->lock);
	if (req->state != STATE_IOREQ_READY || req->type != IOREQ_TYPE_COPY ||
	    req->dir != IOREQ_WRITE || req->data_is_ptr)
		return NULL;
	list_for_each_entry(io, &server->fds, list)
		if (req->addr == io->addr && req->size == io->len &&
		    (req->data & U16_MAX) == io->vq)
			return io;
	return NULL;
}

/* The state before the rest: Xen writes them the other way round. */
static bool fetch(const struct ioreq __user *from, struct ioreq *req)
{
	u8 state;

	if (get_user(state, (const u8 __user *)from + STATE_AT))
		return false;
	/* Pairs with Xen's, before it says that a request is ready. */
	smp_rmb();
	return !copy_from_user(req, from, sizeof(*req)) &&
	       state == ((const u8 *)req)[STATE_AT];
}

/* True if the request was one of ours, and is answered. */
static bool serve_slot(struct server *server, unsigned int vcpu)
{
	struct ioreq __user *at = server->ioreqs + vcpu;
	struct ioeventfd *io;
	struct ioreq req;

	if (!xenpv_privcmd_may(server->file, server->dom) || !fetch(at, &req))
		return false;
	guard(mutex)(&server->lock);
	io = match(server, &req);
	if (!io)
		return false;
	eventfd_signal(io->eventfd);
	req.state = STATE_IORESP_READY;
	/* The guest goes on after whoever waits for the eventfd was told. */
	smp_wmb();
	return !put_user(((const u8 *)&req)[STATE_AT], (u8 __user *)at + STATE_AT);
}

/**
 * xenpv_privcmd_serve() - look at requests of a guest
 * @work: of its server
 *
 * Context: Process, in the program's address space.
 */
void xenpv_privcmd_serve(struct work_struct *work)
{
	struct server *server = container_of(work, struct server, work);
	unsigned int vcpu;

	for_each_set_bit(vcpu, server->due, server->vcpus) {
		struct xenpv_event_tap *tap = &server->slots[vcpu].tap;
		bool ours;

		if (!test_and_clear_bit(vcpu, server->due))
			continue;
		ours = serve_slot(server, vcpu);
		if (ours)
			xenpv_event_tap_notify(tap);
		xenpv_event_tap_done(tap, ours);
	}
}

static void give_all(struct server *server)
{
	unsigned int vcpu;

	for_each_set_bit(vcpu, server->due, server->vcpus)
		if (test_and_clear_bit(vcpu, server->due))
			xenpv_event_tap_done(&server->slots[vcpu].tap, false);
}

static void server_work(struct work_struct *work)
{
	struct server *server = container_of(work, struct server, work);
	struct mm_struct *mm = server->mm;

	/* A program that ends answers nothing, and its file may stay with others. */
	if (!mmget_not_zero(mm)) {
		give_all(server);
		return;
	}
	kthread_use_mm(mm);
	xenpv_privcmd_serve(work);
	kthread_unuse_mm(mm);
	mmput(mm);
}

static void look(struct xenpv_event_tap *tap)
{
	struct slot *slot = container_of(tap, struct slot, tap);
	struct server *server = slot->server;

	set_bit(slot - server->slots, server->due);
	xenpv_privcmd_later(&server->work);
}

static void server_free(struct server *server)
{
	for (unsigned int i = 0; i < server->vcpus; i++)
		xenpv_event_untap(&server->slots[i].tap);
	flush_work(&server->work);
	mmdrop(server->mm);
	mutex_destroy(&server->lock);
	bitmap_free(server->due);
	kvfree(server);
}

static struct server *server_alloc(struct xenpv_privcmd *file,
				   const struct privcmd_ioeventfd *wish)
{
	struct server *server;

	server = kvzalloc(struct_size(server, slots, wish->vcpus), GFP_KERNEL_ACCOUNT);
	if (!server)
		return NULL;
	server->vcpus = wish->vcpus;
	server->due = bitmap_zalloc(wish->vcpus, GFP_KERNEL_ACCOUNT);
	if (!server->due) {
		kvfree(server);
		return NULL;
	}
	server->file = file;
	server->dom = wish->dom;
	server->ioreqs = u64_to_user_ptr(wish->ioreq);
	mmgrab(current->mm);
	server->mm = current->mm;
	mutex_init(&server->lock);
	INIT_LIST_HEAD(&server->fds);
	INIT_WORK(&server->work, server_work);
	return server;
}

/* Its ports must lead to the guest, or a program could look at events of others. */
static int tap_ports(struct server *server, const u32 *ports)
{
	for (unsigned int i = 0; i < server->vcpus; i++) {
		struct slot *slot = &server->slots[i];
		int ret;

		slot->server = server;
		slot->tap.look = look;
		ret = xenpv_event_tap_port(&slot->tap, ports[i], server->dom);
		if (ret)
			return ret;
	}
	return 0;
}

static struct server *server_new(struct xenpv_privcmd *file, const struct privcmd_ioeventfd *wish)
{
	struct server *server;
	u32 *ports;
	int ret;

	ports = vmemdup_array_user(u64_to_user_ptr(wish->ports), wish->vcpus, sizeof(*ports));
	if (IS_ERR(ports))
		return ERR_CAST(ports);
	server = server_alloc(file, wish);
	ret = server ? tap_ports(server, ports) : -ENOMEM;
	kvfree(ports);
	if (!ret)
		return server;
	if (server)
		server_free(server);
	return ERR_PTR(ret);
}

/* That of the same slots; NULL if there is none. */
static struct server *server_find(struct xenpv_privcmd *file,
				  const struct privcmd_ioeventfd *wish)
{
	struct server *server;

	lockdep_assert_held(&file->lock);
	list_for_each_entry(server, &file->servers, list) {
		if (server->ioreqs != u64_to_user_ptr(wish->ioreq) || server->mm != current->mm)
			continue;
		if (server->dom != wish->dom || server->vcpus != wish->vcpus)
			return ERR_PTR(-EINVAL);
		return server;
	}
	return NULL;
}

static struct ioeventfd *io_find(struct server *server, const struct privcmd_ioeventfd *wish)
{
	struct ioeventfd *io;

	lockdep_assert_held(&server->lock);
	list_for_each_entry(io, &server->fds, list)
		if (io->addr == wish->addr + VIRTIO_MMIO_QUEUE_NOTIFY &&
		    io->len == wish->addr_len && io->vq == wish->vq)
			return io;
	return NULL;
}

static void io_free(struct ioeventfd *io)
{
	eventfd_ctx_put(io->eventfd);
	kfree(io);
}

/* Two for the same write would be one that is never signalled. */
static int io_add(struct server *server, const struct privcmd_ioeventfd *wish)
{
	struct eventfd_ctx *eventfd;
	struct ioeventfd *io;

	guard(mutex)(&server->lock);
	if (io_find(server, wish))
		return -EBUSY;
	io = kzalloc_obj(*io, GFP_KERNEL_ACCOUNT);
	if (!io)
		return -ENOMEM;
	eventfd = eventfd_ctx_fdget(wish->event_fd);
	if (IS_ERR(eventfd)) {
		kfree(io);
		return PTR_ERR(eventfd);
	}
	io->eventfd = eventfd;
	io->addr = wish->addr + VIRTIO_MMIO_QUEUE_NOTIFY;
	io->len = wish->addr_len;
	io->vq = wish->vq;
	list_add_tail(&io->list, &server->fds);
	server->file->nr_fds++;
	return 0;
}

static bool unused(struct server *server)
{
	guard(mutex)(&server->lock);
	return list_empty(&server->fds);
}

static void drop_unused(struct server *server)
{
	lockdep_assert_held(&server->file->lock);
	if (!unused(server))
		return;
	list_del(&server->list);
	server_free(server);
}

static int judge(const struct privcmd_ioeventfd *wish)
{
	u64 end;

	if (!wish->vcpus || wish->vcpus > MAX_VCPUS || wish->vq > U16_MAX)
		return -EINVAL;
	if (wish->addr_len != 1 && wish->addr_len != 2 && wish->addr_len != 4 &&
	    wish->addr_len != 8)
		return -EINVAL;
	if (check_add_overflow(wish->addr, VIRTIO_MMIO_QUEUE_NOTIFY + wish->addr_len, &end))
		return -EINVAL;
	if (!IS_ALIGNED(wish->ioreq, __alignof__(struct ioreq)))
		return -EINVAL;
	return access_ok(u64_to_user_ptr(wish->ioreq), wish->vcpus * sizeof(struct ioreq)) ?
	       0 : -EFAULT;
}

static long assign(struct xenpv_privcmd *file, const struct privcmd_ioeventfd *wish)
{
	struct server *server;
	int ret = judge(wish);

	if (ret)
		return ret;
	guard(mutex)(&file->lock);
	if (file->nr_fds >= XENPV_PRIVCMD_FDS)
		return -ENOSPC;
	server = server_find(file, wish);
	if (!server) {
		server = server_new(file, wish);
		if (!IS_ERR(server))
			list_add_tail(&server->list, &file->servers);
	}
	if (IS_ERR(server))
		return PTR_ERR(server);
	ret = io_add(server, wish);
	drop_unused(server);
	return ret;
}

static int io_remove(struct server *server, const struct privcmd_ioeventfd *wish,
		     const struct eventfd_ctx *eventfd)
{
	struct ioeventfd *io;

	guard(mutex)(&server->lock);
	io = io_find(server, wish);
	if (!io || io->eventfd != eventfd)
		return -ENODEV;
	list_del(&io->list);
	server->file->nr_fds--;
	io_free(io);
	return 0;
}

static long deassign(struct xenpv_privcmd *file, const struct privcmd_ioeventfd *wish)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(wish->event_fd);
	struct server *server;
	int ret = -ENODEV;

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	scoped_guard(mutex, &file->lock) {
		server = server_find(file, wish);
		if (!IS_ERR_OR_NULL(server)) {
			ret = io_remove(server, wish, eventfd);
			drop_unused(server);
		}
	}
	eventfd_ctx_put(eventfd);
	return ret;
}

/**
 * xenpv_privcmd_ioeventfd() - IOCTL_PRIVCMD_IOEVENTFD
 * @file: open file
 * @arg: struct privcmd_ioeventfd
 *
 * Context: Process.
 * Return: 0; -EPERM if the file does not reach the domain; -EINVAL for what can't be, among
 * it ports that do not lead there; -EBUSY if there is an eventfd for this write, or
 * somebody has a port; -ENODEV if there is none to undo; -ENOSPC if there are too many; or
 * another negative errno.
 */
long xenpv_privcmd_ioeventfd(struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_ioeventfd wish;

	if (copy_from_user(&wish, arg, sizeof(wish)))
		return -EFAULT;
	if (wish.flags & ~PRIVCMD_IOEVENTFD_FLAG_DEASSIGN)
		return -EINVAL;
	if (!xenpv_privcmd_may(file, wish.dom))
		return -EPERM;
	if (wish.flags & PRIVCMD_IOEVENTFD_FLAG_DEASSIGN)
		return deassign(file, &wish);
	return assign(file, &wish);
}

/**
 * xenpv_privcmd_ioeventfd_close() - the file is closed: programs get all their events
 * @file: the file
 *
 * Context: Process.
 */
void xenpv_privcmd_ioeventfd_close(struct xenpv_privcmd *file)
{
	struct server *server, *next_server;
	struct ioeventfd *io, *next;

	guard(mutex)(&file->lock);
	list_for_each_entry_safe(server, next_server, &file->servers, list) {
		scoped_guard(mutex, &server->lock)
			list_for_each_entry_safe(io, next, &server->fds, list) {
				list_del(&io->list);
				io_free(io);
			}
		drop_unused(server);
	}
}
