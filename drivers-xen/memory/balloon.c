// SPDX-License-Identifier: GPL-2.0-only
/* Goes for the size that the domain shall have, a batch of pages at a time. */

#define pr_fmt(fmt) "xenpv: balloon: " fmt

#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/workqueue.h>

#include <kunit/static_stub.h>
#include <xenpv/balloon.h>
#include <xenpv/hypercall.h>
#include <xenpv/scratch.h>
#include <xenpv/self.h>
#include "balloon.h"
#include "private.h"

/* For pages to give up: whoever else needs memory comes first. */
#define GFP_BALLOON	(GFP_HIGHUSER | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC)

/**
 * enum verdict - what follows from a step
 * @DONE: nothing to do until something happens
 * @MORE: go on at once
 * @LATER: try again after a while
 */
enum verdict {
	DONE,
	MORE,
	LATER,
};

static void balloon_work(struct work_struct *work);

/**
 * struct balloon - how large the domain is and shall be, in pages
 * @lock: guards the rest
 * @work: takes the next step
 * @base: its size if all frames were here; 0: nobody counts
 * @before: frames that were given up before anybody counted
 * @asked: size that was asked for
 * @ceiling: the most that Xen lets it have
 * @static_max: the same for the toolstack; 0: it did not say
 * @search: idle pages of the scratch store shall be RAM again, once
 * @suspended: the domain is being saved
 * @delay: seconds to wait after the next failure
 * @max_delay: the most of that
 * @tries: failures in a row, plus one
 * @max_tries: give up then; 0: never
 * @stats: what happened
 * @pages: the batch
 * @frames: numbers for it
 */
struct balloon {
	struct mutex lock;
	struct delayed_work work;
	unsigned long base;
	long before __guarded_by(&lock);
	unsigned long asked __guarded_by(&lock);
	unsigned long ceiling __guarded_by(&lock);
	unsigned long static_max __guarded_by(&lock);
	bool search __guarded_by(&lock);
	bool suspended __guarded_by(&lock);
	unsigned int delay __guarded_by(&lock);
	unsigned int max_delay __guarded_by(&lock);
	unsigned int tries __guarded_by(&lock);
	unsigned int max_tries __guarded_by(&lock);
	struct xenpv_balloon_stats stats __guarded_by(&lock);
	struct page *pages[XENPV_BALLOON_BATCH] __guarded_by(&lock);
	xen_pfn_t frames[XENPV_BALLOON_BATCH] __guarded_by(&lock);
};

static struct balloon balloon = {
	.lock = __MUTEX_INITIALIZER(balloon.lock),
	.work = __DELAYED_WORK_INITIALIZER(balloon.work, balloon_work, 0),
	.max_delay = XENPV_BALLOON_DELAY,
};

/**
 * xenpv_balloon_plan() - have the next step taken
 * @ms: in this many milliseconds
 *
 * Context: Any.  Tests take the steps themselves.
 */
void xenpv_balloon_plan(unsigned int ms)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_balloon_plan, ms);
	mod_delayed_work(system_freezable_wq, &balloon.work, msecs_to_jiffies(ms));
}

/**
 * xenpv_balloon_available() - how much memory could programs still get?
 *
 * Context: Any.
 * Return: pages.
 */
unsigned long xenpv_balloon_available(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_balloon_available);
	return max(si_mem_available(), 0L);
}

/**
 * xenpv_balloon_add_ram() - make more pages without frames
 *
 * Context: Process; one caller at a time.
 * Return: how many, though they may be there only when they are brought online;
 * -EOPNOTSUPP if there can be none; or another negative errno.
 */
long xenpv_balloon_add_ram(void)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_balloon_add_ram);
	return xenpv_hotadd();
}

/**
 * xenpv_balloon_current() - how large is this domain?
 *
 * Context: Any.
 * Return: pages that have frames; 0 if nobody counts.
 */
unsigned long xenpv_balloon_current(void)
{
	long base = READ_ONCE(balloon.base);

	return base ? max(base - xenpv_frames_out(), 0L) : 0;
}

/* All that the kernel has page structures for, but for what is not online. */
static unsigned long total(void)
{
	return xenpv_balloon_current() + xenpv_stock_nr() + xenpv_scratch_frames();
}

/**
 * xenpv_balloon_may_lend() - may a frame be given up for a page of a peer?
 *
 * Context: Any.
 * Return: false if this kernel needs it.
 */
