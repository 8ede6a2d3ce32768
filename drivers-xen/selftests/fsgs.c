// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GS base by arch_prctl, by wrgsbase and by selector, in threads on all CPUs
 * and across signals, fork and ptrace.
 */
#include "xt.h"
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/time.h>

#define FSGSBASE_HWCAP2 2

static int have_insn;
static volatile long signals;

static unsigned long gs_word(void)
{
	unsigned long v;

	__asm__ volatile("mov %%gs:0, %0" : "=r" (v));
	return v;
}

static unsigned long gs_base(void)
{
	unsigned long v;

	if (have_insn)
		__asm__ volatile("rdgsbase %0" : "=r" (v));
	else
		syscall(SYS_arch_prctl, ARCH_GET_GS, &v);
	return v;
}

static void set_base(unsigned long v, int by_insn)
{
	if (have_insn && by_insn)
		__asm__ volatile("wrgsbase %0" : : "r" (v) : "memory");
	else
		xt_check(!syscall(SYS_arch_prctl, ARCH_SET_GS, v), "ARCH_SET_GS: %s",
			 strerror(errno));
}

static void same(unsigned long *block, const char *who)
{
	unsigned long by_call;

	syscall(SYS_arch_prctl, ARCH_GET_GS, &by_call);
	xt_check(gs_base() == (unsigned long)block && by_call == (unsigned long)block,
		 "%s: the base is %#lx (%#lx by call), not %p", who, gs_base(), by_call, block);
	xt_check(gs_word() == block[0], "%s: gs:0 is %#lx, not %#lx", who, gs_word(), block[0]);
}

/* A handler may change the base for itself: it stays, as the ABI says. */
static void on_alarm(int sig, siginfo_t *si, void *ctx)
{
	signals++;
	(void)gs_base();
}

static void *worker(void *arg)
{
	unsigned long block[8];
	u64 rng = xt_rng((long)arg);
	long i, j, n = xt_count(300);

	for (i = 0; xt_more(i, n); i++) {
		unsigned long *b = &block[xt_rand(&rng) % 8];

		*b = (unsigned long)xt_rand(&rng) << 32 | (long)arg;
		set_base((unsigned long)b, i & 1);
		for (j = 0; j < 5; j++) {
			if (j & 1)
				sched_yield();
			same(b, "thread");
		}
		if (i % 64 == 0) {
			pid_t pid = xt_fork();

			if (pid == 0) {
				same(b, "child");
				_exit(0);
			}
			xt_wait(pid);
		}
	}
	return (void *)i;
}

/* A selector's load replaces the base; zero base and null selector too. */
static void selectors(void)
{
	static unsigned long low = 0x77;
	struct user_desc d = { .entry_number = -1, .base_addr = (unsigned long)&low,
		.limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1 };
	unsigned int sel;

	if ((unsigned long)&low >> 32 || syscall(SYS_set_thread_area, &d))
		return;
	sel = d.entry_number * 8 + 3;
	set_base(0, 0);
	__asm__ volatile("mov %0, %%gs" : : "r" (sel));
	sched_yield();
	xt_check(gs_word() == 0x77, "gs by selector %#x gives %#lx", sel, gs_word());
	usleep(1000);
	xt_check(gs_word() == 0x77, "gs by selector changed over a sleep");
	__asm__ volatile("mov %0, %%gs" : : "r" (0));
	set_base((unsigned long)&low, 1);
	usleep(1000);
	same(&low, "null selector with a base");
}

int main(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } };
	long n = 3 * xt_cpus(), done = 0;
	void *ret;
	pthread_t t[n];

	xt_start("fsgs");
	have_insn = !!(getauxval(AT_HWCAP2) & FSGSBASE_HWCAP2);
	xt_check(syscall(SYS_arch_prctl, ARCH_SET_GS, 0xffff888000000000UL) < 0,
		 "a kernel address was taken as GS base");
	xt_handle(SIGALRM, on_alarm, SA_RESTART);
	setitimer(ITIMER_REAL, &it, NULL);
	for (long i = 0; i < n; i++)
		xt_check(!pthread_create(&t[i], NULL, worker, (void *)(i + 1)), "pthread_create");
	for (long i = 0; i < n; i++) {
		pthread_join(t[i], &ret);
		done += (long)ret;
	}
	selectors();
	xt_pass("%ld threads, %ld bases, %ld signals, FSGSBASE %s", n, done, signals,
		have_insn ? "instructions" : "calls only");
}
