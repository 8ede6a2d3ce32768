// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/xenbus: messages to xenstored and back, transactions, watches, wrong ones. */
#include "xu.h"

/* Xen's public/io/xs_wire.h, which is no header for programs. */
struct head {
	uint32_t type, req_id, tx_id, len;
};

enum {
	DIRECTORY = 1, READ, GET_PERMS, WATCH, UNWATCH, TXN_START, TXN_END,
	GET_DOMAIN_PATH = 10, WRITE, MKDIR, RM, EVENT = 15, ERROR,
};

#define MAX_BODY	4096
#define HERE		"data/xenpv"

struct said {
	struct head head;
	char body[MAX_BODY + 1];
};

static struct said said;
static uint32_t last_id;

static void say(int fd, uint32_t type, uint32_t txn, const void *body, uint32_t len)
{
	char bytes[sizeof(struct head) + MAX_BODY];
	struct head head = { type, ++last_id, txn, len };

	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), body, len);
	xu_true(write(fd, bytes, sizeof(head) + len) == (ssize_t)(sizeof(head) + len));
}

/* All of @len bytes, in the pieces in which they come. */
static void get(int fd, void *to, uint32_t len, uint32_t piece)
{
	char *at = to;

	while (len) {
		ssize_t n = xu_ok(read(fd, at, len < piece ? len : piece));

		xu_true(n > 0);
		at += n;
		len -= n;
	}
}

static void hear(int fd, uint32_t piece)
{
	get(fd, &said.head, sizeof(said.head), piece);
	xu_true(said.head.len <= MAX_BODY);
	get(fd, said.body, said.head.len, piece);
	said.body[said.head.len] = 0;
}

/* The answer to the last request; events before it are counted. */
static int answer(int fd)
{
	int events = 0;

	for (hear(fd, MAX_BODY); said.head.type == EVENT; hear(fd, MAX_BODY))
		events++;
	xu_true(said.head.req_id == last_id);
	return events;
}

static void ask(int fd, uint32_t type, uint32_t txn, const void *body, uint32_t len)
{
	say(fd, type, txn, body, len);
	answer(fd);
}

#define asks(fd, type, txn, text)	ask(fd, type, txn, text, sizeof(text))

static void refused(const char *why)
{
	xu_true(said.head.type == ERROR && !strcmp(said.body, why));
}

static int readable(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, ms) == 1;
}

static void requests(int fd)
{
	char bytes[sizeof(struct head) + 16];
	struct head head = { READ, 0, 0, sizeof(HERE) };

	asks(fd, WRITE, 0, HERE "\0value");
	/* The daemon's value ends where the message does, and that had a NUL. */
	xu_true(said.head.type == WRITE && !strcmp(said.body, "OK"));
	asks(fd, READ, 0, HERE);
	xu_true(said.head.type == READ && !strcmp(said.body, "value"));
	asks(fd, READ, 0, HERE "/nothing");
	refused("ENOENT");
	asks(fd, DIRECTORY, 0, "data");
	xu_true(said.head.type == DIRECTORY && said.head.len);
	asks(fd, READ, 0, "//");
	refused("EINVAL");

	/* In pieces of a byte, both ways. */
	head.req_id = ++last_id;
	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), HERE, sizeof(HERE));
	for (size_t i = 0; i < sizeof(head) + sizeof(HERE); i++)
		xu_true(write(fd, bytes + i, 1) == 1);
	hear(fd, 1);
	xu_true(said.head.req_id == last_id && !strcmp(said.body, "value"));

	/* Many at once, each with its answer. */
	for (int i = 0; i < 10; i++)
		say(fd, READ, 0, HERE, sizeof(HERE));
	for (int i = 9; i >= 0; i--) {
		hear(fd, MAX_BODY);
		xu_true(said.head.req_id + i == last_id && said.head.type == READ);
	}
	xu_true(!readable(fd, 50));
}

static void wrong(int fd)
{
	struct head head = { READ, 1, 0, MAX_BODY + 1 };

	xu_err(write(fd, &head, sizeof(head)), EINVAL);
	head.len = ~0u;
	xu_err(write(fd, &head, sizeof(head)), EINVAL);
	xu_err(write(fd, (void *)8, 16), EFAULT);
	/* Nothing of these is left. */
	asks(fd, READ, 0, HERE);
	xu_true(said.head.type == READ);
	asks(fd, READ, 12345, HERE);
	xu_true(said.head.type == ERROR);
	asks(fd, TXN_END, 12345, "T");
	xu_true(said.head.type == ERROR);
	ask(fd, WATCH, 0, "no token", 8);
	refused("EINVAL");
	asks(fd, UNWATCH, 0, HERE "\0none");
	refused("ENOENT");
	/* A buffer that is not there loses nothing. */
	say(fd, READ, 0, HERE, sizeof(HERE));
	xu_true(readable(fd, 5000));
	xu_err(read(fd, (void *)8, 64), EFAULT);
	answer(fd);
	xu_true(!strcmp(said.body, "value"));
}

static uint32_t begin(int fd)
{
	asks(fd, TXN_START, 0, "");
	xu_true(said.head.type == TXN_START);
	return strtoul(said.body, NULL, 10);
}

