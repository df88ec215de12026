"""WordPiece on one thread beside the fastest exact rivals: MB/s of text to ids, and to ids with offsets.

Each contestant runs in a fresh process pinned to one core: it loads, warms up on other text, then encodes several disjoint
slices that it has not seen, each once, and the first of them again ("warm"). All by processor time, so that other programs on
the machine count as little as they can. Ours and theirs take turns; the best slice of all turns counts. Ids are compared with
tokenizers' before anything is timed; who differs is named and left out.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
ASSETS = ROOT / "build" / "assets"
PROGRAM = pathlib.Path(os.environ.get("EMBEDLOOM_BUILD", ROOT / "build" / "release")) / "bench_encode"
SLICES = 5
TURNS = 2


# ---- the rivals, each by its fastest public call

def load_tokenizers(file):
    from tokenizers import Tokenizer
    return Tokenizer.from_file(file)


def encoder_of(rival, file):
    """(a function that encodes a list of texts, a function that gives the ids of its result as lists)."""
    import numpy
    if rival.startswith("tokenizers"):
        tokenizer = load_tokenizers(file)
        call = tokenizer.encode_batch if rival.endswith("offsets") else tokenizer.encode_batch_fast
        return (lambda texts: call(texts, add_special_tokens=False)), (lambda out: [each.ids for each in out])
    if rival == "splintr":
        import splintr

        def lists(out):  # ids and where texts begin, as bytes; it always adds [CLS] and [SEP]
            ids, begins = numpy.frombuffer(out[0], "<u4"), numpy.frombuffer(out[1], "<u8")
            return [ids[begin + 1:end - 1].tolist() for begin, end in zip(begins, begins[1:])]

        return splintr.from_json(file).encode_batch_flat, lists
    import tokie
    tokenizer = tokie.Tokenizer.from_json(file)

    def lists(out):  # ids and how many each text has
        ends = numpy.cumsum(out[1])
        return [out[0][end - count:end].tolist() for count, end in zip(out[1], ends)]

    return (lambda texts: tokenizer.encode_batch_flat(texts, add_special_tokens=False)), lists


def child(rival, file, path, slices):
    """Runs in its own process; prints what bench_encode prints."""
    texts = read_texts(path)
    begin = time.process_time()
    encode, ids_of = encoder_of(rival, file)
    load_ms = 1e3 * (time.process_time() - begin)
    sample = texts[::max(1, len(texts) // 40)]
    expected = [each.ids for each in load_tokenizers(file).encode_batch(sample, add_special_tokens=False)]
    different = sum(a != b for a, b in zip(expected, ids_of(encode(sample))))
    each = len(texts) // (slices + 1)

    def rate(number):
        part = texts[number * each:(number + 1) * each]
        size = sum(len(text.encode()) for text in part)
        begin = time.process_time()
        encode(part)
        return size / 1e6 / (time.process_time() - begin)

    rate(0)
    fresh = [rate(number) for number in range(1, slices + 1)]
    print(json.dumps({"fresh": fresh, "warm": rate(1), "load_ms": load_ms, "different": different}))


# ---- texts

def cut(text, size):
    return [text[i:i + size] for i in range(0, len(text), size)]


def asset(name, file, most=None):
    return (ASSETS / name / file).read_bytes()[:most].decode("utf-8", "replace")


def shuffled(parts):
    """All texts of all parts, mixed in a fixed order."""
    texts = [text for part in parts for text in part]
    random.Random(1).shuffle(texts)
    return texts


def corpora():
    english = cut(asset("prose-dictionary", "gcide.txt", 12_000_000), 10_000) + cut(asset("prose-jargon", "jargon.txt"), 10_000) + \
        cut(asset("prose-news", "news.txt"), 10_000)
    guide = [cut(asset("guide", f"{language}.txt"), 3000) for language in ("de", "vi", "el", "ko")]
    return {
        "English": shuffled([english]),
        "English, short texts": shuffled([cut(asset("prose-dictionary", "gcide.txt", 6_000_000), 200)]),
        "code": shuffled([cut(asset("code-c", name), 10_000) for name in ("stb.h", "stb_image.h", "stb_truetype.h")]),
        "many scripts": shuffled([*guide, cut(asset("text-russian", "faq.txt"), 3000), cut(asset("text-arabic", "hafs.json", 1_000_000), 3000),
                                  cut(asset("text-hindi", "english_hindi.txt", 1_000_000), 3000)]),
        "Chinese and Japanese": shuffled([cut(asset("text-chinese", "linux.txt"), 3000), cut(asset("guide", "ja.txt"), 3000)]),
    }


def write_texts(path, texts):
    path.write_bytes(b"".join(struct.pack("<I", len(data)) + data for data in (text.encode() for text in texts)))


def read_texts(path):
    data, texts, at = pathlib.Path(path).read_bytes(), [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4:at + 4 + size].decode())
        at += 4 + size
    return texts


# ---- the contest

def run(command):
    environment = dict(os.environ, RAYON_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", OMP_NUM_THREADS="1")
    core = min(os.sched_getaffinity(0))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    return json.loads(done.stdout.splitlines()[-1])


def plain_json(path):
    """The tokenizer.json without its truncation and padding, which all contestants load."""
    whole = json.loads((ASSETS / "bert" / "tokenizer.json").read_text(encoding="utf-8"))
    path.write_text(json.dumps({**whole, "truncation": None, "padding": None}, ensure_ascii=False), encoding="utf-8")
    return str(path)


def contest(path, ours, rivals, slices):
    """Best and median rates of ours and of each rival. The tokenizer's file stands beside the texts."""
    file = path.with_name("tokenizer.json")
    results = {}
    for _ in range(TURNS):
        results.setdefault("ours", []).append(run([PROGRAM, file, path, ours, str(slices)]))
        for rival in rivals:
            results.setdefault(rival, []).append(run([sys.executable, __file__, "--child", rival, file, path, "--slices", str(slices)]))
    return {name: {"fresh": max(max(turn["fresh"]) for turn in turns), "warm": max(turn["warm"] for turn in turns),
                   "median": sorted(rate for turn in turns for rate in turn["fresh"])[len(turns) * slices // 2],
                   "load_ms": min(turn["load_ms"] for turn in turns), "different": turns[0].get("different", 0)}
            for name, turns in results.items()}


def rows(name, results, floors):
    ours = results["ours"]
    for rival, theirs in results.items():
        if rival == "ours":
            continue
        if theirs["different"]:
            print(f"{rival} gives other ids on {theirs['different']} texts of the sample of {name}: left out")
            continue
        row = {"name": f"wordpiece, {name}, 1 thread", "value": round(ours["fresh"], 1), "unit": "MB/s", "rival": rival,
               "rival_value": round(theirs["fresh"], 1), "ratio": round(ours["fresh"] / theirs["fresh"], 2)}
        if rival in floors:
            row["floor"] = floors[rival]
        print(json.dumps(row), flush=True)
    said = ", ".join(f"{rival} {each['median']:.1f} / {each['warm']:.1f}" for rival, each in results.items())
    print(f"{name}: median of fresh slices / warm: {said}", flush=True)


def main():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    print(f"{model}, one core, processor time, tokenizers 0.22.2, splintr-rs 0.22.0, tokie 0.1.4; ids without special tokens")
    load = {}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "texts"
        plain_json(path.with_name("tokenizer.json"))
        for name, texts in corpora().items():
            write_texts(path, texts)
            results = contest(path, "ids", ["splintr", "tokie", "tokenizers"], SLICES)
            rows(name, results, {"splintr": 1.0, "tokie": 1.0, "tokenizers": 20.0} if name == "English" else {})
            load = load or results
            if name == "English":
                write_texts(path, texts[:len(texts) // 2])
                rows("English with offsets and words", contest(path, "spans", ["tokenizers, offsets"], SLICES), {})
    for rival in ("splintr", "tokie", "tokenizers"):
        print(json.dumps({"name": "wordpiece, load tokenizer.json", "value": round(load["ours"]["load_ms"], 1), "unit": "ms", "rival": rival,
                          "rival_value": round(load[rival]["load_ms"], 1), "ratio": round(load[rival]["load_ms"] / load["ours"]["load_ms"], 2)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--child", nargs=3, metavar=("RIVAL", "FILE", "TEXTS"), help=argparse.SUPPRESS)
    parser.add_argument("--slices", type=int, default=SLICES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(*arguments.child, arguments.slices)
    else:
        main()
