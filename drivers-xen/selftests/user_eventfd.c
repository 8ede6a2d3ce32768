// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eventfds of /dev/xen/privcmd, in the control domain: requests of a guest, which this
 * program plays itself on a page of its own and a port of this domain, signal an eventfd;
 * every error; ends in any order. Interrupts of guests: errors only, as there is none.
 */
#include "xu.h"
#include <sys/eventfd.h>

/* Newer than the headers of some systems. */
#ifndef IOCTL_PRIVCMD_IRQFD
#define PRIVCMD_IRQFD_FLAG_DEASSIGN	1

struct privcmd_irqfd {
	__u64 dm_op;
	__u32 size;
	__u32 fd;
	__u32 flags;
	domid_t dom;
	__u8 pad[2];
};

#define IOCTL_PRIVCMD_IRQFD	_IOW('P', 8, struct privcmd_irqfd)
#endif
#ifndef IOCTL_PRIVCMD_IOEVENTFD
#define PRIVCMD_IOEVENTFD_FLAG_DEASSIGN	1

struct privcmd_ioeventfd {
	__u64 ioreq;
	__u64 ports;
	__u64 addr;
	__u32 addr_len;
	__u32 event_fd;
	__u32 vcpus;
	__u32 vq;
	__u32 flags;
	domid_t dom;
	__u8 pad[2];
};

#define IOCTL_PRIVCMD_IOEVENTFD	_IOW('P', 9, struct privcmd_ioeventfd)
#endif
#ifndef IOCTL_PRIVCMD_PCIDEV_GET_GSI
struct privcmd_pcidev_get_gsi {
	__u32 sbdf;
	__u32 gsi;
};

#define IOCTL_PRIVCMD_PCIDEV_GET_GSI	\
	_IOC(_IOC_NONE, 'P', 10, sizeof(struct privcmd_pcidev_get_gsi))
#endif

/* A slot of xen/interface/hvm/ioreq.h. */
struct ioreq {
	uint64_t addr;
	uint64_t data;
	uint32_t count;
	uint32_t size;
	uint32_t vp_eport;
	uint16_t pad;
	uint8_t state:4, data_is_ptr:1, dir:1, df:1, pad1:1;
	uint8_t type;
};

#define READY		1
#define ANSWERED	3
#define COPY		1
#define BASE		0xfeb00000ULL
#define NOTIFY		(BASE + 0x50)
#define NOBODY		32000

static int privcmd, guest, program;
static unsigned int ends[2];

static int irqfd(int which, domid_t dom, unsigned int fd, unsigned int size, unsigned int flags)
{
	static char op[512];
	struct privcmd_irqfd w = {
		.dm_op = (unsigned long)op, .size = size, .fd = fd, .flags = flags, .dom = dom,
	};

	return ioctl(which, IOCTL_PRIVCMD_IRQFD, &w);
}

static void interrupts(void)
{
	int fd = xu_ok(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), one = xu_again("privcmd"), late;
	uint64_t n = 1;
	domid_t dom = 31000;

	if (irqfd(privcmd, NOBODY, fd, 64, 0) && errno == EOPNOTSUPP)
		xt_skip("no eventfds in this kernel's privcmd");
	/* Xen knows no such domain; that is the log's business and not the writer's. */
	for (int i = 0; i < 100; i++)
		xu_true(write(fd, &n, 8) == 8);
	usleep(50000);
	xu_err(read(fd, &n, 8), EAGAIN);
	xu_err(irqfd(privcmd, NOBODY, fd, 64, 0), EBUSY);
	xu_err(irqfd(privcmd, NOBODY + 1, fd, 64, PRIVCMD_IRQFD_FLAG_DEASSIGN), ENOENT);
	xu_ok(irqfd(privcmd, NOBODY, fd, 64, PRIVCMD_IRQFD_FLAG_DEASSIGN));
	xu_err(irqfd(privcmd, NOBODY, fd, 64, PRIVCMD_IRQFD_FLAG_DEASSIGN), ENOENT);
	n = 1;
	xu_true(write(fd, &n, 8) == 8 && read(fd, &n, 8) == 8 && n == 1);
	xu_err(irqfd(privcmd, NOBODY, fd, 0, 0), EINVAL);
	xu_err(irqfd(privcmd, NOBODY, fd, 257, 0), EINVAL);
	xu_err(irqfd(privcmd, NOBODY, fd, 64, 2), EINVAL);
	xu_err(irqfd(privcmd, NOBODY, privcmd, 64, 0), EINVAL);
	xu_err(irqfd(privcmd, NOBODY, 1000, 64, 0), EBADF);
	xu_err(ioctl(privcmd, IOCTL_PRIVCMD_IRQFD, 8), EFAULT);

	xu_ok(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom));
	xu_err(irqfd(one, NOBODY, fd, 64, 0), EPERM);
	xu_ok(irqfd(one, 31000, fd, 64, 0));
	close(one);
	xu_true(write(fd, &n, 8) == 8 && read(fd, &n, 8) == 8);
	/* The eventfd goes first, many times; none takes a place. */
	for (int i = 0; i < 3000; i++) {
		late = xu_ok(eventfd(1, EFD_CLOEXEC));
		xu_ok(irqfd(privcmd, NOBODY, late, 64, 0));
		close(late);
	}
	close(fd);
}

