// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xen/privcmd and /dev/xen/hypercall: every request, every error, restriction,
 * and mappings that somebody tries to take apart. In a domain that is not the control
 * domain: that nothing works.
 */
#include "xu.h"

#define VERSION		17	/* __HYPERVISOR_xen_version */
#define ROM		0xf0U	/* frame of the machine's firmware, 16 of them */
#define NO_FRAME	0xfffffffffUL

static int fd;

static long call(int which, unsigned long op, unsigned long a1, unsigned long a2)
{
	struct privcmd_hypercall h = { .op = op, .arg = { a1, a2 } };

	return ioctl(which, IOCTL_PRIVCMD_HYPERCALL, &h);
}

static void *place(unsigned long pages, int prot)
{
	void *p = mmap(NULL, pages * PAGE, prot, MAP_SHARED, fd, 0);

	xt_check(p != MAP_FAILED, "mmap of privcmd: %s", strerror(errno));
	return p;
}

static int batch(int which, domid_t dom, void *at, unsigned int num, xen_pfn_t *frames, int *err)
{
	struct privcmd_mmapbatch_v2 m = {
		.num = num, .dom = dom, .addr = (unsigned long)at, .arr = frames, .err = err,
	};

	return ioctl(which, IOCTL_PRIVCMD_MMAPBATCH_V2, &m);
}

static int dm_op(int which, domid_t dom, unsigned int num, struct privcmd_dm_op_buf *bufs)
{
	struct privcmd_dm_op op = { .dom = dom, .num = num, .ubufs = bufs };

	return ioctl(which, IOCTL_PRIVCMD_DM_OP, &op);
}

static int resource(int which, domid_t dom, unsigned long num, void *at)
{
	struct privcmd_mmap_resource r = {
		.dom = dom, .type = 1, .num = num, .addr = (unsigned long)at,
	};

	return ioctl(which, IOCTL_PRIVCMD_MMAP_RESOURCE, &r);
}

static void hypercalls(void)
{
	int buf = xu_again("hypercall");
	char *text = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
	char file[64] = "";
	int f = xu_ok(open("/sys/hypervisor/version/extra", O_RDONLY));

	xu_true(text != MAP_FAILED);
	xu_true(call(fd, VERSION, 0, 0) >= 4 << 16);
	xu_ok(call(fd, VERSION, 1, (unsigned long)text));
	xu_true(read(f, file, sizeof(file) - 1) > 0);
	xu_true(!strncmp(file, text, strlen(text)) && file[strlen(text)] == '\n');
	xu_err(call(fd, VERSION, 1, 8), EFAULT);
	xu_err(call(fd, VERSION, 999, 0), ENOSYS);
	xu_err(call(fd, 63, 0, 0), ENOSYS);
	xu_err(call(fd, 0xffffffff, 0, 0), ENOSYS);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, 8), EFAULT);
	xu_err(ioctl(fd, 0x1234, 0), ENOTTY);
	munmap(text, PAGE);
	close(f);
	close(buf);
}

