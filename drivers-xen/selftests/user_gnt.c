// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xen/gntalloc and /dev/xen/gntdev, against each other in one domain: pages lent and
 * borrowed, copies, what is promised for the end, and mappings that somebody tries to
 * take apart.
 */
#include "xu.h"
#include <sys/uio.h>

#define MAX_REFS 64

struct lent {
	u64 index;
	u32 refs[MAX_REFS];
	char *at;
	unsigned int nr;
};

static int lender, borrower, evtchn;
/* Our number for Xen: a page is lent to it. */
static domid_t self;

static int try_lend(int fd, domid_t to, unsigned int nr, unsigned int flags, struct lent *l)
{
	static char buf[sizeof(struct ioctl_gntalloc_alloc_gref) + MAX_REFS * 4];
	struct ioctl_gntalloc_alloc_gref *op = (void *)buf;

	op->domid = to;
	op->flags = flags;
	op->count = nr;
	if (ioctl(fd, IOCTL_GNTALLOC_ALLOC_GREF, op))
		return -1;
	l->nr = nr;
	l->index = op->index;
	memcpy(l->refs, &op->gref_ids[0], 4 * nr);
	return 0;
}

static void lend(int fd, unsigned int nr, struct lent *l)
{
	xu_ok(try_lend(fd, self, nr, GNTALLOC_FLAG_WRITABLE, l));
	l->at = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, l->index);
	xu_true(l->at != MAP_FAILED);
}

static int unlend(int fd, u64 index, unsigned int nr)
{
	struct ioctl_gntalloc_dealloc_gref op = { .index = index, .count = nr };

	return ioctl(fd, IOCTL_GNTALLOC_DEALLOC_GREF, &op);
}

static int ask(int fd, const struct lent *l, unsigned int nr, u64 *index)
{
	static char buf[sizeof(struct ioctl_gntdev_map_grant_ref) + MAX_REFS * 8];
	struct ioctl_gntdev_map_grant_ref *op = (void *)buf;

	op->count = nr;
	for (unsigned int i = 0; i < nr && i < MAX_REFS; i++) {
		op->refs[i].domid = self;
		op->refs[i].ref = l->refs[i];
	}
	if (ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, op))
		return -1;
	*index = op->index;
	return 0;
}

static char *show(int fd, u64 index, unsigned int nr, int prot)
{
	char *p = MAP_FAILED;

	/* What was shown just now may still be on its way back. */
	for (int i = 0; i < 100 && p == MAP_FAILED; i++) {
		p = mmap(NULL, nr * PAGE, prot, MAP_SHARED, fd, index);
		if (p != MAP_FAILED || errno != EAGAIN)
			break;
		usleep(20000);
	}
	return p;
}

static char *borrow(int fd, const struct lent *l, u64 *index)
{
	char *p;

	xu_ok(ask(fd, l, l->nr, index));
	p = show(fd, *index, l->nr, PROT_READ | PROT_WRITE);
	xu_true(p != MAP_FAILED);
	return p;
}

static int unask(int fd, u64 index, unsigned int nr)
{
	struct ioctl_gntdev_unmap_grant_ref op = { .index = index, .count = nr };

	return ioctl(fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &op);
}

static void find_self(void)
{
	struct lent l;
	u64 index;
	char *p;

	/* The control domain is 0; a guest may find its number only by trying. */
	for (self = 0; self < 100; self++) {
		if (try_lend(lender, self, 1, GNTALLOC_FLAG_WRITABLE, &l)) {
			if (!self)
				xt_say("# nothing is lent to domain 0: %s", strerror(errno));
			continue;
		}
		xu_ok(ask(borrower, &l, 1, &index));
		p = show(borrower, index, 1, PROT_READ | PROT_WRITE);
		if (p == MAP_FAILED && !self)
			xt_say("# domain 0 is not us: %s", strerror(errno));
		if (p != MAP_FAILED)
			xu_ok(munmap(p, PAGE));
		xu_ok(unask(borrower, index, 1));
		xu_ok(unlend(lender, l.index, 1));
		if (p != MAP_FAILED)
			return;
	}
	xt_skip("no domain that we are ourselves");
}

