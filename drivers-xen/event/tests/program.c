// SPDX-License-Identifier: GPL-2.0-only
/* A program that has /dev/xen/evtchn open. */

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>

#include "harness.h"
#include "program.h"
#include "../user.h"

static void close_file(void *file)
{
	xenpv_event_user_fops.release(NULL, file);
	kfree(file);
}

struct file *program_start(struct kunit *test, unsigned long *memory)
{
	struct file *file;

	event_test_start(test, &xenpv_event_fifo);
	*memory = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, *memory, (unsigned long)-MAX_ERRNO);
	file = kzalloc_obj(*file);
	KUNIT_ASSERT_NOT_NULL(test, file);
	file->f_flags = O_RDWR | O_NONBLOCK;
	KUNIT_ASSERT_EQ(test, xenpv_event_user_fops.open(NULL, file), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_file, file), 0);
	return file;
}
