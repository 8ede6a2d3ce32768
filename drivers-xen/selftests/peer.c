// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts a run of the kernel's peer test and says what came of it. The role is in
 * the program's name: peer_costs, peer_vcpus, peer_lend, peer_borrow. What else
 * the role needs stands on the kernel's command line or is the first argument:
 *
 *	xenpv.peer=peer=2,port=9,ref=8
 */
#include "xt.h"
#include <fcntl.h>

#define FILE_NAME "/sys/kernel/debug/xenpv/peertest"
#define ROUNDS 100000

static char line[300], text[4096];

static void slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	n = read(fd, buf, size - 1);
	xt_check(n >= 0, "%s: %s", path, strerror(errno));
	buf[n] = 0;
	close(fd);
}

/* Key words, separated by commas, up to a space. */
static void add_keys(const char *keys)
{
	size_t at = strlen(line);

	line[at++] = ' ';
	for (; *keys && *keys != ' ' && *keys != '\n' && at < sizeof(line) - 1; keys++)
		line[at++] = *keys == ',' ? ' ' : *keys;
	line[at] = 0;
}

static void add_keys_of_boot(void)
{
	char *found;

	slurp("/proc/cmdline", text, sizeof(text));
	found = strstr(text, "xenpv.peer=");
	if (found)
		add_keys(found + strlen("xenpv.peer="));
}

static void run(void)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		xt_skip("no %s: not under Xen, or no CONFIG_XENPV_PEER_TEST", FILE_NAME);
	xt_check(write(fd, line, strlen(line)) == (ssize_t)strlen(line), "'%s': %s", line,
		 strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	const char *role = strchr(name, '_');
	char *save = NULL, *p;

	xt_start(name);
	if (!role)
		xt_skip("call it by the name of a role, as peer_vcpus");
	if (!strcmp(role, "_vcpus") && xt_cpus() < 2)
		xt_skip("needs two CPUs");
	snprintf(line, sizeof(line), "%s rounds=%ld seed=%lu", role + 1, xt_count(ROUNDS),
		 xt_seed);
	if (argc > 1)
		add_keys(argv[1]);
	else
		add_keys_of_boot();
	run();
	slurp(FILE_NAME, text, sizeof(text));
	for (p = strtok_r(text, "\n", &save); p; p = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(p, "ok ", 3))
			xt_pass("%s", p + 3);
		if (!strncmp(p, "FAIL ", 5))
			xt_fail("%s", p + 5);
		xt_say("%s", p);
	}
	xt_fail("the kernel did not say what came of '%s'", line);
}
