// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the base kernel's own selftests, one line of /extra/SUITE.list after the
 * other, each with its time limit; SUITE is the end of our own name
 * (selftests-x86, selftests-mm). The host compares the lines
 * "KST begin SUITE/TEST" and "KST end SUITE/TEST CODE" and what is between.
 */
#include "xt.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#define MAX_LINES 400
#define MAX_ARGS 12

static char dir[100];

static void child(char **argv, int out)
{
	struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR);

	setsid();
	setrlimit(RLIMIT_CORE, &none);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (chdir(dir) == 0)
		execv(argv[0], argv);
	_exit(127);
}

/* Echo what the test prints, at most MAX_LINES lines; 0 if time ran out. */
static int follow(int fd, u64 deadline)
{
	char buf[4096];
	int lines = 0;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		s64 left = (s64)(deadline - xt_now()) / 1000000;
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left) <= 0)
			return 0;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return 1;
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
		if (lines < MAX_LINES && write(1, buf, n) < 0)
			return 1;
	}
}

static int one(const char *suite, char *line)
{
	char *argv[MAX_ARGS + 1], *save = NULL, whole[200];
	int p[2], status = 0, argc = 0, code, done;
	long limit = strtol(line, &line, 10);
	pid_t pid;

	snprintf(whole, sizeof(whole), "%s", line + strspn(line, " ./"));
	while (argc < MAX_ARGS && (argv[argc] = strtok_r(argc ? NULL : line, " ", &save)))
		argc++;
	argv[argc] = NULL;
	if (!argc || pipe(p))
		return 0;
	xt_say("KST begin %s/%s", suite, whole);
	pid = xt_fork();
	if (pid == 0)
		child(argv, p[1]);
	close(p[1]);
	done = follow(p[0], xt_now() + limit * 1000000000ULL);
	close(p[0]);
	kill(-pid, SIGKILL);
	if (!done)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	code = !done ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	xt_say("\nKST end %s/%s %d", suite, whole, code);
	return code == 0;
}

/* A test that oopses the kernel is one failed test, not the end of them all. */
static void survive(void)
{
	int fd = open("/proc/sys/kernel/panic_on_oops", O_WRONLY);

	if (fd >= 0) {
		if (write(fd, "0", 1) != 1)
			xt_say("# panic_on_oops stays");
		close(fd);
	}
}

int main(int argc, char **argv)
{
	const char *suite = strrchr(argv[0], '-');
	char path[64], line[300];
	int passed = 0, all = 0;
	FILE *list;

	xt_start(argv[0]);
	suite = suite ? suite + 1 : "x86";
	snprintf(path, sizeof(path), "/extra/%s.list", suite);
	snprintf(dir, sizeof(dir), "/extra/%s", suite);
	list = fopen(path, "re");
	if (!list)
		xt_skip("no %s; scripts/selftests makes it", path);
	if (symlink("/extra/lib64", "/lib64") || symlink("/extra/lib32", "/lib"))
		xt_say("# the loader's links are there already");
	survive();
	setenv("LD_LIBRARY_PATH", "/extra/lib64:/extra/lib32", 1);
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = 0;
		all++;
		passed += one(suite, line);
	}
	xt_pass("%d of %d programs ended with 0", passed, all);
}
