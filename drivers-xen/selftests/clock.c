// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time: no clock goes backwards on any CPU or between CPUs, sleeps are never
 * short, timers of every kind fire on every CPU, the clocks agree in rate.
 */
#include "xt.h"
#include <pthread.h>
#include <sys/time.h>
#include <sys/timerfd.h>

static const clockid_t ids[] = { CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW };
static u64 latest[3];
static volatile int stop;
static volatile int alarms;

static u64 read_clock(clockid_t id)
{
	struct timespec ts;

	xt_check(!clock_gettime(id, &ts), "clock %d: %s", id, strerror(errno));
	xt_check(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000L, "clock %d: %ld ns", id,
		 (long)ts.tv_nsec);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* What one CPU has seen, no other may read less afterwards. */
static void *race(void *arg)
{
	long reads = 0;
	int i;

	xt_pin((long)arg);
	while (!stop) {
		i = reads++ % 3;
		u64 before = __atomic_load_n(&latest[i], __ATOMIC_SEQ_CST);
		u64 now = read_clock(ids[i]);

		xt_check(now >= before, "clock %d went back by %llu ns on CPU %ld", ids[i],
			 (unsigned long long)(before - now), (long)arg);
		while (now > before &&
		       !__atomic_compare_exchange_n(&latest[i], &before, now, 0, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
	}
	return (void *)reads;
}

static u64 sleeps(void)
{
	u64 worst = 0;
	int ms;

	for (ms = 1; ms <= 16; ms *= 2) {
		struct timespec ts = { 0, ms * 1000000L };
		u64 t = xt_now(), took;

		xt_check(!clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL), "nanosleep");
		took = xt_now() - t;
		xt_check(took >= ms * 1000000ULL, "a sleep of %d ms took %llu ns", ms,
			 (unsigned long long)took);
		xt_check(took < 5000000000ULL, "a sleep of %d ms took %llu ns", ms,
			 (unsigned long long)took);
		if (took - ms * 1000000ULL > worst)
			worst = took - ms * 1000000ULL;
	}
	return worst;
}

static void on_alarm(int sig)
{
	alarms++;
}

/* An interval timer, a timerfd and poll-like waiting: each on this CPU. */
static void timers(int cpu)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } }, off = { 0 };
	struct itimerspec its = { { 0, 3000000 }, { 0, 3000000 } };
	u64 n = 0, total = 0, t = xt_now();
	int fd;

	alarms = 0;
	xt_check(!setitimer(ITIMER_REAL, &it, NULL), "setitimer: %s", strerror(errno));
	while (alarms < 10 && xt_now() - t < 10000000000ULL)
		;
	setitimer(ITIMER_REAL, &off, NULL);
	xt_check(alarms >= 10, "%d alarms in 10 s on CPU %d", alarms, cpu);
	xt_check(xt_now() - t >= 18000000ULL, "10 alarms of 2 ms came too early");
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	if (fd < 0)
		return;
	t = xt_now();
	timerfd_settime(fd, 0, &its, NULL);
	while (total < 5 && read(fd, &n, sizeof(n)) == sizeof(n))
		total += n;
	xt_check(total >= 5 && xt_now() - t >= total * 3000000ULL - 100000, "timerfd came early");
	close(fd);
}

/* Wall clock and monotonic clock over the same sleep. */
static void rates(void)
{
	u64 m = read_clock(CLOCK_MONOTONIC), w = read_clock(CLOCK_REALTIME), dm, dw;
	struct timeval tv;

	usleep(300000);
	dm = read_clock(CLOCK_MONOTONIC) - m;
	dw = read_clock(CLOCK_REALTIME) - w;
	xt_check(dw > dm / 2 && dw < dm * 2, "wall clock %llu ns, monotonic %llu ns",
		 (unsigned long long)dw, (unsigned long long)dm);
	gettimeofday(&tv, NULL);
	xt_check(tv.tv_sec > 1577836800, "the year is before 2020");
}

int main(void)
{
	int cpus = xt_cpus();
	long n = cpus > 1 ? 2 * cpus : 2, reads = 0;
	u64 worst = 0, w, t0;
	pthread_t t[n];
	void *ret;

	xt_start("clock" XT_BITS);
	signal(SIGALRM, on_alarm);
	for (long i = 0; i < n; i++)
		xt_check(!pthread_create(&t[i], NULL, race, (void *)i), "pthread_create");
	for (t0 = xt_now(); xt_now() - t0 < xt_count(700) * 1000000ULL;)
		usleep(20000);
	stop = 1;
	for (long i = 0; i < n; i++) {
		pthread_join(t[i], &ret);
		reads += (long)ret;
	}
	for (long i = 0; i < cpus; i++) {
		xt_pin(i);
		w = sleeps();
		worst = w > worst ? w : worst;
		timers(i);
	}
	rates();
	xt_pass("%d CPUs, %ld reads, latest wakeup %llu us", cpus, reads,
		(unsigned long long)worst / 1000);
}
