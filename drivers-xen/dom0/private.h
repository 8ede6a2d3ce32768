/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_DOM0_PRIVATE_H
#define _XENPV_DOM0_PRIVATE_H

/* What the files of this folder share and nobody else sees, by file. */

#include <linux/types.h>
#include <xenpv/abi.h>

struct file_operations;
struct vm_area_struct;

/* privcmd.c: whose device model this domain is; visible for tests. */
int xenpv_privcmd_target(domid_t *target);

/* Files that may reach every domain, and none. */
#define XENPV_PRIVCMD_ALL	DOMID_INVALID
#define XENPV_PRIVCMD_NONE	DOMID_IDLE

/**
 * struct xenpv_privcmd - an open file
 * @only: the only domain that it reaches, or XENPV_PRIVCMD_ALL or _NONE
 *
 * Goes from all to one, and changes no more.
 */
struct xenpv_privcmd {
	domid_t only;
};

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

/* privcmd_buf.c; visible for tests. */
extern const struct file_operations xenpv_privcmd_buf_fops;
extern unsigned int xenpv_privcmd_buf_limit;

#endif /* _XENPV_DOM0_PRIVATE_H */
