// SPDX-License-Identifier: GPL-2.0-only
/* The store with the fake daemon, for the suites of this folder. */

#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "room.h"

static void kick(void)
{
}

static void retry_in(unsigned long delay)
{
}

static void no_pause(unsigned int tries)
{
}

/* Answers to errands, to be freed at the end of the case. */
struct answer {
	struct list_head list;
	char *text;
};

static LIST_HEAD(answers);

static void end(void *unused)
{
	struct answer *answer, *next;

	xenpv_store_detach();
	xenpv_store_stop();
	list_for_each_entry_safe(answer, next, &answers, list) {
		list_del(&answer->list);
		kfree(answer->text);
		kfree(answer);
	}
}

struct xenstore_domain_interface *store_test_start(struct kunit *test, bool far)
{
	struct xenstore_domain_interface *page;

	xenpv_fake_start(test);
	page = xenpv_fake_store_start(test);
	kunit_activate_static_stub(test, xenpv_store_notify, xenpv_fake_store_serve);
	kunit_activate_static_stub(test, xenpv_store_kick, kick);
	kunit_activate_static_stub(test, xenpv_store_retry_in, retry_in);
	kunit_activate_static_stub(test, xenpv_store_pause, no_pause);
	KUNIT_ASSERT_EQ(test, xenpv_store_start(), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end, NULL), 0);
	xenpv_store_attach((struct xenstore_domain_interface __xen_shared __force *)page, far);
	if (far)
		store_test_settle();
	return page;
}

void store_test_settle(void)
{
	for (unsigned int quiet = 0; quiet < 3; quiet++) {
		xenpv_fake_store_serve();
		if (xenpv_fake_store_event()) {
			xenpv_store_heard();
			quiet = 0;
		}
		xenpv_store_pump();
		xenpv_store_watch_flush();
	}
}

static void keep(struct xenpv_store_request *request)
{
	struct errand *errand = request->arg;
	struct answer *answer = kzalloc_obj(*answer);

	errand->done = true;
	errand->error = request->error;
	errand->len = request->len;
	if (answer && request->answer) {
		answer->text = request->answer;
		errand->answer = request->answer;
		request->answer = NULL;
		list_add(&answer->list, &answers);
	} else {
		kfree(answer);
	}
	errand->request = NULL;
	xenpv_store_request_free(request);
}

void store_test_send(struct kunit *test, struct errand *errand, u32 type, u32 tx_id,
		     const void *body, size_t len)
{
	struct xenpv_store_txn txn = { .id = tx_id, .session = xenpv_store_session() };
	struct xenpv_store_request *request;

	*errand = (struct errand){ .answer = "" };
	request = xenpv_store_request_new(type, tx_id ? &txn : NULL, len);
	KUNIT_ASSERT_FALSE(test, IS_ERR(request));
	memcpy(request->body, body, len);
	request->done = keep;
	request->arg = errand;
	errand->request = request;
	xenpv_store_submit(request);
}

static void see(struct xenpv_store_watch *watch, const char *path)
{
	struct seen *seen = container_of(watch, struct seen, watch);

	seen->calls++;
	if (!strcmp(path, watch->path))
		seen->wholes++;
	else
		strscpy(seen->last, path, sizeof(seen->last));
}

int store_test_watch(struct seen *seen, const char *dir, const char *node)
{
	*seen = (struct seen){
		.watch = { .dir = dir, .node = node, .changed = see },
	};
	return xenpv_store_watch(&seen->watch);
}

static int requester(void *arg)
{
	struct requester *r = arg;

	/* Its notifications reach the fake daemon, too; and it can be killed. */
	current->kunit_test = r->test;
	allow_signal(SIGKILL);
	r->ret = r->ask();
	complete(&r->ended);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	current->kunit_test = NULL;
	return 0;
}

void store_test_requester(struct kunit *test, struct requester *r, int (*ask)(void))
{
	*r = (struct requester){ .test = test, .ask = ask };
	init_completion(&r->ended);
	r->task = kthread_run(requester, r, "xenpv-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(r->task));
}

/* Kill it, and see it end. */
void store_test_kill(struct kunit *test, struct requester *r)
{
	send_sig(SIGKILL, r->task, 1);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&r->ended, 20 * HZ), 0);
	kthread_stop(r->task);
}
