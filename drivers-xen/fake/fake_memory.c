// SPDX-License-Identifier: GPL-2.0-only
/* The fake's frames: who has which, and which page shows which. */

#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <xenpv/frames.h>
#include <xenpv/hypercall.h>
#include <xenpv/self.h>
#include "fake.h"
#include "fake_memory.h"

/* Frames have other numbers than pages. */
#define FIRST_FRAME	0x400000UL
#define NOBODY		(~0UL)
#define NR_CMDS		16

static struct {
	struct xenpv_fake_memory setup;
	unsigned long nr_pages;
	unsigned long nr_frames;
	unsigned long *p2m;
	unsigned long *m2p;
	unsigned long *hidden;
	struct touched {
		unsigned long *bits;
		unsigned long *list;
		unsigned long nr;
	} pages, frames;
	unsigned long next;
	unsigned long have;
	unsigned long spare;
	unsigned int calls[NR_CMDS];
	unsigned int stop_cmd;
	unsigned int stop_after;
	bool stop;
	struct {
		u32 features;
		unsigned long *p2m;
		unsigned long p2m_limit;
	} real;
} m;

static void restore(void *unused)
{
	xenpv_self.features[0] = m.real.features;
	xenpv_p2m = m.real.p2m;
	xenpv_p2m_limit = m.real.p2m_limit;
	vfree(m.p2m);
	vfree(m.m2p);
	vfree(m.hidden);
	vfree(m.pages.bits);
	vfree(m.pages.list);
	vfree(m.frames.bits);
	vfree(m.frames.list);
	memset(&m, 0, sizeof(m));
}

/* The place of a frame in Xen's table; that has room for what it has besides. */
static bool place_of(xen_pfn_t frame, unsigned long *place)
{
	*place = m.setup.translated ? frame : frame - FIRST_FRAME;
	return *place < m.nr_frames;
}

static xen_pfn_t frame_at(unsigned long place)
{
	return m.setup.translated ? place : place + FIRST_FRAME;
}

static void *address_of(unsigned long pfn)
{
	return phys_to_virt(PFN_PHYS(pfn));
}

/* To look at all pages of a kernel each time would take long. */
static void touch(struct touched *touched, unsigned long nr)
{
	if (test_bit(nr, touched->bits))
		return;
	set_bit(nr, touched->bits);
	touched->list[touched->nr++] = nr;
}

/* Many pages are looked at: eight words at a time. */
static bool is_clear(const void *page)
{
	const u64 *p = page;
	u64 any = 0;

	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*p); i += 8)
		any |= p[i] | p[i + 1] | p[i + 2] | p[i + 3] | p[i + 4] | p[i + 5] | p[i + 6] |
		       p[i + 7];
	return !any;
}

/* NULL, or what is wrong with giving up this frame. */
static const char *give_up(xen_pfn_t frame)
{
	unsigned long place, pfn;

	if (!place_of(frame, &place) || m.m2p[place] == NOBODY)
		return "a frame is given up that is not the domain's";
	pfn = m.m2p[place];
	if (!m.setup.translated && !test_bit(pfn, m.hidden))
		return "a frame is given up while the direct map shows it";
	if (!m.setup.translated && mfn_exists(xenpv_p2m_get(pfn)))
		return "a frame is given up that the frame table has";
	if (!is_clear(address_of(pfn)))
		return "a frame is given up with something in it";
	touch(&m.pages, pfn);
	touch(&m.frames, place);
	m.m2p[place] = NOBODY;
	m.have--;
	m.spare++;
	return NULL;
}

/* The next free frame in turn, so that numbers don't come back at once. */
static unsigned long free_place(unsigned long pfn)
{
	if (m.setup.translated)
		return pfn;
	do {
		m.next = (m.next + 1) % m.nr_frames;
	} while (m.m2p[m.next] != NOBODY);
	return m.next;
}

static const char *provide(xen_pfn_t *frame)
{
	unsigned long pfn = *frame, place;

	if (pfn >= m.nr_pages)
		return "a frame is asked for where there can be no page";
	if (m.setup.translated && m.m2p[pfn] != NOBODY)
		return "a page is to have two frames";
	if (!m.setup.translated && (!test_bit(pfn, m.hidden) || mfn_exists(xenpv_p2m_get(pfn))))
		return "a page is to have two frames";
	place = free_place(pfn);
	/* Nobody sees what was in it before. */
	clear_page(address_of(pfn));
	touch(&m.pages, pfn);
	touch(&m.frames, place);
	m.m2p[place] = pfn;
	m.have++;
	m.spare--;
	*frame = frame_at(place);
	return NULL;
}

static bool may_provide(void)
{
	return m.spare && xenpv_fake_memory_size() < m.setup.max;
}

