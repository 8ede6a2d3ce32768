// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that cannot be returned to: sigreturn with wrong selectors, addresses
 * and flags must end in a signal, never in an oops or a wrong mode.
 */
#include "xt.h"
#include <asm/ldt.h>
#include <setjmp.h>
#include <ucontext.h>

#ifdef __i386__
#define IP REG_EIP
#define SET_CS(g, v) ((g)[REG_CS] = (v))
#define SET_SS(g, v) ((g)[REG_SS] = (v))
#define GET_CS(g) ((g)[REG_CS] & 0xffff)
#define GET_SS(g) ((g)[REG_SS] & 0xffff)
#else
#define IP REG_RIP
#define SET_CS(g, v) ((g)[REG_CSGSFS] = ((g)[REG_CSGSFS] & ~0xffffLL) | (v))
#define SET_SS(g, v) \
	((g)[REG_CSGSFS] = ((g)[REG_CSGSFS] & ~(0xffffLL << 48)) | (long long)(v) << 48)
#define GET_CS(g) ((g)[REG_CSGSFS] & 0xffff)
#define GET_SS(g) ((g)[REG_CSGSFS] >> 48 & 0xffff)
#endif

static sigjmp_buf back;
static volatile int seen_sig;
static greg_t want_ip, want_flags;
static int want_cs, want_ss, use_ip, use_flags;
static greg_t good_cs, good_ss;

static void on_usr1(int sig, siginfo_t *si, void *ctx)
{
	greg_t *g = ((ucontext_t *)ctx)->uc_mcontext.gregs;

	good_cs = GET_CS(g);
	good_ss = GET_SS(g);
	if (want_cs >= 0)
		SET_CS(g, want_cs);
	if (want_ss >= 0)
		SET_SS(g, want_ss);
	if (use_ip)
		g[IP] = want_ip;
	if (use_flags)
		g[REG_EFL] |= want_flags;
}

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	seen_sig = sig;
	siglongjmp(back, 1);
}

/* The signal that came of the changed frame, 0 if it simply returned. */
static int try_frame(int cs, int ss, int ip_too, greg_t ip, greg_t flags)
{
	want_cs = cs;
	want_ss = ss;
	use_ip = ip_too;
	want_ip = ip;
	use_flags = !!flags;
	want_flags = flags;
	seen_sig = 0;
	if (sigsetjmp(back, 1) == 0)
		raise(SIGUSR1);
	return seen_sig;
}

static void selectors(void)
{
	int sel, n = 0;

	/*
	 * Null, data, a TSS, beyond the table, LDT entries that aren't there. The
	 * kernel's own code selectors are left out: under Xen they are ring 3 code.
	 */
	static const int bad[] = { 0, 3, 0x18, 0x1b, 0x40, 0x43, 0x7, 0x0f, 0xffff,
		0xfffb, 0xfff8, 0xe008, 0xe010, 0x83, 0x87 };

	for (n = 0; n < (int)ARRAY_SIZE(bad); n++) {
		sel = bad[n];
		if (sel == good_cs)
			continue;
		xt_check(try_frame(sel, -1, 0, 0, 0), "CS %#x was taken", sel);
	}
	for (n = 0; n < (int)ARRAY_SIZE(bad); n++)
		if (bad[n] != good_ss)
			try_frame(-1, bad[n], 0, 0, 0);
	xt_check(try_frame(good_ss, -1, 0, 0, 0), "the data selector was taken as CS");
	xt_check(try_frame(-1, -1, 0, 0, 0) == 0, "a good frame was refused");
}

static int entry(int n, int contents, int bits32, int present)
{
	struct user_desc d = { .entry_number = n, .base_addr = 0, .limit = 0xfffff,
		.seg_32bit = bits32, .contents = contents, .limit_in_pages = 1,
		.seg_not_present = !present, .useable = 1 };

	return syscall(SYS_modify_ldt, 0x11, &d, sizeof(d));
}

