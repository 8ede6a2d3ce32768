// SPDX-License-Identifier: GPL-2.0-only
/* /sys/hypervisor and the file system xenfs: what is there, and what it says. */
#include "xu.h"

static char text[8192];

static ssize_t slurp(const char *path)
{
	int fd = xu_ok(open(path, O_RDONLY | O_CLOEXEC));
	ssize_t n = xu_ok(read(fd, text, sizeof(text) - 1));

	text[n] = 0;
	close(fd);
	return n;
}

static void line(const char *name)
{
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/hypervisor/%s", name);
	n = slurp(path);
	/* Xen may have been built without saying by whom, or of what. */
	xu_true(n >= 1 && n <= 4096 && text[n - 1] == '\n' && strlen(text) == (size_t)n);
	text[n - 1] = 0;
	xt_say("# %s: %s", name, text);
}

static void facts(void)
{
	static const char * const names[] = {
		"version/extra", "compilation/compiler", "compilation/compiled_by",
		"compilation/compile_date", "properties/changeset",
		"properties/virtual_start", "properties/features",
	};

	line("type");
	xu_true(!strcmp(text, "xen"));
	line("guest_type");
	xu_true(!strcmp(text, "PV") || !strcmp(text, "PVH") || !strcmp(text, "HVM"));
	line("uuid");
	xu_true(strlen(text) == 36 && text[8] == '-');
	line("version/major");
	xu_true(atoi(text) == 4);
	line("version/minor");
	xu_true(atoi(text) > 0 && atoi(text) < 100);
	line("properties/pagesize");
	xu_true(!strcmp(text, "1000"));
	line("properties/capabilities");
	xu_true(strstr(text, "xen-3.0-x86_64"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		line(names[i]);
	/* 20 bytes, of which some may be 0: no text. */
	xu_true(slurp("/sys/hypervisor/properties/buildid") == 20 || !strcmp(text, "<denied>"));
	line("start_flags/initdomain");
	xu_true(!strcmp(text, "0") || !strcmp(text, "1"));
}

static void symbols(void)
{
	unsigned long long address;
	char type, name[200];
	FILE *f = fopen("/proc/xen/xensyms", "r");
	long nr = 0;

	xu_true(f);
	while (fscanf(f, "%llx %c %199s\n", &address, &type, name) == 3)
		nr++;
	xu_true(feof(f) && nr > 1000);
	xt_say("# %ld symbols", nr);
	fclose(f);
}

int main(void)
{
	struct privcmd_hypercall version = { .op = 17 };
	int control, fd;

	xt_start("user_facts");
	if (access("/sys/hypervisor/type", R_OK))
		xt_skip("/sys/hypervisor/type: %s", strerror(errno));
	facts();
	control = text[0] == '1';
	if (mount("xenfs", "/proc/xen", "xenfs", 0, NULL))
		xt_skip("%d checks; xenfs: %s", xu_checks, strerror(errno));
	slurp("/proc/xen/capabilities");
	xu_true(!strcmp(text, control ? "control_d\n" : ""));
	fd = xu_ok(open("/proc/xen/privcmd", O_RDWR));
	if (control)
		xu_true(ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &version) >= 4 << 16);
	else
		xu_err(ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &version), EPERM);
	close(fd);
	if (control)
		symbols();
	else
		xu_err(open("/proc/xen/xensyms", O_RDONLY), ENOENT);
	xu_ok(umount("/proc/xen"));
	xt_pass("%d checks", xu_checks);
}
