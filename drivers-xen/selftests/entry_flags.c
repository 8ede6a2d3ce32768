// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every way into the kernel with the direction, nested-task, alignment and
 * identification flags set by the user: the kernel's copies must still go
 * forward, for us and for whoever runs next.
 */
#include "xt.h"
#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>

#define DF 0x400UL
#define NT 0x4000UL
#define AC 0x40000UL
#define ID 0x200000UL

#ifdef __i386__
u32 vdso_entry;
#define GATES 2
#define HOW_0 "int $0x80"
#define HOW_1 "call *vdso_entry"
#define PUSHF "pushfl\n\t"
#define POPF "popfl\n\t"
#define OR_FLAGS "orl %[f], (%%esp)\n\t"
#define SKIP_RED ""
#define BACK_RED ""
#define CLEAR_FLAGS "cld\n\tpushfl\n\tandl $~0x44000, (%%esp)\n\tpopfl\n\t"
#define ARGS(n, a, b, c) "+a" (n) : "b" (a), "c" (b), "d" (c), [f] "S" (flags)
#define LOST "memory", "cc"
#else
#define GATES 2
#define HOW_0 "syscall"
#define HOW_1 "int $0x80"
#define PUSHF "pushfq\n\t"
#define POPF "popfq\n\t"
#define OR_FLAGS "orq %[f], (%%rsp)\n\t"
#define SKIP_RED "lea -128(%%rsp), %%rsp\n\t"
#define BACK_RED "lea 128(%%rsp), %%rsp\n\t"
#define CLEAR_FLAGS "cld\n\tpushfq\n\tandq $~0x44000, (%%rsp)\n\tpopfq\n\t"
#define LOST "memory", "cc", "rcx", "r11", "r8", "r9", "r10"
#endif

#define WITH_FLAGS(how) SKIP_RED PUSHF OR_FLAGS POPF how "\n\t" CLEAR_FLAGS BACK_RED

/* One system call with three arguments by the gate, with the flags set. */
static long call(int gate, unsigned long flags, long nr64, long nr32, long a, long b, long c)
{
#ifdef __i386__
	long n = nr32;

	if (gate == 0)
		__asm__ volatile(WITH_FLAGS(HOW_0) : ARGS(n, a, b, c) : LOST);
	else
		__asm__ volatile(WITH_FLAGS(HOW_1) : ARGS(n, a, b, c) : LOST);
#else
	long n = gate == 0 ? nr64 : nr32;

	if (gate == 0)
		__asm__ volatile(WITH_FLAGS(HOW_0) : "+a" (n) : "D" (a), "S" (b), "d" (c),
				 [f] "b" (flags) : LOST);
	else
		__asm__ volatile(SKIP_RED "mov %[b], %%rcx\n\tmov %[a], %%r10\n\tpush %%rbx\n\t"
				 "mov %[f], %%r9\n\tmov %%r10, %%rbx\n\t"
				 "pushfq\n\torq %%r9, (%%rsp)\n\tpopfq\n\tint $0x80\n\t"
				 CLEAR_FLAGS "pop %%rbx\n\t" BACK_RED
				 : "+a" (n) : [a] "D" (a), [b] "S" (b), "d" (c), [f] "r" (flags)
				 : LOST);
#endif
	return n;
}

static void copies(int gate, unsigned long flags, int p[2], int zero)
{
	/* Low addresses, so that 32-bit calls of a 64-bit program reach them. */
	static unsigned char out[8192], in[8192 + 64];
	const size_t len = 3001;
	long r;

	for (size_t i = 0; i < len; i++)
		out[2000 + i] = i * 7 + gate;
	memset(in, 0xee, sizeof(in));
	r = call(gate, flags, SYS_write, 4, p[1], (long)(out + 2000), len);
	xt_check(r == (long)len, "gate %d, flags %#lx: write gave %ld", gate, flags, r);
	r = call(gate, flags, SYS_read, 3, p[0], (long)(in + 3000), len);
	xt_check(r == (long)len, "gate %d, flags %#lx: read gave %ld", gate, flags, r);
	xt_check(!memcmp(in + 3000, out + 2000, len) && in[2999] == 0xee && in[3000 + len] == 0xee,
		 "gate %d, flags %#lx: the pipe gave other bytes", gate, flags);
	memset(in, 0xee, sizeof(in));
	r = call(gate, flags, SYS_read, 3, zero, (long)(in + 3000), len);
	xt_check(r == (long)len, "gate %d, flags %#lx: /dev/zero gave %ld", gate, flags, r);
	for (size_t i = 0; i < sizeof(in); i++)
		xt_check(in[i] == (i >= 3000 && i < 3000 + len ? 0 : 0xee),
			 "gate %d, flags %#lx: byte %zu is %#x after clearing", gate, flags, i,
			 in[i]);
}

/* A page fault and a timer interrupt while the flags are set. */
static void faults(unsigned long flags)
{
	unsigned char *p = xt_map(16 * 4096);
	long spins = 200000;

	/* Written, not read: a page of its own each, which the kernel clears. */
	for (long i = 0; i < 16; i++)
		__asm__ volatile(SKIP_RED PUSHF OR_FLAGS POPF "movb $0, (%[p])\n\t"
				 CLEAR_FLAGS BACK_RED
				 : : [p] "r" (p + i * 4096 + 100), [f] "r" (flags) : LOST);
	for (long i = 0; i < 16 * 4096; i++)
		xt_check(p[i] == 0, "byte %ld of fresh pages is %#x", i, p[i]);
	__asm__ volatile(SKIP_RED PUSHF OR_FLAGS POPF "1: sub $1, %[n]\n\tjnz 1b\n\t"
			 CLEAR_FLAGS BACK_RED : [n] "+r" (spins) : [f] "r" (flags) : LOST);
	munmap(p, 16 * 4096);
}

int main(void)
{
	static const unsigned long sets[] = {
		0, DF, NT, AC, ID, DF | NT | ID, DF | AC | ID | 0xad5
	};
	int p[2], zero, gate;
	size_t k;
	long i, n;

	xt_start("entry_flags" XT_BITS);
#ifdef __i386__
	vdso_entry = getauxval(AT_SYSINFO);
#endif
	xt_check(!pipe(p), "pipe: %s", strerror(errno));
	zero = open("/dev/zero", O_RDONLY);
	xt_check(zero >= 0, "/dev/zero: %s", strerror(errno));
	n = xt_count(50);
	for (i = 0; xt_more(i, n); i++) {
		for (k = 0; k < ARRAY_SIZE(sets); k++) {
			for (gate = 0; gate < GATES; gate++)
				copies(gate, sets[k], p, zero);
			faults(sets[k]);
		}
	}
	xt_pass("%ld rounds of %zu sets of flags", i, k);
}
