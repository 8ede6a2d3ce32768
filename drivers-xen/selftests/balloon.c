// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the domain smaller and larger through sysfs: the size becomes what was asked
 * for, to the page, memory in use keeps what is in it, and on target nothing runs.
 */
#include "xt.h"
#include <fcntl.h>

#define DIR	"/sys/devices/system/xen_memory/xen_memory0/"
#define PAGE	4096UL
#define KIB	4L

/* Larger than mainline's driver needs: it looks once a second or less. */
#define PATIENCE 60

static long get(const char *name)
{
	char path[128], text[32] = "";
	int fd, n;

	snprintf(path, sizeof(path), DIR "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

static void set(const char *name, long value)
{
	char path[128], text[32];
	int fd, n = snprintf(text, sizeof(text), "%ld", value);

	snprintf(path, sizeof(path), DIR "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	xt_check(write(fd, text, n) == n, "%s = %s: %s", path, text, strerror(errno));
	close(fd);
}

static long meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long value = -1;

	xt_check(f, "/proc/meminfo: %s", strerror(errno));
	while (value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtol(line + strlen(name) + 1, NULL, 10);
	fclose(f);
	return value;
}

/* Until the size is @kib, or @seconds have passed; the size. */
static long wait_for(long kib, int seconds)
{
	long now;

	for (int i = 0; i < seconds * 20; i++) {
		now = get("info/current_kb");
		if (now == kib)
			break;
		usleep(50000);
	}
	return now;
}

/* To the page, in Xen's eyes and in ours. */
static void go(long kib)
{
	long total = meminfo("MemTotal"), before = get("info/current_kb"), after;

	set("target_kb", kib);
	after = wait_for(kib, PATIENCE);
	xt_check(after == kib, "target %ld KiB, but %ld after %d s; %ld KiB available", kib,
		 after, PATIENCE, meminfo("MemAvailable"));
	xt_check(get("target_kb") == kib, "target_kb is another one");
	xt_check(meminfo("MemTotal") - total == after - before,
		 "the size went from %ld to %ld KiB, MemTotal from %ld to %ld", before, after,
		 total, meminfo("MemTotal"));
}

static u64 mark(size_t i)
{
	return (i * 0x9e3779b97f4a7c15ULL) ^ xt_seed;
}

static void fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < PAGE; at += 512)
			*(u64 *)(p + i * PAGE + at) = mark(i) + at;
}

static void look(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < PAGE; at += 512)
			xt_check(*(u64 *)(p + i * PAGE + at) == mark(i) + at,
				 "page %zu at %zu holds something else", i, at);
}

/* On target it neither looks nor asks Xen for anything. */
static void idle(void)
{
	long looks = get("stats/looks"), given = get("stats/given");

	if (looks < 0)
		return;
	sleep(2);
	xt_check(get("stats/looks") == looks, "it looked %ld times while on target",
		 get("stats/looks") - looks);
	xt_check(get("stats/given") == given, "it gave pages up while on target");
}

/* Nothing at all: what the kernel needs stays, and no program dies. */
static void nothing(long start)
{
	long floor = get("info/floor_kb"), now;

	if (floor < 0)
		return;
	set("target_kb", 0);
	now = wait_for(floor, 10);
	xt_check(now >= floor, "%ld KiB are less than the floor of %ld", now, floor);
	xt_say("# target 0: %ld KiB, the floor is %ld, available are %ld", now, floor,
	       meminfo("MemAvailable"));
	go(start);
}

/* More than Xen lets us have, and more than at boot if it does. */
static void more(long start)
{
	long max = get("info/max_kb"), wanted = start + 64 * 1024, now;

	if (max < 0)
		return;
	set("target_kb", 1L << 50);
	now = wait_for(start + 1, 2);
	xt_check(now <= max, "%ld KiB are more than %ld", now, max);
	go(start);
	if (max < wanted)
		return;
	set("target_kb", wanted);
	now = wait_for(wanted, 20);
	xt_check(now <= wanted, "%ld KiB are more than %ld", now, wanted);
	xt_say("# from %ld KiB to %ld: %ld; RAM was added: %ld pages", start, wanted, now,
	       get("stats/added"));
	go(start);
}

int main(void)
{
	long start, low, rounds = xt_count(8), r;
	u64 state;
	size_t n;
	char *p;

	xt_start("balloon");
	start = get("info/current_kb");
	if (start < 0)
		xt_skip(DIR "info/current_kb: %s", strerror(errno));
	if (geteuid())
		xt_skip("not root");
	state = xt_rng(0);
	low = get("info/floor_kb");
	/* Leave what is in use, and as much again as we fill. */
	n = meminfo("MemAvailable") / KIB / 4;
	if (n > 16384)
		n = 16384;
	if (low < start - meminfo("MemAvailable") / 4)
		low = start - meminfo("MemAvailable") / 4;
	low = low / KIB * KIB;
	p = xt_map(n * PAGE);
	fill(p, n);
	for (r = 0; xt_more(r, rounds); r++) {
		go(low + (start - low) / KIB * (xt_rand(&state) % 1000) / 1000 * KIB);
		look(p, n);
		go(r & 1 ? start : start - KIB);
		look(p, n);
	}
	go(start);
	idle();
	fill(p, n);
	nothing(start);
	more(start);
	look(p, n);
	xt_pass("%ld rounds between %ld and %ld KiB, %zu pages kept their content", r, low,
		start, n);
}
