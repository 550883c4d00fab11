"""Rows of text from columns, a batch at a time: joining all pieces of all rows at once is what makes a million of them quick.

A part of a row is a text that all rows share, or a column. What a format needs around a value, and its quoting, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from migrate.model.lease_text import dotted_quads

Part = str | list[str]
"""The same text in every row, or one text a row."""


class Words(NamedTuple):
    """A value of few words: row i has `words[codes[i]]`."""

    codes: npt.NDArray[np.unsignedinteger[Any]]
    words: tuple[str, ...]


def rows_of(*parts: Part) -> str:
    """The parts of each row joined, row after row. At least one part must be a column; raises ValueError when columns differ in
    length."""
    count = next(len(part) for part in parts if not isinstance(part, str))
    pieces = [""] * (count * len(parts))
    for place, part in enumerate(parts):
        pieces[place :: len(parts)] = [part] * count if isinstance(part, str) else part
    return "".join(pieces)


def word_part(columns: tuple[Words, ...], spell: Callable[..., str]) -> Part:
    """Neighbouring values together: of few words each there are few combinations, and `spell` is asked once for each."""
    combined = np.zeros(len(columns[0].codes), np.int64)
    for column in columns:
        combined = combined * len(column.words) + column.codes
    texts = {}
    for code in np.unique(combined).tolist():
        rest, words = code, []
        for column in reversed(columns):
            rest, word = divmod(rest, len(column.words))
            words.append(column.words[word])
        texts[code] = spell(*reversed(words))
    return next(iter(texts.values())) if len(texts) == 1 else [texts[code] for code in combined.tolist()]


def few_addresses(addresses: npt.NDArray[np.uint32]) -> Part:
    """A column of addresses that repeat, as scope ids do, in dotted quads."""
    distinct, codes = np.unique(addresses, return_inverse=True)
    return word_part((Words(codes.astype(np.uint32), tuple(dotted_quads(distinct))),), str)
