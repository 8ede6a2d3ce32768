// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers-xen/peertest measures, over the in-tree interfaces. scripts/tree
 * --lab puts it into drivers/xen of the lab's tree; no patch has it. The file in
 * debugfs and its rows are those of peertest/main.c.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>

#define BATCHES	9
#define MAPPED	32

static unsigned int peer, port, ref, rounds;
static char report[1024];
static size_t report_len;
static DEFINE_MUTEX(report_lock);

static __printf(1, 2) void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report_len += vscnprintf(report + report_len, sizeof(report) - report_len, fmt, args);
	va_end(args);
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static void row(const char *name, u64 *costs)
{
	sort(costs, BATCHES, sizeof(*costs), by_value, NULL);
	say("BENCH %s %llu\n", name, costs[BATCHES / 2]);
}

/* Events */

struct end {
	int irq;
	bool serves, late;
	const u32 *theirs;
	u32 *ours;
	u32 ball, batch, left;
	unsigned int nr_stamps;
	u64 stamps[BATCHES + 1];
	wait_queue_head_t wait;
};

static void play(struct end *e, u32 ball)
{
	smp_store_release(e->ours, ball);
	notify_remote_via_irq(e->irq);
}

static irqreturn_t handler(int irq, void *dev)
{
	struct end *e = dev;
	u32 ball = smp_load_acquire(e->theirs);
	bool useful = ball == e->ball + 1;

	if (e->late)
		xen_irq_lateeoi(irq, useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
	if (!useful)
		return IRQ_HANDLED;
	WRITE_ONCE(e->ball, ball);
	if (!--e->left) {
		e->left = e->batch;
		if (e->nr_stamps <= BATCHES)
			e->stamps[e->nr_stamps++] = ktime_get_ns();
	}
	if (!e->serves)
		play(e, ball);
	else if (ball != rounds)
		play(e, ball + 1);
	if (ball == rounds)
		wake_up(&e->wait);
	return IRQ_HANDLED;
}

static int bind(struct end *e, evtchn_port_t local)
{
	e->batch = rounds / (BATCHES + 1);
	e->left = e->batch;
	init_waitqueue_head(&e->wait);
	e->irq = e->late ? bind_evtchn_to_irqhandler_lateeoi(local, handler, 0, "bench", e) :
			   bind_evtchn_to_irqhandler(local, handler, 0, "bench", e);
	return e->irq < 0 ? e->irq : 0;
}

static int open_port(struct end *e, domid_t whom, evtchn_port_t *opened)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = whom };
	int ret = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	*opened = op.port;
	return ret ?: bind(e, op.port);
}

static int connect_port(struct end *e, domid_t whom, evtchn_port_t remote)
{
	struct evtchn_bind_interdomain op = { .remote_dom = whom, .remote_port = remote };

	return HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &op) ?:
	       bind(e, op.local_port);
}

static int wait_end(struct end *e)
{
	if (!wait_event_timeout(e->wait, READ_ONCE(e->ball) == rounds, 200 * HZ))
		return -ETIMEDOUT;
	msleep(50);
	return 0;
}

static void game_row(const char *name, const struct end *e)
{
	u64 costs[BATCHES];

	for (int i = 0; i < BATCHES; i++)
		costs[i] = (e->stamps[i + 1] - e->stamps[i]) / e->batch;
	row(name, costs);
}

static int game(bool late)
{
	u32 *words = (u32 *)get_zeroed_page(GFP_KERNEL);
	struct end a = { .serves = true, .late = late, .ours = words, .theirs = words + 16 };
	struct end b = { .late = late, .ours = words + 16, .theirs = words };
	evtchn_port_t opened;
	int ret;

	ret = open_port(&a, DOMID_SELF, &opened) ?: connect_port(&b, DOMID_SELF, opened) ?:
	      irq_set_affinity(a.irq, cpumask_of(0)) ?: irq_set_affinity(b.irq, cpumask_of(1));
	if (!ret) {
		play(&a, 1);
		ret = wait_end(&a);
	}
	if (!ret)
		game_row(late ? "event-vcpus-late" : "event-vcpus", &a);
	if (b.irq > 0)
		unbind_from_irqhandler(b.irq, &b);
	if (a.irq > 0)
		unbind_from_irqhandler(a.irq, &a);
	free_page((unsigned long)words);
	return ret;
}

