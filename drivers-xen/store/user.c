// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/xenbus: a program's messages to the store, and those back to it. */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kref.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <xenpv/self.h>
#include <xenpv/store_user.h>
#include "private.h"

/*
 * What a program writes is a sequence of messages, in any pieces; what it reads is
 * one, too.  Requests go to the daemon under numbers of ours.  Watches are watches of
 * ours, since the daemon knows only one connection of this domain: two programs may
 * give the same token.  Transactions belong to the file that started them.
 *
 * A program is not trusted with our memory: the limits below hold for each file.
 * Where it has to read before it may go on, a write waits; events that it does not
 * read become one for each watch.
 */
#define MAX_WATCHES	1024
#define MAX_TXNS	64
#define MAX_IN_FLIGHT	16
#define MAX_UNREAD	(256 * 1024)
#define MAX_EVENTS	256

/**
 * struct message - something for the program to read
 * @list: in the queue
 * @head: its header
 * @body: its body, for kfree_const()
 * @done: bytes that were read already
 * @watch: of an event whose watch still is one
 */
struct message {
	struct list_head list;
	struct xsd_sockmsg head;
	const char *body;
	u32 done;
	struct watch *watch;
};

/**
 * struct watch - a watch of the program
 * @watch: ours behind it
 * @list: in the file
 * @port: the file
 * @token: as the program gave it
 * @path: likewise
 * @whole: the event for @path, there from the start
 * @held: its making is not answered yet, and no event comes before the answer
 * @missed: there was one meanwhile
 */
struct watch {
	struct xenpv_store_watch watch;
	struct list_head list;
	struct port *port;
	char *token;
	char *path;
	struct message *whole;
	bool held;
	bool missed;
};

/**
 * struct txn - a transaction of the program
 * @list: in the file
 * @txn: what it is to the daemon
 */
struct txn {
	struct list_head list;
	struct xenpv_store_txn txn;
};

/**
 * struct port - an open file
 * @ref: the file, and requests on their way
 * @write_lock: guards what a write changes: @head, @body, @got, @watches
 * @read_lock: one reader at a time
 * @lock: guards the rest
 * @queue: messages to read
 * @unread: bytes of them, with what each takes besides
 * @events: how many of them are events, but for those of the whole
 * @in_flight: requests that are not answered
 * @txns: open transactions
 * @nr_txns: how many, with those to come
 * @closed: the file is
 * @change: of any of these
 * @watches: of the program
 * @nr_watches: how many
 * @got: bytes of the message that is being written
 * @head: its header
 * @body: its body
 */
struct port {
	struct kref ref;
	struct mutex write_lock;
	struct mutex read_lock;
	spinlock_t lock;
	struct list_head queue __guarded_by(&lock);
	size_t unread __guarded_by(&lock);
	unsigned int events __guarded_by(&lock);
	unsigned int in_flight __guarded_by(&lock);
	struct list_head txns __guarded_by(&lock);
	unsigned int nr_txns __guarded_by(&lock);
	bool closed __guarded_by(&lock);
	wait_queue_head_t change;
	struct list_head watches __guarded_by(&write_lock);
	unsigned int nr_watches __guarded_by(&write_lock);
	u32 got __guarded_by(&write_lock);
	struct xsd_sockmsg head __guarded_by(&write_lock);
	char body[XENSTORE_PAYLOAD_MAX + 1] __guarded_by(&write_lock);
};

/**
 * struct errand - a request of the program on its way
 * @port: the file
 * @answer: what will be read
 * @txn: that it begins or ends, or NULL
 */
struct errand {
	struct port *port;
	struct message *answer;
	struct txn *txn;
};

static void port_free(struct kref *ref)
{
	kfree(container_of(ref, struct port, ref));
}

static void message_free(struct message *message)
{
	if (!message)
		return;
	kfree_const(message->body);
	kfree(message);
}

static size_t size_of(const struct message *message)
{
	return sizeof(*message) + message->head.len;
}

static void queue(struct port *port, struct message *message)
{
	lockdep_assert_held(&port->lock);
	if (port->closed) {
		message_free(message);
		return;
	}
	list_add_tail(&message->list, &port->queue);
	port->unread += size_of(message);
	wake_up_all(&port->change);
}

/* Answers that need no daemon. */

/* Also called where watches are, and disks may wait for other watches. */
static struct message *answer_to(const struct xsd_sockmsg *head)
{
	struct message *message = kzalloc_obj(*message, GFP_NOIO);

