"""Real texts in more than ten scripts, 20 MB of them, and short strings in over a hundred languages."""

import gettext
import json
import pathlib

import pytest
from tokenizers import BertWordPieceTokenizer, Tokenizer, models, normalizers, pre_tokenizers, trainers

import wordpiece_oracle as oracle

# asset, file, bytes of it that are read
TEXTS = [
    ("prose-jargon", "jargon.txt", 1_700_000),        # English
    ("prose-dictionary", "gcide.txt", 6_500_000),     # English
    ("prose-news", "news.txt", 400_000),              # English
    ("guide", "de.txt", 500_000),                     # German
    ("guide", "vi.txt", 500_000),                     # Vietnamese
    ("guide", "el.txt", 800_000),                     # Greek
    ("guide", "zh_CN.txt", 400_000),                  # Chinese
    ("guide", "ja.txt", 600_000),                     # Japanese
    ("guide", "ko.txt", 500_000),                     # Korean
    ("text-russian", "faq.txt", 300_000),             # Cyrillic
    ("text-chinese", "linux.txt", 1_000_000),         # Chinese
    ("text-arabic", "hafs.json", 2_000_000),          # Arabic, with marks
    ("text-hindi", "english_hindi.txt", 2_000_000),   # Devanagari
    ("text-thai", "titles.txt", 3_000_000),           # Thai
    ("code-python", "util.py", 80_000),
    ("code-c", "stb.h", 420_000),
    ("code-c", "stb_image.h", 280_000),
    ("hostile", "naughty.jsonl", 110_000),
]
NAMES = sorted({asset for asset, _, _ in TEXTS} | {"bert"})


def text_of(asset, file, most):
    """The first `most` bytes of a file, the bytes that are not UTF-8 replaced."""
    text = (oracle.ASSETS / asset / file).read_bytes()[:most].decode("utf-8", "replace")
    if asset == "hostile":
        text += "\n".join(str(value) for line in text.splitlines()[:-1] for value in json.loads(line).values())
    return text


def all_texts(share=1, size=3000):
    return [piece for asset, file, most in TEXTS for piece in oracle.pieces_of(text_of(asset, file, most // share), size)]


def test_20_mb_in_ten_scripts():
    oracle.need_assets(*NAMES)
    tokens, read = oracle.hold(oracle.BERT / "tokenizer.json", all_texts())
    print(f"{tokens} tokens of {read} bytes")
    assert read >= 20_000_000 and tokens > 5_000_000


def test_one_long_text():
    oracle.need_assets("bert", "prose-jargon", "guide")
    text = text_of("prose-jargon", "jargon.txt", 300_000) + text_of("guide", "ko.txt", 300_000) + text_of("guide", "el.txt", 300_000)
    oracle.hold(oracle.BERT / "tokenizer.json", [text])


@pytest.fixture(scope="module")
def cased(tmp_path_factory):
    """A cased vocabulary, trained on a little of each text."""
    oracle.need_assets(*NAMES)
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=12000, special_tokens=oracle.SPECIALS, show_progress=False, limit_alphabet=6000)
    tokenizer.train_from_iterator(all_texts(share=20), trainer)
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    path = tmp_path_factory.mktemp("cased") / "vocab.txt"
    path.write_text("".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.get)), encoding="utf-8")
    return path


@pytest.mark.parametrize("switches", [
    {"lowercase": False}, {"lowercase": True}, {"lowercase": False, "strip_accents": True}, {"lowercase": True, "strip_accents": False},
    {"lowercase": False, "handle_chinese_chars": False}, {"lowercase": True, "clean_text": False},
])
def test_a_cased_vocabulary_with_every_switch(cased, switches):
    options = [f"{name}={int(value)}" for name, value in switches.items()]

    def reference():
        vocabulary = models.WordPiece.read_file(str(cased))
        return BertWordPieceTokenizer(vocabulary, **{"strip_accents": None, **switches})._tokenizer

    texts = all_texts(share=12, size=1500)
    found, tokens, _ = oracle.compare((cased, reference, texts, tuple(options)))
    assert not found, found[:3]
    assert tokens > 300_000


def test_names_of_languages_countries_and_scripts_in_over_fifty_languages():
    oracle.need_assets("bert")
    files = sorted(pathlib.Path("/usr/share/locale").glob("*/LC_MESSAGES/iso_*.mo"))
    if not files:
        pytest.skip("NOT TESTED: Debian's iso-codes is not installed; ./dev test installs it")
    texts = set()
    for file in files:
        with open(file, "rb") as data:
            catalogue = gettext.GNUTranslations(data)._catalog
        strings = sorted(text for text in catalogue.values() if isinstance(text, str) and text)
        texts.update(strings[::8])
    languages = {file.parts[-3] for file in files}
    assert len(languages) > 50 and len(texts) > 20_000
    oracle.hold(oracle.BERT / "tokenizer.json", sorted(texts))
