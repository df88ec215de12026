"""tokenizer(): texts to ids and back from Python, by the same plugins, with the argument names of Hugging Face tokenizers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

from . import _core
from .configs import Config, Overrides, count_of, folders_of, ids_of, opening_of, sets_of, utf8
from .texts import Row, rows_of, text_of

Spec = Union[str, "os.PathLike[str]", Mapping[str, Any]]
Padding = Union[bool, str]
Truncation = Union[bool, str, None]
_TRUNCATIONS = ("longest_first", "longest_first_google", "only_first", "only_second")


def _rule(add_special_tokens: bool, truncation: Truncation, max_length: int | None, padding: Padding = False) -> _core.EncodeRule:
    rule = _core.EncodeRule()
    rule.special_tokens = add_special_tokens
    if truncation is None:  # as Hugging Face has it: a max_length that is nothing's to pad to is to cut at
        truncation = max_length is not None and padding in (False, "do_not_pad")
    if truncation is False or truncation == "do_not_truncate":
        return rule
    if max_length is None:
        raise ValueError("truncation needs max_length")
    if truncation is not True and truncation not in _TRUNCATIONS:
        raise ValueError(f"truncation is True, False or one of {', '.join(_TRUNCATIONS)}, not {truncation!r}")
    rule.max_length = count_of(max_length, "max_length", most=2**20)
    rule.truncate = "longest_first" if truncation is True else truncation
    return rule


class Encoding:
    """One row: the tokens of a text, or of a pair, with what stands around them."""

    __slots__ = ("_pads", "_row", "_tokenizer", "_left")

    def __init__(self, tokenizer: Tokenizer, row: _core.Encoding, pads: int = 0, left: bool = False) -> None:
        self._tokenizer = tokenizer
        self._row = row
        self._pads = pads
        self._left = left

    def _padded(self, values: list[Any], pad: Any) -> list[Any]:
        pads = [pad] * self._pads
        return pads + values if self._left else values + pads

    def __len__(self) -> int:
        return len(self._row) + self._pads

    def __repr__(self) -> str:
        return f"<encoding of {len(self)} tokens: {' '.join(self.tokens[:16])}{' ...' if len(self) > 16 else ''}>"

    @property
    def ids(self) -> list[int]:
        return self._padded(self._row.ids, self._tokenizer.pad_token_id or 0)

    @property
    def tokens(self) -> list[str]:
        """The literal text of each token."""
        return self._tokenizer.convert_ids_to_tokens(self.ids)

    @property
    def type_ids(self) -> list[int]:
        return self._padded(self._row.type_ids, 0)

    @property
    def attention_mask(self) -> list[int]:
        return self._padded([1] * len(self._row), 0)

    @property
    def special_tokens_mask(self) -> list[int]:
        """1: a token that stands around the texts, or a pad."""
        return self._padded(self._row.special_tokens_mask, 1)

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Characters of its text that each token is from; (0, 0) around the texts."""
        return self._padded(self._row.offsets, (0, 0))

    @property
    def word_ids(self) -> list[int | None]:
        return self._padded(self._row.word_ids, None)

    @property
    def sequence_ids(self) -> list[int | None]:
        """0: of the text, 1: of its pair."""
        return self._padded(self._row.sequence_ids, None)


