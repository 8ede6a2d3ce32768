// SPDX-License-Identifier: GPL-2.0-only
/* Checks at build time that every structure shared with Xen has Xen's layout. */

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <xenpv/abi.h>

/*
 * The headers describe Xen's binary interface in C, and a compiler flag or a
 * changed typedef could silently bend it.  The numbers below come from Xen's own
 * headers (xen/include/public, Xen 4.17) on x86-64.  Xen never changes them; new
 * fields go where old ones leave room.
 */

#define SIZE(type, bytes)	static_assert(sizeof(struct type) == (bytes))
#define AT(type, field, where)	static_assert(offsetof(struct type, field) == (where))

/* Start of day, xen.h and arch-x86/xen.h. */
SIZE(start_info, 1168);
AT(start_info, nr_pages, 32);
AT(start_info, shared_info, 40);
AT(start_info, flags, 48);
AT(start_info, store_mfn, 56);
AT(start_info, store_evtchn, 64);
AT(start_info, console.domU.mfn, 72);
AT(start_info, console.domU.evtchn, 80);
AT(start_info, console.dom0.info_off, 72);
AT(start_info, console.dom0.info_size, 76);
AT(start_info, pt_base, 88);
AT(start_info, nr_pt_frames, 96);
AT(start_info, mfn_list, 104);
AT(start_info, mod_start, 112);
AT(start_info, mod_len, 120);
AT(start_info, cmd_line, 128);
AT(start_info, first_p2m_pfn, 1152);
AT(start_info, nr_p2m_frames, 1160);

SIZE(shared_info, 3136);
AT(shared_info, vcpu_info, 0);
AT(shared_info, evtchn_pending, 2048);
AT(shared_info, evtchn_mask, 2560);
AT(shared_info, wc, 3072);
AT(shared_info, arch, 3088);

SIZE(arch_shared_info, 48);
AT(arch_shared_info, max_pfn, 0);
AT(arch_shared_info, pfn_to_mfn_frame_list_list, 8);
AT(arch_shared_info, nmi_reason, 16);
AT(arch_shared_info, p2m_cr3, 24);
AT(arch_shared_info, p2m_vaddr, 32);
AT(arch_shared_info, p2m_generation, 40);

SIZE(vcpu_info, 64);
AT(vcpu_info, evtchn_upcall_pending, 0);
AT(vcpu_info, evtchn_upcall_mask, 1);
AT(vcpu_info, evtchn_pending_sel, 8);
AT(vcpu_info, arch, 16);
AT(vcpu_info, time, 32);

SIZE(arch_vcpu_info, 16);
AT(arch_vcpu_info, cr2, 0);

SIZE(vcpu_time_info, 32);
AT(vcpu_time_info, version, 0);
AT(vcpu_time_info, tsc_timestamp, 8);
AT(vcpu_time_info, system_time, 16);
AT(vcpu_time_info, tsc_to_system_mul, 24);
AT(vcpu_time_info, tsc_shift, 28);

SIZE(dom0_vga_console_info, 40);
AT(dom0_vga_console_info, video_type, 0);
AT(dom0_vga_console_info, u.text_mode_3, 4);
AT(dom0_vga_console_info, u.vesa_lfb, 4);

/* Processor and page tables, xen.h and arch-x86/xen.h. */
SIZE(trap_info, 16);
AT(trap_info, vector, 0);
AT(trap_info, flags, 1);
AT(trap_info, cs, 2);
AT(trap_info, address, 8);

SIZE(callback_register, 16);
AT(callback_register, type, 0);
AT(callback_register, flags, 2);
AT(callback_register, address, 8);

SIZE(mmu_update, 16);
AT(mmu_update, ptr, 0);
AT(mmu_update, val, 8);

SIZE(mmuext_op, 24);
AT(mmuext_op, cmd, 0);
AT(mmuext_op, arg1, 8);
AT(mmuext_op, arg2, 16);

SIZE(multicall_entry, 64);
AT(multicall_entry, op, 0);
AT(multicall_entry, result, 8);
AT(multicall_entry, args, 16);

