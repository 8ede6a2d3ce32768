// SPDX-License-Identifier: GPL-2.0-only
/*
 * The power button: the lab presses it when it reads XENPV-PRESS on the console, and the
 * key must arrive. It comes by the interrupt of ACPI, a level-triggered line.
 */
#include "xt.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <sys/ioctl.h>

#define PRESSES 3
#define WAIT_MS 20000

/* A power button that is an input device; -1 if there is none. */
static int open_button(void)
{
	DIR *dir = opendir("/dev/input");
	struct dirent *d;
	char path[300], name[100];
	int found = -1;

	while (dir && found < 0 && (d = readdir(dir))) {
		if (strncmp(d->d_name, "event", 5))
			continue;
		snprintf(path, sizeof(path), "/dev/input/%s", d->d_name);
		found = open(path, O_RDONLY);
		if (found >= 0 && ioctl(found, EVIOCGNAME(sizeof(name)), name) > 0 &&
		    !strcmp(name, "Power Button"))
			break;
		close(found);
		found = -1;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void wait_for_key(int fd, int press)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct input_event ev = { 0 };

	xt_say("XENPV-PRESS power");
	do {
		xt_check(poll(&p, 1, WAIT_MS) == 1, "press %d: no key in %d ms", press, WAIT_MS);
		xt_check(read(fd, &ev, sizeof(ev)) == sizeof(ev), "read: %s", strerror(errno));
	} while (ev.type != EV_KEY || ev.code != KEY_POWER || ev.value != 1);
}

int main(void)
{
	int fd;

	xt_start("hw_button" XT_BITS);
	fd = open_button();
	if (fd < 0)
		xt_skip("this machine has no power button");
	for (int i = 0; i < PRESSES; i++)
		wait_for_key(fd, i + 1);
	xt_pass("pressed %d times, each key came", PRESSES);
}
