// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a kernel under test: mounts, runs the items that the
 * kernel's command line names, reports a verdict for each, powers off.
 *
 * Kernel command line:
 *   xenpv.items=smoke,load   what to run: "smoke" and "log" are here, any other
 *                            name is a program /items/NAME or a group, a list
 *                            of names in /items/NAME.group (default: smoke)
 *   xenpv.scale=N            multiplies the programs' counts (quick = 1)
 *   xenpv.seed=N             seed of the programs (default 1)
 *   xenpv.cpus=N             how many CPUs must be online
 *   xenpv.timeout=SECONDS    time for one item (default 300)
 *   xenpv.end=poweroff|reboot|halt|hold
 *
 * Output, one write a line:
 *   BENCH boot-to-init NS
 *   XENPV-VERDICT <item> ok|FAIL|skip <detail>
 *   XENPV-DONE <number of verdicts>
 * "log" (what the kernel printed, taint) is always the last item.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CODE_SKIP 4

static char cmdline[4096];
static int nr_verdicts;

static void say(const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	if (write(1, buf, n) < 0)
		return;
}

static void verdict(const char *item, const char *what, const char *detail)
{
	nr_verdicts++;
	say("XENPV-VERDICT %s %s %s", item, what, detail);
}

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	return len;
}

static void poke(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		say("init: cannot write %s: %s", path, strerror(errno));
	close(fd);
}

/* The last one on the command line wins, as with the kernel's own options. */
static const char *option(const char *key, const char *fallback)
{
	static char value[8][1024];
	static int turn;
	const char *p = cmdline, *found = NULL;
	size_t len = strlen(key);
	char *out = value[turn++ % 8];

	while ((p = strstr(p, key))) {
		if ((p == cmdline || isspace(p[-1])) && p[len] == '=')
			found = p + len + 1;
		p += len;
	}
	if (!found)
		return fallback;
	snprintf(out, sizeof(value[0]), "%.*s", (int)strcspn(found, " \n"), found);
	return out;
}

static void mount_all(void)
{
	static const struct { const char *type, *dir; } fs[] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" },
		{ "devtmpfs", "/dev" }, { "tmpfs", "/tmp" },
		{ "devpts", "/dev/pts" }, { "tmpfs", "/dev/shm" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
	};
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
		mkdir(fs[i].dir, 0755);
		if (mount("none", fs[i].dir, fs[i].type, 0, NULL) && i < 2)
			say("init: no %s: %s", fs[i].dir, strerror(errno));
	}
	if (fcntl(1, F_GETFD) < 0) {
		open("/dev/console", O_RDWR);
		dup2(0, 1);
		dup2(0, 2);
	}
	slurp("/proc/cmdline", cmdline, sizeof(cmdline));
	poke("/proc/sys/kernel/printk", "7");
	poke("/proc/sys/debug/exception-trace", "0");
}

/* Runs in a child: the least that a userspace must be able to do. */
static int smoke(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	long want = atol(option("xenpv.cpus", "0"));
	long mem = sysconf(_SC_PHYS_PAGES) / 256;
	char text[64] = "";
	struct timespec nap = { 0, 20000000 };
	struct utsname un;
	unsigned long long t0 = now_ns();
	int fd = open("/tmp/smoke", O_RDWR | O_CREAT, 0600);

	uname(&un);
	nanosleep(&nap, NULL);
	if (fd < 0 || write(fd, un.release, 8) != 8 ||
	    pread(fd, text, 8, 0) != 8 || memcmp(text, un.release, 8))
		return printf("not ok 1 smoke - a file in /tmp: %s\n", strerror(errno)), 1;
	if (now_ns() - t0 < 20000000)
		return puts("not ok 1 smoke - nanosleep came back early"), 1;
	if (want && cpus != want)
		return printf("not ok 1 smoke - %ld CPUs online, not %ld\n", cpus, want), 1;
	printf("ok 1 smoke - %s, %ld CPUs, %ld MiB\n", un.release, cpus, mem);
	return 0;
}

static int start(const char *item, int *out)
{
	char path[128];
	int p[2], pid;

	if (pipe(p))
		return -1;
	pid = fork();
	if (pid == 0) {
		setsid();
		dup2(p[1], 1);
		dup2(p[1], 2);
		close(p[0]);
		close(p[1]);
		if (!strcmp(item, "smoke")) {
			int code = smoke();

			fflush(stdout);
			_exit(code);
		}
		snprintf(path, sizeof(path), "/items/%s", item);
		if (chdir("/tmp") == 0)
			execl(path, item, (char *)NULL);
		printf("not ok 1 %s - cannot run %s: %s\n", item, path, strerror(errno));
		fflush(stdout);
		_exit(1);
	}
	close(p[1]);
	*out = p[0];
	return pid;
}

/* Keep "- text" of the program's own verdict line. */
static void keep_detail(const char *line, char *detail, size_t size)
{
	const char *dash;

	if (strncmp(line, "ok ", 3) && strncmp(line, "not ok ", 7))
		return;
	dash = strstr(line, " - ");
	if (!dash)
		dash = strstr(line, " # ");
	if (dash)
		snprintf(detail, size, "%s", dash + 3);
}