static int vcpus(void)
{
	return game(false) ?: game(true);
}

/* Two domains: words 0, 16 and 32 of the page are ball, answer and "connected". */

static int lend(void)
{
	u32 *words = (u32 *)get_zeroed_page(GFP_KERNEL);
	struct end e = { .serves = true, .late = true, .ours = words, .theirs = words + 16 };
	int control = gnttab_grant_foreign_access(peer, virt_to_gfn(words), 0);
	evtchn_port_t opened;
	int ret = control < 0 ? control : open_port(&e, peer, &opened);

	if (ret)
		return ret;
	pr_info("XENPV-PEER port=%u ref=%u\n", opened, control);
	for (int i = 0; i < 12000 && !smp_load_acquire(&words[32]); i++)
		msleep(20);
	play(&e, 1);
	ret = wait_end(&e);
	if (!ret)
		game_row("event-domains", &e);
	unbind_from_irqhandler(e.irq, &e);
	gnttab_end_foreign_access(control, virt_to_page(words));
	return ret;
}

/* Mapping and copying */

struct costs {
	struct gnttab_page_cache cache;
	struct page *page;
	struct page *lent[MAPPED];
	int refs[MAPPED];
	struct page *mapped[MAPPED];
	grant_handle_t handles[MAPPED];
	struct gnttab_map_grant_ref maps[MAPPED];
	struct gnttab_unmap_grant_ref unmaps[MAPPED];
};

static int map(struct costs *c, unsigned int nr)
{
	struct gnttab_map_grant_ref *ops = c->maps;
	int ret;

	for (unsigned int i = 0; i < nr; i++) {
		if (gnttab_page_cache_get(&c->cache, &c->mapped[i]))
			return -ENOMEM;
		gnttab_set_map_op(&ops[i], (unsigned long)page_address(c->mapped[i]),
				  GNTMAP_host_map, c->refs[i], peer);
	}
	ret = gnttab_map_refs(ops, NULL, c->mapped, nr);
	for (unsigned int i = 0; i < nr && !ret; i++) {
		ret = ops[i].status ? -EIO : 0;
		c->handles[i] = ops[i].handle;
	}
	return ret;
}

static int unmap(struct costs *c, unsigned int nr)
{
	struct gnttab_unmap_grant_ref *ops = c->unmaps;
	int ret;

	for (unsigned int i = 0; i < nr; i++)
		gnttab_set_unmap_op(&ops[i], (unsigned long)page_address(c->mapped[i]),
				    GNTMAP_host_map, c->handles[i]);
	ret = gnttab_unmap_refs(ops, NULL, c->mapped, nr);
	gnttab_page_cache_put(&c->cache, c->mapped, nr);
	return ret;
}

static int borrow(struct costs *c)
{
	struct end e = { .late = true };
	u32 *words;
	int ret;

	c->refs[0] = ref;
	ret = map(c, 1);
	if (ret)
		return ret;
	words = page_address(c->mapped[0]);
	e.theirs = words;
	e.ours = words + 16;
	ret = connect_port(&e, peer, port);
	if (!ret) {
		smp_store_release(&words[32], 1);
		ret = wait_end(&e);
		unbind_from_irqhandler(e.irq, &e);
	}
	return unmap(c, 1) ?: ret;
}

static int grant_end(struct costs *c)
{
	int granted;

	get_page(c->page);
	granted = gnttab_grant_foreign_access(peer, xen_page_to_gfn(c->page), 0);
	if (granted < 0)
		return granted;
	gnttab_end_foreign_access(granted, c->page);
	return 0;
}

static int map_unmap_1(struct costs *c)
{
	return map(c, 1) ?: unmap(c, 1);
}

static int map_unmap_all(struct costs *c)
{
	return map(c, MAPPED) ?: unmap(c, MAPPED);
}

/* As a driver has it from its peer: none of it is known when this is compiled. */
static struct piece {
	grant_ref_t ref;
	domid_t peer;
	u16 peer_offset;
	struct page *page;
	u16 offset;
	u16 len;
	bool to_peer;
} piece;

