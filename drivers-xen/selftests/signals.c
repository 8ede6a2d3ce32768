// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: what each CPU fault tells its handler, alternate stacks and nesting,
 * queued order, and all registers across timer signals.
 */
#include "xt.h"
#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>

#ifdef __i386__
#define IP REG_EIP
#else
#define IP REG_RIP
#endif

static sigjmp_buf back;
static siginfo_t seen;
static greg_t seen_ip, seen_trap, seen_err;
static volatile int hits;

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	seen = *si;
	seen_ip = uc->uc_mcontext.gregs[IP];
	seen_trap = uc->uc_mcontext.gregs[REG_TRAPNO];
	seen_err = uc->uc_mcontext.gregs[REG_ERR];
	siglongjmp(back, 1);
}

#define FAULT(what) (sigsetjmp(back, 1) ? 1 : (what, 0))

static void expect(const char *name, int sig, int code, int trap)
{
	xt_check(seen.si_signo == sig && seen.si_code == code && seen_trap == trap,
		 "%s: signal %d code %d trap %d, not %d %d %d", name, seen.si_signo,
		 seen.si_code, (int)seen_trap, sig, code, trap);
}

extern char at_div[], at_ud[], at_int3[], at_hlt[];

static void divide(void)
{
	__asm__ volatile(".globl at_div\n\txor %%ecx, %%ecx\n\tmov $1, %%eax\n\tcltd\n"
			 "at_div: idivl %%ecx" : : : "eax", "ecx", "edx");
}

static void undefined(void)
{
	__asm__ volatile(".globl at_ud\nat_ud: ud2");
}

static void breakpoint(void)
{
	__asm__ volatile(".globl at_int3\nat_int3: int3");
}

static void privileged(void)
{
	__asm__ volatile(".globl at_hlt\nat_hlt: hlt");
}

static void faults(void)
{
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *none = xt_map(4096);

	munmap((void *)none, 4096);
	xt_check(FAULT(*none = 1), "no fault");
	expect("write to nothing", SIGSEGV, SEGV_MAPERR, 14);
	xt_check(seen.si_addr == none && (seen_err & 7) == 6, "address %p, error %#x",
		 seen.si_addr, (int)seen_err);
	xt_check(FAULT(*(volatile char *)(ro + 5) = 1), "no fault");
	expect("write to read-only", SIGSEGV, SEGV_ACCERR, 14);
	xt_check(seen.si_addr == ro + 5, "address %p", seen.si_addr);
	xt_check(FAULT(((void (*)(void))(uintptr_t)ro)()), "executed a no-exec page");
	expect("execute", SIGSEGV, SEGV_ACCERR, 14);
	xt_check(seen_ip == (greg_t)(uintptr_t)ro, "ip %p", (void *)seen_ip);
	xt_check(FAULT(divide()), "no fault");
	expect("divide by zero", SIGFPE, FPE_INTDIV, 0);
	xt_check(seen_ip == (greg_t)(uintptr_t)at_div && seen.si_addr == at_div, "ip of SIGFPE");
	xt_check(FAULT(undefined()), "no fault");
	expect("ud2", SIGILL, ILL_ILLOPN, 6);
	xt_check(seen_ip == (greg_t)(uintptr_t)at_ud, "ip of SIGILL");
	xt_check(FAULT(breakpoint()), "no trap");
	expect("int3", SIGTRAP, SI_KERNEL, 3);
	xt_check(seen_ip == (greg_t)(uintptr_t)at_int3 + 1, "ip of SIGTRAP");
	xt_check(FAULT(privileged()), "no fault");
	expect("hlt", SIGSEGV, SI_KERNEL, 13);
	xt_check(seen_ip == (greg_t)(uintptr_t)at_hlt, "ip of the protection fault");
#ifdef __x86_64__
	xt_check(FAULT(*(volatile char *)0x8000000000000000UL = 1), "no fault");
	expect("non-canonical address", SIGSEGV, SI_KERNEL, 13);
	xt_check(FAULT(*(volatile char *)0xffff888000000000UL = 1), "wrote a kernel address");
	expect("kernel address", SIGSEGV, SEGV_MAPERR, 14);
	xt_check(FAULT(*(volatile char *)0xffff800000000000UL = 1), "wrote Xen's address");
	xt_check(seen.si_signo == SIGSEGV, "signal %d", seen.si_signo);
#endif
}

static char alt[65536];

static void on_nested(int sig, siginfo_t *si, void *ctx)
{
	char here;

	xt_check(&here > alt && &here < alt + sizeof(alt), "not on the alternate stack");
	if (++hits < 12)
		raise(sig == SIGUSR1 ? SIGUSR2 : SIGUSR1);
}

static int deep(volatile char *p, int n)
{
	volatile char big[4096];

	big[n % 4096] = p[0] + 1;
	return n < 100000 ? deep(big, n + 1) + big[0] : 0;
}

