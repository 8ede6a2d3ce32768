/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that the Xen PV folders use and that this kernel has under another name.
 *
 * Forced into every file of these folders, C and assembler alike; nothing else sees it.
 */
#ifndef XENPV_COMPAT_H
#define XENPV_COMPAT_H

#endif
