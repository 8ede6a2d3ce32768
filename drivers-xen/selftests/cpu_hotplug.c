// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes CPUs off and puts them back under load; an offline CPU must run nothing, so
 * its count of soft interrupts stands still, and a CPU that came back must run pinned
 * work and its timer.
 */
#include "xt.h"
#include <fcntl.h>
#include <sys/utsname.h>

/* What separates the words of a file in /proc. */
#define BLANKS "\n\t "

static int put(const char *format, int cpu, const char *text)
{
	char path[80];
	int fd, r;

	snprintf(path, sizeof(path), format, cpu);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	r = write(fd, text, 1) == 1 ? 0 : -1;
	close(fd);
	return r;
}

static int control(int cpu, const char *text)
{
	return put("/sys/devices/system/cpu/cpu%d/online", cpu, text);
}

/*
 * Stable kernels of 6.12 stop the fair server of a CPU that goes off, whether it
 * runs or not (dl_server_stop() in kernel/sched/deadline.c does not look), and
 * then find their accounting wrong.  Without a runtime there is no server.
 */
static void no_fair_server(int cpus)
{
	struct utsname name;

	if (uname(&name) || strncmp(name.release, "6.12.", 5))
		return;
	for (int cpu = 0; cpu < cpus; cpu++)
		put("/sys/kernel/debug/sched/fair_server/cpu%d/runtime", cpu, "0");
}

static void load(int n)
{
	u64 rng = xt_rng(n);

	for (;;) {
		char *p = xt_map(64 * 4096);
		pid_t pid;

		for (int i = 0; i < 64; i++)
			p[i * 4096] = xt_rand(&rng);
		pid = xt_fork();
		if (pid == 0)
			_exit(p[4096] & 1);
		waitpid(pid, NULL, 0);
		munmap(p, 64 * 4096);
		if (xt_rand(&rng) % 4 == 0)
			usleep(1000);
	}
}

/*
 * How many soft interrupts a CPU has handled.  Other accounts leave out CPUs that are
 * offline; this one has a column for each that there could be.
 */
static unsigned long long softirqs(int cpu)
{
	char line[4096], name[16], *p;
	unsigned long long sum = 0;
	int column = -1, rows = 0;
	FILE *f = fopen("/proc/softirqs", "r");

	xt_check(f, "/proc/softirqs: %s", strerror(errno));
	snprintf(name, sizeof(name), "CPU%d", cpu);
	xt_check(fgets(line, sizeof(line), f), "/proc/softirqs is empty");
	p = strtok(line, BLANKS);
	for (int i = 0; p; i++, p = strtok(NULL, BLANKS))
		if (!strcmp(p, name))
			column = i;
	xt_check(column >= 0, "/proc/softirqs has no %s", name);
	for (; fgets(line, sizeof(line), f); rows++) {
		/* What it is comes first. */
		p = strtok(line, BLANKS);
		for (int i = 0; p && i <= column; i++)
			p = strtok(NULL, BLANKS);
		xt_check(p, "/proc/softirqs has a row without %s", name);
		sum += strtoull(p, NULL, 10);
	}
	xt_check(rows, "/proc/softirqs has no rows");
	fclose(f);
	return sum;
}

/* As many ticks as an emulator needs, while the loads run. */
static void stands_still(int cpu)
{
	unsigned long long before = softirqs(cpu), after;

	usleep(50000);
	after = softirqs(cpu);
	xt_check(after == before, "CPU %d is off and handled %llu soft interrupts", cpu,
		 after - before);
}

static void goes_on(int cpu)
{
	unsigned long long before = softirqs(cpu);

	for (int i = 0; i < 200; i++) {
		if (softirqs(cpu) != before)
			return;
		usleep(50000);
	}
	xt_fail("CPU %d is back and handles no soft interrupts", cpu);
}

/* 1 if this process now runs on the CPU and its timer fires there. */
static int runs_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return 0;
	usleep(2000);
	return sched_getcpu() == cpu;
}

static void anywhere(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
}

int main(void)
{
	int cpus = xt_cpus();
	long n, r;
	pid_t loads[2 * cpus];

	xt_start("cpu_hotplug");
	if (cpus < 2)
		xt_skip("one CPU");
	if (access("/sys/devices/system/cpu/cpu1/online", W_OK))
		xt_skip("CPUs cannot be taken off here");
	no_fair_server(cpus);
	for (int i = 0; i < 2 * cpus; i++) {
		loads[i] = xt_fork();
		if (loads[i] == 0)
			load(i);
	}
	n = xt_count(5);
	for (r = 0; r < n; r++) {
		int cpu = 1 + r % (cpus - 1);

		xt_check(!control(cpu, "0"), "CPU %d off (%ld): %s", cpu, r, strerror(errno));
		xt_check(xt_cpus() == cpus - 1, "%d CPUs online after %d went off", xt_cpus(), cpu);
		xt_check(!runs_on(cpu), "CPU %d is off and may run us", cpu);
		stands_still(cpu);
		xt_check(!control(cpu, "1"), "CPU %d on (%ld): %s", cpu, r, strerror(errno));
		xt_check(xt_cpus() == cpus, "%d CPUs online after %d came back", xt_cpus(), cpu);
		xt_check(runs_on(cpu), "CPU %d is back and does not run us", cpu);
		goes_on(cpu);
		anywhere();
	}
	for (int i = 0; i < 2 * cpus; i++) {
		xt_check(waitpid(loads[i], NULL, WNOHANG) == 0, "a load process ended");
		kill(loads[i], SIGKILL);
		waitpid(loads[i], NULL, 0);
	}
	xt_pass("%ld times off and on under %d processes", r, 2 * cpus);
}
