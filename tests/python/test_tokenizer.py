"""embedloom.tokenizer against Hugging Face tokenizers: every field, on real text, on hostile text, alone and in pairs."""

import json
import pickle
import random

import pytest
import tokenizers

import support
import embedloom

VOCAB = support.BERT / "vocab.txt"
JSON = support.BERT / "tokenizer.json"
FIELDS = ["ids", "type_ids", "tokens", "offsets", "attention_mask", "special_tokens_mask", "word_ids", "sequence_ids"]


def real_texts():
    lines = [line for line in open(support.JARGON, encoding="utf-8").read().split("\n") if line.strip()]
    texts = lines[:300]
    for name in ["text-arabic", "text-hindi", "text-thai", "stories-chinese", "text-russian"]:
        for file in sorted((support.ASSETS / name).iterdir())[:1]:
            texts += file.read_text(encoding="utf-8", errors="ignore")[:4000].split("\n")
    return texts


def hostile_texts():
    with open(support.ASSETS / "hostile" / "naughty.jsonl", encoding="utf-8") as lines:
        texts = [value for line in lines for value in json.loads(line).values() if isinstance(value, str)]
    draw = random.Random(7)
    atoms = ["a", " ", "\u0301", "\u4e00", "\U0001f600", "[MASK]", "[SEP]", "\x00", "\u200d", "\ufeff", "\u0130", "\r\n",
             "e\u0323\u0301", "\ud55c", "##", "x" * 120]
    return texts + ["".join(draw.choices(atoms, k=draw.randint(0, 25))) for _ in range(500)]


@pytest.fixture(scope="module")
def ours():
    return embedloom.tokenizer(JSON)


@pytest.fixture()
def theirs():
    reference = tokenizers.Tokenizer.from_file(str(JSON))
    reference.no_padding()
    reference.no_truncation()
    return reference


def hold(ours, theirs):
    for field in FIELDS:
        assert list(getattr(ours, field)) == list(getattr(theirs, field)), field


@pytest.mark.parametrize("texts", [real_texts, hostile_texts])
@pytest.mark.parametrize("special", [True, False])
def test_texts_and_pairs_equal_hugging_face(ours, theirs, texts, special):
    texts = texts()
    for mine, other in zip(ours.encode_batch(texts, add_special_tokens=special), theirs.encode_batch(texts, add_special_tokens=special), strict=True):
        hold(mine, other)
    pairs = list(zip(texts, reversed(texts)))
    for mine, other in zip(ours.encode_batch(pairs, add_special_tokens=special), theirs.encode_batch(pairs, add_special_tokens=special), strict=True):
        hold(mine, other)


@pytest.mark.parametrize("strategy", ["longest_first", "only_first", "only_second"])
@pytest.mark.parametrize("length", [16, 17])
def test_truncation_and_padding_equal_hugging_face(ours, theirs, strategy, length):
    long, short = real_texts()[0] * 3, "a short one"
    pairs = {"longest_first": [(long, short), (short, long), (long, long), (short, short)], "only_first": [(long, short)], "only_second": [(short, long)]}
    theirs.enable_truncation(length, strategy=strategy)
    theirs.enable_padding(pad_to_multiple_of=8, pad_id=0, pad_token="[PAD]")
    mine = ours.encode_batch(pairs[strategy], truncation=strategy, max_length=length, padding=True, pad_to_multiple_of=8)
    for one, other in zip(mine, theirs.encode_batch(pairs[strategy]), strict=True):
        hold(one, other)


def test_padding_left_and_to_a_length(ours, theirs):
    theirs.enable_padding(direction="left", length=12)
    (mine,) = ours.encode_batch(["some words"], padding="max_length", max_length=12, padding_side="left")
    hold(mine, theirs.encode("some words"))
    assert len(mine) == 12


def test_decode_equals_hugging_face(ours, theirs):
    for text in real_texts()[:200] + hostile_texts()[:200]:
        ids = ours.encode(text).ids
        for skip in [True, False]:
            assert ours.decode(ids, skip) == theirs.decode(ids, skip)


def test_a_call_as_hugging_face_makes_it(ours):
    transformers = pytest.importorskip("transformers")
    reference = transformers.BertTokenizerFast(tokenizer_file=str(JSON))
    texts = ["What is it?", "Something longer, to be padded against."]
    wanted = reference(texts, ["yes", "no"], padding=True, truncation=True, max_length=12, return_offsets_mapping=True, return_tensors="pt")
    found = ours(texts, ["yes", "no"], padding=True, truncation=True, max_length=12, return_offsets_mapping=True, return_tensors="pt")
    assert set(found) == set(wanted) and all(found[name].equal(wanted[name]) for name in wanted)
    assert ours("one")["input_ids"] == reference("one")["input_ids"]
    assert ours(texts, return_special_tokens_mask=True)["special_tokens_mask"][0][0] == 1


