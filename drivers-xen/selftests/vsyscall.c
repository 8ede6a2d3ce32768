// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vsyscall page as /proc/self/maps promises it (emulated, execute only or
 * absent), the vdso's calls against the system calls, and the number of the CPU
 * where the vdso's getcpu() finds it.
 */
#include "xt.h"
#include <elf.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <ucontext.h>

#define BASE 0xffffffffff600000UL

static sigjmp_buf back;
static siginfo_t seen;

static void on_segv(int sig, siginfo_t *si, void *ctx)
{
	seen = *si;
	siglongjmp(back, 1);
}

/* "r-xp", "--xp" or "" as the kernel reports the page. */
static void mode_of_page(char *mode)
{
	char line[256];
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long a, b;

	*mode = 0;
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "[vsyscall]"))
			sscanf(line, "%lx-%lx %4s", &a, &b, mode);
	if (f)
		fclose(f);
}

static int can_read(void)
{
	if (sigsetjmp(back, 1))
		return 0;
	(void)*(volatile char *)BASE;
	return 1;
}

static int can_call(struct timeval *tv, time_t *t)
{
	if (sigsetjmp(back, 1))
		return 0;
	((int (*)(void *, void *))BASE)(tv, NULL);
	((time_t (*)(time_t *))(BASE + 0x400))(t);
	return 1;
}

/* The limit of a segment that each CPU has to itself; node in the bits above 12. */
static void number_of_each_cpu(void)
{
	for (int cpu = 0; cpu < xt_cpus(); cpu++) {
		unsigned long limit = ~0UL;
		unsigned char found;

		xt_pin(cpu);
		__asm__ volatile("lsl %[sel], %[limit]\n\tsetz %[found]"
				 : [limit] "+r" (limit), [found] "=q" (found)
				 : [sel] "r" (0x7bUL) : "cc");
		xt_check(found && (limit & 0xfff) == (unsigned long)cpu,
			 "CPU %d calls itself %ld", cpu, found ? (long)(limit & 0xfff) : -1L);
	}
}

int main(void)
{
	struct timeval a, b, c;
	struct timespec tick;
	char mode[8] = "";
	time_t t = 0;
	long i, n;

	xt_start("vsyscall");
	xt_handle(SIGSEGV, on_segv, SA_NODEFER);
	mode_of_page(mode);
	n = xt_count(100);
	for (i = 0; xt_more(i, n); i++) {
		/* time() counts in ticks, so it may be one behind the other calls. */
		clock_gettime(CLOCK_REALTIME_COARSE, &tick);
		syscall(SYS_gettimeofday, &a, NULL);
		xt_check(can_call(&b, &t) == !!mode[0], "a call of the page with mode '%s'", mode);
		xt_check(can_read() == (mode[0] == 'r'), "a read of the page with mode '%s'", mode);
		if (mode[0] != 'r')
			xt_check(seen.si_addr == (void *)BASE && seen.si_code > 0,
				 "the fault was reported at %p", seen.si_addr);
		gettimeofday(&c, NULL);
		if (!mode[0])
			continue;
		xt_check(!timercmp(&b, &a, <) && !timercmp(&c, &b, <),
			 "vsyscall time is not between two system calls");
		xt_check(t >= tick.tv_sec && t <= c.tv_sec, "vsyscall time() is off");
	}
	number_of_each_cpu();
	xt_check(getauxval(AT_SYSINFO_EHDR), "no vdso");
	xt_pass("page is '%s', %ld rounds", mode[0] ? mode : "absent", i);
}
