# SPDX-License-Identifier: GPL-2.0-only
# The workshop: each target calls the script of the same name in scripts/,
# whose head comment says how to use it. Variables go on the command line.

# The Linux versions that the series is kept for, the default one first
BASES := 6.12 7.3

TARGETS := setup base tree import refresh check overlap build run kunit \
	   mutants bench selftests test soak bisect mail

# make itself would have AS=as
ifeq ($(origin AS),default)
AS :=
endif

export BASE KDIR KREV KERNEL XEN AS SMP MEM CONFIG ITEMS SCALE SEED ICOUNT FRESH COVERAGE JOBS V

.PHONY: help clean $(TARGETS)
help:
	@scripts/help

$(TARGETS):
	@scripts/$@

clean:
	@scripts/clean