static void both_see_the_same(void)
{
	struct ioctl_gntdev_get_offset_for_vaddr at = { 0 };
	struct iovec from;
	struct lent l;
	int pipes[2];
	char *p, copy[64];
	u64 index;

	lend(lender, 8, &l);
	for (int i = 0; i < 8; i++) {
		xu_true(l.at[i * PAGE] == 0 && l.at[i * PAGE + 4095] == 0);
		memset(l.at + i * PAGE, i + 1, PAGE);
	}
	p = borrow(borrower, &l, &index);
	for (int i = 0; i < 8; i++) {
		xu_true(p[i * PAGE] == i + 1 && p[i * PAGE + 4095] == i + 1);
		p[i * PAGE + 7] = 0x60 + i;
		xu_true(l.at[i * PAGE + 7] == 0x60 + i);
	}
	/* The kernel gets at the pages, too: not through the program's entries. */
	from = (struct iovec){ p + 3 * PAGE, sizeof(copy) };
	xu_ok(pipe(pipes));
	xu_true(vmsplice(pipes[1], &from, 1, 0) == sizeof(copy));
	xu_true(read(pipes[0], copy, sizeof(copy)) == sizeof(copy));
	close(pipes[0]);
	close(pipes[1]);
	xu_true(copy[0] == 4 && copy[7] == 0x63);

	at.vaddr = (unsigned long)p;
	xu_ok(ioctl(borrower, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &at));
	xu_true(at.offset == index && at.count == 8);
	at.vaddr += PAGE;
	xu_err(ioctl(borrower, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &at), EINVAL);
	at.vaddr = (unsigned long)l.at;
	xu_err(ioctl(borrower, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &at), EINVAL);

	/* Not to be taken apart, changed, inherited or had twice. */
	xu_err(munmap(p, PAGE), EINVAL);
	xu_err(munmap(p + 2 * PAGE, 2 * PAGE), EINVAL);
	xu_err(munmap(p + 7 * PAGE, PAGE), EINVAL);
	xu_true(mprotect(p, 8 * PAGE, PROT_READ) == -1);
	xu_true(mprotect(p + PAGE, PAGE, PROT_READ) == -1);
	xu_true(mremap(p, 8 * PAGE, 4 * PAGE, 0) == MAP_FAILED);
	xu_true(mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, borrower, index) == MAP_FAILED);
	xu_not_inherited(p);
	xu_true(p[5 * PAGE] == 6);
	xu_err(munmap(l.at, PAGE), EINVAL);

	/* Gone from the file, and still there. */
	xu_ok(unask(borrower, index, 8));
	xu_err(unask(borrower, index, 8), ENOENT);
	xu_true(p[2 * PAGE] == 3);
	xu_ok(munmap(p, 8 * PAGE));
	xu_true(xu_touch(p) == SIGSEGV);
	xu_ok(munmap(l.at, 8 * PAGE));
	xu_ok(unlend(lender, l.index, 8));
}

static void borrow_errors(void)
{
	struct ioctl_gntdev_set_max_grants max = { 8 };
	struct lent l, none = { .refs = { 0xfffff } };
	int one = xu_again("gntdev");
	u64 index, other;
	char *p;

	lend(lender, 4, &l);
	xu_err(ask(one, &l, 0, &index), EINVAL);
	xu_err(ask(one, &l, 0x7fffffff, &index), EINVAL);
	xu_err(ioctl(one, IOCTL_GNTDEV_MAP_GRANT_REF, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTDEV_UNMAP_GRANT_REF, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTDEV_GRANT_COPY, 8), EFAULT);
	xu_err(ioctl(one, 0x1234, 0), ENOTTY);
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, one, 0), EINVAL);
	/* The first is at 0; places are found again. */
	xu_ok(ask(one, &l, 4, &index));
	xu_true(index == 0);
	xu_ok(ask(one, &l, 2, &other));
	xu_true(other == 4 * PAGE);
	xu_ok(unask(one, index, 4));
	xu_ok(ask(one, &l, 3, &index));
	xu_true(index == 0);
	xu_err(unask(one, index, 4), ENOENT);
	xu_err(unask(one, index + 1, 3), ENOENT);
	xu_err(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, one, index), EINVAL);
	xu_err(mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, one, index), EINVAL);
	xu_err(mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, one, index), EINVAL);
	/* A reference that nobody gave. */
	xu_ok(unask(one, index, 3));
	xu_ok(ask(one, &none, 1, &index));
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, one, index), EINVAL);
	xu_ok(unask(one, index, 1));
	/* One in the middle: nothing is mapped. */
	none = l;
	none.refs[2] = 0xfffff;
	xu_ok(ask(one, &none, 4, &index));
	xu_err(mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, one, index), EINVAL);
	xu_err(ioctl(one, IOCTL_GNTDEV_SET_MAX_GRANTS, &max), EBUSY);
	close(one);

	one = xu_again("gntdev");
	xu_ok(ioctl(one, IOCTL_GNTDEV_SET_MAX_GRANTS, &max));
	xu_ok(ask(one, &l, 4, &index));
	xu_ok(ask(one, &l, 4, &index));
	xu_err(ask(one, &l, 1, &index), ENOSPC);
	/* The file is closed before the mapping. */
	p = show(one, index, 4, PROT_READ);
	xu_true(p != MAP_FAILED);
	close(one);
	memset(l.at, 0x44, PAGE);
	xu_true(p[9] == 0x44);
	xu_ok(munmap(p, 4 * PAGE));
	xu_ok(munmap(l.at, 4 * PAGE));
	xu_ok(unlend(lender, l.index, 4));
}