/* Echo the program's lines until it closes its output; 0 if time ran out. */
static int follow(int fd, unsigned long long deadline, char *detail, size_t size)
{
	char line[900];
	size_t len = 0;

	for (;;) {
		struct pollfd pfd = { fd, POLLIN, 0 };
		long long left = (long long)(deadline - now_ns()) / 1000000;
		ssize_t n;
		char c;

		if (left <= 0 || poll(&pfd, 1, left) == 0)
			return 0;
		n = read(fd, &c, 1);
		if (n == 0)
			return 1;
		if (n < 0)
			continue;
		if (c != '\n')
			line[len++] = c;
		if (c == '\n' || len == sizeof(line) - 1) {
			line[len] = 0;
			keep_detail(line, detail, size);
			say("%s", line);
			len = 0;
		}
	}
}

static void reap(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void run_item(const char *item)
{
	long limit = atol(option("xenpv.timeout", "300"));
	unsigned long long t0 = now_ns();
	char detail[512] = "", line[700];
	int status = 0, fd = -1, pid, done;
	const char *what = "FAIL";

	say("XENPV-ITEM %s", item);
	pid = start(item, &fd);
	if (pid < 0) {
		verdict(item, "FAIL", "fork failed");
		return;
	}
	done = follow(fd, t0 + limit * 1000000000ULL, detail, sizeof(detail));
	close(fd);
	if (!done) {
		snprintf(detail, sizeof(detail), "no end within %ld s", limit);
		poke("/proc/sysrq-trigger", "w");
		poke("/proc/sysrq-trigger", "l");
		kill(pid, SIGKILL);
	}
	waitpid(pid, &status, 0);
	reap();
	if (done && WIFSIGNALED(status))
		snprintf(detail, sizeof(detail), "died by signal %d", WTERMSIG(status));
	else if (done && WEXITSTATUS(status) == CODE_SKIP)
		what = "skip";
	else if (done && WEXITSTATUS(status) == 0)
		what = "ok";
	snprintf(line, sizeof(line), "%s (%llu ms)", detail, (now_ns() - t0) / 1000000);
	verdict(item, what, line);
}

/* The kernel's own log since boot must hold nothing of the kind. */
static void check_log(void)
{
	static const char * const bad[] = {
		"WARNING:", "BUG:", "BUG at", "Oops", "Call Trace", "INFO: possible",
		"INFO: suspicious", "INFO: task", "KASAN", "stack guard", "detected stall",
		"bad page", "unchecked MSR", "Bad rss-counter", "general protection fault, ",
	};
	static char text[1 << 20];
	char taint[32] = "0", found[200] = "";
	int n = klogctl(3, text, sizeof(text) - 1);
	size_t i;

	if (n < 0) {
		verdict("log", "skip", "the kernel has no log");
		return;
	}
	text[n] = 0;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]) && !found[0]; i++) {
		char *p = strstr(text, bad[i]), *q = p;

		while (q && q > text && q[-1] != '\n')
			q--;
		if (p)
			snprintf(found, sizeof(found), "%.*s", (int)strcspn(q, "\n"), q);
	}
	slurp("/proc/sys/kernel/tainted", taint, sizeof(taint));
	if (!found[0] && atol(taint) & ~(1L | 1L << 12 | 1L << 13 | 1L << 18))
		snprintf(found, sizeof(found), "tainted: %ld", atol(taint));
	verdict("log", found[0] ? "FAIL" : "ok", found[0] ? found : "clean");
}

static void run_list(char *list, int depth)
{
	char *save = NULL, *item;

	for (item = strtok_r(list, ", \t\n", &save); item;
	     item = strtok_r(NULL, ", \t\n", &save)) {
		char path[128], group[4096];

		snprintf(path, sizeof(path), "/items/%s.group", item);
		if (!strcmp(item, "log"))
			continue;
		if (depth < 3 && slurp(path, group, sizeof(group)) > 0)
			run_list(group, depth + 1);
		else
			run_item(item);
	}
}

static void finish(void)
{
	const char *end = option("xenpv.end", "poweroff");

	say("XENPV-DONE %d", nr_verdicts);
	sync();
	while (!strcmp(end, "hold"))
		pause();
	reboot(!strcmp(end, "reboot") ? RB_AUTOBOOT :
	       !strcmp(end, "halt") ? RB_HALT_SYSTEM : RB_POWER_OFF);
	say("init: power off came back: %s", strerror(errno));
	for (;;)
		pause();
}

int main(void)
{
	unsigned long long t = now_ns();
	char items[1024];

	if (getpid() != 1) {
		fprintf(stderr, "init: I am PID 1 of a test kernel, nothing else\n");
		return 1;
	}
	mount_all();
	say("BENCH boot-to-init %llu", t);
	setenv("XENPV_SCALE", option("xenpv.scale", "1"), 1);
	setenv("XENPV_SEED", option("xenpv.seed", "1"), 1);
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin:/items", 1);
	snprintf(items, sizeof(items), "%s", option("xenpv.items", "smoke"));
	run_list(items, 0);
	check_log();
	finish();
}