	if (message) {
		INIT_LIST_HEAD(&message->list);
		message->head = *head;
	}
	return message;
}

static void answer_text(struct message *message, u32 type, const char *text)
{
	message->head.type = type;
	message->head.len = strlen(text) + 1;
	message->body = text;
}

static int reply(struct port *port, int error)
{
	struct message *message = answer_to(&port->head);

	if (!message)
		return -ENOMEM;
	if (error)
		answer_text(message, XS_ERROR, xenpv_store_error_name(error));
	else
		answer_text(message, port->head.type, "OK");
	guard(spinlock)(&port->lock);
	queue(port, message);
	return 0;
}

/* Watches. */

static struct message *event_message(struct watch *watch, const char *path)
{
	size_t path_len = strlen(path) + 1, token_len = strlen(watch->token) + 1;
	struct xsd_sockmsg head = {
		.type = XS_WATCH_EVENT,
		.len = path_len + token_len,
	};
	struct message *message = answer_to(&head);
	char *body;

	if (!message)
		return NULL;
	body = kmalloc(head.len, GFP_NOIO);
	if (!body) {
		kfree(message);
		return NULL;
	}
	memcpy(body, path, path_len);
	memcpy(body + path_len, watch->token, token_len);
	message->body = body;
	message->watch = watch;
	return message;
}

static bool unread(const struct port *port, const struct watch *watch, const char *path)
{
	const struct message *message;

	list_for_each_entry(message, &port->queue, list) {
		if (message->watch == watch && !message->done && !strcmp(message->body, path))
			return true;
	}
	return false;
}

static void changed(struct xenpv_store_watch *ours, const char *path)
{
	struct watch *watch = container_of(ours, struct watch, watch);
	struct message *message = NULL;
	struct port *port = watch->port;

	if (strcmp(path, watch->path))
		message = event_message(watch, path);

	guard(spinlock)(&port->lock);
	if (watch->held) {
		message_free(message);
		watch->missed = true;
	} else if (message && unread(port, watch, path)) {
		message_free(message);
	} else if (message && port->events < MAX_EVENTS && port->unread < MAX_UNREAD) {
		port->events++;
		queue(port, message);
	} else {
		message_free(message);
		if (list_empty(&watch->whole->list))
			queue(port, watch->whole);
	}
}

/* Messages that are queued stay, and belong to the queue from now on. */
static void watch_free(struct watch *watch)
{
	struct port *port = watch->port;
	struct message *message;
	bool queued;

	xenpv_store_unwatch(&watch->watch);
	scoped_guard(spinlock, &port->lock) {
		queued = watch->whole && !list_empty(&watch->whole->list);
		list_for_each_entry(message, &port->queue, list) {
			if (message->watch != watch)
				continue;
			if (message != watch->whole)
				port->events--;
			message->watch = NULL;
		}
	}
	if (!queued)
		message_free(watch->whole);
	kfree(watch->token);
	kfree(watch->path);
	kfree(watch);
}

static struct watch *watch_new(struct port *port, const char *path, const char *token)
{
	struct watch *watch = kzalloc_obj(*watch);

	if (!watch)
		return NULL;
	watch->port = port;
	watch->held = true;
	watch->path = kstrdup(path, GFP_KERNEL);
	watch->token = kstrdup(token, GFP_KERNEL);
	if (watch->path && watch->token)
		watch->whole = event_message(watch, path);
	if (!watch->whole) {
		watch_free(watch);
		return NULL;
	}
	watch->watch.node = watch->path;
	watch->watch.changed = changed;
	return watch;
}

/* The two texts of a message, and nothing behind them. */
static int texts(const struct port *port, const char **path, const char **token)
{
	const char *body = port->body;
	u32 len = port->head.len;
	size_t first = strnlen(body, len);

	if (first >= len || first + 1 + strnlen(body + first + 1, len - first - 1) + 1 != len)
		return -EINVAL;
	*path = body;
	*token = body + first + 1;
	return 0;
}

static struct watch *find_watch(const struct port *port, const char *path, const char *token)
{
	struct watch *watch;

	list_for_each_entry(watch, &port->watches, list) {
		if (!strcmp(watch->path, path) && !strcmp(watch->token, token))
			return watch;
	}
	return NULL;
}