class Tokenizer:
    """Made by tokenizer(). Calls from several threads run one after another, without the GIL."""

    def __init__(self, spec: Spec, overrides: Overrides, single: str, pair: str, plugin_folders: Iterable[str | os.PathLike[str]]) -> None:
        folders = folders_of(plugin_folders)
        self._made_of = (spec, sets_of(overrides), single, pair, folders)
        self._encoder = _core.open_encoder(opening_of(_config_of(spec), overrides, folders), single, pair)
        ids = self._encoder.special_ids()
        self.unk_token_id = ids["unk"]
        self.cls_token_id = ids["cls"]
        self.sep_token_id = ids["sep"]
        self.pad_token_id = ids["pad"]
        self.mask_token_id = ids["mask"]
        self.bos_token_id = ids["bos"]
        self.eos_token_id = ids["eos"]

    def __reduce__(self) -> tuple[Any, ...]:
        return Tokenizer, self._made_of  # by pickle another is made, of the same files

    @property
    def vocab_size(self) -> int:
        return self._encoder.vocab_size

    def __len__(self) -> int:
        return self._encoder.vocab_size

    def encode(
        self,
        text: str,
        text_pair: str | None = None,
        *,
        add_special_tokens: bool = True,
        truncation: Truncation = None,
        max_length: int | None = None,
    ) -> Encoding:
        """One text, or a pair, to one row. truncation and max_length as in encode_batch."""
        row = text_of(text, "text"), None if text_pair is None else text_of(text_pair, "text_pair")
        return Encoding(self, self._encode([row], _rule(add_special_tokens, truncation, max_length))[0])

    def encode_batch(
        self,
        texts: Iterable[str | Sequence[str]],
        text_pairs: Iterable[str] | None = None,
        *,
        add_special_tokens: bool = True,
        truncation: Truncation = None,
        max_length: int | None = None,
        padding: Padding = False,
        pad_to_multiple_of: int | None = None,
        padding_side: str = "right",
    ) -> list[Encoding]:
        """Texts, or pairs (a tuple or list of two each, or a second list), to a row each.

        padding: True or "longest", "max_length", or False. truncation: True is "longest_first"; "only_first", "only_second"; None,
        which is True where max_length is given and nothing is padded, else False.
        """
        if padding_side not in ("left", "right"):
            raise ValueError(f"padding_side is 'left' or 'right', not {padding_side!r}")
        rows = self._encode(rows_of(texts, text_pairs), _rule(add_special_tokens, truncation, max_length, padding))
        length = self._length(rows, padding, max_length)
        if length and pad_to_multiple_of:
            length = -(-length // pad_to_multiple_of) * pad_to_multiple_of
        return [Encoding(self, row, max(0, length - len(row)), padding_side == "left") for row in rows]

    def _encode(self, rows: Sequence[Row], rule: _core.EncodeRule) -> list[_core.Encoding]:
        """One call for the rows of a text and one for those of a pair; most often there are only the ones or the others."""
        out: list[Any] = [None] * len(rows)
        for is_pair in (False, True):
            at = [number for number, (_, second) in enumerate(rows) if (second is not None) == is_pair]
            if at:
                seconds = [rows[number][1] or "" for number in at] if is_pair else []
                for number, made in zip(at, self._encode_alike([rows[number][0] for number in at], seconds, rule)):
                    out[number] = made
        return out

    def _encode_alike(self, texts: list[str], pairs: list[str], rule: _core.EncodeRule) -> list[_core.Encoding]:
        """Rows that have room for the template's tokens alone are those of empty texts."""
        if rule.max_length is None:
            return self._encoded(texts, pairs, rule)
        if not pairs and rule.truncate == "only_second":
            raise ValueError("truncation: found 'only_second' for a text without a pair, expected another")
        whole = _core.EncodeRule()
        whole.special_tokens = rule.special_tokens
        own = len(self._encoder.encode([""], [""] if pairs else [], whole)[0])
        if rule.max_length < own:
            raise ValueError(f"max_length: found {rule.max_length}, expected at least the {own} tokens that stand around the texts")
        if rule.max_length > own:
            return self._encoded(texts, pairs, rule)
        if pairs and not rule.truncate.startswith("longest_first"):
            raise ValueError(f"max_length: found {own}, the tokens around the texts alone, expected more where truncation is {rule.truncate!r}")
        return self._encoder.encode([""] * len(texts), [""] * len(pairs), whole)

    def _encoded(self, texts: list[str], pairs: list[str], rule: _core.EncodeRule) -> list[_core.Encoding]:
        try:
            return self._encoder.encode(texts, pairs, rule)
        except TypeError:  # of half characters, which the extension cannot read
            for text in texts:
                utf8(text, "a text")
            for text in pairs:
                utf8(text, "the pair of a text")
            raise

    def _length(self, rows: Sequence[_core.Encoding], padding: Padding, max_length: int | None) -> int:
        """What rows are padded to; 0: not at all."""
        if padding in (False, "do_not_pad"):
            return 0
        if self.pad_token_id is None:
            raise ValueError("the vocabulary has no pad token")
        if padding in (True, "longest"):
            return max(map(len, rows), default=0)
        if padding == "max_length" and max_length is not None:
            return max_length
        raise ValueError("padding is True, 'longest', False, or 'max_length' with max_length")

    def __call__(
        self,
        text: str | Iterable[str | Sequence[str]],
        text_pair: str | Iterable[str] | None = None,
        *,
        return_offsets_mapping: bool = False,
        return_special_tokens_mask: bool = False,
        return_tensors: str | None = None,
        **rule: Any,
    ) -> dict[str, Any]:
        """As a Hugging Face tokenizer is called: lists by name, or arrays with return_tensors "np" or "pt"."""
        if isinstance(text, str):
            texts: Iterable[str | Sequence[str]] = [text]
            pairs: Iterable[str] | None = None if text_pair is None else [text_of(text_pair, "text_pair")]
        else:
            texts, pairs = text, text_pair
        rows = self.encode_batch(texts, pairs, **rule)
        out: dict[str, Any] = {"input_ids": [row.ids for row in rows], "token_type_ids": [row.type_ids for row in rows],
                               "attention_mask": [row.attention_mask for row in rows]}
        if return_offsets_mapping:
            out["offset_mapping"] = [row.offsets for row in rows]
        if return_special_tokens_mask:
            out["special_tokens_mask"] = [row.special_tokens_mask for row in rows]
        if return_tensors == "np":
            import numpy

            return {name: numpy.array(values) for name, values in out.items()}
        if return_tensors == "pt":
            import torch

            return {name: torch.tensor(values) for name, values in out.items()}
        if return_tensors is not None:
            raise ValueError("return_tensors is None, 'np' or 'pt'")
        return {name: values[0] for name, values in out.items()} if isinstance(text, str) else out

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """The text of ids. Raises UsageError for an id that the vocabulary does not have."""
        return self._encoder.decode(ids_of(ids), skip_special_tokens)

    def decode_batch(self, rows: Iterable[Iterable[int]], skip_special_tokens: bool = True) -> list[str]:
        return [self.decode(row, skip_special_tokens) for row in rows]

    def convert_ids_to_tokens(self, ids: Iterable[int]) -> list[str]:
        """The literal text of each id. Raises UsageError for an id that the vocabulary does not have."""
        return self._encoder.pieces(ids_of(ids))

    def token_to_id(self, token: str) -> int | None:
        return self._encoder.find(token)

    def id_to_token(self, id: int) -> str | None:
        return self._encoder.pieces([id])[0] if 0 <= id < self.vocab_size else None


def _config_of(spec: Spec) -> Config:
    """What is opened for a spec."""
    if isinstance(spec, Mapping):
        return spec if "tokenizer" in spec else {"tokenizer": dict(spec)}
    path = os.fspath(spec)
    if "\n" not in path and path.endswith((".txt", ".json")):
        return {"tokenizer": {"use": "wordpiece", "vocab": path}}
    return spec


def tokenizer(
    spec: Spec,
    overrides: Overrides = None,
    *,
    single: str = "",
    pair: str = "",
    plugin_folders: Iterable[str | os.PathLike[str]] = (),
) -> Tokenizer:
    """A tokenizer by itself.

    spec: a config (path, YAML text or dict), of which only `tokenizer` and `plugins` are looked at; the tokenizer's part alone, as
    {"use": "wordpiece", "vocab": "vocab.txt"}; or a vocab.txt or tokenizer.json of WordPiece. single, pair: what stands around
    texts, as "[CLS] $A [SEP] $B:1 [SEP]:1", which is the default where the vocabulary has such tokens.
    """
    return Tokenizer(spec, overrides, single, pair, plugin_folders)
