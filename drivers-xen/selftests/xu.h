/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs that test /dev/xen share. */
#ifndef XENPV_XU_H
#define XENPV_XU_H

#include "xt.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <xen/interface/xen.h>
#include <xen/evtchn.h>
#include <xen/gntdev.h>
#include <xen/gntalloc.h>
#include <xen/privcmd.h>

#define PAGE	4096UL

/* Newer than the headers of some systems. */
#ifndef IOCTL_EVTCHN_BIND_STATIC
struct ioctl_evtchn_bind {
	unsigned int port;
};
#define IOCTL_EVTCHN_BIND_STATIC	_IOC(_IOC_NONE, 'E', 7, sizeof(struct ioctl_evtchn_bind))
#endif

static int xu_checks;

/* The call must succeed; its value. */
#define xu_ok(call) ({							\
	long _r;							\
	errno = 0;							\
	_r = (long)(call);						\
	xt_check(_r >= 0, "line %d: %s: %s", __LINE__, #call, strerror(errno)); \
	xu_checks++;							\
	_r;								\
})

/* The call must fail, with this errno. */
#define xu_err(call, want) do {						\
	long _r;							\
	errno = 0;							\
	_r = (long)(call);						\
	xt_check(_r == -1 && errno == (want), "line %d: %s: %ld, %s, not %s", __LINE__, \
		 #call, _r, strerror(errno), strerror(want));		\
	xu_checks++;							\
} while (0)

#define xu_true(cond) do {						\
	xt_check(cond, "line %d: %s (%s)", __LINE__, #cond, strerror(errno)); \
	xu_checks++;							\
} while (0)

static inline int xu_open(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/xen/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		xt_skip("%s: %s", path, strerror(errno));
	return fd;
}

static inline int xu_again(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/xen/%s", name);
	return xu_ok(open(path, O_RDWR | O_CLOEXEC));
}

/* Only root may open it. */
static inline void xu_root_only(const char *name)
{
	char path[64];
	struct stat st;
	pid_t pid;

	snprintf(path, sizeof(path), "/dev/xen/%s", name);
	xu_ok(stat(path, &st));
	xu_true(S_ISCHR(st.st_mode) && (st.st_mode & 077) == 0);
	pid = xt_fork();
	if (pid == 0) {
		xu_ok(setuid(65534));
		xu_err(open(path, O_RDWR), EACCES);
		xu_err(open(path, O_RDONLY), EACCES);
		_exit(0);
	}
	xt_wait(pid);
}

static sigjmp_buf xu_back;

static inline void xu_on_fault(int sig, siginfo_t *si, void *ctx)
{
	siglongjmp(xu_back, sig);
}

/* The signal that a read at @p raises, or 0. */
static inline int xu_touch(const volatile void *p)
{
	static int ready;
	int sig;

	if (!ready) {
		xt_handle(SIGSEGV, xu_on_fault, SA_NODEFER);
		xt_handle(SIGBUS, xu_on_fault, SA_NODEFER);
		ready = 1;
	}
	sig = sigsetjmp(xu_back, 1);
	if (sig)
		return sig;
	(void)*(const volatile char *)p;
	return 0;
}

/* A child must not have this memory. */
static inline void xu_not_inherited(const void *p)
{
	pid_t pid = xt_fork();

	if (pid == 0) {
		xu_true(xu_touch(p) == SIGSEGV);
		_exit(0);
	}
	xt_wait(pid);
}

static inline int xu_bind_unbound(int fd, unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port b = { .remote_domain = domid };

	return ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &b);
}

static inline int xu_bind_interdomain(int fd, unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_bind_interdomain b = { domid, port };

	return ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &b);
}

static inline int xu_notify(int fd, unsigned int port)
{
	struct ioctl_evtchn_notify n = { port };

	return ioctl(fd, IOCTL_EVTCHN_NOTIFY, &n);
}

static inline int xu_unbind(int fd, unsigned int port)
{
	struct ioctl_evtchn_unbind u = { port };

	return ioctl(fd, IOCTL_EVTCHN_UNBIND, &u);
}

/* The next port that had an event, within a second; 0 if there is none. */
static inline unsigned int xu_wait_port(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	unsigned int port = 0;

	if (poll(&p, 1, ms) == 1)
		xu_true(read(fd, &port, sizeof(port)) == sizeof(port));
	return port;
}

/* Two ends in this domain; what binding them has raised is read and done. */
static inline void xu_pair(int one, int other, unsigned int ends[2])
{
	unsigned int port;

	ends[0] = xu_ok(xu_bind_unbound(one, DOMID_SELF));
	ends[1] = xu_ok(xu_bind_interdomain(other, DOMID_SELF, ends[0]));
	while ((port = xu_wait_port(other, 20)))
		xu_ok(write(other, &port, sizeof(port)));
	if (one == other)
		return;
	while ((port = xu_wait_port(one, 20)))
		xu_ok(write(one, &port, sizeof(port)));
}

/* How often the event of this name came: the sum of its line in /proc/interrupts. */
static inline unsigned long xu_events(const char *name)
{
	FILE *f = fopen("/proc/interrupts", "r");
	unsigned long n = 0, one;
	char line[2000], *at, *end;

	while (f && fgets(line, sizeof(line), f)) {
		at = strrchr(line, ' ');
		line[strcspn(line, "\n")] = 0;
		if (!at || strcmp(at + 1, name) || !strchr(line, ':'))
			continue;
		at = strchr(line, ':') + 1;
		for (one = strtoul(at, &end, 10); end != at; one = strtoul(at, &end, 10)) {
			n += one;
			at = end;
		}
	}
	if (f)
		fclose(f);
	return n;
}

#endif