static int add_watch(struct port *port, struct watch **added)
{
	const char *path, *token;
	struct watch *watch;
	int ret = texts(port, &path, &token);

	if (ret)
		return ret;
	if (find_watch(port, path, token))
		return -EEXIST;
	if (port->nr_watches >= MAX_WATCHES)
		return -ENOSPC;
	watch = watch_new(port, path, token);
	if (!watch)
		return -ENOMEM;
	ret = xenpv_store_watch(&watch->watch);
	if (ret) {
		watch_free(watch);
		return ret == -ENAMETOOLONG ? -EINVAL : ret;
	}
	list_add_tail(&watch->list, &port->watches);
	port->nr_watches++;
	*added = watch;
	return 0;
}

static int make_watch(struct port *port)
{
	struct watch *watch;
	int error = add_watch(port, &watch);
	int ret = reply(port, error);

	if (error)
		return ret;
	guard(spinlock)(&port->lock);
	watch->held = false;
	if (watch->missed)
		queue(port, watch->whole);
	return ret;
}

static void remove_watch(struct port *port, struct watch *watch)
{
	list_del(&watch->list);
	port->nr_watches--;
	watch_free(watch);
}

static int del_watch(struct port *port)
{
	const char *path, *token;
	struct watch *watch;
	int ret = texts(port, &path, &token);

	if (ret)
		return ret;
	watch = find_watch(port, path, token);
	if (!watch)
		return -ENOENT;
	remove_watch(port, watch);
	return 0;
}

/* Those of others are none of its business. */
static int reset_watches(struct port *port)
{
	struct watch *watch, *next;

	list_for_each_entry_safe(watch, next, &port->watches, list)
		remove_watch(port, watch);
	return 0;
}

/* Requests. */

static struct txn *find_txn(const struct port *port, u32 id)
{
	struct txn *txn;

	list_for_each_entry(txn, &port->txns, list) {
		if (txn->txn.id == id)
			return txn;
	}
	return NULL;
}

/* A transaction that has begun is that of the file, unless nobody has it open any more. */
static void begun(struct port *port, struct txn *txn, struct xenpv_store_request *request)
{
	bool failed = request->error || xenpv_store_txn_id(request, &txn->txn.id);
	bool closed;

	txn->txn.session = request->session;
	scoped_guard(spinlock, &port->lock) {
		closed = port->closed;
		if (failed || closed)
			port->nr_txns--;
		else
			list_add_tail(&txn->list, &port->txns);
	}
	if (closed && !failed)
		xenpv_store_abort(txn->txn.id, txn->txn.session);
	if (failed || closed)
		kfree(txn);
}

/* One that could not be ended because it was asked in a wrong way goes on. */
static void ended(struct port *port, struct txn *txn, const struct xenpv_store_request *request)
{
	scoped_guard(spinlock, &port->lock) {
		if (request->error == -EINVAL && !port->closed) {
			list_add_tail(&txn->list, &port->txns);
			return;
		}
		port->nr_txns--;
	}
	if (request->error == -EINVAL)
		xenpv_store_abort(txn->txn.id, txn->txn.session);
	kfree(txn);
}

static void answered(struct xenpv_store_request *request)
{
	struct errand *errand = request->arg;
	struct message *message = errand->answer;
	struct port *port = errand->port;

	if (errand->txn && request->head.type == XS_TRANSACTION_START)
		begun(port, errand->txn, request);
	else if (errand->txn)
		ended(port, errand->txn, request);

	if (request->answer) {
		message->head.type = request->type;
		message->head.len = request->len;
		message->body = request->answer;
		request->answer = NULL;
	} else {
		answer_text(message, XS_ERROR, xenpv_store_error_name(request->error));
	}
	scoped_guard(spinlock, &port->lock) {
		port->in_flight--;
		queue(port, message);
		wake_up_all(&port->change);
	}
	kref_put(&port->ref, port_free);
	kfree(errand);
	xenpv_store_request_free(request);
}

/* What may be sent again if the daemon is restarted, without the program noticing. */
static bool repeatable(u32 type)
{
	switch (type) {
	case XS_READ:
	case XS_DIRECTORY:
	case XS_DIRECTORY_PART:
	case XS_GET_PERMS:
	case XS_GET_DOMAIN_PATH:
	case XS_IS_DOMAIN_INTRODUCED:
	case XS_TRANSACTION_START:
		return true;
	default:
		return false;
	}
}

