// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioperm and iopl for root: a permitted port works, another or a revoked one
 * raises SIGSEGV, permission is per thread and inherited by fork.
 */
#include "xt.h"
#include <setjmp.h>
#include <sys/io.h>

static sigjmp_buf back;

static void on_segv(int sig, siginfo_t *si, void *ctx)
{
	siglongjmp(back, 1);
}

/* 1 if reading a port that nobody asked for raised SIGSEGV. */
static int other_refused(void)
{
	if (sigsetjmp(back, 1))
		return 1;
	(void)inb(0xed);
	return 0;
}

/* 1 if writing the POST port raised SIGSEGV. */
static int refused(void)
{
	if (sigsetjmp(back, 1))
		return 1;
	outb(0x42, 0x80);
	return 0;
}

int main(void)
{
	pid_t pid;
	long i, n;

	xt_start("portio" XT_BITS);
	xt_handle(SIGSEGV, on_segv, SA_NODEFER);
	xt_check(refused(), "port 0x80 works without permission");
	if (ioperm(0x80, 1, 1))
		xt_skip("ioperm: %s", strerror(errno));
	n = xt_count(20);
	for (i = 0; xt_more(i, n); i++) {
		xt_pin(i % xt_cpus());
		xt_check(!ioperm(0x80, 1, 1), "ioperm: %s", strerror(errno));
		xt_check(!refused(), "port 0x80 is refused after ioperm");
		(void)inb(0x80);
		xt_check(other_refused(), "port 0xed works on CPU %ld with 0x80 permitted",
			 i % xt_cpus());
		sched_yield();
		xt_check(!refused(), "port 0x80 is refused after a yield");
		pid = xt_fork();
		if (pid == 0) {
			xt_check(!refused(), "the child did not inherit the permission");
			_exit(0);
		}
		xt_wait(pid);
		xt_check(!ioperm(0x80, 1, 0), "ioperm off: %s", strerror(errno));
		xt_check(refused(), "port 0x80 works after ioperm off");
		xt_check(!iopl(3), "iopl(3): %s", strerror(errno));
		xt_check(!refused(), "port 0x80 is refused after iopl(3)");
		xt_check(!iopl(0), "iopl(0): %s", strerror(errno));
		xt_check(refused(), "port 0x80 works after iopl(0)");
	}
	xt_pass("%ld rounds of ioperm and iopl on port 0x80", i);
}
