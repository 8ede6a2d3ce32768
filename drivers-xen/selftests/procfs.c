// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accounts of time and interrupts: busy and idle time of each CPU grow as
 * the clock does, stolen time stays plausible, each CPU's interrupts count up.
 */
#include "xt.h"

#define FIELDS 8

struct account {
	unsigned long long f[FIELDS];
};

static int read_stat(struct account *a, int max, unsigned long long *intr)
{
	char line[4096];
	FILE *f = fopen("/proc/stat", "r");
	int n = 0, cpu;

	xt_check(f, "/proc/stat: %s", strerror(errno));
	*intr = 0;
	while (fgets(line, sizeof(line), f)) {
		struct account b = { { 0 } };

		if (strncmp(line, "cpu ", 4) &&
		    sscanf(line, "cpu%d %llu %llu %llu %llu %llu %llu %llu %llu", &cpu, &b.f[0],
			   &b.f[1], &b.f[2], &b.f[3], &b.f[4], &b.f[5], &b.f[6], &b.f[7]) == 9) {
			if (n < max)
				a[n++] = b;
		}
		sscanf(line, "intr %llu", intr);
	}
	fclose(f);
	return n;
}

/* Sum of each CPU's column in /proc/interrupts; the number of columns. */
static int read_interrupts(unsigned long long *sum, int max)
{
	char line[16384], *p;
	FILE *f = fopen("/proc/interrupts", "r");
	int cols = 0;

	xt_check(f, "/proc/interrupts: %s", strerror(errno));
	xt_check(fgets(line, sizeof(line), f), "/proc/interrupts is empty");
	for (p = line; (p = strstr(p, "CPU")); p += 3)
		cols++;
	memset(sum, 0, max * sizeof(*sum));
	while (fgets(line, sizeof(line), f)) {
		p = strchr(line, ':');
		for (int i = 0; p && i < cols && i < max; i++) {
			char *end;
			unsigned long long v = strtoull(p + 1, &end, 10);

			if (end == p + 1)
				break;
			sum[i] += v;
			p = end - 1;
		}
	}
	fclose(f);
	return cols;
}

static void burn(u64 ms)
{
	u64 t = xt_now();

	while (xt_now() - t < ms * 1000000)
		;
}

int main(void)
{
	int cpus = xt_cpus(), n, k;
	struct account a[cpus], b[cpus];
	unsigned long long ia[cpus], ib[cpus], intr_a, intr_b, busy = 0, stolen = 0;
	long hz = sysconf(_SC_CLK_TCK);
	u64 t;

	xt_start("procfs");
	n = read_stat(a, cpus, &intr_a);
	xt_check(n == cpus, "%d cpu lines in /proc/stat, %d CPUs", n, cpus);
	xt_check(read_interrupts(ia, cpus) == cpus, "columns of /proc/interrupts");
	t = xt_now();
	for (int i = 0; i < cpus; i++) {
		xt_pin(i);
		burn(300);
		usleep(100000);
	}
	t = (xt_now() - t) / 1000000;
	read_stat(b, cpus, &intr_b);
	read_interrupts(ib, cpus);
	xt_check(intr_b > intr_a, "no interrupt counted in %llu ms", (unsigned long long)t);
	for (int i = 0; i < cpus; i++) {
		unsigned long long all = 0;

		for (k = 0; k < FIELDS; k++) {
			xt_check(k == 4 || b[i].f[k] >= a[i].f[k],
				 "field %d of CPU %d went back", k, i);
			all += b[i].f[k] - a[i].f[k];
		}
		all = all * 1000 / hz;
		busy += (b[i].f[0] + b[i].f[2] - a[i].f[0] - a[i].f[2]) * 1000 / hz;
		stolen += (b[i].f[7] - a[i].f[7]) * 1000 / hz;
		xt_check(all <= t * 3 / 2 + 300, "CPU %d accounts for %llu ms of %llu", i, all,
			 (unsigned long long)t);
		xt_check(ib[i] > ia[i], "no interrupt counted on CPU %d", i);
	}
	xt_check(busy + stolen >= 100ULL * cpus, "%llu ms busy and %llu ms stolen of %d ms spent",
		 busy, stolen, 300 * cpus);
	xt_pass("%d CPUs, %llu ms: busy %llu ms, stolen %llu ms, %llu interrupts", cpus,
		(unsigned long long)t, busy, stolen, intr_b - intr_a);
}
