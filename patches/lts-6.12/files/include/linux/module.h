/* SPDX-License-Identifier: GPL-2.0-only */
/* The namespace of a symbol is a string, not a token to make one of. */
#ifndef XENPV_COMPAT_MODULE_H
#define XENPV_COMPAT_MODULE_H

#include_next <linux/module.h>

#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns)		MODULE_INFO(import_ns, ns)

#endif
