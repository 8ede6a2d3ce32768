// SPDX-License-Identifier: GPL-2.0-only
/*
 * 32-bit programs: system calls by int 0x80 and by the vdso's fast entry with
 * all six arguments and all registers, TLS segments in threads, both kinds of
 * signal frame. Built with -m32 only.
 */
#include "xt.h"
#include <asm/ldt.h>
#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/time.h>

#ifndef __i386__
int main(void)
{
	xt_start("compat32");
	xt_skip("built for 64 bits");
}
#else

struct call {
	u32 nr, a[6];
	u32 seen[6];
};

static u32 vdso_entry;
u32 vdso_entry_word;
static volatile int alarms;

/*
 * One system call with six arguments; afterwards the registers as the kernel
 * left them are in ->seen. EBP carries the sixth, so it is saved by hand.
 */
#define CALL_ASM(how)							\
	__asm__ volatile("push %%ebp\n\tpush %%eax\n\t"			\
			 "mov 0(%%eax), %%esi\n\tpush %%esi\n\t"	\
			 "mov 4(%%eax), %%ebx\n\tmov 8(%%eax), %%ecx\n\t" \
			 "mov 12(%%eax), %%edx\n\tmov 16(%%eax), %%esi\n\t" \
			 "mov 20(%%eax), %%edi\n\tmov 24(%%eax), %%ebp\n\t" \
			 "pop %%eax\n\t" how "\n\t"			\
			 "xchg %%eax, 0(%%esp)\n\t"			\
			 "mov %%ebx, 28(%%eax)\n\tmov %%ecx, 32(%%eax)\n\t" \
			 "mov %%edx, 36(%%eax)\n\tmov %%esi, 40(%%eax)\n\t" \
			 "mov %%edi, 44(%%eax)\n\tmov %%ebp, 48(%%eax)\n\t" \
			 "pop %%eax\n\tpop %%ebp"			\
			 : "+a" (c) : : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc")

static long by_int(struct call *c)
{
	CALL_ASM("int $0x80");
	return (long)c;
}

static long by_vdso(struct call *c)
{
	CALL_ASM("call *vdso_entry_word");
	return (long)c;
}

static void calls(int fast, u64 *rng)
{
	long (*go)(struct call *) = fast ? by_vdso : by_int;
	const char *name = fast ? "vdso entry" : "int 0x80";
	struct call c = { .nr = SYS_getpid };
	static char text[8192] __attribute__((aligned(4096)));
	char *p;

	for (int i = 0; i < 6; i++)
		c.a[i] = xt_rand(rng);
	xt_check(go(&c) == getpid(), "getpid by %s", name);
	xt_check(!memcmp(c.a, c.seen, sizeof(c.a)), "%s changed a register", name);
	c = (struct call){ .nr = 0xffff, .a = { 1, 2, 3, 4, 5, 6 } };
	xt_check(go(&c) == -ENOSYS, "a call that isn't there by %s", name);
	c = (struct call){ .nr = SYS_mmap2, .a = { 0, 8192, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } };
	p = (char *)go(&c);
	xt_check((unsigned long)p < -4096UL, "mmap2 by %s: %ld", name, (long)p);
	memset(p, 1, 8192);
	munmap(p, 8192);
	c = (struct call){ .nr = SYS_readlink, .a = { (u32)"/proc/self/exe",
				(u32)text, sizeof(text) } };
	xt_check(go(&c) > 0 && text[0] == '/', "readlink by %s", name);
	c = (struct call){ .nr = SYS_readlink, .a = { 0xfffff000, (u32)text, 10 } };
	xt_check(go(&c) == -EFAULT, "a pointer into the kernel by %s", name);
}

/* Each thread's own TLS segment in FS, across switches. */
static void *tls(void *arg)
{
	u32 block[4] = { 0xabc00000 + (long)arg }, v;
	struct user_desc d = { .entry_number = -1, .base_addr = (unsigned long)block,
		.limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1 };
	long n = xt_count(200);

	xt_check(!syscall(SYS_set_thread_area, &d), "set_thread_area: %s", strerror(errno));
	__asm__ volatile("mov %0, %%fs" : : "r" (d.entry_number * 8 + 3));
	for (long i = 0; xt_more(i, n); i++) {
		if (i % 8 == 0)
			usleep(100);
		else
			sched_yield();
		__asm__ volatile("movl %%fs:0, %0" : "=r" (v));
		xt_check(v == block[0], "fs:0 is %#x, not %#x", v, block[0]);
		block[0] = v + 16;
	}
	d = (struct user_desc){ .entry_number = d.entry_number, .read_exec_only = 1,
				.seg_not_present = 1 };
	__asm__ volatile("mov %0, %%fs" : : "r" (0));
	xt_check(!syscall(SYS_set_thread_area, &d), "set_thread_area off: %s", strerror(errno));
	return NULL;
}

static void on_old(int sig)
{
	alarms++;
}

static void on_new(int sig, siginfo_t *si, void *ctx)
{
	alarms++;
}

/* sigreturn and rt_sigreturn by turns, while both entries are in use. */
static void frames(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction sa = { .sa_handler = on_old, .sa_flags = SA_RESTART };
	u64 rng = xt_rng(4);
	long want = xt_count(40);

	for (long i = 0; i < 2; i++) {
		alarms = 0;
		if (i)
			xt_handle(SIGALRM, on_new, SA_RESTART);
		else
			sigaction(SIGALRM, &sa, NULL);
		setitimer(ITIMER_REAL, &it, NULL);
		while (xt_more(alarms, want)) {
			calls(0, &rng);
			if (vdso_entry)
				calls(1, &rng);
		}
	}
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, NULL);
}

int main(void)
{
	long n = 2 * xt_cpus();
	u64 rng;
	pthread_t t[n];

	xt_start("compat32");
	rng = xt_rng(1);
	vdso_entry = getauxval(AT_SYSINFO);
	vdso_entry_word = vdso_entry;
	for (long i = 0; xt_more(i, xt_count(100)); i++) {
		calls(0, &rng);
		if (vdso_entry)
			calls(1, &rng);
	}
	for (long i = 0; i < n; i++)
		xt_check(!pthread_create(&t[i], NULL, tls, (void *)i), "pthread_create");
	for (long i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	frames();
	xt_pass("int 0x80%s, %ld threads with TLS, both signal frames",
		vdso_entry ? " and the vdso entry" : "", n);
}
#endif