static void lend_errors(void)
{
	struct ioctl_gntalloc_unmap_notify n = { .index = 1UL << 40 };
	int one = xu_again("gntalloc");
	struct lent l, m;
	char *p;

	xu_err(try_lend(one, self, 100000, 1, &l), ENOSPC);
	xu_err(try_lend(one, self, 1, 0x8000, &l), EINVAL);
	xu_err(ioctl(one, IOCTL_GNTALLOC_ALLOC_GREF, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTALLOC_DEALLOC_GREF, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, 8), EFAULT);
	xu_err(ioctl(one, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, &n), ENOENT);
	xu_err(ioctl(one, 0x1234, 0), ENOTTY);
	xu_ok(try_lend(one, self, 3, 1, &l));
	xu_ok(try_lend(one, self, 3, 1, &m));
	xu_err(unlend(one, l.index, 7), EINVAL);
	xu_err(unlend(one, l.index + 1, 1), EINVAL);
	xu_ok(unlend(one, l.index + PAGE, 1));
	xu_err(unlend(one, l.index, 3), EINVAL);
	xu_err(mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, one, l.index), ENOENT);
	xu_err(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, one, l.index), EINVAL);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, one, l.index);
	xu_true(p != MAP_FAILED);
	xu_ok(unlend(one, l.index, 1));
	/* The page lives as long as it is mapped. */
	memset(p, 1, PAGE);
	xu_ok(munmap(p, PAGE));
	close(one);
}

static int promise(int fd, unsigned long cmd, u64 index, u32 action, u32 port)
{
	struct ioctl_gntdev_unmap_notify n = { index, action, port };

	return ioctl(fd, cmd, &n);
}

#define DEV	IOCTL_GNTDEV_SET_UNMAP_NOTIFY
#define ALLOC	IOCTL_GNTALLOC_SET_UNMAP_NOTIFY

static void promises(void)
{
	int one = xu_again("evtchn");
	unsigned int ends[2];
	struct lent l;
	u64 index;
	char *p;

	xu_pair(one, evtchn, ends);
	lend(lender, 2, &l);
	memset(l.at, 0x77, 2 * PAGE);
	p = borrow(borrower, &l, &index);
	xu_err(promise(borrower, DEV, index, 4, 0), EINVAL);
	xu_err(promise(borrower, DEV, index + 2 * PAGE, 1, 0), ENOENT);
	xu_err(promise(borrower, DEV, index, 2, 0), EINVAL);
	xu_err(promise(borrower, DEV, index, 2, 100000), EINVAL);
	xu_ok(promise(borrower, DEV, index, 3, ends[0]));
	xu_ok(promise(borrower, DEV, index + PAGE + 5, 3, ends[0]));
	/* The file of the port goes first. */
	close(one);
	xu_true(xu_wait_port(evtchn, 20) == 0);
	xu_ok(munmap(p, 2 * PAGE));
	xu_true(xu_wait_port(evtchn, 1000) == ends[1]);
	xu_true(write(evtchn, &ends[1], 4) == 4);
	xu_true(l.at[PAGE + 5] == 0 && l.at[PAGE + 4] == 0x77 && l.at[PAGE + 6] == 0x77 &&
		l.at[0] == 0x77);
	xu_ok(unask(borrower, index, 2));

	/* One that is taken back is not kept. */
	one = xu_again("evtchn");
	xu_pair(one, evtchn, ends);
	p = borrow(borrower, &l, &index);
	xu_ok(promise(borrower, DEV, index + 9, 3, ends[0]));
	xu_ok(promise(borrower, DEV, index, 0, 0));
	xu_ok(munmap(p, 2 * PAGE));
	xu_ok(unask(borrower, index, 2));
	xu_true(xu_wait_port(evtchn, 50) == 0 && l.at[9] == 0x77);

	/* Nobody can write a byte of what is only read. */
	xu_ok(ask(borrower, &l, 2, &index));
	p = show(borrower, index, 2, PROT_READ);
	xu_true(p != MAP_FAILED);
	xu_err(promise(borrower, DEV, index, 1, 0), EINVAL);
	xu_ok(munmap(p, 2 * PAGE));
	xu_ok(unask(borrower, index, 2));

	/* The lender promises, too: its peer sees the byte. */
	p = borrow(borrower, &l, &index);
	xu_ok(promise(lender, ALLOC, l.index + 3, 3, ends[0]));
	xu_ok(munmap(l.at, 2 * PAGE));
	xu_ok(unlend(lender, l.index, 2));
	xu_true(xu_wait_port(evtchn, 1000) == ends[1]);
	xu_true(p[3] == 0 && p[4] == 0x77);
	/* And the peer keeps what it has: nobody else gets these pages. */
	xu_true(p[PAGE + 8] == 0x77);
	xu_ok(munmap(p, 2 * PAGE));
	xu_ok(unask(borrower, index, 2));
	close(one);
}

