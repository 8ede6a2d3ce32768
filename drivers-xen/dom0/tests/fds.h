/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_TESTS_FDS_H
#define _XENPV_DOM0_TESTS_FDS_H

/* What the suites of eventfds share: files of privcmd, eventfds, and work that waits. */

#include <kunit/test.h>
#include <linux/workqueue.h>
#include "../private.h"

#define TARGET	5
#define OTHER	6

/* A file of privcmd in the control domain, and two pages of memory of a program. */
void fds_start(struct kunit *test);
struct xenpv_privcmd *fds_file(void);
void fds_close(void);
unsigned long fds_memory(void);
long fds_ioctl(unsigned int cmd, const void *arg, size_t size);
long fds_restrict(domid_t domid);

/* An eventfd, closed at the end of the case; its count, which is 0 afterwards. */
int fds_eventfd(struct kunit *test);
void fds_signal(int fd);
u64 fds_count(int fd);
void fds_shut(int fd);

/* Work that is to be done later, NULL if none; and how often something was. */
struct work_struct *fds_later(void);
unsigned int fds_laters(void);

#endif /* _XENPV_DOM0_TESTS_FDS_H */
