// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads of one address space on all CPUs map, fault, protect, move and unmap
 * at once; each owns slots whose content only it knows, and a flipper makes
 * pages that all read come and go.
 */
#include "xt.h"
#include <pthread.h>
#include <setjmp.h>

#define PAGE 4096UL
#define SLOT (512 * 1024UL)
#define SLOTS 8

static char *shared_page[4];
static volatile int stop;
static __thread sigjmp_buf back;
static __thread volatile int armed;

static void on_segv(int sig, siginfo_t *si, void *uc)
{
	if (!armed)
		xt_fail("SIGSEGV at %p outside a guarded access", si->si_addr);
	siglongjmp(back, 1);
}

struct slot {
	char *p;
	size_t len;
	u32 mark;
};

static void slot_drop(struct slot *s)
{
	for (size_t i = 0; i < s->len; i += PAGE)
		xt_check(*(u32 *)(s->p + i) == s->mark + i / PAGE, "slot page %zu changed",
			 i / PAGE);
	xt_check(!munmap(s->p, s->len), "munmap: %s", strerror(errno));
	s->p = NULL;
}

static void slot_make(struct slot *s, u64 *rng)
{
	s->len = (1 + xt_rand(rng) % (SLOT / PAGE)) * PAGE;
	s->mark = xt_rand(rng);
	s->p = xt_map(s->len);
	for (size_t i = 0; i < s->len; i += PAGE)
		*(u32 *)(s->p + i) = s->mark + i / PAGE;
}

static void slot_change(struct slot *s, u64 *rng)
{
	size_t half = s->len / 2 / PAGE * PAGE;
	char *q;

	switch (xt_rand(rng) % 4) {
	case 0:
		mprotect(s->p, s->len, PROT_READ);
		armed = 1;
		if (sigsetjmp(back, 1) == 0) {
			*(volatile char *)(s->p + half) = 1;
			xt_fail("a write to a read-only page went through");
		}
		armed = 0;
		mprotect(s->p, s->len, PROT_READ | PROT_WRITE);
		break;
	case 1:
		q = mremap(s->p, s->len, s->len + SLOT, MREMAP_MAYMOVE);
		xt_check(q != MAP_FAILED, "mremap: %s", strerror(errno));
		s->p = q;
		munmap(q + s->len, SLOT);
		break;
	case 2:
		madvise(s->p + half, PAGE, MADV_DONTNEED);
		xt_check(*(volatile u32 *)(s->p + half) == 0, "a dropped page is not zero");
		*(u32 *)(s->p + half) = s->mark + half / PAGE;
		break;
	default:
		armed = 1;
		if (sigsetjmp(back, 1) == 0) {
			char v = *(volatile char *)shared_page[xt_rand(rng) % 4];

			xt_check(v == 0 || v == 0x5a, "a shared page holds %#x", v);
		}
		armed = 0;
	}
}

static void *churn(void *arg)
{
	struct slot slot[SLOTS] = { 0 };
	u64 rng = xt_rng((long)arg);
	long i, rounds = xt_count(200), rounds_done;

	xt_pin((long)arg);
	for (i = 0; xt_more(i, rounds); i++) {
		struct slot *s = &slot[xt_rand(&rng) % SLOTS];

		if (!s->p)
			slot_make(s, &rng);
		else if (xt_rand(&rng) % 3)
			slot_change(s, &rng);
		else
			slot_drop(s);
	}
	rounds_done = i;
	for (i = 0; i < SLOTS; i++)
		if (slot[i].p)
			slot_drop(&slot[i]);
	return (void *)rounds_done;
}

/* Replace, protect and refill the pages that all threads look at. */
static void *flip(void *arg)
{
	u64 rng = xt_rng(1000);

	while (!stop) {
		char *p = shared_page[xt_rand(&rng) % 4];

		if (mmap(p, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p)
			xt_fail("mmap over: %s", strerror(errno));
		*p = 0x5a;
		mprotect(p, PAGE, PROT_NONE);
		mprotect(p, PAGE, PROT_READ);
		sched_yield();
	}
	return NULL;
}

int main(void)
{
	long n = 2 * xt_cpus(), done = 0;
	void *ret;
	pthread_t t[n], f;

	xt_start("pt_churn" XT_BITS);
	for (long i = 0; i < 4; i++)
		shared_page[i] = (char *)xt_map(4 * PAGE) + PAGE;
	xt_handle(SIGSEGV, on_segv, SA_NODEFER);
	for (long i = 0; i < n; i++)
		xt_check(!pthread_create(&t[i], NULL, churn, (void *)i), "pthread_create");
	xt_check(!pthread_create(&f, NULL, flip, NULL), "pthread_create");
	for (long i = 0; i < n; i++) {
		pthread_join(t[i], &ret);
		done += (long)ret;
	}
	stop = 1;
	pthread_join(f, NULL);
	xt_pass("%ld threads, %ld changes", n, done);
}
