"""The tree keeps its rules, and each lint finds what it is for: planted violations, told with their line."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layers  # noqa: E402
import sizes  # noqa: E402
import texts  # noqa: E402


@pytest.mark.parametrize("lint", [layers, sizes, texts], ids=lambda lint: lint.__name__)
def test_the_tree_is_clean(lint):
    assert lint.check() == []


@pytest.mark.parametrize("lint", [layers, sizes, texts], ids=lambda lint: lint.__name__)
def test_a_lint_says_in_its_exit_code_whether_the_tree_is_clean(lint):
    run = subprocess.run([sys.executable, lint.__file__], stdout=subprocess.PIPE)
    assert run.returncode == (1 if lint.check() else 0)


def found(lint, folder, path, text):
    """The lint's answer on a tree of this one file."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return "\n".join(lint.check(folder))


@pytest.mark.parametrize("path, include, said", [
    ("framework/base/a.h", "<embedloom/config/tree.h>", "base may not include config"),
    ("framework/host/a.h", "<embedloom/config/tree.h>", "host may not include config"),
    ("framework/loom/a.h", "<embedloom/engine/graph.h>", "loom may not include engine"),
    ("framework/cli/a.cpp", "<embedloom/engine/graph.h>", "cli may not include engine"),
    ("framework/abi/a.h", "<stdlib.h>", "abi includes stdint.h and stddef.h only"),
    ("framework/loom/a.cpp", "<thread>", "no threads, no files"),
    ("framework/loom/a.cpp", "<unistd.h>", "standard library only"),
    ("framework/run/a.cpp", "<yaml-cpp/yaml.h>", "yaml-cpp is included in framework/config only"),
    ("framework/run/a.cpp", "<tbb/task_arena.h>", "oneTBB is included in framework/engine only"),
    ("framework/run/a.cpp", "<oneapi/tbb/flow_graph.h>", "oneTBB is included in framework/engine only"),
    ("framework/cli/a.cpp", "<boost/dll.hpp>", "Boost.DLL is included in framework/host only"),
    ("framework/run/a.cpp", "<boost/program_options.hpp>", "Boost.Program_options is included in framework/cli only"),
    ("framework/host/a.cpp", "<boost/asio.hpp>", "an unknown library"),
    ("framework/host/a.cpp", '"registry.h"', "a room includes its own and others' headers as"),
    ("plugins/segment/a.cpp", "<embedloom/base/error.h>", "never base"),
    ("plugins/segment/a.cpp", "<zstd.h>", "zstd is included in plugins/source and tests/support only"),
    ("plugins/segment/a.cpp", '"../table/common/matrix.h"', "its kind's common/ only"),
    ("tests/unit/a/a_test.cpp", "<catch2/catch.hpp>", "Catch2 is included in tests/support only"),
])
def test_layers_refuses(tmp_path, path, include, said):
    answer = found(layers, tmp_path, path, f"// A file with one bad include.\n#include {include}\n")
    assert said in answer and f"{path}:2: " in answer


@pytest.mark.parametrize("path, include", [
    ("framework/engine/a.cpp", "<embedloom/loom/lanes.h>"),
    ("framework/engine/a.cpp", "<oneapi/tbb/flow_graph.h>"),
    ("framework/run/a.cpp", "<embedloom/config/tree.h>"),
    ("framework/base/a.cpp", "<sys/mman.h>"),
    ("plugins/segment/a.cpp", '"common/template.h"'),
    ("plugins/segment/a/a.cpp", '"../common/template.h"'),
    ("plugins/segment/a/a.cpp", '"b.h"'),
    ("plugins/source/common/a.cpp", "<zstd.h>"),
    ("plugins/source/a.cpp", "<embedloom/sdk/plugin.h>"),
])
def test_layers_allows(tmp_path, path, include):
    assert found(layers, tmp_path, path, f"#include {include}\n") == ""


def test_layers_refuses_a_library_in_two_plugins_of_a_kind(tmp_path):
    found(layers, tmp_path, "plugins/source/a.cpp", "#include <zstd.h>\n")
    answer = found(layers, tmp_path, "plugins/source/b/b.cpp", "#include <zstd.h>\n")
    assert answer == ("plugins/source: zstd is included by plugins/source/a, plugins/source/b: "
                      "one plugin or the kind's common/, not several")


