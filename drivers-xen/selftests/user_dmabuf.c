// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma-bufs of /dev/xen/gntdev: made of pages that this domain lends to itself, and buffers
 * of the kernel's heap lent to it; every request, every error, ends in any order.
 */
#include "xu.h"
#include <linux/types.h>

#define MAX_REFS	64
#define NO_FD		1000

/* Of linux/dma-heap.h, which some systems do not have. */
struct heap_alloc {
	__u64 len;
	__u32 fd;
	__u32 fd_flags;
	__u64 heap_flags;
};

#define HEAP_ALLOC	_IOWR('H', 0, struct heap_alloc)

struct lent {
	u64 index;
	u32 refs[MAX_REFS];
	char *at;
	unsigned int nr;
};

static int lender, dev, heap;
static domid_t self;

static int try_lend(domid_t to, unsigned int nr, struct lent *l)
{
	static char buf[sizeof(struct ioctl_gntalloc_alloc_gref) + MAX_REFS * 4];
	struct ioctl_gntalloc_alloc_gref *op = (void *)buf;

	op->domid = to;
	op->flags = GNTALLOC_FLAG_WRITABLE;
	op->count = nr;
	if (ioctl(lender, IOCTL_GNTALLOC_ALLOC_GREF, op))
		return -1;
	l->nr = nr;
	l->index = op->index;
	memcpy(l->refs, &op->gref_ids[0], 4 * nr);
	return 0;
}

static void lend(unsigned int nr, struct lent *l)
{
	xu_ok(try_lend(self, nr, l));
	l->at = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, lender, l->index);
	xu_true(l->at != MAP_FAILED);
}

static void unlend(struct lent *l)
{
	struct ioctl_gntalloc_dealloc_gref op = { .index = l->index, .count = l->nr };

	xu_ok(munmap(l->at, l->nr * PAGE));
	xu_ok(ioctl(lender, IOCTL_GNTALLOC_DEALLOC_GREF, &op));
}

/* The buffer's number, or -1. */
static int make(int which, domid_t dom, unsigned int flags, const u32 *refs, unsigned int nr)
{
	static char buf[sizeof(struct ioctl_gntdev_dmabuf_exp_from_refs) + MAX_REFS * 4];
	struct ioctl_gntdev_dmabuf_exp_from_refs *op = (void *)buf;

	op->flags = flags;
	op->count = nr;
	op->domid = dom;
	op->fd = ~0U;
	if (nr <= MAX_REFS)
		memcpy(&op->refs[0], refs, 4 * nr);
	if (ioctl(which, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, op))
		return -1;
	return op->fd;
}

static int wait_released(int which, unsigned int fd, unsigned int ms)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released op = { fd, ms };

	return ioctl(which, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, &op);
}

/* Now, or it was so before. */
static void gone(int which, unsigned int fd)
{
	xu_true(wait_released(which, fd, 5000) == 0 || errno == ENOENT);
	xu_err(wait_released(which, fd, 0), ENOENT);
}

static int import(int which, unsigned int fd, domid_t dom, unsigned int nr, u32 *refs)
{
	static char buf[sizeof(struct ioctl_gntdev_dmabuf_imp_to_refs) + MAX_REFS * 4];
	struct ioctl_gntdev_dmabuf_imp_to_refs *op = (void *)buf;

	op->fd = fd;
	op->count = nr;
	op->domid = dom;
	op->reserved = 0;
	if (ioctl(which, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, op))
		return -1;
	memcpy(refs, &op->refs[0], 4 * nr);
	return 0;
}

static int release(int which, unsigned int fd)
{
	struct ioctl_gntdev_dmabuf_imp_release op = { .fd = fd };

	return ioctl(which, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, &op);
}

/* Pages of @refs in this program, by another file. */
static char *borrow(int which, const u32 *refs, unsigned int nr, u64 *index)
{
	static char buf[sizeof(struct ioctl_gntdev_map_grant_ref) + MAX_REFS * 8];
	struct ioctl_gntdev_map_grant_ref *op = (void *)buf;

	op->count = nr;
	for (unsigned int i = 0; i < nr; i++) {
		op->refs[i].domid = self;
		op->refs[i].ref = refs[i];
	}
	xu_ok(ioctl(which, IOCTL_GNTDEV_MAP_GRANT_REF, op));
	*index = op->index;
	return mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, which, op->index);
}

static void find_self(void)
{
	struct lent l;
	int fd;

	for (self = 0; self < 100; self++) {
		struct ioctl_gntalloc_dealloc_gref op = { .count = 1 };

		if (try_lend(self, 1, &l))
			continue;
		fd = make(dev, self, 0, l.refs, 1);
		if (fd < 0 && errno == ENOTTY)
			xt_skip("no dma-bufs in this kernel");
		if (fd >= 0) {
			close(fd);
			gone(dev, fd);
		}
		op.index = l.index;
		xu_ok(ioctl(lender, IOCTL_GNTALLOC_DEALLOC_GREF, &op));
		if (fd >= 0)
			return;
	}
	xt_skip("no domain that we are ourselves");
}

