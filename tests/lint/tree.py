"""The files a lint looks at, and a C++ text without its comments and strings."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = ("build/", "out/", "tests/fuzz/corpus/", ".git/")
CPP = {".h", ".hpp", ".c", ".cpp"}


def files(root=ROOT):
    """Paths relative to `root` of all files that are tracked or could be, in order."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, check=True,
                                stdout=subprocess.PIPE, text=True).stdout.split("\0")
    else:
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
    return [pathlib.PurePosixPath(name) for name in sorted(set(listed))
            if name and not name.startswith(SKIPPED) and "__pycache__" not in name and (root / name).is_file()]


def text_of(root, path):
    """The file's text, or None when it is not UTF-8 text."""
    data = (root / path).read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def is_generated(text):
    """Data that a script wrote says so in its first line."""
    return "generated" in text.split("\n", 1)[0].lower()


_STRIPPED = re.compile(r"""
    //[^\n]*(?:\\\n[^\n]*)* | /\*.*?\*/              # comments
  | R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"      # raw strings
  | "(?:\\.|[^"\\\n])*" | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'   # strings and characters, not digit separators
""", re.S | re.X)


def bare_cpp(text):
    """`text` with comments, strings and characters blanked, so that lines and braces can be counted."""
    def blank(match):
        found = match[0]
        kept = "" if found.startswith("/") else '""'
        return kept + "\n" * found.count("\n")
    return _STRIPPED.sub(blank, text)
