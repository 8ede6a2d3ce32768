// SPDX-License-Identifier: GPL-2.0-only
/* Files of privcmd and eventfds, for the suites of this folder. */

#include <kunit/static_stub.h>
#include <linux/eventfd.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/ptrace.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/self.h>
#include "../../fake/fake.h"
#include "fds.h"

#define MAX_FDS	16

static struct {
	struct file *file;
	unsigned long memory;
	bool control;
	struct file *eventfds[MAX_FDS];
	int numbers[MAX_FDS];
	unsigned int nr;
	struct work_struct *later;
	unsigned int laters;
} fds;

static void later(struct work_struct *work)
{
	fds.later = work;
	fds.laters++;
}

void fds_close(void)
{
	if (fds.file && fds.file->private_data) {
		xenpv_privcmd_fops.release(NULL, fds.file);
		fds.file->private_data = NULL;
	}
}

static void end(void *unused)
{
	fds_close();
	kfree(fds.file);
	for (unsigned int i = 0; i < fds.nr; i++)
		fds_shut(fds.numbers[i]);
	xenpv_self.control = fds.control;
}

void fds_start(struct kunit *test)
{
	memset(&fds, 0, sizeof(fds));
	xenpv_fake_start(test);
	fds.control = xenpv_self.control;
	fds.file = kzalloc_obj(*fds.file);
	KUNIT_ASSERT_NOT_NULL(test, fds.file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
	xenpv_self.control = true;
	kunit_activate_static_stub(test, xenpv_privcmd_later, later);
	fds.memory = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, fds.memory, (unsigned long)-MAX_ERRNO);
	KUNIT_ASSERT_EQ(test, xenpv_privcmd_fops.open(NULL, fds.file), 0);
}

struct xenpv_privcmd *fds_file(void)
{
	return fds.file->private_data;
}

unsigned long fds_memory(void)
{
	return fds.memory;
}

/* The request lies at the end of the second page. */
long fds_ioctl(unsigned int cmd, const void *arg, size_t size)
{
	unsigned long at = fds.memory + 2 * PAGE_SIZE - 256;

	if (copy_to_user((void __user *)at, arg, size))
		return -ENXIO;
	return xenpv_privcmd_fops.unlocked_ioctl(fds.file, cmd, at);
}

long fds_restrict(domid_t domid)
{
	return fds_ioctl(IOCTL_PRIVCMD_RESTRICT, &domid, sizeof(domid));
}

/* There is no way to make one but the system call, which is in no header. */
asmlinkage long __x64_sys_eventfd2(const struct pt_regs *regs);

int fds_eventfd(struct kunit *test)
{
	struct pt_regs regs = { .di = 0, .si = EFD_NONBLOCK | EFD_CLOEXEC };
	int fd;

	KUNIT_ASSERT_LT(test, fds.nr, MAX_FDS);
	fd = __x64_sys_eventfd2(&regs);
	KUNIT_ASSERT_GE(test, fd, 0);
	fds.numbers[fds.nr] = fd;
	fds.eventfds[fds.nr] = fget(fd);
	KUNIT_ASSERT_NOT_NULL(test, fds.eventfds[fds.nr]);
	fds.nr++;
	return fd;
}

static struct file *file_of(int fd)
{
	for (unsigned int i = 0; i < fds.nr; i++)
		if (fds.numbers[i] == fd)
			return fds.eventfds[i];
	return NULL;
}

void fds_signal(int fd)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fileget(file_of(fd));

	eventfd_signal(eventfd);
	eventfd_ctx_put(eventfd);
}

u64 fds_count(int fd)
{
	u64 count = 0;

	return kernel_read(file_of(fd), &count, sizeof(count), NULL) == sizeof(count) ? count : 0;
}

/* Nobody can write to it any more. */
void fds_shut(int fd)
{
	for (unsigned int i = 0; i < fds.nr; i++) {
		if (fds.numbers[i] != fd || !fds.eventfds[i])
			continue;
		close_fd(fd);
		__fput_sync(fds.eventfds[i]);
		fds.eventfds[i] = NULL;
		fds.numbers[i] = -1;
	}
}

struct work_struct *fds_later(void)
{
	struct work_struct *work = fds.later;

	fds.later = NULL;
	return work;
}

unsigned int fds_laters(void)
{
	return fds.laters;
}
