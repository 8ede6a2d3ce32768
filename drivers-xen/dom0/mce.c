// SPDX-License-Identifier: GPL-2.0-only
/* Fetches what Xen has recorded of machine checks, judges and reports it. */

#define pr_fmt(fmt) "xenpv: mce: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <asm/mce.h>
#include <asm/msr-index.h>
#include <kunit/static_stub.h>

#include <xenpv/event.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "mce.h"
#include "pcpu.h"

/*
 * Xen takes machine checks, does what has to be done, and keeps a record of each until
 * this domain has fetched and acknowledged it. A record is a chain of entries, each
 * with a type and a size; one says which CPU it was, and one each what a bank held.
 *
 * Addresses in it are the machine's. Mainline and programs take the address of an
 * error for a page of ours, to be taken out of use; and of those that are ours some are
 * not at that address. So the bit that says that there is an address is cleared, and
 * the address is in the log for people to read. An error in this domain's memory that
 * it has to act on Xen raises as an exception, with the address that we know.
 */

/* Records for one round: their banks fit into mainline's pool, which is emptied meanwhile. */
#define ROUND_RECORDS	4
#define ROUND_PAUSE	(HZ / 10)

/**
 * struct mce_cpu - what is kept of a physical CPU
 * @apic_id: of its local APIC
 * @pcpu: Xen's number
 * @mcgcap: its register of that name
 */
struct mce_cpu {
	u32 apic_id;
	u32 pcpu;
	u64 mcgcap;
};

static DEFINE_MUTEX(mce_lock);
static struct mce_cpu *mce_cpus __guarded_by(&mce_lock);
static u32 mce_nr_cpus __guarded_by(&mce_lock);

static u64 read_mcgcap(const struct mcinfo_logical_cpu *cpu)
{
	u32 nr = min_t(u32, cpu->mc_nmsrvals, __MC_MSR_ARRAYSIZE);

	for (u32 i = 0; i < nr; i++)
		if (cpu->mc_msrvalues[i].reg == MSR_IA32_MCG_CAP)
			return cpu->mc_msrvalues[i].value;
	return 0;
}

/* The number of CPUs that run, and with @cpus what they are; or a negative errno. */
static int ask_cpus(struct mcinfo_logical_cpu *cpus, u32 room)
{
	struct xen_mc mc = { .cmd = XEN_MC_physcpuinfo };
	int ret;

	mc.u.mc_physcpuinfo.ncpus = room;
	set_xen_guest_handle(mc.u.mc_physcpuinfo.info, cpus);
	ret = xenpv_hv_mca(&mc);
	if (ret)
		return ret < 0 ? ret : -EPROTO;
	if (!mc.u.mc_physcpuinfo.ncpus || mc.u.mc_physcpuinfo.ncpus > room)
		return -EPROTO;
	return mc.u.mc_physcpuinfo.ncpus;
}

static int read_cpus(void)
{
	struct mcinfo_logical_cpu *from __free(kvfree) = NULL;
	struct mce_cpu *to;
	int nr;

	lockdep_assert_held(&mce_lock);
	nr = ask_cpus(NULL, XENPV_PCPU_LIMIT);
	if (nr < 0)
		return nr;
	from = kvcalloc(nr, sizeof(*from), GFP_KERNEL);
	if (!from)
		return -ENOMEM;
	nr = ask_cpus(from, nr);
	if (nr < 0)
		return nr;
	to = kvcalloc(nr, sizeof(*to), GFP_KERNEL);
	if (!to)
		return -ENOMEM;
	for (u32 i = 0; i < nr; i++)
		to[i] = (struct mce_cpu){
			.apic_id = from[i].mc_apicid,
			.pcpu = from[i].mc_cpunr,
			.mcgcap = read_mcgcap(&from[i]),
		};
	kvfree(mce_cpus);
	mce_cpus = to;
	mce_nr_cpus = nr;
	return 0;
}

static const struct mce_cpu *find_cpu(u32 apic_id)
{
	lockdep_assert_held(&mce_lock);
	for (u32 i = 0; i < mce_nr_cpus; i++)
		if (mce_cpus[i].apic_id == apic_id)
			return &mce_cpus[i];
	return NULL;
}

/* The CPU of a record; one that has come since is asked for. */
static void name_cpu(struct xenpv_mce_record *record)
{
	const struct mce_cpu *cpu = find_cpu(record->apic_id);

	if (!cpu && !read_cpus())
		cpu = find_cpu(record->apic_id);
	record->pcpu = cpu ? cpu->pcpu : U32_MAX;
	record->mcgcap = cpu ? cpu->mcgcap : 0;
}

/**
 * xenpv_mce_report() - report a bank of a machine check
 * @record: what was read
 *
 * Context: Process.
 */
void xenpv_mce_report(const struct xenpv_mce_record *record)
{
	KUNIT_STATIC_STUB_REDIRECT(xenpv_mce_report, record);
	pr_err_ratelimited("CPU %d of the machine, bank %u: status %016llx, machine address %llx, misc %llx, domain %u\n",
			   (int)record->pcpu, record->bank, record->status, record->addr,
			   record->misc, record->domid);
	xenpv_mce_log(record);
}

static void report_bank(const struct mcinfo_bank *bank, const struct mcinfo_global *global)
{
	bool has_address = bank->mc_status & MCI_STATUS_ADDRV;
	struct xenpv_mce_record record = {
		.status = bank->mc_status & ~MCI_STATUS_ADDRV,
		.addr = has_address ? bank->mc_addr : 0,
		.misc = bank->mc_misc,
		.tsc = bank->mc_tsc,
		.mcgstatus = global->mc_gstatus,
		.apic_id = global->mc_apicid,
		.socket = global->mc_socketid,
		.domid = bank->mc_domid,
		.bank = bank->mc_bank,
	};

	name_cpu(&record);
	xenpv_mce_report(&record);
}

