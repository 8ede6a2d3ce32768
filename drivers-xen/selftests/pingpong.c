// SPDX-License-Identifier: GPL-2.0-only
/*
 * A token goes round through pipes between processes pinned to every pair of
 * CPUs; each hop adds one, so a lost or doubled wakeup is seen.
 */
#include "xt.h"

static void hop(int in, int out, int cpu)
{
	long v;

	xt_pin(cpu);
	for (;;) {
		ssize_t n = read(in, &v, sizeof(v));

		if (n == 0)
			_exit(0);
		xt_check(n == sizeof(v), "pipe read: %s", strerror(errno));
		v++;
		xt_check(write(out, &v, sizeof(v)) == sizeof(v), "pipe write: %s", strerror(errno));
	}
}

static long pair(int a, int b, long rounds)
{
	int p[2][2];
	long v = 0, i;
	pid_t x;

	xt_check(!pipe(p[0]) && !pipe(p[1]), "pipe: %s", strerror(errno));
	x = xt_fork();
	if (x == 0) {
		close(p[0][1]);
		hop(p[0][0], p[1][1], b);
	}
	xt_pin(a);
	for (i = 0; xt_more(i, rounds); i++) {
		xt_check(write(p[0][1], &v, sizeof(v)) == sizeof(v), "pipe write");
		xt_check(read(p[1][0], &v, sizeof(v)) == sizeof(v), "pipe read");
		xt_check(v == i + 1, "token is %ld after %ld rounds", v, i + 1);
	}
	close(p[0][1]);
	xt_wait(x);
	close(p[0][0]);
	close(p[1][0]);
	close(p[1][1]);
	return i;
}

int main(void)
{
	int cpus = xt_cpus(), a, b;
	long rounds, total = 0;

	xt_start("pingpong" XT_BITS);
	rounds = xt_count(600) / (cpus * cpus) + 20;
	for (a = 0; a < cpus; a++)
		for (b = 0; b < cpus; b++)
			total += pair(a, b, rounds);
	xt_pass("%d CPUs, every pair of them, %ld rounds", cpus, total);
}
