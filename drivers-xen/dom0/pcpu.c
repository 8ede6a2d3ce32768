// SPDX-License-Identifier: GPL-2.0-only
/* /sys/devices/system/xen_cpu: the physical CPUs, to be seen and switched on and off. */

#define pr_fmt(fmt) "xenpv: pcpu: " fmt

#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <xenpv/event.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "pcpu.h"

#define NAME	"xen_cpu"

/* One look at a time.  No file takes it: devices are removed under it. */
static DEFINE_MUTEX(pcpus_lock);

/**
 * struct pcpu - a physical CPU that is shown
 * @dev: its directory; the number is Xen's
 * @online: as users were told last
 * @seen: by the present look
 *
 * Whether a CPU runs is asked of Xen whenever somebody reads the file.  What is
 * kept here is for the news that are told when that changes.
 */
struct pcpu {
	struct device dev;
	bool online __guarded_by(&pcpus_lock);
	bool seen __guarded_by(&pcpus_lock);
};

static DEFINE_XARRAY(pcpus);

static void look_again(struct work_struct *work)
{
	int ret = xenpv_pcpu_look();

	if (ret)
		pr_warn_ratelimited("Xen does not say what physical CPUs there are (%d)\n", ret);
}

static DECLARE_WORK(look_work, look_again);

static ssize_t online_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct xenpv_pcpu_facts facts;
	int ret = xenpv_pcpu_ask(dev->id, &facts);

	return ret ?: sysfs_emit(page, "%u\n", facts.online);
}

static ssize_t online_store(struct device *dev, struct device_attribute *attr,
			    const char *text, size_t len)
{
	bool on;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = kstrtobool(text, &on);
	if (!ret)
		ret = xenpv_pcpu_switch(dev->id, on);
	return ret ?: len;
}
static DEVICE_ATTR_RW(online);

static struct attribute *pcpu_attrs[] = {
	&dev_attr_online.attr,
	NULL
};

/* Xen itself can't do without the first. */
static umode_t pcpu_mode(struct kobject *kobj, struct attribute *attr, int index)
{
	return kobj_to_dev(kobj)->id ? attr->mode : 0;
}

static const struct attribute_group pcpu_group = {
	.attrs = pcpu_attrs,
	.is_visible = pcpu_mode,
};

static const struct attribute_group *pcpu_groups[] = { &pcpu_group, NULL };

static const struct bus_type pcpu_bus = {
	.name = NAME,
	.dev_name = NAME,
};

static void pcpu_release(struct device *dev)
{
	kfree(container_of(dev, struct pcpu, dev));
}

static int show_cpu(const struct xenpv_pcpu_facts *facts)
{
	struct pcpu *pcpu = kzalloc_obj(*pcpu);
	int ret;

	lockdep_assert_held(&pcpus_lock);
	if (!pcpu)
		return -ENOMEM;
	pcpu->dev.id = facts->cpu;
	pcpu->dev.bus = &pcpu_bus;
	pcpu->dev.release = pcpu_release;
	pcpu->dev.groups = pcpu_groups;
	pcpu->online = facts->online;
	pcpu->seen = true;

	ret = xa_err(xa_store(&pcpus, facts->cpu, pcpu, GFP_KERNEL));
	if (ret) {
		kfree(pcpu);
		return ret;
	}
	ret = device_register(&pcpu->dev);
	if (ret) {
		xa_erase(&pcpus, facts->cpu);
		put_device(&pcpu->dev);
	}
	return ret;
}

static void hide_cpu(struct pcpu *pcpu)
{
	lockdep_assert_held(&pcpus_lock);
	xa_erase(&pcpus, pcpu->dev.id);
	device_unregister(&pcpu->dev);
}

static int compare_cpu(const struct xenpv_pcpu_facts *facts, void *unused)
{
	struct pcpu *pcpu = xa_load(&pcpus, facts->cpu);

	lockdep_assert_held(&pcpus_lock);
	if (!pcpu)
		return show_cpu(facts);
	pcpu->seen = true;
	if (pcpu->online != facts->online) {
		pcpu->online = facts->online;
		kobject_uevent(&pcpu->dev.kobj, facts->online ? KOBJ_ONLINE : KOBJ_OFFLINE);
	}
	return 0;
}

/**
 * xenpv_pcpu_look() - show the CPUs that there are, and tell what changed
 *
 * A CPU is taken away only after a whole look has not seen it.
 *
 * Context: Process.
 * Return: 0 or a negative errno; what could be seen until then is shown.
 */
int xenpv_pcpu_look(void)
{
	struct pcpu *pcpu;
	unsigned long cpu;
	int ret;

	guard(mutex)(&pcpus_lock);
	xa_for_each(&pcpus, cpu, pcpu)
		pcpu->seen = false;
	ret = xenpv_pcpu_each(compare_cpu, NULL);
	if (ret)
		return ret;
	xa_for_each(&pcpus, cpu, pcpu)
		if (!pcpu->seen)
			hide_cpu(pcpu);
	return 0;
}

/**
 * xenpv_pcpu_switch() - have Xen start or stop a physical CPU
 * @cpu: Xen's number
 * @on: start it
 *
 * Xen moves vCPUs away first, and refuses if some can't be moved. When it is done it
 * sends the event that has us look.
 *
 * Context: Process.
 * Return: 0 or an errno of Xen.
 */
int xenpv_pcpu_switch(u32 cpu, bool on)
{
	struct xen_platform_op op = {
		.cmd = on ? XENPF_cpu_online : XENPF_cpu_offline,
		.u.cpu_ol.cpuid = cpu,
	};
	int ret = xenpv_hv_platform_op(&op);

	return ret > 0 ? -EPROTO : ret;
}

/**
 * xenpv_pcpu_device() - find the device of a physical CPU
 * @cpu: Xen's number
 *
 * Context: Process, nobody looks meanwhile.
 * Return: the device, or NULL.
 */
struct device *xenpv_pcpu_device(u32 cpu)
{
	struct pcpu *pcpu = xa_load(&pcpus, cpu);

	return pcpu ? &pcpu->dev : NULL;
}

/**
 * xenpv_pcpu_begin() - make the directory, without a CPU
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int xenpv_pcpu_begin(void)
{
	return subsys_system_register(&pcpu_bus, NULL);
}

/**
 * xenpv_pcpu_end() - remove everything
 *
 * Context: Process.
 */
void xenpv_pcpu_end(void)
{
	struct pcpu *pcpu;
	unsigned long cpu;

	cancel_work_sync(&look_work);
	scoped_guard(mutex, &pcpus_lock)
		xa_for_each(&pcpus, cpu, pcpu)
			hide_cpu(pcpu);
	bus_unregister(&pcpu_bus);
}

static irqreturn_t pcpu_changed(int irq, void *unused)
{
	schedule_work(&look_work);
	return IRQ_HANDLED;
}

static int __init pcpu_init(void)
{
	struct xenpv_event *ev;
	int ret;

	if (!xenpv_self.control)
		return 0;
	ret = xenpv_pcpu_begin();
	if (ret)
		return ret;
	ev = xenpv_event_bind_virq(VIRQ_PCPU_STATE, 0, pcpu_changed, 0, "pcpu", NULL);
	if (IS_ERR(ev))
		pr_warn("Xen does not tell of physical CPUs that come or go (%pe)\n", ev);
	schedule_work(&look_work);
	return 0;
}
device_initcall(pcpu_init);
