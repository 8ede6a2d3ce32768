# SPDX-License-Identifier: GPL-2.0-only
"""How scripts/lab/watch knows a late breakpoint in a console log."""
import re

# A breakpoint of the kernel's live patching that is an oops: "<xx>" is the byte
# where the CPU went on, the one before it is the breakpoint.
INT3 = re.compile(r"Code: (?:[0-9a-f]{2} )+?([0-9a-f]{2}) <[0-9a-f]{2}>")


def late_breakpoint(log):
    """Did a CPU take a breakpoint of live patching where memory holds none any more?

    Seen with a QEMU thread for each CPU in about one boot of thirty with several
    CPUs, always in sched_clock_cpu() while the sched_clock is marked stable.  Not
    explained yet: see the notes of issue 2.
    """
    with open(log, encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    at = text.find("Oops: int3")
    code = INT3.search(text, at) if at >= 0 else None
    return bool(code) and code[1] != "cc"