static long extents(unsigned int cmd, struct xen_memory_reservation *res)
{
	xen_pfn_t *frames = (xen_pfn_t *)res->extent_start;
	unsigned long limit = res->nr_extents, i;
	const char *wrong = NULL;

	if (res->domid != DOMID_SELF || res->extent_order || res->address_bits)
		wrong = "a reservation of another kind than the fake knows";
	if (m.stop && m.stop_cmd == cmd) {
		m.stop = false;
		limit = min_t(unsigned long, limit, m.stop_after);
	}
	for (i = 0; i < limit && !wrong; i++) {
		if (cmd == XENMEM_populate_physmap && !may_provide())
			break;
		wrong = cmd == XENMEM_populate_physmap ? provide(&frames[i]) : give_up(frames[i]);
	}
	if (!wrong)
		return i;
	xenpv_fake_bad(wrong);
	return -EINVAL;
}

static long memory_op(unsigned long cmd, unsigned long arg, unsigned long a3,
		      unsigned long a4, unsigned long a5)
{
	if (cmd < NR_CMDS)
		m.calls[cmd]++;
	switch (cmd) {
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		return extents(cmd, (struct xen_memory_reservation *)arg);
	case XENMEM_current_reservation:
		return xenpv_fake_memory_size();
	case XENMEM_maximum_reservation:
		return m.setup.max;
	default:
		return -ENOSYS;
	}
}

/* Values of this kernel's entries have page numbers: it is no PV domain. */
static long update_va_mapping(unsigned long va, unsigned long val, unsigned long flags,
			      unsigned long a4, unsigned long a5)
{
	unsigned long pfn = PHYS_PFN(virt_to_phys((void *)va)), place;
	const char *wrong = NULL;

	if (m.setup.translated || pfn >= m.nr_pages)
		wrong = "the direct map is changed where it must not be";
	else if (val && pte_pfn(native_make_pte(val)) != pfn)
		wrong = "an address shows another page";
	else if (val && (!place_of(mfn_unbox(xenpv_p2m_get(pfn)), &place) || m.m2p[place] != pfn))
		wrong = "a page is shown that has no frame";
	if (wrong) {
		xenpv_fake_bad(wrong);
		return -EINVAL;
	}
	touch(&m.pages, pfn);
	assign_bit(pfn, m.hidden, !val);
	return 0;
}

static bool touched_init(struct touched *touched, unsigned long nr)
{
	touched->bits = vcalloc(BITS_TO_LONGS(nr), sizeof(*touched->bits));
	touched->list = vmalloc_array(nr, sizeof(*touched->list));
	return touched->bits && touched->list;
}

static void fill(void)
{
	for (unsigned long i = 0; i < m.nr_frames; i++)
		m.m2p[i] = i < m.nr_pages ? i : NOBODY;
	m.have = m.nr_pages;
	m.spare = m.setup.spare;
	m.next = m.nr_pages - 1;
	if (m.setup.translated) {
		xenpv_self.features[0] |= BIT(XENFEAT_auto_translated_physmap);
		return;
	}
	for (unsigned long pfn = 0; pfn < m.nr_pages; pfn++)
		m.p2m[pfn] = frame_at(pfn);
	xenpv_p2m = m.p2m;
	xenpv_p2m_limit = m.nr_pages;
}

/**
 * xenpv_fake_memory_start() - let the domain have frames
 * @test: the case; its end is the end of this
 * @setup: what Xen is like
 *
 * Context: Process, after xenpv_fake_start().
 */
void xenpv_fake_memory_start(struct kunit *test, const struct xenpv_fake_memory *setup)
{
	m.setup = *setup;
	m.nr_pages = max_pfn;
	m.nr_frames = m.nr_pages + (setup->translated ? 0 : setup->spare);
	m.real.features = xenpv_self.features[0];
	m.real.p2m = xenpv_p2m;
	m.real.p2m_limit = xenpv_p2m_limit;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore, NULL), 0);

	m.p2m = vmalloc_array(m.nr_pages, sizeof(*m.p2m));
	m.m2p = vmalloc_array(m.nr_frames, sizeof(*m.m2p));
	m.hidden = vcalloc(BITS_TO_LONGS(m.nr_pages), sizeof(*m.hidden));
	KUNIT_ASSERT_TRUE(test, m.p2m && m.m2p && m.hidden);
	KUNIT_ASSERT_TRUE(test, touched_init(&m.pages, m.nr_pages));
	KUNIT_ASSERT_TRUE(test, touched_init(&m.frames, m.nr_frames));
	fill();
	xenpv_fake_serve(__HYPERVISOR_memory_op, memory_op);
	xenpv_fake_serve(__HYPERVISOR_update_va_mapping, update_va_mapping);
}

