/* SPDX-License-Identifier: GPL-2.0-only */
/* The types that the kernel's headers of /dev/xen take from Xen, for programs without Xen's. */
#ifndef XENPV_TEST_XEN_H
#define XENPV_TEST_XEN_H

#include <stdint.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
typedef unsigned long xen_pfn_t;

#define DOMID_SELF	0x7ff0
#define DOMID_IO	0x7ff1

#define GNTCOPY_source_gref	1
#define GNTCOPY_dest_gref	2

#endif