def test_layers_does_not_read_an_include_that_stands_in_a_text(tmp_path):
    assert found(layers, tmp_path, "framework/base/a.cpp", "// #include <tbb/tbb.h>\n") == ""


LONG = "    f(1);\n"


@pytest.mark.parametrize("text, said", [
    ("void f(int a) {\n" + 59 * LONG + "}\n", "1: f has 61 lines"),
    ("namespace a {\nclass B {\n    int g() const {\n" + 59 * LONG + "    }\n};\n}\n", "3: g has 61 lines"),
    ("template <class T>\nvoid f(T a)\n    requires x<T> {\n" + 57 * LONG + "}\n", "1: f has 61 lines"),
    ("// a { brace\nconst char* s = \"{\";\n\nA::A(int b) : c_(b) {\n" + 59 * LONG + "}\n", "4: A::A has 61 lines"),
    ("#define X {\n\nTEST_CASE(\"a\", \"[b]\") {\n" + 59 * LONG + "}\n", "3: TEST_CASE has 61 lines"),
    (501 * "\n", "a.cpp: 501 lines; at most 500"),
])
def test_sizes_refuses(tmp_path, text, said):
    assert said in found(sizes, tmp_path, "a.cpp", text)


@pytest.mark.parametrize("text", [
    "void f(int a) {\n" + 58 * LONG + "}\n",
    "void f(int a) {\n" + 40 * LONG + "}\nvoid g(int a) {\n" + 40 * LONG + "}\n",
    "struct A {\n" + 99 * "    int a;\n" + "};\n",
    "constexpr int a[] = {\n" + 99 * "    1,\n" + "};\n",
    "// Data, generated from a table.\n" + 501 * "\n",
    500 * "\n",
])
def test_sizes_allows(tmp_path, text):
    assert found(sizes, tmp_path, "a.cpp", text) == ""


def test_sizes_counts_python_too(tmp_path):
    assert "a.py:1: f has 61 lines" in found(sizes, tmp_path, "a.py", "def f():\n" + 60 * "    f()\n")


@pytest.mark.parametrize("path, text, said", [
    ("a.cpp", "#include <string>\n", "a.cpp:1: the first line says"),
    ("a.py", "#!/usr/bin/env python3\nimport sys\n", "a.py:1: the first line says"),
    ("a.cpp", "// What this file is for.\n\tint a;\n", "a.cpp:2: a tab"),
    ("a.cpp", "// What this file is for.\r\nint a;\n", "a.cpp:1: a carriage return"),
    ("a.cpp", "// What this file is for.\nint a;", "no newline at the end"),
    ("a.cpp", "// What this file is for.\n// TO" "DO: more\n", "a.cpp:2: TO" "DO"),
    ("a.md", "Run it in " "/ho" "me/anna/x.\n", "a path of one machine"),
    ("a.yaml", "# What this is for.\nfile: " "/so" "mewhere/x\n", "a path of one machine"),
    ("a.cpp", "// What this file is for.\n<<<<<<" "< mine\n", "a left-over of a merge"),
    ("a.md", "See [that](b.md).\n", "a.md:1: b.md: leads nowhere"),
    ("a.md", "# One two\n\nSee [that](#two-one).\n", "a.md:3: #two-one: no such heading"),
])
def test_texts_refuses(tmp_path, path, text, said):
    file = tmp_path / path
    file.write_bytes(text.encode())
    assert said in "\n".join(texts.check(tmp_path))


@pytest.mark.parametrize("path, text", [
    ("a.cpp", "// What this file is for.\nint a;\n"),
    ("a.h", "/* What a C header is for. */\n"),
    ("a.md", "# One `two` three\n\n[that](#one-two-three), [a](a.md), [out](https://example.org/x), `[no](link)`, and/or\n"),
    ("a.yaml", "# What this is for.\nfile: /data/x  # and ../x/y\n"),
])
def test_texts_allows(tmp_path, path, text):
    assert found(texts, tmp_path, path, text) == ""
