# SPDX-License-Identifier: GPL-2.0-only
"""Filter: drop what sparse says about the locks of functions that use guards.

usage: TOOL | guarded.py

Sparse knows no __cleanup, so what a guard takes it never sees given back.  On 6.12 it
counts; later kernels leave locks to clang.  A function without a guard is judged.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
import ctext


def guarded(path):
    """Names of the functions of a file in which a guard stands."""
    with open(path, encoding="utf-8") as handle:
        code = ctext.strip(handle.read())
    lines = code.split("\n")
    return {name for name, first, last in ctext.functions(code) if "guard(" in "".join(lines[first - 1:last])}


for fault in sys.stdin:
    found = re.match(r"([^:]+):\d+: context imbalance in '(\w+)'", fault)
    if not found or found.group(2) not in guarded(found.group(1)):
        sys.stdout.write(fault)