SIZE(vcpu_guest_context, 5168);
AT(vcpu_guest_context, fpu_ctxt, 0);
AT(vcpu_guest_context, flags, 512);
AT(vcpu_guest_context, user_regs, 520);
AT(vcpu_guest_context, trap_ctxt, 720);
AT(vcpu_guest_context, ldt_base, 4816);
AT(vcpu_guest_context, ldt_ents, 4824);
AT(vcpu_guest_context, gdt_frames, 4832);
AT(vcpu_guest_context, gdt_ents, 4960);
AT(vcpu_guest_context, kernel_ss, 4968);
AT(vcpu_guest_context, kernel_sp, 4976);
AT(vcpu_guest_context, ctrlreg, 4984);
AT(vcpu_guest_context, debugreg, 5048);
AT(vcpu_guest_context, event_callback_eip, 5112);
AT(vcpu_guest_context, failsafe_callback_eip, 5120);
AT(vcpu_guest_context, syscall_callback_eip, 5128);
AT(vcpu_guest_context, vm_assist, 5136);
AT(vcpu_guest_context, fs_base, 5144);
AT(vcpu_guest_context, gs_base_kernel, 5152);
AT(vcpu_guest_context, gs_base_user, 5160);

SIZE(cpu_user_regs, 200);
AT(cpu_user_regs, r15, 0);
AT(cpu_user_regs, rax, 80);
AT(cpu_user_regs, error_code, 120);
AT(cpu_user_regs, entry_vector, 124);
AT(cpu_user_regs, rip, 128);
AT(cpu_user_regs, cs, 136);
AT(cpu_user_regs, saved_upcall_mask, 140);
AT(cpu_user_regs, rflags, 144);
AT(cpu_user_regs, rsp, 152);
AT(cpu_user_regs, ss, 160);
AT(cpu_user_regs, es, 168);
AT(cpu_user_regs, ds, 176);
AT(cpu_user_regs, fs, 184);
AT(cpu_user_regs, gs, 192);

/* vCPUs and scheduling, vcpu.h and sched.h. */
SIZE(vcpu_runstate_info, 48);
AT(vcpu_runstate_info, state, 0);
AT(vcpu_runstate_info, state_entry_time, 8);
AT(vcpu_runstate_info, time, 16);

SIZE(vcpu_register_runstate_memory_area, 8);
AT(vcpu_register_runstate_memory_area, addr, 0);

SIZE(vcpu_register_vcpu_info, 16);
AT(vcpu_register_vcpu_info, mfn, 0);
AT(vcpu_register_vcpu_info, offset, 8);

SIZE(vcpu_register_time_memory_area, 8);
AT(vcpu_register_time_memory_area, addr, 0);

SIZE(vcpu_set_singleshot_timer, 16);
AT(vcpu_set_singleshot_timer, timeout_abs_ns, 0);
AT(vcpu_set_singleshot_timer, flags, 8);

SIZE(vcpu_set_periodic_timer, 8);
AT(vcpu_set_periodic_timer, period_ns, 0);

SIZE(sched_shutdown, 4);
AT(sched_shutdown, reason, 0);

SIZE(sched_poll, 24);
AT(sched_poll, ports, 0);
AT(sched_poll, nr_ports, 8);
AT(sched_poll, timeout, 16);

SIZE(sched_watchdog, 8);
AT(sched_watchdog, id, 0);
AT(sched_watchdog, timeout, 4);

/* Memory, memory.h. */
SIZE(xen_memory_reservation, 32);
AT(xen_memory_reservation, extent_start, 0);
AT(xen_memory_reservation, nr_extents, 8);
AT(xen_memory_reservation, extent_order, 16);
AT(xen_memory_reservation, domid, 24);

SIZE(xen_memory_exchange, 72);
AT(xen_memory_exchange, in, 0);
AT(xen_memory_exchange, out, 32);
AT(xen_memory_exchange, nr_exchanged, 64);

SIZE(xen_machphys_mapping, 24);
AT(xen_machphys_mapping, v_start, 0);
AT(xen_machphys_mapping, v_end, 8);
AT(xen_machphys_mapping, max_mfn, 16);

SIZE(xen_memory_map, 16);
AT(xen_memory_map, nr_entries, 0);
AT(xen_memory_map, buffer, 8);

SIZE(xen_add_to_physmap, 24);
AT(xen_add_to_physmap, domid, 0);
AT(xen_add_to_physmap, size, 2);
AT(xen_add_to_physmap, space, 4);
AT(xen_add_to_physmap, idx, 8);
AT(xen_add_to_physmap, gpfn, 16);

SIZE(xen_remove_from_physmap, 16);
AT(xen_remove_from_physmap, domid, 0);
AT(xen_remove_from_physmap, gpfn, 8);