static void maps(void)
{
	xen_pfn_t frames[16];
	int err[16];
	unsigned char *p = place(16, PROT_READ), *q;

	for (int i = 0; i < 16; i++)
		frames[i] = ROM + i;
	xu_true(xu_touch(p) == SIGBUS);
	frames[3] = NO_FRAME;
	frames[7] = ~0UL;
	xu_ok(batch(fd, DOMID_IO, p, 16, frames, err));
	for (int i = 0; i < 16; i++)
		xu_true(i == 3 || i == 7 ? err[i] < 0 : err[i] == 0);
	/* The reset vector is a far jump. */
	xu_true(p[15 * PAGE + 0xff0] == 0xea);
	xu_true(xu_touch(p + 3 * PAGE) == SIGBUS);
	/* What failed may be tried again; what is there may not be replaced. */
	frames[0] = ROM + 3;
	xu_ok(batch(fd, DOMID_IO, p + 3 * PAGE, 1, frames, err));
	xu_true(err[0] == 0 && xu_touch(p + 3 * PAGE) == 0);
	xu_err(batch(fd, DOMID_IO, p, 1, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p, 16, frames, err), EINVAL);

	/* Not to be taken apart, changed or inherited. */
	xu_err(munmap(p, PAGE), EINVAL);
	xu_err(munmap(p + 4 * PAGE, 4 * PAGE), EINVAL);
	xu_err(munmap(p + 15 * PAGE, PAGE), EINVAL);
	xu_true(mprotect(p + PAGE, PAGE, PROT_NONE) == -1);
	xu_true(mprotect(p, 16 * PAGE, PROT_NONE) == -1);
	xu_true(mremap(p, 16 * PAGE, 8 * PAGE, 0) == MAP_FAILED);
	xu_true(mremap(p, 16 * PAGE, 32 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
	xu_true(madvise(p, 16 * PAGE, MADV_DONTNEED) == -1);
	xu_true(p[15 * PAGE + 0xff0] == 0xea);
	xu_not_inherited(p);
	/* Moved as a whole it may be. */
	q = mremap(p, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + (1UL << 30));
	xu_true(q == MAP_FAILED || q[15 * PAGE + 0xff0] == 0xea);
	xu_ok(munmap(q == MAP_FAILED ? p : q, 16 * PAGE));
	xu_true(xu_touch(p) == SIGSEGV);
}

static void older_maps(void)
{
	struct privcmd_mmap_entry entries[2] = {
		{ .mfn = ROM, .npages = 8 }, { .mfn = ROM + 8, .npages = 8 },
	};
	struct privcmd_mmap m = { .num = 2, .dom = DOMID_IO, .entry = entries };
	struct privcmd_mmapbatch b = { .num = 2, .dom = DOMID_IO };
	xen_pfn_t frames[2] = { ROM + 15, NO_FRAME };
	unsigned char *p = place(16, PROT_READ), *q = place(2, PROT_READ);

	entries[0].va = (unsigned long)p;
	entries[1].va = (unsigned long)p + 9 * PAGE;
	m.num = 0;
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP, &m), EINVAL);
	m.num = -1;
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP, &m), EINVAL);
	m.num = 2;
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP, &m), EINVAL);
	xu_ok(munmap(p, 16 * PAGE));
	p = place(16, PROT_READ);
	entries[0].va = (unsigned long)p;
	entries[1].va = (unsigned long)p + 8 * PAGE;
	xu_ok(ioctl(fd, IOCTL_PRIVCMD_MMAP, &m));
	xu_true(p[15 * PAGE + 0xff0] == 0xea);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP, &m), EINVAL);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP, 8), EFAULT);

	b.addr = (unsigned long)q;
	b.arr = frames;
	xu_ok(ioctl(fd, IOCTL_PRIVCMD_MMAPBATCH, &b));
	xu_true(frames[0] == ROM + 15);
	xu_true((frames[1] & PRIVCMD_MMAPBATCH_MFN_ERROR) == PRIVCMD_MMAPBATCH_MFN_ERROR);
	xu_true(q[0xff0] == 0xea && xu_touch(q + PAGE) == SIGBUS);
	xu_ok(munmap(p, 16 * PAGE));
	xu_ok(munmap(q, 2 * PAGE));
}

static void map_errors(void)
{
	/* Not on the stack, which may end before the largest number of them does. */
	static xen_pfn_t frames[2] = { ROM, ROM + 1 };
	static int err[2];
	char *p = place(2, PROT_READ), *anon = xt_map(2 * PAGE);

	xu_err(batch(fd, DOMID_IO, p, 0, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p + 1, 1, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p, 3, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p + PAGE, 2, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, anon, 2, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, (void *)-PAGE, 1, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, NULL, 1, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p, ~0U, frames, err), EINVAL);
	xu_err(batch(fd, DOMID_IO, p, 2, (void *)8, err), EFAULT);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAPBATCH_V2, 8), EFAULT);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAPBATCH, 8), EFAULT);
	xu_err(batch(fd, DOMID_IO, p, 2, frames, NULL), EFAULT);
	xu_true(xu_touch(p) == SIGBUS);
	/* No such domain: each frame says so. */
	xu_ok(batch(fd, 32000, p, 2, frames, err));
	xu_true(err[0] < 0 && err[1] < 0);
	/* A copy on write makes no sense. */
	xu_err(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), EINVAL);

	xu_err(resource(fd, 32000, 1, NULL), EINVAL);
	xu_err(resource(fd, 32000, 0, p), EINVAL);
	xu_err(resource(fd, 32000, 1, p), ESRCH);
	xu_err(resource(fd, 32000, 0, NULL), ESRCH);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_MMAP_RESOURCE, 8), EFAULT);
	xu_ok(munmap(p, 2 * PAGE));
}