static int copy(unsigned int count, struct gntdev_grant_copy_segment *segs)
{
	struct ioctl_gntdev_grant_copy c = { count, segs };

	return ioctl(borrower, IOCTL_GNTDEV_GRANT_COPY, &c);
}

static struct gntdev_grant_copy_segment to_peer(u32 ref, unsigned int offset, void *from,
						unsigned int len)
{
	struct gntdev_grant_copy_segment s = {
		.len = len, .flags = GNTCOPY_dest_gref, .status = 99,
	};

	s.source.virt = from;
	s.dest.foreign.ref = ref;
	s.dest.foreign.offset = offset;
	s.dest.foreign.domid = self;
	return s;
}

static struct gntdev_grant_copy_segment from_peer(u32 ref, unsigned int offset, void *to,
						  unsigned int len)
{
	struct gntdev_grant_copy_segment s = {
		.len = len, .flags = GNTCOPY_source_gref, .status = 99,
	};

	s.dest.virt = to;
	s.source.foreign.ref = ref;
	s.source.foreign.offset = offset;
	s.source.foreign.domid = self;
	return s;
}

static void copies(void)
{
	struct gntdev_grant_copy_segment s[60];
	char *mine = xt_map(4 * PAGE), *ro;
	struct lent l;

	lend(lender, 8, &l);
	for (unsigned int i = 0; i < 4 * PAGE; i++)
		mine[i] = i * 7 + i / PAGE;
	/* Over a border of our pages. */
	s[0] = to_peer(l.refs[0], 0, mine + 100, PAGE);
	s[1] = to_peer(l.refs[1], 10, mine + 4090, 20);
	xu_ok(copy(2, s));
	xu_true(s[0].status == 0 && s[1].status == 0);
	xu_true(!memcmp(l.at, mine + 100, PAGE) && !memcmp(l.at + PAGE + 10, mine + 4090, 20));
	memset(mine, 0, PAGE);
	s[0] = from_peer(l.refs[0], 5, mine + 50, 3000);
	xu_ok(copy(1, s));
	xu_true(s[0].status == 0 && !memcmp(mine + 50, l.at + 5, 3000));
	xu_true(mine[49] == 0 && mine[3050] == 0);
	/* From one of the peer's pages to another one. */
	s[0] = to_peer(l.refs[3], 0, NULL, 100);
	s[0].flags |= GNTCOPY_source_gref;
	s[0].source.foreign.ref = l.refs[0];
	s[0].source.foreign.offset = 1;
	s[0].source.foreign.domid = self;
	xu_ok(copy(1, s));
	xu_true(s[0].status == 0 && !memcmp(l.at + 3 * PAGE, l.at + 1, 100));
	/* Many, one of them with a reference that nobody gave. */
	for (int i = 0; i < 60; i++)
		s[i] = from_peer(i == 33 ? 0xfffff : l.refs[i % 8], i, mine + i * 64, 64);
	xu_ok(copy(60, s));
	for (int i = 0; i < 60; i++)
		xu_true(i == 33 ? s[i].status < 0 : s[i].status == 0);
	xu_ok(copy(0, s));

	s[0] = from_peer(l.refs[0], 4000, mine, 97);
	xu_err(copy(1, s), EINVAL);
	s[0] = from_peer(l.refs[0], 0, mine, 10);
	s[0].flags = 0;
	xu_err(copy(1, s), EINVAL);
	s[0].flags = GNTCOPY_source_gref | 0x10;
	xu_err(copy(1, s), EINVAL);
	s[0] = from_peer(l.refs[0], 0, (void *)8, 10);
	xu_err(copy(1, s), EFAULT);
	ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	s[0] = from_peer(l.refs[0], 0, ro, 10);
	xu_err(copy(1, s), EFAULT);
	xu_err(copy(1, (void *)8), EFAULT);
	xu_ok(munmap(l.at, 8 * PAGE));
	xu_ok(unlend(lender, l.index, 8));
	munmap(mine, 4 * PAGE);
	munmap(ro, PAGE);
}

