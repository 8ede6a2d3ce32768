// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what a kernel's entry, signal, page-table and process paths cost, in
 * guest nanoseconds an operation: under QEMU's -icount shift=0 these are
 * instructions, guest and hypervisor together.
 *
 * Prints "BENCH name value" for each row. A value is the median of REPEAT
 * batches; the batch sizes below are what the rows of a table mean, so they
 * don't scale. Needs tiny beside it for fork-exec.
 */
#include "xt.h"
#include <pthread.h>
#include <sys/personality.h>

#define REPEAT 9
#define PAGE 4096UL
#define RANGE (2048 * PAGE)

static char tiny[200];
static double aux[3][REPEAT];
static int batch;

static double per(u64 t0, long n)
{
	return (double)(xt_now() - t0) / n;
}

static double b_getppid(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 2000; i++)
		syscall(SYS_getppid);
	return per(t, 2000);
}

static volatile int hits;

static void on_usr1(int sig)
{
	hits++;
}

static double b_signal(void)
{
	int pid = getpid(), tid = syscall(SYS_gettid);
	u64 t;

	signal(SIGUSR1, on_usr1);
	hits = 0;
	t = xt_now();
	for (int i = 0; i < 500; i++)
		syscall(SYS_tgkill, pid, tid, SIGUSR1);
	xt_check(hits == 500, "%d signals came, not 500", hits);
	return per(t, 500);
}

static char *fresh(size_t size)
{
	char *p = xt_map(size);

	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

/* Three rows from one range: fault it in, protect it twice, unmap it. */
static double b_range(void)
{
	volatile char *p = fresh(RANGE);
	u64 t;

	p[0] = 1;
	t = xt_now();
	for (size_t i = PAGE; i < RANGE; i += PAGE)
		p[i] = 1;
	aux[0][batch] = per(t, RANGE / PAGE - 1);
	t = xt_now();
	mprotect((void *)p, RANGE, PROT_READ);
	mprotect((void *)p, RANGE, PROT_READ | PROT_WRITE);
	aux[1][batch] = per(t, 2 * RANGE / PAGE);
	t = xt_now();
	munmap((void *)p, RANGE);
	aux[2][batch] = per(t, RANGE / PAGE);
	return aux[0][batch];
}

static double b_mmap_touch(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 200; i++) {
		char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		*(volatile char *)p = 1;
		munmap(p, PAGE);
	}
	return per(t, 200);
}

static double b_pingpong(void)
{
	int a[2], b[2], i;
	u64 t;
	pid_t pid;
	char c = 0;

	xt_check(!pipe(a) && !pipe(b), "pipe: %s", strerror(errno));
	pid = xt_fork();
	if (pid == 0) {
		close(a[1]);
		while (read(a[0], &c, 1) == 1)
			if (write(b[1], &c, 1) != 1)
				break;
		_exit(0);
	}
	for (i = 0, t = 0; i < 320; i++) {
		if (i == 20)
			t = xt_now();
		if (write(a[1], &c, 1) != 1 || read(b[0], &c, 1) != 1)
			xt_fail("pipe: %s", strerror(errno));
	}
	t = xt_now() - t;
	close(a[1]);
	xt_wait(pid);
	close(a[0]);
	close(b[0]);
	close(b[1]);
	return t / 300.0;
}

static double b_fork_exit(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 20; i++) {
		pid_t pid = xt_fork();

		if (pid == 0)
			_exit(0);
		xt_wait(pid);
	}
	return per(t, 20);
}

static double b_fork_exec(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 20; i++) {
		pid_t pid = xt_fork();

		if (pid == 0) {
			execl(tiny, "tiny", (char *)NULL);
			_exit(9);
		}
		xt_wait(pid);
	}
	return per(t, 20);
}

static void *nothing(void *arg)
{
	return arg;
}

/*
 * RCU frees the stacks of dead threads in bulk, at a tick: enough threads that
 * every batch holds several.
 */
static double b_thread(void)
{
	u64 t = xt_now();
	pthread_t th;

	for (int i = 0; i < 500; i++) {
		xt_check(!pthread_create(&th, NULL, nothing, NULL), "pthread_create");
		pthread_join(th, NULL);
	}
	return per(t, 500);
}

static double b_yield(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 2000; i++)
		sched_yield();
	return per(t, 2000);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, double *v)
{
	qsort(v, REPEAT, sizeof(*v), by_value);
	xt_say("BENCH %s %.0f", name, v[REPEAT / 2]);
}

/*
 * Where the kernel happens to put a stack or a mapping decides how many page
 * tables the process has, and one of those costs more than rows differ by: all
 * kernels get the same layout.
 */
static void fixed_layout(char **argv)
{
	int old = personality(0xffffffff);

	if (old & ADDR_NO_RANDOMIZE)
		return;
	xt_check(personality(old | ADDR_NO_RANDOMIZE) != -1, "personality: %s", strerror(errno));
	execv("/proc/self/exe", argv);
	xt_fail("exec of itself: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; double (*fn)(void); } row[] = {
		{ "getppid", b_getppid }, { "signal", b_signal },
		{ "fault", b_range }, { "mmap-touch-munmap", b_mmap_touch },
		{ "pipe-pingpong", b_pingpong }, { "fork-exit", b_fork_exit },
		{ "fork-exec", b_fork_exec }, { "thread", b_thread },
		{ "sched-yield", b_yield },
	};
	double v[REPEAT];
	size_t i;
	char *slash;

	fixed_layout(argv);
	xt_start("bench");
	xt_check(readlink("/proc/self/exe", tiny, sizeof(tiny) - 8) > 0, "/proc is not mounted");
	slash = strrchr(tiny, '/');
	strcpy(slash + 1, "tiny");
	xt_check(!access(tiny, X_OK), "%s is not there", tiny);
	xt_pin(0);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		batch = 0;
		row[i].fn();
		for (batch = 0; batch < REPEAT; batch++)
			v[batch] = row[i].fn();
		report(row[i].name, v);
		if (row[i].fn == b_range) {
			report("mprotect-page", aux[1]);
			report("munmap-page", aux[2]);
		}
	}
	xt_pass("%zu rows, median of %d batches", i + 2, REPEAT);
}
