// SPDX-License-Identifier: GPL-2.0-only
/* Ways around xenpv/shared.h that 75-coccinelle must see; compiled by nobody. */

struct page {
	u32 a;
	u32 b;
};

static u32 around(struct page __xen_shared *p, void *private)
{
	struct page *plain = (struct page __force *)p;	/* WRONG: all that follows is unseen. */
	struct page __xen_shared *fine = (struct page __xen_shared __force *)private;
	u32 a = *(u32 __force *)&p->a;			/* WRONG: an access of its own. */

	memcpy(private, (const void __force *)p, 8);	/* WRONG: may load a word twice. */
	memcpy((void __force *)p, private, 8);		/* WRONG */
	*(u32 __force *)&p->b = a;			/* WRONG */
	a += ((struct page __force *)p)->b;		/* WRONG */
	return a + xenpv_shared_load(&fine->a) + plain->a;
}

static int twice(struct page __xen_shared *p)
{
	u32 a = xenpv_shared_load(&p->a);

	if (a > 5)
		return -EPROTO;
	return xenpv_shared_load_acquire(&p->a);	// WRONG
}

static int twice_on_one_path(struct page __xen_shared *p, struct page *copy)
{
	u32 a = xenpv_shared_load(&p->b);

	if (!a)
		return 0;
	xenpv_shared_copy_in(copy, p, sizeof(*copy));
	if (copy->a)
		xenpv_shared_copy_in(copy, p, 8);	// WRONG
	return copy->b;
}

static u32 once_each(struct page __xen_shared *p, bool b)
{
	if (b)
		return xenpv_shared_load(&p->a);
	return xenpv_shared_load(&p->b);
}

static u32 said_why(struct page __xen_shared *p)
{
	u32 a = xenpv_shared_load(&p->a);

	/* A hint, which may well have changed. */
	return a + xenpv_shared_load(&p->a);
}