/* LDT selectors that go away between the signal and the return. */
static void descriptors(void)
{
	if (entry(0, 0, 1, 1))
		return;
	entry(1, 2, 1, 0);
	entry(2, 0, 1, 0);
	entry(3, 2, 0, 1);
	entry(4, 0, 0, 1);
	xt_check(try_frame(0x0f, -1, 0, 0, 0) == SIGSEGV || seen_sig == SIGBUS,
		 "a CS that isn't present gave signal %d", seen_sig);
	xt_check(try_frame(-1, 0x17, 0, 0, 0) == SIGSEGV || seen_sig == SIGBUS,
		 "an SS that isn't present gave signal %d", seen_sig);
	xt_check(try_frame(0x07, -1, 0, 0, 0), "a data segment was taken as CS");
	try_frame(-1, 0x0f, 0, 0, 0);
	try_frame(0x1f, -1, 1, 0x100, 0);
	try_frame(-1, 0x07, 0, 0, 0);
}

static void addresses(void)
{
#ifdef __x86_64__
	static const unsigned long bad[] = { 0x800000000000UL, 0x8000000000000000UL,
		0x7fffffffffffUL, 0xffff800000000000UL, 0xffff820000000000UL,
		0xffffffff80000000UL, 0xfffffffffffff000UL };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		xt_check(try_frame(-1, -1, 1, bad[i], 0) == SIGSEGV, "address %#lx gave signal %d",
			 bad[i], seen_sig);
#endif
	xt_check(try_frame(-1, -1, 1, 4, 0) == SIGSEGV, "address 4 gave signal %d", seen_sig);
}

/*
 * IOPL and NT may not get through, and interrupts stay on, whatever VM and the like
 * say.  RF may, by the ABI; it and VM cannot be read.  TF must trap.
 */
static void flags(void)
{
	unsigned long now;

	try_frame(-1, -1, 0, 0, 0x3000 | 0x4000 | 0x20000 | 0x10000 | 0x80000);
#ifdef __i386__
	__asm__ volatile("pushfl\npop %0" : "=r" (now));
#else
	__asm__ volatile("pushfq\npop %0" : "=r" (now));
#endif
	xt_check(!(now & 0x7000), "IOPL or NT came through sigreturn: flags %#lx", now);
	xt_check(now & 0x200, "interrupts are off in userspace: flags %#lx", now);
	xt_check(try_frame(-1, -1, 0, 0, 0x100) == SIGTRAP, "TF gave signal %d", seen_sig);
}

#define GATE(code, want, or_this) do {						\
	seen_sig = 0;							\
	if (sigsetjmp(back, 1) == 0)					\
		__asm__ volatile(code);					\
	xt_check(seen_sig == (want) || seen_sig == (or_this),		\
		 code " gave signal %d", seen_sig);			\
} while (0)

/* Software interrupts that belong to others; Xen may call INT1 undefined. */
static void gates(void)
{
	GATE("int $0x81", SIGSEGV, SIGSEGV);
	GATE("int $0x82", SIGSEGV, SIGSEGV);
	GATE("int $14", SIGSEGV, SIGSEGV);
	GATE("int $4", SIGSEGV, SIGSEGV);
	GATE("int $2", SIGSEGV, SIGSEGV);
	GATE(".byte 0xf1", SIGTRAP, SIGILL);
}

int main(void)
{
	stack_t ss = { .ss_size = 65536 };
	long i, n;

	xt_start("bad_frame" XT_BITS);
	ss.ss_sp = xt_map(65536);
	sigaltstack(&ss, NULL);
	xt_handle(SIGUSR1, on_usr1, 0);
	xt_handle(SIGSEGV, on_fault, SA_NODEFER | SA_ONSTACK);
	xt_handle(SIGBUS, on_fault, SA_NODEFER | SA_ONSTACK);
	xt_handle(SIGTRAP, on_fault, SA_NODEFER | SA_ONSTACK);
	xt_handle(SIGILL, on_fault, SA_NODEFER | SA_ONSTACK);
	want_cs = -1;
	want_ss = -1;
	raise(SIGUSR1);
	n = xt_count(10);
	for (i = 0; xt_more(i, n); i++) {
		selectors();
		descriptors();
		addresses();
		flags();
		gates();
	}
	xt_pass("%ld rounds of selectors, descriptors, addresses, flags, gates", i);
}
