"""Every example runs as its README says."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*/run.sh")), ids=lambda path: path.parent.name)
def test_example(script):
    done = subprocess.run([str(script)], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_example_has_a_page_and_a_script():
    for folder in sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir()):
        assert (folder / "README.md").read_text().startswith("# " + folder.name[:2])
        assert (folder / "run.sh").is_file()


def test_the_plugin_of_the_readme_works(tmp_path):
    (code,) = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (tmp_path / "ramp.cpp").write_text(code)
    include = pathlib.Path(os.environ.get("EMBEDLOOM_BUILD", ROOT / "build" / "release")) / "include"
    subprocess.run(["g++", "-std=c++20", "-shared", "-fPIC", "-fvisibility=hidden", "-I", str(include), "ramp.cpp", "-o", "ramp.so"],
                   cwd=tmp_path, check=True)
    text = tmp_path / "text.txt"
    text.write_text("one two\n")
    (tmp_path / "c.yaml").write_text(f"""schema: 1
plugins: [.]
source: {{use: text, files: [text.txt]}}
tokenizer: {{use: wordpiece, vocab: {ROOT}/build/assets/bert/vocab.txt}}
segment: {{use: single}}
position: {{use: ramp, length: 10}}
embedding: {{token: {{use: random, rows: 30522, width: 4, deviation: 0}}}}
batch: {{size: 1}}
""")
    program = os.environ.get("EMBEDLOOM", str(ROOT / "build" / "embedloom"))
    said = subprocess.run([program, "show", str(tmp_path / "c.yaml"), "--vector", "1"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"vector +0.000 +0.100 +0.200 +0.300", said), said
