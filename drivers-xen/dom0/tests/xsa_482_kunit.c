// SPDX-License-Identifier: GPL-2.0-only
/* KUnit replay of XSA-482: root of a guest has the kernel issue hypercalls for it. */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <xenpv/abi.h>
#include <uapi/xen/privcmd.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "../../fake/fake.h"
#include "../private.h"

#define TARGET	5
#define OTHER	6

/* What the domain is like, and what reached Xen. */
static struct {
	int target;
	bool locked_down;
	unsigned int calls;
	unsigned long last;
	unsigned long args[5];
} world;

static struct {
	bool control;
	u32 features;
} saved;

static struct file *file;
static unsigned long memory;

static int target(domid_t *domid)
{
	if (world.target < 0)
		return world.target;
	*domid = world.target;
	return 0;
}

static bool locked_down(void)
{
	return world.locked_down;
}

static long user_call(unsigned long nr, const unsigned long *args)
{
	world.calls++;
	world.last = nr;
	memcpy(world.args, args, sizeof(world.args));
	return 77;
}

/* What the kernel asks for the program's sake. */
static long kernel_call(unsigned long a1, unsigned long a2, unsigned long a3,
			unsigned long a4, unsigned long a5, unsigned long nr)
{
	world.calls++;
	return -ESRCH;
}

static void restore(void *unused)
{
	xenpv_self.control = saved.control;
	xenpv_self.features[0] = saved.features;
	if (file && file->private_data)
		xenpv_privcmd_fops.release(NULL, file);
	kfree(file);
	file = NULL;
}

static int xsa_482_init(struct kunit *test)
{
	memset(&world, 0, sizeof(world));
	xenpv_fake_start(test);
	xenpv_fake_serve_any(kernel_call);
	kunit_activate_static_stub(test, xenpv_privcmd_locked_down, locked_down);
	kunit_activate_static_stub(test, xenpv_hypercall_user, user_call);
	saved.control = xenpv_self.control;
	saved.features = xenpv_self.features[0];
	file = kzalloc_obj(*file);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);
	xenpv_self.control = false;
	xenpv_self.features[0] &= ~BIT(XENFEAT_auto_translated_physmap);
	kunit_activate_static_stub(test, xenpv_privcmd_target, target);
	memory = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_LT(test, memory, (unsigned long)-MAX_ERRNO);
	return 0;
}

static void open_as(struct kunit *test, int domid)
{
	if (file->private_data)
		xenpv_privcmd_fops.release(NULL, file);
	world.target = domid;
	KUNIT_ASSERT_EQ(test, xenpv_privcmd_fops.open(NULL, file), 0);
}

static long do_ioctl(unsigned int cmd, const void *arg, size_t size)
{
	if (copy_to_user((void __user *)memory, arg, size))
		return -EFAULT;
	return xenpv_privcmd_fops.unlocked_ioctl(file, cmd, memory);
}

static long hypercall(unsigned long op)
{
	struct privcmd_hypercall call = { .op = op, .arg = { 1, 2, 3, 4, 5 } };

	return do_ioctl(IOCTL_PRIVCMD_HYPERCALL, &call, sizeof(call));
}

static long restrict_to(domid_t domid)
{
	return do_ioctl(IOCTL_PRIVCMD_RESTRICT, &domid, sizeof(domid));
}

/* Each request that names a domain. */
static long name_domain(unsigned int how, domid_t domid)
{
	struct privcmd_dm_op_buf buf = { (void __user *)(memory + PAGE_SIZE), 16 };
	struct privcmd_dm_op dm = { domid, 1, (void __user *)(memory + PAGE_SIZE + 64) };
	struct privcmd_mmap map = { .num = 1, .dom = domid };
	struct privcmd_mmapbatch v1 = { .num = 1, .dom = domid };
	struct privcmd_mmapbatch_v2 v2 = { .num = 1, .dom = domid, .err = (int __user *)memory };
	struct privcmd_mmap_resource res = { .dom = domid, .type = 1 };

	switch (how) {
	case 0:
		if (copy_to_user((void __user *)dm.ubufs, &buf, sizeof(buf)))
			return -EFAULT;
		return do_ioctl(IOCTL_PRIVCMD_DM_OP, &dm, sizeof(dm));
	case 1:
		return do_ioctl(IOCTL_PRIVCMD_MMAP, &map, sizeof(map));
	case 2:
		return do_ioctl(IOCTL_PRIVCMD_MMAPBATCH, &v1, sizeof(v1));
	case 3:
		return do_ioctl(IOCTL_PRIVCMD_MMAPBATCH_V2, &v2, sizeof(v2));
	default:
		return do_ioctl(IOCTL_PRIVCMD_MMAP_RESOURCE, &res, sizeof(res));
	}
}

