"""Every code point through every switch, and marks in pairs and triples: the tables hold in full."""

import itertools
import unicodedata

import pytest
from tokenizers import normalizers

import wordpiece_oracle as oracle

CODE_POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
TOKENS = [*oracle.SPECIALS, "a", "b", "##a", "##b", "ab", "##\u0301"]
FULL = [(True, True, None, True), (False, False, False, False)]
SWITCHES = [(clean, chinese, strip, lower) for clean in (True, False) for chinese in (True, False)
            for strip in (None, True, False) for lower in (True, False)]


def file_of(folder, switches, **more):
    clean, chinese, strip, lower = switches
    normalizer = oracle.bert_normalizer(clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower)
    return oracle.write_json(folder / "tokenizer.json", more.pop("tokens", TOKENS), normalizer, **more)


def lined_up(chars, group=64):
    """Texts "a<char>b a<char>b ...": each character between letters, so that what it does to a word is seen."""
    return [" ".join(f"a{char}b" for char in chars[i:i + group]) for i in range(0, len(chars), group)]


@pytest.mark.parametrize("switches", FULL)
def test_every_code_point(tmp_path, switches):
    tokens, _ = oracle.hold(file_of(tmp_path, switches), lined_up(CODE_POINTS))
    assert tokens > len(CODE_POINTS)


@pytest.mark.parametrize("switches", SWITCHES)
def test_every_switch_on_code_points_that_any_switch_touches(tmp_path, switches):
    plain = normalizers.BertNormalizer(True, True, True, True)
    touched = [char for char in CODE_POINTS[:0x30000] if plain.normalize_str(char) != char or unicodedata.category(char)[0] in "PSZM"]
    ideographs = [char for char in touched if 0x3500 < ord(char) < 0x9F00 or 0x20100 < ord(char) < 0x2CE00]
    syllables = [char for char in touched if 0xAC80 < ord(char) < 0xD700]
    private = [char for char in touched if 0xE100 < ord(char) < 0xF800]
    few = set(ideographs[::97] + syllables[::53] + private[::199])
    many = set(ideographs) | set(syllables) | set(private)
    oracle.hold(file_of(tmp_path, switches), lined_up([char for char in touched if char not in many or char in few]))


def test_what_a_code_point_becomes(tmp_path):
    """Each normalized form is a word of the vocabulary: a wrong one would be the unknown token."""
    bert = normalizers.BertNormalizer(False, True, True, True)
    changed = [char for char in CODE_POINTS if bert.normalize_str(char) != char]
    forms = {word for char in changed for word in bert.normalize_str(char).split()}
    path = file_of(tmp_path, FULL[0], tokens=[*oracle.SPECIALS, *sorted(forms - set(oracle.SPECIALS))])
    oracle.hold(path, [" ".join(changed[i:i + 64]) for i in range(0, len(changed), 64)])


def marks():
    """Three marks of each combining class, and marks that decompose."""
    of_class = {}
    for char in CODE_POINTS:
        if unicodedata.combining(char):
            of_class.setdefault(unicodedata.combining(char), []).append(char)
    chosen = [char for chars in of_class.values() for char in (chars[0], chars[len(chars) // 2], chars[-1])]
    return sorted({*chosen, *"\u0344\u0340\u0341\u0343\u0374\u0F73\u0F75\u0F81\u302E\u302F\U0001D165\U0001D16D\U0001D17B\U0001E944"})


def test_pairs_and_triples_of_marks(tmp_path):
    few = marks()
    keep_all = ["a", "##a", "b", *(f"##{mark}" for mark in few), *few]
    bases = ["a", "\u00e9", "\u1ea5", "\u01d6", "\uac01", "\u4e00", "\uf900", "\u0958", "\u0130", "\u03d3", "\u09cb", ""]
    texts = ["".join(parts) for parts in itertools.product(bases, few, few)]
    texts += ["a" + "".join(parts) + "b" for parts in itertools.product(few[::5], few[::4], few[::3])]
    grouped = [" ".join(texts[i:i + 50]) for i in range(0, len(texts), 50)]
    for switches in FULL:
        oracle.hold(file_of(tmp_path, switches, tokens=[*oracle.SPECIALS, *keep_all]), grouped)
    sequence = {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}
    oracle.hold(oracle.write_json(tmp_path / "nfd.json", [*oracle.SPECIALS, *keep_all], sequence), grouped)
    stripped = {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}
    oracle.hold(oracle.write_json(tmp_path / "strip.json", [*oracle.SPECIALS, *keep_all], stripped), grouped)


def test_which_code_points_are_white_space_and_word_for_added_tokens(tmp_path):
    """\\s for lstrip and rstrip, \\w for single_word: their own regular expressions in the library."""
    path = oracle.write_json(tmp_path / "added.json", TOKENS, None, [
        oracle.added("<w>", 0, single_word=True), oracle.added("<s>", 0, lstrip=True, rstrip=True)])
    oracle.hold(path, [f"{char}<w>\n<s>{char}" for char in CODE_POINTS if ord(char) < 0x3500 or 0x9F00 < ord(char) < 0xE010 and ord(char) % 8 == 0
                       or 0xF8F0 < ord(char) < 0x20010 or 0x2A6D0 < ord(char) < 0x2A720 or 0x2CEA0 < ord(char) < 0x31400
                       or ord(char) > 0xE0000 and ord(char) % 64 == 0])


def test_every_code_point_is_stripped_and_a_word_alike(tmp_path):
    """The StripAccents normalizer, another table than BertNormalizer's."""
    path = oracle.write_json(tmp_path / "strip.json", TOKENS, {"type": "StripAccents"})
    oracle.hold(path, lined_up(CODE_POINTS))