@pytest.mark.parametrize("rule", [
    {"max_length": 8}, {"max_length": 8, "padding": "max_length"}, {"max_length": 8, "padding": True}, {"max_length": 8, "truncation": False},
    {"max_length": 8, "padding": "max_length", "truncation": True}, {"max_length": 8, "truncation": "do_not_truncate", "padding": "do_not_pad"},
])
def test_a_length_cuts_and_pads_as_hugging_face_has_it(ours, rule):
    transformers = pytest.importorskip("transformers")
    reference = transformers.BertTokenizerFast(tokenizer_file=str(JSON))
    texts = ["a short one", "a longer one, of more tokens than eight, which is cut or not"]
    assert ours(texts, **rule)["input_ids"] == reference(texts, **rule)["input_ids"]


def test_another_is_made_of_the_same_files_by_pickle():
    ours = embedloom.tokenizer(VOCAB, {"tokenizer.lowercase": False}, single="[CLS] $A", plugin_folders=iter(()))
    again = pickle.loads(pickle.dumps(ours))
    assert again.encode("Hello World").ids == ours.encode("Hello World").ids != embedloom.tokenizer(VOCAB).encode("Hello World").ids


def test_rows_of_one_text_and_pairs_mix_as_in_hugging_face(ours, theirs):
    mixed = ["one text", ("of a", "pair"), ["of another", "pair"], "the last"]
    for mine, other in zip(ours.encode_batch(mixed), theirs.encode_batch(mixed), strict=True):
        hold(mine, other)
    assert ours(mixed)["input_ids"] == [row.ids for row in theirs.encode_batch(mixed)]
    assert ours.encode_batch([]) == [] and ours.encode_batch(text for text in mixed)[3].tokens == theirs.encode("the last").tokens


@pytest.mark.parametrize("call, named", [
    (lambda ours: ours(["a b", "c d"], "xy"), "pairs: found str 'xy'.*list"),
    (lambda ours: ours("a b", ["x", "y"]), r"text_pair: found list \['x', 'y'\].*one text"),
    (lambda ours: ours([("a b", "c"), "de", 7]), r"texts\[2\]: found int 7"),
    (lambda ours: ours([("a", "b", "c")]), r"texts\[0\]: found tuple .*pair"),
    (lambda ours: ours([("a", "b")], ["c"]), r"texts\[0\]: found tuple .*one text"),
    (lambda ours: ours(["a"], [None]), r"pairs\[0\]: found NoneType"),
    (lambda ours: ours({"text": "a"}), "texts: found dict"),
    (lambda ours: ours(None), "texts: found NoneType"),
    (lambda ours: ours.encode_batch("ab"), "texts: found str 'ab'.*list"),
    (lambda ours: ours.encode(["a", "b"]), "text: found list"),
    (lambda ours: ours.encode("a", ("b", "c")), "text_pair: found tuple"),
])
def test_another_shape_of_texts_is_a_type_error_that_names_it(ours, call, named):
    with pytest.raises(TypeError, match=named):
        call(ours)


@pytest.mark.parametrize("text, pair, own", [("a b c", None, 2), ("a b c", "d e", 3)])
def test_a_length_of_the_template_s_own_tokens_leaves_nothing_of_the_texts(ours, theirs, text, pair, own):
    theirs.enable_truncation(own)
    hold(ours.encode(text, pair, truncation=True, max_length=own), theirs.encode(text, pair))
    assert ours.encode(text, pair, truncation=True, max_length=0, add_special_tokens=False).ids == []
    with pytest.raises(ValueError, match=f"max_length: found 1, expected at least the {own} tokens"):
        ours.encode(text, pair, truncation=True, max_length=1)


@pytest.mark.parametrize("rule, named", [
    ({"truncation": True, "max_length": -1}, "max_length: found -1, expected an integer from 0"),
    ({"truncation": True, "max_length": "3"}, "max_length: found str '3', expected an integer"),
    ({"truncation": True, "max_length": 2**40}, "max_length: found 1099511627776, expected an integer from 0 to 1048576"),
    ({"truncation": "only_second", "max_length": 4}, "truncation: found 'only_second' for a text without a pair"),
    ({"truncation": "shortest", "max_length": 4}, "truncation is True, False or one of .*only_second, not 'shortest'"),
])
def test_a_rule_that_cannot_be_is_refused_by_its_name(ours, rule, named):
    with pytest.raises((embedloom.UsageError, ValueError), match=named):
        ours.encode("a b c", **rule)


