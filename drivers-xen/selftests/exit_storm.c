// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes with many threads end in every way: exit_group from a thread, a
 * fatal signal, exec by a thread, and threads that come and go meanwhile.
 */
#include "xt.h"
#include <pthread.h>

#define THREADS 6

static int way;
static volatile int *volatile bad = (int *)8;

static void *nothing(void *arg)
{
	return arg;
}

static void *busy(void *arg)
{
	volatile char *p = xt_map(64 * 4096);
	pthread_t t;

	for (int i = 0;; i++) {
		p[(i % 64) * 4096] = i;
		if ((long)arg == 3 && i == 8) {
			if (way == 0)
				_exit(42);
			if (way == 1)
				kill(getpid(), SIGKILL);
			if (way == 2)
				execl("/proc/self/exe", "exit_storm", "done", (char *)NULL);
			if (way == 3)
				*bad = 1;
		}
		if ((long)arg & 1 && !pthread_create(&t, NULL, nothing, NULL))
			pthread_join(t, NULL);
	}
	return NULL;
}

static void one(int how)
{
	pid_t pid = xt_fork();
	int status;

	if (pid == 0) {
		pthread_t t;

		way = how;
		for (long i = 0; i < THREADS; i++)
			if (pthread_create(&t, NULL, busy, (void *)i))
				_exit(7);
		for (;;)
			pause();
	}
	xt_check(waitpid(pid, &status, 0) == pid, "waitpid: %s", strerror(errno));
	if (how == 1)
		xt_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %#x", status);
	else if (how == 3)
		xt_check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "status %#x", status);
	else
		xt_check(WIFEXITED(status) && WEXITSTATUS(status) == 42,
			 "way %d ended with status %#x", how, status);
}

int main(int argc, char **argv)
{
	long i, n;

	if (argc == 2 && !strcmp(argv[1], "done"))
		return 42;
	xt_start("exit_storm" XT_BITS);
	n = xt_count(8);
	for (i = 0; xt_more(i - 3, n - 3); i++)
		one(i % 4);
	xt_pass("%ld processes of %d threads", i, THREADS);
}
