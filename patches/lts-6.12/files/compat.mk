# SPDX-License-Identifier: GPL-2.0-only
# Flags that let the Xen PV folders, written for a newer kernel, build on this one.

xenpv-compat		:= $(srctree)/arch/x86/xenpv/compat

# Ahead of the kernel's own headers, so that those here can wrap them.
NOSTDINC_FLAGS		+= -I$(xenpv-compat)/include
subdir-ccflags-y	+= -include $(xenpv-compat)/compat.h
subdir-asflags-y	+= -include $(xenpv-compat)/compat.h

ifeq ($(obj),arch/x86/xenpv)
# Files that need a header of their own, and objects with the adapters behind it.
xenpv-adapted		:= ops smp spinlock dom0/dma dom0/dma_ops
$(foreach f,$(xenpv-adapted),$(eval $(obj)/$(f).o: ccflags-y += -include $(xenpv-compat)/$(f).h))
obj-$(if $(wildcard $(xenpv-compat)/Makefile),y) += compat/
endif
