// SPDX-License-Identifier: GPL-2.0-only
/*
 * EFI of the machine, through Xen: its tables were found, and its variables can be listed,
 * made, read, changed and removed. A test variable of its own GUID; nothing else is touched.
 */
#include "xt.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define VARS "/tmp/efivars"
#define MINE VARS "/XenpvTest-7c1f3a52-9d0e-4b1c-8a55-0f6e2d4b9c10"
#define NON_VOLATILE_BOOT_RUNTIME 7
#define ROUNDS 20

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY), n;

	xt_check(fd >= 0, "%s: %s", path, strerror(errno));
	n = read(fd, text, size - 1);
	xt_check(n > 0, "%s: %s", path, strerror(errno));
	close(fd);
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
}

static int count_variables(void)
{
	DIR *dir = opendir(VARS);
	struct dirent *d;
	int nr = 0;

	xt_check(dir, VARS ": %s", strerror(errno));
	while ((d = readdir(dir)))
		nr += d->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/* The kernel guards variables that it does not know against removal. */
static void allow_changes(void)
{
	int fd = open(MINE, O_RDONLY), flags = 0;

	if (fd < 0)
		return;
	if (!ioctl(fd, FS_IOC_GETFLAGS, &flags) && flags & FS_IMMUTABLE_FL) {
		flags &= ~FS_IMMUTABLE_FL;
		xt_check(!ioctl(fd, FS_IOC_SETFLAGS, &flags), "flags: %s", strerror(errno));
	}
	close(fd);
}

static void write_variable(int round, size_t len)
{
	u8 data[4 + 1024] = { NON_VOLATILE_BOOT_RUNTIME };
	int fd;

	for (size_t i = 0; i < len; i++)
		data[4 + i] = round * 13 + i;
	allow_changes();
	fd = open(MINE, O_WRONLY | O_CREAT, 0644);
	xt_check(fd >= 0, "round %d: create: %s", round, strerror(errno));
	xt_check(write(fd, data, 4 + len) == (ssize_t)(4 + len), "round %d: write: %s", round,
		 strerror(errno));
	close(fd);
}

static void read_variable(int round, size_t len)
{
	u8 data[4 + 2048];
	int fd = open(MINE, O_RDONLY);
	ssize_t n;

	xt_check(fd >= 0, "round %d: open: %s", round, strerror(errno));
	n = read(fd, data, sizeof(data));
	close(fd);
	xt_check(n == (ssize_t)(4 + len), "round %d: %zd bytes, not %zu", round, n, 4 + len);
	xt_check(data[0] == NON_VOLATILE_BOOT_RUNTIME, "round %d: attributes %u", round, data[0]);
	for (size_t i = 0; i < len; i++)
		xt_check(data[4 + i] == (u8)(round * 13 + i), "round %d: byte %zu differs",
			 round, i);
}

int main(void)
{
	char vendor[100], size[20];
	int before;

	xt_start("hw_efi" XT_BITS);
	if (access("/sys/firmware/efi", F_OK))
		xt_skip("this machine was not started by EFI, or the kernel does not say so");
	read_text("/sys/firmware/efi/fw_platform_size", size, sizeof(size));
	xt_check(!strcmp(size, "64"), "platform of %s bits", size);
	read_text("/sys/firmware/efi/systab", vendor, sizeof(vendor));
	mkdir(VARS, 0755);
	xt_check(!mount("efivarfs", VARS, "efivarfs", 0, NULL), "efivarfs: %s", strerror(errno));
	before = count_variables();
	xt_check(before > 5, "only %d variables", before);
	for (int round = 0; round < ROUNDS; round++) {
		size_t len = round * 53 % 1000 + 1;

		write_variable(round, len);
		read_variable(round, len);
	}
	allow_changes();
	xt_check(!unlink(MINE), "remove: %s", strerror(errno));
	xt_check(count_variables() == before, "%d variables, %d before", count_variables(), before);
	umount(VARS);
	xt_pass("%s; %d variables, one more written %d times and removed", vendor, before, ROUNDS);
}
