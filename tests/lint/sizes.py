#!/usr/bin/env python3
"""Sizes that fit the eye: no file over 500 lines, no function over 60. Data marked "generated" in line one is exempt."""
import ast
import re
import sys

import tree

FILE_LINES = 500
FUNCTION_LINES = 60
COUNTED = tree.CPP | {".py", ".cmake", ".txt", ".sh", ".yaml"}

# What stands before a "{" that opens a scope and not a function's body.
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b[^()]*$|\bextern\s*\"\"\s*$|^\s*$")
_CALLED = re.compile(r"([~\w:<>,\s*&]*?\b[\w~]+)\s*\(")


def cpp_functions(text):
    """(name, first line, lines) of the outermost functions of a C++ text."""
    bare = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda found: "\n" * found[0].count("\n"), tree.bare_cpp(text), flags=re.M)
    depth_in_function = 0
    head_start = 0
    begun = None
    for at, letter in enumerate(bare):
        if depth_in_function:
            depth_in_function += (letter == "{") - (letter == "}")
            if depth_in_function == 0:
                name, line = begun
                yield name, line, bare.count("\n", 0, at) + 2 - line
                head_start = at + 1
        elif letter == "{":
            head = bare[head_start:at]
            if _SCOPE.search(head) or "(" not in head:
                head_start = at + 1
            else:
                called = _CALLED.search(head)
                name = called[1].split()[-1] if called else "?"
                first = head_start + len(head) - len(head.lstrip())
                begun = name, bare.count("\n", 0, first) + 1
                depth_in_function = 1
        elif letter in ";}":
            head_start = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check(root=tree.ROOT):
    problems = []
    for path in tree.files(root):
        if path.suffix not in COUNTED or str(path).startswith("tests/golden/"):
            continue
        text = tree.text_of(root, path)
        if text is None or tree.is_generated(text):
            continue
        if text.count("\n") > FILE_LINES:
            problems.append(f"{path}: {text.count(chr(10))} lines; at most {FILE_LINES}")
        functions = cpp_functions if path.suffix in tree.CPP else python_functions if path.suffix == ".py" else None
        for name, line, lines in functions(text) if functions else ():
            if lines > FUNCTION_LINES:
                problems.append(f"{path}:{line}: {name} has {lines} lines; at most {FUNCTION_LINES}")
    return problems


if __name__ == "__main__":
    found = check()
    print("\n".join(found) if found else "sizes: every file and function fits")
    sys.exit(1 if found else 0)