static struct privcmd_ioeventfd wish(struct ioreq *slots, unsigned int fd)
{
	return (struct privcmd_ioeventfd){
		.ioreq = (unsigned long)slots, .ports = (unsigned long)&ends[1], .addr = BASE,
		.addr_len = 4, .event_fd = fd, .vcpus = 1, .vq = 3, .dom = DOMID_SELF,
	};
}

static int ask(int which, struct privcmd_ioeventfd w, unsigned int flags)
{
	w.flags = flags;
	return ioctl(which, IOCTL_PRIVCMD_IOEVENTFD, &w);
}

static struct ioreq filled(unsigned int queue)
{
	return (struct ioreq){
		.addr = NOTIFY, .data = queue, .count = 1, .size = 4, .state = READY, .type = COPY,
	};
}

/* As Xen does for a guest. */
static void request(volatile struct ioreq *slot, const struct ioreq *req)
{
	*(struct ioreq *)slot = *req;
	xu_ok(xu_notify(guest, ends[0]));
}

static void answered(volatile struct ioreq *slot, int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	uint64_t n;

	xu_true(poll(&p, 1, 2000) == 1);
	xu_true(read(fd, &n, 8) == 8 && n == 1);
	/* Xen hears of the answer. */
	xu_true(xu_wait_port(guest, 2000) == ends[0]);
	xu_true(write(guest, &ends[0], 4) == 4);
	xu_true(slot->state == ANSWERED);
}

static void given(volatile struct ioreq *slot, int fd)
{
	uint64_t n;

	xu_true(xu_wait_port(program, 2000) == ends[1]);
	xu_true(write(program, &ends[1], 4) == 4);
	xu_err(read(fd, &n, 8), EAGAIN);
}

static void requests(long count)
{
	int fd = xu_ok(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), one;
	struct ioreq *slots = xt_map(PAGE), req;
	struct privcmd_ioeventfd w = wish(slots, fd);
	u64 rng = xt_rng(5);

	xu_ok(ask(privcmd, w, 0));
	for (long i = 0; i < count; i++) {
		req = filled(3);
		if (xt_rand(&rng) % 4) {
			req.data |= xt_rand(&rng) << 16;
			request(slots, &req);
			answered(slots, fd);
			continue;
		}
		switch (xt_rand(&rng) % 5) {
		case 0:
			req.data = 4;
			break;
		case 1:
			req.addr += 4;
			break;
		case 2:
			req.size = 2;
			break;
		case 3:
			req.dir = 1;
			break;
		case 4:
			req.type = 0;
			break;
		}
		request(slots, &req);
		given(slots, fd);
		xu_true(slots->state == READY);
	}
	/* The program takes its page away while it is asked. */
	xu_ok(munmap(slots, PAGE));
	xu_ok(xu_notify(guest, ends[0]));
	given(slots, fd);
	xu_ok(ask(privcmd, w, PRIVCMD_IOEVENTFD_FLAG_DEASSIGN));
	xu_err(ask(privcmd, w, PRIVCMD_IOEVENTFD_FLAG_DEASSIGN), ENODEV);

	/* The file goes first, with an event that nobody has answered. */
	slots = xt_map(PAGE);
	w = wish(slots, fd);
	one = xu_again("privcmd");
	xu_ok(ask(one, w, 0));
	close(one);
	req = filled(3);
	request(slots, &req);
	given(slots, fd);
	xu_true(slots->state == READY);
	munmap(slots, PAGE);
	close(fd);
}

