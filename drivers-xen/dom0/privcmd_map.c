// SPDX-License-Identifier: GPL-2.0-only
/* Memory of guests, and pages that Xen keeps for them, in programs. */

#include <linux/cleanup.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "private.h"

/*
 * mmap() of the device gives an empty mapping; ioctls put frames into it.  All that is
 * known of a frame stands in its page-table entry, and Xen counts it: when the entry is
 * cleared, by whatever way the mapping ends, the frame is let go, once.  So there is
 * nothing here to be freed, and nothing that could be freed twice.  The mapping is not
 * split all the same: tools never do that, and a domain whose page tables Xen
 * translates has more to remember.
 *
 * A child of fork() does not have the mapping.
 */

/* Frames that are fetched from the program, and mapped, under one lock. */
#define CHUNK		256
/* Entries of MMAP: as many as of the array for the largest guest anyone built so. */
#define MAX_ENTRIES	65536
/* Pages of a resource: a GiB. */
#define MAX_RESOURCE	(SZ_1G >> PAGE_SHIFT)

static int privcmd_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

/* An entry of another's frame can't be made anew from its value. */
static int privcmd_mprotect(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end, unsigned long flags)
{
	return -EACCES;
}

static vm_fault_t privcmd_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct privcmd_vm_ops = {
	.may_split	= privcmd_may_split,
	.mprotect	= privcmd_mprotect,
	.fault		= privcmd_fault,
};

/**
 * xenpv_privcmd_prepare() - make an empty mapping
 * @vma: the mapping
 *
 * Context: Process, mmap lock held.
 * Return: 0, or -EINVAL for a mapping that is private and writable: a copy of a page
 * is not what a program wants that writes there.
 */
int xenpv_privcmd_prepare(struct vm_area_struct *vma)
{
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
		return -EINVAL;
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &privcmd_vm_ops;
	return 0;
}

/*
 * The mapping of ours that holds all of a range in which nothing is mapped, or an
 * ERR_PTR().  The mmap lock is held for writing.
 */
static struct vm_area_struct *find_place(u64 addr, u64 nr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	if (!nr || addr & ~PAGE_MASK || addr >= TASK_SIZE || nr > PHYS_PFN(TASK_SIZE))
		return ERR_PTR(-EINVAL);
	vma = vma_lookup(mm, addr);
	if (!vma || vma->vm_ops != &privcmd_vm_ops || nr > PHYS_PFN(vma->vm_end - addr))
		return ERR_PTR(-EINVAL);
	if (!xenpv_remap_is_free(vma, addr, nr))
		return ERR_PTR(-EINVAL);
	return vma;
}

static bool translated(void)
{
	return xenpv_self_has(XENFEAT_auto_translated_physmap);
}

