// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xen/xenbus_backend: what a daemon of the store gets, and who gets nothing. Nothing
 * here becomes the daemon, since this domain has one or will have.
 */
#include "xu.h"

#define GET_PORT	_IOC(_IOC_NONE, 'B', 0, 0)
#define SETUP		_IOC(_IOC_NONE, 'B', 1, 0)

static int running(void)
{
	FILE *f = fopen("/sys/kernel/debug/xenpv/store", "r");
	char line[128] = "";

	if (!f)
		return -1;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return !strncmp(line, "state up", 8);
}

int main(void)
{
	int fd, up;

	xt_start("user_backend");
	fd = xu_open("xenbus_backend");
	xu_root_only("xenbus_backend");
	xu_true(ioctl(fd, GET_PORT, 0) > 0);
	xu_err(ioctl(fd, 0x1234, 0), ENOTTY);
	/* No domains. */
	xu_err(ioctl(fd, SETUP, 0x7ff0), EINVAL);
	xu_err(ioctl(fd, SETUP, 0x7fff), EINVAL);
	xu_err(ioctl(fd, SETUP, 0xffff), EINVAL);
	xu_err(ioctl(fd, SETUP, 0x10001), EINVAL);
	xu_err(ioctl(fd, SETUP, -1L), EINVAL);
	/* Mappings that are none of the daemon's. */
	xu_err(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE), EINVAL);
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	up = running();
	if (up > 0) {
		/* The one that there is stays. */
		unsigned int port = ioctl(fd, GET_PORT, 0);

		xu_err(ioctl(fd, SETUP, 31000), EEXIST);
		xu_true((unsigned int)ioctl(fd, GET_PORT, 0) == port);
	}
	close(fd);
	xt_pass("%d checks, the store is %s", xu_checks,
		up > 0 ? "up" : up < 0 ? "not to be seen" : "not up");
}
