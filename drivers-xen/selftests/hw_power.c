// SPDX-License-Identifier: GPL-2.0-only
/*
 * The power tables of firmware reach Xen: the kernel says for how many processors. On the
 * lab's machine that is each of Xen's, also those that this domain has no vCPU for.
 */
#include "xt.h"
#include <dirent.h>
#include <fcntl.h>

#define TABLES	"/sys/firmware/acpi/tables"
#define CPUS	"/sys/devices/system/xen_cpu"
#define SAYS	"xenpv: power: of "

static int count_cpus(void)
{
	DIR *dir = opendir(CPUS);
	struct dirent *d;
	int n = 0;

	while (dir && (d = readdir(dir)))
		n += !strncmp(d->d_name, "xen_cpu", 7);
	if (dir)
		closedir(dir);
	return n;
}

/* Has the lab put in its table? */
static int is_lab(void)
{
	DIR *dir = opendir(TABLES);
	struct dirent *d;
	char path[300], head[36];
	int found = 0;

	while (dir && (d = readdir(dir))) {
		int fd;

		if (strncmp(d->d_name, "SSDT", 4))
			continue;
		snprintf(path, sizeof(path), TABLES "/%s", d->d_name);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head))
			found |= !memcmp(head + 16, "XENPVLAB", 8);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}

int main(void)
{
	unsigned int all = 0, idle = 0, speed = 0, lines = 0;
	char line[1000], *at;
	int fd, cpus;
	ssize_t n;

	xt_start("hw_power" XT_BITS);
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	xt_check(fd >= 0, "/dev/kmsg: %s", strerror(errno));
	while ((n = read(fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[n > 0 ? n : 0] = 0;
		at = strstr(line, SAYS);
		if (at && sscanf(at + strlen(SAYS),
				 "%u processors Xen got idle states of %u, speeds of %u",
				 &all, &idle, &speed) == 3)
			lines++;
	}
	cpus = count_cpus();
	if (!lines && !is_lab())
		xt_skip("no power tables reached Xen");
	if (is_lab())
		xt_check((int)all == cpus && (int)idle == cpus && (int)speed == cpus,
			 "%d CPUs, %u processors, idle states of %u, speeds of %u",
			 cpus, all, idle, speed);
	xt_check(idle <= all && speed <= all && (int)all <= cpus, "%d CPUs, %u processors, %u, %u",
		 cpus, all, idle, speed);
	xt_pass("of %d CPUs Xen has idle states of %u, speeds of %u", cpus, idle, speed);
}
