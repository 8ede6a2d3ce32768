/* SPDX-License-Identifier: GPL-2.0-only */
/* The namespace of a symbol is a string, not a token to make one of. */
#ifndef XENPV_COMPAT_EXPORT_H
#define XENPV_COMPAT_EXPORT_H

#include_next <linux/export.h>

#undef EXPORT_SYMBOL_NS_GPL
#define EXPORT_SYMBOL_NS_GPL(sym, ns)	__EXPORT_SYMBOL(sym, "GPL", ns)

#endif