static void stacks(void)
{
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof(alt) };

	xt_check(!sigaltstack(&ss, NULL), "sigaltstack: %s", strerror(errno));
	xt_handle(SIGUSR1, on_nested, SA_ONSTACK | SA_NODEFER);
	xt_handle(SIGUSR2, on_nested, SA_ONSTACK | SA_NODEFER);
	raise(SIGUSR1);
	xt_check(hits == 12, "%d nested signals, not 12", hits);
	xt_handle(SIGSEGV, on_fault, SA_ONSTACK | SA_NODEFER);
	xt_check(FAULT(deep(alt, 0)), "the stack has no end");
	expect("stack overflow", SIGSEGV, SEGV_MAPERR, 14);
}

static int order[8];

static void on_rt(int sig, siginfo_t *si, void *ctx)
{
	order[hits++] = si->si_value.sival_int;
}

static void queued(void)
{
	union sigval v;
	sigset_t set, old;

	hits = 0;
	xt_handle(SIGRTMIN, on_rt, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (v.sival_int = 0; v.sival_int < 8; v.sival_int++)
		xt_check(!sigqueue(getpid(), SIGRTMIN, v), "sigqueue: %s", strerror(errno));
	xt_check(hits == 0, "a blocked signal came");
	sigprocmask(SIG_SETMASK, &old, NULL);
	for (v.sival_int = 0; v.sival_int < 8; v.sival_int++)
		xt_check(order[v.sival_int] == v.sival_int, "queued signals out of order");
}

/* regs_spin(table, stop): 0 if every register kept its value till *stop. */
int regs_spin(const void *table, volatile int *stop);
#ifdef __i386__
__asm__(".text\n.globl regs_spin\nregs_spin:\n"
	"push %ebx\npush %ebp\npush %esi\npush %edi\n"
	"mov 20(%esp), %edi\nmov 24(%esp), %esi\n"
	"mov (%edi), %eax\nmov 8(%edi), %ebx\nmov 16(%edi), %ecx\nmov 24(%edi), %edx\n"
	"mov 32(%edi), %ebp\n"
	"1: cmp (%edi), %eax\njne 2f\ncmp 8(%edi), %ebx\njne 2f\ncmp 16(%edi), %ecx\njne 2f\n"
	"cmp 24(%edi), %edx\njne 2f\ncmp 32(%edi), %ebp\njne 2f\n"
	"cmpl $0, (%esi)\nje 1b\nxor %eax, %eax\njmp 3f\n2: mov $1, %eax\n"
	"3: pop %edi\npop %esi\npop %ebp\npop %ebx\nret\n");
#else
#define EACH(op) \
	op("rax", "0") op("rbx", "8") op("rcx", "16") op("rdx", "24") op("rbp", "32") \
	op("r8", "40") op("r9", "48") op("r10", "56") op("r11", "64") op("r12", "72") \
	op("r13", "80") op("r14", "88") op("r15", "96")
#define LOAD(r, o) "mov " o "(%rdi), %" r "\n"
#define SAME(r, o) "cmp " o "(%rdi), %" r "\njne 2f\n"
__asm__(".text\n.globl regs_spin\nregs_spin:\n"
	"push %rbx\npush %rbp\npush %r12\npush %r13\npush %r14\npush %r15\n"
	EACH(LOAD) "1:\n" EACH(SAME)
	"cmpl $0, (%rsi)\nje 1b\nxor %eax, %eax\njmp 3f\n2: mov $1, %eax\n"
	"3: pop %r15\npop %r14\npop %r13\npop %r12\npop %rbp\npop %rbx\nret\n");
#endif

static volatile int stop_spin;
static int ticks_wanted;

static void on_alarm(int sig, siginfo_t *si, void *ctx)
{
	if (!xt_more(++hits, ticks_wanted))
		stop_spin = 1;
}

static void registers(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	u64 table[13], rng = xt_rng(7);

	for (int i = 0; i < 13; i++)
		table[i] = (u64)xt_rand(&rng) << 32 | xt_rand(&rng);
	hits = 0;
	ticks_wanted = xt_count(150);
	xt_handle(SIGALRM, on_alarm, SA_RESTART);
	xt_check(!setitimer(ITIMER_REAL, &it, NULL), "setitimer: %s", strerror(errno));
	xt_check(!regs_spin(table, &stop_spin), "a register changed under a signal");
	memset(&it, 0, sizeof(it));
	setitimer(ITIMER_REAL, &it, NULL);
}

int main(void)
{
	long i;

	xt_start("signals" XT_BITS);
	xt_handle(SIGSEGV, on_fault, SA_NODEFER);
	xt_handle(SIGFPE, on_fault, SA_NODEFER);
	xt_handle(SIGILL, on_fault, SA_NODEFER);
	xt_handle(SIGTRAP, on_fault, SA_NODEFER);
	for (i = 0; xt_more(i, xt_count(20)); i++)
		faults();
	stacks();
	queued();
	registers();
	xt_pass("%ld rounds of faults, %d timer signals with all registers", i, hits);
}
