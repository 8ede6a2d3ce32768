// SPDX-License-Identifier: GPL-2.0-only
/* /dev/xen/evtchn: every request, every error, restriction, fork and close, many ports. */
#include "xu.h"

static int fd;

static void hear(unsigned int ends[2])
{
	struct pollfd p = { fd, POLLIN, 0 };
	unsigned int port;

	xu_true(poll(&p, 1, 0) == 0);
	xu_ok(xu_notify(fd, ends[0]));
	xu_true(xu_wait_port(fd, 1000) == ends[1]);
	/* Not again before it is written. */
	xu_ok(xu_notify(fd, ends[0]));
	xu_true(xu_wait_port(fd, 50) == 0);
	xu_true(write(fd, &ends[1], 4) == 4);
	xu_true(xu_wait_port(fd, 1000) == ends[1]);
	xu_true(write(fd, &ends[1], 4) == 4);
	xu_true(xu_wait_port(fd, 50) == 0);
	/* The other way. */
	xu_ok(xu_notify(fd, ends[1]));
	xu_true(xu_wait_port(fd, 1000) == ends[0]);
	port = ends[0];
	xu_true(write(fd, &port, 4) == 4);
}

static void reads(unsigned int ends[2])
{
	int flags = xu_ok(fcntl(fd, F_GETFL));
	unsigned int buf[4];
	pid_t pid;

	xu_ok(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	xu_err(read(fd, buf, sizeof(buf)), EAGAIN);
	xu_ok(fcntl(fd, F_SETFL, flags));
	xu_true(read(fd, buf, 0) == 0);
	xu_true(read(fd, buf, 3) == 0);
	xu_true(write(fd, buf, 3) == 0);
	/* A child sends while we wait. */
	pid = xt_fork();
	if (pid == 0) {
		usleep(50000);
		xu_ok(xu_notify(fd, ends[0]));
		_exit(0);
	}
	xu_true(read(fd, buf, sizeof(buf)) == 4 && buf[0] == ends[1]);
	xt_wait(pid);
	/* What could not be read is not lost. */
	xu_true(write(fd, &ends[1], 4) == 4);
	xu_ok(xu_notify(fd, ends[0]));
	usleep(20000);
	xu_err(read(fd, (void *)8, 4), EFAULT);
	xu_true(xu_wait_port(fd, 1000) == ends[1]);
	xu_err(write(fd, (void *)8, 4), EFAULT);
	/* Strange ports are nothing. */
	buf[0] = 0;
	buf[1] = ~0U;
	buf[2] = ends[1];
	xu_true(write(fd, buf, 12) == 12);
	xu_err(lseek(fd, 0, SEEK_SET), ESPIPE);
}

static volatile int signals;

static void on_io(int sig, siginfo_t *si, void *ctx)
{
	signals++;
}

static void asynchronous(unsigned int ends[2])
{
	int flags = xu_ok(fcntl(fd, F_GETFL));

	xt_handle(SIGIO, on_io, SA_RESTART);
	xu_ok(fcntl(fd, F_SETOWN, getpid()));
	xu_ok(fcntl(fd, F_SETFL, flags | O_ASYNC));
	xu_ok(xu_notify(fd, ends[0]));
	for (int i = 0; i < 100 && !signals; i++)
		usleep(10000);
	xu_true(signals == 1);
	xu_ok(fcntl(fd, F_SETFL, flags));
	xu_true(xu_wait_port(fd, 1000) == ends[1]);
	xu_true(write(fd, &ends[1], 4) == 4);
}

static void resets(unsigned int ends[2])
{
	xu_ok(xu_notify(fd, ends[0]));
	usleep(20000);
	xu_ok(ioctl(fd, IOCTL_EVTCHN_RESET, 0));
	xu_true(xu_wait_port(fd, 20) == 0);
	xu_true(write(fd, &ends[1], 4) == 4);
	xu_ok(xu_notify(fd, ends[0]));
	xu_true(xu_wait_port(fd, 1000) == ends[1]);
	xu_true(write(fd, &ends[1], 4) == 4);
}

static void errors(unsigned int ends[2])
{
	struct ioctl_evtchn_bind_virq virq = { 1000 };
	struct ioctl_evtchn_bind again = { ends[0] };
	int other = xu_again("evtchn");

	xu_err(xu_unbind(fd, ~0U), EINVAL);
	xu_err(xu_unbind(fd, 0), ENOTCONN);
	xu_err(xu_unbind(other, ends[0]), ENOTCONN);
	xu_err(xu_notify(fd, ~0U), ENOTCONN);
	xu_err(xu_notify(other, ends[0]), ENOTCONN);
	xu_err(xu_bind_interdomain(fd, DOMID_SELF, ends[0]), EINVAL);
	xu_err(xu_bind_interdomain(fd, DOMID_SELF, 100000), EINVAL);
	xu_err(xu_bind_interdomain(fd, 32000, 1), ESRCH);
	xu_err(ioctl(fd, IOCTL_EVTCHN_BIND_VIRQ, &virq), EINVAL);
	xu_err(ioctl(fd, IOCTL_EVTCHN_BIND_STATIC, &again), EISCONN);
	xu_err(ioctl(fd, IOCTL_EVTCHN_BIND_VIRQ, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_EVTCHN_UNBIND, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_EVTCHN_NOTIFY, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_EVTCHN_RESTRICT_DOMID, 8), EFAULT);
	xu_err(ioctl(fd, 0x1234, 0), ENOSYS);
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), ENODEV);
	close(other);
}

