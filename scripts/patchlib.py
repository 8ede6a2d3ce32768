# SPDX-License-Identifier: GPL-2.0-only
"""What refresh, tree, import, check, bisect and mail share: layout, series, patches, sparse trees.

A sparse tree is a git repository that holds only the mainline files which the series touches; the whole
series applies to it with `git am` in seconds.
"""
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.environ.get("XENPV_CACHE") or os.path.expanduser("~/.cache/xenpv")
GROWING = ("Kconfig", "Makefile")
GITENV = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", LC_ALL="C",
              GIT_COMMITTER_NAME="xenpv", GIT_COMMITTER_EMAIL="xenpv@localhost",
              GIT_COMMITTER_DATE="2000-01-01T00:00:00Z")
for _name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"):
    GITENV.pop(_name, None)


def die(text):
    sys.exit("%s: %s" % (os.path.basename(sys.argv[0]), text))


def read(path):
    with open(path, encoding="utf-8", newline="") as handle:
        return handle.read()


def write(path, text, mode=None):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8", newline="") as handle:
        handle.write(text)
    if mode:
        os.chmod(path, mode)


def git(where, *args, check=True, text=None):
    command = ["git", "-c", "core.abbrev=12", "-c", "commit.gpgSign=false", "-c", "gc.auto=0",
               "-c", "core.hooksPath=/dev/null"]
    done = subprocess.run(command + list(args), cwd=where, env=GITENV, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if check and done.returncode:
        die("git %s: %s" % (args[0], (done.stderr or done.stdout).strip().splitlines()[-1:]))
    return done if not check else done.stdout


PRISTINE = {}


def base_dir(base):
    """The pristine tree of a base, from scripts/base; XENPV_PRISTINE_6_12 and the like name one directly."""
    if base not in PRISTINE:
        given = os.environ.get("XENPV_PRISTINE_" + base.replace(".", "_"))
        PRISTINE[base] = given or ask_base(dict({k: v for k, v in os.environ.items() if k != "KDIR"}, BASE=base))
    return PRISTINE[base]


def ask_base(env):
    done = subprocess.run([os.path.join(TOP, "scripts", "base")], stdout=subprocess.PIPE, encoding="utf-8", env=env)
    if done.returncode or not done.stdout.strip():
        die("no pristine tree (BASE=%s): see what scripts/base says above" % env.get("BASE", ""))
    return done.stdout.strip().splitlines()[-1]


def pick(word):
    """The base that a command line asks for: a name, else KDIR=, else BASE=, else the default of scripts/base."""
    if word or (os.environ.get("BASE") and not os.environ.get("KDIR")):
        return word or os.environ["BASE"]
    tree = ask_base(dict(os.environ))
    PRISTINE[version_of(tree)] = tree
    return version_of(tree)


def version_of(tree, parts=2):
    found = re.findall(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", read(os.path.join(tree, "Makefile")), re.M)
    return ".".join(found[:parts])


def bases():
    """The bases of the Makefile; those that follow the main series first, for that shapes the patches."""
    names = re.search(r"^BASES *:?= *(.*)$", read(os.path.join(TOP, "Makefile")), re.M).group(1).split()
    return sorted(names, key=lambda base: os.path.basename(series_file(base)))


def series_file(base):
    special = os.path.join(TOP, "series-" + base)
    return special if os.path.exists(special) else os.path.join(TOP, "series")


def series(base):
    """The patches of a base in order, as paths below patches/."""
    lines = (line.split("#")[0].strip() for line in read(series_file(base)).splitlines())
    return [line for line in lines if line]


def stages(base):
    """[(number, name, text, needs, patches)] from the series' comment lines."""
    found = []
    for line in read(series_file(base)).splitlines():
        head = re.match(r"# stage (\d+) (\S+)\s+(.*?)\s+needs:\s*(.*)$", line)
        if head:
            needs = [int(word) for word in head.group(4).split() if word != "-"]
            found.append((int(head.group(1)), head.group(2), head.group(3), needs, []))
        elif line.split("#")[0].strip() and found:
            found[-1][4].append(line.split("#")[0].strip())
    return found


def layout(base):
    rows = []
    for line in read(os.path.join(TOP, "scripts", "layout.map")).splitlines():
        words = line.split("#")[0].split()
        if len(words) == 2 or (len(words) == 3 and words[2] == base):
            rows.append((words[0], words[1]))
    return sorted(rows, key=lambda row: -len(row[0]))


def kernel_path(path, base):
    """Where a file of the repository stands in the kernel tree, or None."""
    for ours, theirs in layout(base):
        if path.startswith(ours):
            return theirs + path[len(ours):]
    return None


def is_ours(path):
    """True for a kernel path that lies in one of our folders."""
    return any(path.startswith(row.split()[1]) for row in
               read(os.path.join(TOP, "scripts", "layout.map")).splitlines()
               if row and not row.startswith("#"))


def folder_files(base):
    """{kernel path: repository path} of every file in the source folders that git does not ignore.

    Mutants are for scripts/mutants alone and stay out of the kernel tree.
    """
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--"] +
                          [ours for ours, _ in layout(base)],
                          cwd=TOP, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return {kernel_path(path, base): path for path in sorted(set(done.stdout.split("\n")))
            if path and "/tests/mutants/" not in path and os.path.isfile(os.path.join(TOP, path))}
