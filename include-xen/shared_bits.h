/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_SHARED_BITS_H
#define _XENPV_SHARED_BITS_H

/**
 * DOC: Bits in shared memory
 *
 * Bits by number, as Xen counts them, in words of 64.  The lock prefix stays, also
 * with one CPU.  Include xenpv/shared.h, not this file.
 */

#ifndef _XENPV_SHARED_H
#error "Include <xenpv/shared.h> instead"
#endif

#include <asm/sync_bitops.h>

/**
 * xenpv_shared_test_bit() - read a bit
 * @nr: its number
 * @p: first word
 *
 * Context: Any.
 * Return: true if it is set.
 */
static __always_inline bool xenpv_shared_test_bit(unsigned int nr,
						  const unsigned long __xen_shared *p)
{
	return xenpv_shared_load(&p[nr / BITS_PER_LONG]) >> (nr % BITS_PER_LONG) & 1;
}

/**
 * xenpv_shared_set_bit() - set a bit
 * @nr: its number
 * @p: first word
 *
 * Atomic, no barrier.
 *
 * Context: Any.
 */
static __always_inline void xenpv_shared_set_bit(unsigned int nr,
						 unsigned long __xen_shared *p)
{
	__xenpv_shared_point(XENPV_SHARED_RMW, &p[nr / BITS_PER_LONG], sizeof(*p));
	sync_set_bit(nr, __xenpv_shared_plain(p));
}

/**
 * xenpv_shared_clear_bit() - clear a bit
 * @nr: its number
 * @p: first word
 *
 * Atomic, no barrier.
 *
 * Context: Any.
 */
static __always_inline void xenpv_shared_clear_bit(unsigned int nr,
						   unsigned long __xen_shared *p)
{
	__xenpv_shared_point(XENPV_SHARED_RMW, &p[nr / BITS_PER_LONG], sizeof(*p));
	sync_clear_bit(nr, __xenpv_shared_plain(p));
}

/**
 * xenpv_shared_test_and_set_bit() - set a bit
 * @nr: its number
 * @p: first word
 *
 * Atomic, full barrier.
 *
 * Context: Any.
 * Return: true if it was set.
 */
static __always_inline bool xenpv_shared_test_and_set_bit(unsigned int nr,
							  unsigned long __xen_shared *p)
{
	__xenpv_shared_point(XENPV_SHARED_RMW, &p[nr / BITS_PER_LONG], sizeof(*p));
	return sync_test_and_set_bit(nr, __xenpv_shared_plain(p));
}

/**
 * xenpv_shared_test_and_clear_bit() - clear a bit
 * @nr: its number
 * @p: first word
 *
 * Atomic, full barrier.
 *
 * Context: Any.
 * Return: true if it was set.
 */
static __always_inline bool xenpv_shared_test_and_clear_bit(unsigned int nr,
							    unsigned long __xen_shared *p)
{
	__xenpv_shared_point(XENPV_SHARED_RMW, &p[nr / BITS_PER_LONG], sizeof(*p));
	return sync_test_and_clear_bit(nr, __xenpv_shared_plain(p));
}

#endif /* _XENPV_SHARED_BITS_H */
