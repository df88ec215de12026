#!/usr/bin/env python3
"""Plain texts: each file says what it is for, no tabs, no CR, no paths of one machine, no loose ends, links that lead on."""
import re
import sys
import urllib.parse

import tree

COMMENT = {".h": ("//", "/*"), ".hpp": "//", ".c": ("//", "/*"), ".cpp": "//", ".py": ('"""', "#"), ".cmake": "#", ".sh": "#", ".yaml": "#"}
NAMED_COMMENT = {"CMakeLists.txt": "#", "dev": "#", "packages.txt": "#", "requirements.txt": "#"}
COLUMNS = 160  # the margin stands at 110; beyond this a line is not read
WRAPPED = tree.CPP | {".py", ".cmake", ".sh"}

# Folders at the root that every Debian has, or that stand for any folder in an example.
ROOTS = set("bin boot dev etc lib media mnt opt proc run srv sys tmp usr var data path nowhere missing nonexistent elsewhere docker".split())
MADE_UP = re.compile(r"/home/(me|somebody|you|x)\b")  # a home folder that a test passes in
ABSOLUTE = re.compile(r"(?<![\w.)}\]>*/:$~<\"'-])/([a-z][a-z0-9_]+)/[\w.]|[\"'(=:]/([a-z][a-z0-9_]+)/[\w.]")
LOOSE_END = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
CONFLICT = re.compile(r"^(<{7}|>{7}|={7}$)", re.M)
LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def line_at(text, position):
    return text.count("\n", 0, position) + 1


def first_line_problem(path, text):
    mark = NAMED_COMMENT.get(path.name) or COMMENT.get(path.suffix)
    if mark is None or path.name == "__init__.py" and not text:
        return None
    if path.name == "CMakeLists.txt" and text.startswith(("embedloom_room(", "embedloom_test(", "find_package(")):
        return None
    lines = text.split("\n", 2)
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    if first.startswith(mark) and len(first.split()) >= 3:
        return None
    return f"{path}:1: the first line says what the file is for, in a comment"


def content_problems(path, text):
    if "\t" in text and path.name != ".gitmodules":
        yield f"{path}:{line_at(text, text.index(chr(9)))}: a tab"
    if "\r" in text:
        yield f"{path}:{line_at(text, text.index(chr(13)))}: a carriage return"
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    for match in LOOSE_END.finditer(text):
        yield f"{path}:{line_at(text, match.start())}: {match[0]}: do it, or open an issue"
    for match in CONFLICT.finditer(text):
        yield f"{path}:{line_at(text, match.start())}: a left-over of a merge"
    for match in ABSOLUTE.finditer(text):
        if (match[1] or match[2]) not in ROOTS and not MADE_UP.match(text, text.index("/", match.start())):
            yield f"{path}:{line_at(text, match.start())}: {match[0]}...: a path of one machine"
    for number, line in enumerate(text.split("\n"), 1):
        if path.suffix in WRAPPED and len(line) > COLUMNS and "http" not in line:
            yield f"{path}:{number}: {len(line)} columns; at most {COLUMNS}"


def anchors(text):
    """The anchors of a Markdown text's headings, as Git servers make them."""
    found = set()
    for heading in re.findall(r"^#+\s+(.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def link_problems(root, path, text):
    bare = re.sub(r"^```.*?^```|`[^`\n]*`", lambda code: "\n" * code[0].count("\n"), text, flags=re.M | re.S)
    for match in LINK.finditer(bare):
        link = urllib.parse.unquote(match[1] or match[2])
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = root / path.parent / target if target else root / path
        if not file.exists():
            yield f"{path}:{line_at(bare, match.start())}: {link}: leads nowhere"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            yield f"{path}:{line_at(bare, match.start())}: {link}: no such heading"


def check(root=tree.ROOT):
    problems = []
    for path in tree.files(root):
        text = tree.text_of(root, path)
        if text is None or path.name == "LICENSE" or tree.is_generated(text) and path.suffix != ".md":
            continue
        if first := first_line_problem(path, text):
            problems.append(first)
        if not str(path).startswith(("tests/golden/", "configs/bad/")):
            problems.extend(content_problems(path, text))
        if path.suffix == ".md":
            problems.extend(link_problems(root, path, text))
    return problems


if __name__ == "__main__":
    found = check()
    print("\n".join(found) if found else "texts: in order")
    sys.exit(1 if found else 0)