#define NR_WAYS	5

static void nobody_is_reached(struct kunit *test)
{
	for (unsigned int op = 0; op < 64; op++)
		KUNIT_EXPECT_EQ(test, hypercall(op), -EPERM);
	for (unsigned int how = 0; how < NR_WAYS; how++)
		for (unsigned int domid = 0; domid <= U16_MAX; domid += domid < 0x7fe0 ? 991 : 1)
			KUNIT_EXPECT_EQ(test, name_domain(how, domid), -EPERM);
	KUNIT_EXPECT_EQ(test, world.calls, 0);
}

static void guest_without_target(struct kunit *test)
{
	static const int answers[] = {
		-ENOENT, -EAGAIN, DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_INVALID, U16_MAX,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(answers); i++) {
		open_as(test, answers[i]);
		nobody_is_reached(test);
	}
}

/* There is no store: as if there were no target. */
static void guest_before_xenstore(struct kunit *test)
{
	kunit_deactivate_static_stub(test, xenpv_privcmd_target);
	open_as(test, TARGET);
	nobody_is_reached(test);
	/* It is asked when a file is opened. */
	kunit_activate_static_stub(test, xenpv_privcmd_target, target);
	KUNIT_EXPECT_EQ(test, name_domain(0, TARGET), -EPERM);
	open_as(test, TARGET);
	KUNIT_EXPECT_EQ(test, name_domain(0, TARGET), 77);
}

static void guest_with_target(struct kunit *test)
{
	open_as(test, TARGET);
	for (unsigned int op = 0; op < 64; op++)
		KUNIT_EXPECT_EQ(test, hypercall(op), -EPERM);
	KUNIT_EXPECT_EQ(test, world.calls, 0);
	for (unsigned int how = 0; how < NR_WAYS; how++) {
		KUNIT_EXPECT_EQ(test, name_domain(how, OTHER), -EPERM);
		KUNIT_EXPECT_EQ(test, name_domain(how, 0), -EPERM);
		KUNIT_EXPECT_EQ(test, name_domain(how, DOMID_SELF), -EPERM);
		KUNIT_EXPECT_NE(test, name_domain(how, TARGET), -EPERM);
	}
	KUNIT_EXPECT_EQ(test, world.last, __HYPERVISOR_dm_op);
	KUNIT_EXPECT_EQ(test, world.args[0], TARGET);
}

static void restriction_is_never_widened(struct kunit *test)
{
	open_as(test, -ENOENT);
	KUNIT_EXPECT_EQ(test, restrict_to(TARGET), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_INVALID), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_IDLE), -EINVAL);
	nobody_is_reached(test);

	open_as(test, TARGET);
	KUNIT_EXPECT_EQ(test, restrict_to(OTHER), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_INVALID), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(TARGET), 0);
	KUNIT_EXPECT_EQ(test, name_domain(0, OTHER), -EPERM);
	KUNIT_EXPECT_EQ(test, hypercall(17), -EPERM);

	xenpv_self.control = true;
	open_as(test, -ENOENT);
	KUNIT_EXPECT_EQ(test, hypercall(17), 77);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_INVALID), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(DOMID_SELF), -EINVAL);
	KUNIT_EXPECT_EQ(test, restrict_to(OTHER), 0);
	KUNIT_EXPECT_EQ(test, restrict_to(TARGET), -EINVAL);
	KUNIT_EXPECT_EQ(test, hypercall(17), -EPERM);
	KUNIT_EXPECT_EQ(test, name_domain(0, TARGET), -EPERM);
	KUNIT_EXPECT_EQ(test, name_domain(0, OTHER), 77);
}

