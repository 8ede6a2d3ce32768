/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DOC: xt, what every program here shares
 *
 * Each program is one test with one verdict in the kselftest format:
 *
 *	ok 1 NAME - what was done
 *	not ok 1 NAME - what was seen
 *	ok 1 NAME # SKIP why
 *
 * and the exit code 0, 1 or 4. Counts are multiplied by XENPV_SCALE, random
 * choices come from XENPV_SEED. Both are printed. A loop also ends when it has
 * run for XT_SECONDS times the scale (xt_more), so that a slow emulator with
 * many CPUs still comes to its verdict; what was done is in the verdict. The
 * same sources build with -m32.
 *
 * A check that fails in a child or a thread ends the whole program: a child's
 * exit code is always looked at by xt_wait().
 */
#ifndef XENPV_XT_H
#define XENPV_XT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#ifdef __i386__
#define XT_BITS "32"
#else
#define XT_BITS "64"
#endif

static const char *xt_name;
static pid_t xt_pid;
static unsigned long xt_seed = 1;
static double xt_scale = 1;
static u64 xt_begin;

#define XT_SECONDS 2

/* One line in one write, whatever the thread. */
static inline void xt_say(const char *fmt, ...)
{
	char buf[600];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	if (write(1, buf, n) < 0)
		_exit(1);
}

static inline u64 xt_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline void xt_start(const char *name)
{
	const char *scale = getenv("XENPV_SCALE");
	const char *seed = getenv("XENPV_SEED");

	xt_name = name;
	xt_pid = getpid();
	xt_begin = xt_now();
	if (scale && atof(scale) > 0)
		xt_scale = atof(scale);
	if (seed)
		xt_seed = strtoul(seed, NULL, 0);
	xt_say("TAP version 13\n1..1\n# %s: seed %lu, scale %g", name, xt_seed, xt_scale);
}

#define xt_fail(fmt, ...) do {						\
	if (getpid() == xt_pid)						\
		xt_say("not ok 1 %s - " fmt, xt_name, ##__VA_ARGS__);	\
	else								\
		xt_say("# %s, child %d: " fmt, xt_name, getpid(), ##__VA_ARGS__); \
	_exit(1);							\
} while (0)

#define xt_check(cond, fmt, ...) do {					\
	if (!(cond))							\
		xt_fail(fmt, ##__VA_ARGS__);				\
} while (0)

#define xt_skip(fmt, ...) do {						\
	xt_say("ok 1 %s # SKIP " fmt, xt_name, ##__VA_ARGS__);		\
	_exit(4);							\
} while (0)

#define xt_pass(fmt, ...) do {						\
	xt_say("ok 1 %s - " fmt, xt_name, ##__VA_ARGS__);		\
	_exit(0);							\
} while (0)

/* A count for this run, never less than one. */
static inline long xt_count(long quick)
{
	long n = quick * xt_scale;

	return n < 1 ? 1 : n;
}

/*
 * 1 while the loop has rounds left and its time is not over. Always allows one
 * round; the time counts from xt_start().
 */
static inline int xt_more(long done, long count)
{
	return done < 1 || (done < count && xt_now() - xt_begin < xt_scale * XT_SECONDS * 1e9);
}

/* xorshift64*: the same numbers in every build. */
static inline u32 xt_rand(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 2685821657736338717ULL) >> 32;
}

static inline u64 xt_rng(unsigned long stream)
{
	u64 s = (xt_seed + 1) * 0x9e3779b97f4a7c15ULL ^ (stream + 1) * 0xbf58476d1ce4e5b9ULL;

	return s ? s : 1;
}

static inline int xt_cpus(void)
{
	int n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n;
}

/* The n-th CPU that we may use; -1 if the kernel refuses. */
static inline int xt_pin(int n)
{
	static cpu_set_t all;
	static int read_once;
	cpu_set_t one;
	int cpu;

	if (!read_once) {
		sched_getaffinity(0, sizeof(all), &all);
		read_once = 1;
	}
	n %= CPU_COUNT(&all);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && n-- == 0)
			break;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) ? -1 : cpu;
}

static inline pid_t xt_fork(void)
{
	pid_t pid = fork();

	xt_check(pid >= 0, "fork: %s", strerror(errno));
	return pid;
}

static inline void xt_wait(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	xt_check(got == pid, "waitpid: %s", strerror(errno));
	xt_check(!WIFSIGNALED(status), "a child died by signal %d", WTERMSIG(status));
	xt_check(WEXITSTATUS(status) == 0, "a child failed with code %d", WEXITSTATUS(status));
}

static inline void *xt_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	xt_check(p != MAP_FAILED, "mmap of %zu bytes: %s", size, strerror(errno));
	return p;
}

static inline void xt_handle(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	sigemptyset(&sa.sa_mask);
	xt_check(sigaction(sig, &sa, NULL) == 0, "sigaction: %s", strerror(errno));
}

#endif