/**
 * xenpv_fake_memory_size() - how large is the domain?
 *
 * Context: Any.
 * Return: pages.
 */
unsigned long xenpv_fake_memory_size(void)
{
	return m.setup.size + m.have - m.nr_pages;
}

/**
 * xenpv_fake_memory_spare() - what has Xen besides?
 *
 * Context: Any.
 * Return: frames.
 */
unsigned long xenpv_fake_memory_spare(void)
{
	return m.spare;
}

/**
 * xenpv_fake_memory_take() - have another domain take frames that Xen has
 * @nr: how many, at most what there are; negative: it gives them back
 *
 * Context: Any.
 */
void xenpv_fake_memory_take(long nr)
{
	m.spare -= min_t(long, nr, m.spare);
}

/**
 * xenpv_fake_memory_set_max() - say how large the domain may be
 * @max: pages
 *
 * Context: Any.
 */
void xenpv_fake_memory_set_max(unsigned long max)
{
	m.setup.max = max;
}

/**
 * xenpv_fake_memory_stop_after() - have Xen stop half-way, once
 * @cmd: XENMEM_decrease_reservation or XENMEM_populate_physmap
 * @extents: after how many
 *
 * Context: Any.
 */
void xenpv_fake_memory_stop_after(unsigned int cmd, unsigned int extents)
{
	m.stop_cmd = cmd;
	m.stop_after = extents;
	m.stop = true;
}

/**
 * xenpv_fake_memory_calls() - how often was this asked for?
 * @cmd: XENMEM_*
 *
 * Context: Any.
 * Return: the number.
 */
unsigned int xenpv_fake_memory_calls(unsigned int cmd)
{
	return cmd < NR_CMDS ? m.calls[cmd] : 0;
}

/**
 * xenpv_fake_memory_forget() - let a page of this kernel be one without a frame
 * @page: an allocated page
 *
 * It is one that the domain never had: its size stays the same.
 *
 * Context: Process.
 */
void xenpv_fake_memory_forget(struct page *page)
{
	unsigned long pfn = page_to_pfn(page), place = pfn;

	if (!m.setup.translated)
		place_of(mfn_unbox(xenpv_p2m_get(pfn)), &place);
	touch(&m.pages, pfn);
	touch(&m.frames, place);
	m.m2p[place] = NOBODY;
	m.have--;
	m.setup.size++;
	xenpv_p2m_clear(pfn);
	set_bit(pfn, m.hidden);
}

static const char *judge_frame(unsigned long place)
{
	unsigned long pfn = m.m2p[place];
	mfn_t mfn;

	if (pfn == NOBODY)
		return NULL;
	mfn = m.setup.translated ? mfn_box(place) : xenpv_p2m_get(pfn);
	if (!mfn_exists(mfn) || mfn_unbox(mfn) != frame_at(place))
		return "Xen has given a frame that the frame table has lost";
	return NULL;
}

static const char *judge_page(unsigned long pfn)
{
	mfn_t mfn = xenpv_p2m_get(pfn);
	unsigned long place;

	if (m.setup.translated)
		return NULL;
	if (test_bit(pfn, m.hidden) != !mfn_exists(mfn))
		return "the direct map shows a page without a frame, or hides one";
	if (mfn_exists(mfn) && (!place_of(mfn_unbox(mfn), &place) || m.m2p[place] != pfn))
		return "a page has a frame that Xen has not given it";
	return NULL;
}

/**
 * xenpv_fake_memory_balance() - does each page have its frame, and each frame its page?
 *
 * Looks at those that anybody has touched.
 *
 * Context: Process.
 * Return: NULL, or what is wrong.
 */
const char *xenpv_fake_memory_balance(void)
{
	const char *wrong = NULL;

	for (unsigned long i = 0; i < m.frames.nr && !wrong; i++)
		wrong = judge_frame(m.frames.list[i]);
	for (unsigned long i = 0; i < m.pages.nr && !wrong; i++)
		wrong = judge_page(m.pages.list[i]);
	return wrong;
}

/**
 * xenpv_fake_memory_audit() - the same for all pages of this kernel
 *
 * Context: Process.
 * Return: NULL, or what is wrong.
 */
const char *xenpv_fake_memory_audit(void)
{
	const char *wrong = NULL;
	unsigned long have = 0;

	for (unsigned long i = 0; i < m.nr_frames && !wrong; i++) {
		have += m.m2p[i] != NOBODY;
		wrong = judge_frame(i);
	}
	for (unsigned long pfn = 0; pfn < m.nr_pages && !wrong; pfn++)
		wrong = judge_page(pfn);
	return wrong ?: have == m.have ? NULL : "the ledger of the fake is wrong";
}