static int restrict_to(int which, domid_t domid)
{
	struct ioctl_evtchn_restrict_domid r = { domid };

	return ioctl(which, IOCTL_EVTCHN_RESTRICT_DOMID, &r);
}

static void restricted(void)
{
	struct ioctl_evtchn_bind_virq virq = { 2 };
	int other = xu_again("evtchn"), port;

	port = xu_ok(xu_bind_unbound(other, DOMID_SELF));
	xu_err(restrict_to(other, 0), EINVAL);
	xu_err(restrict_to(other, DOMID_SELF), EINVAL);
	xu_ok(restrict_to(other, 1234));
	xu_err(restrict_to(other, 1235), EACCES);
	xu_err(restrict_to(other, 1234), EACCES);
	xu_err(xu_bind_unbound(other, DOMID_SELF), EACCES);
	xu_err(xu_bind_unbound(other, 1235), EACCES);
	xu_err(xu_bind_interdomain(other, DOMID_SELF, 1), EACCES);
	xu_err(ioctl(other, IOCTL_EVTCHN_BIND_VIRQ, &virq), EACCES);
	xu_err(xu_bind_interdomain(other, 1234, 1), ESRCH);
	/* What it had before stays. */
	xu_ok(xu_notify(other, port));
	xu_ok(xu_unbind(other, port));
	close(other);
}

/* A child has the file, too: its last user closes the ports. */
static void forks_and_closes(void)
{
	int one = xu_again("evtchn"), pipes[2];
	unsigned int ends[2];
	pid_t pid;
	char c;

	xu_pair(one, one, ends);
	xu_ok(pipe(pipes));
	pid = xt_fork();
	if (pid == 0) {
		xu_true(read(pipes[0], &c, 1) == 1);
		xu_ok(xu_notify(one, ends[0]));
		xu_true(xu_wait_port(one, 1000) == ends[1]);
		_exit(0);
	}
	close(one);
	/* They are not free yet. */
	xu_err(xu_bind_interdomain(fd, DOMID_SELF, ends[0]), EINVAL);
	xu_true(write(pipes[1], "x", 1) == 1);
	xt_wait(pid);
	close(pipes[0]);
	close(pipes[1]);

	/* One end is closed: the other lives on and talks to nobody. */
	one = xu_again("evtchn");
	xu_pair(fd, one, ends);
	close(one);
	xu_ok(xu_notify(fd, ends[0]));
	xu_ok(xu_unbind(fd, ends[0]));
}

static void many(void)
{
	enum { NR = 300 };
	static unsigned int ends[NR][2], got[2 * NR];
	int one = xu_again("evtchn");
	int seen = 0;

	for (int i = 0; i < NR; i++) {
		ends[i][0] = xu_ok(xu_bind_unbound(one, DOMID_SELF));
		ends[i][1] = xu_ok(xu_bind_interdomain(fd, DOMID_SELF, ends[i][0]));
	}
	for (int i = 0; i < NR; i++)
		xu_ok(xu_notify(one, ends[i][0]));
	while (seen < NR) {
		ssize_t n = xu_ok(read(fd, got, sizeof(got)));

		xu_true(n > 0 && n % 4 == 0);
		seen += n / 4;
		xu_true(seen <= NR);
	}
	for (int i = 0; i < NR; i++)
		xu_ok(xu_unbind(fd, ends[i][1]));
	xu_true(xu_wait_port(fd, 20) == 0);
	close(one);
}

/* Any request with any number: what matters is what the kernel thinks of it later. */
static void at_random(long count)
{
	u64 rng = xt_rng(1);
	int one = xu_again("evtchn");
	unsigned int ports[16] = { 0 }, port;

	xu_ok(fcntl(one, F_SETFL, O_RDWR | O_NONBLOCK));
	for (long i = 0; i < count; i++) {
		unsigned int *p = &ports[xt_rand(&rng) % ARRAY_SIZE(ports)];
		int ret;

		switch (xt_rand(&rng) % 9) {
		case 0:
			ret = xu_bind_unbound(one, xt_rand(&rng) % 4 ? DOMID_SELF : xt_rand(&rng));
			if (ret > 0)
				*p = ret;
			break;
		case 1:
			ret = xu_bind_interdomain(one, DOMID_SELF, *p);
			p = &ports[xt_rand(&rng) % ARRAY_SIZE(ports)];
			if (ret > 0)
				*p = ret;
			break;
		case 2:
			xu_unbind(one, xt_rand(&rng) % 4 ? *p : xt_rand(&rng));
			break;
		case 3:
		case 4:
			xu_notify(one, *p);
			break;
		case 5:
			ret = read(one, &port, 4);
			break;
		case 6:
			ret = write(one, p, 4);
			break;
		case 7:
			ioctl(one, IOCTL_EVTCHN_RESET, 0);
			break;
		case 8:
			if (xt_rand(&rng) % 50)
				break;
			close(one);
			one = xu_again("evtchn");
			xu_ok(fcntl(one, F_SETFL, O_RDWR | O_NONBLOCK));
			break;
		}
	}
	close(one);
}

int main(void)
{
	long count;
	unsigned int ends[2];

	xt_start("user_evtchn");
	fd = xu_open("evtchn");
	count = xt_count(10000);
	xu_root_only("evtchn");
	xu_pair(fd, fd, ends);
	hear(ends);
	reads(ends);
	asynchronous(ends);
	resets(ends);
	errors(ends);
	restricted();
	forks_and_closes();
	many();
	at_random(count);
	hear(ends);
	close(fd);
	xt_pass("%d checks, %ld random requests", xu_checks, count);
}
