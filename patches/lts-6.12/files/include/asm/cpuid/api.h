/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPUID helpers stand in one header here. */
#include <asm/cpuid.h>
