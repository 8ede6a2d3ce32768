# SPDX-License-Identifier: GPL-2.0-only
"""A source directory that follows prefixes of the series, and its build directories, for scripts/bisect."""
import concurrent.futures
import os
import re
import subprocess

import patchlib
from linknames import Linked
from patchfile import sparse, split
from patchlib import CACHE, TOP, die, git, is_ours, read, series, write

FORCED = '\nconfig XENPV\n\tbool "Forced on, this prefix does not offer it yet"\n'
XEN, QUICK = ("xen", "ours"), ("small", "prefix")
FOLDERS = ("arch/x86/xenpv/", "drivers/xenpv/")
OURS = ("AS", "KERNEL", "CONFIG", "BASE", "XEN", "SMP", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


class Build:
    """One base: a source directory that follows the prefixes, and a build directory for each configuration."""

    def __init__(self, base, scratch):
        # Source and builds lie as those of scripts/build, so that ccache knows the commands
        self.base, self.top = base, os.path.join(CACHE, "bisect")
        self.source, self.last = os.path.join(self.top, "tree", base), {}
        self.kconfigs, self.configured, self.linked = None, set(), None
        self.tree, self.names = os.path.join(scratch, base), None
        if not os.path.exists(os.path.join(self.source, "Makefile")):
            os.makedirs(self.source, exist_ok=True)
            subprocess.run(["cp", "-a", "--reflink=auto", patchlib.base_dir(base) + "/.", self.source], check=True)

    def put(self, names):
        """Make the source directory pristine plus these patches."""
        if self.names is None or names[:len(self.names)] != self.names:
            sparse(self.tree, self.base, series(self.base))
            self.names = []
        for name in names[len(self.names):]:
            text = "".join(section for _, _, section in split(read(os.path.join(TOP, "patches", name)))[1])
            if text and git(self.tree, "apply", "-", check=False, text=text).returncode:
                die("patches/%s does not apply on its needs alone, base %s" % (name, self.base))
        self.names = names
        want = {path for path in git(self.tree, "ls-files", "-co").split("\n") if path}
        listing = os.path.join(self.top, "files-" + self.base)
        before = set(read(listing).split("\n")) if os.path.exists(listing) else set()
        kconfigs = {}
        for path in sorted(want | before - {""}):
            target, text = os.path.join(self.source, path), path in want and read(os.path.join(self.tree, path))
            if "Kconfig" in path and path in want:
                kconfigs[path] = text
            if path not in want:
                os.path.exists(target) and os.unlink(target)
            elif not os.path.exists(target) or read(target) != text:
                write(target, text, os.stat(os.path.join(self.tree, path)).st_mode)
                if not is_ours(path):
                    self.last.clear()
                    self.linked = None
        write(listing, "\n".join(sorted(want)))
        if kconfigs != self.kconfigs:
            self.kconfigs, self.configured = kconfigs, set()

    def folders(self):
        return [path for path in FOLDERS if os.path.exists(os.path.join(self.source, path, "Makefile"))]

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
            # A header that grew by what this configuration leaves out compiles nothing anew
            env.update(CCACHE_NODIRECT="1", CCACHE_PREFIX_CPP=os.path.join(TOP, "scripts", "lab", "nolines"))
        done = subprocess.run(command + list(goals), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", errors="replace")
        return done.returncode, done.stdout

    def out(self, kind):
        return os.path.join(self.top, "build", self.base + "-" + kind)

    def config(self, kind):
        return read(os.path.join(self.out(kind), ".config"))

    def tiny(self):
        """The base's tinyconfig, which no patch of ours changes."""
        path = self.out("tiny")
        if not os.path.exists(path) and not self.make("off", "tinyconfig")[0]:
            write(path, self.config("off"))
        return read(path)

    def configure(self, kind):
        if kind == "allno":
            return self.make(kind, "allnoconfig")
        text = self.tiny() + "".join(read(os.path.join(TOP, "scripts", "boot", name + ".config"))
                                      for name in XEN + (() if kind == "xen" else QUICK))
        # Tests are compiled where a prefix has them
        text += "".join("CONFIG_%s=y\n" % name for kconfig in self.kconfigs.values()
                        for name in re.findall(r"^config (XENPV_\w*KUNIT_TEST)$", kconfig, re.M))
        if kind == "off":
            text = re.sub(r"^CONFIG_XENPV.*\n", "", text, flags=re.M) + \
                "# CONFIG_XENPV is not set\nCONFIG_NET=n\n"
        write(os.path.join(self.out(kind), ".config"), text)
        status, log = self.make(kind, "olddefconfig")
        if not status and kind != "off" and "\nCONFIG_XENPV=y\n" not in self.config(kind):
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

    def build(self, kind, link):
        """Make what is configured; None when it is the build before, else (return code, output)."""
        if kind == "forced":
            return self.make(kind, *self.folders())
        if kind == "xen":
            return self.compile(link)
        config = self.config(kind)
        if self.last.get(kind) == config:
            return None
        done = self.make(kind, "vmlinux")
        self.last[kind] = None if done[0] else config
        return done

    def compile(self, link):
        """Compile our folders, and link where only the linker can say that they fit the rest."""
        status, log = self.make("xen", *self.folders())
        known = self.linked and self.linked.config == self.mainlines()
        if status or not link and known and self.linked.fits(self.out("xen"), self.folders()):
            return status, log
        status, more = self.make("xen", "vmlinux")
        self.linked = None if status else Linked(self.mainlines(), self.out("xen"), self.folders())
        return status, log + more

    def mainlines(self):
        """The configuration without what is ours."""
        return re.sub(r"(?m)^(# )?CONFIG_XENPV.*\n", "", self.config("xen"))