bool xenpv_balloon_may_lend(void)
{
	unsigned long now = xenpv_balloon_current();

	return !now || now > xenpv_balloon_floor(total());
}

/**
 * xenpv_balloon_look() - have the balloon look whether there is something to do
 *
 * Context: Any.
 */
void xenpv_balloon_look(void)
{
	if (READ_ONCE(balloon.base))
		xenpv_balloon_plan(0);
}

static unsigned long goal(void)
{
	lockdep_assert_held(&balloon.lock);
	return xenpv_balloon_goal(balloon.asked, xenpv_balloon_floor(total()),
				  balloon.ceiling);
}

static void calm(void)
{
	lockdep_assert_held(&balloon.lock);
	balloon.delay = 1;
	balloon.tries = 1;
}

static unsigned int give_up(struct page **pages, unsigned int nr)
{
	unsigned int done;

	lockdep_assert_held(&balloon.lock);
	done = xenpv_frames_surrender(pages, balloon.frames, nr);
	for (unsigned int i = 0; i < done; i++)
		xenpv_stock_put(pages[i]);
	for (unsigned int i = done; i < nr; i++)
		__free_page(pages[i]);
	balloon.stats.given += done;
	balloon.stats.refused += nr - done;
	return done;
}

static unsigned int get_back(struct page **pages, unsigned int nr)
{
	unsigned int done;

	lockdep_assert_held(&balloon.lock);
	done = xenpv_frames_reclaim(pages, balloon.frames, nr);
	for (unsigned int i = 0; i < done; i++)
		__free_page(pages[i]);
	for (unsigned int i = done; i < nr; i++)
		xenpv_stock_put(pages[i]);
	balloon.stats.taken += done;
	balloon.stats.refused += nr - done;
	return done;
}

/* Programs keep a reserve; what is taken from it now would come back as swapping. */
static enum verdict shrink(unsigned long nr)
{
	unsigned long available = xenpv_balloon_available();
	unsigned long reserve = xenpv_balloon_reserve(total());
	unsigned int got, done;

	lockdep_assert_held(&balloon.lock);
	if (available <= reserve)
		return LATER;
	nr = min3(nr, available - reserve, (unsigned long)XENPV_BALLOON_BATCH);
	for (got = 0; got < nr; got++) {
		balloon.pages[got] = alloc_page(GFP_BALLOON);
		if (!balloon.pages[got])
			break;
	}
	done = give_up(balloon.pages, got);
	if (done)
		calm();
	return done < nr ? LATER : MORE;
}

/* The stock is empty, and the domain shall be larger. */
static enum verdict find_pages(void)
{
	long added;

	lockdep_assert_held(&balloon.lock);
	if (balloon.search) {
		balloon.search = false;
		xenpv_scratch_empty();
		return MORE;
	}
	if (total() + xenpv_hotadd_pending() >= goal())
		return DONE;
	added = xenpv_balloon_add_ram();
	if (added == -EOPNOTSUPP) {
		pr_info_once("RAM can't be added to this kernel, %lu KiB is the most\n",
			     total() << (PAGE_SHIFT - 10));
		return DONE;
	}
	if (added < 0)
		return LATER;
	balloon.stats.added += added;
	return xenpv_stock_nr() ? MORE : DONE;
}

static enum verdict grow(unsigned long nr)
{
	unsigned int got, done;

	lockdep_assert_held(&balloon.lock);
	nr = min_t(unsigned long, nr, XENPV_BALLOON_BATCH);
	for (got = 0; got < nr; got++) {
		balloon.pages[got] = xenpv_stock_take();
		if (!balloon.pages[got])
			break;
	}
	if (!got)
		return find_pages();
	done = get_back(balloon.pages, got);
	if (done)
		calm();
	return done < got ? LATER : MORE;
}

static enum verdict step(void)
{
	unsigned long now = xenpv_balloon_current(), want = goal();
	enum verdict verdict;

	lockdep_assert_held(&balloon.lock);
	if (now == want)
		return DONE;
	verdict = now < want ? grow(want - now) : shrink(now - want);
	return xenpv_balloon_current() == goal() ? DONE : verdict;
}