static void made_and_gone(void)
{
	int one, fd, other;
	struct lent l;

	lend(8, &l);
	memset(l.at, 0x61, 8 * PAGE);
	fd = make(dev, self, 0, l.refs, 8);
	xu_true(fd >= 0);
	xu_true(lseek(fd, 0, SEEK_END) == (off_t)(8 * PAGE));
	xu_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	xu_err(wait_released(dev, fd, 0), ETIMEDOUT);
	xu_err(wait_released(dev, fd, 30), ETIMEDOUT);
	/* Another file did not make it. */
	one = xu_again("gntdev");
	xu_err(wait_released(one, fd, 0), ENOENT);
	/* Programs get at the pages by the other requests, where Xen knows of it. */
	xu_true(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	/* A second use of it. */
	other = xu_ok(dup(fd));
	close(fd);
	xu_err(wait_released(dev, fd, 30), ETIMEDOUT);
	close(other);
	gone(dev, fd);

	/* The file goes first. */
	fd = make(one, self, 0, l.refs, 8);
	xu_true(fd >= 0);
	close(one);
	close(fd);
	/* A child has it, too, and ends last. */
	one = xu_again("gntdev");
	fd = make(one, self, 0, l.refs, 4);
	xu_true(fd >= 0);
	pid_t pid = xt_fork();

	if (pid == 0) {
		usleep(200000);
		_exit(0);
	}
	close(fd);
	xu_err(wait_released(one, fd, 20), ETIMEDOUT);
	xt_wait(pid);
	gone(one, fd);
	close(one);
	unlend(&l);
}

static void make_errors(void)
{
	u32 none[4] = { 0xfffff, 0xfffff, 0xfffff, 0xfffff };
	struct lent l;

	lend(4, &l);
	xu_err(make(dev, self, GNTDEV_DMA_FLAG_WC, l.refs, 4), EINVAL);
	xu_err(make(dev, self, GNTDEV_DMA_FLAG_COHERENT, l.refs, 4), EINVAL);
	xu_err(make(dev, self, 0x80000000, l.refs, 4), EINVAL);
	xu_err(make(dev, self, 0, l.refs, 0), EINVAL);
	xu_err(make(dev, 0x7ff0, 0, l.refs, 4), EINVAL);
	xu_true(make(dev, self, 0, l.refs, ~0U) == -1);
	xu_true(make(dev, self, 0, none, 4) == -1);
	/* One in the middle: none of them. */
	none[0] = l.refs[0];
	none[1] = l.refs[1];
	xu_true(make(dev, self, 0, none, 4) == -1);
	xu_err(ioctl(dev, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, 8), EFAULT);
	xu_err(ioctl(dev, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, 8), EFAULT);
	xu_err(wait_released(dev, NO_FD, 0), ENOENT);
	xu_err(wait_released(dev, ~0U, 0), ENOENT);
	unlend(&l);
}

static int heap_buf(unsigned int nr)
{
	struct heap_alloc a = { .len = nr * PAGE, .fd_flags = O_RDWR | O_CLOEXEC };

	xu_ok(ioctl(heap, HEAP_ALLOC, &a));
	return a.fd;
}

static void lent_and_released(void)
{
	int one = xu_again("gntdev"), fd = heap_buf(8);
	u32 refs[8], again[8];
	char *p, *q;
	u64 index;

	p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	xu_true(p != MAP_FAILED);
	for (int i = 0; i < 8; i++)
		memset(p + i * PAGE, 0x30 + i, PAGE);
	xu_ok(import(dev, fd, self, 8, refs));
	q = borrow(one, refs, 8, &index);
	xu_true(q != MAP_FAILED);
	for (int i = 0; i < 8; i++) {
		xu_true(q[i * PAGE] == 0x30 + i && q[i * PAGE + 4095] == 0x30 + i);
		q[i * PAGE + 9] = i;
		xu_true(p[i * PAGE + 9] == i);
	}
	/* We are the peer, too, and keep the pages: they stay until we let go. */
	xu_ok(release(dev, fd));
	xu_err(release(dev, fd), ENOENT);
	q[3] = 0x77;
	xu_true(p[3] == 0x77);
	/* It can be lent a second time meanwhile, and for nobody's use. */
	xu_ok(import(dev, fd, self, 8, again));
	xu_ok(release(dev, fd));
	xu_ok(munmap(q, 8 * PAGE));
	xu_ok(munmap(p, 8 * PAGE));
	/* The number is closed before it is released. */
	xu_ok(import(dev, fd, self, 8, refs));
	close(fd);
	xu_ok(release(dev, fd));
	/* The file is closed before it is released. */
	fd = heap_buf(4);
	xu_ok(import(one, fd, self, 4, refs));
	close(one);
	close(fd);
}

static void import_errors(void)
{
	static char raw[64];
	struct ioctl_gntdev_dmabuf_imp_to_refs *op = (void *)raw;
	int fd = heap_buf(4), mine;
	struct lent l;
	u32 refs[8];

	xu_err(import(dev, fd, self, 3, refs), EINVAL);
	xu_err(import(dev, fd, self, 5, refs), EINVAL);
	xu_err(import(dev, fd, self, 0, refs), EINVAL);
	xu_err(import(dev, fd, 0x7ff0, 4, refs), EINVAL);
	xu_err(import(dev, NO_FD, self, 4, refs), EBADF);
	xu_err(import(dev, dev, self, 4, refs), EINVAL);
	op->fd = fd;
	op->count = 4;
	op->domid = self;
	op->reserved = 1;
	xu_err(ioctl(dev, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, op), EINVAL);
	xu_err(ioctl(dev, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, 8), EFAULT);
	xu_err(ioctl(dev, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, 8), EFAULT);
	xu_err(release(dev, fd), ENOENT);
	/* What a peer has lent can't be lent on. */
	lend(4, &l);
	mine = make(dev, self, 0, l.refs, 4);
	xu_true(mine >= 0);
	xu_err(import(dev, mine, self, 4, refs), EINVAL);
	close(mine);
	gone(dev, mine);
	unlend(&l);
	close(fd);
}

/* Processes that end in the middle of it. */
static void sudden_ends(long rounds)
{
	struct lent l;
	u32 refs[4];

	lend(8, &l);
	for (long i = 0; i < rounds; i++) {
		pid_t pid = xt_fork();
		int status;

		if (pid == 0) {
			int one = xu_again("gntdev");

			xu_true(make(one, self, 0, l.refs, 8) >= 0);
			if (heap >= 0)
				xu_ok(import(one, heap_buf(4), self, 4, refs));
			if (i % 2)
				raise(SIGKILL);
			_exit(0);
		}
		xu_true(waitpid(pid, &status, 0) == pid);
		xu_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
	}
	unlend(&l);
}

static void at_random(long count)
{
	int one = xu_again("gntdev"), fds[16], in[16];
	u64 rng = xt_rng(4);
	struct lent l;
	u32 refs[16];

	lend(16, &l);
	memset(fds, -1, sizeof(fds));
	memset(in, -1, sizeof(in));
	for (long i = 0; i < count; i++) {
		unsigned int k = xt_rand(&rng) % 16, nr = 1 + xt_rand(&rng) % 8;

		switch (xt_rand(&rng) % 8) {
		case 0:
			if (fds[k] < 0)
				fds[k] = xu_ok(make(one, self, 0, l.refs + k % 8, nr));
			break;
		case 1:
			if (fds[k] >= 0)
				close(fds[k]);
			fds[k] = -1;
			break;
		case 2:
			if (heap >= 0 && in[k] < 0) {
				in[k] = heap_buf(nr);
				xu_ok(import(one, in[k], self, nr, refs));
			}
			break;
		case 3:
			if (in[k] < 0)
				break;
			xu_ok(release(one, in[k]));
			close(in[k]);
			in[k] = -1;
			break;
		case 4:
			wait_released(one, xt_rand(&rng) % 64, 0);
			break;
		case 5:
			/* Those of ours and of nobody. */
			xu_true(import(one, fds[k] >= 0 ? fds[k] : NO_FD, self, nr, refs) == -1);
			break;
		case 6:
			xu_true(release(one, NO_FD + k) == -1);
			break;
		case 7:
			if (xt_rand(&rng) % 8)
				break;
			for (int j = 0; j < 16; j++) {
				if (in[j] >= 0)
					close(in[j]);
				in[j] = -1;
			}
			close(one);
			one = xu_again("gntdev");
			break;
		}
	}
	close(one);
	for (int k = 0; k < 16; k++) {
		if (fds[k] >= 0)
			close(fds[k]);
		if (in[k] >= 0)
			close(in[k]);
	}
	unlend(&l);
}

int main(void)
{
	long count, rounds;

	xt_start("user_dmabuf");
	dev = xu_open("gntdev");
	lender = xu_open("gntalloc");
	heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	count = xt_count(2000);
	rounds = xt_count(20);
	find_self();
	made_and_gone();
	make_errors();
	if (heap >= 0) {
		lent_and_released();
		import_errors();
	} else {
		xt_say("# no /dev/dma_heap/system: nothing of ours to lend (%s)", strerror(errno));
	}
	sudden_ends(rounds);
	at_random(count);
	made_and_gone();
	xt_pass("%d checks, %ld random requests, %ld processes", xu_checks, count, rounds);
}
