// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network card of the machine sends echo requests to QEMU's own router and gets
 * every one back, several under way at a time, of all lengths up to a frame.
 */
#include "xt.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define WINDOW 8
#define LOAD_MAX 1400
#define LOST_MS 5000

struct echo {
	struct icmphdr head;
	u8 load[LOAD_MAX];
};

static uint16_t sum_of(const void *data, size_t len)
{
	const u8 *p = data;
	u32 sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static size_t length_of(long n)
{
	return (n * 97 + xt_seed) % LOAD_MAX;
}

static u8 byte_of(long n, size_t i)
{
	return n * 31 + i * 7 + (i >> 8);
}

static void send_one(int fd, long n)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct echo echo = { .head = { .type = ICMP_ECHO } };
	size_t len = length_of(n);

	inet_pton(AF_INET, "10.0.2.2", &to.sin_addr);
	echo.head.un.echo.id = htons(n >> 16);
	echo.head.un.echo.sequence = htons(n);
	for (size_t i = 0; i < len; i++)
		echo.load[i] = byte_of(n, i);
	echo.head.checksum = sum_of(&echo, sizeof(echo.head) + len);
	len += sizeof(echo.head);
	xt_check(sendto(fd, &echo, len, 0, (void *)&to, sizeof(to)) == (ssize_t)len,
		 "send %ld: %s", n, strerror(errno));
}

/* Takes one answer; which one it is. */
static long take_one(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct {
		struct iphdr ip;
		struct echo echo;
	} in;
	ssize_t got;
	long n;

	xt_check(poll(&p, 1, LOST_MS) == 1, "no answer in %d ms", LOST_MS);
	got = recv(fd, &in, sizeof(in), 0);
	if (got < (ssize_t)(sizeof(in.ip) + sizeof(in.echo.head)) || in.ip.ihl != 5 ||
	    in.echo.head.type != ICMP_ECHOREPLY)
		return -1;
	n = (long)ntohs(in.echo.head.un.echo.id) << 16 | ntohs(in.echo.head.un.echo.sequence);
	got -= sizeof(in.ip) + sizeof(in.echo.head);
	xt_check(got == (ssize_t)length_of(n), "answer %ld has %zd bytes, not %zu", n, got,
		 length_of(n));
	for (ssize_t i = 0; i < got; i++)
		xt_check(in.echo.load[i] == byte_of(n, i), "answer %ld differs at byte %zd", n, i);
	return n;
}

/* The answers come in any order, and each once. */
static void exchange(int fd, long count)
{
	long sent = 0, oldest = 0, n;
	u8 *seen = calloc(count, 1);

	xt_check(seen, "calloc");
	while (oldest < count) {
		while (sent < count && sent - oldest < WINDOW)
			send_one(fd, sent++);
		n = take_one(fd);
		if (n < 0)
			continue;
		xt_check(n < sent && !seen[n], "answer %ld was not due", n);
		seen[n] = 1;
		while (oldest < count && seen[oldest])
			oldest++;
	}
	free(seen);
}

/* A card has a device behind it; "lo" and bridges have not. */
static int find_card(char *name)
{
	DIR *dir = opendir("/sys/class/net");
	struct dirent *d;
	char path[300];
	int found = 0;

	while (dir && !found && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", d->d_name);
		found = d->d_name[0] != '.' && !access(path, F_OK);
		if (found)
			snprintf(name, IFNAMSIZ, "%.15s", d->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void bring_up(const char *name)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq req = { 0 };

	xt_check(fd >= 0, "socket: %s", strerror(errno));
	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	inet_pton(AF_INET, "10.0.2.15", &addr.sin_addr);
	memcpy(&req.ifr_addr, &addr, sizeof(addr));
	xt_check(!ioctl(fd, SIOCSIFADDR, &req), "%s: address: %s", name, strerror(errno));
	inet_pton(AF_INET, "255.255.255.0", &addr.sin_addr);
	memcpy(&req.ifr_netmask, &addr, sizeof(addr));
	xt_check(!ioctl(fd, SIOCSIFNETMASK, &req), "%s: mask: %s", name, strerror(errno));
	req.ifr_flags = IFF_UP | IFF_RUNNING;
	xt_check(!ioctl(fd, SIOCSIFFLAGS, &req), "%s: up: %s", name, strerror(errno));
	for (int i = 0; i < 100; i++) {
		xt_check(!ioctl(fd, SIOCGIFFLAGS, &req), "%s: flags: %s", name, strerror(errno));
		if (req.ifr_flags & IFF_RUNNING)
			break;
		usleep(100000);
	}
	xt_check(req.ifr_flags & IFF_RUNNING, "%s: no link in 10 s", name);
	close(fd);
}

int main(void)
{
	long count = 2000;
	char name[IFNAMSIZ];
	int fd;

	xt_start("hw_net" XT_BITS);
	if (!find_card(name))
		xt_skip("this machine has no network card");
	count = xt_count(count);
	bring_up(name);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	xt_check(fd >= 0, "socket: %s", strerror(errno));
	exchange(fd, count);
	xt_pass("%s: %ld echo requests, each answered once", name, count);
}