def test_padding_to_a_side_that_there_is_not_is_refused(ours):
    with pytest.raises(ValueError, match="'left' or 'right', not 'lefty'"):
        ours.encode_batch(["a b", "c"], padding=True, padding_side="lefty")


def test_special_ids_and_the_vocabulary(ours):
    assert (ours.pad_token_id, ours.unk_token_id, ours.cls_token_id, ours.sep_token_id, ours.mask_token_id) == (0, 100, 101, 102, 103)
    assert ours.bos_token_id is None and len(ours) == ours.vocab_size == 30522
    assert ours.token_to_id("##ing") == 2075 and ours.id_to_token(2075) == "##ing"
    assert ours.token_to_id("no such token") is None and ours.id_to_token(30522) is None
    for wrong in [-1, 30522, 2**32]:
        for call in [ours.decode, ours.convert_ids_to_tokens]:
            with pytest.raises(embedloom.UsageError, match=f"found .*{wrong}, expected"):
                call([wrong])


@pytest.mark.parametrize("spec", [
    VOCAB, {"use": "wordpiece", "vocab": VOCAB}, {"tokenizer": {"use": "wordpiece", "vocab": str(VOCAB)}}, support.ROOT / "configs" / "bert_pair.yaml",
    f"schema: 1\ntokenizer: {{use: wordpiece, vocab: {VOCAB}}}\n",
])
def test_specs(spec):
    assert embedloom.tokenizer(spec).encode("Hello world").ids == [101, 7592, 2088, 102]


def test_templates_of_other_models():
    ours = embedloom.tokenizer(VOCAB, single="[CLS] $A", pair="[CLS] $A [SEP] [SEP] $B")
    assert ours.encode("a").tokens == ["[CLS]", "a"]
    assert ours.encode("a", "b").tokens == ["[CLS]", "a", "[SEP]", "[SEP]", "b"] and set(ours.encode("a", "b").type_ids) == {0}
    with pytest.raises(embedloom.ConfigError, match="template"):
        embedloom.tokenizer(VOCAB, single="[NOPE] $A")


def test_mistakes_are_told():
    with pytest.raises(embedloom.ConfigError, match="wordpeice.*wordpiece"):
        embedloom.tokenizer({"use": "wordpeice", "vocab": "x"})
    with pytest.raises(FileNotFoundError):
        embedloom.tokenizer("nowhere/vocab.txt")
    ours = embedloom.tokenizer(VOCAB)
    with pytest.raises(ValueError, match="max_length"):
        ours.encode("a", truncation=True)
    with pytest.raises(embedloom.BadDataError):
        ours.encode("a " * 9, "b " * 30, truncation="only_first", max_length=12)
    with pytest.raises(ValueError, match="2 texts and 1 pairs"):
        ours.encode_batch(["a", "b"], ["c"])
    for call in [lambda: ours.encode("a \ud800"), lambda: ours(["a", "b \ud800"]), lambda: ours.encode("a", "b \ud800")]:
        with pytest.raises(embedloom.UsageError, match=r"found '\\ud800' at character 2"):
            call()


@pytest.mark.parametrize("overrides", [{"tokenizer.lowercase": False}, ["tokenizer.lowercase=false"]])
def test_overrides_are_heard(ours, overrides):
    spec = support.config()["tokenizer"]
    assert embedloom.tokenizer(spec).encode("Hello").ids == embedloom.tokenizer({**spec, "lowercase": True}).encode("Hello").ids
    assert embedloom.tokenizer(spec, overrides).encode("Hello").ids == embedloom.tokenizer({**spec, "lowercase": False}).encode("Hello").ids
    assert embedloom.tokenizer(spec, overrides).encode("Hello").ids != embedloom.tokenizer(spec).encode("Hello").ids
    with pytest.raises(embedloom.ConfigError, match="tokenizer.nope"):
        embedloom.tokenizer(spec, {"tokenizer.nope": 1})


def test_offsets_are_characters_here_and_bytes_in_a_batch(ours, tmp_path):
    text = "Le café où 東京 is"
    (tmp_path / "text.txt").write_text(text + "\n", encoding="utf-8")
    settings = support.config(source={"files": [str(tmp_path / "text.txt")]}, batch={"size": 1, "emit": ["input_ids", "offset_mapping"]})
    with embedloom.open(settings) as session:
        in_bytes = next(session)["offset_mapping"].numpy()[0].tolist()
    assert [text.encode()[begin:end].decode() for begin, end in in_bytes] == [text[begin:end] for begin, end in ours.encode(text).offsets]
    assert in_bytes[-2] == [20, 22]
