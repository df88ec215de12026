"""An asset appears whole or not at all, checked by its digest, and is left alone once it is there. Without a network."""
import gzip
import hashlib
import json
import pathlib
import sys
import zipfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import fetch  # noqa: E402

TEXT, PACKED = b"one\n", b"two\n"


def digest(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def manifest(tmp_path):
    """The path of a manifest with one asset of two files."""
    def write(**changes):
        files = {"one.txt": {"member": "p/one.txt", "sha256": digest(TEXT)},
                 "two.txt": {"member": "p/two.txt.gz", "sha256": digest(PACKED)}}
        files["one.txt"].update(changes)
        path = tmp_path / "manifest.json"
        path.write_text(json.dumps({"demo": ["words"], "packages": [
            {"registry": "pypi", "name": "p", "version": "1", "licence": "MIT", "assets": {"words": {"files": files}}}]}))
        return path
    return write


@pytest.fixture
def registry(monkeypatch):
    """A registry that has package p; counts its downloads."""
    downloads = []

    def fetch_package(package, folder):
        downloads.append(package["name"])
        path = folder / "p-1-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("p/one.txt", TEXT)
            wheel.writestr("p/two.txt.gz", gzip.compress(PACKED))
        return path
    monkeypatch.setattr(fetch, "fetch_package", fetch_package)
    return downloads


def test_an_asset_is_unpacked_and_then_left_alone(tmp_path, manifest, registry):
    arguments = [str(tmp_path / "assets"), "--demo", "--manifest", str(manifest())]
    assert fetch.main(arguments) == 0
    assert (tmp_path / "assets/words/one.txt").read_bytes() == TEXT
    assert (tmp_path / "assets/words/two.txt").read_bytes() == PACKED
    assert fetch.main(arguments) == 0
    assert registry == ["p"]


def test_a_wrong_digest_leaves_nothing_that_looks_right(tmp_path, manifest, registry, capsys):
    arguments = [str(tmp_path / "assets"), "words", "--manifest", str(manifest(sha256=digest(b"other")))]
    assert fetch.main(arguments) == 1
    assert not (tmp_path / "assets/words").exists()
    said = capsys.readouterr().err
    assert "p/one.txt has SHA-256 " + digest(TEXT) in said and digest(b"other") in said


def test_a_missing_member_is_named(tmp_path, manifest, registry, capsys):
    assert fetch.main([str(tmp_path / "assets"), "--all", "--manifest", str(manifest(member="p/none"))]) == 1
    assert "the package has no member p/none" in capsys.readouterr().err


def test_a_changed_entry_or_a_lost_file_is_fetched_again(tmp_path, manifest, registry):
    arguments = [str(tmp_path / "assets"), "--all", "--manifest", str(manifest())]
    fetch.main(arguments)
    (tmp_path / "assets/words/one.txt").unlink()
    assert fetch.main(arguments) == 0 and (tmp_path / "assets/words/one.txt").exists()
    manifest(member="p/two.txt.gz", sha256=digest(PACKED))
    assert fetch.main(arguments) == 0 and (tmp_path / "assets/words/one.txt").read_bytes() == PACKED
    assert registry == ["p", "p", "p"]


def test_an_unknown_asset_is_a_usage_error_that_lists_those_there_are(tmp_path, manifest, capsys):
    with pytest.raises(SystemExit) as stopped:
        fetch.main([str(tmp_path), "wrods", "--manifest", str(manifest())])
    assert stopped.value.code == 2 and "there are words" in capsys.readouterr().err


def test_the_manifest_itself_is_well_formed():
    manifest = json.loads(fetch.MANIFEST.read_text())
    names = [name for package in manifest["packages"] for name in package["assets"]]
    assert len(names) == len(set(names)) and set(manifest["demo"]) <= set(names)
    for package in manifest["packages"]:
        assert package["registry"] in ("pypi", "debian") and package["version"] and package["licence"]
        for asset in package["assets"].values():
            assert all(len(file["sha256"]) == 64 and file["member"] for file in asset["files"].values())