static void request_errors(void)
{
	int fd = xu_ok(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), one = xu_again("privcmd");
	struct ioreq *slots = xt_map(PAGE);
	struct privcmd_ioeventfd w = wish(slots, fd);
	unsigned int wrong[2] = { ends[1], 4000 };
	domid_t dom = 31000;

	w.addr_len = 3;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w = wish(slots, fd);
	w.vcpus = 0;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w.vcpus = 4097;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w = wish(slots, fd);
	w.vq = 0x10000;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w = wish(slots, fd);
	w.addr = -16;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w = wish(slots, fd);
	w.ioreq += 4;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w.ioreq = -4096UL;
	xu_err(ask(privcmd, w, 0), EFAULT);
	w = wish(slots, fd);
	w.ports = 8;
	xu_err(ask(privcmd, w, 0), EFAULT);
	w = wish(slots, 1000);
	xu_err(ask(privcmd, w, 0), EBADF);
	w = wish(slots, fd);
	xu_err(ask(privcmd, w, 2), EINVAL);
	xu_err(ioctl(privcmd, IOCTL_PRIVCMD_IOEVENTFD, 8), EFAULT);
	/* A port of nobody, one that waits, one that leads to somebody else. */
	w.ports = (unsigned long)wrong;
	w.vcpus = 2;
	xu_err(ask(privcmd, w, 0), EINVAL);
	wrong[0] = ends[0];
	w.vcpus = 1;
	xu_err(ask(privcmd, w, 0), EINVAL);
	w = wish(slots, fd);
	w.dom = 0;
	xu_err(ask(privcmd, w, 0), EINVAL);
	/* Twice, and by two files. */
	w = wish(slots, fd);
	xu_ok(ask(privcmd, w, 0));
	xu_err(ask(privcmd, w, 0), EBUSY);
	xu_err(ask(one, w, 0), EBUSY);
	xu_ok(ask(privcmd, w, PRIVCMD_IOEVENTFD_FLAG_DEASSIGN));
	xu_ok(ask(one, w, 0));
	xu_ok(ask(one, w, PRIVCMD_IOEVENTFD_FLAG_DEASSIGN));
	xu_ok(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom));
	xu_err(ask(one, w, 0), EPERM);
	xu_err(ask(one, w, PRIVCMD_IOEVENTFD_FLAG_DEASSIGN), EPERM);
	close(one);
	close(fd);
	munmap(slots, PAGE);
}

/* Programs that end with requests under way; ports that go first. */
static void sudden_ends(long rounds)
{
	for (long i = 0; i < rounds; i++) {
		pid_t pid = xt_fork();
		int status;

		if (pid == 0) {
			int one = xu_again("privcmd"), fd = xu_ok(eventfd(0, EFD_NONBLOCK));
			struct ioreq *slots = xt_map(PAGE), req = filled(3);

			guest = xu_again("evtchn");
			program = xu_again("evtchn");
			xu_pair(guest, program, ends);
			xu_ok(ask(one, wish(slots, fd), 0));
			for (int k = 0; k < 20; k++)
				request(slots, &req);
			if (i % 3 == 0)
				xu_ok(xu_unbind(program, ends[1]));
			if (i % 3 == 1)
				close(program);
			if (i % 2)
				raise(SIGKILL);
			_exit(0);
		}
		xu_true(waitpid(pid, &status, 0) == pid);
		xu_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
	}
}

static void lines_of_devices(void)
{
	struct privcmd_pcidev_get_gsi op = { .sbdf = 0xffffffff, .gsi = 77 };
	int one = xu_again("privcmd");
	domid_t dom = 31000;
	int found = 0;

	xu_err(ioctl(privcmd, IOCTL_PRIVCMD_PCIDEV_GET_GSI, 8), EFAULT);
	xu_err(ioctl(privcmd, IOCTL_PRIVCMD_PCIDEV_GET_GSI, &op), ENODEV);
	xu_true(op.gsi == 77);
	for (unsigned int devfn = 0; devfn < 256; devfn++) {
		op.sbdf = devfn;
		if (!ioctl(privcmd, IOCTL_PRIVCMD_PCIDEV_GET_GSI, &op)) {
			xt_check(op.gsi < 1024, "device %#x has line %u", devfn, op.gsi);
			found++;
		} else {
			xu_true(errno == ENODEV || errno == ENOENT);
		}
	}
	xt_say("# %d devices with a line", found);
	xu_ok(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom));
	xu_err(ioctl(one, IOCTL_PRIVCMD_PCIDEV_GET_GSI, &op), EPERM);
	close(one);
}

static void not_in_a_guest(void)
{
	struct privcmd_ioeventfd w = wish(xt_map(PAGE), 0);
	struct privcmd_pcidev_get_gsi op = { 0 };

	xu_true(irqfd(privcmd, 0, 0, 64, 0) == -1 && (errno == EPERM || errno == EOPNOTSUPP));
	xu_true(ask(privcmd, w, 0) == -1 && (errno == EPERM || errno == EOPNOTSUPP));
	xu_true(ioctl(privcmd, IOCTL_PRIVCMD_PCIDEV_GET_GSI, &op) == -1 &&
		(errno == EPERM || errno == EINVAL));
	xt_pass("%d checks: nothing is reached from this domain", xu_checks);
}

int main(void)
{
	char flag = '0';
	long count, rounds;
	int f;

	xt_start("user_eventfd");
	privcmd = xu_open("privcmd");
	guest = xu_open("evtchn");
	program = xu_again("evtchn");
	count = xt_count(2000);
	rounds = xt_count(20);
	f = open("/sys/hypervisor/start_flags/initdomain", O_RDONLY);
	if (f < 0 || read(f, &flag, 1) != 1 || flag != '1')
		not_in_a_guest();
	close(f);
	interrupts();
	xu_pair(guest, program, ends);
	request_errors();
	requests(count);
	sudden_ends(rounds);
	requests(100);
	lines_of_devices();
	xt_pass("%d checks, %ld requests, %ld processes", xu_checks, count, rounds);
}
