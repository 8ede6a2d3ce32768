// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine checks: registers of a bank are given the look of a corrected error, by Xen,
 * which then finds it and tells. The kernel must report it, bank and address and all,
 * once each; and its log must not call the address one of this domain's.
 *
 * In no group: Xen 4.20 on QEMU panics where it looks for the error (mcheck_mca_logout()),
 * with no kernel in between, and takes all domains with it.
 */
#include "xu.h"
#include <asm/mce.h>

#define MCA		48	/* __HYPERVISOR_mca */
#define MCA_VERSION	0x01ecc003
#define FETCH		1	/* XEN_MC_fetch */
#define MSRINJECT	4	/* XEN_MC_msrinject */
#define INTERPOSE	1	/* MC_MSRINJ_F_INTERPOSE */
#define NODATA		2	/* XEN_MC_NODATA */

#define BANK		1
#define STATUS_MSR	(0x401 + 4 * BANK)
#define ADDR_MSR	(0x402 + 4 * BANK)
#define MISC_MSR	(0x403 + 4 * BANK)

/* Valid, enabled, with misc and address; a cache that was read. */
#define ADDRV		0x0400000000000000ULL
#define STATUS		(0x9800000000000135ULL | ADDRV)

/* Xen looks for corrected errors every ten seconds or so, some versions less often. */
#define WAIT_MS		60000

struct inject {
	u32 cmd, version;
	u32 cpu, flags, count, pad;
	struct {
		u64 reg, value;
	} msr[8];
};

static int privcmd, kmsg;
static struct inject *op;

/* 0 or an errno.  AMD's registers can be written, others are made up for Xen when it reads them. */
static int inject(u64 addr, u32 flags)
{
	struct privcmd_hypercall h = { .op = MCA, .arg = { (unsigned long)op } };

	*op = (struct inject){
		.cmd = MSRINJECT, .version = MCA_VERSION, .flags = flags, .count = 3,
		.msr = { { ADDR_MSR, addr }, { MISC_MSR, 0x86 }, { STATUS_MSR, STATUS } },
	};
	return ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &h) ? errno : 0;
}

struct fetch {
	u32 cmd, version, flags, pad;
	u64 id, data;
};

/* Does Xen have a record that the kernel has not fetched? */
static int is_waiting(void)
{
	struct privcmd_hypercall h = { .op = MCA, .arg = { (unsigned long)op } };
	struct fetch *f = (struct fetch *)op;

	for (u32 class = 1; class < 3; class++) {
		*f = (struct fetch){ .cmd = FETCH, .version = MCA_VERSION, .flags = class,
				     .data = (u64)op + PAGE / 2 };
		xu_ok(ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &h));
		if (f->flags != NODATA)
			return 1;
	}
	return 0;
}

/* How often the kernel's log has the line with this address from now on, at most until it has. */
static int wait_for_line(u64 addr, int ms)
{
	u64 end = xt_now() + ms * 1000000ULL;
	char want[64], line[1000];
	int found = 0;
	ssize_t n;

	snprintf(want, sizeof(want), "machine address %llx,", (unsigned long long)addr);
	while (!found && xt_now() < end) {
		while ((n = read(kmsg, line, sizeof(line) - 1)) > 0) {
			line[n] = 0;
			if (strstr(line, "xenpv: mce: ") && strstr(line, want) &&
			    strstr(line, "bank 1:"))
				found++;
		}
		xu_true(n < 0 && (errno == EAGAIN || errno == EPIPE));
		usleep(100000);
	}
	return found;
}

/* The records in mainline's log that have this address; -1 if this kernel has no such log. */
static int in_log(u64 addr)
{
	static char records[65536];
	int len, size, found = 0;
	int fd = open("/dev/mcelog", O_RDONLY);

	if (fd < 0)
		return -1;
	xu_ok(ioctl(fd, MCE_GET_RECORD_LEN, &size));
	xu_ok(ioctl(fd, MCE_GET_LOG_LEN, &len));
	xu_true(size > 0 && len > 0 && (size_t)size * len <= sizeof(records));
	len = xu_ok(read(fd, records, sizeof(records)));
	for (int at = 0; at + size <= len; at += size) {
		struct mce m = { 0 };

		memcpy(&m, records + at, sizeof(m) < (size_t)size ? sizeof(m) : (size_t)size);
		if (m.addr != addr)
			continue;
		found++;
		xt_check(m.bank == BANK && m.status == (STATUS & ~ADDRV), "bank %u, status %llx",
			 m.bank, (unsigned long long)m.status);
	}
	close(fd);
	return found;
}

int main(void)
{
	u64 rng = xt_rng(0), addr;
	long done, logged = 0;
	int err, n, buf;

	xt_start("hw_mce" XT_BITS);
	privcmd = xu_open("privcmd");
	buf = xu_open("hypercall");
	op = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, buf, 0);
	xu_true(op != MAP_FAILED);
	kmsg = xu_ok(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));
	xu_ok(lseek(kmsg, 0, SEEK_END));
	in_log(0);

	for (done = 0; xt_more(done, xt_count(2)); done++) {
		addr = 0x10000000 + ((u64)xt_rand(&rng) << 6);
		err = inject(addr, 0);
		if (err == EINVAL)
			err = inject(addr, INTERPOSE);
		if (err == ENODEV || err == ENOENT || err == ENOSYS || err == EPERM)
			xt_skip("Xen makes no machine checks: %s", strerror(err));
		xt_check(!err, "injecting: %s", strerror(err));
		n = wait_for_line(addr, WAIT_MS);
		if (n == 0 && xu_events("mce") == 0 && !is_waiting())
			xt_skip("Xen has not found the error in %d s", WAIT_MS / 1000);
		xt_check(n == 1, "error %ld, at %llx: reported %d times, %lu events", done,
			 (unsigned long long)addr, n, xu_events("mce"));
		usleep(500000);
		n = in_log(addr);
		xt_check(n == 1 || n == -1, "error %ld is %d times in the log", done, n);
		logged += n > 0;
	}
	xt_pass("%ld corrected errors, each reported, %ld in mainline's log", done, logged);
}
