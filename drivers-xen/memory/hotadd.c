// SPDX-License-Identifier: GPL-2.0-only
/* Adds RAM that has no frames yet, for a domain that becomes larger than at boot. */

#define pr_fmt(fmt) "xenpv: balloon: " fmt

#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <xenpv/balloon.h>
#include <xenpv/frames.h>
#include <xenpv/self.h>
#include "balloon.h"
#include "private.h"

/**
 * struct block - RAM that was added; stays for ever
 * @list: of all
 * @res: its place
 */
struct block {
	struct list_head list;
	struct resource res;
};

/**
 * struct added - all of it
 * @lock: guards the rest
 * @blocks: struct block
 * @pending: pages that are not online yet
 */
struct added {
	spinlock_t lock;
	struct list_head blocks __guarded_by(&lock);
	unsigned long pending __guarded_by(&lock);
};

static struct added added = {
	.lock = __SPIN_LOCK_UNLOCKED(added.lock),
	.blocks = LIST_HEAD_INIT(added.blocks),
};

/**
 * xenpv_hotadd_pending() - how many pages were added and are not online yet?
 *
 * Context: Any.
 * Return: their number.
 */
unsigned long xenpv_hotadd_pending(void)
{
	/* Old at once, with a lock or without. */
	return data_race(added.pending);
}

/* Pages that come online: are they ours?  Then they are not pending any more. */
static bool expected(struct page *page, unsigned long nr)
{
	phys_addr_t addr = PFN_PHYS(page_to_pfn(page));
	struct block *block;

	guard(spinlock)(&added.lock);
	list_for_each_entry(block, &added.blocks, list) {
		if (addr < block->res.start || addr > block->res.end)
			continue;
		added.pending -= min(nr, added.pending);
		return true;
	}
	return false;
}

/* Pages without frames must not reach the allocator. */
static void online(struct page *page, unsigned int order)
{
	unsigned long nr = 1UL << order;

	if (!expected(page, nr)) {
		generic_online_page(page, order);
		return;
	}
	for (unsigned long i = 0; i < nr; i++)
		xenpv_stock_put(page + i);
	xenpv_balloon_look();
}

static void enter(struct block *block)
{
	guard(spinlock)(&added.lock);
	list_add(&block->list, &added.blocks);
	added.pending += resource_size(&block->res) >> PAGE_SHIFT;
}

static void leave(struct block *block)
{
	guard(spinlock)(&added.lock);
	list_del(&block->list);
	added.pending -= min_t(unsigned long, added.pending,
			       resource_size(&block->res) >> PAGE_SHIFT);
}

/*
 * The frame table first: until a page has a frame, the entry that maps it is not
 * present.
 */
static int build(struct block *block)
{
	struct resource *res = &block->res;
	unsigned long first = PHYS_PFN(res->start), end = PHYS_PFN(res->end + 1);
	int ret = xenpv_p2m_make_room(first, end);

	if (ret)
		return ret;
	enter(block);
	lock_device_hotplug();
	ret = add_memory_resource(memory_add_physaddr_to_nid(res->start), res, MHP_NONE);
	unlock_device_hotplug();
	if (ret) {
		leave(block);
		/* Something else may find its place there, a device for example. */
		xenpv_p2m_set_identity(first, end);
	}
	return ret;
}

/**
 * xenpv_hotadd() - add the least RAM that can be added
 *
 * A block at a time: its page structures take memory of those there are.
 *
 * Context: Process; one caller at a time.
 * Return: how many pages; -EOPNOTSUPP if there can be none; or another negative errno.
 */
long xenpv_hotadd(void)
{
	unsigned long size = memory_block_size_bytes();
	struct block *block = kzalloc_obj(*block);
	int ret;

	if (!block)
		return -ENOMEM;
	block->res.name = "System RAM";
	block->res.flags = IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY;
	ret = xenpv_place_find(&block->res, size, size);
	if (ret)
		goto free;
	ret = build(block);
	if (ret)
		goto release;
	pr_info("RAM was added: %pR\n", &block->res);
	return size >> PAGE_SHIFT;

release:
	release_resource(&block->res);
free:
	kfree(block);
	return ret;
}

static int __init hotadd_init(void)
{
	if (!xenpv_balloon_current())
		return 0;
	return set_online_page_callback(online);
}
device_initcall(hotadd_init);
