/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_PRIVATE_H
#define _XENPV_DOM0_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <xenpv/abi.h>

struct file_operations;
struct vm_area_struct;
struct work_struct;

/* privcmd.c: whose device model this domain is; visible for tests. */
int xenpv_privcmd_target(domid_t *target);

/* Files that may reach every domain, and none. */
#define XENPV_PRIVCMD_ALL	DOMID_INVALID
#define XENPV_PRIVCMD_NONE	DOMID_IDLE

/**
 * struct xenpv_privcmd - an open file
 * @only: the only domain that it reaches, or XENPV_PRIVCMD_ALL or _NONE; goes from all
 *	to one, and changes no more
 * @lock: guards what follows
 * @irqfds: eventfds that raise interrupts of guests, see privcmd_irqfd.c
 * @servers: whose requests signal eventfds, see privcmd_ioeventfd.c
 * @nr_fds: eventfds of both
 */
struct xenpv_privcmd {
	domid_t only;
	struct mutex lock;
	struct list_head irqfds __guarded_by(&lock);
	struct list_head servers __guarded_by(&lock);
	unsigned int nr_fds __guarded_by(&lock);
};

/* Eventfds of a file. */
#define XENPV_PRIVCMD_FDS	1024

/* A parameter of the module; visible for tests. */
extern bool xenpv_privcmd_unrestricted;

bool xenpv_privcmd_locked_down(void);
domid_t xenpv_privcmd_reach(void);
bool xenpv_privcmd_may(const struct xenpv_privcmd *file, domid_t domid);
int xenpv_privcmd_restrict(struct xenpv_privcmd *file, domid_t domid);

extern const struct file_operations xenpv_privcmd_fops;

/* privcmd_dm.c */
long xenpv_privcmd_dm_op(const struct xenpv_privcmd *file, void __user *arg);

/* privcmd_map.c */

int xenpv_privcmd_prepare(struct vm_area_struct *vma);
long xenpv_privcmd_map(const struct xenpv_privcmd *file, void __user *arg);
long xenpv_privcmd_map_batch(const struct xenpv_privcmd *file, void __user *arg, bool v2);
long xenpv_privcmd_map_resource(const struct xenpv_privcmd *file, void __user *arg);

/* privcmd_irqfd.c, privcmd_ioeventfd.c; some of it visible for tests. */
#ifdef CONFIG_XENPV_PRIVCMD_EVENTFD
long xenpv_privcmd_irqfd(struct xenpv_privcmd *file, void __user *arg);
void xenpv_privcmd_irqfd_close(struct xenpv_privcmd *file);
void xenpv_privcmd_inject(struct work_struct *work);
void xenpv_privcmd_later(struct work_struct *work);
long xenpv_privcmd_ioeventfd(struct xenpv_privcmd *file, void __user *arg);
void xenpv_privcmd_ioeventfd_close(struct xenpv_privcmd *file);
void xenpv_privcmd_serve(struct work_struct *work);
#else
static inline long xenpv_privcmd_irqfd(struct xenpv_privcmd *file, void __user *arg)
{
	return -EOPNOTSUPP;
}

static inline long xenpv_privcmd_ioeventfd(struct xenpv_privcmd *file, void __user *arg)
{
	return -EOPNOTSUPP;
}

static inline void xenpv_privcmd_irqfd_close(struct xenpv_privcmd *file)
{
}

static inline void xenpv_privcmd_ioeventfd_close(struct xenpv_privcmd *file)
{
}
#endif

/* privcmd_gsi.c */
#ifdef CONFIG_XENPV_PRIVCMD_GSI
long xenpv_privcmd_gsi(const struct xenpv_privcmd *file, void __user *arg);
int xenpv_privcmd_irq_of(u32 sbdf);
#else
static inline long xenpv_privcmd_gsi(const struct xenpv_privcmd *file, void __user *arg)
{
	return -EINVAL;
}
#endif

/* privcmd_buf.c; visible for tests. */
extern const struct file_operations xenpv_privcmd_buf_fops;
extern unsigned int xenpv_privcmd_buf_limit;

#endif /* _XENPV_DOM0_PRIVATE_H */
