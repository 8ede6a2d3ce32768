# SPDX-License-Identifier: GPL-2.0-only
"""Filter: drop the faults that scripts/check.d/exceptions argues for.

usage: TOOL | excepted.py RULE       a line `RULE GLOB [TYPE] reason`

TYPE in capitals, name() or 'name' must stand in the fault.
"""
import fnmatch
import os
import sys

rows = []
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "exceptions"), encoding="utf-8") as handle:
    for line in handle:
        words = line.split()
        if words[:1] == sys.argv[1:2] and len(words) > 2:
            rows.append((words[1], words[2] if words[2].isupper() or words[2].endswith(("()", "'")) else ""))
for line in sys.stdin:
    name = line.split(":")[0]
    if not any(fnmatch.fnmatch(name, glob) and kind in line for glob, kind in rows):
        sys.stdout.write(line)