static void dm_ops(int which, domid_t dom)
{
	static char data[8192];
	struct privcmd_dm_op_buf bufs[17];

	for (int i = 0; i < 17; i++)
		bufs[i] = (struct privcmd_dm_op_buf){ data + i * 100, 100 };
	xu_true(dm_op(which, dom, 0, bufs) == 0);
	xu_err(dm_op(which, dom, 17, bufs), E2BIG);
	xu_err(dm_op(which, dom, 1, (void *)8), EFAULT);
	bufs[0].size = 4097;
	xu_err(dm_op(which, dom, 1, bufs), E2BIG);
	bufs[0].size = 4096;
	xu_err(dm_op(which, dom, 1, bufs), ESRCH);
	/* The device takes as many; Xen itself does not. */
	xu_true(dm_op(which, dom, 16, bufs) == -1 && (errno == ESRCH || errno == E2BIG));
	xu_err(dm_op(which, dom, 2, bufs), ESRCH);
	bufs[0].uptr = (void *)8;
	xu_err(dm_op(which, dom, 1, bufs), EFAULT);
	bufs[0].uptr = (void *)-4096UL;
	xu_err(dm_op(which, dom, 1, bufs), EFAULT);
	bufs[0].size = 0;
	bufs[0].uptr = NULL;
	xu_err(dm_op(which, dom, 1, bufs), ESRCH);
	xu_err(ioctl(which, IOCTL_PRIVCMD_DM_OP, 8), EFAULT);
}

static void restricted(void)
{
	int one = xu_again("privcmd");
	domid_t dom = 31000;
	xen_pfn_t frame = ROM;
	struct privcmd_mmap m = { .num = 1, .dom = DOMID_IO };
	char *p = place(1, PROT_READ);
	int err;

	dom = DOMID_SELF;
	xu_err(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom), EINVAL);
	dom = 31000;
	xu_ok(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom));
	xu_ok(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom));
	dom = 31001;
	xu_err(ioctl(one, IOCTL_PRIVCMD_RESTRICT, &dom), EINVAL);
	xu_err(ioctl(one, IOCTL_PRIVCMD_RESTRICT, 8), EFAULT);
	xu_err(call(one, VERSION, 0, 0), EPERM);
	xu_err(batch(one, DOMID_IO, p, 1, &frame, &err), EPERM);
	xu_err(batch(one, 31001, p, 1, &frame, &err), EPERM);
	xu_err(ioctl(one, IOCTL_PRIVCMD_MMAP, &m), EPERM);
	xu_err(resource(one, 31001, 0, NULL), EPERM);
	xu_err(dm_op(one, 31001, 1, NULL), EPERM);
	xu_err(resource(one, 31000, 0, NULL), ESRCH);
	dm_ops(one, 31000);
	/* Others are not concerned. */
	xu_true(call(fd, VERSION, 0, 0) > 0);
	xu_ok(munmap(p, PAGE));
	close(one);
}

static void *pinned(int which, unsigned long pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, which, 0);
}