static void put_off(void)
{
	lockdep_assert_held(&balloon.lock);
	if (balloon.max_tries && balloon.tries >= balloon.max_tries) {
		balloon.stats.abandoned++;
		return;
	}
	balloon.tries++;
	balloon.stats.delayed++;
	xenpv_balloon_plan(balloon.delay * MSEC_PER_SEC);
	balloon.delay = xenpv_balloon_next_delay(balloon.delay, balloon.max_delay);
}

/**
 * xenpv_balloon_run() - take a step, and plan the next one if there is one
 *
 * Context: Process.
 */
void xenpv_balloon_run(void)
{
	guard(mutex)(&balloon.lock);
	if (!balloon.base || balloon.suspended)
		return;
	balloon.stats.looks++;
	switch (step()) {
	case DONE:
		calm();
		break;
	case MORE:
		xenpv_balloon_plan(0);
		break;
	case LATER:
		put_off();
		break;
	}
}

static void balloon_work(struct work_struct *work)
{
	xenpv_balloon_run();
}

/* Xen may have changed its mind since the last target. */
static void find_ceiling(void)
{
	long max = xenpv_hv_memory_maximum(DOMID_SELF);

	lockdep_assert_held(&balloon.lock);
	balloon.ceiling = max > 0 ? max : balloon.base - balloon.before;
	if (balloon.static_max)
		balloon.ceiling = min(balloon.ceiling, balloon.static_max);
}

static void tell(void)
{
	unsigned long floor = xenpv_balloon_floor(total());

	lockdep_assert_held(&balloon.lock);
	if (balloon.asked < floor)
		pr_info_once("%lu KiB is less than this kernel needs, %lu KiB is the least\n",
			     balloon.asked << (PAGE_SHIFT - 10), floor << (PAGE_SHIFT - 10));
	if (balloon.asked > balloon.ceiling)
		pr_info_once("more was asked for than the %lu KiB that Xen gives\n",
			     balloon.ceiling << (PAGE_SHIFT - 10));
}

/**
 * xenpv_balloon_set_target() - say how large the domain shall be
 * @pages: size; any number, it goes for what is possible
 *
 * Context: Process.
 * Return: 0, or -ENODEV if this is no domain of Xen.
 */
int xenpv_balloon_set_target(unsigned long pages)
{
	guard(mutex)(&balloon.lock);
	if (!balloon.base)
		return -ENODEV;
	balloon.asked = pages;
	balloon.search = true;
	find_ceiling();
	tell();
	calm();
	if (!balloon.suspended && goal() != xenpv_balloon_current())
		xenpv_balloon_plan(0);
	return 0;
}

/**
 * xenpv_balloon_set_static_max() - what the toolstack says about the largest size
 * @pages: size
 *
 * A translated domain may have been started with fewer frames than its map has RAM:
 * Xen fills in a page when it is used, and ends the domain when more are used than it
 * has.  It does not say how many are missing, but the balloon must take them.  So
 * such a domain counts from its largest size.
 *
 * Context: Process.
 */
void xenpv_balloon_set_static_max(unsigned long pages)
{
	unsigned long known = get_num_physpages(), was;

	guard(mutex)(&balloon.lock);
	if (!balloon.base || !pages)
		return;
	balloon.static_max = pages;
	find_ceiling();
	/* Video memory counts, too, so it may be a little more than the map has. */
	if (!xenpv_self_has(XENFEAT_auto_translated_physmap) ||
	    pages + balloon.before <= balloon.base || pages > known + known / 8)
		return;
	was = xenpv_balloon_current();
	WRITE_ONCE(balloon.base, pages + balloon.before);
	if (balloon.asked == was)
		balloon.asked = xenpv_balloon_current();
}

/**
 * xenpv_balloon_relieve() - get frames for a few pages, whatever the target
 * @nr: how many
 *
 * They stay until the pressure has had time to pass.
 *
 * Context: Process; may be called by who waits for memory.
 * Return: how many pages are free now.
 */
unsigned long xenpv_balloon_relieve(unsigned long nr)
{
	unsigned int got, done = 0;

	/* The balloon itself may be the one who waits. */
	if (!mutex_trylock(&balloon.lock))
		return 0;
	nr = min_t(unsigned long, nr, XENPV_BALLOON_BATCH);
	for (got = 0; got < nr && balloon.base && !balloon.suspended; got++) {
		balloon.pages[got] = xenpv_stock_take();
		if (!balloon.pages[got])
			break;
	}
	if (got) {
		done = get_back(balloon.pages, got);
		balloon.stats.relieved += done;
		/* Who grows anyhow is not held up. */
		if (goal() < xenpv_balloon_current())
			xenpv_balloon_plan(balloon.max_delay * MSEC_PER_SEC);
	}
	mutex_unlock(&balloon.lock);
	return done;
}

