// SPDX-License-Identifier: GPL-2.0-only
/*
 * A storm of fork and exec on all CPUs at once; each child and each exec'd
 * image reports a number computed from its own memory.
 */
#include "xt.h"

static unsigned char page[8][4096];

static int sum_of(int n)
{
	int s = 0;

	for (int i = 0; i < 8; i++)
		s += page[i][n % 4096];
	return s & 0x7f;
}

/* What exec runs: argv[1] is the seed of the table, argv[2] the index. */
static int image(char **argv)
{
	int a = atoi(argv[1]), n = atoi(argv[2]);

	for (int i = 0; i < 8; i++)
		page[i][n % 4096] = a + i;
	return sum_of(n);
}

static void one(const char *self, int n, int with_exec, int deep)
{
	char a[16], b[16];
	pid_t pid = xt_fork();
	int status, want = 0;

	for (int i = 0; i < 8; i++)
		want += (unsigned char)(n + i);
	if (pid == 0) {
		if (with_exec) {
			snprintf(a, sizeof(a), "%d", n & 0xff);
			snprintf(b, sizeof(b), "%d", n);
			execl(self, self, a, b, (char *)NULL);
			_exit(99);
		}
		if (deep)
			one(self, n + 1, 0, deep - 1);
		for (int i = 0; i < 8; i++)
			page[i][n % 4096] = n + i;
		_exit(sum_of(n));
	}
	xt_check(waitpid(pid, &status, 0) == pid, "waitpid: %s", strerror(errno));
	xt_check(WIFEXITED(status), "child %d of the storm died by signal %d", n, WTERMSIG(status));
	xt_check(WEXITSTATUS(status) == (want & 0x7f), "child %d answered %d, not %d%s", n,
		 WEXITSTATUS(status), want & 0x7f, with_exec ? " (exec)" : "");
	xt_check(page[0][n % 4096] == 0, "a child's write is seen in the parent");
}

int main(int argc, char **argv)
{
	int workers, w;
	long each;
	pid_t *pids;

	if (argc == 3)
		return image(argv);
	xt_start("fork_exec" XT_BITS);
	workers = 2 * xt_cpus();
	each = xt_count(40) / workers + 1;
	pids = calloc(workers, sizeof(*pids));
	for (w = 0; w < workers; w++) {
		pids[w] = xt_fork();
		if (pids[w] == 0) {
			u64 rng = xt_rng(w);

			for (long i = 0; xt_more(i, each); i++)
				one("/proc/self/exe", xt_rand(&rng) % 4096, i & 1, i % 3);
			_exit(0);
		}
	}
	for (w = 0; w < workers; w++)
		xt_wait(pids[w]);
	xt_pass("%d workers of up to %ld forks, half with exec", workers, each);
}
