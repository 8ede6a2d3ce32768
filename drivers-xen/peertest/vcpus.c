// SPDX-License-Identifier: GPL-2.0-only
/* Plays a ball between two CPUs of this domain, over a channel to ourselves. */

#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/mm.h>

#include <xenpv/event.h>
#include "private.h"

/* Only these two CPUs; the game is not disturbed by what is moved later. */
static int put_on(struct peertest_end *end, unsigned int cpu)
{
	int ret = irq_set_affinity(xenpv_event_irq(end->event), cpumask_of(cpu));

	if (ret)
		return peertest_fail("cannot move to CPU %u: error %d", cpu, ret);
	end->cpu = cpu;
	return 0;
}

static int connect(struct peertest_end *server, struct peertest_end *answerer)
{
	unsigned int first = cpumask_first(cpu_online_mask);
	unsigned int second = cpumask_next(first, cpu_online_mask);

	if (second >= nr_cpu_ids)
		return peertest_fail("there is only one CPU");
	return peertest_end_open(server, DOMID_SELF) ?:
	       peertest_end_connect(answerer, DOMID_SELF,
				    xenpv_event_port(server->event)) ?:
	       put_on(server, first) ?:
	       put_on(answerer, second);
}

static int game(const struct peertest_args *args, u32 *words, bool late)
{
	/* Nobody else writes these; all accesses are as if. */
	u32 __xen_shared *ball = (u32 __xen_shared __force *)words;
	u32 __xen_shared *answer = ball + L1_CACHE_BYTES / sizeof(*ball);
	struct peertest_end server, answerer;
	int ret;

	peertest_end_prepare(&server, args, answer, ball);
	peertest_end_prepare(&answerer, args, ball, answer);
	server.serves = true;
	server.late = late;
	answerer.late = late;

	ret = connect(&server, &answerer);
	if (!ret) {
		peertest_end_serve(&server);
		ret = peertest_end_wait(&server);
	}
	/* Afterwards no handler runs any more. */
	peertest_end_close(&answerer);
	peertest_end_close(&server);
	if (!ret)
		ret = peertest_end_judge(&server, "server") ?:
		      peertest_end_judge(&answerer, "answerer");
	if (!ret)
		peertest_row(late ? "event-vcpus-late" : "event-vcpus",
			     peertest_end_cost(&server));
	return ret;
}

/**
 * peertest_vcpus() - all round trips, with early and with late acknowledge
 * @args: of the run
 *
 * Context: Process; a run.
 * Return: 0 or a negative errno.
 */
int peertest_vcpus(const struct peertest_args *args)
{
	int ret = 0;

	for (int late = 0; late < 2 && !ret; late++) {
		u32 *words = (u32 *)get_zeroed_page(GFP_KERNEL);

		if (!words)
			return -ENOMEM;
		ret = game(args, words, late);
		free_page((unsigned long)words);
	}
	if (ret)
		return ret;
	return peertest_pass("2 x %u round trips between two CPUs", args->rounds);
}
