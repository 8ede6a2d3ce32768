// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills most of the free memory from several processes with known numbers and
 * checks each page, also after the page cache was pushed out by it.
 */
#include "xt.h"

#define PAGE 4096UL

static u64 mark(size_t i, int w)
{
	return (i * 0x9e3779b97f4a7c15ULL) ^ (u64)w << 56 ^ xt_seed;
}

static void worker(int w, size_t n)
{
	char *p = xt_map(n * PAGE);

	for (size_t i = 0; i < n; i++)
		*(u64 *)(p + i * PAGE + 8 * (i % 512)) = mark(i, w);
	for (size_t i = 0; i < n; i++)
		xt_check(*(u64 *)(p + i * PAGE + 8 * (i % 512)) == mark(i, w),
			 "page %zu of worker %d holds something else", i, w);
	_exit(0);
}

int main(void)
{
	size_t avail = sysconf(_SC_AVPHYS_PAGES), total;
	int workers = xt_cpus() + 1, w;
	pid_t pid[workers];
	long r, rounds;

	xt_start("memfill" XT_BITS);
	rounds = xt_count(1);
	total = avail / 10 * 7;
	if (xt_scale < 4 && total > 128 * 256)
		total = 128 * 256;
	for (r = 0; xt_more(r, rounds); r++) {
		for (w = 0; w < workers; w++) {
			pid[w] = xt_fork();
			if (pid[w] == 0)
				worker(w, total / workers);
		}
		for (w = 0; w < workers; w++)
			xt_wait(pid[w]);
	}
	xt_pass("%zu MiB of %zu free, %d processes, %ld rounds", total / 256, avail / 256,
		workers, r);
}
