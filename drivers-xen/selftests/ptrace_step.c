// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace: each single step's address over plain, flag, string and system-call
 * instructions, int3, hardware break- and watchpoints, and register writes.
 */
#include "xt.h"
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#ifdef __i386__
#define IP(r) ((r).eip)
#define AX(r) ((r).eax)
#define ORIG(r) ((r).orig_eax)
#define CALL "int $0x80\n"
#define PUSHF "pushfl\n"
#define POP "pop %eax\n"
#define GETPID "mov $20, %eax\n"
#define SAVE "push %edi\npush %esi\npush %ebx\n"
#define RESTORE "pop %ebx\npop %esi\npop %edi\n"
#define DEST "mov $traced_word, %edi\nmov $traced_word, %esi\nmov $3, %ecx\n"
#else
#define IP(r) ((r).rip)
#define AX(r) ((r).rax)
#define ORIG(r) ((r).orig_rax)
#define CALL "syscall\n"
#define PUSHF "pushfq\n"
#define POP "pop %rax\n"
#define GETPID "mov $39, %eax\n"
#define SAVE "push %rdi\npush %rsi\npush %rbx\n"
#define RESTORE "pop %rbx\npop %rsi\npop %rdi\n"
#define DEST "mov $traced_word, %edi\nmov $traced_word, %esi\nmov $3, %ecx\n"
#endif

u64 traced_word[4];
void stepped(void);
extern char s0[], s1[], s2[], s3[], s4[], s5[], s6[], s7[], s8[], s9[], s10[], s11[], s12[];
extern char brk3[], brk3_end[];

/*
 * The code that is stepped, a label before each instruction that may be seen. No
 * popf: Linux takes a stepped popf for the program's own wish to be traced.
 */
__asm__(".text\n.globl stepped\nstepped:\n" SAVE DEST
	"s0: nop\n"
	"s1: mov $5, %eax\n"
	"s2: " PUSHF
	"s3: " POP
	"s4: rep movsb\n"
	"s5: " GETPID
	"s6: " CALL
	"s7: cltd\n"
	"s8: jmp s10\n"
	"s9: ud2\n"
	"s10: cpuid\n"
	"s11: movl $7, traced_word+8\n"
	"s12: " RESTORE "ret\n"
	".globl brk3\nbrk3: int3\nbrk3_end: ret\n");

static pid_t pid;

static struct user_regs_struct regs(void)
{
	struct user_regs_struct r;

	xt_check(!ptrace(PTRACE_GETREGS, pid, 0, &r), "GETREGS: %s", strerror(errno));
	return r;
}

static unsigned long ip(void)
{
	return IP(regs());
}

static void stop_by(int sig, const char *when)
{
	int status;

	xt_check(waitpid(pid, &status, __WALL) == pid, "waitpid: %s", strerror(errno));
	xt_check(WIFSTOPPED(status), "%s: the tracee is gone, status %#x", when, status);
	xt_check(WSTOPSIG(status) == sig, "%s: stopped by %d, not %d", when, WSTOPSIG(status), sig);
}

static void resume(int how, int sig, const char *when)
{
	xt_check(!ptrace(how, pid, 0, 0), "ptrace: %s", strerror(errno));
	stop_by(sig, when);
}

static void poke_dr(int n, unsigned long v)
{
	size_t at = offsetof(struct user, u_debugreg) + n * sizeof(long);

	xt_check(!ptrace(PTRACE_POKEUSER, pid, at, v), "debug register %d: %s", n, strerror(errno));
}

static long peek_dr(int n)
{
	errno = 0;
	return ptrace(PTRACE_PEEKUSER, pid,
		      offsetof(struct user, u_debugreg) + n * sizeof(long), 0);
}

static void tracee(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	for (;;) {
		stepped();
		((void (*)(void))brk3)();
	}
}

/* Arm an execution breakpoint at s0 and run there. */
static void to_start(void)
{
	poke_dr(0, (unsigned long)s0);
	poke_dr(7, 1);
	resume(PTRACE_CONT, SIGTRAP, "breakpoint at s0");
	xt_check(ip() == (unsigned long)s0, "breakpoint hit at %#lx", ip());
	xt_check(peek_dr(6) & 1, "DR6 is %#lx after breakpoint 0", peek_dr(6));
	poke_dr(7, 0);
}

static void steps(void)
{
	/* rep movsb is three steps, the last leaves it. */
	char *want[] = { s1, s2, s3, s4, s4, s4, s5, s6, s7, s8, s10, s11, s12 };

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		resume(PTRACE_SINGLESTEP, SIGTRAP, "single step");
		xt_check(ip() == (unsigned long)want[i], "step %zu is at %#lx, not %#lx", i,
			 ip(), (unsigned long)want[i]);
		if (want[i] == s7)
			xt_check((pid_t)AX(regs()) == pid, "getpid gave %ld", (long)AX(regs()));
	}
}

static void watch(void)
{
	poke_dr(1, (unsigned long)&traced_word[1]);
	poke_dr(7, 0xd00004);
	resume(PTRACE_CONT, SIGTRAP, "watchpoint");
	xt_check(ip() == (unsigned long)s12, "watchpoint hit at %#lx", ip());
	xt_check((peek_dr(6) & 0xf) == 2, "DR6 is %#lx after watchpoint 1", peek_dr(6));
	poke_dr(7, 0);
}

static void calls(void)
{
	struct user_regs_struct r;

	resume(PTRACE_SYSCALL, SIGTRAP, "system call");
	r = regs();
	xt_check(ip() == (unsigned long)s7 && (long)ORIG(r) == SYS_getpid,
		 "entry at %#lx, call %ld",
		 ip(), (long)ORIG(r));
	ORIG(r) = SYS_getppid;
	xt_check(!ptrace(PTRACE_SETREGS, pid, 0, &r), "SETREGS: %s", strerror(errno));
	resume(PTRACE_SYSCALL, SIGTRAP, "system call's end");
	r = regs();
	xt_check((pid_t)AX(r) == getpid(), "changed call gave %ld", (long)AX(r));
	AX(r) = 0x1234;
	ptrace(PTRACE_SETREGS, pid, 0, &r);
	resume(PTRACE_SINGLESTEP, SIGTRAP, "step after a call");
	xt_check(AX(regs()) == 0x1234, "written register is %#lx", (long)AX(regs()));
}

int main(void)
{
	long i, n;
	int status;

	xt_start("ptrace_step" XT_BITS);
	n = xt_count(5);
	pid = xt_fork();
	if (pid == 0)
		tracee();
	stop_by(SIGSTOP, "start");
	for (i = 0; xt_more(i, n); i++) {
		to_start();
		steps();
		resume(PTRACE_CONT, SIGTRAP, "int3");
		xt_check(ip() == (unsigned long)brk3_end, "int3 at %#lx", ip());
		to_start();
		watch();
		resume(PTRACE_CONT, SIGTRAP, "int3");
		to_start();
		calls();
		resume(PTRACE_CONT, SIGTRAP, "int3");
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, __WALL);
	xt_pass("%ld rounds: 13 steps, breakpoint, watchpoint, int3, changed call", i);
}