/* Processes that end in the middle of it. */
static void sudden_ends(long rounds)
{
	struct lent l;
	u64 index;

	lend(lender, 16, &l);
	for (long i = 0; i < rounds; i++) {
		pid_t pid = xt_fork();

		if (pid == 0) {
			int one = xu_again("gntdev"), two = xu_again("gntalloc");
			struct lent m;
			char *p = borrow(one, &l, &index), *q;

			lend(two, 4, &m);
			q = borrow(one, &m, &index);
			p[i % 16 * PAGE] = i;
			q[0] = 1;
			if (i % 2)
				munmap(p, 16 * PAGE);
			if (i % 3 == 0)
				raise(SIGKILL);
			_exit(0);
		}
		int status;

		xu_true(waitpid(pid, &status, 0) == pid);
		xu_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
	}
	xu_ok(munmap(l.at, 16 * PAGE));
	xu_ok(unlend(lender, l.index, 16));
}

static void at_random(long count)
{
	int dev = xu_again("gntdev"), alloc = xu_again("gntalloc");
	struct lent l[8] = { 0 };
	char *p[8] = { 0 };
	u64 index[8], rng = xt_rng(3);

	for (long i = 0; i < count; i++) {
		unsigned int k = xt_rand(&rng) % 8, nr = 1 + xt_rand(&rng) % 16;

		switch (xt_rand(&rng) % 9) {
		case 0:
			if (!l[k].nr)
				lend(alloc, nr, &l[k]);
			break;
		case 1:
			if (l[k].nr && !p[k] && !ask(dev, &l[k], l[k].nr, &index[k])) {
				p[k] = show(dev, index[k], l[k].nr, PROT_READ | PROT_WRITE);
				xu_true(p[k] != MAP_FAILED);
			}
			break;
		case 2:
			if (!p[k])
				break;
			xu_ok(munmap(p[k], l[k].nr * PAGE));
			xu_ok(unask(dev, index[k], l[k].nr));
			p[k] = NULL;
			break;
		case 3:
			if (!l[k].nr || p[k])
				break;
			xu_ok(munmap(l[k].at, l[k].nr * PAGE));
			xu_ok(unlend(alloc, l[k].index, l[k].nr));
			l[k].nr = 0;
			break;
		case 4:
			if (p[k]) {
				p[k][(nr - 1) % l[k].nr * PAGE] = i;
				xu_true(l[k].at[(nr - 1) % l[k].nr * PAGE] == (char)i);
			}
			break;
		case 5:
			if (p[k] && nr < l[k].nr)
				xu_err(munmap(p[k], nr * PAGE), EINVAL);
			break;
		case 6:
			unask(dev, (u64)xt_rand(&rng) << 44, nr);
			unlend(alloc, (u64)xt_rand(&rng) << 44, nr);
			break;
		case 7:
			if (p[k])
				madvise(p[k], nr * PAGE, MADV_WILLNEED);
			break;
		case 8:
			if (p[k])
				promise(dev, DEV, index[k] + xt_rand(&rng) % 4096, 1, 0);
			break;
		}
	}
	close(dev);
	close(alloc);
	for (int k = 0; k < 8; k++) {
		if (p[k])
			xu_ok(munmap(p[k], l[k].nr * PAGE));
		if (l[k].nr)
			xu_ok(munmap(l[k].at, l[k].nr * PAGE));
	}
}

int main(void)
{
	long count, rounds;

	xt_start("user_gnt");
	borrower = xu_open("gntdev");
	lender = xu_open("gntalloc");
	evtchn = xu_open("evtchn");
	count = xt_count(3000);
	rounds = xt_count(30);
	xu_root_only("gntdev");
	xu_root_only("gntalloc");
	find_self();
	both_see_the_same();
	borrow_errors();
	lend_errors();
	promises();
	copies();
	sudden_ends(rounds);
	at_random(count);
	both_see_the_same();
	xt_pass("%d checks, %ld random requests, %ld processes", xu_checks, count, rounds);
}
