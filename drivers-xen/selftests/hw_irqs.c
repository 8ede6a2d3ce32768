// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices that the other hw programs used interrupt by message, and on more than
 * one CPU where there is more than one queue. Moving an interrupt to another CPU moves
 * where it comes. Run after them.
 */
#include "xt.h"

#include <fcntl.h>

#define NR_MAX 64

struct line {
	int irq;
	u64 count;
	char name[40];
};

/* Lines of /proc/interrupts whose chip is ours for messages. */
static int read_lines(struct line *lines)
{
	FILE *f = fopen("/proc/interrupts", "r");
	int nr = 0, cpus = xt_cpus();
	char text[4096];

	xt_check(f, "/proc/interrupts: %s", strerror(errno));
	while (nr < NR_MAX && fgets(text, sizeof(text), f)) {
		char *p = text, *last;
		int irq = strtol(p, &p, 10);

		if (*p++ != ':' || !strstr(p, "xenpv-msi"))
			continue;
		lines[nr].irq = irq;
		lines[nr].count = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			lines[nr].count += strtoull(p, &p, 10);
		last = strrchr(p, ' ');
		snprintf(lines[nr].name, sizeof(lines[nr].name), "%.39s", last ? last + 1 : "");
		lines[nr].name[strcspn(lines[nr].name, "\n")] = 0;
		nr++;
	}
	fclose(f);
	return nr;
}

/* True if the kernel let it be moved there, and says so. */
static int move(int irq, int cpu)
{
	char path[60], text[20] = "";
	int fd, n;

	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list", irq);
	fd = open(path, O_RDWR);
	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	n = snprintf(text, sizeof(text), "%d\n", cpu);
	/* Interrupts that a driver spreads by itself are not for us to move. */
	if (write(fd, text, n) != n) {
		xt_check(errno == EIO || errno == EPERM, "%s: %s", path, strerror(errno));
		close(fd);
		return 0;
	}
	close(fd);
	snprintf(path, sizeof(path), "/proc/irq/%d/effective_affinity_list", irq);
	fd = open(path, O_RDONLY);
	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	xt_check(n > 0 && atoi(text) == cpu, "interrupt %d moved to %d is at %d", irq, cpu,
		 atoi(text));
	return 1;
}

int main(void)
{
	struct line lines[NR_MAX];
	int nr, moved = 0, cpus = xt_cpus();
	u64 total = 0;

	xt_start("hw_irqs" XT_BITS);
	nr = read_lines(lines);
	if (!nr)
		xt_skip("no device interrupts by message");
	for (int i = 0; i < nr; i++) {
		xt_say("# irq %d %s: %llu", lines[i].irq, lines[i].name,
		       (unsigned long long)lines[i].count);
		total += lines[i].count;
		for (int cpu = 0; cpu < cpus; cpu++)
			moved += move(lines[i].irq, cpu);
	}
	xt_check(total, "%d interrupts by message, and none ever came", nr);
	xt_check(cpus == 1 || moved, "no interrupt could be moved");
	xt_pass("%d interrupts came %llu times, moved %d times", nr, (unsigned long long)total,
		moved);
}