static int copy_piece(const struct piece *p)
{
	struct gnttab_copy op = { .len = p->len };
	struct gnttab_copy_ptr *theirs = p->to_peer ? &op.dest : &op.source;
	struct gnttab_copy_ptr *ours = p->to_peer ? &op.source : &op.dest;

	if (!p->len || p->peer_offset + p->len > PAGE_SIZE || p->offset + p->len > PAGE_SIZE)
		return -EINVAL;
	theirs->u.ref = p->ref;
	theirs->domid = p->peer;
	theirs->offset = p->peer_offset;
	ours->u.gmfn = xen_page_to_gfn(p->page);
	ours->domid = DOMID_SELF;
	ours->offset = p->offset;
	op.flags = p->to_peer ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
	gnttab_batch_copy(&op, 1);
	return op.status ? -EIO : 0;
}

static int copy_4k(struct costs *c)
{
	piece.peer = peer;
	piece.ref = c->refs[0];
	piece.page = c->page;
	WRITE_ONCE(piece.len, PAGE_SIZE);
	barrier();
	return copy_piece(&piece);
}

static const struct measured {
	const char *name;
	int (*once)(struct costs *c);
	unsigned int batch;
} measured[] = {
	{ "grant-end",		grant_end,	500 },
	{ "map-unmap-1",	map_unmap_1,	200 },
	{ "map-unmap-32",	map_unmap_all,	50 },
	{ "copy-4k",		copy_4k,	500 },
};

static int measure(struct costs *c, const struct measured *m)
{
	u64 costs[BATCHES + 1], begin;
	int ret = 0;

	for (int i = 0; i <= BATCHES; i++) {
		begin = ktime_get_ns();
		for (int j = 0; j < m->batch && !ret; j++)
			ret = m->once(c);
		costs[i] = (ktime_get_ns() - begin) / m->batch;
	}
	if (!ret)
		row(m->name, costs + 1);
	return ret;
}

static int all_costs(struct costs *c)
{
	int ret = 0;

	c->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	for (int i = 0; i < MAPPED; i++) {
		c->lent[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		c->refs[i] = gnttab_grant_foreign_access(peer, xen_page_to_gfn(c->lent[i]), 0);
		if (c->refs[i] < 0)
			return c->refs[i];
	}
	for (int i = 0; i < ARRAY_SIZE(measured) && !ret; i++)
		ret = measure(c, &measured[i]);
	for (int i = 0; i < MAPPED; i++)
		gnttab_end_foreign_access(c->refs[i], c->lent[i]);
	put_page(c->page);
	return ret;
}

static int run(const char *line)
{
	struct costs *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int ret = -EINVAL;

	gnttab_page_cache_init(&c->cache);
	if (!strncmp(line, "costs", 5))
		ret = all_costs(c);
	else if (!strncmp(line, "vcpus", 5))
		ret = vcpus();
	else if (!strncmp(line, "lend", 4))
		ret = lend();
	else if (!strncmp(line, "borrow", 6))
		ret = borrow(c);
	gnttab_page_cache_shrink(&c->cache, 0);
	kfree(c);
	return ret;
}

static unsigned int key(const char *line, const char *name)
{
	const char *at = strstr(line, name);
	unsigned int value = 0;

	if (at)
		sscanf(at + strlen(name), "%u", &value);
	return value;
}

static ssize_t bench_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char *line = memdup_user_nul(from, len);
	int ret;

	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&report_lock);
	peer = key(line, " peer=");
	port = key(line, " port=");
	ref = key(line, " ref=");
	rounds = key(line, " rounds=");
	report_len = 0;
	ret = run(line);
	if (ret)
		say("FAIL error %d\n", ret);
	else
		say("ok as far as this one looks\n");
	mutex_unlock(&report_lock);
	kfree(line);
	return len;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	return simple_read_from_buffer(to, len, pos, report, report_len);
}

static const struct file_operations bench_fops = {
	.read = bench_read,
	.write = bench_write,
};

static int __init bench_init(void)
{
	if (xen_domain())
		debugfs_create_file("peertest", 0600, debugfs_create_dir("xenpv", NULL), NULL,
				    &bench_fops);
	return 0;
}
late_initcall(bench_init);
