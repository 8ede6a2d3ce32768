# SPDX-License-Identifier: GPL-2.0-only
"""How scripts/lab/watch knows a late breakpoint in a console log."""
import re

# A breakpoint of the kernel's live patching that is an oops: "<xx>" is the byte
# where the CPU went on, the one before it is the breakpoint.
INT3 = re.compile(r"Code: (?:[0-9a-f]{2} )+?([0-9a-f]{2}) <[0-9a-f]{2}>")


def late_breakpoint(log):
    """Did a CPU take a breakpoint of live patching where memory holds none any more?

    QEMU before 8.1, with a thread for each CPU, can translate code while another
    CPU changes it and keep the stale translation: "Always lock pages before
    translation" is the change that mended it.  Any kernel meets it, natively too;
    drivers-xen/selftests/patch_storm provokes it within seconds.
    """
    with open(log, encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    at = text.find("Oops: int3")
    code = INT3.search(text, at) if at >= 0 else None
    return bool(code) and code[1] != "cc"
