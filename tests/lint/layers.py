#!/usr/bin/env python3
"""The layer law of docs/architecture.md: who may include whom, and where each third-party library is at home."""
import pathlib
import re
import sys

import tree

BELOW = {  # room: the rooms it may include
    "abi": set(),
    "sdk": {"abi"},
    "base": {"abi"},
    "config": {"base", "abi"},
    "host": {"base", "abi"},
    "loom": {"base", "abi"},
    "embed": {"base", "abi"},
    "engine": {"loom", "base", "abi"},
    "run": {"config", "host", "engine", "embed", "loom", "base", "abi"},
    "testkit": {"host", "sdk", "base", "abi"},
    "cli": {"run", "testkit", "base", "abi"},
    "python": {"run", "base", "abi"},
}

LIBRARIES = {  # the first part of an include's path: (the library, the places that may include it)
    "yaml-cpp": ("yaml-cpp", ["framework/config"]),
    "boost/dll": ("Boost.DLL", ["framework/host"]),
    "boost/program_options": ("Boost.Program_options", ["framework/cli"]),
    "tbb": ("oneTBB", ["framework/engine"]),
    "oneapi": ("oneTBB", ["framework/engine"]),
    "hwy": ("Highway", ["framework/embed", "plugins"]),
    "simdjson.h": ("simdjson", ["plugins", "tests/support"]),
    "zlib.h": ("zlib", ["plugins/source", "tests/support"]),
    "zstd.h": ("zstd", ["plugins/source", "tests/support"]),
    "zstd_errors.h": ("zstd", ["plugins/source"]),
    "openssl": ("libcrypto", ["plugins/sink"]),
    "nanobind": ("nanobind", ["framework/python"]),
    "catch2": ("Catch2", ["tests/support"]),
    "benchmark": ("Google Benchmark", ["tests/bench"]),
    "ATen": ("PyTorch", ["tests/python/emulated"]),
    "c10": ("PyTorch", ["tests/python/emulated"]),
    "torch": ("PyTorch", ["tests/python/emulated"]),
    "pybind11": ("PyTorch", ["tests/python/emulated"]),  # its own copy
}

STD = set("""algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes
climits clocale cmath compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio
cstdlib cstring ctime cwchar cwctype deque exception execution filesystem format forward_list fstream functional future
initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
source_location span sstream stack stdexcept stop_token streambuf string string_view syncstream system_error thread tuple
type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version""".split())
C_STD = set("""assert.h ctype.h errno.h float.h inttypes.h limits.h math.h signal.h stdarg.h stdatomic.h stddef.h stdint.h stdio.h
stdlib.h string.h time.h wchar.h""".split())
POSIX = re.compile(r"^(sys|netinet|arpa|linux)/|^(unistd|fcntl|dirent|dlfcn|elf|glob|langinfo|link|malloc|poll|pthread|"
                   r"sched|spawn|termios|cxxabi|execinfo|link|fnmatch|pwd|immintrin|libgen|wchar)\.h$")

SHARED = {"simdjson"}  # at home wherever JSON is read, in more than one plugin of a kind

THREADS_AND_FILES = set("atomic barrier condition_variable filesystem fstream future latch mutex semaphore shared_mutex "
                        "stop_token thread".split())

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def is_std(name):
    return name in STD or name in C_STD


def library_of(name):
    """(library, homes) of an include, or None."""
    for prefix, entry in LIBRARIES.items():
        if name == prefix or name.startswith(prefix + "/") or name.startswith(prefix + "."):
            return entry
    return None


def place_of(path):
    """('room', name), ('plugin', kind) or (first folder, '')."""
    parts = path.parts
    if parts[0] == "framework" and len(parts) > 2:
        return "room", parts[1]
    if parts[0] == "plugins" and len(parts) > 2:
        return "plugin", parts[1]
    return parts[0], ""


def unit_of(path):
    """What counts as one user of a library: a room, a plugin (file or folder), a kind's common/."""
    parts = path.parts
    if parts[0] == "plugins" and len(parts) > 3:
        return "/".join(parts[:3])
    if parts[0] == "plugins":
        return str(path.with_suffix(""))
    return "/".join(parts[:2])


def own_include(path, quoted, name):
    """What is wrong with an include of one of our own headers, or None."""
    where, owner = place_of(path)
    if quoted:
        target = pathlib.PurePosixPath(*_normalised(path.parent / name))
        if where == "room":
            same = target.parent == path.parent and path.parts[1] == "abi"
            return None if same else "a room includes its own and others' headers as <embedloom/ROOM/file.h>"
        if where == "plugin":
            homes = {path.parent, pathlib.PurePosixPath("plugins", owner, "common")}
            return None if target.parent in homes else "a plugin includes its own folder and its kind's common/ only"
        return None
    room = name.split("/")[1]
    if where == "room":
        if room == owner or room in BELOW.get(owner, set()):
            return None
        return f"{owner} may not include {room}; it may include {', '.join(sorted(BELOW.get(owner, [])) or ['nothing'])}"
    if where == "plugin" and room not in ("sdk", "abi"):
        return f"a plugin includes sdk or abi, never {room}"
    return None


def _normalised(path):
    parts = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return parts


def foreign_include(path, name):
    """What is wrong with an include from outside, or None."""
    where, owner = place_of(path)
    if found := library_of(name):
        library, homes = found
        if any(str(path).startswith(home + "/") for home in homes):
            return None
        return f"{library} is included in {' and '.join(homes)} only"
    if is_std(name):
        if owner == "loom" and where == "room" and name in THREADS_AND_FILES:
            return "loom is pure logic: no threads, no files"
        if owner == "abi" and where == "room" and name not in ("stddef.h", "stdint.h"):
            return "abi includes stdint.h and stddef.h only"
        return None
    if POSIX.search(name):
        if where == "room" and owner in ("abi", "sdk", "loom", "embed"):
            return f"{owner} uses the standard library only"
        return None
    return "an unknown library: give it a home in tests/lint/layers.py"


def library_users(root, paths):
    """Of each plugin kind: library -> the plugins that include it."""
    users = {}
    for path in paths:
        if place_of(path)[0] != "plugin":
            continue
        for _, name in INCLUDE.findall(tree.text_of(root, path) or ""):
            if found := library_of(name):
                users.setdefault((place_of(path)[1], found[0]), set()).add(unit_of(path))
    return users


def check(root=tree.ROOT):
    """All violations, as lines "path:line: what"."""
    problems = []
    paths = [path for path in tree.files(root)
             if path.suffix in tree.CPP and path.parts[0] in ("framework", "plugins", "examples", "tests")]
    for path in paths:
        text = tree.text_of(root, path) or ""
        for match in INCLUDE.finditer(text):
            quoted, name = match[1] == '"', match[2]
            if quoted or name.startswith("embedloom/"):
                wrong = own_include(path, quoted, name)
            else:
                wrong = foreign_include(path, name)
            if wrong:
                problems.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: <{name}>: {wrong}")
    for (kind, library), users in sorted(library_users(root, paths).items()):
        if len(users) > 1 and library not in SHARED:
            problems.append(f"plugins/{kind}: {library} is included by {', '.join(sorted(users))}: "
                            "one plugin or the kind's common/, not several")
    return problems


if __name__ == "__main__":
    found = check()
    print("\n".join(found) if found else "layers: as the law says")
    sys.exit(1 if found else 0)