/* Of pages of a file; mainline's device has none. */
static int set_limit(const char *pages)
{
	int fd = open("/sys/module/privcmd_buf/parameters/limit", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	xu_true(write(fd, pages, strlen(pages)) == (ssize_t)strlen(pages));
	close(fd);
	return 1;
}

static void buffers(void)
{
	int one = xu_again("hypercall"), limited;
	char *p, *q;

	xu_err(pinned(one, 1, MAP_PRIVATE), EINVAL);
	/* xenconsoled of Xen 4.20 takes that much in one piece. */
	p = pinned(one, 896, MAP_SHARED);
	xu_true(p != MAP_FAILED);
	xu_ok(munmap(p, 896 * PAGE));
	limited = set_limit("64");
	if (limited)
		xu_err(pinned(one, 65, MAP_SHARED), ENOSPC);
	for (int i = 0; i < 20; i++) {
		p = pinned(one, 64, MAP_SHARED);
		xu_true(p != MAP_FAILED);
		if (limited)
			xu_err(pinned(one, 1, MAP_SHARED), ENOSPC);
		for (int j = 0; j < 64; j++)
			xu_true(p[j * PAGE] == 0 && p[j * PAGE + 4095] == 0);
		memset(p, 0x5a, 64 * PAGE);
		xu_err(munmap(p, PAGE), EINVAL);
		xu_err(munmap(p + 3 * PAGE, PAGE), EINVAL);
		q = mremap(p, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + (1UL << 30));
		xu_true(q == MAP_FAILED);
		xu_true(p[5 * PAGE] == 0x5a);
		xu_not_inherited(p);
		xu_ok(munmap(p, 64 * PAGE));
	}
	p = pinned(one, 32, MAP_SHARED);
	q = pinned(one, 32, MAP_SHARED);
	xu_true(p != MAP_FAILED && q != MAP_FAILED);
	set_limit("16384");
	/* The file goes first. */
	close(one);
	memset(p, 1, 32 * PAGE);
	xu_ok(munmap(p, 32 * PAGE));
	xu_ok(munmap(q, 32 * PAGE));
	one = xu_again("hypercall");
	xu_err(ioctl(one, 0x1234, 0), ENOTTY);
	close(one);
}

static void at_random(long count)
{
	u64 rng = xt_rng(2);
	int one = xu_again("hypercall"), err[16];
	xen_pfn_t frames[16];
	char *area[8] = { 0 };
	unsigned long size[8];

	for (long i = 0; i < count; i++) {
		unsigned int k = xt_rand(&rng) % 8, nr = 1 + xt_rand(&rng) % 16;

		switch (xt_rand(&rng) % 7) {
		case 0:
			if (area[k])
				break;
			area[k] = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				       k & 1 ? one : fd, 0);
			size[k] = nr * PAGE;
			if (area[k] == MAP_FAILED)
				area[k] = NULL;
			break;
		case 1:
			for (int j = 0; j < 16; j++)
				frames[j] = xt_rand(&rng) % 8 ? ROM + j : xt_rand(&rng);
			batch(fd, DOMID_IO, area[k] + xt_rand(&rng) % 3 * PAGE, nr, frames, err);
			break;
		case 2:
			if (area[k] && !munmap(area[k], size[k]))
				area[k] = NULL;
			break;
		case 3:
			if (area[k] && nr * PAGE < size[k])
				xu_true(munmap(area[k] + PAGE * (xt_rand(&rng) % 2),
					       nr * PAGE) == -1 || nr * PAGE == size[k]);
			break;
		case 4:
			if (area[k])
				mprotect(area[k], nr * PAGE, xt_rand(&rng) % 4);
			break;
		case 5:
			if (area[k])
				madvise(area[k], nr * PAGE, xt_rand(&rng) % 30);
			break;
		case 6:
			if (area[k])
				xu_touch(area[k] + (nr - 1) * PAGE % size[k]);
			break;
		}
	}
	close(one);
	for (int k = 0; k < 8; k++)
		if (area[k])
			xu_ok(munmap(area[k], size[k]));
}

static void not_in_a_guest(void)
{
	xen_pfn_t frame = ROM;
	domid_t dom = 1;
	char *p = place(1, PROT_READ);
	int err;

	for (int op = 0; op < 64; op++)
		xu_err(call(fd, op, 0, 0), EPERM);
	xu_err(batch(fd, 0, p, 1, &frame, &err), EPERM);
	xu_err(batch(fd, DOMID_SELF, p, 1, &frame, &err), EPERM);
	xu_err(batch(fd, DOMID_IO, p, 1, &frame, &err), EPERM);
	xu_err(resource(fd, 0, 1, p), EPERM);
	xu_err(dm_op(fd, 0, 1, NULL), EPERM);
	xu_err(ioctl(fd, IOCTL_PRIVCMD_RESTRICT, &dom), EINVAL);
	xu_err(call(fd, VERSION, 0, 0), EPERM);
	buffers();
	xt_pass("%d checks: nothing is reached from this domain", xu_checks);
}

static int control(void)
{
	char flag = '0';
	int f = open("/sys/hypervisor/start_flags/initdomain", O_RDONLY);

	if (f >= 0 && read(f, &flag, 1) != 1)
		flag = '0';
	close(f);
	return flag == '1';
}

int main(void)
{
	long count;

	xt_start("user_privcmd");
	fd = xu_open("privcmd");
	count = xt_count(10000);
	xu_root_only("privcmd");
	xu_root_only("hypercall");
	if (!control())
		not_in_a_guest();
	hypercalls();
	maps();
	older_maps();
	map_errors();
	dm_ops(fd, 32000);
	restricted();
	buffers();
	at_random(count);
	hypercalls();
	xt_pass("%d checks, %ld random requests", xu_checks, count);
}