/* One frame after the other, as of old. */
static int map_range(struct xenpv_remap *remap, u64 frame, u64 nr)
{
	xen_pfn_t frames[32];
	int errors[32];

	while (nr) {
		unsigned int count = min_t(u64, nr, ARRAY_SIZE(frames));
		int ret;

		for (unsigned int i = 0; i < count; i++)
			frames[i] = frame++;
		ret = xenpv_remap_frames(remap, frames, count, errors);
		if (ret)
			return ret;
		for (unsigned int i = 0; i < count; i++)
			if (errors[i])
				return errors[i];
		remap->addr += count << PAGE_SHIFT;
		nr -= count;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* The ranges follow each other. */
static int map_ranges(const struct privcmd_mmap *map, const struct privcmd_mmap_entry *entries)
{
	struct xenpv_remap remap = { .domid = map->dom, .addr = entries->va };
	int ret;

	mmap_assert_write_locked(current->mm);
	for (int i = 0; i < map->num; i++) {
		if (entries[i].va != remap.addr)
			return -EINVAL;
		remap.vma = find_place(entries[i].va, entries[i].npages);
		if (IS_ERR(remap.vma))
			return PTR_ERR(remap.vma);
		ret = map_range(&remap, entries[i].mfn, entries[i].npages);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * xenpv_privcmd_map() - IOCTL_PRIVCMD_MMAP
 * @file: open file
 * @arg: struct privcmd_mmap
 *
 * Context: Process.
 * Return: 0 or a negative errno; then some frames may be mapped.
 */
long xenpv_privcmd_map(const struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_mmap_entry *entries;
	struct privcmd_mmap map;
	int ret;

	if (translated())
		return -ENOSYS;
	if (copy_from_user(&map, arg, sizeof(map)))
		return -EFAULT;
	if (!xenpv_privcmd_may(file, map.dom))
		return -EPERM;
	if (map.num <= 0 || map.num > MAX_ENTRIES)
		return -EINVAL;
	entries = vmemdup_array_user(map.entry, map.num, sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	mmap_write_lock(current->mm);
	ret = map_ranges(&map, entries);
	mmap_write_unlock(current->mm);
	kvfree(entries);
	return ret;
}

/**
 * struct batch - MMAPBATCH of either version
 * @dom: whose frames
 * @addr: where the next one goes
 * @nr: how many are left
 * @frames: the program's array, from the next one on
 * @errors: likewise, of version 2
 * @judged: the place for all of them was fit
 * @absent: some were not in memory
 */
struct batch {
	domid_t dom;
	u64 addr;
	u64 nr;
	xen_pfn_t __user *frames;
	int __user *errors;
	bool judged;
	bool absent;
};

/* What is known of a frame before, and after. */
struct chunk {
	xen_pfn_t frames[CHUNK];
	int errors[CHUNK];
};

static int map_chunk(struct batch *batch, struct chunk *chunk, unsigned int count)
{
	struct xenpv_remap remap = { .domid = batch->dom, .addr = batch->addr };

	mmap_assert_write_locked(current->mm);
	/* All of it at first, so that nothing is done for a request that is wrong. */
	remap.vma = find_place(batch->addr, batch->judged ? count : batch->nr);
	if (IS_ERR(remap.vma))
		return PTR_ERR(remap.vma);
	batch->judged = true;
	return xenpv_remap_frames(&remap, chunk->frames, count, chunk->errors);
}

/* In version 1 the answer is part of the number, which had 32 bits then. */
static int tell_v1(const struct batch *batch, struct chunk *chunk, unsigned int i)
{
	xen_pfn_t said = chunk->frames[i];

	if (!chunk->errors[i])
		return 0;
	said |= chunk->errors[i] == -ENOENT ? PRIVCMD_MMAPBATCH_PAGED_ERROR :
					      PRIVCMD_MMAPBATCH_MFN_ERROR;
	return put_user(said, batch->frames + i);
}

static int tell(struct batch *batch, struct chunk *chunk, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		batch->absent |= chunk->errors[i] == -ENOENT;
		if (!batch->errors && tell_v1(batch, chunk, i))
			return -EFAULT;
	}
	if (batch->errors && copy_to_user(batch->errors, chunk->errors,
					  count * sizeof(*chunk->errors)))
		return -EFAULT;
	return 0;
}

static int do_chunk(struct batch *batch, struct chunk *chunk)
{
	unsigned int count = min_t(u64, batch->nr, CHUNK);
	int ret;

	if (copy_from_user(chunk->frames, batch->frames, count * sizeof(*chunk->frames)))
		return -EFAULT;
	mmap_write_lock(current->mm);
	ret = map_chunk(batch, chunk, count);
	mmap_write_unlock(current->mm);
	ret = ret ?: tell(batch, chunk, count);
	batch->addr += (u64)count << PAGE_SHIFT;
	batch->nr -= count;
	batch->frames += count;
	if (batch->errors)
		batch->errors += count;
	return ret;
}

static int do_batch(struct batch *batch)
{
	struct chunk *chunk = kmalloc_obj(*chunk, GFP_KERNEL);
	int ret;

	if (!chunk)
		return -ENOMEM;
	do {
		ret = do_chunk(batch, chunk);
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
	} while (!ret && batch->nr);
	kfree(chunk);
	return ret ?: batch->absent ? -ENOENT : 0;
}

static int fetch_v1(struct batch *batch, void __user *arg)
{
	struct privcmd_mmapbatch m;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	if (m.num <= 0)
		return -EINVAL;
	*batch = (struct batch){ .dom = m.dom, .addr = m.addr, .nr = m.num, .frames = m.arr };
	return 0;
}

static int fetch_v2(struct batch *batch, void __user *arg)
{
	struct privcmd_mmapbatch_v2 m;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	if (!m.num)
		return -EINVAL;
	/* Without a place for errors it would be taken for version 1. */
	if (!m.err)
		return -EFAULT;
	*batch = (struct batch){
		.dom = m.dom,
		.addr = m.addr,
		.nr = m.num,
		.frames = (xen_pfn_t __user *)m.arr,
		.errors = m.err,
	};
	return 0;
}

/**
 * xenpv_privcmd_map_batch() - IOCTL_PRIVCMD_MMAPBATCH and IOCTL_PRIVCMD_MMAPBATCH_V2
 * @file: open file
 * @arg: struct privcmd_mmapbatch or struct privcmd_mmapbatch_v2
 * @v2: which
 *
 * Context: Process.
 * Return: 0: each frame's fate is told; -ENOENT: likewise, and some were not in memory;
 * or another negative errno, with some frames mapped or none.
 */
long xenpv_privcmd_map_batch(const struct xenpv_privcmd *file, void __user *arg, bool v2)
{
	struct batch batch;
	int ret = v2 ? fetch_v2(&batch, arg) : fetch_v1(&batch, arg);

	if (ret)
		return ret;
	if (!xenpv_privcmd_may(file, batch.dom))
		return -EPERM;
	if (translated())
		return -EOPNOTSUPP;
	return do_batch(&batch);
}

/* How many pages does the resource have? */
static long size_resource(const struct privcmd_mmap_resource *m, void __user *arg)
{
	struct privcmd_mmap_resource __user *um = arg;
	struct xen_mem_acquire_resource res = {
		.domid = m->dom,
		.type = m->type,
		.id = m->id,
	};
	int ret = xenpv_hv_memory_resource(&res);

	if (ret)
		return ret;
	return put_user((u64)res.nr_frames, &um->num);
}

static int map_resource(const struct privcmd_mmap_resource *m, domid_t owner,
			const xen_pfn_t *frames, int *errors)
{
	struct xenpv_remap remap = { .domid = owner, .addr = m->addr, .machine = true };
	int ret;

	mmap_assert_write_locked(current->mm);
	remap.vma = find_place(m->addr, m->num);
	if (IS_ERR(remap.vma))
		return PTR_ERR(remap.vma);
	ret = xenpv_remap_frames(&remap, frames, m->num, errors);
	for (u64 i = 0; !ret && i < m->num; i++)
		ret = errors[i];
	/* All or nothing. */
	if (ret)
		zap_special_vma_range(remap.vma, m->addr, m->num << PAGE_SHIFT);
	return ret;
}

static long get_resource(const struct privcmd_mmap_resource *m)
{
	xen_pfn_t *frames __free(kvfree) = kvcalloc(m->num, sizeof(*frames), GFP_KERNEL_ACCOUNT);
	int *errors __free(kvfree) = kvcalloc(m->num, sizeof(*errors), GFP_KERNEL_ACCOUNT);
	struct xen_mem_acquire_resource res = {
		.domid = m->dom,
		.type = m->type,
		.id = m->id,
		.frame = m->idx,
		.nr_frames = m->num,
	};
	int ret;

	if (!frames || !errors)
		return -ENOMEM;
	set_xen_guest_handle(res.frame_list, frames);
	ret = xenpv_hv_memory_resource(&res);
	if (ret)
		return ret;
	mmap_write_lock(current->mm);
	ret = map_resource(m, res.flags & XENMEM_rsrc_acq_caller_owned ? DOMID_SELF : m->dom,
			   frames, errors);
	mmap_write_unlock(current->mm);
	return ret;
}

/**
 * xenpv_privcmd_map_resource() - IOCTL_PRIVCMD_MMAP_RESOURCE
 * @file: open file
 * @arg: struct privcmd_mmap_resource
 *
 * Context: Process.
 * Return: 0, all is mapped; or a negative errno, nothing is.
 */
long xenpv_privcmd_map_resource(const struct xenpv_privcmd *file, void __user *arg)
{
	struct privcmd_mmap_resource m;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	if (!xenpv_privcmd_may(file, m.dom))
		return -EPERM;
	if (!m.addr != !m.num || m.type > U16_MAX || m.num > MAX_RESOURCE)
		return -EINVAL;
	if (!m.num)
		return size_resource(&m, arg);
	if (translated())
		return -EOPNOTSUPP;
	return get_resource(&m);
}
