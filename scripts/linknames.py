# SPDX-License-Identifier: GPL-2.0-only
"""Whether our folders, compiled anew, fit the rest of a kernel that was linked before: by names, for scripts/bisect."""
import collections
import re
import subprocess

# name of the member of an archive, or file; name of the symbol; type
LINE = re.compile(r"(?:[^\[]*\[)?([^\]:]*)\]?: (\S+) (\S)")


class Linked:
    """What a linked kernel has beside our folders: configuration, names that are there, names that it wants of us."""

    def __init__(self, config, out, folders):
        ours = set(symbols(out, archives(folders))[0])
        self.config = config
        self.there = (set(symbols(out, ["vmlinux.o"])[0]) | set(symbols(out, ["vmlinux"])[0])) - ours
        self.needed = set(symbols(out, ["vmlinux.a"], tuple(folders))[1]) & ours

    def fits(self, out, folders):
        """Nothing that our folders want is lacking, nothing stands twice, and they have what the rest wants."""
        defined, wanted = symbols(out, archives(folders))
        twice = [name for name, count in defined.items() if count > 1 or name in self.there]
        return not twice and set(wanted) <= self.there | set(defined) and self.needed <= set(defined)


def archives(folders):
    return [path + "built-in.a" for path in folders]


def symbols(out, files, but=()):
    """(defined, wanted): global names of files, and how often each is; without members of archives below `but`."""
    told = subprocess.run(["nm", "-A", "-g", "-P", *files], cwd=out, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", check=True)
    defined, wanted = collections.Counter(), collections.Counter()
    for found in filter(None, map(LINE.match, told.stdout.split("\n"))):
        member, name, kind = found.groups()
        if kind in "wv" or but and member.startswith(but):
            continue    # a weak name may stay without a definition
        if kind == "U":
            wanted[name] += 1
        elif kind not in "WV" or name not in defined:
            defined[name] += 1
    return defined, wanted
