// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every empty disk of the machine is written and read back, past the page cache:
 * several threads, pieces of all sizes, buffers that begin anywhere in a page. Each word
 * says where it belongs, so data that went astray is seen. A disk that is in use or holds
 * anything that is not from here is left alone.
 */
#include "xt.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sys/ioctl.h>

#define THREADS 4
#define MIB (1024 * 1024ULL)
#define PIECE_MAX (512 * 1024)

struct share {
	const char *disk;
	u64 first, end;
	u64 salt;
	int writes;
	u64 bytes;
};

/* A word that only this place of this disk has. */
static u64 word_at(u64 salt, u64 offset)
{
	return (offset ^ salt) * 0x9e3779b97f4a7c15ULL + salt;
}

static void fill(u64 *buf, u64 salt, u64 offset, size_t len)
{
	for (size_t i = 0; i < len / 8; i++)
		buf[i] = word_at(salt, offset + i * 8);
}

static void verify(const struct share *s, const u64 *buf, u64 offset, size_t len)
{
	for (size_t i = 0; i < len / 8; i++)
		xt_check(buf[i] == word_at(s->salt, offset + i * 8),
			 "%s: at %llu is %llx, want %llx", s->disk,
			 (unsigned long long)(offset + i * 8), (unsigned long long)buf[i],
			 (unsigned long long)word_at(s->salt, offset + i * 8));
}

static void transfer(const struct share *s, int fd, void *buf, u64 offset, size_t len)
{
	ssize_t n;

	if (s->writes) {
		fill(buf, s->salt, offset, len);
		n = pwrite(fd, buf, len, offset);
	} else {
		memset(buf, 0, len);
		n = pread(fd, buf, len, offset);
	}
	xt_check(n == (ssize_t)len, "%s: %s of %zu at %llu: %zd, %s", s->disk,
		 s->writes ? "write" : "read", len, (unsigned long long)offset, n,
		 strerror(errno));
	if (!s->writes)
		verify(s, buf, offset, len);
}

/* One thread's part of the disk, from front to back in pieces of random length. */
static void *work(void *arg)
{
	struct share *s = arg;
	u64 dice = xt_seed * 77 + s->first + 1;
	char *room, path[80];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", s->disk);
	fd = open(path, O_RDWR | O_DIRECT);
	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	room = mmap(NULL, PIECE_MAX + 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	xt_check(room != MAP_FAILED, "mmap: %s", strerror(errno));

	for (u64 at = s->first; at < s->end; ) {
		size_t len = (xt_rand(&dice) % (PIECE_MAX / 4096) + 1) * 4096;

		if (len > s->end - at)
			len = s->end - at;
		transfer(s, fd, room + xt_rand(&dice) % 8 * 512, at, len);
		s->bytes += len;
		at += len;
	}
	munmap(room, PIECE_MAX + 4096);
	close(fd);
	return NULL;
}

static void pass_over(const char *disk, u64 bytes, u64 salt, int writes)
{
	struct share shares[THREADS];
	pthread_t threads[THREADS];
	u64 part = bytes / THREADS / 4096 * 4096;

	for (int i = 0; i < THREADS; i++) {
		shares[i] = (struct share){
			.disk = disk, .first = i * part, .end = (i + 1) * part,
			.salt = salt, .writes = writes,
		};
		xt_check(!pthread_create(&threads[i], NULL, work, &shares[i]), "pthread_create");
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		xt_check(shares[i].bytes == part, "%s: thread %d did %llu bytes of %llu", disk, i,
			 (unsigned long long)shares[i].bytes, (unsigned long long)part);
	}
}

static u64 size_of(const char *disk)
{
	char path[80];
	u64 size = 0;
	int fd;

	snprintf(path, sizeof(path), "/dev/%.60s", disk);
	fd = open(path, O_RDONLY);
	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	xt_check(!ioctl(fd, BLKGETSIZE64, &size), "%s: size: %s", path, strerror(errno));
	close(fd);
	return size;
}

/* Both ends are zero or what an earlier run has written; file systems and tables are neither. */
static int has_nothing(int fd, u64 salt, u64 offset)
{
	static u64 buf[MIB / 8];

	if (pread(fd, buf, MIB, offset) != (ssize_t)MIB)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(buf); i++)
		if (buf[i] && buf[i] != word_at(salt, offset + i * 8))
			return 0;
	return 1;
}

static int may_write(const char *disk, u64 size, u64 salt)
{
	char path[80];
	int fd, empty;

	snprintf(path, sizeof(path), "/dev/%.60s", disk);
	fd = open(path, O_RDONLY | O_EXCL);
	empty = size >= 2 * MIB && fd >= 0 && has_nothing(fd, salt, 0) &&
		has_nothing(fd, salt, size - MIB);
	if (fd >= 0)
		close(fd);
	if (!empty)
		xt_say("# %s is in use or not empty, and left alone", disk);
	return empty;
}

static void make_durable(const char *disk)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/dev/%.60s", disk);
	fd = open(path, O_RDWR);
	xt_check(fd >= 0 && !fsync(fd), "%s: flush: %s", path, strerror(errno));
	close(fd);
}

/* Disks have a device behind them, loops and RAM disks have not. */
static int is_disk(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "/sys/block/%s/device", name);
	return name[0] != '.' && !access(path, F_OK);
}

int main(void)
{
	u64 bytes, want;
	struct dirent *d;
	char names[200] = "";
	int disks = 0;
	DIR *dir;

	xt_start("hw_disk" XT_BITS);
	want = xt_count(64) * MIB;
	dir = opendir("/sys/block");
	if (!dir)
		xt_skip("no block devices in this kernel");
	while ((d = readdir(dir))) {
		if (!is_disk(d->d_name))
			continue;
		bytes = size_of(d->d_name);
		if (!may_write(d->d_name, bytes, xt_seed + disks))
			continue;
		if (bytes > want)
			bytes = want;
		pass_over(d->d_name, bytes, xt_seed + disks, 1);
		make_durable(d->d_name);
		pass_over(d->d_name, bytes, xt_seed + disks, 0);
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %.60s %llu MiB",
			 d->d_name, (unsigned long long)(bytes / MIB));
		disks++;
	}
	closedir(dir);
	if (!disks)
		xt_skip("this machine has no empty disk");
	xt_pass("written, flushed, read back:%s", names);
}