/* @txn: that it begins or ends; taken over if it succeeds. */
static int forward(struct port *port, struct txn *txn, const struct xenpv_store_txn *in)
{
	struct xenpv_store_request *request;
	struct errand *errand = kzalloc_obj(*errand);

	request = xenpv_store_request_new(port->head.type, in, port->head.len);
	if (errand)
		errand->answer = answer_to(&port->head);
	if (!errand || !errand->answer || IS_ERR(request)) {
		if (errand)
			message_free(errand->answer);
		kfree(errand);
		xenpv_store_request_free(request);
		return -ENOMEM;
	}
	errand->port = port;
	errand->txn = txn;
	memcpy(request->body, port->body, port->head.len);
	request->inside = false;
	request->once = !repeatable(port->head.type);
	request->done = answered;
	request->arg = errand;
	kref_get(&port->ref);
	scoped_guard(spinlock, &port->lock)
		port->in_flight++;
	xenpv_store_submit(request);
	xenpv_store_pump();
	return 0;
}

static int start_txn(struct port *port)
{
	struct txn *txn;
	int ret;

	scoped_guard(spinlock, &port->lock) {
		if (port->nr_txns >= MAX_TXNS)
			return -ENOSPC;
		port->nr_txns++;
	}
	txn = kzalloc_obj(*txn);
	ret = txn ? forward(port, txn, NULL) : -ENOMEM;
	if (ret) {
		kfree(txn);
		guard(spinlock)(&port->lock);
		port->nr_txns--;
	}
	return ret;
}

static int end_txn(struct port *port)
{
	struct txn *txn;
	int ret;

	/* Out of the list, so that it is ended once. */
	scoped_guard(spinlock, &port->lock) {
		txn = find_txn(port, port->head.tx_id);
		if (!txn)
			return -ENOENT;
		list_del(&txn->list);
	}
	ret = forward(port, txn, &txn->txn);
	if (ret) {
		guard(spinlock)(&port->lock);
		list_add_tail(&txn->list, &port->txns);
	}
	return ret;
}

static int ask(struct port *port)
{
	struct xenpv_store_txn in;
	struct txn *txn;

	if (!port->head.tx_id)
		return forward(port, NULL, NULL);
	scoped_guard(spinlock, &port->lock) {
		txn = find_txn(port, port->head.tx_id);
		if (!txn)
			return -ENOENT;
		in = txn->txn;
	}
	return forward(port, NULL, &in);
}

/* A whole message: what is not answered later is answered now. */
static int handle(struct port *port)
{
	int ret;

	switch (port->head.type) {
	case XS_WATCH:
		return make_watch(port);
	case XS_UNWATCH:
		return reply(port, del_watch(port));
	case XS_RESET_WATCHES:
		return reply(port, reset_watches(port));
	case XS_TRANSACTION_START:
		ret = start_txn(port);
		break;
	case XS_TRANSACTION_END:
		ret = end_txn(port);
		break;
	default:
		ret = xenpv_store_wire_judge(&port->head) ?: ask(port);
		break;
	}
	return ret ? reply(port, ret) : 0;
}

static bool may_write(struct port *port)
{
	guard(spinlock)(&port->lock);
	return port->in_flight < MAX_IN_FLIGHT && port->unread < MAX_UNREAD;
}

static int wait_to_write(struct port *port, bool nonblock)
{
	if (nonblock)
		return may_write(port) ? 0 : -EAGAIN;
	return wait_event_interruptible(port->change, may_write(port));
}

/* Take bytes up to the end of header or body; how many, or a negative errno. */
static ssize_t take_bytes(struct port *port, const char __user *from, size_t len)
{
	const u32 head_len = sizeof(port->head);
	char *to = (char *)&port->head + port->got;
	u32 end = head_len;

	if (port->got >= head_len) {
		to = port->body + (port->got - head_len);
		end += port->head.len;
	}
	len = min_t(size_t, len, end - port->got);
	if (copy_from_user(to, from, len))
		return -EFAULT;
	port->got += len;

	if (port->got == head_len && port->head.len > XENSTORE_PAYLOAD_MAX) {
		port->got = 0;
		return -EINVAL;
	}
	return len;
}

static bool complete_message(const struct port *port)
{
	return port->got >= sizeof(port->head) &&
	       port->got == sizeof(port->head) + port->head.len;
}

static ssize_t port_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	struct port *port = file->private_data;
	size_t done = 0;
	ssize_t ret = 0;

	if (mutex_lock_interruptible(&port->write_lock))
		return -ERESTARTSYS;
	while (done < len) {
		/* Before the last byte is taken, so that it can be given again. */
		ret = wait_to_write(port, file->f_flags & O_NONBLOCK);
		if (!ret)
			ret = take_bytes(port, from + done, len - done);
		if (ret < 0)
			break;
		done += ret;
		if (!complete_message(port))
			continue;
		port->body[port->head.len] = '\0';
		port->got = 0;
		ret = handle(port);
		if (ret < 0)
			break;
	}
	mutex_unlock(&port->write_lock);
	return done ?: ret;
}

