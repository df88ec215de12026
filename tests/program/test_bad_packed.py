"""Packed data that is cut, damaged or a bomb, through the program. Rows Z01 to Z10 of the catalogue of bad input.

The promise: what was whole before the damage is delivered and counted, the damage is told with its byte, and the run never
ends as if all were well.
"""
# presets: release asan

import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import zlib

import pytest
from bad_input import ended, peak_bytes, settings

LINES = [f"line {i} {i * i}\n".encode() for i in range(40)]
FEW = LINES[:6]
TEXT = b"".join(LINES)
zstd = shutil.which("zstd")
with_zstd = pytest.mark.skipif(not zstd, reason="the zstd program is not installed")


def pack(ending, data):
    if ending == "gz":
        return gzip.compress(data, mtime=0)
    return subprocess.run([zstd, "-c", "-q", "--check"], input=data, stdout=subprocess.PIPE, check=True).stdout


def delivered(tmp_path, config, code, *words):
    """Bytes where the records of the batches begin, and the ledger."""
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    config["sink"] = {"use": "jsonl", "directory": str(out)}
    done = ended("run", config, "--json").says(code, *words)
    rows = [json.loads(line) for path in sorted(out.glob("batch-*.jsonl")) for line in path.read_bytes().splitlines()]
    return [row["byte"] for row in rows], json.loads(done.stdout)["ledger"] if done.stdout else None, out


@pytest.mark.parametrize("ending", ["gz", pytest.param("zst", marks=with_zstd)])
def test_a_file_cut_at_any_byte_gives_its_whole_records_and_never_0(tmp_path, ending):  # Z01
    begins = [sum(map(len, FEW[:i])) for i in range(len(FEW))]
    first = pack(ending, b"".join(FEW[:3]))
    data, whole = first + pack(ending, b"".join(FEW[3:])), len(first)
    most = 0
    for size in range(1, len(data)):
        config = settings(tmp_path, data[:size], "data.txt." + ending)
        found, ledger, out = delivered(tmp_path, config, 0 if size == whole else 65)
        assert found == begins[:len(found)], "a beginning of the records, in order"
        assert size < whole or len(found) >= 3, "the first member is there"
        assert not found or (ledger["balanced"] and ledger["emitted"] == len(found))
        assert (out / "manifest.json").exists() == (size == whole)
        most = max(most, len(found))
    assert most >= 5


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


GZIP = gzip.compress(TEXT, mtime=0)
NAMED = struct.pack("<4BI2B", 0x1F, 0x8B, 8, 4 | 8 | 2, 0, 0, 3) + struct.pack("<H", 5) + b"extra" + b"name\0"
NAMED += struct.pack("<H", zlib.crc32(NAMED) & 0xFFFF) + GZIP[10:]
FILES = {  # content, name, exit code, records, what is said
    "Z02 members": (GZIP + gzip.compress(b"") + GZIP, "gz", 0, 80, []),
    "Z03 zeros behind": (GZIP + bytes(512), "gz", 0, 40, []),
    "Z03 garbage behind": (GZIP + b"garbage", "gz", 65, 40, [f"byte {len(GZIP)}", "no gzip data"]),
    "Z04 checksum": (flipped(GZIP, -6), "gz", 65, 40, ["incorrect data check in member 1"]),
    "Z04 length": (flipped(GZIP, -2), "gz", 65, 40, ["incorrect length check in member 1"]),
    "Z05 plain by content": (TEXT, "gz", 0, 40, ["by its content plain data"]),
    "Z05 gzip by content": (GZIP, "txt", 0, 40, ["by its content gzip data"]),
    "Z06 empty": (b"", "gz", 65, 0, ["an empty file"]),
    "Z06 only the head": (GZIP[:10], "gz", 65, 0, ["no record"]),
    "Z08 all fields of the head": (NAMED, "gz", 0, 40, []),
    "Z09 packed twice": (gzip.compress(GZIP), "gz", 65, 0, ["gzip data inside packed data", "unpack it once first"]),
}


@pytest.mark.parametrize("policy", ["fail", "skip"])
@pytest.mark.parametrize("name", FILES)
def test_packed_files(tmp_path, name, policy):
    data, ending, code, records, words = FILES[name]
    config = settings(tmp_path, data, "data." + ending, run={"on_error": {"policy": policy}})
    found, ledger, _ = delivered(tmp_path, config, code, "data." + ending if code else "", *words)
    assert len(found) == records and (not records or ledger["balanced"])
    if code:
        ended("run", config, "--set", "sink.existing=replace").says(code, *words)  # told again from the cache


def bomb(mebibytes):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


def check_bomb(tmp_path, data, ending):
    config = settings(tmp_path, data, "data." + ending)
    code, said, peak = peak_bytes("run", config, "--progress", "none")
    assert code == 65 and "more than 1000 times as many" in said and "data." + ending in said, said
    assert peak < 256 << 20
    left = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert left == 0, "nothing of it stays in the cache"


def test_a_gzip_bomb_is_stopped_by_its_ratio(tmp_path):  # Z09
    check_bomb(tmp_path, bomb(200), "gz")


@with_zstd
def test_a_zstd_bomb_is_stopped_by_its_ratio(tmp_path):  # Z09
    check_bomb(tmp_path, pack("zst", bytes(200 << 20)), "zst")
    check_bomb(tmp_path, pack("zst", b"a line of text\n" * (10 << 20)), "zst")


@with_zstd
def test_a_window_too_large_is_refused(tmp_path):  # Z10
    data = subprocess.run([zstd, "-c", "-q", "--ultra", "-1", "--long=31"], input=TEXT, stdout=subprocess.PIPE, check=True).stdout
    ended("run", settings(tmp_path, data, "data.zst")).says(65, "data.zst", "byte 0", "128 MiB")


def test_a_cache_that_cannot_be_made_is_told(tmp_path):
    for cache, code in [("/proc/nowhere", 73), (str(tmp_path / "data.gz"), 78)]:
        ended("run", settings(tmp_path, GZIP, "data.gz", run={"cache": cache})).says(code, cache, "cache")


def test_a_damaged_copy_in_the_cache_is_made_anew(tmp_path):
    config = settings(tmp_path, GZIP, "data.gz")
    ended("run", config).says(0)
    entry, = (path for path in (tmp_path / "cache").iterdir() if not path.name.startswith("."))
    for size in (0, 10, entry.stat().st_size - 1):
        with pathlib.Path(entry).open("rb+") as file:
            file.truncate(size)
        ledger = json.loads(ended("run", config, "--json").says(0).stdout)["ledger"]
        assert ledger["emitted"] == 40
