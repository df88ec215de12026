#!/usr/bin/env python3
"""Asks Hugging Face tokenizers 0.22.2 about every code point and writes the answers as C++ range tables.

    generate_unicode.py unicode_data.h

That library has several versions of Unicode inside (its crates are of different years), so no single Unicode database
gives its answers: the tables hold what it does, found by calling its normalizers and pre-tokenizers. Run again only when
the pinned version changes; tests/oracle holds the tables against the library in full.
"""
import sys
import unicodedata

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer, Lowercase, StripAccents
from tokenizers.pre_tokenizers import BertPreTokenizer, Whitespace

VERSION = "0.22.2"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic, not by table


def bert(**on):
    return BertNormalizer(**{"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False, **on})


def ranges(values):
    """[(first, last, value)] of a mapping from code point to value; code points that are not in it are left out."""
    out = []
    for c in sorted(values):
        if out and out[-1][1] == c - 1 and out[-1][2] == values[c]:
            out[-1][1] = c
        else:
            out.append([c, c, values[c]])
    return out


def properties():
    """What each code point is to the library, as names of flags."""
    clean, cjk = bert(clean_text=True), bert(handle_chinese_chars=True)
    strip_bert, strip_marks = bert(strip_accents=True), StripAccents()
    bert_split, word_split, nfd = BertPreTokenizer(), Whitespace(), NFD()
    flags = {name: {} for name in ("dropped", "to_space", "ideograph", "nonspacing", "combining", "space", "punctuation", "word")}
    for c in CODE_POINTS:
        char = chr(c)
        cleaned = clean.normalize_str("a" + char + "b")
        pieces = [piece for piece, _ in bert_split.pre_tokenize_str("a" + char + "b")]
        if cleaned == "ab":
            flags["dropped"][c] = 1
        elif cleaned == "a b":
            flags["to_space"][c] = 1
        if cjk.normalize_str(char) != char:
            flags["ideograph"][c] = 1
        if nfd.normalize_str(char) == char and strip_bert.normalize_str(char) == "":
            flags["nonspacing"][c] = 1
        if strip_marks.normalize_str(char) == "":
            flags["combining"][c] = 1
        if pieces == ["a", "b"]:
            flags["space"][c] = 1
        elif len(pieces) == 3:
            flags["punctuation"][c] = 1
        if [piece for piece, _ in word_split.pre_tokenize_str("a" + char)] == ["a" + char]:
            flags["word"][c] = 1
    return flags


def combining_classes():
    """Combining class of every code point that NFD moves: it keeps its place beside the one mark of equal class.

    Python's database only proposes a mark for each class; what counts is how the library sorts against it."""
    nfd = NFD().normalize_str
    known = {}
    for c in CODE_POINTS:
        hint = unicodedata.combining(chr(c))
        moves = nfd("\u0345" + chr(c)) == chr(c) + "\u0345" or nfd(chr(c) + "\u0334") == "\u0334" + chr(c)
        if hint and moves and nfd(chr(c)) == chr(c):
            known.setdefault(hint, chr(c))
    order = sorted(known)
    low, high = known[order[0]], known[order[-1]]
    classes = {}
    for c in CODE_POINTS:
        char = chr(c)
        if c in HANGUL or nfd(char) != char:
            continue
        before_high = nfd(high + char) == char + high
        after_low = nfd(char + low) == low + char
        if not before_high and not after_low:
            continue
        same = [k for k in order if nfd(known[k] + char) == known[k] + char and nfd(char + known[k]) == char + known[k]]
        if len(same) != 1:
            raise SystemExit(f"U+{c:04X}: no mark of its combining class is known")
        classes[c] = same[0]
    # A mark of the highest or the lowest class answers both questions like a starter on one side; count them in.
    for c, value in ((ord(low), order[0]), (ord(high), order[-1])):
        classes[c] = value
    return classes


def mappings(normalize):
    return {c: [ord(d) for d in normalize(chr(c))] for c in CODE_POINTS if c not in HANGUL and normalize(chr(c)) != chr(c)}


def lower_runs(lower):
    """[(first, last, step, delta)]: code points first, first + step, ... up to last map to themselves plus delta."""
    runs = []
    for c in sorted(lower):
        (target,) = lower[c]
        delta = target - c
        if runs and runs[-1][3] == delta:
            first, last, step, _ = runs[-1]
            if c - last == step or (first == last and c - last <= 2):
                runs[-1] = [first, c, c - last, delta]
                continue
        runs.append([c, c, 1, delta])
    return runs


def write_list(out, name, kind, items):
    out.write(f"constexpr {kind} {name}[] = {{\n")
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > 110:
            out.write(line + "\n")
            line = "   "
        line += f" {item},"
    out.write(line + "\n};\n\n")


def hexed(*numbers):
    return "{" + ", ".join(f"0x{n:X}" if n >= 0 else f"-0x{-n:X}" for n in numbers) + "}"


def main():
    if tokenizers.__version__ != VERSION:
        raise SystemExit(f"needs tokenizers {VERSION}, found {tokenizers.__version__}")
    flags, classes = properties(), combining_classes()
    decomposed, lowered = mappings(NFD().normalize_str), mappings(Lowercase().normalize_str)
    special = {c: to for c, to in lowered.items() if len(to) != 1}
    if special != {0x130: [0x69, 0x307]}:
        raise SystemExit(f"lower case of several code points: {special}")
    del lowered[0x130]
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write(f"// Generated by generate_unicode.py: what tokenizers {VERSION} does with each code point. Included in unicode.cpp alone.\n\n")
        for name, members in flags.items():
            write_list(out, f"{name}_ranges", "Range", [hexed(a, b) for a, b, _ in ranges(members)])
        write_list(out, "combining_class_ranges", "ValueRange", [hexed(*r) for r in ranges(classes)])
        write_list(out, "lower_runs", "LowerRun", [hexed(*r) for r in lower_runs(lowered)])
        write_list(out, "decompositions", "Decomposition",
                   [f"{hexed(c, len(to))[:-1]}, {hexed(*to)}}}" for c, to in sorted(decomposed.items())])


if __name__ == "__main__":
    main()
