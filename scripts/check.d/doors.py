# SPDX-License-Identifier: GPL-2.0-only
"""Every public header has a DOC: block, every function in it kernel-doc with Context: and Return:."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import ctext
from patchlib import TOP, folder_files, bases, read

SOURCES = "\n".join(read(os.path.join(TOP, path)) for path in folder_files(bases()[0]).values()
                    if path.endswith(".c") and "/selftests/" not in path)

for name in sorted(os.listdir(os.path.join(TOP, "include-xen"))):
    text = read(os.path.join(TOP, "include-xen", name)) if name.endswith(".h") else None
    if text is None:
        continue
    if "DOC:" not in text:
        print("include-xen/%s:1: no DOC: block" % name)
    code = ctext.strip(text)
    for found in re.finditer(r"^(?:static (?:__always_)?inline )?[\w *]+?\b(xenpv_\w+)\((?:[^;{]|\n)*?\)[^;{]*[;{]", code, re.M):
        line = code.count("\n", 0, found.start(1)) + 1
        doc = re.search(r"/\*\*\n \* %s\(\).*?\*/" % found.group(1), text + SOURCES, re.S)
        if not doc:
            print("include-xen/%s:%d: no kernel-doc for %s()" % (name, line, found.group(1)))
        elif "Context:" not in doc.group(0):
            print("include-xen/%s:%d: kernel-doc of %s() has no Context:" % (name, line, found.group(1)))
        elif "Return:" not in doc.group(0) and not re.match(r"(static (__always_)?inline )?(\w+ )*void [a-z_]", found.group(0)):
            print("include-xen/%s:%d: kernel-doc of %s() has no Return:" % (name, line, found.group(1)))
