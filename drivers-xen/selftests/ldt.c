// SPDX-License-Identifier: GPL-2.0-only
/*
 * modify_ldt: write and read back, segments loaded in threads on all CPUs while
 * others change the table, inheritance by fork, removal of a loaded segment.
 */
#include "xt.h"
#include <asm/ldt.h>
#include <pthread.h>
#include <setjmp.h>

#ifdef __i386__
#define SEG "fs"
#else
#define SEG "gs"
#endif
#define SELECTOR(n) ((n) << 3 | 7)

static u32 word[64];
static volatile int stop;
static __thread sigjmp_buf back;
static __thread volatile int armed;

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	xt_check(armed, "signal %d at %p", sig, si->si_addr);
	siglongjmp(back, 1);
}

static int set(int n, void *base, u32 limit)
{
	struct user_desc d = { .entry_number = n, .base_addr = (unsigned long)base,
		.limit = limit, .seg_32bit = 1, .useable = 1 };

	if (!base)
		d = (struct user_desc){ .entry_number = n, .read_exec_only = 1,
					.seg_not_present = 1 };
	return syscall(SYS_modify_ldt, 0x11, &d, sizeof(d));
}

static void load(unsigned int sel)
{
	__asm__ volatile("mov %0, %%" SEG : : "r" (sel));
}

static u32 get(void)
{
	u32 v;

	__asm__ volatile("movl %%" SEG ":0, %0" : "=r" (v));
	return v;
}

static u32 limit_of(unsigned int sel)
{
	u32 v = 0xffffffff;

	__asm__ volatile("lsl %1, %0" : "+r" (v) : "r" (sel));
	return v;
}

/* 1 if loading the selector and reading through it is refused. */
static int refused(unsigned int sel)
{
	armed = 1;
	if (sigsetjmp(back, 1) == 0) {
		load(sel);
		get();
		armed = 0;
		return 0;
	}
	load(0);
	armed = 0;
	return 1;
}

static void basics(void)
{
	static u64 table[128];
	long got;

	for (int i = 0; i < 64; i++) {
		word[i] = 0x1000 + i;
		xt_check(!set(i, &word[i], 3 + 4 * i), "modify_ldt: %s", strerror(errno));
	}
	got = syscall(SYS_modify_ldt, 0, table, sizeof(table));
	xt_check(got >= 64 * 8, "modify_ldt read gave %ld bytes", got);
	for (int i = 0; i < 64; i++) {
		load(SELECTOR(i));
		xt_check(get() == word[i], "entry %d reads %#x", i, get());
		xt_check(limit_of(SELECTOR(i)) == 3U + 4 * i, "limit of %d is %u", i,
			 limit_of(SELECTOR(i)));
		sched_yield();
		xt_check(get() == word[i], "entry %d after a yield", i);
	}
	load(0);
	xt_check(!set(5, NULL, 0), "clearing: %s", strerror(errno));
	xt_check(refused(SELECTOR(5)), "a cleared entry can be used");
	xt_check(!set(8000, &word[1], 3), "entry 8000: %s", strerror(errno));
	load(SELECTOR(8000));
	xt_check(get() == word[1], "entry 8000 reads %#x", get());
	load(0);
	xt_check(set(8192, &word[1], 3) < 0, "entry 8192 was taken");
}

static void inherited(void)
{
	pid_t pid;

	load(SELECTOR(7));
	pid = xt_fork();
	if (pid == 0) {
		xt_check(get() == word[7], "the child's loaded segment reads %#x", get());
		load(SELECTOR(9));
		xt_check(get() == word[9], "the child's table");
		set(9, NULL, 0);
		load(0);
		_exit(0);
	}
	xt_wait(pid);
	load(SELECTOR(9));
	xt_check(get() == word[9], "the child's change is seen in the parent");
	load(0);
}

/* Uses entries 10-19 while main() rewrites 20-63 and grows the table. */
static void *user(void *arg)
{
	int n = 10 + (long)arg % 10;

	while (!stop) {
		load(SELECTOR(n));
		xt_check(get() == word[n], "entry %d in a thread reads %#x", n, get());
		sched_yield();
		xt_check(get() == word[n], "entry %d changed over a yield", n);
	}
	load(0);
	return NULL;
}

int main(void)
{
	long threads = 2 * xt_cpus(), i, n;
	pthread_t t[threads];
	u64 rng;

	xt_start("ldt" XT_BITS);
	if (syscall(SYS_modify_ldt, 0, word, 0) < 0 && errno == ENOSYS)
		xt_skip("no modify_ldt in this kernel");
	if ((unsigned long)word >> 16 >> 16)
		xt_skip("data above 4 GiB");
	rng = xt_rng(3);
	xt_handle(SIGSEGV, on_fault, SA_NODEFER);
	basics();
	inherited();
	for (i = 0; i < threads; i++)
		xt_check(!pthread_create(&t[i], NULL, user, (void *)i), "pthread_create");
	n = xt_count(150);
	for (i = 0; xt_more(i, n); i++) {
		int e = 20 + xt_rand(&rng) % 44;

		xt_check(!set(e, i % 3 ? &word[e] : NULL, 3), "modify_ldt: %s", strerror(errno));
		if (i % 3) {
			load(SELECTOR(e));
			xt_check(get() == word[e], "rewritten entry %d reads %#x", e, get());
			load(0);
		} else {
			xt_check(refused(SELECTOR(e)), "removed entry %d can be used", e);
		}
	}
	stop = 1;
	n = i;
	for (i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	xt_pass("%ld threads, %ld changes", threads, n);
}
