// SPDX-License-Identifier: GPL-2.0-only
/*
 * The physical CPUs that sysfs shows are those that Xen has. Each but the first is
 * stopped and started again, while the others work: Xen, asked past the kernel, says
 * that it is so, and programs go on.
 */
#include "xu.h"
#include <dirent.h>
#include <sys/prctl.h>

#define DIR_NAME	"/sys/devices/system/xen_cpu"
#define PLATFORM_OP	7	/* __HYPERVISOR_platform_op */
#define GET_CPUINFO	55	/* XENPF_get_cpuinfo */
#define ONLINE		1
#define INVALID		2

struct cpuinfo {
	u32 cmd, version;
	u32 cpu, last, flags, apic_id, acpi_id;
	char room[128 - 5 * 4];
};

static int privcmd;
static struct cpuinfo *op;

static u32 ask(u32 cpu)
{
	struct privcmd_hypercall h = { .op = PLATFORM_OP, .arg = { (unsigned long)op } };

	memset(op, 0, sizeof(*op));
	op->cmd = GET_CPUINFO;
	op->version = 0x03000001;
	op->cpu = cpu;
	xu_ok(ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &h));
	return op->flags;
}

static const char *file(u32 cpu)
{
	static char path[100];

	snprintf(path, sizeof(path), DIR_NAME "/xen_cpu%u/online", cpu);
	return path;
}

static int get(u32 cpu)
{
	int fd = xu_ok(open(file(cpu), O_RDONLY));
	char c = 0;

	xu_true(read(fd, &c, 1) == 1 && (c == '0' || c == '1'));
	close(fd);
	return c - '0';
}

/* 0 or an errno. */
static int put(u32 cpu, const char *text)
{
	int fd = xu_ok(open(file(cpu), O_WRONLY));
	int err = write(fd, text, strlen(text)) < 0 ? errno : 0;

	close(fd);
	return err;
}

/* As many directories as Xen has CPUs, with these numbers. */
static int compare(void)
{
	struct dirent *d;
	DIR *dir = opendir(DIR_NAME);
	u32 last, cpu;
	int shown = 0, there = 0;

	if (!dir)
		xt_skip("no " DIR_NAME);
	while ((d = readdir(dir))) {
		if (sscanf(d->d_name, "xen_cpu%u", &cpu) != 1)
			continue;
		shown++;
		xt_check(!(ask(cpu) & INVALID), "CPU %u is shown and not there", cpu);
	}
	closedir(dir);
	for (cpu = 0, last = 0; cpu <= last; cpu++) {
		u32 flags = ask(cpu);

		last = op->last;
		if (flags & INVALID)
			continue;
		there++;
		xt_check(cpu == 0 || get(cpu) == (int)(flags & ONLINE), "CPU %u: Xen says %u",
			 cpu, flags);
	}
	xt_check(shown == there, "%d CPUs shown, Xen has %d", shown, there);
	return there;
}

/* Counts until it is told to stop. */
static pid_t start_work(volatile u64 *count)
{
	pid_t pid = xt_fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pid == 0)
		++*count;
	return pid;
}

static void toggle(u32 cpu)
{
	int err = put(cpu, "0\n");

	xt_check(!err, "CPU %u can't be stopped: %s", cpu, strerror(err));
	xt_check(get(cpu) == 0 && !(ask(cpu) & ONLINE), "CPU %u runs, stopped", cpu);
	err = put(cpu, "1\n");
	xt_check(!err, "CPU %u can't be started: %s", cpu, strerror(err));
	xt_check(get(cpu) == 1 && ask(cpu) & ONLINE, "CPU %u does not run, started", cpu);
}

int main(void)
{
	volatile u64 *counts;
	pid_t work[2];
	long rounds;
	int cpus, buf;

	xt_start("hw_pcpu" XT_BITS);
	privcmd = xu_open("privcmd");
	buf = xu_open("hypercall");
	op = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
	xu_true(op != MAP_FAILED);
	counts = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	xu_true(counts != MAP_FAILED);
	cpus = compare();
	xu_err(open(file(0), O_RDONLY), ENOENT);
	if (cpus < 2)
		xt_pass("%d CPU, as Xen says", cpus);

	for (int i = 0; i < 2; i++)
		work[i] = start_work(&counts[i]);
	for (rounds = 0; xt_more(rounds, xt_count(3)); rounds++) {
		u64 before[2] = { counts[0], counts[1] };

		for (int cpu = 1; cpu < cpus; cpu++)
			toggle(cpu);
		usleep(100000);
		for (int i = 0; i < 2; i++)
			xt_check(counts[i] != before[i], "round %ld: program %d stands", rounds, i);
	}
	for (int i = 0; i < 2; i++) {
		kill(work[i], SIGKILL);
		waitpid(work[i], NULL, 0);
	}
	xt_check(xu_events("pcpu") > 0, "no event came of CPUs that stopped and started");
	xu_true(put(1, "x\n") == EINVAL);
	compare();
	xt_pass("%d CPUs, all but one stopped and started %ld times", cpus, rounds);
}
