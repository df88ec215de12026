"""The wheel in a clean environment: whole, typed, with plugins and program, and free of torch and numpy."""

import subprocess
import sys
import zipfile

import pytest

import support


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Made of the build at hand, so that nothing is compiled a second time."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check",
                    f"--config-settings=cmake.define.EMBEDLOOM_PREBUILT={support.PACKAGE.parent}",
                    f"--config-settings=build-dir={folder / 'build'}", "-w", str(folder), str(support.ROOT)], check=True, timeout=300)
    (wheel,) = folder.glob("embedloom-*.whl")
    return wheel


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory):
    """The bin folder of a new environment with nothing but the wheel."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=300)
    subprocess.run([str(folder / "bin" / "pip"), "install", "-q", "--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)],
                   check=True, timeout=300)
    return folder / "bin"


def call(program, *arguments):
    # Away from the tree, without what the test itself was started with.
    return subprocess.run([str(program), *map(str, arguments)], cwd=program.parent, env={"PATH": "/usr/bin:/bin", "HOME": str(program.parent)},
                          text=True, timeout=120, check=True, stdout=subprocess.PIPE).stdout


def test_the_wheel_holds_all_and_no_more(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {"embedloom/py.typed", "embedloom/_core.pyi", "embedloom/__init__.py", "embedloom/bin/embedloom"} <= set(names)
    built = {path.name for path in (support.PACKAGE.parent / "plugins").glob("*.so")}
    assert {name.rsplit("/", 1)[1] for name in names if name.startswith("embedloom/bin/plugins/")} == built and len(built) > 10
    assert sum(name.endswith(".so") and "/plugins/" not in name for name in names) == 1
    assert not [name for name in names if "test" in name or name.endswith((".h", ".cpp", ".a"))]


def test_it_runs_without_torch_and_numpy(clean):
    path = support.pipeline.write_config(clean, support.pairs())
    code = f"""if True:
        import sys, embedloom
        with embedloom.open({str(path)!r}) as session:
            batch = next(session)
            print(batch.rows, memoryview(batch["input_ids"]).shape[0], memoryview(batch["input_ids"])[0, 0])
        print(sorted({{"torch", "numpy"}} & set(sys.modules)), embedloom.__version__, embedloom.__file__.startswith({str(clean.parent)!r}))
        """
    version = "0.1.0"
    assert call(clean / "python", "-c", code).splitlines() == ["16 16 101", f"[] {version} True"]


def test_the_program_is_in_it(clean):
    path = support.pipeline.write_config(clean, support.pairs())
    assert "wordpiece" in call(clean / "embedloom", "plugins")
    assert "input_ids" in call(clean / "embedloom", "check", path)


TYPED = """
import embedloom

with embedloom.open({"schema": 1}, {"batch.size": 8}, threads=2) as session:
    for batch in session:
        ids: embedloom.Array = batch["input_ids"]
        view: memoryview = memoryview(ids)
        shape: tuple[int, ...] = ids.shape
        origin: embedloom.Origin = batch.provenance[0]
        byte: str = origin.byte  # wrong: a number
try:
    embedloom.open(7)  # wrong: no config
except embedloom.ConfigError as error:
    line: int | None = error.line
"""


def test_it_is_typed(clean, tmp_path):
    (tmp_path / "user.py").write_text(TYPED)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--python-executable", str(clean / "python"), "--cache-dir",
                           str(tmp_path / "cache"), "user.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, env={"PATH": "/usr/bin:/bin"})
    wrong = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(wrong) == 2 and ":10:" in wrong[0] and ":12:" in wrong[1], done.stdout + done.stderr


FOLDERS = """
import pathlib
import embedloom.torch

folders = [pathlib.Path("here")]
embedloom.open("a.yaml", plugin_folders=folders)
embedloom.torch.Loader("a.yaml", plugin_folders=folders)
embedloom.torch.embedding_module("a.yaml", plugin_folders=folders)
"""


@pytest.mark.parametrize("what", [("-p", "embedloom"), ("-c", FOLDERS)])
def test_the_package_s_own_files_are_typed(tmp_path, what):
    # The build tree's package: its stub is made from the extension, so the files are held against what there is.
    lenient = ["--no-site-packages", "--ignore-missing-imports", "--allow-subclassing-any", "--allow-any-generics"]
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", *lenient, "--cache-dir", str(tmp_path), *what],
                          capture_output=True, text=True, timeout=300, cwd=support.PACKAGE, env={"PATH": "/usr/bin:/bin", "MYPYPATH": str(support.PACKAGE)})
    assert done.returncode == 0, done.stdout + done.stderr
