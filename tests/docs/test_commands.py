"""Runs what README.md, CONTRIBUTING.md, docs/ and examples/ tell a reader to type.

A block fenced as ```console is typed in, from the root of the repository and in the page's order:

    $ command      is run; its exit code must be 0, or the N of a line "# exit code N" right before it
    output         is compared with what the command says, and only where a line "# prints" stands before the
                   command: each line of the page must then be in it, in order; "..." in a line stands for anything

A block fenced as ```python runs, as one program, with the package of the build; blocks of one page follow each other in it.

All other blocks (```sh, ```yaml, none) are not typed. `./dev test` is what runs this, so it is left out, and so are
lines that set a machine up: those that start with `git clone`, `cd` or `sudo`.
"""
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("examples/**/*.md"))]
LEFT_OUT = re.compile(r"(\./dev (test|clean)|git clone|cd |sudo )")


class Command:
    """One command of a page, and what the page says of it."""

    def __init__(self, page, line, text, exit_code, compared):
        self.page, self.line, self.text = page, line, text
        self.exit_code, self.compared = exit_code, compared
        self.output = []

    def __repr__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def commands_of(page, text):
    """The commands of a page's ```console blocks."""
    inside, commands, exit_code, compared = False, [], 0, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif not inside:
            continue
        elif line.startswith("$ "):
            commands.append(Command(page, number, line[2:], exit_code, compared))
            exit_code, compared = 0, False
        elif commands and commands[-1].text.endswith("\\"):
            commands[-1].text = commands[-1].text[:-1] + line.lstrip("> ")
        elif found := re.fullmatch(r"# exit code (\d+)", line):
            exit_code = int(found[1])
        elif line == "# prints":
            compared = True
        elif commands:
            commands[-1].output.append(line.rstrip())
    return [command for command in commands if not LEFT_OUT.match(command.text)]


def is_said(expected, said):
    """Whether all expected lines are among the lines said, in order."""
    lines = iter(said)
    for line in expected:
        pattern = ".*".join(map(re.escape, line.split("...")))
        if not any(re.fullmatch(pattern, other.rstrip()) for other in lines):
            return line
    return None


def all_commands():
    return [command for page in PAGES if page.exists() for command in commands_of(page, page.read_text())]


@pytest.mark.parametrize("command", all_commands(), ids=repr)
def test_the_page_tells_the_truth(command):
    environment = dict(os.environ, TERM="dumb", PATH=f"{ROOT}/build:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-c", command.text], cwd=ROOT, env=environment, text=True, timeout=900,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == command.exit_code, f"{command.text}\n{done.stdout[-4000:]}"
    if command.compared:
        missing = is_said(command.output, done.stdout.splitlines())
        assert missing is None, f"{command.text}\nnot said: {missing}\n{done.stdout[-4000:]}"


PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists() and PYTHON.search(page.read_text())], ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_s_python_runs(page):
    program = "\n".join(PYTHON.findall(page.read_text()))
    environment = dict(os.environ, PYTHONPATH=f"{ROOT}/build/python", PATH=f"{ROOT}/build:{os.environ['PATH']}", RAY_USAGE_STATS_ENABLED="0")
    # Left alone: Ray's own, at its defaults, and Lightning's own, of torch.
    left = ("ignore::DeprecationWarning:ray.data.context", "ignore:`isinstance(treespec, LeafSpec)`:FutureWarning")
    warnings = ["-W", "error", *(word for warning in left for word in ("-W", warning))]
    done = subprocess.run([sys.executable, *warnings, "-c", program], cwd=ROOT, env=environment, text=True, timeout=300,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_page_is_read_as_its_reader_would():
    text = ("```console\n# exit code 78\n$ a \\\n>   b\nshown\n# prints\n$ c\nd ... f\n$ ./dev test --long\n$ git clone x\n```\n"
            "```sh\n$ not this\n```\n")
    commands = commands_of(ROOT / "README.md", text)
    assert [(c.text, c.exit_code, c.compared, c.output) for c in commands] == [
        ("a b", 78, False, ["shown"]),
        ("c", 0, True, ["d ... f"]),
    ]


def test_shown_lines_are_held_against_what_was_said():
    assert is_said(["a", "c ... e"], ["a", "b", "c d e"]) is None
    assert is_said(["c", "a"], ["a", "b", "c"]) == "a"
