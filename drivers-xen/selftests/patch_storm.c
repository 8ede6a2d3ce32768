// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel patches its own code while other CPUs run it: one process turns
 * time stamps of packets on and off, which is a static branch in the receive
 * path, and a process on every CPU sends packets to itself through it.
 */
#include "xt.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int datagram_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	xt_check(fd >= 0, "socket: %s", strerror(errno));
	return fd;
}

static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = datagram_socket();

	if (ioctl(fd, SIOCSIFFLAGS, &req))
		xt_skip("the loopback device does not come up: %s", strerror(errno));
	close(fd);
}

/* Sends numbers to itself for ever; each must come back, within ten seconds. */
static void traffic(int cpu, volatile u32 *count)
{
	struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(to);
	int fd = datagram_socket();

	xt_pin(cpu);
	xt_check(!bind(fd, (struct sockaddr *)&to, len) &&
		 !getsockname(fd, (struct sockaddr *)&to, &len) &&
		 !connect(fd, (struct sockaddr *)&to, len), "loopback: %s", strerror(errno));
	xt_check(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
		 "SO_RCVTIMEO: %s", strerror(errno));
	for (u32 sent = 0, got;; sent++) {
		xt_check(send(fd, &sent, sizeof(sent), 0) == sizeof(sent), "send: %s",
			 strerror(errno));
		xt_check(recv(fd, &got, sizeof(got), 0) == sizeof(got), "recv: %s",
			 strerror(errno));
		xt_check(got == sent, "packet %u came as %u", sent, got);
		*count = sent + 1;
	}
}

/* The kernel delays some of the changes; the sleep lets them happen. */
static void toggle(void)
{
	int fd = datagram_socket();

	for (int on = 1; on >= 0; on--) {
		xt_check(!setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)),
			 "SO_TIMESTAMP: %s", strerror(errno));
		usleep(500);
	}
	close(fd);
}

int main(void)
{
	int cpus = xt_cpus(), status;
	long rounds = 0, want;
	volatile u32 *counts;
	pid_t pids[cpus];

	xt_start("patch_storm");
	loopback_up();
	counts = mmap(NULL, cpus * sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	xt_check(counts != MAP_FAILED, "mmap: %s", strerror(errno));
	for (int i = 0; i < cpus; i++) {
		pids[i] = xt_fork();
		if (pids[i] == 0)
			traffic(i, &counts[i]);
	}
	for (want = xt_count(1000); xt_more(rounds, want); rounds++)
		toggle();
	for (int i = 0; i < cpus; i++) {
		xt_check(waitpid(pids[i], &status, WNOHANG) == 0, "a sender ended");
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		xt_check(counts[i], "no packet came back on CPU %d", i);
	}
	xt_pass("%ld times on and off under %d senders", rounds, cpus);
}
