// SPDX-License-Identifier: GPL-2.0-only
/*
 * x87, SSE and AVX registers of many threads, each with its own numbers, across
 * preemption, system calls inside, signals that clobber them, and fork.
 */
#include "xt.h"
#include <pthread.h>
#include <sys/time.h>

#ifdef __i386__
#define NR_XMM 8
#else
#define NR_XMM 16
#endif

struct regs {
	u8 ymm[16][32];
	double st[8];
	u32 mxcsr;
};

static int has_avx;
static volatile int stop;
static volatile long signals;

#ifdef __i386__
#define FOR_REGS(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)
#define YIELD "mov $158, %%eax\n\tint $0x80\n\t"
#define CLOBBERS "eax", "memory"
#else
#define FOR_REGS(op) op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) \
	op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define YIELD "mov $24, %%eax\n\tsyscall\n\t"
#define CLOBBERS "rax", "rcx", "r11", "memory"
#endif
#define XMM_LOAD(n) "movdqu " #n "*32(%[in]), %%xmm" #n "\n\t"
#define XMM_STORE(n) "movdqu %%xmm" #n ", " #n "*32(%[out])\n\t"
#define YMM_LOAD(n) "vmovdqu " #n "*32(%[in]), %%ymm" #n "\n\t"
#define YMM_STORE(n) "vmovdqu %%ymm" #n ", " #n "*32(%[out])\n\t"
#define FP_LOAD "fninit\n\tfldl 512(%[in])\n\tfldl 520(%[in])\n\tfldl 528(%[in])\n\t" \
	"fldl 536(%[in])\n\tfldl 544(%[in])\n\tfldl 552(%[in])\n\tfldl 560(%[in])\n\t" \
	"fldl 568(%[in])\n\tldmxcsr 576(%[in])\n\t"
#define FP_STORE "stmxcsr 576(%[out])\n\tfstpl 568(%[out])\n\tfstpl 560(%[out])\n\t" \
	"fstpl 552(%[out])\n\tfstpl 544(%[out])\n\tfstpl 536(%[out])\n\tfstpl 528(%[out])\n\t" \
	"fstpl 520(%[out])\n\tfstpl 512(%[out])\n\t"
#define SPIN "1: subl $1, %[n]\n\tjnz 1b\n\t"

/* Load all, spin (or yield first), store all: nothing of C in between. */
#define PASS(load, store, middle) \
	__asm__ volatile(FOR_REGS(load) FP_LOAD middle SPIN FP_STORE FOR_REGS(store) \
			 : [n] "+r" (n) : [in] "r" (in), [out] "r" (out) : CLOBBERS)

static void pass(struct regs *in, struct regs *out, unsigned int n, int yield)
{
	if (has_avx && yield)
		PASS(YMM_LOAD, YMM_STORE, YIELD);
	else if (has_avx)
		PASS(YMM_LOAD, YMM_STORE, "");
	else if (yield)
		PASS(XMM_LOAD, XMM_STORE, YIELD);
	else
		PASS(XMM_LOAD, XMM_STORE, "");
}

static void numbers(struct regs *r, u64 *rng)
{
	int j;

	memset(r, 0, sizeof(*r));
	for (int i = 0; i < NR_XMM; i++)
		for (j = 0; j < (has_avx ? 32 : 16); j++)
			r->ymm[i][j] = xt_rand(rng);
	for (int i = 0; i < 8; i++)
		r->st[i] = xt_rand(rng);
	r->mxcsr = 0x1f80 | (xt_rand(rng) & 3) << 13;
}

static void check(struct regs *in, struct regs *out, const char *who)
{
	u32 mxcsr = 0x1f80;

	__asm__ volatile("ldmxcsr %0" : : "m" (mxcsr));
	for (int i = 0; i < NR_XMM; i++)
		xt_check(!memcmp(in->ymm[i], out->ymm[i], 32), "%s: %s%d changed", who,
			 has_avx ? "ymm" : "xmm", i);
	for (int i = 0; i < 8; i++)
		xt_check(in->st[i] == out->st[i], "%s: st%d is %g, not %g", who, i, out->st[i],
			 in->st[i]);
	xt_check(in->mxcsr == out->mxcsr, "%s: mxcsr is %#x, not %#x", who, out->mxcsr, in->mxcsr);
}

static void on_alarm(int sig, siginfo_t *si, void *ctx)
{
	struct regs in, out;
	u64 rng = xt_rng(++signals);
	u32 mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m" (mxcsr));
	memset(&out, 0, sizeof(out));
	numbers(&in, &rng);
	pass(&in, &out, 50, 0);
	check(&in, &out, "in a handler");
}

static void *worker(void *arg)
{
	struct regs in, out;
	u64 rng = xt_rng((long)arg + 100);
	long i;

	for (i = 0; !stop; i++) {
		memset(&out, 0, sizeof(out));
		numbers(&in, &rng);
		pass(&in, &out, 1 + xt_rand(&rng) % 200000, i % 3 == 0);
		check(&in, &out, "in a thread");
		if (i % 16 == 5 && (long)arg % 4 == 0) {
			pid_t pid = xt_fork();

			if (pid == 0) {
				pass(&in, &out, 1000, 1);
				check(&in, &out, "in a child");
				_exit(0);
			}
			xt_wait(pid);
		}
	}
	return (void *)i;
}

int main(void)
{
	struct itimerval it = { { 0, 3000 }, { 0, 3000 } };
	long n = 4 * xt_cpus(), passes = 0;
	pthread_t t[n];
	u64 t0;
	void *ret;

	xt_start("fpu" XT_BITS);
	has_avx = __builtin_cpu_supports("avx");
	xt_handle(SIGALRM, on_alarm, SA_RESTART);
	for (long i = 0; i < n; i++)
		xt_check(!pthread_create(&t[i], NULL, worker, (void *)i), "pthread_create");
	xt_check(!setitimer(ITIMER_REAL, &it, NULL), "setitimer: %s", strerror(errno));
	for (t0 = xt_now(); xt_now() - t0 < xt_count(1000) * 1000000ULL;)
		usleep(10000);
	stop = 1;
	for (long i = 0; i < n; i++) {
		pthread_join(t[i], &ret);
		passes += (long)ret;
	}
	xt_pass("%ld threads, %ld passes, %ld signals, %s", n, passes, signals,
		has_avx ? "AVX" : "SSE");
}
