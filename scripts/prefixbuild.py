# SPDX-License-Identifier: GPL-2.0-only
"""A source directory that follows prefixes of the series, and its build directories, for scripts/bisect."""
import concurrent.futures
import os
import re
import subprocess

import patchlib
from patchfile import sparse, split
from patchlib import CACHE, TOP, die, git, is_ours, read, series, write

FORCED = '\nconfig XENPV\n\tbool "Forced on, this prefix does not offer it yet"\n'
XEN, QUICK = ("xen", "ours"), ("small", "prefix")
OURS = ("AS", "KERNEL", "CONFIG", "BASE", "XEN", "SMP", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


class Build:
    """One base: a source directory that follows the prefixes, and a build directory for each configuration."""

    def __init__(self, base):
        # Source and builds lie to each other as those of scripts/build, so that ccache knows the commands
        self.base, self.top = base, os.path.join(CACHE, "bisect")
        self.source, self.last = os.path.join(self.top, "tree", base), {}
        self.kconfigs, self.configured = None, set()
        if not os.path.exists(os.path.join(self.source, "Makefile")):
            os.makedirs(self.source, exist_ok=True)
            subprocess.run(["cp", "-a", "--reflink=auto", patchlib.base_dir(base) + "/.", self.source], check=True)

    def put(self, names, scratch):
        """Make the source directory pristine plus these patches."""
        tree = sparse(os.path.join(scratch, "tree"), self.base, series(self.base))
        for name in names:
            text = "".join(section for _, _, section in split(read(os.path.join(TOP, "patches", name)))[1])
            if text and git(tree, "apply", "-", check=False, text=text).returncode:
                die("patches/%s does not apply on its needs alone, base %s" % (name, self.base))
        want = {path for path in git(tree, "ls-files", "-co").split("\n") if path}
        listing = os.path.join(self.top, "files-" + self.base)
        before = set(read(listing).split("\n")) if os.path.exists(listing) else set()
        kconfigs = {}
        for path in sorted(want | before - {""}):
            target = os.path.join(self.source, path)
            if "Kconfig" in path and path in want:
                kconfigs[path] = read(os.path.join(tree, path))
            if path not in want:
                os.path.exists(target) and os.unlink(target)
            elif not os.path.exists(target) or read(target) != read(os.path.join(tree, path)):
                write(target, read(os.path.join(tree, path)), os.stat(os.path.join(tree, path)).st_mode)
                if not is_ours(path):
                    self.last.clear()
        write(listing, "\n".join(sorted(want)))
        if kconfigs != self.kconfigs:
            self.kconfigs, self.configured = kconfigs, set()

    def make(self, kind, *goals):
        out = self.out(kind)
        os.makedirs(out, exist_ok=True)
        command = ["make", "-s", "-C", self.source, "O=" + out, "CC=ccache gcc", "HOSTCC=ccache gcc",
                   "-j%d" % (os.cpu_count() or 2), "KBUILD_BUILD_TIMESTAMP=2026-01-01"]
        if kind == "forced":
            forced = os.path.join(self.top, "Kconfig-" + self.base)
            write(forced, read(os.path.join(self.source, "Kconfig")) + FORCED)
            command.append("KBUILD_KCONFIG=" + forced)
        env = {key: value for key, value in os.environ.items() if key not in OURS}
        env.setdefault("CCACHE_DIR", os.path.join(CACHE, "ccache"))
        env.setdefault("CCACHE_BASEDIR", CACHE)
        if kind in ("off", "allno"):
            # A header that grew by what this configuration leaves out compiles nothing anew.  The others
            # share what scripts/build has compiled
            env.update(CCACHE_NODIRECT="1", CCACHE_PREFIX_CPP=os.path.join(TOP, "scripts", "lab", "nolines"))
        done = subprocess.run(command + list(goals), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", errors="replace")
        return done.returncode, done.stdout

    def out(self, kind):
        return os.path.join(self.top, "build", self.base + "-" + kind)

    def tiny(self):
        """The base's tinyconfig, which no patch of ours changes."""
        path = self.out("tiny")
        if not os.path.exists(path):
            self.make("off", "tinyconfig")
            write(path, read(os.path.join(self.out("off"), ".config")))
        return read(path)

    def configure(self, kind):
        out = self.out(kind)
        if kind == "allno":
            return self.make(kind, "allnoconfig")
        text = self.tiny() + "".join(read(os.path.join(TOP, "scripts", "boot", name + ".config"))
                                      for name in XEN + (() if kind == "whole" else QUICK))
        # Tests are compiled where a prefix has them
        text += "".join("CONFIG_%s=y\n" % name for kconfig in self.kconfigs.values()
                        for name in re.findall(r"^config (XENPV_\w*KUNIT_TEST)$", kconfig, re.M))
        if kind == "off":
            text = re.sub(r"^CONFIG_XENPV.*\n", "", text, flags=re.M) + \
                "# CONFIG_XENPV is not set\nCONFIG_NET=n\n"
        write(os.path.join(out, ".config"), text)
        status, log = self.make(kind, "olddefconfig")
        if not status and kind != "off" and "\nCONFIG_XENPV=y\n" not in read(os.path.join(out, ".config")):
            return 1, "error: Kconfig dropped XENPV"
        return status, log

    def configure_all(self, kinds):
        """Configure, side by side, what Kconfig files have changed for; {kind: (return code, output)}."""
        kinds = [kind for kind in kinds if kind not in self.configured]
        if kinds:
            self.tiny()
        with concurrent.futures.ThreadPoolExecutor() as threads:
            told = dict(zip(kinds, threads.map(self.configure, kinds)))
        self.configured.update(kind for kind in kinds if not told[kind][0])
        return told

    def build(self, kind, goals):
        """Make what is configured; None when it is the build before, else (return code, output)."""
        config = read(os.path.join(self.out(kind), ".config"))
        if kind in ("off", "allno") and self.last.get(kind) == config:
            return None
        status, log = self.make(kind, *goals)
        self.last[kind] = config if not status else None
        return status, log