SIZE(xen_mem_acquire_resource, 32);
AT(xen_mem_acquire_resource, domid, 0);
AT(xen_mem_acquire_resource, type, 2);
AT(xen_mem_acquire_resource, id, 4);
AT(xen_mem_acquire_resource, nr_frames, 8);
AT(xen_mem_acquire_resource, frame, 16);
AT(xen_mem_acquire_resource, frame_list, 24);

/* Event channels, event_channel.h. */
SIZE(evtchn_alloc_unbound, 8);
AT(evtchn_alloc_unbound, dom, 0);
AT(evtchn_alloc_unbound, remote_dom, 2);
AT(evtchn_alloc_unbound, port, 4);

SIZE(evtchn_bind_interdomain, 12);
AT(evtchn_bind_interdomain, remote_dom, 0);
AT(evtchn_bind_interdomain, remote_port, 4);
AT(evtchn_bind_interdomain, local_port, 8);

SIZE(evtchn_bind_virq, 12);
AT(evtchn_bind_virq, virq, 0);
AT(evtchn_bind_virq, vcpu, 4);
AT(evtchn_bind_virq, port, 8);

SIZE(evtchn_bind_pirq, 12);
AT(evtchn_bind_pirq, pirq, 0);
AT(evtchn_bind_pirq, flags, 4);
AT(evtchn_bind_pirq, port, 8);

SIZE(evtchn_bind_ipi, 8);
AT(evtchn_bind_ipi, vcpu, 0);
AT(evtchn_bind_ipi, port, 4);

SIZE(evtchn_bind_vcpu, 8);
AT(evtchn_bind_vcpu, port, 0);
AT(evtchn_bind_vcpu, vcpu, 4);

SIZE(evtchn_close, 4);
AT(evtchn_close, port, 0);

SIZE(evtchn_send, 4);
AT(evtchn_send, port, 0);

SIZE(evtchn_unmask, 4);
AT(evtchn_unmask, port, 0);

SIZE(evtchn_reset, 2);
AT(evtchn_reset, dom, 0);

SIZE(evtchn_set_priority, 8);
AT(evtchn_set_priority, port, 0);
AT(evtchn_set_priority, priority, 4);

SIZE(evtchn_status, 24);
AT(evtchn_status, dom, 0);
AT(evtchn_status, port, 4);
AT(evtchn_status, status, 8);
AT(evtchn_status, vcpu, 12);
AT(evtchn_status, u, 16);

SIZE(evtchn_init_control, 24);
AT(evtchn_init_control, control_gfn, 0);
AT(evtchn_init_control, offset, 8);
AT(evtchn_init_control, vcpu, 12);
AT(evtchn_init_control, link_bits, 16);

SIZE(evtchn_expand_array, 8);
AT(evtchn_expand_array, array_gfn, 0);

SIZE(evtchn_fifo_control_block, 72);
AT(evtchn_fifo_control_block, ready, 0);
AT(evtchn_fifo_control_block, head, 8);

/* Grants, grant_table.h. */
SIZE(grant_entry_v1, 8);
AT(grant_entry_v1, flags, 0);
AT(grant_entry_v1, domid, 2);
AT(grant_entry_v1, frame, 4);

SIZE(grant_entry_header, 4);
AT(grant_entry_header, flags, 0);
AT(grant_entry_header, domid, 2);

SIZE(gnttab_map_grant_ref, 32);
AT(gnttab_map_grant_ref, host_addr, 0);
AT(gnttab_map_grant_ref, flags, 8);
AT(gnttab_map_grant_ref, ref, 12);
AT(gnttab_map_grant_ref, dom, 16);
AT(gnttab_map_grant_ref, status, 18);
AT(gnttab_map_grant_ref, handle, 20);
AT(gnttab_map_grant_ref, dev_bus_addr, 24);

SIZE(gnttab_unmap_grant_ref, 24);
AT(gnttab_unmap_grant_ref, host_addr, 0);
AT(gnttab_unmap_grant_ref, dev_bus_addr, 8);
AT(gnttab_unmap_grant_ref, handle, 16);
AT(gnttab_unmap_grant_ref, status, 20);

SIZE(gnttab_setup_table, 24);
AT(gnttab_setup_table, dom, 0);
AT(gnttab_setup_table, nr_frames, 4);
AT(gnttab_setup_table, status, 8);
AT(gnttab_setup_table, frame_list, 16);

SIZE(gnttab_query_size, 16);
AT(gnttab_query_size, dom, 0);
AT(gnttab_query_size, nr_frames, 4);
AT(gnttab_query_size, max_nr_frames, 8);
AT(gnttab_query_size, status, 12);

