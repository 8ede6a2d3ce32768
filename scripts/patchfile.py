# SPDX-License-Identifier: GPL-2.0-only
"""One patch file taken apart, which patch brings which file, and the canonical text of a commit."""
import fnmatch
import os
import re
import shutil
import subprocess
from email.utils import formatdate

from patchlib import TOP, base_dir, die, git, is_ours, kernel_path, read

KEEP = re.compile(r"^(index [0-9a-f.]+( \d+)?|@@ .*)\n", re.M)


def split(text):
    """(head, [(kernel path, is new, section)]): a patch cut at its diff lines."""
    parts = re.split(r"^(?=diff --git )", text, flags=re.M)
    sections = []
    for part in parts[1:]:
        name = re.match(r"diff --git a/(\S+) b/\S+\n", part).group(1)
        sections.append((name, "\nnew file mode " in part.split("\n@@")[0], part))
    return parts[0], sections


def sparse(where, base, names):
    """Make a sparse tree at `where` with every mainline file that the named patches touch."""
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where)
    pristine = base_dir(base)
    git(where, "init", "-q", "-b", "base")
    for name in names:
        for path, new, _ in split(read(os.path.join(TOP, "patches", name)))[1]:
            if new or is_ours(path):
                continue
            if not os.path.exists(os.path.join(pristine, path)):
                die("patches/%s: %s does not exist in base %s" % (name, path, base))
            os.makedirs(os.path.dirname(os.path.join(where, path)) or ".", exist_ok=True)
            shutil.copy(os.path.join(pristine, path), os.path.join(where, path))
    git(where, "add", "-A", "-f")
    git(where, "-c", "user.name=xenpv", "-c", "user.email=xenpv@localhost", "commit", "-q", "--allow-empty",
        "-m", "Linux " + base)
    return where


def ident():
    ask = lambda key: subprocess.run(["git", "config", key], cwd=TOP, stdout=subprocess.PIPE,
                                     encoding="utf-8").stdout.strip()
    return "%s <%s>" % (ask("user.name") or "nobody", ask("user.email") or "nobody@localhost")


class Patch:
    """One patch file, taken apart."""

    def __init__(self, name, base):
        self.name, self.path = name, os.path.join(TOP, "patches", name)
        if not os.path.exists(self.path):
            die("series: patches/%s does not exist" % name)
        self.text = read(self.path)
        head, self.sections = split(self.text)
        headers, _, body = head.partition("\n\n")
        headers = re.sub(r"\n[ \t]+", " ", headers)
        field = lambda key, other: (re.findall(r"^%s: (.*)$" % key, headers, re.M) or [other])[0].strip()
        self.author, self.date = field("From", ident()), field("Date", formatdate())
        self.subject = re.sub(r"^\[PATCH[^]]*\]\s*", "", field("Subject", ""))
        if not self.subject:
            die("patches/%s:1: no Subject line" % name)
        body = re.split(r"^---$", body, flags=re.M)[0]
        self.globs = " ".join(re.findall(r"^xenpv-files: (.*)$", body, re.M)).split()
        self.claims = re.findall(r"^xenpv-grow: (\S+) (.*)$", body, re.M)
        self.message = re.sub(r"^xenpv-(files|grow): .*\n?", "", body, flags=re.M).strip()
        self.globs = [kernel_path(glob, base) or glob for glob in self.globs]
        self.claims = [(kernel_path(path, base) or path, regex) for path, regex in self.claims]


def ownership(patches, folders):
    """({kernel path: index of the patch that brings it}) with xenpv-files winning over what patches hold."""
    owned = {}
    for index, patch in enumerate(patches):
        for path, new, _ in patch.sections:
            if new and is_ours(path) and path in folders:
                if path in owned:
                    die("patches/%s: %s is already brought by patches/%s" %
                        (patch.name, path, patches[owned[path]].name))
                owned[path] = index
    for index, patch in enumerate(patches):
        for glob in patch.globs:
            hits = [path for path in folders if fnmatch.fnmatchcase(path, glob)]
            if not hits:
                die("patches/%s: no file in the folders matches %s" % (patch.name, glob))
            owned.update((path, index) for path in hits)
    for path in sorted(set(folders) - set(owned)):      # alone with one patch's files: it goes with them
        near = {owner for name, owner in owned.items() if name.startswith(os.path.dirname(path) + "/")}
        if len(near) == 1:
            owned[path] = near.pop()
    lost = [folders[path] for path in sorted(folders) if path not in owned]
    if lost:
        die("\n".join("%s:1: no patch brings this file: add `xenpv-files: %s` to one" % (path, path)
                      for path in lost))
    return owned


def canonical(tree, subject, sections, revision="HEAD"):
    """format-patch of one commit; a hunk on a mainline file that differs only in place and hash stays as it was."""
    text = git(tree, "format-patch", "-1", revision, "--stdout", "--zero-commit", "--no-signature", "--no-renames",
               "-N", "--keep-subject" if subject.startswith("[") else "--subject-prefix=PATCH")
    head, fresh = split(text)
    if not fresh:
        die("patch \"%s\" brings nothing any more: take it out of the series" % subject)
    old = {path: section for path, _, section in sections}
    for path, _, section in fresh:
        same = not is_ours(path) and KEEP.sub("", old.get(path, "")) == KEEP.sub("", section)
        head += old[path] if same else section
    return head
