# SPDX-License-Identifier: GPL-2.0-only
"""C source as text: without comments and strings, cut into functions, cut into tokens."""
import re

NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip(text):
    """Blank out comments and literals; lines keep their numbers."""
    def blank(found):
        piece = found.group(0)
        keep = '""' if piece[0] == '"' else "0" if piece[0] == "'" else " "
        return keep + "\n" * piece.count("\n")
    return NOISE.sub(blank, text)


def functions(code):
    """(name, first line, last line) of each function; code is stripped text in kernel style."""
    lines, found = code.split("\n"), []
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{") and start is None:
            top = number - 1
            while top > 1 and lines[top - 1].strip() and not lines[top - 1].rstrip().endswith((";", "}")) \
                    and not lines[top - 1].startswith("#"):
                top -= 1
            head = " ".join(lines[top:number - 1]) if top < number else lines[number - 2]
            name = re.search(r"(\w+)\s*\(", head or lines[number - 2])
            start = (name.group(1) if name else "?", top + 1)
        elif line.startswith("}") and start is not None:
            if not line.startswith(("};", "} ")):
                found.append((start[0], start[1], number))
            start = None
    return found


def tokens(text):
    """[(token, line)] of the code: no comments, no preprocessor lines that only include."""
    result = []
    for number, line in enumerate(strip(text).split("\n"), 1):
        if re.match(r"\s*#\s*include|\s*MODULE_|\s*EXPORT_SYMBOL", line):
            continue
        result += [(word, number) for word in re.findall(r"[A-Za-z_]\w*|\d\w*|[^\s\w]", line)]
    return result
