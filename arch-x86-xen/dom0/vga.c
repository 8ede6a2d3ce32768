// SPDX-License-Identifier: GPL-2.0-only
/* The screen of the machine, which Xen leaves to the control domain. */

#include <linux/init.h>
#include <linux/screen_info.h>
#include <linux/stddef.h>
#include <asm/bootparam.h>
#include <asm/setup.h>

#include <xenpv/self.h>
#include "../private.h"

static void __init text_screen(struct screen_info *screen,
			       const struct dom0_vga_console_info *info)
{
	screen->orig_video_isVGA = VIDEO_TYPE_VGAC;
	screen->orig_video_mode = info->video_type;
	/* An EGA's memory, all of it: what a VGA says. */
	screen->orig_video_ega_bx = 3;
	screen->orig_video_lines = info->u.text_mode_3.rows;
	screen->orig_video_cols = info->u.text_mode_3.columns;
	screen->orig_video_points = info->u.text_mode_3.font_height;
	screen->orig_x = info->u.text_mode_3.cursor_x;
	screen->orig_y = info->u.text_mode_3.cursor_y;
}

/* Xen counts 64 KiB; so does a VESA screen here, while an EFI one counts bytes. */
static void __init pixel_screen(struct screen_info *screen,
				const struct dom0_vga_console_info *info, size_t size)
{
	const typeof(info->u.vesa_lfb) *lfb = &info->u.vesa_lfb;
	bool efi = info->video_type == XEN_VGATYPE_EFI_LFB;

	screen->orig_video_isVGA = efi ? VIDEO_TYPE_EFI : VIDEO_TYPE_VLFB;
	screen->lfb_width = lfb->width;
	screen->lfb_height = lfb->height;
	screen->lfb_depth = lfb->bits_per_pixel;
	screen->lfb_linelength = lfb->bytes_per_line;
	screen->lfb_base = lfb->lfb_base;
	screen->lfb_size = efi ? lfb->lfb_size << 16 : lfb->lfb_size;
	screen->red_pos = lfb->red_pos;
	screen->red_size = lfb->red_size;
	screen->green_pos = lfb->green_pos;
	screen->green_size = lfb->green_size;
	screen->blue_pos = lfb->blue_pos;
	screen->blue_size = lfb->blue_size;
	screen->rsvd_pos = lfb->rsvd_pos;
	screen->rsvd_size = lfb->rsvd_size;

	/* Members that came later. */
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps))
		screen->capabilities = lfb->gbl_caps;
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.mode_attrs))
		screen->vesa_attributes = lfb->mode_attrs;
	if (size >= offsetofend(struct dom0_vga_console_info, u.vesa_lfb.ext_lfb_base) &&
	    lfb->ext_lfb_base) {
		screen->ext_lfb_base = lfb->ext_lfb_base;
		screen->capabilities |= VIDEO_CAPABILITY_64BIT_BASE;
	}
}

/**
 * xenpv_vga_fill() - describe a screen as a boot loader would
 * @screen: filled in, if the screen is of a kind that is known
 * @info: what Xen says of it
 * @size: how much of @info there is
 *
 * Context: Boot.
 */
void __init xenpv_vga_fill(struct screen_info *screen,
			   const struct dom0_vga_console_info *info, size_t size)
{
	switch (size ? info->video_type : 0) {
	case XEN_VGATYPE_TEXT_MODE_3:
		if (size >= offsetofend(struct dom0_vga_console_info, u.text_mode_3))
			text_screen(screen, info);
		break;
	case XEN_VGATYPE_VESA_LFB:
	case XEN_VGATYPE_EFI_LFB:
		if (size >= offsetof(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps))
			pixel_screen(screen, info, size);
		break;
	}
}

/**
 * xenpv_dom0_vga_init() - take over the screen
 *
 * Context: Boot CPU, from xenpv_start().
 */
void __init xenpv_dom0_vga_init(void)
{
	const struct start_info *si = xenpv_self.start;

	if (si->console.dom0.info_size)
		xenpv_vga_fill(&boot_params.screen_info,
			       (const void *)si + si->console.dom0.info_off,
			       si->console.dom0.info_size);
}
