// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what a network interface costs, in guest nanoseconds: under QEMU's -icount
 * shift=0 these are instructions of this domain, the one at the other end, and Xen together.
 *
 * The interface eth0 gets the address 10.0.0.11, and 10.0.0.1 is the other end, where this
 * program runs under the name net_peer: it takes and gives what it is asked for, and sends
 * datagrams back.
 *
 * Prints "BENCH name value" for each row; a value is the median of REPEAT batches. TCP counts
 * for 4 KiB of data.
 */
#include "xt.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define REPEAT 5
#define BULK (2UL << 20)
#define HERE "10.0.0.11"
#define THERE "10.0.0.1"
#define PORT 7100

/* What the other end shall take, and then give. */
struct order {
	u64 take;
	u64 give;
};

static char room[64 << 10];
static int tcp, udp;

static void take(int fd, u64 bytes)
{
	while (bytes) {
		ssize_t n = read(fd, room, bytes < sizeof(room) ? bytes : sizeof(room));

		xt_check(n > 0, "read: %zd, %s", n, strerror(errno));
		bytes -= n;
	}
}

static void give(int fd, u64 bytes)
{
	while (bytes) {
		ssize_t n = write(fd, room, bytes < sizeof(room) ? bytes : sizeof(room));

		xt_check(n > 0, "write: %zd, %s", n, strerror(errno));
		bytes -= n;
	}
}

static int set_up(int kind)
{
	int fd = socket(AF_INET, kind, 0), on = 1;

	xt_check(fd >= 0, "socket: %s", strerror(errno));
	if (kind == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static struct sockaddr_in at(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	inet_pton(AF_INET, address, &to.sin_addr);
	return to;
}

/* The other end. */

static void serve_tcp(int fd)
{
	struct order order;
	ssize_t n;

	while ((n = recv(fd, &order, sizeof(order), MSG_WAITALL)) == sizeof(order)) {
		take(fd, order.take);
		/* One more says that all was taken. */
		give(fd, order.give + 1);
	}
	_exit(0);
}

static void serve_udp(int fd)
{
	struct sockaddr_in from;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, room, sizeof(room), 0, (void *)&from, &len);
		/* Those that begin with 0 want no answer. */
		if (n > 0 && room[0])
			sendto(fd, room, n, 0, (void *)&from, len);
	}
}

static int peer(void)
{
	struct sockaddr_in any = at("0.0.0.0");
	int stream = set_up(SOCK_STREAM), datagrams = set_up(SOCK_DGRAM), on = 1;

	setsockopt(stream, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	xt_check(!bind(stream, (void *)&any, sizeof(any)) && !listen(stream, 8) &&
		 !bind(datagrams, (void *)&any, sizeof(any)), "bind: %s", strerror(errno));
	if (!fork())
		serve_udp(datagrams);
	for (;;) {
		int fd = accept(stream, NULL, NULL);

		if (fd >= 0 && !fork())
			serve_tcp(fd);
		close(fd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* This end. */

static void set_address(void)
{
	struct ifreq ifr = { .ifr_name = "eth0" };
	int fd = set_up(SOCK_DGRAM);
	struct sockaddr_in here = at(HERE);

	memcpy(&ifr.ifr_addr, &here, sizeof(here));
	xt_check(!ioctl(fd, SIOCSIFADDR, &ifr), "eth0: address: %s", strerror(errno));
	inet_pton(AF_INET, "255.255.255.0", &((struct sockaddr_in *)&ifr.ifr_addr)->sin_addr);
	xt_check(!ioctl(fd, SIOCSIFNETMASK, &ifr), "eth0: mask: %s", strerror(errno));
	xt_check(!ioctl(fd, SIOCGIFFLAGS, &ifr), "eth0: %s", strerror(errno));
	ifr.ifr_flags |= IFF_UP;
	xt_check(!ioctl(fd, SIOCSIFFLAGS, &ifr), "eth0: up: %s", strerror(errno));
	close(fd);
}

/* The other end may be made ready a little later than we are. */
static void call(void)
{
	struct sockaddr_in there = at(THERE);

	for (int i = 0; i < 100; i++) {
		tcp = set_up(SOCK_STREAM);
		if (!connect(tcp, (void *)&there, sizeof(there)))
			break;
		close(tcp);
		tcp = -1;
		usleep(100000);
	}
	xt_check(tcp >= 0, "%s does not answer", THERE);
	udp = set_up(SOCK_DGRAM);
	xt_check(!connect(udp, (void *)&there, sizeof(there)), "udp: %s", strerror(errno));
}

static double per(u64 t0, double n)
{
	return (double)(xt_now() - t0) / n;
}

static double bulk(u64 out, u64 in)
{
	struct order order = { .take = out, .give = in };
	u64 t = xt_now();

	xt_check(write(tcp, &order, sizeof(order)) == sizeof(order), "order: %s",
		 strerror(errno));
	give(tcp, out);
	take(tcp, in + 1);
	return per(t, (out + in) / 4096.0);
}

static double tcp_out(void)
{
	return bulk(BULK, 0);
}

static double tcp_in(void)
{
	return bulk(0, BULK);
}

/* There and back; what is lost is sent again, and counts. */
static void round_trip(void)
{
	struct pollfd wait = { .fd = udp, .events = POLLIN };

	for (int i = 0; i < 10; i++) {
		room[0] = 1;
		xt_check(write(udp, room, 64) == 64, "udp: %s", strerror(errno));
		if (poll(&wait, 1, 1000) > 0 && read(udp, room, sizeof(room)) == 64)
			return;
	}
	xt_check(0, "datagrams do not come back");
}

static double udp_round(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 200; i++)
		round_trip();
	return per(t, 200);
}

/* As fast as it goes, in portions that no queue is too short for. */
static double udp_small(void)
{
	u64 t = xt_now();

	for (int i = 0; i < 40; i++) {
		for (int n = 0; n < 49; n++) {
			room[0] = 0;
			xt_check(write(udp, room, 64) == 64, "udp: %s", strerror(errno));
		}
		round_trip();
	}
	return per(t, 40 * 50);
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const struct {
	const char *name;
	double (*batch)(void);
} rows[] = {
	{ "net-tcp-out-4k", tcp_out },
	{ "net-tcp-in-4k", tcp_in },
	{ "net-udp-round", udp_round },
	{ "net-udp-small", udp_small },
};

int main(int argc, char **argv)
{
	double v[REPEAT];

	if (strstr(argv[0], "net_peer"))
		return peer();
	xt_start("net_costs" XT_BITS);
	if (!if_nametoindex("eth0"))
		xt_skip("no interface eth0");
	set_address();
	call();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].batch();
		for (int r = 0; r < REPEAT; r++)
			v[r] = rows[i].batch();
		qsort(v, REPEAT, sizeof(v[0]), order);
		xt_say("BENCH %s %.0f", rows[i].name, v[REPEAT / 2]);
	}
	xt_pass("four rows");
	return 0;
}