static void control_domain_is_free(struct kunit *test)
{
	xenpv_self.control = true;
	for (unsigned int lock = 0; lock < 2; lock++) {
		world.locked_down = lock;
		open_as(test, -ENOENT);
		for (unsigned int op = 0; op < 64; op++)
			KUNIT_EXPECT_EQ(test, hypercall(op), 77);
		KUNIT_EXPECT_EQ(test, world.args[4], 5);
		KUNIT_EXPECT_NE(test, name_domain(0, OTHER), -EPERM);
	}
}

static void parameter_counts_unless_locked_down(struct kunit *test)
{
	bool before = xenpv_privcmd_unrestricted;

	xenpv_privcmd_unrestricted = true;
	open_as(test, -ENOENT);
	KUNIT_EXPECT_EQ(test, hypercall(17), 77);
	world.locked_down = true;
	open_as(test, -ENOENT);
	world.calls = 0;
	nobody_is_reached(test);
	open_as(test, TARGET);
	KUNIT_EXPECT_EQ(test, hypercall(17), -EPERM);
	xenpv_privcmd_unrestricted = before;
}

/* What Xen gets was counted and is there. */
static void only_sound_buffers(struct kunit *test)
{
	struct privcmd_dm_op_buf bufs[17];
	struct privcmd_dm_op dm = { TARGET, 17, (void __user *)(memory + 1024) };

	open_as(test, TARGET);
	for (unsigned int i = 0; i < ARRAY_SIZE(bufs); i++)
		bufs[i] = (struct privcmd_dm_op_buf){ (void __user *)(memory + PAGE_SIZE), 8 };
	bufs[1].size = 0;
	bufs[1].uptr = NULL;
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)(memory + 1024), bufs, sizeof(bufs)), 0);
	KUNIT_EXPECT_EQ(test, do_ioctl(IOCTL_PRIVCMD_DM_OP, &dm, sizeof(dm)), -E2BIG);
	dm.num = 0;
	KUNIT_EXPECT_EQ(test, do_ioctl(IOCTL_PRIVCMD_DM_OP, &dm, sizeof(dm)), 0);
	KUNIT_EXPECT_EQ(test, world.calls, 0);
	dm.num = 16;
	KUNIT_EXPECT_EQ(test, do_ioctl(IOCTL_PRIVCMD_DM_OP, &dm, sizeof(dm)), 77);
	KUNIT_EXPECT_EQ(test, world.args[1], 16);

	world.calls = 0;
	for (unsigned int bad = 0; bad < 3; bad++) {
		bufs[3].size = bad == 0 ? 4097 : 8;
		bufs[3].uptr = bad == 1 ? (void __user *)8 : bad == 2 ? (void __user *)&world :
			       (void __user *)memory;
		KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)(memory + 1024), bufs,
						   sizeof(bufs)), 0);
		KUNIT_EXPECT_EQ(test, do_ioctl(IOCTL_PRIVCMD_DM_OP, &dm, sizeof(dm)),
				bad ? -EFAULT : -E2BIG);
	}
	KUNIT_EXPECT_EQ(test, world.calls, 0);
}

static struct kunit_case xsa_482_cases[] = {
	KUNIT_CASE(guest_without_target),
	KUNIT_CASE(guest_before_xenstore),
	KUNIT_CASE(guest_with_target),
	KUNIT_CASE(restriction_is_never_widened),
	KUNIT_CASE(control_domain_is_free),
	KUNIT_CASE(parameter_counts_unless_locked_down),
	KUNIT_CASE(only_sound_buffers),
	{}
};

static struct kunit_suite xsa_482_suite = {
	.name = "xsa_482",
	.init = xsa_482_init,
	.test_cases = xsa_482_cases,
};
kunit_test_suites(&xsa_482_suite);
