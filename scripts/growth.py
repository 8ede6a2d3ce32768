# SPDX-License-Identifier: GPL-2.0-only
"""Which line of a growing file (our Kconfig and Makefile files) comes with which patch.

The folder holds the file as it is at the end of the series.  A line that names an object, a room or a sourced
file belongs to the patch that brings that; `xenpv-grow: FILE REGEX` in a patch claims the paragraphs in which
REGEX matches; every other line stays where the patches have it, a new one goes with the line above it.
"""
import difflib
import os
import re


def apply_section(old, section):
    """The lines of a file after one diff section; the section must fit exactly."""
    new, position = [], 0
    for line in section.split("\n")[:-1]:
        head = re.match(r"@@ -(\d+)(?:,(\d+))? \+", line)
        if head:
            start = max(int(head.group(1)) - (head.group(2) != "0"), position)
            new += old[position:start]
            position, inside = start, True
        elif not new and not position and not line[:1] in "+ -" or line.startswith(("--- ", "+++ ")):
            continue
        elif line.startswith("+"):
            new.append(line[1:])
        elif line.startswith("-"):
            position += 1
        elif line.startswith(" "):
            new.append(line[1:])
            position += 1
    return new + old[position:]


def inherit(old, owners, new, owner):
    """Owners for `new`: equal lines keep theirs, an added line gets `owner`, or the owner of the line above."""
    result = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            result += owners[a:b]
        else:
            for _ in range(c, d):
                result.append(owner if owner is not None else (result or owners or [None])[-1])
    return result


def named(path, line, owned):
    """Index of the last patch that brings something which this line names, or None."""
    folder, found = os.path.dirname(path), []
    source = re.match(r'source "([^"]+)"', line)
    if source:
        return owned.get(source.group(1))
    if os.path.basename(path) != "Makefile" or line.lstrip().startswith("#"):
        return None
    for token in re.findall(r"[\w/.+-]+\.o\b|[\w-]+/(?=\s|$)", line):
        stem = token[:-2] if token.endswith(".o") else token
        guesses = [stem] + ["_".join(stem.split("_")[cut:]) for cut in range(1, stem.count("_") + 1)]
        for guess in guesses:
            place = os.path.normpath(os.path.join(folder, guess))
            if token.endswith("/"):
                inside = [index for name, index in owned.items() if name.startswith(place + "/")]
                hits = [min(inside)] if inside else []
            else:
                hits = [owned[place + end] for end in (".c", ".S") if place + end in owned]
            if hits:
                found += hits
                break
    return max(found) if found else None


def paragraphs(lines):
    """(first, end) of each run of lines without a blank one; the blank line above belongs to the run."""
    start = 0
    for index in range(1, len(lines) + 1):
        if index == len(lines) or (not lines[index].strip() and lines[index - 1].strip()):
            yield start, index
            start = index


def with_heads(lines, owners):
    """No line of a Kconfig entry, say a sentence of its help, comes before the entry."""
    head = None
    for index, line in enumerate(lines):
        if line.strip() and not line[0].isspace():
            head = index if re.match(r"(menu)?config\b|choice\b", line) else None
        elif line.strip() and head is not None:
            owners[index] = max(owners[index], owners[head])


def owners_of(path, lines, chain, owned, claims):
    """One patch index for each line.  chain: [(index, section)] of today's patches, in order."""
    old, owners = [], []
    for index, section in chain:
        new = apply_section(old, section)
        owners = inherit(old, owners, new, index)
        old = new
    first = owned[path]
    owners = [first if one is None else max(one, first) for one in inherit(old, owners, lines, None)]
    for index, line in enumerate(lines):
        brings = named(path, line, owned)
        if brings is not None:
            owners[index] = max(brings, first)
    opened = []
    for index, line in enumerate(lines):
        if re.match(r"if(n?def|n?eq)\b", line):
            opened.append(index)
        elif line.startswith("endif") and opened:
            start = opened.pop()
            owners[start] = owners[index] = min(owners[start + 1:index] or [owners[start]])
    for patch, regex in claims:
        for start, end in paragraphs(lines):
            if not regex.startswith("=") and any(re.search(regex, line) for line in lines[start:end]):
                owners[start:end] = [patch] * (end - start)
        owners = [patch if regex == "=" + line.strip() else owner for owner, line in zip(owners, lines)]
    if os.path.basename(path).startswith("Kconfig"):
        with_heads(lines, owners)
    for index in range(len(lines) - 2, -1, -1):
        comment = os.path.basename(path) == "Makefile" and lines[index].startswith("#")
        if comment or not lines[index].strip():
            owners[index] = owners[index + 1]
    if lines and owners[0] != first:
        owners[0] = first
    return owners