/**
 * xenpv_balloon_suspend() - stop, as the domain is about to be saved
 *
 * Afterwards the balloon gives and takes no frame, until xenpv_balloon_resume().
 *
 * Context: Process.
 */
void xenpv_balloon_suspend(void)
{
	scoped_guard(mutex, &balloon.lock)
		balloon.suspended = true;
	cancel_delayed_work_sync(&balloon.work);
}

/**
 * xenpv_balloon_resume() - go on
 *
 * Context: Process.
 */
void xenpv_balloon_resume(void)
{
	scoped_guard(mutex, &balloon.lock)
		balloon.suspended = false;
	xenpv_balloon_look();
}

/**
 * xenpv_balloon_stats() - what happened since boot
 * @stats: filled in
 *
 * Context: Process.
 */
void xenpv_balloon_stats(struct xenpv_balloon_stats *stats)
{
	guard(mutex)(&balloon.lock);
	*stats = balloon.stats;
}

/**
 * xenpv_balloon_state() - how things are
 * @state: filled in
 *
 * Context: Process.
 */
void xenpv_balloon_state(struct xenpv_balloon_state *state)
{
	guard(mutex)(&balloon.lock);
	*state = (struct xenpv_balloon_state) {
		.asked = balloon.asked,
		.goal = goal(),
		.size = xenpv_balloon_current(),
		.floor = xenpv_balloon_floor(total()),
		.ceiling = balloon.ceiling,
		.delay = balloon.delay,
		.max_delay = balloon.max_delay,
		.tries = balloon.tries,
		.max_tries = balloon.max_tries,
	};
}

/**
 * xenpv_balloon_set_max_delay() - set the longest delay between two tries
 * @seconds: how long
 *
 * Context: Process.
 * Return: 0, or -EINVAL if that is no time to wait.
 */
int xenpv_balloon_set_max_delay(unsigned int seconds)
{
	if (!seconds || seconds > XENPV_BALLOON_MAX_DELAY)
		return -EINVAL;
	guard(mutex)(&balloon.lock);
	balloon.max_delay = seconds;
	balloon.delay = min(balloon.delay, seconds);
	return 0;
}

/**
 * xenpv_balloon_set_max_tries() - set after how many tries it gives up
 * @tries: how many, 0 for never
 *
 * Context: Process.
 * Return: 0.
 */
int xenpv_balloon_set_max_tries(unsigned int tries)
{
	guard(mutex)(&balloon.lock);
	balloon.max_tries = tries;
	return 0;
}

/**
 * xenpv_balloon_start() - begin to count
 *
 * The size that the domain has now is its target.
 *
 * Context: Process.
 * Return: 0, or a negative errno if Xen does not say how large it is.
 */
int xenpv_balloon_start(void)
{
	long now = xenpv_hv_memory_current(DOMID_SELF);

	if (now <= 0)
		return now ?: -ENODEV;
	guard(mutex)(&balloon.lock);
	balloon.asked = now;
	balloon.static_max = 0;
	balloon.suspended = false;
	balloon.max_delay = XENPV_BALLOON_DELAY;
	balloon.max_tries = 0;
	memset(&balloon.stats, 0, sizeof(balloon.stats));
	balloon.search = false;
	balloon.before = xenpv_frames_out();
	WRITE_ONCE(balloon.base, now + balloon.before);
	find_ceiling();
	calm();
	return 0;
}

/**
 * xenpv_balloon_stop() - end; the stock stays
 *
 * Context: Process; tests.
 */
void xenpv_balloon_stop(void)
{
	scoped_guard(mutex, &balloon.lock)
		WRITE_ONCE(balloon.base, 0);
	cancel_delayed_work_sync(&balloon.work);
}

static int __init balloon_init(void)
{
	int ret;

	if (xenpv_self.kind == XENPV_KIND_NONE)
		return 0;
	ret = xenpv_balloon_start();
	if (ret)
		pr_warn("Xen does not say how large this domain is (%pe)\n", ERR_PTR(ret));
	return ret;
}
subsys_initcall(balloon_init);
