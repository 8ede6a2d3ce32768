// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what becomes of the screen that Xen describes, in all lengths of the description. */

#include <kunit/test.h>
#include <linux/init.h>
#include <linux/screen_info.h>
#include <linux/string.h>

#include "../private.h"

static struct screen_info screen;
static struct dom0_vga_console_info info;

static int vga_init(struct kunit *test)
{
	memset(&screen, 0, sizeof(screen));
	memset(&info, 0, sizeof(info));
	return 0;
}

static void __init pixels(u8 type)
{
	info.video_type = type;
	info.u.vesa_lfb.width = 1280;
	info.u.vesa_lfb.height = 800;
	info.u.vesa_lfb.bits_per_pixel = 32;
	info.u.vesa_lfb.bytes_per_line = 5120;
	info.u.vesa_lfb.lfb_base = 0xc0000000;
	info.u.vesa_lfb.lfb_size = 63;
	info.u.vesa_lfb.blue_pos = 16;
	info.u.vesa_lfb.gbl_caps = 1;
	info.u.vesa_lfb.mode_attrs = 0x9b;
	info.u.vesa_lfb.ext_lfb_base = 0x20;
}

static void __init text_mode(struct kunit *test)
{
	info.video_type = XEN_VGATYPE_TEXT_MODE_3;
	info.u.text_mode_3.rows = 25;
	info.u.text_mode_3.columns = 80;
	info.u.text_mode_3.font_height = 16;
	info.u.text_mode_3.cursor_x = 3;
	info.u.text_mode_3.cursor_y = 24;
	xenpv_vga_fill(&screen, &info, sizeof(info));
	KUNIT_EXPECT_EQ(test, screen.orig_video_isVGA, VIDEO_TYPE_VGAC);
	KUNIT_EXPECT_EQ(test, screen.orig_video_lines, 25);
	KUNIT_EXPECT_EQ(test, screen.orig_video_cols, 80);
	KUNIT_EXPECT_EQ(test, screen.orig_video_points, 16);
	KUNIT_EXPECT_EQ(test, screen.orig_x, 3);
	KUNIT_EXPECT_EQ(test, screen.orig_y, 24);
}

static void __init vesa_counts_64k(struct kunit *test)
{
	pixels(XEN_VGATYPE_VESA_LFB);
	xenpv_vga_fill(&screen, &info, sizeof(info));
	KUNIT_EXPECT_EQ(test, screen.orig_video_isVGA, VIDEO_TYPE_VLFB);
	KUNIT_EXPECT_EQ(test, screen.lfb_size, 63);
	KUNIT_EXPECT_EQ(test, screen.lfb_width, 1280);
	KUNIT_EXPECT_EQ(test, screen.lfb_linelength, 5120);
	KUNIT_EXPECT_EQ(test, screen.blue_pos, 16);
	KUNIT_EXPECT_EQ(test, screen.vesa_attributes, 0x9b);
}

static void __init efi_counts_bytes(struct kunit *test)
{
	pixels(XEN_VGATYPE_EFI_LFB);
	xenpv_vga_fill(&screen, &info, sizeof(info));
	KUNIT_EXPECT_EQ(test, screen.orig_video_isVGA, VIDEO_TYPE_EFI);
	KUNIT_EXPECT_EQ(test, screen.lfb_size, 63 << 16);
	KUNIT_EXPECT_EQ(test, screen.ext_lfb_base, 0x20);
	KUNIT_EXPECT_TRUE(test, screen.capabilities & VIDEO_CAPABILITY_64BIT_BASE);
}

/* An older Xen's description ends before the members that came later. */
static void __init shorter_descriptions(struct kunit *test)
{
	pixels(XEN_VGATYPE_VESA_LFB);
	xenpv_vga_fill(&screen, &info,
		       offsetof(struct dom0_vga_console_info, u.vesa_lfb.mode_attrs));
	KUNIT_EXPECT_EQ(test, screen.capabilities, 1);
	KUNIT_EXPECT_EQ(test, screen.vesa_attributes, 0);
	KUNIT_EXPECT_EQ(test, screen.ext_lfb_base, 0);

	memset(&screen, 0, sizeof(screen));
	xenpv_vga_fill(&screen, &info,
		       offsetof(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps));
	KUNIT_EXPECT_EQ(test, screen.lfb_width, 1280);
	KUNIT_EXPECT_EQ(test, screen.capabilities, 0);

	memset(&screen, 0, sizeof(screen));
	xenpv_vga_fill(&screen, &info,
		       offsetof(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps) - 1);
	KUNIT_EXPECT_EQ(test, screen.orig_video_isVGA, 0);
}

static void __init no_screen(struct kunit *test)
{
	pixels(0x42);
	xenpv_vga_fill(&screen, &info, sizeof(info));
	KUNIT_EXPECT_NULL(test, memchr_inv(&screen, 0, sizeof(screen)));
	info.video_type = XEN_VGATYPE_TEXT_MODE_3;
	xenpv_vga_fill(&screen, &info, 0);
	xenpv_vga_fill(&screen, &info, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(&screen, 0, sizeof(screen)));
}

static struct kunit_case vga_cases[] __refdata = {
	KUNIT_CASE(text_mode),
	KUNIT_CASE(vesa_counts_64k),
	KUNIT_CASE(efi_counts_bytes),
	KUNIT_CASE(shorter_descriptions),
	KUNIT_CASE(no_screen),
	{}
};

static struct kunit_suite vga_suite __refdata = {
	.name = "xenpv_vga",
	.init = vga_init,
	.test_cases = vga_cases,
};

kunit_test_init_section_suite(vga_suite);