static void transactions(int fd)
{
	int other = xu_again("xenbus");
	uint32_t txn = begin(fd);

	asks(fd, WRITE, txn, HERE "\0inside");
	xu_true(said.head.type == WRITE);
	asks(other, READ, 0, HERE);
	xu_true(!strcmp(said.body, "value"));
	/* It is another file's. */
	asks(other, READ, txn, HERE);
	refused("ENOENT");
	asks(fd, TXN_END, txn, "T");
	xu_true(said.head.type == TXN_END);
	asks(other, READ, 0, HERE);
	xu_true(!strcmp(said.body, "inside"));
	asks(fd, TXN_END, txn, "T");
	refused("ENOENT");

	txn = begin(fd);
	asks(fd, WRITE, txn, HERE "\0given up");
	asks(fd, TXN_END, txn, "F");
	xu_true(said.head.type == TXN_END);
	/* One that is open when its file is closed has not been. */
	txn = begin(other);
	asks(other, WRITE, txn, HERE "\0closed");
	close(other);
	asks(fd, READ, 0, HERE);
	xu_true(!strcmp(said.body, "inside"));
	/* Somebody else was faster. */
	txn = begin(fd);
	asks(fd, READ, txn, HERE);
	asks(fd, WRITE, txn, HERE "\0late");
	asks(fd, WRITE, 0, HERE "\0value");
	asks(fd, TXN_END, txn, "T");
	refused("EAGAIN");
}

static void event(int fd, const char *path, const char *token)
{
	xu_true(readable(fd, 5000));
	hear(fd, MAX_BODY);
	xu_true(said.head.type == EVENT && !strcmp(said.body, path));
	xu_true(!strcmp(said.body + strlen(path) + 1, token));
}

static void watches(int fd)
{
	int other = xu_again("xenbus");

	say(fd, WATCH, 0, HERE "\0token", sizeof(HERE "\0token"));
	if (!answer(fd))
		event(fd, HERE, "token");
	say(other, WATCH, 0, HERE "\0token", sizeof(HERE "\0token"));
	if (!answer(other))
		event(other, HERE, "token");
	xu_true(!readable(fd, 100));
	asks(other, WRITE, 0, HERE "/below\0x");
	event(fd, HERE "/below", "token");
	/* Its own change may be told before the answer or behind it; it was answered. */
	asks(fd, UNWATCH, 0, HERE "\0token");
	xu_true(said.head.type == UNWATCH);
	close(other);
	asks(fd, WRITE, 0, HERE "/below\0y");
	xu_true(!readable(fd, 200));
	/* Many changes that nobody reads cost no more than a few events. */
	say(fd, WATCH, 0, HERE "\0many", sizeof(HERE "\0many"));
	answer(fd);
	other = xu_again("xenbus");
	for (int i = 0; i < 300; i++)
		asks(other, WRITE, 0, HERE "/below\0z");
	close(other);
	asks(fd, UNWATCH, 0, HERE "\0many");
	while (readable(fd, 100))
		hear(fd, MAX_BODY);
}

static void not_blocking(void)
{
	int fd = xu_ok(open("/dev/xen/xenbus", O_RDWR | O_NONBLOCK | O_CLOEXEC));

	xu_err(read(fd, &said, sizeof(said)), EAGAIN);
	say(fd, READ, 0, HERE, sizeof(HERE));
	xu_true(readable(fd, 5000));
	answer(fd);
	close(fd);
}

/* Whatever is asked, of paths that are ours, has one answer. */
static void random_requests(long nr)
{
	static const char * const paths[] = { HERE, HERE "/a", HERE "/b/c", HERE "/", "" };
	static const uint32_t types[] = {
		DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, TXN_START, TXN_END, WRITE, MKDIR, RM,
	};
	u64 rng = xt_rng(0);
	int fd = xu_again("xenbus");
	char body[64];

	for (long i = 0; i < nr; i++) {
		uint32_t type = types[xt_rand(&rng) % ARRAY_SIZE(types)];
		uint32_t len, txn = xt_rand(&rng) % 3 ? 0 : xt_rand(&rng) % 8;

		if (xt_rand(&rng) % 50 == 0) {
			close(fd);
			fd = xu_again("xenbus");
		}
		strcpy(body, paths[xt_rand(&rng) % ARRAY_SIZE(paths)]);
		len = strlen(body) + 1;
		strcpy(body + len, "word");
		/* Only what has two parts gets more than a path. */
		if (type == WRITE || type == WATCH || type == UNWATCH)
			len += xt_rand(&rng) % 6;
		say(fd, type, txn, body, len);
		xt_check(readable(fd, 20000), "request %ld, type %u, %u bytes: no answer",
			 i, type, len);
		answer(fd);
	}
	close(fd);
}

int main(void)
{
	int fd;

	xt_start("user_xenbus");
	fd = xu_open("xenbus");
	say(fd, GET_DOMAIN_PATH, 0, "0", 2);
	if (!readable(fd, 5000))
		xt_skip("no xenstored answers");
	answer(fd);
	xu_true(!strcmp(said.body, "/local/domain/0"));
	xu_root_only("xenbus");
	requests(fd);
	xt_say("# %s", "requests");
	wrong(fd);
	xt_say("# %s", "wrong");
	transactions(fd);
	xt_say("# %s", "transactions");
	watches(fd);
	xt_say("# %s", "watches");
	not_blocking();
	xt_say("# %s", "not blocking");
	random_requests(xt_count(3000));
	asks(fd, RM, 0, HERE);
	xu_true(said.head.type == RM);
	close(fd);
	xt_pass("%d checks, %ld random requests", xu_checks, xt_count(3000));
}
