// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what a disk costs, in guest nanoseconds a request: under QEMU's -icount shift=0
 * these are instructions of this domain, the one that has the disk, and Xen together.
 *
 * Reads and writes /dev/xvda past the page cache, one request at a time and 32, here and
 * there and in order, and flushes it.
 * The disk is overwritten: it must hold nothing, or what this program wrote.
 *
 * Prints "BENCH name value" for each row; a value is the median of REPEAT batches.
 */
#include "xt.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#define REPEAT 5
#define DEPTH 32
#define DISK "/dev/xvda"
#define SPAN (16UL << 20)

static aio_context_t aio;
static char *room;
static int fd;

static double per(u64 t0, long n)
{
	return (double)(xt_now() - t0) / n;
}

static double transfer(size_t len, int writes, long n)
{
	u64 dice = len + writes, t = xt_now();

	for (long i = 0; i < n; i++) {
		off_t at = xt_rand(&dice) % (SPAN / len) * len;
		ssize_t done = writes ? pwrite(fd, room, len, at) : pread(fd, room, len, at);

		xt_check(done == (ssize_t)len, "%s of %zu at %lld: %zd, %s",
			 writes ? "write" : "read", len, (long long)at, done, strerror(errno));
	}
	return per(t, n);
}

static double read_4k(void)
{
	return transfer(4096, 0, 200);
}

static double write_4k(void)
{
	return transfer(4096, 1, 200);
}

static double read_128k(void)
{
	return transfer(128 << 10, 0, 50);
}

static double write_128k(void)
{
	return transfer(128 << 10, 1, 50);
}

/* DEPTH requests at a time; as many as have ended are sent anew together. */
static double many(int writes, int order, long n)
{
	struct io_event events[DEPTH];
	struct iocb cbs[DEPTH], *list[DEPTH];
	u64 dice = 77 + writes, t = xt_now();
	long sent = 0, ended = 0;
	int got = DEPTH;

	for (int i = 0; i < DEPTH; i++)
		events[i].data = i;
	while (ended < n) {
		int nr = 0;

		for (int i = 0; i < got && sent < n; i++, sent++, nr++) {
			int slot = events[i].data;
			u64 block = order ? (u64)sent : xt_rand(&dice);

			cbs[slot] = (struct iocb){
				.aio_data = slot, .aio_fildes = fd, .aio_nbytes = 4096,
				.aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
				.aio_buf = (u64)(room + slot * 4096),
				.aio_offset = block % (SPAN / 4096) * 4096,
			};
			list[nr] = &cbs[slot];
		}
		if (nr)
			xt_check(syscall(SYS_io_submit, aio, nr, list) == nr, "io_submit: %s",
				 strerror(errno));
		got = syscall(SYS_io_getevents, aio, 1, DEPTH, events, NULL);
		xt_check(got > 0, "io_getevents: %s", strerror(errno));
		for (int i = 0; i < got; i++)
			xt_check(events[i].res == 4096, "request: %lld", (long long)events[i].res);
		ended += got;
	}
	return per(t, n);
}

static double read_many(void)
{
	return many(0, 0, 1024);
}

static double write_many(void)
{
	return many(1, 0, 1024);
}

static double read_in_order(void)
{
	return many(0, 1, 1024);
}

static double write_in_order(void)
{
	return many(1, 1, 1024);
}

static double write_and_flush(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 100; i++) {
		xt_check(pwrite(fd, room, 4096, 0) == 4096, "write: %s", strerror(errno));
		xt_check(!fdatasync(fd), "flush: %s", strerror(errno));
	}
	return per(t, 100);
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void row(const char *name, double (*fn)(void))
{
	double v[REPEAT];

	fn();
	for (int i = 0; i < REPEAT; i++)
		v[i] = fn();
	qsort(v, REPEAT, sizeof(v[0]), order);
	xt_say("BENCH %s %.0f", name, v[REPEAT / 2]);
}

/* Nothing but zeroes or what was written here. */
static int is_ours(void)
{
	for (off_t at = 0; at < (off_t)SPAN; at += 128 << 10) {
		if (pread(fd, room, 128 << 10, at) != 128 << 10)
			return 0;
		for (int i = 0; i < 128 << 10; i++)
			if (room[i] && room[i] != 'x')
				return 0;
	}
	return 1;
}

int main(void)
{
	xt_start("disk_costs" XT_BITS);
	fd = open(DISK, O_RDWR | O_DIRECT | O_EXCL);
	if (fd < 0)
		xt_skip("no " DISK " that is not in use");
	room = mmap(NULL, 128 << 10, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	xt_check(room != MAP_FAILED, "mmap: %s", strerror(errno));
	if (!is_ours())
		xt_skip(DISK " holds something, and is left alone");
	memset(room, 'x', 128 << 10);
	xt_check(!syscall(SYS_io_setup, DEPTH, &aio), "io_setup: %s", strerror(errno));
	row("disk-write-128k", write_128k);
	row("disk-read-128k", read_128k);
	row("disk-write-4k", write_4k);
	row("disk-read-4k", read_4k);
	row("disk-write-flush", write_and_flush);
	row("disk-write-4k-q32", write_many);
	row("disk-read-4k-q32", read_many);
	row("disk-write-seq-q32", write_in_order);
	row("disk-read-seq-q32", read_in_order);
	xt_pass("nine rows");
}
