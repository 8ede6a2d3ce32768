// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap, mprotect, mremap, munmap, madvise and fork over hundreds of MiB; every
 * page carries its own number and is checked after each step.
 */
#include "xt.h"
#include <setjmp.h>

#define PAGE 4096UL

static sigjmp_buf back;
static void *volatile fault_at;

static void on_segv(int sig, siginfo_t *si, void *uc)
{
	fault_at = si->si_addr;
	siglongjmp(back, 1);
}

static u64 mark(size_t i, unsigned long gen)
{
	return (i + 1) * 0x9e3779b97f4a7c15ULL ^ (u64)gen << 48 ^ xt_seed;
}

static void fill(char *p, size_t first, size_t n, unsigned long gen)
{
	for (size_t i = 0; i < n; i++) {
		*(u64 *)(p + i * PAGE) = mark(first + i, gen);
		*(u64 *)(p + i * PAGE + PAGE - 8) = ~mark(first + i, gen);
	}
}

static void check(char *p, size_t first, size_t n, unsigned long gen, const char *when)
{
	for (size_t i = 0; i < n; i++)
		xt_check(*(u64 *)(p + i * PAGE) == mark(first + i, gen) &&
			 *(u64 *)(p + i * PAGE + PAGE - 8) == ~mark(first + i, gen),
			 "page %zu holds something else %s", first + i, when);
}

/* Touch p; 1 if that raised SIGSEGV at p itself. */
static int faults(volatile char *p, int write)
{
	fault_at = NULL;
	if (sigsetjmp(back, 1) == 0) {
		if (write)
			*p = 1;
		else
			(void)*p;
		return 0;
	}
	xt_check(fault_at == (void *)p, "fault at %p was reported at %p", (void *)p, fault_at);
	return 1;
}

/* Protections in chequers of 16 pages: split, refuse, merge. */
static void protections(char *p, size_t n)
{
	for (size_t i = 0; i + 32 <= n; i += 32)
		xt_check(!mprotect(p + i * PAGE, 16 * PAGE, (i & 32) ? PROT_NONE : PROT_READ),
			 "mprotect: %s", strerror(errno));
	for (size_t i = 0; i + 64 <= n; i += n / 64 / 64 * 64 + 64) {
		xt_check(faults(p + i * PAGE, 1), "a write to a read-only page went through");
		xt_check(!faults(p + i * PAGE, 0), "a read-only page could not be read");
		xt_check(faults(p + (i + 32) * PAGE, 0), "a PROT_NONE page was read");
	}
	xt_check(!mprotect(p, n * PAGE, PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
}

/* Pages that go while nobody may touch them, and pages that never could be touched. */
static void gone_while_forbidden(size_t n)
{
	char *p = xt_map(n * PAGE);

	for (size_t i = 0; i < n; i += 2)
		p[i * PAGE] = 1;
	xt_check(!mprotect(p, n * PAGE, PROT_NONE), "mprotect: %s", strerror(errno));
	xt_check(!munmap(p, n / 2 * PAGE), "munmap: %s", strerror(errno));
	p += n / 2 * PAGE;
	xt_check(!mprotect(p, n / 4 * PAGE, PROT_READ), "mprotect: %s", strerror(errno));
	xt_check(!munmap(p, (n - n / 2) * PAGE), "munmap: %s", strerror(errno));
}

/* The child sees the parent's pages, its writes stay its own; and back. */
static void cow(char *p, size_t n)
{
	pid_t pid = xt_fork();

	if (pid == 0) {
		check(p, 0, n, 1, "in a fork's child");
		for (size_t i = 0; i < n; i += 3)
			fill(p + i * PAGE, i, 1, 9);
		for (size_t i = 0; i < n; i++)
			check(p + i * PAGE, i, 1, i % 3 ? 1 : 9, "after the child wrote");
		_exit(0);
	}
	for (size_t i = 1; i < n; i += 7)
		fill(p + i * PAGE, i, 1, 5);
	xt_wait(pid);
	for (size_t i = 0; i < n; i++)
		check(p + i * PAGE, i, 1, i % 7 == 1 ? 5 : 1, "in the parent after fork");
	for (size_t i = 1; i < n; i += 7)
		fill(p + i * PAGE, i, 1, 1);
}

/* Move pieces away and back, which makes holes; grow and shrink. */
static char *moves(char *p, size_t n)
{
	u64 rng = xt_rng(2);

	for (int i = 0; i < 12; i++) {
		size_t len = 1 + xt_rand(&rng) % (n / 4);
		size_t at = xt_rand(&rng) % (n - len);
		char *hole = mmap(NULL, len * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		char *q = mremap(p + at * PAGE, len * PAGE, len * PAGE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, hole);

		xt_check(q == hole, "mremap of %zu pages: %s", len, strerror(errno));
		check(q, at, len, 1, "after mremap away");
		xt_check(faults(p + at * PAGE, 0), "the old place of moved pages can be read");
		q = mremap(q, len * PAGE, len * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + at * PAGE);
		xt_check(q == p + at * PAGE, "mremap back: %s", strerror(errno));
	}
	p = mremap(p, n * PAGE, 2 * n * PAGE, MREMAP_MAYMOVE);
	xt_check(p != MAP_FAILED, "mremap to twice the size: %s", strerror(errno));
	check(p, 0, n, 1, "after growing");
	for (int i = 0; i < 16; i++)
		xt_check(!p[(n + xt_rand(&rng) % n) * PAGE], "new pages are not zero");
	xt_check(mremap(p, 2 * n * PAGE, n * PAGE, 0) == p, "shrinking: %s", strerror(errno));
	return p;
}

int main(void)
{
	size_t mib = 32, n, avail = sysconf(_SC_AVPHYS_PAGES) / 256;
	long rounds, r;
	char *p;

	xt_start("map_content" XT_BITS);
	if (xt_scale >= 2)
		mib = 128;
	if (xt_scale >= 4)
		mib = 384;
	if (mib > avail / 3)
		mib = avail / 3;
	n = mib * 256;
	rounds = xt_count(3);
	xt_handle(SIGSEGV, on_segv, SA_NODEFER);
	for (r = 0; xt_more(r, rounds); r++) {
		p = xt_map(n * PAGE);
		fill(p, 0, n, 1);
		protections(p, n);
		gone_while_forbidden(256);
		check(p, 0, n, 1, "after mprotect");
		cow(p, n);
		p = moves(p, n);
		check(p, 0, n, 1, "after all moves");
		xt_check(!madvise(p, n / 2 * PAGE, MADV_DONTNEED) || errno == ENOSYS, "madvise");
		check(p + (n / 2) * PAGE, n / 2, n - n / 2, 1, "beside MADV_DONTNEED");
		for (size_t i = 0; i < n / 2; i += 5)
			fill(p + i * PAGE, i, 1, 3);
		for (size_t i = 0; i < n; i += 2)
			xt_check(i % 64 || !munmap(p + i * PAGE, PAGE), "munmap: %s",
				 strerror(errno));
		xt_check(faults(p, 0), "an unmapped page can be read");
		for (size_t i = 1; i < n / 2; i++)
			xt_check(i % 5 || i % 64 == 0 || *(u64 *)(p + i * PAGE) == mark(i, 3),
				 "page %zu changed beside munmap", i);
		xt_check(!munmap(p, n * PAGE), "munmap: %s", strerror(errno));
	}
	xt_pass("%zu MiB, %ld rounds", mib, r);
}