SIZE(gnttab_copy, 40);
AT(gnttab_copy, source, 0);
AT(gnttab_copy, dest, 16);
AT(gnttab_copy, len, 32);
AT(gnttab_copy, flags, 34);
AT(gnttab_copy, status, 36);

SIZE(gnttab_set_version, 4);
AT(gnttab_set_version, version, 0);

SIZE(gnttab_get_status_frames, 16);
AT(gnttab_get_status_frames, nr_frames, 0);
AT(gnttab_get_status_frames, dom, 4);
AT(gnttab_get_status_frames, status, 6);
AT(gnttab_get_status_frames, frame_list, 8);

/* Devices and platform, physdev.h and platform.h. */
SIZE(physdev_eoi, 4);
AT(physdev_eoi, irq, 0);

SIZE(physdev_irq_status_query, 8);
AT(physdev_irq_status_query, irq, 0);
AT(physdev_irq_status_query, flags, 4);

SIZE(physdev_set_iopl, 4);
AT(physdev_set_iopl, iopl, 0);

SIZE(physdev_set_iobitmap, 16);
AT(physdev_set_iobitmap, bitmap, 0);
AT(physdev_set_iobitmap, nr_ports, 8);

SIZE(physdev_apic, 16);
AT(physdev_apic, apic_physbase, 0);
AT(physdev_apic, reg, 8);
AT(physdev_apic, value, 12);

SIZE(physdev_map_pirq, 40);
AT(physdev_map_pirq, domid, 0);
AT(physdev_map_pirq, type, 4);
AT(physdev_map_pirq, index, 8);
AT(physdev_map_pirq, pirq, 12);
AT(physdev_map_pirq, bus, 16);
AT(physdev_map_pirq, devfn, 20);
AT(physdev_map_pirq, entry_nr, 24);
AT(physdev_map_pirq, table_base, 32);

SIZE(physdev_unmap_pirq, 8);
AT(physdev_unmap_pirq, domid, 0);
AT(physdev_unmap_pirq, pirq, 4);

SIZE(physdev_setup_gsi, 8);
AT(physdev_setup_gsi, gsi, 0);
AT(physdev_setup_gsi, triggering, 4);
AT(physdev_setup_gsi, polarity, 5);

SIZE(physdev_pci_device_add, 12);
AT(physdev_pci_device_add, seg, 0);
AT(physdev_pci_device_add, bus, 2);
AT(physdev_pci_device_add, devfn, 3);
AT(physdev_pci_device_add, flags, 4);
AT(physdev_pci_device_add, physfn, 8);
AT(physdev_pci_device_add, optarr, 12);

SIZE(physdev_pci_device, 4);
AT(physdev_pci_device, seg, 0);
AT(physdev_pci_device, bus, 2);
AT(physdev_pci_device, devfn, 3);

SIZE(physdev_pci_mmcfg_reserved, 16);
AT(physdev_pci_mmcfg_reserved, address, 0);
AT(physdev_pci_mmcfg_reserved, segment, 8);
AT(physdev_pci_mmcfg_reserved, start_bus, 10);
AT(physdev_pci_mmcfg_reserved, end_bus, 11);
AT(physdev_pci_mmcfg_reserved, flags, 12);

SIZE(xen_platform_op, 136);
AT(xen_platform_op, cmd, 0);
AT(xen_platform_op, interface_version, 4);
AT(xen_platform_op, u, 8);

SIZE(xenpf_settime64, 24);
AT(xenpf_settime64, secs, 0);
AT(xenpf_settime64, nsecs, 8);
AT(xenpf_settime64, mbz, 12);
AT(xenpf_settime64, system_time, 16);

/* Everything else, version.h, console.h, hvm_op.h. */
SIZE(xen_feature_info, 8);
AT(xen_feature_info, submap_idx, 0);
AT(xen_feature_info, submap, 4);

SIZE(xen_hvm_param, 16);
AT(xen_hvm_param, domid, 0);
AT(xen_hvm_param, index, 4);
AT(xen_hvm_param, value, 8);

/* Newer headers append to this one. */
AT(xencons_interface, in, 0);
AT(xencons_interface, out, 1024);
AT(xencons_interface, in_cons, 3072);
AT(xencons_interface, in_prod, 3076);
AT(xencons_interface, out_cons, 3080);
AT(xencons_interface, out_prod, 3084);
