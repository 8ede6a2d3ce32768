# SPDX-License-Identifier: GPL-2.0-only
# Flags that let the Xen PV folders, written for a newer kernel, build on this one.

xenpv-compat		:= $(srctree)/arch/x86/xenpv/compat
subdir-ccflags-y	+= -include $(xenpv-compat)/compat.h -I$(xenpv-compat)/include
subdir-asflags-y	+= -include $(xenpv-compat)/compat.h -I$(xenpv-compat)/include

# Adapters that need objects of their own, if there are any.
xenpv-adapters		:= $(wildcard $(xenpv-compat)/Makefile)
obj-$(if $(xenpv-adapters),$(if $(filter arch/x86/xenpv,$(obj)),y)) += compat/