/* The entry at @at has a head, and ends within the data. */
static bool read_head(const struct mc_info *info, size_t at, struct mcinfo_common *head)
{
	size_t left = sizeof(info->mi_data) - at;

	if (left < sizeof(*head))
		return false;
	memcpy(head, (const void *)info->mi_data + at, sizeof(*head));
	return head->size >= sizeof(*head) && head->size <= left;
}

/* Entries that are longer than we know have something new at their end. */
static bool read_entry(const struct mc_info *info, size_t at, const struct mcinfo_common *head,
		       void *entry, size_t size)
{
	if (head->size < size)
		return false;
	memcpy(entry, (const void *)info->mi_data + at, size);
	return true;
}

/**
 * xenpv_mce_walk() - report all banks of a record
 * @info: the record
 *
 * Context: Process.
 * Return: number of banks, or -EPROTO where the chain of entries makes no sense; what
 * stands before that is reported.
 */
int xenpv_mce_walk(const struct mc_info *info)
{
	struct mcinfo_global global = { .mc_apicid = U32_MAX };
	struct mcinfo_common head;
	struct mcinfo_bank bank;
	size_t at = 0;
	int nr = 0;

	guard(mutex)(&mce_lock);
	for (u32 i = 0; i < info->mi_nentries; i++, at += head.size) {
		if (!read_head(info, at, &head))
			return -EPROTO;
		switch (head.type) {
		case MC_TYPE_GLOBAL:
			if (!read_entry(info, at, &head, &global, sizeof(global)))
				return -EPROTO;
			break;
		case MC_TYPE_BANK:
			/* Decoders have a table with a place for each bank. */
			if (!read_entry(info, at, &head, &bank, sizeof(bank)) ||
			    bank.mc_bank >= MAX_NR_BANKS)
				return -EPROTO;
			report_bank(&bank, &global);
			nr++;
			break;
		default:
			/* Registers, and what Xen did about it. */
			break;
		}
	}
	return nr;
}

/* The oldest record of a class; -ENODATA if there is none. */
static int fetch(u32 class, struct mc_info *info, u64 *id)
{
	struct xen_mc mc = { .cmd = XEN_MC_fetch };
	int ret;

	mc.u.mc_fetch.flags = class;
	set_xen_guest_handle(mc.u.mc_fetch.data, info);
	ret = xenpv_hv_mca(&mc);
	if (ret)
		return ret < 0 ? ret : -EPROTO;
	*id = mc.u.mc_fetch.fetch_id;
	switch (mc.u.mc_fetch.flags) {
	case XEN_MC_OK:
		return *id ? 0 : -EPROTO;
	case XEN_MC_NODATA:
		return -ENODATA;
	default:
		return -EPROTO;
	}
}

static int acknowledge(u32 class, u64 id)
{
	struct xen_mc mc = { .cmd = XEN_MC_fetch };
	int ret;

	mc.u.mc_fetch.flags = class | XEN_MC_ACK;
	mc.u.mc_fetch.fetch_id = id;
	ret = xenpv_hv_mca(&mc);
	return ret > 0 ? -EPROTO : ret;
}

/* One class until it is empty or @left records were taken. */
static int drain_class(u32 class, struct mc_info *info, unsigned int *left)
{
	u64 id;
	int ret;

	for (; *left; --*left) {
		memset(info, 0, sizeof(*info));
		ret = fetch(class, info, &id);
		if (ret)
			return ret == -ENODATA ? 0 : ret;
		if (xenpv_mce_walk(info) < 0)
			pr_warn_ratelimited("a record of Xen makes no sense from some place on\n");
		/* What can't be read now can't be read later, and is in the way of the next. */
		ret = acknowledge(class, id);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * xenpv_mce_drain() - report what Xen has recorded, a round of it
 *
 * Context: Process.
 * Return: 0 if that was all, 1 if there may be more, or a negative errno.
 */
int xenpv_mce_drain(void)
{
	struct mc_info *info __free(kfree) = kzalloc_obj(*info);
	unsigned int left = ROUND_RECORDS;
	int ret;

	if (!info)
		return -ENOMEM;
	ret = drain_class(XEN_MC_URGENT, info, &left);
	if (!ret)
		ret = drain_class(XEN_MC_NONURGENT, info, &left);
	return ret ?: !left;
}

static void mce_round(struct work_struct *work)
{
	int ret = xenpv_mce_drain();

	if (ret > 0)
		schedule_delayed_work(to_delayed_work(work), ROUND_PAUSE);
	else if (ret < 0)
		pr_warn_ratelimited("what Xen has recorded can't be had (%d)\n", ret);
}

static DECLARE_DELAYED_WORK(mce_work, mce_round);

static irqreturn_t mce_event(int irq, void *unused)
{
	schedule_delayed_work(&mce_work, 0);
	return IRQ_HANDLED;
}

static int __init mce_init(void)
{
	struct xenpv_event *ev;

	if (!xenpv_self.control)
		return 0;
	ev = xenpv_event_bind_virq(VIRQ_MCA, 0, mce_event, 0, "mce", NULL);
	if (IS_ERR(ev)) {
		pr_warn("Xen does not tell of machine checks (%pe)\n", ev);
		return PTR_ERR(ev);
	}
	/* What there is since before we were there. */
	schedule_delayed_work(&mce_work, 0);
	return 0;
}
late_initcall(mce_init);