static struct message *first(struct port *port)
{
	guard(spinlock)(&port->lock);
	return list_first_entry_or_null(&port->queue, struct message, list);
}

/* It was read to its end. */
static void consumed(struct port *port, struct message *message)
{
	bool keep;

	scoped_guard(spinlock, &port->lock) {
		list_del_init(&message->list);
		port->unread -= size_of(message);
		message->done = 0;
		keep = message->watch && message == message->watch->whole;
		if (message->watch && !keep)
			port->events--;
		wake_up_all(&port->change);
	}
	if (!keep)
		message_free(message);
}

static ssize_t give_bytes(struct port *port, struct message *message, char __user *to, size_t len)
{
	const u32 head_len = sizeof(message->head);
	const char *from = (char *)&message->head + message->done;
	u32 end = head_len, start = message->done;

	if (start >= head_len) {
		from = message->body + (start - head_len);
		end += message->head.len;
	}
	len = min_t(size_t, len, end - start);
	/* From here on it is no more one that is not read. */
	scoped_guard(spinlock, &port->lock)
		message->done += len;
	if (copy_to_user(to, from, len)) {
		guard(spinlock)(&port->lock);
		message->done = start;
		return -EFAULT;
	}
	if (start + len == head_len + message->head.len)
		consumed(port, message);
	return len;
}

static ssize_t port_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	struct port *port = file->private_data;
	struct message *message;
	size_t done = 0;
	ssize_t ret;

	if (mutex_lock_interruptible(&port->read_lock))
		return -ERESTARTSYS;
	while (done < len) {
		message = first(port);
		if (!message && done)
			break;
		ret = -EAGAIN;
		if (!message && !(file->f_flags & O_NONBLOCK))
			ret = wait_event_interruptible(port->change, first(port));
		else if (message)
			ret = give_bytes(port, message, to + done, len - done);
		if (ret < 0) {
			mutex_unlock(&port->read_lock);
			return done ?: ret;
		}
		done += ret;
	}
	mutex_unlock(&port->read_lock);
	return done;
}

static __poll_t port_poll(struct file *file, poll_table *wait)
{
	struct port *port = file->private_data;

	poll_wait(file, &port->change, wait);
	return first(port) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int port_open(struct inode *inode, struct file *file)
{
	struct port *port = kzalloc_obj(*port);

	if (!port)
		return -ENOMEM;
	kref_init(&port->ref);
	mutex_init(&port->write_lock);
	mutex_init(&port->read_lock);
	spin_lock_init(&port->lock);
	INIT_LIST_HEAD(&port->queue);
	INIT_LIST_HEAD(&port->txns);
	INIT_LIST_HEAD(&port->watches);
	init_waitqueue_head(&port->change);
	file->private_data = port;
	return stream_open(inode, file);
}

static int port_release(struct inode *inode, struct file *file)
{
	struct port *port = file->private_data;
	struct message *message, *next_message;
	struct txn *txn, *next_txn;
	LIST_HEAD(queue);
	LIST_HEAD(txns);

	scoped_guard(mutex, &port->write_lock)
		reset_watches(port);
	scoped_guard(spinlock, &port->lock) {
		port->closed = true;
		list_splice_init(&port->queue, &queue);
		list_splice_init(&port->txns, &txns);
	}
	list_for_each_entry_safe(message, next_message, &queue, list)
		message_free(message);
	list_for_each_entry_safe(txn, next_txn, &txns, list) {
		xenpv_store_abort(txn->txn.id, txn->txn.session);
		kfree(txn);
	}
	kref_put(&port->ref, port_free);
	return 0;
}

const struct file_operations xenpv_store_fops = {
	.owner = THIS_MODULE,
	.open = port_open,
	.release = port_release,
	.read = port_read,
	.write = port_write,
	.poll = port_poll,
};
EXPORT_SYMBOL_NS_GPL(xenpv_store_fops, "XENPV");

static struct miscdevice port_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/xenbus",
	.fops = &xenpv_store_fops,
};

static int __init port_init(void)
{
	return xenpv_self.kind == XENPV_KIND_NONE ? 0 : misc_register(&port_device);
}
device_initcall(port_init);
