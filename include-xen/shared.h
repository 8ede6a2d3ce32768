/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _XENPV_SHARED_H
#define _XENPV_SHARED_H

/**
 * DOC: Access to shared memory
 *
 * Memory marked __xen_shared can be read and written by another domain or by Xen
 * at any time.  These are the only ways to touch it.  Each is exactly one access
 * (a copy: one for each word), so that a value cannot change between a check and
 * its use: load once into private memory, check that, use that.
 *
 *	u32 prod = xenpv_shared_load_acquire(&ring->rsp_prod);
 *
 *	if (prod - private_cons > size)
 *		return -EPROTO;
 *
 * The peer runs on another CPU of the machine even when this kernel has a single
 * one, so the atomic operations and barriers here are never patched away.
 *
 * In a kernel with the fake hypervisor (CONFIG_XENPV_FAKE, for KUnit) each access
 * is also a point at which a test can have the peer act.  Without it they are the
 * bare operations.
 */

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>
#include <asm/rwonce.h>

#include <xenpv/types.h>

/**
 * enum xenpv_shared_kind - what an access does
 * @XENPV_SHARED_LOAD: reads
 * @XENPV_SHARED_STORE: writes
 * @XENPV_SHARED_RMW: reads and writes in one step
 */
enum xenpv_shared_kind {
	XENPV_SHARED_LOAD,
	XENPV_SHARED_STORE,
	XENPV_SHARED_RMW,
};

#if IS_ENABLED(CONFIG_XENPV_FAKE)
#include <linux/jump_label.h>

DECLARE_STATIC_KEY_FALSE(xenpv_fake_on);
void xenpv_fake_point(enum xenpv_shared_kind kind, const void *where, size_t size);

static __always_inline void __xenpv_shared_point(enum xenpv_shared_kind kind,
						 const void __xen_shared *where,
						 size_t size)
{
	if (static_branch_unlikely(&xenpv_fake_on))
		xenpv_fake_point(kind, (const void __force *)where, size);
}
#else
static __always_inline void __xenpv_shared_point(enum xenpv_shared_kind kind,
						 const void __xen_shared *where,
						 size_t size) { }
#endif

/* The same pointer without the address space: for these files only. */
#define __xenpv_shared_plain(p)	((typeof(*(p)) __force __kernel *)(p))

/**
 * xenpv_shared_load() - read a value once
 * @p: __xen_shared pointer to a scalar
 *
 * Context: Any.
 * Return: the value.
 */
#define xenpv_shared_load(p)						\
({									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_LOAD, __p, sizeof(*__p));	\
	READ_ONCE(*__xenpv_shared_plain(__p));				\
})

/**
 * xenpv_shared_load_acquire() - read a value once, before all that follows
 * @p: __xen_shared pointer to a scalar
 *
 * Context: Any.
 * Return: the value.
 */
#define xenpv_shared_load_acquire(p)					\
({									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_LOAD, __p, sizeof(*__p));	\
	/* Pairs with a release of the peer. */				\
	virt_load_acquire(__xenpv_shared_plain(__p));			\
})

/**
 * xenpv_shared_store() - write a value once
 * @p: __xen_shared pointer to a scalar
 * @v: the value
 *
 * Context: Any.
 */
#define xenpv_shared_store(p, v)					\
do {									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_STORE, __p, sizeof(*__p));	\
	WRITE_ONCE(*__xenpv_shared_plain(__p), v);			\
} while (0)

/**
 * xenpv_shared_store_release() - write a value once, after all that came before
 * @p: __xen_shared pointer to a scalar
 * @v: the value
 *
 * Context: Any.
 */
#define xenpv_shared_store_release(p, v)				\
do {									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_STORE, __p, sizeof(*__p));	\
	/* Pairs with an acquire of the peer. */			\
	virt_store_release(__xenpv_shared_plain(__p), v);		\
} while (0)

/**
 * xenpv_shared_cmpxchg() - replace a value if it is what we think; full barrier
 * @p: __xen_shared pointer to a scalar
 * @old: what we think
 * @new: what to put there
 *
 * Context: Any.
 * Return: what was there.
 */
#define xenpv_shared_cmpxchg(p, old, new)				\
({									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_RMW, __p, sizeof(*__p));	\
	sync_cmpxchg(__xenpv_shared_plain(__p), old, new);		\
})

/**
 * xenpv_shared_xchg() - put a value in the place of another; full barrier
 * @p: __xen_shared pointer to a scalar
 * @new: what to put there
 *
 * Context: Any.
 * Return: what was there.
 */
#define xenpv_shared_xchg(p, new)					\
({									\
	__auto_type __p = (p);						\
									\
	__xenpv_shared_point(XENPV_SHARED_RMW, __p, sizeof(*__p));	\
	xchg(__xenpv_shared_plain(__p), new);				\
})

/**
 * xenpv_shared_mb() - full barrier that the peer's CPU sees, too
 *
 * Context: Any.
 */
static __always_inline void xenpv_shared_mb(void)
{
	/* Pairs with one of the peer: each sees what the other wrote before. */
	virt_mb();
}

/**
 * xenpv_shared_copy_in() - take a structure out of shared memory
 * @to: private memory
 * @from: the structure, aligned to 4 bytes, and to 8 if it has a field of 8: a word
 *	across two cache lines may be torn, between fields of 4
 * @len: its size, a multiple of 4
 *
 * One load for each word, in order, so no part is fetched twice.
 *
 * Context: Any.
 */
static __always_inline void xenpv_shared_copy_in(void *to, const void __xen_shared *from,
						 size_t len)
{
	const u64 __xen_shared *f = from;
	u64 *t = to;

	for (size_t i = 0; i < len / sizeof(u64); i++)
		*t++ = xenpv_shared_load(f++);
	if (len % sizeof(u64))
		*(u32 *)t = xenpv_shared_load((const u32 __xen_shared *)f);
}

/**
 * xenpv_shared_copy_out() - put a structure into shared memory
 * @to: its place, aligned to 4 bytes, and to 8 if it has a field of 8
 * @from: private memory, padding cleared
 * @len: its size, a multiple of 4
 *
 * Context: Any.
 */
static __always_inline void xenpv_shared_copy_out(void __xen_shared *to, const void *from,
						  size_t len)
{
	u64 __xen_shared *t = to;
	const u64 *f = from;

	for (size_t i = 0; i < len / sizeof(u64); i++)
		xenpv_shared_store(t++, *f++);
	if (len % sizeof(u64))
		xenpv_shared_store((u32 __xen_shared *)t, *(const u32 *)f);
}

#include <xenpv/shared_bits.h>

#endif /* _XENPV_SHARED_H */
